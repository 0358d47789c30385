\set ON_ERROR_STOP 1
-- Scores: the cards of the house, who is scored by which and why, the rules
-- above the score, what is kept, explained and repeated.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT credit_risk.create_ledger('books');
SET LOCAL search_path = books, public, pg_temp;
SELECT no_plan();
UPDATE ledger SET pinned_date = '2026-03-31';

-- Figures that this test gives by itself, as a house may.
CREATE TABLE given (customer_id bigint, figure text, value numeric, from_day date DEFAULT '2026-01-01', recorded_at timestamptz DEFAULT clock_timestamp(), PRIMARY KEY (customer_id, figure, from_day));
CREATE OR REPLACE FUNCTION custom_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT DISTINCT ON (g.customer_id, g.figure) g.customer_id, g.figure, g.value, NULL, 'given', g.recorded_at
    FROM books.given g
    WHERE g.customer_id = ANY (custom_figures.customer_ids) AND g.from_day <= custom_figures.as_of AND g.recorded_at <= custom_figures.known_at
    ORDER BY g.customer_id, g.figure, g.from_day DESC
$$;

INSERT INTO customer (customer_id, code, name, lifecycle, country) VALUES
    (1, 'G', 'Good', 'customer', 'FR'), (2, 'M', 'Middling', 'customer', 'FR'), (3, 'L', 'Late', 'customer', 'FR'), (4, 'P', 'Prospect', 'prospect', 'FR'),
    (5, 'N', 'Nobody knows', 'customer', 'FR'), (6, 'X', 'Abroad', 'customer', 'DE');
INSERT INTO given (customer_id, figure, value)
SELECT c.customer_id, f.figure, f.value
FROM (VALUES (1, '{4,70,0,0,0,30,20,10,0.2,8,100,60,15,0}'::numeric[]), (2, '{12,70,10,5,1,15,30,-5,0.07,10,60,55,12,1}'), (3, '{40,20,40,5,0,45,10,20,0.3,6,100,50,8,0}'),
             (6, '{4,70,0,0,0,30,20,10,0.2,8,100,60,15,0}')) c (customer_id, figures)
CROSS JOIN LATERAL unnest('{days_beyond_terms_12m,on_time_pct_12m,oldest_overdue_days,lateness_trend_days,broken_promises_12m,equity_ratio_pct,financial_charges_to_ebitda_pct,net_cash_days,conan_holder,accounts_age_months,cover_answer_pct,external_rating,firm_age_years,bureau_report}'::text[], c.figures) f (figure, value)
UNION ALL
SELECT 4, f.figure, f.value
FROM unnest('{equity_ratio_pct,financial_charges_to_ebitda_pct,net_cash_days,conan_holder,accounts_age_months,cover_answer_pct,external_rating,firm_age_years,bureau_report,cover_refused}'::text[],
            '{12,30,-10,0.05,9,0,35,1.5,1,1}'::numeric[]) f (figure, value)
UNION ALL
SELECT v.customer_id, 'settled_invoices_12m', v.settled FROM (VALUES (1, 20), (2, 20), (3, 20), (6, 20)) v (customer_id, settled);
CREATE VIEW pg_temp.told AS SELECT s.customer_id, s.profile, s.model, s.score, s.score_class, s.caps, s.risk_class, s.unscored FROM score_as_of('2026-03-31') s;

-- The computed cases of the house's card -----------------------------------------------
SELECT results_eq('SELECT customer_id, model, score, risk_class FROM told WHERE customer_id <= 4 ORDER BY 1',
  $$VALUES (1::bigint, 'trade', 85.00, 'A'), (2, 'trade', 60.00, 'C'), (3, 'trade', 60.00, 'C'), (4, 'prospect', 36.00, 'D')$$,
  'trade_v1: 4 days late, good accounts, full cover; 12 days late, partial cover; strong accounts and 40 days late; a young prospect whose cover is refused');
INSERT INTO given (customer_id, figure, value) VALUES (3, 'undisputed_over_60', 700);
SELECT results_eq('SELECT score, score_class, caps, risk_class FROM told WHERE customer_id = 3', $$VALUES (60.00, 'C', '{overdue_60}'::text[], 'D')$$, 'and class D once an item passes 60 days');
SELECT results_eq('SELECT score_class, round(pd::numeric, 4) FROM score_as_of(''2026-03-31'', customer_ids => ARRAY[2])', $$VALUES ('C', 0.0204)$$, 'a score of 60: odds 48 : 1');
SELECT results_eq('SELECT round(credit_risk.score_pd(score_card(1), s)::numeric, 4) FROM unnest(ARRAY[80, 65, 50, 35]::numeric[]) s', 'VALUES (0.0052), (0.0145), (0.0400), (0.1054)', 'the classes'' limits of PD');
SELECT is((SELECT sum(points[1]) FILTER (WHERE figure_max IS NOT NULL) FROM (SELECT ARRAY[(SELECT max(p) FROM unnest(k.points) p)] AS points, 1 AS figure_max FROM score_characteristic k JOIN score_model USING (model_id) WHERE model = m.model) x), m.total, m.model || ': maxima add up')
FROM (VALUES ('trade', 100::numeric), ('prospect', 50)) m (model, total);

-- 000-06, 000-17
SELECT results_eq('SELECT customer_id, profile, model FROM told ORDER BY 1',
  $$VALUES (1::bigint, 'standard', 'trade'), (2, 'standard', 'trade'), (3, 'standard', 'trade'), (4, 'prospect', 'prospect'), (5, 'new_customer', 'prospect'), (6, 'export', 'trade')$$,
  '000-06 the model is chosen by the profile of the customer');
SELECT results_eq('SELECT customer_id, model_reason FROM score_as_of(''2026-03-31'') WHERE customer_id > 3 ORDER BY 1',
  $$VALUES (4::bigint, 'lifecycle in prospect (prospect)'), (5, 'settled_invoices_12m < 6 (missing)'), (6, 'country not in FR (DE)')$$, '000-06 and score_as_of() says why');
-- Every profile of the house, at its threshold and just beyond, the first by rank where several fit.
SAVEPOINT profiles;
INSERT INTO customer (customer_id, code, name, lifecycle, country)
SELECT i, 'Q' || i, 'Profile ' || i, CASE WHEN i = 16 THEN 'prospect' ELSE 'customer' END, CASE WHEN i IN (15, 17) THEN 'DE' ELSE 'FR' END FROM generate_series(11, 19) i;
INSERT INTO given (customer_id, figure, value)
SELECT i, 'settled_invoices_12m', CASE i WHEN 18 THEN 5 ELSE 6 END FROM generate_series(11, 19) i
UNION ALL VALUES (13::bigint, 'annual_sales', 2000000::numeric), (14, 'annual_sales', 2000001);
INSERT INTO interest_terms (customer_id, regime) VALUES (11, 'FR_PUBLIC'), (16, 'FR_PUBLIC');
SELECT instruct_dunning(12, 'key_account', 'ours since 1990'), instruct_dunning(17, 'key_account', 'x') \g /dev/null
SELECT results_eq('SELECT customer_id, profile, model || ''_v'' || version, model_reason FROM score_as_of(''2026-03-31'') WHERE customer_id > 10 ORDER BY 1', $$VALUES
    (11::bigint, 'public_body', 'trade_v1', 'public_buyer >= 1 (1)'), (12, 'key_account', 'trade_v1', 'key_account >= 1 (1)'), (13, 'small_firm', 'trade_v1', 'annual_sales <= 2000000 (2000000)'), (14, 'standard', 'trade_v1', 'everybody else'),
    (15, 'export', 'trade_v1', 'country not in FR (DE)'), (16, 'prospect', 'prospect_v1', 'lifecycle in prospect (prospect)'), (17, 'key_account', 'trade_v1', 'key_account >= 1 (1)'),
    (18, 'new_customer', 'prospect_v1', 'settled_invoices_12m < 6 (5)'), (19, 'standard', 'trade_v1', 'everybody else')$$, '000-06 which model was picked and why, of every profile');
INSERT INTO legal_terms (customer_id, regime) VALUES (19, 'public_buyer'), (14, 'agreed');
SELECT results_eq('SELECT profile, model_reason FROM score_as_of(''2026-03-31'') WHERE customer_id IN (14, 19) ORDER BY customer_id', $$VALUES ('standard', 'everybody else'), ('public_body', 'public_buyer >= 1 (1)')$$, '000-06 a public body is also who is one by its legal terms');
SELECT set_eq('SELECT DISTINCT profile FROM told', 'SELECT profile FROM score_profile', '000-06 no profile is left out');
SELECT is_empty('SELECT customer_id FROM score_as_of(''2026-03-31'') WHERE model_reason IS NULL OR model_id IS NULL', '000-06 nobody without a model and a reason');
SELECT score_customers(ARRAY[11, 12, 13, 14, 15, 16, 17, 18, 19]) \g /dev/null
SELECT results_eq('SELECT customer_id, profile, model_id, model_reason FROM customer_score WHERE customer_id > 10 ORDER BY 1', 'SELECT customer_id, profile, model_id, model_reason FROM score_as_of(''2026-03-31'') WHERE customer_id > 10 ORDER BY 1', '000-06 and so it is kept with the score');
ROLLBACK TO profiles;
UPDATE score_profile SET model = 'nothing' WHERE profile = 'export';
SELECT results_eq('SELECT score, risk_class, unscored FROM told WHERE customer_id = 6', $$VALUES (NULL::numeric, NULL, 'no_model')$$, '000-06 a profile whose model is not there leaves its customers unscored, and says so');
UPDATE score_profile SET model = 'trade' WHERE profile = 'export';
SELECT results_eq('SELECT score, score_class, risk_class, unscored FROM told WHERE customer_id = 5', $$VALUES (NULL::numeric, NULL, NULL, 'coverage')$$, '000-17 of whom too little is known is unscored: missing, not zero');
SELECT is_empty($$SELECT figure FROM score_characteristic JOIN score_model USING (model_id) JOIN score_figure f USING (figure) WHERE model = 'prospect' AND f.family = 'behaviour'$$, '000-17 the card of a prospect has no factor of payment history');
SELECT revise_model('trade') AS trade_2 \gset
UPDATE score_characteristic SET weight = 3 WHERE model_id = :trade_2 AND figure IN ('days_beyond_terms_12m', 'on_time_pct_12m', 'broken_promises_12m');
CREATE TEMPORARY TABLE before_weights AS SELECT * FROM told;
SAVEPOINT weights;
SELECT activate_model(:trade_2);
SELECT results_eq('SELECT score FROM told WHERE customer_id = 4', 'SELECT score FROM before_weights WHERE customer_id = 4', '000-17 other weights of the payment history change nothing for a prospect');
SELECT isnt((SELECT score FROM told WHERE customer_id = 2), 60.00, '000-17 and something for a customer');
ROLLBACK TO weights;

-- 002-02
SELECT is((SELECT sum(contribution) FROM explain_score(1)), 85.00, '002-02 the contributions add up to the score exactly');
SELECT results_eq('SELECT characteristic, value, band, points, max_points, contribution, reason_rank, source FROM explain_score(2) WHERE reason_rank <= 2 ORDER BY reason_rank',
  $$VALUES ('payment_delay', '12', '> 5 to 15', 11::numeric, 18::numeric, 11.00, 1, 'given'), ('paid_on_time', '70', '>= 60 to 80', 5, 10, 5.00, 2, 'given')$$, '002-02 value, band, points, contribution and reason of each characteristic');
DELETE FROM given WHERE customer_id = 2 AND figure IN ('net_cash_days', 'conan_holder', 'external_rating');
SELECT ok((SELECT sum(contribution) FROM explain_score(2)) = (SELECT score FROM told WHERE customer_id = 2), '002-02 also where the share of what is present does not divide');
SELECT is_empty('SELECT t.customer_id FROM told t WHERE t.score IS NOT NULL AND t.score IS DISTINCT FROM (SELECT sum(e.contribution) FROM explain_score(t.customer_id) e)', '002-02 of every customer');
SELECT is((SELECT sum(contribution) FROM explain_score(5)), NULL, '002-02 an unscored one has no contributions');

-- 004-05, 002-05
INSERT INTO given (customer_id, figure, value) VALUES (1, 'defaults_12m', 1), (5, 'in_proceedings', 1);
SELECT results_eq('SELECT score, score_class, caps, risk_class FROM told WHERE customer_id = 1', $$VALUES (85.00, 'A', '{default}'::text[], 'E')$$, '004-05 a fresh default ranks above a score of 85');
SELECT results_eq('SELECT score, risk_class FROM told WHERE customer_id = 5', $$VALUES (NULL::numeric, 'E')$$, '002-05 under collective proceedings the class is E whatever is known of the points');
INSERT INTO given (customer_id, figure, value) VALUES (6, 'in_proceedings', 1);
SELECT results_eq('SELECT score, score_class, risk_class FROM told WHERE customer_id = 6', $$VALUES (85.00, 'A', 'E')$$, '002-05 also with a score of 85');
DELETE FROM given WHERE figure IN ('defaults_12m', 'in_proceedings');

-- What is kept --------------------------------------------------------------------------
SELECT is(score_customers(ARRAY[1, 2, 3, 4, 5, 6]), 6::bigint, 'all are scored and kept');
SELECT is(score_customers(ARRAY[1, 2, 3, 4, 5, 6]), 0::bigint, 'what did not change is not kept again');
SELECT is_empty($$SELECT s.customer_id FROM customer_score s CROSS JOIN LATERAL score_as_of(s.as_of, s.known_at, ARRAY[s.customer_id]) a
  WHERE (s.score, s.risk_class, s.caps, s.model_id, s.figures, s.computed_from) IS DISTINCT FROM (a.score, a.risk_class, a.caps, a.model_id, a.figures, a.computed_from)$$, 'a score on record is computed again from its day and instant');
SELECT throws_ok('UPDATE customer_score SET score = 99', 'CR010', NULL, 'and nobody changes it');
SELECT results_eq('SELECT characteristic, value, needed, points_now, points_then, class_then FROM what_would_move(2, ''B'') LIMIT 1',
  $$SELECT x.characteristic, x.value, x.needed, x.points_now, x.points_then, 'B' FROM credit_risk.smallest_change(score_card(1), (SELECT figures FROM current_score WHERE customer_id = 2), 65) x LIMIT 1$$, 'what would move it to B');
SELECT throws_ok('SELECT * FROM what_would_move(2, ''Z'')', '22023', 'there is no risk class "Z"', 'a class that is not there');
SELECT throws_ok('SELECT * FROM explain_score(77)', 'CR004', NULL, 'a customer that is not there');
SELECT throws_ok('SELECT * FROM what_would_move(77)', 'CR004', 'customer 77 has no credit account', 'nor may one that is not there be asked what would move him');
SELECT throws_ok('SELECT * FROM what_would_move(NULL)', 'CR004', 'customer NULL has no credit account', 'nor nobody');
SELECT is(round(pd_12m(1)::numeric, 6), 0.003669, '001-02 pd_12m');
SELECT is(pd_12m(5), NULL, '001-02 pd_12m of who is unscored: none');

-- Look-ahead: nothing dated or recorded later counts.
SELECT clock_timestamp() AS instant \gset
CREATE TEMPORARY TABLE at_instant AS SELECT * FROM score_as_of('2026-03-31', :'instant');
INSERT INTO given (customer_id, figure, value, from_day) SELECT g.customer_id, g.figure, 0, '2026-03-01' FROM given g WHERE g.from_day = '2026-01-01' AND g.figure <> 'settled_invoices_12m';
UPDATE customer SET lifecycle = 'customer' WHERE customer_id = 4;
UPDATE customer SET country = 'FR' WHERE customer_id = 6;
SELECT results_eq($$SELECT t::text FROM at_instant t ORDER BY 1$$, format($$SELECT s::text FROM score_as_of('2026-03-31', %L) s ORDER BY 1$$, :'instant'), '002-03 what was recorded later changes no score as known before');
SELECT isnt((SELECT score FROM told WHERE customer_id = 1), 85.00, 'what is known now is another matter');

-- Versions ------------------------------------------------------------------------------
SELECT throws_ok(format('UPDATE score_characteristic SET weight = 2 WHERE model_id = 1'), 'CR012', NULL, 'a model in force does not change');
SELECT throws_ok('DELETE FROM score_cap', 'CR012', NULL, 'nor do its rules');
SELECT throws_ok('SELECT activate_model(1)', 'CR012', NULL, 'what is in force is not activated again');
SELECT throws_ok($$SELECT store_scorecard('x', '{"characteristics": []}')$$, '22023', NULL, 'a card without characteristics');
SELECT throws_ok($$SELECT store_scorecard('x', '{"characteristics": [{"name": "a", "figure": "nothing", "edges": [0], "points": [1, 2]}]}')$$, '22023', 'there is no figure "nothing"', 'a card on a figure that is not known');
UPDATE ledger SET pinned_date = '2026-04-15';
SELECT activate_model(:trade_2);
SELECT results_eq($$SELECT version FROM score_as_of('2026-03-31', customer_ids => ARRAY[1])$$, 'VALUES (1)', 'the past is scored by the version of then');
SELECT results_eq($$SELECT version FROM score_as_of('2026-04-15', customer_ids => ARRAY[1])$$, 'VALUES (2)', 'today by that of today');
SELECT revise_model('trade') AS trade_3 \gset
SELECT challenge_model(:trade_3);
SELECT is(score_customers(ARRAY[1]), 2::bigint, 'a challenger is scored beside the champion');
SELECT results_eq('SELECT role, m.version FROM customer_score JOIN score_model m USING (model_id) WHERE customer_id = 1 ORDER BY score_id DESC LIMIT 2', $$VALUES ('champion', 2), ('challenger', 3)$$, 'and kept as such');
SELECT is((SELECT model FROM current_score WHERE customer_id = 1), 'trade_v2', 'but decides nothing');

-- Classes: no gap, no overlap -----------------------------------------------------------
SELECT results_eq('SELECT class_of(s) FROM unnest(ARRAY[0, 34.99, 35, 49.99, 50, 65, 79.99, 80, 100]) s', $$VALUES ('E'), ('E'), ('D'), ('D'), ('C'), ('B'), ('B'), ('A'), ('A')$$, 'the edge belongs to the better class');
SELECT throws_ok($$UPDATE risk_class_band SET min_score = 1 WHERE risk_class = 'E'; SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'no risk class begins at score 0', 'a gap below');
SELECT throws_ok($$UPDATE risk_class_band SET min_score = 90 WHERE risk_class = 'B'; SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'a better risk class must begin at a higher score', 'classes out of order');
SET CONSTRAINTS ALL DEFERRED;

-- Events and the night ------------------------------------------------------------------
SELECT queue_score(ARRAY[2::bigint], 'test');
SELECT is_empty('SELECT * FROM score_queue', 'off: nothing is queued');
UPDATE ledger SET scoring = 'night';
SELECT queue_score(ARRAY[2::bigint], 'test');
SELECT is((SELECT count(*) FROM score_queue), 1::bigint, 'night: it waits');
SELECT ok(score_due() > 0, 'the night scores who waits, and who was never scored');
SELECT is(score_due(), 0::bigint, 'and then nobody is due');
SELECT is((SELECT count(*) FROM score_queue), 0::bigint, 'nor waits');
UPDATE ledger SET scoring = 'event';
INSERT INTO given (customer_id, figure, value, from_day) VALUES (2, 'days_beyond_terms_12m', 70, '2026-04-15');
SELECT max(score_id) AS last_score FROM customer_score \gset
SELECT queue_score(ARRAY[2::bigint], 'accounts'), queue_score(ARRAY[2::bigint], 'rating');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT results_eq(format('SELECT customer_id, reason FROM customer_score WHERE role = ''champion'' AND score_id > %s', :last_score), $$VALUES (2::bigint, 'accounts, rating')$$, '002-14 event: one score in the transaction of the facts');
SET CONSTRAINTS ALL DEFERRED;
SELECT pg_stat_get_xact_numscans('score_queue'::regclass) AS scans \gset
SELECT queue_score(ARRAY(SELECT customer_id FROM customer), 'many');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT cmp_ok(pg_stat_get_xact_numscans('score_queue'::regclass) - :scans, '<=', 1::bigint, 'of many who are queued at once, the queue is read once, not once for each');
-- A night that lies ahead is that of the business date, and it ends.
UPDATE ledger SET scoring = 'night';
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (1, 'ahead', 100, '2026-03-01', '2026-03-15');
SELECT ok(score_due('2026-12-31') >= 0, 'a night ahead of the business date');
SELECT is(score_due('2026-12-31'), 0::bigint, 'looks at everybody once');
-- A default counts for 12 months, and the night after them looks again.
SELECT business_date() AS default_day \gset
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (6, 'far', 100, :'default_day', date :'default_day' + 1500);
INSERT INTO default_event (customer_id, kind, occurred_on, amount_base, invoice_id, instalment_no, occurrence) SELECT 6, 'unpaid', :'default_day', 100, invoice_id, 1, 1 FROM invoice WHERE invoice_no = 'far';
UPDATE ledger SET pinned_date = (date :'default_day' + interval '12 months')::date - 15;
SELECT score_due() > 0 AS scored;
SELECT results_eq('SELECT risk_class, caps @> ''{default}'' FROM current_score WHERE customer_id = 6', $$VALUES ('E', true)$$, 'in default: class E');
UPDATE ledger SET pinned_date = (date :'default_day' + interval '12 months')::date - 1;
SELECT score_due() >= 0 AS scored;
SELECT is((SELECT scored_on FROM score_state WHERE customer_id = 6), business_date() - 14, 'the day before nothing has changed');
UPDATE ledger SET pinned_date = (date :'default_day' + interval '12 months')::date;
SELECT score_due() > 0 AS scored;
SELECT results_eq('SELECT as_of, caps @> ''{default}'' FROM current_score WHERE customer_id = 6', 'VALUES (business_date(), false)', 'and 12 months after it the night lets it go');
UPDATE ledger SET pinned_date = :'default_day';
-- A rule or a profile that compares a word with a number stops nobody: the word is no number.
SELECT revise_model('trade') AS worded \gset
INSERT INTO score_cap (model_id, cap, figure, threshold, at_best, reason_en, reason_fr) VALUES (:worded, 'odd', 'country', 1, 'E', 'odd', 'curieux');
SELECT activate_model(:worded);
INSERT INTO score_profile (profile, rank, model, name_en, name_fr) VALUES ('odd', 5, 'nothing', 'odd', 'curieux');
INSERT INTO score_profile_condition (profile, figure, comparison, threshold) VALUES ('odd', 'lifecycle', '>=', 1);
SELECT is((SELECT count(*) FROM score_as_of(business_date()) s WHERE s.profile = 'odd' OR 'odd' = ANY (s.caps)), 0::bigint, 'neither fires, and all are scored');
-- A pinned date that went back: the next version begins where the one before it ended.
SELECT business_date() AS later, (business_date() - 40) AS earlier \gset
UPDATE ledger SET pinned_date = :'earlier';
SELECT revise_model('trade') AS back \gset
SELECT is(activate_model(:back), :'later'::date, 'in force from the day on which the version before it began');
SELECT is((SELECT count(*) FROM score_model WHERE model = 'trade' AND status IN ('active', 'retired') AND :'earlier'::date <@ daterange(active_from, active_to)), 1::bigint, 'one version decides on every day');
UPDATE ledger SET pinned_date = :'later';
SELECT is_empty('SELECT * FROM verify()', 'nothing differs');
SELECT * FROM finish();
ROLLBACK;
