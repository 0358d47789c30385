\set ON_ERROR_STOP 1
-- plpgsql_check reads every plpgsql routine of the extension and of a ledger, triggers once for each of their tables.
-- It hooks into plpgsql, so it must be there before the first plpgsql of the session.
LOAD 'plpgsql_check';
BEGIN;

SELECT credit_risk.create_ledger('checked') \g /dev/null

-- Left out: create_ledger() and the procedure run_daily, whose statements meet a ledger's tables only at run time; the
-- statement triggers of a function that serves row triggers too (it asks TG_LEVEL before it touches NEW).
CREATE TEMPORARY VIEW checked_routine AS
SELECT p.oid, coalesce(t.tgrelid, 0)::regclass AS relation, t.tgoldtable, t.tgnewtable
FROM pg_proc p
JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
LEFT JOIN pg_trigger t ON t.tgfoid = p.oid AND NOT t.tgisinternal
WHERE p.pronamespace IN ('credit_risk'::regnamespace, 'checked'::regnamespace)
  AND (p.prorettype <> 'trigger'::regtype OR t.oid IS NOT NULL)
  AND NOT (p.pronamespace = 'credit_risk'::regnamespace AND p.proname IN ('create_ledger', 'run_daily'))
  AND NOT (t.tgtype & 1 = 0
           AND EXISTS (SELECT FROM pg_trigger r WHERE r.tgfoid = p.oid AND NOT r.tgisinternal AND r.tgtype & 1 = 1));

SELECT plan(2);

SELECT cmp_ok((SELECT count(*) FROM checked_routine), '>', 20::bigint, 'there is plpgsql to check');

-- Performance advice (volatility, casts) is left to the bench.
SELECT is_empty($$
  SELECT r.oid::regprocedure, r.relation, c.lineno, c.level, c.message
  FROM checked_routine r
  CROSS JOIN LATERAL plpgsql_check_function_tb(r.oid, r.relation, fatal_errors => false, performance_warnings => false,
                                               oldtable => r.tgoldtable, newtable => r.tgnewtable) c
  ORDER BY 1, 2, 3
$$, 'plpgsql_check finds nothing');

SELECT * FROM finish();
ROLLBACK;
