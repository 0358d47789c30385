-- Late-payment interest: every example of the literature, the rates of forty half-years, the laws over drawn figures,
-- and the public sample of 2,466 invoices.
\set ON_ERROR_STOP 1
\if :{?shared_data}
\else
  \set shared_data ''
\endif
\set csv :shared_data/ar/ibm_accounts_receivable.csv
\set semesters :shared_data/reference/late_payment_rates_by_semester.csv
\setenv CRK_CSV :csv
\setenv CRK_SEMESTERS :semesters
\set readable `test -r "$CRK_CSV" && test -r "$CRK_SEMESTERS" && echo on || echo off`

BEGIN;
SET LOCAL search_path = credit_risk, public;
SET LOCAL client_min_messages = warning;

-- A series of numbers between 0 and 999,999 that is the same on every run.
CREATE FUNCTION pg_temp.draw(series integer, number integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN (hashint4extended(number, series) & 1073741823) % 1000000;

-- The SQLSTATE of a call, NULL where it passes.
CREATE FUNCTION pg_temp.sqlstate_of(call text) RETURNS text
LANGUAGE plpgsql SET search_path = credit_risk, public, pg_temp AS $$
BEGIN
  EXECUTE 'SELECT ' || call;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;

SELECT plan(54);

-- Examples ------------------------------------------------------------------------
SELECT results_eq($$SELECT from_date, to_date, days, rate_pct, round(interest, 6) FROM late_interest_detail(10000, '2024-05-15', '2024-09-20')$$,
                  $$VALUES (date '2024-05-16', date '2024-06-30', 46, 14.50, 182.739726), ('2024-07-01', '2024-09-20', 82, 14.25, 320.136986)$$,
                  'FR: 46 days at 14.5 %, 82 days at 14.25 %');
SELECT is(late_interest(10000, '2024-05-15', '2024-09-20'), 502.88, 'FR: 502.88');
SELECT is(late_interest(10000, '2024-05-15', '2024-09-20', 'EU'), 432.74, 'EU: 432.74');
SELECT is(late_fixed_sum(10000, 'FR'), 40::numeric, 'and 40');
SELECT results_eq($$SELECT days, rate_pct, round(interest, 2) FROM late_interest_detail(2500, '2024-12-10', '2025-02-20', 'UK')$$,
                  $$VALUES (72, 13.25, 65.34)$$, 'UK: 72 days at the rate of the half-year in which interest starts');
SELECT is(late_interest(2500, '2024-12-10', '2025-02-20', 'UK'), 65.34, 'UK: 65.34');
SELECT is(late_fixed_sum(2500, 'UK'), 70::numeric, 'and 70');
SELECT is(ARRAY[late_interest(1000, '2024-01-01', '2024-02-20', 'UK', 8.5, round_daily => true),
                late_interest(1000, '2024-01-01', '2024-02-20', 'UK', 8.5),
                round(late_interest(1000, '2024-01-01', '2024-02-20', 'UK', 8.5, scale => NULL), 6)],
          ARRAY[11.50, 11.64, 11.643836], 'gov.uk rounds the day first; exact is exact');
SELECT results_eq($$SELECT from_date, to_date, days, principal, round(interest, 6), payment, to_interest, to_principal, principal_after, round(interest_after, 6)
                    FROM late_interest_schedule(10000, '2025-01-31', '{2025-03-02}', '{4000}', '2025-04-01', rate_pct => 13.15)$$,
                  $$VALUES (date '2025-02-01', date '2025-03-02', 30, 10000::numeric, 108.082192, 4000::numeric, 0::numeric, 4000::numeric, 6000::numeric, 108.082192),
                           ('2025-03-03', '2025-04-01', 30, 6000, 64.849315, 0, 0, 0, 6000, 172.931507)$$, 'a partial payment, principal first');
SELECT results_eq($$SELECT round(interest, 6), payment, round(to_interest, 6), round(to_principal, 6), round(principal_after, 6), round(interest_after, 6)
                    FROM late_interest_schedule(10000, '2025-01-31', '{2025-03-02}', '{4000}', '2025-04-01', rate_pct => 13.15, imputation => 'interest_first')$$,
                  $$VALUES (108.082192, 4000::numeric, 108.082192, 3891.917808, 6108.082192, 0.000000), (66.017491, 0, 0.000000, 0.000000, 6108.082192, 66.017491)$$,
                  'the same, interest first');
SELECT is((SELECT round(sum(interest), 2) FROM late_interest_schedule(10000, '2025-01-31', '{2025-04-01,2025-03-02}', '{6000,4000}', '2025-12-31', rate_pct => 13.15)),
          172.93, 'principal first, the rest on 1 April');
SELECT is(late_contractual_rate(10, '2024-12-31'), 14.76, 'the floor of a contract in 2024 S2 is 14.76');
SELECT is(late_contractual_rate(15, '2024-12-31'), 15::numeric, 'a higher rate stays');
SELECT is(late_statutory_rate('FR', '2024-12-31'), 14.25, 'the default rate is not lifted to it');
SELECT is(late_statutory_rate('FR', '2025-01-01'), 13.15, 'the rate in force counts, not the one decided');
SELECT results_eq($$SELECT day_count_days('2025-01-31', '2025-02-28', c), day_count_days('2024-02-29', '2024-03-31', c)
                    FROM unnest('{act/act,30E/360,30/360 US,30/360 SIA}'::text[]) WITH ORDINALITY t (c, n) ORDER BY n$$,
                  $$VALUES (28, 31), (28, 31), (28, 30), (28, 32)$$, 'day counts at the ends of months');
SELECT is(year_fraction('2003-11-01', '2004-05-01', 'act/act'), 61 / 365::float8 + 121 / 366::float8, 'act/act by the length of each year');
SELECT results_eq($$SELECT late_fixed_sum(d, 'UK'), late_fixed_sum(d, 'EU'), late_fixed_sum(d, 'fr_public') FROM unnest('{-5,0,0.01,999.99,1000,9999.99,10000}'::numeric[]) d$$,
                  $$VALUES (0::numeric, 0::numeric, 0::numeric), (0, 0, 0), (40, 40, 40), (40, 40, 40), (70, 40, 40), (70, 40, 40), (100, 40, 40)$$, 'fixed sums');

-- Rates ----------------------------------------------------------------------------
CREATE TEMPORARY TABLE derived (since date, ecb numeric, ecb_10 numeric, ecb_8 numeric, boe numeric, uk numeric);
INSERT INTO derived VALUES
  ('2006-01-01', 2.25, 12.25, 10.25, 4.50, 12.50), ('2006-07-01', 2.75, 12.75, 10.75, 4.50, 12.50), ('2007-01-01', 3.50, 13.50, 11.50, 5.00, 13.00),
  ('2007-07-01', 4.00, 14.00, 12.00, 5.50, 13.50), ('2008-01-01', 4.00, 14.00, 12.00, 5.50, 13.50), ('2008-07-01', 4.00, 14.00, 12.00, 5.00, 13.00),
  ('2009-01-01', 2.50, 12.50, 10.50, 2.00, 10.00), ('2009-07-01', 1.00, 11.00, 9.00, 0.50, 8.50), ('2010-01-01', 1.00, 11.00, 9.00, 0.50, 8.50),
  ('2010-07-01', 1.00, 11.00, 9.00, 0.50, 8.50), ('2011-01-01', 1.00, 11.00, 9.00, 0.50, 8.50), ('2011-07-01', 1.25, 11.25, 9.25, 0.50, 8.50),
  ('2012-01-01', 1.00, 11.00, 9.00, 0.50, 8.50), ('2012-07-01', 1.00, 11.00, 9.00, 0.50, 8.50), ('2013-01-01', 0.75, 10.75, 8.75, 0.50, 8.50),
  ('2013-07-01', 0.50, 10.50, 8.50, 0.50, 8.50), ('2014-01-01', 0.25, 10.25, 8.25, 0.50, 8.50), ('2014-07-01', 0.15, 10.15, 8.15, 0.50, 8.50),
  ('2015-01-01', 0.05, 10.05, 8.05, 0.50, 8.50), ('2015-07-01', 0.05, 10.05, 8.05, 0.50, 8.50), ('2016-01-01', 0.05, 10.05, 8.05, 0.50, 8.50),
  ('2016-07-01', 0.00, 10.00, 8.00, 0.50, 8.50), ('2017-01-01', 0.00, 10.00, 8.00, 0.25, 8.25), ('2017-07-01', 0.00, 10.00, 8.00, 0.25, 8.25),
  ('2018-01-01', 0.00, 10.00, 8.00, 0.50, 8.50), ('2018-07-01', 0.00, 10.00, 8.00, 0.50, 8.50), ('2019-01-01', 0.00, 10.00, 8.00, 0.75, 8.75),
  ('2019-07-01', 0.00, 10.00, 8.00, 0.75, 8.75), ('2020-01-01', 0.00, 10.00, 8.00, 0.75, 8.75), ('2020-07-01', 0.00, 10.00, 8.00, 0.10, 8.10),
  ('2021-01-01', 0.00, 10.00, 8.00, 0.10, 8.10), ('2021-07-01', 0.00, 10.00, 8.00, 0.10, 8.10), ('2022-01-01', 0.00, 10.00, 8.00, 0.25, 8.25),
  ('2022-07-01', 0.00, 10.00, 8.00, 1.25, 9.25), ('2023-01-01', 2.50, 12.50, 10.50, 3.50, 11.50), ('2023-07-01', 4.00, 14.00, 12.00, 5.00, 13.00),
  ('2024-01-01', 4.50, 14.50, 12.50, 5.25, 13.25), ('2024-07-01', 4.25, 14.25, 12.25, 5.25, 13.25), ('2025-01-01', 3.15, 13.15, 11.15, 4.75, 12.75),
  ('2025-07-01', 2.15, 12.15, 10.15, 4.25, 12.25), ('2026-01-01', 2.15, 12.15, 10.15, 3.75, 11.75), ('2026-07-01', 2.40, 12.40, 10.40, 3.75, 11.75);

SELECT results_eq($$SELECT since, late_reference_rate('FR', since), late_reference_rate('EU', since) + 8, late_reference_rate('UK', since), late_statutory_rate('UK', since) FROM derived ORDER BY 1$$,
                  $$SELECT since, ecb, ecb_8, boe, uk FROM derived ORDER BY 1$$, '42 half-years: references, and the British rate');
SELECT results_eq($$SELECT since, late_statutory_rate('FR', since) FROM derived WHERE since >= '2008-01-01' ORDER BY 1$$,
                  $$SELECT since, ecb_10 - CASE WHEN since < '2009-01-01' THEN 3 ELSE 0 END FROM derived WHERE since >= '2008-01-01' ORDER BY 1$$,
                  'FR: 10 points; 7 in 2008, before the law of modernisation');
SELECT is((SELECT count(late_statutory_rate('FR', since)) FROM derived WHERE since < '2008-01-01'), 0::bigint, 'NULL before');
SELECT results_eq($$SELECT since, late_statutory_rate('EU', since) FROM derived ORDER BY 1$$,
                  $$SELECT since, ecb_8 - CASE WHEN since < '2013-07-01' THEN 1 ELSE 0 END FROM derived ORDER BY 1$$, 'EU: 8 points, 7 under the first directive');
SELECT is_empty($$SELECT since FROM derived WHERE since >= '2009-01-01'
                  AND late_statutory_rate('FR_PUBLIC', since) IS DISTINCT FROM ecb_8 - CASE WHEN since < '2013-05-01' THEN 1 ELSE 0 END$$,
                'FR_PUBLIC: 8 points, 7 before May 2013');
SELECT is_empty($$SELECT since, d FROM derived, unnest(ARRAY[0, 1, 30, 59, 100, 180]) d, unnest('{FR,EU,UK,FR_PUBLIC}'::text[]) r
                  WHERE late_reference_rate(r, since + d) IS DISTINCT FROM late_reference_rate(r, since)$$, 'one reference for all days of a half-year');
SELECT is_empty($$SELECT g.r, s.since FROM unnest('{FR,EU,UK,FR_PUBLIC}'::text[]) g (r), late_statutory_rates(g.r, '2009-03-03', '2026-12-31') s
                  WHERE s.rate_pct IS DISTINCT FROM late_statutory_rate(g.r, s.since) OR s.rate_pct <> s.reference_pct + s.margin_pct
                     OR (half_year_start(s.since) <> s.since AND s.since <> '2013-05-01')$$, 'rows and single rates agree');
SELECT is((SELECT count(*) FROM late_statutory_rates('EU', '2009-03-03', '2026-12-31')), 36::bigint, 'a row a half-year');
SELECT is(pg_temp.sqlstate_of($$late_contractual_rate(10, '2026-07-01')$$), '22023', 'the floor of an unknown half-year is not the one before it');
SELECT is((SELECT count(*) FROM generate_series(date '2009-01-01', '2026-01-01', interval '6 months') d
           WHERE pg_temp.sqlstate_of(format('late_contractual_rate(1, %L)', d::date)) IS NULL), 35::bigint, 'the legal rate is known for 35 half-years on end');
SELECT ok((SELECT source ILIKE '%one secondary source%' FROM reference_rate WHERE series = 'ecb_mro' AND effective_on = '2026-06-17'),
          'a figure of one secondary source says so');
SELECT results_eq($$SELECT privilege_type::text FROM pg_class, aclexplode(relacl) WHERE oid = 'reference_rate'::regclass AND grantee = 0$$,
                  $$VALUES ('SELECT')$$, 'everybody reads the rates and nobody writes them');
SELECT ok('reference_rate'::regclass <> ALL (coalesce(extconfig, '{}')), 'and they are not dumped') FROM pg_extension WHERE extname = 'credit_risk';

-- Rates of one's own go first: they stand before those of the release.
SELECT results_eq($$
  SELECT s.since, s.rate_pct
  FROM (SELECT '{ecb_mro,ecb_mro,margin_FR}'::text[] || array_agg(series) AS series, '{2026-06-17,2026-12-01,2026-10-01}'::date[] || array_agg(effective_on) AS effective_on,
               '{2.45,2.20,11}'::numeric[] || array_agg(rate_pct) AS rate_pct FROM reference_rate) r,
       late_statutory_rates('FR', '2026-07-01', '2027-03-31', r.series, r.effective_on, r.rate_pct) s
$$, $$VALUES (date '2026-07-01', 12.45), ('2026-10-01', 13.45), ('2027-01-01', 13.20)$$, 'rates of one''s own before those of the release');
SELECT is((SELECT late_contractual_rate(1, '2026-08-01', '{fr_legal_rate_professional,fr_legal_rate_professional}', '{2026-07-01,2026-07-01}', '{2.5,9}')), 7.5,
          'the same for the legal rate');

-- Laws ------------------------------------------------------------------------------
-- Principals that 73, 9 or 13359 divides give figures that end: then the laws hold to the last digit.
CREATE TEMPORARY TABLE debt AS
SELECT i, round((1 + pg_temp.draw(1, i)) * 0.01, 2) * CASE WHEN i % 3 = 0 THEN 73 WHEN i % 3 = 1 THEN 9 ELSE 13359 END AS principal,
       (ARRAY['act/365f', 'act/360', 'act/act'])[1 + i % 3] AS day_count,
       date '2009-01-01' + (pg_temp.draw(2, i) % 6000)::integer AS due,
       (pg_temp.draw(3, i) % 900)::integer AS first, (pg_temp.draw(4, i) % 900)::integer AS second
FROM generate_series(1, 600) i;
CREATE FUNCTION pg_temp.exact(principal numeric, due date, paid date, regime text, day_count text) RETURNS numeric LANGUAGE sql
AS $$ SELECT credit_risk.late_interest(principal, due, paid, regime, day_count => day_count, scale => NULL) $$;
SELECT is_empty($$
  SELECT i, r FROM debt, unnest('{FR,EU}'::text[]) r
  WHERE pg_temp.exact(principal, due, due + first, r, day_count) + pg_temp.exact(principal, due + first, due + first + second, r, day_count)
        IS DISTINCT FROM pg_temp.exact(principal, due, due + first + second, r, day_count)
$$, 'law 6: interest of FR and EU adds up over any split of time');
SELECT is_empty($$
  SELECT i, r FROM debt, unnest('{FR,EU,UK,FR_PUBLIC}'::text[]) r
  WHERE pg_temp.exact(principal + 7300, due, due + first, r, 'act/365f') - pg_temp.exact(principal, due, due + first, r, 'act/365f')
        - pg_temp.exact(7300, due, due + first, r, 'act/365f') NOT BETWEEN -3e-20 AND 3e-20
$$, 'law 6: and is linear in the principal');
SELECT is_empty($$
  SELECT i FROM debt WHERE due >= '2013-07-01' AND day_count <> 'act/act'
    AND pg_temp.exact(principal, due, due + first, 'FR', day_count) - pg_temp.exact(principal, due, due + first, 'EU', day_count)
        IS DISTINCT FROM trim_scale(principal * 2 * first / 100 / CASE day_count WHEN 'act/365f' THEN 365 ELSE 360 END)
$$, 'law 6: FR - EU is 2 points');
SELECT is_empty($$
  SELECT i, r FROM debt, unnest('{UK,FR_PUBLIC}'::text[]) r WHERE first > 0 AND day_count <> 'act/act'
    AND pg_temp.exact(principal, due, due + first, r, day_count)
        IS DISTINCT FROM trim_scale(principal * late_statutory_rate(r, due + 1) * first / 100 / CASE day_count WHEN 'act/365f' THEN 365 ELSE 360 END)
$$, 'UK and FR_PUBLIC: the rate of the first day for all days');
SELECT isnt(late_interest(10000, '2024-12-10', '2025-01-20', 'UK') + late_interest(10000, '2025-01-20', '2025-04-20', 'UK'),
            late_interest(10000, '2024-12-10', '2025-04-20', 'UK'), 'which does not add up if the second part starts anew');
SELECT is_empty($$
  SELECT i, r FROM debt, unnest('{FR,EU,UK,FR_PUBLIC}'::text[]) r,
    LATERAL (SELECT count(*) AS n, sum(interest) AS interest, sum(to_date - from_date + 1) AS days, min(from_date) AS begins, max(to_date) AS ends
             FROM late_interest_detail(principal, due, due + first, r, day_count => day_count)) d
  WHERE first > 0 AND (trim_scale(d.interest) IS DISTINCT FROM pg_temp.exact(principal, due, due + first, r, day_count)
    OR d.days <> first OR d.begins <> due + 1 OR d.ends <> due + first OR (r IN ('UK', 'FR_PUBLIC') AND d.n <> 1))
$$, 'the detail adds up to the figure');
-- One day after the other, by another way of computing.
SELECT is_empty($$
  SELECT i FROM debt,
    LATERAL (SELECT sum(principal * s.rate_pct / 100 / CASE WHEN day_count = 'act/365f' THEN 365 WHEN day_count = 'act/360' THEN 360
                        ELSE extract(doy FROM make_date(extract(year FROM d)::integer, 12, 31)) END) AS interest
             FROM generate_series(due + 1, due + first, interval '1 day') d
             JOIN late_statutory_rates('FR', '2009-01-01', '2028-12-31') s ON s.since = half_year_start(d::date)) daily
  WHERE i <= 100 AND first > 0 AND abs(pg_temp.exact(principal, due, due + first, 'FR', day_count) - daily.interest) > 1e-9
$$, 'the figure is the sum over the days');
-- Days of months of thirty: however many half-years, those of the whole.
SELECT is_empty($$
  SELECT i, c FROM debt, unnest('{30e/360,30/360 us,30/360 sia}'::text[]) c,
    LATERAL (SELECT sum(days) AS days FROM late_interest_detail(principal, due, due + first, 'FR', day_count => c)) d
  WHERE first > 0 AND d.days <> day_count_days(due, due + first, c)
$$, 'a change of rate does not change the days of 30/360');

-- Payments: what is paid is accounted for, and interest bears none.
CREATE TEMPORARY TABLE history AS
SELECT d.i, d.principal, d.due, d.day_count, d.due + 700 AS as_of, p.paid_on, p.paid_amount
FROM debt d, LATERAL (SELECT array_agg(d.due - 20 + (pg_temp.draw(5, 10 * d.i + k) % 900)::integer) AS paid_on,
                             array_agg(round(d.principal * (pg_temp.draw(6, 10 * d.i + k) % 400) / 1000, 2)) AS paid_amount
                      FROM generate_series(1, 1 + d.i % 7) k) p;
CREATE TEMPORARY TABLE line AS
SELECT h.i, imputation, h.as_of, s.*
FROM history h, unnest('{principal_first,interest_first}'::text[]) imputation,
     LATERAL late_interest_schedule(h.principal, h.due, h.paid_on, h.paid_amount, h.as_of, 'FR', NULL, h.day_count, imputation) WITH ORDINALITY s
     (from_date, to_date, days, rate_pct, stretch_principal, interest, payment, to_interest, to_principal, excess, principal_after, interest_after, line_no);
SELECT is_empty($$
  SELECT i, imputation FROM line JOIN history h USING (i)
  GROUP BY i, imputation, h.principal, h.paid_on, h.paid_amount, h.as_of
  HAVING sum(payment) <> (SELECT coalesce(sum(a), 0) FROM unnest(h.paid_on, h.paid_amount) p (d, a) WHERE d <= h.as_of)
      OR abs(sum(payment) - sum(to_interest) - sum(to_principal) - sum(excess)) > 1e-15
      OR abs(h.principal - sum(to_principal) - (array_agg(principal_after ORDER BY line_no DESC))[1]) > 1e-15
      OR abs(sum(interest) - sum(to_interest) - (array_agg(interest_after ORDER BY line_no DESC))[1]) > 1e-15
$$, 'payments = interest + principal + excess; what is left is what was not paid');
SELECT is_empty($$
  SELECT * FROM line WHERE excess > 0 AND (principal_after <> 0 OR interest_after <> 0)
    OR (imputation = 'interest_first' AND to_principal > 0 AND interest_after <> 0)
    OR (imputation = 'principal_first' AND to_interest > 0 AND principal_after <> 0)
    OR principal_after < 0 OR interest_after < 0 OR (from_date IS NULL) <> (rate_pct IS NULL)
$$, 'in the order that was asked for, and never below zero');
SELECT is_empty($$
  SELECT l.i, l.line_no FROM line l JOIN history h USING (i)
  WHERE l.from_date IS NOT NULL AND abs(l.interest - late_interest_at(l.stretch_principal, l.from_date - 1, l.to_date, ARRAY[l.from_date], ARRAY[l.rate_pct], true, h.day_count, NULL)) > 1e-18
$$, 'each stretch is interest on its principal');
SELECT is_empty($$
  SELECT a.i FROM line a JOIN line b USING (i, imputation) WHERE b.line_no = a.line_no + 1 AND a.principal_after <> b.stretch_principal
$$, 'one stretch begins where the other ended');
SELECT is((SELECT (array_agg(round(interest_after, 10) ORDER BY to_date DESC))[1]
           FROM (SELECT array_agg(date '2020-01-01' + k) AS paid_on, array_agg(0.01) AS paid_amount FROM generate_series(1, 400) k) p,
                late_interest_schedule(100000, '2020-01-01', paid_on, paid_amount, '2021-02-04', 'FR', imputation => 'interest_first')),
          (SELECT round(late_interest(100000, '2020-01-01', '2021-02-04', scale => NULL) - 4, 10)), 'four hundred cents on account of interest leave the principal alone');
SELECT is((SELECT count(*) FROM (SELECT array_agg(date '2020-01-01' + k) AS paid_on, array_agg(200.0) AS paid_amount FROM generate_series(1, 400) k) p,
                late_interest_schedule(100000, '2020-01-01', paid_on, paid_amount, '2021-02-04', 'FR', imputation => 'interest_first')
           WHERE to_principal > 0), 400::bigint, 'four hundred payments, each over a power more');

-- Rounding: once, at the end, and a figure just below a tie goes down.
SELECT is(ARRAY[late_interest_at(365, '2025-01-01', '2025-01-02', '{-infinity}', '{0.5}', false),
                late_interest_at(-365, '2025-01-01', '2025-01-02', '{-infinity}', '{0.5}', false),
                late_interest_at(364.999999999999999999999999999, '2025-01-01', '2025-01-02', '{-infinity}', '{0.5}', false)],
          ARRAY[0.01, -0.01, 0.00], 'half away from zero, by the exact figure');
SELECT is(ARRAY[late_interest(100, '2025-01-01', '2025-01-01'), late_interest(100, '2025-01-01', '2024-01-01'), late_interest(100, '1990-01-01', '1989-01-01')],
          ARRAY[0.00, 0.00, 0.00], 'paid in time: nothing');
SELECT ok(late_interest(NULL, '2025-01-01', '2025-02-01') IS NULL AND late_interest(1, NULL, '2025-02-01') IS NULL AND late_interest(1, '2025-01-01', NULL) IS NULL
          AND late_interest(1, '2025-01-01', '2025-02-01', NULL) IS NULL AND late_interest(1, '2025-01-01', '2025-02-01', day_count => NULL) IS NULL
          AND late_statutory_rate(NULL, '2025-01-01') IS NULL AND late_fixed_sum(NULL, 'FR') IS NULL, 'NULL in, NULL out');
SELECT is_empty($$
  SELECT call, code FROM (VALUES
    ('late_interest(''NaN'', ''2025-01-01'', ''2025-02-01'')'), ('late_interest(''inf'', ''2025-01-01'', ''2025-02-01'')'),
    ('late_interest(1, ''-infinity'', ''2025-02-01'')'), ('late_interest(1, ''2025-01-01'', ''infinity'')'), ('late_interest(1, ''2025-01-01'', ''2025-02-01'', ''DE'')'),
    ('late_interest(1, ''2025-01-01'', ''2025-02-01'', ''DE'', 5)'), ('late_interest(1, ''2025-01-01'', ''2025-02-01'', ''FR'', -1)'),
    ('late_interest(1, ''2025-01-01'', ''2025-02-01'', ''FR'', ''NaN'')'), ('late_interest(1, ''2025-01-01'', ''2025-02-01'', day_count => ''365'')'),
    ('late_interest(1, ''2025-01-01'', ''2025-02-01'', scale => -1)'), ('late_interest(1, ''2025-01-01'', ''2025-02-01'', scale => 31)'),
    ('late_interest(1, ''2025-01-01'', ''2025-02-01'', scale => NULL, round_daily => true)'), ('late_interest(1, ''2007-01-01'', ''2007-02-01'')'),
    ('late_interest_at(1, ''2025-01-01'', ''2025-02-01'', ''{}'', ''{}'', false)'), ('late_interest_at(1, ''2025-01-01'', ''2025-02-01'', ''{2025-01-02}'', ''{}'', false)'),
    ('late_interest_at(1, ''2025-01-01'', ''2025-02-01'', ''{2025-01-02,2025-01-02}'', ''{1,2}'', false)'),
    ('late_interest_at(1, ''2025-01-01'', ''2025-02-01'', ''{2025-01-02}'', ''{NULL}'', false)'),
    ('late_interest_schedule(-1, ''2025-01-01'', ''{2025-01-02}'', ''{1}'', ''2025-02-01'')'), ('late_interest_schedule(1, ''2025-01-01'', ''{2025-01-02}'', ''{-1}'', ''2025-02-01'')'),
    ('late_interest_schedule(1, ''2025-01-01'', ''{2025-01-02}'', ''{}'', ''2025-02-01'')'), ('late_interest_schedule(1, ''2025-01-01'', ''{infinity}'', ''{1}'', ''2025-02-01'')'),
    ('late_interest_schedule(1, ''2025-01-01'', ''{2025-01-02}'', ''{NaN}'', ''2025-02-01'')'), ('late_interest_schedule(1, ''2025-01-01'', ''{}'', ''{}'', ''infinity'')'),
    ('late_interest_schedule(1, ''2025-01-01'', ''{}'', ''{}'', ''2025-02-01'', imputation => ''oldest'')'), ('late_statutory_rate(''ECB'', ''2025-01-01'')'),
    ('late_statutory_rate(''FR'', ''infinity'')'), ('late_statutory_rates(''FR'', ''2025-01-01'', ''2025-01-01'', ''{a}'', ''{}'', ''{}'')'),
    ('late_contractual_rate(-1, ''2024-01-01'')'), ('late_contractual_rate(''NaN'', ''2024-01-01'')'), ('late_contractual_rate(1, ''infinity'')'),
    ('late_fixed_sum(''NaN'', ''FR'')'), ('late_fixed_sum(1, ''US'')'), ('day_count_days(''2025-01-01'', ''infinity'', ''act/360'')'),
    ('year_fraction(''2025-01-01'', ''2025-02-01'', '''')'), ('half_year_start(''infinity'')'), ('late_regime(''''::text)')) c (call), pg_temp.sqlstate_of(call) code
  WHERE code IS DISTINCT FROM '22023'
$$, 'an invalid argument is 22023');

\if :readable
CREATE TEMPORARY TABLE semester (since date, until date, ecb numeric, fr numeric, eu numeric, boe numeric, uk numeric);
\set copy '\\copy semester FROM ' :'semesters' ' (FORMAT csv, HEADER)'
:copy
SELECT results_eq($$SELECT since, late_reference_rate('FR', since), late_statutory_rate('FR', until), late_statutory_rate('EU', until), late_reference_rate('UK', until), late_statutory_rate('UK', since)
                    FROM semester ORDER BY 1$$, $$SELECT since, ecb, fr, eu, boe, uk FROM semester ORDER BY 1$$, 'the 34 half-years of the file, rate by rate');
SET LOCAL datestyle = 'ISO, MDY';
CREATE TEMPORARY TABLE invoice (country text, customer text, paperless_on date, invoice_no text, issued_on date, due_on date, amount numeric,
                                disputed text, paid_on date, bill text, days integer, late integer);
\set copy '\\copy invoice FROM ' :'csv' ' (FORMAT csv, HEADER)'
:copy
SELECT results_eq($$SELECT round(sum(late_interest_at(amount, due_on, paid_on, s.rate_from, s.rate_pct, s.rate_fixed, scale => NULL)), 6),
                           sum(late_interest_at(amount, due_on, paid_on, s.rate_from, s.rate_pct, s.rate_fixed)), sum(late_interest(amount, due_on, paid_on))
                    FROM invoice, late_rate_steps('FR', NULL, '2012-01-01', '2014-12-31') s$$, $$VALUES (156.493435, 156.43, 156.43)$$,
                  'the interest of 2,466 invoices: exact, and rounded invoice by invoice');
SELECT results_eq($$SELECT sum(late_fixed_sum(amount, 'FR')), sum(late_fixed_sum(amount, 'FR')) FILTER (WHERE due_on >= '2013-01-01') FROM invoice WHERE paid_on > due_on$$,
                  $$VALUES (40 * 877::numeric, 40 * 419::numeric)$$, 'fixed sums: of all late ones, and of those due since 2013');
\else
SELECT skip('the shared data are not there: give their folder as the variable shared_data', 3);
\endif
SELECT * FROM finish();
ROLLBACK;
