\set ON_ERROR_STOP 1
-- A large statement into tables that were empty a moment ago reads them by
-- key: a plan made for the empty table and kept would read all of it for
-- every row.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(4);
SELECT credit_risk.create_ledger('bulk') \g /dev/null
SET LOCAL search_path = bulk, public;
UPDATE ledger SET pinned_date = '2026-04-01';
INSERT INTO customer (customer_id, code, name) SELECT n, 'C' || n, 'Customer ' || n FROM generate_series(1, 400) n;
CREATE FUNCTION pg_temp.read_whole() RETURNS TABLE (relname name, scans bigint) LANGUAGE sql AS $$
    SELECT t.relname, t.seq_scan FROM pg_stat_xact_user_tables t
    WHERE t.schemaname = 'bulk' AND t.relname IN ('invoice', 'payment', 'allocation', 'open_item', 'credit_account', 'payment_return')
$$;
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.read_whole();
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT n, 'II', '2026-01-01', '2026-02-01', 100 FROM generate_series(1, 400) n;
INSERT INTO payment (customer_id, payment_no, received_on, amount) SELECT n, 'PP', '2026-03-01', 10 FROM generate_series(1, 400) n;
ANALYZE;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT customer_id, payment_id, invoice_id, 10 FROM payment JOIN invoice USING (customer_id) WHERE payment_no = 'PP' AND invoice_no = 'II';
SELECT is_empty('SELECT a.relname, a.scans - coalesce(b.scans, 0) FROM pg_temp.read_whole() a LEFT JOIN before b USING (relname) WHERE a.scans - coalesce(b.scans, 0) > 20',
                '400 invoices, payments and allocations read no table again and again');
SELECT is((SELECT count(*) FROM open_item WHERE open_amount = 90), 400::bigint, 'and are posted');
UPDATE ledger SET pinned_date = '2026-04-02';
SELECT cmp_ok((SELECT actions FROM run_daily()), '>', 300::bigint, 'the night takes all of them');
SELECT is_empty('SELECT * FROM verify()', 'verify()');
SELECT * FROM finish();
ROLLBACK;
