-- A collective proceeding as it is noticed: row 002-17 of the capability list.
-- What it does to claims is in collective_proceeding.sql.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('legal') \g /dev/null
SET LOCAL search_path = legal, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-15';
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, 'B' FROM generate_series(1, 2) i;
INSERT INTO credit_limit (customer_id, amount) VALUES (1, 10000), (2, 10000);
SELECT load_standard_policy() \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, amount) SELECT i, i, 'F' || i, '2026-06-01', 500 FROM generate_series(1, 2) i;
SELECT is((SELECT string_agg(concat_ws(' ', outcome, order_id), ', ' ORDER BY order_id) FROM (SELECT o.* FROM generate_series(1, 2) i CROSS JOIN LATERAL place_order(i, 100, 'O' || i) o) p), 'passed 1, passed 2', '002-17 before: orders pass');
SELECT is((SELECT count(*) FROM open_alert), 0::bigint, '002-17 and there is no alert');
SELECT is((SELECT count(*) FROM open_item WHERE parked_until = 'infinity'), 0::bigint, '002-17 nothing is kept from dunning');

SELECT open_proceeding(1, 'liquidation', '2026-06-08', published_on => '2026-06-14', representative => 'Maître Martin') AS p \gset
SELECT is((SELECT concat_ws(' ', customer_id, kind, severity) FROM open_alert), '1 collective_proceeding critical', '002-17 an alert on this customer');
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, kind, department, due_on), ', ') FROM task WHERE kind = 'claim_filing' AND closed_on IS NULL), '1 claim_filing legal 2026-08-14', '002-17 a task to file the claim within two months of the publication');
SELECT throws_ok($$SELECT place_order(1, 100, 'N1')$$, 'CR001', NULL, '002-17 a new order is refused');
SELECT is((SELECT outcome FROM request_delivery(1)), 'held', '002-17 what was ordered before is held at delivery');
SELECT is((SELECT outcome FROM place_order(2, 100, 'N2')), 'passed', '002-17 orders of others pass');
SELECT is((SELECT parked_until FROM open_item WHERE customer_id = 1), 'infinity'::date, '002-17 what is owed leaves dunning');
SELECT is((SELECT parked_until FROM open_item WHERE customer_id = 2), NULL, '002-17 not that of others');
SELECT throws_ok($$SELECT open_proceeding(1, 'receivership', '2026-06-09')$$, 'CR012', NULL, '002-17 one is open at a time');
SELECT is((SELECT count(*) FROM alert WHERE kind = 'collective_proceeding'), 1::bigint, '002-17 so is its alert');
SELECT is((SELECT acknowledge_alert(alert_id, 'claim to be filed') FROM open_alert), '2026-06-15'::date, '002-17 somebody takes note');
SELECT is((SELECT count(*) FROM open_alert), 1::bigint, '002-17 which does not end it');
UPDATE ledger SET pinned_date = '2026-06-20';
SELECT close_proceeding(:p, 'annulled') \g /dev/null
SELECT is((SELECT concat_ws(' ', acknowledged_on, closed_on, closed_at > recorded_at) FROM alert WHERE kind = 'collective_proceeding'), '2026-06-15 2026-06-20 t', '002-17 the judgment is annulled: closed with day and instant');
SELECT is((SELECT count(*) FROM task WHERE kind = 'claim_filing' AND closed_on IS NULL), 0::bigint, '002-17 so is the task');
SELECT is((SELECT outcome FROM place_order(1, 100, 'N3')), 'passed', '002-17 and orders pass again');
SELECT is_empty('SELECT * FROM verify()', '002-17 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
