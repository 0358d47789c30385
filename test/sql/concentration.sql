-- How much hangs on few customers.
\pset null '(null)'
SET search_path = credit_risk, public;

SELECT hhi(v) AS "published: operately.com, 0.26", hhi(v) * 10000 AS "2600", round(1 / hhi(v), 4) AS "3.8462 customers",
       top_n_share(v, 2) AS "top 2: 0.6", concentration_gini(v) AS "gini 0.1"
FROM (VALUES (30), (30), (20), (20)) AS t (v);

-- One customer, equal customers, a customer who owes nothing.
SELECT hhi(v) AS "1", top_n_share(v, 1) AS "1", concentration_gini(v) AS "0",
       concentration_gini(v, true) AS "no correction for one" FROM (VALUES (12.34)) AS t (v);
SELECT hhi(v) AS "1 / 4", top_n_share(v, 3) AS "3 / 4", concentration_gini(v) AS "0", concentration_gini(v, true) AS "0"
FROM (VALUES (7.5), (7.5), (7.50), (7.500)) AS t (v);
SELECT hhi(v) AS "1", top_n_share(v, 1) AS "1", concentration_gini(v) AS "1 / 2", concentration_gini(v, true) AS "1"
FROM (VALUES (0), (100)) AS t (v);
SELECT concentration_gini(v, false) AS "0.1", concentration_gini(v, true) AS "0.1 * 4 / 3"
FROM (VALUES (30), (20), (30), (20)) AS t (v);

-- More asked for than there are.
SELECT top_n_share(v, 4) AS "4 of 4", top_n_share(v, 2147483647) AS "any of 4" FROM (VALUES (30), (30), (20), (20)) AS t (v);
SELECT n, top_n_share(v, n) FROM generate_series(1, 100) AS v, (VALUES (1), (2), (7), (50), (99), (100)) AS t (n)
GROUP BY n ORDER BY n;

-- A credit balance is no concentration; NULL is nobody.
SELECT hhi(v) AS "0.26", top_n_share(v, 2) AS "0.6", concentration_gini(v) AS "0.1"
FROM (VALUES (30), (-1000), (30), (NULL), (20), (20)) AS t (v);
SELECT hhi(v), top_n_share(v, 2), concentration_gini(v) FROM (VALUES (-1), (0), (NULL)) AS t (v);
SELECT hhi(v), top_n_share(v, 2), concentration_gini(v), concentration_gini(v, true) FROM (VALUES (1)) AS t (v) WHERE false;
SELECT top_n_share(1, NULL) AS "n unknown", concentration_gini(1, NULL) AS "option unknown";

-- Scales of all sizes; what is too large for 128 bits.
SELECT hhi(v) AS "1 / 2", top_n_share(v, 1) AS "1 / 2", concentration_gini(v) AS "0"
FROM (VALUES (1.0000000001::numeric), (1.000000000100000)) AS t (v);
SELECT hhi(v) AS "0.5", top_n_share(v, 1) AS "0.5", concentration_gini(v) AS "0" FROM (VALUES (1e30), (1e30)) AS t (v);
SELECT hhi(v) AS "0.5" FROM (VALUES (1e90), (1e90), (1e-60)) AS t (v);
SELECT top_n_share(v, 1) FROM (VALUES (1e90), (1)) AS t (v);
SELECT top_n_share(v, 1) FROM (VALUES (1e30), (1e-20)) AS t (v);
SELECT concentration_gini(v) FROM (VALUES (1e-31)) AS t (v);
SELECT top_n_share(-1e90, 1) AS "negative of any size is left out", concentration_gini(-1e90) AS "here too";

SELECT hhi('NaN');
SELECT hhi('Infinity');
SELECT top_n_share('NaN', 1);
SELECT top_n_share(1, 0);
SELECT top_n_share(1, -3);
SELECT top_n_share(v, v) FROM generate_series(1, 2) AS v;
SELECT concentration_gini('-Infinity');
SELECT concentration_gini(v, v > 1) FROM generate_series(1, 2) AS v;

-- States are plain bytea and are not trusted.
SELECT hhi_final('\x00');
SELECT hhi_final(avg_days_to_pay_accum(NULL, 1, '2025-01-01', '2025-01-02'));
SELECT top_n_share_final('\x');
SELECT concentration_gini_final(top_n_share_accum(NULL, 1, 1));
SELECT top_n_share_final(set_byte(top_n_share_accum(NULL, 1, 2), 13, 1));
SELECT top_n_share_final(substr(top_n_share_accum(NULL, 1, 2), 1, 50 - 15));
SELECT top_n_share_combine(top_n_share_accum(NULL, 1, 2), top_n_share_accum(NULL, 1, 3));
SELECT concentration_gini_combine(concentration_gini_accum(NULL, 1), concentration_gini_accum(NULL, 1, true));
SELECT top_n_share_final(top_n_share_combine(s, t)) AS "0.75", top_n_share_final(top_n_share_combine(NULL, s)) AS "1",
       top_n_share_final(top_n_share_combine(t, NULL)) AS "1", top_n_share_final(top_n_share_combine(NULL, NULL)) AS nothing
FROM top_n_share_accum(NULL, 1, 1) AS s, top_n_share_accum(NULL, 3.000, 1) AS t;
SELECT concentration_gini_final(concentration_gini_combine(s, t)) AS "0.25", concentration_gini_final(concentration_gini_combine(NULL, s)) AS "0",
       concentration_gini_final(concentration_gini_combine(t, NULL)) AS "0", concentration_gini_final(concentration_gini_combine(NULL, NULL)) AS nothing
FROM concentration_gini_accum(NULL, 1) AS s, concentration_gini_accum(NULL, 3.001 - 0.001) AS t;

-- The coarser side is brought to the finer scale, whichever it is.
SELECT top_n_share_final(top_n_share_combine(s, t)) AS "4 / 4.001", top_n_share_final(top_n_share_combine(t, s)) AS "the same"
FROM top_n_share_accum(NULL, 4, 1) AS s, top_n_share_accum(NULL, 0.001, 1) AS t;
SELECT concentration_gini_final(concentration_gini_combine(s, t)) AS "3.999 / 8.002", concentration_gini_final(concentration_gini_combine(t, s)) AS "the same"
FROM concentration_gini_accum(NULL, 4) AS s, concentration_gini_accum(NULL, 0.001) AS t;

-- As a window function: states are asked again and again.
SELECT v, hhi(v) OVER w, top_n_share(v, 1) OVER w, concentration_gini(v) OVER w
FROM (VALUES (1), (2), (3), (4), (5), (6)) AS t (v)
WINDOW w AS (ORDER BY v ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) ORDER BY v;
