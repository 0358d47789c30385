/*
 * decimal.h
 *	  Between the server's numeric and the exact integers of kernel/decimal.h.
 */
#ifndef CRK_DECIMAL_H
#define CRK_DECIMAL_H

#include "utils/numeric.h"

#include "compat.h"
#include "kernel/decimal.h"

/*
 * Read a numeric Datum (short header welcome, toasted welcome) at this scale.
 * The status is the caller's to handle: fall back to numeric arithmetic, or
 * crk_numeric_refuse().
 */
extern CrkDecimalStatus crk_numeric_read(Datum numeric, int scale,
										 crk_int128 *value, int *display_scale);

/* value * 10^-scale as a numeric with this display scale. */
extern Datum crk_numeric_make(crk_int128 value, int scale, int display_scale);

/* Decimals that a number can be made with, or rounded to. */
#define CRK_LARGEST_SCALE 30

/* A figure that does not end is shown with so many decimals. */
#define CRK_SHOWN_SCALE 20

/* number / divisor (above zero), rounded once to this scale, half away from zero. */
extern Numeric crk_numeric_quotient(Numeric number, Numeric divisor, int scale);

/* The error for a number that may not be used; names the argument. */
pg_noreturn extern void crk_numeric_refuse(CrkDecimalStatus status, const char *argument);

#endif /* CRK_DECIMAL_H */
