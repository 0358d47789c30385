-- The customer's statement of account (relevé de compte).

CREATE VIEW statement_fact AS
SELECT i.customer_id, i.currency, i.issued_on AS effective_on, i.recorded_at,
       CASE WHEN i.reversal_of IS NULL THEN i.kind ELSE i.kind || ' reversed' END AS entry,
       i.invoice_no AS document_no, NULL::text AS reference, CASE WHEN i.reversal_of IS NULL THEN i.due_on END AS due_on,
       i.invoice_id, NULL::bigint AS payment_id, NULL::bigint AS allocation_id, i.amount * g.sign AS amount, i.amount_base * g.sign AS amount_base
FROM invoice i
CROSS JOIN LATERAL (SELECT CASE WHEN (i.kind = 'credit_note') = (i.reversal_of IS NULL) THEN -1 ELSE 1 END AS sign) g
UNION ALL
SELECT p.customer_id, p.currency, p.received_on, p.recorded_at, CASE WHEN p.reversal_of IS NULL THEN 'payment' ELSE 'payment returned' END,
       p.payment_no, p.reference, NULL, NULL, p.payment_id, NULL, p.amount * g.sign, p.amount_base * g.sign
FROM payment p
CROSS JOIN LATERAL (SELECT CASE WHEN p.reversal_of IS NULL THEN -1 ELSE 1 END AS sign) g
UNION ALL
-- An adjustment settles an item without cash (-), or uses cash or a credit note
-- without an item (+).
SELECT a.customer_id, s.currency, a.effective_on, a.recorded_at, CASE WHEN a.reversal_of IS NULL THEN a.adjustment ELSE a.adjustment || ' reversed' END,
       s.document_no, a.reason, NULL, coalesce(a.invoice_id, a.credit_invoice_id), a.payment_id, a.allocation_id, a.amount * g.sign,
       CASE WHEN a.invoice_id IS NULL THEN a.source_amount_base ELSE a.amount_base END * g.sign
FROM allocation a
CROSS JOIN LATERAL (SELECT CASE WHEN (a.invoice_id IS NULL) = (a.reversal_of IS NULL) THEN 1 ELSE -1 END AS sign) g
CROSS JOIN LATERAL (SELECT i.currency, i.invoice_no AS document_no FROM invoice i
                    WHERE i.customer_id = a.customer_id AND i.invoice_id = coalesce(a.invoice_id, a.credit_invoice_id)
                    UNION ALL SELECT p.currency, p.payment_no FROM payment p WHERE p.customer_id = a.customer_id AND p.payment_id = a.payment_id) s
WHERE a.adjustment IS NOT NULL
UNION ALL
-- What settles at another rate than it was booked moves the base currency only.
SELECT a.customer_id, i.currency, a.effective_on, a.recorded_at, 'exchange difference', i.invoice_no, NULL, NULL, a.invoice_id, a.payment_id, a.allocation_id,
       0, (a.source_amount_base - a.amount_base) * g.sign
FROM allocation a JOIN invoice i USING (customer_id, invoice_id)
CROSS JOIN LATERAL (SELECT CASE WHEN a.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) g
WHERE a.adjustment IS NULL AND a.source_amount_base <> a.amount_base;
COMMENT ON VIEW statement_fact IS
'What moves a customer''s account, each with its sign, document and base currency: invoices and their kin, payments when they come (matched or not) and when they return, adjustments, and exchange differences, which move the base currency only. Matching cash and invoices moves nothing. Its sum is the receivable less unapplied cash.';

CREATE FUNCTION account_statement(customer_id bigint, from_on date, to_on date, known_at timestamptz DEFAULT 'infinity', in_base boolean DEFAULT false)
RETURNS TABLE (currency text, line_no bigint, entry text, effective_on date, document_no text, reference text, due_on date,
               debit numeric, credit numeric, balance numeric, invoice_id bigint, payment_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    mine customer;
    own_currency text;
BEGIN
    IF from_on IS NULL OR to_on IS NULL OR from_on > to_on THEN
        RAISE EXCEPTION 'a statement from % to % has no days', coalesce(from_on::text, 'NULL'), coalesce(to_on::text, 'NULL')
            USING ERRCODE = '22023', HINT = 'Give its first and its last day.';
    END IF;
    SELECT c.* INTO mine FROM customer c WHERE c.customer_id = account_statement.customer_id;
    IF mine.customer_id IS NULL OR mine.payer_id <> mine.customer_id THEN
        RAISE EXCEPTION 'customer % has no account of its own', coalesce(account_statement.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', DETAIL = CASE WHEN mine.customer_id IS NULL THEN 'There is no such customer.'
                                                   ELSE format('Its payer is customer %s.', mine.payer_id) END,
                  HINT = 'Ask for the statement of the payer.';
    END IF;
    SELECT CASE WHEN in_base THEN l.base_currency ELSE coalesce(mine.currency, l.base_currency) END INTO own_currency FROM ledger l;
    RETURN QUERY
    WITH fact AS MATERIALIZED (
        SELECT CASE WHEN in_base THEN own_currency ELSE f.currency END AS currency, f.effective_on, f.recorded_at, f.entry, f.document_no, f.reference,
               coalesce(x.due_on, f.due_on) AS due_on, f.invoice_id, f.payment_id, f.allocation_id, CASE WHEN in_base THEN f.amount_base ELSE f.amount END AS amount
        FROM statement_fact f
        LEFT JOIN (SELECT d.invoice_id, d.due_on FROM corrected_due_as_of(account_statement.known_at) d JOIN invoice i ON (i.customer_id, i.invoice_id) = (d.customer_id, d.invoice_id)
                   WHERE d.customer_id = account_statement.customer_id AND d.instalment_no = coalesce(cardinality(i.instalment_due_on), 1)) x
            ON x.invoice_id = f.invoice_id AND f.due_on IS NOT NULL
        WHERE f.customer_id = account_statement.customer_id AND f.effective_on <= to_on AND f.recorded_at <= known_at
    ), opening AS (
        SELECT k.currency, coalesce(sum(f.amount) FILTER (WHERE f.effective_on < from_on), 0) AS amount
        FROM (SELECT own_currency AS currency UNION SELECT f.currency FROM fact f WHERE f.amount <> 0) k LEFT JOIN fact f USING (currency)
        GROUP BY k.currency
        HAVING k.currency = own_currency OR coalesce(sum(f.amount) FILTER (WHERE f.effective_on < from_on), 0) <> 0
            OR count(*) FILTER (WHERE f.effective_on >= from_on AND f.amount <> 0) > 0
    ), line AS (
        SELECT o.currency, 0 AS part, 'opening' AS entry, from_on AS effective_on, NULL::timestamptz AS recorded_at, NULL::text AS document_no,
               NULL::text AS reference, NULL::date AS due_on, NULL::bigint AS invoice_id, NULL::bigint AS payment_id, NULL::bigint AS allocation_id,
               o.amount AS amount
        FROM opening o
        UNION ALL
        SELECT f.currency, 1, f.entry, f.effective_on, f.recorded_at, f.document_no, f.reference, f.due_on, f.invoice_id, f.payment_id, f.allocation_id, f.amount
        FROM fact f WHERE f.effective_on >= from_on AND f.amount <> 0
        UNION ALL
        SELECT o.currency, 2, 'closing', to_on, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM opening o
    )
    SELECT n.currency, row_number() OVER (PARTITION BY n.currency ORDER BY n.part, n.effective_on, n.recorded_at, n.invoice_id, n.payment_id, n.allocation_id),
           n.entry, n.effective_on, n.document_no, n.reference, n.due_on,
           CASE WHEN n.part = 1 AND n.amount > 0 THEN n.amount END, CASE WHEN n.part = 1 AND n.amount < 0 THEN -n.amount END,
           sum(n.amount) OVER (PARTITION BY n.currency ORDER BY n.part, n.effective_on, n.recorded_at, n.invoice_id, n.payment_id, n.allocation_id
                               ROWS UNBOUNDED PRECEDING),
           n.invoice_id, n.payment_id
    FROM line n
    ORDER BY n.currency <> own_currency, n.currency, 2;
END $$;
COMMENT ON FUNCTION account_statement(bigint, date, date, timestamptz, boolean) IS
'Statement of account of a payer (relevé de compte) from a day to a day, as known at an instant: for each currency, the customer''s own first, its opening balance, each movement with its debit or credit and the balance after it, and the closing balance, which is the opening of the next day''s statement. Payments count when they come, matched or not. in_base: all in base currency, with exchange differences. The closing is the receivable less unapplied cash. 22023 for dates in the wrong order, CR004 for a customer that is not its own payer.';
