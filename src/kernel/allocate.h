/*
 * allocate.h
 *	  Splitting an amount so that no minor unit is lost or made.
 */
#ifndef CRK_KERNEL_ALLOCATE_H
#define CRK_KERNEL_ALLOCATE_H

#include "kernel/decimal.h"

/* What is left of a part after rounding down, to be ranked. */
typedef struct CrkRemainder
{
	crk_int128 remainder;
	int index;
} CrkRemainder;

/* The sum of the weights stays below: then no step of the split overflows. */
#define CRK_ALLOCATE_WEIGHT_LIMIT ((crk_int128) 1 << 125)

/*
 * Split amount in proportion to the weights (none negative, their sum positive
 * and below the limit) into parts[count], whose sum is amount exactly.
 * scratch has count elements.
 */
extern void crk_allocate(crk_int128 amount, const crk_int128 *weights,
						 int count, crk_int128 *parts, CrkRemainder *scratch);

#endif /* CRK_KERNEL_ALLOCATE_H */
