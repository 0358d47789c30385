-- From sale to cash: what became of the invoices of each month.

CREATE FUNCTION sales_to_cash(as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (month date, invoices bigint, invoiced numeric, paid numeric, credited numeric, discounted numeric, assigned numeric, other numeric, lost numeric,
               open numeric, paid_pct numeric, credited_pct numeric, discounted_pct numeric, assigned_pct numeric, other_pct numeric, lost_pct numeric,
               open_pct numeric, paid_30 numeric, paid_60 numeric, paid_90 numeric, paid_120 numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH sale AS (      -- an invoice and its reversal are no sale
        SELECT i.customer_id, i.invoice_id, i.issued_on, i.amount, i.amount_base, date_trunc('month', i.issued_on)::date AS month
        FROM invoice i
        WHERE i.kind IN ('invoice', 'down_payment', 'debit_note') AND i.reversal_of IS NULL AND i.issued_on <= as_of AND i.recorded_at <= known_at
          AND NOT EXISTS (SELECT FROM invoice r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.invoice_id
                                                  AND r.issued_on <= as_of AND r.recorded_at <= known_at)
    ), settled AS (     -- at the rate of the invoice
        SELECT s.month, CASE WHEN a.payment_id IS NOT NULL THEN 'paid' WHEN a.credit_invoice_id IS NOT NULL THEN 'credited' ELSE a.adjustment END AS how,
               a.amount_base * g.sign AS amount, p.received_on - s.issued_on AS days
        FROM allocation a JOIN sale s USING (customer_id, invoice_id) LEFT JOIN payment p USING (customer_id, payment_id)
        CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) g
        WHERE a.effective_on <= as_of AND a.recorded_at <= known_at
      UNION ALL         -- lost, and come back after all
        SELECT s.month, v.how, credit_risk.base_share(s.amount_base, s.amount, 0, a.amount) * g.sign * v.sign, v.days
        FROM allocation a JOIN sale s ON s.customer_id = a.customer_id AND s.invoice_id = a.concerns_invoice_id
        JOIN payment p ON p.customer_id = a.customer_id AND p.payment_id = a.payment_id
        CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) g
        CROSS JOIN LATERAL (VALUES ('paid', 1, p.received_on - s.issued_on), ('write_off', -1, NULL)) v (how, sign, days)
        WHERE a.effective_on <= as_of AND a.recorded_at <= known_at
    ), cohort AS (
        SELECT s.month, count(*) AS invoices, sum(s.amount_base) AS invoiced FROM sale s GROUP BY s.month
    ), outcome AS (
        SELECT c.month, c.invoices, c.invoiced,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'paid'), 0) AS paid,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'credited'), 0) AS credited,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'cash_discount'), 0) AS discounted,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'assignment'), 0) AS assigned,
               coalesce(sum(t.amount) FILTER (WHERE t.how NOT IN ('paid', 'credited', 'cash_discount', 'assignment', 'write_off')), 0) AS other,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'write_off'), 0) AS lost,
               c.invoiced - coalesce(sum(t.amount), 0) AS open,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'paid' AND t.days <= 30), 0) AS paid_30,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'paid' AND t.days <= 60), 0) AS paid_60,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'paid' AND t.days <= 90), 0) AS paid_90,
               coalesce(sum(t.amount) FILTER (WHERE t.how = 'paid' AND t.days <= 120), 0) AS paid_120
        FROM cohort c LEFT JOIN settled t USING (month)
        GROUP BY c.month, c.invoices, c.invoiced
    )
    SELECT o.month, o.invoices, o.invoiced, o.paid, o.credited, o.discounted, o.assigned, o.other, o.lost, o.open,
           p.pct[1], p.pct[2], p.pct[3], p.pct[4], p.pct[5], p.pct[6], p.pct[7], o.paid_30, o.paid_60, o.paid_90, o.paid_120
    FROM outcome o
    LEFT JOIN LATERAL (SELECT credit_risk.allocate_amount(100, ARRAY[o.paid, o.credited, o.discounted, o.assigned, o.other, o.lost, o.open], 2) AS pct
                       WHERE o.invoiced > 0 AND least(o.paid, o.credited, o.discounted, o.assigned, o.other, o.lost, o.open) >= 0) p ON true
    ORDER BY o.month
$$;
COMMENT ON FUNCTION sales_to_cash(date, timestamptz) IS
'From sale to cash (transformation du chiffre d''affaires en encaissements) on a day, as known at an instant: the invoices, down payments and debit notes of each month of issue, with tax, and what became of them: paid (cash, also what was recovered of losses), credited by credit notes, discounted for early payment, assigned without recourse, other adjustments, lost (written off, less recovered), open. Base currency at the rate of the invoice; the seven add up to invoiced, and their percents to 100.00 exactly. paid_30 to paid_120: cash received within so many days of issue, cumulative.';
