-- Fitting a scorecard.

CREATE FUNCTION credit_risk.fit_scorecard_accum(internal, boolean, jsonb) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_fit_scorecard_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fit_scorecard_accum(internal, boolean, jsonb) IS
'Transition function of fit_scorecard.';

CREATE FUNCTION credit_risk.fit_scorecard_accum(internal, boolean, jsonb, jsonb) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_fit_scorecard_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fit_scorecard_accum(internal, boolean, jsonb, jsonb) IS
'Transition function of fit_scorecard with options.';

CREATE FUNCTION credit_risk.fit_scorecard_final(internal) RETURNS jsonb
AS 'MODULE_PATHNAME', 'crk_fit_scorecard_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fit_scorecard_final(internal) IS
'Final function of fit_scorecard. NULL without rows of both classes, or where nothing is worth a characteristic.';

CREATE AGGREGATE credit_risk.fit_scorecard(is_bad boolean, figures jsonb) (
	SFUNC = credit_risk.fit_scorecard_accum,
	STYPE = internal,
	SSPACE = 100000,
	FINALFUNC = credit_risk.fit_scorecard_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.fit_scorecard(boolean, jsonb) IS
'Fits a scorecard (grille de score) on rows of any table: fit_scorecard(is_bad, to_jsonb(t) - ''is_bad''). Each key of the objects is a characteristic: a number has bands, a word or boolean categories, null or no key is missing. Numbers are cut into quantiles, neighbours merged until their bad rates differ; words are grouped by bad rate, rare ones are any other; missing has a band of its own where there is enough of it (1 % of the rows and 30), else it is left out (missing null). Then weight of evidence ln(share of good / share of bad), information value, a logistic regression of bad on the weights of evidence (liblinear, L2), and points: base_score at base_odds good : bad, pdo points double the odds. Returns the card, as check_scorecard() takes it and score_figures() reads it, with the binning in it: each characteristic has iv, coefficient, woe, good, bad (counts by band, in the order of points), missing_good, missing_bad, missing_woe; fitted has rows, bads, intercept, cost and left_out: what is not in the card and why (information value too low, correlated with a better one, coefficient of the wrong sign …). Rows with NULL for is_bad or figures are ignored. NULL where no good or no bad row is left or nothing is informative. The order of rows makes no difference. 22023 for figures that are no object, are nested, or are number here and word there; 0A000 where the build is without liblinear. Memory: rows × characteristics × 8 bytes (half as much again while growing), and the words, at most 1,000 different of one characteristic; at the end 32 bytes per row and characteristic of the card more. It cannot be interrupted while it regresses. Not partial: one process does it.';

CREATE AGGREGATE credit_risk.fit_scorecard(is_bad boolean, figures jsonb, options jsonb) (
	SFUNC = credit_risk.fit_scorecard_accum,
	STYPE = internal,
	SSPACE = 100000,
	FINALFUNC = credit_risk.fit_scorecard_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.fit_scorecard(boolean, jsonb, jsonb) IS
'Fits a scorecard as the shorter form, with options, the same in all rows: model (name, "fitted"), bins (quantiles to begin with, 20), max_bins (6), min_share (of a band in all rows, 0.05), significance (neighbours whose difference is less significant than this are merged, 0.05; chi-square), monotone (bad rates of a number only rise or only fall, false), min_iv (0.02), max_correlation (with a characteristic of more information, 0.8), max_characteristics (20), cost (liblinear''s: small = more regularised, 1), base_score (600), base_odds (50), pdo (20), decimals (2), min_coverage_pct (50), spread (the base is spread over the characteristics instead of standing in base_points, and missing is as the average where there was too little of it, false). base_score, base_odds, pdo and min_coverage_pct are rounded to the six decimals of a card. 22023 for an option that does not exist or is out of range.';
