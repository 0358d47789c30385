-- Credit insurance: deadlines, lost cover, claims, indemnities, recoveries:
-- rows 000-23 and 004-13.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('claimed') \g /dev/null
SET LOCAL search_path = claimed, credit_risk, public;
UPDATE ledger SET pinned_date = '2025-12-20', no_limit = 'pass';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text;
BEGIN
    EXECUTE statement;
    RETURN 'passed';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''));
END $$;
CREATE FUNCTION pg_temp.deadlines(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', obligation, deadline, 'done ' || done_on, CASE WHEN missed THEN 'missed' END), ', ' ORDER BY deadline, obligation DESC) FROM claimed.insurance_deadline WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.figures(id bigint, extra numeric DEFAULT 0) RETURNS jsonb LANGUAGE sql AS $$
    SELECT claimed.document_figures(claimed.credit_figures(id), jsonb_build_object('amount', extra, 'document_amount', extra), a.exposure, a.exposure + extra)
    FROM claimed.credit_account a WHERE a.customer_id = id $$;
CREATE FUNCTION pg_temp.law(what text) RETURNS text LANGUAGE sql AS $$ SELECT is_empty('SELECT * FROM claimed.verify()', what || ': verify()') $$;

INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('PA', 'After', '2025-01-01'), ('PB', 'Before', '2025-06-01');
INSERT INTO insurance_terms (policy_no, insured_pct, max_extension_days, notification_days, hand_over_days, claim_deadline_days, waiting_months, nql, aggregate_first_loss, max_liability)
VALUES ('PA', 90, 60, 30, 30, 180, 5, 1000, 20000, 100000);
INSERT INTO insurance_terms (policy_no, insured_pct, waiting_months, waiting_start, aggregate_first_loss, afl_basis, recoveries) VALUES ('PB', 90, 0, 'due_date', 20000, 'before', 'insurer_first');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) SELECT i, 'PA', 80000, '2025-10-01' FROM generate_series(1, 19) i;
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) SELECT i, 'PB', 80000, '2025-10-01' FROM generate_series(20, 38) i;

-- 004-13 Deadlines ---------------------------------------------------------------------
SELECT is_empty('SELECT * FROM insurance_deadline', '004-13 before: nothing is open, nothing is due to the insurer');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 1, 'A', '2025-10-15', '2025-11-30', 100000);
SELECT is(pg_temp.deadlines(1), 'overdue notice 2025-12-30, stop shipment 2026-01-29, hand over 2026-02-28, claim 2026-05-29', '004-13 each deadline by the terms, from the original due date');
SELECT results_eq($$SELECT code, invoice_no, obligation, deadline - business_date() AS days_left, insured_at_risk FROM insurance_deadline WHERE done_on IS NULL AND deadline <= business_date() + 15 ORDER BY deadline$$,
    $$VALUES ('C1', 'A', 'overdue notice', 10, 72000.00)$$, '004-13 which cover do I lose: the question as it is asked');
SELECT is(watch_insurance(), 1::bigint, '004-13 the night raises an alert of what is due within 15 days');
SELECT is((SELECT severity || ' ' || message_en FROM open_alert), 'critical Invoice A: overdue notice under PA by 2025-12-30, or cover of 72000.00 is at risk', '004-13 in words');
SELECT is(watch_insurance(), 0::bigint, '004-13 once');
UPDATE open_item SET agreed_due_on = '2026-06-30' WHERE invoice_id = 1;
SELECT is(pg_temp.deadlines(1), 'overdue notice 2025-12-30, stop shipment 2026-01-29, hand over 2026-02-28, claim 2026-05-29', '004-13 a later date that was agreed changes none');
SELECT throws_ok(s, e, NULL, '004-13 ' || s) FROM (VALUES ($$SELECT declare_to_insurer(1, 'overdue notice', '2025-12-21', 'PA')$$, 'CR003'), ($$SELECT declare_to_insurer(1, 'overdue notice', '2025-10-14', 'PA')$$, 'CR003'),
    ($$SELECT declare_to_insurer(1, 'a wish', NULL, 'PA')$$, '23514'), ($$SELECT declare_to_insurer(999)$$, 'CR007'), ($$SELECT declare_to_insurer(1)$$, 'CR007'), ($$SELECT declare_to_insurer(1, policy_no => 'PX')$$, 'CR007')) v (s, e);
-- another one that nobody declares
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (2, 2, 'B', '2025-10-15', '2025-11-30', 10000), (3, 3, 'C', '2025-10-15', '2025-11-30', 10000);
SELECT declare_to_insurer(1, policy_no => 'PA', reference => 'N-1') AS n1 \gset
SELECT matches(pg_temp.deadlines(1), '^overdue notice 2025-12-30 done 2025-12-20,', '004-13 declared in time');
SELECT is(watch_insurance(), 3::bigint, '004-13 its alert is closed, two others are raised');
SELECT is((SELECT string_agg(key, ', ' ORDER BY key) FROM open_alert), 'B overdue notice PA, C overdue notice PA', '004-13 those that nobody declared');
UPDATE ledger SET pinned_date = '2025-12-30';
SELECT is((SELECT insured FROM covered_exposure(2)), 9000::numeric, '004-13 on the last day cover stands');
UPDATE ledger SET pinned_date = '2025-12-31';
SELECT is((SELECT concat_ws(' ', insured, at_risk, covered) FROM covered_exposure(2)), '0.00 9000.00 10000', '004-13 the day after it is lost: nothing of the invoice is insured');
SELECT is((SELECT lost || ' ' || at_risk FROM insured_invoice WHERE invoice_id = 2), 'true 9000.00', '004-13 the invoice says so');
SELECT is((SELECT missed || ' ' || lost || ' ' || insured_at_risk FROM insurance_deadline WHERE invoice_id = 2 AND obligation = 'overdue notice'), 'true true 9000.00', '004-13 and the deadline, with what it cost');
SELECT is((pg_temp.figures(2)->>'own_risk')::numeric, 10000::numeric, '004-13 it is own risk');
SELECT declare_to_insurer(2, policy_no => 'PA') \g /dev/null
SELECT is((SELECT insured FROM covered_exposure(2)), 0::numeric, '004-13 a notice that is late brings nothing back');
SELECT declare_to_insurer(3, 'overdue notice', '2025-12-29', 'PA') AS n3 \gset
SELECT is((SELECT insured FROM covered_exposure(3)), 9000::numeric, '004-13 one that was made in time and recorded later does');
INSERT INTO insurer_notice (customer_id, reversal_of) VALUES (3, :n3);
SELECT is((SELECT insured FROM covered_exposure(3)), 0::numeric, '004-13 and not once it is taken back');
SELECT throws_ok(format('INSERT INTO insurer_notice (customer_id, reversal_of) VALUES (3, %s)', :n3), '23505', NULL, '004-13 once');
SELECT throws_ok(s, 'CR010', NULL, '004-13 ' || s) FROM (VALUES ('UPDATE insurer_notice SET declared_on = ''2025-12-01'''), ('DELETE FROM insurer_notice'), ('TRUNCATE insurer_notice')) v (s);
SELECT is((SELECT insured FROM covered_exposure(1)), 72000::numeric, '004-13 who was declared stays insured');

-- stop of shipments
UPDATE ledger SET pinned_date = '2026-01-29';
SELECT is((pg_temp.figures(1)->>'items_past_extension'), '0', '004-13 on the last day of the extension shipments go on');
UPDATE ledger SET pinned_date = '2026-01-30';
SELECT is((pg_temp.figures(1)->>'items_past_extension'), '1', '004-13 after it an invoice is past the extension');
INSERT INTO blocking_rule (kind, checkpoint, action, threshold) VALUES ('past_extension', 'delivery', 'hold', 0);
SELECT is((SELECT j.outcome || ' ' || j.reasons::text FROM pg_temp.figures(1) f, judge_credit('standard', policy_version_in_force(), 'delivery', f) j), 'held {past_extension}', '004-13 a delivery is held');
SELECT is((SELECT j.outcome FROM pg_temp.figures(4) f, judge_credit('standard', policy_version_in_force(), 'delivery', f) j), 'passed', '004-13 that of another customer is not');
SELECT matches(pg_temp.fails('INSERT INTO delivery (customer_id, amount) VALUES (1, 500)'), '^CR001 .* past_extension', '004-13 and refused where it is written all the same');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (1, 'PA', 200000);
INSERT INTO delivery (customer_id, amount) VALUES (1, 500);
SELECT is((SELECT reason || ' ' || covered FROM covered_items('{1}') WHERE source = 'delivery'), 'stopped 0', '004-13 what is delivered all the same is not insured, whatever the limit');
SELECT is((SELECT done_on IS NULL AND missed FROM insurance_deadline WHERE invoice_id = 1 AND obligation = 'stop shipment'), true, '004-13 the stop is missed while nothing stops');
UPDATE customer SET blocked = true WHERE customer_id = 1;
SELECT is((SELECT done_on FROM insurance_deadline WHERE invoice_id = 1 AND obligation = 'stop shipment'), '2026-01-30'::date, '004-13 a block stops shipments');
SELECT place_invoice(1, 'insurer', 'insurer') \g /dev/null
SELECT is((SELECT done_on || ' ' || missed FROM insurance_deadline WHERE invoice_id = 1 AND obligation = 'hand over'), '2026-01-30 false', '004-13 and a placement hands over');
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('PD', 'By invoice date', '2025-01-01');
INSERT INTO insurance_terms (policy_no, max_extension_days, mep_start) VALUES ('PD', 90, 'invoice_date');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (39, 'PD', 1000, '2025-10-01');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (39, 39, 'D', '2025-11-01', '2026-01-15', 100);
SELECT is((SELECT deadline FROM insurance_deadline WHERE invoice_id = 39 AND policy_no = 'PD'), '2026-01-30'::date, '004-13 an extension that counts from the invoice');
SELECT pg_temp.law('004-13 deadlines');

-- 000-23 Indemnity -----------------------------------------------------------------------
UPDATE ledger SET pinned_date = '2026-03-02';
SELECT is(pg_temp.fails($$SELECT make_claim(2, '{2}', policy_no => 'PA')$$), 'CR012 | invoice B cannot be claimed under policy PA | Its cover is lost: due on 2025-11-30, it was not declared within 30 days.', '004-13 an invoice whose cover is lost is not claimed');
SELECT is(pg_temp.fails($$SELECT make_claim(4, '{2}', policy_no => 'PA')$$), 'CR012 | invoice 2 cannot be claimed under policy PA | There is no such invoice of this customer.', '004-13 nor that of another');
SELECT make_claim(1, '{1}', policy_no => 'PA', reference => 'S-1') AS c1 \gset
SELECT is((SELECT concat_ws(' ', status, loss, covered, insured_pct, insurance_year, waiting_until) FROM insurance_claim_status WHERE claim_id = :c1), 'waiting 100000 80000 90 2026-01-01 2026-08-02', '004-13 a claim waits five months from its declaration');
SELECT matches(pg_temp.deadlines(1), 'claim 2026-05-29 done 2026-03-02, indemnity 2026-08-02$', '004-13 the claim is made, the indemnity owed from then');
SELECT is(pg_temp.fails($$SELECT make_claim(1, '{1}', policy_no => 'PA')$$), format('CR012 | invoice A cannot be claimed under policy PA | It is in claim %s.', :c1), '004-13 once');
SELECT results_eq(format('SELECT loss, covered, insured_pct, nql, first_loss_left, max_liability_left, first_loss_used, indemnity FROM claim_figures(%s)', :c1),
    'VALUES (100000::numeric, 80000::numeric, 90::numeric, 1000::numeric, 20000::numeric, 100000::numeric, 20000::numeric, 52000::numeric)', '000-23 loss 100,000, limit 80,000, 90 %, first loss 20,000 after it: 52,000');
SELECT is(pg_temp.fails(format('SELECT settle_claim(%s)', :c1)), format('CR012 | claim %s waits until 2026-08-02 | It was made on 2026-03-02.', :c1), '004-13 not before the end of the waiting period');
UPDATE ledger SET pinned_date = '2026-08-02';
SELECT is((SELECT status FROM insurance_claim_status WHERE claim_id = :c1), 'due', '004-13 then it is owed');
SELECT throws_ok(format('SELECT settle_claim(%s, 52000.01)', :c1), 'CR003', NULL, '000-23 more than is owed');
SELECT throws_ok(format('SELECT settle_claim(%s, paid_on => ''2026-08-03'')', :c1), 'CR003', NULL, '000-23 a day to come');
SELECT is(settle_claim(:c1), 52000::numeric, '000-23 the indemnity is recorded');
SELECT is((SELECT concat_ws(' ', status, indemnity, first_loss_used, own_loss) FROM insurance_claim_status WHERE claim_id = :c1), 'indemnified 52000.00 20000.00 48000.00', '000-23 48,000 stay with us');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 1), 100000::numeric, '000-23 the debt stays');
SELECT is(claim_indemnity(:c1), 52000::numeric, '000-23 and the account of it stays as it was');
SELECT throws_ok(format('SELECT settle_claim(%s)', :c1), 'CR012', NULL, '000-23 once');
SELECT matches(pg_temp.deadlines(1), 'indemnity 2026-08-02 done 2026-08-02$', '004-13 the last obligation, the insurer''s own, is done');
-- before it
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (20, 20, 'A', '2026-05-15', '2026-06-30', 100000);
SELECT make_claim(20, '{20}', policy_no => 'PB') AS c2 \gset
SELECT is((SELECT status || ' ' || insurance_year || ' ' || waiting_until FROM insurance_claim_status WHERE claim_id = :c2), 'due 2026-06-01 2026-06-30', '000-23 another insurance year, and a wait from the due date');
SELECT is(claim_indemnity(:c2), 54000::numeric, '000-23 the first loss before the percentage: 54,000');
SELECT settle_claim(:c2) \g /dev/null
-- a threshold, a first loss used up, the maximum liability
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, tax_amount) VALUES
    (5, 5, 'A', '2026-06-01', '2026-07-10', 800, 0), (6, 6, 'A', '2026-06-01', '2026-07-10', 50000, 0), (7, 7, 'A', '2026-06-01', '2026-07-10', 50000, 0);
SELECT declare_to_insurer(i, policy_no => 'PA') FROM generate_series(5, 7) i \g /dev/null
SELECT make_claim(5, '{5}', 'insolvency', 'PA') AS c5, make_claim(6, '{6}', 'insolvency', 'PA') AS c6, make_claim(7, '{7}', 'insolvency', 'PA') AS c7 \gset
SELECT is((SELECT concat_ws(' ', indemnity, first_loss_used) FROM claim_figures(:c5)), '0.00 0.00', '000-23 a loss of 800 below the threshold of 1,000 pays nothing and uses no first loss');
SELECT is((SELECT concat_ws(' ', first_loss_left, max_liability_left, indemnity) FROM claim_figures(:c6)), '0.00 48000.00 45000.00', '000-23 the first loss of the year is used up, 48,000 of its maximum are left');
SELECT is(settle_claim(:c6), 45000::numeric, '000-23 insolvency waits for nothing');
SELECT is(claim_indemnity(:c7), 3000::numeric, '000-23 the maximum liability of the year cuts the last one');
UPDATE ledger SET pinned_date = '2027-01-05';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 8, 'A', '2026-11-01', '2026-12-31', 50000);
SELECT declare_to_insurer(8, policy_no => 'PA') \g /dev/null
SELECT make_claim(8, '{8}', 'insolvency', 'PA') AS c8 \gset
SELECT is((SELECT concat_ws(' ', first_loss_left, max_liability_left, indemnity) FROM claim_figures(:c8)), '20000.00 100000.00 25000.00', '000-23 another year begins anew') ;
-- a first loss of each claim; a large yearly one
INSERT INTO insurance_terms (policy_no, valid_from, insured_pct, each_first_loss, aggregate_first_loss) VALUES ('PA', '2027-01-01', 90, 0, 100000), ('PB', '2027-01-01', 90, 1000, 0);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (9, 9, 'A', '2027-01-02', '2027-01-03', 50000), (21, 21, 'A', '2027-01-02', '2027-01-03', 50000);
SELECT make_claim(9, '{9}', 'insolvency', 'PA') AS c9, make_claim(21, '{21}', 'insolvency', 'PB') AS c21 \gset
SELECT is((SELECT concat_ws(' ', trim_scale(first_loss_used), trim_scale(indemnity)) FROM claim_figures(:c9)), '45000 0', '000-23 45,000 count for a first loss of 100,000, nothing is paid');
SELECT is(settle_claim(:c9), 0::numeric, '000-23 an indemnity of nothing is on record');
SELECT is(claim_indemnity(:c21), 44000::numeric, '000-23 a first loss of each claim of 1,000');
-- recoveries
SELECT is(share_recovery(:c1, 10000), 5200::numeric, '004-13 a recovery of 10,000 is shared pro rata: 52 % are the insurer''s');
SELECT is(share_recovery(:c1, 33.33), 17.33::numeric, '004-13 to the cent');
SELECT is((SELECT concat_ws(' ', recovered, insurer_share, own_share, own_loss) FROM insurance_claim_status WHERE claim_id = :c1), '10033.33 5217.33 4816.00 43184.00', '004-13 and own loss falls by our share');
SELECT is(share_recovery(:c1, 89966.67), 46782.67::numeric, '004-13 all of it: the insurer has its 52,000');
SELECT is((SELECT own_loss FROM insurance_claim_status WHERE claim_id = :c1), 0::numeric, '004-13 and nobody a loss');
SELECT throws_ok(format('SELECT share_recovery(%s, 0.01)', :c1), 'CR003', NULL, '004-13 not more than the loss');
SELECT is(trim_scale(share_recovery(:c2, 50000)) || ' ' || trim_scale(share_recovery(:c2, 10000)), '50000 4000', '004-13 where the policy says so, the insurer first');
SELECT is(share_recovery(:c7, 10000), 0::numeric, '004-13 what comes before the indemnity makes the loss smaller');
SELECT is((SELECT loss FROM claim_figures(:c7)), 40000::numeric, '004-13 which is 40,000 then');
SELECT is(close_claim(:c5, 'refused', 'below the threshold'), 'refused', '004-13 a claim is refused');
SELECT is((SELECT kind FROM task WHERE customer_id = 5), 'claim_refused', '004-13 which is a task');
SELECT lives_ok($$SELECT make_claim(5, '{5}', 'insolvency', 'PA')$$, '004-13 and may be made again');
SELECT throws_ok(s, e, NULL, '004-13 ' || s) FROM (VALUES (format('SELECT share_recovery(%s, 5)', :c5), 'CR012'), ('SELECT share_recovery(999, 5)', 'CR007'), (format('SELECT share_recovery(%s, -5)', :c1), 'CR003'), ('SELECT settle_claim(NULL)', 'CR007'),
    ('SELECT claim_indemnity(999)', 'CR007'), (format('SELECT close_claim(%s, ''paid'', ''x'')', :c8), '22023'), (format('SELECT close_claim(%s, ''refused'', '''')', :c8), '22023'),
    ($$SELECT make_claim(9, '{}', policy_no => 'PA')$$, '22023'), ($$SELECT make_claim(9, '{9}', 'theft', 'PA')$$, '22023'), ($$SELECT make_claim(9, '{9}', policy_no => 'PA', opened_on => '2027-01-06')$$, 'CR003'), ($$SELECT make_claim(9, '{9}')$$, 'CR007'),
    ('UPDATE insurance_claim SET loss = 1', 'CR010'), ('DELETE FROM insurance_claim', 'CR010'), ('UPDATE insurance_claim_invoice SET loss = 1', 'CR010'), ('DELETE FROM insurance_recovery', 'CR010'), ('TRUNCATE insurance_claim CASCADE', 'CR010')) v (s, e);
-- the deadline of the claim; without tax
UPDATE ledger SET pinned_date = '2027-06-30';
INSERT INTO insurance_terms (policy_no, valid_from, insured_pct, indemnity_basis, claim_deadline_days) VALUES ('PB', '2027-02-01', 90, 'HT', 60);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, tax_amount) VALUES (22, 22, 'A', '2027-03-01', '2027-04-30', 12000, 2000), (23, 23, 'A', '2027-03-01', '2027-05-31', 120000, 20000);
SELECT is(pg_temp.fails($$SELECT make_claim(22, '{22}', policy_no => 'PB')$$), 'CR012 | invoice A cannot be claimed under policy PB | The claim had to be made by 2027-06-29.', '004-13 a claim after its deadline');
SELECT is((SELECT missed FROM insurance_deadline WHERE invoice_id = 22 AND obligation = 'claim'), true, '004-13 is missed');
SELECT make_claim(23, '{23}', policy_no => 'PB') AS c23 \gset
SELECT is((SELECT loss || ' ' || covered FROM insurance_claim WHERE claim_id = :c23), '100000.00 66666.67', '000-23 a loss without tax: 100,000, of which 80,000 with tax are covered');
SELECT is(claim_indemnity(:c23), 60000.00, '000-23 at 90 percent');
SELECT pg_temp.law('000-23');

SELECT * FROM finish();
ROLLBACK;
