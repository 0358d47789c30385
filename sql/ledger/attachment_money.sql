-- Invoices, payments and allocations of attached tables.
--
-- Facts are not edited: what the host changed is taken back and written again,
-- with the next revision of its number. What was settled by it is taken back
-- first and matched again as far as it fits.

CREATE FUNCTION take_back_allocations(allocation_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    IF allocation_ids = '{}' THEN
        RETURN;
    END IF;
    INSERT INTO allocation (customer_id, invoice_id, amount, reversal_of)
    SELECT a.customer_id, a.invoice_id, a.amount, a.allocation_id
    FROM allocation a
    WHERE a.allocation_id = ANY (allocation_ids) AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id)
    ORDER BY a.allocation_id;
    DELETE FROM attached_document d USING allocation a
    WHERE a.allocation_id = ANY (allocation_ids) AND (d.customer_id, d.kind, d.document_id) = (a.customer_id, 'allocation', a.allocation_id);
END $$;
COMMENT ON FUNCTION take_back_allocations(bigint[]) IS 'Reverses these allocations on the business date, save those that were already. For the sync_… functions.';

CREATE FUNCTION standing_allocations(customer_ids bigint[], invoice_ids bigint[], payment_ids bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT coalesce(array_agg(a.allocation_id ORDER BY a.allocation_id), '{}')
    FROM allocation a
    WHERE a.customer_id = ANY (customer_ids) AND a.reversal_of IS NULL
      AND (a.invoice_id = ANY (invoice_ids) OR a.credit_invoice_id = ANY (invoice_ids) OR a.payment_id = ANY (payment_ids))
      AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id)
$$;
COMMENT ON FUNCTION standing_allocations(bigint[], bigint[], bigint[]) IS 'The allocations that stand on these invoices, credit notes and payments of these customers; an empty array if there is none.';

-- What was matched in the ledger itself moves to the document that stands for
-- the former one, as far as it fits.
CREATE FUNCTION match_again(allocation_ids bigint[], former_ids bigint[], new_ids bigint[], of_payments boolean) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    a allocation;
    fits numeric;
BEGIN
    FOR a IN SELECT f.* FROM allocation f WHERE f.allocation_id = ANY (allocation_ids) ORDER BY f.allocation_id LOOP
        IF of_payments THEN
            a.payment_id := new_ids[array_position(former_ids, a.payment_id)];
        ELSE
            a.invoice_id := coalesce(new_ids[array_position(former_ids, a.invoice_id)], a.invoice_id);
            a.credit_invoice_id := coalesce(new_ids[array_position(former_ids, a.credit_invoice_id)], a.credit_invoice_id);
        END IF;
        SELECT least(a.amount,
            (SELECT o.open_amount FROM open_item o WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (a.customer_id, a.invoice_id, a.instalment_no)),
            (SELECT -o.open_amount FROM open_item o WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (a.customer_id, a.credit_invoice_id, a.credit_instalment_no)),
            payment_rest(a.customer_id, a.payment_id)) INTO fits;
        CONTINUE WHEN fits <= 0
                   OR (a.invoice_id IS NOT NULL AND NOT EXISTS (SELECT FROM open_item o WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (a.customer_id, a.invoice_id, a.instalment_no)))
                   OR (a.credit_invoice_id IS NOT NULL AND NOT EXISTS (SELECT FROM open_item o WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (a.customer_id, a.credit_invoice_id, a.credit_instalment_no)));
        INSERT INTO allocation (customer_id, payment_id, credit_invoice_id, credit_instalment_no, invoice_id, instalment_no, adjustment, reason, concerns_invoice_id,
                                tax_amount, tax_recoverable, matching_code, amount)
        VALUES (a.customer_id, a.payment_id, a.credit_invoice_id, a.credit_instalment_no, a.invoice_id, a.instalment_no, a.adjustment, a.reason, a.concerns_invoice_id,
                CASE WHEN fits = a.amount THEN a.tax_amount END, CASE WHEN fits = a.amount THEN a.tax_recoverable END, a.matching_code, fits);
    END LOOP;
END $$;
COMMENT ON FUNCTION match_again(bigint[], bigint[], bigint[], boolean) IS
'Writes allocations that were taken back again, on the documents (new_ids) that replace the former ones, payments or invoices; each as far as both sides have room. For the sync_… functions.';

CREATE FUNCTION payment_rest(customer_id bigint, payment_id bigint) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT p.amount - coalesce(sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END), 0)
    FROM payment p LEFT JOIN allocation a ON a.customer_id = p.customer_id AND a.payment_id = p.payment_id
    WHERE p.customer_id = payment_rest.customer_id AND p.payment_id = payment_rest.payment_id
    GROUP BY p.amount
$$;
COMMENT ON FUNCTION payment_rest(bigint, bigint) IS 'What is left unallocated of a payment, document currency; NULL if there is no such payment.';

-- Invoices -------------------------------------------------------------------------

CREATE FUNCTION attached_invoice_change(keys text[], host jsonb)
RETURNS TABLE (external_ref text, former_customer_id bigint, former_id bigint, former_order_id bigint, customer_id bigint, order_id bigint, delivery_id bigint, site_id bigint,
               invoice_no text, kind text, issued_on date, due_on date, instalment_due_on date[], instalment_amount numeric[], terms text, amount numeric,
               tax_amount numeric, currency text, only_due_on boolean, place bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH wanted AS (
        SELECT k.external_ref AS ref, k.place, d.document_id AS known_id, f.*, x.due_on AS corrected_due_on, p.customer_id AS payer_id,
               coalesce(dl.order_id, o.order_id) AS wanted_order_id, dl.delivery_id AS wanted_delivery_id, coalesce(s.customer_id, c.customer_id) AS wanted_site_id,
               coalesce(nullif(r.invoice_no, ''), k.external_ref) AS wanted_no, coalesce(r.issued_on, f.issued_on, business_date()) AS wanted_issued_on,
               r.due_on AS wanted_due_on, r.instalment_due_on AS wanted_instalment_due_on, r.instalment_amount AS wanted_instalment_amount, r.terms AS wanted_terms,
               coalesce(r.kind, CASE WHEN r.amount < 0 THEN 'credit_note' ELSE 'invoice' END) AS wanted_kind,
               nullif(abs(attached_amount(r.amount, u.currency)), 0) AS wanted_amount, abs(attached_amount(r.tax_amount, u.currency)) AS wanted_tax, u.currency AS wanted_currency
        FROM unnest(keys) WITH ORDINALITY k (external_ref, place)
        LEFT JOIN jsonb_to_recordset(host) AS r (external_ref text, customer_id text, site_id text, invoice_no text, kind text, order_id text, delivery_id text, issued_on date,
             due_on date, instalment_due_on date[], instalment_amount numeric[], terms text, amount numeric, tax_amount numeric, currency text) USING (external_ref)
        LEFT JOIN attached_document d ON d.external_ref = k.external_ref AND d.kind = 'invoice'
        LEFT JOIN invoice f ON (f.customer_id, f.invoice_id) = (d.customer_id, d.document_id)
        LEFT JOIN corrected_due_date x ON (x.customer_id, x.invoice_id, x.instalment_no) = (f.customer_id, f.invoice_id, 1)
        LEFT JOIN attached_customer c ON c.external_ref = r.customer_id
        LEFT JOIN attached_customer s ON s.external_ref = r.site_id
        CROSS JOIN LATERAL (SELECT CASE WHEN f.customer_id = c.own_payer_id THEN c.own_payer_id ELSE c.payer_id END AS customer_id) p
        CROSS JOIN LATERAL (SELECT coalesce(r.currency, (SELECT l.base_currency FROM ledger l)) AS currency) u
        LEFT JOIN attached_document od ON od.external_ref = r.order_id AND od.kind = 'sales_order' AND od.customer_id = p.customer_id
        LEFT JOIN sales_order o ON (o.customer_id, o.order_id) = (od.customer_id, od.document_id) AND o.currency = u.currency
        LEFT JOIN attached_document dd ON dd.external_ref = r.delivery_id AND dd.kind = 'delivery' AND dd.customer_id = p.customer_id
        LEFT JOIN delivery dl ON (dl.customer_id, dl.delivery_id) = (dd.customer_id, dd.document_id) AND dl.currency = u.currency
    ), compared AS (
        SELECT w.*, coalesce(w.payer_id IS NOT NULL AND w.wanted_amount IS NOT NULL, false) AS is_wanted,
               (w.customer_id, w.invoice_no, w.kind, w.issued_on, w.amount, w.currency) IS NOT DISTINCT FROM (w.payer_id, w.wanted_no, w.wanted_kind, w.wanted_issued_on, w.wanted_amount, w.wanted_currency)
               AND (w.wanted_order_id IS NULL OR w.wanted_order_id IS NOT DISTINCT FROM w.order_id) AND (w.wanted_delivery_id IS NULL OR w.wanted_delivery_id IS NOT DISTINCT FROM w.delivery_id)
               AND (coalesce(w.wanted_tax > w.wanted_amount, true) OR w.wanted_tax IS NOT DISTINCT FROM w.tax_amount)
               AND (w.wanted_instalment_due_on IS NULL OR w.wanted_instalment_amount IS NULL
                    OR (w.instalment_due_on, w.instalment_amount) IS NOT DISTINCT FROM (w.wanted_instalment_due_on, w.wanted_instalment_amount)) AS is_same,
               w.wanted_due_on IS NULL OR w.wanted_instalment_due_on IS NOT NULL OR w.wanted_due_on = coalesce(w.corrected_due_on, w.due_on)
               OR (w.wanted_due_on < w.wanted_issued_on AND coalesce(w.corrected_due_on, w.due_on) = w.wanted_issued_on) AS is_due_same
        FROM wanted w
    )
    SELECT c.ref, c.customer_id, c.invoice_id, c.order_id, CASE WHEN c.is_wanted THEN c.payer_id END, CASE WHEN c.wanted_delivery_id IS NULL THEN c.wanted_order_id END,
           c.wanted_delivery_id, nullif(c.wanted_site_id, c.payer_id), c.wanted_no, c.wanted_kind, c.wanted_issued_on,
           CASE WHEN c.wanted_due_on < c.wanted_issued_on AND c.wanted_kind NOT IN ('opening_balance', 'credit_note') THEN c.wanted_issued_on     -- what a host lets pass
                WHEN c.wanted_kind = 'credit_note' AND c.wanted_instalment_due_on IS NULL THEN coalesce(c.wanted_due_on, c.wanted_issued_on)
                ELSE c.wanted_due_on END,
           CASE WHEN c.wanted_instalment_amount IS NOT NULL THEN c.wanted_instalment_due_on END, CASE WHEN c.wanted_instalment_due_on IS NOT NULL THEN c.wanted_instalment_amount END,
           CASE WHEN c.wanted_terms IS NOT NULL THEN attached_terms(c.wanted_terms) END, c.wanted_amount, CASE WHEN c.wanted_tax <= c.wanted_amount THEN c.wanted_tax END, c.wanted_currency,
           coalesce(c.is_wanted AND c.is_same AND c.instalment_due_on IS NULL, false), c.place
    FROM compared c
    WHERE CASE WHEN c.known_id IS NULL THEN c.is_wanted
               ELSE NOT EXISTS (SELECT FROM invoice x WHERE (x.customer_id, x.reversal_of) = (c.customer_id, c.invoice_id))
                    AND (NOT c.is_wanted OR NOT c.is_same OR NOT c.is_due_same) END;
END $$;
COMMENT ON FUNCTION attached_invoice_change(text[], jsonb) IS
'What an attached table of invoices wants changed in the ledger, for these keys: former_id is to be taken back, and if customer_id is there the invoice is to be written; only_due_on: nothing but the due date differs. A negative amount without a kind is a credit note. No row where both agree, nor for one that a person took back in the ledger.';

CREATE FUNCTION sync_invoices(attachment text, keys text[], host jsonb, phase text DEFAULT 'statement') RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    payer_ids bigint[];
    order_ids bigint[];
    takes_back boolean;
    corrects boolean;
    former_customers bigint[];
    former_ids bigint[];
    former_refs text[];
    undone bigint[];
    matched_here bigint[];
BEGIN
    PERFORM attached_columns(attachment);
    IF cardinality(keys) > coalesce(jsonb_array_length(host), 0) THEN   -- taken back here by a person, and now gone there too
        DELETE FROM attached_document d
        WHERE d.kind = 'invoice' AND d.external_ref = ANY (keys)
          AND NOT EXISTS (SELECT FROM jsonb_to_recordset(host) AS r (external_ref text) WHERE r.external_ref = d.external_ref)
          AND EXISTS (SELECT FROM invoice x WHERE x.customer_id = d.customer_id AND x.reversal_of = d.document_id);
    END IF;
    IF phase = 'statement' THEN     -- their customer or order may follow in this transaction
        INSERT INTO attachment_pending (attachment, external_ref)
        SELECT sync_invoices.attachment, r.external_ref
        FROM jsonb_to_recordset(host) AS r (external_ref text, customer_id text, order_id text)
        WHERE (r.customer_id IS NOT NULL AND NOT EXISTS (SELECT FROM customer c WHERE c.external_ref = r.customer_id OFFSET 0))
           OR (r.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM attached_document d WHERE d.external_ref = r.order_id AND d.kind = 'sales_order' OFFSET 0));
    END IF;
    SELECT array_agg(DISTINCT p) FILTER (WHERE p IS NOT NULL), array_agg(DISTINCT o) FILTER (WHERE o IS NOT NULL),
           bool_or(x.former_id IS NOT NULL AND NOT x.only_due_on), bool_or(x.only_due_on)
    INTO payer_ids, order_ids, takes_back, corrects
    FROM attached_invoice_change(keys, host) x
    LEFT JOIN delivery d ON (d.customer_id, d.delivery_id) = (x.customer_id, x.delivery_id)
    CROSS JOIN unnest(ARRAY[x.former_customer_id, x.customer_id], ARRAY[x.former_order_id, coalesce(x.order_id, d.order_id)]) u (p, o);
    IF payer_ids IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM sales_order o WHERE o.customer_id = ANY (payer_ids) AND o.order_id = ANY (order_ids) ORDER BY o.customer_id, o.order_id FOR NO KEY UPDATE;
    PERFORM lock_accounts(payer_ids);
    IF corrects THEN
        PERFORM correct_due_date(x.former_id, x.due_on, format('changed in the host: %s', sync_invoices.attachment))
        FROM attached_invoice_change(keys, host) x WHERE x.only_due_on ORDER BY x.place;
    END IF;
    IF takes_back THEN
        SELECT array_agg(x.former_customer_id), array_agg(x.former_id), array_agg(x.external_ref) INTO former_customers, former_ids, former_refs
        FROM attached_invoice_change(keys, host) x WHERE x.former_id IS NOT NULL AND NOT x.only_due_on;
        undone := standing_allocations(former_customers, former_ids, NULL);
        matched_here := ARRAY(SELECT a.allocation_id FROM allocation a
                              WHERE a.allocation_id = ANY (undone) AND NOT EXISTS (SELECT FROM attached_document d WHERE (d.customer_id, d.kind, d.document_id) = (a.customer_id, 'allocation', a.allocation_id)));
        PERFORM take_back_allocations(undone);
        PERFORM cancel_plan(p.plan_id) FROM payment_plan p
        WHERE p.closed_on IS NULL AND EXISTS (SELECT FROM payment_plan_item i WHERE i.customer_id = p.customer_id AND i.plan_id = p.plan_id AND i.invoice_id = ANY (former_ids));
        INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, reversal_of)
        SELECT f.customer_id, f.invoice_no,
               greatest(business_date(), f.issued_on, (SELECT max(a.effective_on) FROM allocation a
                                                       WHERE a.customer_id = f.customer_id AND (a.invoice_id = f.invoice_id OR a.credit_invoice_id = f.invoice_id))),
               f.due_on, f.amount, f.invoice_id
        FROM unnest(former_customers, former_ids) k (customer_id, invoice_id) JOIN invoice f USING (customer_id, invoice_id);
        DELETE FROM attached_document d USING unnest(former_customers, former_ids) k (customer_id, invoice_id)
        WHERE (d.customer_id, d.kind, d.document_id) = (k.customer_id, 'invoice', k.invoice_id);
    END IF;
    WITH written AS (
        INSERT INTO invoice (customer_id, external_ref, invoice_no, kind, order_id, delivery_id, site_id, issued_on, due_on, instalment_due_on, instalment_amount, terms,
                             amount, tax_amount, currency, revision)
        SELECT x.customer_id, x.external_ref, x.invoice_no, x.kind, x.order_id, x.delivery_id, x.site_id, x.issued_on, x.due_on, x.instalment_due_on, x.instalment_amount, x.terms,
               x.amount, x.tax_amount, x.currency,
               row_number() OVER (PARTITION BY x.customer_id, x.invoice_no ORDER BY x.place)
               + coalesce((SELECT max(i.revision) FROM invoice i
                           WHERE i.customer_id = x.customer_id AND i.reversal_of IS NULL AND (i.invoice_no = x.invoice_no OR i.external_ref = x.external_ref)), 0)
        FROM attached_invoice_change(keys, host) x WHERE x.former_id IS NULL AND x.customer_id IS NOT NULL ORDER BY x.place
        RETURNING invoice.customer_id, invoice.invoice_id, invoice.external_ref
    )
    INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
    SELECT w.customer_id, 'invoice', w.invoice_id, sync_invoices.attachment, w.external_ref FROM written w;
    PERFORM settle_attached(keys, NULL, NULL);
    IF matched_here <> '{}' THEN
        PERFORM match_again(matched_here, array_agg(k.invoice_id), array_agg(d.document_id), false)
        FROM unnest(former_customers, former_ids, former_refs) k (customer_id, invoice_id, external_ref)
        LEFT JOIN attached_document d ON (d.external_ref, d.kind, d.customer_id) = (k.external_ref, 'invoice', k.customer_id);
    END IF;
END $$;
COMMENT ON FUNCTION sync_invoices(text, text[], jsonb, text) IS
'Writes to invoice what an attached table now says of these keys: new invoices and credit notes; what changed or went is taken back, with its allocations (and a payment plan that covers it), and written and matched again as far as it fits. Where only the due date changed it is corrected. For the trigger functions of attachments.';

-- Payments -------------------------------------------------------------------------

CREATE FUNCTION attached_payment_change(keys text[], host jsonb)
RETURNS TABLE (external_ref text, former_customer_id bigint, former_id bigint, customer_id bigint, payment_no text, received_on date, amount numeric, currency text,
               method text, acceptance text, matures_on date, reference text, place bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT k.external_ref, f.customer_id, f.payment_id, CASE WHEN w.amount > 0 THEN w.customer_id END, w.payment_no, w.received_on, w.amount, w.currency, w.method,
           CASE WHEN w.method IS NOT NULL THEN r.acceptance END, CASE WHEN w.method IS NOT NULL THEN r.matures_on END, r.reference, k.place
    FROM unnest(keys) WITH ORDINALITY k (external_ref, place)
    LEFT JOIN jsonb_to_recordset(host) AS r (external_ref text, customer_id text, payment_no text, received_on date, amount numeric, currency text, method text,
         acceptance text, matures_on date, reference text) USING (external_ref)
    LEFT JOIN attached_document d ON d.external_ref = k.external_ref AND d.kind = 'payment'
    LEFT JOIN payment f ON (f.customer_id, f.payment_id) = (d.customer_id, d.document_id)
    LEFT JOIN attached_customer c ON c.external_ref = r.customer_id
    CROSS JOIN LATERAL (SELECT coalesce(r.currency, (SELECT l.base_currency FROM ledger l)) AS currency) u
    CROSS JOIN LATERAL (
        SELECT CASE WHEN f.customer_id = c.own_payer_id THEN c.own_payer_id ELSE c.payer_id END AS customer_id, coalesce(nullif(r.payment_no, ''), k.external_ref) AS payment_no,
               coalesce(r.received_on, f.received_on) AS received_on, attached_amount(r.amount, u.currency) AS amount, u.currency,
               CASE WHEN EXISTS (SELECT FROM payment_method m WHERE m.method = r.method) THEN r.method END AS method) w
    WHERE CASE WHEN d.document_id IS NULL THEN w.customer_id IS NOT NULL AND w.amount > 0
               ELSE NOT EXISTS (SELECT FROM payment x WHERE (x.customer_id, x.reversal_of) = (f.customer_id, f.payment_id))
                    AND (w.customer_id IS NULL OR coalesce(w.amount, 0) <= 0
                         OR (f.customer_id, f.payment_no, f.received_on, f.amount, f.currency, f.method, f.acceptance, f.matures_on)
                            IS DISTINCT FROM (w.customer_id, w.payment_no, w.received_on, w.amount, w.currency, coalesce(w.method, f.method),
                                              coalesce(r.acceptance, f.acceptance), coalesce(r.matures_on, f.matures_on))) END;
END $$;
COMMENT ON FUNCTION attached_payment_change(text[], jsonb) IS
'What an attached table of payments wants changed in the ledger, for these keys: former_id is to be taken back, and if customer_id is there the payment is to be written. Amounts of nothing or less are no payments. No row where both agree, nor for one that a person took back in the ledger.';

CREATE FUNCTION sync_payments(attachment text, keys text[], host jsonb, phase text DEFAULT 'statement') RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    payer_ids bigint[];
    takes_back boolean;
    former_customers bigint[];
    former_ids bigint[];
    former_refs text[];
    undone bigint[];
    matched_here bigint[];
BEGIN
    PERFORM attached_columns(attachment);
    IF cardinality(keys) > coalesce(jsonb_array_length(host), 0) THEN   -- taken back here by a person, and now gone there too
        DELETE FROM attached_document d
        WHERE d.kind = 'payment' AND d.external_ref = ANY (keys)
          AND NOT EXISTS (SELECT FROM jsonb_to_recordset(host) AS r (external_ref text) WHERE r.external_ref = d.external_ref)
          AND EXISTS (SELECT FROM payment x WHERE x.customer_id = d.customer_id AND x.reversal_of = d.document_id);
    END IF;
    IF phase = 'statement' THEN
        INSERT INTO attachment_pending (attachment, external_ref)
        SELECT sync_payments.attachment, r.external_ref FROM jsonb_to_recordset(host) AS r (external_ref text, customer_id text)
        WHERE r.customer_id IS NOT NULL AND NOT EXISTS (SELECT FROM customer c WHERE c.external_ref = r.customer_id OFFSET 0);
    END IF;
    SELECT array_agg(DISTINCT p) FILTER (WHERE p IS NOT NULL), bool_or(x.former_id IS NOT NULL) INTO payer_ids, takes_back
    FROM attached_payment_change(keys, host) x CROSS JOIN unnest(ARRAY[x.former_customer_id, x.customer_id]) p;
    IF payer_ids IS NULL THEN
        RETURN;
    END IF;
    PERFORM lock_accounts(payer_ids);
    IF takes_back THEN
        SELECT array_agg(x.former_customer_id), array_agg(x.former_id), array_agg(x.external_ref) INTO former_customers, former_ids, former_refs
        FROM attached_payment_change(keys, host) x WHERE x.former_id IS NOT NULL;
        undone := standing_allocations(former_customers, NULL, former_ids);
        matched_here := ARRAY(SELECT a.allocation_id FROM allocation a
                              WHERE a.allocation_id = ANY (undone) AND NOT EXISTS (SELECT FROM attached_document d WHERE (d.customer_id, d.kind, d.document_id) = (a.customer_id, 'allocation', a.allocation_id)));
        PERFORM take_back_allocations(undone);
        INSERT INTO payment (customer_id, received_on, amount, reversal_of)
        SELECT f.customer_id,
               greatest(business_date(), f.received_on, (SELECT max(a.effective_on) FROM allocation a WHERE a.customer_id = f.customer_id AND a.payment_id = f.payment_id)),
               f.amount, f.payment_id
        FROM unnest(former_customers, former_ids) k (customer_id, payment_id) JOIN payment f USING (customer_id, payment_id);
        DELETE FROM attached_document d USING unnest(former_customers, former_ids) k (customer_id, payment_id)
        WHERE (d.customer_id, d.kind, d.document_id) = (k.customer_id, 'payment', k.payment_id);
    END IF;
    WITH written AS (
        INSERT INTO payment (customer_id, external_ref, payment_no, received_on, amount, currency, method, acceptance, matures_on, reference, revision)
        SELECT x.customer_id, x.external_ref, x.payment_no, x.received_on, x.amount, x.currency, x.method, x.acceptance, x.matures_on, x.reference,
               row_number() OVER (PARTITION BY x.customer_id, x.payment_no ORDER BY x.place)
               + coalesce((SELECT max(p.revision) FROM payment p
                           WHERE p.customer_id = x.customer_id AND p.reversal_of IS NULL AND (p.payment_no = x.payment_no OR p.external_ref = x.external_ref)), 0)
        FROM attached_payment_change(keys, host) x WHERE x.former_id IS NULL AND x.customer_id IS NOT NULL ORDER BY x.place
        RETURNING payment.customer_id, payment.payment_id, payment.external_ref
    )
    INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
    SELECT w.customer_id, 'payment', w.payment_id, sync_payments.attachment, w.external_ref FROM written w;
    PERFORM settle_attached(NULL, keys, NULL);
    IF matched_here <> '{}' THEN
        PERFORM match_again(matched_here, array_agg(k.payment_id), array_agg(d.document_id), true)
        FROM unnest(former_customers, former_ids, former_refs) k (customer_id, payment_id, external_ref)
        JOIN attached_document d ON (d.external_ref, d.kind, d.customer_id) = (k.external_ref, 'payment', k.customer_id);
    END IF;
END $$;
COMMENT ON FUNCTION sync_payments(text, text[], jsonb, text) IS
'Writes to payment what an attached table now says of these keys; what changed or went is taken back, with its allocations, and written and matched again as far as it fits. For the trigger functions of attachments.';

-- Allocations ----------------------------------------------------------------------

-- Which part of which item each match takes: the amounts of the matches and
-- the open instalments, each laid end to end, cut one another.
CREATE FUNCTION settle_attached(invoice_refs text[], payment_refs text[], allocation_refs text[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    WITH asked AS (
        SELECT m.* FROM attached_allocation m
        WHERE (m.external_ref = ANY (allocation_refs) OR m.invoice_ref = ANY (invoice_refs) OR m.credit_ref = ANY (invoice_refs) OR m.payment_ref = ANY (payment_refs))
          AND NOT EXISTS (SELECT FROM attached_document d WHERE d.external_ref = m.external_ref AND d.kind = 'allocation')
    ), sided AS (
        SELECT m.attachment, m.external_ref, i.customer_id, i.invoice_id, m.instalment_no, p.payment_id, c.invoice_id AS credit_invoice_id,
               attached_amount(m.amount, i.currency) AS amount, m.effective_on, greatest(i.issued_on, p.received_on, c.issued_on) AS earliest_on,
               coalesce(payment_rest(p.customer_id, p.payment_id),
                        (SELECT -o.open_amount FROM open_item o WHERE (o.customer_id, o.invoice_id, o.instalment_no) = (c.customer_id, c.invoice_id, 1)), 0) AS room
        FROM asked m
        JOIN attached_document di ON di.external_ref = m.invoice_ref AND di.kind = 'invoice'
        JOIN invoice i ON (i.customer_id, i.invoice_id) = (di.customer_id, di.document_id) AND i.kind <> 'credit_note'
        LEFT JOIN attached_document dp ON dp.external_ref = m.payment_ref AND dp.kind = 'payment' AND dp.customer_id = i.customer_id
        LEFT JOIN payment p ON (p.customer_id, p.payment_id) = (dp.customer_id, dp.document_id) AND p.currency = i.currency
        LEFT JOIN attached_document dc ON dc.external_ref = m.credit_ref AND dc.kind = 'invoice' AND dc.customer_id = i.customer_id AND p.payment_id IS NULL
        LEFT JOIN invoice c ON (c.customer_id, c.invoice_id) = (dc.customer_id, dc.document_id) AND c.currency = i.currency AND c.kind = 'credit_note'
        WHERE num_nonnulls(p.payment_id, c.invoice_id) = 1
    ), capped AS (      -- no more than is left of the payment or credit note
        SELECT s.*, least(s.amount, s.room - (sum(s.amount) OVER (PARTITION BY s.payment_id, s.credit_invoice_id ORDER BY s.external_ref, s.attachment) - s.amount)) AS usable
        FROM sided s WHERE s.amount > 0
    ), laid AS (
        SELECT c.*, sum(c.usable) OVER (PARTITION BY c.customer_id, c.invoice_id, c.instalment_no ORDER BY c.external_ref, c.attachment) AS upto FROM capped c WHERE c.usable > 0
    ), item AS (
        SELECT l.customer_id, l.invoice_id, l.asked_no, o.instalment_no, o.open_amount,
               sum(o.open_amount) OVER (PARTITION BY l.customer_id, l.invoice_id, l.asked_no ORDER BY o.due_on, o.instalment_no) AS upto
        FROM (SELECT DISTINCT l.customer_id, l.invoice_id, l.instalment_no AS asked_no FROM laid l) l
        JOIN open_item o ON (o.customer_id, o.invoice_id) = (l.customer_id, l.invoice_id) AND o.instalment_no = coalesce(l.asked_no, o.instalment_no)
    ), part AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('allocation', 'allocation_id')) AS allocation_id, l.attachment, l.external_ref, l.customer_id, l.payment_id, l.credit_invoice_id,
               l.invoice_id, i.instalment_no, least(l.upto, i.upto) - greatest(l.upto - l.usable, i.upto - i.open_amount) AS amount,
               -- What was matched before is not matched again before that ended: then the ledger dates it.
               CASE WHEN NOT EXISTS (SELECT FROM allocation a WHERE a.customer_id = l.customer_id AND a.invoice_id = l.invoice_id AND a.reversal_of IS NOT NULL)
                         AND NOT EXISTS (SELECT FROM allocation a WHERE a.customer_id = l.customer_id AND a.payment_id = l.payment_id AND a.reversal_of IS NOT NULL)
                         AND NOT EXISTS (SELECT FROM allocation a WHERE a.customer_id = l.customer_id AND a.credit_invoice_id = l.credit_invoice_id AND a.reversal_of IS NOT NULL)
                    THEN greatest(l.effective_on, l.earliest_on) END AS effective_on
        FROM laid l
        JOIN item i ON (i.customer_id, i.invoice_id) = (l.customer_id, l.invoice_id) AND i.asked_no IS NOT DISTINCT FROM l.instalment_no
                   AND least(l.upto, i.upto) > greatest(l.upto - l.usable, i.upto - i.open_amount)
        ORDER BY l.external_ref, i.instalment_no
    ), written AS (
        INSERT INTO allocation (customer_id, allocation_id, payment_id, credit_invoice_id, invoice_id, instalment_no, amount, effective_on)
        SELECT p.customer_id, p.allocation_id, p.payment_id, p.credit_invoice_id, p.invoice_id, p.instalment_no, p.amount, p.effective_on FROM part p
    )
    INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
    SELECT p.customer_id, 'allocation', p.allocation_id, p.attachment, p.external_ref FROM part p;
END $$;
COMMENT ON FUNCTION settle_attached(text[], text[], text[]) IS
'Allocates what the host has matched and the ledger has not yet: of these invoices (or credit notes), these payments, or these matches, by the host''s keys. Never more than is open or left; a match whose two sides are not here, of one customer and in one currency, waits. For the sync_… functions, under the lock of the accounts.';

CREATE FUNCTION sync_allocations(attachment text, keys text[], host jsonb) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    changed text[];
BEGIN
    PERFORM attached_columns(attachment);
    changed := ARRAY(
        SELECT k.external_ref FROM unnest(keys) k (external_ref)
        LEFT JOIN attached_allocation m ON m.external_ref = k.external_ref AND m.attachment = sync_allocations.attachment
        LEFT JOIN jsonb_to_recordset(host) AS r (external_ref text, invoice_id text, instalment_no integer, payment_id text, credit_invoice_id text, amount numeric, effective_on date)
               ON r.external_ref = k.external_ref
        WHERE (m.external_ref, m.invoice_ref, m.instalment_no, m.payment_ref, m.credit_ref, m.amount, m.effective_on)
              IS DISTINCT FROM (r.external_ref, r.invoice_id, r.instalment_no, r.payment_id, r.credit_invoice_id, r.amount, r.effective_on));
    IF changed = '{}' THEN
        RETURN;
    END IF;
    PERFORM lock_accounts(ARRAY(
        SELECT d.customer_id FROM attached_document d WHERE d.kind = 'allocation' AND d.external_ref IN (SELECT unnest(changed))
      UNION
        SELECT d.customer_id FROM jsonb_to_recordset(host) AS r (external_ref text, invoice_id text, payment_id text, credit_invoice_id text)
        JOIN attached_document d ON (d.external_ref IN (r.invoice_id, r.credit_invoice_id) AND d.kind = 'invoice') OR (d.external_ref = r.payment_id AND d.kind = 'payment')
        WHERE r.external_ref IN (SELECT unnest(changed))));
    PERFORM take_back_allocations(ARRAY(SELECT d.document_id FROM attached_document d WHERE d.kind = 'allocation' AND d.external_ref IN (SELECT unnest(changed))));
    DELETE FROM attached_allocation m WHERE m.external_ref IN (SELECT unnest(changed)) AND m.attachment = sync_allocations.attachment;
    INSERT INTO attached_allocation (attachment, external_ref, invoice_ref, instalment_no, payment_ref, credit_ref, amount, effective_on)
    SELECT sync_allocations.attachment, r.external_ref, r.invoice_id, r.instalment_no, r.payment_id, r.credit_invoice_id, r.amount, r.effective_on
    FROM jsonb_to_recordset(host) AS r (external_ref text, invoice_id text, instalment_no integer, payment_id text, credit_invoice_id text, amount numeric, effective_on date)
    WHERE r.external_ref IN (SELECT unnest(changed));
    PERFORM settle_attached(NULL, NULL, changed);
END $$;
COMMENT ON FUNCTION sync_allocations(text, text[], jsonb) IS
'Writes to allocation what an attached table of matches now says of these keys: a new match settles, one that is gone (unreconciled) or changed is taken back. A match whose invoice or payment is not in the ledger waits for it. For the trigger functions of attachments.';

-- What stood in the ledger before its host was attached, known by the host's key.
CREATE FUNCTION adopt_documents(attachment text, kind text, keys text[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
    SELECT f.customer_id, adopt_documents.kind, f.document_id, adopt_documents.attachment, f.external_ref
    FROM (SELECT o.customer_id, o.order_id AS document_id, o.external_ref FROM sales_order o WHERE adopt_documents.kind = 'sales_order' AND o.cancelled_on IS NULL
        UNION ALL
          SELECT d.customer_id, d.delivery_id, d.external_ref FROM delivery d
          WHERE adopt_documents.kind = 'delivery' AND d.reversal_of IS NULL AND NOT EXISTS (SELECT FROM delivery r WHERE (r.customer_id, r.reversal_of) = (d.customer_id, d.delivery_id))
        UNION ALL
          SELECT i.customer_id, i.invoice_id, i.external_ref FROM invoice i
          WHERE adopt_documents.kind = 'invoice' AND i.reversal_of IS NULL AND NOT EXISTS (SELECT FROM invoice r WHERE (r.customer_id, r.reversal_of) = (i.customer_id, i.invoice_id))
        UNION ALL
          SELECT p.customer_id, p.payment_id, p.external_ref FROM payment p
          WHERE adopt_documents.kind = 'payment' AND p.reversal_of IS NULL AND NOT EXISTS (SELECT FROM payment r WHERE (r.customer_id, r.reversal_of) = (p.customer_id, p.payment_id))) f
    JOIN unnest(keys) k (external_ref) ON k.external_ref = f.external_ref
    WHERE NOT EXISTS (SELECT FROM attached_document d WHERE d.external_ref = f.external_ref AND d.kind = adopt_documents.kind)
    ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION adopt_documents(text, text, text[]) IS
'Documents of a kind that stand in the ledger under these keys of the host (external_ref), and of which no attachment knows, become those of this attachment. For attach().';
