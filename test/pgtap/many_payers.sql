-- One statement for more payers than are posted one by one.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(6);
SELECT ok(credit_risk.create_ledger('many_payers') IS NOT NULL, 'a ledger');
SET LOCAL search_path = many_payers, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, parent_id)
SELECT n, 'C' || n, 'Customer ' || n, CASE n WHEN 7 THEN 31 WHEN 12 THEN 7 WHEN 13 THEN 31 END FROM generate_series(1, 40) n ORDER BY n = 12, n IN (7, 13), n;
INSERT INTO credit_limit (customer_id, amount, valid_from, valid_to)
SELECT n, 100 * n, '2026-01-01', CASE WHEN n = 20 THEN date '2026-04-30' END FROM generate_series(1, 40) n;
-- The copy of the limit of 20 has run out, and is read again among the others.
UPDATE ledger SET pinned_date = '2026-05-04';

INSERT INTO sales_order (customer_id, order_no, amount)
SELECT 1 + n % 40, 'O' || n, CASE WHEN 1 + n % 40 = 20 THEN 3100 ELSE 60 END FROM generate_series(1, 80) n;
SELECT results_eq(
  'SELECT customer_id, order_no FROM sales_order WHERE status = ''held'' ORDER BY customer_id, order_id',
  $$VALUES (1::bigint, 'O80'), (20, 'O19'), (20, 'O59')$$,
  'each order is judged against the limit of its own payer');
SELECT results_eq(
  'SELECT customer_id, exposure, group_exposure FROM credit_account WHERE customer_id IN (1, 7, 12, 13, 20, 31, 40) ORDER BY 1',
  'VALUES (1::bigint, 60::numeric, 60::numeric), (7, 120, 240), (12, 120, 120), (13, 120, 120), (20, 0, 0), (31, 120, 480), (40, 120, 120)',
  'own exposure, and the heads'' with that of all below');
INSERT INTO invoice (customer_id, invoice_no, issued_on, amount)
SELECT 1 + n % 40, 'I' || n, '2026-05-04', n FROM generate_series(1, 400) n;
SELECT is_empty('SELECT * FROM verify()', 'state and facts agree');

DO $$ BEGIN SET LOCAL session_replication_role = replica; DELETE FROM credit_account WHERE customer_id = 33; SET LOCAL session_replication_role = origin; END $$;
SELECT throws_ok(
  'INSERT INTO invoice (customer_id, invoice_no, issued_on, amount) SELECT n, ''X'' || n, ''2026-05-04'', n FROM generate_series(1, 40) n',
  'CR002', 'customer "C33" has no credit account', 'one account that is not there is an error, by name');
INSERT INTO customer (customer_id, code, name, payer_id) SELECT 41, 'S41', 'Site', 40;
SELECT throws_ok(
  'INSERT INTO invoice (customer_id, invoice_no, issued_on, amount) SELECT n, ''Y'' || n, ''2026-05-04'', n FROM generate_series(2, 41) n WHERE n <> 33',
  'CR004', 'customer "S41" has another payer', 'so is a site');
SELECT * FROM finish();
ROLLBACK;
