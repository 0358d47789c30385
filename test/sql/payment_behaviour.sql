-- How customers pay.
\pset null '(null)'
SET search_path = credit_risk, public;

CREATE TEMP TABLE payment (amount numeric, invoice_date date, due_date date, paid_date date);
INSERT INTO payment VALUES
	(4000, '2025-01-01', '2025-01-31', '2025-01-31'),
	(6000, '2025-01-01', '2025-01-31', '2025-02-06'),
	(2000, '2025-01-01', '2025-01-31', '2025-02-08');

-- Days beyond terms.
SELECT round(avg_days_beyond_terms(amount, due_date, paid_date), 6) AS "published: weighted 4.333333",
       round(avg_days_beyond_terms_unweighted(due_date, paid_date), 6) AS "published: unweighted 4.666667"
FROM payment;
-- The same weights: days paid = terms + days late.
SELECT avg_days_to_pay(amount, invoice_date, paid_date) AS paid,
       30 + avg_days_beyond_terms(amount, due_date, paid_date) AS terms_and_late,
       round(avg_days_to_pay_unweighted(invoice_date, paid_date), 6) AS unweighted
FROM payment;

-- Early payment, open invoices.
INSERT INTO payment VALUES
	(4000, '2025-01-01', '2025-01-31', '2025-01-11'),
	(16000, '2025-01-01', '2025-02-28', NULL);
SELECT avg_days_beyond_terms(amount, due_date, paid_date) AS "signed: (52000 - 80000) / 16000",
       avg_days_beyond_terms(amount, due_date, paid_date, false) AS "the same",
       avg_days_beyond_terms(amount, due_date, paid_date, true) AS "floored: 52000 / 16000"
FROM payment;
SELECT avg_days_beyond_terms_unweighted(due_date, paid_date) AS "signed: -6 / 4",
       avg_days_beyond_terms_unweighted(due_date, paid_date, false) AS "the same",
       avg_days_beyond_terms_unweighted(due_date, paid_date, true) AS "floored: 14 / 4"
FROM payment;
SELECT as_of,
       avg_days_beyond_terms(amount, due_date, paid_date, false, as_of) AS weighted,
       avg_days_beyond_terms_unweighted(due_date, paid_date, false, as_of) AS unweighted,
       avg_days_beyond_terms(amount, due_date, paid_date, true, as_of) AS floored
FROM payment, (VALUES (date '2025-01-10'), ('2025-01-11'), ('2025-02-05'), ('2025-02-28'), ('2025-03-10')) AS v (as_of)
GROUP BY as_of ORDER BY as_of;

-- NULLs are ignored; credit notes and zero amounts carry no weight.
SELECT avg_days_beyond_terms(amount, due_date, paid_date) AS "10", avg_days_to_pay(amount, due_date, paid_date) AS "10 too",
       avg_days_beyond_terms(amount, due_date, paid_date, NULL) AS "unknown floor",
       avg_days_beyond_terms(amount, due_date, paid_date, false, NULL) AS "unknown date"
FROM (VALUES (5, date '2025-01-01', date '2025-01-11'), (NULL, '2025-01-01', '2025-03-01'), (5, NULL, '2025-03-01'),
             (5, '2025-01-01', NULL), (0, '2025-01-01', '2025-03-01'), (-5, '2025-01-01', '2025-03-01'))
	AS v (amount, due_date, paid_date);
SELECT avg_days_beyond_terms(amount, due_date, paid_date) AS empty, avg_days_to_pay(amount, due_date, paid_date) AS empty,
       avg_days_beyond_terms_unweighted(due_date, paid_date) AS empty, avg_days_to_pay_unweighted(due_date, paid_date) AS empty,
       payment_index_avg(amount, 1) AS empty
FROM payment WHERE false;
SELECT avg_days_beyond_terms(0, '2025-01-01', '2025-01-02') AS "no weight",
       avg_days_to_pay(-1, '2025-01-01', '2025-01-02') AS "no weight",
       payment_index_avg(0, 1) AS "no weight";

SELECT avg_days_beyond_terms('NaN', '2025-01-01', '2025-01-02');
SELECT avg_days_beyond_terms('Infinity', '2025-01-01', '2025-01-02');
SELECT avg_days_beyond_terms(1, 'infinity', '2025-01-02');
SELECT avg_days_beyond_terms(1, '2025-01-01', '-infinity', true);
SELECT avg_days_beyond_terms(1, '2025-01-01', NULL, true, 'infinity');
SELECT avg_days_beyond_terms_unweighted('infinity', '2025-01-02');
SELECT avg_days_to_pay(1, '-infinity', '2025-01-02');
SELECT avg_days_to_pay_unweighted('2025-01-02', 'infinity');

-- Payment index: the published anchors, our line beyond 120 days, the clamps.
SELECT days, payment_index(days) AS index
FROM (VALUES (-31), (-30), (-25), (-20), (-5), (0), (15), (22), (26), (30), (60), (90), (120), (150), (180), (181)) AS v (days)
ORDER BY days;
SELECT payment_index(26) AS "55", payment_index(-5) AS "82.5", payment_index(150) AS "10", payment_index(25) AS "56.25";
SELECT payment_index(0.5) AS half_a_day, payment_index(1e40) AS never, payment_index(-1e40) AS long_before,
       payment_index(NULL) AS null_in;
SELECT payment_index(1e-40) < 80 AS "finer than 30 decimals too",
       payment_index(22 + 1e-40) < 60 AS "right of an anchor", payment_index(180 + 1e-40) AS "beyond the end";
SELECT payment_index('NaN');
SELECT payment_index('-Infinity');
-- Scores are weighted, not days: 12 days on average would score 72.
SELECT payment_index_avg(amount, days) AS "68"
FROM (VALUES (60000, 0), (40000, 30)) AS v (amount, days);
SELECT payment_index_avg(amount, days) AS "NULLs and credit notes do not count: 80"
FROM (VALUES (1, 0), (NULL, 90), (1, NULL), (-1, 90)) AS v (amount, days);
SELECT payment_index_avg(1, 'NaN');
SELECT payment_index_avg('NaN', 1);

-- Whatever does not fit 128 bits is summed as numeric: the figure is the same.
SELECT avg_days_beyond_terms(amount, date '2025-01-01', date '2025-01-01' + days) AS "(3e36 + 2e36) / 2e36: 2.5",
       payment_index_avg(amount, days) AS "(78 + 78.666) / 2",
       avg_days_beyond_terms(amount * 1e60, date '2025-01-01', date '2025-01-01' + days) AS "2.5 at 10^96",
       avg_days_beyond_terms(amount * 1e-80, date '2025-01-01', date '2025-01-01' + days) AS "2.5 at 10^-44"
FROM (VALUES (1e36, 3), (1e36, 2)) AS v (amount, days);
SELECT avg_days_beyond_terms(amount, date '2025-01-01', date '2025-01-01' + days) AS "only the second product is too much: 101"
FROM (VALUES (1e34, 100), (1e34, 102)) AS v (amount, days);
SELECT payment_index_avg(amount, days) = (1e50 * 80 + 1.5 * 50) / (1e50 + 1.5) AS wide_and_narrow
FROM (VALUES (1e50, 0), (1.5, 30)) AS v (amount, days);

-- States are plain bytea and are not trusted.
SELECT weighted_days_final('\x00');
SELECT weighted_mean_combine('\x00', NULL) AS "handed on unread";
SELECT weighted_mean_combine(NULL, '\x00');
SELECT weighted_days_final(payment_index_avg_accum(NULL, 1, 1));
SELECT weighted_mean_combine(payment_index_avg_accum(NULL, 1, 1), avg_days_to_pay_accum(NULL, 1, '2025-01-01', '2025-01-02'));
SELECT weighted_days_final(set_byte(avg_days_to_pay_accum(NULL, 1, '2025-01-01', '2025-01-02'), 20, 99));
SELECT weighted_days_final(set_byte(avg_days_to_pay_accum(NULL, 1e40, '2025-01-01', '2025-01-02'), 52, 120));
SELECT weighted_days_final(s || '\x00') FROM avg_days_to_pay_accum(NULL, 1e40, '2025-01-01', '2025-01-02') AS s;
SELECT weighted_days_final(substr(s, 1, length(s) - 1)) FROM avg_days_to_pay_accum(NULL, 1e40, '2025-01-01', '2025-01-02') AS s;
SELECT weighted_days_final(s) AS "made by hand: 1",
       weighted_days_final(weighted_mean_combine(s, avg_days_to_pay_accum(NULL, 1e40, '2025-01-01', '2025-01-04'))) AS "1 and 3",
       weighted_days_final(weighted_mean_combine(NULL, s)) AS "NULL and 1",
       weighted_days_final(weighted_mean_combine(s, NULL)) AS "1 and NULL",
       weighted_days_final(weighted_mean_combine(NULL, NULL)) AS "NULL and NULL"
FROM avg_days_to_pay_accum(NULL, 1e40, '2025-01-01', '2025-01-02') AS s;
-- A direct call leaves its argument as it was.
SELECT weighted_days_final(s) AS before, weighted_days_final(avg_days_to_pay_accum(s, 1, '2025-01-01', '2025-01-04')) AS grown,
       weighted_days_final(s) AS after
FROM (SELECT avg_days_to_pay_accum(NULL, 1, '2025-01-01', '2025-01-02') AS s OFFSET 0) AS q;
