-- Excess that no order made: row 002-16 of the capability list. A temporary
-- limit expires, cover is cut, a rate moves.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('passive') \g /dev/null
SET LOCAL search_path = passive, credit_risk, public;
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 9) i;
-- What is open: customer, kind, kind of excess, cause, excess.
CREATE FUNCTION pg_temp.excess(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', kind, figures->>'excess_kind', figures->>'cause', trim_scale((figures->>'excess')::numeric)), ', ' ORDER BY kind)
   FROM passive.open_alert WHERE customer_id = id AND kind LIKE 'limit_exceeded%' $$;
CREATE FUNCTION pg_temp.ever(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', kind, opened_on, acknowledged_on, closed_on, closed_at >= recorded_at), ', ' ORDER BY alert_id)
   FROM passive.alert WHERE customer_id = id AND kind LIKE 'limit_exceeded%' $$;

-- A temporary limit expires ------------------------------------------------------------
INSERT INTO credit_limit (customer_id, amount) VALUES (1, 1000);
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) VALUES (1, 'temporary', 2000, '2026-03-06');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (1, 'F1', 1500);
SELECT watch_limits() \g /dev/null
SELECT is(pg_temp.excess(1), NULL, '002-16 before: the temporary limit carries it');
UPDATE ledger SET pinned_date = '2026-03-06';
SELECT watch_limits() \g /dev/null
SELECT is(pg_temp.excess(1), NULL, '002-16 on its last day still');
UPDATE ledger SET pinned_date = '2026-03-07';
SELECT is(watch_limits(), 1::bigint, '002-16 the night after: no order, no posting');
SELECT is(pg_temp.excess(1), 'limit_exceeded passive 500', '002-16 a temporary limit expired: passive excess of 500');
SELECT is(watch_limits(), 0::bigint, '002-16 told once');
SELECT is((SELECT acknowledge_alert(alert_id, 'known') FROM open_alert WHERE customer_id = 1 AND kind = 'limit_exceeded'), '2026-03-07'::date, '002-16 somebody takes note');
SELECT is(pg_temp.excess(1), 'limit_exceeded passive 500', '002-16 which does not end it');
UPDATE ledger SET pinned_date = '2026-03-08';
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 1, '2026-03-08', 600);
SELECT is(pg_temp.excess(1), NULL, '002-16 paid, it is closed by itself');
SELECT is(pg_temp.ever(1), 'limit_exceeded 2026-03-07 2026-03-07 2026-03-08 t', '002-16 with day and instant, and there was one only');

-- Cover is cut -----------------------------------------------------------------------------
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P1', 90);
INSERT INTO insurance_cover (customer_id, amount) VALUES (2, 10000);
INSERT INTO credit_limit (customer_id, amount) VALUES (2, 10000);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (2, 'F2', 8000);
SELECT is(watch_cover(), 0::bigint, '002-16 before: cover of 10,000, a limit of 10,000, exposure 8,000');
UPDATE ledger SET pinned_date = '2026-03-09';
INSERT INTO insurance_cover (customer_id, decision, amount) VALUES (2, 'reduced', 9000);
SELECT is(pg_temp.excess(2), NULL, '002-16 cover cut to 9,000: 9,000 are left, which carry it');
INSERT INTO insurance_cover (customer_id, decision, amount) VALUES (2, 'reduced', 5000);
SELECT is(pg_temp.excess(2), 'limit_exceeded_by_cover passive cover 3000', '002-16 cut to 5,000: an excess of 3,000 at once, without an order');
SELECT is(watch_cover(), 0::bigint, '002-16 told once');
SELECT is((SELECT concat_ws('|', severity, message_en, message_fr) FROM open_alert WHERE customer_id = 2 AND kind = 'limit_exceeded_by_cover'),
  'critical|cover fell from 10000 EUR to 5000 EUR since the limit of 10000 EUR was decided: the exposure of 8000 EUR exceeds the 5000 EUR left of it by 3000 EUR (passive excess, cover)|garantie ramenée de 10000 EUR à 5000 EUR depuis la fixation du plafond de 10000 EUR : encours de 8000 EUR, reste de plafond de 5000 EUR dépassé de 3000 EUR (dépassement passif, assurance)',
  '002-16 in words');
SELECT is((SELECT acknowledge_alert(alert_id) FROM open_alert WHERE customer_id = 2 AND kind = 'limit_exceeded_by_cover'), '2026-03-09'::date, '002-16 somebody takes note');
SELECT approve_own_risk(2, 1000, '2026-12-31', 'old friends') AS approval \gset
SELECT is(pg_temp.excess(2), 'limit_exceeded_by_cover passive cover 2000', '002-16 own risk approved counts as cover would');
SELECT revoke_own_risk(:approval) \g /dev/null
SELECT is(pg_temp.excess(2), 'limit_exceeded_by_cover passive cover 3000', '002-16 until it is revoked');
INSERT INTO insurance_cover (customer_id, decision) VALUES (2, 'cancelled');
SELECT is(pg_temp.excess(2), 'limit_exceeded_by_cover passive cover 8000', '002-16 cover cancelled: nothing is left');
SELECT is((SELECT count(*) FROM open_alert WHERE customer_id = 2 AND kind = 'limit_exceeded'), 0::bigint, '002-16 the limit as decided is kept');
UPDATE ledger SET pinned_date = '2026-03-10';
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (2, 2, '2026-03-10', 7000);
SELECT is(watch_cover(ARRAY[2]), 1::bigint, '002-16 most of it is paid: the watch brings it up to date');
SELECT is(pg_temp.excess(2), 'limit_exceeded_by_cover passive cover 1000', '002-16 to 1,000');
INSERT INTO credit_limit (customer_id, amount) VALUES (2, 1500);
SELECT is(pg_temp.excess(2), NULL, '002-16 a limit decided without cover ends it at once');
SELECT is(pg_temp.ever(2), 'limit_exceeded_by_cover 2026-03-09 2026-03-09 2026-03-10 t', '002-16 with day and instant, and there was one only');
-- Cover that ends by itself, and one that comes again.
INSERT INTO insurance_cover (customer_id, amount, valid_to) VALUES (3, 5000, '2026-03-20');
INSERT INTO credit_limit (customer_id, amount) VALUES (3, 5000);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (3, 'F3', 4000);
UPDATE ledger SET pinned_date = '2026-03-20';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.excess(3), NULL, '002-16 on the last day of cover all is well');
UPDATE ledger SET pinned_date = '2026-03-21';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.excess(3), 'limit_exceeded_by_cover passive cover 4000', '002-16 the night after it is noticed');
SELECT is(watch_deadlines(), 0::bigint, '002-16 told once');
INSERT INTO insurance_cover (customer_id, amount) VALUES (3, 4500);
SELECT is(pg_temp.excess(3), NULL, '002-16 new cover ends it');
-- A cut to come; cover that never carried the whole limit; cover that came after the limit; another policy in its place.
INSERT INTO insurance_cover (customer_id, amount) VALUES (4, 3000), (5, 4000);
INSERT INTO credit_limit (customer_id, amount) VALUES (4, 3000), (5, 10000), (6, 2000);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (4, 'F4', 3000), (5, 'F5', 5000), (6, 'F6', 1800);
UPDATE ledger SET pinned_date = '2026-03-22';
INSERT INTO insurance_cover (customer_id, decision, valid_from) VALUES (4, 'cancelled', '2026-04-01'), (5, 'cancelled', '2026-03-22');
INSERT INTO insurance_cover (customer_id, amount) VALUES (6, 2000);
SELECT is(watch_cover(), 0::bigint, '002-16 a cut to come is none yet, and 6,000 of a limit of 10,000 never were the insurer''s');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (5, 'F5b', 1500);
SELECT is(watch_cover(), 1::bigint, '002-16 beyond those');
SELECT is(pg_temp.excess(5), 'limit_exceeded_by_cover passive cover 500', '002-16 it is an excess');
UPDATE ledger SET pinned_date = '2026-04-01';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.excess(4), 'limit_exceeded_by_cover passive cover 3000', '002-16 on its day the cut is noticed');
INSERT INTO insurance_cover (customer_id, decision) VALUES (6, 'cancelled');
SELECT is(pg_temp.excess(6), 'limit_exceeded_by_cover passive cover 1800', '002-16 cover granted after the limit, and cut again');
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P2', 'Another', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P2', 90);
INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (7, 'P1', 2000);
INSERT INTO credit_limit (customer_id, amount) VALUES (7, 2000);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (7, 'F7', 2000);
INSERT INTO insurance_cover (customer_id, policy_no, amount) VALUES (7, 'P2', 2000);
UPDATE ledger SET pinned_date = '2026-04-02';
INSERT INTO insurance_cover (customer_id, policy_no, decision) VALUES (7, 'P1', 'cancelled');
SELECT is(pg_temp.excess(7), NULL, '002-16 cover of another policy in its place');

-- A rate moves ------------------------------------------------------------------------
INSERT INTO exchange_rate VALUES ('USD', '2026-04-02', 0.9);
INSERT INTO credit_limit (customer_id, amount) VALUES (8, 1000), (9, 1000);
INSERT INTO invoice (customer_id, invoice_no, amount, currency) VALUES (8, 'F8', 1000, 'USD'), (9, 'F9', 900, 'EUR');
SELECT is(pg_temp.excess(8), NULL, '002-16 before: 1,000 USD are 900');
UPDATE ledger SET pinned_date = '2026-04-03';
INSERT INTO exchange_rate VALUES ('USD', '2026-04-03', 1.1);
SELECT is(pg_temp.excess(8), 'limit_exceeded_by_rate passive exchange rate 100', '002-16 a rate was inserted and nothing ordered: an excess of 100');
SELECT is(pg_temp.excess(9), NULL, '002-16 not of who owes in base currency');
SELECT is(watch_exchange_rates(), 0::bigint, '002-16 told once');
SELECT is((SELECT acknowledge_alert(alert_id) FROM open_alert WHERE customer_id = 8 AND kind = 'limit_exceeded_by_rate'), '2026-04-03'::date, '002-16 somebody takes note');
SELECT is(pg_temp.excess(8), 'limit_exceeded_by_rate passive exchange rate 100', '002-16 which does not end it');
UPDATE ledger SET pinned_date = '2026-04-04';
INSERT INTO exchange_rate VALUES ('USD', '2026-04-04', 0.95);
SELECT is(pg_temp.excess(8), NULL, '002-16 the rate comes back: closed by itself');
SELECT is(pg_temp.ever(8), 'limit_exceeded_by_rate 2026-04-03 2026-04-03 2026-04-04 t', '002-16 with day and instant, and there was one only');

SELECT is((SELECT count(*) FROM sales_order), 0::bigint, '002-16 in all this there was not one order');
SELECT is_empty('SELECT * FROM verify()', '002-16 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
