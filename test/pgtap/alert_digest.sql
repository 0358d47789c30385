-- The daily digest, and concentration: row 000-05 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('digest') \g /dev/null
SET LOCAL search_path = digest, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
SELECT is((SELECT count(*) FROM alert_digest()), 0::bigint, '000-05 before: nothing to tell');
INSERT INTO invoice (customer_id, invoice_no, amount) SELECT i, 'F' || i, CASE i WHEN 1 THEN 1000 ELSE 100 END FROM generate_series(1, 20) i;
SELECT watch_concentration() \g /dev/null
SELECT set_eq($$SELECT customer_id, kind FROM open_alert$$, $$VALUES (1::bigint, 'concentration_customer'), (NULL, 'concentration_top10')$$, '000-05 a key account, and the ten largest');
SELECT is(watch_concentration(), 0::bigint, '000-05 told once');
INSERT INTO alert_recipient VALUES ('management', 'CFO', 'cfo@example.com');
SELECT results_eq('SELECT recipient, place, state, kind, days_open FROM alert_digest()',
  $$VALUES ('CFO', 1::bigint, 'new', 'concentration_customer', 0), ('CFO', 2, 'new', 'concentration_top10', 0)$$, '000-05 new today, the most severe first');
UPDATE ledger SET pinned_date = '2026-03-03';
SELECT acknowledge_alert(alert_id) FROM open_alert WHERE customer_id IS NULL \g /dev/null
SELECT results_eq('SELECT state, kind, days_open FROM alert_digest()', $$VALUES ('waiting', 'concentration_customer', 1)$$, '000-05 the next day it waits; what was taken note of is gone');
INSERT INTO payment (customer_id, received_on, amount) VALUES (1, '2026-03-03', 900);
SELECT watch_concentration() \g /dev/null
SELECT set_eq('SELECT state, kind FROM alert_digest()', $$VALUES ('closed', 'concentration_customer'), ('closed', 'concentration_top10')$$, '000-05 closed today');
SELECT * FROM finish();
ROLLBACK;
