/*
 * factoring.c
 *	  What a factor pays of the invoices assigned to it.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"

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
	invoices = crk_argument_amount(fcinfo, 0, "invoices");
	pct = crk_argument_pct(fcinfo, 1, "reserve_pct");
	kept = crk_numeric_percent(invoices, pct);
	if (!PG_ARGISNULL(2))
	{
		Numeric lacking = crk_argument_amount(fcinfo, 2, "reserve_target");

		if (!PG_ARGISNULL(3))
			lacking = crk_numeric_subtract(lacking, crk_argument_amount(fcinfo, 3, "reserve_held"));
		kept = crk_numeric_least(kept, crk_numeric_not_negative(lacking));
	}
	else if (!PG_ARGISNULL(3))
		crk_argument_amount(fcinfo, 3, "reserve_held");
	PG_RETURN_NUMERIC(crk_numeric_trim(crk_numeric_subtract(invoices, kept)));
}
