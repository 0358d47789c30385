-- Attaching the tables of an application: the recipe, what a mapping may and
-- may not say, rights, edits that become reversals, what people do in the
-- ledger meanwhile, detaching, renaming: row 001-44 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();
CREATE ROLE shop_app; CREATE ROLE ledger_owner; CREATE ROLE somebody;
SELECT format('GRANT CREATE ON DATABASE %I TO ledger_owner', current_database()) \gexec

-- A home-made ERP.
CREATE SCHEMA shop;
CREATE TABLE shop.client (no integer PRIMARY KEY, name text, vat text, pays_for integer, ceiling numeric, land text, words text);
CREATE TABLE shop.orders (id integer PRIMARY KEY, client_no integer REFERENCES shop.client, total double precision, state text, hold_state text, is_held boolean);
CREATE TABLE shop.shipment (id integer PRIMARY KEY, order_id integer, gone boolean);
CREATE TABLE shop.bill (id integer PRIMARY KEY, no text, client_no integer, order_id integer, total numeric, cur text DEFAULT 'EUR', on_day date DEFAULT '2026-03-01', due date);
CREATE TABLE shop.credit (no text PRIMARY KEY, client_no integer, total numeric);
CREATE TABLE shop.cash (id uuid PRIMARY KEY, client_no integer, total numeric, means text);
CREATE TABLE shop.link (bill integer, cash uuid, credit text, total numeric, PRIMARY KEY (bill, cash, credit));
CREATE TABLE shop."odd "" name" ("the key" integer PRIMARY KEY, "client ""no""" integer, total numeric);
GRANT USAGE ON SCHEMA shop TO shop_app, ledger_owner, somebody;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA shop TO shop_app;
INSERT INTO shop.client (no, name) VALUES (1, 'Alpha'), (2, 'Beta'), (3, 'Gamma');
INSERT INTO shop.orders VALUES (1, 1, 400, 'open');

-- "Enforce limits on your own orders table in five lines."
SELECT lives_ok($$
  SELECT credit_risk.create_ledger('five');
  SELECT credit_risk.attach('five', 'customer', 'shop.client', '{"name": "name"}');
  SELECT credit_risk.attach('five', 'sales_order', 'shop.orders', '{"customer_id": "client_no", "amount": "total"}');
  UPDATE five.ledger SET on_exceed = 'reject';
  INSERT INTO five.credit_limit (customer_id, amount) SELECT customer_id, 1000 FROM five.customer;
$$, '001-44 five lines');
SET LOCAL ROLE shop_app;
SELECT lives_ok($$INSERT INTO shop.orders VALUES (2, 1, 600, 'open')$$, '001-44 an order within the limit passes');
SELECT throws_ok($$INSERT INTO shop.orders VALUES (3, 1, 0.01, 'open')$$, 'CR001', 'credit limit exceeded for customer "1"', '001-44 a cent beyond it is an error at the application''s INSERT');
SELECT throws_ok($$UPDATE shop.orders SET total = 401 WHERE id = 1$$, 'CR001', NULL, '001-44 and at its UPDATE');
SELECT lives_ok($$DELETE FROM shop.orders WHERE id = 2$$, '001-44 cancelled');
SELECT lives_ok($$INSERT INTO shop.orders VALUES (3, 1, 0.01, 'open')$$, '001-44 there is room again');
RESET ROLE;
SELECT is_empty('SELECT * FROM five.verify()', '001-44 and it is exact');
SELECT is_empty('SELECT * FROM credit_risk.attachment_check(''five'')', '001-44 both say the same');
DELETE FROM shop.orders;
SELECT credit_risk.detach('five', 'shop.orders'), credit_risk.detach('five', 'shop.client') \g /dev/null

-- Rights -----------------------------------------------------------------------------
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO ledger_owner;
SET LOCAL ROLE ledger_owner;
SELECT credit_risk.create_ledger('books') \g /dev/null
SELECT throws_ok($$SELECT credit_risk.attach('books', 'customer', 'shop.client', '{"name": "name"}')$$, '42501', 'no right to attach shop.client', '001-44 the table''s owner must agree');
RESET ROLE;
GRANT TRIGGER ON ALL TABLES IN SCHEMA shop TO ledger_owner;
GRANT UPDATE (hold_state) ON shop.orders TO ledger_owner;
SELECT throws_ok($$SELECT credit_risk.attach('books', 'customer', 'shop.client', '{"name": "name"}')$$, '42501', 'ledger "books" belongs to somebody else', '001-44 so must the ledger''s, even where a superuser calls');
SELECT throws_ok($$SELECT credit_risk.detach('books', 'shop.client')$$, '42501', NULL, '001-44 the same for detach()');
SELECT throws_ok($$SELECT * FROM credit_risk.attachment_check('books')$$, '42501', NULL, '001-44 and for the check');
SELECT throws_ok($$SELECT credit_risk.attach('nowhere', 'customer', 'shop.client', '{"name": "name"}')$$, '3F000', NULL, '001-44 no such ledger');

-- What a mapping may say --------------------------------------------------------------
SET LOCAL ROLE ledger_owner;
UPDATE books.ledger SET pinned_date = '2026-03-02';
CREATE FUNCTION pg_temp.try(kind text, relation regclass, mapping jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE d text;
BEGIN
    PERFORM credit_risk.attach('books', kind, relation, mapping);
    RETURN 'attached';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM);
END $$;
SELECT is(pg_temp.try(kind, relation, mapping), answer, '001-44 ' || coalesce(mapping::text, kind)) FROM (VALUES
    ('invoices', 'shop.bill'::regclass, '{}'::jsonb, '22023 invalid kind: ''invoices'''),
    ('invoice', 'shop.bill', '{"customer_id": "client_no"}', '22023 mapping "amount" is missing for invoice'),
    ('invoice', 'shop.bill', '{"amount": "total"}', '22023 mapping "customer_id" is missing for invoice'),
    ('customer', 'shop.client', '{"nam": "name"}', '22023 mapping "nam" is unknown for customer, or no text'),
    ('customer', 'shop.client', '{"name": 1}', '22023 mapping "name" is unknown for customer, or no text'),
    ('customer', 'shop.client', '["name"]', '22023 a mapping is a JSON object of column and expression'),
    ('customer', 'shop.client', '{"name": "nom"}', '42703 mapping "name": column "nom" does not exist'),
    ('customer', 'shop.client', '{"name": "name ||"}', '42601 mapping "name": syntax error at or near ")"'),
    ('customer', 'shop.client', '{"name": ""}', '42601 mapping "name": syntax error at or near ")"'),
    ('customer', 'shop.client', '{"name": "name); DROP TABLE shop.client; SELECT (1"}', '42703 mapping "name": column "name" does not exist'),
    ('customer', 'shop.client', '{"name": "1); DROP TABLE shop.client; SELECT (1"}', '42P11 mapping "name": cannot open multi-query plan as cursor'),
    ('customer', 'shop.client', '{"name": "name) AS a, (1"}', '42601 a mapping is not one expression for one column'),
    ('customer', 'shop.client', '{"name": "(DELETE FROM shop.client RETURNING name)"}', '42601 mapping "name": syntax error at or near "FROM"'),
    ('customer', 'shop.client', '{"name": "name", "blocked": "ceiling"}', '42846 mapping "blocked": cannot cast type numeric to boolean'),
    ('customer', 'shop.client', '{"name": "name", "active_when": "no"}', 'attached'),
    ('customer', 'shop.client', '{"name": "name", "active_when": "ceiling"}', '42846 mapping "active_when": cannot cast type numeric to boolean'),
    ('customer', 'shop.client', '{"name": "name", "status_column": "name"}', '22023 mapping "status_column" is unknown for customer, or no text'),
    ('sales_order', 'shop.orders', '{"customer_id": "client_no", "amount": "total", "status_column": "nix"}', '42703 mapping "status_column": shop.orders has no column "nix"'),
    ('sales_order', 'shop.orders', '{"customer_id": "client_no", "amount": "total", "status_column": "is_held"}', '42501 mapping "status_column": no right to update column "is_held" of shop.orders'),
    ('delivery', 'shop.shipment', '{"amount": "1"}', '22023 mapping "order_id" is missing for delivery'),
    ('delivery', 'shop.shipment', '{"customer_id": "1"}', '22023 mapping "amount" is missing for delivery'),
    ('allocation', 'shop.link', '{"external_ref": "bill", "invoice_id": "bill", "amount": "total"}', '22023 mapping "payment_id" is missing for allocation'),
    ('allocation', 'shop.link', '{"invoice_id": "bill", "payment_id": "cash", "amount": "total"}', '22023 shop.link has no key of one column'),
    ('sales_order', 'books.sales_order', '{"customer_id": "customer_id", "amount": "amount"}', '42809 books.sales_order is a table of the ledger itself'),
    ('customer', 'pg_views', '{"name": "viewname"}', '42809 pg_views cannot be attached: it is no table, or has partitions that are none'),
    ('customer', NULL, '{"name": "name"}', '42809 NULL cannot be attached: it is no table, or has partitions that are none')) v (kind, relation, mapping, answer);
SELECT is((SELECT count(*) FROM books.attachment), 1::bigint, '001-44 what failed left nothing');
SELECT is((SELECT count(*) FROM shop.client), 3::bigint, '001-44 nor did anything run');
RESET ROLE;
INSERT INTO shop.cash VALUES ('00000000-0000-0000-0000-000000000001', 1, 1), ('00000000-0000-0000-0000-000000000002', 1, 1);
SET LOCAL ROLE ledger_owner;
SELECT is(pg_temp.try('payment', 'shop.cash', '{"external_ref": "client_no", "customer_id": "client_no", "amount": "total"}'), '23505 mapping "external_ref": shop.cash has two rows of key 1', '001-44 a key that is none');
SELECT is(pg_temp.try('payment', 'shop.cash', '{"customer_id": "client_no", "amount": "means"}'), 'attached', '001-44 text as an amount: it compiles, and there is none');
SELECT results_eq($$SELECT external_ref, problem FROM credit_risk.attachment_check('books') ORDER BY 1$$, $$VALUES ('00000000-0000-0000-0000-000000000001', 'no amount'), ('00000000-0000-0000-0000-000000000002', 'no amount')$$, '001-44 the check says what is mapped wrongly');
RESET ROLE;
DELETE FROM shop.cash;

-- All six kinds ---------------------------------------------------------------------------
SET LOCAL ROLE ledger_owner;
SELECT credit_risk.attach('books', kind, relation, mapping) FROM (VALUES
    ('customer', 'shop.client'::regclass, '{"name": "name", "siren": "substr(vat, 5)", "payer_id": "pays_for", "credit_limit": "ceiling", "country": "land", "terms": "words"}'::jsonb),
    ('sales_order', 'shop.orders', '{"customer_id": "client_no", "amount": "total", "active_when": "state <> ''draft''", "status_column": "hold_state"}'),
    ('delivery', 'shop.shipment', '{"order_id": "order_id", "active_when": "gone"}'),
    ('invoice', 'shop.bill', '{"invoice_no": "no", "customer_id": "client_no", "amount": "total", "currency": "cur", "order_id": "order_id", "issued_on": "on_day", "due_on": "due"}'),
    ('payment', 'shop.cash', '{"customer_id": "client_no", "amount": "total", "method": "means", "received_on": "date ''2026-03-01''"}'),
    ('allocation', 'shop.link', '{"external_ref": "concat_ws(''/'', bill, cash, credit)", "invoice_id": "bill", "payment_id": "cash", "credit_invoice_id": "''CN'' || credit", "amount": "total"}')) v (kind, relation, mapping) \g /dev/null
SELECT is(pg_temp.try('invoice', 'shop.credit', '{"customer_id": "client_no", "amount": "-total"}'), '22023 shop.bill is attached as invoice already, with the prefix ''''', '001-44 a second table of a kind needs a prefix');
SELECT is(pg_temp.try('invoice', 'shop.credit', '{"customer_id": "client_no", "amount": "-total", "prefix": "CN"}'), 'attached', '001-44 with one it is attached');
RESET ROLE;
SELECT is_empty($$SELECT r, p.oid::regprocedure FROM pg_proc p, unnest('{shop_app,somebody}'::text[]) r WHERE p.pronamespace = 'books'::regnamespace AND has_function_privilege(r, p.oid, 'EXECUTE')$$, '001-44 nobody may call what was made');
CREATE FUNCTION pg_temp.account(client integer) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s + %s + %s + %s - %s', trim_scale(receivable), trim_scale(unbilled), trim_scale(open_orders), trim_scale(unmatured), trim_scale(unapplied))
    FROM books.credit_account JOIN books.customer USING (customer_id) WHERE external_ref = client::text $$;
CREATE FUNCTION pg_temp.exact(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    SET LOCAL ROLE ledger_owner;
    RETURN NEXT is_empty('SELECT * FROM books.verify()', what || ': verify()');
    RETURN NEXT is_empty($q$SELECT * FROM credit_risk.attachment_check('books')$q$, what || ': attachment_check()');
    RESET ROLE;
END $$;

-- Master data.
SET LOCAL ROLE shop_app;
UPDATE shop.client SET ceiling = 1000, vat = 'FR32732829320', land = 'fr', words = '45 days end of month' WHERE no = 1;
UPDATE shop.client SET pays_for = 1 WHERE no = 2;
UPDATE shop.client SET ceiling = 0.015, vat = 'FR99 12', land = 'France', words = 'when I can' WHERE no = 3;
RESET ROLE;
SELECT results_eq('SELECT external_ref, siren, country, terms, payer_id = books.customer_id(''1'') FROM books.customer ORDER BY 1', $$VALUES ('1', '732829320', 'FR', '45 eom', NULL::boolean), ('2', NULL, NULL, NULL, true), ('3', NULL, NULL, NULL, NULL)$$,
    '001-44 what is no country, number or terms does not stop the host');
SET LOCAL ROLE ledger_owner;
SELECT results_eq($$SELECT external_ref, problem, host_says FROM credit_risk.attachment_check('books')$$, $$VALUES ('3', 'country is no code of two letters', 'France'), ('3', 'siren is no company number', ' 12'), ('3', 'terms are none', 'when I can')$$, '001-44 but is listed');
SELECT results_eq('SELECT external_ref, amount, reason FROM books.credit_limit JOIN books.customer USING (customer_id) ORDER BY 1', $$VALUES ('1', 1000::numeric, 'attached: customer_client'), ('3', 0.02, 'attached: customer_client')$$, '001-44 a limit of the host is a decision');
INSERT INTO books.credit_limit (customer_id, amount, reason) VALUES (books.customer_id('1'), 1200, 'decided here');
RESET ROLE;
UPDATE shop.client SET name = 'Alpha SA' WHERE no = 1;
SELECT is((SELECT credit_limit FROM books.credit_account WHERE customer_id = books.customer_id('1')), 1200::numeric, '001-44 one that was decided here since stands');
UPDATE shop.client SET ceiling = 1100 WHERE no = 1;
SELECT is((SELECT credit_limit FROM books.credit_account WHERE customer_id = books.customer_id('1')), 1100::numeric, '001-44 until the host changes its own');
UPDATE shop.client SET ceiling = 1000 WHERE no = 1;
UPDATE shop.client SET vat = NULL, land = NULL, words = NULL, ceiling = 500 WHERE no = 3;
SELECT pg_temp.exact('001-44 master data');

-- Orders of a site count for its payer; the status is written back.
SET LOCAL ROLE shop_app;
INSERT INTO shop.orders (id, client_no, total, state) VALUES (10, 2, 600, 'draft'), (11, 1, 700, 'open'), (12, 2, 300, 'open'), (13, 3, 0.1 + 0.2, 'open');
UPDATE shop.orders SET state = 'open' WHERE id = 10;
RESET ROLE;
SELECT is((SELECT string_agg(concat_ws(' ', id, hold_state), ', ' ORDER BY id) FROM shop.orders), '10 held, 11 open, 12 open, 13 open', '001-44 the status stands in the host''s column');
SELECT is(pg_temp.account(1) || ', ' || coalesce(pg_temp.account(2), 'none'), '0 + 0 + 1000 + 0 - 0, none', '001-44 on the payer''s account');
SELECT is((SELECT amount FROM books.sales_order WHERE external_ref = '13'), 0.3, '001-44 a float is rounded to the cent');
SET LOCAL ROLE ledger_owner;
SELECT books.release_order((SELECT order_id FROM books.sales_order WHERE external_ref = '10'), 'good friend', true) \g /dev/null
RESET ROLE;
SELECT is((SELECT hold_state FROM shop.orders WHERE id = 10), 'released', '001-44 a release too');
SELECT pg_temp.exact('001-44 released');

-- Deliveries without an amount: what is left of the order.
SET LOCAL ROLE shop_app;
INSERT INTO shop.shipment VALUES (1, 11, true), (2, 12, false);
SELECT throws_ok($$INSERT INTO shop.orders (id, client_no, total, state) VALUES (14, 3, 5000, 'open'); INSERT INTO shop.shipment VALUES (3, 14, true)$$, 'CR001', 'order 14 is held, and a delivery of 5000 EUR is refused', '001-22 a held order is not delivered');
INSERT INTO shop.bill (id, no, client_no, order_id, total, due) VALUES (1, 'B1', 1, 11, 700, '2026-03-31');
RESET ROLE;
SELECT is(pg_temp.account(1), '700 + 0 + 900 + 0 - 0', '001-44 delivered and invoiced');
SET LOCAL ROLE shop_app;
UPDATE shop.shipment SET gone = false WHERE id = 1;
UPDATE shop.shipment SET gone = true;
RESET ROLE;
SELECT is(pg_temp.account(1), '700 + 300 + 600 + 0 - 0', '001-44 taken back and delivered again, another one too');
SELECT pg_temp.exact('001-44 delivered');

-- Money: a payment by cheque, a credit note of the second table, edits under matches.
SET LOCAL ROLE shop_app;
INSERT INTO shop.cash VALUES ('00000000-0000-0000-0000-00000000000a', 1, 500, 'transfer'), ('00000000-0000-0000-0000-00000000000b', 1, 100, 'cheque'), ('00000000-0000-0000-0000-00000000000c', 1, -20, NULL);
INSERT INTO shop.credit VALUES ('x', 1, 50);
INSERT INTO shop.link VALUES (1, '00000000-0000-0000-0000-00000000000a', '', 500), (1, '00000000-0000-0000-0000-000000000000', 'x', 50), (7, '00000000-0000-0000-0000-00000000000b', '', 90);
RESET ROLE;
SELECT is(pg_temp.account(1), '150 + 300 + 600 + 100 - 100', '001-44 paid, credited, and a match that waits for its invoice');
SET LOCAL ROLE ledger_owner;
SELECT results_eq($$SELECT attachment, external_ref, problem FROM credit_risk.attachment_check('books')$$,
    $$VALUES ('payment_cash', '00000000-0000-0000-0000-00000000000c', 'amount is not positive'), ('allocation_link', '7/00000000-0000-0000-0000-00000000000b/', 'unknown invoice')$$, '001-44 both are listed');
RESET ROLE;
DELETE FROM shop.cash WHERE total < 0;
SET LOCAL ROLE shop_app;
INSERT INTO shop.bill (id, no, client_no, total, due) VALUES (7, 'B7', 1, 90, '2026-03-31');
RESET ROLE;
SELECT is(pg_temp.account(1), '150 + 300 + 600 + 100 - 10', '001-44 the invoice comes, the match settles it');
SELECT pg_temp.exact('001-44 matched');
SET LOCAL ROLE shop_app;
UPDATE shop.bill SET total = 60 WHERE id = 7;
RESET ROLE;
SELECT is(pg_temp.account(1), '150 + 300 + 600 + 100 - 40', '001-44 an invoice edited below what is matched: matched as far as it fits');
SET LOCAL ROLE ledger_owner;
SELECT results_eq($$SELECT external_ref, problem, host_says, ledger_says FROM credit_risk.attachment_check('books')$$, $$VALUES ('7/00000000-0000-0000-0000-00000000000b/', 'amount differs', '90', '60')$$, '001-44 which is listed');
RESET ROLE;
SET LOCAL ROLE shop_app;
UPDATE shop.bill SET total = 95 WHERE id = 7;
UPDATE shop.cash SET total = 450 WHERE means = 'transfer';
UPDATE shop.link SET total = 450 WHERE total = 500;
RESET ROLE;
SELECT is(pg_temp.account(1), '205 + 300 + 600 + 100 - 10', '001-44 edits of invoice, payment and match');
SELECT pg_temp.exact('001-44 edited');
SET LOCAL ROLE shop_app;
UPDATE shop.bill SET client_no = 3 WHERE id = 7;
RESET ROLE;
SELECT is(pg_temp.account(1) || ', ' || pg_temp.account(3), '200 + 300 + 600 + 100 - 100, 95 + 0 + 0.3 + 0 - 0', '001-44 an invoice of another customer now');
SET LOCAL ROLE ledger_owner;
SELECT results_eq($$SELECT external_ref, problem FROM credit_risk.attachment_check('books')$$, $$VALUES ('7/00000000-0000-0000-0000-00000000000b/', 'payment of another customer')$$, '001-44 his payment is not the other''s: listed');
RESET ROLE;
SET LOCAL ROLE shop_app;
UPDATE shop.bill SET client_no = 2 WHERE id = 7;
DELETE FROM shop.credit;
UPDATE shop.bill SET no = 'B1', due = '2026-04-15' WHERE id IN (1, 7);
RESET ROLE;
SELECT is(pg_temp.account(1), '255 + 300 + 600 + 100 - 10', '001-44 and back, by way of his site; a credit note deleted, its match waits');
SELECT results_eq('SELECT invoice_no, revision, due_on, site_id = books.customer_id(''2'') FROM books.invoice i WHERE reversal_of IS NULL AND NOT EXISTS (SELECT FROM books.invoice r WHERE r.reversal_of = i.invoice_id) ORDER BY revision',
    $$VALUES ('B1', 1, date '2026-03-31', NULL::boolean), ('B1', 5, '2026-04-15', true)$$, '001-44 two of one number in the host are two here');
SET LOCAL ROLE ledger_owner;
SELECT results_eq($$SELECT external_ref, problem FROM credit_risk.attachment_check('books')$$, $$VALUES ('1/00000000-0000-0000-0000-000000000000/x', 'unknown payment or credit note')$$, '001-44 only that match is listed');
RESET ROLE;
DELETE FROM shop.link WHERE credit = 'x';
SELECT pg_temp.exact('001-44 two invoices of one number');

-- Terms with instalments: a match without one takes the earliest first.
UPDATE shop.client SET words = '50% 30 days, 50% 60 days' WHERE no = 3;
SET LOCAL ROLE shop_app;
INSERT INTO shop.bill (id, no, client_no, total) VALUES (20, 'B20', 3, 100);
INSERT INTO shop.cash VALUES ('00000000-0000-0000-0000-00000000000d', 3, 70, NULL);
INSERT INTO shop.link VALUES (20, '00000000-0000-0000-0000-00000000000d', '', 70);
RESET ROLE;
SELECT is((SELECT string_agg(format('%s:%s', instalment_no, trim_scale(open_amount)), ' ' ORDER BY instalment_no) FROM books.open_item JOIN books.invoice i USING (customer_id, invoice_id) WHERE i.invoice_no = 'B20'),
          '2:30', '001-44 over instalments');
SELECT pg_temp.exact('001-44 instalments');

-- Foreign currency, without a rate and with one.
SET LOCAL ROLE shop_app;
SELECT throws_ok($$INSERT INTO shop.bill (id, no, client_no, total, cur) VALUES (30, 'B30', 3, 100, 'USD')$$, 'CR006', NULL, '001-44 without a rate nothing can be counted: the host is told');
RESET ROLE;
INSERT INTO books.exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-02-27', 0.9);
SET LOCAL ROLE shop_app;
INSERT INTO shop.bill (id, no, client_no, total, cur) VALUES (30, 'B30', 3, 100, 'USD');
RESET ROLE;
SELECT is(pg_temp.account(3), '120 + 0 + 0.3 + 0 - 0', '001-44 with a rate it is 90');
SELECT pg_temp.exact('001-44 currency');

-- What people do in the ledger stays done ------------------------------------------------
SET LOCAL ROLE ledger_owner;
SELECT books.cancel_order((SELECT order_id FROM books.sales_order WHERE external_ref = '13')) \g /dev/null
SELECT books.reverse_invoice((SELECT document_id FROM books.attached_document WHERE kind = 'invoice' AND external_ref = '30')) \g /dev/null
SELECT books.unmatch_payment((SELECT document_id FROM books.attached_document WHERE kind = 'payment' AND external_ref LIKE '%d'), 'a mistake') \g /dev/null
RESET ROLE;
SET LOCAL ROLE shop_app;
UPDATE shop.orders SET total = 0.4 WHERE id = 13;
UPDATE shop.bill SET total = 101 WHERE id = 30;
UPDATE shop.link SET total = 70 WHERE total = 70;
RESET ROLE;
SELECT is(pg_temp.account(3), '100 + 0 + 0 + 0 - 70', '001-44 taken back in the ledger: an edit in the host does not bring it again');
SET LOCAL ROLE ledger_owner;
SELECT set_eq($$SELECT attachment, external_ref FROM credit_risk.attachment_check('books') WHERE problem = 'taken back in the ledger'$$, $$VALUES ('sales_order_orders', '13'), ('invoice_bill', '30'), ('allocation_link', '20/00000000-0000-0000-0000-00000000000d/')$$, '001-44 and is listed');
-- A write-off of the ledger's own moves with an edited invoice, as far as it fits.
SELECT books.write_off((SELECT document_id FROM books.attached_document WHERE kind = 'invoice' AND external_ref = '20'), 'uncollectible', 80) \g /dev/null
RESET ROLE;
SELECT is(pg_temp.account(3), '20 + 0 + 0 + 0 - 70', '001-44 80 written off');
UPDATE shop.bill SET total = 90 WHERE id = 20;
SELECT is(pg_temp.account(3), '15 + 0 + 0 + 0 - 70', '001-44 the invoice edited to 90: 45 and 30 of its instalments stay written off');
SELECT is_empty('SELECT * FROM books.verify()', '001-44 verify()');
-- A payment plan that covers an invoice ends when the host edits it.
SET LOCAL ROLE ledger_owner;
SELECT books.create_plan(books.customer_id('1'), ARRAY[(SELECT document_id FROM books.attached_document WHERE kind = 'invoice' AND external_ref = '7')], ARRAY[date '2026-05-01'], ARRAY[5]) \g /dev/null
RESET ROLE;
UPDATE shop.bill SET total = 96 WHERE id = 7;
SELECT is((SELECT outcome FROM books.payment_plan), 'cancelled', '001-44 a payment plan gives way');
SELECT is_empty('SELECT * FROM books.verify()', '001-44 verify() after it');

-- Names that need quotes; the ledger renamed ------------------------------------------------
SET LOCAL ROLE ledger_owner;
SELECT credit_risk.detach('books', 'shop.orders') \g /dev/null
SELECT is(pg_temp.try('sales_order', 'shop."odd "" name"', $${"customer_id": "\"client \"\"no\"\"\"", "amount": "total -- with tax"}$$), 'attached', '001-44 names with quotes and blanks, an expression with a comment');
SELECT credit_risk.rename_ledger('books', 'new "books"') \g /dev/null
RESET ROLE;
GRANT INSERT ON shop."odd "" name" TO shop_app;
SET LOCAL ROLE shop_app;
INSERT INTO shop."odd "" name" VALUES (1, 1, 7);
INSERT INTO shop.cash VALUES ('00000000-0000-0000-0000-00000000000e', 1, 3, NULL);
RESET ROLE;
SELECT is((SELECT amount FROM "new ""books""".sales_order WHERE external_ref = '1' AND cancelled_on IS NULL), 7::numeric, '001-44 the attached tables follow a renamed ledger');
SELECT is_empty('SELECT * FROM "new ""books""".verify()', '001-44 verify() there');

-- Detached, attached again; a table that is gone -----------------------------------------------
SET LOCAL ROLE ledger_owner;
SELECT is(credit_risk.detach('new "books"', 'shop.bill'), 1, '001-44 detached');
SELECT is(credit_risk.detach('new "books"', 'shop.bill'), 0, '001-44 once');
RESET ROLE;
SELECT is_empty($$SELECT tgname FROM pg_trigger WHERE tgrelid = 'shop.bill'::regclass AND NOT tgisinternal$$, '001-44 no trigger is left');
UPDATE shop.bill SET total = 97 WHERE id = 7;
SET LOCAL ROLE ledger_owner;
SELECT count(*) AS invoices FROM "new ""books""".invoice \gset
SELECT credit_risk.attach('new "books"', 'invoice', 'shop.bill', '{"invoice_no": "no", "customer_id": "client_no", "amount": "total", "currency": "cur", "order_id": "order_id", "issued_on": "on_day", "due_on": "due"}') \g /dev/null
SELECT is((SELECT count(*) - :invoices FROM "new ""books""".invoice), 2::bigint, '001-44 attached again: known again, only what changed is written');
RESET ROLE;
ALTER TABLE shop.bill RENAME COLUMN id TO bill_id;
SET LOCAL ROLE ledger_owner;
SELECT ok(EXISTS (SELECT FROM credit_risk.attachment_check('new "books"') WHERE attachment = 'invoice_bill' AND problem = 'mapping no longer fits' AND host_says LIKE '%column "id" does not exist'), '001-44 a column that was renamed is found');
RESET ROLE;
ALTER TABLE shop.bill RENAME COLUMN bill_id TO id;
SELECT throws_ok('ALTER TABLE shop.bill DROP COLUMN total', '2BP01', NULL, '001-44 a mapped column is not dropped');
DROP TABLE shop.bill CASCADE;
SET LOCAL ROLE ledger_owner;
SELECT ok(EXISTS (SELECT FROM credit_risk.attachment_check('new "books"') WHERE attachment = 'invoice_bill' AND problem = 'the table or its view is gone'), '001-44 a table that is gone is found');
SELECT is((SELECT credit_risk.detach('new "books"', relation) FROM "new ""books""".attachment WHERE attachment = 'invoice_bill'), 1, '001-44 and detached');
SELECT lives_ok($$SELECT credit_risk.drop_ledger('new "books"')$$, '001-44 a ledger with attachments is dropped');
RESET ROLE;
SELECT is_empty($$SELECT g.tgrelid::regclass, g.tgname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE c.relnamespace = 'shop'::regnamespace AND NOT g.tgisinternal$$, '001-44 and leaves no trigger in the application');
SELECT lives_ok($$INSERT INTO shop.orders (id, client_no, total, state) VALUES (99, 1, 1e6, 'open')$$, '001-44 which goes on without it');
-- Whose code runs with whose rights: the host's owner gets none of the ledger's owner.
CREATE ROLE intruder;
CREATE SCHEMA trap AUTHORIZATION intruder;
SET LOCAL ROLE intruder;
CREATE TABLE trap.client (no integer PRIMARY KEY, name varchar);
CREATE TABLE trap.orders (id integer, client_no integer, total numeric, hold text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE trap.orders_1 PARTITION OF trap.orders FOR VALUES FROM (0) TO (10);
CREATE TABLE trap.orders_2 PARTITION OF trap.orders FOR VALUES FROM (10) TO (20);
CREATE TABLE trap.loot (way text, who text DEFAULT current_user);
CREATE FUNCTION trap.lower(varchar) RETURNS text LANGUAGE plpgsql AS $$BEGIN INSERT INTO trap.loot VALUES ('expression'); RETURN $1; END$$;
CREATE FUNCTION trap.joined(varchar, integer) RETURNS text LANGUAGE sql AS $$SELECT $1$$;
CREATE OPERATOR trap.|| (LEFTARG = varchar, RIGHTARG = integer, FUNCTION = trap.joined);
CREATE FUNCTION trap.own_name(varchar) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$SELECT $1$$;
CREATE VIEW trap.country AS SELECT 'FR' AS code;
CREATE FUNCTION trap.take() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO trap.loot VALUES (TG_NAME); RETURN NEW; END$$;
CREATE TRIGGER on_write BEFORE UPDATE ON trap.orders FOR EACH ROW EXECUTE FUNCTION trap.take();
CREATE FUNCTION trap.policy() RETURNS boolean LANGUAGE plpgsql AS $$BEGIN INSERT INTO trap.loot VALUES ('policy'); RETURN true; END$$;
CREATE POLICY hidden ON trap.client USING (trap.policy());
GRANT USAGE ON SCHEMA trap TO ledger_owner;
GRANT ALL ON trap.client, trap.orders, trap.orders_1, trap.orders_2, trap.loot, trap.country TO ledger_owner;
INSERT INTO trap.client VALUES (901, 'Trap');
SET LOCAL ROLE ledger_owner;
SELECT credit_risk.create_ledger('guarded') \g /dev/null
CREATE FUNCTION pg_temp.guarded(kind text, relation regclass, mapping jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM credit_risk.attach('guarded', kind, relation, mapping);
    RETURN 'attached';
EXCEPTION WHEN OTHERS THEN
    RETURN concat_ws(' ', SQLSTATE, SQLERRM);
END $$;
SELECT is(pg_temp.guarded('customer', 'trap.client', mapping), answer, '001-44 ' || mapping::text) FROM (VALUES
    ('{"name": "lower(name)"}'::jsonb, '42501 a mapping uses trap.lower(character varying), which role "intruder" may change'),
    ('{"name": "name || no"}', '42501 a mapping uses trap.joined(character varying,integer), which role "intruder" may change'),
    ('{"name": "name", "country": "(SELECT c.code FROM country c)"}', '42501 a mapping uses trap.country, which role "intruder" may change'),
    ('{"name": "own_name(name)"}', 'attached'), ('{"name": "pg_catalog.lower(name)"}', 'attached')) v (mapping, answer);
SELECT is(pg_temp.guarded('sales_order', 'trap.orders', '{"customer_id": "client_no", "amount": "total", "status_column": "hold"}'), 'attached', '001-44 a status is written back');
INSERT INTO guarded.credit_limit (customer_id, amount) VALUES (guarded.customer_id('901'), 100);
SET LOCAL ROLE intruder;
INSERT INTO trap.orders VALUES (1, 901, 60), (11, 901, 70);
SELECT results_eq('SELECT id, hold FROM trap.orders ORDER BY id', $$VALUES (1, 'open'), (11, 'held')$$, '001-44 into the right rows of partitions');
SELECT set_eq('SELECT way, who FROM trap.loot', $$VALUES ('on_write', 'intruder')$$, '001-44 a trigger on the host''s table has the rights of its owner, not of the ledger''s');
ALTER TABLE trap.client ENABLE ROW LEVEL SECURITY;
SELECT throws_ok('INSERT INTO trap.client VALUES (902, ''Trap'')', '42501', NULL, '001-44 row security that hides rows from the ledger is an error, not a deletion');
RESET ROLE;
SELECT is_empty($$SELECT * FROM trap.loot WHERE who <> 'intruder'$$, '001-44 and runs no code as the ledger''s owner');
SET LOCAL ROLE ledger_owner;
SELECT results_eq($$SELECT attachment, problem FROM credit_risk.attachment_check('guarded')$$, $$VALUES ('customer_client', 'row security hides rows')$$, '001-44 the check says so');
SELECT is(pg_temp.guarded('customer', 'trap.client', '{"name": "name"}'), '42501 row security of trap.client hides rows from ledger_owner', '001-44 nor is it attached so');
SELECT throws_ok($$SELECT credit_risk.write_as_owner('trap.client', 'name', '{}', '{}', '{}')$$, '42501', NULL, '001-44 nor written');
RESET ROLE;
SET LOCAL ROLE shop_app;
SELECT throws_ok($$SELECT credit_risk.write_as_owner('trap.orders', 'hold', '{}', '{}', '{}')$$, '42501', NULL, '001-44 who may not update a column does not by its owner''s rights');
RESET ROLE;

-- The extension goes, by CASCADE: the host's tables go on as they were before.
CREATE TABLE public.leaving_client (client_no text PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.leaving_orders (order_no text PRIMARY KEY, client_no text NOT NULL REFERENCES public.leaving_client, total numeric NOT NULL, hold text);
INSERT INTO public.leaving_client VALUES ('A1', 'Toitures');
SELECT credit_risk.create_ledger('leaving') \g /dev/null
SELECT credit_risk.attach('leaving', 'customer', 'public.leaving_client', '{"code": "client_no", "name": "name"}') \g /dev/null
SELECT credit_risk.attach('leaving', 'sales_order', 'public.leaving_orders', '{"order_no": "order_no", "customer_id": "client_no", "amount": "total", "status_column": "hold"}') \g /dev/null
INSERT INTO public.leaving_orders VALUES ('O-1', 'A1', 900);
SAVEPOINT before;
SET CONSTRAINTS ALL IMMEDIATE;
DROP EXTENSION credit_risk CASCADE;
INSERT INTO public.leaving_orders VALUES ('O-2', 'A1', 1e9);
SELECT (SELECT count(*) FROM public.leaving_orders) AS host_rows, (SELECT count(*) FROM leaving.sales_order) AS documents,
       (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'public.leaving_orders'::regclass AND NOT tgisinternal) AS triggers \gset
ROLLBACK TO before;
SELECT is(:host_rows, 2, '001-44 without the extension the host writes as before');
SELECT is(:triggers, 0, '001-44 its triggers are gone');
SELECT is(:documents, 1, '001-44 and the documents stay');

SELECT * FROM finish();
ROLLBACK;
