-- A due date that was booked by mistake: corrected on record, with what held
-- before, for every day and only from when it is known.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('redated') \g /dev/null
SET LOCAL search_path = redated, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31', await_sending = false;
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha'), (2, 'B', 'Beta'), (3, 'C', 'Gamma');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (1, 11, 'A1', '2026-01-10', '2026-02-10', 1000), (2, 21, 'B1', '2026-01-10', '2026-02-10', 500), (2, 22, 'B2', '2026-03-01', '2026-04-30', 70);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, instalment_due_on, instalment_amount, amount)
VALUES (3, 31, 'C1', '2026-01-01', '{2026-02-28,2026-03-15}', '{100,200}', 300);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES
    (3, 32, 'C2', 'credit_note', '2026-03-01', '2026-03-01', 50), (3, 33, 'C3', 'opening_balance', '2026-03-01', '2025-12-31', 40);

CREATE FUNCTION pg_temp.aged(for_code text, as_of date DEFAULT NULL, known_at timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('/', not_due, d1_30, d31_60, d61_90, over_90) FROM redated.ageing_as_of(as_of, known_at) WHERE as_of IS NOT NULL AND code = for_code
    UNION ALL SELECT concat_ws('/', not_due, d1_30, d31_60, d61_90, over_90) FROM redated.ageing_by_customer WHERE as_of IS NULL AND code = for_code
$$;
CREATE FUNCTION pg_temp.item(id bigint, no integer DEFAULT 1) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', o.due_on, coalesce(o.agreed_due_on::text, '-'), o.next_action_on = redated.next_action(o.strategy_id, coalesce(o.agreed_due_on, o.due_on), o.step_no, o.stepped_on, o.parked_until))
    FROM redated.open_item o WHERE (o.invoice_id, o.instalment_no) = (id, no)
$$;

-- Before: 49 days late. Quarter end is closed with it.
SELECT is(pg_temp.aged('A'), '0/0/1000/0/0', 'as it was booked: 49 days late');
SELECT next_action_on AS planned FROM open_item WHERE invoice_id = 11 \gset
SELECT interest AS owed FROM late_interest(11) \gset
SELECT overdue AS overdue FROM dso_by_month WHERE month = '2026-02-01' \gset
SELECT close_period('2026-03-31') AS march \gset
SELECT ok(:owed > 0, 'and bears interest');

-- The correction: the tenth of March was meant.
SELECT correct_due_date(11, '2026-03-10', 'a slip of the pen') AS first \gset
SELECT results_eq('SELECT due_date_correction_id, customer_id, invoice_id, instalment_no, due_on, former_due_on, reason, corrected_on, recorded_by FROM due_date_correction',
    format($$VALUES (%s::bigint, 1::bigint, 11::bigint, 1, date '2026-03-10', date '2026-02-10', 'a slip of the pen', date '2026-03-31', %L)$$, :first, current_user),
    'the correction is a row: the right date, the one before, why, when and by whom');
SELECT is((SELECT due_on FROM invoice WHERE invoice_id = 11), '2026-02-10', 'the invoice stays as written');
SELECT is(pg_temp.aged('A'), '0/1000/0/0/0', 'today it is 21 days late');
SELECT is(pg_temp.item(11), '2026-03-10 - t', 'the item is due on the right day, its next action is that of this day');
SELECT is((SELECT next_action_on - :'planned'::date FROM open_item WHERE invoice_id = 11), 28, 'that is 28 days later');
SELECT results_eq('SELECT from_on, days FROM late_interest_detail(11) ORDER BY from_on', $$VALUES (date '2026-03-11', 21)$$, 'interest runs from the day after it');
SELECT ok((SELECT interest < :owed FROM late_interest(11)), 'and is less');
SELECT is((SELECT min(from_on) FROM interest_to_claim(1)), '2026-03-11', 'a note would claim from there');
SELECT is((SELECT overdue - :overdue FROM dso_by_month WHERE month = '2026-02-01'), -1000::numeric, 'at the end of February it was not overdue');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- The past, as known then and as known now.
SELECT is(pg_temp.aged('A', '2026-03-31', :'march'), '0/0/1000/0/0', 'as known at the closing, March is as it was closed');
SELECT is(pg_temp.aged('A', '2026-03-31'), '0/1000/0/0/0', 'as known now it has the right date');
SELECT is(pg_temp.aged('A', '2026-02-28'), '1000/0/0/0/0', 'and so has a day before the closing');
SELECT is((SELECT overdue FROM dso_as_of('2026-03-31', :'march') WHERE month = '2026-02-01'), :overdue::numeric, 'overdue too as known then');
SELECT results_eq($$SELECT due_on FROM open_item_as_of('2026-03-31') WHERE invoice_id = 11$$, $$VALUES (date '2026-03-10')$$, 'the open items of the day show it');
SELECT is((SELECT due_on FROM open_item_checkpoint WHERE invoice_id = 11), '2026-02-10', 'the closing keeps what was booked');
SELECT is_empty('SELECT * FROM control_account_check(''2026-03-31'') WHERE difference <> 0', 'and it ties out');

-- A second correction: the later counts, what held before is kept.
SELECT correct_due_date(11, '2026-03-20', 'the contract says so') \g /dev/null
SELECT results_eq('SELECT due_on, former_due_on FROM due_date_correction WHERE invoice_id = 11 ORDER BY due_date_correction_id',
    $$VALUES (date '2026-03-10', date '2026-02-10'), ('2026-03-20', '2026-03-10')$$, 'a second one keeps the first on record');
SELECT results_eq('SELECT * FROM corrected_due_date', $$VALUES (1::bigint, 11::bigint, 1, date '2026-03-20')$$, 'the later one counts');
SELECT results_eq($$SELECT due_on FROM corrected_due_as_of((SELECT recorded_at FROM due_date_correction WHERE due_on = '2026-03-10'))$$, $$VALUES (date '2026-03-10')$$,
    'as known between the two, the first');
SELECT is(pg_temp.item(11), '2026-03-20 - t', 'the item follows');
SELECT results_eq($$SELECT event, what FROM (SELECT r.event, r.detail AS what, r.recorded_at FROM risk_event r WHERE customer_id = 1 AND event = 'due_date_corrected') e ORDER BY recorded_at$$,
    $$VALUES ('due_date_corrected', 'A1 due 2026-03-10, not 2026-02-10: a slip of the pen'), ('due_date_corrected', 'A1 due 2026-03-20, not 2026-03-10: the contract says so')$$,
    'the customer''s history tells both');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- Settled and opened again; corrected while it was settled.
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 11, '2026-03-25', 1000), (2, 21, '2026-03-25', 500);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 11, 1000), (2, 21, 21, 21, 500);
SELECT is((SELECT count(*) FROM open_item WHERE invoice_id IN (11, 21)), 0::bigint, 'settled');
SELECT is((SELECT invoice_due_on FROM allocation WHERE allocation_id = 11), '2026-02-10', 'an allocation bears the date that was booked');
SELECT is_empty($$SELECT * FROM balance_as_of('2026-03-31') WHERE invoice_id = 11$$, 'and nothing is left of the item on any due date');
SELECT is((SELECT string_agg(concat_ws(' ', l.invoice_id, l.due_on, l.days_late, d.days_late), ', ' ORDER BY l.invoice_id) FROM late_item l JOIN payment_delay d USING (invoice_id)),
          '11 2026-03-20 5 5, 21 2026-02-10 43 43', 'paid late by the right date');
SELECT correct_due_date(21, '2026-03-01', 'wrong month') \g /dev/null
SELECT is_empty('SELECT * FROM verify()', 'a settled item is corrected and verify() is empty');
SELECT reverse_allocation(a) FROM unnest('{11,21}'::bigint[]) a \g /dev/null
SELECT is(pg_temp.item(11), '2026-03-20 - t', 'opened again it has the corrected date');
SELECT is(pg_temp.item(21), '2026-03-01 - t', 'the one corrected meanwhile too');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT reverse_invoice(21) \g /dev/null
SELECT is_empty($$SELECT * FROM open_item_as_of('2026-03-31') WHERE invoice_id = 21$$, 'a corrected invoice is reversed like another');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- An agreed date stays if it is later still, and is no correction.
UPDATE open_item SET agreed_due_on = '2026-05-31' WHERE invoice_id = 22;
SELECT is((SELECT count(*) FROM due_date_correction WHERE invoice_id = 22), 0::bigint, 'an agreed date is no correction');
SELECT correct_due_date(22, '2026-05-10', 'end of month plus 10') \g /dev/null
SELECT is(pg_temp.item(22), '2026-05-10 2026-05-31 t', 'a later date that was agreed stays');
SELECT correct_due_date(22, '2026-06-15', 'no, of June') \g /dev/null
SELECT is(pg_temp.item(22), '2026-06-15 - t', 'one that is not later falls away');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- One instalment; a payment plan; a credit note; an opening balance.
SELECT correct_due_date(31, '2026-03-30', 'second half', 2) \g /dev/null
SELECT is(concat_ws(', ', pg_temp.item(31), pg_temp.item(31, 2)), '2026-02-28 - t, 2026-03-30 - t', 'one instalment, the other stays');
SELECT results_eq('SELECT instalment_no, min(from_on) FROM late_interest_detail(31) GROUP BY 1 ORDER BY 1', $$VALUES (1, date '2026-03-01'), (2, '2026-03-31')$$, 'each bears interest from its own');
SELECT create_plan(3, ARRAY[31], ARRAY[date '2026-04-10', '2026-05-10'], ARRAY[150, 150]) \g /dev/null
SELECT correct_due_date(31, '2026-04-20', 'later than the plan''s first day', 1) \g /dev/null
SELECT is_empty('SELECT * FROM verify()', 'with a plan verify() is empty');
SELECT correct_due_date(31, '2026-02-20', 'earlier again', 1) \g /dev/null
SELECT is_empty('SELECT * FROM verify()', 'both ways');
SELECT is((SELECT agreed_due_on FROM open_item WHERE (invoice_id, instalment_no) = (31, 1)),
          (SELECT agreed_due_on FROM payment_plan_item WHERE (invoice_id, instalment_no) = (31, 1)), 'the plan''s date is back');
SELECT correct_due_date(32, '2026-02-01', 'a credit note'), correct_due_date(33, '2025-11-30', 'an old item') \g /dev/null
SELECT results_eq('SELECT due_on, next_action_on IS NULL FROM open_item WHERE invoice_id IN (32, 33) ORDER BY invoice_id', $$VALUES (date '2026-02-01', true), ('2025-11-30', false)$$,
    'a credit note and an opening balance may be due before their issue; a credit note is not dunned');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- What was queued is not sent for an item that turns out not to be due.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 12, 'A2', '2026-01-01', '2026-02-01', 900);
INSERT INTO customer (customer_id, code, name) VALUES (4, 'D', 'Delta');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (4, 41, 'D1', '2026-01-01', '2026-02-01', 900);
SELECT run_daily() \g /dev/null
SELECT action_id AS action FROM dunning_action_item WHERE invoice_id = 41 \gset
SELECT results_eq(format('SELECT items, amount, reason FROM action_balance(4, %s)', :action), $$VALUES (1, 900::numeric, NULL::text)$$, 'a reminder waits');
SELECT correct_due_date(41, '2026-03-15', 'still late') \g /dev/null
SELECT is((SELECT reason FROM action_balance(4, :action)), NULL::text, 'still overdue by the right date: it goes out');
SELECT correct_due_date(41, '2026-04-30', 'not late at all') \g /dev/null
SELECT results_eq(format('SELECT items, amount, reason FROM action_balance(4, %s)', :action), $$VALUES (0, 0::numeric, 'due date corrected')$$, 'not overdue: it does not');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- Bad input.
CREATE TEMPORARY VIEW kept AS SELECT (SELECT count(*) FROM due_date_correction) AS rows, (SELECT string_agg(o::text, ' ' ORDER BY o) FROM open_item o) AS items;
CREATE TEMPORARY TABLE before AS SELECT * FROM kept;
SELECT throws_ok(statement, state, NULL, what)
FROM (VALUES ('SELECT correct_due_date(99, ''2026-03-01'', ''x'')', 'CR007', 'no such invoice'),
             ('SELECT correct_due_date(NULL, ''2026-03-01'', ''x'')', 'CR007', 'no invoice'),
             (format('SELECT correct_due_date(%s, ''2026-03-01'', ''x'')', (SELECT invoice_id FROM invoice WHERE reversal_of = 21)), 'CR007', 'a reversal'),
             ('SELECT correct_due_date(11, ''2026-01-09'', ''x'')', 'CR003', 'before its issue'),
             ('SELECT correct_due_date(11, ''2026-03-20'', ''x'')', 'CR003', 'the date that counts already'),
             ('SELECT correct_due_date(11, ''2026-03-01'', ''x'', 2)', 'CR003', 'no such instalment'),
             ('SELECT correct_due_date(31, ''2026-03-01'', ''x'', 3)', 'CR003', 'nor of several'),
             ('SELECT correct_due_date(31, ''2026-03-01'', ''x'', NULL)', 'CR003', 'no instalment'),
             ('SELECT correct_due_date(11, ''infinity'', ''x'')', '22023', 'for ever'),
             ('SELECT correct_due_date(11, ''-infinity'', ''x'')', '22023', 'never'),
             ('SELECT correct_due_date(11, NULL, ''x'')', '22023', 'no date'),
             ('SELECT correct_due_date(11, ''2026-03-01'', '''')', '22023', 'no reason'),
             ('SELECT correct_due_date(11, ''2026-03-01'', NULL)', '22023', 'none at all'),
             ('UPDATE due_date_correction SET reason = ''better''', 'CR010', 'what is on record is not changed'),
             ('DELETE FROM due_date_correction', 'CR010', 'nor deleted'),
             ('TRUNCATE due_date_correction', 'CR010', 'nor truncated')) s (statement, state, what);
SELECT results_eq('SELECT * FROM kept', 'SELECT * FROM before', 'nothing of it is left half done');

-- The statement of account says what the customer has to keep to.
SELECT is((SELECT due_on FROM account_statement(1, '2026-01-01', '2026-03-31') WHERE document_no = 'A1'), date '2026-03-20', 'the statement shows the right date');
-- State made anew from the facts has the corrected dates.
UPDATE open_item SET due_on = '2026-02-10' WHERE invoice_id = 11;
SELECT is((SELECT string_agg(field || ' ' || recomputed, ', ' ORDER BY field) FROM verify()), 'due_on 2026-03-20', 'verify() names an item that has the date from before');
SELECT is(rebuild(), 1::bigint, 'rebuild() repairs it');
SELECT is(pg_temp.item(11), '2026-03-20 - t', 'from the correction');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT * FROM finish();
ROLLBACK;
