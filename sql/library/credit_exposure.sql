-- Exposure and own risk, what a credit limit should be, what an insurer pays,
-- what a loss and credit itself cost.

CREATE FUNCTION credit_risk.credit_exposure(receivables numeric, unmatured_bills numeric, unbilled numeric,
                                            open_orders numeric, deposits numeric, unallocated numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_credit_exposure' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.credit_exposure(numeric, numeric, numeric, numeric, numeric, numeric) IS
'Exposure (encours client), all incl. tax: receivables (assigned or discounted ones still at our risk among them) + unmatured_bills (effets non échus) + unbilled (livré non facturé) + open_orders - deposits (acomptes) - unallocated (règlements non lettrés). Signed: below zero for a customer in credit. 80,000 + 15,000 + 25,000 - 10,000: 110,000. receivables and unbilled may be negative. NULL in, NULL out. 22023 for another negative amount, NaN and infinities. Source: AFDCC definition (mondissimo.com).';

CREATE FUNCTION credit_risk.uninsured_exposure(gross numeric, insured_limit numeric, insured_pct numeric,
                                               other_guarantees numeric DEFAULT 0) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_uninsured_exposure' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.uninsured_exposure(numeric, numeric, numeric, numeric) IS
'Own risk (encours non garanti, risque propre): gross - min(gross, insured_limit) × insured_pct / 100 - other_guarantees, not below zero, unrounded. 110,000 with a limit of 70,000 at 90 %: 47,000. other_guarantees NULL = 0; without insurance give 0 for insured_limit and insured_pct. NULL in another argument, NULL out; 0 for a customer in credit. 22023 for a negative amount (but gross), a percentage beyond 0 to 100, NaN and infinities. Source: AFDCC definition (mondissimo.com).';

CREATE FUNCTION credit_risk.credit_limit_capacity(equity numeric, pct numeric DEFAULT 10) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_credit_limit_capacity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.credit_limit_capacity(numeric, numeric) IS
'What a customer can bear (capacité): pct percent of its net worth (fonds propres), unrounded; 5 to 15 % are usual. 400,000 at 10 %: 40,000. 0 where equity is zero or negative. NULL in, NULL out. 22023 for a percentage beyond 0 to 100, NaN and infinities. Source: highako academy, lockstep.io.';

CREATE FUNCTION credit_risk.credit_limit_need(annual_sales numeric, terms_days integer, basis integer DEFAULT 360) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_credit_limit_need' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.credit_limit_need(numeric, integer, integer) IS
'What the business with a customer needs (besoin): annual_sales × terms_days / basis, to 20 decimals where it does not end. annual_sales incl. tax; terms_days with the usual delay added give the realistic peak. 360,000 at 60 days: 60,000. 0 where sales are zero or negative. NULL in, NULL out. 22023 for negative days, a basis of zero or less, NaN and infinities. Source: common practice; French courses use sales without tax.';

CREATE FUNCTION credit_risk.credit_limit(capacity numeric, need numeric, cap numeric, score_factor numeric DEFAULT NULL, step numeric DEFAULT NULL,
                                         method text DEFAULT 'least') RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_credit_limit' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.credit_limit(numeric, numeric, numeric, numeric, numeric, text) IS
'A credit limit (plafond d''encours) from three figures: least of capacity × score_factor, need and cap (our own bound on one customer), rounded down to a multiple of step. method average takes their mean instead. NULL among the three is left out, all NULL: NULL. score_factor NULL = 1, step NULL = not rounded (a mean that does not end: 20 decimals), method NULL = least. 40,000 × 0.8 and 60,000: 32,000. 22023 for a negative amount or factor, a step of zero or less, another method, NaN and infinities. Source: highako academy; bernsteinlaw.com for the cap.';

CREATE FUNCTION credit_risk.insured_indemnity(loss numeric, insured_limit numeric, insured_pct numeric, nql numeric DEFAULT 0,
                                              afl_left numeric DEFAULT 0, max_liability_left numeric DEFAULT NULL,
                                              afl_basis text DEFAULT 'after') RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_insured_indemnity' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.insured_indemnity(numeric, numeric, numeric, numeric, numeric, numeric, text) IS
'What a credit insurer pays of a loss (indemnité), unrounded: min(loss, insured_limit) × insured_pct / 100 - afl_left, not below zero, at most max_liability_left (limite de décaissement). A loss below nql (seuil d''intervention) pays nothing. afl_left is what is left of the annual aggregate first loss (franchise annuelle): taken after the percentage, or with afl_basis before ahead of it. 100,000 with a limit of 80,000 at 90 % and 20,000 left: 52,000 after, 54,000 before. nql and afl_left NULL = 0, max_liability_left NULL = no limit, afl_basis NULL = after. NULL in another argument, NULL out. 22023 for a negative amount, a percentage beyond 0 to 100, another basis, NaN and infinities. Source: s-tech.co.uk, pagesjaunes, easyfacto.fr.';

CREATE FUNCTION credit_risk.expected_loss(ead numeric, pd numeric, lgd numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_expected_loss' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.expected_loss(numeric, numeric, numeric) IS
'Expected loss (perte attendue): ead × pd × lgd, unrounded; exposure at default, probability of default on the same horizon and loss given default (1 - recovery), both fractions from 0 to 1. 100,000 × 0.02 × 0.6: 1,200. 0 where ead is zero or negative. NULL in, NULL out. 22023 for a pd or lgd beyond 0 to 1, NaN and infinities. Source: common definition.';

CREATE FUNCTION credit_risk.compensating_sales(loss numeric, margin_pct numeric, method text DEFAULT 'face') RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_compensating_sales' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.compensating_sales(numeric, numeric, text) IS
'Sales that earn a loss again (chiffre d''affaires compensatoire d''un impayé), to 20 decimals where it does not end. loss is without tax, margin_pct the net margin in percent. method face: loss × 100 / margin_pct; cost: loss × (100 - margin_pct) / margin_pct, where only the cost is lost. 5,000 at 5 %: 100,000; 20,000 at 25 %: 80,000. method NULL = face. NULL in another argument, NULL out; NULL where the margin is zero or negative. 22023 for a negative loss, a margin above 100, another method, NaN and infinities. Source: studylibfr 10064460 (face), dreki-france.fr (cost).';

CREATE FUNCTION credit_risk.cost_of_terms(amount numeric, days integer, rate_pct numeric, basis integer DEFAULT 365, scale integer DEFAULT 2) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_cost_of_terms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.cost_of_terms(numeric, integer, numeric, integer, integer) IS
'Cost of giving credit (coût du crédit client): amount × rate_pct / 100 × days / basis, rounded once, half away from zero, to scale decimals (0 to 30). rate_pct is what our own money costs in percent a year. 10,000 for 60 days at 5 %: 82.19. NULL in, NULL out. 22023 for a negative amount, days or rate, a basis of zero or less, another scale, NaN and infinities. Source: simple interest.';
