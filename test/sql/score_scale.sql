-- Scorecards as figures: weight of evidence, points, default rates, reasons.
\pset null '(null)'
SET search_path = credit_risk, public;

-- The published example, and its information value from the weights.
SELECT round(weight_of_evidence(100, 50, 1000, 100)::numeric, 6) AS "-1.609438", weight_of_evidence(300, 30, 1000, 100) AS "0",
       round(weight_of_evidence(600, 20, 1000, 100)::numeric, 6) AS "1.098612";
SELECT round(sum((g / 1000.0 - b / 100.0) * weight_of_evidence(g, b, 1000, 100))::numeric, 5) AS "1.08322"
FROM (VALUES (100, 50), (300, 30), (600, 20)) AS t (g, b);

-- Undefined: only one side, neither, no total; adjust steps in for the first only.
SELECT weight_of_evidence(0, 5, 10, 10), weight_of_evidence(5, 0, 10, 10), weight_of_evidence(0, 0, 10, 10), weight_of_evidence(0, 0, 10, 10, 0.5),
       weight_of_evidence(0, 5, 0, 10, 0.5), weight_of_evidence(5, 0, 10, 0, 0.5), weight_of_evidence(NULL, 1, 2, 3), weight_of_evidence(1, 1, 2, NULL, 0.5);
SELECT weight_of_evidence(0, 5, 20, 10, 0.5) = ln((0.5::float8 / 20) / (5.5::float8 / 10)) AS adjusted,
       weight_of_evidence(5, 5, 20, 10, 0.5) = weight_of_evidence(5, 5, 20, 10) AS untouched;
SELECT weight_of_evidence(-1, 1, 2, 2);
SELECT weight_of_evidence(1, -1, 2, 2);
SELECT weight_of_evidence(3, 1, 2, 2);
SELECT weight_of_evidence(1, 3, 2, 2);
SELECT weight_of_evidence(1, 1, 2, 2, 0);
SELECT weight_of_evidence(1, 1, 2, 2, 'NaN');

-- 600 points at 50:1, twenty to double the odds: factor and offset as printed.
SELECT round((odds_to_points(exp(1.0), 600, 50, 20) - odds_to_points(1, 600, 50, 20))::numeric, 6) AS "28.853901",
       round(odds_to_points(1, 600, 50, 20)::numeric, 6) AS "487.122876",
       odds_to_points(50, 600, 50, 20) AS "600", odds_to_points(100, 600, 50, 20) AS "620", odds_to_points(25, 600, 50, 20) AS "580",
       round(points_to_pd(odds_to_points(8, 600, 50, 20), 600, 50, 20)::numeric, 6) AS "0.111111";
SELECT points_to_odds(600, 600, 50, 20) AS "50", points_to_odds(620, 600, 50, 20) AS "100", points_to_odds(560, 600, 50, 20) AS "12.5",
       points_to_pd(600, 600, 1, 20) AS "0.5", pd_to_points(0.5, 600, 1, 20) AS "600";

-- There and back; twenty points more double the odds.
SELECT count(*), bool_and(abs(pd_to_points(points_to_pd(p, 600, 50, 20), 600, 50, 20) - p) <= 1e-9 * p) AS points_again,
       bool_and(abs(points_to_pd(pd_to_points(p / 1000.0, 600, 50, 20), 600, 50, 20) - p / 1000.0) <= 1e-12) AS pd_again,
       bool_and(abs(odds_to_points(points_to_odds(p, 600, 50, 20), 600, 50, 20) - p) <= 1e-9 * p) AS by_odds,
       bool_and(points_to_odds(p + 20, 600, 50, 20) = 2 * points_to_odds(p, 600, 50, 20)) AS doubled
FROM generate_series(20, 990, 10) AS p;

-- Infinite points and odds, and what is far away.
SELECT odds_to_points(0, 600, 50, 20), pd_to_points(0, 600, 50, 20), pd_to_points(1, 600, 50, 20),
       points_to_odds(1e6, 600, 50, 20), points_to_odds(-1e6, 600, 50, 20), points_to_pd(1e6, 600, 50, 20) AS "0", points_to_pd(-1e6, 600, 50, 20) AS "1",
       round(odds_to_points(1e300, 0, 1e-300, 1)::numeric, 6) AS far, round((600 * log(10.0) / log(2.0))::numeric, 6) AS far;
SELECT odds_to_points(NULL, 600, 50, 20), points_to_odds(600, NULL, 50, 20), points_to_pd(600, 600, NULL, 20), pd_to_points(0.5, 600, 50, NULL);
SELECT odds_to_points(-1, 600, 50, 20);
SELECT odds_to_points('Infinity', 600, 50, 20);
SELECT points_to_odds('NaN', 600, 50, 20);
SELECT points_to_odds(600, 'NaN', 50, 20);
SELECT points_to_pd(600, 600, 0, 20);
SELECT pd_to_points(0.5, 600, 50, 0);
SELECT pd_to_points(2, 600, 50, 20);

-- Logistic and the prior of another population.
SELECT logistic(0) AS "0.5", round(logistic(-ln(8.0::float8))::numeric, 6) AS "0.111111", logistic(1000) AS "1", logistic(-1000) AS "0",
       abs(logistic(3) + logistic(-3) - 1) < 1e-15 AS symmetric, logistic(NULL);
SELECT round(recalibrate_pd(0.3, 0.5, 0.02)::numeric, 6) AS "0.008671", round(recalibrate_pd(0.3, 0.2, 0.2)::numeric, 12) AS "0.3",
       recalibrate_pd(0, 0.5, 0.02) AS "0", recalibrate_pd(1, 0.5, 0.02) AS "1",
       recalibrate_pd(0.3, 0, 0.02), recalibrate_pd(0.3, 1, 0.02), recalibrate_pd(0, 0.5, 1), recalibrate_pd(1, 0.5, 0), recalibrate_pd(NULL, 0.5, 0.5);
SELECT bool_and(abs(recalibrate_pd(logistic(x), 0.5, 0.02) - logistic(x + ln(0.02 / 0.98))) < 1e-12) AS shifts_the_intercept
FROM generate_series(-10, 10) AS x;
SELECT logistic('NaN');
SELECT logistic('-Infinity');
SELECT recalibrate_pd(30, 0.5, 0.02);
SELECT recalibrate_pd(0.3, -0.5, 0.02);
SELECT recalibrate_pd(0.3, 0.5, 2);

-- Reasons: the published example, ties by name, no more than asked for.
SELECT reason_codes('{A,B,C}', '{20,40,10}', '{35,38,30}') AS "{C,A}", reason_codes('{A,B,C}', '{20,40,10}', '{35,38,30}', 1) AS "{C}",
       reason_codes('{A,B,C}', '{35,38,30}', '{35,38,30}') AS "{}", reason_codes('{}', '{}', '{}') AS "{}",
       reason_codes('{e,d,c,b,a,B,aa}', '{1,1,1,1,1,1,1}', '{2,2,2,2,2,2,2}') AS "{B,a,aa,b}",
       reason_codes('{a,b}', '{0.1,0.1}', '{0.10000000000000000001,0.10000000000000000002}', 9) AS "{b,a}";
SELECT reason_codes(NULL, '{1}', '{1}'), reason_codes('{a}', '{1}', '{2}', NULL);
SELECT reason_codes('{a,b}', '{1}', '{1,2}');
SELECT reason_codes('{a,b}', '{1,2}', '{1}');
SELECT reason_codes('{a,NULL}', '{1,2}', '{1,2}');
SELECT reason_codes('{a,b}', '{1,NaN}', '{1,2}');
SELECT reason_codes('{a,b}', '{{1,2}}', '{1,2}');
SELECT reason_codes('{a}', '{1}', '{2}', 0);
