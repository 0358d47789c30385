-- A ledger attached to the tables of an ERP, with Odoo's names of tables and
-- columns (res_partner, sale_order, stock_picking, account_move_line,
-- account_partial_reconcile), which are not changed for it: rows 001-44 and
-- 001-22 of the capability list.
--
-- How the tables are read: a customer is a commercial partner, its contacts are
-- its sites; an invoice of the ledger is one receivable line of a posted
-- invoice or refund (a move with two due dates gives two, the second with /2
-- after its number), a payment one receivable line of another posted entry, an
-- allocation one partial reconciliation.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();

-- The ERP ----------------------------------------------------------------------------
CREATE ROLE odoo;
CREATE SCHEMA erp;
CREATE TABLE erp.res_currency (id serial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE erp.res_country (id serial PRIMARY KEY, code varchar(2));
CREATE TABLE erp.account_payment_term (id serial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE erp.res_partner (
    id serial PRIMARY KEY, name varchar, ref varchar, vat varchar, parent_id integer REFERENCES erp.res_partner, commercial_partner_id integer REFERENCES erp.res_partner,
    is_company boolean, customer_rank integer DEFAULT 0, active boolean DEFAULT true, country_id integer REFERENCES erp.res_country, lang varchar, credit_limit double precision,
    create_date timestamp, write_date timestamp);
CREATE TABLE erp.sale_order (
    id serial PRIMARY KEY, name varchar NOT NULL, partner_id integer NOT NULL REFERENCES erp.res_partner, partner_invoice_id integer NOT NULL REFERENCES erp.res_partner,
    partner_shipping_id integer REFERENCES erp.res_partner, state varchar DEFAULT 'draft', amount_untaxed numeric, amount_tax numeric, amount_total numeric,
    currency_id integer REFERENCES erp.res_currency, date_order timestamp NOT NULL DEFAULT '2026-09-01 08:00', commitment_date timestamp,
    payment_term_id integer REFERENCES erp.account_payment_term, note text, write_date timestamp);
CREATE TABLE erp.stock_picking (
    id serial PRIMARY KEY, name varchar, sale_id integer REFERENCES erp.sale_order, partner_id integer REFERENCES erp.res_partner, state varchar DEFAULT 'draft', date_done timestamp);
CREATE TABLE erp.account_account (id serial PRIMARY KEY, code varchar, account_type varchar NOT NULL);
CREATE TABLE erp.account_move (
    id serial PRIMARY KEY, name varchar, move_type varchar NOT NULL, state varchar NOT NULL DEFAULT 'draft', date date, invoice_date date, partner_id integer REFERENCES erp.res_partner,
    invoice_origin varchar, currency_id integer REFERENCES erp.res_currency, amount_total numeric, amount_residual numeric);
CREATE TABLE erp.account_move_line (
    id serial PRIMARY KEY, move_id integer NOT NULL REFERENCES erp.account_move ON DELETE CASCADE, move_name varchar, parent_state varchar, date date, date_maturity date,
    partner_id integer REFERENCES erp.res_partner, account_id integer REFERENCES erp.account_account, debit numeric NOT NULL DEFAULT 0, credit numeric NOT NULL DEFAULT 0,
    balance numeric, amount_currency numeric, amount_residual numeric, currency_id integer REFERENCES erp.res_currency, reconciled boolean DEFAULT false, ref varchar);
CREATE TABLE erp.account_partial_reconcile (
    id serial PRIMARY KEY, debit_move_id integer NOT NULL REFERENCES erp.account_move_line, credit_move_id integer NOT NULL REFERENCES erp.account_move_line,
    amount numeric, debit_amount_currency numeric, credit_amount_currency numeric, max_date date);
CREATE INDEX ON erp.account_move_line (move_id);
GRANT USAGE ON SCHEMA erp TO odoo;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA erp TO odoo;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA erp TO odoo;
INSERT INTO erp.res_currency (name) VALUES ('EUR'), ('USD');
INSERT INTO erp.res_country (code) VALUES ('FR');
INSERT INTO erp.account_payment_term (name) VALUES ('30 Days'), ('45 days end of month');
INSERT INTO erp.account_account (code, account_type) VALUES ('411100', 'asset_receivable'), ('701000', 'income'), ('512000', 'asset_cash'), ('401100', 'liability_payable');
-- A company with a contact, a subsidiary in its group, a supplier, and business that was done before.
INSERT INTO erp.res_partner (id, name, ref, vat, parent_id, commercial_partner_id, is_company, customer_rank, country_id, lang) VALUES
    (1, 'Charpentes Morvan', 'CM', 'FR32732829320', NULL, 1, true, 1, 1, 'fr_FR'), (2, 'Mme Roux, achats', NULL, NULL, 1, 1, false, 0, 1, 'fr_FR'),
    (3, 'Morvan Sud', NULL, NULL, 1, 3, true, 1, 1, 'fr_FR'), (4, 'Bois du Nord', 'BN', NULL, NULL, 4, true, 0, 1, 'fr_FR'), (5, 'Sanitaire Est', 'CM', NULL, NULL, 5, true, 1, 1, NULL);
SELECT setval('erp.res_partner_id_seq', 10) \g /dev/null
-- As the ERP writes an invoice: move and lines in draft, then all posted.
CREATE FUNCTION erp.invoice(partner integer, total numeric, maturity date[], origin varchar DEFAULT NULL, type varchar DEFAULT 'out_invoice', number varchar DEFAULT NULL) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE m integer; s integer := CASE WHEN type = 'out_refund' THEN -1 ELSE 1 END;
BEGIN
    INSERT INTO erp.account_move (move_type, date, invoice_date, partner_id, invoice_origin, currency_id, amount_total) VALUES (type, '2026-09-01', '2026-09-01', partner, origin, 1, total) RETURNING id INTO m;
    INSERT INTO erp.account_move_line (move_id, parent_state, date, partner_id, account_id, debit, credit, balance, amount_currency, currency_id)
    VALUES (m, 'draft', '2026-09-01', partner, 2, CASE WHEN s < 0 THEN total ELSE 0 END, CASE WHEN s > 0 THEN total ELSE 0 END, -s * total, -s * total, 1);
    INSERT INTO erp.account_move_line (move_id, parent_state, date, date_maturity, partner_id, account_id, debit, credit, balance, amount_currency, amount_residual, currency_id)
    SELECT m, 'draft', '2026-09-01', d, partner, 1, CASE WHEN s > 0 THEN p ELSE 0 END, CASE WHEN s < 0 THEN p ELSE 0 END, s * p, s * p, s * p, 1
    FROM unnest(maturity) d, (SELECT total / cardinality(maturity) AS p) p;
    PERFORM erp.post(m, number);
    RETURN m;
END $$;
CREATE FUNCTION erp.post(move integer, number varchar DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE erp.account_move SET state = 'posted', name = coalesce(number, name, CASE move_type WHEN 'entry' THEN 'BNK1/2026/' WHEN 'out_refund' THEN 'RINV/2026/' ELSE 'INV/2026/' END || lpad(move::text, 5, '0')) WHERE id = move;
    UPDATE erp.account_move_line l SET parent_state = 'posted', move_name = m.name FROM erp.account_move m WHERE m.id = l.move_id AND m.id = move;
END $$;
CREATE FUNCTION erp.reset_to_draft(move integer) RETURNS void LANGUAGE sql AS $$
    DELETE FROM erp.account_partial_reconcile WHERE debit_move_id IN (SELECT id FROM erp.account_move_line WHERE move_id = move) OR credit_move_id IN (SELECT id FROM erp.account_move_line WHERE move_id = move);
    UPDATE erp.account_move SET state = 'draft' WHERE id = move;
    UPDATE erp.account_move_line SET parent_state = 'draft' WHERE move_id = move;
$$;
CREATE FUNCTION erp.pay(partner integer, total numeric) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE m integer;
BEGIN
    INSERT INTO erp.account_move (move_type, date, partner_id, currency_id, amount_total) VALUES ('entry', '2026-09-10', partner, 1, total) RETURNING id INTO m;
    INSERT INTO erp.account_move_line (move_id, parent_state, date, partner_id, account_id, debit, credit, balance, amount_currency, amount_residual, currency_id)
    VALUES (m, 'draft', '2026-09-10', partner, 3, total, 0, total, total, 0, 1), (m, 'draft', '2026-09-10', partner, 1, 0, total, -total, -total, -total, 1);
    PERFORM erp.post(m);
    RETURN m;
END $$;
CREATE FUNCTION erp.receivable(move integer, nth integer DEFAULT 1) RETURNS integer LANGUAGE sql AS $$ SELECT id FROM erp.account_move_line WHERE move_id = move AND account_id = 1 ORDER BY id OFFSET nth - 1 LIMIT 1 $$;
CREATE FUNCTION erp.reconcile(debit_line integer, credit_line integer, part numeric) RETURNS integer LANGUAGE sql AS $$
    UPDATE erp.account_move_line SET amount_residual = amount_residual - part WHERE id = debit_line;
    UPDATE erp.account_move_line SET amount_residual = amount_residual + part WHERE id = credit_line;
    INSERT INTO erp.account_partial_reconcile (debit_move_id, credit_move_id, amount, debit_amount_currency, credit_amount_currency, max_date) VALUES (debit_line, credit_line, part, part, part, '2026-09-10') RETURNING id;
$$;
CREATE FUNCTION erp.unreconcile(reconcile integer) RETURNS void LANGUAGE sql AS $$ DELETE FROM erp.account_partial_reconcile WHERE id = reconcile $$;
GRANT ALL ON ALL FUNCTIONS IN SCHEMA erp TO odoo;
SELECT erp.invoice(1, 4000, '{2026-09-30}', NULL) AS old_invoice \gset
SELECT erp.pay(1, 1500) AS old_payment \gset
SELECT erp.reconcile(erp.receivable(:old_invoice), erp.receivable(:old_payment), 1000) \g /dev/null
INSERT INTO erp.sale_order (id, name, partner_id, partner_invoice_id, state, amount_tax, amount_total, currency_id) VALUES (1, 'S00001', 2, 2, 'sale', 200, 1200, 1), (2, 'S00002', 1, 1, 'draft', 0, 9999, 1), (3, 'S00003', 5, 5, 'cancel', 0, 777, 1);
INSERT INTO erp.stock_picking (id, name, sale_id, partner_id, state, date_done) VALUES (1, 'WH/OUT/00001', 1, 1, 'done', '2026-09-05 10:00'), (2, 'WH/IN/00002', NULL, 4, 'done', '2026-09-05 10:00');
SELECT setval('erp.sale_order_id_seq', 10), setval('erp.stock_picking_id_seq', 10) \g /dev/null
CREATE TEMPORARY TABLE shape AS SELECT c.oid::regclass AS t, a.attname, a.atttypid, a.attnotnull FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'r';

-- The ledger, attached ------------------------------------------------------------------
SELECT credit_risk.create_ledger('receivables') \g /dev/null
UPDATE receivables.ledger SET pinned_date = '2026-09-20';
CREATE FUNCTION pg_temp.account(partner integer) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s + %s + %s - %s = %s', trim_scale(receivable), trim_scale(unbilled), trim_scale(open_orders), trim_scale(unapplied), trim_scale(exposure))
    FROM receivables.credit_account JOIN receivables.customer USING (customer_id) WHERE external_ref = partner::text $$;
CREATE FUNCTION pg_temp.order_status(id integer) RETURNS text LANGUAGE sql AS $$ SELECT status FROM receivables.sales_order WHERE external_ref = id::text AND status <> 'cancelled' $$;
CREATE FUNCTION pg_temp.exact(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;      -- what a COMMIT would do
    SET CONSTRAINTS ALL DEFERRED;
    RETURN NEXT is_empty('SELECT * FROM receivables.verify()', what || ': verify() is empty');
    RETURN NEXT is_empty($q$SELECT * FROM credit_risk.attachment_check('receivables')$q$, what || ': attachment_check() is empty');
END $$;

SELECT is(credit_risk.attach('receivables', 'customer', 'erp.res_partner', $${
    "code": "ref", "name": "name", "siren": "substr(vat, 5)", "payer_id": "commercial_partner_id",
    "parent_id": "CASE WHEN commercial_partner_id = id THEN parent_id END", "language": "lang",
    "country": "(SELECT c.code FROM res_country c WHERE c.id = country_id)",
    "active_when": "active AND EXISTS (SELECT FROM res_partner p WHERE p.id = res_partner.commercial_partner_id AND p.customer_rank > 0)"}$$),
    4::bigint, '001-44 partners that are customers, and their contacts');
SELECT results_eq('SELECT external_ref, code, name, siren, payer_id, parent_id, country, language FROM receivables.customer ORDER BY external_ref',
    $$VALUES ('1', 'CM', 'Charpentes Morvan', '732829320', NULL::bigint, NULL::bigint, 'FR', 'fr'),
             ('2', '2', 'Mme Roux, achats', NULL, receivables.customer_id('CM'), NULL, 'FR', 'fr'),
             ('3', '3', 'Morvan Sud', NULL, NULL, receivables.customer_id('CM'), 'FR', 'fr'),
             ('5', 'CM (5)', 'Sanitaire Est', NULL, NULL, NULL, 'FR', 'fr')$$, '001-44 a contact is a site of its commercial partner, parent_id of a company its group, a number used twice is told apart');
SELECT is(credit_risk.attach('receivables', 'sales_order', 'erp.sale_order', $${
    "order_no": "name", "customer_id": "partner_invoice_id", "site_id": "partner_id", "amount": "amount_total", "tax_amount": "amount_tax",
    "currency": "(SELECT c.name FROM res_currency c WHERE c.id = currency_id)", "ordered_on": "date_order", "deliver_on": "commitment_date",
    "terms": "(SELECT t.name FROM account_payment_term t WHERE t.id = payment_term_id)", "active_when": "state IN ('sale', 'done')"}$$),
    1::bigint, '001-44 orders: what is confirmed, no quotation');
SELECT is(credit_risk.attach('receivables', 'delivery', 'erp.stock_picking', $${
    "delivery_no": "name", "order_id": "sale_id", "delivered_on": "date_done", "active_when": "state = 'done' AND sale_id IS NOT NULL"}$$),
    1::bigint, '001-44 pickings that are done');
SELECT is(credit_risk.attach('receivables', 'invoice', 'erp.account_move_line', $${
    "invoice_no": "concat_ws('/', move_name, nullif((SELECT count(*) FROM account_move_line l WHERE l.move_id = account_move_line.move_id AND l.account_id = account_move_line.account_id AND l.id <= account_move_line.id), 1))",
    "customer_id": "partner_id", "amount": "balance", "issued_on": "date", "due_on": "date_maturity",
    "order_id": "(SELECT s.id FROM account_move m JOIN sale_order s ON s.name = m.invoice_origin WHERE m.id = move_id)",
    "currency": "(SELECT c.name FROM res_currency c WHERE c.id = currency_id)",
    "active_when": "parent_state = 'posted' AND (SELECT a.account_type = 'asset_receivable' FROM account_account a WHERE a.id = account_id) AND (SELECT m.move_type IN ('out_invoice', 'out_refund') FROM account_move m WHERE m.id = move_id)"}$$),
    1::bigint, '001-44 receivable lines of posted invoices and refunds');
SELECT is(credit_risk.attach('receivables', 'payment', 'erp.account_move_line', $${
    "payment_no": "move_name", "customer_id": "partner_id", "amount": "-balance", "received_on": "date", "reference": "ref",
    "currency": "(SELECT c.name FROM res_currency c WHERE c.id = currency_id)",
    "active_when": "parent_state = 'posted' AND balance < 0 AND (SELECT a.account_type = 'asset_receivable' FROM account_account a WHERE a.id = account_id) AND (SELECT m.move_type = 'entry' FROM account_move m WHERE m.id = move_id)"}$$),
    1::bigint, '001-44 receivable credits of other entries are payments');
SELECT is(credit_risk.attach('receivables', 'allocation', 'erp.account_partial_reconcile', $${
    "invoice_id": "debit_move_id", "payment_id": "credit_move_id", "credit_invoice_id": "credit_move_id", "amount": "debit_amount_currency", "effective_on": "max_date",
    "active_when": "(SELECT a.account_type = 'asset_receivable' FROM account_move_line l JOIN account_account a ON a.id = l.account_id WHERE l.id = debit_move_id)"}$$),
    1::bigint, '001-44 partial reconciliations are allocations');
SELECT is(pg_temp.account(1), '3000 + 1200 + 0 - 500 = 3700', '001-44 what was there is taken over: open, delivered, paid on account');
SELECT is(pg_temp.account(5), '0 + 0 + 0 - 0 = 0', '001-44 a cancelled order is not');
SELECT pg_temp.exact('001-44 taken over');
SELECT is_empty($$SELECT c.oid::regclass, a.attname, a.atttypid, a.attnotnull FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'r'
                  EXCEPT TABLE shape$$, '001-44 the ERP''s tables are not changed');
SELECT is(receivables.customer_id('CM') IS NOT NULL AND has_schema_privilege('odoo', 'receivables', 'USAGE'), false, '001-44 the ERP''s role has no right in the ledger');

-- The story of an order -------------------------------------------------------------------
INSERT INTO receivables.credit_limit (customer_id, amount) VALUES (receivables.customer_id('CM'), 10000), (receivables.customer_id('CM (5)'), 10000);
SET LOCAL ROLE odoo;
INSERT INTO erp.sale_order (id, name, partner_id, partner_invoice_id, state, amount_tax, amount_total, currency_id, payment_term_id) VALUES (20, 'S00020', 1, 1, 'draft', 1200, 7200, 1, 2) \g /dev/null
INSERT INTO erp.stock_picking (id, name, sale_id, partner_id, state) VALUES (20, 'WH/OUT/00020', 20, 1, 'assigned');
RESET ROLE;
SELECT is(pg_temp.account(1), '3000 + 1200 + 0 - 500 = 3700', '001-22 a quotation counts nothing');
SELECT is(pg_temp.order_status(20), NULL, '001-22 and is no order');
SET LOCAL ROLE odoo;
UPDATE erp.sale_order SET state = 'sale', date_order = '2026-09-20 09:00' WHERE id = 20;
RESET ROLE;
SELECT is(pg_temp.order_status(20), 'held', '001-22 confirmed: judged there, and held, 3,700 + 7,200 > 10,000');
SELECT is((SELECT state FROM erp.sale_order WHERE id = 20), 'sale', '001-22 the ERP keeps what was typed');
SELECT is((SELECT concat_ws(' ', terms, tax_amount, ordered_on) FROM receivables.sales_order WHERE external_ref = '20'), '45 eom 1200 2026-09-20', '001-22 with its terms, tax and date');
SELECT is(pg_temp.account(1), '3000 + 1200 + 0 - 500 = 3700', '001-22 a held order is no exposure');
SELECT results_eq('SELECT document_no, code, amount, reasons FROM receivables.open_hold', $$VALUES ('S00020', 'CM', 7200::numeric, '{credit_limit_exceeded}'::text[])$$, '001-22 it stands among the orders on hold');
SELECT pg_temp.exact('001-22 held');
SET LOCAL ROLE odoo;
SELECT throws_ok($$UPDATE erp.stock_picking SET state = 'done', date_done = '2026-09-20 11:00' WHERE id = 20$$, 'CR001', 'order S00020 is held, and a delivery of 7200 EUR is refused', '001-22 its picking is refused, by the ERP''s own statement');
SELECT is((SELECT state FROM erp.stock_picking WHERE id = 20), 'assigned', '001-22 and stays as it was');
SELECT erp.pay(1, 2500) AS payment \gset
SELECT erp.reconcile(erp.receivable(:old_invoice), erp.receivable(:payment), 2500) AS reconciled \gset
RESET ROLE;
SELECT is(pg_temp.account(1), '500 + 1200 + 0 - 500 = 1200', '001-22 a payment is posted and reconciled');
SELECT pg_temp.exact('001-22 paid');
SELECT is(pg_temp.order_status(20), 'released', '001-22 at COMMIT the order passes by itself');
SELECT is(pg_temp.account(1), '500 + 1200 + 7200 - 500 = 8400', '001-22 and is exposure');
SET LOCAL ROLE odoo;
SELECT lives_ok($$UPDATE erp.stock_picking SET state = 'done', date_done = '2026-09-20 11:00' WHERE id = 20$$, '001-22 now its picking passes');
RESET ROLE;
SELECT is(pg_temp.account(1), '500 + 8400 + 0 - 500 = 8400', '001-22 delivered');
SET LOCAL ROLE odoo;
SELECT erp.invoice(1, 7200, '{2026-10-31,2026-11-30}', 'S00020') AS invoice \gset
RESET ROLE;
SELECT is(pg_temp.account(1), '7700 + 1200 + 0 - 500 = 8400', '001-22 invoiced, the same euro in one place');
SELECT results_eq('SELECT invoice_no, due_on, open_amount FROM receivables.open_item JOIN receivables.invoice USING (customer_id, invoice_id, due_on) WHERE order_id IS NOT NULL ORDER BY due_on',
    format($$VALUES ('INV/2026/%1$s', date '2026-10-31', 3600::numeric), ('INV/2026/%1$s/2', '2026-11-30', 3600)$$, lpad(:'invoice', 5, '0')), '001-22 one item for each due date');
SELECT pg_temp.exact('001-22 invoiced');

-- Taken back, in all the ways of the ERP ------------------------------------------------------
SET LOCAL ROLE odoo;
SELECT erp.unreconcile(:reconciled) \g /dev/null
RESET ROLE;
SELECT is(pg_temp.account(1), '10200 + 1200 + 0 - 3000 = 8400', '001-44 unreconciled: open again, the payment on account');
SELECT pg_temp.exact('001-44 unreconciled');
SET LOCAL ROLE odoo;
SELECT erp.reset_to_draft(:payment) \g /dev/null
RESET ROLE;
SELECT is(pg_temp.account(1), '10200 + 1200 + 0 - 500 = 10900', '001-44 the payment reset to draft: exposure is back exactly');
SELECT pg_temp.exact('001-44 payment in draft');
SET LOCAL ROLE odoo;
SELECT erp.post(:payment) \g /dev/null
SELECT erp.reconcile(erp.receivable(:old_invoice), erp.receivable(:payment), 2500) AS reconciled \gset
SELECT erp.reset_to_draft(:invoice) \g /dev/null
RESET ROLE;
SELECT is(pg_temp.account(1), '500 + 8400 + 0 - 500 = 8400', '001-44 the invoice reset to draft: delivered and not invoiced, as before');
SELECT pg_temp.exact('001-44 invoice in draft');
SET LOCAL ROLE odoo;
SELECT erp.post(:invoice) \g /dev/null
RESET ROLE;
SELECT is(pg_temp.account(1), '7700 + 1200 + 0 - 500 = 8400', '001-44 posted again, under its number');
SELECT is((SELECT count(*) FROM receivables.invoice WHERE invoice_no = 'INV/2026/' || lpad(:'invoice', 5, '0') AND revision = 2), 1::bigint, '001-44 a new fact beside the reversal');
SET LOCAL ROLE odoo;
-- Straight at the line, matched as it is: an ERP that allows it.
UPDATE erp.account_move_line SET balance = 3900, debit = 3900 WHERE id = erp.receivable(:old_invoice);
RESET ROLE;
SELECT is(pg_temp.account(1), '7600 + 1200 + 0 - 500 = 8300', '001-44 an amount edited under its reconciliation: reversed, written and matched again');
SELECT pg_temp.exact('001-44 edited');
SET LOCAL ROLE odoo;
UPDATE erp.account_move_line SET balance = 4000, debit = 4000, date_maturity = '2026-10-15' WHERE id = erp.receivable(:old_invoice);
UPDATE erp.account_move_line SET date_maturity = '2026-10-20' WHERE id = erp.receivable(:old_invoice);
UPDATE erp.account_move_line SET reconciled = false, amount_residual = 500 WHERE move_id = :old_invoice;
RESET ROLE;
SELECT is(pg_temp.account(1), '7700 + 1200 + 0 - 500 = 8400', '001-44 and back');
SELECT is((SELECT due_on FROM receivables.open_item o JOIN receivables.attached_document d ON d.document_id = o.invoice_id AND d.kind = 'invoice' WHERE d.external_ref = erp.receivable(:old_invoice)::text), '2026-10-20'::date, '001-44 a due date alone is corrected, the invoice stands');
SELECT is((SELECT count(*) FROM receivables.due_date_correction), 1::bigint, '001-44 on record');
SET LOCAL ROLE odoo;
SELECT erp.invoice(1, 700, '{2026-09-30}', NULL, 'out_refund') AS refund \gset
SELECT erp.reconcile(erp.receivable(:old_invoice), erp.receivable(:refund), 500) AS by_refund \gset
RESET ROLE;
SELECT is(pg_temp.account(1), '7000 + 1200 + 0 - 500 = 7700', '001-44 a refund is a credit note, and settles what it is reconciled with');
SELECT is((SELECT open_amount FROM receivables.open_item WHERE kind = 'credit_note'), -200::numeric, '001-44 the rest of it is open');
SELECT pg_temp.exact('001-44 refund');
SET LOCAL ROLE odoo;
SELECT erp.unreconcile(:by_refund) \g /dev/null
SELECT erp.reset_to_draft(:refund) \g /dev/null
UPDATE erp.sale_order SET amount_total = 7000, amount_tax = 1000 WHERE id = 20;
UPDATE erp.stock_picking SET state = 'cancel' WHERE id = 1;
UPDATE erp.sale_order SET state = 'cancel' WHERE id = 1;
RESET ROLE;
SELECT is(pg_temp.account(1), '7700 + 0 + 0 - 500 = 7200', '001-44 an order with its picking cancelled');
SELECT pg_temp.exact('001-44 cancelled');
SET LOCAL ROLE odoo;
UPDATE erp.sale_order SET state = 'draft' WHERE id = 1;
UPDATE erp.sale_order SET state = 'sale' WHERE id = 1;
RESET ROLE;
SELECT is(pg_temp.account(1), '7700 + 0 + 1200 - 500 = 8400', '001-44 set back to a quotation and confirmed again');
SELECT pg_temp.exact('001-44 confirmed again');
SET LOCAL ROLE odoo;
UPDATE erp.sale_order SET partner_id = 5, partner_invoice_id = 5 WHERE id = 1;
RESET ROLE;
SELECT is(pg_temp.account(1) || ', ' || pg_temp.account(5), '7700 + 0 + 0 - 500 = 7200, 0 + 0 + 1200 - 0 = 1200', '001-44 given to another customer');
SET LOCAL ROLE odoo;
UPDATE erp.sale_order SET partner_id = 1, partner_invoice_id = 1 WHERE id = 1;
DELETE FROM erp.account_partial_reconcile;
DELETE FROM erp.account_move WHERE id IN (:old_payment, :payment);
DELETE FROM erp.sale_order WHERE id = 2;
RESET ROLE;
SELECT is(pg_temp.account(1) || ', ' || pg_temp.account(5), '11200 + 0 + 1200 - 0 = 12400, 0 + 0 + 0 - 0 = 0', '001-44 and back; the payments deleted');
SELECT pg_temp.exact('001-44 deleted');
SET LOCAL ROLE odoo;
UPDATE erp.res_partner SET name = 'Charpentes du Morvan', ref = 'CDM' WHERE id = 1;
UPDATE erp.res_partner SET commercial_partner_id = 5, parent_id = 5 WHERE id = 2;
UPDATE erp.res_partner SET parent_id = NULL WHERE id = 3;
INSERT INTO erp.res_partner (id, name, commercial_partner_id, is_company, customer_rank) VALUES (30, 'Toitures Ouest', 30, true, 1);
UPDATE erp.res_partner SET active = false WHERE id = 5;
RESET ROLE;
SELECT results_eq('SELECT external_ref, code, name, payer_id = receivables.customer_id(''CM (5)''), parent_id, lifecycle FROM receivables.customer ORDER BY external_ref::integer',
    $$VALUES ('1', 'CDM', 'Charpentes du Morvan', NULL::boolean, NULL::bigint, 'customer'), ('2', '2', 'Mme Roux, achats', true, NULL, 'customer'),
             ('3', '3', 'Morvan Sud', NULL, NULL, 'customer'), ('5', 'CM (5)', 'Sanitaire Est', NULL, NULL, 'former'), ('30', '30', 'Toitures Ouest', NULL, NULL, 'customer')$$, '001-44 partners renamed, moved, new and archived are master data');
SELECT pg_temp.exact('001-44 master data');

-- The other tables of the ERP are let alone -----------------------------------------------------
SET LOCAL ROLE odoo;
INSERT INTO erp.stock_picking (name, partner_id, state, date_done) VALUES ('WH/IN/00021', 4, 'done', '2026-09-20');
INSERT INTO erp.account_move (id, move_type, state, name) VALUES (900, 'in_invoice', 'posted', 'BILL/1');
INSERT INTO erp.account_move_line (move_id, move_name, parent_state, date, partner_id, account_id, credit, balance, currency_id) VALUES (900, 'BILL/1', 'posted', '2026-09-20', 4, 4, 50, -50, 1);
RESET ROLE;
SELECT pg_temp.exact('001-44 suppliers');

-- Detached -------------------------------------------------------------------------------------
SELECT is((SELECT sum(credit_risk.detach('receivables', t)) FROM unnest('{erp.res_partner,erp.sale_order,erp.stock_picking,erp.account_move_line,erp.account_partial_reconcile}'::regclass[]) t), 6::bigint, '001-44 detached');
SELECT is_empty($$SELECT g.tgrelid::regclass, g.tgname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE c.relnamespace = 'erp'::regnamespace AND NOT g.tgisinternal$$, '001-44 no trigger is left');
SELECT is_empty($$SELECT d.objid, d.classid::regclass FROM pg_depend d JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'r'$$, '001-44 nor a view on them');
SELECT set_eq($$SELECT c.oid::regclass, a.attname, a.atttypid, a.attnotnull FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'erp'::regnamespace AND c.relkind = 'r'$$, 'TABLE shape', '001-44 the tables are as they were');
UPDATE erp.sale_order SET amount_total = 1;
SELECT is(pg_temp.account(1), '11200 + 0 + 1200 - 0 = 12400', '001-44 and write nothing any more; the ledger keeps its facts');
SELECT is_empty('SELECT * FROM receivables.verify()', '001-44 verify() after detach');
SELECT * FROM finish();
ROLLBACK;
