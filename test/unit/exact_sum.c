/*
 * exact_sum.c
 *	  Sums of mixed scales: exact, in any order, and refused rather than wrong.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/exact_sum.h"
#include "tap.h"

static bool
shows(const CrkExactSum *sum, const char *expected)
{
	char buffer[CRK_DECIMAL_STRING_SIZE];

	crk_decimal_to_string(sum->value, sum->scale, 0, buffer);
	if (strcmp(buffer, expected) == 0)
		return true;
	printf("# have %s, want %s\n", buffer, expected);
	return false;
}

/* The next of a fixed series of numbers. */
static uint64_t
next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

#define MANY 1000

int
main(void)
{
	const crk_int128 largest = (crk_int128) ((((unsigned __int128) 1) << 127) - 1);
	CrkExactSum sum = { 0 };
	CrkExactSum before;
	CrkExactSum backwards = { 0 };
	crk_int128 product;
	crk_int128 units = 0;
	uint64_t state = 42;
	int64_t values[MANY];
	int scales[MANY];
	int i;
	bool added = true;

	ok(crk_exact_sum_add(&sum, 1234, 2) && shows(&sum, "12.34"), "a first value");
	ok(crk_exact_sum_add(&sum, -5, 0) && shows(&sum, "7.34"), "a coarser one");
	ok(crk_exact_sum_add(&sum, 1, 6) && shows(&sum, "7.340001"), "a finer one");
	ok(crk_exact_sum_add(&sum, 1, 30) && shows(&sum, "7.340001000000000000000000000001"), "the finest");
	before = sum;
	ok(!crk_exact_sum_add(&sum, 1, 31) && !crk_exact_sum_add(&sum, 1, -1), "scales beyond are refused");
	ok(!crk_exact_sum_add(&sum, largest, 0), "a value that does not fit at the sum's scale is refused");
	ok(!crk_exact_sum_add(&sum, largest, 30), "a sum that does not fit is refused");
	ok(memcmp(&sum, &before, sizeof(sum)) == 0, "and the sum is as it was");

	memset(&sum, 0, sizeof(sum));
	ok(crk_exact_sum_add(&sum, largest, 0) && !crk_exact_sum_add(&sum, 1, 1), "a full sum takes no finer value");
	ok(sum.value == largest && sum.scale == 0, "and keeps its scale");
	ok(crk_exact_sum_add(&sum, -largest, 0) && crk_exact_sum_add(&sum, 1, 1) && shows(&sum, "0.1"),
	   "an emptied sum takes it");

	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < MANY; i++)
	{
		int digits;
		crk_int128 unit;

		scales[i] = (int) (next(&state) % 10);
		values[i] = (int64_t) next(&state) - (INT64_C(1) << 30);
		unit = values[i];
		for (digits = scales[i]; digits < 9; digits++)
			unit *= 10;
		units += unit;
		added = added && crk_exact_sum_add(&sum, values[i], scales[i]);
	}
	for (i = MANY - 1; i >= 0; i--)
		added = added && crk_exact_sum_add(&backwards, values[i], scales[i]);
	ok(added && sum.scale == 9 && sum.value == units, "a thousand mixed values, counted in their smallest unit");
	ok(sum.value == backwards.value && sum.scale == backwards.scale, "and backwards");

	ok(crk_exact_multiply(-3, 7, &product) && product == -21, "a product");
	ok(crk_exact_multiply(largest, -1, &product) && product == -largest, "the largest product");
	product = 5;
	ok(!crk_exact_multiply(largest, 2, &product) && product == 5, "a product that does not fit is refused");

	return finish_tests();
}
