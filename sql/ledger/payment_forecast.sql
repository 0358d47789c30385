-- Will an invoice be settled at its due date? From how the customer's earlier
-- ones were, as of any day; and whether such forecasts came true.

-- Of each item three running sums by day: what is open, what was settled by
-- money or a loss, and whether it was open after its due date.
CREATE FUNCTION payment_outcome_change(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, invoice_id bigint, instalment_no integer, changed_on date, decided integer, late integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    RETURN QUERY
    WITH fact AS (
        SELECT f.customer_id, f.invoice_id, f.instalment_no, f.due_on, f.effective_on, f.amount, 0::numeric AS paid, true AS document
        FROM receivable_fact f
        WHERE (customer_ids IS NULL OR f.customer_id = ANY (customer_ids)) AND f.kind IN ('invoice', 'down_payment', 'debit_note')
          AND f.effective_on <= as_of AND f.recorded_at <= known_at
      UNION ALL         -- only money pays, and a loss says that none came
        SELECT a.customer_id, a.invoice_id, a.instalment_no, a.invoice_due_on, a.effective_on, -a.amount * g.sign,
               CASE WHEN a.payment_id IS NOT NULL OR a.adjustment = 'write_off' THEN a.amount * g.sign ELSE 0 END, false
        FROM allocation a JOIN invoice i USING (customer_id, invoice_id)
        CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) g
        WHERE (customer_ids IS NULL OR a.customer_id = ANY (customer_ids)) AND i.kind IN ('invoice', 'down_payment', 'debit_note')
          AND a.effective_on <= as_of AND a.recorded_at <= known_at
    ), dated AS (       -- something shows at the end of the due date also where nothing happens
        SELECT f.customer_id, f.invoice_id, f.instalment_no, f.effective_on AS day, f.amount, f.paid, coalesce(x.due_on, f.due_on) AS due_on
        FROM fact f LEFT JOIN corrected_due_as_of(known_at) x USING (customer_id, invoice_id, instalment_no)
      UNION ALL
        SELECT f.customer_id, f.invoice_id, f.instalment_no, u.due_on, 0::numeric, 0::numeric, u.due_on
        FROM fact f LEFT JOIN corrected_due_as_of(known_at) x USING (customer_id, invoice_id, instalment_no)
        CROSS JOIN LATERAL (SELECT coalesce(x.due_on, f.due_on) AS due_on) u
        WHERE f.document AND u.due_on < as_of
    ), balance AS (
        SELECT d.customer_id, d.invoice_id, d.instalment_no, d.day, d.due_on, sum(sum(d.amount)) OVER w AS open, sum(sum(d.paid)) OVER w AS paid
        FROM dated d GROUP BY d.customer_id, d.invoice_id, d.instalment_no, d.day, d.due_on
        WINDOW w AS (PARTITION BY d.customer_id, d.invoice_id, d.instalment_no ORDER BY d.day)
    ), seen AS (
        SELECT b.*, bool_or(b.day >= b.due_on AND b.due_on < as_of AND b.open <> 0) OVER (PARTITION BY b.customer_id, b.invoice_id, b.instalment_no ORDER BY b.day) AS late
        FROM balance b
    ), outcome AS (     -- credited or assigned as a whole: it tells nothing
        SELECT s.customer_id, s.invoice_id, s.instalment_no, s.day, s.due_on,
               (NOT o.void AND (s.late OR s.open = 0))::integer AS decided, (NOT o.void AND s.late)::integer AS late
        FROM seen s CROSS JOIN LATERAL (SELECT s.open = 0 AND s.paid = 0 AS void) o
    ), change AS (
        SELECT o.customer_id, o.invoice_id, o.instalment_no, o.day + (o.day = o.due_on AND o.late = 1)::integer AS day,
               o.decided - lag(o.decided, 1, 0) OVER w AS decided, o.late - lag(o.late, 1, 0) OVER w AS late
        FROM outcome o WINDOW w AS (PARTITION BY o.customer_id, o.invoice_id, o.instalment_no ORDER BY o.day)
    )
    SELECT c.customer_id, c.invoice_id, c.instalment_no, c.day, c.decided, c.late
    FROM change c WHERE c.decided <> 0 OR c.late <> 0;
END $$;
COMMENT ON FUNCTION payment_outcome_change(bigint[], date, timestamptz) IS
'When it showed whether the items of these payers (NULL = all) were settled at their due date: invoices, down payments and debit notes, instalment by instalment, by facts with a business date up to as_of and recorded up to known_at. decided and late are changes, so that their sums up to a day are the items decided by then and the late ones among them. On time: settled in full up to the due date (the right one, where it was corrected). Late: something was open at the end of the due date, or was again later; known from the day after, and it stays late. Credited or assigned without any payment: not counted. A loss counts as late.';

CREATE FUNCTION late_probability(as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, invoice_id bigint, instalment_no integer, due_on date, open_amount numeric, open_amount_base numeric,
               decided_items bigint, late_items bigint, portfolio_rate double precision, probability double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20000 SET search_path FROM CURRENT SET jit = off
AS $$
    WITH history AS MATERIALIZED (
        SELECT c.customer_id, sum(c.decided) AS decided, sum(c.late) AS late
        FROM payment_outcome_change(NULL, as_of, known_at) c GROUP BY c.customer_id
    ), portfolio AS (
        SELECT sum(h.late)::double precision / nullif(sum(h.decided), 0) AS rate FROM history h
    )
    SELECT b.customer_id, b.invoice_id, b.instalment_no, b.due_on, b.open_amount, b.open_amount_base, n.decided, n.late, p.rate,
           CASE WHEN b.due_on < as_of THEN 1 ELSE (n.late + 2 * p.rate) / (n.decided + 2) END
    FROM balance_as_of(as_of, known_at) b CROSS JOIN portfolio p LEFT JOIN history h USING (customer_id)
    CROSS JOIN LATERAL (SELECT coalesce(h.decided, 0) AS decided, coalesce(h.late, 0) AS late) n
    WHERE b.open_amount > 0
$$;
COMMENT ON FUNCTION late_probability(date, timestamptz) IS
'The probability that each open item is not settled at its due date (probabilité de retard de paiement), on a day, as known at an instant: (late + 2 p) / (items + 2), late and items of the customer''s own decided by then (payment_outcome_change()), p the late share of all customers''. 1 for what is past due. A fraction; NULL while nothing was decided yet anywhere. Credit notes have no row. open_amount_base times probability is the cash that will not come on time.';

CREATE FUNCTION p_late(invoice_id bigint, as_of date DEFAULT NULL, known_at timestamptz DEFAULT 'infinity') RETURNS double precision
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    day CONSTANT date := coalesce(p_late.as_of, business_date());
    mine invoice;
    own_decided bigint;
    own_late bigint;
    all_decided bigint;
    all_late bigint;
    its_decided bigint;
    its_late bigint;
BEGIN
    SELECT i.* INTO mine FROM invoice i WHERE i.invoice_id = p_late.invoice_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no invoice %', coalesce(p_late.invoice_id::text, 'NULL') USING ERRCODE = 'CR007';
    ELSIF mine.kind = 'credit_note' OR mine.reversal_of IS NOT NULL
          OR EXISTS (SELECT FROM invoice r WHERE r.customer_id = mine.customer_id AND r.reversal_of = mine.invoice_id
                                             AND r.issued_on <= day AND r.recorded_at <= p_late.known_at) THEN
        RETURN NULL;        -- nobody owes it
    END IF;
    SELECT sum(c.decided), sum(c.late), sum(c.decided) FILTER (WHERE c.invoice_id = mine.invoice_id), sum(c.late) FILTER (WHERE c.invoice_id = mine.invoice_id)
    INTO own_decided, own_late, its_decided, its_late
    FROM payment_outcome_change(ARRAY[mine.customer_id], day, p_late.known_at) c;
    IF its_late > 0 OR EXISTS (SELECT FROM receivable_fact f LEFT JOIN corrected_due_as_of(p_late.known_at) x USING (customer_id, invoice_id, instalment_no)
                               WHERE f.customer_id = mine.customer_id AND f.invoice_id = mine.invoice_id AND f.effective_on <= day AND f.recorded_at <= p_late.known_at
                               GROUP BY f.instalment_no, coalesce(x.due_on, f.due_on) HAVING coalesce(x.due_on, f.due_on) < day AND sum(f.amount) <> 0) THEN
        RETURN 1;
    ELSIF its_decided = coalesce(cardinality(mine.instalment_due_on), 1) THEN
        RETURN 0;
    END IF;
    -- Only what is still open needs to know how others pay.
    SELECT sum(c.decided), sum(c.late) INTO all_decided, all_late FROM payment_outcome_change(NULL, day, p_late.known_at) c;
    RETURN (coalesce(own_late, 0) + 2 * (all_late::double precision / nullif(all_decided, 0))) / (coalesce(own_decided, 0) + 2);
END $$;
COMMENT ON FUNCTION p_late(bigint, date, timestamptz) IS
'The probability that an invoice is not settled at its due date (probabilité de ne pas obtenir le règlement à échéance), a fraction, on a day (default: business date) as known at an instant: that of late_probability(). 1 once an instalment of it is past due or was paid late, 0 when all were settled in time; before the day of issue that of an invoice of this customer. NULL for a credit note or what was taken back, and while nothing was decided yet anywhere. Of an invoice that is not decided yet it reads the history of all customers, of the others that of its customer: for many invoices ask late_probability(). CR007 for no such invoice.';

CREATE FUNCTION late_backtest(from_day date, to_day date)
RETURNS TABLE (customer_id bigint, invoice_id bigint, instalment_no integer, issued_on date, due_on date, decided_items bigint, late_items bigint,
               probability double precision, late boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20000 SET search_path FROM CURRENT SET jit = off
AS $$
    WITH change AS MATERIALIZED (
        SELECT c.* FROM payment_outcome_change(NULL, (SELECT business_date())) c
    ), final AS (
        SELECT c.customer_id, c.invoice_id, c.instalment_no, sum(c.late) AS late
        FROM change c GROUP BY c.customer_id, c.invoice_id, c.instalment_no HAVING sum(c.decided) > 0
    ), tested AS (
        SELECT f.customer_id, f.invoice_id, f.instalment_no, i.issued_on,
               coalesce(x.due_on, i.instalment_due_on[f.instalment_no], i.due_on) AS due_on, f.late > 0 AS late
        FROM final f JOIN invoice i USING (customer_id, invoice_id) LEFT JOIN corrected_due_date x USING (customer_id, invoice_id, instalment_no)
        WHERE i.issued_on BETWEEN from_day AND to_day
    ), stream AS (      -- questions stand before the changes of their day: asked on its eve
        SELECT t.customer_id, t.issued_on AS day, t.invoice_id, t.instalment_no, t.due_on, t.late AS outcome, 0 AS decided, 0 AS late FROM tested t
      UNION ALL
        SELECT c.customer_id, c.changed_on, NULL, NULL, NULL, NULL, c.decided, c.late FROM change c
    ), known AS (
        SELECT s.*, coalesce(sum(s.decided) OVER own, 0) AS own_decided, coalesce(sum(s.late) OVER own, 0) AS own_late,
               sum(s.decided) OVER everybody AS all_decided, sum(s.late) OVER everybody AS all_late
        FROM stream s
        WINDOW own AS (PARTITION BY s.customer_id ORDER BY s.day RANGE BETWEEN UNBOUNDED PRECEDING AND '1 day' PRECEDING),
               everybody AS (ORDER BY s.day RANGE BETWEEN UNBOUNDED PRECEDING AND '1 day' PRECEDING)
    )
    SELECT k.customer_id, k.invoice_id, k.instalment_no, k.day, k.due_on, k.own_decided, k.own_late,
           (k.own_late + 2 * (k.all_late::double precision / nullif(k.all_decided, 0))) / (k.own_decided + 2), k.outcome
    FROM known k WHERE k.outcome IS NOT NULL
$$;
COMMENT ON FUNCTION late_backtest(date, date) IS
'What p_late() said of the items issued in a period, each on the eve of its issue, and whether they were late in the end; items whose outcome is not known at the business date are left out. Each forecast rests on facts with a business date before the issue alone; when they were recorded is not looked at, so that a history loaded at once can be tested: ask late_probability(as_of, known_at) for what was known at an instant. probability is NULL while nothing was decided anywhere.';

CREATE FUNCTION late_accuracy(from_day date, to_day date)
RETURNS TABLE (items bigint, late_items bigint, late_rate double precision, mean_predicted double precision, auc double precision, ks_statistic double precision,
               brier_score double precision, brier_of_rate double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT count(*), count(*) FILTER (WHERE b.late), avg(b.late::integer)::double precision, avg(b.probability),
           credit_risk.auc(b.late, b.probability), credit_risk.ks_statistic(b.late, b.probability), credit_risk.brier_score(b.late, b.probability),
           (avg(b.late::integer) * (1 - avg(b.late::integer)))::double precision
    FROM late_backtest(from_day, to_day) b WHERE b.probability IS NOT NULL
$$;
COMMENT ON FUNCTION late_accuracy(date, date) IS
'How good the forecasts of late_backtest() were: items, those that were late and their share, the mean forecast, AUC, Kolmogorov-Smirnov and Brier score (score de Brier), beside brier_of_rate, that of always saying the share: a forecast worth asking is below it. Figures are NULL without items, AUC and KS also where all had one outcome.';

CREATE FUNCTION late_calibration(from_day date, to_day date, bins integer DEFAULT 10)
RETURNS TABLE (bin integer, items bigint, mean_predicted double precision, observed_rate double precision, late_items bigint, lowest double precision, highest double precision)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT c.bin, c.n, c.mean_predicted, c.observed_rate, c.bad, c.lowest, c.highest
    FROM unnest((SELECT credit_risk.calibration(b.late, b.probability, bins) FROM late_backtest(from_day, to_day) b)) c
    ORDER BY c.bin
$$;
COMMENT ON FUNCTION late_calibration(date, date, integer) IS
'Calibration table (table de calibrage) of late_backtest(): bins of equally many items by rising forecast, with the mean forecast and the share that was late; where the two agree, the probabilities are true. No row without items. 22023 where bins is not positive.';
