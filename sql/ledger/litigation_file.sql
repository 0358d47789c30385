-- The dossier of a litigation: everything that the lawyer, the bailiff or the
-- court asks for, in the order in which they read it.

CREATE FUNCTION litigation_file(litigation_id bigint, language text DEFAULT 'en')
RETURNS TABLE (position_no integer, section text, title text, occurred_on date, object text, object_id bigint, reference text, detail text,
               amount numeric, currency text, sha256 text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    mine litigation_case;
    base text := (SELECT l.base_currency FROM ledger l);
    claimed bigint[];
    orders bigint[];
    deliveries bigint[];
    contracts text[];
    from_on date;
    fr boolean := litigation_file.language = 'fr';
BEGIN
    SELECT l.* INTO mine FROM litigation_case l WHERE l.litigation_id = litigation_file.litigation_id;
    IF mine.litigation_id IS NULL THEN
        RAISE EXCEPTION 'there is no litigation %', coalesce(litigation_file.litigation_id::text, 'NULL') USING ERRCODE = 'CR007', HINT = 'The view litigation lists those pending.';
    ELSIF coalesce(litigation_file.language, '') NOT IN ('en', 'fr') THEN
        RAISE EXCEPTION 'invalid language: %', coalesce(quote_literal(litigation_file.language), 'NULL') USING ERRCODE = '22023', HINT = 'It is en or fr.';
    END IF;
    SELECT array_agg(i.invoice_id), array_agg(DISTINCT i.order_id) FILTER (WHERE i.order_id IS NOT NULL), array_agg(DISTINCT c.contract_no) FILTER (WHERE c.contract_no IS NOT NULL),
           min(coalesce(o.ordered_on, i.issued_on))
    INTO claimed, orders, contracts, from_on
    FROM claimed_invoices(mine.customer_id, litigation_invoices(mine.customer_id, mine.litigation_id)) c
    JOIN invoice i ON i.customer_id = mine.customer_id AND i.invoice_id = c.invoice_id LEFT JOIN sales_order o ON o.customer_id = i.customer_id AND o.order_id = i.order_id;
    deliveries := ARRAY(SELECT d.delivery_id FROM delivery d WHERE d.customer_id = mine.customer_id AND d.reversal_of IS NULL
                          AND NOT EXISTS (SELECT FROM delivery r WHERE r.customer_id = d.customer_id AND r.reversal_of = d.delivery_id)
                          AND EXISTS (SELECT FROM invoice i WHERE i.customer_id = d.customer_id AND i.invoice_id = ANY (claimed)
                                        AND (i.delivery_id = d.delivery_id OR (i.delivery_id IS NULL AND i.order_id = d.order_id))));
    RETURN QUERY
    WITH document AS MATERIALIZED (
        SELECT d.*, (SELECT string_agg(v.problem, ', ' ORDER BY v.problem) FROM verify_documents(mine.customer_id) v WHERE v.document_id = d.document_id) AS problem
        FROM document_in_force d
        WHERE d.customer_id = mine.customer_id
          AND (num_nonnulls(d.invoice_id, d.delivery_id, d.order_id, d.contract_no) = 0 OR d.order_id = ANY (orders) OR d.delivery_id = ANY (deliveries)
               OR d.contract_no = ANY (contracts) OR d.invoice_id = ANY (claimed)
               OR EXISTS (SELECT FROM document_of_invoice x WHERE x.customer_id = d.customer_id AND x.document_id = d.document_id AND x.invoice_id = ANY (claimed)))
    ), entry (section_no, section, occurred_on, object, object_id, reference, detail, amount, currency, sha256) AS (
        -- 1 who against whom, over what
        SELECT 1, 'party', mine.opened_on, 'litigation_case', mine.litigation_id, mine.reference, concat_ws(', ', mine.stage, mine.court), mine.amount, mine.currency, NULL::text
      UNION ALL
        SELECT 1, 'party', NULL, 'customer', c.customer_id, c.code, concat_ws(', ', c.name, 'SIREN ' || c.siren, 'SIRET ' || c.siret, c.country, c.lifecycle), NULL, NULL, NULL
        FROM customer c WHERE c.customer_id = mine.customer_id OR c.customer_id IN (SELECT i.site_id FROM invoice i WHERE i.customer_id = mine.customer_id AND i.invoice_id = ANY (claimed))
      UNION ALL
        SELECT 1, 'party', NULL, 'contact', t.contact_id, t.role, concat_ws(', ', t.name, t.email, t.phone), NULL, NULL, NULL
        FROM contact t WHERE t.customer_id = mine.customer_id
      UNION ALL
        -- 2 what was agreed, and what secures it
        SELECT 2, 'contract', k.accepted_on, 'contract_clause', k.clause_id, coalesce(k.contract_no, k.order_no, k.document_no),
               concat_ws(', ', k.kind, CASE WHEN k.holds THEN 'holds' WHEN NOT k.present THEN 'not present' WHEN NOT k.compliant THEN 'not compliant'
                                            WHEN k.accepted_on IS NULL THEN 'not accepted' ELSE 'not examined' END, k.rate_pct || ' %', k.wording), NULL, NULL, k.sha256
        FROM clause_in_force k
        WHERE k.customer_id = mine.customer_id AND (num_nonnulls(k.order_id, k.contract_no) = 0 OR k.order_id = ANY (orders) OR k.contract_no = ANY (contracts))
      UNION ALL
        SELECT 2, 'contract', g.valid_from, 'guarantee', g.guarantee_id, g.reference, concat_ws(', ', g.kind, g.guarantor, CASE WHEN fr THEN 'jusqu''au ' || notice_date(g.valid_to, 'fr', true) ELSE 'until ' || g.valid_to END), g.amount, g.currency, NULL
        FROM guarantee g WHERE g.customer_id = mine.customer_id AND g.closed_on IS NULL AND coalesce(g.order_id = ANY (orders), g.order_id IS NULL)
      UNION ALL
        SELECT 2, 'contract', r.delivered_on, 'retention_of_title', r.invoice_id, r.invoice_no, coalesce(r.reason, CASE WHEN fr THEN 'marchandises revendicables' ELSE 'goods that can be claimed back' END), r.claim_amount, base, NULL
        FROM retention_of_title(mine.customer_id) r WHERE r.invoice_id = ANY (claimed) AND coalesce(r.reason, '') <> 'no_clause'
      UNION ALL
        -- 3 quotes and orders
        SELECT 3, 'order', q.quoted_on, 'quote', q.quote_id, q.quote_no, NULL, q.amount, q.currency, NULL
        FROM quote q WHERE q.customer_id = mine.customer_id AND q.quote_id IN (SELECT o.quote_id FROM sales_order o WHERE o.customer_id = mine.customer_id AND o.order_id = ANY (orders))
      UNION ALL
        SELECT 3, 'order', o.ordered_on, 'sales_order', o.order_id, o.order_no, concat_ws(', ', o.contract_no, o.terms, o.status), o.amount, o.currency, NULL
        FROM sales_order o WHERE o.customer_id = mine.customer_id AND o.order_id = ANY (orders)
      UNION ALL
        -- 4 deliveries and their proofs
        SELECT 4, 'delivery', d.delivered_on, 'delivery', d.delivery_id, d.delivery_no,
               (SELECT CASE WHEN fr THEN concat_ws(' ', 'bon de livraison émargé', x.document_no, 'reçu le ' || notice_date(x.received_on, 'fr', true))
                            ELSE concat_ws(' ', 'proof of delivery', x.document_no, 'received ' || x.received_on) END FROM document x
                WHERE x.delivery_id = d.delivery_id AND x.kind = 'proof_of_delivery' ORDER BY x.document_id LIMIT 1), d.amount, d.currency,
               (SELECT x.sha256 FROM document x WHERE x.delivery_id = d.delivery_id AND x.kind = 'proof_of_delivery' ORDER BY x.document_id LIMIT 1)
        FROM delivery d WHERE d.customer_id = mine.customer_id AND d.delivery_id = ANY (deliveries)
      UNION ALL
        SELECT 4, 'delivery', p.opened_on, 'proof_of_delivery_request', p.request_id, p.carrier,
               concat_ws(', ', coalesce(p.outcome, 'waiting'), format('%s reminders', p.reminders), p.note), NULL, NULL, NULL
        FROM proof_of_delivery_request p WHERE p.customer_id = mine.customer_id AND (p.delivery_id = ANY (deliveries) OR p.invoice_id = ANY (claimed))
      UNION ALL
        -- 5 invoices, 6 what came of them
        SELECT 5, 'invoice', i.issued_on, 'invoice', i.invoice_id, i.invoice_no,
               CASE WHEN fr THEN format('%s, échéance du %s, restant dû %s', CASE i.kind WHEN 'opening_balance' THEN 'à-nouveau' WHEN 'down_payment' THEN 'facture d''acompte' WHEN 'debit_note' THEN 'note de débit'
                                               WHEN 'late_charge' THEN 'pénalités et indemnité' ELSE 'facture' END,
                                        (SELECT string_agg(notice_date(u.day, 'fr', true), ' et du ' ORDER BY u.day) FROM unnest(coalesce(i.instalment_due_on, ARRAY[i.due_on])) u (day)),
                                        notice_amount(claim_amount(i.customer_id, i.invoice_id), i.currency, 'fr'))
                    ELSE format('%s, due %s, %s %s owed', i.kind, coalesce(array_to_string(i.instalment_due_on, ' and '), i.due_on::text), trim_scale(claim_amount(i.customer_id, i.invoice_id)), i.currency) END,
               i.amount, i.currency, (SELECT x.sha256 FROM document x WHERE x.invoice_id = i.invoice_id AND x.kind = 'invoice' ORDER BY x.document_id LIMIT 1)
        FROM invoice i WHERE i.customer_id = mine.customer_id AND i.invoice_id = ANY (claimed)
      UNION ALL
        SELECT 6, 'payment', a.effective_on, 'allocation', a.allocation_id, coalesce(p.payment_no, n.invoice_no, a.adjustment),
               concat_ws(', ', coalesce(a.adjustment, CASE WHEN a.payment_id IS NOT NULL THEN CASE WHEN fr THEN 'règlement' ELSE 'payment' END WHEN fr THEN 'avoir' ELSE 'credit note' END), i.invoice_no, p.method,
                         CASE WHEN a.reversal_of IS NOT NULL THEN CASE WHEN fr THEN 'annulé' ELSE 'taken back' END END),
               CASE WHEN a.reversal_of IS NULL THEN -a.amount ELSE a.amount END, i.currency, NULL
        FROM allocation a JOIN invoice i USING (customer_id, invoice_id) LEFT JOIN payment p USING (customer_id, payment_id)
        LEFT JOIN invoice n ON n.customer_id = a.customer_id AND n.invoice_id = a.credit_invoice_id
        WHERE a.customer_id = mine.customer_id AND a.invoice_id = ANY (claimed)
      UNION ALL
        -- 7 what was contested, promised and agreed
        SELECT 7, 'dispute', d.opened_on, 'dispute', d.dispute_id, i.invoice_no, concat_ws(', ', d.kind, d.reason, coalesce(d.outcome || ' on ' || d.closed_on, 'open')), d.amount, d.currency, NULL
        FROM dispute d JOIN invoice i USING (customer_id, invoice_id) WHERE d.customer_id = mine.customer_id AND d.invoice_id = ANY (claimed)
      UNION ALL
        SELECT 7, 'dispute', p.opened_on, 'promise', p.promise_id, i.invoice_no, concat_ws(', ', CASE WHEN fr THEN 'promis pour le ' || notice_date(p.promised_on, 'fr', true) ELSE 'promised for ' || p.promised_on END, p.promised_by, p.note, coalesce(p.outcome, 'open')), p.amount, p.currency, NULL
        FROM promise p LEFT JOIN invoice i USING (customer_id, invoice_id)
        WHERE p.customer_id = mine.customer_id AND p.opened_on >= from_on AND coalesce(p.invoice_id = ANY (claimed), true)
      UNION ALL
        SELECT 7, 'dispute', p.opened_on, 'payment_plan', p.plan_id, NULL, concat_ws(', ', p.note, coalesce(p.outcome, 'open')), p.amount, p.currency, NULL
        FROM payment_plan p
        WHERE p.customer_id = mine.customer_id AND EXISTS (SELECT FROM payment_plan_item t WHERE t.customer_id = p.customer_id AND t.plan_id = p.plan_id AND t.invoice_id = ANY (claimed))
      UNION ALL
        -- 8 reminders and the formal notice, as they went out
        SELECT 8, 'reminder', coalesce(n.sent_on, d.done_on, d.run_on), 'dunning_action', d.action_id, coalesce(n.tracking_no, d.template),
               CASE WHEN fr THEN concat_ws(', ', format('niveau %s par %s', d.dunning_level, CASE d.channel WHEN 'call' THEN 'téléphone' WHEN 'letter' THEN 'lettre' WHEN 'registered' THEN 'lettre recommandée'
                                                        WHEN 'sms' THEN 'SMS' WHEN 'portal' THEN 'portail' WHEN 'task' THEN 'nos soins' ELSE d.channel END),
                                           'à ' || n.recipient, n.subject, 'reçue le ' || notice_date(n.received_on, 'fr', true))
                    ELSE concat_ws(', ', format('level %s by %s', d.dunning_level, d.channel), 'to ' || n.recipient, n.subject, 'received ' || n.received_on) END, t.open_amount, d.currency,
               encode(pg_catalog.sha256(convert_to(n.body, 'UTF8')), 'hex')
        FROM dunning_action d
        JOIN (SELECT x.action_id, sum(x.open_amount) AS open_amount FROM dunning_action_item x WHERE x.customer_id = mine.customer_id AND x.invoice_id = ANY (claimed) AND NOT x.dropped GROUP BY 1) t USING (action_id)
        LEFT JOIN LATERAL (SELECT x.* FROM dunning_notice x WHERE x.customer_id = d.customer_id AND x.action_id = d.action_id ORDER BY x.attempt DESC LIMIT 1) n ON true
        WHERE d.customer_id = mine.customer_id AND d.status = 'done' AND NOT d.internal
      UNION ALL
        -- 9 what was said and written
        SELECT 9, 'correspondence', n.occurred_on, 'interaction', n.interaction_id, i.invoice_no, concat_ws(', ', n.direction || ' ' || n.kind, n.subject, n.outcome, n.note), NULL, NULL, NULL
        FROM interaction n LEFT JOIN invoice i USING (customer_id, invoice_id)
        WHERE n.customer_id = mine.customer_id AND n.reversal_of IS NULL AND n.occurred_on >= from_on AND coalesce(n.invoice_id = ANY (claimed), true)
          AND NOT EXISTS (SELECT FROM interaction r WHERE r.customer_id = n.customer_id AND r.reversal_of = n.interaction_id)
      UNION ALL
        -- 10 interest and indemnity up to today
        SELECT 10, 'interest', business_date(), 'invoice', i.invoice_id, i.invoice_no, CASE WHEN fr THEN format('pénalités de retard %s, indemnité de recouvrement %s', notice_amount(n.interest, n.currency, 'fr'), notice_amount(n.indemnity, n.currency, 'fr'))
                    ELSE format('late-payment interest %s, recovery indemnity %s', trim_scale(n.interest), trim_scale(n.indemnity)) END, n.amount, n.currency, NULL
        FROM invoice i CROSS JOIN LATERAL late_interest(i.invoice_id) n
        WHERE i.customer_id = mine.customer_id AND i.invoice_id = ANY (claimed) AND i.kind <> 'late_charge' AND n.amount > 0
      UNION ALL
        SELECT 10, 'interest', n.as_of, 'interest_note', n.interest_note_id, n.note_no, n.status, n.amount, n.currency, NULL
        FROM interest_note_status n
        WHERE n.customer_id = mine.customer_id AND EXISTS (SELECT FROM interest_note_line l WHERE l.customer_id = n.customer_id AND l.interest_note_id = n.interest_note_id AND l.invoice_id = ANY (claimed))
      UNION ALL
        -- 11 proceedings, also those of others about the customer
        SELECT 11, 'proceeding', v.on_date, 'litigation_case', mine.litigation_id, mine.reference, v.what, mine.amount, mine.currency, NULL
        FROM (VALUES (mine.opened_on, CASE WHEN fr THEN 'dossier ouvert' ELSE 'opened' END), (mine.closed_on, mine.outcome)) v (on_date, what) WHERE v.on_date IS NOT NULL
      UNION ALL
        SELECT 11, 'proceeding', e.occurred_on, 'litigation_event', e.event_id, e.reference,
               concat_ws(', ', CASE litigation_file.language WHEN 'fr' THEN k.name_fr ELSE k.name_en END, e.note), e.amount, CASE WHEN e.amount IS NOT NULL THEN mine.currency END, NULL
        FROM litigation_event_in_force e JOIN litigation_event_kind k USING (event)
        WHERE e.customer_id = mine.customer_id AND e.litigation_id = mine.litigation_id
      UNION ALL
        SELECT 11, 'proceeding', p.judgment_on, 'collective_proceeding', p.proceeding_id, p.reference,
               concat_ws(', ', p.kind, p.court, 'published ' || p.published_on, p.administrator, p.representative, p.outcome || ' on ' || p.closed_on), NULL, NULL, NULL
        FROM collective_proceeding p WHERE p.customer_id = mine.customer_id
      UNION ALL
        SELECT 11, 'proceeding', p.declared_on, 'proceeding_claim', p.claim_id, p.reference,
               concat_ws(', ', p.kind, p.outcome || ' on ' || p.closed_on, 'admitted ' || trim_scale(p.admitted_amount)), p.declared_amount, base, NULL
        FROM proceeding_claim p WHERE p.customer_id = mine.customer_id
      UNION ALL
        SELECT 11, 'proceeding', p.opened_on, 'placement', p.placement_id, i.invoice_no, concat_ws(', ', p.kind, p.placed_with, p.outcome || ' on ' || p.closed_on), p.amount, i.currency, NULL
        FROM placement p JOIN invoice i USING (customer_id, invoice_id) WHERE p.customer_id = mine.customer_id AND p.invoice_id = ANY (claimed)
      UNION ALL
        -- 12 the list of exhibits, 13 what is lacking
        SELECT 12, 'document', d.issued_on, 'invoice_document', d.document_id, coalesce(d.document_no, d.file_name),
               concat_ws(', ', k.name, coalesce(d.uri, d.file_name), 'received ' || d.received_on, d.note, upper(d.problem)), NULL, NULL, d.sha256
        FROM document d JOIN document_kind k USING (kind)
      UNION ALL
        SELECT 12, 'document', d.issued_on, 'customer_document', d.document_id, d.file_name, k.name, NULL, NULL, d.sha256
        FROM customer_document_in_force d JOIN document_kind k USING (kind) WHERE d.customer_id = mine.customer_id
      UNION ALL
        SELECT 13, 'missing', NULL, 'document_kind', m.invoice_id, i.invoice_no, m.kind || ': ' || m.document, NULL, NULL, NULL
        FROM litigation_documents_missing(mine.customer_id, mine.litigation_id) m LEFT JOIN invoice i ON i.customer_id = mine.customer_id AND i.invoice_id = m.invoice_id
    ), heading (section_no, en, fr) AS (
        VALUES (1, 'Parties', 'Parties'), (2, 'Contract, clauses and securities', 'Contrat, clauses et sûretés'), (3, 'Quotes and orders', 'Devis et commandes'),
               (4, 'Deliveries and proofs', 'Livraisons et preuves'), (5, 'Invoices', 'Factures'), (6, 'Payments and credits', 'Règlements et avoirs'),
               (7, 'Disputes, promises and plans', 'Litiges, promesses et échéanciers'), (8, 'Reminders and formal notice', 'Relances et mise en demeure'),
               (9, 'Correspondence', 'Correspondance'), (10, 'Interest and indemnity', 'Intérêts et indemnité de recouvrement'), (11, 'Proceedings', 'Procédure'),
               (12, 'List of exhibits', 'Bordereau de pièces'), (13, 'Missing documents', 'Pièces manquantes')
    )
    SELECT (row_number() OVER (ORDER BY e.section_no, e.occurred_on NULLS FIRST, e.object, e.object_id, e.reference, e.detail))::integer, e.section,
           CASE litigation_file.language WHEN 'fr' THEN h.fr ELSE h.en END, e.occurred_on, e.object, e.object_id, e.reference, e.detail, e.amount, e.currency, e.sha256
    FROM entry e JOIN heading h USING (section_no)
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION litigation_file(bigint, text) IS
'The whole dossier of a litigation (dossier contentieux), numbered, in the order in which it is read: party, contract (clauses, securities, retention of title), order, delivery, invoice, payment, dispute (also promises and plans), reminder, correspondence, interest, proceeding (also collective), document (list of exhibits, with hash, and in capitals what verify_documents() finds) and missing. Of a reminder sha256 is that of the text that was sent. Each with its date, the object and its key, its number, a line of text, and its amount and currency (payments negative). title in en or fr. The same facts give the same rows. CR007 for no such litigation, 22023 for another language.';
