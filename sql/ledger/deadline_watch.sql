-- What runs out: guarantees, documents, cover, reviews.

INSERT INTO alert_kind (kind, severity, min_exposure, department, lasting, days_ahead, name_en, name_fr) VALUES
    ('guarantee_expiring', 'warning', 0, 'credit', true, 30, 'A guarantee expires or has expired', 'Garantie à renouveler ou échue'),
    ('document_expiring', 'info', 0, 'credit', true, 30, 'A document expires or has expired', 'Pièce à renouveler ou périmée'),
    ('cover_expiring', 'warning', 0, 'credit', true, 30, 'Insurance cover ends or has ended', 'Garantie d''assurance-crédit à renouveler ou échue'),
    ('review_overdue', 'warning', 0, 'credit', true, NULL, 'The review of the credit file is late', 'Revue du dossier de crédit en retard');

CREATE FUNCTION watch_deadlines() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
BEGIN
    RETURN settle_alerts(ARRAY(
        SELECT ROW(e.customer_id, e.kind, e.key, CASE WHEN e.ends_on < today THEN 'critical' END,
                   e.en || format(CASE WHEN e.ends_on < today THEN ' expired on %s, %s days ago' ELSE ' ends on %s, in %s days' END, e.ends_on, abs(e.ends_on - today)),
                   e.fr || format(CASE WHEN e.ends_on < today THEN ' : échéance passée le %s, depuis %s jours' ELSE ' : échéance le %s, dans %s jours' END, e.ends_on, abs(e.ends_on - today)),
                   e.figures || jsonb_build_object('ends_on', e.ends_on, 'days_left', e.ends_on - today))::due_alert
        FROM (
            SELECT g.customer_id, 'guarantee_expiring' AS kind, g.guarantee_id::text AS key, g.valid_to AS ends_on,
                   format('Guarantee %s of %s %s', g.kind, trim_scale(g.amount), g.currency) AS en,
                   format('Garantie %s de %s %s', g.kind, trim_scale(g.amount), g.currency) AS fr,
                   jsonb_build_object('guarantee_id', g.guarantee_id, 'amount', g.amount, 'currency', g.currency) AS figures
            FROM guarantee g WHERE g.closed_on IS NULL
            UNION ALL
            SELECT d.customer_id, 'document_expiring', d.kind, d.valid_until, format('Document %s', d.document), format('Pièce %s', d.document),
                   jsonb_build_object('document_id', d.document_id, 'kind', d.kind)
            FROM documents_expiring((SELECT k.days_ahead FROM alert_kind k WHERE k.kind = 'document_expiring')) d
            UNION ALL
            -- the decision in force, or the last one if nothing follows it
            SELECT c.customer_id, 'cover_expiring', c.cover_id::text, c.valid_to,
                   format('Cover of %s %s by policy %s', trim_scale(c.amount), c.currency, c.policy_no),
                   format('Agrément de %s %s, police %s', trim_scale(c.amount), c.currency, c.policy_no),
                   jsonb_build_object('cover_id', c.cover_id, 'policy_no', c.policy_no, 'amount', c.amount, 'currency', c.currency)
            FROM insurance_cover c
            WHERE c.valid_to IS NOT NULL
              AND NOT EXISTS (SELECT FROM insurance_cover f
                              WHERE f.customer_id = c.customer_id AND f.policy_no = c.policy_no AND f.contract_no IS NOT DISTINCT FROM c.contract_no
                                AND f.cover_id > c.cover_id AND coalesce(f.valid_to, 'infinity') > least(c.valid_to, today - 1) AND f.valid_from <= greatest(c.valid_to + 1, today))) e
        JOIN alert_kind k USING (kind) WHERE e.ends_on <= today + k.days_ahead
        UNION ALL
        SELECT ROW(r.customer_id, 'review_overdue', '', CASE WHEN r.days_late > 90 THEN 'critical' END,
                   format('The review of the credit file was due on %s, %s days ago', r.next_review_on, r.days_late),
                   format('Revue du dossier de crédit prévue le %s, %s jours de retard', r.next_review_on, r.days_late),
                   jsonb_build_object('next_review_on', r.next_review_on, 'days_late', r.days_late, 'risk_class', r.risk_class))::due_alert
        FROM review_due r WHERE r.days_late > 0), '{guarantee_expiring,document_expiring,cover_expiring,review_overdue}');
END $$;
COMMENT ON FUNCTION watch_deadlines() IS
'Opens and closes the alerts guarantee_expiring, document_expiring, cover_expiring (alert_kind.days_ahead before the last day; critical once it has passed, until renewed, replaced or released) and review_overdue (critical after 90 days), as of the business date. Returns how many changed. Runs as the owner: alerts are nobody''s to write.';
