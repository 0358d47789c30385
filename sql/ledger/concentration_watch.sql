-- Concentration: too much on one customer, and on the ten largest.

INSERT INTO alert_kind (kind, severity, min_exposure, department, lasting, name_en, name_fr) VALUES
    ('concentration_customer', 'warning', 0, 'management', true, 'A key account carries a large part of the exposure', 'Client clé : concentration de l''encours'),
    ('concentration_top10', 'info', 0, 'management', true, 'The ten largest carry a large part of the exposure', 'Concentration sur les dix premiers clients');

CREATE TABLE concentration_threshold (
    kind    text PRIMARY KEY REFERENCES alert_kind ON UPDATE RESTRICT ON DELETE RESTRICT,
    max_pct numeric NOT NULL CHECK (max_pct > 0 AND max_pct <= 100)
);
COMMENT ON TABLE concentration_threshold IS 'Shares of the total exposure above which an alert of concentration is raised (seuils de concentration).';
COMMENT ON COLUMN concentration_threshold.kind IS 'Kind of alert.';
COMMENT ON COLUMN concentration_threshold.max_pct IS 'Percent of the exposure of all customers that is still in order.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON concentration_threshold
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO concentration_threshold VALUES ('concentration_customer', 10), ('concentration_top10', 60);

CREATE FUNCTION watch_concentration() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
BEGIN
    RETURN settle_alerts(ARRAY(
        WITH account AS MATERIALIZED (
            SELECT a.customer_id, greatest(a.exposure, 0) AS own,
                   -- of a group only its root stands for all of it
                   CASE WHEN a.group_path IS NULL THEN greatest(a.exposure, 0) WHEN a.group_path[1] = a.customer_id THEN greatest(a.group_exposure, a.exposure, 0) END AS whole
            FROM credit_account a WHERE a.exposure > 0 OR a.group_exposure > 0
        ), total AS (
            SELECT sum(t.own) AS exposure, (SELECT sum(b.whole) FROM (SELECT l.whole FROM account l WHERE l.whole > 0 ORDER BY l.whole DESC LIMIT 10) b) AS top10 FROM account t
        ), share AS (
            SELECT s.customer_id, 'concentration_customer' AS kind, s.whole AS exposure, t.exposure AS total FROM account s CROSS JOIN total t
            UNION ALL
            SELECT NULL, 'concentration_top10', t.top10, t.exposure FROM total t
        )
        SELECT ROW(s.customer_id, s.kind, '', NULL,
                   format(CASE WHEN s.customer_id IS NULL THEN 'the ten largest customers' ELSE 'key account:' END || ' %s %s, %s %% of the exposure of %s %s, above %s %%',
                          trim_scale(s.exposure), g.base_currency, round(100 * s.exposure / s.total, 2), trim_scale(s.total), g.base_currency, h.max_pct),
                   format(CASE WHEN s.customer_id IS NULL THEN 'dix premiers clients :' ELSE 'client clé :' END || ' %s %s, %s %% de l''encours de %s %s, au-delà de %s %%',
                          trim_scale(s.exposure), g.base_currency, round(100 * s.exposure / s.total, 2), trim_scale(s.total), g.base_currency, h.max_pct),
                   jsonb_build_object('exposure', s.exposure, 'total', s.total, 'share_pct', round(100 * s.exposure / s.total, 2), 'max_pct', h.max_pct))::due_alert
        FROM share s JOIN concentration_threshold h USING (kind) CROSS JOIN ledger g
        WHERE s.total > 0 AND 100 * s.exposure > h.max_pct * s.total), '{concentration_customer,concentration_top10}');
END $$;
COMMENT ON FUNCTION watch_concentration() IS
'Opens and closes the alerts concentration_customer (the exposure of a customer, or of the group that it heads, is above its share of that of all customers: client clé) and, on the portfolio, concentration_top10. Returns how many changed. Runs as the owner: alerts are nobody''s to write.';
