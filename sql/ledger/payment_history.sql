-- The payment history of one customer: month by month, and late invoice by
-- late invoice over years.

CREATE FUNCTION require_payer(customer_id bigint) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM credit_account a WHERE a.customer_id = require_payer.customer_id) THEN
        RAISE EXCEPTION 'customer % has no credit account', coalesce(require_payer.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code; a site is judged by its payer.';
    END IF;
END $$;
COMMENT ON FUNCTION require_payer(bigint) IS 'Makes sure that there is such a payer: CR004 where there is none; returns nothing.';

CREATE FUNCTION payment_history(customer_id bigint, from_day date, to_day date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (month date, payments bigint, paid_amount numeric, late_payments bigint, average_days_late numeric, weighted_days_late numeric,
               days_beyond_terms numeric, on_time_pct numeric, change_days numeric, settled_invoices bigint, partial_payments bigint,
               broken_promises bigint, returned_payments bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    on_time_days CONSTANT integer := (SELECT s.on_time_days FROM behaviour_setting s);
    known CONSTANT timestamptz := payment_history.known_at;
BEGIN
    PERFORM require_payer(payment_history.customer_id);
    IF NOT coalesce(isfinite(from_day) AND isfinite(to_day) AND from_day <= to_day, false) OR known IS NULL THEN
        RAISE EXCEPTION 'there is no history from % to %', coalesce(from_day::text, 'no day'), coalesce(to_day::text, 'no day')
            USING ERRCODE = '22023', HINT = 'Give a first day, a last day that is not before it, and an instant.';
    END IF;
    RETURN QUERY
    WITH period AS (
        SELECT m::date AS month FROM generate_series(date_trunc('month', from_day::timestamp), to_day, '1 month') m
    ), settlement AS MATERIALIZED (
        SELECT s.* FROM settlement_as_of(ARRAY[payment_history.customer_id], from_day, to_day, known) s
    ), owed AS MATERIALIZED (
        SELECT o.* FROM owed_as_of(ARRAY[payment_history.customer_id], to_day, known) o WHERE o.open_amount > 0
    ), item AS (
        SELECT s.invoice_id, s.instalment_no, max(s.settled_on) AS last_on, bool_or(s.payment_id IS NOT NULL) AS paid, bool_or(o.invoice_id IS NOT NULL) AS still_open
        FROM settlement s LEFT JOIN owed o ON (o.invoice_id, o.instalment_no) = (s.invoice_id, s.instalment_no)
        GROUP BY s.invoice_id, s.instalment_no
    ), paid AS (
        SELECT date_trunc('month', s.settled_on)::date AS month, s.amount_base, s.due_on, s.due_on + s.counted_days AS paid_on, s.counted_days > 0 AS late,
               s.due_on + s.counted_days <= business_day(s.due_on) + on_time_days AS on_time
        FROM settlement s WHERE s.payment_id IS NOT NULL
    ), timed AS (
        SELECT p.month, count(*) AS payments, sum(p.amount_base) AS amount, count(*) FILTER (WHERE p.late) AS late,
               credit_risk.avg_days_beyond_terms_unweighted(p.due_on, p.paid_on, true) AS average,
               credit_risk.avg_days_beyond_terms(p.amount_base, p.due_on, p.paid_on, true) AS weighted,
               credit_risk.avg_days_beyond_terms(p.amount_base, p.due_on, p.paid_on) AS signed,
               100 * sum(p.amount_base) FILTER (WHERE p.on_time) / nullif(sum(p.amount_base), 0) AS on_time_pct
        FROM paid p GROUP BY GROUPING SETS ((p.month), ())
    ), settled AS (
        SELECT date_trunc('month', i.last_on)::date AS month, count(*) AS invoices
        FROM (SELECT m.invoice_id, max(m.last_on) AS last_on FROM item m GROUP BY m.invoice_id
              HAVING bool_or(m.paid) AND NOT EXISTS (SELECT FROM owed o WHERE o.invoice_id = m.invoice_id)) i
        GROUP BY GROUPING SETS ((date_trunc('month', i.last_on)::date), ())
    ), partial AS (
        SELECT date_trunc('month', p.settled_on)::date AS month, count(*) AS payments
        FROM (SELECT DISTINCT s.invoice_id, s.instalment_no, s.settled_on
              FROM settlement s JOIN item i USING (invoice_id, instalment_no)
              WHERE s.payment_id IS NOT NULL AND (i.still_open OR s.settled_on < i.last_on)) p
        GROUP BY GROUPING SETS ((date_trunc('month', p.settled_on)::date), ())
    ), word AS (
        SELECT date_trunc('month', p.closed_on)::date AS month, count(*) AS broken
        FROM promise p
        WHERE p.customer_id = payment_history.customer_id AND p.outcome IN ('broken', 'partly_kept') AND p.closed_on BETWEEN from_day AND to_day AND p.closed_at <= known
        GROUP BY GROUPING SETS ((date_trunc('month', p.closed_on)::date), ())
    ), returned AS (
        SELECT date_trunc('month', e.occurred_on)::date AS month, count(*) AS payments
        FROM default_event e
        WHERE e.customer_id = payment_history.customer_id AND e.kind = 'returned_payment' AND e.reversal_of IS NULL
          AND e.occurred_on BETWEEN from_day AND to_day AND e.recorded_at <= known
          AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id
                                                        AND r.occurred_on <= to_day AND r.recorded_at <= known)
        GROUP BY GROUPING SETS ((date_trunc('month', e.occurred_on)::date), ())
    )
    SELECT m.month, coalesce(t.payments, 0), coalesce(t.amount, 0), coalesce(t.late, 0), round(t.average, 2), round(t.weighted, 2), round(t.signed, 2),
           round(CASE WHEN t.payments > 0 THEN coalesce(t.on_time_pct, 0) END, 2),
           -- the last month with a payment: sums over months without one stand still
           CASE WHEN m.month IS NOT NULL AND t.payments > 0
                THEN round(t.signed - (SELECT b.signed FROM timed b WHERE b.month < m.month ORDER BY b.month DESC LIMIT 1), 2) END,
           coalesce(s.invoices, 0), coalesce(p.payments, 0), coalesce(w.broken, 0), coalesce(r.payments, 0)
    FROM (SELECT k.month FROM period k UNION ALL SELECT NULL) m
    LEFT JOIN timed t ON t.month IS NOT DISTINCT FROM m.month LEFT JOIN settled s ON s.month IS NOT DISTINCT FROM m.month
    LEFT JOIN partial p ON p.month IS NOT DISTINCT FROM m.month LEFT JOIN word w ON w.month IS NOT DISTINCT FROM m.month
    LEFT JOIN returned r ON r.month IS NOT DISTINCT FROM m.month
    ORDER BY m.month NULLS LAST;
END $$;
COMMENT ON FUNCTION payment_history(bigint, date, date, timestamptz) IS
'How a payer paid from a day to another (historique de paiement), as it stood on the last day and as known at an instant (default: all that is known now): one row a month, and last, with month NULL, the whole period. Payments are allocations of payments to invoices, paid_amount in base currency. average_days_late (ADD, retard moyen simple) and weighted_days_late (WADL, retard moyen pondéré) count early payment as 0 days, days_beyond_terms by its sign; days are counted days (settlement_as_of), late those above 0. on_time_pct: share of the amount paid by the first business day on or after the due date and behaviour_setting.on_time_days. change_days: days_beyond_terms less that of the last month before with payments. Then invoices settled with a payment, payments that left a part open, promises broken or partly kept, payments returned for want of funds. Days and shares are NULL without payments; rounded to 2 decimals. CR004 for no such payer, 22023 for days out of order.';

-- ---- over years: every late invoice ---------------------------------------------

CREATE FUNCTION item_delay(customer_id bigint, since date, as_of date)
RETURNS TABLE (invoice_id bigint, invoice_no text, instalment_no integer, kind text, currency text, issued_on date, due_on date, amount numeric,
               amount_base numeric, settled_on date, days_late integer, open_amount numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
BEGIN
    RETURN QUERY
    WITH item AS (
        SELECT f.invoice_id, f.instalment_no, min(f.due_on) FILTER (WHERE f.kind <> 'allocation') AS due_on,
               sum(f.amount) FILTER (WHERE f.kind <> 'allocation') AS amount, sum(f.amount_base) FILTER (WHERE f.kind <> 'allocation') AS amount_base,
               sum(f.amount) AS open_amount, max(f.effective_on) FILTER (WHERE f.kind = 'allocation') AS last_on
        FROM receivable_fact f
        WHERE f.customer_id = item_delay.customer_id AND f.effective_on <= item_delay.as_of
        GROUP BY f.invoice_id, f.instalment_no
        HAVING sum(f.amount) FILTER (WHERE f.kind <> 'allocation') > 0      -- neither taken back nor a credit note
    )
    SELECT i.invoice_id, i.invoice_no, t.instalment_no, i.kind, i.currency, i.issued_on, u.due_on, t.amount, t.amount_base,
           CASE WHEN t.open_amount = 0 THEN t.last_on END, CASE WHEN t.open_amount = 0 THEN t.last_on ELSE item_delay.as_of END - u.due_on, t.open_amount
    FROM item t JOIN invoice i ON i.customer_id = item_delay.customer_id AND i.invoice_id = t.invoice_id
    LEFT JOIN corrected_due_date x ON (x.customer_id, x.invoice_id, x.instalment_no) = (i.customer_id, t.invoice_id, t.instalment_no)
    CROSS JOIN LATERAL (SELECT coalesce(x.due_on, t.due_on) AS due_on) u
    WHERE u.due_on >= item_delay.since;
END $$;
COMMENT ON FUNCTION item_delay(bigint, date, date) IS
'The items of a payer (invoice instalments, no credit notes, nothing taken back) that are due from a day on, as they stood on another: when settled (the last allocation; NULL = open) and days_late, negative = early or not yet due, by the right due date. Amounts in document and base currency.';

CREATE FUNCTION payment_delay_history(customer_id bigint, years integer DEFAULT 3)
RETURNS TABLE (invoice_id bigint, invoice_no text, instalment_no integer, issued_on date, due_on date, settled_on date, days_late integer,
               dispute_days integer, amount numeric, open_amount numeric, currency text, amount_base numeric, cause text, note text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today CONSTANT date := business_date();
BEGIN
    PERFORM require_payer(payment_delay_history.customer_id);
    IF NOT coalesce(years BETWEEN 1 AND 100, false) THEN
        RAISE EXCEPTION 'argument "years" must be from 1 to 100' USING ERRCODE = '22023';
    END IF;
    RETURN QUERY
    SELECT d.invoice_id, d.invoice_no, d.instalment_no, d.issued_on, d.due_on, d.settled_on, d.days_late, coalesce(f.days, 0),
           d.amount, d.open_amount, d.currency, d.amount_base, c.cause, c.note
    FROM item_delay(payment_delay_history.customer_id, (today - make_interval(years => payment_delay_history.years))::date + 1, today) d
    LEFT JOIN LATERAL (SELECT l.cause, l.note FROM lateness_cause l
                       WHERE l.customer_id = payment_delay_history.customer_id AND l.invoice_id = d.invoice_id AND l.instalment_no = d.instalment_no
                       ORDER BY l.lateness_cause_id DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (
        SELECT sum(upper(r) - lower(r))::integer AS days
        FROM (SELECT range_agg(daterange(greatest(q.opened_on, d.due_on), least(q.closed_on, d.due_on + d.days_late))) AS open
              FROM dispute q JOIN dispute_root_cause k USING (root_cause)
              WHERE q.customer_id = payment_delay_history.customer_id AND q.invoice_id = d.invoice_id AND q.instalment_no = d.instalment_no
                AND q.outcome IN ('accepted', 'partly_accepted') AND k.our_fault
                AND greatest(q.opened_on, d.due_on) < least(q.closed_on, d.due_on + d.days_late)) m
        CROSS JOIN LATERAL unnest(m.open) r) f ON true
    WHERE d.days_late > 0
    ORDER BY d.due_on, d.invoice_id, d.instalment_no;
END $$;
COMMENT ON FUNCTION payment_delay_history(bigint, integer) IS
'Every item of a payer that was due in the last so many years and was settled late, or is open and overdue on the business date (retards de paiement des années précédentes): settled_on NULL = still open, days_late until then, dispute_days of them in an accepted dispute over a fault of ours, amounts in document currency and amount_base, and the cause last recorded by record_cause() (NULL = none). Settled late by a credit note or a write-off counts too. CR004 for no such payer, 22023 for years out of range.';

CREATE FUNCTION payment_delay_by_year(customer_id bigint, years integer DEFAULT 3)
RETURNS TABLE (year integer, items bigint, amount_base numeric, late bigint, late_pct numeric, late_amount_base numeric, late_amount_pct numeric,
               average_days numeric, weighted_days numeric, change_days numeric, longest_days integer, still_open bigint, causes jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today CONSTANT date := business_date();
BEGIN
    PERFORM require_payer(payment_delay_by_year.customer_id);
    IF NOT coalesce(years BETWEEN 1 AND 100, false) THEN
        RAISE EXCEPTION 'argument "years" must be from 1 to 100' USING ERRCODE = '22023';
    END IF;
    RETURN QUERY
    WITH item AS (
        SELECT extract(year FROM d.due_on)::integer AS year, d.*, greatest(d.days_late, 0) AS days
        FROM item_delay(payment_delay_by_year.customer_id, (today - make_interval(years => payment_delay_by_year.years))::date + 1, today) d
        WHERE d.due_on < today OR d.settled_on IS NOT NULL      -- what is neither due nor paid says nothing yet
    ), caused AS (
        SELECT k.year, jsonb_object_agg(k.cause, k.items) AS causes
        FROM (SELECT i.year, coalesce(c.cause, 'not recorded') AS cause, count(*) AS items
              FROM item i
              LEFT JOIN LATERAL (SELECT l.cause FROM lateness_cause l
                                 WHERE l.customer_id = payment_delay_by_year.customer_id AND l.invoice_id = i.invoice_id AND l.instalment_no = i.instalment_no
                                 ORDER BY l.lateness_cause_id DESC LIMIT 1) c ON true
              WHERE i.days > 0 GROUP BY 1, 2) k
        GROUP BY k.year
    ), yearly AS (
        SELECT i.year, count(*) AS items, sum(i.amount_base) AS amount_base, count(*) FILTER (WHERE i.days > 0) AS late,
               coalesce(sum(i.amount_base) FILTER (WHERE i.days > 0), 0) AS late_base, avg(i.days) AS average,
               sum(i.amount_base * i.days) / nullif(sum(i.amount_base), 0) AS weighted, max(i.days) AS longest,
               count(*) FILTER (WHERE i.days > 0 AND i.settled_on IS NULL) AS still_open
        FROM item i GROUP BY i.year
    )
    SELECT y.year, y.items, y.amount_base, y.late, round(100.0 * y.late / y.items, 2), y.late_base, round(100 * y.late_base / nullif(y.amount_base, 0), 2),
           round(y.average, 2), round(y.weighted, 2), round(y.weighted - lag(y.weighted) OVER (ORDER BY y.year), 2), y.longest, y.still_open, c.causes
    FROM yearly y LEFT JOIN caused c USING (year)
    ORDER BY y.year;
END $$;
COMMENT ON FUNCTION payment_delay_by_year(bigint, integer) IS
'The trend of the delays of a payer, one row a year of the due date, the last so many years up to the business date: items that were due or paid, of them late (settled late, or open and overdue) in number, base amount and percent; average and amount-weighted days late of all, early payment counting as 0; change_days on the year before; longest; late ones still open; how many by cause. The late ones are those of payment_delay_history(). CR004 for no such payer, 22023 for years out of range.';
