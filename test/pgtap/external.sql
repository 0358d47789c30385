-- What comes from outside: rows 000-22, 002-05 (its feed), 002-07, 002-08,
-- 004-04 and 004-14 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('outside') \g /dev/null
SET LOCAL search_path = outside, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-10';
INSERT INTO customer (customer_id, code, name, siren) VALUES (1, 'C1', 'One', '732829320'), (2, 'C2', 'Two', '552100554'), (3, 'C3', 'Three', NULL), (4, 'C4', 'Four', NULL),
    (5, 'C5', 'Five', '542065479'), (6, 'C6', 'Six', '542065479'), (8, 'C8', 'Eight', NULL), (9, 'C9', 'Nine', NULL), (10, 'C10', 'Ten', NULL), (11, 'C11', 'Eleven', NULL);
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (7, 'S1', 'Site of one', 1);
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE outside.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.figure(id bigint, what text, d date DEFAULT '2026-03-10', t timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(trim_scale(value)::text, word, 'missing') FROM outside.external_figures(ARRAY[id], d, t) WHERE figure = what $$;
CREATE FUNCTION pg_temp.source(id bigint, what text, d date DEFAULT '2026-03-10') RETURNS text LANGUAGE sql AS
$$ SELECT source FROM outside.external_figures(ARRAY[id], d, 'infinity') WHERE figure = what $$;
CREATE FUNCTION pg_temp.result(r text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(': ', coalesce(outcome, 'waits'), result) FROM outside.external_signal WHERE reference = r $$;

-- 002-07 Providers, scales, the waterfall ---------------------------------------------
INSERT INTO rating_provider (code, name, priority, higher_is_better, delivers, max_age_months) VALUES
    ('coverco', 'CoverCo', 1, false, '{rating,limit}', 12), ('bureau', 'Bureau', 2, true, '{rating,delays,lien,proceeding}', 12), ('press', 'Press', 3, true, '{rating,news}', 6), ('former', 'Former', 1, true, '{rating}', 12);
INSERT INTO rating_scale (provider, edges, upper_closed, scores, pds) VALUES ('coverco', '{2,5,8}', true, '{95,70,40,5}', '{0.001,0.01,0.05,0.2}');
INSERT INTO rating_scale (provider, edges, scores) VALUES ('bureau', '{5,10,15}', '{10,40,65,90}'), ('former', '{5}', '{0,100}');
INSERT INTO rating_scale (provider, letters, scores) VALUES ('press', '{good,fair,bad}', '{80,50,20}');
UPDATE rating_provider SET active = false WHERE code = 'former';
SELECT is((SELECT string_agg(concat_ws(' ', p.who, p.v, coalesce(c.score::text, '-'), c.pd), ', ' ORDER BY p.n)
           FROM (VALUES (1, 'coverco', '-1'), (2, 'coverco', '2'), (3, 'coverco', '2.01'), (4, 'coverco', '9'), (5, 'coverco', 'x'), (6, 'bureau', '4.9'), (7, 'bureau', '5'), (8, 'press', 'fair'), (9, 'press', 'Fair')) p (n, who, v)
           LEFT JOIN LATERAL common_rating(p.who, p.v) c ON true),
    'coverco -1 95 0.001, coverco 2 95 0.001, coverco 2.01 70 0.01, coverco 9 5 0.2, coverco x -, bureau 4.9 10, bureau 5 40, press fair 50, press Fair -',
    '002-07 each provider''s values on one scale, edges in the band that it says, either direction');
SELECT is(pg_temp.figure(1, 'external_rating'), NULL, '002-07 before: never rated, no figure');
INSERT INTO external_rating (customer_id, provider, value, rated_on, reference) VALUES (1, 'press', 'bad', '2026-03-01', 'p1'), (1, 'bureau', '12', '2025-06-01', 'b1'), (1, 'coverco', '4', '2025-03-10', 'c1');
INSERT INTO external_rating (customer_id, provider, value, rated_on) VALUES (2, 'coverco', '1', '2025-03-09'), (2, 'bureau', '3', '2026-01-01'), (2, 'bureau', '16', '2026-02-01'), (3, 'coverco', '1', '2024-12-31'), (3, 'press', 'good', '2025-09-09');
SELECT is((SELECT concat_ws(' ', provider, value, score, pd, rated_on, age_months) FROM rating_in_force('{1}', '2026-03-10', 'infinity')), 'coverco 4 70 0.01 2025-03-10 12', '002-07 three providers: the first by priority wins, 12 months old is not too old');
SELECT is((SELECT concat_ws(' | ', why, array_to_string(ignored, ' | ')) FROM rating_in_force('{1}', '2026-03-10', 'infinity')),
    'coverco: 4 of 2025-03-10, first by priority (1) of what is not too old | bureau: 12 of 2025-06-01, priority 2 | press: bad of 2026-03-01, priority 3', '002-07 and says why, and what it did not take');
SELECT is((SELECT concat_ws(' ', provider, value) FROM rating_in_force('{1}', '2026-03-11', 'infinity')), 'bureau 12', '002-07 a day later it is stale: the next one counts');
SELECT is((SELECT concat_ws(' ', provider, value, array_to_string(ignored, ' | ')) FROM rating_in_force('{2}', '2026-03-10', 'infinity')), 'bureau 16 coverco: 1 of 2025-03-09 is stale, older than 12 months', '002-07 of a provider the last rating; what is stale is said');
SELECT is((SELECT concat_ws(' ', coalesce(provider, 'nobody'), why, array_to_string(ignored, ' | ')) FROM rating_in_force('{3}', '2026-03-10', 'infinity')),
    'nobody every rating is stale coverco: 1 of 2024-12-31 is stale, older than 12 months | press: good of 2025-09-09 is stale, older than 6 months', '002-07 all stale: no rating, and the reason');
SELECT is(concat_ws(' ', pg_temp.figure(1, 'external_rating'), pg_temp.figure(2, 'external_rating'), pg_temp.figure(3, 'external_rating')), '70 90 missing', '002-07 the figure: score of 100; missing where all is stale');
SELECT matches(pg_temp.source(3, 'external_rating'), 'every rating is stale; coverco', '002-07 it says why it is missing');
SELECT is(pg_temp.figure(1, 'external_rating', '2025-06-01') || ' ' || coalesce(pg_temp.figure(1, 'external_rating', '2025-03-09'), '-'), '70 -', '002-07 as of earlier days');
UPDATE rating_provider SET priority = 5 WHERE code = 'coverco';
SELECT is((SELECT provider FROM external_rating_in_force WHERE customer_id = 1), 'bureau', '002-07 another precedence, another winner');
UPDATE rating_provider SET priority = 1 WHERE code = 'coverco';
SELECT isnt(reverse_external_rating((SELECT external_rating_id FROM external_rating WHERE reference = 'c1'), 'of a namesake'), NULL, '002-07 taken back');
SELECT is((SELECT concat_ws(' ', provider, value) FROM rating_in_force('{1}', '2026-03-10', 'infinity')), 'bureau 12', '002-07 it counts no more');
SELECT is((SELECT provider FROM rating_in_force('{1}', '2026-03-09', 'infinity')), 'coverco', '002-07 but as of the day before it did: no look-ahead');
SELECT throws_ok(s, e, NULL, '002-07 ' || s) FROM (VALUES
    ('INSERT INTO external_rating (customer_id, provider, value) VALUES (1, ''bureau'', ''good'')', '22023'), ('INSERT INTO external_rating (customer_id, provider, value) VALUES (1, ''press'', ''12'')', '22023'),
    ('INSERT INTO external_rating (customer_id, provider, value) VALUES (1, ''nobody'', ''12'')', '22023'), ('INSERT INTO external_rating (customer_id, provider, value, rated_on) VALUES (1, ''bureau'', ''12'', ''2026-03-11'')', 'CR003'),
    ('INSERT INTO external_rating (customer_id, provider, value) VALUES (7, ''bureau'', ''12'')', 'CR004'), ('INSERT INTO external_rating (customer_id, provider, value) VALUES (99, ''bureau'', ''12'')', 'CR004'),
    ('INSERT INTO external_rating (customer_id, provider, value, reference) VALUES (1, ''bureau'', ''12'', ''b1'')', '23505'), ('INSERT INTO external_rating (customer_id, provider) VALUES (1, ''bureau'')', '23502'),
    ('SELECT reverse_external_rating(999, ''x'')', 'CR007'), ('SELECT reverse_external_rating((SELECT external_rating_id FROM external_rating WHERE reference = ''c1'' AND reversal_of IS NULL), ''x'')', '23505'), ('SELECT reverse_external_rating(1, '''')', '22023'),
    ('UPDATE external_rating SET value = ''1''', 'CR010'), ('DELETE FROM external_rating', 'CR010'), ('TRUNCATE external_rating', 'CR010'),
    ('INSERT INTO rating_scale (provider, edges, scores) VALUES (''former'', ''{1,2}'', ''{1,2}'')', '23514'), ('UPDATE rating_scale SET scores = ''{95,70,40,50}'' WHERE provider = ''coverco''', '22023'),
    ('UPDATE rating_scale SET edges = ''{2,2,8}'' WHERE provider = ''coverco''', '23514'), ('UPDATE rating_scale SET scores = ''{101,70,40,5}'' WHERE provider = ''coverco''', '23514'), ('UPDATE rating_scale SET letters = ''{a,a,b}'' WHERE provider = ''press''', '22023'),
    ('UPDATE rating_scale SET pds = ''{0.1}'' WHERE provider = ''coverco''', '23514'), ('UPDATE rating_provider SET higher_is_better = true WHERE code = ''coverco''', '22023'), ('UPDATE rating_provider SET max_age_months = 0', '23514')) v (s, e);

-- 002-08 The feed: filed in the statement, twice the same, timestamps shown -------------------
INSERT INTO external_signal (provider, reference, kind, siren, effective_on, payload, provider_at) VALUES
    ('bureau', 'r1', 'rating', '552 100 554', '2026-03-09', '{"value": "7"}', '2026-03-09 18:30:05+00'),
    ('bureau', 'r2', 'rating', '111111118', '2026-03-09', '{"value": "7"}', NULL),
    ('bureau', 'r3', 'rating', '552100554', '2026-03-08', '{"value": "excellent"}', NULL);
SELECT is(pg_temp.figure(2, 'external_rating'), '40', '002-08 a row of the feed is the figure at once');
SELECT matches(pg_temp.source(2, 'external_rating'), 'provider''s time 2026-03-09 18:30:05 UTC', '002-08 the figure shows the provider''s time stamp');
SELECT is((SELECT f.known_at = r.recorded_at FROM external_figures('{2}', '2026-03-10', 'infinity') f JOIN external_rating r ON r.reference = 'r1' WHERE f.figure = 'external_rating'), true, '002-08 and when we knew');
SAVEPOINT kept;
SELECT score_customers('{2}') \g /dev/null
SELECT results_eq($$SELECT s.computed_from -> 'external_rating' ->> 0 LIKE '%provider''s time 2026-03-09 18:30:05 UTC%', (s.computed_from -> 'external_rating' ->> 1)::timestamptz = r.recorded_at FROM customer_score s JOIN external_rating r ON r.reference = 'r1' WHERE s.customer_id = 2$$,
    'VALUES (true, true)', '002-08 computed_from of the score shows the provider''s time stamp and when we knew');
ROLLBACK TO kept;
SELECT is((SELECT concat_ws(' ', last_effective_on, last_provider_at AT TIME ZONE 'UTC', days_silent, filed, waiting) FROM external_feed WHERE provider = 'bureau'), '2026-03-09 2026-03-09 18:30:05 0 1 2', '002-08 how fresh the feed is');
SELECT is(pg_temp.result('r1'), 'filed: rating of C2', '002-08 what it was filed as');
SELECT results_eq('SELECT reference, reason, tries FROM unfiled_signal ORDER BY reference', $$VALUES ('r2', 'no customer has SIREN 111111118', 1), ('r3', 'rating "excellent" is not on the scale of provider "bureau". It has numbers', 1)$$, '002-08 what cannot be filed waits with its reason');
CREATE TEMPORARY TABLE former AS SELECT (SELECT count(*) FROM external_signal) AS signals, (SELECT count(*) FROM external_rating) AS ratings;
INSERT INTO external_signal (provider, reference, kind, siren, effective_on, payload) VALUES ('bureau', 'r1', 'rating', '552100554', '2026-03-09', '{"value": "7"}'), ('bureau', 'r2', 'rating', '111111118', '2026-03-09', '{}'), ('bureau', 'r4', 'rating', '552100554', '2026-03-09', '{"value": "8"}'), ('bureau', 'r4', 'rating', '552100554', '2026-03-09', '{"value": "9"}');
SELECT results_eq('SELECT (SELECT count(*) FROM external_signal) - signals, (SELECT count(*) FROM external_rating) - ratings FROM former', 'VALUES (1::bigint, 1::bigint)', '002-08 a file sent twice changes nothing, in one statement neither');
INSERT INTO customer (customer_id, code, name, siret) VALUES (12, 'C12', 'Late', '11111111800019') ON CONFLICT DO NOTHING;
SELECT is(retry_signals('bureau'), 1::bigint, '002-08 the customer is there: retried');
SELECT is(pg_temp.result('r2') || ' ' || (SELECT customer_id FROM external_signal WHERE reference = 'r2'), 'filed: rating of C12 12', '002-08 filed under the SIREN of its SIRET');
SELECT is((SELECT tries FROM external_signal WHERE reference = 'r3'), 2, '002-08 the other waits on');
SELECT is(set_aside_signal((SELECT signal_id FROM external_signal WHERE reference = 'r3'), 'a word'), 'set_aside', '002-08 set aside by a person');
INSERT INTO external_signal (provider, reference, kind, customer_id, code, effective_on, payload) VALUES
    ('nobody', 'e1', 'rating', 1, NULL, '2026-03-09', '{"value": "7"}'), ('former', 'e2', 'rating', 1, NULL, '2026-03-09', '{"value": "7"}'), ('bureau', 'e3', 'gossip', 1, NULL, '2026-03-09', '{}'),
    ('bureau', 'e4', 'rating', 1, NULL, NULL, '{"value": "7"}'), ('bureau', 'e5', 'rating', 1, NULL, '2026-03-09', '{}'), ('bureau', 'e6', 'lien', NULL, 'C1', '2026-03-09', '{"amount": "much"}'), ('bureau', 'e7', 'rating', NULL, NULL, '2026-03-09', '{"value": "7"}'),
    ('bureau', 'e8', 'rating', NULL, 'S1', '2026-03-09', '{"value": "7"}');
SELECT is(pg_temp.result(r), w, '002-08 ' || w) FROM (VALUES ('e1', 'waits: there is no provider "nobody"'), ('e2', 'waits: provider "former" is not active'), ('e3', 'waits: nothing is known of the kind "gossip"'), ('e4', 'waits: there is no effective date'),
    ('e5', 'waits: the payload has no "value"'), ('e6', 'waits: invalid input syntax for type numeric: "much"'), ('e7', 'waits: no customer has no name at all'), ('e8', 'filed: rating of C1')) v (r, w);
SELECT throws_ok(s, e, NULL, '002-08 ' || s) FROM (VALUES
    ('INSERT INTO external_signal (provider, kind) VALUES (''bureau'', ''rating'')', '23502'), ('INSERT INTO external_signal (provider, reference, kind, payload) VALUES (''bureau'', ''x'', ''rating'', ''[]'')', '23514'),
    ('UPDATE external_signal SET payload = ''{"value": "1"}'' WHERE reference = ''e5''', 'CR010'), ('UPDATE external_signal SET result = ''x'' WHERE reference = ''r1''', 'CR010'), ('DELETE FROM external_signal', 'CR010'), ('TRUNCATE external_signal', 'CR010'),
    ('SELECT set_aside_signal((SELECT signal_id FROM external_signal WHERE reference = ''r1''), ''x'')', 'CR012'), ('SELECT set_aside_signal(999, ''x'')', 'CR012'), ('SELECT set_aside_signal(1, '''')', '22023')) v (s, e);
-- The profile of a register.
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'f1', 'profile', 'C1', '2026-01-01', '{"founded_on": "2023-03-11", "legal_form": "SAS", "employees": 12}'), ('bureau', 'f2', 'profile', 'C1', '2026-03-01', '{"employees": "15", "sector_code": "25.11Z"}');
SELECT is(concat_ws(' ', pg_temp.figure(1, 'firm_age_years'), pg_temp.figure(1, 'firm_age_years', '2026-03-11'), pg_temp.figure(1, 'legal_form'), pg_temp.figure(1, 'employees'), pg_temp.figure(1, 'employees', '2026-02-01'), pg_temp.figure(1, 'sector_code'), pg_temp.figure(1, 'firm_age_years', '2025-12-31')),
    '2 3 SAS 15 12 25.11Z', '002-08 the firm by its register, full years as of the day, each column by its last row');
SELECT is((SELECT concat_ws(' ', founded_on, legal_form, employees, sector_code, valid_from) FROM customer_profile WHERE customer_id = 1), '2023-03-11 SAS 15 25.11Z 2026-03-01', '002-08 today''s profile');
SELECT throws_ok(s, e, NULL, '002-08 ' || s) FROM (VALUES ('INSERT INTO company_profile (customer_id) VALUES (1)', '23514'), ('INSERT INTO company_profile (customer_id, founded_on) VALUES (1, ''2026-03-11'')', 'CR003'), ('UPDATE company_profile SET employees = 1', 'CR010')) v (s, e);

-- 000-22 The insurer's limit and cancellation ------------------------------------------------
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'CoverCo', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P1', 90);
SELECT is(pg_temp.figure(4, 'cover_answer_pct'), NULL, '000-22 before: never asked, no figure');
SELECT request_cover(4, 10000) \g /dev/null
SELECT is(pg_temp.figure(4, 'cover_answer_pct'), NULL, '000-22 asked and not answered is nothing known');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('coverco', 'L1', 'limit', 'C4', '2026-03-01', '{"amount": 8000}');
SELECT is(pg_temp.result('L1'), 'filed: answer to request ' || max(request_id) || ': 8000 EUR', '000-22 the feed answers the request that waits') FROM insurance_request;
SELECT is((SELECT outcome FROM insurance_request WHERE customer_id = 4), 'partial', '000-22 in part');
SELECT is(pg_temp.figure(4, 'cover_answer_pct') || ' ' || pg_temp.figure(4, 'cover_refused'), '80 0', '000-22 80 % of what was asked');
SELECT is(coalesce(pg_temp.figure(4, 'cover_answer_pct', '2026-03-09'), '-'), '-', '000-22 as of the day before the answer nothing');
INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount) VALUES (4, 41, '2026-03-05', 1000);
INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount) VALUES (4, 42, '2026-03-06', 1000);
INSERT INTO invoice (customer_id, invoice_id, delivery_id, invoice_no, amount, issued_on, due_on) VALUES (4, 41, 41, 'D', 1000, '2026-03-05', '2026-04-05'), (4, 42, 42, 'D+1', 1000, '2026-03-06', '2026-04-05');
SELECT results_eq('SELECT invoice_id, covered FROM covered_items(''{4}'') ORDER BY 1', 'VALUES (41::bigint, 1000::numeric), (42, 1000)', '000-22 before: both shipments are covered');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('coverco', 'X1', 'cancellation', 'C4', '2026-03-05', '{"reason": "accounts"}');
SELECT is(pg_temp.result('X1'), 'filed: cover cancelled for deliveries after 2026-03-05', '000-22 cancelled with effect on D');
SELECT results_eq('SELECT invoice_id, covered FROM covered_items(''{4}'') ORDER BY 1', 'VALUES (41::bigint, 1000::numeric), (42, 0)', '000-22 the shipment of D stays covered, that after D is not');
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 4 AND kind = 'cover_cancelled'), 1::bigint, '000-22 with the alert of a cancellation');
SELECT is(pg_temp.figure(4, 'cover_answer_pct') || ' ' || pg_temp.figure(4, 'cover_refused'), '0 1', '000-22 cancelled: 0 of what was asked');
INSERT INTO external_signal (provider, reference, kind, code, siren, effective_on, payload) VALUES
    ('coverco', 'X2', 'cancellation', 'C4', NULL, '2026-03-08', '{}'), ('coverco', 'L2', 'limit', 'C3', NULL, '2026-03-10', '{"amount": 5000, "currency": "EUR", "policy_no": "P1"}'), ('coverco', 'L3', 'limit', 'C3', NULL, '2026-03-20', '{"amount": 2000}'),
    ('coverco', 'L4', 'limit', NULL, '542065479', '2026-03-20', '{"amount": 2000}'), ('coverco', 'L5', 'limit', 'C2', NULL, '2026-03-10', '{"amount": 0, "reason": "unknown"}'), ('coverco', 'L6', 'limit', 'C2', NULL, '2026-03-10', '{"amount": 10.001}'),
    ('coverco', 'L7', 'limit', 'C2', NULL, '2026-03-10', '{"amount": 10, "policy_no": "P9"}');
SELECT is(pg_temp.result(r), w, '000-22 ' || w) FROM (VALUES ('X2', 'waits: there is no cover of customer 4 above 0 to be cancelled. It stands at 0 EUR'), ('L2', 'filed: cover granted from 2026-03-10: 5000 EUR'), ('L3', 'filed: cover reduced from 2026-03-20: 2000 EUR'),
    ('L4', 'waits: several customers have SIREN 542065479. They are C5, C6'), ('L5', 'filed: cover refused from 2026-03-10: 0 EUR'), ('L7', 'waits: there is no insurance policy ''P9''')) v (r, w);
SELECT matches(pg_temp.result('L6'), '^waits: .*10.001', '000-22 a fraction of a cent waits');
SELECT is((SELECT string_agg(limit_base::text, ' ' ORDER BY day) FROM cover_lines('{3,3}', '{2026-03-19,2026-03-20}')), '5000 2000', '000-22 a new limit holds from its day');
SELECT is(concat_ws(' ', coalesce(pg_temp.figure(3, 'cover_answer_pct'), '-'), pg_temp.figure(3, 'cover_refused'), pg_temp.figure(2, 'cover_answer_pct'), pg_temp.figure(2, 'cover_refused')), '- 0 0 1', '000-22 granted without being asked says no percentage, a refusal does');
SELECT answer_request(request_cover(8, 4000), 4000, valid_to => '2026-03-31'), answer_request(request_cover(9, 4000), 3000) \g /dev/null
SELECT answer_request(request_cover(9, 6000), 0, 'enough') \g /dev/null
SELECT is(pg_temp.figure(9, 'cover_answer_pct') || ' ' || pg_temp.figure(9, 'cover_refused'), '50 0', '000-22 a refused increase: what stays, of what was asked');
SELECT is(pg_temp.figure(8, 'cover_answer_pct') || ' ' || pg_temp.figure(8, 'cover_answer_pct', '2026-04-01') || ' ' || coalesce(pg_temp.figure(8, 'cover_refused', '2026-04-01'), '-'), '100 missing -', '000-22 cover that has run out is missing, not zero');
SELECT is_empty('SELECT * FROM verify()', '000-22 verify()');

-- 002-05 Delays, liens and proceedings from the feed -----------------------------------------
SELECT is(pg_temp.figure(3, 'bureau_report'), NULL, '002-05 nobody watches: nothing reported says nothing');
SELECT isnt(monitor_customer(3, 'bureau', 'abo 3'), NULL, '002-05 watched');
SELECT is(monitor_customer(3, 'bureau'), NULL, '002-05 once');
SELECT isnt(monitor_customer(8, 'press'), NULL, '002-05 by one that brings news');
SELECT is(concat_ws(' ', pg_temp.figure(3, 'bureau_report'), coalesce(pg_temp.figure(3, 'bureau_report', '2026-03-09'), '-'), coalesce(pg_temp.figure(8, 'bureau_report'), '-')), '0 - -', '002-05 nothing reported of whom a bureau watches, from then on');
SELECT is(pg_temp.source(3, 'bureau_report'), 'nothing reported, watched by bureau', '002-05 and says so');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'd1', 'delays', 'C3', '2026-02-01', '{"days": 20, "amount": 900}'), ('bureau', 'l1', 'lien', 'C3', '2026-03-01', '{"creditor": "URSSAF", "amount": 5000}');
SELECT is(concat_ws(' ', pg_temp.figure(3, 'bureau_report'), pg_temp.figure(3, 'bureau_report', '2026-02-28'), coalesce(pg_temp.figure(3, 'bureau_report', '2026-01-31'), '-')), '2 1 -', '002-05 delays are 1, a lien is 2');
SELECT results_eq('SELECT kind, creditor, amount FROM bureau_report_in_force WHERE customer_id = 3 ORDER BY 1', $$VALUES ('delays', NULL, 900::numeric), ('lien', 'URSSAF', 5000)$$, '002-05 what is reported now');
SELECT results_eq('SELECT severity, message_en FROM open_alert WHERE customer_id = 3 AND kind = ''bureau_report'' ORDER BY 1', $$VALUES ('critical', 'bureau reports a lien on 2026-03-01 (URSSAF, 5000)'), ('warning', 'bureau reports delays of payment on 2026-02-01 (900, 20 days)')$$, '002-05 an alert of each');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'l2', 'ended', 'C3', '2026-03-08', '{"ends": "l1"}'), ('bureau', 'l3', 'ended', 'C3', '2026-03-08', '{"ends": "zz"}'), ('bureau', 'l4', 'ended', 'C3', '2026-02-08', '{"ends": "l1"}');
SELECT is(concat_ws(' ', pg_temp.figure(3, 'bureau_report'), pg_temp.figure(3, 'bureau_report', '2026-03-07')), '1 2', '002-05 struck off: from its day, not before');
SELECT is((SELECT count(*) FROM open_alert WHERE customer_id = 3 AND kind = 'bureau_report'), 1::bigint, '002-05 its alert is closed');
SELECT is(pg_temp.result('l3') || '; ' || pg_temp.result('l4'), 'waits: provider "bureau" has not reported "zz"; waits: what was reported on 2026-03-01 cannot have ended on 2026-02-08', '002-05 the end of nothing, and before the beginning');
SELECT is(pg_temp.figure(3, 'bureau_report', '2027-02-01'), '0', '002-05 delays count for 12 months');
SELECT reverse_bureau_event((SELECT bureau_event_id FROM bureau_event WHERE reference = 'd1'), 'another firm') \g /dev/null
SELECT is(pg_temp.figure(3, 'bureau_report') || ' ' || pg_temp.figure(3, 'bureau_report', '2026-02-28'), '0 1', '002-05 taken back: from then on');
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (5, 'frozen', 700, '2026-02-01', '2026-03-01');
INSERT INTO external_signal (provider, reference, kind, siren, effective_on, payload) VALUES ('bureau', 'j1', 'proceeding', '542065479', '2026-03-06', '{"kind": "redressement", "judgment_on": "2026-03-02", "court": "TC Lyon", "number": "2026J12", "representative": "Maître Roux"}');
SELECT is(pg_temp.result('j1'), 'filed: proceeding opened: receivership', '002-05 a publication opens the proceeding, at each payer of the company');
SELECT results_eq('SELECT customer_id, kind, judgment_on, published_on, court, reference FROM collective_proceeding ORDER BY 1', $$VALUES (5::bigint, 'receivership', date '2026-03-02', date '2026-03-06', 'TC Lyon', '2026J12'), (6, 'receivership', '2026-03-02', '2026-03-06', 'TC Lyon', '2026J12')$$, '002-05 with its days');
SELECT is((SELECT due_on FROM task WHERE customer_id = 5 AND kind = 'claim_filing' AND closed_on IS NULL), legal_deadline_on('claim_filing', '2026-03-06', 'FR', '2026-03-02'), '002-05 the task of the claim is there, due two months after the publication');
SELECT is((SELECT count(*) FROM doubtful_receivable WHERE customer_id = 5), 1::bigint, '002-05 the claim is doubtful');
INSERT INTO external_signal (provider, reference, kind, siren, effective_on, payload) VALUES ('bureau', 'j2', 'proceeding', '542065479', '2026-03-10', '{"kind": "liquidation", "judgment_on": "2026-03-09"}'), ('bureau', 'j3', 'proceeding', '542065479', '2026-03-10', '{"kind": "liquidation"}'),
    ('bureau', 'j4', 'proceeding', '732829320', '2026-03-20', '{"kind": "liquidation", "judgment_on": "2026-03-09"}'), ('bureau', 'j5', 'proceeding', '732829320', '2026-03-10', '{"kind": "trouble"}'), ('bureau', 'j6', 'proceeding', '732829320', '2026-03-10', '{"outcome": "annulled"}');
SELECT is(pg_temp.result('j2') || '; ' || pg_temp.result('j3'), 'filed: proceeding converted from receivership: liquidation; filed: publication of the proceeding on record', '002-05 converted, and known already');
SELECT is((SELECT string_agg(outcome IS NULL || '', ' ') FROM external_signal WHERE reference IN ('j4', 'j5', 'j6')), 'true true true', '002-05 a publication to come, no kind of proceeding, the end of none: they wait');
SELECT is((SELECT count(*) FROM collective_proceeding WHERE customer_id = 1) + (SELECT count(*) FROM default_event WHERE customer_id = 1) + (SELECT count(*) FROM task WHERE customer_id = 1), 0::bigint, '002-05 and have left nothing behind');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'j7', 'proceeding', 'C6', '2026-03-10', '{"outcome": "annulled"}');
SELECT is(pg_temp.result('j7'), 'filed: proceeding ended: annulled', '002-05 ended');
SELECT throws_ok(s, e, NULL, '002-05 ' || s) FROM (VALUES
    ('INSERT INTO bureau_event (customer_id, provider, kind, reported_on) VALUES (1, ''bureau'', ''lien'', ''2026-03-11'')', 'CR003'), ('INSERT INTO bureau_event (customer_id, provider, kind) VALUES (7, ''bureau'', ''lien'')', 'CR004'),
    ('INSERT INTO bureau_event (customer_id, provider, kind) VALUES (1, ''bureau'', ''ended'')', 'CR007'), ('INSERT INTO bureau_event (customer_id, provider, kind) VALUES (1, ''bureau'', ''rumour'')', '23514'), ('INSERT INTO bureau_event (customer_id, provider, kind, amount) VALUES (1, ''bureau'', ''lien'', -1)', '23514'),
    ('SELECT reverse_bureau_event(999, ''x'')', 'CR007'), ('SELECT reverse_bureau_event(1, NULL)', '22023'), ('UPDATE bureau_event SET amount = 1', 'CR010'), ('TRUNCATE bureau_event', 'CR010'),
    ('SELECT monitor_customer(7, ''bureau'')', 'CR004'), ('SELECT monitor_customer(1, ''nobody'')', '23503'), ('SELECT stop_monitoring(1, ''bureau'')', 'CR012'), ('DELETE FROM monitored_customer', 'CR010')) v (s, e);
SELECT is(stop_monitoring(3, 'bureau'), '2026-03-10'::date, '002-05 no longer watched');
SELECT is(coalesce(pg_temp.figure(3, 'bureau_report'), '-') || ' ' || coalesce(pg_temp.figure(3, 'bureau_report', '2026-03-09'), '-'), '- 1', '002-05 silence says nothing again');

-- 004-04 Antecedents --------------------------------------------------------------------------
SELECT is(pg_temp.figure(10, 'related_failures'), NULL, '004-04 before: nobody is known behind the firm');
SELECT record_related_party(10, 'director', 'person', 'Jean Dupont', NULL, '1970-05-01') \g /dev/null
SELECT is(pg_temp.figure(10, 'related_failures') || ' ' || pg_temp.source(10, 'related_failures'), '0 1 related, none has failed', '004-04 a director without a past');
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'related_failure'), 0::bigint, '004-04 and no alert');
SELECT record_related_party(11, 'director', 'person', 'jean dupont', NULL, '1970-05-01', '2026-03-05'), record_related_party(9, 'director', 'person', 'Jean Dupont') \g /dev/null
SELECT is((SELECT count(*) FROM party), 2::bigint, '004-04 the same person by name and birth, a namesake is another');
INSERT INTO prior_default (party_id, kind, firm, occurred_on, source) SELECT party_id, 'liquidation', 'Old Works', '2024-06-01', 'register' FROM party WHERE born_on IS NOT NULL;
SELECT results_eq('SELECT customer_id, severity, message_en FROM open_alert WHERE kind = ''related_failure'' ORDER BY 1', $$VALUES (10::bigint, 'warning', 'Somebody behind the firm has failed before: Old Works liquidation 2024-06-01'), (11, 'warning', 'Somebody behind the firm has failed before: Old Works liquidation 2024-06-01')$$, '004-04 a director linked to a liquidated firm raises the signal, at each of his firms');
SELECT is(concat_ws(' ', pg_temp.figure(10, 'related_failures'), pg_temp.figure(11, 'related_failures'), coalesce(pg_temp.figure(11, 'related_failures', '2026-03-04'), '-'), pg_temp.figure(9, 'related_failures')), '1 1 - 0', '004-04 the figure, from when he is known there');
INSERT INTO prior_default (party_id, kind, firm, occurred_on) SELECT party_id, 'receivership', 'Ancient Works', '2015-06-01' FROM party WHERE born_on IS NOT NULL;
SELECT is(pg_temp.figure(10, 'related_failures') || ' ' || pg_temp.figure(10, 'related_failures', '2025-06-01'), '1 -', '004-04 after ten years it is over') WHERE pg_temp.figure(10, 'related_failures', '2025-06-01') IS NOT NULL;
SELECT record_related_party(8, 'sister_company', 'company', 'Five', '542065479') \g /dev/null
SELECT is(pg_temp.figure(8, 'related_failures') || ' ' || pg_temp.source(8, 'related_failures'), '1 Five liquidation 2026-03-09', '004-04 a related company that is another customer of ours, in liquidation');
SELECT open_proceeding(11, 'liquidation', '2026-03-09') \g /dev/null
SELECT is(pg_temp.figure(10, 'related_failures'), '2', '004-04 a firm of the same director fails at ours: noticed at his other firm');
SELECT is((SELECT (figures->>'failures')::integer FROM open_alert WHERE kind = 'related_failure' AND customer_id = 10), 2, '004-04 the alert is brought up to date');
INSERT INTO prior_default (reversal_of) SELECT prior_default_id FROM prior_default WHERE firm = 'Old Works';
SELECT is(pg_temp.figure(10, 'related_failures') || ' ' || pg_temp.figure(11, 'related_failures', '2026-03-09'), '1 1', '004-04 a failure taken back');
INSERT INTO related_party (customer_id, party_id, relation, related) SELECT 8, party_id, 'sister_company', false FROM party WHERE kind = 'company';
SELECT is(coalesce(pg_temp.figure(8, 'related_failures'), '-') || ' ' || (SELECT count(*) FROM open_alert WHERE kind = 'related_failure' AND customer_id = 8), '- 0', '004-04 no longer related: figure and alert are gone');
INSERT INTO contact (customer_id, role, name, email) VALUES (10, 'director', 'Jean DUPONT', 'jd@ten.example'), (1, 'director', 'Jean Dupont', 'jd@one.example');
CREATE TEMPORARY TABLE facts AS SELECT * FROM related_failures('{10,11}', '2026-03-10', 'infinity');
SELECT is(erase_person((SELECT party_id FROM party WHERE born_on IS NOT NULL)), (SELECT 'person ' || min(party_id) FROM party WHERE kind = 'person'), '004-04 a person is erased');
SELECT is_empty($$SELECT FROM party p, related_party_in_force v WHERE p.party_id = v.party_id AND v.customer_id IN (10, 11) AND (p::text || v::text) ILIKE '%dupont%'$$, '004-04 the name is gone');
SELECT results_eq('SELECT name, email FROM contact ORDER BY customer_id DESC', $$VALUES ('person 1', NULL), ('Jean Dupont', 'jd@one.example')$$, '004-04 also at the contact of the firm, not of a namesake elsewhere') WHERE (SELECT min(party_id) FROM party) = 1;
SELECT results_eq('SELECT * FROM related_failures(''{10,11}'', ''2026-03-10'', ''infinity'') ORDER BY 1', 'SELECT * FROM facts ORDER BY 1', '004-04 the facts stay');
SELECT throws_ok(s, e, NULL, '004-04 ' || s) FROM (VALUES
    ('SELECT erase_person((SELECT party_id FROM party WHERE erased_on IS NOT NULL))', 'CR012'), ('SELECT erase_person((SELECT party_id FROM party WHERE kind = ''company''))', 'CR007'), ('SELECT erase_person(NULL)', 'CR007'),
    ('UPDATE party SET name = ''x'' WHERE erased_on IS NOT NULL', 'CR010'), ('UPDATE party SET kind = ''person'' WHERE kind = ''company''', 'CR010'), ('DELETE FROM party', 'CR010'), ('SELECT record_related_party(7, ''director'', ''person'', ''x'')', 'CR004'),
    ('SELECT record_related_party(1, ''friend'', ''person'', ''x'')', '23514'), ('SELECT record_related_party(1, ''director'', ''robot'', ''x'')', '23514'), ('SELECT record_related_party(1, ''subsidiary'', ''company'', ''x'', ''123456789'')', '22023'),
    ('INSERT INTO prior_default (party_id, kind, occurred_on) SELECT party_id, ''liquidation'', ''2026-03-11'' FROM party LIMIT 1', 'CR003'), ('INSERT INTO prior_default (reversal_of) VALUES (999)', 'CR007'),
    ('UPDATE related_party SET relation = ''owner''', 'CR010'), ('DELETE FROM prior_default', 'CR010'), ('TRUNCATE related_party', 'CR010')) v (s, e);

-- 004-14 News -----------------------------------------------------------------------------------
UPDATE customer SET next_review_on = '2026-09-01' WHERE customer_id = 1;
UPDATE customer SET next_review_on = '2026-02-01' WHERE customer_id = 2;
SELECT is(coalesce(pg_temp.figure(1, 'negative_news'), '-') || ' ' || pg_temp.figure(8, 'negative_news'), '- 0', '004-14 before: nothing known of one; of another the press watches and is silent');
INSERT INTO news_item (customer_id, url, title, published_on, sentiment, severity, tags) VALUES (1, 'https://press.example/1', 'A strike', '2026-03-01', 'negative', 2, '{strike}'), (1, 'https://press.example/2', 'An award', '2026-03-01', 'positive', 5, '{}');
SELECT is((SELECT next_review_on FROM customer WHERE customer_id = 1)::text || ' ' || (SELECT count(*) FROM task WHERE customer_id = 1 AND kind = 'review') || ' ' || (SELECT count(*) FROM alert WHERE kind = 'negative_news'), '2026-09-01 0 0', '004-14 bad news of little weight and good news ask for no review');
SELECT is(pg_temp.figure(1, 'negative_news'), '2', '004-14 but are in the figure');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES
    ('press', 'n1', 'news', 'C1', '2026-03-09', '{"url": "https://press.example/3", "title": "Payments suspended", "sentiment": "negative", "severity": 3, "tags": ["cash", "bank"]}'),
    ('press', 'n2', 'news', 'C2', '2026-03-09', '{"title": "Plant closed", "sentiment": "negative", "severity": 5}'), ('press', 'n3', 'news', 'C8', '2025-03-01', '{"title": "Old trouble", "sentiment": "negative", "severity": 5}');
SELECT is((SELECT next_review_on FROM customer WHERE customer_id = 1), '2026-03-10'::date, '004-14 a negative item of severity k brings the review forward to today');
SELECT is((SELECT next_review_on FROM customer WHERE customer_id = 2)::text || ' ' || coalesce((SELECT next_review_on::text FROM customer WHERE customer_id = 8), '-'), '2026-02-01 -', '004-14 one that is overdue stays; news of a year ago ask for nothing');
SELECT results_eq('SELECT customer_id, subject, department FROM task WHERE kind = ''review'' AND closed_on IS NULL ORDER BY 1', $$VALUES (1::bigint, 'Review after news of 2026-03-09: Payments suspended', 'credit'), (2, 'Review after news of 2026-03-09: Plant closed', 'credit')$$, '004-14 with the task of reviewing');
SELECT results_eq('SELECT customer_id, severity, message_fr FROM open_alert WHERE kind = ''negative_news'' ORDER BY 1', $$VALUES (1::bigint, 'warning', 'Actualité défavorable du 09/03/2026, gravité 3 : Payments suspended'), (2, 'critical', 'Actualité défavorable du 09/03/2026, gravité 5 : Plant closed')$$, '004-14 and the alert');
UPDATE customer SET next_review_on = '2026-12-01' WHERE customer_id = 1;
SELECT close_task(task_id, 'reviewed') FROM task WHERE kind = 'review' AND customer_id = 1 \g /dev/null
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('press', 'n1', 'news', 'C1', '2026-03-09', '{"url": "https://press.example/3", "title": "Payments suspended", "sentiment": "negative", "severity": 3}'),
    ('press', 'n4', 'news', 'C1', '2026-03-09', '{"url": "https://press.example/3", "title": "Payments suspended", "sentiment": "negative", "severity": 3}');
SELECT is((SELECT next_review_on FROM customer WHERE customer_id = 1)::text || ' ' || (SELECT count(*) FROM task WHERE customer_id = 1 AND kind = 'review' AND closed_on IS NULL) || ' ' || left(pg_temp.result('n4'), 11), '2026-12-01 0 waits: dupl', '004-14 an item asks once');
UPDATE external_setting SET news_min_severity = 2;
INSERT INTO news_item (customer_id, title, sentiment, severity) VALUES (1, 'A dispute', 'negative', 2);
SELECT is((SELECT next_review_on FROM customer WHERE customer_id = 1), '2026-03-10'::date, '004-14 k is a setting');
SELECT is(pg_temp.figure(1, 'negative_news') || ' ' || pg_temp.figure(1, 'negative_news', '2026-03-08'), '3 2', '004-14 the worst of twelve months, as of a day');
SELECT reverse_news((SELECT news_id FROM news_item WHERE title = 'Payments suspended'), 'a namesake') \g /dev/null
SELECT is(pg_temp.figure(1, 'negative_news') || ' ' || pg_temp.figure(1, 'negative_news', '2026-03-09') || ' ' || (SELECT count(*) FROM open_alert WHERE kind = 'negative_news' AND customer_id = 1), '2 3 1', '004-14 taken back: figure and alert, from then on');
SELECT throws_ok(s, e, NULL, '004-14 ' || s) FROM (VALUES
    ('INSERT INTO news_item (customer_id, title, published_on) VALUES (1, ''x'', ''2026-03-11'')', 'CR003'), ('INSERT INTO news_item (customer_id, title) VALUES (7, ''x'')', 'CR004'), ('INSERT INTO news_item (customer_id, title, severity) VALUES (1, ''x'', 6)', '23514'),
    ('INSERT INTO news_item (customer_id, title, url) VALUES (1, ''x'', ''javascript:alert(1)'')', '23514'), ('INSERT INTO news_item (customer_id, title, url) VALUES (1, ''x'', ''https://press.example/1'')', '23505'), ('INSERT INTO news_item (customer_id, title, sentiment) VALUES (1, ''x'', ''sad'')', '23514'),
    ('SELECT reverse_news(999, ''x'')', 'CR007'), ('SELECT reverse_news(1, '''')', '22023'), ('UPDATE news_item SET title = ''x''', 'CR010'), ('DELETE FROM news_item', 'CR010'), ('DELETE FROM external_setting', 'CR010'), ('INSERT INTO external_setting DEFAULT VALUES', '23505')) v (s, e);

-- No look-ahead: what is dated after D, or recorded after T, changes no figure as of (D, T).
CREATE TEMPORARY TABLE known AS
SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM unnest('{2026-02-15,2026-03-05,2026-03-09,2026-03-10}'::date[]) d, external_figures(ARRAY(SELECT customer_id FROM customer), d, 'infinity') f;
SELECT cmp_ok((SELECT count(*) FROM known), '>', 40::bigint, '002-08 look-ahead: there is something to compare');
SELECT is_empty('SELECT d, customer_id, figure FROM known GROUP BY 1, 2, 3 HAVING count(*) > 1', '002-08 one row for a customer and figure');
SELECT is_empty('SELECT figure FROM known EXCEPT SELECT figure FROM score_figure WHERE family = ''external''', '002-08 each figure is listed');
CREATE TEMPORARY TABLE moment AS SELECT clock_timestamp() AS t;
SELECT pg_temp.day('2026-03-20') \g /dev/null
CREATE FUNCTION pg_temp.flood(d date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outside.external_rating (customer_id, provider, value, rated_on) SELECT customer_id, 'coverco', '9', d FROM outside.credit_account;
    PERFORM outside.reverse_external_rating(external_rating_id, 'all wrong') FROM outside.external_rating r WHERE reversal_of IS NULL AND NOT EXISTS (SELECT FROM outside.external_rating x WHERE x.customer_id = r.customer_id AND x.reversal_of = r.external_rating_id) AND rated_on < d;
    INSERT INTO outside.bureau_event (customer_id, provider, kind, reported_on) SELECT customer_id, 'bureau', 'lien', d FROM outside.credit_account;
    PERFORM outside.reverse_bureau_event(bureau_event_id, 'all wrong') FROM outside.bureau_event e WHERE reversal_of IS NULL AND NOT EXISTS (SELECT FROM outside.bureau_event x WHERE x.customer_id = e.customer_id AND x.reversal_of = e.bureau_event_id) AND reported_on < d;
    INSERT INTO outside.news_item (customer_id, title, sentiment, severity, published_on) SELECT customer_id, 'bad ' || d, 'negative', 5, d FROM outside.credit_account;
    PERFORM outside.reverse_news(news_id, 'all wrong') FROM outside.news_item n WHERE reversal_of IS NULL AND NOT EXISTS (SELECT FROM outside.news_item x WHERE x.customer_id = n.customer_id AND x.reversal_of = n.news_id) AND published_on < d;
    INSERT INTO outside.company_profile (customer_id, founded_on, legal_form, employees, valid_from) SELECT customer_id, '2020-01-01', 'SA', 1, d FROM outside.credit_account;
    INSERT INTO outside.prior_default (party_id, kind, firm, occurred_on) SELECT party_id, 'liquidation', 'Works of ' || d, d FROM outside.party;
    INSERT INTO outside.related_party (customer_id, party_id, relation, valid_from) SELECT customer_id, (SELECT min(party_id) FROM outside.party), 'owner', d FROM outside.credit_account;
    INSERT INTO outside.insurance_cover (customer_id, policy_no, decision, amount, valid_from) SELECT customer_id, 'P1', 'granted', 777, d FROM outside.credit_account;
    PERFORM outside.monitor_customer(customer_id, 'bureau') FROM outside.credit_account;
END $$;
SELECT pg_temp.flood('2026-03-20') \g /dev/null
SELECT answer_request(request_cover(customer_id, 100), 50) FROM credit_account \g /dev/null
SELECT open_proceeding(10, 'liquidation', '2026-03-19') \g /dev/null
SELECT is_empty('SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM unnest(''{2026-02-15,2026-03-05,2026-03-09,2026-03-10}''::date[]) d, external_figures(ARRAY(SELECT customer_id FROM customer), d, ''infinity'') f
    EXCEPT SELECT * FROM known', '002-08 look-ahead: facts, reversals and ends dated after D change nothing as of D');
SELECT is_empty('SELECT * FROM known EXCEPT
    SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM unnest(''{2026-02-15,2026-03-05,2026-03-09,2026-03-10}''::date[]) d, external_figures(ARRAY(SELECT customer_id FROM customer), d, ''infinity'') f', '002-08 look-ahead: nor take anything away');
SELECT pg_temp.flood('2026-02-01') \g /dev/null
SELECT is_empty('SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM moment, unnest(''{2026-02-15,2026-03-05,2026-03-09,2026-03-10}''::date[]) d, external_figures(ARRAY(SELECT customer_id FROM customer), d, t) f
    EXCEPT SELECT * FROM known', '002-08 look-ahead: what is recorded after T and dated before changes nothing as known at T');
SELECT is_empty('SELECT * FROM known EXCEPT
    SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM moment, unnest(''{2026-02-15,2026-03-05,2026-03-09,2026-03-10}''::date[]) d, external_figures(ARRAY(SELECT customer_id FROM customer), d, t) f', '002-08 look-ahead: nor takes anything away');
SELECT isnt_empty('SELECT * FROM known EXCEPT
    SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM unnest(''{2026-02-15,2026-03-05,2026-03-09,2026-03-10}''::date[]) d, external_figures(ARRAY(SELECT customer_id FROM customer), d, ''infinity'') f', '002-08 look-ahead: as known now they do count');
SELECT is_empty('SELECT * FROM verify()', '002-08 verify()');

SELECT * FROM finish();
ROLLBACK;
