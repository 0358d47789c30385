-- The state recomputed from the facts: what verify() compares and rebuild() restores.

CREATE FUNCTION item_cycle(customer_id bigint, invoice_id bigint, instalment_no integer, amount numeric) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT 1 + count(*) FILTER (WHERE settled = item_cycle.amount)::integer
           + (SELECT count(*)::integer FROM dunning_restart r WHERE r.customer_id = item_cycle.customer_id AND r.invoice_id = item_cycle.invoice_id
                AND r.instalment_no = item_cycle.instalment_no)
    FROM (SELECT sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END)
                 OVER (ORDER BY a.recorded_at, a.allocation_id) AS settled
          FROM allocation a
          WHERE a.customer_id = item_cycle.customer_id AND a.invoice_id = item_cycle.invoice_id
            AND a.instalment_no = item_cycle.instalment_no) running
$$;
COMMENT ON FUNCTION item_cycle(bigint, bigint, integer, numeric) IS
'Dunning cycle of an open instalment of this amount: 1 and one more for each time that it was settled and opened again, or its dunning began anew.';

CREATE FUNCTION recomputed_item() RETURNS SETOF open_item
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH item AS (
        SELECT f.customer_id, f.invoice_id, f.instalment_no, coalesce(x.due_on, f.due_on) AS due_on, f.open_amount, f.open_amount_base
        FROM (SELECT r.customer_id, r.invoice_id, r.instalment_no, min(r.due_on) AS due_on,
                     sum(r.amount) AS open_amount, sum(r.amount_base) AS open_amount_base
              FROM receivable_fact r GROUP BY 1, 2, 3 HAVING sum(r.amount) <> 0) f
        LEFT JOIN corrected_due_date x USING (customer_id, invoice_id, instalment_no)
    )
    SELECT t.customer_id, t.invoice_id, t.instalment_no, i.kind, i.currency, t.due_on, h.agreed_due_on,
           t.open_amount, t.open_amount_base, coalesce(l.dunning_level, 0), y.cycle, CASE WHEN i.kind <> 'credit_note' THEN c.strategy_id END, l.step_no,
           l.stepped_on, h.parked_until,
           CASE WHEN i.kind <> 'credit_note' THEN
               next_action(c.strategy_id, coalesce(h.agreed_due_on, t.due_on), l.step_no, l.stepped_on, h.parked_until) END
    FROM item t
    JOIN invoice i USING (customer_id, invoice_id) JOIN credit_account c USING (customer_id)
    CROSS JOIN LATERAL (SELECT CASE WHEN i.kind = 'credit_note' THEN 1 ELSE
        item_cycle(t.customer_id, t.invoice_id, t.instalment_no, coalesce(i.instalment_amount[t.instalment_no], i.amount)) END AS cycle) y
    LEFT JOIN open_item o USING (customer_id, invoice_id, instalment_no)
    CROSS JOIN LATERAL (SELECT g.dunning_level, step_position(c.strategy_id, g.strategy_id, g.step_no) AS step_no, g.stepped_on
                        FROM item_progress(t.customer_id, t.invoice_id, t.instalment_no, y.cycle) g) l
    LEFT JOIN disputed_item d ON (d.customer_id, d.invoice_id, d.instalment_no) = (t.customer_id, t.invoice_id, t.instalment_no)
    LEFT JOIN (SELECT g.* FROM payment_plan_item g JOIN payment_plan p USING (customer_id, plan_id) WHERE p.closed_on IS NULL) g
           ON (g.customer_id, g.invoice_id, g.instalment_no) = (t.customer_id, t.invoice_id, t.instalment_no)
    LEFT JOIN dunning_instruction n ON n.customer_id = t.customer_id AND n.kind = 'do_not_contact' AND n.until IS NULL AND n.closed_on IS NULL
    LEFT JOIN (SELECT DISTINCT s.customer_id, s.invoice_id FROM dunning_stop s) j ON (j.customer_id, j.invoice_id) = (t.customer_id, t.invoice_id)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.plan_id IS NULL THEN o.agreed_due_on WHEN g.agreed_due_on > t.due_on THEN g.agreed_due_on END AS agreed_due_on,
               CASE WHEN (d.disputed_amount >= t.open_amount OR j.invoice_id IS NOT NULL OR n.customer_id IS NOT NULL
                          OR awaits_sending(t.customer_id, t.invoice_id, t.instalment_no, y.cycle)) AND i.kind <> 'credit_note' THEN 'infinity'
                    WHEN o.parked_until <> 'infinity' THEN o.parked_until
                    WHEN NOT EXISTS (SELECT FROM dunning_step s
                                     WHERE s.strategy_id = c.strategy_id AND s.step_no > l.step_no
                                       AND (s.offset_days >= 0 OR coalesce(o.agreed_due_on, t.due_on) >= business_date())) THEN o.parked_until
               END AS parked_until) h
$$;
COMMENT ON FUNCTION recomputed_item() IS
'Rows of open_item as the facts say. Of agreed_due_on and parked_until only what follows from disputes, dunning_stop, instructions, what waits to be sent and payment plans is derived: all of it disputed, in dunning_stop, not to be contacted or waiting for its last communication is put aside for ever, nothing else with a step left is; what a person or the nightly run chose is taken from the stored row.';

CREATE FUNCTION recomputed_account()
RETURNS TABLE (customer_id bigint, receivable numeric, unbilled numeric, open_orders numeric, unapplied numeric, unmatured numeric,
               group_exposure numeric, credit_limit numeric, unlimited boolean, limit_since date, limit_until date, group_path bigint[], blocked boolean,
               group_limit numeric, open_holds integer, full_check boolean, strategy_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH part AS (
        SELECT c.customer_id, c.payer_id, 0::numeric AS receivable, 0::numeric AS unbilled, 0::numeric AS open_orders, 0::numeric AS unapplied, 0::numeric AS unmatured
        FROM customer c WHERE coalesce(c.payer_id, c.customer_id) = c.customer_id
      UNION ALL SELECT f.customer_id, NULL, f.amount_base, 0, 0, 0, 0 FROM receivable_fact f
      UNION ALL SELECT f.customer_id, NULL, 0, 0, 0, f.amount_base, 0 FROM unapplied_fact f
      UNION ALL SELECT f.customer_id, NULL, 0, 0, 0, 0, f.amount_base FROM unmatured_fact f
      UNION ALL SELECT o.customer_id, NULL, 0, o.unbilled_amount_base, o.open_amount_base, 0, 0 FROM sales_order o
      UNION ALL SELECT d.customer_id, NULL, 0, unbilled_without_order(d.customer_id, 'infinity', 'infinity'), 0, 0, 0
                FROM (SELECT DISTINCT w.customer_id FROM delivery w WHERE w.order_id IS NULL) d
    ), own AS MATERIALIZED (
        SELECT p.customer_id, sum(p.receivable) AS receivable, sum(p.unbilled) AS unbilled, sum(p.open_orders) AS open_orders,
               sum(p.unapplied) AS unapplied, sum(p.unmatured) AS unmatured, group_path_of(p.customer_id) AS group_path
        FROM part p GROUP BY p.customer_id
    ), grouped AS (
        SELECT head, sum(o.receivable + o.unmatured + o.unbilled + o.open_orders - o.unapplied) AS group_exposure
        FROM own o CROSS JOIN LATERAL unnest(coalesce(o.group_path, ARRAY[o.customer_id])) head GROUP BY head
    )
    SELECT o.customer_id, o.receivable, o.unbilled, o.open_orders, o.unapplied, o.unmatured, g.group_exposure,
           f.credit_limit, f.unlimited, f.since, f.until, o.group_path, c.blocked, f.group_limit, coalesce(h.open_holds, 0), needs_full_check(c), strategy_of(o.customer_id)
    FROM own o JOIN grouped g ON g.head = o.customer_id JOIN customer c USING (customer_id)
    LEFT JOIN credit_account a USING (customer_id)
    LEFT JOIN (SELECT head, count(*)::integer AS open_holds
               FROM credit_hold k CROSS JOIN LATERAL unnest(coalesce(group_path_of(k.customer_id), ARRAY[k.customer_id])) head
               WHERE k.closed_on IS NULL GROUP BY head) h ON h.head = o.customer_id
    -- the copy of the limit is right if it is that of a day on which it claims to hold
    CROSS JOIN LATERAL limit_in_force(o.customer_id,
        least(greatest((SELECT business_date()), a.limit_since), a.limit_until)) f
$$;
COMMENT ON FUNCTION recomputed_account() IS 'The columns of credit_account as the facts say, one row per payer or customer with facts.';

CREATE FUNCTION recomputed_order()
RETURNS TABLE (customer_id bigint, order_id bigint, delivered_amount numeric, invoiced_amount numeric,
               open_amount_base numeric, unbilled_base numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT customer_id, order_id, coalesce(d.amount, 0), coalesce(i.amount, 0), coalesce(e.open_amount_base, 0), coalesce(e.unbilled_base, 0)
    FROM (SELECT o.customer_id, o.order_id FROM sales_order o) o
    FULL JOIN (SELECT v.customer_id, v.order_id, sum(v.open_amount_base) AS open_amount_base, sum(v.unbilled_base) AS unbilled_base
               FROM order_event v GROUP BY 1, 2) e USING (customer_id, order_id)
    LEFT JOIN (SELECT w.customer_id, w.order_id, sum(CASE WHEN w.reversal_of IS NULL THEN w.amount ELSE -w.amount END) AS amount
               FROM delivery w GROUP BY 1, 2) d USING (customer_id, order_id)
    LEFT JOIN (SELECT n.customer_id, n.order_id, sum(CASE WHEN n.reversal_of IS NULL THEN n.amount ELSE -n.amount END) AS amount
               FROM invoice n WHERE n.kind IN ('invoice', 'down_payment') GROUP BY 1, 2) i USING (customer_id, order_id)
$$;
COMMENT ON FUNCTION recomputed_order() IS
'What was delivered and invoiced of each order by the facts, and what its events say it adds to exposure; an order that was deleted has events that add up to nothing.';

CREATE FUNCTION recomputed_unmatured() RETURNS SETOF unmatured_payment
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT p.customer_id, p.payment_id, p.final_on, p.unmatured_base
    FROM payment p
    WHERE p.unmatured_base > 0 AND p.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM payment r WHERE r.customer_id = p.customer_id AND r.reversal_of = p.payment_id)
      AND NOT EXISTS (SELECT FROM payment_final f WHERE f.customer_id = p.customer_id AND f.payment_id = p.payment_id)
$$;
COMMENT ON FUNCTION recomputed_unmatured() IS 'Rows of unmatured_payment as the facts say.';

CREATE FUNCTION verify() RETURNS TABLE (object text, customer_id bigint, field text, stored text, recomputed text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT 'credit_account', coalesce(a.customer_id, r.customer_id), f.field, f.stored, f.recomputed
    FROM credit_account a FULL JOIN recomputed_account() r USING (customer_id)
    CROSS JOIN LATERAL (VALUES
        ('customer_id', a.customer_id::text, r.customer_id::text, a.customer_id IS DISTINCT FROM r.customer_id),
        ('receivable', a.receivable::text, r.receivable::text, a.receivable <> r.receivable),
        ('unbilled', a.unbilled::text, r.unbilled::text, a.unbilled <> r.unbilled),
        ('open_orders', a.open_orders::text, r.open_orders::text, a.open_orders <> r.open_orders),
        ('unapplied', a.unapplied::text, r.unapplied::text, a.unapplied <> r.unapplied),
        ('unmatured', a.unmatured::text, r.unmatured::text, a.unmatured <> r.unmatured),
        ('group_exposure', a.group_exposure::text, r.group_exposure::text, a.group_exposure <> r.group_exposure),
        ('blocked', a.blocked::text, r.blocked::text, a.blocked <> r.blocked),
        ('group_path', a.group_path::text, r.group_path::text, a.group_path IS DISTINCT FROM r.group_path),
        ('credit_limit', a.credit_limit::text, r.credit_limit::text, a.credit_limit IS DISTINCT FROM r.credit_limit),
        ('unlimited', a.unlimited::text, r.unlimited::text, a.unlimited IS DISTINCT FROM r.unlimited),
        ('limit_since', a.limit_since::text, r.limit_since::text, a.limit_since IS DISTINCT FROM r.limit_since),
        ('limit_until', a.limit_until::text, r.limit_until::text, a.limit_until IS DISTINCT FROM r.limit_until),
        ('group_limit', a.group_limit::text, r.group_limit::text, a.group_limit IS DISTINCT FROM r.group_limit),
        ('open_holds', a.open_holds::text, r.open_holds::text, a.open_holds <> r.open_holds),
        ('full_check', a.full_check::text, r.full_check::text, a.full_check <> r.full_check),
        ('strategy_id', a.strategy_id::text, r.strategy_id::text, a.strategy_id IS DISTINCT FROM r.strategy_id)
    ) f (field, stored, recomputed, differs)
    WHERE f.differs AND ((a.customer_id IS NOT NULL AND r.customer_id IS NOT NULL) OR f.field = 'customer_id')
  UNION ALL
    SELECT format('open_item %s/%s', coalesce(o.invoice_id, r.invoice_id), coalesce(o.instalment_no, r.instalment_no)),
           coalesce(o.customer_id, r.customer_id), f.field, f.stored, f.recomputed
    FROM open_item o FULL JOIN recomputed_item() r USING (customer_id, invoice_id, instalment_no)
    CROSS JOIN LATERAL (VALUES
        ('invoice_id', o.invoice_id::text, r.invoice_id::text, o.kind IS NULL OR r.kind IS NULL),
        ('kind', o.kind, r.kind, o.kind <> r.kind),
        ('currency', o.currency, r.currency, o.currency <> r.currency),
        ('due_on', o.due_on::text, r.due_on::text, o.due_on <> r.due_on),
        ('open_amount', o.open_amount::text, r.open_amount::text, o.open_amount <> r.open_amount),
        ('open_amount_base', o.open_amount_base::text, r.open_amount_base::text, o.open_amount_base <> r.open_amount_base),
        ('dunning_level', o.dunning_level::text, r.dunning_level::text, o.dunning_level <> r.dunning_level),
        ('cycle', o.cycle::text, r.cycle::text, o.cycle <> r.cycle),
        ('strategy_id', o.strategy_id::text, r.strategy_id::text, o.strategy_id IS DISTINCT FROM r.strategy_id),
        ('step_no', o.step_no::text, r.step_no::text, o.step_no <> r.step_no),
        ('stepped_on', o.stepped_on::text, r.stepped_on::text, o.stepped_on IS DISTINCT FROM r.stepped_on),
        ('agreed_due_on', o.agreed_due_on::text, r.agreed_due_on::text, o.agreed_due_on IS DISTINCT FROM r.agreed_due_on),
        ('parked_until', o.parked_until::text, r.parked_until::text, o.parked_until IS DISTINCT FROM r.parked_until),
        ('next_action_on', o.next_action_on::text, r.next_action_on::text, o.next_action_on IS DISTINCT FROM r.next_action_on)
    ) f (field, stored, recomputed, differs)
    WHERE f.differs AND ((o.kind IS NOT NULL AND r.kind IS NOT NULL) OR f.field = 'invoice_id')
  UNION ALL
    SELECT format('unmatured_payment %s', payment_id), customer_id, f.field, f.stored, f.recomputed
    FROM unmatured_payment u FULL JOIN recomputed_unmatured() r USING (customer_id, payment_id)
    CROSS JOIN LATERAL (VALUES
        ('amount_base', u.amount_base::text, r.amount_base::text, u.amount_base IS DISTINCT FROM r.amount_base),
        ('final_on', u.final_on::text, r.final_on::text, u.final_on <> r.final_on)
    ) f (field, stored, recomputed, differs)
    WHERE f.differs
  UNION ALL
    SELECT format('open_item_checkpoint %s %s/%s', period_close_id, invoice_id, instalment_no), customer_id, f.field, f.stored, f.recomputed
    FROM open_item_checkpoint k FULL JOIN recomputed_checkpoint() r USING (customer_id, period_close_id, invoice_id, instalment_no)
    CROSS JOIN LATERAL (VALUES
        ('open_amount', k.open_amount::text, r.open_amount::text, k.open_amount IS DISTINCT FROM r.open_amount),
        ('open_amount_base', k.open_amount_base::text, r.open_amount_base::text, k.open_amount_base IS DISTINCT FROM r.open_amount_base),
        ('due_on', k.due_on::text, r.due_on::text, k.due_on <> r.due_on)
    ) f (field, stored, recomputed, differs)
    WHERE f.differs
  UNION ALL
    SELECT format('unapplied_checkpoint %s %s', period_close_id, payment_id), customer_id, f.field, f.stored, f.recomputed
    FROM unapplied_checkpoint k FULL JOIN recomputed_unapplied_checkpoint() r USING (customer_id, period_close_id, payment_id)
    CROSS JOIN LATERAL (VALUES
        ('unapplied_amount', k.unapplied_amount::text, r.unapplied_amount::text, k.unapplied_amount IS DISTINCT FROM r.unapplied_amount),
        ('unapplied_amount_base', k.unapplied_amount_base::text, r.unapplied_amount_base::text, k.unapplied_amount_base IS DISTINCT FROM r.unapplied_amount_base)
    ) f (field, stored, recomputed, differs)
    WHERE f.differs
  UNION ALL
    SELECT format('sales_order %s', order_id), customer_id, f.field, f.stored, f.recomputed
    FROM sales_order o FULL JOIN recomputed_order() r USING (customer_id, order_id)
    CROSS JOIN LATERAL (VALUES
        ('delivered_amount', o.delivered_amount::text, r.delivered_amount::text, o.delivered_amount <> r.delivered_amount),
        ('invoiced_amount', o.invoiced_amount::text, r.invoiced_amount::text, o.invoiced_amount <> r.invoiced_amount),
        ('order_event.open_amount_base', o.open_amount_base::text, r.open_amount_base::text, coalesce(o.open_amount_base, 0) <> r.open_amount_base),
        ('order_event.unbilled_base', o.unbilled_amount_base::text, r.unbilled_base::text, coalesce(o.unbilled_amount_base, 0) <> r.unbilled_base)
    ) f (field, stored, recomputed, differs)
    WHERE f.differs
  UNION ALL
    SELECT format('credit_hold of order %s', order_id), customer_id, 'closed_on', CASE WHEN h.hold_id IS NOT NULL THEN 'open' END, CASE WHEN o.status IS NOT NULL THEN 'open' END
    FROM (SELECT s.customer_id, s.order_id, s.status FROM sales_order s WHERE s.status = 'held') o
    FULL JOIN (SELECT k.customer_id, k.order_id, k.hold_id FROM credit_hold k WHERE k.checkpoint = 'order' AND k.closed_on IS NULL) h USING (customer_id, order_id)
    WHERE o.status IS NULL OR h.hold_id IS NULL
$$;
COMMENT ON FUNCTION verify() IS
'Compares the state with the facts, by full outer join: one row per difference (table and key, customer, column, stored, recomputed), none when all is well.';

CREATE TABLE rebuild_record (
    rebuild_record_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    object      text NOT NULL,
    customer_id bigint NOT NULL,
    field       text NOT NULL,
    stored      text,
    recomputed  text,
    rebuilt_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    rebuilt_by  text NOT NULL DEFAULT credit_risk.acting_role()
);
COMMENT ON TABLE rebuild_record IS 'Facts: what rebuild() found and repaired.';
COMMENT ON COLUMN rebuild_record.rebuild_record_id IS 'Key.';
COMMENT ON COLUMN rebuild_record.object IS 'Table and key.';
COMMENT ON COLUMN rebuild_record.customer_id IS 'The customer.';
COMMENT ON COLUMN rebuild_record.field IS 'The column.';
COMMENT ON COLUMN rebuild_record.stored IS 'What stood there.';
COMMENT ON COLUMN rebuild_record.recomputed IS 'What the facts say.';
COMMENT ON COLUMN rebuild_record.rebuilt_at IS 'When.';
COMMENT ON COLUMN rebuild_record.rebuilt_by IS 'Role that called rebuild().';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON rebuild_record
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON rebuild_record
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION rebuild() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    repaired bigint;
    item open_item[];
BEGIN
    -- Wait for whoever posts, and let nobody post meanwhile.
    LOCK TABLE sales_order, delivery, invoice, payment, payment_final, allocation, due_date_correction, credit_limit, dispute, promise, payment_plan IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE credit_account, open_item, unmatured_payment, dunning_action IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO rebuild_record (object, customer_id, field, stored, recomputed) SELECT * FROM verify();
    GET DIAGNOSTICS repaired = ROW_COUNT;

    INSERT INTO credit_account (customer_id)
    SELECT r.customer_id FROM recomputed_account() r ON CONFLICT DO NOTHING;
    UPDATE sales_order o SET delivered_amount = r.delivered_amount, invoiced_amount = r.invoiced_amount, changed_on = business_date()
    FROM recomputed_order() r
    WHERE (o.customer_id, o.order_id) = (r.customer_id, r.order_id)
      AND (o.delivered_amount <> r.delivered_amount OR o.invoiced_amount <> r.invoiced_amount);
    INSERT INTO order_event (customer_id, order_id, event, open_amount_base, unbilled_base, effective_on)
    SELECT r.customer_id, r.order_id, CASE WHEN o.order_id IS NULL THEN 'deleted' ELSE 'changed' END, n.open, n.unbilled,
           coalesce(o.changed_on, business_date())
    FROM recomputed_order() r LEFT JOIN sales_order o USING (customer_id, order_id)
    CROSS JOIN LATERAL (SELECT coalesce(o.open_amount_base, 0) - r.open_amount_base AS open,
                               coalesce(o.unbilled_amount_base, 0) - r.unbilled_base AS unbilled) n
    WHERE n.open <> 0 OR n.unbilled <> 0;

    -- Items are replaced, not updated: an UPDATE of a level would queue.
    item := ARRAY(SELECT r FROM recomputed_item() r);
    DELETE FROM open_item o WHERE NOT EXISTS (SELECT FROM unnest(item) r WHERE ROW(r.*) IS NOT DISTINCT FROM ROW(o.*));
    INSERT INTO open_item SELECT r.* FROM unnest(item) r
    WHERE NOT EXISTS (SELECT FROM open_item o
                      WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (r.customer_id, r.invoice_id, r.instalment_no));

    DELETE FROM unmatured_payment u
    WHERE NOT EXISTS (SELECT FROM recomputed_unmatured() r WHERE ROW(r.*) IS NOT DISTINCT FROM ROW(u.*));
    INSERT INTO unmatured_payment SELECT * FROM recomputed_unmatured() ON CONFLICT DO NOTHING;

    DELETE FROM open_item_checkpoint k
    WHERE NOT EXISTS (SELECT FROM recomputed_checkpoint() r WHERE ROW(r.*) IS NOT DISTINCT FROM ROW(k.*));
    INSERT INTO open_item_checkpoint SELECT * FROM recomputed_checkpoint() ON CONFLICT DO NOTHING;
    DELETE FROM unapplied_checkpoint k
    WHERE NOT EXISTS (SELECT FROM recomputed_unapplied_checkpoint() r WHERE ROW(r.*) IS NOT DISTINCT FROM ROW(k.*));
    INSERT INTO unapplied_checkpoint SELECT * FROM recomputed_unapplied_checkpoint() ON CONFLICT DO NOTHING;

    -- Every held order has its hold, and no other one.
    UPDATE credit_hold h SET closed_on = greatest(business_date(), h.opened_on), outcome = 'superseded'
    WHERE h.checkpoint = 'order' AND h.closed_on IS NULL
      AND NOT EXISTS (SELECT FROM sales_order o WHERE o.customer_id = h.customer_id AND o.order_id = h.order_id AND o.status = 'held');
    PERFORM write_hold(o.customer_id, o.order_id, NULL, (SELECT d FROM credit_decision d WHERE d.customer_id = o.customer_id AND d.order_id = o.order_id
                                                         AND d.checkpoint = 'order' ORDER BY d.decision_id DESC LIMIT 1))
    FROM sales_order o
    WHERE o.status = 'held' AND NOT EXISTS (SELECT FROM credit_hold h WHERE h.customer_id = o.customer_id AND h.order_id = o.order_id
                                            AND h.checkpoint = 'order' AND h.closed_on IS NULL);
    DELETE FROM credit_account a WHERE NOT EXISTS (SELECT FROM recomputed_account() r WHERE r.customer_id = a.customer_id);
    UPDATE credit_account a
    SET receivable = r.receivable, unbilled = r.unbilled, open_orders = r.open_orders, unapplied = r.unapplied,
        unmatured = r.unmatured, group_exposure = r.group_exposure, group_path = r.group_path, blocked = r.blocked,
        open_holds = r.open_holds, full_check = r.full_check, strategy_id = r.strategy_id
    FROM recomputed_account() r WHERE r.customer_id = a.customer_id
      AND (a.receivable, a.unbilled, a.open_orders, a.unapplied, a.unmatured, a.group_exposure, a.group_path, a.blocked, a.open_holds, a.full_check, a.strategy_id)
          IS DISTINCT FROM (r.receivable, r.unbilled, r.open_orders, r.unapplied, r.unmatured, r.group_exposure, r.group_path, r.blocked, r.open_holds, r.full_check, r.strategy_id);
    PERFORM refresh_limit(array_agg(a.customer_id)) FROM credit_account a;
    RETURN repaired;
END $$;
COMMENT ON FUNCTION rebuild() IS
'Makes the state anew from the facts, on record in rebuild_record; returns the number of differences repaired. Waits for postings in flight and holds up others; against transactions of several statements it may be chosen as the victim of a deadlock (40P01): call it again. Runs as the owner: the state is nobody''s to write.';
