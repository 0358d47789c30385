/*
 * collection.c
 *	  How well money comes in: effectiveness, turnover, roll rates, ratios.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "argument.h"
#include "compat.h"

/*
 * Average monthly sales would be a quotient: both sides are taken n_months
 * times instead.  A denominator below zero (less than nothing could have been
 * collected) is as undefined as zero.
 */
PG_FUNCTION_INFO_V1(crk_collection_effectiveness_index);
Datum
crk_collection_effectiveness_index(PG_FUNCTION_ARGS)
{
	Numeric beginning = crk_argument_numeric(fcinfo, 0, "beginning");
	Numeric sales = crk_argument_numeric(fcinfo, 1, "credit_sales");
	Numeric total = crk_argument_numeric(fcinfo, 2, "ending_total");
	Numeric current = crk_argument_numeric(fcinfo, 3, "ending_current");
	Numeric months = int64_to_numeric(crk_argument_positive(fcinfo, 4, "n_months"));
	Numeric collected;
	Numeric collectable;

	collected = crk_numeric_add(crk_numeric_multiply(crk_numeric_subtract(beginning, total), months),
								sales);
	collectable = crk_numeric_add(crk_numeric_multiply(crk_numeric_subtract(beginning, current), months),
								  sales);
	if (crk_numeric_sign(collectable) <= 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(crk_numeric_multiply(collected, int64_to_numeric(100)),
										 collectable));
}

/*
 * The half of the average goes to the other side: one division.
 */
PG_FUNCTION_INFO_V1(crk_receivables_turnover);
Datum
crk_receivables_turnover(PG_FUNCTION_ARGS)
{
	Numeric sales = crk_argument_numeric(fcinfo, 0, "net_credit_sales");
	Numeric opening = crk_argument_numeric(fcinfo, 1, "opening");
	Numeric closing = crk_argument_numeric(fcinfo, 2, "closing");
	Numeric both = crk_numeric_add(opening, closing);

	if (crk_numeric_sign(both) == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(crk_numeric_add(sales, sales), both));
}

/*
 * Above 1 is a fact (new items, re-ageing) and returned; only who uses it as
 * a probability caps it.
 */
PG_FUNCTION_INFO_V1(crk_roll_rate);
Datum
crk_roll_rate(PG_FUNCTION_ARGS)
{
	Numeric opening = crk_argument_numeric(fcinfo, 0, "opening_bucket");
	Numeric moved = crk_argument_numeric(fcinfo, 1, "moved_to_next");

	if (crk_numeric_sign(opening) == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(moved, opening));
}

/*
 * The last bucket has no next one, so the result is one element shorter.
 */
PG_FUNCTION_INFO_V1(crk_roll_rates);
Datum
crk_roll_rates(PG_FUNCTION_ARGS)
{
	CrkNumericArray previous = crk_argument_numerics(fcinfo, 0, "balances_prev");
	CrkNumericArray next = crk_argument_numerics(fcinfo, 1, "balances_next");
	Datum *rates;
	bool *nulls;
	int length;
	int lower_bound = 1;
	int i;

	crk_argument_same_length("balances_prev", previous.length, "balances_next", next.length);
	length = previous.length - 1;
	if (length <= 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(NUMERICOID));
	rates = palloc0(sizeof(Datum) * length);
	nulls = palloc0(sizeof(bool) * length);
	for (i = 0; i < length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		nulls[i] = crk_numeric_sign(previous.values[i]) == 0;
		if (!nulls[i])
			rates[i] = NumericGetDatum(crk_numeric_divide(next.values[i + 1], previous.values[i]));
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(rates, nulls, 1, &length, &lower_bound,
											 NUMERICOID, -1, false, TYPALIGN_INT));
}

/*
 * A share of something that is not positive is no share.
 */
static Datum
share(FunctionCallInfo fcinfo, const char *part_name, const char *whole_name)
{
	Numeric part = crk_argument_numeric(fcinfo, 0, part_name);
	Numeric whole = crk_argument_numeric(fcinfo, 1, whole_name);

	if (crk_numeric_sign(whole) <= 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(part, whole));
}

/*
 * Without tax on both sides, which only the caller can know.
 */
PG_FUNCTION_INFO_V1(crk_bad_debt_ratio);
Datum
crk_bad_debt_ratio(PG_FUNCTION_ARGS)
{
	return share(fcinfo, "write_offs", "credit_sales");
}

/*
 * Negative where credits outweigh what is overdue: returned as it is.
 */
PG_FUNCTION_INFO_V1(crk_overdue_ratio);
Datum
crk_overdue_ratio(PG_FUNCTION_ARGS)
{
	return share(fcinfo, "overdue", "total_receivables");
}
