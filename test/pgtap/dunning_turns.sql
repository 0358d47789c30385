-- What becomes of items and communications when something turns in the middle:
-- a strategy, the settings of the ledger, a payment, a refusal.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('turns') \g /dev/null
SET LOCAL search_path = turns, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', no_limit = 'pass';
INSERT INTO customer (customer_id, code, name, risk_class, language) SELECT n, 'C' || n, 'Client ' || n, 'C', 'en' FROM generate_series(1, 9) n;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) SELECT n, n, 'I-' || n, '2026-01-15', '2026-02-20', 500 FROM generate_series(1, 9) n;
CREATE FUNCTION pg_temp.item(id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT format('step %s, level %s, %s, %s', o.step_no, o.dunning_level, coalesce(o.parked_until::text, '-'), coalesce(o.next_action_on::text, '-')) FROM open_item o WHERE o.invoice_id = id $$;
CREATE FUNCTION pg_temp.queue(id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', d.channel, 'L' || d.dunning_level, d.status, d.obsolete_reason), ', ' ORDER BY d.action_id) FROM dunning_action d WHERE d.customer_id = id AND d.obsolete_reason IS DISTINCT FROM 'only observed' $$;
CREATE FUNCTION pg_temp.night(day date) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger SET pinned_date = day;
    RETURN (SELECT actions FROM run_daily(day));
END $$;
CREATE FUNCTION pg_temp.carry_out() RETURNS bigint LANGUAGE sql AS $$ SELECT count(complete_action(action_id, claim_token)) FROM claim_actions('w', 1000) $$;

-- Not to be contacted: what is invoiced after is put aside like the rest.
SELECT instruct_dunning(9, 'do_not_contact', 'in talks') AS silence \gset
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (9, 99, 'I-99', '2026-02-15', '2026-03-20', 100);
SELECT is(pg_temp.item(99), 'step 0, level 0, infinity, -', '001-36 an invoice of a customer not to be contacted is put aside');
SELECT is_empty('SELECT * FROM verify()', '001-36 verify() says the same');
SELECT end_instruction(:silence) \g /dev/null
SELECT is(pg_temp.item(99), 'step 0, level 0, -, 2026-03-13', '001-36 and comes back when the instruction ends');

-- await_sending: what is queued counts as sent from then on, or waits again.
SELECT is(pg_temp.night('2026-03-02'), 9::bigint, '001-32 the first night');
SELECT is(pg_temp.item(1), 'step 2, level 1, infinity, -', '001-32 the item waits for its sending');
UPDATE ledger SET await_sending = false;
SELECT is(pg_temp.item(1), 'step 2, level 1, -, 2026-03-07', '001-32 not awaited: it goes on');
SELECT is_empty('SELECT * FROM verify()', '001-32 verify() without waiting');
UPDATE ledger SET await_sending = true;
SELECT is(pg_temp.item(1), 'step 2, level 1, infinity, -', '001-32 awaited again');
SELECT is_empty('SELECT * FROM verify()', '001-32 verify() with waiting');

-- Observed: nobody heard of it, so the first that is said is the first step.
UPDATE ledger SET mode = 'observe';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 88, 'I-88', '2026-01-15', '2026-02-23', 100);
SELECT is_empty('SELECT * FROM verify()', '001-32 verify() of a ledger that observes');
SELECT pg_temp.night(d::date) FROM generate_series(date '2026-03-10', date '2026-04-10', '1 day') d \g /dev/null
SELECT is((SELECT dunning_level FROM open_item WHERE invoice_id = 88), 3, '001-34 observed, an item comes to the last reminder');
UPDATE ledger SET mode = 'enforce';
SELECT is((SELECT dunning_level FROM open_item WHERE invoice_id = 88), 0, '001-34 enforced, it stands where it was');
SELECT is_empty($$SELECT * FROM dunning_action WHERE status = 'proposed'$$, '001-34 and nothing of that time may be approved');
SELECT is_empty('SELECT * FROM verify()', '001-34 verify() after it');
SELECT is(pg_temp.carry_out(), 9::bigint, '001-34 what was queued before leaves');
SELECT pg_temp.night(d::date) FROM generate_series(date '2026-04-11', date '2026-04-17', '1 day') d \g /dev/null
SELECT is((SELECT max(dunning_level) FROM dunning_action_item WHERE invoice_id = 88 AND NOT dropped AND step_no IS NOT NULL), 1, '001-34 the first letter about it is a friendly reminder');
SELECT is_empty('SELECT * FROM verify()', '001-34 verify() and the night after');

-- A call to who has paid: matched, or not yet.
SELECT is(pg_temp.queue(1), 'e-mail L1 done, call L2 queued', '001-36 a call waits');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 101, 500), (2, 102, 500), (3, 103, 200);
SELECT is(pg_temp.queue(1), 'e-mail L1 done, call L2 obsolete cash received, match first', '001-36 the money is there: no call');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 102, 2, 500);
SELECT is_empty($$SELECT * FROM task WHERE customer_id IN (1, 2) AND kind = 'call' AND closed_on IS NULL$$, '001-36 nor a task of one');
SELECT is(pg_temp.queue(3), 'e-mail L1 done, call L2 queued', '001-36 a part is not enough');
SELECT is((SELECT count(*) FROM task WHERE customer_id = 3 AND kind = 'call' AND closed_on IS NULL), 1::bigint, '001-36 and its task stays');
SELECT reverse_payment(101) \g /dev/null
SELECT pg_temp.night('2026-04-20') \g /dev/null
SELECT is(pg_temp.queue(1), 'e-mail L1 done, call L2 obsolete cash received, match first, call L2 queued', '001-36 the cheque came back: the call is there again');
SELECT is_empty('SELECT * FROM verify()', '001-36 verify() after payments');

-- What is refused is taken again on a day that comes.
SELECT throws_ok($$SELECT reject_action(max(action_id), 'no', 'infinity') FROM dunning_action WHERE customer_id = 4$$, 'CR003', NULL, '001-31 never is no day');
SELECT throws_ok($$SELECT reject_action(max(action_id), 'no', '2026-04-19') FROM dunning_action WHERE customer_id = 4$$, 'CR003', NULL, '001-31 nor is yesterday');
SELECT is((SELECT reject_action(max(action_id), 'no', '2026-04-20') FROM dunning_action WHERE customer_id = 4), 'obsolete', '001-31 today is');

-- No strategy serves the customers for a while: they go on where they stood.
SELECT pg_temp.carry_out() \g /dev/null
SELECT is((SELECT step_no FROM open_item WHERE invoice_id = 5), 3, '003-13 step 3 of moderate');
SELECT revise_strategy('moderate') AS draft \gset
SELECT retire_strategy('moderate') \g /dev/null
SELECT is(pg_temp.item(5), 'step 0, level 2, -, -', '003-13 nobody serves it');
SELECT activate_strategy(:draft) \g /dev/null
SELECT is((SELECT step_no FROM open_item WHERE invoice_id = 5), 3, '003-13 the new version goes on after step 3');
SELECT is_empty('SELECT * FROM verify()', '003-13 verify() after a strategy was gone');
-- A strategy without early steps, and back.
INSERT INTO dunning_strategy (strategy_id, code, name, rank) VALUES (50, 'late', 'Late', 900);
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template, min_gap_days) VALUES (50, 1, 100, 'e-mail', 1, 'friendly_reminder', 1);
SELECT activate_strategy(50) \g /dev/null
INSERT INTO customer (customer_id, code, name, risk_class, language) VALUES (20, 'C20', 'Client 20', 'A', 'en');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (20, 20, 'I-20', '2026-03-15', '2026-04-14', 500);
SELECT pg_temp.night('2026-04-20') \g /dev/null
SELECT pg_temp.carry_out() \g /dev/null
SELECT is((SELECT step_no FROM open_item WHERE invoice_id = 20), 2, '003-13 step 2 of low');
SELECT instruct_dunning(20, 'strategy', 'a friend', NULL, NULL, 'late') AS late \gset
SELECT is((SELECT step_no FROM open_item WHERE invoice_id = 20), 0, '003-13 before the first of late');
SELECT end_instruction(:late) \g /dev/null
SELECT is((SELECT step_no FROM open_item WHERE invoice_id = 20), 2, '003-13 back: after what it has heard, not from the start');
SELECT is_empty('SELECT * FROM verify()', '003-13 verify() there and back');
SELECT lives_ok($$SELECT pg_temp.night('2026-05-04')$$, '003-13 and the night goes on with the next step');
SELECT is((SELECT string_agg(step_no::text, ',' ORDER BY action_id) FROM dunning_action WHERE customer_id = 20), '2,3', '003-13 each once');

-- A step given back in a strategy where it has no place takes none there.
SELECT instruct_dunning(20, 'strategy', 'a friend', NULL, NULL, 'late') AS late \gset
SELECT is((SELECT concat_ws(' ', step_no, dunning_level) FROM open_item WHERE invoice_id = 20), '1 2', '003-13 step 3 of low, in late after its only step');
SELECT end_instruction(:late) \g /dev/null
INSERT INTO dunning_strategy (strategy_id, code, name, rank, may_skip_levels) VALUES (51, 'end', 'End', 900, true);
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template, min_gap_days) VALUES (51, 1, 100, 'letter', 3, 'last_reminder', 1);
SELECT activate_strategy(51) \g /dev/null
SELECT instruct_dunning(20, 'strategy', 'a friend', NULL, NULL, 'end') \g /dev/null
SELECT is((SELECT concat_ws(' ', step_no, dunning_level) FROM open_item WHERE invoice_id = 20), '0 2', '003-13 before the only step of end, at level 2');
SELECT is((SELECT reject_action(action_id, 'not yet', business_date()) FROM dunning_action WHERE customer_id = 20 AND status = 'queued'), 'obsolete', '003-13 its letter is refused');
SELECT is((SELECT concat_ws(' ', step_no, dunning_level) FROM open_item WHERE invoice_id = 20), '0 1', '003-13 it falls to level 1 and takes no step');
SELECT is_empty('SELECT * FROM verify()', '003-13 verify() after a step given back');

-- A formal notice for a key account is a task, and waits for approval all the same.
INSERT INTO customer (customer_id, code, name, risk_class, language) VALUES (30, 'C30', 'Key', 'E', 'en');
SELECT instruct_dunning(30, 'key_account', 'our largest') \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (30, 30, 'I-30', '2026-01-15', '2026-02-20', 5000);
UPDATE open_item SET dunning_level = 4 WHERE invoice_id = 30;
SELECT is(pg_temp.queue(30), 'task L4 proposed', '001-35 proposed');
SELECT throws_ok($$SELECT close_task(task_id, 'sent by hand') FROM dunning_action WHERE customer_id = 30$$, 'CR012', NULL, '001-35 to close its task does not approve it');
SELECT approve_action(action_id) FROM dunning_action WHERE customer_id = 30 \g /dev/null
SELECT lives_ok($$SELECT close_task(task_id, 'sent by hand') FROM dunning_action WHERE customer_id = 30$$, '001-35 approved, it is carried out');
SELECT is(pg_temp.queue(30), 'task L4 done', '001-35 done');
SELECT is_empty('SELECT * FROM verify()', 'verify() at the end');

-- An address cannot add a header; a worker and a simulation stay within their agency.
INSERT INTO agency (agency, name) VALUES ('north', 'North'), ('south', 'South');
UPDATE customer SET agency = 'south';
INSERT INTO customer (customer_id, code, name, risk_class, language, agency) VALUES (40, 'C40', 'Client 40', 'C', 'en', 'north');
INSERT INTO contact (customer_id, name, email) VALUES (40, 'Ann', E'ann@north.example\nBcc: all@north.example');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (40, 40, 'I-40', '2026-03-15', '2026-04-20', 500);
SELECT pg_temp.night('2026-05-05') \g /dev/null
CREATE ROLE turns_collector;
SELECT credit_risk.grant_ledger_access('turns', 'turns_collector', 'collector') \g /dev/null
INSERT INTO agency_member VALUES ('turns_collector', 'north');
SELECT credit_risk.enable_agency_security('turns') \g /dev/null
SET LOCAL ROLE turns_collector;
CREATE TEMP TABLE told AS SELECT DISTINCT customer_id FROM simulate_dunning('2026-05-05', '2026-06-05');
CREATE TEMP TABLE handed AS SELECT customer_id, recipient_address FROM claim_actions('north', 1000);
RESET ROLE;
SELECT results_eq('SELECT customer_id FROM told', 'VALUES (40::bigint)', '000-08 a simulation tells of the customers of the agency');
SELECT results_eq('SELECT customer_id, recipient_address FROM handed', $$VALUES (40::bigint, 'ann@north.example Bcc: all@north.example')$$, '000-08 and so does a claim; an address is of one line');
-- An instruction whose day has passed is no longer in the way of the next.
INSERT INTO customer (customer_id, code, name) VALUES (90, 'T90', 'Away again');
SELECT instruct_dunning(90, 'do_not_contact', 'holidays', until => business_date() + 1) \g /dev/null
SELECT throws_ok($$SELECT instruct_dunning(90, 'do_not_contact', 'ill', until => business_date() + 20)$$, '23505', NULL, '002-21 one do_not_contact at a time');
UPDATE ledger SET pinned_date = pinned_date + 2;
SELECT lives_ok($$SELECT instruct_dunning(90, 'do_not_contact', 'ill', until => business_date() + 20)$$, '002-21 the next after its day has passed');
SELECT is((SELECT string_agg((closed_on IS NULL)::text, ' ' ORDER BY instruction_id) FROM dunning_instruction WHERE customer_id = 90), 'false true', '002-21 which ended');
-- A formal notice claims the interest of what it speaks of, not of all that is late.
INSERT INTO customer (customer_id, code, name) VALUES (91, 'T91', 'Two invoices');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT 91, 910 + n, 'T91-' || n, business_date() - 90, business_date() - 30 * n, 1000 FROM generate_series(1, 2) n;
UPDATE open_item SET dunning_level = 4 WHERE invoice_id = 912;
SELECT approve_action(action_id) FROM dunning_action WHERE customer_id = 91 AND dunning_level = 4 \g /dev/null
UPDATE ledger SET pinned_date = pinned_date + 7;
CREATE TEMP TABLE noticed AS SELECT * FROM claim_actions('w', 1000, channels => '{registered}') WHERE customer_id = 91;
SELECT is((SELECT string_agg(complete_action(action_id, claim_token), ' ') FROM noticed), 'done', '002-20 a formal notice of one invoice leaves');
SELECT results_eq('SELECT DISTINCT invoice_id FROM interest_note_line WHERE customer_id = 91', 'VALUES (912::bigint)', '002-20 and its interest note is of that invoice');
SELECT is((SELECT count(*) FROM propose_interest_note(91)), 1::bigint, '002-20 the other is claimed when it is asked for');
SELECT is_empty('SELECT * FROM verify()', 'verify() after it');
SELECT * FROM finish();
ROLLBACK;
