\set ON_ERROR_STOP 1
-- What stands in two places says the same: an order changed by a function of
-- the owner's, the day of a hold, a head written after its member, an invoice
-- that names an order and a delivery without one, and the largest amounts.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT credit_risk.create_ledger('consistent') \g /dev/null
SET LOCAL search_path = consistent, public;
UPDATE ledger SET pinned_date = '2026-09-30';
INSERT INTO exchange_rate VALUES ('USD', '2026-08-28', 0.9);
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha'), (2, 'B', 'Beta'), (3, 'C', 'Gamma');

SELECT plan(17);

-- A function that runs with the owner's rights is a client of the ledger.
CREATE FUNCTION own_cancel(bigint) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS 'SELECT cancel_order($1, ''2026-09-29'')';
CREATE FUNCTION own_currency(bigint, text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS 'UPDATE sales_order SET currency = $2 WHERE order_id = $1';
INSERT INTO sales_order (customer_id, order_id, amount, ordered_on) VALUES (1, 11, 100, '2026-09-01'), (1, 12, 200, '2026-09-01');
SELECT own_currency(12, 'USD') \g /dev/null
SELECT results_eq('SELECT currency, rate, open_amount_base, changed_on FROM sales_order WHERE order_id = 12',
                  $$VALUES ('USD'::text, 0.9, 180.00, date '2026-09-30')$$,
                  'a new currency has its rate, also through a function that runs as the owner');
SELECT lives_ok('SELECT own_cancel(11)', 'such a function cancels an order');
SELECT results_eq('SELECT status, open_amount_base, changed_on FROM sales_order WHERE order_id = 11',
                  $$VALUES ('cancelled'::text, 0::numeric, date '2026-09-29')$$, 'which then counts nothing');
SELECT throws_ok('UPDATE sales_order SET status = ''released'' WHERE order_id = 12', 'CR010', NULL,
                 'without the rights of the ledger its columns are refused');
SELECT is((SELECT open_orders FROM credit_account WHERE customer_id = 1), 180.00, 'the account has what is left');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');

-- An order is held on the day on which it was placed, not on that of another one.
INSERT INTO sales_order (customer_id, order_id, amount, ordered_on)
VALUES (2, 21, 2000, '2026-01-10'), (2, 22, 2500, '2026-03-10'), (2, 23, 2600, '2026-05-10');
SELECT results_eq('SELECT order_id, event, open_amount_base, effective_on FROM order_event WHERE customer_id = 2 ORDER BY 1, order_event_id',
                  $$VALUES (21::bigint, 'placed'::text, 2000::numeric, date '2026-01-10'),
                           (22, 'placed', 2500, '2026-03-10'), (22, 'held', -2500, '2026-03-10'),
                           (23, 'placed', 2600, '2026-05-10'), (23, 'held', -2600, '2026-05-10')$$,
                  'each hold stands on the day of its order');
SELECT results_eq($$SELECT d, (SELECT open_orders FROM exposure_as_of(d) WHERE customer_id = 2)
                    FROM unnest(ARRAY['2026-01-09', '2026-02-01', '2026-04-01', '2026-06-01']::date[]) d$$,
                  $$VALUES (date '2026-01-09', 0::numeric), (date '2026-02-01', 2000::numeric),
                           (date '2026-04-01', 2000::numeric), (date '2026-06-01', 2000::numeric)$$,
                  'exposure of a past day has what passed, and is never negative');

-- In one statement a member may come before its head.
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (31, 'M', 'Member', 32), (32, 'H', 'Head', NULL), (33, 'N', 'Member', 32);
SELECT results_eq('SELECT customer_id, group_path FROM credit_account WHERE customer_id > 30 ORDER BY 1',
                  $$VALUES (31::bigint, '{32,31}'::bigint[]), (32, '{32}'), (33, '{32,33}')$$, 'all stand in the group');
INSERT INTO payment (customer_id, amount) VALUES (31, 10), (32, 20), (33, 30);
SELECT is((SELECT group_exposure FROM credit_account WHERE customer_id = 32), -60::numeric, 'and post to its head');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');

-- The invoice of an order takes a delivery that nobody ordered out of what waits unbilled.
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (3, 41, 100);
INSERT INTO delivery (customer_id, delivery_id, amount) VALUES (3, 41, 80);
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (3, 42, 41, 60);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, delivery_id, amount)
VALUES (3, 41, 'I1', 41, 41, 80), (3, 42, 'I2', 41, 42, 5);
SELECT results_eq('SELECT receivable, unbilled, open_orders FROM credit_account WHERE customer_id = 3',
                  'VALUES (85::numeric, 0::numeric, 15::numeric)', 'the invoiced goods count once');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');
SELECT reverse_invoice(41) \g /dev/null
SELECT results_eq('SELECT receivable, unbilled, open_orders FROM credit_account WHERE customer_id = 3',
                  'VALUES (5::numeric, 135::numeric, 40::numeric)', 'its reversal puts them back');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');

-- What does not fit is an error, not another figure.
SELECT throws_ok($$SELECT credit_risk.judge_order(0, -1e32, 1e32, false, true, false, 'enforce', 'hold', 'hold', 0)$$,
                 '22003', 'argument "exposure" is out of range', 'an exposure beyond the exact range');
SELECT is((SELECT available FROM credit_risk.judge_order(0, -4e31, 4e31, false, true, false, 'enforce', 'hold', 'hold', 0)),
          8e31, 'within it available credit is exact');

SELECT * FROM finish();
ROLLBACK;
