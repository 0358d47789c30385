CREATE FUNCTION credit_risk.collection_effectiveness_index(beginning numeric, credit_sales numeric,
	ending_total numeric, ending_current numeric, n_months integer DEFAULT 1) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_collection_effectiveness_index' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.collection_effectiveness_index(numeric, numeric, numeric, numeric, integer) IS
'Collection effectiveness index (CEI, taux d''efficacité du recouvrement), in percent, unrounded: (beginning receivables + credit sales / n_months - ending total) / (beginning receivables + credit sales / n_months - ending receivables not overdue) × 100. Two conventions are in print: total sales (n_months 1, gaviti.com) and average monthly sales of a span of n months (creditguru.com). May be negative, or above 100 where credits stand in the overdue part. NULL in, NULL out; NULL where nothing could have been collected (denominator zero or negative). 22023 where n_months is not positive or a number is NaN or infinite.';

CREATE FUNCTION credit_risk.cei(beginning numeric, credit_sales numeric,
	ending_total numeric, ending_current numeric, n_months integer DEFAULT 1) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_collection_effectiveness_index' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.cei(numeric, numeric, numeric, numeric, integer) IS
'Short name of collection_effectiveness_index(), in percent: same arguments, results, NULLs and errors.';

CREATE FUNCTION credit_risk.receivables_turnover(net_credit_sales numeric, opening numeric, closing numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_receivables_turnover' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.receivables_turnover(numeric, numeric, numeric) IS
'Receivables turnover (rotation des créances clients): net credit sales / average of opening and closing receivables, in times per period, unrounded. Days of the period / turnover is the collection period, equal to dso_average(). NULL in, NULL out; NULL where the average is zero. 22023 where a number is NaN or infinite. Source: drlogy.com.';

CREATE FUNCTION credit_risk.roll_rate(opening_bucket numeric, moved_to_next numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_roll_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.roll_rate(numeric, numeric) IS
'Roll rate (taux de glissement d''une tranche à la suivante): balance of the next bucket at the next closing / balance of this bucket at this one, a fraction, unrounded; amounts or counts. May exceed 1. NULL in, NULL out; NULL where the opening bucket is zero. 22023 where a number is NaN or infinite. Source: listendata.com.';

CREATE FUNCTION credit_risk.roll_rates(balances_prev numeric[], balances_next numeric[]) RETURNS numeric[]
AS 'MODULE_PATHNAME', 'crk_roll_rates' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.roll_rates(numeric[], numeric[]) IS
'Roll rates of a whole aged balance (taux de glissement de la balance âgée): element k = balances_next[k+1] / balances_prev[k], fractions, unrounded; one element fewer than the buckets given. An element is NULL where its previous balance is zero. Empty for fewer than two buckets. NULL in, NULL out. 22023 for arrays of different length, with NULLs or more than one dimension, for NaN and infinities. Source: listendata.com.';

CREATE FUNCTION credit_risk.bad_debt_ratio(write_offs numeric, credit_sales numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_bad_debt_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.bad_debt_ratio(numeric, numeric) IS
'Bad-debt ratio (taux de pertes sur créances irrécouvrables): write-offs / credit sales, a fraction, unrounded; both without tax (HT). NULL in, NULL out; NULL where sales are zero or negative. 22023 where a number is NaN or infinite. Source: common definition.';

CREATE FUNCTION credit_risk.overdue_ratio(overdue numeric, total_receivables numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_overdue_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.overdue_ratio(numeric, numeric) IS
'Overdue ratio (taux de créances échues): overdue / total receivables, a fraction, unrounded. NULL in, NULL out; NULL where the total is zero or negative. 22023 where a number is NaN or infinite. Source: common definition.';
