-- The nightly call.

CREATE PROCEDURE credit_risk.run_daily(ledger text, as_of date DEFAULT NULL, batch_size integer DEFAULT 500)
LANGUAGE plpgsql
AS $$
DECLARE
    done record;
    customers bigint := 0;
    items bigint := 0;
    actions bigint := 0;
    defaults bigint := 0;
    found bigint;
    expired bigint;
    held bigint[];
    released bigint := 0;
BEGIN
    PERFORM credit_risk.require_ledger(ledger);
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.apply_terms_changes($1, $2)', ledger) INTO found USING as_of, batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.=) 0;
    END LOOP;
    FOR pass IN 1 .. 2 LOOP     -- a class that changes may make items due by another strategy
        LOOP
            EXECUTE pg_catalog.format('SELECT * FROM %I.run_daily($1, $2)', ledger) INTO done USING as_of, batch_size;
            COMMIT;
            EXIT WHEN done.customers OPERATOR(pg_catalog.=) 0;
            customers := customers OPERATOR(pg_catalog.+) done.customers;
            items := items OPERATOR(pg_catalog.+) done.items;
            actions := actions OPERATOR(pg_catalog.+) done.actions;
        END LOOP;
        EXIT WHEN pass OPERATOR(pg_catalog.=) 2;
        LOOP
            EXECUTE pg_catalog.format('SELECT %I.detect_unpaid_defaults($1, max_items => $2)', ledger) INTO found USING as_of, batch_size;
            COMMIT;
            EXIT WHEN found OPERATOR(pg_catalog.=) 0;
            defaults := defaults OPERATOR(pg_catalog.+) found;
        END LOOP;
        EXECUTE pg_catalog.format('SELECT %I.retry_signals()', ledger) INTO found;
        COMMIT;
        LOOP
            EXECUTE pg_catalog.format('SELECT %I.score_due($1, $2)', ledger) INTO found USING as_of, batch_size;
            COMMIT;
            EXIT WHEN found OPERATOR(pg_catalog.=) 0;
        END LOOP;
        LOOP
            EXECUTE pg_catalog.format('SELECT %I.expire_class_overrides($1)', ledger) INTO found USING batch_size;
            COMMIT;
            EXIT WHEN found OPERATOR(pg_catalog.=) 0;
        END LOOP;
    END LOOP;
    LOOP    -- a ledger that does not score plans its reviews by hand
        EXECUTE pg_catalog.format('SELECT CASE WHEN l.scoring OPERATOR(pg_catalog.=) ''off'' THEN 0 ELSE %1$I.open_reviews($1) END FROM %1$I.ledger l', ledger) INTO found USING batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.=) 0;
    END LOOP;
    EXECUTE pg_catalog.format('SELECT %I.propose_trial_limits($1)', ledger) INTO found USING as_of;
    COMMIT;
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.watch_limits($1)', ledger) INTO found USING batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.=) 0;
    END LOOP;
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.watch_behaviour($1)', ledger) INTO found USING batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.<) batch_size OR found OPERATOR(pg_catalog.=) 0;      -- what is posted meanwhile would have it go on for ever
    END LOOP;
    EXECUTE pg_catalog.format('SELECT %I.watch_insurance()', ledger) INTO found;
    COMMIT;
    EXECUTE pg_catalog.format('SELECT %I.watch_deadlines()', ledger) INTO found;
    COMMIT;
    EXECUTE pg_catalog.format('SELECT %I.watch_exchange_rates()', ledger) INTO found;
    COMMIT;
    EXECUTE pg_catalog.format('SELECT %I.watch_concentration()', ledger) INTO found;
    COMMIT;
    EXECUTE pg_catalog.format('SELECT %I.watch_litigation()', ledger) INTO found;
    COMMIT;
    LOOP    -- the last of the watches: rules of the watch list ask for what the others raised
        EXECUTE pg_catalog.format('SELECT %I.watch_scores($1)', ledger) INTO found USING batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.=) 0;
    END LOOP;
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.chase_proofs($1, $2)', ledger) INTO found USING as_of, batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.=) 0;
    END LOOP;
    LOOP
        EXECUTE pg_catalog.format('SELECT %I.escalate_tasks($1, $2)', ledger) INTO found USING as_of, batch_size;
        COMMIT;
        EXIT WHEN found OPERATOR(pg_catalog.=) 0;
    END LOOP;
    EXECUTE pg_catalog.format('SELECT %1$I.expire_authorizations(NULL), %1$I.expire_delivery_requests(NULL), %1$I.customers_with_holds()', ledger)
    INTO expired, found, held;
    COMMIT;
    FOR batch IN 0 .. pg_catalog.cardinality(held) OPERATOR(pg_catalog./) batch_size LOOP
        EXECUTE pg_catalog.format('SELECT %I.recheck_holds($1)', ledger) INTO found
        USING held[batch OPERATOR(pg_catalog.*) batch_size OPERATOR(pg_catalog.+) 1 : (batch OPERATOR(pg_catalog.+) 1) OPERATOR(pg_catalog.*) batch_size];
        COMMIT;
        released := released OPERATOR(pg_catalog.+) found;
    END LOOP;
    RAISE INFO 'run_daily: % customers, % items, % actions queued, % defaults, % holds released', customers, items, actions, defaults, released;
END $$;
COMMENT ON PROCEDURE credit_risk.run_daily(text, date, integer) IS
'The nightly run of a ledger (as_of NULL = its business date): changes of terms whose day has come, run_daily() of the ledger, then detect_unpaid_defaults(), what the feeds left unfiled (retry_signals), the scores (score_due), classes by hand that end (expire_class_overrides), the run once more for items that a new class made due, tasks of reviews that are due (open_reviews) and propose_trial_limits(), then the limits that end (watch_limits), early warning and anomalies (watch_behaviour), the deadlines of the insurer (watch_insurance), of guarantees, documents and reviews (watch_deadlines), exchange rates (watch_exchange_rates), concentration (watch_concentration), the deadlines of the law (watch_litigation), scores, classes and the watch list (watch_scores) and the reminders for proofs of delivery (chase_proofs), then the tasks that are overdue (escalate_tasks), then what has expired is closed and what is held is looked at again (recheck_holds); batch by batch with a commit between, so that a crash loses one batch and the next call goes on. Safe to call twice, and from two places. The one routine without a pinned path: a procedure with SET cannot commit; every name in it is qualified. Not inside a transaction block.';
