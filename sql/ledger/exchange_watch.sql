-- Excess by exchange rate: nothing was ordered, the rate moved.

INSERT INTO alert_kind (kind, severity, min_exposure, lasting, name_en, name_fr) VALUES
    ('limit_exceeded_by_rate', 'warning', 0, true, 'At today''s rates the exposure is beyond the limit', 'Dépassement passif d''encours par l''effet du change');

-- Each part of the exposure at the rate of today, against the rate that it was
-- booked at.
CREATE FUNCTION exposure_at_rate(customer_ids bigint[] DEFAULT NULL)
RETURNS TABLE (customer_id bigint, level text, exposure numeric, exposure_at_rate numeric, credit_limit numeric, limit_at_rate numeric, limit_currency text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH today AS MATERIALIZED (
        SELECT business_date() AS day, l.base_currency, l.max_rate_age, credit_risk.currency_scale(l.base_currency) AS decimals FROM ledger l
    ), quoted AS MATERIALIZED (
        SELECT DISTINCT ON (e.currency) e.currency, e.rate
        FROM exchange_rate e CROSS JOIN today t
        WHERE e.rate_on BETWEEN t.day - t.max_rate_age AND t.day AND e.currency <> t.base_currency
        ORDER BY e.currency, e.rate_on DESC
    ), held AS MATERIALIZED (       -- the limits in force
        SELECT h.* FROM (
            SELECT DISTINCT ON (l.customer_id, l.level) l.customer_id, l.level, l.currency, l.amount, l.amount_base
            FROM credit_limit l CROSS JOIN today t
            WHERE (exposure_at_rate.customer_ids IS NULL OR l.customer_id = ANY (exposure_at_rate.customer_ids))
              AND t.day BETWEEN l.valid_from AND coalesce(l.valid_to, 'infinity')
            ORDER BY l.customer_id, l.level, array_position('{temporary,base,trial}', l.kind), l.credit_limit_id DESC) h
        WHERE h.amount IS NOT NULL
    ), payer AS MATERIALIZED (      -- their customers, and who is below a group's limit
        SELECT a.customer_id, a.group_path, a.open_orders, a.unbilled, a.unapplied, a.unmatured
        FROM credit_account a JOIN (SELECT DISTINCT h.customer_id FROM held h) h USING (customer_id)
        UNION
        SELECT a.customer_id, a.group_path, a.open_orders, a.unbilled, a.unapplied, a.unmatured
        FROM credit_account a
        WHERE EXISTS (SELECT FROM held h WHERE h.level = 'group') AND a.group_path && ARRAY(SELECT h.customer_id FROM held h WHERE h.level = 'group')
    ), part AS (
        SELECT p.customer_id, i.open_amount * q.rate - i.open_amount_base AS difference
        FROM payer p CROSS JOIN LATERAL (SELECT o.* FROM open_item o WHERE o.customer_id = p.customer_id OFFSET 0) i JOIN quoted q USING (currency)
      UNION ALL
        SELECT p.customer_id, (s.open_amount_base + s.unbilled_amount_base) * (q.rate / s.rate - 1)
        FROM payer p
        CROSS JOIN LATERAL (SELECT o.* FROM sales_order o WHERE o.customer_id = p.customer_id AND (o.open_amount_base <> 0 OR o.unbilled_amount_base <> 0) OFFSET 0) s
        JOIN quoted q USING (currency) WHERE p.open_orders <> 0 OR p.unbilled <> 0
      UNION ALL     -- delivered without an order
        SELECT p.customer_id, u.unbilled_base * (q.rate / d.rate - 1)
        FROM payer p CROSS JOIN LATERAL (SELECT w.* FROM unbilled_delivery w WHERE w.customer_id = p.customer_id AND w.order_id IS NULL OFFSET 0) u
        JOIN delivery d ON d.customer_id = p.customer_id AND d.delivery_id = u.delivery_id JOIN quoted q ON q.currency = u.currency WHERE p.unbilled <> 0
      UNION ALL
        SELECT p.customer_id, u.unapplied_base - u.unapplied * q.rate
        FROM payer p CROSS JOIN LATERAL (SELECT w.* FROM unapplied_cash w WHERE w.customer_id = p.customer_id OFFSET 0) u JOIN quoted q USING (currency)
        WHERE p.unapplied <> 0
      UNION ALL     -- may still come back
        SELECT p.customer_id, u.amount_base * (q.rate / y.rate - 1)
        FROM payer p CROSS JOIN LATERAL (SELECT w.* FROM unmatured_payment w WHERE w.customer_id = p.customer_id OFFSET 0) u
        JOIN payment y ON y.customer_id = p.customer_id AND y.payment_id = u.payment_id JOIN quoted q ON q.currency = y.currency WHERE p.unmatured <> 0
    ), moved AS MATERIALIZED (
        SELECT x.customer_id, round(sum(x.difference), t.decimals) AS difference FROM part x CROSS JOIN today t GROUP BY x.customer_id, t.decimals
    ), shift AS (
        SELECT m.customer_id, 'customer' AS level, m.difference FROM moved m
        UNION ALL
        SELECT n.head_id, 'group', sum(m.difference)
        FROM moved m JOIN payer p USING (customer_id) CROSS JOIN LATERAL unnest(coalesce(p.group_path, ARRAY[p.customer_id])) n (head_id)
        GROUP BY n.head_id
    )
    SELECT h.customer_id, h.level, e.exposure, e.exposure + coalesce(s.difference, 0), h.amount_base,
           CASE WHEN q.rate IS NULL THEN h.amount_base ELSE round(h.amount * q.rate, t.decimals) END, h.currency
    FROM held h CROSS JOIN today t JOIN credit_account a USING (customer_id)
    CROSS JOIN LATERAL (SELECT CASE h.level WHEN 'group' THEN a.group_exposure ELSE a.exposure END AS exposure) e
    LEFT JOIN shift s ON s.customer_id = h.customer_id AND s.level = h.level
    LEFT JOIN quoted q ON q.currency = h.currency
    WHERE s.customer_id IS NOT NULL OR q.currency IS NOT NULL
$$;
COMMENT ON FUNCTION exposure_at_rate(bigint[]) IS
'Of these customers (NULL = all), where something is in foreign currency: exposure and limit in force as booked, and both at the rates of the business date (encours et plafond au cours du jour), base currency; level group: of the customer and all below it. Every part of the exposure is valued anew: open items, orders, deliveries not invoiced, payments not matched and those that can still come back. A rate older than ledger.max_rate_age counts for none: what is in that currency stays at the rate it was booked at. No row: no amount is decided, or all is in base currency.';

CREATE FUNCTION watch_exchange_rates(customer_ids bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    touched bigint[] := ARRAY(
        SELECT v.customer_id FROM exposure_at_rate(watch_exchange_rates.customer_ids) v WHERE v.exposure_at_rate > v.limit_at_rate AND v.exposure <= v.credit_limit
        UNION
        SELECT a.customer_id FROM alert a WHERE a.kind = 'limit_exceeded_by_rate' AND a.closed_on IS NULL
                                            AND (watch_exchange_rates.customer_ids IS NULL OR a.customer_id = ANY (watch_exchange_rates.customer_ids)));
BEGIN
    IF touched = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM lock_accounts(touched);     -- what was being posted is in it now
    RETURN settle_alerts(ARRAY(
        SELECT ROW(v.customer_id, 'limit_exceeded_by_rate', CASE v.level WHEN 'group' THEN 'group' ELSE '' END, NULL,
                   CASE v.level WHEN 'group' THEN 'Group: ' ELSE '' END ||
                   format('at today''s rates the exposure of %s %s exceeds the limit of %s %s by %s %s (passive excess, exchange rate)', trim_scale(v.exposure_at_rate), g.base_currency,
                          trim_scale(v.limit_at_rate), g.base_currency, trim_scale(v.exposure_at_rate - v.limit_at_rate), g.base_currency),
                   CASE v.level WHEN 'group' THEN 'Groupe : ' ELSE '' END ||
                   format('au cours du jour, encours de %s %s, plafond de %s %s dépassé de %s %s (dépassement passif, change)', trim_scale(v.exposure_at_rate), g.base_currency,
                          trim_scale(v.limit_at_rate), g.base_currency, trim_scale(v.exposure_at_rate - v.limit_at_rate), g.base_currency),
                   jsonb_build_object('level', v.level, 'excess_kind', 'passive', 'cause', 'exchange rate', 'exposure', v.exposure, 'exposure_at_rate', v.exposure_at_rate,
                                      'credit_limit', v.credit_limit, 'limit_at_rate', v.limit_at_rate, 'excess', v.exposure_at_rate - v.limit_at_rate))::due_alert
        FROM exposure_at_rate(touched) v CROSS JOIN ledger g
        WHERE v.exposure_at_rate > v.limit_at_rate AND v.exposure <= v.credit_limit), '{limit_exceeded_by_rate}', touched);
END $$;
COMMENT ON FUNCTION watch_exchange_rates(bigint[]) IS
'Opens and closes, for these customers (NULL = all), the alerts limit_exceeded_by_rate: the exposure at the rates of the business date is beyond the limit at those rates, of the customer or (key group) of its group, while the one booked is not (dépassement passif par le change; what is booked beyond it is limit_exceeded). A rate comes here at once, a posting or another limit in the night. Returns how many changed. Runs as the owner: alerts are nobody''s to write.';

-- Only the latest rate of a currency that somebody owes in is looked at, and
-- only for those who do.
CREATE FUNCTION exchange_rate_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    today date := business_date();
    moved text[];
    concerned bigint[];
BEGIN
    SELECT array_agg(DISTINCT n.currency) INTO moved
    FROM changed_rows n CROSS JOIN ledger l
    WHERE n.currency <> l.base_currency AND n.rate_on BETWEEN today - l.max_rate_age AND today
      AND NOT EXISTS (SELECT FROM exchange_rate e WHERE e.currency = n.currency AND e.rate_on > n.rate_on AND e.rate_on <= today);
    IF moved IS NULL THEN
        RETURN NULL;
    END IF;
    WITH debtor AS MATERIALIZED (
        SELECT i.customer_id FROM open_item i WHERE i.currency = ANY (moved)
        UNION
        SELECT o.customer_id FROM credit_account a JOIN sales_order o USING (customer_id)
        WHERE (a.open_orders <> 0 OR a.unbilled <> 0) AND (o.open_amount_base <> 0 OR o.unbilled_amount_base <> 0) AND o.currency = ANY (moved)
        UNION
        SELECT d.customer_id FROM credit_account a JOIN delivery d USING (customer_id) WHERE a.unbilled <> 0 AND d.order_id IS NULL AND d.currency = ANY (moved)
        UNION
        SELECT p.customer_id FROM credit_account a JOIN payment p USING (customer_id) WHERE (a.unapplied <> 0 OR a.unmatured <> 0) AND p.currency = ANY (moved)
        UNION
        SELECT l.customer_id FROM credit_limit l WHERE l.currency = ANY (moved) AND today BETWEEN l.valid_from AND coalesce(l.valid_to, 'infinity')
    )
    SELECT array_agg(c.customer_id) INTO concerned
    FROM (SELECT d.customer_id FROM debtor d UNION SELECT unnest(a.group_path) FROM debtor d JOIN credit_account a USING (customer_id)) c;
    IF concerned IS NOT NULL THEN
        PERFORM watch_exchange_rates(concerned);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION exchange_rate_moved() IS
'Trigger of exchange_rate: the latest rate of a currency, written, corrected or deleted, that moves an exposure beyond its limit or back is noticed at once, without an order; older ones and those of nobody''s currency are not looked at. It locks the accounts whose alert is due or ends, in the order of locks, and no others. Write rates in a transaction of their own: one that has posted before holds accounts already, and may meet another that waits for them (40P01; repeat it). Runs as the owner: who keeps the rates need not see alerts.';
CREATE TRIGGER credit_risk_rate_inserted AFTER INSERT ON exchange_rate
REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION exchange_rate_moved();
CREATE TRIGGER credit_risk_rate_updated AFTER UPDATE ON exchange_rate
REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION exchange_rate_moved();
CREATE TRIGGER credit_risk_rate_deleted AFTER DELETE ON exchange_rate
REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION exchange_rate_moved();
