-- The aged balance, today and as of a past day.

CREATE VIEW ageing_by_customer AS
SELECT a.customer_id, c.code, c.name, c.risk_class,
       coalesce(credit_risk.bucket_amount(o.ageing, 0), 0) AS not_due, coalesce(credit_risk.bucket_amount(o.ageing, 1), 0) AS d1_30,
       coalesce(credit_risk.bucket_amount(o.ageing, 2), 0) AS d31_60, coalesce(credit_risk.bucket_amount(o.ageing, 3), 0) AS d61_90,
       coalesce(credit_risk.bucket_amount(o.ageing, 4), 0) AS over_90, coalesce(credit_risk.total(o.ageing), 0) AS total,
       coalesce(credit_risk.overdue(o.ageing), 0) AS overdue,
       a.unapplied, coalesce(o.oldest_days, 0) AS oldest_days, coalesce(o.items, 0) AS items, o.ageing
FROM credit_account a JOIN customer c USING (customer_id)
LEFT JOIN (SELECT customer_id, credit_risk.ageing(open_amount_base, due_on, (SELECT business_date())) AS ageing,
                  greatest((SELECT business_date()) - min(due_on) FILTER (WHERE kind <> 'credit_note'), 0) AS oldest_days,
                  count(*) AS items
           FROM open_item GROUP BY customer_id) o USING (customer_id)
WHERE o.items > 0 OR a.unapplied <> 0;
COMMENT ON VIEW ageing_by_customer IS
'Aged balance by customer (balance âgée), base currency: open items by days past their original due date, on the business date. Credit notes count negatively in the bucket of their own date; unapplied cash stands apart. oldest_days is that of the oldest item, 0 if none is overdue. A customer with unapplied cash and no open item (client créditeur) has 0 in every bucket and no ageing value; customers with neither are absent.';

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
           coalesce(credit_risk.bucket_amount(b.ageing, 0), 0), coalesce(credit_risk.bucket_amount(b.ageing, 1), 0),
           coalesce(credit_risk.bucket_amount(b.ageing, 2), 0), coalesce(credit_risk.bucket_amount(b.ageing, 3), 0),
           coalesce(credit_risk.bucket_amount(b.ageing, 4), 0),
           coalesce(credit_risk.total(b.ageing), 0), coalesce(credit_risk.overdue(b.ageing), 0),
           coalesce(u.unapplied, 0), coalesce(b.oldest_days, 0), coalesce(b.items, 0), b.ageing
    FROM (SELECT o.customer_id, credit_risk.ageing(o.open_amount_base, o.due_on, as_of) AS ageing,
                 greatest(as_of - min(o.due_on) FILTER (WHERE o.open_amount > 0), 0) AS oldest_days, count(*) AS items
          FROM (SELECT f.customer_id, f.due_on, sum(f.amount) AS open_amount, sum(f.amount_base) AS open_amount_base
                FROM receivable_fact f
                WHERE f.effective_on <= as_of AND f.recorded_at <= known_at
                GROUP BY f.customer_id, f.invoice_id, f.instalment_no, f.due_on
                HAVING sum(f.amount) <> 0 OR sum(f.amount_base) <> 0) o
          GROUP BY o.customer_id) b
    FULL JOIN (SELECT f.customer_id, sum(f.amount_base) AS unapplied FROM unapplied_fact f
               WHERE f.effective_on <= as_of AND f.recorded_at <= known_at
               GROUP BY f.customer_id HAVING sum(f.amount_base) <> 0) u USING (customer_id)
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
