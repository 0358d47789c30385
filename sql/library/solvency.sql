-- Published scores of solvency. Amounts of one set of accounts, in one currency;
-- losses and negative equity are ordinary amounts. Weighted sums are exact up to
-- one division by each denominator.

CREATE FUNCTION credit_risk.altman_z(working_capital numeric, retained_earnings numeric, ebit numeric, market_equity numeric, sales numeric,
	total_assets numeric, total_liabilities numeric, k5 double precision DEFAULT 1.0) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_altman_z' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.altman_z(numeric, numeric, numeric, numeric, numeric, numeric, numeric, double precision) IS
'Altman Z of listed manufacturers (score Z d''Altman, 1968): 1.2 × working capital / total assets + 1.4 × retained earnings (réserves et report à nouveau) / total assets + 3.3 × EBIT / total assets + 0.6 × market value of equity / total liabilities + k5 × sales / total assets; k5 is 0.999 in the paper, 1.0 in later texts. Above 2.99 safe, below 1.81 distress: see altman_zone. Working capital is current assets - current liabilities. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. Source: Altman (2018), mdpi.com/2227-7072/6/3/70; exinfm.com.';

CREATE FUNCTION credit_risk.altman_z_prime(working_capital numeric, retained_earnings numeric, ebit numeric, book_equity numeric, sales numeric,
	total_assets numeric, total_liabilities numeric) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_altman_z_prime' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.altman_z_prime(numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
'Altman Z′ of private firms (score Z′ d''Altman, 1983): 0.717 × working capital / total assets + 0.847 × retained earnings / total assets + 3.107 × EBIT / total assets + 0.420 × book equity (capitaux propres) / total liabilities + 0.998 × sales / total assets. Above 2.9 safe, below 1.23 distress: see altman_zone. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. Source: creditguru.com, screener.co.';

CREATE FUNCTION credit_risk.altman_z_double_prime(working_capital numeric, retained_earnings numeric, ebit numeric, book_equity numeric, total_assets numeric,
	total_liabilities numeric, with_constant boolean DEFAULT false) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_altman_z_double_prime' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.altman_z_double_prime(numeric, numeric, numeric, numeric, numeric, numeric, boolean) IS
'Altman Z″ of firms that are not manufacturers (score Z″ d''Altman, 1995): 6.56 × working capital / total assets + 3.26 × retained earnings / total assets + 6.72 × EBIT / total assets + 1.05 × book equity / total liabilities; with_constant adds 3.25, which makes the score of emerging markets. Above 2.6 (5.85 with the constant) safe, below 1.1 (4.35) distress: see altman_zone. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. Source: comm.alexu.edu.eg p. 116, bizvalueconsulting.';

CREATE FUNCTION credit_risk.conan_holder(ebe numeric, total_debt numeric, permanent_capital numeric, total_assets numeric, receivables_and_cash numeric,
	financial_charges numeric, sales numeric, personnel_costs numeric, value_added numeric,
	scale double precision DEFAULT 1) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_conan_holder' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.conan_holder(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, double precision) IS
'Score of Conan and Holder (score de Conan-Holder, 1979) of French industrial firms of 10 to 500 staff: 0.24 × EBE / total debt + 0.22 × permanent capital (capitaux permanents: equity and long-term debt) / total assets + 0.16 × receivables and cash (réalisable et disponible) / total assets - 0.87 × financial charges / sales without tax - 0.10 × personnel costs / value added, times scale: 1, or 100 as many sheets print it. Higher is better: see conan_holder_risk. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. 22023 also for another scale. Coefficients for other sectors are not published reliably: use linear_score for one''s own. Source: scribd.com 389486664 and 460672478, scritub.com.';

CREATE FUNCTION credit_risk.conan_holder_risk(n double precision) RETURNS numrange
AS 'MODULE_PATHNAME', 'crk_conan_holder_risk' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.conan_holder_risk(double precision) IS
'Probability of failure (risque de défaillance) that the score of Conan and Holder stands for, a range of fractions: n (at scale 1) above 0.16 [0, 0.10), above 0.10 [0.10, 0.30), above 0.04 [0.30, 0.65), from -0.05 [0.65, 0.90], below (0.90, 1]. NULL in, NULL out. 22023 for NaN and infinities. Source: as conan_holder, the table of five bands.';

CREATE FUNCTION credit_risk.conan_holder_reading(n double precision) RETURNS text
AS 'MODULE_PATHNAME', 'crk_conan_holder_reading' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.conan_holder_reading(double precision) IS
'Reading (appréciation) of the score of Conan and Holder at scale 1: very good above 0.16, good above 0.10, alert above 0.04, danger from -0.05, failure below; the bands of conan_holder_risk. NULL in, NULL out. 22023 for NaN and infinities. Source: as conan_holder.';

CREATE FUNCTION credit_risk.banque_de_france_z(x double precision[]) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_banque_de_france_z' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.banque_de_france_z(double precision[]) IS
'Score Z of the Banque de France (Centrale de bilans, 1980s): (-1.255 x1 + 2.003 x2 - 0.824 x3 + 5.221 x4 - 0.689 x5 - 1.164 x6 + 0.706 x7 + 1.408 x8 - 85.544) / 100. In percent: x1 financial charges / gross economic result (résultat économique brut), x2 stable resources / invested capital, x3 cash flow (CAF) / debt, x4 gross economic result / sales without tax, x6 growth of value added, x8 physical investment / value added; in days of 360: x5 trade payables / purchases with tax, x7 (work in progress - customer advances + trade receivables) / production with tax. Above 0.125 safe, below -0.250 distress: see solvency_zone. NULL in, NULL out; NULL where an element is NULL. 22023 where there are not 8 elements, for more than one dimension, NaN and infinities; 22003 for overflow. The table from Z to probabilities and the scores BDFI are not published reliably and not here. Source: scribd.com 389486664, memoireonline.com.';

CREATE FUNCTION credit_risk.springate_s(working_capital numeric, ebit numeric, ebt numeric, current_liabilities numeric, sales numeric,
	total_assets numeric) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_springate_s' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.springate_s(numeric, numeric, numeric, numeric, numeric, numeric) IS
'Springate S (score de Springate, 1978): 1.03 × working capital / total assets + 3.07 × EBIT / total assets + 0.66 × profit before tax / current liabilities + 0.40 × sales / total assets; below 0.862 distress: see solvency_zone. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. Source: ycharts.com, jaxworks.com, financial-insight.uk.';

CREATE FUNCTION credit_risk.zmijewski_x(net_income numeric, total_liabilities numeric, current_assets numeric, current_liabilities numeric,
	total_assets numeric, variant text DEFAULT 'original') RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_zmijewski_x' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.zmijewski_x(numeric, numeric, numeric, numeric, numeric, text) IS
'Zmijewski X (score de Zmijewski, 1984), the higher the worse: -4.336 - 4.513 × net income / total assets + 5.679 × total liabilities / total assets + 0.004 × current assets / current liabilities; variant rounded is the set of the textbooks: -4.3, -4.5, 5.7, -0.004. From 0 distress: see solvency_zone and zmijewski_probability. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. 22023 also for an unknown variant. Source: ycharts.com and public implementations.';

CREATE FUNCTION credit_risk.zmijewski_probability(x double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_zmijewski_probability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.zmijewski_probability(double precision) IS
'Probability of financial distress (probabilité de défaillance) of Zmijewski''s X, a fraction: the standard normal distribution function of x, since the model is a probit. NULL in, NULL out. 22023 for NaN and infinities. Source: Zmijewski (1984).';

CREATE FUNCTION credit_risk.ohlson_o(total_assets numeric, price_index numeric, total_liabilities numeric, working_capital numeric,
	current_liabilities numeric, current_assets numeric, net_income numeric, net_income_prev numeric, ffo numeric,
	loss_two_years boolean) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_ohlson_o' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ohlson_o(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, boolean) IS
'Ohlson O (score d''Ohlson, 1980, model 1), the higher the worse: -1.32 - 0.407 × ln(total assets / price_index) + 6.03 × total liabilities / total assets - 1.43 × working capital / total assets + 0.0757 × current liabilities / current assets - 1.72 if liabilities exceed assets - 2.37 × net income / total assets - 1.83 × funds from operations (CAF) / total liabilities + 0.285 if net losses in both last years - 0.521 × (net income - previous) / (|net income| + |previous|), a term of 0 where both are 0. price_index: price level with 1968 = 100. Total assets in units of the currency (some use millions, which shifts O by 5.62). Above 0 distress: see solvency_zone and ohlson_probability. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for a price_index that is not positive, NaN and infinities. Source: public implementations of the paper; Ohlson''s own unit could not be verified.';

CREATE FUNCTION credit_risk.ohlson_probability(o double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_ohlson_probability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ohlson_probability(double precision) IS
'Probability of failure (probabilité de défaillance) of Ohlson''s O, a fraction: 1 / (1 + exp(-o)). NULL in, NULL out. 22023 for NaN and infinities. Source: Ohlson (1980), a logit.';

CREATE FUNCTION credit_risk.taffler_z(profit_before_tax numeric, current_liabilities numeric, current_assets numeric, total_liabilities numeric,
	total_assets numeric, quick_assets numeric, operating_expenses numeric) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_taffler_z' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.taffler_z(numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
'Taffler Z of listed industrial firms (score de Taffler): 3.20 + 12.18 × profit before tax / current liabilities + 2.50 × current assets / total liabilities - 10.68 × current liabilities / total assets + 0.029 × no-credit interval in days, which is (quick assets - current liabilities) / (operating expenses / 365); operating expenses are sales - profit before tax - depreciation of the year. Below 0 distress: see solvency_zone. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. The coefficients are known from the documentation of programs only: no text with a worked example was found. Source: such documentation; the modified form stands in textbooks.';

CREATE FUNCTION credit_risk.taffler_z_modified(profit_before_tax numeric, current_liabilities numeric, current_assets numeric, total_liabilities numeric,
	total_assets numeric, sales numeric) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_taffler_z_modified' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.taffler_z_modified(numeric, numeric, numeric, numeric, numeric, numeric) IS
'Taffler Z, modified form (score de Taffler modifié): 0.53 × profit before tax / current liabilities + 0.13 × current assets / total liabilities + 0.18 × current liabilities / total assets + 0.16 × sales / total assets. Above 0.3 safe, below 0.2 distress: see solvency_zone. NULL in, NULL out; NULL where a denominator is zero or negative. 22023 for NaN and infinities. Source: financedictionarypro.com and public test suites.';

CREATE FUNCTION credit_risk.piotroski_f(net_income numeric, net_income_prev numeric, operating_cash_flow numeric, total_assets numeric,
	total_assets_prev numeric, total_assets_prev2 numeric, long_term_debt numeric, long_term_debt_prev numeric,
	current_assets numeric, current_assets_prev numeric, current_liabilities numeric,
	current_liabilities_prev numeric, shares numeric, shares_prev numeric, gross_profit numeric,
	gross_profit_prev numeric, sales numeric, sales_prev numeric) RETURNS integer
AS 'MODULE_PATHNAME', 'crk_piotroski_f' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.piotroski_f(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
'Piotroski F (score F de Piotroski, 2000), 0 to 9, one point each: return on assets above 0; operating cash flow above 0; return on assets up; operating cash flow above net income; long-term debt / average assets down; current ratio up; no more shares than before; gross margin up; asset turnover up. Returns and turnover are on the assets at the beginning of their year, hence the assets at the end of three years (prev2: two years ago). Ties count nothing. From 7 safe, to 3 distress: see solvency_zone. Compared without division. NULL in, NULL out; NULL where total assets, current liabilities or sales of a year are zero or negative. 22023 for NaN and infinities. Source: gurufocus.com, valuesignals.com.';

CREATE FUNCTION credit_risk.linear_score(coefficients double precision[], x double precision[], constant double precision DEFAULT 0) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_linear_score' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.linear_score(double precision[], double precision[], double precision) IS
'Score of one''s own linear model (fonction score): constant + sum of coefficients × x. NULL in, NULL out; NULL where an element of x is NULL (a missing ratio is missing, not zero). 22023 for arrays of different length or with more than one dimension, a NULL coefficient, NaN and infinities; 22003 for overflow. Source: common definition.';

-- How they are read.

CREATE FUNCTION credit_risk.altman_zone(model text, score double precision) RETURNS text
AS 'MODULE_PATHNAME', 'crk_altman_zone' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.altman_zone(text, double precision) IS
'Zone of an Altman score: safe (saine), grey (grise) or distress (défaillance); on a boundary is grey. Model: altman_z (2.99, 1.81), altman_z_prime (2.9, 1.23), altman_z_double_prime (2.6, 1.1), altman_em_score (with the constant: 5.85, 4.35), or without altman_. NULL in, NULL out. 22023 for an unknown model, NaN and infinities. Source: as the scores.';

CREATE FUNCTION credit_risk.solvency_zone(model text, score double precision) RETURNS text
AS 'MODULE_PATHNAME', 'crk_solvency_zone' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.solvency_zone(text, double precision) IS
'Zone of a published score, by the name of its function: safe (saine), grey (grise) or distress (défaillance); on a boundary is grey. The Altman models as altman_zone; banque_de_france_z: above 0.125, below -0.250; taffler_z_modified: above 0.3, below 0.2; piotroski_f: from 7, to 3. Without a grey zone: springate_s distress below 0.862, taffler_z below 0, zmijewski_x from 0 (probability 0.5), ohlson_o above 0. conan_holder has five bands: see conan_holder_reading. NULL in, NULL out. 22023 for an unknown model, NaN and infinities. Source: as the scores.';
