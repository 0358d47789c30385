/*
 * Unit tests of kernel/calendar.c and kernel/allocate.c: printed as TAP.
 */
#include "kernel/allocate.h"
#include "kernel/calendar.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static int64_t
day(int year, int month, int day_of_month)
{
	return crk_day_from_civil(year, month, day_of_month);
}

/*
 * A date one after the other, counted as a child counts, against both
 * directions of the arithmetic: 1600 to 2800.
 */
static bool
every_day_agrees(void)
{
	int64_t number = -146097;
	int year = 1600;
	int month = 1;
	int day_of_month = 1;

	while (year < 2800)
	{
		int64_t y;
		int m;
		int d;

		crk_civil_from_day(number, &y, &m, &d);
		if (y != year || m != month || d != day_of_month ||
			crk_day_from_civil(year, month, day_of_month) != number)
			return false;
		number++;
		if (++day_of_month > crk_month_length(year, month))
		{
			day_of_month = 1;
			if (++month > 12)
			{
				month = 1;
				year++;
			}
		}
	}
	return true;
}

/*
 * Law 7 of the reference, over 30 years of days.
 */
static bool
law_of_month_ends(void)
{
	for (int64_t start = day(1996, 1, 1); start < day(2026, 1, 1); start++)
		for (int days = 0; days <= 120; days += 5)
		{
			int64_t a = crk_due_net_eom(start, days);
			int64_t b = crk_due_eom_net(start, days);

			if (a < start + days || crk_month_end(b - days) != b - days ||
				crk_due_net_eom(start + 1, days) < a ||
				crk_due_eom_net(start + 1, days) < b ||
				crk_due_net_eom_day(start, days, 10) <= a ||
				crk_due_net_eom_day(start, days, 31) != crk_month_end(a + 1))
				return false;
		}
	return true;
}

/*
 * Law 8: the sum is exact and each part within one unit of its exact share.
 */
static bool
law_of_allocation(void)
{
	crk_int128 weights[7];
	crk_int128 parts[7];
	CrkRemainder scratch[7];

	srand(42);
	for (int run = 0; run < 20000; run++)
	{
		int count = 1 + rand() % 7;
		crk_int128 amount = (crk_int128) rand() * (run % 3 ? 1 : rand()) * (run % 2 ? 1 : -1);
		crk_int128 total = 0;
		crk_int128 sum = 0;

		for (int i = 0; i < count; i++)
			total += weights[i] = rand() % 1000;
		if (total == 0)
			continue;
		crk_allocate(amount, weights, count, parts, scratch);
		for (int i = 0; i < count; i++)
		{
			crk_int128 error = parts[i] * total - amount * weights[i];

			sum += parts[i];
			if (error <= -total || error >= total || (weights[i] == 0 && parts[i] != 0))
				return false;
		}
		if (sum != amount)
			return false;
	}
	return true;
}

int
main(void)
{
	crk_int128 weights[3] = { 70, 30, 0 };
	crk_int128 parts[3];
	CrkRemainder scratch[3];
	int32_t holidays[] = { 0, 0, 0 };

	ok(day(2000, 1, 1) == 0, "2000-01-01 is day 0");
	ok(day(1970, 1, 1) == -10957, "1970-01-01 is day -10957");
	ok(day(-4713, 11, 24) == CRK_DAY_MIN, "the server's first day");
	ok(day(5874898, 1, 1) == CRK_DAY_END, "the day behind the server's last");
	ok(crk_day_in_range(CRK_DAY_MIN) && !crk_day_in_range(CRK_DAY_MIN - 1) &&
		   crk_day_in_range(CRK_DAY_END - 1) && !crk_day_in_range(CRK_DAY_END),
	   "the range has these two ends");
	ok(every_day_agrees(), "every day from 1600 to 2799, both ways");

	ok(crk_add_months(day(2025, 1, 31), 1) == day(2025, 2, 28), "31 January + 1 month, common year");
	ok(crk_add_months(day(2024, 1, 31), 1) == day(2024, 2, 29), "31 January + 1 month, leap year");
	ok(crk_add_months(day(2024, 12, 31), 2) == day(2025, 2, 28), "over the end of the year");
	ok(crk_add_months(day(1999, 11, 30), 3) == day(2000, 2, 29), "into the leap year of a century");
	ok(crk_add_months(day(2025, 3, 31), -1) == day(2025, 2, 28), "backwards");

	ok(crk_due_net_eom(day(2025, 4, 10), 45) == day(2025, 5, 31), "10 April 2025, 45 A");
	ok(crk_due_net_eom(day(2025, 3, 10), 45) == day(2025, 4, 30), "10 March 2025, 45 A");
	ok(crk_due_eom_net(day(2025, 3, 10), 45) == day(2025, 5, 15), "10 March 2025, 45 B");
	ok(crk_due_net_eom(day(2023, 3, 15), 30) == day(2023, 4, 30), "15 March 2023, 30 A");
	ok(crk_due_eom_net(day(2023, 3, 10), 30) == day(2023, 4, 30), "10 March 2023, 30 B");
	ok(crk_due_net_eom(day(2025, 1, 10), 30) == day(2025, 2, 28), "10 January 2025, 30 A");
	ok(crk_due_eom_net(day(2025, 1, 10), 30) == day(2025, 3, 2), "10 January 2025, 30 B differs");
	ok(crk_due_net_eom(day(2024, 1, 14), 46) == day(2024, 2, 29), "14 January 2024, 46 A, leap");
	ok(crk_due_net_eom(day(2023, 1, 14), 46) == day(2023, 3, 31), "14 January 2023, 46 A");
	ok(crk_due_net_eom_day(day(2008, 4, 15), 30, 10) == day(2008, 6, 10), "15 April 2008, 30 A, the 10th");
	ok(crk_due_net_eom_day(day(2025, 1, 15), 0, 31) == day(2025, 2, 28), "the 31st in February is its last day");
	ok(crk_next_day_of_month(day(2025, 2, 27), 31) == day(2025, 2, 28), "the 31st, within February");
	ok(crk_next_day_of_month(day(2025, 2, 28), 30) == day(2025, 3, 30), "strictly after the last day");
	ok(crk_next_day_of_month(day(2025, 12, 10), 10) == day(2026, 1, 10), "strictly after, over the year");

	ok(crk_decade_end(day(2025, 3, 5)) == day(2025, 3, 10) &&
		   crk_decade_end(day(2025, 3, 10)) == day(2025, 3, 10) &&
		   crk_decade_end(day(2025, 3, 11)) == day(2025, 3, 20) &&
		   crk_decade_end(day(2025, 3, 21)) == day(2025, 3, 31) &&
		   crk_decade_end(day(2024, 2, 29)) == day(2024, 2, 29),
	   "ends of decades");
	ok(law_of_month_ends(), "law 7: month ends, both readings monotone");

	ok(crk_business_day(day(2025, 11, 30), CRK_BUSINESS_DAY_NONE, NULL, 0) == day(2025, 11, 30), "none");
	ok(crk_business_day(day(2025, 11, 30), CRK_BUSINESS_DAY_FOLLOWING, NULL, 0) == day(2025, 12, 1), "following");
	ok(crk_business_day(day(2025, 11, 30), CRK_BUSINESS_DAY_MODIFIED_FOLLOWING, NULL, 0) == day(2025, 11, 28), "modified following");
	ok(crk_business_day(day(2025, 11, 30), CRK_BUSINESS_DAY_PRECEDING, NULL, 0) == day(2025, 11, 28), "preceding");
	ok(crk_business_day(day(2025, 11, 22), CRK_BUSINESS_DAY_MODIFIED_FOLLOWING, NULL, 0) == day(2025, 11, 24), "modified following inside the month follows");
	holidays[0] = (int32_t) day(2025, 12, 25);
	holidays[1] = (int32_t) day(2025, 12, 26);
	holidays[2] = (int32_t) day(2026, 1, 1);
	ok(crk_business_day(day(2025, 12, 25), CRK_BUSINESS_DAY_FOLLOWING, holidays, 3) == day(2025, 12, 29), "holidays run into a weekend");
	ok(crk_business_day(day(2025, 12, 26), CRK_BUSINESS_DAY_PRECEDING, holidays, 3) == day(2025, 12, 24), "preceding over holidays");

	crk_allocate(5, weights, 2, parts, scratch);
	ok(parts[0] == 4 && parts[1] == 1, "5 cents by 70/30");
	crk_allocate(-5, weights, 3, parts, scratch);
	ok(parts[0] == -4 && parts[1] == -1 && parts[2] == 0, "a credit of 5 cents, and a weight of zero");
	weights[0] = weights[1] = weights[2] = 1;
	crk_allocate(10000, weights, 3, parts, scratch);
	ok(parts[0] == 3334 && parts[1] == 3333 && parts[2] == 3333, "100.00 in three: ties to the earlier");
	weights[0] = weights[1] = weights[2] = CRK_ALLOCATE_WEIGHT_LIMIT / 3;
	crk_allocate(((crk_int128) 1 << 126) + 1, weights, 3, parts, scratch);
	ok(parts[0] == parts[1] && parts[1] == parts[2] + 1 &&
		   parts[0] + parts[1] + parts[2] == ((crk_int128) 1 << 126) + 1,
	   "weights of 124 bits");
	ok(law_of_allocation(), "law 8: exact sum, parts within one unit");

	return finish_tests();
}
