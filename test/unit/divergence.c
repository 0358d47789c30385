/*
 * divergence.c
 *	  Information value and stability: symmetric, never negative, undefined
 *	  rather than infinite.
 */
#include <math.h>

#include "kernel/divergence.h"
#include "tap.h"

static bool
gives(CrkBinPair *bins, int64_t used, CrkEmptyBin empty, double filler, double want)
{
	double have;

	if (!crk_divergence(bins, used, empty, filler, &have))
		return false;
	if (fabs(have - want) < 1e-12)
		return true;
	printf("# have %.17g, want %.17g\n", have, want);
	return false;
}

int
main(void)
{
	CrkBinPair bins[] = { { 100, 50 }, { 300, 30 }, { 600, 20 } };
	CrkBinPair swapped[] = { { 20, 600 }, { 50, 100 }, { 30, 300 } };
	CrkBinPair shares[] = { { 0.1, 0.15 }, { 0.2, 0.25 }, { 0.3, 0.25 }, { 0.2, 0.2 }, { 0.2, 0.15 } };
	CrkBinPair equal[] = { { 1, 10 }, { 2, 20 }, { 0, 0 } };
	CrkBinPair gap[] = { { 10, 0 }, { 10, 10 } };
	CrkBinPair nothing[] = { { 0, 1 }, { 0, 2 } };
	CrkBinPair small[] = { { 0, 1 }, { 1, 1 } };
	double iv = 0.4 * log(5) + 0.4 * log(3);
	double result = -1;

	ok(gives(bins, 3, CRK_EMPTY_UNDEFINED, 0, iv), "the published information value, 1.08322");
	ok(gives(swapped, 3, CRK_EMPTY_UNDEFINED, 0, iv), "the other way round, in another order");
	ok(crk_divergence(shares, 5, CRK_EMPTY_UNDEFINED, 0, &result) && fabs(result - 0.054931) < 5e-7, "the published stability index");
	ok(gives(equal, 3, CRK_EMPTY_UNDEFINED, 0, 0), "equal shares, and a bin that neither has: nothing");
	ok(!crk_divergence(gap, 2, CRK_EMPTY_UNDEFINED, 0, &result), "a bin that only one has is undefined");
	ok(gives(gap, 2, CRK_EMPTY_ADJUST, 0.5, (10.5 / 20 - 0.5 / 10) * log((10.5 / 20) / (0.5 / 10)) + 0.5 * log(2)), "or adjusted");
	ok(gives(gap, 2, CRK_EMPTY_REPLACE, 0.001, (0.5 - 0.001) * log(0.5 / 0.001) + 0.5 * log(2)), "or replaced");
	ok(!crk_divergence(nothing, 2, CRK_EMPTY_REPLACE, 0.1, &result) && !crk_divergence(nothing, 0, CRK_EMPTY_ADJUST, 0.5, &result),
	   "one side with nothing at all is undefined");
	ok(crk_divergence(small, 2, CRK_EMPTY_REPLACE, 5e-324, &result) && result > 370 && result < 373, "the smallest filler keeps it finite");

	return finish_tests();
}
