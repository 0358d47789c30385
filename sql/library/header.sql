\echo Use "CREATE EXTENSION credit_risk" to load this file. \quit

-- The schema of the library. The control file says pg_catalog so that the
-- script makes the schema itself: then it is a member, and DROP EXTENSION
-- removes it.
CREATE SCHEMA credit_risk;
GRANT USAGE ON SCHEMA credit_risk TO PUBLIC;
COMMENT ON SCHEMA credit_risk IS
'Trade credit: types, functions and aggregates over anybody''s tables, and the functions that make and keep ledgers.';
