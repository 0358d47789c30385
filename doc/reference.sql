-- Prints doc/reference.md from the comments in the catalogue, of the extension
-- and of a ledger named "receivables". A test compares the two.
\pset tuples_only on
\pset format unaligned
\pset footer off
\pset pager off
\pset recordsep '\n'
SELECT '# Reference' || E'\n\n'
    || 'Printed from the comments in the database by `doc/reference.sql`; `\d+` and `\df+` show the same.' || E'\n\n'
    || '## Library: schema credit_risk' || E'\n';
SELECT format(E'**`%s%s(%s)`**%s  \n%s\n', CASE p.prokind WHEN 'a' THEN 'aggregate ' WHEN 'p' THEN 'procedure ' ELSE '' END,
              p.proname, pg_get_function_arguments(p.oid), ' → `' || pg_get_function_result(p.oid) || '`', obj_description(p.oid, 'pg_proc'))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'credit_risk' AND p.prorettype <> 'trigger'::regtype
  AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
  AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn))
ORDER BY p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C";
SELECT E'## Ledger: tables and views\n';
SELECT format(E'**`%s`** (%s)  \n%s\n\n%s', c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, obj_description(c.oid, 'pg_class'),
              (SELECT string_agg(CASE WHEN c.relkind = 'v' THEN format('`%s`', a.attname) ELSE format('- `%s` %s', a.attname, col_description(c.oid, a.attnum)) END,
                                 CASE WHEN c.relkind = 'v' THEN ', ' ELSE E'\n' END ORDER BY a.attnum) || E'\n'
               FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
FROM pg_class c WHERE c.relnamespace = 'receivables'::regnamespace AND c.relkind IN ('r', 'v')
ORDER BY c.relkind = 'v', c.relname COLLATE "C";
SELECT E'## Ledger: functions\n';
SELECT format(E'**`%s(%s)`** → `%s`  \n%s\n', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc'))
FROM pg_proc p WHERE p.pronamespace = 'receivables'::regnamespace AND p.prorettype <> 'trigger'::regtype
ORDER BY p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C";
