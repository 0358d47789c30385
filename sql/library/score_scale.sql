-- Scorecards as figures: weight of evidence, points, default rates, reasons.

CREATE FUNCTION credit_risk.weight_of_evidence(good bigint, bad bigint, total_good bigint, total_bad bigint, adjust double precision DEFAULT NULL) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_weight_of_evidence' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.weight_of_evidence(bigint, bigint, bigint, bigint, double precision) IS
'Weight of evidence (poids de l''évidence) of one bin of a characteristic: ln((good / total_good) / (bad / total_bad)), above zero = better than all together. NULL where an argument but adjust is NULL, a total is zero, the bin is empty, or it has only good or only bad and adjust is NULL; adjust, usually 0.5, is then added to both counts of the bin, the totals stay, as in information_value. 22023 for a negative count, one greater than its total, and an adjust that is not positive. Source: Siddiqi, Credit Risk Scorecards; some texts use ln(bad / good), of the other sign.';

CREATE FUNCTION credit_risk.odds_to_points(odds double precision, base_score double precision, base_odds double precision, pdo double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_odds_to_points' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.odds_to_points(double precision, double precision, double precision, double precision) IS
'Score in points (note en points) of the odds good:bad: base_score + pdo × log2(odds / base_odds), so that base_odds have base_score and pdo points more double the odds; unrounded: round once, at the end. NULL in, NULL out; NULL for odds 0. 22023 for negative odds, base_odds or pdo not positive, NaN and infinities. Source: Siddiqi, Credit Risk Scorecards (factor = pdo / ln 2, offset = base_score - factor × ln(base_odds)).';

CREATE FUNCTION credit_risk.points_to_odds(points double precision, base_score double precision, base_odds double precision, pdo double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_points_to_odds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.points_to_odds(double precision, double precision, double precision, double precision) IS
'Odds good:bad (cote bons:mauvais) of a score in points: base_odds × 2^((points - base_score) / pdo), the inverse of odds_to_points. NULL in, NULL out; NULL where the odds are beyond all numbers. 22023 for base_odds or pdo not positive, NaN and infinities. Source: as odds_to_points.';

CREATE FUNCTION credit_risk.points_to_pd(points double precision, base_score double precision, base_odds double precision, pdo double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_points_to_pd' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.points_to_pd(double precision, double precision, double precision, double precision) IS
'Probability of default (probabilité de défaut) of a score in points, a fraction: 1 / (1 + odds), the odds as points_to_odds has them. NULL in, NULL out. 22023 for base_odds or pdo not positive, NaN and infinities. Source: as odds_to_points.';

CREATE FUNCTION credit_risk.pd_to_points(pd double precision, base_score double precision, base_odds double precision, pdo double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_pd_to_points' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.pd_to_points(double precision, double precision, double precision, double precision) IS
'Score in points (note en points) of a probability of default, a fraction: that of the odds (1 - pd) / pd; the inverse of points_to_pd; unrounded. NULL in, NULL out; NULL for pd 0 and 1, whose points are infinite. 22023 for a pd outside 0 to 1, base_odds or pdo not positive, NaN and infinities. Source: as odds_to_points.';

CREATE FUNCTION credit_risk.logistic(x double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_logistic' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.logistic(double precision) IS
'Logistic function (fonction logistique): 1 / (1 + exp(-x)), the probability of default where x is the log-odds of bad that a logistic regression gives. NULL in, NULL out. 22023 for NaN and infinities. Source: common definition.';

CREATE FUNCTION credit_risk.recalibrate_pd(pd double precision, sample_rate double precision, target_rate double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_recalibrate_pd' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.recalibrate_pd(double precision, double precision, double precision) IS
'Probability of default (probabilité de défaut recalée) carried from a sample with default rate sample_rate to a population with target_rate, all fractions: pd × t / s / (pd × t / s + (1 - pd) × (1 - t) / (1 - s)); the order of customers stays. NULL in, NULL out; NULL for a sample_rate of 0 or 1, and where pd and target_rate exclude each other (0 and 1). 22023 for arguments outside 0 to 1 and NaN. Source: King and Zeng, Logistic Regression in Rare Events Data (2001), prior correction; Maddala (2001).';

CREATE FUNCTION credit_risk.reason_codes(names text[], points numeric[], reference numeric[], top integer DEFAULT 4) RETURNS text[]
AS 'MODULE_PATHNAME', 'crk_reason_codes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.reason_codes(text[], numeric[], numeric[], integer) IS
'Reasons of a score (motifs de la note): the names of the characteristics that lost most points against their reference, the greatest loss first, at most top; what lost nothing is no reason, so the array may be empty. Reference: the average points of the portfolio, or the most that can be had. Equal losses in the order of the bytes of their names. NULL in, NULL out. 22023 for arrays of different length or with more than one dimension, NULL elements, NaN and infinities, and a top not positive. Source: up to four reasons by impact: reasoncode.org; points below neutral: Siddiqi, Credit Risk Scorecards, our reading.';
