-- Invoices :first to :last, in the order of their customers' numbers over and
-- over.  Of the first of each customer, 6 * :due spread over the whole ledger
-- fall due a fortnight apart, :due for each of six runs; all others much later.
SET search_path = receivables, credit_risk;
SELECT setseed(((:seed::bigint * 7919 + :first) % 1000000) / 1e6) AS seeded \gset
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
SELECT n.customer_id, 'I' || n.invoice, date '2026-01-05',
       CASE WHEN n.falls_due THEN date '2026-01-12' + n.place % 6 * 14 ELSE date '2027-01-05' + floor(100 * random())::integer END,
       CASE WHEN n.falls_due THEN 1000 + n.place % 997 ELSE round((20 + 3000 * random())::numeric, 2) END
FROM (SELECT i AS invoice, 1 + (i - 1) % :customers AS customer_id, (i - 1) / (:customers / (6 * :due)) AS place,
             i <= :customers AND (i - 1) % (:customers / (6 * :due)) = 0 AND (i - 1) / (:customers / (6 * :due)) < 6 * :due AS falls_due
      FROM generate_series(:first, :last) i) n;
