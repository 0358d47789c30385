-- Backtests: what a model would have said on past days, from what was known on
-- each, against what came of it; and cards fitted on the same samples.

-- One row per customer and sample date. All that goes into a score goes through
-- score_as_of(), so nothing dated after the sample date, or (strict) recorded
-- after it, can get in; only the outcome looks ahead.
CREATE FUNCTION backtest_sample(model_id bigint, from_day date, to_day date, horizon_months integer DEFAULT 12, strict boolean DEFAULT true,
                                include_defaulted boolean DEFAULT false, every_months integer DEFAULT 1)
RETURNS TABLE (sample_on date, customer_id bigint, known_at timestamptz, profile text, scored_by bigint, score numeric, rating numeric, pd double precision,
               score_class text, risk_class text, unscored text, is_bad boolean, bad_on date, figures jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000 SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    zone text := (SELECT l.time_zone FROM ledger l);
    last_day date := least(to_day, (business_date() - make_interval(months => greatest(horizon_months, 1)))::date);
BEGIN
    IF from_day IS NULL OR NOT isfinite(from_day) OR to_day IS NULL OR NOT isfinite(to_day) OR to_day < from_day OR to_day - from_day > 7500
       OR coalesce(horizon_months, 0) NOT BETWEEN 1 AND 120 OR coalesce(every_months, 0) NOT BETWEEN 1 AND 120 OR num_nulls(strict, include_defaulted) > 0 THEN
        RAISE EXCEPTION 'argument "%" is out of range',
            CASE WHEN from_day IS NULL OR NOT isfinite(from_day) THEN 'from_day' WHEN to_day IS NULL OR NOT isfinite(to_day) OR to_day < from_day OR to_day - from_day > 7500 THEN 'to_day'
                 WHEN coalesce(horizon_months, 0) NOT BETWEEN 1 AND 120 THEN 'horizon_months' WHEN coalesce(every_months, 0) NOT BETWEEN 1 AND 120 THEN 'every_months'
                 WHEN strict IS NULL THEN 'strict' ELSE 'include_defaulted' END
            USING ERRCODE = '22023';
    END IF;
    RETURN QUERY
    WITH sample AS (    -- month ends whose horizon is over
        SELECT e.day, CASE WHEN strict THEN (e.day + 1)::timestamp AT TIME ZONE zone - interval '1 microsecond' ELSE timestamptz 'infinity' END AS known,
               (e.day + make_interval(months => horizon_months))::date AS until
        FROM generate_series(0, 12 * (extract(year FROM to_day) - extract(year FROM from_day))::integer + 12, every_months) n
        CROSS JOIN LATERAL (SELECT (date_trunc('month', from_day::timestamp) + make_interval(months => n + 1))::date - 1 AS day) e
        WHERE e.day BETWEEN from_day AND last_day
    )
    SELECT s.day, r.customer_id, s.known, r.profile, r.model_id, r.score, r.rating, r.pd, r.score_class, r.risk_class, r.unscored,
           o.bad_on IS NOT NULL, o.bad_on, r.figures
    FROM sample s
    CROSS JOIN LATERAL (     -- owed, ordered or bought, as far as it was known
        SELECT ARRAY(
            SELECT b.customer_id FROM balance_as_of(s.day, s.known) b
            UNION
            SELECT i.customer_id FROM invoice i
            WHERE i.issued_on > s.day - 365 AND i.issued_on <= s.day AND i.recorded_at <= s.known AND i.kind IN ('invoice', 'debit_note')
            UNION
            SELECT f.customer_id FROM unmatured_fact f WHERE f.effective_on <= s.day AND f.recorded_at <= s.known
            GROUP BY f.customer_id HAVING sum(f.amount_base) <> 0
            UNION
            SELECT e.customer_id FROM order_event e WHERE e.effective_on <= s.day AND e.recorded_at <= s.known
            GROUP BY e.customer_id HAVING sum(e.open_amount_base) <> 0 OR sum(e.unbilled_base) <> 0
            EXCEPT           -- who is in default already
            SELECT d.customer_id FROM default_event d
            WHERE NOT include_defaulted AND d.reversal_of IS NULL AND d.occurred_on <= s.day AND d.recorded_at <= s.known
              AND (d.kind = 'collective_proceeding' OR d.occurred_on > s.day - 365)
              AND NOT EXISTS (SELECT FROM default_event v WHERE v.customer_id = d.customer_id AND v.reversal_of = d.default_event_id
                                                            AND v.occurred_on <= s.day AND v.recorded_at <= s.known)) AS customers) p
    CROSS JOIN LATERAL score_as_of(s.day, s.known, p.customers, backtest_sample.model_id) r
    LEFT JOIN LATERAL (      -- the outcome, as it is known today
        SELECT min(d.occurred_on) AS bad_on FROM default_event d
        WHERE d.customer_id = r.customer_id AND d.occurred_on > s.day AND d.occurred_on <= s.until AND d.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM default_event v WHERE v.customer_id = d.customer_id AND v.reversal_of = d.default_event_id)) o ON true
    ORDER BY s.day, r.customer_id;
END $$;
COMMENT ON FUNCTION backtest_sample(bigint, date, date, integer, boolean, boolean, integer) IS
'The samples of a backtest (échantillon): at each month end from from_day to to_day whose horizon is over by the business date (every_months: every so many months), each customer who owes, has orders open or was invoiced in the 365 days before, with its score by a model (any status; NULL = that of its profile in force on the day, scored_by) and whether a live default event came in the horizon_months after: is_bad, bad_on the first. Scores are those of score_as_of() on the day: facts dated up to it and, strict, recorded by its end in the time zone of the ledger; strict false takes what was recorded since, for a history that was loaded later. Customers in default on the day (an event in 365 days, or a proceeding) are left out unless include_defaulted. Only is_bad and bad_on look ahead. 22023 for arguments out of range or a model that does not exist.';

-- Champion and challenger side by side.
CREATE FUNCTION compare_models(model_ids bigint[], from_day date, to_day date, horizon_months integer DEFAULT 12, strict boolean DEFAULT true,
                               include_defaulted boolean DEFAULT false, every_months integer DEFAULT 1)
RETURNS TABLE (model_id bigint, model text, version integer, status text, samples bigint, first_sample date, last_sample date, observations bigint, customers bigint,
               scored_pct numeric, compared bigint, bads bigint, bad_rate double precision, mean_pd double precision, auc double precision, gini double precision,
               ks_statistic double precision, brier_score double precision, brier_of_rate double precision, psi double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2 SET search_path FROM CURRENT SET jit = off
AS $$
    WITH observation AS MATERIALIZED (
        SELECT m.place, s.*, count(s.score) OVER (PARTITION BY s.sample_on, s.customer_id) = cardinality(model_ids) AS compared,
               s.sample_on = min(s.sample_on) OVER () AS first, s.sample_on = max(s.sample_on) OVER () AS last
        FROM unnest(model_ids) WITH ORDINALITY m (model_id, place)
        CROSS JOIN LATERAL backtest_sample(m.model_id, from_day, to_day, horizon_months, strict, include_defaulted, every_months) s
    ), measured AS (
        SELECT o.place, count(DISTINCT o.sample_on) AS samples, min(o.sample_on) AS first_sample, max(o.sample_on) AS last_sample,
               count(*) AS observations, count(DISTINCT o.customer_id) AS customers, round(100.0 * count(o.score) / count(*), 2) AS scored_pct,
               count(*) FILTER (WHERE o.compared) AS compared, count(*) FILTER (WHERE o.compared AND o.is_bad) AS bads,
               avg(o.is_bad::integer) FILTER (WHERE o.compared)::double precision AS bad_rate, avg(o.pd) FILTER (WHERE o.compared) AS mean_pd,
               credit_risk.auc(o.is_bad, o.pd) FILTER (WHERE o.compared) AS auc, credit_risk.gini(o.is_bad, o.pd) FILTER (WHERE o.compared) AS gini,
               credit_risk.ks_statistic(o.is_bad, o.pd) FILTER (WHERE o.compared) AS ks_statistic, credit_risk.brier_score(o.is_bad, o.pd) FILTER (WHERE o.compared) AS brier_score
        FROM observation o GROUP BY o.place
    ), shift AS (      -- ratings in ten bands, on the first date and on the last
        SELECT b.place, credit_risk.psi(b.expected, b.actual, 0.0001) AS psi
        FROM (SELECT o.place, count(*) FILTER (WHERE o.first)::double precision AS expected, count(*) FILTER (WHERE o.last)::double precision AS actual
              FROM observation o WHERE o.compared AND (o.first OR o.last) GROUP BY o.place, least(width_bucket(o.rating, 0, 100, 10), 10)) b
        GROUP BY b.place
    )
    SELECT a.model_id, m.model, m.version, m.status, coalesce(x.samples, 0), x.first_sample, x.last_sample, coalesce(x.observations, 0), coalesce(x.customers, 0), x.scored_pct,
           coalesce(x.compared, 0), coalesce(x.bads, 0), x.bad_rate, x.mean_pd, x.auc, x.gini, x.ks_statistic, x.brier_score, x.bad_rate * (1 - x.bad_rate),
           CASE WHEN x.samples > 1 THEN p.psi END
    FROM unnest(model_ids) WITH ORDINALITY a (model_id, place)
    LEFT JOIN score_model m ON m.model_id = a.model_id
    LEFT JOIN measured x USING (place) LEFT JOIN shift p USING (place)
    ORDER BY a.place
$$;
COMMENT ON FUNCTION compare_models(bigint[], date, date, integer, boolean, boolean, integer) IS
'Models side by side on the same samples (champion et challenger), a row for each in the order given; an element NULL stands for the model of each customer''s profile. Arguments and samples as backtest_sample(): samples (dates), first and last of them, observations (customers by dates), customers, scored_pct of this model; compared: the observations that all of these models score, of which all the rest is: bads, bad_rate, mean_pd, auc, gini, ks_statistic and brier_score of the PD, brier_of_rate (what one gets by saying the bad rate of everybody), psi of the rating in ten bands between the first and the last sample date (NULL with one date). Figures are NULL where nothing is compared, and auc, gini and ks_statistic where all are good or all are bad. Observations of one customer on several dates are not independent: the figures are surer than they look. 22023 as backtest_sample().';

CREATE FUNCTION backtest(model_id bigint, from_day date, to_day date, horizon_months integer DEFAULT 12, strict boolean DEFAULT true,
                         include_defaulted boolean DEFAULT false, every_months integer DEFAULT 1)
RETURNS TABLE (samples bigint, first_sample date, last_sample date, observations bigint, customers bigint, scored_pct numeric, scored bigint, bads bigint,
               bad_rate double precision, mean_pd double precision, auc double precision, gini double precision, ks_statistic double precision,
               brier_score double precision, brier_of_rate double precision, psi double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT c.samples, c.first_sample, c.last_sample, c.observations, c.customers, c.scored_pct, c.compared, c.bads, c.bad_rate, c.mean_pd,
           c.auc, c.gini, c.ks_statistic, c.brier_score, c.brier_of_rate, c.psi
    FROM compare_models(ARRAY[backtest.model_id], from_day, to_day, horizon_months, strict, include_defaulted, every_months) c
$$;
COMMENT ON FUNCTION backtest(bigint, date, date, integer, boolean, boolean, integer) IS
'How well a model (NULL = the models of the profiles) would have told who defaults, on past month ends from what was known on each (backtest d''un score): one row, the columns of compare_models(), scored = observations with a score, of which bads, rates and figures are. 22023 as backtest_sample().';

CREATE FUNCTION backtest_calibration(model_id bigint, from_day date, to_day date, horizon_months integer DEFAULT 12, strict boolean DEFAULT true,
                                     include_defaulted boolean DEFAULT false, every_months integer DEFAULT 1, bins integer DEFAULT 10)
RETURNS TABLE (bin integer, observations bigint, mean_pd double precision, observed_rate double precision, bads bigint, lowest double precision, highest double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10 SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT c.bin, c.n, c.mean_predicted, c.observed_rate, c.bad, c.lowest, c.highest
    FROM unnest((SELECT credit_risk.calibration(s.is_bad, s.pd, backtest_calibration.bins)
                 FROM backtest_sample(backtest_calibration.model_id, from_day, to_day, horizon_months, strict, include_defaulted, every_months) s)) c
    ORDER BY c.bin
$$;
COMMENT ON FUNCTION backtest_calibration(bigint, date, date, integer, boolean, boolean, integer, integer) IS
'Does the PD hold? (table de calibrage) The scored observations of backtest_sample() in bins of equally many, by rising PD: mean PD, share of bad observed, bads, lowest and highest PD. No rows without scores. 22023 as backtest_sample(), or where bins is not positive.';

-- On record: what was found when, for who asks why this model decides.
CREATE TABLE backtest_run (
    backtest_id       bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    model_id          bigint REFERENCES score_model ON UPDATE RESTRICT ON DELETE RESTRICT,
    from_day          date NOT NULL,
    to_day            date NOT NULL,
    horizon_months    integer NOT NULL,
    strict            boolean NOT NULL,
    include_defaulted boolean NOT NULL,
    every_months      integer NOT NULL,
    run_on            date NOT NULL,
    samples           bigint NOT NULL,
    first_sample      date,
    last_sample       date,
    observations      bigint NOT NULL,
    customers         bigint NOT NULL,
    scored_pct        numeric,
    scored            bigint NOT NULL,
    bads              bigint NOT NULL,
    bad_rate          double precision,
    mean_pd           double precision,
    auc               double precision,
    gini              double precision,
    ks_statistic      double precision,
    brier_score       double precision,
    brier_of_rate     double precision,
    psi               double precision,
    calibration       jsonb NOT NULL,
    note              text CHECK (note <> ''),
    recorded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by       text NOT NULL DEFAULT credit_risk.acting_role()
);
CREATE INDEX backtest_run_model ON backtest_run (model_id);
COMMENT ON TABLE backtest_run IS 'Facts: backtests on record (backtests conservés), written by record_backtest(): what was asked, the figures, and the calibration table.';
COMMENT ON COLUMN backtest_run.backtest_id IS 'Key.';
COMMENT ON COLUMN backtest_run.model_id IS 'The model; NULL = those of the profiles.';
COMMENT ON COLUMN backtest_run.from_day IS 'First day of the samples asked for.';
COMMENT ON COLUMN backtest_run.to_day IS 'Last day of the samples asked for.';
COMMENT ON COLUMN backtest_run.horizon_months IS 'Months after each sample date in which a default counts.';
COMMENT ON COLUMN backtest_run.strict IS 'true: only what was recorded by the sample date; false: what was loaded later, too.';
COMMENT ON COLUMN backtest_run.include_defaulted IS 'Whether customers in default on the sample date were in it.';
COMMENT ON COLUMN backtest_run.every_months IS 'Months between two sample dates.';
COMMENT ON COLUMN backtest_run.run_on IS 'Business date on which it was made.';
COMMENT ON COLUMN backtest_run.samples IS 'Sample dates.';
COMMENT ON COLUMN backtest_run.first_sample IS 'The first of them.';
COMMENT ON COLUMN backtest_run.last_sample IS 'The last of them.';
COMMENT ON COLUMN backtest_run.observations IS 'Customers by dates.';
COMMENT ON COLUMN backtest_run.customers IS 'Different customers.';
COMMENT ON COLUMN backtest_run.scored_pct IS 'Share of the observations with a score, %.';
COMMENT ON COLUMN backtest_run.scored IS 'Observations with a score: the figures are of these.';
COMMENT ON COLUMN backtest_run.bads IS 'Those followed by a default.';
COMMENT ON COLUMN backtest_run.bad_rate IS 'Their share, a fraction.';
COMMENT ON COLUMN backtest_run.mean_pd IS 'Mean PD, a fraction.';
COMMENT ON COLUMN backtest_run.auc IS 'Area under the ROC curve; NULL where all were good or all bad.';
COMMENT ON COLUMN backtest_run.gini IS '2 × auc − 1.';
COMMENT ON COLUMN backtest_run.ks_statistic IS 'Kolmogorov-Smirnov statistic.';
COMMENT ON COLUMN backtest_run.brier_score IS 'Brier score of the PD.';
COMMENT ON COLUMN backtest_run.brier_of_rate IS 'Brier score of saying the bad rate of everybody.';
COMMENT ON COLUMN backtest_run.psi IS 'Population stability index of the rating, first against last sample date.';
COMMENT ON COLUMN backtest_run.calibration IS 'The rows of backtest_calibration().';
COMMENT ON COLUMN backtest_run.note IS 'Why it was made.';
COMMENT ON COLUMN backtest_run.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN backtest_run.recorded_by IS 'Role that recorded it.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON backtest_run
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON backtest_run
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION record_backtest(model_id bigint, from_day date, to_day date, horizon_months integer DEFAULT 12, strict boolean DEFAULT true,
                                include_defaulted boolean DEFAULT false, every_months integer DEFAULT 1, note text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    new_id bigint;
BEGIN
    INSERT INTO backtest_run AS r (model_id, from_day, to_day, horizon_months, strict, include_defaulted, every_months, run_on, samples, first_sample, last_sample,
                                   observations, customers, scored_pct, scored, bads, bad_rate, mean_pd, auc, gini, ks_statistic, brier_score, brier_of_rate, psi, calibration, note)
    SELECT record_backtest.model_id, record_backtest.from_day, record_backtest.to_day, record_backtest.horizon_months, record_backtest.strict,
           record_backtest.include_defaulted, record_backtest.every_months, business_date(), b.samples, b.first_sample, b.last_sample,
           b.observations, b.customers, b.scored_pct, b.scored, b.bads, b.bad_rate, b.mean_pd, b.auc, b.gini, b.ks_statistic, b.brier_score, b.brier_of_rate, b.psi,
           (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.bin), '[]')
            FROM backtest_calibration(record_backtest.model_id, record_backtest.from_day, record_backtest.to_day, record_backtest.horizon_months,
                                      record_backtest.strict, record_backtest.include_defaulted, record_backtest.every_months) c),
           record_backtest.note
    FROM backtest(record_backtest.model_id, record_backtest.from_day, record_backtest.to_day, record_backtest.horizon_months,
                  record_backtest.strict, record_backtest.include_defaulted, record_backtest.every_months) b
    RETURNING r.backtest_id INTO new_id;
    RETURN new_id;
END $$;
COMMENT ON FUNCTION record_backtest(bigint, date, date, integer, boolean, boolean, integer, text) IS
'Makes a backtest of a model and puts it on record, with its calibration table and a note; returns its id. 22023 as backtest_sample(). Runs as the owner: the record is nobody''s to write.';

-- A card of one's own --------------------------------------------------------------------

CREATE FUNCTION fit_from_ledger(model text, from_day date, to_day date, horizon_months integer DEFAULT 12, strict boolean DEFAULT true, figures text[] DEFAULT NULL,
                                options jsonb DEFAULT '{}', note text DEFAULT NULL, every_months integer DEFAULT 1) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    unknown text := (SELECT f FROM unnest(fit_from_ledger.figures) f WHERE NOT EXISTS (SELECT FROM score_figure k WHERE k.figure = f) LIMIT 1);
    card jsonb;
    observed bigint;
    bad bigint;
BEGIN
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no figure "%"', unknown USING ERRCODE = '22023', HINT = 'score_figure lists them.';
    END IF;
    SELECT credit_risk.fit_scorecard(s.is_bad, k.figures, jsonb_build_object('model', fit_from_ledger.model) || options), count(*), count(*) FILTER (WHERE s.is_bad)
    INTO card, observed, bad
    FROM backtest_sample(NULL, from_day, to_day, horizon_months, strict, false, every_months) s
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(f.figure, s.figures -> f.figure) FILTER (WHERE s.figures ? f.figure), '{}') AS figures FROM score_figure f
        WHERE f.figure = ANY (fit_from_ledger.figures) OR fit_from_ledger.figures IS NULL AND f.family IN ('behaviour', 'financial', 'external', 'attribute')) k;
    IF card IS NULL THEN
        RAISE EXCEPTION 'no card can be fitted on these samples'
            USING ERRCODE = 'CR012', DETAIL = format('%s observations, %s of them bad; or no figure tells them apart.', observed, bad),
                  HINT = 'Take more sample dates or another horizon; strict => false takes a history that was loaded later.';
    END IF;
    RETURN store_scorecard(fit_from_ledger.model, card, coalesce(fit_from_ledger.note,
        format('Fitted on %s observations, %s bad, %s to %s, horizon %s months.', observed, bad, from_day, to_day, horizon_months)));
END $$;
COMMENT ON FUNCTION fit_from_ledger(text, date, date, integer, boolean, text[], jsonb, text, integer) IS
'Fits a card by credit_risk.fit_scorecard() on the samples of backtest_sample() (customers not in default, arguments as there) and stores it as a draft of the next version of a model; returns its id. figures: the ones to use (NULL = all of behaviour, accounts, outside sources and attributes); options as fit_scorecard. Prove it on later dates with backtest() before activate_model(). 22023 for a figure that does not exist or arguments out of range, CR012 where nothing can be fitted, 0A000 where the build is without liblinear. Runs as the owner: models are kept by functions.';
