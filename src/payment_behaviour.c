/*
 * payment_behaviour.c
 *	  How customers pay: days to pay, days beyond terms, payment index.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"
#include "weighted_mean.h"

#include "kernel/payment_index.h"

/*
 * Days beyond terms of the row whose due date is this argument; paid date,
 * floor_zero and as_of follow it as far as the aggregate has them.  False:
 * the row is not counted.  As of a date, what is paid later is still open,
 * and open enters once it is overdue.
 */
static bool
days_beyond_terms(FunctionCallInfo fcinfo, int due_argument, int64 *days)
{
	int paid_argument = due_argument + 1;
	int floor_argument = due_argument + 2;
	int as_of_argument = due_argument + 3;
	bool paid = !PG_ARGISNULL(paid_argument);
	DateADT due_date;
	DateADT paid_date = 0;

	if (PG_ARGISNULL(due_argument) ||
		(floor_argument < PG_NARGS() && PG_ARGISNULL(floor_argument)) ||
		(as_of_argument < PG_NARGS() && PG_ARGISNULL(as_of_argument)))
		return false;
	due_date = crk_argument_date(fcinfo, due_argument, "due_date");
	if (paid)
		paid_date = crk_argument_date(fcinfo, paid_argument, "paid_date");
	if (as_of_argument < PG_NARGS())
	{
		DateADT as_of = crk_argument_date(fcinfo, as_of_argument, "as_of");

		if (!paid || paid_date > as_of)
		{
			paid = as_of > due_date;
			paid_date = as_of;
		}
	}
	if (!paid)
		return false;
	*days = (int64) paid_date - due_date;
	if (*days < 0 && floor_argument < PG_NARGS() && PG_GETARG_BOOL(floor_argument))
		*days = 0;
	return true;
}

/*
 * One function for all three signatures: the shorter ones only lack the last
 * arguments.
 */
PG_FUNCTION_INFO_V1(crk_avg_days_beyond_terms_accum);
Datum
crk_avg_days_beyond_terms_accum(PG_FUNCTION_ARGS)
{
	CrkAmount amount;
	CrkAmount factor;
	int64 days;

	if (PG_ARGISNULL(1) || !days_beyond_terms(fcinfo, 2, &days))
		return crk_mean_unchanged(fcinfo);
	amount = crk_amount_read(PG_GETARG_DATUM(1), 0, "amount");
	factor = crk_amount_integer(days);
	return crk_mean_accumulate(fcinfo, CRK_MEAN_DAYS, &amount, &factor);
}

/*
 * Every invoice weighs one.
 */
PG_FUNCTION_INFO_V1(crk_avg_days_beyond_terms_unweighted_accum);
Datum
crk_avg_days_beyond_terms_unweighted_accum(PG_FUNCTION_ARGS)
{
	CrkAmount one = crk_amount_integer(1);
	CrkAmount factor;
	int64 days;

	if (!days_beyond_terms(fcinfo, 1, &days))
		return crk_mean_unchanged(fcinfo);
	factor = crk_amount_integer(days);
	return crk_mean_accumulate(fcinfo, CRK_MEAN_DAYS, &one, &factor);
}

/*
 * A row that lacks anything is no payment: it is ignored before its dates are
 * judged.
 */
PG_FUNCTION_INFO_V1(crk_avg_days_to_pay_accum);
Datum
crk_avg_days_to_pay_accum(PG_FUNCTION_ARGS)
{
	CrkAmount amount;
	CrkAmount factor;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return crk_mean_unchanged(fcinfo);
	amount = crk_amount_read(PG_GETARG_DATUM(1), 0, "amount");
	factor = crk_amount_integer((int64) crk_argument_date(fcinfo, 3, "paid_date") -
								crk_argument_date(fcinfo, 2, "invoice_date"));
	return crk_mean_accumulate(fcinfo, CRK_MEAN_DAYS, &amount, &factor);
}

/*
 * Every invoice weighs one.
 */
PG_FUNCTION_INFO_V1(crk_avg_days_to_pay_unweighted_accum);
Datum
crk_avg_days_to_pay_unweighted_accum(PG_FUNCTION_ARGS)
{
	CrkAmount one = crk_amount_integer(1);
	CrkAmount factor;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return crk_mean_unchanged(fcinfo);
	factor = crk_amount_integer((int64) crk_argument_date(fcinfo, 2, "paid_date") -
								crk_argument_date(fcinfo, 1, "invoice_date"));
	return crk_mean_accumulate(fcinfo, CRK_MEAN_DAYS, &one, &factor);
}

/*
 * 84 times the index, for days of more decimals than the kernel takes.
 */
static Numeric
score_by_numeric(Numeric days)
{
	Numeric best = int64_to_numeric(CRK_PAYMENT_INDEX_BEST_DAY);
	Numeric worst = int64_to_numeric(CRK_PAYMENT_INDEX_WORST_DAY);
	int line = 0;

	if (crk_numeric_compare(days, best) < 0)
		days = best;
	if (crk_numeric_compare(days, worst) > 0)
		days = worst;
	while (crk_numeric_compare(days, int64_to_numeric(crk_payment_index_lines[line].last_day)) > 0)
		line++;
	return crk_numeric_subtract(int64_to_numeric(crk_payment_index_lines[line].intercept),
								crk_numeric_multiply(int64_to_numeric(crk_payment_index_lines[line].slope),
													 days));
}

/*
 * 84 times the index of days beyond terms.
 */
static CrkAmount
payment_score(Datum days)
{
	CrkAmount score = crk_amount_read(days, 0, "days_beyond_terms");

	if (score.exact)
	{
		crk_payment_index_score(score.value, score.scale, &score.value);
		score.number = (Datum) 0;
	}
	else
		score.number = NumericGetDatum(score_by_numeric(DatumGetNumeric(days)));
	return score;
}

/*
 * The one division is by 84; trimmed, so that the scale that the days were read
 * at is not seen.
 */
PG_FUNCTION_INFO_V1(crk_payment_index);
Datum
crk_payment_index(PG_FUNCTION_ARGS)
{
	CrkAmount score = payment_score(PG_GETARG_DATUM(0));

	PG_RETURN_NUMERIC(crk_numeric_divide(crk_numeric_trim(crk_amount_numeric(&score)),
										 int64_to_numeric(CRK_PAYMENT_INDEX_UNIT)));
}

/*
 * Each experience is scored first and the scores are weighted: the scale is
 * not linear, so the index of the average days would be another figure.
 */
PG_FUNCTION_INFO_V1(crk_payment_index_avg_accum);
Datum
crk_payment_index_avg_accum(PG_FUNCTION_ARGS)
{
	CrkAmount amount;
	CrkAmount score;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return crk_mean_unchanged(fcinfo);
	amount = crk_amount_read(PG_GETARG_DATUM(1), 0, "amount");
	score = payment_score(PG_GETARG_DATUM(2));
	return crk_mean_accumulate(fcinfo, CRK_MEAN_INDEX, &amount, &score);
}

/*
 * The 84ths of the scores and the weight leave in one division.
 */
PG_FUNCTION_INFO_V1(crk_payment_index_avg_final);
Datum
crk_payment_index_avg_final(PG_FUNCTION_ARGS)
{
	Numeric weight;
	Numeric product;

	if (!crk_mean_sums(fcinfo, CRK_MEAN_INDEX, &weight, &product))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(product,
										 crk_numeric_multiply(weight, int64_to_numeric(CRK_PAYMENT_INDEX_UNIT))));
}
