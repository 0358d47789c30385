-- The aged balance on anybody's table.
\pset null '(null)'
SET search_path = public, credit_risk;
SET datestyle = 'ISO, YMD';

CREATE TABLE invoice (customer text, amount numeric, due_on date);
INSERT INTO invoice VALUES
    ('ACME', 1000.00, '2025-04-30'), ('ACME', 200.00, '2025-03-31'), ('ACME', 300.50, '2025-03-30'),
    ('ACME', 40.00, '2025-03-01'), ('ACME', 50.00, '2025-02-28'), ('ACME', 60.00, '2024-12-31'),
    ('ACME', 70.00, '2024-12-30'), ('ACME', -25.00, '2025-02-10'),
    ('Bolt', 5, '2025-01-15'), ('Bolt', 7.125, NULL), ('Bolt', NULL, '2025-01-15'), ('Bolt', -100, '-infinity'),
    ('Coro', 9.90, 'infinity'), ('Dray', NULL, NULL);

SELECT customer, ageing(amount, due_on, '2025-03-31') FROM invoice GROUP BY customer ORDER BY customer;
SELECT ageing(amount, due_on, '2025-03-31') FROM invoice;
SELECT ageing(amount, due_on, '2025-03-31', '{10,45}') FROM invoice;

-- What can be asked of it. A bucket without items is 0, with the decimals of the others.
CREATE TABLE aged AS
SELECT customer, ageing(amount, due_on, '2025-03-31') FROM invoice GROUP BY customer;
SELECT customer, total(ageing), not_due(ageing), overdue(ageing), no_due_date(ageing), items(ageing)
FROM aged ORDER BY customer;
SELECT customer, b.* FROM aged, buckets(ageing) b WHERE customer IN ('ACME', 'Bolt')
ORDER BY customer, b.bucket = -1, b.bucket;
SELECT customer, bucket_amounts(ageing) FROM aged ORDER BY customer;
SELECT bucket_amount(ageing, 0) AS not_due, bucket_amount(ageing, 4) AS ">90", bucket_amount(ageing, -1) AS none,
       bucket_count(ageing, 1) AS n1, bucket_count(ageing, 4) AS n4, as_of(ageing), bounds(ageing)
FROM aged WHERE customer = 'ACME';
SELECT pg_column_size(ageing) FROM aged WHERE customer = 'ACME';
SELECT bucket_amount(ageing, 5) FROM aged WHERE customer = 'ACME';
SELECT bucket_count(ageing, -2) FROM aged WHERE customer = 'ACME';
SELECT total(NULL), bucket_amount(NULL, 1), (SELECT count(*) FROM buckets(NULL)) AS rows;

-- JSON, for programs.
SELECT jsonb_pretty(ageing::jsonb) FROM aged WHERE customer = 'Bolt';
SELECT to_jsonb(aged) -> 'ageing' ->> 'total' AS total, aged.ageing::json ->> 'as_of' AS as_of
FROM aged WHERE customer = 'ACME';

-- Rolling up stored values is ageing all their items.
SELECT rollup(ageing) FROM aged;
SELECT rollup(ageing) = (SELECT ageing(amount, due_on, '2025-03-31') FROM invoice) AS equal,
       rollup(ageing)::text = (SELECT ageing(amount, due_on, '2025-03-31') FROM invoice)::text AS same_text
FROM aged;
SELECT a.ageing + b.ageing AS sum, a.ageing + NULL AS with_null
FROM aged a, aged b WHERE a.customer = 'Bolt' AND b.customer = 'Coro';
SELECT rollup(ageing) FROM aged WHERE false;

-- Equality is of meaning, as with numeric.
SELECT ageing(1.0, '2025-03-01', '2025-03-31') = ageing(1.00, '2025-03-15', '2025-03-31') AS "1.0 = 1.00",
       ageing(1.0, '2025-03-01', '2025-03-31') <> ageing(1.01, '2025-03-01', '2025-03-31') AS "1.0 <> 1.01",
       ageing(1, '2025-03-01', '2025-03-31') = ageing(1, '2025-03-01', '2025-03-30') AS other_date,
       ageing(1, '2025-03-01', '2025-03-31') = ageing(1, '2025-03-01', '2025-03-31', '{30,60}') AS other_bounds,
       ageing(1, '2025-03-01', '2025-03-31') = ageing(1, '2025-03-01', '2025-03-31', '{30,60,90}') AS same_bounds;

-- Nothing, and nothing but NULL, is NULL.
SELECT ageing(amount, due_on, '2025-03-31') IS NULL AS no_rows FROM invoice WHERE false;
SELECT ageing(amount, due_on, '2025-03-31') IS NULL AS only_null FROM invoice WHERE customer = 'Dray';
SELECT ageing(amount, due_on, '2025-03-31') FILTER (WHERE false) IS NULL AS filtered FROM invoice;
-- A row with a NULL amount is ignored whatever else is in it.
SELECT ageing(amount, due_on, as_of) FROM (VALUES (1, date '2025-03-31', date '2025-03-31'), (NULL, NULL, NULL)) v (amount, due_on, as_of);

-- The grid alone. The upper bound belongs to the bucket; day 0 is not due.
SELECT due_date, ageing_days(due_date, '2025-03-31') AS days,
       ageing_bucket(ageing_days(due_date, '2025-03-31')) AS bucket,
       ageing_bucket_label(ageing_bucket(ageing_days(due_date, '2025-03-31'))) AS label
FROM (VALUES (date '2025-04-01'), ('2025-03-31'), ('2025-03-30'), ('2025-03-01'), ('2025-02-28'), ('2025-01-30'),
             ('2025-01-29'), ('2024-12-31'), ('2024-12-30'), ('infinity'), ('-infinity'), (NULL)) v (due_date)
ORDER BY due_date DESC;
SELECT bucket, ageing_bucket_label(bucket), ageing_bucket_label(bucket, '{15,45,46}') AS of_one_s_own
FROM generate_series(-1, 4) bucket;
SELECT days, ageing_bucket(days, '{29,59,89}') AS retail FROM unnest('{0,29,30,59,60,89,90}'::integer[]) days ORDER BY days;
SELECT ageing_bucket_label(5);
SELECT ageing_days('2025-03-31', 'infinity');
SELECT ageing_bucket(1, '{}');
SELECT ageing_bucket(1, '{0,30}');
SELECT ageing_bucket(1, '{30,30}');
SELECT ageing_bucket(1, '{30,NULL}');
SELECT ageing_bucket(1, '{{30},{60}}');
SELECT ageing_bucket(1, ARRAY(SELECT generate_series(1, 17)));
SELECT ageing_bucket(17, ARRAY(SELECT generate_series(1, 16))) AS sixteen_bounds;
SELECT ageing_bucket(1, '[0:2]={30,60,90}') AS any_lower_subscript;

-- One aggregate, one date and one set of bounds.
SELECT ageing(1, '2025-01-01', NULL);
SELECT ageing(1, '2025-01-01', 'infinity');
SELECT ageing(1, '2025-01-01', as_of) FROM (VALUES (date '2025-03-31'), ('2025-04-30')) v (as_of);
SELECT ageing(1, '2025-01-01', as_of) FROM (VALUES (date '2025-03-31'), (NULL)) v (as_of);
SELECT ageing(1, '2025-01-01', '2025-03-31', bounds) FROM (VALUES ('{30,60}'::integer[]), ('{30,90}')) v (bounds);
SELECT ageing(1, '2025-01-01', '2025-03-31', bounds) FROM (VALUES ('{30,60}'::integer[]), (NULL)) v (bounds);
SELECT ageing(1, '2025-01-01', '2025-03-31', bounds) FROM (VALUES ('{30,60}'::integer[]), ('{60,30}')) v (bounds);
SELECT ageing(1, '2025-01-01', '2025-03-31', NULL);
SELECT ageing(1, '2025-01-01', '2025-03-31', '{-5,30}');
SELECT items(ageing(1, '2025-01-01', '2025-03-31', bounds)) FROM (VALUES ('{30,60}'::integer[]), ('[3:4]={30,60}'), (array_remove('{30,NULL,60}'::integer[], NULL))) v (bounds);
SELECT rollup(a) FROM (SELECT ageing(1, '2025-01-01', as_of) FROM (VALUES (date '2025-03-31'), ('2025-04-30')) v (as_of) GROUP BY as_of ORDER BY as_of) x (a);
SELECT ageing(1, '2025-01-01', '2025-03-31') + ageing(1, '2025-01-01', '2025-03-31', '{30,60}');
SELECT ageing_accum(NULL::ageing, 1, NULL, '2025-03-31');
SELECT ageing_combine(NULL, NULL);

-- Moving windows: exact, with the display scale of sum() whatever leaves.
SELECT n, amount, total(ageing(amount, NULL, '2025-03-31') OVER w) AS total, sum(amount) OVER w
FROM (VALUES (1, 1.5), (2, 2.25), (3, NULL), (4, 1e20), (5, 0.0001), (6, 3), (7, NULL), (8, NULL), (9, 4.50)) v (n, amount)
WINDOW w AS (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
ORDER BY n;
-- A frame may move on to another date once the old one has left.
SELECT n, as_of(ageing(n, NULL, as_of) OVER (ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW))
FROM (VALUES (1, date '2025-01-31'), (2, '2025-02-28'), (3, '2025-03-31')) v (n, as_of) ORDER BY n;
SELECT n, ageing(n, NULL, as_of) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM (VALUES (1, date '2025-01-31'), (2, '2025-02-28'), (3, '2025-03-31')) v (n, as_of) ORDER BY n;

-- A window that only grows goes on from one state; so does one that leaves a row out.
SELECT n, total(ageing(n / 4.0, date '2025-03-31' - n * 40, '2025-03-31') OVER (ORDER BY n)) AS running,
       overdue(ageing(n / 4.0, date '2025-03-31' - n * 40, '2025-03-31') OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW)) AS neighbours
FROM generate_series(0, 4) n ORDER BY n;

-- Each bucket holds 128 bits; their total may be more.
SELECT total(a), overdue(a), bucket_amounts(a)
FROM (SELECT ageing(amount, due_on, '2025-03-31') AS a
      FROM (VALUES (1.5e38, date '2025-04-30'), (1.6e38, '2025-03-01'), (1.7e38, '2025-01-01'), (-0.0, NULL)) v (amount, due_on)) x;

-- The text form is all of the value: out and in again, byte for byte.
CREATE TABLE value (n integer, v ageing);
INSERT INTO value
SELECT 1, ageing(amount, due_on, '2025-03-31') FROM invoice UNION ALL
SELECT 2, ageing(amount, due_on, '2025-03-31', '{1,2,30,400}') FROM invoice UNION ALL
SELECT 3, ageing(1e20 + 0.000001, '2025-03-01', '2025-03-31') UNION ALL
SELECT 4, ageing(0.00, NULL, '2025-03-31') UNION ALL
SELECT 5, ageing(-170141183460469231731687303715884105728, NULL, '0044-03-15 BC') UNION ALL
SELECT 6, ageing(1.5, '5874897-12-31', '5874897-12-31', '{2147483647}') UNION ALL
SELECT 7, ageing(1 / 3::numeric, '2025-03-01', '2025-03-31', ARRAY(SELECT generate_series(1, 16))) UNION ALL
SELECT 8, ageing(2.5::numeric(100, 60), '2025-03-01', '2025-03-31') UNION ALL
SELECT 9, ageing(0.01, '2025-03-01', '2025-03-31') FROM generate_series(1, 9000);
SELECT n, v FROM value ORDER BY n;
SELECT n FROM value WHERE ageing_send(v::text::ageing) <> ageing_send(v) OR v::text::ageing::text <> v::text
   OR v::text::ageing <> v ORDER BY n;
SET datestyle = 'German';
SELECT n FROM value WHERE v::text::ageing <> v ORDER BY n;
SET datestyle = 'ISO, YMD';
-- Format version 1, for ever.
SELECT encode(ageing_send(v), 'hex') FROM value WHERE n = 1;
-- Too wide and narrow again on the way: the same bytes as if it had never been.
SELECT ageing_send(ageing(amount, NULL, '2025-03-31' ORDER BY n)) = ageing_send(ageing(amount, NULL, '2025-03-31' ORDER BY n DESC)) AS any_order
FROM (VALUES (1, 5.25), (2, 1e25), (3, -1e25), (4, 0.000001), (5, -0.000001)) v (n, amount);

-- Nothing forged comes in: not as text,
SELECT '2025-03-31: not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0)'::ageing;
SELECT ''::ageing;
SELECT '2025-02-30: not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0)'::ageing;
SELECT 'infinity: not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0)'::ageing;
SELECT '31.03.2025: not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0)'::ageing;
SELECT '2025-03-31: not due NaN (1), 1-30 0.00 (0), >30 0.00 (0)'::ageing;
SELECT '2025-03-31: not due 1.00 (0), 1-30 0.00 (1), >30 0.00 (0)'::ageing;
SELECT '2025-03-31: not due 0.00 (0), 1-30 0.00 (0), >30 0.00 (0)'::ageing;
SELECT '2025-03-31: not due 1.00 (1), 1-30 0.00 (0), 40-60 0.00 (0), >60 0.00 (0)'::ageing;
SELECT '2025-03-31: not due 1.00 (1), 1-30 0.00 (0), >31 0.00 (0)'::ageing;
SELECT '2025-03-31: not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0), total 1.00'::ageing;
-- and not in binary, which COPY shows.
CREATE TEMPORARY TABLE received (v ageing);
CREATE FUNCTION pg_temp.receive(b bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path text := current_setting('data_directory') || '/credit_risk_ageing.bin';
    file oid;
    reason text;
BEGIN
    DELETE FROM received;
    file := lo_from_bytea(0, '\x5047434f50590aff0d0a00'::bytea || int8send(0) || int2send(1::int2)
                             || int4send(length(b)) || b || int2send(-1::int2));
    PERFORM lo_export(file, path), lo_unlink(file);
    EXECUTE format('COPY received FROM %L (FORMAT binary)', path);
    RETURN (SELECT CASE WHEN ageing_send(v) = b THEN v::text ELSE 'other bytes: ' || v::text END FROM received);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || SQLERRM || coalesce(': ' || nullif(reason, ''), '');
END $$;
SELECT n, pg_temp.receive(ageing_send(v)) = v::text AS round_trip FROM value ORDER BY n;
WITH good AS (SELECT ageing_send(ageing(10.5, '2025-03-01', '2025-03-31')) AS b)
SELECT what, pg_temp.receive(forged)
FROM good, LATERAL (VALUES
    (1, 'good', b),
    (2, 'version', set_byte(b, 0, 2)),
    (3, 'infinite date', overlay(b PLACING '\x7fffffff' FROM 2)),
    (4, 'date out of range', overlay(b PLACING '\x80000001' FROM 2)),
    (5, 'no bounds', set_byte(b, 5, 0)),
    (6, '255 bounds', set_byte(b, 5, 255)),
    (7, 'bounds out of order', set_byte(b, 9, 61)),
    (8, 'bound 0', set_byte(b, 9, 0)),
    (9, 'scale 31', set_byte(b, 18, 31)),
    (10, 'scale not the smallest', set_byte(set_byte(set_byte(set_byte(b, 59, 4), 60, 26), 70, 2), 18, 2)),
    (11, 'amount without item', set_byte(b, 34, 5)),
    (12, 'negative count', set_byte(b, 61, 255)),
    (13, 'hidden digit', set_byte(b, 70, 0)),
    (14, 'too short', substr(b, 1, length(b) - 1)),
    (15, 'too long', b || '\x00'),
    (16, 'empty', ''::bytea),
    (17, 'no items', set_byte(set_byte(set_byte(set_byte(b, 60, 0), 68, 0), 70, 0), 18, 0))
) f (n, what, forged) ORDER BY f.n;

-- Law 4: the buckets add up to the balance, for any bounds and with credits.
SELECT bounds, sum(amount) = (SELECT sum(amount) FROM invoice) AS adds_up
FROM (SELECT bounds, unnest(bucket_amounts(ageing(i.amount, due_on, '2025-03-31', bounds))) AS amount
      FROM invoice i, (VALUES ('{1}'::integer[]), ('{30,60,90}'), ('{7,14,21,28,365}')) v (bounds) GROUP BY bounds) b
GROUP BY bounds ORDER BY bounds;
-- Law 5: what is dated later does not change the ageing as of a day.
CREATE TABLE event (effective_on date, due_on date, amount numeric);
INSERT INTO event VALUES ('2025-01-10', '2025-02-10', 100), ('2025-02-20', '2025-03-20', 50), ('2025-03-05', '2025-02-10', -40);
SELECT ageing(amount, due_on, '2025-03-31') FILTER (WHERE effective_on <= '2025-03-31') AS before FROM event \gset
INSERT INTO event VALUES ('2025-04-01', '2025-02-10', -60), ('2025-04-02', '2025-05-02', 70), ('2025-05-01', NULL, 1);
SELECT ageing(amount, due_on, '2025-03-31') FILTER (WHERE effective_on <= '2025-03-31') = :'before' AS unchanged,
       ageing(amount, due_on, '2025-03-31') <> :'before' AS would_differ
FROM event;

DROP TABLE invoice, aged, value, event;
