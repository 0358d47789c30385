/*
 * factoring.c
 *	  What a factor pays of the invoices assigned to it.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"

static Numeric
crk_amount_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	Numeric amount = crk_argument_numeric(fcinfo, number, name);

	if (crk_numeric_sign(amount) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name)));
	return amount;
}

/*
 * The reserve fills a fund up to its target: what the fund lacks is the most
 * that is kept back, nothing once it is full.
 */
PG_FUNCTION_INFO_V1(crk_factoring_advance);
Datum
crk_factoring_advance(PG_FUNCTION_ARGS)
{
	Numeric invoices;
	Numeric pct;
	Numeric kept;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	invoices = crk_amount_argument(fcinfo, 0, "invoices");
	pct = crk_amount_argument(fcinfo, 1, "reserve_pct");
	if (crk_numeric_compare(pct, int64_to_numeric(100)) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a percentage from 0 to 100", "reserve_pct")));
	kept = crk_numeric_divide(crk_numeric_multiply(invoices, pct), int64_to_numeric(100));
	if (!PG_ARGISNULL(2))
	{
		Numeric lacking = crk_amount_argument(fcinfo, 2, "reserve_target");

		if (!PG_ARGISNULL(3))
			lacking = crk_numeric_subtract(lacking, crk_amount_argument(fcinfo, 3, "reserve_held"));
		if (crk_numeric_sign(lacking) < 0)
			lacking = int64_to_numeric(0);
		if (crk_numeric_compare(kept, lacking) > 0)
			kept = lacking;
	}
	else if (!PG_ARGISNULL(3))
		crk_amount_argument(fcinfo, 3, "reserve_held");
	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_subtract(invoices, kept)));
}
