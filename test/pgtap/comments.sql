\set ON_ERROR_STOP 1
-- The laws of the catalogue, over every member of the extension and every
-- object of a ledger: explained, labelled, pinned, and not for everybody.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT credit_risk.create_ledger('commented') \g /dev/null

-- What the extension made, and what a ledger is made of.
CREATE TEMPORARY VIEW object AS
SELECT o.classid, o.objid, o.of_ledger, i.type AS kind, i.identity
FROM (SELECT d.classid, d.objid, false AS of_ledger FROM pg_depend d
      JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
      WHERE e.extname = 'credit_risk' AND d.deptype = 'e'
      UNION ALL SELECT 'pg_namespace'::regclass, 'commented'::regnamespace, true
      UNION ALL SELECT 'pg_class'::regclass, oid, true FROM pg_class
      WHERE relnamespace = 'commented'::regnamespace AND relkind NOT IN ('i', 'I', 'S', 't')
      UNION ALL SELECT 'pg_proc'::regclass, oid, true FROM pg_proc WHERE pronamespace = 'commented'::regnamespace
      UNION ALL SELECT 'pg_operator'::regclass, oid, true FROM pg_operator WHERE oprnamespace = 'commented'::regnamespace
      UNION ALL SELECT 'pg_type'::regclass, oid, true FROM pg_type WHERE typnamespace = 'commented'::regnamespace) o
CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) i;

-- Left out: array types and the row types of tables and views, which the
-- server makes and names by itself; and the pg_class half of a composite type,
-- whose COMMENT stands on the type, which is walked as well.
CREATE TEMPORARY VIEW unexplained AS
SELECT kind, identity, obj_description(objid, classid::regclass::name) AS comment
FROM object
WHERE coalesce(length(trim(obj_description(objid, classid::regclass::name))), 0) < 20
  AND NOT (classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c WHERE c.oid = objid AND c.relkind = 'c'))
  AND NOT (classid = 'pg_type'::regclass
           AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
                       WHERE t.oid = objid AND (t.typcategory = 'A' OR c.relkind IN ('r', 'p', 'v', 'm'))));

-- A column of a table says what it holds.  Those of a ledger's views are told
-- by the COMMENT of the view: they are columns of its tables or figures of its
-- rule, and stand in the reference.
CREATE TEMPORARY VIEW unexplained_column AS
SELECT o.identity, a.attname
FROM object o JOIN pg_class c ON o.classid = 'pg_class'::regclass AND c.oid = o.objid
JOIN pg_attribute a ON a.attrelid = c.oid
WHERE a.attnum > 0 AND NOT a.attisdropped AND NOT (o.of_ledger AND c.relkind = 'v')
  AND col_description(a.attrelid, a.attnum) IS NULL;

-- A trigger function has no callers and no label.
CREATE TEMPORARY VIEW routine AS
SELECT p.*, o.identity, o.of_ledger, l.lanname,
       p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AS is_trigger,
       EXISTS (SELECT FROM unnest(p.proconfig) setting WHERE setting LIKE 'search_path=%') AS pinned,
       -- SQL that changes something or takes a lock; comments and texts aside
       l.lanname IN ('sql', 'plpgsql') AND p.proname <> 'ledger_template'
       AND regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '''[^'']*''', '', 'g')
           ~ '\m(INSERT INTO|UPDATE|DELETE FROM|LOCK TABLE|EXECUTE|COMMIT)\M'
       OR p.proname = 'write_as_owner' AS writes,      -- the one in C
       regexp_replace(p.prosrc, '--[^\n]*', '', 'g') AS source
FROM object o
JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid
JOIN pg_language l ON l.oid = p.prolang;

-- VOLATILE and PARALLEL UNSAFE are what one gets without deciding, so they are
-- right for what writes, by its own body or by a writer that it calls, and for
-- nothing else.
CREATE TEMPORARY VIEW writer AS
WITH RECURSIVE called AS (
    SELECT oid, proname FROM routine WHERE writes
    UNION
    SELECT r.oid, r.proname FROM routine r JOIN called c ON r.source ~ ('\m' || c.proname || '\(')
    WHERE r.lanname IN ('sql', 'plpgsql') AND r.proname <> 'ledger_template'
) SELECT oid FROM called;
-- These read what their own transaction has just written, under its locks.
CREATE TEMPORARY TABLE fresh_reader (proname name PRIMARY KEY);
INSERT INTO fresh_reader VALUES ('check_payments'), ('check_reversed_payments'), ('unbilled_change');

CREATE TEMPORARY VIEW undecided AS
SELECT identity, provolatile, proparallel FROM routine
WHERE NOT is_trigger
  AND CASE WHEN oid IN (SELECT oid FROM writer) OR proname IN (SELECT proname FROM fresh_reader)
           THEN provolatile <> 'v' OR proparallel <> 'u'
           ELSE provolatile = 'v' OR proparallel = 'u' END;

-- A C function resolves nothing by the path of its caller unless it runs SQL,
-- and then it names the schema itself.
CREATE TEMPORARY VIEW unpinned AS
SELECT identity FROM routine
WHERE lanname NOT IN ('c', 'internal') AND prokind <> 'a' AND NOT pinned
  AND NOT (prokind = 'p' AND identity LIKE 'credit\_risk.run\_daily(%');

CREATE TEMPORARY VIEW mispinned AS
SELECT identity, proconfig FROM routine
WHERE pinned AND NOT proconfig @> ARRAY['search_path=' || CASE WHEN of_ledger THEN 'commented' ELSE 'pg_catalog' END || ', pg_temp'];

CREATE TEMPORARY VIEW unjustified AS
SELECT identity FROM routine
WHERE prosecdef AND (NOT pinned OR obj_description(oid, 'pg_proc') !~ '(Runs|runs) as the owner');

CREATE TEMPORARY VIEW public_access AS
SELECT o.identity, x.privilege_type
FROM object o JOIN pg_proc p ON o.classid = 'pg_proc'::regclass AND p.oid = o.objid
CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
WHERE o.of_ledger AND x.grantee = 0
UNION ALL
SELECT o.identity, x.privilege_type
FROM object o JOIN pg_class c ON o.classid = 'pg_class'::regclass AND c.oid = o.objid
CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
WHERE x.grantee = 0 AND (o.of_ledger OR x.privilege_type <> 'SELECT')
UNION ALL
SELECT 'commented', x.privilege_type
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
WHERE n.nspname = 'commented' AND x.grantee = 0;

SELECT plan(21);

SELECT cmp_ok((SELECT count(*) FROM object WHERE NOT of_ledger), '>', 100::bigint, 'the walk sees the members');
SELECT is(
  (SELECT array_agg(DISTINCT kind ORDER BY kind) FROM object WHERE of_ledger),
  ARRAY(SELECT k FROM unnest('{composite type,function,schema,table,type,view}'::text[]) k ORDER BY 1),
  'a ledger has these kinds of objects, and the walk sees them');
SELECT cmp_ok((SELECT count(*) FROM routine WHERE of_ledger), '>', 40::bigint, 'with all its routines');

SELECT is_empty('SELECT * FROM unexplained ORDER BY 1, 2', 'every object has a COMMENT of more than a word');
SELECT is_empty('SELECT * FROM unexplained_column ORDER BY 1, 2', 'every column has a COMMENT');
SELECT is_empty('SELECT * FROM undecided ORDER BY 1', 'volatility and the PARALLEL label are decided on every routine');
SELECT is_empty('SELECT proname FROM fresh_reader EXCEPT SELECT proname FROM routine WHERE NOT writes', 'no exception is out of use');
SELECT is_empty('SELECT * FROM unpinned ORDER BY 1', 'every routine but the procedure run_daily pins its search_path');
SELECT is_empty('SELECT * FROM mispinned ORDER BY 1', 'the path is that of the ledger, or pg_catalog; pg_temp comes last');
SELECT is_empty('SELECT * FROM unjustified ORDER BY 1', 'every SECURITY DEFINER is pinned and its COMMENT gives the reason');
SELECT is_empty('SELECT * FROM public_access ORDER BY 1', 'nothing of a ledger is for everybody');

SELECT is_empty($$
  SELECT identity FROM object WHERE NOT of_ledger AND kind IN ('table', 'view', 'function', 'procedure', 'aggregate', 'type')
    AND identity NOT LIKE 'credit\_risk.%' ORDER BY 1
$$, 'every member lives in the schema credit_risk');

-- DROP EXTENSION CASCADE would take a column of our type along.
SELECT is_empty($$
  SELECT o.identity, a.attname FROM object o JOIN pg_attribute a ON a.attrelid = o.objid
  JOIN pg_class c ON c.oid = o.objid AND c.relkind IN ('r', 'p')
  JOIN pg_type t ON t.oid = a.atttypid
  WHERE o.of_ledger AND o.classid = 'pg_class'::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND (t.typnamespace = 'credit_risk'::regnamespace
         OR EXISTS (SELECT FROM pg_type e WHERE e.oid = t.typelem AND e.typnamespace = 'credit_risk'::regnamespace)
         OR (a.attgenerated <> '' AND EXISTS (
             SELECT FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
             JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
             WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum AND p.pronamespace = 'credit_risk'::regnamespace)))
$$, 'no column of a ledger''s tables has a type of ours or is generated by a function of ours');

-- Each law can fail: what breaks it is planted, found, and rolled back.
SAVEPOINT planted;
CREATE TABLE commented.silent (a integer);
COMMENT ON TABLE commented.silent IS 'x';
CREATE FUNCTION commented.careless() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION commented.bold() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public AS 'UPDATE commented.silent SET a = 1 RETURNING a';
COMMENT ON FUNCTION commented.bold() IS 'A function that does as it likes.';
CREATE FUNCTION commented.caller() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS 'SELECT commented.bold()';
CREATE TYPE commented.mood AS ENUM ('good');
CREATE OPERATOR commented.!!! (RIGHTARG = integer, FUNCTION = pg_catalog.int4abs);

SELECT set_eq('SELECT identity FROM unexplained',
  ARRAY['commented.silent', 'commented.careless()', 'commented.caller()', 'commented.mood', 'commented.!!!(NONE,integer)'],
  'planted: without a COMMENT');
SELECT set_eq('SELECT attname FROM unexplained_column', ARRAY['a'::name], 'planted: a column without a COMMENT');
SELECT set_eq('SELECT identity FROM undecided', ARRAY['commented.careless()', 'commented.bold()', 'commented.caller()'],
  'planted: without a label, and a writer that claims to be stable, itself or through another');
SELECT set_eq('SELECT identity FROM unpinned', ARRAY['commented.careless()'], 'planted: without a path');
SELECT set_eq('SELECT identity FROM mispinned', ARRAY['commented.bold()', 'commented.caller()'], 'planted: with another path');
SELECT set_eq('SELECT identity FROM unjustified', ARRAY['commented.bold()'], 'planted: SECURITY DEFINER without a reason');
SELECT set_eq('SELECT identity FROM public_access', ARRAY['commented.careless()', 'commented.bold()', 'commented.caller()'],
  'planted: for everybody');
ROLLBACK TO planted;
CREATE TABLE commented.typed (a credit_risk.payment_terms);
SELECT isnt_empty($$
  SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid AND t.typnamespace = 'credit_risk'::regnamespace
  WHERE a.attrelid = 'commented.typed'::regclass
$$, 'planted: a column of our type is seen by its type''s schema');

SELECT * FROM finish();
ROLLBACK;
