-- Exposure against limits, today and as of a past day.

CREATE FUNCTION beyond_horizon(customer_id bigint, horizon date) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN (SELECT coalesce(sum(o.open_amount_base), 0) FROM sales_order o
            WHERE o.customer_id = beyond_horizon.customer_id AND o.deliver_on > horizon);
END $$;
COMMENT ON FUNCTION beyond_horizon(bigint, date) IS
'Open orders of a payer that are delivered later than a day, base currency: with the credit horizon (business date and ledger.credit_horizon_days) those that do not count against its limit yet.';

-- Securities and cover are looked at only of customers that have some.
CREATE FUNCTION secured_customers() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT ARRAY(SELECT g.customer_id FROM guarantee g
                 UNION SELECT i.customer_id FROM insurance_cover i
                 UNION SELECT a.customer_id FROM credit_account a WHERE EXISTS (SELECT FROM insurance_terms t WHERE t.unnamed_for_all))
$$;
COMMENT ON FUNCTION secured_customers() IS
'Customers that have or had a guarantee or cover; where an insurer covers everybody unnamed, all payers.';

CREATE FUNCTION secured_exposure() RETURNS TABLE (customer_id bigint, insured numeric, guaranteed numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT s.customer_id, s.insured, s.guaranteed FROM exposure_split(secured_customers()) s $$;
COMMENT ON FUNCTION secured_exposure() IS
'What of the exposure now an insurer and guarantors would bear, base currency, of customers that have or had either: exposure_split() of these alone.';

CREATE VIEW exposure AS
SELECT a.customer_id, c.code, c.name, c.risk_class, a.receivable, a.unbilled, a.open_orders, a.unapplied, a.exposure,
       j.credit_limit,
       -- groups and the horizon are looked at only where they are
       least(j.available, CASE WHEN (SELECT EXISTS (SELECT FROM credit_limit g WHERE g.level = 'group'))
                                    AND (a.group_path IS NOT NULL OR a.group_limit IS NOT NULL OR NOT f.copied)
                               THEN group_available(coalesce(a.group_path, ARRAY[a.customer_id]), (SELECT business_date())) END) AS available,
       CASE WHEN j.credit_limit > 0 THEN round(100 * a.exposure / j.credit_limit, 2) END AS utilization_pct, a.unmatured,
       coalesce(s.insured, 0) AS insured, coalesce(s.guaranteed, 0) AS guaranteed,
       greatest(a.exposure, 0) - coalesce(s.insured, 0) - coalesce(s.guaranteed, 0) AS own_risk
FROM credit_account a JOIN customer c USING (customer_id) CROSS JOIN ledger l
-- grouped, so that a query that does not ask for these columns does not pay for them
LEFT JOIN (SELECT x.customer_id, sum(x.insured) AS insured, sum(x.guaranteed) AS guaranteed FROM secured_exposure() x GROUP BY x.customer_id) s USING (customer_id)
-- the copy on the account, or the limit read again where the copy has run out
CROSS JOIN LATERAL (SELECT a.credit_limit, a.unlimited, true AS copied
                    WHERE (SELECT business_date()) BETWEEN coalesce(a.limit_since, '-infinity') AND coalesce(a.limit_until, 'infinity')
                    UNION ALL
                    SELECT i.credit_limit, i.unlimited, false FROM limit_in_force(a.customer_id, (SELECT business_date())) i
                    WHERE NOT (SELECT business_date()) BETWEEN coalesce(a.limit_since, '-infinity') AND coalesce(a.limit_until, 'infinity')) f
CROSS JOIN LATERAL credit_risk.judge_order(0, CASE WHEN l.credit_horizon_days IS NULL THEN a.exposure
                                                   ELSE a.exposure - beyond_horizon(a.customer_id, (SELECT business_date()) + l.credit_horizon_days) END,
                                           f.credit_limit, f.unlimited, f.unlimited OR f.credit_limit IS NOT NULL, false,
                                           l.mode, l.on_exceed, l.no_limit, l.default_limit) j;
COMMENT ON VIEW exposure IS
'Exposure by component against the limit in force (encours et plafond), base currency. credit_limit NULL = unlimited, or no limit is asked for; without a decision the ledger''s default limit shows. available is the least of what its own limit and those of the groups above leave (disponible), orders beyond the credit horizon not counted; NULL = unlimited. utilization_pct, of its own limit, is NULL where the limit is NULL or 0. insured and guaranteed are what an insurer and guarantors would bear of the exposure, own_risk (risque propre) the rest, never below 0; these three read the open items of all secured customers, so ask exposure_split(ARRAY[customer_id]) for those of one.';

CREATE FUNCTION available_credit(customer_id bigint) RETURNS numeric
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT e.available FROM exposure e
    WHERE e.customer_id = (SELECT coalesce(c.payer_id, c.customer_id) FROM customer c WHERE c.customer_id = available_credit.customer_id)
      AND may_see(available_credit.customer_id)
$$;
COMMENT ON FUNCTION available_credit(bigint) IS
'Available credit (disponible) of a customer, which is that of its payer, in base currency: the least that its limit in force and those of the groups above leave, negative when exceeded; NULL = unlimited, or no such customer (or, where agencies are kept apart, none of the caller''s). The number of the view exposure. Runs as the owner so that a reader of the figure needs no right on the account.';

-- The signed stream of facts: what each adds to the receivable, with the date
-- that ages it. Sums are linear, so any past day is a filter on it.
CREATE VIEW receivable_fact AS
SELECT i.customer_id, coalesce(i.reversal_of, i.invoice_id) AS invoice_id, 1 AS instalment_no, i.kind,
       i.issued_on AS effective_on, i.recorded_at, i.due_on, i.amount * g.sign AS amount, i.amount_base * g.sign AS amount_base
FROM invoice i
CROSS JOIN LATERAL (SELECT CASE WHEN (i.kind = 'credit_note') = (i.reversal_of IS NULL) THEN -1 ELSE 1 END AS sign) g
WHERE i.instalment_due_on IS NULL
UNION ALL
SELECT i.customer_id, coalesce(i.reversal_of, i.invoice_id), s.instalment_no, i.kind,
       i.issued_on, i.recorded_at, s.due_on, s.amount * g.sign, s.amount_base * g.sign
FROM invoice i
CROSS JOIN LATERAL (SELECT CASE WHEN (i.kind = 'credit_note') = (i.reversal_of IS NULL) THEN -1 ELSE 1 END AS sign) g
CROSS JOIN LATERAL credit_risk.instalments(i.amount, i.amount_base, i.instalment_due_on, i.instalment_amount) s (instalment_no, due_on, amount, amount_base)
WHERE i.instalment_due_on IS NOT NULL
UNION ALL
SELECT a.customer_id, a.invoice_id, a.instalment_no, 'allocation', a.effective_on, a.recorded_at, a.invoice_due_on,
       a.amount * g.sign, a.amount_base * g.sign
FROM allocation a
CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN -1 ELSE 1 END AS sign) g
WHERE a.invoice_id IS NOT NULL
UNION ALL
SELECT a.customer_id, a.credit_invoice_id, a.credit_instalment_no, 'allocation', a.effective_on, a.recorded_at, a.credit_due_on,
       a.amount * g.sign, a.source_amount_base * g.sign
FROM allocation a
CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) g
WHERE a.credit_invoice_id IS NOT NULL;
COMMENT ON VIEW receivable_fact IS
'The signed stream of facts of the receivable, document and base currency: invoices, credit notes, allocations and their reversals, each with its business date, the instant it was recorded and the due date that ages it. Its sum is the receivable.';

CREATE VIEW unapplied_fact AS
SELECT p.customer_id, p.received_on AS effective_on, p.recorded_at,
       CASE WHEN p.reversal_of IS NULL THEN p.amount_base ELSE -p.amount_base END AS amount_base,
       coalesce(p.reversal_of, p.payment_id) AS payment_id,
       CASE WHEN p.reversal_of IS NULL THEN p.amount ELSE -p.amount END AS amount
FROM payment p
UNION ALL
SELECT a.customer_id, a.effective_on, a.recorded_at,
       CASE WHEN a.reversal_of IS NULL THEN -a.source_amount_base ELSE a.source_amount_base END,
       a.payment_id, CASE WHEN a.reversal_of IS NULL THEN -a.amount ELSE a.amount END
FROM allocation a WHERE a.payment_id IS NOT NULL;
COMMENT ON VIEW unapplied_fact IS
'The signed stream of facts of unapplied cash: payments less what was allocated of them, in base currency, and in that of the payment.';

CREATE VIEW unmatured_fact AS
SELECT p.customer_id, p.received_on AS effective_on, p.recorded_at,
       CASE WHEN p.reversal_of IS NULL THEN p.unmatured_base ELSE -p.unmatured_base END AS amount_base
FROM payment p WHERE p.unmatured_base <> 0
UNION ALL
SELECT f.customer_id, f.effective_on, f.recorded_at, -f.amount_base FROM payment_final f;
COMMENT ON VIEW unmatured_fact IS
'The signed stream of facts of payments that can still come back unpaid, base currency: received less those that became final or came back.';

-- Deliveries without an order wait for their invoice one by one.
CREATE FUNCTION unbilled_without_order(customer_id bigint, as_of date, known_at timestamptz) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT coalesce(sum(greatest(d.amount_base - coalesce(i.invoiced, 0), 0)), 0)
    FROM delivery d
    LEFT JOIN LATERAL (SELECT sum(CASE WHEN n.reversal_of IS NULL THEN n.amount_base ELSE -n.amount_base END) AS invoiced
                       FROM invoice n
                       WHERE n.customer_id = d.customer_id AND n.delivery_id = d.delivery_id
                         AND n.kind IN ('invoice', 'down_payment') AND n.issued_on <= as_of AND n.recorded_at <= known_at) i ON true
    WHERE d.customer_id = unbilled_without_order.customer_id AND d.order_id IS NULL AND d.reversal_of IS NULL
      AND d.delivered_on <= as_of AND d.recorded_at <= known_at
      AND NOT EXISTS (SELECT FROM delivery r WHERE r.customer_id = d.customer_id AND r.reversal_of = d.delivery_id
                                               AND r.delivered_on <= as_of AND r.recorded_at <= known_at)
$$;
COMMENT ON FUNCTION unbilled_without_order(bigint, date, timestamptz) IS
'Delivered without an order and not yet invoiced, base currency, on a day as known at an instant.';

-- Planned as costly and made of many small expressions: compiling them (jit)
-- takes seconds, running them milliseconds.
CREATE FUNCTION exposure_as_of(as_of date, known_at timestamptz DEFAULT 'infinity') RETURNS SETOF exposure
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH component AS MATERIALIZED (
        SELECT a.customer_id, a.group_path, x.*, x.receivable + x.unmatured + x.unbilled + x.open_orders - x.unapplied AS exposure,
               f.credit_limit, f.unlimited, f.decided, f.group_limit
        FROM credit_account a
        LEFT JOIN (SELECT o.customer_id, sum(o.open_amount_base) AS receivable FROM balance_as_of(as_of, known_at) o GROUP BY o.customer_id) b USING (customer_id)
        LEFT JOIN (SELECT o.customer_id, sum(o.unapplied_amount_base) AS unapplied FROM unapplied_as_of(as_of, known_at) o GROUP BY o.customer_id) u USING (customer_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(b.receivable, 0) AS receivable,
                   coalesce(u.unapplied, 0) AS unapplied,
                   coalesce((SELECT sum(f.amount_base) FROM unmatured_fact f
                             WHERE f.customer_id = a.customer_id AND f.effective_on <= as_of AND f.recorded_at <= known_at), 0) AS unmatured,
                   coalesce(e.open_orders, 0) AS open_orders,
                   coalesce(e.unbilled, 0) + unbilled_without_order(a.customer_id, as_of, known_at) AS unbilled
            FROM (SELECT sum(o.open_amount_base) AS open_orders, sum(o.unbilled_base) AS unbilled FROM order_event o
                  WHERE o.customer_id = a.customer_id AND o.effective_on <= as_of AND o.recorded_at <= known_at) e) x
        CROSS JOIN LATERAL limit_in_force(a.customer_id, as_of, known_at) f
    ), member AS (
        SELECT m.customer_id, m.exposure, p.head_id
        FROM component m CROSS JOIN LATERAL unnest(coalesce(m.group_path, ARRAY[m.customer_id])) p (head_id)
    ), grouped AS (     -- the least that the groups with a limit leave
        SELECT m.customer_id, min(h.available) AS available
        FROM member m
        JOIN (SELECT n.head_id, g.group_limit - sum(n.exposure) AS available
              FROM member n JOIN component g ON g.customer_id = n.head_id AND g.group_limit IS NOT NULL
              GROUP BY n.head_id, g.group_limit) h USING (head_id)
        GROUP BY m.customer_id
    )
    SELECT x.customer_id, c.code, c.name, c.risk_class, x.receivable, x.unbilled, x.open_orders, x.unapplied,
           x.exposure, j.credit_limit,
           least(j.available, g.available),
           CASE WHEN j.credit_limit > 0 THEN round(100 * x.exposure / j.credit_limit, 2) END, x.unmatured,
           n.insured, w.guaranteed, greatest(x.exposure, 0) - n.insured - w.guaranteed
    FROM component x JOIN customer c USING (customer_id) LEFT JOIN grouped g USING (customer_id) CROSS JOIN ledger l
    LEFT JOIN (SELECT i.customer_id, trunc(sum(i.insured), 2) AS insured FROM covered_items(secured_customers(), as_of) i GROUP BY i.customer_id) i USING (customer_id)
    LEFT JOIN (SELECT DISTINCT k.customer_id FROM guarantee k) k ON k.customer_id = x.customer_id
    CROSS JOIN LATERAL (SELECT least(coalesce(i.insured, 0), greatest(x.exposure, 0)) AS insured) n
    CROSS JOIN LATERAL (SELECT CASE WHEN k.customer_id IS NOT NULL AND x.exposure > 0
                                    THEN least(guaranteed_amount(x.customer_id, as_of, x.exposure), x.exposure - n.insured) ELSE 0 END AS guaranteed) w
    CROSS JOIN LATERAL credit_risk.judge_order(0, x.exposure, x.credit_limit, x.unlimited, x.decided, false,
                                               l.mode, l.on_exceed, l.no_limit, l.default_limit) j
$$;
COMMENT ON FUNCTION exposure_as_of(date, timestamptz) IS
'Rows of the view exposure as of a past day (facts with a business date up to it), as known at an instant (facts recorded up to it; default: all). Groups are those of today, with the limits of that day; every open order counts, also beyond a credit horizon. Cover and guarantees are those of that day; what they cover is found from the facts known now, disputes not looked at, and for guarantees from what is delivered and unpaid now. Base currency.';
