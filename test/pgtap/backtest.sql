-- Backtests: row 001-02 (the PD of 12 months against what came), champion and
-- challenger, no look-ahead, and a card fitted on the ledger itself.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(46);
SELECT credit_risk.create_ledger('proving') \g /dev/null
SET LOCAL search_path = proving, credit_risk, public;
UPDATE ledger SET pinned_date = '2025-12-31';

-- Ninety customers, an invoice a month.  Every tenth pays 50 days late, every tenth 20, the others about when they should.
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 90) i;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
SELECT i, i || '-' || m, d, d + 30, 1000 + i FROM generate_series(1, 90) i, generate_series(0, 17) m, LATERAL (SELECT (date '2023-07-05' + make_interval(months => m))::date AS d) k;
INSERT INTO payment (customer_id, payment_no, received_on, amount)
SELECT i.customer_id, i.invoice_no, i.due_on + CASE i.customer_id % 10 WHEN 9 THEN 50 WHEN 8 THEN 20 ELSE (i.customer_id * 7 + extract(month FROM i.due_on)::integer * 13) % 10 - 5 END::integer, i.amount FROM invoice i;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT i.customer_id, p.payment_id, i.invoice_id, i.amount FROM invoice i JOIN payment p ON p.customer_id = i.customer_id AND p.payment_no = i.invoice_no;
-- What became of them.
SELECT record_default(c, occurred_on => d) FROM (VALUES (9, date '2025-02-10'), (19, '2025-03-15'), (29, '2025-04-20'), (39, '2025-05-02'), (49, '2024-12-20'), (59, '2025-06-30'), (8, '2025-03-03'), (18, '2025-07-01'),
    (5, '2025-05-05'), (69, '2024-08-15')) v (c, d) \g /dev/null
SELECT is((SELECT count(*) FROM backtest_sample(NULL, '2024-06-01', '2024-12-31')), 0::bigint, 'strict: what was loaded later was not known then');

-- The samples ---------------------------------------------------------------------------
CREATE TEMP TABLE before AS SELECT * FROM backtest_sample(NULL, '2024-06-15', '2025-03-31', 12, false);
SELECT results_eq('SELECT sample_on, count(*), count(*) FILTER (WHERE is_bad) FROM before GROUP BY 1 ORDER BY 1',
    $$VALUES (date '2024-06-30', 90::bigint, 9::bigint), ('2024-07-31', 90, 10), ('2024-08-31', 89, 9), ('2024-09-30', 89, 9), ('2024-10-31', 89, 9), ('2024-11-30', 89, 9), ('2024-12-31', 88, 8)$$,
    '001-02 month ends whose horizon is over; who is in default already is left out; bad = a default within 12 months');
SELECT results_eq($$SELECT bad_on, is_bad FROM before WHERE customer_id = 18 AND sample_on IN ('2024-06-30', '2024-07-31') ORDER BY sample_on$$, $$VALUES (NULL::date, false), ('2025-07-01', true)$$,
    'a default counts up to the last day of the horizon, and not after');
SELECT is((SELECT count(*) FROM backtest_sample(NULL, '2024-09-30', '2024-09-30', 12, false, include_defaulted => true)), 90::bigint, 'include_defaulted has all');
SELECT results_eq($$SELECT DISTINCT sample_on FROM backtest_sample(NULL, '2024-06-15', '2024-12-31', 12, false, every_months => 3) ORDER BY 1$$, $$VALUES (date '2024-06-30'), ('2024-09-30'), ('2024-12-31')$$, 'every third month');
SELECT results_eq('SELECT s.customer_id, s.score, s.rating, s.pd, s.risk_class, s.scored_by FROM before s WHERE s.sample_on = ''2024-09-30'' ORDER BY 1',
    $$SELECT x.customer_id, x.score, x.rating, x.pd, x.risk_class, x.model_id FROM score_as_of('2024-09-30') x WHERE x.customer_id <> 69 ORDER BY 1$$, 'the scores are those of score_as_of');
SELECT is((SELECT count(*) FROM backtest_sample(NULL, '2025-12-01', '2025-12-31', 12, false)), 0::bigint, 'no sample whose horizon is not over');

-- No look-ahead: whatever is dated after a sample date changes no score of it ------------
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT i, 'L' || i, '2025-01-01', '2025-01-02', 50000 FROM generate_series(1, 90) i;
INSERT INTO payment (customer_id, payment_no, received_on, amount) SELECT i, 'L' || i, '2025-06-30', 70000 FROM generate_series(1, 90) i;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on)
SELECT i.customer_id, p.payment_id, i.invoice_id, i.amount, '2025-06-30' FROM invoice i JOIN payment p ON p.customer_id = i.customer_id AND p.payment_no = i.invoice_no WHERE i.invoice_no LIKE 'L%';
SELECT reverse_default(e.default_event_id, 'it was another firm') FROM default_event e WHERE e.customer_id = 5 \g /dev/null
SELECT record_default(77, occurred_on => '2025-01-01') \g /dev/null
CREATE TEMP TABLE after AS SELECT * FROM backtest_sample(NULL, '2024-06-15', '2025-03-31', 12, false);
SELECT results_eq('SELECT sample_on, customer_id, profile, scored_by, score, rating, pd, score_class, risk_class, unscored, figures FROM after ORDER BY 1, 2',
                  'SELECT sample_on, customer_id, profile, scored_by, score, rating, pd, score_class, risk_class, unscored, figures FROM before ORDER BY 1, 2',
                  '001-02 look-ahead: facts dated after the sample dates change no score, class or figure of them');
SELECT results_eq('SELECT DISTINCT a.customer_id, a.is_bad FROM after a JOIN before b USING (sample_on, customer_id) WHERE a.is_bad <> b.is_bad ORDER BY 1', 'VALUES (5::bigint, false), (77, true)',
                  'only the outcome looks ahead: a default taken back was none, one that came is one');
SELECT is((SELECT count(*) FROM backtest_sample(NULL, '2024-06-01', '2024-12-31')), 0::bigint, 'strict still knows nothing');

-- 001-02 Calibrated? -----------------------------------------------------------------------
CREATE TEMP TABLE run AS SELECT * FROM backtest(NULL, '2024-06-15', '2024-12-31', 12, false);
SELECT results_eq('SELECT samples, first_sample, last_sample, observations, customers, scored_pct, scored, bads FROM run', $$SELECT 7::bigint, date '2024-06-30', date '2024-12-31', count(*), 90::bigint, 100.00, count(*), count(*) FILTER (WHERE is_bad) FROM after$$,
    '001-02 backtest: dates, observations, share scored, bads');
SELECT results_eq('SELECT round(brier_score::numeric, 9), round(bad_rate::numeric, 9), round(mean_pd::numeric, 9), round(brier_of_rate::numeric, 9) FROM run',
    'SELECT round(avg((pd - is_bad::integer) ^ 2)::numeric, 9), round(avg(is_bad::integer), 9), round(avg(pd)::numeric, 9), round(avg(is_bad::integer) * (1 - avg(is_bad::integer)), 9) FROM after',
    '001-02 the Brier score of pd_12m is that of plain SQL');
SELECT is((SELECT round(auc::numeric, 9) FROM run), (SELECT round((sum(CASE WHEN b.pd > g.pd THEN 1 WHEN b.pd = g.pd THEN 0.5 ELSE 0 END) / count(*))::numeric, 9) FROM after b CROSS JOIN after g WHERE b.is_bad AND NOT g.is_bad),
    '001-02 AUC by all pairs');
SELECT ok(auc > 0.9 AND ks_statistic > 0.6 AND round(gini::numeric, 9) = round((2 * auc - 1)::numeric, 9) AND psi >= 0, '001-02 it tells who pays late from who does not; PSI of the first against the last date') FROM run;
SELECT results_eq($$SELECT sum(observations)::bigint, sum(bads)::bigint, bool_and(mean_pd BETWEEN lowest AND highest) FROM backtest_calibration(NULL, '2024-06-15', '2024-12-31', 12, false)$$,
    'SELECT count(*), count(*) FILTER (WHERE is_bad), true FROM after', '001-02 the calibration table holds every observation once');
SELECT results_eq($$SELECT bin, observations, bads, round(mean_pd::numeric, 9), round(observed_rate::numeric, 9) FROM backtest_calibration(NULL, '2024-06-15', '2024-12-31', 12, false, bins => 1)$$,
    'SELECT 1, scored, bads, round(mean_pd::numeric, 9), round(bad_rate::numeric, 9) FROM run', '001-02 in one bin it compares the two means');

-- Champion and challenger ------------------------------------------------------------------
SELECT store_scorecard('coin', '{"scaling": "percent", "characteristics": [{"name": "settled", "figure": "settled_invoices_12m", "edges": [8, 12], "upper_closed": false, "points": [0, 5, 10]}]}') AS coin \gset
CREATE TEMP TABLE compared AS SELECT * FROM compare_models(ARRAY[NULL, :coin], '2024-06-15', '2024-12-31', 12, false);
SELECT results_eq('SELECT model, status, samples, observations, compared, bads FROM compared', $$SELECT m, s, 7::bigint, scored, scored, bads FROM run, (VALUES (NULL, NULL), ('coin', 'draft')) v (m, s)$$, 'models side by side on the same samples, a draft among them');
SELECT ok((SELECT auc FROM compared WHERE model IS NULL) = (SELECT auc FROM run) AND (SELECT auc FROM compared WHERE model IS NULL) > (SELECT auc FROM compared WHERE model = 'coin') + 0.2, 'the better one is seen to be better');
SELECT is((SELECT count(*) FROM score_model WHERE model = 'coin' AND status = 'draft'), 1::bigint, 'and nothing is decided by it');
SELECT store_scorecard('picky', '{"scaling": "percent", "characteristics": [{"name": "cover", "figure": "cover_answer_pct", "edges": [50], "upper_closed": false, "points": [0, 5]}]}') AS picky \gset
SELECT results_eq(format('SELECT coalesce(model, ''profile''), scored_pct, compared, auc, psi FROM compare_models(ARRAY[NULL, %s], ''2024-06-15'', ''2024-12-31'', 12, false)', :picky),
    'VALUES (''profile'', 100.00, 0::bigint, NULL::double precision, NULL::double precision), (''picky'', 0.00, 0, NULL, NULL)', 'who is scored by one alone is compared in none; nothing compared is NULL');
SELECT results_eq($$SELECT samples, observations, scored, bads, auc, brier_score, psi FROM backtest(NULL, '2020-01-01', '2020-12-31', 12, false)$$, 'VALUES (0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::double precision, NULL::double precision, NULL::double precision)', 'before there was anybody there is nothing');

-- On record --------------------------------------------------------------------------------
SELECT record_backtest(:coin, '2024-06-15', '2024-12-31', 12, false, note => 'for the committee') AS run_id \gset
SELECT results_eq('SELECT r.model_id, r.run_on, r.auc, r.observations, r.bads, r.note, (SELECT sum((c->>''observations'')::integer) FROM jsonb_array_elements(r.calibration) c)::bigint FROM backtest_run r',
    format('SELECT %s::bigint, date ''2025-12-31'', auc, observations, bads, ''for the committee'', compared FROM compared WHERE model = ''coin''', :coin), 'a backtest on record, with its calibration table');
SELECT throws_ok('UPDATE backtest_run SET auc = 1', 'CR010', NULL, 'what is on record stays');
SELECT throws_ok('DELETE FROM backtest_run', 'CR010', NULL, 'and is not deleted');

-- A card fitted on the ledger -----------------------------------------------------------------
SELECT fit_from_ledger('own', '2024-06-15', '2024-10-31', 12, false, '{days_beyond_terms_12m,on_time_pct_12m,lateness_trend_days,settled_invoices_12m}') AS own \gset
SELECT results_eq('SELECT model, version, status, scaling FROM score_model WHERE model = ''own''', $$VALUES ('own', 1, 'draft', 'sum')$$, 'a card fitted on the ledger is a draft');
SELECT is((SELECT evidence #>> '{fitted,rows}' FROM score_model WHERE model = 'own'), (SELECT count(*)::text FROM after WHERE sample_on <= '2024-10-31'), 'and says on how many rows');
SELECT ok((SELECT bool_and(k.evidence ? 'iv' AND k.evidence ? 'woe' AND k.evidence ? 'coefficient') FROM score_characteristic k WHERE k.model_id = :own), 'with the evidence of each characteristic');
SELECT ok(abs(mean_pd - bad_rate) < 0.005, '001-02 fitted, the mean PD is the share that defaulted') FROM backtest(:own, '2024-06-15', '2024-10-31', 12, false);
SELECT ok(brier_score < brier_of_rate AND auc > 0.9 AND abs(mean_pd - bad_rate) < 0.02, '001-02 on later dates, which it has not seen, its PD holds: Brier below that of the rate') FROM backtest(:own, '2024-11-01', '2024-12-31', 12, false);
SELECT throws_ok($$SELECT fit_from_ledger('none', '2024-06-15', '2024-10-31')$$, 'CR012', 'no card can be fitted on these samples', 'strict, there is nothing to fit');
SELECT throws_ok($$SELECT fit_from_ledger('none', '2024-06-15', '2024-10-31', 12, false, '{guess}')$$, '22023', 'there is no figure "guess"', 'an unknown figure');
SELECT throws_ok($$SELECT fit_from_ledger('none', '2024-06-15', '2024-10-31', 12, false, options => '{"max_bin": 2}')$$, '22023', NULL, 'an unknown option');
SELECT is((SELECT count(*) FROM score_model WHERE model = 'none'), 0::bigint, 'and nothing half done');

-- Strict, on days that are still to come by the clock: then everything here was known in time.
UPDATE ledger SET pinned_date = '2099-12-31';
INSERT INTO customer (customer_id, code, name) VALUES (101, 'Z1', 'Later'), (102, 'Z2', 'Much later');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (101, 'Z1', '2098-01-10', '2098-02-10', 900), (102, 'Z2', '2099-01-10', '2099-02-10', 900);
SELECT results_eq($$SELECT sample_on, customer_id, known_at, is_bad FROM backtest_sample(NULL, '2098-01-31', '2098-01-31') WHERE customer_id > 100$$, $$VALUES (date '2098-01-31', 101::bigint, timestamptz '2098-02-01 00:00 Europe/Paris' - interval '1 microsecond', false)$$,
    'strict: known by the end of the day in the time zone of the ledger; who bought later is not in the sample');

-- Not what it takes.
SELECT throws_ok(format('SELECT * FROM backtest_sample(NULL, %s)', a), '22023', NULL, 'bad input: ' || a)
FROM unnest('{"NULL, ''2024-01-31''","''2024-01-31'', NULL","''2024-02-01'', ''2024-01-31''","''-infinity'', ''2024-01-31''","''2024-01-31'', ''2024-01-31'', 0","''2024-01-31'', ''2024-01-31'', NULL","''2024-01-31'', ''2024-01-31'', 12, NULL","''2024-01-31'', ''2024-01-31'', 12, false, NULL","''2024-01-31'', ''2024-01-31'', 12, false, false, 0"}'::text[]) a;
SELECT throws_ok($$SELECT * FROM backtest(999, '2024-06-15', '2024-12-31', 12, false)$$, '22023', NULL, 'bad input: a model that does not exist');
SELECT throws_ok($$SELECT * FROM backtest_calibration(NULL, '2024-06-15', '2024-12-31', 12, false, bins => 0)$$, '22023', NULL, 'bad input: no bins');
SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
