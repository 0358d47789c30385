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

-- Every part of the exposure at the rate of today; a group; old rates.
UPDATE ledger SET pinned_date = '2026-03-06';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-06', 0.9);
INSERT INTO customer (customer_id, code, name, parent_id) SELECT i, 'C' || i, 'Customer ' || i, CASE WHEN i IN (12, 13) THEN 11 END FROM generate_series(11, 17) i;
INSERT INTO credit_limit (customer_id, level, amount) VALUES (11, 'group', 2000);
INSERT INTO credit_limit (customer_id, amount) SELECT i, 1000 FROM generate_series(14, 17) i;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) SELECT i, i, 'F' || i, 1000, 'USD' FROM unnest('{12,13,14,15}'::integer[]) i;
INSERT INTO payment (customer_id, payment_id, received_on, amount, currency) VALUES (14, 14, '2026-03-06', 400, 'USD');
INSERT INTO payment (customer_id, payment_id, received_on, amount, currency, method, matures_on) VALUES (15, 15, '2026-03-06', 1000, 'USD', 'draft', '2026-05-31');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (15, 15, 15, 1000);
INSERT INTO delivery (customer_id, delivery_no, amount, currency) VALUES (16, 'D16', 1000, 'USD');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, currency) VALUES (17, 17, 'O17', 1000, 'USD');
INSERT INTO delivery (customer_id, order_id, delivery_no, amount, currency) VALUES (17, 17, 'D17', 600, 'USD');
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, trim_scale(receivable), trim_scale(unmatured), trim_scale(unbilled), trim_scale(open_orders), trim_scale(unapplied)), ', ' ORDER BY customer_id) FROM credit_account WHERE customer_id >= 14),
  '14 900 0 0 0 360, 15 0 900 0 0 0, 16 0 0 900 0 0, 17 0 0 540 360 0', '002-16 before: a payment not matched, a draft, a delivery without an order, an order delivered in part');
SELECT is((SELECT count(*) FROM exposure_at_rate() WHERE exposure_at_rate <> exposure AND customer_id > 10), 0::bigint, '002-16 at the rate that they were booked at nothing differs');
UPDATE ledger SET pinned_date = '2026-03-07';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-07', 1.2);
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, trim_scale(exposure), trim_scale(exposure_at_rate)), ', ' ORDER BY customer_id) FROM exposure_at_rate('{14,15,16,17}') WHERE level = 'customer'),
  '14 540 720, 15 900 1200, 16 900 1200, 17 900 1200', '002-16 at 1.2 each part is worth a third more');
SELECT is((SELECT concat_ws(' ', level, trim_scale(exposure), trim_scale(exposure_at_rate), trim_scale(limit_at_rate)) FROM exposure_at_rate('{11}')), 'group 1800 2400 2000', '002-16 so is that of a group');
SELECT set_eq($$SELECT customer_id, key FROM open_alert WHERE kind = 'limit_exceeded_by_rate' AND customer_id > 10$$,
  $$VALUES (11::bigint, 'group'), (15, ''), (16, ''), (17, '')$$, '002-16 all were noticed when the rate was inserted');
SELECT is((SELECT message_fr FROM open_alert WHERE customer_id = 11), 'Groupe : au cours du jour, encours de 2400 EUR, plafond de 2000 EUR dépassé de 400 EUR (dépassement passif, change)', '002-16 in words');
SELECT is((SELECT count(*) FROM exposure_at_rate('{11,15}')), (SELECT count(*) FROM exposure_at_rate() WHERE customer_id IN (11, 15)), '002-16 asked for two or for all');
INSERT INTO exchange_rate VALUES ('USD', '2026-03-01', 0.1), ('EUR', '2026-03-07', 5);
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded_by_rate' AND customer_id > 10), 4::bigint, '002-16 the rate of an earlier day, or of the base currency, moves nothing');
INSERT INTO exchange_rate VALUES ('USD', '2026-03-08', 0.1);
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded_by_rate' AND customer_id > 10), 4::bigint, '002-16 nor does one of tomorrow');
DELETE FROM exchange_rate WHERE rate_on IN ('2026-03-07', '2026-03-08');
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded_by_rate' AND customer_id > 10), 0::bigint, '002-16 a rate taken back: that of the day before counts again');
INSERT INTO exchange_rate VALUES ('USD', '2026-03-07', 1.2);
UPDATE ledger SET pinned_date = '2026-03-17';
SELECT is(watch_exchange_rates(), 0::bigint, '002-16 ten days later the rate still counts');
UPDATE ledger SET pinned_date = '2026-03-18';
SELECT cmp_ok(watch_exchange_rates(), '>', 0::bigint, '002-16 then it is older than ledger.max_rate_age');
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'limit_exceeded_by_rate'), 0::bigint, '002-16 and no rate at all');
SELECT is_empty('SELECT * FROM verify()', '002-16 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
