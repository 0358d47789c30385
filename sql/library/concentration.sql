-- Herfindahl-Hirschman index.

CREATE FUNCTION credit_risk.hhi_accum(bytea, numeric) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_hhi_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.hhi_accum(bytea, numeric) IS
'Transition function of hhi.';

CREATE FUNCTION credit_risk.hhi_final(bytea) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_hhi_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.hhi_final(bytea) IS
'Final function of hhi. NULL without positive values. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.hhi(value numeric) (
	SFUNC = credit_risk.hhi_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.hhi_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.hhi(numeric) IS
'Herfindahl-Hirschman index of concentration (indice de concentration du portefeuille): sum of squared shares, between 1/n and 1, unrounded; × 10,000 for the index scale; 1 / hhi is the effective number of customers. One row per customer. NULL and negative balances are ignored. NULL where nothing is positive. 22023 for NaN and infinities. Exact in 128 bits, beyond them by numeric arithmetic. Source: wiki.treasurers.org.';

-- Share of the largest.

CREATE FUNCTION credit_risk.top_n_share_accum(bytea, numeric, integer) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_top_n_share_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.top_n_share_accum(bytea, numeric, integer) IS
'Transition function of top_n_share.';

CREATE FUNCTION credit_risk.top_n_share_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_top_n_share_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.top_n_share_combine(bytea, bytea) IS
'Combine function of top_n_share. NULL is an empty state. 22023 where an argument is not its state or n differs.';

CREATE FUNCTION credit_risk.top_n_share_final(bytea) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_top_n_share_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.top_n_share_final(bytea) IS
'Final function of top_n_share. NULL without positive values. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.top_n_share(value numeric, n integer) (
	SFUNC = credit_risk.top_n_share_accum,
	STYPE = bytea,
	SSPACE = 256,
	FINALFUNC = credit_risk.top_n_share_final,
	COMBINEFUNC = credit_risk.top_n_share_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.top_n_share(numeric, integer) IS
'Share of the n largest in the total (part des n premiers clients), a fraction, unrounded; 1 where there are no more than n. One row per customer. Rows with NULL and negative balances are ignored. NULL where nothing is positive. 22023 where n is not positive or not the same for all rows of a group, and for NaN and infinities; 22003 where the values of a group do not fit 38 digits with their decimals. Memory: at most 32 bytes per value kept, n of them at most. Source: common definition.';

-- Gini coefficient.

CREATE FUNCTION credit_risk.concentration_gini_accum(bytea, numeric) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_concentration_gini_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.concentration_gini_accum(bytea, numeric) IS
'Transition function of concentration_gini.';

CREATE FUNCTION credit_risk.concentration_gini_accum(bytea, numeric, boolean) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_concentration_gini_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.concentration_gini_accum(bytea, numeric, boolean) IS
'Transition function of concentration_gini with small_sample.';

CREATE FUNCTION credit_risk.concentration_gini_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_concentration_gini_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.concentration_gini_combine(bytea, bytea) IS
'Combine function of concentration_gini. NULL is an empty state. 22023 where an argument is not its state or small_sample differs.';

CREATE FUNCTION credit_risk.concentration_gini_final(bytea) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_concentration_gini_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.concentration_gini_final(bytea) IS
'Final function of concentration_gini. NULL without positive values. 22023 where the argument is not its state.';

CREATE AGGREGATE credit_risk.concentration_gini(value numeric) (
	SFUNC = credit_risk.concentration_gini_accum,
	STYPE = bytea,
	SSPACE = 4096,
	FINALFUNC = credit_risk.concentration_gini_final,
	COMBINEFUNC = credit_risk.concentration_gini_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.concentration_gini(numeric) IS
'Gini coefficient of balances (indice de Gini du portefeuille), 0 for equal values, towards 1 for concentration; without small-sample correction. One row per customer: a balance of zero counts as a customer, NULL and negative balances are ignored. NULL where nothing is positive. 22023 for NaN and infinities; 22003 where the values of a group do not fit 38 digits with their decimals; 54000 beyond 67 million values. Memory: 16 to 32 bytes per value, as much again at the end. Source: mathworld.wolfram.com.';

CREATE AGGREGATE credit_risk.concentration_gini(value numeric, small_sample boolean) (
	SFUNC = credit_risk.concentration_gini_accum,
	STYPE = bytea,
	SSPACE = 4096,
	FINALFUNC = credit_risk.concentration_gini_final,
	COMBINEFUNC = credit_risk.concentration_gini_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.concentration_gini(numeric, boolean) IS
'Gini coefficient (indice de Gini du portefeuille) as the shorter form; small_sample true multiplies by n / (n - 1), which makes it NULL for a single value. 22023 also where small_sample is not the same for all rows of a group. Source: mathworld.wolfram.com.';
