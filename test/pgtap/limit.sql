-- Credit limits and who approves them: rows 001-19, 003-03, 003-06, 000-18,
-- 001-22 and 002-09 of the capability list.
\set ON_ERROR_STOP 1
-- The nightly procedure commits, so it is called in a session of its own, on a ledger that is dropped at once.
SELECT dblink_connect('night', format('dbname=%L host=%L port=%s user=%L options=%L', current_database(),
  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_user, '-c client_min_messages=warning')) \g /dev/null
SELECT dblink_exec('night', $$
  DO $do$ BEGIN
    IF EXISTS (SELECT FROM credit_risk.ledgers WHERE name = 'limit_night') THEN PERFORM credit_risk.drop_ledger('limit_night'); END IF;
    PERFORM credit_risk.create_ledger('limit_night');
  END $do$;
  UPDATE limit_night.ledger SET pinned_date = '2026-03-31';
  INSERT INTO limit_night.customer (code, name) VALUES ('A', 'Alpha');
  INSERT INTO limit_night.credit_limit (customer_id, kind, amount, valid_from, valid_to, paid_invoices_required) VALUES (1, 'trial', 500, '2026-01-01', '2026-12-31', 1);
  INSERT INTO limit_night.invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (1, 'F1', '2026-01-10', '2026-02-10', 300);
  INSERT INTO limit_night.payment (customer_id, amount, received_on) VALUES (1, 300, '2026-02-05');
  INSERT INTO limit_night.allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, 300);
$$), dblink_exec('night', $$CALL credit_risk.run_daily('limit_night')$$), dblink_exec('night', $$CALL credit_risk.run_daily('limit_night')$$) \g /dev/null
SELECT proposals AS proposed FROM dblink('night', 'SELECT string_agg(concat_ws('' '', requested_by, amount, evidence), '', '') FROM limit_night.limit_request') t (proposals text) \gset
SELECT dblink_exec('night', $$DO $do$ BEGIN PERFORM credit_risk.drop_ledger('limit_night'); END $do$; $$), dblink_disconnect('night') \g /dev/null

BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
CREATE ROLE limit_manager; CREATE ROLE limit_director; CREATE ROLE limit_board; CREATE ROLE limit_clerk;
CREATE ROLE limit_anna IN ROLE limit_manager; CREATE ROLE limit_bert IN ROLE limit_manager; CREATE ROLE limit_carla IN ROLE limit_director;
CREATE ROLE limit_dora IN ROLE limit_board;
SELECT credit_risk.create_ledger('limited') \g /dev/null
SELECT credit_risk.grant_ledger_access('limited', r, CASE r WHEN 'limit_clerk' THEN 'clerk' ELSE 'manager' END)
FROM unnest('{limit_manager,limit_director,limit_board,limit_clerk}'::text[]) r \g /dev/null
GRANT USAGE ON SCHEMA public TO PUBLIC;
SET LOCAL search_path = limited, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-10';
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-03-01', 0.9), ('USD', '2026-03-10', 0.8), ('GBP', '2026-03-09', 1.2);
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, CASE WHEN i % 10 = 4 THEN 'D' ELSE 'B' END FROM generate_series(1, 60) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (70, 'S', 'Site', 1);
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE limited.ledger SET pinned_date = d $$;
-- A statement as a role: rows, or SQLSTATE and message.
CREATE FUNCTION pg_temp.try(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE rows bigint; BEGIN
    PERFORM set_config('role', role, true);
    EXECUTE statement;
    GET DIAGNOSTICS rows = ROW_COUNT;
    PERFORM set_config('role', 'none', true);
    RETURN rows::text;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.ask(role text, question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; BEGIN
    PERFORM set_config('role', role, true);
    EXECUTE question INTO answer;
    PERFORM set_config('role', 'none', true);
    RETURN answer;
END $$;
CREATE FUNCTION pg_temp.limits(id bigint, d date DEFAULT NULL, known timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', trim_scale(credit_limit), CASE WHEN unlimited THEN 'unlimited' END, CASE WHEN NOT decided THEN 'none' END, 'group ' || trim_scale(group_limit))
   FROM limited.limit_in_force(id, coalesce(d, limited.business_date()), known) $$;
CREATE FUNCTION pg_temp.available(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', trim_scale(limited.available_credit(id)), trim_scale((SELECT available FROM limited.exposure WHERE customer_id = id)),
                    trim_scale((limited.check_order(id, 0)).available), trim_scale((SELECT available FROM limited.exposure_as_of(limited.business_date()) WHERE customer_id = id))) $$;
CREATE FUNCTION pg_temp.order_of(id bigint, amount numeric, deliver date DEFAULT NULL, currency text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', status, nullif(array_to_string(reasons, '+'), '')) FROM limited.place_order(id, amount, deliver_on => deliver, currency => currency) $$;
CREATE FUNCTION pg_temp.me() RETURNS text LANGUAGE sql AS $$ SELECT current_user::text $$;
CREATE FUNCTION pg_temp.law(what text) RETURNS text LANGUAGE sql AS $$ SELECT is_empty('SELECT * FROM limited.verify()', what || ': verify()') $$;

-- 001-19 Limits are dated facts; the approver's authority covers the amount -----------------
SELECT is(pg_temp.limits(1), 'none', '001-19 before: no decision');
INSERT INTO credit_limit (customer_id, amount, currency, basis, reason) VALUES (1, 1000, 'USD', 'accounts', 'accounts of 2025');
SELECT is((SELECT concat_ws(' ', amount, currency, rate, amount_base, valid_from, basis, decided_by = current_user) FROM credit_limit WHERE customer_id = 1), '1000 USD 0.8 800.00 2026-03-10 accounts t', '001-19 amount, currency, rate, days, basis, author');
SELECT is(pg_temp.limits(1), '800', '001-19 after: it holds');
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (1, 'temporary', 1200, '2026-03-15', '2026-04-15');
SELECT throws_ok(format($$INSERT INTO credit_limit (customer_id, kind, level, amount, valid_from, valid_to) VALUES (1, 'temporary', 'customer', 1300, %L, %L)$$, f, t), '23P01', NULL, '001-19 overlapping temporary limits are refused: ' || f || ' to ' || t)
FROM (VALUES ('2026-04-15', '2026-05-01'), ('2026-03-01', '2026-03-15'), ('2026-03-20', '2026-03-21'), ('2026-03-01', '2026-06-01')) v (f, t);
SELECT lives_ok($$INSERT INTO credit_limit (customer_id, kind, level, amount, valid_from, valid_to) VALUES (1, 'temporary', 'customer', 1300, '2026-04-16', '2026-05-01'), (1, 'temporary', 'group', 9000, '2026-04-01', '2026-04-20')$$, '001-19 the next one begins when it has ended, and a group has its own');
SELECT throws_ok($$INSERT INTO credit_limit (customer_id, kind, level, amount, valid_from, valid_to) VALUES (1, 'temporary', 'group', 1, '2026-04-20', '2026-04-21')$$, '23P01', NULL, '001-19 whose temporary limits do not overlap either');
SELECT results_eq($$SELECT d::date, pg_temp.limits(1, d::date) FROM unnest('{2026-03-09,2026-03-10,2026-03-14,2026-03-15,2026-04-01,2026-04-15,2026-04-16,2026-05-01,2026-05-02}'::date[]) d$$,
    $$VALUES (date '2026-03-09', 'none'), ('2026-03-10', '800'), ('2026-03-14', '800'), ('2026-03-15', '1200'), ('2026-04-01', '1200 group 9000'), ('2026-04-15', '1200 group 9000'), ('2026-04-16', '1300 group 9000'), ('2026-05-01', '1300'), ('2026-05-02', '800')$$, '001-19 the limit of every day');
SELECT throws_ok(s, e, NULL, '001-19 ' || s) FROM (VALUES
    ('UPDATE credit_limit SET amount = 1', 'CR010'), ('DELETE FROM credit_limit', 'CR010'), ('TRUNCATE credit_limit CASCADE', 'CR010'),
    ('INSERT INTO credit_limit (customer_id, amount) VALUES (70, 10)', 'CR004'), ('INSERT INTO credit_limit (customer_id, amount) VALUES (1, -1)', '23514'),
    ('INSERT INTO credit_limit (customer_id, amount, currency) VALUES (1, 1, ''CHF'')', 'CR006'), ('INSERT INTO credit_limit (customer_id, amount) VALUES (1, 1.001)', 'CR011'),
    ('INSERT INTO credit_limit (customer_id, amount, valid_from, valid_to) VALUES (1, 1, ''2026-03-10'', ''2026-03-09'')', '23514'),
    ('INSERT INTO credit_limit (customer_id, amount, max_document_amount) VALUES (1, 1, 1)', '23514'), ('INSERT INTO credit_limit (customer_id, amount, paid_invoices_required) VALUES (1, 1, 1)', '23514'),
    ('INSERT INTO credit_limit (customer_id, kind, amount, valid_to, max_document_amount) VALUES (1, ''trial'', 1, ''2026-04-01'', 0.001)', 'CR011'),
    ('INSERT INTO credit_limit (customer_id, amount, limit_request_id) VALUES (1, 1, 99)', '23503')) v (s, e);
-- The matrix.
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (2, 1e6)'), '1', '001-19 without a matrix the grant is enough');
SELECT is(approvers('credit_limit', 1), NULL, '001-19 and nobody is named');
INSERT INTO approval_authority (action, role_name, max_amount, risk_class, valid_from, valid_to) VALUES
    ('credit_limit', 'limit_manager', 50000, NULL, '2026-03-10', NULL), ('credit_limit', 'limit_manager', 5000, 'D', '2026-03-10', NULL),
    ('credit_limit', 'limit_director', 200000, NULL, '2026-03-10', NULL), ('credit_limit', 'limit_board', NULL, NULL, '2026-03-10', NULL),
    ('credit_limit', 'limit_clerk', 100, NULL, '2026-04-01', NULL), ('credit_limit', 'limit_gone', NULL, NULL, '2026-03-01', '2026-03-09'),
    ('release', 'limit_manager', 1000, NULL, '2026-03-10', NULL), ('terms', 'limit_board', NULL, NULL, '2026-05-01', NULL);
SELECT results_eq($$SELECT a, approvers('credit_limit', a), approvers('credit_limit', a, 'D') FROM unnest('{0,5000,5000.01,50000,50001,200000,200001,NULL}'::numeric[]) a$$,
    $$VALUES (0::numeric, '{limit_manager,limit_director,limit_board}'::text[], '{limit_manager,limit_director,limit_board}'::text[]), (5000, '{limit_manager,limit_director,limit_board}', '{limit_manager,limit_director,limit_board}'),
             (5000.01, '{limit_manager,limit_director,limit_board}', '{limit_director,limit_board}'), (50000, '{limit_manager,limit_director,limit_board}', '{limit_director,limit_board}'),
             (50001, '{limit_director,limit_board}', '{limit_director,limit_board}'), (200000, '{limit_director,limit_board}', '{limit_director,limit_board}'), (200001, '{limit_board}', '{limit_board}'), (NULL, '{limit_board}', '{limit_board}')$$,
    '001-19 who may decide up to what; a class has its own line');
SELECT is(pg_temp.ask('limit_anna', format('SELECT limited.authority_of(%L, %s)', a, m)), w, '001-19 authority of a member: ' || a || ' ' || m)
FROM (VALUES ('credit_limit', '50000', 'true'), ('credit_limit', '50001', 'false'), ('credit_limit', 'NULL', 'false'), ('release', '1000', 'true'), ('release', '1001', 'false'), ('waiver', '1e9', 'true'), ('terms', '1', 'true')) v (a, m, w);
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, 50000), (4, 5000)'), '2', '001-19 within her authority');
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, 50000.01)'), 'CR014 role "limit_anna" has not enough authority for a credit limit of 50000.01', '001-19 one cent above: refused');
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, 1), (4, 5001)'), 'CR014 role "limit_anna" has not enough authority for a credit limit of 5001', '001-19 above it for the class, and nothing is half done');
SELECT is(pg_temp.limits(3), '50000', '001-19 the limit is as it was');
SELECT is(left(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount, currency) VALUES (3, 62500, ''USD'')'), 60), '1', '001-19 in dollars the base amount counts');
SELECT is(left(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount, currency) VALUES (3, 62501, ''USD'')'), 5), 'CR014', '001-19 and no more than that');
SELECT is(left(pg_temp.try('limit_carla', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, NULL)'), 5), 'CR014', '001-19 without limit is the board''s');
SELECT is(pg_temp.try('limit_dora', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, NULL)'), '1', '001-19 which may');
SELECT is(pg_temp.try('limit_clerk', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, 1)'), '42501 permission denied for table credit_limit', '001-19 a clerk may not at all');
SELECT throws_ok(s, e, NULL, '001-19 ' || s) FROM (VALUES
    ('UPDATE approval_authority SET max_amount = 1e9', 'CR010'), ('DELETE FROM approval_authority', 'CR010'), ('TRUNCATE approval_authority', 'CR010'), ('TRUNCATE approval_rule', 'CR010'), ('INSERT INTO approval_authority (action, role_name) VALUES (''all'', ''x'')', '23514'),
    ('INSERT INTO approval_authority (action, role_name, valid_from, valid_to) VALUES (''terms'', ''x'', ''2026-03-10'', ''2026-03-09'')', '23514')) v (s, e);
SELECT is(left(pg_temp.try('limit_dora', 'INSERT INTO approval_authority (action, role_name) VALUES (''credit_limit'', ''limit_anna'')'), 5), '42501', '001-19 the matrix is the owner''s');
-- The second pair of eyes.
INSERT INTO approval_rule (action, second_eyes_above) VALUES ('credit_limit', 30000);
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (5, 30000)'), '1', '001-19 up to 30,000 one decides alone');
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (5, 40000)'), 'CR014 a credit limit of 40000 needs a second pair of eyes', '001-19 above, two');
SELECT pg_temp.ask('limit_anna', $$SELECT limited.request_approval(5, 'credit_limit', 40000, NULL, 'a large order')$$) AS a1 \gset
SELECT is((SELECT concat_ws(' ', code, action, amount, requested_by, status, approvers, valid_until) FROM open_approval WHERE request_id = :a1), 'C5 credit_limit 40000 limit_anna waiting {limit_manager,limit_director,limit_board} 2026-04-09', '001-19 she asks');
SELECT is(pg_temp.try('limit_anna', format('SELECT limited.approve_request(%s)', :a1)), 'CR014 role "limit_anna" asked for this approval and cannot give it', '001-19 and cannot answer herself');
SELECT is(left(pg_temp.try('limit_clerk', format('SELECT limited.approve_request(%s)', :a1)), 5), '42501', '001-19 nor can a clerk');
SELECT is(left(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (5, 40000)'), 5), 'CR014', '001-19 asked for is not approved');
SELECT is(pg_temp.ask('limit_bert', format('SELECT limited.approve_request(%s, %L)', :a1, 'seen')), 'approved', '001-19 another approves');
SELECT is((SELECT concat_ws(' ', outcome, note, closed_by, closed_on, recorded_by) FROM approval_request WHERE request_id = :a1), 'approved seen limit_bert 2026-03-10 limit_anna', '001-19 on record');
SELECT is(left(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (5, 40001)'), 5), 'CR014', '001-19 not for more');
SELECT is(left(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (6, 40000)'), 5), 'CR014', '001-19 nor for another customer');
SELECT is(left(pg_temp.try('limit_bert', 'INSERT INTO credit_limit (customer_id, amount) VALUES (5, 40000)'), 5), 'CR014', '001-19 nor by who approved');
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (5, 40000)'), '1', '001-19 now she may');
SELECT is((SELECT concat_ws(' ', recorded_by, approved_by) FROM credit_limit WHERE customer_id = 5 AND amount = 40000), 'limit_anna limit_bert', '001-19 and both names stand there');
-- An approval of who has the authority also serves who has not.
SELECT pg_temp.ask('limit_anna', $$SELECT limited.request_approval(6, 'credit_limit', 150000, motive => 'a public tender', valid_days => 10)$$) AS a2 \gset
SELECT is(left(pg_temp.try('limit_bert', format('SELECT limited.approve_request(%s)', :a2)), 5), 'CR014', '001-19 who has not the authority cannot approve');
SELECT is(left(pg_temp.try('limit_bert', format('SELECT limited.refuse_request(%s, %L)', :a2, 'no')), 5), 'CR014', '001-19 nor refuse');
SELECT is(pg_temp.ask('limit_carla', format('SELECT limited.approve_request(%s)', :a2)), 'approved', '001-19 who has, can');
SELECT pg_temp.day('2026-03-21') \g /dev/null
SELECT is(left(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (6, 150000)'), 5), 'CR014', '001-19 an approval expires');
SELECT pg_temp.day('2026-03-20') \g /dev/null
SELECT is(pg_temp.try('limit_anna', 'INSERT INTO credit_limit (customer_id, amount) VALUES (6, 150000)'), '1', '001-19 the day before, it serves');
SELECT pg_temp.day('2026-03-10') \g /dev/null
SELECT pg_temp.ask('limit_anna', $$SELECT limited.request_approval(7, 'release', 700, 4711, 'please', 5)$$) AS a3 \gset
SELECT is(left(pg_temp.try('limit_clerk', $$SELECT limited.request_approval(7, 'release', 900, 4711, 'me too')$$), 5), 'CR012', '001-19 one request for one thing');
SELECT is(pg_temp.ask('limit_bert', format('SELECT limited.refuse_request(%s, %L)', :a3, 'not now')), 'refused', '001-19 refused');
SELECT throws_ok(format('SELECT approve_request(%s)', :a3), 'CR012', NULL, '001-19 decided once');
SELECT pg_temp.ask('limit_clerk', $$SELECT limited.request_approval(7, 'release', 900, 4711, 'again', 5)$$) AS a4 \gset
SELECT pg_temp.day('2026-03-16') \g /dev/null
SELECT throws_ok(format('SELECT approve_request(%s)', :a4), 'CR012', NULL, '001-19 too late');
SELECT is((SELECT status FROM open_approval WHERE request_id = :a4), 'expired', '001-19 which the list shows');
SELECT pg_temp.ask('limit_clerk', $$SELECT limited.request_approval(7, 'release', 900, 4711, 'once more', 5)$$) AS a5 \gset
SELECT is((SELECT outcome FROM approval_request WHERE request_id = :a4), 'expired', '001-19 and asking again closes it');
SELECT pg_temp.day('2026-03-10') \g /dev/null
SELECT throws_ok(s, e, NULL, '001-19 ' || s) FROM (VALUES
    ('SELECT request_approval(7, ''release'', 900, 1)', '22023'), ('SELECT request_approval(7, ''release'', 900, 1, ''x'', 366)', '22023'), ('SELECT request_approval(999, ''release'', 900, 1, ''x'')', 'CR004'), ('SELECT request_approval(NULL, ''release'', 900, 1, ''x'')', 'CR004'),
    ('SELECT request_approval(7, ''dinner'', 900, 1, ''x'')', '23514'), ('SELECT request_approval(7, ''release'', -1, 1, ''x'')', '23514'), ('SELECT approve_request(999)', 'CR012'), ('SELECT approve_request(NULL)', 'CR012'), ('SELECT refuse_request(1, NULL)', '22023'),
    ('UPDATE approval_request SET amount = 1 WHERE closed_on IS NULL', 'CR010'), ('DELETE FROM approval_request', 'CR010'), ('TRUNCATE approval_request CASCADE', 'CR010')) v (s, e);
SELECT is(pg_temp.ask('limit_clerk', format('SELECT has_function_privilege(%L, %L)', 'limited.refuse_request(bigint, text)', 'EXECUTE')), 'false', '001-19 a clerk asks and does not decide');
SELECT results_eq($$SELECT require_authority('waiver', 1e9, 7)::text$$, $$VALUES ('(,)')$$, '001-19 an action without a row asks nobody');
UPDATE approval_authority SET valid_to = '2026-03-10' WHERE action = 'credit_limit' AND valid_from <= '2026-03-10' AND valid_to IS NULL;
INSERT INTO approval_rule (action, valid_from, second_eyes_above) VALUES ('credit_limit', '2026-03-11', NULL);
SELECT pg_temp.day('2026-03-11') \g /dev/null
SELECT is(approvers('credit_limit', 1), '{}', '001-19 a matrix that has ended lets nobody through');
SELECT is(left(pg_temp.try('limit_dora', 'INSERT INTO credit_limit (customer_id, amount) VALUES (3, 1)'), 5), 'CR014', '001-19 in earnest');
INSERT INTO approval_authority (action, role_name, valid_from) SELECT 'credit_limit', r, '2026-03-10' FROM unnest(ARRAY['limit_manager', current_user::text]) r;
SELECT pg_temp.day('2026-03-10') \g /dev/null
INSERT INTO approval_rule (action, valid_from, second_eyes_above) VALUES ('credit_limit', '2026-03-09', 1e17);
SELECT pg_temp.day('2026-03-11') \g /dev/null
SELECT pg_temp.law('001-19');

-- 003-03 Requests ----------------------------------------------------------------------------
INSERT INTO credit_limit (customer_id, amount) VALUES (11, 1000), (12, 1000), (13, 1000);
SELECT is(pg_temp.order_of(11, 1500), 'held credit_limit_exceeded', '003-03 before: an order above the limit is held');
SELECT pg_temp.ask('limit_clerk', $$SELECT limited.request_limit(11, 2000, 'spring order', 'temporary', '2026-04-30', 'customer', 'contract 7')$$) AS r1 \gset
SELECT request_limit(12, 3000, 'grows') AS r2 \gset
SELECT request_limit(13, 3000, 'wants more', due_on => '2026-03-12') AS r3 \gset
SELECT request_limit(13, 500, 'group', level => 'group', currency => 'USD') AS r4 \gset
SELECT results_eq($$SELECT code, requested_by, level, kind, amount, currency, amount_base, valid_to, motive, evidence, recorded_by, due_on, days_late, present_limit, exposure FROM open_limit_request ORDER BY limit_request_id$$,
    $$VALUES ('C11', 'customer', 'customer', 'temporary', 2000::numeric, 'EUR', 2000.00, date '2026-04-30', 'spring order', 'contract 7', 'limit_clerk', date '2026-03-16', -5, 1000::numeric, 0::numeric),
             ('C12', 'sales', 'customer', 'base', 3000, 'EUR', 3000, NULL, 'grows', NULL, pg_temp.me(), '2026-03-16', -5, 1000, 0),
             ('C13', 'sales', 'customer', 'base', 3000, 'EUR', 3000, NULL, 'wants more', NULL, pg_temp.me(), '2026-03-12', -1, 1000, 0),
             ('C13', 'sales', 'group', 'base', 500, 'USD', 400, NULL, 'group', NULL, pg_temp.me(), '2026-03-16', -5, NULL, 0)$$, '003-03 what waits');
SELECT is(pg_temp.limits(11), '1000', '003-03 asked for is not granted');
SELECT is(left(pg_temp.try('limit_clerk', format('SELECT limited.decide_limit_request(%s, %L)', :r1, 'approved')), 5), '42501', '003-03 a clerk does not decide');
SELECT pg_temp.day('2026-03-13') \g /dev/null
SELECT pg_temp.ask('limit_anna', format('SELECT limited.decide_limit_request(%s, %L)', :r1, 'approved')) AS l1 \gset
SELECT is((SELECT concat_ws(' ', kind, amount, valid_from, valid_to, reason, basis, limit_request_id = :r1, decided_by, recorded_by) FROM credit_limit WHERE credit_limit_id = :l1), 'temporary 2000 2026-03-13 2026-04-30 spring order limit_request t limit_anna limit_anna', '003-03 approved: the limit');
SELECT is(pg_temp.limits(11), '2000', '003-03 and it holds');
SELECT is(decide_limit_request(:r2, 'partial', 2200, 'as far as covered') > 0, true, '003-03 a part');
SELECT is(pg_temp.limits(12), '2200', '003-03 of it holds');
SELECT is(decide_limit_request(:r3, 'rejected', note => 'losses'), NULL, '003-03 rejected');
SELECT is(pg_temp.limits(13), '1000', '003-03 nothing changes');
SELECT results_eq('SELECT outcome, decided_amount, note, closed_on, closed_by FROM limit_request WHERE closed_on IS NOT NULL ORDER BY limit_request_id',
    $$VALUES ('approved', 2000::numeric, NULL, date '2026-03-13', 'limit_anna'), ('partial', 2200, 'as far as covered', '2026-03-13', pg_temp.me()), ('rejected', NULL, 'losses', '2026-03-13', pg_temp.me())$$, '003-03 the decisions on record');
SELECT throws_ok(format(s, :r1, :r4), e, NULL, '003-03 ' || s) FROM (VALUES
    ('SELECT decide_limit_request(%1$s, ''approved'')', 'CR012'), ('SELECT decide_limit_request(999, ''approved'')', 'CR012'), ('SELECT decide_limit_request(NULL, ''approved'')', 'CR012'), ('SELECT decide_limit_request(%2$s, ''maybe'')', '22023'),
    ('SELECT decide_limit_request(%2$s, NULL)', '22023'), ('SELECT decide_limit_request(%2$s, ''rejected'')', '22023'), ('SELECT decide_limit_request(%2$s, ''rejected'', 5, ''x'')', 'CR003'), ('SELECT decide_limit_request(%2$s, ''partial'')', 'CR003'),
    ('SELECT decide_limit_request(%2$s, ''partial'', 500)', 'CR003'), ('SELECT decide_limit_request(%2$s, ''partial'', 0)', 'CR003'), ('SELECT decide_limit_request(%2$s, ''approved'', 501)', 'CR003'), ('SELECT decide_limit_request(%2$s, ''partial'', 1.001)', 'CR011'),
    ('SELECT request_limit(999, 1, ''x'')', 'CR004'), ('SELECT request_limit(NULL, 1, ''x'')', 'CR004'), ('SELECT request_limit(70, 1, ''x'')', 'CR004'), ('SELECT request_limit(1, 0, ''x'')', '23514'), ('SELECT request_limit(1, -1, ''x'')', '23514'), ('SELECT request_limit(1, ''NaN'', ''x'')', '23514'),
    ('SELECT request_limit(1, 1, NULL)', '23502'), ('SELECT request_limit(1, 1, ''x'', ''temporary'')', '23514'), ('SELECT request_limit(1, 1, ''x'', ''trial'')', '23514'), ('SELECT request_limit(1, 1, ''x'', requested_by => ''system'')', '22023'),
    ('SELECT request_limit(1, 1, ''x'', valid_to => ''2026-03-01'')', 'CR003'), ('SELECT request_limit(1, 1, ''x'', due_on => ''2026-03-01'')', 'CR003'), ('SELECT request_limit(1, 1, ''x'', currency => ''CHF'')', 'CR006'), ('SELECT request_limit(1, 1.001, ''x'')', 'CR011'),
    ('UPDATE limit_request SET amount = 1 WHERE closed_on IS NULL', 'CR010'), ('DELETE FROM limit_request', 'CR010'), ('TRUNCATE limit_request CASCADE', 'CR010')) v (s, e);
SELECT is((SELECT count(*) FROM limit_request WHERE limit_request_id = :r4 AND closed_on IS NULL), 1::bigint, '003-03 after all errors the last one waits');
SELECT pg_temp.day('2026-03-20') \g /dev/null
SELECT results_eq('SELECT month, requested_by, requests, open, approved, partial, rejected, average_days, median_days, longest_days, late, on_time_pct FROM limit_request_delay ORDER BY 2',
    $$VALUES (date '2026-03-01', 'customer', 1::bigint, 0::bigint, 1::bigint, 0::bigint, 0::bigint, 2.0, 2, 2, 0::bigint, 100.00), ('2026-03-01', 'sales', 3, 1, 0, 1, 1, 2.0, 2, 2, 2, 33.33)$$, '003-03 turn-around: one in time, one decided a day late, one still open');
SELECT pg_temp.day('2026-04-30') \g /dev/null
SELECT is(pg_temp.limits(11), '2000', '003-03 on its last day the rise holds');
SELECT pg_temp.day('2026-05-01') \g /dev/null
SELECT is(pg_temp.limits(11), '1000', '003-03 the next day it has expired by itself');
SELECT is(split_part(pg_temp.order_of(11, 1001), ' ', 1), 'held', '003-03 and orders meet the old limit');
-- An approval of the second pair of eyes names the request.
INSERT INTO approval_rule (action, valid_from, second_eyes_above) VALUES ('credit_limit', '2026-05-01', 1000);
SELECT request_limit(14, 5000, 'grows') AS r5 \gset
SELECT is(left(pg_temp.try('limit_anna', format('SELECT limited.decide_limit_request(%s, %L)', :r5, 'approved')), 5), 'CR014', '003-03 above the amount a second pair of eyes is needed');
SELECT is((SELECT closed_on FROM limit_request WHERE limit_request_id = :r5), NULL, '003-03 and the request stays open');
SELECT request_approval(14, 'credit_limit', 5000, :r5, 'grows') AS a6 \gset
SELECT pg_temp.ask('limit_bert', format('SELECT limited.approve_request(%s)', :a6)) \g /dev/null
SELECT is(pg_temp.try('limit_anna', format('SELECT limited.decide_limit_request(%s, %L)', :r5, 'approved')), '1', '003-03 then it is decided');
SELECT is((SELECT approved_by FROM credit_limit WHERE customer_id = 14), 'limit_bert', '003-03 by two');
INSERT INTO approval_rule (action, valid_from, second_eyes_above) VALUES ('credit_limit', '2026-05-02', NULL);
SELECT pg_temp.day('2026-05-02') \g /dev/null
SELECT pg_temp.law('003-03');

-- 003-06 The journal, and changes in bulk ------------------------------------------------------
INSERT INTO credit_limit (customer_id, amount, valid_from, reason) VALUES (21, 1000, '2026-05-02', 'first');
SELECT clock_timestamp() AS then1 \gset
INSERT INTO credit_limit (customer_id, amount, valid_from, reason) VALUES (21, 1500, '2026-05-02', 'pays well');
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to, reason) VALUES (21, 'temporary', 2000, '2026-05-10', '2026-05-20', 'fair');
SELECT clock_timestamp() AS then2 \gset
INSERT INTO credit_limit (customer_id, amount, valid_from, reason) VALUES (21, 600, '2026-05-15', 'late');
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to, reason) VALUES (21, 'trial', 50, '2026-05-15', '2026-06-15', 'beside the base limit');
INSERT INTO credit_limit (customer_id, amount, valid_from, reason) VALUES (21, NULL, '2026-06-01', 'taken over by the state'), (21, 900, '2026-07-01', 'sold again');
SELECT results_eq($$SELECT kind, valid_from, direction, before, after, change, change_pct, motive, decided_by FROM limit_journal WHERE customer_id = 21 ORDER BY credit_limit_id$$,
    $$VALUES ('base', date '2026-05-02', 'first', NULL::numeric, 1000::numeric, NULL::numeric, NULL::numeric, 'first', pg_temp.me()), ('base', '2026-05-02', 'increase', 1000, 1500, 500, 50.00, 'pays well', pg_temp.me()),
             ('temporary', '2026-05-10', 'increase', 1500, 2000, 500, 33.33, 'fair', pg_temp.me()), ('base', '2026-05-15', 'unchanged', 2000, 2000, 0, 0.00, 'late', pg_temp.me()), ('trial', '2026-05-15', 'unchanged', 2000, 2000, 0, 0.00, 'beside the base limit', pg_temp.me()),
             ('base', '2026-06-01', 'increase', 600, NULL, NULL, NULL, 'taken over by the state', pg_temp.me()), ('base', '2026-07-01', 'decrease', NULL, 900, NULL, NULL, 'sold again', pg_temp.me())$$, '003-06 the journal: before, after, direction, motive, author');
SELECT results_eq($$SELECT d, pg_temp.limits(21, d), pg_temp.limits(21, d, then2), pg_temp.limits(21, d, then1) FROM unnest('{2026-05-01,2026-05-02,2026-05-10,2026-05-20,2026-05-21,2026-06-01,2026-07-01}'::date[]) d,
      (SELECT (SELECT recorded_at FROM limited.credit_limit WHERE customer_id = 21 AND reason = 'first') AS then1, (SELECT recorded_at FROM limited.credit_limit WHERE customer_id = 21 AND reason = 'fair') AS then2) t$$,
    $$VALUES (date '2026-05-01', 'none', 'none', 'none'), ('2026-05-02', '1500', '1500', '1000'), ('2026-05-10', '2000', '2000', '1000'), ('2026-05-20', '2000', '2000', '1000'), ('2026-05-21', '600', '1500', '1000'), ('2026-06-01', 'unlimited', '1500', '1000'), ('2026-07-01', '900', '1500', '1000')$$,
    '003-06 the limit of any day, as known at any instant');
INSERT INTO credit_limit (customer_id, amount, currency) VALUES (22, 1000, 'EUR'), (23, 1234.56, 'EUR'), (24, 990, 'EUR'), (26, NULL, 'EUR');
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-05-01', 0.85), ('JPY', '2026-05-01', 0.006);
INSERT INTO credit_limit (customer_id, amount, currency) VALUES (25, 100000, 'JPY');
SELECT results_eq($$SELECT customer_id, currency, before, after FROM adjust_limits('{24,22,23,23}', change_pct => 10, round_to => 100, motive => 'a good year')$$, $$VALUES (22::bigint, 'EUR', 1000::numeric, 1100::numeric), (23, 'EUR', 1234.56, 1300), (24, 'EUR', 990, 1000)$$, '003-06 in bulk: one decision for each');
SELECT is((SELECT string_agg(pg_temp.limits(i), ' ' ORDER BY i) FROM generate_series(22, 24) i), '1100 1300 1000', '003-06 plus ten percent, rounded down to hundreds');
SELECT results_eq($$SELECT customer_id, before, after FROM adjust_limits('{22,23,25}', change_pct => -33.333, motive => 'a bad one')$$, $$VALUES (22::bigint, 1100::numeric, 733.33), (23, 1300, 866.67), (25, 100000, 66667)$$, '003-06 a third less, to the minor unit of each currency');
SELECT results_eq($$SELECT customer_id, before, after FROM adjust_limits('{22,23}', change_amount => -800, motive => 'by an amount', valid_from => '2026-05-10')$$, $$VALUES (22::bigint, 733.33, 0::numeric), (23, 866.67, 66.67)$$, '003-06 by an amount, not below zero, from a day on');
SELECT is((SELECT string_agg(pg_temp.limits(22, d::date), ' ' ORDER BY d) FROM generate_series(date '2026-05-09', '2026-05-10', '1 day') d), '733.33 0', '003-06 from that day');
SELECT is((SELECT string_agg(concat_ws(' ', direction, trim_scale(change)), ', ' ORDER BY credit_limit_id) FROM limit_journal WHERE customer_id = 22), 'first, increase 100, decrease -366.67, decrease -733.33', '003-06 in the journal');
SELECT throws_ok(s, e, m, '003-06 ' || s) FROM (VALUES
    ('SELECT adjust_limits(''{22}'', 10, 10, motive => ''x'')', '22023', NULL), ('SELECT adjust_limits(''{22}'', motive => ''x'')', '22023', NULL), ('SELECT adjust_limits(''{22}'', 10)', '22023', NULL), ('SELECT adjust_limits(''{22}'', -101, motive => ''x'')', '22023', NULL), ('SELECT adjust_limits(''{22}'', ''NaN'', motive => ''x'')', '22023', NULL),
    ('SELECT adjust_limits(''{22}'', 10, round_to => 0, motive => ''x'')', '22023', NULL), ('SELECT adjust_limits(''{22,26,27,999}'', 10, motive => ''x'')', 'CR012', 'no base limit to adjust on 2026-05-02 for: C26, C27, 999'), ('SELECT adjust_limits(''{22,70}'', 10, motive => ''x'')', 'CR012', NULL)) v (s, e, m);
SELECT is(left(pg_temp.try('limit_clerk', 'SELECT limited.adjust_limits(''{22}'', 10, motive => ''x'')'), 5), '42501', '003-06 not by a clerk');
SELECT is(pg_temp.try('limit_anna', 'SELECT limited.adjust_limits(''{22}'', 10, motive => ''x'')'), '1', '003-06 a manager may');
SELECT is((SELECT recorded_by FROM credit_limit WHERE customer_id = 22 ORDER BY credit_limit_id DESC LIMIT 1), 'limit_anna', '003-06 in his own name');
SELECT is_empty('SELECT * FROM adjust_limits(''{}'', 10, motive => ''x'')', '003-06 nobody, nothing');
-- Limits that end.
INSERT INTO credit_limit (customer_id, amount) VALUES (31, 1000), (32, 1000), (33, 1000);
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (31, 'temporary', 2000, '2026-05-02', '2026-05-20'), (32, 'temporary', 2000, '2026-05-02', '2026-05-20'), (34, 'trial', 4000, '2026-05-02', '2026-05-25');
INSERT INTO credit_limit (customer_id, level, kind, amount, valid_from, valid_to) VALUES (33, 'group', 'base', 800, '2026-05-02', '2026-05-30');
INSERT INTO credit_limit (customer_id, amount, valid_from, valid_to) VALUES (33, 5000, '2026-05-02', '2026-08-31');
INSERT INTO sales_order (customer_id, amount) VALUES (31, 1500), (32, 900), (34, 3500), (33, 700);
SELECT results_eq('SELECT customer_id, kind, level, valid_to, days_left, amount_base, falls_back_to, exposure, excess FROM limit_expiries() WHERE customer_id BETWEEN 31 AND 34 ORDER BY 1',
    $$VALUES (31::bigint, 'temporary', 'customer', date '2026-05-20', 18, 2000::numeric, 1000::numeric, 1500::numeric, 500::numeric), (32, 'temporary', 'customer', '2026-05-20', 18, 2000, 1000, 900, 0), (33, 'base', 'group', '2026-05-30', 28, 800, NULL, 700, NULL), (34, 'trial', 'customer', '2026-05-25', 23, 4000, 3000, 3500, 500)$$,
    '003-06 what ends within 30 days, and what it falls back to');
SELECT results_eq('SELECT customer_id FROM limit_expiries(18) WHERE customer_id BETWEEN 31 AND 34 ORDER BY 1', 'VALUES (31::bigint), (32)', '003-06 within fewer days fewer');
SELECT pg_temp.day('2026-07-01') \g /dev/null
SELECT results_eq('SELECT customer_id, kind, days_left, falls_back_to, exposure, excess FROM limit_expiries() WHERE customer_id BETWEEN 31 AND 34 ORDER BY 1',
    $$VALUES (31::bigint, 'temporary', -42, 1000::numeric, 1500::numeric, 500::numeric), (34, 'trial', -37, 3000, 3500, 500)$$, '003-06 after the end: who stands above, without any order');
INSERT INTO credit_limit (customer_id, amount) VALUES (31, 1600);
SELECT is_empty('SELECT * FROM limit_expiries() WHERE customer_id = 31', '003-06 until somebody has decided');
SELECT pg_temp.law('003-06');

-- 000-18 On trial --------------------------------------------------------------------------------
SELECT pg_temp.day('2026-07-01') \g /dev/null
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-07-01', 0.5);
INSERT INTO credit_limit (customer_id, kind, amount, valid_to, max_document_amount, paid_invoices_required) VALUES (41, 'trial', 1000, '2026-12-31', 600, 3), (43, 'trial', 1000, '2026-12-31', 600, NULL);
SELECT is(pg_temp.order_of(41, 700), 'open', '000-18 first order within the trial limit');
SELECT is(pg_temp.order_of(41, 301), 'held credit_limit_exceeded', '000-18 the second goes over it: held');
SELECT cancel_order(order_id) FROM sales_order WHERE customer_id = 41 \g /dev/null
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('trial_document', 'hold', 0);
SELECT is(pg_temp.order_of(41, 600), 'open', '000-18 with the rule: an order of the bound passes');
SELECT cancel_order(order_id) FROM sales_order WHERE customer_id = 41 AND cancelled_on IS NULL \g /dev/null
SELECT is(pg_temp.order_of(41, 600.01), 'held trial_document', '000-18 above it: held');
SELECT matches((SELECT cure FROM credit_decision WHERE customer_id = 41 ORDER BY decision_id DESC LIMIT 1), 'passes up to 600, or once 3 invoices are paid on time \(0 so far\)', '000-18 and says what would cure it');
SELECT is((SELECT concat_ws(' ', inputs->>'trial_document_limit', inputs->>'trial_document_excess', inputs->>'trial_paid') FROM credit_decision WHERE customer_id = 41 ORDER BY decision_id DESC LIMIT 1), '600 0.01 0', '000-18 with the figures');
SELECT is((SELECT concat_ws(' ', outcome, reasons) FROM check_order(41, 650)), 'held {trial_document}', '000-18 asked before, the same answer');
SELECT is(pg_temp.order_of(42, 2000), 'open', '000-18 who is not on trial has no such bound');
SELECT is(pg_temp.order_of(43, 700, currency => 'USD'), 'open', '000-18 700 dollars are 350');
SELECT cancel_order(order_id) FROM sales_order WHERE customer_id = 41 AND cancelled_on IS NULL \g /dev/null
SELECT is(propose_trial_limits(), 0::bigint, '000-18 nothing is proposed yet');
-- Four invoices: two in time, one late, one by cheque.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (41, 411, 'T1', '2026-07-01', '2026-07-31', 400), (41, 412, 'T2', '2026-07-05', '2026-08-04', 500), (41, 413, 'T3', '2026-07-06', '2026-07-16', 100), (41, 414, 'T4', '2026-07-07', '2026-08-06', 800),
    (41, 415, 'T5', '2026-07-08', '2026-08-07', 60), (41, 416, 'T6', '2026-06-01', '2026-07-31', 90);
SELECT pg_temp.day('2026-08-03') \g /dev/null
CREATE FUNCTION pg_temp.pay(bill bigint, day date, sum numeric DEFAULT NULL, means text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    WITH p AS (INSERT INTO limited.payment (customer_id, received_on, amount, method) SELECT customer_id, day, coalesce(sum, amount), means FROM limited.invoice WHERE invoice_id = bill RETURNING customer_id, payment_id, amount)
    INSERT INTO limited.allocation (customer_id, payment_id, invoice_id, amount) SELECT customer_id, payment_id, bill, amount FROM p RETURNING payment_id
$$;
SELECT pg_temp.pay(411, '2026-08-03'), pg_temp.pay(413, '2026-07-20'), pg_temp.pay(416, '2026-07-30') \g /dev/null
SELECT pg_temp.day('2026-08-10') \g /dev/null
SELECT pg_temp.pay(412, '2026-08-08', 200), pg_temp.pay(412, '2026-08-07', 300) \g /dev/null
SELECT pg_temp.pay(414, '2026-08-05', means => 'cheque') AS cheque \gset
SELECT results_eq('SELECT invoice_no, paid_on FROM paid_on_time(41, ''2026-07-01'', ''2026-08-10'') ORDER BY 1', $$VALUES ('T1', date '2026-08-03')$$, '000-18 in time: three days after the due date, or after the next business day; not four, not partly late, not by a cheque that can come back, not before the trial');
SELECT is(propose_trial_limits(), 0::bigint, '000-18 one is not three');
SELECT pg_temp.pay(415, '2026-08-10') \g /dev/null
SELECT confirm_payment(:cheque) \g /dev/null
SELECT set_eq('SELECT invoice_no FROM paid_on_time(41, ''2026-07-01'', ''2026-08-10'')', '{T1,T4,T5}'::text[], '000-18 the cheque is final: three');
SELECT is(pg_temp.order_of(41, 700), 'open', '000-18 the bound of one order has ended');
SELECT is(propose_trial_limits(), 1::bigint, '000-18 after the third a limit is proposed');
SELECT is(propose_trial_limits(), 0::bigint, '000-18 once');
SELECT results_eq($$SELECT requested_by, kind, amount, motive, evidence, outcome FROM limit_request WHERE customer_id = 41$$,
    $$VALUES ('system', 'base', 1400::numeric, '3 invoices paid on time on trial (3 asked for); sales of 1860 in 40 days at 29 days of credit', 'T1, T4, T5', NULL)$$, '000-18 what its sales need, with the reason and the evidence');
SELECT is(pg_temp.limits(41), '1000', '000-18 a proposal is no limit');
SELECT decide_limit_request(limit_request_id, 'approved') FROM limit_request WHERE customer_id = 41 \g /dev/null
SELECT is(pg_temp.limits(41), '1400', '000-18 approved, it replaces the trial');
SELECT is(propose_trial_limits('2026-09-01'), 0::bigint, '000-18 and nothing more is proposed');
SELECT is(left(pg_temp.try('limit_clerk', 'SELECT limited.propose_trial_limits()'), 5), '42501', '000-18 not for a clerk');
SELECT is(:'proposed'::text, 'system 500 F1', '000-18 the nightly run proposes, and not twice');
SELECT pg_temp.law('000-18');

-- 001-22 One number ------------------------------------------------------------------------------
SELECT pg_temp.day('2026-08-10') \g /dev/null
SELECT retire_rule(rule_id) FROM rule_in_force WHERE kind = 'trial_document' \g /dev/null
INSERT INTO credit_limit (customer_id, amount) VALUES (51, 1000), (52, NULL), (53, 0);
SELECT is(pg_temp.available(51), '1000 1000 1000 1000', '001-22 before: function, view, question and past day');
SELECT is((SELECT concat_ws(' ', status, available) FROM place_order(51, 400)), 'open 1000', '001-22 and what the trigger went by');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (51, 511, 'F', 250);
INSERT INTO payment (customer_id, amount) VALUES (51, 50);
SELECT is(pg_temp.available(51), '400 400 400 400', '001-22 after an order, an invoice and cash');
SELECT is((SELECT concat_ws(' ', status, available, exposure_after, available_credit(51)) FROM place_order(51, 401)), 'held 400 1001 400', '001-22 the trigger: the same');
SELECT is(available_credit(70) = available_credit(1), true, '001-22 of a site: that of its payer');
SELECT is(pg_temp.available(52), '', '001-22 unlimited');
SELECT is(pg_temp.available(53), '0 0 0 0', '001-22 nothing on credit');
SELECT is(pg_temp.available(54), '3000 3000 3000 3000', '001-22 not decided: the default');
SELECT is(available_credit(999), NULL, '001-22 of nobody: nothing');
UPDATE ledger SET credit_horizon_days = 30;
INSERT INTO sales_order (customer_id, order_no, amount, deliver_on) VALUES (54, 'far', 2000, '2026-12-01'), (54, 'near', 500, '2026-08-20');
SELECT is((SELECT concat_ws(' ', available_credit(54), (SELECT available FROM exposure WHERE customer_id = 54), (check_order(54, 0)).available)), '2500 2500 2500', '001-22 orders beyond the horizon do not count yet');
SELECT is((SELECT concat_ws(' ', outcome, reasons) FROM check_order(54, 2500)) || ', ' || (SELECT outcome FROM check_order(54, 2501)), 'passed {}, held', '001-22 and an order that fits so passes');
UPDATE ledger SET credit_horizon_days = NULL;
SELECT is(pg_temp.available(54), '500 500 500 500', '001-22 without a horizon they do');

-- 002-09 Scope: group and units --------------------------------------------------------------------
INSERT INTO customer (customer_id, code, name, currency, terms, risk_class) VALUES (100, 'HOLD', 'Holding', NULL, NULL, 'B'), (101, 'CO', 'Company', 'EUR', 'net 30', 'B');
UPDATE customer SET parent_id = 100 WHERE customer_id = 101;
SELECT setval(pg_get_serial_sequence('customer', 'customer_id'), 200) \g /dev/null
SELECT open_unit_account(101, 'machines', 'CO-M') AS machines \gset
SELECT open_unit_account(101, 'parts', 'CO-P', 'Company, parts', 'USD') AS parts \gset
SELECT results_eq(format('SELECT code, name, parent_id, business_unit, currency, terms, risk_class, payer_id FROM customer WHERE customer_id IN (%s, %s) ORDER BY 1', :machines, :parts),
    $$VALUES ('CO-M', 'Company – machines', 101::bigint, 'machines', 'EUR', 'net 30', 'B', NULL::bigint), ('CO-P', 'Company, parts', 101, 'parts', 'USD', 'net 30', 'B', NULL)$$, '002-09 accounts of units below the customer as a whole');
SELECT throws_ok(s, e, NULL, '002-09 ' || s) FROM (VALUES
    ('SELECT open_unit_account(101, ''parts'', ''CO-X'')', 'CR012'), ('SELECT open_unit_account(999, ''parts'', ''CO-X'')', 'CR004'), ('SELECT open_unit_account(NULL, ''parts'', ''CO-X'')', 'CR004'), ('SELECT open_unit_account(70, ''parts'', ''CO-X'')', 'CR004'),
    ('SELECT open_unit_account(101, '''', ''CO-X'')', '22023'), ('SELECT open_unit_account(101, NULL, ''CO-X'')', '22023'), ('SELECT open_unit_account(101, ''new'', ''CO-M'')', '23505'), (format('SELECT open_unit_account(%s, ''a'', ''CO-X'')', :machines), 'CR004')) v (s, e);
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-08-10', 0.8);
INSERT INTO credit_limit (customer_id, level, amount, currency) VALUES (100, 'group', 2500, NULL), (101, 'group', 2000, 'USD'), (:machines, 'customer', 1000, 'EUR'), (:parts, 'customer', 1500, 'USD'), (101, 'customer', 2000, NULL), (100, 'customer', 5000, NULL);
SELECT is((SELECT string_agg(concat_ws(' ', code, pg_temp.available(customer_id)), ', ' ORDER BY code) FROM customer WHERE code ~ '^(HOLD|CO)'), 'CO 1600 1600 1600 1600, CO-M 1000 1000 1000 1000, CO-P 1200 1200 1200 1200, HOLD 2500 2500 2500 2500', '002-09 before: each level, in base currency');
SELECT is(pg_temp.order_of(:machines, 1001), 'held credit_limit_exceeded', '002-09 above the unit''s own limit');
SELECT is(pg_temp.order_of(:machines, 900), 'open', '002-09 within it');
SELECT is((SELECT string_agg(concat_ws(' ', code, pg_temp.available(customer_id)), ', ' ORDER BY code) FROM customer WHERE code ~ '^(HOLD|CO)'), 'CO 700 700 700 700, CO-M 100 100 100 100, CO-P 700 700 700 700, HOLD 1600 1600 1600 1600', '002-09 what is left at each level');
SELECT is(pg_temp.order_of(:parts, 876, currency => 'USD'), 'held group_limit_exceeded', '002-09 within the unit''s 1,500 dollars, above what the customer as a whole has left');
SELECT is(pg_temp.order_of(:parts, 875, currency => 'USD'), 'open', '002-09 875 dollars are the 700 euros left');
SELECT is(pg_temp.order_of(101, 1), 'held group_limit_exceeded', '002-09 the customer as a whole has nothing left');
SELECT is(pg_temp.order_of(100, 901), 'held group_limit_exceeded', '002-09 nor the holding beyond its own limit of the group');
SELECT is(pg_temp.order_of(100, 900), 'open', '002-09 up to it');
SELECT results_eq('SELECT code, exposure, group_limit, available, utilization_pct FROM group_exposure WHERE code ~ ''^(HOLD|CO)'' ORDER BY 1', $$VALUES ('CO', 1600::numeric, 1600::numeric, 0::numeric, 100.00), ('CO-M', 900, NULL, NULL, NULL), ('CO-P', 700, NULL, NULL, NULL), ('HOLD', 2500, 2500, 0, 100.00)$$, '002-09 the groups and their limits');
SELECT is((SELECT concat_ws(' ', outcome, trim_scale(available), reasons) FROM check_order(:machines, 50)), 'held 0 {group_limit_exceeded}', '002-09 asked before: two levels above have nothing left');
SELECT is((SELECT string_agg(concat_ws(' ', code, trim_scale(available)), ', ' ORDER BY code) FROM exposure_as_of('2026-08-09') WHERE code ~ '^(HOLD|CO)'), 'CO 3000, CO-M 3000, CO-P 3000, HOLD 3000', '002-09 the day before none of it was decided');
INSERT INTO credit_limit (customer_id, level, amount) VALUES (101, 'group', NULL);
SELECT is(pg_temp.available(:machines), '0 0 0 0', '002-09 one level is lifted, the other still holds');
INSERT INTO credit_limit (customer_id, level, kind, amount, valid_to) VALUES (100, 'group', 'temporary', 2600, '2026-08-31');
SELECT is(pg_temp.available(:machines), '100 100 100 100', '002-09 a temporary limit of the group');
SELECT pg_temp.day('2026-09-01') \g /dev/null
SELECT is(pg_temp.available(:machines), '0 0 0 0', '002-09 which ends by itself');
-- A customer without any group may have a limit of that level, too.
INSERT INTO credit_limit (customer_id, level, amount) VALUES (55, 'group', 100);
SELECT is(pg_temp.order_of(55, 101) || ' ' || pg_temp.available(55), 'held group_limit_exceeded 100 100 100 100', '002-09 alone: the same');
SELECT pg_temp.law('002-09');

SELECT * FROM finish();
ROLLBACK;
