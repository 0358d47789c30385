-- make demo: a ledger, time that passes in it, and the screen.
--
-- psql variables: seed, lang (en or fr), ascii (1: no accents), csv (a file of
-- invoices, or empty), origin, currency and as_of (for the file).

\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\pset null ''
SET client_min_messages = warning;
SET jit = off;

\set ledger receivables
\set customers 300
\set stride 7
SELECT :'csv' <> '' AS from_file \gset
\if :from_file
\else
  \set currency EUR
\endif

CREATE EXTENSION credit_risk;
SELECT credit_risk.create_ledger(:'ledger', base_currency => :'currency') \g /dev/null
SET search_path = :"ledger", credit_risk;

\if :from_file
  \echo ==> loading the file and replaying it, night by night
  \o /dev/null
  \ir load_csv.sql
  \o
\else
  \echo ==> two years of :customers customers, week by week, then night by night
  \o /dev/null
  \ir build.sql
  \o
\endif
ANALYZE;
\ir orders.sql
\ir scores.sql
\ir screen.sql

SELECT CASE WHEN :'ascii' = '1' THEN demo.plain(line) ELSE line END FROM demo.screen(:'lang') line;

-- Whoever comes back to this server asks without prefixes.
SELECT format('ALTER DATABASE %I SET search_path = %I, credit_risk, public', current_database(), :'ledger') \gexec
