-- Promises and payment plans: rows 004-03 and 000-20 of the capability list,
-- and the task to match cash that is there.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('promised') \g /dev/null
SET LOCAL search_path = promised, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-09-25', await_sending = false;
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-09-01', 0.9), ('USD', '2026-09-21', 0.8);
CREATE FUNCTION pg_temp.item(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', dunning_level, step_no, coalesce(next_action_on::text, 'never')) FROM promised.open_item WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.word(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', coalesce(outcome, 'open'), trim_scale(kept_amount), closed_on) FROM promised.promise WHERE promise_id = id $$;
CREATE FUNCTION pg_temp.night(day date) RETURNS text LANGUAGE plpgsql AS
$$ DECLARE r record; BEGIN
    UPDATE promised.ledger SET pinned_date = day;
    SELECT * INTO r FROM promised.run_daily();
    RETURN format('%s %s %s', r.customers, r.items, r.actions);
END $$;
CREATE FUNCTION pg_temp.pay(payer bigint, sum numeric, bill bigint DEFAULT NULL, day date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    WITH p AS (INSERT INTO promised.payment (customer_id, received_on, amount, currency)
               VALUES (payer, coalesce(day, promised.business_date()), sum, (SELECT currency FROM promised.invoice WHERE invoice_id = bill)) RETURNING customer_id, payment_id)
    INSERT INTO promised.allocation (customer_id, payment_id, invoice_id, amount) SELECT customer_id, payment_id, bill, sum FROM p WHERE bill IS NOT NULL
$$;
CREATE FUNCTION pg_temp.law(what text) RETURNS text LANGUAGE sql AS $$ SELECT is_empty('SELECT * FROM promised.verify()', what || ': verify()') $$;

-- 004-03: promises.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT c, c * 10, 'I' || c, '2026-08-01', '2026-09-10', 100 FROM generate_series(1, 12) c;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 11, 'I1b', '2026-08-01', '2026-09-12', 70);
SELECT is(pg_temp.item(10), '0 0 2026-09-03', '004-03 before: an overdue item waits for the night');
SELECT promise_to_pay(1, '2026-09-30', invoice_id => 10, promised_by => 'Mme Roux') AS p1 \gset
SELECT is((SELECT concat_ws(' ', amount, currency, tolerance_days, next_check_on, opened_on) FROM promise WHERE promise_id = :p1), '100 EUR 3 2026-10-04 2026-09-25', '004-03 a promise of all that is open, three days of tolerance');
SELECT is(pg_temp.item(10), '0 0 2026-10-04', '004-03 its item waits until the tolerance is over');
SELECT pg_temp.night('2026-09-28') \g /dev/null
SELECT is((SELECT string_agg(invoice_id::text, ' ') FROM dunning_action_item WHERE customer_id = 1), '11', '004-03 the night takes the other item alone');
SELECT pg_temp.law('004-03 while promised');
SELECT pg_temp.pay(1, 60, 10) \g /dev/null
SELECT is(pg_temp.word(:p1), 'open', '004-03 part of it: still open');
UPDATE ledger SET pinned_date = '2026-10-03';
SELECT pg_temp.pay(1, 40, 10) \g /dev/null
SELECT is(pg_temp.word(:p1), 'kept 100 2026-10-03', '004-03 the rest on the last day of the tolerance: kept in the same transaction');

UPDATE ledger SET pinned_date = '2026-09-28';
SELECT promise_to_pay(2, '2026-09-30', invoice_id => 20, promised_by => 'Mme Roux') AS p2 \gset
SELECT promise_to_pay(3, '2026-09-30', 80, 30) AS p3 \gset
SELECT promise_to_pay(4, '2026-09-30', 80, 40, tolerance_days => 0) AS p4 \gset
SELECT pg_temp.pay(2, 30, 20) \g /dev/null
SELECT pg_temp.night('2026-10-01') \g /dev/null
SELECT is(pg_temp.word(:p4), 'broken 0 2026-10-01', '004-03 no tolerance: broken the day after');
SELECT is((SELECT string_agg(step_no::text, ' ') FROM dunning_action_item WHERE invoice_id = 40 AND step_no > 2), NULL, '004-03 and its item goes on');
SELECT isnt(pg_temp.item(40), '0 0 2026-10-01', '004-03 with the next step');
SELECT is(pg_temp.word(:p2) || ', ' || pg_temp.word(:p3), 'open, open', '004-03 within the tolerance the others are open');
SELECT pg_temp.night('2026-10-03') \g /dev/null
SELECT is(pg_temp.word(:p2) || ', ' || pg_temp.word(:p3), 'open, open', '004-03 and on its last day');
SELECT pg_temp.night('2026-10-04') \g /dev/null
SELECT is(pg_temp.word(:p2), 'partly_kept 30 2026-10-04', '004-03 partly kept');
SELECT is(pg_temp.word(:p3), 'broken 0 2026-10-04', '004-03 broken');
SELECT results_eq($$SELECT customer_id, department, subject FROM task WHERE kind = 'promise_broken' AND closed_on IS NULL ORDER BY 1$$,
    $$VALUES (2::bigint, 'collection', 'Of 100 EUR promised for 2026-09-30 came 30'), (3, 'collection', 'Of 80 EUR promised for 2026-09-30 came 0'), (4, 'collection', 'Of 80 EUR promised for 2026-09-30 came 0')$$, '004-03 each is a task of the collection');
SELECT is((SELECT count(*) FROM dunning_action_item WHERE invoice_id = 30 AND cycle = 1), 1::bigint, '004-03 the next step is not taken on a Sunday');
SELECT pg_temp.pay(3, 80, 30, '2026-09-29') \g /dev/null
SELECT is(pg_temp.word(:p3), 'broken 0 2026-10-04', '004-03 what is entered later changes no judgement');
SELECT results_eq('SELECT customer_id, promises, kept, partly_kept, broken, open, reliability_pct, promised_base, kept_base, reliability_amount_pct, broken_90_days FROM promise_reliability ORDER BY 1',
    $$VALUES (1::bigint, 1::bigint, 1::bigint, 0::bigint, 0::bigint, 0::bigint, 100.00, 100::numeric, 100::numeric, 100.00, 0::bigint),
             (2, 1, 0, 1, 0, 0, 0.00, 100, 30, 30.00, 1), (3, 1, 0, 0, 1, 0, 0.00, 80, 0, 0.00, 1), (4, 1, 0, 0, 1, 0, 0.00, 80, 0, 0.00, 1)$$, '004-03 reliability of each customer, by number and by amount');
SELECT results_eq('SELECT customer_id, promised_by, promises, kept, reliability_pct FROM promiser_reliability ORDER BY 1',
    $$VALUES (1::bigint, 'Mme Roux', 1::bigint, 1::bigint, 100.00), (2, 'Mme Roux', 1, 0, 0.00)$$, '004-03 and of who promised');
-- The whole account; a promise is kept when the cash arrives, matched or not.
SELECT promise_to_pay(5, '2026-10-10') AS p5 \gset
SELECT is((SELECT concat_ws(' ', amount, next_check_on) FROM promise WHERE promise_id = :p5), '100 2026-10-14', '004-03 the account');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (5, 51, 'I5b', '2026-08-01', '2026-09-20', 55);
SELECT pg_temp.night('2026-10-05') \g /dev/null
SELECT is((SELECT string_agg(DISTINCT run_on::text, ' ') FROM dunning_action JOIN task USING (customer_id) WHERE kind = 'promise_broken' AND customer_id <> 3 AND run_on > '2026-10-03'), '2026-10-05', '004-03 but on Monday');
SELECT is(pg_temp.item(51) = '0 0 2026-10-14', true, '004-03 a later invoice of it waits too, from the first night on');
SELECT pg_temp.pay(5, 99.99) \g /dev/null
SELECT is(pg_temp.word(:p5), 'open', '004-03 a cent is missing');
SELECT pg_temp.pay(5, 0.01) \g /dev/null
SELECT is(pg_temp.word(:p5), 'kept 100 2026-10-05', '004-03 not any more');
SELECT isnt(pg_temp.item(51), '0 0 2026-10-14', '004-03 the hold ends with the promise');
-- A payment before it was given, one that came back, a credit note.
SELECT pg_temp.pay(6, 100, NULL, '2026-10-01') \g /dev/null
SELECT promise_to_pay(6, '2026-10-10') AS p6 \gset
SELECT is(pg_temp.word(:p6), 'open', '004-03 what came before does not keep it');
SELECT promise_to_pay(7, '2026-10-10') AS p7 \gset
SELECT pg_temp.pay(7, 60) \g /dev/null
SELECT reverse_payment(max(payment_id)) FROM payment WHERE customer_id = 7 \g /dev/null
SELECT pg_temp.pay(7, 40) \g /dev/null
SELECT is(pg_temp.word(:p7), 'open', '004-03 nor what came back');
SELECT promise_to_pay(8, '2026-10-10', invoice_id => 80) AS p8 \gset
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount, due_on) VALUES (8, 81, 'CN8', 'credit_note', 30, '2026-10-05'), (9, 91, 'CN9', 'credit_note', 100, '2026-10-05');
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (8, 81, 80, 30);
SELECT is(pg_temp.word(:p8), 'open', '004-03 a credit note pays nothing');
SELECT pg_temp.pay(8, 70, 80) \g /dev/null
SELECT is(pg_temp.word(:p8), 'kept 70 2026-10-05', '004-03 but what it took away is not owed');
SELECT promise_to_pay(9, '2026-10-10', invoice_id => 90) AS p9 \gset
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (9, 91, 90, 100);
SELECT is(pg_temp.word(:p9), 'cancelled 0 2026-10-05', '004-03 nothing left to pay, nothing paid: it does not count');
-- Cash that is there and not matched: no judgement yet.
SELECT promise_to_pay(10, '2026-10-06', invoice_id => 100) AS p10 \gset
SELECT pg_temp.pay(10, 100, NULL, '2026-10-05') \g /dev/null
INSERT INTO customer (customer_id, code, name) VALUES (70, 'P70', 'Called');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (70, 700, 'I70', '2026-09-06', '2026-10-06', 100);
SELECT pg_temp.night('2026-10-10') \g /dev/null
SELECT is(pg_temp.word(:p10) || (SELECT ' ' || next_check_on FROM promise WHERE promise_id = :p10), 'open 2026-10-11', '004-03 nobody who has paid is judged');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) SELECT 10, max(payment_id), 100, 100 FROM payment WHERE customer_id = 10;
SELECT is(pg_temp.word(:p10), 'kept 100 2026-10-10', '004-03 matched, it was kept in time');
-- What is queued already is not sent; a call that brought a promise is done.
SELECT pg_temp.night('2026-10-15') \g /dev/null
SELECT promise_to_pay(11, '2026-10-20', invoice_id => 110) AS p11 \gset
SELECT is_empty($$SELECT * FROM claim_actions('w', 100) WHERE customer_id = 11$$, '004-03 queued and promised since: not handed out');
SELECT is((SELECT DISTINCT obsolete_reason FROM dunning_action WHERE customer_id = 11 AND status = 'obsolete'), 'promised', '004-03 and says why');
SELECT promise_to_pay(12, '2026-10-20', invoice_id => 120) AS p12 \gset
SELECT promise_to_pay(70, '2026-10-20', invoice_id => 700) AS p70 \gset
SELECT is((SELECT string_agg(DISTINCT d.channel || ' ' || complete_action(d.action_id, d.claim_token), ', ') FROM dunning_action d WHERE customer_id IN (12, 70) AND status = 'claimed'), 'call done, e-mail obsolete', '004-03 a call that brought a promise is done, a letter is not needed');
SELECT is(cancel_promise(:p12), 'cancelled', '004-03 cancelled by hand');
SELECT throws_ok(format('SELECT cancel_promise(%s)', :p12), 'CR012', NULL, '004-03 once');
SELECT pg_temp.law('004-03');
-- Foreign currency.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (13, 130, 'U13', '2026-09-22', '2026-09-24', 200, 'USD');
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-10-10', 0.95);
SELECT promise_to_pay(13, '2026-10-20', 150, currency => 'USD') AS p13 \gset
SELECT is((SELECT concat_ws(' ', amount, currency, amount_base) FROM promise WHERE promise_id = :p13), '150 USD 142.50', '004-03 in dollars, at the rate of the day');
SELECT pg_temp.pay(13, 150) \g /dev/null
SELECT is(pg_temp.word(:p13), 'open', '004-03 euros do not keep it');
SELECT pg_temp.pay(13, 150, 130) \g /dev/null
SELECT is(pg_temp.word(:p13), 'kept 150 2026-10-15', '004-03 dollars do');
-- Bad input.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (14, 140, 'I14', '2026-08-01', '2026-09-10', 100);
SELECT throws_ok(format('SELECT promise_to_pay(14, %s)', a), e, NULL, '004-03 promised ' || a)
FROM (VALUES ('''2026-10-20'', 0', '23514'), ('''2026-10-20'', -1', '23514'), ('''2026-10-20'', ''NaN''', 'CR003'), ('''2026-10-20'', ''Infinity''', 'CR003'), ('''2026-10-20'', 101', 'CR003'),
             ('''2026-10-20'', 10.001', 'CR011'), ('''2026-10-14''', 'CR003'), ('''infinity''', '23514'), ('NULL', '23502'), ('''2026-10-20'', 10, 130', 'CR003'), ('''2026-10-20'', 10, 999', 'CR003'),
             ('''2026-10-20'', currency => ''USD''', 'CR003'), ('''2026-10-20'', tolerance_days => -1', '23514'), ('''2026-10-20'', opened_on => ''2026-10-16''', 'CR003'),
             ('''2026-10-20'', opened_on => ''2026-10-21''', 'CR003')) v (a, e);
SELECT promise_to_pay(14, '2026-10-20') AS p14 \gset
SELECT throws_ok('SELECT promise_to_pay(14, ''2026-10-21'')', '23505', NULL, '004-03 one open promise of an account');
SELECT isnt(promise_to_pay(14, '2026-10-22', invoice_id => 140), NULL, '004-03 and one of an invoice');
SELECT is(pg_temp.item(140), '0 0 2026-10-26', '004-03 the later one holds it');
SELECT throws_ok('UPDATE promise SET promised_on = ''2027-01-01'' WHERE customer_id = 14', 'CR010', NULL, '004-03 its day does not change');
SELECT throws_ok(s, 'CR010', NULL, s) FROM unnest('{DELETE FROM promise,TRUNCATE promise}'::text[]) s;

-- 000-20: payment plans.
UPDATE ledger SET pinned_date = '2026-10-15';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
  (20, 200, 'A', '2026-08-01', '2026-09-10', 100), (20, 201, 'B', '2026-08-01', '2026-09-20', 200), (20, 202, 'C', '2026-08-01', '2026-09-30', 50);
SELECT pg_temp.pay(20, 40, 200) \g /dev/null
SELECT throws_ok($$SELECT create_plan(20, '{200,201}', '{2026-11-01,2026-12-01}', '{100,161}')$$, 'CR003', 'the lines add up to 261, the invoices to 260', '000-20 lines that do not add up to what is open');
SELECT create_plan(20, '{200,201}', '{2026-11-01,2026-12-01,2027-01-01}', '{100,100,60}', agreed_with => 'M. Blanc') AS plan \gset
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT sum(amount) FROM payment_plan_line WHERE plan_id = :plan), (SELECT sum(open_amount) FROM open_item WHERE invoice_id IN (200, 201)), '000-20 the lines are what is open');
SELECT results_eq('SELECT invoice_id, due_on, amount, agreed_due_on FROM payment_plan_item ORDER BY 1', $$VALUES (200::bigint, date '2026-09-10', 60::numeric, date '2026-11-01'), (201, '2026-09-20', 200, '2027-01-01')$$, '000-20 oldest item first');
SELECT results_eq('SELECT invoice_id, due_on, agreed_due_on FROM open_item WHERE customer_id = 20 ORDER BY 1',
    $$VALUES (200::bigint, date '2026-09-10', date '2026-11-01'), (201, '2026-09-20', '2027-01-01'), (202, '2026-09-30', NULL)$$, '000-20 original due dates stay, agreed ones steer');
SELECT is((SELECT concat_ws(' ', d31_60, d1_30) FROM ageing_by_customer WHERE customer_id = 20), '60 250', '000-20 ageing keeps the original dates');
SELECT is_empty('SELECT * FROM agreed_due_as_of(''2026-10-15'')', '000-20 which is the default');
SELECT pg_temp.night('2026-10-16') \g /dev/null
SELECT is((SELECT string_agg(invoice_id::text, ' ') FROM dunning_action_item WHERE customer_id = 20), '202', '000-20 what is planned is not dunned, the rest is');
SELECT throws_ok('UPDATE open_item SET agreed_due_on = ''2026-12-31'' WHERE invoice_id = 200', 'CR012', NULL, '000-20 its agreed date is the plan''s');
SELECT throws_ok($$SELECT create_plan(20, '{200}', '{2026-11-01}', '{60}')$$, 'CR012', NULL, '000-20 one plan for an item');
SELECT pg_temp.law('000-20 while it holds');
-- The first line in time, in part by a payment and a credit note.
UPDATE ledger SET pinned_date = '2026-11-01';
SELECT pg_temp.pay(20, 60, 200) \g /dev/null
SELECT pg_temp.pay(20, 40, 201) \g /dev/null
SELECT results_eq('SELECT line_no, paid_amount, status FROM payment_plan_status WHERE customer_id = 20 ORDER BY 1', $$VALUES (1, 100::numeric, 'paid'), (2, 0::numeric, 'open'), (3, 0::numeric, 'open')$$, '000-20 lines are paid in order');
SELECT pg_temp.night('2026-11-05') \g /dev/null
SELECT is((SELECT next_check_on FROM payment_plan WHERE plan_id = :plan), '2026-12-05'::date, '000-20 on time: looked at again after the next line');
SELECT pg_temp.night('2026-12-04') \g /dev/null
SELECT results_eq('SELECT line_no, paid_amount, status FROM payment_plan_status WHERE customer_id = 20 ORDER BY 1', $$VALUES (1, 100::numeric, 'paid'), (2, 0::numeric, 'late'), (3, 0::numeric, 'open')$$, '000-20 the second is late, within the tolerance');
SELECT is((SELECT outcome FROM payment_plan WHERE plan_id = :plan), NULL, '000-20 and the plan holds');
SELECT is((SELECT agreed_due_on FROM open_item WHERE invoice_id = 201), '2027-01-01'::date, '000-20 before: the agreed date');
SELECT pg_temp.night('2026-12-05') \g /dev/null
SELECT is((SELECT concat_ws(' ', outcome, paid_amount, closed_on) FROM payment_plan WHERE plan_id = :plan), 'broken 100 2026-12-05', '000-20 missing one instalment beyond the tolerance breaks it');
SELECT is((SELECT concat_ws(' ', due_on, agreed_due_on) FROM open_item WHERE invoice_id = 201), '2026-09-20', '000-20 the original date counts again');
SELECT is(pg_temp.item(201), '0 0 2026-12-07', '000-20 and dunning goes on by it, on the next business day');
SELECT is((SELECT concat_ws(' ', department, subject) FROM task WHERE kind = 'plan_broken'), 'collection Payment plan ' || :plan || ' is broken: of 260 EUR came 100', '000-20 somebody must act');
SELECT results_eq('SELECT line_no, paid_amount, status FROM payment_plan_status WHERE customer_id = 20 ORDER BY 1', $$VALUES (1, 100::numeric, 'paid'), (2, 0::numeric, 'broken'), (3, 0::numeric, 'broken')$$, '000-20 its lines say so');
SELECT throws_ok(format('SELECT cancel_plan(%s)', :plan), 'CR012', NULL, '000-20 it is over');
SELECT pg_temp.law('000-20 broken');

-- Ageing by agreed dates, until it breaks.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (21, 210, 'A', '2026-10-01', '2026-11-01', 90);
SELECT create_plan(21, '{210}', '{2026-12-10,2026-12-20}', '{45,45}', 0, 'agreed') AS plan21 \gset
SELECT results_eq('SELECT invoice_id, agreed_due_on FROM agreed_due_as_of(''2026-12-05'')', $$VALUES (210::bigint, date '2026-12-20')$$, '000-20 a plan that ages by agreed dates gives them');
SELECT is_empty('SELECT * FROM agreed_due_as_of(''2026-12-04'')', '000-20 from its day on');
SELECT pg_temp.night('2026-12-11') \g /dev/null
SELECT is((SELECT count(*) FROM dunning_action_item WHERE invoice_id = 201), 1::bigint, '000-20 the item of a broken plan is dunned');
SELECT is((SELECT outcome FROM payment_plan WHERE plan_id = :plan21), 'broken', '000-20 no tolerance: broken the day after');
SELECT is_empty('SELECT * FROM agreed_due_as_of(''2026-12-11'')', '000-20 broken, the original date ages it again');
SELECT results_eq('SELECT invoice_id, agreed_due_on FROM agreed_due_as_of(''2026-12-10'')', $$VALUES (210::bigint, date '2026-12-20')$$, '000-20 the past stays as it was');

-- Kept the moment it is paid; items with instalments; cash not matched; cancelled.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, terms, amount) VALUES (22, 220, 'A', '2026-11-01', '30% net 0, 70% net 20', 100);
SELECT create_plan(22, '{220}', '{2026-12-12,2026-12-20}', '{50,50}') AS plan22 \gset
SELECT is((SELECT string_agg(instalment_no || ' ' || agreed_due_on, ', ' ORDER BY instalment_no) FROM open_item WHERE invoice_id = 220), '1 2026-12-12, 2 2026-12-20', '000-20 by instalment');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (22, 2200, 100);
SELECT pg_temp.night('2026-12-16') \g /dev/null
SELECT is((SELECT concat_ws(' ', outcome, next_check_on) FROM payment_plan WHERE plan_id = :plan22), '2026-12-17', '000-20 cash that is there and not matched does not break it');
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, instalment_no, amount) VALUES (22, 2200, 2200, 220, 1, 30);
SELECT is((SELECT outcome FROM payment_plan WHERE plan_id = :plan22), NULL, '000-20 in part: it holds');
SELECT reverse_allocation(2200) \g /dev/null
SELECT is((SELECT agreed_due_on FROM open_item WHERE invoice_id = 220 AND instalment_no = 1), '2026-12-12'::date, '000-20 an item that is open again has its date again');
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (22, 2200, 220, 1, 30), (22, 2200, 220, 2, 70);
SELECT is((SELECT concat_ws(' ', outcome, trim_scale(paid_amount), closed_on) FROM payment_plan WHERE plan_id = :plan22), 'kept 100 2026-12-16', '000-20 all of it: kept in the same transaction');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (23, 230, 'A', '2026-10-01', '2026-11-01', 90);
SELECT pg_temp.night('2026-12-17') \g /dev/null
SELECT create_plan(23, '{230}', '{2026-12-20}', '{90}') AS plan23 \gset
SELECT is_empty($$SELECT * FROM claim_actions('w', 100) WHERE customer_id = 23$$, '000-20 queued and planned since: not handed out');
SELECT is((SELECT obsolete_reason FROM dunning_action WHERE customer_id = 23), 'payment plan', '000-20 and says why');
SELECT is(cancel_plan(:plan23), 'cancelled', '000-20 cancelled');
SELECT is((SELECT agreed_due_on FROM open_item WHERE invoice_id = 230), NULL, '000-20 the original date again');
SELECT pg_temp.law('000-20');

-- Bad input.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (24, 240, 'A', '2026-10-16', '2026-11-01', 90, 'EUR'), (24, 241, 'U', '2026-10-16', '2026-11-01', 90, 'USD');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (24, 242, 'CN', 'credit_note', '2026-10-16', '2026-11-01', 1);
SELECT throws_ok(format('SELECT create_plan(24, %s)', a), e, NULL, '000-20 a plan of ' || a)
FROM (VALUES ($$'{240}', '{2026-12-20,2026-12-19}', '{40,50}'$$, 'CR003'), ($$'{240}', '{2026-12-20,2026-12-20}', '{40,50}'$$, 'CR003'), ($$'{240}', '{2026-12-16}', '{90}'$$, 'CR003'),
             ($$'{240}', '{2026-12-20,2026-12-21}', '{90}'$$, '22023'), ($$'{240}', '{}', '{}'$$, '22023'), ($$'{}', '{2026-12-20}', '{90}'$$, '22023'), ($$'{240}', '{2026-12-20,NULL}', '{40,50}'$$, '22023'),
             ($$'{240}', '{2026-12-20,infinity}', '{40,50}'$$, '23514'), ($$'{240}', '{2026-12-20,2026-12-21}', '{100,-10}'$$, 'CR003'), ($$'{240}', '{2026-12-20,2026-12-21}', '{90,0}'$$, 'CR003'),
             ($$'{240}', '{2026-12-20,2026-12-21}', '{NaN,50}'$$, '23514'), ($$'{240}', '{2026-12-20,2026-12-21}', '{40.005,49.995}'$$, 'CR011'), ($$'{240,241}', '{2026-12-20}', '{180}'$$, 'CR006'),
             ($$'{242}', '{2026-12-20}', '{1}'$$, 'CR003'), ($$'{230}', '{2026-12-20}', '{90}'$$, 'CR003'), ($$'{240,999}', '{2026-12-20}', '{90}'$$, 'CR003'),
             ($$'{240}', '{2026-12-20}', '{90}', -1$$, '23514'), ($$'{240}', '{2026-12-20}', '{90}', 3, 'mine'$$, '23514')) v (a, e);
SELECT throws_ok('INSERT INTO payment_plan_line (customer_id, plan_id, line_no, due_on, amount) SELECT customer_id, plan_id, 9, ''2027-02-01'', 1 FROM payment_plan LIMIT 1', 'CR003', NULL, '000-20 a line more does not add up');
SELECT throws_ok(s, 'CR010', NULL, s) FROM unnest('{DELETE FROM payment_plan,UPDATE payment_plan_line SET amount = 1,DELETE FROM payment_plan_item,TRUNCATE payment_plan CASCADE}'::text[]) s;

-- Cash that would pay what is due: a task, until it is matched.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (30, 300, 'A', '2026-10-01', '2026-11-01', 90), (31, 310, 'A', '2026-10-01', '2026-11-01', 90);
INSERT INTO payment (customer_id, payment_id, amount) VALUES (30, 300, 100), (31, 310, 50);
SELECT pg_temp.night('2026-12-18') \g /dev/null
SELECT results_eq($$SELECT customer_id, department, opened_on FROM task WHERE kind = 'match_cash' AND closed_on IS NULL AND customer_id IN (30, 31)$$, $$VALUES (30::bigint, 'accounting', date '2026-12-18')$$, 'covered by cash: a task to match it');
SELECT pg_temp.night('2027-01-10') \g /dev/null
SELECT is((SELECT count(*) FROM task WHERE kind = 'match_cash' AND customer_id = 30), 1::bigint, 'one, however many nights');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (30, 300, 300, 90);
SELECT is((SELECT concat_ws(' ', closed_on, outcome) FROM task WHERE kind = 'match_cash' AND customer_id = 30), '2027-01-10 matched', 'matched: it is done');
SELECT pg_temp.law('at the end');
-- An invoice in a plan is not taken back under it.
INSERT INTO customer (customer_id, code, name) VALUES (901, 'C901', 'Planned');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (901, 9010, 'planned', 100);
SELECT create_plan(901, ARRAY[9010], ARRAY[business_date() + 5], ARRAY[100]) AS planned \gset
SELECT throws_ok('SELECT reverse_invoice(9010)', 'CR012', format('invoice planned is in payment plan %s', :planned), '000-20 an invoice in a plan is not reversed');
SELECT cancel_plan(:planned) \g /dev/null
SELECT lives_ok('SELECT reverse_invoice(9010)', '000-20 once the plan has ended it is');
SELECT is_empty('SELECT * FROM verify()', '000-20 verify()');
SELECT * FROM finish();
ROLLBACK;
