/*
 * allocate.c
 *	  Splitting an amount so that no minor unit is lost or made.
 */
#include "kernel/allocate.h"

#include <stdlib.h>

typedef unsigned __int128 crk_uint128;

/*
 * quotient and remainder of a * b / divisor, for a, b <= divisor: the product
 * may need 250 bits, so it is made and divided bit by bit where 128 would not
 * hold it.
 */
static crk_uint128
crk_multiply_divide(crk_uint128 a, crk_uint128 b, crk_uint128 divisor,
					crk_uint128 *remainder)
{
	crk_uint128 quotient = 0;
	crk_uint128 rest = 0;

	if (divisor <= UINT64_MAX)
	{
		*remainder = a * b % divisor;
		return a * b / divisor;
	}

	for (int bit = 127; bit >= 0; bit--)
	{
		quotient <<= 1;
		rest <<= 1;
		if (a >> bit & 1)
			rest += b;
		while (rest >= divisor)
		{
			rest -= divisor;
			quotient++;
		}
	}
	*remainder = rest;
	return quotient;
}

/*
 * Largest remainder first; of equal ones the earlier element.
 */
static int
crk_remainder_compare(const void *left, const void *right)
{
	const CrkRemainder *a = left;
	const CrkRemainder *b = right;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/*
 * Method of the largest remainder.  The absolute amount is split and the sign
 * given back, so that a credit note splits as its invoice does.  The units
 * that rounding down leaves over are fewer than the parts with a remainder:
 * a weight of zero never receives one.
 */
void
crk_allocate(crk_int128 amount, const crk_int128 *weights, int count,
			 crk_int128 *parts, CrkRemainder *scratch)
{
	crk_uint128 magnitude = amount < 0 ? -(crk_uint128) amount : (crk_uint128) amount;
	crk_uint128 total = 0;
	crk_uint128 left = magnitude;

	for (int i = 0; i < count; i++)
		total += weights[i];

	for (int i = 0; i < count; i++)
	{
		crk_uint128 remainder;
		crk_uint128 part;

		part = magnitude / total * weights[i] +
			   crk_multiply_divide(magnitude % total, weights[i], total, &remainder);
		parts[i] = part;
		left -= part;
		scratch[i].remainder = remainder;
		scratch[i].index = i;
	}

	if (left > 0)
		qsort(scratch, count, sizeof(CrkRemainder), crk_remainder_compare);
	for (int i = 0; i < (int) left; i++)
		parts[scratch[i].index]++;

	if (amount < 0)
		for (int i = 0; i < count; i++)
			parts[i] = -(crk_uint128) parts[i];
}
