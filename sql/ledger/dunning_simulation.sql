-- What the nights to come would send, and what would be held back: the run
-- itself, day by day, in a subtransaction that is taken back.

CREATE FUNCTION hold_reason(item open_item, as_of date) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN coalesce(
        (SELECT min(s.reason) FROM dunning_stop s WHERE s.customer_id = item.customer_id AND s.invoice_id = item.invoice_id),
        (SELECT 'do not contact' FROM dunning_instruction i
         WHERE i.customer_id = item.customer_id AND i.kind = 'do_not_contact' AND i.closed_on IS NULL AND coalesce(i.until >= as_of, true)),
        (SELECT CASE WHEN sum(d.amount) FILTER (WHERE d.closed_on IS NULL) >= item.open_amount THEN 'disputed'
                     WHEN max(d.closed_on) FILTER (WHERE d.accepted_amount > 0) + 7 > as_of THEN 'credit note to come' END FROM dispute d
         WHERE d.customer_id = item.customer_id AND d.invoice_id = item.invoice_id AND d.instalment_no = item.instalment_no),
        (SELECT 'promised' FROM promise p
         WHERE p.customer_id = item.customer_id AND p.closed_on IS NULL AND p.next_check_on > as_of
           AND (p.invoice_id = item.invoice_id OR (p.invoice_id IS NULL AND p.currency = item.currency)) LIMIT 1),
        (SELECT 'undeliverable' FROM dunning_action_item i JOIN dunning_action d USING (customer_id, action_id)
         WHERE i.customer_id = item.customer_id AND i.invoice_id = item.invoice_id AND i.instalment_no = item.instalment_no
           AND i.cycle = item.cycle AND i.step_no IS NOT NULL AND NOT i.dropped AND d.status = 'failed' AND sending_awaited() LIMIT 1));
END $$;
COMMENT ON FUNCTION hold_reason(open_item, date) IS
'Which case keeps an item from dunning on a day: a reason of dunning_stop, do not contact, disputed, credit note to come (a dispute was accepted), promised, or undeliverable (its last communication failed); NULL = none.';

-- A step that would be there by a day, were it not for a case or a plan.
CREATE FUNCTION held_steps(customer_ids bigint[], from_on date, to_on date) RETURNS SETOF dunning_postponement
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT o.customer_id, o.invoice_id, o.instalment_no, greatest(n.planned_on, from_on), n.step_no, h.reason, coalesce(o.parked_until, o.agreed_due_on), clock_timestamp()
    FROM open_item o
    CROSS JOIN LATERAL (SELECT s.step_no, greatest(step_date(o.due_on, s.offset_days), o.stepped_on + greatest(s.min_gap_days, 1)) AS planned_on,
                               step_date(coalesce(o.agreed_due_on, o.due_on), s.offset_days) AS agreed_on
                        FROM dunning_step s
                        WHERE s.strategy_id = o.strategy_id AND s.step_no > o.step_no AND (s.offset_days >= 0 OR o.due_on >= (SELECT business_date()))
                        ORDER BY s.step_no LIMIT 1) n
    CROSS JOIN LATERAL (SELECT coalesce(hold_reason(o, greatest(n.planned_on, (SELECT business_date()))),
                                        CASE WHEN n.agreed_on > to_on AND n.agreed_on > n.planned_on THEN 'payment plan' END) AS reason) h
    WHERE o.customer_id = ANY (customer_ids) AND o.kind <> 'credit_note' AND n.planned_on <= to_on AND h.reason IS NOT NULL
$$;
COMMENT ON FUNCTION held_steps(bigint[], date, date) IS
'The items of these customers that would take their next step up to a day, did not a case or a payment plan hold them, as rows of dunning_postponement: run_on is the day of the step, the first day at the earliest.';

CREATE FUNCTION due_of(customer_ids bigint[], as_of date) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT array_agg(DISTINCT d.customer_id ORDER BY d.customer_id)
    FROM (SELECT o.customer_id FROM open_item o WHERE o.customer_id = ANY (customer_ids) AND o.next_action_on <= as_of
          UNION ALL
          SELECT u.customer_id FROM unmatured_payment u WHERE u.customer_id = ANY (customer_ids) AND u.final_on <= as_of
          UNION ALL
          SELECT p.customer_id FROM promise p WHERE p.customer_id = ANY (customer_ids) AND p.closed_on IS NULL AND p.next_check_on <= as_of
          UNION ALL
          SELECT p.customer_id FROM payment_plan p WHERE p.customer_id = ANY (customer_ids) AND p.closed_on IS NULL AND p.next_check_on <= as_of) d
$$;
COMMENT ON FUNCTION due_of(bigint[], date) IS 'Those of these customers for whom the run has something to do on a day, as due_customers() says; NULL if there are none.';

-- One day after its run: what may leave leaves, as claim_actions() would let it.
CREATE FUNCTION simulate_sending(customer_ids bigint[], today date, OUT sent dunning_action[], OUT kept dunning_postponement[])
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    waiting record;
    left_items integer;
    left_amount numeric;
    why text;
    given_back dunning_postponement[];
BEGIN
    sent := '{}';
    kept := '{}';
    FOR waiting IN
        SELECT d.customer_id, d.action_id, d.internal, d.run_on = today AND NOT EXISTS (     -- the run has just looked at it
                   SELECT FROM dunning_action x
                   WHERE x.customer_id = d.customer_id AND x.action_id <> d.action_id AND x.run_on <= today AND NOT x.internal
                     AND (x.status IN ('proposed', 'queued', 'claimed') OR x.done_on = today)) AS judged
        FROM dunning_action d
        WHERE d.customer_id = ANY (customer_ids) AND d.status IN ('proposed', 'queued') AND d.due_on <= today
        ORDER BY d.due_on, d.action_id
    LOOP
        SELECT array_agg(ROW(waiting.customer_id, m.invoice_id, m.instalment_no, today, m.step_no, m.reason, today, clock_timestamp())::dunning_postponement)
        INTO given_back FROM action_items(waiting.customer_id, waiting.action_id) m
        WHERE NOT waiting.judged AND m.step_no IS NOT NULL AND m.reason IS NOT NULL AND m.reason NOT IN ('settled', 'begun anew');
        kept := kept || given_back;
        IF NOT waiting.judged THEN
            SELECT * INTO left_items, left_amount, why FROM look_again(waiting.customer_id, waiting.action_id, today);
            IF why IN ('quiet days', 'contact cap') THEN
                kept := kept || ARRAY(SELECT ROW(i.customer_id, i.invoice_id, i.instalment_no, today, i.step_no, why, today, clock_timestamp())::dunning_postponement
                                      FROM dunning_action_item i
                                      WHERE i.customer_id = waiting.customer_id AND i.action_id = waiting.action_id AND i.step_no IS NOT NULL AND NOT i.dropped);
            END IF;
            CONTINUE WHEN why IS NOT NULL;
        END IF;
        WITH done AS (
            UPDATE dunning_action d
            SET status = 'done', done_on = today, outcome = 'simulated', claim_token = NULL, claimed_until = NULL,
                items = CASE WHEN waiting.judged THEN d.items ELSE left_items END, amount = CASE WHEN waiting.judged THEN d.amount ELSE left_amount END
            WHERE d.customer_id = waiting.customer_id AND d.action_id = waiting.action_id
            RETURNING d
        )
        SELECT sent || array_agg(n.d) INTO sent FROM done n;
    END LOOP;
END $$;
COMMENT ON FUNCTION simulate_sending(bigint[], date) IS
'Carries out what waits for these customers and has its day, approval assumed given: what left, and as rows of dunning_postponement what did not and why. Only inside simulate_dunning(), which takes it back.';

CREATE FUNCTION simulate_dunning(from_on date, to_on date)
RETURNS TABLE (send_on date, customer_id bigint, code text, name text, channel text, dunning_level integer, template text,
               items integer, amount numeric, currency text, lead_invoice_id bigint, suppressed_by text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '10s'
AS $$
DECLARE
    today date := business_date();
    customer_ids bigint[];
    opening bigint;     -- these share opening_notices, and are one batch
    first_no bigint := 1;
    last_no bigint;
    batch bigint[];
    due bigint[];
    day date;
    gone record;
    sent dunning_action[];
    kept dunning_postponement[];
BEGIN
    IF NOT coalesce(isfinite(simulate_dunning.from_on) AND isfinite(simulate_dunning.to_on), false) OR simulate_dunning.from_on < today
       OR simulate_dunning.to_on < simulate_dunning.from_on OR simulate_dunning.to_on > today + 366 THEN
        RAISE EXCEPTION 'dunning cannot be simulated from % to %', coalesce(simulate_dunning.from_on::text, 'NULL'), coalesce(simulate_dunning.to_on::text, 'NULL')
            USING ERRCODE = '22023', DETAIL = format('The business date is %s.', today),
                  HINT = 'The days are in order, from the business date to a year after it; what was sent before is in dunning_action.';
    ELSIF current_setting('transaction_read_only')::boolean THEN
        RAISE EXCEPTION 'dunning cannot be simulated in a read-only transaction'
            USING ERRCODE = '25006', HINT = 'The simulation runs the nights and takes them back: call it in a transaction that may write, on the primary server. It changes nothing.';
    END IF;
    SELECT array_agg(c.customer_id ORDER BY c.opens DESC, c.customer_id), count(*) FILTER (WHERE c.opens)
    INTO customer_ids, opening
    FROM (SELECT k.customer_id, EXISTS (SELECT FROM open_item o WHERE o.customer_id = k.customer_id AND o.kind = 'opening_balance' AND o.step_no = 0) AS opens
          FROM (SELECT unnest(due_customers(simulate_dunning.to_on)) AS customer_id
                UNION SELECT d.customer_id FROM dunning_action d WHERE d.status IN ('proposed', 'queued', 'claimed', 'failed')
                UNION SELECT p.customer_id FROM dunning_postponement p WHERE p.until > today
                UNION SELECT s.customer_id FROM dunning_stop s
                UNION SELECT i.customer_id FROM dunning_instruction i WHERE i.kind = 'do_not_contact' AND i.closed_on IS NULL
                UNION SELECT d.customer_id FROM dispute d WHERE d.closed_on IS NULL OR d.closed_on > today - 8
                UNION SELECT p.customer_id FROM promise p WHERE p.closed_on IS NULL
                UNION SELECT p.customer_id FROM payment_plan p WHERE p.closed_on IS NULL) k
          WHERE (SELECT NOT agency_security_on()) OR may_see(k.customer_id)) c;
    WHILE first_no <= cardinality(customer_ids) LOOP
        last_no := greatest(first_no + 199, opening);
        batch := customer_ids[first_no:last_no];
        first_no := last_no + 1;
        sent := '{}';
        BEGIN
            PERFORM lock_accounts(batch);
            kept := ARRAY(SELECT h FROM held_steps(batch, today, simulate_dunning.to_on) h)
                 || ARRAY(SELECT ROW(p.customer_id, p.invoice_id, p.instalment_no, greatest(p.run_on, simulate_dunning.from_on), p.step_no,
                                     CASE p.reason WHEN 'held' THEN coalesce(hold_reason(o, today), p.reason) ELSE p.reason END, p.until, p.recorded_at)::dunning_postponement
                          FROM dunning_postponement p JOIN open_item o USING (customer_id, invoice_id, instalment_no)
                          WHERE p.customer_id = ANY (batch) AND p.until = o.parked_until AND p.until > simulate_dunning.from_on AND o.step_no < p.step_no);
            -- What a worker has is on its way.
            WITH done AS (
                UPDATE dunning_action d SET status = 'done', done_on = today, outcome = 'simulated', claim_token = NULL, claimed_until = NULL
                WHERE d.customer_id = ANY (batch) AND d.status = 'claimed'
                RETURNING d
            )
            SELECT sent || array_agg(n.d) INTO sent FROM done n;
            day := today;
            WHILE day <= simulate_dunning.to_on LOOP
                UPDATE ledger l SET pinned_date = day WHERE l.pinned_date IS DISTINCT FROM day;
                due := due_of(batch, day);
                IF due IS NOT NULL THEN
                    PERFORM run_batch(day, due);
                END IF;
                SELECT * INTO gone FROM simulate_sending(batch, day);
                sent := sent || gone.sent;
                kept := kept || gone.kept;
                -- The next day on which there is something to do.
                day := least(greatest((SELECT min(o.next_action_on) FROM open_item o WHERE o.customer_id = ANY (batch)), day + 1),
                             greatest((SELECT min(d.due_on) FROM dunning_action d WHERE d.customer_id = ANY (batch) AND d.status IN ('proposed', 'queued')), day + 1),
                             (SELECT min(greatest(u.final_on, day + 1)) FROM unmatured_payment u WHERE u.customer_id = ANY (batch)),
                             (SELECT min(greatest(p.next_check_on, day + 1)) FROM promise p WHERE p.customer_id = ANY (batch) AND p.closed_on IS NULL),
                             (SELECT min(greatest(p.next_check_on, day + 1)) FROM payment_plan p WHERE p.customer_id = ANY (batch) AND p.closed_on IS NULL));
                EXIT WHEN day IS NULL;
            END LOOP;
            kept := kept || ARRAY(SELECT ROW(p.customer_id, p.invoice_id, p.instalment_no, p.run_on, p.step_no,
                                             CASE p.reason WHEN 'held' THEN coalesce(hold_reason(o, p.run_on), p.reason) ELSE p.reason END, p.until, p.recorded_at)::dunning_postponement
                                  FROM dunning_postponement p JOIN open_item o USING (customer_id, invoice_id, instalment_no)
                                  WHERE p.customer_id = ANY (batch) AND p.run_on BETWEEN simulate_dunning.from_on AND simulate_dunning.to_on);
            RAISE EXCEPTION USING ERRCODE = 'CRSIM', MESSAGE = 'simulated';
        EXCEPTION
            WHEN SQLSTATE 'CRSIM' THEN NULL;        -- all of it is as before, and so are the locks
            WHEN lock_not_available THEN
                RAISE EXCEPTION 'dunning cannot be simulated now: another transaction holds its customers'
                    USING ERRCODE = '55P03', DETAIL = SQLERRM, HINT = 'Try again when it has ended.';
        END;
        RETURN QUERY
        SELECT s.done_on, s.customer_id, c.code, c.name, s.channel, s.dunning_level, s.template, s.items, s.amount, s.currency, s.lead_invoice_id, NULL::text
        FROM unnest(sent) s JOIN customer c USING (customer_id) WHERE s.done_on >= simulate_dunning.from_on;
        RETURN QUERY
        SELECT min(k.run_on), k.customer_id, c.code, c.name, (array_agg(p.channel ORDER BY k.due_on, k.invoice_id, k.instalment_no))[1],
               (array_agg(p.dunning_level ORDER BY k.due_on, k.invoice_id, k.instalment_no))[1], (array_agg(p.template ORDER BY k.due_on, k.invoice_id, k.instalment_no))[1],
               count(*)::integer, sum(k.open_amount), k.currency, (array_agg(k.invoice_id ORDER BY k.due_on, k.invoice_id, k.instalment_no))[1], k.reason
        FROM (SELECT DISTINCT ON (h.customer_id, h.invoice_id, h.instalment_no, h.reason) h.*, o.currency, o.open_amount, o.due_on, o.strategy_id
              FROM unnest(kept) h JOIN open_item o USING (customer_id, invoice_id, instalment_no)
              WHERE h.run_on BETWEEN simulate_dunning.from_on AND simulate_dunning.to_on
              ORDER BY h.customer_id, h.invoice_id, h.instalment_no, h.reason, h.run_on) k
        JOIN customer c USING (customer_id) LEFT JOIN dunning_step p USING (strategy_id, step_no)
        GROUP BY k.customer_id, c.code, c.name, k.currency, k.reason;
    END LOOP;
END $$;
COMMENT ON FUNCTION simulate_dunning(date, date) IS
'What the nights from a day to another would send (simulation des relances), and changes nothing: the code of the run and of the claim, for these days from the business date on, in a subtransaction that is taken back, as if each communication were approved and carried out on its day, and nobody paid. suppressed_by NULL: it would leave on send_on, amount in document currency. Otherwise items of a customer that are held back, once per reason, send_on being the first day of it: a case (disputed, credit note to come, promised, payment plan, placed, irrecoverable, rejected by the platform, collective proceeding, do not contact, undeliverable) or what the run says (dunning_postponement). Customers are locked 200 at a time, as by the run, and for no longer. 22023 for days out of order, before the business date or more than a year after it; 25006 in a read-only transaction; 55P03 if somebody holds a customer for ten seconds. It leaves dead rows to vacuum; statement_timeout bounds its time. Runs as the owner, because the nights write what nobody may; for the collector, whose calls may wait for it; it tells of customers that the caller may see.';
