-- The table of orders without our triggers: same columns, generated ones
-- included, same constraints and indexes; what the trigger fills in are defaults.
CREATE SCHEMA plain;
CREATE TABLE plain.sales_order (
    LIKE receivables.sales_order INCLUDING ALL,
    FOREIGN KEY (customer_id) REFERENCES receivables.customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    FOREIGN KEY (site_id) REFERENCES receivables.customer ON UPDATE RESTRICT ON DELETE RESTRICT
);
ALTER TABLE plain.sales_order
    ALTER currency SET DEFAULT 'EUR', ALTER rate SET DEFAULT 1, ALTER rate_on SET DEFAULT date '2026-03-31',
    ALTER status SET DEFAULT 'open', ALTER delivered_amount SET DEFAULT 0, ALTER invoiced_amount SET DEFAULT 0,
    ALTER changed_on SET DEFAULT date '2026-03-31';
UPDATE receivables.ledger SET pinned_date = '2026-03-31';
VACUUM (FREEZE, ANALYZE);
