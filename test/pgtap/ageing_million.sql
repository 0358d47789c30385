\set ON_ERROR_STOP 1
-- ageing() over a million rows against plain sum() FILTER, by every kind of
-- plan: each figure equal to its last decimal, each count too.
BEGIN;
SET LOCAL search_path = public, credit_risk;
SET LOCAL jit = off;
SET LOCAL work_mem = '64MB';

SELECT plan(27);

-- Negatives, scales 0 to 6, 10^20, NULLs, infinite dates; customer 0 has only
-- NULL amounts, customer 1 nothing at all.
SELECT setseed(0.25);
CREATE TABLE million (n integer, customer integer, amount numeric, due_on date) PARTITION BY HASH (customer);
CREATE TABLE million_0 PARTITION OF million FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE million_1 PARTITION OF million FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE million_2 PARTITION OF million FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO million
SELECT n, customer,
       CASE WHEN customer = 0 OR n % 97 = 0 THEN NULL
            WHEN n % 10007 = 0 THEN (1 - n % 2 * 2) * (1e20 + round(random()::numeric, n % 7))
            ELSE round(((random() - 0.3) * 10 ^ (random() * 8))::numeric, n % 7) END,
       CASE WHEN n % 89 = 0 THEN NULL WHEN n % 1009 = 0 THEN date 'infinity' WHEN n % 1013 = 0 THEN '-infinity'
            ELSE date '2025-03-31' + 40 - (random() * 180)::integer END
FROM (SELECT n, CASE WHEN n % 500 = 0 THEN 0 ELSE 2 + (random() * random() * 5000)::integer END AS customer
      FROM generate_series(1, 1000000) n) r;
ANALYZE million;

SELECT ok(count(*) = 1000000 AND count(amount) < 1000000 AND count(*) FILTER (WHERE amount < 0) > 200000
          AND max(scale(amount)) = 6 AND min(scale(amount)) = 0 AND count(DISTINCT scale(amount)) = 7
          AND max(amount) >= 1e20 AND min(amount) <= -1e20
          AND count(*) FILTER (WHERE due_on IS NULL) > 10000
          AND count(*) FILTER (WHERE due_on = 'infinity') > 900 AND count(*) FILTER (WHERE due_on = '-infinity') > 900,
          'the million rows are what they should be')
FROM million;

-- The plain figures, by columns, then by rows. An empty bucket is NULL here.
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE plain AS
SELECT customer, b.*
FROM (SELECT customer, sum(amount) AS total, count(amount) AS items,
             sum(amount) FILTER (WHERE due_on >= '2025-03-31') AS a0,
             sum(amount) FILTER (WHERE due_on < '2025-03-31' AND due_on >= '2025-03-01') AS a1,
             sum(amount) FILTER (WHERE due_on < '2025-03-01' AND due_on >= '2025-01-30') AS a2,
             sum(amount) FILTER (WHERE due_on < '2025-01-30' AND due_on >= '2024-12-31') AS a3,
             sum(amount) FILTER (WHERE due_on < '2024-12-31') AS a4,
             sum(amount) FILTER (WHERE due_on IS NULL) AS a_none,
             count(amount) FILTER (WHERE due_on >= '2025-03-31') AS n0,
             count(amount) FILTER (WHERE due_on < '2025-03-31' AND due_on >= '2025-03-01') AS n1,
             count(amount) FILTER (WHERE due_on < '2025-03-01' AND due_on >= '2025-01-30') AS n2,
             count(amount) FILTER (WHERE due_on < '2025-01-30' AND due_on >= '2024-12-31') AS n3,
             count(amount) FILTER (WHERE due_on < '2024-12-31') AS n4,
             count(amount) FILTER (WHERE due_on IS NULL) AS n_none
      FROM million GROUP BY GROUPING SETS ((customer), ())) s,
LATERAL (VALUES (0, a0, n0), (1, a1, n1), (2, a2, n2), (3, a3, n3), (4, a4, n4), (-1, a_none, n_none), (NULL, total, items)) b (bucket, amount, items)
WHERE total IS NOT NULL;

-- Rows of plain that the aged value does not have to the letter, and the
-- reverse; the row with bucket NULL is the total. Empty buckets are 0.
CREATE FUNCTION differences(aged text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH aged (customer, a) AS MATERIALIZED (%s),
        figure AS (
            SELECT customer, b.bucket, b.amount, b.items FROM aged, credit_risk.buckets(a) b
            UNION ALL
            SELECT customer, NULL, credit_risk.total(a), credit_risk.items(a) FROM aged WHERE a IS NOT NULL)
        SELECT format('%%s %%s: %%s (%%s) but %%s (%%s)', k.customer, k.bucket, f.amount, f.items, p.amount, p.items)
        FROM figure f
        FULL JOIN (SELECT * FROM plain WHERE (customer IS NULL) = (SELECT bool_and(customer IS NULL) FROM aged)) p
          ON (coalesce(p.customer, -1), coalesce(p.bucket, -9)) = (coalesce(f.customer, -1), coalesce(f.bucket, -9))
        CROSS JOIN LATERAL (SELECT coalesce(f.customer, p.customer) AS customer, coalesce(f.bucket, p.bucket) AS bucket) k
        WHERE f.items IS DISTINCT FROM p.items OR f.amount <> coalesce(p.amount, 0)
           OR (p.items > 0 AND f.amount::text <> p.amount::text)
        LIMIT 5$query$, aged);
END $$;
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
        result := result || line || E'\n';
    END LOOP;
    RETURN result;
END $$;

\set total 'SELECT NULL::integer, ageing(amount, due_on, $d$2025-03-31$d$) FROM million'
\set by_customer 'SELECT customer, ageing(amount, due_on, $d$2025-03-31$d$) FROM million GROUP BY customer'
\set by_customer_bounds 'SELECT customer, ageing(amount, due_on, $d$2025-03-31$d$, $d${30,60,90}$d$) FROM million GROUP BY customer'

-- Would it show a difference at all?
SELECT isnt_empty($$SELECT differences('SELECT NULL::integer, credit_risk.ageing(amount, due_on, ''2025-03-30'') FROM million')$$,
                  'a day''s difference is seen');
SELECT isnt_empty($$SELECT differences('SELECT NULL::integer, credit_risk.ageing(amount + 0.00000000, due_on, ''2025-03-31'') FROM million')$$,
                  'a display scale''s difference is seen');
SELECT isnt_empty($$SELECT differences('SELECT customer, credit_risk.ageing(amount, due_on, ''2025-03-31'') FROM million WHERE n <> 7 GROUP BY customer')$$,
                  'a missing row is seen');

-- Serial.
SELECT unalike(plan_of(:'total'), '%Partial%', 'serial, total: no partial aggregate');
SELECT is_empty(format('SELECT differences(%L)', :'total'), 'serial, total: equal');
SELECT is_empty(format('SELECT differences(%L)', :'by_customer'), 'serial, by customer: equal');
SELECT is_empty(format('SELECT differences(%L)', :'by_customer_bounds'), 'serial, by customer, bounds given: equal');
SET LOCAL enable_hashagg = off;
SELECT alike(plan_of(:'by_customer'), '%GroupAggregate%', 'sorted, by customer: a GroupAggregate');
SELECT is_empty(format('SELECT differences(%L)', :'by_customer'), 'sorted, by customer: equal');
RESET enable_hashagg;
SET LOCAL work_mem = '64kB';
SELECT matches(plan_of(:'by_customer'), 'HashAggregate.*Disk Usage', 'spilling, by customer: the hash goes to disk');
SELECT is_empty(format('SELECT differences(%L)', :'by_customer'), 'spilling, by customer: equal');
SET LOCAL work_mem = '64MB';

-- Partition-wise.
SET LOCAL enable_partitionwise_aggregate = on;
SELECT matches(plan_of(:'total'), 'Finalize Aggregate.*Append.*Partial Aggregate.*Partial Aggregate',
               'partition-wise, total: partial aggregates below the Append');
SELECT is_empty(format('SELECT differences(%L)', :'total'), 'partition-wise, total: equal');
SELECT matches(plan_of(:'by_customer'), 'Append.*HashAggregate.*HashAggregate.*HashAggregate',
               'partition-wise, by customer: aggregates below the Append');
SELECT is_empty(format('SELECT differences(%L)', :'by_customer'), 'partition-wise, by customer: equal');
SET LOCAL enable_partitionwise_aggregate = off;

-- Parallel; the leader only finalizes.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT matches(plan_of(:'total'), 'Finalize Aggregate.*Workers Launched: [12].*Partial Aggregate',
               'parallel, total: Finalize over Partial Aggregate');
SELECT is_empty(format('SELECT differences(%L)', :'total'), 'parallel, total: equal');
SET LOCAL enable_sort = off;
SELECT matches(plan_of(:'by_customer'), 'Finalize (Hash|Group)Aggregate.*Workers Launched: [12].*Partial HashAggregate',
               'parallel, by customer: Finalize over Partial');
SELECT is_empty(format('SELECT differences(%L)', :'by_customer'), 'parallel, by customer: equal');
RESET enable_sort;
-- Stored and rolled up.
CREATE TABLE stored AS SELECT customer, ageing(amount, due_on, '2025-03-31') AS a FROM million GROUP BY customer;
SELECT is_empty($$SELECT differences('SELECT NULL::integer, credit_risk.rollup(a) FROM stored')$$, 'rolled up: equal');
SELECT matches(plan_of('SELECT rollup(a) FROM stored'), 'Finalize Aggregate.*Partial Aggregate', 'roll-up is parallel too');
SELECT is((SELECT ageing_send(rollup(a)) FROM stored), (SELECT ageing_send(ageing(amount, due_on, '2025-03-31')) FROM million),
          'a roll-up has the bytes of the whole');
SET LOCAL max_parallel_workers_per_gather = 0;

-- As a moving window of 1,000 rows: added up anew for each row, a thousand
-- million transitions would not end within the time allowed.
SET LOCAL statement_timeout = '120s';
SELECT is((SELECT count(*) FROM (
    SELECT ageing(amount, due_on, '2025-03-31') OVER w AS a, sum(amount) OVER w AS total, count(amount) OVER w AS items,
           sum(amount) FILTER (WHERE due_on >= '2025-03-31') OVER w AS a0,
           sum(amount) FILTER (WHERE due_on < '2025-03-31' AND due_on >= '2025-03-01') OVER w AS a1,
           sum(amount) FILTER (WHERE due_on < '2024-12-31') OVER w AS a4,
           sum(amount) FILTER (WHERE due_on IS NULL) OVER w AS a_none
    FROM million WINDOW w AS (ORDER BY n ROWS BETWEEN 999 PRECEDING AND CURRENT ROW)) x
    WHERE total(a)::text IS DISTINCT FROM total::text OR coalesce(items(a), 0) <> items
       OR bucket_amount(a, 0)::text <> a0::text OR bucket_amount(a, 1)::text <> a1::text
       OR bucket_amount(a, 4)::text <> a4::text OR bucket_amount(a, -1)::text <> a_none::text),
    0::bigint, 'a window that slides over the million: equal in every row');
SELECT is((SELECT count(*) FROM (
    SELECT ageing(amount, due_on, '2025-03-31', '{30,60,90}') OVER w AS a, sum(amount) OVER w AS total
    FROM million WHERE customer < 40
    WINDOW w AS (PARTITION BY customer ORDER BY n ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)) x
    WHERE total(a)::text IS DISTINCT FROM total::text),
    0::bigint, 'a narrow window, where display scales come and go: equal in every row');

-- Nothing.
SELECT is((SELECT ageing(amount, due_on, '2025-03-31') FROM million WHERE n < 0), NULL, 'empty: NULL');
SELECT is((SELECT ageing(amount, due_on, '2025-03-31') FROM million WHERE customer = 0), NULL, 'all NULL: NULL');

SELECT * FROM finish();
ROLLBACK;
