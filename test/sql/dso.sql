-- Days sales outstanding: formulas.md is quoted as "published" where the
-- figure stands in a public source.
\pset null '(null)'
SET search_path = credit_risk, public;

-- Period method.
SELECT dso(20000, 45000, 90) AS "published: financefactory.fr, 40";
SELECT dso_average(100000, 140000, 1095000, 365) AS "published: average, 40";
SELECT dso(120000, 360000, 90) AS "TTC over TTC, 30",
       dso(120000, 300000, 90) AS "mixed with HT, 36";

-- Nothing sold, or more credited than sold: no figure.  A balance of zero or
-- below is one.
SELECT dso(100, 0, 30) AS no_sales, dso(100, -50, 30) AS net_credits,
       dso(0, 100, 30) AS no_receivables, dso(-10, 100, 30) AS we_owe_them;
SELECT dso_average(100, 100, 0, 30) AS no_sales, dso_average(-100, 100, 50, 30) AS average_zero;
SELECT dso(NULL, 1, 1) AS receivables, dso(1, NULL, 1) AS sales, dso(1, 1, NULL) AS days;
SELECT dso(1e30, 3e-20, 7) = 1e30 * 7 / 3e-20 AS any_size;

SELECT dso(1, 1, 0);
SELECT dso(1, 1, -30);
SELECT dso('NaN', 1, 30);
SELECT dso(1, 'Infinity', 30);
SELECT dso_average(1, '-Infinity', 1, 30);
SELECT dso_average('NaN', 1, 1, 30);
SELECT dso_average(1, 1, 'NaN', 30);
SELECT dso_average(1, 1, 1, 0);

-- Best possible DSO and average days delinquent.
SELECT dso(200000, 600000, 90) AS "DSO 30", best_possible_dso(140000, 600000, 90) AS "BPDSO 21",
       average_days_delinquent(200000, 140000, 600000, 90) AS "ADD 9";
SELECT average_days_delinquent(100, 130, 600, 90) AS credits_in_overdue;
SELECT average_days_delinquent(10, 1, 3, 1) AS "whole days come out whole";
SELECT best_possible_dso(1, 0, 90) AS no_sales, average_days_delinquent(2, 1, 0, 90) AS no_sales_either,
       best_possible_dso(NULL, 1, 90) AS unknown, average_days_delinquent(1, NULL, 1, 90) AS unknown_too;
SELECT best_possible_dso('NaN', 1, 90);
SELECT best_possible_dso(1, 1, 0);
SELECT average_days_delinquent(1, 'NaN', 1, 90);
SELECT average_days_delinquent(1, 1, 1, 0);

-- Count-back.
SELECT round(dso_countback(212000, '{100000,80000,70000}', '{30,30,30}'), 6)
    AS "published: benjipays.com, 73.714286";
SELECT round(dso_countback(212000, '{100000,80000,70000}', '{30,31,31}'), 6)
    AS "real months, 75.171429";
SELECT * FROM dso_countback_detail(212000, '{100000,80000,70000}', '{30,31,31}');
SELECT dso_countback(180, '{100,80,70}', '{31,30,31}') AS "equal takes the whole month, 61",
       dso_countback(100, '{100,80}', '{31,30}') AS "31";
SELECT dso_countback(0, '{100}', '{30}') AS zero, dso_countback(-5, '{100}', '{30}') AS negative,
       dso_countback(0, '{}', '{}') AS zero_without_history;
SELECT count(*) AS no_rows FROM dso_countback_detail(0, '{100}', '{30}');

-- A month without sales.
SELECT dso_countback(150, '{100,0,100}', '{30,31,28}') AS "count: 30 + 31 + 14",
       dso_countback(150, '{100,0,100}', '{30,31,28}', zero_sales => 'stop') AS "stop",
       dso_countback(150, '{100,0,100}', '{30,31,28}', 'partial', 'stop') AS "stop, partial: 30";
SELECT * FROM dso_countback_detail(150, '{100,0,100}', '{30,31,28}');
SELECT * FROM dso_countback_detail(150, '{100,0,100}', '{30,31,28}', zero_sales => 'stop');

-- Net credit notes: the days are counted and the rest grows.
SELECT dso_countback(150, '{100,-50,200}', '{30,31,28}') AS "count: 30 + 31 + 14",
       dso_countback(150, '{100,-50,200}', '{30,31,28}', 'partial', 'stop') AS "stop: 30";
SELECT * FROM dso_countback_detail(150, '{100,-50,200}', '{30,31,28}');

-- History too short.
SELECT dso_countback(250, '{100,100}', '{30,30}') AS "null",
       dso_countback(250, '{100,100}', '{30,30}', 'null') AS "null too",
       dso_countback(250, '{100,100}', '{30,30}', 'partial') AS "partial: 60",
       dso_countback(250, '{100,100}', '{30,30}', 'extrapolate') AS "extrapolate: 75";
SELECT * FROM dso_countback_detail(250, '{100,100}', '{30,30}');
SELECT * FROM dso_countback_detail(250, '{100,100}', '{30,30}', 'extrapolate');
SELECT dso_countback(250, '{100,100}', '{30,30}', 'error');
SELECT dso_countback(200, '{100,100}', '{30,30}', 'error') AS "just long enough: 60";
SELECT dso_countback(1, '{}', '{}') AS "null", dso_countback(1, '{}', '{}', 'partial') AS partial,
       dso_countback(1, '{}', '{}', 'extrapolate') AS extrapolate,
       dso_countback(1, '{0,-1}', '{30,30}', 'extrapolate') AS "no mean sales";
SELECT * FROM dso_countback_detail(1, '{0,-1}', '{30,30}', 'extrapolate');

SELECT dso_countback(NULL, '{1}', '{1}') IS NULL AND dso_countback(1, NULL, '{1}') IS NULL
   AND dso_countback(1, '{1}', NULL) IS NULL AND dso_countback(1, '{1}', '{1}', NULL) IS NULL
   AND dso_countback(1, '{1}', '{1}', 'null', NULL) IS NULL AS null_in_null_out;
SELECT dso_countback(1, '{1,2}', '{30}');
SELECT dso_countback(1, '{{1,2},{3,4}}', '{30}');
SELECT dso_countback(1, '{1}', '{{30}}');
SELECT dso_countback(1, '{1,NULL}', '{30,30}');
SELECT dso_countback(1, '{1,2}', '{30,NULL}');
SELECT dso_countback(1, '{1,NaN}', '{30,30}');
SELECT dso_countback(1, '{1,Infinity}', '{30,30}');
SELECT dso_countback('NaN', '{1}', '{30}');
SELECT dso_countback(1, '{1,2}', '{30,0}');
SELECT dso_countback(1, '{1}', '{30}', 'maybe');
SELECT dso_countback(1, '{1}', '{30}', 'partial', 'skip');
SELECT * FROM dso_countback_detail(1, '{1,2}', '{30}');

-- Sales-weighted DSO.
SELECT dso_sales_weighted('{80000,30000,10000}', '{100000,90000,80000}') AS "37.75";
SELECT dso_sales_weighted('{1,1,1}', '{3,3,3}', 1) AS "three thirds",
       dso_sales_weighted('{1,2,3}', '{3,7,11}', 231) AS "77 + 66 + 63";
SELECT dso_sales_weighted('{10,0}', '{20,0}') AS "nothing over nothing is 0: 15",
       dso_sales_weighted('{10,1}', '{20,0}') AS "something over nothing",
       dso_sales_weighted('{10,1}', '{20,-5}') AS "over net credits",
       dso_sales_weighted('{}', '{}') AS empty,
       dso_sales_weighted('{0}', '{0}') AS "all zero";
SELECT dso_sales_weighted(NULL, '{1}') AS null_in;
SELECT dso_sales_weighted('{1}', '{1,2}');
SELECT dso_sales_weighted('{1}', '{1}', 0);
SELECT dso_sales_weighted('{NULL}', '{1}');
SELECT dso_sales_weighted('{1}', '{NaN}');
SELECT dso_sales_weighted('{{1}}', '{1}');

-- True DSO.
CREATE TEMP TABLE invoice (amount numeric, invoice_date date, settled_date date);
INSERT INTO invoice VALUES (10000, '2025-01-01', '2025-02-12'), (5000, '2025-01-30', NULL);
SELECT round(true_dso(amount, invoice_date, settled_date, '2025-04-01'), 6) AS "48.333333" FROM invoice;
-- Settled after the date is open at it; written after it is not there.
SELECT true_dso(amount, invoice_date, settled_date, '2025-02-11') AS "(10000 * 41 + 5000 * 12) / 15000",
       true_dso(amount, invoice_date, settled_date, '2025-01-29') AS "the first alone: 28",
       true_dso(amount, invoice_date, settled_date, '2024-12-31') AS "before both" FROM invoice;
SELECT true_dso(amount, invoice_date, settled_date, '2025-04-01') AS empty FROM invoice WHERE false;
SELECT true_dso(amount, invoice_date, settled_date, '2025-04-01') AS "NULLs, zeros and credit notes do not count: 42"
FROM (VALUES (10000, date '2025-01-01', date '2025-02-12'), (NULL, '2025-01-01', NULL), (7, NULL, NULL),
             (0, '2025-01-01', NULL), (-500, '2020-01-01', NULL)) AS v (amount, invoice_date, settled_date);
SELECT true_dso(amount, invoice_date, settled_date, NULL) AS "no date" FROM invoice;
SELECT true_dso(-1, '2025-01-01', NULL, '2025-04-01') AS "no weight";
SELECT true_dso('NaN', '2025-01-01', NULL, '2025-04-01');
SELECT true_dso('Infinity', '2025-01-01', NULL, '2025-04-01');
SELECT true_dso(1, '-infinity', NULL, '2025-04-01');
SELECT true_dso(1, '2025-01-01', 'infinity', '2025-04-01');
SELECT true_dso(1, '2025-01-01', NULL, 'infinity');
