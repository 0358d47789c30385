-- The whole history of contacts with a customer, and a call in one sentence:
-- what was said and what it brought.

ALTER TABLE interaction ADD FOREIGN KEY (customer_id, action_id) REFERENCES dunning_action ON UPDATE RESTRICT ON DELETE RESTRICT;

CREATE VIEW customer_interaction AS
SELECT h.customer_id, c.code, c.name, h.occurred_on, h.occurred_at, h.kind, h.direction, h.subject, h.note, h.outcome, t.name AS contact, i.invoice_no, h.amount,
       h.currency, h.by, h.source, h.id, h.invoice_id, h.action_id, h.recorded_at
FROM (SELECT n.customer_id, n.occurred_on, n.occurred_at, n.kind, n.direction, n.subject, n.note, n.outcome, n.contact_id, n.invoice_id, n.action_id,
             d.amount, d.currency, n.recorded_by AS by, 'interaction' AS source, n.interaction_id AS id, n.recorded_at
      FROM interaction n LEFT JOIN dunning_action d USING (customer_id, action_id)
      WHERE n.reversal_of IS NULL AND NOT EXISTS (SELECT FROM interaction r WHERE r.customer_id = n.customer_id AND r.reversal_of = n.interaction_id)
      UNION ALL         -- what the queue sent; a call that somebody wrote about stands above
      SELECT d.customer_id, coalesce(d.done_on, d.due_on) AS occurred_on, NULL AS occurred_at, d.channel, 'out' AS direction,
             coalesce((SELECT n.subject FROM dunning_notice n WHERE n.customer_id = d.customer_id AND n.action_id = d.action_id ORDER BY n.attempt DESC LIMIT 1),
                      format('level %s: %s', d.dunning_level, d.template)) AS subject, NULL AS note, d.outcome, NULL AS contact_id, d.lead_invoice_id,
             d.action_id, d.amount, d.currency, d.worker, 'dunning_action' AS source, d.action_id AS id, d.recorded_at
      FROM dunning_action d
      WHERE d.status = 'done' AND NOT d.internal
        AND NOT EXISTS (SELECT FROM interaction n WHERE n.customer_id = d.customer_id AND n.action_id = d.action_id AND n.reversal_of IS NULL
                        AND NOT EXISTS (SELECT FROM interaction r WHERE r.customer_id = n.customer_id AND r.reversal_of = n.interaction_id))) h
JOIN customer c USING (customer_id)
LEFT JOIN contact t ON t.customer_id = h.customer_id AND t.contact_id = h.contact_id
LEFT JOIN invoice i ON i.customer_id = h.customer_id AND i.invoice_id = h.invoice_id
ORDER BY h.occurred_on DESC, h.recorded_at DESC, h.source, h.id DESC;
COMMENT ON VIEW customer_interaction IS
'Every contact with customers, newest first (historique des relations): interactions that were not taken back, and the communications of the dunning queue that were carried out (tasks of the house left out), on the day on which they were. kind is the channel; source and id say which row it is; amount, of a communication, in document currency.';

CREATE FUNCTION record_call(customer_id bigint, outcome text, note text DEFAULT NULL, invoice_id bigint DEFAULT NULL, on_date date DEFAULT NULL,
                            amount numeric DEFAULT NULL, contact_id bigint DEFAULT NULL, action_id bigint DEFAULT NULL, direction text DEFAULT 'out',
                            OUT interaction_id bigint, OUT promise_id bigint, OUT dispute_id bigint, OUT task_id bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    today date := business_date();
    reached constant boolean := coalesce(outcome, '') NOT IN ('no_answer', 'wrong_number', 'message_left');
    back_on date := on_date;        -- when we speak again
    person text := (SELECT t.name FROM contact t WHERE t.customer_id = record_call.customer_id AND t.contact_id = record_call.contact_id);
    action_task bigint;
BEGIN
    IF coalesce(outcome, '') NOT IN ('promise', 'dispute', 'no_answer', 'wrong_number', 'message_left', 'will_call_back', 'says_paid', 'refuses', 'informed') THEN
        RAISE EXCEPTION 'invalid outcome of a call: %', coalesce(quote_literal(outcome), 'NULL')
            USING ERRCODE = '22023', HINT = 'It is promise, dispute, no_answer, wrong_number, message_left, will_call_back, says_paid, refuses or informed.';
    ELSIF outcome = 'promise' AND on_date IS NULL THEN
        RAISE EXCEPTION 'a promise is for a day' USING ERRCODE = '22023', HINT = 'Give on_date, the day on which the customer says it pays.';
    ELSIF outcome = 'dispute' AND (invoice_id IS NULL OR coalesce(note, '') = '') THEN
        RAISE EXCEPTION 'a dispute is about an invoice, for a reason' USING ERRCODE = '22023', HINT = 'Give invoice_id, and the customer''s reason as note.';
    ELSIF outcome NOT IN ('promise', 'dispute') AND on_date < today THEN
        RAISE EXCEPTION 'a follow-up on % is over', on_date USING ERRCODE = 'CR003', DETAIL = format('The business date is %s.', today);
    END IF;
    interaction_id := record_interaction(customer_id, 'call', CASE outcome WHEN 'promise' THEN format('Promises to pay on %s', on_date)
                                                                         WHEN 'dispute' THEN 'Contests an invoice' ELSE 'Call: ' || replace(outcome, '_', ' ') END,
                                         note, coalesce(direction, 'out'), outcome, invoice_id, contact_id, action_id);
    IF outcome = 'promise' THEN
        promise_id := promise_to_pay(customer_id, on_date, amount, invoice_id, person, note => record_call.note);
        back_on := NULL;
        UPDATE task t SET closed_on = greatest(today, t.opened_on), outcome = 'promised again'
        WHERE t.customer_id = record_call.customer_id AND t.kind = 'promise_broken' AND t.invoice_id IS NOT DISTINCT FROM record_call.invoice_id AND t.closed_on IS NULL;
    ELSIF outcome = 'dispute' THEN
        dispute_id := open_dispute(invoice_id, amount, note);
        back_on := NULL;
    ELSIF outcome = 'will_call_back' THEN
        back_on := coalesce(back_on, credit_risk.adjust_business_day(today + 1, 'following', '{}'));
    END IF;
    -- A follow-up that this call carried out is over, or moves to the next day.
    IF back_on IS NOT NULL THEN
        task_id := open_task(customer_id, 'follow_up', concat_ws(': ', 'Call again, ' || replace(outcome, '_', ' '), note), invoice_id, NULL, 'collection', back_on);
        IF task_id IS NULL THEN
            UPDATE task t SET due_on = back_on, subject = concat_ws(': ', 'Call again, ' || replace(record_call.outcome, '_', ' '), record_call.note)
            WHERE t.customer_id = record_call.customer_id AND t.kind = 'follow_up' AND t.invoice_id IS NOT DISTINCT FROM record_call.invoice_id
              AND t.payment_id IS NULL AND t.closed_on IS NULL
            RETURNING t.task_id INTO task_id;
        END IF;
    ELSIF reached THEN
        UPDATE task t SET closed_on = greatest(today, t.opened_on), outcome = record_call.outcome
        WHERE t.customer_id = record_call.customer_id AND t.kind = 'follow_up' AND t.invoice_id IS NOT DISTINCT FROM record_call.invoice_id AND t.closed_on IS NULL;
    END IF;
    -- The call of the queue is done; its task says so.
    IF reached AND action_id IS NOT NULL THEN
        action_task := (SELECT d.task_id FROM dunning_action d WHERE d.customer_id = record_call.customer_id AND d.action_id = record_call.action_id);
        IF EXISTS (SELECT FROM task t WHERE t.customer_id = record_call.customer_id AND t.task_id = action_task AND t.closed_on IS NULL) THEN
            PERFORM close_task(action_task, outcome);
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION record_call(bigint, text, text, bigint, date, numeric, bigint, bigint, text) IS
'Records a call with a customer (appel) and books what it brought: promise (to pay an amount, NULL = all, of an invoice or of the account on on_date), dispute (of an amount of an invoice, for the reason in note), or no_answer, wrong_number, message_left, will_call_back, says_paid, refuses, informed. With on_date these become a task follow_up on that day (resoumission); will_call_back without it on the next business day. A call that reached the customer ends its follow-up, and the call of the dunning queue named by action_id. All or nothing. Returns the ids. 22023 for another outcome, a promise without a day or a dispute without invoice and reason; CR003 for a day that is over; and the errors of record_interaction(), promise_to_pay() and open_dispute().';
