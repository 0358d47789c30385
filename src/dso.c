/*
 * dso.c
 *	  Days sales outstanding: period method, count-back, best possible, average
 *	  days delinquent, sales-weighted, true.
 *
 * Every formula multiplies before it divides, so that whole days come out
 * whole, and divides once.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"

#include "argument.h"
#include "compat.h"
#include "weighted_mean.h"

/*
 * receivables / sales * days.  Without sales there is no such figure; with
 * more credit notes than sales it means nothing.
 */
static Datum
period_days(FunctionCallInfo fcinfo, Numeric receivables, Numeric sales, int32 days)
{
	if (crk_numeric_sign(sales) <= 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(crk_numeric_multiply(receivables, int64_to_numeric(days)),
										 sales));
}

/*
 * All arguments are read before the figure may turn out undefined: an invalid
 * one is an error even where there are no sales.
 */
PG_FUNCTION_INFO_V1(crk_dso);
Datum
crk_dso(PG_FUNCTION_ARGS)
{
	Numeric receivables = crk_argument_numeric(fcinfo, 0, "receivables");
	Numeric sales = crk_argument_numeric(fcinfo, 1, "sales");
	int32 days = crk_argument_positive(fcinfo, 2, "days");

	return period_days(fcinfo, receivables, sales, days);
}

/*
 * The half of the average goes into the divisor.
 */
PG_FUNCTION_INFO_V1(crk_dso_average);
Datum
crk_dso_average(PG_FUNCTION_ARGS)
{
	Numeric opening = crk_argument_numeric(fcinfo, 0, "opening");
	Numeric closing = crk_argument_numeric(fcinfo, 1, "closing");
	Numeric sales = crk_argument_numeric(fcinfo, 2, "sales");
	int32 days = crk_argument_positive(fcinfo, 3, "days");

	return period_days(fcinfo, crk_numeric_add(opening, closing),
					   crk_numeric_add(sales, sales), days);
}

/*
 * The period method on what is not due yet.
 */
PG_FUNCTION_INFO_V1(crk_best_possible_dso);
Datum
crk_best_possible_dso(PG_FUNCTION_ARGS)
{
	Numeric current = crk_argument_numeric(fcinfo, 0, "current_receivables");
	Numeric sales = crk_argument_numeric(fcinfo, 1, "sales");
	int32 days = crk_argument_positive(fcinfo, 2, "days");

	return period_days(fcinfo, current, sales, days);
}

/*
 * From the overdue part and not as a difference of two quotients, which would
 * be rounded twice.
 */
PG_FUNCTION_INFO_V1(crk_average_days_delinquent);
Datum
crk_average_days_delinquent(PG_FUNCTION_ARGS)
{
	Numeric receivables = crk_argument_numeric(fcinfo, 0, "receivables");
	Numeric current = crk_argument_numeric(fcinfo, 1, "current_receivables");
	Numeric sales = crk_argument_numeric(fcinfo, 2, "sales");
	int32 days = crk_argument_positive(fcinfo, 3, "days");

	return period_days(fcinfo, crk_numeric_subtract(receivables, current), sales, days);
}

/* What to do with receivables that the given sales do not explain. */
typedef enum ShortHistory
{
	SHORT_HISTORY_NULL,
	SHORT_HISTORY_PARTIAL,
	SHORT_HISTORY_EXTRAPOLATE,
	SHORT_HISTORY_ERROR
} ShortHistory;

/* One period that the walk went through. */
typedef struct Step
{
	Numeric consumed;
	Numeric days_counted;
	Numeric remaining;
} Step;

typedef struct Countback
{
	CrkNumericArray sales;
	CrkIntegerArray days;
	int periods; /* steps that have a period */
	int count;	 /* steps, with the extrapolated one */
	Step *steps;
	bool undefined; /* the scalar has no value */
} Countback;

/*
 * Words, not numbers: they stand in queries that somebody reads next year.
 */
static ShortHistory
short_history(FunctionCallInfo fcinfo, int number)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(number));

	if (strcmp(word, "null") == 0)
		return SHORT_HISTORY_NULL;
	if (strcmp(word, "partial") == 0)
		return SHORT_HISTORY_PARTIAL;
	if (strcmp(word, "extrapolate") == 0)
		return SHORT_HISTORY_EXTRAPOLATE;
	if (strcmp(word, "error") == 0)
		return SHORT_HISTORY_ERROR;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("on_short_history \"%s\" is not known", word),
			 errhint("Use null, partial, extrapolate or error.")));
	pg_unreachable();
}

/*
 * Either word is a published reading; nothing else is guessed.
 */
static bool
stop_at_zero(FunctionCallInfo fcinfo, int number)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(number));

	if (strcmp(word, "count") == 0)
		return false;
	if (strcmp(word, "stop") == 0)
		return true;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("zero_sales \"%s\" is not known", word),
			 errhint("Use count or stop.")));
	pg_unreachable();
}

/*
 * Walk back from the latest period until the receivables are explained.  The
 * scalar and its detail share this walk, so they cannot disagree.  A stop at
 * a period without sales ends the history there: what remains is as
 * unexplained as if no earlier period had been given.
 */
static void
count_back(FunctionCallInfo fcinfo, Countback *result)
{
	Numeric receivables = crk_argument_numeric(fcinfo, 0, "receivables");
	ShortHistory on_short;
	bool stop;
	Numeric remaining = receivables;
	Numeric sales_sum = int64_to_numeric(0);
	int64 days_sum = 0;
	Step *step;
	int i;

	memset(result, 0, sizeof(*result));
	result->sales = crk_argument_numerics(fcinfo, 1, "sales");
	result->days = crk_argument_positives(fcinfo, 2, "days");
	crk_argument_same_length("sales", result->sales.length, "days", result->days.length);
	on_short = short_history(fcinfo, 3);
	stop = stop_at_zero(fcinfo, 4);
	result->steps = palloc(sizeof(Step) * (result->sales.length + 1));

	for (i = 0; i < result->sales.length && crk_numeric_sign(remaining) > 0; i++)
	{
		Numeric sales = result->sales.values[i];
		Numeric days = int64_to_numeric(result->days.values[i]);
		int sign = crk_numeric_sign(sales);

		CHECK_FOR_INTERRUPTS();
		if (sign <= 0 && stop)
			break;
		step = &result->steps[i];
		if (sign > 0 && crk_numeric_compare(sales, remaining) >= 0)
		{
			step->consumed = remaining;
			step->days_counted = crk_numeric_divide(crk_numeric_multiply(remaining, days), sales);
		}
		else
		{
			step->consumed = sales;
			step->days_counted = days;
		}
		remaining = crk_numeric_subtract(remaining, step->consumed);
		step->remaining = remaining;
		sales_sum = crk_numeric_add(sales_sum, sales);
		days_sum += result->days.values[i];
	}
	result->periods = result->count = i;

	if (crk_numeric_sign(remaining) <= 0)
		return;
	switch (on_short)
	{
		case SHORT_HISTORY_PARTIAL:
			break;
		case SHORT_HISTORY_NULL:
			result->undefined = true;
			break;
		case SHORT_HISTORY_EXTRAPOLATE:
			step = &result->steps[result->count];
			if (crk_numeric_sign(sales_sum) <= 0)
			{
				result->undefined = true;
				break;
			}
			result->count++;
			step->consumed = remaining;
			step->days_counted = crk_numeric_divide(crk_numeric_multiply(remaining, int64_to_numeric(days_sum)),
													sales_sum);
			step->remaining = int64_to_numeric(0);
			break;
		case SHORT_HISTORY_ERROR:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("sales do not explain the receivables"),
					 errdetail("After " INT64_FORMAT " days %s of %s remain.", days_sum,
							   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(remaining))),
							   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(receivables)))),
					 errhint("Give the sales of earlier periods, or another on_short_history.")));
			break;
	}
}

/*
 * An undefined end makes the whole undefined: the days so far would pass for a
 * value.
 */
PG_FUNCTION_INFO_V1(crk_dso_countback);
Datum
crk_dso_countback(PG_FUNCTION_ARGS)
{
	Countback walk;
	Numeric total = int64_to_numeric(0);
	int i;

	count_back(fcinfo, &walk);
	if (walk.undefined)
		PG_RETURN_NULL();
	for (i = 0; i < walk.count; i++)
		total = crk_numeric_add(total, walk.steps[i].days_counted);
	PG_RETURN_NUMERIC(total);
}

/*
 * The rows behind the scalar; the last one's remaining is what the history
 * does not explain, so that a lower bound can be seen as one.
 */
PG_FUNCTION_INFO_V1(crk_dso_countback_detail);
Datum
crk_dso_countback_detail(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Countback walk;
	int i;

	count_back(fcinfo, &walk);
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < walk.count; i++)
	{
		Datum values[6] = { 0 };
		bool nulls[6] = { 0 };

		values[0] = Int32GetDatum(i + 1);
		if (i < walk.periods)
		{
			values[1] = NumericGetDatum(walk.sales.values[i]);
			values[2] = Int32GetDatum(walk.days.values[i]);
		}
		else
			nulls[1] = nulls[2] = true;
		values[3] = NumericGetDatum(walk.steps[i].consumed);
		values[4] = NumericGetDatum(walk.steps[i].days_counted);
		values[5] = NumericGetDatum(walk.steps[i].remaining);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Sum of the fractions bucket / sales, brought to a common denominator: one
 * division, and thirds add up to a whole.
 */
PG_FUNCTION_INFO_V1(crk_dso_sales_weighted);
Datum
crk_dso_sales_weighted(PG_FUNCTION_ARGS)
{
	CrkNumericArray amounts = crk_argument_numerics(fcinfo, 0, "bucket_amounts");
	CrkNumericArray sales = crk_argument_numerics(fcinfo, 1, "bucket_sales");
	int32 days = crk_argument_positive(fcinfo, 2, "period_days");
	Numeric numerator = int64_to_numeric(0);
	Numeric denominator = int64_to_numeric(1);
	int i;

	crk_argument_same_length("bucket_amounts", amounts.length, "bucket_sales", sales.length);
	if (amounts.length == 0)
		PG_RETURN_NULL();
	for (i = 0; i < amounts.length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (crk_numeric_sign(amounts.values[i]) == 0)
			continue;
		if (crk_numeric_sign(sales.values[i]) <= 0)
			PG_RETURN_NULL();
		numerator = crk_numeric_add(crk_numeric_multiply(numerator, sales.values[i]),
									crk_numeric_multiply(amounts.values[i], denominator));
		denominator = crk_numeric_multiply(denominator, sales.values[i]);
	}
	numerator = crk_numeric_multiply(numerator, int64_to_numeric(days));
	PG_RETURN_NUMERIC(crk_numeric_divide(crk_numeric_trim(numerator),
										 crk_numeric_trim(denominator)));
}

/*
 * As of a date, later facts do not exist: an invoice settled after it is open
 * at it, and one written after it is not there.
 */
PG_FUNCTION_INFO_V1(crk_true_dso_accum);
Datum
crk_true_dso_accum(PG_FUNCTION_ARGS)
{
	DateADT invoice_date;
	DateADT as_of;
	DateADT until;
	CrkAmount amount;
	CrkAmount days;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(4))
		return crk_mean_unchanged(fcinfo);
	amount = crk_amount_read(PG_GETARG_DATUM(1), 0, "amount");
	invoice_date = crk_argument_date(fcinfo, 2, "invoice_date");
	as_of = crk_argument_date(fcinfo, 4, "as_of");
	until = as_of;
	if (!PG_ARGISNULL(3))
		until = Min(until, crk_argument_date(fcinfo, 3, "settled_date"));
	if (invoice_date > as_of)
		return crk_mean_unchanged(fcinfo);
	days = crk_amount_integer((int64) until - invoice_date);
	return crk_mean_accumulate(fcinfo, CRK_MEAN_DAYS, &amount, &days);
}
