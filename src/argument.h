/*
 * argument.h
 *	  Arguments of the formulas, read and refused in one wording, and the
 *	  arithmetic of numeric without the fmgr noise.
 */
#ifndef CRK_ARGUMENT_H
#define CRK_ARGUMENT_H

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"

/* A one-dimensional array without NULLs. */
typedef struct CrkNumericArray
{
	int length;
	Numeric *values;
} CrkNumericArray;

typedef struct CrkIntegerArray
{
	int length;
	int32 *values;
} CrkIntegerArray;

typedef struct CrkFloatArray
{
	int length;
	double *values;
} CrkFloatArray;

typedef struct CrkTextArray
{
	int length;
	text **values;
} CrkTextArray;

/* A finite number, a positive integer, one from zero, a finite date; an error that names it. */
extern Numeric crk_argument_numeric(FunctionCallInfo fcinfo, int number, const char *name);
extern int32 crk_argument_positive(FunctionCallInfo fcinfo, int number, const char *name);
extern int32 crk_argument_count(FunctionCallInfo fcinfo, int number, const char *name);
extern DateADT crk_argument_date(FunctionCallInfo fcinfo, int number, const char *name);

/* An amount without sign, a percentage from 0 to 100, a fraction from 0 to 1, decimals of a result. */
extern Numeric crk_argument_amount(FunctionCallInfo fcinfo, int number, const char *name);
extern Numeric crk_argument_pct(FunctionCallInfo fcinfo, int number, const char *name);
extern Numeric crk_argument_fraction(FunctionCallInfo fcinfo, int number, const char *name);
extern int crk_argument_scale(FunctionCallInfo fcinfo, int number, const char *name);

extern CrkNumericArray crk_argument_numerics(FunctionCallInfo fcinfo, int number, const char *name);
extern CrkIntegerArray crk_argument_positives(FunctionCallInfo fcinfo, int number, const char *name);
extern CrkTextArray crk_argument_texts(FunctionCallInfo fcinfo, int number, const char *name);

/* A finite floating-point number, one above zero, a probability from 0 to 1; an array of finite ones. */
extern double crk_argument_float(FunctionCallInfo fcinfo, int number, const char *name);
extern double crk_argument_float_positive(FunctionCallInfo fcinfo, int number, const char *name);
extern double crk_argument_probability(FunctionCallInfo fcinfo, int number, const char *name);
extern CrkFloatArray crk_argument_floats(FunctionCallInfo fcinfo, int number, const char *name);

/* Dates, the infinite ones among them. */
extern CrkIntegerArray crk_argument_dates(FunctionCallInfo fcinfo, int number, const char *name);

/* The error for two arrays that should be equally long. */
extern void crk_argument_same_length(const char *name, int length,
									 const char *other, int other_length);

static inline Numeric
crk_numeric_add(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_add, NumericGetDatum(a), NumericGetDatum(b)));
}

static inline Numeric
crk_numeric_subtract(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_sub, NumericGetDatum(a), NumericGetDatum(b)));
}

static inline Numeric
crk_numeric_multiply(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul, NumericGetDatum(a), NumericGetDatum(b)));
}

static inline Numeric
crk_numeric_divide(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_div, NumericGetDatum(a), NumericGetDatum(b)));
}

/* Exact, where a division by a hundred need not be. */
static inline Numeric
crk_numeric_percent(Numeric a, Numeric pct)
{
	return crk_numeric_multiply(crk_numeric_multiply(a, pct), int64_div_fast_to_numeric(1, 2));
}

/* Without trailing zeros after the point. */
static inline Numeric
crk_numeric_trim(Numeric a)
{
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(a)));
}

static inline int
crk_numeric_compare(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

static inline Numeric
crk_numeric_least(Numeric a, Numeric b)
{
	return crk_numeric_compare(a, b) > 0 ? b : a;
}

/* -1, 0 or 1. */
static inline int
crk_numeric_sign(Numeric a)
{
	int order = crk_numeric_compare(a, int64_to_numeric(0));

	return (order > 0) - (order < 0);
}

static inline Numeric
crk_numeric_not_negative(Numeric a)
{
	return crk_numeric_sign(a) < 0 ? int64_to_numeric(0) : a;
}

#endif /* CRK_ARGUMENT_H */
