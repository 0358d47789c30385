/*
 * exact_sum.c
 *	  A sum of decimals whose scale follows what it is given.
 */
#include "kernel/exact_sum.h"

/*
 * The coarser side is brought to the finer scale, so that nothing is ever
 * rounded: a sum is then the same in any order, and the same in parallel.
 */
bool
crk_exact_sum_add(CrkExactSum *sum, crk_int128 value, int scale)
{
	CrkExactSum result = *sum;

	if (scale < 0 || scale > CRK_EXACT_SUM_SCALE)
		return false;
	if (scale > result.scale)
	{
		if (!crk_decimal_shift(&result.value, scale - result.scale))
			return false;
		result.scale = scale;
	}
	else if (scale < result.scale &&
			 !crk_decimal_shift(&value, result.scale - scale))
		return false;
	if (!crk_decimal_add(&result.value, value))
		return false;
	*sum = result;
	return true;
}

/*
 * Amount times days, amount times amount: checked, because a product leaves
 * 128 bits much sooner than a sum does.
 */
bool
crk_exact_multiply(crk_int128 a, crk_int128 b, crk_int128 *product)
{
	__int128 result;

	if (__builtin_mul_overflow((__int128) a, (__int128) b, &result))
		return false;
	*product = result;
	return true;
}
