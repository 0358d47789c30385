-- The daily digest of alerts: row 000-05 of the capability list.
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
INSERT INTO alert_kind (kind, severity, min_exposure, department, lasting, name_en, name_fr)
VALUES ('late', 'warning', 0, 'credit', true, 'Late', 'En retard'), ('lost', 'critical', 0, 'sales', true, 'Lost', 'Perdu');
SELECT raise_alert(2, 'late', '', NULL, 'late', 'en retard'), raise_alert(1, 'late', '', NULL, 'late', 'en retard'), raise_alert(3, 'late', '', 'critical', 'very late', 'très en retard'),
       raise_alert(3, 'late', 'b', 'info', 'hardly late', 'à peine en retard'), raise_alert(4, 'lost', '', NULL, 'lost', 'perdu') \g /dev/null

-- Departments and order.
SELECT results_eq($$SELECT to_department, recipient, address, place, state, customer_id, code, kind, severity, trim_scale(exposure), days_open, message FROM alert_digest() WHERE to_department <> 'management'$$,
  $$VALUES ('credit', 'credit', NULL, 1::bigint, 'new', 3::bigint, 'C3', 'late', 'critical', 100::numeric, 0, 'very late'), ('credit', 'credit', NULL, 2, 'new', 1, 'C1', 'late', 'warning', 1000, 0, 'late'),
           ('credit', 'credit', NULL, 3, 'new', 2, 'C2', 'late', 'warning', 100, 0, 'late'), ('credit', 'credit', NULL, 4, 'new', 3, 'C3', 'late', 'info', 100, 0, 'hardly late'),
           ('sales', 'sales', NULL, 1, 'new', 4, 'C4', 'lost', 'critical', 100, 0, 'lost')$$, '000-05 by department: the most severe first, then who owes most');
SELECT set_eq('SELECT DISTINCT to_department FROM alert_digest()', '{credit,sales,management}'::text[], '000-05 every department is told');
SELECT results_eq($$SELECT place, message FROM alert_digest(department => 'sales', language => 'fr')$$, $$VALUES (1::bigint, 'perdu')$$, '000-05 one of them, in French');
SELECT is((SELECT count(*) FROM alert_digest(department => 'purchasing')), 0::bigint, '000-05 another has nothing');
SELECT results_eq($$SELECT kind, customer_id FROM alert_digest(department => 'management')$$, $$VALUES ('concentration_customer', 1::bigint), ('concentration_hhi', NULL), ('concentration_top10', NULL)$$,
  '000-05 alerts on the portfolio among them');
-- Recipients.
INSERT INTO alert_recipient VALUES ('management', 'CFO', 'cfo@example.com', false), ('credit', 'Credit desk', 'credit@example.com', true);
SELECT assign_owner(3, 'Ada', reason => 'knows them') \g /dev/null
INSERT INTO default_owner (owner, owner_kind, reason) VALUES ('Team', 'team', 'new desk');
SELECT results_eq($$SELECT recipient, address, place, customer_id FROM alert_digest(department => 'credit')$$,
  $$VALUES ('Ada', NULL, 1::bigint, 3::bigint), ('Ada', NULL, 2, 3), ('Team', NULL, 1, 1), ('Team', NULL, 2, 2)$$, '000-05 to the owner of the customer, each a list');
SELECT set_eq($$SELECT DISTINCT recipient, address FROM alert_digest(department => 'management')$$, $$VALUES ('CFO', 'cfo@example.com')$$, '000-05 or to the recipient');
UPDATE alert_kind SET department = 'credit' WHERE kind = 'concentration_top10';
SELECT clear_alert(NULL, 'concentration_top10') \g /dev/null
SELECT watch_concentration() \g /dev/null
SELECT results_eq($$SELECT recipient, address, state FROM alert_digest(department => 'credit') WHERE customer_id IS NULL$$, $$VALUES ('Credit desk', 'credit@example.com', 'new')$$, '000-05 to the recipient what has no customer');
SELECT throws_ok($$INSERT INTO alert_recipient VALUES ('credit', 'Another')$$, '23505', NULL, '000-05 one recipient for a department');
SELECT throws_ok(format('INSERT INTO alert_recipient VALUES (%s)', v), e, NULL, '000-05 refused: ' || v) FROM (VALUES ($$'', 'x'$$, '23514'), ($$'x', ''$$, '23514'), ($$'x', NULL$$, '23502'), ($$'x', 'y', ''$$, '23514')) t (v, e);
SELECT throws_ok('TRUNCATE alert_recipient', 'CR010', NULL, '000-05 not emptied at one blow');

-- The next days.
SELECT acknowledge_alert(alert_id) FROM open_alert WHERE kind = 'late' AND customer_id IN (1, 3) \g /dev/null
SELECT is((SELECT count(*) FROM alert_digest(department => 'credit') WHERE acknowledged), 3::bigint, '000-05 of today it is told although somebody took note');
UPDATE ledger SET pinned_date = '2026-03-04';
SELECT raise_alert(5, 'late', '', 'info', 'late too', 'aussi en retard'), clear_alert(4, 'lost'), clear_alert(3, 'late') \g /dev/null
SELECT results_eq($$SELECT to_department, state, customer_id, severity, days_open FROM alert_digest() WHERE customer_id > 1 ORDER BY to_department, array_position('{new,waiting,closed}', state)$$,
  $$VALUES ('credit', 'new', 5::bigint, 'info', 0), ('credit', 'waiting', 2, 'warning', 2), ('credit', 'closed', 3, 'critical', 2), ('sales', 'closed', 4, 'critical', 2)$$,
  '000-05 new, waiting for two days, closed today; what somebody took note of is not told again');
UPDATE alert_recipient SET to_owner = false WHERE department = 'credit';
SELECT results_eq($$SELECT state, customer_id, place FROM alert_digest(department => 'credit') WHERE customer_id IS NOT NULL$$,
  $$VALUES ('new', 5::bigint, 1::bigint), ('waiting', 2, 2), ('closed', 3, 4)$$, '000-05 new before waiting before closed, whatever the severity');
SELECT is((SELECT string_agg(concat_ws(' ', state, customer_id), ', ' ORDER BY place) FROM alert_digest('2026-03-03', 'credit') WHERE customer_id IS NOT NULL), 'waiting 2', '000-05 the day between: asked for afterwards');
SELECT is((SELECT count(*) FROM alert_digest('2026-03-01')), 0::bigint, '000-05 before all of it there was nothing');
UPDATE ledger SET pinned_date = '2026-03-05';
SELECT is((SELECT count(*) FROM alert_digest(department => 'sales')), 0::bigint, '000-05 what was closed yesterday is not told any more');
SELECT is_empty('SELECT * FROM verify()', '000-05 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
