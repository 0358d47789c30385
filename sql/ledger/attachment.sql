-- Tables of a host application that write to this ledger: the list of them,
-- and which row of the host became which document.
--
-- attach() makes, per table, one view attached_… (the mapping: a host row with
-- the ledger's columns) and one trigger function of that name. The trigger
-- hands the keys that a statement touched, and what the view now says of them,
-- to one of the sync_… functions; these compare with the ledger and write what
-- differs: new facts, and reversals of what no longer holds. So INSERT, UPDATE,
-- MERGE, COPY, the first load and a repair are one and the same thing.
--
-- They compare one row or thousands, by indexes in both cases, so they are
-- planned once and not for every statement (plan_cache_mode).
--
-- The trigger function belongs to the ledger's owner and runs as he does: the
-- host's roles need no right here, and no list tells the triggers of the
-- ledger whom to trust.

CREATE TABLE attachment (
    attachment  text PRIMARY KEY CHECK (attachment <> ''),
    kind        text NOT NULL CHECK (kind IN ('customer', 'sales_order', 'delivery', 'invoice', 'payment', 'allocation')),
    relation    regclass NOT NULL,
    owner       text NOT NULL,
    mapping     jsonb NOT NULL,
    host_key    text NOT NULL,
    prefix      text NOT NULL DEFAULT '',
    attached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attached_by text NOT NULL DEFAULT credit_risk.acting_role(),
    CONSTRAINT attachment_once UNIQUE (kind, relation),
    CONSTRAINT attachment_prefix UNIQUE (kind, prefix)
);
COMMENT ON TABLE attachment IS
'Tables of a host application that write to this ledger (tables raccordées); written by credit_risk.attach() and detach(), for the ledger''s owner alone.';
COMMENT ON COLUMN attachment.attachment IS 'Name: the kind and the name of the relation; attached_<name> is its view and its trigger function.';
COMMENT ON COLUMN attachment.kind IS 'What its rows are: customer, sales_order, delivery, invoice, payment or allocation.';
COMMENT ON COLUMN attachment.relation IS 'The host''s table.';
COMMENT ON COLUMN attachment.owner IS 'Role that owned the table when it was attached.';
COMMENT ON COLUMN attachment.mapping IS 'Column of the ledger or option, and the SQL expression over a host row that gives it.';
COMMENT ON COLUMN attachment.host_key IS 'Expression of the host''s own key; with the prefix it is external_ref.';
COMMENT ON COLUMN attachment.prefix IS 'What stands before the host''s key in external_ref, where two tables hold documents of one kind.';
COMMENT ON COLUMN attachment.attached_at IS 'When it was attached.';
COMMENT ON COLUMN attachment.attached_by IS 'Role that attached it.';

CREATE TABLE attached_document (
    customer_id  bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    kind         text NOT NULL,
    document_id  bigint NOT NULL,
    attachment   text NOT NULL,
    external_ref text NOT NULL,
    PRIMARY KEY (customer_id, kind, document_id)
);
CREATE INDEX attached_document_ref ON attached_document (external_ref, kind);
COMMENT ON TABLE attached_document IS
'State: which document of the ledger stands for which row of the host. Stays when a table is detached, so that attaching it again finds what is there. Kept by the sync_… functions.';
COMMENT ON COLUMN attached_document.customer_id IS 'The payer.';
COMMENT ON COLUMN attached_document.kind IS 'Kind of the attachment.';
COMMENT ON COLUMN attached_document.document_id IS 'Key of the order, delivery, invoice, payment or allocation.';
COMMENT ON COLUMN attached_document.attachment IS 'Attachment that wrote it.';
COMMENT ON COLUMN attached_document.external_ref IS 'The host''s key. A host allocation over several instalments has one document for each.';

CREATE TABLE attached_allocation (
    attachment    text NOT NULL,
    external_ref  text NOT NULL,
    invoice_ref   text,
    instalment_no integer,
    payment_ref   text,
    credit_ref    text,
    amount        numeric,
    effective_on  date,
    PRIMARY KEY (external_ref, attachment)
);
CREATE INDEX attached_allocation_invoice ON attached_allocation (invoice_ref);
CREATE INDEX attached_allocation_payment ON attached_allocation (payment_ref);
CREATE INDEX attached_allocation_credit ON attached_allocation (credit_ref);
COMMENT ON TABLE attached_allocation IS
'State: the matching of the host as it stands, by its own keys, so that a document that comes back or is written again gets its allocations. Kept by sync_allocations().';
COMMENT ON COLUMN attached_allocation.attachment IS 'Attachment that it comes from.';
COMMENT ON COLUMN attached_allocation.external_ref IS 'The host''s key of the match.';
COMMENT ON COLUMN attached_allocation.invoice_ref IS 'The host''s key of the invoice.';
COMMENT ON COLUMN attached_allocation.instalment_no IS 'Instalment; NULL = the earliest first.';
COMMENT ON COLUMN attached_allocation.payment_ref IS 'The host''s key of the payment.';
COMMENT ON COLUMN attached_allocation.credit_ref IS 'The host''s key of the credit note; counts where payment_ref is no payment.';
COMMENT ON COLUMN attached_allocation.amount IS 'Amount, document currency.';
COMMENT ON COLUMN attached_allocation.effective_on IS 'Date of the match; NULL = the ledger''s rule.';

CREATE TABLE attachment_pending (
    attachment   text NOT NULL,
    external_ref text NOT NULL
);
COMMENT ON TABLE attachment_pending IS
'State: host rows that name a customer or an order which may follow in the same transaction; looked at again at its COMMIT, and empty between transactions.';
COMMENT ON COLUMN attachment_pending.attachment IS 'The attachment.';
COMMENT ON COLUMN attachment_pending.external_ref IS 'The host''s key.';

CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON attachment
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON attached_document
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON attached_allocation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW attached_customer AS
SELECT c.external_ref, c.customer_id, coalesce(c.payer_id, c.customer_id) AS own_payer_id,
       coalesce(m.merged_into_id, c.payer_id, c.customer_id) AS payer_id
FROM customer c LEFT JOIN customer_merge m ON m.customer_id = coalesce(c.payer_id, c.customer_id)
WHERE c.external_ref IS NOT NULL;
COMMENT ON VIEW attached_customer IS
'Customers by the host''s key: customer_id, own_payer_id (who pays for it), payer_id (who takes new documents: the record into which that one was merged, if it was).';

CREATE FUNCTION attached_columns(attachment text) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    columns text[] := (SELECT ARRAY(SELECT jsonb_object_keys(a.mapping)) FROM attachment a WHERE a.attachment = attached_columns.attachment);
BEGIN
    IF columns IS NULL THEN
        RAISE EXCEPTION 'could not serialize: a table was attached to the ledger after this transaction began'
            USING ERRCODE = '40001', DETAIL = format('It is %s.', attachment), HINT = 'Try again.';
    END IF;
    RETURN columns;
END $$;
COMMENT ON FUNCTION attached_columns(text) IS
'The columns that an attachment maps. 40001 for a transaction whose snapshot is older than the attachment: it would not see the customers.';

CREATE FUNCTION attached_terms(terms text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN credit_risk.canonical_terms(terms);
EXCEPTION WHEN invalid_text_representation OR invalid_parameter_value OR numeric_value_out_of_range THEN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION attached_terms(text) IS 'Payment terms of a host in the ledger''s spelling; NULL for NULL and for words that are none.';

CREATE FUNCTION attached_amount(amount numeric, currency text) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN amount > -1e18 AND amount < 1e18 THEN CASE WHEN min_scale(amount) > s.scale THEN round(amount, s.scale) ELSE trim_scale(amount) END END
    FROM (SELECT coalesce(credit_risk.currency_scale(currency), (SELECT credit_risk.currency_scale(l.base_currency) FROM ledger l)) AS scale) s
$$;
COMMENT ON FUNCTION attached_amount(numeric, text) IS
'An amount of a host in the minor unit of its currency (NULL = base currency); NULL for what is no amount.';

-- Customers ------------------------------------------------------------------------

CREATE FUNCTION attached_customer_row(host jsonb)
RETURNS TABLE (external_ref text, code text, name text, lifecycle text, siren text, siret text, parent_id bigint, payer_id bigint, own_payer boolean,
               country text, language text, currency text, terms text, payment_method text, risk_class text, blocked boolean, policy_group text,
               business_unit text, credit_mode text, credit_limit numeric)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT r.external_ref,
           -- Two of one code: the later is told apart by its key.
           CASE WHEN row_number() OVER (PARTITION BY n.code ORDER BY r.external_ref) > 1
                     OR EXISTS (SELECT FROM customer c WHERE c.code = n.code AND c.external_ref IS DISTINCT FROM r.external_ref)
                THEN format('%s (%s)', n.code, r.external_ref) ELSE n.code END,
           coalesce(nullif(r.name, ''), n.code), CASE WHEN r.lifecycle IN ('prospect', 'customer', 'former') THEN r.lifecycle END,
           coalesce(n.siren, left(n.siret, 9)), CASE WHEN left(n.siret, 9) = coalesce(n.siren, left(n.siret, 9)) THEN n.siret END, g.customer_id,
           CASE WHEN r.payer_id <> r.external_ref THEN p.own_payer_id END, coalesce(r.payer_id = r.external_ref, true),
           substring(upper(r.country), '^[A-Z]{2}$'), substring(lower(left(r.language, 2)), '^[a-z]{2}$'), substring(upper(r.currency), '^[A-Z]{3}$'),
           CASE WHEN r.terms IS NOT NULL THEN attached_terms(r.terms) END, r.payment_method, substring(r.risk_class, '^[A-Z]$'), coalesce(r.blocked, false),
           nullif(r.policy_group, ''), nullif(r.business_unit, ''), CASE WHEN r.credit_mode IN ('deposit', 'cash_only') THEN r.credit_mode ELSE 'credit' END, attached_amount(r.credit_limit, NULL)
    FROM jsonb_to_recordset(host) AS r (external_ref text, code text, name text, lifecycle text, siren text, siret text, parent_id text, payer_id text,
         country text, language text, currency text, terms text, payment_method text, risk_class text, blocked boolean, policy_group text,
         business_unit text, credit_mode text, credit_limit numeric)
    CROSS JOIN LATERAL (SELECT coalesce(nullif(r.code, ''), r.external_ref) AS code,
                               CASE WHEN credit_risk.siren_is_valid(replace(r.siren, ' ', '')) THEN replace(r.siren, ' ', '') END AS siren,
                               CASE WHEN credit_risk.siret_is_valid(replace(r.siret, ' ', '')) THEN replace(r.siret, ' ', '') END AS siret) n
    LEFT JOIN attached_customer g ON g.external_ref = r.parent_id AND r.parent_id <> r.external_ref
    LEFT JOIN attached_customer p ON p.external_ref = r.payer_id;
END $$;
COMMENT ON FUNCTION attached_customer_row(jsonb) IS
'Rows of an attached table of customers as the ledger writes them: parent and payer by their keys here, what is no code of a country, currency or language, no company number and no terms left out (NULL), own_payer where the host names no other payer.';

CREATE FUNCTION sync_customers(attachment text, keys text[], host jsonb) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    mapped text[] := attached_columns(attachment);
BEGIN
    -- Who pays for himself comes first, so that the others find their payer.
    FOR pass IN 1..2 LOOP
        INSERT INTO customer (code, name, lifecycle, siren, siret, parent_id, payer_id, country, language, currency, terms, payment_method, risk_class, blocked,
                              policy_group, business_unit, credit_mode, external_ref)
        SELECT r.code, r.name, coalesce(r.lifecycle, 'customer'), r.siren, r.siret, r.parent_id, r.payer_id, r.country, coalesce(r.language, 'fr'), r.currency, r.terms,
               r.payment_method, r.risk_class, r.blocked, r.policy_group, r.business_unit, r.credit_mode, r.external_ref
        FROM attached_customer_row(host) r
        WHERE (r.own_payer OR pass = 2) AND NOT EXISTS (SELECT FROM customer c WHERE c.external_ref = r.external_ref);
    END LOOP;
    -- Only what is mapped is the host's. A customer with documents keeps its payer.
    WITH wanted AS (
        SELECT c.customer_id, r.code, r.name, coalesce(CASE WHEN 'lifecycle' = ANY (mapped) THEN r.lifecycle END,
                   CASE WHEN c.lifecycle = 'former' AND NOT EXISTS (SELECT FROM customer_merge m WHERE m.customer_id = c.customer_id)
                        THEN (SELECT e.after FROM customer_event e     -- as what it was before
                              WHERE e.customer_id = c.customer_id AND e.event IN ('created', 'lifecycle') AND e.after <> 'former'
                              ORDER BY e.customer_event_id DESC LIMIT 1) END, c.lifecycle) AS lifecycle,
               CASE WHEN 'siren' = ANY (mapped) THEN r.siren ELSE c.siren END AS siren, 
               CASE WHEN 'siret' = ANY (mapped) AND ('siren' = ANY (mapped) OR coalesce(left(r.siret, 9) = c.siren, true)) THEN r.siret ELSE c.siret END AS siret,
               CASE WHEN 'parent_id' = ANY (mapped) AND NOT EXISTS (SELECT FROM customer_merge m WHERE m.customer_id = c.customer_id) THEN r.parent_id ELSE c.parent_id END AS parent_id,
               CASE WHEN 'payer_id' = ANY (mapped) AND NOT keeps_payer(c.customer_id) THEN r.payer_id ELSE c.payer_id END AS payer_id,
               CASE WHEN 'country' = ANY (mapped) THEN r.country ELSE c.country END AS country,
               CASE WHEN 'language' = ANY (mapped) THEN coalesce(r.language, c.language) ELSE c.language END AS language,
               CASE WHEN 'currency' = ANY (mapped) THEN r.currency ELSE c.currency END AS currency,
               CASE WHEN 'terms' = ANY (mapped) THEN r.terms ELSE c.terms END AS terms,
               CASE WHEN 'payment_method' = ANY (mapped) THEN r.payment_method ELSE c.payment_method END AS payment_method,
               CASE WHEN 'risk_class' = ANY (mapped) THEN r.risk_class ELSE c.risk_class END AS risk_class,
               CASE WHEN 'blocked' = ANY (mapped) THEN r.blocked ELSE c.blocked END AS blocked,
               CASE WHEN 'policy_group' = ANY (mapped) THEN r.policy_group ELSE c.policy_group END AS policy_group,
               CASE WHEN 'business_unit' = ANY (mapped) THEN r.business_unit ELSE c.business_unit END AS business_unit,
               CASE WHEN 'credit_mode' = ANY (mapped) THEN r.credit_mode ELSE c.credit_mode END AS credit_mode
        FROM attached_customer_row(host) r JOIN customer c USING (external_ref)
    )
    UPDATE customer c
    SET code = w.code, name = w.name, lifecycle = w.lifecycle, siren = w.siren, siret = w.siret, parent_id = w.parent_id, payer_id = w.payer_id, country = w.country,
        language = w.language, currency = w.currency, terms = w.terms, payment_method = w.payment_method, risk_class = w.risk_class, blocked = w.blocked,
        policy_group = w.policy_group, business_unit = w.business_unit, credit_mode = w.credit_mode
    FROM wanted w
    WHERE w.customer_id = c.customer_id
      AND (c.code, c.name, c.lifecycle, c.siren, c.siret, c.parent_id, coalesce(c.payer_id, c.customer_id), c.country, c.language, c.currency, c.terms, c.payment_method,
           c.risk_class, c.blocked, c.policy_group, c.business_unit, c.credit_mode)
          IS DISTINCT FROM (w.code, w.name, w.lifecycle, w.siren, w.siret, w.parent_id, coalesce(w.payer_id, w.customer_id), w.country, w.language, w.currency, w.terms, w.payment_method,
           w.risk_class, w.blocked, w.policy_group, w.business_unit, w.credit_mode);
    UPDATE customer c SET lifecycle = 'former'
    WHERE c.external_ref IN (SELECT unnest(keys)) AND c.lifecycle <> 'former'
      AND NOT EXISTS (SELECT FROM jsonb_to_recordset(host) AS r (external_ref text) WHERE r.external_ref = c.external_ref);
    -- A limit of the host is a decision here when it is new there; one that was taken here since stands.
    IF 'credit_limit' = ANY (mapped) THEN
        INSERT INTO credit_limit (customer_id, amount, reason)
        SELECT c.customer_id, r.credit_limit, format('attached: %s', sync_customers.attachment)
        FROM attached_customer_row(host) r JOIN customer c USING (external_ref)
        WHERE r.credit_limit >= 0 AND coalesce(c.payer_id, c.customer_id) = c.customer_id
          AND r.credit_limit IS DISTINCT FROM (SELECT l.amount FROM credit_limit l
                                               WHERE l.customer_id = c.customer_id AND l.reason = format('attached: %s', sync_customers.attachment)
                                               ORDER BY l.credit_limit_id DESC LIMIT 1);
    END IF;
END $$;
COMMENT ON FUNCTION sync_customers(text, text[], jsonb) IS
'Writes to customer what an attached table now says of these keys: new customers, changed master data (mapped columns only), former where the host has no such row any more; a mapped credit_limit becomes a decision when it changes in the host. For the trigger functions of attachments. 40001 if the transaction is older than the attachment.';

CREATE FUNCTION keeps_payer(customer_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT EXISTS (SELECT FROM sales_order d WHERE d.customer_id = keeps_payer.customer_id)
        OR EXISTS (SELECT FROM delivery d WHERE d.customer_id = keeps_payer.customer_id)
        OR EXISTS (SELECT FROM invoice d WHERE d.customer_id = keeps_payer.customer_id)
        OR EXISTS (SELECT FROM payment d WHERE d.customer_id = keeps_payer.customer_id)
        OR EXISTS (SELECT FROM credit_limit d WHERE d.customer_id = keeps_payer.customer_id)
        OR EXISTS (SELECT FROM customer s WHERE s.payer_id = keeps_payer.customer_id AND s.customer_id <> keeps_payer.customer_id)
$$;
COMMENT ON FUNCTION keeps_payer(bigint) IS 'Whether a customer has documents or limits of its own or pays for others, and so cannot become the site of another payer.';
