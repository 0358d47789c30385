-- The nightly run: what is queued, when, and what is not.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(53);
SELECT credit_risk.create_ledger('dunned') \g /dev/null
SET LOCAL search_path = dunned, credit_risk, public;

-- Weekdays only: 2026-03-02 is a Monday.
UPDATE ledger SET pinned_date = '2026-03-02', await_sending = false;
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alone'), (2, 'B', 'Busy'), (3, 'C', 'Covered'), (4, 'D', 'Dust'), (5, 'E', 'Early'), (6, 'F', 'Formal');

-- One invoice through all steps of the moderate strategy, run every night.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (1, 1, 'A-1', '2026-03-02', '2026-04-01', 1000);
CREATE TEMP TABLE night AS
SELECT n.day::date, r.* FROM generate_series(date '2026-03-02', date '2026-06-30', '1 day') n (day), LATERAL run_daily(n.day::date) r;
SELECT is((SELECT sum(actions) FROM night), 8::numeric, 'eight steps make eight communications');
SELECT results_eq(
    'SELECT run_on, channel, dunning_level, status FROM dunning_action ORDER BY run_on',
    $$VALUES (date '2026-03-25', 'e-mail', 0, 'queued'),      -- 7 days before, a Wednesday
             ('2026-04-03', 'e-mail', 1, 'queued'),           -- +2
             ('2026-04-09', 'call', 2, 'queued'),             -- +8
             ('2026-04-16', 'e-mail', 2, 'queued'),           -- +15
             ('2026-04-23', 'letter', 3, 'queued'),           -- +22
             ('2026-05-04', 'call', 3, 'queued'),             -- +30 is the first of May, a Friday, so Monday
             ('2026-05-11', 'registered', 4, 'proposed'),     -- +38 is a Saturday, so Monday; waits for approval
             ('2026-05-21', 'task', 5, 'queued')$$,
    'the dates, channels and levels of the moderate strategy, on business days');
SELECT is((SELECT next_action_on FROM open_item), NULL, 'after the last step nothing is due any more');
SELECT is((SELECT count(*) FROM dunning_action_item), 8::bigint, 'each step of the item once');
SELECT is((SELECT items + actions FROM run_daily(date '2026-06-30')), 0::bigint, 'a second run of the day finds nothing');
SELECT is_empty('SELECT * FROM verify()', 'verify() after the whole strategy');

-- Missed nights are caught up one step at a time.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (2, 2, 'B-1', '2026-01-02', '2026-02-02', 1000);
SELECT is((SELECT actions FROM run_daily(date '2026-03-20')), 1::bigint, 'one communication after weeks without a run');
SELECT results_eq('SELECT dunning_level, step_no FROM open_item WHERE customer_id = 2', 'VALUES (1, 2)',
                  'it is the first after the due date: no level is skipped');
SELECT is((SELECT actions FROM run_daily(date '2026-03-21')), 0::bigint, 'not another one the next day');
SELECT is((SELECT next_action_on FROM open_item WHERE customer_id = 2), date '2026-03-25', 'the gap of five days is kept');
SELECT is((SELECT actions FROM run_daily(date '2026-03-25')), 1::bigint, 'then the next step');

-- One communication for all that is due, led by the oldest; none within the gap.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (5, 51, 'E-1', '2026-03-01', '2026-03-31', 100), (5, 52, 'E-2', '2026-03-01', '2026-03-30', 200), (5, 53, 'E-3', '2026-03-01', '2026-04-02', 300);
SELECT is((SELECT count(*) FROM (SELECT run_daily(d::date) FROM generate_series(date '2026-03-20', date '2026-03-26', '1 day') d) x), 7::bigint, 'nights before the due date');
SELECT results_eq('SELECT run_on, items, amount, lead_invoice_id, dunning_level FROM dunning_action WHERE customer_id = 5 ORDER BY 1',
    $$VALUES (date '2026-03-23', 1, 200::numeric, 52::bigint, 0)$$,
    'one reminder before due; the others would follow within the gap');
SELECT ok((SELECT bool_and(next_action_on >= '2026-03-28') FROM open_item WHERE customer_id = 5), 'they wait for the gap');
SELECT cmp_ok((SELECT actions FROM run_daily(date '2026-04-07')), '>=', 1::bigint, 'all of them are overdue');
SELECT results_eq('SELECT items, amount, lead_invoice_id, dunning_level FROM dunning_action WHERE customer_id = 5 AND run_on = ''2026-04-07''',
    'VALUES (3, 600::numeric, 52::bigint, 1)', 'led by the oldest item');
SELECT is((SELECT string_agg(step_no::text, ',' ORDER BY invoice_id) FROM open_item WHERE customer_id = 5), '2,2,2',
    'what should have been said before the due date is not said after it');

-- Cash that is not matched, and open credits, count as payment of the oldest.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount)
VALUES (3, 31, 'C-1', 'invoice', '2026-02-01', '2026-03-01', 400), (3, 32, 'C-2', 'invoice', '2026-02-01', '2026-03-02', 500),
       (3, 33, 'C-3', 'credit_note', '2026-02-15', '2026-02-15', 100);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (3, 30, '2026-03-05', 300);
SELECT is((SELECT next_action_on FROM open_item WHERE invoice_id = 33), NULL, 'a credit note is never dunned');
SELECT is((SELECT actions FROM run_daily(date '2026-03-09')), 1::bigint, 'the item that cash does not cover is dunned');
SELECT results_eq('SELECT lead_invoice_id, items, amount FROM dunning_action WHERE customer_id = 3', 'VALUES (32::bigint, 1, 500::numeric)',
                  'payment and credit note together cover the oldest');
SELECT is((SELECT dunning_level FROM open_item WHERE invoice_id = 31), 0, 'which stays at level 0');
SELECT isnt((SELECT parked_until FROM open_item WHERE invoice_id = 31), NULL, 'and is looked at again later');
SELECT is_empty('SELECT * FROM verify()', 'verify() with items put aside');

-- Minimums.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (4, 41, 'D-1', '2026-02-01', '2026-03-01', 14.99), (4, 42, 'D-2', '2026-02-01', '2026-03-01', 30);
SELECT is((SELECT actions FROM run_daily(date '2026-03-09')), 0::bigint, 'an account that owes less than 50 is left alone');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (4, 43, 'D-3', '2026-02-01', '2026-03-01', 30);
SELECT is((SELECT count(*) FROM (SELECT run_daily(d::date) FROM generate_series(date '2026-03-10', date '2026-03-16', '1 day') d) x), 7::bigint, 'nights');
SELECT is((SELECT string_agg(dunning_level::text, ',' ORDER BY invoice_id) FROM open_item WHERE customer_id = 4), '0,1,2',
          'above it its items are dunned, save the one below 15');

-- A formal notice speaks of items of its own level only, and needs approval.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (6, 61, 'F-1', '2026-03-01', '2026-04-01', 1000), (6, 62, 'F-2', '2026-04-01', '2026-05-08', 1000);
CREATE TEMP TABLE formal AS SELECT (run_daily(d::date)).actions FROM generate_series(date '2026-03-20', date '2026-05-11', '1 day') d;
SELECT results_eq('SELECT items, dunning_level, status FROM dunning_action WHERE customer_id = 6 AND run_on = ''2026-05-11''',
                  $$VALUES (1, 4, 'proposed')$$, 'the two-day-old item is not listed in the formal notice');
UPDATE ledger SET pinned_date = '2026-05-11';
SELECT is((SELECT count(*) FROM claim_actions('w', 1000) WHERE customer_id = 6 AND dunning_level = 4), 0::bigint, 'not handed out before approval');
SELECT is(approve_action((SELECT action_id FROM dunning_action WHERE customer_id = 6 AND dunning_level = 4)), 'queued', 'approved');
SELECT is((SELECT count(*) FROM claim_actions('w', 1000) WHERE customer_id = 6 AND dunning_level = 4), 1::bigint, 'handed out after it');
SELECT throws_ok('SELECT approve_action(-1)', 'CR008', NULL, 'what is not proposed cannot be approved');

-- Claim, fail, retry, complete.
SELECT is((SELECT count(*) FROM claim_actions('other', 1000)), 0::bigint, 'what is claimed is not handed out twice');
CREATE TEMP TABLE claim AS SELECT action_id, claim_token, customer_id FROM dunning_action WHERE status = 'claimed' ORDER BY action_id LIMIT 2;
SELECT throws_ok('SELECT complete_action(action_id, gen_random_uuid()) FROM claim', 'CR008', NULL, 'only with the token of the claim');
SELECT is((SELECT fail_action(action_id, claim_token, 'mailbox full') FROM claim ORDER BY action_id LIMIT 1), 'queued', 'a failed action is queued again');
SELECT ok((SELECT retry_at > clock_timestamp() + '4 minutes' FROM dunning_action JOIN claim USING (action_id) ORDER BY action_id LIMIT 1), 'some minutes later');
UPDATE dunning_action SET attempts = 4, retry_at = NULL WHERE action_id = (SELECT min(action_id) FROM claim);
SELECT is((SELECT fail_action(action_id, claim_token, 'no such address') FROM claim_actions('w')), 'failed', 'after the fifth attempt it is failed');
SELECT is((SELECT complete_action(action_id, claim_token) FROM claim ORDER BY action_id DESC LIMIT 1), 'done', 'completed');
SELECT throws_ok('SELECT complete_action(action_id, claim_token) FROM claim ORDER BY action_id DESC LIMIT 1', 'CR008', NULL, 'once');

-- A lease that has run out is handed out again, to whoever asks.
UPDATE dunning_action SET claimed_until = clock_timestamp() - interval '1 second' WHERE status = 'claimed';
SELECT cmp_ok((SELECT count(*) FROM claim_actions('second', 1000)), '>', 0::bigint, 'after the lease another worker gets it');

-- Paid before the claim, paid after it.
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (2, 20, '2026-05-11', 1000), (6, 60, '2026-05-11', 1000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 20, 2, 1000), (6, 60, 61, 1000);
UPDATE dunning_action SET claimed_until = clock_timestamp() - interval '1 second' WHERE status = 'claimed' AND customer_id = 6;
SELECT is((SELECT count(*) FROM claim_actions('w', 1000) WHERE customer_id = 6), 0::bigint, 'a payer is not dunned');
SELECT is((SELECT obsolete_reason FROM dunning_action WHERE customer_id = 6 AND dunning_level = 4), 'settled', 'the reason is kept');

-- By hand: a level and an agreed date.
UPDATE open_item SET dunning_level = 2 WHERE invoice_id = 62;
SELECT results_eq('SELECT run_on, dunning_level FROM dunning_action WHERE customer_id = 6 ORDER BY action_id DESC LIMIT 1', $$VALUES (date '2026-05-11', 2)$$,
                  'a level raised by hand queues too');
UPDATE open_item SET agreed_due_on = '2026-06-30' WHERE invoice_id = 62;
SELECT is((SELECT next_action_on FROM open_item WHERE invoice_id = 62), date '2026-07-15', 'an agreed date moves the next action');
SELECT throws_ok('UPDATE open_item SET dunning_level = 0 WHERE invoice_id = 62', 'CR009', NULL, 'a level does not fall by hand');

-- A settled item that comes back starts the next cycle at level 0.
SELECT reverse_allocation(allocation_id) FROM allocation WHERE customer_id = 2 \g /dev/null
SELECT results_eq('SELECT cycle, dunning_level, step_no FROM open_item WHERE customer_id = 2', 'VALUES (2, 0, 0)', 'a bounced payment starts the next cycle');

-- Going live: opening balances are taken up at the first step after the due
-- date, so many customers a day.
UPDATE ledger SET opening_notices = 2;
INSERT INTO customer (customer_id, code, name) SELECT n, 'O' || n, 'Opening ' || n FROM generate_series(101, 105) n;
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount)
SELECT n, 'OB-' || n, 'opening_balance', '2025-10-01', '2025-11-01', 1000 FROM generate_series(101, 105) n;
CREATE TEMP TABLE opening AS SELECT d::date AS night, (run_daily(d::date)).actions FROM generate_series(date '2026-09-01', date '2026-09-03', '1 day') d;
SELECT results_eq('SELECT run_on, count(*), max(dunning_level) FROM dunning_action WHERE customer_id BETWEEN 101 AND 105 GROUP BY 1 ORDER BY 1',
    $$VALUES (date '2026-09-01', 2::bigint, 1), ('2026-09-02', 2, 1), ('2026-09-03', 1, 1)$$,
    'two opening balances a day, the oldest debt too begins with a friendly reminder');
SELECT is((SELECT actions FROM run_daily(date '2026-09-03')), 0::bigint, 'and none twice');

-- A ledger that observes queues for the record and hands out nothing.
UPDATE ledger SET mode = 'observe', opening_notices = 50;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (2, 'B-2', '2026-06-01', '2026-07-01', 1000);
SELECT is((SELECT count(*) FROM (SELECT (run_daily(date '2026-12-01')).actions) r WHERE actions > 0), 1::bigint, 'an observing ledger decides');
SELECT is((SELECT DISTINCT status FROM dunning_action WHERE run_on = '2026-12-01'), 'proposed', 'and proposes');
SELECT is((SELECT count(*) FROM claim_actions('w', 1000)), 0::bigint, 'but hands out nothing');
UPDATE ledger SET mode = 'enforce';

-- A reminder that cannot reach anybody becomes a task.
INSERT INTO contact (customer_id, email, bounced_on) VALUES (1, 'ap@alone.example', '2026-01-01');
SELECT is(reachable_channel(1, 'e-mail') || ', ' || reachable_channel(1, 'letter') || ', ' || reachable_channel(2, 'e-mail'),
          'task, letter, e-mail', 'a bounced address makes a task; letters and customers without contacts keep their channel');
INSERT INTO contact (customer_id, email) VALUES (1, 'new@alone.example');
SELECT is(reachable_channel(1, 'e-mail'), 'e-mail', 'one address that works is enough');

SELECT is_empty('SELECT * FROM verify()', 'verify() at the end');
SELECT * FROM finish();
ROLLBACK;
