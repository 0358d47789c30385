-- What disputes, promises, payment plans and hand-overs keep from dunning, and
-- what a payment does to them.

CREATE VIEW dunning_stop AS
SELECT r.customer_id, r.invoice_id, 'rejected by the platform' AS reason FROM rejected_invoice r
UNION ALL
SELECT p.customer_id, p.invoice_id, 'placed' FROM placement p WHERE p.closed_on IS NULL
UNION ALL
SELECT d.customer_id, d.invoice_id, 'irrecoverable' FROM doubtful_receivable d WHERE d.closed_on IS NULL AND d.status = 'irrecoverable'
UNION ALL
SELECT z.customer_id, z.invoice_id, 'collective proceeding' FROM frozen_invoice z;
COMMENT ON VIEW dunning_stop IS
'Invoices that are not dunned as a whole, and why: rejected by a platform and not sent again, placed with an outside party, which asks for them now, irrecoverable, or from before the judgment of a collective proceeding.';

CREATE FUNCTION case_hold(item open_item) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN greatest(
        (SELECT CASE WHEN sum(d.amount) FILTER (WHERE d.closed_on IS NULL) >= item.open_amount THEN 'infinity'
                     ELSE max(d.closed_on) FILTER (WHERE d.accepted_amount > 0) + 7 END FROM dispute d
         WHERE d.customer_id = item.customer_id AND d.invoice_id = item.invoice_id AND d.instalment_no = item.instalment_no),
        (SELECT max(p.next_check_on) FROM promise p
         WHERE p.customer_id = item.customer_id AND p.closed_on IS NULL
           AND (p.invoice_id = item.invoice_id OR (p.invoice_id IS NULL AND p.currency = item.currency))),
        (SELECT max(coalesce(i.until + 1, 'infinity')) FROM dunning_instruction i
         WHERE i.customer_id = item.customer_id AND i.kind = 'do_not_contact' AND i.closed_on IS NULL),
        (SELECT date 'infinity' FROM dunning_stop s
         WHERE s.customer_id = item.customer_id AND s.invoice_id = item.invoice_id LIMIT 1));
END $$;
COMMENT ON FUNCTION case_hold(open_item) IS
'Until when an item with this open amount is not dunned for a case: infinity while all of it is disputed or its invoice is in dunning_stop, a week after a dispute was accepted (for the credit note), the day on which a promise is judged while one is open, the day after a do_not_contact instruction; NULL if nothing ever held it.';

CREATE FUNCTION held_until(item open_item) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF awaits_sending(item.customer_id, item.invoice_id, item.instalment_no, item.cycle) THEN
        RETURN date 'infinity';
    END IF;
    RETURN case_hold(item);
END $$;
COMMENT ON FUNCTION held_until(open_item) IS
'Until when an item takes no step: infinity while its last communication is not carried out, otherwise as case_hold() says.';

CREATE FUNCTION planned_due_on(item open_item) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    planned_on date;
BEGIN
    SELECT i.agreed_due_on INTO planned_on
    FROM payment_plan_item i JOIN payment_plan p USING (customer_id, plan_id)
    WHERE i.customer_id = item.customer_id AND i.invoice_id = item.invoice_id AND i.instalment_no = item.instalment_no
      AND p.closed_on IS NULL LIMIT 1;
    RETURN CASE WHEN NOT FOUND THEN item.agreed_due_on WHEN planned_on > item.due_on THEN planned_on END;
END $$;
COMMENT ON FUNCTION planned_due_on(open_item) IS
'The agreed date of an item: of the payment plan that holds now and covers it (NULL if that is not later than its due date), otherwise its own.';

CREATE FUNCTION hold_items(customer_id bigint, invoice_ids bigint[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE open_item o      -- written even where nothing changes: two snapshots cannot both decide
    SET agreed_due_on = planned_due_on(o),
        parked_until = held_until(o),
        next_action_on = next_action(o.strategy_id, coalesce(planned_due_on(o), o.due_on), o.step_no, o.stepped_on, held_until(o))
    WHERE o.customer_id = hold_items.customer_id AND o.kind <> 'credit_note'
      AND (invoice_ids IS NULL OR o.invoice_id = ANY (invoice_ids));
END $$;
COMMENT ON FUNCTION hold_items(bigint, bigint[]) IS
'Puts the items of these invoices, or of the whole customer, aside as their disputes and promises say, gives them the dates of their payment plan, or brings them back to their next step of dunning. Under the lock of the account.';

CREATE FUNCTION handed_over() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM lock_accounts(ARRAY[NEW.customer_id]);
    PERFORM hold_items(NEW.customer_id, ARRAY[NEW.invoice_id]);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION handed_over() IS
'Trigger of placement and doubtful_receivable: an invoice that is placed or irrecoverable leaves dunning, and comes back with its next step. Runs as the owner: who hands over has no right on open items.';
CREATE TRIGGER credit_risk_hold AFTER INSERT OR UPDATE OF closed_on ON placement
FOR EACH ROW EXECUTE FUNCTION handed_over();
CREATE TRIGGER credit_risk_hold AFTER INSERT OR UPDATE OF closed_on ON doubtful_receivable
FOR EACH ROW WHEN (NEW.status = 'irrecoverable') EXECUTE FUNCTION handed_over();

-- Subqueries of one row, here and below: an EXISTS beside an OR may be planned
-- as a hash of the whole table.
CREATE FUNCTION close_match_tasks(customer_ids bigint[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    UPDATE task t SET closed_on = greatest(business_date(), t.opened_on), outcome = CASE t.kind WHEN 'match_cash' THEN 'matched' ELSE 'settled' END
    WHERE t.customer_id = ANY (customer_ids) AND t.kind IN ('match_cash', 'formal_notice_announced') AND t.closed_on IS NULL
      AND CASE WHEN t.kind = 'formal_notice_announced' THEN
                   (SELECT o.open_amount FROM open_item o WHERE o.customer_id = t.customer_id AND o.invoice_id = t.invoice_id LIMIT 1) IS NULL
               WHEN t.payment_id IS NOT NULL THEN coalesce(unapplied_amount(t.customer_id, t.payment_id), 0) <= 0
               ELSE (SELECT o.open_amount FROM open_item o WHERE o.customer_id = t.customer_id AND o.open_amount > 0 LIMIT 1) IS NULL
                    OR (coalesce((SELECT a.unapplied FROM credit_account a WHERE a.customer_id = t.customer_id), 0) <= 0
                        AND (SELECT o.open_amount FROM open_item o WHERE o.customer_id = t.customer_id AND o.kind = 'credit_note' LIMIT 1) IS NULL) END
$$;
COMMENT ON FUNCTION close_match_tasks(bigint[]) IS
'Closes the tasks match_cash of these customers: that of a payment when nothing is left of it, that of a customer when it has no cash and no credit left to match, or nothing open to match it to; and formal_notice_announced of invoices that are settled. For the triggers of the ledger.';

-- In the transaction that brings the money: after it is posted, under the lock
-- of the account that posting took.  Most customers have no case, and cost a
-- look into four small indexes.
CREATE FUNCTION payment_answers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    customer_ids bigint[];
BEGIN
    customer_ids := (SELECT array_agg(n.customer_id) FROM (SELECT DISTINCT w.customer_id FROM new_rows w) n
                     WHERE num_nonnulls(
                         (SELECT 1 FROM promise p WHERE p.customer_id = n.customer_id AND p.closed_on IS NULL LIMIT 1),
                         (SELECT 1 FROM dunning_action d WHERE d.customer_id = n.customer_id AND d.task_id IS NOT NULL AND d.status IN ('proposed', 'queued') LIMIT 1),
                         (SELECT 1 FROM task t WHERE t.customer_id = n.customer_id AND t.kind = 'match_cash' AND t.closed_on IS NULL LIMIT 1)) > 0);
    IF customer_ids IS NOT NULL THEN
        PERFORM judge_promises(customer_ids);
        PERFORM withdraw_paid_tasks(customer_ids);
        PERFORM close_match_tasks(customer_ids);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION payment_answers() IS
'Trigger of payment: a promise is kept the moment the money is there, and nobody is called for what it pays. Runs as the owner: who books payments has no right on promises.';
CREATE TRIGGER credit_risk_judge AFTER INSERT ON payment
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION payment_answers();

CREATE FUNCTION allocation_answers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    customer_ids bigint[];
BEGIN
    customer_ids := (SELECT array_agg(n.customer_id)
                     FROM (SELECT w.customer_id, max(w.reversal_of) AS reversal_of FROM new_rows w GROUP BY w.customer_id) n
                     WHERE num_nonnulls(n.reversal_of,
                         (SELECT 1 FROM promise p WHERE p.customer_id = n.customer_id AND p.closed_on IS NULL LIMIT 1),
                         (SELECT 1 FROM payment_plan p WHERE p.customer_id = n.customer_id AND p.closed_on IS NULL LIMIT 1),
                         (SELECT 1 FROM dispute d WHERE d.customer_id = n.customer_id AND d.closed_on IS NULL LIMIT 1),
                         (SELECT 1 FROM dunning_action d WHERE d.customer_id = n.customer_id AND d.task_id IS NOT NULL AND d.status IN ('proposed', 'queued') LIMIT 1),
                         (SELECT 1 FROM task t WHERE t.customer_id = n.customer_id AND t.kind IN ('match_cash', 'formal_notice_announced') AND t.closed_on IS NULL LIMIT 1)) > 0);
    -- The credit note that an accepted dispute asked for is there.
    IF EXISTS (SELECT FROM new_rows n WHERE n.credit_invoice_id IS NOT NULL AND n.reversal_of IS NULL) THEN
        UPDATE task t SET closed_on = greatest(business_date(), t.opened_on), outcome = 'credit note matched'
        FROM new_rows n
        WHERE t.customer_id = n.customer_id AND t.invoice_id = n.invoice_id AND n.credit_invoice_id IS NOT NULL
          AND t.kind = 'credit_note' AND t.closed_on IS NULL;
    END IF;
    PERFORM restart_paid(array_agg(n.customer_id), array_agg(n.invoice_id), array_agg(n.instalment_no))
    FROM new_rows n
    WHERE n.payment_id IS NOT NULL AND n.invoice_id IS NOT NULL AND n.reversal_of IS NULL
      AND (SELECT bool_or(s.restart_on_payment) FROM dunning_strategy s WHERE s.status = 'active')
    HAVING count(*) > 0;
    IF customer_ids IS NOT NULL THEN
        PERFORM judge_promises(customer_ids);
        PERFORM judge_plans(customer_ids);
        -- What is disputed may be all that is left now; what is open again may be held.
        PERFORM hold_items(n.customer_id, array_agg(DISTINCT n.invoice_id))
        FROM new_rows n
        WHERE n.customer_id = ANY (customer_ids)
          AND num_nonnulls(n.reversal_of,
                           (SELECT 1 FROM dispute d WHERE d.customer_id = n.customer_id AND d.invoice_id = n.invoice_id AND d.closed_on IS NULL LIMIT 1)) > 0
        GROUP BY n.customer_id;
        PERFORM withdraw_paid_tasks(customer_ids);
        PERFORM close_match_tasks(customer_ids);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION allocation_answers() IS
'Trigger of allocation: promises and payment plans are kept the moment the money is matched, what is disputed of an item is looked at again, and nobody is called for what is settled. Runs as the owner: who allocates has no right on them.';
CREATE TRIGGER credit_risk_judge AFTER INSERT ON allocation
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION allocation_answers();
