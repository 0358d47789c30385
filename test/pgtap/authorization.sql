-- Authorizations: credit reserved, used up by orders, given back.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('reserved') \g /dev/null
SET LOCAL search_path = reserved, credit_risk, public;
CREATE ROLE auth_clerk;
SELECT credit_risk.grant_ledger_access('reserved', 'auth_clerk', 'clerk') \g /dev/null
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 9) i;
INSERT INTO credit_limit (customer_id, amount, valid_from) SELECT i, 1000, '2026-01-01' FROM generate_series(1, 9) i;
CREATE FUNCTION pg_temp.open(id bigint) RETURNS numeric LANGUAGE sql AS $$ SELECT open_orders FROM reserved.credit_account WHERE customer_id = id $$;

SELECT authorization_id AS a, authorization_no AS no FROM authorize_credit(1, 600, '2026-04-30', 'spring campaign') \gset
SELECT is(:'no', 'AUTH-' || :a, 'an authorization has a number');
SELECT is(pg_temp.open(1), 600::numeric, 'it counts against the limit like an order');
SELECT is((SELECT outcome FROM check_order(1, 401)), 'held', 'what is reserved is not for others');
SELECT throws_ok($$SELECT authorize_credit(1, 401, '2026-04-30', 'more')$$, 'CR001', NULL, 'nor for another authorization');
SELECT results_eq('SELECT code, amount, used_amount, left_amount, valid_until, reason, status, orders FROM credit_authorization',
    $$VALUES ('C1', 600::numeric, 0::numeric, 600::numeric, date '2026-04-30', 'spring campaign', 'in_force', '{}'::text[])$$, 'the list');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, authorization_id) VALUES (1, 11000, 'A', 250, :a);
SELECT is((SELECT status FROM sales_order WHERE order_id = 11000) || pg_temp.open(1), 'open600', 'an order uses it: exposure is as before');
SELECT results_eq('SELECT used_amount, left_amount, orders FROM credit_authorization', $$VALUES (250::numeric, 350::numeric, '{A}'::text[])$$, 'used and left');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, authorization_id) VALUES (1, 11001, 'B', 300, :a), (1, 11002, 'C', 400, :a);
SELECT is((SELECT string_agg(status, ' ' ORDER BY order_id) FROM sales_order WHERE order_no IN ('B', 'C')) || pg_temp.open(1), 'open open950', 'two in one statement, the second beyond it: judged for the rest');
SELECT is((SELECT status || left_amount FROM credit_authorization), 'used_up0', 'it is used up');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, authorization_id) VALUES (1, 11003, 'D', 51, :a);
SELECT is((SELECT status FROM sales_order WHERE order_id = 11003), 'held', 'and then an order is one like any other');
SELECT is_empty('SELECT * FROM verify()', 'verify()');

-- Ended
SELECT authorization_id AS b FROM authorize_credit(2, 700, '2026-04-10', 'project') \gset
INSERT INTO sales_order (customer_id, order_no, amount, authorization_id) VALUES (2, 'A', 100, :b);
SELECT is(cancel_authorization(:b), 'cancelled', 'cancelled');
SELECT is(pg_temp.open(2), 100::numeric, 'what was left is free, what was used is not');
SELECT throws_ok(format('SELECT cancel_authorization(%s)', :b), 'CR012', NULL, 'once');
SELECT throws_ok(format('INSERT INTO sales_order (customer_id, amount, authorization_id) VALUES (2, 1, %s)', :b), 'CR012', NULL, 'it is not used any more');
SELECT authorization_id AS c FROM authorize_credit(3, 700, '2026-04-10', 'project') \gset
UPDATE ledger SET pinned_date = '2026-04-10';
INSERT INTO sales_order (customer_id, order_no, amount, authorization_id) VALUES (3, 'A', 100, :c);
UPDATE ledger SET pinned_date = '2026-04-11';
SELECT throws_ok(format('INSERT INTO sales_order (customer_id, amount, authorization_id) VALUES (3, 1, %s)', :c), 'CR012', NULL, 'after its last day neither');
SELECT is((SELECT status FROM credit_authorization WHERE authorization_id = :c), 'expired', 'it shows as expired');
SELECT is(pg_temp.open(3), 700::numeric, 'and counts until the nightly run');
SELECT is(expire_authorizations(), 1::bigint, 'which ends it');
SELECT is(pg_temp.open(3), 100::numeric, 'what was left is free');
SELECT is(expire_authorizations(), 0::bigint, 'once');
SELECT results_eq('SELECT exposure FROM unnest(''{2026-03-31,2026-04-10,2026-04-11}''::date[]) d, exposure_as_of(d) WHERE customer_id = 3 ORDER BY d', 'VALUES (700::numeric), (700), (100)', 'as of each day');

-- What is refused
INSERT INTO exchange_rate VALUES ('USD', '2026-04-10', 0.9);
SELECT authorization_id AS d FROM authorize_credit(4, 100, '2026-05-10', 'project', 'USD') \gset
SELECT is(pg_temp.open(4), 90::numeric, 'in foreign currency it counts at the rate of its day');
SELECT throws_ok(format(s, :d), e, NULL, s) FROM (VALUES
    ('INSERT INTO sales_order (customer_id, amount, authorization_id) VALUES (4, 1, %s)', 'CR006'), ('INSERT INTO sales_order (customer_id, amount, currency, authorization_id) VALUES (5, 1, ''USD'', %s)', '23503'),
    ('INSERT INTO delivery (customer_id, order_id, amount, currency) VALUES (4, %s, 1, ''USD'')', '23514'),
    ('UPDATE sales_order SET authorization_id = NULL, is_authorization = false WHERE order_id = %s', 'CR010'),
    ('UPDATE sales_order SET authorization_id = 12345 WHERE order_id = 11000 AND %s > 0', 'CR010'),
    ('SELECT authorize_credit(4, 0, ''2026-05-10'', ''x'') WHERE %s > 0', '22023'), ('SELECT authorize_credit(4, 1, ''2026-04-01'', ''x'') WHERE %s > 0', '22023'),
    ('SELECT authorize_credit(4, 1, ''2026-05-10'', '''') WHERE %s > 0', '22023'), ('SELECT authorize_credit(NULL, 1, ''2026-05-10'', ''x'') WHERE %s > 0', 'CR004'),
    ('UPDATE credit_reservation SET amount = 1 WHERE order_id = %s', 'CR010'), ('DELETE FROM credit_reservation WHERE order_id = %s', 'CR010'), ('SELECT cancel_authorization(-%s)', 'CR012')) v (s, e);
SET LOCAL ROLE auth_clerk;
SELECT lives_ok($$SELECT authorize_credit(6, 500, '2026-05-10', 'fair')$$, 'a clerk may reserve');
SELECT throws_ok($$UPDATE sales_order SET amount = 1 WHERE order_no LIKE 'AUTH-%' AND customer_id = 6$$, 'CR010', NULL, 'but not change what is reserved');
SELECT throws_ok($$UPDATE sales_order SET cancelled_on = '2026-04-11' WHERE order_no LIKE 'AUTH-%' AND customer_id = 6$$, 'CR010', NULL, 'nor cancel it otherwise');
SELECT throws_ok($$INSERT INTO sales_order (customer_id, amount, is_authorization) VALUES (6, 1, true)$$, '42501', NULL, 'nor write one');
SELECT throws_ok($$INSERT INTO credit_reservation (customer_id, order_id, amount, currency, valid_until, reason) VALUES (6, 1, 1, 'EUR', '2026-05-10', 'x')$$, '42501', NULL, 'nor another');
SELECT lives_ok($$INSERT INTO sales_order (customer_id, order_no, amount, authorization_id) SELECT 6, 'A', 500, authorization_id FROM credit_authorization WHERE customer_id = 6$$, 'a clerk uses it');
RESET ROLE;
SELECT is(pg_temp.open(6), 500::numeric, 'the same euro once');
SELECT is_empty('SELECT * FROM verify()', 'verify()');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT rebuild()), 0::bigint, 'rebuild() finds nothing');
SELECT * FROM finish();
ROLLBACK;
