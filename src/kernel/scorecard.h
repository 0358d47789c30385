/*
 * scorecard.h
 *	  A scorecard compiled to bands and points, and what it says of a row.
 *
 * Knows nothing of the server, and allocates nothing: the arrays are the
 * caller's.  All of it is exact.  Points are integers, points * weight at the
 * card's scale; a value is compared with the edges of its bands as an integer
 * key, of which nothing is rounded away.
 */
#ifndef CRK_KERNEL_SCORECARD_H
#define CRK_KERNEL_SCORECARD_H

#include "kernel/decimal.h"

/* The band of a value that is not known. */
#define CRK_BAND_MISSING (-1)

/* Reasons given for a score. */
#define CRK_SCORE_REASONS 4

/* Decimals of points, weights and scores. */
#define CRK_SCORE_DECIMALS 6

/* Every sum that a card can make stays below this. */
#define CRK_SCORE_POINTS_LIMIT (INT64_C(1) << 61)

/*
 * A key is 2 * number * 10^(4 * groups), its fraction cut off, and one more
 * away from zero where the fraction was not zero: keys are ordered as the
 * numbers are, and equal to the key of an edge only where the number is.
 * Numbers too large for a key are beyond every edge.
 */
#define CRK_KEY_GROUPS		  9 /* base-10000 digits of a key in 128 bits */
#define CRK_KEY_NARROW_GROUPS 4 /* in 64 bits */
#define CRK_KEY_BEYOND		  (((crk_int128) 1) << 126)

typedef struct CrkScoreWord
{
	const char *text; /* no end of string */
	int length;
	int band;
} CrkScoreWord;

typedef struct CrkCharacteristic
{
	const char *name;
	int bands; /* edges + 1, or groups of words + 1 */

	/* Of numbers: the least key and the least double of each band but the first. */
	int groups;
	const int64_t *narrow; /* NULL where the keys need more than 64 bits */
	const crk_int128 *wide;
	const double *doubles;

	/* Of words, in the order of crk_score_word_compare(). */
	const CrkScoreWord *words;
	int word_count;

	/* points * weight at the card's scale: of each band, and at most. */
	const int64_t *points;
	int64_t max;
	int64_t min;

	bool counts_missing; /* a missing value has points */
	int64_t missing;
	int64_t reference; /* that losses are counted from */
	int64_t cover;	   /* what it counts in the coverage */
} CrkCharacteristic;

typedef struct CrkScorecard
{
	int count;
	const CrkCharacteristic *characteristics;
	bool percent;  /* of the maximum of those present; else a sum */
	int scale;	   /* decimals of points * weight */
	int decimals;  /* of the score */
	int64_t base;  /* of a sum, at the scale */
	int64_t cover; /* of all characteristics */
	int64_t least_cover;
	int64_t factor;	 /* score = points * factor / divisor, */
	int64_t divisor; /* or, of a percentage, / max */
} CrkScorecard;

/* What the characteristics of one row add up to; begins as all zero. */
typedef struct CrkScoreSum
{
	int64_t points;
	int64_t max;
	int64_t cover;
} CrkScoreSum;

/* The key of a numeric's payload (see crk_decimal_read()). */
extern CrkDecimalStatus crk_score_key(const void *payload, size_t length,
									  int groups, crk_int128 *key);

/*
 * The band of a value.  A number that is none (NaN, infinite) is refused with
 * its status.
 */
extern CrkDecimalStatus crk_score_band_of_numeric(const CrkCharacteristic *characteristic,
												  const void *payload, size_t length, int *band);
extern CrkDecimalStatus crk_score_band_of_double(const CrkCharacteristic *characteristic,
												 double value, int *band);
extern int crk_score_band_of_integer(const CrkCharacteristic *characteristic, int64_t value);
extern int crk_score_band_of_word(const CrkCharacteristic *characteristic,
								  const char *text, int length);

/* Shorter words first, then by bytes: the order of a card's words. */
extern int crk_score_word_compare(const void *left, const void *right);

/*
 * The sums of a card, once its characteristics are set; min_coverage_pct has
 * CRK_SCORE_DECIMALS decimals.  Of a percentage no maximum is below zero.
 * false where the points, or a score made of them, need too many digits.
 */
extern bool crk_scorecard_finish(CrkScorecard *card, CrkCharacteristic *characteristics,
								 int64_t min_coverage_pct);

static inline bool
crk_score_present(const CrkCharacteristic *characteristic, int band)
{
	return band >= 0 || characteristic->counts_missing;
}

static inline int64_t
crk_score_points(const CrkCharacteristic *characteristic, int band)
{
	return band >= 0 ? characteristic->points[band] : characteristic->missing;
}

static inline void
crk_score_add(CrkScoreSum *sum, const CrkCharacteristic *characteristic, int band)
{
	if (!crk_score_present(characteristic, band))
		return;
	sum->points += crk_score_points(characteristic, band);
	sum->max += characteristic->max;
	sum->cover += characteristic->cover;
}

/* *score * 10^-decimals, rounded half away from zero; false = not scored. */
extern bool crk_scorecard_score(const CrkScorecard *card, const CrkScoreSum *sum,
								int64_t *score);

/*
 * What each characteristic contributes to a score, and the base last, in its
 * units: by largest remainder, so that they add up to it.  Both arrays have
 * count + 1 elements.
 */
extern void crk_scorecard_contributions(const CrkScorecard *card, const int *bands,
										const CrkScoreSum *sum, int64_t score,
										int64_t *contributions, int64_t *scratch);

/* Ranks of the largest losses from the reference, 1 to CRK_SCORE_REASONS; others 0. */
extern void crk_scorecard_reasons(const CrkScorecard *card, const int *bands, int *ranks);

/* One characteristic that another band would help. */
typedef struct CrkScoreChange
{
	int place;
	int band;
	int64_t gain; /* points */
	int64_t score;
} CrkScoreChange;

/*
 * The nearest band of one characteristic, now in this one, that lifts the score
 * to the target alone: from a missing value all are near, and of equally near
 * ones it is the one of fewer points.  false = there is none.
 */
extern bool crk_scorecard_change(const CrkScorecard *card, int place, int now,
								 const CrkScoreSum *sum, int64_t target,
								 CrkScoreChange *change);

/* The smallest gain first, of equal ones the first place. */
extern int crk_score_change_compare(const void *left, const void *right);

#endif /* CRK_KERNEL_SCORECARD_H */
