-- The aged balance, today and as of a past day.

CREATE VIEW ageing_by_customer AS
SELECT a.customer_id, c.code, c.name, c.risk_class,
       coalesce(credit_risk.bucket_amount(o.ageing, 0), 0) AS not_due, coalesce(credit_risk.bucket_amount(o.ageing, 1), 0) AS d1_30,
       coalesce(credit_risk.bucket_amount(o.ageing, 2), 0) AS d31_60, coalesce(credit_risk.bucket_amount(o.ageing, 3), 0) AS d61_90,
       coalesce(credit_risk.bucket_amount(o.ageing, 4), 0) AS over_90, coalesce(credit_risk.total(o.ageing), 0) AS total,
       coalesce(credit_risk.overdue(o.ageing), 0) AS overdue,
       a.unapplied, coalesce(o.oldest_days, 0) AS oldest_days, coalesce(o.items, 0) AS items, o.ageing, coalesce(o.disputed, 0) AS disputed
FROM credit_account a JOIN customer c USING (customer_id)
LEFT JOIN (SELECT customer_id, credit_risk.ageing(open_amount_base, due_on, (SELECT business_date())) AS ageing,
                  greatest((SELECT business_date()) - min(due_on) FILTER (WHERE kind <> 'credit_note'), 0) AS oldest_days,
                  count(*) AS items,
                  sum(credit_risk.base_share(open_amount_base, open_amount, 0, least(d.disputed_amount, open_amount)))
                      FILTER (WHERE d.disputed_amount > 0) AS disputed
           FROM open_item LEFT JOIN disputed_item d USING (customer_id, invoice_id, instalment_no)
           GROUP BY customer_id) o USING (customer_id)
WHERE o.items > 0 OR a.unapplied <> 0;
COMMENT ON VIEW ageing_by_customer IS
'Aged balance by customer (balance âgée), base currency: open items by days past their original due date, on the business date. Credit notes count negatively in the bucket of their own date; unapplied cash stands apart; disputed (dont litiges) is the part of the total in open disputes. oldest_days is that of the oldest item, 0 if none is overdue. A customer with unapplied cash and no open item (client créditeur) has 0 in every bucket and no ageing value; customers with neither are absent.';

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
           coalesce(u.unapplied, 0), coalesce(b.oldest_days, 0), coalesce(b.items, 0), b.ageing, coalesce(b.disputed, 0)
    FROM (SELECT o.customer_id, credit_risk.ageing(o.open_amount_base, o.due_on, as_of) AS ageing,
                 greatest(as_of - min(o.due_on) FILTER (WHERE o.open_amount > 0), 0) AS oldest_days, count(*) AS items,
                 sum(credit_risk.base_share(o.open_amount_base, o.open_amount, 0, least(d.disputed_amount, o.open_amount)))
                     FILTER (WHERE d.disputed_amount > 0 AND o.open_amount > 0) AS disputed
          FROM balance_as_of(as_of, known_at) o LEFT JOIN disputed_as_of(as_of, known_at) d USING (customer_id, invoice_id, instalment_no)
          GROUP BY o.customer_id) b
    FULL JOIN (SELECT f.customer_id, sum(f.unapplied_amount_base) AS unapplied FROM unapplied_as_of(as_of, known_at) f
               GROUP BY f.customer_id HAVING sum(f.unapplied_amount_base) <> 0) u USING (customer_id)
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

-- The same balance aged in other ways: what is agreed with an auditor or a bank.
CREATE FUNCTION aged_balance(as_of date, known_at timestamptz DEFAULT 'infinity', bounds integer[] DEFAULT '{30,60,90}',
                             aged_by text DEFAULT 'due', credits text DEFAULT 'separate')
RETURNS TABLE (customer_id bigint, code text, name text, bucket integer, label text, amount numeric, items bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
BEGIN
    IF coalesce(aged_by, '') NOT IN ('due', 'agreed', 'issued') THEN
        RAISE EXCEPTION 'invalid aged_by: %', coalesce(quote_literal(aged_by), 'NULL')
            USING ERRCODE = '22023', HINT = 'It is due, agreed or issued.';
    ELSIF coalesce(credits, '') NOT IN ('separate', 'oldest_first', 'own_date') THEN
        RAISE EXCEPTION 'invalid credits: %', coalesce(quote_literal(credits), 'NULL')
            USING ERRCODE = '22023', HINT = 'It is separate, oldest_first or own_date.';
    END IF;
    RETURN QUERY
    WITH entry AS (     -- what is owed, and with a minus what is to the customer's credit
        SELECT o.customer_id, o.invoice_id AS id, o.instalment_no AS no, o.open_amount_base AS amount,
               CASE aged_by WHEN 'issued' THEN o.issued_on WHEN 'agreed' THEN coalesce(o.agreed_due_on, o.due_on) ELSE o.due_on END AS day
        FROM open_item_as_of(aged_balance.as_of, aged_balance.known_at) o
      UNION ALL
        SELECT u.customer_id, u.payment_id, 0, -u.unapplied_amount_base, p.received_on
        FROM unapplied_as_of(aged_balance.as_of, aged_balance.known_at) u JOIN payment p USING (customer_id, payment_id)
    ), netted AS (      -- credits taken off the oldest debts, as far as they reach
        SELECT e.customer_id, e.day, e.amount AS own,
               greatest(e.amount - greatest(coalesce(c.credit, 0)
                        - (sum(greatest(e.amount, 0)) OVER (PARTITION BY e.customer_id ORDER BY e.day, e.id, e.no) - greatest(e.amount, 0)), 0), 0) AS debt_left
        FROM entry e LEFT JOIN (SELECT n.customer_id, -sum(n.amount) AS credit FROM entry n WHERE n.amount < 0 GROUP BY n.customer_id) c USING (customer_id)
    ), placed AS (
        SELECT n.customer_id, n.day, n.own AS amount, n.own < 0 AND credits = 'separate' AS apart
        FROM netted n WHERE credits <> 'oldest_first'
      UNION ALL
        SELECT n.customer_id, n.day, n.debt_left, false FROM netted n WHERE credits = 'oldest_first' AND n.debt_left > 0
      UNION ALL         -- credit that no debt was left for
        SELECT n.customer_id, NULL, sum(n.own) - coalesce(sum(n.debt_left) FILTER (WHERE n.own > 0), 0), true
        FROM netted n WHERE credits = 'oldest_first' GROUP BY n.customer_id
        HAVING sum(n.own) <> coalesce(sum(n.debt_left) FILTER (WHERE n.own > 0), 0)
    ), bucketed AS (
        SELECT p.customer_id, CASE WHEN p.apart THEN -2 ELSE credit_risk.ageing_bucket(credit_risk.ageing_days(p.day, aged_balance.as_of), bounds) END AS bucket,
               p.amount
        FROM placed p
    )
    SELECT b.customer_id, c.code, c.name, b.bucket, CASE WHEN b.bucket = -2 THEN 'credits' ELSE credit_risk.ageing_bucket_label(b.bucket, bounds) END,
           sum(b.amount), count(*)
    FROM bucketed b JOIN customer c USING (customer_id)
    GROUP BY b.customer_id, c.code, c.name, b.bucket
    ORDER BY c.code, b.customer_id, b.bucket;
END $$;
COMMENT ON FUNCTION aged_balance(date, timestamptz, integer[], text, text) IS
'The aged balance of a day as known at an instant, open items less unapplied cash, in rows of customer and bucket, with bounds of your own. aged_by: due (original due date), agreed (the later date agreed, while it was) or issued. credits, that is credit notes and cash not matched: separate (bucket -2), oldest_first (taken off the oldest debts; what is left over stands apart) or own_date (in the bucket of their own date). The total is the same in all. Base currency. Error 22023 for anything else.';
