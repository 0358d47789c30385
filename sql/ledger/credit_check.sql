-- The check: the figures of a customer and a document, judged by the rules of
-- a policy. What is judged is one jsonb of figures, kept with the decision, so
-- that judging it again needs nothing else.

-- Figures of the customer alone, asked once per statement and customer.
CREATE FUNCTION credit_figures(customer_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    today date := business_date();
    account record;
    items record;
    behaviour numeric;
    figures jsonb;
BEGIN
    SELECT a.exposure, a.unapplied, a.blocked, c.risk_class, c.policy_group, c.credit_mode, c.next_review_on, l.mode, l.on_exceed, l.no_limit,
           l.default_limit, l.credit_horizon_days, l.log_passes, l.policy, p.version,
           f.credit_limit, f.unlimited, f.decided
    INTO account
    FROM credit_account a JOIN customer c USING (customer_id) CROSS JOIN ledger l JOIN credit_policy p USING (policy)
    CROSS JOIN LATERAL limit_in_force(a.customer_id, today) f
    WHERE a.customer_id = credit_figures.customer_id;

    -- Unapplied cash and open credits count as matched to the oldest items. A
    -- dispute keeps its part out until its deadline, longer where the fault is ours;
    -- what a platform rejected was never sent.
    WITH item AS (
        SELECT o.kind, o.invoice_id, o.instalment_no, o.open_amount_base, o.dunning_level, coalesce(o.agreed_due_on, o.due_on) AS due_on,
               CASE WHEN o.kind = 'credit_note' THEN 0
                    WHEN o.parked_until = 'infinity' AND EXISTS (SELECT FROM rejected_invoice r WHERE r.customer_id = o.customer_id AND r.invoice_id = o.invoice_id) THEN 0
                    ELSE credit_risk.base_share(o.open_amount_base, o.open_amount, 0, greatest(o.open_amount - coalesce((
                        SELECT sum(d.amount) FROM dispute d
                        WHERE d.customer_id = o.customer_id AND d.invoice_id = o.invoice_id AND d.instalment_no = o.instalment_no
                          AND d.closed_on IS NULL
                          AND (d.deadline_on >= today
                               OR EXISTS (SELECT FROM dispute_root_cause c WHERE c.root_cause = d.root_cause AND c.our_fault))), 0), 0)) END AS undisputed
        FROM open_item o WHERE o.customer_id = credit_figures.customer_id
    ), in_turn AS (
        SELECT i.*, sum(i.undisputed) OVER (ORDER BY i.due_on, i.invoice_id, i.instalment_no)
                    - account.unapplied + coalesce(sum(i.open_amount_base) FILTER (WHERE i.kind = 'credit_note') OVER (), 0) AS unpaid_so_far
        FROM item i
    ), owed AS (
        SELECT t.*, greatest(least(t.undisputed, t.unpaid_so_far), 0) AS unpaid FROM in_turn t
    )
    SELECT coalesce(sum(o.unpaid) FILTER (WHERE o.due_on < today), 0) AS overdue,
           coalesce(sum(o.unpaid), 0) AS unpaid,
           coalesce(max(today - o.due_on) FILTER (WHERE o.due_on < today AND o.unpaid > 0), 0) AS oldest_overdue_days,
           coalesce(max(o.dunning_level), 0) AS dunning_level
    INTO items FROM owed o;

    -- Twelve months of payments are read only where something asks for them.
    IF account.log_passes OR EXISTS (SELECT FROM rule_in_force r WHERE r.policy = account.policy AND r.kind IN ('days_beyond_terms', 'payment_index')) THEN
        SELECT round(credit_risk.avg_days_beyond_terms(f.amount_base, f.invoice_due_on, f.effective_on), 2) INTO behaviour
        FROM allocation f
        WHERE f.customer_id = credit_figures.customer_id AND f.payment_id IS NOT NULL AND f.invoice_id IS NOT NULL
          AND f.effective_on BETWEEN today - 365 AND today AND f.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = f.customer_id AND r.reversal_of = f.allocation_id);
    END IF;

    figures := jsonb_build_object(
        'customer_id', credit_figures.customer_id, 'decided_on', today, 'policy', account.policy, 'policy_version', account.version,
        'mode', account.mode, 'on_exceed', account.on_exceed, 'no_limit_means', account.no_limit, 'default_limit', account.default_limit,
        'credit_horizon_days', account.credit_horizon_days,
        'risk_class', account.risk_class, 'policy_group', account.policy_group, 'credit_mode', account.credit_mode,
        'limit_decided', account.credit_limit, 'unlimited', account.unlimited, 'decided', account.decided,
        'blocked', account.blocked::integer, 'unscored', (account.risk_class IS NULL)::integer,
        'overdue', items.overdue, 'overdue_pct', CASE WHEN items.unpaid > 0 THEN round(100 * items.overdue / items.unpaid, 2) ELSE 0 END,
        'oldest_overdue_days', items.oldest_overdue_days, 'dunning_level', items.dunning_level,
        'days_beyond_terms', behaviour, 'payment_index', round(credit_risk.payment_index(behaviour), 2),
        'review_overdue_days', greatest(today - account.next_review_on, 0),
        'days_to_month_end', (date_trunc('month', today) + interval '1 month')::date - 1 - today,
        'broken_promises', (SELECT count(*) FROM promise p WHERE p.customer_id = credit_figures.customer_id
                            AND p.outcome IN ('broken', 'partly_kept') AND p.closed_on > today - 90),
        'unpaid_returns', (SELECT count(*) FROM default_event e WHERE e.customer_id = credit_figures.customer_id AND e.kind = 'returned_payment'
                           AND e.reversal_of IS NULL AND e.occurred_on > today - 90
                           AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id)),
        'in_proceedings', (SELECT count(*) FROM default_event e WHERE e.customer_id = credit_figures.customer_id AND e.kind = 'collective_proceeding'
                           AND e.reversal_of IS NULL
                           AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id)));
    RETURN figures || onboarding_figures(credit_figures.customer_id);
END $$;
COMMENT ON FUNCTION credit_figures(bigint) IS
'What the check looks at of a customer on the business date, by name: settings of the ledger, limit, what is overdue (agreed dates count; unapplied cash and credits count as matched to the oldest; disputes stay out until their deadline, those by our fault until they are closed, invoices rejected by a platform until they are sent again), dunning level, broken promises and unpaid returns of 90 days, days beyond terms of 12 months (only where a rule or the log asks), review, onboarding. Amounts in base currency. Runs as the owner: who writes orders need not read all of it.';

-- Figures of a document, on top of those of its customer.
CREATE FUNCTION document_figures(figures jsonb, document jsonb, exposure_before numeric, exposure_after numeric, group_excess numeric DEFAULT NULL,
                                 not_counted bigint[] DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    payer bigint := (figures->>'customer_id')::bigint;
    credit_limit numeric := CASE WHEN (figures->>'decided')::boolean THEN (figures->>'limit_decided')::numeric     -- NULL: unlimited
                                 WHEN figures->>'no_limit_means' = 'default' THEN (figures->>'default_limit')::numeric END;
    beyond_horizon numeric := 0;
    result jsonb;
BEGIN
    IF figures->>'credit_horizon_days' IS NOT NULL THEN
        SELECT coalesce(sum(o.open_amount_base), 0) INTO beyond_horizon
        FROM sales_order o
        WHERE o.customer_id = payer AND o.deliver_on > (figures->>'decided_on')::date + (figures->>'credit_horizon_days')::integer
          AND o.order_id <> ALL (not_counted);
    END IF;
    result := figures || document || jsonb_build_object(
        -- the whole of an order, however it was brought to that
        'document_value', coalesce((document->>'document_value')::numeric, (document->>'document_amount')::numeric, (document->>'amount')::numeric),
        'exposure_before', exposure_before, 'exposure_after', exposure_after, 'beyond_horizon', beyond_horizon,
        'credit_limit', credit_limit, 'available', least(credit_limit - exposure_before + beyond_horizon, exposure_after - exposure_before - group_excess),
        'excess', exposure_after - beyond_horizon - credit_limit, 'group_excess', group_excess,
        'no_limit', (NOT (figures->>'decided')::boolean AND figures->>'no_limit_means' = 'hold')::integer);
    result := result || limit_figures(result);
    result := result || terms_figures(result);
    result := result || security_figures(result);
    RETURN result || insurance_figures(result);
END $$;
COMMENT ON FUNCTION document_figures(jsonb, jsonb, numeric, numeric, numeric, bigint[]) IS
'The figures of a customer (credit_figures) with those of a document: document has amount (what it adds, base currency) and, where known, document_amount (the whole order), document_value (left out: the whole order), order_id, terms, payment_method, deliver_on, contract_no. exposure_before and exposure_after are those of the account; group_excess is the largest excess over a group limit above (NULL = none); not_counted are orders that do not stand in these exposures. Adds limit, excess (orders beyond the credit horizon left out), terms, securities and cover. Runs as the owner, as credit_figures().';

CREATE FUNCTION figure_words(figure numeric, language text DEFAULT 'en') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN language = 'fr'
                THEN CASE WHEN figure < 0 THEN '-' ELSE '' END || replace(to_char(trunc(abs(figure)), 'FM999,999,999,999,999,999,990'), ',', ' ')
                     || replace(coalesce(substring(s.written FROM '\.\d+$'), ''), '.', ',')
                ELSE s.written END
    FROM (SELECT (CASE scale(trim_scale(figure)) WHEN 1 THEN round(figure, 2) ELSE trim_scale(figure) END)::text AS written) s
$$;
COMMENT ON FUNCTION figure_words(numeric, text) IS
'A figure as people write it: without decimals where it has none, else with two or as many as it has; in French (fr) 1 234,50. NULL for NULL.';

CREATE FUNCTION fill_words(words text, figures jsonb, language text DEFAULT 'en') RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT DISTINCT m[1] FROM regexp_matches(words, '\{([a-z0-9_]+)\}', 'g') m LOOP
        words := replace(words, '{' || name || '}',
            coalesce(CASE jsonb_typeof(figures->name) WHEN 'number' THEN figure_words((figures->>name)::numeric, language) ELSE figures->>name END, '-'));
    END LOOP;
    RETURN words;
END $$;
COMMENT ON FUNCTION fill_words(text, jsonb, text) IS
'Fills the {names} in words with figures of that name, as English (en) or French (fr) writes numbers; - for one that is not known.';

CREATE FUNCTION judge_credit(policy text, version integer, checkpoint text, figures jsonb,
                             OUT outcome text, OUT reasons text[], OUT cure text, OUT results jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN       -- plpgsql, since that keeps the plan
    WITH applying AS (
        SELECT r.rule_id, r.kind, r.action, k.figure, k.comparison, k.condition, k.cure_en, r.min_amount,
               CASE WHEN r.customer_id IS NOT NULL THEN 3 WHEN r.policy_group IS NOT NULL THEN 2 WHEN r.risk_class IS NOT NULL THEN 1 ELSE 0 END AS specificity,
               least(r.threshold, round(r.threshold_pct * (figures->>'credit_limit')::numeric / 100, 2)) AS threshold, k.passes_prepaid
        FROM blocking_rule r JOIN blocking_rule_kind k USING (kind)
        WHERE r.policy = judge_credit.policy AND r.since_version <= version AND (r.until_version IS NULL OR r.until_version > version)
          AND r.checkpoint = judge_credit.checkpoint
          AND (r.customer_id IS NULL OR r.customer_id = (figures->>'customer_id')::bigint)
          AND (r.policy_group IS NULL OR r.policy_group = figures->>'policy_group')
          AND (r.risk_class IS NULL OR r.risk_class = coalesce(figures->>'risk_class', 'C'))
          AND (r.month_end_days IS NULL OR (figures->>'days_to_month_end')::integer < r.month_end_days)
      UNION ALL     -- what is tested without any rule, as the ledger's settings say
        SELECT NULL, k.kind, CASE WHEN k.kind IN ('no_credit_limit', 'not_onboarded', 'deposit_missing', 'prepayment_missing') OR (k.kind IN ('customer_blocked', 'cash_only') AND figures->>'on_exceed' <> 'reject') THEN 'hold'
                                  ELSE figures->>'on_exceed' END,
               k.figure, k.comparison, NULL, k.cure_en, NULL, -1, 0, k.passes_prepaid
        FROM blocking_rule_kind k
        WHERE CASE judge_credit.checkpoint
              WHEN 'order' THEN k.kind IN ('credit_limit_exceeded', 'group_limit_exceeded', 'no_credit_limit', 'customer_blocked', 'cash_only', 'not_onboarded')
                                OR (k.kind = 'deposit_missing' AND figures->>'credit_mode' = 'deposit')
              WHEN 'delivery' THEN k.kind = 'prepayment_missing'     -- the promise that let the order pass
              ELSE false END
    ), judged AS (
        SELECT a.*, (figures->>a.figure)::numeric AS value
        FROM applying a
        WHERE a.action <> 'exclude'
          AND NOT EXISTS (SELECT FROM applying x WHERE x.kind = a.kind
                          AND (a.specificity = -1 AND x.specificity >= 0 OR x.action = 'exclude' AND x.specificity > a.specificity))
    ), fired AS (
        SELECT j.*, coalesce(CASE j.comparison WHEN '>' THEN j.value > j.threshold WHEN '>=' THEN j.value >= j.threshold ELSE j.value < j.threshold END
                             AND (j.min_amount IS NULL OR j.condition IS NULL OR (figures->>j.condition)::numeric >= j.min_amount)
                             AND NOT (j.passes_prepaid
                                      AND coalesce((figures->>CASE judge_credit.checkpoint WHEN 'order' THEN 'prepaid' ELSE 'paid_before_delivery' END)::integer, 0) = 1), false) AS fired
        FROM judged j
    ), summary AS (
        SELECT coalesce(max(array_position('{warn,hold,reject}', f.action)) FILTER (WHERE f.fired), 0) AS severity,
               array_agg(f.kind ORDER BY f.specificity, f.rule_id, f.kind) FILTER (WHERE f.fired) AS reasons,
               jsonb_agg(jsonb_build_object('rule_id', f.rule_id, 'kind', f.kind, 'action', f.action, 'figure', f.value,
                                            'threshold', f.threshold, 'fired', f.fired) ORDER BY f.specificity, f.rule_id, f.kind)
                   FILTER (WHERE f.rule_id IS NOT NULL OR f.fired) AS results
        FROM fired f
    )
    SELECT CASE WHEN s.severity = 0 THEN 'passed' WHEN s.severity = 1 OR figures->>'mode' = 'observe' THEN 'warned'
                WHEN s.severity = 2 THEN 'held' ELSE 'refused' END,
           coalesce((SELECT array_agg(DISTINCT k) FROM unnest(s.reasons) k), '{}'),
           (SELECT string_agg(DISTINCT fill_words(f.cure_en, figures || jsonb_build_object('threshold', f.threshold, 'beyond', f.value - f.threshold)), '; ')
            FROM fired f WHERE f.fired AND (f.action <> 'warn' OR s.severity = 1)),
           coalesce(s.results, '[]')
    INTO outcome, reasons, cure, results
    FROM summary s;
END $$;
COMMENT ON FUNCTION judge_credit(text, integer, text, jsonb) IS
'Judges figures (document_figures) by the rules of a policy in one of its versions at a checkpoint: outcome passed, warned, held or refused, all reasons, the cure in words, and each rule with its figure and threshold. A credit limit, a group limit, a missing limit, a block and a prospect that is not approved are tested also without a rule, at the order, as the figures'' on_exceed says; a rule of that kind takes their place. Depends on nothing but its arguments and the rules, so a decision can be judged again.';

CREATE FUNCTION decide_order(figures jsonb, order_id bigint, exposure_before numeric, exposure_after numeric, group_excess numeric, not_counted bigint[],
                             OUT outcome text, OUT reasons text[], OUT cure text, OUT inputs jsonb, OUT results jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    SELECT document_figures(figures, jsonb_strip_nulls(jsonb_build_object('amount', exposure_after - exposure_before, 'order_id', o.order_id,
               'terms', o.terms, 'payment_method', o.payment_method, 'deliver_on', o.deliver_on, 'contract_no', o.contract_no, 'ordered_on', o.ordered_on,
               'document_amount', CASE WHEN o.rate = 1 THEN o.amount ELSE round(o.amount * o.rate, 2) END)),
               exposure_before, exposure_after, group_excess, not_counted)
    INTO inputs
    FROM sales_order o WHERE o.customer_id = (figures->>'customer_id')::bigint AND o.order_id = decide_order.order_id;
    SELECT j.outcome, j.reasons, j.cure, j.results INTO outcome, reasons, cure, results
    FROM judge_credit(figures->>'policy', (figures->>'policy_version')::integer, 'order', inputs) j;
END $$;
COMMENT ON FUNCTION decide_order(jsonb, bigint, numeric, numeric, numeric, bigint[]) IS
'Judges an order that is written and posted: for the trigger of sales_order, which has locked and moved the account. Returns the outcome, reasons, cure, and what to keep with the decision.';
