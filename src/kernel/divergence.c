/*
 * divergence.c
 *	  How far two distributions over the same bins are apart.
 */
#include <math.h>
#include <stdlib.h>

#include "kernel/divergence.h"

/*
 * By the first count, then by the second.
 */
static int
compare(const void *left, const void *right)
{
	const CrkBinPair *a = left;
	const CrkBinPair *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->second > b->second) - (a->second < b->second);
}

/*
 * Never negative: both factors have one sign.  The quotient of a share and a
 * very small one may leave the range where the logarithms do not.
 */
static long double
term(long double a, long double b)
{
	if (a == b)
		return 0;
	return (a - b) * (isfinite(a / b) && a / b > 0 ? logl(a / b) : logl(a) - logl(b));
}

bool
crk_divergence(CrkBinPair *bins, int64_t used, CrkEmptyBin empty, double filler, double *result)
{
	long double first_total = 0;
	long double second_total = 0;
	long double sum = 0;
	int64_t i;

	qsort(bins, used, sizeof(CrkBinPair), compare);
	for (i = 0; i < used; i++)
	{
		first_total += bins[i].first;
		second_total += bins[i].second;
	}
	if (!(first_total > 0) || !(second_total > 0))
		return false;
	for (i = 0; i < used; i++)
	{
		long double added = 0;
		long double a;
		long double b;

		if (bins[i].first == 0 && bins[i].second == 0)
			continue;
		if (bins[i].first == 0 || bins[i].second == 0)
		{
			if (empty == CRK_EMPTY_UNDEFINED)
				return false;
			if (empty == CRK_EMPTY_ADJUST)
				added = filler;
		}
		a = (bins[i].first + added) / first_total;
		b = (bins[i].second + added) / second_total;
		if (a == 0)
			a = filler;
		if (b == 0)
			b = filler;
		sum += term(a, b);
	}
	*result = (double) sum;
	return true;
}
