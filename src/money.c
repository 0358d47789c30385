/*
 * money.c
 *	  Rounding half to even, exchange differences.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"

#define CRK_MAX_SCALE 30

/*
 * The two neighbours at this scale are numeric's own: truncated, and rounded
 * away from zero.  As far from one as from the other means half way, and then
 * the even one is the multiple of twice their distance.
 */
PG_FUNCTION_INFO_V1(crk_round_half_even);
Datum
crk_round_half_even(PG_FUNCTION_ARGS)
{
	Numeric value = crk_argument_numeric(fcinfo, 0, "value");
	int32 scale = PG_GETARG_INT32(1);
	Numeric down;
	Numeric up;
	Numeric distance;

	if (scale < -CRK_MAX_SCALE || scale > CRK_MAX_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be between %d and %d", -CRK_MAX_SCALE, CRK_MAX_SCALE),
				 errdetail("scale is %d.", scale)));

	down = DatumGetNumeric(DirectFunctionCall2(numeric_trunc, NumericGetDatum(value), Int32GetDatum(scale)));
	up = DatumGetNumeric(DirectFunctionCall2(numeric_round, NumericGetDatum(value), Int32GetDatum(scale)));
	distance = crk_numeric_subtract(up, down);
	if (crk_numeric_sign(distance) != 0 &&
		crk_numeric_compare(crk_numeric_subtract(up, value), crk_numeric_subtract(value, down)) == 0)
	{
		Datum rest = DirectFunctionCall2(numeric_mod, NumericGetDatum(down),
										 NumericGetDatum(crk_numeric_add(distance, distance)));

		if (crk_numeric_sign(DatumGetNumeric(rest)) == 0)
			PG_RETURN_NUMERIC(down);
	}
	PG_RETURN_NUMERIC(up);
}

/*
 * Units of local currency for one unit of foreign currency.
 */
static Numeric
exchange_rate(FunctionCallInfo fcinfo, int number, const char *name)
{
	Numeric rate = crk_argument_numeric(fcinfo, number, name);

	if (crk_numeric_sign(rate) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be greater than zero", name),
				 errdetail("The value is %s.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(rate)))),
				 errhint("Give the units of local currency for one unit of the foreign currency.")));
	return rate;
}

/*
 * The difference of the rates is exact, and so is its product: rounded is by
 * whoever knows the local currency.
 */
static Datum
exchange_difference(FunctionCallInfo fcinfo, const char *amount_name, const char *rate_name)
{
	Numeric amount = crk_argument_numeric(fcinfo, 0, amount_name);
	Numeric booked_rate = exchange_rate(fcinfo, 1, "booked_rate");
	Numeric rate = exchange_rate(fcinfo, 2, rate_name);

	PG_RETURN_NUMERIC(crk_numeric_multiply(amount, crk_numeric_subtract(rate, booked_rate)));
}

/*
 * On what is still open, at the rate of the closing.
 */
PG_FUNCTION_INFO_V1(crk_fx_unrealized);
Datum
crk_fx_unrealized(PG_FUNCTION_ARGS)
{
	return exchange_difference(fcinfo, "open_amount", "closing_rate");
}

/*
 * On what has been settled, at the rate of the payment.
 */
PG_FUNCTION_INFO_V1(crk_fx_realized);
Datum
crk_fx_realized(PG_FUNCTION_ARGS)
{
	return exchange_difference(fcinfo, "amount", "payment_rate");
}
