\set ON_ERROR_STOP 1
-- The nightly run comes to an end whatever the strategy says: an item that it
-- looked at is not due again the same day, or it is an error.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT credit_risk.create_ledger('nightly') \g /dev/null
SET LOCAL search_path = nightly, public;
UPDATE ledger SET pinned_date = '2026-03-31', await_sending = false;
INSERT INTO customer (code, name, risk_class) VALUES ('A', 'Alpha', 'B');
INSERT INTO dunning_strategy (code, name, rank) VALUES ('before', 'Only before the due date', 1);
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template)
SELECT strategy_id, 1, -7, 'e-mail', 0, 'pre_due_courteous' FROM dunning_strategy WHERE code = 'before';
SELECT activate_strategy(strategy_id) FROM dunning_strategy WHERE code = 'before' \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (1, 'F', 500, '2026-02-01', '2026-03-10');

SELECT plan(16);

SELECT is((SELECT next_action_on FROM open_item), date '2026-03-03', 'an item is due for a step that may no longer be taken');
SELECT is((SELECT r::text FROM run_daily(NULL::date, 10) r), '(1,1,0)', 'the run looks at it and queues nothing');
SELECT is((SELECT r::text FROM run_daily(NULL::date, 10) r), '(0,0,0)', 'and finds it no more');
SELECT is((SELECT next_action_on FROM open_item), NULL, 'nothing of the strategy is left for it');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');
UPDATE open_item SET agreed_due_on = '2026-04-30';
SELECT is((SELECT next_action_on FROM open_item), date '2026-04-23', 'an agreed date brings it back');
UPDATE open_item SET agreed_due_on = NULL;
SELECT is((SELECT r::text FROM run_daily(NULL::date, 10) r), '(1,1,0)', 'without it the run looks again');
SELECT revise_strategy('before') AS second \gset
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) VALUES (:second, 2, 10, 'e-mail', 1, 'friendly_reminder');
SELECT activate_strategy(:second) \g /dev/null
SELECT isnt((SELECT next_action_on FROM open_item), NULL, 'a strategy that grows brings it back');
SELECT is((SELECT r::text FROM run_daily(NULL::date, 10) r), '(1,1,1)', 'and the step is taken');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');

-- Steps without a gap: two of them are due, one is taken a day.
SELECT revise_strategy('before') AS third \gset
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template)
SELECT :third, n, 10 + n, 'e-mail', 2, 'firm_statement' FROM generate_series(3, 4) n;
SELECT activate_strategy(:third) \g /dev/null
SELECT is((SELECT r::text FROM run_daily(NULL::date, 10) r), '(0,0,0)', 'without a gap no second step is taken on the same day');
SELECT is((SELECT r::text FROM run_daily(date '2026-04-01', 10) r), '(1,1,1)', 'the next is taken on the day after');
SELECT is((SELECT r::text FROM run_daily(date '2026-04-01', 10) r), '(0,0,0)', 'and one only');
SELECT is_empty('SELECT * FROM verify()', 'verify() agrees');

-- Row security that hides the accounts from their owner: an error, not a run without end.
SELECT set_config('test.superuser', current_user, true) \g /dev/null
CREATE ROLE test_owner;
SELECT format('GRANT CREATE ON DATABASE %I TO test_owner', current_database()) \gexec
SET LOCAL ROLE test_owner;
SELECT credit_risk.create_ledger('hidden') \g /dev/null
SET LOCAL search_path = hidden;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (code, name) VALUES ('A', 'Alpha');
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (1, 'F', 500, '2026-02-01', '2026-03-10');
SET CONSTRAINTS ALL IMMEDIATE;     -- what waits for COMMIT stands in the way of ALTER TABLE
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE credit_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_account FORCE ROW LEVEL SECURITY;
RESET ROLE;
SET LOCAL search_path = public;
SELECT throws_ok('SELECT hidden.run_daily()', 'CR002', NULL, 'a run that cannot move what is due says so');
SELECT is((SELECT count(*) FROM hidden.dunning_action), 0::bigint, 'and leaves nothing half done');

SELECT * FROM finish();
ROLLBACK;
