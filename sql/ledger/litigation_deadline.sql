-- The legal calendar: what the law wants done until when, in every litigation and
-- collective proceeding; and the watch over it.

CREATE VIEW litigation_deadline AS
WITH event AS (
    SELECT f.*, l.country, max(f.event_id) FILTER (WHERE f.event = 'order_made') OVER (PARTITION BY f.customer_id, f.litigation_id) AS last_order
    FROM litigation_event_in_force f JOIN litigation_case l USING (customer_id, litigation_id) WHERE l.closed_on IS NULL
), running AS (
    -- time to pay by the formal notice, until somebody goes to court
    SELECT n.customer_id, n.litigation_id, NULL::bigint AS proceeding_id, 'formal_notice' AS deadline_code, n.country,
           max(n.occurred_on) AS started_on, NULL::date AS law_on,
           (SELECT min(f.occurred_on) FROM event f JOIN litigation_event_kind k USING (event)
            WHERE f.customer_id = n.customer_id AND f.litigation_id = n.litigation_id AND k.stage <> 'formal_notice') AS done_on
    FROM event n WHERE n.event IN ('formal_notice_sent', 'formal_notice_received') GROUP BY n.customer_id, n.litigation_id, n.country
  UNION ALL
    SELECT o.customer_id, o.litigation_id, NULL AS proceeding_id, 'payment_order_service' AS deadline_code, o.country, o.occurred_on, NULL AS law_on,
           (SELECT min(f.occurred_on) FROM event f
            WHERE f.customer_id = o.customer_id AND f.litigation_id = o.litigation_id AND f.event = 'order_served' AND f.occurred_on >= o.occurred_on) AS done_on
    FROM event o WHERE o.event = 'order_made' AND o.event_id = o.last_order
  UNION ALL
    SELECT o.customer_id, o.litigation_id, NULL AS proceeding_id, v.code, o.country, o.occurred_on,
           (SELECT max(f.occurred_on) FROM event f
            WHERE f.customer_id = o.customer_id AND f.litigation_id = o.litigation_id AND f.event = 'order_made' AND f.occurred_on <= o.occurred_on) AS law_on,
           (SELECT min(f.occurred_on) FROM event f
            WHERE f.customer_id = o.customer_id AND f.litigation_id = o.litigation_id AND f.event = v.done_by AND f.occurred_on >= o.occurred_on) AS done_on
    FROM event o CROSS JOIN (VALUES ('payment_order_opposition', 'opposition_filed'), ('payment_order_enforceable', 'order_enforceable')) v (code, done_by)
    WHERE o.event = 'order_served'
      AND NOT (v.code = 'payment_order_enforceable' AND EXISTS (
          SELECT FROM event f WHERE f.customer_id = o.customer_id AND f.litigation_id = o.litigation_id AND f.event = 'opposition_filed' AND f.occurred_on >= o.occurred_on))
  UNION ALL
    SELECT t.customer_id, t.litigation_id, NULL AS proceeding_id, 'enforcement_title' AS deadline_code, t.country, max(t.occurred_on) AS started_on, NULL AS law_on, NULL AS done_on
    FROM event t WHERE t.event IN ('enforcement_title', 'enforcement_act') GROUP BY t.customer_id, t.litigation_id, t.country
  UNION ALL
    SELECT p.customer_id, NULL AS litigation_id, p.proceeding_id, CASE v.kind WHEN 'reclaim' THEN 'retention_reclaim' ELSE CASE WHEN p.from_abroad THEN 'claim_filing_abroad' ELSE 'claim_filing' END END AS deadline_code,
           p.country, p.published_on, p.judgment_on,
           (SELECT min(k.declared_on) FROM proceeding_claim k WHERE k.customer_id = p.customer_id AND k.proceeding_id = p.proceeding_id AND k.kind = v.kind) AS done_on
    FROM collective_proceeding p CROSS JOIN (VALUES ('claim'), ('reclaim')) v (kind)
    WHERE p.closed_on IS NULL AND p.published_on IS NOT NULL AND p.converted_from IS NULL AND (v.kind = 'claim' OR p.reclaim)
  UNION ALL
    SELECT k.customer_id, NULL AS litigation_id, k.proceeding_id, 'reclaim_judge' AS deadline_code, p.country,
           legal_deadline_on('reclaim_answer', k.declared_on, p.country) AS started_on, NULL AS law_on, coalesce(k.judge_seized_on, k.closed_on) AS done_on
    FROM proceeding_claim k JOIN collective_proceeding p USING (customer_id, proceeding_id)
    WHERE p.closed_on IS NULL AND k.kind = 'reclaim'
)
SELECT r.customer_id, c.code, c.name, r.litigation_id, r.proceeding_id, r.deadline_code, d.name_en, d.name_fr, d.nature, r.started_on, t.deadline,
       t.deadline - (SELECT business_date()) AS days_left, r.done_on,
       d.nature = 'must' AND coalesce(r.done_on, (SELECT business_date())) > t.deadline AS late, d.source, d.to_check
FROM running r JOIN customer c USING (customer_id)
CROSS JOIN LATERAL legal_deadline_in_force(r.deadline_code, coalesce(r.law_on, r.started_on), r.country) d
CROSS JOIN LATERAL (SELECT legal_deadline_on(r.deadline_code, r.started_on, r.country, r.law_on) AS deadline) t
WHERE t.deadline IS NOT NULL;
COMMENT ON VIEW litigation_deadline IS
'Legal deadlines of pending litigation and open collective proceedings (échéancier contentieux): what must be done until when, from what may be done (nature from) or what the debtor may still do (theirs), by the law in force on the day that legal_deadline tells. done_on NULL = not done. late: one of ours that was not kept. days_left is negative after it. A payment order that another one replaced is absent.';

INSERT INTO alert_kind (kind, severity, min_exposure, department, lasting, days_ahead, name_en, name_fr) VALUES
('collective_proceeding', 'critical', 0, 'credit', true, NULL, 'Collective proceeding', 'Procédure collective'),
('legal_deadline', 'critical', 0, 'legal', true, 30, 'Legal deadline', 'Délai légal'),
('prescription', 'critical', 0, 'legal', true, 180, 'Claim close to prescription', 'Créance proche de la prescription');

CREATE FUNCTION watch_litigation() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
    change record;
    changed bigint := 0;
BEGIN
    -- What was invoiced since the judgment for deliveries from before it.
    PERFORM lock_accounts(array_agg(p.customer_id)) FROM collective_proceeding p WHERE p.closed_on IS NULL;
    PERFORM freeze_claims(p.customer_id) FROM collective_proceeding p WHERE p.closed_on IS NULL;
    FOR change IN
        WITH due AS MATERIALIZED (
            SELECT d.customer_id, 'legal_deadline' AS kind, concat_ws(' ', CASE WHEN d.proceeding_id IS NULL THEN 'litigation' ELSE 'proceeding' END,
                   coalesce(d.litigation_id, d.proceeding_id), d.deadline_code) AS key, d.deadline,
                   CASE d.nature WHEN 'must' THEN 'critical' ELSE 'info' END AS severity,
                   CASE d.nature WHEN 'must' THEN format('%s: until %s at the latest', d.name_en, d.deadline)
                                 ELSE format('%s: since %s the next step may be taken', d.name_en, d.deadline) END AS message_en,
                   CASE d.nature WHEN 'must' THEN format('%s : au plus tard le %s', d.name_fr, to_char(d.deadline, 'DD/MM/YYYY'))
                                 ELSE format('%s : étape suivante possible depuis le %s', d.name_fr, to_char(d.deadline, 'DD/MM/YYYY')) END AS message_fr,
                   jsonb_build_object('deadline', d.deadline) AS figures
            FROM litigation_deadline d JOIN alert_kind k ON k.kind = 'legal_deadline' AND k.active
            WHERE d.done_on IS NULL
              AND CASE d.nature WHEN 'must' THEN d.deadline BETWEEN today - 30 AND today + coalesce(k.days_ahead, 30) WHEN 'from' THEN d.deadline <= today ELSE false END
          UNION ALL
            SELECT p.customer_id, 'prescription', concat_ws(' ', p.invoice_no, p.instalment_no), p.last_day, NULL,
                   format('Invoice %s, %s %s open: the claim is time-barred after %s', p.invoice_no, p.open_amount, p.currency, p.last_day),
                   format('Facture %s, %s %s à recouvrer : créance prescrite après le %s', p.invoice_no, p.open_amount, p.currency, to_char(p.last_day, 'DD/MM/YYYY')),
                   jsonb_build_object('last_day', p.last_day, 'open_amount', p.open_amount)
            FROM (SELECT DISTINCT o.customer_id      -- by the rule of each customer none ends sooner, whatever interrupts it
                  FROM (SELECT d.code, min(coalesce(d.months, 0) * 30 + coalesce(d.days, 0)) - 120 - coalesce((SELECT a.days_ahead FROM alert_kind a WHERE a.kind = 'prescription'), 180) AS days
                        FROM legal_deadline d WHERE d.code LIKE 'prescription%' GROUP BY d.code) r
                  JOIN open_item o ON o.kind <> 'credit_note' AND o.due_on < today - r.days
                  LEFT JOIN legal_regime g USING (customer_id)
                  WHERE r.code = CASE g.regime WHEN 'transport' THEN 'prescription_transport' WHEN 'public_buyer' THEN 'prescription_public' ELSE 'prescription_b2b' END) old
            JOIN prescription p USING (customer_id) JOIN alert_kind k ON k.kind = 'prescription' AND k.active
            WHERE p.last_day BETWEEN today - 30 AND today + coalesce(k.days_ahead, 180)
        ), told AS MATERIALIZED (
            SELECT a.customer_id, a.kind, a.key, a.figures FROM alert a WHERE a.kind IN ('legal_deadline', 'prescription') AND a.closed_on IS NULL
        )
        SELECT customer_id, kind, key, d.deadline, d.severity, d.message_en, d.message_fr, d.figures, lock_accounts(array_agg(customer_id) OVER ()) AS locked
        FROM due d FULL JOIN told t USING (customer_id, kind, key)
        WHERE d.figures IS DISTINCT FROM t.figures
        ORDER BY customer_id, kind, key
    LOOP
        IF change.deadline IS NULL THEN
            PERFORM clear_alert(change.customer_id, change.kind, change.key);
            changed := changed + 1;
        ELSIF raise_alert(change.customer_id, change.kind, change.key, change.severity, change.message_en, change.message_fr, change.figures) IS NOT NULL THEN
            changed := changed + 1;
        END IF;
    END LOOP;
    RETURN changed;
END $$;
COMMENT ON FUNCTION watch_litigation() IS
'The nightly watch of the law, as of the business date: raises an alert for each deadline of ours that comes within alert_kind.days_ahead days or was missed in the last 30, for each step that may be taken now, and for each open item that is close to prescription, and closes those that were kept, paid or interrupted. Claims from before a judgment that were invoiced since become doubtful. Returns how many alerts changed. Runs as the owner: alerts are nobody''s to write.';
