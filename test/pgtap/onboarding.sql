\set ON_ERROR_STOP 1
-- From prospect to customer, and the documents of the file: rows 001-09,
-- 001-10, 001-11, 001-12 and 001-15 of the capability list.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();
CREATE ROLE ob_clerk; CREATE ROLE ob_collector; CREATE ROLE ob_manager; CREATE ROLE ob_director;
SELECT credit_risk.create_ledger('onboard') \g /dev/null
SELECT credit_risk.grant_ledger_access('onboard', r, l) FROM (VALUES ('ob_clerk', 'clerk'), ('ob_collector', 'collector'), ('ob_manager', 'manager'), ('ob_director', 'manager')) v (r, l) \g /dev/null
SET LOCAL search_path = onboard, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';

-- What a role gets from a statement: its first value, or the SQLSTATE and
-- message. # stands for the latest onboarding.
CREATE FUNCTION pg_temp.latest() RETURNS bigint LANGUAGE sql AS 'SELECT max(onboarding_id) FROM onboard.onboarding_case';
CREATE FUNCTION pg_temp.as_role(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    query := replace(query, '#', coalesce(pg_temp.latest(), 0)::text);
    PERFORM set_config('role', role, true);
    EXECUTE query INTO answer;
    PERFORM set_config('role', 'none', true);
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.detail(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
    RETURN answer;
END $$;
CREATE FUNCTION pg_temp.laws(row_no text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM verify()', row_no || ' verify() is empty');
END $$;

-- 001-09 No order before approval ------------------------------------------------------------------
INSERT INTO customer (customer_id, code, name, lifecycle, country, siren) VALUES (1, 'P1', 'Prospect one', 'prospect', 'FR', '732829320');
INSERT INTO customer (customer_id, code, name) VALUES (2, 'C2', 'Customer two');
SELECT is((SELECT status || ' ' || reasons::text FROM place_order(1, 100, 'A1')), 'held {not_onboarded}', '001-09 an order of a prospect is held as not_onboarded');
SELECT is((SELECT status FROM place_order(2, 100, 'B1')), 'open', '001-09 one of a customer is not');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (1, 'A2', 1), (2, 'B2', 1);
SELECT results_eq('SELECT order_no, status FROM sales_order WHERE order_no IN (''A2'', ''B2'') ORDER BY 1', $$VALUES ('A2'::text, 'held'::text), ('B2', 'open')$$, '001-09 of one statement too');
SELECT is((SELECT exposure FROM credit_account WHERE customer_id = 1), 0::numeric, '001-09 what is held is no exposure');
SELECT is((SELECT outcome || ' ' || reasons::text FROM check_order(1, 100)), 'held {not_onboarded}', '001-09 check_order says so beforehand');
SELECT is((credit_figures(1)->>'not_onboarded') || (credit_figures(2)->>'not_onboarded'), '10', '001-09 the figure of each');
SELECT is((SELECT j.outcome FROM judge_credit('standard', 1, 'order', credit_figures(1) || '{"prepaid": 1}') j), 'held', '001-09 paid before delivery is an order too');
SAVEPOINT s;
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) VALUES (1, 'trial', 1000, '2026-12-31');
SELECT is((SELECT status || ' ' || reasons::text FROM place_order(1, 100)), 'held {not_onboarded}', '001-09 a trial limit does not replace the approval');
ROLLBACK TO s;
UPDATE ledger SET on_exceed = 'reject';
SELECT is((SELECT status || ' ' || reasons::text FROM place_order(1, 100)), 'held {not_onboarded}', '001-09 a ledger that rejects keeps the first order of a prospect, held');
ROLLBACK TO s;
UPDATE ledger SET mode = 'observe';
SELECT is((SELECT status || ' ' || outcome FROM place_order(1, 100)), 'open warned', '001-09 a ledger that observes writes it down only');
ROLLBACK TO s;
INSERT INTO blocking_rule (kind, customer_id, action) VALUES ('not_onboarded', 1, 'exclude');
SELECT is((SELECT status FROM place_order(1, 100)), 'open', '001-09 a rule for one prospect can leave it out');
ROLLBACK TO s;
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('not_onboarded', 'reject', 0);
SELECT throws_ok('SELECT place_order(1, 100)', 'CR001', NULL, '001-09 or reject them all');
ROLLBACK TO s;
SELECT pg_temp.laws('001-09');

-- The clerk keeps master data, but makes no customer of a prospect.
SELECT is(pg_temp.as_role('ob_clerk', q), e, '001-09 a clerk: ' || q) FROM (VALUES
    (1, 'UPDATE customer SET lifecycle = ''customer'' WHERE customer_id = 1', 'CR012 prospect "P1" becomes a customer by the approval of its onboarding'),
    (2, 'UPDATE customer SET lifecycle = ''customer'', name = ''X'' WHERE code = ''P1'' RETURNING name', 'CR012 prospect "P1" becomes a customer by the approval of its onboarding'),
    (3, 'INSERT INTO customer (customer_id, code, name) VALUES (1, ''P1'', ''P'') ON CONFLICT (customer_id) DO UPDATE SET lifecycle = ''customer''', 'CR012 prospect "P1" becomes a customer by the approval of its onboarding'),
    (4, 'UPDATE customer SET lifecycle = ''former'' WHERE customer_id = 1 RETURNING lifecycle', 'former'),
    (5, 'UPDATE customer SET lifecycle = ''customer'' WHERE customer_id = 1', 'CR012 prospect "P1" becomes a customer by the approval of its onboarding'),
    (6, 'UPDATE customer SET lifecycle = ''prospect'' WHERE customer_id = 1 RETURNING lifecycle', 'prospect'),
    (7, 'UPDATE customer SET lifecycle = ''former'' WHERE customer_id = 2 RETURNING lifecycle', 'former'),
    (8, 'UPDATE customer SET lifecycle = ''customer'' WHERE customer_id = 2 RETURNING lifecycle', 'customer'),
    (9, 'INSERT INTO customer (customer_id, code, name) VALUES (90, ''NEW'', ''Opening balance'') RETURNING lifecycle', 'customer'),
    (10, 'UPDATE customer SET name = ''Prospect 1'' WHERE customer_id = 1 RETURNING name', 'Prospect 1')) v (n, q, e) ORDER BY n;
SELECT is(pg_temp.as_role('ob_manager', 'UPDATE customer SET lifecycle = ''customer'' WHERE customer_id = 1'), 'CR012 prospect "P1" becomes a customer by the approval of its onboarding', '001-09 nor does a manager without an approval');

-- 001-10 The workflow --------------------------------------------------------------------------------
SELECT is(pg_temp.as_role('ob_clerk', q), e, '001-10 a clerk: ' || q) FROM (VALUES
    (1, 'SELECT request_onboarding(2)', 'CR012 customer "C2" is no prospect'), (2, 'SELECT request_onboarding(99)', 'CR004 customer 99 does not exist'),
    (3, 'SELECT request_onboarding(NULL)', 'CR004 customer NULL does not exist'), (4, 'SELECT request_onboarding(1, 5000, ''met at the fair'') > 0', 'true'),
    (5, 'SELECT request_onboarding(1)', 'CR012 the onboarding of customer 1 is requested already')) v (n, q, e) ORDER BY n;
SELECT results_eq('SELECT state, requested_amount, opened_on, due_on, recorded_by, closed_on FROM onboarding_case', $$VALUES ('requested'::text, 5000::numeric, date '2026-03-31', date '2026-04-10', 'ob_clerk'::text, NULL::date)$$, '001-10 the case, to be decided in 10 days');
SELECT results_eq('SELECT kind, department, due_on FROM task WHERE customer_id = 1 AND closed_on IS NULL', $$VALUES ('onboarding'::text, 'credit'::text, date '2026-04-10')$$, '001-10 the credit department has a task');
SELECT is(pg_temp.as_role('ob_manager', q), e, '001-10 illegal transition: ' || q) FROM (VALUES
    (1, 'SELECT approve_onboarding(#)', 'CR012 the onboarding of "P1" is requested and cannot become approved'),
    (2, 'SELECT reject_onboarding(#, ''no'')', 'CR012 the onboarding of "P1" is requested and cannot become rejected'),
    (3, 'SELECT return_onboarding(#, ''no'')', format('CR012 onboarding %s is requested already', pg_temp.latest()))) v (n, q, e) ORDER BY n;
SELECT throws_ok(q, e, NULL, '001-10 by hand: ' || q) FROM (VALUES
    ('UPDATE onboarding_case SET state = ''approved'', closed_on = ''2026-03-31''', 'CR012'), ('UPDATE onboarding_case SET state = ''approved''', 'CR012'), ('UPDATE onboarding_case SET closed_on = ''2026-03-31''', '23514'),
    ('UPDATE onboarding_case SET requested_amount = 1', 'CR010'), ('DELETE FROM onboarding_case', 'CR010'), ('TRUNCATE onboarding_case CASCADE', 'CR010'),
    ('INSERT INTO onboarding_case (customer_id, state) VALUES (1, ''in_review'')', 'CR012'), ('INSERT INTO onboarding_case (customer_id) VALUES (1)', '23505'),
    ('UPDATE onboarding_step SET note = ''x''', 'CR010'), ('DELETE FROM onboarding_step', 'CR010'), ('UPDATE onboarding_result SET result = ''pass''', 'CR010'), ('DELETE FROM onboarding_result', 'CR010')) v (q, e);
SELECT is(pg_temp.as_role('ob_clerk', q), e, '001-10 not a clerk''s: ' || q) FROM (VALUES ('SELECT review_onboarding(#)', '42501 permission denied for function review_onboarding'),
    ('SELECT approve_onboarding(#)', '42501 permission denied for function approve_onboarding'), ('SELECT waive_onboarding_check(#, ''limit'', ''x'')', '42501 permission denied for function waive_onboarding_check'),
    ('SELECT step_onboarding(1, ''in_review'', NULL)', '42501 permission denied for function step_onboarding'),
    ('INSERT INTO onboarding_result (customer_id, onboarding_id, check_code, result, reason) VALUES (1, 1, ''limit'', ''pass'', ''x'')', '42501 permission denied for table onboarding_result'),
    ('UPDATE onboarding_case SET state = ''in_review''', '42501 permission denied for table onboarding_case')) v (q, e);
SELECT is(pg_temp.as_role('ob_collector', 'SELECT review_onboarding(#)'), 'in_review', '001-10 the credit department takes it into review');
SELECT is(pg_temp.as_role('ob_collector', 'SELECT review_onboarding(#)') LIKE 'CR012 onboarding % is in review already', true, '001-10 which is no step a second time');
SELECT is(pg_temp.as_role('ob_collector', 'SELECT return_onboarding(#, '''')'), '22023 an onboarding is returned for a reason', '001-10 returned without a reason');
SELECT is(pg_temp.as_role('ob_collector', 'SELECT return_onboarding(#, ''no terms'')'), 'requested', '001-10 returned to be completed');
SELECT is(pg_temp.as_role('ob_collector', 'SELECT review_onboarding(#)'), 'in_review', '001-10 and taken again');
SELECT throws_ok('SELECT review_onboarding(77)', 'CR012', 'onboarding 77 is not open', '001-10 no such case');
SELECT throws_ok('SELECT review_onboarding(NULL)', 'CR012', 'onboarding NULL is not open', '001-10 nor NULL');

-- 001-11 The checks ------------------------------------------------------------------------------------
SELECT results_eq('SELECT check_code, mandatory, result, satisfied FROM evaluate_onboarding(pg_temp.latest())', $$VALUES ('analysis'::text, true, NULL::text, false), ('bank_details', false, 'fail', false), ('contact', false, 'fail', false),
    ('insurance', false, 'fail', false), ('kbis', false, 'fail', false), ('limit', true, 'fail', false), ('siren', true, 'pass', true), ('terms', true, 'fail', false)$$, '001-11 the checks that apply, and what came of each');
SELECT is((SELECT mandatory || ' ' || satisfied || ' ' || lacking::text || ' ' || ready FROM open_onboarding), '4 1 {analysis,limit,terms} false', '001-11 the worklist says what is lacking');
SELECT is(pg_temp.as_role('ob_manager', 'SELECT approve_onboarding(#)'), 'CR012 the onboarding of "P1" lacks mandatory checks', '001-11 nothing opens while mandatory checks fail');
SELECT is(pg_temp.detail('SELECT approve_onboarding(pg_temp.latest())'), 'analysis: not checked; limit: no; terms: no terms, no payment method', '001-11 and it says which');
SELECT is((SELECT lifecycle FROM customer WHERE customer_id = 1), 'prospect', '001-11 it is still a prospect');
SELECT is((SELECT count(*) FROM onboarding_result), 7::bigint, '001-11 a second evaluation of the same writes nothing');
UPDATE customer SET terms = '45 eom' WHERE customer_id = 1;
SELECT is((SELECT result || ': ' || reason FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'terms'), 'fail: 45 eom, no payment method', '001-11 half of it is not enough');
UPDATE customer SET payment_method = 'transfer' WHERE customer_id = 1;
SELECT is((SELECT satisfied || ' ' || result FROM onboarding_check_status WHERE check_code = 'terms'), 'true fail', '001-11 the view sees it at once');
SELECT is((SELECT result || ': ' || reason FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'terms'), 'pass: 45 eom, transfer', '001-11 and the evaluation keeps it');
SELECT is(pg_temp.as_role('ob_collector', q), e, '001-11 a person: ' || q) FROM (VALUES
    (1, 'SELECT record_onboarding_result(#, ''analysis'', ''good'', ''x'')', '22023 invalid result: ''good'''), (2, 'SELECT record_onboarding_result(#, ''analysis'', ''waived'', ''x'')', '22023 invalid result: ''waived'''),
    (3, 'SELECT record_onboarding_result(#, ''analysis'', ''pass'', '''')', '22023 the result of a check needs a reason'), (4, 'SELECT record_onboarding_result(#, ''limit'', ''pass'', ''x'')', '22023 check ''limit'' is not a person''s to record'),
    (5, 'SELECT record_onboarding_result(#, ''nothing'', ''pass'', ''x'')', '22023 check ''nothing'' is not a person''s to record'), (6, 'SELECT record_onboarding_result(99, ''analysis'', ''pass'', ''x'')', 'CR012 onboarding 99 is not open'),
    (7, 'SELECT record_onboarding_result(#, ''analysis'', ''fail'', ''no accounts'')', 'fail'), (8, 'SELECT record_onboarding_result(#, ''analysis'', ''pass'', ''accounts of 2025, equity 40 %'')', 'pass'),
    (9, 'SELECT waive_onboarding_check(#, ''limit'', ''x'')', '42501 permission denied for function waive_onboarding_check')) v (n, q, e) ORDER BY n;
SELECT results_eq('SELECT check_code, result, reason, recorded_by FROM onboarding_result WHERE check_code = ''analysis'' ORDER BY onboarding_result_id', $$VALUES ('analysis'::text, 'fail'::text, 'no accounts'::text, 'ob_collector'::text), ('analysis', 'pass', 'accounts of 2025, equity 40 %', 'ob_collector')$$, '001-11 every word is kept, with who said it');

-- Waivers, by authority.
INSERT INTO approval_authority (action, role_name, max_amount) VALUES ('waiver', 'ob_manager', 4000), ('waiver', 'ob_director', 50000);
SELECT is(pg_temp.as_role('ob_manager', q), e, '001-11 a waiver: ' || q) FROM (VALUES
    (1, 'SELECT waive_onboarding_check(#, ''limit'', '''')', '22023 a waiver needs a reason'), (2, 'SELECT waive_onboarding_check(#, ''nothing'', ''x'')', '22023 no check ''nothing'' applies to this prospect'),
    (3, 'SELECT waive_onboarding_check(#, ''limit'', ''the default limit will do'')', 'CR014 role "ob_manager" has not enough authority for a waiver of 5000')) v (n, q, e) ORDER BY n;
SELECT is(pg_temp.as_role('ob_manager', 'SELECT approve_onboarding(#)'), 'CR012 the onboarding of "P1" lacks mandatory checks', '001-11 the limit is still lacking');
SELECT is(pg_temp.as_role('ob_director', 'SELECT waive_onboarding_check(#, ''limit'', ''the default limit will do'')'), 'waived', '001-11 waived by a role with the authority');
SELECT results_eq('SELECT result, reason, recorded_by, approved_by FROM onboarding_result WHERE result = ''waived''', $$VALUES ('waived'::text, 'the default limit will do'::text, 'ob_director'::text, NULL::text)$$, '001-11 on record');
SELECT is((SELECT result || ' ' || satisfied FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'limit'), 'waived true', '001-11 what is waived stays waived');
SELECT is((SELECT coalesce(lacking::text, 'nothing') || ' ' || ready FROM open_onboarding), 'nothing true', '001-11 and the case is ready');

-- 001-10 Two persons.
SELECT is(pg_temp.as_role('ob_director', 'SELECT withdraw_onboarding(#, ''asked again below'')'), 'withdrawn', '001-10 a case may be withdrawn');
UPDATE ledger SET pinned_date = '2026-04-02';
SELECT is(pg_temp.as_role('ob_manager', q), e, '001-10 requested by a manager: ' || q) FROM (VALUES
    (1, 'SELECT request_onboarding(1, 3000, NULL, ''2026-04-05'') > 0', 'true'), (2, 'SELECT review_onboarding(#)', 'in_review'), (3, 'SELECT record_onboarding_result(#, ''analysis'', ''pass'', ''as before'')', 'pass'),
    (4, 'SELECT waive_onboarding_check(#, ''limit'', ''small'')', 'waived'), (5, 'SELECT approve_onboarding(#)', 'CR014 role "ob_manager" requested the onboarding of "P1" and cannot approve it')) v (n, q, e) ORDER BY n;
SELECT is((SELECT lifecycle || ' ' || state FROM customer JOIN onboarding_case USING (customer_id) WHERE onboarding_id = pg_temp.latest()), 'prospect in_review', '001-10 nothing has changed by it');
UPDATE ledger SET pinned_date = '2026-04-08';
SELECT results_eq('SELECT days, days_late, decided_by FROM onboarding_delay ORDER BY onboarding_id', $$VALUES (0, 0, 'ob_director'::text), (6, 3, NULL)$$, '001-10 how long each took, and how late it is');
SELECT is((SELECT overdue FROM open_onboarding), true, '001-10 the worklist says that its day is past');
SELECT is(pg_temp.as_role('ob_director', 'SELECT approve_onboarding(#, ''welcome'')'), 'approved', '001-10 another role approves');
SELECT is((SELECT lifecycle FROM customer WHERE customer_id = 1), 'customer', '001-10 and the prospect is a customer');
SELECT results_eq('SELECT state_before, state, note, recorded_by FROM onboarding_step WHERE onboarding_id = pg_temp.latest() ORDER BY onboarding_step_id', $$VALUES (NULL::text, 'requested'::text, NULL::text, 'ob_manager'::text), ('requested', 'in_review', NULL, 'ob_manager'), ('in_review', 'approved', 'welcome', 'ob_director')$$, '001-10 the steps and who took them');
SELECT is((SELECT closed_on || ' ' || closed_by FROM onboarding_case WHERE onboarding_id = pg_temp.latest()), '2026-04-08 ob_director', '001-10 closed by');
SELECT is_empty('SELECT * FROM task WHERE kind = ''onboarding'' AND closed_on IS NULL', '001-10 the task is done');
SELECT is((SELECT status FROM place_order(1, 100, 'A3')), 'open', '001-09 and its orders pass');
SELECT throws_ok('SELECT approve_onboarding(pg_temp.latest())', 'CR012', format('onboarding %s is not open', pg_temp.latest()), '001-10 approved once');
SELECT throws_ok('SELECT withdraw_onboarding(pg_temp.latest())', 'CR012', format('onboarding %s is not open', pg_temp.latest()), '001-10 and not withdrawn after');
SELECT throws_ok('UPDATE onboarding_case SET note = ''x''', 'CR010', NULL, '001-10 what is closed does not change');
SELECT ok((SELECT string_agg(event, ' ' ORDER BY event_no) FROM customer_timeline(1)) LIKE '%onboarding_requested%onboarding_in_review%onboarding_returned%check_fail%check_pass%check_waived%onboarding_withdrawn%onboarding_approved%', '001-10 its life has it');
SELECT pg_temp.laws('001-10');

-- Rejected, and asked for again; checks of a country, a group, no longer active.
INSERT INTO customer (customer_id, code, name, lifecycle, country, terms, payment_method, policy_group) VALUES (3, 'P3', 'Prospect three', 'prospect', 'BE', 'net 30', 'transfer', 'export');
INSERT INTO onboarding_check (check_code, name, kind, policy_group) VALUES ('sanctions', 'Sanction lists searched', 'manual', 'export');
UPDATE onboarding_check SET active = false WHERE check_code IN ('insurance', 'limit');
SELECT is(request_onboarding(3) > 0, true, '001-11 a prospect abroad');
SELECT results_eq('SELECT check_code FROM onboarding_check_status WHERE onboarding_id = pg_temp.latest()', $$VALUES ('analysis'::text), ('bank_details'), ('contact'), ('sanctions'), ('terms')$$, '001-11 has the checks of its country and group that are active');
SELECT review_onboarding(pg_temp.latest()) \g /dev/null
SELECT is(pg_temp.as_role('ob_manager', q), e, '001-10 rejected: ' || q) FROM (VALUES
    (1, 'SELECT reject_onboarding(#, NULL)', '22023 an onboarding is rejected for a reason'), (2, 'SELECT reject_onboarding(#, ''on a sanction list'')', 'rejected'),
    (3, 'SELECT record_onboarding_result(#, ''sanctions'', ''pass'', ''a mistake'')', format('CR012 onboarding %s is not open', pg_temp.latest()))) v (n, q, e) ORDER BY n;
SELECT is((SELECT lifecycle FROM customer WHERE customer_id = 3), 'prospect', '001-10 who is rejected stays a prospect');
SELECT is((SELECT status FROM place_order(3, 1)), 'held', '001-09 whose orders are held');
SELECT is(request_onboarding(3) > 0, true, '001-10 and may be asked for again');
SELECT throws_ok(q, e, NULL, '001-11 ' || q) FROM (VALUES ('INSERT INTO onboarding_check (check_code, name, kind) VALUES (''d'', ''d'', ''document'')', '23514'), ('INSERT INTO onboarding_check (check_code, name, kind) VALUES (''d'', ''d'', ''other'')', '23514'),
    ('DELETE FROM onboarding_check WHERE check_code = ''siren''', '23503'), ('TRUNCATE onboarding_check CASCADE', 'CR010')) v (q, e);
INSERT INTO contact (customer_id, email) VALUES (3, 'ap@example.com');
SELECT is((SELECT satisfied FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'contact'), true, '001-11 a contact that can be reached');
UPDATE contact SET bounced_on = '2026-04-01' WHERE customer_id = 3;
SELECT is((SELECT satisfied || ' ' || result FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'contact'), 'false fail', '001-11 and one that cannot');
UPDATE onboarding_check SET mandatory = true WHERE check_code = 'bank_details';
SELECT record_document(3, 'bank_details') AS rib \gset
SELECT is((SELECT satisfied || ' ' || reason FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'bank_details'), 'true issued 2026-04-08', '001-11 a document in force');
SELECT withdraw_document(:rib, 'of another company') \g /dev/null
SELECT is((SELECT satisfied || ' ' || reason FROM evaluate_onboarding(pg_temp.latest()) WHERE check_code = 'bank_details'), 'false none on record', '001-11 withdrawn, it fails again');

-- 001-12 Documents and their days -------------------------------------------------------------------
INSERT INTO customer (customer_id, code, name, siren) VALUES (10, 'D10', 'Documents', '404833048');
SELECT results_eq('SELECT kind, validity_months, required FROM document_kind WHERE validity_months IS NOT NULL ORDER BY 2', $$VALUES ('kbis'::text, 3, false), ('urssaf_vigilance', 6, false), ('tax_compliance', 12, false)$$, '001-12 how long each kind holds; none is required until somebody says so');
SELECT is(pg_temp.as_role('ob_clerk', q), e, '001-12 a clerk: ' || left(q, 70)) FROM (VALUES
    (1, format('SELECT record_document(10, ''kbis'', ''2026-01-15'', NULL, ''kbis.pdf'', %L, ''Infogreffe'')', upper(encode(sha256('x'), 'hex'))), '3'),
    (2, 'SELECT record_document(10, ''identity'', ''2020-05-01'', ''2030-04-30'')', '4'), (3, 'SELECT record_document(10, ''articles'')', '5'),
    (4, 'SELECT record_document(99, ''kbis'')', 'CR004 customer 99 does not exist'), (5, 'SELECT record_document(10, ''passport'')', '23503 there is no kind of document ''passport'''), (6, 'SELECT record_document(10, NULL)', '23503 there is no kind of document NULL'),
    (7, 'SELECT record_document(10, ''kbis'', ''2026-04-09'')', 'CR003 a document cannot be issued on 2026-04-09, which is in the future'),
    (8, 'SELECT record_document(10, ''kbis'', ''2026-04-08'', ''2026-04-07'')', 'CR003 a document of 2026-04-08 cannot hold until 2026-04-07, which is before'),
    (9, 'UPDATE document_kind SET required = true', '42501 permission denied for table document_kind')) v (n, q, e) ORDER BY n;
SELECT throws_ok(q, e, NULL, '001-12 ' || q) FROM (VALUES ('SELECT record_document(10, ''kbis'', sha256 => ''12'')', '23514'), ('SELECT record_document(10, ''kbis'', ''infinity'')', 'CR003'), ('SELECT record_document(10, ''articles'', ''-infinity'')', '23514'),
    ('UPDATE customer_document SET valid_until = ''2027-01-01''', 'CR010'), ('DELETE FROM customer_document', 'CR010'), ('TRUNCATE customer_document', 'CR010'), ('DELETE FROM customer WHERE customer_id = 10', '23503')) v (q, e);
SELECT results_eq('SELECT kind, issued_on, valid_until, sha256, source, recorded_by FROM customer_document WHERE document_id = 3', format($$VALUES ('kbis'::text, date '2026-01-15', date '2026-04-14', %L, 'Infogreffe'::text, 'ob_clerk'::text)$$, encode(sha256('x'), 'hex')), '001-12 a Kbis of 15 January holds until 14 April');
SELECT results_eq('SELECT kind, valid_until FROM customer_document_in_force WHERE customer_id = 10', $$VALUES ('articles'::text, NULL::date), ('identity', '2030-04-30'), ('kbis', '2026-04-14')$$, '001-12 what is in force');
SELECT results_eq('SELECT code, kind, valid_until, days_left, expired FROM document_expiring', $$VALUES ('D10'::text, 'kbis'::text, date '2026-04-14', 6, false)$$, '001-12 a Kbis that expires within 30 days appears');
SELECT is_empty('SELECT * FROM documents_expiring(5)', '001-12 not yet within 5');
UPDATE ledger SET pinned_date = '2026-04-14';
SELECT is((SELECT count(*) FROM customer_document_in_force WHERE kind = 'kbis'), 1::bigint, '001-12 on its last day it is in force');
UPDATE ledger SET pinned_date = '2026-04-15';
SELECT results_eq('SELECT code, kind, days_left, expired FROM document_expiring', $$VALUES ('D10'::text, 'kbis'::text, -1, true)$$, '001-12 an expired Kbis appears');
SELECT is((SELECT count(*) FROM customer_document_in_force WHERE kind = 'kbis'), 0::bigint, '001-12 and is not in force');
SELECT record_document(10, 'kbis', '2026-04-10') AS new_kbis \gset
SELECT is_empty('SELECT * FROM document_expiring', '001-12 a new one takes its place');
SELECT withdraw_document(:new_kbis, 'of a namesake') AS withdrawal \gset
SELECT is((SELECT document_id FROM document_expiring), 3::bigint, '001-12 recorded by mistake and withdrawn, the one before counts again');
SELECT throws_ok(format(q, :new_kbis, :withdrawal), e, NULL, '001-12 ' || q) FROM (VALUES ('SELECT withdraw_document(%1$s, ''again'')', '23505'), ('SELECT withdraw_document(%2$s, ''a withdrawal'')', 'CR007'), ('SELECT withdraw_document(99, ''nothing'')', 'CR007'), ('SELECT withdraw_document(3, '''')', '22023'), ('SELECT withdraw_document(3, NULL)', '22023')) v (q, e);
UPDATE customer SET lifecycle = 'former' WHERE customer_id = 10;
SELECT is_empty('SELECT * FROM document_expiring', '001-12 of former customers nobody asks for documents');
UPDATE customer SET lifecycle = 'customer' WHERE customer_id = 10;
SELECT is((SELECT string_agg(event, ' ' ORDER BY event_no) FROM customer_timeline(10) WHERE object = 'customer_document'), 'document document document document document_withdrawn', '001-12 documents in the customer''s life');

-- 001-15 The certificate at the order ---------------------------------------------------------------
INSERT INTO customer (customer_id, code, name, country) VALUES (11, 'D11', 'Belgian', 'BE');
SELECT record_document(10, 'urssaf_vigilance', '2025-10-16') \g /dev/null
SELECT is((SELECT valid_until FROM latest_customer_document WHERE kind = 'urssaf_vigilance'), date '2026-04-15', '001-15 a certificate holds for 6 months');
UPDATE document_kind SET required = true WHERE kind IN ('urssaf_vigilance', 'tax_compliance');
SELECT results_eq('SELECT code, kind, issued_on FROM required_document_lacking WHERE customer_id IN (10, 11)', $$VALUES ('D10'::text, 'tax_compliance'::text, NULL::date)$$, '001-15 what is required of a French company and missing');
SELECT record_document(10, 'tax_compliance', '2026-04-01') \g /dev/null
SELECT is_empty('SELECT * FROM documents_lacking(10)', '001-15 nothing is lacking');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('document_expired', 'warn', 0) RETURNING rule_id AS rule \gset
SELECT is((SELECT outcome FROM place_order(10, 10, 'U1')), 'passed', '001-15 on its last day the order passes');
UPDATE ledger SET pinned_date = '2026-04-16';
SELECT is(credit_figures(10)->>'expired_documents', '1', '001-15 the day after, one is expired');
SELECT is((SELECT status || ' ' || outcome || ' ' || reasons::text FROM place_order(10, 10, 'U2')), 'open warned {document_expired}', '001-15 and the rule warns');
SELECT is((SELECT status || ' ' || outcome FROM place_order(11, 10, 'U3')), 'open passed', '001-15 not of a customer abroad');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('document_expired', 'hold', 0);
SELECT is((SELECT status || ' ' || reasons::text FROM place_order(10, 10, 'U4')), 'held {document_expired}', '001-15 or holds');
SELECT is((SELECT cure FROM credit_decision WHERE document_no = 'U4' ORDER BY decision_id LIMIT 1), 'passes once the required documents are on record and in force', '001-15 with what would cure it');
SELECT record_document(10, 'urssaf_vigilance', '2026-04-16') \g /dev/null
SELECT is((SELECT status FROM place_order(10, 10, 'U5')), 'open', '001-15 renewed, orders pass');
SELECT results_eq($$SELECT kind FROM documents_lacking(10, '2026-03-01')$$, $$VALUES ('tax_compliance'::text)$$, '001-15 asked for an earlier day');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
UPDATE ledger SET pinned_date = '2027-04-16';
SELECT is((SELECT status || ' ' || outcome FROM place_order(10, 10, 'U6')), 'open passed', '001-15 without a rule nothing is asked');
SELECT pg_temp.laws('001-15');

-- Former is no way around the approval.
INSERT INTO customer (customer_id, code, name, lifecycle) VALUES (980, 'P980', 'Prospect', 'prospect'), (981, 'C981', 'Customer', 'customer');
INSERT INTO credit_limit (customer_id, amount) VALUES (980, 1000), (981, 1000);
SELECT is((SELECT status FROM place_order(980, 100, 'P980/1')), 'held', '001-09 a prospect''s order is held');
UPDATE customer SET lifecycle = 'former' WHERE customer_id IN (980, 981);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SELECT is((SELECT status FROM sales_order WHERE order_no = 'P980/1'), 'held', '001-09 and stays so when the prospect is called former');
SELECT is((SELECT status || ' ' || reasons::text FROM place_order(980, 100)), 'held {not_onboarded}', '001-09 as does another one');
SELECT is((SELECT status FROM place_order(981, 100)), 'open', '001-09 who was a customer before needs no approval');
SELECT is_empty('SELECT * FROM verify()', '001-09 verify()');
SELECT * FROM finish();
ROLLBACK;
