-- The nightly watch on behaviour: whom it looks at, batch by batch, and what
-- becomes of it: rows 000-05, 002-01 and 002-12 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('nights') \g /dev/null
SET LOCAL search_path = nights, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-10';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 60) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (99, 'S1', 'Site of 1', 1);
CREATE FUNCTION pg_temp.open_alerts(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(rtrim(kind || ' ' || key), ', ' ORDER BY kind, key), 'none') FROM nights.open_alert WHERE customer_id = id $$;
-- All that a night looks at, in one call after the other.
CREATE FUNCTION pg_temp.night() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found bigint; total bigint := 0;
BEGIN
    LOOP
        found := nights.watch_behaviour(7);
        EXIT WHEN found = 0;
        total := total + found;
    END LOOP;
    RETURN total;
END $$;
-- The slice of the 30-day round that is due on a day.
CREATE FUNCTION pg_temp.round_of(day date) RETURNS SETOF bigint LANGUAGE sql AS $$ SELECT i FROM generate_series(1, 60) i WHERE i % 30 = (day - date '2000-01-01') % 30 $$;

-- Whom it looks at ------------------------------------------------------------------------
SELECT is(watch_behaviour(7), 7::bigint, '002-01 the first night looks at everybody, a batch at a time');
SELECT results_eq('SELECT run_on, customers FROM behaviour_watch_run', $$VALUES (date '2026-06-10', 60::bigint)$$, '002-01 the payers, not their sites');
SELECT is((SELECT count(*) FROM behaviour_watch_queue), 53::bigint, '002-01 the others wait, also for who calls after a crash');
SELECT is(pg_temp.night(), 53::bigint, '002-01 until nobody is left');
SELECT is(watch_behaviour(), 0::bigint, '002-01 called again it has nothing to do');
SELECT is((SELECT count(*) FROM behaviour_watch_run), 1::bigint, '002-01 which is no run');
INSERT INTO sales_order (customer_id, amount) VALUES (5, 10);
SELECT is(watch_behaviour(), 1::bigint, '002-01 on the same day it looks at who ordered since');
UPDATE ledger SET pinned_date = '2026-06-11';
-- In this transaction all is recorded within the hour for which a night looks back.
SELECT set_eq($$SELECT count(*) FROM pg_temp.round_of('2026-06-11')$$, 'VALUES (2::bigint)', '002-01 two of sixty are in the round of a day');
SELECT is(pg_temp.night(), 3::bigint, '002-01 the night after: those of the round, and who ordered in the hour before the last one began');
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '1 hour';
UPDATE ledger SET pinned_date = '2026-06-12';
SELECT is(pg_temp.night(), 2::bigint, '002-01 without any fact: those of the round only');
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '1 hour';
UPDATE ledger SET pinned_date = '2026-06-20';
SELECT is(pg_temp.night(), 16::bigint, '002-01 after a week without a call: the rounds that were left out, too');
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '1 hour';
UPDATE ledger SET pinned_date = '2026-08-20';
SELECT is(pg_temp.night(), 60::bigint, '002-01 after two months: everybody');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (9, 9, 'F9', '2026-07-01', '2026-08-21', 500);
SELECT is(pg_temp.night(), 1::bigint, '002-01 an invoice');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (9, 9, '2026-08-20', 100);
SELECT is(pg_temp.night(), 1::bigint, '002-01 a payment');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (9, 9, 9, 100);
SELECT is(pg_temp.night(), 1::bigint, '002-01 an allocation');
SELECT open_dispute(9, 100, 'price') \g /dev/null
SELECT is(pg_temp.night(), 1::bigint, '002-01 a dispute');
SELECT resolve_dispute((SELECT d.dispute_id FROM dispute d), 'rejected', (SELECT min(c.root_cause) FROM dispute_root_cause c WHERE NOT c.our_fault)) \g /dev/null
SELECT is(pg_temp.night(), 1::bigint, '002-01 and what became of it');
INSERT INTO promise (customer_id, promised_on, amount, currency, opened_on) VALUES (9, '2026-09-01', 10, 'EUR', '2026-08-20');
SELECT is(pg_temp.night(), 1::bigint, '002-01 a promise');
INSERT INTO credit_limit (customer_id, amount) VALUES (7, 5000);
SELECT is(pg_temp.night(), 1::bigint, '002-01 a limit');
SELECT is(pg_temp.night(), 0::bigint, '002-01 each once');
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '1 hour';
UPDATE ledger SET pinned_date = '2026-08-22';
SELECT is(pg_temp.night(), (SELECT count(*) FROM (SELECT * FROM pg_temp.round_of('2026-08-21') UNION SELECT * FROM pg_temp.round_of('2026-08-22') UNION SELECT 9) r), '002-01 who is overdue is looked at every night');
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '1 hour';
UPDATE ledger SET pinned_date = '2026-08-30';
INSERT INTO sales_order (customer_id, ordered_on, amount) VALUES (5, '2026-08-30', 10);
SELECT pg_temp.night() \g /dev/null
-- Two days later the order is older than the last run.
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '2 days';
UPDATE ledger SET pinned_date = '2026-09-01';
SELECT watch_behaviour(0) \g /dev/null
SELECT ok(EXISTS (SELECT FROM behaviour_watch_queue WHERE customer_id = 5) AND 5 NOT IN (SELECT * FROM pg_temp.round_of('2026-08-31') UNION SELECT * FROM pg_temp.round_of('2026-09-01')),
    '002-12 the first night of a month looks at who ordered in the last days of the one before');
SELECT pg_temp.night() \g /dev/null

-- What becomes of it --------------------------------------------------------------------------
UPDATE ledger SET pinned_date = '2026-09-10';
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (20, 'F20', '2026-09-01', '2026-12-31', 5000), (21, 'F21', '2026-09-01', '2026-12-31', 5000);
INSERT INTO promise (customer_id, promised_on, amount, currency, opened_on) VALUES (20, '2026-09-02', 10, 'EUR', '2026-09-01'), (21, '2026-09-02', 10, 'EUR', '2026-09-01');
UPDATE promise SET outcome = 'broken', kept_amount = 0, closed_on = '2026-09-05' WHERE customer_id IN (20, 21);
INSERT INTO promise (customer_id, promised_on, amount, currency, opened_on) VALUES (20, '2026-09-08', 10, 'EUR', '2026-09-06');
SELECT pg_temp.night() \g /dev/null
SELECT is(pg_temp.open_alerts(20) || ', ' || pg_temp.open_alerts(21), 'none, none', '000-05 before: one broken promise alerts nobody');
UPDATE promise SET outcome = 'broken', kept_amount = 0, closed_on = '2026-09-09' WHERE customer_id = 20 AND outcome IS NULL;
SELECT ok(pg_temp.night() > 0, '000-05 a second one was broken');
SELECT is(pg_temp.open_alerts(20) || ', ' || pg_temp.open_alerts(21), 'behaviour_degradation, none', '000-05 the night raises the alert');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (20, 2000, 10);
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 20), 1::bigint, '000-05 the same condition twice is one open alert');
SELECT acknowledge_alert(alert_id, 'called them') FROM open_alert WHERE customer_id = 20 \g /dev/null
SELECT pg_temp.night() \g /dev/null
SELECT is(pg_temp.open_alerts(20), 'behaviour_degradation', '000-05 taken note of it stays as long as it is so');
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '1 hour';
UPDATE ledger SET pinned_date = '2026-12-30';
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT concat_ws(' ', closed_on, closed_at > recorded_at, acknowledged_by = current_user) FROM alert WHERE customer_id = 20), '2026-12-30 t t', '000-05 when the cause is gone it is closed by itself, with the instant');
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 20), 1::bigint, '000-05 one alert in all');

SET CONSTRAINTS ALL IMMEDIATE;
SELECT is_empty('SELECT * FROM verify()', '000-05 verify()');
-- A second run of the day does not hide what was under way when the first began.
UPDATE ledger SET pinned_date = '2026-10-01';
SELECT i AS late FROM generate_series(21, 57) i WHERE i NOT IN (SELECT * FROM pg_temp.round_of('2026-10-02')) AND pg_temp.open_alerts(i) = 'none' LIMIT 1 \gset
INSERT INTO sales_order (customer_id, ordered_on, amount) VALUES (:late, '2026-10-01', 10);
SELECT pg_temp.night() \g /dev/null
UPDATE behaviour_watch_run SET started_at = clock_timestamp() + interval '30 minutes' WHERE run_on = '2026-10-01';
INSERT INTO behaviour_watch_run (run_on, started_at, customers) VALUES ('2026-10-01', clock_timestamp() + interval '10 hours', 0);
-- And who is a payer no more keeps no alert of this kind.
SELECT raise_alert(58, 'order_anomaly', '1', NULL, 'x', 'x') IS NOT NULL AS raised \gset
UPDATE customer SET payer_id = 1 WHERE customer_id = 58;
SELECT is(pg_temp.open_alerts(58), 'order_anomaly 1', '002-01 a payer that became a site has its alert');
UPDATE ledger SET pinned_date = '2026-10-02';
SELECT watch_behaviour(0) \g /dev/null
SELECT ok(EXISTS (SELECT FROM behaviour_watch_queue WHERE customer_id = :late), '002-01 after two runs on a day the next looks back beyond the first');
SELECT pg_temp.night() \g /dev/null
SELECT is(pg_temp.open_alerts(58), 'none', '002-01 the night closes it');

SELECT * FROM finish();
ROLLBACK;
