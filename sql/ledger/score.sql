-- Scores of customers: computed as of any day from what was known, kept as
-- facts, explained, and brought up to date by events and by the night.

-- Figures -----------------------------------------------------------------------------

-- A column of the master data on a day: what it was before the first change
-- that came later, or was recorded later.
CREATE FUNCTION customer_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT c.customer_id, v.figure, v.value, v.word, 'master data', NULL::timestamptz
    FROM customer c
    LEFT JOIN interest_terms t USING (customer_id)
    LEFT JOIN legal_terms l USING (customer_id)
    CROSS JOIN LATERAL (VALUES ('lifecycle', c.lifecycle), ('country', c.country), ('policy_group', c.policy_group)) n (event, today)
    LEFT JOIN LATERAL (SELECT e.before FROM customer_event e
                       WHERE e.customer_id = c.customer_id AND e.event = n.event
                         AND (e.occurred_on > customer_figures.as_of OR e.recorded_at > customer_figures.known_at)
                       ORDER BY e.customer_event_id LIMIT 1) b ON true
    CROSS JOIN LATERAL (SELECT n.event, NULL::numeric, CASE WHEN b IS NULL THEN n.today ELSE b.before END
                        UNION ALL SELECT 'public_buyer', (t.regime IS NOT DISTINCT FROM 'FR_PUBLIC' OR l.regime IS NOT DISTINCT FROM 'public_buyer')::integer, NULL WHERE n.event = 'lifecycle'
                        UNION ALL SELECT 'key_account', (EXISTS (SELECT FROM dunning_instruction i
                                                                 WHERE i.customer_id = c.customer_id AND i.kind = 'key_account'
                                                                   AND is_open_as_of(i.opened_on, i.recorded_at, i.closed_on, i.closed_at,
                                                                                     customer_figures.as_of, customer_figures.known_at)))::integer, NULL
                                  WHERE n.event = 'lifecycle') v (figure, value, word)
    WHERE c.customer_id = ANY (customer_figures.customer_ids) AND num_nonnulls(v.value, v.word) > 0
$$;
COMMENT ON FUNCTION customer_figures(bigint[], date, timestamptz) IS
'Figures of the master data of these customers on a day, as known at an instant: lifecycle, country and policy_group from what changed since (customer_event); public_buyer by its interest or its legal terms as they are today, key_account by its instruction.';

CREATE FUNCTION figures_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT DISTINCT ON (f.customer_id, f.figure) f.customer_id, f.figure, f.value, f.word, f.source, f.known_at
    FROM (SELECT 1 AS place, c.* FROM custom_figures(customer_ids, as_of, known_at) c
          UNION ALL SELECT 2, b.* FROM behaviour_figures(customer_ids, as_of, known_at) b
          UNION ALL SELECT 3, a.* FROM financial_figures(customer_ids, as_of, known_at) a
          UNION ALL SELECT 4, e.* FROM external_figures(customer_ids, as_of, known_at) e
          UNION ALL SELECT 5, t.* FROM attribute_figures(customer_ids, as_of, known_at) t
          UNION ALL SELECT 6, m.* FROM customer_figures(customer_ids, as_of, known_at) m) f
    ORDER BY f.customer_id, f.figure, f.place
$$;
COMMENT ON FUNCTION figures_as_of(bigint[], date, timestamptz) IS
'All figures of these customers that a score can rest on, on a day (facts with a business date up to it), as known at an instant (facts recorded up to it; default: all): value or word, where it comes from, and when that became known. Both NULL: missing, and source says why; no row: nothing is known. custom_figures() goes first.';

-- Scores --------------------------------------------------------------------------------

-- One statement for all: figures in jsonb, a profile, its card in C, the rules above it.
CREATE FUNCTION score_as_of(as_of date, known_at timestamptz DEFAULT 'infinity', customer_ids bigint[] DEFAULT NULL, by_model bigint DEFAULT NULL)
RETURNS TABLE (customer_id bigint, profile text, model_id bigint, model text, version integer, model_reason text, score numeric, rating numeric, pd double precision,
               score_class text, caps text[], risk_class text, unscored text, coverage_pct numeric, reasons text[], figures jsonb, computed_from jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    IF score_as_of.as_of IS NULL OR NOT isfinite(score_as_of.as_of) THEN
        RAISE EXCEPTION 'argument "as_of" must be a day' USING ERRCODE = '22023';
    ELSIF score_as_of.by_model IS NOT NULL AND NOT EXISTS (SELECT FROM score_characteristic k WHERE k.model_id = score_as_of.by_model) THEN
        RAISE EXCEPTION 'there is no model % with characteristics', score_as_of.by_model USING ERRCODE = '22023', HINT = 'score_model lists them.';
    END IF;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT a.customer_id FROM credit_account a WHERE a.customer_id = ANY (score_as_of.customer_ids) OR score_as_of.customer_ids IS NULL
    ), gathered AS MATERIALIZED (
        SELECT a.customer_id,
               coalesce(jsonb_object_agg(k.figure, coalesce(to_jsonb(k.value), to_jsonb(k.word))) FILTER (WHERE k.figure IS NOT NULL), '{}') AS figures,
               coalesce(jsonb_object_agg(k.figure, jsonb_build_array(k.source, k.known_at)) FILTER (WHERE k.source IS NOT NULL), '{}') AS sources
        FROM asked a
        LEFT JOIN figures_as_of(ARRAY(SELECT s.customer_id FROM asked s), score_as_of.as_of, score_as_of.known_at) k USING (customer_id)
        GROUP BY a.customer_id
    ), card AS MATERIALIZED (
        SELECT m.*, score_card(m.model_id) AS card FROM score_model m
        WHERE CASE WHEN score_as_of.by_model IS NOT NULL THEN m.model_id = score_as_of.by_model
                   ELSE m.status IN ('active', 'retired') AND score_as_of.as_of <@ daterange(m.active_from, m.active_to) END
    ), chosen AS (
        SELECT g.*, p.profile, p.why, m.model_id, m.model, m.version, m.card, m.pd_score, m.pd_odds, m.pd_doubling, m.min_coverage_pct
        FROM gathered g
        LEFT JOIN LATERAL (
            SELECT p.profile, p.model, coalesce((SELECT string_agg(format('%s %s %s (%s)', c.figure, c.comparison, coalesce(c.threshold::text, array_to_string(c.words, ', ')),
                                                                          coalesce(g.figures->>c.figure, 'missing')), ', ' ORDER BY c.figure)
                                                 FROM score_profile_condition c WHERE c.profile = p.profile), 'everybody else') AS why
            FROM score_profile p
            WHERE p.active
              AND NOT EXISTS (
                  SELECT FROM score_profile_condition c
                  CROSS JOIN LATERAL (SELECT CASE jsonb_typeof(g.figures->c.figure) WHEN 'number' THEN (g.figures->>c.figure)::numeric END AS value) f      -- a word is no number
                  WHERE c.profile = p.profile
                    AND NOT coalesce(CASE c.comparison WHEN 'in' THEN (g.figures->>c.figure) = ANY (c.words) WHEN 'not in' THEN (g.figures->>c.figure) <> ALL (c.words)
                                                       WHEN '>' THEN f.value > c.threshold WHEN '>=' THEN f.value >= c.threshold
                                                       WHEN '<' THEN f.value < c.threshold ELSE f.value <= c.threshold END,
                                     c.if_missing))
            ORDER BY p.rank LIMIT 1) p ON true
        LEFT JOIN card m ON m.model = p.model OR score_as_of.by_model IS NOT NULL
    ), scored AS MATERIALIZED (
        SELECT c.*, credit_risk.score_figures(c.card, c.figures) AS score, credit_risk.score_coverage(c.card, c.figures) AS coverage_pct,
               f.financial_missing, f.external_missing
        FROM chosen c
        CROSS JOIN LATERAL (
            SELECT (count(*) FILTER (WHERE k.family = 'financial') > 0 AND count(c.figures->>k.figure) FILTER (WHERE k.family = 'financial') = 0)::integer AS financial_missing,
                   (count(*) FILTER (WHERE k.family = 'external') > 0 AND count(c.figures->>k.figure) FILTER (WHERE k.family = 'external') = 0)::integer AS external_missing
            FROM jsonb_to_recordset(c.card->'characteristics') k (figure text, family text)) f
    ), rated AS (
        SELECT s.*, CASE WHEN s.score IS NOT NULL     -- greatest() makes nothing of NULL
                         THEN round(least(greatest(50 + 10 * (ln(s.pd_odds / 24) / ln(2::numeric) + (s.score - s.pd_score) / s.pd_doubling), 0), 100), 2) END AS rating,
               s.figures || jsonb_build_object('financial_missing', s.financial_missing, 'external_missing', s.external_missing,
                                               'families_missing', s.financial_missing + s.external_missing) AS all_figures
        FROM scored s
    ), capped AS (
        SELECT r.*, k.caps, k.cap_class, class_of(r.rating) AS score_class
        FROM rated r
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(c.cap ORDER BY c.at_best DESC, c.cap), '{}') AS caps, max(c.at_best) AS cap_class
            FROM score_cap c CROSS JOIN LATERAL (SELECT CASE jsonb_typeof(r.all_figures->c.figure) WHEN 'number' THEN (r.all_figures->>c.figure)::numeric END AS value) f
            WHERE c.model_id = r.model_id
              AND CASE c.comparison WHEN '>' THEN f.value > c.threshold WHEN '>=' THEN f.value >= c.threshold WHEN '<' THEN f.value < c.threshold ELSE f.value <= c.threshold END) k
    )
    SELECT c.customer_id, c.profile, c.model_id, c.model, c.version,
           CASE WHEN score_as_of.by_model IS NOT NULL THEN 'asked for' ELSE c.why END,
           c.score, c.rating, credit_risk.score_pd(c.card, c.score), c.score_class, c.caps,
           CASE WHEN c.score IS NOT NULL THEN greatest(c.score_class, c.cap_class)
                WHEN c.cap_class = (SELECT max(b.risk_class) FROM risk_class_band b) THEN c.cap_class END,
           CASE WHEN c.model_id IS NULL THEN 'no_model' WHEN c.score IS NULL THEN 'coverage' END, round(c.coverage_pct, 2),
           CASE WHEN c.score IS NOT NULL THEN ARRAY(SELECT x.characteristic FROM credit_risk.score_contributions(c.card, c.figures) x
                                                    WHERE x.reason_rank IS NOT NULL ORDER BY x.reason_rank) ELSE '{}' END,
           c.all_figures, c.sources
    FROM capped c ORDER BY c.customer_id;
END $$;
COMMENT ON FUNCTION score_as_of(date, timestamptz, bigint[], bigint) IS
'Scores of these customers (payers; NULL = all) on a day, from what was known at an instant (default: all that is known now): nothing dated later, or recorded later, counts. by_model NULL = the model of each customer''s profile in the version in force on the day; model_reason says why. score on the scale of the model, rating on the common scale of 0 to 100 that classes are made of, pd the probability of default in 12 months, score_class by the points, caps the rules above the score that fire, risk_class what is left; unscored: no_model, or coverage (less than the model asks for is known; coverage_pct). reasons: the characteristics that cost most. figures and computed_from (source and instant of each figure) are what it rests on. Stores nothing. 22023 for no day or a model without characteristics.';

CREATE TABLE customer_score (
    customer_id   bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    score_id      bigint GENERATED BY DEFAULT AS IDENTITY,
    as_of         date NOT NULL CHECK (isfinite(as_of)),
    known_at      timestamptz NOT NULL,
    role          text NOT NULL DEFAULT 'champion' CHECK (role IN ('champion', 'challenger')),
    profile       text,
    model_id      bigint REFERENCES score_model ON UPDATE RESTRICT ON DELETE RESTRICT,
    model_reason  text,
    score         numeric,
    rating        numeric CHECK (rating BETWEEN 0 AND 100),
    pd            double precision CHECK (pd BETWEEN 0 AND 1),
    score_class   text,
    caps          text[] NOT NULL DEFAULT '{}',
    risk_class    text CHECK (risk_class ~ '^[A-Z]$'),
    unscored      text CHECK (unscored IN ('no_model', 'coverage')),
    coverage_pct  numeric,
    reasons       text[] NOT NULL DEFAULT '{}',
    figures       jsonb NOT NULL DEFAULT '{}',
    computed_from jsonb NOT NULL DEFAULT '{}',
    reason        text NOT NULL CHECK (reason <> ''),
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by   text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, score_id),
    CONSTRAINT customer_score_or_why_not CHECK ((score IS NULL) = (unscored IS NOT NULL))
);
CREATE INDEX customer_score_latest ON customer_score (customer_id, role, score_id DESC);
CREATE INDEX customer_score_id ON customer_score (score_id);
COMMENT ON TABLE customer_score IS 'Facts: scores of customers (scores), one row where something changed or a month went by. score_as_of(as_of, known_at) gives each again.';
COMMENT ON COLUMN customer_score.customer_id IS 'The payer.';
COMMENT ON COLUMN customer_score.score_id IS 'Key; the higher is the later.';
COMMENT ON COLUMN customer_score.as_of IS 'Business date that it is of.';
COMMENT ON COLUMN customer_score.known_at IS 'What was recorded by then counts.';
COMMENT ON COLUMN customer_score.role IS 'champion (it decides) or challenger (scored beside it).';
COMMENT ON COLUMN customer_score.profile IS 'Profile of the customer; NULL = none fits.';
COMMENT ON COLUMN customer_score.model_id IS 'The version of the model; NULL = none was in force.';
COMMENT ON COLUMN customer_score.model_reason IS 'Why this model.';
COMMENT ON COLUMN customer_score.score IS 'The score on the scale of the model; NULL = unscored.';
COMMENT ON COLUMN customer_score.rating IS 'The score on the common scale, 0 to 100.';
COMMENT ON COLUMN customer_score.pd IS 'Probability of default in 12 months, a fraction.';
COMMENT ON COLUMN customer_score.score_class IS 'Class by the rating alone.';
COMMENT ON COLUMN customer_score.caps IS 'Rules above the score that fire (score_cap), the hardest first.';
COMMENT ON COLUMN customer_score.risk_class IS 'Class that is left (classe calculée); NULL = unscored.';
COMMENT ON COLUMN customer_score.unscored IS 'Why there is no score: no_model, or coverage (too little is known).';
COMMENT ON COLUMN customer_score.coverage_pct IS 'How much of the model''s maximum is present, percent.';
COMMENT ON COLUMN customer_score.reasons IS 'The characteristics that cost most, at most four (motifs).';
COMMENT ON COLUMN customer_score.figures IS 'The figures by name.';
COMMENT ON COLUMN customer_score.computed_from IS 'Of each figure its source and the instant at which it became known, an array of two.';
COMMENT ON COLUMN customer_score.reason IS 'What asked for it: nightly, asked, or the kind of fact.';
COMMENT ON COLUMN customer_score.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN customer_score.recorded_by IS 'Role whose act asked for it.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON customer_score
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON customer_score
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who was looked at when, so that the night finds who is due.
CREATE TABLE score_state (
    customer_id bigint PRIMARY KEY REFERENCES customer ON UPDATE RESTRICT ON DELETE CASCADE,
    scored_on   date NOT NULL,
    scored_at   timestamptz NOT NULL,
    kept_on     date NOT NULL,
    overdue     boolean NOT NULL
);
COMMENT ON TABLE score_state IS 'State: when each customer was scored last. Written by score_customers().';
COMMENT ON COLUMN score_state.customer_id IS 'The payer.';
COMMENT ON COLUMN score_state.scored_on IS 'Business date of the last scoring.';
COMMENT ON COLUMN score_state.scored_at IS 'Its instant.';
COMMENT ON COLUMN score_state.kept_on IS 'Business date of the last one that was kept.';
COMMENT ON COLUMN score_state.overdue IS 'Something was overdue then: its figures change from day to day.';
CREATE TABLE score_queue (
    queue_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    reason      text NOT NULL,
    queued_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    queued_by   xid8 NOT NULL DEFAULT pg_current_xact_id()
);
COMMENT ON TABLE score_queue IS 'State: customers of whom a new fact became known and who wait for their score. Written by queue_score().';
COMMENT ON COLUMN score_queue.queue_id IS 'Key.';
COMMENT ON COLUMN score_queue.customer_id IS 'The payer.';
COMMENT ON COLUMN score_queue.reason IS 'The kind of fact.';
COMMENT ON COLUMN score_queue.queued_at IS 'Since when.';
COMMENT ON COLUMN score_queue.queued_by IS 'The transaction that queued it.';
CREATE TABLE score_run (
    run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_on      date NOT NULL UNIQUE,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    customers   bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE score_run IS 'Nights of scoring: when each began and ended, and how many customers were looked at. Written by score_due().';
COMMENT ON COLUMN score_run.run_id IS 'Key.';
COMMENT ON COLUMN score_run.run_on IS 'Business date.';
COMMENT ON COLUMN score_run.started_at IS 'When it began.';
COMMENT ON COLUMN score_run.finished_at IS 'When nobody was due any more; NULL = not yet.';
COMMENT ON COLUMN score_run.customers IS 'Customers scored.';

CREATE FUNCTION score_customers(customer_ids bigint[], reason text DEFAULT 'asked') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
    known timestamptz;
    kept bigint;
BEGIN
    PERFORM lock_accounts(customer_ids);     -- one score after the other
    known := clock_timestamp();
    WITH computed AS MATERIALIZED (
        SELECT 'champion' AS role, s.* FROM score_as_of(today, known, customer_ids) s
    ), beside AS (
        SELECT 'challenger' AS role, s.*
        FROM score_model m
        CROSS JOIN LATERAL score_as_of(today, known, ARRAY(SELECT c.customer_id FROM computed c WHERE c.model = m.model), m.model_id) s
        WHERE m.status = 'challenger'
    ), news AS (
        SELECT n.* FROM (SELECT c.* FROM computed c UNION ALL SELECT b.* FROM beside b) n
        LEFT JOIN LATERAL (SELECT k.* FROM customer_score k
                           WHERE k.customer_id = n.customer_id AND k.role = n.role AND (n.role = 'champion' OR k.model_id = n.model_id)
                           ORDER BY k.score_id DESC LIMIT 1) k ON true
        WHERE k.score_id IS NULL OR k.as_of <= today - 30
           OR (k.model_id, k.score, k.risk_class, k.caps, k.unscored, k.profile) IS DISTINCT FROM (n.model_id, n.score, n.risk_class, n.caps, n.unscored, n.profile)
    ), state AS (
        INSERT INTO score_state AS t (customer_id, scored_on, scored_at, kept_on, overdue)
        SELECT c.customer_id, today, known, today, coalesce((c.figures->>'oldest_overdue_days')::numeric > 0, false) FROM computed c
        ON CONFLICT (customer_id) DO UPDATE
        SET scored_on = EXCLUDED.scored_on, scored_at = EXCLUDED.scored_at, overdue = EXCLUDED.overdue,
            kept_on = CASE WHEN EXCLUDED.customer_id IN (SELECT n.customer_id FROM news n) THEN EXCLUDED.kept_on ELSE t.kept_on END
    ), written AS (
        INSERT INTO customer_score (customer_id, as_of, known_at, role, profile, model_id, model_reason, score, rating, pd, score_class, caps, risk_class, unscored,
                                    coverage_pct, reasons, figures, computed_from, reason)
        SELECT n.customer_id, today, known, n.role, n.profile, n.model_id, n.model_reason, n.score, n.rating, n.pd, n.score_class, coalesce(n.caps, '{}'), n.risk_class, n.unscored,
               n.coverage_pct, n.reasons, n.figures, n.computed_from, score_customers.reason
        FROM news n ORDER BY n.customer_id, n.role
        RETURNING score_id
    )
    SELECT count(*) INTO kept FROM written;
    RETURN kept;
END $$;
COMMENT ON FUNCTION score_customers(bigint[], text) IS
'Scores these customers today, by their models in force and, where a challenger runs beside it, by that too, under the lock of their accounts, and keeps what changed (customer_score); an unchanged score is kept again after 30 days. What follows for the class: class_assignment. Returns how many were kept. Runs as the owner: scores are nobody''s to write.';

CREATE FUNCTION queue_score(customer_ids bigint[], reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF (SELECT l.scoring FROM ledger l) <> 'off' THEN
        INSERT INTO score_queue (customer_id, reason)
        SELECT DISTINCT coalesce(c.payer_id, c.customer_id), queue_score.reason FROM customer c WHERE c.customer_id = ANY (customer_ids);
    END IF;
END $$;
COMMENT ON FUNCTION queue_score(bigint[], text) IS
'For triggers of facts that scores rest on: as ledger.scoring says nothing (off), these customers wait for the night (night), or are scored at COMMIT (event). Runs as the owner: the queue is nobody''s to write.';

CREATE FUNCTION score_queued() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    waiting bigint[];
    reasons text;
BEGIN
    -- The first row takes all; the others find themselves gone by their key.
    IF (SELECT l.scoring FROM ledger l) = 'event' AND EXISTS (SELECT FROM score_queue q WHERE q.queue_id = NEW.queue_id) THEN
        WITH taken AS (
            DELETE FROM score_queue q WHERE q.queued_by = NEW.queued_by RETURNING q.customer_id, q.reason
        )
        SELECT array_agg(DISTINCT t.customer_id), string_agg(DISTINCT t.reason, ', ') INTO waiting, reasons FROM taken t;
        IF waiting IS NOT NULL THEN
            PERFORM score_customers(waiting, reasons);
        END IF;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION score_queued() IS 'Deferred trigger of score_queue: where ledger.scoring is event, scores at COMMIT all that this transaction queued, once. Runs as the owner.';
CREATE CONSTRAINT TRIGGER credit_risk_score AFTER INSERT ON score_queue DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION score_queued();

-- The night looks at whom something happened to, and at whose figures move by
-- themselves: who is or was overdue, whose default is 12 months old, who is
-- watched, and everybody once in 30 days.
CREATE FUNCTION score_due(as_of date DEFAULT NULL, max_customers integer DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := least(as_of, business_date());     -- scores are of the business date: a night ahead of it would never end
    night score_run;
    since timestamptz;
    due bigint[];
BEGIN
    IF (SELECT l.scoring FROM ledger l) = 'off' THEN
        RETURN 0;
    END IF;
    INSERT INTO score_run (run_on) VALUES (today) ON CONFLICT DO NOTHING;
    SELECT r.* INTO night FROM score_run r WHERE r.run_on = today FOR UPDATE;
    since := (SELECT max(r.started_at) FROM score_run r WHERE r.finished_at IS NOT NULL AND r.run_on < today);
    SELECT array_agg(d.customer_id) INTO due
    FROM (SELECT q.customer_id FROM score_queue q
          UNION
          SELECT a.customer_id FROM credit_account a LEFT JOIN score_state s USING (customer_id)
          WHERE night.finished_at IS NULL AND coalesce(s.scored_on < today, true)
            AND (s.customer_id IS NULL OR s.overdue OR s.kept_on <= today - 30
                 OR a.customer_id IN (SELECT w.customer_id FROM watch_list w JOIN watch_rule r USING (rule)
                                      WHERE w.closed_on IS NULL AND s.scored_on <= today - r.days_between_scores)
                 OR EXISTS (SELECT FROM open_item o WHERE o.customer_id = a.customer_id AND o.due_on < today)
                 OR EXISTS (SELECT FROM default_event e      -- which counted at the last score, and does no more
                            WHERE e.customer_id = a.customer_id AND e.occurred_on <= (today - interval '12 months')::date
                              AND e.occurred_on > (s.scored_on - interval '12 months')::date AND e.reversal_of IS NULL)
                 OR a.customer_id IN (SELECT l.customer_id FROM allocation l WHERE l.effective_on > today - 40 AND l.recorded_at > since))
          ORDER BY 1 LIMIT max_customers) d;
    IF due IS NULL THEN
        UPDATE score_run r SET finished_at = clock_timestamp() WHERE r.run_id = night.run_id AND r.finished_at IS NULL;
        RETURN 0;
    END IF;
    PERFORM FROM dunning_strategy FOR SHARE;        -- as lock_class(): a class may change, and master data are locked before accounts
    PERFORM FROM customer c WHERE c.customer_id = ANY (due) ORDER BY c.customer_id FOR NO KEY UPDATE;
    DELETE FROM score_queue q WHERE q.customer_id = ANY (due);
    PERFORM score_customers(due, 'nightly');
    UPDATE score_run r SET customers = r.customers + cardinality(due) WHERE r.run_id = night.run_id;
    RETURN cardinality(due);
END $$;
COMMENT ON FUNCTION score_due(date, integer) IS
'The nightly scoring, unless ledger.scoring is off: customers of whom a fact waits in score_queue, who are or were overdue at their last score, whose default does not count any more, to whom something was allocated since the last night, who were never scored, who are on the watch list by a rule as often as it says (watch_rule.days_between_scores), and everybody once in 30 days; at most max_customers (NULL = all). Safe to call again. as_of NULL, or a day ahead = business date. Returns how many were looked at, 0 = nobody is due any more. Runs as the owner: for the nightly run.';

-- Reading -------------------------------------------------------------------------------

CREATE VIEW current_score AS
SELECT s.customer_id, c.code, c.name, s.score_id, s.as_of, s.profile, m.model || '_v' || m.version AS model, s.model_id, s.model_reason, s.score, s.rating, s.pd, s.score_class, s.caps,
       s.risk_class, s.unscored, s.coverage_pct, s.reasons, s.figures, s.computed_from, s.recorded_at
FROM credit_account a
CROSS JOIN LATERAL (SELECT k.* FROM customer_score k WHERE k.customer_id = a.customer_id AND k.role = 'champion' ORDER BY k.score_id DESC LIMIT 1) s
JOIN customer c ON c.customer_id = a.customer_id
LEFT JOIN score_model m USING (model_id);
COMMENT ON VIEW current_score IS 'The last score of each customer (score actuel): model and why, score, rating 0 to 100, pd in 12 months, class by points, rules above it, class that is left, or why unscored; the figures and where they come from.';

CREATE FUNCTION explain_score(customer_id bigint, as_of date DEFAULT NULL, known timestamptz DEFAULT 'infinity', model_id bigint DEFAULT NULL)
RETURNS TABLE (place integer, characteristic text, figure text, value text, band text, points numeric, max_points numeric, contribution numeric, reason_rank integer,
               source text, known_at timestamptz, name_en text, name_fr text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    kept_model bigint;
    kept_figures jsonb;
    kept_sources jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM credit_account a WHERE a.customer_id = explain_score.customer_id) THEN
        RAISE EXCEPTION 'customer % has no credit account', coalesce(explain_score.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code; a site is judged by its payer.';
    ELSIF explain_score.as_of IS NULL AND explain_score.model_id IS NULL THEN
        SELECT s.model_id, s.figures, s.computed_from INTO kept_model, kept_figures, kept_sources
        FROM current_score s WHERE s.customer_id = explain_score.customer_id;
    END IF;
    IF kept_figures IS NULL THEN
        SELECT s.model_id, s.figures, s.computed_from INTO kept_model, kept_figures, kept_sources
        FROM score_as_of(coalesce(explain_score.as_of, business_date()), explain_score.known, ARRAY[explain_score.customer_id], explain_score.model_id) s;
    END IF;
    RETURN QUERY
    SELECT x.place, x.characteristic, x.figure, x.value, x.band, x.points, x.max_points, x.contribution, x.reason_rank,
           kept_sources->x.figure->>0, (kept_sources->x.figure->>1)::timestamptz, k->>'name_en', k->>'name_fr'
    FROM score_card(kept_model) c (card) CROSS JOIN LATERAL credit_risk.score_contributions(c.card, kept_figures) x
    LEFT JOIN LATERAL jsonb_array_elements(c.card->'characteristics') k ON k->>'name' = x.characteristic
    WHERE c.card IS NOT NULL
    ORDER BY x.place;
END $$;
COMMENT ON FUNCTION explain_score(bigint, date, timestamptz, bigint) IS
'Why this score: of each characteristic the value, its band and points of the maximum, what it contributes to the score (the contributions add up to it exactly), its rank among the reasons, where the value comes from and when that became known. Without as_of and model_id the last score on record, else (or if there is none) as score_as_of(). No rows where no model serves the customer; CR004 for no such payer.';

CREATE FUNCTION what_would_move(customer_id bigint, to_class text DEFAULT NULL)
RETURNS TABLE (characteristic text, figure text, value text, needed text, points_now numeric, points_then numeric, score_then numeric, class_then text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    mine current_score;
    wanted risk_class_band;
    target numeric;
BEGIN
    IF NOT EXISTS (SELECT FROM credit_account a WHERE a.customer_id = what_would_move.customer_id) THEN
        RAISE EXCEPTION 'customer % has no credit account', coalesce(what_would_move.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code; a site is judged by its payer.';
    END IF;
    SELECT s.* INTO mine FROM current_score s WHERE s.customer_id = what_would_move.customer_id;
    SELECT b.* INTO wanted FROM risk_class_band b
    WHERE CASE WHEN to_class IS NOT NULL THEN b.risk_class = to_class ELSE b.risk_class < mine.score_class END
    ORDER BY b.risk_class DESC LIMIT 1;
    IF to_class IS NOT NULL AND wanted.risk_class IS NULL THEN
        RAISE EXCEPTION 'there is no risk class "%"', to_class USING ERRCODE = '22023', HINT = 'risk_class_band lists them.';
    ELSIF mine.score IS NULL OR wanted.risk_class IS NULL THEN
        RETURN;
    END IF;
    -- The rating that the class begins at, on the scale of the model.
    SELECT m.pd_score + m.pd_doubling * ((wanted.min_score - 50) / 10 - ln(m.pd_odds / 24) / ln(2::numeric)) INTO target FROM score_model m WHERE m.model_id = mine.model_id;
    RETURN QUERY
    SELECT x.characteristic, x.figure, x.value, x.needed, x.points_now, x.points_then, x.score_then, wanted.risk_class
    FROM credit_risk.smallest_change(score_card(mine.model_id), mine.figures, target) x;
END $$;
COMMENT ON FUNCTION what_would_move(bigint, text) IS
'The smallest changes that would lift the last score of a customer to a class (NULL = the next better one), each by one characteristic alone, the smallest first: its value now, what is needed, and the score then. Rules above the score are not looked at. No rows where no single change suffices, for an unscored customer or the best class. CR004 for who is no payer, 22023 for a class that does not exist.';

CREATE FUNCTION pd_12m(customer_id bigint) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT s.pd FROM current_score s WHERE s.customer_id = pd_12m.customer_id $$;
COMMENT ON FUNCTION pd_12m(bigint) IS 'Probability that a customer defaults in 12 months (probabilité de défaut), a fraction, by its last score; NULL = unscored. backtest() says how far it holds.';
