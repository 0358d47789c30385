\set ON_ERROR_STOP 1
-- Two records of one customer: merged on record, no key of a fact changes.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('merged') \g /dev/null
SET LOCAL search_path = merged, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name) VALUES (1, 'OLD', 'Morvan'), (2, 'NEW', 'Charpentes Morvan'), (3, 'THIRD', 'Third');
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (4, 'SITE', 'Depot', 1);
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (5, 'BELOW', 'Below', 3);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 11, 'F1', '2026-01-10', '2026-02-10', 300), (2, 21, 'F1', '2026-03-10', '2026-04-10', 200);
CREATE TEMPORARY TABLE before AS SELECT t.*, (SELECT md5(string_agg(i::text, ' ' ORDER BY invoice_id)) FROM invoice i) AS invoices FROM ageing_total t;

SELECT is(merge_customer(1, 2, 'one company, two records'), 2::bigint, 'merged');
SELECT results_eq('SELECT customer_id, merged_into_id, reason, merged_on FROM customer_merge', $$VALUES (1::bigint, 2::bigint, 'one company, two records'::text, date '2026-03-31')$$, 'on record');
SELECT is((SELECT md5(string_agg(i::text, ' ' ORDER BY invoice_id)) FROM invoice i), invoices, 'no invoice has changed') FROM before;
SELECT results_eq('SELECT total, overdue FROM ageing_total', 'SELECT total, overdue FROM before', 'nor the aged balance');
SELECT is((SELECT concat_ws(' ', lifecycle, blocked, parent_id) FROM customer WHERE customer_id = 1), 'former t 2', 'the former record is blocked and stands below the other');
SELECT is((SELECT payer_id FROM customer WHERE customer_id = 4), 2::bigint, 'its site has the new payer');
SELECT is((SELECT group_exposure FROM credit_account WHERE customer_id = 2), 500::numeric, 'the exposure of both is seen as one');
SELECT is((SELECT status FROM place_order(1, 10)), 'held', 'a new order on the old record is held');
SELECT is((SELECT status FROM place_order(2, 10)), 'open', 'on the other it passes');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 11, 300);
SELECT is((SELECT count(*) FROM (SELECT match(11, ARRAY[11])) m), 1::bigint, 'what was open on it is still settled there');
SELECT is((SELECT array_agg(event ORDER BY customer_event_id) FROM customer_event WHERE customer_id = 1 AND event <> 'created'), '{lifecycle,blocked,parent}'::text[], 'its life has it');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT is(merge_customer(2, 3, 'bought'), 3::bigint, 'and again');
SELECT is(current_customer(1), 3::bigint, 'the oldest key leads to the newest');
SELECT is(current_customer(3), 3::bigint, 'which leads to itself');

SELECT throws_ok(q, code, NULL, q) FROM (VALUES ('SELECT merge_customer(1, 3, ''again'')', 'CR012'), ('SELECT merge_customer(5, 1, ''into a former one'')', 'CR012'), ('SELECT merge_customer(3, 3, ''itself'')', 'CR004'),
    ('SELECT merge_customer(3, 99, ''nobody'')', 'CR004'), ('SELECT merge_customer(NULL, 3, ''nobody'')', 'CR004'), ('SELECT merge_customer(4, 3, ''a site'')', 'CR004'), ('SELECT merge_customer(5, 3, '''')', '22023'),
    ('UPDATE customer_merge SET reason = ''x''', 'CR010'), ('DELETE FROM customer_merge', 'CR010'), ('TRUNCATE customer_merge', 'CR010')) v (q, code);
SELECT is(merge_customer(3, 5, 'the daughter goes on'), 5::bigint, 'a head may be merged into its member');
SELECT is((SELECT concat_ws(' ', d.parent_id, h.parent_id) FROM customer d, customer h WHERE d.customer_id = 5 AND h.customer_id = 3), '5', 'they change places');
INSERT INTO customer (customer_id, code, name) VALUES (6, 'HEAD', 'Head');
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (7, 'DAUGHTER', 'Daughter', 6);
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (8, 'GRAND', 'Granddaughter', 7);
SELECT throws_ok('SELECT merge_customer(6, 8, ''across a level'')', 'CR005', NULL, 'not into one further down, which would go in a circle');
SELECT is((SELECT count(*) FROM customer_merge WHERE customer_id = 6), 0::bigint, 'what is refused leaves nothing');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SELECT * FROM finish();
ROLLBACK;
