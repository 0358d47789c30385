-- Every way to write an attached table leaves the account exact: INSERT,
-- UPDATE, MERGE, ON CONFLICT, COPY, several rows, savepoints, partitions,
-- deferred constraints, triggers of the host's own.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();
SELECT credit_risk.create_ledger('paths') \g /dev/null
UPDATE paths.ledger SET pinned_date = '2026-03-02';
CREATE SCHEMA shop;
CREATE TABLE shop.client (no integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE shop.orders (id integer, placed date, client_no integer, total numeric, state text DEFAULT 'new', extra text, PRIMARY KEY (id, placed)) PARTITION BY RANGE (placed);
CREATE TABLE shop.orders_old (total numeric, dropped int, id integer NOT NULL, extra text, placed date NOT NULL, client_no integer, state text);       -- other columns, in another order
ALTER TABLE shop.orders_old DROP COLUMN dropped;
ALTER TABLE shop.orders ATTACH PARTITION shop.orders_old FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE shop.orders_new PARTITION OF shop.orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (id);
CREATE TABLE shop.orders_new_a PARTITION OF shop.orders_new FOR VALUES IN (9, 14);
CREATE TABLE shop.orders_new_b PARTITION OF shop.orders_new DEFAULT;
ALTER TABLE shop.orders ADD CONSTRAINT of_client FOREIGN KEY (client_no) REFERENCES shop.client DEFERRABLE INITIALLY DEFERRED;
INSERT INTO shop.client SELECT i, 'Client ' || i FROM generate_series(1, 9) i;
SELECT credit_risk.attach('paths', 'customer', 'shop.client', '{"name": "name"}') \g /dev/null
SELECT is(credit_risk.attach('paths', 'sales_order', 'shop.orders', '{"external_ref": "id", "customer_id": "client_no", "amount": "total", "ordered_on": "placed", "active_when": "state <> ''draft''"}'), 0::bigint, 'attached: nothing there yet');
INSERT INTO paths.credit_limit (customer_id, amount) SELECT customer_id, 1000 FROM paths.customer;

-- What each client's orders should be, by a plain sum over the host: whatever fits is open, the rest is held.
CREATE FUNCTION pg_temp.exact(what text, account text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN NEXT is((SELECT string_agg(format('%s:%s', c.external_ref, trim_scale(a.open_orders)), ' ' ORDER BY c.external_ref) FROM paths.credit_account a JOIN paths.customer c USING (customer_id) WHERE a.open_orders <> 0), account, what);
    RETURN NEXT is_empty($q$SELECT c.external_ref, a.open_orders, h.total FROM paths.credit_account a JOIN paths.customer c USING (customer_id)
        LEFT JOIN (SELECT o.client_no, sum(o.total) AS total FROM shop.orders o WHERE o.state <> 'draft'
                   AND NOT EXISTS (SELECT FROM paths.sales_order s WHERE s.external_ref = o.id::text AND s.status = 'held') GROUP BY 1) h ON h.client_no = c.external_ref::integer
        WHERE a.open_orders <> coalesce(h.total, 0)$q$, what || ': the account is the sum of the host''s rows');
    RETURN NEXT is_empty('SELECT * FROM paths.verify()', what || ': verify()');
    RETURN NEXT is_empty($q$SELECT * FROM credit_risk.attachment_check('paths')$q$, what || ': attachment_check()');
END $$;

INSERT INTO shop.orders VALUES (1, '2026-02-01', 1, 100), (2, '2026-02-01', 1, 200), (3, '2026-02-01', 2, 50), (4, '2025-06-01', 2, 25);
SELECT pg_temp.exact('several rows in one INSERT, two partitions', '1:300 2:75');
INSERT INTO shop.orders VALUES (5, '2026-02-01', 1, 600), (6, '2026-02-01', 1, 300), (7, '2026-02-01', 1, 100);
SELECT pg_temp.exact('beyond the limit: what fits in order of arrival', '1:1000 2:75');
SELECT is((SELECT string_agg(external_ref, ' ') FROM paths.sales_order WHERE status = 'held'), '6', 'the one that does not fit is held');
DELETE FROM shop.orders WHERE id = 6;
UPDATE shop.orders SET total = total + 1 WHERE client_no = 2;
SELECT pg_temp.exact('UPDATE of several rows', '1:1000 2:77');
INSERT INTO shop.orders VALUES (1, '2026-02-01', 1, 999) ON CONFLICT DO NOTHING;
SELECT pg_temp.exact('ON CONFLICT DO NOTHING', '1:1000 2:77');
INSERT INTO shop.orders VALUES (1, '2026-02-01', 1, 40), (8, '2026-02-01', 3, 10) ON CONFLICT (id, placed) DO UPDATE SET total = EXCLUDED.total;
SELECT pg_temp.exact('ON CONFLICT DO UPDATE', '1:940 2:77 3:10');
INSERT INTO shop.orders VALUES (1, '2026-02-01', 1, 41) ON CONFLICT (id, placed) DO UPDATE SET total = EXCLUDED.total WHERE false;
SELECT pg_temp.exact('ON CONFLICT DO UPDATE WHERE false', '1:940 2:77 3:10');
MERGE INTO shop.orders o USING (VALUES (2, 150), (3, NULL), (9, 70)) v (id, total) ON o.id = v.id
WHEN MATCHED AND v.total IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET total = v.total WHEN NOT MATCHED THEN INSERT (id, placed, client_no, total) VALUES (v.id, '2026-02-02', 4, v.total);
SELECT pg_temp.exact('MERGE: an insert, an update and a delete', '1:890 2:26 3:10 4:70');
COPY shop.orders (id, placed, client_no, total) FROM STDIN;
10	2026-02-03	5	11.50
11	2025-02-03	5	12.25
12	2026-02-03	6	2000
\.
SELECT pg_temp.exact('COPY', '1:890 2:26 3:10 4:70 5:23.75');
WITH gone AS (DELETE FROM shop.orders WHERE id = 10 RETURNING *), more AS (INSERT INTO shop.orders VALUES (13, '2026-02-03', 5, 5)) UPDATE shop.orders SET total = 13 WHERE id = 11;
SELECT pg_temp.exact('three statements in one', '1:890 2:26 3:10 4:70 5:18');
UPDATE shop.orders SET state = 'shipped' WHERE id = 13;
UPDATE shop.orders SET placed = '2025-07-01' WHERE id = 13;
SELECT pg_temp.exact('rows that move to other partitions', '1:890 2:26 3:10 4:70 5:18');
INSERT INTO shop.orders_new_a VALUES (14, '2026-02-04', 6, 15, 'new');
UPDATE shop.orders_old SET total = 14 WHERE id = 11;
DELETE FROM shop.orders_new_a WHERE id = 9;
SELECT pg_temp.exact('straight at partitions', '1:890 2:26 3:10 5:19 6:15');
UPDATE shop.orders SET client_no = 7 WHERE id IN (1, 14);
SELECT pg_temp.exact('given to other customers', '1:850 2:26 3:10 5:19 7:55');
UPDATE shop.orders SET client_no = 1 WHERE id = 1;
SELECT pg_temp.exact('and back', '1:890 2:26 3:10 5:19 7:15');
UPDATE shop.orders SET id = id + 100 WHERE id IN (2, 11);
SELECT pg_temp.exact('keys changed', '1:890 2:26 3:10 5:19 7:15');
UPDATE shop.orders SET state = 'draft' WHERE client_no = 3;
SELECT pg_temp.exact('not active any more', '1:890 2:26 5:19 7:15');
UPDATE shop.orders SET state = 'open', total = 12 WHERE client_no = 3;
SELECT pg_temp.exact('active again', '1:890 2:26 3:12 5:19 7:15');
UPDATE shop.orders SET extra = 'x';
SELECT pg_temp.exact('what is not mapped', '1:890 2:26 3:12 5:19 7:15');
UPDATE shop.orders SET total = 1 WHERE false;
DELETE FROM shop.orders WHERE false;
INSERT INTO shop.orders SELECT * FROM shop.orders WHERE false;
SELECT pg_temp.exact('statements without a row', '1:890 2:26 3:12 5:19 7:15');
SELECT throws_ok('TRUNCATE ' || t, 'CR010', NULL, 'TRUNCATE ' || t || ' is refused') FROM unnest('{shop.orders,shop.orders_old,shop.orders_new_b,shop.client CASCADE}'::text[]) t;

-- Undone.
SAVEPOINT before;
INSERT INTO shop.orders VALUES (20, '2026-02-05', 8, 77);
UPDATE shop.orders SET total = 1 WHERE client_no = 1;
ROLLBACK TO before;
SELECT pg_temp.exact('a savepoint rolled back', '1:890 2:26 3:12 5:19 7:15');
SELECT throws_ok($$INSERT INTO shop.orders VALUES (21, '2026-02-05', 8, 77), (1, '2026-02-01', 8, 1)$$, '23505', NULL, 'an error in the middle');
DO $$ BEGIN INSERT INTO shop.orders VALUES (21, '2026-02-05', 8, 77); RAISE 'no'; EXCEPTION WHEN raise_exception THEN INSERT INTO shop.orders VALUES (21, '2026-02-05', 8, 7); END $$;
SELECT pg_temp.exact('an exception caught', '1:890 2:26 3:12 5:19 7:15 8:7');
UPDATE paths.ledger SET on_exceed = 'reject';
SELECT throws_ok($$UPDATE shop.orders SET total = 2000 WHERE id = 21$$, 'CR001', 'credit limit exceeded for customer "8"', 'a ledger that rejects aborts the host''s statement');
SELECT throws_ok($$INSERT INTO shop.orders VALUES (22, '2026-02-05', 9, 10), (23, '2026-02-05', 9, 991)$$, 'CR001', NULL, 'as a whole');
SELECT is_empty('SELECT FROM shop.orders WHERE id IN (22, 23)', 'nothing of it is left');
SELECT pg_temp.exact('rejected', '1:890 2:26 3:12 5:19 7:15 8:7');
UPDATE paths.ledger SET on_exceed = 'hold';

-- Constraints that are checked at COMMIT: the client comes after his order.
INSERT INTO shop.orders VALUES (30, '2026-02-06', 50, 60);
SELECT is((SELECT count(*) FROM paths.sales_order WHERE external_ref = '30'), 0::bigint, 'an order before its client waits');
INSERT INTO shop.client VALUES (50, 'Late');
SELECT pg_temp.exact('and is taken at COMMIT', '1:890 2:26 3:12 5:19 50:60 7:15 8:7');
SELECT is_empty('SELECT * FROM paths.attachment_pending', 'nothing waits on');
INSERT INTO shop.orders VALUES (31, '2026-02-06', 51, 5000);
INSERT INTO shop.client VALUES (51, 'Later');
SELECT pg_temp.exact('held at COMMIT', '1:890 2:26 3:12 5:19 50:60 7:15 8:7');
SELECT is((SELECT status FROM paths.sales_order WHERE external_ref = '31'), 'held', 'judged, there, by the default limit');
ALTER TABLE shop.orders DROP CONSTRAINT of_client;
SELECT throws_ok($$INSERT INTO shop.orders VALUES (32, '2026-02-06', 99, 1); SET CONSTRAINTS ALL IMMEDIATE$$, 'CR004', 'order 32 names customer 99, which the ledger does not know', 'a client who never comes: refused at COMMIT, nobody could judge it');
SET CONSTRAINTS ALL DEFERRED;
SELECT lives_ok($$INSERT INTO shop.orders VALUES (32, '2026-02-06', NULL, 1)$$, 'an order of nobody is the host''s affair');
SELECT results_eq($$SELECT external_ref, problem FROM credit_risk.attachment_check('paths')$$, $$VALUES ('32', 'no customer')$$, 'and is listed');
DELETE FROM shop.orders WHERE id = 32;

-- Triggers of the host's own that change what is written.
CREATE FUNCTION shop.rounds_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.total < 0 THEN RETURN NULL; END IF; NEW.total := ceil(NEW.total); RETURN NEW; END $$;
CREATE FUNCTION shop.adds_freight() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE shop.orders SET total = total + 5, extra = 'freight' WHERE id = NEW.id AND extra IS DISTINCT FROM 'freight'; RETURN NULL; END $$;
CREATE TRIGGER rounds_up BEFORE INSERT OR UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.rounds_up();
CREATE TRIGGER adds_freight AFTER INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.adds_freight();
INSERT INTO shop.orders VALUES (40, '2026-02-07', 9, 10.40), (41, '2026-02-07', 9, -3);
SELECT pg_temp.exact('a row swallowed, one changed before, one after', '1:890 2:26 3:12 5:19 50:60 7:15 8:7 9:16');
CREATE VIEW shop.open_orders AS SELECT * FROM shop.orders WHERE state = 'new';
INSERT INTO shop.open_orders (id, placed, client_no, total, state, extra) VALUES (42, '2026-02-07', 9, 4, 'new', 'freight');
UPDATE shop.open_orders SET total = 5 WHERE id = 42;
SELECT pg_temp.exact('through a view', '1:890 2:26 3:12 5:19 50:60 7:15 8:7 9:21');

-- A partition that comes later, and one that goes.
CREATE TABLE shop.orders_next PARTITION OF shop.orders FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
SELECT results_eq($$SELECT problem, host_says FROM credit_risk.attachment_check('paths')$$, $$VALUES ('trigger missing or disabled', 'shop.orders_next')$$, 'a new partition has no triggers yet: listed');
INSERT INTO shop.orders VALUES (43, '2027-02-01', 9, 4, 'new', 'freight');
SELECT is((SELECT status FROM paths.sales_order WHERE external_ref = '43'), 'open', 'through the parent it works');
SELECT is(credit_risk.attach('paths', 'sales_order', 'shop.orders', mapping), (SELECT count(*) FROM shop.orders WHERE state <> 'draft'), 'attached once more') FROM paths.attachment WHERE kind = 'sales_order';
UPDATE shop.orders_next SET total = 6 WHERE id = 43;
SELECT pg_temp.exact('now straight at it too', '1:890 2:26 3:12 5:19 50:60 7:15 8:7 9:27');
ALTER TABLE shop.orders DETACH PARTITION shop.orders_next;
SELECT results_eq($$SELECT external_ref, problem FROM credit_risk.attachment_check('paths')$$, $$VALUES ('43', 'not in the host')$$, 'a partition that was detached is missed');
SELECT credit_risk.attach('paths', 'sales_order', 'shop.orders', mapping) FROM paths.attachment WHERE kind = 'sales_order' \g /dev/null
SELECT pg_temp.exact('and taken out by attaching once more', '1:890 2:26 3:12 5:19 50:60 7:15 8:7 9:21');

-- Triggers were off, as by a restore or a replica: found, and repaired by attaching once more.
SET LOCAL session_replication_role = replica;
INSERT INTO shop.orders VALUES (50, '2026-02-08', 9, 3, 'new', 'freight');
UPDATE shop.orders SET total = 891 - 40 - 150 WHERE id = 5;
DELETE FROM shop.orders WHERE id = 7;
SET LOCAL session_replication_role = origin;
SELECT results_eq($$SELECT external_ref, problem, host_says, ledger_says FROM credit_risk.attachment_check('paths')$$,
    format($$VALUES ('5', 'amount differs', '701 EUR customer %1$s', '600 EUR customer %1$s'), ('50', 'not in the ledger', '3 EUR customer %2$s', NULL), ('7', 'not in the host', NULL, 'document %3$s')$$,
           paths.customer_id('1'), paths.customer_id('9'), (SELECT order_id FROM paths.sales_order WHERE external_ref = '7')), 'what differs is listed');
SELECT credit_risk.attach('paths', 'sales_order', 'shop.orders', mapping) FROM paths.attachment WHERE kind = 'sales_order' \g /dev/null
SELECT pg_temp.exact('repaired', '1:891 2:26 3:12 5:19 50:60 7:15 8:7 9:24');
SELECT * FROM finish();
ROLLBACK;
