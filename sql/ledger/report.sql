-- DSO by month.

CREATE FUNCTION dso_as_of(as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (month date, days integer, sales numeric, collected numeric, receivables numeric, overdue numeric,
               dso numeric, best_possible_dso numeric, average_days_delinquent numeric,
               dso_period numeric, best_possible_dso_period numeric, average_days_delinquent_period numeric, cei_pct numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
WITH fact AS (      -- the stream by month of effect and due date: small, whatever the ledger
    SELECT date_trunc('month', f.effective_on)::date AS month, coalesce(x.due_on, f.due_on) AS due_on,
           sum(f.amount_base) AS amount,
           sum(f.amount_base) FILTER (WHERE f.kind NOT IN ('allocation', 'opening_balance', 'late_charge')) AS sales
    FROM receivable_fact f LEFT JOIN corrected_due_as_of(known_at) x USING (customer_id, invoice_id, instalment_no)
    WHERE f.effective_on <= as_of AND f.recorded_at <= known_at GROUP BY 1, 2
), month AS (       -- whole months only, from the first fact on
    SELECT m::date AS month, (m + interval '1 month - 1 day')::date AS last_day,
           extract(day FROM m + interval '1 month - 1 day')::integer AS days
    FROM generate_series((SELECT min(month) FROM fact)::timestamp,
                         date_trunc('month', as_of::timestamp + interval '1 day') - interval '1 month',
                         interval '1 month') m
), collected AS (
    SELECT date_trunc('month', a.effective_on)::date AS month,
           sum(CASE WHEN a.reversal_of IS NULL THEN a.amount_base ELSE -a.amount_base END) AS collected
    FROM allocation a
    WHERE a.payment_id IS NOT NULL AND a.invoice_id IS NOT NULL AND a.effective_on <= as_of AND a.recorded_at <= known_at GROUP BY 1
), balance AS (
    SELECT m.month, m.days,
           coalesce(sum(f.sales) FILTER (WHERE f.month = m.month), 0) AS sales,
           coalesce(sum(f.amount), 0) AS receivables,
           coalesce(sum(f.amount) FILTER (WHERE f.due_on < m.last_day), 0) AS overdue
    FROM month m LEFT JOIN fact f ON f.month <= m.month
    GROUP BY m.month, m.days
), history AS (
    SELECT b.*, coalesce(c.collected, 0) AS collected,
           lag(b.receivables, 1, 0) OVER w AS beginning,
           array_agg(b.sales) OVER latest AS sales_back, array_agg(b.days) OVER latest AS days_back
    FROM balance b LEFT JOIN collected c USING (month)
    WINDOW w AS (ORDER BY b.month), latest AS (ORDER BY b.month DESC ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
)
SELECT h.month, h.days, h.sales, h.collected, h.receivables, h.overdue,
       b.dso, b.best_possible_dso, b.dso - b.best_possible_dso AS average_days_delinquent,
       credit_risk.dso(h.receivables, h.sales, h.days) AS dso_period,
       credit_risk.best_possible_dso(h.receivables - h.overdue, h.sales, h.days) AS best_possible_dso_period,
       credit_risk.average_days_delinquent(h.receivables, h.receivables - h.overdue, h.sales, h.days) AS average_days_delinquent_period,
       credit_risk.collection_effectiveness_index(h.beginning, h.sales, h.receivables, h.receivables - h.overdue) AS cei_pct
FROM history h
CROSS JOIN LATERAL (SELECT credit_risk.dso_countback(h.receivables, h.sales_back, h.days_back) AS dso,
                           credit_risk.dso_countback(h.receivables - h.overdue, h.sales_back, h.days_back) AS best_possible_dso) b
$$;
COMMENT ON FUNCTION dso_as_of(date, timestamptz) IS
'Rows of the view dso_by_month for the whole months up to a day, as known at an instant (default: all). Base currency.';

CREATE VIEW dso_by_month AS
SELECT * FROM dso_as_of((SELECT business_date()));
COMMENT ON VIEW dso_by_month IS
'DSO and its relatives (délai de règlement) by whole month, base currency, from all recorded facts: sales (invoices, down payments, debit notes less credit notes; opening balances and late charges are no sales), collected (payments allocated), receivables and overdue at month end; dso, best_possible_dso and average_days_delinquent by count-back in days (NULL where the history is too short), the same for the month alone with _period, collection effectiveness in percent.';
