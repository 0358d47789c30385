/*
 * payment_index.c
 *	  The payment index: days beyond terms on a scale from 100 down to 0.
 */
#include "kernel/payment_index.h"

/*
 * Straight lines through the published anchors -30: 100, -20: 90, 0: 80,
 * 15: 70, 22: 60, 30: 50, 60: 40, 90: 30, 120: 20; the last four lie on one
 * line, and our convention beyond 120 days (one point per three days, down to
 * zero at 180) goes on along it.
 */
const CrkPaymentIndexLine crk_payment_index_lines[CRK_PAYMENT_INDEX_LINES] = {
	{ -20, 5880, 84 },
	{ 0, 6720, 42 },
	{ 15, 6720, 56 },
	{ 22, 7680, 120 },
	{ 30, 7350, 105 },
	{ CRK_PAYMENT_INDEX_WORST_DAY, 5040, 28 }
};

/*
 * Fractions of a day are welcome: an average of days has them.
 */
void
crk_payment_index_score(crk_int128 days, int scale, crk_int128 *score)
{
	crk_int128 one = 1;
	int line = 0;

	(void) crk_decimal_shift(&one, scale); /* 10^30 fits */
	if (days < CRK_PAYMENT_INDEX_BEST_DAY * one)
		days = CRK_PAYMENT_INDEX_BEST_DAY * one;
	if (days > CRK_PAYMENT_INDEX_WORST_DAY * one)
		days = CRK_PAYMENT_INDEX_WORST_DAY * one;
	while (days > crk_payment_index_lines[line].last_day * one)
		line++;
	*score = crk_payment_index_lines[line].intercept * one -
			 crk_payment_index_lines[line].slope * days;
}
