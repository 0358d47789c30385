-- Credit insurance: policy, requests, cover, own risk: rows 000-21, 001-16 to
-- 001-18, 001-20, 001-21, 001-23, 001-24, 004-18 and 004-19.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('insured') \g /dev/null
SET LOCAL search_path = insured, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', max_rate_age = 366;
INSERT INTO exchange_rate VALUES ('USD', '2026-01-01', 0.8), ('USD', '2026-03-01', 0.9);
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 60) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (99, 'SITE', 'A site', 1);
INSERT INTO credit_limit (customer_id, amount) SELECT i, NULL FROM generate_series(1, 60) i;
CREATE FUNCTION pg_temp.covered(id bigint, day date DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', coalesce(trim_scale(cover_limit)::text, 'none'), trim_scale(eligible), trim_scale(covered), trim_scale(insured)) FROM insured.covered_exposure(id, day) $$;
CREATE FUNCTION pg_temp.figures(id bigint, extra numeric DEFAULT 0, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT insured.document_figures(insured.credit_figures(id), jsonb_build_object('amount', extra, 'document_amount', extra) || more, a.exposure, a.exposure + extra)
    FROM insured.credit_account a WHERE a.customer_id = id $$;
CREATE FUNCTION pg_temp.reasons(id bigint, extra numeric, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', j.outcome, nullif(array_to_string(j.reasons, ','), ''))
    FROM pg_temp.figures(id, extra, more) f, insured.judge_credit('standard', insured.policy_version_in_force(), 'order', f || more) j $$;
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'passed';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.tasks(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(kind, ' ' ORDER BY task_id) FROM insured.task WHERE customer_id = id AND closed_on IS NULL $$;
CREATE FUNCTION pg_temp.law(what text) RETURNS text LANGUAGE sql AS $$ SELECT is_empty('SELECT * FROM insured.verify()', what || ': verify()') $$;

-- Before any policy ----------------------------------------------------------------
SELECT is(pg_temp.figures(1, 100) ?| '{cover_limit,cover_excess,cover_withdrawn,insured}', false, '001-21 before: without a policy there is no figure of cover');
SELECT is((pg_temp.figures(1, 100)->>'own_risk')::numeric, 100::numeric, '001-21 before: and all exposure is own risk');
SELECT matches(pg_temp.fails('SELECT request_cover(1, 100)'), '^CR007 \| there is no insurance policy in force', '001-16 no request without a policy');

INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct, unnamed_pct, unnamed_cap, discretionary_cap, notice_days) VALUES ('P1', 90, 75, 10000, 20000, 0);
SELECT is((SELECT concat_ws(' ', currency, claims) FROM insurance_policy), 'EUR 0', 'a policy is in base currency where nothing else is said');
SELECT is((SELECT valid_from FROM insurance_terms), '2026-01-01'::date, 'its terms begin with it');
SELECT throws_ok(s, e, NULL, '000-23 ' || s) FROM (VALUES
    ($$INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P1', 0)$$, '23514'), ($$INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P1', 100.1)$$, '23514'),
    ($$INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P1', 'NaN')$$, '23514'), ($$INSERT INTO insurance_terms (policy_no, unnamed_pct) VALUES ('P1', -1)$$, '23514'),
    ($$INSERT INTO insurance_terms (policy_no, nql) VALUES ('P1', 1.001)$$, 'CR011'), ($$INSERT INTO insurance_terms (policy_no, max_liability) VALUES ('P1', -1)$$, '23514'),
    ($$INSERT INTO insurance_terms (policy_no, valid_from) VALUES ('P1', '2025-12-31')$$, 'CR003'), ($$INSERT INTO insurance_terms (policy_no) VALUES ('P9')$$, '23502'),
    ($$INSERT INTO insurance_policy (policy_no, insurer, currency) VALUES ('PX', 'X', 'JPY')$$, 'CR006'), ($$UPDATE insurance_policy SET insurer = 'Y'$$, 'CR010'),
    ($$UPDATE insurance_terms SET insured_pct = 95$$, 'CR010'), ('DELETE FROM insurance_policy', 'CR010'), ('TRUNCATE insurance_terms CASCADE', 'CR010')) v (s, e);

-- 001-16 Requests --------------------------------------------------------------------
UPDATE ledger SET pinned_date = '2026-02-02';
SELECT request_cover(1, 100000) AS r1 \gset
SELECT is((SELECT status || ' ' || amount || ' ' || currency FROM insurance_request_status WHERE request_id = :r1), 'requested 100000 EUR', '001-16 a request waits for its answer');
SELECT throws_ok('SELECT request_cover(1, 5)', '23505', NULL, '001-16 one is open at a time');
SELECT is(pg_temp.fails(format($$INSERT INTO insurance_cover (customer_id, amount, request_id) VALUES (1, 100000, %s)$$, :r1)),
    'CR012 | request ' || :r1 || ' cannot create cover | It is not answered yet. | answer_request() records what the insurer grants; appeal_request() asks again.', '001-16 a request that is not answered creates no cover');
UPDATE ledger SET pinned_date = '2026-02-09';
SELECT answer_request(:r1, 100000, valid_from => '2026-02-10') AS k1 \gset
SELECT is((SELECT concat_ws(' ', status, granted_pct, days) FROM insurance_request_status WHERE request_id = :r1), 'granted 100.00 7', '001-16 granted in full, after 7 days');
SELECT is((SELECT concat_ws(' ', cover_kind, decision, amount, valid_from, request_id = :r1) FROM insurance_cover WHERE cover_id = :k1), 'named granted 100000 2026-02-10 t', '001-16 and linked to the cover that it gave');
SELECT is(pg_temp.tasks(1), NULL, '001-16 there is nothing to do');
SELECT request_cover(2, 50000, motive => 'new customer') AS r2 \gset
SELECT throws_ok(format('SELECT answer_request(%s, 0)', :r2), '22023', 'a refusal has a reason', '001-16 a refusal has a reason');
SELECT is(answer_request(:r2, 0, 'weak accounts'), NULL, '001-16 a refusal gives no cover');
SELECT is((SELECT count(*) FROM insurance_cover WHERE customer_id = 2 AND amount > 0), 0::bigint, '001-16 not a cent of it');
SELECT matches(pg_temp.fails(format($$INSERT INTO insurance_cover (customer_id, amount, request_id) VALUES (2, 50000, %s)$$, :r2)), '^CR012 .* It is refused', '001-16 nor by hand');
SELECT throws_ok(format('SELECT answer_request(%s, 50000)', :r2), 'CR012', NULL, '001-16 what is answered is answered');
SELECT appeal_request(:r2, 'a guarantee of the parent') AS r3 \gset
SELECT is((SELECT status || ' ' || (appeal_id = :r3) FROM insurance_request_status WHERE request_id = :r2), 'appealed true', '001-16 a refusal is appealed against');
SELECT is((SELECT status || ' ' || (appeal_of = :r2) FROM insurance_request_status WHERE request_id = :r3), 'requested true', '001-16 by a request that waits');
SELECT throws_ok(format($$SELECT appeal_request(%s, 'again')$$, :r2), '23505', NULL, '001-16 once');
SELECT throws_ok(format($$SELECT appeal_request(%s, 'x')$$, :r1), 'CR012', NULL, '001-16 what was granted in full is not appealed against');
SELECT throws_ok('SELECT appeal_request(999, NULL)', 'CR007', NULL, '001-16 nor what is not there');
UPDATE ledger SET pinned_date = '2026-02-12';
SELECT is(answer_request(:r3, 20000, 'in part') > 0, true, '001-16 the appeal is granted in part');
SELECT is((SELECT status || ' ' || granted_pct FROM insurance_request_status WHERE request_id = :r3), 'partial 40.00', '001-16 40 percent of it');
SELECT throws_ok(format($$INSERT INTO insurance_cover (customer_id, amount, request_id) VALUES (2, 30000, %s)$$, :r3), 'CR003', NULL, '001-16 more than was granted');
SELECT request_cover(3, 10) AS r4 \gset
SELECT is(withdraw_request(:r4, 'no order after all'), 'withdrawn', '001-16 one that is withdrawn');
SELECT throws_ok(format('SELECT withdraw_request(%s)', :r4), 'CR012', NULL, '001-16 is closed');
SELECT results_eq('SELECT policy_no, month, requests, answered, granted, partial, refused, open, avg_days, max_days FROM insurance_turnaround',
    $$VALUES ('P1', date '2026-02-01', 4::bigint, 3::bigint, 1::bigint, 1::bigint, 1::bigint, 0::bigint, 3.3, 7)$$, '001-16 how long the insurer takes');
SELECT throws_ok(s, e, NULL, '001-16 ' || s) FROM (VALUES ('SELECT request_cover(99, 5)', 'CR004'), ('SELECT request_cover(999, 5)', 'CR004'), ('SELECT request_cover(4, 0)', '23514'),
    ('SELECT request_cover(4, 1.001)', 'CR011'), ($$SELECT request_cover(4, 5, 'P9')$$, 'CR007'), ('SELECT answer_request(999, 5)', 'CR007'), ('SELECT answer_request(NULL, 5)', 'CR007'),
    ('UPDATE insurance_request SET amount = 1', 'CR010'), ('DELETE FROM insurance_request', 'CR010'), ('TRUNCATE insurance_request CASCADE', 'CR010')) v (s, e);
SELECT pg_temp.law('001-16');

-- 001-18 Refusals ---------------------------------------------------------------------
SELECT is(pg_temp.tasks(2), 'cover_refused cover_insufficient', '001-18 a refusal and a grant in part are tasks');
SELECT is((SELECT subject FROM task WHERE customer_id = 2 AND kind = 'cover_refused'), 'Cover under P1 refused from 2026-02-09: 0 EUR (weak accounts)', '001-18 with the reason');
SELECT is((SELECT string_agg(kind || ' ' || severity, ', ' ORDER BY alert_id) FROM open_alert WHERE customer_id = 2), 'cover_refused warning, cover_insufficient warning', '001-18 and alerts');
SELECT results_eq('SELECT customer_id, answer, granted_pct, negative FROM insurer_opinion ORDER BY 1', $$VALUES (1::bigint, 'full', 100.00, false), (2, 'partial', 40.00, false)$$, '001-18 the insurer''s last word, for scores; who was never asked has none');
SELECT request_cover(4, 100) AS r5 \gset
SELECT answer_request(:r5, 0, 'unknown there') \g /dev/null
SELECT is((SELECT answer || ' ' || granted_pct || ' ' || negative FROM insurer_opinion WHERE customer_id = 4), 'refused 0 true', '001-18 a refusal is a negative opinion');
SELECT request_cover(1, 300000) AS r6 \gset
SELECT is(answer_request(:r6, 0, 'enough'), NULL, '001-18 an increase that is refused');
SELECT is((SELECT limit_base FROM cover_lines('{1}', '{2026-03-01}')), 100000::numeric, '001-18 leaves the limit that stands');
SELECT is(pg_temp.tasks(1), 'cover_refused', '001-18 and is a task');
SELECT is((SELECT answer || ' ' || negative FROM insurer_opinion WHERE customer_id = 1), 'full false', '001-18 not a negative opinion of the buyer');

-- 001-17, 000-21 Covered exposure -------------------------------------------------------
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 11, 'A', '2026-02-09', '2026-03-31', 30000), (1, 12, 'B', '2026-02-10', '2026-03-31', 80000);
SELECT is(pg_temp.covered(1), '100000 110000 80000 72000', '001-17 what was delivered before the limit began is not covered: 90 percent of 80,000');
INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount) VALUES (1, 13, '2026-02-20', 50000);
SELECT is(pg_temp.covered(1), '100000 160000 100000 90000', '001-17 deliveries not invoiced too, up to the limit');
SELECT results_eq('SELECT source, coalesce(invoice_id, delivery_id), eligible, covered, trunc(insured, 2), reason FROM covered_items(''{1}'') ORDER BY covered_on, reason NULLS FIRST',
    $$VALUES ('invoice', 11::bigint, 30000::numeric, 0::numeric, 0::numeric, 'limit'), ('invoice', 12, 80000, 80000, 72000, NULL), ('delivery', 13, 20000, 20000, 18000, NULL), ('delivery', 13, 30000, 0, 0, 'limit')$$, '001-17 item by item');
SELECT is(pg_temp.covered(1, '2026-02-09'), 'none 30000 0 0', '001-17 on the day before, nothing was decided');
SELECT is(pg_temp.covered(1, '2026-02-15'), '100000 110000 80000 72000', '001-17 as of a past day');
SELECT is(pg_temp.covered(1, '2026-03-02'), pg_temp.covered(1), '001-17 by the facts it is as by state');
SELECT pg_temp.law('001-17');
-- a cut
INSERT INTO insurance_cover (customer_id, decision, amount, valid_from, reason) VALUES (1, 'reduced', 40000, '2026-02-25', 'late accounts');
SELECT is(pg_temp.covered(1), '40000 160000 100000 90000', '001-17 a cut leaves what was delivered before');
SELECT is(pg_temp.tasks(1), 'cover_refused cover_reduced', '001-17 and is a task at once');
SELECT is((SELECT message_en || ' / ' || message_fr FROM open_alert WHERE customer_id = 1 AND kind = 'cover_reduced'),
    'The insurer has reduced the cover from 2026-02-25: 40000 EUR instead of 100000 / L''assureur a réduit la garantie à compter du 2026-02-25 : 40000 EUR au lieu de 100000', '001-17 and an alert, in two languages');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 14, 'C', '2026-02-26', '2026-03-31', 1000);
SELECT is(pg_temp.covered(1), '40000 161000 100000 90000', '001-17 a delivery after it finds no room');
SELECT is((pg_temp.figures(1, 10)->>'cover_excess')::numeric, 61010::numeric, '001-21 what was delivered without cover is beyond it, what was covered is not');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 12, '2026-03-01', 80000);
SELECT is(pg_temp.covered(1), '40000 81000 80000 72000', '001-17 cash not matched is taken off the oldest: what is then uncovered came after the cut');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 12, 12, 80000);
SELECT is(pg_temp.covered(1), '40000 81000 50000 45000', '001-17 matched with the covered invoice it leaves the delivery of 50,000');
SELECT pg_temp.law('001-17 after a cut');
INSERT INTO insurance_cover (customer_id, decision, reason) VALUES (1, 'cancelled', 'deterioration');
SELECT is(pg_temp.covered(1), '0 81000 50000 45000', '001-17 a cancellation neither');
SELECT is((pg_temp.figures(1, 10)->>'cover_withdrawn'), '1', '001-17 but cover is withdrawn');
SELECT is((SELECT decision || ' ' || amount || ' ' || valid_from FROM insurance_cover WHERE customer_id = 1 ORDER BY cover_id DESC LIMIT 1), 'cancelled 0 2026-03-02', '001-17 from today, where nothing else is said');

-- a property: insured is at most min(limit, eligible) times the percentage, whatever the deliveries, payments and credit notes
INSERT INTO insurance_cover (customer_id, amount, valid_from, insured_pct) SELECT c, 1000 * c, '2026-01-01', 60 + c FROM generate_series(21, 30) c;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount, tax_amount)
SELECT 21 + n % 10, 10000 + n, 'R' || n, CASE WHEN n % 7 = 0 THEN 'credit_note' ELSE 'invoice' END, date '2026-01-01' + n % 59, '2026-04-30', round((n * 7919 % 9973) * 1.37 + 1, 2), 0
FROM generate_series(1, 200) n;
INSERT INTO payment (customer_id, received_on, amount) SELECT c, '2026-03-01', (c * 977 % 4001) FROM generate_series(21, 30) c;
SELECT is_empty($$SELECT c.customer_id, x.*, k.limit_base FROM generate_series(21, 30) c (customer_id) CROSS JOIN LATERAL covered_exposure(c.customer_id) x
    JOIN cover_lines(ARRAY(SELECT generate_series(21, 30)), ARRAY(SELECT date '2026-03-02' FROM generate_series(21, 30))) k USING (customer_id)
    WHERE NOT (x.insured <= least(x.cover_limit, x.eligible) * k.insured_pct / 100 AND x.insured >= 0 AND x.covered <= x.cover_limit AND x.covered <= x.eligible)$$,
    '000-21 insured is never more than min(limit, eligible) times the percentage');
SELECT isnt_empty('SELECT FROM generate_series(21, 30) c (customer_id) CROSS JOIN LATERAL covered_exposure(c.customer_id) x WHERE x.covered = x.cover_limit AND x.eligible > x.covered', '000-21 somewhere the limit is used up');
SELECT is((SELECT sum(x.eligible) FROM generate_series(21, 30) c CROSS JOIN LATERAL covered_exposure(c) x), (SELECT sum(greatest(exposure, 0)) FROM credit_account WHERE customer_id BETWEEN 21 AND 30), '000-21 what is eligible is the exposure, here without orders');
SELECT is_empty($$SELECT c, d FROM generate_series(21, 30) c CROSS JOIN generate_series(date '2026-01-01', '2026-03-02', '7 days') d CROSS JOIN LATERAL covered_exposure(c, d::date) x
    WHERE x.insured > least(x.cover_limit, x.eligible) * (60 + c) / 100$$, '000-21 nor on any past day');
SELECT is((SELECT sum(insured) FROM exposure_split() WHERE customer_id BETWEEN 21 AND 30), (SELECT sum(x.insured) FROM generate_series(21, 30) c CROSS JOIN LATERAL covered_exposure(c) x), '000-21 all at once as one by one');
SELECT is_empty('SELECT * FROM exposure_split() WHERE insured + guaranteed + own_risk <> greatest(exposure, 0) OR own_risk < 0 OR insured < 0', '001-23 insured + guaranteed + own risk is the exposure, of everybody');
-- without tax, at another percentage, in another currency
INSERT INTO insurance_policy (policy_no, insurer, currency, valid_from) VALUES ('P2', 'Other', 'USD', '2026-01-01');
INSERT INTO insurance_terms (policy_no, limit_basis, insured_pct, max_terms_days, withdrawal_cuts) VALUES ('P2', 'HT', 80, 60, 'orders');
SELECT is(pg_temp.fails('INSERT INTO insurance_cover (customer_id, amount) VALUES (5, 1)'), 'CR007 | which insurance policy is not said | In force are P1, P2. | Give its policy_no.', '000-21 of two policies one is named');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (5, 'P2', 1000, '2026-03-01');
INSERT INTO invoice (customer_id, invoice_no, amount, tax_amount) VALUES (5, 'HT', 1200, 200);
SELECT is(pg_temp.covered(5), '900 1200 900 720', '000-21 a limit without tax: 900 of 1,000 EUR at 80 percent, in base currency');
SELECT is((SELECT string_agg(format('%s %s', eligible, coalesce(reason, 'covered')), ', ' ORDER BY covered DESC) FROM covered_items('{5}')), '1080.00 covered, 120.00 limit', '000-21 900 without tax are 1,080 with it');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (6, 'P2', 1000, '2026-03-01');
INSERT INTO invoice (customer_id, invoice_no, due_on, amount) VALUES (6, 'long', '2026-05-02', 100), (6, 'ok', '2026-05-01', 100);
SELECT is((SELECT string_agg(format('%s %s %s', due_on, covered, coalesce(reason, 'covered')), ', ' ORDER BY due_on) FROM covered_items('{6}')), '2026-05-01 100 covered, 2026-05-02 0 terms', '000-21 terms longer than the policy allows are not covered');
-- only new orders are cut
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (7, 'P2', 1000, '2026-01-01');
INSERT INTO sales_order (customer_id, order_id, ordered_on, amount) VALUES (7, 71, '2026-01-15', 500), (7, 72, '2026-02-20', 500);
INSERT INTO insurance_cover (customer_id, policy_no, decision, valid_from) VALUES (7, 'P2', 'cancelled', '2026-02-01');
INSERT INTO delivery (customer_id, order_id, amount) VALUES (7, 71, 500), (7, 72, 500);
SELECT is(pg_temp.covered(7), '0 1000 500 400', '001-17 a policy that cuts new orders covers what was ordered before');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (8, 'P1', 1000, '2026-01-01');
INSERT INTO sales_order (customer_id, order_id, ordered_on, amount) VALUES (8, 81, '2026-01-15', 500);
INSERT INTO insurance_cover (customer_id, policy_no, decision, valid_from) VALUES (8, 'P1', 'cancelled', '2026-02-01');
INSERT INTO delivery (customer_id, order_id, amount) VALUES (8, 81, 500);
SELECT is(pg_temp.covered(8), '0 500 0 0', '001-17 one that cuts new deliveries does not');
-- two insurers, drafts, disputes, what is no delivery
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (9, 'P1', 1000, '2026-01-01'), (9, 'P2', 1000, '2026-03-01');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (9, 91, 'A', '2026-03-01', '2026-03-31', 1500);
SELECT is((SELECT string_agg(format('%s %s %s', policy_no, trim_scale(covered), trunc(insured, 2)), ', ' ORDER BY policy_no) FROM covered_items('{9}')), 'P1 1000 900.00, P2 500 400.00', '000-21 a second insurer covers what the first leaves');
INSERT INTO payment (customer_id, payment_id, amount, method, acceptance, matures_on) VALUES (9, 92, 1500, 'draft', 'accepted', '2026-05-31');
SELECT is(pg_temp.covered(9), '1900 1500 1500 1300', '000-21 a draft that waits pays nothing yet');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (9, 92, 91, 1500);
SELECT is(pg_temp.covered(9), '1900 1500 1500 1300', '000-21 nor when it is matched');
SELECT is(pg_temp.covered(9, '2026-03-02'), pg_temp.covered(9), '000-21 nor by the facts');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (10, 'P1', 1000, '2026-01-01');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount)
VALUES (10, 101, 'A', 'invoice', '2026-03-01', '2026-03-31', 300), (10, 102, 'DP', 'down_payment', '2026-03-01', '2026-03-31', 50), (10, 103, 'LC', 'late_charge', '2026-03-01', '2026-03-31', 40);
SELECT open_dispute(101, 100, 'quality') \g /dev/null
SELECT is(pg_temp.covered(10), '1000 200 200 180', '000-21 a disputed part, down payments and late charges are not insured');
SELECT pg_temp.law('000-21');

-- 001-20 Kinds of cover -------------------------------------------------------------------
INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (11, 'P1', 'unnamed');
SELECT is((SELECT concat_ws(' ', amount, currency, amount_base) FROM insurance_cover WHERE customer_id = 11), '10000 EUR 10000', '001-20 unnamed cover is at the policy''s cap');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (11, 'A', 12000);
SELECT is(pg_temp.covered(11), '10000 12000 10000 7500', '001-20 at its own percentage');
SELECT is(pg_temp.fails($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, amount) VALUES (12, 'P1', 'unnamed', 10000.01)$$),
    'CR003 | unnamed cover of 10000.01 EUR is above the cap of policy P1 | The cap is 10000 EUR. | A higher limit is asked for by request_cover().', '001-20 and never above it');
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, currency, amount) VALUES (12, 'P1', 'unnamed', 'USD', 11111.12)$$, 'CR003', NULL, '001-20 in no currency');
SELECT lives_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, currency, amount) VALUES (12, 'P1', 'unnamed', 'USD', 11111.11)$$, '001-20 up to it in each');
INSERT INTO insurance_terms (policy_no, valid_from, insured_pct, unnamed_pct, unnamed_cap, discretionary_cap) VALUES ('P1', '2026-03-02', 90, 75, 8000, 20000);
SELECT is(pg_temp.covered(11), '8000 12000 8000 6000', '001-20 nor above a cap that came down for the deliveries of that day');
SELECT is((SELECT limit_base FROM cover_lines('{11}', '{2026-03-01}')), NULL, '001-20 before its first day there is none');
INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, decision, reason) VALUES (11, 'P1', 'named', 'refused', 'no information');
SELECT is(pg_temp.covered(11), '0 12000 0 0', '001-20 the insurer''s zero decision of the same day ends it');
SELECT is(pg_temp.fails($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (11, 'P1', 'unnamed')$$),
    'CR012 | the insurer has refused cover of customer 11: unnamed cover is not to be had | By decision ' || (SELECT max(cover_id) FROM insurance_cover WHERE customer_id = 11)
    || ', from 2026-03-02: no information. | Ask for a named limit by request_cover().', '001-20 and it is not taken again');
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, report_on) VALUES (11, 'P1', 'discretionary', '2026-03-01')$$, 'CR012', NULL, '001-20 a discretionary limit neither');
SELECT lives_ok($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (11, 'P1', 500)$$, '001-20 only the insurer grants again');
INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, valid_from) VALUES (13, 'P1', 'unnamed', '2026-01-01');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (13, 'P1', 50000, '2026-01-10');
INSERT INTO insurance_cover (customer_id, policy_no, decision, valid_from) VALUES (13, 'P1', 'cancelled', '2026-02-01');
SELECT is((SELECT string_agg(format('%s %s', cover_kind, limit_base), ', ' ORDER BY day) FROM cover_lines('{13,13,13}', '{2026-01-05,2026-01-20,2026-02-10}')), 'unnamed 10000, named 50000, named 0', '001-20 a named limit that is cancelled does not fall back to unnamed');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from, valid_to) VALUES (14, 'P1', 5000, '2026-01-01', NULL), (14, 'P1', 9000, '2026-02-01', '2026-02-28');
SELECT is((SELECT string_agg(limit_base::text, ', ' ORDER BY day) FROM cover_lines('{14,14,14}', '{2026-01-31,2026-02-28,2026-03-01}')), '5000, 9000, 5000', '001-20 a temporary limit falls back to the one before');
INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (15, 'P1', 'excluded');
SELECT is((SELECT cover_kind || ' ' || decision || ' ' || limit_base FROM cover_lines('{15}', '{2026-03-02}')), 'excluded refused 0', '001-20 a buyer that the policy excludes');
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (15, 'P1', 'unnamed')$$, 'CR012', NULL, '001-20 has no unnamed cover');
-- discretionary: a report, or purchases paid on time
SELECT is(pg_temp.fails($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (16, 'P1', 'discretionary')$$),
    'CR012 | customer 16 does not meet the conditions of a discretionary limit | The policy asks for 2 purchases of 12 months, all paid on time, or a report of at most 12 months. | Give the date of a report as report_on, or ask for a named limit by request_cover().', '001-20 a discretionary limit has conditions');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (16, 161, 'A', '2025-10-01', '2025-10-31', 100), (16, 162, 'B', '2025-11-01', '2025-11-30', 100), (16, 163, 'C', '2025-12-01', '2025-12-31', 100), (16, 164, 'D', '2026-02-25', '2026-03-31', 100);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (16, 161, '2025-11-03', 100), (16, 162, '2025-11-30', 100), (16, 163, '2026-01-04', 100);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (16, 161, 161, 100);
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (16, 'P1', 'discretionary')$$, 'CR012', NULL, '001-20 one is overdue');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (16, 162, 162, 100);
SAVEPOINT late;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (16, 163, 163, 100);
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (16, 'P1', 'discretionary')$$, 'CR012', NULL, '001-20 one was paid 4 days late');
ROLLBACK TO late;
SELECT reverse_invoice(163, '2025-12-31') \g /dev/null
SELECT lives_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (16, 'P1', 'discretionary')$$, '001-20 two that were paid in time, one that is not due yet');
SELECT is((SELECT limit_base FROM cover_lines('{16}', '{2026-03-02}')), 20000::numeric, '001-20 up to its cap');
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, report_on) VALUES (17, 'P1', 'discretionary', '2025-03-01')$$, 'CR012', NULL, '001-20 a report of more than a year is too old');
SELECT throws_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, report_on) VALUES (17, 'P1', 'discretionary', '2026-03-03')$$, 'CR012', NULL, '001-20 one to come is none');
SELECT lives_ok($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, report_on) VALUES (17, 'P1', 'discretionary', '2025-03-02')$$, '001-20 one of a year is a report');
-- for everybody
SAVEPOINT everybody;
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P3', 'Third', '2026-03-02');
INSERT INTO insurance_terms (policy_no, unnamed_cap, unnamed_for_all) VALUES ('P3', 700, true);
SELECT is((SELECT cover_kind || ' ' || limit_base FROM cover_lines('{18}', '{2026-03-02}')), 'unnamed 700', '001-20 where the policy says so, whoever was not decided about has unnamed cover');
INSERT INTO insurance_cover (customer_id, policy_no, cover_kind) VALUES (18, 'P3', 'excluded');
SELECT is((SELECT limit_base FROM cover_lines('{18}', '{2026-03-02}')), 0::numeric, '001-20 until the insurer decides');
ROLLBACK TO everybody;
SELECT throws_ok(s, e, NULL, '001-20 ' || s) FROM (VALUES
    ($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (99, 'P1', 5)$$, 'CR004'), ($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (20, 'P9', 5)$$, 'CR007'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (20, 'P1', 5, '2025-12-31')$$, 'CR003'), ($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (20, 'P1', 0)$$, '23514'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (20, 'P1', -5)$$, '23514'), ($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (20, 'P1', 'NaN')$$, '23514'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (20, 'P1', 1.005)$$, 'CR011'), ($$INSERT INTO insurance_cover (customer_id, policy_no, amount, insured_pct) VALUES (20, 'P1', 5, 0)$$, '23514'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, decision, amount) VALUES (20, 'P1', 'cancelled', 0)$$, 'CR012'), ($$INSERT INTO insurance_cover (customer_id, policy_no, decision, amount) VALUES (14, 'P1', 'reduced', 10000)$$, 'CR012'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, decision, amount) VALUES (20, 'P1', 'refused', 5)$$, '23514'), ($$INSERT INTO insurance_cover (customer_id, policy_no, decision, valid_to) VALUES (20, 'P1', 'refused', '2026-12-31')$$, '23514'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, contract_no) VALUES (20, 'P1', 'unnamed', 'X')$$, '23514'), ($$INSERT INTO insurance_cover (customer_id, policy_no, cover_kind, amount) VALUES (20, 'P1', 'maybe', 5)$$, '23514'),
    ($$INSERT INTO insurance_cover (customer_id, policy_no, amount, request_id) VALUES (20, 'P1', 5, 999)$$, 'CR012'), ('UPDATE insurance_cover SET amount = 1', 'CR010'), ('DELETE FROM insurance_cover', 'CR010'), ('TRUNCATE insurance_cover', 'CR010')) v (s, e);
SELECT pg_temp.law('001-20');

-- 004-18 Cover of a contract ------------------------------------------------------------------
INSERT INTO insurance_cover (customer_id, policy_no, contract_no, amount, insured_pct, valid_from) VALUES (31, 'P1', 'A', 50000, 95, '2026-02-01');
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (31, 'P1', 10000, '2026-02-01');
INSERT INTO sales_order (customer_id, order_id, ordered_on, amount, contract_no) VALUES (31, 311, '2026-02-01', 40000, 'A'), (31, 312, '2026-02-01', 40000, 'B'), (31, 313, '2026-02-01', 40000, NULL);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, issued_on, due_on, amount) VALUES (31, 312, 'B', 312, '2026-02-10', '2026-03-31', 30000);
SELECT is(pg_temp.covered(31), '60000 30000 10000 9000', '004-18 before: an invoice of contract B has the buyer''s limit only');
SELECT is_empty($$SELECT * FROM covered_items('{31}') WHERE cover_contract_no = 'A'$$, '004-18 cover of contract A never pays it');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, issued_on, due_on, amount) VALUES (31, 311, 'A', 311, '2026-02-11', '2026-03-31', 35000);
SELECT results_eq('SELECT invoice_id, coalesce(cover_contract_no, ''buyer''), covered, trunc(insured, 2) FROM covered_items(''{31}'') WHERE covered > 0 ORDER BY 1',
    $$VALUES (311::bigint, 'A', 35000::numeric, 33250::numeric), (312, 'buyer', 10000, 9000)$$, '004-18 the invoice of contract A takes its own cover, at its own percentage');
INSERT INTO delivery (customer_id, order_id, delivered_on, amount) VALUES (31, 312, '2026-02-20', 10000), (31, 313, '2026-02-20', 5000);
SELECT is((SELECT sum(covered) FROM covered_items('{31}') WHERE cover_contract_no = 'A'), 35000::numeric, '004-18 deliveries of another contract or none leave it alone, though it has room');
INSERT INTO insurance_cover (customer_id, policy_no, decision) VALUES (31, 'P1', 'cancelled');
INSERT INTO delivery (customer_id, order_id, amount) VALUES (31, 311, 1000);
INSERT INTO invoice (customer_id, invoice_no, order_id, amount) VALUES (31, 'A2', 311, 5000);
SELECT is((SELECT sum(covered) FROM covered_items('{31}') WHERE cover_contract_no = 'A'), 40000::numeric, '004-18 the buyer''s limit is cancelled, that of the contract stands');
SELECT is((pg_temp.figures(31, 100)->>'cover_withdrawn') || (pg_temp.figures(31, 100, '{"contract_no": "A"}')->>'cover_withdrawn'), '10', '004-18 cover is withdrawn for an order without a contract, not for one of A');
INSERT INTO insurance_cover (customer_id, policy_no, contract_no, amount, valid_from) VALUES (32, 'P1', 'A', 100, '2026-02-01'), (32, 'P1', NULL, 300, '2026-02-01');
INSERT INTO sales_order (customer_id, order_id, ordered_on, amount, contract_no) VALUES (32, 321, '2026-02-01', 500, 'A');
INSERT INTO invoice (customer_id, invoice_no, order_id, amount) VALUES (32, 'A', 321, 500);
SELECT results_eq('SELECT coalesce(cover_contract_no, policy_no, ''none''), covered FROM covered_items(''{32}'') ORDER BY covered', $$VALUES ('none', 0::numeric), ('A', 100), ('P1', 300)$$, '004-18 what a contract''s cover leaves takes the buyer''s');
SELECT pg_temp.law('004-18');

-- 001-21 Beyond the cover; own risk ---------------------------------------------------------------
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (41, 'P1', 1000, '2026-02-01'), (42, 'P1', 1000, '2026-02-01');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (41, 'A', 600);
SELECT is(pg_temp.reasons(41, 5000), 'passed', '001-21 before: no rule, no reason');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('over_cover', 'hold', 0);
SELECT is(pg_temp.reasons(41, 400), 'passed', '001-21 up to the insurer''s limit');
SELECT is(pg_temp.reasons(41, 400.01), 'held over_cover', '001-21 beyond it');
SELECT is((SELECT j.cure FROM pg_temp.figures(41, 500) f, judge_credit('standard', policy_version_in_force(), 'order', f) j),
    'passes once exposure has fallen by 100, the insurer''s limit is raised by as much or own risk of it is approved', '001-21 and what would cure it');
SELECT is((SELECT concat_ws(' ', f->>'cover_limit', f->>'cover_excess', f->>'insured', f->>'own_risk') FROM pg_temp.figures(41, 500) f), '1000 100 900.00 200.00', '001-21 its figures: 1,100 of exposure, 900 insured');
SELECT is(pg_temp.reasons(41, 500, '{"prepaid": 1}'), 'passed', '001-21 what is paid before takes no credit');
SELECT throws_ok($$SELECT approve_own_risk(41, 300, '2026-03-01', 'x')$$, 'CR003', NULL, '001-21 own risk is approved until a day to come');
SELECT approve_own_risk(41, 100, '2026-03-10', 'a good customer', 'the board') AS a1 \gset
SELECT is((SELECT concat_ws(' ', amount, valid_until, reason, approved_by, recorded_by = current_user) FROM own_risk_approval WHERE approval_id = :a1), '100 2026-03-10 a good customer the board t', '001-21 an approval with amount, end, reason and author');
SELECT is(pg_temp.reasons(41, 500), 'passed', '001-21 counts as cover');
SELECT is(pg_temp.reasons(41, 500.01), 'held over_cover', '001-21 up to its amount');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (41, 411, 'O1', 500), (42, 421, 'O2', 1000), (42, 422, 'O3', 1);
SELECT results_eq('SELECT order_no, status FROM sales_order WHERE customer_id IN (41, 42) ORDER BY 1', $$VALUES ('O1', 'open'), ('O2', 'open'), ('O3', 'held')$$, '001-21 at the order itself');
SELECT is((SELECT outcome || ' ' || reasons::text FROM credit_decision WHERE order_id = 422), 'held {over_cover}', '001-21 with the reason');
UPDATE ledger SET pinned_date = '2026-03-11';
SELECT is(pg_temp.reasons(41, 0.01), 'held over_cover', '001-21 it has expired');
UPDATE ledger SET pinned_date = '2026-03-02';
SELECT approve_own_risk(41, 200, '2026-03-31', 'more') AS a2 \gset
SELECT is((SELECT string_agg(amount || ' ' || coalesce(outcome, 'open'), ', ' ORDER BY approval_id) FROM own_risk_approval), '100 replaced, 200 open', '001-21 a new approval replaces the one before');
SELECT is(revoke_own_risk(:a2), '2026-03-02'::date, '001-21 it is revoked');
SELECT is(approved_own_risk(41, '2026-03-02'), 0::numeric, '001-21 and counts no more');
SELECT throws_ok(format('SELECT revoke_own_risk(%s)', :a2), 'CR012', NULL, '001-21 once');
SELECT throws_ok(s, e, NULL, '001-21 ' || s) FROM (VALUES ($$SELECT approve_own_risk(99, 5, '2026-12-31', 'x')$$, 'CR004'), ($$SELECT approve_own_risk(999, 5, '2026-12-31', 'x')$$, 'CR004'),
    ($$SELECT approve_own_risk(1, 0, '2026-12-31', 'x')$$, '22023'), ($$SELECT approve_own_risk(1, 5, '2026-12-31', '')$$, '22023'), ($$SELECT approve_own_risk(1, 5, 'infinity', 'x')$$, 'CR003'),
    ($$SELECT approve_own_risk(1, 5.001, '2026-12-31', 'x')$$, 'CR011'), ('UPDATE own_risk_approval SET amount = 1', 'CR010'), ('DELETE FROM own_risk_approval', 'CR010'), ('TRUNCATE own_risk_approval', 'CR010')) v (s, e);
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('own_risk', 'warn', 300);
SELECT is(pg_temp.reasons(43, 300), 'passed', '001-21 own risk up to a threshold') FROM (SELECT retire_rule(rule_id) FROM rule_in_force WHERE kind = 'over_cover') r;
SELECT is(pg_temp.reasons(43, 301), 'warned own_risk', '001-21 and beyond it');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('cover_withdrawn', 'hold', 0);
SELECT is(pg_temp.reasons(43, 5) || ', ' || pg_temp.reasons(13, 5) || ', ' || pg_temp.reasons(15, 5), 'passed, held cover_withdrawn, held cover_withdrawn', '001-21 cover that was cancelled, a buyer that is excluded');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
SELECT pg_temp.law('001-21');

-- 001-23 The limit and the cover --------------------------------------------------------------------
INSERT INTO credit_limit (customer_id, amount) VALUES (41, 5000), (42, 500), (44, 700);
SELECT results_eq('SELECT customer_id, credit_limit, cover_limit, insured, guaranteed, own_risk FROM cover_split WHERE customer_id IN (41, 42, 44) ORDER BY 1',
    $$VALUES (41::bigint, 5000::numeric, 1000::numeric, 900::numeric, 0::numeric, 4100::numeric), (42, 500, 1000, 500, 0, 0), (44, 700, NULL, 0, 0, 700)$$, '001-23 a limit above the cover, one below it, one without');
SELECT is_empty('SELECT * FROM cover_split WHERE credit_limit <> insured + guaranteed + own_risk OR own_risk < 0', '001-23 limit = insured + guaranteed + own risk, of everybody');
SELECT is_empty('SELECT * FROM cover_split WHERE greatest(exposure, 0) <> exposure_insured + exposure_guaranteed + exposure_own_risk', '001-23 the exposure too');
SELECT is((SELECT credit_limit IS NULL AND own_risk IS NULL FROM cover_split WHERE customer_id = 1), true, '001-23 of an unlimited customer no part is told');

-- 001-24 The budget -----------------------------------------------------------------------------------
SELECT own_risk_total() AS total \gset
SELECT is((SELECT budget IS NULL AND own_risk = :total FROM own_risk_budget_use), true, '001-24 before: no budget');
SELECT is(:total, (SELECT sum(greatest(a.exposure, 0)) - sum(s.insured) FROM credit_account a JOIN exposure_split() s USING (customer_id)), '001-24 own risk of the portfolio is its exposure less what is insured');
INSERT INTO own_risk_budget (amount, reason) VALUES (:total + 1000, 'the board');
SELECT approve_own_risk(50, 600, '2026-12-31', 'x') AS b1 \gset
SELECT is((SELECT (committed - :total) || ' ' || left_over FROM own_risk_budget_use), '600.00 400.00', '001-24 an approval commits the budget');
SELECT is(pg_temp.fails($$SELECT approve_own_risk(51, 401, '2026-12-31', 'x')$$), format('CR015 | own risk of 401 for customer 51 is over the budget | With it %s of own risk are taken or approved, 1 more than the budget of %s; the customer stands at 0 now. | Ask the insurer for more cover, take a guarantee, revoke other approvals, or decide a higher own_risk_budget.',
    trim_scale(:total + 1001), :total + 1000), '001-24 approving over the budget is refused, with the figures');
SELECT is((SELECT count(*) FROM own_risk_approval WHERE customer_id = 51), 0::bigint, '001-24 nothing is written');
SELECT lives_ok($$SELECT approve_own_risk(51, 400, '2026-12-31', 'x')$$, '001-24 up to it');
SELECT throws_ok($$SELECT approve_own_risk(50, 601, '2026-12-31', 'x')$$, 'CR015', NULL, '001-24 an approval that grows over it');
SELECT lives_ok($$SELECT approve_own_risk(50, 500, '2026-12-31', 'x')$$, '001-24 one that shrinks');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('uninsured_budget', 'hold', 0);
SELECT is(pg_temp.reasons(52, 1000), 'passed', '001-24 an order within the budget of own risk taken');
SELECT is(pg_temp.reasons(52, 1001), 'held uninsured_budget', '001-24 and one beyond it');
SELECT is((SELECT (f->>'uninsured_budget_excess')::numeric FROM pg_temp.figures(52, 1001) f), 1::numeric, '001-24 by one');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
SELECT is(pg_temp.figures(52, 1001) ? 'own_risk_total', false, '001-24 without the rule the portfolio is not read');
SELECT throws_ok(s, e, NULL, '001-24 ' || s) FROM (VALUES ('INSERT INTO own_risk_budget (amount) VALUES (5)', '23505'), ($$INSERT INTO own_risk_budget (valid_from, amount) VALUES ('2026-04-01', -1)$$, '23514'),
    ('UPDATE own_risk_budget SET amount = 1e9', 'CR010'), ('DELETE FROM own_risk_budget', 'CR010'), ('TRUNCATE own_risk_budget', 'CR010')) v (s, e);
INSERT INTO own_risk_budget (valid_from, amount) VALUES ('2026-03-03', 0);
SELECT is(own_risk_in_force('2026-03-02') || ' ' || own_risk_in_force('2026-03-03'), (:total + 1000) || ' 0', '001-24 a budget is dated');
SELECT pg_temp.law('001-24');

-- 004-19 Orders that need cover ------------------------------------------------------------------------
UPDATE ledger SET pinned_date = '2026-03-02';
SELECT is(pg_temp.reasons(53, 100000), 'passed', '004-19 before: no rule');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('needs_cover', 'hold', 50000);
SELECT is(pg_temp.reasons(53, 49999.99), 'passed', '004-19 an order below the threshold');
SELECT is(pg_temp.reasons(53, 50000), 'held needs_cover', '004-19 from it on cover is needed');
INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (53, 'P1', 49000);
SELECT is(pg_temp.reasons(53, 50000), 'held needs_cover', '004-19 cover of a part is not enough');
SELECT is(pg_temp.reasons(53, 50000, '{"prepaid": 1}'), 'passed', '004-19 prepaid it passes');
INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (53, 'P1', 60000);
SELECT is(pg_temp.reasons(53, 50000), 'passed', '004-19 cover of all of it');
INSERT INTO insurance_cover (customer_id, policy_no, contract_no, amount) VALUES (54, 'P1', 'M1', 60000);
SELECT is(pg_temp.reasons(54, 50000, '{"contract_no": "M1"}') || ', ' || pg_temp.reasons(54, 50000, '{"contract_no": "M2"}'), 'passed, held needs_cover', '004-19 cover of its contract, not of another');
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO own_risk_budget (valid_from, amount) VALUES ('2026-03-01', 1e9);
INSERT INTO sales_order (customer_id, order_id, order_no, amount, contract_no) VALUES (55, 551, 'S1', 30000, 'K'), (55, 552, 'S2', 20000, 'K'), (55, 553, 'S3', 20000, NULL);
SELECT results_eq('SELECT order_no, status FROM sales_order WHERE customer_id = 55 ORDER BY 1', $$VALUES ('S1', 'held'), ('S2', 'held'), ('S3', 'open')$$, '004-19 the orders of a contract are added up');
SELECT is((SELECT reasons::text FROM credit_decision WHERE order_id = 552 ORDER BY decision_id LIMIT 1), '{needs_cover}', '004-19 with the reason of the hold');
SELECT is((SELECT j.cure FROM pg_temp.figures(56, 70000) f, judge_credit('standard', policy_version_in_force(), 'order', f) j),
    'passes with cover of the order or its contract, a guarantee, or own risk approved', '004-19 and the way out');
SELECT pg_temp.law('004-19');

SELECT * FROM finish();
ROLLBACK;
