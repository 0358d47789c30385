-- The state of the averaging aggregates: two exact sums.

CREATE FUNCTION credit_risk.weighted_mean_combine(bytea, bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_weighted_mean_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.weighted_mean_combine(bytea, bytea) IS
'Combine function of the averaging aggregates and of hhi: adds two states. NULL is an empty state. 22023 where an argument is not such a state or the two belong to different aggregates.';

CREATE FUNCTION credit_risk.weighted_days_final(bytea) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_weighted_days_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.weighted_days_final(bytea) IS
'Final function of the averages of days: sum of amount times days over sum of amounts, unrounded. NULL without rows or weight. 22023 where the argument is not such a state.';

-- Period method.

CREATE FUNCTION credit_risk.dso(receivables numeric, sales numeric, days integer) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_dso' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.dso(numeric, numeric, integer) IS
'Days sales outstanding, period method (DSO, NJC: nombre de jours de crédit client, délai moyen de règlement): receivables / sales × days, in days, unrounded. Receivables at the period''s end and credit sales of the period on the same tax basis (TTC with TTC); days is the length of the period. NULL in, NULL out; NULL where sales are zero or negative; negative receivables give a negative figure. 22023 where days is not positive or a number is NaN or infinite. Source: upflow.io, financefactory.fr, finthesis.io.';

CREATE FUNCTION credit_risk.dso_average(opening numeric, closing numeric, sales numeric, days integer) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_dso_average' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.dso_average(numeric, numeric, numeric, integer) IS
'Days sales outstanding on average receivables (DSO sur encours moyen): (opening + closing) / 2 / sales × days, in days, unrounded. Same conditions as dso(). NULL in, NULL out; NULL where sales are zero or negative. 22023 where days is not positive or a number is NaN or infinite. Source: fool.com.';

CREATE FUNCTION credit_risk.best_possible_dso(current_receivables numeric, sales numeric, days integer) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_best_possible_dso' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.best_possible_dso(numeric, numeric, integer) IS
'Best possible DSO (DSO contractuel, meilleur DSO possible): receivables that are not yet due / sales × days, in days, unrounded: the DSO if everybody paid on time. Period method only. NULL in, NULL out; NULL where sales are zero or negative. 22023 where days is not positive or a number is NaN or infinite. Source: abc-amega.com, apruve.com; "days credit granted" in JD Edwards.';

CREATE FUNCTION credit_risk.average_days_delinquent(receivables numeric, current_receivables numeric, sales numeric, days integer) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_average_days_delinquent' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.average_days_delinquent(numeric, numeric, numeric, integer) IS
'Average days delinquent (ADD, jours de retard dans le DSO): (receivables - current receivables) / sales × days, in days, unrounded; equals dso() - best_possible_dso(). Negative where credits in the overdue part outweigh it: a signal about the data. NULL in, NULL out; NULL where sales are zero or negative. 22023 where days is not positive or a number is NaN or infinite. Source: abc-amega.com; "delinquent DSO" in JD Edwards.';

-- Count-back.

CREATE FUNCTION credit_risk.dso_countback(receivables numeric, sales numeric[], days integer[],
	on_short_history text DEFAULT 'null', zero_sales text DEFAULT 'count') RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_dso_countback' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.dso_countback(numeric, numeric[], integer[], text, text) IS
'Count-back DSO (DSO par épuisement): days of sales, counted back from the latest period, that the receivables stand for; unrounded. sales (TTC) and days hold one element per period, latest first. Zero for receivables of zero or less. Periods with zero or negative sales count their days and the walk goes on; with zero_sales => ''stop'' the history ends before them. Where the history does not explain the receivables: on_short_history ''null'' (NULL, since the days counted are only a lower bound), ''partial'' (the days counted), ''extrapolate'' (the rest at the mean daily sales of the periods walked; NULL where these are not positive), ''error'' (22023). ''stop'' with ''partial'' is the reading of Oracle HFM. NULL in, NULL out. 22023 for arrays of different length, with NULLs or more than one dimension, for days that are not positive, NaN, infinities and unknown words. Source: Divalto, academy.highako.com, Oracle HFM administrator''s guide.';

CREATE FUNCTION credit_risk.dso_countback_detail(receivables numeric, sales numeric[], days integer[],
	on_short_history text DEFAULT 'null', zero_sales text DEFAULT 'count')
RETURNS TABLE (period_no integer, sales numeric, days integer, consumed numeric, days_counted numeric, remaining numeric)
AS 'MODULE_PATHNAME', 'crk_dso_countback_detail' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 12;
COMMENT ON FUNCTION credit_risk.dso_countback_detail(numeric, numeric[], integer[], text, text) IS
'The walk of dso_countback() (détail du DSO par épuisement), same arguments and errors: one row per period walked, latest first, with the receivables it explains (consumed; negative for net credit notes), the days counted and the receivables that remain. The last row''s remaining is what the history does not explain. ''extrapolate'' adds a row without sales and days for the rest; ''null'' and ''partial'' show the same rows. No row for receivables of zero or less. The days counted add up to dso_countback(), which for ''null'' is NULL where something remains.';

-- Sales-weighted and true DSO.

CREATE FUNCTION credit_risk.dso_sales_weighted(bucket_amounts numeric[], bucket_sales numeric[], period_days integer DEFAULT 30) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_dso_sales_weighted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.dso_sales_weighted(numeric[], numeric[], integer) IS
'Sales-weighted DSO (DSO pondéré par les ventes): period_days × sum of bucket amount / sales of the bucket''s own period, in days, unrounded. Element 1: receivables of the current bucket and sales of the current period, element 2: 1-30 days and the sales one period before, and so on. A bucket of zero adds zero; a bucket with an amount but without positive sales makes the result NULL, as do empty arrays. NULL in, NULL out. 22023 for arrays of different length, with NULLs or more than one dimension, period_days that is not positive, NaN and infinities. Source: definition at abc-amega.com; the formula is the Credit Research Foundation''s as it is commonly given.';

CREATE FUNCTION credit_risk.true_dso_accum(bytea, numeric, date, date, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_true_dso_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.true_dso_accum(bytea, numeric, date, date, date) IS
'Transition function of true_dso.';

CREATE AGGREGATE credit_risk.true_dso(amount numeric, invoice_date date, settled_date date, as_of date) (
	SFUNC = credit_risk.true_dso_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.true_dso(numeric, date, date, date) IS
'True DSO (DSO réel, facture par facture): mean days from invoice to settlement, or to as_of for what is open then, weighted by amount; in days, unrounded. settled_date NULL or later than as_of is open at as_of; invoices dated after as_of are ignored, as are rows with NULL in another argument. Credit notes and zero amounts carry no weight. NULL without rows or weight. 22023 for a NaN or infinite amount and for infinite dates. Exact in 128 bits, beyond them by numeric arithmetic. Source: definition at abc-amega.com; the formula is the Credit Research Foundation''s as it is commonly given.';
