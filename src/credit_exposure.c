/*
 * credit_exposure.c
 *	  What stands at risk with a customer, how much of it should, what an
 *	  insurer pays of a loss, and what credit and losses cost.
 *
 * Sums, products and percentages of decimals are exact; a quotient is rounded
 * once, at the end.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"

/*
 * An optional amount: left out, or NULL, it is nothing.
 */
static Numeric
optional_amount(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		return int64_to_numeric(0);
	return crk_argument_amount(fcinfo, number, name);
}

/*
 * Which of two words was written; NULL is the first, the default.
 */
static bool
is_second_word(FunctionCallInfo fcinfo, int number, const char *name, const char *first, const char *second)
{
	char *word;

	if (PG_ARGISNULL(number))
		return false;
	word = text_to_cstring(PG_GETARG_TEXT_PP(number));
	if (strcmp(word, second) == 0)
		return true;
	if (strcmp(word, first) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s \"%s\" is not known", name, word),
				 errhint("It is %s or %s.", first, second)));
	return false;
}

/*
 * Receivables of a customer in credit and returns not yet credited are below
 * zero; the other members have one direction.
 */
PG_FUNCTION_INFO_V1(crk_credit_exposure);
Datum
crk_credit_exposure(PG_FUNCTION_ARGS)
{
	Numeric exposure = crk_argument_numeric(fcinfo, 0, "receivables");

	exposure = crk_numeric_add(exposure, crk_argument_amount(fcinfo, 1, "unmatured_bills"));
	exposure = crk_numeric_add(exposure, crk_argument_numeric(fcinfo, 2, "unbilled"));
	exposure = crk_numeric_add(exposure, crk_argument_amount(fcinfo, 3, "open_orders"));
	exposure = crk_numeric_subtract(exposure, crk_argument_amount(fcinfo, 4, "deposits"));
	exposure = crk_numeric_subtract(exposure, crk_argument_amount(fcinfo, 5, "unallocated"));
	PG_RETURN_NUMERIC(exposure);
}

/*
 * A guarantee beyond the exposure makes nobody owe anything to us.
 */
PG_FUNCTION_INFO_V1(crk_uninsured_exposure);
Datum
crk_uninsured_exposure(PG_FUNCTION_ARGS)
{
	Numeric gross;
	Numeric covered;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	gross = crk_numeric_not_negative(crk_argument_numeric(fcinfo, 0, "gross"));
	covered = crk_numeric_percent(crk_numeric_least(gross, crk_argument_amount(fcinfo, 1, "insured_limit")),
								  crk_argument_pct(fcinfo, 2, "insured_pct"));
	covered = crk_numeric_add(covered, optional_amount(fcinfo, 3, "other_guarantees"));
	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_not_negative(crk_numeric_subtract(gross, covered))));
}

/*
 * Who owes more than he owns gets no unsecured credit: 0, not unknown.
 */
PG_FUNCTION_INFO_V1(crk_credit_limit_capacity);
Datum
crk_credit_limit_capacity(PG_FUNCTION_ARGS)
{
	Numeric equity = crk_argument_numeric(fcinfo, 0, "equity");
	Numeric pct = crk_argument_pct(fcinfo, 1, "pct");

	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_percent(crk_numeric_not_negative(equity), pct)));
}

/*
 * More credit notes than sales in a year is a year without a need.
 */
PG_FUNCTION_INFO_V1(crk_credit_limit_need);
Datum
crk_credit_limit_need(PG_FUNCTION_ARGS)
{
	Numeric sales = crk_numeric_not_negative(crk_argument_numeric(fcinfo, 0, "annual_sales"));
	int32 days = crk_argument_count(fcinfo, 1, "terms_days");
	Numeric basis = int64_to_numeric(crk_argument_positive(fcinfo, 2, "basis"));

	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_quotient(crk_numeric_multiply(sales, int64_to_numeric(days)),
															basis, CRK_SHOWN_SCALE)));
}

/*
 * What is not known does not limit.  The mean is not divided before it is
 * rounded down: the multiple of the step is found from the sum.
 */
PG_FUNCTION_INFO_V1(crk_credit_limit);
Datum
crk_credit_limit(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "capacity", "need", "cap" };
	bool average = is_second_word(fcinfo, 5, "method", "least", "average");
	Numeric factor = NULL;
	Numeric step = NULL;
	Numeric limit = NULL;
	Numeric members = int64_to_numeric(1);
	int known = 0;

	if (!PG_ARGISNULL(3))
		factor = crk_argument_amount(fcinfo, 3, "score_factor");
	if (!PG_ARGISNULL(4))
	{
		step = crk_argument_numeric(fcinfo, 4, "step");
		if (crk_numeric_sign(step) <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("step must be greater than zero"),
					 errdetail("The value is %s.",
							   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(step))))));
	}
	for (int i = 0; i < 3; i++)
	{
		Numeric member;

		if (PG_ARGISNULL(i))
			continue;
		member = crk_argument_amount(fcinfo, i, names[i]);
		if (i == 0 && factor != NULL)
			member = crk_numeric_multiply(member, factor);
		if (limit == NULL)
			limit = member;
		else
			limit = average ? crk_numeric_add(limit, member) : crk_numeric_least(limit, member);
		known++;
	}
	if (limit == NULL)
		PG_RETURN_NULL();
	if (average)
		members = int64_to_numeric(known);
	if (step != NULL)
	{
		Datum steps = DirectFunctionCall2(numeric_div_trunc, NumericGetDatum(limit),
										  NumericGetDatum(crk_numeric_multiply(step, members)));

		limit = crk_numeric_multiply(DatumGetNumeric(steps), step);
	}
	else if (average)
		limit = crk_numeric_quotient(limit, members, CRK_SHOWN_SCALE);
	PG_RETURN_NUMERIC(crk_numeric_trim(limit));
}

/*
 * The first loss is borne either of what the insurer would pay, or of what was
 * lost within the limit, before the percentage.
 */
PG_FUNCTION_INFO_V1(crk_insured_indemnity);
Datum
crk_insured_indemnity(PG_FUNCTION_ARGS)
{
	Numeric loss;
	Numeric limit;
	Numeric pct;
	Numeric nql;
	Numeric first_loss;
	Numeric most = NULL;
	Numeric indemnity;
	bool before;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	loss = crk_argument_amount(fcinfo, 0, "loss");
	limit = crk_argument_amount(fcinfo, 1, "insured_limit");
	pct = crk_argument_pct(fcinfo, 2, "insured_pct");
	nql = optional_amount(fcinfo, 3, "nql");
	first_loss = optional_amount(fcinfo, 4, "afl_left");
	if (!PG_ARGISNULL(5))
		most = crk_argument_amount(fcinfo, 5, "max_liability_left");
	before = is_second_word(fcinfo, 6, "afl_basis", "after", "before");

	if (crk_numeric_compare(loss, nql) < 0)
		PG_RETURN_NUMERIC(int64_to_numeric(0));
	indemnity = crk_numeric_least(loss, limit);
	if (before)
		indemnity = crk_numeric_percent(crk_numeric_not_negative(crk_numeric_subtract(indemnity, first_loss)), pct);
	else
		indemnity = crk_numeric_not_negative(crk_numeric_subtract(crk_numeric_percent(indemnity, pct), first_loss));
	if (most != NULL)
		indemnity = crk_numeric_least(indemnity, most);
	PG_RETURN_NUMERIC(crk_numeric_trim(indemnity));
}

/*
 * A customer in credit is no risk.
 */
PG_FUNCTION_INFO_V1(crk_expected_loss);
Datum
crk_expected_loss(PG_FUNCTION_ARGS)
{
	Numeric ead = crk_numeric_not_negative(crk_argument_numeric(fcinfo, 0, "ead"));
	Numeric pd = crk_argument_fraction(fcinfo, 1, "pd");
	Numeric lgd = crk_argument_fraction(fcinfo, 2, "lgd");

	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_multiply(crk_numeric_multiply(ead, pd), lgd)));
}

/*
 * What must be sold to earn the loss again.  The margin was never there where
 * only the cost is lost.
 */
PG_FUNCTION_INFO_V1(crk_compensating_sales);
Datum
crk_compensating_sales(PG_FUNCTION_ARGS)
{
	Numeric loss;
	Numeric margin;
	bool cost;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	loss = crk_argument_amount(fcinfo, 0, "loss");
	margin = crk_argument_numeric(fcinfo, 1, "margin_pct");
	cost = is_second_word(fcinfo, 2, "method", "face", "cost");
	if (crk_numeric_sign(margin) <= 0)
		PG_RETURN_NULL();
	margin = crk_argument_pct(fcinfo, 1, "margin_pct");
	loss = crk_numeric_multiply(loss, cost ? crk_numeric_subtract(int64_to_numeric(100), margin) : int64_to_numeric(100));
	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_quotient(loss, margin, CRK_SHOWN_SCALE)));
}

/*
 * Simple interest on what the customer keeps for so many days more.
 */
PG_FUNCTION_INFO_V1(crk_cost_of_terms);
Datum
crk_cost_of_terms(PG_FUNCTION_ARGS)
{
	Numeric amount = crk_argument_amount(fcinfo, 0, "amount");
	int32 days = crk_argument_count(fcinfo, 1, "days");
	Numeric rate = crk_argument_amount(fcinfo, 2, "rate_pct");
	Numeric basis = int64_to_numeric(crk_argument_positive(fcinfo, 3, "basis"));
	int scale = crk_argument_scale(fcinfo, 4, "scale");

	PG_RETURN_NUMERIC(crk_numeric_quotient(crk_numeric_multiply(crk_numeric_percent(amount, rate), int64_to_numeric(days)),
										   basis, scale));
}
