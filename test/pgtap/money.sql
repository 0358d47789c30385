\set ON_ERROR_STOP 1
-- Money arithmetic and cash matching: worked examples, laws, brute force, bounds.
BEGIN;
SET LOCAL search_path = credit_risk, public;
SET LOCAL client_min_messages = warning;

-- A series of numbers between 0 and 999,999 that is the same on every run.
CREATE FUNCTION pg_temp.draw(series integer, number integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ((hashint4extended(number, series) & 1073741823) % 1000000)::integer;

-- The SQLSTATE of a call, NULL where it passes; a cancelled one has a state too.
CREATE FUNCTION pg_temp.sqlstate_of(call text) RETURNS text
LANGUAGE plpgsql SET search_path = credit_risk, public, pg_temp AS $$
BEGIN
  EXECUTE 'SELECT ' || call;
  RETURN NULL;
EXCEPTION WHEN query_canceled OR OTHERS THEN
  RETURN SQLSTATE;
END $$;

-- The same answer as match_payment, from all subsets.
CREATE FUNCTION pg_temp.all_matches(payment numeric, open_amounts numeric[], tolerance numeric, max_solutions integer) RETURNS SETOF integer[]
LANGUAGE sql IMMUTABLE AS $$
  WITH item AS MATERIALIZED (SELECT no::integer, amount FROM unnest(open_amounts) WITH ORDINALITY i (amount, no)),
  subset AS MATERIALIZED (
    SELECT array_agg(i.no ORDER BY i.no) AS positions, sum(i.amount) AS total, bool_or(i.amount = 0) AS zeros
    FROM generate_series(1, (1 << cardinality(open_amounts)) - 1) mask
    JOIN item i ON (mask >> i.no - 1) & 1 = 1
    GROUP BY mask)
  SELECT positions FROM subset
  WHERE abs(total - payment) <= tolerance AND NOT zeros
  ORDER BY total <> payment, cardinality(positions), positions
  LIMIT max_solutions
$$;

SELECT plan(38);

-- 10.1
SELECT is(ARRAY[round_half_even(2.5), round_half_even(3.5), round_half_even(0.125, 2)], ARRAY[2, 4, 0.12], 'half to even');
SELECT is(ARRAY[round(2.5), round(-6.5), round(0.125, 2)], ARRAY[3, -7, 0.13], 'where the server rounds away from zero');
SELECT is(ARRAY[round_half_even(-2.5), round_half_even(-3.5), round_half_even(0.5), round_half_even(-0.5), round_half_even(1250, -2), round_half_even(1350, -2)],
          ARRAY[-2, -4, 0, 0, 1200, 1400]::numeric[], 'on both sides of zero and of the point');
SELECT is_empty($$
  SELECT * FROM (SELECT (pg_temp.draw(1, i) - 500000) / (10 ^ (pg_temp.draw(2, i) % 5))::numeric AS x, pg_temp.draw(3, i) % 4 - 1 AS s
                 FROM generate_series(1, 5000) i) t
  WHERE abs(round_half_even(x, s) - x) > 0.5 * 10::numeric ^ -s
     OR trim_scale(mod(round_half_even(x, s), 10::numeric ^ -s)) <> 0
     OR round_half_even(x, s) <> -round_half_even(-x, s)
     OR CASE WHEN abs(round(x, s) - x) = 0.5 * 10::numeric ^ -s THEN mod(round_half_even(x, s), 2 * 10::numeric ^ -s) <> 0
             ELSE round_half_even(x, s) <> round(x, s) END
$$, 'nearest always, even where two are as near, the server''s otherwise');
SELECT is(round_half_even(7.00, 1)::text || ' ' || round_half_even(1e40 + 0.5)::text, '7.0 1' || repeat('0', 40), 'shown with scale decimals; any size');

-- Minor units
SELECT is((SELECT array_agg(currency_scale(code) ORDER BY no) FROM unnest('{EUR,USD,JPY,KWD,CLF,XPF,ISK,TND,UYW}'::text[]) WITH ORDINALITY c (code, no)),
          ARRAY[2, 2, 0, 3, 4, 0, 0, 3, 4], 'decimals of currencies');
SELECT is(allocate_payment(1000, '{700,500,300}', '{2025-03-01,2025-03-01,2025-03-01}', 'pro_rata', currency_scale('JPY'))::text,
          '{467,333,200}', 'a payment in yen has whole yen');

-- 10.2, law 8
SELECT is(allocate_amount(5, '{70,30}', 0), ARRAY[4, 1]::numeric[], 'five cents by 70 and 30');
SELECT is(allocate_amount(100, '{1,1,1}'), ARRAY[33.34, 33.33, 33.33], 'a hundred in three');
CREATE TEMPORARY TABLE split AS
SELECT i, (pg_temp.draw(1, i) - 300000) / 100.0 AS amount,
       ARRAY(SELECT (pg_temp.draw(10 + j, i) % 500) / (1 + pg_temp.draw(2, i) % 7)::numeric FROM generate_series(1, 1 + pg_temp.draw(3, i) % 8) j) || 0.5 AS weights
FROM generate_series(1, 3000) i;
SELECT is_empty($$
  SELECT i FROM (SELECT i, amount, round(weight, 6) AS weight, sum(round(weight, 6)) OVER w AS weights, part, sum(part) OVER w AS parts
                 FROM split, LATERAL unnest(weights, allocate_amount(amount, ARRAY(SELECT round(u, 6) FROM unnest(weights) u))) u (weight, part)
                 WINDOW w AS (PARTITION BY i)) s
  WHERE parts <> amount OR abs(part - amount * weight / weights) >= 0.01 OR scale(part) <> 2
$$, 'law 8: the parts sum to the amount, each within one minor unit of its share');

-- 10.3, allocation
SELECT is(allocate_payment(250, '{100,120,80}', '{2025-03-01,2025-03-10,2025-04-05}'), ARRAY[100, 120, 30]::numeric[], 'the published example, fifo');
SELECT is(allocate_payment(250, '{80,120,100}', '{2025-04-05,2025-03-10,2025-03-01}'), ARRAY[30, 120, 100]::numeric[], 'by due date, in the order of the items');
SELECT is(allocate_payment(50, '{40,40,40}', '{2025-03-01,2025-03-01,2025-02-01}'), ARRAY[10, 0, 40]::numeric[], 'fifo: of one date the earlier element');
SELECT is(allocate_payment(50, '{30,60,40}', '{2025-03-01,2025-03-01,2025-02-01}', 'oldest'), ARRAY[3.33, 6.67, 40], 'oldest: of one date in proportion');
SELECT is(allocate_payment(100, '{1000,1000,1000}', '{2025-03-01,2025-03-02,2025-03-03}', 'pro_rata'), ARRAY[33.34, 33.33, 33.33], 'pro rata, by the largest remainder');
SELECT is(allocate_payment(500, '{100,120,80}', '{2025-03-01,2025-03-10,2025-04-05}', 'pro_rata'), ARRAY[100, 120, 80]::numeric[], 'what is too much stays unallocated');
CREATE TEMPORARY TABLE receipt AS
SELECT i, (pg_temp.draw(20, i) % 50000) / 100.0 AS payment, method,
       ARRAY(SELECT (pg_temp.draw(30 + j, i) % 10000) / 100.0 FROM generate_series(1, pg_temp.draw(21, i) % 9) j) AS open_amounts,
       ARRAY(SELECT date '2025-01-01' + pg_temp.draw(50 + j, i) % 4 FROM generate_series(1, pg_temp.draw(21, i) % 9) j) AS due_dates
FROM generate_series(1, 2000) i, unnest('{fifo,oldest,pro_rata}'::text[]) method;
CREATE TEMPORARY TABLE settled AS
SELECT r.i, r.method, r.payment, u.*
FROM receipt r, LATERAL unnest(open_amounts, due_dates, allocate_payment(payment, open_amounts, due_dates, method)) WITH ORDINALITY u (open, due, part, no);
SELECT is_empty($$
  SELECT i, method FROM settled GROUP BY i, method, payment
  HAVING sum(part) <> least(payment, sum(open)) OR bool_or(part < 0 OR part > open)
$$, 'nothing is lost, and no item gets more than is open');
SELECT is_empty($$
  SELECT a.i, a.method FROM settled a JOIN settled b USING (i, method)
  WHERE method IN ('fifo', 'oldest') AND (a.due < b.due OR (a.due = b.due AND a.no < b.no AND method = 'fifo')) AND a.part < a.open AND b.part > 0
$$, 'nothing goes to an item before the earlier ones are settled');
SELECT is_empty($$
  SELECT * FROM (SELECT *, sum(part) OVER w AS given, sum(open) OVER w AS wanted FROM settled WHERE method <> 'fifo'
                 WINDOW w AS (PARTITION BY i, method, CASE WHEN method = 'oldest' THEN due END)) s
  WHERE wanted > 0 AND abs(part - given * open / wanted) >= 0.01
$$, 'what is shared is shared within one minor unit');

-- 10.3, matching
SELECT results_eq($$ SELECT match_payment(270.30, '{100.10,120.20,150.10,170.20}') $$, $$ VALUES ('{1,4}'::integer[]), ('{2,3}') $$,
  'the published example is ambiguous');
SELECT results_eq($$ SELECT match_payment(270.30, '{100.10,120.20,150.10,170.20}', max_solutions => 1) $$, $$ VALUES ('{1,4}'::integer[]) $$, 'one is enough for some');
SELECT results_eq($$ SELECT match_payment(130, '{100,80,-50,0}') $$, $$ VALUES ('{1,2,3}'::integer[]) $$, 'a credit note is a negative item, zero is none');
SELECT results_eq($$ SELECT match_payment(0, '{50,-20,-30,-50}') $$, $$ VALUES ('{1,4}'::integer[]), ('{1,2,3}') $$, 'invoices and credit notes that make up for each other');
SELECT results_eq($$ SELECT match_payment(100, '{99.99,40,60,100.02,100.01}', 0.02, 10) $$, $$ VALUES ('{2,3}'::integer[]), ('{1}'), ('{4}'), ('{5}') $$,
  'exact sums before those within the tolerance');
CREATE TEMPORARY TABLE question AS
SELECT i, abs(target + CASE WHEN i % 5 = 0 THEN 0.01 ELSE 0 END) AS payment, open_amounts,
       CASE WHEN i % 3 = 0 THEN 0.03 ELSE 0 END AS tolerance, (ARRAY[1, 2, 5, 1000])[1 + i % 4] AS max_solutions
FROM (SELECT i, ARRAY(SELECT (pg_temp.draw(60 + j, i) % (ARRAY[9, 60, 5000])[1 + i % 3] - CASE WHEN i % 4 = 0 AND j % 3 = 0 THEN 20 ELSE 0 END) / 100.0
                      FROM generate_series(1, 1 + pg_temp.draw(40, i) % 9) j) AS open_amounts
      FROM generate_series(1, 600) i) q,
     LATERAL (SELECT coalesce(sum(a) FILTER (WHERE no % 2 = i % 2), 0) AS target FROM unnest(open_amounts) WITH ORDINALITY u (a, no)) t;
SELECT is_empty($$
  SELECT i FROM question
  WHERE ARRAY(SELECT m::text FROM match_payment(payment, open_amounts, tolerance, max_solutions) m)
     <> ARRAY(SELECT m::text FROM pg_temp.all_matches(payment, open_amounts, tolerance, max_solutions) m)
$$, 'the rows of all subsets, in their order');
SELECT cmp_ok((SELECT count(*) FROM question, LATERAL match_payment(payment, open_amounts, tolerance, max_solutions)), '>', 1000::bigint, 'of which there are many');
CREATE TEMPORARY TABLE wide AS
SELECT i, ARRAY(SELECT (100 + pg_temp.draw(100 + j, i)) / 100.0 FROM generate_series(1, 30 + i % 21) j) AS open_amounts FROM generate_series(1, 40) i;
SELECT is_empty($$
  SELECT w.i, m FROM wide w, LATERAL (SELECT open_amounts[3] + open_amounts[11] + open_amounts[cardinality(open_amounts)] AS payment) p
  LEFT JOIN LATERAL match_payment(p.payment, w.open_amounts) m ON true
  WHERE m IS NULL OR (SELECT sum(w.open_amounts[at]) FROM unnest(m) at) <> p.payment
$$, 'thirty to fifty items: what is found sums to the payment');
SELECT is_empty($$ SELECT * FROM match_payment(18.50, array_fill(1::numeric, ARRAY[400])) $$, 'round amounts never make an odd one, however many they are');

-- Bounds: amounts so large that their sums are all different.
CREATE TEMPORARY TABLE hard AS
SELECT n AS items, array_agg(1e12 + pg_temp.draw(1, i) * 1e6 + pg_temp.draw(2, i) ORDER BY i) AS open_amounts
FROM unnest('{36,200,501}'::integer[]) n, generate_series(1, n) i GROUP BY n;
SELECT is_empty($$ SELECT match_payment(17.7e12 + 123457, open_amounts) FROM hard WHERE items = 36 $$, '36 items are always decided');
SELECT is(pg_temp.sqlstate_of($$ match_payment(60.7e12 + 123457, (SELECT open_amounts FROM hard WHERE items = 501)) $$), '54000', 'more than 500 items are too many');
SELECT is_empty($$ SELECT match_payment(60.7e12 + 123457, open_amounts, on_limit => 'none') FROM hard WHERE items = 501 $$, 'or no rows where that is wanted');
SELECT set_config('statement_timeout', '100ms', true) \g /dev/null
CREATE TEMPORARY TABLE watch AS SELECT clock_timestamp() AS started;
SELECT pg_temp.sqlstate_of($$ match_payment(60.7e12 + 123457, (SELECT open_amounts FROM hard WHERE items = 200)) $$) AS state \gset
SELECT set_config('statement_timeout', '0', true) \g /dev/null
SELECT is(:'state'::text, '57014', 'a long search stops for a timeout');
SELECT cmp_ok((SELECT clock_timestamp() - started FROM watch), '<', interval '1 s', 'at once');
SELECT is(pg_temp.sqlstate_of($$ match_payment(60.7e12 + 123457, (SELECT open_amounts FROM hard WHERE items = 200)) $$), '54000', 'and ends by itself otherwise');

-- 10.4
SELECT is(ARRAY[fx_unrealized(60, 2.00, 2.50), fx_realized(40, 2.00, 2.50), fx_unrealized(-60, 2.00, 2.50), fx_realized(40, 2.50, 2.00)],
          ARRAY[30, 20, -30, -20]::numeric[], '100 GBP at 2.00, 40 paid at 2.50, closing at 2.50');

-- NULL in, NULL out; what is refused.
SELECT is((SELECT count(*) FROM match_payment(NULL, '{1}') UNION ALL SELECT count(*) FROM match_payment(1, NULL) ORDER BY 1 DESC LIMIT 1)::text
          || num_nonnulls(round_half_even(NULL), currency_scale(NULL), allocate_payment(NULL, '{}', '{}'), allocate_payment(1, '{}', NULL),
                          fx_unrealized(NULL, 1, 1), fx_realized(1, NULL, 1)), '00', 'NULL in, nothing out');
SELECT is_empty($$
  SELECT call, pg_temp.sqlstate_of(call) FROM unnest(ARRAY[
    'round_half_even(''NaN'')', 'round_half_even(''-Infinity'')', 'round_half_even(1, 31)', 'round_half_even(1, -31)',
    'currency_scale(''eur'')', 'currency_scale(''EURO'')', 'currency_scale('''')', 'currency_scale(''E1R'')',
    'fx_unrealized(1, 0, 1)', 'fx_unrealized(1, 1, -1)', 'fx_realized(1, ''NaN'', 1)', 'fx_realized(''Infinity'', 1, 1)', 'fx_realized(1, 1, 0)',
    'allocate_payment(-1, ''{}'', ''{}'')', 'allocate_payment(''NaN'', ''{}'', ''{}'')', 'allocate_payment(1, ''{1}'', ''{}'')',
    'allocate_payment(1, ''{NULL}'', ''{2025-01-01}'')', 'allocate_payment(1, ''{1}'', ''{NULL}'')', 'allocate_payment(1, ''{-1}'', ''{2025-01-01}'')',
    'allocate_payment(1, ''{{1}}'', ''{2025-01-01}'')', 'allocate_payment(1, ''{1}'', ''{{2025-01-01}}'')', 'allocate_payment(1, ''{1}'', ''{infinity}'')',
    'allocate_payment(1, ''{Infinity}'', ''{2025-01-01}'')', 'allocate_payment(1, ''{}'', ''{}'', ''lifo'')', 'allocate_payment(0.001, ''{}'', ''{}'')',
    'allocate_payment(1, ''{}'', ''{}'', ''fifo'', -1)', 'allocate_payment(1, ''{}'', ''{}'', ''fifo'', 31)',
    'match_payment(-1, ''{}'')', 'match_payment(''NaN'', ''{}'')', 'match_payment(1, ''{NaN}'')', 'match_payment(1, ''{NULL}'')', 'match_payment(1, ''{{1}}'')',
    'match_payment(1, ''{}'', -1)', 'match_payment(1, ''{}'', ''Infinity'')', 'match_payment(1, ''{}'', 0, 0)', 'match_payment(1, ''{}'', 0, 1001)',
    'match_payment(1, ''{}'', on_limit => ''stop'')']) call
  WHERE pg_temp.sqlstate_of(call) IS DISTINCT FROM '22023'
$$, 'invalid arguments are errors 22023');
SELECT is_empty($$
  SELECT call, pg_temp.sqlstate_of(call) FROM unnest(ARRAY['match_payment(1, ''{2e18,2e18}'')', 'match_payment(1e-30, ''{1}'')', 'match_payment(1, ''{1e-31}'')',
    'allocate_payment(1e38, ''{}'', ''{}'')', 'allocate_payment(1, ''{1e35,1e35,1e35,1e35,1e35}'', array_fill(date ''2025-01-01'', ''{5}''))']) call
  WHERE pg_temp.sqlstate_of(call) IS DISTINCT FROM '22003'
$$, 'amounts beyond the exact integers are out of range');

SELECT * FROM finish();
ROLLBACK;
