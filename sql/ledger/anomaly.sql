-- Anomalies: what a customer never did before. One order, one payment, one
-- invoice against its own past, as of any day and as known at any instant, of
-- all customers asked for in one statement; what a season explains is none.

INSERT INTO alert_kind (kind, severity, min_exposure, lasting, name_en, name_fr) VALUES
    ('order_anomaly',       'warning', 0,    true, 'An order far above its usual ones', 'Commande d''un montant inhabituel'),
    ('order_burst',         'warning', 0,    true, 'Orders far more often than usual', 'Rafale de commandes'),
    ('unusual_terms',       'warning', 0,    true, 'Longer terms than it ever had', 'Conditions de paiement inhabituelles'),
    ('unusual_ship_to',     'warning', 0,    true, 'A place of delivery that it never used', 'Lieu de livraison inhabituel'),
    ('month_end_spike',     'info',    1000, true, 'Orders heaped at the end of the month', 'Pic de commandes en fin de mois'),
    ('new_payment_account', 'warning', 0,    true, 'Payment from an account that it never used', 'Règlement depuis un nouveau compte bancaire'),
    ('sudden_delay',        'warning', 1000, true, 'Pays far later than it ever did', 'Retard de paiement soudain');

INSERT INTO alert_rule (kind, parameter, value, unit, name_en, name_fr) VALUES
    ('order_anomaly', 'recent_days',  30,   'days', 'Of all anomalies: what so many days brought is looked at', 'Toutes anomalies : jours récents observés'),
    ('order_anomaly', 'history_days', 365,  'days', 'Of all anomalies: and compared with so many days before', 'Toutes anomalies : jours de référence antérieurs'),
    ('order_anomaly', 'former_days',  730,  'days', 'Of all anomalies: never is not in so many days', 'Toutes anomalies : profondeur de recherche de l''inédit'),
    ('order_anomaly', 'season_days',  30,   'days', 'Of all anomalies: a year ago may be so many days earlier or later', 'Toutes anomalies : tolérance sur la même saison un an plus tôt'),
    ('order_anomaly', 'season_times', 1.5,  NULL,   'Of orders: at least so many times the most of the same season a year ago', 'Multiple du maximum de la même saison un an plus tôt'),
    ('order_anomaly', 'robust_z',     3.5,  NULL,   'A robust z-score above it', 'Score z robuste au-delà duquel une commande est inhabituelle'),
    ('order_anomaly', 'times_usual',  2,    NULL,   'At least so many times the usual order', 'Multiple de la commande habituelle'),
    ('order_anomaly', 'min_amount',   1000, 'base currency', 'At least such an amount', 'Montant minimal'),
    ('order_anomaly', 'min_orders',   6,    NULL,   'At least so many orders before', 'Nombre minimal de commandes antérieures'),
    ('order_burst', 'window_days',    7,    'days', 'Orders of so many days are counted', 'Commandes comptées sur tant de jours'),
    ('order_burst', 'robust_z',       3.5,  NULL,   'A robust z-score above it', 'Score z robuste au-delà duquel la fréquence est inhabituelle'),
    ('order_burst', 'times_usual',    2,    NULL,   'At least so many times the usual number', 'Multiple du nombre habituel'),
    ('order_burst', 'min_recent',     5,    NULL,   'At least so many orders', 'Nombre minimal de commandes récentes'),
    ('order_burst', 'min_amount',     1000, 'base currency', 'At least such an amount together', 'Montant cumulé minimal'),
    ('order_burst', 'min_windows',    12,   NULL,   'At least so many windows before, from the first order on', 'Nombre minimal de périodes antérieures'),
    ('unusual_terms', 'days_longer',  15,   'days', 'Longer than it ever had by', 'Jours de plus que le plus long délai accordé'),
    ('unusual_terms', 'min_amount',   1000, 'base currency', 'At least such an amount', 'Montant minimal'),
    ('unusual_terms', 'min_documents', 3,   NULL,   'Without terms of its own: at least so many documents before', 'Sans conditions propres : nombre minimal de documents antérieurs'),
    ('unusual_ship_to', 'min_amount', 1000, 'base currency', 'At least such an amount to the new place', 'Montant minimal vers le nouveau lieu'),
    ('unusual_ship_to', 'min_documents', 5, NULL,   'At least so many documents before', 'Nombre minimal de documents antérieurs'),
    ('month_end_spike', 'last_days',  5,    'days', 'The last days of the month', 'Derniers jours du mois'),
    ('month_end_spike', 'robust_z',   3.5,  NULL,   'A robust z-score of their share above it', 'Score z robuste de leur part'),
    ('month_end_spike', 'points',     25,   'points', 'Share above the usual one, and that of the same month a year ago, by', 'Hausse de la part sur l''habituelle et sur celle du même mois un an plus tôt'),
    ('month_end_spike', 'times_usual', 2,   NULL,   'Amount at least so many times that of usual last days', 'Multiple du montant habituel des derniers jours'),
    ('month_end_spike', 'min_orders', 3,    NULL,   'At least so many orders in the last days', 'Nombre minimal de commandes des derniers jours'),
    ('month_end_spike', 'min_amount', 1000, 'base currency', 'At least such an amount in the last days', 'Montant minimal des derniers jours'),
    ('month_end_spike', 'min_months', 6,    NULL,   'At least so many months before with orders, of the last 12', 'Nombre minimal de mois antérieurs avec commandes, sur 12'),
    ('new_payment_account', 'min_amount',   500, 'base currency', 'At least such an amount from the new account', 'Montant minimal depuis le nouveau compte'),
    ('new_payment_account', 'min_payments', 3,   NULL,   'At least so many payments from other accounts before', 'Nombre minimal de règlements antérieurs d''autres comptes'),
    ('sudden_delay', 'robust_z',      3.5,  NULL,   'A robust z-score above it', 'Score z robuste au-delà duquel le retard est inhabituel'),
    ('sudden_delay', 'days_worse',    15,   'days', 'Later than usual, and than in the same season a year ago, by', 'Jours de plus que l''habituel et que la même saison un an plus tôt'),
    ('sudden_delay', 'min_days',      10,   'days', 'At least so many days after the due date', 'Retard minimal'),
    ('sudden_delay', 'min_amount',    500,  'base currency', 'At least such an amount', 'Montant minimal'),
    ('sudden_delay', 'min_items',     6,    NULL,   'At least so many items paid before', 'Nombre minimal de postes payés auparavant');

-- Four of the seven are a matter of statistics, and share one sample and one
-- threshold: robust z, by the mean deviation where half of the past is alike,
-- and by the rule alone where all of it is. Three ask what was never there.
CREATE FUNCTION anomalies_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, anomaly text, key text, value numeric, usual numeric, threshold numeric, measure numeric, compared bigint, found_on date,
               explanation_en text, explanation_fr text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    day CONSTANT date := anomalies_as_of.as_of;
    known CONSTANT timestamptz := anomalies_as_of.known_at;
    payers CONSTANT bigint[] := ARRAY(SELECT a.customer_id FROM credit_account a
                                      WHERE anomalies_as_of.customer_ids IS NULL OR a.customer_id = ANY (anomalies_as_of.customer_ids));
    recent_days CONSTANT integer := alert_parameter('order_anomaly', 'recent_days');
    history_days CONSTANT integer := alert_parameter('order_anomaly', 'history_days');
    former_days CONSTANT integer := alert_parameter('order_anomaly', 'former_days');
    season_days CONSTANT integer := alert_parameter('order_anomaly', 'season_days');
    season_times CONSTANT numeric := alert_parameter('order_anomaly', 'season_times');
    window_days CONSTANT integer := alert_parameter('order_burst', 'window_days');
    last_days CONSTANT integer := alert_parameter('month_end_spike', 'last_days');
    base CONSTANT text := (SELECT l.base_currency FROM ledger l);
    rule CONSTANT jsonb := (SELECT jsonb_object_agg(r.kind || '.' || r.parameter, r.value) FROM alert_rule r);
    past date;              -- the last day of the time before
    since date;             -- the first day of the time compared with
    oldest date;
    month_start date;       -- the month that ended last
    month_end date;
BEGIN
    IF day IS NULL OR NOT isfinite(day) OR known IS NULL THEN
        RAISE EXCEPTION 'argument "%" must be a %', CASE WHEN known IS NULL THEN 'known_at' ELSE 'as_of' END, CASE WHEN known IS NULL THEN 'moment' ELSE 'day' END
            USING ERRCODE = '22023';
    ELSIF recent_days NOT BETWEEN 1 AND 180 OR history_days NOT BETWEEN 90 AND 3660 OR former_days NOT BETWEEN history_days AND 3660 OR season_days > 90
          OR window_days NOT BETWEEN 1 AND 90 OR last_days NOT BETWEEN 1 AND 27 THEN
        RAISE EXCEPTION 'recent_days (%) lie between 1 and 180, history_days (%) between 90 and former_days (%), these up to 3660, season_days (%) up to 90, window_days (%) between 1 and 90, last_days (%) between 1 and 27',
                        recent_days, history_days, former_days, season_days, window_days, last_days
            USING ERRCODE = '22023', HINT = 'alert_rule has them.';
    END IF;
    past := day - recent_days;
    since := past - history_days + 1;
    month_end := date_trunc('month', day + 1)::date - 1;
    month_start := date_trunc('month', month_end)::date;
    oldest := least(past - former_days, past - 365 - season_days, (month_start - interval '12 months')::date - 1) + 1;
    RETURN QUERY
    WITH ordered AS MATERIALIZED (
        SELECT o.*, day - o.ordered_on AS days_ago FROM ordered_as_of(payers, oldest, day, known) o
    ),

    -- One order.
    large AS (
        SELECT o.* FROM ordered o WHERE o.ordered_on > past AND o.amount_base >= (rule->>'order_anomaly.min_amount')::numeric
    ),

    -- Many orders.
    burst AS (
        SELECT o.customer_id, count(*) FILTER (WHERE o.days_ago < window_days) AS orders,
               greatest(least(history_days, day - min(o.ordered_on)) / window_days, 0) AS windows
        FROM ordered o GROUP BY o.customer_id
        HAVING count(*) FILTER (WHERE o.days_ago < window_days) >= (rule->>'order_burst.min_recent')::numeric
           AND sum(o.amount_base) FILTER (WHERE o.days_ago < window_days) >= (rule->>'order_burst.min_amount')::numeric
    ), counted AS MATERIALIZED (
        SELECT b.customer_id, w.n, count(o.order_id) AS orders
        FROM burst b CROSS JOIN LATERAL generate_series(1, greatest(b.windows, (365 + season_days) / window_days)) w (n)
        LEFT JOIN ordered o ON o.customer_id = b.customer_id AND o.days_ago / window_days = w.n
        GROUP BY b.customer_id, w.n
    ),

    -- The end of the month.
    monthly AS MATERIALIZED (
        SELECT o.customer_id, m.first_on, round(100 * coalesce(sum(o.amount_base) FILTER (WHERE m.late), 0) / sum(o.amount_base), 2) AS share,
               coalesce(sum(o.amount_base) FILTER (WHERE m.late), 0) AS amount, count(*) FILTER (WHERE m.late) AS orders
        FROM ordered o
        CROSS JOIN LATERAL (SELECT date_trunc('month', o.ordered_on)::date AS first_on,
                                   o.ordered_on >= (date_trunc('month', o.ordered_on) + interval '1 month')::date - last_days AS late) m
        WHERE o.ordered_on BETWEEN month_start - interval '12 months' AND month_end
        GROUP BY o.customer_id, m.first_on
    ), heap AS (
        SELECT m.customer_id, m.share
        FROM monthly m JOIN (SELECT b.customer_id, avg(b.amount) AS amount FROM monthly b WHERE b.first_on < month_start GROUP BY b.customer_id) u USING (customer_id)
        WHERE m.first_on = month_start AND m.orders >= (rule->>'month_end_spike.min_orders')::numeric AND m.amount >= (rule->>'month_end_spike.min_amount')::numeric
          AND m.amount >= (rule->>'month_end_spike.times_usual')::numeric * u.amount
    ),

    -- Delay of an item: as it was paid, or as it stands.
    paid AS MATERIALIZED (
        SELECT s.customer_id, s.invoice_id, s.instalment_no, max(s.settled_on) AS paid_on, min(s.due_on) AS due_on, max(s.counted_days) AS days, sum(s.amount_base) AS amount
        FROM settlement_as_of(payers, least(since, past - 365 - season_days), day, known) s
        WHERE s.payment_id IS NOT NULL
        GROUP BY s.customer_id, s.invoice_id, s.instalment_no
    ), late AS (
        SELECT l.customer_id, l.invoice_id, l.instalment_no, min(l.due_on) AS due_on, max(l.days) AS days, sum(l.amount) AS amount
        FROM (SELECT p.customer_id, p.invoice_id, p.instalment_no, p.due_on, p.days, p.amount FROM paid p WHERE p.paid_on > past
            UNION ALL
              SELECT w.customer_id, w.invoice_id, w.instalment_no, w.due_on, day - w.due_on, w.unpaid_base FROM owed_as_of(payers, day, known) w
              WHERE w.due_on < day AND w.due_on >= since AND w.unpaid_base > 0) l
        GROUP BY l.customer_id, l.invoice_id, l.instalment_no
        HAVING max(l.days) >= (rule->>'sudden_delay.min_days')::numeric AND sum(l.amount) >= (rule->>'sudden_delay.min_amount')::numeric
    ),

    -- What each is compared with, of those alone whom it may concern: the time
    -- before, and the most of the same season a year ago.
    sample AS MATERIALIZED (
        SELECT o.customer_id, 'order_anomaly' AS anomaly, o.amount_base::double precision AS x, o.ordered_on >= since AS before,
               o.days_ago >= 365 - season_days AND o.days_ago < 365 + recent_days + season_days AS season
        FROM ordered o WHERE o.ordered_on <= past AND o.customer_id IN (SELECT l.customer_id FROM large l)
      UNION ALL
        SELECT c.customer_id, 'order_burst', c.orders, c.n <= b.windows,
               (c.n + 1) * window_days > 365 - season_days AND c.n * window_days < 365 + window_days + season_days
        FROM counted c JOIN burst b USING (customer_id)
      UNION ALL
        SELECT m.customer_id, 'month_end_spike', m.share, true, m.first_on = (month_start - interval '12 months')::date
        FROM monthly m JOIN heap h USING (customer_id) WHERE m.first_on < month_start
      UNION ALL
        SELECT p.customer_id, 'sudden_delay', p.days, p.paid_on >= since, day - p.paid_on >= 365 - season_days AND day - p.paid_on < 365 + recent_days + season_days
        FROM paid p WHERE p.paid_on <= past AND p.customer_id IN (SELECT l.customer_id FROM late l)
    ), middle AS (
        SELECT s.customer_id, s.anomaly, count(*) FILTER (WHERE s.before) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY s.x) FILTER (WHERE s.before) AS median,
               credit_risk.mad(s.x) FILTER (WHERE s.before) AS mad, max(s.x) FILTER (WHERE s.season) AS season
        FROM sample s GROUP BY s.customer_id, s.anomaly
    ), spread AS (
        SELECT m.customer_id, m.anomaly, m.n, m.median::numeric, m.season::numeric, m.mad, avg(abs(s.x - m.median)) AS mean_ad
        FROM middle m JOIN sample s USING (customer_id, anomaly) WHERE s.before
        GROUP BY m.customer_id, m.anomaly, m.n, m.median, m.season, m.mad
    ), candidate AS (       -- unit: the step of the value; least: it must reach this, and times or more of the usual
        SELECT l.customer_id, 'order_anomaly' AS anomaly, l.order_id::text AS key, l.amount_base AS value, 0.01 AS unit, l.ordered_on AS found_on,
               (rule->>'order_anomaly.min_orders')::numeric AS enough, (rule->>'order_anomaly.min_amount')::numeric AS least,
               (rule->>'order_anomaly.times_usual')::numeric AS times, NULL::numeric AS more,
               format('order %s', coalesce(l.order_no, l.order_id::text)) AS subject_en, format('commande %s', coalesce(l.order_no, l.order_id::text)) AS subject_fr, base AS name_en, base AS name_fr
        FROM large l
      UNION ALL
        SELECT b.customer_id, 'order_burst', '', b.orders, 1, day, (rule->>'order_burst.min_windows')::numeric, (rule->>'order_burst.min_recent')::numeric,
               (rule->>'order_burst.times_usual')::numeric, NULL,
               format('the %s days to %s', window_days, day), format('les %s jours jusqu''au %s', window_days, day), 'orders', 'commandes'
        FROM burst b
      UNION ALL
        SELECT h.customer_id, 'month_end_spike', to_char(month_start, 'YYYY-MM'), h.share, 0.01, month_end, (rule->>'month_end_spike.min_months')::numeric, 0, NULL,
               (rule->>'month_end_spike.points')::numeric,
               format('the last %s days of %s', last_days, to_char(month_start, 'YYYY-MM')), format('les %s derniers jours de %s', last_days, to_char(month_start, 'YYYY-MM')),
               '% of the month''s orders', '% des commandes du mois'
        FROM heap h
      UNION ALL
        SELECT l.customer_id, 'sudden_delay', l.invoice_id || CASE WHEN l.instalment_no > 1 THEN '/' || l.instalment_no ELSE '' END, l.days, 1, l.due_on,
               (rule->>'sudden_delay.min_items')::numeric, (rule->>'sudden_delay.min_days')::numeric, NULL, (rule->>'sudden_delay.days_worse')::numeric,
               format('invoice %s', i.invoice_no), format('facture %s', i.invoice_no), 'days late', 'jours de retard'
        FROM late l JOIN invoice i USING (customer_id, invoice_id)
        WHERE i.kind <> 'late_charge'
    ), judged AS (
        SELECT c.customer_id, c.anomaly, c.key, c.value, round(p.median, 2) AS usual,
               greatest(c.least, ceil(greatest(c.times * p.median, p.median + c.more, CASE WHEN c.times IS NULL THEN p.season + c.more ELSE season_times * p.season END) / c.unit) * c.unit,
                        (floor((p.median + (rule->>(c.anomaly || '.robust_z'))::numeric
                                * CASE WHEN p.mad > 0 THEN p.mad::numeric / 0.6745 ELSE 1.253314 * p.mean_ad::numeric END) / c.unit) + 1) * c.unit) AS threshold,
               round((CASE WHEN p.mad > 0 THEN credit_risk.robust_z(c.value::double precision, p.median::double precision, p.mad)
                           WHEN p.mean_ad > 0 THEN (c.value - p.median) / (1.253314 * p.mean_ad::numeric) END)::numeric, 2) AS measure,
               p.n, c.found_on, c.subject_en, c.subject_fr, c.name_en, c.name_fr
        FROM candidate c JOIN spread p USING (customer_id, anomaly) WHERE p.n >= c.enough
    ),

    -- What was never there: terms, places, accounts.
    billed AS MATERIALIZED (
        SELECT i.customer_id, i.invoice_id, i.invoice_no, i.order_id, i.delivery_id, i.site_id, i.issued_on, i.amount_base,
               coalesce(credit_risk.terms_days(i.terms::credit_risk.payment_terms), i.due_on - i.issued_on) AS days
        FROM invoice i
        WHERE i.customer_id = ANY (payers) AND i.kind = 'invoice' AND i.reversal_of IS NULL AND i.issued_on BETWEEN oldest AND day AND i.recorded_at <= known
          AND NOT EXISTS (SELECT FROM invoice r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.invoice_id AND r.issued_on <= day AND r.recorded_at <= known)
    ), own AS (             -- the customer's terms as they were then: what the first later change found
        SELECT c.customer_id, credit_risk.terms_days((CASE WHEN e.customer_id IS NULL THEN c.terms ELSE e.before END)::credit_risk.payment_terms) AS days
        FROM customer c
        LEFT JOIN (SELECT DISTINCT ON (v.customer_id) v.customer_id, v.before FROM customer_event v
                   WHERE v.customer_id = ANY (payers) AND v.event = 'terms' AND (v.occurred_on > day OR v.recorded_at > known)
                   ORDER BY v.customer_id, v.customer_event_id) e USING (customer_id)
        WHERE c.customer_id = ANY (payers)
    ), termed AS MATERIALIZED (
        SELECT o.customer_id, 'order' AS document, o.order_id AS document_id, coalesce(o.order_no, o.order_id::text) AS document_no, o.ordered_on AS on_day, o.amount_base AS amount,
               credit_risk.terms_days(o.terms::credit_risk.payment_terms) AS days
        FROM ordered o WHERE o.terms IS NOT NULL
      UNION ALL             -- an invoice by the terms of its order is nothing new
        SELECT b.customer_id, 'invoice', b.invoice_id, b.invoice_no, b.issued_on, b.amount_base, b.days
        FROM billed b LEFT JOIN ordered o USING (customer_id, order_id)
        WHERE b.issued_on <= past OR NOT coalesce(b.days <= credit_risk.terms_days(o.terms::credit_risk.payment_terms), false)
    ), longest AS (
        SELECT o.customer_id, coalesce(t.n, 0) AS n, greatest(o.days, CASE WHEN o.days IS NOT NULL OR t.n >= (rule->>'unusual_terms.min_documents')::numeric THEN t.days END) AS days
        FROM own o LEFT JOIN (SELECT t.customer_id, count(*) AS n, max(t.days) AS days FROM termed t WHERE t.on_day <= past GROUP BY t.customer_id) t USING (customer_id)
    ), sent AS MATERIALIZED (
        SELECT o.customer_id, 'order' AS document, coalesce(o.site_id, o.customer_id) AS place_id, o.ordered_on AS on_day, o.amount_base AS amount FROM ordered o
      UNION ALL
        SELECT d.customer_id, 'delivery', coalesce(d.site_id, o.site_id, d.customer_id), d.delivered_on, d.amount_base
        FROM delivery d LEFT JOIN sales_order o USING (customer_id, order_id)
        WHERE d.customer_id = ANY (payers) AND d.reversal_of IS NULL AND d.delivered_on BETWEEN oldest AND day AND d.recorded_at <= known
          AND NOT EXISTS (SELECT FROM delivery r WHERE r.customer_id = d.customer_id AND r.reversal_of = d.delivery_id AND r.delivered_on <= day AND r.recorded_at <= known)
      UNION ALL
        SELECT b.customer_id, 'invoice', coalesce(b.site_id, b.customer_id), b.issued_on, b.amount_base FROM billed b
        WHERE b.site_id IS NOT NULL OR num_nonnulls(b.order_id, b.delivery_id) = 0
    ), place AS (           -- one euro is ordered, delivered and invoiced
        SELECT s.customer_id, s.place_id, min(s.on_day) AS first_on, greatest(sum(s.amount) FILTER (WHERE s.document = 'order'), sum(s.amount) FILTER (WHERE s.document = 'delivery'),
                                                                              sum(s.amount) FILTER (WHERE s.document = 'invoice')) AS amount
        FROM sent s GROUP BY s.customer_id, s.place_id
    ), settled AS MATERIALIZED (
        SELECT p.customer_id, p.payment_id, l.payer_account, p.received_on, p.amount_base
        FROM bank_line_payment b JOIN payment p USING (customer_id, payment_id) JOIN bank_line l USING (bank_line_id)
        WHERE b.customer_id = ANY (payers) AND l.payer_account IS NOT NULL AND p.received_on BETWEEN oldest AND day AND b.recorded_at <= known
          AND NOT EXISTS (SELECT FROM payment r WHERE r.customer_id = p.customer_id AND r.reversal_of = p.payment_id AND r.received_on <= day AND r.recorded_at <= known)
    ), account AS (
        SELECT s.customer_id, s.payer_account, min(s.received_on) AS first_on, (array_agg(s.payment_id ORDER BY s.received_on, s.payment_id))[1] AS payment_id, sum(s.amount_base) AS amount
        FROM settled s GROUP BY s.customer_id, s.payer_account
    ), unseen AS (
        SELECT t.customer_id, 'unusual_terms' AS anomaly, t.document || ' ' || t.document_id AS key, t.days::numeric AS value, l.days::numeric AS usual,
               l.days + (rule->>'unusual_terms.days_longer')::numeric AS threshold, l.n, t.on_day AS found_on, format('%s %s', t.document, t.document_no) AS subject_en,
               format('%s %s', CASE t.document WHEN 'order' THEN 'commande' ELSE 'facture' END, t.document_no) AS subject_fr, 'days of terms' AS name_en, 'jours de délai' AS name_fr
        FROM termed t JOIN longest l USING (customer_id)
        WHERE t.on_day > past AND t.amount >= (rule->>'unusual_terms.min_amount')::numeric
      UNION ALL
        SELECT p.customer_id, 'unusual_ship_to', p.place_id::text, p.amount, 0, (rule->>'unusual_ship_to.min_amount')::numeric, n.n, p.first_on,
               format('site %s', c.code), format('site %s', c.code), base || ' to a place that it never used', base || ' vers un lieu jamais utilisé'
        FROM place p JOIN customer c ON c.customer_id = p.place_id
        JOIN (SELECT s.customer_id, count(*) AS n FROM sent s WHERE s.on_day <= past GROUP BY s.customer_id) n ON n.customer_id = p.customer_id
        WHERE p.first_on > past AND p.place_id <> p.customer_id AND n.n >= (rule->>'unusual_ship_to.min_documents')::numeric
      UNION ALL
        SELECT a.customer_id, 'new_payment_account', a.payment_id::text, a.amount, 0, (rule->>'new_payment_account.min_amount')::numeric, n.n, a.first_on,
               format('account %s', m.masked), format('compte %s', m.masked), base || ' from an account that it never used', base || ' d''un compte jamais utilisé'
        FROM account a
        CROSS JOIN LATERAL (SELECT left(a.payer_account, 4) || '…' || right(a.payer_account, 4) AS masked) m
        JOIN (SELECT s.customer_id, count(*) AS n FROM settled s WHERE s.received_on <= past GROUP BY s.customer_id) n USING (customer_id)
        WHERE a.first_on > past AND n.n >= (rule->>'new_payment_account.min_payments')::numeric
          AND NOT EXISTS (SELECT FROM payer_account k WHERE k.customer_id = a.customer_id AND k.iban = a.payer_account AND k.learnt_from IS NULL AND k.recorded_at <= known)
    ), found AS (
        SELECT j.customer_id, j.anomaly, j.key, j.value, j.usual, j.threshold, j.measure, j.n,
               CASE WHEN j.anomaly = 'sudden_delay' THEN j.found_on + j.threshold::integer ELSE j.found_on END AS found_on, j.subject_en, j.subject_fr, j.name_en, j.name_fr
        FROM judged j
      UNION ALL
        SELECT u.customer_id, u.anomaly, u.key, u.value, u.usual, u.threshold, NULL, u.n, u.found_on, u.subject_en, u.subject_fr, u.name_en, u.name_fr FROM unseen u
    )
    SELECT f.customer_id, f.anomaly, f.key, f.value, f.usual, f.threshold, f.measure, f.n, f.found_on,
           format('%s: %s %s, usual %s, unusual from %s on%s', f.subject_en, trim_scale(f.value), f.name_en, trim_scale(f.usual), trim_scale(f.threshold),
                  coalesce(' (robust z ' || f.measure || ')', '')),
           format('%s : %s %s, habituel %s, inhabituel à partir de %s%s', f.subject_fr, trim_scale(f.value), f.name_fr, trim_scale(f.usual), trim_scale(f.threshold),
                  coalesce(' (z robuste ' || f.measure || ')', ''))
    FROM found f WHERE f.value >= f.threshold
    ORDER BY f.customer_id, f.anomaly, f.key;
END $$;
COMMENT ON FUNCTION anomalies_as_of(bigint[], date, timestamptz) IS
'What is unusual (anomalies) about these payers (NULL = all) on a day, as known at an instant (default: all that is known now), each against its own past; a later fact changes nothing. One row for each thing found: value, usual, threshold the least value that is unusual, measure the robust z-score (NULL where the past does not vary, and where what was never there is asked), compared the number of things compared with, found_on since when. Windows and thresholds are rows of alert_rule.
order_anomaly: an order of the last 30 days above the orders of the 365 days before, key its id. order_burst: number of orders in 7 days against the weeks before, key empty. month_end_spike: share of a month''s orders, percent, placed in its last 5 days, of the month that ended last against the 12 before, key the month. sudden_delay: an item paid in the last 30 days or unpaid, days late against the items paid in the 365 days before (days of a dispute that was our fault left out, and what dispute and unmatched cash cover), key the invoice''s id, with / and the instalment from the second on. These four fire above a robust z of 3.5: 0.6745 × (x - median) / MAD; where MAD is 0, (x - median) / (1.253314 × mean deviation from the median); where all of the past is alike, by the other thresholds alone. None fires on what the same season a year ago explains: 1.5 times the most of it, or so many points or days more.
unusual_terms: an order or an invoice with terms (credit_risk.terms_days, of an invoice without terms its days to the due date) longer than the customer''s own and any of two years, key its kind and id; an invoice by the terms of its order is not counted again. unusual_ship_to: a site to which nothing was ordered, delivered or invoiced in two years, key its id; there is no address finer than the site. new_payment_account: a bank account from which no payment came in two years, by bank line, key the first payment from it; one that somebody entered in payer_account is known.
Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993). Site and terms of an order, and the accounts entered, are those of now. 22023 for no day or moment, or windows in alert_rule that do not go together.';

CREATE FUNCTION anomaly_alerts(customer_ids bigint[], as_of date) RETURNS SETOF due_alert
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH found AS (         -- of many late items the latest, one alert
        SELECT a.*, CASE WHEN a.anomaly = 'sudden_delay' THEN '' ELSE a.key END AS about
        FROM anomalies_as_of(customer_ids, anomaly_alerts.as_of) a
    ), worst AS (
        SELECT DISTINCT ON (f.customer_id, f.anomaly, f.about) f.*, count(*) OVER (PARTITION BY f.customer_id, f.anomaly, f.about) AS n
        FROM found f ORDER BY f.customer_id, f.anomaly, f.about, f.value DESC, f.key
    )
    SELECT w.customer_id, w.anomaly, w.about, NULL::text, w.explanation_en || CASE WHEN w.n > 1 THEN format('; and %s more', w.n - 1) ELSE '' END,
           w.explanation_fr || CASE WHEN w.n > 1 THEN format(' ; et %s de plus', w.n - 1) ELSE '' END,
           jsonb_build_object('value', w.value, 'usual', w.usual, 'threshold', w.threshold, 'robust_z', w.measure, 'compared', w.compared, 'found_on', w.found_on, 'key', w.key, 'number', w.n)
    FROM worst w
$$;
COMMENT ON FUNCTION anomaly_alerts(bigint[], date) IS
'The alerts that anomalies ask for on a day, of these payers (NULL = all), for settle_alerts(): one kind for each anomaly of anomalies_as_of(), under its key; of sudden_delay one for a customer, with its latest item and the number of them. figures has what is shown. 22023 as anomalies_as_of().';
