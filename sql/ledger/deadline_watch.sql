-- What runs out: guarantees, documents, cover, reviews.

INSERT INTO alert_kind (kind, severity, min_exposure, department, lasting, days_ahead, name_en, name_fr) VALUES
    ('guarantee_expiring', 'warning', 0, 'credit', true, 30, 'A guarantee expires or has expired', 'Garantie à renouveler ou échue'),
    ('document_expiring', 'info', 0, 'credit', true, 30, 'A document expires or has expired', 'Pièce à renouveler ou périmée'),
    ('cover_expiring', 'warning', 0, 'credit', true, 30, 'Insurance cover ends or has ended', 'Garantie d''assurance-crédit à renouveler ou échue'),
    ('review_overdue', 'warning', 0, 'credit', true, NULL, 'The review of the credit file is late', 'Revue du dossier de crédit en retard');
INSERT INTO alert_rule (kind, parameter, value, unit, name_en, name_fr) VALUES
    ('cover_expiring', 'days_after', 90, 'days', 'Cover that has ended is told for so long', 'Durée de l''alerte après la fin de la garantie'),
    ('review_overdue', 'critical_days', 90, 'days', 'A review later than this is critical', 'Retard à partir duquel la revue est critique');

CREATE VIEW deadline_due AS
SELECT g.customer_id, 'guarantee_expiring' AS kind, g.guarantee_id::text AS key, g.valid_to AS ends_on,
       format('Guarantee (%s)%s', replace(g.kind, '_', ' '), coalesce(format(' of %s %s', trim_scale(g.amount), g.currency), '')) AS about_en,
       format('Garantie (%s)%s', CASE g.kind WHEN 'bank_guarantee' THEN 'garantie bancaire' WHEN 'parent_guarantee' THEN 'garantie maison mère' WHEN 'surety' THEN 'caution'
                                             WHEN 'standby_letter_of_credit' THEN 'lettre de crédit stand-by' WHEN 'documentary_credit' THEN 'crédit documentaire'
                                             WHEN 'documentary_collection' THEN 'remise documentaire' WHEN 'pledge' THEN 'nantissement'
                                             WHEN 'retention_of_title' THEN 'réserve de propriété' ELSE 'séquestre' END,
              coalesce(format(' de %s %s', trim_scale(g.amount), g.currency), '')) AS about_fr,
       jsonb_build_object('guarantee_id', g.guarantee_id, 'amount', g.amount, 'currency', g.currency) AS figures
FROM guarantee g WHERE g.closed_on IS NULL AND g.valid_to <= (SELECT business_date() + k.days_ahead FROM alert_kind k WHERE k.kind = 'guarantee_expiring')
UNION ALL
SELECT d.customer_id, 'document_expiring', d.kind, d.valid_until, format('Document %s', d.document), format('Pièce %s', d.document),
       jsonb_build_object('document_id', d.document_id, 'kind', d.kind)
FROM documents_expiring((SELECT k.days_ahead FROM alert_kind k WHERE k.kind = 'document_expiring')) d
UNION ALL
-- cover in force on its last day, after which no other decision begins, nor does as much go on
SELECT c.customer_id, 'cover_expiring', c.cover_id::text, c.valid_to,
       format('Cover%s of %s %s by policy %s', coalesce(' of contract ' || c.contract_no, ''), trim_scale(c.amount), c.currency, c.policy_no),
       format('Agrément%s de %s %s, police %s', coalesce(' du marché ' || c.contract_no, ''), trim_scale(c.amount), c.currency, c.policy_no),
       jsonb_build_object('cover_id', c.cover_id, 'policy_no', c.policy_no, 'amount', c.amount, 'currency', c.currency, 'next_amount', n.amount)
FROM insurance_cover c
CROSS JOIN LATERAL (SELECT greatest(c.valid_to + 1, (SELECT business_date())) AS day) t
LEFT JOIN LATERAL (SELECT f.amount, f.amount_base FROM insurance_cover f
                   WHERE f.customer_id = c.customer_id AND f.policy_no = c.policy_no AND f.contract_no IS NOT DISTINCT FROM c.contract_no
                     AND t.day BETWEEN f.valid_from AND coalesce(f.valid_to, 'infinity')
                   ORDER BY f.cover_id DESC LIMIT 1) n ON true
WHERE c.amount > 0 AND coalesce(n.amount_base < c.amount_base, true)
  AND c.valid_to BETWEEN (SELECT business_date() - r.value::integer FROM alert_rule r WHERE r.kind = 'cover_expiring' AND r.parameter = 'days_after')
                     AND (SELECT business_date() + k.days_ahead FROM alert_kind k WHERE k.kind = 'cover_expiring')
  AND NOT EXISTS (SELECT FROM insurance_cover f
                  WHERE f.customer_id = c.customer_id AND f.policy_no = c.policy_no AND f.contract_no IS NOT DISTINCT FROM c.contract_no
                    AND (f.valid_from > c.valid_to AND f.valid_from <= t.day
                         OR f.cover_id > c.cover_id AND c.valid_to BETWEEN f.valid_from AND coalesce(f.valid_to, 'infinity')));
COMMENT ON VIEW deadline_due IS
'What ends within alert_kind.days_ahead of the business date or has ended (échéances de garanties, de pièces et d''agréments): guarantees until released, documents until another of their kind is in force, cover until another decision begins or, after its end, for alert_rule days_after. key is that of the alert, ends_on the last day; figures.next_amount is the cover that goes on after it, NULL = none.';

CREATE FUNCTION watch_deadlines() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
    late numeric := alert_parameter('review_overdue', 'critical_days');
    told bigint[] := ARRAY(SELECT DISTINCT a.customer_id FROM alert a WHERE a.closed_on IS NULL AND a.kind IN ('bureau_report', 'related_failure') ORDER BY 1);
    aged bigint := 0;
BEGIN
    IF told <> '{}' THEN        -- delays and failures of others that count no longer, though nobody ended them
        PERFORM lock_accounts(told);
        SELECT count(clear_alert(e.customer_id, 'bureau_report', e.key)) INTO aged
        FROM (SELECT a.customer_id, a.key FROM alert a WHERE a.customer_id = ANY (told) AND a.kind = 'bureau_report' AND a.closed_on IS NULL
              EXCEPT SELECT r.customer_id, r.bureau_event_id::text FROM bureau_reports(told, today, 'infinity') r) e;
        aged := aged + settle_related_failures(ARRAY(
            SELECT a.customer_id FROM alert a
            LEFT JOIN (SELECT f.customer_id, count(DISTINCT coalesce(f.firm_siren, lower(f.firm), f.kind)) AS failures
                       FROM related_failures(told, today, 'infinity') f GROUP BY f.customer_id) f USING (customer_id)
            WHERE a.customer_id = ANY (told) AND a.kind = 'related_failure' AND a.closed_on IS NULL
              AND coalesce(f.failures, 0)::text IS DISTINCT FROM a.figures->>'failures' ORDER BY 1));
    END IF;
    RETURN aged + watch_cover() + settle_alerts(ARRAY(
        SELECT ROW(e.customer_id, e.kind, e.key, CASE WHEN e.ends_on < today THEN 'critical' END,
                   e.about_en || format(CASE WHEN e.ends_on < today THEN ' ended on %s, %s day%s ago' ELSE ' ends on %s, in %s day%s' END,
                                        to_char(e.ends_on, 'YYYY-MM-DD'), abs(e.ends_on - today), CASE abs(e.ends_on - today) WHEN 1 THEN '' ELSE 's' END),
                   e.about_fr || format(CASE WHEN e.ends_on < today THEN ' : échéance passée le %s, depuis %s jour%s' ELSE ' : échéance le %s, dans %s jour%s' END,
                                        to_char(e.ends_on, 'DD/MM/YYYY'), abs(e.ends_on - today), CASE WHEN abs(e.ends_on - today) > 1 THEN 's' ELSE '' END),
                   e.figures || jsonb_build_object('ends_on', e.ends_on, 'days_left', e.ends_on - today))::due_alert
        FROM deadline_due e
        UNION ALL
        SELECT ROW(r.customer_id, 'review_overdue', '', CASE WHEN r.days_late > late THEN 'critical' END,
                   format('The review of the credit file was due on %s, %s day%s ago', to_char(r.next_review_on, 'YYYY-MM-DD'), r.days_late, CASE r.days_late WHEN 1 THEN '' ELSE 's' END),
                   format('Revue du dossier de crédit prévue le %s, %s jour%s de retard', to_char(r.next_review_on, 'DD/MM/YYYY'), r.days_late, CASE WHEN r.days_late > 1 THEN 's' ELSE '' END),
                   jsonb_build_object('next_review_on', r.next_review_on, 'days_late', r.days_late, 'risk_class', r.risk_class))::due_alert
        FROM review_due r WHERE r.days_late > 0), '{guarantee_expiring,document_expiring,cover_expiring,review_overdue}');
END $$;
COMMENT ON FUNCTION watch_deadlines() IS
'Opens and closes the alerts guarantee_expiring, document_expiring and cover_expiring by deadline_due (critical once the last day has passed), review_overdue by review_due (critical after alert_rule critical_days), with watch_cover() what cover that has ended leaves beyond the limit; closes bureau_report and related_failure of what counts no longer (external_setting report_months, failure_years), all as of the business date. Returns how many changed. Runs as the owner: alerts are nobody''s to write.';
