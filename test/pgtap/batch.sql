-- A statement may write many rows: they are posted, kept as events and judged
-- as if they had come one by one.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(4);
SELECT credit_risk.create_ledger('batch') \g /dev/null
SET search_path = batch, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-09-30';
INSERT INTO customer (code, name) SELECT 'C' || n, 'Customer ' || n FROM generate_series(1, 3) n;
INSERT INTO credit_limit (customer_id, amount) SELECT customer_id, 1000 FROM customer;

INSERT INTO sales_order (customer_id, order_no, amount)
SELECT customer_id, code || '-' || n, 90.5 FROM customer, generate_series(1, 12) n ORDER BY n, customer_id;

SELECT results_eq('SELECT customer_id, open_orders FROM credit_account ORDER BY 1',
                  'SELECT c, 995.5 FROM generate_series(1::bigint, 3) c', 'of twelve orders eleven fit');
SELECT results_eq('SELECT order_no FROM sales_order WHERE status = ''held'' ORDER BY 1', ARRAY['C1-12', 'C2-12', 'C3-12'],
                  'the last to arrive is held');
SELECT results_eq('SELECT event, count(*), sum(open_amount_base) FROM order_event GROUP BY 1 ORDER BY 1',
                  'VALUES (''held'', 3::bigint, -271.5), (''placed'', 36, 3258.0)', 'each order left its event, each hold too');
SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
