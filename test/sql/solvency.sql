-- Published scores of solvency.
\pset null '(null)'
SET search_path = credit_risk, public;
SET extra_float_digits = 0;

-- Altman: a published example, printed 2.86; and one firm by the other two models.
SELECT altman_z(100, 400, 50, 600, 1500, 1000, 700, 0.999) AS "published: exinfm.com, 2.857786", altman_z(100, 400, 50, 600, 1500, 1000, 700) AS "2.859286";
SELECT altman_z_prime(200, 150, 120, 400, 1500, 1000, 600) AS "2.42029", altman_z_double_prime(200, 150, 120, 400, 1000, 600) AS "3.3074",
       altman_z_double_prime(200, 150, 120, 400, 1000, 600, true) AS "6.5574";
SELECT altman_z(working_capital => -100, retained_earnings => -400, ebit => -50, market_equity => 60, sales => 1500, total_assets => 1000, total_liabilities => 1200) AS "losses are ordinary";

-- Conan and Holder.
SELECT conan_holder(180, 600, 650, 1000, 380, 25, 1500, 300, 480) AS "0.1988", conan_holder(180, 600, 650, 1000, 380, 25, 1500, 300, 480, 100) AS "19.88",
       conan_holder_risk(0.1988) AS "< 10 %", conan_holder_reading(0.1988);
SELECT n, conan_holder_risk(n), conan_holder_reading(n)
FROM unnest('{1, 0.16, 0.1599, 0.10, 0.0999, 0.04, 0.0399, 0, -0.05, -0.0501, -1}'::double precision[]) AS n;
SELECT bool_and(risk @> n) AS "every risk in a band", count(*) FILTER (WHERE risk @> n) = count(*) AS "and in one"
FROM (SELECT n / 1000.0 AS n, (SELECT range_agg(conan_holder_risk(s)) FROM unnest('{0.2, 0.12, 0.05, 0, -1}'::double precision[]) AS s) AS risk FROM generate_series(0, 1000) AS n) AS t;

-- Banque de France.
SELECT banque_de_france_z('{30, 105, 20, 9, 75, 5, 80, 12}') AS "1.33511";

-- Springate, Zmijewski, Ohlson, Taffler.
SELECT springate_s(200, 120, 100, 350, 1500, 1000) AS "1.362971";
SELECT zmijewski_x(70, 600, 550, 350, 1000) AS "-1.238224", zmijewski_probability(zmijewski_x(70, 600, 550, 350, 1000)) AS "0.107816",
       zmijewski_x(70, 600, 550, 350, 1000, 'rounded') AS "-1.201286", zmijewski_x(70, 600, 550, 350, 1000, variant => 'original') AS "-1.238224",
       zmijewski_probability(0) AS "1 / 2", zmijewski_probability(-37) > 0 AS "tails are kept", zmijewski_probability(40) AS "1";
SELECT ohlson_o(1000000, 600, 600000, 200000, 350000, 550000, 70000, 60000, 110000, false) AS "-1.500667",
       ohlson_probability(ohlson_o(1000000, 600, 600000, 200000, 350000, 550000, 70000, 60000, 110000, false)) AS "0.182326",
       ohlson_probability(0) AS "1 / 2", ohlson_probability(-1000) AS "0", ohlson_probability(1000) AS "1";
SELECT ohlson_o(1000, 1, 600, 0, 100, 100, 0, 0, 0, true) - ohlson_o(1000, 1, 600, 0, 100, 100, 0, 0, 0, false) AS "two losses: 0.285",
       ohlson_o(1000, 1, 1000, 0, 100, 100, 0, 0, 0, false) - ohlson_o(1000, 1, 1000.000001, 0, 100, 100, 0, 0, 0, false) AS "liabilities beyond assets: 1.72",
       ohlson_o(1000, 1, 600, 0, 100, 100, 0, 0, 0, false) - ohlson_o(1000, 1, 600, 0, 100, 100, 0, 5, 0, false) AS "from profit to nothing: 0.521 less",
       ohlson_o(1000, 1, 600, 0, 100, 100, 0, 0, 0, false) - ohlson_o(1000000, 1, 600000, 0, 100000, 100000, 0, 0, 0, false) AS "0.407 ln 1000, by design";
SELECT taffler_z(100, 350, 550, 600, 1000, 400, 1400) AS "5.611702", taffler_z_modified(100, 350, 550, 600, 1000, 1500) AS "0.573595";

-- Piotroski: everything better, everything worse, everything as it was.
SELECT piotroski_f(100, 50, 150, 1100, 1000, 1000, 200, 300, 500, 400, 200, 200, 10, 10, 400, 300, 1000, 900) AS "9",
       piotroski_f(-100, 50, -150, 1100, 1000, 1000, 400, 300, 300, 400, 200, 200, 11, 10, 200, 300, 800, 850) AS "0",
       piotroski_f(50, 50, 50, 1000, 1000, 1000, 300, 300, 400, 400, 200, 200, 10, 10, 300, 300, 900, 900) AS "ties: returns, cash and no new shares, 3",
       piotroski_f(50, 50, 50, 1000, 1000, 1000, 300, 300, 400, 400, 200, 200, 9, 10, 300, 300, 900, 900) AS "bought back: 3";
-- A quotient that does not end is a tie all the same: 1/3 and 2/6.
SELECT piotroski_f(1, 2, 1, 3, 3, 6, 2, 3, 1, 2, 3, 6, 1, 1, 1, 2, 3, 6) AS "returns, cash and no new shares: 3";

-- One's own model.
SELECT linear_score('{0.5, -2}', '{10, 1}') AS "3", linear_score('{0.5, -2}', '{10, 1}', 0.25) AS "3.25", linear_score('{}', '{}', 7) AS "7",
       linear_score('{1, 2}', '{1, NULL}') AS "a missing ratio is not zero";

-- Zones; a boundary is grey.
SELECT model, score, altman_zone(model, score), altman_zone('altman_' || model, score) = altman_zone(model, score) AS long, solvency_zone('altman_' || model, score) = altman_zone(model, score) AS same
FROM (VALUES ('z', 3.0), ('z', 2.99), ('z', 2), ('z', 1.81), ('z', 1.8), ('z_prime', 2.91), ('z_prime', 2.9), ('z_prime', 1.23), ('z_prime', 1.22),
             ('z_double_prime', 2.61), ('z_double_prime', 2.60), ('z_double_prime', 1.10), ('z_double_prime', 1.09),
             ('em_score', 5.86), ('em_score', 5.85), ('em_score', 4.35), ('em_score', 4.34)) AS t (model, score);
SELECT model, score, solvency_zone(model, score)
FROM (VALUES ('banque_de_france_z', 0.126), ('banque_de_france_z', 0.125), ('banque_de_france_z', -0.25), ('banque_de_france_z', -0.251),
             ('springate_s', 0.862), ('springate_s', 0.8619), ('zmijewski_x', -0.001), ('zmijewski_x', 0), ('zmijewski_x', 1),
             ('ohlson_o', -1), ('ohlson_o', 0), ('ohlson_o', 0.001), ('taffler_z', 0.1), ('taffler_z', 0), ('taffler_z', -0.1),
             ('taffler_z_modified', 0.31), ('taffler_z_modified', 0.30), ('taffler_z_modified', 0.2), ('taffler_z_modified', 0.19),
             ('piotroski_f', 9), ('piotroski_f', 7), ('piotroski_f', 6), ('piotroski_f', 4), ('piotroski_f', 3), ('piotroski_f', 0)) AS t (model, score);
-- A firm that stands exactly on a boundary is not moved by binary rounding.
SELECT score, altman_zone('z_double_prime', score) AS grey
FROM (VALUES (altman_z_double_prime(0, 0, 0, 2600, 5000, 1050)), (altman_z_double_prime(0, 0, 0, 1.1, 7, 1.05)),
             (altman_z_double_prime(88, 0, 201, 320, 1000, 500))) AS t (score);
SELECT altman_z(0, 0, 0, 0, 2.99, 1, 3), altman_zone('z', altman_z(0, 0, 0, 0, 2.99, 1, 3)) AS grey,
       taffler_z_modified(0, 1, 1, 1.3, 1, 0.0625), solvency_zone('taffler_z_modified', taffler_z_modified(0, 1, 1, 1.3, 1, 0.0625)) AS "0.1 + 0.18 + 0.01: grey",
       springate_s(0, 0, 0, 1, 2.155, 1), solvency_zone('springate_s', springate_s(0, 0, 0, 1, 2.155, 1)) AS "0.862 is not failed";

-- A denominator of zero or less: outside the model's domain, never a dropped term.
SELECT altman_z(1, 1, 1, 1, 1, 0, 1), altman_z(1, 1, 1, 1, 1, -5, 1), altman_z(1, 1, 1, 1, 1, 1, 0), altman_z_prime(1, 1, 1, 1, 1, 0, 1), altman_z_prime(1, 1, 1, 1, 1, 1, 0),
       altman_z_double_prime(1, 1, 1, 1, 0, 1), altman_z_double_prime(1, 1, 1, 1, 1, 0), altman_z_double_prime(1, 1, 1, 1, 1, -1, true);
SELECT conan_holder(1, 0, 1, 1, 1, 1, 1, 1, 1) AS "no debt", conan_holder(1, 1, 1, 0, 1, 1, 1, 1, 1) AS "no assets", conan_holder(1, 1, 1, 1, 1, 1, 0, 1, 1) AS "no sales",
       conan_holder(1, 1, 1, 1, 1, 1, 1, 1, 0) AS "no value added", conan_holder(1, 1, 1, 1, 1, 1, 1, 1, -4) AS "negative value added";
SELECT springate_s(1, 1, 1, 0, 1, 1), springate_s(1, 1, 1, 1, 1, 0), zmijewski_x(1, 1, 1, 0, 1), zmijewski_x(1, 1, 1, 1, 0), taffler_z_modified(1, 0, 1, 1, 1, 1),
       taffler_z_modified(1, 1, 1, 0, 1, 1), taffler_z_modified(1, 1, 1, 1, 0, 1);
SELECT taffler_z(1, 1, 1, 1, 1, 1, 0), taffler_z(1, 1, 1, 1, 1, 1, -1), taffler_z(1, 0, 1, 1, 1, 1, 1), taffler_z(1, 1, 1, 0, 1, 1, 1), taffler_z(1, 1, 1, 1, 0, 1, 1);
SELECT ohlson_o(0, 1, 1, 1, 1, 1, 1, 1, 1, false), ohlson_o(1, 1, 0, 1, 1, 1, 1, 1, 1, false), ohlson_o(1, 1, 1, 1, 1, 0, 1, 1, 1, false);
SELECT piotroski_f(1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), piotroski_f(1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
       piotroski_f(1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), piotroski_f(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1),
       piotroski_f(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1), piotroski_f(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1),
       piotroski_f(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0);

-- What is missing makes the score missing.
SELECT altman_z(NULL, 1, 1, 1, 1, 1, 1), altman_z(1, 1, 1, 1, 1, 1, 1, NULL), altman_z_prime(1, NULL, 1, 1, 1, 1, 1), altman_z_double_prime(1, 1, NULL, 1, 1, 1),
       conan_holder(1, 1, 1, 1, NULL, 1, 1, 1, 1), conan_holder_risk(NULL), conan_holder_reading(NULL), banque_de_france_z(NULL), banque_de_france_z('{1, 1, 1, NULL, 1, 1, 1, 1}');
SELECT springate_s(1, 1, NULL, 1, 1, 1), zmijewski_x(1, 1, 1, 1, NULL), zmijewski_x(1, 1, 1, 1, 1, NULL), zmijewski_probability(NULL), ohlson_o(1, 1, 1, 1, 1, 1, 1, NULL, 1, false),
       ohlson_o(1, 1, 1, 1, 1, 1, 1, 1, 1, NULL), ohlson_probability(NULL), taffler_z(1, 1, 1, 1, 1, NULL, 1), taffler_z_modified(1, 1, 1, 1, 1, NULL),
       piotroski_f(1, 1, NULL, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), linear_score(NULL, '{1}'), linear_score('{1}', NULL), altman_zone('z', NULL), altman_zone(NULL, 1), solvency_zone('taffler_z', NULL);

-- Without the unit of the amounts: every score but Ohlson's is free of scale.
SELECT setseed(0.5) \g /dev/null
CREATE TEMPORARY TABLE accounts AS
SELECT i, (SELECT array_agg(round((random() * 2000000 - CASE WHEN n IN (1, 2, 3, 8, 13) THEN 600000 ELSE -1 END)::numeric, 2) ORDER BY n) FROM generate_series(1, 18) AS n WHERE i IS NOT NULL) AS a
FROM generate_series(1, 500) AS i;
CREATE FUNCTION pg_temp.scores(a numeric[], k numeric) RETURNS double precision[] LANGUAGE sql AS $$
SELECT ARRAY[altman_z(a[1]*k, a[2]*k, a[3]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k), altman_z_prime(a[1]*k, a[2]*k, a[3]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k),
             altman_z_double_prime(a[1]*k, a[2]*k, a[3]*k, a[4]*k, a[6]*k, a[7]*k), conan_holder(a[3]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k, a[8]*k, a[9]*k, a[10]*k, a[11]*k),
             springate_s(a[1]*k, a[2]*k, a[3]*k, a[4]*k, a[5]*k, a[6]*k), zmijewski_x(a[1]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k), taffler_z(a[1]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k, a[9]*k, a[10]*k),
             taffler_z_modified(a[1]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k, a[9]*k),
             piotroski_f(a[1]*k, a[2]*k, a[3]*k, a[4]*k, a[5]*k, a[6]*k, a[7]*k, a[9]*k, a[10]*k, a[11]*k, a[12]*k, a[14]*k, a[15]*k, a[16]*k, a[17]*k, a[18]*k, a[4]*k, a[5]*k)] $$;
SELECT k, count(*) AS compared, count(*) FILTER (WHERE abs(s - t) > 1e-12 * greatest(abs(s), 1) OR (s IS NULL) <> (t IS NULL)) AS "law 14 broken"
FROM accounts, unnest('{1000, 0.01, 7.3, 655.957}'::numeric[]) AS k, unnest(pg_temp.scores(a, 1), pg_temp.scores(a, k)) AS x (s, t)
GROUP BY k ORDER BY k;
SELECT count(*) FILTER (WHERE abs(ohlson_o(a[4]*1000, 600, a[5]*1000, a[1]*1000, a[6]*1000, a[7]*1000, a[2]*1000, a[3]*1000, a[8]*1000, false)
                                - ohlson_o(a[4], 600, a[5], a[1], a[6], a[7], a[2], a[3], a[8], false) + 0.407 * ln(1000.0::double precision)) > 1e-9) AS "Ohlson but for the unit" FROM accounts;
-- Against the formulas in floating point.
SELECT count(*) AS compared, max(abs(altman_z(a[1], a[2], a[3], a[4], a[5], a[6], a[7])
       - (1.2 * a[1] / a[6] + 1.4 * a[2] / a[6] + 3.3 * a[3] / a[6] + 0.6 * a[4] / a[7] + a[5] / a[6])::double precision)) < 1e-9 AS z,
       max(abs(springate_s(a[1], a[2], a[3], a[4], a[5], a[6]) - (1.03 * a[1] / a[6] + 3.07 * a[2] / a[6] + 0.66 * a[3] / a[4] + 0.40 * a[5] / a[6])::double precision)) < 1e-9 AS s
FROM accounts;

-- Refused.
SELECT altman_z('NaN', 1, 1, 1, 1, 1, 1);
SELECT altman_z(1, 1, 1, 1, 1, 1, 'Infinity');
SELECT altman_z(1, 1, 1, 1, 1, 1, 1, 'NaN');
SELECT altman_z_prime(1, 1, 1, '-Infinity', 1, 1, 1);
SELECT altman_z_double_prime(1, 1, 1, 1, 1, 'NaN');
SELECT conan_holder(1, 1, 1, 1, 1, 1, 1, 1, 'NaN');
SELECT conan_holder(1, 1, 1, 1, 1, 1, 1, 1, 1, 10);
SELECT conan_holder_risk('NaN');
SELECT conan_holder_reading('Infinity');
SELECT banque_de_france_z('{1, 2, 3}');
SELECT banque_de_france_z('{1, 1, 1, NaN, 1, 1, 1, 1}');
SELECT banque_de_france_z('{{1, 1, 1, 1, 1, 1, 1, 1}}');
SELECT banque_de_france_z('{1e308, 1e308, 1e308, 1e308, 1e308, 1e308, 1e308, 1e308}');
SELECT springate_s(1, 1, 1, 1, 1, 'NaN');
SELECT zmijewski_x(1, 1, 1, 1, 1, 'textbook');
SELECT zmijewski_x(1, 1, 1, 'NaN', 1);
SELECT zmijewski_probability('NaN');
SELECT ohlson_o(1, 0, 1, 1, 1, 1, 1, 1, 1, false);
SELECT ohlson_o(1, 1, 1, 1, 1, 1, 1, 1, 'NaN', false);
SELECT ohlson_o(1, 1e400, 1, 1, 1, 1, 1, 1, 1, false);
SELECT ohlson_probability('Infinity');
SELECT taffler_z(1, 1, 1, 1, 1, 1, 'NaN');
SELECT taffler_z_modified(1, 1, 1, 1, 1, 'Infinity');
SELECT piotroski_f(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 'NaN', 1, 1, 1, 1, 1);
SELECT linear_score('{1, 2}', '{1}');
SELECT linear_score('{1, NULL}', '{1, 2}');
SELECT linear_score('{1}', '{Infinity}');
SELECT linear_score('{1}', '{1}', 'NaN');
SELECT linear_score('{1e308}', '{10}');
SELECT altman_zone('z_triple_prime', 1);
SELECT altman_zone('z', 'NaN');
SELECT solvency_zone('conan_holder', 1);
SELECT solvency_zone('springate_s', '-Infinity');
SELECT springate_s(1e400, 1, 1, 1, 1, 1) AS "beyond floating point";
