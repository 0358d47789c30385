-- Passive excess by exchange rate: row 002-16 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('rates') \g /dev/null
SET LOCAL search_path = rates, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-02', 0.9), ('GBP', '2026-03-02', 1.2);
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 5) i;
CREATE FUNCTION pg_temp.by_rate(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', figures->>'excess_kind', figures->>'cause', trim_scale((figures->>'excess')::numeric)) FROM rates.open_alert WHERE kind = 'limit_exceeded_by_rate' AND customer_id = id $$;

INSERT INTO credit_limit (customer_id, amount) VALUES (1, 1000), (2, 1000), (3, 5000), (5, 1000);
INSERT INTO credit_limit (customer_id, amount, currency) VALUES (4, 1000, 'GBP');
INSERT INTO invoice (customer_id, invoice_no, amount, currency) VALUES (1, 'F1', 1000, 'USD'), (3, 'F3', 1000, 'USD');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (2, 'F2', 950), (4, 'F4', 1150);
INSERT INTO sales_order (customer_id, order_no, ordered_on, amount, currency) VALUES (5, 'O5', '2026-03-02', 1000, 'USD');
SELECT is(watch_exchange_rates(), 0::bigint, '002-16 before: at the rate of the documents nobody is beyond its limit');

UPDATE ledger SET pinned_date = '2026-03-03';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-03', 1.1);
SELECT is(pg_temp.by_rate(1), 'passive exchange rate 100', '002-16 only a rate was inserted: the excess is noticed, 1,000 USD at 1.1 against 1,000');
SELECT is(pg_temp.by_rate(5), 'passive exchange rate 100', '002-16 an open order in that currency counts too');
SELECT set_eq($$SELECT customer_id FROM open_alert WHERE kind = 'limit_exceeded_by_rate'$$, '{1,5}'::bigint[], '002-16 customers in base currency, and those with room, are untouched');
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded'), 0::bigint, '002-16 what is booked is not beyond the limit');
SELECT is(watch_exchange_rates(), 0::bigint, '002-16 the same again changes nothing: one open alert');
SELECT is((SELECT acknowledge_alert(alert_id) FROM open_alert WHERE kind = 'limit_exceeded_by_rate' AND customer_id = 1), '2026-03-03'::date, '002-16 taken note of it stays open');
SELECT is(pg_temp.by_rate(1), 'passive exchange rate 100', '002-16 as the state lasts');
UPDATE exchange_rate SET rate = 1.2 WHERE currency = 'USD' AND rate_on = '2026-03-03';
SELECT is(pg_temp.by_rate(1), 'passive exchange rate 200', '002-16 a corrected rate brings its figures up to date');

INSERT INTO exchange_rate VALUES ('GBP', '2026-03-03', 1.1);
SELECT is(pg_temp.by_rate(4), 'passive exchange rate 50', '002-16 a limit of 1,000 GBP at 1.1 no longer carries 1,150');

UPDATE ledger SET pinned_date = '2026-03-04';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-04', 0.95), ('GBP', '2026-03-04', 1.2);
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded_by_rate'), 0::bigint, '002-16 the rates come back: closed by themselves');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', closed_on, closed_at >= recorded_at), ', ') FROM alert WHERE kind = 'limit_exceeded_by_rate'), '2026-03-04 t', '002-16 with their day and instant');

INSERT INTO exchange_rate VALUES ('JPY', '2026-03-04', 0.006);
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded_by_rate'), 0::bigint, '002-16 a rate that concerns nobody raises nothing');
UPDATE ledger SET pinned_date = '2026-03-05';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-05', 1.1);
SELECT is(pg_temp.by_rate(1), 'passive exchange rate 100', '002-16 raised anew');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 1, '2026-03-05', 500);
SELECT is(watch_exchange_rates(), 1::bigint, '002-16 the exposure falls: the nightly watch closes it');
SELECT is(pg_temp.by_rate(1), NULL, '002-16 which is gone');

-- A temporary limit that expires.
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) VALUES (2, 'temporary', 2000, '2026-03-06');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (2, 'F2b', 800);
SELECT is((SELECT count(*) FROM open_alert WHERE customer_id = 2 AND kind = 'limit_exceeded'), 0::bigint, '002-16 before: the temporary limit carries it');
UPDATE ledger SET pinned_date = '2026-03-07';
SELECT watch_limits() \g /dev/null
SELECT is((SELECT figures->>'excess_kind' FROM open_alert WHERE customer_id = 2 AND kind = 'limit_exceeded'), 'passive', '002-16 a temporary limit expired: passive excess, without any order');
SELECT is_empty('SELECT * FROM verify()', '002-16 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
