-- Two orders, written now: one that fits the limit of who has most room, and
-- one that is too much for a customer with an old invoice to pay.

UPDATE ledger SET log_passes = true;

CREATE TABLE demo.placed AS
WITH room AS (
    SELECT e.customer_id, e.available, e.exposure, e.utilization_pct, i.open_amount_base
    FROM exposure e JOIN customer c USING (customer_id)
    LEFT JOIN LATERAL (SELECT v.open_amount_base FROM overdue_item v WHERE v.customer_id = e.customer_id AND v.open_amount_base > 0
                       ORDER BY v.due_on, v.invoice_id, v.instalment_no LIMIT 1) i ON true
    WHERE e.available > 0 AND NOT c.blocked
), roomy AS (
    SELECT 1 AS place, r.customer_id, round(r.available * 0.4, -2) AS amount FROM room r ORDER BY r.available DESC, r.customer_id LIMIT 1
), tight AS (
    SELECT 2, r.customer_id, ceil((r.available + 0.6 * r.open_amount_base) / 10) * 10
    FROM room r WHERE r.open_amount_base IS NOT NULL AND r.customer_id NOT IN (SELECT customer_id FROM roomy)
    ORDER BY r.open_amount_base * r.utilization_pct DESC NULLS LAST, r.customer_id LIMIT 1
), wish AS (
    SELECT * FROM roomy UNION ALL SELECT * FROM tight
)
SELECT w.place, w.customer_id, w.amount, p.*
FROM wish w
CROSS JOIN LATERAL place_order(w.customer_id, w.amount, 'SO-' || 10000 + w.place + (SELECT count(*) FROM sales_order)) p
ORDER BY w.place;
