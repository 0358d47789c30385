-- Concentration of the exposure: rows 000-05 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('dense') \g /dev/null
SET LOCAL search_path = dense, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
INSERT INTO customer (customer_id, code, name, country) SELECT i, 'C' || i, 'Customer ' || i, CASE WHEN i <= 50 THEN 'DE' WHEN i <= 53 THEN 'IT' ELSE 'FR' END FROM generate_series(41, 60) i;
CREATE FUNCTION pg_temp.open() RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(concat_ws(' ', substr(kind, 15), customer_id, nullif(key, ''), trim_scale(coalesce(figures->>'hhi', figures->>'share_pct')::numeric)), ', ' ORDER BY kind, customer_id, key), 'none')
   FROM dense.open_alert WHERE kind LIKE 'concentration%' $$;
INSERT INTO invoice (customer_id, invoice_no, amount) SELECT i, 'F' || i, 100 FROM generate_series(1, 50) i;
INSERT INTO customer_sector (customer_id, sector, valid_from) SELECT i, '46.' || (i + 10) || 'Z', '2026-01-01' FROM generate_series(1, 15) i;
SELECT is(watch_concentration(), 0::bigint, '000-05 before: 50 customers of 100 each, 15 in sector 46 (30 %), 10 in Germany (20 %)');
SELECT is(pg_temp.open(), 'none', '000-05 just at a share nothing is raised');

-- One more in the sector, three more abroad.
INSERT INTO customer_sector (customer_id, sector, valid_from) VALUES (16, '4611Z', '2026-03-02'), (17, '4711Z', '2026-03-02');
INSERT INTO invoice (customer_id, invoice_no, amount) SELECT i, 'G' || i, 100 FROM generate_series(43, 46) i;
SELECT is(watch_concentration(), 1::bigint, '000-05 a sector and a country grow');
SELECT is(pg_temp.open(), 'country DE 25.93', '000-05 Germany has 1,400 of 5,400; sector 46 1,600, 29.63 %');
UPDATE alert_rule SET value = 29 WHERE kind = 'concentration_sector' AND parameter = 'max_pct';
SELECT is(watch_concentration(), 1::bigint, '000-05 a lower threshold');
SELECT is(pg_temp.open(), 'country DE 25.93, sector 46 29.63', '000-05 the sector is told by the first two places of its code');
SELECT is(watch_concentration(), 0::bigint, '000-05 told once');
SELECT is((SELECT string_agg(message_en || '|' || message_fr, ' / ' ORDER BY kind) FROM open_alert),
  'country DE: 1400 EUR, 25.93 % of the exposure of 5400 EUR, above 25 %|pays DE : 1400 EUR, 25.93 % de l''encours de 5400 EUR, au-delà de 25 % / '
  'sector 46: 1600 EUR, 29.63 % of the exposure of 5400 EUR, above 29 %|secteur 46 : 1600 EUR, 29.63 % de l''encours de 5400 EUR, au-delà de 29 %', '000-05 in words');
SELECT is((SELECT count(acknowledge_alert(alert_id)) FROM open_alert), 2::bigint, '000-05 somebody takes note of both');
SELECT is(pg_temp.open(), 'country DE 25.93, sector 46 29.63', '000-05 which does not end them');
UPDATE ledger SET pinned_date = '2026-03-03';
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (41, 41, '2026-03-03', 100), (1, 1, '2026-03-03', 100);
SELECT is(watch_concentration(), 2::bigint, '000-05 paid, both end');
SELECT is(pg_temp.open(), 'none', '000-05 by themselves');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', closed_on, closed_at > recorded_at), ', ') FROM portfolio_alert), '2026-03-03 t', '000-05 with day and instant');

-- The whole country at home is no concentration; elsewhere it would be.
SELECT is((SELECT string_agg(key || ' ' || trim_scale(exposure), ', ' ORDER BY key) FROM concentration() WHERE kind = 'concentration_country'), 'DE 1300', '000-05 customers at home, or without a country, are not abroad');
UPDATE customer SET country = 'FR' WHERE customer_id <= 40;
SELECT is((SELECT string_agg(key || ' ' || trim_scale(exposure), ', ' ORDER BY key) FROM concentration() WHERE kind = 'concentration_country'), 'DE 1300', '000-05 neither are those in France');
UPDATE interest_policy SET regime = 'UK';
SELECT is((SELECT string_agg(key || ' ' || trim_scale(exposure), ', ' ORDER BY key) FROM concentration() WHERE kind = 'concentration_country'), 'DE 1300, FR 3900', '000-05 unless we are at home in the United Kingdom');
UPDATE interest_policy SET regime = 'FR';

-- A key account, a group as a whole, the ten largest, the index.
UPDATE customer SET parent_id = 60 WHERE customer_id IN (58, 59);
INSERT INTO invoice (customer_id, invoice_no, amount) SELECT i, 'K' || i, 500 FROM generate_series(58, 60) i;
SELECT watch_concentration() \g /dev/null
SELECT is(pg_temp.open(), 'customer 60 22.39', '000-05 a group of three is one key account, told at its head: 1,500 of 6,700');
SELECT is((SELECT trim_scale(share_pct) FROM concentration() WHERE kind = 'concentration_top10'), round(100 * 2800 / 6700.0, 2), '000-05 and one of the ten largest');
SELECT is((SELECT hhi FROM concentration() WHERE kind = 'concentration_hhi'),
  (SELECT round(10000 * sum(power(w / t.total, 2)), 2) FROM (SELECT 1500::numeric AS w UNION ALL SELECT a.exposure FROM credit_account a WHERE a.customer_id < 58) v CROSS JOIN (SELECT sum(exposure) AS total FROM credit_account) t),
  '000-05 the index by its definition');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (2, 'L2', 20000);
SELECT watch_concentration() \g /dev/null
SELECT is(pg_temp.open(), (SELECT format('customer 2 %s, hhi %s, sector 46 %s, top10 %s', max(trim_scale(share_pct)) FILTER (WHERE customer_id = 2), max(trim_scale(hhi)), max(trim_scale(share_pct)) FILTER (WHERE key = '46'), max(trim_scale(share_pct)) FILTER (WHERE kind = 'concentration_top10')) FROM concentration()),
  '000-05 one carries most: it, the ten largest, its sector and the index');
SELECT cmp_ok((SELECT (figures->>'hhi')::numeric FROM open_alert WHERE kind = 'concentration_hhi'), '>', 1000::numeric, '000-05 the index beyond 1,000');
SELECT is(watch_concentration(), 0::bigint, '000-05 told once');
SELECT is((SELECT count(acknowledge_alert(alert_id)) FROM open_alert WHERE kind LIKE 'concentration%'), 4::bigint, '000-05 taken note of');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (2, 2, '2026-03-03', 20000), (60, 60, '2026-03-03', 400), (59, 59, '2026-03-03', 400), (58, 58, '2026-03-03', 400);
SELECT is(watch_concentration(), 4::bigint, '000-05 paid, all end');
SELECT is(pg_temp.open(), 'none', '000-05 by themselves');
-- A handful of debtors.
UPDATE alert_rule SET value = 100 WHERE parameter = 'min_debtors';
UPDATE alert_rule SET value = 0 WHERE parameter IN ('max_pct', 'max_hhi');
SELECT is(watch_concentration(), 0::bigint, '000-05 a portfolio of few debtors is not looked at');
SELECT is_empty('SELECT * FROM verify()', '000-05 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
