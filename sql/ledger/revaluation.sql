-- Exchange differences: realised where something was settled, unrealised where
-- it is open.

CREATE VIEW realised_exchange_difference AS
SELECT a.customer_id, a.allocation_id, a.payment_id, a.credit_invoice_id, a.invoice_id, a.instalment_no, i.currency, a.effective_on,
       a.amount * g.sign AS amount, a.amount_base * g.sign AS booked_base, a.source_amount_base * g.sign AS settled_base,
       (a.source_amount_base - a.amount_base) * g.sign AS difference
FROM allocation a JOIN invoice i USING (customer_id, invoice_id)
CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) g
WHERE a.adjustment IS NULL AND a.source_amount_base <> a.amount_base;
COMMENT ON VIEW realised_exchange_difference IS
'Exchange gains (positive) and losses realised when an invoice was settled (différences de change): base amount of the payment or credit note at its own rate less that of the invoice at its. amount in document currency, the rest in base currency; reversals negative.';

CREATE FUNCTION revaluation_as_of(as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, object text, object_id bigint, instalment_no integer, currency text, open_amount numeric,
               booked_base numeric, closing_rate numeric, closing_rate_on date, closing_base numeric, difference numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH open AS MATERIALIZED (
        SELECT o.customer_id, 'open_item' AS object, o.invoice_id AS object_id, o.instalment_no, o.currency, o.open_amount, o.open_amount_base
        FROM open_item_as_of(as_of, known_at) o, ledger l WHERE o.currency <> l.base_currency
      UNION ALL
        SELECT u.customer_id, 'payment', u.payment_id, NULL, p.currency, -u.unapplied_amount, -u.unapplied_amount_base
        FROM unapplied_as_of(as_of, known_at) u JOIN payment p USING (customer_id, payment_id), ledger l
        WHERE p.currency <> l.base_currency
    ), closing AS MATERIALIZED (
        SELECT c.currency, r.rate, r.rate_on FROM (SELECT DISTINCT o.currency FROM open o) c CROSS JOIN LATERAL rate_on(c.currency, as_of) r
    )
    SELECT o.customer_id, o.object, o.object_id, o.instalment_no, o.currency, o.open_amount, o.open_amount_base, c.rate, c.rate_on,
           v.closing_base, v.closing_base - o.open_amount_base
    FROM open o JOIN closing c USING (currency) CROSS JOIN ledger l
    CROSS JOIN LATERAL (SELECT round(o.open_amount * c.rate, credit_risk.currency_scale(l.base_currency)) AS closing_base) v
$$;
COMMENT ON FUNCTION revaluation_as_of(date, timestamptz) IS
'Revaluation of what is open in foreign currency on a day, as known at an instant (écarts de conversion): open items, and payments not matched with a minus, at the rate of that day against the rate of the document; difference is the unrealised gain (positive) or loss, base currency. Posts nothing: reverse it at the next opening. CR006 if there is no rate of that day or the days before.';
