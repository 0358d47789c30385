-- From quote to cash, order by order; and all that ever happened to a customer,
-- in one stream.

CREATE VIEW order_to_cash AS
SELECT o.customer_id, c.code, c.name, o.order_id, o.order_no, o.ordered_on, o.status, o.currency, q.amount AS quoted, o.amount AS ordered,
       o.delivered_amount AS delivered, o.invoiced_amount AS invoiced, coalesce(f.prepaid, 0) AS prepaid,
       greatest(o.amount, o.delivered_amount, o.invoiced_amount) AS total,
       CASE WHEN o.status IN ('held', 'cancelled') THEN greatest(o.amount - greatest(o.delivered_amount, o.invoiced_amount), 0) ELSE 0 END AS not_counted,
       o.open_amount AS open_orders, greatest(o.delivered_amount - o.invoiced_amount, 0) AS unbilled,
       coalesce(r.receivable, 0) AS receivable, coalesce(s.paid, 0) AS paid, coalesce(s.credited, 0) + coalesce(r.credit, 0) AS credited,
       coalesce(s.adjusted, 0) AS adjusted,
       o.open_amount_base AS open_orders_base, o.unbilled_amount_base AS unbilled_base, coalesce(r.receivable_base, 0) AS receivable_base,
       o.open_amount_base + o.unbilled_amount_base + coalesce(r.receivable_base, 0) AS exposure_base
FROM sales_order o JOIN customer c USING (customer_id)
LEFT JOIN quote q ON q.customer_id = o.customer_id AND q.quote_id = o.quote_id
LEFT JOIN (SELECT p.customer_id, p.order_id, sum(p.paid) AS prepaid FROM pro_forma_status p GROUP BY 1, 2) f
       ON f.customer_id = o.customer_id AND f.order_id = o.order_id
LEFT JOIN (SELECT i.customer_id, i.order_id, sum(t.open_amount) AS receivable, sum(t.open_amount_base) AS receivable_base,
                  -sum(t.open_amount) FILTER (WHERE i.kind = 'credit_note') AS credit
           FROM invoice i JOIN open_item t USING (customer_id, invoice_id)
           WHERE i.order_id IS NOT NULL AND i.kind IN ('invoice', 'down_payment', 'credit_note') GROUP BY 1, 2) r
       ON r.customer_id = o.customer_id AND r.order_id = o.order_id
LEFT JOIN (SELECT i.customer_id, i.order_id, sum(g.amount) FILTER (WHERE a.payment_id IS NOT NULL) AS paid,
                  sum(g.amount) FILTER (WHERE a.credit_invoice_id IS NOT NULL) AS credited, sum(g.amount) FILTER (WHERE a.adjustment IS NOT NULL) AS adjusted
           FROM invoice i JOIN allocation a USING (customer_id, invoice_id)
           CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END AS amount) g
           WHERE i.order_id IS NOT NULL AND i.kind IN ('invoice', 'down_payment') GROUP BY 1, 2) s
       ON s.customer_id = o.customer_id AND s.order_id = o.order_id;
COMMENT ON VIEW order_to_cash IS
'Where the money of each order stands (du devis à l''encaissement), document currency: total, the greatest of ordered, delivered and invoiced, is always not_counted (held or cancelled) + open_orders + unbilled + receivable + paid + credited + adjusted (losses, discounts, sales to a factor), each euro in one of them. Counted as invoices of an order are invoices and down payments, less its credit notes. prepaid is what final payments gave for its pro formas, whether allocated or not; quoted is NULL without a quote. The _base columns, at the rate of each document, are what the order adds to exposure; debit notes, late charges and unapplied cash stand at the customer.';

CREATE FUNCTION order_timeline(order_id bigint)
RETURNS TABLE (step_no integer, occurred_on date, recorded_at timestamptz, event text, document_no text, amount numeric,
               open_orders numeric, unbilled numeric, receivable numeric, exposure numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    mine sales_order;
BEGIN
    SELECT o.* INTO mine FROM sales_order o WHERE o.order_id = order_timeline.order_id;
    IF mine.order_id IS NULL THEN
        RAISE EXCEPTION 'order % does not exist', coalesce(order_timeline.order_id::text, 'NULL') USING ERRCODE = 'CR007';
    END IF;
    RETURN QUERY
    WITH own AS (
        SELECT i.*, CASE WHEN (i.kind = 'credit_note') = (i.reversal_of IS NULL) THEN -1 ELSE 1 END AS sign
        FROM invoice i
        WHERE i.customer_id = mine.customer_id AND i.order_id = mine.order_id AND i.kind IN ('invoice', 'down_payment', 'credit_note')
    ), fact (recorded_at, place, id, occurred_on, event, document_no, amount, open_orders, unbilled, receivable, document, moves) AS (
        SELECT q.recorded_at, 1, q.quote_id, q.quoted_on, 'quoted', q.quote_no, q.amount_base, 0::numeric, 0::numeric, 0::numeric, false, false
        FROM quote q WHERE q.customer_id = mine.customer_id AND q.quote_id = mine.quote_id
      UNION ALL
        SELECT e.recorded_at, 9, e.order_event_id, e.effective_on, e.event, mine.order_no, e.open_amount_base + e.unbilled_base,
               e.open_amount_base, e.unbilled_base, 0, false, e.event IN ('delivered', 'invoiced', 'closed', 'reopened')
        FROM order_event e WHERE e.customer_id = mine.customer_id AND e.order_id = mine.order_id
      UNION ALL
        SELECT f.recorded_at, 2, f.pro_forma_id, f.issued_on, 'pro_forma', f.pro_forma_no, f.amount_base, 0, 0, 0, false, false
        FROM pro_forma f WHERE f.customer_id = mine.customer_id AND f.order_id = mine.order_id
      UNION ALL
        SELECT l.recorded_at, 3, l.pro_forma_payment_id, l.effective_on, CASE WHEN l.reversal_of IS NULL THEN 'prepaid' ELSE 'prepaid_reversed' END,
               p.payment_no, credit_risk.base_share(p.amount_base, p.amount, 0, l.amount), 0, 0, 0, false, false
        FROM pro_forma_payment l JOIN pro_forma f USING (customer_id, pro_forma_id) JOIN payment p USING (customer_id, payment_id)
        WHERE l.customer_id = mine.customer_id AND f.order_id = mine.order_id
      UNION ALL
        SELECT d.recorded_at, 4, d.delivery_id, d.delivered_on, CASE WHEN d.reversal_of IS NULL THEN 'delivered' ELSE 'delivery_reversed' END,
               d.delivery_no, d.amount_base, 0, 0, 0, true, false
        FROM delivery d WHERE d.customer_id = mine.customer_id AND d.order_id = mine.order_id
      UNION ALL
        SELECT i.recorded_at, 5, i.invoice_id, i.issued_on,
               CASE i.kind WHEN 'invoice' THEN 'invoiced' ELSE i.kind END || CASE WHEN i.reversal_of IS NULL THEN '' ELSE '_reversed' END,
               i.invoice_no, i.amount_base, 0, 0, i.amount_base * i.sign, i.kind <> 'credit_note', false
        FROM own i
      UNION ALL
        SELECT a.recorded_at, 6, a.allocation_id, a.effective_on,
               CASE WHEN a.adjustment IS NOT NULL THEN a.adjustment WHEN a.payment_id IS NOT NULL THEN 'paid' ELSE 'credited' END
               || CASE WHEN a.reversal_of IS NULL THEN '' ELSE '_reversed' END,
               coalesce(p.payment_no, n.invoice_no, i.invoice_no), coalesce(nullif(a.amount_base, 0), a.source_amount_base), 0, 0,
               (CASE WHEN i.invoice_id IS NOT NULL THEN -a.amount_base ELSE 0 END + CASE WHEN n.invoice_id IS NOT NULL THEN a.source_amount_base ELSE 0 END)
               * CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END, false, false
        FROM allocation a LEFT JOIN own i ON i.invoice_id = a.invoice_id LEFT JOIN own n ON n.invoice_id = a.credit_invoice_id
        LEFT JOIN payment p ON p.customer_id = a.customer_id AND p.payment_id = a.payment_id
        WHERE a.customer_id = mine.customer_id AND (i.invoice_id IS NOT NULL OR n.invoice_id IS NOT NULL)
    ), ordered AS (
        SELECT f.*, row_number() OVER w AS row_no, lag(f.document) OVER w AS after_document, lag(f.moves) OVER w AS after_move
        FROM fact f WINDOW w AS (ORDER BY f.recorded_at, f.place, f.id)
    ), grouped AS (     -- documents and what the ledger moved of the order for them, at most once each
        SELECT o.*, sum(CASE WHEN o.moves THEN (NOT coalesce(o.after_document OR o.after_move, false))::integer
                             WHEN o.document AND o.after_document THEN 0 ELSE 1 END) OVER (ORDER BY o.row_no) AS statement
        FROM ordered o
    ), parted AS (
        SELECT g.*, CASE WHEN g.moves AND count(*) FILTER (WHERE g.moves) OVER (PARTITION BY g.statement ORDER BY g.row_no)
                                        > count(*) FILTER (WHERE g.document) OVER (PARTITION BY g.statement) THEN g.row_no ELSE 0 END AS part
        FROM grouped g
    ), summed AS (
        SELECT p.*, sum(p.open_orders) OVER w AS open_after, sum(p.unbilled) OVER w AS unbilled_after, sum(p.receivable) OVER w AS receivable_after
        FROM parted p WINDOW w AS (ORDER BY p.statement, p.part)
    )
    SELECT (row_number() OVER (ORDER BY s.row_no))::integer, s.occurred_on, s.recorded_at, s.event, s.document_no, s.amount,
           s.open_after, s.unbilled_after, s.receivable_after, s.open_after + s.unbilled_after + s.receivable_after
    FROM summed s WHERE NOT s.moves OR s.part > 0
    ORDER BY s.row_no;
END $$;
COMMENT ON FUNCTION order_timeline(bigint) IS
'What happened to an order, in the order of recording: quoted, placed, held, released, changed, cancelled, pro forma, delivered, invoiced, paid, credited, adjusted and what was taken back; amount of the fact and, after it, what the order adds to open orders, unbilled, receivable and exposure, base currency, each at the rate of its document. Documents of one statement show the state after all of them. CR007 if there is no such order.';

-- Everything that is on record of a customer. An amount is that of the fact;
-- what takes back is negative.
CREATE VIEW risk_event AS
SELECT e.customer_id, e.occurred_on, e.recorded_at, 'customer_' || e.event AS event, 'customer' AS object, e.customer_event_id AS object_id,
       NULL::numeric AS amount_base, e.recorded_by, concat_ws(' → ', e.before, e.after) AS detail
FROM customer_event e
UNION ALL
SELECT l.customer_id, l.valid_from, l.recorded_at, 'limit_decided', 'credit_limit', l.credit_limit_id, l.amount_base, l.recorded_by,
       concat_ws(' ', l.kind, CASE WHEN l.amount IS NULL THEN 'unlimited' END, 'until ' || l.valid_to, l.reason)
FROM credit_limit l
UNION ALL
SELECT q.customer_id, q.quoted_on, q.recorded_at, 'quoted', 'quote', q.quote_id, q.amount_base, q.recorded_by, q.quote_no FROM quote q
UNION ALL
SELECT q.customer_id, q.closed_on, q.closed_at, 'quote_lost', 'quote', q.quote_id, -q.amount_base, q.closed_by, q.reason
FROM quote q WHERE q.closed_on IS NOT NULL
UNION ALL
SELECT e.customer_id, e.effective_on, e.recorded_at, 'order_' || e.event, 'sales_order', e.order_id, e.open_amount_base + e.unbilled_base, e.recorded_by, o.order_no
FROM order_event e LEFT JOIN sales_order o USING (customer_id, order_id)
WHERE e.event NOT IN ('delivered', 'invoiced')      -- those are facts of their own
UNION ALL
SELECT d.customer_id, d.decided_on, d.decided_at, 'decision_' || d.outcome, 'credit_decision', d.decision_id, d.amount, d.decided_by,
       concat_ws(' ', d.document_no, array_to_string(d.reasons, ', '), d.motive)
FROM credit_decision d
UNION ALL
SELECT r.customer_id, r.reviewed_on, r.recorded_at, 'reviewed', 'credit_review', r.review_id, NULL, r.recorded_by,
       concat_ws(' ', r.outcome, 'class ' || r.risk_class, 'by', r.performed_by, 'next', r.next_review_on, r.note)
FROM credit_review r
UNION ALL
SELECT s.customer_id, s.as_of, s.recorded_at, CASE WHEN s.unscored IS NULL THEN 'scored' ELSE 'unscored' END, 'customer_score', s.score_id, NULL, s.recorded_by,
       concat_ws(' ', m.model || '_v' || m.version, CASE s.role WHEN 'challenger' THEN 'challenger' END, s.score, 'class ' || s.risk_class, array_to_string(nullif(s.caps, '{}'), ', '), s.unscored)
FROM customer_score s LEFT JOIN score_model m USING (model_id)
UNION ALL
SELECT o.customer_id, o.valid_from, o.recorded_at, CASE WHEN o.assigned THEN 'owner_assigned' ELSE 'owner_released' END, 'customer_owner', o.customer_owner_id,
       NULL, o.recorded_by, concat_ws(' ', o.role, o.owner, o.reason)
FROM customer_owner o
UNION ALL
SELECT m.customer_id, m.commented_on, m.recorded_at, CASE WHEN m.reversal_of IS NULL THEN 'commented' ELSE 'comment_withdrawn' END, 'customer_comment',
       m.comment_id, NULL, m.recorded_by, m.text
FROM customer_comment m
UNION ALL
SELECT f.customer_id, f.issued_on, f.recorded_at, 'pro_forma', 'pro_forma', f.pro_forma_id, f.amount_base, f.recorded_by, f.pro_forma_no FROM pro_forma f
UNION ALL
SELECT f.customer_id, f.closed_on, f.closed_at, 'pro_forma_cancelled', 'pro_forma', f.pro_forma_id, -f.amount_base, f.closed_by, f.reason
FROM pro_forma f WHERE f.closed_on IS NOT NULL
UNION ALL
SELECT l.customer_id, l.effective_on, l.recorded_at, CASE WHEN l.reversal_of IS NULL THEN 'pro_forma_paid' ELSE 'pro_forma_paid_reversed' END,
       'pro_forma_payment', l.pro_forma_payment_id,
       credit_risk.base_share(p.amount_base, p.amount, 0, l.amount) * CASE WHEN l.reversal_of IS NULL THEN 1 ELSE -1 END, l.recorded_by, p.payment_no
FROM pro_forma_payment l JOIN payment p USING (customer_id, payment_id)
UNION ALL
SELECT d.customer_id, d.delivered_on, d.recorded_at, CASE WHEN d.reversal_of IS NULL THEN 'delivered' ELSE 'delivery_reversed' END, 'delivery', d.delivery_id,
       CASE WHEN d.reversal_of IS NULL THEN d.amount_base ELSE -d.amount_base END, d.recorded_by, d.delivery_no
FROM delivery d
UNION ALL
SELECT i.customer_id, i.issued_on, i.recorded_at,
       CASE i.kind WHEN 'invoice' THEN 'invoiced' ELSE i.kind END || CASE WHEN i.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'invoice', i.invoice_id,
       CASE WHEN i.reversal_of IS NULL THEN i.amount_base ELSE -i.amount_base END, i.recorded_by, concat_ws(' ', i.invoice_no, 'due ' || i.due_on)
FROM invoice i
UNION ALL
SELECT n.customer_id, n.rendered_on, n.rendered_at, 'notice_level_' || n.dunning_level, 'dunning_notice', n.action_id, NULL, n.rendered_by,
       concat_ws(' ', n.channel, n.template, n.amount, n.currency, 'attempt ' || n.attempt)
FROM dunning_notice n
UNION ALL
SELECT x.customer_id, x.corrected_on, x.recorded_at, 'due_date_corrected', 'due_date_correction', x.due_date_correction_id, NULL, x.recorded_by,
       format('%s due %s, not %s: %s', i.invoice_no, x.due_on, x.former_due_on, x.reason)
FROM due_date_correction x JOIN invoice i USING (customer_id, invoice_id)
UNION ALL
SELECT e.customer_id, e.occurred_on, e.recorded_at, 'invoice_' || e.event || CASE WHEN e.reversal_of IS NULL THEN '' ELSE '_reversed' END,
       'invoice_event', e.invoice_event_id, NULL, e.recorded_by, concat_ws(' ', i.invoice_no, e.note)
FROM invoice_event e JOIN invoice i USING (customer_id, invoice_id)
UNION ALL
SELECT d.customer_id, d.run_on, d.recorded_at, 'dunned', 'dunning_action', d.action_id,
       (SELECT sum(credit_risk.base_share(i.amount_base, i.amount, 0, t.open_amount)) FROM dunning_action_item t JOIN invoice i USING (customer_id, invoice_id)
        WHERE t.customer_id = d.customer_id AND t.action_id = d.action_id), NULL, format('level %s by %s: %s', d.dunning_level, d.channel, d.template)
FROM dunning_action d
UNION ALL
SELECT r.customer_id, r.restarted_on, r.recorded_at, 'dunning_restarted', 'dunning_restart', r.restart_id, NULL, r.recorded_by, concat_ws(' ', i.invoice_no, r.reason)
FROM dunning_restart r JOIN invoice i USING (customer_id, invoice_id)
UNION ALL
SELECT a.customer_id, a.assigned_on, a.recorded_at, 'strategy_changed', 'strategy_assignment', a.assignment_id, NULL, a.recorded_by,
       format('%s → %s: %s', coalesce(f.code, 'none'), coalesce(s.code, 'none'), a.reason)
FROM strategy_assignment a LEFT JOIN dunning_strategy s ON s.strategy_id = a.strategy_id LEFT JOIN dunning_strategy f ON f.strategy_id = a.former_strategy_id
UNION ALL
SELECT n.customer_id, n.opened_on, n.recorded_at, 'instructed_' || n.kind, 'dunning_instruction', n.instruction_id, NULL, n.recorded_by, concat_ws(' ', n.days, n.until, n.strategy, n.reason)
FROM dunning_instruction n
UNION ALL
SELECT n.customer_id, n.closed_on, n.closed_at, 'instruction_ended', 'dunning_instruction', n.instruction_id, NULL, n.closed_by, n.kind
FROM dunning_instruction n WHERE n.closed_on IS NOT NULL
UNION ALL
SELECT p.customer_id, p.received_on, p.recorded_at, CASE WHEN p.reversal_of IS NULL THEN 'payment' ELSE 'payment_reversed' END, 'payment', p.payment_id,
       CASE WHEN p.reversal_of IS NULL THEN p.amount_base ELSE -p.amount_base END, p.recorded_by, concat_ws(' ', p.payment_no, p.method)
FROM payment p
UNION ALL
SELECT f.customer_id, f.effective_on, f.recorded_at, 'payment_final', 'payment', f.payment_id, f.amount_base, f.recorded_by, p.payment_no
FROM payment_final f JOIN payment p USING (customer_id, payment_id)
UNION ALL
SELECT r.customer_id, r.returned_on, r.recorded_at, 'payment_returned', 'payment_return', r.payment_return_id, -p.amount_base, r.recorded_by,
       concat_ws(' ', p.payment_no, r.reason, r.note)
FROM payment_return r JOIN payment p USING (customer_id, payment_id)
UNION ALL
SELECT r.customer_id, r.reported_on, r.recorded_at, CASE WHEN r.reversal_of IS NULL THEN 'agency_report' ELSE 'agency_report_reversed' END, 'agency_report', r.report_id,
       credit_risk.base_share(i.amount_base, i.amount, 0, r.collected) * CASE WHEN r.reversal_of IS NULL THEN 1 ELSE -1 END, r.recorded_by,
       concat_ws(' ', i.invoice_no, p.placed_with, format('collected %s, fee %s, remitted %s %s', r.collected, r.fee, r.remitted, i.currency), r.reference)
FROM agency_report r JOIN placement p USING (customer_id, placement_id) JOIN invoice i USING (customer_id, invoice_id)
UNION ALL
SELECT a.customer_id, a.effective_on, a.recorded_at,
       CASE WHEN a.adjustment IS NOT NULL THEN a.adjustment WHEN a.payment_id IS NOT NULL THEN 'allocated' ELSE 'credit_allocated' END
       || CASE WHEN a.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'allocation', a.allocation_id,
       CASE WHEN a.invoice_id IS NOT NULL THEN a.amount_base ELSE a.source_amount_base END * CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END,
       a.recorded_by, concat_ws(' ', i.invoice_no, a.reason)
FROM allocation a LEFT JOIN invoice i ON i.customer_id = a.customer_id AND i.invoice_id = coalesce(a.invoice_id, a.concerns_invoice_id, a.credit_invoice_id)
UNION ALL
SELECT d.customer_id, d.occurred_on, d.recorded_at, 'default_' || d.kind || CASE WHEN d.reversal_of IS NULL THEN '' ELSE '_reversed' END,
       'default_event', d.default_event_id, CASE WHEN d.reversal_of IS NULL THEN d.amount_base ELSE -d.amount_base END, d.recorded_by, d.reason
FROM default_event d
UNION ALL
SELECT l.customer_id, l.valid_from, l.recorded_at, 'buyer_limit', 'buyer_limit', l.buyer_limit_id, NULL, l.recorded_by, concat_ws(' ', l.amount, k.currency, k.code)
FROM buyer_limit l JOIN factoring_contract k USING (contract_id)
UNION ALL
SELECT l.customer_id, (l.recorded_at AT TIME ZONE g.time_zone)::date, l.recorded_at, 'lateness_cause', 'lateness_cause', l.lateness_cause_id, NULL, l.recorded_by,
       concat_ws(' ', i.invoice_no, l.cause, l.note)
FROM lateness_cause l JOIN invoice i USING (customer_id, invoice_id) CROSS JOIN ledger g
UNION ALL
SELECT e.customer_id, e.effective_on, e.recorded_at, 'interest_note_' || e.event, 'interest_note', e.interest_note_id, NULL, e.recorded_by,
       concat_ws(' ', n.note_no, e.amount, CASE WHEN e.amount IS NOT NULL THEN n.currency END, e.reason)
FROM interest_note_event e JOIN interest_note n USING (customer_id, interest_note_id)
UNION ALL
SELECT s.customer_id, s.occurred_on, s.recorded_at, 'onboarding_' || CASE WHEN s.state_before = 'in_review' AND s.state = 'requested' THEN 'returned' ELSE s.state END,
       'onboarding_case', o.onboarding_id, o.requested_amount, s.recorded_by, s.note
FROM onboarding_step s JOIN onboarding_case o USING (customer_id, onboarding_id)
UNION ALL
SELECT r.customer_id, r.recorded_on, r.recorded_at, 'check_' || r.result, 'onboarding_result', r.onboarding_result_id, NULL, r.recorded_by, r.check_code || ': ' || r.reason
FROM onboarding_result r
UNION ALL
SELECT d.customer_id, CASE WHEN d.reversal_of IS NULL THEN d.issued_on ELSE (d.recorded_at AT TIME ZONE g.time_zone)::date END, d.recorded_at,
       CASE WHEN d.reversal_of IS NULL THEN 'document' ELSE 'document_withdrawn' END, 'customer_document', d.document_id, NULL, d.recorded_by,
       concat_ws(' ', d.kind, 'until ' || d.valid_until, d.note)
FROM customer_document d CROSS JOIN ledger g
UNION ALL
SELECT m.customer_id, m.merged_on, m.recorded_at, 'customer_merged', 'customer', m.customer_id, NULL, m.recorded_by, concat_ws(' ', 'into', m.merged_into_id, m.reason)
FROM customer_merge m
UNION ALL
SELECT d.customer_id, d.valid_from, d.recorded_at, 'cover_' || d.decision, 'insurance_cover', d.cover_id, d.amount_base, d.recorded_by,
       concat_ws(' ', d.policy_no, d.cover_kind, 'contract ' || d.contract_no, 'until ' || d.valid_to, d.reason)
FROM insurance_cover d
UNION ALL
SELECT n.customer_id, n.declared_on, n.recorded_at, 'insurer_notice' || CASE WHEN n.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'insurer_notice', n.notice_id, NULL, n.recorded_by,
       concat_ws(' ', n.policy_no, i.invoice_no, n.obligation, n.reference)
FROM insurer_notice n JOIN invoice i USING (customer_id, invoice_id)
UNION ALL
SELECT r.customer_id, r.recovered_on, r.recorded_at, 'insurance_recovery', 'insurance_recovery', r.recovery_id, r.amount, r.recorded_by,
       concat_ws(' ', 'claim', r.claim_id, 'insurer', r.insurer_share)
FROM insurance_recovery r
UNION ALL
SELECT e.customer_id, e.occurred_on, e.recorded_at, 'guarantee_' || e.event || CASE WHEN e.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'guarantee_event',
       e.guarantee_event_id, credit_risk.base_share(g.amount_base, g.amount, 0, e.amount) * CASE WHEN e.reversal_of IS NULL THEN 1 ELSE -1 END, e.recorded_by,
       concat_ws(' ', g.kind, g.reference, e.note)
FROM guarantee_event e JOIN guarantee g USING (customer_id, guarantee_id)
UNION ALL
SELECT d.customer_id, d.decided_on, d.recorded_at, 'risk_action_' || d.decision, 'risk_action_decision', d.risk_action_decision_id, d.amount, d.recorded_by,
       concat_ws(': ', d.action, d.motive)
FROM risk_action_decision d
UNION ALL
SELECT e.customer_id, e.escalated_on, e.recorded_at, 'task_escalated', 'task_escalation', e.task_id, NULL, e.recorded_by,
       format('level %s, %s: %s', e.level, concat_ws(' → ', e.from_owner, e.to_owner), t.subject)
FROM task_escalation e JOIN task t USING (customer_id, task_id)
UNION ALL
SELECT d.customer_id, CASE WHEN d.reversal_of IS NULL THEN d.issued_on ELSE (d.recorded_at AT TIME ZONE g.time_zone)::date END, d.recorded_at,
       CASE WHEN d.reversal_of IS NULL THEN 'document' ELSE 'document_withdrawn' END, 'invoice_document', d.document_id, NULL, d.recorded_by,
       concat_ws(' ', d.kind, d.document_no, d.file_name, d.note)
FROM invoice_document d CROSS JOIN ledger g
UNION ALL
SELECT k.customer_id, k.checked_on, k.recorded_at, CASE WHEN k.sha256 IS NULL THEN 'document_not_found' ELSE 'document_checked' END, 'document_check', k.document_check_id, NULL, k.recorded_by,
       concat_ws(' ', d.kind, d.document_no, k.note)
FROM document_check k JOIN invoice_document d USING (customer_id, document_id)
UNION ALL
SELECT w.customer_id, w.waived_on, w.recorded_at, 'document_waived' || CASE WHEN w.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'document_waiver', w.waiver_id, NULL, w.recorded_by,
       concat_ws(' ', w.kind, w.stage, w.reason)
FROM document_waiver w
UNION ALL
SELECT k.customer_id, coalesce(k.accepted_on, (k.recorded_at AT TIME ZONE g.time_zone)::date), k.recorded_at, 'clause' || CASE WHEN k.reversal_of IS NULL THEN '' ELSE '_reversed' END,
       'contract_clause', k.clause_id, NULL, k.recorded_by, concat_ws(' ', k.kind, k.contract_no, CASE WHEN NOT k.present THEN 'not present' WHEN NOT k.compliant THEN 'not compliant' END, k.note)
FROM contract_clause k CROSS JOIN ledger g
UNION ALL
SELECT e.customer_id, e.occurred_on, e.recorded_at, 'litigation_' || e.event || CASE WHEN e.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'litigation_event', e.event_id,
       NULL, e.recorded_by, concat_ws(' ', 'litigation', e.litigation_id, e.reference, e.amount, e.note)
FROM litigation_event e
UNION ALL
SELECT a.customer_id, a.acknowledged_on, a.recorded_at, 'debt_acknowledged' || CASE WHEN a.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'debt_acknowledgement',
       a.acknowledgement_id, NULL, a.recorded_by, concat_ws(' ', i.invoice_no, a.reference, a.note)
FROM debt_acknowledgement a JOIN invoice i USING (customer_id, invoice_id)
UNION ALL
SELECT n.customer_id, n.occurred_on, n.recorded_at, 'interaction' || CASE WHEN n.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'interaction', n.interaction_id, NULL,
       n.recorded_by, concat_ws(' ', n.kind, n.direction, n.subject, n.outcome)
FROM interaction n
UNION ALL
SELECT a.customer_id, a.valid_from, a.recorded_at, 'attribute', 'customer_attribute', a.customer_attribute_id, NULL, a.recorded_by,
       concat_ws(' ', a.attribute || ':', coalesce(a.value::text, a.word, 'not known'), 'by ' || a.source)
FROM customer_attribute a
UNION ALL
SELECT p.customer_id, p.valid_from, p.recorded_at, 'company_profile', 'company_profile', p.profile_id, NULL, p.recorded_by,
       concat_ws(' ', p.legal_form, 'founded ' || p.founded_on, p.employees || ' employees', p.sector_code, 'by ' || p.source)
FROM company_profile p
UNION ALL
SELECT r.customer_id, r.rated_on, r.recorded_at, 'external_rating' || CASE WHEN r.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'external_rating', r.external_rating_id,
       NULL, r.recorded_by, concat_ws(' ', r.provider, r.value, format('(%s of 100)', r.score), r.note)
FROM external_rating r
UNION ALL
SELECT e.customer_id, e.reported_on, e.recorded_at, 'bureau_' || e.kind || CASE WHEN e.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'bureau_event', e.bureau_event_id,
       CASE WHEN e.reversal_of IS NULL THEN e.amount ELSE -e.amount END, e.recorded_by, concat_ws(' ', e.provider, e.creditor, e.days_late || ' days', e.note)
FROM bureau_event e
UNION ALL
SELECT r.customer_id, r.valid_from, r.recorded_at, CASE WHEN r.related THEN 'related_party' ELSE 'related_party_ended' END, 'related_party', r.related_party_id,
       NULL, r.recorded_by, concat_ws(' ', r.relation, y.name, 'by ' || r.source)
FROM related_party r JOIN party y USING (party_id)
UNION ALL
SELECT w.customer_id, w.published_on, w.recorded_at, 'news' || CASE WHEN w.reversal_of IS NULL THEN '' ELSE '_reversed' END, 'news_item', w.news_id, NULL, w.recorded_by,
       concat_ws(' ', w.sentiment, w.severity, w.title, w.url, w.note)
FROM news_item w
UNION ALL
SELECT s.customer_id, s.received_on, s.recorded_at, CASE WHEN s.withdrawn THEN 'accounts_withdrawn' ELSE 'accounts' END, 'financial_statement', s.statement_id, NULL, s.recorded_by,
       format('%s%s, closed on %s, report %s', s.source, CASE WHEN s.consolidated THEN ', consolidated' ELSE '' END, s.closing_on, s.revision) || coalesce(': ' || s.reason, '')
FROM financial_statement s
UNION ALL
SELECT s.customer_id, s.valid_from, s.recorded_at, 'sector', 'customer_sector', s.customer_sector_id, NULL, s.recorded_by, concat_ws(' ', s.sector, s.source)
FROM customer_sector s
-- Cases: two events each, when they were opened and when they were closed.
UNION ALL
SELECT k.customer_id, v.on_date, v.at, k.word || '_' || v.event, k.object, k.object_id, k.amount_base * v.sign, v.by_role, k.detail
FROM (SELECT t.customer_id, 'task' AS word, 'task' AS object, t.task_id AS object_id, NULL::numeric AS amount_base, t.opened_on, t.recorded_at, t.recorded_by,
             t.closed_on, t.closed_at, t.closed_by, 'closed' AS outcome, t.kind || ': ' || t.subject AS detail
      FROM task t
      UNION ALL
      SELECT v.customer_id, 'visit' AS word, 'visit' AS object, v.visit_id, NULL AS amount_base, v.opened_on, v.recorded_at, v.recorded_by,
             v.closed_on, v.closed_at, v.closed_by, v.outcome, concat_ws(' ', replace(v.performed_by, '_', ' '), 'planned', v.planned_on, 'done ' || v.done_on, v.findings)
      FROM visit v
      UNION ALL
      SELECT m.customer_id, 'monitoring' AS word, 'monitored_customer' AS object, m.monitoring_id, NULL AS amount_base, m.opened_on, m.recorded_at, m.recorded_by,
             m.closed_on, m.closed_at, m.closed_by, 'ended' AS outcome, concat_ws(' ', m.provider, m.reference)
      FROM monitored_customer m
      UNION ALL
      SELECT d.customer_id, d.kind, 'dispute' AS object, d.dispute_id, credit_risk.base_share(i.amount_base, i.amount, 0, d.amount), d.opened_on, d.recorded_at, d.recorded_by,
             d.closed_on, d.closed_at, d.closed_by, d.outcome, concat_ws(' ', i.invoice_no, d.reason)
      FROM dispute d JOIN invoice i USING (customer_id, invoice_id)
      UNION ALL
      SELECT h.customer_id, 'hold' AS word, 'credit_hold' AS object, h.hold_id, NULL AS amount_base, h.opened_on, h.recorded_at, h.recorded_by,
             h.closed_on, h.closed_at, h.closed_by, h.outcome, concat_ws(' ', h.checkpoint, o.order_no, h.motive)
      FROM credit_hold h LEFT JOIN sales_order o USING (customer_id, order_id)
      UNION ALL
      SELECT r.customer_id, 'delivery_request' AS word, 'delivery_request' AS object, r.delivery_request_id, r.amount_base, r.opened_on, r.recorded_at, r.recorded_by,
             r.closed_on, r.closed_at, r.closed_by, r.outcome, concat_ws(' ', o.order_no, 'planned ' || r.planned_on)
      FROM delivery_request r LEFT JOIN sales_order o USING (customer_id, order_id)
      UNION ALL
      SELECT v.customer_id, 'authorization' AS word, 'credit_reservation' AS object, v.order_id, NULL AS amount_base, v.opened_on, v.recorded_at, v.recorded_by,
             v.closed_on, v.closed_at, v.closed_by, v.outcome, concat_ws(' ', v.amount, v.currency, 'until ' || v.valid_until, v.reason)
      FROM credit_reservation v
      UNION ALL
      SELECT p.customer_id, 'promise' AS word, 'promise' AS object, p.promise_id, p.amount_base, p.opened_on, p.recorded_at, p.recorded_by, p.closed_on, p.closed_at, p.closed_by,
             p.outcome, concat_ws(' ', 'for ' || p.promised_on, p.promised_by, p.note)
      FROM promise p
      UNION ALL
      SELECT p.customer_id, 'payment_plan' AS word, 'payment_plan' AS object, p.plan_id, NULL AS amount_base, p.opened_on, p.recorded_at, p.recorded_by, p.closed_on, p.closed_at, p.closed_by,
             p.outcome, concat_ws(' ', p.amount, p.currency, p.note)
      FROM payment_plan p
      UNION ALL
      SELECT d.customer_id, 'doubtful' AS word, 'doubtful_receivable' AS object, d.doubtful_id, NULL AS amount_base, d.opened_on, d.recorded_at, d.recorded_by, d.closed_on, d.closed_at, d.closed_by,
             d.outcome, concat_ws(' ', i.invoice_no, d.status, d.reason)
      FROM doubtful_receivable d JOIN invoice i USING (customer_id, invoice_id)
      UNION ALL
      SELECT s.customer_id, 'assigned_invoice' AS word, 'assigned_invoice' AS object, s.assigned_invoice_id, credit_risk.base_share(i.amount_base, i.amount, 0, s.amount), s.opened_on, s.recorded_at,
             s.recorded_by, s.closed_on, s.closed_at, s.closed_by, s.outcome, concat_ws(' ', i.invoice_no, CASE WHEN s.recourse THEN 'with recourse' ELSE 'without recourse' END)
      FROM assigned_invoice s JOIN invoice i USING (customer_id, invoice_id)
      UNION ALL
      SELECT p.customer_id, 'placement' AS word, 'placement' AS object, p.placement_id, credit_risk.base_share(i.amount_base, i.amount, 0, p.amount), p.opened_on, p.recorded_at, p.recorded_by,
             p.closed_on, p.closed_at, p.closed_by, p.outcome, concat_ws(' ', i.invoice_no, p.kind, p.placed_with)
      FROM placement p JOIN invoice i USING (customer_id, invoice_id)
      UNION ALL
      SELECT l.customer_id, 'litigation' AS word, 'litigation_case' AS object, l.litigation_id, NULL AS amount_base, l.opened_on, l.recorded_at, l.recorded_by, l.closed_on, l.closed_at, l.closed_by,
             l.outcome, concat_ws(' ', l.amount, l.currency, l.stage, l.court,
                 (SELECT string_agg(i.invoice_no, ', ' ORDER BY i.invoice_id) FROM litigation_case_invoice m JOIN invoice i USING (customer_id, invoice_id)
                  WHERE m.customer_id = l.customer_id AND m.litigation_id = l.litigation_id))
      FROM litigation_case l
      UNION ALL
      SELECT p.customer_id, 'collective_proceeding' AS word, 'collective_proceeding' AS object, p.proceeding_id, NULL AS amount_base, p.opened_on, p.recorded_at, p.recorded_by,
             p.closed_on, p.closed_at, p.closed_by, p.outcome, concat_ws(' ', p.kind, 'judgment of', p.judgment_on, p.court, p.reference)
      FROM collective_proceeding p
      UNION ALL
      SELECT k.customer_id, 'proceeding_' || k.kind AS word, 'proceeding_claim' AS object, k.claim_id, k.declared_amount AS amount_base, k.opened_on, k.recorded_at, k.recorded_by,
             k.closed_on, k.closed_at, k.closed_by, k.outcome, concat_ws(' ', 'sent on', k.declared_on, k.reference, 'admitted ' || k.admitted_amount)
      FROM proceeding_claim k
      UNION ALL
      SELECT r.customer_id, 'approval' AS word, 'approval_request' AS object, r.request_id, r.amount AS amount_base, r.opened_on, r.recorded_at, r.recorded_by,
             r.closed_on, r.closed_at, r.closed_by, r.outcome, concat_ws(' ', r.action, r.subject_id, r.motive, r.note)
      FROM approval_request r
      UNION ALL
      -- What was written in customer shows there.
      SELECT a.customer_id, 'class_' || a.kind AS word, 'class_assignment' AS object, a.class_assignment_id, NULL AS amount_base, a.opened_on, a.recorded_at, a.recorded_by,
             a.closed_on, a.closed_at, a.closed_by, a.outcome, concat_ws(' ', a.risk_class, 'until ' || a.until, array_to_string(nullif(a.caps, '{}'), ', '), a.reason, a.note)
      FROM class_assignment a WHERE a.source <> 'customer'
      UNION ALL
      SELECT p.customer_id, 'class_proposal' AS word, 'class_proposal' AS object, p.class_proposal_id, NULL AS amount_base, p.opened_on, p.recorded_at, p.recorded_by,
             p.closed_on, p.closed_at, p.closed_by, p.outcome, concat_ws(' ', coalesce(p.former_class, '-'), '→', coalesce(p.proposed_class, '-'), p.note)
      FROM class_proposal p
      UNION ALL
      SELECT r.customer_id, 'limit_request' AS word, 'limit_request' AS object, r.limit_request_id, r.amount_base, r.opened_on, r.recorded_at, r.recorded_by,
             r.closed_on, r.closed_at, r.closed_by, r.outcome, concat_ws(' ', r.kind, r.amount, r.currency, r.motive, r.note)
      FROM limit_request r
      UNION ALL
      SELECT a.customer_id, 'alert' AS word, 'alert' AS object, a.alert_id, NULL AS amount_base, a.opened_on, a.recorded_at, a.recorded_by, a.closed_on, a.closed_at, a.closed_by,
             'ended' AS outcome, concat_ws(' ', a.kind, nullif(a.key, ''), a.message_en)
      FROM alert a
      UNION ALL
      SELECT w.customer_id, 'watch' AS word, 'watch_list' AS object, w.watch_id, NULL AS amount_base, w.opened_on, w.recorded_at, w.recorded_by, w.closed_on, w.closed_at, w.closed_by,
             'ended' AS outcome, concat_ws(', ', w.reason, 'until ' || w.until, w.outcome)
      FROM watch_list w
      UNION ALL
      SELECT g.customer_id, 'guarantee' AS word, 'guarantee' AS object, g.guarantee_id, g.amount_base, g.valid_from, g.recorded_at, g.recorded_by, g.closed_on, g.closed_at, g.closed_by,
             g.outcome, concat_ws(' ', g.kind, g.guarantor, g.reference, 'until ' || g.valid_to, g.reason)
      FROM guarantee g
      UNION ALL
      SELECT t.customer_id, 'terms_change' AS word, 'terms_change' AS object, t.terms_change_id, NULL AS amount_base, t.opened_on, t.recorded_at, t.recorded_by,
             t.closed_on, t.closed_at, t.closed_by, t.outcome,
             concat_ws(' ', coalesce(t.former_terms, '-'), '→', coalesce(t.terms, '='), coalesce(t.former_method, '-'), '→', coalesce(t.payment_method, '='), 'from', t.valid_from, t.reason)
      FROM terms_change t
      UNION ALL
      SELECT n.customer_id, 'terms_negotiation' AS word, 'terms_negotiation' AS object, n.negotiation_id, n.amount, n.opened_on, n.recorded_at, n.recorded_by,
             n.closed_on, n.closed_at, n.closed_by, n.outcome, concat_ws(' ', 'asked', n.asked_terms, 'granted ' || n.granted_terms, n.note)
      FROM terms_negotiation n
      UNION ALL
      SELECT r.customer_id, 'insurance_request' AS word, 'insurance_request' AS object, r.request_id, NULL AS amount_base, r.opened_on, r.recorded_at, r.recorded_by,
             r.closed_on, r.closed_at, r.closed_by, r.outcome, concat_ws(' ', r.policy_no, r.amount, r.currency, 'granted ' || r.granted_amount, r.reason)
      FROM insurance_request r
      UNION ALL
      SELECT k.customer_id, 'insurance_claim' AS word, 'insurance_claim' AS object, k.claim_id, k.loss, k.opened_on, k.recorded_at, k.recorded_by,
             k.closed_on, k.closed_at, k.closed_by, k.outcome, concat_ws(' ', k.policy_no, k.kind, 'indemnity ' || k.indemnity, k.reason)
      FROM insurance_claim k
      UNION ALL
      SELECT o.customer_id, 'own_risk_approval' AS word, 'own_risk_approval' AS object, o.approval_id, o.amount, o.opened_on, o.recorded_at, o.recorded_by,
             o.closed_on, o.closed_at, o.closed_by, o.outcome, concat_ws(' ', 'until', o.valid_until, 'by ' || o.approved_by, o.reason)
      FROM own_risk_approval o
      UNION ALL
      SELECT q.customer_id, 'proof_of_delivery' AS word, 'proof_of_delivery_request' AS object, q.request_id, NULL AS amount_base, q.opened_on, q.recorded_at, q.recorded_by,
             q.closed_on, q.closed_at, q.closed_by, q.outcome, concat_ws(' ', q.carrier, d.delivery_no, q.note)
      FROM proof_of_delivery_request q LEFT JOIN delivery d USING (customer_id, delivery_id)
      UNION ALL
      SELECT f.customer_id, 'affiliation' AS word, 'affiliated_customer' AS object, f.affiliation_id, NULL AS amount_base, f.opened_on, f.recorded_at, f.recorded_by,
             f.closed_on, f.closed_at, f.closed_by, coalesce(f.outcome, 'closed'), f.reason
      FROM affiliated_customer f) k
CROSS JOIN LATERAL (
    SELECT k.opened_on, k.recorded_at, 'opened' AS event, k.recorded_by, 1 AS sign
    UNION ALL SELECT k.closed_on, k.closed_at, k.outcome, k.closed_by, -1 AS sign WHERE k.closed_at IS NOT NULL) v (on_date, at, event, by_role, sign);
COMMENT ON VIEW risk_event IS
'Everything on record of every customer, from prospect to write-off (journal des événements de risque): when it took effect and when it was recorded, what happened, to which object, by whom. amount_base in base currency, negative for what takes back or closes, NULL where the fact has none or none in base currency. What an order did for a delivery or invoice is that delivery or invoice. customer_timeline() gives it a number.';

CREATE FUNCTION customer_timeline(customer_id bigint, from_on date DEFAULT NULL, to_on date DEFAULT NULL)
RETURNS TABLE (event_no bigint, occurred_on date, recorded_at timestamptz, event text, object text, object_id bigint,
               amount_base numeric, recorded_by text, detail text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM customer_event e WHERE e.customer_id = customer_timeline.customer_id) THEN
        RAISE EXCEPTION 'customer % does not exist', coalesce(customer_timeline.customer_id::text, 'NULL') USING ERRCODE = 'CR004';
    ELSIF from_on > to_on THEN
        RAISE EXCEPTION 'argument "to_on" (%) is before "from_on" (%)', to_on, from_on USING ERRCODE = '22023';
    END IF;
    RETURN QUERY
    SELECT n.* FROM (
        SELECT row_number() OVER (ORDER BY e.recorded_at, e.object, e.object_id, e.event), e.occurred_on, e.recorded_at, e.event, e.object, e.object_id,
               e.amount_base, e.recorded_by, e.detail
        FROM risk_event e WHERE e.customer_id = customer_timeline.customer_id) n (event_no, occurred_on)
    WHERE coalesce(n.occurred_on >= from_on, true) AND coalesce(n.occurred_on <= to_on, true)
    ORDER BY n.event_no;
END $$;
COMMENT ON FUNCTION customer_timeline(bigint, date, date) IS
'The events of a customer, 1, 2, 3 … without gaps in the order in which they were recorded; a later event never changes the number of an earlier one. from_on and to_on (NULL = no bound) show those of some business dates, under the same numbers. CR004 if no such customer was ever there, 22023 for dates out of order.';
