/*
 * score_run.c
 *	  Scores with counts of good and bad: kept in order, compared exactly.
 *
 * Counts are integers to the end, so that no result depends on the order in
 * which the scores came; one division makes the figure.
 */
#include <string.h>

#include "kernel/score_run.h"

/* Up to so many, insertion is the quickest sort. */
#define SHORT_RANGE 16

/*
 * Sort so few in place.
 */
static void
sort_short(CrkScoreRun *runs, int64_t used)
{
	int64_t i;

	for (i = 1; i < used; i++)
	{
		CrkScoreRun run = runs[i];
		int64_t hole = i;

		for (; hole > 0 && run.score < runs[hole - 1].score; hole--)
			runs[hole] = runs[hole - 1];
		runs[hole] = run;
	}
}

/*
 * Two ranges in order into one.
 */
static void
merge(const CrkScoreRun *left, int64_t left_used,
	  const CrkScoreRun *right, int64_t right_used, CrkScoreRun *into)
{
	while (left_used > 0 && right_used > 0)
	{
		if (right->score < left->score)
		{
			*into++ = *right++;
			right_used--;
		}
		else
		{
			*into++ = *left++;
			left_used--;
		}
	}
	memcpy(into, left, left_used * sizeof(CrkScoreRun));
	memcpy(into + left_used, right, right_used * sizeof(CrkScoreRun));
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Merge sort, from short ranges upwards; the result is in one of the two
 * places, which is returned.  What arrives in order costs one look.
 */
static CrkScoreRun *
sort(CrkScoreRun *runs, int64_t used, CrkScoreRun *other)
{
	int64_t width;
	int64_t i;

	for (i = 1; i < used && !(runs[i].score < runs[i - 1].score); i++)
		;
	if (i >= used)
		return runs;
	for (i = 0; i < used; i += SHORT_RANGE)
		sort_short(runs + i, least(SHORT_RANGE, used - i));
	for (width = SHORT_RANGE; width < used; width *= 2)
	{
		CrkScoreRun *done = other;

		for (i = 0; i < used; i += 2 * width)
		{
			int64_t left = least(width, used - i);
			int64_t right = least(width, used - i - left);

			merge(runs + i, left, runs + i + left, right, other + i);
		}
		other = runs;
		runs = done;
	}
	return runs;
}

/*
 * Join the counts of equal scores; what has come to nothing is left out.
 */
static int64_t
join_equal(CrkScoreRun *runs, int64_t used)
{
	int64_t kept = 0;
	int64_t i;

	for (i = 0; i < used; i++)
	{
		CrkScoreRun run = runs[i];
		int32_t good;
		int32_t bad;

		if (kept > 0 && runs[kept - 1].score == run.score &&
			!__builtin_add_overflow(runs[kept - 1].good, run.good, &good) &&
			!__builtin_add_overflow(runs[kept - 1].bad, run.bad, &bad))
		{
			kept--;
			run.good = good;
			run.bad = bad;
		}
		if (run.good != 0 || run.bad != 0)
			runs[kept++] = run;
	}
	return kept;
}

/*
 * Only what is new is sorted, then merged from the back into the room behind
 * what was in order.
 */
int64_t
crk_score_run_compact(CrkScoreRun *runs, int64_t sorted, int64_t used, CrkScoreRun *scratch)
{
	int64_t added = used - sorted;
	CrkScoreRun *end = runs + used;
	const CrkScoreRun *old = runs + sorted;
	const CrkScoreRun *new;

	if (added == 0)
		return used;
	new = sort(runs + sorted, added, scratch);
	if (sorted > 0 && new->score < old[-1].score)
	{
		if (new != scratch)
			memcpy(scratch, new, added * sizeof(CrkScoreRun));
		new = scratch + added;
		while (new > scratch)
		{
			if (old > runs && new[-1].score < old[-1].score)
				*--end = *--old;
			else
				*--end = *--new;
		}
	}
	else if (new == scratch)
		memcpy(runs + sorted, scratch, added * sizeof(CrkScoreRun));
	return join_equal(runs, used);
}

/*
 * The cases of one score, whose first run is *at; *at moves behind the last.
 */
static double
next_score(const CrkScoreRun *runs, int64_t used, int64_t *at, int64_t *good, int64_t *bad)
{
	double score = runs[*at].score;

	*good = *bad = 0;
	for (; *at < used && runs[*at].score == score; (*at)++)
	{
		*good += runs[*at].good;
		*bad += runs[*at].bad;
	}
	return score;
}

/*
 * All of them.
 */
static void
count(const CrkScoreRun *runs, int64_t used, int64_t *good, int64_t *bad)
{
	int64_t i;

	*good = *bad = 0;
	for (i = 0; i < used; i++)
	{
		*good += runs[i].good;
		*bad += runs[i].bad;
	}
}

/*
 * Pairs are counted in halves, against the two halves of all pairs; the
 * distributions are compared after each score, over both counts at once.
 */
bool
crk_score_run_discrimination(const CrkScoreRun *runs, int64_t used, CrkDiscrimination *result)
{
	__int128 halves = 0;
	__int128 widest = 0;
	__int128 pairs;
	int64_t all_good;
	int64_t all_bad;
	int64_t good_below = 0;
	int64_t bad_below = 0;
	int64_t i = 0;

	count(runs, used, &all_good, &all_bad);
	if (all_good <= 0 || all_bad <= 0)
		return false;
	while (i < used)
	{
		int64_t good;
		int64_t bad;
		__int128 gap;

		next_score(runs, used, &i, &good, &bad);
		halves += (__int128) bad * (2 * good_below + good);
		good_below += good;
		bad_below += bad;
		gap = (__int128) bad_below * all_good - (__int128) good_below * all_bad;
		if (gap < 0)
			gap = -gap;
		if (gap > widest)
			widest = gap;
	}
	pairs = (__int128) all_good * all_bad;
	result->auc = (double) ((long double) halves / (2 * (long double) pairs));
	result->reverse_auc = (double) ((long double) (2 * pairs - halves) / (2 * (long double) pairs));
	result->gini = (double) ((long double) (halves - pairs) / (long double) pairs);
	result->ks = (double) ((long double) widest / (long double) pairs);
	return true;
}

/*
 * The middle case of a score, counted in halves, decides: with all scores
 * different it is the bin that equal numbers give, and a tie stays whole.
 */
int64_t
crk_score_run_calibration(const CrkScoreRun *runs, int64_t used, int64_t bins, CrkCalibrationBin *result)
{
	CrkCalibrationBin *bin = NULL;
	long double sum = 0;
	int64_t written = 0;
	int64_t below = 0;
	int64_t all_good;
	int64_t all_bad;
	int64_t i = 0;

	count(runs, used, &all_good, &all_bad);
	while (i < used)
	{
		int64_t good;
		int64_t bad;
		double score = next_score(runs, used, &i, &good, &bad);
		int64_t cases = good + bad;
		int64_t number;

		if (cases <= 0)
			continue;
		number = 1 + (int64_t) ((__int128) bins * (2 * below + cases) / (2 * ((__int128) all_good + all_bad)));
		if (bin == NULL || bin->number != number)
		{
			bin = &result[written++];
			memset(bin, 0, sizeof(*bin));
			bin->number = number;
			bin->lowest = score;
			sum = 0;
		}
		bin->cases += cases;
		bin->bad += bad;
		bin->highest = score;
		sum += (long double) score * cases;
		bin->mean = (double) (sum / bin->cases);
		below += cases;
	}
	return written;
}
