-- The watch on scores and classes: alerts on what got worse, and the rules by
-- which customers enter and leave the watch list by themselves.

INSERT INTO alert_kind (kind, severity, min_exposure, lasting, name_en, name_fr) VALUES
    ('score_drop',      'warning', 1000, true,  'The score has fallen', 'Dégradation du score'),
    ('class_downgrade', 'warning', 1000, false, 'The risk class is worse than before', 'Dégradation de la classe de risque');
INSERT INTO alert_rule (kind, parameter, value, unit, name_en, name_fr) VALUES
    ('score_drop',      'points', 10, 'points', 'Points below the best score, on the common scale', 'Points sous le meilleur score, sur l''échelle commune'),
    ('score_drop',      'days',   90, 'days',   'The days whose best score it is compared with', 'Jours dont le meilleur score sert de référence'),
    ('class_downgrade', 'days',   90, 'days',   'Changes of class of so many days are looked at', 'Jours de changements de classe observés');

CREATE FUNCTION score_drops(customer_ids bigint[], as_of date DEFAULT NULL, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, score_id bigint, model text, rating numeric, best numeric, best_on date, points numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH day AS (
        SELECT d.today, d.today - alert_parameter('score_drop', 'days')::integer AS before FROM (SELECT coalesce(score_drops.as_of, business_date()) AS today) d
    ), kept AS (        -- each holds until the next one; beside each the newest
        SELECT s.customer_id, s.model_id, s.rating, s.score_id, s.as_of, lead(s.as_of) OVER (PARTITION BY s.customer_id ORDER BY s.score_id) AS until,
               first_value(s.score_id) OVER w AS newest, first_value(s.model_id) OVER w AS newest_model, first_value(s.rating) OVER w AS newest_rating
        FROM unnest(coalesce(score_drops.customer_ids, ARRAY(SELECT a.customer_id FROM credit_account a))) i (customer_id)
        JOIN customer_score s USING (customer_id) CROSS JOIN day d
        WHERE s.role = 'champion' AND s.rating IS NOT NULL AND s.as_of <= d.today AND s.recorded_at <= score_drops.known_at
        WINDOW w AS (PARTITION BY s.customer_id ORDER BY s.score_id DESC)
    )
    SELECT DISTINCT ON (k.customer_id) k.customer_id, k.newest, m.model || '_v' || m.version, k.newest_rating, k.rating, k.as_of, k.rating - k.newest_rating
    FROM kept k JOIN score_model m USING (model_id) CROSS JOIN day d
    WHERE k.model_id = k.newest_model AND k.rating > k.newest_rating AND k.until > d.before
    ORDER BY k.customer_id, k.rating DESC, k.score_id DESC
$$;
COMMENT ON FUNCTION score_drops(bigint[], date, timestamptz) IS
'How far the last score of these customers (NULL = all) is below the best one that was in force in the days of alert_rule (score_drop, days) before a day (NULL = business date), as known at an instant: rating now and then, on the common scale, the day of the best and the points between. Only scores of the same version of a model are compared, of the champion; who has no better one in these days has no row.';

CREATE FUNCTION score_alerts(customer_ids bigint[]) RETURNS SETOF due_alert
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT d.customer_id, 'score_drop', '', NULL,
           format('Score %s is %s points below %s of %s (%s)', trim_scale(d.rating), trim_scale(d.points), trim_scale(d.best), to_char(d.best_on, 'YYYY-MM-DD'), d.model),
           format('Score de %s, %s points sous celui de %s du %s (%s)', trim_scale(d.rating), trim_scale(d.points), trim_scale(d.best), to_char(d.best_on, 'YYYY-MM-DD'), d.model),
           jsonb_build_object('rating', d.rating, 'best', d.best, 'best_on', d.best_on, 'points', d.points, 'model', d.model)
    FROM score_drops(customer_ids) d
    WHERE d.points >= alert_parameter('score_drop', 'points')
    UNION ALL
    -- What an alert that was closed has told already is no news.
    SELECT w.customer_id, 'class_downgrade', w.key, CASE WHEN w.now > p.amber_to THEN 'critical' END,
           format('Class %s in place of class %s', w.now, w.former), format('Classe %s au lieu de %s', w.now, w.former),
           jsonb_build_object('risk_class', w.now, 'former_class', w.former, 'event', w.event)
    FROM (SELECT x.customer_id, x.event, CASE WHEN x.open THEN x.key ELSE x.event::text END AS key, coalesce(x.former, x.best) AS former,
                 coalesce(x.risk_class, CASE WHEN x.open THEN x.told END) AS now
          FROM (SELECT c.customer_id, c.risk_class, a.open, a.key, a.told, CASE WHEN a.open THEN a.former END AS former, min(e.before) AS best,
                       greatest(max(e.customer_event_id), a.seen) AS event
                FROM unnest(coalesce(score_alerts.customer_ids, ARRAY(SELECT q.customer_id FROM customer q))) i (customer_id) JOIN customer c USING (customer_id)
                LEFT JOIN LATERAL (SELECT n.closed_on IS NULL AS open, n.key, n.figures->>'former_class' AS former, n.figures->>'risk_class' AS told,
                                          (n.figures->>'event')::bigint AS seen
                                   FROM alert n WHERE n.customer_id = c.customer_id AND n.kind = 'class_downgrade' ORDER BY n.alert_id DESC LIMIT 1) a ON true
                LEFT JOIN customer_event e ON e.customer_id = c.customer_id AND e.event = 'risk_class' AND e.customer_event_id > coalesce(a.seen, 0)
                                          AND e.occurred_on > business_date() - alert_parameter('class_downgrade', 'days')::integer
                GROUP BY c.customer_id, c.risk_class, a.open, a.key, a.told, a.former, a.seen) x) w
    CROSS JOIN class_policy p
    WHERE w.now > w.former
$$;
COMMENT ON FUNCTION score_alerts(bigint[]) IS
'The alerts that scores and classes of these customers (NULL = all) ask for today. score_drop, lasting: the last score is as many points below the best of the last days as alert_rule says. class_downgrade, an event: the class in force is worse than the best one before it since the last alert of the kind that was closed, in the days of alert_rule; while one is open it stays what it was raised for, until the former class is reached again, and it is critical where the class shows red (class_policy). A better class or score alerts nobody; a class that is missing is neither a fall nor the end of one.';

-- Rules of the watch list -------------------------------------------------------------------

CREATE TABLE watch_rule (
    rule                text PRIMARY KEY CHECK (rule ~ '^[a-z][a-z0-9_]*$'),
    from_class          text CHECK (from_class ~ '^[A-Z]$'),
    score_drop          numeric CHECK (score_drop > 0 AND score_drop <= 100),
    alert_kind          text REFERENCES alert_kind ON UPDATE RESTRICT ON DELETE RESTRICT,
    alert_severity      text CHECK (alert_severity IN ('info', 'warning', 'critical')),
    min_exposure        numeric NOT NULL DEFAULT 1000 CHECK (min_exposure >= 0 AND min_exposure < 1e18),
    days_between_scores integer CHECK (days_between_scores BETWEEN 1 AND 366),
    active              boolean NOT NULL DEFAULT true,
    name_en             text NOT NULL CHECK (name_en <> ''),
    name_fr             text NOT NULL CHECK (name_fr <> ''),
    CONSTRAINT watch_rule_asks_for_something CHECK (num_nonnulls(from_class, score_drop, alert_kind, alert_severity) > 0 OR min_exposure > 0)
);
COMMENT ON TABLE watch_rule IS 'Rules of the watch list (règles de mise sous surveillance): a paying customer for whom all that a rule asks for holds is on the list, and leaves it when no rule holds any more. Yours to change; the next watch_scores() goes by them.';
COMMENT ON COLUMN watch_rule.rule IS 'Name, in small letters.';
COMMENT ON COLUMN watch_rule.from_class IS 'Asks for this class in force or a worse one; who has none is judged as class C. NULL = any.';
COMMENT ON COLUMN watch_rule.score_drop IS 'Asks for a score so many points below the best of the last days (score_drops). NULL = any.';
COMMENT ON COLUMN watch_rule.alert_kind IS 'Asks for an open alert of this kind on the customer or one of its sites. NULL = of any kind, if alert_severity asks for one.';
COMMENT ON COLUMN watch_rule.alert_severity IS 'Asks for an open alert at least so severe, of alert_kind where that is given. NULL = however severe.';
COMMENT ON COLUMN watch_rule.min_exposure IS 'Asks for such an exposure, base currency; 0 = any.';
COMMENT ON COLUMN watch_rule.days_between_scores IS 'Who is on the list by it is scored anew after so many days (fréquence de surveillance); NULL = as everybody.';
COMMENT ON COLUMN watch_rule.active IS 'false: it asks for nobody.';
COMMENT ON COLUMN watch_rule.name_en IS 'In words, English: the reason shown in the list.';
COMMENT ON COLUMN watch_rule.name_fr IS 'In words, French.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON watch_rule
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO watch_rule (rule, from_class, alert_severity, days_between_scores, name_en, name_fr) VALUES
    ('high_risk',      'D',  NULL,       7, 'Class of high risk', 'Classe à risque élevé'),
    ('critical_alert', NULL, 'critical', 7, 'Open critical alert', 'Alerte critique en cours');
ALTER TABLE watch_list ADD FOREIGN KEY (rule) REFERENCES watch_rule ON UPDATE RESTRICT ON DELETE RESTRICT;

CREATE FUNCTION watch_due(customer_ids bigint[])
RETURNS TABLE (customer_id bigint, rule text, reason text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH asked AS (
        SELECT q.customer_id, max(q.exposure) AS exposure, max(q.risk_class) AS risk_class, max(q.points) AS points
        FROM (SELECT a.customer_id, a.exposure, c.risk_class, NULL::numeric AS points
              FROM unnest(coalesce(watch_due.customer_ids, ARRAY(SELECT t.customer_id FROM credit_account t))) i (customer_id)
              JOIN credit_account a USING (customer_id) JOIN customer c USING (customer_id)
              UNION ALL
              SELECT d.customer_id, NULL, NULL, d.points FROM score_drops(watch_due.customer_ids) d
              WHERE EXISTS (SELECT FROM watch_rule f WHERE f.active AND f.score_drop IS NOT NULL)) q
        GROUP BY q.customer_id
    )
    SELECT DISTINCT ON (a.customer_id) a.customer_id, r.rule,
           format('%s (class %s, exposure %s)', r.name_en, coalesce(a.risk_class, 'none'), trim_scale(a.exposure))
    FROM watch_rule r
    JOIN asked a ON a.exposure >= r.min_exposure AND (r.from_class IS NULL OR class_rank(a.risk_class) >= class_rank(r.from_class))
                AND (r.score_drop IS NULL OR a.points >= r.score_drop)
    LEFT JOIN LATERAL (SELECT l.rule FROM watch_list l WHERE l.customer_id = a.customer_id AND l.rule = r.rule AND l.closed_on IS NULL) w ON true
    WHERE r.active
      AND (num_nonnulls(r.alert_kind, r.alert_severity) = 0
           OR EXISTS (SELECT FROM (SELECT a.customer_id UNION ALL SELECT s.customer_id FROM customer s WHERE s.payer_id = a.customer_id) p
                      JOIN alert n ON n.customer_id = p.customer_id AND n.closed_on IS NULL
                      WHERE (r.alert_kind IS NULL OR n.kind = r.alert_kind)
                        AND (r.alert_severity IS NULL OR array_position('{info,warning,critical}', n.severity) >= array_position('{info,warning,critical}', r.alert_severity))))
    ORDER BY a.customer_id, r.days_between_scores NULLS LAST, w.rule, r.rule     -- the one that has it there stays
$$;
COMMENT ON FUNCTION watch_due(bigint[]) IS
'Which of these customers (NULL = all) the rules want on the watch list now, each with the rule that has it there (of several the one that scores most often, then the one that has it there already, then by name) and the reason in words.';

CREATE FUNCTION settle_watch_list(customer_ids bigint[], leave boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
    gone bigint := 0;
    come bigint;
BEGIN
    IF leave THEN
        UPDATE watch_list w
        SET closed_on = greatest(today, w.opened_on),
            outcome = CASE WHEN x.due IS NOT NULL THEN format('rule "%s" goes before it', x.due)
                           WHEN a.customer_id IS NULL THEN 'no longer a payer'
                           WHEN NOT r.active THEN format('rule "%s" is not active any more', w.rule)
                           ELSE format('no rule holds any more (class %s, exposure %s)', coalesce(c.risk_class, 'none'), trim_scale(a.exposure)) END
        FROM watch_rule r, customer c LEFT JOIN credit_account a USING (customer_id)
        LEFT JOIN watch_due(settle_watch_list.customer_ids) d USING (customer_id)
        CROSS JOIN LATERAL (SELECT d.rule AS due) x
        WHERE w.customer_id = ANY (settle_watch_list.customer_ids) AND w.closed_on IS NULL AND r.rule = w.rule AND c.customer_id = w.customer_id AND x.due IS DISTINCT FROM w.rule;
        GET DIAGNOSTICS gone = ROW_COUNT;
    END IF;
    INSERT INTO watch_list (customer_id, rule, reason, opened_on)
    SELECT d.customer_id, d.rule, d.reason, today
    FROM watch_due(customer_ids) d
    WHERE NOT EXISTS (SELECT FROM watch_list w WHERE w.customer_id = d.customer_id AND w.rule IS NOT NULL AND w.closed_on IS NULL)
    ORDER BY d.customer_id
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS come = ROW_COUNT;
    RETURN gone + come;
END $$;
COMMENT ON FUNCTION settle_watch_list(bigint[], boolean) IS
'Puts those of these customers on the watch list for whom a rule holds and, unless leave is false, takes off those for whom their rule does not hold any more or another one goes before it; what a person put there stays. The caller has locked the accounts: who was here with a group''s member only would wait for its head the wrong way round. Returns how many entries were opened and closed. Runs as the owner: the list is nobody''s to write.';

CREATE FUNCTION settle_score_watch(customer_ids bigint[], leave boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    due due_alert[];
    ended bigint;
    told bigint;
BEGIN
    PERFORM lock_accounts(ARRAY(SELECT coalesce(c.payer_id, c.customer_id) FROM customer c WHERE c.customer_id = ANY (customer_ids)));
    PERFORM FROM alert a WHERE a.customer_id = ANY (customer_ids) AND a.kind = 'class_downgrade' AND a.closed_on IS NULL
    ORDER BY a.customer_id, a.alert_id FOR NO KEY UPDATE;       -- 40001 where one was acknowledged that this snapshot has open
    due := ARRAY(SELECT d FROM score_alerts(customer_ids) d);
    -- An event is closed by who acknowledges it; this one also when it is undone.
    UPDATE alert a SET closed_on = greatest(business_date(), a.opened_on)
    WHERE a.customer_id = ANY (customer_ids) AND a.kind = 'class_downgrade' AND a.closed_on IS NULL
      AND NOT EXISTS (SELECT FROM unnest(due) d WHERE d.customer_id = a.customer_id AND d.kind = a.kind AND d.key = a.key);
    GET DIAGNOSTICS ended = ROW_COUNT;
    UPDATE alert a SET severity = coalesce(d.severity, k.severity), message_en = d.message_en, message_fr = d.message_fr, figures = d.figures
    FROM unnest(due) d JOIN alert_kind k USING (kind)
    WHERE a.customer_id = d.customer_id AND a.kind = 'class_downgrade' AND a.kind = d.kind AND a.key = d.key AND a.closed_on IS NULL AND a.figures <> d.figures;
    GET DIAGNOSTICS told = ROW_COUNT;
    RETURN ended + told + settle_alerts(due, '{score_drop,class_downgrade}', customer_ids) + settle_watch_list(customer_ids, leave);
END $$;
COMMENT ON FUNCTION settle_score_watch(bigint[], boolean) IS
'Brings the alerts score_drop and class_downgrade of these customers to what score_alerts() asks for, and then the watch list to what its rules ask for (leave as in settle_watch_list), under the locks of the accounts. Returns how many changed. Runs as the owner: alerts and the list are nobody''s to write.';

-- In the transaction that knows of it -----------------------------------------------------------

CREATE FUNCTION score_watched() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    scored bigint[] := (SELECT array_agg(DISTINCT n.customer_id) FROM new_rows n WHERE n.role = 'champion');
BEGIN
    IF scored IS NOT NULL THEN
        PERFORM settle_score_watch(scored, false);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION score_watched() IS
'Trigger of customer_score, after the class was settled: a score that fell is told at once, and the customer is on the watch list where a rule asks for it; it leaves the list with the night. Runs as the owner: who posts what leads to a score has no right on alerts.';
CREATE TRIGGER credit_risk_watch AFTER INSERT ON customer_score
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION score_watched();

-- The last of the triggers of customer, by its name: those before it lock
-- strategies and accounts, in this order.
CREATE FUNCTION class_watched() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    changed bigint[] := (SELECT array_agg(n.customer_id) FROM new_rows n JOIN old_rows o USING (customer_id) WHERE n.risk_class IS DISTINCT FROM o.risk_class);
BEGIN
    IF changed IS NOT NULL THEN
        PERFORM settle_score_watch(changed, false);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION class_watched() IS
'Trigger of customer: a class in force that became worse is told at once, whether the score or a person gave it, one that is what it was ends the alert. Runs as the owner, as score_watched().';
CREATE TRIGGER credit_risk_watched AFTER UPDATE ON customer
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION class_watched();

CREATE FUNCTION alert_watched() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF EXISTS (SELECT FROM watch_rule r WHERE r.active AND num_nonnulls(r.alert_kind, r.alert_severity) > 0) THEN
        PERFORM settle_watch_list(ARRAY(SELECT DISTINCT coalesce(c.payer_id, c.customer_id) FROM new_rows n JOIN customer c USING (customer_id)), false);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION alert_watched() IS
'Trigger of alert: an alert that a rule of the watch list asks for puts the customer, for a site its payer, on the list at once, under the lock that who raises alerts has. Runs as the owner, as settle_watch_list().';
CREATE TRIGGER credit_risk_watch AFTER INSERT ON alert
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION alert_watched();

-- What nobody posts: days go by, exposures move, rules and thresholds change.
CREATE FUNCTION watch_scores(max_customers integer DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    customers bigint[];
    changed bigint;
BEGIN
    -- As settle_score_watch() acts: whom it leaves as he is, is not looked at.
    WITH due AS MATERIALIZED (
        SELECT d.* FROM score_alerts(NULL) d
    ), known AS MATERIALIZED (
        SELECT a.customer_id, a.kind, a.key, a.figures FROM alert a WHERE a.kind IN ('score_drop', 'class_downgrade') AND a.closed_on IS NULL
    ), listed AS MATERIALIZED (
        SELECT w.customer_id, w.rule FROM watch_list w WHERE w.rule IS NOT NULL AND w.closed_on IS NULL
    ), looked_at AS (
        SELECT coalesce(d.customer_id, k.customer_id) AS customer_id
        FROM due d FULL JOIN known k ON (k.customer_id, k.kind, k.key) = (d.customer_id, d.kind, d.key)
        JOIN alert_kind t ON t.kind = coalesce(d.kind, k.kind)
        JOIN customer c ON c.customer_id = coalesce(d.customer_id, k.customer_id)
        LEFT JOIN credit_account a ON a.customer_id = coalesce(c.payer_id, c.customer_id)
        WHERE CASE WHEN k.customer_id IS NOT NULL THEN (t.lasting OR t.kind = 'class_downgrade') AND (d.customer_id IS NULL OR k.figures <> d.figures)
                   ELSE t.active AND (t.min_exposure = 0 OR a.exposure >= t.min_exposure)
                        AND (t.lasting OR NOT EXISTS (SELECT FROM alert o WHERE o.customer_id = d.customer_id AND o.kind = d.kind AND o.key = d.key)) END
        UNION
        SELECT coalesce(w.customer_id, l.customer_id)
        FROM watch_due(NULL) w FULL JOIN listed l USING (customer_id)
        WHERE w.rule IS DISTINCT FROM l.rule
        ORDER BY 1 LIMIT max_customers
    )
    SELECT array_agg(l.customer_id) INTO customers FROM looked_at l;
    changed := CASE WHEN customers IS NOT NULL THEN settle_score_watch(customers) ELSE 0 END;
    RETURN CASE WHEN changed > 0 THEN cardinality(customers) ELSE 0 END;
END $$;
COMMENT ON FUNCTION watch_scores(integer) IS
'The nightly watch on scores and classes: falls that the window has passed by are closed, what has reached the least exposure is told, and customers enter and leave the watch list as its rules say; thresholds and rules count as they are now. At most max_customers (NULL = all); returns how many had something, so 0 = nothing is left. Needs no scores for what rests on classes, alerts and exposure. Who is listed is scored by score_due() as often as the rule says. Runs as the owner, as settle_score_watch().';
