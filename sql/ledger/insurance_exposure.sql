-- What is insured, delivery by delivery, and what the policy asks for in time.

-- An item is covered by the limit that was in force when it was delivered, the
-- oldest first: what is already covered by a line leaves it only when paid.
CREATE FUNCTION covered_items(customer_ids bigint[] DEFAULT NULL, as_of date DEFAULT NULL)
RETURNS TABLE (customer_id bigint, source text, invoice_id bigint, instalment_no integer, delivery_id bigint, contract_no text,
               covered_on date, due_on date, policy_no text, terms_id bigint, cover_id bigint, cover_kind text, cover_contract_no text,
               eligible numeric, covered numeric, insured numeric, at_risk numeric, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today CONSTANT boolean := as_of IS NULL;        -- by state; another day by the facts
    on_date CONSTANT date := coalesce(as_of, business_date());
    entry record;
    last_customer bigint;
    last_item bigint;
    lines text[];           -- of the customer at hand, and what of them is used
    used numeric[];
    place integer;
    credits numeric;        -- cash and credit notes that no item has met yet
    left_ttc numeric;       -- of the item at hand, without a place so far
    left_ht numeric;
    part numeric;
BEGIN
    FOR entry IN
        WITH payer AS MATERIALIZED (
            SELECT a.customer_id, a.unapplied, a.unbilled, a.unmatured FROM credit_account a
            WHERE customer_ids IS NULL OR a.customer_id = ANY (customer_ids)
        ), known AS (       -- of a past day, from the facts of these customers
            SELECT f.customer_id, f.invoice_id, f.instalment_no, sum(f.amount_base) AS amount_base, 0::numeric AS disputed_base
            FROM payer p CROSS JOIN LATERAL (SELECT r.* FROM receivable_fact r WHERE r.customer_id = p.customer_id AND r.effective_on <= on_date OFFSET 0) f
            WHERE NOT today GROUP BY 1, 2, 3
          UNION ALL
            SELECT o.customer_id, o.invoice_id, o.instalment_no, o.open_amount_base,
                   coalesce(credit_risk.base_share(o.open_amount_base, o.open_amount, 0, least(coalesce(d.disputed, 0), o.open_amount)), 0)
            FROM payer p CROSS JOIN LATERAL (SELECT i.* FROM open_item i WHERE i.customer_id = p.customer_id OFFSET 0) o
            LEFT JOIN LATERAL (SELECT sum(g.amount) AS disputed FROM dispute g
                               WHERE g.customer_id = o.customer_id AND g.invoice_id = o.invoice_id AND g.instalment_no = o.instalment_no
                                 AND g.closed_on IS NULL AND o.open_amount > 0) d ON true
            WHERE today
        ), draft AS (       -- settled by what can still come back
            SELECT a.customer_id, a.payment_id, a.invoice_id, a.instalment_no,
                   sum(CASE WHEN a.reversal_of IS NULL THEN a.amount_base ELSE -a.amount_base END) AS amount_base
            FROM payer p
            CROSS JOIN LATERAL (
                SELECT u.payment_id FROM unmatured_payment u WHERE today AND p.unmatured <> 0 AND u.customer_id = p.customer_id
              UNION ALL
                SELECT y.payment_id FROM payment y
                WHERE NOT today AND y.customer_id = p.customer_id AND y.unmatured_base <> 0 AND y.reversal_of IS NULL AND y.received_on <= on_date
                  AND NOT EXISTS (SELECT FROM payment_final f WHERE f.customer_id = y.customer_id AND f.payment_id = y.payment_id AND f.effective_on <= on_date)
                  AND NOT EXISTS (SELECT FROM payment r WHERE r.customer_id = y.customer_id AND r.reversal_of = y.payment_id AND r.received_on <= on_date)) u
            JOIN allocation a ON a.customer_id = p.customer_id AND a.payment_id = u.payment_id AND (today OR a.effective_on <= on_date)
            WHERE a.invoice_id IS NOT NULL
            GROUP BY 1, 2, 3, 4
        ), unbilled AS (
            SELECT u.customer_id, u.delivery_id, u.order_id, u.delivered_on, u.unbilled_base AS amount_base
            FROM payer p CROSS JOIN LATERAL (SELECT w.* FROM unbilled_delivery w WHERE w.customer_id = p.customer_id OFFSET 0) u
            WHERE today AND p.unbilled <> 0
          UNION ALL
            SELECT d.customer_id, d.delivery_id, d.order_id, d.delivered_on,
                   greatest(least(d.amount_base, d.so_far - coalesce(n.invoiced, 0)), 0)
            FROM (SELECT g.*, sum(g.amount_base) OVER (PARTITION BY g.customer_id, coalesce(g.order_id, -g.delivery_id) ORDER BY g.delivered_on, g.delivery_id) AS so_far
                  FROM payer p CROSS JOIN LATERAL (SELECT l.* FROM delivery l WHERE NOT today AND l.customer_id = p.customer_id AND l.reversal_of IS NULL
                                                   AND l.delivered_on <= on_date
                                                   AND NOT EXISTS (SELECT FROM delivery r WHERE r.customer_id = l.customer_id AND r.reversal_of = l.delivery_id
                                                                                            AND r.delivered_on <= on_date)) g) d
            LEFT JOIN LATERAL (SELECT sum(CASE WHEN i.reversal_of IS NULL THEN i.amount_base ELSE -i.amount_base END) AS invoiced FROM invoice i
                               WHERE i.customer_id = d.customer_id AND i.issued_on <= on_date AND i.kind IN ('invoice', 'down_payment')
                                 AND CASE WHEN d.order_id IS NULL THEN i.delivery_id = d.delivery_id ELSE i.order_id = d.order_id END) n ON true
        ), item AS MATERIALIZED (
            SELECT k.customer_id, 'invoice' AS source, k.invoice_id, k.instalment_no, i.delivery_id, o.contract_no, coalesce(d.delivered_on, i.issued_on) AS covered_on,
                   o.ordered_on, i.issued_on, coalesce(x.due_on, i.instalment_due_on[k.instalment_no], i.due_on) AS due_on,
                   k.amount_base - k.disputed_base AS ttc, i.tax_amount, i.amount
            FROM known k JOIN invoice i USING (customer_id, invoice_id)
            LEFT JOIN delivery d ON d.customer_id = i.customer_id AND d.delivery_id = i.delivery_id
            LEFT JOIN sales_order o ON o.customer_id = i.customer_id AND o.order_id = i.order_id
            LEFT JOIN corrected_due_date x ON x.customer_id = k.customer_id AND x.invoice_id = k.invoice_id AND x.instalment_no = k.instalment_no
            WHERE i.kind IN ('invoice', 'debit_note', 'opening_balance') AND k.amount_base - k.disputed_base > 0
          UNION ALL
            SELECT t.customer_id, 'draft', t.invoice_id, t.instalment_no, i.delivery_id, o.contract_no, coalesce(d.delivered_on, i.issued_on),
                   o.ordered_on, i.issued_on, coalesce(i.instalment_due_on[t.instalment_no], i.due_on), t.amount_base, i.tax_amount, i.amount
            FROM draft t JOIN invoice i USING (customer_id, invoice_id)
            LEFT JOIN delivery d ON d.customer_id = i.customer_id AND d.delivery_id = i.delivery_id
            LEFT JOIN sales_order o ON o.customer_id = i.customer_id AND o.order_id = i.order_id
            WHERE i.kind IN ('invoice', 'debit_note', 'opening_balance') AND t.amount_base > 0
          UNION ALL
            SELECT u.customer_id, 'delivery', NULL, NULL, u.delivery_id, o.contract_no, u.delivered_on, o.ordered_on, NULL, NULL, u.amount_base,
                   o.tax_amount, o.amount
            FROM unbilled u LEFT JOIN sales_order o USING (customer_id, order_id) WHERE u.amount_base > 0
        ), credit AS MATERIALIZED (     -- cash and credit notes that wait; a draft that waits is no cash yet
            SELECT w.customer_id, greatest(sum(w.amount), 0) AS amount
            FROM (SELECT p.customer_id, p.unapplied - p.unmatured AS amount FROM payer p WHERE today
                  UNION ALL
                  SELECT p.customer_id, f.amount_base FROM payer p
                  CROSS JOIN LATERAL (SELECT u.amount_base FROM unapplied_fact u WHERE u.customer_id = p.customer_id AND u.effective_on <= on_date OFFSET 0) f WHERE NOT today
                  UNION ALL
                  SELECT p.customer_id, -f.amount_base FROM payer p
                  CROSS JOIN LATERAL (SELECT u.amount_base FROM unmatured_fact u WHERE u.customer_id = p.customer_id AND u.effective_on <= on_date OFFSET 0) f WHERE NOT today
                  UNION ALL SELECT t.customer_id, t.amount_base FROM draft t
                  UNION ALL SELECT k.customer_id, -k.amount_base FROM known k WHERE k.amount_base < 0) w
            GROUP BY w.customer_id
        ), line AS MATERIALIZED (
            SELECT l.* FROM (SELECT array_agg(e.customer_id) AS customers, array_agg(e.day) AS days
                             FROM (SELECT i.customer_id, i.covered_on AS day FROM item i
                                   UNION SELECT i.customer_id, i.ordered_on FROM item i WHERE i.ordered_on IS NOT NULL) e) w
            CROSS JOIN LATERAL cover_lines(w.customers, w.days) l
        ), matched AS (     -- where only new orders are cut, the better of the day of order and that of delivery
            SELECT DISTINCT ON (i.customer_id, i.source, i.invoice_id, i.instalment_no, i.delivery_id, l.policy_no, l.contract_no)
                   i.*, l.policy_no, l.terms_id, l.cover_id, l.cover_kind, l.contract_no AS cover_contract_no, l.limit_base, l.insured_pct,
                   t.limit_basis, t.notification_days, t.max_terms_days,
                   CASE WHEN i.source = 'invoice' THEN CASE t.mep_start WHEN 'due_date' THEN i.due_on ELSE i.issued_on END + t.max_extension_days END AS extended_until,
                   i.source = 'invoice' AND i.due_on + t.notification_days < on_date
                       AND NOT EXISTS (SELECT FROM insurer_notice n
                                       WHERE n.customer_id = i.customer_id AND n.invoice_id = i.invoice_id AND n.policy_no = l.policy_no
                                         AND n.obligation = 'overdue notice' AND n.reversal_of IS NULL AND n.declared_on <= i.due_on + t.notification_days
                                         AND NOT EXISTS (SELECT FROM insurer_notice r WHERE r.customer_id = n.customer_id AND r.reversal_of = n.notice_id)) AS lost
            FROM item i
            LEFT JOIN (line l JOIN insurance_terms t USING (policy_no, terms_id))
                   ON l.customer_id = i.customer_id AND (l.contract_no IS NULL OR l.contract_no = i.contract_no)
                  AND (l.day = i.covered_on OR (t.withdrawal_cuts = 'orders' AND l.day = i.ordered_on))
            ORDER BY i.customer_id, i.source, i.invoice_id, i.instalment_no, i.delivery_id, l.policy_no, l.contract_no, l.limit_base DESC, l.day DESC
        )
        SELECT m.*, min(m.extended_until) OVER (PARTITION BY m.customer_id, m.policy_no) AS stopped_after, coalesce(c.amount, 0) AS credit,
               dense_rank() OVER (ORDER BY m.customer_id, m.source, m.invoice_id, m.instalment_no, m.delivery_id) AS item_no
        FROM matched m LEFT JOIN credit c USING (customer_id)
        ORDER BY m.customer_id, m.covered_on, m.issued_on NULLS LAST, m.source, m.invoice_id, m.delivery_id, m.instalment_no,
                 m.cover_contract_no NULLS LAST, m.cover_kind <> 'named', m.policy_no
    LOOP
        IF last_customer IS DISTINCT FROM entry.customer_id THEN
            lines := '{}';
            used := '{}';
            credits := entry.credit;
        END IF;
        IF last_item IS DISTINCT FROM entry.item_no THEN
            IF left_ttc > 0 THEN        -- the former item found no more room
                RETURN NEXT;
            END IF;
            left_ttc := greatest(entry.ttc - credits, 0);
            credits := greatest(credits - entry.ttc, 0);
            left_ht := CASE WHEN coalesce(entry.tax_amount, 0) = 0 OR entry.amount = 0 THEN left_ttc
                            ELSE round(left_ttc * (entry.amount - entry.tax_amount) / entry.amount, 2) END;
            reason := 'limit';
        END IF;
        last_customer := entry.customer_id;
        last_item := entry.item_no;
        customer_id := entry.customer_id; source := entry.source; invoice_id := entry.invoice_id; instalment_no := entry.instalment_no;
        delivery_id := entry.delivery_id; contract_no := entry.contract_no; covered_on := entry.covered_on; due_on := entry.due_on;
        IF left_ttc > 0 AND entry.limit_base > 0 THEN
            policy_no := entry.policy_no; terms_id := entry.terms_id; cover_id := entry.cover_id; cover_kind := entry.cover_kind;
            cover_contract_no := entry.cover_contract_no;
            IF entry.due_on - entry.issued_on > entry.max_terms_days THEN
                reason := 'terms';
            ELSIF entry.covered_on > entry.stopped_after THEN
                reason := 'stopped';
            ELSE
                place := array_position(lines, entry.policy_no || coalesce(' ' || entry.cover_contract_no, ''));
                IF place IS NULL THEN
                    place := cardinality(lines) + 1;
                    lines[place] := entry.policy_no || coalesce(' ' || entry.cover_contract_no, '');
                    used[place] := 0;
                END IF;
                covered := least(CASE entry.limit_basis WHEN 'HT' THEN left_ht ELSE left_ttc END, entry.limit_base - used[place]);
                IF covered > 0 THEN
                    used[place] := used[place] + covered;
                    part := CASE WHEN entry.limit_basis = 'TTC' THEN covered WHEN covered = left_ht THEN left_ttc
                                 ELSE round(covered * left_ttc / left_ht, 2) END;
                    left_ht := CASE WHEN part = left_ttc THEN 0 WHEN entry.limit_basis = 'HT' THEN left_ht - covered
                                    ELSE left_ht - round(part * left_ht / left_ttc, 2) END;
                    left_ttc := left_ttc - part;
                    eligible := part;
                    at_risk := covered * entry.insured_pct / 100;
                    insured := CASE WHEN entry.lost THEN 0 ELSE at_risk END;
                    reason := CASE WHEN entry.lost THEN 'lost' END;
                    RETURN NEXT;
                    reason := 'limit';
                END IF;
            END IF;
        END IF;
        eligible := left_ttc; covered := 0; insured := 0; at_risk := 0;
        policy_no := NULL; terms_id := NULL; cover_id := NULL; cover_kind := NULL; cover_contract_no := NULL;
    END LOOP;
    IF left_ttc > 0 THEN
        RETURN NEXT;
    END IF;
END $$;
COMMENT ON FUNCTION covered_items(bigint[], date) IS
'What of each open invoice, unbilled delivery and draft that is not final is covered, base currency; customer_ids NULL = all, as_of NULL = now by state, else that day by the facts known now. Items are taken oldest delivery first, each against the limit in force when it was delivered (for a policy that cuts orders only, or ordered), contract cover before that of the buyer; cash and credit notes that wait are taken off the oldest. One row per item and line of cover, and one (policy_no NULL) for what found no cover, with the reason: limit (none, or used up), terms (longer than the policy allows) or stopped (delivered after the maximum extension of another invoice). covered is on the policy''s limit_basis, insured is its insured percentage, unrounded; reason lost: the overdue notice was missed, insured is 0 and at_risk what it would have been. eligible adds up to what can be insured: no down payments, late charges and disputed parts.';

CREATE FUNCTION covered_exposure(customer_id bigint, as_of date DEFAULT NULL,
                                 OUT cover_limit numeric, OUT eligible numeric, OUT covered numeric, OUT insured numeric, OUT at_risk numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT (SELECT sum(l.limit_base) FROM cover_lines(ARRAY[covered_exposure.customer_id], ARRAY[coalesce(as_of, business_date())]) l),
           coalesce(sum(i.eligible), 0), coalesce(sum(i.covered), 0), coalesce(trunc(sum(i.insured), 2), 0), coalesce(trunc(sum(i.at_risk), 2), 0)
    FROM covered_items(ARRAY[covered_exposure.customer_id], as_of) i
$$;
COMMENT ON FUNCTION covered_exposure(bigint, date) IS
'What the insurer covers of a customer (encours garanti), now or on a past day, base currency: cover_limit in force then (of the buyer and of contracts; NULL = nothing was ever decided), eligible exposure, the part of it within the limits in force when it was delivered, insured (its insured percentage, rounded down to the cent) and at_risk (the same with what was lost by a missed notice). insured is never more than limit or eligible exposure times the percentage.';

-- Deadlines ----------------------------------------------------------------------

CREATE VIEW insured_invoice AS
SELECT i.customer_id, c.code, c.name, i.invoice_id, n.invoice_no, i.policy_no, p.insurer, i.terms_id, n.issued_on, i.due_on, i.eligible AS open_amount, i.covered,
       i.at_risk, i.lost
FROM (SELECT g.customer_id, g.invoice_id, g.policy_no, max(g.terms_id) AS terms_id, min(g.due_on) AS due_on, sum(g.eligible) AS eligible,
             sum(g.covered) AS covered, trunc(sum(g.at_risk), 2) AS at_risk, bool_or(g.reason = 'lost') AS lost
      FROM covered_items() g WHERE g.source = 'invoice' AND g.policy_no IS NOT NULL
      GROUP BY g.customer_id, g.invoice_id, g.policy_no) i
JOIN customer c USING (customer_id) JOIN invoice n USING (customer_id, invoice_id) JOIN insurance_policy p USING (policy_no);
COMMENT ON VIEW insured_invoice IS
'Open invoices with cover, by policy, base currency: what is open, what of it is covered (on the policy''s limit basis), and insured (at_risk); lost: the overdue notice was missed and nothing is insured (forclusion). due_on is the original due date of the oldest instalment that is open.';
