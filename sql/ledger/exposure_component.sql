-- Exposure by component: what a customer owes and will owe, each euro once.

-- Cash that waits for an order: given to its pro forma and matched with nothing.
CREATE VIEW unapplied_deposit AS
SELECT p.customer_id, p.payment_id, least(d.amount, p.free_amount) AS amount,
       credit_risk.base_share(p.free_amount_base, p.free_amount, 0, least(d.amount, p.free_amount)) AS amount_base
FROM (SELECT v.customer_id, v.payment_id, sum(v.standing) AS standing,
             -- what invoices of these orders took of the payment is no longer cash
             (SELECT coalesce(sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END), 0)
              FROM allocation a JOIN invoice i USING (customer_id, invoice_id)
              WHERE a.customer_id = v.customer_id AND a.payment_id = v.payment_id AND i.order_id = ANY (array_agg(f.order_id))) AS taken
      FROM pro_forma_cover v JOIN pro_forma f USING (customer_id, pro_forma_id)
      GROUP BY v.customer_id, v.payment_id) g
CROSS JOIN LATERAL (SELECT greatest(g.standing - g.taken, 0) AS amount) d
JOIN LATERAL (SELECT g.customer_id, g.payment_id, sum(u.amount) AS free_amount, sum(u.amount_base) AS free_amount_base
              FROM unapplied_fact u WHERE u.customer_id = g.customer_id AND u.payment_id = g.payment_id) p USING (customer_id, payment_id)
WHERE d.amount > 0 AND p.free_amount > 0;
COMMENT ON VIEW unapplied_deposit IS
'Down payments that wait as cash for the invoices of their order (acomptes reçus non imputés): the part of an unapplied payment that was given to pro formas, in its currency and in base currency.';

CREATE VIEW exposure_component AS
SELECT a.customer_id, c.code, c.name,
       a.open_orders, a.open_orders - coalesce(h.amount_base, 0) AS open_orders_within_horizon, coalesce(r.amount_base, 0) AS open_authorizations,
       a.unbilled AS delivered_not_invoiced,
       coalesce(i.not_due, 0) AS not_due, coalesce(i.overdue, 0) AS overdue, coalesce(i.credit_notes, 0) AS credit_notes,
       a.unmatured, coalesce(f.financed_with_recourse, 0) AS financed, coalesce(f.financed, 0) AS financed_without_recourse, coalesce(i.disputed, 0) AS disputed,
       a.unapplied - coalesce(d.amount_base, 0) AS unapplied_cash, coalesce(d.amount_base, 0) AS deposits,
       a.receivable + a.unmatured - a.unapplied AS accounting_exposure,
       a.exposure AS commercial_exposure, a.exposure - coalesce(h.amount_base, 0) AS exposure_within_horizon,
       coalesce(s.insured, 0) AS insured, coalesce(s.guaranteed, 0) AS guaranteed,
       greatest(a.exposure, 0) - coalesce(s.insured, 0) - coalesce(s.guaranteed, 0) AS risk_exposure
FROM credit_account a JOIN customer c USING (customer_id)
LEFT JOIN (SELECT o.customer_id, sum(o.open_amount_base) FILTER (WHERE o.kind <> 'credit_note' AND o.due_on >= (SELECT business_date())) AS not_due,
                  sum(o.open_amount_base) FILTER (WHERE o.kind <> 'credit_note' AND o.due_on < (SELECT business_date())) AS overdue,
                  -sum(o.open_amount_base) FILTER (WHERE o.kind = 'credit_note') AS credit_notes,
                  sum(credit_risk.base_share(o.open_amount_base, o.open_amount, 0, least(p.disputed_amount, o.open_amount)))
                      FILTER (WHERE p.disputed_amount IS NOT NULL) AS disputed
           FROM open_item o LEFT JOIN disputed_item p USING (customer_id, invoice_id, instalment_no)
           GROUP BY o.customer_id) i USING (customer_id)
LEFT JOIN (SELECT o.customer_id, sum(o.open_amount_base) AS amount_base FROM sales_order o
           WHERE o.open_amount_base <> 0 AND o.deliver_on > (SELECT business_date()) + (SELECT l.credit_horizon_days FROM ledger l)
           GROUP BY o.customer_id) h USING (customer_id)
LEFT JOIN (SELECT v.customer_id, sum(o.open_amount_base) AS amount_base FROM credit_reservation v JOIN sales_order o USING (customer_id, order_id)
           WHERE v.closed_on IS NULL GROUP BY v.customer_id) r USING (customer_id)
LEFT JOIN (SELECT u.customer_id, sum(u.amount_base) AS amount_base FROM unapplied_deposit u GROUP BY u.customer_id) d USING (customer_id)
LEFT JOIN (SELECT x.customer_id, sum(x.financed) AS financed, sum(x.financed_with_recourse) AS financed_with_recourse
           FROM exposure_afdcc x GROUP BY x.customer_id) f USING (customer_id)
LEFT JOIN (SELECT x.customer_id, sum(x.insured) AS insured, sum(x.guaranteed) AS guaranteed FROM secured_exposure() x GROUP BY x.customer_id) s USING (customer_id);
COMMENT ON VIEW exposure_component IS
'Exposure by component now (décomposition de l''encours), base currency, positive = the customer owes; credit notes and cash are positive amounts that are taken off. Each euro is in one of: open_orders (static: all; commandes en cours), delivered_not_invoiced (livré non facturé), not_due and overdue (postes ouverts, by the original due date on the business date: an agreed later date and a dispute change nothing), credit_notes (avoirs), unmatured (effets non échus and what else can still come back), unapplied_cash (règlements non lettrés) and deposits (acomptes reçus that wait for their order''s invoices).
accounting_exposure (encours comptable) = not_due + overdue - credit_notes + unmatured - unapplied_cash - deposits. commercial_exposure (encours commercial) = that + delivered_not_invoiced + open_orders: credit_account.exposure. risk_exposure (encours risque) = commercial_exposure, at least 0, - insured - guaranteed: own_risk of the view exposure.
Parts of the above, for information: open_orders_within_horizon and exposure_within_horizon leave out orders to be delivered after the credit horizon (encours dynamique); open_authorizations of open_orders is credit reserved by number; disputed of the open items is in open disputes (litiges); financed of them is with a factor with recourse (mobilisé). financed_without_recourse is outside: sold, no longer our risk.';

CREATE FUNCTION exposure_component_as_of(as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, code text, name text, open_orders numeric, delivered_not_invoiced numeric, not_due numeric, overdue numeric,
               credit_notes numeric, unmatured numeric, disputed numeric, unapplied_cash numeric, accounting_exposure numeric, commercial_exposure numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT e.customer_id, e.code, e.name, e.open_orders, e.unbilled, coalesce(i.not_due, 0), coalesce(i.overdue, 0), coalesce(i.credit_notes, 0),
           e.unmatured, coalesce(i.disputed, 0), e.unapplied, e.receivable + e.unmatured - e.unapplied, e.exposure
    FROM exposure_as_of(as_of, known_at) e
    LEFT JOIN (SELECT o.customer_id, sum(o.open_amount_base) FILTER (WHERE o.kind <> 'credit_note' AND o.due_on >= as_of) AS not_due,
                      sum(o.open_amount_base) FILTER (WHERE o.kind <> 'credit_note' AND o.due_on < as_of) AS overdue,
                      -sum(o.open_amount_base) FILTER (WHERE o.kind = 'credit_note') AS credit_notes, sum(o.disputed_amount_base) AS disputed
               FROM open_item_as_of(as_of, known_at) o GROUP BY o.customer_id) i USING (customer_id)
$$;
COMMENT ON FUNCTION exposure_component_as_of(date, timestamptz) IS
'Components of exposure as of a past day, as known at an instant (default: all that is known now), by the definitions of exposure_component; unapplied_cash holds the deposits too. Base currency. accounting_exposure = not_due + overdue - credit_notes + unmatured - unapplied_cash; commercial_exposure = that + delivered_not_invoiced + open_orders.';
