/*
 * payment_index.h
 *	  The payment index: days beyond terms on a scale from 100 down to 0.
 *
 * Knows nothing of the server.
 */
#ifndef CRK_KERNEL_PAYMENT_INDEX_H
#define CRK_KERNEL_PAYMENT_INDEX_H

#include "kernel/decimal.h"

/*
 * The slopes between the published anchors have the denominators 2, 3, 4 and
 * 7: in units of 1/84 every line has whole coefficients, and scores add up
 * without rounding.
 */
#define CRK_PAYMENT_INDEX_UNIT 84

/* Better than the best day is 100, worse than the worst day is 0. */
#define CRK_PAYMENT_INDEX_BEST_DAY	(-30)
#define CRK_PAYMENT_INDEX_WORST_DAY 180

/* Up to last_day: score * 84 = intercept - slope * days. */
typedef struct CrkPaymentIndexLine
{
	int last_day;
	int intercept;
	int slope;
} CrkPaymentIndexLine;

#define CRK_PAYMENT_INDEX_LINES 6

extern const CrkPaymentIndexLine crk_payment_index_lines[CRK_PAYMENT_INDEX_LINES];

/*
 * The score of days * 10^-scale as *score * 10^-scale / 84; 0 <= scale <= 30.
 */
extern void crk_payment_index_score(crk_int128 days, int scale,
									crk_int128 *score);

#endif /* CRK_KERNEL_PAYMENT_INDEX_H */
