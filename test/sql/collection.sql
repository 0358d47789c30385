-- How well money comes in.
\pset null '(null)'
SET search_path = credit_risk, public;

-- Collection effectiveness index.
SELECT collection_effectiveness_index(100000, 1000000, 120000, 100000) AS "published: gaviti.com, 98",
       cei(100000, 1000000, 120000, 100000) AS "98 under its short name";
SELECT round(cei(100000, 300000, 120000, 80000, 3), 6) AS "average monthly sales: 66.666667",
       round(cei(100000, 300000, 120000, 80000), 6) AS "total sales: 87.5",
       cei(0, 10, 1, 0, 3) AS "thirds do not round: 70";
SELECT cei(100, 0, 100, 100) AS "nothing could be collected", cei(100, 50, 400, 200) AS "less than nothing",
       cei(100, 100, 300, 0) AS "negative: -50", cei(100, 100, 50, 60) AS "above 100";
SELECT cei(100, 100, 0, 0) AS "everything collected", cei(NULL, 1, 1, 1) AS null_in, cei(1, 1, 1, 1, NULL) AS no_months;
SELECT cei(1, 1, 1, 0, 0);
SELECT collection_effectiveness_index(1, 1, 1, 0, -1);
SELECT cei('NaN', 1, 1, 0);
SELECT cei(1, 'NaN', 1, 0);
SELECT cei(1, 1, 'Infinity', 0);
SELECT cei(1, 1, 1, '-Infinity');

-- Turnover.
SELECT receivables_turnover(1000000, 150000, 250000) AS "published: drlogy.com, 5",
       365 / receivables_turnover(1000000, 150000, 250000) AS "collection period 73",
       dso_average(150000, 250000, 1000000, 365) AS "which is the average DSO";
SELECT receivables_turnover(100, 0, 0) AS "no receivables", receivables_turnover(100, 50, -50) AS "average zero",
       receivables_turnover(0, 50, 50) AS "no sales: 0", 365 / nullif(receivables_turnover(0, 50, 50), 0) AS "and no period",
       receivables_turnover(NULL, 1, 1) AS null_in;
SELECT receivables_turnover('NaN', 1, 1);
SELECT receivables_turnover(1, 'NaN', 1);
SELECT receivables_turnover(1, 1, 'Infinity');

-- Roll rates.
SELECT roll_rate(500000, 60000) AS "0.12", roll_rate(100, 150) AS "above 1 is returned",
       roll_rate(0, 10) AS "from nothing", roll_rate(10, 0) AS "all paid", roll_rate(NULL, 1) AS null_in;
SELECT roll_rates('{500000,100000,0,20000}', '{480000,60000,50000,5000}') AS "0.12, 0.5, from nothing";
SELECT roll_rates('{1,2}', '{3,4}') AS one, roll_rates('{1}', '{2}') AS none, roll_rates('{}', '{}') AS empty,
       roll_rates(NULL, '{1}') AS null_in;
SELECT roll_rates('[0:2]={10,20,30}', '{1,2,3}') AS "bounds do not matter";
SELECT roll_rate('NaN', 1);
SELECT roll_rate(1, 'Infinity');
SELECT roll_rates('{1,2}', '{1}');
SELECT roll_rates('{1,NULL}', '{1,2}');
SELECT roll_rates('{1,2}', '{{1,2}}');
SELECT roll_rates('{1,2}', '{1,NaN}');

-- Ratios.
SELECT bad_debt_ratio(12000, 1500000) AS "0.008", overdue_ratio(60, 200) AS "0.3";
SELECT bad_debt_ratio(1, 0) AS no_sales, bad_debt_ratio(1, -1) AS net_credits,
       overdue_ratio(1, 0) AS no_receivables, overdue_ratio(1, -5) AS in_credit,
       overdue_ratio(-20, 100) AS credits_overdue, overdue_ratio(1, NULL) AS null_in, bad_debt_ratio(NULL, 1) AS null_in_too;
SELECT bad_debt_ratio('NaN', 1);
SELECT bad_debt_ratio(1, 'Infinity');
SELECT overdue_ratio('NaN', 1);
SELECT overdue_ratio(1, 'NaN');
