-- Bulk screening of prospects: row 004-07 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('screening') \g /dev/null
SET LOCAL search_path = screening, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, siren) VALUES (1, 'C1', 'Known', '732829320');
-- Everything that the prospect model looks at: 50 points.
CREATE FUNCTION pg_temp.figures(good boolean, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT CASE WHEN good THEN '{"equity_ratio_pct": 40, "financial_charges_to_ebitda_pct": 10, "net_cash_days": 20, "conan_holder": 0.2, "accounts_age_months": 6, "cover_answer_pct": 100, "external_rating": 80, "firm_age_years": 12, "bureau_report": 0}'::jsonb
                ELSE '{"equity_ratio_pct": -5, "financial_charges_to_ebitda_pct": 200, "net_cash_days": -60, "conan_holder": -0.2, "accounts_age_months": 20, "cover_answer_pct": 30, "external_rating": 5, "firm_age_years": 2, "bureau_report": 1}' END || more $$;
CREATE FUNCTION pg_temp.result(who text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', outcome, risk_class, granted_amount, reasons) FROM screening.prospect_screening WHERE name = who $$;

INSERT INTO prospect_screening (batch, code, name, siren, sole_trader, requested_amount, figures) VALUES
    ('fair', 'P1', 'Good',      NULL,        false, 2000, pg_temp.figures(true)),
    ('fair', 'P2', 'Bad',       NULL,        false, 2000, pg_temp.figures(false)),
    ('fair', 'P3', 'Middling',  NULL,        false, 2000, pg_temp.figures(true, '{"cover_answer_pct": 60, "external_rating": 40, "equity_ratio_pct": 12, "financial_charges_to_ebitda_pct": 50, "conan_holder": 0.08}')),
    ('fair', 'P4', 'Sole bad',  NULL,        true,  500,  pg_temp.figures(false)),
    ('fair', 'P5', 'Sole good', NULL,        true,  500,  pg_temp.figures(true)),
    ('fair', 'P6', 'Much',      NULL,        false, 3001, pg_temp.figures(true)),
    ('fair', 'P7', 'Usual',     NULL,        false, NULL, pg_temp.figures(true)),
    ('fair', 'P8', 'Unknown',   NULL,        false, 1000, '{}'),
    ('fair', 'P9', 'Same',      '732829320', false, 1000, pg_temp.figures(true)),
    ('fair', 'Q1', 'Refused cover', NULL,    false, 1000, pg_temp.figures(true, '{"cover_refused": 1, "cover_answer_pct": 0}')),
    ('fair', 'Q2', 'Insolvent', NULL,        false, 1000, pg_temp.figures(true, '{"in_proceedings": 1}')),
    ('fair', 'Q3', 'Insolvent trader', NULL, true,  1000, pg_temp.figures(true, '{"in_proceedings": 1}')),
    ('fair', 'Q4', 'Twice',     '552081317', false, 1000, pg_temp.figures(true)),
    ('fair', 'Q5', 'Twice',     '552081317', false, 1000, pg_temp.figures(true)),
    ('other', 'R', 'Later',     NULL,        false, 1000, pg_temp.figures(true));
SELECT is((SELECT waiting FROM screening_result WHERE batch = 'fair'), 14::bigint, '004-07 before: they wait');
SELECT results_eq('SELECT * FROM screen_batch(''fair'')', $$VALUES ('accept', 3::bigint, 2500::numeric, 5500::numeric), ('refuse', 2, 3000, 0), ('review', 9, 11501, NULL)$$, '004-07 screened in one statement');
SELECT is(pg_temp.result('Good'), 'accept A 2000 {good_rating}', '004-07 accepted from the band on');
SELECT is((SELECT concat_ws(' ', score, rating, round(pd::numeric, 4), coverage_pct, screened_on) FROM prospect_screening WHERE name = 'Good'), '100.00 100.00 0.0013 100.00 2026-03-31', '004-07 with its score, its rating, its probability of default');
SELECT is(pg_temp.result('Bad'), 'refuse E 0 {low_rating}', '004-07 refused below the band');
SELECT is((SELECT outcome || array_to_string(reasons, ' ') FROM prospect_screening WHERE name = 'Middling'), 'reviewgrey_zone', '004-07 the grey zone is for people');
SELECT is(pg_temp.result('Sole bad'), 'review E {low_rating,sole_trader}', '004-07 a sole trader is not refused by a score alone');
SELECT is(pg_temp.result('Sole good'), 'accept A 500 {good_rating}', '004-07 but may be accepted by one');
SELECT is(pg_temp.result('Much'), 'review A {good_rating,above_unnamed_cover}', '004-07 beyond what covers a buyer that is not named a person decides');
SELECT is(pg_temp.result('Usual'), 'accept A 3000 {good_rating}', '004-07 who asks for no amount gets what is covered');
SELECT is(pg_temp.result('Unknown'), 'review {unscored,little_known,accounts_missing,sources_missing}', '004-07 too little is known for a machine');
SELECT is((SELECT concat_ws(' ', outcome, reasons, known_customer_id) FROM prospect_screening WHERE name = 'Same'), 'review {good_rating,known_customer} 1', '004-07 a customer already');
SELECT is(pg_temp.result('Refused cover'), 'review C {good_rating,cover_refused}', '004-07 rules above the score keep a good rating from being accepted');
SELECT is(pg_temp.result('Insolvent'), 'refuse E 0 {good_rating,proceedings}', '004-07 or refuse it');
SELECT is(pg_temp.result('Insolvent trader'), 'review E {good_rating,sole_trader,proceedings}', '004-07 a sole trader not even then');
SELECT is((SELECT count(*) FROM prospect_screening WHERE name = 'Twice' AND outcome = 'review' AND 'twice_in_batch' = ANY (reasons)), 2::bigint, '004-07 twice in the batch');
SELECT is((SELECT outcome FROM prospect_screening WHERE name = 'Later'), NULL, '004-07 another batch waits');
SELECT is_empty('SELECT * FROM screen_batch(''fair'')', '004-07 a second call finds nothing to do');
SELECT is((SELECT count(*) FROM screening_to_review), 9::bigint, '004-07 only the grey zone is before people');
SELECT is_empty('SELECT FROM task', '004-07 and no customer was made, no task opened');
SELECT is((SELECT count(*) FROM customer), 1::bigint, '004-07 they need not be customers');

-- A person decides.
SELECT screening_id AS trader FROM prospect_screening WHERE name = 'Sole bad' \gset
SELECT screening_id AS much FROM prospect_screening WHERE name = 'Much' \gset
SELECT is(decide_screening(:trader, false, 'no orders to fill'), 'refused', '004-07 a person may refuse a sole trader');
SELECT is(decide_screening(:much, true, 'the parent guarantees', 3000), 'accepted', '004-07 and accept what is beyond');
SELECT results_eq('SELECT name, decision, decision_reason, granted_amount, decided_on FROM prospect_screening WHERE decision IS NOT NULL ORDER BY name',
    $$VALUES ('Much', 'accepted', 'the parent guarantees', 3000::numeric, date '2026-03-31'), ('Sole bad', 'refused', 'no orders to fill', 0, '2026-03-31')$$, '004-07 on record');
SELECT is((SELECT decided_by FROM prospect_screening WHERE name = 'Much'), current_user::text, '004-07 by whom');
SELECT results_eq('SELECT prospects, waiting, accepted, refused, grey, to_decide, accepted_by_people, refused_by_people, automatic_pct, granted FROM screening_result WHERE batch = ''fair''',
    $$VALUES (14::bigint, 0::bigint, 3::bigint, 2::bigint, 9::bigint, 7::bigint, 1::bigint, 1::bigint, 35.71, 8500::numeric)$$, '004-07 what came of the batch');
-- Bands are data.
INSERT INTO screening_rule (from_amount, accept_from, refuse_below) VALUES (1500, 100, 80);
UPDATE screening_policy SET unnamed_cap = 10000;
INSERT INTO prospect_screening (batch, name, requested_amount, figures) VALUES ('bands', 'small', 1499, pg_temp.figures(true, '{"external_rating": 40}')), ('bands', 'large', 1500, pg_temp.figures(true, '{"external_rating": 40}'));
SELECT is((SELECT string_agg(outcome, ' ') FROM screen_batch('bands')), 'accept review', '004-07 other bands for larger amounts');
UPDATE screening_policy SET model = 'nothing';
SELECT throws_ok('SELECT screen_batch()', 'CR012', 'model "nothing" has no version in force', '004-07 no model, no screening');
UPDATE screening_policy SET model = 'prospect', unnamed_cap = NULL;
SELECT throws_ok(s, e, NULL, '004-07 ' || s) FROM (VALUES
    ('INSERT INTO prospect_screening (name, figures) VALUES (''x'', ''{"equity_ratio_pct": "much"}'')', '22023'), ('INSERT INTO prospect_screening (name, figures) VALUES (''x'', ''{"no_such_figure": 1}'')', '22023'),
    ('INSERT INTO prospect_screening (name, figures) VALUES (''x'', ''{"equity_ratio_pct": [1]}'')', '22023'), ('INSERT INTO prospect_screening (name, figures) VALUES (''x'', ''[]'')', '23514'),
    ('INSERT INTO prospect_screening (name, siren) VALUES (''x'', ''732829321'')', '23514'), ('INSERT INTO prospect_screening (name, requested_amount) VALUES (''x'', 0)', '23514'), ('INSERT INTO prospect_screening (name) VALUES (NULL)', '23502'),
    ('UPDATE prospect_screening SET figures = ''{}'' WHERE name = ''Good''', 'CR010'), ('UPDATE prospect_screening SET outcome = ''accept'' WHERE name = ''Bad''', 'CR010'), ('DELETE FROM prospect_screening WHERE name = ''Good''', 'CR010'),
    ('UPDATE prospect_screening SET decision_reason = ''y'' WHERE name = ''Much''', 'CR010'), ('TRUNCATE prospect_screening', 'CR010'), ('TRUNCATE screening_rule', 'CR010'), ('TRUNCATE screening_policy', 'CR010'),
    ('UPDATE screening_rule SET refuse_below = 90', '23514'), ('INSERT INTO screening_policy DEFAULT VALUES', '23505'),
    ('SELECT decide_screening(NULL, true, ''x'')', 'CR012'), ('SELECT decide_screening(-1, true, ''x'')', 'CR012')) v (s, e);
SELECT screening_id AS twice FROM prospect_screening WHERE name = 'Twice' ORDER BY 1 LIMIT 1 \gset
SELECT throws_ok(format(s, x), e, NULL, '004-07 ' || s) FROM (VALUES ('SELECT decide_screening(%s, true, '''')', '22023'), ('SELECT decide_screening(%s, NULL, ''x'')', '22023'),
    ('SELECT decide_screening(%s, true, ''x'', -1)', '22023'), ('SELECT decide_screening(%s, false, ''x'', 10)', '22023')) v (s, e), (SELECT :twice AS x) x;
SELECT throws_ok(format('SELECT decide_screening(%s, true, ''x'')', :trader), 'CR012', NULL, '004-07 decided once');
SELECT lives_ok('UPDATE prospect_screening SET requested_amount = 900 WHERE name = ''Later''', '004-07 what waits may still change');
SELECT lives_ok('DELETE FROM prospect_screening WHERE name = ''Later''', '004-07 or go');

-- 10,000 at once.
INSERT INTO prospect_screening (batch, name, sole_trader, requested_amount, figures)
SELECT 'many', 'N' || i, i % 10 = 0, 1000, jsonb_build_object('equity_ratio_pct', i % 60 - 10, 'financial_charges_to_ebitda_pct', i % 150, 'net_cash_days', i % 100 - 50, 'conan_holder', (i % 40 - 10) / 100.0,
    'accounts_age_months', i % 23, 'cover_answer_pct', 25 * (i % 5), 'external_rating', i % 100, 'firm_age_years', i % 30, 'bureau_report', i % 3) FROM generate_series(1, 10000) i;
CREATE TEMPORARY TABLE timing AS SELECT clock_timestamp() AS started;
CREATE TEMPORARY TABLE came AS SELECT * FROM screen_batch('many');
SELECT cmp_ok(clock_timestamp() - started, '<', interval '15 seconds', '004-07 10,000 prospects in one statement') FROM timing;
SELECT is((SELECT sum(prospects) FROM came), 10000::numeric, '004-07 all of them');
SELECT is((SELECT prospects FROM came WHERE outcome = 'review'), (SELECT count(*) FROM screening_to_review WHERE batch = 'many'), '004-07 and only the grey zone is before people');
SELECT is_empty('SELECT FROM prospect_screening WHERE sole_trader AND outcome = ''refuse''', '004-07 no sole trader among the refused');
SELECT is_empty('SELECT screening_id FROM prospect_screening WHERE batch = ''many'' AND outcome = ''accept'' AND (rating < 65 OR risk_class > ''B'' OR granted_amount > 3000)', '004-07 nobody accepted below the band or beyond the cap');
SELECT is_empty('SELECT screening_id FROM prospect_screening WHERE batch = ''many'' AND outcome = ''refuse'' AND rating >= 35 AND risk_class <> ''E''', '004-07 nobody refused above it');
SELECT is_empty('SELECT * FROM verify()', '004-07 verify()');

-- One bad row does not stop a batch, nor does a rule that compares a word.
SELECT throws_ok($$INSERT INTO prospect_screening (batch, name, figures) VALUES ('words', 'W', '{"in_proceedings": "yes"}')$$, '22023', 'figure "in_proceedings" of prospect "W" is no number: "yes"', '004-07 a word where a rule above the score compares a number is refused at once');
INSERT INTO prospect_screening (batch, name, requested_amount, figures) VALUES ('words', 'Abroad', 1000, pg_temp.figures(true, '{"country": "DE"}'));
SELECT revise_model('prospect') AS worded \gset
INSERT INTO score_cap (model_id, cap, figure, threshold, at_best, reason_en, reason_fr) VALUES (:worded, 'odd', 'country', 1, 'E', 'odd', 'curieux');
SELECT activate_model(:worded) \g /dev/null
SELECT results_eq($$SELECT outcome, prospects FROM screen_batch('words')$$, $$VALUES ('accept', 1::bigint)$$, '004-07 a rule that compares a word with a number does not fire, and stops nobody');
SELECT * FROM finish();
ROLLBACK;
