-- The aged balance, today and as of a past day.

CREATE VIEW ageing_by_customer AS
SELECT a.customer_id, c.code, c.name, c.risk_class, b.not_due, b.d1_30, b.d31_60, b.d61_90, b.over_90, b.total, b.overdue,
       a.unapplied, b.oldest_days, b.items, b.ageing
FROM (
    SELECT o.customer_id,
           credit_risk.bucket_amount(o.ageing, 0) AS not_due, credit_risk.bucket_amount(o.ageing, 1) AS d1_30,
           credit_risk.bucket_amount(o.ageing, 2) AS d31_60, credit_risk.bucket_amount(o.ageing, 3) AS d61_90,
           credit_risk.bucket_amount(o.ageing, 4) AS over_90, credit_risk.total(o.ageing) AS total,
           credit_risk.overdue(o.ageing) AS overdue,
           o.oldest_days, o.items, o.ageing
    FROM (SELECT customer_id, credit_risk.ageing(open_amount_base, due_on, (SELECT business_date())) AS ageing,
                 greatest((SELECT business_date()) - min(due_on) FILTER (WHERE kind <> 'credit_note'), 0) AS oldest_days,
                 count(*) AS items
          FROM open_item GROUP BY customer_id) o
) b
JOIN credit_account a USING (customer_id) JOIN customer c USING (customer_id);
COMMENT ON VIEW ageing_by_customer IS
'Aged balance by customer (balance âgée), base currency: open items by days past their original due date, on the business date. Credit notes count negatively in the bucket of their own date; unapplied cash stands apart. oldest_days is that of the oldest item, 0 if none is overdue. Customers without open items are absent.';

CREATE VIEW ageing_total AS
SELECT coalesce(sum(not_due), 0) AS not_due, coalesce(sum(d1_30), 0) AS d1_30, coalesce(sum(d31_60), 0) AS d31_60,
       coalesce(sum(d61_90), 0) AS d61_90, coalesce(sum(over_90), 0) AS over_90, coalesce(sum(total), 0) AS total,
       coalesce(sum(overdue), 0) AS overdue, (SELECT coalesce(sum(unapplied), 0) FROM credit_account) AS unapplied,
       max(oldest_days) AS oldest_days, coalesce(sum(items), 0)::bigint AS items, credit_risk.rollup(ageing) AS ageing
FROM ageing_by_customer;
COMMENT ON VIEW ageing_total IS 'Aged balance of the whole ledger (balance âgée), base currency, one row.';

CREATE VIEW overdue_item AS
SELECT o.customer_id, c.code, c.name, o.invoice_id, i.invoice_no, o.instalment_no, o.due_on,
       credit_risk.ageing_days(o.due_on, (SELECT business_date())) AS days_overdue, o.open_amount, o.currency,
       o.open_amount_base, o.dunning_level, o.next_action_on
FROM open_item o JOIN customer c USING (customer_id) JOIN invoice i USING (customer_id, invoice_id)
WHERE o.due_on < (SELECT business_date());
COMMENT ON VIEW overdue_item IS
'Open items past their original due date on the business date (postes échus); credit notes are negative. open_amount in document currency.';

CREATE FUNCTION ageing_as_of(as_of date, known_at timestamptz DEFAULT 'infinity') RETURNS SETOF ageing_by_customer
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT c.customer_id, c.code, c.name, c.risk_class,
           credit_risk.bucket_amount(b.ageing, 0), credit_risk.bucket_amount(b.ageing, 1), credit_risk.bucket_amount(b.ageing, 2),
           credit_risk.bucket_amount(b.ageing, 3), credit_risk.bucket_amount(b.ageing, 4),
           credit_risk.total(b.ageing), credit_risk.overdue(b.ageing),
           coalesce((SELECT sum(f.amount_base) FROM unapplied_fact f
                     WHERE f.customer_id = c.customer_id AND f.effective_on <= as_of AND f.recorded_at <= known_at), 0),
           b.oldest_days, b.items, b.ageing
    FROM (SELECT o.customer_id, credit_risk.ageing(o.open_amount_base, o.due_on, as_of) AS ageing,
                 greatest(as_of - min(o.due_on) FILTER (WHERE o.open_amount > 0), 0) AS oldest_days, count(*) AS items
          FROM (SELECT f.customer_id, f.due_on, sum(f.amount) AS open_amount, sum(f.amount_base) AS open_amount_base
                FROM receivable_fact f
                WHERE f.effective_on <= as_of AND f.recorded_at <= known_at
                GROUP BY f.customer_id, f.invoice_id, f.instalment_no, f.due_on
                HAVING sum(f.amount) <> 0 OR sum(f.amount_base) <> 0) o
          GROUP BY o.customer_id) b
    JOIN customer c USING (customer_id)
$$;
COMMENT ON FUNCTION ageing_as_of(date, timestamptz) IS
'Rows of the view ageing_by_customer as of a past day (facts with a business date up to it), as known at an instant (facts recorded up to it; default: all). The same question gives the same answer for ever. Base currency.';

CREATE FUNCTION ageing_by_bucket(bounds integer[] DEFAULT '{30,60,90}')
RETURNS TABLE (customer_id bigint, code text, name text, bucket integer, label text, amount numeric, items bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT c.customer_id, c.code, c.name, b.bucket, b.label, b.amount, b.items
    FROM (SELECT o.customer_id, credit_risk.ageing(o.open_amount_base, o.due_on, (SELECT business_date()), bounds) AS ageing
          FROM open_item o GROUP BY o.customer_id) a
    JOIN customer c USING (customer_id) CROSS JOIN LATERAL credit_risk.buckets(a.ageing) b
    WHERE b.items > 0
$$;
COMMENT ON FUNCTION ageing_by_bucket(integer[]) IS
'The aged balance in rows, for BI tools: one per customer and bucket that holds items, with bounds of your own. Base currency, business date. Error 22023 for invalid bounds.';
