-- Disputes and causes of lateness: rows 003-15, 004-09, 001-08 and 001-05 of
-- the capability list, each by the state before, the act and the state after.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('contested') \g /dev/null
SET LOCAL search_path = contested, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', await_sending = false;
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
CREATE FUNCTION pg_temp.item(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', dunning_level, step_no, coalesce(next_action_on::text, 'never')) FROM contested.open_item WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.night(day date) RETURNS text LANGUAGE plpgsql AS
$$ DECLARE r record; BEGIN
    UPDATE contested.ledger SET pinned_date = day;
    SELECT * INTO r FROM contested.run_daily();
    RETURN format('%s %s %s', r.customers, r.items, r.actions);
END $$;
CREATE FUNCTION pg_temp.laws(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM contested.verify()', what || ': verify()');
    RETURN NEXT set_eq('SELECT * FROM contested.disputed_item', 'SELECT * FROM contested.disputed_as_of((SELECT contested.business_date()))', what || ': disputed today is disputed as of today');
END $$;

-- 003-15: a disputed invoice is not dunned, remains in exposure, and comes back on rejection.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 10, 'I10', '2026-01-15', '2026-02-20', 500), (1, 11, 'I11', '2026-01-15', '2026-02-20', 300);
SELECT is(pg_temp.item(10), '0 0 2026-02-13', '003-15 before: an overdue item waits for the night');
SELECT is((SELECT exposure FROM exposure WHERE customer_id = 1), 800::numeric, '003-15 before: it is exposure');
SELECT open_dispute(10, reason => 'half of it broken', department => 'quality', opened_on => '2026-02-25') AS dispute \gset
SELECT is(pg_temp.item(10), '0 0 never', '003-15 disputed: dunning does not look at it');
SELECT is((SELECT concat_ws(' ', amount, currency, kind, deadline_on, days_open, deadline_missed, amount_base) FROM open_dispute WHERE dispute_id = :dispute), '500 EUR dispute 2026-03-27 5 f 500', '003-15 all that is open is disputed, the deadline is 30 days');
SELECT is((SELECT concat_ws(' ', department, due_on, closed_on, subject) FROM task WHERE invoice_id = 10), 'quality 2026-03-27 Answer the dispute of 500 EUR: half of it broken', '003-15 its department has a task with that deadline');
SELECT is(pg_temp.night('2026-03-03'), '1 1 1', '003-15 the night takes the other item');
SELECT is((SELECT concat_ws(' ', items, amount) FROM dunning_action), '1 300', '003-15 and asks for that alone');
SELECT is((SELECT exposure FROM exposure WHERE customer_id = 1), 800::numeric, '003-15 disputed: it remains in exposure');
SELECT is((SELECT total FROM ageing_by_customer WHERE customer_id = 1), 800::numeric, '003-15 and in the aged balance');
SELECT throws_ok($$UPDATE open_item SET dunning_level = 9 WHERE invoice_id = 10$$, 'CR009', NULL, '003-15 a level is still one of the strategy');
UPDATE dunning_strategy SET min_account = min_account;
SELECT is(pg_temp.item(10), '0 0 never', '003-15 a changed strategy does not bring it back');
SELECT pg_temp.laws('003-15 while disputed');
UPDATE dispute SET department = 'logistics', owner = 'Anne' WHERE dispute_id = :dispute;
SELECT is((SELECT department || ' ' || owner FROM task WHERE invoice_id = 10), 'logistics Anne', '003-15 handed over, its task goes along');
SELECT is(resolve_dispute(:dispute, 'rejected', 'none'), 'rejected', '003-15 rejected');
SELECT is((SELECT concat_ws(' ', closed_on, outcome) FROM task WHERE invoice_id = 10), '2026-03-03 rejected', '003-15 the task is done');
SELECT is(pg_temp.item(10), '0 0 2026-02-13', '003-15 its next step is due again');
SELECT is(pg_temp.night('2026-03-09'), '1 2 1', '003-15 and the night takes it');
SELECT is((SELECT count(*) FROM dunning_action_item WHERE invoice_id = 10), 1::bigint, '003-15 it is dunned after the rejection');
SELECT is_empty('SELECT * FROM disputed_item', '003-15 nothing is disputed now');
SELECT results_eq($$SELECT d, (SELECT disputed_amount FROM disputed_as_of(d)) FROM unnest('{2026-02-24,2026-02-25,2026-03-02,2026-03-03}'::date[]) d$$,
    $$VALUES (date '2026-02-24', NULL::numeric), ('2026-02-25', 500), ('2026-03-02', 500), ('2026-03-03', NULL)$$, '003-15 as of each day');
SELECT is_empty($$SELECT * FROM disputed_as_of('2026-02-26', '2020-01-01')$$, '003-15 and as it was known');
-- Without the hold it would have been dunned: the same invoice without a dispute.
SELECT is((SELECT count(*) FROM dunning_action_item WHERE invoice_id = 11), 2::bigint, '003-15 its neighbour without a dispute was dunned in both nights');

-- A part.
SELECT pg_temp.night('2026-03-10') \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (2, 20, 'I20', '2026-01-15', '2026-03-06', 100), (2, 21, 'I21', '2026-01-15', '2026-03-06', 100);
SELECT open_dispute(20, 60, 'price', opened_on => '2026-03-10') AS price \gset
SELECT is(pg_temp.night('2026-03-11'), '1 2 1', '003-15 disputed in part: dunned');
SELECT is((SELECT concat_ws(' ', items, amount) FROM dunning_action WHERE customer_id = 2), '2 140', '003-15 for what is undisputed');
SELECT is((SELECT open_amount FROM dunning_action_item WHERE invoice_id = 20), 40::numeric, '003-15 of the item');
SELECT open_dispute(21, 30, 'quantity') \g /dev/null
SELECT is((SELECT concat_ws(' ', items, amount) FROM claim_actions('w', 10) WHERE customer_id = 2), '2 110', '003-15 disputed since: handed out for what is left');
SELECT throws_ok('SELECT open_dispute(21, 71, ''more'')', 'CR003', 'invoice I21, instalment 1: 71 cannot be disputed, 100 is open and 30 of it in dispute', '003-15 not more than is open');
SELECT open_dispute(21, 70, 'quality') \g /dev/null
SELECT is(pg_temp.item(21), '1 2 never', '003-15 the rest disputed too: nothing of it is asked');
SELECT throws_ok('SELECT open_dispute(21, reason => ''again'')', 'CR003', NULL, '003-15 nothing is left to dispute');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (2, 20, 40);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (2, 20, 20, 20, 40);
SELECT is(pg_temp.item(20), '1 2 never', '003-15 what is undisputed is paid: the rest is held');
SELECT is((SELECT complete_action(action_id, claim_token) FROM dunning_action WHERE customer_id = 2), 'obsolete', '003-15 an action whose items are all disputed or paid is obsolete');
SELECT is((SELECT obsolete_reason FROM dunning_action WHERE customer_id = 2), 'disputed', '003-15 and says so');
SELECT pg_temp.laws('003-15 a part');
SELECT reverse_allocation(20) \g /dev/null
SELECT isnt(pg_temp.item(20), '1 2 never', '003-15 open again, it is dunned again');
SELECT pg_temp.laws('003-15 a part, open again');
SELECT is((SELECT count(*) FROM task WHERE invoice_id = 21 AND kind = 'dispute'), 1::bigint, '003-15 one task for the disputes of an invoice');
SELECT resolve_dispute(dispute_id, 'withdrawn') FROM dispute WHERE invoice_id = 21 AND amount = 30 \g /dev/null
SELECT is((SELECT closed_on FROM task WHERE invoice_id = 21 AND kind = 'dispute'), NULL, '003-15 which is open while one of them is');
SELECT resolve_dispute(dispute_id, 'partly_accepted', 'quality', 20.5) FROM dispute WHERE invoice_id = 21 AND amount = 70 \g /dev/null
SELECT isnt((SELECT closed_on FROM task WHERE invoice_id = 21 AND kind = 'dispute'), NULL, '003-15 and closed with the last');
-- Queued, then disputed: obsolete at the claim.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (3, 30, 'I30', '2026-01-15', '2026-03-06', 100);
SELECT pg_temp.night('2026-03-12') \g /dev/null
SELECT open_dispute(30, reason => 'not ours') \g /dev/null
SELECT is_empty($$SELECT * FROM claim_actions('w', 10) WHERE customer_id = 3$$, '003-15 queued and disputed since: not handed out');
SELECT is((SELECT status || ' ' || obsolete_reason FROM dunning_action WHERE customer_id = 3), 'obsolete disputed', '003-15 but obsolete');
SELECT results_eq($$SELECT root_cause, our_fault, disputes, open, accepted, partly_accepted, rejected, withdrawn, amount_base, accepted_base FROM dispute_by_root_cause ORDER BY root_cause NULLS LAST$$,
    $$VALUES ('none', false, 1::bigint, 0::bigint, 0::bigint, 0::bigint, 1::bigint, 0::bigint, 500.00, 0.00),
             ('quality', true, 1, 0, 0, 1, 0, 0, 70.00, 20.50), (NULL, NULL, 3, 2, 0, 0, 0, 1, 190.00, 0.00)$$, '003-15 by root cause');

-- Bad input.
SELECT throws_ok(format('SELECT open_dispute(30, %s, ''x'')', v), NULL, NULL, '003-15 an amount of ' || v) FROM unnest('{0,-1,''NaN'',''Infinity''}'::text[]) v;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (4, 40, 'I40', '2026-01-15', '2026-03-06', 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (4, 41, 'CN', 'credit_note', '2026-01-15', '2026-03-06', 1);
SELECT throws_ok('SELECT open_dispute(40, 10.001, ''x'')', 'CR011', NULL, '003-15 finer than a cent');
SELECT throws_ok('SELECT open_dispute(40, 10)', '23502', NULL, '003-15 without a reason');
SELECT throws_ok('SELECT open_dispute(40, 10, '''')', '23514', NULL, '003-15 with an empty one');
SELECT throws_ok('SELECT open_dispute(40, 10, ''x'', ''joke'')', '23514', NULL, '003-15 of another kind');
SELECT throws_ok('SELECT open_dispute(999, 10, ''x'')', 'CR007', NULL, '003-15 of no invoice');
SELECT throws_ok('SELECT open_dispute(40, 10, ''x'', instalment_no => 2)', 'CR003', NULL, '003-15 of no instalment');
SELECT throws_ok('SELECT open_dispute(41, 1, ''x'')', 'CR003', NULL, '003-15 of a credit note');
SELECT throws_ok($$INSERT INTO dispute (customer_id, invoice_id, reason) VALUES (5, 40, 'x')$$, 'CR003', NULL, '003-15 of another customer');
SELECT throws_ok(format('SELECT open_dispute(40, 10, ''x'', opened_on => %L)', d), 'CR003', NULL, '003-15 opened ' || d) FROM unnest('{2026-01-14,2026-03-13}'::date[]) d;
SELECT throws_ok($$INSERT INTO dispute (customer_id, invoice_id, reason, deadline_on) VALUES (4, 40, 'x', '2026-03-01')$$, '23514', NULL, '003-15 with a deadline before');
SELECT open_dispute(40, 10, 'x', opened_on => '2026-03-10') AS d4 \gset
SELECT throws_ok(format('SELECT resolve_dispute(%s, %s)', :d4, a), e, NULL, '003-15 resolved as ' || a)
FROM (VALUES ('''agreed''', '22023'), ('NULL', '22023'), ('''accepted''', '23514'), ('''partly_accepted'', ''price''', '23514'), ('''partly_accepted'', ''price'', 10', '23514'),
             ('''accepted'', ''price'', 11', '23514'), ('''rejected'', ''none'', 1', '23514'), ('''partly_accepted'', ''price'', 1.005', 'CR011'), ('''rejected'', ''moon''', '23503'),
             ('''rejected'', closed_on => ''2026-03-09''', '23514'), ('''rejected'', closed_on => ''2026-03-13''', 'CR003'), ('''accepted'', ''price'', ''NaN''', '23514')) v (a, e);
SELECT throws_ok(format('SELECT resolve_dispute(%s, ''accepted'')', :d4), '23514', format('dispute %s is accepted without a root cause', :d4), '003-15 the root cause is asked for in words');
SELECT throws_ok(format('SELECT resolve_dispute(%s, ''accepted'', ''logistics'')', :d4), '23503', 'there is no root cause ''logistics''', '003-15 and another is named');
SELECT is(resolve_dispute(:d4, 'accepted', 'price'), 'accepted', '003-15 accepted');
SELECT is((SELECT concat_ws(' ', accepted_amount, closed_on, closed_by = current_user) FROM dispute WHERE dispute_id = :d4), '10 2026-03-12 t', '003-15 in full');
SELECT is((SELECT concat_ws(' ', department, due_on, subject) FROM task WHERE invoice_id = 40 AND kind = 'credit_note'), 'accounting 2026-03-19 Write a credit note of 10 EUR: x', '003-15 accounting writes the credit note');
SELECT is((SELECT next_action_on FROM open_item WHERE invoice_id = 40), '2026-03-19'::date, '003-15 and has a week for it before the item is dunned');
SAVEPOINT credited;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount) SELECT customer_id, 4040, 'CN 40', 'credit_note', 10 FROM invoice WHERE invoice_id = 40;
SELECT match_credit_note(4040, ARRAY[40]) \g /dev/null
SELECT is((SELECT outcome FROM task WHERE invoice_id = 40 AND kind = 'credit_note'), 'credit note matched', '003-15 its task is done once the credit note is matched');
ROLLBACK TO credited;
SELECT throws_ok(format('SELECT resolve_dispute(%s, ''rejected'')', :d4), 'CR012', NULL, '003-15 once');
SELECT throws_ok(format('UPDATE dispute SET root_cause = ''none'' WHERE dispute_id = %s', :d4), 'CR010', NULL, '003-15 a closed one stays as it is');
SELECT throws_ok('UPDATE dispute SET amount = 1 WHERE closed_on IS NULL', 'CR010', NULL, '003-15 an open one keeps its amount');
SELECT throws_ok(s, 'CR010', NULL, s) FROM unnest('{DELETE FROM dispute,TRUNCATE dispute CASCADE}'::text[]) s;

-- verify() sees an item that would never come back, and one that should not.
SAVEPOINT corrupted;
UPDATE open_item SET parked_until = 'infinity', next_action_on = NULL WHERE invoice_id = 40;
UPDATE open_item SET parked_until = NULL, next_action_on = '2026-03-12' WHERE invoice_id = 30;
SELECT set_eq('SELECT object, field, stored, recomputed FROM verify()',
    $$VALUES ('open_item 40/1', 'parked_until', 'infinity', NULL), ('open_item 40/1', 'next_action_on', NULL, '2026-02-27'),
             ('open_item 30/1', 'parked_until', NULL, 'infinity'), ('open_item 30/1', 'next_action_on', '2026-03-12', NULL)$$, '003-15 what is held without a reason, or not held, is a difference');
SELECT is(rebuild(), 4::bigint, '003-15 and is repaired');
SELECT is_empty('SELECT * FROM verify()', '003-15 completely');
SELECT is(pg_temp.item(30), '0 0 never', '003-15 the disputed item is held again, and its step, which was never carried out, is not counted');
ROLLBACK TO corrupted;

-- 004-09: refusal is not lateness.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (6, 60, 'I60', '2026-03-01', '2026-03-11', 100), (6, 61, 'I61', '2026-03-01', '2026-03-11', 100);
SELECT is(pg_temp.item(60), '0 0 2026-03-04', '004-09 before: the clock runs');
SELECT open_dispute(60, reason => 'never ordered', kind => 'refusal') AS refusal \gset
SELECT is(pg_temp.item(60), '0 0 never', '004-09 refused: it stands');
SELECT is((SELECT kind || ' ' || reason FROM open_dispute WHERE customer_id = 6), 'refusal never ordered', '004-09 a dispute of that kind is open');
SELECT pg_temp.night('2026-03-16') \g /dev/null
SELECT pg_temp.night('2026-04-20') \g /dev/null
SELECT is(pg_temp.item(60), '0 0 never', '004-09 weeks later still');
SELECT is((SELECT count(*) FROM dunning_action_item WHERE invoice_id = 60) || ' ' || (SELECT count(*) FROM dunning_action_item WHERE invoice_id = 61), '0 2', '004-09 only the late one was dunned');
SELECT resolve_dispute(:refusal, 'withdrawn', 'customer') \g /dev/null
SELECT pg_temp.night('2026-04-27') \g /dev/null
SELECT is((SELECT count(*) FROM dunning_action_item WHERE invoice_id = 60), 1::bigint, '004-09 withdrawn: the clock goes on');

-- 001-08: what was our fault is not the customer's behaviour.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
  (7, 70, 'I70', '2026-01-01', '2026-01-31', 100), (7, 71, 'I71', '2026-01-01', '2026-01-31', 100), (7, 72, 'I72', '2026-01-01', '2026-01-31', 100), (7, 73, 'I73', '2026-01-01', '2026-01-31', 100);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (7, 70, '2026-02-05', 100), (7, 71, '2026-04-01', 300);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (7, 70, 70, 100);
SELECT is((SELECT round(avg(counted_days), 2) FROM payment_delay WHERE customer_id = 7), 5.00, '001-08 before: five days on average');
SELECT open_dispute(71, 60, 'rust', opened_on => '2026-01-20') AS rust \gset
SELECT open_dispute(71, 40, 'scratches', opened_on => '2026-02-10') AS scratches \gset
SELECT open_dispute(72, reason => 'too dear', opened_on => '2026-02-01') AS dear \gset
SELECT resolve_dispute(:rust, 'accepted', 'quality', closed_on => '2026-03-01') \g /dev/null
SELECT resolve_dispute(:scratches, 'partly_accepted', 'own_fault', 5, '2026-03-29') \g /dev/null
SELECT resolve_dispute(:dear, 'rejected', 'none', closed_on => '2026-03-25') \g /dev/null
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (7, 71, 71, 100);
SELECT results_eq('SELECT days_late, dispute_days, counted_days FROM payment_delay WHERE invoice_id = 71', 'VALUES (60, 57, 3)',
    '001-08 from the due date to the end of the last dispute is ours, days of two disputes count once');
SELECT cmp_ok((SELECT avg(counted_days) FROM payment_delay WHERE customer_id = 7), '<=', 5.0, '001-08 the accepted dispute does not worsen the average delay');
SELECT cmp_ok((SELECT avg(days_late) FROM payment_delay WHERE customer_id = 7), '>', 5.0, '001-08 it would have');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (7, 71, 72, 100);
SELECT results_eq('SELECT days_late, dispute_days, counted_days FROM payment_delay WHERE invoice_id = 72', 'VALUES (60, 0, 60)', '001-08 a rejected dispute is lateness');
SELECT open_dispute(73, reason => 'late', opened_on => '2026-01-05') AS mine \gset
SELECT resolve_dispute(:mine, 'accepted', 'customer', closed_on => '2026-03-25') \g /dev/null
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (7, 73, 71, 73, 100);
SELECT is((SELECT dispute_days FROM payment_delay WHERE invoice_id = 73), 0, '001-08 so is one that was not our fault');
SELECT reverse_allocation(73) \g /dev/null
SELECT is_empty('SELECT * FROM payment_delay WHERE invoice_id = 73', '001-08 what is undone was no payment');

-- 001-05: causes of lateness.
SELECT results_eq('SELECT invoice_id, days_late, amount FROM missing_cause() ORDER BY 1', 'VALUES (71::bigint, 60, 100::numeric), (72, 60, 100)', '001-05 closed items more than 30 days late have no cause');
SELECT results_eq('SELECT count(*) FROM missing_cause(4)', 'VALUES (3::bigint)', '001-05 more than four days');
SELECT results_eq('SELECT count(*) FROM missing_cause(60)', 'VALUES (0::bigint)', '001-05 more than 60 days: none');
SELECT record_cause(71, 'own_fault', 'quality dispute') \g /dev/null
SELECT record_cause(72, 'structural') \g /dev/null
SELECT record_cause(72, 'bad_faith', 'has the money') \g /dev/null
SELECT is_empty('SELECT * FROM missing_cause()', '001-05 every one has a cause now');
SELECT results_eq('SELECT cause, items, amount_base, average_days FROM lateness_by_cause ORDER BY cause NULLS LAST',
    $$VALUES ('bad_faith', 1::bigint, 100::numeric, 60.0), ('own_fault', 1, 100, 60.0), (NULL, 1, 100, 5.0)$$, '001-05 the later cause counts; what has none shows');
SELECT results_eq($$SELECT l.days_late > 30 AND l.cause IS NULL, count(*) FROM late_item l GROUP BY 1$$, 'VALUES (false, 3::bigint)', '001-05 late and without a cause is in the list, or it is not late');
SELECT throws_ok('SELECT record_cause(72, ''weather'')', '23514', NULL, '001-05 another cause');
SELECT throws_ok('SELECT record_cause(999, ''temporary'')', 'CR007', NULL, '001-05 of no invoice');
SELECT throws_ok($$INSERT INTO lateness_cause (customer_id, invoice_id, cause) VALUES (8, 72, 'temporary')$$, '23503', NULL, '001-05 of another customer');
SELECT throws_ok(s, 'CR010', NULL, s) FROM unnest('{UPDATE lateness_cause SET note = NULL,DELETE FROM lateness_cause,TRUNCATE lateness_cause}'::text[]) s;
SELECT pg_temp.laws('001-05');

-- What is placed with somebody or irrecoverable is not asked for by us as well.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (30, 301, 'placed', '2026-01-02', '2026-02-01', 800), (31, 311, 'lost', '2026-01-02', '2026-02-01', 800);
UPDATE ledger SET pinned_date = '2026-03-02';
SELECT place_invoice(301, 'Agence Nord') AS placed \gset
SELECT mark_doubtful(311, 'no assets', status => 'irrecoverable') \g /dev/null
SELECT results_eq('SELECT * FROM dunning_stop ORDER BY 1', $$VALUES (30::bigint, 301::bigint, 'placed'), (31, 311, 'irrecoverable')$$, 'placed and irrecoverable invoices stop dunning');
SELECT is(pg_temp.item(301) || ', ' || pg_temp.item(311), '0 0 never, 0 0 never', 'their items have no next action');
SELECT pg_temp.night('2026-03-03') \g /dev/null
SELECT is((SELECT count(*) FROM dunning_action WHERE customer_id IN (30, 31)), 0::bigint, 'and the night queues nothing for them');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT close_placement(:placed, 'recalled') \g /dev/null
SELECT restore_doubtful(311) \g /dev/null
SELECT isnt(pg_temp.item(301), '0 0 never', 'recalled, it comes back');
SELECT pg_temp.night('2026-03-04') \g /dev/null
SELECT is((SELECT array_agg(customer_id ORDER BY customer_id) FROM dunning_action WHERE customer_id IN (30, 31)), '{30,31}'::bigint[], 'and is dunned');
SELECT place_invoice(301, 'Maître Lemaire', 'lawyer') \g /dev/null
SELECT is((SELECT concat_ws(' ', b.items, b.reason) FROM dunning_action d, action_balance(30, d.action_id) b WHERE d.customer_id = 30), '0 placed', 'what is queued already is not handed out');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty again');

SELECT * FROM finish();
ROLLBACK;
