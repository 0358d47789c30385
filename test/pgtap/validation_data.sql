-- The statistics of scores on public data: failures of Polish firms, German
-- credit, credit cards. All figures were computed elsewhere.
\set ON_ERROR_STOP 1
\if :{?shared_data}
\else
  \set shared_data ''
\endif
\set folder :shared_data
\setenv CRK_DATA :folder
\set readable `test -r "$CRK_DATA/failure/polish_1year.arff.gz" && test -r "$CRK_DATA/failure/polish_3year_partial.csv.gz" && test -r "$CRK_DATA/credit/german.data" && test -r "$CRK_DATA/credit/uci_credit_card.csv.gz" && echo on || echo off`

BEGIN;
\if :readable
SELECT plan(24);
SET search_path = credit_risk, public;

-- A row of a firm: its 64 ratios by number, NULL where there is none.
CREATE TEMPORARY TABLE line (file text DEFAULT current_setting('test.file'), line text);
SET test.file = '1year';
\copy line (line) FROM PROGRAM 'gzip -dc "$CRK_DATA/failure/polish_1year.arff.gz" | tr -d "\\r" | sed "1,/^@data/d" | grep -v "^ *$"' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SET test.file = '3year';
\copy line (line) FROM PROGRAM 'gzip -dc "$CRK_DATA/failure/polish_3year_partial.csv.gz" | tr -d "\\r" | sed "1d; s/^[0-9]*,//"' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
CREATE TEMPORARY TABLE firm AS
SELECT file, r.ratio[65] = 1 AS bankrupt, r.ratio[1:64] AS ratio
FROM line, LATERAL (SELECT string_to_array(line, ',', CASE file WHEN '1year' THEN '?' ELSE '' END)::double precision[] AS ratio) r;
CREATE TEMPORARY VIEW scored AS
SELECT f.*, 6.56 * ratio[3] + 3.26 * ratio[6] + 6.72 * ratio[7] + 1.05 * ratio[8] AS z_double_prime,
       0.717 * ratio[3] + 0.847 * ratio[6] + 3.107 * ratio[7] + 0.420 * ratio[8] + 0.998 * ratio[9] AS z_prime
FROM firm f;

SELECT results_eq('SELECT file, count(*), count(*) FILTER (WHERE bankrupt), round(sum(ratio[1])::numeric, 6), round(sum(ratio[2])::numeric, 6) FROM firm GROUP BY 1 ORDER BY 1',
                  $$VALUES ('1year', 7027::bigint, 271::bigint, 243.451190, 3934.952843), ('3year', 9977, 468, 541.280317, 6230.609226)$$, 'the two files: firms, bankrupt, sums');
SELECT results_eq('SELECT file, count(z_double_prime), count(z_double_prime) FILTER (WHERE bankrupt), round(auc(bankrupt, z_double_prime, true)::numeric, 6) FROM scored GROUP BY 1 ORDER BY 1',
                  $$VALUES ('1year', 7001::bigint, 271::bigint, 0.689367), ('3year', 9963, 467, 0.690675)$$, 'AUC of Z″: rows without a ratio are left out');
SELECT results_eq('SELECT file, count(z_prime), round(auc(bankrupt, z_prime, true)::numeric, 6) FROM scored GROUP BY 1 ORDER BY 1',
                  $$VALUES ('1year', 7001::bigint, 0.632703), ('3year', 9961, 0.660323)$$, 'AUC of Z′');
SELECT results_eq('SELECT file, auc(bankrupt, z_double_prime, true) = auc(bankrupt, -z_double_prime), auc(bankrupt, z_double_prime, true) = auc(bankrupt, z_double_prime + 3.25, true) FROM scored GROUP BY 1 ORDER BY 1',
                  $$VALUES ('1year', true, true), ('3year', true, true)$$, 'low is risky; the constant of 1995 changes no rank');
SELECT results_eq($$SELECT file, width_bucket(z_double_prime, '{1.1,2.6}'::double precision[]) AS zone, count(*), count(*) FILTER (WHERE bankrupt)
                    FROM scored WHERE z_double_prime IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2$$,
                  $$VALUES ('1year', 0, 1586::bigint, 141::bigint), ('1year', 1, 1254, 47), ('1year', 2, 4161, 83), ('3year', 0, 2700, 243), ('3year', 1, 1531, 81), ('3year', 2, 5732, 143)$$, 'zones of Z″');
SELECT results_eq($$SELECT file, width_bucket(z_prime, '{1.23,2.9}'::double precision[]) AS zone, count(*), count(*) FILTER (WHERE bankrupt)
                    FROM scored WHERE z_prime IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2$$,
                  $$VALUES ('1year', 0, 692::bigint, 72::bigint), ('1year', 1, 3101, 119), ('1year', 2, 3208, 80), ('3year', 0, 1607, 168), ('3year', 1, 3914, 185), ('3year', 2, 4440, 114)$$, 'zones of Z′');
SELECT results_eq($$SELECT s.file, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY z_double_prime)::numeric, 6), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY z_double_prime) FILTER (WHERE bankrupt)::numeric, 6)
                    FROM scored s GROUP BY 1 ORDER BY 1$$, $$VALUES ('1year', 3.439140, 0.960135), ('3year', 3.394270, 0.957837)$$, 'medians of Z″');
CREATE TEMPORARY VIEW single AS
SELECT f.file, n, greatest(auc(bankrupt, ratio[n]), auc(bankrupt, ratio[n], true)) AS auc FROM firm f, generate_series(1, 64) n GROUP BY 1, 2;
SELECT results_eq($$SELECT file, n, round(auc::numeric, 4) FROM (SELECT *, row_number() OVER (PARTITION BY file ORDER BY auc DESC) AS place FROM single) s WHERE place <= 3 ORDER BY file, place$$,
                  $$VALUES ('1year', 24, 0.7258), ('1year', 13, 0.7132), ('1year', 26, 0.7091), ('3year', 26, 0.7190), ('3year', 16, 0.7159), ('3year', 13, 0.7103)$$, 'the best single ratios');
SELECT results_eq('SELECT file, gini(bankrupt, z_double_prime, true) = 2 * auc(bankrupt, z_double_prime, true) - 1 OR abs(gini(bankrupt, z_double_prime, true) - 2 * auc(bankrupt, z_double_prime, true) + 1) < 1e-15 FROM scored GROUP BY 1 ORDER BY 1',
                  $$VALUES ('1year', true), ('3year', true)$$, 'Gini is 2 AUC - 1');
SELECT results_eq($$SELECT file, abs(ks_statistic(bankrupt, z_double_prime) - (SELECT max(abs(d.ks)) FROM (
                        SELECT sum(count(*) FILTER (WHERE bankrupt)) OVER w / sum(count(*) FILTER (WHERE bankrupt)) OVER () - sum(count(*) FILTER (WHERE NOT bankrupt)) OVER w / sum(count(*) FILTER (WHERE NOT bankrupt)) OVER () AS ks
                        FROM scored t WHERE t.file = s.file AND z_double_prime IS NOT NULL GROUP BY z_double_prime WINDOW w AS (ORDER BY z_double_prime)) d)) < 1e-12 FROM scored s GROUP BY 1 ORDER BY 1$$,
                  $$VALUES ('1year', true), ('3year', true)$$, 'KS is the largest distance of the two distributions');

-- German credit: attribute by attribute.
CREATE TEMPORARY TABLE german AS SELECT 0 AS id, ''::text AS attribute, ''::text AS value, false AS bad WITH NO DATA;
CREATE TEMPORARY TABLE applicant (id integer GENERATED ALWAYS AS IDENTITY, line text);
\copy applicant (line) FROM PROGRAM 'cat "$CRK_DATA/credit/german.data"' (FORMAT csv, DELIMITER E'\x01')
INSERT INTO german SELECT a.id, 'A' || n, w[n], w[21] = '2' FROM applicant a, LATERAL (SELECT string_to_array(line, ' ') AS w) s, generate_series(1, 20) n;
CREATE TEMPORARY VIEW bin AS
SELECT attribute, value, count(*) FILTER (WHERE NOT bad) AS good, count(*) FILTER (WHERE bad) AS bad FROM german
WHERE attribute IN ('A1', 'A3', 'A4', 'A6', 'A7', 'A9', 'A10', 'A12', 'A14', 'A15', 'A17', 'A19', 'A20') GROUP BY 1, 2;
SELECT results_eq($$SELECT count(DISTINCT id), count(DISTINCT id) FILTER (WHERE bad), sum(value::integer) FILTER (WHERE attribute = 'A5'), sum(value::integer) FILTER (WHERE attribute = 'A2'),
                           avg(value::integer) FILTER (WHERE attribute = 'A13') FROM german WHERE attribute IN ('A2', 'A5', 'A13')$$,
                  'VALUES (1000::bigint, 300::bigint, 3271258::bigint, 20903::bigint, 35.546)', 'German credit: applicants, bad, sums');
SELECT results_eq('SELECT attribute, round(information_value(good, bad)::numeric, 6) FROM bin WHERE attribute <> $$A4$$ GROUP BY 1 ORDER BY 2 DESC',
                  $$VALUES ('A1', 0.666012), ('A3', 0.293234), ('A6', 0.196010), ('A12', 0.112638), ('A7', 0.086434), ('A15', 0.083293), ('A14', 0.057615), ('A9', 0.044671),
                           ('A20', 0.043877), ('A10', 0.032019), ('A17', 0.008763), ('A19', 0.006378)$$, 'information value of twelve characteristics');
SELECT is((SELECT round(information_value(good, bad)::numeric, 6) FROM bin WHERE attribute = 'A4'), 0.169195, 'and of the purpose');
SELECT results_eq($$SELECT value, good, bad, round(ln((good::float8 / sum(good) OVER ()) / (bad::float8 / sum(bad) OVER ()))::numeric, 6) FROM bin WHERE attribute = 'A1' ORDER BY 1$$,
                  $$VALUES ('A11', 139::bigint, 135::bigint, -0.818099), ('A12', 164, 105, -0.401392), ('A13', 49, 14, 0.405465), ('A14', 348, 46, 1.176263)$$, 'counts and weight of evidence of the account''s status');
CREATE TEMPORARY VIEW woe AS
SELECT attribute, value, ln((good::float8 / sum(good) OVER w) / (bad::float8 / sum(bad) OVER w)) AS woe FROM bin WINDOW w AS (PARTITION BY attribute);
CREATE TEMPORARY TABLE evidence AS SELECT g.id, g.bad, sum(round(w.woe::numeric, 12)) AS score FROM german g JOIN woe w USING (attribute, value) GROUP BY 1, 2;
SELECT is((SELECT round(auc(bad, score::float8, true)::numeric, 6) FROM evidence), 0.799252, 'AUC in sample of the sum of the 13 weights of evidence');
SELECT results_eq($$SELECT attribute FROM bin GROUP BY 1 HAVING abs(information_value(good, bad) - psi(bad, good)) > 1e-12 OR abs(information_value(good, bad) - information_value(bad, good)) > 1e-12$$,
                  'SELECT NULL::text WHERE false', 'information value is the stability index of the good against the bad');

-- Credit cards.
CREATE TEMPORARY TABLE card_line (line text);
\copy card_line FROM PROGRAM 'gzip -dc "$CRK_DATA/credit/uci_credit_card.csv.gz" | tr -d "\\r" | sed 1d' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
CREATE TEMPORARY TABLE card AS
SELECT w[2]::numeric AS credit_limit, w[7]::integer AS status, w[13]::numeric AS bill, w[19]::numeric AS paid, w[25] = '1' AS bad FROM card_line, LATERAL (SELECT string_to_array(line, ',') AS w) s;
SELECT results_eq('SELECT count(*), count(*) FILTER (WHERE bad), sum(credit_limit), sum(bill), sum(paid) FROM card', 'VALUES (30000::bigint, 6636::bigint, 5024529680::numeric, 1536699927::numeric, 169907415::numeric)',
                  'credit cards: clients, defaults, sums');
SELECT results_eq('SELECT status, round(avg(bad::integer), 6), count(*) FROM card GROUP BY 1 ORDER BY 1',
                  'VALUES (-2, 0.132294, 2759::bigint), (-1, 0.167781, 5686), (0, 0.128113, 14737), (1, 0.339479, 3688), (2, 0.691414, 2667), (3, 0.757764, 322), (4, 0.684211, 76), (5, 0.5, 26),
                          (6, 0.545455, 11), (7, 0.777778, 9), (8, 0.578947, 19)', 'share of defaults by repayment status');
SELECT is((SELECT round(information_value(good, bad)::numeric, 6) FROM (SELECT count(*) FILTER (WHERE NOT bad) AS good, count(*) FILTER (WHERE bad) AS bad FROM card GROUP BY status) b), 0.877161, 'its information value');
SELECT is((SELECT round(auc(bad, status)::numeric, 6) FROM card), 0.689710, 'its AUC');
-- The rate of each status as a forecast of itself: true by construction.
CREATE TEMPORARY TABLE forecast AS SELECT bad, avg(bad::integer) OVER (PARTITION BY status)::float8 AS p FROM card;
SELECT is_empty('SELECT * FROM unnest((SELECT calibration(bad, p, 11) FROM forecast)) c WHERE abs(c.mean_predicted - c.observed_rate) > 1e-9', 'calibration: the rate of each status comes true');
SELECT is((SELECT round(brier_score(bad, p)::numeric, 9) FROM forecast), (SELECT round(sum(r * (1 - r) * n) / 30000, 9) FROM (SELECT avg(bad::integer) AS r, count(*) AS n FROM card GROUP BY status) s), 'Brier score: the variance within each status');
SELECT cmp_ok((SELECT auc(bad, p) FROM forecast), '>=', (SELECT auc(bad, status) FROM card), 'in the order of their rates the statuses tell at least as much');
SELECT results_eq('SELECT sum(c.n), sum(c.bad) FROM unnest((SELECT calibration(bad, p) FROM forecast)) c', 'VALUES (30000::numeric, 6636::numeric)', 'every client is in one bin');
SELECT * FROM finish();
\else
SELECT plan(1);
SELECT skip('the data files are not there: give their folder as the variable shared_data', 1);
SELECT * FROM finish();
\endif
ROLLBACK;
