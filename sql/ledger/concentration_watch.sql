-- Concentration: too much on one customer, on the ten largest, on one line of
-- business or one country abroad.

INSERT INTO alert_kind (kind, severity, min_exposure, department, lasting, name_en, name_fr) VALUES
    ('concentration_customer', 'warning', 0, 'management', true, 'A key account carries a large part of the exposure', 'Client clé : concentration de l''encours'),
    ('concentration_top10', 'info', 0, 'management', true, 'The ten largest carry a large part of the exposure', 'Concentration sur les dix premiers clients'),
    ('concentration_sector', 'info', 0, 'management', true, 'A line of business carries a large part of the exposure', 'Concentration sur un secteur d''activité'),
    ('concentration_country', 'info', 0, 'management', true, 'A country abroad carries a large part of the exposure', 'Concentration sur un pays étranger'),
    ('concentration_hhi', 'info', 0, 'management', true, 'The portfolio as a whole is concentrated', 'Portefeuille concentré (indice de Herfindahl-Hirschman)');
INSERT INTO alert_rule (kind, parameter, value, unit, name_en, name_fr) VALUES
    ('concentration_customer', 'max_pct', 10, '%', 'Share of a customer, or of its group, that is still in order', 'Part maximale d''un client ou de son groupe'),
    ('concentration_top10', 'max_pct', 60, '%', 'Share of the ten largest that is still in order', 'Part maximale des dix premiers clients'),
    ('concentration_sector', 'max_pct', 30, '%', 'Share of a line of business that is still in order', 'Part maximale d''un secteur'),
    ('concentration_sector', 'digits', 2, NULL, 'Places of the code of a sector that are looked at', 'Nombre de caractères du code APE/NAF retenus'),
    ('concentration_country', 'max_pct', 25, '%', 'Share of a country abroad that is still in order', 'Part maximale d''un pays étranger'),
    ('concentration_hhi', 'max_hhi', 1000, 'points', 'Herfindahl-Hirschman index, of 10,000, that is still in order', 'Indice de Herfindahl-Hirschman maximal, sur 10 000'),
    -- of a handful of debtors each carries a large part
    ('concentration_customer', 'min_debtors', 20, NULL, 'Portfolios of fewer debtors are not looked at', 'Nombre minimal de débiteurs'),
    ('concentration_top10', 'min_debtors', 20, NULL, 'Portfolios of fewer debtors are not looked at', 'Nombre minimal de débiteurs'),
    ('concentration_sector', 'min_debtors', 20, NULL, 'Portfolios of fewer debtors are not looked at', 'Nombre minimal de débiteurs'),
    ('concentration_country', 'min_debtors', 20, NULL, 'Portfolios of fewer debtors are not looked at', 'Nombre minimal de débiteurs'),
    ('concentration_hhi', 'min_debtors', 20, NULL, 'Portfolios of fewer debtors are not looked at', 'Nombre minimal de débiteurs');

CREATE FUNCTION concentration() RETURNS TABLE (customer_id bigint, kind text, key text, exposure numeric, total numeric, share_pct numeric, hhi numeric, debtors bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH account AS MATERIALIZED (
        SELECT a.customer_id, greatest(a.exposure, 0) AS own,
               -- of a group only its root stands for all of it
               CASE WHEN a.group_path IS NULL THEN greatest(a.exposure, 0)
                    WHEN a.group_path[1] = a.customer_id THEN greatest(a.group_exposure, a.exposure, 0) END AS whole
        FROM credit_account a WHERE a.exposure > 0 OR a.group_exposure > 0
    ), total AS MATERIALIZED (
        SELECT sum(t.own) AS exposure, count(*) FILTER (WHERE t.own > 0) AS debtors FROM account t
    ), place AS (   -- a customer without a country is one of our own, as elsewhere
        SELECT nullif(coalesce(c.country, h.country), h.country) AS country, sum(t.own) AS exposure
        FROM account t JOIN customer c USING (customer_id)
        CROSS JOIN (SELECT CASE p.regime WHEN 'UK' THEN 'GB' WHEN 'EU' THEN '' ELSE 'FR' END AS country FROM interest_policy p) h
        GROUP BY 1
    ), business AS (
        SELECT left(s.sector, alert_parameter('concentration_sector', 'digits')::integer) AS sector, sum(t.own) AS exposure
        FROM account t JOIN sector_as_of((SELECT business_date())) s USING (customer_id) GROUP BY 1
    ), part AS (
        SELECT t.customer_id, 'concentration_customer' AS kind, '' AS key, t.whole AS exposure, NULL::numeric AS hhi FROM account t WHERE t.whole > 0
        UNION ALL
        SELECT NULL, 'concentration_top10', '', sum(b.whole), NULL FROM (SELECT l.whole FROM account l WHERE l.whole > 0 ORDER BY l.whole DESC LIMIT 10) b
        UNION ALL
        SELECT NULL, 'concentration_sector', b.sector, b.exposure, NULL FROM business b
        UNION ALL
        SELECT NULL, 'concentration_country', p.country, p.exposure, NULL FROM place p WHERE p.country <> ''
        UNION ALL
        SELECT NULL, 'concentration_hhi', '', sum(w.whole), 10000 * credit_risk.hhi(w.whole) FROM account w WHERE w.whole > 0
    )
    SELECT p.customer_id, p.kind, p.key, p.exposure, t.exposure, round(100 * p.exposure / t.exposure, 2), round(p.hhi, 2), t.debtors
    FROM part p CROSS JOIN total t WHERE t.exposure > 0 AND p.exposure > 0
$$;
COMMENT ON FUNCTION concentration() IS
'The concentration of the exposure now (concentration de l''encours), base currency: of each customer (of a group, its head with the exposure of all), of the ten largest, of each sector by the first places of its code (alert_rule, digits), of each country abroad, and as Herfindahl-Hirschman index of 10,000 (kind concentration_hhi). total is the exposure of all debtors, debtors their number. Our own country is that of interest_policy.regime: FR for the French regimes, GB for UK, none for EU, where every country counts; customers without a country are taken as our own, those without a sector count in the total only.';

CREATE FUNCTION watch_concentration() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
BEGIN
    RETURN settle_alerts(ARRAY(
        SELECT ROW(c.customer_id, c.kind, c.key, NULL,
                   CASE c.kind WHEN 'concentration_hhi' THEN format('Herfindahl-Hirschman index of the exposure %s of 10000, above %s', trim_scale(c.hhi), trim_scale(r.value))
                        ELSE format('%s %s %s, %s %% of the exposure of %s %s, above %s %%',
                                    CASE c.kind WHEN 'concentration_customer' THEN 'key account:' WHEN 'concentration_top10' THEN 'the ten largest customers:'
                                                WHEN 'concentration_sector' THEN format('sector %s:', c.key) ELSE format('country %s:', c.key) END,
                                    trim_scale(c.exposure), g.base_currency, trim_scale(c.share_pct), trim_scale(c.total), g.base_currency, trim_scale(r.value)) END,
                   CASE c.kind WHEN 'concentration_hhi' THEN format('indice de Herfindahl-Hirschman de l''encours : %s sur 10000, au-delà de %s', trim_scale(c.hhi), trim_scale(r.value))
                        ELSE format('%s %s %s, %s %% de l''encours de %s %s, au-delà de %s %%',
                                    CASE c.kind WHEN 'concentration_customer' THEN 'client clé :' WHEN 'concentration_top10' THEN 'dix premiers clients :'
                                                WHEN 'concentration_sector' THEN format('secteur %s :', c.key) ELSE format('pays %s :', c.key) END,
                                    trim_scale(c.exposure), g.base_currency, trim_scale(c.share_pct), trim_scale(c.total), g.base_currency, trim_scale(r.value)) END,
                   jsonb_strip_nulls(jsonb_build_object('exposure', c.exposure, 'total', c.total, 'share_pct', c.share_pct, 'hhi', c.hhi, r.parameter, r.value)))::due_alert
        FROM concentration() c JOIN alert_rule r ON r.kind = c.kind AND r.parameter IN ('max_pct', 'max_hhi') CROSS JOIN ledger g
        WHERE coalesce(c.hhi > r.value, 100 * c.exposure > r.value * c.total) AND c.debtors >= alert_parameter(c.kind, 'min_debtors')),
        '{concentration_customer,concentration_top10,concentration_sector,concentration_country,concentration_hhi}');
END $$;
COMMENT ON FUNCTION watch_concentration() IS
'Opens and closes the alerts of concentration() above the shares of alert_rule (max_pct, max_hhi): concentration_customer on the customer (client clé), and on the portfolio concentration_top10, concentration_sector and concentration_country (key = sector or country) and concentration_hhi. Portfolios of fewer than min_debtors have none. Returns how many changed. Runs as the owner: alerts are nobody''s to write.';
