-- The past by two dates, closings, and the check against the general ledger.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('closed') \g /dev/null
SET LOCAL search_path = closed, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-07-10';
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha'), (2, 'B', 'Beta'), (3, 'C', 'Gamma');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, tax_amount) VALUES
    (1, 11, 'A1', '2026-04-10', '2026-05-10', 1000, 166.67), (1, 12, 'A2', '2026-06-15', '2026-07-15', 600, 100), (2, 21, 'B1', '2026-05-02', '2026-06-01', 240, 40);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 11, '2026-06-20', 400);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 11, 300);

CREATE FUNCTION pg_temp.aged(as_of date, known_at timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s/%s/%s/%s/%s-%s', code, not_due, d1_30, d31_60, d61_90, over_90, unapplied), ' ' ORDER BY code) FROM closed.ageing_as_of(as_of, known_at)
$$;

-- June is closed; then July learns of June --------------------------------------------
SELECT close_period('2026-06-30') AS june \gset
CREATE TEMPORARY TABLE june AS SELECT :'june'::timestamptz AS known_at, pg_temp.aged('2026-06-30', :'june') AS aged,
    (SELECT string_agg(o::text, ' ' ORDER BY invoice_id) FROM open_item_as_of('2026-06-30', :'june') o) AS items,
    (SELECT string_agg(e::text, ' ' ORDER BY customer_id) FROM exposure_as_of('2026-06-30', :'june') e) AS exposure;
SELECT is(aged, 'A 600/0/700/0/0-100 B 0/240/0/0/0-0', 'June as it was closed') FROM june;
SELECT results_eq('SELECT as_of, items, receivable, unapplied, unmatured FROM period_close', $$VALUES (date '2026-06-30', 3::bigint, 1540::numeric, 100::numeric, 0::numeric)$$,
    'the closing keeps its totals');
SELECT is((SELECT count(*) FROM open_item_checkpoint), 3::bigint, 'and its open items');

-- A payment dated back, a mistake taken back, a dispute, a draft.
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (2, 21, '2026-06-25', 240);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 21, 21, 240);
SELECT reverse_allocation(11, '2026-06-28') \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (3, 31, 'C1', '2026-06-01', '2026-06-11', 50);
INSERT INTO payment (customer_id, payment_id, received_on, amount, method, matures_on) VALUES (3, 31, '2026-06-29', 50, 'draft', '2026-08-31');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (3, 31, 31, 50);

SELECT is(pg_temp.aged('2026-06-30', known_at), aged, 'asked again as known at the closing, June is still June') FROM june;
SELECT is((SELECT string_agg(o::text, ' ' ORDER BY invoice_id) FROM open_item_as_of('2026-06-30', known_at) o), items, 'its open items too') FROM june;
SELECT is((SELECT string_agg(e::text, ' ' ORDER BY customer_id) FROM exposure_as_of('2026-06-30', known_at) e), exposure, 'and its exposure') FROM june;
SELECT is(pg_temp.aged('2026-06-30'), 'A 600/0/1000/0/0-400', 'with today''s knowledge June is corrected: B had paid, A''s matching was undone, C paid by draft');
SELECT is(pg_temp.aged('2026-06-27'), 'A 600/0/700/0/0-100 C 0/50/0/0/0-0', 'two days before, the matching stood');
SELECT results_eq($$SELECT code, a.total, b.total FROM ageing_as_of('2026-06-30', (SELECT known_at FROM june)) a FULL JOIN ageing_as_of('2026-06-30', now() + interval '1 day') b USING (customer_id, code)
                    WHERE a.total IS DISTINCT FROM b.total ORDER BY code$$,
    $$VALUES ('A', 1300::numeric, 1600::numeric), ('B', 240, NULL)$$, 'is June''s closing still June''s: what differs by customer');
SELECT results_eq($$SELECT code, receivable, unmatured, unapplied, exposure FROM exposure_as_of('2026-06-30') ORDER BY code$$,
    $$VALUES ('A', 1600::numeric, 0::numeric, 400::numeric, 1200::numeric), ('B', 0, 0, 0, 0), ('C', 0, 50, 0, 50)$$, 'a draft that is not final is exposure on that day');
SELECT results_eq($$SELECT code, exposure FROM exposure_as_of('2026-06-28') WHERE code = 'C'$$, $$VALUES ('C', 50::numeric)$$, 'before it the invoice was');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- An event dated after a day changes nothing of that day.
CREATE TEMPORARY TABLE before AS SELECT d::date AS d, pg_temp.aged(d::date) AS aged FROM generate_series('2026-04-01'::date, '2026-07-05', '1 day') d;
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, amount) VALUES (1, 'A3', 'invoice', '2026-07-06', 77), (2, 'B2', 'credit_note', '2026-07-06', 5);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 12, '2026-07-07', 31);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 12, 12, 31);
SELECT is_empty('SELECT * FROM before WHERE aged IS DISTINCT FROM pg_temp.aged(d)', 'ageing as of a day is unchanged by any event dated after it');

-- A later closing starts where the last one ended; the state is no second truth ----------
SELECT close_period('2026-07-08', keep_items => false) AS seventh \gset
SELECT close_period('2026-07-09') AS july \gset
SELECT is(pg_temp.aged('2026-07-09', :'july'), pg_temp.aged('2026-07-09'), 'two closings later the day is as before');
SELECT is((SELECT count(DISTINCT period_close_id) FROM open_item_checkpoint), 2::bigint, 'a closing without its items is kept as well');
SAVEPOINT corrupted;
UPDATE open_item_checkpoint SET open_amount_base = open_amount_base + 1 WHERE invoice_id = 12 AND period_close_id = (SELECT max(period_close_id) FROM period_close);
SELECT is((SELECT not_due FROM ageing_as_of('2026-07-09', :'july') WHERE code = 'A'), 647::numeric, 'a later question reads the closing: a cent that is wrong there shows');
SELECT results_eq('SELECT object, customer_id, field, stored, recomputed FROM verify()',
    $$SELECT format('open_item_checkpoint %s 12/1', max(period_close_id)), 1::bigint, 'open_amount_base', '570', '569' FROM period_close$$, 'verify() names it');
SELECT results_eq($$SELECT compared, code, amount, compared_amount, difference FROM control_account_check('2026-07-09') WHERE difference <> 0$$,
    $$VALUES ('open items and facts', NULL, 1642::numeric, 1641::numeric, 1::numeric), ('open items and facts', 'A', 1647, 1646, 1)$$, 'the control check finds it, in total and by customer');
SELECT is(rebuild(), 1::bigint, 'rebuild() repairs it');
SELECT is_empty('SELECT * FROM verify()', 'on record');
ROLLBACK TO corrupted;

-- Matched, undone, matched again: no past day shows less than nothing.
SAVEPOINT again;
INSERT INTO customer (customer_id, code, name) VALUES (5, 'R', 'Rho');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (5, 51, 'R1', '2026-01-05', '2026-02-05', 100);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (5, 51, '2026-01-10', 100);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (5, 5001, 51, 51, 100);
SELECT reverse_allocation(5001, '2026-02-10') \g /dev/null
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (5, 51, 51, 100, '2026-01-20')$$, 'CR003', NULL,
    'matched again before it was undone');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 51, 51, 100);
SELECT is((SELECT max(effective_on) FROM allocation WHERE customer_id = 5), date '2026-02-10', 'left out, the date is the day on which it was undone');
SELECT is_empty($$SELECT d, o.* FROM generate_series('2026-01-01'::date, '2026-07-10', '1 day') d, open_item_as_of(d::date) o WHERE customer_id = 5$$ || ' AND open_amount < 0', 'no day has less than nothing open');
ROLLBACK TO again;

-- The general ledger ------------------------------------------------------------------------
SELECT results_eq($$SELECT compared, gl_account, amount, compared_amount, difference FROM control_account_check('2026-06-30')$$,
    $$VALUES ('open items and facts', NULL, 1600::numeric, 1600::numeric, 0::numeric), ('buckets and open items', NULL, 1600, 1600, 0), ('unapplied cash and facts', NULL, 400, 400, 0),
             ('general ledger: Clients', '411', 1600, NULL, NULL), ('general ledger: Clients, effets à recevoir', '413', 50, NULL, NULL),
             ('general ledger: Clients douteux ou litigieux', '416', 0, NULL, NULL), ('general ledger: Clients, avances et acomptes reçus', '4191', -400, NULL, NULL)$$,
    'without balances of the general ledger its lines only say what they should be');
INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-06-30', '411', 1599), ('2026-06-30', '413', 50), ('2026-06-30', '4191', -400), ('2026-06-30', '416', 0);
SELECT results_eq($$SELECT gl_account, difference FROM control_account_check('2026-06-30') WHERE difference <> 0$$, $$VALUES ('411', 1::numeric)$$, 'a euro is missing in 411');
SELECT clock_timestamp() AS told \gset
INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-06-30', '411', 1600);
SELECT is((SELECT compared_amount FROM control_account_check('2026-06-30', :'told') WHERE gl_account = '411'), 1599::numeric, 'a balance given later does not change what was answered before');
SELECT is_empty($$SELECT * FROM control_account_check('2026-06-30') WHERE difference <> 0$$, 'the later balance counts, and all ties out');
INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-06-30', '411', 1540), ('2026-06-30', '413', 0), ('2026-06-30', '4191', -100);
SELECT is_empty($$SELECT * FROM control_account_check('2026-06-30', (SELECT known_at FROM june)) WHERE difference <> 0$$, 'the closing ties to the balances of its own time');
UPDATE control_account SET gl_account = '41100000' WHERE component = 'receivable';
SELECT is((SELECT count(*) FROM gl_balance WHERE gl_account = '41100000'), 3::bigint, 'a number of yours takes its balances along');
SELECT throws_ok($$UPDATE gl_balance SET amount = 0$$, 'CR010', NULL, 'a balance is a fact');
SELECT throws_ok($$INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-06-30', '999', 1)$$, '23503', NULL, 'of an account that is known');
SELECT throws_ok($$INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-06-30', '413', 'NaN')$$, '23514', NULL, 'and a number');

-- Bad input
SELECT throws_ok(q, '22023', NULL, q) FROM unnest(ARRAY['SELECT close_period(NULL)', 'SELECT close_period(''infinity'')', 'SELECT close_period(''2026-07-11'')',
    'SELECT * FROM aged_balance(''2026-06-30'', aged_by => ''birthday'')', 'SELECT * FROM aged_balance(''2026-06-30'', credits => NULL)', 'SELECT * FROM aged_balance(''2026-06-30'', bounds => ''{30,10}'')']) q;
SELECT throws_ok(q, 'CR010', NULL, q) FROM unnest(ARRAY['UPDATE period_close SET receivable = 0', 'DELETE FROM period_close', 'TRUNCATE open_item_checkpoint', 'TRUNCATE period_close CASCADE']) q;
SELECT is_empty($$SELECT * FROM ageing_as_of(NULL)$$, 'no day, no balance');

-- The treatments of credits, by the figures ----------------------------------------------
SELECT credit_risk.create_ledger('treated') \g /dev/null
SET LOCAL search_path = treated, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name) VALUES (1, 'D', 'Delta'), (2, 'E', 'Epsilon');
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount) VALUES
    (1, '1', 'invoice', '2025-11-30', '2025-12-30', 100), (1, '2', 'invoice', '2026-02-01', '2026-03-01', 60), (1, '3', 'invoice', '2026-03-20', '2026-04-20', 40),
    (1, '4', 'credit_note', '2026-03-10', '2026-03-10', 30), (2, '5', 'credit_note', '2026-01-10', '2026-01-10', 9);
INSERT INTO payment (customer_id, received_on, amount) VALUES (1, '2026-01-15', 90);
CREATE FUNCTION pg_temp.balance(aged_by text, credits text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s %s', code, label, amount), ', ' ORDER BY code, bucket) FROM treated.aged_balance('2026-03-31', aged_by => aged_by, credits => credits)
$$;
SELECT is(pg_temp.balance('due', 'separate'), 'D credits -120, D not due 40, D 1-30 60, D >90 100, E credits -9', 'credits apart');
SELECT is(pg_temp.balance('due', 'oldest_first'), 'D not due 40, D 1-30 40, E credits -9', 'credits against the oldest debts; what no debt is left for stands apart');
SELECT is(pg_temp.balance('due', 'own_date'), 'D not due 40, D 1-30 30, D 61-90 -90, D >90 100, E 61-90 -9', 'credits by their own date');
SELECT is(pg_temp.balance('issued', 'separate'), 'D credits -120, D 1-30 40, D 31-60 60, D >90 100, E credits -9', 'by the date of issue');
SELECT results_eq($$SELECT DISTINCT sum(amount) FROM unnest('{due,agreed,issued}'::text[]) b, unnest('{separate,oldest_first,own_date}'::text[]) c, unnest(ARRAY['{30,60,90}', '{1}', '{7,400}']) d,
                    LATERAL aged_balance('2026-03-31', 'infinity', d::integer[], b, c) GROUP BY b, c, d$$, 'VALUES (71::numeric)', 'the total is one');
SELECT results_eq($$SELECT code, label, amount FROM aged_balance(date '2025-03-31' + 0, 'infinity', '{30,60,90}')$$, $$SELECT ''::text, ''::text, 0::numeric WHERE false$$, 'before anything there is nothing');

-- The published edges: due today is not overdue, day 30 is in 1-30, day 31 is not.
INSERT INTO customer (customer_id, code, name) VALUES (3, 'F', 'Edges');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
SELECT 3, d::text, '2024-12-01', d, 1 FROM unnest('{2025-03-31,2025-03-30,2025-03-01,2025-02-28,2024-12-31,2024-12-30}'::date[]) d;
SELECT results_eq($$SELECT not_due, d1_30, d31_60, d61_90, over_90 FROM ageing_as_of('2025-03-31') WHERE code = 'F'$$, 'VALUES (1::numeric, 2::numeric, 1::numeric, 1::numeric, 1::numeric)',
    'as of 2025-03-31, the six due dates of the reference');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT * FROM finish();
ROLLBACK;
