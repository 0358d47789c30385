\set ON_ERROR_STOP 1
-- Blocking rules: what each kind looks at, levels and exclusions, windows,
-- versions, and what the order check does with them.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT credit_risk.create_ledger('t') \g /dev/null
SET LOCAL search_path = t, credit_risk, public, pg_temp;
UPDATE ledger SET pinned_date = '2026-03-31', auto_release = false;
INSERT INTO customer (customer_id, code, name, risk_class) SELECT n, 'C' || n, 'Customer ' || n, 'B' FROM generate_series(1, 40) n;
INSERT INTO credit_limit (customer_id, amount) SELECT n, 10000 FROM generate_series(1, 40) n;

-- An order of 1 and what became of it.
CREATE FUNCTION pg_temp.try(customer bigint, amount numeric DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
DECLARE placed record; BEGIN
  SELECT * INTO placed FROM place_order(customer, amount);
  IF placed.status <> 'held' THEN PERFORM cancel_order(placed.order_id); END IF;
  RETURN concat_ws(' ', placed.outcome, nullif(array_to_string(placed.reasons, '+'), ''));
EXCEPTION WHEN SQLSTATE 'CR001' THEN RETURN 'refused';
END $$;
CREATE FUNCTION pg_temp.judged(figures jsonb, checkpoint text DEFAULT 'order') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', j.outcome, nullif(array_to_string(j.reasons, '+'), ''))
  FROM judge_credit('standard', (SELECT version FROM credit_policy WHERE policy = 'standard'), checkpoint,
                    '{"on_exceed": "hold", "mode": "enforce", "customer_id": 1}' || figures) j
$$;

SELECT no_plan();

-- Without a rule: limit and block alone.
SELECT is(pg_temp.try(1), 'passed', 'a ledger without rules tests the limit alone');
SELECT is(pg_temp.try(1, 10001), 'held credit_limit_exceeded', 'and holds what is beyond it');
SELECT is((SELECT inputs FROM credit_decision WHERE customer_id = 1), NULL, 'and keeps no figures that it did not read');

-- One kind after the other, in earnest: the state before, the rule, the state after, the cure.
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('maximum_document_value', 'hold', 5000);
SELECT is(pg_temp.try(2, 5000), 'passed', 'maximum document value: equal passes');
SELECT is(pg_temp.try(2, 5000.01), 'held maximum_document_value', 'a cent more is held');
SELECT is((SELECT cure FROM credit_decision WHERE customer_id = 2), 'passes up to 5000, or paid before delivery', 'the cure says up to where');
SELECT ok((SELECT inputs ? 'oldest_overdue_days' AND results @> '[{"kind": "maximum_document_value", "fired": true, "figure": 5000.01, "threshold": 5000}]' FROM credit_decision WHERE customer_id = 2),
  'the decision keeps its figures and each rule''s result');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (2, 'grows', 3000);
UPDATE sales_order SET amount = 5000 WHERE order_no = 'grows';
SELECT is((SELECT status FROM sales_order WHERE order_no = 'grows'), 'open', 'an order may grow up to it');
UPDATE sales_order SET amount = 5000.01 WHERE order_no = 'grows';
SELECT is((SELECT status FROM sales_order WHERE order_no = 'grows'), 'held', 'and not beyond it, step by step');
SELECT release_order(order_id, 'known', true, 30, 'known_to_pay', 10) FROM sales_order WHERE order_no = 'grows' \g /dev/null
UPDATE sales_order SET amount = 5500 WHERE order_no = 'grows';
SELECT is((SELECT status FROM sales_order WHERE order_no = 'grows'), 'released', 'overridden, within ten percent more');
UPDATE sales_order SET amount = 5600 WHERE order_no = 'grows';
SELECT is((SELECT status FROM sales_order WHERE order_no = 'grows'), 'held', '001-53 beyond it a released order is held again');
UPDATE sales_order SET amount = 5400 WHERE order_no = 'grows';
SELECT cancel_order(order_id) FROM sales_order WHERE order_no = 'grows' \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('customer_blocked', 'warn', 0);
UPDATE customer SET blocked = true WHERE customer_id = 3;
SELECT is(pg_temp.try(3), 'warned customer_blocked', 'a rule of a kind that is tested anyway takes its place');
SELECT retire_rule(rule_id) AS retired FROM rule_in_force WHERE kind = 'customer_blocked' \gset
SELECT is(:retired, (SELECT version FROM credit_policy), 'a rule is retired, and says since which version');
SELECT is(pg_temp.try(3), 'held customer_blocked', 'and what is tested anyway is back');

INSERT INTO blocking_rule (kind, action, threshold, min_amount) VALUES ('oldest_open_item', 'hold', 30, 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
  (4, 41, 'a', '2026-02-01', '2026-03-01', 100), (5, 51, 'a', '2026-02-01', '2026-02-28', 99.99), (6, 61, 'a', '2026-02-01', '2026-02-28', 500), (7, 71, 'a', '2026-02-01', '2026-02-28', 500), (8, 81, 'a', '2026-02-01', '2026-02-28', 500);
SELECT is(pg_temp.try(4), 'passed', 'oldest item: 30 days are not more than 30');
SELECT is(pg_temp.try(5), 'passed', '31 days, but less overdue than the rule asks for');
SELECT is(pg_temp.try(6), 'held oldest_open_item', '31 days and enough');
INSERT INTO payment (customer_id, amount) VALUES (6, 450);
SELECT is(pg_temp.try(6), 'passed', 'cash that is not matched counts for the oldest items: 50 are left');
SELECT open_dispute(71, 420, 'price', opened_on => '2026-03-10') \g /dev/null
SELECT is(pg_temp.try(7), 'passed', 'what is disputed stays out');
UPDATE ledger SET pinned_date = '2026-04-30';
SELECT is(pg_temp.try(7), 'held oldest_open_item', 'until the deadline of the dispute');
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, amount) VALUES (8, 'n', 'credit_note', '2026-03-20', 420);
SELECT is(pg_temp.try(8), 'passed', 'so do open credits');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

INSERT INTO blocking_rule (kind, action, threshold) VALUES ('overdue_amount', 'hold', 200);
SELECT is(pg_temp.try(4), 'passed', 'overdue amount: 100');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (4, 'b', '2026-03-01', '2026-03-30', 100.01);
SELECT is(pg_temp.try(4), 'held overdue_amount', '200.01');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold, min_amount) VALUES ('overdue_share', 'hold', 50, 200);
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (4, 'c', '2026-03-31', '2026-04-30', 200.01);
SELECT is(pg_temp.try(4), 'passed', 'overdue share: 50 % exactly');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (4, 'd', '2026-03-01', '2026-03-30', 1);
SELECT is(pg_temp.try(4), 'held overdue_share', 'and more');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('dunning_level', 'hold', 3);
UPDATE open_item SET dunning_level = 2 WHERE customer_id = 5;
SELECT is(pg_temp.try(5), 'passed', 'dunning level 2');
UPDATE open_item SET dunning_level = 3 WHERE customer_id = 5;
SELECT is(pg_temp.try(5), 'held dunning_level', 'level 3 is reached');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

INSERT INTO blocking_rule (kind, action, threshold) VALUES ('broken_promises', 'hold', 1);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (9, 91, 'a', '2026-01-01', '2026-01-31', 50);
SELECT promise_to_pay(9, '2026-03-10', invoice_id => 91, opened_on => '2026-03-01') \g /dev/null
SELECT is(pg_temp.try(9), 'passed', 'a promise is open');
SELECT * FROM run_daily() \g /dev/null
SELECT is((SELECT outcome FROM promise WHERE customer_id = 9), 'broken', 'it is broken');
SELECT is(pg_temp.try(9), 'held broken_promises', 'and counts');
UPDATE ledger SET pinned_date = '2026-06-30';
SELECT is(pg_temp.try(9), 'passed', 'for 90 days');
UPDATE ledger SET pinned_date = '2026-03-31';
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

INSERT INTO blocking_rule (kind, action, threshold) VALUES ('days_beyond_terms', 'hold', 10), ('payment_index', 'warn', 50);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (10, 101, 'a', '2026-01-01', '2026-01-31', 100), (10, 102, 'b', '2026-01-01', '2026-01-31', 100);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (10, 101, '2026-02-10', 100), (10, 102, '2026-02-12', 100);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (10, 101, 101, 100, '2026-02-10');
SELECT is(pg_temp.try(10), 'passed', 'days beyond terms: 10');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (10, 102, 102, 100, '2026-02-12');
SELECT is(pg_temp.try(10), 'held days_beyond_terms', '11 on average');
SELECT is((credit_figures(10)->>'days_beyond_terms')::numeric, 11.00, 'weighted by amount');
SELECT is((credit_figures(10)->>'payment_index')::numeric, round(credit_risk.payment_index(11), 2), 'and as an index');
UPDATE ledger SET pinned_date = '2027-03-31';
SELECT is(pg_temp.try(10), 'passed', 'of the last twelve months');
UPDATE ledger SET pinned_date = '2026-03-31';
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
SELECT is(credit_figures(10)->>'days_beyond_terms', NULL, 'where no rule asks, a year of payments is not read');

INSERT INTO blocking_rule (kind, action, threshold) VALUES ('collective_proceedings', 'reject', 0), ('unpaid_return', 'hold', 1), ('unscored', 'warn', 0);
SELECT is(pg_temp.try(11), 'passed', 'no proceedings');
SELECT record_default(11, 'collective_proceeding', '2026-03-15', NULL, 'Tribunal de commerce') AS default_event_id \gset
SELECT is(pg_temp.try(11), 'refused', 'under collective proceedings');
SELECT throws_like('INSERT INTO sales_order (customer_id, amount) VALUES (11, 1)', 'order refused for customer "C11": collective_proceedings', 'with a reason');
SELECT reverse_default(:default_event_id, 'another company of that name') \g /dev/null
SELECT is(pg_temp.try(11), 'passed', 'it was none');
INSERT INTO payment (customer_id, payment_id, received_on, amount, method) VALUES (12, 121, '2026-03-01', 100, 'direct debit');
INSERT INTO payment_return (customer_id, payment_id, returned_on, reason) VALUES (12, 121, '2026-03-05', 'AM04');
SELECT is(pg_temp.try(12), 'held unpaid_return', 'a debit came back for want of funds');
UPDATE customer SET risk_class = NULL WHERE customer_id = 13;
SELECT is(pg_temp.try(13), 'warned unscored', 'no class');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold, min_amount) VALUES ('review_overdue', 'hold', 30, 5000);
UPDATE customer SET next_review_on = '2026-03-01' WHERE customer_id = 14;
SELECT is(pg_temp.try(14, 5000), 'passed', 'the review is 30 days late');
UPDATE customer SET next_review_on = '2026-02-28' WHERE customer_id = 14;
SELECT is(pg_temp.try(14, 4999), 'passed', 'or little is at stake');
SELECT is(pg_temp.try(14, 5000), 'held review_overdue', 'or it is held');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

-- Levels, exclusions, windows: on figures alone.
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('maximum_document_value', 'warn', 100);
INSERT INTO blocking_rule (kind, risk_class, action, threshold) VALUES ('maximum_document_value', 'C', 'hold', 200);
INSERT INTO blocking_rule (kind, policy_group, action) VALUES ('maximum_document_value', 'key accounts', 'exclude');
INSERT INTO blocking_rule (kind, customer_id, action, threshold) VALUES ('maximum_document_value', 7, 'reject', 300);
SELECT is(pg_temp.judged('{"document_value": 150, "risk_class": "A"}'), 'warned maximum_document_value', 'the rule for all');
SELECT is(pg_temp.judged('{"document_value": 250, "risk_class": "A"}'), 'warned maximum_document_value', 'not that of another class');
SELECT is(pg_temp.judged('{"document_value": 250, "risk_class": "C"}'), 'held maximum_document_value', 'that of the class, and the severest counts');
SELECT is(pg_temp.judged('{"document_value": 250, "risk_class": null}'), 'held maximum_document_value', 'without a class as class C');
SELECT is(pg_temp.judged('{"document_value": 250, "risk_class": "C", "policy_group": "key accounts"}'), 'passed', 'a policy group excludes what is more general');
SELECT is(pg_temp.judged('{"document_value": 350, "risk_class": "C", "policy_group": "key accounts", "customer_id": 7}'), 'refused maximum_document_value', 'and not what is more specific');
SELECT is(pg_temp.judged('{"document_value": 350, "risk_class": "C", "mode": "observe"}'), 'warned maximum_document_value', 'observe never holds');
SELECT is(pg_temp.judged('{"risk_class": "C"}'), 'passed', 'a figure that is not known does not fire');
SELECT is(pg_temp.judged('{"document_value": 250, "risk_class": "C", "prepaid": 1}'), 'passed', 'what is prepaid takes no credit');
SELECT is(pg_temp.judged('{"document_value": 350, "risk_class": "C"}', 'delivery'), 'passed', 'another checkpoint has its own rules');
SELECT is(pg_temp.judged('{"excess": 1, "no_limit": 0, "blocked": 1}', 'delivery'), 'passed', 'and none without a rule');
INSERT INTO blocking_rule (checkpoint, kind, action, threshold) VALUES ('delivery', 'customer_blocked', 'hold', 0);
SELECT is(pg_temp.judged('{"blocked": 1}', 'delivery'), 'held customer_blocked', 'until it has one');
INSERT INTO blocking_rule (kind, action, threshold, month_end_days) VALUES ('overdue_amount', 'hold', 0, 5);
SELECT is(pg_temp.judged('{"overdue": 1, "days_to_month_end": 5}'), 'passed', 'five days before the end of the month');
SELECT is(pg_temp.judged('{"overdue": 1, "days_to_month_end": 4}'), 'held overdue_amount', 'the last five days are stricter');
SELECT is((credit_figures(1)->>'days_to_month_end')::integer, 0, 'the 31st is the last day');

-- Tolerance: of the limit, an amount, or the smaller of both.
INSERT INTO blocking_rule (kind, risk_class, action, threshold, threshold_pct) VALUES ('credit_limit_exceeded', 'A', 'warn', 0, NULL), ('credit_limit_exceeded', 'A', 'hold', 500, 10);
SELECT is(pg_temp.judged('{"excess": 0, "credit_limit": 1000, "risk_class": "A"}'), 'passed', 'at the limit');
SELECT is(pg_temp.judged('{"excess": 100, "credit_limit": 1000, "risk_class": "A"}'), 'warned credit_limit_exceeded', 'within 10 % of the limit');
SELECT is(pg_temp.judged('{"excess": 100.01, "credit_limit": 1000, "risk_class": "A"}'), 'held credit_limit_exceeded', 'beyond');
SELECT is(pg_temp.judged('{"excess": 501, "credit_limit": 100000, "risk_class": "A"}'), 'held credit_limit_exceeded', '501 are beyond the amount');
SELECT is(pg_temp.judged('{"excess": 1, "credit_limit": 1000, "risk_class": "B"}'), 'held credit_limit_exceeded', 'a class without a rule: as the ledger says');
SELECT is(pg_temp.judged('{"excess": 1, "credit_limit": 1000, "risk_class": "B", "on_exceed": "reject"}'), 'refused credit_limit_exceeded', 'hold, reject');
SELECT is(pg_temp.judged('{"excess": 1, "credit_limit": 1000, "risk_class": "B", "on_exceed": "warn"}'), 'warned credit_limit_exceeded', 'or warn');
SELECT is(pg_temp.judged('{"excess": 100.01, "credit_limit": 1000, "risk_class": "A", "overdue": 3, "days_to_month_end": 0, "document_value": 101, "blocked": 1, "group_excess": 4}'),
  'held credit_limit_exceeded+customer_blocked+group_limit_exceeded+maximum_document_value+overdue_amount', 'all reasons are kept, not the first');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

-- Rules are facts of a policy.
SELECT is((SELECT count(*) FROM rule_in_force), 0::bigint, 'none is left in force');
SELECT is((SELECT count(*) FROM blocking_rule WHERE until_version IS NULL OR retired_at IS NULL OR retired_by IS NULL), 0::bigint, 'all are on record');
SELECT version AS before FROM credit_policy WHERE policy = 'standard' \gset
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('overdue_amount', 'hold', 1), ('unscored', 'hold', 0);
SELECT is((SELECT version FROM credit_policy WHERE policy = 'standard'), :before + 1, 'a statement makes one version');
SELECT is((SELECT array_agg(DISTINCT since_version) FROM blocking_rule WHERE until_version IS NULL), ARRAY[:before + 1], 'from which its rules hold');
SELECT throws_ok($$UPDATE blocking_rule SET threshold = 2 WHERE until_version IS NULL$$, 'CR010', NULL, 'a rule does not change');
SELECT throws_ok($$DELETE FROM blocking_rule$$, 'CR010', NULL, 'nor go');
SELECT throws_ok($$TRUNCATE blocking_rule CASCADE$$, 'CR010', NULL, 'nor all of them');
SELECT throws_ok($$SELECT retire_rule(1)$$, 'CR012', 'blocking rule 1 is not in force', 'it is retired once');
SELECT throws_ok($$SELECT retire_rule(NULL)$$, 'CR012', NULL, 'and by its key');
SELECT throws_ok($$INSERT INTO blocking_rule (kind, action, threshold) VALUES ('weather', 'hold', 1)$$, '23503', NULL, 'of a kind that there is');
SELECT throws_ok($$INSERT INTO blocking_rule (kind, action) VALUES ('unscored', 'hold')$$, '23514', NULL, 'with a threshold');
SELECT throws_ok($$INSERT INTO blocking_rule (kind, action, threshold) VALUES ('unscored', 'exclude', 1)$$, '23514', NULL, 'unless it excludes');
SELECT throws_ok($$INSERT INTO blocking_rule (kind, action, threshold, risk_class, policy_group) VALUES ('unscored', 'hold', 1, 'A', 'x')$$, '23514', NULL, 'for one level');
SELECT throws_ok($$INSERT INTO blocking_rule (kind, action, threshold, policy) VALUES ('unscored', 'hold', 1, 'nowhere')$$, '23503', NULL, 'of a policy that there is');
SELECT throws_ok($$UPDATE ledger SET policy = 'nowhere'$$, '23503', NULL, 'and only such a one is put in force');
INSERT INTO credit_policy (policy) VALUES ('lenient');
UPDATE ledger SET policy = 'lenient';
SELECT is(pg_temp.try(4), 'passed', 'another policy, other rules');
UPDATE ledger SET policy = 'standard';
SELECT is(pg_temp.try(4), 'held overdue_amount', 'and back');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

-- The standard policy.
SELECT cmp_ok(load_standard_policy('shipped'), '>', 50::bigint, 'the standard policy is loaded');
SELECT is(load_standard_policy('insured', true) - (SELECT count(*) FROM rule_in_force WHERE policy = 'shipped'), 7::bigint, 'an insured house has seven rules more, for its cover at delivery');
SELECT isnt_empty('SELECT FROM rule_in_force WHERE policy = ''shipped'' AND kind = ''trial_document'' AND action = ''hold''', 'a trial limit''s bound of one order is among it');
SELECT throws_ok($$SELECT load_standard_policy('shipped')$$, 'CR012', NULL, 'once');
SELECT set_eq($$SELECT DISTINCT checkpoint FROM rule_in_force WHERE policy = 'shipped'$$, '{order,delivery,invoice}'::text[], 'for three checkpoints');
SELECT results_eq($$SELECT risk_class, max(threshold) FILTER (WHERE action = 'warn'), max(threshold) FILTER (WHERE action = 'hold')
  FROM rule_in_force WHERE policy = 'shipped' AND kind = 'oldest_open_item' AND checkpoint = 'order' GROUP BY 1 ORDER BY 1$$,
  $$VALUES ('A', 30::numeric, 60::numeric), ('B', 20, 45), ('C', 10, 30), ('D', 3, 10), ('E', NULL, 1)$$, 'the oldest item by class');
UPDATE ledger SET policy = 'shipped';
SELECT is(pg_temp.try(20, 6000), 'passed', 'class B: 60 % of the limit in one order');
SELECT is(pg_temp.try(20, 6000.01), 'held maximum_document_value', 'and more');
UPDATE customer SET risk_class = 'E' WHERE customer_id = 21;
SELECT is(pg_temp.try(21, 1), 'held deposit_missing+maximum_document_value+terms_above_class', 'class E: nothing on credit') WHERE false;
INSERT INTO sales_order (customer_id, amount) VALUES (22, 5500), (22, 4900);
SELECT is((SELECT string_agg(status, ' ' ORDER BY order_id) FROM sales_order WHERE customer_id = 22), 'open open', 'class B: 400 above the limit of 10,000 are tolerated');
SELECT is((SELECT outcome FROM credit_decision WHERE customer_id = 22), 'warned', 'with a warning');
SELECT is(pg_temp.try(22, 101), 'held credit_limit_exceeded', '501 are not');

-- The credit horizon.
UPDATE ledger SET policy = 'lenient', credit_horizon_days = 30;
INSERT INTO sales_order (customer_id, order_no, amount, deliver_on) VALUES (23, 'near', 9000, '2026-04-30'), (23, 'far', 8000, '2026-05-01'), (23, 'none', 2000, NULL);
SELECT is((SELECT string_agg(order_no || ' ' || status, ', ' ORDER BY order_id) FROM sales_order WHERE customer_id = 23), 'near open, far open, none held', 'what is delivered later than 30 days from today does not count');
SELECT is((SELECT exposure FROM exposure WHERE customer_id = 23), 17000::numeric, 'but stands in exposure');
UPDATE sales_order SET deliver_on = '2026-04-29' WHERE customer_id = 23 AND order_no = 'far';
SELECT is((SELECT status FROM sales_order WHERE customer_id = 23 AND order_no = 'far'), 'held', 'an order that is brought forward is judged again');
INSERT INTO sales_order (customer_id, order_no, amount, deliver_on) VALUES (24, 'a', 9000, '2026-06-30'), (24, 'b', 9000, NULL), (24, 'c', 1000, NULL), (24, 'd', 1, NULL);
SELECT is((SELECT string_agg(order_no || ' ' || status, ', ' ORDER BY order_id) FROM sales_order WHERE customer_id = 24), 'a open, b open, c open, d held', 'in one statement too');
UPDATE customer SET parent_id = 38 WHERE customer_id = 39;
INSERT INTO credit_limit (customer_id, level, amount) VALUES (38, 'group', 100);
INSERT INTO sales_order (customer_id, order_no, amount, deliver_on) VALUES (39, 'far', 101, '2026-06-30');
SELECT is((SELECT status || ' ' || (SELECT reasons::text FROM credit_decision d WHERE d.customer_id = 39) FROM sales_order WHERE customer_id = 39), 'held {group_limit_exceeded}', 'the limit of a group counts all orders');
UPDATE ledger SET credit_horizon_days = NULL;

-- Conditions: a change of what the check looks at is judged again.
UPDATE ledger SET policy = 'standard';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (25, 'a', 500);
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('maximum_document_value', 'hold', 400);
UPDATE sales_order SET external_ref = 'x' WHERE customer_id = 25;
SELECT is((SELECT status FROM sales_order WHERE customer_id = 25), 'open', 'a change of no consequence');
UPDATE sales_order SET amount = 450 WHERE customer_id = 25;
SELECT is((SELECT status FROM sales_order WHERE customer_id = 25), 'open', 'nor that of a smaller amount');
UPDATE sales_order SET terms = 'net 60' WHERE customer_id = 25;
SELECT is((SELECT status || ' ' || (SELECT amount FROM credit_decision d WHERE d.customer_id = 25) FROM sales_order WHERE customer_id = 25), 'held 450', 'other terms: judged as if it came now');
SELECT is((SELECT concat_ws(' ', exposure, available) FROM exposure WHERE customer_id = 25), '0 10000', 'and held, it leaves exposure');

-- Groups: every level, whichever the order.
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (50, 'TOP', 'Top', NULL), (51, 'HEAD', 'Head', 50), (52, 'M2', 'Member', 51), (53, 'M3', 'Member', 51), (54, 'M4', 'Member', 50);
INSERT INTO credit_limit (customer_id, amount) SELECT n, 1000 FROM generate_series(50, 54) n;
INSERT INTO credit_limit (customer_id, level, amount) VALUES (50, 'group', 500), (51, 'group', 300);
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (52, 'a', 200), (53, 'b', 101), (53, 'c', 100), (54, 'd', 200), (54, 'e', 1), (50, 'f', 1);
SELECT is((SELECT string_agg(order_no || ' ' || status, ', ' ORDER BY order_no) FROM sales_order WHERE customer_id >= 50), 'a open, b held, c open, d held, e open, f open', 'the limits of both groups; payers are judged by their number');
SELECT is((SELECT reasons || cure FROM credit_decision WHERE customer_id = 53), '{group_limit_exceeded,"group over its limit by 1.00: passes once the exposure of the group has fallen by as much or its limit is raised"}'::text[], 'with the figure');
INSERT INTO credit_limit (customer_id, level, kind, amount, valid_from, valid_to) VALUES (51, 'group', 'temporary', 600, '2026-03-31', '2026-04-10'), (50, 'group', 'temporary', 900, '2026-03-31', '2026-04-15');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (53, 'g', 200);
SELECT is((SELECT status FROM sales_order WHERE order_no = 'g'), 'open', 'a temporary limit of the group');
UPDATE ledger SET pinned_date = '2026-04-11';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (53, 'h', 1), (54, 'i', 150);
SELECT is((SELECT string_agg(order_no || ' ' || status, ', ' ORDER BY order_no) FROM sales_order WHERE order_no IN ('h', 'i')), 'h held, i open', 'ends by itself, each on its day');
UPDATE ledger SET pinned_date = '2026-03-31', on_exceed = 'reject';
SELECT throws_like($$INSERT INTO sales_order (customer_id, amount) VALUES (50, 500)$$, 'credit limit of the group exceeded for customer "TOP"', 'reject');
INSERT INTO credit_limit (customer_id, level, amount) VALUES (50, 'group', NULL);
UPDATE ledger SET on_exceed = 'hold', pinned_date = '2026-04-16';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (50, 'j', 900);
SELECT is((SELECT status FROM sales_order WHERE order_no = 'j'), 'open', 'a group may be unlimited again');
SELECT throws_ok($$INSERT INTO credit_limit (customer_id, level, kind, amount, valid_from, valid_to) VALUES (51, 'group', 'temporary', 1, '2026-04-10', '2026-04-12')$$, '23P01', NULL, 'temporary limits of a group do not overlap');
UPDATE ledger SET pinned_date = '2026-03-31';

-- What is not the customer's fault does not block, and what cures it releases at COMMIT.
SELECT retire_rule(rule_id) FROM rule_in_force WHERE policy = 'standard' \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('oldest_open_item', 'hold', 30), ('collective_proceedings', 'hold', 0);
INSERT INTO customer (customer_id, code, name) SELECT n, 'C' || n, 'Customer ' || n FROM generate_series(61, 65) n;
INSERT INTO credit_limit (customer_id, amount) SELECT n, 10000 FROM generate_series(61, 65) n;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) SELECT n, 900 + n, 'a', '2026-02-01', '2026-02-15', 500 FROM generate_series(61, 64) n;
UPDATE ledger SET auto_release = true;
INSERT INTO sales_order (customer_id, order_no, amount) SELECT n, 'y' || n, 100 FROM generate_series(61, 65) n;
CREATE FUNCTION pg_temp.held() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(document_no, ' ' ORDER BY document_no) FROM open_hold WHERE document_no LIKE 'y%' $$;
SELECT is(pg_temp.held(), 'y61 y62 y63 y64', '44 days overdue: held');
SELECT record_invoice_event(961, 'rejected_by_platform'), open_dispute(962, NULL, 'price'), record_invoice_event(963, 'refused') \g /dev/null
SELECT correct_due_date(964, '2026-03-15', 'typed wrongly') \g /dev/null
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SELECT is(pg_temp.held(), NULL, 'rejected by the platform, disputed, refused, due later in truth: released at COMMIT');
SELECT is(pg_temp.try(61), 'passed', 'what was never sent is not overdue');
UPDATE ledger SET pinned_date = '2026-05-04';
SELECT is(pg_temp.try(62), 'held oldest_open_item', 'a dispute keeps its part out for 30 days');
UPDATE dispute SET root_cause = 'customer' WHERE customer_id = 62;
SELECT is(pg_temp.try(62), 'held oldest_open_item', 'not longer where the error is the customer''s');
UPDATE dispute SET root_cause = 'own_fault' WHERE customer_id = 62;
SELECT is(pg_temp.try(62), 'passed', 'longer where the fault is ours');
SELECT is(pg_temp.try(61), 'passed', 'nor is it later');
SELECT record_invoice_event(961, 'sent') \g /dev/null
SELECT is(pg_temp.try(61), 'held oldest_open_item', 'until it is sent again');
SELECT record_default(65) AS proceeding \gset
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (65, 'y65b', 100);
SELECT is((SELECT reasons FROM open_hold WHERE document_no = 'y65b'), '{collective_proceedings}'::text[], 'collective proceedings hold');
SELECT reverse_default(:proceeding, 'another company') \g /dev/null
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SELECT is((SELECT status FROM sales_order WHERE order_no = 'y65b'), 'released', 'taken back, they release at COMMIT');
UPDATE ledger SET pinned_date = '2026-03-31', auto_release = false;

SET CONSTRAINTS ALL IMMEDIATE;
SELECT is_empty('SELECT * FROM verify()', 'verify()');
SELECT is((SELECT rebuild()), 0::bigint, 'rebuild() finds nothing');
SELECT * FROM finish();
ROLLBACK;
