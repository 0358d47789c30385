/*
 * allocate.c
 *	  allocate_amount(): an amount by weights, to the last minor unit.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "compat.h"
#include "decimal.h"
#include "kernel/allocate.h"

#define CRK_MAX_SCALE 30

/*
 * Weights may be anything in proportion (percentages, amounts, areas), so they
 * are brought to whatever scale keeps all of them exact.
 */
static int
crk_weights_scale(const Datum *weights, const bool *nulls, int count)
{
	int scale = 0;

	for (int i = 0; i < count; i++)
	{
		int needed;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weights must not contain NULL")));
		if (numeric_is_nan(DatumGetNumeric(weights[i])))
			crk_numeric_refuse(CRK_DECIMAL_NAN, "weights");
		if (numeric_is_inf(DatumGetNumeric(weights[i])))
			crk_numeric_refuse(CRK_DECIMAL_INFINITE, "weights");
		needed = DatumGetInt32(DirectFunctionCall1(numeric_min_scale, weights[i]));
		if (needed > CRK_MAX_SCALE)
			crk_numeric_refuse(CRK_DECIMAL_TOO_FINE, "weights");
		scale = Max(scale, needed);
	}
	return scale;
}

/*
 * What cannot be split exactly is refused, with the figures.
 */
PG_FUNCTION_INFO_V1(crk_allocate_amount);
Datum
crk_allocate_amount(PG_FUNCTION_ARGS)
{
	Datum amount = PG_GETARG_DATUM(0);
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(1);
	int32 scale = PG_GETARG_INT32(2);
	Datum *elements;
	bool *nulls;
	int count;
	int weight_scale;
	int display_scale;
	crk_int128 total;
	crk_int128 sum = 0;
	crk_int128 *weights;
	crk_int128 *parts;
	CrkRemainder *scratch;
	CrkDecimalStatus status;

	if (scale < 0 || scale > CRK_MAX_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be between 0 and %d", CRK_MAX_SCALE),
				 errdetail("scale is %d.", scale)));
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be one-dimensional")));
	status = crk_numeric_read(amount, scale, &total, &display_scale);
	if (status == CRK_DECIMAL_TOO_FINE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amount has more decimals than scale"),
				 errdetail("amount is %s, scale is %d.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, amount)), scale),
				 errhint("Round the amount first.")));
	if (status != CRK_DECIMAL_OK)
		crk_numeric_refuse(status, "amount");

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	weight_scale = crk_weights_scale(elements, nulls, count);
	weights = palloc(sizeof(crk_int128) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		status = crk_numeric_read(elements[i], weight_scale, &weights[i], &display_scale);
		if (status == CRK_DECIMAL_OK && weights[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weights must not be negative"),
					 errdetail("Weight %d is %s.", i + 1,
							   DatumGetCString(DirectFunctionCall1(numeric_out, elements[i])))));
		if (status == CRK_DECIMAL_OK &&
			(!crk_decimal_add(&sum, weights[i]) || sum >= CRK_ALLOCATE_WEIGHT_LIMIT))
			status = CRK_DECIMAL_TOO_LARGE;
		if (status != CRK_DECIMAL_OK)
			crk_numeric_refuse(status, "weights");
	}
	if (sum == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sum of weights must be greater than zero")));

	parts = palloc(sizeof(crk_int128) * count);
	scratch = palloc(sizeof(CrkRemainder) * count);
	crk_allocate(total, weights, count, parts, scratch);
	for (int i = 0; i < count; i++)
		elements[i] = crk_numeric_make(parts[i], scale, scale);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, count, NUMERICOID, -1,
										  false, TYPALIGN_INT));
}
