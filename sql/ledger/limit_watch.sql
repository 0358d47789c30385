-- The watch on limits: how far they are used, which have expired, and the
-- customers that somebody keeps an eye on.

CREATE TABLE utilization_threshold (
    threshold_pct integer PRIMARY KEY CHECK (threshold_pct BETWEEN 50 AND 100) CHECK (threshold_pct % 5 = 0),
    severity      text NOT NULL DEFAULT 'warning' CHECK (severity IN ('info', 'warning', 'critical')),
    raises_alert  boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE utilization_threshold IS 'Thresholds of the utilisation of limits (seuils d''utilisation du plafond). Those below 100 count when reached, 100 when exceeded: a limit that is used to its last euro is kept. After a change here watch_limits() brings the alerts up to date.';
COMMENT ON COLUMN utilization_threshold.threshold_pct IS 'Exposure in percent of the limit: 50 to 100 in steps of 5.';
COMMENT ON COLUMN utilization_threshold.severity IS 'info, warning or critical.';
COMMENT ON COLUMN utilization_threshold.raises_alert IS 'true: an alert is open while it is reached. false: it only shows in limit_utilization.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON utilization_threshold
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO utilization_threshold (threshold_pct, severity, raises_alert)
VALUES (50, 'info', false), (70, 'info', false), (90, 'warning', true), (100, 'critical', true);
INSERT INTO alert_kind (kind, severity, min_exposure, lasting, days_ahead, name_en, name_fr) VALUES
    ('utilization', 'warning', 0, true, NULL, 'A limit is used up to a threshold', 'Seuil d''utilisation du plafond atteint'),
    ('limit_exceeded', 'critical', 0, true, NULL, 'The exposure is beyond the limit', 'Dépassement d''encours'),
    ('limit_expiring', 'info', 1000, true, 15, 'A limit will expire', 'Plafond bientôt échu'),
    ('limit_expired', 'warning', 1000, false, NULL, 'A limit has expired', 'Plafond échu');

CREATE VIEW limit_utilization AS
SELECT a.customer_id, c.code, c.name, v.level, v.exposure, v.credit_limit,
       CASE WHEN v.credit_limit > 0 THEN round(100 * v.exposure / v.credit_limit, 2) END AS utilization_pct, t.threshold_pct, t.severity
FROM credit_account a JOIN customer c USING (customer_id)
-- the copy on the account, or the limit read again where the copy has run out
CROSS JOIN LATERAL (SELECT a.credit_limit, a.group_limit
                    WHERE (SELECT business_date()) BETWEEN coalesce(a.limit_since, '-infinity') AND coalesce(a.limit_until, 'infinity')
                    UNION ALL
                    SELECT i.credit_limit, i.group_limit FROM limit_in_force(a.customer_id, (SELECT business_date())) i
                    WHERE NOT (SELECT business_date()) BETWEEN coalesce(a.limit_since, '-infinity') AND coalesce(a.limit_until, 'infinity')) f
CROSS JOIN LATERAL (VALUES ('customer', a.exposure, f.credit_limit), ('group', a.group_exposure, f.group_limit)) v (level, exposure, credit_limit)
LEFT JOIN LATERAL (SELECT u.threshold_pct, u.severity FROM utilization_threshold u
                   WHERE v.exposure * 100 >= u.threshold_pct * v.credit_limit
                     AND v.exposure > CASE WHEN u.threshold_pct < 100 THEN 0 ELSE v.credit_limit END
                   ORDER BY u.threshold_pct DESC LIMIT 1) t ON true
WHERE v.credit_limit IS NOT NULL;
COMMENT ON VIEW limit_utilization IS
'How far decided limits are used today (taux d''utilisation), base currency: level customer with its own exposure, level group with that of the customer and all below it. threshold_pct is the highest threshold reached, NULL if none; utilization_pct is NULL for a limit of 0.';

-- A limit ends when nothing carries it on the next day: it falls back.
CREATE VIEW limit_expiry AS
SELECT l.customer_id, c.code, c.name, l.credit_limit_id, l.level, l.kind, l.amount, l.currency, l.amount_base, l.valid_to,
       l.valid_to - (SELECT business_date()) AS days_left, n.kind AS next_kind, n.amount AS next_amount, n.currency AS next_currency
FROM credit_limit l JOIN customer c USING (customer_id)
JOIN LATERAL (SELECT k.credit_limit_id FROM credit_limit k
              WHERE k.customer_id = l.customer_id AND k.level = l.level AND l.valid_to BETWEEN k.valid_from AND coalesce(k.valid_to, 'infinity')
              ORDER BY array_position('{temporary,base,trial}', k.kind), k.credit_limit_id DESC LIMIT 1) h USING (credit_limit_id)
LEFT JOIN LATERAL (SELECT k.kind, k.amount, k.currency, k.valid_from FROM credit_limit k
                   WHERE k.customer_id = l.customer_id AND k.level = l.level AND l.valid_to + 1 BETWEEN k.valid_from AND coalesce(k.valid_to, 'infinity')
                   ORDER BY array_position('{temporary,base,trial}', k.kind), k.credit_limit_id DESC LIMIT 1) n ON true
WHERE l.valid_to IS NOT NULL AND coalesce(n.valid_from <= l.valid_to, true)
  AND NOT EXISTS (SELECT FROM credit_limit d
                  WHERE d.customer_id = l.customer_id AND d.level = l.level AND d.valid_from > l.valid_to AND d.valid_from <= (SELECT business_date()));
COMMENT ON VIEW limit_expiry IS
'Limits that end without another one beginning the next day, those to come and those gone by after which nothing was decided (échéances de plafonds): days_left on the business date, negative = expired, and what holds after it: next_kind NULL = none decided, next_amount NULL with a kind = unlimited.';

-- What should be open of the four kinds above.
CREATE VIEW limit_alert AS
SELECT a.customer_id, a.kind, a.key, coalesce(a.severity, k.severity) AS severity, k.department, k.lasting, a.recent, a.exposure,
       a.message_en, a.message_fr, a.figures
FROM (SELECT u.customer_id, CASE WHEN t.threshold_pct < 100 THEN 'utilization' ELSE 'limit_exceeded' END AS kind,
             concat_ws(' ', CASE u.level WHEN 'group' THEN 'group' END, CASE WHEN t.threshold_pct < 100 THEN t.threshold_pct END) AS key,
             t.severity, u.exposure, true AS recent,
             CASE u.level WHEN 'group' THEN 'Group: ' ELSE '' END ||
             CASE WHEN t.threshold_pct < 100 THEN format('exposure %s %s reaches %s %% of the limit of %s %s', trim_scale(u.exposure), g.base_currency, t.threshold_pct, trim_scale(u.credit_limit), g.base_currency)
                  ELSE format('exposure %s %s exceeds the limit of %s %s by %s %s', trim_scale(u.exposure), g.base_currency,
                              trim_scale(u.credit_limit), g.base_currency, trim_scale(u.exposure - u.credit_limit), g.base_currency) END AS message_en,
             CASE u.level WHEN 'group' THEN 'Groupe : ' ELSE '' END ||
             CASE WHEN t.threshold_pct < 100 THEN format('encours de %s %s, seuil de %s %% du plafond de %s %s atteint', trim_scale(u.exposure), g.base_currency, t.threshold_pct, trim_scale(u.credit_limit), g.base_currency)
                  ELSE format('encours de %s %s, plafond de %s %s dépassé de %s %s', trim_scale(u.exposure), g.base_currency,
                              trim_scale(u.credit_limit), g.base_currency, trim_scale(u.exposure - u.credit_limit), g.base_currency) END AS message_fr,
             jsonb_build_object('level', u.level, 'exposure', u.exposure, 'credit_limit', u.credit_limit, 'utilization_pct', u.utilization_pct,
                                'threshold_pct', t.threshold_pct) ||
             CASE WHEN t.threshold_pct < 100 THEN '{}'::jsonb ELSE jsonb_build_object('excess', u.exposure - u.credit_limit) END AS figures
      FROM limit_utilization u CROSS JOIN ledger g
      JOIN utilization_threshold t ON t.raises_alert AND t.threshold_pct <= u.threshold_pct
      UNION ALL
      SELECT x.customer_id, CASE WHEN x.days_left < 0 THEN 'limit_expired' ELSE 'limit_expiring' END, x.credit_limit_id::text, NULL::text AS severity, a.exposure, x.days_left >= -30,
             format('%s limit of %s %s on %s; then %s', initcap(x.kind), coalesce(trim_scale(x.amount) || ' ' || x.currency, 'any amount'),
                    CASE WHEN x.days_left < 0 THEN 'ended' ELSE 'ends' END, x.valid_to,
                    CASE WHEN x.next_kind IS NULL THEN 'no limit is decided' ELSE coalesce(trim_scale(x.next_amount) || ' ' || x.next_currency, 'unlimited') END),
             format('Plafond %s de %s, %s le %s ; ensuite %s', CASE x.kind WHEN 'temporary' THEN 'temporaire' WHEN 'trial' THEN 'd''essai' ELSE 'de base' END,
                    coalesce(trim_scale(x.amount) || ' ' || x.currency, 'montant illimité'), CASE WHEN x.days_left < 0 THEN 'échu' ELSE 'échéance' END, x.valid_to,
                    CASE WHEN x.next_kind IS NULL THEN 'aucun plafond décidé' ELSE coalesce(trim_scale(x.next_amount) || ' ' || x.next_currency, 'illimité') END),
             jsonb_build_object('level', x.level, 'credit_limit_id', x.credit_limit_id, 'kind', x.kind, 'amount', x.amount, 'currency', x.currency,
                                'valid_to', x.valid_to, 'next_amount', x.next_amount)
      FROM limit_expiry x JOIN credit_account a USING (customer_id)
      WHERE x.days_left < 0 OR x.days_left <= (SELECT e.days_ahead FROM alert_kind e WHERE e.kind = 'limit_expiring')) a
JOIN alert_kind k USING (kind)
WHERE k.active AND a.exposure >= k.min_exposure;
COMMENT ON VIEW limit_alert IS
'The alerts that the limits of today ask for: of each threshold reached, of an excess, of limits about to expire or expired. settle_limit_alerts() opens and closes them by it; recent false: expired for more than 30 days, which is not news. lasting as in alert_kind.';

CREATE FUNCTION settle_limit_alerts(customer_ids bigint[], excess_kind text DEFAULT 'passive') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    today date := business_date();
    changed bigint;
BEGIN
    WITH due AS MATERIALIZED (
        SELECT d.* FROM limit_alert d WHERE d.customer_id = ANY (customer_ids)
    ), ended AS (
        UPDATE alert a SET closed_on = greatest(today, a.opened_on)
        WHERE a.customer_id = ANY (customer_ids) AND a.closed_on IS NULL AND a.kind IN ('utilization', 'limit_exceeded', 'limit_expiring', 'limit_expired')
          AND (a.customer_id, a.kind, a.key) NOT IN (SELECT d.customer_id, d.kind, d.key FROM due d)
        RETURNING a.alert_id
    ), raised AS (
        INSERT INTO alert (customer_id, kind, key, severity, message_en, message_fr, figures, department, opened_on)
        SELECT d.customer_id, d.kind, d.key, d.severity, d.message_en || w.en, d.message_fr || w.fr, d.figures || w.figure, d.department, today
        FROM due d
        CROSS JOIN LATERAL (SELECT CASE WHEN d.kind = 'limit_exceeded' THEN format(' (%s excess)', excess_kind) ELSE '' END AS en,
                                   CASE WHEN d.kind <> 'limit_exceeded' THEN '' WHEN excess_kind = 'active' THEN ' (dépassement actif)' ELSE ' (dépassement passif)' END AS fr,
                                   CASE WHEN d.kind = 'limit_exceeded' THEN jsonb_build_object('excess_kind', excess_kind) ELSE '{}' END AS figure) w
        WHERE d.recent
          AND (d.customer_id, d.kind, d.key) NOT IN (SELECT x.customer_id, x.kind, x.key FROM alert x
                                                     WHERE x.customer_id = ANY (customer_ids) AND (x.closed_on IS NULL OR x.kind = 'limit_expired'))
        ORDER BY d.customer_id, d.kind, d.key
        RETURNING alert_id
    )
    SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM raised) INTO changed;
    RETURN changed;
END $$;
COMMENT ON FUNCTION settle_limit_alerts(bigint[], text) IS
'Opens and closes the alerts on limits of these customers, whose accounts the caller has locked, as limit_alert says. excess_kind: active (dépassement actif: an order went beyond the limit, by an override or because the ledger lets it) or passive (dépassement passif: the limit was cut or expired, or the exposure grew without an order). Returns how many changed. Runs as the owner: alerts are nobody''s to write.';

-- In the transaction that crosses, at its COMMIT: an order that was tried and
-- held has come and gone by then. Every posting comes here, so what it did is
-- compared first, by the steps of 5 % that a threshold can have; a WHEN clause
-- would be read anew for every statement and cost ten times as much.
CREATE FUNCTION utilization_crossed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    by_order boolean;
BEGIN
    IF greatest(div(20 * OLD.exposure, nullif(OLD.credit_limit, 0)), 9) = greatest(div(20 * NEW.exposure, nullif(NEW.credit_limit, 0)), 9)
       AND (OLD.exposure > OLD.credit_limit) IS NOT DISTINCT FROM (NEW.exposure > NEW.credit_limit)
       AND greatest(div(20 * OLD.group_exposure, nullif(OLD.group_limit, 0)), 9) = greatest(div(20 * NEW.group_exposure, nullif(NEW.group_limit, 0)), 9)
       AND (OLD.group_exposure > OLD.group_limit) IS NOT DISTINCT FROM (NEW.group_exposure > NEW.group_limit) THEN
        RETURN NULL;
    END IF;
    by_order := NEW.open_orders > OLD.open_orders;
    IF NOT by_order AND NEW.group_exposure - NEW.exposure > OLD.group_exposure - OLD.exposure THEN     -- a member's: its last event of this transaction
        SELECT coalesce(bool_or(e.open_amount_base > 0 AND e.recorded_at >= transaction_timestamp()), false) INTO by_order
        FROM credit_account m
        CROSS JOIN LATERAL (SELECT v.open_amount_base, v.recorded_at FROM order_event v WHERE v.customer_id = m.customer_id ORDER BY v.order_event_id DESC LIMIT 1) e
        WHERE NEW.customer_id = ANY (m.group_path) AND m.customer_id <> NEW.customer_id;
    END IF;
    PERFORM settle_limit_alerts(ARRAY[NEW.customer_id],
        CASE WHEN by_order AND (NEW.credit_limit, NEW.group_limit) IS NOT DISTINCT FROM (OLD.credit_limit, OLD.group_limit) THEN 'active' ELSE 'passive' END);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION utilization_crossed() IS
'Deferred trigger of credit_account: where the utilisation of a limit has crossed a step it opens and closes the alerts by the account as it is at COMMIT, under the lock that the transaction has. Runs as the owner: who posts need not see alerts.';
CREATE CONSTRAINT TRIGGER credit_risk_utilization AFTER UPDATE ON credit_account DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION utilization_crossed();

-- A decision on a limit ends the alert on the one before, whatever it changes.
CREATE FUNCTION limit_decision_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM settle_limit_alerts(ARRAY(SELECT DISTINCT n.customer_id FROM new_rows n));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION limit_decision_settled() IS
'Trigger of credit_limit, after the limit was copied to the account and under its lock: a cut below the exposure raises its alert at once, a new decision ends that of an expired limit. Runs as the owner, as settle_limit_alerts().';
CREATE TRIGGER credit_risk_limit_alert AFTER INSERT ON credit_limit
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION limit_decision_settled();

-- Customers that somebody keeps an eye on, or that a rule has us keep one on
-- (score_watch.sql).
CREATE TABLE watch_list (
    customer_id bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    watch_id    bigint GENERATED BY DEFAULT AS IDENTITY,
    reason      text NOT NULL CHECK (reason <> ''),
    rule        text,
    until       date CHECK (isfinite(until)),
    opened_on   date NOT NULL CHECK (isfinite(opened_on)),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT credit_risk.acting_role(),
    outcome     text CHECK (outcome <> ''),
    closed_on   date CONSTRAINT watch_closed_after_opened CHECK (closed_on >= opened_on),
    closed_at   timestamptz,
    closed_by   text,
    PRIMARY KEY (customer_id, watch_id),
    CONSTRAINT watch_ends_after_it_begins CHECK (until >= opened_on),
    CONSTRAINT watch_closed_with_an_outcome CHECK ((outcome IS NULL) = (closed_on IS NULL))
);
CREATE UNIQUE INDEX watch_list_open ON watch_list (customer_id, (rule IS NOT NULL)) WHERE closed_on IS NULL;

COMMENT ON TABLE watch_list IS 'Cases: customers on the watch list (clients sous surveillance), once at a time by a person and once by a rule.';
COMMENT ON COLUMN watch_list.customer_id IS 'The customer.';
COMMENT ON COLUMN watch_list.watch_id IS 'Key.';
COMMENT ON COLUMN watch_list.reason IS 'Why.';
COMMENT ON COLUMN watch_list.rule IS 'The rule that put it there and takes it off (watch_rule); NULL = a person, and no rule takes it off.';
COMMENT ON COLUMN watch_list.until IS 'Last day; the nightly run takes it off the list after it. NULL = until somebody does.';
COMMENT ON COLUMN watch_list.opened_on IS 'Business date since which it is on the list.';
COMMENT ON COLUMN watch_list.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN watch_list.recorded_by IS 'Role that put it there, or whose act made a rule hold; written by the ledger.';
COMMENT ON COLUMN watch_list.outcome IS 'Why it was taken off: expired, what the person said, or what the rule missed; NULL = on the list.';
COMMENT ON COLUMN watch_list.closed_on IS 'Business date on which it was taken off; NULL = on the list.';
COMMENT ON COLUMN watch_list.closed_at IS 'When that was recorded; written by the ledger.';
COMMENT ON COLUMN watch_list.closed_by IS 'Role that took it off; written by the ledger.';
CREATE TRIGGER credit_risk_case BEFORE INSERT OR UPDATE OR DELETE ON watch_list
FOR EACH ROW EXECUTE FUNCTION keep_case('until,outcome');
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON watch_list
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION watch_customer(customer_id bigint, reason text, until date DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    watched bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = watch_customer.customer_id) THEN
        RAISE EXCEPTION 'customer % does not exist', coalesce(watch_customer.customer_id::text, 'NULL') USING ERRCODE = 'CR004';
    END IF;
    INSERT INTO watch_list AS w (customer_id, reason, until, opened_on)
    VALUES (watch_customer.customer_id, watch_customer.reason, watch_customer.until, business_date())
    ON CONFLICT DO NOTHING
    RETURNING w.watch_id INTO watched;
    IF watched IS NULL THEN
        RAISE EXCEPTION 'customer % is on the watch list already', watch_customer.customer_id
            USING ERRCODE = 'CR012', DETAIL = (SELECT format('Since %s: %s.', w.opened_on, w.reason) FROM watch_list w
                                               WHERE w.customer_id = watch_customer.customer_id AND w.rule IS NULL AND w.closed_on IS NULL),
                  HINT = 'unwatch_customer() takes it off.';
    END IF;
    RETURN watched;
END $$;
COMMENT ON FUNCTION watch_customer(bigint, text, date) IS
'Puts a customer on the watch list (mise sous surveillance) from the business date, until a day or (NULL) until somebody takes it off. Returns the id. CR004 for an unknown customer, CR012 if a person put it there already (a rule''s entry beside it is no matter), 23502 or 23514 without a reason or for a day gone by. Runs as the owner: who was granted it keeps the list.';

CREATE FUNCTION unwatch_customer(customer_id bigint, outcome text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    watched bigint;
    by_rule text;
BEGIN
    UPDATE watch_list w SET closed_on = greatest(business_date(), w.opened_on), outcome = unwatch_customer.outcome
    WHERE w.customer_id = unwatch_customer.customer_id AND w.rule IS NULL AND w.closed_on IS NULL
    RETURNING w.watch_id INTO watched;
    IF watched IS NULL THEN
        SELECT w.rule INTO by_rule FROM watch_list w WHERE w.customer_id = unwatch_customer.customer_id AND w.closed_on IS NULL;
        RAISE EXCEPTION 'customer % is not on the watch list%', coalesce(unwatch_customer.customer_id::text, 'NULL'), CASE WHEN by_rule IS NOT NULL THEN ' by a person' ELSE '' END
            USING ERRCODE = 'CR012', DETAIL = coalesce(format('Rule "%s" has it there.', by_rule), ''),
                  HINT = CASE WHEN by_rule IS NOT NULL THEN 'It leaves when the rule does not hold any more; watch_rule has the rules.' ELSE 'watched_customer lists those that are.' END;
    END IF;
    RETURN watched;
END $$;
COMMENT ON FUNCTION unwatch_customer(bigint, text) IS
'Takes a customer off the watch list on the business date, with the reason. Returns the id. CR012 if no person put it there (what a rule put there, the rule takes off), 23514 without a reason. Runs as the owner, as watch_customer().';

CREATE VIEW watched_customer AS
SELECT w.customer_id, e.code, e.name, e.risk_class, w.opened_on AS since, w.reason, w.recorded_by AS by, w.until,
       e.exposure, e.credit_limit, e.available, e.utilization_pct,
       (SELECT count(*) FROM alert a WHERE a.customer_id = w.customer_id AND a.closed_on IS NULL) AS open_alerts, w.rule
FROM watch_list w JOIN customer c USING (customer_id) JOIN exposure e ON e.customer_id = coalesce(c.payer_id, c.customer_id)
WHERE w.closed_on IS NULL AND coalesce(w.until >= (SELECT business_date()), true);
COMMENT ON VIEW watched_customer IS
'The watch list today (liste de surveillance): since when, why, by whom, until when, and the exposure of the payer against its limit, base currency, with the open alerts; rule is the rule that has it there, NULL = a person. Who is there by both has two rows.';

-- What no posting notices: days go by.
CREATE FUNCTION watch_limits(max_customers integer DEFAULT NULL, everyone boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
    candidates bigint[];
    customers bigint[];
BEGIN
    UPDATE watch_list w SET closed_on = greatest(today, w.opened_on), outcome = 'expired' WHERE w.closed_on IS NULL AND w.until < today;
    -- Whose limit ends about now, by indexes; every other change was told when it was posted.
    candidates := CASE WHEN everyone THEN ARRAY(SELECT a.customer_id FROM credit_account a)
                       ELSE ARRAY(SELECT a.customer_id FROM credit_account a WHERE a.limit_until < today
                                  UNION SELECT l.customer_id FROM credit_limit l
                                        WHERE l.valid_to BETWEEN today - 31 AND today + (SELECT max(e.days_ahead) FROM alert_kind e WHERE e.kind = 'limit_expiring')
                                  UNION SELECT x.customer_id FROM alert x WHERE x.closed_on IS NULL AND x.kind IN ('limit_expiring', 'limit_expired')) END;
    WITH due AS MATERIALIZED (
        SELECT d.customer_id, d.kind, d.key, d.recent FROM limit_alert d WHERE d.customer_id = ANY (candidates)
    ), known AS MATERIALIZED (
        SELECT x.customer_id, x.kind, x.key, x.closed_on IS NULL AS open FROM alert x
        WHERE x.customer_id = ANY (candidates)
          AND x.kind IN ('utilization', 'limit_exceeded', 'limit_expiring', 'limit_expired') AND (x.closed_on IS NULL OR x.kind = 'limit_expired')
    ), looked_at AS (
        SELECT a.customer_id FROM credit_account a
        WHERE a.customer_id = ANY (candidates) AND NOT today BETWEEN coalesce(a.limit_since, '-infinity') AND coalesce(a.limit_until, 'infinity')
        UNION
        SELECT d.customer_id FROM due d WHERE d.recent AND (d.customer_id, d.kind, d.key) NOT IN (SELECT k.customer_id, k.kind, k.key FROM known k)
        UNION
        SELECT k.customer_id FROM known k WHERE k.open AND (k.customer_id, k.kind, k.key) NOT IN (SELECT d.customer_id, d.kind, d.key FROM due d)
        ORDER BY 1 LIMIT max_customers
    )
    SELECT array_agg(l.customer_id) INTO customers FROM looked_at l;
    PERFORM lock_accounts(customers);
    PERFORM refresh_limit(ARRAY(SELECT a.customer_id FROM credit_account a
                                WHERE a.customer_id = ANY (customers)
                                  AND NOT today BETWEEN coalesce(a.limit_since, '-infinity') AND coalesce(a.limit_until, 'infinity')));
    PERFORM settle_limit_alerts(customers);
    RETURN coalesce(cardinality(customers), 0);
END $$;
COMMENT ON FUNCTION watch_limits(integer, boolean) IS
'The nightly watch, as of the business date: copies of limits that have run out are read again, limits that expired or soon will are told, excess that comes of it is found, the watch list loses who was on it until yesterday. Reads what ends about now, by indexes; everyone => true looks at all customers, which is needed once after a change of utilization_threshold or alert_kind. At most max_customers (NULL = all); returns how many had something, so 0 = nothing is left. Runs as the owner, as settle_limit_alerts().';
