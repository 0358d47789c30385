-- The simulation of dunning: what the nights to come would send, and what holds the rest back.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(41);
SELECT credit_risk.create_ledger('told') \g /dev/null
SET LOCAL search_path = told, credit_risk, public;

-- What every table holds, in one line each.
CREATE FUNCTION pg_temp.state() RETURNS TABLE (relation text, rows bigint, digest text) LANGUAGE plpgsql AS $$
BEGIN
    FOR relation IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'told'::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
        EXECUTE format('SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM told.%I t', relation) INTO rows, digest;
        RETURN NEXT;
    END LOOP;
END $$;

-- A firm on 20 February 2026, a Friday: three classes, small and large items, opening balances, a foreign currency.
UPDATE ledger SET pinned_date = '2026-02-13', opening_notices = 1, notify_channel = 'told';
INSERT INTO exchange_rate (currency, rate_on, rate) SELECT 'USD', d, 0.9 FROM generate_series(date '2025-11-01', date '2026-05-01', '7 days') d;
INSERT INTO customer (customer_id, code, name, risk_class) SELECT n, 'T' || n, 'Customer ' || n, (ARRAY['A', 'C', 'E', NULL])[1 + n % 4] FROM generate_series(1, 40) n;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount, currency)
SELECT 1 + n % 24, n, 'I' || n, CASE WHEN n % 11 = 0 THEN 'opening_balance' ELSE 'invoice' END, '2025-12-01', date '2026-01-15' + n * 37 % 90,
       CASE WHEN n % 7 = 0 THEN 12 ELSE 90 + n * 31 % 900 END, CASE WHEN n % 13 = 0 THEN 'USD' ELSE 'EUR' END
FROM generate_series(1, 90) n;
-- A week of nights, after which some communications wait, one is with a worker and one has failed for good.
SELECT count(run_daily(d::date)) FROM generate_series(date '2026-02-13', date '2026-02-19', '1 day') d \g /dev/null
UPDATE ledger SET pinned_date = '2026-02-20';
SELECT complete_action(action_id, claim_token) FROM claim_actions('worker', 8) \g /dev/null
CREATE TEMPORARY TABLE held AS SELECT action_id, claim_token FROM claim_actions('worker', 1);

-- One customer for each reason, with an invoice of 500 that is ten days late.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT n, 1000 + n, 'R' || n, '2026-01-01', '2026-02-10', CASE n WHEN 32 THEN 30 ELSE 500 END FROM generate_series(25, 40) n;
SELECT open_dispute(1025, 500, 'broken'), promise_to_pay(26, '2026-03-02', invoice_id => 1026), create_plan(27, '{1027}', '{2026-06-30}', '{500}'),
       place_invoice(1028, 'Agency North'), instruct_dunning(29, 'do_not_contact', 'in talks'), mark_doubtful(1030, 'gone', status => 'irrecoverable') \g /dev/null
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (31, 31, '2026-02-18', 500);
SELECT record_interaction(33, 'call', 'spoke to them', occurred_on => '2026-02-19'), instruct_dunning(33, 'quiet_days', 'rarely', 20),
       instruct_dunning(34, 'contact_cap', 'never', 0), instruct_dunning(35, 'grace', 'slow but sure', 20) \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (36, 2036, 'R36-2', '2026-01-01', '2026-02-24', 1500), (37, 2037, 'R37-2', '2026-01-01', '2026-02-10', 10);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (38, 2038, 'R38-2', '2026-01-01', '2026-02-09', 700, 'USD');
SELECT count(run_daily(date '2026-02-20')) \g /dev/null
UPDATE dunning_action SET status = 'failed', outcome = 'moved' WHERE customer_id = 39;
UPDATE ledger SET pinned_date = '2026-02-21';      -- a Saturday
-- Settled, disputed and promised since it was queued.
INSERT INTO payment (customer_id, payment_id, received_on, amount) SELECT customer_id, 40, '2026-02-21', 500 FROM dunning_action WHERE customer_id = 40;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (40, 40, 1040, 500);
CREATE TEMPORARY TABLE since AS
SELECT DISTINCT ON (d.customer_id) d.customer_id, i.invoice_id, row_number() OVER () AS place
FROM dunning_action d JOIN dunning_action_item i USING (customer_id, action_id) JOIN open_item o USING (customer_id, invoice_id)
WHERE d.status = 'queued' AND d.customer_id < 25 AND d.items = 1 AND i.step_no IS NOT NULL ORDER BY d.customer_id LIMIT 2;
SELECT open_dispute(invoice_id, reason => 'broken') FROM since WHERE customer_id = (SELECT min(customer_id) FROM since) \g /dev/null
SELECT promise_to_pay(customer_id, '2026-03-20', invoice_id => invoice_id) FROM since WHERE customer_id = (SELECT max(customer_id) FROM since) \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM dunning_action WHERE status = 'queued'), '>', 5::bigint, 'some communications wait');
SELECT is((SELECT count(*) FROM dunning_action WHERE status = 'claimed'), 1::bigint, 'one is with a worker');

-- ---- the question, word for word, and what it leaves -------------------------------
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.state();
SELECT lives_ok('SELECT send_on, code, channel, dunning_level, items, amount, suppressed_by FROM simulate_dunning(business_date(), business_date() + 7) ORDER BY 1, amount DESC',
    'what leaves this week?');
CREATE TEMPORARY TABLE forecast AS SELECT * FROM simulate_dunning(business_date(), business_date() + 60);
SELECT set_eq('SELECT * FROM pg_temp.state()', 'SELECT * FROM before', 'not a row of any table is changed by it');
SELECT is(business_date(), date '2026-02-21', 'nor the business date');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT cmp_ok((SELECT count(*) FROM forecast WHERE suppressed_by IS NULL), '>', 100::bigint, 'much would leave in sixty days');
SELECT ok(NOT EXISTS (SELECT FROM forecast WHERE suppressed_by IS NULL AND send_on < '2026-02-23' AND channel <> 'call' AND send_on <> '2026-02-21'), 'nothing on the Sunday');
SELECT is_empty($$SELECT send_on, customer_id FROM forecast WHERE suppressed_by IS NULL AND channel <> 'task' GROUP BY 1, 2 HAVING count(*) > 1$$, 'one a day for a customer');
SELECT bag_eq('SELECT * FROM simulate_dunning(business_date(), business_date() + 14) WHERE suppressed_by IS NULL',
              $$SELECT * FROM forecast WHERE suppressed_by IS NULL AND send_on <= business_date() + 14$$, 'a shorter window is the beginning of a longer one');
SELECT bag_eq('SELECT * FROM simulate_dunning(business_date() + 20, business_date() + 60) WHERE suppressed_by IS NULL',
              $$SELECT * FROM forecast WHERE suppressed_by IS NULL AND send_on >= business_date() + 20$$, 'and a later one its end');

-- ---- what is held back, and why ------------------------------------------------------
CREATE FUNCTION pg_temp.reasons(id bigint) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(DISTINCT suppressed_by, ', ' ORDER BY suppressed_by) FROM forecast WHERE customer_id = id AND suppressed_by IS NOT NULL$$;
SELECT is(pg_temp.reasons(25), 'disputed', 'disputed: held back by the dispute');
SELECT is((SELECT count(*) FROM forecast WHERE customer_id = 25 AND suppressed_by IS NULL), 0::bigint, 'and nothing is sent of it');
SELECT results_eq('SELECT send_on, items, amount, currency, lead_invoice_id, channel, dunning_level FROM forecast WHERE customer_id = 25',
    $$VALUES (date '2026-02-21', 1, 500::numeric, 'EUR', 1025::bigint, 'e-mail', 1)$$, 'with the step that it would take, and its amount');
SELECT matches(pg_temp.reasons(26), 'promised', 'a promise');
SELECT ok((SELECT min(send_on) FROM forecast WHERE customer_id = 26 AND suppressed_by IS NULL) > '2026-03-02', 'which is broken in the window, for nobody pays: then it goes on');
SELECT is(pg_temp.reasons(27), 'payment plan', 'a payment plan, whose first date is after the window');
SELECT is(pg_temp.reasons(28), 'placed', 'placed with an agency');
SELECT is(pg_temp.reasons(29), 'do not contact', 'an instruction not to contact');
SELECT is(pg_temp.reasons(30), 'irrecoverable', 'irrecoverable');
SELECT is(pg_temp.reasons(31), 'cash received, match first', 'cash that is not matched');
SELECT is(pg_temp.reasons(32), 'account below minimum', 'a customer that owes 30');
SELECT matches(pg_temp.reasons(33), 'quiet days', 'quiet days after a call');
SELECT matches(pg_temp.reasons(34), 'contact cap', 'a cap of none');
SELECT matches(pg_temp.reasons(35), 'grace', 'days of grace');
SELECT ok((SELECT min(send_on) FROM forecast WHERE customer_id = 35 AND suppressed_by IS NULL) >= '2026-03-02', 'after which it goes out');
SELECT matches(pg_temp.reasons(36), 'silent while overdue', 'a reminder before its date, of a customer that is overdue');
SELECT matches(pg_temp.reasons(37), 'item below minimum', 'an item of 10');
SELECT matches(pg_temp.reasons(38), 'another currency first', 'two currencies');
SELECT is(pg_temp.reasons(39), 'undeliverable', 'a communication that failed for good');
SELECT is((SELECT count(*) FROM forecast WHERE customer_id = 40), 0::bigint, 'nothing of what is settled');
SELECT is((SELECT string_agg(DISTINCT f.suppressed_by, ', ' ORDER BY f.suppressed_by) FROM forecast f JOIN since s ON s.customer_id = f.customer_id AND f.lead_invoice_id = s.invoice_id
           WHERE f.suppressed_by IN ('disputed', 'promised')), 'disputed, promised', 'what was queued and disputed or promised since is held back');

-- ---- the nights that follow do what it says ---------------------------------------------
SELECT complete_action(action_id, claim_token) FROM held \g /dev/null
CREATE FUNCTION pg_temp.night(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    handed_out bigint;
BEGIN
    UPDATE ledger SET pinned_date = day;
    PERFORM run_daily(day);
    PERFORM approve_action(d.action_id) FROM dunning_action d WHERE d.status = 'proposed';
    LOOP
        SELECT count(complete_action(c.action_id, c.claim_token)) INTO handed_out FROM claim_actions('worker', 1) c;
        EXIT WHEN handed_out = 0;
    END LOOP;
END $$;
SELECT count(pg_temp.night(d::date)) FROM generate_series(date '2026-02-21', date '2026-02-21' + 60, '1 day') d \g /dev/null
SELECT is((SELECT count(*) FROM dunning_action WHERE status IN ('proposed', 'queued', 'claimed') AND due_on <= business_date()), 0::bigint, 'sixty nights with their days');
SELECT bag_eq($$SELECT done_on, customer_id, channel, dunning_level, template, items, amount, currency, lead_invoice_id FROM dunning_action
                WHERE status = 'done' AND done_on BETWEEN '2026-02-21' AND '2026-04-22'$$,
              'SELECT send_on, customer_id, channel, dunning_level, template, items, amount, currency, lead_invoice_id FROM forecast WHERE suppressed_by IS NULL',
              'are foretold to the row');
SELECT is_empty($$SELECT customer_id, reason FROM dunning_postponement WHERE run_on BETWEEN '2026-02-21' AND '2026-04-22' AND reason <> 'held'
                  EXCEPT SELECT customer_id, suppressed_by FROM forecast$$, 'and so is all that the run puts aside');
SELECT is_empty('SELECT * FROM verify()', 'verify() after them');

-- ---- what it refuses ----------------------------------------------------------------------
SELECT throws_ok('SELECT * FROM simulate_dunning(business_date() - 1, business_date())', '22023', NULL, 'not of days gone');
SELECT throws_ok('SELECT * FROM simulate_dunning(business_date() + 1, business_date())', '22023', NULL, 'nor of days out of order');
SELECT throws_ok('SELECT * FROM simulate_dunning(business_date(), business_date() + 367)', '22023', NULL, 'nor for more than a year');
SELECT throws_ok('SELECT * FROM simulate_dunning(NULL, business_date())', '22023', NULL, 'nor of no day');
SET TRANSACTION READ ONLY;
SELECT throws_ok('SELECT * FROM simulate_dunning(business_date(), business_date())', '25006', NULL, 'nor in a read-only transaction');
SELECT * FROM finish();
ROLLBACK;
