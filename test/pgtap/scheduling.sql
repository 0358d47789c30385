\set ON_ERROR_STOP 1
-- Row 001-52: the entry points that a scheduler calls. Twice, from two
-- sessions at once, after missed days. The real pg_cron is in test/t/cron.pl.
SET client_min_messages = warning;
SELECT format('dbname=%s port=%s', current_database(), current_setting('port')) AS connection \gset
SELECT dblink_connect(s, :'connection') FROM unnest('{one,two}'::text[]) s \g /dev/null
SELECT dblink_exec(s, 'SET client_min_messages = warning') FROM unnest('{one,two}'::text[]) s \g /dev/null
DROP SCHEMA IF EXISTS scheduled_a, scheduled_b CASCADE;
SELECT credit_risk.create_ledger(l) FROM unnest('{scheduled_a,scheduled_b}'::text[]) l \g /dev/null
SELECT format($$
    UPDATE %1$I.ledger SET pinned_date = '2026-03-02';
    INSERT INTO %1$I.customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, ('{B,C,D}'::text[])[1 + i %% 3] FROM generate_series(1, 12) i;
    INSERT INTO %1$I.invoice (customer_id, invoice_no, issued_on, due_on, amount)
    SELECT i, 'F' || i || '-' || k, '2026-01-05', date '2026-01-20' + (i * k * 3) %% 35, 400 + i FROM generate_series(1, 12) i, generate_series(1, 2) k;
$$, l) FROM unnest('{scheduled_a,scheduled_b}'::text[]) l \gexec
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE scheduled_a.ledger SET pinned_date = d; UPDATE scheduled_b.ledger SET pinned_date = d $$;
-- What the carrier of the letters does: all that waits is sent.
CREATE FUNCTION pg_temp.send(ledger text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(%1$I.approve_action(action_id)) FROM %1$I.dunning_action WHERE status = ''proposed''', ledger);
    EXECUTE format('SELECT count(%1$I.complete_action(action_id, claim_token)) FROM %1$I.claim_actions(''test'', 1000)', ledger);
END $$;
CREATE TEMPORARY VIEW sent AS
SELECT 'a' AS ledger, a.run_on, i.customer_id, i.invoice_id, i.step_no, a.channel FROM scheduled_a.dunning_action_item i JOIN scheduled_a.dunning_action a USING (customer_id, action_id) WHERE i.step_no IS NOT NULL   -- not those that are only listed
UNION ALL
SELECT 'b', a.run_on, i.customer_id, i.invoice_id, i.step_no, a.channel FROM scheduled_b.dunning_action_item i JOIN scheduled_b.dunning_action a USING (customer_id, action_id) WHERE i.step_no IS NOT NULL;

SELECT no_plan();
SELECT is_empty('SELECT * FROM sent', '001-52 before: nothing is queued');
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_a')$$) \g /dev/null
SELECT isnt_empty('SELECT * FROM sent', '001-52 the call queues what is due');
CREATE TEMPORARY TABLE first AS SELECT * FROM scheduled_a.dunning_action;
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_a')$$) \g /dev/null
SELECT set_eq('SELECT * FROM scheduled_a.dunning_action', 'SELECT * FROM first', '001-52 the second call of the day changes nothing');
SELECT is_empty('SELECT * FROM scheduled_a.verify()', '001-52 verify() is empty');

-- two schedulers at once, in small batches
SELECT dblink_send_query(s, 'CALL credit_risk.run_daily(''scheduled_b'', batch_size => 3)') FROM unnest('{one,two}'::text[]) s \g /dev/null
SELECT count(*) FROM dblink_get_result('one') t (a text) \g /dev/null
SELECT count(*) FROM dblink_get_result('two') t (a text) \g /dev/null
SELECT count(*) FROM dblink_get_result('one') t (a text) \g /dev/null
SELECT count(*) FROM dblink_get_result('two') t (a text) \g /dev/null
SELECT count(*) FROM dblink_get_result('one') t (a text) \g /dev/null
SELECT count(*) FROM dblink_get_result('two') t (a text) \g /dev/null
SELECT set_eq($$SELECT customer_id, invoice_id, step_no, channel FROM sent WHERE ledger = 'b'$$, $$SELECT customer_id, invoice_id, step_no, channel FROM sent WHERE ledger = 'a'$$,
  '001-52 two schedulers at once queue what one queues');
SELECT is_empty('SELECT customer_id, run_on, currency FROM scheduled_b.dunning_action GROUP BY 1, 2, 3 HAVING count(*) > 1', '001-52 nobody twice');
SELECT is_empty('SELECT * FROM scheduled_b.verify()', '001-52 verify() is empty');

-- a goes day by day; b misses three weeks and then runs daily again
SELECT pg_temp.send(l) FROM unnest('{scheduled_a,scheduled_b}'::text[]) l \g /dev/null
SELECT format('SELECT pg_temp.day(%L)', date '2026-03-02' + i), $$SELECT dblink_exec('one', 'CALL credit_risk.run_daily(''scheduled_a'')')$$, 'SELECT pg_temp.send(''scheduled_a'')' FROM generate_series(1, 21) i \gexec
SELECT is((SELECT max(run_on) FROM sent WHERE ledger = 'b'), date '2026-03-02', '001-52 three weeks are missed');
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_b')$$) \g /dev/null
SELECT pg_temp.send('scheduled_b') \g /dev/null
SELECT cmp_ok((SELECT count(*) FROM sent WHERE ledger = 'b' AND run_on = '2026-03-23'), '>', 0::bigint, '001-52 the catch-up run takes what is due');
SELECT is_empty('SELECT customer_id, currency FROM scheduled_b.dunning_action WHERE run_on = ''2026-03-23'' GROUP BY 1, 2 HAVING count(*) > 1', '001-52 one communication to a customer, not one a missed day');
SELECT is_empty($$SELECT s.* FROM (SELECT s.*, lag(step_no, 1, 0) OVER (PARTITION BY customer_id, invoice_id ORDER BY step_no) AS before FROM sent s WHERE ledger = 'b') s
  WHERE EXISTS (SELECT FROM sent a WHERE a.ledger = 'a' AND a.invoice_id = s.invoice_id AND a.step_no > s.before AND a.step_no < s.step_no)$$, '001-52 at its next step: none that the daily runs took is skipped');
SELECT format('SELECT pg_temp.day(%L)', date '2026-03-23' + i), $$SELECT dblink_exec('one', 'CALL credit_risk.run_daily(''scheduled_a'')')$$, $$SELECT dblink_exec('one', 'CALL credit_risk.run_daily(''scheduled_b'')')$$,
       'SELECT pg_temp.send(''scheduled_a''), pg_temp.send(''scheduled_b'')' FROM generate_series(1, 110) i \gexec
SELECT set_eq($$SELECT customer_id, invoice_id, step_no, channel FROM sent WHERE ledger = 'b'$$, $$SELECT customer_id, invoice_id, step_no, channel FROM sent WHERE ledger = 'a'$$,
  '001-52 the daily runs after it come to what the uninterrupted ones came to: each step of each invoice once');
SELECT set_eq('SELECT customer_id, invoice_id, dunning_level, step_no, cycle FROM scheduled_b.open_item', 'SELECT customer_id, invoice_id, dunning_level, step_no, cycle FROM scheduled_a.open_item', '001-52 and to the same levels');
SELECT is_empty($$SELECT ledger, invoice_id, run_on FROM sent WHERE channel <> 'task' GROUP BY 1, 2, 3 HAVING count(*) > 1$$, '001-52 no invoice takes two steps that reach the customer on a day');
SELECT is_empty('SELECT * FROM scheduled_a.verify() UNION ALL SELECT * FROM scheduled_b.verify()', '001-52 verify() is empty');
SELECT throws_ok($$SELECT scheduled_a.run_daily(date 'infinity')$$, '22023', NULL, '001-52 a day that is none');
SELECT throws_ok($$CALL credit_risk.run_daily('scheduled_z')$$, '3F000', NULL, '001-52 no such ledger');

-- A class by hand that ends tonight: what the strategy of the other class asks
-- for today is queued tonight, and who got something tonight gets no more.
DROP SCHEMA IF EXISTS scheduled_c CASCADE;
SELECT credit_risk.create_ledger('scheduled_c') \g /dev/null
UPDATE scheduled_c.ledger SET pinned_date = '2026-03-03', await_sending = false;
INSERT INTO scheduled_c.customer (customer_id, code, name) VALUES (1, 'A', 'Alpha'), (2, 'B', 'Beta');
SELECT scheduled_c.override_class(c, 'A', 'known to the salesman', '2026-03-09') FROM generate_series(1, 2) c \g /dev/null
INSERT INTO scheduled_c.invoice (customer_id, invoice_no, amount, issued_on, due_on)
VALUES (1, 'A1', 1500, '2026-02-01', '2026-03-08'), (2, 'B1', 1500, '2026-02-01', '2026-03-05'), (2, 'B2', 1500, '2026-02-01', '2026-03-08');
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_c')$$) \g /dev/null
UPDATE scheduled_c.ledger SET pinned_date = '2026-03-10';
SELECT results_eq('SELECT customer_id, next_action_on FROM scheduled_c.open_item ORDER BY invoice_id', $$VALUES (1::bigint, date '2026-03-13'), (2, '2026-03-10'), (2, '2026-03-13')$$,
  '001-52 before the night one item of Beta is due, by the strategy of class A');
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_c')$$) \g /dev/null
SELECT set_eq($$SELECT customer_id FROM scheduled_c.strategy_assignment WHERE assigned_on = '2026-03-10' AND strategy_id <> former_strategy_id$$,
  'VALUES (1::bigint), (2)', '001-52 the class by hand has ended, another strategy serves');
SELECT set_eq($$SELECT customer_id, count(*) FROM scheduled_c.dunning_action WHERE run_on = '2026-03-10' GROUP BY 1$$,
  'VALUES (1::bigint, 1::bigint), (2, 1)', '001-52 what it made due is queued the same night, one communication to a customer');
SELECT is_empty($$SELECT * FROM scheduled_c.open_item WHERE next_action_on <= '2026-03-10'$$, '001-52 nothing is left for another call');
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_c')$$) \g /dev/null
SELECT is((SELECT count(*) FROM scheduled_c.dunning_action WHERE run_on = '2026-03-10'), 2::bigint, '001-52 which changes nothing');
SELECT is_empty('SELECT * FROM scheduled_c.verify()', '001-52 verify() is empty');

-- The night makes every watch of its own: on behaviour, deadlines, rates,
-- concentration and the watch list.
DROP SCHEMA IF EXISTS scheduled_d CASCADE;
SELECT credit_risk.create_ledger('scheduled_d') \g /dev/null
UPDATE scheduled_d.ledger SET pinned_date = '2026-03-03';
INSERT INTO scheduled_d.exchange_rate VALUES ('USD', '2026-03-01', 1.0), ('USD', '2026-03-02', 1.5);
INSERT INTO scheduled_d.customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, CASE i WHEN 5 THEN 'D' ELSE 'B' END FROM generate_series(1, 25) i;
INSERT INTO scheduled_d.credit_limit (customer_id, amount) SELECT i, CASE i WHEN 4 THEN 1200 ELSE 90000 END FROM generate_series(1, 25) i;
INSERT INTO scheduled_d.invoice (customer_id, invoice_no, amount, currency, issued_on, due_on)
SELECT i, 'F' || i, CASE WHEN i = 1 THEN 50000 WHEN i < 6 THEN 1000 ELSE 100 END, CASE i WHEN 4 THEN 'USD' ELSE 'EUR' END, '2026-03-01', '2026-12-31' FROM generate_series(1, 25) i;
INSERT INTO scheduled_d.promise (customer_id, promised_on, amount, currency, opened_on) VALUES (2, '2026-03-01', 10, 'EUR', '2026-02-20');
UPDATE scheduled_d.promise SET outcome = 'broken', kept_amount = 0, closed_on = '2026-03-02';
INSERT INTO scheduled_d.promise (customer_id, promised_on, amount, currency, opened_on) VALUES (2, '2026-03-02', 10, 'EUR', '2026-03-02');
UPDATE scheduled_d.promise SET outcome = 'broken', kept_amount = 0, closed_on = '2026-03-03' WHERE outcome IS NULL;
INSERT INTO scheduled_d.guarantee (customer_id, kind, guarantor, reference, amount, valid_from, valid_to) VALUES (3, 'bank_guarantee', 'Bank', 'G1', 1000, '2025-03-10', '2026-03-10');
CREATE TEMPORARY VIEW told AS SELECT customer_id, kind FROM scheduled_d.open_alert WHERE kind <> 'utilization' UNION ALL SELECT customer_id, 'watched: ' || rule FROM scheduled_d.watched_customer;
SELECT is_empty('SELECT * FROM told', '000-05 before the night nothing is told of them');
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_d', batch_size => 10)$$) \g /dev/null
SELECT set_eq('SELECT customer_id, kind FROM told WHERE customer_id IS NOT NULL', $$VALUES (1::bigint, 'concentration_customer'), (2, 'behaviour_degradation'), (3, 'guarantee_expiring'),
  (4, 'limit_exceeded_by_rate'), (5, 'watched: high_risk')$$, '000-05 the night tells of each');
SELECT isnt_empty($$SELECT * FROM told WHERE customer_id IS NULL AND kind = 'concentration_hhi'$$, '000-05 and of the portfolio');
SELECT results_eq('SELECT customers FROM scheduled_d.behaviour_watch_run', 'VALUES (25::bigint)', '000-05 it looked at everybody, batch by batch');
CREATE TEMPORARY TABLE before AS SELECT count(*) AS alerts FROM scheduled_d.alert;
SELECT dblink_exec('one', $$CALL credit_risk.run_daily('scheduled_d', batch_size => 10)$$) \g /dev/null
SELECT is((SELECT count(*) FROM scheduled_d.alert), (SELECT alerts FROM before), '000-05 once');
SELECT is_empty('SELECT * FROM scheduled_d.verify()', '000-05 verify() is empty');
DROP VIEW told;

-- Without pg_cron the ways of the host are told.
SELECT throws_ok($$SELECT credit_risk.schedule('scheduled_a')$$, '55000', NULL, '001-52 schedule() where pg_cron is not at hand');
SELECT is_empty('SELECT * FROM credit_risk.scheduled()', '001-52 nothing is scheduled');
SELECT throws_ok($$SELECT credit_risk.schedule('scheduled_z')$$, '3F000', NULL, '001-52 schedule() of no ledger');
SELECT throws_ok($$SELECT credit_risk.schedule('scheduled_a', '')$$, '22023', NULL, '001-52 schedule() without a schedule');
SELECT throws_ok($$SELECT credit_risk.schedule('scheduled_a', run_as => 'nobody at all')$$, '42704', NULL, '001-52 schedule() as no role');
SELECT throws_ok($$SELECT credit_risk.unschedule('')$$, '22023', NULL, '001-52 unschedule() of nothing');
SELECT credit_risk.drop_ledger(l) FROM unnest('{scheduled_a,scheduled_b,scheduled_c,scheduled_d}'::text[]) l \g /dev/null
SELECT dblink_disconnect(s) FROM unnest('{one,two}'::text[]) s \g /dev/null
SELECT * FROM finish();
