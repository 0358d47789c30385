-- The dossier of a litigation: row 001-40 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('dossier') \g /dev/null
SET LOCAL search_path = dossier, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-01-05';
INSERT INTO customer (customer_id, code, name, siren, country, terms) VALUES (1, 'C1', 'Scierie du Lac', '732829320', 'FR', 'net 30'), (2, 'C2', 'Another', NULL, 'FR', NULL);
INSERT INTO contact (customer_id, role, name, email) VALUES (1, 'director', 'Mme Petit', 'petit@scierie.example');
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE dossier.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.hash(t text) RETURNS text LANGUAGE sql AS $$ SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') $$;
CREATE FUNCTION pg_temp.sections() RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(section || ' ' || n, ', ' ORDER BY first) FROM (SELECT section, count(*) AS n, min(position_no) AS first FROM dossier.litigation_file(1) GROUP BY 1) s $$;

-- Quote, contract, order, deliveries, invoices.
INSERT INTO quote (customer_id, quote_id, quote_no, amount, quoted_on) VALUES (1, 1, 'DV-1', 1000, '2026-01-02');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, ordered_on, quote_id, contract_no) VALUES (1, 1, 'CO-1', 1000, '2026-01-05', 1, 'M-1'), (1, 2, 'CO-2', 50, '2026-01-05', NULL, NULL);
SELECT pg_temp.day('2026-01-12') \g /dev/null
INSERT INTO delivery (customer_id, delivery_id, delivery_no, order_id, delivered_on, amount) VALUES (1, 1, 'BL-1', 1, '2026-01-10', 600), (1, 2, 'BL-2', 1, '2026-01-12', 400), (1, 3, 'BL-3', 2, '2026-01-12', 50);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount, issued_on, due_on) VALUES (1, 1, 'FA-1', 1, 600, '2026-01-12', '2026-02-11'), (1, 2, 'FA-2', 2, 400, '2026-01-12', '2026-02-11'), (1, 3, 'FA-3', 3, 50, '2026-01-12', '2026-06-11'),
    (2, 9, 'FA-9', NULL, 80, '2026-01-12', '2026-02-11');
SELECT pg_temp.day('2026-03-20') \g /dev/null
INSERT INTO litigation_case (customer_id, litigation_id, invoice_id, amount, currency, reference, court) VALUES (1, 1, NULL, 1000, 'EUR', 'RG 26/001', 'Tribunal de commerce d''Annecy');
SELECT is(pg_temp.sections(), 'party 3, order 2, delivery 2, invoice 2, interest 2, proceeding 1, missing 8', '001-40 before: what the ledger knows by itself, and what is missing');
SELECT is_empty($$SELECT * FROM litigation_file(1) WHERE reference IN ('FA-3', 'CO-2', 'BL-3', 'FA-9')$$, '001-40 nothing of what is not due, nor of others');

-- Documents, clauses, payment, dispute, promise, reminders, correspondence.
SELECT register_document(1, 'quote', 'DV-1.pdf', pg_temp.hash('DV-1'), order_id => 1, document_no => 'DV-1', issued_on => '2026-01-02') \g /dev/null
SELECT register_document(1, 'contract', 'M-1.pdf', pg_temp.hash('M-1'), contract_no => 'M-1', document_no => 'M-1', issued_on => '2026-01-03') AS contract \gset
SELECT register_document(1, 'order', 'CO-1.pdf', pg_temp.hash('CO-1'), order_id => 1, document_no => 'CO-1', issued_on => '2026-01-05') \g /dev/null
SELECT register_document(1, 'delivery_note', 'BL-1.pdf', pg_temp.hash('BL-1'), delivery_id => 1, document_no => 'BL-1', issued_on => '2026-01-10') \g /dev/null
SELECT register_document(1, 'proof_of_delivery', 'CMR-1.pdf', pg_temp.hash('CMR-1'), delivery_id => 1, document_no => 'CMR-1', issued_on => '2026-01-10', received_on => '2026-01-15') \g /dev/null
SELECT register_document(1, 'invoice', format('FA-%s.pdf', i), pg_temp.hash('FA-' || i), i, document_no => 'FA-' || i, issued_on => '2026-01-12') FROM generate_series(1, 3) i \g /dev/null
SELECT register_document(1, 'correspondence', 'mail.eml', pg_temp.hash('mail'), 1, document_no => 'mail', issued_on => '2026-02-20') \g /dev/null
SELECT record_clause(1, 'retention_of_title', '2026-01-11', true, :contract, 'M-1'), record_clause(1, 'penalty', '2026-01-11', true, :contract, 'M-1', rate_pct => 15), record_clause(1, 'jurisdiction', present => false) \g /dev/null
INSERT INTO payment (customer_id, payment_id, payment_no, amount, received_on) VALUES (1, 1, 'VIR-1', 100, '2026-03-01');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (1, 1, 1, 100, '2026-03-01');
INSERT INTO interaction (customer_id, kind, direction, occurred_on, invoice_id, subject, outcome) VALUES (1, 'call', 'out', '2026-02-18', 1, 'will pay on Friday', 'promise'), (1, 'letter', 'in', '2026-02-25', 3, 'of the other invoice', NULL);
SELECT open_dispute(2, 50, 'three boards were split') \g /dev/null
SELECT promise_to_pay(1, '2026-04-10', 200, 1) \g /dev/null
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, items, amount, lead_invoice_id, status, strategy_id, step_no, internal)
SELECT v.*, (SELECT min(strategy_id) FROM dunning_strategy), 6, false FROM (VALUES (1, 1, date '2026-02-26', date '2026-02-26', 'EUR', 'fr', 'e-mail', 2, 'relance_2', 2, 1000, 1, 'done'), (1, 2, '2026-03-10', '2026-03-10', 'EUR', 'fr', 'registered', 4, 'mise_en_demeure', 2, 900, 1, 'done'),
       (1, 3, '2026-03-12', '2026-03-12', 'EUR', 'fr', 'e-mail', 2, 'relance_2', 1, 50, 3, 'queued')) v;
INSERT INTO dunning_action_item (customer_id, invoice_id, instalment_no, step_no, cycle, action_id, dunning_level, open_amount)
VALUES (1, 1, 1, NULL, 99, 1, 2, 600), (1, 2, 1, NULL, 99, 1, 2, 400), (1, 1, 1, NULL, 99, 2, 4, 500), (1, 2, 1, NULL, 99, 2, 4, 400);
SELECT place_invoice(2, 'Maître Roche', 'lawyer') \g /dev/null
SELECT is(pg_temp.sections(), 'party 3, contract 6, order 2, delivery 2, invoice 2, payment 1, dispute 2, reminder 2, correspondence 1, interest 2, proceeding 2, document 8, missing 1',
    '001-40 the full dossier: every section, in the order in which it is read');
SELECT results_eq('SELECT section, title FROM (SELECT section, title, min(position_no) AS n FROM litigation_file(1, ''fr'') GROUP BY 1, 2) s ORDER BY n',
    $$VALUES ('party', 'Parties'), ('contract', 'Contrat, clauses et sûretés'), ('order', 'Devis et commandes'), ('delivery', 'Livraisons et preuves'), ('invoice', 'Factures'), ('payment', 'Règlements et avoirs'),
             ('dispute', 'Litiges, promesses et échéanciers'), ('reminder', 'Relances et mise en demeure'), ('correspondence', 'Correspondance'), ('interest', 'Intérêts et indemnité de recouvrement'), ('proceeding', 'Procédure'),
             ('document', 'Bordereau de pièces'), ('missing', 'Pièces manquantes')$$, '001-40 in French');
SELECT results_eq('SELECT position_no FROM litigation_file(1)', 'SELECT generate_series(1, (SELECT count(*)::integer FROM litigation_file(1)))', '001-40 numbered without gaps');
SELECT results_eq($$SELECT detail FROM litigation_file(1) WHERE object = 'customer'$$, $$VALUES ('Scierie du Lac, SIREN 732829320, FR, customer')$$, '001-40 the debtor');
SELECT results_eq($$SELECT reference, detail, amount, sha256 FROM litigation_file(1) WHERE section = 'contract' AND object IN ('contract_clause', 'retention_of_title') ORDER BY object, position_no$$,
    format($$VALUES (NULL, 'jurisdiction, not present', NULL::numeric, NULL), ('M-1', 'retention_of_title, holds', NULL, %1$L), ('M-1', 'penalty, holds, 15 %%', NULL, %1$L), ('FA-1', 'delivered_before_acceptance', 0, NULL), ('FA-2', 'goods that can be claimed back', 400, NULL)$$,
           pg_temp.hash('M-1')), '001-40 clauses, and what the retention of title reaches');
SELECT results_eq($$SELECT occurred_on, reference, amount FROM litigation_file(1) WHERE section = 'order'$$, $$VALUES (date '2026-01-02', 'DV-1', 1000::numeric), ('2026-01-05', 'CO-1', 1000)$$, '001-40 quote and order');
SELECT results_eq($$SELECT reference, detail, sha256 FROM litigation_file(1) WHERE section = 'delivery'$$, format($$VALUES ('BL-1', 'proof of delivery CMR-1 received 2026-01-15', %L), ('BL-2', NULL, NULL)$$, pg_temp.hash('CMR-1')) , '001-40 deliveries, the one with its proof');
SELECT results_eq($$SELECT reference, detail, amount, sha256 FROM litigation_file(1) WHERE section = 'invoice'$$,
    format($$VALUES ('FA-1', 'invoice, due 2026-02-11, 500 EUR owed', 600::numeric, %L), ('FA-2', 'invoice, due 2026-02-11, 400 EUR owed', 400, %L)$$, pg_temp.hash('FA-1'), pg_temp.hash('FA-2')), '001-40 invoices, what is owed and the hash of the paper');
SELECT results_eq($$SELECT section, reference, translate(detail, U&'\00A0', ' ') FROM litigation_file(1, 'fr') WHERE section IN ('invoice', 'payment', 'reminder') OR (section = 'delivery' AND reference = 'BL-1') OR (section = 'interest' AND reference = 'FA-1') ORDER BY position_no$$,
    $$VALUES ('delivery', 'BL-1', 'bon de livraison émargé CMR-1 reçu le 15/01/2026'), ('invoice', 'FA-1', 'facture, échéance du 11/02/2026, restant dû 500,00 €'), ('invoice', 'FA-2', 'facture, échéance du 11/02/2026, restant dû 400,00 €'),
             ('payment', 'VIR-1', 'règlement, FA-1'), ('reminder', 'relance_2', 'niveau 2 par e-mail'), ('reminder', 'mise_en_demeure', 'niveau 4 par lettre recommandée'),
             ('interest', 'FA-1', 'pénalités de retard 6,76 €, indemnité de recouvrement 40,00 €')$$, '001-40 and its entries in the words of a French court');
SELECT results_eq($$SELECT occurred_on, reference, detail, amount FROM litigation_file(1) WHERE section = 'payment'$$, $$VALUES (date '2026-03-01', 'VIR-1', 'payment, FA-1', -100::numeric)$$, '001-40 payments');
SELECT results_eq($$SELECT object, reference, amount FROM litigation_file(1) WHERE section = 'dispute'$$, $$VALUES ('dispute', 'FA-2', 50::numeric), ('promise', 'FA-1', 200)$$, '001-40 what was contested and promised');
SELECT results_eq($$SELECT occurred_on, detail, amount FROM litigation_file(1) WHERE section = 'reminder'$$, $$VALUES (date '2026-02-26', 'level 2 by e-mail', 1000::numeric), ('2026-03-10', 'level 4 by registered', 900)$$, '001-40 reminders and formal notice that were sent');
SELECT results_eq($$SELECT occurred_on, reference, detail FROM litigation_file(1) WHERE section = 'correspondence'$$, $$VALUES (date '2026-02-18', 'FA-1', 'out call, will pay on Friday, promise')$$, '001-40 correspondence');
SELECT results_eq($$SELECT reference, amount FROM litigation_file(1) WHERE section = 'interest'$$, $$SELECT i.invoice_no, n.amount FROM invoice i CROSS JOIN LATERAL late_interest(i.invoice_id) n WHERE i.invoice_id IN (1, 2) ORDER BY 1$$, '001-40 interest and indemnity up to today');
SELECT results_eq($$SELECT reference FROM litigation_file(1) WHERE section = 'document' AND object = 'invoice_document'$$, $$VALUES ('DV-1'), ('M-1'), ('CO-1'), ('BL-1'), ('CMR-1'), ('FA-1'), ('FA-2'), ('mail')$$, '001-40 the list of exhibits by date, not those of other invoices');
SELECT is_empty($$SELECT * FROM litigation_file(1) WHERE section = 'document' AND sha256 IS NULL$$, '001-40 each with its hash');
SELECT results_eq($$SELECT reference, detail FROM litigation_file(1) WHERE section = 'missing'$$, $$VALUES ('FA-2', 'proof_of_delivery: Proof of delivery, signed (bon de livraison émargé, CMR)')$$, '001-40 and what is missing');

-- The same facts, the same dossier; what is added later comes to its place.
CREATE TEMPORARY TABLE told AS SELECT * FROM litigation_file(1);
SELECT results_eq('SELECT * FROM litigation_file(1)', 'SELECT * FROM told ORDER BY position_no', '001-40 the same result twice');
SELECT check_document(document_id, pg_temp.hash('forged')) FROM invoice_document WHERE document_no = 'FA-1' \g /dev/null
SELECT matches((SELECT detail FROM litigation_file(1) WHERE section = 'document' AND reference = 'FA-1'), 'FILE_CHANGED$', '001-40 an exhibit that has changed is marked');
SELECT register_document(1, 'proof_of_delivery', 'CMR-2.pdf', pg_temp.hash('CMR-2'), delivery_id => 2, document_no => 'CMR-2') \g /dev/null
SELECT is_empty($$SELECT * FROM litigation_file(1) WHERE section = 'missing'$$, '001-40 complete');
SELECT is((SELECT count(*) FROM told t WHERE t.section <> 'missing' AND NOT EXISTS (SELECT FROM litigation_file(1) f WHERE (f.object, f.object_id, f.section) = (t.object, t.object_id, t.section))), 0::bigint, '001-40 nothing that was in it is lost');
-- The proceedings: what happened in court.
SELECT record_litigation_event(1, 'formal_notice_sent', '2026-03-20', reference => 'RAR 1'), record_litigation_event(1, 'payment_order_filed', '2026-03-20', note => 'by the lawyer') \g /dev/null
SELECT results_eq($$SELECT object, reference, detail FROM litigation_file(1, 'fr') WHERE section = 'proceeding' AND object LIKE 'litigation%' ORDER BY object, position_no$$,
    $$VALUES ('litigation_case', 'RG 26/001', 'dossier ouvert'), ('litigation_event', 'RAR 1', 'mise en demeure envoyée'), ('litigation_event', NULL, 'requête en injonction de payer déposée, by the lawyer')$$, '001-40 its events, in French');
-- Of one invoice only.
INSERT INTO litigation_case (customer_id, litigation_id, invoice_id) VALUES (1, 2, 2);
SELECT results_eq($$SELECT reference FROM litigation_file(2) WHERE section IN ('delivery', 'invoice') ORDER BY position_no$$, $$VALUES ('BL-2'), ('FA-2')$$, '001-40 a case of one invoice: that invoice and its delivery');
SELECT throws_ok(s, e, NULL, '001-40 ' || s) FROM (VALUES ('SELECT litigation_file(999)', 'CR007'), ('SELECT litigation_file(NULL)', 'CR007'), ('SELECT litigation_file(1, ''de'')', '22023'), ('SELECT litigation_file(1, NULL)', '22023')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', '001-40 and verify() is empty');
SELECT * FROM finish();
ROLLBACK;
