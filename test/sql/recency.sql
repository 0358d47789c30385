-- The recent past weighs more; what is unusual.
\pset null '(null)'
SET search_path = credit_risk, public;

-- Delays of 5, 10, 0 and 20 days, oldest first.
SELECT round(ewma(x, 0.3 ORDER BY d)::numeric, 12) AS "9.185", round(half_life_avg(x, 90 - d, 30)::numeric, 6) AS "12.333333",
       ewma(x, 1 ORDER BY d) AS "the last: 20", ewma(x, 1 ORDER BY d DESC) AS "5"
FROM (VALUES (0, 5), (30, 10), (60, 0), (90, 20)) AS t (d, x);
SELECT d, round(ewma(x, 0.3) OVER (ORDER BY d)::numeric, 12) AS ewma, round(half_life_avg(x, 90 - d, 30) OVER (ORDER BY d)::numeric, 6) AS half_life
FROM (VALUES (0, 5), (30, 10), (60, 0), (90, 20)) AS t (d, x);

-- Only differences of age matter, in any order, also where all is old or the half-life short.
SELECT round(half_life_avg(x, 100090 - d, 30)::numeric, 6) AS "12.333333", round(half_life_avg(x, 100090 - d, 30 ORDER BY d DESC)::numeric, 6) AS "12.333333",
       half_life_avg(x, 90 - d, 0.001) AS "20", half_life_avg(x, 7, 30) AS "plain: 8.75", half_life_avg(x, 90 - d, 1e300) AS "8.75"
FROM (VALUES (0, 5), (30, 10), (60, 0), (90, 20)) AS t (d, x);

-- Two workers' states.
SELECT round(half_life_avg_final(half_life_avg_combine(
	half_life_avg_accum(half_life_avg_accum(NULL, 5, 90, 30), 0, 30, 30),
	half_life_avg_accum(half_life_avg_accum(NULL, 20, 0, 30), 10, 60, 30)))::numeric, 6) AS "12.333333",
       half_life_avg_final(half_life_avg_combine(NULL, half_life_avg_accum(NULL, 5, 90, 30))) AS "5",
       half_life_avg_final(half_life_avg_combine(half_life_avg_accum(NULL, 5, 90, 30), NULL)) AS "5",
       half_life_avg_combine(NULL, NULL);

-- Median absolute deviation and what lies outside.
SELECT mad(x) AS "1", percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS "2.5",
       round(robust_z(30, percentile_cont(0.5) WITHIN GROUP (ORDER BY x), mad(x))::numeric, 12) AS "18.54875"
FROM (VALUES (2), (3), (1), (4), (2), (30)) AS t (x);
SELECT mad(x) AS "0", robust_z(30, 1, mad(x)), robust_z(1, 1, 2) AS "0", robust_z(0, 1, 0.6745) AS "-1" FROM (VALUES (1), (1), (30)) AS t (x);
SELECT mad(7) AS "0", mad(x) AS "250" FROM generate_series(0, 1000) AS x;
SELECT x, mad(x) OVER (ORDER BY x) FROM generate_series(1, 5) AS x;
SELECT g, mad(x) = (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(x - m))
                    FROM (SELECT (i * 7919) % 1009 AS x FROM generate_series(1, 500) AS i WHERE i % 3 = g) AS v,
                         (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (i * 7919) % 1009) AS m FROM generate_series(1, 500) AS i WHERE i % 3 = g) AS w) AS exact
FROM (SELECT i % 3 AS g, (i * 7919) % 1009 AS x FROM generate_series(1, 500) AS i) AS t GROUP BY g ORDER BY g;
SELECT mad(x) AS "0" FROM (VALUES (1e308), (1e308)) AS t (x);
SELECT mad(x) AS "0" FROM (VALUES (1.7e308), (-1.7e308), (-1.7e308)) AS t (x);

-- No rows, rows with NULL.
SELECT ewma(x, 0.3), half_life_avg(x, 1, 1), mad(x) FROM generate_series(1, 3) AS x WHERE false;
SELECT ewma(x, 0.5 ORDER BY d) AS "3", half_life_avg(x, d, 1) AS "2.4", mad(x) AS "1" FROM (VALUES (1, 2), (2, NULL), (3, 4)) AS t (d, x);
SELECT ewma(1, NULL), half_life_avg(1, NULL, 1), half_life_avg(1, 1, NULL), mad(NULL), robust_z(NULL, 1, 1), robust_z(1, NULL, 1), robust_z(1, 1, NULL);

-- Refused.
SELECT ewma(1, 0);
SELECT ewma(1, 1.1);
SELECT ewma('NaN', 0.5);
SELECT ewma(1, x / 10.0) FROM generate_series(1, 2) AS x;
SELECT half_life_avg(1, -1, 30);
SELECT half_life_avg(1, 1, 0);
SELECT half_life_avg('Infinity', 1, 30);
SELECT half_life_avg(1, 1, x) FROM generate_series(1, 2) AS x;
SELECT half_life_avg(x, 1, 1) FROM (VALUES (1.7e308), (-1.7e308)) AS t (x);
SELECT mad('NaN');
SELECT robust_z(1, 1, -1);
SELECT robust_z('NaN', 1, 1);
SELECT robust_z(1e308, 0, 1e-300);
SELECT ewma_final('{1}');
SELECT half_life_avg_final('{1,2,3,NULL}');
SELECT half_life_avg_combine(half_life_avg_accum(NULL, 5, 90, 30), half_life_avg_accum(NULL, 5, 90, 31));
