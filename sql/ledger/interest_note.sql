-- Late-payment interest (pénalités de retard) and the recovery indemnity on the
-- ledger's own invoices, and the notes that claim them. Interest is reckoned
-- from the facts whenever it is asked for; a note freezes what it claims.

CREATE FUNCTION recovery_indemnity(regime text, unpaid numeric, currency text, rate numeric, on_date date) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    law_currency text := CASE recovery_indemnity.regime WHEN 'UK' THEN 'GBP' ELSE 'EUR' END;
    law_rate numeric;
BEGIN
    IF currency = law_currency THEN
        RETURN credit_risk.late_fixed_sum(unpaid, recovery_indemnity.regime);
    END IF;
    law_rate := (SELECT r.rate FROM rate_on(law_currency, on_date) r);
    RETURN round(credit_risk.late_fixed_sum(unpaid * rate / law_rate, recovery_indemnity.regime) * law_rate / rate, credit_risk.currency_scale(currency));
END $$;
COMMENT ON FUNCTION recovery_indemnity(text, numeric, text, numeric, date) IS
'Recovery indemnity (indemnité forfaitaire de recouvrement) for an unpaid amount in the currency of its invoice: 40 euros, in regime UK 40, 70 or 100 pounds by size, converted with the rate of the invoice and that of the euro or pound on its day (CR006 if there is none). Outside tax.';

-- A payment goes to interest first where the terms say so; a credit note or
-- loss lowers the principal in any case.
CREATE FUNCTION imputed_reductions(principal numeric, due_date date, reduced_on date[], reduced numeric[], cash boolean[],
                                   rate_from date[], rate_pct numeric[], rate_fixed boolean, day_count text, imputation text,
                                   OUT imputed_on date[], OUT imputed numeric[], OUT rule text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    reduction record;
    accrued numeric;
    paid numeric := 0;      -- of interest
BEGIN
    rule := imputation;
    imputed_on := reduced_on;
    imputed := reduced;
    IF imputation = 'principal_first' OR true = ALL (cash) THEN
        RETURN;
    END IF;
    rule := 'principal_first';
    imputed_on := '{}';
    imputed := '{}';
    FOR reduction IN SELECT * FROM unnest(reduced_on, reduced, cash) r (day, amount, cash) ORDER BY r.day, r.cash LOOP
        IF reduction.cash THEN
            SELECT least(coalesce(sum(s.interest), 0) - paid, reduction.amount) INTO accrued
            FROM credit_risk.late_interest_schedule_at(principal, due_date, imputed_on, imputed, reduction.day,
                                                       rate_from, rate_pct, rate_fixed, day_count, rule) s
            WHERE s.from_date IS NOT NULL;
            paid := paid + accrued;
            reduction.amount := reduction.amount - accrued;
        END IF;
        imputed_on := imputed_on || reduction.day;
        imputed := imputed || reduction.amount;
    END LOOP;
END $$;
COMMENT ON FUNCTION imputed_reductions(numeric, date, date[], numeric[], boolean[], date[], numeric[], boolean, text, text) IS
'What lowers the principal of a late debt, for credit_risk.late_interest_schedule_at(): as given, with the rule of imputation to take; where cash goes to interest first and there are credit notes or losses too, which never do, what each leaves for the principal.';

CREATE FUNCTION interest_stretch(for_customer_id bigint, only_invoice_id bigint, as_of date)
RETURNS TABLE (invoice_id bigint, instalment_no integer, currency text, from_on date, to_on date, days integer, rate_pct numeric, principal numeric, interest numeric,
               unpaid numeric, frozen boolean)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH stay AS (      -- the judgment of a collective proceeding of which only the default is on record
        SELECT min(e.occurred_on) AS judgment_on FROM default_event e
        WHERE e.customer_id = for_customer_id AND e.kind = 'collective_proceeding' AND e.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id)
          AND NOT EXISTS (SELECT FROM collective_proceeding p WHERE p.customer_id = e.customer_id AND p.default_event_id = e.default_event_id)
    ), item AS MATERIALIZED (
        SELECT i.invoice_id, s.instalment_no, i.currency, coalesce(x.due_on, s.due_on) AS due_on, s.amount, f.judgment_on IS NOT NULL AS frozen,
               least(as_of, f.judgment_on) AS until
        FROM invoice i CROSS JOIN stay y
        CROSS JOIN LATERAL (SELECT coalesce((SELECT z.judgment_on FROM frozen_invoice z WHERE z.customer_id = i.customer_id AND z.invoice_id = i.invoice_id),
                                            CASE WHEN y.judgment_on >= i.issued_on THEN y.judgment_on END) AS judgment_on) f
        CROSS JOIN LATERAL (
            SELECT 1 AS instalment_no, i.due_on, i.amount WHERE i.instalment_due_on IS NULL
            UNION ALL
            SELECT n.instalment_no, n.due_on, n.amount_part
            FROM credit_risk.instalments(i.amount, i.amount_base, i.instalment_due_on, i.instalment_amount) n) s
        LEFT JOIN corrected_due_date x ON x.customer_id = i.customer_id AND x.invoice_id = i.invoice_id AND x.instalment_no = s.instalment_no
        WHERE i.customer_id = for_customer_id AND (only_invoice_id IS NULL OR i.invoice_id = only_invoice_id)
          AND i.kind NOT IN ('credit_note', 'late_charge')      -- interest bears no interest
          AND i.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM invoice r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.invoice_id)
    ), contested AS (   -- what bears no interest: under dispute, granted, or through our fault
        SELECT d.invoice_id, d.instalment_no,
               sum(CASE WHEN d.closed_on IS NULL THEN d.amount
                        WHEN c.our_fault AND d.accepted_amount > 0 THEN d.amount
                        ELSE d.accepted_amount END) AS amount
        FROM dispute d LEFT JOIN dispute_root_cause c USING (root_cause)
        WHERE d.customer_id = for_customer_id GROUP BY 1, 2
    ), settled AS (     -- by what, and on which day: cash when it came, a credit note when it was issued
        SELECT a.invoice_id, a.instalment_no, a.payment_id IS NOT NULL AS cash, a.amount,
               CASE WHEN a.payment_id IS NOT NULL THEN coalesce(p.matures_on, p.received_on)
                    ELSE coalesce(a.credit_issued_on, a.effective_on) END AS day,
               sum(a.amount) FILTER (WHERE a.payment_id IS NULL) OVER w AS granted
        FROM allocation a LEFT JOIN payment p USING (customer_id, payment_id)
        WHERE a.customer_id = for_customer_id AND a.invoice_id IS NOT NULL AND a.reversal_of IS NULL
          AND (only_invoice_id IS NULL OR a.invoice_id = only_invoice_id)
          AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id)
        WINDOW w AS (PARTITION BY a.invoice_id, a.instalment_no ORDER BY coalesce(a.credit_issued_on, a.effective_on), a.allocation_id)
    ), debt AS (
        SELECT i.invoice_id, i.instalment_no, i.currency, i.due_on, i.frozen, i.amount - least(coalesce(c.amount, 0), i.amount) AS principal,
               coalesce(s.days, '{}') AS reduced_on, coalesce(s.amounts, '{}') AS reduced, coalesce(s.cash, '{}') AS cash,
               CASE WHEN t.imputation = 'interest_first' AND s.amount >= i.amount THEN least(i.until, s.last_day) ELSE i.until END AS until,
               t.regime, t.contract_pct, t.imputation, t.day_count
        FROM item i CROSS JOIN interest_terms_of(for_customer_id) t
        LEFT JOIN contested c USING (invoice_id, instalment_no)
        LEFT JOIN LATERAL (
            SELECT array_agg(s.day) AS days, array_agg(s.cash) AS cash, sum(s.amount) AS amount, max(s.day) AS last_day,
                   -- a credit note for what was contested is in the principal already
                   array_agg(CASE WHEN s.cash THEN s.amount
                                  ELSE s.amount - greatest(least(s.amount, coalesce(c.amount, 0) - (s.granted - s.amount)), 0) END) AS amounts
            FROM settled s WHERE (s.invoice_id, s.instalment_no) = (i.invoice_id, i.instalment_no)) s ON true
        WHERE i.due_on < i.until
    ), rates AS MATERIALIZED (
        SELECT r.* FROM (SELECT min(d.due_on) + 1 AS since, max(d.until) AS until, d.regime, d.contract_pct FROM debt d GROUP BY 3, 4) k
        CROSS JOIN LATERAL interest_rates(k.regime, k.contract_pct, k.since, k.until) r
    )
    SELECT d.invoice_id, d.instalment_no, d.currency, s.from_date, s.to_date, s.days, s.rate_pct, s.principal, s.interest,
           first_value(s.principal) OVER (PARTITION BY d.invoice_id, d.instalment_no ORDER BY s.from_date), d.frozen
    FROM debt d CROSS JOIN rates r
    CROSS JOIN LATERAL imputed_reductions(d.principal, d.due_on, d.reduced_on, d.reduced, d.cash,
                                          r.rate_from, r.rate_pct, r.rate_fixed, d.day_count, d.imputation) k
    CROSS JOIN LATERAL credit_risk.late_interest_schedule_at(d.principal, d.due_on, k.imputed_on, k.imputed, d.until,
                                                             r.rate_from, r.rate_pct, r.rate_fixed, d.day_count, k.rule) s
    WHERE d.principal > 0 AND s.from_date IS NOT NULL AND s.principal > 0
$$;
COMMENT ON FUNCTION interest_stretch(bigint, bigint, date) IS
'The stretches of late payment of a customer''s invoices, or of one, up to and with a day, by what is known now: an instalment from the day after its own due date (the right one, where it was corrected) until it was settled, by cash on the day it came (a draft: matured), by credit notes from their own date, by write-offs and other adjustments from theirs. unpaid is what was unpaid on the first day. Not for credit notes, late charges, what is or was rightly contested; frozen: of a claim from before the judgment that opened a collective proceeding, which bears interest until then only. Interest not rounded.';

CREATE FUNCTION late_interest_detail(invoice_id bigint, as_of date DEFAULT NULL)
RETURNS TABLE (instalment_no integer, from_on date, to_on date, days integer, rate_pct numeric, principal numeric, interest numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT s.instalment_no, s.from_on, s.to_on, s.days, s.rate_pct, s.principal, s.interest
    FROM invoice i CROSS JOIN LATERAL interest_stretch(i.customer_id, i.invoice_id, coalesce(late_interest_detail.as_of, business_date())) s
    WHERE i.invoice_id = late_interest_detail.invoice_id
    ORDER BY s.instalment_no, s.from_on
$$;
COMMENT ON FUNCTION late_interest_detail(bigint, date) IS
'What late_interest() adds up (décompte des pénalités de retard): a row for each instalment, rate and principal, first and last day, both counted; interest not rounded. No row if nothing was late.';

CREATE FUNCTION late_interest(invoice_id bigint, as_of date DEFAULT NULL)
RETURNS TABLE (customer_id bigint, currency text, interest numeric, indemnity numeric, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT i.customer_id, i.currency, n.interest, n.indemnity, n.interest + n.indemnity
    FROM invoice i CROSS JOIN LATERAL interest_terms_of(i.customer_id) t
    CROSS JOIN LATERAL (
        SELECT coalesce(round(sum(s.interest), credit_risk.currency_scale(i.currency)), 0) AS interest,
               coalesce((SELECT recovery_indemnity(t.regime, sum(u.unpaid), i.currency, i.rate, i.issued_on)
                         FROM (SELECT DISTINCT x.instalment_no, x.unpaid
                               FROM interest_stretch(i.customer_id, i.invoice_id, coalesce(late_interest.as_of, business_date())) x
                               WHERE NOT x.frozen) u HAVING count(*) > 0), 0) AS indemnity
        FROM interest_stretch(i.customer_id, i.invoice_id, coalesce(late_interest.as_of, business_date())) s) n
    WHERE i.invoice_id = late_interest.invoice_id
$$;
COMMENT ON FUNCTION late_interest(bigint, date) IS
'Late-payment interest and recovery indemnity (pénalités de retard et indemnité forfaitaire) of an invoice up to and with a day (NULL = business date), by the terms of its customer and what was paid until now; it survives payment of the invoice. Interest is rounded once; the indemnity is owed once an invoice, however many parts were late, and not in a collective proceeding. Currency of the invoice, outside tax. Zeros if nothing was late, no row if there is no such invoice. 22023 where a rate is not known.';

-- Notes

CREATE TABLE interest_note (
    customer_id      bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    interest_note_id bigint GENERATED BY DEFAULT AS IDENTITY,
    note_no          text NOT NULL CHECK (note_no <> ''),
    as_of            date NOT NULL CHECK (isfinite(as_of)),
    currency         text NOT NULL,
    regime           text NOT NULL,
    interest         numeric NOT NULL CHECK (interest >= 0 AND interest < 1e18),
    indemnity        numeric NOT NULL CHECK (indemnity >= 0 AND indemnity < 1e18),
    amount           numeric NOT NULL CHECK (amount > 0),
    unapplied        numeric NOT NULL,
    recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by      text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, interest_note_id),
    UNIQUE (customer_id, note_no),
    CONSTRAINT interest_note_amount CHECK (amount = interest + indemnity)
);
CREATE INDEX interest_note_id ON interest_note (interest_note_id);
COMMENT ON TABLE interest_note IS
'Facts: notes of late-payment interest (notes de débit de pénalités de retard), each with its lines as reckoned; written by propose_interest_note(). What became of a note are its interest_note_event rows.';
COMMENT ON COLUMN interest_note.customer_id IS 'The payer.';
COMMENT ON COLUMN interest_note.interest_note_id IS 'Key.';
COMMENT ON COLUMN interest_note.note_no IS 'Number; unique per customer.';
COMMENT ON COLUMN interest_note.as_of IS 'Last day that it claims interest for.';
COMMENT ON COLUMN interest_note.currency IS 'Currency of its invoices.';
COMMENT ON COLUMN interest_note.regime IS 'Regime by which it was reckoned.';
COMMENT ON COLUMN interest_note.interest IS 'Interest of its lines.';
COMMENT ON COLUMN interest_note.indemnity IS 'Recovery indemnities of its lines.';
COMMENT ON COLUMN interest_note.amount IS 'What it claims.';
COMMENT ON COLUMN interest_note.unapplied IS 'Cash of the customer in this currency that was not matched when it was proposed: to be looked at before the note goes out.';
COMMENT ON COLUMN interest_note.recorded_at IS 'When it was proposed.';
COMMENT ON COLUMN interest_note.recorded_by IS 'Role that proposed it.';

CREATE TABLE interest_note_line (
    customer_id      bigint NOT NULL,
    interest_note_id bigint NOT NULL,
    line_no          integer NOT NULL,
    invoice_id       bigint NOT NULL,
    instalment_no    integer,
    from_on          date,
    to_on            date,
    days             integer,
    rate_pct         numeric,
    principal        numeric,
    interest         numeric NOT NULL DEFAULT 0,
    indemnity        numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (customer_id, interest_note_id, line_no),
    FOREIGN KEY (customer_id, interest_note_id) REFERENCES interest_note ON UPDATE RESTRICT ON DELETE RESTRICT,
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT interest_note_line_of_one_kind CHECK (
        CASE WHEN num_nulls(instalment_no, from_on, to_on, days, rate_pct, principal) = 0 THEN from_on <= to_on AND principal > 0 AND interest >= 0 AND indemnity = 0
             ELSE num_nonnulls(instalment_no, from_on, to_on, days, rate_pct, principal) = 0 AND interest = 0 AND indemnity > 0 END)
);
CREATE INDEX interest_note_line_invoice ON interest_note_line (customer_id, invoice_id);
COMMENT ON TABLE interest_note_line IS 'Facts: lines of interest notes: a stretch of days of an instalment at one rate on one principal, or the indemnity of an invoice.';
COMMENT ON COLUMN interest_note_line.customer_id IS 'The payer.';
COMMENT ON COLUMN interest_note_line.interest_note_id IS 'The note.';
COMMENT ON COLUMN interest_note_line.line_no IS 'Line, from 1.';
COMMENT ON COLUMN interest_note_line.invoice_id IS 'The invoice that was late.';
COMMENT ON COLUMN interest_note_line.instalment_no IS 'Its instalment; NULL on the line of its indemnity, as are days, rate and principal.';
COMMENT ON COLUMN interest_note_line.from_on IS 'First day.';
COMMENT ON COLUMN interest_note_line.to_on IS 'Last day.';
COMMENT ON COLUMN interest_note_line.days IS 'Days, by the day count.';
COMMENT ON COLUMN interest_note_line.rate_pct IS 'Rate, percent a year.';
COMMENT ON COLUMN interest_note_line.principal IS 'What was unpaid and not claimed for these days yet.';
COMMENT ON COLUMN interest_note_line.interest IS 'Interest; the lines of an invoice are rounded so that they add up to its interest rounded once.';
COMMENT ON COLUMN interest_note_line.indemnity IS 'Recovery indemnity, on a line of its own.';

CREATE TABLE interest_note_event (
    customer_id      bigint NOT NULL,
    interest_note_id bigint NOT NULL,
    event_no         integer NOT NULL CHECK (event_no > 0),
    event            text NOT NULL CHECK (event IN ('issued', 'waived', 'reinstated', 'reversed')),
    effective_on     date NOT NULL CHECK (isfinite(effective_on)),
    invoice_id       bigint,
    amount           numeric,
    reason           text,
    recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by      text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, interest_note_id, event_no),
    FOREIGN KEY (customer_id, interest_note_id) REFERENCES interest_note ON UPDATE RESTRICT ON DELETE RESTRICT,
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT interest_note_event_has_a_reason CHECK (event = 'issued' OR coalesce(reason, '') <> '')
);
COMMENT ON TABLE interest_note_event IS 'Facts: what became of interest notes, one row a step: issued, waived, reinstated, reversed.';
COMMENT ON COLUMN interest_note_event.customer_id IS 'The payer.';
COMMENT ON COLUMN interest_note_event.interest_note_id IS 'The note.';
COMMENT ON COLUMN interest_note_event.event_no IS 'Step, from 1.';
COMMENT ON COLUMN interest_note_event.event IS 'issued (émise), waived (remise accordée), reinstated (remise retirée) or reversed (annulée).';
COMMENT ON COLUMN interest_note_event.effective_on IS 'Business date.';
COMMENT ON COLUMN interest_note_event.invoice_id IS 'What it posted: the late charge, its reversal or a credit note; NULL = nothing.';
COMMENT ON COLUMN interest_note_event.amount IS 'Amount of that document; NULL = none.';
COMMENT ON COLUMN interest_note_event.reason IS 'Why; all but issued need one.';
COMMENT ON COLUMN interest_note_event.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN interest_note_event.recorded_by IS 'Role that did it.';

CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON interest_note
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON interest_note
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON interest_note_line
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON interest_note_line
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON interest_note_event
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON interest_note_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW interest_note_status AS
SELECT n.customer_id, c.code, c.name, n.interest_note_id, n.note_no, n.as_of, n.currency, n.regime, n.interest, n.indemnity, n.amount, n.unapplied,
       CASE e.event WHEN 'reinstated' THEN CASE WHEN e.invoice_id IS NULL THEN 'proposed' ELSE 'issued' END ELSE coalesce(e.event, 'proposed') END AS status,
       coalesce(e.effective_on, n.as_of) AS status_on, e.reason, p.invoice_id
FROM interest_note n JOIN customer c USING (customer_id)
LEFT JOIN LATERAL (SELECT v.* FROM interest_note_event v
                   WHERE v.customer_id = n.customer_id AND v.interest_note_id = n.interest_note_id ORDER BY v.event_no DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT v.invoice_id FROM interest_note_event v
                   WHERE v.customer_id = n.customer_id AND v.interest_note_id = n.interest_note_id AND v.event IN ('issued', 'reinstated')
                     AND v.invoice_id IS NOT NULL ORDER BY v.event_no DESC LIMIT 1) p ON true;
COMMENT ON VIEW interest_note_status IS
'Interest notes and where they stand: proposed, issued, waived or reversed, since when and why; invoice_id is the late charge last posted for it (NULL = never). The days of a note that is not reversed are claimed, also where it was waived.';

CREATE FUNCTION interest_to_claim(for_customer_id bigint, as_of date DEFAULT NULL)
RETURNS TABLE (invoice_id bigint, instalment_no integer, currency text, from_on date, to_on date, days integer, rate_pct numeric, principal numeric,
               interest numeric, indemnity numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH stretch AS MATERIALIZED (
        SELECT s.*, coalesce(x.due_on, i.instalment_due_on[s.instalment_no], i.due_on) AS due_on, i.rate, i.issued_on
        FROM interest_stretch(for_customer_id, NULL, coalesce(as_of, business_date())) s
        JOIN invoice i ON i.customer_id = for_customer_id AND i.invoice_id = s.invoice_id
        LEFT JOIN corrected_due_date x ON x.customer_id = i.customer_id AND x.invoice_id = i.invoice_id AND x.instalment_no = s.instalment_no
    ), claimed AS MATERIALIZED (
        SELECT l.* FROM interest_note_line l
        WHERE l.customer_id = for_customer_id
          AND NOT EXISTS (SELECT FROM interest_note_event e
                          WHERE e.customer_id = l.customer_id AND e.interest_note_id = l.interest_note_id AND e.event = 'reversed')
    ), cut AS (         -- a stretch falls apart where a claim begins or ends
        SELECT s.*, p.day AS part_from, coalesce(lead(p.day) OVER (PARTITION BY s.invoice_id, s.instalment_no, s.from_on ORDER BY p.day) - 1, s.to_on) AS part_to
        FROM stretch s CROSS JOIN LATERAL (
            SELECT s.from_on AS day
            UNION SELECT v.day FROM claimed c CROSS JOIN LATERAL (VALUES (c.from_on), (c.to_on + 1)) v (day)
            WHERE (c.invoice_id, c.instalment_no) = (s.invoice_id, s.instalment_no) AND v.day > s.from_on AND v.day <= s.to_on) p
    ), part AS (
        SELECT s.*, s.principal - coalesce((SELECT sum(c.principal) FROM claimed c
                                            WHERE (c.invoice_id, c.instalment_no) = (s.invoice_id, s.instalment_no)
                                              AND c.from_on <= s.part_from AND c.to_on >= s.part_to), 0) AS unclaimed,
               CASE WHEN (s.part_from, s.part_to) = (s.from_on, s.to_on) THEN s.days
                    ELSE credit_risk.day_count_days(s.due_on, s.part_to, t.day_count)
                         - credit_risk.day_count_days(s.due_on, s.part_from - 1, t.day_count) END AS part_days
        FROM cut s CROSS JOIN interest_terms_of(for_customer_id) t
    ), exact AS (
        SELECT p.*, sum(p.interest * p.part_days / nullif(p.days, 0) * p.unclaimed / p.principal)
                        OVER (PARTITION BY p.invoice_id ORDER BY p.instalment_no, p.part_from) AS running
        FROM part p WHERE p.unclaimed > 0
    )
    SELECT e.invoice_id, e.instalment_no, e.currency, e.part_from, e.part_to, e.part_days, e.rate_pct, e.unclaimed,
           round(coalesce(e.running, 0), credit_risk.currency_scale(e.currency))
             - round(coalesce(lag(e.running) OVER (PARTITION BY e.invoice_id ORDER BY e.instalment_no, e.part_from), 0), credit_risk.currency_scale(e.currency)), 0
    FROM exact e
    UNION ALL
    SELECT u.invoice_id, NULL, u.currency, NULL, NULL, NULL, NULL, NULL, 0, recovery_indemnity(t.regime, sum(u.unpaid), u.currency, u.rate, u.issued_on)
    FROM (SELECT DISTINCT s.invoice_id, s.instalment_no, s.currency, s.unpaid, s.rate, s.issued_on FROM stretch s WHERE NOT s.frozen) u
    CROSS JOIN interest_terms_of(for_customer_id) t
    WHERE NOT EXISTS (SELECT FROM claimed c WHERE c.invoice_id = u.invoice_id AND c.indemnity > 0)
    GROUP BY u.invoice_id, u.currency, u.rate, u.issued_on, t.regime
    ORDER BY 1, 2, 4
$$;
COMMENT ON FUNCTION interest_to_claim(bigint, date) IS
'Late-payment interest and indemnities of a customer up to and with a day (NULL = business date) that no interest note has claimed: for each day the principal less what notes, reversed ones aside, claimed for it already. The indemnity of an invoice is a row of its own, without days. Interest rounded so that an invoice adds up to its interest rounded once.';

CREATE FUNCTION interest_claimed_in_excess(for_customer_id bigint)
RETURNS TABLE (invoice_id bigint, instalment_no integer, currency text, claimed numeric, owed numeric, notes text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH claimed AS (
        SELECT l.invoice_id, l.instalment_no, n.currency, sum(l.interest) AS interest, max(l.to_on) AS until, count(*) AS lines,
               string_agg(DISTINCT n.note_no, ', ' ORDER BY n.note_no) AS notes
        FROM interest_note_line l JOIN interest_note_status n USING (customer_id, interest_note_id)
        WHERE l.customer_id = for_customer_id AND l.instalment_no IS NOT NULL AND n.status IN ('proposed', 'issued') GROUP BY 1, 2, 3
    )
    SELECT c.invoice_id, c.instalment_no, c.currency, c.interest, o.interest, c.notes
    FROM claimed c
    CROSS JOIN LATERAL (SELECT coalesce(round(sum(s.interest), credit_risk.currency_scale(c.currency)), 0) AS interest
                        FROM interest_stretch(for_customer_id, c.invoice_id, c.until) s WHERE s.instalment_no = c.instalment_no) o
    WHERE c.interest - o.interest > c.lines * 10.0 ^ -credit_risk.currency_scale(c.currency)
    ORDER BY 1, 2
$$;
COMMENT ON FUNCTION interest_claimed_in_excess(bigint) IS
'Items of a customer for which notes that stand claim more interest than is owed by what is known now: paid earlier than was known, credited or contested since. Claimed, owed up to the same day, and the notes: reverse them and propose anew. Differences of rounding are left out.';

-- From the proposal to its end. All steps of a customer go one after another,
-- under the lock of its account; a key that is taken says that they did not.

CREATE FUNCTION propose_interest_note(customer_id bigint, as_of date DEFAULT NULL, invoice_ids bigint[] DEFAULT NULL) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    until date := coalesce(propose_interest_note.as_of, business_date());
    note interest_note;
    claim record;
BEGIN
    IF NOT EXISTS (SELECT FROM credit_account a WHERE a.customer_id = propose_interest_note.customer_id) THEN
        RAISE EXCEPTION 'customer % has no account', coalesce(propose_interest_note.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'Interest is claimed from the payer.';
    ELSIF NOT isfinite(until) OR until > business_date() THEN
        RAISE EXCEPTION 'interest cannot be claimed up to %', until
            USING ERRCODE = 'CR003', DETAIL = format('The business date is %s.', business_date()), HINT = 'Give that day or an earlier one.';
    END IF;
    PERFORM lock_accounts(ARRAY[propose_interest_note.customer_id]);
    FOR claim IN
        SELECT c.currency, sum(c.interest) AS interest, sum(c.indemnity) AS indemnity,
               array_agg(ROW(propose_interest_note.customer_id, 0, 0, c.invoice_id, c.instalment_no, c.from_on, c.to_on, c.days, c.rate_pct, c.principal,
                             c.interest, c.indemnity)::interest_note_line) AS lines
        FROM interest_to_claim(propose_interest_note.customer_id, until) c
        WHERE propose_interest_note.invoice_ids IS NULL OR c.invoice_id = ANY (propose_interest_note.invoice_ids)
        GROUP BY c.currency ORDER BY c.currency
    LOOP
        CONTINUE WHEN claim.interest + claim.indemnity = 0;
        INSERT INTO interest_note AS n (customer_id, note_no, as_of, currency, regime, interest, indemnity, amount, unapplied)
        SELECT propose_interest_note.customer_id, format('INT-%s', 1 + (SELECT count(*) FROM interest_note o WHERE o.customer_id = propose_interest_note.customer_id)),
               until, claim.currency, t.regime, claim.interest, claim.indemnity, claim.interest + claim.indemnity,
               coalesce((SELECT sum(f.amount) FROM unapplied_fact f JOIN payment p USING (customer_id, payment_id)
                         WHERE f.customer_id = propose_interest_note.customer_id AND p.currency = claim.currency), 0)
        FROM interest_terms_of(propose_interest_note.customer_id) t
        RETURNING n.* INTO note;
        INSERT INTO interest_note_line
        SELECT l.customer_id, note.interest_note_id, row_number() OVER (ORDER BY l.invoice_id, l.instalment_no, l.from_on), l.invoice_id, l.instalment_no,
               l.from_on, l.to_on, l.days, l.rate_pct, l.principal, l.interest, l.indemnity
        FROM unnest(claim.lines) l;
        RETURN NEXT note.interest_note_id;
    END LOOP;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'could not serialize interest notes of customer %', propose_interest_note.customer_id
        USING ERRCODE = '40001', HINT = 'Another transaction proposed at the same time; try again.';
END $$;
COMMENT ON FUNCTION propose_interest_note(bigint, date, bigint[]) IS
'Writes notes of the late-payment interest and indemnities of a customer up to and with a day (NULL = business date) that no note has claimed, of these invoices (NULL = all), one for each currency, and returns their ids; none where nothing is to be claimed. Posts nothing: issue_interest_note() does. CR003 for a day to come, CR004 for who has no account, 22023 where a rate is not known. Runs as the owner: what is claimed is reckoned, not written by hand.';

CREATE FUNCTION interest_note_in(interest_note_id bigint, statuses text[], VARIADIC what text[]) RETURNS interest_note_status
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    note interest_note_status;
BEGIN
    PERFORM lock_accounts(ARRAY(SELECT n.customer_id FROM interest_note n WHERE n.interest_note_id = interest_note_in.interest_note_id));
    SELECT s.* INTO note FROM interest_note_status s WHERE s.interest_note_id = interest_note_in.interest_note_id;
    IF note.interest_note_id IS NULL THEN
        RAISE EXCEPTION 'there is no interest note %', coalesce(interest_note_in.interest_note_id::text, 'NULL') USING ERRCODE = 'CR007';
    ELSIF note.status <> ALL (statuses) THEN
        RAISE EXCEPTION 'interest note % cannot be %: it is %', note.note_no, what[1], note.status
            USING ERRCODE = 'CR012', DETAIL = format('Since %s%s.', note.status_on, coalesce(', ' || note.reason, '')),
                  HINT = format('Only a note that is %s can.', array_to_string(statuses, ' or '));
    ELSIF cardinality(what) > 1 AND coalesce(what[2], '') = '' THEN
        RAISE EXCEPTION 'interest note % is not % without a reason', note.note_no, what[1]
            USING ERRCODE = '22023', HINT = 'Say why: it stays on record.';
    END IF;
    RETURN note;
END $$;
COMMENT ON FUNCTION interest_note_in(bigint, text[], text[]) IS
'The note with the account of its customer locked, if it is in one of these states: what is to be done with it and for what reason are for the errors. CR007 if there is none, CR012 in another state, 22023 without a reason where one is asked for.';

CREATE FUNCTION interest_note_step(note interest_note_status, event text, invoice_id bigint, amount numeric, reason text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO interest_note_event (customer_id, interest_note_id, event_no, event, effective_on, invoice_id, amount, reason)
    SELECT note.customer_id, note.interest_note_id, 1 + count(*), interest_note_step.event, business_date(), interest_note_step.invoice_id,
           interest_note_step.amount, interest_note_step.reason
    FROM interest_note_event e WHERE e.customer_id = note.customer_id AND e.interest_note_id = note.interest_note_id;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'could not serialize the steps of interest note %', note.note_no
        USING ERRCODE = '40001', HINT = 'Another transaction did something with it at the same time; look at it again.';
END $$;
COMMENT ON FUNCTION interest_note_step(interest_note_status, text, bigint, numeric, text) IS
'Writes the next event of a note. 40001 if another transaction wrote one at the same time.';

CREATE FUNCTION post_late_charge(note interest_note_status, amount numeric, invoice_no text, due_on date) RETURNS bigint
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount, tax_amount, currency)
    SELECT note.customer_id, coalesce(post_late_charge.invoice_no, note.note_no || CASE WHEN k.posted > 0 THEN format('-%s', k.posted + 1) ELSE '' END),
           'late_charge', business_date(), coalesce(post_late_charge.due_on, business_date()), post_late_charge.amount, 0, note.currency
    FROM (SELECT count(*) AS posted FROM interest_note_event e
          WHERE e.customer_id = note.customer_id AND e.interest_note_id = note.interest_note_id
            AND e.event IN ('issued', 'reinstated') AND e.invoice_id IS NOT NULL) k
    RETURNING invoice_id
$$;
COMMENT ON FUNCTION post_late_charge(interest_note_status, numeric, text, date) IS
'Posts the late charge of a note, outside tax, under a number (NULL = that of the note) and due on a day (NULL = at once); returns its invoice_id.';

CREATE FUNCTION withdraw_late_charge(note interest_note_status, by_credit_note boolean, OUT document_id bigint, OUT amount numeric)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    charge invoice;
    day date;
BEGIN
    SELECT i.* INTO charge FROM invoice i WHERE i.customer_id = note.customer_id AND i.invoice_id = note.invoice_id;
    SELECT greatest(business_date(), charge.issued_on, max(a.effective_on)) INTO day
    FROM allocation a WHERE a.customer_id = charge.customer_id AND a.invoice_id = charge.invoice_id;
    amount := coalesce((SELECT sum(o.open_amount) FROM open_item o
                        WHERE o.customer_id = charge.customer_id AND o.invoice_id = charge.invoice_id), 0);
    IF amount = charge.amount THEN
        document_id := reverse_invoice(charge.invoice_id, day);
    ELSIF by_credit_note AND amount > 0 THEN
        INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount, tax_amount, currency)
        VALUES (charge.customer_id, charge.invoice_no || '-C', 'credit_note', day, day, amount, 0, charge.currency)
        RETURNING invoice_id INTO document_id;
        INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount)
        VALUES (charge.customer_id, document_id, charge.invoice_id, amount);
    ELSE
        RAISE EXCEPTION 'late charge % cannot be taken back: % of % is open', charge.invoice_no, amount, charge.amount
            USING ERRCODE = 'CR003',
                  HINT = CASE WHEN by_credit_note THEN 'It is paid: make a credit note, or refund it.'
                              ELSE 'Undo its allocations first, by reverse_allocation(); or waive what is open.' END;
    END IF;
END $$;
COMMENT ON FUNCTION withdraw_late_charge(interest_note_status, boolean) IS
'Takes back the late charge of a note, by its reversal where nothing of it is settled, else by a credit note for what is open if that may be; returns that document and its amount. CR003 otherwise.';

CREATE FUNCTION issue_interest_note(interest_note_id bigint, invoice_no text DEFAULT NULL, due_on date DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    note interest_note_status := interest_note_in(issue_interest_note.interest_note_id, '{proposed}', 'issued');
    charge_id bigint;
BEGIN
    IF due_on < business_date() THEN
        RAISE EXCEPTION 'a late charge issued on % cannot be due on %', business_date(), due_on USING ERRCODE = 'CR003';
    END IF;
    charge_id := post_late_charge(note, note.amount, invoice_no, due_on);
    PERFORM interest_note_step(note, 'issued', charge_id, note.amount, NULL);
    RETURN charge_id;
END $$;
COMMENT ON FUNCTION issue_interest_note(bigint, text, date) IS
'Issues a proposed interest note: posts its amount as an invoice of kind late_charge, under a number (NULL = that of the note), due on a day (NULL = at once, no reminder is needed); returns its invoice_id. CR012 if it is not proposed, CR007 if there is none. Runs as the owner: the events of notes are nobody''s to write.';

CREATE FUNCTION waive_interest_note(interest_note_id bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    note interest_note_status := interest_note_in(waive_interest_note.interest_note_id, '{proposed,issued}', 'waived', reason);
    back record;
BEGIN
    IF note.regime = 'FR_PUBLIC' THEN
        RAISE EXCEPTION 'interest note % cannot be waived: its debtor is a public buyer', note.note_no
            USING ERRCODE = 'CR012', DETAIL = 'A creditor cannot renounce the late-payment interest of a public buyer.',
                  HINT = 'Reverse it if it is wrong.';
    ELSIF note.status = 'issued' THEN
        SELECT w.* INTO back FROM withdraw_late_charge(note, true) w;
        PERFORM interest_note_step(note, 'waived', back.document_id, back.amount, reason);
    ELSE
        PERFORM interest_note_step(note, 'waived', NULL, NULL, reason);
    END IF;
    RETURN 'waived';
END $$;
COMMENT ON FUNCTION waive_interest_note(bigint, text) IS
'Waives an interest note (remise de pénalités): its days are not claimed again. If it was issued, the late charge is reversed, or what is open of it credited where some of it is settled. Returns waived. CR012 for a note that is waived or reversed already or whose debtor is a public buyer, CR003 if it is paid, 22023 without a reason. Runs as the owner: the events of notes are nobody''s to write.';

CREATE FUNCTION reinstate_interest_note(interest_note_id bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    note interest_note_status := interest_note_in(reinstate_interest_note.interest_note_id, '{waived}', 'reinstated', reason);
    waived numeric := (SELECT e.amount FROM interest_note_event e
                       WHERE e.customer_id = note.customer_id AND e.interest_note_id = note.interest_note_id AND e.event = 'waived'
                       ORDER BY e.event_no DESC LIMIT 1);
BEGIN
    IF waived IS NULL THEN
        PERFORM interest_note_step(note, 'reinstated', NULL, NULL, reason);
        RETURN 'proposed';
    END IF;
    PERFORM interest_note_step(note, 'reinstated', post_late_charge(note, waived, NULL, NULL), waived, reason);
    RETURN 'issued';
END $$;
COMMENT ON FUNCTION reinstate_interest_note(bigint, text) IS
'Takes the waiver of an interest note back: it is proposed again, or if it had been issued, what was waived is posted again as a late charge. Returns the state, proposed or issued. CR012 if it is not waived, 22023 without a reason. Runs as the owner: the events of notes are nobody''s to write.';

CREATE FUNCTION reverse_interest_note(interest_note_id bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    note interest_note_status := interest_note_in(reverse_interest_note.interest_note_id, '{proposed,issued}', 'reversed', reason);
    back record;
    kept numeric;       -- of charges before the last one: settled when the rest was waived
BEGIN
    IF note.status = 'issued' THEN
        SELECT w.* INTO back FROM withdraw_late_charge(note, false) w;
        SELECT sum(CASE WHEN e.event = 'waived' THEN -e.amount ELSE e.amount END) - back.amount INTO kept
        FROM interest_note_event e WHERE e.customer_id = note.customer_id AND e.interest_note_id = note.interest_note_id;
        IF kept <> 0 THEN
            RAISE EXCEPTION 'interest note % cannot be reversed: % of an earlier late charge of it is settled', note.note_no, kept
                USING ERRCODE = 'CR003', DETAIL = 'Its days could be claimed a second time.', HINT = 'Waive what is open.';
        END IF;
        PERFORM interest_note_step(note, 'reversed', back.document_id, back.amount, reason);
    ELSE
        PERFORM interest_note_step(note, 'reversed', NULL, NULL, reason);
    END IF;
    RETURN 'reversed';
END $$;
COMMENT ON FUNCTION reverse_interest_note(bigint, text) IS
'Reverses an interest note that was wrong (annulation): the late charge is reversed, and its days and indemnities may be claimed anew. Returns reversed. CR012 for a note that is waived or reversed already, CR003 if something of the charge is settled, 22023 without a reason. Runs as the owner: the events of notes are nobody''s to write.';
