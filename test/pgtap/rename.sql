\set ON_ERROR_STOP 1
-- The life of a ledger: made, refused, renamed with warm plans, upgraded, dropped.
BEGIN;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = public, pg_temp;

-- A customer with a limit, an order, its delivery and invoice, a part payment and a run: every trigger's plan is warm.
CREATE FUNCTION pg_temp.day_of_business(ledger text, mark text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        UPDATE %1$I.ledger SET pinned_date = '2026-03-31';
        INSERT INTO %1$I.customer (code, name, risk_class) VALUES (%2$L, %2$L, 'B');
        INSERT INTO %1$I.credit_limit (customer_id, amount) SELECT customer_id, 1000 FROM %1$I.customer WHERE code = %2$L;
        INSERT INTO %1$I.sales_order (customer_id, order_no, amount) SELECT customer_id, %2$L, 600 FROM %1$I.customer WHERE code = %2$L;
        INSERT INTO %1$I.sales_order (customer_id, order_no, amount) SELECT customer_id, 'too much', 600 FROM %1$I.customer WHERE code = %2$L;
        INSERT INTO %1$I.delivery (customer_id, order_id, amount)
            SELECT customer_id, order_id, 250 FROM %1$I.sales_order WHERE order_no = %2$L;
        INSERT INTO %1$I.invoice (customer_id, order_id, invoice_no, issued_on, due_on, amount)
            SELECT customer_id, order_id, %2$L, '2026-01-05', '2026-02-01', 200 FROM %1$I.sales_order WHERE order_no = %2$L;
        INSERT INTO %1$I.payment (customer_id, payment_no, amount) SELECT customer_id, %2$L, 75 FROM %1$I.customer WHERE code = %2$L;
        INSERT INTO %1$I.allocation (customer_id, payment_id, invoice_id, amount)
            SELECT customer_id, payment_id, invoice_id, 50
            FROM %1$I.payment p JOIN %1$I.invoice i USING (customer_id) WHERE payment_no = %2$L AND invoice_no = %2$L;
        UPDATE %1$I.customer SET risk_class = 'C' WHERE code = %2$L;
        SELECT * FROM %1$I.run_daily();
    $sql$, ledger, mark);
END $$;

-- All of a ledger in one line.
CREATE FUNCTION pg_temp.summary(ledger text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    EXECUTE format($sql$
        SELECT format('%%s customers, %%s open, %%s unbilled, %%s receivable, %%s unapplied, %%s held, %%s items, %%s actions, %%s differences',
            (SELECT count(*) FROM %1$I.customer), sum(open_orders), sum(unbilled), sum(receivable), sum(unapplied),
            (SELECT count(*) FROM %1$I.credit_decision WHERE outcome = 'held'), (SELECT count(*) FROM %1$I.open_item),
            (SELECT count(*) FROM %1$I.dunning_action), (SELECT count(*) FROM %1$I.verify()))
        FROM %1$I.credit_account $sql$, ledger) INTO line;
    RETURN line;
END $$;

CREATE FUNCTION pg_temp.pins(ledger text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT DISTINCT c FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, unnest(p.proconfig) c
    WHERE n.nspname = ledger AND c LIKE 'search_path=%'
$$;

-- What other tests may have left.
CREATE TEMPORARY TABLE before AS SELECT name FROM credit_risk.ledgers;

SELECT plan(73);

-- Refused ---------------------------------------------------------------------
SELECT is(credit_risk.create_ledger('books'), 'books', 'a ledger is made');
SELECT throws_ok($$SELECT credit_risk.create_ledger('books')$$, '42P06', 'ledger "books" already exists', 'not twice');
SELECT throws_ok($$SELECT credit_risk.create_ledger('books', adopt => true)$$, '42P06', NULL, 'not twice with adopt either');
CREATE SCHEMA occupied;
CREATE TABLE occupied.thing (a integer);
CREATE FUNCTION occupied.answer() RETURNS integer LANGUAGE sql SET search_path = pg_catalog AS 'SELECT 42';
SELECT throws_ok($$SELECT credit_risk.create_ledger('occupied')$$, '42P06', 'schema "occupied" holds other things',
  'not in a schema that holds other things');
CREATE SCHEMA worker;
CREATE FUNCTION worker.answer() RETURNS integer LANGUAGE sql AS 'SELECT 42';
SELECT throws_ok($$SELECT credit_risk.create_ledger('worker')$$, '42P06', 'schema "worker" holds other things', 'a function is a thing');
CREATE SCHEMA bare;
SELECT lives_ok($$SELECT credit_risk.create_ledger('bare')$$, 'in an empty schema it is made');
SELECT throws_ok(format('SELECT credit_risk.create_ledger(%L)', name), '22023', NULL, format('refused name: %s', coalesce(left(name, 20), 'NULL')))
FROM (VALUES (NULL), (''), ('pg_ledger'), ('credit_risk'), ('information_schema'), (repeat('é', 32))) v (name);
SELECT throws_ok($$SELECT credit_risk.create_ledger('x', base_currency => 'euro')$$, '22023', 'invalid base_currency: ''euro''', 'refused currency');
SELECT throws_ok($$SELECT credit_risk.create_ledger('x', time_zone => 'Europe/Pontivy')$$, '22023', 'invalid time_zone: ''Europe/Pontivy''', 'refused zone');
SELECT throws_ok($$SELECT credit_risk.create_ledger('x', mode => 'pretend')$$, '22023', 'invalid mode: ''pretend''', 'refused mode');
SELECT throws_ok($$SELECT credit_risk.create_ledger('x', base_currency => NULL)$$, '22023', NULL, 'NULL is no currency');
SELECT hasnt_schema('x', 'a refusal leaves nothing');

-- Adopted: beside other things, which keep their rights and their paths.
SELECT lives_ok($$SELECT credit_risk.create_ledger('occupied', 'USD', 'Asia/Tokyo', 'observe', true)$$, 'adopt puts it beside them');
SELECT is((SELECT concat_ws(' ', base_currency, time_zone, mode) FROM occupied.ledger), 'USD Asia/Tokyo observe', 'with its settings');
SELECT ok(has_function_privilege('public', 'occupied.answer()', 'EXECUTE'), 'a function that stood there keeps its rights');
SELECT ok(NOT has_function_privilege('public', 'occupied.verify()', 'EXECUTE'), 'the ledger''s own are for nobody yet');
SELECT credit_risk.rename_ledger('occupied', 'crowded') \g /dev/null
SELECT is((SELECT proconfig FROM pg_proc WHERE oid = 'crowded.answer()'::regprocedure), ARRAY['search_path=pg_catalog'],
  'and its path through a rename');

-- The view, and names that need quotes ------------------------------------------
SELECT credit_risk.create_ledger(n) FROM unnest(ARRAY['My Ledger', 'sélect', 'select', 'a"b', 'it''s', '50% off']) n \g /dev/null
SELECT set_eq('SELECT name, owner, tables FROM credit_risk.ledgers WHERE name NOT IN (SELECT name FROM before)',
  $$SELECT n, current_user::text, (SELECT count(*) FROM pg_class c WHERE c.relnamespace = quote_ident(n)::regnamespace AND c.relkind = 'r')
    FROM unnest(ARRAY['books', 'bare', 'crowded', 'My Ledger', 'sélect', 'select', 'a"b', 'it''s', '50% off']) n$$,
  'the view lists the ledgers of the database');
SELECT pg_temp.day_of_business(n, 'A') FROM unnest(ARRAY['books', 'My Ledger', 'sélect', 'select', 'a"b', 'it''s', '50% off']) n \g /dev/null
SELECT is(pg_temp.summary(n), '1 customers, 350 open, 50 unbilled, 150 receivable, 25 unapplied, 1 held, 1 items, 1 actions, 0 differences',
  'a day of business in the ledger ' || n)
FROM unnest(ARRAY['books', 'My Ledger', 'sélect', 'select', 'a"b', 'it''s', '50% off']) n;

-- Renamed, in the session whose plans are warm, and another takes its name --------
SELECT is(credit_risk.rename_ledger('books', 'archive 2025'), 'archive 2025', 'rename_ledger returns the new name');
SELECT set_eq($$SELECT pg_temp.pins('archive 2025')$$, ARRAY['search_path="archive 2025", pg_temp'], 'every routine is pinned to the new name');
SELECT is(credit_risk.create_ledger('books'), 'books', 'a new ledger takes the old name');
SELECT lives_ok($$SELECT pg_temp.day_of_business('archive 2025', 'B')$$, 'business goes on in the renamed one');
SELECT is(pg_temp.summary('archive 2025'), '2 customers, 700 open, 100 unbilled, 300 receivable, 50 unapplied, 2 held, 2 items, 2 actions, 0 differences',
  'and is posted there');
SELECT is((SELECT count(*) FROM books.customer), 0::bigint, 'nothing of it in the new one');
SELECT lives_ok($$SELECT pg_temp.day_of_business('books', 'C')$$, 'business begins in the new one');
SELECT is(pg_temp.summary('books'), '1 customers, 350 open, 50 unbilled, 150 receivable, 25 unapplied, 1 held, 1 items, 1 actions, 0 differences',
  'and is posted there');
SELECT is(pg_temp.summary('archive 2025'), '2 customers, 700 open, 100 unbilled, 300 receivable, 50 unapplied, 2 held, 2 items, 2 actions, 0 differences',
  'nothing of it in the renamed one');
SELECT throws_ok($$SELECT credit_risk.rename_ledger('nowhere', 'somewhere')$$, '3F000', NULL, 'what is no ledger is not renamed');
SELECT throws_ok($$SELECT credit_risk.rename_ledger('books', 'bare')$$, '42P06', NULL, 'nor over another one');
SELECT throws_ok(format('SELECT credit_risk.rename_ledger(%L, %L)', 'books', repeat('é', 32)), '22023', NULL, 'nor to a name that would be cut');

-- A raw ALTER SCHEMA RENAME ---------------------------------------------------------
ALTER SCHEMA books RENAME TO "old books";
SELECT set_eq($$SELECT pg_temp.pins('old books')$$, ARRAY['search_path="old books", pg_temp'], 'routines follow a raw rename');
SELECT credit_risk.create_ledger('books') \g /dev/null
SELECT lives_ok($$SELECT pg_temp.day_of_business('old books', 'D')$$, 'business goes on after it');
SELECT is(pg_temp.summary('old books'), '2 customers, 700 open, 100 unbilled, 300 receivable, 50 unapplied, 2 held, 2 items, 2 actions, 0 differences',
  'in the renamed one');
SELECT is((SELECT count(*) FROM books.customer), 0::bigint, 'and not in the one that took its name');

-- The same where event triggers do not fire: nothing is posted until it is repaired.
SELECT pg_temp.day_of_business('books', 'E') \g /dev/null
SAVEPOINT unseen;
SET LOCAL session_replication_role = replica;
ALTER SCHEMA "old books" RENAME TO lost;
ALTER SCHEMA books RENAME TO "old books";
SET LOCAL session_replication_role = origin;
SELECT set_eq($$SELECT pg_temp.pins('lost')$$, ARRAY['search_path="old books", pg_temp'], 'unseen: the routines stand at the old name');
SELECT throws_ok($$INSERT INTO lost.sales_order (customer_id, amount) SELECT customer_id, 1 FROM lost.customer WHERE code = 'D'$$,
  '55000', 'the functions of ledger "lost" are not pinned to it', 'an order is refused');
SELECT throws_ok($$INSERT INTO lost.invoice (customer_id, invoice_no, amount) SELECT customer_id, 'x', 1 FROM lost.customer WHERE code = 'D'$$,
  '55000', NULL, 'an invoice is refused');
SELECT throws_ok($$INSERT INTO lost.allocation (customer_id, payment_id, invoice_id, amount)
  SELECT customer_id, payment_id, invoice_id, 1 FROM lost.payment JOIN lost.invoice USING (customer_id) LIMIT 1$$,
  '55000', NULL, 'an allocation is refused');
SELECT is(credit_risk.upgrade_ledger(n), 1, 'upgrade_ledger returns the layout and pins them') FROM unnest('{lost,old books}'::text[]) n;
SELECT lives_ok($$SELECT pg_temp.day_of_business('lost', 'F')$$, 'business goes on in the one');
SELECT lives_ok($$SELECT pg_temp.day_of_business('old books', 'G')$$, 'and in the other');
SELECT is(pg_temp.summary('lost'), '3 customers, 1050 open, 150 unbilled, 450 receivable, 75 unapplied, 3 held, 3 items, 3 actions, 0 differences', 'each in its own');
SELECT is(pg_temp.summary('old books'), '2 customers, 700 open, 100 unbilled, 300 receivable, 50 unapplied, 2 held, 2 items, 2 actions, 0 differences', 'and only there');
ROLLBACK TO unseen;
SELECT is(pg_temp.summary('old books'), '2 customers, 700 open, 100 unbilled, 300 receivable, 50 unapplied, 2 held, 2 items, 2 actions, 0 differences',
  'a rename rolled back leaves everything as it was');
SELECT lives_ok($$SELECT pg_temp.day_of_business('old books', 'H')$$, 'plans that were made under the other name are not used');
SELECT is(pg_temp.summary('old books'), '3 customers, 1050 open, 150 unbilled, 450 receivable, 75 unapplied, 3 held, 3 items, 3 actions, 0 differences',
  'and it is posted there');

-- Renamed in the middle of a posting, and another takes its name.
SELECT credit_risk.create_ledger('moving') \g /dev/null
SELECT pg_temp.day_of_business('moving', 'A') \g /dev/null
CREATE FUNCTION pg_temp.move_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_regnamespace('moved') IS NULL THEN
        ALTER SCHEMA moving RENAME TO moved;
        PERFORM credit_risk.create_ledger('moving');
        INSERT INTO moving.customer (customer_id, code, name) SELECT customer_id, code, name FROM moved.customer;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER move_it BEFORE UPDATE ON moving.credit_account FOR EACH ROW EXECUTE FUNCTION pg_temp.move_it();
SELECT throws_ok($$INSERT INTO moving.sales_order (customer_id, amount) SELECT customer_id, 1 FROM moving.customer$$, '40001', NULL, 'an order under way is not posted to either');
SELECT throws_ok($$INSERT INTO moving.invoice (customer_id, invoice_no, amount) SELECT customer_id, 'late', 1 FROM moving.customer$$, '40001', NULL, 'nor is an invoice');
DROP TRIGGER move_it ON moving.credit_account;
SELECT is(pg_temp.summary('moving'), '1 customers, 350 open, 50 unbilled, 150 receivable, 25 unapplied, 1 held, 1 items, 1 actions, 0 differences', 'everything is as it was');

-- Another session renames; this one's plans are warm.
SELECT set_config('test.connection', format('dbname=%L host=%L port=%s user=%L options=%L', current_database(),
  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_user, '-c client_min_messages=warning'), true) \g /dev/null
SELECT dblink_connect(s, current_setting('test.connection')) FROM unnest('{warm,renamer}'::text[]) s \g /dev/null
SELECT dblink_exec('renamer', $$DO $do$ BEGIN
    PERFORM credit_risk.create_ledger('shared');
    INSERT INTO shared.customer (code, name) VALUES ('A', 'Alpha');
END $do$ $$) \g /dev/null
SELECT dblink_exec('warm', $$INSERT INTO shared.sales_order (customer_id, amount) VALUES (1, 100)$$) \g /dev/null
SELECT dblink_exec('warm', $$INSERT INTO shared.payment (customer_id, amount) VALUES (1, 10)$$) \g /dev/null
SELECT dblink_exec('renamer', $$DO $do$ BEGIN
    PERFORM credit_risk.rename_ledger('shared', 'shared 2025');
    PERFORM credit_risk.create_ledger('shared');
    INSERT INTO shared.customer (code, name) VALUES ('A', 'Alpha');
END $do$ $$) \g /dev/null
SELECT dblink_exec('warm', $$INSERT INTO "shared 2025".sales_order (customer_id, amount) VALUES (1, 200)$$) \g /dev/null
SELECT dblink_exec('warm', $$INSERT INTO shared.sales_order (customer_id, amount) VALUES (1, 5)$$) \g /dev/null
SELECT dblink_exec('warm', $$INSERT INTO shared.payment (customer_id, amount) VALUES (1, 1)$$) \g /dev/null
SELECT is((SELECT v FROM dblink('warm', 'SELECT concat_ws('' '', a.open_orders, a.unapplied, b.open_orders, b.unapplied) FROM "shared 2025".credit_account a, shared.credit_account b') t (v text)),
  '300 10 5 1', 'a session that did not rename posts to each ledger what is its own');
SELECT dblink_exec('renamer', $$DO $do$ BEGIN PERFORM credit_risk.drop_ledger('shared'), credit_risk.drop_ledger('shared 2025'); END $do$ $$) \g /dev/null
SELECT dblink_disconnect(s) FROM unnest('{warm,renamer}'::text[]) s \g /dev/null

-- Upgraded and dropped ----------------------------------------------------------------
UPDATE bare.ledger SET layout_version = 2;
SELECT throws_ok($$SELECT credit_risk.upgrade_ledger('bare')$$, '0A000', NULL, 'a layout of another release is left alone');
SELECT throws_ok($$SELECT credit_risk.upgrade_ledger('nowhere')$$, '3F000', NULL, 'what is no ledger is not upgraded');
SELECT throws_ok($$SELECT credit_risk.drop_ledger('worker')$$, '3F000', NULL, 'what is no ledger is not dropped');
SELECT throws_ok($$SELECT credit_risk.drop_ledger('crowded')$$, '2BP01', 'the schema of ledger "crowded" holds other tables', 'tables that are not the ledger''s are not dropped with it');
DROP TABLE crowded.thing;
SELECT lives_ok($$SELECT credit_risk.drop_ledger('crowded')$$, 'without them it is dropped');
SELECT lives_ok($$SELECT credit_risk.drop_ledger('My Ledger')$$, 'a ledger is dropped');
SELECT hasnt_schema('My Ledger', 'with its schema');
SELECT ok('My Ledger' NOT IN (SELECT name FROM credit_risk.ledgers), 'and is listed no more');
SELECT lives_ok($$SELECT credit_risk.create_ledger('My Ledger')$$, 'its name is free again');
SELECT lives_ok($$SELECT pg_temp.day_of_business('My Ledger', 'Z')$$, 'and the new one works in the same session');

SELECT * FROM finish();
ROLLBACK;
