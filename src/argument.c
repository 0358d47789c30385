/*
 * argument.c
 *	  Arguments of the formulas, read and refused in one wording.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"

/*
 * numeric carries NaN and infinities through every operation; a key figure
 * must not.
 */
static Numeric
must_be_finite(Numeric number, const char *name)
{
	if (numeric_is_nan(number))
		crk_numeric_refuse(CRK_DECIMAL_NAN, name);
	if (numeric_is_inf(number))
		crk_numeric_refuse(CRK_DECIMAL_INFINITE, name);
	return number;
}

/*
 * A period of no days, or of minus thirty, is a mistake of the caller and not
 * an undefined figure.
 */
static int32
must_be_positive(int32 number, const char *name)
{
	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be greater than zero", name),
				 errdetail("The value is %d.", number)));
	return number;
}

/*
 * The name is the SQL one, so that the message points at what was written.
 */
Numeric
crk_argument_numeric(FunctionCallInfo fcinfo, int number, const char *name)
{
	return must_be_finite(PG_GETARG_NUMERIC(number), name);
}

/*
 * Refused with what it was: an argument may be the result of another formula.
 */
static void
refuse_value(Numeric number, const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_internal("%s", message),
			 errdetail("The value is %s.",
					   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number))))));
}

/*
 * Amounts that are deducted or insured have no sign: a negative one would
 * turn the formula round.
 */
Numeric
crk_argument_amount(FunctionCallInfo fcinfo, int number, const char *name)
{
	Numeric amount = crk_argument_numeric(fcinfo, number, name);

	if (crk_numeric_sign(amount) < 0)
		refuse_value(amount, psprintf("%s must not be negative", name));
	return amount;
}

/*
 * A fraction where percent is meant passes unseen, the other way round does
 * not.
 */
static Numeric
up_to(FunctionCallInfo fcinfo, int number, int64 largest, const char *name, const char *what)
{
	Numeric part = crk_argument_numeric(fcinfo, number, name);

	if (crk_numeric_sign(part) < 0 || crk_numeric_compare(part, int64_to_numeric(largest)) > 0)
		refuse_value(part, psprintf("%s must be a %s from 0 to %d", name, what, (int) largest));
	return part;
}

/*
 * Percentage points of a whole.
 */
Numeric
crk_argument_pct(FunctionCallInfo fcinfo, int number, const char *name)
{
	return up_to(fcinfo, number, 100, name, "percentage");
}

/*
 * Probabilities and rates of loss.
 */
Numeric
crk_argument_fraction(FunctionCallInfo fcinfo, int number, const char *name)
{
	return up_to(fcinfo, number, 1, name, "fraction");
}

/*
 * Decimals of a rounded result.
 */
int
crk_argument_scale(FunctionCallInfo fcinfo, int number, const char *name)
{
	int32 scale = PG_GETARG_INT32(number);

	if (scale < 0 || scale > CRK_LARGEST_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and %d", name, CRK_LARGEST_SCALE),
				 errdetail("The value is %d.", scale)));
	return scale;
}

/*
 * A count of days or months that is not positive is refused by name.
 */
int32
crk_argument_positive(FunctionCallInfo fcinfo, int number, const char *name)
{
	return must_be_positive(PG_GETARG_INT32(number), name);
}

/*
 * Payment at once is a term of no days.
 */
int32
crk_argument_count(FunctionCallInfo fcinfo, int number, const char *name)
{
	int32 count = PG_GETARG_INT32(number);

	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name),
				 errdetail("The value is %d.", count)));
	return count;
}

/*
 * Days from or to an infinite date are no number of days.
 */
DateADT
crk_argument_date(FunctionCallInfo fcinfo, int number, const char *name)
{
	DateADT date = PG_GETARG_DATEADT(number);

	if (DATE_NOT_FINITE(date))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be infinite", name)));
	return date;
}

/*
 * A second dimension or a NULL in a series of periods has no agreed meaning,
 * so it is refused rather than guessed.
 */
static ArrayType *
series(FunctionCallInfo fcinfo, int number, const char *name)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(number);

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a one-dimensional array", name),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array))));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not contain NULL", name)));
	return array;
}

/*
 * The elements stay where the array holds them; only the pointers are new.
 */
CrkNumericArray
crk_argument_numerics(FunctionCallInfo fcinfo, int number, const char *name)
{
	ArrayType *array = series(fcinfo, number, name);
	CrkNumericArray result;
	Datum *elements;
	int i;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, &result.length);
	result.values = palloc(sizeof(Numeric) * (result.length + 1));
	for (i = 0; i < result.length; i++)
		result.values[i] = must_be_finite(DatumGetNumeric(elements[i]), name);
	return result;
}

/*
 * Without NULLs the elements lie side by side: no copy is needed.
 */
CrkIntegerArray
crk_argument_positives(FunctionCallInfo fcinfo, int number, const char *name)
{
	ArrayType *array = series(fcinfo, number, name);
	CrkIntegerArray result;
	int i;

	result.length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	result.values = (int32 *) ARR_DATA_PTR(array);
	for (i = 0; i < result.length; i++)
		must_be_positive(result.values[i], name);
	return result;
}

/*
 * Scores, coefficients and probabilities.  A NaN that came from elsewhere
 * would pass every comparison that follows.
 */
static double
must_be_finite_float(double number, const char *name)
{
	if (isnan(number))
		crk_numeric_refuse(CRK_DECIMAL_NAN, name);
	if (isinf(number))
		crk_numeric_refuse(CRK_DECIMAL_INFINITE, name);
	return number;
}

/*
 * The floating-point twin of crk_argument_numeric.
 */
double
crk_argument_float(FunctionCallInfo fcinfo, int number, const char *name)
{
	return must_be_finite_float(PG_GETARG_FLOAT8(number), name);
}

/*
 * Half-lives and odds of reference.
 */
double
crk_argument_float_positive(FunctionCallInfo fcinfo, int number, const char *name)
{
	double value = crk_argument_float(fcinfo, number, name);

	if (value <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be greater than zero", name),
				 errdetail("The value is %.15g.", value)));
	return value;
}

/*
 * Percent where a probability is meant does not pass.
 */
double
crk_argument_probability(FunctionCallInfo fcinfo, int number, const char *name)
{
	double value = crk_argument_float(fcinfo, number, name);

	if (value < 0 || value > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a probability from 0 to 1", name),
				 errdetail("The value is %.15g.", value)));
	return value;
}

/*
 * Without NULLs they lie side by side too.
 */
CrkFloatArray
crk_argument_floats(FunctionCallInfo fcinfo, int number, const char *name)
{
	ArrayType *array = series(fcinfo, number, name);
	CrkFloatArray result;
	int i;

	result.length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	result.values = (double *) ARR_DATA_PTR(array);
	for (i = 0; i < result.length; i++)
		must_be_finite_float(result.values[i], name);
	return result;
}

/*
 * Dates lie side by side as integers do.  An infinite one may mean "always",
 * so it is the caller's to refuse.
 */
CrkIntegerArray
crk_argument_dates(FunctionCallInfo fcinfo, int number, const char *name)
{
	ArrayType *array = series(fcinfo, number, name);
	CrkIntegerArray result;

	result.length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	result.values = (int32 *) ARR_DATA_PTR(array);
	return result;
}

/*
 * As the numerics: the elements stay where they are.
 */
CrkTextArray
crk_argument_texts(FunctionCallInfo fcinfo, int number, const char *name)
{
	ArrayType *array = series(fcinfo, number, name);
	CrkTextArray result;
	Datum *elements;
	int i;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, &result.length);
	result.values = palloc(sizeof(text *) * (result.length + 1));
	for (i = 0; i < result.length; i++)
		result.values[i] = DatumGetTextPP(elements[i]);
	return result;
}

/*
 * Which of the two is short is for the caller to see, so both lengths are told.
 */
void
crk_argument_same_length(const char *name, int length,
						 const char *other, int other_length)
{
	if (length != other_length)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s and %s must have the same number of elements", name, other),
				 errdetail("%s has %d, %s has %d.", name, length, other, other_length)));
}
