-- Early warning: who got worse, against its own past. Ten signals, as of any
-- day and as known at any instant, of all customers asked for in one
-- statement; a threshold is a row of alert_rule.

INSERT INTO alert_kind (kind, severity, lasting, name_en, name_fr) VALUES
    ('delay_degradation',     'warning', true, 'Pays later than it used to', 'Dégradation des délais de paiement'),
    ('behaviour_degradation', 'warning', true, 'Behaves worse than it used to', 'Dégradation du comportement de paiement'),
    ('early_warning',         'warning', true, 'Several signals of early warning at once', 'Plusieurs signaux d''alerte précoce');

INSERT INTO alert_rule (kind, parameter, value, unit, name_en, name_fr) VALUES
    ('early_warning', 'recent_months',         3,    'months', 'The recent months that are looked at', 'Mois récents observés'),
    ('early_warning', 'base_months',           12,   'months', 'The months that they are compared with, themselves included', 'Mois de référence, les récents compris'),
    ('early_warning', 'min_signals',           2,    NULL,     'An alert from so many signals on', 'Alerte à partir de ce nombre de signaux'),
    ('early_warning', 'critical_signals',      4,    NULL,     'Critical from so many signals on', 'Critique à partir de ce nombre de signaux'),
    ('delay_degradation', 'days_worse',        5,    'days',   'Days beyond terms, recent above those of the base', 'Jours de retard de plus que sur la période de référence'),
    ('delay_degradation', 'min_items',         3,    NULL,     'At least so many recent payments and overdue items', 'Nombre minimal de paiements et d''échus récents'),
    ('behaviour_degradation', 'on_time_points', 20,  'points', 'Share paid on time, below that of the base by', 'Baisse de la part payée à l''heure'),
    ('behaviour_degradation', 'min_payments',  3,    NULL,     'At least so many recent payments', 'Nombre minimal de paiements récents'),
    ('behaviour_degradation', 'min_broken',    2,    NULL,     'At least so many recent broken promises', 'Nombre minimal de promesses non tenues récentes'),
    ('behaviour_degradation', 'min_returned',  1,    NULL,     'At least so many recent payments returned for want of funds', 'Nombre minimal de rejets récents pour défaut de provision'),
    ('behaviour_degradation', 'times_usual',   2,    NULL,     'At least so many times the usual number', 'Multiple du nombre habituel'),
    ('early_warning', 'partial_points',        15,   'points', 'Share of partial payments, above that of the base by', 'Hausse de la part des paiements partiels'),
    ('early_warning', 'min_partial',           2,    NULL,     'At least so many recent partial payments', 'Nombre minimal de paiements partiels récents'),
    ('early_warning', 'utilization_points',    15,   'points', 'Mean utilisation of the limit, above that of the months before by', 'Hausse de l''utilisation moyenne du plafond'),
    ('early_warning', 'min_utilization',       70,   '%',      'At least such a recent mean utilisation', 'Utilisation moyenne récente minimale'),
    ('early_warning', 'order_days',            30,   'days',   'Orders of so many days', 'Commandes de tant de jours'),
    ('early_warning', 'order_times',           2,    NULL,     'At least so many times its own mean, and those of the same days a year ago', 'Multiple de sa moyenne, et des mêmes jours un an plus tôt'),
    ('early_warning', 'min_order_amount',      1000, 'base currency', 'At least such an amount of recent orders', 'Montant minimal des commandes récentes'),
    ('early_warning', 'min_orders_before',     6,    NULL,     'At least so many orders in the year before', 'Nombre minimal de commandes l''année précédente'),
    ('early_warning', 'min_disputes',          2,    NULL,     'At least so many recent disputes', 'Nombre minimal de litiges récents'),
    ('early_warning', 'dispute_times',         2,    NULL,     'At least so many times the usual number of disputes', 'Multiple du nombre habituel de litiges'),
    ('early_warning', 'rating_points',         10,   'points', 'External rating, lower by', 'Baisse de la notation externe'),
    ('early_warning', 'score_points',          10,   'points', 'Score on the common scale, lower by', 'Baisse du score');

-- value and threshold speak of the same thing: of a rise value >= threshold
-- fires, of a fall value <= threshold. Both are judged as they are shown.
CREATE FUNCTION warning_signals(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, signal text, value numeric, threshold numeric, triggered boolean, compared_with numeric, explanation_en text, explanation_fr text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    day CONSTANT date := warning_signals.as_of;
    known CONSTANT timestamptz := warning_signals.known_at;
    payers CONSTANT bigint[] := ARRAY(SELECT a.customer_id FROM credit_account a
                                      WHERE warning_signals.customer_ids IS NULL OR a.customer_id = ANY (warning_signals.customer_ids));
    setting behaviour_setting;
    recent_months integer := alert_parameter('early_warning', 'recent_months');
    base_months integer := alert_parameter('early_warning', 'base_months');
    order_days integer := alert_parameter('early_warning', 'order_days');
    past date;              -- the last day of the time before
    since date;
    usual numeric;          -- the share of the base that the recent months are
BEGIN
    IF day IS NULL OR NOT isfinite(day) OR known IS NULL THEN
        RAISE EXCEPTION 'argument "%" must be a %', CASE WHEN known IS NULL THEN 'known_at' ELSE 'as_of' END, CASE WHEN known IS NULL THEN 'moment' ELSE 'day' END
            USING ERRCODE = '22023';
    ELSIF recent_months < 1 OR base_months <= recent_months OR order_days NOT BETWEEN 1 AND 365 THEN
        RAISE EXCEPTION 'the recent months (%) must be fewer than those of the base (%), and order_days (%) lie between 1 and 365', recent_months, base_months, order_days
            USING ERRCODE = '22023', HINT = 'alert_rule has them.';
    END IF;
    past := (day - make_interval(months => recent_months))::date;
    since := (day - make_interval(months => base_months))::date + 1;
    usual := recent_months::numeric / base_months;
    SELECT s.* INTO setting FROM behaviour_setting s;
    RETURN QUERY
    WITH rule AS MATERIALIZED (
        SELECT jsonb_object_agg(r.parameter, r.value) AS p FROM alert_rule r WHERE r.kind IN ('early_warning', 'delay_degradation', 'behaviour_degradation')
    ), settlement AS MATERIALIZED (
        SELECT s.* FROM settlement_as_of(payers, since, day, known) s
    ), owed AS MATERIALIZED (
        SELECT o.* FROM owed_as_of(payers, day, known) o
    ), grace AS MATERIALIZED (
        SELECT d.due_on, business_day(d.due_on) + setting.on_time_days AS on_time_until FROM (SELECT DISTINCT s.due_on FROM settlement s) d
    ), timed AS (           -- what is not paid is as late as it is by now
        SELECT s.customer_id, s.amount_base, s.due_on, s.due_on + s.counted_days AS paid_on, s.settled_on > past AS recent, s.amount_base AS paid,
               CASE WHEN s.due_on + s.counted_days <= g.on_time_until THEN s.amount_base ELSE 0 END AS on_time
        FROM settlement s JOIN grace g USING (due_on) WHERE s.payment_id IS NOT NULL
      UNION ALL
        SELECT o.customer_id, o.unpaid_base, o.due_on, day, o.due_on > past, NULL, NULL FROM owed o
        WHERE o.due_on < day AND o.due_on >= since AND o.unpaid_base > 0
    ), lateness AS (
        SELECT t.customer_id, round(credit_risk.avg_days_beyond_terms(t.amount_base, t.due_on, t.paid_on) FILTER (WHERE t.recent), 2) AS days,
               round(credit_risk.avg_days_beyond_terms(t.amount_base, t.due_on, t.paid_on), 2) AS days_base,
               count(*) FILTER (WHERE t.recent) AS items, count(t.paid) FILTER (WHERE t.recent) AS payments,
               round(100 * sum(t.on_time) FILTER (WHERE t.recent) / nullif(sum(t.paid) FILTER (WHERE t.recent), 0), 2) AS on_time,
               round(100 * sum(t.on_time) / nullif(sum(t.paid), 0), 2) AS on_time_base
        FROM timed t GROUP BY t.customer_id
    ), item AS (
        SELECT s.customer_id, s.invoice_id, s.instalment_no, max(s.settled_on) AS last_on FROM settlement s GROUP BY s.customer_id, s.invoice_id, s.instalment_no
    ), part AS (            -- one payment of an item in a day, and whether it left something open
        SELECT DISTINCT s.customer_id, s.invoice_id, s.instalment_no, s.settled_on, s.settled_on < i.last_on OR o.invoice_id IS NOT NULL AS partial
        FROM settlement s JOIN item i USING (customer_id, invoice_id, instalment_no)
        LEFT JOIN owed o ON (o.customer_id, o.invoice_id, o.instalment_no) = (s.customer_id, s.invoice_id, s.instalment_no) AND o.open_amount > 0
        WHERE s.payment_id IS NOT NULL
    ), partial AS (
        SELECT p.customer_id, count(*) FILTER (WHERE p.partial AND p.settled_on > past) AS parts,
               round(100.0 * count(*) FILTER (WHERE p.partial AND p.settled_on > past) / nullif(count(*) FILTER (WHERE p.settled_on > past), 0), 2) AS pct,
               round(100.0 * count(*) FILTER (WHERE p.partial) / count(*), 2) AS pct_base
        FROM part p GROUP BY p.customer_id
    ), word AS (
        SELECT p.customer_id, count(*) FILTER (WHERE p.closed_on > past) AS recent, count(*) AS base
        FROM promise p
        WHERE p.customer_id = ANY (payers) AND p.outcome IN ('broken', 'partly_kept') AND p.closed_on BETWEEN since AND day AND p.closed_at <= known
        GROUP BY p.customer_id
    ), returned AS (
        SELECT e.customer_id, count(*) FILTER (WHERE e.occurred_on > past) AS recent, count(*) AS base
        FROM default_event e
        WHERE e.customer_id = ANY (payers) AND e.kind = 'returned_payment' AND e.reversal_of IS NULL AND e.occurred_on BETWEEN since AND day AND e.recorded_at <= known
          AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id
                                                        AND r.occurred_on <= day AND r.recorded_at <= known)
        GROUP BY e.customer_id
    ), contested AS (       -- a fault of ours, once admitted, says nothing about the customer
        SELECT d.customer_id, count(*) FILTER (WHERE d.opened_on > past) AS recent, count(*) AS base
        FROM dispute d LEFT JOIN dispute_root_cause c USING (root_cause)
        WHERE d.customer_id = ANY (payers) AND d.opened_on BETWEEN since AND day AND d.recorded_at <= known
          AND NOT coalesce(d.outcome IN ('accepted', 'partly_accepted') AND c.our_fault AND d.closed_on <= day AND d.closed_at <= known, false)
        GROUP BY d.customer_id
    ), moved AS (           -- the mean of a sum over days is linear in its facts
        SELECT f.customer_id, f.effective_on, f.amount_base FROM receivable_fact f WHERE f.customer_id = ANY (payers) AND f.effective_on <= day AND f.recorded_at <= known
      UNION ALL
        SELECT f.customer_id, f.effective_on, -f.amount_base FROM unapplied_fact f WHERE f.customer_id = ANY (payers) AND f.effective_on <= day AND f.recorded_at <= known
      UNION ALL
        SELECT f.customer_id, f.effective_on, f.amount_base FROM unmatured_fact f WHERE f.customer_id = ANY (payers) AND f.effective_on <= day AND f.recorded_at <= known
      UNION ALL
        SELECT e.customer_id, e.effective_on, e.open_amount_base + e.unbilled_base FROM order_event e
        WHERE e.customer_id = ANY (payers) AND e.effective_on <= day AND e.recorded_at <= known
    ), used AS (
        SELECT m.customer_id, sum(m.amount_base * (day - greatest(m.effective_on, past + 1) + 1)) / (day - past) AS mean,
               sum(m.amount_base * (past - greatest(m.effective_on, since) + 1)) FILTER (WHERE m.effective_on <= past) / (past - since + 1) AS mean_before
        FROM moved m GROUP BY m.customer_id
    ), in_force AS (
        SELECT DISTINCT ON (l.customer_id, d.on_day) l.customer_id, d.on_day, l.amount_base
        FROM credit_limit l JOIN (VALUES (day), (past)) d (on_day) ON d.on_day BETWEEN l.valid_from AND coalesce(l.valid_to, 'infinity')
        WHERE l.customer_id = ANY (payers) AND l.level = 'customer' AND l.recorded_at <= known
        ORDER BY l.customer_id, d.on_day, array_position('{temporary,base,trial}', l.kind), l.credit_limit_id DESC
    ), utilization AS (     -- a limit that is new is the measure of the time before, too
        SELECT u.customer_id, round(100 * u.mean / n.amount_base, 2) AS pct, round(100 * u.mean_before / coalesce(nullif(b.amount_base, 0), n.amount_base), 2) AS pct_before
        FROM used u JOIN in_force n ON n.customer_id = u.customer_id AND n.on_day = day AND n.amount_base > 0
        LEFT JOIN in_force b ON b.customer_id = u.customer_id AND b.on_day = past
    ), ordered AS (
        SELECT o.customer_id, o.ordered_on, o.amount_base AS amount FROM ordered_as_of(payers, day - 364 - order_days, day, known) o
    ), surge AS (
        SELECT o.customer_id, sum(o.amount) FILTER (WHERE o.ordered_on > day - order_days) AS amount, count(*) FILTER (WHERE o.ordered_on <= day - order_days) AS before,
               round(coalesce(sum(o.amount) FILTER (WHERE o.ordered_on <= day - order_days), 0) * order_days / 365, 2) AS mean,
               coalesce(sum(o.amount) FILTER (WHERE o.ordered_on <= day - 365), 0) AS year_ago
        FROM ordered o GROUP BY o.customer_id
    ), rated AS (           -- a change of provider is no drop
        SELECT n.customer_id, n.score AS now, b.score AS before
        FROM rating_in_force(payers, day, known) n
        LEFT JOIN rating_in_force(payers, past, known) b ON b.customer_id = n.customer_id AND b.provider = n.provider
        WHERE n.score IS NOT NULL
    ), scored AS (
        SELECT DISTINCT ON (s.customer_id, d.on_day) s.customer_id, d.on_day, s.rating
        FROM customer_score s JOIN (VALUES (day), (past)) d (on_day) ON s.as_of <= d.on_day
        WHERE s.customer_id = ANY (payers) AND s.role = 'champion' AND s.recorded_at <= known
        ORDER BY s.customer_id, d.on_day, s.as_of DESC, s.score_id DESC
    ), found AS (
        SELECT q.customer_id, v.*
        FROM unnest(payers) q (customer_id) CROSS JOIN rule r
        LEFT JOIN lateness l USING (customer_id) LEFT JOIN partial p USING (customer_id) LEFT JOIN word w USING (customer_id) LEFT JOIN returned b USING (customer_id)
        LEFT JOIN contested d USING (customer_id) LEFT JOIN utilization u USING (customer_id) LEFT JOIN surge s USING (customer_id) LEFT JOIN rated x USING (customer_id)
        LEFT JOIN scored n ON n.customer_id = q.customer_id AND n.on_day = day LEFT JOIN scored m ON m.customer_id = q.customer_id AND m.on_day = past
        CROSS JOIN LATERAL (VALUES
            (1, 'delay_trend', l.days, l.days_base + (r.p->>'days_worse')::numeric, l.days_base, l.items >= (r.p->>'min_items')::numeric, false,
                'days beyond terms', 'jours de retard'),
            (2, 'on_time_drop', l.on_time, l.on_time_base - (r.p->>'on_time_points')::numeric, l.on_time_base, l.payments >= (r.p->>'min_payments')::numeric, true,
                '% paid on time', '% payés à l''heure'),
            (3, 'broken_promises', coalesce(w.recent, 0), greatest((r.p->>'min_broken')::numeric, round((r.p->>'times_usual')::numeric * usual * coalesce(w.base, 0), 2)),
                round(usual * coalesce(w.base, 0), 2), true, false, 'broken promises', 'promesses non tenues'),
            (4, 'returned_payments', coalesce(b.recent, 0), greatest((r.p->>'min_returned')::numeric, round((r.p->>'times_usual')::numeric * usual * coalesce(b.base, 0), 2)),
                round(usual * coalesce(b.base, 0), 2), true, false, 'payments returned for want of funds', 'rejets pour défaut de provision'),
            (5, 'partial_payments', p.pct, p.pct_base + (r.p->>'partial_points')::numeric, p.pct_base, p.parts >= (r.p->>'min_partial')::numeric, false,
                '% partial payments', '% de paiements partiels'),
            (6, 'limit_creeping', u.pct, greatest((r.p->>'min_utilization')::numeric, u.pct_before + (r.p->>'utilization_points')::numeric), u.pct_before, u.pct_before IS NOT NULL, false,
                '% of the limit used on average', '% du plafond utilisés en moyenne'),
            (7, 'order_surge', s.amount, greatest((r.p->>'min_order_amount')::numeric, (r.p->>'order_times')::numeric * greatest(s.mean, s.year_ago)), greatest(s.mean, s.year_ago),
                s.before >= (r.p->>'min_orders_before')::numeric, false, format('ordered in %s days', order_days), format('commandés en %s jours', order_days)),
            (8, 'new_disputes', coalesce(d.recent, 0), greatest((r.p->>'min_disputes')::numeric, round((r.p->>'dispute_times')::numeric * usual * coalesce(d.base, 0), 2)),
                round(usual * coalesce(d.base, 0), 2), true, false, 'new disputes', 'nouveaux litiges'),
            (9, 'rating_drop', x.now, x.before - (r.p->>'rating_points')::numeric, x.before, true, true, 'points of external rating', 'points de notation externe'),
            (10, 'score_drop', n.rating, m.rating - (r.p->>'score_points')::numeric, m.rating, true, true, 'points of score', 'points de score')
        ) v (place, signal, value, threshold, compared_with, enough, falls, name_en, name_fr)
    )
    SELECT f.customer_id, f.signal, f.value, f.threshold, g.triggered, f.compared_with,
           CASE WHEN f.value IS NULL OR f.compared_with IS NULL THEN format('%s: nothing to compare', f.name_en)
                ELSE format('%s %s, usual %s, %s%s', trim_scale(f.value), f.name_en, trim_scale(f.compared_with),
                            CASE WHEN f.threshold < 0 THEN 'too little to fall further' ELSE format('fires at %s', trim_scale(f.threshold)) END,
                            CASE WHEN f.enough THEN '' ELSE ': too few to tell' END) END,
           CASE WHEN f.value IS NULL OR f.compared_with IS NULL THEN format('%s : rien à comparer', f.name_fr)
                ELSE format('%s %s, habituel %s, %s%s', trim_scale(f.value), f.name_fr, trim_scale(f.compared_with),
                            CASE WHEN f.threshold < 0 THEN 'trop peu pour baisser encore' ELSE format('seuil %s', trim_scale(f.threshold)) END,
                            CASE WHEN f.enough THEN '' ELSE ' : trop peu pour juger' END) END
    FROM found f
    CROSS JOIN LATERAL (SELECT coalesce(f.enough AND CASE WHEN f.falls THEN f.value <= f.threshold ELSE f.value >= f.threshold END, false) AS triggered) g
    ORDER BY f.customer_id, f.place;
END $$;
COMMENT ON FUNCTION warning_signals(bigint[], date, timestamptz) IS
'The signals of early warning (signaux d''alerte précoce) of these payers (NULL = all) on a day, as known at an instant (default: all that is known now); a later fact changes nothing. Ten rows a payer: value of the recent months (3), compared_with that of the base (12 months, themselves included), threshold the value at which it fires, by alert_rule. value NULL = nothing known; it fires only where there is something to compare with, and enough of it.
delay_trend: days beyond terms weighted by amount, what fell due and is unpaid included. on_time_drop: share of the amount paid on time, percent. broken_promises (broken or partly kept), returned_payments (for want of funds) and new_disputes (without those that we admitted as our fault): number, compared with the usual number for as many months. partial_payments: payments of an item that left some of it open, percent. limit_creeping: mean exposure of the days of the recent months in percent of the limit in force on the day, compared with the months before and the limit in force then; deliveries without an order are not counted, NULL where the limit is none, unlimited or 0. order_surge: ordered in 30 days, base currency, held orders included as they were placed, cancelled ones not; compared with the mean of the 365 days before or the same days a year ago, whichever is more. rating_drop: external rating in force, compared with that of the same provider before the recent months. score_drop: rating of the score, likewise. 22023 for no day or moment, or months in alert_rule that do not go together.';

CREATE FUNCTION early_warning(customer_id bigint, as_of date DEFAULT NULL, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (signal text, value numeric, threshold numeric, triggered boolean, compared_with numeric, explanation_en text, explanation_fr text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path FROM CURRENT
AS $$
DECLARE
    payer bigint := (SELECT coalesce(c.payer_id, c.customer_id) FROM customer c WHERE c.customer_id = early_warning.customer_id);
BEGIN
    IF payer IS NULL THEN
        RAISE EXCEPTION 'customer % does not exist', coalesce(early_warning.customer_id::text, 'NULL') USING ERRCODE = 'CR004';
    END IF;
    RETURN QUERY
    SELECT w.signal, w.value, w.threshold, w.triggered, w.compared_with, w.explanation_en, w.explanation_fr
    FROM warning_signals(ARRAY[payer], coalesce(early_warning.as_of, business_date()), early_warning.known_at) w;
END $$;
COMMENT ON FUNCTION early_warning(bigint, date, timestamptz) IS
'The signals of early warning of a customer, which are those of its payer, on a day (NULL = business date), as known at an instant: value, threshold, whether it fires, what it is compared with, in words. Columns of warning_signals(). CR004 for an unknown customer.';

CREATE FUNCTION early_warning_alerts(customer_ids bigint[], as_of date) RETURNS SETOF due_alert
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH fired AS (
        SELECT w.*, CASE WHEN w.signal = 'delay_trend' THEN 'delay_degradation'
                         WHEN w.signal IN ('on_time_drop', 'broken_promises', 'returned_payments') THEN 'behaviour_degradation' END AS kind
        FROM warning_signals(customer_ids, early_warning_alerts.as_of) w WHERE w.triggered
    ), raised AS (
        SELECT f.customer_id, f.kind, f.signal, f.value, f.threshold, f.compared_with, f.explanation_en, f.explanation_fr FROM fired f WHERE f.kind IS NOT NULL
      UNION ALL
        SELECT f.customer_id, 'early_warning', f.signal, f.value, f.threshold, f.compared_with, f.explanation_en, f.explanation_fr FROM fired f
    )
    SELECT r.customer_id, r.kind, '', CASE WHEN r.kind = 'early_warning' AND count(*) >= alert_parameter('early_warning', 'critical_signals') THEN 'critical' END,
           string_agg(r.explanation_en, '; ' ORDER BY r.signal), string_agg(r.explanation_fr, ' ; ' ORDER BY r.signal),
           jsonb_build_object('signals', count(*)) || jsonb_object_agg(r.signal, jsonb_build_object('value', r.value, 'threshold', r.threshold, 'compared_with', r.compared_with))
    FROM raised r
    GROUP BY r.customer_id, r.kind
    HAVING r.kind <> 'early_warning' OR count(*) >= alert_parameter('early_warning', 'min_signals')
$$;
COMMENT ON FUNCTION early_warning_alerts(bigint[], date) IS
'The alerts that the signals of early warning ask for on a day, of these payers (NULL = all), for settle_alerts(): delay_degradation (delay_trend), behaviour_degradation (on_time_drop, broken_promises, returned_payments) and early_warning (min_signals of any; critical from critical_signals on). figures has the number of signals, and of each value, threshold and what it is compared with. 22023 as warning_signals().';

-- The screen of a credit manager: the worst first, of those the largest.
CREATE VIEW early_warning_list AS
SELECT w.customer_id, c.code, c.name, c.risk_class, t.exposure, cardinality(w.signals) AS signals, w.severity, w.signals AS signal_names, w.kinds, w.since, w.acknowledged
FROM (SELECT a.customer_id, array_agg(DISTINCT s.signal ORDER BY s.signal) AS signals, array_agg(DISTINCT a.kind ORDER BY a.kind) AS kinds, min(a.opened_on) AS since,
             bool_and(a.acknowledged_on IS NOT NULL) AS acknowledged,
             (array_agg(a.severity ORDER BY array_position('{critical,warning,info}', a.severity)))[1] AS severity
      FROM alert a CROSS JOIN LATERAL jsonb_object_keys(a.figures - 'signals') s (signal)
      WHERE a.closed_on IS NULL AND a.kind IN ('delay_degradation', 'behaviour_degradation', 'early_warning')
      GROUP BY a.customer_id) w
JOIN customer c USING (customer_id) LEFT JOIN credit_account t ON t.customer_id = coalesce(c.payer_id, c.customer_id)
ORDER BY array_position('{critical,warning,info}', w.severity), w.acknowledged, t.exposure DESC NULLS LAST, w.customer_id;
COMMENT ON VIEW early_warning_list IS
'Customers with an open alert of early warning (liste des clients en alerte précoce): signals that fire and their number, the hardest severity, kinds of alerts, since when, whether all of them were taken note of, exposure of the payer now, base currency. In the order of work: critical first, then what nobody has seen, then the largest exposure.';
