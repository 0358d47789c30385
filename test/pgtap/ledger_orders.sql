-- What orders, deliveries and invoices do to exposure, written in every way
-- that SQL knows; and what is held, refused or warned of.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('posted') \g /dev/null
SET LOCAL search_path = posted, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', auto_release = false;
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 30) i;
INSERT INTO credit_limit (customer_id, amount) SELECT i, 100 FROM generate_series(1, 30) i;

CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s + %s + %s - %s', trim_scale(receivable), trim_scale(unbilled), trim_scale(open_orders), trim_scale(unapplied)) FROM posted.credit_account WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.orders(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(order_no || ' ' || status, ', ' ORDER BY order_no) FROM posted.sales_order WHERE customer_id = id $$;

-- At the limit passes, one cent above does not.
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'A', 60), (1, 'B', 30), (1, 'C', 30), (1, 'D', 10);
SELECT is(pg_temp.orders(1), 'A open, B open, C held, D open', 'in one statement, in order of arrival, what does not fit is held and the next may fit');
SELECT is(pg_temp.account(1), '0 + 0 + 100 - 0', 'held orders do not count, and the limit may be reached');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'E', 0.01), (1, 'F', 0);
SELECT is(pg_temp.orders(1), 'A open, B open, C held, D open, E held, F open', 'one cent more is held, nothing is not');
SELECT results_eq($$SELECT document_no, outcome, amount, available, exposure_before, exposure_after, credit_limit, reasons FROM credit_decision WHERE customer_id = 1 ORDER BY decision_id$$,
    $$VALUES ('C', 'held', 30::numeric, 10::numeric, 90::numeric, 120::numeric, 100::numeric, '{credit_limit_exceeded}'::text[]),
             ('E', 'held', 0.01, 0, 100, 100.01, 100, '{credit_limit_exceeded}')$$, 'with the figures of their instant');

-- Only what grew is judged, and it leaves as a whole.
UPDATE sales_order SET amount = amount + 5 WHERE customer_id = 1 AND order_no IN ('A', 'D');
SELECT is(pg_temp.orders(1), 'A held, B open, C held, D open, E held, F open', 'the first to grow is held, its earlier amount included, so that the second fits');
SELECT is(pg_temp.account(1), '0 + 0 + 45 - 0', 'both as a whole');
UPDATE sales_order SET deliver_on = '2026-04-01' WHERE customer_id = 1;
SELECT is(pg_temp.orders(1), 'A held, B open, C held, D open, E held, F open', 'a change of other columns judges nothing');
UPDATE sales_order SET amount = 20 WHERE customer_id = 1 AND order_no = 'B';
SELECT is(pg_temp.account(1), '0 + 0 + 35 - 0', 'a smaller order gives its room back');

-- A held order whose part was delivered leaves that part in exposure, and the next one is judged with it.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (2, 201, 'A', 50), (2, 202, 'B', 10);
INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 201, 40);
UPDATE sales_order SET amount = CASE order_no WHEN 'A' THEN 200 ELSE 70 END WHERE customer_id = 2;
SELECT is(pg_temp.orders(2), 'A held, B held', 'neither fits: 40 are delivered of the one, and 70 more are too much');
SELECT is(pg_temp.account(2), '0 + 40 + 0 - 0', 'what was delivered stays');
SELECT is((SELECT max(exposure_before) FROM credit_decision WHERE customer_id = 2 AND document_no = 'B'), 50::numeric, 'and was there when the second was judged');

-- Facts keep the dates of their own orders.
INSERT INTO sales_order (customer_id, order_no, ordered_on, amount) VALUES (3, 'JAN', '2026-01-05', 90), (3, 'FEB', '2026-02-05', 30);
SELECT is((SELECT exposure FROM exposure_as_of('2026-01-20') WHERE customer_id = 3), 90::numeric, 'as of January: the order of January');
SELECT is((SELECT exposure FROM exposure_as_of('2026-02-20') WHERE customer_id = 3), 90::numeric, 'as of February: that of February is held');
INSERT INTO sales_order (customer_id, order_id, order_no, ordered_on, amount) VALUES (3, 303, 'DEL', '2026-01-05', 10);
DELETE FROM sales_order WHERE order_id = 303;
SELECT is((SELECT exposure FROM exposure_as_of('2026-01-20') WHERE customer_id = 3), 100::numeric, 'a deletion of today does not rewrite January');
SELECT is((SELECT exposure FROM exposure_as_of('2026-03-02') WHERE customer_id = 3), 90::numeric, 'today it is gone');

-- Documents of several dates in one statement count each from its own; what undoes is never before what it undoes.
INSERT INTO sales_order (customer_id, order_id, order_no, ordered_on, amount) VALUES (21, 2101, 'A', '2026-01-05', 100);
INSERT INTO delivery (customer_id, order_id, delivered_on, amount) VALUES (21, 2101, '2026-01-20', 40), (21, 2101, '2026-01-10', 60);
INSERT INTO invoice (customer_id, invoice_no, order_id, issued_on, amount) VALUES (21, 'I1', 2101, '2026-02-01', 30), (21, 'I2', 2101, '2026-02-10', 50), (21, 'I3', 2101, '2026-02-10', 20);
SELECT results_eq($$SELECT open_orders, unbilled, receivable FROM unnest('{2026-01-05,2026-01-10,2026-01-19,2026-01-20,2026-02-01,2026-02-10}'::date[]) d, exposure_as_of(d) WHERE customer_id = 21 ORDER BY d$$,
    $$VALUES (100::numeric, 0::numeric, 0::numeric), (40, 60, 0), (40, 60, 0), (0, 100, 0), (0, 70, 30), (0, 0, 100)$$, 'the same 100 euros on every day');
INSERT INTO sales_order (customer_id, order_id, order_no, ordered_on, amount) VALUES (22, 2201, 'A', '2026-02-01', 50), (22, 2202, 'B', '2026-03-20', 20), (22, 2203, 'C', '2026-03-20', 20);
UPDATE sales_order SET cancelled_on = '2026-01-15' WHERE order_id = 2201;
SELECT is((SELECT exposure FROM exposure_as_of('2026-01-20') WHERE customer_id = 22), 0::numeric, 'cancelled before it was ordered: no day with less than nothing');
DELETE FROM sales_order WHERE order_id = 2202;
UPDATE sales_order SET cancelled_on = '2026-03-02' WHERE order_id = 2203;
SELECT is((SELECT exposure FROM exposure_as_of('2026-03-02') WHERE customer_id = 22), 0::numeric, 'nor when an order of a later day is deleted or cancelled');

-- The same euro is never in two components.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (4, 401, 'A', 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, order_id, amount) VALUES (4, 401, 'DP', 'down_payment', 401, 30);
SELECT is(pg_temp.account(4), '30 + 0 + 70 - 0', 'down payment: ordered becomes receivable');
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (4, 401, 401, 60);
SELECT is(pg_temp.account(4), '30 + 30 + 40 - 0', 'delivery: what is invoiced does not wait for its invoice');
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (4, 402, 401, 40);
SELECT is(pg_temp.account(4), '30 + 70 + 0 - 0', 'all is delivered');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount) VALUES (4, 402, 'FINAL', 401, 70);
SELECT is(pg_temp.account(4), '100 + 0 + 0 - 0', 'final invoice for the rest');
SELECT is(pg_temp.orders(4), 'A closed', 'the order is closed');
SELECT reverse_invoice(402) \g /dev/null
SELECT is(pg_temp.account(4) || ', ' || pg_temp.orders(4), '30 + 70 + 0 - 0, A open', 'reversed, it waits for its invoice again');
SELECT reverse_delivery(402) \g /dev/null
SELECT is(pg_temp.account(4), '30 + 30 + 40 - 0', 'a delivery taken back is ordered again');
SELECT reverse_delivery(401) \g /dev/null
SELECT is(pg_temp.account(4), '30 + 0 + 70 - 0', 'and the other');
SELECT throws_ok('SELECT reverse_delivery(401)', '23505', NULL, 'but not twice');
SELECT reverse_invoice(401) \g /dev/null
SELECT is(pg_temp.account(4), '0 + 0 + 100 - 0', 'back at the start');
SELECT is(cancel_order(401), 'cancelled', 'cancelled');
SELECT is(pg_temp.account(4), '0 + 0 + 0 - 0', 'nothing is left');

-- An invoice of a delivery is one of its order.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (23, 2301, 'A', 50), (23, 2302, 'B', 50);
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (23, 2301, 2301, 50);
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, delivery_id, order_id, amount) VALUES (23, 'I', 2301, 2302, 50)$$, 'CR003', NULL, 'not of another');
INSERT INTO invoice (customer_id, invoice_no, delivery_id, order_id, due_on, amount) VALUES (23, 'I', 2301, 2301, '2026-04-01', 50);
SELECT is(pg_temp.account(23) || ', ' || pg_temp.orders(23), '50 + 0 + 50 - 0, A closed, B open', 'of its own');

-- More is delivered or invoiced than was ordered; without an order; one delivery in two invoices.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (5, 501, 'A', 50);
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (5, 501, 501, 80);
SELECT is(pg_temp.account(5), '0 + 80 + 0 - 0', 'delivered counts, even beyond the order');
INSERT INTO invoice (customer_id, invoice_no, delivery_id, amount) VALUES (5, 'I', 501, 90);
SELECT is(pg_temp.account(5) || ', ' || pg_temp.orders(5), '90 + 0 + 0 - 0, A closed', 'invoiced beyond the delivery');
INSERT INTO delivery (customer_id, delivery_id, amount) VALUES (6, 601, 50), (6, 602, 30);
SELECT is(pg_temp.account(6), '0 + 80 + 0 - 0', 'delivered without an order');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount) VALUES (6, 601, 'I1', 601, 20), (6, 602, 'I2', 601, 20), (6, 603, 'I3', 602, 45);
SELECT is(pg_temp.account(6), '85 + 10 + 0 - 0', 'two invoices for one of them, too much for the other');
SELECT reverse_invoice(603) \g /dev/null
SELECT is(pg_temp.account(6), '40 + 40 + 0 - 0', 'the invoice beyond it is reversed');
SELECT reverse_delivery(601) \g /dev/null
SELECT is(pg_temp.account(6), '40 + 30 + 0 - 0', 'a delivery invoiced in part is taken back');
SELECT reverse_invoice(601) \g /dev/null
SELECT is(pg_temp.account(6), '20 + 30 + 0 - 0', 'its invoice too: nothing waits of what was taken back');
INSERT INTO invoice (customer_id, invoice_no, kind, delivery_id, amount) VALUES (6, 'CN', 'credit_note', 602, 5), (6, 'DN', 'debit_note', 602, 7), (6, 'OB', 'opening_balance', 602, 1);
SELECT is(pg_temp.account(6), '23 + 30 + 0 - 0', 'notes and opening balances invoice no delivery');
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount, currency) VALUES (5, 501, 1, 'USD')$$, 'CR006', NULL, 'no rate, no delivery');
INSERT INTO exchange_rate VALUES ('USD', '2026-03-01', 0.9);
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount, currency) VALUES (5, 501, 1, 'USD')$$, 'CR006', 'order A is in EUR, its delivery or invoice in USD', 'a delivery in another currency than its order');
SELECT is((SELECT count(*) FROM verify()), 0::bigint, 'verify() so far');

-- Every way to write.
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (7, 'A', 60)
ON CONFLICT (customer_id, order_no) DO UPDATE SET amount = EXCLUDED.amount;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (7, 'A', 60), (7, 'B', 40)
ON CONFLICT (customer_id, order_no) DO UPDATE SET amount = EXCLUDED.amount;
SELECT is(pg_temp.orders(7) || ': ' || pg_temp.account(7), 'A open, B open: 0 + 0 + 100 - 0', 'ON CONFLICT DO UPDATE with the same values');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (7, 'A', 60), (7, 'B', 40) ON CONFLICT DO NOTHING;
SELECT is(pg_temp.account(7), '0 + 0 + 100 - 0', 'ON CONFLICT DO NOTHING');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (7, 'A', 61) ON CONFLICT (customer_id, order_no) DO UPDATE SET amount = EXCLUDED.amount WHERE false;
SELECT is(pg_temp.orders(7), 'A open, B open', 'DO UPDATE WHERE false');
MERGE INTO sales_order o USING (VALUES ('A', 60), ('B', NULL), ('C', 40), ('D', 1)) n (order_no, amount) ON o.customer_id = 7 AND o.order_no = n.order_no
WHEN MATCHED AND n.amount IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET amount = n.amount
WHEN NOT MATCHED THEN INSERT (customer_id, order_no, amount) VALUES (7, n.order_no, n.amount);
SELECT is(pg_temp.orders(7) || ': ' || pg_temp.account(7), 'A open, C open, D held: 0 + 0 + 100 - 0', 'MERGE: what it deletes makes room for what it inserts');
WITH gone AS (DELETE FROM sales_order WHERE customer_id = 7 AND order_no = 'C'),
     one AS (INSERT INTO sales_order (customer_id, order_no, amount) VALUES (7, 'E', 10) RETURNING status)
INSERT INTO sales_order (customer_id, order_no, amount) SELECT 7, 'F', 20 FROM one;
SELECT is(pg_temp.account(7), (SELECT format('0 + 0 + %s - 0', sum(amount)) FROM sales_order WHERE customer_id = 7 AND status = 'open'), 'a delete and two inserts in one statement');
\copy sales_order (customer_id, order_no, amount) FROM PROGRAM 'printf "8\tA\t70\n8\tB\t40\n9\tA\t100\n8\tC\t30\n"'
SELECT is(pg_temp.orders(8) || ': ' || pg_temp.account(8) || '; ' || pg_temp.account(9), 'A open, B held, C open: 0 + 0 + 100 - 0; 0 + 0 + 100 - 0', 'COPY');
CREATE VIEW clerk_order AS SELECT customer_id, order_no, amount, status FROM sales_order WHERE customer_id = 10;
INSERT INTO clerk_order (customer_id, order_no, amount) VALUES (10, 'A', 90), (10, 'B', 20);
UPDATE clerk_order SET amount = 95 WHERE order_no = 'A';
SELECT is(pg_temp.orders(10) || ': ' || pg_temp.account(10), 'A open, B held: 0 + 0 + 95 - 0', 'through a view');
SAVEPOINT s;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (11, 'A', 90);
ROLLBACK TO s;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (11, 'A', 80);
SELECT is(pg_temp.account(11), '0 + 0 + 80 - 0', 'a savepoint rolled back');
SELECT throws_ok($$INSERT INTO sales_order (customer_id, order_no, amount) VALUES (11, 'B', 10), (11, 'B', 5)$$, '23505', NULL, 'an error in the middle');
SELECT is(pg_temp.account(11), '0 + 0 + 80 - 0', 'leaves nothing');
INSERT INTO sales_order (customer_id, order_no, amount, status, delivered_amount, invoiced_amount, rate, changed_on) VALUES (11, 'C', 90, 'released', 90, 90, 7, '2020-01-01');
SELECT is(pg_temp.orders(11), 'A open, C held', 'a client that writes the columns of the ledger is not heard');
CREATE FUNCTION pg_temp.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN NEW.order_no = ''X'' THEN NULL ELSE NEW END; END';
CREATE TRIGGER zz_swallow BEFORE INSERT ON sales_order FOR EACH ROW EXECUTE FUNCTION pg_temp.swallow();
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (11, 'X', 900), (11, 'Y', 20);
DROP TRIGGER zz_swallow ON sales_order;
SELECT is(pg_temp.account(11), '0 + 0 + 100 - 0', 'a row that another trigger swallows charges nothing');
CREATE FUNCTION pg_temp.stubborn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER aa_stubborn BEFORE UPDATE ON sales_order FOR EACH ROW EXECUTE FUNCTION pg_temp.stubborn();
SELECT throws_ok($$INSERT INTO sales_order (customer_id, order_no, amount) VALUES (11, 'Z', 900)$$, 'CR002', NULL, 'a hold that another trigger swallows is an error, not a pass');
DROP TRIGGER aa_stubborn ON sales_order;
SELECT is_empty('SELECT * FROM verify()', 'verify() after every way to write');

-- What clients may not write.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (12, 1201, 'A', 50), (12, 1202, 'B', 60);
SELECT throws_ok($$UPDATE sales_order SET $$ || c || $$ WHERE order_id = 1202$$, 'CR010', NULL, 'not written by clients: ' || c)
FROM unnest('{status = ''open'',delivered_amount = 1,invoiced_amount = 1,rate = 2,rate_on = ''2020-01-01'',changed_on = ''2020-01-01'',customer_id = 13,order_id = 9}'::text[]) c;
SELECT throws_ok($$INSERT INTO sales_order (customer_id, order_no, amount) VALUES (12, 'B', 60) ON CONFLICT (customer_id, order_no) DO UPDATE SET status = EXCLUDED.status$$, 'CR010', NULL, 'nor by way of EXCLUDED');
SELECT throws_ok('UPDATE sales_order SET open_amount = 1', '428C9', NULL, 'nor the generated ones');
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;    -- no table is truncated while its triggers wait
SELECT throws_ok('TRUNCATE sales_order CASCADE', 'CR010', NULL, 'orders are not truncated');
SELECT throws_ok('TRUNCATE customer CASCADE', 'CR010', NULL, 'nor by way of customers');
SELECT throws_ok('TRUNCATE ' || t, 'CR010', NULL, 'TRUNCATE ' || t) FROM unnest('{order_event,credit_decision,credit_account,open_item,dunning_action_item,allocation,credit_limit,rebuild_record}'::text[]) t;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (13, 1301, 'I', 10);
INSERT INTO payment (customer_id, payment_id, amount) VALUES (13, 1301, 10);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (13, 1301, 1301, 1301, 5);
SELECT throws_ok(format(c, t), 'CR010', NULL, format(c, t))
FROM unnest('{invoice,payment,allocation,delivery,order_event,credit_decision,credit_limit}'::text[]) t, unnest('{UPDATE %s SET customer_id = 1,DELETE FROM %s}'::text[]) c;
SELECT throws_ok('UPDATE customer SET customer_id = 99 WHERE customer_id = 30', '23503', NULL, 'the key of a payer');
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (50, 'S1', 'Site', 30);
SELECT throws_ok('UPDATE customer SET customer_id = 99 WHERE customer_id = 50', 'CR010', NULL, 'the key of a site');
SELECT throws_ok('DELETE FROM customer WHERE customer_id = 30', '23503', NULL, 'a customer with an account');
SELECT throws_ok('DELETE FROM sales_order WHERE order_id = 501', '23503', NULL, 'an order with deliveries');
SELECT throws_ok('DELETE FROM ledger', 'CR010', NULL, 'the settings');
SELECT throws_ok($$UPDATE ledger SET base_currency = 'USD'$$, 'CR010', NULL, 'the base currency');

-- Release and override.
SELECT throws_ok($$SELECT release_order(1202, 'please')$$, 'CR001', NULL, 'a release judges again');
SELECT throws_ok($$SELECT release_order(1201, 'please')$$, 'CR007', NULL, 'what is not held is not released');
SELECT throws_ok($$SELECT release_order(1202, '')$$, '22023', NULL, 'a release needs a motive');
SELECT is(release_order(1202, 'known to pay', true), 'released', 'an override');
SELECT is(pg_temp.account(12), '0 + 0 + 110 - 0', 'counts beyond the limit');
SELECT results_eq($$SELECT outcome, motive IS NOT NULL, valid_until FROM credit_decision WHERE order_id = 1202 ORDER BY decision_id$$,
    $$VALUES ('held', false, NULL::date), ('overridden', true, '2026-04-01'), ('released', true, NULL)$$, 'is on record');
UPDATE sales_order SET amount = 61 WHERE order_id = 1202;
SELECT is(pg_temp.orders(12), 'A open, B held', 'but only for its amount');
INSERT INTO payment (customer_id, amount) VALUES (12, 11);
SELECT is(release_order(1202, 'paid'), 'released', 'after a payment it fits');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (14, 1401, 'A', 100.12);
SELECT is(release_order(1401, 'a few cents', true), 'released', 'an override covers the cents of the amount');
UPDATE customer SET blocked = true WHERE customer_id = 15;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (15, 'A', 1);
SELECT is((SELECT reasons FROM credit_decision WHERE customer_id = 15), '{customer_blocked}'::text[], 'a blocked customer');

-- The other policies.
UPDATE ledger SET on_exceed = 'reject';
SELECT throws_ok($$INSERT INTO sales_order (customer_id, order_no, amount) VALUES (16, 'A', 101)$$, 'CR001', 'credit limit exceeded for customer "C16"', 'reject');
SELECT throws_ok($$INSERT INTO sales_order (customer_id, order_no, amount) VALUES (15, 'B', 1)$$, 'CR001', 'customer "C15" is blocked for new orders', 'reject the blocked');
UPDATE ledger SET on_exceed = 'warn';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (16, 'A', 101);
SELECT is((SELECT status || ' ' || outcome FROM sales_order JOIN credit_decision USING (customer_id, order_id) WHERE customer_id = 16), 'open warned', 'warn');
UPDATE ledger SET on_exceed = 'hold', mode = 'observe';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (17, 'A', 101);
SELECT is((SELECT status || ' ' || outcome FROM sales_order JOIN credit_decision USING (customer_id, order_id) WHERE customer_id = 17), 'open warned', 'observe blocks nothing and says so');
UPDATE ledger SET mode = 'enforce', log_passes = true;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (18, 'A', 100);
SELECT is((SELECT outcome || ' ' || exposure_after FROM credit_decision WHERE customer_id = 18), 'passed 100', 'passes too are kept if the ledger says so');
SELECT results_eq($$SELECT outcome, available, exposure_after FROM check_order(18, 1)$$, $$VALUES ('held', 0::numeric, 101::numeric)$$, 'what would happen');
SELECT is(pg_temp.account(18), '0 + 0 + 100 - 0', 'asking changes nothing');
INSERT INTO customer (customer_id, code, name) VALUES (41, 'N1', 'No limit'), (42, 'N2', 'No limit'), (43, 'N3', 'No limit'), (44, 'N4', 'Nothing on credit'), (45, 'N5', 'Unlimited');
INSERT INTO credit_limit (customer_id, amount) VALUES (44, 0), (45, NULL);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (41, 'A', 3000), (41, 'B', 0.01), (44, 'A', 0.01), (45, 'A', 1e15);
SELECT is(pg_temp.orders(41), 'A open, B held', 'no decision yet: the default limit');
SELECT is(pg_temp.orders(44) || ', ' || pg_temp.orders(45), 'A held, A open', 'zero is nothing on credit, NULL unlimited');
UPDATE ledger SET no_limit = 'hold';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (42, 'A', 1), (45, 'B', 1);
SELECT is(pg_temp.orders(42) || ', ' || pg_temp.orders(45), 'A held, A open, B open', 'no decision yet: hold; unlimited is one');
UPDATE ledger SET no_limit = 'pass';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (43, 'A', 1e12), (44, 'B', 1);
SELECT is(pg_temp.orders(43) || ', ' || pg_temp.orders(44), 'A open, A held, B held', 'no decision yet: pass; zero is one');
SELECT is(available_credit(43), NULL, 'no bound is NULL');
UPDATE ledger SET no_limit = 'default', log_passes = false;

-- Cancelled and back.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (19, 1901, 'A', 60), (19, 1902, 'B', 60);
UPDATE sales_order SET cancelled_on = '2026-03-01' WHERE order_id = 1901;
SELECT is(pg_temp.account(19), '0 + 0 + 0 - 0', 'cancelled');
UPDATE sales_order SET cancelled_on = NULL WHERE order_id IN (1901, 1902);
SELECT is(pg_temp.orders(19) || ': ' || pg_temp.account(19), 'A open, B held: 0 + 0 + 60 - 0', 'uncancelled: judged again');
UPDATE sales_order SET cancelled_on = '2026-03-02' WHERE order_id = 1902;
UPDATE sales_order SET cancelled_on = NULL WHERE order_id = 1902;
SELECT is(pg_temp.orders(19), 'A open, B held', 'a held order cannot slip through by cancelling');
SELECT is((SELECT exposure FROM exposure_as_of('2026-03-02') WHERE customer_id = 19), 60::numeric, 'and history agrees');

-- More decimals than money has, with a due date and without.
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (20, 'A', 0.123456)$$, 'CR011', NULL, 'fractions of a cent');
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, terms, amount) VALUES (20, 'B', '30% net 0, 70% 30 eom', 0.1234)$$, 'CR011', NULL, 'in instalments too');
INSERT INTO invoice (customer_id, invoice_no, terms, amount) VALUES (20, 'C', '30% net 0, 70% 30 eom', 0.01);
SELECT is((SELECT array_agg(open_amount) FROM open_item WHERE customer_id = 20), '{0.01}'::numeric[], 'a cent is not split');

SELECT is_empty('SELECT * FROM verify()', 'verify()');
SELECT is_empty($$SELECT customer_id, receivable, unbilled, open_orders, unapplied, exposure, credit_limit, available FROM exposure
    EXCEPT SELECT customer_id, receivable, unbilled, open_orders, unapplied, exposure, credit_limit, available FROM exposure_as_of('2026-03-02')$$,
    'exposure is exposure as of the business date');
SELECT is((SELECT rebuild()), 0::bigint, 'rebuild() finds nothing');
SELECT * FROM finish();
ROLLBACK;
