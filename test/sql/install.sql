-- The extension is there, in a schema of its own; its one table holds the rates of the release.
SELECT extname, extversion IS NOT NULL AS versioned, extrelocatable, nspname AS script_schema
FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE extname = 'credit_risk';

-- It is installed by the owner of a database who is not a superuser.
CREATE ROLE credit_risk_database_owner LOGIN;
CREATE DATABASE credit_risk_owned OWNER credit_risk_database_owner;
\c credit_risk_owned credit_risk_database_owner
CREATE EXTENSION credit_risk;
SELECT pg_get_userbyid(extowner) AS owner FROM pg_extension WHERE extname = 'credit_risk';

-- The schema is a member: DROP EXTENSION leaves nothing of it.
DROP EXTENSION credit_risk;
SELECT count(*) AS schemas_left FROM pg_namespace WHERE nspname = 'credit_risk';
\c contrib_regression postgres
DROP DATABASE credit_risk_owned;
DROP ROLE credit_risk_database_owner;
