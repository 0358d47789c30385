-- Do scores tell the bad from the good, and do predictions come true?
\pset null '(null)'
SET search_path = credit_risk, public;

SELECT auc(y, s) AS "scikit-learn: 0.75", gini(y, s) AS "0.5", ks_statistic(y, s) AS "0.5",
       auc(y, s, true) AS "quality: 0.25", gini(y, s, true) AS "-0.5", auc(y, s, false) AS "0.75"
FROM (VALUES (false, 0.1), (false, 0.4), (true, 0.35), (true, 0.8)) AS t (y, s);
SELECT round(brier_score(y, p)::numeric, 12) AS "0.075" FROM (VALUES (true, 0.7), (false, 0.2), (false, 0.1), (true, 0.6)) AS t (y, p);
SELECT round(information_value(g, b)::numeric, 6) AS "1.083220" FROM (VALUES (100, 50), (300, 30), (600, 20)) AS t (g, b);
SELECT round(population_stability_index('{0.1,0.2,0.3,0.2,0.2}', '{0.15,0.25,0.25,0.2,0.15}')::numeric, 6) AS "0.054931";
SELECT round(psi(e, a)::numeric, 6) AS "counts: 0.054931" FROM (VALUES (10, 150), (20, 250), (30, 250), (20, 200), (20, 150)) AS t (e, a);

-- Integers and numerics come in as they are.
SELECT auc(y, s::integer) AS "1", auc(y, s::numeric) AS "1", brier_score(y, 0::integer) AS "0.5" FROM (VALUES (false, 1), (true, 2)) AS t (y, s);

-- Perfect, wrong way round, all tied, ties on both sides, minus zero.
SELECT auc(s > 2, s), gini(s > 2, s), ks_statistic(s > 2, s), auc(s <= 2, s) AS wrong, gini(s <= 2, s) AS wrong FROM generate_series(1, 4) AS s;
SELECT auc(y, 7) AS "0.5", gini(y, 7) AS "0", ks_statistic(y, 7) AS "0" FROM (VALUES (true), (false), (false)) AS t (y);
SELECT auc(y, s) AS "1.5 of 2", ks_statistic(y, s) AS "0.5" FROM (VALUES (true, 2), (false, 2), (false, 1)) AS t (y, s);
SELECT auc(y, s) AS "0.5" FROM (VALUES (true, '-0'::float8), (false, '0'), (true, '0'), (false, '-0')) AS t (y, s);

-- One class only, no rows, rows with NULL.
SELECT auc(true, s), gini(true, s), ks_statistic(true, s), auc(false, s, true), information_value(s, 0), psi(0, s) FROM generate_series(1, 3) AS s;
SELECT auc(true, s), gini(true, s), ks_statistic(true, s), brier_score(true, s), calibration(true, s), information_value(s, s), psi(s, s)
FROM generate_series(1, 3) AS s WHERE false;
SELECT auc(y, s) AS "0.75", gini(y, s) AS "0.5", ks_statistic(y, s) AS "0.5"
FROM (VALUES (false, 0.1), (NULL, 0.4), (false, 0.4), (true, NULL), (true, 0.35), (true, 0.8), (NULL, NULL)) AS t (y, s);
SELECT auc(true, 1, NULL), gini(NULL, 1, NULL), brier_score(true, NULL), calibration(true, 0.5, NULL), calibration(NULL, 0.5),
       information_value(1, NULL), information_value(1, 1, NULL), psi(NULL, 1), psi(1, 1, NULL), population_stability_index(NULL, '{1}'),
       population_stability_index('{1}', '{1}', NULL);

-- What cannot be compared or is no probability.
SELECT auc(true, 'NaN');
SELECT gini(true, 'Infinity');
SELECT ks_statistic(true, '-Infinity');
SELECT brier_score(true, 1.01);
SELECT brier_score(true, 'NaN');
SELECT calibration(true, -0.01);
SELECT calibration(true, 'NaN', 5);
SELECT calibration(true, 0.5, 0);
SELECT calibration(true, 0.5, b) FROM generate_series(1, 2) AS b;
SELECT auc(true, s, s > 1) FROM generate_series(1, 2) AS s;

-- Calibration: equal numbers, ties together, empty bins left out.
SELECT c.bin, c.n, round(c.mean_predicted::numeric, 6) AS mean_predicted, c.observed_rate, c.bad, c.lowest, c.highest
FROM unnest((SELECT calibration(i % 4 = 0, i / 100.0) FROM generate_series(1, 100) AS i)) AS c;
SELECT c.* FROM unnest((SELECT calibration(i = 3, i / 4.0, 10) FROM generate_series(1, 3) AS i)) AS c;
SELECT c.* FROM unnest((SELECT calibration(i > 6, least(i, 8) / 8.0, 4) FROM generate_series(1, 16) AS i)) AS c;
SELECT c.* FROM unnest((SELECT calibration(i > 6, i / 8.0, 1) FROM generate_series(0, 8) AS i)) AS c;
SELECT c.* FROM unnest((SELECT calibration(true, 1, 2147483647))) AS c;

-- Bins that only one side has.
SELECT information_value(g, b) AS "0", information_value(g, b, 1) AS "0" FROM (VALUES (10, 30), (20, 60), (0, 0)) AS t (g, b);
SELECT information_value(g, b) AS undefined, round(information_value(g, b, 0.5)::numeric, 9) AS have,
       round(((10.5 / 20 - 0.5 / 10) * ln((10.5 / 20) / (0.5 / 10)) + (10.0 / 20 - 10.0 / 10) * ln((10.0 / 20) / (10.0 / 10)))::numeric, 9) AS want
FROM (VALUES (10, 0), (10, 10)) AS t (g, b);
SELECT population_stability_index('{0,1}', '{0.5,0.5}') AS undefined,
       round(population_stability_index('{0,1}', '{0.5,0.5}', 0.0001)::numeric, 9) AS have,
       round(((0.5 - 0.0001) * ln(0.5 / 0.0001) + (0.5 - 1) * ln(0.5 / 1))::numeric, 9) AS want,
       round(psi(e, a, 0.0001)::numeric, 9) AS "the same" FROM (VALUES (0, 7), (20, 7), (0, 0)) AS t (e, a);
SELECT population_stability_index('{0,0}', '{1,1}') AS nothing, population_stability_index('{0,0}', '{1,1}', 0.1) AS nothing,
       population_stability_index('{}', '{}') AS nothing, population_stability_index('{5,0}', '{3,0}') AS "0";
SELECT psi(e, a, 5e-324) BETWEEN 371 AND 373 AS finite FROM (VALUES (0, 1), (1, 1)) AS t (e, a);
SELECT information_value(-1, 1);
SELECT information_value(1, 1, 0);
SELECT information_value(1, 1, 'Infinity');
SELECT information_value(1, 1, a) FROM generate_series(1, 2) AS a;
SELECT psi(1, -0.5);
SELECT psi('NaN', 1);
SELECT psi(1, 'Infinity');
SELECT psi(1, 1, 1);
SELECT psi(1, 1, -1);
SELECT psi(1, 1, e) FROM unnest('{0.1,0.2}'::float8[]) AS e;
SELECT population_stability_index('{1,2}', '{1}');
SELECT population_stability_index('{1,NULL}', '{1,1}');
SELECT population_stability_index('{1,1}', '{{1,1}}');
SELECT population_stability_index('{1,1}', '{1,-1}');
SELECT population_stability_index('{1,1}', '{1,1}', 0);

-- Laws, on random data with ties; the same against plain SQL.
SELECT setseed(0.42);
CREATE TABLE scored AS
SELECT i, random() < 0.3 AS bad, round((random() * 40)::numeric) / 8 AS coarse, random() - 0.5 AS fine, random() AS p, i % 7 AS grp
FROM generate_series(1, 20000) AS i;
SELECT abs(gini(bad, fine) - (2 * auc(bad, fine) - 1)) < 1e-15 AS "gini = 2 auc - 1",
       abs(auc(bad, coarse) + auc(bad, -coarse) - 1) < 1e-15 AS "auc(s) + auc(-s) = 1",
       auc(bad, -fine) = auc(bad, fine, true) AS "quality is minus risk",
       auc(bad, coarse) + auc(NOT bad, coarse) = 1 AS "bad for good",
       auc(bad, fine) = auc(bad, exp(3 * fine)) AND ks_statistic(bad, fine) = ks_statistic(bad, exp(3 * fine)) AS "rising transforms",
       auc(bad, coarse) = auc(bad, 10 * coarse - 3) AND ks_statistic(bad, coarse) = ks_statistic(bad, -coarse) AS "and with ties"
FROM scored;
WITH ranked AS (
    SELECT bad, rank() OVER (ORDER BY coarse) + (count(*) OVER (PARTITION BY coarse) - 1) / 2.0 AS rank FROM scored
), direct AS (
    SELECT (sum(rank) FILTER (WHERE bad) - n * (n + 1) / 2.0) / (n * count(*) FILTER (WHERE NOT bad)) AS auc
    FROM ranked, (SELECT count(*) AS n FROM scored WHERE bad) AS b GROUP BY n
), distance AS (
    SELECT max(abs(bad - good)) AS ks
    FROM (SELECT coarse, sum(count(*) FILTER (WHERE bad)) OVER w / (SELECT count(*) FROM scored WHERE bad) AS bad,
                 sum(count(*) FILTER (WHERE NOT bad)) OVER w / (SELECT count(*) FROM scored WHERE NOT bad) AS good
          FROM scored GROUP BY coarse WINDOW w AS (ORDER BY coarse)) AS d
)
SELECT abs(auc(bad, coarse) - (SELECT auc FROM direct)) < 1e-12 AS "AUC by ranks", abs(ks_statistic(bad, coarse) - (SELECT ks FROM distance)) < 1e-12 AS "KS by distributions",
       abs(brier_score(bad, p) - avg((p - bad::integer) ^ 2)) < 1e-12 AS "Brier by avg"
FROM scored;
SELECT sum(c.n) = 20000 AS everybody, sum(c.bad) = (SELECT count(*) FROM scored WHERE bad) AS "every bad", min(c.n), max(c.n), count(*),
       abs(sum(c.n * c.mean_predicted) / 20000 - (SELECT avg(p) FROM scored)) < 1e-12 AS "mean of the means", bool_and(c.lowest <= c.mean_predicted AND c.mean_predicted <= c.highest)
FROM unnest((SELECT calibration(bad, p) FROM scored)) AS c;
SELECT bool_and(iv >= 0) AS "IV >= 0", bool_and(abs(iv - swapped) < 1e-12) AS "IV symmetric", bool_and(abs(iv - stability) < 1e-12) AS "IV is PSI of the two",
       bool_and(stability > 0) AS "PSI > 0 where shares differ", bool_and(same = 0) AS "0 where they are equal"
FROM (SELECT information_value(g, b) AS iv, information_value(b, g) AS swapped, psi(b, g) AS stability, psi(g, 3 * g) AS same
      FROM (SELECT grp, coarse, count(*) FILTER (WHERE NOT bad) + 1 AS g, count(*) FILTER (WHERE bad) + 1 AS b FROM scored GROUP BY grp, coarse) AS bins GROUP BY grp) AS t;

-- Asked for together they keep one state; groups and windows.
SELECT grp, round(auc(bad, fine)::numeric, 6) AS auc, round(gini(bad, fine)::numeric, 6) AS gini, round(ks_statistic(bad, fine)::numeric, 6) AS ks
FROM scored GROUP BY grp ORDER BY grp LIMIT 2;
SELECT v, auc(v % 3 = 0, v % 4) OVER w, gini(v % 3 = 0, v % 4, true) OVER w, ks_statistic(v % 3 = 0, v % 4) OVER w, brier_score(v % 3 = 0, v / 10.0) OVER w,
       calibration(v % 3 = 0, v / 10.0, 2) OVER w
FROM generate_series(1, 8) AS v WINDOW w AS (ORDER BY v ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) ORDER BY v;
-- A window that moves on takes rows away again: what is left is what a fresh count gives.
SELECT count(*), bool_and(m.auc IS NOT DISTINCT FROM d.auc AND m.ks IS NOT DISTINCT FROM d.ks AND m.table IS NOT DISTINCT FROM d.table) AS equal
FROM (SELECT i, auc(bad, coarse) OVER w AS auc, ks_statistic(bad, coarse) OVER w AS ks, calibration(bad, p, 4) OVER w AS table
      FROM scored WHERE i <= 400 WINDOW w AS (ORDER BY i ROWS BETWEEN 49 PRECEDING AND CURRENT ROW)) AS m
CROSS JOIN LATERAL (SELECT auc(bad, coarse) AS auc, ks_statistic(bad, coarse) AS ks, calibration(bad, p, 4) AS table FROM scored s WHERE s.i BETWEEN m.i - 49 AND m.i) AS d;
SELECT v, auc(v > 2, v) FILTER (WHERE v <> 3) OVER (ORDER BY v ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) FROM generate_series(1, 5) AS v;

-- In parallel the same, to the last digit where counts are exact.
CREATE TABLE many (bad boolean, score float8, p float8, coarse integer) WITH (parallel_workers = 3);
INSERT INTO many SELECT random() < 0.2, random() * 1000, round(random()::numeric, 3), i % 11 FROM generate_series(1, 60000) AS i;
INSERT INTO many VALUES (NULL, 1, 0.5, 1), (true, NULL, NULL, NULL);
ANALYZE many;
CREATE VIEW figures AS
SELECT auc(bad, score) AS auc, auc(bad, score, true) AS reverse, gini(bad, score) AS gini, ks_statistic(bad, score) AS ks, auc(bad, coarse) AS coarse,
       calibration(bad, p, 20) AS calibration, brier_score(bad, p) AS brier FROM many;
CREATE VIEW bin_figures AS
SELECT information_value(coarse, coarse + 1, 0.5) AS iv, psi(score, p, 0.001) AS psi FROM many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT * FROM figures, bin_figures;
SET max_parallel_workers_per_gather = 3;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT * FROM figures;
EXPLAIN (COSTS OFF) SELECT * FROM bin_figures;
CREATE TABLE parallel AS SELECT * FROM figures, bin_figures;
SELECT s.auc = p.auc AS auc, s.reverse = p.reverse AS reverse, s.gini = p.gini AS gini, s.ks = p.ks AS ks, s.coarse = p.coarse AS coarse, s.calibration = p.calibration AS calibration,
       abs(s.brier - p.brier) < 1e-15 AS brier, s.iv = p.iv AS iv, s.psi = p.psi AS psi
FROM serial AS s, parallel AS p;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- States are plain bytea: kept in a table (packed, compressed, out of line) and
-- joined afterwards they give the same.
CREATE AGGREGATE state_of(boolean, double precision) (SFUNC = discrimination_accum, STYPE = bytea);
CREATE AGGREGATE join_states(bytea) (SFUNC = discrimination_combine, STYPE = bytea);
CREATE TABLE kept (pad "char" DEFAULT 'x', grp integer, fine bytea, coarse bytea);
INSERT INTO kept (grp, fine, coarse) SELECT grp, state_of(bad, fine), state_of(bad, coarse) FROM scored GROUP BY grp;
INSERT INTO kept (grp, fine, coarse) VALUES (99, NULL, NULL);
SELECT auc_final(join_states(k.fine)) = s.auc AS fine, auc_final(join_states(k.coarse)) = s.coarse AS coarse, ks_statistic_final(join_states(k.fine)) = s.ks AS ks
FROM kept AS k, (SELECT auc(bad, fine) AS auc, auc(bad, coarse) AS coarse, ks_statistic(bad, fine) AS ks FROM scored) AS s
GROUP BY s.auc, s.coarse, s.ks;
-- Few different scores need little room, whatever the number of rows.
SELECT pg_column_size(state_of(bad, coarse)) < 44 * count(DISTINCT coarse) + 600 AS "few scores", pg_column_size(state_of(bad, fine)) <= 44 * count(*) AS "all different" FROM scored;
SELECT auc_final(discrimination_combine(s, t)) AS "7 / 8", auc_final(discrimination_combine(NULL, s)) AS "1", auc_final(discrimination_combine(t, NULL)) AS "0.5",
       auc_final(discrimination_combine(NULL, NULL)) AS nothing, gini_final(NULL) AS nothing, calibration_final(NULL) AS nothing
FROM (SELECT discrimination_accum(discrimination_accum(NULL, true, 3), false, 1) AS s, discrimination_accum(discrimination_accum(NULL, true, 2), false, 2) AS t) AS x;
SELECT auc_final(discrimination_remove(discrimination_accum(discrimination_accum(discrimination_accum(NULL, true, 3), false, 1), false, 4), false, 4)) AS "1",
       auc_final(discrimination_remove(discrimination_accum(NULL, true, 3), true, 3)) AS nothing,
       calibration_final(calibration_remove(calibration_accum(NULL, true, 0.5), true, 0.5)) AS nothing;
SELECT brier_score_final(brier_score_combine(s, t)) AS "0.25", brier_score_final(brier_score_combine(NULL, s)) AS "0.25", brier_score_final(brier_score_combine(t, NULL)) AS "0.25",
       brier_score_final(brier_score_combine(NULL, NULL)) AS nothing
FROM brier_score_accum(NULL, true, 0.5) AS s, brier_score_accum(NULL, false, 0.5) AS t;
SELECT information_value_final(information_value_combine(s, t)) AS "0", psi_final(psi_combine(u, u)) AS "0", information_value_final(NULL) AS nothing,
       psi_final(psi_combine(NULL, psi_combine(u, NULL))) AS "0"
FROM information_value_accum(NULL, 1, 1) AS s, information_value_accum(NULL, 2, 2) AS t, psi_accum(NULL, 1, 2) AS u;

-- And they are not trusted.
SELECT auc_final('\x');
SELECT auc_final(calibration_accum(NULL, true, 0.5));
SELECT auc_final(discrimination_remove(NULL, true, 1));
SELECT auc_final(set_byte(discrimination_accum(NULL, true, 1), 20, 200));
SELECT auc_final(set_byte(discrimination_accum(NULL, true, 1), 12, 200));
SELECT auc_final(overlay(discrimination_accum(NULL, true, 1) PLACING '\xfffffffffffff8ff'::bytea FROM 29));
SELECT calibration_final(overlay(calibration_accum(NULL, true, 1) PLACING '\xffffffff'::bytea FROM 5));
SELECT discrimination_combine(discrimination_accum(NULL, true, 1, true), discrimination_accum(NULL, true, 1));
SELECT calibration_combine(calibration_accum(NULL, true, 1, 5), calibration_accum(NULL, true, 1));
SELECT brier_score_final('\x0123');
SELECT brier_score_final(calibration_accum(NULL, true, 1));
SELECT information_value_final(psi_accum(NULL, 1, 1));
SELECT psi_final(set_byte(psi_accum(NULL, 1, 1), 13, 1));
SELECT psi_combine(psi_accum(NULL, 1, 1, 0.1), psi_accum(NULL, 1, 1));
-- Bins that no transition makes: NaN, infinite, below zero; a filler that is none.
SELECT psi_final(overlay(psi_accum(psi_accum(NULL, 1, 2), 2, 1) PLACING '\x000000000000f87f'::bytea FROM 21));
SELECT psi_final(overlay(psi_accum(psi_accum(NULL, 1, 2), 2, 1) PLACING '\x000000000000f07f'::bytea FROM 29));
SELECT information_value_final(overlay(information_value_accum(information_value_accum(NULL, 5, 2), 2, 1) PLACING '\x000000000000f0bf'::bytea FROM 21));
SELECT psi_final(overlay(psi_accum(NULL, 1, 2, 0.1) PLACING '\x000000000000f87f'::bytea FROM 5));
SELECT psi_final(overlay(psi_accum(NULL, 1, 2, 0.1) PLACING '\x000000000000f0bf'::bytea FROM 5));
DROP VIEW figures, bin_figures;
DROP AGGREGATE state_of(boolean, double precision), join_states(bytea);
DROP TABLE scored, many, serial, parallel, kept;
