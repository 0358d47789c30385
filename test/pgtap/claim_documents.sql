-- Documents of claims: rows 001-39, 001-41, 001-42 and 001-43 of the
-- capability list. The dossier, 001-40, is in litigation_file.sql.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('exhibits') \g /dev/null
SET LOCAL search_path = exhibits, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, 'B' FROM generate_series(1, 12) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE exhibits.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.hash(t text) RETURNS text LANGUAGE sql AS $$ SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') $$;
CREATE FUNCTION pg_temp.file(id bigint, s text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', d.present, d.waived, d.missing, trim_scale(d.complete_pct), d.complete, nullif(array_to_string(d.missing_documents, ', '), '')) FROM exhibits.document_completeness(id, s) d $$;
CREATE FUNCTION pg_temp.title(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', r.invoice_no, trim_scale(r.claim_amount), r.counted, r.reason), ', ' ORDER BY r.invoice_id) FROM exhibits.retention_of_title(id) r $$;

-- 001-43 The registry and its hashes -----------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount, ordered_on) VALUES (1, 11, 'O1', 1200, '2026-01-05');
INSERT INTO delivery (customer_id, delivery_id, delivery_no, order_id, delivered_on, amount) VALUES (1, 11, 'BL1', 11, '2026-01-10', 1200);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount, issued_on, due_on) VALUES (1, 11, 'F1', 11, 700, '2026-01-12', '2026-02-11'), (1, 12, 'F2', 11, 500, '2026-01-13', '2026-02-12');
SELECT is_empty('SELECT * FROM document_of_invoice', '001-43 before: no document');
SELECT register_document(1, 'invoice', 'F1.pdf', pg_temp.hash('invoice F1'), 11, uri => 'ged://2026/F1.pdf', document_no => 'F1', issued_on => '2026-01-12') AS f1 \gset
SELECT register_document(1, 'delivery_note', 'BL1.pdf', delivery_id => 11, document_no => 'BL1', issued_on => '2026-01-10', received_on => '2026-01-11', content => convert_to('delivery note', 'UTF8')) AS bl \gset
SELECT register_document(1, 'correspondence', 'mail.eml', upper(pg_temp.hash('mail')), 11, source => 'customer') AS mail \gset
SELECT register_document(1, 'contract', 'contract.pdf', contract_no => 'M-7', issued_on => '2025-12-01') AS contract \gset
SELECT results_eq('SELECT kind, invoice_id, delivery_id, document_no, size_bytes, sha256 FROM invoice_document ORDER BY document_id',
    format($$VALUES ('invoice', 11::bigint, NULL::bigint, 'F1', NULL::bigint, %L), ('delivery_note', NULL, 11, 'BL1', 13, %L), ('correspondence', 11, NULL, NULL, NULL, %L), ('contract', NULL, NULL, NULL, NULL, NULL)$$,
           pg_temp.hash('invoice F1'), pg_temp.hash('delivery note'), pg_temp.hash('mail')), '001-43 metadata, place and hash; of kept bytes taken from them');
SELECT results_eq('SELECT invoice_id, kind, about FROM document_of_invoice ORDER BY 1, 2', $$VALUES (11::bigint, 'correspondence', 'invoice'), (11, 'delivery_note', 'delivery'), (11, 'invoice', 'invoice'), (12, 'delivery_note', 'delivery')$$, '001-43 of each invoice what proves it');
SELECT link_document(:mail, 12) AS link \gset
SELECT is((SELECT about FROM document_of_invoice WHERE invoice_id = 12 AND kind = 'correspondence'), 'link', '001-43 one document proves several invoices');
SELECT unlink_document(:link) \g /dev/null
SELECT is_empty($$SELECT * FROM document_of_invoice WHERE invoice_id = 12 AND kind = 'correspondence'$$, '001-43 until the link is taken back');
SELECT is_empty('SELECT * FROM verify_documents()', '001-43 all is well');
SELECT is(check_document(:f1, pg_temp.hash('invoice F1')), true, '001-43 read today: the registered hash');
SELECT is_empty('SELECT * FROM verify_documents()', '001-43 still well');
SELECT is(check_document(:f1, pg_temp.hash('invoice F1, forged')), false, '001-43 the file has changed');
SELECT results_eq('SELECT document_id, problem, registered, found, found_on FROM verify_documents()',
    format($$VALUES (%s::bigint, 'file_changed', %L, %L, date '2026-03-02')$$, :f1, pg_temp.hash('invoice F1'), pg_temp.hash('invoice F1, forged')), '001-43 a changed hash is detected');
SELECT results_eq('SELECT code, document_no, problem FROM document_difference', $$VALUES ('C1', 'F1', 'file_changed')$$, '001-43 and stands in the view of differences');
SELECT is(check_document(:f1, NULL, note => 'not in the archive'), false, '001-43 the file is gone');
SELECT is((SELECT problem FROM verify_documents(1)), 'file_missing', '001-43 that is detected too');
SELECT is_empty('SELECT * FROM verify_documents(2)', '001-43 of another customer nothing');
SELECT is(check_document(:f1, upper(pg_temp.hash('invoice F1'))), true, '001-43 restored from the archive');
SELECT is_empty('SELECT * FROM verify_documents()', '001-43 the latest reading counts');
SELECT is(check_document(:contract, pg_temp.hash('contract')), NULL, '001-43 without a registered hash the first reading is the measure');
SELECT is(check_document(:contract, pg_temp.hash('another contract')), NULL, '001-43 the second one differs from it');
SELECT is((SELECT problem FROM verify_documents()), 'file_changed', '001-43 and is detected');
SELECT check_document(:contract, pg_temp.hash('contract')) \g /dev/null
-- Bytes that somebody changed behind the ledger's back.
SELECT throws_ok(format('INSERT INTO document_content (customer_id, document_id, sha256, content) VALUES (1, %s, %L, ''forged'')', :f1, pg_temp.hash('invoice F1')), '23514', NULL, '001-43 bytes of another hash are not kept');
SELECT throws_ok(format('INSERT INTO document_content (customer_id, document_id, sha256, content) VALUES (1, %s, %L, ''forged'')', :f1, pg_temp.hash('forged')), '23503', NULL, '001-43 nor of a hash that was not registered');
SELECT lives_ok(format('INSERT INTO document_content (customer_id, document_id, sha256, content) VALUES (1, %s, %L, %L)', :f1, pg_temp.hash('invoice F1'), convert_to('invoice F1', 'UTF8')), '001-43 the right ones are, also later');
SAVEPOINT forged;
ALTER TABLE document_content DISABLE TRIGGER credit_risk_fact;
ALTER TABLE document_content DROP CONSTRAINT document_content_has_its_hash;
UPDATE document_content SET content = 'forged' WHERE document_id = :bl;
SELECT results_eq('SELECT document_id, problem FROM verify_documents()', format('VALUES (%s::bigint, ''content_changed'')', :bl), '001-43 changed bytes are detected');
ROLLBACK TO forged;
ALTER TABLE invoice_document DISABLE TRIGGER credit_risk_fact;
UPDATE invoice_document SET sha256 = pg_temp.hash('another mail') WHERE document_id = :mail;
SELECT is_empty('SELECT * FROM verify_documents()', '001-43 a registered hash that was changed is found');
SELECT check_document(:mail, pg_temp.hash('mail')) \g /dev/null
SELECT is((SELECT problem FROM verify_documents()), 'file_changed', '001-43 … once the file is read');
ROLLBACK TO forged;
SELECT withdraw_invoice_document(:mail, 'of another customer') \g /dev/null
SELECT is_empty($$SELECT * FROM document_in_force WHERE kind = 'correspondence'$$, '001-43 withdrawn it proves nothing');
SELECT throws_ok(s, e, NULL, '001-43 ' || left(s, 80)) FROM (VALUES
    ('SELECT register_document(1, ''letter'')', '23503'), ('SELECT register_document(99, ''invoice'')', '23503'), ('SELECT register_document(1, ''invoice'', invoice_id => 99)', '23503'),
    ('SELECT register_document(1, ''invoice'', sha256 => ''abc'')', '23514'), ('SELECT register_document(1, ''invoice'', invoice_id => 11, order_id => 11)', '23514'),
    ('SELECT register_document(1, ''invoice'', issued_on => ''2026-03-03'')', 'CR003'), ('SELECT register_document(1, ''invoice'', issued_on => ''2026-03-01'', received_on => ''2026-02-28'')', 'CR003'),
    ('SELECT register_document(1, ''invoice'', sha256 => repeat(''0'', 64), content => ''x'')', 'CR003'), ('SELECT register_document(1, ''invoice'', size_bytes => 5, content => ''x'')', 'CR003'),
    ('SELECT withdraw_invoice_document(999, ''x'')', 'CR007'), (format('SELECT withdraw_invoice_document(%s, '''')', :f1), '22023'), (format('SELECT withdraw_invoice_document(%s, ''again'')', :mail), '23505'),
    ('SELECT link_document(999, 11)', 'CR007'), (format('SELECT link_document(%s, 999)', :f1), '23503'), ('SELECT check_document(999, repeat(''0'', 64))', 'CR007'),
    (format('SELECT check_document(%s, ''xyz'')', :f1), '23514'), (format('SELECT check_document(%s, NULL, ''2026-03-03'')', :f1), 'CR003'), (format('SELECT check_document(%s, NULL, ''2026-01-01'')', :f1), 'CR003'),
    ('UPDATE invoice_document SET sha256 = repeat(''0'', 64)', 'CR010'), ('DELETE FROM document_content', 'CR010'), ('UPDATE document_check SET sha256 = NULL', 'CR010'), ('DELETE FROM document_link', 'CR010'),
    ('TRUNCATE document_check', 'CR010'), ('TRUNCATE invoice_document CASCADE', 'CR010')) v (s, e);

-- 001-39 What a stage needs ---------------------------------------------------------------
SELECT is(pg_temp.file(1, 'dunning'), '0 0 0 100 t', '001-39 dunning needs nothing by default');
SELECT is(pg_temp.file(1, 'payment_order'), '1 0 7 12.5 f F1: formal_notice, F1: order, F1: proof_of_delivery, F2: formal_notice, F2: invoice, F2: order, F2: proof_of_delivery',
    '001-39 of two overdue invoices one document of eight is there');
SELECT is((SELECT optional_missing::text FROM document_completeness(1, 'payment_order')), '{general_terms,statement}', '001-39 and what would be good to have');
SELECT results_eq('SELECT invoice_id, kind, document FROM documents_missing(1, ''payment_order'') WHERE invoice_id = 11',
    $$VALUES (11::bigint, 'formal_notice', 'Formal notice (mise en demeure)'), (11, 'order', 'Purchase order (bon de commande)'), (11, 'proof_of_delivery', 'Proof of delivery, signed (bon de livraison émargé, CMR)')$$, '001-39 by invoice');
INSERT INTO litigation_case (customer_id, litigation_id, invoice_id) VALUES (1, 1, 11);
SELECT set_eq('SELECT kind FROM litigation_documents_missing(1, 1)', '{order,proof_of_delivery,formal_notice}'::text[], '001-39 a litigation at the formal notice: the payment order that follows lacks three');
SELECT is_empty('SELECT * FROM litigation_documents_missing(1, 1, ''formal_notice'')', '001-39 the formal notice itself lacks nothing');
SELECT results_eq('SELECT stage, object, complete, missing FROM claim_file WHERE customer_id = 1', $$VALUES ('payment_order', 'litigation_case', false, 3::bigint)$$, '001-39 its file is incomplete');
SELECT register_document(1, 'order', 'O1.pdf', pg_temp.hash('O1'), order_id => 11) \g /dev/null
SELECT set_eq('SELECT kind FROM litigation_documents_missing(1, 1)', '{proof_of_delivery,formal_notice}'::text[], '001-39 the order of the invoice is there');
SELECT register_document(1, 'proof_of_delivery', 'CMR.pdf', pg_temp.hash('CMR'), delivery_id => 11) \g /dev/null
SELECT set_eq('SELECT kind FROM litigation_documents_missing(1, 1)', '{formal_notice}'::text[], '001-39 the proof of its delivery');
SELECT throws_ok(s, e, NULL, '001-39 ' || s) FROM (VALUES
    ('SELECT waive_document(1, ''formal_notice'', '''')', '22023'), ('SELECT waive_document(1, ''quote'', ''x'', ''payment_order'')', 'CR007'), ('SELECT waive_document(1, ''letter'', ''x'')', '23503'),
    ('SELECT waive_document(99, ''order'', ''x'')', '23503'), ('SELECT waive_document(1, ''order'', ''x'', NULL, 999)', '23503')) v (s, e);
SELECT waive_document(1, 'formal_notice', 'the contract does without', 'payment_order', 11) AS waiver \gset
SELECT is_empty('SELECT * FROM litigation_documents_missing(1, 1)', '001-39 waived by a manager it may start');
SELECT results_eq('SELECT state, kind FROM required_documents(1, ''payment_order'', ''{11}'') WHERE mandatory ORDER BY kind', $$VALUES ('waived', 'formal_notice'), ('present', 'invoice'), ('present', 'order'), ('present', 'proof_of_delivery')$$, '001-39 what is waived and what is there');
SELECT results_eq('SELECT complete, complete_pct FROM claim_file WHERE customer_id = 1', 'VALUES (true, 100.0)', '001-39 its file is complete');
SELECT results_eq('SELECT present, waived, missing, complete FROM invoice_completeness(11, ''payment_order'')', 'VALUES (3::bigint, 1::bigint, 0::bigint, true)', '001-39 the invoice');
SELECT isnt_empty('SELECT * FROM documents_missing(1, ''payment_order'', ''{12}'')', '001-39 not the other invoice');
SELECT isnt_empty('SELECT * FROM documents_missing(1, ''lawsuit'', ''{11}'')', '001-39 nor another stage');
SAVEPOINT filed;
SELECT record_litigation_event(1, 'formal_notice_sent') \g /dev/null
SELECT lives_ok('SELECT record_litigation_event(1, ''payment_order_filed'')', '001-39 and does');
SELECT is((SELECT stage FROM litigation_case WHERE litigation_id = 1), 'payment_order', '001-39 it is at the payment order');
ROLLBACK TO filed;
SELECT revoke_document_waiver(:waiver, 'a mistake') \g /dev/null
SELECT record_litigation_event(1, 'formal_notice_sent') \g /dev/null
SELECT throws_ok('SELECT record_litigation_event(1, ''payment_order_filed'')', 'CR012', 'litigation 1 cannot go to court: documents are missing', '001-39 without the waiver the contentious stage cannot start');
SELECT is((SELECT stage FROM litigation_case WHERE litigation_id = 1), 'formal_notice', '001-39 and has not');
SELECT set_eq('SELECT kind FROM litigation_documents_missing(1, 1)', '{formal_notice}'::text[], '001-39 the waiver is taken back');
SELECT throws_ok(s, e, NULL, '001-39 ' || s) FROM (VALUES
    (format('SELECT revoke_document_waiver(%s, ''again'')', :waiver), '23505'), ('SELECT revoke_document_waiver(999, ''x'')', 'CR007'), (format('SELECT revoke_document_waiver(%s, '''')', :waiver), '22023'),
    ('UPDATE document_waiver SET reason = ''x''', 'CR010'), ('DELETE FROM document_waiver', 'CR010'), ('SELECT document_completeness(99, ''dunning'')', 'CR004'), ('SELECT document_completeness(NULL, ''dunning'')', 'CR004'),
    ('SELECT invoice_completeness(999, ''dunning'')', 'CR007'), ('INSERT INTO document_requirement (stage, kind, alternative) VALUES (''agency'', ''invoice'', ''invoice'')', '23514')) v (s, e);
-- What the queue sent stands for the letter: the formal notice by its level.
SELECT pg_temp.day('2026-03-03') \g /dev/null
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, items, amount, lead_invoice_id, status, strategy_id, step_no, internal)
VALUES (1, 901, '2026-03-03', '2026-03-03', 'EUR', 'fr', 'registered', 4, 'formal_notice', 1, 700, 11, 'queued', (SELECT min(strategy_id) FROM dunning_strategy), 6, false);
INSERT INTO dunning_action_item (customer_id, invoice_id, instalment_no, step_no, cycle, action_id, dunning_level, open_amount) VALUES (1, 11, 1, NULL, 99, 901, 4, 700);
SELECT set_eq('SELECT kind FROM litigation_documents_missing(1, 1)', '{formal_notice}'::text[], '001-39 a formal notice that waits is none');
UPDATE dunning_action SET status = 'done' WHERE action_id = 901;
SELECT is_empty('SELECT * FROM litigation_documents_missing(1, 1)', '001-39 one that was sent is');
SELECT results_eq('SELECT document_id, action_id, state FROM required_documents(1, ''payment_order'', ''{11}'') WHERE kind = ''formal_notice''', $$VALUES (NULL::bigint, 901::bigint, 'present')$$, '001-39 by the record of the queue');
-- Data: another requirement, from an amount on, valid on a day; an alternative; per customer; kinds of invoices.
INSERT INTO document_requirement (stage, kind, min_amount, valid_from) VALUES ('dunning', 'quote', 600, '2026-03-04');
SELECT is(pg_temp.file(1, 'dunning'), '0 0 0 100 t', '001-39 not yet required');
SELECT pg_temp.day('2026-03-04') \g /dev/null
SELECT is(pg_temp.file(1, 'dunning'), '0 0 1 0 f F1: quote', '001-39 required from its day and amount on');
SELECT is((SELECT string_agg(kind, ' ') FROM required_documents(1, 'lawsuit', '{11}') WHERE invoice_id IS NULL AND mandatory AND state = 'missing'), 'general_terms', '001-39 one for the customer');
SELECT record_document(1, 'general_terms', file_name => 'CGV.pdf') \g /dev/null
SELECT is((SELECT state FROM required_documents(1, 'lawsuit', '{11}') WHERE kind = 'general_terms'), 'present', '001-39 the customer''s own file counts');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, ordered_on, contract_no) VALUES (1, 12, 'O2', 100, '2026-01-05', 'M-7');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, order_id, amount, issued_on, due_on) VALUES (1, 13, 'F3', 'invoice', 12, 100, '2026-01-20', '2026-02-20'), (1, 14, 'LC', 'late_charge', NULL, 9, '2026-02-20', '2026-02-20');
SELECT is((SELECT state FROM required_documents(1, 'payment_order', '{13}') WHERE kind = 'order'), 'present', '001-39 a contract will do for an order');
SELECT results_eq('SELECT kind FROM required_documents(1, ''payment_order'', ''{14}'') WHERE mandatory ORDER BY 1', $$VALUES ('formal_notice'), ('invoice')$$, '001-39 late charges have neither order nor delivery');
INSERT INTO delivery (customer_id, delivery_id, delivery_no, order_id, delivered_on, amount) VALUES (1, 12, 'BL2', 12, '2026-01-18', 40), (1, 13, 'BL3', 12, '2026-01-19', 60);
SELECT register_document(1, 'proof_of_delivery', 'CMR2.pdf', delivery_id => 12) \g /dev/null
SELECT is((SELECT state FROM required_documents(1, 'payment_order', '{13}') WHERE kind = 'proof_of_delivery'), 'missing', '001-39 of an order delivered twice one proof is not enough');
SELECT register_document(1, 'proof_of_delivery', 'CMR3.pdf', delivery_id => 13) \g /dev/null
SELECT is((SELECT state FROM required_documents(1, 'payment_order', '{13}') WHERE kind = 'proof_of_delivery'), 'present', '001-39 two are');
SELECT is(pg_temp.file(2, 'payment_order'), '0 0 0 100 t', '001-39 a customer that owes nothing needs nothing');

-- 001-41 Clauses: a retention of title counts from its acceptance on ------------------------
SELECT pg_temp.day('2026-03-20') \g /dev/null
INSERT INTO sales_order (customer_id, order_id, order_no, amount, ordered_on) VALUES (3, 31, 'A', 1000, '2026-02-01'), (3, 32, 'B', 600, '2026-02-01');
INSERT INTO delivery (customer_id, delivery_id, order_id, delivered_on, amount) VALUES (3, 31, 31, '2026-02-10', 400), (3, 32, 31, '2026-03-05', 600), (3, 33, 32, '2026-02-20', 250), (3, 34, 32, '2026-03-10', 350);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount, issued_on, due_on) VALUES (3, 31, 'A1', 31, 400, '2026-02-11', '2026-03-11'), (3, 32, 'A2', 32, 600, '2026-03-06', '2026-04-06');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount, issued_on, due_on) VALUES (3, 33, 'B1', 32, 600, '2026-03-11', '2026-04-11');
SELECT is(pg_temp.title(3), 'A1 0 f no_clause, A2 0 f no_clause, B1 0 f no_clause', '001-41 before: no clause');
SELECT record_clause(3, 'retention_of_title', wording => 'art. 8 des CGV') \g /dev/null
SELECT is(pg_temp.title(3), 'A1 0 f not_accepted, A2 0 f not_accepted, B1 0 f not_accepted', '001-41 not accepted in writing it counts for nothing');
SELECT record_clause(3, 'retention_of_title', '2026-03-05') \g /dev/null
SELECT is(pg_temp.title(3), 'A1 0 f not_examined, A2 0 f not_examined, B1 0 f not_examined', '001-41 nor before somebody examined it');
SELECT is_empty('SELECT * FROM guarantee WHERE customer_id = 3', '001-41 and is no guarantee');
SELECT is(trim_scale(guaranteed_amount(3, '2026-03-20', 1600)), 0::numeric, '001-41 nothing is guaranteed');
SELECT register_document(3, 'general_terms', 'CGV.pdf', pg_temp.hash('CGV')) AS terms \gset
SELECT record_clause(3, 'retention_of_title', '2026-03-05', true, :terms) AS clause \gset
SELECT is(pg_temp.title(3), 'A1 0 f delivered_before_acceptance, A2 600 t, B1 350 t delivered_before_acceptance_in_part', '001-41 what was delivered before the acceptance is not counted, on the day it is');
SELECT results_eq('SELECT kind, accepted_on, valid_from, amount FROM guarantee WHERE customer_id = 3', $$VALUES ('retention_of_title', date '2026-03-05', date '2026-03-05', NULL::numeric)$$, '001-41 it is a guarantee as every other');
SELECT is(trim_scale(guaranteed_amount(3, '2026-03-20', 1600)), 950::numeric, '001-41 and mitigates the same amount');
SELECT is((SELECT amount FROM secured_amount(3) WHERE layer = 'retention_of_title'), 950::numeric, '001-41 in its place among the securities');
SELECT results_eq('SELECT kind, holds, document_kind, sha256 FROM clause_in_force WHERE customer_id = 3', format($$VALUES ('retention_of_title', true, 'general_terms', %L)$$, pg_temp.hash('CGV')), '001-41 the latest finding counts, with its document');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (3, 31, 200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (3, 31, 32, 200);
SELECT is((SELECT sum(claim_amount) FROM retained_goods WHERE customer_id = 3), 750::numeric, '001-41 what is paid is claimed back no more');
SAVEPOINT against;
SELECT record_clause(3, 'retention_of_title', '2026-03-05', false, note => 'illegible') \g /dev/null
SELECT is(pg_temp.title(3), 'A1 0 f not_compliant, A2 0 f not_compliant, B1 0 f not_compliant', '001-41 found not compliant it counts no more');
SELECT results_eq('SELECT outcome, reason FROM guarantee WHERE customer_id = 3', $$VALUES ('cancelled', 'illegible')$$, '001-41 its guarantee is cancelled');
ROLLBACK TO against;
SELECT reverse_clause(:clause, 'of another customer') \g /dev/null
SELECT is(pg_temp.title(3), 'A1 0 f not_examined, A2 0 f not_examined, B1 0 f not_examined', '001-41 taken back, what was known before counts');
SELECT is(trim_scale(guaranteed_amount(3, '2026-03-20', 1600)), 0::numeric, '001-41 nothing is guaranteed again');
-- Of a contract only; joined with a guarantee that was recorded by hand; with a haircut.
INSERT INTO sales_order (customer_id, order_id, order_no, amount, ordered_on, contract_no) VALUES (4, 41, 'A', 300, '2026-03-01', 'K'), (4, 42, 'B', 200, '2026-03-01', NULL);
INSERT INTO delivery (customer_id, delivery_id, order_id, delivered_on, amount) VALUES (4, 41, 41, '2026-03-10', 300), (4, 42, 42, '2026-03-10', 200);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount) VALUES (4, 41, 'A1', 41, 300), (4, 42, 'B1', 42, 200);
INSERT INTO guarantee (guarantee_id, customer_id, kind, contract_no, valid_from, haircut_pct) VALUES (41, 4, 'retention_of_title', 'K', '2026-03-01', 20);
SELECT is(pg_temp.title(4), 'A1 0 f no_clause, B1 0 f no_clause', '001-41 a guarantee that nobody accepted');
SELECT is((SELECT k.guarantee_id FROM contract_clause k WHERE k.clause_id = record_clause(4, 'retention_of_title', '2026-03-08', true, contract_no => 'K')), NULL, '001-41 a clause of the contract is recorded');
SELECT is((SELECT accepted_on FROM guarantee WHERE guarantee_id = 41), '2026-03-08'::date, '001-41 accepts the guarantee that is there, and opens no second');
SELECT is(pg_temp.title(4), 'A1 240 t, B1 0 f no_clause', '001-41 goods of the contract count, less the haircut; others do not');
SELECT record_clause(4, 'penalty', '2026-03-08', true, contract_no => 'K', rate_pct => 15), record_clause(4, 'jurisdiction', '2026-03-08', true), record_clause(4, 'acceleration', present => false) \g /dev/null
SELECT results_eq('SELECT kind, contract_no, rate_pct, holds FROM clause_in_force WHERE customer_id = 4 ORDER BY kind', $$VALUES ('acceleration', NULL, NULL::numeric, false), ('jurisdiction', NULL, NULL, true), ('penalty', 'K', 15, true), ('retention_of_title', 'K', NULL, true)$$, '001-41 penalty, jurisdiction and acceleration');
SELECT throws_ok(s, e, NULL, '001-41 ' || s) FROM (VALUES
    ('SELECT record_clause(4, ''retention_of_title'', ''2026-03-21'', true)', 'CR003'), ('SELECT record_clause(4, ''warranty'')', '23514'), ('SELECT record_clause(99, ''penalty'')', '23503'),
    ('SELECT record_clause(4, ''penalty'', contract_no => ''K'', order_id => 41)', '23514'), ('SELECT record_clause(4, ''penalty'', ''2026-03-01'', present => false)', '23514'), ('SELECT record_clause(4, ''jurisdiction'', rate_pct => 3)', '23514'),
    ('SELECT record_clause(4, ''penalty'', haircut_pct => 3)', '23514'), ('SELECT record_clause(4, ''penalty'', document_id => 999)', '23503'), ('SELECT reverse_clause(999, ''x'')', 'CR007'),
    (format('SELECT reverse_clause(%s, ''again'')', :clause), '23505'), ('SELECT reverse_clause(min(clause_id), '''') FROM contract_clause', '22023'), ('UPDATE contract_clause SET compliant = true', 'CR010'), ('DELETE FROM contract_clause', 'CR010')) v (s, e);

-- 001-42 Proofs of delivery, asked for and chased ---------------------------------------------
SELECT pg_temp.day('2026-04-01') \g /dev/null
INSERT INTO carrier (carrier, name, email, language, reminder_days, escalate_after) VALUES ('DHL', 'DHL Freight', 'pod@dhl.example', 'fr', 7, 2), ('XPO', 'XPO', NULL, 'en', 5, 1);
INSERT INTO delivery (customer_id, delivery_id, delivery_no, delivered_on, amount) VALUES (5, 51, 'BL51', '2026-03-01', 100), (5, 52, 'BL52', '2026-03-25', 50);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount, issued_on, due_on) VALUES (5, 51, 'F51', 51, 100, '2026-03-02', '2026-03-20'), (5, 52, 'F52', 52, 50, '2026-03-26', '2026-04-25'), (5, 53, 'F53', NULL, 70, '2026-03-02', '2026-03-20');
SELECT results_eq('SELECT invoice_no, days_old, delivery_no, open_amount, carrier FROM proof_of_delivery_missing WHERE customer_id = 5', $$VALUES ('F51', 30, 'BL51', 100::numeric, NULL), ('F53', 30, NULL, 70, NULL)$$, '001-42 invoices older than 15 days without a proof');
SELECT is((SELECT string_agg(invoice_no, ' ' ORDER BY invoice_no) FROM proofs_missing(5) WHERE customer_id = 5), 'F51 F52 F53', '001-42 older than 5 days');
SELECT is((SELECT count(*) FROM proofs_missing(30) WHERE customer_id = 5), 0::bigint, '001-42 not those of just 30 days');
SELECT place_invoice(51, 'Coface', 'insurer') \g /dev/null
SELECT results_eq('SELECT stage, complete, missing_documents FROM claim_file WHERE customer_id = 5', $$VALUES ('insurance_claim', false, '{F51: dunning_log,F51: invoice,F51: order,F51: proof_of_delivery}'::text[])$$, '001-42 the claim file is flagged incomplete');
SELECT request_proof('DHL', 51) AS request \gset
SELECT results_eq('SELECT carrier, delivery_no, opened_on, reminders, next_reminder_on, escalated FROM open_proof_request', $$VALUES ('DHL', 'BL51', date '2026-04-01', 0, date '2026-04-08', false)$$, '001-42 the carrier is asked');
SELECT results_eq('SELECT message_no, sent_on, recipient, subject FROM proof_of_delivery_message', $$VALUES (0, date '2026-04-01', 'pod@dhl.example', 'Demande de preuve de livraison : la livraison BL51 du 01/03/2026')$$, '001-42 in writing, in French');
SELECT is((SELECT carrier || ' ' || asked_on FROM proof_of_delivery_missing WHERE invoice_id = 51), 'DHL 2026-04-01', '001-42 and the list says so');
SELECT is(chase_proofs(), 0::bigint, '001-42 nothing to chase yet');
SELECT pg_temp.day('2026-04-08') \g /dev/null
SELECT is(chase_proofs(), 1::bigint, '001-42 after 7 days a reminder');
SELECT is(chase_proofs(), 0::bigint, '001-42 once');
SELECT results_eq('SELECT reminders, reminded_on, next_reminder_on FROM open_proof_request', $$VALUES (1, date '2026-04-08', date '2026-04-15')$$, '001-42 the next one is planned');
SELECT matches((SELECT subject || body FROM proof_of_delivery_message WHERE message_no = 1), '^Relance n° 1 – preuve de livraison : la livraison BL51.*destinataire Customer 5\. Notre demande du 01/04/2026 est restée sans réponse', '001-42 its text');
SELECT pg_temp.day('2026-05-20') \g /dev/null
SELECT is(chase_proofs(), 1::bigint, '001-42 after five weeks without a run one reminder, not five');
SELECT is((SELECT reminders || ' ' || next_reminder_on FROM open_proof_request), '2 2026-05-27', '001-42 the second');
SELECT is_empty($$SELECT * FROM task WHERE kind = 'proof_of_delivery'$$, '001-42 no task yet');
SELECT pg_temp.day('2026-05-27') \g /dev/null
SELECT is(chase_proofs(), 1::bigint, '001-42 two reminders without an answer');
SELECT results_eq($$SELECT department, invoice_id, subject FROM task WHERE kind = 'proof_of_delivery'$$,
    $$VALUES ('logistics', 51::bigint, 'Obtain the proof of delivery BL51 from DHL Freight: asked on 2026-04-01, 2 reminders without an answer')$$, '001-42 are a task for logistics');
SELECT is((SELECT escalated FROM open_proof_request), true, '001-42 and reminders end');
SELECT pg_temp.day('2026-07-01') \g /dev/null
SELECT is(chase_proofs(), 0::bigint, '001-42 for good');
SELECT receive_proof(:request, 'CMR51.pdf', pg_temp.hash('CMR51'), 'CMR-51', '2026-03-01') AS proof \gset
SELECT results_eq('SELECT outcome, document_id, received_on FROM proof_of_delivery_request', format($$VALUES ('received', %s::bigint, date '2026-07-01')$$, :proof), '001-42 received it is closed');
SELECT is((SELECT outcome FROM task WHERE kind = 'proof_of_delivery'), 'received', '001-42 and its task');
SELECT is((SELECT string_agg(invoice_no, ' ' ORDER BY invoice_no) FROM proof_of_delivery_missing WHERE customer_id = 5), 'F52 F53', '001-42 and the invoice leaves the list');
SELECT is((SELECT missing_documents::text FROM claim_file WHERE customer_id = 5), '{"F51: dunning_log","F51: invoice","F51: order"}', '001-42 and the file lacks it no more');
SELECT throws_ok('SELECT request_proof(''DHL'', 51)', 'CR012', 'there is a proof of delivery BL51 already', '001-42 what is there is not asked for');
SELECT withdraw_invoice_document(:proof, 'not signed') \g /dev/null
SELECT is((SELECT count(*) FROM proof_of_delivery_missing WHERE invoice_id = 51), 1::bigint, '001-42 withdrawn, it is missing again');
SELECT is(request_proof('XPO', invoice_id => 51) > :request, true, '001-42 and asked for again, by the invoice');
SELECT is((SELECT subject FROM proof_of_delivery_message ORDER BY message_id DESC LIMIT 1), 'Proof of delivery requested: delivery BL51 of 1 March 2026', '001-42 in English');
SELECT request_proof('XPO', invoice_id => 53) AS other \gset
SELECT is((SELECT subject FROM proof_of_delivery_message ORDER BY message_id DESC LIMIT 1), 'Proof of delivery requested: invoice F53 of 2 March 2026', '001-42 of an invoice without a delivery on record');
SELECT register_document(5, 'proof_of_delivery', 'BL51 signed.pdf', invoice_id => 51) \g /dev/null
SELECT results_eq('SELECT invoice_no FROM open_proof_request WHERE delivery_no IS NOT NULL OR invoice_no IS NOT NULL', $$VALUES ('F53')$$, '001-42 a proof registered by whatever way closes its request');
SELECT is(close_proof_request(:other, 'unobtainable', 'the carrier is bankrupt'), 'unobtainable', '001-42 not to be had');
SELECT is((SELECT string_agg(invoice_no, ' ' ORDER BY invoice_no) FROM proof_of_delivery_missing WHERE customer_id = 5), 'F52 F53', '001-42 it stays on the list');
SELECT waive_document(5, 'proof_of_delivery', 'a service, nothing is delivered', NULL, 53) \g /dev/null
SELECT is((SELECT string_agg(invoice_no, ' ' ORDER BY invoice_no) FROM proof_of_delivery_missing WHERE customer_id = 5), 'F52', '001-42 until a manager does without');
SELECT throws_ok(s, e, NULL, '001-42 ' || s) FROM (VALUES
    ('SELECT request_proof(''DHL'')', '22023'), ('SELECT request_proof(''DHL'', 52, 52)', '22023'), ('SELECT request_proof(''UPS'', 52)', '23503'), ('SELECT request_proof(''DHL'', 999)', 'CR007'), ('SELECT request_proof(''DHL'', invoice_id => 14)', 'CR007'),
    ('SELECT request_proof(''DHL'', 52, asked_on => ''2026-07-02'')', 'CR003'), ('SELECT request_proof(''DHL'', 52, asked_on => ''2026-03-24'')', 'CR003'), (format('SELECT close_proof_request(%s, ''cancelled'', ''x'')', :other), 'CR012'),
    ('SELECT close_proof_request(999, ''cancelled'', ''x'')', 'CR012'), ('SELECT close_proof_request(1, ''received'', ''x'')', '22023'), ('SELECT close_proof_request(1, ''cancelled'', '''')', '22023'), (format('SELECT receive_proof(%s)', :other), 'CR012'),
    ('SELECT proofs_missing(-1)', '22023'), ('SELECT proofs_missing(NULL)', '22023'), ('DELETE FROM proof_of_delivery_request', 'CR010'), ('UPDATE proof_of_delivery_message SET body = ''x''', 'CR010'),
    ('INSERT INTO carrier (carrier, name, email) VALUES (''A'', ''A'', ''nobody'')', '23514')) v (s, e);
SELECT request_proof('DHL', 52) \g /dev/null
SELECT throws_ok('SELECT request_proof(''XPO'', 52)', 'CR012', 'the proof of delivery BL52 is asked for already', '001-42 one request at a time');
SELECT pg_temp.day('2026-07-10') \g /dev/null
SELECT is(chase_proofs(max_requests => 1), 1::bigint, '001-42 a bounded run');

SELECT is_empty('SELECT * FROM verify()', '001-39 001-41 001-42 001-43 and verify() is empty');
SELECT * FROM finish();
ROLLBACK;
