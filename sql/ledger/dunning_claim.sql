-- The protocol of the queue: approve, claim, complete, fail.

CREATE FUNCTION approve_action(action_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE dunning_action d SET status = 'queued'
    WHERE d.action_id = approve_action.action_id AND d.status = 'proposed';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'action % is not proposed', approve_action.action_id
            USING ERRCODE = 'CR008', DETAIL = format('Its status is %s.',
                coalesce((SELECT d.status FROM dunning_action d WHERE d.action_id = approve_action.action_id), 'unknown'));
    END IF;
    RETURN 'queued';
END $$;
COMMENT ON FUNCTION approve_action(bigint) IS
'Approves a proposed communication (formal notice): it may be handed out. CR008 if it is not proposed. Runs as the owner: the queue is nobody''s to write.';

CREATE FUNCTION reject_action(action_id bigint, reason text, until date DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    again_on date := coalesce(reject_action.until, business_date() + 30);
    mine dunning_action;
BEGIN
    IF coalesce(reason, '') = '' THEN
        RAISE EXCEPTION 'a rejection needs a reason' USING ERRCODE = '22023';
    ELSIF NOT isfinite(again_on) OR again_on < business_date() THEN
        RAISE EXCEPTION 'a step that is refused cannot be taken again on %', again_on
            USING ERRCODE = 'CR003', DETAIL = format('The business date is %s.', business_date()),
                  HINT = 'Give that day or a later one; instruct_dunning() with do_not_contact is for good.';
    END IF;
    SELECT d.* INTO mine FROM dunning_action d WHERE d.action_id = reject_action.action_id;
    PERFORM lock_accounts(ARRAY[mine.customer_id]);
    UPDATE dunning_action d SET status = 'obsolete', obsolete_reason = 'rejected: ' || reject_action.reason
    WHERE d.customer_id = mine.customer_id AND d.action_id = mine.action_id AND d.status IN ('proposed', 'queued', 'failed');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'action % does not wait', reject_action.action_id
            USING ERRCODE = 'CR008', DETAIL = format('Its status is %s.', coalesce(mine.status, 'unknown'));
    END IF;
    PERFORM drop_items(mine.customer_id, mine.action_id);
    UPDATE open_item o SET parked_until = greatest(o.parked_until, again_on),
        next_action_on = next_action(o.strategy_id, coalesce(o.agreed_due_on, o.due_on), o.step_no, o.stepped_on, greatest(o.parked_until, again_on))
    FROM dunning_action_item i
    WHERE i.customer_id = mine.customer_id AND i.action_id = mine.action_id AND i.step_no IS NOT NULL
      AND (o.customer_id, o.invoice_id, o.instalment_no, o.cycle) = (i.customer_id, i.invoice_id, i.instalment_no, i.cycle);
    RETURN 'obsolete';
END $$;
COMMENT ON FUNCTION reject_action(bigint, text, date) IS
'Refuses a communication that is proposed, queued or failed, for a reason: it is not sent, and its items take the step again from a day on (NULL = in 30 days). Returns obsolete. CR008 if it does not wait, 22023 without a reason, CR003 for a day that is past or never comes. Runs as the owner: the queue is nobody''s to write.';

CREATE FUNCTION requeue_action(action_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    mine dunning_action;
BEGIN
    UPDATE dunning_action d
    SET status = 'queued', attempts = 0, retry_at = NULL, due_on = greatest(d.due_on, business_day(business_date())),
        channel = CASE WHEN d.channel IN ('e-mail', 'sms') THEN reachable_channel(d.customer_id, d.channel) ELSE d.channel END
    WHERE d.action_id = requeue_action.action_id AND d.status = 'failed'
    RETURNING d.* INTO mine;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'action % has not failed', requeue_action.action_id
            USING ERRCODE = 'CR008', DETAIL = format('Its status is %s.',
                coalesce((SELECT d.status FROM dunning_action d WHERE d.action_id = requeue_action.action_id), 'unknown'));
    END IF;
    UPDATE task t SET closed_on = greatest(business_date(), t.opened_on), outcome = 'queued again'
    WHERE t.customer_id = mine.customer_id AND t.kind = 'undeliverable' AND t.invoice_id = mine.lead_invoice_id AND t.closed_on IS NULL;
    RETURN 'queued';
END $$;
COMMENT ON FUNCTION requeue_action(bigint) IS
'Queues a communication that failed for good once more, its address mended. Returns queued. CR008 if it has not failed. Runs as the owner: the queue is nobody''s to write.';

CREATE FUNCTION drop_items(customer_id bigint, action_id bigint, invoice_ids bigint[] DEFAULT NULL, instalment_nos integer[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    companions bigint[];
BEGIN
    UPDATE dunning_action_item i SET dropped = true
    WHERE i.customer_id = drop_items.customer_id AND i.action_id = drop_items.action_id AND NOT i.dropped
      AND (invoice_ids IS NULL OR (i.invoice_id, i.instalment_no) IN (SELECT * FROM unnest(invoice_ids, instalment_nos)));
    -- The internal steps that went with it go back too: otherwise they would
    -- stand for a formal notice that nobody has sent.
    WITH back AS (
        UPDATE dunning_action_item i SET dropped = true
        FROM dunning_action_item x JOIN dunning_action m USING (customer_id, action_id), dunning_action d
        WHERE x.customer_id = drop_items.customer_id AND x.action_id = drop_items.action_id AND x.dropped AND NOT m.internal
          AND (invoice_ids IS NULL OR (x.invoice_id, x.instalment_no) IN (SELECT * FROM unnest(invoice_ids, instalment_nos)))
          AND i.customer_id = x.customer_id AND i.invoice_id = x.invoice_id AND i.instalment_no = x.instalment_no AND i.cycle = x.cycle
          AND i.strategy_id = x.strategy_id AND i.dunning_level = x.dunning_level AND i.step_no > x.step_no AND NOT i.dropped
          AND d.customer_id = i.customer_id AND d.action_id = i.action_id AND d.internal
        RETURNING i.action_id
    )
    SELECT array_agg(DISTINCT b.action_id) INTO companions FROM back b;
    UPDATE dunning_action d SET status = 'obsolete', obsolete_reason = 'its communication was not sent'
    WHERE d.customer_id = drop_items.customer_id AND d.action_id = ANY (companions) AND d.status IN ('proposed', 'queued')
      AND NOT EXISTS (SELECT FROM dunning_action_item i WHERE i.customer_id = d.customer_id AND i.action_id = d.action_id AND NOT i.dropped);
    PERFORM go_on(drop_items.customer_id, drop_items.action_id);
END $$;
COMMENT ON FUNCTION drop_items(bigint, bigint, bigint[], integer[]) IS
'Gives these items of an action, or all, their step back: it was not carried out, so their level falls to what was; internal steps of the same level that went with it (preventive measures) go back with it. Under the lock of the account.';

-- What of an action is still to be asked for: its items as they are open now,
-- less what is disputed or was promised or planned since, and less those that
-- cash not matched and open credits would pay, oldest first.
-- In plpgsql, whose plans last for a session, as asked_items() and
-- item_progress(): each communication asks them several times.
CREATE FUNCTION action_items(customer_id bigint, action_id bigint)
RETURNS TABLE (invoice_id bigint, instalment_no integer, step_no integer, asked numeric, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN QUERY
    SELECT i.invoice_id, i.instalment_no, i.step_no, coalesce(o.asked, 0),
           CASE WHEN o.invoice_id IS NULL THEN CASE WHEN EXISTS (SELECT FROM open_item x WHERE x.customer_id = i.customer_id AND x.invoice_id = i.invoice_id
                                                                 AND x.instalment_no = i.instalment_no) THEN 'begun anew' ELSE 'settled' END
                WHEN o.asked = 0 THEN 'disputed'
                WHEN s.reason IS NOT NULL THEN s.reason
                WHEN EXISTS (SELECT FROM promise p WHERE p.customer_id = i.customer_id AND p.closed_on IS NULL
                             AND (p.invoice_id = o.invoice_id OR (p.invoice_id IS NULL AND p.currency = o.currency))) THEN 'promised'
                WHEN EXISTS (SELECT FROM payment_plan_item l JOIN payment_plan p USING (customer_id, plan_id)
                             WHERE l.customer_id = i.customer_id AND (l.invoice_id, l.instalment_no) = (o.invoice_id, o.instalment_no)
                               AND p.closed_on IS NULL AND p.opened_on >= d.run_on) THEN 'payment plan'
                WHEN (o.item).due_on >= (SELECT business_date())
                     AND EXISTS (SELECT FROM due_date_correction x WHERE x.customer_id = i.customer_id AND x.invoice_id = o.invoice_id
                                 AND x.instalment_no = o.instalment_no AND x.recorded_at > d.recorded_at) THEN 'due date corrected'
                WHEN EXISTS (SELECT FROM dunning_instruction n WHERE n.customer_id = i.customer_id AND n.kind = 'do_not_contact' AND n.closed_on IS NULL
                             AND coalesce(n.until >= (SELECT business_date()), true)) THEN 'do not contact'
                WHEN i.step_no IS NOT NULL AND EXISTS (SELECT FROM dunning_action_item n WHERE n.customer_id = i.customer_id AND n.invoice_id = i.invoice_id
                             AND n.instalment_no = i.instalment_no AND n.cycle = i.cycle AND n.action_id > i.action_id AND n.step_no IS NOT NULL AND NOT n.dropped
                             AND n.dunning_level > i.dunning_level) THEN 'superseded'
                WHEN i.step_no IS NOT NULL AND i.dunning_level = 0 AND NOT d.internal AND o.due_on < (SELECT business_date()) THEN 'due meanwhile'
                WHEN o.covered THEN 'cash received, match first' END
    FROM dunning_action d JOIN dunning_action_item i USING (customer_id, action_id)
    LEFT JOIN asked_items(action_items.customer_id) o USING (invoice_id, instalment_no, cycle)
    LEFT JOIN LATERAL (SELECT min(x.reason) AS reason FROM dunning_stop x WHERE x.customer_id = i.customer_id AND x.invoice_id = i.invoice_id) s ON true
    WHERE d.customer_id = action_items.customer_id AND d.action_id = action_items.action_id AND NOT i.dropped;
END $$;
COMMENT ON FUNCTION action_items(bigint, bigint) IS
'The items of a communication that are not dropped, what is asked for of each now, document currency, and the reason if it is not: settled, begun anew, disputed, a reason of dunning_stop, promised, payment plan, due date corrected since (it is not overdue), do not contact, due meanwhile (of a reminder before it), superseded by a communication of a higher level, or cash received that would pay it. step_no NULL: listed only.';

CREATE FUNCTION action_balance(customer_id bigint, action_id bigint, OUT items integer, OUT amount numeric, OUT reason text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT count(*) FILTER (WHERE m.reason IS NULL), coalesce(sum(m.asked) FILTER (WHERE m.reason IS NULL), 0),
           CASE WHEN count(*) FILTER (WHERE m.step_no IS NOT NULL AND m.reason IS NULL) = 0 THEN
               coalesce(min(m.reason) FILTER (WHERE m.step_no IS NOT NULL AND m.reason <> 'settled'), 'settled') END
    FROM action_items(action_balance.customer_id, action_balance.action_id) m
$$;
COMMENT ON FUNCTION action_balance(bigint, bigint) IS
'What is still to be asked for of a communication: number of items, amount in document currency, and the reason of action_items() if none of those that take its step is left.';

-- Nobody claims a call or task; a person finds it, and must not call who paid.
CREATE FUNCTION withdraw_paid_tasks(customer_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    paid record;
BEGIN
    FOR paid IN
        SELECT d.customer_id, d.action_id, b.reason
        FROM dunning_action d CROSS JOIN LATERAL action_balance(d.customer_id, d.action_id) b
        WHERE d.customer_id = ANY (customer_ids) AND d.task_id IS NOT NULL AND d.status IN ('proposed', 'queued')
          AND b.reason IN ('settled', 'cash received, match first')
        ORDER BY d.customer_id, d.action_id
    LOOP
        UPDATE dunning_action d SET status = 'obsolete', obsolete_reason = paid.reason
        WHERE d.customer_id = paid.customer_id AND d.action_id = paid.action_id;
        PERFORM drop_items(paid.customer_id, paid.action_id);
    END LOOP;
END $$;
COMMENT ON FUNCTION withdraw_paid_tasks(bigint[]) IS
'Takes back the calls and tasks of the queue of these customers whose items were paid, or would be by cash not matched: they become obsolete, and their tasks close. For the triggers of payment and allocation, under the lock of the accounts.';

CREATE FUNCTION look_again(customer_id bigint, action_id bigint, today date, OUT items integer, OUT amount numeric, OUT reason text)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    pressure record;
    invoice_ids bigint[];
    instalment_nos integer[];
BEGIN
    SELECT b.* INTO items, amount, reason FROM action_balance(look_again.customer_id, look_again.action_id) b;
    IF reason IS NOT NULL THEN
        UPDATE dunning_action d
        SET status = 'obsolete', obsolete_reason = reason, claim_token = NULL, claimed_until = NULL
        WHERE d.customer_id = look_again.customer_id AND d.action_id = look_again.action_id;
        PERFORM drop_items(look_again.customer_id, look_again.action_id);
        RETURN;
    END IF;
    -- What was said since it was queued counts.
    SELECT d.internal, p.last_on + greatest(s.min_gap_days, p.quiet_days, 1) AS quiet_on, p.free_on INTO pressure
    FROM dunning_action d JOIN dunning_step s USING (strategy_id, step_no)
    CROSS JOIN LATERAL contact_pressure(d.customer_id, today, d.action_id) p
    WHERE d.customer_id = look_again.customer_id AND d.action_id = look_again.action_id;
    IF NOT pressure.internal THEN
        -- Of two communications to one customer the other one is out already.
        reason := (SELECT 'another communication' FROM dunning_action x
                   WHERE x.customer_id = look_again.customer_id AND x.action_id <> look_again.action_id
                     AND x.status = 'claimed' AND x.claimed_until > clock_timestamp() AND NOT x.internal LIMIT 1);
        IF reason IS NULL AND greatest(pressure.quiet_on, pressure.free_on) > today THEN
            reason := CASE WHEN pressure.quiet_on > today THEN 'quiet days' ELSE 'contact cap' END;
            UPDATE dunning_action d SET due_on = business_day(greatest(pressure.quiet_on, pressure.free_on))
            WHERE d.customer_id = look_again.customer_id AND d.action_id = look_again.action_id;
        END IF;
        IF reason IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    SELECT array_agg(m.invoice_id), array_agg(m.instalment_no) INTO invoice_ids, instalment_nos
    FROM action_items(look_again.customer_id, look_again.action_id) m WHERE m.reason IS NOT NULL;
    IF invoice_ids IS NOT NULL THEN
        PERFORM drop_items(look_again.customer_id, look_again.action_id, invoice_ids, instalment_nos);
    END IF;
END $$;
COMMENT ON FUNCTION look_again(bigint, bigint, date) IS
'Looks at a communication once more before it leaves: items of which nothing is asked any more take their step back, and without any left it becomes obsolete; within quiet days or at the contact cap its day moves. Returns what is left, number of items and amount, and why it does not leave now; NULL = it may. Under the locks of the account and the action. For claim_actions() and simulate_dunning().';

CREATE FUNCTION claim_actions(worker text, max_actions integer DEFAULT 20, lease interval DEFAULT '15 minutes', channels text[] DEFAULT NULL)
RETURNS TABLE (action_id bigint, claim_token uuid, claimed_until timestamptz, customer_id bigint, code text, name text,
               language text, channel text, dunning_level integer, template text, currency text, items integer,
               amount numeric, lead_invoice_id bigint, attempt integer, recipient text, recipient_address text, subject text, body text, attachments text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    waiting record;
    left_of record;
    notice dunning_notice;
    invoice_ids bigint[];
    instalment_nos integer[];
    asked numeric[];
    today date := business_date();
    claimed integer := 0;
BEGIN
    IF coalesce(worker, '') = '' OR max_actions IS NULL OR max_actions < 1 OR lease IS NULL OR lease <= interval '0' THEN
        RAISE EXCEPTION 'argument "%" is out of range',
            CASE WHEN coalesce(worker, '') = '' THEN 'worker' WHEN lease IS NULL OR lease <= interval '0' THEN 'lease' ELSE 'max_actions' END
            USING ERRCODE = '22023';
    END IF;
    IF (SELECT mode FROM ledger) = 'observe' THEN
        RETURN;
    END IF;
    FOR waiting IN
        SELECT d.customer_id, d.action_id FROM dunning_action d
        WHERE d.status IN ('queued', 'claimed') AND d.due_on <= today
          AND (d.claimed_until IS NULL OR d.claimed_until < clock_timestamp())
          AND (d.retry_at IS NULL OR d.retry_at <= clock_timestamp())
          AND (channels IS NULL OR d.channel = ANY (channels)) AND may_see(d.customer_id)
        ORDER BY d.due_on, d.action_id
    LOOP
        EXIT WHEN claimed = max_actions;
        -- A payment in flight holds the account or the item: then not now.
        PERFORM FROM credit_account a WHERE a.customer_id = waiting.customer_id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        CONTINUE WHEN
            (SELECT count(*) FROM (SELECT FROM open_item o JOIN dunning_action_item i USING (customer_id, invoice_id, instalment_no)
                                   WHERE i.customer_id = waiting.customer_id AND i.action_id = waiting.action_id
                                   FOR NO KEY UPDATE OF o SKIP LOCKED) free)
          < (SELECT count(*) FROM open_item o JOIN dunning_action_item i USING (customer_id, invoice_id, instalment_no)
             WHERE i.customer_id = waiting.customer_id AND i.action_id = waiting.action_id);
        PERFORM FROM dunning_action d
        WHERE d.customer_id = waiting.customer_id AND d.action_id = waiting.action_id
          AND d.status IN ('queued', 'claimed') AND (d.claimed_until IS NULL OR d.claimed_until < clock_timestamp())
          AND (d.retry_at IS NULL OR d.retry_at <= clock_timestamp())
        FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        SELECT * INTO left_of FROM look_again(waiting.customer_id, waiting.action_id, today);
        CONTINUE WHEN left_of.reason IS NOT NULL;
        claimed := claimed + 1;
        UPDATE dunning_action d
        SET status = 'claimed', worker = claim_actions.worker, claim_token = gen_random_uuid(), claimed_until = clock_timestamp() + lease,
            attempts = d.attempts + 1, items = left_of.items, amount = left_of.amount
        WHERE d.customer_id = waiting.customer_id AND d.action_id = waiting.action_id;
        SELECT array_agg(m.invoice_id ORDER BY m.invoice_id, m.instalment_no), array_agg(m.instalment_no ORDER BY m.invoice_id, m.instalment_no),
               array_agg(m.asked ORDER BY m.invoice_id, m.instalment_no)
        INTO invoice_ids, instalment_nos, asked FROM action_items(waiting.customer_id, waiting.action_id) m;
        BEGIN
            notice := write_notice(waiting.customer_id, waiting.action_id,
                                   (SELECT 1 + coalesce(max(n.attempt), 0) FROM dunning_notice n WHERE n.customer_id = waiting.customer_id AND n.action_id = waiting.action_id),
                                   invoice_ids, instalment_nos, asked);
        EXCEPTION WHEN data_exception OR SQLSTATE 'CR006' OR SQLSTATE 'CR007' THEN
            -- the text of one stops nobody else's: a task says what is wrong
            UPDATE dunning_action d SET status = 'failed', outcome = SQLERRM, claim_token = NULL, claimed_until = NULL
            WHERE d.customer_id = waiting.customer_id AND d.action_id = waiting.action_id;
            claimed := claimed - 1;
            CONTINUE;
        END;
        RETURN QUERY
        SELECT t.action_id, t.claim_token, t.claimed_until, t.customer_id, c.code, c.name, t.language, t.channel,
               t.dunning_level, t.template, t.currency, t.items, t.amount, t.lead_invoice_id, notice.attempt, notice.recipient, notice.recipient_address, notice.subject, notice.body,
               notice.attachments
        FROM dunning_action t JOIN customer c USING (customer_id)
        WHERE t.customer_id = waiting.customer_id AND t.action_id = waiting.action_id;
    END LOOP;
END $$;
COMMENT ON FUNCTION claim_actions(text, integer, interval, text[]) IS
'Hands out up to max_actions communications to a worker for the time of the lease, oldest first, of these channels (NULL = all) and of customers that the caller may see, each with its text, to whom it goes (name, and e-mail address, telephone number or postal address by the channel, NULL if none is known), and the token that complete_action and fail_action ask for; the text is kept as dunning_notice. Looks at the balance again: items that are settled, disputed, promised, planned or paid by cash not matched since take their step back, and a communication with none left becomes obsolete; one that would come within quiet days of another waits; a customer with a posting in flight is left for the next call; one whose text cannot be made fails, with a task. At least once: after the lease another worker may get it; use action_id to recognise a repetition. Run it at READ COMMITTED. Runs as the owner: the queue is nobody''s to write.';

CREATE FUNCTION claimed_action(action_id bigint, token uuid) RETURNS dunning_action
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    mine dunning_action;
BEGIN
    SELECT d.* INTO mine FROM dunning_action d WHERE d.action_id = claimed_action.action_id FOR NO KEY UPDATE;
    IF mine.action_id IS NULL OR mine.status <> 'claimed' OR mine.claim_token IS DISTINCT FROM token THEN
        RAISE EXCEPTION 'action % is not yours', claimed_action.action_id
            USING ERRCODE = 'CR008',
                  DETAIL = CASE WHEN mine.action_id IS NULL THEN 'There is no such action.'
                                WHEN mine.status <> 'claimed' THEN format('Its status is %s.', mine.status)
                                ELSE 'The token is not that of its claim; the lease may have ended.' END,
                  HINT = 'Use action_id and claim_token as claim_actions returned them.';
    END IF;
    RETURN mine;
END $$;
COMMENT ON FUNCTION claimed_action(bigint, uuid) IS 'Locks and returns the action if the token is that of its claim; CR008 otherwise.';

CREATE FUNCTION notice_ended(customer_id bigint, action_id bigint, sent boolean, outcome text) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    UPDATE dunning_notice n SET sent_on = CASE WHEN sent THEN business_date() END, outcome = notice_ended.outcome
    WHERE n.customer_id = notice_ended.customer_id AND n.action_id = notice_ended.action_id
      AND n.attempt = (SELECT max(x.attempt) FROM dunning_notice x WHERE x.customer_id = n.customer_id AND x.action_id = n.action_id)
$$;
COMMENT ON FUNCTION notice_ended(bigint, bigint, boolean, text) IS
'Writes into the last notice of an action whether it was sent on the business date and what came of it.';

CREATE FUNCTION complete_action(action_id bigint, token uuid, outcome text DEFAULT 'sent') RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    mine dunning_action;
    left_of record;
BEGIN
    PERFORM lock_accounts(ARRAY[d.customer_id]) FROM dunning_action d WHERE d.action_id = complete_action.action_id;
    mine := claimed_action(action_id, token);
    SELECT * INTO left_of FROM action_balance(mine.customer_id, mine.action_id);
    IF mine.channel IN ('call', 'task') AND left_of.reason IN ('disputed', 'promised', 'payment plan') THEN
        left_of.reason := NULL;     -- that is what the call brought
    END IF;
    PERFORM notice_ended(mine.customer_id, mine.action_id, true, complete_action.outcome);
    UPDATE dunning_action d
    SET status = CASE WHEN left_of.reason IS NULL THEN 'done' ELSE 'obsolete' END, obsolete_reason = left_of.reason,
        outcome = complete_action.outcome, claim_token = NULL, claimed_until = NULL, done_on = greatest(business_date(), d.run_on)
    WHERE d.customer_id = mine.customer_id AND d.action_id = mine.action_id
    RETURNING d.status INTO outcome;
    RETURN outcome;
END $$;
COMMENT ON FUNCTION complete_action(bigint, uuid, text) IS
'Reports a claimed communication as carried out, with what came of it; its items go on to their next step. Returns done, or obsolete if its items were settled, disputed or promised since the claim; a call that brought a dispute, promise or payment plan is done. CR008 if the token is not that of the claim. Runs as the owner.';

CREATE FUNCTION fail_action(action_id bigint, token uuid, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    mine dunning_action;
BEGIN
    PERFORM lock_accounts(ARRAY[d.customer_id]) FROM dunning_action d WHERE d.action_id = fail_action.action_id;
    mine := claimed_action(action_id, token);
    PERFORM notice_ended(mine.customer_id, mine.action_id, false, fail_action.reason);
    UPDATE dunning_action d
    SET status = CASE WHEN d.attempts >= 5 THEN 'failed' ELSE 'queued' END, outcome = fail_action.reason,
        retry_at = clock_timestamp() + interval '5 minutes' * 2 ^ (d.attempts - 1),
        claim_token = NULL, claimed_until = NULL
    WHERE d.customer_id = mine.customer_id AND d.action_id = mine.action_id
    RETURNING d.status INTO reason;
    RETURN reason;
END $$;
COMMENT ON FUNCTION fail_action(bigint, uuid, text) IS
'Reports a claimed communication as failed, with the reason. It is queued again after 5, 10, 20, 40 minutes; after the fifth attempt its status is failed, a task for the collection, and its items wait for requeue_action() or reject_action(). Returns the status. CR008 if the token is not that of the claim. Runs as the owner.';

