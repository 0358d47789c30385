-- Deadlines that raise alerts: row 002-16 and those of surveillance.
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
SELECT is(watch_deadlines(), 0::bigint, '002-16 before: nothing runs out');

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
UPDATE customer SET next_review_on = '2026-04-10' WHERE customer_id = 2;
UPDATE customer SET next_review_on = '2026-05-10' WHERE customer_id = 3;
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('review_overdue'), '2 warning', '000-05 a review is late; one to come is not');
SELECT is(watch_deadlines(), 0::bigint, '000-05 it is told once');
UPDATE customer SET next_review_on = '2026-12-01' WHERE customer_id = 2;
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('review_overdue'), 'none', '000-05 done it is closed');

-- Guarantee.
INSERT INTO guarantee (customer_id, kind, guarantor, reference, amount, valid_from, valid_to)
SELECT 4, 'parent_guarantee', 'Parent', 'G4', 5000, '2026-04-20', '2026-05-10';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('guarantee_expiring'), '4 warning', '000-05 a guarantee ends in 20 days');
UPDATE ledger SET pinned_date = '2026-05-11';
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('guarantee_expiring'), '4 critical', '000-05 it has expired');
SELECT release_guarantee(guarantee_id, 'replaced') FROM guarantee \g /dev/null
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.of_kind('guarantee_expiring'), 'none', '000-05 released it is closed');
SELECT is_empty('SELECT * FROM verify()', '000-05 the ledger is whole');
SELECT * FROM finish();
ROLLBACK;
