/*
 * exact_sum.h
 *	  A sum of decimals whose scale follows what it is given.
 *
 * Knows nothing of the server.
 */
#ifndef CRK_KERNEL_EXACT_SUM_H
#define CRK_KERNEL_EXACT_SUM_H

#include "kernel/decimal.h"

/* The finest scale that kernel/decimal.h reads and writes. */
#define CRK_EXACT_SUM_SCALE 30

/* value * 10^-scale; all zero is an empty sum. */
typedef struct CrkExactSum
{
	crk_int128 value;
	int32_t scale;
	int32_t reserved; /* zero */
} CrkExactSum;

/*
 * Add value * 10^-scale; false, and *sum unchanged, where the exact result
 * does not fit.
 */
extern bool crk_exact_sum_add(CrkExactSum *sum, crk_int128 value, int scale);

/* *product = a * b; false on overflow. */
extern bool crk_exact_multiply(crk_int128 a, crk_int128 b, crk_int128 *product);

#endif /* CRK_KERNEL_EXACT_SUM_H */
