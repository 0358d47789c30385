-- How customers pay: the figures of behaviour that scores rest on, as of any
-- day and as known at any instant. Read from the facts alone, of all customers
-- asked for in one statement.

CREATE TABLE behaviour_setting (
    on_time_days           integer NOT NULL DEFAULT 3 CHECK (on_time_days BETWEEN 0 AND 30),
    reminder_days          integer NOT NULL DEFAULT 5 CHECK (reminder_days BETWEEN 0 AND 60),
    min_reminded           integer NOT NULL DEFAULT 3 CHECK (min_reminded > 0),
    min_after_reminder_pct numeric NOT NULL DEFAULT 80 CHECK (min_after_reminder_pct > 0 AND min_after_reminder_pct <= 100),
    min_disputes           integer NOT NULL DEFAULT 3 CHECK (min_disputes > 0),
    min_dispute_rate_pct   numeric NOT NULL DEFAULT 20 CHECK (min_dispute_rate_pct >= 0),
    min_rejected_pct       numeric NOT NULL DEFAULT 50 CHECK (min_rejected_pct BETWEEN 0 AND 100),
    min_after_due_pct      numeric NOT NULL DEFAULT 50 CHECK (min_after_due_pct BETWEEN 0 AND 100)
);
-- One row and no second: a unique index on a constant.
CREATE UNIQUE INDEX behaviour_setting_one_row ON behaviour_setting ((true));
INSERT INTO behaviour_setting DEFAULT VALUES;
COMMENT ON TABLE behaviour_setting IS 'What counts as on time, as negligence and as constant disputing (réglages du comportement de paiement), one row. Yours to change; they are definitions, and hold for every day that is asked.';
COMMENT ON COLUMN behaviour_setting.on_time_days IS 'Paid up to so many days after the first business day on or after the due date is paid on time.';
COMMENT ON COLUMN behaviour_setting.reminder_days IS 'Negligent payer: pays within so many days after the first reminder.';
COMMENT ON COLUMN behaviour_setting.min_reminded IS 'Negligent payer: at least so many items paid that way in 12 months.';
COMMENT ON COLUMN behaviour_setting.min_after_reminder_pct IS 'Negligent payer: at least this share of its reminded items, percent.';
COMMENT ON COLUMN behaviour_setting.min_disputes IS 'Serial disputer: at least so many disputes in 12 months.';
COMMENT ON COLUMN behaviour_setting.min_dispute_rate_pct IS 'Serial disputer: at least so many disputes for 100 invoices.';
COMMENT ON COLUMN behaviour_setting.min_rejected_pct IS 'Serial disputer: at least this share of the decided disputes was rejected, percent; or the next.';
COMMENT ON COLUMN behaviour_setting.min_after_due_pct IS 'Serial disputer: at least this share of the disputes was opened after the due date, percent; or the former.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON behaviour_setting
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO score_figure (figure, family, higher_is_better, unit, name_en, name_fr) VALUES
    ('days_beyond_terms_12m',     'behaviour', false, 'days',          'Days beyond terms, 12 months, open overdue included', 'Retard moyen pondéré sur 12 mois, échu ouvert compris'),
    ('on_time_pct_12m',           'behaviour', true,  '%',             'Share of the amount paid on time, 12 months', 'Part du montant payée à l''heure sur 12 mois'),
    ('oldest_overdue_days',       'behaviour', false, 'days',          'Oldest undisputed overdue item', 'Plus ancien impayé non contesté'),
    ('lateness_trend_days',       'behaviour', false, 'days',          'Days late of 3 months less those of 12 months', 'Évolution du retard, 3 mois moins 12 mois'),
    ('broken_promises_12m',       'behaviour', false, NULL,            'Broken promises and payments returned for want of funds, 12 months', 'Promesses non tenues et rejets pour défaut de provision sur 12 mois'),
    ('settled_invoices_12m',      'behaviour', true,  NULL,            'Invoices settled by payment, 12 months', 'Factures réglées sur 12 mois'),
    ('defaults_12m',              'behaviour', false, NULL,            'Events of default, 12 months', 'Défauts de paiement sur 12 mois'),
    ('undisputed_over_60',        'behaviour', false, 'base currency', 'Undisputed, more than 60 days overdue', 'Échu de plus de 60 jours non contesté'),
    ('in_proceedings',            'behaviour', false, NULL,            'In a collective proceeding (1) or not (0)', 'En procédure collective (1) ou non (0)'),
    ('dispute_rate_pct_12m',      'behaviour', false, '%',             'Disputes for 100 invoices, 12 months', 'Litiges pour 100 factures sur 12 mois'),
    ('disputes_rejected_pct_12m', 'behaviour', false, '%',             'Share of the decided disputes that were rejected, 12 months', 'Part des litiges tranchés qui ont été rejetés, 12 mois'),
    ('negligent_payer',           'behaviour', false, NULL,            'Pays late, but at the first reminder (1), or not (0)', 'Payeur négligent : paie en retard mais dès la première relance (1), ou non (0)'),
    ('partial_payments_12m',      'behaviour', false, NULL,            'Payments that left a part of an item open, 12 months', 'Paiements partiels sur 12 mois'),
    ('customer_since_years',      'behaviour', true,  'years',         'Years since the first invoice', 'Ancienneté de la relation, en années');

-- ---- what was paid, and what is owed -------------------------------------------

CREATE FUNCTION settlement_as_of(customer_ids bigint[], since date, as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, allocation_id bigint, payment_id bigint, invoice_id bigint, instalment_no integer, amount numeric, amount_base numeric,
               due_on date, settled_on date, days_late integer, dispute_days integer, counted_days integer, recorded_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    RETURN QUERY
    WITH moved AS MATERIALIZED (    -- a reversal is not dated before what it undoes
        SELECT a.customer_id, a.allocation_id, a.payment_id, a.invoice_id, a.instalment_no, a.amount, a.amount_base, a.invoice_due_on, a.effective_on,
               a.reversal_of, a.recorded_at
        FROM allocation a
        WHERE (customer_ids IS NULL OR a.customer_id = ANY (customer_ids)) AND a.invoice_id IS NOT NULL
          AND a.effective_on >= since AND a.effective_on <= settlement_as_of.as_of AND a.recorded_at <= settlement_as_of.known_at
    ), fault AS (                   -- when an accepted dispute over a fault of ours was open
        SELECT d.customer_id, d.invoice_id, d.instalment_no, range_agg(daterange(d.opened_on, d.closed_on)) AS open
        FROM dispute d JOIN dispute_root_cause c USING (root_cause)
        WHERE (customer_ids IS NULL OR d.customer_id = ANY (customer_ids)) AND d.outcome IN ('accepted', 'partly_accepted') AND c.our_fault
          AND d.closed_on <= settlement_as_of.as_of AND d.closed_at <= settlement_as_of.known_at AND d.opened_on < d.closed_on
        GROUP BY d.customer_id, d.invoice_id, d.instalment_no
    )
    SELECT m.customer_id, m.allocation_id, m.payment_id, m.invoice_id, m.instalment_no, m.amount, m.amount_base, u.due_on, m.effective_on,
           m.effective_on - u.due_on, n.days, m.effective_on - u.due_on - n.days, m.recorded_at
    FROM moved m
    LEFT JOIN corrected_due_as_of(settlement_as_of.known_at) x USING (customer_id, invoice_id, instalment_no)
    LEFT JOIN fault f USING (customer_id, invoice_id, instalment_no)
    CROSS JOIN LATERAL (SELECT coalesce(x.due_on, m.invoice_due_on) AS due_on) u
    CROSS JOIN LATERAL (SELECT CASE WHEN f.open IS NULL OR m.effective_on <= u.due_on THEN 0
                                    ELSE (SELECT coalesce(sum(upper(r) - lower(r)), 0)::integer
                                          FROM unnest(f.open * datemultirange(daterange(u.due_on, m.effective_on))) r) END AS days) n
    WHERE m.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM moved r WHERE r.customer_id = m.customer_id AND r.reversal_of = m.allocation_id);
END $$;
COMMENT ON FUNCTION settlement_as_of(bigint[], date, date, timestamptz) IS
'What settled invoices of these payers (NULL = all) from a day to another, as known at an instant: by payment, or with payment_id NULL by a credit note or an adjustment; what was undone by then is left out. due_on is the right due date where it was corrected; days_late, negative = early; counted_days leaves out dispute_days, the days after the due date on which an accepted dispute over a fault of ours was open. Its rows with a payment are those of payment_delay where all is known and nothing lies after the day.';

-- Dispute and plan as they were then. Unmatched cash and open credits count as
-- payment of the oldest items, as in dunning and in the check.
CREATE FUNCTION owed_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, invoice_id bigint, instalment_no integer, due_on date, open_amount numeric, open_amount_base numeric,
               unpaid_base numeric, recorded_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    point period_close := closing_before(as_of, known_at);
BEGIN
    RETURN QUERY
    WITH balance AS MATERIALIZED (      -- balance_as_of() of these customers
        SELECT s.customer_id, s.invoice_id, s.instalment_no, s.due_on, sum(s.amount) AS amount, sum(s.amount_base) AS amount_base, max(s.recorded_at) AS recorded_at
        FROM (SELECT k.customer_id, k.invoice_id, k.instalment_no, k.due_on, k.open_amount AS amount, k.open_amount_base AS amount_base, point.known_at AS recorded_at
              FROM open_item_checkpoint k
              WHERE k.period_close_id = point.period_close_id AND (customer_ids IS NULL OR k.customer_id = ANY (customer_ids))
            UNION ALL
              SELECT f.customer_id, f.invoice_id, f.instalment_no, f.due_on, f.amount, f.amount_base, f.recorded_at
              FROM receivable_fact f
              WHERE (customer_ids IS NULL OR f.customer_id = ANY (customer_ids))
                AND f.effective_on > coalesce(point.as_of, '-infinity') AND f.effective_on <= owed_as_of.as_of AND f.recorded_at <= owed_as_of.known_at
            UNION ALL
              SELECT f.customer_id, f.invoice_id, f.instalment_no, f.due_on, f.amount, f.amount_base, f.recorded_at
              FROM receivable_fact f
              WHERE (customer_ids IS NULL OR f.customer_id = ANY (customer_ids))
                AND f.effective_on <= point.as_of AND f.recorded_at > point.known_at AND f.recorded_at <= owed_as_of.known_at) s
        GROUP BY s.customer_id, s.invoice_id, s.instalment_no, s.due_on
        HAVING sum(s.amount) <> 0
    ), cash AS (
        SELECT s.customer_id, sum(s.amount_base) AS amount_base
        FROM (SELECT k.customer_id, k.unapplied_amount_base AS amount_base FROM unapplied_checkpoint k
              WHERE k.period_close_id = point.period_close_id AND (customer_ids IS NULL OR k.customer_id = ANY (customer_ids))
            UNION ALL
              SELECT f.customer_id, f.amount_base FROM unapplied_fact f
              WHERE (customer_ids IS NULL OR f.customer_id = ANY (customer_ids))
                AND f.effective_on > coalesce(point.as_of, '-infinity') AND f.effective_on <= owed_as_of.as_of AND f.recorded_at <= owed_as_of.known_at
            UNION ALL
              SELECT f.customer_id, f.amount_base FROM unapplied_fact f
              WHERE (customer_ids IS NULL OR f.customer_id = ANY (customer_ids))
                AND f.effective_on <= point.as_of AND f.recorded_at > point.known_at AND f.recorded_at <= owed_as_of.known_at) s
        GROUP BY s.customer_id HAVING sum(s.amount_base) <> 0
    ), contested AS (                   -- for 30 days: a deadline set since is not known by day
        SELECT d.customer_id, d.invoice_id, d.instalment_no, sum(d.amount) AS amount
        FROM dispute d
        WHERE (customer_ids IS NULL OR d.customer_id = ANY (customer_ids))
          AND is_open_as_of(d.opened_on, d.recorded_at, d.closed_on, d.closed_at, owed_as_of.as_of, owed_as_of.known_at) AND d.opened_on + 30 >= owed_as_of.as_of
        GROUP BY d.customer_id, d.invoice_id, d.instalment_no
    ), event AS (
        SELECT e.customer_id, e.invoice_id, e.event, e.occurred_on, e.invoice_event_id
        FROM invoice_event e
        WHERE (customer_ids IS NULL OR e.customer_id = ANY (customer_ids)) AND e.event IN ('rejected_by_platform', 'sent', 'delivered_to_platform')
          AND e.reversal_of IS NULL AND e.occurred_on <= owed_as_of.as_of AND e.recorded_at <= owed_as_of.known_at
          AND NOT EXISTS (SELECT FROM invoice_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.invoice_event_id
                                                      AND r.occurred_on <= owed_as_of.as_of AND r.recorded_at <= owed_as_of.known_at)
    ), unsent AS (                      -- what a platform rejected was never sent
        SELECT DISTINCT e.customer_id, e.invoice_id FROM event e
        WHERE e.event = 'rejected_by_platform'
          AND NOT EXISTS (SELECT FROM event s WHERE s.customer_id = e.customer_id AND s.invoice_id = e.invoice_id AND s.event <> 'rejected_by_platform'
                                                AND (s.occurred_on, s.invoice_event_id) > (e.occurred_on, e.invoice_event_id))
    ), item AS (
        SELECT b.customer_id, b.invoice_id, b.instalment_no, coalesce(g.agreed_due_on, x.due_on, b.due_on) AS due_on, b.amount, b.amount_base, b.recorded_at,
               CASE WHEN b.amount < 0 OR u.invoice_id IS NOT NULL THEN 0
                    WHEN d.amount IS NULL THEN b.amount_base
                    ELSE credit_risk.base_share(b.amount_base, b.amount, 0, greatest(b.amount - d.amount, 0)) END AS undisputed
        FROM balance b
        LEFT JOIN corrected_due_as_of(owed_as_of.known_at) x USING (customer_id, invoice_id, instalment_no)
        LEFT JOIN agreed_due_as_of(owed_as_of.as_of, owed_as_of.known_at) g USING (customer_id, invoice_id, instalment_no)
        LEFT JOIN contested d USING (customer_id, invoice_id, instalment_no)
        LEFT JOIN unsent u USING (customer_id, invoice_id)
    ), in_turn AS (
        SELECT i.*, sum(i.undisputed) OVER (PARTITION BY i.customer_id ORDER BY i.due_on, i.invoice_id, i.instalment_no)
                    + coalesce(sum(i.amount_base) FILTER (WHERE i.amount < 0) OVER (PARTITION BY i.customer_id), 0) - coalesce(c.amount_base, 0) AS unpaid_so_far
        FROM item i LEFT JOIN cash c USING (customer_id)
    )
    SELECT t.customer_id, t.invoice_id, t.instalment_no, t.due_on, t.amount, t.amount_base, greatest(least(t.undisputed, t.unpaid_so_far), 0), t.recorded_at
    FROM in_turn t;
END $$;
COMMENT ON FUNCTION owed_as_of(bigint[], date, timestamptz) IS
'What was open of each item of these payers (NULL = all) on a day, as known at an instant: open amounts as balance_as_of(), negative for credit notes, and unpaid_base, what of it the customer is behind with once due: not disputed (a dispute keeps its part out for 30 days), not rejected by a platform, and not covered by unmatched cash and open credits, which count as payment of the oldest items. due_on is the right one, or the date of a payment plan that ages by agreed dates. recorded_at is that of the newest fact of the item.';

CREATE FUNCTION dispute_behaviour_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, invoices bigint, disputes bigint, dispute_rate_pct numeric, decided bigint, rejected bigint, rejected_pct numeric,
               withdrawn bigint, after_due bigint, after_due_pct numeric, first_invoice_on date, invoice_known_at timestamptz, dispute_known_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    since date := (dispute_behaviour_as_of.as_of - interval '12 months')::date + 1;
BEGIN
    RETURN QUERY
    WITH issued AS (
        SELECT i.customer_id, min(i.issued_on) AS first_on, count(*) FILTER (WHERE i.issued_on >= since) AS invoices, max(i.recorded_at) AS known
        FROM invoice i
        WHERE (customer_ids IS NULL OR i.customer_id = ANY (customer_ids)) AND i.kind <> 'credit_note' AND i.reversal_of IS NULL
          AND i.issued_on <= dispute_behaviour_as_of.as_of AND i.recorded_at <= dispute_behaviour_as_of.known_at
          AND NOT EXISTS (SELECT FROM invoice r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.invoice_id
                                                  AND r.issued_on <= dispute_behaviour_as_of.as_of AND r.recorded_at <= dispute_behaviour_as_of.known_at)
        GROUP BY i.customer_id
    ), raised AS (
        SELECT d.customer_id, count(*) AS disputes, count(*) FILTER (WHERE o.outcome IS NOT NULL) AS decided, count(*) FILTER (WHERE o.outcome = 'rejected') AS rejected,
               count(*) FILTER (WHERE o.outcome = 'withdrawn') AS withdrawn,
               count(*) FILTER (WHERE d.opened_on > coalesce(x.due_on, i.instalment_due_on[d.instalment_no], i.due_on)) AS after_due,
               max(greatest(d.recorded_at, CASE WHEN o.outcome IS NOT NULL THEN d.closed_at END)) AS known
        FROM dispute d JOIN invoice i USING (customer_id, invoice_id)
        LEFT JOIN corrected_due_as_of(dispute_behaviour_as_of.known_at) x ON (x.customer_id, x.invoice_id, x.instalment_no) = (d.customer_id, d.invoice_id, d.instalment_no)
        CROSS JOIN LATERAL (SELECT CASE WHEN d.closed_on <= dispute_behaviour_as_of.as_of AND d.closed_at <= dispute_behaviour_as_of.known_at THEN d.outcome END AS outcome) o
        WHERE (customer_ids IS NULL OR d.customer_id = ANY (customer_ids))
          AND d.opened_on BETWEEN since AND dispute_behaviour_as_of.as_of AND d.recorded_at <= dispute_behaviour_as_of.known_at
        GROUP BY d.customer_id
    )
    SELECT i.customer_id, i.invoices, coalesce(d.disputes, 0), round(100.0 * coalesce(d.disputes, 0) / nullif(i.invoices, 0), 2),
           coalesce(d.decided, 0), coalesce(d.rejected, 0), round(100.0 * d.rejected / nullif(d.decided, 0), 2),
           coalesce(d.withdrawn, 0), coalesce(d.after_due, 0), round(100.0 * d.after_due / nullif(d.disputes, 0), 2),
           i.first_on, i.known, greatest(d.known, i.known)
    FROM issued i LEFT JOIN raised d USING (customer_id);
END $$;
COMMENT ON FUNCTION dispute_behaviour_as_of(bigint[], date, timestamptz) IS
'How these payers (NULL = all) dispute, 12 months before a day, as known at an instant: invoices issued, disputes and refusals opened and their number for 100 invoices; of those opened, how many are decided, rejected (and in percent of the decided), withdrawn, and opened after the due date. Also the first invoice ever. Shares are NULL where there is nothing to divide by. Payers without an invoice are absent.';

-- ---- all figures of a customer ---------------------------------------------------

CREATE FUNCTION payment_behaviour_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, first_invoice_on date, customer_since_years numeric, open_amount numeric, paid_12m numeric, dbt_12m numeric, dbt_3m numeric,
               trend_days numeric, on_time_pct_12m numeric, oldest_overdue_days integer, undisputed_over_60 numeric, settled_invoices_12m bigint,
               partial_payments_12m bigint, broken_promises_12m bigint, returned_payments_12m bigint, defaults_12m bigint, in_proceedings boolean,
               invoices_12m bigint, disputes_12m bigint, dispute_rate_pct_12m numeric, disputes_rejected_pct_12m numeric,
               reminded_12m bigint, paid_after_reminder_12m bigint, negligent boolean,
               invoice_known_at timestamptz, paid_known_at timestamptz, open_known_at timestamptz, promise_known_at timestamptz, default_known_at timestamptz,
               dispute_known_at timestamptz, reminder_known_at timestamptz)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 5000 SET search_path FROM CURRENT SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    day CONSTANT date := payment_behaviour_as_of.as_of;
    known CONSTANT timestamptz := payment_behaviour_as_of.known_at;
    since_12m CONSTANT date := (day - interval '12 months')::date + 1;
    since_3m CONSTANT date := (day - interval '3 months')::date + 1;
    setting behaviour_setting;
BEGIN
    IF day IS NULL OR NOT isfinite(day) OR known IS NULL THEN
        RAISE EXCEPTION 'argument "%" must be a %', CASE WHEN known IS NULL THEN 'known_at' ELSE 'as_of' END, CASE WHEN known IS NULL THEN 'moment' ELSE 'day' END
            USING ERRCODE = '22023';
    END IF;
    SELECT s.* INTO setting FROM behaviour_setting s;
    RETURN QUERY
    WITH settlement AS MATERIALIZED (
        SELECT s.* FROM settlement_as_of(customer_ids, since_12m, day, known) s
    ), owed AS MATERIALIZED (
        SELECT o.* FROM owed_as_of(customer_ids, day, known) o
    ), grace AS MATERIALIZED (          -- asked once per due date, however many items
        SELECT d.due_on, business_day(d.due_on) + setting.on_time_days AS on_time_until FROM (SELECT DISTINCT s.due_on FROM settlement s) d
    ), timed AS (                       -- what is not paid is as late as it is by now
        SELECT s.customer_id, s.amount_base, s.due_on, s.due_on + s.counted_days AS paid_on, s.settled_on AS happened_on, s.amount_base AS paid,
               CASE WHEN s.due_on + s.counted_days <= g.on_time_until THEN s.amount_base ELSE 0 END AS on_time, s.recorded_at
        FROM settlement s JOIN grace g USING (due_on) WHERE s.payment_id IS NOT NULL
      UNION ALL
        SELECT o.customer_id, o.unpaid_base, o.due_on, day, o.due_on, 0, 0, o.recorded_at FROM owed o WHERE o.due_on < day AND o.unpaid_base > 0
    ), lateness AS (
        SELECT t.customer_id, credit_risk.avg_days_beyond_terms(t.amount_base, t.due_on, t.paid_on) AS dbt_12m,
               credit_risk.avg_days_beyond_terms(t.amount_base, t.due_on, t.paid_on) FILTER (WHERE t.happened_on >= since_3m) AS dbt_3m,
               credit_risk.avg_days_beyond_terms(t.amount_base, t.due_on, t.paid_on) FILTER (WHERE t.happened_on >= since_12m) AS dbt_compared,
               sum(t.paid) AS paid, sum(t.on_time) AS on_time, max(t.recorded_at) AS known
        FROM timed t GROUP BY t.customer_id
    ), debt AS (
        SELECT o.customer_id, sum(o.open_amount_base) AS open_amount, max(day - o.due_on) FILTER (WHERE o.due_on < day AND o.unpaid_base > 0) AS oldest_days,
               sum(o.unpaid_base) FILTER (WHERE o.due_on < day - 60) AS over_60, max(o.recorded_at) AS known
        FROM owed o GROUP BY o.customer_id
    ), item AS MATERIALIZED (
        SELECT s.customer_id, s.invoice_id, s.instalment_no, s.last_on, s.paid, s.days_late, o.invoice_id IS NOT NULL AS still_open
        FROM (SELECT e.customer_id, e.invoice_id, e.instalment_no, max(e.settled_on) AS last_on, bool_or(e.payment_id IS NOT NULL) AS paid,
                     max(e.counted_days) FILTER (WHERE e.payment_id IS NOT NULL) AS days_late
              FROM settlement e GROUP BY e.customer_id, e.invoice_id, e.instalment_no) s
        LEFT JOIN owed o ON (o.customer_id, o.invoice_id, o.instalment_no) = (s.customer_id, s.invoice_id, s.instalment_no) AND o.open_amount > 0
    ), settled AS (
        SELECT i.customer_id, count(*) AS invoices
        FROM (SELECT m.customer_id, m.invoice_id FROM item m GROUP BY m.customer_id, m.invoice_id HAVING bool_or(m.paid)) i
        LEFT JOIN (SELECT DISTINCT o.customer_id, o.invoice_id FROM owed o WHERE o.open_amount > 0) w USING (customer_id, invoice_id)
        WHERE w.invoice_id IS NULL GROUP BY i.customer_id
    ), partial AS (                     -- of an item, in a day
        SELECT p.customer_id, count(*) AS payments
        FROM (SELECT DISTINCT s.customer_id, s.invoice_id, s.instalment_no, s.settled_on
              FROM settlement s JOIN item i USING (customer_id, invoice_id, instalment_no)
              WHERE s.payment_id IS NOT NULL AND (i.still_open OR s.settled_on < i.last_on)) p
        GROUP BY p.customer_id
    ), late AS (
        SELECT i.customer_id, i.invoice_id, i.instalment_no, i.last_on AS ended_on FROM item i WHERE i.paid AND NOT i.still_open AND i.days_late > 0
      UNION ALL
        SELECT o.customer_id, o.invoice_id, o.instalment_no, NULL FROM owed o WHERE o.due_on < day AND o.unpaid_base > 0
    ), reminded AS (                    -- the first time the customer heard of it
        SELECT l.customer_id, l.invoice_id, l.instalment_no, l.ended_on, min(d.done_on) AS reminded_on, min(d.recorded_at) AS known
        FROM late l JOIN dunning_action_item n USING (customer_id, invoice_id, instalment_no) JOIN dunning_action d USING (customer_id, action_id)
        WHERE NOT n.dropped AND NOT d.internal AND d.dunning_level >= 1 AND d.done_on <= day AND d.recorded_at <= known
          AND NOT EXISTS (SELECT FROM dunning_notice m WHERE m.customer_id = d.customer_id AND m.action_id = d.action_id AND m.sent_on IS NOT NULL AND m.rendered_at > known)
          AND NOT EXISTS (SELECT FROM task t WHERE t.customer_id = d.customer_id AND t.task_id = d.task_id AND t.closed_at > known)
        GROUP BY l.customer_id, l.invoice_id, l.instalment_no, l.ended_on
    ), response AS (
        SELECT r.customer_id, count(*) FILTER (WHERE r.ended_on <= r.reminded_on + setting.reminder_days) AS quick,
               count(*) FILTER (WHERE coalesce(r.ended_on, day) > r.reminded_on + setting.reminder_days) AS slow, max(r.known) AS known
        FROM reminded r WHERE coalesce(r.ended_on >= r.reminded_on, true) GROUP BY r.customer_id
    ), word AS (
        SELECT p.customer_id, count(*) AS broken, max(p.closed_at) AS known
        FROM promise p
        WHERE (customer_ids IS NULL OR p.customer_id = ANY (customer_ids)) AND p.outcome IN ('broken', 'partly_kept')
          AND p.closed_on BETWEEN since_12m AND day AND p.closed_at <= known
        GROUP BY p.customer_id
    ), failure AS (
        SELECT e.customer_id, count(*) FILTER (WHERE e.occurred_on >= since_12m) AS defaults,
               count(*) FILTER (WHERE e.occurred_on >= since_12m AND e.kind = 'returned_payment') AS returned,
               bool_or(e.kind = 'collective_proceeding') AS in_proceedings, max(e.recorded_at) AS known
        FROM default_event e
        WHERE (customer_ids IS NULL OR e.customer_id = ANY (customer_ids)) AND e.reversal_of IS NULL AND e.occurred_on <= day AND e.recorded_at <= known
          AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id
                                                        AND r.occurred_on <= day AND r.recorded_at <= known)
        GROUP BY e.customer_id
    ), proceeding AS (
        SELECT p.customer_id, max(p.recorded_at) AS known
        FROM collective_proceeding p
        WHERE (customer_ids IS NULL OR p.customer_id = ANY (customer_ids))
          AND is_open_as_of(p.opened_on, p.recorded_at, p.closed_on, p.closed_at, day, known)
        GROUP BY p.customer_id
    )
    SELECT a.customer_id, d.first_invoice_on, round((day - d.first_invoice_on) / 365.25, 2), coalesce(b.open_amount, 0), coalesce(l.paid, 0),
           round(l.dbt_12m, 2), round(l.dbt_3m, 2), round(l.dbt_3m - l.dbt_compared, 2), round(100 * l.on_time / nullif(l.paid, 0), 2),
           coalesce(b.oldest_days, 0), coalesce(b.over_60, 0), coalesce(s.invoices, 0), coalesce(p.payments, 0),
           coalesce(w.broken, 0), coalesce(f.returned, 0), coalesce(f.defaults, 0), coalesce(f.in_proceedings, false) OR c.customer_id IS NOT NULL,
           coalesce(d.invoices, 0), coalesce(d.disputes, 0), d.dispute_rate_pct, d.rejected_pct,
           coalesce(r.quick + r.slow, 0), coalesce(r.quick, 0),
           coalesce(r.quick >= setting.min_reminded AND 100 * r.quick >= setting.min_after_reminder_pct * (r.quick + r.slow), false),
           d.invoice_known_at, l.known, b.known, w.known, greatest(f.known, c.known), d.dispute_known_at, r.known
    FROM credit_account a
    LEFT JOIN dispute_behaviour_as_of(customer_ids, day, known) d USING (customer_id)
    LEFT JOIN lateness l USING (customer_id) LEFT JOIN debt b USING (customer_id) LEFT JOIN settled s USING (customer_id) LEFT JOIN partial p USING (customer_id)
    LEFT JOIN word w USING (customer_id) LEFT JOIN failure f USING (customer_id) LEFT JOIN proceeding c USING (customer_id) LEFT JOIN response r USING (customer_id)
    WHERE customer_ids IS NULL OR a.customer_id = ANY (customer_ids);
END $$;
COMMENT ON FUNCTION payment_behaviour_as_of(bigint[], date, timestamptz) IS
'How these payers (NULL = all) paid in the 12 months up to a day, as known at an instant (default: all that is known now); a later fact changes nothing. One row a payer; first_invoice_on NULL = it never had an invoice, and nothing is known of its behaviour. Base currency; days and percent rounded to 2 decimals.
dbt_12m: days beyond terms (retard moyen) weighted by amount, by counted days (settlement_as_of), what is unpaid and overdue (owed_as_of) entering as late as it is by then; dbt_3m the same of payments of 3 months and items that fell due in them; trend_days: dbt_3m less the same of 12 months, which leaves out open items that fell due before. NULL where nothing was paid and nothing is overdue. on_time_pct_12m: share of the amount paid by the first business day on or after the due date and on_time_days; NULL without payments. oldest_overdue_days: of the oldest unpaid item, 0 = none. undisputed_over_60: unpaid for more than 60 days after the due date. settled_invoices_12m: invoices of which nothing is open any more and something was paid in the 12 months. partial_payments_12m: payments after which a part of the item was still open at the end of the day. broken_promises_12m: broken or partly kept; returned_payments_12m: for want of funds; defaults_12m: events of default that were not taken back, these returns included; in_proceedings: an open collective proceeding, or its event of default. disputes: as dispute_behaviour_as_of(). reminded_12m: items late by their own fault whose first reminder (level 1 or more, carried out) was answered by payment, or is older than reminder_days without one; paid_after_reminder_12m: paid within reminder_days; negligent: enough of them, by behaviour_setting. …_known_at: when the newest fact used was recorded. 22023 for no day or moment.';

CREATE FUNCTION behaviour_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 50000 SET search_path FROM CURRENT
AS $$
    SELECT b.customer_id, v.figure, v.value, NULL::text, v.source, coalesce(v.known, b.invoice_known_at, b.default_known_at)
    FROM payment_behaviour_as_of(customer_ids, behaviour_figures.as_of, behaviour_figures.known_at) b
    CROSS JOIN LATERAL (VALUES
        ('days_beyond_terms_12m', b.dbt_12m, CASE WHEN b.dbt_12m IS NULL THEN 'nothing was paid in 12 months and nothing is overdue'
                                                  ELSE 'payments of 12 months and what is overdue, weighted by amount' END, greatest(b.paid_known_at, b.open_known_at)),
        ('on_time_pct_12m', b.on_time_pct_12m, CASE WHEN b.on_time_pct_12m IS NULL THEN 'nothing was paid in 12 months' ELSE 'payments of 12 months' END, b.paid_known_at),
        ('oldest_overdue_days', b.oldest_overdue_days, 'open items, undisputed, less unmatched cash and credits', b.open_known_at),
        ('lateness_trend_days', b.trend_days, CASE WHEN b.trend_days IS NULL THEN 'nothing was paid in 3 months and nothing fell due unpaid'
                                                   ELSE 'payments and unpaid items of 3 months against those of 12' END, greatest(b.paid_known_at, b.open_known_at)),
        ('broken_promises_12m', b.broken_promises_12m + b.returned_payments_12m, 'promises judged and payments returned in 12 months',
            CASE WHEN b.returned_payments_12m > 0 THEN greatest(b.promise_known_at, b.default_known_at) ELSE b.promise_known_at END),
        ('settled_invoices_12m', b.settled_invoices_12m, 'payments of 12 months', b.paid_known_at),
        ('defaults_12m', b.defaults_12m, 'events of default of 12 months', b.default_known_at),
        ('undisputed_over_60', b.undisputed_over_60, 'open items, undisputed, less unmatched cash and credits', b.open_known_at),
        ('in_proceedings', b.in_proceedings::integer, 'collective proceedings and their events of default', b.default_known_at),
        ('dispute_rate_pct_12m', b.dispute_rate_pct_12m, CASE WHEN b.dispute_rate_pct_12m IS NULL THEN 'no invoice in 12 months'
                                                              ELSE format('%s disputes, %s invoices of 12 months', b.disputes_12m, b.invoices_12m) END, b.dispute_known_at),
        ('disputes_rejected_pct_12m', b.disputes_rejected_pct_12m, CASE WHEN b.disputes_rejected_pct_12m IS NULL THEN 'no dispute of 12 months is decided'
                                                                        ELSE 'decided disputes of 12 months' END, b.dispute_known_at),
        ('negligent_payer', CASE WHEN b.settled_invoices_12m > 0 OR b.reminded_12m > 0 THEN b.negligent::integer END,
            CASE WHEN b.settled_invoices_12m = 0 AND b.reminded_12m = 0 THEN 'nothing was settled in 12 months, and no reminder is due'
                 ELSE format('%s of %s items paid at the first reminder', b.paid_after_reminder_12m, b.reminded_12m) END, greatest(b.reminder_known_at, b.paid_known_at)),
        ('partial_payments_12m', b.partial_payments_12m, 'payments of 12 months', b.paid_known_at),
        ('customer_since_years', b.customer_since_years, 'the first invoice', b.invoice_known_at)
    ) v (figure, value, source, known)
    -- Without an invoice there is no behaviour; a failure is known all the same.
    WHERE b.first_invoice_on IS NOT NULL OR (v.value > 0 AND v.figure IN ('in_proceedings', 'defaults_12m', 'broken_promises_12m'))
$$;
COMMENT ON FUNCTION behaviour_figures(bigint[], date, timestamptz) IS
'The figures of behaviour in payment (comportement de paiement) of these payers (NULL = all) as of a day, as known at an instant, one row a figure, for scores: payment_behaviour_as_of() under the names of score_figure. value NULL = missing, source says why. A payer that never had an invoice has no rows, save of a failure on record: its behaviour is missing, not zero. broken_promises_12m counts returned payments too. A fact dated later than the day or recorded after the instant changes nothing. 22023 for no day or moment.';

-- ---- today -------------------------------------------------------------------------

CREATE VIEW payment_behaviour AS
SELECT b.customer_id, c.code, c.name, c.risk_class, b.open_amount, b.dbt_12m, b.dbt_3m, b.trend_days, b.on_time_pct_12m, b.oldest_overdue_days,
       b.undisputed_over_60, b.broken_promises_12m, b.returned_payments_12m, b.settled_invoices_12m, b.partial_payments_12m, b.paid_12m, b.defaults_12m,
       b.in_proceedings, b.invoices_12m, b.disputes_12m, b.dispute_rate_pct_12m, b.disputes_rejected_pct_12m, b.reminded_12m, b.paid_after_reminder_12m,
       b.negligent, b.first_invoice_on
FROM payment_behaviour_as_of(NULL, (SELECT business_date())) b JOIN customer c USING (customer_id)
WHERE b.first_invoice_on IS NOT NULL;
COMMENT ON VIEW payment_behaviour IS
'How customers pay (comportement de paiement), 12 months up to the business date: payment_behaviour_as_of() of all payers that ever had an invoice, base currency. open_amount is their receivable; a dbt_3m well above dbt_12m says who got worse. It reads the facts of all customers: ask payment_behaviour_as_of(ARRAY[customer_id], business_date()) for one.';

CREATE VIEW negligent_payer AS
SELECT b.customer_id, b.code, b.name, b.risk_class, b.dbt_12m, b.reminded_12m, b.paid_after_reminder_12m,
       round(100.0 * b.paid_after_reminder_12m / b.reminded_12m, 2) AS after_reminder_pct
FROM payment_behaviour b WHERE b.negligent;
COMMENT ON VIEW negligent_payer IS
'Customers who pay late, but as soon as they are reminded (négligence administrative), by behaviour_setting: so many items of 12 months paid within days of the first reminder, and hardly one not. They need an early and friendly reminder rather than a hard one: write such a strategy and give it to them, SELECT instruct_dunning(customer_id, ''strategy'', ''negligent payer'', strategy => …) FROM negligent_payer.';

CREATE VIEW serial_disputer AS
SELECT d.customer_id, c.code, c.name, c.risk_class, d.invoices, d.disputes, d.dispute_rate_pct, d.decided, d.rejected, d.rejected_pct, d.withdrawn,
       d.after_due, d.after_due_pct
FROM dispute_behaviour_as_of(NULL, (SELECT business_date())) d JOIN customer c USING (customer_id) CROSS JOIN behaviour_setting s
WHERE d.disputes >= s.min_disputes AND coalesce(d.dispute_rate_pct >= s.min_dispute_rate_pct, true)
  AND (d.rejected_pct >= s.min_rejected_pct OR d.after_due_pct >= s.min_after_due_pct);
COMMENT ON VIEW serial_disputer IS
'Customers who dispute again and again (litiges permanents, mauvaise foi), 12 months up to the business date, by behaviour_setting: many disputes for their invoices, and most of those decided rejected, or most opened only after the due date.';

-- ---- scored anew ---------------------------------------------------------------------

-- Payments are left to the night: each of them moves means by little.
CREATE FUNCTION default_scored() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM queue_score(ARRAY(SELECT DISTINCT n.customer_id FROM new_rows n ORDER BY 1), 'default_event');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION default_scored() IS
'Trigger of default_event: has the customers scored anew. Runs as the owner: scores are nobody''s to write.';
CREATE TRIGGER credit_risk_score AFTER INSERT ON default_event
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION default_scored();

CREATE FUNCTION case_scored() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    concerned bigint[] := ARRAY(SELECT DISTINCT n.customer_id FROM new_rows n WHERE TG_OP = 'INSERT' OR n.closed_on IS NOT NULL ORDER BY 1);
BEGIN
    IF cardinality(concerned) > 0 THEN
        PERFORM queue_score(concerned, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION case_scored() IS
'Trigger of dispute and promise: an opened or decided dispute and a promise that is judged have the customers scored anew. Runs as the owner: scores are nobody''s to write.';
CREATE TRIGGER credit_risk_score_opened AFTER INSERT ON dispute
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION case_scored();
CREATE TRIGGER credit_risk_score_closed AFTER UPDATE ON dispute
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION case_scored();
CREATE TRIGGER credit_risk_score_closed AFTER UPDATE ON promise
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION case_scored();
