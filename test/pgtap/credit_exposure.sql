\set ON_ERROR_STOP 1
-- Exposure, own risk, limits, indemnities, costs of losses and of terms:
-- worked examples, laws, bounds, errors.
BEGIN;
SET LOCAL search_path = credit_risk, public;
SET LOCAL client_min_messages = warning;

-- A series of numbers between 0 and 999,999 that is the same on every run.
CREATE FUNCTION pg_temp.draw(series integer, number integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ((hashint4extended(number, series) & 1073741823) % 1000000)::numeric;

-- What a call refuses: SQLSTATE and message.
CREATE FUNCTION pg_temp.refusal_of(call text) RETURNS text
LANGUAGE plpgsql SET search_path = credit_risk, public, pg_temp AS $$
BEGIN
  EXECUTE 'SELECT ' || call;
  RETURN NULL;
EXCEPTION WHEN query_canceled OR OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT no_plan();

-- 8.1
SELECT is(credit_exposure(80000, 0, 15000, 25000, 10000, 0), 110000::numeric, '8.1 exposure 110,000');
SELECT is(uninsured_exposure(110000, 70000, 90), 47000::numeric, '8.1 own risk 47,000');
SELECT is(credit_exposure(80000, 12000, 15000, 25000, 10000, 2000.50), 119999.50, '8.1 bills add, unallocated cash lowers');
SELECT is(credit_exposure(-500, 0, -20, 0, 0, 100), -620::numeric, '8.1 signed for a customer in credit');
SELECT is(uninsured_exposure(-620, 70000, 90), 0::numeric, '8.1 who is no risk');
SELECT is(uninsured_exposure(110000, 70000, 90, 50000), 0::numeric, '8.1 guarantees beyond it leave nothing, not less');
SELECT is(uninsured_exposure(110000, 70000, 90, 7000.01), 39999.99, '8.1 guarantees lower it');
SELECT is(uninsured_exposure(110000, 0, 0), 110000::numeric, '8.1 without insurance all of it');
SELECT is(uninsured_exposure(110000, 70000, 90, NULL), 47000::numeric, '8.1 no guarantee known is none');
SELECT is(uninsured_exposure(123456789012345678901234.56, 123456789012345678901234.56, 87.5), 15432098626543209862654.32, '8.1 exact at any size');

-- 8.2
SELECT is(credit_limit_capacity(400000), 40000::numeric, '8.2 capacity 40,000');
SELECT is(credit_limit_need(360000, 60), 60000::numeric, '8.2 need 60,000');
SELECT is(credit_limit(credit_limit_capacity(400000), credit_limit_need(360000, 60), NULL, 0.8), 32000::numeric, '8.2 limit 32,000');
SELECT is(ARRAY[credit_limit_capacity(0), credit_limit_capacity(-400000), credit_limit_capacity(400000, 5)], ARRAY[0, 0, 20000]::numeric[], '8.2 no net worth, no unsecured credit');
SELECT is(ARRAY[credit_limit_need(365000, 60, 365), credit_limit_need(360000, 0), credit_limit_need(-1, 60)], ARRAY[60000, 0, 0]::numeric[], '8.2 another year, no days, no sales');
SELECT is(credit_limit_need(1000, 1)::text, '2.77777777777777777778', '8.2 a need that does not end');
SELECT is(ARRAY[credit_limit(40000, 60000, 25000, 0.8, 5000), credit_limit(34999.99, 60000, NULL, NULL, 5000), credit_limit(35000, NULL, NULL, 1, 5000), credit_limit(4999, NULL, NULL, 1, 5000)],
          ARRAY[25000, 30000, 35000, 0]::numeric[], '8.2 own cap; rounded down to the step');
SELECT is(ARRAY[credit_limit(40000, 60000, 26000, 0.8, 1000, 'average'), credit_limit(NULL, 60000, 30001, 0.8, NULL, 'average')], ARRAY[39000, 45000.5], '8.2 the mean of what is known');
SELECT is(credit_limit(1, 1, 1, 0.5, NULL, 'average')::text, '0.83333333333333333333', '8.2 a mean that does not end');
SELECT is(ARRAY[credit_limit(NULL, 60000, NULL), credit_limit(NULL, NULL, NULL, 0.8, 1000), credit_limit(40000, NULL, NULL, 0)], ARRAY[60000, NULL, 0]::numeric[], '8.2 NULL members are left out, all NULL is NULL');

-- 8.3
SELECT is(insured_indemnity(100000, 80000, 90, 0, 20000), 52000::numeric, '8.3 franchise after the percentage: 52,000');
SELECT is(insured_indemnity(100000, 80000, 90, 0, 20000, NULL, 'before'), 54000::numeric, '8.3 and before it: 54,000');
SELECT is(insured_indemnity(800, 80000, 90, 1000), 0::numeric, '8.3 below the threshold: nothing');
SELECT is(insured_indemnity(1000, 80000, 90, 1000), 900::numeric, '8.3 at the threshold it counts');
SELECT is(insured_indemnity(50000, 80000, 90), 45000::numeric, '8.3 50,000 at 90 %: 45,000 counts');
SELECT is(insured_indemnity(50000, 80000, 90, 0, 100000), 0::numeric, '8.3 within a franchise of 100,000 nothing is paid');
SELECT is(insured_indemnity(100000, 80000, 90, 0, 20000, 30000), 30000::numeric, '8.3 at most what is left of the maximum liability');
SELECT is(ARRAY[insured_indemnity(100000, 80000, 90, NULL, NULL, NULL, NULL), insured_indemnity(0, 80000, 90), insured_indemnity(100000, 0, 90), insured_indemnity(100000, 80000, 0), insured_indemnity(100000, 80000, 90, 0, 0, 0)],
          ARRAY[72000, 0, 0, 0, 0]::numeric[], '8.3 options left NULL; no loss, no limit, no percentage, no liability left');

-- 8.5, 7.4
SELECT is(compensating_sales(5000, 5), 100000::numeric, '8.5 5,000 at 5 %: 100,000');
SELECT is(compensating_sales(20000, 25), 80000::numeric, '8.5 20,000 at 25 %: 80,000');
SELECT is(ARRAY[compensating_sales(5000, 5, 'cost'), compensating_sales(5000, 100, 'cost'), compensating_sales(5000, 5, NULL)], ARRAY[95000, 0, 100000]::numeric[], '8.5 where only the cost is lost');
SELECT is(compensating_sales(5000, 3)::text, '166666.66666666666666666667', '8.5 sales that do not end');
SELECT is(ARRAY[compensating_sales(5000, 0), compensating_sales(5000, -3)], ARRAY[NULL, NULL]::numeric[], '8.5 no margin never earns it');
SELECT is(expected_loss(100000, 0.02, 0.6), 1200::numeric, '7.4 expected loss 1,200');
SELECT is(ARRAY[expected_loss(-5, 0.02, 0.6), expected_loss(7, 1, 1), expected_loss(7, 0, 1)], ARRAY[0, 7, 0]::numeric[], '7.4 its ends');

-- 000-16
SELECT is(cost_of_terms(10000, 60, 5), 82.19, '000-16 10,000 for 60 days at 5 %: 82.19');
SELECT is(cost_of_terms(10000, 60, 5), round(10000 * 0.05 * 60 / 365, 2), '000-16 amount × rate × days / 365 to the cent');
SELECT is(ARRAY[cost_of_terms(7.30, 1, 2.5), cost_of_terms(36500, 1, 0.0145), cost_of_terms(36500, 1, 0.01449999999999999999999999999999)], ARRAY[0.00, 0.01, 0.01], '000-16 rounded once');
SELECT is(cost_of_terms(3.65, 50, 1)::text || ' ' || cost_of_terms(3.6499999999999999999999999999999, 50, 1), '0.01 0.00', '000-16 half a cent goes up, what is just below does not');
SELECT is(ARRAY[cost_of_terms(10000, 60, 5, 360), cost_of_terms(10000, 60, 5, 365, 0), cost_of_terms(10000, 60, 5, 365, 4), cost_of_terms(0, 60, 5), cost_of_terms(10000, 0, 5), cost_of_terms(10000, 60, 0)],
          ARRAY[83.33, 82, 82.1918, 0, 0, 0], '000-16 another year, yen, finer; nothing costs nothing');
SELECT is_empty($$
  SELECT a, d, r FROM (SELECT pg_temp.draw(1, i) / 100 AS a, (pg_temp.draw(2, i) % 180)::integer AS d, pg_temp.draw(3, i) % 2000 / 100 AS r FROM generate_series(1, 2000) i) t
  WHERE cost_of_terms(a, d, r) <> div(2 * a * d * r + 365, 730) / 100
$$, '000-16 on 2,000 draws the rational rounded half up');

-- Laws.
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(1, i) - 200000 AS gross, pg_temp.draw(2, i) AS cover, pg_temp.draw(3, i) / 10000 AS pct, pg_temp.draw(4, i) / 10 AS held FROM generate_series(1, 3000) i) t
  WHERE uninsured_exposure(gross, cover, pct, held) NOT BETWEEN 0 AND greatest(gross, 0)
     OR uninsured_exposure(gross, cover, pct, held) <> greatest(gross - greatest(least(gross, cover), 0) * pct / 100 - held, 0)
$$, 'law: 0 <= net <= gross');
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(1, i) AS loss, pg_temp.draw(2, i) AS cover, pg_temp.draw(3, i) / 10000 AS pct, pg_temp.draw(4, i) / 100 AS nql, pg_temp.draw(5, i) / 10 AS afl, nullif(pg_temp.draw(6, i), pg_temp.draw(6, i) % 3 * pg_temp.draw(6, i)) AS most,
                        (ARRAY['after', 'before'])[i % 2 + 1] AS basis FROM generate_series(1, 3000) i) t
  WHERE insured_indemnity(loss, cover, pct, nql, afl, most, basis) NOT BETWEEN 0 AND least(pct / 100 * least(loss, cover), most)
     OR insured_indemnity(loss, cover, pct, nql, afl, most, 'after') > insured_indemnity(loss, cover, pct, nql, afl, most, 'before')
     OR insured_indemnity(loss, cover, pct, nql, 0, NULL, basis) + uninsured_exposure(loss, cover, pct) <> loss AND loss >= nql
$$, 'law: 0 <= indemnity <= percentage of the loss within the limit; with own risk it makes the loss');
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(1, i) AS capacity, pg_temp.draw(2, i) AS need, pg_temp.draw(3, i) AS cap, pg_temp.draw(4, i) / 1000000 AS factor, 1 + pg_temp.draw(5, i) % 5000 AS step FROM generate_series(1, 3000) i) t
  WHERE credit_limit(capacity, need, cap, factor, step) NOT BETWEEN 0 AND least(capacity * factor, need, cap)
     OR credit_limit(capacity, need, cap, factor, step) % step <> 0
     OR least(capacity * factor, need, cap) - credit_limit(capacity, need, cap, factor, step) >= step
     OR credit_limit(capacity, need, cap, factor, step, 'average') <> div(capacity * factor + need + cap, 3 * step) * step
$$, 'law: a limit is the largest multiple of the step within the least');
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(1, i) AS loss, 0.01 + pg_temp.draw(2, i) % 10000 / 100 AS margin FROM generate_series(1, 1000) i) t
  WHERE abs(compensating_sales(loss, margin) * margin / 100 - loss) > 1e-18
     OR abs(compensating_sales(loss, margin) - compensating_sales(loss, margin, 'cost') - loss) > 1e-18
$$, 'law: their margin is the loss; the cost of the loss is the margin less');

-- NULL, and what is no argument.
SELECT is_empty($$
  SELECT call FROM unnest(ARRAY['credit_exposure(NULL,0,0,0,0,0)', 'credit_exposure(0,NULL,0,0,0,0)', 'credit_exposure(0,0,NULL,0,0,0)', 'credit_exposure(0,0,0,NULL,0,0)', 'credit_exposure(0,0,0,0,NULL,0)', 'credit_exposure(0,0,0,0,0,NULL)',
    'uninsured_exposure(NULL,1,90)', 'uninsured_exposure(1,NULL,90)', 'uninsured_exposure(1,1,NULL)', 'credit_limit_capacity(NULL)', 'credit_limit_capacity(1,NULL)',
    'credit_limit_need(NULL,1)', 'credit_limit_need(1,NULL)', 'credit_limit_need(1,1,NULL)', 'insured_indemnity(NULL,1,90)', 'insured_indemnity(1,NULL,90)', 'insured_indemnity(1,1,NULL)',
    'expected_loss(NULL,1,1)', 'expected_loss(1,NULL,1)', 'expected_loss(1,1,NULL)', 'compensating_sales(NULL,1)', 'compensating_sales(1,NULL)',
    'cost_of_terms(NULL,1,1)', 'cost_of_terms(1,NULL,1)', 'cost_of_terms(1,1,NULL)', 'cost_of_terms(1,1,1,NULL)', 'cost_of_terms(1,1,1,365,NULL)']) call
  WHERE pg_temp.refusal_of(format('1 / (CASE WHEN %s IS NULL THEN 1 ELSE 0 END)', call)) IS NOT NULL
$$, 'NULL in, NULL out');
SELECT is(pg_temp.refusal_of(call), '22023 ' || message, call || ' is refused')
FROM (VALUES
  ('credit_exposure(1,-1,1,1,1,1)', 'unmatured_bills must not be negative'), ('credit_exposure(1,1,1,-1,1,1)', 'open_orders must not be negative'),
  ('credit_exposure(1,1,1,1,-1,1)', 'deposits must not be negative'), ('credit_exposure(1,1,1,1,1,-1)', 'unallocated must not be negative'),
  ('credit_exposure(''NaN'',1,1,1,1,1)', 'receivables must not be NaN'), ('credit_exposure(1,1,''Infinity'',1,1,1)', 'unbilled must not be infinite'),
  ('uninsured_exposure(''NaN'',1,90)', 'gross must not be NaN'), ('uninsured_exposure(1,-1,90)', 'insured_limit must not be negative'),
  ('uninsured_exposure(1,1,100.01)', 'insured_pct must be a percentage from 0 to 100'), ('uninsured_exposure(1,1,-0.1)', 'insured_pct must be a percentage from 0 to 100'),
  ('uninsured_exposure(1,1,90,-1)', 'other_guarantees must not be negative'),
  ('credit_limit_capacity(''-Infinity'')', 'equity must not be infinite'), ('credit_limit_capacity(1,101)', 'pct must be a percentage from 0 to 100'),
  ('credit_limit_need(''NaN'',1)', 'annual_sales must not be NaN'), ('credit_limit_need(1,-1)', 'terms_days must not be negative'), ('credit_limit_need(1,1,0)', 'basis must be greater than zero'),
  ('credit_limit(-1,1,1)', 'capacity must not be negative'), ('credit_limit(1,-1,1)', 'need must not be negative'), ('credit_limit(1,1,-1)', 'cap must not be negative'),
  ('credit_limit(1,1,1,-0.1)', 'score_factor must not be negative'), ('credit_limit(NULL,NULL,NULL,1,0)', 'step must be greater than zero'), ('credit_limit(1,1,1,1,1,''median'')', 'method "median" is not known'),
  ('insured_indemnity(-1,1,90)', 'loss must not be negative'), ('insured_indemnity(1,-1,90)', 'insured_limit must not be negative'), ('insured_indemnity(1,1,900)', 'insured_pct must be a percentage from 0 to 100'),
  ('insured_indemnity(1,1,90,-1)', 'nql must not be negative'), ('insured_indemnity(1,1,90,0,-1)', 'afl_left must not be negative'),
  ('insured_indemnity(1,1,90,0,0,-1)', 'max_liability_left must not be negative'), ('insured_indemnity(1,1,90,0,0,0,''After'')', 'afl_basis "After" is not known'),
  ('expected_loss(''NaN'',1,1)', 'ead must not be NaN'), ('expected_loss(1,2,1)', 'pd must be a fraction from 0 to 1'), ('expected_loss(1,1,60)', 'lgd must be a fraction from 0 to 1'),
  ('compensating_sales(-1,5)', 'loss must not be negative'), ('compensating_sales(1,100.1)', 'margin_pct must be a percentage from 0 to 100'), ('compensating_sales(1,''NaN'')', 'margin_pct must not be NaN'), ('compensating_sales(1,5,''net'')', 'method "net" is not known'),
  ('cost_of_terms(-1,1,1)', 'amount must not be negative'), ('cost_of_terms(1,-1,1)', 'days must not be negative'), ('cost_of_terms(1,1,-1)', 'rate_pct must not be negative'),
  ('cost_of_terms(1,1,1,0)', 'basis must be greater than zero'), ('cost_of_terms(1,1,1,365,31)', 'scale must be between 0 and 30')) t (call, message);
SELECT is_empty($$
  SELECT oid::regprocedure FROM pg_proc
  WHERE pronamespace = 'credit_risk'::regnamespace AND (provolatile <> 'i' OR proparallel <> 's')
    AND proname IN ('credit_exposure', 'uninsured_exposure', 'credit_limit_capacity', 'credit_limit_need', 'credit_limit', 'insured_indemnity', 'expected_loss', 'compensating_sales', 'cost_of_terms')
$$, 'all immutable and parallel safe');
SELECT * FROM finish();
ROLLBACK;
