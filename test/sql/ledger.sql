-- A ledger from its creation to the payment, as a user meets it: results and
-- error messages. Runs on the sanitised build too.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT credit_risk.create_ledger('books', base_currency => 'EUR');
SELECT name, tables > 15 AS has_tables, comment FROM credit_risk.ledgers WHERE name = 'books';
SET search_path = books, credit_risk;
UPDATE ledger SET pinned_date = '2026-03-31', auto_release = false;    -- what is held waits for a person here

-- Refused: the same again, other things, nonsense.
SELECT credit_risk.create_ledger('books');
CREATE SCHEMA occupied CREATE TABLE tenant (x integer);
SELECT credit_risk.create_ledger('occupied');
SELECT credit_risk.create_ledger('occupied', adopt => true);
SELECT credit_risk.create_ledger('pg_books');
SELECT credit_risk.create_ledger('b', base_currency => 'euro');
SELECT credit_risk.create_ledger('b', time_zone => 'Mars/Olympus');
SELECT credit_risk.create_ledger('b', mode => 'dream');
UPDATE ledger SET base_currency = 'USD';
UPDATE ledger SET time_zone = 'Mars/Olympus';
DELETE FROM ledger;

-- Customers: a payer, its site, a group.
INSERT INTO customer (customer_id, code, name, risk_class) VALUES (1, 'C1', 'Charpentes Morvan', 'B');
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (2, 'C1-S', 'Morvan, Dijon works', 1);
INSERT INTO customer (customer_id, code, name) VALUES (3, 'H', 'Holding');
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (4, 'M1', 'Member 1', 3), (5, 'M2', 'Member 2', 4);
SELECT customer_id, group_path FROM credit_account ORDER BY customer_id;
UPDATE customer SET parent_id = 5 WHERE customer_id = 3;
UPDATE customer SET customer_id = 9 WHERE customer_id = 5;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (6, 'X', 'Site of a site', 2);
INSERT INTO customer (code, name, terms) VALUES ('X', 'Bad terms', 'whenever');
SELECT customer_id('C1'), customer_id('nobody');
UPDATE customer SET terms = '45 jours fin de mois' WHERE code = 'C1' RETURNING terms;
SELECT place_order(customer_id('nobody'), 10);
SELECT check_order(customer_id('nobody'), 10);

-- Limits.
INSERT INTO credit_limit (customer_id, amount) VALUES (1, 1000);
INSERT INTO credit_limit (customer_id, amount) VALUES (2, 1000);
\set VERBOSITY terse
INSERT INTO credit_limit (customer_id, kind, amount) VALUES (1, 'temporary', 1500);
\set VERBOSITY default
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (1, 'temporary', 1500, '2026-05-01', '2026-05-31');
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (1, 'temporary', 1600, '2026-05-31', '2026-06-30');
SELECT kind, amount, currency, amount_base, valid_from, valid_to FROM credit_limit ORDER BY credit_limit_id;
SELECT d::date AS day, f.* FROM unnest('{2026-03-30,2026-04-30,2026-05-01,2026-05-31,2026-06-01}'::date[]) d, limit_in_force(1, d::date) f;
UPDATE credit_limit SET amount = 5000;
SELECT available_credit(1), available_credit(3), available_credit(2);

-- Orders: equal passes, more is held; in one statement what fits passes.
SELECT status, outcome, available, exposure_after, reasons, cure FROM place_order(1, 400, 'O-1');
SELECT outcome, available, exposure_after, reasons, cure FROM check_order(1, 600);
SELECT outcome, available, exposure_after, reasons, cure FROM check_order(1, 600.01);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-2', 300), (1, 'O-3', 400), (1, 'O-4', 300) RETURNING order_no, status;
SELECT order_no, status, open_amount, open_amount_base FROM sales_order ORDER BY order_id;
SELECT document_no, outcome, amount, available, exposure_before, exposure_after, credit_limit, reasons FROM credit_decision ORDER BY decision_id;
SELECT event, sum(open_amount_base) FROM order_event GROUP BY event ORDER BY event;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (2, 'O-5', 10);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (99, 'O-5', 10);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-5', -10);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-5', 'NaN');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-5', 'Infinity');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-5', 0.1234567);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-5', 0 / 100.0);
SELECT check_order(2, 10);
SELECT check_order(99, 10);
SELECT check_order(1, -1);
SELECT check_order(1, 'NaN');

-- An order that grows is judged again; an innocent one in the statement is not.
UPDATE sales_order SET amount = amount + 50 WHERE order_no IN ('O-1', 'O-3');
SELECT order_no, status, open_amount FROM sales_order ORDER BY order_id;
UPDATE sales_order SET status = 'open' WHERE order_no = 'O-3';
UPDATE sales_order SET delivered_amount = 5 WHERE order_no = 'O-2';
UPDATE sales_order SET customer_id = 3 WHERE order_no = 'O-2';
UPDATE sales_order SET ordered_on = '2026-01-01' WHERE order_no = 'O-2';
SELECT cancel_order(order_id) FROM sales_order WHERE order_no = 'O-2';
SELECT order_no, status, open_amount, cancelled_on FROM sales_order WHERE order_no = 'O-2';
SELECT cancel_order(-1);

-- Release, and override on record.
SELECT release_order(order_id, 'fits now') FROM sales_order WHERE order_no = 'O-1';
SELECT release_order(order_id, 'wish') FROM sales_order WHERE order_no = 'O-3';
SELECT release_order(order_id, '') FROM sales_order WHERE order_no = 'O-3';
SELECT release_order(order_id, 'key account, director agreed', override => true) FROM sales_order WHERE order_no = 'O-3';
SELECT release_order(order_id, 'again') FROM sales_order WHERE order_no = 'O-3';
SELECT document_no, outcome, amount, exposure_before, exposure_after, motive, valid_until, decided_by = session_user AS by_me
FROM credit_decision WHERE outcome IN ('released', 'overridden') ORDER BY decision_id;
SELECT exposure, credit_limit FROM credit_account WHERE customer_id = 1;
SELECT * FROM verify();

-- Reject, warn, observe, blocked, no limit.
UPDATE ledger SET on_exceed = 'reject';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-6', 100);
UPDATE customer SET blocked = true WHERE customer_id = 1;
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-6', 0);
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'O-7', 1);
SELECT blocked FROM credit_account WHERE customer_id = 1;
UPDATE ledger SET on_exceed = 'hold';
SELECT status, outcome, reasons FROM place_order(1, 1, 'O-7');
UPDATE customer SET blocked = false WHERE customer_id = 1;
SELECT blocked FROM credit_account WHERE customer_id = 1;
UPDATE ledger SET on_exceed = 'warn';
SELECT status, outcome, reasons FROM place_order(1, 100, 'O-8');
UPDATE ledger SET on_exceed = 'hold', mode = 'observe';
SELECT status, outcome, reasons FROM place_order(1, 100, 'O-9');
UPDATE ledger SET mode = 'enforce', log_passes = true, default_limit = 50;
SELECT status, outcome, available, reasons FROM place_order(3, 50, 'H-1');
SELECT status, outcome, available, reasons FROM place_order(3, 1, 'H-2');
UPDATE ledger SET no_limit = 'hold';
SELECT status, outcome, reasons, cure FROM place_order(3, 1, 'H-3');
UPDATE ledger SET no_limit = 'pass';
SELECT status, outcome, available, reasons FROM place_order(3, 1000000, 'H-4');
INSERT INTO credit_limit (customer_id, amount) VALUES (3, 0);
SELECT status, outcome, available, reasons FROM place_order(3, 1, 'H-5');
INSERT INTO credit_limit (customer_id, amount) VALUES (3, NULL);
SELECT status, outcome, available, reasons FROM place_order(3, 1, 'H-6');
UPDATE ledger SET on_exceed = 'maybe';

-- Order, delivery, invoice, payment: the exposure changes its component, not its sum.
INSERT INTO credit_limit (customer_id, amount) VALUES (4, 10000), (5, 10000);
SELECT order_id AS o FROM place_order(5, 1000, 'M-1') \gset
SELECT receivable, unbilled, open_orders, unapplied, exposure FROM credit_account WHERE customer_id = 5;
INSERT INTO delivery (customer_id, delivery_id, delivery_no, order_id, amount) VALUES (5, 1001, 'D-1', :o, 600);
SELECT receivable, unbilled, open_orders, unapplied, exposure FROM credit_account WHERE customer_id = 5;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount, terms) VALUES (5, 101, 'F-1', 1001, 600, '30% net 0, 70% 30 eom');
SELECT receivable, unbilled, open_orders, unapplied, exposure FROM credit_account WHERE customer_id = 5;
SELECT order_id = :o AS its_order, due_on, instalment_due_on, instalment_amount FROM invoice WHERE invoice_id = 101;
SELECT instalment_no, due_on, open_amount, next_action_on FROM open_item ORDER BY instalment_no;
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (5, 201, 'P-1', 500);
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (5, 201, 101, 1, 180), (5, 201, 101, 2, 20);
SELECT receivable, unbilled, open_orders, unapplied, exposure FROM credit_account WHERE customer_id = 5;
SELECT customer_id, exposure, group_exposure FROM credit_account WHERE customer_id IN (3, 4, 5) ORDER BY customer_id;
SELECT instalment_no, open_amount FROM open_item;
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (5, 201, 101, 2, 301);
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (5, 201, 101, 1, 1);
INSERT INTO allocation (customer_id, invoice_id, amount) VALUES (5, 101, 1);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 999, 101, 1);
SELECT reverse_invoice(101);
SELECT reverse_payment(201);
SELECT count(reverse_allocation(allocation_id)) FROM allocation;
SELECT reverse_payment(201) IS NOT NULL AS done;
SELECT reverse_payment(201);
SELECT reverse_invoice(101, '2026-03-30');
SELECT reverse_invoice(101) IS NOT NULL AS done;
SELECT receivable, unbilled, open_orders, unapplied, exposure FROM credit_account WHERE customer_id = 5;
SELECT reverse_delivery(1001) IS NOT NULL AS done;
SELECT receivable, unbilled, open_orders, unapplied, exposure FROM credit_account WHERE customer_id = 5;
SELECT * FROM open_item;
UPDATE invoice SET amount = 1;
DELETE FROM payment;
TRUNCATE customer CASCADE;

-- Foreign currency: the last cent settles the base amount too.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (4, 401, 'U-1', '2026-03-31', '2026-04-30', 100, 'USD');
INSERT INTO exchange_rate VALUES ('USD', '2026-03-20', 0.876543);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (4, 401, 'U-1', '2026-03-31', '2026-04-30', 100, 'USD');
INSERT INTO exchange_rate VALUES ('USD', '2026-03-27', 0.87654), ('USD', '2026-03-31', 0.91);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (4, 401, 'U-1', '2026-03-30', '2026-04-30', 100, 'USD');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (4, 402, 100, 'USD');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (4, 403, 100);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (4, 403, 401, 1);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (4, 402, 401, 33.33), (4, 402, 401, 33.33);
SELECT open_amount, open_amount_base FROM open_item WHERE invoice_id = 401;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (4, 402, 401, 33.34);
SELECT amount, amount_base, source_amount_base FROM allocation WHERE invoice_id = 401 ORDER BY allocation_id;
SELECT receivable, unapplied FROM credit_account WHERE customer_id = 4;

-- Credit note against invoice.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount)
VALUES (4, 411, 'G-1', 'invoice', '2026-03-01', '2026-03-31', 100), (4, 412, 'G-2', 'credit_note', '2026-03-15', '2026-03-15', 30);
SELECT not_due, d1_30, total, overdue, oldest_days, items FROM ageing_by_customer WHERE code = 'M1';
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (4, 412, 411, 30);
SELECT not_due, d1_30, total, overdue, oldest_days, items FROM ageing_by_customer WHERE code = 'M1';
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (4, 412, 411, 1);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (4, 403, 412, 1);
-- Cash alone stands in the aged balance too.
INSERT INTO payment (customer_id, payment_no, amount) VALUES (1, 'P-9', 12.5);
SELECT code, total, unapplied, items, ageing FROM ageing_by_customer WHERE code = 'C1';
SELECT (SELECT sum(unapplied) FROM ageing_by_customer) = unapplied AS ties FROM ageing_total;
SELECT count(*) FROM ageing_by_customer v FULL JOIN ageing_as_of(business_date()) d USING (customer_id) WHERE (v.total, v.unapplied, v.items, v.oldest_days) IS DISTINCT FROM (d.total, d.unapplied, d.items, d.oldest_days);
SELECT * FROM verify();

-- The run, the queue, and what protects a worker.
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (3, 'L-1', '2026-01-01', '2026-02-28', 700);
SELECT customers, items, actions FROM run_daily();
SELECT code, channel, dunning_level, items, amount, status FROM dunning_queue;
SELECT complete_action(1, '00000000-0000-0000-0000-000000000000');
SELECT * FROM claim_actions('');
CALL credit_risk.run_daily('books');
CALL credit_risk.run_daily('no such ledger');
SELECT * FROM verify();

-- Rename with warm plans, and what the extension holds.
SELECT credit_risk.rename_ledger('books', 'Grand Livre');
SET search_path = "Grand Livre", credit_risk;
SELECT status, outcome FROM place_order(4, 1, 'M-9');
SELECT * FROM verify();
SELECT credit_risk.upgrade_ledger('Grand Livre');
RESET search_path;
SELECT credit_risk.drop_ledger('no such ledger');
SELECT credit_risk.drop_ledger('Grand Livre');
SELECT credit_risk.drop_ledger('occupied');
DROP TABLE occupied.tenant;
SELECT credit_risk.drop_ledger('occupied');
SELECT count(*) FROM credit_risk.ledgers WHERE name IN ('books', 'Grand Livre', 'occupied');
