\set ON_ERROR_STOP 1
-- Rows 001-48, 002-09 and 002-11 of the capability list: each shown by the
-- state before and after, and by what happens without the trigger that does it.
--
-- What a second session sees is asked of a second session, so the ledger
-- "capability" is committed; it is dropped at the end.
SELECT set_config('test.connection', format('dbname=%L host=%L port=%s user=%L options=%L', current_database(),
  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_user,
  '-c client_min_messages=warning -c lock_timeout=20s'), false) \g /dev/null
SELECT dblink_connect(s, current_setting('test.connection')) FROM unnest('{one,two}'::text[]) s \g /dev/null
SELECT dblink_exec('one', $$
  DO $do$ BEGIN
    IF EXISTS (SELECT FROM credit_risk.ledgers WHERE name = 'capability') THEN PERFORM credit_risk.drop_ledger('capability'); END IF;
    PERFORM credit_risk.create_ledger('capability');
  END $do$;
  UPDATE capability.ledger SET pinned_date = '2026-03-31';
  INSERT INTO capability.customer (code, name) VALUES ('A', 'Alpha'), ('B', 'Beta'), ('C', 'Gamma'), ('D', 'Delta');
  INSERT INTO capability.credit_limit (customer_id, amount) SELECT customer_id, 1000 FROM capability.customer;
$$) \g /dev/null

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = public, pg_temp;
-- One value, as a session of its own sees it.
CREATE FUNCTION pg_temp.seen_by(session text, query text) RETURNS text LANGUAGE sql AS $$SELECT * FROM dblink(session, query) t (value text)$$;
CREATE FUNCTION pg_temp.figures(customer text) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT concat_ws('' '', e.exposure, e.available, coalesce(a.total, 0)) FROM capability.exposure e LEFT JOIN capability.ageing_by_customer a USING (customer_id) WHERE e.code = %L', customer)
$$;
CREATE FUNCTION pg_temp.seen_here(customer text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE value text; BEGIN EXECUTE pg_temp.figures(customer) INTO value; RETURN value; END $$;
-- Wait until a session stands before a lock.
CREATE FUNCTION pg_temp.waits(pid text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 400 LOOP
    IF EXISTS (SELECT FROM pg_locks l WHERE l.pid = waits.pid::integer AND NOT l.granted) THEN RETURN true; END IF;
    PERFORM pg_sleep(0.025);
  END LOOP;
  RETURN false;
END $$;

SELECT plan(49);

-- 001-48: the situation in real time -------------------------------------------------
SELECT is(pg_temp.seen_by('two', pg_temp.figures('A')), '0 1000 0', '001-48 before: no exposure');
SELECT dblink_exec('one', 'BEGIN') \g /dev/null
SELECT dblink_exec('one', $$INSERT INTO capability.sales_order (customer_id, order_no, amount) VALUES (1, 'A1', 400)$$) \g /dev/null
SELECT dblink_exec('one', $$INSERT INTO capability.invoice (customer_id, invoice_no, amount) VALUES (1, 'A1', 250)$$) \g /dev/null
SELECT is(pg_temp.seen_by('one', pg_temp.figures('A')), '650 350 250', '001-48 in the transaction that writes it is there at once');
SELECT is(pg_temp.seen_by('two', pg_temp.figures('A')), '0 1000 0', '001-48 before COMMIT another session sees nothing of it');
SELECT dblink_exec('one', 'COMMIT') \g /dev/null
SELECT is(pg_temp.seen_by('two', pg_temp.figures('A')), '650 350 250', '001-48 at COMMIT it sees all of it: exposure, available credit, aged balance');
SELECT is(pg_temp.seen_here('A'), '650 350 250', '001-48 and so does a third');
SELECT dblink_exec('one', 'BEGIN') \g /dev/null
SELECT dblink_exec('one', $$INSERT INTO capability.payment (customer_id, amount) VALUES (1, 100)$$) \g /dev/null
SELECT dblink_exec('one', $$UPDATE capability.sales_order SET amount = 300 WHERE order_no = 'A1'$$) \g /dev/null
SELECT is(pg_temp.seen_by('one', pg_temp.figures('A')), '450 550 250', '001-48 a payment and a smaller order, not committed');
SELECT dblink_exec('one', 'ROLLBACK') \g /dev/null
SELECT is(pg_temp.seen_by('one', pg_temp.figures('A')), '650 350 250', '001-48 gone at ROLLBACK where it was written');
SELECT is(pg_temp.seen_by('two', pg_temp.figures('A')), '650 350 250', '001-48 and never seen elsewhere');
SELECT dblink_exec('one', 'BEGIN') \g /dev/null
SELECT dblink_exec('one', 'SAVEPOINT s') \g /dev/null
SELECT dblink_exec('one', $$INSERT INTO capability.sales_order (customer_id, amount) VALUES (1, 111)$$) \g /dev/null
SELECT dblink_exec('one', 'ROLLBACK TO s') \g /dev/null
SELECT dblink_exec('one', $$INSERT INTO capability.sales_order (customer_id, amount) VALUES (1, 50)$$) \g /dev/null
SELECT dblink_exec('one', 'COMMIT') \g /dev/null
SELECT is(pg_temp.seen_by('two', pg_temp.figures('A')), '700 300 250', '001-48 of a transaction with a savepoint rolled back, what is left');
SELECT is_empty('SELECT * FROM capability.verify()', '001-48 after: verify() is empty');

SAVEPOINT without;
DROP TRIGGER credit_risk_insert ON capability.sales_order;
DROP TRIGGER credit_risk_insert ON capability.invoice;
INSERT INTO capability.sales_order (customer_id, amount) VALUES (1, 40);
INSERT INTO capability.invoice (customer_id, invoice_no, amount) VALUES (1, 'A2', 25);
SELECT is(pg_temp.seen_here('A'), '700 300 250', '001-48 without the triggers nothing moves');
SELECT isnt_empty('SELECT * FROM capability.verify()', '001-48 and verify() shows it');
ROLLBACK TO without;

-- 002-09: a hard ceiling --------------------------------------------------------------
SELECT is(pg_temp.seen_by('two', 'SELECT outcome FROM capability.check_order(2, 1000)'), 'passed', '002-09 before: an order of exactly the limit would pass');
SELECT is(pg_temp.seen_by('two', 'SELECT outcome FROM capability.check_order(2, 1000.01)'), 'held', '002-09 before: a cent more would not');
SELECT is(pg_temp.seen_by(s, 'SELECT outcome FROM capability.check_order(2, 600)'), 'passed', '002-09 before: 600 fits alone, says session ' || s) FROM unnest('{one,two}'::text[]) s;

-- Two orders of 600 at the same time, against 1,000.
CREATE FUNCTION pg_temp.race(customer bigint, ending text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  pid text := pg_temp.seen_by('two', 'SELECT pg_backend_pid()');
  waited boolean;
  message text;
BEGIN
  PERFORM dblink_exec('one', 'BEGIN');
  PERFORM dblink_exec('one', format('INSERT INTO capability.sales_order (customer_id, order_no, amount) VALUES (%s, ''first'', 600)', customer));
  PERFORM dblink_send_query('two', format('INSERT INTO capability.sales_order (customer_id, order_no, amount) VALUES (%s, ''second'', 600)', customer));
  waited := pg_temp.waits(pid);
  PERFORM dblink_exec('one', ending);
  PERFORM * FROM dblink_get_result('two', false) t (tag text);
  message := dblink_error_message('two');
  PERFORM * FROM dblink_get_result('two', false) t (tag text);
  RETURN format('waited %s, %s', waited, message);
END $$;
CREATE FUNCTION pg_temp.orders(customer bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(order_no || ' ' || status, ', ' ORDER BY order_no) FROM capability.sales_order WHERE customer_id = customer
$$;

SELECT is(pg_temp.race(2, 'COMMIT'), 'waited t, OK', '002-09 the second order waits for the first');
SELECT is(pg_temp.orders(2), 'first open, second held', '002-09 exactly one passes');
SELECT is(pg_temp.seen_here('B'), '600 400 0', '002-09 after: exposure is that of one, within the limit');
SELECT is((SELECT concat_ws(' ', outcome, amount, available, exposure_before, exposure_after, credit_limit, reasons) FROM capability.credit_decision WHERE customer_id = 2),
  'held 600 400 600 1200 1000 {credit_limit_exceeded}', '002-09 the other is held, with the figures of that instant');

SELECT is(pg_temp.race(3, 'ROLLBACK'), 'waited t, OK', '002-09 if the first is rolled back');
SELECT is(pg_temp.orders(3), 'second open', '002-09 the second passes');
SELECT is(pg_temp.seen_here('C'), '600 400 0', '002-09 and counts');

SELECT dblink_exec('one', $$UPDATE capability.ledger SET on_exceed = 'reject'$$) \g /dev/null
SELECT matches(pg_temp.race(4, 'COMMIT'), 'waited t, .*credit limit exceeded for customer "D"', '002-09 where the ledger rejects, the second is an error');
SELECT is(pg_temp.orders(4), 'first open', '002-09 and leaves no order');
SELECT is(pg_temp.seen_here('D'), '600 400 0', '002-09 after: exposure is that of one');
SELECT is((SELECT count(*) FROM capability.credit_decision WHERE customer_id = 4), 0::bigint, '002-09 and no decision');
SELECT dblink_exec('one', $$UPDATE capability.ledger SET on_exceed = 'hold'$$) \g /dev/null

-- One session, from the limit on and around it.
INSERT INTO capability.sales_order (customer_id, order_no, amount) VALUES (4, 'to the limit', 400);
SELECT is(pg_temp.seen_here('D'), '1000 0 0', '002-09 an order up to the limit passes');
INSERT INTO capability.sales_order (customer_id, order_no, amount) VALUES (4, 'over', 0.01);
SELECT is(pg_temp.orders(4), 'first open, over held, to the limit open', '002-09 a cent more is held');
UPDATE capability.sales_order SET amount = 400.01 WHERE order_no = 'to the limit';
SELECT is(pg_temp.orders(4), 'first open, over held, to the limit held', '002-09 an order that grows beyond it is held as a whole');
INSERT INTO capability.payment (customer_id, amount) VALUES (4, 500);
SELECT is(capability.release_order(order_id, 'paid'), 'released', '002-09 after a payment it is released') FROM capability.sales_order WHERE order_no = 'to the limit';
SELECT is(pg_temp.seen_here('D'), '500.01 499.99 0', '002-09 and counts again');
SELECT is_empty('SELECT * FROM capability.verify()', '002-09 after: verify() is empty');

SAVEPOINT without;
DROP TRIGGER credit_risk_insert ON capability.sales_order;
INSERT INTO capability.sales_order (customer_id, order_no, amount) VALUES (3, 'third', 600), (3, 'fourth', 600);
SELECT is(pg_temp.orders(3), 'fourth open, second open, third open', '002-09 without the trigger any order passes');
SELECT cmp_ok((SELECT sum(open_amount) FROM capability.sales_order WHERE customer_id = 3), '>', 1000::numeric, '002-09 beyond the limit');
ROLLBACK TO without;

-- 002-11: exposure followed in real time, and proven -------------------------------------
SELECT credit_risk.create_ledger('random_work') \g /dev/null
SET LOCAL search_path = random_work, public, pg_temp;
UPDATE ledger SET pinned_date = '2026-01-01';
INSERT INTO exchange_rate SELECT 'USD', d, 0.8 + 0.001 * extract(doy FROM d)::numeric FROM generate_series('2025-12-30'::date, '2026-06-30', '3 days') d;
INSERT INTO customer (code, name, parent_id) SELECT 'N' || n, 'Number ' || n, CASE WHEN n IN (2, 3) THEN 1 WHEN n = 4 THEN 2 END FROM generate_series(1, 12) n;
INSERT INTO customer (code, name, payer_id) VALUES ('site', 'A site', 5);

-- 800 steps, each a random act; one that the ledger refuses leaves nothing.
CREATE FUNCTION pg_temp.pick(n integer) RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1 + floor(random() * n)::integer';
CREATE TEMPORARY TABLE act (what text, refused boolean);
DO $$
DECLARE
  payer bigint;
  sum numeric;
  money text;
  what integer;
BEGIN
  PERFORM setseed(0.4211);
  FOR step IN 1 .. 800 LOOP
    payer := pg_temp.pick(12);
    sum := round((random() * 900 + 1)::numeric, pg_temp.pick(3) - 1);
    money := CASE WHEN random() < 0.2 THEN 'USD' END;
    what := pg_temp.pick(20);
    BEGIN
      CASE what
        WHEN 1, 2 THEN INSERT INTO sales_order (customer_id, amount, currency) VALUES (payer, sum, money);
        WHEN 3 THEN INSERT INTO sales_order (customer_id, amount) SELECT 1 + n % 12, n * 10 FROM generate_series(step, step + 5) n;
        WHEN 4 THEN UPDATE sales_order SET amount = sum WHERE customer_id = payer AND order_id % 3 = step % 3;
        WHEN 5 THEN UPDATE sales_order SET cancelled_on = business_date() WHERE order_id = (SELECT max(order_id) FROM sales_order WHERE customer_id = payer);
        WHEN 6 THEN DELETE FROM sales_order o WHERE customer_id = payer AND status = 'held' AND order_id % 2 = 0;
        WHEN 7, 8 THEN INSERT INTO delivery (customer_id, order_id, amount, currency)
          SELECT customer_id, order_id, least(sum, amount), currency FROM sales_order WHERE customer_id = payer AND status IN ('open', 'released') ORDER BY random() LIMIT 2;
        WHEN 9 THEN INSERT INTO delivery (customer_id, amount, currency) VALUES (payer, sum, money);
        WHEN 10, 11 THEN INSERT INTO invoice (customer_id, invoice_no, delivery_id, amount, currency)
          SELECT customer_id, step || '/' || delivery_id, delivery_id, least(sum, amount), currency FROM delivery WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 2;
        WHEN 12 THEN INSERT INTO invoice (customer_id, invoice_no, amount, currency, terms) VALUES (payer, step::text, sum, money, (ARRAY['net 10', '45 eom', '30% net 0, 70% 30 eom'])[pg_temp.pick(3)]);
        WHEN 13 THEN INSERT INTO invoice (customer_id, invoice_no, kind, amount, currency) VALUES (payer, step::text, (ARRAY['credit_note', 'debit_note', 'down_payment', 'opening_balance'])[pg_temp.pick(4)], sum, money);
        WHEN 14, 15 THEN INSERT INTO payment (customer_id, amount, currency) VALUES (payer, sum, money);
        WHEN 16, 17 THEN INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount)
          SELECT o.customer_id, p.payment_id, o.invoice_id, o.instalment_no, least(p.amount, o.open_amount) FROM open_item o JOIN payment p USING (customer_id, currency)
          WHERE o.customer_id = payer AND o.kind <> 'credit_note' AND p.reversal_of IS NULL ORDER BY random() LIMIT 1;
        WHEN 18 THEN
          PERFORM reverse_allocation((SELECT allocation_id FROM allocation WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1));
          PERFORM reverse_payment((SELECT payment_id FROM payment WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1));
        WHEN 19 THEN
          IF step % 2 = 0 THEN PERFORM reverse_invoice((SELECT invoice_id FROM invoice WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1));
          ELSE PERFORM reverse_delivery((SELECT delivery_id FROM delivery WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1)); END IF;
        ELSE
          CASE step % 4
            WHEN 0 THEN INSERT INTO credit_limit (customer_id, amount, valid_to) VALUES (payer, CASE WHEN random() < 0.9 THEN sum * 5 END, business_date() + pg_temp.pick(30));
            WHEN 1 THEN UPDATE customer SET parent_id = nullif(pg_temp.pick(12), payer) WHERE customer_id = payer;
            WHEN 2 THEN UPDATE ledger SET pinned_date = pinned_date + pg_temp.pick(5);
            ELSE PERFORM run_daily();
          END CASE;
      END CASE;
      INSERT INTO act VALUES (what, false);
    EXCEPTION WHEN SQLSTATE 'CR001' OR SQLSTATE 'CR003' OR SQLSTATE 'CR004' OR SQLSTATE 'CR005' OR SQLSTATE 'CR006' OR SQLSTATE 'CR007' OR unique_violation OR foreign_key_violation THEN
      INSERT INTO act VALUES (what, true);
    END;
  END LOOP;
END $$;

SELECT is((SELECT count(*) FROM act), 800::bigint, '002-11 before: 800 random acts');
SELECT is((SELECT count(DISTINCT what) FROM act WHERE NOT refused), 20::bigint, '002-11 before: every kind of them was done');
SELECT cmp_ok((SELECT count(*) FROM act WHERE refused), '>', 10::bigint, '002-11 before: and some were refused');
SELECT cmp_ok(least(sum(receivable), sum(unbilled), sum(open_orders), sum(unapplied)), '>', 0::numeric, '002-11 before: every component of exposure moved') FROM credit_account;
SELECT is_empty('SELECT * FROM verify()', '002-11 after a random workload verify() returns no row');
SELECT is((SELECT sum(receivable) FROM credit_account), (SELECT sum(amount_base) FROM receivable_fact), '002-11 the receivable is the sum of its facts');
SELECT is((SELECT sum(unapplied) FROM credit_account), (SELECT sum(amount_base) FROM unapplied_fact), '002-11 unapplied cash is');
SELECT is((SELECT sum(open_orders) FROM credit_account), (SELECT sum(open_amount_base) FROM order_event), '002-11 open orders are');

-- It can fail: a figure changed behind the ledger's back, a posting not made, a function replaced.
UPDATE credit_account SET open_orders = open_orders + 0.01 WHERE customer_id = 7;
SELECT results_eq('SELECT object, customer_id, field, recomputed::numeric - stored::numeric FROM verify()', $$VALUES ('credit_account', 7::bigint, 'open_orders', -0.01)$$,
  '002-11 a cent too much on one account is found, with its name');
SELECT is(rebuild(), 1::bigint, '002-11 rebuild() repairs one difference');
SELECT is_empty('SELECT * FROM verify()', '002-11 after it verify() returns no row');
SAVEPOINT without;
DROP TRIGGER credit_risk_insert ON payment;
INSERT INTO payment (customer_id, amount) VALUES (7, 10);
SELECT results_eq('SELECT object, customer_id, field, recomputed::numeric - stored::numeric FROM verify() WHERE field <> ''group_exposure''', $$VALUES ('credit_account', 7::bigint, 'unapplied', 10::numeric)$$,
  '002-11 without the trigger a payment is missing from the account, and verify() says so');
ROLLBACK TO without;
DELETE FROM open_item WHERE (customer_id, invoice_id, instalment_no) = (SELECT customer_id, invoice_id, instalment_no FROM open_item ORDER BY 1, 2, 3 LIMIT 1);
SELECT is((SELECT count(*) FROM verify()), 1::bigint, '002-11 an item that is missing is found');
ROLLBACK TO without;
SELECT is_empty('SELECT * FROM verify()', '002-11 and with all of it undone verify() returns no row');

SELECT * FROM finish();
ROLLBACK;
SELECT dblink_exec('one', 'DO $do$ BEGIN PERFORM credit_risk.drop_ledger(''capability''); END $do$') \g /dev/null
SELECT dblink_disconnect(s) FROM unnest('{one,two}'::text[]) s \g /dev/null
