\set ON_ERROR_STOP 1
-- The laws of the catalogue: every member of the extension is explained, labelled and pinned.
BEGIN;

CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid, i.type AS kind, i.identity
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
WHERE e.extname = 'credit_risk' AND d.deptype = 'e';

-- Trigger functions have no callers and no label; the rest of the list are the routines that write.
CREATE TEMPORARY TABLE writer (proname name PRIMARY KEY);
INSERT INTO writer VALUES
  ('create_ledger'), ('rename_ledger'), ('upgrade_ledger'), ('drop_ledger'), ('grant_ledger_access'), ('run_daily');

CREATE TEMPORARY VIEW routine AS
SELECT p.*, m.identity, l.lanname
FROM member m
JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_language l ON l.oid = p.prolang;

SELECT plan(9);

SELECT cmp_ok((SELECT count(*) FROM member), '>', 1::bigint, 'the walk sees members');

-- Left out: array types and the row types of tables and views, which the server makes and names by itself.
SELECT is_empty($$
  SELECT kind, identity FROM member
  WHERE obj_description(objid, classid::regclass::name) IS NULL
    AND NOT (classid = 'pg_type'::regclass
             AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
                         WHERE t.oid = objid AND (t.typcategory = 'A' OR c.relkind IN ('r', 'p', 'v', 'm'))))
  ORDER BY 1, 2
$$, 'every member has a COMMENT');

SELECT is_empty($$
  SELECT m.identity, a.attname
  FROM member m JOIN pg_attribute a ON m.classid = 'pg_class'::regclass AND a.attrelid = m.objid
  WHERE a.attnum > 0 AND NOT a.attisdropped AND col_description(a.attrelid, a.attnum) IS NULL
  ORDER BY 1, 2
$$, 'every column of a member relation has a COMMENT');

SELECT is_empty($$
  SELECT identity FROM member
  WHERE length(trim(obj_description(objid, classid::regclass::name))) < 20 ORDER BY 1
$$, 'no COMMENT is a mere word');

-- VOLATILE and PARALLEL UNSAFE are what one gets without deciding.
SELECT is_empty($$
  SELECT identity FROM routine
  WHERE (proparallel = 'u' OR provolatile = 'v')
    AND prorettype <> 'trigger'::regtype AND proname NOT IN (SELECT proname FROM writer)
  ORDER BY 1
$$, 'volatility and the PARALLEL label are decided on every routine that does not write');

SELECT is_empty($$
  SELECT identity FROM routine
  WHERE proname IN (SELECT proname FROM writer) AND (proparallel <> 'u' OR provolatile <> 'v') ORDER BY 1
$$, 'what writes is VOLATILE and PARALLEL UNSAFE');

-- A C function resolves nothing by the path of its caller unless it runs SQL, and then it pins the path itself.
SELECT is_empty($$
  SELECT identity FROM routine
  WHERE lanname NOT IN ('c', 'internal') AND prokind <> 'a'
    AND NOT EXISTS (SELECT FROM unnest(proconfig) setting WHERE setting LIKE 'search_path=%')
    AND NOT (prokind = 'p' AND proname = 'run_daily')
  ORDER BY 1
$$, 'every routine but the procedure run_daily pins its search_path');

SELECT is_empty($$
  SELECT identity FROM routine
  WHERE prosecdef AND NOT EXISTS (SELECT FROM unnest(proconfig) setting WHERE setting LIKE 'search_path=%') ORDER BY 1
$$, 'no SECURITY DEFINER without a pinned search_path');

SELECT is_empty($$
  SELECT identity FROM member WHERE kind IN ('table', 'view', 'function', 'procedure', 'aggregate', 'type')
    AND identity NOT LIKE 'credit\_risk.%' ORDER BY 1
$$, 'every member lives in the schema credit_risk');

SELECT * FROM finish();
ROLLBACK;
