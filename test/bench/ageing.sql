-- Open items of ROWS rows and ROWS / 100 customers, and what must be equal.
CREATE EXTENSION credit_risk;
CREATE TABLE item (customer_id bigint, due_on date, amount numeric(14, 2));
SELECT setseed(:seed / 1e9) AS seeded \gset
INSERT INTO item
SELECT 1 + floor((:rows / 100) * random() ^ 3), date '2026-03-31' + 30 - floor(180 * random())::integer,
       round((5 + 5000 * random() ^ 4 - CASE WHEN n % 20 = 0 THEN 2000 ELSE 0 END)::numeric, 2)
FROM generate_series(1, :rows) n;
UPDATE item SET due_on = NULL WHERE random() < 0.001;
VACUUM (FULL, FREEZE, ANALYZE) item;

CREATE TABLE bucket (bucket integer, condition text);
INSERT INTO bucket VALUES
    (-1, 'due_on IS NULL'),
    (0, $$due_on >= date '2026-03-31'$$),
    (1, $$due_on < date '2026-03-31' AND due_on >= date '2026-03-31' - 30$$),
    (2, $$due_on < date '2026-03-31' - 30 AND due_on >= date '2026-03-31' - 60$$),
    (3, $$due_on < date '2026-03-31' - 60 AND due_on >= date '2026-03-31' - 90$$),
    (4, $$due_on < date '2026-03-31' - 90$$);

-- Customers, and the total as customer NULL, for which the two ways differ.
SELECT format($$CREATE VIEW differing AS
    WITH plain AS (SELECT customer_id, ARRAY[%s] AS sums FROM item GROUP BY GROUPING SETS ((), (customer_id))),
         ours AS (SELECT customer_id, credit_risk.ageing(amount, due_on, date '2026-03-31') AS ageing
                  FROM item GROUP BY GROUPING SETS ((), (customer_id)))
    SELECT p.customer_id FROM plain p FULL JOIN ours o ON coalesce(p.customer_id, 0) = coalesce(o.customer_id, 0)
    WHERE p.sums IS DISTINCT FROM ARRAY(SELECT credit_risk.bucket_amount(o.ageing, b) FROM generate_series(-1, 4) b ORDER BY b)$$,
    string_agg(format('coalesce(sum(amount) FILTER (WHERE %s), 0)', condition), ', ' ORDER BY bucket)) FROM bucket
\gexec
