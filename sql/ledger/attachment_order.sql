-- Orders and deliveries of attached tables.

CREATE FUNCTION attached_order_change(keys text[], host jsonb, mapped text[])
RETURNS TABLE (action text, external_ref text, former_customer_id bigint, former_id bigint, customer_id bigint, order_id bigint, site_id bigint, order_no text,
               ordered_on date, deliver_on date, amount numeric, tax_amount numeric, currency text, terms text, payment_method text, contract_no text, place bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT k.external_ref, k.place, o.customer_id AS former_customer_id, o.order_id AS former_id, o.cancelled_on,
               d.document_id IS NOT NULL AS known, p.customer_id, nullif(coalesce(s.customer_id, c.customer_id), p.customer_id) AS site_id,
               coalesce(nullif(r.order_no, ''), k.external_ref) AS order_no, r.ordered_on, r.deliver_on,
               y.amount, attached_amount(r.tax_amount, u.currency) AS tax_amount,
               u.currency, CASE WHEN r.terms IS NOT NULL THEN attached_terms(r.terms) END AS terms, nullif(r.payment_method, '') AS payment_method, nullif(r.contract_no, '') AS contract_no
        FROM unnest(keys) WITH ORDINALITY k (external_ref, place)
        LEFT JOIN jsonb_to_recordset(host) AS r (external_ref text, customer_id text, site_id text, order_no text, ordered_on date, deliver_on date, amount numeric,
             tax_amount numeric, currency text, terms text, payment_method text, contract_no text) USING (external_ref)
        LEFT JOIN attached_document d ON d.external_ref = k.external_ref AND d.kind = 'sales_order'
        LEFT JOIN sales_order o ON (o.customer_id, o.order_id) = (d.customer_id, d.document_id)
        LEFT JOIN attached_customer c ON c.external_ref = r.customer_id
        LEFT JOIN attached_customer s ON s.external_ref = r.site_id
        CROSS JOIN LATERAL (SELECT CASE WHEN o.customer_id = c.own_payer_id THEN c.own_payer_id ELSE c.payer_id END AS customer_id) p
        CROSS JOIN LATERAL (SELECT coalesce(r.currency, CASE WHEN o.customer_id = p.customer_id THEN o.currency END, (SELECT l.base_currency FROM ledger l)) AS currency) u
        CROSS JOIN LATERAL (SELECT CASE WHEN r.amount < 0 THEN 0 ELSE attached_amount(r.amount, u.currency) END AS amount) y
    ), target AS (
        SELECT w.*, coalesce(CASE WHEN w.former_customer_id = w.customer_id THEN w.former_id END, o.order_id) AS target_id,
               row_number() OVER (PARTITION BY w.customer_id, w.order_no, w.known OR o.order_id IS NOT NULL ORDER BY w.place) AS of_no
        FROM wanted w LEFT JOIN sales_order o ON o.customer_id = w.customer_id AND o.external_ref = w.external_ref
    )
    -- Cancelled here by a person: left alone.
    SELECT 'cancel', w.external_ref, w.former_customer_id, w.former_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, w.place
    FROM wanted w
    WHERE w.known AND (w.customer_id IS NULL OR w.amount IS NULL OR w.customer_id <> w.former_customer_id)
    UNION ALL
    SELECT CASE WHEN o.order_id IS NULL THEN 'insert' ELSE 'update' END, w.external_ref, w.former_customer_id, w.former_id, w.customer_id, o.order_id, v.site_id, v.order_no,
           w.ordered_on, v.deliver_on, w.amount, v.tax_amount, w.currency, v.terms, v.payment_method, v.contract_no, w.place
    FROM target w
    LEFT JOIN sales_order o ON o.customer_id = w.customer_id AND o.order_id = w.target_id
    CROSS JOIN LATERAL (SELECT CASE WHEN 'tax_amount' = ANY (mapped) THEN w.tax_amount ELSE o.tax_amount END AS tax_amount) t
    CROSS JOIN LATERAL (
        SELECT CASE WHEN o.order_id IS NULL OR mapped && '{customer_id,site_id}' THEN w.site_id ELSE o.site_id END AS site_id,
               CASE WHEN EXISTS (SELECT FROM sales_order x WHERE x.customer_id = w.customer_id AND x.order_no = w.order_no AND x.order_id IS DISTINCT FROM o.order_id)
                         OR (o.order_id IS NULL AND w.of_no > 1)
                    THEN format('%s (%s)', w.order_no, w.external_ref) ELSE w.order_no END AS order_no,
               CASE WHEN 'deliver_on' = ANY (mapped) THEN w.deliver_on ELSE o.deliver_on END AS deliver_on,
               CASE WHEN t.tax_amount > w.amount THEN w.amount WHEN t.tax_amount >= 0 THEN t.tax_amount END AS tax_amount,
               CASE WHEN 'terms' = ANY (mapped) THEN w.terms ELSE o.terms END AS terms,
               CASE WHEN 'payment_method' = ANY (mapped) THEN w.payment_method ELSE o.payment_method END AS payment_method,
               CASE WHEN 'contract_no' = ANY (mapped) THEN w.contract_no ELSE o.contract_no END AS contract_no) v
    WHERE w.customer_id IS NOT NULL AND w.amount IS NOT NULL
      AND (o.order_id IS NULL OR o.order_id IS DISTINCT FROM w.former_id
           OR (o.cancelled_on IS NULL
               AND (o.site_id, o.order_no, o.deliver_on, o.amount, o.tax_amount, o.currency, o.terms, o.payment_method, o.contract_no)
                   IS DISTINCT FROM (v.site_id, v.order_no, v.deliver_on, w.amount, v.tax_amount, w.currency, v.terms, v.payment_method, v.contract_no)));
END $$;
COMMENT ON FUNCTION attached_order_change(text[], jsonb, text[]) IS
'What an attached table of orders wants changed in the ledger, for these keys: cancel (gone, not active, or of another customer now), insert, or update (also an order that comes back). No row where both agree.';

CREATE FUNCTION sync_orders(attachment text, keys text[], host jsonb, phase text DEFAULT 'statement') RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    mapped text[] := attached_columns(attachment);
    unknown record;
    payer_ids bigint[];
    order_ids bigint[];
    actions text[];
BEGIN
    FOR unknown IN
        SELECT r.external_ref, r.customer_id FROM jsonb_to_recordset(host) AS r (external_ref text, customer_id text, amount numeric)
        WHERE r.customer_id IS NOT NULL AND NOT EXISTS (SELECT FROM customer c WHERE c.external_ref = r.customer_id OFFSET 0)
    LOOP
        IF phase = 'statement' THEN     -- the customer may follow in this transaction
            INSERT INTO attachment_pending VALUES (sync_orders.attachment, unknown.external_ref);
        ELSIF phase = 'commit' AND (SELECT l.mode = 'enforce' FROM ledger l) THEN
            RAISE EXCEPTION 'order % names customer %, which the ledger does not know', unknown.external_ref, unknown.customer_id
                USING ERRCODE = 'CR004', DETAIL = 'Nobody could judge it.',
                      HINT = 'Attach the customers too, or leave such orders out by active_when; attachment_check() lists them.';
        END IF;
    END LOOP;
    SELECT array_agg(DISTINCT p) FILTER (WHERE p IS NOT NULL), array_agg(DISTINCT o) FILTER (WHERE o IS NOT NULL), array_agg(DISTINCT x.action) INTO payer_ids, order_ids, actions
    FROM attached_order_change(keys, host, mapped) x CROSS JOIN unnest(ARRAY[x.former_customer_id, x.customer_id], ARRAY[x.former_id, x.order_id]) u (p, o);
    IF payer_ids IS NULL THEN
        RETURN;
    END IF;
    -- The one order of locks: orders, then accounts. What follows sees what was written before them.
    IF order_ids IS NOT NULL THEN
        PERFORM FROM sales_order o WHERE o.customer_id = ANY (payer_ids) AND o.order_id = ANY (order_ids) ORDER BY o.customer_id, o.order_id FOR NO KEY UPDATE;
    END IF;
    PERFORM lock_accounts(payer_ids);
    IF 'cancel' = ANY (actions) THEN
        WITH gone AS (
            SELECT x.* FROM attached_order_change(keys, host, mapped) x WHERE x.action = 'cancel'
        ), cancelled AS (
            UPDATE sales_order o SET cancelled_on = greatest(business_date(), o.ordered_on)
            FROM gone g WHERE (o.customer_id, o.order_id) = (g.former_customer_id, g.former_id) AND o.cancelled_on IS NULL
        )
        DELETE FROM attached_document d USING gone g
        WHERE (d.customer_id, d.kind, d.document_id) = (g.former_customer_id, 'sales_order', g.former_id);
    END IF;
    IF 'update' = ANY (actions) THEN
        WITH changed AS (
            UPDATE sales_order o
            SET site_id = x.site_id, order_no = x.order_no, deliver_on = x.deliver_on, amount = x.amount, tax_amount = x.tax_amount, currency = x.currency, terms = x.terms,
                payment_method = x.payment_method, contract_no = x.contract_no, cancelled_on = NULL
            FROM attached_order_change(keys, host, mapped) x
            WHERE x.action = 'update' AND (o.customer_id, o.order_id) = (x.customer_id, x.order_id)
            RETURNING o.customer_id, o.order_id, x.external_ref
        )
        INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
        SELECT c.customer_id, 'sales_order', c.order_id, sync_orders.attachment, c.external_ref FROM changed c
        ON CONFLICT DO NOTHING;
    END IF;
    IF 'insert' = ANY (actions) THEN
        WITH placed AS (
            INSERT INTO sales_order (customer_id, external_ref, site_id, order_no, ordered_on, deliver_on, amount, tax_amount, currency, terms, payment_method, contract_no)
            SELECT x.customer_id, x.external_ref, x.site_id, x.order_no, x.ordered_on, x.deliver_on, x.amount, x.tax_amount, x.currency, x.terms, x.payment_method, x.contract_no
            FROM attached_order_change(keys, host, mapped) x WHERE x.action = 'insert' ORDER BY x.place
            RETURNING sales_order.customer_id, sales_order.order_id, sales_order.external_ref
        )
        INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
        SELECT p.customer_id, 'sales_order', p.order_id, sync_orders.attachment, p.external_ref FROM placed p;
    END IF;
END $$;
COMMENT ON FUNCTION sync_orders(text, text[], jsonb, text) IS
'Writes to sales_order what an attached table now says of these keys; what grew is judged there: CR001 where the ledger rejects, otherwise held. An order of another customer is cancelled and written for that one; one that is deleted or no longer active is cancelled; one that a person cancelled in the ledger stays so. phase: statement, commit (CR004 for an order whose customer is unknown, while the ledger enforces) or backfill. For the trigger functions of attachments.';

CREATE FUNCTION attached_delivery_change(keys text[], host jsonb)
RETURNS TABLE (external_ref text, former_customer_id bigint, former_id bigint, former_order_id bigint, customer_id bigint, order_id bigint, site_id bigint,
               delivery_no text, delivered_on date, amount numeric, currency text, place bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH wanted AS (
        SELECT k.external_ref, k.place, d.document_id IS NOT NULL AS known, f.customer_id AS former_customer_id, f.delivery_id AS former_id, f.order_id AS former_order_id,
               f.amount AS former_amount, f.currency AS former_currency, f.delivered_on AS former_delivered_on,
               coalesce(o.customer_id, CASE WHEN f.customer_id = c.own_payer_id THEN c.own_payer_id ELSE c.payer_id END) AS customer_id, o.order_id,
               coalesce(s.customer_id, o.site_id, c.customer_id) AS site_id, coalesce(nullif(r.delivery_no, ''), k.external_ref) AS delivery_no,
               coalesce(r.delivered_on, f.delivered_on) AS delivered_on, u.currency,
               -- Without an amount it is the rest of its order, for the first of several.
               coalesce(CASE WHEN r.amount < 0 THEN 0 ELSE attached_amount(r.amount, u.currency) END, CASE WHEN f.order_id = o.order_id THEN f.amount END,
                        CASE WHEN o.order_id IS NOT NULL THEN
                             CASE WHEN row_number() OVER (PARTITION BY o.order_id, r.amount IS NULL ORDER BY k.place) = 1 THEN greatest(o.amount - o.delivered_amount, 0) ELSE 0 END END) AS amount
        FROM unnest(keys) WITH ORDINALITY k (external_ref, place)
        LEFT JOIN jsonb_to_recordset(host) AS r (external_ref text, customer_id text, site_id text, order_id text, delivery_no text, delivered_on date, amount numeric,
             currency text) USING (external_ref)
        LEFT JOIN attached_document d ON d.external_ref = k.external_ref AND d.kind = 'delivery'
        LEFT JOIN delivery f ON (f.customer_id, f.delivery_id) = (d.customer_id, d.document_id)
        LEFT JOIN attached_document od ON od.external_ref = r.order_id AND od.kind = 'sales_order'
        LEFT JOIN sales_order o ON (o.customer_id, o.order_id) = (od.customer_id, od.document_id)
        LEFT JOIN attached_customer c ON c.external_ref = r.customer_id
        LEFT JOIN attached_customer s ON s.external_ref = r.site_id
        CROSS JOIN LATERAL (SELECT coalesce(r.currency, o.currency, (SELECT l.base_currency FROM ledger l)) AS currency) u
    )
    SELECT w.external_ref, w.former_customer_id, w.former_id, w.former_order_id, w.customer_id, w.order_id, nullif(w.site_id, w.customer_id), w.delivery_no,
           w.delivered_on, w.amount, w.currency, w.place
    FROM wanted w
    WHERE CASE WHEN NOT w.known THEN w.customer_id IS NOT NULL AND w.amount IS NOT NULL
               ELSE NOT EXISTS (SELECT FROM delivery x WHERE (x.customer_id, x.reversal_of) = (w.former_customer_id, w.former_id))
                    AND (w.customer_id IS NULL OR w.amount IS NULL
                         OR (w.former_customer_id, w.former_order_id, w.former_amount, w.former_currency, w.former_delivered_on)
                            IS DISTINCT FROM (w.customer_id, w.order_id, w.amount, w.currency, w.delivered_on)) END;
END $$;
COMMENT ON FUNCTION attached_delivery_change(text[], jsonb) IS
'What an attached table of deliveries wants changed in the ledger, for these keys: former_id is to be taken back, and if customer_id and amount are there the delivery is to be written. No row where both agree, nor for one that a person took back in the ledger.';

CREATE FUNCTION sync_deliveries(attachment text, keys text[], host jsonb, phase text DEFAULT 'statement') RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    payer_ids bigint[];
    order_ids bigint[];
    takes_back boolean;
BEGIN
    PERFORM attached_columns(attachment);
    IF cardinality(keys) > coalesce(jsonb_array_length(host), 0) THEN   -- taken back here by a person, and now gone there too
        DELETE FROM attached_document d
        WHERE d.kind = 'delivery' AND d.external_ref = ANY (keys)
          AND NOT EXISTS (SELECT FROM jsonb_to_recordset(host) AS r (external_ref text) WHERE r.external_ref = d.external_ref)
          AND EXISTS (SELECT FROM delivery x WHERE x.customer_id = d.customer_id AND x.reversal_of = d.document_id);
    END IF;
    IF phase = 'statement' THEN     -- their order or customer may follow in this transaction
        INSERT INTO attachment_pending (attachment, external_ref)
        SELECT sync_deliveries.attachment, r.external_ref
        FROM jsonb_to_recordset(host) AS r (external_ref text, customer_id text, order_id text)
        WHERE (r.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM attached_document d WHERE d.external_ref = r.order_id AND d.kind = 'sales_order' OFFSET 0))
           OR (r.order_id IS NULL AND r.customer_id IS NOT NULL AND NOT EXISTS (SELECT FROM customer c WHERE c.external_ref = r.customer_id OFFSET 0));
    END IF;
    SELECT array_agg(DISTINCT p) FILTER (WHERE p IS NOT NULL), array_agg(DISTINCT o) FILTER (WHERE o IS NOT NULL), bool_or(x.former_id IS NOT NULL) INTO payer_ids, order_ids, takes_back
    FROM attached_delivery_change(keys, host) x
    CROSS JOIN unnest(ARRAY[x.former_customer_id, x.customer_id], ARRAY[x.former_order_id, x.order_id]) u (p, o);
    IF payer_ids IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM sales_order o WHERE o.customer_id = ANY (payer_ids) AND o.order_id = ANY (order_ids) ORDER BY o.customer_id, o.order_id FOR NO KEY UPDATE;
    PERFORM lock_accounts(payer_ids);
    IF takes_back THEN
        WITH gone AS (
            SELECT x.former_customer_id AS customer_id, x.former_id AS delivery_id FROM attached_delivery_change(keys, host) x WHERE x.former_id IS NOT NULL
        ), reversed AS (
            INSERT INTO delivery (customer_id, delivery_no, order_id, site_id, delivered_on, amount, currency, reversal_of)
            SELECT f.customer_id, f.delivery_no, f.order_id, f.site_id, greatest(business_date(), f.delivered_on), f.amount, f.currency, f.delivery_id
            FROM gone g JOIN delivery f USING (customer_id, delivery_id)
        )
        DELETE FROM attached_document d USING gone g WHERE (d.customer_id, d.kind, d.document_id) = (g.customer_id, 'delivery', g.delivery_id);
    END IF;
    WITH written AS (
        INSERT INTO delivery (customer_id, external_ref, delivery_no, order_id, site_id, delivered_on, amount, currency, revision)
        SELECT x.customer_id, x.external_ref, x.delivery_no, x.order_id, x.site_id, x.delivered_on, x.amount, x.currency,
               row_number() OVER (PARTITION BY x.customer_id, x.delivery_no ORDER BY x.place)
               + coalesce((SELECT max(d.revision) FROM delivery d
                           WHERE d.customer_id = x.customer_id AND d.reversal_of IS NULL AND (d.delivery_no = x.delivery_no OR d.external_ref = x.external_ref)), 0)
        FROM attached_delivery_change(keys, host) x WHERE x.customer_id IS NOT NULL AND x.amount IS NOT NULL ORDER BY x.place
        RETURNING delivery.customer_id, delivery.delivery_id, delivery.external_ref
    )
    INSERT INTO attached_document (customer_id, kind, document_id, attachment, external_ref)
    SELECT w.customer_id, 'delivery', w.delivery_id, sync_deliveries.attachment, w.external_ref FROM written w;
END $$;
COMMENT ON FUNCTION sync_deliveries(text, text[], jsonb, text) IS
'Writes to delivery what an attached table now says of these keys: new deliveries, which are refused where their order is held, and reversals of what the host changed or deleted. phase: statement, commit or backfill. For the trigger functions of attachments.';
