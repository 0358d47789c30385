-- The nightly watch on behaviour: early warning and anomalies of those who
-- may have changed. Its cost follows the facts since the last night, not the
-- ledger.

-- Facts come in the order of time: a few bytes find the last night's.
CREATE INDEX order_event_recorded ON order_event USING brin (recorded_at);
CREATE INDEX invoice_recorded ON invoice USING brin (recorded_at);
CREATE INDEX payment_recorded ON payment USING brin (recorded_at);
CREATE INDEX allocation_recorded ON allocation USING brin (recorded_at);

CREATE TABLE behaviour_watch_run (
    run_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_on     date NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    customers  bigint NOT NULL CHECK (customers >= 0)
);
COMMENT ON TABLE behaviour_watch_run IS 'Runs of the watch on behaviour: when each began, and how many customers it had to look at. Written by watch_behaviour().';
COMMENT ON COLUMN behaviour_watch_run.run_id IS 'Key.';
COMMENT ON COLUMN behaviour_watch_run.run_on IS 'Business date.';
COMMENT ON COLUMN behaviour_watch_run.started_at IS 'When it began: the next one looks at facts recorded since.';
COMMENT ON COLUMN behaviour_watch_run.customers IS 'Customers to be looked at.';

CREATE TABLE behaviour_watch_queue (
    customer_id bigint PRIMARY KEY
);
COMMENT ON TABLE behaviour_watch_queue IS 'State: customers that a run of the watch on behaviour has not looked at yet; what a crash leaves, the next call goes on with. Written by watch_behaviour().';
COMMENT ON COLUMN behaviour_watch_queue.customer_id IS 'The payer.';

CREATE FUNCTION watch_behaviour(max_customers integer DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    kinds CONSTANT text[] := ARRAY['delay_degradation', 'behaviour_degradation', 'early_warning', 'order_anomaly', 'order_burst', 'unusual_terms', 'unusual_ship_to',
                                   'month_end_spike', 'new_payment_account', 'sudden_delay'];
    today CONSTANT date := business_date();
    begun CONSTANT timestamptz := clock_timestamp();
    last behaviour_watch_run;
    since timestamptz;
    since_orders timestamptz;
    due bigint[];
BEGIN
    LOCK TABLE behaviour_watch_queue IN SHARE ROW EXCLUSIVE MODE;      -- one batch after the other
    IF NOT EXISTS (SELECT FROM behaviour_watch_queue) THEN
        SELECT r.* INTO last FROM behaviour_watch_run r ORDER BY r.run_id DESC LIMIT 1;
        since := coalesce(last.started_at, '-infinity');
        IF last.run_on < today THEN     -- what was under way when a run began may be recorded before and committed after
            since := (SELECT min(r.started_at) FROM behaviour_watch_run r WHERE r.run_on = last.run_on) - interval '1 hour';
        END IF;
        since_orders := since;
        IF last.run_on < date_trunc('month', today) THEN        -- a month has ended: its last days are complete
            since_orders := since - make_interval(days => alert_parameter('month_end_spike', 'last_days')::integer);
        END IF;
        INSERT INTO behaviour_watch_queue (customer_id)
        SELECT a.customer_id FROM credit_account a
        WHERE a.customer_id IN (
            SELECT f.customer_id FROM order_event f WHERE f.recorded_at > since_orders
            UNION ALL SELECT f.customer_id FROM invoice f WHERE f.recorded_at > since
            UNION ALL SELECT f.customer_id FROM payment f WHERE f.recorded_at > since
            UNION ALL SELECT f.customer_id FROM allocation f WHERE f.recorded_at > since
            UNION ALL SELECT f.customer_id FROM payment_return f WHERE f.recorded_at > since
            UNION ALL SELECT f.customer_id FROM dispute f WHERE f.recorded_at > since OR f.closed_at > since
            UNION ALL SELECT f.customer_id FROM promise f WHERE f.recorded_at > since OR f.closed_at > since
            UNION ALL SELECT f.customer_id FROM external_rating f WHERE f.recorded_at > since
            UNION ALL SELECT f.customer_id FROM customer_score f WHERE f.recorded_at > since
            UNION ALL SELECT f.customer_id FROM credit_limit f WHERE f.recorded_at > since)
        UNION       -- what changes with the days
        SELECT a.customer_id FROM credit_account a
        WHERE coalesce(last.run_on < today, true)
          AND (EXISTS (SELECT FROM open_item o WHERE o.customer_id = a.customer_id AND o.due_on < today)
               OR mod(a.customer_id, 30) IN (SELECT mod(abs(today - date '2000-01-01') - d, 30)
                                             FROM generate_series(0, coalesce(least(today - last.run_on, 30), 30) - 1) d))
        UNION       -- also of who pays for itself no more
        SELECT n.customer_id FROM alert n WHERE coalesce(last.run_on < today, true) AND n.closed_on IS NULL AND n.kind = ANY (kinds)
        ON CONFLICT DO NOTHING;     -- 40001 for who cannot see the other's yet, not 23505
        IF NOT FOUND AND last.run_on = today THEN
            RETURN 0;
        END IF;
        INSERT INTO behaviour_watch_run (run_on, started_at, customers) VALUES (today, begun, (SELECT count(*) FROM behaviour_watch_queue));
    END IF;
    WITH taken AS (
        DELETE FROM behaviour_watch_queue q
        WHERE q.customer_id IN (SELECT n.customer_id FROM behaviour_watch_queue n ORDER BY n.customer_id LIMIT max_customers)
        RETURNING q.customer_id
    )
    SELECT array_agg(t.customer_id) INTO due FROM taken t;
    IF due IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM lock_accounts(due);     -- nobody posts between what is read and what is raised
    PERFORM settle_alerts(ARRAY(SELECT e FROM early_warning_alerts(due, today) e UNION ALL SELECT n FROM anomaly_alerts(due, today) n), kinds, due);
    RETURN cardinality(due);
END $$;
COMMENT ON FUNCTION watch_behaviour(integer) IS
'The nightly watch on behaviour: raises, brings up to date and closes the alerts of early_warning_alerts() and anomaly_alerts() of payers to whom something happened since the last run (orders, invoices, payments, allocations, returned payments, disputes, promises, ratings, scores, limits), who are overdue, who have such an alert open, and of everybody once in 30 days; after the end of a month also who ordered in its last days. At most max_customers (NULL = all) of them. Returns how many were looked at; 0 = nobody is due any more. Safe to call again, and from two places: the second waits for the batch of the first (40001 for a snapshot older than it). What a transaction of more than an hour recorded before a run and committed after it waits for one of the other reasons. Call it before anything is posted in the same transaction: it takes its turn first and the accounts then. Runs as the owner: alerts are nobody''s to write.';
