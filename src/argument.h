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

typedef struct CrkTextArray
{
	int length;
	text **values;
} CrkTextArray;

/* A finite number, a positive integer, a finite date; an error that names it. */
extern Numeric crk_argument_numeric(FunctionCallInfo fcinfo, int number, const char *name);
extern int32 crk_argument_positive(FunctionCallInfo fcinfo, int number, const char *name);
extern DateADT crk_argument_date(FunctionCallInfo fcinfo, int number, const char *name);

extern CrkNumericArray crk_argument_numerics(FunctionCallInfo fcinfo, int number, const char *name);
extern CrkIntegerArray crk_argument_positives(FunctionCallInfo fcinfo, int number, const char *name);
extern CrkTextArray crk_argument_texts(FunctionCallInfo fcinfo, int number, const char *name);

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

/* -1, 0 or 1. */
static inline int
crk_numeric_sign(Numeric a)
{
	int order = crk_numeric_compare(a, int64_to_numeric(0));

	return (order > 0) - (order < 0);
}

#endif /* CRK_ARGUMENT_H */
