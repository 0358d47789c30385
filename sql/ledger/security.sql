-- Securities: what they cover of an exposure.
--
-- What a guarantee is good for on a day is its amount less haircut and calls.
-- What it covers is that, as far as goods were or will be delivered while it
-- covers them: not what left after the latest shipment of a letter of credit,
-- nor before a retention of title was accepted. For other rooms:
-- guaranteed_amount(), and guarantee_allocation() for the same by guarantee.

CREATE FUNCTION guarantees_in_force(customer_id bigint, on_date date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (guarantee_id bigint, kind text, guarantor text, order_id bigint, contract_no text, priority integer, currency text, amount numeric,
               amount_base numeric, haircut_pct numeric, called_base numeric, presented_base numeric, usable numeric,
               valid_from date, valid_to date, latest_shipment_on date, presentation_days integer, accepted_on date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN QUERY
    SELECT g.guarantee_id, g.kind, g.guarantor, g.order_id, g.contract_no, g.priority, g.currency, g.amount, g.amount_base, g.haircut_pct,
           u.called, u.presented,
           CASE WHEN g.amount_base IS NOT NULL
                THEN trim_scale(greatest(round(g.amount_base * (100 - g.haircut_pct) / 100, credit_risk.currency_scale(l.base_currency)) - u.called, 0)) END,
           g.valid_from, g.valid_to, g.latest_shipment_on, g.presentation_days, g.accepted_on
    FROM guarantee g CROSS JOIN ledger l
    CROSS JOIN LATERAL (
        SELECT coalesce(credit_risk.base_share(g.amount_base, g.amount, 0, sum(e.amount * s.sign) FILTER (WHERE e.event = 'called')), 0) AS called,
               coalesce(credit_risk.base_share(g.amount_base, g.amount, 0, sum(e.amount * s.sign) FILTER (WHERE e.event = 'presented')), 0) AS presented
        FROM guarantee_event e CROSS JOIN LATERAL (SELECT CASE WHEN e.reversal_of IS NULL THEN 1 ELSE -1 END AS sign) s
        WHERE e.customer_id = g.customer_id AND e.guarantee_id = g.guarantee_id AND e.occurred_on <= on_date AND e.recorded_at <= known_at) u
    WHERE g.customer_id = guarantees_in_force.customer_id AND coalesce(g.valid_to >= on_date, true)
      AND is_open_as_of(g.valid_from, g.recorded_at, g.closed_on, g.closed_at, on_date, known_at)
      AND (g.kind <> 'retention_of_title' OR g.accepted_on <= on_date)
    ORDER BY g.priority, CASE WHEN g.order_id IS NOT NULL THEN 1 WHEN g.contract_no IS NOT NULL THEN 2 ELSE 3 END, g.guarantee_id;
END $$;
COMMENT ON FUNCTION guarantees_in_force(bigint, date, timestamptz) IS
'Guarantees of a customer in force on a day, as known at an instant (default: all that is known), in the order in which they count; a retention of title only once accepted. usable = amount less haircut less what was called, base currency, never below 0; NULL = as much as the goods (retention of title without an amount). valid_to is the last day.';

CREATE VIEW guarantee_in_force AS
SELECT g.customer_id, c.code, c.name, f.guarantee_id, f.kind, f.guarantor, g.reference, o.order_no, f.contract_no, f.priority, f.amount, f.currency,
       f.amount_base, f.haircut_pct, f.called_base, f.usable, f.valid_from, f.valid_to, f.valid_to - (SELECT business_date()) AS days_left,
       f.latest_shipment_on, f.presentation_days, f.accepted_on,
       (SELECT max(e.occurred_on) FROM guarantee_event e WHERE e.customer_id = g.customer_id AND e.guarantee_id = g.guarantee_id AND e.event = 'called'
          AND e.reversal_of IS NULL AND NOT EXISTS (SELECT FROM guarantee_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.guarantee_event_id)) AS called_on
FROM (SELECT DISTINCT x.customer_id FROM guarantee x WHERE x.closed_on IS NULL OR x.closed_on > (SELECT business_date())) k
CROSS JOIN LATERAL guarantees_in_force(k.customer_id, (SELECT business_date())) f
JOIN guarantee g ON g.customer_id = k.customer_id AND g.guarantee_id = f.guarantee_id
JOIN customer c ON c.customer_id = g.customer_id
LEFT JOIN sales_order o ON o.customer_id = g.customer_id AND o.order_id = f.order_id;
COMMENT ON VIEW guarantee_in_force IS
'Guarantees in force on the business date (garanties en cours): amount in its currency, amount_base, called_base and usable in base currency, days_left to the last day, called_on the last call. order_no and contract_no NULL = the whole account.';

CREATE VIEW guarantee_expiring AS
SELECT g.customer_id, c.code, c.name, g.guarantee_id, g.kind, g.guarantor, g.reference, g.amount, g.currency, d.deadline, d.on_date,
       d.on_date - (SELECT business_date()) AS days_left, a.exposure
FROM guarantee g JOIN customer c USING (customer_id) JOIN credit_account a USING (customer_id)
CROSS JOIN LATERAL (VALUES ('expiry', g.valid_to), ('latest_shipment', g.latest_shipment_on)) d (deadline, on_date)
WHERE g.closed_on IS NULL AND d.on_date BETWEEN (SELECT business_date()) AND (SELECT business_date()) + 30 AND coalesce(g.valid_to >= (SELECT business_date()), true);
COMMENT ON VIEW guarantee_expiring IS
'Guarantees whose last day, or whose latest shipment, comes within 30 days (garanties à renouveler), with the exposure of the account, base currency: renew, call or ship in time. days_left 0 = today is the last day.';

-- What an account owes, or will owe, in parts that a guarantee can tell apart.
CREATE FUNCTION exposure_parts(customer_id bigint, judged_order_id bigint DEFAULT NULL)
RETURNS TABLE (order_id bigint, contract_no text, shipped_on date, deliver_on date, exposure numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH item AS (
        SELECT i.order_id, d.order_id AS delivered_order, coalesce(d.delivered_on, i.issued_on) AS shipped_on, t.open_amount_base
        FROM open_item t JOIN invoice i USING (customer_id, invoice_id) LEFT JOIN delivery d USING (customer_id, delivery_id)
        WHERE t.customer_id = exposure_parts.customer_id
    ), billed AS (
        SELECT t.order_id, sum(t.open_amount_base) AS open_amount FROM item t WHERE t.order_id IS NOT NULL GROUP BY t.order_id
    )
    SELECT o.order_id, o.contract_no, NULL::date, o.deliver_on,
           CASE WHEN o.order_id = judged_order_id AND o.status = 'held' THEN round(greatest(o.amount - greatest(o.delivered_amount, o.invoiced_amount), 0) * o.rate, 2)
                ELSE o.open_amount_base END + o.unbilled_amount_base + coalesce(b.open_amount, 0)
    FROM sales_order o LEFT JOIN billed b USING (order_id)
    WHERE o.customer_id = exposure_parts.customer_id
      AND (o.open_amount_base <> 0 OR o.unbilled_amount_base <> 0 OR b.order_id IS NOT NULL OR o.order_id = judged_order_id)
  UNION ALL
    SELECT NULL, NULL, t.shipped_on, NULL, sum(t.open_amount_base) FROM item t WHERE t.order_id IS NULL GROUP BY t.shipped_on
  UNION ALL
    SELECT NULL, NULL, d.delivered_on, NULL, d.amount_base - i.invoiced
    FROM delivery d
    CROSS JOIN LATERAL (SELECT coalesce(sum(CASE WHEN n.reversal_of IS NULL THEN n.amount_base ELSE -n.amount_base END), 0) AS invoiced FROM invoice n
                        WHERE n.customer_id = d.customer_id AND n.delivery_id = d.delivery_id AND n.kind IN ('invoice', 'down_payment')) i
    WHERE d.customer_id = exposure_parts.customer_id AND d.order_id IS NULL AND d.reversal_of IS NULL AND d.amount_base > i.invoiced
      AND NOT EXISTS (SELECT FROM delivery r WHERE r.customer_id = d.customer_id AND r.reversal_of = d.delivery_id);
END $$;
COMMENT ON FUNCTION exposure_parts(bigint, bigint) IS
'What a customer owes or will owe by now, base currency, by order (ordered, delivered, invoiced) with its planned delivery, and what has no order by the day on which it was delivered or else invoiced. judged_order_id is counted also while it is held. Unapplied cash and payments that are not final are in none.';

CREATE FUNCTION outside_terms(customer_id bigint, order_id bigint, on_date date, valid_to date, latest_shipment_on date, presentation_days integer,
                              presented numeric, accepted_on date) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN (WITH ordered AS (
        SELECT o.* FROM sales_order o WHERE o.customer_id = outside_terms.customer_id AND o.order_id = outside_terms.order_id
    ), shipment AS (
        SELECT d.delivered_on AS shipped_on, d.amount FROM delivery d
        WHERE d.customer_id = outside_terms.customer_id AND d.order_id = outside_terms.order_id AND d.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM delivery r WHERE r.customer_id = d.customer_id AND r.reversal_of = d.delivery_id)
      UNION ALL         -- where no delivery is on record, the invoice stands for it
        SELECT i.issued_on, i.amount FROM ordered o JOIN invoice i ON i.customer_id = o.customer_id AND i.order_id = o.order_id
        WHERE o.delivered_amount = 0 AND o.invoiced_amount > 0 AND i.kind = 'invoice' AND i.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM invoice r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.invoice_id)
    ), judged AS (
        SELECT s.*, coalesce(s.shipped_on <= latest_shipment_on, true) AND coalesce(s.shipped_on >= accepted_on, true) AS in_time FROM shipment s
    ), summed AS (
        SELECT coalesce(sum(j.amount), 0) AS shipped, coalesce(sum(j.amount) FILTER (WHERE NOT j.in_time), 0) AS out_of_time,
               coalesce(sum(j.amount) FILTER (WHERE j.in_time AND j.shipped_on + presentation_days < on_date), 0) AS to_present
        FROM judged j
    )
    SELECT round((s.out_of_time + CASE WHEN greatest(o.deliver_on, on_date) > least(latest_shipment_on, valid_to) THEN greatest(o.amount - s.shipped, 0) ELSE 0 END) * o.rate
                 + greatest(s.to_present * o.rate - coalesce(presented, 0), 0), CASE WHEN o.rate = 1 THEN 6 ELSE 2 END)
    FROM ordered o CROSS JOIN summed s);
END $$;
COMMENT ON FUNCTION outside_terms(bigint, bigint, date, date, date, integer, numeric, date) IS
'What of an order a guarantee of these terms does not cover on a day, base currency: shipped after the latest shipment or before the acceptance, planned for after either or after the expiry, and shipped in time but not presented within the days of presentation, as far as presented does not reach. NULL terms take nothing away. The day of shipment is that of the delivery; without any on record, that of the invoice.';

CREATE FUNCTION guarantee_allocation(customer_id bigint, on_date date, exposure numeric, contract_no text DEFAULT NULL, order_id bigint DEFAULT NULL,
                                     judged_order_id bigint DEFAULT NULL, attached_only boolean DEFAULT false)
RETURNS TABLE (guarantee_id bigint, kind text, guarantor text, priority integer, for_order_id bigint, for_contract_no text, usable numeric, counted numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    scale integer;
    g record;
    part_order bigint[];
    part_contract text[];
    part_on date[];
    part_planned date[];
    part_left numeric[];
    unsecured numeric := greatest(exposure, 0);
    reach numeric;
BEGIN
    IF NOT EXISTS (SELECT FROM guarantee x WHERE x.customer_id = guarantee_allocation.customer_id) THEN
        RETURN;
    END IF;
    scale := (SELECT credit_risk.currency_scale(l.base_currency) FROM ledger l);
    IF order_id IS NOT NULL THEN
        SELECT ARRAY[o.order_id], ARRAY[coalesce(guarantee_allocation.contract_no, o.contract_no)], ARRAY[NULL::date], ARRAY[o.deliver_on], ARRAY[unsecured]
        INTO part_order, part_contract, part_on, part_planned, part_left
        FROM sales_order o WHERE o.customer_id = guarantee_allocation.customer_id AND o.order_id = guarantee_allocation.order_id;
    ELSE        -- what is in no part comes first: only a guarantee without terms reaches it
        WITH owed AS MATERIALIZED (
            SELECT x.* FROM exposure_parts(guarantee_allocation.customer_id, judged_order_id) x
            WHERE guarantee_allocation.contract_no IS NULL OR x.contract_no = guarantee_allocation.contract_no
        ), part AS (
            SELECT 2 AS place, w.* FROM owed w
            UNION ALL
            SELECT 1, NULL, guarantee_allocation.contract_no, NULL, NULL, unsecured - coalesce(sum(greatest(w.exposure, 0)), 0) FROM owed w
        )
        SELECT array_agg(p.order_id ORDER BY p.place, p.shipped_on, p.order_id), array_agg(p.contract_no ORDER BY p.place, p.shipped_on, p.order_id),
               array_agg(p.shipped_on ORDER BY p.place, p.shipped_on, p.order_id), array_agg(p.deliver_on ORDER BY p.place, p.shipped_on, p.order_id),
               array_agg(p.exposure ORDER BY p.place, p.shipped_on, p.order_id)
        INTO part_order, part_contract, part_on, part_planned, part_left
        FROM part p
        WHERE p.exposure > 0;
    END IF;
    FOR g IN SELECT f.* FROM guarantees_in_force(guarantee_allocation.customer_id, on_date) f WHERE f.order_id IS NOT NULL OR NOT attached_only LOOP
        guarantee_id := g.guarantee_id;
        kind := g.kind;
        guarantor := g.guarantor;
        priority := g.priority;
        for_order_id := g.order_id;
        for_contract_no := g.contract_no;
        usable := g.usable;
        counted := 0;
        FOR i IN 1 .. coalesce(cardinality(part_left), 0) LOOP
            CONTINUE WHEN part_left[i] <= 0 OR g.order_id <> part_order[i] OR (g.order_id IS NOT NULL AND part_order[i] IS NULL)
                          OR (g.contract_no IS NOT NULL AND g.contract_no IS DISTINCT FROM part_contract[i]);
            reach := part_left[i];
            IF part_order[i] IS NOT NULL THEN
                IF part_planned[i] > g.valid_to OR num_nonnulls(g.latest_shipment_on, g.presentation_days, g.accepted_on) > 0 THEN
                    reach := reach - outside_terms(guarantee_allocation.customer_id, part_order[i], on_date, g.valid_to, g.latest_shipment_on, g.presentation_days,
                                                   g.presented_base, g.accepted_on);
                END IF;
            ELSIF num_nonnulls(g.latest_shipment_on, g.accepted_on) > 0
                  AND NOT coalesce(part_on[i] <= coalesce(g.latest_shipment_on, 'infinity') AND part_on[i] >= coalesce(g.accepted_on, '-infinity'), false) THEN
                reach := 0;
            END IF;
            IF g.kind = 'retention_of_title' THEN
                reach := round(reach * (100 - g.haircut_pct) / 100, scale);
            END IF;
            reach := greatest(least(reach, g.usable - counted, unsecured), 0);      -- a NULL amount bounds nothing
            counted := counted + reach;
            unsecured := unsecured - reach;
            part_left[i] := part_left[i] - reach;
        END LOOP;
        counted := trim_scale(counted);
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION guarantee_allocation(bigint, date, numeric, text, bigint, bigint, boolean) IS
'How the guarantees of a customer in force on a day share an exposure (base currency), by priority: usable is what each is good for (NULL = as much as the goods), counted what it covers. contract_no or order_id say that the exposure is that of one contract or order: then those of others are left out, and what is for the whole account counts as if it were for that alone. judged_order_id is taken in also while it is held; attached_only leaves only guarantees attached to orders. What is delivered and unpaid is that of now, whatever the day; of an order paid in part, what is not covered counts as unpaid; unapplied cash counts as paying what no guarantee covers.';

CREATE FUNCTION guaranteed_amount(customer_id bigint, on_date date, exposure numeric, contract_no text DEFAULT NULL, order_id bigint DEFAULT NULL) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN (SELECT coalesce(sum(g.counted), 0)
            FROM guarantee_allocation(guaranteed_amount.customer_id, on_date, exposure, guaranteed_amount.contract_no, guaranteed_amount.order_id) g);
END $$;
COMMENT ON FUNCTION guaranteed_amount(bigint, date, numeric, text, bigint) IS
'What of an exposure (base currency) is guaranteed on a day (part garantie): of the whole account, or of one contract or order; never more than the exposure, 0 without guarantees. guarantee_allocation() shows it guarantee by guarantee.';

CREATE FUNCTION secured_amount(customer_id bigint, on_date date DEFAULT NULL, contract_cover numeric DEFAULT 0, buyer_cover numeric DEFAULT 0)
RETURNS TABLE (step_no integer, layer text, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH account AS (
        SELECT a.exposure + a.unapplied AS gross, a.unapplied, coalesce(on_date, business_date()) AS day
        FROM credit_account a WHERE a.customer_id = secured_amount.customer_id
    ), guaranteed AS (
        SELECT coalesce(sum(g.counted) FILTER (WHERE g.kind = 'retention_of_title'), 0) AS retained,
               coalesce(sum(g.counted) FILTER (WHERE g.kind <> 'retention_of_title'), 0) AS other
        FROM account a CROSS JOIN LATERAL guarantee_allocation(secured_amount.customer_id, a.day, a.gross - a.unapplied) g
    ), layers AS (
        SELECT l.step_no, l.layer, l.amount, greatest(a.gross, 0) AS gross FROM account a CROSS JOIN guaranteed g
        CROSS JOIN LATERAL (VALUES (1, 'deposit', a.unapplied), (2, 'retention_of_title', g.retained), (3, 'contract_cover', secured_amount.contract_cover),
                                   (4, 'buyer_cover', secured_amount.buyer_cover), (5, 'guarantee', g.other)) l (step_no, layer, amount)
    ), filled AS (
        SELECT f.*, greatest(least(f.amount, f.gross - coalesce(sum(f.amount) OVER (ORDER BY f.step_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)), 0) AS part
        FROM layers f
    )
    SELECT f.step_no, f.layer, f.part FROM filled f
    UNION ALL
    SELECT 6, 'own', max(f.gross) - sum(f.part) FROM filled f HAVING count(*) > 0
    ORDER BY 1
$$;
COMMENT ON FUNCTION secured_amount(bigint, date, numeric, numeric) IS
'Who would bear the exposure of a customer, base currency, in the order in which a loss is borne (ordre d''imputation des pertes): deposit (unapplied cash), retention_of_title, contract_cover and buyer_cover (the insured parts, given as arguments), guarantee, and own, the part that is ours. They add up to exposure before unapplied cash. No rows for a customer without an account.';

-- Securities of one order: what is attached to it, and what was paid of it in advance.

CREATE FUNCTION order_secured(order_id bigint, on_date date DEFAULT NULL) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    mine sales_order := order_of(order_secured.order_id);
    decimals integer := CASE WHEN mine.rate = 1 THEN 6 ELSE 2 END;
    whole numeric := trim_scale(round(mine.amount * mine.rate, decimals));
    paid numeric := least(trim_scale(round(deposit_paid(mine.customer_id, mine.order_id) * mine.rate, decimals)), whole);
BEGIN
    IF NOT EXISTS (SELECT FROM guarantee g WHERE g.customer_id = mine.customer_id AND g.order_id = mine.order_id) THEN
        RETURN paid;
    END IF;
    RETURN paid + (SELECT coalesce(sum(g.counted), 0)
                   FROM guarantee_allocation(mine.customer_id, coalesce(on_date, business_date()), whole - paid, NULL, mine.order_id, NULL, true) g);
END $$;
COMMENT ON FUNCTION order_secured(bigint, date) IS
'What of an order is secured by its down payment and the guarantees attached to it that are valid on a day (NULL = business date), base currency, at most the order. CR007 if there is no such order.';

CREATE FUNCTION order_uncovered(order_id bigint, on_date date DEFAULT NULL) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN o.rate = 1 THEN o.amount ELSE round(o.amount * o.rate, 2) END - order_secured(o.order_id, on_date) FROM order_of(order_uncovered.order_id) o
$$;
COMMENT ON FUNCTION order_uncovered(bigint, date) IS
'The uncovered part of an order (part non couverte): its amount less the valid securities attached to it, base currency. Guarantees of the whole account or of a contract are not of the order. CR007 if there is no such order.';

CREATE VIEW order_security AS
SELECT g.customer_id, c.code, c.name, o.order_id, o.order_no, g.guarantee_id, NULL::bigint AS payment_id, g.kind, g.guarantor, g.amount, g.currency,
       g.valid_to, g.latest_shipment_on, a.usable, coalesce(a.counted, 0) AS counted, a.guarantee_id IS NOT NULL AS in_force
FROM guarantee g JOIN customer c USING (customer_id) JOIN sales_order o USING (customer_id, order_id)
LEFT JOIN LATERAL (
    SELECT x.* FROM guarantee_allocation(o.customer_id, (SELECT business_date()),
                                         round(greatest(o.amount - deposit_paid(o.customer_id, o.order_id), 0) * o.rate, CASE WHEN o.rate = 1 THEN 6 ELSE 2 END),
                                         NULL, o.order_id, NULL, true) x
    WHERE x.guarantee_id = g.guarantee_id) a ON true
UNION ALL
SELECT d.customer_id, c.code, c.name, o.order_id, o.order_no, NULL, d.payment_id, 'deposit', NULL, d.amount, o.currency, NULL, NULL,
       v.base, CASE WHEN d.is_final THEN v.base ELSE 0 END, d.is_final
FROM order_deposit d JOIN customer c USING (customer_id) JOIN sales_order o USING (customer_id, order_id)
CROSS JOIN LATERAL (SELECT trim_scale(round(d.amount * o.rate, CASE WHEN o.rate = 1 THEN 6 ELSE 2 END)) AS base) v;
COMMENT ON VIEW order_security IS
'Securities of each order (sûretés attachées à la commande): guarantees with its order_id, such as a documentary collection, letter of credit or escrow, and payments for its down payment (kind deposit). usable and counted in base currency, counted 0 where it is expired, released or not final, or the goods leave too late.';

CREATE VIEW order_cover AS
SELECT o.customer_id, c.code, c.name, o.order_id, o.order_no, o.status, o.ordered_on, o.deliver_on, o.amount, o.currency, w.amount_base,
       w.deposit, s.secured - w.deposit AS guaranteed, s.secured, w.amount_base - s.secured AS uncovered
FROM sales_order o JOIN customer c USING (customer_id)
CROSS JOIN LATERAL (SELECT trim_scale(round(o.amount * o.rate, CASE WHEN o.rate = 1 THEN 6 ELSE 2 END)) AS amount_base,
                           trim_scale(round(least(deposit_paid(o.customer_id, o.order_id), o.amount) * o.rate, CASE WHEN o.rate = 1 THEN 6 ELSE 2 END)) AS deposit) w
CROSS JOIN LATERAL (SELECT order_secured(o.order_id) AS secured) s
WHERE o.status IN ('open', 'held', 'released');
COMMENT ON VIEW order_cover IS
'Orders that are not closed or cancelled and how they are secured (couverture des commandes), base currency: deposit is what is paid of it in advance, guaranteed what valid guarantees attached to it cover, uncovered the rest.';

CREATE FUNCTION security_figures(figures jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    payer_id bigint := (figures->>'customer_id')::bigint;
    today date := (figures->>'decided_on')::date;
    mine sales_order;
    whole numeric := coalesce((figures->>'document_amount')::numeric, (figures->>'amount')::numeric);
    required numeric;
    paid numeric := 0;
    secured numeric := 0;
    guaranteed numeric := 0;
BEGIN
    SELECT o.* INTO mine FROM sales_order o WHERE o.customer_id = payer_id AND o.order_id = (figures->>'order_id')::bigint;
    required := round(whole * deposit_pct(payer_id) / 100, 2);
    IF mine.order_id IS NOT NULL THEN
        paid := deposit_paid(payer_id, mine.order_id);
        secured := CASE WHEN mine.rate = 1 THEN paid ELSE round(paid * mine.rate, 2) END;
        required := deposit_requirement(mine.order_id);
        IF mine.rate <> 1 THEN
            paid := secured;
            required := round(required * mine.rate, 2);
        END IF;
    END IF;
    IF EXISTS (SELECT FROM guarantee g WHERE g.customer_id = payer_id) THEN
        SELECT coalesce(sum(g.counted), 0) INTO guaranteed
        FROM guarantee_allocation(payer_id, today, (figures->>'exposure_after')::numeric, NULL, NULL, mine.order_id) g;
        secured := CASE WHEN mine.order_id IS NOT NULL THEN order_secured(mine.order_id, today) ELSE 0 END;
    END IF;
    RETURN jsonb_build_object(
        'guaranteed', guaranteed, 'deposit_required', required, 'deposit_missing', greatest(required - paid, 0),
        'order_secured', secured, 'order_uncovered', greatest(whole - secured, 0));
END $$;
COMMENT ON FUNCTION security_figures(jsonb) IS
'Figures of the check, base currency: guaranteed, the part of exposure_after that guarantees cover (of an order that leaves after a guarantee''s expiry or latest shipment, not by that one); deposit_required and deposit_missing of the order; order_secured and order_uncovered by what is attached to it. Without an order nothing is paid or attached. Runs as the owner, as credit_figures().';

INSERT INTO blocking_rule_kind (kind, figure, comparison, condition, reason_en, reason_fr, cure_en, cure_fr) VALUES
('unsecured_order', 'order_uncovered', '>', NULL,
 '{order_uncovered} of the order is not secured, more than {threshold}', '{order_uncovered} de la commande ne sont pas couverts, plus de {threshold}',
 'passes once securities attached to the order leave at most {threshold} uncovered', 'passe dès que les sûretés attachées à la commande laissent au plus {threshold} à découvert');
