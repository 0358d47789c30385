-- The worklist and the agenda: rows 000-15, 003-04 and 001-46 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('work') \g /dev/null
SET LOCAL search_path = work, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, CASE WHEN i <= 10 THEN 'B' END FROM generate_series(1, 60) i;
CREATE FUNCTION pg_temp.law(what text) RETURNS text LANGUAGE sql AS $$ SELECT is_empty('SELECT * FROM work.verify()', what || ': verify()') $$;
CREATE FUNCTION pg_temp.errors(what text, statement text, code text) RETURNS text LANGUAGE sql AS $$ SELECT throws_ok(statement, code, NULL, what || ': ' || left(statement, 90)) $$;
CREATE FUNCTION pg_temp.points(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(figure || ' ' || coalesce(trim_scale(value)::text, '?') || ' ' || points, ', ' ORDER BY figure) FROM work.collection_points(id) WHERE points <> 0 $$;
CREATE FUNCTION pg_temp.listed() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(customer_id::text, ' ' ORDER BY rank) FROM work.collection_worklist $$;

-- 003-04: only who needs attention.
SELECT is(pg_temp.listed(), NULL, '003-04 before: nobody owes, the worklist is empty');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (1, 10, 'I1', '2026-01-01', '2026-03-01', 2000), (2, 20, 'I2', '2026-01-01', '2026-04-20', 2000), (3, 30, 'I3', '2026-01-01', '2026-03-01', 2000),
    (4, 40, 'I4', '2026-01-01', '2026-03-01', 2000), (5, 50, 'I5', '2026-01-01', '2026-03-01', 2000), (6, 60, 'I6', '2026-01-01', '2026-03-01', 49.99),
    (7, 70, 'I7', '2025-06-01', '2025-07-01', 30000), (8, 80, 'I8', '2026-01-01', '2026-03-01', 50), (9, 90, 'I9', '2026-01-01', '2026-04-20', 100);
INSERT INTO payment (customer_id, payment_no, received_on, amount) VALUES (3, 'P3', '2026-03-30', 2000);
SELECT promise_to_pay(4, '2026-04-10', invoice_id => 40), open_dispute(50, reason => 'price') \g /dev/null
SELECT is((SELECT string_agg(customer_id::text, ' ' ORDER BY customer_id) FROM collection_score WHERE place <> 'small'), '1 7 8',
          '003-04 clean accounts are not there: not due, paid by cash to match, promised, disputed, or less than the minimum');
SELECT is((SELECT string_agg(customer_id::text, ' ') FROM collection_score WHERE place = 'small'), '6', '003-04 what is small is counted');
SELECT open_task(9, 'follow_up', 'call again', NULL, NULL, 'collection', '2026-03-31') AS t9 \gset
SELECT open_task(2, 'check', 'look into it', NULL, NULL, 'collection', '2026-04-10') AS t2 \gset
SELECT open_task(10, 'price', 'not ours', NULL, NULL, 'sales', '2026-03-01') \g /dev/null
SELECT is((SELECT string_agg(customer_id::text, ' ' ORDER BY customer_id) FROM collection_score WHERE place <> 'small'), '1 7 8 9',
          '003-04 a task that is due brings an account in; one for later, or of another department, does not');
UPDATE worklist_setting SET max_rows = 2;
SELECT is(pg_temp.listed(), '7 1', '003-04 the size is bounded by a rule');
SELECT is((SELECT concat_ws(' ', customers, listed, beyond_the_size, few_points, small) FROM collection_workload), '5 2 2 0 1', '003-04 and the rest is counted');
UPDATE worklist_setting SET max_rows = 50, min_points = 60;
SELECT is(pg_temp.listed(), '7', '003-04 so are those with few points');
SELECT is((SELECT concat_ws(' ', customers, listed, beyond_the_size, few_points, small) FROM collection_workload), '5 1 0 3 1', '003-04 each counted once');
UPDATE worklist_setting SET min_points = 10;
SELECT close_task(:t9) \g /dev/null
SELECT is_empty('SELECT FROM collection_score WHERE customer_id = 9', '003-04 done: the account is clean again');
SELECT pg_temp.law('003-04');

-- 000-15: ranked, and explained.
SELECT is(pg_temp.points(1), 'days_since_contact ? 10, late_pct ? 4, oldest_days 30 6, risk_class 2 3, to_collect 2000 10', '000-15 the points of each rule, a figure that is not known named so');
SELECT is((SELECT points FROM collection_worklist WHERE customer_id = 1), 33, '000-15 their sum');
SELECT is_empty('SELECT FROM collection_worklist w WHERE points <> (SELECT sum((r ->> ''points'')::integer) FROM jsonb_array_elements(w.reasons) r)', '000-15 in every row the points are the sum of its reasons');
SELECT is_empty('SELECT FROM collection_score s WHERE points <> (SELECT sum(p.points) FROM collection_points(s.customer_id) p)', '000-15 and of collection_points()');
SELECT is((SELECT reasons -> 0 FROM collection_worklist WHERE customer_id = 7),
          '{"figure": "oldest_days", "value": 273, "points": 30, "name_en": "days of the oldest overdue item", "name_fr": "jours de retard de la plus ancienne facture"}'::jsonb, '000-15 the heaviest reason first, in both languages');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) SELECT c, c * 10, 'I' || c, '2026-01-01', '2026-03-01', a FROM (VALUES (31, 1500), (32, 1500), (33, 1600)) v (c, a);
SELECT is(pg_temp.listed(), '7 33 31 32 1 8', '000-15 equal points: the larger overdue first, then the customer: a total order');
SELECT is(pg_temp.listed(), pg_temp.listed(), '000-15 and the same each time');
SELECT is((SELECT concat_ws(' ', overdue, over_90, oldest_days) FROM collection_worklist w WHERE customer_id = 7), (SELECT concat_ws(' ', overdue, over_90, oldest_days) FROM ageing_by_customer WHERE customer_id = 7), '000-15 overdue, over 90 and oldest days are those of the aged balance');
-- amount x age x class x habit x broken promises
SELECT record_interaction(31, 'call', 'spoke') \g /dev/null
SELECT is((SELECT concat_ws(' ', last_contact, points) FROM collection_score WHERE customer_id = 31), '2026-03-31 28', '000-15 who was spoken to today has fewer points');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (32, 321, 'late', '2025-10-01', '2025-11-01', 300), (32, 322, 'in time', '2025-10-01', '2025-11-01', 100);
INSERT INTO payment (customer_id, payment_id, payment_no, received_on, amount) VALUES (32, 321, 'PL', '2025-11-21', 300), (32, 322, 'PT', '2025-11-01', 100);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (32, 321, 321, 300, '2025-11-21'), (32, 322, 322, 100, '2025-11-01');
SELECT is((SELECT concat_ws(' ', late_pct, days_beyond_terms) FROM collection_score WHERE customer_id = 32), '75.0 15.0', '000-15 the habit of the customer stands for the probability: 75 % of the amount late, 15 days on average');
SELECT promise_to_pay(33, '2026-04-02', invoice_id => 330, tolerance_days => 0) \g /dev/null
SELECT is_empty('SELECT FROM collection_score WHERE customer_id = 33', '000-15 promised: nothing to collect');
UPDATE ledger SET pinned_date = '2026-04-03';
SELECT run_daily() \g /dev/null
SELECT is((SELECT concat_ws(' ', broken_promises, to_collect) FROM collection_score WHERE customer_id = 33), '1 1600', '000-15 broken: it counts');
SELECT ok((SELECT reasons @> '[{"figure": "broken_promises", "value": 1, "points": 10}]' FROM collection_worklist WHERE customer_id = 33), '000-15 and is a reason');
SELECT is((SELECT next_action FROM collection_worklist WHERE customer_id = 33), 'broken_promise', '000-15 and the next action');
-- Rules are data, and versioned.
SELECT version AS v FROM worklist_setting \gset
INSERT INTO collection_rule (figure, bounds, points, note) VALUES ('broken_promises', '{1}', '{0,99}', 'a hard line');
SELECT is((SELECT version FROM worklist_setting), :v + 1, '000-15 a new rule is a new version');
SELECT is((SELECT string_agg(concat_ws('-', since_version = :v + 1, until_version = :v + 1), ' ' ORDER BY rule_id) FROM collection_rule WHERE figure = 'broken_promises'), 'f-t t', '000-15 it takes the place of the one before, which stays on record');
SELECT is((SELECT rank FROM collection_worklist WHERE customer_id = 33), 1::bigint, '000-15 and decides the order');
INSERT INTO collection_rule (figure, bounds, points) VALUES ('own_risk', '{1000}', '{0,7}');
SELECT ok((SELECT own_risk FROM collection_score WHERE customer_id = 7) = 30000 AND pg_temp.points(7) LIKE '%own_risk 30000 7%', '000-15 own risk counts where a rule asks for it');
SELECT is(retire_collection_rule('own_risk'), :v + 3, '000-15 a rule is retired');
SELECT is((SELECT own_risk FROM collection_score WHERE customer_id = 7), NULL, '000-15 and its figure is not looked at any more');
SELECT pg_temp.errors('000-15', s, e) FROM (VALUES
    ('INSERT INTO collection_rule (figure, bounds, points) VALUES (''weather'', ''{1}'', ''{0,1}'')', '23503'), ('INSERT INTO collection_rule (figure, bounds, points) VALUES (''late_pct'', ''{1,1}'', ''{0,1,2}'')', '23514'),
    ('INSERT INTO collection_rule (figure, bounds, points) VALUES (''late_pct'', ''{2,1}'', ''{0,1,2}'')', '23514'), ('INSERT INTO collection_rule (figure, bounds, points) VALUES (''late_pct'', ''{1,2}'', ''{0,1}'')', '23514'),
    ('UPDATE collection_rule SET points = ''{0,1}''', 'CR010'), ('DELETE FROM collection_rule', 'CR010'), ('SELECT retire_collection_rule(''own_risk'')', 'CR012'), ('UPDATE worklist_setting SET max_rows = 0', '23514')) v (s, e);

-- 001-46: the agenda.
SELECT is((SELECT max(n) FROM (SELECT count(*) AS n FROM agenda() GROUP BY customer_id) c), 1::bigint, '001-46 one row per customer');
SELECT is((SELECT array_agg(rank ORDER BY rank) FROM agenda()), (SELECT array_agg(i) FROM generate_series(1, (SELECT count(*) FROM agenda())) i), '001-46 ranked 1, 2, 3 ...');
SELECT is_empty('SELECT FROM (SELECT score, lag(score) OVER (ORDER BY rank) AS before FROM agenda()) a WHERE score > before', '001-46 by the points of the worklist and the urgency of the action');
SELECT is((SELECT concat_ws(' ', rank, kind, reason, points, score - points) FROM agenda() WHERE customer_id = 33), format('1 broken_promise Of 1600 EUR promised for 2026-04-02 came 0 %s 40', (SELECT points FROM collection_score WHERE customer_id = 33)), '001-46 a broken promise first, with its reason');
INSERT INTO contact (customer_id, name, phone, role) VALUES (2, 'M. Noir', NULL, 'accounts_payable'), (2, 'Mme Vert', '+33 1 22 22 22 22', 'buyer');
SELECT is_empty('SELECT FROM agenda() WHERE customer_id = 2', '001-46 what is due later is not there today');
SELECT is((SELECT concat_ws(' ', kind, task_id = :t2, contact, phone) FROM agenda(NULL, '2026-04-10') WHERE customer_id = 2), 'task t Mme Vert +33 1 22 22 22 22', '001-46 it is on its day, with whom to call');
SELECT open_task(2, 'follow_up', 'as agreed', NULL, NULL, 'collection', '2026-04-10') AS f2, plan_visit(2, '2026-04-10') AS v2 \gset
SELECT is((SELECT concat_ws(' ', count(*), max(kind), max(other_actions)) FROM agenda(NULL, '2026-04-10') WHERE customer_id = 2), '1 task 2', '001-46 three things for one customer are one row, and two more wait');
SELECT close_task(:t2) \g /dev/null
SELECT is((SELECT concat_ws(' ', kind, task_id = :f2) FROM agenda(NULL, '2026-04-10') WHERE customer_id = 2), 'follow_up t', '001-46 done: the next one shows');
UPDATE task SET owner = 'anna' WHERE task_id = :f2;
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, kind, owner_name), ', ') FROM agenda('anna', '2026-04-10')), '2 follow_up anna', '001-46 the agenda of a person is what that person was named for');
SELECT is_empty('SELECT FROM agenda(''nobody'', ''2026-04-10'')', '001-46 and of nobody is empty');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (40, 400, 'large', '2026-03-01', '2026-04-08', 20000), (41, 410, 'less', '2026-03-01', '2026-04-08', 19999.99);
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, kind, trim_scale(amount), due_on), ', ') FROM agenda() WHERE customer_id IN (40, 41)), '40 pre_due_call 20000 2026-04-08', '001-46 a large item is called about before it falls due');
SELECT record_call(40, 'informed', invoice_id => 400) \g /dev/null
SELECT is_empty('SELECT FROM agenda() WHERE customer_id = 40', '001-46 once');
SELECT open_dispute(410, reason => 'quality', opened_on => '2026-04-03') AS d41 \gset
SELECT is((SELECT concat_ws(' ', kind, dispute_id = :d41) FROM agenda(NULL, '2026-05-04') WHERE customer_id = 41), 'dispute_deadline t', '001-46 a dispute past its deadline');
SELECT is_empty('SELECT FROM agenda() WHERE customer_id = 41', '001-46 not before');
SELECT is_empty('SELECT FROM agenda() WHERE customer_id IN (3, 4, 5, 50)', '001-46 nothing for those who paid, promised, contest, or owe nothing');
SELECT pg_temp.errors('001-46', s, e) FROM (VALUES ('SELECT agenda(NULL, ''2026-04-02'')', '22023'), ('SELECT agenda(NULL, ''infinity'')', '22023')) v (s, e);
-- A call of the queue, carried out.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (50, 500, 'called', '2026-01-01', '2026-04-03', 3000);
CREATE FUNCTION pg_temp.until_call() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE a record; call bigint; BEGIN
    FOR i IN 1 .. 60 LOOP
        UPDATE work.ledger SET pinned_date = pinned_date + 1;
        PERFORM work.run_daily();
        SELECT action_id INTO call FROM work.dunning_action WHERE customer_id = 50 AND channel = 'call' AND status = 'queued' AND due_on <= work.business_date();
        EXIT WHEN FOUND;
        FOR a IN SELECT * FROM work.claim_actions('w', 1000) c WHERE c.channel NOT IN ('call', 'task') LOOP PERFORM work.complete_action(a.action_id, a.claim_token); END LOOP;
    END LOOP;
    RETURN call;
END $$;
SELECT pg_temp.until_call() AS call \gset
SELECT is((SELECT concat_ws(' ', kind, action_id = :call, trim_scale(amount)) FROM agenda() WHERE customer_id = 50), 'call t 3000', '001-46 a call of the dunning queue');
SELECT record_call(50, 'promise', 'next week', 500, business_date() + 7, action_id => :call) \g /dev/null
SELECT is((SELECT status FROM dunning_action WHERE action_id = :call), 'done', '001-46 recorded, it is carried out');
SELECT is_empty('SELECT FROM agenda() WHERE customer_id = 50', '001-46 and the agenda goes on without it');
SELECT pg_temp.law('001-46');

SELECT * FROM finish();
ROLLBACK;
