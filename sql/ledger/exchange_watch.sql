-- Excess by exchange rate: nothing was ordered, the rate moved.

INSERT INTO alert_kind (kind, severity, min_exposure, lasting, name_en, name_fr) VALUES
    ('limit_exceeded_by_rate', 'warning', 0, true, 'At today''s rates the exposure is beyond the limit', 'Dépassement passif d''encours par l''effet du change');

-- At today's rates; where there is none, at the rate of the document.
CREATE VIEW exposure_at_rate AS
WITH today AS MATERIALIZED (
    SELECT DISTINCT ON (e.currency) e.currency, e.rate FROM exchange_rate e
    WHERE e.rate_on <= (SELECT business_date()) ORDER BY e.currency, e.rate_on DESC
), part AS (
    SELECT t.customer_id, t.open_amount * r.rate - t.open_amount_base AS difference
    FROM open_item t JOIN today r USING (currency)
    UNION ALL
    SELECT o.customer_id, (o.open_amount_base + o.unbilled_amount_base) * (r.rate / o.rate - 1)
    FROM sales_order o JOIN today r USING (currency) WHERE o.open_amount_base <> 0 OR o.unbilled_amount_base <> 0
), moved AS (
    SELECT p.customer_id, round(sum(p.difference), credit_risk.currency_scale((SELECT g.base_currency FROM ledger g))) AS difference
    FROM part p GROUP BY p.customer_id
), foreign_limit AS (
    SELECT DISTINCT ON (l.customer_id) l.customer_id, l.currency, l.amount, l.amount_base FROM credit_limit l
    WHERE l.level = 'customer' AND (SELECT business_date()) BETWEEN l.valid_from AND coalesce(l.valid_to, 'infinity')
    ORDER BY l.customer_id, array_position('{temporary,base,trial}', l.kind), l.credit_limit_id DESC
)
SELECT a.customer_id, a.exposure, a.exposure + coalesce(m.difference, 0) AS exposure_at_rate, l.amount_base AS credit_limit,
       CASE WHEN r.rate IS NULL THEN l.amount_base
            ELSE round(l.amount * r.rate, credit_risk.currency_scale((SELECT g.base_currency FROM ledger g))) END AS limit_at_rate, l.currency AS limit_currency
FROM credit_account a JOIN foreign_limit l USING (customer_id) LEFT JOIN moved m USING (customer_id) LEFT JOIN today r ON r.currency = l.currency
WHERE l.amount IS NOT NULL AND (m.customer_id IS NOT NULL OR r.currency IS NOT NULL);
COMMENT ON VIEW exposure_at_rate IS
'Customers with a limit of their own and something in foreign currency: exposure and limit as booked, and both at the rates of the business date (encours et plafond au cours du jour), base currency. Open items and orders are valued anew, payments not matched and deliveries without an order stay at their own rate, as does what has no rate.';

CREATE FUNCTION watch_exchange_rates() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
BEGIN
    RETURN settle_alerts(ARRAY(
        SELECT ROW(v.customer_id, 'limit_exceeded_by_rate', '', NULL,
                   format('at today''s rates the exposure of %s %s exceeds the limit of %s %s by %s %s (passive excess, exchange rate)', trim_scale(v.exposure_at_rate), g.base_currency,
                          trim_scale(v.limit_at_rate), g.base_currency, trim_scale(v.exposure_at_rate - v.limit_at_rate), g.base_currency),
                   format('au cours du jour, encours de %s %s, plafond de %s %s dépassé de %s %s (dépassement passif, change)', trim_scale(v.exposure_at_rate), g.base_currency,
                          trim_scale(v.limit_at_rate), g.base_currency, trim_scale(v.exposure_at_rate - v.limit_at_rate), g.base_currency),
                   jsonb_build_object('excess_kind', 'passive', 'cause', 'exchange rate', 'exposure', v.exposure, 'exposure_at_rate', v.exposure_at_rate,
                                      'credit_limit', v.credit_limit, 'limit_at_rate', v.limit_at_rate, 'excess', v.exposure_at_rate - v.limit_at_rate))::due_alert
        FROM exposure_at_rate v CROSS JOIN ledger g
        WHERE v.exposure_at_rate > v.limit_at_rate AND v.exposure <= v.credit_limit), '{limit_exceeded_by_rate}');
END $$;
COMMENT ON FUNCTION watch_exchange_rates() IS
'Opens and closes the alerts limit_exceeded_by_rate: the exposure at the rates of the business date is beyond the limit at those rates, while the one booked is not (dépassement passif par le change; what is booked beyond it is limit_exceeded). Returns how many changed. Runs as the owner: alerts are nobody''s to write.';

CREATE FUNCTION exchange_rate_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM watch_exchange_rates();
    RETURN NULL;
END $$;
COMMENT ON FUNCTION exchange_rate_moved() IS
'Trigger of exchange_rate: a rate that moves an exposure beyond its limit, or back, is noticed at once, without an order. Runs as the owner: who keeps the rates need not see alerts.';
CREATE TRIGGER credit_risk_rate_alert AFTER INSERT OR UPDATE OR DELETE ON exchange_rate
FOR EACH STATEMENT EXECUTE FUNCTION exchange_rate_moved();
