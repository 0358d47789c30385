-- The decimal kernel reads numeric's digits itself. Judged here by sum(): an
-- ageing's total must be sum() to the last character, the display scale too.
SET search_path = public, credit_risk;

-- One amount of each kind. The text is compared.
SELECT amount,
       total(ageing(amount, NULL, '2025-03-31'))::text = sum(amount)::text AS same
FROM (VALUES (1, 0::numeric), (2, 0.00), (3, 1), (4, -1), (5, 0.01), (6, -0.0001), (7, 0.00001),
             (8, 9999), (9, 10000), (10, 99999999.9999), (11, 100000000), (12, 123456789012.34),
             (13, 14073748835.5327), (14, 14073748835.5328), (15, -14073748835.5328),
             (16, 99999999999999.9999), (17, 1e20), (18, 1e20 + 0.000001), (19, -1e30), (20, 12.3400000),
             (21, 1.000000000000000000000000000001), (22, 1e20 / 3), (23, 100::numeric / 7),
             (24, 170141183460469231731687303715884105727), (25, -170141183460469231731687303715884105728),
             (26, 2.50::numeric(60, 50)), (27, 0::numeric(200, 100)), (28, 1e37)) v (n, amount)
GROUP BY n, amount ORDER BY n;

-- Ten thousand amounts of all sizes and scales, in a hundred groups.
SELECT setseed(0.42);
CREATE TABLE random_amount AS
SELECT n, n % 100 AS grp,
       round(((random() - 0.5) * 10 ^ (random() * 18))::numeric + 1 / (n + random()::numeric),
             (random() * CASE n % 100 / 25 WHEN 0 THEN 2 WHEN 1 THEN 4 WHEN 2 THEN 6 ELSE 12 END)::integer) AS amount
FROM generate_series(1, 10000) n;
SELECT count(*) AS groups,
       count(*) FILTER (WHERE total::text IS DISTINCT FROM sum::text) AS wrong,
       count(DISTINCT scale(sum)) > 3 AS of_many_scales, min(sum) < 0 AND max(sum) > 0 AS of_both_signs
FROM (SELECT grp, sum(amount) AS sum, total(ageing(amount, NULL, '2025-03-31')) AS total
      FROM random_amount GROUP BY grp) g;
-- In another order, and all in one.
SELECT total(ageing(amount, NULL, '2025-03-31' ORDER BY n DESC))::text = sum(amount)::text AS descending,
       total(ageing(amount, NULL, '2025-03-31' ORDER BY amount))::text = sum(amount)::text AS by_amount,
       items(ageing(amount, NULL, '2025-03-31')) AS items
FROM random_amount;

-- Where the digits are stored does not matter: short, long and compressed.
CREATE TABLE stored_amount (amount numeric);
ALTER TABLE stored_amount ALTER amount SET STORAGE extended;
INSERT INTO stored_amount VALUES (1.5), (1e20 + 0.25), (3 + 0::numeric(1000, 900)), (-7.00::numeric(1000, 950));
SELECT total(ageing(amount, NULL, '2025-03-31'))::text = sum(amount)::text AS same FROM stored_amount;

-- What is no amount, or does not fit, is an error and never another figure.
SELECT ageing('NaN'::numeric, NULL, '2025-03-31');
SELECT ageing('Infinity'::numeric, NULL, '2025-03-31');
SELECT ageing('-Infinity'::numeric, NULL, '2025-03-31');
SELECT ageing(1e-31, NULL, '2025-03-31');
SELECT ageing(1e40, NULL, '2025-03-31');
SELECT ageing(170141183460469231731687303715884105728, NULL, '2025-03-31');
SELECT ageing(amount, NULL, '2025-03-31') FROM (VALUES (1e38), (1e38)) v (amount);
SELECT ageing(amount, NULL, '2025-03-31') FROM (VALUES (1e30), (1e-30)) v (amount);
\set VERBOSITY sqlstate
SELECT ageing('NaN'::numeric, NULL, '2025-03-31');
SELECT ageing(1e40, NULL, '2025-03-31');
\set VERBOSITY default

DROP TABLE random_amount, stored_amount;
