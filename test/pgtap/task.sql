-- Tasks to departments with deadlines and escalation: row 001-36.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('tasks') \g /dev/null
SET LOCAL search_path = tasks, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';       -- a Monday
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE tasks.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.night(d date) RETURNS bigint LANGUAGE sql AS $$ UPDATE tasks.ledger SET pinned_date = d; SELECT tasks.escalate_tasks() $$;
CREATE FUNCTION pg_temp.escalations(customer bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('%s %s %s>%s %s', level, department, from_owner, to_owner, escalated_on), ', ' ORDER BY task_id, level) FROM tasks.task_escalation WHERE customer_id = customer $$;
CREATE FUNCTION pg_temp.owner(customer bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(coalesce(owner, 'nobody'), ', ' ORDER BY task_id) FROM tasks.task WHERE customer_id = customer $$;

-- Departments, deadlines --------------------------------------------------------------------
SELECT set_eq('SELECT code FROM department', '{credit,collection,accounting,sales,order_desk,logistics,production,quality,legal,management}'::text[], '001-36 the departments that a ledger begins with');
SELECT results_eq($$SELECT d, business_days_after('2026-03-06', d) FROM unnest('{0,1,2,5,6,-1,-5}'::integer[]) d$$,
    $$VALUES (0, date '2026-03-06'), (1, '2026-03-09'), (2, '2026-03-10'), (5, '2026-03-13'), (6, '2026-03-16'), (-1, '2026-03-05'), (-5, '2026-02-27')$$, '001-36 business days from a Friday, onwards and back');
SELECT is(business_days_after('2026-03-07', 1), '2026-03-09', '001-36 one business day after a Saturday');
SELECT is(business_days_after(NULL, 1), NULL, '001-36 NULL for NULL');
SELECT is(business_days_after('2026-04-02', 1) || ' ' || business_days_after('2026-04-07', -1) || ' ' || business_days_after('2026-04-30', 1), '2026-04-03 2026-04-03 2026-05-04', '001-36 not on Easter Monday, nor on the first of May');
SELECT open_task(1, 'answer', 'Find the proof of delivery', department => 'logistics') AS pod, open_task(1, 'price', 'Agree the price', department => 'sales', due_on => '2026-03-31') AS price,
       open_task(1, 'other', 'Ask the depot', department => 'Depot Lyon') AS depot, open_task(1, 'desk', 'Send the order again', department => 'order_desk') AS desk \gset
SELECT results_eq('SELECT kind, due_on FROM task WHERE customer_id = 1 ORDER BY task_id',
    $$VALUES ('answer', date '2026-03-09'), ('price', '2026-03-31'), ('other', NULL), ('desk', '2026-03-04')$$, '001-36 a task that says nothing has the deadline of its department, others their own; a department that is not known has none');
UPDATE department SET deadline_days = NULL WHERE code = 'quality';
SELECT open_task(2, 'sample', 'Look at the sample', department => 'quality') \g /dev/null
SELECT is((SELECT due_on FROM task WHERE customer_id = 2), NULL, '001-36 nor has one without a deadline');
UPDATE task SET due_on = NULL WHERE task_id = :desk;
SELECT is((SELECT due_on FROM task WHERE task_id = :desk), NULL, '001-36 and a deadline can be taken off');

-- Escalation -----------------------------------------------------------------------------------
-- Due on Monday the 9th; more than 3 business days overdue on Friday the 13th.
SELECT results_eq($$SELECT level, escalates_to, owner, after_days FROM escalation_path WHERE department = 'logistics' ORDER BY level$$,
    $$VALUES (1, 'logistics', 'logistics manager', 4), (2, 'management', 'managing director', 8)$$, '001-36 the way up');
UPDATE task SET owner = 'Anne' WHERE task_id = :pod;
SELECT is(pg_temp.night(d::date), 0::bigint, '001-36 not escalated on ' || d::date) FROM generate_series('2026-03-02', '2026-03-12', interval '1 day') d;
SELECT is(pg_temp.owner(1), 'Anne, nobody, nobody, nobody', '001-36 before: it is hers');
SELECT is((SELECT concat_ws(' ', days_open, due_on, days_overdue, escalation_level) FROM department_worklist WHERE task_id = :pod), '10 2026-03-09 3 0', '001-36 overdue on the worklist');
SELECT is(pg_temp.night('2026-03-13'), 1::bigint, '001-36 overdue by more than 3 business days: it escalates');
SELECT is(pg_temp.owner(1), 'logistics manager, nobody, nobody, nobody', '001-36 to the manager');
SELECT is(pg_temp.escalations(1), '1 logistics Anne>logistics manager 2026-03-13', '001-36 on record');
SELECT is((SELECT concat_ws(' ', department, code, subject, owner, days_overdue, escalation_level, escalated_on) FROM department_worklist WHERE task_id = :pod),
    'logistics C1 Find the proof of delivery logistics manager 4 1 2026-03-13', '001-36 and the worklist shows it');
SELECT is(pg_temp.night('2026-03-13'), 0::bigint, '001-36 never twice');
SELECT is(pg_temp.night(d), 0::bigint, '001-36 nor on ' || d) FROM unnest('{2026-03-14,2026-03-15,2026-03-16,2026-03-18}'::date[]) d;
SELECT is(pg_temp.night('2026-03-19'), 1::bigint, '001-36 after more than 3 again');
SELECT is(pg_temp.escalations(1), '1 logistics Anne>logistics manager 2026-03-13, 2 logistics logistics manager>managing director 2026-03-19', '001-36 to the management');
SELECT is(pg_temp.night('2026-03-30'), 0::bigint, '001-36 there is nobody above');
SELECT close_task(:pod, 'found it') \g /dev/null
SELECT is((SELECT event || ' ' || detail FROM risk_event WHERE customer_id = 1 AND object = 'task_escalation' ORDER BY recorded_at LIMIT 1), 'task_escalated level 1, Anne → logistics manager: Find the proof of delivery', '001-36 in the timeline');

-- Closed in time, or on the last day: never.
SELECT pg_temp.day('2026-03-02');
SELECT open_task(3, 'a', 'x', department => 'sales') AS a, open_task(3, 'b', 'x', department => 'sales') AS b \gset
SELECT pg_temp.day('2026-03-12') \g /dev/null
SELECT close_task(:a) \g /dev/null
SELECT is(pg_temp.night('2026-03-13'), 1::bigint, '001-36 of two tasks the one that is open');
SELECT is(pg_temp.owner(3), 'nobody, sales manager', '001-36 not the one that is closed');
SELECT close_task(:b) \g /dev/null
SELECT is(pg_temp.night('2026-04-30'), 1::bigint, '001-36 closing ends it');      -- the task of customer 1 that was due at the end of March
SELECT is(pg_temp.escalations(3), '1 sales >sales manager 2026-03-13', '001-36 with what it had reached');
SELECT is(pg_temp.owner(1), 'managing director, managing director, nobody, nobody', '001-36 after days that were missed a task takes what is due');
SELECT is((SELECT string_agg(format('%s %s>%s', level, from_owner, to_owner), ', ' ORDER BY recorded_at) FROM task_escalation WHERE task_id = :price),
    '1 >sales manager, 2 sales manager>managing director', '001-36 level by level, in their order');
SELECT is(pg_temp.owner(2), 'nobody', '001-36 without a deadline nothing escalates');

-- The house's own ways.
SELECT pg_temp.day('2026-05-04') \g /dev/null
UPDATE department SET escalation_days = NULL WHERE code = 'legal';
UPDATE department SET escalation_days = 0, deadline_days = 1, escalates_to = 'sales' WHERE code = 'order_desk';
UPDATE department SET escalates_to = 'Mme Roche' WHERE code = 'accounting';
UPDATE department SET escalates_to = 'production' WHERE code = 'quality';
UPDATE department SET escalates_to = 'quality' WHERE code = 'production';
INSERT INTO department (code, name_en, name_fr, manager, deadline_days, escalation_days) VALUES ('depot', 'Depot', 'Dépôt', 'M. Petit', 1, 1);
SELECT open_task(4, 'k', 'x', department => d, due_on => CASE WHEN d IN ('legal', 'accounting', 'production') THEN date '2026-05-05' END)
FROM unnest('{legal,order_desk,accounting,production,depot}'::text[]) WITH ORDINALITY u (d, n) WHERE d = 'legal' \g /dev/null
SELECT open_task(4 + n::integer, 'k', 'x', department => d, due_on => '2026-05-05') FROM unnest('{order_desk,accounting,production,depot}'::text[]) WITH ORDINALITY u (d, n) \g /dev/null
SELECT is(pg_temp.night('2026-05-05'), 0::bigint, '001-36 due today is not overdue');
SELECT is(pg_temp.night('2026-05-06'), 1::bigint, '001-36 0 days: the day after');
SELECT is(pg_temp.escalations(5), '1 order_desk >order desk manager 2026-05-06', '001-36 to the manager of the order desk');
SELECT is(pg_temp.night('2026-05-07'), 2::bigint, '001-36 the depot and the order desk');
SELECT is(pg_temp.night('2026-07-31'), 3::bigint, '001-36 at last');
SELECT is(pg_temp.escalations(4), NULL, '001-36 a department that never escalates');
SELECT is(pg_temp.escalations(5), '1 order_desk >order desk manager 2026-05-06, 2 order_desk order desk manager>sales manager 2026-05-07, 3 order_desk sales manager>managing director 2026-07-31', '001-36 from department to department');
SELECT is(pg_temp.escalations(6), '1 accounting >chief accountant 2026-07-31, 2 accounting chief accountant>Mme Roche 2026-07-31', '001-36 to a person');
SELECT is(pg_temp.escalations(7), '1 production >production manager 2026-07-31, 2 production production manager>quality manager 2026-07-31', '001-36 a circle ends');
SELECT is(pg_temp.escalations(8), '1 depot >M. Petit 2026-05-07', '001-36 with nobody above');
SELECT is(pg_temp.night('2026-12-31'), 0::bigint, '001-36 never twice');

-- A new deadline counts anew, a level does not come back.
SELECT pg_temp.day('2026-06-01') \g /dev/null
SELECT open_task(9, 'k', 'x', department => 'sales', due_on => '2026-06-01') AS again \gset
SELECT is(pg_temp.night('2026-06-05'), 1::bigint, '001-36 escalated');
UPDATE task SET due_on = '2026-06-30', owner = 'Paul' WHERE task_id = :again;
SELECT is(pg_temp.night('2026-07-06'), 0::bigint, '001-36 given until the end of June: level 1 was there already');
SELECT is(pg_temp.owner(9), 'Paul', '001-36 it stays with whom it was given to');
SELECT is(pg_temp.night('2026-07-10'), 1::bigint, '001-36 level 2 follows');
-- In portions.
INSERT INTO task (customer_id, kind, subject, department, opened_on, due_on) SELECT 10, 'n' || n, 'x', 'sales', '2026-06-01', '2026-06-01' FROM generate_series(1, 5) n;
SELECT is(escalate_tasks('2026-06-08', 2), 2::bigint, '001-36 two at most');
SELECT is(escalate_tasks('2026-06-08', 2), 2::bigint, '001-36 the next two');
SELECT is(escalate_tasks('2026-06-08', 2), 1::bigint, '001-36 the rest');
SELECT is(escalate_tasks('2026-06-08', 2), 0::bigint, '001-36 all done');

-- What a task is about, and how departments answer ---------------------------------------------
SELECT pg_temp.day('2026-09-01') \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (11, 11, 'F11', '2026-06-01', '2026-07-01', 500);
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (11, 11, 'P11', 200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (11, 11, 11, 120);
INSERT INTO task (customer_id, kind, subject, department, opened_on, due_on, invoice_id, payment_id)
VALUES (11, 'inv', 'x', 'depot', '2026-09-01', '2026-09-02', 11, NULL), (11, 'pay', 'x', 'depot', '2026-09-01', '2026-09-02', NULL, 11), (11, 'none', 'x', 'depot', '2026-09-01', NULL, NULL, NULL);
SELECT results_eq($$SELECT kind, invoice_no, payment_no, amount, days_overdue FROM department_worklist WHERE customer_id = 11 AND kind <> 'match_cash' ORDER BY task_id$$,
    $$VALUES ('inv', 'F11', NULL, 380::numeric, 0), ('pay', NULL, 'P11', 200, 0), ('none', NULL, NULL, NULL, 0)$$, '001-36 the worklist says of which invoice and how much');
INSERT INTO task (customer_id, kind, subject, department, opened_on, due_on)
SELECT 12, 'k' || n, 'x', 'warehouse', '2026-09-01', CASE WHEN n < 5 THEN date '2026-09-04' END FROM generate_series(1, 6) n;
SELECT pg_temp.day('2026-09-03') \g /dev/null
SELECT close_task(task_id) FROM task WHERE department = 'warehouse' AND kind IN ('k1', 'k5') \g /dev/null
SELECT pg_temp.day('2026-09-10') \g /dev/null
SELECT close_task(task_id) FROM task WHERE department = 'warehouse' AND kind = 'k2' \g /dev/null
UPDATE task SET due_on = '2026-09-30' WHERE department = 'warehouse' AND kind = 'k3';
SELECT results_eq($$SELECT name_en, opened, closed, overdue, on_time, on_time_pct, median_days, escalated FROM task_performance WHERE department = 'warehouse'$$,
    $$VALUES (NULL::text, 6::bigint, 3::bigint, 1::bigint, 1::bigint, 33.33, 2::numeric, 0::bigint)$$, '001-36 answered: one of three in time, in two days at the median');
SELECT is((SELECT concat_ws(' ', name_fr, opened, escalated) FROM task_performance WHERE department = 'depot'), 'Dépôt 4 1', '001-36 and those that escalated');

-- What does not go --------------------------------------------------------------------------------
SELECT throws_ok(s, e, NULL, '001-36 ' || s) FROM (VALUES
    ('UPDATE task_escalation SET to_owner = ''x''', 'CR010'), ('DELETE FROM task_escalation', 'CR010'), ('TRUNCATE task_escalation', 'CR010'), ('TRUNCATE department', 'CR010'), ('DELETE FROM task', 'CR010'),
    ('INSERT INTO task_escalation (customer_id, task_id, level, department, to_owner, due_on, escalated_on) VALUES (1, 999, 1, ''x'', ''x'', now(), now())', '23503'),
    ('UPDATE department SET escalates_to = code', '23514'), ('UPDATE department SET manager = NULL', '23502'), ('UPDATE department SET deadline_days = -1', '23514'), ('UPDATE department SET escalation_days = -1', '23514'),
    ('INSERT INTO department (code, name_en, name_fr, manager) VALUES (''Depot Lyon'', ''x'', ''x'', ''x'')', '23514'), ('INSERT INTO department (code, name_en, name_fr, manager) VALUES (''sales'', ''x'', ''x'', ''x'')', '23505'),
    (format('SELECT close_task(%s)', :pod), 'CR012')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', '001-36 verify()');
SELECT * FROM finish();
ROLLBACK;
