-- Deadlines that raise alerts: row 000-05 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('due') \g /dev/null
SET LOCAL search_path = due, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 5) i;
CREATE FUNCTION pg_temp.of_kind(which text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(customer_id || ' ' || severity, ', ' ORDER BY customer_id), 'none') FROM due.open_alert WHERE kind = which $$;
SELECT is(watch_deadlines(), 0::bigint, '000-05 before: nothing runs out');

-- A document.
SELECT kind AS paper FROM document_kind ORDER BY kind LIMIT 1 \gset
SELECT record_document(1, :'paper', '2025-04-01', '2026-04-15') \g /dev/null
SELECT is(watch_deadlines(), 0::bigint, '000-05 44 days ahead it is too early');
UPDATE ledger SET pinned_date = '2026-03-20';
SELECT is(watch_deadlines(), 1::bigint, '000-05 30 days ahead the document is told');
SELECT is(pg_temp.of_kind('document_expiring'), '1 info', '000-05 of its customer only');
SELECT is(watch_deadlines(), 0::bigint, '000-05 the same day again it is the same alert');
UPDATE ledger SET pinned_date = '2026-04-20';
SELECT is(watch_deadlines(), 1::bigint, '000-05 once expired its words are sharper');
SELECT is(pg_temp.of_kind('document_expiring'), '1 critical', '000-05 and it stays open');
SELECT is((SELECT acknowledge_alert(alert_id) FROM open_alert WHERE kind = 'document_expiring'), '2026-04-20'::date, '000-05 somebody takes note');
SELECT is(pg_temp.of_kind('document_expiring'), '1 critical', '000-05 which does not end it');
SELECT record_document(1, :'paper', '2026-04-20', '2027-04-20') \g /dev/null
SELECT is(watch_deadlines(), 1::bigint, '000-05 renewed it is closed');
SELECT is((SELECT concat_ws(' ', closed_on, closed_at > recorded_at) FROM alert WHERE kind = 'document_expiring'), '2026-04-20 t', '000-05 with day and instant');

-- A late review.
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (2, 'F2', 100000), (3, 'F3', 100000);
UPDATE customer SET next_review_on = '2026-04-20' WHERE customer_id = 2;
UPDATE customer SET next_review_on = '2026-05-10' WHERE customer_id = 3;
SELECT is(watch_deadlines(), 0::bigint, '000-05 a review on its day is not late');
UPDATE ledger SET pinned_date = '2026-04-21';
SELECT is(watch_deadlines(), 1::bigint, '000-05 the day after it is');
SELECT is(pg_temp.of_kind('review_overdue'), '2 warning', '000-05 of its customer; one to come is not');
SELECT is(watch_deadlines(), 0::bigint, '000-05 it is told once');
SELECT is((SELECT message_fr FROM open_alert WHERE kind = 'review_overdue'), 'Revue du dossier de crédit prévue le 20/04/2026, 1 jour de retard', '000-05 in words');
SELECT is((SELECT acknowledge_alert(alert_id) FROM open_alert WHERE kind = 'review_overdue'), '2026-04-21'::date, '000-05 somebody takes note');
UPDATE alert_rule SET value = 0 WHERE kind = 'review_overdue' AND parameter = 'critical_days';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('review_overdue'), '2 critical', '000-05 when it is critical is a rule; taken note of it stays open');
UPDATE customer SET next_review_on = '2026-12-01' WHERE customer_id = 2;
SELECT is(watch_deadlines(), 1::bigint, '000-05 done');
SELECT is(pg_temp.of_kind('review_overdue'), 'none', '000-05 it is closed');

-- A guarantee.
INSERT INTO guarantee (customer_id, kind, guarantor, reference, amount, valid_from, valid_to)
VALUES (4, 'parent_guarantee', 'Parent', 'G4', 5000, '2026-04-20', '2026-05-22'), (5, 'parent_guarantee', 'Parent', 'G5', 5000, '2026-04-20', NULL);
SELECT is(watch_deadlines(), 0::bigint, '000-05 31 days ahead it is too early');
UPDATE ledger SET pinned_date = '2026-04-22';
SELECT is(watch_deadlines(), 1::bigint, '000-05 30 days ahead the guarantee is told');
SELECT is(pg_temp.of_kind('guarantee_expiring'), '4 warning', '000-05 not the one without an end');
SELECT is(watch_deadlines(), 0::bigint, '000-05 once');
SELECT is((SELECT message_en || '|' || message_fr FROM open_alert WHERE kind = 'guarantee_expiring'),
  'Guarantee (parent guarantee) of 5000 EUR ends on 2026-05-22, in 30 days|Garantie (garantie maison mère) de 5000 EUR : échéance le 22/05/2026, dans 30 jours', '000-05 in words');
SELECT is((SELECT acknowledge_alert(alert_id) FROM open_alert WHERE kind = 'guarantee_expiring'), '2026-04-22'::date, '000-05 somebody takes note');
UPDATE ledger SET pinned_date = '2026-05-22';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('guarantee_expiring'), '4 warning', '000-05 on its last day it holds');
UPDATE ledger SET pinned_date = '2026-05-23';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('guarantee_expiring'), '4 critical', '000-05 it has expired');
SELECT release_guarantee(guarantee_id, 'replaced') FROM guarantee WHERE reference = 'G4' \g /dev/null
SELECT is(watch_deadlines(), 1::bigint, '000-05 released it is closed');
SELECT is(pg_temp.of_kind('guarantee_expiring'), 'none', '000-05 by itself');
UPDATE customer SET next_review_on = NULL WHERE customer_id = 3;
SELECT watch_deadlines() \g /dev/null

-- Cover.
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct) VALUES ('P1', 90);
INSERT INTO insurance_cover (customer_id, amount, valid_to) VALUES (1, 5000, '2026-06-23'), (2, 5000, '2026-12-31'), (3, 5000, NULL);
INSERT INTO insurance_cover (customer_id, amount, valid_to) VALUES (3, 8000, '2026-06-23'), (4, 5000, '2026-06-23');
INSERT INTO insurance_cover (customer_id, amount, valid_from, valid_to) VALUES (4, 5000, '2026-06-24', '2027-06-23'), (5, 5000, NULL, '2026-06-23');
INSERT INTO insurance_cover (customer_id, amount, valid_to) VALUES (5, 6000, '2027-06-23');
SELECT is(watch_deadlines(), 0::bigint, '000-05 31 days ahead it is too early');
UPDATE ledger SET pinned_date = '2026-05-24';
SELECT is(watch_deadlines(), 2::bigint, '000-05 30 days ahead cover is told');
SELECT is(pg_temp.of_kind('cover_expiring'), '1 warning, 3 warning', '000-05 where nothing follows, or less; not where it was renewed, before or for later');
SELECT is((SELECT string_agg(trim_scale((figures->>'next_amount')::numeric)::text, ',') FROM open_alert WHERE kind = 'cover_expiring'), '5000', '000-05 and what goes on after it');
SELECT is(watch_deadlines(), 0::bigint, '000-05 once');
SELECT is((SELECT count(acknowledge_alert(alert_id)) FROM open_alert WHERE kind = 'cover_expiring'), 2::bigint, '000-05 somebody takes note');
UPDATE ledger SET pinned_date = '2026-06-24';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('cover_expiring'), '1 critical, 3 critical', '000-05 it has ended');
INSERT INTO insurance_cover (customer_id, amount) VALUES (1, 4000);
SELECT is(watch_deadlines(), 1::bigint, '000-05 the insurer decides anew');
SELECT is(pg_temp.of_kind('cover_expiring'), '3 critical', '000-05 it is closed');
UPDATE ledger SET pinned_date = '2026-09-21';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('cover_expiring'), '3 critical', '000-05 for 90 days');
UPDATE ledger SET pinned_date = '2026-09-22';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('cover_expiring'), 'none', '000-05 and no longer');
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, acknowledged_on, note LIKE '%took note of it as warning on 2026-05-24', closed_on), ', ' ORDER BY customer_id) FROM alert WHERE kind = 'cover_expiring'), '1 t 2026-06-24, 3 t 2026-09-22',
    '000-05 one alert each, which waited again once it was critical');
SELECT is_empty('SELECT * FROM verify()', '000-05 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
