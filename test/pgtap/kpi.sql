\set ON_ERROR_STOP 1
-- The laws of the key figures, each aggregate against plain SQL, and parallel against serial.
BEGIN;
SET LOCAL search_path = credit_risk, public;
SET LOCAL client_min_messages = warning;

-- A series of numbers between 0 and 999,999 that is the same on every run.
CREATE FUNCTION pg_temp.draw(series integer, number integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN (hashint4extended(number, series) & 1073741823) % 1000000;

-- Fifty thousand invoices of forty customers: credit notes, zeros, NULLs and six scales among them.
-- huge has amounts that 128 bits do not hold.  Partitions, so that states also meet partition-wise.
CREATE TABLE kpi_invoice (
  customer integer, amount numeric, huge numeric, invoice_date date, due_date date, paid_date date, days numeric
) PARTITION BY HASH (customer);
CREATE TABLE kpi_invoice_0 PARTITION OF kpi_invoice FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE kpi_invoice_1 PARTITION OF kpi_invoice FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO kpi_invoice
SELECT (customer * customer / 40)::integer,
       amount,
       CASE WHEN i % 9000 = 17 THEN amount * 1e33 ELSE amount END,
       invoice_date,
       CASE WHEN i % 101 = 0 THEN NULL ELSE invoice_date + 30 END,
       CASE WHEN i % 7 = 0 THEN NULL ELSE invoice_date + late::integer END,
       CASE WHEN i % 103 = 0 THEN NULL ELSE (late - 30) / (1 + i % 4) END
FROM (SELECT i, pg_temp.draw(1, i) % 40 AS customer,
             CASE WHEN i % 97 = 0 THEN NULL WHEN i % 89 = 0 THEN 0
                  ELSE (pg_temp.draw(2, i) - CASE WHEN i % 13 = 0 THEN 500000 ELSE 0 END) * (1.0 / 10 ^ (i % 7)) END AS amount,
             date '2024-01-01' + (pg_temp.draw(3, i) % 600)::integer AS invoice_date,
             pg_temp.draw(4, i) % 120 AS late
      FROM generate_series(1, 50000) AS i) AS s;
ANALYZE kpi_invoice;

-- The SQLSTATE of a call, NULL where it passes.
CREATE FUNCTION pg_temp.sqlstate_of(call text) RETURNS text
LANGUAGE plpgsql SET search_path = credit_risk, public, pg_temp AS $$
BEGIN
  EXECUTE 'SELECT ' || call;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;

SELECT plan(41);

-- Law 1.
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(10, i) AS r, pg_temp.draw(11, i) AS c, 1 + pg_temp.draw(12, i) AS s,
                        1 + (pg_temp.draw(13, i) % 366)::integer AS n FROM generate_series(1, 2000) AS i) AS t
  WHERE abs(average_days_delinquent(r, c, s, n) - (dso(r, s, n) - best_possible_dso(c, s, n))) > 1e-12 * greatest(dso(r, s, n), 1)
     OR abs(average_days_delinquent(r, c, s, n) - (r - c) / s * n) > 1e-12 * greatest(dso(r, s, n), 1)
     OR average_days_delinquent(r, c, s, n) IS NULL
$$, 'law 1: average days delinquent = dso - best possible dso = overdue / sales * days');
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(10, i) AS r, pg_temp.draw(11, i) AS c, (ARRAY[1, 2, 4, 5, 8, 10, 16, 20, 25])[1 + i % 9] AS s,
                        1 + (pg_temp.draw(13, i) % 366)::integer AS n FROM generate_series(1, 2000) AS i) AS t
  WHERE average_days_delinquent(r, c, s, n) IS DISTINCT FROM dso(r, s, n) - best_possible_dso(c, s, n)
     OR average_days_delinquent(r, c, s, n) IS DISTINCT FROM (r - c) * n / s
$$, 'law 1: to the last digit where the quotients end');

-- Law 2.
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(20, i) * 10 AS r, 1 + pg_temp.draw(21, i) / 100 AS daily FROM generate_series(1, 1000) AS i) AS t
  WHERE round(dso_countback(r, ARRAY[31 * daily, 28 * daily, 31 * daily, 9000000 * daily], '{31,28,31,9000000}'), 10)
        IS DISTINCT FROM round(dso(r, daily * 365, 365), 10)
$$, 'law 2: count-back at constant daily sales is the period DSO');

-- Law 3.
CREATE TEMPORARY TABLE history AS
SELECT h, array_agg(CASE WHEN pg_temp.draw(30, h * 100 + k) % 5 = 0 THEN 0 ELSE pg_temp.draw(31, h * 100 + k) END ORDER BY k) AS sales,
       array_agg(28 + (pg_temp.draw(32, h * 100 + k) % 4)::integer ORDER BY k) AS days
FROM generate_series(1, 20) AS h, generate_series(1, 24) AS k GROUP BY h;
SELECT is_empty($$
  SELECT * FROM (SELECT h, r, d, lag(d) OVER (PARTITION BY h ORDER BY r) AS before
                 FROM (SELECT h, r, dso_countback(r, sales, days, 'extrapolate') AS d
                       FROM history, generate_series(0, 20000000, 98765) AS r) AS t) AS t
  WHERE d IS NULL OR d < before
$$, 'law 3: count-back does not fall when receivables rise');
SELECT is_empty($$
  SELECT * FROM (SELECT pg_temp.draw(33, i) AS r, 1 + pg_temp.draw(34, i) / 1000 AS daily, 28 + i % 4 AS month FROM generate_series(1, 300) AS i) AS t
  WHERE round(dso_countback(r, ARRAY[month * daily, 30 * daily], ARRAY[month, 30], 'partial'), 10) IS DISTINCT FROM
        round(dso_countback(r, array_fill(daily, ARRAY[month]) || 30 * daily, array_fill(1, ARRAY[month]) || 30, 'partial'), 10)
$$, 'law 3: a month split into days of equal sales changes nothing');
SELECT is_empty($$
  SELECT * FROM history, generate_series(0, 20000000, 456789) AS r, unnest('{partial,extrapolate}'::text[]) AS short, unnest('{count,stop}'::text[]) AS zero
  WHERE (SELECT sum(days_counted) FROM dso_countback_detail(r, sales, history.days, short, zero)) IS DISTINCT FROM
        (CASE WHEN r > 0 AND NOT (zero = 'stop' AND sales[1] = 0) THEN dso_countback(r, sales, days, short, zero) END)
$$, 'the days of the detail add up to the count-back');
SELECT is_empty($$
  SELECT * FROM history, generate_series(1, 20000000, 456789) AS r
  WHERE (SELECT sum(consumed) + min(remaining) FROM dso_countback_detail(r, sales, history.days)) IS DISTINCT FROM r::numeric
$$, 'what the detail explains and what remains are the receivables');

-- Law 15.
SELECT is_empty($$
  SELECT * FROM (SELECT customer, hhi(amount) AS h, count(*) FILTER (WHERE amount > 0) AS n, concentration_gini(amount) AS g,
                        top_n_share(amount, 1) AS t FROM kpi_invoice GROUP BY customer) AS s
  WHERE h < 1.0 / n OR h > 1 OR g <= 0 OR g >= 1 OR t > 1 OR t < h OR h IS NULL OR g IS NULL OR t IS NULL
$$, 'law 15: 1/n <= hhi <= the largest share <= 1, 0 < gini < 1 for unequal values');
SELECT is_empty($$
  SELECT * FROM (SELECT n, hhi(v) AS h, concentration_gini(v) AS g FROM generate_series(1, 60) AS n,
                 LATERAL (SELECT n * 0.37 AS v FROM generate_series(1, n)) AS t GROUP BY n) AS s
  WHERE g IS DISTINCT FROM 0 OR h IS DISTINCT FROM 1::numeric / n
$$, 'law 15: gini is 0 and hhi 1/n for equal values');

-- The payment index of a fraction, and of one payment among none.
SELECT is_empty($$
  SELECT * FROM generate_series(-40, 200, 0.25) AS d
  WHERE (SELECT payment_index_avg(17.5, v) FROM (VALUES (d)) AS t (v)) IS DISTINCT FROM payment_index(d)
     OR payment_index(d) IS DISTINCT FROM payment_index(d + 1e-40 - 1e-40)
$$, 'the average of one payment is its index, by either arithmetic');

-- Each aggregate against the sums of plain SQL.
SELECT results_eq($$
  SELECT customer, round(avg_days_beyond_terms(amount, due_date, paid_date), 12),
         round(avg_days_beyond_terms(amount, due_date, paid_date, true), 12),
         round(avg_days_beyond_terms_unweighted(due_date, paid_date), 12),
         round(avg_days_to_pay(amount, invoice_date, paid_date), 12),
         round(avg_days_to_pay_unweighted(invoice_date, paid_date), 12)
  FROM kpi_invoice GROUP BY customer ORDER BY customer
$$, $$
  SELECT customer, round(sum(amount * (paid_date - due_date)) FILTER (WHERE amount > 0) /
                         sum(amount) FILTER (WHERE amount > 0 AND paid_date - due_date IS NOT NULL), 12),
         round(sum(amount * greatest(paid_date - due_date, 0)) FILTER (WHERE amount > 0 AND paid_date - due_date IS NOT NULL) /
               sum(amount) FILTER (WHERE amount > 0 AND paid_date - due_date IS NOT NULL), 12),
         round(avg(paid_date - due_date), 12),
         round(sum(amount * (paid_date - invoice_date)) FILTER (WHERE amount > 0) /
               sum(amount) FILTER (WHERE amount > 0 AND paid_date - invoice_date IS NOT NULL), 12),
         round(avg(paid_date - invoice_date), 12)
  FROM kpi_invoice GROUP BY customer ORDER BY customer
$$, 'days beyond terms and days to pay are what plain sums say');
SELECT results_eq($$
  SELECT customer, round(avg_days_beyond_terms(amount, due_date, paid_date, false, '2025-03-01'), 12),
         round(avg_days_beyond_terms_unweighted(due_date, paid_date, false, '2025-03-01'), 12)
  FROM kpi_invoice GROUP BY customer ORDER BY customer
$$, $$
  SELECT customer, round(sum(amount * d) FILTER (WHERE amount > 0) / sum(amount) FILTER (WHERE amount > 0), 12), round(avg(d), 12)
  FROM (SELECT customer, amount, CASE WHEN paid_date <= '2025-03-01' THEN paid_date - due_date ELSE date '2025-03-01' - due_date END AS d
        FROM kpi_invoice WHERE paid_date <= '2025-03-01' AND due_date IS NOT NULL OR due_date < '2025-03-01') AS t
  GROUP BY customer ORDER BY customer
$$, 'and with what is open and overdue at a date');
SELECT results_eq($$
  SELECT customer, round(true_dso(amount, invoice_date, paid_date, '2025-03-01'), 12) FROM kpi_invoice GROUP BY customer ORDER BY customer
$$, $$
  SELECT customer, round(sum(amount * (least(paid_date, '2025-03-01') - invoice_date)) / sum(amount), 12)
  FROM kpi_invoice WHERE amount > 0 AND invoice_date <= '2025-03-01' GROUP BY customer ORDER BY customer
$$, 'true DSO is what plain sums say');
SELECT results_eq($$
  SELECT customer, round(payment_index_avg(amount, days), 12) FROM kpi_invoice GROUP BY customer ORDER BY customer
$$, $$
  SELECT customer, round(sum(amount * payment_index(days)) / sum(amount), 12)
  FROM kpi_invoice WHERE amount > 0 AND days IS NOT NULL GROUP BY customer ORDER BY customer
$$, 'the payment index of a customer is what plain sums say');
SELECT results_eq($$
  SELECT customer, round(hhi(amount), 12), round(top_n_share(amount, 25), 12), round(concentration_gini(amount)::numeric, 12)
  FROM kpi_invoice GROUP BY customer ORDER BY customer
$$, $$
  SELECT customer, round(sum(amount * amount) FILTER (WHERE amount > 0) / sum(amount) FILTER (WHERE amount > 0) ^ 2, 12),
         round(sum(amount) FILTER (WHERE down <= 25 AND amount > 0) / sum(amount) FILTER (WHERE amount > 0), 12),
         round(sum((2 * up - n - 1) * amount) / (max(n) * sum(amount)), 12)
  FROM (SELECT customer, amount, row_number() OVER (PARTITION BY customer ORDER BY amount) AS up,
               row_number() OVER (PARTITION BY customer ORDER BY amount DESC) AS down, count(*) OVER (PARTITION BY customer) AS n
        FROM kpi_invoice WHERE amount >= 0) AS t
  GROUP BY customer ORDER BY customer
$$, 'hhi, the largest and gini are what plain sums say');
SELECT results_eq($$
  SELECT round(avg_days_to_pay(huge, invoice_date, paid_date), 12), round(hhi(huge), 12) FROM kpi_invoice
$$, $$
  SELECT round(sum(huge * (paid_date - invoice_date)) FILTER (WHERE huge > 0) / sum(huge) FILTER (WHERE huge > 0 AND paid_date IS NOT NULL), 12),
         round(sum(huge * huge) FILTER (WHERE huge > 0) / sum(huge) FILTER (WHERE huge > 0) ^ 2, 12) FROM kpi_invoice
$$, 'also where the sums leave 128 bits');

-- Parallel, partition-wise and serial are the same to the last digit.
CREATE TEMPORARY TABLE figure (expression text PRIMARY KEY, serial text);
INSERT INTO figure (expression) VALUES
  ('true_dso(amount, invoice_date, paid_date, date ''2025-03-01'')'),
  ('avg_days_beyond_terms(amount, due_date, paid_date)'),
  ('avg_days_beyond_terms(amount, due_date, paid_date, true)'),
  ('avg_days_beyond_terms(huge, due_date, paid_date, false, date ''2025-03-01'')'),
  ('avg_days_beyond_terms_unweighted(due_date, paid_date)'),
  ('avg_days_beyond_terms_unweighted(due_date, paid_date, true)'),
  ('avg_days_beyond_terms_unweighted(due_date, paid_date, false, date ''2025-03-01'')'),
  ('avg_days_to_pay(huge, invoice_date, paid_date)'),
  ('avg_days_to_pay_unweighted(invoice_date, paid_date)'),
  ('payment_index_avg(amount, days)'),
  ('payment_index_avg(huge, days)'),
  ('hhi(amount)'),
  ('hhi(huge)'),
  ('top_n_share(amount, 25)'),
  ('top_n_share(amount, 25000)'),
  ('concentration_gini(amount)'),
  ('concentration_gini(amount, true)'),
  ('hhi(amount) FILTER (WHERE false)'),
  ('concentration_gini(amount) FILTER (WHERE customer = 3)');
CREATE FUNCTION pg_temp.result(expression text, by_customer boolean) RETURNS text
LANGUAGE plpgsql SET search_path = credit_risk, public, pg_temp AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE CASE WHEN by_customer
    THEN format('SELECT string_agg(customer || '' '' || coalesce(r::text, ''-''), '', '' ORDER BY customer) FROM (SELECT customer, %s AS r FROM kpi_invoice GROUP BY customer) AS t', expression)
    ELSE format('SELECT coalesce(r::text, ''-'') FROM (SELECT %s AS r FROM kpi_invoice) AS t', expression) END
  INTO answer;
  RETURN answer;
END $$;
CREATE FUNCTION pg_temp.plan(expression text, by_customer boolean) RETURNS text
LANGUAGE plpgsql SET search_path = credit_risk, public, pg_temp AS $$
DECLARE
  line text;
  answer text = '';
BEGIN
  FOR line IN EXECUTE format('EXPLAIN (COSTS off) SELECT %s FROM kpi_invoice', expression) || CASE WHEN by_customer THEN ' GROUP BY customer' ELSE '' END
  LOOP
    answer = answer || line || E'\n';
  END LOOP;
  RETURN answer;
END $$;

SET LOCAL max_parallel_workers_per_gather = 0;
UPDATE figure SET serial = pg_temp.result(expression, false) || ' / ' || pg_temp.result(expression, true);
SELECT is((SELECT count(*) FROM figure WHERE serial IS NULL OR serial LIKE '- / %' AND expression NOT LIKE '%false)'), 0::bigint, 'there are serial figures to compare with');
SELECT is((SELECT count(*) FROM figure WHERE pg_temp.plan(expression, false) LIKE '%Partial Aggregate%'), 0::bigint, 'and they are serial');

SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is_empty($$ SELECT expression FROM figure WHERE pg_temp.plan(expression, false) NOT LIKE '%Finalize Aggregate%Gather%Partial Aggregate%' $$,
  'every aggregate has a parallel plan');
SELECT is(pg_temp.result(expression, false) || ' / ' || pg_temp.result(expression, true), serial, 'parallel: ' || expression)
FROM figure ORDER BY expression;

SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT is_empty($$ SELECT expression FROM figure WHERE pg_temp.plan(expression, false) NOT LIKE '%Finalize Aggregate%Partial Aggregate%' $$,
  'every aggregate has a partition-wise plan');
SELECT is_empty($$ SELECT expression FROM figure
                   WHERE pg_temp.result(expression, false) || ' / ' || pg_temp.result(expression, true) IS DISTINCT FROM serial $$,
  'partition-wise figures are the serial ones');

-- Invalid arguments carry the SQLSTATE, undefined figures do not.
SELECT is_empty($$
  SELECT call, code FROM (VALUES
    ('dso(1, 1, 0)'), ('dso(''NaN'', 1, 1)'), ('dso_average(1, 1, ''inf'', 1)'), ('best_possible_dso(1, 1, -1)'),
    ('average_days_delinquent(1, 1, 1, 0)'), ('dso_countback(1, ''{1}'', ''{1,2}'')'), ('dso_countback(1, ''{1}'', ''{1}'', ''x'')'),
    ('dso_countback(2, ''{1}'', ''{1}'', ''error'')'), ('dso_sales_weighted(''{1,2}'', ''{1}'')'), ('cei(1, 1, 1, 1, 0)'),
    ('receivables_turnover(1, 1, ''NaN'')'), ('roll_rate(''NaN'', 1)'), ('roll_rates(''{{1}}'', ''{1}'')'), ('bad_debt_ratio(''NaN'', 1)'),
    ('overdue_ratio(1, ''inf'')'), ('payment_index(''NaN'')'), ('payment_index_avg(1, ''NaN'')'), ('true_dso(1, ''infinity'', NULL, ''2025-01-01'')'),
    ('avg_days_beyond_terms(''NaN'', ''2025-01-01'', ''2025-01-01'')'), ('avg_days_to_pay(1, ''2025-01-01'', ''infinity'')'),
    ('hhi(''NaN'')'), ('top_n_share(1, 0)'), ('concentration_gini(''inf'')'), ('weighted_days_final(''\x'')'), ('hhi_final(''\x'')'),
    ('top_n_share_final(''\x'')'), ('concentration_gini_final(''\x'')'), ('payment_index_avg_final(''\x'')')) AS c (call),
    LATERAL pg_temp.sqlstate_of(call) AS code
  WHERE code IS DISTINCT FROM '22023'
$$, 'an invalid argument is 22023');
SELECT * FROM finish();
ROLLBACK;
