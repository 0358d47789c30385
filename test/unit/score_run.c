/*
 * score_run.c
 *	  Scores in order and counted: whatever the order in which they came.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernel/score_run.h"
#include "tap.h"

#define MANY 5000

static CrkScoreRun runs[MANY];
static CrkScoreRun scratch[MANY];
static CrkScoreRun kept[MANY];

/* The next of a fixed series of numbers. */
static uint64_t
next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static CrkScoreRun
run(double score, int32_t good, int32_t bad)
{
	CrkScoreRun result = { score, good, bad };

	return result;
}

/*
 * In order, and no two of one score unless a count would not fit.
 */
static bool
is_compact(const CrkScoreRun *list, int64_t used)
{
	int64_t i;

	for (i = 0; i < used; i++)
	{
		if ((i > 0 && !(list[i - 1].score < list[i].score)) || (list[i].good == 0 && list[i].bad == 0))
			return false;
	}
	return true;
}

static bool
near(double have, double want)
{
	if (fabs(have - want) < 1e-15)
		return true;
	printf("# have %.17g, want %.17g\n", have, want);
	return false;
}

/*
 * So many scores of so many different ones, compacted in parts of all sizes.
 */
static int64_t
fill(int64_t rows, int different, int64_t part, uint64_t seed)
{
	int64_t sorted = 0;
	int64_t used = 0;
	int64_t i;

	for (i = 0; i < rows; i++)
	{
		int64_t score = next(&seed) % different;
		bool bad = next(&seed) % 3 == 0;

		runs[used++] = run((double) (score - different / 2), bad ? 0 : 1, bad ? 1 : 0);
		if (used - sorted == part)
			sorted = used = crk_score_run_compact(runs, sorted, used, scratch);
	}
	return crk_score_run_compact(runs, sorted, used, scratch);
}

int
main(void)
{
	CrkDiscrimination result;
	CrkDiscrimination other;
	CrkCalibrationBin bins[10];
	int64_t used;
	int64_t parts[] = { 1, 2, 15, 16, 17, 33, 100, 1000 };
	int64_t i;
	int64_t cases;
	bool same = true;

	runs[0] = run(0.1, 1, 0);
	runs[1] = run(0.4, 1, 0);
	runs[2] = run(0.35, 0, 1);
	runs[3] = run(0.8, 0, 1);
	used = crk_score_run_compact(runs, 0, 4, scratch);
	ok(used == 4 && is_compact(runs, used), "four scores in order");
	ok(crk_score_run_discrimination(runs, used, &result) && near(result.auc, 0.75) &&
		   near(result.reverse_auc, 0.25) && near(result.gini, 0.5) && near(result.ks, 0.5),
	   "the example of scikit-learn");
	ok(crk_score_run_compact(runs, used, used, scratch) == used, "nothing new, nothing to do");

	runs[4] = run(0.4, 0, 2);
	runs[5] = run(0.1, -1, 0);
	used = crk_score_run_compact(runs, 4, 6, scratch);
	ok(used == 3 && runs[1].score == 0.4 && runs[1].good == 1 && runs[1].bad == 2, "ties join, what is taken away is gone");
	runs[3] = run(0.9, 1, 0);
	runs[4] = run(1.0, 1, 0);
	used = crk_score_run_compact(runs, 3, 5, scratch);
	ok(used == 5 && is_compact(runs, used), "later scores in order are left where they are");

	runs[0] = run(1, INT32_MAX, 0);
	runs[1] = run(1, 1, 5);
	runs[2] = run(2, 0, INT32_MAX);
	runs[3] = run(2, 0, INT32_MAX);
	used = crk_score_run_compact(runs, 0, 4, scratch);
	ok(used == 4, "a count beyond 32 bits has two runs");
	ok(crk_score_run_discrimination(runs, used, &result) &&
		   near(result.auc, (2 * (double) INT32_MAX + 2.5) / (2 * (double) INT32_MAX + 5)),
	   "and both are of one score");
	ok(crk_score_run_calibration(runs, used, 1, bins) == 1 && bins[0].cases == 3 * (int64_t) INT32_MAX + 6 && bins[0].bad == 2 * (int64_t) INT32_MAX + 5,
	   "in one bin");

	used = crk_score_run_compact(runs, 0, 0, scratch);
	ok(used == 0 && !crk_score_run_discrimination(runs, 0, &result) && crk_score_run_calibration(runs, 0, 10, bins) == 0, "nothing");
	runs[0] = run(1, 3, 0);
	ok(!crk_score_run_discrimination(runs, 1, &result), "only good ones");
	runs[0] = run(1, 0, 3);
	ok(!crk_score_run_discrimination(runs, 1, &result), "only bad ones");

	used = fill(MANY, 40, MANY, 7);
	ok(used == 40 && is_compact(runs, used), "many of few different scores");
	memcpy(kept, runs, sizeof(kept));
	for (i = 0; i < (int64_t) (sizeof(parts) / sizeof(*parts)); i++)
		same = same && fill(MANY, 40, parts[i], 7) == 40 && memcmp(kept, runs, 40 * sizeof(CrkScoreRun)) == 0;
	ok(same, "compacted in parts of any size they are the same");
	crk_score_run_discrimination(runs, used, &result);
	for (i = 0; i < used; i++)
		scratch[used - 1 - i] = run(-runs[i].score, runs[i].good, runs[i].bad);
	ok(crk_score_run_discrimination(scratch, used, &other) && near(other.auc, result.reverse_auc) &&
		   near(other.gini, -result.gini) && near(other.ks, result.ks),
	   "turned round");

	used = fill(MANY, 1 << 30, 700, 11);
	ok(used > MANY - 10 && is_compact(runs, used), "many different scores");
	i = crk_score_run_calibration(runs, used, 10, bins);
	for (cases = 0, same = true; i > 0; i--)
	{
		cases += bins[i - 1].cases;
		same = same && llabs((long long) bins[i - 1].cases - MANY / 10) <= 1 && bins[i - 1].number == i &&
			   bins[i - 1].lowest <= bins[i - 1].mean && bins[i - 1].mean <= bins[i - 1].highest;
	}
	ok(same && cases == MANY, "ten bins of equally many");
	runs[0] = run(0.25, 7, 1);
	runs[1] = run(0.5, 1, 1);
	ok(crk_score_run_calibration(runs, 2, 10, bins) == 2 && bins[0].number == 5 && bins[1].number == 10 &&
		   bins[0].cases == 8 && near(bins[0].mean, 0.25),
	   "a tie stays whole, in the bin of its middle case");

	return finish_tests();
}
