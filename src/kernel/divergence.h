/*
 * divergence.h
 *	  How far two distributions over the same bins are apart.
 *
 * Knows nothing of the server.
 */
#ifndef CRK_KERNEL_DIVERGENCE_H
#define CRK_KERNEL_DIVERGENCE_H

#include <stdbool.h>
#include <stdint.h>

/* What the two have in one bin, zero or more. */
typedef struct CrkBinPair
{
	double first;
	double second;
} CrkBinPair;

/* What is done about a bin that only one of the two has. */
typedef enum CrkEmptyBin
{
	CRK_EMPTY_UNDEFINED, /* nothing: there is no result */
	CRK_EMPTY_ADJUST,	 /* filler is added to both counts of the bin */
	CRK_EMPTY_REPLACE	 /* filler stands for the share that is zero */
} CrkEmptyBin;

/*
 * Sum over the bins of (a - b) ln(a / b), a and b the shares in each one's own
 * total: information value and population stability index.  A bin that neither
 * has counts nothing.  False where it is undefined: one of the two has nothing
 * at all, or not all of the other's bins.  Sorts the bins, so that their order
 * makes no difference.
 */
extern bool crk_divergence(CrkBinPair *bins, int64_t used, CrkEmptyBin empty, double filler,
						   double *result);

#endif /* CRK_KERNEL_DIVERGENCE_H */
