-- Logistic regression, and scorecards fitted from it.
\pset null '(null)'
SET search_path = credit_risk, public;

-- Logistic regression: at the maximum of the likelihood the residuals are at
-- right angles to every column.
CREATE FUNCTION pg_temp.rounded(c double precision[]) RETURNS numeric[] LANGUAGE sql RETURN (SELECT array_agg(round(e::numeric, 4)) FROM unnest(c) e);
CREATE TEMP TABLE sample AS
SELECT i, (i * 7919 % 1000) / 100.0 AS x, (i * 104729 % 997) / 997.0 AS z, (i * 31 % 100) < 10 + (i * 7919 % 1000) / 20 AS bad FROM generate_series(1, 2000) i;
SELECT pg_temp.rounded(logistic_regression(bad, ARRAY[x, z], 1e6)) AS "intercept, x, z" FROM sample;
WITH fitted AS (SELECT logistic_regression(bad, ARRAY[x, z], 1e6) AS c FROM sample), residual AS (
    SELECT x, z, bad::integer - 1 / (1 + exp(-(c[1] + c[2] * x + c[3] * z))) AS r FROM sample, fitted)
SELECT abs(sum(r)) < 0.01 AS "sums to nothing", abs(sum(r * x)) < 0.05 AS "nor against x", abs(sum(r * z)) < 0.05 AS "nor against z" FROM residual;
-- Without numbers it is the log-odds of all.
SELECT pg_temp.rounded(logistic_regression(bad, '{}', 1e6)) AS "log-odds", round(ln(avg(bad::integer) / (1 - avg(bad::integer))), 4) AS "the same" FROM sample;
-- The unit makes no difference, a column that never changes has none, cost regularises.
SELECT pg_temp.rounded(logistic_regression(bad, ARRAY[x * 1000, z, 7])) AS "x in thousandths", pg_temp.rounded(logistic_regression(bad, ARRAY[x, z])) AS "x",
       pg_temp.rounded(logistic_regression(bad, ARRAY[x, z], 0.001)) AS "regularised" FROM sample;
-- The order of rows makes none at all; NULLs are ignored.
SELECT logistic_regression(bad, ARRAY[x, z] ORDER BY i) = logistic_regression(bad, ARRAY[x, z] ORDER BY z DESC) AS "to the last bit" FROM sample;
SELECT logistic_regression(bad, x) = (SELECT logistic_regression(bad, ARRAY[x, z]) FROM sample) AS "NULLs ignored"
FROM (SELECT bad, ARRAY[x, z] FROM sample UNION ALL VALUES (NULL, ARRAY[9, 9]), (true, NULL), (true, ARRAY[9, NULL])) t (bad, x);
SELECT logistic_regression(true, '{1}') AS "no good", logistic_regression(false, '{1}') AS "no bad", logistic_regression(NULL, '{1}') AS "nobody", logistic_regression(true, '{1}', NULL) AS "no cost";
SELECT logistic_regression(bad, x) FROM (VALUES (true, '{1}'::float8[]), (false, '{1,2}')) t (bad, x);
SELECT logistic_regression(true, '{NaN}');
SELECT logistic_regression(true, '{{1},{2}}');
SELECT logistic_regression(true, '{1}', 0);
SELECT logistic_regression(bad, '{1}', cost) FROM (VALUES (true, 1), (false, 2)) t (bad, cost);
SELECT logistic_regression(bad, ARRAY[x]) FROM (VALUES (true, 1e308), (false, -1e308)) t (bad, x);

-- A scorecard.  One characteristic that matters, one that sometimes is missing, words, a boolean, and noise.
CREATE TEMP TABLE firm AS
SELECT i, (i * 31 % 100) < CASE WHEN i % 5 = 0 THEN 60 WHEN i * 7919 % 1000 < 300 THEN 30 ELSE 5 END AS bad,
       jsonb_build_object('ratio', (i * 7919 % 1000) / 10.0, 'form', (ARRAY['SA', 'SAS', 'SARL', 'SNC', 'EURL'])[1 + i % 5], 'branch', i % 5 = 0,
                          'age', CASE WHEN i * 7919 % 1000 >= 100 THEN i * 7919 % 1000 / 50 END, 'noise', i * 104729 % 997, 'siren', 'S' || i, 'empty', NULL,
                          'rare', CASE WHEN i % 100 = 0 THEN 'x' WHEN i % 3 = 0 THEN 'y' ELSE 'z' END) AS figures
FROM generate_series(1, 2000) i;
SELECT jsonb_pretty(fit_scorecard(bad, figures)) FROM firm;
-- Missing has a band of its own; words are grouped by bad rate, rare ones are any other.
SELECT c ->> 'name' AS name, c -> 'edges' AS edges, c -> 'categories' AS categories, c -> 'points' AS points, c -> 'missing' AS missing, c -> 'missing_woe' AS woe, c -> 'missing_good' AS good, c -> 'missing_bad' AS bad
FROM (SELECT fit_scorecard(bad, figures - 'ratio' - 'branch' || jsonb_build_object('rare', CASE WHEN figures ->> 'rare' <> 'x' THEN left(figures ->> 'form', 2) ELSE 'n' || i END), '{"max_correlation": 1}') AS card FROM firm) f,
     jsonb_array_elements(card -> 'characteristics') c;
-- Too few missing to learn from: left out, or as the average.
SELECT o AS options, c -> 'missing' AS missing, c -> 'points' AS points, c -> 'missing_bad' AS bad
FROM (SELECT o, fit_scorecard(bad, CASE WHEN i > 19 THEN figures ELSE '{}' END, o) AS card FROM firm, (VALUES ('{"max_characteristics": 1}'::jsonb), ('{"max_characteristics": 1, "spread": true}')) v (o) GROUP BY o) f,
     jsonb_array_elements(card -> 'characteristics') c ORDER BY o;
-- The order of rows makes no difference; neither do rows without an answer.
SELECT fit_scorecard(bad, figures ORDER BY i) = fit_scorecard(bad, figures ORDER BY figures) AS "the same" FROM firm;
SELECT (SELECT fit_scorecard(bad, figures) FROM firm) = fit_scorecard(CASE WHEN i > 0 THEN bad END, CASE WHEN i <> -1 THEN figures END) AS "NULLs ignored"
FROM (SELECT * FROM firm UNION ALL VALUES (0, true, '{"ratio": 1}'::jsonb), (-1, true, '{}')) s;
-- What is read back: shares, weights of evidence, information value.
WITH card AS (SELECT fit_scorecard(bad, figures) AS card FROM firm), band AS (
    SELECT c ->> 'name' AS name, (c ->> 'iv')::numeric AS iv, woe::numeric, good::numeric / ((card #>> '{fitted,rows}')::integer - (card #>> '{fitted,bads}')::integer) AS g, bad::numeric / (card #>> '{fitted,bads}')::integer AS b
    FROM card, jsonb_array_elements(card -> 'characteristics') c,
         ROWS FROM (jsonb_array_elements_text(c -> 'woe'), jsonb_array_elements_text(c -> 'good'), jsonb_array_elements_text(c -> 'bad')) u (woe, good, bad)
    WHERE c ->> 'missing_woe' IS NULL)
SELECT name, bool_and(woe = round(ln(g / b), 6)) FILTER (WHERE g > 0 AND b > 0) AS "ln(good / bad)", round(sum((g - b) * woe), 5) = round(min(iv), 5) AS "their sum" FROM band GROUP BY name ORDER BY name;
-- Points: those of formulas of the field, from coefficient and intercept.
WITH fitted AS (SELECT fit_scorecard(bad, figures, '{"base_score": 500, "base_odds": 20, "pdo": 40, "decimals": 4, "spread": true}') AS card FROM firm)
SELECT c ->> 'name' AS name, jsonb_array_length(card -> 'characteristics') AS n,
       bool_and(abs(points::numeric - (-(woe::numeric * (c ->> 'coefficient')::numeric + (card #>> '{fitted,intercept}')::numeric / n) * f + (500 - f * ln(20)) / n)) < 0.001) AS "-(woe β + α / n) factor + offset / n",
       card ->> 'base_points' AS base
FROM fitted, jsonb_array_elements(card -> 'characteristics') c, LATERAL (SELECT jsonb_array_length(card -> 'characteristics') AS n, 40 / ln(2.0) AS f) k,
     ROWS FROM (jsonb_array_elements_text(c -> 'points'), jsonb_array_elements_text(c -> 'woe')) u (points, woe) GROUP BY card, c ORDER BY 1;
-- Options.
SELECT jsonb_array_length(card -> 'characteristics') AS "1 at most", card ->> 'model' AS model, c -> 'edges' AS edges, c -> 'points' AS "whole points"
FROM (SELECT fit_scorecard(bad, figures - 'branch' - 'form', '{"max_characteristics": 1, "model": "small", "max_bins": 2, "decimals": 0, "monotone": true, "bins": 10, "min_share": 0.1, "significance": 0.01, "cost": 10, "max_correlation": 1, "min_iv": 0.1, "min_coverage_pct": 0}') AS card FROM firm) f,
     jsonb_array_elements(card -> 'characteristics') c;
-- Figures that repeat one another; figures that say nothing.
SELECT card #> '{fitted,left_out}' AS left_out FROM (SELECT fit_scorecard(bad, jsonb_build_object('a', figures -> 'ratio', 'b', -(figures ->> 'ratio')::numeric)) AS card FROM firm) f;
SELECT fit_scorecard(bad, jsonb_build_object('noise', figures -> 'noise')) AS "nothing to fit", fit_scorecard(bad, '{}') AS "nothing given" FROM firm;
-- A card has no characteristic without a name.
SELECT jsonb_path_query_array(c, '$.characteristics[*].name') AS fitted, c #> '{fitted,left_out}' AS left_out, check_scorecard(c) = c AS checked
FROM (SELECT fit_scorecard(bad, jsonb_build_object('', figures -> 'ratio', 'branch', figures -> 'branch')) AS c FROM firm) f;
-- Options of the card are rounded to its six decimals: what is fitted can be evaluated.
SELECT c -> 'pd_score' AS pd_score, c -> 'pd_odds' AS pd_odds, c -> 'pd_doubling' AS pd_doubling, c -> 'min_coverage_pct' AS least, check_scorecard(c) = c AS checked
FROM (SELECT fit_scorecard(bad, figures, '{"base_odds": 19.33333333, "pdo": 28.853900817779268, "base_score": 600.12345678, "min_coverage_pct": 33.333333333}') AS c FROM firm) f;
SELECT fit_scorecard(true, figures) AS "no good", fit_scorecard(false, figures) AS "no bad", fit_scorecard(NULL, figures) AS "nobody", fit_scorecard(bad, figures, NULL) AS "no options" FROM firm;
-- Numbers of any size.
SELECT c -> 'edges' AS edges FROM (SELECT fit_scorecard(i % 4 < i / 500, jsonb_build_object('x', CASE WHEN i > 1000 THEN 1e400 ELSE -1e400 END)) AS card FROM generate_series(1, 1999) i) f, jsonb_array_elements(card -> 'characteristics') c;
-- Not what it takes.
SELECT fit_scorecard(true, '[1]');
SELECT fit_scorecard(true, '{"a": [1]}');
SELECT fit_scorecard(true, f) FROM (VALUES ('{"a": 1}'::jsonb), ('{"a": "x"}')) t (f);
SELECT fit_scorecard(true, '{}', '[]');
SELECT fit_scorecard(true, '{}', '{"max_bin": 3}');
SELECT fit_scorecard(true, '{}', '{"max_bins": 2.5}');
SELECT fit_scorecard(true, '{}', '{"cost": 0}');
SELECT fit_scorecard(true, '{}', '{"monotone": 1}');
SELECT fit_scorecard(true, '{}', '{"model": ""}');
SELECT fit_scorecard(true, '{}', o) FROM (VALUES ('{"cost": 1}'::jsonb), ('{"cost": 2}')) t (o);
