/*
 * score_scale.c
 *	  Scorecards as figures: weight of evidence, log-odds as points, default
 *	  rates of another population, and the reasons of a score.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "argument.h"
#include "compat.h"

/* The line between points and the log of odds. */
typedef struct Scale
{
	double base_score;
	double base_odds;
	double pdo;
} Scale;

/* A characteristic that cost points. */
typedef struct Loss
{
	text *name;
	Numeric points;
	int position;
} Loss;

/*
 * A bin is part of the whole, so its count is neither negative nor more than
 * the total.
 */
static double
read_part(FunctionCallInfo fcinfo, int number, const char *name, const char *total_name)
{
	int64 part = PG_GETARG_INT64(number);
	int64 total = PG_GETARG_INT64(number + 2);

	if (part < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name),
				 errdetail("The value is " INT64_FORMAT ".", part)));
	if (part > total)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be greater than %s", name, total_name),
				 errdetail("%s is " INT64_FORMAT ", %s is " INT64_FORMAT ".", name, part, total_name, total)));
	return (double) part;
}

/*
 * The adjustment only steps in where the figure would be infinite, as in
 * information_value; a bin without any case is no evidence at all.
 */
PG_FUNCTION_INFO_V1(crk_weight_of_evidence);
Datum
crk_weight_of_evidence(PG_FUNCTION_ARGS)
{
	double good;
	double bad;
	double adjust = 0;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	good = read_part(fcinfo, 0, "good", "total_good");
	bad = read_part(fcinfo, 1, "bad", "total_bad");
	if (!PG_ARGISNULL(4))
		adjust = crk_argument_float_positive(fcinfo, 4, "adjust");
	if (PG_GETARG_INT64(2) == 0 || PG_GETARG_INT64(3) == 0 || (good == 0 && bad == 0))
		PG_RETURN_NULL();
	if (good == 0 || bad == 0)
	{
		if (adjust == 0)
			PG_RETURN_NULL();
		good += adjust;
		bad += adjust;
	}
	PG_RETURN_FLOAT8(log((good / (double) PG_GETARG_INT64(2)) / (bad / (double) PG_GETARG_INT64(3))));
}

/*
 * The last three arguments of all functions of the scale.
 */
static Scale
read_scale(FunctionCallInfo fcinfo)
{
	Scale scale;

	scale.base_score = crk_argument_float(fcinfo, 1, "base_score");
	scale.base_odds = crk_argument_float_positive(fcinfo, 2, "base_odds");
	scale.pdo = crk_argument_float_positive(fcinfo, 3, "pdo");
	return scale;
}

/*
 * A figure beyond all numbers is no figure.
 */
static Datum
finite_or_null(FunctionCallInfo fcinfo, double value)
{
	if (!isfinite(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

/*
 * By the logarithm to base 2, of which twice the odds are exactly one more.
 */
static double
points_of(const Scale *scale, double odds)
{
	double ratio = odds / scale->base_odds;
	double doublings = isnormal(ratio) ? log2(ratio) : log2(odds) - log2(scale->base_odds);

	return scale->base_score + scale->pdo * doublings;
}

PG_FUNCTION_INFO_V1(crk_odds_to_points);
Datum
crk_odds_to_points(PG_FUNCTION_ARGS)
{
	double odds = crk_argument_float(fcinfo, 0, "odds");
	Scale scale = read_scale(fcinfo);

	if (odds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("odds must not be negative"),
				 errdetail("The value is %.15g.", odds)));
	if (odds == 0)
		PG_RETURN_NULL();
	return finite_or_null(fcinfo, points_of(&scale, odds));
}

/*
 * How often the odds of the base are doubled.
 */
static double
doublings_of(FunctionCallInfo fcinfo, const Scale *scale)
{
	return (crk_argument_float(fcinfo, 0, "points") - scale->base_score) / scale->pdo;
}

PG_FUNCTION_INFO_V1(crk_points_to_odds);
Datum
crk_points_to_odds(PG_FUNCTION_ARGS)
{
	Scale scale = read_scale(fcinfo);
	double odds = scale.base_odds * exp2(doublings_of(fcinfo, &scale));

	if (odds == 0)
		PG_RETURN_NULL();
	return finite_or_null(fcinfo, odds);
}

/*
 * Infinite odds are harmless here: the probability is zero to the last digit.
 */
PG_FUNCTION_INFO_V1(crk_points_to_pd);
Datum
crk_points_to_pd(PG_FUNCTION_ARGS)
{
	Scale scale = read_scale(fcinfo);

	return finite_or_null(fcinfo, 1 / (1 + scale.base_odds * exp2(doublings_of(fcinfo, &scale))));
}

PG_FUNCTION_INFO_V1(crk_pd_to_points);
Datum
crk_pd_to_points(PG_FUNCTION_ARGS)
{
	double pd = crk_argument_probability(fcinfo, 0, "pd");
	Scale scale = read_scale(fcinfo);

	if (pd == 0 || pd == 1)
		PG_RETURN_NULL();
	return finite_or_null(fcinfo, points_of(&scale, (1 - pd) / pd));
}

/*
 * The exponential is of a negative number, so that nothing overflows.
 */
PG_FUNCTION_INFO_V1(crk_logistic);
Datum
crk_logistic(PG_FUNCTION_ARGS)
{
	double x = crk_argument_float(fcinfo, 0, "x");
	double small = exp(-fabs(x));

	PG_RETURN_FLOAT8(x < 0 ? small / (1 + small) : 1 / (1 + small));
}

/*
 * Bad and good are weighted by how much rarer each is there than in the sample.
 */
PG_FUNCTION_INFO_V1(crk_recalibrate_pd);
Datum
crk_recalibrate_pd(PG_FUNCTION_ARGS)
{
	double pd = crk_argument_probability(fcinfo, 0, "pd");
	double sample_rate = crk_argument_probability(fcinfo, 1, "sample_rate");
	double target_rate = crk_argument_probability(fcinfo, 2, "target_rate");
	double bad;
	double good;

	if (sample_rate == 0 || sample_rate == 1)
		PG_RETURN_NULL();
	bad = pd * (target_rate / sample_rate);
	good = (1 - pd) * ((1 - target_rate) / (1 - sample_rate));
	return finite_or_null(fcinfo, bad / (bad + good));
}

/*
 * The most points lost first; equal losses by the bytes of their names, which
 * no collation changes, and equal names as they came.
 */
static int
compare_losses(const void *a, const void *b)
{
	const Loss *one = a;
	const Loss *other = b;
	int order = crk_numeric_compare(other->points, one->points);
	int length = VARSIZE_ANY_EXHDR(one->name);
	int other_length = VARSIZE_ANY_EXHDR(other->name);

	if (order == 0)
		order = memcmp(VARDATA_ANY(one->name), VARDATA_ANY(other->name), Min(length, other_length));
	if (order == 0)
		order = (length > other_length) - (length < other_length);
	return order != 0 ? order : one->position - other->position;
}

PG_FUNCTION_INFO_V1(crk_reason_codes);
Datum
crk_reason_codes(PG_FUNCTION_ARGS)
{
	CrkTextArray names = crk_argument_texts(fcinfo, 0, "names");
	CrkNumericArray points = crk_argument_numerics(fcinfo, 1, "points");
	CrkNumericArray reference = crk_argument_numerics(fcinfo, 2, "reference");
	int32 top = crk_argument_positive(fcinfo, 3, "top");
	Loss *losses = palloc(sizeof(Loss) * (names.length + 1));
	Datum *reasons = palloc(sizeof(Datum) * (names.length + 1));
	int count = 0;
	int i;

	crk_argument_same_length("names", names.length, "points", points.length);
	crk_argument_same_length("names", names.length, "reference", reference.length);
	for (i = 0; i < names.length; i++)
	{
		Loss *loss = &losses[count];

		loss->name = names.values[i];
		loss->points = crk_numeric_subtract(reference.values[i], points.values[i]);
		loss->position = i;
		if (crk_numeric_sign(loss->points) > 0)
			count++;
	}
	qsort(losses, count, sizeof(Loss), compare_losses);
	count = Min(count, top);
	for (i = 0; i < count; i++)
		reasons[i] = PointerGetDatum(losses[i].name);
	PG_RETURN_ARRAYTYPE_P(construct_array(reasons, count, TEXTOID, -1, false, TYPALIGN_INT));
}
