-- Payment terms: the type, its dates, the discount, the schedule of
-- instalments, the legal maximum in France.
--
-- Days before the words are counted first (30 eom, reading A), days behind
-- them last (eom 30, reading B): every value says which it is. Only the French
-- phrase "30 jours fin de mois" has two lawful readings; it is read as A unless
-- a function with an argument "reading" is told B.

CREATE TYPE credit_risk.payment_terms;

CREATE FUNCTION credit_risk.payment_terms_in(cstring) RETURNS credit_risk.payment_terms
AS 'MODULE_PATHNAME', 'crk_payment_terms_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_in(cstring) IS
'Text input of payment_terms, English or French, whatever the case, accents and blanks; "N jours fin de mois" is read as A. Error 22P02 with a list of accepted forms.';

CREATE FUNCTION credit_risk.payment_terms_out(credit_risk.payment_terms) RETURNS cstring
AS 'MODULE_PATHNAME', 'crk_payment_terms_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_out(credit_risk.payment_terms) IS
'Text output of payment_terms: canonical English, which reads back as the same value.';

CREATE FUNCTION credit_risk.payment_terms_recv(internal) RETURNS credit_risk.payment_terms
AS 'MODULE_PATHNAME', 'crk_payment_terms_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_recv(internal) IS
'Binary input of payment_terms, as strict as the text input. Error 22P03.';

CREATE FUNCTION credit_risk.payment_terms_send(credit_risk.payment_terms) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_payment_terms_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_send(credit_risk.payment_terms) IS
'Binary output of payment_terms.';

CREATE TYPE credit_risk.payment_terms (
    INPUT = credit_risk.payment_terms_in,
    OUTPUT = credit_risk.payment_terms_out,
    RECEIVE = credit_risk.payment_terms_recv,
    SEND = credit_risk.payment_terms_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE credit_risk.payment_terms IS
'Payment terms (conditions de paiement, délai de règlement). Accepted, among others: net 30, 30 jours, net 2 months, 30 eom = 30 jours fin de mois (30 days, then end of month), eom 30 = fin de mois 30 jours (end of month, then 30 days), 30 eom on the 10th = 30 fin de mois le 10, eom, 10 prox (the 10th of next month), end of decade 30 = 30 fin de décade (10th, 20th or end of month, then 30 days), due on receipt = comptant, cod (on delivery), prepayment, 2/10 net 30 (2 % discount within 10 days); instalments by percent (30% net 0, 70% 30 eom: exactly 100), by parts (1 part net 30, 1 part net 60) or by amounts and a rest (1000 net 0, rest net 30). Days 0 to 3650, months 1 to 120, up to 120 instalments. Two texts of one meaning are one value.';

CREATE FUNCTION credit_risk.payment_terms_eq(credit_risk.payment_terms, credit_risk.payment_terms) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_payment_terms_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_eq(credit_risk.payment_terms, credit_risk.payment_terms) IS
'Are the terms the same, whatever the words they came in? NULL if an argument is NULL.';

CREATE FUNCTION credit_risk.payment_terms_ne(credit_risk.payment_terms, credit_risk.payment_terms) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_payment_terms_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_ne(credit_risk.payment_terms, credit_risk.payment_terms) IS
'Do the terms differ? NULL if an argument is NULL.';

CREATE FUNCTION credit_risk.payment_terms_hash(credit_risk.payment_terms) RETURNS integer
AS 'MODULE_PATHNAME', 'crk_payment_terms_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_hash(credit_risk.payment_terms) IS
'Hash of the terms, for hash joins, GROUP BY and hash indexes.';

CREATE FUNCTION credit_risk.payment_terms_hash_extended(credit_risk.payment_terms, bigint) RETURNS bigint
AS 'MODULE_PATHNAME', 'crk_payment_terms_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_terms_hash_extended(credit_risk.payment_terms, bigint) IS
'Seeded 64-bit hash of the terms, for hash partitioning.';

CREATE OPERATOR credit_risk.= (
    LEFTARG = credit_risk.payment_terms,
    RIGHTARG = credit_risk.payment_terms,
    FUNCTION = credit_risk.payment_terms_eq,
    COMMUTATOR = OPERATOR(credit_risk.=),
    NEGATOR = OPERATOR(credit_risk.<>),
    RESTRICT = pg_catalog.eqsel,
    JOIN = pg_catalog.eqjoinsel,
    HASHES
);
COMMENT ON OPERATOR credit_risk.= (credit_risk.payment_terms, credit_risk.payment_terms) IS
'the same payment terms';

CREATE OPERATOR credit_risk.<> (
    LEFTARG = credit_risk.payment_terms,
    RIGHTARG = credit_risk.payment_terms,
    FUNCTION = credit_risk.payment_terms_ne,
    COMMUTATOR = OPERATOR(credit_risk.<>),
    NEGATOR = OPERATOR(credit_risk.=),
    RESTRICT = pg_catalog.neqsel,
    JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR credit_risk.<> (credit_risk.payment_terms, credit_risk.payment_terms) IS
'different payment terms';

CREATE OPERATOR CLASS credit_risk.payment_terms_ops
DEFAULT FOR TYPE credit_risk.payment_terms USING hash AS
    OPERATOR 1 credit_risk.= (credit_risk.payment_terms, credit_risk.payment_terms),
    FUNCTION 1 credit_risk.payment_terms_hash(credit_risk.payment_terms),
    FUNCTION 2 credit_risk.payment_terms_hash_extended(credit_risk.payment_terms, bigint);
COMMENT ON OPERATOR CLASS credit_risk.payment_terms_ops USING hash IS
'Equality of payment terms: GROUP BY, DISTINCT, hash joins, hash partitions. Terms have no order.';
COMMENT ON OPERATOR FAMILY credit_risk.payment_terms_ops USING hash IS
'Equality of payment terms.';

CREATE FUNCTION credit_risk.canonical_terms(terms text, reading text DEFAULT 'A') RETURNS text
AS 'MODULE_PATHNAME', 'crk_canonical_terms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.canonical_terms(text, text) IS
'The one English spelling of payment terms, for columns that keep terms as text: "45 jours fin de mois" is 45 eom by reading A, eom 45 by reading B; no other text depends on reading. NULL if an argument is NULL; error 22P02 for anything that is no term, 22023 for another reading.';

-- Due dates

CREATE FUNCTION credit_risk.due_date(start_date date, terms credit_risk.payment_terms) RETURNS date
AS 'MODULE_PATHNAME', 'crk_due_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.due_date(date, credit_risk.payment_terms) IS
'Due date (date d''échéance) of terms that start on start_date: usually the date of the invoice. Payment on receipt, on delivery and in advance: start_date. Not moved off weekends, see adjust_business_day. NULL if an argument is NULL; an infinite date stays; error for terms with instalments (use payment_schedule) and where the date leaves the range of date.';

CREATE FUNCTION credit_risk.due_date(terms credit_risk.payment_terms, start_date date) RETURNS date
AS 'MODULE_PATHNAME', 'crk_due_date_commuted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.due_date(credit_risk.payment_terms, date) IS
'The same as due_date(start_date, terms): function of the operator payment_terms + date.';

CREATE OPERATOR credit_risk.+ (
    LEFTARG = date,
    RIGHTARG = credit_risk.payment_terms,
    FUNCTION = credit_risk.due_date,
    COMMUTATOR = OPERATOR(credit_risk.+)
);
COMMENT ON OPERATOR credit_risk.+ (date, credit_risk.payment_terms) IS
'due date of payment terms that start on the date';

CREATE OPERATOR credit_risk.+ (
    LEFTARG = credit_risk.payment_terms,
    RIGHTARG = date,
    FUNCTION = credit_risk.due_date,
    COMMUTATOR = OPERATOR(credit_risk.+)
);
COMMENT ON OPERATOR credit_risk.+ (credit_risk.payment_terms, date) IS
'due date of payment terms that start on the date';

CREATE FUNCTION credit_risk.payment_due_date(start_date date, terms text, reading text DEFAULT 'A') RETURNS date
AS 'MODULE_PATHNAME', 'crk_payment_due_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_due_date(date, text, text) IS
'Due date of terms given as text. reading is A (default) or B and changes only the French phrase "N jours fin de mois": A counts the days and then goes to the end of the month, B goes to the end of the month and then counts the days; both are lawful. NULL if an argument is NULL; an infinite date stays; error 22P02 for anything that is no term, 22023 for another reading or terms with instalments.';

-- How long

CREATE FUNCTION credit_risk.terms_days(terms credit_risk.payment_terms) RETURNS integer
AS 'MODULE_PATHNAME', 'crk_terms_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.terms_days(credit_risk.payment_terms) IS
'The most calendar days that terms give (délai maximal en jours calendaires), whatever the date of the invoice, to the last of several instalments: 30 for net 30, 75 for 45 eom, 62 for net 2 months, 0 for payment on receipt, on delivery and in advance. What policies compare. NULL for NULL.';

CREATE FUNCTION credit_risk.on_credit(terms credit_risk.payment_terms) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_on_credit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.on_credit(credit_risk.payment_terms) IS
'Is a part paid after the delivery (vente à crédit)? false for prepayment (paiement d''avance) and cod (contre remboursement) alone; true for payment on receipt of the invoice, too. NULL for NULL.';

-- Discount for early payment (escompte)

CREATE FUNCTION credit_risk.discount_pct(terms credit_risk.payment_terms) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_discount_pct' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discount_pct(credit_risk.payment_terms) IS
'Discount for early payment (escompte) in percent: 2 for 2/10 net 30. NULL for terms without one and for NULL.';

CREATE FUNCTION credit_risk.discount_due_date(start_date date, terms credit_risk.payment_terms) RETURNS date
AS 'MODULE_PATHNAME', 'crk_discount_due_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discount_due_date(date, credit_risk.payment_terms) IS
'Last day on which the discount (escompte) may be taken, included; never later than the due date. NULL for terms without a discount and for NULL; an infinite date stays.';

CREATE FUNCTION credit_risk.discount_annualized(discount_pct numeric, discount_days integer, net_days integer, basis integer DEFAULT 365, effective boolean DEFAULT true) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_discount_annualized' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discount_annualized(numeric, integer, integer, integer, boolean) IS
'Yearly cost, as a fraction, of not taking a discount of x percent for paying after discount_days instead of net_days (D days apart): effective (100/(100-x))^(basis/D) - 1, or nominal x/(100-x) * basis/D. 2/10 net 30: 0.445853 effective, 0.372449 nominal, 0.367347 nominal on 360. NULL if an argument is NULL; error if x is not in [0, 100), net_days <= discount_days, discount_days < 0 or basis <= 0.';

-- Instalments

CREATE FUNCTION credit_risk.has_instalments(terms credit_risk.payment_terms) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_has_instalments' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.has_instalments(credit_risk.payment_terms) IS
'Do the terms have several due dates (échéances)? Then due_date refuses and payment_schedule answers. NULL for NULL.';

CREATE FUNCTION credit_risk.allocate_amount(amount numeric, weights numeric[], scale integer DEFAULT 2) RETURNS numeric[]
AS 'MODULE_PATHNAME', 'crk_allocate_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.allocate_amount(numeric, numeric[], integer) IS
'amount split in proportion to weights, each part with scale decimals, their sum amount exactly: method of the largest remainder, of equal remainders the earlier. 0.05 by 70 and 30: 0.04 and 0.01. A negative amount is split as its absolute value. NULL if an argument is NULL; error if amount has more decimals than scale (0 to 30), a weight is negative or NULL, or the weights add up to zero.';

CREATE FUNCTION credit_risk.payment_schedule(amount numeric, start_date date, terms text, currency_scale integer DEFAULT 2,
    OUT no integer, OUT due_date date, OUT amount numeric) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'crk_payment_schedule' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 3;
COMMENT ON FUNCTION credit_risk.payment_schedule(numeric, date, text, integer) IS
'Due dates and amounts (échéancier) of an amount under terms given as text, one row an instalment in the order of the terms; without instalments one row. Shares are split by the largest remainder, so the amounts add up exactly; fixed amounts are taken off the absolute amount, the rest (which may be zero) is the last row. "N jours fin de mois" is reading A. No rows if an argument is NULL; an infinite date stays; error if amount or a fixed instalment has more decimals than currency_scale (0 to 30), or the fixed instalments exceed amount.';

CREATE FUNCTION credit_risk.payment_schedule(amount numeric, start_date date, terms credit_risk.payment_terms, currency_scale integer DEFAULT 2,
    OUT no integer, OUT due_date date, OUT amount numeric) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'crk_payment_schedule_terms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 3;
COMMENT ON FUNCTION credit_risk.payment_schedule(numeric, date, credit_risk.payment_terms, integer) IS
'Due dates and amounts (échéancier) of an amount under payment terms: as payment_schedule with the terms as text.';

-- Legal maximum (délai légal de paiement)

CREATE FUNCTION credit_risk.fr_max_due_date(invoice_date date, regime text, delivery_date date DEFAULT NULL) RETURNS date
AS 'MODULE_PATHNAME', 'crk_fr_max_due_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fr_max_due_date(date, text, date) IS
'Latest lawful due date in France (délai maximal). Regimes of Code de commerce L441-10 I: not_agreed (30 days from delivery), 60_days, 45_eom (45 days, then end of month), eom_45 (end of month, then 45 days), periodic_invoice (45 days, facture récapitulative); of L441-11 II: perishable_food (30 days from delivery), perishable_food_periodic_invoice (30 days from the end of the decade of delivery), livestock_and_fresh_meat (20 days from delivery), alcoholic_drinks (30 days from the end of the month of delivery), grapes_and_must_60_days, grapes_and_must_45_eom, transport (30 days); of public buyers: public_buyer (30 days), public_hospital (50 days). Days run from the invoice unless said otherwise. Check the wording in force: the sectors behind perishable_food_periodic_invoice and the public buyers come from secondary sources. NULL if the date that the regime counts from, or regime, is NULL; an infinite date stays; error 22023 for another regime.';

CREATE FUNCTION credit_risk.fr_days_over_maximum(terms credit_risk.payment_terms, regime text DEFAULT 'agreed') RETURNS integer
AS 'MODULE_PATHNAME', 'crk_fr_days_over_maximum' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fr_days_over_maximum(credit_risk.payment_terms, text) IS
'By how many days terms exceed the lawful maximum in France (dépassement du délai légal), at most, whatever the date of the invoice, with the goods delivered on that day; 0 = lawful. Regimes as fr_max_due_date(); agreed (default) takes of 60_days, 45_eom and eom_45, among which parties may choose, the one that suits the terms: 0 for 45 eom and net 60, 30 for 60 eom, 2 for net 2 months. NULL for NULL; 22023 for another regime.';
