-- How often a customer hears of us, levels that rise and fall, and what becomes
-- of a communication: instructions, caps, people, approval, disputes, failures.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('presses') \g /dev/null
SET LOCAL search_path = presses, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-03', no_limit = 'pass';
INSERT INTO exchange_rate VALUES ('USD', '2026-01-30', 1);

\ir common/dunning_days.sql

-- ---- quiet days, do not contact, cap, grace, key account, people -------------------
-- All of class C, 1,000 due on Monday 2 March: without more 4, 10, 17, 24 March, 1, 9, 21 April.
SELECT pg_temp.owes(q, 'C', '2026-03-02', 1000) FROM unnest('{Q0,Q1,Q2,Q3,Q4,Q5,Q6,Q7,Q9}'::text[]) q \g /dev/null
SELECT instruct_dunning(customer_id('Q1'), 'quiet_days', 'asked for it', days => 10), instruct_dunning(customer_id('Q2'), 'do_not_contact', 'fire at their plant', until => '2026-03-20'),
       instruct_dunning(customer_id('Q3'), 'contact_cap', 'complained', days => 2), instruct_dunning(customer_id('Q4'), 'grace', 'pays on the tenth day', days => 10),
       instruct_dunning(customer_id('Q5'), 'key_account', 'our largest'), instruct_dunning(customer_id('Q9'), 'contact_cap', 'complained', days => 2) \g /dev/null
INSERT INTO customer (code, name, risk_class, language) VALUES ('Q8', 'Two currencies', 'C', 'en');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, currency) VALUES (customer_id('Q8'), 'Q8-1', '2026-02-01', '2026-03-02', 1000, 'EUR'), (customer_id('Q8'), 'Q8-2', '2026-02-01', '2026-03-02', 1000, 'USD');
SELECT pg_temp.live('2026-03-03', '2026-03-06') \g /dev/null
SELECT record_interaction(customer_id('Q9'), 'e-mail', 'asked when they pay', occurred_on => '2026-03-06') \g /dev/null
SELECT pg_temp.live('2026-03-07', '2026-03-09') \g /dev/null
SELECT record_interaction(customer_id('Q6'), 'call', 'asked when they pay', occurred_on => '2026-03-09'), record_interaction(customer_id('Q7'), 'call', 'asked when they pay', outcome => 'no_answer', occurred_on => '2026-03-09'),
       record_interaction(customer_id('Q7'), 'call', 'they asked for a copy', direction => 'in', occurred_on => '2026-03-09') \g /dev/null
UPDATE customer SET risk_class = 'D' WHERE code = 'Q9';
SELECT pg_temp.live('2026-03-10', '2026-05-05') \g /dev/null
CREATE FUNCTION pg_temp.days(code text, until date DEFAULT '2026-05-05') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(to_char(s.sent_on, 'FMMM-DD') || ' ' || s.channel, ', ' ORDER BY s.sent_on, s.action_id) FROM sent s WHERE s.code = days.code AND s.sent_on <= until $$;
SELECT is(pg_temp.days('Q0'), '3-04 e-mail, 3-10 call, 3-17 e-mail, 3-24 letter, 4-01 call, 4-09 registered, 4-21 task', '001-33 without an instruction');
SELECT is(pg_temp.days('Q1'), '3-04 e-mail, 3-16 call, 3-26 e-mail, 4-07 letter, 4-17 call, 4-27 registered',
          '001-33 ten quiet days: 14 March is a Saturday, 5 April Easter; 27 April ten days after the call; the task of the lawyers is within the house, but not before the eight days to pay are over');
SELECT is(pg_temp.days('Q2', '2026-03-31'), '3-23 e-mail, 3-30 call', '002-21 do not contact until Friday the 20th: nothing on that day, the first reminder on Monday, then its gap of five days');
SELECT is(pg_temp.days('Q3'), '3-04 e-mail, 3-10 call, 4-03 e-mail, 4-09 letter, 5-04 call', '002-21 at most two in thirty days: the third thirty days after the first, and so on');
SELECT is(pg_temp.days('Q4', '2026-03-20'), '3-12 e-mail, 3-17 call', '002-20 grace of ten days: on the tenth day the first reminder');
SELECT is(pg_temp.days('Q5'), '3-04 e-mail, 3-10 call, 3-17 e-mail, 3-24 task, 4-01 task, 4-09 task, 4-21 task', '002-21 a key account: from level 3 on nothing but tasks');
SELECT set_eq($$SELECT DISTINCT t.kind, t.department FROM task t WHERE t.customer_id = customer_id('Q5') AND t.opened_on >= '2026-03-24' AND t.kind NOT IN ('formal_notice_announced', 'interest_note')$$,
    $$VALUES ('reminder_by_hand', 'sales'), ('litigation', 'legal')$$, '002-21 which are those of sales');
SELECT is(pg_temp.days('Q6', '2026-03-25'), '3-04 e-mail, 3-16 call, 3-23 e-mail', '001-33 a person called on the 9th: the call of the queue waits five days, which end on a Saturday');
SELECT is(pg_temp.days('Q7', '2026-03-25'), '3-04 e-mail, 3-10 call, 3-17 e-mail, 3-24 letter', '001-33 a call that nobody answered, and one of theirs, do not count');
SELECT is(pg_temp.days('Q9', '2026-04-30'), '3-04 e-mail, 4-03 call, 4-07 letter', '002-21 the cap counts what people wrote, and holds across a change of strategy: the first leaves its window on 3 April, the second on the 5th, a Sunday before Easter Monday');
SELECT set_eq($$SELECT DISTINCT p.reason FROM dunning_postponement p WHERE p.customer_id = customer_id('Q9') AND p.run_on < '2026-04-03' AND p.reason NOT LIKE 'not a%'$$, ARRAY['contact cap'], '002-21 and dunning_postponement says why');
SELECT is_empty($$SELECT s.code, s.sent_on FROM sent s WHERE s.channel <> 'task' GROUP BY 1, 2 HAVING count(*) > 1$$, '001-33 two currencies: never two communications on one day');
SELECT results_eq($$SELECT currency, min(sent_on), max(dunning_level) FROM sent WHERE code = 'Q8' GROUP BY 1 ORDER BY 1$$, $$VALUES ('EUR', date '2026-03-04', 3), ('USD', '2026-03-09', 3)$$, '001-33 and both have their turn, one after the other');
SELECT is_empty($$SELECT s.code, s.sent_on FROM (SELECT x.*, lag(x.sent_on) OVER (PARTITION BY x.code ORDER BY x.sent_on, x.action_id) AS before FROM sent x WHERE x.channel <> 'task') s WHERE s.sent_on - s.before < CASE s.code WHEN 'Q1' THEN 10 WHEN 'Q9' THEN 3 ELSE 5 END$$,
    '001-33 never two automated contacts inside the quiet period');
SELECT is_empty($$SELECT s.code FROM sent s JOIN sent b ON b.code = s.code AND b.sent_on > s.sent_on - 30 AND b.sent_on <= s.sent_on WHERE s.code IN ('Q3', 'Q9') AND s.channel <> 'task' AND b.channel <> 'task' GROUP BY s.code, s.action_id HAVING count(*) > 2$$,
    '002-21 never more than two within thirty days');
SELECT throws_ok(s, e, NULL, '002-21 ' || s) FROM (VALUES
    ($$SELECT instruct_dunning(customer_id('Q0'), 'quiet_days', 'no days')$$, '23514'), ($$SELECT instruct_dunning(customer_id('Q0'), 'silence', 'no such kind')$$, '23514'),
    ($$SELECT instruct_dunning(customer_id('Q0'), 'do_not_contact', 'past', until => '2026-05-04')$$, 'CR003'), ($$SELECT instruct_dunning(customer_id('Q1'), 'quiet_days', 'twice', days => 3)$$, '23505'),
    ('SELECT end_instruction(-1)', 'CR012')) v (s, e);

-- The cap of the ledger, for all.
UPDATE ledger SET contact_cap = 1, contact_cap_days = 20;
SELECT pg_temp.owes('R1', 'C', '2026-05-04', 1000), pg_temp.owes('R2', 'D', '2026-05-04', 1000) \g /dev/null
SELECT pg_temp.live('2026-05-05', '2026-06-20') \g /dev/null
SELECT is(pg_temp.days('R1', '2026-06-20'), '5-06 e-mail, 5-26 call, 6-15 e-mail', '002-21 one in twenty days for everybody');
SELECT is(pg_temp.days('R2', '2026-06-20'), '5-05 e-mail, 5-26 call, 6-15 letter', '002-21 whatever the strategy: 25 May is Whit Monday');
UPDATE ledger SET contact_cap = NULL;
SELECT is_empty('SELECT * FROM verify()', 'verify() after instructions and caps');

-- ---- levels rise, and fall ----------------------------------------------------------
SELECT credit_risk.create_ledger('levels') \g /dev/null
SET LOCAL search_path = levels, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-03', no_limit = 'pass';
TRUNCATE sent;
CREATE FUNCTION pg_temp.level(invoice_no text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('/', o.cycle, o.step_no, o.dunning_level, o.next_action_on) FROM open_item o JOIN invoice i USING (customer_id, invoice_id) WHERE i.invoice_no = level.invoice_no AND i.reversal_of IS NULL $$;
CREATE FUNCTION pg_temp.customer_level(code text) RETURNS integer LANGUAGE sql AS $$ SELECT (credit_figures(customer_id(code)) ->> 'dunning_level')::integer $$;

-- Two items; the older is paid: the other neither jumps nor is left behind.
INSERT INTO customer (code, name, risk_class, language) VALUES ('K', 'K', 'C', 'fr');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (customer_id('K'), 'K-1', '2026-01-02', '2026-03-02', 1000), (customer_id('K'), 'K-2', '2026-02-02', '2026-03-26', 800);
SELECT pg_temp.live('2026-03-03', '2026-03-31') \g /dev/null
SELECT is(pg_temp.level('K-1') || ' ' || pg_temp.level('K-2'), '1/5/3/2026-04-01 1/2/1/2026-04-04', '001-34 before: the older at level 3, the younger at level 1');
SELECT is(pg_temp.customer_level('K'), 3, '001-34 the level of the customer is that of its worst item');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (customer_id('K'), 901, '2026-03-31', 1000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (customer_id('K'), 901, pg_temp.invoice('K-1'), 1000);
SELECT is(pg_temp.level('K-2'), '1/2/1/2026-04-04', '001-34 Kill Bill #2297: the older item is paid, and the level of the other does not jump');
SELECT is(pg_temp.customer_level('K'), 1, '001-34 the level of the customer falls when the item is paid');
SELECT pg_temp.live('2026-04-01', '2026-04-07') \g /dev/null
SELECT is((SELECT string_agg(s.sent_on || ' ' || s.dunning_level || ' ' || s.template, ', ' ORDER BY s.sent_on) FROM sent s WHERE s.sent_on > '2026-03-31'), '2026-04-07 2 call_date_or_dispute', '001-34 its next level follows, none is skipped');

-- Settled and open again: from the beginning, in its next cycle.
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (customer_id('K'), 902, '2026-04-07', 800);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (customer_id('K'), 902, pg_temp.invoice('K-2'), 800);
SELECT is(pg_temp.customer_level('K'), 0, '001-34 all is paid: level 0');
SELECT pg_temp.live('2026-04-08', '2026-04-09') \g /dev/null
SELECT reverse_allocation(allocation_id), reverse_payment(902) FROM allocation WHERE payment_id = 902 \g /dev/null
SELECT alike(pg_temp.level('K-2'), '2/0/0/%', '001-34 the payment came back: the item begins anew');
SELECT pg_temp.live('2026-04-10', '2026-04-16') \g /dev/null
SELECT is(pg_temp.level('K-2'), '2/2/1/2026-04-18', '001-34 with a friendly reminder');

-- Begun anew by hand.
SELECT pg_temp.live('2026-04-17', '2026-04-30') \g /dev/null
SELECT is(pg_temp.level('K-2'), '2/4/2/2026-05-02', 'before: level 2');
SELECT is((SELECT count(*) FROM restart_dunning(pg_temp.invoice('K-2'), 'new agreement with the customer')), 1::bigint, '001-34 restart_dunning()');
SELECT alike(pg_temp.level('K-2'), '3/0/0/%', '001-34 the level falls, on record');
SELECT is((SELECT string_agg(reason, ', ') FROM dunning_restart), 'new agreement with the customer', '001-34 with its reason');
SELECT throws_ok($$SELECT restart_dunning(pg_temp.invoice('K-2'), 'again')$$, 'CR012', NULL, '001-34 what has not begun cannot begin anew');
SELECT throws_ok($$SELECT restart_dunning(-1, 'nothing')$$, 'CR012', NULL, '001-34 nor what is not there');

-- A part payment: the next step follows, or where the strategy says so all begins anew.
SELECT pg_temp.owes('V1', 'C', '2026-05-04', 1000), pg_temp.owes('V2', 'B', '2026-05-04', 1000) \g /dev/null
SELECT revise_strategy('low') \g /dev/null
UPDATE dunning_strategy SET restart_on_payment = true WHERE code = 'low' AND status = 'draft';
SELECT activate_strategy(strategy_id) FROM dunning_strategy WHERE code = 'low' AND status = 'draft' \g /dev/null
SELECT pg_temp.live('2026-05-05', '2026-05-20') \g /dev/null
SELECT is(pg_temp.level('V1-1') || ' ' || pg_temp.level('V2-1'), '1/4/2/2026-05-26 1/3/2/2026-05-29', 'before: both at level 2');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (customer_id('V1'), 903, '2026-05-20', 400), (customer_id('V2'), 904, '2026-05-20', 400);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (customer_id('V1'), 903, pg_temp.invoice('V1-1'), 400), (customer_id('V2'), 904, pg_temp.invoice('V2-1'), 400);
SELECT is(pg_temp.level('V1-1'), '1/4/2/2026-05-26', '001-34 a part payment leaves the level where it was');
SELECT alike(pg_temp.level('V2-1'), '2/0/0/%', '001-34 restart_on_payment: it begins anew');
SELECT pg_temp.live('2026-05-21', '2026-05-27') \g /dev/null
SELECT results_eq($$SELECT code, sent_on, dunning_level, amount FROM sent WHERE sent_on > '2026-05-20' AND code LIKE 'V%' ORDER BY 1$$, $$VALUES ('V1', date '2026-05-26', 3, 600::numeric), ('V2', '2026-05-26', 1, 600)$$, '001-34 each with what is left');
SELECT is_empty('SELECT * FROM verify()', 'verify() after levels that fell');

-- ---- what becomes of a communication ----------------------------------------------
SELECT credit_risk.create_ledger('queued') \g /dev/null
SET LOCAL search_path = queued, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-03', no_limit = 'pass';
TRUNCATE sent;
SELECT pg_temp.owes(q, 'C', '2026-03-02', 1000) FROM unnest('{D,P,I,X,R,F,Z}'::text[]) q \g /dev/null
SELECT pg_temp.night('2026-03-04') \g /dev/null
CREATE FUNCTION pg_temp.queue(code text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', d.dunning_level, d.status, d.obsolete_reason), ', ' ORDER BY d.action_id) FROM dunning_action d WHERE d.customer_id = customer_id(queue.code) $$;
CREATE FUNCTION pg_temp.last_action(code text) RETURNS bigint LANGUAGE sql AS $$ SELECT max(d.action_id) FROM dunning_action d WHERE d.customer_id = customer_id(last_action.code) $$;

SELECT is((SELECT count(*) FROM dunning_action), 7::bigint, '000-07 one night fills the queue');
SELECT is(pg_temp.night('2026-03-04'), 0::bigint, '000-07 a second run of the day adds nothing');
SELECT results_eq('SELECT customers, items, actions FROM run_daily()', 'VALUES (0::bigint, 0::bigint, 0::bigint)', '000-07 and looks at nothing');
SELECT is((SELECT count(*) FROM dunning_action_item), 7::bigint, '000-07 no row twice');
SELECT pg_temp.night('2026-03-05'), pg_temp.night('2026-03-20') \g /dev/null
SELECT is((SELECT count(*) FROM dunning_action), 7::bigint, '000-07 nor later, while nobody carries it out: the next step waits for the last');

-- Between queue and claim: a dispute, a promise, an instruction give the step back.
UPDATE ledger SET pinned_date = '2026-03-04';
SELECT open_dispute(pg_temp.invoice('D-1'), 1000, 'not delivered'), promise_to_pay(customer_id('P'), '2026-03-10', 1000, pg_temp.invoice('P-1')), instruct_dunning(customer_id('I'), 'do_not_contact', 'in talks') \g /dev/null
SELECT pg_temp.work('2026-03-04') \g /dev/null
SELECT is(pg_temp.queue('D') || '; ' || pg_temp.queue('P') || '; ' || pg_temp.queue('I'), '1 obsolete disputed; 1 obsolete promised; 1 obsolete do not contact', '001-33 what is disputed, promised or not to be contacted is not handed out, and says why');
SELECT is((SELECT string_agg(concat_ws('/', o.step_no, o.dunning_level), ' ' ORDER BY o.customer_id) FROM open_item o JOIN customer c USING (customer_id) WHERE c.code IN ('D', 'P', 'I')), '0/0 0/0 0/0', '001-34 the step is given back, the level falls');
SELECT is(pg_temp.days('X'), '3-04 e-mail', 'the others were written to');
SELECT pg_temp.night('2026-03-06') \g /dev/null
SELECT resolve_dispute(dispute_id, 'rejected') FROM dispute \g /dev/null
SELECT end_instruction(instruction_id) FROM dunning_instruction \g /dev/null
SELECT pg_temp.live('2026-03-07', '2026-03-16') \g /dev/null
SELECT is(pg_temp.queue('D'), '1 obsolete disputed, 1 done, 2 done', '001-34 the dispute was rejected: the same step is taken, then the next');
SELECT is(pg_temp.queue('I'), '1 obsolete do not contact, 1 done, 2 done', '001-34 the instruction ended: the same step is taken, then the next');
SELECT is(pg_temp.queue('P'), '1 obsolete promised, 1 done', '001-34 the promise of the 10th was broken on the 13th, a Friday: the step comes');
SELECT is((SELECT min(sent_on) FROM sent WHERE code = 'P'), date '2026-03-16', '001-34 after its three days of tolerance');

-- A call is done when its task is closed, and the other way round.
SELECT is(pg_temp.days('X'), '3-04 e-mail, 3-10 call', 'a call carried out by the worker');
SELECT results_eq($$SELECT closed_on, outcome FROM task WHERE customer_id = customer_id('X') AND kind = 'call'$$, $$VALUES (date '2026-03-10', 'sent')$$, '002-19 closes its task');
SELECT pg_temp.owes('Y', 'C', '2026-03-09', 1000) \g /dev/null
SELECT pg_temp.live('2026-03-17', '2026-03-22'), pg_temp.night('2026-03-23') \g /dev/null
SELECT is((SELECT count(*) FROM task t JOIN dunning_action d USING (customer_id, task_id) WHERE d.customer_id = customer_id('Y') AND d.status = 'queued' AND t.closed_on IS NULL), 1::bigint, 'before: a call of Y is a task');
SELECT close_task(t.task_id, 'they pay on Friday') FROM task t WHERE t.customer_id = customer_id('Y') AND t.kind = 'call' \g /dev/null
SELECT results_eq($$SELECT status, done_on, outcome FROM dunning_action WHERE action_id = pg_temp.last_action('Y')$$, $$VALUES ('done', date '2026-03-23', 'they pay on Friday')$$, '002-19 the task closed completes the call');
SELECT is((SELECT o.next_action_on FROM open_item o WHERE o.customer_id = customer_id('Y')), date '2026-03-28', '002-19 and the item goes on: five days after the call');

-- Five failures make a task, and the item waits.
SELECT pg_temp.owes('G', 'C', '2026-03-20', 1000) \g /dev/null
SELECT pg_temp.work('2026-03-23'), pg_temp.night('2026-03-24') \g /dev/null
DO $$ BEGIN
    FOR n IN 1 .. 5 LOOP
        PERFORM fail_action(c.action_id, c.claim_token, 'mailbox full') FROM claim_actions('w', 100, channels => '{e-mail}') c WHERE c.customer_id = customer_id('G');
        UPDATE dunning_action SET retry_at = NULL WHERE customer_id = customer_id('G');
    END LOOP;
END $$;
SELECT is(pg_temp.queue('G'), '1 failed', '001-33 failed for good after the fifth time');
SELECT results_eq($$SELECT kind, department, subject FROM task WHERE customer_id = customer_id('G')$$, $$VALUES ('undeliverable', 'collection', 'The e-mail of level 1 failed 5 times: mailbox full')$$, '001-33 a task of the collection');
SELECT results_eq($$SELECT code, attempts FROM dunning_failed$$, $$VALUES ('G', 5)$$, '001-33 dunning_failed lists it');
SELECT pg_temp.live('2026-03-25', '2026-04-10') \g /dev/null
SELECT is(pg_temp.queue('G'), '1 failed', '001-34 no further step while it is not carried out');
SELECT is(requeue_action(pg_temp.last_action('G')), 'queued', 'the address is mended');
SELECT isnt((SELECT closed_on FROM task WHERE customer_id = customer_id('G') AND kind = 'undeliverable'), NULL, '001-33 the task is closed');
SELECT pg_temp.work('2026-04-13') \g /dev/null
SELECT is(pg_temp.queue('G'), '1 done', '001-33 and it leaves');
SELECT throws_ok($$SELECT requeue_action(pg_temp.last_action('G'))$$, 'CR008', NULL, '001-33 what has not failed is not queued again');

-- A formal notice that nobody approves: nothing follows. One that is refused comes again.
UPDATE ledger SET pinned_date = '2026-04-13';
SELECT pg_temp.owes('N', 'C', '2026-04-13', 1000), pg_temp.owes('J', 'C', '2026-04-13', 1000) \g /dev/null
SELECT pg_temp.live('2026-04-14', '2026-05-20') \g /dev/null
SELECT pg_temp.night('2026-05-21') \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', d.dunning_level, d.status), ', ' ORDER BY c.code) FROM dunning_action d JOIN customer c USING (customer_id) WHERE d.dunning_level = 4 AND c.code IN ('N', 'J') AND d.run_on = '2026-05-21'), '4 proposed, 4 proposed', 'before: two formal notices are proposed');
SELECT results_eq($$SELECT c.code, t.opened_on, t.department FROM task t JOIN customer c USING (customer_id) WHERE t.kind = 'formal_notice_announced' AND t.closed_on IS NULL AND c.code IN ('N', 'J') ORDER BY 1$$,
    $$VALUES ('J', date '2026-05-19', 'sales'), ('N', '2026-05-19', 'sales')$$, '002-20 sales were told two business days before');
SELECT is((SELECT count(*) FROM claim_actions('w', 100) WHERE dunning_level = 4), 0::bigint, '002-20 not handed out before approval');
SELECT throws_ok($$SELECT reject_action(pg_temp.last_action('J'), '')$$, '22023', NULL, '002-20 a rejection needs its reason');
SELECT is(reject_action(pg_temp.last_action('J'), 'sales are in talks', '2026-06-10'), 'obsolete', '002-20 refused until 10 June');
SELECT is((SELECT concat_ws('/', o.step_no, o.dunning_level, o.next_action_on) FROM open_item o WHERE o.customer_id = customer_id('J')), '6/3/2026-06-10', '001-34 the step is given back');
SELECT is((SELECT closed_on FROM task WHERE customer_id = customer_id('J') AND kind = 'formal_notice_announced'), date '2026-05-21', '002-20 and what sales were told of is off');
SELECT throws_ok($$SELECT approve_action(pg_temp.last_action('J'))$$, 'CR008', NULL, '002-20 what was refused is not approved');
SELECT throws_ok($$SELECT reject_action(pg_temp.last_action('J'), 'again')$$, 'CR008', NULL, '002-20 nor refused again');
SELECT count(pg_temp.night(date '2026-05-22' + n)) FROM generate_series(0, 50) n \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', d.dunning_level, d.status, d.run_on), ', ' ORDER BY d.action_id) FROM dunning_action d WHERE d.customer_id = customer_id('N') AND d.run_on >= '2026-05-21'), '4 proposed 2026-05-21', '002-20 never approved: no further step, and not a second proposal');
SELECT is((SELECT string_agg(concat_ws(' ', d.dunning_level, d.status, d.run_on), ', ' ORDER BY d.action_id) FROM dunning_action d WHERE d.customer_id = customer_id('J') AND d.run_on >= '2026-05-21'), '4 obsolete 2026-05-21, 4 proposed 2026-06-10', '002-20 the refused one is proposed again on 10 June');

-- Sales hear of a formal notice too that nobody could foresee, and it waits for them.
SELECT credit_risk.create_ledger('sudden') \g /dev/null
SET LOCAL search_path = sudden, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-03', no_limit = 'pass';
TRUNCATE sent;
SELECT pg_temp.owes('W', 'C', '2026-03-02', 1000) \g /dev/null
SELECT pg_temp.live('2026-03-03', '2026-04-02') \g /dev/null
SELECT is((SELECT dunning_level FROM open_item), 3, 'before: level 3, then nobody runs it for a month');
SELECT is(pg_temp.night('2026-05-06'), 1::bigint, 'the first night after it');
SELECT results_eq($$SELECT status, run_on, due_on FROM dunning_action WHERE dunning_level = 4$$, $$VALUES ('proposed', date '2026-05-06', date '2026-05-11')$$, '002-20 the formal notice is there, to leave two business days later: 8 May is a holiday, then the weekend');
SELECT results_eq($$SELECT opened_on, due_on, department FROM task WHERE kind = 'formal_notice_announced'$$, $$VALUES (date '2026-05-06', date '2026-05-11', 'sales')$$, '002-20 and sales are told');
SELECT pg_temp.live('2026-05-06', '2026-05-12') \g /dev/null
SELECT is((SELECT sent_on FROM sent WHERE dunning_level = 4), date '2026-05-11', '002-20 it leaves then');
SELECT pg_temp.owes('W2', 'C', '2026-05-11', 1000) \g /dev/null
SELECT pg_temp.live('2026-05-13', '2026-06-16') \g /dev/null
SELECT is((SELECT count(*) FROM task WHERE customer_id = customer_id('W2') AND kind = 'formal_notice_announced' AND closed_on IS NULL), 1::bigint, 'before: announced');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (customer_id('W2'), 1, '2026-06-16', 1000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (customer_id('W2'), 1, pg_temp.invoice('W2-1'), 1000);
SELECT results_eq($$SELECT closed_on, outcome FROM task WHERE customer_id = customer_id('W2') AND kind = 'formal_notice_announced'$$, $$VALUES (date '2026-06-16', 'settled')$$, '002-20 paid: there is nothing to speak about any more');
SELECT is_empty('SELECT * FROM verify()', 'verify() at the end');
SELECT * FROM finish();
ROLLBACK;
