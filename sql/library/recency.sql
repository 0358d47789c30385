-- The recent past weighs more.

CREATE FUNCTION credit_risk.ewma_accum(double precision[], double precision, double precision) RETURNS double precision[]
AS 'MODULE_PATHNAME', 'crk_ewma_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ewma_accum(double precision[], double precision, double precision) IS
'Transition function of ewma.';

CREATE FUNCTION credit_risk.ewma_final(double precision[]) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_ewma_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ewma_final(double precision[]) IS
'Final function of ewma. NULL without rows. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.ewma(x double precision, lambda double precision) (
	SFUNC = credit_risk.ewma_accum,
	STYPE = double precision[],
	SSPACE = 64,
	FINALFUNC = credit_risk.ewma_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.ewma(double precision, double precision) IS
'Exponentially weighted moving average (moyenne mobile à pondération exponentielle) of x, oldest first: write ewma(x, lambda ORDER BY day). z = lambda × x + (1 - lambda) × z before, the first z is the first x; the greater lambda, the quicker the past is forgotten (some texts call 1 - lambda so). Rows with NULL are ignored; NULL without rows. 22023 for a lambda outside (0, 1] or not the same for all rows of a group, NaN and infinities. Memory: 64 bytes, and the sort. Not partial, since the order of rows matters: one process does it. Source: the qcc package for R (ewma).';

CREATE FUNCTION credit_risk.half_life_avg_accum(double precision[], double precision, double precision, double precision) RETURNS double precision[]
AS 'MODULE_PATHNAME', 'crk_half_life_avg_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.half_life_avg_accum(double precision[], double precision, double precision, double precision) IS
'Transition function of half_life_avg.';

CREATE FUNCTION credit_risk.half_life_avg_combine(double precision[], double precision[]) RETURNS double precision[]
AS 'MODULE_PATHNAME', 'crk_half_life_avg_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.half_life_avg_combine(double precision[], double precision[]) IS
'Combine function of half_life_avg. NULL is an empty state. 22023 where an argument is not its state or half_life differs.';

CREATE FUNCTION credit_risk.half_life_avg_final(double precision[]) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_half_life_avg_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.half_life_avg_final(double precision[]) IS
'Final function of half_life_avg. NULL without rows. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.half_life_avg(x double precision, age_days double precision, half_life double precision) (
	SFUNC = credit_risk.half_life_avg_accum,
	STYPE = double precision[],
	SSPACE = 80,
	FINALFUNC = credit_risk.half_life_avg_final,
	COMBINEFUNC = credit_risk.half_life_avg_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.half_life_avg(double precision, double precision, double precision) IS
'Average that forgets (moyenne à demi-vie) of x: weights 0.5^(age_days / half_life), so that what is a half-life older counts half. Only differences of age matter. Rows with NULL are ignored; NULL without rows. 22023 for a negative age_days, a half_life that is not positive or not the same for all rows of a group, NaN and infinities; 22003 where values are too far apart for a number. Memory: 80 bytes. The order of rows and the number of workers may show in the last digits. Source: common definition of the half-life.';

-- What is unusual.

CREATE FUNCTION credit_risk.mad_accum(internal, double precision) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_mad_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.mad_accum(internal, double precision) IS
'Transition function of mad.';

CREATE FUNCTION credit_risk.mad_final(internal) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_mad_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.mad_final(internal) IS
'Final function of mad. NULL without rows.';

CREATE AGGREGATE credit_risk.mad(x double precision) (
	SFUNC = credit_risk.mad_accum,
	STYPE = internal,
	SSPACE = 400,
	FINALFUNC = credit_risk.mad_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.mad(double precision) IS
'Median absolute deviation (écart absolu médian): median of |x - median of x|, exact and not scaled; the median of an even number is the mean of the two in the middle. Rows with NULL are ignored; NULL without rows. 22023 for NaN and infinities. Memory: keeps the values, at most 16 bytes per row, 8 more at the end. The order of rows does not show. Not partial: one process does it. Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993).';

CREATE FUNCTION credit_risk.robust_z(x double precision, median double precision, mad double precision) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_robust_z' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.robust_z(double precision, double precision, double precision) IS
'Robust z-score (score z robuste) of x: 0.6745 × (x - median) / mad, the median as percentile_cont(0.5) and mad as the aggregate mad() have them; beyond 3.5 on either side x is anomalous. NULL in, NULL out; NULL for mad 0 (half of the values are alike). 22023 for a negative mad, NaN and infinities; 22003 where the result is beyond all numbers. Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993).';
