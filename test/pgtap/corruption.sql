-- Every maintained column, corrupted with the triggers off: verify() names that
-- row and that column, rebuild() repairs it on record.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('corrupted') \g /dev/null
SET LOCAL search_path = corrupted, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', await_sending = false;

-- 1 is the head of 2; 3 stands alone; 4 is a site of 3.
INSERT INTO customer (customer_id, code, name) VALUES (1, 'C1', 'Head');
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (2, 'C2', 'Member', 1);
INSERT INTO customer (customer_id, code, name) VALUES (3, 'C3', 'Alone');
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (4, 'C4', 'Site', 3);
INSERT INTO credit_limit (customer_id, amount, valid_from) VALUES (1, 5000, '2026-01-01'), (2, 5000, '2026-01-01');
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (2, 'temporary', 9000, '2026-02-01', '2026-05-31');
INSERT INTO sales_order (customer_id, order_id, order_no, ordered_on, amount) VALUES (2, 21, 'O1', '2026-01-02', 100), (2, 22, 'O2', '2026-01-02', 300), (3, 31, 'O3', '2026-02-02', 70);
INSERT INTO delivery (customer_id, delivery_id, order_id, delivered_on, amount) VALUES (2, 21, 22, '2026-01-05', 200);
INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount) VALUES (3, 31, '2026-01-05', 15);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, issued_on, due_on, amount) VALUES (2, 21, 'I1', 22, '2026-01-05', '2026-02-04', 150);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, instalment_due_on, instalment_amount, amount)
VALUES (2, 22, 'I2', '2026-01-05', '2026-03-31', '{2026-02-28,2026-03-31}', '{40,60}', 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (2, 23, 'CN', 'credit_note', '2026-01-06', '2026-01-06', 5);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (2, 21, '2026-02-10', 60), (3, 31, '2026-02-10', 1);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, instalment_no, amount) VALUES (2, 21, 21, 22, 1, 40);
SELECT * FROM run_daily() \g /dev/null
SELECT is_empty('SELECT * FROM verify()', 'all is well before');
SELECT isnt((SELECT stepped_on FROM open_item WHERE invoice_id = 21), NULL, 'an item has been dunned');

-- Do it with the triggers off; the differences, whether rebuild() counts them,
-- keeps them and leaves none.
CREATE FUNCTION pg_temp.corrupt(what text, statement text, differences text) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
    found text;
    number bigint;
    kept bigint;
    repaired bigint;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    EXECUTE statement;
    PERFORM set_config('session_replication_role', 'origin', true);
    SELECT string_agg(format('%s %s %s', object, customer_id, field), ', ' ORDER BY object, customer_id, field), count(*) INTO found, number FROM corrupted.verify();
    RETURN NEXT is(found, differences, what || ': verify() names it');
    SELECT count(*) INTO kept FROM corrupted.rebuild_record;
    repaired := corrupted.rebuild();
    RETURN NEXT is(repaired, number, what || ': rebuild() counts the differences');
    SELECT count(*) - kept INTO kept FROM corrupted.rebuild_record;
    RETURN NEXT is(kept, number, what || ': and keeps them');
    RETURN NEXT is_empty('SELECT * FROM corrupted.verify()', what || ': verify() is empty again');
END $$;
CREATE TEMP TABLE sound_account AS TABLE credit_account;
CREATE TEMP TABLE sound_item AS TABLE open_item;
CREATE TEMP TABLE sound_order AS SELECT order_id, status, amount, delivered_amount, invoiced_amount, open_amount FROM sales_order;
CREATE FUNCTION pg_temp.healed(what text) RETURNS SETOF text LANGUAGE sql AS
$$
    SELECT set_eq('TABLE corrupted.credit_account', 'TABLE sound_account', what || ': every account is what it was')
    UNION ALL SELECT set_eq('TABLE corrupted.open_item', 'TABLE sound_item', what || ': every item is what it was')
    UNION ALL SELECT set_eq('SELECT order_id, status, amount, delivered_amount, invoiced_amount, open_amount FROM corrupted.sales_order', 'TABLE sound_order', what || ': every order is what it was')
    UNION ALL SELECT is((SELECT count(*) FROM corrupted.dunning_action), 1::bigint, what || ': and nothing was queued')
$$;

-- Accounts.
SELECT pg_temp.corrupt(c, format('UPDATE credit_account SET %1$s = %1$s + 0.01 WHERE customer_id = 2', c), 'credit_account 2 ' || c)
FROM unnest('{receivable,unbilled,open_orders,unapplied,group_exposure}'::text[]) c;
SELECT pg_temp.corrupt('group_exposure of the head', 'UPDATE credit_account SET group_exposure = 0 WHERE customer_id = 1', 'credit_account 1 group_exposure');
SELECT pg_temp.corrupt('group_path', 'UPDATE credit_account SET group_path = NULL WHERE customer_id = 2', 'credit_account 2 group_path');
SELECT pg_temp.corrupt('credit_limit', 'UPDATE credit_account SET credit_limit = 9001 WHERE customer_id = 2', 'credit_account 2 credit_limit');
SELECT pg_temp.corrupt('credit_limit where none was decided', 'UPDATE credit_account SET credit_limit = 1 WHERE customer_id = 3', 'credit_account 3 credit_limit');
SELECT pg_temp.corrupt('unlimited', 'UPDATE credit_account SET unlimited = true WHERE customer_id = 2', 'credit_account 2 unlimited');
SELECT pg_temp.corrupt('limit_since', $$UPDATE credit_account SET limit_since = '2026-02-15' WHERE customer_id = 2$$, 'credit_account 2 limit_since');
SELECT pg_temp.corrupt('limit_until', $$UPDATE credit_account SET limit_until = NULL WHERE customer_id = 2$$, 'credit_account 2 limit_until');
SELECT pg_temp.corrupt('blocked', 'UPDATE credit_account SET blocked = true WHERE customer_id = 3', 'credit_account 3 blocked');
SELECT pg_temp.corrupt('account deleted', 'DELETE FROM credit_account WHERE customer_id = 3', 'credit_account 3 customer_id');
SELECT pg_temp.corrupt('account of a head deleted', 'DELETE FROM credit_account WHERE customer_id = 1', 'credit_account 1 customer_id');
SELECT pg_temp.corrupt('account too many', 'INSERT INTO credit_account (customer_id) VALUES (4)', 'credit_account 4 customer_id');
SELECT pg_temp.healed('accounts');

-- Items.
SELECT pg_temp.corrupt(c.name, format('UPDATE open_item SET %s = %L WHERE invoice_id = 21', c.name, c.value), 'open_item 21/1 2 ' || c.name)
FROM (VALUES ('kind', 'debit_note'), ('currency', 'USD'), ('due_on', '2026-02-05'), ('open_amount', '150.01'), ('open_amount_base', '149.99'),
             ('dunning_level', '3'), ('cycle', '2'), ('step_no', '3'), ('stepped_on', '2026-03-01'), ('next_action_on', '2026-12-31')) c (name, value);
SELECT pg_temp.corrupt(c || ' lost', format('UPDATE open_item SET %s = NULL WHERE invoice_id = 21', c), 'open_item 21/1 2 ' || c)
FROM unnest('{stepped_on,next_action_on}'::text[]) c;
SELECT pg_temp.corrupt('instalment', 'UPDATE open_item SET open_amount = 61 WHERE invoice_id = 22', 'open_item 22/2 2 open_amount');
SELECT pg_temp.corrupt('credit note', 'UPDATE open_item SET open_amount_base = -6 WHERE invoice_id = 23', 'open_item 23/1 2 open_amount_base');
SELECT pg_temp.corrupt('item deleted', 'DELETE FROM open_item WHERE invoice_id = 21', 'open_item 21/1 2 invoice_id');
SELECT pg_temp.corrupt('item too many', $$INSERT INTO open_item (customer_id, invoice_id, instalment_no, kind, currency, due_on, open_amount, open_amount_base)
    VALUES (2, 22, 1, 'invoice', 'EUR', '2026-02-28', 40, 40)$$, 'open_item 22/1 2 invoice_id');
SELECT pg_temp.corrupt('item of nobody', $$INSERT INTO open_item (customer_id, invoice_id, instalment_no, kind, currency, due_on, open_amount, open_amount_base)
    VALUES (99, 99, 1, 'invoice', 'EUR', '2026-02-28', 40, 40)$$, 'open_item 99/1 99 invoice_id');
SELECT pg_temp.healed('items');

-- Orders: what follows from the column is named too, nothing else.
SELECT pg_temp.corrupt('delivered_amount', 'UPDATE sales_order SET delivered_amount = 210 WHERE order_id = 22',
    'credit_account 2 open_orders, credit_account 2 unbilled, sales_order 22 2 delivered_amount, sales_order 22 2 order_event.open_amount_base, sales_order 22 2 order_event.unbilled_base');
SELECT pg_temp.corrupt('invoiced_amount', 'UPDATE sales_order SET invoiced_amount = 140 WHERE order_id = 22',
    'credit_account 1 group_exposure, credit_account 2 group_exposure, credit_account 2 unbilled, sales_order 22 2 invoiced_amount, sales_order 22 2 order_event.unbilled_base');
SELECT pg_temp.healed('orders');
SELECT pg_temp.corrupt('order_event changed', 'UPDATE order_event SET open_amount_base = open_amount_base + 1 WHERE order_id = 31', 'sales_order 31 3 order_event.open_amount_base');
SELECT pg_temp.corrupt('order_event, delivered part', $$UPDATE order_event SET unbilled_base = 0 WHERE order_id = 22 AND event = 'delivered'$$, 'sales_order 22 2 order_event.unbilled_base');
SELECT pg_temp.corrupt('order_event deleted', $$DELETE FROM order_event WHERE order_id = 21$$, 'sales_order 21 2 order_event.open_amount_base');
SELECT pg_temp.corrupt('order_event too many', $$INSERT INTO order_event (customer_id, order_id, event, open_amount_base, unbilled_base, effective_on) VALUES (3, 31, 'changed', 5, 3, '2026-03-01')$$,
    'sales_order 31 3 order_event.open_amount_base, sales_order 31 3 order_event.unbilled_base');
SELECT pg_temp.corrupt('order_event of no order', $$INSERT INTO order_event (customer_id, order_id, event, open_amount_base, unbilled_base, effective_on) VALUES (3, 99, 'placed', 5, 0, '2026-03-01')$$,
    'sales_order 99 3 order_event.open_amount_base');
SELECT pg_temp.healed('events');
SELECT is_empty($$SELECT customer_id, exposure FROM exposure EXCEPT SELECT customer_id, exposure FROM exposure_as_of('2026-03-02')$$, 'the history of the orders is whole again');

-- What was done to an order behind its triggers stays done, and is posted.
SELECT pg_temp.corrupt('status', $$UPDATE sales_order SET status = 'held' WHERE order_id = 31$$, 'credit_account 3 group_exposure, credit_account 3 open_orders, credit_hold of order 31 3 closed_on, sales_order 31 3 order_event.open_amount_base');
SELECT is((SELECT open_orders FROM credit_account WHERE customer_id = 3), 0::numeric, 'a held order does not count');
SELECT pg_temp.corrupt('status back', $$UPDATE sales_order SET status = 'open' WHERE order_id = 31$$, 'credit_account 3 group_exposure, credit_account 3 open_orders, credit_hold of order 31 3 closed_on, sales_order 31 3 order_event.open_amount_base');
SELECT pg_temp.corrupt('amount', $$UPDATE sales_order SET amount = 80 WHERE order_id = 31$$, 'credit_account 3 group_exposure, credit_account 3 open_orders, sales_order 31 3 order_event.open_amount_base');
SELECT is((SELECT open_orders FROM credit_account WHERE customer_id = 3), 80::numeric, 'the amount counts as it stands');
SELECT pg_temp.corrupt('order deleted', 'DELETE FROM sales_order WHERE order_id = 31', 'credit_account 3 group_exposure, credit_account 3 open_orders, sales_order 31 3 order_event.open_amount_base');
SELECT is((SELECT exposure FROM exposure_as_of('2026-03-02') WHERE customer_id = 3), (SELECT exposure FROM credit_account WHERE customer_id = 3), 'also as of today');

-- A fact without its posting.
SELECT pg_temp.corrupt('order not posted', $$INSERT INTO sales_order (customer_id, order_id, ordered_on, amount, currency, rate, rate_on, status, delivered_amount, invoiced_amount, changed_on)
    VALUES (3, 32, '2026-03-02', 50, 'EUR', 1, '2026-03-02', 'open', 0, 0, '2026-03-02')$$, 'credit_account 3 group_exposure, credit_account 3 open_orders, sales_order 32 3 order_event.open_amount_base');
SELECT pg_temp.corrupt('delivery not posted', $$INSERT INTO delivery (customer_id, delivery_id, order_id, delivered_on, amount, currency, rate, rate_on, amount_base, recorded_at, recorded_by)
    VALUES (3, 32, 32, '2026-03-02', 20, 'EUR', 1, '2026-03-02', 20, now(), 'x')$$, 'sales_order 32 3 delivered_amount');
SELECT is((SELECT unbilled || ' ' || open_orders FROM credit_account WHERE customer_id = 3), '35 30', 'it is posted now');
SELECT pg_temp.corrupt('delivery without order not posted', $$INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount, currency, rate, rate_on, amount_base, recorded_at, recorded_by)
    VALUES (3, 33, '2026-03-02', 20, 'EUR', 1, '2026-03-02', 20, now(), 'x')$$, 'credit_account 3 group_exposure, credit_account 3 unbilled');
SELECT pg_temp.corrupt('invoice not posted', $$INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency, rate, rate_on, amount_base, recorded_at, recorded_by)
    VALUES (3, 32, 'I', '2026-03-02', '2026-04-01', 20, 'EUR', 1, '2026-03-02', 20, now(), 'x')$$, 'credit_account 3 group_exposure, credit_account 3 receivable, open_item 32/1 3 invoice_id');
SELECT is((SELECT open_amount FROM open_item WHERE invoice_id = 32), 20::numeric, 'its item is open now');
SELECT pg_temp.corrupt('payment not posted', $$INSERT INTO payment (customer_id, payment_id, received_on, amount, currency, rate, rate_on, amount_base, recorded_at, recorded_by)
    VALUES (3, 32, '2026-03-02', 20, 'EUR', 1, '2026-03-02', 20, now(), 'x')$$, 'credit_account 3 group_exposure, credit_account 3 unapplied');
SELECT pg_temp.corrupt('allocation not posted', $$INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount, amount_base, source_amount_base, effective_on, invoice_issued_on, invoice_due_on, recorded_at, recorded_by)
    VALUES (3, 32, 32, 32, 20, 20, 20, '2026-03-02', '2026-03-02', '2026-04-01', now(), 'x')$$, 'credit_account 3 receivable, credit_account 3 unapplied, open_item 32/1 3 invoice_id');
SELECT is((SELECT count(*) FROM open_item WHERE invoice_id = 32), 0::bigint, 'its item has left');
SELECT pg_temp.corrupt('limit not copied', $$INSERT INTO credit_limit (customer_id, amount, currency, rate, rate_on, amount_base, valid_from, decided_by, recorded_at, recorded_by)
    VALUES (3, 70, 'EUR', 1, '2026-03-02', 70, '2026-03-01', 'x', '2026-03-01', 'x')$$, 'credit_account 3 credit_limit, credit_account 3 limit_since');
SELECT pg_temp.corrupt('parent not followed', 'UPDATE customer SET parent_id = NULL WHERE customer_id = 2',
    'credit_account 1 group_exposure, credit_account 1 group_path, credit_account 2 group_path');
SELECT pg_temp.corrupt('the record of the queue', 'DELETE FROM dunning_action_item WHERE invoice_id = 21',
    'open_item 21/1 2 dunning_level, open_item 21/1 2 next_action_on, open_item 21/1 2 step_no, open_item 21/1 2 stepped_on');
SELECT pg_temp.corrupt('several at once', $$UPDATE credit_account SET receivable = 1, open_orders = 2$$, (SELECT string_agg(format('credit_account %s %s', a.customer_id, f.name), ', ' ORDER BY a.customer_id, f.name)
    FROM credit_account a, LATERAL (VALUES ('receivable', a.receivable <> 1), ('open_orders', a.open_orders <> 2)) f (name, wrong) WHERE f.wrong));

SELECT throws_ok('UPDATE rebuild_record SET stored = NULL', 'CR010', NULL, 'the record of repairs is a fact');
SELECT is((SELECT rebuild()), 0::bigint, 'rebuild() of what is well repairs nothing');
SELECT * FROM finish();
ROLLBACK;
