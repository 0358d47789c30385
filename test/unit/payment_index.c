/*
 * payment_index.c
 *	  The lines of the payment index against the published anchors.
 */

#include "kernel/payment_index.h"
#include "tap.h"

/* As published, and our continuation to zero at 180 days. */
static const struct
{
	int days;
	int index;
} anchors[] = {
	{ -30, 100 }, { -20, 90 }, { 0, 80 }, { 15, 70 }, { 22, 60 }, { 30, 50 }, { 60, 40 }, { 90, 30 }, { 120, 20 }, { 180, 0 }
};

#define ANCHORS ((int) (sizeof(anchors) / sizeof(anchors[0])))

int
main(void)
{
	const crk_int128 largest = (crk_int128) ((((unsigned __int128) 1) << 127) - 1);
	crk_int128 score;
	crk_int128 previous = 0;
	bool on_anchor = true;
	bool between = true;
	bool falling = true;
	int hundredths;
	int i;

	for (i = 0; i < ANCHORS; i++)
	{
		crk_payment_index_score(anchors[i].days, 0, &score);
		on_anchor = on_anchor && score == CRK_PAYMENT_INDEX_UNIT * anchors[i].index;
	}
	ok(on_anchor, "every anchor");

	/* Cross-multiplied interpolation: no division on either side. */
	i = 0;
	for (hundredths = -3000; hundredths <= 18000; hundredths++)
	{
		int64_t run;
		int64_t rise;

		while (i < ANCHORS - 2 && hundredths > 100 * anchors[i + 1].days)
			i++;
		run = anchors[i + 1].days - anchors[i].days;
		rise = anchors[i + 1].index - anchors[i].index;
		crk_payment_index_score(hundredths, 2, &score);
		between = between && score * run == CRK_PAYMENT_INDEX_UNIT *
												(100 * anchors[i].index * run + rise * (hundredths - 100 * anchors[i].days));
		falling = falling && (hundredths == -3000 || score < previous);
		previous = score;
	}
	ok(between, "every hundredth of a day between the anchors");
	ok(falling, "later is always lower");

	crk_payment_index_score(-31, 0, &score);
	ok(score == 8400, "100 before the first anchor");
	crk_payment_index_score(-largest, 0, &score);
	ok(score == 8400, "100 however early");
	crk_payment_index_score(181, 0, &score);
	ok(score == 0, "0 after the last");
	crk_payment_index_score(largest, 0, &score);
	ok(score == 0, "0 however late");
	crk_payment_index_score(1, 30, &score);
	ok(score == (crk_int128) 6720 * 1000000000000000 * 1000000000000000 - 56,
	   "thirty decimals");

	return finish_tests();
}
