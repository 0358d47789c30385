-- Legal deadlines: dated law, as data. A rule that changes is a new row; which
-- one holds follows from the day on which the deadline starts to run.

CREATE TABLE legal_deadline (
    code       text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    country    text NOT NULL DEFAULT 'FR' CHECK (country ~ '^[A-Z]{2}$'),
    valid_from date NOT NULL DEFAULT '1900-01-01' CHECK (isfinite(valid_from)),
    valid_to   date CHECK (isfinite(valid_to)),
    starts     text NOT NULL CHECK (starts <> ''),
    months     integer CHECK (months BETWEEN 0 AND 1200),
    days       integer CHECK (days BETWEEN 0 AND 36600),
    counting   text NOT NULL DEFAULT 'calendar' CHECK (counting IN ('calendar', 'procedural', 'year_end')),
    nature     text NOT NULL DEFAULT 'must' CHECK (nature IN ('must', 'from', 'theirs')),
    amount     numeric CHECK (amount > 0 AND amount < 1e18),
    currency   text CHECK (currency ~ '^[A-Z]{3}$'),
    source     text NOT NULL CHECK (source <> ''),
    to_check   boolean NOT NULL DEFAULT false,
    name_en    text NOT NULL CHECK (name_en <> ''),
    name_fr    text NOT NULL CHECK (name_fr <> ''),
    PRIMARY KEY (code, country, valid_from),
    CONSTRAINT legal_deadline_valid_after_from CHECK (valid_to >= valid_from),
    CONSTRAINT legal_deadline_amount CHECK ((amount IS NULL) = (currency IS NULL)),
    CONSTRAINT legal_deadline_says_something CHECK (num_nonnulls(months, days, amount) > 0)
);
COMMENT ON TABLE legal_deadline IS
'Legal deadlines and ceilings (délais légaux et plafonds), by country and by the day from which they hold; shipped for France. Data, not advice: have what is marked to_check looked at, and change it here.';
COMMENT ON COLUMN legal_deadline.code IS 'What it is.';
COMMENT ON COLUMN legal_deadline.country IS 'ISO 3166 code of the country whose law it is.';
COMMENT ON COLUMN legal_deadline.valid_from IS 'First day of its start (of an order: the day on which it was made) for which it holds.';
COMMENT ON COLUMN legal_deadline.valid_to IS 'Last such day; NULL = until a later row.';
COMMENT ON COLUMN legal_deadline.starts IS 'What starts it: an event of litigation_event_kind, published (in the BODACC), declared, or of a prescription due_date, delivery or issue.';
COMMENT ON COLUMN legal_deadline.months IS 'Months, to the day of the same number, or the last of a shorter month (de quantième à quantième).';
COMMENT ON COLUMN legal_deadline.days IS 'Days, after the months; the day of the start does not count.';
COMMENT ON COLUMN legal_deadline.counting IS 'calendar: as counted. procedural: one that ends on a Saturday, Sunday or holiday ends on the next business day (CPC art. 642). year_end: on 31 December of the year in which it ends.';
COMMENT ON COLUMN legal_deadline.nature IS 'must: we act by it, or lose. from: we may act from it on. theirs: the debtor may act until it.';
COMMENT ON COLUMN legal_deadline.amount IS 'Ceiling, where it is one of an amount.';
COMMENT ON COLUMN legal_deadline.currency IS 'Its currency.';
COMMENT ON COLUMN legal_deadline.source IS 'Where it is written.';
COMMENT ON COLUMN legal_deadline.to_check IS 'true: shipped from general knowledge; have it checked before relying on it.';
COMMENT ON COLUMN legal_deadline.name_en IS 'In words, English.';
COMMENT ON COLUMN legal_deadline.name_fr IS 'In words, French.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON legal_deadline
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO legal_deadline (code, valid_from, valid_to, starts, months, days, counting, nature, amount, currency, to_check, source, name_en, name_fr) VALUES
('formal_notice', '1900-01-01', NULL, 'formal_notice_sent', NULL, 8, 'calendar', 'from', NULL, NULL, false,
 'Practice: the time that the formal notice gives; Code civil art. 1344', 'Time to pay given by the formal notice', 'Délai de paiement fixé par la mise en demeure'),
('payment_order_service', '1900-01-01', '2026-08-31', 'order_made', 6, NULL, 'procedural', 'must', NULL, NULL, false,
 'CPC art. 1411, orders made before 1 September 2026', 'Service of the payment order', 'Signification de l''ordonnance d''injonction de payer'),
('payment_order_service', '2026-09-01', NULL, 'order_made', 3, NULL, 'procedural', 'must', NULL, NULL, false,
 'CPC art. 1411 as amended by decree 2026-96, orders made from 1 September 2026', 'Service of the payment order', 'Signification de l''ordonnance d''injonction de payer'),
('payment_order_opposition', '1900-01-01', NULL, 'order_served', 1, NULL, 'procedural', 'theirs', NULL, NULL, false,
 'CPC art. 1416', 'Opposition to the payment order by the debtor', 'Opposition du débiteur à l''injonction de payer'),
('payment_order_enforceable', '1900-01-01', NULL, 'order_served', 2, NULL, 'procedural', 'from', NULL, NULL, false,
 'CPC art. 1422, decree 2026-96: two months after service if no opposition is notified; applied to all orders, as the later date is the safe one',
 'Payment order enforceable unless opposed', 'Injonction de payer exécutoire à défaut d''opposition'),
('small_claims', '1900-01-01', NULL, 'payment_order_filed', NULL, NULL, 'calendar', 'from', 5000, 'EUR', false,
 'CPCE art. L125-1, R125-1', 'Ceiling of the simplified procedure for small claims', 'Plafond de la procédure simplifiée de recouvrement des petites créances'),
('enforcement_title', '1900-01-01', NULL, 'enforcement_title', 120, NULL, 'calendar', 'must', NULL, NULL, false,
 'CPCE art. L111-4', 'Enforcement of the title', 'Exécution du titre exécutoire'),
('prescription_b2b', '1900-01-01', NULL, 'due_date', 60, NULL, 'calendar', 'must', NULL, NULL, true,
 'Code civil art. 2224, Code de commerce art. L110-4 (to be checked)', 'Prescription, between businesses', 'Prescription entre professionnels'),
('prescription_transport', '1900-01-01', NULL, 'delivery', 12, NULL, 'calendar', 'must', NULL, NULL, true,
 'Code de commerce art. L133-6 (to be checked)', 'Prescription, carriage of goods', 'Prescription du transport de marchandises'),
('prescription_public', '1900-01-01', NULL, 'due_date', 48, NULL, 'year_end', 'must', NULL, NULL, true,
 'Law 68-1250 of 31 December 1968, art. 1: four years from 1 January of the next (to be checked)', 'Prescription, public buyers', 'Prescription quadriennale des acheteurs publics'),
('claim_filing', '1900-01-01', NULL, 'published', 2, NULL, 'procedural', 'must', NULL, NULL, false,
 'Code de commerce art. L622-24, R622-24', 'Filing of the claim in the collective proceeding', 'Déclaration de créance au mandataire ou liquidateur judiciaire'),
('claim_filing_abroad', '1900-01-01', NULL, 'published', 4, NULL, 'procedural', 'must', NULL, NULL, true,
 'Code de commerce art. R622-24: creditors who are not in France (to be checked)', 'Filing of the claim in the collective proceeding, from abroad', 'Déclaration de créance, créancier établi hors de France'),
('retention_reclaim', '1900-01-01', NULL, 'published', 3, NULL, 'procedural', 'must', NULL, NULL, false,
 'Code de commerce art. L624-9', 'Reclaim of goods under retention of title', 'Revendication des biens vendus avec réserve de propriété'),
('reclaim_answer', '1900-01-01', NULL, 'declared', 1, NULL, 'calendar', 'theirs', NULL, NULL, false,
 'Code de commerce art. R624-13', 'Answer of the administrator to the reclaim', 'Réponse de l''administrateur ou du liquidateur à la revendication'),
('reclaim_judge', '1900-01-01', NULL, 'reclaim_answer', 1, NULL, 'procedural', 'must', NULL, NULL, false,
 'Code de commerce art. R624-13', 'Reclaim before the judge after one month of silence', 'Saisine du juge-commissaire après un mois de silence');

CREATE FUNCTION legal_deadline_in_force(code text, on_date date, country text DEFAULT 'FR') RETURNS legal_deadline
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT d.* FROM legal_deadline d
    WHERE d.code = legal_deadline_in_force.code AND d.country = coalesce(legal_deadline_in_force.country, 'FR')
      AND d.valid_from <= legal_deadline_in_force.on_date AND coalesce(d.valid_to >= legal_deadline_in_force.on_date, true)
    ORDER BY d.valid_from DESC LIMIT 1
$$;
COMMENT ON FUNCTION legal_deadline_in_force(text, date, text) IS
'The row of legal_deadline that holds for what starts on a day, of a country (NULL = FR); NULL where there is none.';

CREATE FUNCTION legal_deadline_on(code text, started_on date, country text DEFAULT 'FR', law_on date DEFAULT NULL) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    rule legal_deadline := legal_deadline_in_force(legal_deadline_on.code, coalesce(legal_deadline_on.law_on, legal_deadline_on.started_on), legal_deadline_on.country);
    ends_on date;
BEGIN
    IF NOT EXISTS (SELECT FROM legal_deadline d WHERE d.code = legal_deadline_on.code) THEN
        RAISE EXCEPTION 'there is no legal deadline %', coalesce(quote_literal(legal_deadline_on.code), 'NULL')
            USING ERRCODE = '22023', HINT = 'legal_deadline lists them; yours is a row there.';
    ELSIF NOT isfinite(legal_deadline_on.started_on) THEN
        RAISE EXCEPTION 'argument "started_on" is not a day: %', legal_deadline_on.started_on USING ERRCODE = '22023';
    ELSIF num_nonnulls(rule.months, rule.days) = 0 THEN
        RETURN NULL;
    END IF;
    ends_on := (legal_deadline_on.started_on + make_interval(months => coalesce(rule.months, 0)))::date + coalesce(rule.days, 0);
    RETURN CASE rule.counting WHEN 'procedural' THEN business_day(ends_on, 'following')
                              WHEN 'year_end' THEN make_date(extract(year FROM ends_on)::integer, 12, 31)
                              ELSE ends_on END;
END $$;
COMMENT ON FUNCTION legal_deadline_on(text, date, text, date) IS
'Last day of a legal deadline (expiration du délai) that started on a day, by the rule in force on that day, or on law_on: the day of the start does not count, months end on the day of the same number or the last of the month. NULL for a NULL start, or where the country (NULL = FR) has no such rule on that day; 22023 for a code that is none.';

CREATE FUNCTION small_claim(amount numeric, currency text DEFAULT 'EUR', on_date date DEFAULT NULL, country text DEFAULT 'FR') RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN r.currency = small_claim.currency THEN small_claim.amount <= r.amount END
    FROM legal_deadline_in_force('small_claims', coalesce(on_date, business_date()), country) r
$$;
COMMENT ON FUNCTION small_claim(numeric, text, date, text) IS
'Whether an amount is within the ceiling of the simplified procedure for small claims (petites créances) on a day (NULL = business date), the ceiling included; NULL in another currency, or where the country has no such procedure.';
