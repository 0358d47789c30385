/*
 * binning.c
 *	  Weights of evidence against published figures; bins merged.
 */

#include <math.h>

#include "kernel/binning.h"
#include "tap.h"

static bool
near(double a, double b)
{
	return fabs(a - b) < 5e-7;
}

int
main(void)
{
	CrkBin rising[] = { { 100, 2, 0 }, { 100, 3, 1 }, { 90, 20, 2 }, { 90, 22, 3 }, { 50, 60, 4 } };
	CrkBin hill[] = { { 100, 2, 0 }, { 50, 50, 1 }, { 100, 3, 2 } };
	CrkBin small[] = { { 100, 2, 0 }, { 3, 2, 1 }, { 60, 50, 2 }, { 1, 0, 3 } };
	CrkBin first[] = { { 1, 0, 0 }, { 100, 2, 1 }, { 60, 50, 2 } };
	CrkBin many[] = { { 100, 1, 0 }, { 80, 20, 1 }, { 50, 50, 2 }, { 20, 80, 3 } };
	CrkBin alone[] = { { 5, 5, 0 } };
	const CrkBin good = { 10, 0, 0 };
	const CrkBin better = { 20, 0, 0 };
	const CrkBin left = { 90, 10, 0 };
	const CrkBin right = { 80, 20, 0 };
	CrkBinRules rules = { .min_rows = 10, .max_bins = 10, .significance = 0.05, .monotone = false };

	ok(near(crk_bin_woe(100, 50, 1000, 100), -1.609438) && near(crk_bin_woe(300, 30, 1000, 100), 0) &&
		   near(crk_bin_woe(600, 20, 1000, 100), 1.098612),
	   "weights of evidence as published");
	ok(near(crk_bin_information(100, 50, 1000, 100) + crk_bin_information(300, 30, 1000, 100) +
				crk_bin_information(600, 20, 1000, 100),
			1.08322),
	   "information value as published");
	ok(near(crk_bin_woe(10, 0, 100, 20), log((10.5 / 100) / (0.5 / 20))) && isfinite(crk_bin_woe(0, 0, 100, 20)),
	   "half a row in both counts where a cell is empty");
	ok(crk_bin_information(0, 3, 100, 20) > 0 && crk_bin_information(3, 0, 100, 20) > 0,
	   "an empty cell informs, too");

	/* chi-square (1) = 200 (90 * 20 - 10 * 80)^2 / (100 * 100 * 170 * 30) = 3.921569, p = 0.047670 */
	ok(near(crk_bins_alike(&left, &right), 0.047670), "a difference that chance makes in 4.8 of 100 cases");
	ok(crk_bins_alike(&good, &better) == 1.0, "two bins without bad rows are alike");
	ok(crk_bins_alike(&left, &left) == 1.0, "a bin is like itself");

	ok(crk_bins_merge(rising, 5, &rules) == 3 && rising[0].last == 1 && rising[1].last == 3 && rising[2].last == 4 &&
		   rising[0].good == 200 && rising[0].bad == 5 && rising[1].good == 180 && rising[1].bad == 42,
	   "neighbours alike are one");
	ok(crk_bins_merge(small, 4, &rules) == 2 && small[0].last == 0 && small[1].last == 3 && small[1].good == 64 && small[1].bad == 52,
	   "small bins join the neighbour that they are like");
	ok(crk_bins_merge(first, 3, &rules) == 2 && first[0].last == 1, "the first has one neighbour only");
	rules.monotone = false;
	ok(crk_bins_merge(hill, 3, &rules) == 3, "a hill stays a hill");
	rules.monotone = true;
	ok(crk_bins_merge(hill, 3, &rules) == 2, "unless it may only rise or only fall");
	rules.max_bins = 2;
	ok(crk_bins_merge(many, 4, &rules) == 2 && many[1].last == 3, "at most so many, whatever the difference");
	ok(crk_bins_merge(alone, 1, &rules) == 1, "one is one");
	return finish_tests();
}
