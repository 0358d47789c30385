-- Late-payment interest. No ledger is needed.
SET search_path = credit_risk, public;
SET DateStyle = 'ISO, YMD';
\set SHOW_CONTEXT never

-- An invoice of 10,000 due on 15 May 2024 and paid on 20 September, by French law: each day at the rate of its half-year.
SELECT late_interest(10000, '2024-05-15', '2024-09-20') AS interest, late_fixed_sum(10000, 'FR') AS fixed_sum;
SELECT from_date, to_date, days, rate_pct, principal, round(interest, 6) AS interest
FROM late_interest_detail(10000, '2024-05-15', '2024-09-20');

-- The same elsewhere, and by contract. In the United Kingdom the rate of the first day is fixed.
SELECT late_interest(10000, '2024-05-15', '2024-09-20', 'EU') AS eu,
       late_interest(10000, '2024-05-15', '2024-09-20', 'UK') AS uk,
       late_interest(10000, '2024-05-15', '2024-09-20', 'FR_PUBLIC') AS public_buyer,
       late_interest(10000, '2024-05-15', '2024-09-20', rate_pct => 12) AS contract,
       late_interest(10000, '2024-05-15', '2024-09-20', rate_pct => 12, day_count => '30e/360') AS contract_360,
       late_interest(10000, '2024-05-15', '2024-09-20', rate_pct => 12, scale => 0) AS yen;

-- Where rates come from.
SELECT * FROM late_statutory_rates('FR', '2024-01-01', '2025-12-31');
SELECT late_reference_rate('UK', '2024-12-11') AS bank_rate, late_statutory_rate('UK', '2024-12-11') AS uk,
       late_statutory_rate('FR', '1998-12-31') AS before_the_euro;
SELECT series, effective_on, rate_pct, source FROM reference_rate WHERE series LIKE 'margin%' ORDER BY 1, 2;
SELECT series, count(*) AS rates, min(effective_on) AS first, max(effective_on) AS last FROM reference_rate GROUP BY 1 ORDER BY 1;

-- The floor of a contract; a half-year that is not known has none.
SELECT late_contractual_rate(10, '2024-10-01') AS lifted, late_contractual_rate(15, '2024-10-01') AS kept;
SELECT late_contractual_rate(10, '2027-01-01');

-- A partial payment, on the principal and on the interest first; a payment too much.
SELECT from_date, to_date, days, principal, round(interest, 6) AS interest, payment, principal_after, round(interest_after, 6) AS interest_after
FROM late_interest_schedule(10000, '2025-01-31', '{2025-03-02}', '{4000}', '2025-04-01', rate_pct => 13.15);
SELECT from_date, to_date, round(interest, 6) AS interest, payment, round(to_interest, 6) AS to_interest, round(to_principal, 6) AS to_principal,
       round(principal_after, 6) AS principal_after, round(interest_after, 6) AS interest_after
FROM late_interest_schedule(10000, '2025-01-31', '{2025-03-02}', '{4000}', '2025-04-01', rate_pct => 13.15, imputation => 'interest_first');
SELECT from_date, to_date, days, rate_pct, principal, round(interest, 2) AS interest, payment, round(to_interest, 2) AS to_interest,
       to_principal, round(excess, 2) AS excess, principal_after, round(interest_after, 2) AS interest_after
FROM late_interest_schedule(1000, '2024-06-15', '{2024-09-30,2024-06-01,2024-08-31,2024-08-31,2025-06-01}', '{600,100,300,100,1}', '2024-12-31');

-- Many invoices of one regime: the rates once.
SELECT i.no, late_interest_at(i.amount, i.due_on, i.paid_on, r.rate_from, r.rate_pct, r.rate_fixed) AS interest
FROM (VALUES (1, 1200.00, date '2024-03-31', date '2024-05-10'), (2, 830.50, '2024-06-30', '2024-06-30'), (3, 99.90, '2024-06-20', '2025-01-31')) i (no, amount, due_on, paid_on),
     late_rate_steps('FR', NULL, '2024-01-01', '2025-12-31') r
ORDER BY 1;

-- Rates of one's own before those of the release: of two of one series and day the first counts.
WITH own (series, effective_on, rate_pct) AS (VALUES ('ecb_mro', date '2026-06-17', 2.45), ('ecb_mro', '2026-12-09', 2.20)),
     merged AS (
  SELECT array_agg(series ORDER BY place) AS series, array_agg(effective_on ORDER BY place) AS effective_on, array_agg(rate_pct ORDER BY place) AS rate_pct
  FROM (SELECT 1 AS place, * FROM own UNION ALL SELECT 2, series, effective_on, rate_pct FROM reference_rate) r)
SELECT s.from_date, s.to_date, s.days, s.rate_pct, round(s.interest, 2) AS interest, s.payment, s.principal_after
FROM merged m, late_rate_steps('FR', NULL, '2026-06-01', '2027-02-28', m.series, m.effective_on, m.rate_pct) r,
     late_interest_schedule_at(1000, '2026-05-31', '{2026-09-30}', '{400}', '2027-02-28', r.rate_from, r.rate_pct, r.rate_fixed) s;

-- gov.uk rounds the interest of a day.
SELECT late_interest(1000, '2024-01-01', '2024-02-20', 'UK', 8.5) AS exact, late_interest(1000, '2024-01-01', '2024-02-20', 'UK', 8.5, round_daily => true) AS as_gov_uk,
       round(late_interest(1000, '2024-01-01', '2024-02-20', 'UK', 8.5, scale => NULL), 6) AS unrounded;

-- Day counts.
SELECT convention, day_count_days('2025-01-31', '2025-02-28', convention) AS january, day_count_days('2024-02-29', '2024-03-31', convention) AS leap_day,
       day_count_days('2024-03-31', '2024-02-29', convention) AS backwards, round(year_fraction('2023-07-01', '2024-07-01', convention)::numeric, 6) AS years
FROM unnest('{act/365f,act/360,act/act,30e/360,30/360 us,30/360 sia}'::text[]) WITH ORDINALITY c (convention, no)
ORDER BY no;

-- What is refused.
SELECT late_interest(1000, '2024-01-01', '2024-02-20', 'DE');
SELECT late_interest(1000, '2024-01-01', '2024-02-20', day_count => 'act/365');
SELECT late_interest('NaN', '2024-01-01', '2024-02-20');
SELECT late_interest(1000, '2024-01-01', 'infinity');
SELECT late_interest(1000, '2024-01-01', '2024-02-20', rate_pct => -1);
SELECT late_interest(1000, '2024-01-01', '2024-02-20', scale => 31);
SELECT late_interest(1000, '2024-01-01', '2024-02-20', scale => NULL, round_daily => true);
SELECT late_interest(1000, '2001-01-01', '2001-02-20');
SELECT late_interest_at(1000, '2024-01-01', '2024-02-20', '{2024-02-01}', '{5}', false);
SELECT late_interest_at(1000, '2024-01-01', '2024-02-20', '{}', '{}', false);
SELECT late_interest_at(1000, '2024-01-01', '2024-02-20', '{2024-01-01,2023-07-01}', '{5,4}', false);
SELECT late_interest_at(1000, '2024-01-01', '2024-02-20', '{2024-01-01}', '{5,4}', false);
SELECT * FROM late_interest_schedule(1000, '2024-01-01', '{2024-01-15}', '{-5}', '2024-02-20');
SELECT * FROM late_interest_schedule(-1000, '2024-01-01', '{2024-01-15}', '{5}', '2024-02-20');
SELECT * FROM late_interest_schedule(1000, '2024-01-01', '{2024-01-15}', '{5,6}', '2024-02-20');
SELECT * FROM late_interest_schedule(1000, '2024-01-01', '{}', '{}', '2024-02-20', imputation => 'oldest');
SELECT late_contractual_rate(-1, '2024-10-01');
SELECT late_fixed_sum('infinity', 'UK');
SELECT day_count_days('2024-01-01', '2024-02-20', '30/360');
