-- Scorecards: points by bands, as one jsonb, over any row.

CREATE FUNCTION credit_risk.check_scorecard(card jsonb) RETURNS jsonb
AS 'MODULE_PATHNAME', 'crk_check_scorecard' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.check_scorecard(jsonb) IS
'The card (grille de score) as it is, if it can be evaluated. Keys: characteristics, an array of objects with name, figure (the name of its value, default name), either edges (rising numbers; upper_closed true, the default: an edge belongs to the band below it) or categories (arrays of words), points (one for each band, and the last for what is beyond, or any other word), weight (1), missing (points where the value is missing; null, the default: left out, its maximum too), neutral; scaling percent (the default: 100 × points / maximum of what is present) or sum (base_points + points); decimals (2), min_coverage_pct (50), pd_score, pd_odds, pd_doubling, reference (max or neutral). NULL in, NULL out. 22023 says what is wrong and where.';

CREATE FUNCTION credit_risk.score_row(card jsonb, VARIADIC "values" "any") RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_score_row' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.score_row(jsonb, "any") IS
'Score of a row: one value for each characteristic of the card, in its order, numbers or words, NULL = missing. Rounded once, half away from zero. Numerics are compared with the edges exactly. A card over many rows is read once. NULL where less than min_coverage_pct of the card is present, and for no card. 22023 for another number of values, NaN, infinity, or a word where a number belongs.';

CREATE FUNCTION credit_risk.score_figures(card jsonb, figures jsonb) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_score_figures' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.score_figures(jsonb, jsonb) IS
'Score of an object of figures by name, as score_row(); a figure that is null or not there is missing, others are ignored.';

CREATE FUNCTION credit_risk.score_coverage(card jsonb, figures jsonb) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_score_coverage' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.score_coverage(jsonb, jsonb) IS
'How much of a card the figures cover, percent: the maxima of the characteristics present in those of all (scaling sum: the ranges of points). Errors as score_figures().';

CREATE FUNCTION credit_risk.score_pd(card jsonb, score numeric) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_score_pd' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.score_pd(jsonb, numeric) IS
'Probability of default of a score on the card''s scale: 1 / (1 + pd_odds × 2^((score − pd_score) / pd_doubling)), a fraction. NULL in, NULL out. 22023 for NaN and infinities.';

CREATE FUNCTION credit_risk.score_contributions(card jsonb, figures jsonb)
RETURNS TABLE (place integer, characteristic text, figure text, family text, value text, band text, points numeric, max_points numeric, contribution numeric,
               missing boolean, reason_rank integer)
AS 'MODULE_PATHNAME', 'crk_score_contributions' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 15;
COMMENT ON FUNCTION credit_risk.score_contributions(jsonb, jsonb) IS
'The score taken apart: of each characteristic its value and band, points and maximum (times weight), and what it contributes; the contributions add up to the score exactly (largest remainder), base_points as a last row "base"; NULL where there is no score. What is missing and left out has no points and contributes 0. reason_rank 1 to 4: what cost most against the card''s reference, of equal losses the one of the larger range, then by name. Errors as score_figures(). Source: reason codes by loss of points.';

CREATE FUNCTION credit_risk.smallest_change(card jsonb, figures jsonb, target numeric)
RETURNS TABLE (characteristic text, figure text, value text, needed text, points_now numeric, points_then numeric, score_then numeric)
AS 'MODULE_PATHNAME', 'crk_smallest_change' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5;
COMMENT ON FUNCTION credit_risk.smallest_change(jsonb, jsonb, numeric) IS
'What would lift the score to a target: for each characteristic that can do it alone, the nearest band that does, in words, the points and the score then; the smallest gain of points first. points_now NULL = missing and left out. No rows where the target is reached, or no single change reaches it. Errors as score_figures().';
