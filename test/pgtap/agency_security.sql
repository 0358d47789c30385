-- Row-level security by agency: row 000-08 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;     -- plans under policies look costly, and compiling them is
SET LOCAL search_path = public, pg_temp;
CREATE ROLE sec_owner; CREATE ROLE sec_reader_a; CREATE ROLE sec_clerk_a; CREATE ROLE sec_collector_a; CREATE ROLE sec_manager_a; CREATE ROLE sec_reader_b; CREATE ROLE sec_clerk_b;
CREATE ROLE sec_region; CREATE ROLE sec_central; CREATE ROLE sec_nobody; CREATE ROLE sec_logistics; CREATE ROLE sec_person; CREATE ROLE sec_group; GRANT sec_group TO sec_person;
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO sec_owner', current_database()) \gexec

-- Run a statement as a role: its first column, all rows in one line, or the SQLSTATE.
CREATE FUNCTION pg_temp.ask(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    before text := pg_catalog.current_setting('search_path');
BEGIN
    PERFORM pg_catalog.set_config('role', role, true), pg_catalog.set_config('search_path', 'shared, pg_catalog', true);
    IF statement ~* '^(SELECT|TABLE|WITH)' THEN
        EXECUTE 'SELECT string_agg(v, '','' ORDER BY v) FROM (SELECT to_jsonb(q) #>> (ARRAY(SELECT k FROM jsonb_object_keys(to_jsonb(q)) k LIMIT 1)) AS v FROM (' || statement || ') q) x' INTO answer;
    ELSE
        EXECUTE statement;
        GET DIAGNOSTICS answer = ROW_COUNT;
    END IF;
    PERFORM pg_catalog.set_config('search_path', before, true), pg_catalog.set_config('role', 'none', true);
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
-- The customers that a role meets in a table, view or answer.
CREATE FUNCTION pg_temp.met(role text, relation text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    PERFORM pg_catalog.set_config('role', role, true);
    EXECUTE format('SELECT array_agg(DISTINCT q.customer_id::bigint) FROM %s q WHERE q.customer_id IS NOT NULL', relation) INTO ids;
    PERFORM pg_catalog.set_config('role', 'none', true);
    RETURN coalesce(ids, '{}');
END $$;

SELECT pg_temp.ask('sec_owner', $$SELECT credit_risk.create_ledger('shared')$$) \g /dev/null
SELECT pg_temp.ask('sec_owner', format($$SELECT credit_risk.grant_ledger_access('shared', '%s', '%s')$$, role, level))
FROM (VALUES ('sec_reader_a', 'reader'), ('sec_reader_b', 'reader'), ('sec_clerk_a', 'clerk'), ('sec_clerk_b', 'clerk'), ('sec_collector_a', 'collector'), ('sec_manager_a', 'manager'),
             ('sec_region', 'reader'), ('sec_central', 'manager'), ('sec_nobody', 'reader'), ('sec_logistics', 'clerk'), ('sec_group', 'clerk')) v (role, level) \g /dev/null
-- A ledger with everything in it: the sample, its customers dealt out to two agencies and to none.
SET LOCAL ROLE sec_owner;
SET LOCAL search_path = shared;
\set seed 0
\i test/t/sample.sql
\o
\pset tuples_only on
INSERT INTO agency (agency, name) VALUES ('region', 'Region') ON CONFLICT DO NOTHING;
INSERT INTO agency (agency, name, parent) VALUES ('a', 'Agency A', 'region'), ('b', 'Agency B', 'region');
UPDATE customer SET agency = CASE WHEN customer_id % 3 = 0 THEN 'a' WHEN customer_id % 3 = 1 THEN 'b' END;
INSERT INTO agency_member (role_name, agency) VALUES ('sec_reader_a', 'a'), ('sec_clerk_a', 'a'), ('sec_collector_a', 'a'), ('sec_manager_a', 'a'), ('sec_reader_b', 'b'), ('sec_clerk_b', 'b'),
    ('sec_region', 'region'), ('sec_central', NULL), ('sec_group', 'b'), ('dropped since', 'a');
INSERT INTO department_member VALUES ('sec_logistics', 'logistics');
SET CONSTRAINTS ALL IMMEDIATE;
RESET ROLE;
SET LOCAL search_path = public, pg_temp;
CREATE TEMPORARY TABLE relation AS
SELECT format('shared.%I', c.relname) AS name, c.relkind FROM pg_class c JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = 'customer_id'
WHERE c.relnamespace = 'shared'::regnamespace AND c.relkind IN ('r', 'v');
GRANT SELECT ON relation TO PUBLIC;
CREATE TEMPORARY TABLE side AS SELECT customer_id, coalesce(agency, '-') AS agency FROM shared.customer;

SELECT no_plan();
SELECT cmp_ok((SELECT count(*) FROM relation), '>', 100::bigint, '000-08 tables and views with a customer');
-- Before ----------------------------------------------------------------------------------
SELECT ok(pg_temp.met('sec_reader_a', 'shared.invoice') = pg_temp.met('sec_owner', 'shared.invoice'), '000-08 before: whoever has access sees all');
CREATE TEMPORARY TABLE whole AS SELECT name, pg_temp.met('sec_owner', name) AS ids FROM relation WHERE relkind = 'r';
CREATE TEMPORARY TABLE views_before AS SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'shared'::regnamespace AND relkind = 'v';
SELECT is(pg_temp.ask('sec_manager_a', $$SELECT credit_risk.enable_agency_security('shared')$$), '42501', '000-08 a manager cannot turn it on');
SELECT is(pg_temp.ask('sec_owner', $$SELECT credit_risk.enable_agency_security('nothing')$$), '3F000', '000-08 nor anybody in what is no ledger');

-- On ------------------------------------------------------------------------------------------
SELECT is(pg_temp.ask('sec_owner', $$SELECT credit_risk.enable_agency_security('shared')$$)::integer >= (SELECT count(*) FROM relation WHERE relkind = 'r')::integer, true, '000-08 turned on, on every table with a customer');
-- The loop over all tables and views: what of A, what of B, what of both.
CREATE FUNCTION pg_temp.strangers(role text, seen text[], kinds text DEFAULT 'r') RETURNS TABLE (name text, customer bigint) LANGUAGE sql AS $$
    SELECT r.name, id FROM pg_temp.relation r CROSS JOIN LATERAL unnest(pg_temp.met(role, r.name)) id
    WHERE position(r.relkind IN kinds) > 0 AND id NOT IN (SELECT s.customer_id FROM pg_temp.side s WHERE s.agency = ANY (seen)) ORDER BY 1, 2 $$;
CREATE FUNCTION pg_temp.lacking(role text, seen text[]) RETURNS TABLE (name text, customer bigint) LANGUAGE sql AS $$
    SELECT w.name, id FROM (SELECT v.name, v.ids, pg_temp.met(role, v.name) AS met FROM pg_temp.whole v OFFSET 0) w
    CROSS JOIN LATERAL unnest(w.ids) id JOIN pg_temp.side s ON s.customer_id = id AND s.agency = ANY (seen)
    WHERE NOT id = ANY (w.met) ORDER BY 1, 2 $$;
SELECT is_empty($$SELECT * FROM pg_temp.strangers('sec_reader_a', '{a}', 'rv')$$, '000-08 no table and no view shows agency A a customer of B or of none');
SELECT is_empty($$SELECT * FROM pg_temp.strangers('sec_reader_b', '{b}', 'rv')$$, '000-08 nor agency B one of A');
SELECT is_empty($$SELECT * FROM pg_temp.lacking('sec_reader_a', '{a}')$$, '000-08 every table shows agency A all of its own');
SELECT is_empty($$SELECT * FROM pg_temp.strangers('sec_region', '{a,b}') UNION ALL SELECT * FROM pg_temp.lacking('sec_region', '{a,b}')$$, '000-08 the region above sees both, no more and no less');
SELECT is_empty($$SELECT * FROM pg_temp.lacking('sec_central', '{a,b,-}')$$, '000-08 the central department sees all');
SELECT is_empty($$SELECT * FROM pg_temp.strangers('sec_nobody', '{}')$$, '000-08 a role of no agency sees none');
SELECT is_empty($$SELECT name FROM whole WHERE pg_temp.met('sec_owner', name) <> ids$$, '000-08 the owner sees what he saw');
SELECT cmp_ok(cardinality(pg_temp.met('sec_reader_a', v)), '>', 0, '000-08 and A has rows in ' || v)
FROM unnest('{shared.ageing_by_customer,shared.exposure,shared.open_dispute,shared.dunning_queue,shared.credit_decision,shared.risk_event,shared.customer,shared.credit_owner}'::text[]) v;
SELECT is(pg_temp.ask('sec_reader_a', 'SELECT total FROM ageing_total')::numeric, (SELECT sum(total) FROM shared.ageing_by_customer JOIN side USING (customer_id) WHERE side.agency = 'a'), '000-08 a total is that of what the role sees');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'shared'::regnamespace AND relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false)), 1::bigint, '000-08 every view but one asks as its reader');
-- Functions of questions, by the catalogue: what returns customers and needs no customer.
SELECT is_empty(format($$SELECT f, id FROM unnest(%L::text[]) f CROSS JOIN LATERAL unnest(pg_temp.met('sec_reader_a', f)) id WHERE id NOT IN (SELECT customer_id FROM side WHERE agency = 'a')$$,
    ARRAY['shared.ageing_as_of(shared.business_date())', 'shared.exposure_as_of(shared.business_date())', 'shared.disputed_as_of(shared.business_date())', 'shared.open_item_as_of(shared.business_date())',
          'shared.doubtful_as_of(shared.business_date())', 'shared.limit_expiries(400)', 'shared.documents_expiring(4000)', 'shared.missing_cause()']), '000-08 nor do its functions');
-- Those that run as the owner and may be asked by a reader, each looked at: a new one must be added here, with its answer.
SELECT set_eq($$SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'shared'::regnamespace AND p.prosecdef AND p.prorettype <> 'trigger'::regtype AND has_function_privilege('sec_reader_a', p.oid, 'EXECUTE')$$,
    '{available_credit,check_order,deposit_pct,document_of,risk_action,business_date,policy_in_force,policy_version_in_force,rate_on,own_risk_in_force,shared_customers}'::text[], '000-08 these run as the owner: four look who asks, deposit_pct() is a percentage of the class, the rest is of no customer');
SELECT customer_id AS b1 FROM side JOIN shared.credit_account USING (customer_id) WHERE agency = 'b' ORDER BY 1 LIMIT 1 \gset
SELECT customer_id AS a1 FROM side JOIN shared.credit_account USING (customer_id) WHERE agency = 'a' ORDER BY 1 LIMIT 1 \gset
SELECT is(pg_temp.ask('sec_reader_a', format(s, :b1)), answer, '000-08 A asks of B: ' || s) FROM (VALUES ('SELECT available_credit(%s)', NULL), ('SELECT outcome FROM check_order(%s, 1)', 'CR004'), ('SELECT action FROM risk_action(%s)', 'CR004'), ('SELECT may_see(%s)', 'false')) v (s, answer);
SELECT isnt(pg_temp.ask('sec_reader_a', format(s, :a1)), answer, '000-08 A asks of A: ' || s) FROM (VALUES ('SELECT outcome FROM check_order(%s, 1)', 'CR004'), ('SELECT action FROM risk_action(%s)', 'CR004'), ('SELECT may_see(%s)', 'false')) v (s, answer);

-- Writing.
SELECT is(pg_temp.ask('sec_clerk_a', format(s, :a1)), '1', '000-08 A writes of A: ' || s) FROM (VALUES ('INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (%s, ''SEC-1'', 10)'), ('INSERT INTO payment (customer_id, payment_no, amount) VALUES (%s, ''SEC-P'', 10)'), ('INSERT INTO sales_order (customer_id, order_no, amount) VALUES (%s, ''SEC-O'', 10)'), ('UPDATE customer SET name = name WHERE customer_id = %s')) v (s);
SELECT is(pg_temp.ask('sec_clerk_a', format(s, :b1)), answer, '000-08 A writes of B: ' || s) FROM (VALUES ('INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (%s, ''SEC-2'', 10)', '42501'), ('INSERT INTO payment (customer_id, payment_no, amount) VALUES (%s, ''SEC-Q'', 10)', '42501'), ('UPDATE customer SET name = name WHERE customer_id = %s', '0'), ('SELECT add_comment(%s, ''x'')', 'CR004'), ('SELECT request_limit(%s, 10, ''x'')', '42501')) v (s, answer);
SELECT is(pg_temp.ask('sec_manager_a', format('SELECT mark_doubtful(%s, ''doubtful'')', (SELECT min(invoice_id) FROM shared.open_item JOIN side USING (customer_id) WHERE agency = 'b' AND open_amount > 0 AND kind = 'invoice' AND NOT EXISTS (SELECT FROM shared.doubtful_receivable d WHERE d.invoice_id = open_item.invoice_id)))), '42501', '000-08 a function that runs as the owner changes nothing of B for a manager of A');
SELECT is(pg_temp.ask('sec_manager_a', 'SELECT customers FROM run_daily()'), '42501', '000-08 the daily run is of those who see all');
SELECT is(pg_temp.ask('sec_clerk_a', 'INSERT INTO customer (code, name) VALUES (''SEC-A'', ''New at A'')'), '1', '000-08 a clerk of A makes a customer');
SELECT is((SELECT agency FROM shared.customer WHERE code = 'SEC-A'), 'a', '000-08 it is A''s');
SELECT is(pg_temp.ask('sec_clerk_a', 'INSERT INTO customer (code, name, agency) VALUES (''SEC-B'', ''New at B'', ''b'')'), '42501', '000-08 not one of B');
SELECT is(pg_temp.ask('sec_manager_a', format('UPDATE customer SET agency = ''b'' WHERE customer_id = %s', :a1)), '42501', '000-08 nor does its manager give one to B');
SELECT is(pg_temp.ask('sec_manager_a', 'INSERT INTO agency_member VALUES (''sec_manager_a'', NULL)'), '42501', '000-08 nor himself all');
SELECT is(pg_temp.ask('sec_manager_a', 'UPDATE agency SET parent = ''a'' WHERE agency = ''b'''), '42501', '000-08 nor B to A');
-- A group of both: what triggers do is not in question.
SELECT is(pg_temp.ask('sec_owner', format('UPDATE customer SET parent_id = %s WHERE customer_id = %s', (SELECT max(customer_id) FROM side JOIN shared.credit_account USING (customer_id) WHERE agency = 'b' AND group_path IS NULL),
    (SELECT max(customer_id) FROM side JOIN shared.credit_account USING (customer_id) WHERE agency = 'a' AND group_path IS NULL))), '1', '000-08 a group of a head at B and a member at A');
SELECT is(pg_temp.ask('sec_clerk_a', format('INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (%s, ''SEC-G'', 17)', (SELECT max(customer_id) FROM side JOIN shared.credit_account USING (customer_id) WHERE agency = 'a' AND group_path IS NOT NULL))), '1', '000-08 A posts to its member');
SELECT is_empty('SELECT * FROM shared.verify()', '000-08 verify() is empty: the head at B has it too');

-- A task assigned to B is visible to B -----------------------------------------------------------
SELECT is(pg_temp.ask('sec_reader_b', format('SELECT code FROM customer WHERE customer_id = %s', :a1)), NULL, '000-08 before: B does not see this customer of A');
SELECT isnt(pg_temp.ask('sec_clerk_a', format('SELECT add_comment(%s, ''@b you delivered there, @logistics as well: what happened?'')', :a1)), NULL, '000-08 A calls @b and @logistics');
SELECT is(pg_temp.ask('sec_clerk_a', format('SELECT add_comment(%s, ''among us'')', :a1)) IS NULL, false, '000-08 and comments without calling anybody');
SELECT is(pg_temp.ask('sec_reader_b', format('SELECT department FROM task WHERE customer_id = %s', :a1)), 'b', '000-08 a task assigned to B is visible to B');
SELECT is(pg_temp.ask('sec_logistics', format('SELECT department FROM task WHERE customer_id = %s AND kind LIKE ''comment%%''', :a1)), 'logistics', '000-08 that of a department to the department, whatever the agency');
SELECT is(pg_temp.ask('sec_reader_b', format('SELECT text FROM customer_discussion WHERE customer_id = %s', :a1)), '@b you delivered there, @logistics as well: what happened?', '000-08 with the comment that called it, and not the other');
SELECT is(pg_temp.ask('sec_reader_b', format('SELECT code FROM customer WHERE customer_id = %s', :a1)), (SELECT code FROM shared.customer WHERE customer_id = :a1), '000-08 and the customer''s own row');
SELECT is_empty(format($$SELECT r.name FROM relation r WHERE r.name NOT IN ('shared.customer', 'shared.task', 'shared.customer_comment', 'shared.customer_comment_mention') AND r.relkind = 'r' AND %s = ANY (pg_temp.met('sec_reader_b', r.name))$$, :a1), '000-08 none of its papers');
SELECT is(pg_temp.ask('sec_reader_a', format('SELECT department FROM task WHERE customer_id = %s AND department = ''b''', :b1)), NULL, '000-08 A sees no task of B''s customers');
SELECT isnt(pg_temp.ask('sec_clerk_b', format('SELECT add_comment(%s, ''the driver says: rain'')', :a1)), NULL, '000-08 B answers');
SELECT is(pg_temp.ask('sec_clerk_b', format('SELECT close_task(task_id, ''answered'') FROM task WHERE customer_id = %s', :a1)), 'answered', '000-08 and closes its task');
SELECT is(pg_temp.ask('sec_clerk_a', format('SELECT text FROM customer_discussion WHERE customer_id = %s AND recorded_by = ''sec_clerk_b''', :a1)), 'the driver says: rain', '000-08 A reads the answer');
SELECT is(pg_temp.ask('sec_clerk_b', format('UPDATE customer SET name = ''mine'' WHERE customer_id = %s', :a1)), '0', '000-08 B changes nothing of the customer');
SELECT is(pg_temp.ask('sec_clerk_b', format('INSERT INTO task (customer_id, kind, subject, department, opened_on) SELECT customer_id, ''x'', ''x'', ''b'', business_date() FROM (VALUES (%s::bigint)) v (customer_id)', (SELECT max(customer_id) FROM side WHERE agency = 'a'))), '42501', '000-08 nor gives itself a task to see more');
SELECT is(pg_temp.ask('sec_owner', format('SELECT open_task(%s, ''visit'', ''go and see'') IS NULL', (SELECT max(customer_id) FROM side WHERE agency = 'a'))), 'false', '000-08 a task of A''s customer');
SELECT is(pg_temp.ask('sec_owner', format('UPDATE task SET owner = ''sec_person'' WHERE customer_id = %s AND kind = ''visit''', (SELECT max(customer_id) FROM side WHERE agency = 'a'))), '1', '000-08 given to a person');
SELECT is(pg_temp.ask('sec_person', 'SELECT subject FROM task WHERE kind = ''visit'''), 'go and see', '000-08 is visible to that person');
SELECT is(pg_temp.ask('sec_person', format('SELECT DISTINCT may_see(%s) AND NOT may_see(%s) FROM ledger', :b1, :a1)), 'true', '000-08 who also sees what a role granted to him sees');

-- Twice, new tables, off --------------------------------------------------------------------------
CREATE TEMPORARY VIEW shape AS
SELECT 'policy ' || tablename || ' ' || policyname || ' ' || cmd || coalesce(qual, '') || coalesce(with_check, '') AS line FROM pg_policies WHERE schemaname = 'shared'
UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'shared'::regnamespace AND t.tgname = 'credit_risk_agency'
UNION ALL SELECT relname || reloptions::text || relrowsecurity FROM pg_class WHERE relnamespace = 'shared'::regnamespace AND relkind IN ('r', 'v');
CREATE TEMPORARY TABLE shape_once AS SELECT * FROM shape;
SELECT pg_temp.ask('sec_owner', $$SELECT credit_risk.enable_agency_security('shared')$$) \g /dev/null
SELECT set_eq('SELECT * FROM shape', 'SELECT * FROM shape_once', '000-08 turned on twice is turned on once');
SELECT pg_temp.ask('sec_owner', s) FROM unnest(ARRAY['CREATE TABLE shared.my_table (customer_id bigint, note text)', format('INSERT INTO my_table VALUES (%s, ''a''), (%s, ''b'')', :a1, :b1), 'CREATE VIEW shared.my_view AS SELECT * FROM shared.my_table',
    'CREATE TABLE shared.my_pack (agency text, figure numeric)', 'INSERT INTO my_pack VALUES (''a'', 1), (''b'', 2), (NULL, 3)', 'GRANT SELECT ON shared.my_table, shared.my_view, shared.my_pack TO sec_reader_a']) s \g /dev/null
SELECT is(pg_temp.ask('sec_reader_a', 'SELECT note FROM my_view'), 'a,b', '000-08 a table made later is open');
SELECT is(pg_temp.ask('sec_owner', $$SELECT credit_risk.upgrade_ledger('shared')$$), '1', '000-08 until the ledger is upgraded, or it is turned on again');
SELECT is(pg_temp.ask('sec_reader_a', 'SELECT note FROM my_view') || pg_temp.ask('sec_reader_a', 'SELECT figure FROM my_pack'), 'a1', '000-08 then it is not, nor one that has an agency and no customer');
SELECT is(pg_temp.ask('sec_owner', $$SELECT credit_risk.rename_ledger('shared', 'renamed'), credit_risk.rename_ledger('renamed', 'shared')$$) IS NULL, false, '000-08 renamed and back');
SELECT is_empty($$SELECT * FROM pg_temp.strangers('sec_reader_a', '{a}') WHERE customer NOT IN (SELECT customer_id FROM shared.customer WHERE code = 'SEC-A')$$, '000-08 it still holds');
SELECT is(pg_temp.ask('sec_manager_a', $$SELECT credit_risk.disable_agency_security('shared')$$), '42501', '000-08 a manager cannot turn it off');
SELECT cmp_ok(pg_temp.ask('sec_owner', $$SELECT credit_risk.disable_agency_security('shared')$$), '<>', '0', '000-08 the owner can');
SELECT ok(pg_temp.met('sec_reader_a', 'shared.invoice') = pg_temp.met('sec_owner', 'shared.invoice') AND pg_temp.met('sec_reader_a', 'shared.exposure') = pg_temp.met('sec_owner', 'shared.exposure'), '000-08 off: whoever has access sees all again');
SELECT is_empty($$SELECT * FROM pg_policies WHERE schemaname = 'shared'$$, '000-08 no policy is left');
SELECT set_eq($$SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'shared'::regnamespace AND relkind = 'v' AND relname <> 'my_view'$$, 'SELECT * FROM views_before', '000-08 and the views are as they were');
SELECT is(pg_temp.ask('sec_owner', $$SELECT credit_risk.disable_agency_security('shared')$$), '0', '000-08 turned off twice is turned off once');

SELECT * FROM finish();
ROLLBACK;
