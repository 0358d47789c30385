\set ON_ERROR_STOP 1
-- The laws of the catalogue: every object of the extension and of a ledger is explained, labelled and pinned.
BEGIN;

SELECT credit_risk.create_ledger('explained') \g /dev/null

CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
WHERE e.extname = 'credit_risk' AND d.deptype = 'e';

-- What create_ledger() makes.  Left out: indexes, constraints and triggers, which do not stand alone (the COMMENT of
-- their table, column or function says what they are for), and the sequences of identity columns.
CREATE TEMPORARY VIEW ledger_object AS
WITH ledger AS (SELECT 'explained'::regnamespace AS schema)
SELECT 'pg_namespace'::regclass AS classid, schema::oid AS objid FROM ledger
UNION ALL SELECT 'pg_class'::regclass, c.oid FROM pg_class c, ledger
WHERE relnamespace = schema AND relkind NOT IN ('i', 'I')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')
UNION ALL SELECT 'pg_proc'::regclass, p.oid FROM pg_proc p, ledger WHERE pronamespace = schema
UNION ALL SELECT 'pg_type'::regclass, t.oid FROM pg_type t, ledger WHERE typnamespace = schema;

CREATE TEMPORARY VIEW object AS
SELECT o.*, i.type AS kind, i.identity, obj_description(objid, classid::regclass::name) AS comment
FROM (SELECT * FROM member UNION ALL SELECT * FROM ledger_object) o
CROSS JOIN LATERAL pg_identify_object(classid, objid, 0) i;

CREATE TEMPORARY VIEW routine AS
SELECT p.*, o.identity, l.lanname,
       EXISTS (SELECT FROM unnest(p.proconfig) setting WHERE setting LIKE 'search_path=%') AS pinned
FROM object o
JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid
JOIN pg_language l ON l.oid = p.prolang;

-- VOLATILE and PARALLEL UNSAFE are what one gets without deciding.  For these it is decided: they write.
-- (Trigger functions have no callers, so no label matters on them.)
CREATE TEMPORARY TABLE writer (proname name PRIMARY KEY);
INSERT INTO writer VALUES
  -- the extension's
  ('create_ledger'), ('rename_ledger'), ('upgrade_ledger'), ('drop_ledger'), ('grant_ledger_access'), ('run_daily'),
  ('pin_ledger'),
  -- a ledger's: what users call
  ('place_order'), ('cancel_order'), ('release_order'), ('reverse_delivery'), ('reverse_invoice'), ('reverse_payment'),
  ('reverse_allocation'), ('claim_actions'), ('approve_action'), ('complete_action'), ('fail_action'), ('rebuild'),
  -- a ledger's: what its triggers and its run call
  ('regroup'), ('replan'), ('move_orders'), ('open_items'), ('refresh_limit'), ('check_payments'), ('settle_items'),
  ('claimed_action'),
  -- reads, but what the statement in progress has written
  ('unbilled_change');

SELECT plan(11);

SELECT cmp_ok((SELECT count(*) FROM member), '>', 100::bigint, 'the walk sees the extension');
SELECT cmp_ok((SELECT count(*) FROM ledger_object), '>', 70::bigint, 'the walk sees a ledger');

-- Left out: array types and the row types of tables and views, which the server makes and names by itself.
SELECT is_empty($$
  SELECT kind, identity FROM object
  WHERE comment IS NULL
    AND NOT (classid = 'pg_type'::regclass
             AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
                         WHERE t.oid = objid AND (t.typcategory = 'A' OR c.relkind IN ('r', 'p', 'v', 'm'))))
  ORDER BY 1, 2
$$, 'every object has a COMMENT');

-- The columns of a view are those of its tables, and its own COMMENT says the rest.
SELECT is_empty($$
  SELECT o.identity, a.attname
  FROM object o JOIN pg_attribute a ON o.classid = 'pg_class'::regclass AND a.attrelid = o.objid
  JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
  WHERE a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL
  ORDER BY 1, 2
$$, 'every column of a table has a COMMENT');

SELECT is_empty($$
  SELECT identity, comment FROM object WHERE length(trim(comment)) < 20 ORDER BY 1
$$, 'no COMMENT of an object is a mere word');

SELECT is_empty($$
  SELECT identity, provolatile, proparallel FROM routine
  WHERE (proparallel = 'u' OR provolatile = 'v')
    AND prorettype <> 'trigger'::regtype AND proname NOT IN (SELECT proname FROM writer)
  ORDER BY 1
$$, 'volatility and the PARALLEL label are decided on every routine that does not write');

SELECT is_empty($$
  SELECT identity, provolatile, proparallel FROM routine
  WHERE proname IN (SELECT proname FROM writer) AND (proparallel <> 'u' OR provolatile <> 'v') ORDER BY 1
$$, 'what writes is VOLATILE and PARALLEL UNSAFE');

SELECT is_empty($$
  SELECT proname FROM writer WHERE proname NOT IN (SELECT proname FROM routine) ORDER BY 1
$$, 'the list of routines that write names no other');

-- A C function resolves no name by the path of its caller unless it runs SQL, and then it pins the path itself.
SELECT is_empty($$
  SELECT identity FROM routine
  WHERE lanname NOT IN ('c', 'internal') AND NOT pinned AND NOT (prokind = 'p' AND identity LIKE 'credit\_risk.run\_daily(%')
  ORDER BY 1
$$, 'every routine but the procedure credit_risk.run_daily pins its search_path');

SELECT is_empty($$
  SELECT identity FROM routine WHERE prosecdef AND NOT pinned ORDER BY 1
$$, 'no SECURITY DEFINER without a pinned search_path');

SELECT is_empty($$
  SELECT o.identity FROM object o JOIN member USING (classid, objid)
  WHERE o.kind IN ('table', 'view', 'function', 'procedure', 'aggregate', 'type') AND o.identity NOT LIKE 'credit\_risk.%'
  ORDER BY 1
$$, 'every member lives in the schema credit_risk');

SELECT * FROM finish();
ROLLBACK;
