/*
 * decimal.h
 *	  Exact decimal amounts as scaled 128-bit integers.
 *
 * This file and decimal.c know nothing of the server, so that they can be
 * fuzzed and sanitised alone.  An amount is an integer times 10^-scale; the
 * scale is the caller's and is carried beside the value.
 */
#ifndef CRK_KERNEL_DECIMAL_H
#define CRK_KERNEL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The server aligns memory to 8 bytes, the compiler wants 16 for its own
 * 128-bit type: this one may stand anywhere.
 */
typedef __int128 crk_int128 __attribute__((aligned(8)));

typedef enum CrkDecimalStatus
{
	CRK_DECIMAL_OK,
	CRK_DECIMAL_NAN,
	CRK_DECIMAL_INFINITE,  /* either sign */
	CRK_DECIMAL_TOO_LARGE, /* does not fit 128 bits at this scale */
	CRK_DECIMAL_TOO_FINE   /* has non-zero digits beyond the scale */
} CrkDecimalStatus;

/* 39 digits, 30 more decimals, sign, point, end of string: always enough. */
#define CRK_DECIMAL_STRING_SIZE 72

/*
 * Read the payload of a numeric (what VARDATA_ANY points at, of length
 * VARSIZE_ANY_EXHDR, any alignment) as *value = number * 10^scale, exactly;
 * 0 <= scale <= 30.  *display_scale receives the number's own display scale
 * (which may exceed scale when the surplus digits are zero).
 */
extern CrkDecimalStatus crk_decimal_read(const void *payload, size_t length,
										 int scale, crk_int128 *value,
										 int *display_scale);

/* *sum += value; false, and *sum unchanged, on overflow. */
extern bool crk_decimal_add(crk_int128 *sum, crk_int128 value);

/* *value *= 10^digits; false, and *value unchanged, on overflow. */
extern bool crk_decimal_shift(crk_int128 *value, int digits);

/*
 * Write value * 10^-scale with display_scale decimals (display_scale >= the
 * decimals that are not zero; it is raised to them otherwise); returns the
 * length.  buffer has CRK_DECIMAL_STRING_SIZE bytes, display_scale <= 30 there.
 */
extern int crk_decimal_to_string(crk_int128 value, int scale,
								 int display_scale, char *buffer);

#endif /* CRK_KERNEL_DECIMAL_H */
