-- Late-payment interest of this ledger: its own reference rates, and the terms
-- on which it is reckoned, for the ledger and for a customer.

CREATE TABLE reference_rate (
    series       text    NOT NULL CHECK (series <> ''),
    effective_on date    NOT NULL CHECK (isfinite(effective_on)),
    rate_pct     numeric NOT NULL CHECK (rate_pct > -1000 AND rate_pct < 1000),
    source       text    NOT NULL CHECK (source <> ''),
    PRIMARY KEY (series, effective_on),
    CONSTRAINT legal_rate_by_half_year CHECK (series <> 'fr_legal_rate_professional' OR effective_on = credit_risk.half_year_start(effective_on))
);
COMMENT ON TABLE reference_rate IS
'Reference rates of late-payment interest that are this ledger''s own (taux de référence): they go before those of the release, credit_risk.reference_rate, of the same series and day, and add to them. Yours to keep up to date.';
COMMENT ON COLUMN reference_rate.series IS 'ecb_mro, boe_bank_rate, fr_legal_rate_professional (taux de l''intérêt légal), or a margin by law as margin_FR.';
COMMENT ON COLUMN reference_rate.effective_on IS 'First day on which it is in force.';
COMMENT ON COLUMN reference_rate.rate_pct IS 'Rate or margin in percent a year: 2.15 is 2.15 %.';
COMMENT ON COLUMN reference_rate.source IS 'Where the figure was found.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON reference_rate
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW reference_rate_in_use AS
SELECT r.series, r.effective_on, r.rate_pct, r.source, true AS own FROM reference_rate r
UNION ALL
SELECT m.series, m.effective_on, m.rate_pct, m.source, false FROM credit_risk.reference_rate m
WHERE NOT EXISTS (SELECT FROM reference_rate r WHERE (r.series, r.effective_on) = (m.series, m.effective_on));
COMMENT ON VIEW reference_rate_in_use IS
'The reference rates that late-payment interest is reckoned with: this ledger''s own, and those of the release for the days that it has none for.';

-- The terms of interest: one row for the ledger, and one for each customer with
-- other terms, which replaces it as a whole.

CREATE TABLE interest_policy (
    regime       text    NOT NULL DEFAULT 'FR' CHECK (regime IN ('FR', 'EU', 'UK', 'FR_PUBLIC')),
    contract_pct numeric CHECK (contract_pct >= 0 AND contract_pct < 1000),
    imputation   text    NOT NULL DEFAULT 'principal_first' CHECK (imputation IN ('principal_first', 'interest_first')),
    day_count    text    NOT NULL DEFAULT 'act/365f' CHECK (day_count IN ('act/365f', 'act/360', 'act/act', '30e/360', '30/360 us', '30/360 sia')),
    CONSTRAINT interest_policy_public_by_law CHECK (regime <> 'FR_PUBLIC' OR contract_pct IS NULL)
);
CREATE UNIQUE INDEX interest_policy_one_row ON interest_policy ((true));
INSERT INTO interest_policy DEFAULT VALUES;
COMMENT ON TABLE interest_policy IS 'Terms of late-payment interest of this ledger (conditions de pénalités de retard), one row; a customer with other terms has a row in interest_terms.';
COMMENT ON COLUMN interest_policy.regime IS 'FR (Code de commerce L441-10), EU (minimum of directive 2011/7/EU), UK (1998 Act) or FR_PUBLIC (acheteurs publics): see credit_risk.late_regime().';
COMMENT ON COLUMN interest_policy.contract_pct IS 'Rate agreed by contract, percent a year (taux conventionnel); lifted to the French floor in regime FR. NULL = the rate by law.';
COMMENT ON COLUMN interest_policy.imputation IS 'What a part payment goes to first: principal_first (as in most programs) or interest_first (Code civil 1343-1).';
COMMENT ON COLUMN interest_policy.day_count IS 'Day count: act/365f, act/360, act/act, 30e/360, 30/360 us or 30/360 sia.';

CREATE TABLE interest_terms (
    customer_id  bigint PRIMARY KEY REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    regime       text    NOT NULL DEFAULT 'FR' CHECK (regime IN ('FR', 'EU', 'UK', 'FR_PUBLIC')),
    contract_pct numeric CHECK (contract_pct >= 0 AND contract_pct < 1000),
    imputation   text    NOT NULL DEFAULT 'principal_first' CHECK (imputation IN ('principal_first', 'interest_first')),
    day_count    text    NOT NULL DEFAULT 'act/365f' CHECK (day_count IN ('act/365f', 'act/360', 'act/act', '30e/360', '30/360 us', '30/360 sia')),
    CONSTRAINT interest_terms_public_by_law CHECK (regime <> 'FR_PUBLIC' OR contract_pct IS NULL)
);
COMMENT ON TABLE interest_terms IS 'Terms of late-payment interest of a customer, in place of interest_policy as a whole. A change counts for what is reckoned from then on; notes stay as written.';
COMMENT ON COLUMN interest_terms.customer_id IS 'The payer.';
COMMENT ON COLUMN interest_terms.regime IS 'FR, EU, UK or FR_PUBLIC, see interest_policy. The interest of a public buyer cannot be waived.';
COMMENT ON COLUMN interest_terms.contract_pct IS 'Rate agreed by contract, percent a year; NULL = the rate by law. A public buyer has the rate by law.';
COMMENT ON COLUMN interest_terms.imputation IS 'principal_first or interest_first.';
COMMENT ON COLUMN interest_terms.day_count IS 'Day count.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON interest_policy
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON interest_terms
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION interest_terms_of(customer_id bigint) RETURNS interest_terms
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT t.* FROM interest_terms t WHERE t.customer_id = interest_terms_of.customer_id
    UNION ALL
    SELECT interest_terms_of.customer_id, p.* FROM interest_policy p
    WHERE NOT EXISTS (SELECT FROM interest_terms t WHERE t.customer_id = interest_terms_of.customer_id)
    LIMIT 1
$$;
COMMENT ON FUNCTION interest_terms_of(bigint) IS 'Terms of late-payment interest of a customer: its own, else those of the ledger.';

CREATE FUNCTION interest_rates(regime text, contract_pct numeric, from_on date, to_on date,
                               OUT rate_from date[], OUT rate_pct numeric[], OUT rate_fixed boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    series text[];
    effective_on date[];
    series_pct numeric[];
BEGIN
    IF NOT isfinite(from_on) OR NOT isfinite(to_on) THEN
        RAISE EXCEPTION 'interest from % to % has no end', from_on, to_on USING ERRCODE = '22023', HINT = 'Give a day.';
    END IF;
    SELECT array_agg(r.series), array_agg(r.effective_on), array_agg(r.rate_pct) INTO series, effective_on, series_pct
    FROM reference_rate_in_use r;
    IF interest_rates.regime = 'FR' AND contract_pct IS NOT NULL THEN     -- the floor moves with the half-years
        SELECT array_agg(h::date ORDER BY h), array_agg(credit_risk.late_contractual_rate(contract_pct, h::date, series, effective_on, series_pct) ORDER BY h), false
        INTO rate_from, rate_pct, rate_fixed
        FROM generate_series(credit_risk.half_year_start(from_on)::timestamp, to_on::timestamp, interval '6 months') h;
    ELSE
        SELECT s.* INTO rate_from, rate_pct, rate_fixed
        FROM credit_risk.late_rate_steps(interest_rates.regime, contract_pct, from_on, to_on, series, effective_on, series_pct) s;
    END IF;
END $$;
COMMENT ON FUNCTION interest_rates(text, numeric, date, date) IS
'Rates of late-payment interest between two days, with the ledger''s own reference rates first: as credit_risk.late_rate_steps(); with contract_pct in regime FR not below three times the legal rate of each half-year (22023 where that is not known). 22023 for an infinite day.';
