-- Legal deadlines, the stages of a litigation, prescription and their watch:
-- row 001-35 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('court') \g /dev/null
SET LOCAL search_path = court, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-01';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 30) i;
DELETE FROM document_requirement;       -- which documents a court wants is another test
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE court.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.stage(id bigint) RETURNS text LANGUAGE sql AS $$ SELECT stage FROM court.litigation_case WHERE litigation_id = id $$;
CREATE FUNCTION pg_temp.deadline(id bigint, which text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', deadline, days_left, done_on, CASE WHEN late THEN 'late' END) FROM court.litigation_deadline WHERE litigation_id = id AND deadline_code = which $$;
CREATE FUNCTION pg_temp.alerts(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(kind || ' ' || key, ', ' ORDER BY kind, key) FROM court.alert WHERE customer_id = id AND closed_on IS NULL $$;
CREATE FUNCTION pg_temp.barred(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', rule, started_on, interrupted_on, interrupted_by, last_day, time_barred_on, CASE WHEN time_barred THEN 'barred' END) FROM court.prescription WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.invoice(c bigint, id bigint, issued date, due date, amount numeric DEFAULT 1000) RETURNS void LANGUAGE sql AS
$$ INSERT INTO court.invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (c, id, 'F' || id, issued, due, amount) $$;

-- The law as data: exact days -----------------------------------------------------------------
SELECT is(legal_deadline_on(code, started_on), expected, format('001-35 %s from %s ends on %s: %s', code, started_on, expected, why))
FROM (VALUES (1, 'payment_order_service', date '2026-08-31', date '2027-03-01', '6 months for orders made before 2026-09-01; 28 February 2027 is a Sunday'),
             (2, 'payment_order_service', '2026-09-01', '2026-12-01', '3 months for orders made from that day on'),
             (3, 'payment_order_service', '2026-03-10', '2026-09-10', 'six months to the day of the same number'),
             (4, 'payment_order_service', '2023-08-31', '2024-02-29', 'the last day of a shorter month, in a leap year'),
             (5, 'payment_order_service', '2026-11-30', '2027-03-01', 'the last of February 2027 is a Sunday'),
             (6, 'payment_order_opposition', '2026-01-31', '2026-03-02', '28 February 2026 is a Saturday'),
             (7, 'payment_order_opposition', '2024-01-31', '2024-02-29', 'leap day'),
             (8, 'payment_order_opposition', '2026-06-10', '2026-07-10', 'a Friday stays'),
             (9, 'payment_order_enforceable', '2026-06-10', '2026-08-10', 'two months after service'),
             (10, 'formal_notice', '2026-06-01', '2026-06-09', '8 days, the first does not count'),
             (11, 'prescription_b2b', '2024-02-29', '2029-02-28', 'five years from a leap day'),
             (12, 'prescription_b2b', '2021-07-31', '2026-07-31', 'five years; not moved off weekends or holidays'),
             (13, 'prescription_transport', '2026-03-31', '2027-03-31', 'one year'),
             (14, 'prescription_public', '2022-01-01', '2026-12-31', 'four years from 1 January of the next, to 31 December'),
             (15, 'prescription_public', '2022-12-31', '2026-12-31', 'whatever the day of the year'),
             (16, 'claim_filing', '2026-06-12', '2026-08-12', 'two months from the publication'),
             (17, 'claim_filing_abroad', '2026-06-12', '2026-10-12', 'four from abroad'),
             (18, 'claim_filing', '2026-12-31', '2027-03-01', 'no 31 February, and 28 February 2027 is a Sunday'),
             (19, 'retention_reclaim', '2026-06-12', '2026-09-14', 'three months; 12 September 2026 is a Saturday'),
             (20, 'enforcement_title', '2024-02-29', '2034-02-28', 'ten years')) v (n, code, started_on, expected, why) ORDER BY n;
SELECT is(legal_deadline_on('payment_order_service', '2026-09-10', law_on => '2026-08-31'), date '2027-03-10', '001-35 the day of the law may be given');
SELECT is(legal_deadline_on('payment_order_service', '2026-09-10', 'DE'), NULL, '001-35 no rule of that country: no deadline');
SELECT is(legal_deadline_on('formal_notice', NULL), NULL, '001-35 that did not start: none');
SELECT throws_ok($$SELECT legal_deadline_on('nothing', '2026-01-01')$$, '22023', 'there is no legal deadline ''nothing''', '001-35 a code that is none');
SELECT throws_ok($$SELECT legal_deadline_on('formal_notice', 'infinity')$$, '22023', NULL, '001-35 a day that is none');
SELECT is(ARRAY[small_claim(5000), small_claim(5000.01), small_claim(1, 'USD')], ARRAY[true, false, NULL], '001-35 small claims: up to 5,000 euros');
SELECT is_empty('SELECT code FROM legal_deadline WHERE source = '''' OR name_fr = name_en', '001-35 each rule has its source and its French words');
SELECT set_eq($$SELECT code FROM legal_deadline WHERE to_check$$, '{prescription_b2b,prescription_transport,prescription_public,claim_filing_abroad}'::text[], '001-35 what is to be checked says so');
INSERT INTO legal_deadline (code, valid_from, starts, months, counting, source, name_en, name_fr)
VALUES ('payment_order_service', '2027-01-01', 'order_made', 2, 'procedural', 'a law to come', 'Service', 'Signification');
SELECT is(ARRAY[legal_deadline_on('payment_order_service', '2026-12-31'), legal_deadline_on('payment_order_service', '2027-01-04')], '{2027-03-31,2027-03-04}'::date[], '001-35 a new law is a new row');
DELETE FROM legal_deadline WHERE valid_from = '2027-01-01';
SELECT throws_ok($$INSERT INTO legal_deadline (code, starts, source, name_en, name_fr) VALUES ('empty', 'x', 'x', 'x', 'x')$$, '23514', NULL, '001-35 a rule says something');

-- From the formal notice to the seizure --------------------------------------------------------
SELECT pg_temp.invoice(1, 1, '2026-01-10', '2026-02-10', 1200), pg_temp.invoice(1, 2, '2026-01-20', '2026-02-20', 800) \g /dev/null
SELECT is_empty('SELECT * FROM litigation_case', '001-35 before: no case');
SELECT open_litigation(1, '{1,2}', 'Tribunal de commerce de Dijon') AS l \gset
SELECT is((SELECT concat_ws(' ', invoice_id, amount, currency, stage, country) FROM litigation_case WHERE litigation_id = :l), '2000 EUR formal_notice FR', '001-35 a case over two invoices, at the formal notice');
SELECT is((SELECT string_agg(invoice_id || ' ' || amount, ', ' ORDER BY invoice_id) FROM litigation_case_invoice WHERE litigation_id = :l), '1 1200, 2 800', '001-35 with its invoices');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'payment_order_filed')$$, :l), 'CR012', format('litigation %s: "payment order applied for" needs "formal notice sent" before it', :l), '001-35 no payment order without a formal notice: what is missing is named');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, %L)$$, :l, e), 'CR012', NULL, format('001-35 nor %s', e))
FROM unnest('{claim_served,summary_claim_served,order_made,order_served,order_enforceable,judgment,enforcement_title,enforcement_act}'::text[]) e;
SELECT record_litigation_event(:l, 'formal_notice_sent', '2026-05-20', '1A 234') \g /dev/null
SELECT is(pg_temp.deadline(:l, 'formal_notice'), '2026-05-28 -4', '001-35 8 days to pay from when it was sent');
SELECT record_litigation_event(:l, 'formal_notice_received', '2026-05-22') \g /dev/null
SELECT is(pg_temp.deadline(:l, 'formal_notice'), '2026-05-30 -2', '001-35 from when it was received, once that is known');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'payment_order_filed', '2026-05-19')$$, :l), 'CR003', NULL, '001-35 not before the formal notice');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'payment_order_filed', '2026-06-02')$$, :l), 'CR003', NULL, '001-35 nor in the future');
SELECT record_litigation_event(:l, 'payment_order_filed', '2026-06-01') \g /dev/null
SELECT is(pg_temp.stage(:l), 'payment_order', '001-35 the application leads to the payment order');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'order_served')$$, :l), 'CR012', NULL, '001-35 nothing is served before it was made');
SELECT throws_ok(format($$UPDATE litigation_case SET stage = 'enforcement' WHERE litigation_id = %s$$, :l), 'CR012', NULL, '001-35 the stage is nobody''s to choose');
SELECT throws_ok($$INSERT INTO litigation_case (customer_id, invoice_id, stage) VALUES (1, 1, 'judgment')$$, 'CR012', NULL, '001-35 nor to begin with');
SELECT pg_temp.day('2026-08-31') \g /dev/null
SELECT record_litigation_event(:l, 'order_made', '2026-08-31', amount => 2000) AS made \gset
SELECT is(pg_temp.deadline(:l, 'payment_order_service'), '2027-03-01 182', '001-35 an order of 31 August 2026 is to be served within six months');
SAVEPOINT september;
SELECT reverse_litigation_event(:made, 'it is of 1 September'), pg_temp.day('2026-09-01') \g /dev/null
SELECT record_litigation_event(:l, 'order_made', '2026-09-01') \g /dev/null
SELECT is(pg_temp.deadline(:l, 'payment_order_service'), '2026-12-01 91', '001-35 one of 1 September 2026 within three');
SELECT pg_temp.day('2026-12-02') \g /dev/null
SELECT is(pg_temp.deadline(:l, 'payment_order_service'), '2026-12-01 -1 late', '001-35 a day later it is too late');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'order_served')$$, :l), 'CR012', 'the payment order of 2026-09-01 has lapsed: it had to be served by 2026-12-01', '001-35 and it has lapsed');
SELECT lives_ok(format($$SELECT record_litigation_event(%s, 'order_served', '2026-12-01')$$, :l), '001-35 on the last day it is served in time');
ROLLBACK TO september;
SELECT pg_temp.day('2026-09-15') \g /dev/null
SELECT record_litigation_event(:l, 'order_served', '2026-09-15', 'acte 77') \g /dev/null
SELECT is(pg_temp.deadline(:l, 'payment_order_service'), '2027-03-01 167 2026-09-15', '001-35 served: that deadline is kept');
SELECT is(pg_temp.deadline(:l, 'payment_order_opposition'), '2026-10-15 30', '001-35 opposition: one month after service');
SELECT is(pg_temp.deadline(:l, 'payment_order_enforceable'), '2026-11-16 62', '001-35 enforceable two months after it, 15 November being a Sunday');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'order_enforceable')$$, :l), 'CR012', 'the payment order served on 2026-09-15 is not enforceable before 2026-11-16', '001-35 not enforceable before');
SAVEPOINT opposed;
SELECT pg_temp.day('2026-10-15'), record_litigation_event(:l, 'opposition_filed', '2026-10-10') \g /dev/null
SELECT is(pg_temp.stage(:l), 'lawsuit', '001-35 an opposition brings it before the court');
SELECT is(pg_temp.deadline(:l, 'payment_order_enforceable'), NULL, '001-35 and the order will not be enforceable');
SELECT pg_temp.day('2026-12-01') \g /dev/null
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'order_enforceable')$$, :l), 'CR012', NULL, '001-35 however long one waits');
SELECT record_litigation_event(:l, 'hearing', '2026-11-20'), record_litigation_event(:l, 'judgment', '2026-12-01') \g /dev/null
SELECT is(pg_temp.stage(:l), 'judgment', '001-35 then the court decides');
ROLLBACK TO opposed;
SELECT pg_temp.day('2026-11-16'), record_litigation_event(:l, 'order_enforceable') AS enforceable \gset
SELECT is(pg_temp.stage(:l), 'judgment', '001-35 enforceable: as good as a judgment');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'payment_order_filed')$$, :l), 'CR012', NULL, '001-35 stages go forward only');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'enforcement_act')$$, :l), 'CR012', NULL, '001-35 no seizure without a title');
SELECT record_litigation_event(:l, 'enforcement_title') AS title \gset
SELECT is(pg_temp.deadline(:l, 'enforcement_title'), '2036-11-16 3653', '001-35 a title holds ten years');
SELECT record_litigation_event(:l, 'enforcement_act', note => 'saisie-attribution', amount => 1500) \g /dev/null
SELECT is(pg_temp.stage(:l), 'enforcement', '001-35 a seizure enforces it');
SELECT is((SELECT string_agg(litigation_stage(1, :l, d), ' ' ORDER BY d) FROM unnest('{2026-05-01,2026-06-01,2026-11-15,2026-11-16}'::date[]) d),
  'formal_notice payment_order payment_order enforcement', '001-35 the stage of any past day can be asked');
SELECT throws_ok(format($$SELECT reverse_litigation_event(%s, 'wrong')$$, :title), 'CR012', NULL, '001-35 what a later event rests on is not taken back');
SELECT throws_ok(format($$SELECT reverse_litigation_event(%s, '')$$, :title), '22023', NULL, '001-35 nor anything without a reason');
SELECT throws_ok('UPDATE litigation_event SET note = ''x''', 'CR010', NULL, '001-35 events are facts');
SELECT throws_ok('DELETE FROM litigation_event', 'CR010', NULL, '001-35 and stay');
SELECT throws_ok('TRUNCATE litigation_event CASCADE', 'CR010', NULL, '001-35 all of them');
SELECT throws_ok('UPDATE litigation_case_invoice SET amount = 1', 'CR010', NULL, '001-35 so do the invoices of a case');
UPDATE litigation_case SET outcome = 'won' WHERE litigation_id = :l;
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'enforcement_act')$$, :l), 'CR012', NULL, '001-35 a case that is over is over');
SELECT is_empty(format('SELECT * FROM litigation_deadline WHERE litigation_id = %s', :l), '001-35 and has no deadline');
SELECT is((SELECT count(*) FROM risk_event WHERE customer_id = 1 AND object IN ('litigation_case', 'litigation_event')), 10::bigint, '001-35 it all stands in the timeline');

SELECT is((SELECT detail FROM risk_event WHERE customer_id = 1 AND event = 'litigation_opened'), '2000 EUR enforcement Tribunal de commerce de Dijon F1, F2', '001-35 with its invoices');

-- Summary proceedings and the lawsuit ------------------------------------------------------------
SELECT pg_temp.invoice(2, 21, '2026-06-01', '2026-07-01') \g /dev/null
SELECT open_litigation(2, '{21}') AS l \gset
SELECT is((SELECT invoice_id FROM litigation_case WHERE litigation_id = :l), 21::bigint, '001-35 a case over one invoice names it');
SELECT record_litigation_event(:l, 'formal_notice_sent', '2026-09-01'), record_litigation_event(:l, 'summary_claim_served', '2026-09-20') \g /dev/null
SELECT is(pg_temp.stage(:l), 'summary_proceedings', '001-35 the référé');
SELECT record_litigation_event(:l, 'summary_hearing', '2026-10-01'), record_litigation_event(:l, 'claim_served', '2026-10-10') AS claim \gset
SELECT is(pg_temp.stage(:l), 'lawsuit', '001-35 from the référé to the merits');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'summary_claim_served', '2026-10-12')$$, :l), 'CR012', NULL, '001-35 and not back');
SELECT reverse_litigation_event(:claim, 'not served yet') \g /dev/null
SELECT is(pg_temp.stage(:l), 'summary_proceedings', '001-35 what was a mistake is taken back, and with it the stage');
SELECT throws_ok(format($$SELECT reverse_litigation_event(%s, 'again')$$, :claim), '23505', NULL, '001-35 once');
SELECT record_litigation_event(:l, 'summary_order', '2026-10-20'), record_litigation_event(:l, 'enforcement_title', '2026-10-21') \g /dev/null
SELECT is(pg_temp.stage(:l), 'judgment', '001-35 the judge''s order is a title');
-- Errors of the case.
SELECT throws_ok('SELECT open_litigation(2, ''{21}'')', 'CR012', format('litigation %s is about one of these invoices', :l), '001-35 one case for an invoice');
SELECT throws_ok('SELECT open_litigation(3, ''{21}'')', 'CR007', NULL, '001-35 the invoice of another customer');
SELECT throws_ok('SELECT open_litigation(2, ''{}'')', 'CR007', NULL, '001-35 a case about nothing');
SELECT throws_ok('SELECT record_litigation_event(99, ''judgment'')', 'CR007', NULL, '001-35 no such case');
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'party')$$, :l), '23503', NULL, '001-35 no such event');
SELECT throws_ok('SELECT reverse_litigation_event(99, ''x'')', 'CR007', NULL, '001-35 no such event to take back');
SELECT pg_temp.invoice(3, 31, '2026-06-01', '2026-07-01') \g /dev/null
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (3, 31, '2026-07-01', 1000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (3, 31, 31, 1000);
SELECT throws_ok('SELECT open_litigation(3, ''{31}'')', 'CR012', 'nothing is owed of invoice F31', '001-35 nothing is owed');
SELECT throws_ok('SELECT open_litigation(2, ''{21}'', opened_on => ''2026-01-01'')', 'CR012', NULL, '001-35 still one case');

-- The documents first -----------------------------------------------------------------------------
SELECT pg_temp.invoice(4, 41, '2026-06-01', '2026-07-01') \g /dev/null
INSERT INTO document_requirement (stage, kind, per) VALUES ('payment_order', 'contract', 'customer');
SELECT open_litigation(4, '{41}') AS l \gset
SELECT record_litigation_event(:l, 'formal_notice_sent', '2026-09-01') \g /dev/null
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'payment_order_filed')$$, :l), 'CR012', format('litigation %s cannot go to court: documents are missing', :l), '001-35 the contentious stage needs its documents');
SELECT is(pg_temp.stage(:l), 'formal_notice', '001-35 and does not begin');
DELETE FROM document_requirement;
SELECT lives_ok(format($$SELECT record_litigation_event(%s, 'payment_order_filed')$$, :l), '001-35 complete, it begins');

-- The notice of dunning, and its task ----------------------------------------------------------------
SELECT pg_temp.invoice(5, 51, '2026-06-01', '2026-07-01'), pg_temp.invoice(5, 52, '2026-06-01', '2026-07-01') \g /dev/null
SELECT pg_temp.day('2026-09-08') \g /dev/null
UPDATE open_item SET dunning_level = 4 WHERE invoice_id = 51;
SELECT approve_action(action_id) FROM dunning_action WHERE customer_id = 5 AND status = 'proposed' \g /dev/null
SELECT pg_temp.day('2026-09-10') \g /dev/null
SELECT complete_action(action_id, claim_token) FROM claim_actions('postman') \g /dev/null
SELECT pg_temp.day('2026-11-16') \g /dev/null
SELECT open_task(5, 'litigation', 'Payment order, agency or insurer', 51) AS task \gset
SELECT open_litigation(5, '{51}') AS l \gset
SELECT is((SELECT event || ' ' || occurred_on FROM litigation_event WHERE litigation_id = :l), 'formal_notice_sent 2026-09-10', '001-35 the formal notice that dunning sent is its basis, two business days after sales were told');
SELECT is((SELECT outcome FROM task WHERE task_id = :task), format('litigation %s', :l), '001-35 and the task of dunning is done');
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, status, items, amount, lead_invoice_id, strategy_id, step_no, internal, done_on)
SELECT 5, 995, '2026-09-08', '2026-09-08', 'EUR', 'fr', 'task', 4, 'preventive_measures', 'done', 1, 1, 52, min(strategy_id), 7, true, '2026-09-08' FROM dunning_strategy WHERE code = 'high';
INSERT INTO dunning_action_item (customer_id, invoice_id, instalment_no, cycle, action_id, dunning_level, open_amount) VALUES (5, 52, 1, 9, 995, 4, 1);
SELECT open_litigation(5, '{52}') AS l2 \gset
SELECT is_empty(format('SELECT * FROM litigation_event WHERE litigation_id = %s', :l2), '001-35 not of an invoice that had none, nor for the lawyers'' task of preventive measures');

-- Prescription ------------------------------------------------------------------------------------------
SELECT pg_temp.day('2026-11-16') \g /dev/null
INSERT INTO legal_terms (customer_id, regime) VALUES (12, 'transport');
INSERT INTO interest_terms (customer_id, regime) VALUES (13, 'FR_PUBLIC');
SELECT pg_temp.invoice(11, 111, '2022-01-15', '2022-02-28'), pg_temp.invoice(12, 121, '2025-12-20', '2026-01-20'), pg_temp.invoice(13, 131, '2022-03-01', '2022-04-15'), pg_temp.invoice(14, 141, '2021-10-01', '2021-11-15') \g /dev/null
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2027-02-28 2027-03-01', '001-35 prescription: 5 years between businesses');
SELECT is(pg_temp.barred(121), 'prescription_transport 2025-12-20 2026-12-20 2026-12-21', '001-35 1 year for transport, from the delivery');
SELECT is(pg_temp.barred(131), 'prescription_public 2022-04-15 2026-12-31 2027-01-01', '001-35 public buyers: to the end of the fourth year after');
SELECT is(pg_temp.barred(141), 'prescription_b2b 2021-11-15 2026-11-15 2026-11-16 barred', '001-35 yesterday was the last day: barred');
SELECT cmp_ok(watch_litigation(), '>', 0::bigint, '001-35 the night watches');
SELECT is(pg_temp.alerts(11), 'prescription F111 1', '001-35 a warning 104 days before');
SELECT is((SELECT message_en || ' | ' || message_fr FROM alert WHERE customer_id = 11), 'Invoice F111, 1000 EUR open: the claim is time-barred after 2027-02-28 | Facture F111, 1000 EUR à recouvrer : créance prescrite après le 28/02/2027', '001-35 in both languages');
SELECT is(watch_litigation(), 0::bigint, '001-35 a second watch finds nothing new');
SAVEPOINT interrupted;
INSERT INTO debt_acknowledgement (customer_id, acknowledgement_id, invoice_id, acknowledged_on, reference) VALUES (11, 9001, 111, '2026-03-31', 'e-mail');
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2026-03-31 acknowledgement 2031-03-31 2031-04-01', '001-35 an acknowledgement starts it again');
SELECT watch_litigation() \g /dev/null
SELECT is(pg_temp.alerts(11), NULL, '001-35 and the warning ends by itself');
INSERT INTO debt_acknowledgement (customer_id, note, reversal_of) VALUES (11, 'of another invoice', 9001);
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2027-02-28 2027-03-01', '001-35 taken back, it runs from the due date');
SELECT throws_ok(s, e, NULL, '001-35 refused: ' || s) FROM (VALUES
  ('INSERT INTO debt_acknowledgement (customer_id, invoice_id) VALUES (12, 111)', 'CR007'), ('INSERT INTO debt_acknowledgement (customer_id, invoice_id, acknowledged_on) VALUES (11, 111, ''2026-11-17'')', 'CR003'),
  ('INSERT INTO debt_acknowledgement (customer_id, invoice_id, acknowledged_on) VALUES (11, 111, ''2022-01-14'')', 'CR003'), ('INSERT INTO debt_acknowledgement (customer_id, reversal_of) VALUES (11, 9001)', '22023'),
  ('INSERT INTO debt_acknowledgement (customer_id, note, reversal_of) VALUES (11, ''x'', 9)', 'CR007'), ('DELETE FROM debt_acknowledgement', 'CR010')) v (s, e);
ROLLBACK TO interrupted;
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (11, 111, '2025-05-10', 100);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (11, 111, 111, 111, 100);
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2025-05-10 part_payment 2030-05-10 2030-05-11', '001-35 a part payment is an acknowledgement');
SELECT reverse_allocation(111) \g /dev/null
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2027-02-28 2027-03-01', '001-35 not one that was undone');
SELECT create_plan(11, '{111}', '{2026-12-01}', '{1000}') \g /dev/null
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2026-11-16 payment_plan 2031-11-16 2031-11-17', '001-35 so is a payment plan');
ROLLBACK TO interrupted;
SELECT open_litigation(11, '{111}') AS l \gset
SELECT record_litigation_event(:l, 'formal_notice_sent', '2026-08-10'), record_litigation_event(:l, 'payment_order_filed', '2026-08-20'), record_litigation_event(:l, 'order_made', '2026-09-02') \g /dev/null
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2027-02-28 2027-03-01', '001-35 a formal notice and an order that nobody served interrupt nothing');
SELECT watch_litigation() \g /dev/null
SELECT is(pg_temp.alerts(11), format('legal_deadline litigation %s payment_order_service, prescription F111 1', :l), '001-35 the order must be served within 30 days: an alert');
SELECT is((SELECT severity || ': ' || message_fr FROM alert WHERE customer_id = 11 AND kind = 'legal_deadline'), 'critical: Signification de l''ordonnance d''injonction de payer : au plus tard le 02/12/2026', '001-35 in words');
SELECT record_litigation_event(:l, 'order_served', '2026-11-16'), watch_litigation() \g /dev/null
SELECT is(pg_temp.barred(111), 'prescription_b2b 2022-02-28 2026-11-16 order_served 2031-11-16 2031-11-17', '001-35 the order served interrupts it');
SELECT is(pg_temp.alerts(11), NULL, '001-35 and both alerts end by themselves');
SELECT pg_temp.day('2027-01-18'), watch_litigation() \g /dev/null
SELECT is(pg_temp.alerts(11), format('legal_deadline litigation %s payment_order_enforceable', :l), '001-35 unopposed: the next step may be taken');
SELECT record_litigation_event(:l, 'order_enforceable'), record_litigation_event(:l, 'enforcement_title') \g /dev/null
SELECT is(pg_temp.barred(111), 'enforcement_title 2022-02-28 2027-01-18 order_enforceable 2037-01-18 2037-01-19', '001-35 a title runs ten years');
SELECT is_empty('SELECT * FROM verify()', '001-35 verify() after it all');

-- A collector does it all, and writes nothing by himself ---------------------------------------------------
SELECT pg_temp.day('2026-11-16'), pg_temp.invoice(20, 201, '2026-06-01', '2026-07-01') \g /dev/null
CREATE ROLE court_collector;
SELECT credit_risk.grant_ledger_access('court', 'court_collector', 'collector') \g /dev/null
SET LOCAL ROLE court_collector;
SELECT lives_ok($$SELECT record_litigation_event(open_litigation(20, '{201}'), 'formal_notice_sent')$$, '001-35 a collector opens a case and records what happens');
SELECT lives_ok($$INSERT INTO debt_acknowledgement (customer_id, invoice_id) VALUES (20, 201)$$, '001-35 and an acknowledgement');
SELECT lives_ok($$SELECT file_claim(open_proceeding(20, 'safeguard', '2026-11-15'))$$, '001-35 and a proceeding with its claim');
SELECT lives_ok($$UPDATE collective_proceeding SET published_on = '2026-11-16', administrator = 'Maître Noir' WHERE customer_id = 20$$, '001-35 and what is known of it later');
SELECT isnt_empty('SELECT * FROM litigation_deadline WHERE customer_id = 20', '001-35 sees the deadlines');
SELECT isnt_empty('SELECT * FROM prescription WHERE customer_id = 20', '001-35 and prescription');
SELECT throws_ok(s, '42501', NULL, '001-35 but not: ' || s) FROM unnest(ARRAY['UPDATE litigation_case SET stage = ''judgment''', 'INSERT INTO litigation_event (customer_id, litigation_id, event) SELECT customer_id, litigation_id, ''judgment'' FROM litigation_case',
  'UPDATE legal_deadline SET months = 12', 'UPDATE collective_proceeding SET outcome = ''annulled''', 'SELECT close_proceeding(1, ''annulled'')', 'SELECT watch_litigation()', 'SELECT freeze_claims(20)', 'UPDATE proceeding_claim SET admitted_amount = 1']) s;
RESET ROLE;
SELECT is((SELECT string_agg(DISTINCT recorded_by, ' ') FROM (SELECT recorded_by FROM litigation_event WHERE customer_id = 20 UNION SELECT recorded_by FROM collective_proceeding WHERE customer_id = 20) w), 'court_collector', '001-35 under his name');
SELECT is_empty('SELECT * FROM verify()', '001-35 verify() at the end');

SELECT * FROM finish();
ROLLBACK;
