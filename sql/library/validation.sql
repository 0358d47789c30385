-- Do scores tell the bad from the good, and do predictions come true?

CREATE FUNCTION credit_risk.discrimination_accum(bytea, boolean, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_discrimination_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discrimination_accum(bytea, boolean, double precision) IS
'Transition function of auc, gini and ks_statistic: asked for together in one query, they keep one state.';

CREATE FUNCTION credit_risk.discrimination_remove(bytea, boolean, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_discrimination_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discrimination_remove(bytea, boolean, double precision) IS
'Inverse transition function of auc, gini and ks_statistic, for windows that move.';

CREATE FUNCTION credit_risk.discrimination_accum(bytea, boolean, double precision, boolean) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_discrimination_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discrimination_accum(bytea, boolean, double precision, boolean) IS
'Transition function of auc and gini with higher_is_better.';

CREATE FUNCTION credit_risk.discrimination_remove(bytea, boolean, double precision, boolean) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_discrimination_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discrimination_remove(bytea, boolean, double precision, boolean) IS
'Inverse transition function of auc and gini with higher_is_better.';

CREATE FUNCTION credit_risk.discrimination_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_discrimination_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.discrimination_combine(bytea, bytea) IS
'Combine function of auc, gini and ks_statistic. NULL is an empty state. 22023 where an argument is not their state or higher_is_better differs.';

CREATE FUNCTION credit_risk.auc_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_auc_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.auc_final(bytea) IS
'Final function of auc. NULL without good or without bad cases. 22023 where the argument is not its state.';

CREATE FUNCTION credit_risk.gini_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_gini_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.gini_final(bytea) IS
'Final function of gini. NULL without good or without bad cases. 22023 where the argument is not its state.';

CREATE FUNCTION credit_risk.ks_statistic_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_ks_statistic_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ks_statistic_final(bytea) IS
'Final function of ks_statistic. NULL without good or without bad cases. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.auc(is_bad boolean, score double precision) (
	SFUNC = credit_risk.discrimination_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.auc_final,
	COMBINEFUNC = credit_risk.discrimination_combine,
	MSFUNC = credit_risk.discrimination_accum,
	MINVFUNC = credit_risk.discrimination_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.auc_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.auc(boolean, double precision) IS
'Area under the ROC curve (aire sous la courbe ROC): the probability that a bad case has a higher score than a good one, ties at half; 0.5 tells nothing, 1 everything. The score is one of risk, higher = worse. Rows with NULL are ignored. NULL where all are good or all are bad. 22023 for NaN and infinities. Exact: pairs are counted as integers, so that neither the order of rows nor the number of workers shows. Memory: at most 44 bytes per different score, whatever the number of rows, and briefly 16 more to put them in order; 54000 beyond 67 million different scores. Source: scikit-learn (roc_auc_score).';

CREATE AGGREGATE credit_risk.auc(is_bad boolean, score double precision, higher_is_better boolean) (
	SFUNC = credit_risk.discrimination_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.auc_final,
	COMBINEFUNC = credit_risk.discrimination_combine,
	MSFUNC = credit_risk.discrimination_accum,
	MINVFUNC = credit_risk.discrimination_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.auc_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.auc(boolean, double precision, boolean) IS
'Area under the ROC curve as the shorter form; with higher_is_better true the score is one of quality, and the figure is the probability that a bad case has the lower one. 22023 also where higher_is_better is not the same for all rows of a group. Source: as the shorter form.';

CREATE AGGREGATE credit_risk.gini(is_bad boolean, score double precision) (
	SFUNC = credit_risk.discrimination_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.gini_final,
	COMBINEFUNC = credit_risk.discrimination_combine,
	MSFUNC = credit_risk.discrimination_accum,
	MINVFUNC = credit_risk.discrimination_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.gini_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.gini(boolean, double precision) IS
'Gini coefficient of a score (accuracy ratio, Somers'' D, coefficient de Gini): 2 auc - 1, 0 for a score that tells nothing, 1 for one that tells everything, negative for one that points the wrong way. For the Gini of balances see concentration_gini. The score is one of risk, higher = worse. Rows with NULL are ignored. NULL where all are good or all are bad. 22023 for NaN and infinities. Exact: pairs are counted as integers, so that neither the order of rows nor the number of workers shows. Memory as auc. Source: common definition.';

CREATE AGGREGATE credit_risk.gini(is_bad boolean, score double precision, higher_is_better boolean) (
	SFUNC = credit_risk.discrimination_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.gini_final,
	COMBINEFUNC = credit_risk.discrimination_combine,
	MSFUNC = credit_risk.discrimination_accum,
	MINVFUNC = credit_risk.discrimination_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.gini_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.gini(boolean, double precision, boolean) IS
'Gini coefficient of a score as the shorter form; higher_is_better true for a score of quality. 22023 also where it is not the same for all rows of a group. Source: as the shorter form.';

CREATE AGGREGATE credit_risk.ks_statistic(is_bad boolean, score double precision) (
	SFUNC = credit_risk.discrimination_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.ks_statistic_final,
	COMBINEFUNC = credit_risk.discrimination_combine,
	MSFUNC = credit_risk.discrimination_accum,
	MINVFUNC = credit_risk.discrimination_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.ks_statistic_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.ks_statistic(boolean, double precision) IS
'Kolmogorov-Smirnov statistic (statistique de Kolmogorov-Smirnov): the largest distance between the distributions of the score among the bad and among the good, 0 to 1; tied scores move together. The same for scores of risk and of quality. Rows with NULL are ignored. NULL where all are good or all are bad. 22023 for NaN and infinities. Exact: pairs are counted as integers, so that neither the order of rows nor the number of workers shows. Memory as auc. Source: common definition.';

-- Mean squared error of a prediction.

CREATE FUNCTION credit_risk.brier_score_accum(bytea, boolean, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_brier_score_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.brier_score_accum(bytea, boolean, double precision) IS
'Transition function of brier_score.';

CREATE FUNCTION credit_risk.brier_score_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_brier_score_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.brier_score_combine(bytea, bytea) IS
'Combine function of brier_score. NULL is an empty state. 22023 where an argument is not its state.';

CREATE FUNCTION credit_risk.brier_score_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_brier_score_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.brier_score_final(bytea) IS
'Final function of brier_score. NULL without rows. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.brier_score(is_bad boolean, p double precision) (
	SFUNC = credit_risk.brier_score_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.brier_score_final,
	COMBINEFUNC = credit_risk.brier_score_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.brier_score(boolean, double precision) IS
'Brier score (score de Brier): mean of (p - y)², y 1 for bad and 0 for good; 0 is perfect, always saying the observed rate r gives r (1 - r). p is the predicted probability of bad. Rows with NULL are ignored. NULL without rows. 22023 where p is not from 0 to 1. Summed with its rounding error, so that neither the order of rows nor the number of workers shows beyond the last digit. Source: common definition.';

-- Predicted against observed, bin by bin.

CREATE TYPE credit_risk.calibration_bin AS (
	bin integer,
	n bigint,
	mean_predicted double precision,
	observed_rate double precision,
	bad bigint,
	lowest double precision,
	highest double precision
);
COMMENT ON TYPE credit_risk.calibration_bin IS
'A line of a calibration table (table de calibrage): number of the bin from 1 = lowest, cases, mean of the predicted probabilities, share of bad observed, bad cases, lowest and highest prediction in the bin. Unfold with SELECT * FROM unnest(...).';

CREATE FUNCTION credit_risk.calibration_accum(bytea, boolean, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_calibration_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.calibration_accum(bytea, boolean, double precision) IS
'Transition function of calibration.';

CREATE FUNCTION credit_risk.calibration_remove(bytea, boolean, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_calibration_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.calibration_remove(bytea, boolean, double precision) IS
'Inverse transition function of calibration, for windows that move.';

CREATE FUNCTION credit_risk.calibration_accum(bytea, boolean, double precision, integer) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_calibration_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.calibration_accum(bytea, boolean, double precision, integer) IS
'Transition function of calibration with bins.';

CREATE FUNCTION credit_risk.calibration_remove(bytea, boolean, double precision, integer) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_calibration_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.calibration_remove(bytea, boolean, double precision, integer) IS
'Inverse transition function of calibration with bins, for windows that move.';

CREATE FUNCTION credit_risk.calibration_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_calibration_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.calibration_combine(bytea, bytea) IS
'Combine function of calibration. NULL is an empty state. 22023 where an argument is not its state or bins differs.';

CREATE FUNCTION credit_risk.calibration_final(bytea) RETURNS credit_risk.calibration_bin[]
AS 'MODULE_PATHNAME', 'crk_calibration_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.calibration_final(bytea) IS
'Final function of calibration. NULL without rows. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.calibration(is_bad boolean, p double precision) (
	SFUNC = credit_risk.calibration_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.calibration_final,
	COMBINEFUNC = credit_risk.calibration_combine,
	MSFUNC = credit_risk.calibration_accum,
	MINVFUNC = credit_risk.calibration_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.calibration_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.calibration(boolean, double precision) IS
'Calibration table (table de calibrage) in ten bins of equally many cases, by rising predicted probability of bad: per bin the mean prediction and the observed rate, which agree where the predictions are true. Cases of one prediction stay together, in the bin of their middle case; a bin that gets none is left out. Rows with NULL are ignored. NULL without rows. 22023 where p is not from 0 to 1. Memory as auc, by different predictions. Unfold with SELECT * FROM unnest((SELECT calibration(...) ...)). Source: common definition.';

CREATE AGGREGATE credit_risk.calibration(is_bad boolean, p double precision, bins integer) (
	SFUNC = credit_risk.calibration_accum,
	STYPE = bytea,
	SSPACE = 1024,
	FINALFUNC = credit_risk.calibration_final,
	COMBINEFUNC = credit_risk.calibration_combine,
	MSFUNC = credit_risk.calibration_accum,
	MINVFUNC = credit_risk.calibration_remove,
	MSTYPE = bytea,
	MSSPACE = 1024,
	MFINALFUNC = credit_risk.calibration_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.calibration(boolean, double precision, integer) IS
'Calibration table as the shorter form in so many bins; 1 compares the two means of all. 22023 also where bins is not positive or not the same for all rows of a group. Source: as the shorter form.';

-- How far two distributions over the same bins are apart.

CREATE FUNCTION credit_risk.information_value_accum(bytea, bigint, bigint) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_information_value_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.information_value_accum(bytea, bigint, bigint) IS
'Transition function of information_value.';

CREATE FUNCTION credit_risk.information_value_accum(bytea, bigint, bigint, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_information_value_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.information_value_accum(bytea, bigint, bigint, double precision) IS
'Transition function of information_value with adjust.';

CREATE FUNCTION credit_risk.information_value_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_information_value_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.information_value_combine(bytea, bytea) IS
'Combine function of information_value. NULL is an empty state. 22023 where an argument is not its state or adjust differs.';

CREATE FUNCTION credit_risk.information_value_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_information_value_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.information_value_final(bytea) IS
'Final function of information_value. NULL where it is undefined. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.information_value(good bigint, bad bigint) (
	SFUNC = credit_risk.information_value_accum,
	STYPE = bytea,
	SSPACE = 280,
	FINALFUNC = credit_risk.information_value_final,
	COMBINEFUNC = credit_risk.information_value_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.information_value(bigint, bigint) IS
'Information value (valeur d''information) of a characteristic, from the counts of good and bad in each of its bins, one row per bin: sum of (g - b) ln(g / b), g and b the shares of the bin in all good and all bad; ln(g / b) is its weight of evidence. Below 0.02 useless, to 0.1 weak, to 0.3 medium, to 0.5 strong, above suspicious. Rows with NULL, and bins with neither, are ignored. NULL where a bin has only good or only bad, or all are of one side. 22023 for negative counts. Memory: at most 32 bytes per bin, as much again at the end. The order of rows and the number of workers do not show. Source: Siddiqi, Credit Risk Scorecards.';

CREATE AGGREGATE credit_risk.information_value(good bigint, bad bigint, adjust double precision) (
	SFUNC = credit_risk.information_value_accum,
	STYPE = bytea,
	SSPACE = 280,
	FINALFUNC = credit_risk.information_value_final,
	COMBINEFUNC = credit_risk.information_value_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.information_value(bigint, bigint, double precision) IS
'Information value as the shorter form; adjust, usually 0.5, is added to both counts of a bin that has only good or only bad, which keeps it finite; the totals stay as they are, as in weight_of_evidence. 22023 also where adjust is not positive or not the same for all rows of a group. Source: as the shorter form.';

CREATE FUNCTION credit_risk.psi_accum(bytea, double precision, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_psi_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.psi_accum(bytea, double precision, double precision) IS
'Transition function of psi.';

CREATE FUNCTION credit_risk.psi_accum(bytea, double precision, double precision, double precision) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_psi_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.psi_accum(bytea, double precision, double precision, double precision) IS
'Transition function of psi with epsilon.';

CREATE FUNCTION credit_risk.psi_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_psi_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.psi_combine(bytea, bytea) IS
'Combine function of psi. NULL is an empty state. 22023 where an argument is not its state or epsilon differs.';

CREATE FUNCTION credit_risk.psi_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_psi_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.psi_final(bytea) IS
'Final function of psi. NULL where it is undefined. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.psi(expected double precision, actual double precision) (
	SFUNC = credit_risk.psi_accum,
	STYPE = bytea,
	SSPACE = 280,
	FINALFUNC = credit_risk.psi_final,
	COMBINEFUNC = credit_risk.psi_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.psi(double precision, double precision) IS
'Population stability index (indice de stabilité de la population), one row per bin with what was expected there and what is: sum of (a - e) ln(a / e), a and e the shares in their totals, so that counts, amounts and shares all do. Below 0.10 stable, to 0.25 a slight shift, above a major one. Rows with NULL, and bins with neither, are ignored. NULL where a bin has only one of the two, or one side nothing at all. 22023 for negative numbers, NaN and infinities. Memory: at most 32 bytes per bin, as much again at the end. The order of rows and the number of workers do not show. Source: common definition.';

CREATE AGGREGATE credit_risk.psi(expected double precision, actual double precision, epsilon double precision) (
	SFUNC = credit_risk.psi_accum,
	STYPE = bytea,
	SSPACE = 280,
	FINALFUNC = credit_risk.psi_final,
	COMBINEFUNC = credit_risk.psi_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.psi(double precision, double precision, double precision) IS
'Population stability index as the shorter form; epsilon, usually 0.0001, stands for a share that is zero, without changing the others. 22023 also where epsilon is not between 0 and 1 or not the same for all rows of a group. Source: as the shorter form.';

CREATE FUNCTION credit_risk.population_stability_index(expected double precision[], actual double precision[]) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_population_stability_index' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.population_stability_index(double precision[], double precision[]) IS
'Population stability index (indice de stabilité de la population) of two distributions over the same bins, as the aggregate psi: sum of (a - e) ln(a / e) of the shares in their totals, so that counts do as well. NULL where a bin has only one of the two, one side nothing at all, or an argument is NULL; a bin with neither is ignored. 22023 for arrays of different length or with more than one dimension, NULL elements, negative numbers, NaN and infinities. Source: common definition.';

CREATE FUNCTION credit_risk.population_stability_index(expected double precision[], actual double precision[], epsilon double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_population_stability_index' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.population_stability_index(double precision[], double precision[], double precision) IS
'Population stability index as the shorter form; epsilon, usually 0.0001, stands for a share that is zero, without changing the others. 22023 also where epsilon is not between 0 and 1. Source: as the shorter form.';
