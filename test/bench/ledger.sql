-- A ledger with its customers, each with a limit that no order here reaches.
CREATE EXTENSION credit_risk;
SELECT credit_risk.create_ledger('receivables');
SET search_path = receivables, credit_risk;
UPDATE ledger SET pinned_date = '2026-01-05', await_sending = false;     -- the queue alone is measured
INSERT INTO customer (customer_id, code, name) SELECT n, 'C' || n, 'Customer ' || n FROM generate_series(1, :customers) n;
INSERT INTO credit_limit (customer_id, amount) SELECT n, 1e9 FROM generate_series(1, :customers) n;
VACUUM ANALYZE;
