-- Logistic regression.

CREATE FUNCTION credit_risk.logistic_regression_accum(internal, boolean, double precision[]) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_logistic_regression_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.logistic_regression_accum(internal, boolean, double precision[]) IS
'Transition function of logistic_regression.';

CREATE FUNCTION credit_risk.logistic_regression_accum(internal, boolean, double precision[], double precision) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_logistic_regression_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.logistic_regression_accum(internal, boolean, double precision[], double precision) IS
'Transition function of logistic_regression with cost.';

CREATE FUNCTION credit_risk.logistic_regression_final(internal) RETURNS double precision[]
AS 'MODULE_PATHNAME', 'crk_logistic_regression_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.logistic_regression_final(internal) IS
'Final function of logistic_regression. NULL without rows of both classes.';

CREATE AGGREGATE credit_risk.logistic_regression(is_bad boolean, x double precision[]) (
	SFUNC = credit_risk.logistic_regression_accum,
	STYPE = internal,
	SSPACE = 100000,
	FINALFUNC = credit_risk.logistic_regression_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.logistic_regression(boolean, double precision[]) IS
'Logistic regression (régression logistique) of bad on the numbers x: the coefficients of the log-odds of bad, intercept first, for x as given; the probability of bad is 1 / (1 + exp(-(c[1] + Σ c[i + 1] · x[i]))). Fitted by liblinear (L2-regularised, cost 1) on standardised numbers, so the result does not depend on their units; the intercept is hardly punished, a number that never changes has coefficient 0. Rows with NULL anywhere are ignored; NULL where no good or no bad row is left. The order of rows makes no difference. 22023 where x has not always the same length, has NaN or an infinity, or cost is not positive; 0A000 where the build is without liblinear. Memory: rows × (numbers × 24 + 50) bytes at the end. It cannot be interrupted while it fits. Not partial: one process does it.';

CREATE AGGREGATE credit_risk.logistic_regression(is_bad boolean, x double precision[], cost double precision) (
	SFUNC = credit_risk.logistic_regression_accum,
	STYPE = internal,
	SSPACE = 100000,
	FINALFUNC = credit_risk.logistic_regression_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.logistic_regression(boolean, double precision[], double precision) IS
'Logistic regression as the shorter form; cost is the weight of an error against large coefficients: large = hardly regularised (1e6 gives the maximum of the likelihood), small = strongly. The same for all rows of a group.';
