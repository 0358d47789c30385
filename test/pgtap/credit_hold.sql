-- Holds, releases and overrides of orders and deliveries: rows 001-53, 003-01,
-- 003-10 and 004-08.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('holds') \g /dev/null
SET LOCAL search_path = holds, credit_risk, public;
CREATE ROLE hold_clerk; CREATE ROLE hold_manager; CREATE ROLE hold_director;
SELECT credit_risk.grant_ledger_access('holds', 'hold_clerk', 'clerk'), credit_risk.grant_ledger_access('holds', 'hold_manager', 'manager'),
       credit_risk.grant_ledger_access('holds', 'hold_director', 'manager') \g /dev/null
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, 'B' FROM generate_series(1, 40) i;
INSERT INTO credit_limit (customer_id, amount, valid_from) SELECT i, 1000, '2026-01-01' FROM generate_series(1, 40) i;
CREATE FUNCTION pg_temp.as(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    PERFORM set_config('role', role, true);
    EXECUTE statement INTO answer;
    PERFORM set_config('role', 'none', true);
    RETURN coalesce(answer, 'done');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE FUNCTION pg_temp.commit() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END $$;
CREATE FUNCTION pg_temp.status(id bigint) RETURNS text LANGUAGE sql AS $$ SELECT status FROM holds.sales_order WHERE order_id = id $$;

-- The list -----------------------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (1, 101, 'A1', 900), (1, 102, 'A2', 300), (1, 103, 'A3', 250);
SELECT results_eq('SELECT document_no, code, amount, reasons, ready, releasable_by FROM open_hold ORDER BY hold_id',
    $$VALUES ('A2', 'C1', 300::numeric, '{credit_limit_exceeded}'::text[], false, '{manager}'::text[]), ('A3', 'C1', 250, '{credit_limit_exceeded}', false, '{manager}')$$,
    '001-53 what is held stands in the list, with every reason and who may release it');
SELECT is((SELECT open_holds FROM credit_account WHERE customer_id = 1), 2, '001-53 and is counted on the account');
SELECT lives_ok($$SELECT document_no, code, amount, held_since, reasons, ready, releasable_by FROM open_hold ORDER BY ready DESC, amount DESC$$, 'day one, question 4: what waits for me?');
SELECT results_eq('SELECT reason, rule_id, figure IS NOT NULL, cured_at FROM credit_hold_reason WHERE customer_id = 1 ORDER BY hold_id', $$VALUES ('credit_limit_exceeded', 0::bigint, false, NULL::timestamptz), ('credit_limit_exceeded', 0, false, NULL)$$, '001-53 each reason has its row');
SELECT pg_temp.commit();
SELECT is(pg_temp.status(102) || pg_temp.status(103), 'heldheld', '001-53 nothing has changed: nothing is released at COMMIT');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 9001, 150);
SELECT is(pg_temp.status(103), 'held', '001-53 a payment');
SELECT pg_temp.commit();
SELECT is(pg_temp.status(102) || ' ' || pg_temp.status(103), 'held released', '001-53 at its COMMIT: the oldest still does not fit, the next does and is released');
SELECT results_eq('SELECT outcome, motive, amount, exposure_before, exposure_after, reasons FROM credit_decision WHERE order_id = 103 ORDER BY decision_id DESC LIMIT 1',
    $$VALUES ('released', 'cured', 250::numeric, 750::numeric, 1000::numeric, '{}'::text[])$$, '001-53 which is on record');
SELECT is((SELECT outcome FROM credit_hold WHERE order_id = 103), 'released', '001-53 and the hold is closed');
SELECT isnt((SELECT cured_at FROM credit_hold_reason JOIN credit_hold USING (customer_id, hold_id) WHERE order_id = 103), NULL, '001-53 its reason ticked off');
SELECT is_empty('SELECT * FROM verify()', '001-53 verify()');

-- Ready, and a person releases ------------------------------------------------------
UPDATE ledger SET auto_release = false;
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (2, 201, 'B1', 900), (2, 202, 'B2', 300);
INSERT INTO payment (customer_id, payment_id, amount) VALUES (2, 9002, 250);
SELECT pg_temp.commit();
SELECT results_eq('SELECT reasons, cured_reasons, ready FROM open_hold WHERE order_id = 202', $$VALUES ('{}'::text[], '{credit_limit_exceeded}'::text[], true)$$, '001-53 without automatic release it is ready, its reason ticked off');
SELECT is(pg_temp.status(202), 'held', '001-53 and waits for a person');
SELECT reverse_payment(9002) \g /dev/null
SELECT pg_temp.commit();
SELECT results_eq('SELECT reasons, ready FROM open_hold WHERE order_id = 202', $$VALUES ('{credit_limit_exceeded}'::text[], false)$$, '001-53 the payment taken back: the reason stands again');
INSERT INTO payment (customer_id, amount) VALUES (2, 250);
SELECT pg_temp.commit();
SELECT is(recheck_order(202), 'ready_to_release', '001-53 looked at again by a person');
SELECT is(release_order(202, 'paid'), 'released', '001-53 and released');
SELECT throws_ok('SELECT recheck_order(202)', 'CR007', NULL, '001-53 what is not held is not looked at again');
UPDATE ledger SET auto_release = true;

-- A released order that grows --------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (3, 301, 'C1', 1200);
SELECT is(release_order(301, 'known', true, 10, 'known_to_pay', 5), 'released', '001-53 an override with 5 percent more and 10 days');
SELECT results_eq('SELECT outcome, amount, valid_until, reason_code FROM credit_decision WHERE order_id = 301 ORDER BY decision_id',
    $$VALUES ('held', 1200::numeric, NULL::date, NULL::text), ('overridden', 1260, '2026-04-10', 'known_to_pay'), ('released', 1200, NULL, 'known_to_pay')$$, '001-53 is a row with how much, until when and why');
UPDATE sales_order SET amount = 1260 WHERE order_id = 301;
SELECT is(pg_temp.status(301), 'released', '001-53 growing within what it covers passes');
UPDATE sales_order SET amount = 1260.01 WHERE order_id = 301;
SELECT is(pg_temp.status(301), 'held', '001-53 raising a released order''s amount beyond it blocks it again');
SELECT is((SELECT count(*) FROM open_hold WHERE order_id = 301), 1::bigint, '001-53 with a hold of its own');
SELECT release_order(301, 'once more', true, 0) \g /dev/null
UPDATE ledger SET pinned_date = '2026-04-01';
UPDATE sales_order SET amount = 1260.02 WHERE order_id = 301;
SELECT is(pg_temp.status(301), 'held', '001-53 so does growing after its days');
UPDATE ledger SET pinned_date = '2026-03-31';
-- by every way to write
SELECT release_order(301, 'again', true) \g /dev/null
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (3, 'C1', 1300) ON CONFLICT (customer_id, order_no) DO UPDATE SET amount = EXCLUDED.amount;
SELECT is(pg_temp.status(301), 'held', '001-53 by ON CONFLICT DO UPDATE');
SELECT release_order(301, 'again', true) \g /dev/null
MERGE INTO sales_order o USING (VALUES (301, 1400)) n (id, amount) ON o.order_id = n.id WHEN MATCHED THEN UPDATE SET amount = n.amount;
SELECT is(pg_temp.status(301), 'held', '001-53 by MERGE');
SELECT release_order(301, 'again', true) \g /dev/null
CREATE VIEW pg_temp.mine AS SELECT order_id, amount FROM sales_order;
UPDATE pg_temp.mine SET amount = 1500 WHERE order_id = 301;
SELECT is(pg_temp.status(301), 'held', '001-53 through a view');
SELECT throws_ok(format('UPDATE sales_order SET %s WHERE order_id = 301', s), 'CR010', NULL, '001-53 not even the owner writes ' || s)
FROM unnest('{"status = ''released''","status = ''open''","delivered_amount = 0, status = ''closed''"}'::text[]) s;
SELECT is(pg_temp.as('hold_clerk', s), '42501', '001-53 a clerk cannot ' || s) FROM unnest(ARRAY[
    'UPDATE holds.sales_order SET status = ''open'' WHERE order_id = 301', 'UPDATE holds.credit_hold SET outcome = ''released''', 'DELETE FROM holds.credit_hold',
    'UPDATE holds.credit_hold_reason SET cured_at = now()', 'INSERT INTO holds.credit_hold (customer_id, checkpoint, order_id) VALUES (3, ''order'', 301)',
    'UPDATE holds.delivery_request SET held = false', 'UPDATE holds.credit_account SET open_holds = 0', 'SELECT holds.release_order(301, ''x'', true)',
    'SELECT holds.reject_order(301, ''x'')', 'SELECT holds.hold_order(301, ''x'')', 'SELECT holds.recheck_order(301)', 'SELECT holds.recheck_holds()',
    'SELECT holds.release_delivery(1, ''x'', true)', 'UPDATE holds.override_limit SET max_count = 9', 'UPDATE holds.ledger SET auto_release = true']) s;
UPDATE sales_order SET amount = 1000 WHERE order_id = 301;
SELECT pg_temp.commit();
SELECT is(pg_temp.status(301), 'released', '001-53 made smaller, so that it fits, it is released at COMMIT');
-- cancelled and back, deleted
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (4, 401, 'D1', 1200), (4, 402, 'D2', 1300);
SELECT cancel_order(401) \g /dev/null
SELECT is((SELECT outcome FROM credit_hold WHERE order_id = 401), 'cancelled', '001-53 cancelled: the hold goes');
UPDATE sales_order SET cancelled_on = NULL WHERE order_id = 401;
SELECT is(pg_temp.status(401), 'held', '001-53 back: it is judged and held again');
DELETE FROM sales_order WHERE order_id = 402;
SELECT is((SELECT outcome FROM credit_hold WHERE order_id = 402), 'cancelled', '001-53 deleted: the hold goes');
SELECT is((SELECT open_holds FROM credit_account WHERE customer_id = 4), 1, '001-53 and one is counted');

-- Paid and cancelled in one transaction: what the payment cures is released.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (7, 701, 'J1', 900), (7, 702, 'J2', 2000), (7, 703, 'J3', 200);
SELECT pg_temp.commit();
INSERT INTO payment (customer_id, amount) VALUES (7, 100);
SELECT cancel_order(702) \g /dev/null
SELECT pg_temp.commit();
SELECT is(pg_temp.status(703), 'released', '001-53 a payment and a cancellation in one transaction: what is cured is released');

-- By hand -----------------------------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (5, 501, 'E1', 100), (5, 502, 'E2', 1500);
SELECT is(hold_order(501, 'rumours'), 'held', '001-53 a hold by hand');
SELECT is(hold_order(502, 'rumours'), 'held', '001-53 also of what is held');
INSERT INTO payment (customer_id, amount) VALUES (5, 5000);
SELECT pg_temp.commit();
SELECT results_eq('SELECT order_id, forced, ready, reasons, motive FROM open_hold WHERE customer_id = 5 ORDER BY order_id',
    $$VALUES (501::bigint, true, false, '{forced_hold}'::text[], 'rumours'), (502, true, false, '{forced_hold}', 'rumours')$$, '001-53 no payment releases it');
SELECT throws_ok('SELECT release_order(501, ''fits'')', 'CR001', NULL, '001-53 nor a release that only says it fits');
SELECT cancel_order(501) \g /dev/null
SELECT throws_ok('UPDATE sales_order SET cancelled_on = NULL WHERE order_id = 501', 'CR012', NULL, '001-53 nor cancelling it and taking that back');
SELECT is(release_order(502, 'no rumours any more', true), 'released', '001-53 a person does');
SELECT throws_ok('SELECT hold_order(501, '''')', '22023', NULL, '001-53 a hold by hand needs a motive');
SELECT throws_ok('SELECT hold_order(501, ''x'')', 'CR007', NULL, '001-53 and an order that is not cancelled');
SELECT is((SELECT open_holds FROM credit_account WHERE customer_id = 5), 0, '001-53 none is left');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (6, 601, 'F1', 1500), (6, 602, 'F2', 10);
SELECT is(reject_order(601, 'too much', 'risk'), 'rejected', '001-53 rejected by a person');
SELECT results_eq('SELECT o.status, h.outcome, d.outcome, d.reason_code FROM sales_order o JOIN credit_hold h USING (order_id) JOIN credit_decision d USING (order_id) WHERE order_id = 601 ORDER BY d.decision_id DESC LIMIT 1',
    $$VALUES ('cancelled', 'rejected', 'rejected', 'risk')$$, '001-53 it is cancelled, on record');
SELECT throws_ok('SELECT reject_order(602, ''x'')', 'CR007', NULL, '001-53 what is not held is not rejected');

-- Groups: the payment of one member frees the order of another.
UPDATE customer SET parent_id = 10 WHERE customer_id IN (11, 12);
INSERT INTO credit_limit (customer_id, amount, level, valid_from) VALUES (10, 1500, 'group', '2026-01-01');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (11, 1101, 'G1', 900), (12, 1201, 'G2', 800);
SELECT is((SELECT reasons FROM open_hold WHERE order_id = 1201), '{group_limit_exceeded}'::text[], '001-53 held for the limit of the group');
SELECT is((SELECT array_agg(open_holds ORDER BY customer_id) FROM credit_account WHERE customer_id BETWEEN 10 AND 12), '{1,0,1}'::int[], '001-53 counted at the head too');
INSERT INTO payment (customer_id, amount) VALUES (11, 200);
SELECT pg_temp.commit();
SELECT is(pg_temp.status(1201), 'released', '001-53 a payment of another member frees it');
UPDATE customer SET parent_id = NULL WHERE customer_id = 12;
SELECT is_empty('SELECT * FROM verify()', '001-53 verify() after leaving the group');

-- Who releases: reason codes, authority, limits per person ----------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) SELECT 20, 2000 + i, 'H' || i, 1100 + i FROM generate_series(1, 8) i;
SELECT throws_ok(s, e, NULL, '003-01 ' || s) FROM (VALUES
    ('SELECT release_order(2001, ''x'', true, 30, NULL)', '22023'), ('SELECT release_order(2001, ''x'', true, 30, ''because'')', '22023'),
    ('SELECT release_order(2001, ''x'', true, -1)', '22023'), ('SELECT release_order(2001, ''x'', true, 30, ''other'', 101)', '22023'),
    ('SELECT release_order(2001, NULL, true)', '22023'), ('SELECT release_order(NULL, ''x'', true)', 'CR007')) v (s, e);
SELECT is(pg_temp.as('hold_manager', 'SELECT holds.release_order(2001, ''known'', true, 30, ''known_to_pay'')'), 'released', '003-01 a manager releases, with a reason code');
-- What an override answers for is not answered for twice.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (37, 3701, 'R1', 2000);
SELECT release_order(3701, 'known', true, 10, 'known_to_pay', 5) \g /dev/null
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (37, 3701, 3701, 2000);
UPDATE sales_order SET amount = 2100 WHERE order_id = 3701;
SELECT is(pg_temp.status(3701), 'released', '003-01 overridden for 2,000 and 5 percent: delivered, then 2,100');
UPDATE sales_order SET amount = 4000 WHERE order_id = 3701;
SELECT is(pg_temp.status(3701), 'held', '003-01 what is delivered is not to be had once more: 4,000 are held');
SELECT is((SELECT exposure FROM credit_account WHERE customer_id = 37), 2000::numeric, '003-01 and only what was delivered counts');
SELECT is_empty('SELECT * FROM override_abuse WHERE customer_id = 20', '003-01 before: nobody is beyond the limits for this customer');
SELECT is(pg_temp.as('hold_manager', format('SELECT holds.release_order(%s, ''known'', true, 0, ''known_to_pay'')', 2000 + i)), 'released', '003-01 again ' || i) FROM generate_series(2, 4) i;
SELECT results_eq('SELECT decided_by, code, overrides, max_count, excess_count, in_force, expired FROM override_abuse WHERE customer_id = 20',
    $$VALUES ('hold_manager', 'C20', 4::bigint, 3, 1::bigint, 4::bigint, 0::bigint)$$, '003-01 four for one customer in 90 days: override_abuse lists the excess');
UPDATE ledger SET pinned_date = '2026-04-05';
SELECT results_eq('SELECT decided_by, code, overrides, amount, in_force, expired, reason_codes FROM manual_release WHERE customer_id = 20',
    $$VALUES ('hold_manager', 'C20', 4::bigint, 4410::numeric, 1::bigint, 3::bigint, '{known_to_pay}'::text[])$$, '003-01 number and amount per person and customer, in force and expired');
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO override_limit (role_name, days, max_count, max_amount) VALUES ('hold_manager', 30, 5, 5000);
SELECT is(pg_temp.as('hold_manager', 'SELECT holds.release_order(2005, ''x'', true)'), 'CR014', '003-01 beyond the amount that one may override: refused');
SELECT is(pg_temp.as('hold_director', 'SELECT holds.release_order(2005, ''x'', true)'), 'released', '003-01 another may');
SELECT is(pg_temp.as('hold_manager', 'INSERT INTO holds.override_limit (max_count) VALUES (99)'), '42501', '003-01 nobody but the owner sets these limits');
INSERT INTO approval_authority (action, role_name, max_amount) VALUES ('release', 'hold_manager', 500), ('release', 'hold_director', 5000);
INSERT INTO approval_rule (action, second_eyes_above) VALUES ('release', 3000);
SELECT is((SELECT releasable_by FROM open_hold WHERE order_id = 2006), '{hold_director}'::text[], '003-01 the list says who may release it');
SELECT is(pg_temp.as('hold_manager', 'SELECT holds.release_order(2006, ''x'', true)'), 'CR014', '003-01 not enough authority');
SELECT is(pg_temp.as('hold_director', 'SELECT holds.release_order(2006, ''x'', true)'), 'released', '003-01 enough');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (21, 2101, 'I1', 4000);
SELECT is(pg_temp.as('hold_director', 'SELECT holds.release_order(2101, ''x'', true)'), 'CR014', '003-01 above an amount a second pair of eyes is needed');
INSERT INTO approval_authority (action, role_name, max_amount) VALUES ('release', 'hold_clerk', 9000);
SELECT is(pg_temp.as('hold_director', 'SELECT holds.request_approval(21, ''release'', 4000, 2101, ''large'') > 0'), 'true', '003-01 asked for');
UPDATE approval_request SET outcome = 'approved', closed_on = business_date() WHERE subject_id = 2101;
SELECT is(pg_temp.as('hold_director', 'SELECT holds.release_order(2101, ''x'', true)'), 'released', '003-01 approved by another, it passes');
SELECT is((SELECT approved_by FROM credit_decision WHERE order_id = 2101 AND outcome = 'overridden'), current_user::text, '003-01 who approved is on record');

INSERT INTO approval_rule (action, valid_from, second_eyes_above) VALUES ('release', '2026-04-01', NULL);

-- Month end ----------------------------------------------------------------------------
SELECT throws_ok('SELECT * FROM month_end_overrides(0)', '22023', NULL, '004-08 no days');
SELECT results_eq($$SELECT month, overrides = overrides_at_end, share_pct, even_share_pct, new_accounts FROM month_end_override$$,
    $$VALUES (date '2026-03-01', true, 100.00, 16.13, 40::bigint)$$, '004-08 all on the last day of March: 100 percent, where 16 would be even');
UPDATE ledger SET pinned_date = '2026-04-10';
INSERT INTO customer (customer_id, code, name) VALUES (60, 'C60', 'Sixty');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (60, 6001, 'Z1', 4000);
SELECT release_order(6001, 'mid month', true) \g /dev/null
UPDATE ledger SET pinned_date = '2026-04-28';
INSERT INTO customer (customer_id, code, name, lifecycle) VALUES (61, 'C61', 'Sixty-one', 'prospect'), (62, 'C62', 'Sixty-two', 'customer'), (63, 'C63', 'Sixty-three', 'customer');
SELECT results_eq($$SELECT overrides, overrides_at_end, share_pct, amount, new_accounts, new_accounts_at_end, new_accounts_share_pct FROM month_end_override WHERE month = '2026-04-01'$$,
    $$VALUES (1::bigint, 0::bigint, 0.00, 4000::numeric, 3::bigint, 2::bigint, 66.67)$$, '004-08 April: the override in the middle, two of three accounts at the end');
SELECT results_eq($$SELECT overrides_at_end FROM month_end_overrides(21) WHERE month = '2026-04-01'$$, 'VALUES (1::bigint)', '004-08 with another window');
-- A stricter rule in the window.
INSERT INTO blocking_rule (kind, action, threshold, month_end_days) VALUES ('maximum_document_value', 'hold', 50, 5);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (22, 2201, 'W1', 60);
SELECT is(pg_temp.status(2201), 'held', '004-08 a rule for the last five days of the month holds');
UPDATE ledger SET pinned_date = '2026-05-04';
SELECT is(recheck_holds() > 0, true, '004-08 the nightly run looks again');
SELECT is(pg_temp.status(2201), 'released', '004-08 in the new month it is released');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
UPDATE ledger SET pinned_date = '2026-03-31';

-- The checkpoint at the delivery ---------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (30, 3001, 'K1', 1500), (30, 3002, 'K2', 400);
SELECT throws_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (30, 3001, 100)', 'CR001', 'order K1 is held, and a delivery of 100 EUR is refused', '003-10 a held order is not delivered');
INSERT INTO delivery (customer_id, order_id, amount) VALUES (30, 3002, 100);
SELECT is((SELECT delivered_amount FROM sales_order WHERE order_id = 3002), 100::numeric, '003-10 one that is not held is, without any rule');
SELECT is((SELECT status || ' ' || array_to_string(reasons, ',') FROM request_delivery(3001)), 'held order_held', '003-10 asked for, it is held because its order is');
SELECT is((SELECT status FROM request_delivery(3002, 100)), 'cleared', '003-10 the other is cleared');
SELECT is((SELECT string_agg(checkpoint, ' ' ORDER BY hold_id) FROM open_hold WHERE customer_id = 30), 'order delivery', '003-10 two holds, one of the order and one of the delivery');
INSERT INTO payment (customer_id, amount) VALUES (30, 1000);
SELECT pg_temp.commit();
SELECT results_eq('SELECT o.status, r.held FROM sales_order o JOIN delivery_request r USING (customer_id, order_id) WHERE o.order_id = 3001', $$VALUES ('released', false)$$, '003-10 a payment frees both at COMMIT');
SELECT lives_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (30, 3001, 1500)', '003-10 and it is delivered');
-- Rules of their own for deliveries.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (31, 3101, 'L', '2026-01-01', '2026-01-31', 200);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (31, 3101, 'L1', 300), (31, 3102, 'L2', 50);
INSERT INTO blocking_rule (checkpoint, kind, action, threshold) VALUES ('delivery', 'oldest_open_item', 'hold', 30);
SELECT is(pg_temp.status(3101), 'open', '003-10 the order is not held');
SELECT throws_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (31, 3101, 100)', 'CR001', NULL, '003-10 its delivery is, by a rule for deliveries');
SELECT is((SELECT status || ' ' || array_to_string(reasons, ',') FROM request_delivery(3101, 100)), 'held oldest_open_item', '003-10 asked for, it is held with the reason');
SELECT is((SELECT held FROM delivery_request WHERE order_id = 3101)::text || ' ' || pg_temp.status(3101), 'true open', '003-10 a flag of its own: the order stays open');
SELECT results_eq('SELECT checkpoint, outcome, delivery_request_id IS NOT NULL FROM credit_decision WHERE order_id = 3101', $$VALUES ('delivery', 'held', true)$$, '003-10 the decision is on record');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (31, 93101, 200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (31, 93101, 3101, 200);
SELECT pg_temp.commit();
SELECT is((SELECT held FROM delivery_request WHERE order_id = 3101), false, '003-10 the payment is matched: the delivery is freed at COMMIT');
SELECT lives_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (31, 3101, 110)', '003-10 and may leave, within ten percent more');
SELECT is((SELECT outcome FROM delivery_request WHERE order_id = 3101), 'delivered', '003-10 which uses the request up');
UPDATE ledger SET auto_release = false;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (32, 3201, 'M', '2026-01-01', '2026-01-31', 200);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (32, 3201, 'M1', 300);
SELECT is((SELECT status FROM request_delivery(3201)), 'held', '003-10 without automatic release');
INSERT INTO payment (customer_id, amount) VALUES (32, 200);
SELECT pg_temp.commit();
SELECT is((SELECT ready FROM open_hold WHERE order_id = 3201), true, '003-10 unmatched cash counts: it is ready to release');
SELECT is(release_delivery((SELECT delivery_request_id FROM open_hold WHERE order_id = 3201), 'paid'), 'released', '003-10 and a person releases it');
SELECT throws_ok('SELECT release_delivery(max(delivery_request_id), ''x'') FROM delivery_request', 'CR007', NULL, '003-10 once');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (33, 3301, 'N', '2026-01-01', '2026-01-31', 200);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (33, 3301, 'N1', 300), (33, 3302, 'N2', 900);
SELECT delivery_request_id AS n1 FROM request_delivery(3301, 100) \gset
SELECT throws_ok(format('SELECT release_delivery(%s, ''x'')', :n1), 'CR001', NULL, '003-10 not released while the reason stands');
SELECT is(release_delivery(:n1, 'promised', true, 3, 'strategic', 20), 'released', '003-10 overridden, with days and a deviation');
SELECT throws_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (33, 3301, 121)', 'CR001', NULL, '003-10 not more than that');
UPDATE ledger SET pinned_date = '2026-04-04';
SELECT throws_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (33, 3301, 100)', 'CR001', NULL, '003-10 nor later');
UPDATE ledger SET pinned_date = '2026-03-31';
SELECT lives_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (33, 3301, 120)', '003-10 within both it leaves');
SELECT release_order(3302, 'strategic', true) \g /dev/null
SELECT lives_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (33, 3302, 900)', '003-10 a released order delivers without another check');
SELECT is((SELECT outcome || ' ' || array_to_string(reasons, ',') FROM credit_decision WHERE order_id = 3302 AND checkpoint = 'delivery'), 'warned oldest_open_item', '003-10 with a warning on record');
INSERT INTO delivery (customer_id, order_id, amount) VALUES (33, 3302, 90);
SELECT throws_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (33, 3302, 1)', 'CR001', NULL, '003-10 up to ten percent more');
-- Requests cleared side by side do not take the same room twice.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (36, 3601, 'Q1', 900);
INSERT INTO blocking_rule (customer_id, checkpoint, kind, action, threshold) VALUES (36, 'delivery', 'credit_limit_exceeded', 'hold', 0);
SELECT is((SELECT status FROM request_delivery(3601, 900)), 'cleared', '003-10 the whole order asked for: it fits the limit of 1,000');
SELECT results_eq('SELECT status, reasons FROM request_delivery(3601, 900)', $$VALUES ('held', '{credit_limit_exceeded}'::text[])$$, '003-10 asked for once more before it has left: 1,800 do not');
SELECT cancel_delivery_request(min(delivery_request_id)) FROM delivery_request WHERE order_id = 3601 \g /dev/null
SELECT is(recheck_customer(36), 0, '003-10 without automatic release');
SELECT is((SELECT ready FROM open_hold WHERE order_id = 3601), true, '003-10 the first taken back: the second has the room');
-- The temporary limit under which an order was taken.
INSERT INTO blocking_rule (checkpoint, kind, action, threshold) VALUES ('delivery', 'credit_limit_exceeded', 'hold', 0);
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (34, 'temporary', 5000, '2026-03-01', '2026-03-31');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (34, 3401, 'P1', 3000), (34, 3402, 'P2', 1000);
UPDATE ledger SET pinned_date = '2026-04-30';
SELECT lives_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (34, 3401, 3000)', '003-10 an order taken under a temporary limit delivers for 30 days after its end');
UPDATE ledger SET pinned_date = '2026-05-01';
SELECT throws_ok('INSERT INTO delivery (customer_id, order_id, amount) VALUES (34, 3402, 1000)', 'CR001', NULL, '003-10 not on the 31st');
SELECT throws_ok('SELECT * FROM request_delivery(3402, 0)', 'CR003', NULL, '003-10 nothing is asked for');
SELECT throws_ok('SELECT * FROM request_delivery(3402, 0.001)', 'CR011', NULL, '003-10 fractions of a cent');
SELECT throws_ok('SELECT * FROM request_delivery(601)', 'CR007', NULL, '003-10 of a rejected order');
SELECT throws_ok('SELECT cancel_delivery_request(0)', 'CR012', NULL, '003-10 no such request');
SELECT is((SELECT status FROM request_delivery(3402)), 'held', '003-10 asked for and held');
SELECT is(cancel_delivery_request(max(delivery_request_id)), 'cancelled', '003-10 taken back') FROM delivery_request;
SELECT is_empty('SELECT * FROM open_hold WHERE order_id = 3402', '003-10 with its hold');
-- Invoices must be written: their rules warn.
INSERT INTO blocking_rule (checkpoint, kind, action, threshold) VALUES ('invoice', 'maximum_document_value', 'reject', 100);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (35, 'BIG', 500);
SELECT is((SELECT checkpoint || ' ' || outcome || ' ' || array_to_string(reasons, ',') FROM credit_decision WHERE document_no = 'BIG'), 'invoice warned maximum_document_value', '003-10 at the invoice a rule only warns');
SELECT is(pg_temp.as('hold_clerk', 'SELECT status FROM holds.request_delivery(3402)'), 'held', '003-10 a clerk may ask for a delivery');
SELECT is_empty('SELECT * FROM verify()', '003-10 verify()');
SELECT pg_temp.commit();
SELECT is((SELECT rebuild()), 0::bigint, 'rebuild() finds nothing');

-- What a replica or a restore may leave: a held order without its hold, and a hold of what is not held.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (38, 3801, 'S1', 2000), (38, 3802, 'S2', 500);
SET LOCAL session_replication_role = replica;
UPDATE credit_hold SET closed_on = '2026-05-01', outcome = 'cancelled' WHERE order_id = 3801;
INSERT INTO credit_hold (customer_id, checkpoint, order_id) VALUES (38, 'order', 3802);
SET LOCAL session_replication_role = origin;
SELECT set_eq('SELECT object, stored, recomputed FROM verify()', $$VALUES ('credit_hold of order 3801', NULL, 'open'), ('credit_hold of order 3802', 'open', NULL)$$, 'verify() finds both');
SELECT is(rebuild(), 2::bigint, 'rebuild() repairs them');
SELECT results_eq('SELECT order_id, reasons FROM open_hold WHERE customer_id = 38', $$VALUES (3801::bigint, '{credit_limit_exceeded}'::text[])$$, 'what is held waits for a release again');
SELECT is_empty('SELECT * FROM verify()', 'and all is well');

SELECT throws_ok(s, 'CR010', NULL, s) FROM unnest('{UPDATE credit_hold SET order_id = 1,DELETE FROM credit_hold,TRUNCATE credit_hold CASCADE,TRUNCATE credit_hold_reason,UPDATE delivery_request SET amount = 1,DELETE FROM delivery_request,TRUNCATE delivery_request}'::text[]) s;
SELECT * FROM finish();
ROLLBACK;
