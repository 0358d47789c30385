-- People: contacts with customers, calls and what they bring, visits (row 004-15).
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('people') \g /dev/null
SET LOCAL search_path = people, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (21, 'C21', 'A site of 12', 12);
INSERT INTO contact (customer_id, contact_id, name, phone) VALUES (1, 1, 'Mme Roux', '+33 1 00 00 00 01'), (2, 2, 'M. Petit', NULL);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT c, c * 10, 'I' || c, '2026-01-10', '2026-02-10', 1000 FROM generate_series(1, 8) c;
CREATE FUNCTION pg_temp.law(what text) RETURNS text LANGUAGE sql AS $$ SELECT is_empty('SELECT * FROM people.verify()', what || ': verify()') $$;
CREATE FUNCTION pg_temp.errors(what text, statement text, code text) RETURNS text LANGUAGE sql AS $$ SELECT throws_ok(statement, code, NULL, what || ': ' || left(statement, 90)) $$;

-- Interactions.
SELECT is(last_contact(1, '2026-03-31'), NULL, 'interaction: nobody spoke to the customer yet');
SELECT record_interaction(1, 'call', 'Reminder', 'asked for the date', occurred_on => '2026-03-10', contact_id => 1, invoice_id => 10) AS i1 \gset
SELECT is((SELECT concat_ws(' ', kind, direction, occurred_on, contact_id, invoice_id, recorded_by = current_user) FROM interaction WHERE interaction_id = :i1),
          'call out 2026-03-10 1 10 t', 'interaction: a call to a person about an invoice');
SELECT is(last_contact(1, '2026-03-31'), '2026-03-10'::date, 'interaction: it is the last contact');
SELECT is(last_contact(1, '2026-03-10'), '2026-03-10'::date, 'interaction: up to and with its own day');
SELECT is(last_contact(1, '2026-03-09'), NULL, 'interaction: not before it');
SELECT record_interaction(1, 'call', 'Again', outcome => 'no_answer'), record_interaction(1, 'e-mail', 'They ask', direction => 'in'), record_interaction(1, 'meeting', 'At the fair') \g /dev/null
SELECT is(last_contact(1), '2026-03-10'::date, 'interaction: not answered, incoming and meetings are no contact of ours');
SELECT record_interaction(1, 'sms', 'Again', occurred_on => '2026-03-20') AS i2 \gset
SELECT is(contacts_between(1, '2026-03-10', '2026-03-20'), 2::bigint, 'interaction: two contacts, both days counted');
SELECT reverse_interaction(:i2, 'another customer') \g /dev/null
SELECT is(last_contact(1), '2026-03-10'::date, 'interaction: what was taken back did not happen');
SELECT is(contacts_between(1, NULL, NULL), 1::bigint, 'interaction: nor is it counted');
INSERT INTO interaction (customer_id, kind, subject, occurred_at) VALUES (2, 'call', 'late', '2026-03-30 23:30 Europe/Paris');
SELECT is((SELECT occurred_on FROM interaction WHERE customer_id = 2), '2026-03-30'::date, 'interaction: the day follows from the hour, in the time zone of the ledger');
SELECT pg_temp.errors('interaction', s, e) FROM (VALUES
    ('SELECT record_interaction(1, ''call'', ''x'', occurred_on => ''2026-04-01'')', 'CR003'), ('SELECT record_interaction(1, ''call'', ''x'', contact_id => 2)', 'CR007'),
    ('SELECT record_interaction(1, ''call'', ''x'', invoice_id => 20)', 'CR007'), ('SELECT record_interaction(1, ''call'', ''x'', action_id => 99)', 'CR007'),
    ('SELECT record_interaction(1, ''fax'', ''x'')', '23514'), ('SELECT record_interaction(99, ''call'', ''x'')', '23503'), ('SELECT record_interaction(1, ''call'', '''')', '23514'),
    ('INSERT INTO interaction (customer_id, kind, subject, occurred_on, occurred_at) VALUES (1, ''call'', ''x'', ''2026-03-29'', ''2026-03-30 12:00'')', 'CR003'),
    (format('SELECT reverse_interaction(%s)', :i2), 'CR012'), ('SELECT reverse_interaction(999)', 'CR007'), ('SELECT reverse_interaction(max(interaction_id)) FROM interaction WHERE reversal_of IS NOT NULL', 'CR007'),
    ('UPDATE interaction SET note = ''x''', 'CR010'), ('DELETE FROM interaction', 'CR010'), ('TRUNCATE interaction', 'CR010')) v (s, e);

-- A call and what it brings.
SELECT * FROM record_call(3, 'promise', 'they wait for a customer of theirs', 30, '2026-04-10', 400) \gset
SELECT is((SELECT concat_ws(' ', p.amount, p.promised_on, p.note, i.outcome) FROM promise p, interaction i WHERE p.promise_id = :promise_id AND i.interaction_id = :interaction_id),
          '400 2026-04-10 they wait for a customer of theirs promise', 'call: a promise in one call');
SELECT * FROM record_call(4, 'dispute', 'wrong price', 40, amount => 250) \gset
SELECT is((SELECT concat_ws(' ', amount, reason) FROM dispute WHERE dispute_id = :dispute_id), '250 wrong price', 'call: a dispute in one call');
SELECT * FROM record_call(5, 'will_call_back', 'the accountant is away', 50) \gset
SELECT is((SELECT concat_ws(' ', kind, department, invoice_id, due_on) FROM task WHERE task_id = :task_id), 'follow_up collection 50 2026-04-01', 'call: a follow-up on the next business day');
SELECT task_id AS again FROM record_call(5, 'no_answer', invoice_id => 50, on_date => '2026-04-03') \gset
SELECT is((SELECT concat_ws(' ', count(*), max(task_id) = :task_id, max(due_on)) FROM task WHERE customer_id = 5 AND kind = 'follow_up' AND closed_on IS NULL), '1 t 2026-04-03', 'call: moved to another day, not doubled');
SELECT record_call(5, 'informed', invoice_id => 50) \g /dev/null
SELECT is((SELECT outcome FROM task WHERE task_id = :task_id), 'informed', 'call: done by the next call that reached somebody');
SELECT pg_temp.errors('call', s, e) FROM (VALUES
    ('SELECT record_call(6, ''cheers'')', '22023'), ('SELECT record_call(6, NULL)', '22023'), ('SELECT record_call(6, ''promise'')', '22023'), ('SELECT record_call(6, ''dispute'', ''price'')', '22023'),
    ('SELECT record_call(6, ''dispute'', NULL, 60)', '22023'), ('SELECT record_call(6, ''no_answer'', on_date => ''2026-03-30'')', 'CR003'),
    ('SELECT record_call(6, ''promise'', on_date => ''2026-04-10'', amount => 1001)', 'CR003')) v (s, e);
SELECT is_empty('SELECT FROM interaction WHERE customer_id = 6', 'call: one that fails leaves nothing, not even the call');
SELECT pg_temp.law('call');

-- The history, with what the queue did.
SELECT run_daily() \g /dev/null
UPDATE ledger SET pinned_date = '2026-04-01';
CREATE TEMPORARY TABLE mine AS SELECT a.action_id, complete_action(a.action_id, a.claim_token) AS word FROM claim_actions('w', 100) a;
SELECT is((SELECT string_agg(DISTINCT source, ' ') FROM customer_interaction WHERE customer_id = 7), 'dunning_action', 'history: what the queue sent');
SELECT is((SELECT count(*) FROM customer_interaction WHERE customer_id = 1 AND outcome = 'no_answer'), 1::bigint, 'history: and what people did');
SELECT is_empty(format('SELECT FROM customer_interaction WHERE source = ''interaction'' AND id = %s', :i2), 'history: not what was taken back');
SELECT is((SELECT array_agg(occurred_on) FROM (SELECT occurred_on FROM customer_interaction WHERE customer_id = 1) h),
          (SELECT array_agg(occurred_on ORDER BY occurred_on DESC) FROM customer_interaction WHERE customer_id = 1), 'history: newest first');
SELECT record_interaction(7, 'e-mail', 'As sent', action_id => action_id) FROM dunning_action WHERE customer_id = 7 AND status = 'done' \g /dev/null
SELECT is((SELECT string_agg(DISTINCT source, ' ') FROM customer_interaction WHERE customer_id = 7), 'interaction', 'history: a communication that somebody wrote about stands there once');
UPDATE ledger SET pinned_date = '2026-03-31';

-- 004-15: visits.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT c, c * 10, 'V' || c, '2026-03-01', '2026-05-01', a FROM (VALUES (11, 150000), (12, 200000), (13, 149999.99), (14, 60000), (15, 60000)) v (c, a);
UPDATE customer SET risk_class = 'D' WHERE customer_id = 14;
UPDATE customer SET risk_class = 'B' WHERE customer_id = 15;
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, trim_scale(exposure), coalesce(last_visit_on::text, 'never')), ', ' ORDER BY customer_id) FROM visit_required),
          '11 150000 never, 12 200000 never, 14 60000 never', '004-15 a high exposure without a visit in 12 months is listed, the bound itself included; one below it, or in a good class, is not');
SELECT plan_visit(11, '2026-04-15', 'own_finance', 'see the stock', 'Mme Blanc') AS v1 \gset
SELECT is((SELECT concat_ws(' ', status, performed_by, planned_on, done_on) FROM visit WHERE visit_id = :v1), 'planned own_finance 2026-04-15', '004-15 a visit is planned');
SELECT is((SELECT planned_on FROM visit_required WHERE customer_id = 11), '2026-04-15'::date, '004-15 planned is not done: it stays listed, with the plan');
SELECT complete_visit(:v1, 'stock is low, cash is not', '2026-03-30', 'ask for the accounts', '2026-04-20') AS t1 \gset
SELECT is((SELECT concat_ws(' | ', v.status, v.done_on, v.findings, t.kind, t.subject, t.due_on) FROM visit v JOIN task t ON t.customer_id = v.customer_id AND t.task_id = v.follow_up_task_id WHERE v.visit_id = :v1),
          'done | 2026-03-30 | stock is low, cash is not | visit_follow_up | ask for the accounts | 2026-04-20', '004-15 done, with findings and a follow-up, which is a task');
SELECT is((SELECT concat_ws(' ', kind, occurred_on, note) FROM customer_interaction WHERE customer_id = 11), 'visit 2026-03-30 stock is low, cash is not', '004-15 and stands in the history');
SELECT is_empty('SELECT FROM visit_required WHERE customer_id = 11', '004-15 the customer is no longer listed');
SELECT record_visit(21, 'a clean yard', '2025-03-31', 'insurer') \g /dev/null
SELECT is_empty('SELECT FROM visit_required WHERE customer_id = 12', '004-15 a visit of the insurer to the site twelve months ago today is still valid');
UPDATE ledger SET pinned_date = '2026-04-01';
SELECT is((SELECT concat_ws(' ', last_visit_on, due_on, days_overdue) FROM visit_required WHERE customer_id = 12), '2025-03-31 2026-03-31 1', '004-15 on the day after it is due again');
UPDATE visit_rule SET performers = '{own_finance}' WHERE risk_classes IS NULL;
SELECT is((SELECT coalesce(last_visit_on::text, 'never') FROM visit_required WHERE customer_id = 12), 'never', '004-15 a rule may count the visits of our finance alone');
SELECT record_visit(11, 'again', follow_up => 'thank them') \g /dev/null
SELECT is((SELECT concat_ws(' | ', count(*), max(subject), max(due_on)) FROM task WHERE customer_id = 11 AND kind = 'visit_follow_up' AND closed_on IS NULL),
          '1 | ask for the accounts; thank them | 2026-04-20', '004-15 a second follow-up joins the open one');
SELECT plan_visit(13, '2026-04-02', 'sales') AS v2 \gset
SELECT is(cancel_visit(:v2, 'they moved'), 'cancelled', '004-15 a visit is cancelled');
SELECT pg_temp.errors('004-15', s, e) FROM (VALUES
    ('SELECT plan_visit(13, ''2026-03-31'')', 'CR003'), ('SELECT plan_visit(13, ''2026-04-09'', ''police'')', '23514'), ('SELECT plan_visit(13, ''2026-04-09'', contact_id => 2)', 'CR007'),
    ('SELECT plan_visit(99, ''2026-04-09'')', '23503'), (format('SELECT complete_visit(%s, ''x'')', :v2), 'CR012'), ('SELECT complete_visit(999, ''x'')', 'CR012'), (format('SELECT cancel_visit(%s, ''x'')', :v1), 'CR012'),
    ('SELECT record_visit(13, NULL)', '23514'), ('SELECT record_visit(13, ''x'', ''2026-04-02'')', 'CR003'), ('SELECT record_visit(13, ''x'', follow_up_on => ''2026-05-02'')', '22023'),
    ('DELETE FROM visit', 'CR010'), ('TRUNCATE visit', 'CR010'), ('UPDATE visit SET performed_by = ''sales''', 'CR010'), ('INSERT INTO visit_rule (min_exposure, performers) VALUES (1, ''{police}'')', '23514')) v (s, e);
SELECT is_empty('SELECT FROM visit WHERE customer_id = 13 AND status <> ''cancelled''', '004-15 what was refused left nothing');
SELECT pg_temp.law('004-15');

SELECT * FROM finish();
ROLLBACK;
