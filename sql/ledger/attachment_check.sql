-- What a host says and the ledger does not, or the other way round: a dry run
-- of the sync_… functions, in words. credit_risk.attachment_check() asks it for
-- every attachment.

CREATE FUNCTION attachment_change(kind text, keys text[], host jsonb, mapped text[])
RETURNS TABLE (external_ref text, problem text, host_says text, ledger_says text)
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
    SELECT x.external_ref,
           CASE WHEN x.former_id IS NULL THEN 'not in the ledger' WHEN x.customer_id IS NULL THEN 'not in the host'
                WHEN x.customer_id <> x.former_customer_id THEN 'customer differs' WHEN x.amount <> x.former_amount OR x.currency <> x.former_currency THEN 'amount differs'
                ELSE 'differs' END,
           CASE WHEN x.customer_id IS NOT NULL THEN concat_ws(' ', trim_scale(x.amount), x.currency, 'customer', x.customer_id) END,
           CASE WHEN x.former_id IS NOT NULL THEN concat_ws(' ', trim_scale(x.former_amount), x.former_currency, 'customer', x.former_customer_id) END
    FROM (SELECT c.external_ref, c.former_customer_id, c.former_id, c.customer_id, c.amount, c.currency, o.amount AS former_amount, o.currency AS former_currency
          FROM attached_order_change(keys, host, mapped) c LEFT JOIN sales_order o ON (o.customer_id, o.order_id) = (c.former_customer_id, c.former_id)
          WHERE attachment_change.kind = 'sales_order' AND (c.action <> 'cancel' OR o.cancelled_on IS NULL)
        UNION ALL
          SELECT c.external_ref, c.former_customer_id, c.former_id, CASE WHEN c.amount IS NOT NULL THEN c.customer_id END, c.amount, c.currency, d.amount, d.currency
          FROM attached_delivery_change(keys, host) c LEFT JOIN delivery d ON (d.customer_id, d.delivery_id) = (c.former_customer_id, c.former_id)
          WHERE attachment_change.kind = 'delivery'
        UNION ALL
          SELECT c.external_ref, c.former_customer_id, c.former_id, c.customer_id, c.amount, c.currency, i.amount, i.currency
          FROM attached_invoice_change(keys, host) c LEFT JOIN invoice i ON (i.customer_id, i.invoice_id) = (c.former_customer_id, c.former_id)
          WHERE attachment_change.kind = 'invoice'
        UNION ALL
          SELECT c.external_ref, c.former_customer_id, c.former_id, c.customer_id, c.amount, c.currency, p.amount, p.currency
          FROM attached_payment_change(keys, host) c LEFT JOIN payment p ON (p.customer_id, p.payment_id) = (c.former_customer_id, c.former_id)
          WHERE attachment_change.kind = 'payment') x
$$;
COMMENT ON FUNCTION attachment_change(text, text[], jsonb, text[]) IS
'What the sync_… functions would change for these keys of an attached table of documents: problem, and what host and ledger say. No row where they agree.';

CREATE FUNCTION attachment_problem(attachment text, kind text, keys text[], host jsonb, mapped text[])
RETURNS TABLE (external_ref text, problem text, host_says text, ledger_says text)
LANGUAGE sql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
    -- Left out by every sync: nobody knows whose or how much.
    SELECT r.external_ref, p.problem, p.host_says, NULL
    FROM jsonb_to_recordset(host) AS r (external_ref text, customer_id text, order_id text, amount numeric)
    CROSS JOIN LATERAL (
        SELECT 'no customer' AS problem, NULL AS host_says WHERE r.customer_id IS NULL AND attachment_problem.kind <> 'delivery'
        UNION ALL SELECT 'unknown customer', r.customer_id
        WHERE r.customer_id IS NOT NULL AND NOT EXISTS (SELECT FROM attached_customer c WHERE c.external_ref = r.customer_id)
        UNION ALL SELECT 'unknown order', r.order_id
        WHERE attachment_problem.kind = 'delivery' AND r.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM attached_document d WHERE d.external_ref = r.order_id AND d.kind = 'sales_order')
        UNION ALL SELECT 'no amount', NULL WHERE r.amount IS NULL AND (attachment_problem.kind <> 'delivery' OR 'amount' = ANY (mapped))
        UNION ALL SELECT 'amount is not positive', r.amount::text WHERE r.amount <= 0 AND attachment_problem.kind = 'payment') p
    WHERE attachment_problem.kind IN ('sales_order', 'delivery', 'invoice', 'payment')
    UNION ALL
    SELECT c.* FROM attachment_change(attachment_problem.kind, keys, host, mapped) c
    UNION ALL       -- undone by a person, and standing in the host
    SELECT d.external_ref, 'taken back in the ledger', 'it stands', 'document ' || d.document_id
    FROM attached_document d
    WHERE d.kind = attachment_problem.kind AND d.external_ref = ANY (keys)
      AND CASE attachment_problem.kind WHEN 'sales_order' THEN EXISTS (SELECT FROM sales_order o WHERE (o.customer_id, o.order_id) = (d.customer_id, d.document_id) AND o.cancelled_on IS NOT NULL)
                    WHEN 'delivery' THEN EXISTS (SELECT FROM delivery x WHERE (x.customer_id, x.reversal_of) = (d.customer_id, d.document_id))
                    WHEN 'invoice' THEN EXISTS (SELECT FROM invoice x WHERE (x.customer_id, x.reversal_of) = (d.customer_id, d.document_id))
                    WHEN 'payment' THEN EXISTS (SELECT FROM payment x WHERE (x.customer_id, x.reversal_of) = (d.customer_id, d.document_id))
                    WHEN 'allocation' THEN EXISTS (SELECT FROM allocation x WHERE (x.customer_id, x.reversal_of) = (d.customer_id, d.document_id)) END
      AND EXISTS (SELECT FROM jsonb_to_recordset(host) AS r (external_ref text) WHERE r.external_ref = d.external_ref)
    UNION ALL
    SELECT r.external_ref, p.problem, p.host_says, p.ledger_says
    FROM attached_customer_row(host) r LEFT JOIN customer c USING (external_ref)
    JOIN jsonb_to_recordset(host) AS h (external_ref text, siren text, siret text, country text, terms text) USING (external_ref)
    CROSS JOIN LATERAL (
        SELECT 'not in the ledger' AS problem, r.name AS host_says, NULL AS ledger_says WHERE c.customer_id IS NULL
        UNION ALL SELECT 'name differs', r.name, c.name WHERE c.name <> r.name
        UNION ALL SELECT 'payer differs', coalesce(r.payer_id, c.customer_id)::text, coalesce(c.payer_id, c.customer_id)::text
        WHERE 'payer_id' = ANY (mapped) AND coalesce(r.payer_id, c.customer_id) <> coalesce(c.payer_id, c.customer_id)
        UNION ALL SELECT 'siren is no company number', h.siren, NULL WHERE h.siren <> '' AND r.siren IS NULL
        UNION ALL SELECT 'siret is no company number', h.siret, NULL WHERE h.siret <> '' AND r.siret IS NULL
        UNION ALL SELECT 'country is no code of two letters', h.country, NULL WHERE h.country <> '' AND r.country IS NULL
        UNION ALL SELECT 'terms are none', h.terms, NULL WHERE h.terms <> '' AND r.terms IS NULL) p
    WHERE attachment_problem.kind = 'customer'
    UNION ALL
    SELECT r.external_ref,
           CASE WHEN m.external_ref IS NULL THEN 'not in the ledger' WHEN i.invoice_id IS NULL THEN 'unknown invoice'
                WHEN s.documents = 0 THEN 'unknown payment or credit note' WHEN s.here = 0 THEN 'payment of another customer' ELSE 'amount differs' END,
           CASE WHEN m.external_ref IS NULL OR s.here > 0 THEN trim_scale(r.amount)::text WHEN i.invoice_id IS NULL THEN r.invoice_id ELSE coalesce(r.payment_id, r.credit_invoice_id) END,
           CASE WHEN s.here > 0 THEN trim_scale(a.amount)::text END
    FROM jsonb_to_recordset(host) AS r (external_ref text, invoice_id text, payment_id text, credit_invoice_id text, amount numeric)
    LEFT JOIN attached_allocation m ON m.external_ref = r.external_ref AND m.attachment = attachment_problem.attachment
    LEFT JOIN attached_document di ON di.external_ref = r.invoice_id AND di.kind = 'invoice'
    LEFT JOIN invoice i ON (i.customer_id, i.invoice_id) = (di.customer_id, di.document_id) AND i.kind <> 'credit_note'
    CROSS JOIN LATERAL (SELECT count(*) AS documents, count(*) FILTER (WHERE d.customer_id = i.customer_id) AS here FROM attached_document d
                        WHERE (d.external_ref = r.payment_id AND d.kind = 'payment')
                           OR (d.external_ref = r.credit_invoice_id AND d.kind = 'invoice'
                               AND EXISTS (SELECT FROM invoice n WHERE (n.customer_id, n.invoice_id) = (d.customer_id, d.document_id) AND n.kind = 'credit_note'))) s
    CROSS JOIN LATERAL (SELECT coalesce(sum(x.amount), 0) AS amount FROM attached_document d JOIN allocation x ON (x.customer_id, x.allocation_id) = (d.customer_id, d.document_id)
                        WHERE d.external_ref = r.external_ref AND d.kind = 'allocation') a
    WHERE attachment_problem.kind = 'allocation' AND (m.external_ref IS NULL OR a.amount <> attached_amount(r.amount, i.currency) OR i.invoice_id IS NULL OR s.here = 0)
$$;
COMMENT ON FUNCTION attachment_problem(text, text, text[], jsonb, text[]) IS
'What is mapped wrongly, left out or different, for these keys of an attached table: problem, and what host and ledger say. For credit_risk.attachment_check().';
