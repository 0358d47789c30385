/*
 * binning.c
 *	  Bins of a characteristic: weight of evidence, information value, and the
 *	  merging of neighbours until what is left differs.
 */
#include "kernel/binning.h"

#include <math.h>

/*
 * Positive where the bin is better than the average.
 */
double
crk_bin_woe(int64_t good, int64_t bad, int64_t total_good, int64_t total_bad)
{
	double half = good == 0 || bad == 0 ? 0.5 : 0.0;

	return log(((double) good + half) / (double) total_good) -
		   log(((double) bad + half) / (double) total_bad);
}

/*
 * The shares are those of the adjusted counts too: otherwise an empty cell
 * could count against the characteristic.
 */
double
crk_bin_information(int64_t good, int64_t bad, int64_t total_good, int64_t total_bad)
{
	double half = good == 0 || bad == 0 ? 0.5 : 0.0;

	return (((double) good + half) / (double) total_good - ((double) bad + half) / (double) total_bad) *
		   crk_bin_woe(good, bad, total_good, total_bad);
}

/*
 * Bins that are both without bad rows, or both without good ones, are alike.
 */
double
crk_bins_alike(const CrkBin *a, const CrkBin *b)
{
	double rows_a = (double) (a->good + a->bad);
	double rows_b = (double) (b->good + b->bad);
	double good = (double) (a->good + b->good);
	double bad = (double) (a->bad + b->bad);
	double cross = (double) a->good * (double) b->bad - (double) a->bad * (double) b->good;
	double below = rows_a * rows_b * good * bad;

	if (below <= 0)
		return 1.0;
	return erfc(sqrt(cross * cross * (rows_a + rows_b) / below / 2.0));
}

/*
 * Does the bad rate rise from the one to the other?  -1, 0 or 1.
 */
static int
direction(const CrkBin *a, const CrkBin *b)
{
	double cross = (double) b->bad * (double) (a->good + a->bad) - (double) a->bad * (double) (b->good + b->bad);

	return (cross > 0) - (cross < 0);
}

/*
 * The way that the bad rate takes as a whole: each pair of bins votes with its
 * rows.
 */
static int
overall_direction(const CrkBin *bins, int count)
{
	double vote = 0;
	int i;
	int j;

	for (i = 0; i < count; i++)
	{
		for (j = i + 1; j < count; j++)
			vote += (double) bins[i].good * (double) bins[j].bad - (double) bins[i].bad * (double) bins[j].good;
	}
	return (vote > 0) - (vote < 0);
}

/*
 * Bin i takes in its right neighbour.
 */
static void
merge_with_next(CrkBin *bins, int count, int i)
{
	bins[i].good += bins[i + 1].good;
	bins[i].bad += bins[i + 1].bad;
	bins[i].last = bins[i + 1].last;
	for (i++; i + 1 < count; i++)
		bins[i] = bins[i + 1];
}

/*
 * The smallest bin below the minimum joins the neighbour that it is more like;
 * -1 where all are large enough.
 */
static int
too_small(const CrkBin *bins, int count, int64_t min_rows)
{
	int smallest = 0;
	int i;

	for (i = 1; i < count; i++)
	{
		if (bins[i].good + bins[i].bad < bins[smallest].good + bins[smallest].bad)
			smallest = i;
	}
	if (bins[smallest].good + bins[smallest].bad >= min_rows)
		return -1;
	if (smallest == 0)
		return 0;
	if (smallest == count - 1)
		return smallest - 1;
	return crk_bins_alike(&bins[smallest - 1], &bins[smallest]) > crk_bins_alike(&bins[smallest], &bins[smallest + 1]) ? smallest - 1 : smallest;
}

/*
 * The pair most alike, among those that go against the way (0 = among all);
 * -1 where there is none.
 */
static int
most_alike(const CrkBin *bins, int count, int way, double *alike)
{
	int found = -1;
	int i;

	for (i = 0; i + 1 < count; i++)
	{
		double here;

		if (way != 0 && direction(&bins[i], &bins[i + 1]) != -way)
			continue;
		here = crk_bins_alike(&bins[i], &bins[i + 1]);
		if (found < 0 || here > *alike)
		{
			found = i;
			*alike = here;
		}
	}
	return found;
}

/*
 * One merge at a time, the most pressing first: size, then order, then
 * likeness.
 */
int
crk_bins_merge(CrkBin *bins, int count, const CrkBinRules *rules)
{
	int way = rules->monotone ? overall_direction(bins, count) : 0;

	while (count > 1)
	{
		double alike = 0;
		int pair = too_small(bins, count, rules->min_rows);

		if (pair < 0 && way != 0)
			pair = most_alike(bins, count, way, &alike);
		if (pair < 0)
		{
			pair = most_alike(bins, count, 0, &alike);
			if (alike < rules->significance && count <= rules->max_bins)
				break;
		}
		merge_with_next(bins, count, pair);
		count--;
	}
	return count;
}
