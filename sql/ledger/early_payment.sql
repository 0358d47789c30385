-- Early-payment discount (escompte): offered by the terms, taken only in time,
-- and what it and the penalties for lateness come to.

CREATE VIEW cash_discount AS
SELECT i.customer_id, c.code, c.name, i.invoice_id, i.invoice_no, i.terms, d.discount_pct, i.issued_on, d.discount_on, i.due_on, i.currency, i.amount,
       s.credited, s.paid, s.paid_on, o.offered, s.taken, i.amount - s.credited - s.paid - s.other - s.taken AS open_amount,
       CASE WHEN s.taken > 0 THEN 'taken'
            WHEN o.offered = 0 OR d.discount_on < (SELECT business_date()) OR s.paid_on > d.discount_on
                 OR i.amount = s.credited + s.paid + s.other THEN 'missed'
            ELSE 'pending' END AS outcome,
       credit_risk.base_share(i.amount_base, i.amount, 0, i.amount - s.credited) AS amount_base,
       credit_risk.base_share(i.amount_base, i.amount, 0, s.taken) AS taken_base
FROM invoice i JOIN customer c USING (customer_id)
CROSS JOIN LATERAL (SELECT credit_risk.discount_pct(i.terms::credit_risk.payment_terms) AS discount_pct,
                           credit_risk.discount_due_date(i.issued_on, i.terms::credit_risk.payment_terms) AS discount_on) d
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.amount) FILTER (WHERE a.credit_invoice_id IS NOT NULL), 0) AS credited,
           coalesce(sum(a.amount) FILTER (WHERE a.payment_id IS NOT NULL), 0) AS paid,
           coalesce(sum(a.amount) FILTER (WHERE a.adjustment = 'cash_discount'), 0) AS taken,
           coalesce(sum(a.amount) FILTER (WHERE a.adjustment <> 'cash_discount'), 0) AS other,
           max(p.received_on) AS paid_on
    FROM allocation a LEFT JOIN payment p USING (customer_id, payment_id)
    WHERE a.customer_id = i.customer_id AND a.invoice_id = i.invoice_id AND a.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id)) s
CROSS JOIN LATERAL (SELECT round((i.amount - s.credited) * d.discount_pct / 100, credit_risk.currency_scale(i.currency)) AS offered) o
WHERE i.terms IS NOT NULL AND d.discount_pct IS NOT NULL AND i.kind NOT IN ('credit_note', 'late_charge') AND i.reversal_of IS NULL
  AND NOT EXISTS (SELECT FROM invoice r WHERE r.customer_id = i.customer_id AND r.reversal_of = i.invoice_id);
COMMENT ON VIEW cash_discount IS
'Invoices whose terms offer a discount for early payment (escompte): percent, last day for it, what it is of the amount with tax less credit notes, what was taken, and the outcome on the business date: taken, missed or pending. Amounts in document currency, those with _base in base currency; paid_on is the day of the last payment.';

CREATE FUNCTION cash_discount_due(invoice_id bigint, on_date date DEFAULT NULL) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN coalesce(cash_discount_due.on_date, business_date()) BETWEEN d.issued_on AND d.discount_on
                     AND d.taken = 0 AND coalesce(d.paid_on <= d.discount_on, true) THEN least(d.offered, d.open_amount)
                ELSE 0 END
    FROM cash_discount d WHERE d.invoice_id = cash_discount_due.invoice_id
$$;
COMMENT ON FUNCTION cash_discount_due(bigint, date) IS
'The discount (escompte) that an invoice has if the rest of it is paid on a day (NULL = business date), document currency: the percent of its terms on the amount with tax less credit notes, until the last day of the discount, that day included; 0 after it, before the invoice, or where it was taken. NULL where the terms offer none.';

CREATE FUNCTION cash_discount_allowed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    offer cash_discount;
BEGIN
    SELECT d.* INTO offer FROM cash_discount d WHERE d.customer_id = NEW.customer_id AND d.invoice_id = NEW.invoice_id;
    IF offer.invoice_id IS NULL THEN
        RAISE EXCEPTION 'invoice % offers no discount for early payment', NEW.invoice_id
            USING ERRCODE = 'CR003', DETAIL = 'Its terms have none.', HINT = 'Make a credit note, or write the difference off.';
    ELSIF offer.paid_on IS NULL THEN
        RAISE EXCEPTION 'the discount of invoice % comes with its payment', offer.invoice_no
            USING ERRCODE = 'CR003', DETAIL = 'Nothing is paid of it.', HINT = 'take_cash_discount() books both.';
    ELSIF offer.paid_on > offer.discount_on THEN
        RAISE EXCEPTION 'invoice % was paid on %, its discount ended on %', offer.invoice_no, offer.paid_on, offer.discount_on
            USING ERRCODE = 'CR003', DETAIL = format('%s %% or %s were offered; %s is asked for.', offer.discount_pct, offer.offered, NEW.amount),
                  HINT = 'The amount stays due; a favour is a credit note.';
    ELSIF offer.taken + NEW.amount > offer.offered THEN
        RAISE EXCEPTION 'invoice % offers a discount of %, not %', offer.invoice_no, offer.offered, offer.taken + NEW.amount
            USING ERRCODE = 'CR003', DETAIL = format('%s %% of %s.', offer.discount_pct, offer.amount - offer.credited);
    ELSIF NEW.amount < offer.open_amount THEN
        RAISE EXCEPTION 'invoice % is not paid: % is open, the discount is %', offer.invoice_no, offer.open_amount, NEW.amount
            USING ERRCODE = 'CR003', HINT = 'The discount is for the payment of all the rest.';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION cash_discount_allowed() IS
'Trigger of allocation: a cash_discount is of the terms, after payments that all came in time, and settles the invoice (CR003). Runs as the owner: who allocates needs no right to read invoices.';
-- After credit_risk_allocation, which fills in what was left out.
CREATE TRIGGER credit_risk_discount BEFORE INSERT ON allocation
FOR EACH ROW WHEN (NEW.adjustment = 'cash_discount' AND NEW.reversal_of IS NULL)
EXECUTE FUNCTION cash_discount_allowed();

CREATE FUNCTION cash_discount_kept() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    offer cash_discount;
BEGIN
    IF EXISTS (SELECT FROM new_rows n WHERE n.adjustment = 'cash_discount' AND n.reversal_of IS NULL) THEN
        SELECT d.* INTO offer FROM new_rows n JOIN cash_discount d USING (customer_id, invoice_id)
        WHERE n.adjustment = 'cash_discount' AND n.reversal_of IS NULL AND (d.open_amount <> 0 OR d.paid_on IS NULL OR d.paid_on > d.discount_on) LIMIT 1;
        IF FOUND THEN       -- its payment was undone meanwhile
            RAISE EXCEPTION 'invoice % is not paid: % is open besides its discount', offer.invoice_no, offer.open_amount
                USING ERRCODE = 'CR003', HINT = 'The discount is for the payment of all the rest.';
        END IF;
    END IF;
    IF EXISTS (SELECT FROM new_rows n WHERE n.reversal_of IS NOT NULL AND n.payment_id IS NOT NULL AND n.invoice_id IS NOT NULL) THEN
        INSERT INTO allocation (customer_id, amount, effective_on, reversal_of, reason)
        SELECT a.customer_id, a.amount, greatest(max(n.effective_on), a.effective_on), a.allocation_id, 'its payment was undone'
        FROM new_rows n JOIN allocation a ON a.customer_id = n.customer_id AND a.invoice_id = n.invoice_id
        WHERE n.reversal_of IS NOT NULL AND n.payment_id IS NOT NULL AND a.adjustment = 'cash_discount' AND a.reversal_of IS NULL
          AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id)
        GROUP BY a.customer_id, a.allocation_id, a.amount, a.effective_on
        ORDER BY a.customer_id, a.allocation_id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cash_discount_kept() IS
'Trigger of allocation, under the locks of the accounts: where a payment of an invoice is undone, the discount that came with it is undone too; a discount whose payment was undone meanwhile is refused (CR003). Runs as the owner: so does the reversal, whoever undoes the payment.';
-- After credit_risk_insert, which holds the locks of the accounts.
CREATE TRIGGER credit_risk_kept_discount AFTER INSERT ON allocation
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cash_discount_kept();

CREATE FUNCTION take_cash_discount(payment_id bigint, invoice_id bigint) RETURNS numeric
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    paid payment;
    offer cash_discount;
    unapplied numeric;
    code text := format('D%s-%s', payment_id, invoice_id);
BEGIN
    SELECT p.* INTO paid FROM payment p WHERE p.payment_id = take_cash_discount.payment_id AND p.reversal_of IS NULL;
    IF paid.payment_id IS NULL THEN
        RAISE EXCEPTION 'there is no payment %', coalesce(take_cash_discount.payment_id::text, 'NULL') USING ERRCODE = 'CR007';
    END IF;
    PERFORM lock_accounts(ARRAY[paid.customer_id]);
    SELECT d.* INTO offer FROM cash_discount d WHERE d.customer_id = paid.customer_id AND d.invoice_id = take_cash_discount.invoice_id;
    SELECT coalesce(sum(f.amount), 0) INTO unapplied
    FROM unapplied_fact f WHERE f.customer_id = paid.customer_id AND f.payment_id = paid.payment_id;
    IF offer.invoice_id IS NULL THEN
        RAISE EXCEPTION 'invoice % of this customer offers no discount for early payment', coalesce(take_cash_discount.invoice_id::text, 'NULL')
            USING ERRCODE = 'CR003', DETAIL = 'There is no such invoice, or its terms have none.', HINT = 'Allocate the payment without it.';
    ELSIF paid.received_on > offer.discount_on OR offer.paid_on > offer.discount_on THEN
        RAISE EXCEPTION 'invoice % was paid on %, its discount ended on %', offer.invoice_no, greatest(paid.received_on, offer.paid_on), offer.discount_on
            USING ERRCODE = 'CR003', DETAIL = format('%s %% or %s were offered.', offer.discount_pct, offer.offered),
                  HINT = 'Allocate the payment without it: the rest stays due.';
    ELSIF offer.taken > 0 OR offer.open_amount = 0 THEN
        RAISE EXCEPTION 'invoice % has no discount left', offer.invoice_no
            USING ERRCODE = 'CR012', DETAIL = format('%s is taken, %s is open.', offer.taken, offer.open_amount);
    ELSIF unapplied < offer.open_amount - offer.offered THEN
        RAISE EXCEPTION 'payment of % does not settle invoice % with its discount', unapplied, offer.invoice_no
            USING ERRCODE = 'CR003', DETAIL = format('%s is open; less the discount of %s, %s must be paid.', offer.open_amount, offer.offered,
                                                     offer.open_amount - offer.offered),
                  HINT = 'Allocate the payment without it: the discount is for the payment of all the rest.';
    END IF;
    IF offer.open_amount > offer.offered THEN
        INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, matching_code)
        VALUES (paid.customer_id, paid.payment_id, offer.invoice_id, offer.open_amount - offer.offered, code);
    END IF;
    INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount, effective_on, matching_code)
    VALUES (paid.customer_id, offer.invoice_id, 'cash_discount', format('%s %% for payment by %s', offer.discount_pct, offer.discount_on),
            least(offer.offered, offer.open_amount),
            (SELECT greatest(paid.received_on, offer.issued_on, max(a.effective_on)) FROM allocation a
             WHERE a.customer_id = paid.customer_id AND a.invoice_id = offer.invoice_id), code);
    RETURN least(offer.offered, offer.open_amount);
END $$;
COMMENT ON FUNCTION take_cash_discount(bigint, bigint) IS
'Settles an invoice by a payment that came in time and the discount (escompte) of its terms: allocates what is open less the discount, and posts the discount as the adjustment cash_discount, under one matching code; returns the discount. On the amount with tax: the tax base is less by its part (CGI 267 II). CR003 after the last day of the discount, or where the payment does not settle the rest; CR012 where it was taken; CR007 if there is no such payment. The rest of the payment stays unapplied. Runs as the owner: it locks the account first.';

CREATE VIEW cash_discount_to_take AS
SELECT p.customer_id, d.code, d.name, p.payment_id, p.payment_no, p.received_on, p.currency, u.unapplied, d.invoice_id, d.invoice_no, d.discount_on, d.offered
FROM (SELECT f.customer_id, f.payment_id, sum(f.amount) AS unapplied FROM unapplied_fact f
      GROUP BY f.customer_id, f.payment_id HAVING sum(f.amount) > 0) u
JOIN payment p USING (customer_id, payment_id)
JOIN cash_discount d ON d.customer_id = p.customer_id AND d.currency = p.currency AND d.open_amount - d.offered = u.unapplied
WHERE d.taken = 0 AND d.offered > 0 AND p.received_on BETWEEN d.issued_on AND d.discount_on AND coalesce(d.paid_on <= d.discount_on, true);
COMMENT ON VIEW cash_discount_to_take IS
'Payments not matched that settle an invoice to the cent with its discount, and came in time, whenever they are looked at: for take_cash_discount(payment_id, invoice_id). A payment that fits several invoices has a row for each.';

-- Does it pay?

CREATE VIEW cash_discount_effect AS
SELECT d.terms, d.discount_pct, count(*) AS offered, sum(d.amount_base) AS offered_base,
       count(*) FILTER (WHERE d.outcome = 'taken') AS taken, coalesce(sum(d.amount_base) FILTER (WHERE d.outcome = 'taken'), 0) AS taken_base,
       count(*) FILTER (WHERE d.outcome = 'missed') AS missed, coalesce(sum(d.amount_base) FILTER (WHERE d.outcome = 'missed'), 0) AS missed_base,
       count(*) FILTER (WHERE d.outcome = 'pending') AS pending, coalesce(sum(d.amount_base) FILTER (WHERE d.outcome = 'pending'), 0) AS pending_base,
       sum(d.taken_base) AS cost_base,
       round(100.0 * count(*) FILTER (WHERE d.outcome = 'taken') / nullif(count(*) FILTER (WHERE d.outcome <> 'pending'), 0), 2) AS taken_pct,
       round(sum(d.amount_base * (d.due_on - d.paid_on)) FILTER (WHERE d.outcome = 'taken')
             / nullif(sum(d.amount_base) FILTER (WHERE d.outcome = 'taken'), 0), 1) AS days_gained,
       round(sum(d.amount_base * (d.paid_on - d.due_on)) FILTER (WHERE d.outcome = 'missed' AND d.paid_on IS NOT NULL AND d.open_amount = 0)
             / nullif(sum(d.amount_base) FILTER (WHERE d.outcome = 'missed' AND d.paid_on IS NOT NULL AND d.open_amount = 0), 0), 1) AS days_late_without,
       round(sum(d.taken_base) / nullif(sum(d.amount_base * (d.due_on - d.paid_on)) FILTER (WHERE d.outcome = 'taken' AND d.due_on > d.paid_on), 0)
             * 36500, 2) AS cost_pct_a_year
FROM cash_discount d
GROUP BY d.terms, d.discount_pct;
COMMENT ON VIEW cash_discount_effect IS
'Does the discount pay (efficacité de l''escompte)? By terms: invoices on which it was offered, taken in time, missed and pending, number and amount; what it cost; percent taken of those decided; days before the due date that the money came (weighted by amount), days late of those paid without it, and the cost of the days gained in percent a year (simple, NULL if none were). Base currency.';

CREATE VIEW payment_incentive AS
SELECT k.terms, k.regime, k.contract_pct, k.customers, o.discount_pct, o.discount_days, o.net_days,
       CASE WHEN o.discount_days < o.net_days
            THEN round((100 * credit_risk.discount_annualized(o.discount_pct, o.discount_days, o.net_days))::numeric, 2) END AS discount_pct_a_year,
       r.late_rate_pct, credit_risk.late_fixed_sum(1, k.regime) AS indemnity_from,
       round(10 * r.late_rate_pct * 30 / 365, 2) AS late_30_per_1000, round(10 * r.late_rate_pct * 60 / 365, 2) AS late_60_per_1000,
       round(10 * r.late_rate_pct * 90 / 365, 2) AS late_90_per_1000
FROM (SELECT coalesce(c.terms, 'net 30') AS terms, t.regime, t.contract_pct, count(*) AS customers
      FROM customer c CROSS JOIN LATERAL interest_terms_of(c.customer_id) t
      WHERE coalesce(c.payer_id, c.customer_id) = c.customer_id GROUP BY 1, 2, 3) k
CROSS JOIN LATERAL (
    SELECT credit_risk.discount_pct(k.terms::credit_risk.payment_terms) AS discount_pct,
           credit_risk.discount_due_date((SELECT business_date()), k.terms::credit_risk.payment_terms) - (SELECT business_date()) AS discount_days,
           (SELECT max(s.due_date) FROM credit_risk.payment_schedule(100, (SELECT business_date()), k.terms) s) - (SELECT business_date()) AS net_days) o
CROSS JOIN LATERAL (
    SELECT greatest(k.contract_pct, CASE WHEN k.regime = 'FR' THEN 3 * (SELECT g.rate_pct FROM reference_rate_in_use g
                                                                       WHERE g.series = 'fr_legal_rate_professional'
                                                                         AND g.effective_on = credit_risk.half_year_start((SELECT business_date()))) END) AS late_rate_pct
    WHERE k.contract_pct IS NOT NULL
    UNION ALL
    SELECT s.rate_pct[cardinality(s.rate_pct)] FROM interest_rates(k.regime, NULL, (SELECT business_date()), (SELECT business_date())) s
    WHERE k.contract_pct IS NULL) r;
COMMENT ON VIEW payment_incentive IS
'What customers are offered for paying early and charged for paying late, by terms and regime (barème d''escompte et de pénalités), on the business date: discount and its last day, days to pay, yearly cost to the customer of not taking the discount (credit_risk.discount_annualized(), percent); rate of late-payment interest, the least recovery indemnity, and interest on 1,000 for 30, 60 and 90 days late. The French floor shows where the legal rate of the half-year is known.';
