/*
 * score_run.h
 *	  Scores with counts of good and bad: kept in order, compared exactly.
 *
 * Knows nothing of the server.
 */
#ifndef CRK_KERNEL_SCORE_RUN_H
#define CRK_KERNEL_SCORE_RUN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How many good and bad had a score.  Counts below zero take away again.  A
 * score whose count is beyond 32 bits has several runs, side by side.
 */
typedef struct CrkScoreRun
{
	double score;
	int32_t good;
	int32_t bad;
} CrkScoreRun;

/* How well scores tell the bad from the good. */
typedef struct CrkDiscrimination
{
	double auc;			/* a bad has the higher score, ties at half */
	double reverse_auc; /* a bad has the lower score: the rest */
	double gini;		/* 2 auc - 1 */
	double ks;			/* largest distance of the two distributions */
} CrkDiscrimination;

/* One bin of predictions, from the lowest score in it to the highest. */
typedef struct CrkCalibrationBin
{
	int64_t number; /* from 1 */
	int64_t cases;
	int64_t bad;
	double lowest;
	double highest;
	double mean;
} CrkCalibrationBin;

/*
 * Put runs[0 .. used) in order and join those of one score; returns how many
 * are left.  The first sorted of them are in order already; scratch has room
 * for the others.  No score is NaN or minus zero.
 */
extern int64_t crk_score_run_compact(CrkScoreRun *runs, int64_t sorted, int64_t used,
									 CrkScoreRun *scratch);

/* Of compacted runs.  False where there is no good or no bad. */
extern bool crk_score_run_discrimination(const CrkScoreRun *runs, int64_t used,
										 CrkDiscrimination *result);

/*
 * Of compacted runs: bins of equally many cases, a score whole in the bin of
 * its middle case.  Empty bins are left out; result has room for the lesser of
 * used and bins.  Returns how many were written.
 */
extern int64_t crk_score_run_calibration(const CrkScoreRun *runs, int64_t used, int64_t bins,
										 CrkCalibrationBin *result);

#endif /* CRK_KERNEL_SCORE_RUN_H */
