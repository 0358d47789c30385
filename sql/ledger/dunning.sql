-- Dunning: the nightly run. It ages an item by an UPDATE of its step and level;
-- the trigger on that UPDATE queues the communication.

CREATE TABLE dunning_postponement (
    customer_id   bigint NOT NULL,
    invoice_id    bigint NOT NULL,
    instalment_no integer NOT NULL,
    run_on        date NOT NULL,
    step_no       integer NOT NULL,
    reason        text NOT NULL,
    until         date NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (customer_id, invoice_id, instalment_no, run_on),
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice ON UPDATE RESTRICT ON DELETE RESTRICT
);
COMMENT ON TABLE dunning_postponement IS 'Facts: why a step that was due was not taken in a run (relances suspendues).';
COMMENT ON COLUMN dunning_postponement.customer_id IS 'The payer.';
COMMENT ON COLUMN dunning_postponement.invoice_id IS 'The invoice.';
COMMENT ON COLUMN dunning_postponement.instalment_no IS 'Its instalment.';
COMMENT ON COLUMN dunning_postponement.run_on IS 'Business date of the run.';
COMMENT ON COLUMN dunning_postponement.step_no IS 'The step that would have been taken.';
COMMENT ON COLUMN dunning_postponement.reason IS 'held (by a case), cash received match first, item below minimum, account below minimum, silent while overdue, grace, not a business day, quiet days, contact cap, another currency first, another level first, opening balances of the day.';
COMMENT ON COLUMN dunning_postponement.until IS 'When the item is looked at again.';
COMMENT ON COLUMN dunning_postponement.recorded_at IS 'When the run said so.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON dunning_postponement
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON dunning_postponement
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the queue and people did counts alike.
CREATE FUNCTION contact_pressure(customer_id bigint, as_of date, except_action_id bigint DEFAULT NULL,
                                 OUT last_on date, OUT free_on date, OUT quiet_days integer, OUT grace_days integer)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET enable_seqscan = off     -- its plan may be older than the queue is long
AS $$
DECLARE
    cap integer;
    cap_days integer;
BEGIN
    SELECT max(i.days) FILTER (WHERE i.kind = 'quiet_days'), max(i.days) FILTER (WHERE i.kind = 'grace'), max(i.days) FILTER (WHERE i.kind = 'contact_cap')
    INTO quiet_days, grace_days, cap
    FROM dunning_instruction i WHERE i.customer_id = contact_pressure.customer_id AND i.closed_on IS NULL;
    SELECT coalesce(cap, l.contact_cap), l.contact_cap_days INTO cap, cap_days FROM ledger l;
    -- OFFSET 0: by the customer, not by the days, whatever the planner believes.
    last_on := greatest((SELECT max(coalesce(d.done_on, d.run_on)) FROM (SELECT a.* FROM dunning_action a WHERE a.customer_id = contact_pressure.customer_id OFFSET 0) d
                         WHERE d.run_on <= as_of AND d.run_on > as_of - 370
                           AND NOT d.internal AND (d.status <> 'obsolete' OR d.done_on IS NOT NULL)
                           AND d.action_id IS DISTINCT FROM except_action_id AND (except_action_id IS NULL OR d.done_on IS NOT NULL)),
                        last_contact(contact_pressure.customer_id, as_of));
    IF cap = 0 THEN
        free_on := as_of + 7;       -- to be looked at again, for the instruction may end
    ELSIF cap IS NOT NULL THEN
        free_on := (SELECT c.day + cap_days
                    FROM (SELECT coalesce(d.done_on, d.run_on) AS day FROM (SELECT a.* FROM dunning_action a WHERE a.customer_id = contact_pressure.customer_id OFFSET 0) d
                          WHERE d.run_on <= as_of AND d.run_on > as_of - 2 * cap_days
                            AND NOT d.internal AND (d.status <> 'obsolete' OR d.done_on IS NOT NULL) AND d.action_id IS DISTINCT FROM except_action_id
                        UNION ALL
                          SELECT i.occurred_on FROM interaction i
                          WHERE i.customer_id = contact_pressure.customer_id AND i.occurred_on <= as_of AND i.occurred_on > as_of - cap_days AND i.action_id IS NULL
                            AND i.direction = 'out' AND i.kind IN ('call', 'e-mail', 'sms', 'letter', 'registered', 'portal') AND i.reversal_of IS NULL
                            AND coalesce(i.outcome, '') NOT IN ('no_answer', 'wrong_number')
                            AND NOT EXISTS (SELECT FROM interaction r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.interaction_id)) c
                    WHERE c.day > as_of - cap_days ORDER BY c.day DESC OFFSET cap - 1 LIMIT 1);
    END IF;
END $$;
COMMENT ON FUNCTION contact_pressure(bigint, date, bigint) IS
'How much a customer has heard of us up to a day: the last communication by the queue or a person, the first day on which the contact cap leaves room (NULL = now; a week later where the cap is 0), and its instructions of quiet days and grace. With except_action_id that action is left out, and of the others what was carried out counts.';

-- Everything that a day brings is found by an index on its date, so that the
-- cost of a night follows what is due.
CREATE FUNCTION due_customers(as_of date, max_customers integer DEFAULT NULL) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN (SELECT array_agg(DISTINCT d.customer_id ORDER BY d.customer_id)
            FROM ((SELECT o.customer_id FROM open_item o WHERE o.next_action_on <= as_of
                   ORDER BY o.next_action_on, o.customer_id LIMIT max_customers)
                UNION ALL
                  (SELECT u.customer_id FROM unmatured_payment u WHERE u.final_on <= as_of
                   ORDER BY u.final_on, u.customer_id LIMIT max_customers)
                UNION ALL
                  (SELECT p.customer_id FROM promise p WHERE p.closed_on IS NULL AND p.next_check_on <= as_of
                   ORDER BY p.next_check_on, p.customer_id LIMIT max_customers)
                UNION ALL
                  (SELECT p.customer_id FROM payment_plan p WHERE p.closed_on IS NULL AND p.next_check_on <= as_of
                   ORDER BY p.next_check_on, p.customer_id LIMIT max_customers)) d);
END $$;
COMMENT ON FUNCTION due_customers(date, integer) IS
'Customers for whom the nightly run has something to do on a day, ascending, about max_customers of them (NULL = all): a step of dunning, a payment that becomes final, a promise or payment plan to judge. NULL if there are none.';

CREATE FUNCTION run_batch(as_of date, batch bigint[], OUT customers bigint, OUT items bigint, OUT actions bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    queued_before bigint;
    opening_notices bigint;     -- that may still go out on this day
    customer_ids bigint[];      -- of the items decided about, and what was decided
    invoice_ids bigint[];
    instalment_nos integer[];
    steps integer[];            -- NULL: put aside
    levels integer[];
    parked_dates date[];
    next_dates date[];
    unmatched bigint[];         -- customers whose cash would pay what is due
    reasons text[];             -- why an item is put aside
    next_steps integer[];       -- and which step it would have taken
    announced bigint[];         -- invoices whose formal notice is near
    announced_of bigint[];
    announced_for date[];
    waits boolean := sending_awaited();
    opens_on date := business_day(as_of);   -- nothing leaves before
BEGIN
    -- Payments and orders of these customers wait, and a second run finds
    -- nothing left: the next statement sees what was committed before. The
    -- heads of a group are locked before those whose exposure will move.
    PERFORM FROM credit_account a
    WHERE a.customer_id = ANY (batch)
       OR a.customer_id IN (SELECT unnest(m.group_path) FROM credit_account m JOIN unmatured_payment u USING (customer_id)
                            WHERE m.customer_id = ANY (batch) AND u.final_on <= as_of)
    ORDER BY coalesce(cardinality(a.group_path), 1000000), a.customer_id FOR NO KEY UPDATE;
    INSERT INTO payment_final (customer_id, payment_id, effective_on, amount_base)
    SELECT u.customer_id, u.payment_id, u.final_on, u.amount_base
    FROM unmatured_payment u WHERE u.customer_id = ANY (batch) AND u.final_on <= as_of;
    PERFORM judge_promises(batch, as_of);
    PERFORM judge_plans(batch, as_of);
    SELECT count(*) INTO queued_before FROM dunning_action d WHERE d.customer_id = ANY (batch) AND d.run_on = as_of;
    SELECT l.opening_notices - (SELECT count(*) FROM dunning_action d JOIN invoice i ON (i.customer_id, i.invoice_id) = (d.customer_id, d.lead_invoice_id)
                                WHERE d.run_on = as_of AND i.kind = 'opening_balance' AND d.dunning_level <= 1)
    INTO opening_notices FROM ledger l;
    -- Each payer is read once, and its items by their key: OFFSET 0 keeps the
    -- planner from reading the whole ledger, whatever it believes of its size.
    WITH payer AS MATERIALIZED (
        SELECT a.customer_id, a.unapplied, a.strategy_id, p.*,      -- the least item that any step after the due date asks for
               (SELECT min(s.min_amount) FROM dunning_step s WHERE s.strategy_id = a.strategy_id AND s.offset_days >= 0) AS least_amount
        FROM credit_account a CROSS JOIN LATERAL contact_pressure(a.customer_id, as_of) p
        WHERE a.customer_id = ANY (batch)
    ), contested AS MATERIALIZED (
        SELECT d.* FROM disputed_item d WHERE d.customer_id = ANY (batch)
    ), open_of AS (     -- what is disputed is neither asked for nor paid by what is not matched
        SELECT o.customer_id, o.invoice_id, o.instalment_no, o.kind, o.currency, n.asked_base, o.step_no,
               o.stepped_on, o.next_action_on, coalesce(o.agreed_due_on, o.due_on) AS due_on, o.due_on AS original_due_on, o.item,
               p.unapplied - coalesce(sum(o.open_amount_base) FILTER (WHERE o.kind = 'credit_note') OVER w, 0) AS credits,
               sum(greatest(n.asked_base, 0)) OVER (w ORDER BY o.due_on, o.invoice_id, o.instalment_no) AS owed_so_far,
               o.strategy_id, p.last_on, p.free_on, p.quiet_days, p.grace_days, p.least_amount
        FROM payer p CROSS JOIN LATERAL (SELECT i.*, i AS item FROM open_item i WHERE i.customer_id = p.customer_id OFFSET 0) o
        LEFT JOIN contested d ON (d.customer_id, d.invoice_id, d.instalment_no) = (o.customer_id, o.invoice_id, o.instalment_no)
        CROSS JOIN LATERAL (SELECT CASE WHEN d.disputed_amount IS NULL THEN o.open_amount_base
                                        ELSE credit_risk.base_share(o.open_amount_base, o.open_amount, 0, greatest(o.open_amount - d.disputed_amount, 0))
                                   END AS asked_base) n
        WINDOW w AS (PARTITION BY o.customer_id)
    ), counted AS (     -- cash not matched and open credits count as payment of the oldest items
        SELECT o.*, o.owed_so_far <= o.credits AS covered,
               sum(o.asked_base) FILTER (WHERE o.kind <> 'credit_note' AND o.due_on < as_of AND o.owed_so_far > o.credits)
                   OVER (PARTITION BY o.customer_id) AS overdue,
               sum(o.asked_base) FILTER (WHERE o.kind <> 'credit_note' AND o.due_on < as_of AND o.owed_so_far > o.credits AND o.asked_base >= o.least_amount)
                   OVER (PARTITION BY o.customer_id) AS to_ask      -- what a reminder would list: one amount for threshold and letter
        FROM open_of o
    ), due AS MATERIALIZED (
        SELECT c.*, s.step_no AS step, s.dunning_level AS level, s.offset_days, s.announce_days, s.min_amount, t.min_account,
               s.channel = 'task' AS internal,
               CASE WHEN s.announce_days = 0 THEN step_date(c.due_on, s.offset_days) ELSE announced_date(s, c.due_on, c.stepped_on) END AS planned_on, greatest(s.min_gap_days, c.quiet_days, 1) AS gap,
               case_hold(c.item) AS held
        FROM counted c LEFT JOIN dunning_strategy t USING (strategy_id)
        LEFT JOIN LATERAL (SELECT p.* FROM dunning_step p       -- what should have been said before it was due is not said after
                           WHERE p.strategy_id = c.strategy_id AND p.step_no > c.step_no
                             AND (p.offset_days >= 0 OR c.due_on >= as_of)
                           ORDER BY p.step_no LIMIT 1) s ON true
        WHERE c.next_action_on <= as_of AND c.kind <> 'credit_note'
    ), judged AS (
        SELECT d.*, CASE WHEN d.step IS NULL THEN 'no step left'
                         WHEN d.held > as_of THEN 'held'
                         WHEN d.covered THEN 'cash received, match first'
                         WHEN d.asked_base < d.min_amount THEN 'item below minimum'
                         WHEN d.offset_days < 0 AND d.overdue > 0 THEN 'silent while overdue'
                         WHEN d.offset_days >= 0 AND coalesce(d.to_ask, 0) < d.min_account THEN 'account below minimum'
                         WHEN d.planned_on > as_of THEN 'announced'
                         WHEN d.offset_days >= 0 AND d.due_on + d.grace_days > as_of THEN 'grace'
                         WHEN d.internal THEN NULL
                         WHEN opens_on > as_of THEN 'not a business day'
                         WHEN d.last_on + d.gap > as_of THEN 'quiet days'
                         WHEN d.free_on > as_of THEN 'contact cap' END AS why
        FROM due d
    ), led AS (         -- one communication a day, for what has waited longest; a formal notice speaks of its own level only
        SELECT j.*, first_value(j.currency) OVER (PARTITION BY j.customer_id, j.why IS NULL, j.internal
                                                  ORDER BY j.planned_on, j.original_due_on, j.invoice_id, j.instalment_no) AS lead_currency,
               first_value(j.level) OVER (PARTITION BY j.customer_id, j.currency, j.why IS NULL, j.internal
                                          ORDER BY j.original_due_on, j.invoice_id, j.instalment_no) AS lead_level,
               j.kind = 'opening_balance' AND j.step_no = 0 AND j.why IS NULL AS opens,
               dense_rank() OVER (PARTITION BY j.kind = 'opening_balance' AND j.step_no = 0 AND j.why IS NULL ORDER BY j.customer_id) AS place
        FROM judged j
    ), decided AS (
        SELECT l.*, CASE WHEN l.why IS NOT NULL THEN l.why
                         WHEN l.internal THEN NULL
                         WHEN l.opens AND l.place > opening_notices THEN 'opening balances of the day'
                         WHEN l.currency <> l.lead_currency THEN 'another currency first'
                         WHEN l.level <> l.lead_level AND greatest(l.lead_level, l.level) >= 4 THEN 'another level first' END AS reason
        FROM led l
    ), placed AS (
        SELECT d.*, CASE d.reason WHEN 'no step left' THEN 'infinity'
                                  WHEN 'held' THEN d.held
                                  WHEN 'silent while overdue' THEN d.due_on + 1
                                  WHEN 'announced' THEN d.planned_on
                                  WHEN 'grace' THEN d.due_on + d.grace_days
                                  WHEN 'not a business day' THEN opens_on
                                  WHEN 'quiet days' THEN d.last_on + d.gap
                                  WHEN 'contact cap' THEN d.free_on
                                  WHEN 'opening balances of the day' THEN as_of + 1
                                  WHEN 'another currency first' THEN as_of + d.gap
                                  WHEN 'another level first' THEN as_of + d.gap
                                  ELSE as_of + d.gap + 1 END AS aside,
               -- the internal steps of the same level whose day has come go with it
               coalesce((SELECT max(q.step_no) FROM dunning_step q
                         WHERE d.reason IS NULL AND q.strategy_id = d.strategy_id AND q.step_no > d.step AND q.channel = 'task' AND q.dunning_level = d.level
                           AND step_date(d.due_on, q.offset_days) <= as_of), d.step) AS reached
        FROM decided d
    ), told AS (        -- sales are told now of what is announced, and of the next step if tomorrow is too late for it
        SELECT p.*, greatest(CASE WHEN p.reason IS NULL THEN n.planned_on WHEN p.reason = 'announced' AND p.announce_days > 0 THEN p.planned_on END,
                             business_days_after(as_of, CASE WHEN p.reason IS NULL THEN n.announce_days WHEN p.reason = 'announced' AND p.announce_days > 0 THEN p.announce_days END)) AS tells_of
        FROM placed p LEFT JOIN LATERAL (
            SELECT (l.n).announce_days, announced_date(l.n, p.due_on, as_of) AS planned_on
            FROM (SELECT q FROM dunning_step q WHERE q.strategy_id = p.strategy_id AND q.step_no > p.reached ORDER BY q.step_no LIMIT 1) l (n)
            WHERE p.reason IS NULL AND (l.n).announce_days > 0
              AND business_days_before(announced_date(l.n, p.due_on, as_of), (l.n).announce_days) <= as_of) n ON true
    )
    SELECT array_agg(d.customer_id), array_agg(d.invoice_id), array_agg(d.instalment_no),
           array_agg(CASE WHEN d.reason IS NULL THEN d.reached END), array_agg(d.level),
           array_agg(CASE WHEN d.reason IS NOT NULL THEN d.aside WHEN waits AND NOT d.internal THEN 'infinity' END),
           array_agg(CASE WHEN d.reason IS NOT NULL THEN next_action(d.strategy_id, d.due_on, d.step_no, d.stepped_on, d.aside)
                          WHEN NOT waits OR d.internal THEN next_action(d.strategy_id, d.due_on, d.reached, as_of, NULL) END),
           array_agg(DISTINCT d.customer_id) FILTER (WHERE d.reason = 'cash received, match first' AND d.offset_days >= 0),
           array_agg(d.reason), array_agg(d.step),
           array_agg(d.customer_id) FILTER (WHERE d.tells_of IS NOT NULL), array_agg(d.invoice_id) FILTER (WHERE d.tells_of IS NOT NULL),
           array_agg(d.tells_of) FILTER (WHERE d.tells_of IS NOT NULL)
    INTO customer_ids, invoice_ids, instalment_nos, steps, levels, parked_dates, next_dates, unmatched, reasons, next_steps, announced_of, announced, announced_for
    FROM told d;
    -- From arrays, whose length is known, so that the items are found by key.
    UPDATE open_item o
    SET step_no = coalesce(d.step, o.step_no),
        dunning_level = CASE WHEN d.step IS NULL THEN o.dunning_level ELSE d.level END,
        stepped_on = CASE WHEN d.step IS NULL THEN o.stepped_on ELSE as_of END,
        parked_until = d.parked,
        next_action_on = d.next_on
    FROM unnest(customer_ids, invoice_ids, instalment_nos, steps, levels, parked_dates, next_dates)
         d (customer_id, invoice_id, instalment_no, step, level, parked, next_on)
    WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (d.customer_id, d.invoice_id, d.instalment_no);
    GET DIAGNOSTICS items = ROW_COUNT;
    IF items = 0 AND EXISTS (SELECT FROM open_item o WHERE o.customer_id = ANY (batch) AND o.next_action_on <= as_of) THEN
        RAISE EXCEPTION 'items that are due on % could not be moved', as_of     -- the next call would find them again
            USING ERRCODE = 'CR002', DETAIL = format('They are of %s customers, %s the first.', cardinality(batch), batch[1]),
                  HINT = 'verify() says what is wrong; a row security policy on credit_account must let its owner through.';
    END IF;
    INSERT INTO dunning_postponement (customer_id, invoice_id, instalment_no, run_on, step_no, reason, until)
    SELECT d.customer_id, d.invoice_id, d.instalment_no, as_of, d.step, d.reason, d.until
    FROM unnest(customer_ids, invoice_ids, instalment_nos, next_steps, reasons, parked_dates) d (customer_id, invoice_id, instalment_no, step, reason, until)
    WHERE d.reason NOT IN ('no step left', 'announced')
    ON CONFLICT DO NOTHING;
    INSERT INTO task (customer_id, kind, subject, invoice_id, department, due_on, opened_on)
    SELECT u.customer_id, 'formal_notice_announced', format('A formal notice goes out on %s: speak to the customer before', u.planned_on), u.invoice_id, 'sales', u.planned_on, as_of
    FROM unnest(announced_of, announced, announced_for) u (customer_id, invoice_id, planned_on)
    WHERE sales_told_on(u.customer_id, u.invoice_id, as_of) IS NULL
    ON CONFLICT DO NOTHING;
    INSERT INTO task (customer_id, kind, subject, department, opened_on)
    SELECT u, 'match_cash', 'Match the cash and credits that would pay what is overdue', 'accounting', as_of
    FROM unnest(unmatched) u
    ON CONFLICT DO NOTHING;
    PERFORM close_match_tasks(batch);
    customers := coalesce(cardinality(batch), 0);
    SELECT count(*) - queued_before INTO actions FROM dunning_action d WHERE d.customer_id = ANY (batch) AND d.run_on = as_of;
END $$;
COMMENT ON FUNCTION run_batch(date, bigint[]) IS
'One batch of the nightly run: these customers on this day. run_daily() and simulate_dunning() do the same by it.';

CREATE FUNCTION run_daily(as_of date DEFAULT NULL, max_customers integer DEFAULT NULL,
                          OUT customers bigint, OUT items bigint, OUT actions bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    as_of := coalesce(as_of, business_date());
    IF NOT isfinite(as_of) OR max_customers <= 0 THEN
        RAISE EXCEPTION 'argument "%" is out of range', CASE WHEN isfinite(as_of) THEN 'max_customers' ELSE 'as_of' END
            USING ERRCODE = '22023';
    END IF;
    SELECT r.* INTO customers, items, actions FROM run_batch(as_of, due_customers(as_of, max_customers)) r;
END $$;
COMMENT ON FUNCTION run_daily(date, integer) IS
'The nightly run (as_of NULL = business date): payments that can no longer come back become final; promises and payment plans whose day has come are judged; takes what is due by next_action_on, ages each item by its next step, or puts it aside, which dunning_postponement tells: held by a case, covered by cash not matched (a task for accounting), below a minimum, within quiet days or at the contact cap, another currency or level first, more opening balances than opening_notices a day. Queues one communication per payer. Sales are told of a formal notice before. Write the date with its type (run_daily(date ''2026-03-31'')): a bare literal is taken for the name of a ledger by the procedure credit_risk.run_daily, where that is on the path too. A second run of the day finds nothing; missed days are caught up one step at a time. max_customers bounds one call. Returns customers and items looked at and actions queued. Runs as the owner: a scheduler needs no right on the tables.';
