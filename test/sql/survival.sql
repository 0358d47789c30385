-- Time to pay with open invoices, and the cash to be expected.
\pset null '(null)'
SET search_path = credit_risk, public;

-- The published data: 6-MP group.
CREATE TEMPORARY TABLE six_mp AS
SELECT d AS duration, true AS observed FROM unnest('{6,6,6,7,10,13,16,22,23}'::integer[]) AS d
UNION ALL SELECT d, false FROM unnest('{6,9,10,11,17,19,20,25,32,32,34,35}'::integer[]) AS d;
CREATE TEMPORARY TABLE curve AS SELECT kaplan_meier(duration, observed) AS c FROM six_mp;
SELECT p.duration, p.at_risk, p.paid, p.open, round(p.hazard::numeric, 6) AS hazard, round(p.survival::numeric, 6) AS survival, round(p.variance::numeric, 6) AS variance
FROM curve, unnest(c) AS p;
SELECT round(survival_at(c, 6)::numeric, 6) AS "0.857143", round(survival_at(c, 10)::numeric, 6) AS "0.752941",
       round(survival_at(c, 16)::numeric, 6) AS "0.627451", round(survival_at(c, 23)::numeric, 6) AS "0.448179",
       survival_at(c, 0) AS "1", survival_at(c, 5) AS "1", survival_at(c, 9) = survival_at(c, 7) AS between, survival_at(c, 2147483647) = survival_at(c, 35) AS beyond
FROM curve;
SELECT round(payment_probability(c, 10, 6)::numeric, 9) AS "0.166666667", round(expected_cash(c, 1000, 10, 0, 6), 6) AS "166.666667",
       payment_probability(c, 10, 0) AS "0", payment_probability(c, 35, 2147483647) AS "0", expected_cash(c, 1000, 10, 6, 6) AS "0",
       round(expected_cash(c, -1000, 10, 0, 6), 6) AS credit_note
FROM curve;

-- The weeks and the residual are the amount; the curve falls from 1 to 0 at most.
SELECT count(*), bool_and(abs(weeks + residual - 1234.56) < 1e-9) AS adds_up
FROM (SELECT age, sum(expected_cash(c, 1234.56, age, 7 * (w - 1), 7 * w)) AS weeks,
             min(1234.56 * (survival_at(c, age + 42) / survival_at(c, age))::numeric) AS residual
      FROM curve, generate_series(0, 40) AS age, generate_series(1, 6) AS w GROUP BY age) AS t;
SELECT bool_and(survival_at(c, t) BETWEEN 0 AND 1 AND survival_at(c, t + 1) <= survival_at(c, t)) AS falls FROM curve, generate_series(0, 50) AS t;

-- Every way to the same curve: by hand, in any order, by workers, many invoices and durations.
SELECT bool_and(abs(p.survival - (SELECT exp(sum(ln(1 - d.paid::float8 / d.at_risk)))
                                  FROM (SELECT s.duration, count(*) FILTER (WHERE s.observed) AS paid,
                                               (SELECT count(*) FROM six_mp AS r WHERE r.duration >= s.duration) AS at_risk
                                        FROM six_mp AS s GROUP BY s.duration) AS d WHERE d.duration <= p.duration)) < 1e-12) AS by_hand
FROM curve, unnest(c) AS p;
SELECT kaplan_meier(duration, observed ORDER BY duration DESC) = (SELECT c FROM curve) AS any_order FROM six_mp;
CREATE TABLE survival_rows AS SELECT (i * 7919) % 1009 AS duration, i % 3 > 0 AS observed FROM generate_series(1, 60000) AS i;
ANALYZE survival_rows;
SET max_parallel_workers_per_gather = 0;
CREATE TEMPORARY TABLE alone AS SELECT kaplan_meier(duration, observed) AS c FROM survival_rows;
SET max_parallel_workers_per_gather = 4;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT kaplan_meier(duration, observed) FROM survival_rows;
SELECT kaplan_meier(duration, observed) = (SELECT c FROM alone) AS parallel FROM survival_rows;
RESET max_parallel_workers_per_gather;
SELECT cardinality(c) AS "1009", (c[1]).at_risk AS "60000", (SELECT sum(p.paid + p.open) FROM unnest(c) AS p) AS "60000" FROM alone;
SELECT cardinality(kaplan_meier(i, true)) AS "100000" FROM generate_series(1, 100000) AS i;
DROP TABLE survival_rows;

-- Window frames finish one state many times.
SELECT d, cardinality(kaplan_meier(d, true) OVER (ORDER BY d)) AS points, survival_at(kaplan_meier(d, true) OVER (ORDER BY d DESC), 3) AS later
FROM generate_series(1, 4) AS d ORDER BY d;

-- No event, all paid, no rows, rows with NULL.
SELECT survival_at(kaplan_meier(d, false), 100) AS "1" FROM generate_series(1, 3) AS d;
SELECT survival_at(c, 3) AS "0", payment_probability(c, 2, 1) AS "1", payment_probability(c, 3, 1) AS undefined, expected_cash(c, 10, 4, 0, 7) AS undefined, (c[3]).variance AS "0"
FROM (SELECT kaplan_meier(d, true) FROM generate_series(1, 3) AS d) AS t (c);
SELECT kaplan_meier(d, true) FROM generate_series(1, 3) AS d WHERE false;
SELECT kaplan_meier(d, o) FROM (VALUES (1, true), (NULL, true), (2, NULL), (0, false)) AS t (d, o);
SELECT kaplan_meier(d, o) FROM (VALUES (NULL::integer, true), (2, NULL)) AS t (d, o);
SELECT survival_at('{}', 1), payment_probability('{}', 1, 1), expected_cash('{}', 1, 1, 0, 1), survival_at(NULL, 1), payment_probability(NULL, 1, 1);
SELECT survival_at(c, NULL), payment_probability(c, NULL, 1), expected_cash(c, NULL, 1, 0, 1) FROM curve;

-- Refused.
SELECT kaplan_meier(-1, true);
SELECT survival_at(c, -1) FROM curve;
SELECT payment_probability(c, -1, 1) FROM curve;
SELECT payment_probability(c, 1, -1) FROM curve;
SELECT expected_cash(c, 'NaN', 1, 0, 1) FROM curve;
SELECT expected_cash(c, 1, 1, -1, 1) FROM curve;
SELECT expected_cash(c, 1, 1, 2, 1) FROM curve;
SELECT survival_at(ARRAY[c, c], 1) FROM curve;
SELECT survival_at(ARRAY[NULL]::km_point[], 1);
SELECT survival_at('{"(1,,,,,,)"}', 1);
SELECT survival_at('{"(1,,,,,2,)"}', 1);
SELECT survival_at('{"(1,,,,,NaN,)"}', 1);
