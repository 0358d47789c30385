-- The daily digest: what each department hears of in the morning.

CREATE TABLE alert_recipient (
    department text PRIMARY KEY CHECK (department <> ''),
    recipient  text NOT NULL CHECK (recipient <> ''),
    address    text CHECK (address <> ''),
    to_owner   boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE alert_recipient IS 'Who receives the digest of a department''s alerts (destinataires des alertes). A department without a row is its own recipient.';
COMMENT ON COLUMN alert_recipient.department IS 'Department, as in alert_kind.';
COMMENT ON COLUMN alert_recipient.recipient IS 'Person, desk or role.';
COMMENT ON COLUMN alert_recipient.address IS 'Where to: an e-mail address, a channel; NULL = none known.';
COMMENT ON COLUMN alert_recipient.to_owner IS 'true: an alert on a customer goes to who acts as its credit owner, without the address; the rest to the recipient.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON alert_recipient
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION alert_digest(on_date date DEFAULT NULL, department text DEFAULT NULL, language text DEFAULT 'en')
RETURNS TABLE (to_department text, recipient text, address text, place bigint, state text, alert_id bigint, customer_id bigint, code text, name text,
               kind text, severity text, exposure numeric, days_open integer, acknowledged boolean, message text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH day AS (
        SELECT coalesce(alert_digest.on_date, business_date()) AS today
    ), told AS (
        SELECT a.alert_id, a.customer_id, a.kind, a.severity, a.message_en, a.message_fr, a.department, a.opened_on, a.acknowledged_on, a.closed_on FROM alert a
        UNION ALL
        SELECT p.alert_id, NULL, p.kind, p.severity, p.message_en, p.message_fr, p.department, p.opened_on, p.acknowledged_on, p.closed_on FROM portfolio_alert p
    ), line AS (
        SELECT t.*, c.code, c.name, a.exposure, d.today, o.acting_owner,
               CASE WHEN t.closed_on = d.today THEN 'closed' WHEN t.opened_on = d.today THEN 'new' ELSE 'waiting' END AS state
        FROM told t CROSS JOIN day d LEFT JOIN customer c USING (customer_id)
        LEFT JOIN credit_account a ON a.customer_id = coalesce(c.payer_id, c.customer_id)
        LEFT JOIN credit_owner o ON o.customer_id = c.customer_id
        WHERE t.opened_on <= d.today AND (alert_digest.department IS NULL OR t.department = alert_digest.department)
          AND (t.closed_on = d.today
               OR coalesce(t.closed_on > d.today, true) AND (t.opened_on = d.today OR coalesce(t.acknowledged_on > d.today, true)))
    )
    SELECT l.department, w.recipient, w.address,
           row_number() OVER (PARTITION BY l.department, w.recipient
                              ORDER BY array_position('{new,waiting,closed}', l.state), array_position('{critical,warning,info}', l.severity),
                                       l.exposure DESC NULLS LAST, l.kind, l.alert_id),
           l.state, l.alert_id, l.customer_id, l.code, l.name, l.kind, l.severity, l.exposure, l.today - l.opened_on, coalesce(l.acknowledged_on <= l.today, false),
           CASE WHEN alert_digest.language = 'fr' THEN l.message_fr ELSE l.message_en END
    FROM line l LEFT JOIN alert_recipient r ON r.department = l.department
    CROSS JOIN LATERAL (SELECT l.acting_owner AS recipient, NULL::text AS address WHERE r.to_owner AND l.acting_owner IS NOT NULL
                        UNION ALL
                        SELECT coalesce(r.recipient, l.department), r.address WHERE NOT coalesce(r.to_owner AND l.acting_owner IS NOT NULL, false)) w
    ORDER BY 1, 2, 4
$$;
COMMENT ON FUNCTION alert_digest(date, text, text) IS
'The daily digest of alerts (synthèse quotidienne des alertes) of a day (NULL = the business date), for one department or all (NULL), in French for fr, else in English: new that day, still waiting for somebody to take note with the days open, closed that day; within each by severity, then by today''s exposure. One list (place) for each department and recipient. No row: nothing to tell. Figures and words are those of the last update.';
