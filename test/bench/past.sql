-- Three years of invoices and their payments, six in seven settled by now, loaded
-- through the triggers month by month; and what a user would write himself to
-- age a past day: invoices less what was allocated until then, and the cash likewise.
SET search_path = receivables, credit_risk;
SELECT setseed((:seed % 1000) / 1000.0) \g /dev/null
CREATE TEMPORARY TABLE plan AS
SELECT n AS invoice_id, 1 + n % :customers AS customer_id, date '2023-01-02' + (n * 1090::bigint / :rows)::integer AS issued_on,
       round((20 + 3000 * random())::numeric, 2) AS amount, CASE WHEN random() < 0.86 THEN 25 + floor(60 * random())::integer END AS days
FROM generate_series(1, :rows) n;
CREATE PROCEDURE pg_temp.month(first date) LANGUAGE plpgsql AS $$
DECLARE
    last date := first + interval '1 month - 1 day';
BEGIN
    UPDATE ledger SET pinned_date = last;
    INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
    SELECT customer_id, invoice_id, 'I' || invoice_id, issued_on, issued_on + 30, amount FROM plan WHERE issued_on BETWEEN first AND last;
    INSERT INTO payment (customer_id, payment_id, received_on, amount)
    SELECT customer_id, invoice_id, issued_on + days, amount FROM plan WHERE issued_on + days BETWEEN first AND last;
    INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
    SELECT customer_id, invoice_id, invoice_id, amount FROM plan WHERE issued_on + days BETWEEN first AND last;
END $$;
-- The statistics of empty tables would be believed for the whole session.
SELECT unnest(ARRAY[format('CALL pg_temp.month(%L)', m::date)] || CASE WHEN extract(month FROM m) IN (1, 6) THEN ARRAY['ANALYZE'] END)
FROM generate_series('2023-01-01'::timestamp, '2025-12-01', '1 month') m ORDER BY m \gexec

CREATE FUNCTION public.by_hand(as_of date)
RETURNS TABLE (customer_id bigint, not_due numeric, d1_30 numeric, d31_60 numeric, d61_90 numeric, over_90 numeric, unapplied numeric)
LANGUAGE sql STABLE SET search_path = receivables AS $$
    SELECT b.*, coalesce(u.unapplied, 0)
    FROM (
    SELECT o.customer_id, coalesce(sum(open) FILTER (WHERE as_of - due_on <= 0), 0), coalesce(sum(open) FILTER (WHERE as_of - due_on BETWEEN 1 AND 30), 0),
           coalesce(sum(open) FILTER (WHERE as_of - due_on BETWEEN 31 AND 60), 0), coalesce(sum(open) FILTER (WHERE as_of - due_on BETWEEN 61 AND 90), 0),
           coalesce(sum(open) FILTER (WHERE as_of - due_on > 90), 0)
    FROM (SELECT i.customer_id, i.due_on, i.amount - coalesce(a.amount, 0) AS open
          FROM invoice i LEFT JOIN (SELECT customer_id, invoice_id, sum(amount) AS amount FROM allocation WHERE effective_on <= as_of GROUP BY 1, 2) a USING (customer_id, invoice_id)
          WHERE i.issued_on <= as_of) o
    WHERE open <> 0 GROUP BY 1) b
    LEFT JOIN (SELECT p.customer_id, sum(p.amount - coalesce(a.amount, 0)) AS unapplied
               FROM payment p LEFT JOIN (SELECT customer_id, payment_id, sum(amount) AS amount FROM allocation WHERE effective_on <= as_of GROUP BY 1, 2) a USING (customer_id, payment_id)
               WHERE p.received_on <= as_of GROUP BY 1) u USING (customer_id)
$$;
