/*
 * Unit tests of kernel/day_count.c: printed as TAP.
 */
#include "kernel/calendar.h"
#include "kernel/day_count.h"
#include "tap.h"

#include <math.h>

static int64_t
day(int year, int month, int day_of_month)
{
	return crk_day_from_civil(year, month, day_of_month);
}

/*
 * The leap days of a span, one day after the other.
 */
static bool
leap_days_agree(void)
{
	int64_t first = day(-5, 1, 1);
	int64_t counted = 0;

	for (int64_t today = first; today < day(2405, 1, 1); today++)
	{
		int64_t year;
		int month;
		int day_of_month;

		if (crk_leap_days(first, today) != counted || crk_leap_days(today, first) != -counted)
			return false;
		crk_civil_from_day(today, &year, &month, &day_of_month);
		counted += crk_month_length(year, 2) == 29;
	}
	return true;
}

/*
 * A longer delay never has fewer days, both directions are equally long, and a
 * whole year has the convention's length.
 */
static bool
law_of_days(void)
{
	for (int convention = CRK_ACT_365F; convention <= CRK_30_360_SIA; convention++)
		for (int64_t start = day(2023, 1, 1); start < day(2025, 4, 1); start++)
		{
			int64_t before = 0;

			for (int64_t end = start; end < start + 800; end++)
			{
				int64_t days = crk_day_count(start, end, convention);

				if (days < before || days > before + 3 ||
					crk_day_count(end, start, convention) != -days ||
					crk_year_fraction(end, start, convention) != -crk_year_fraction(start, end, convention))
					return false;
				if (convention <= CRK_ACT_ACT && days != end - start)
					return false;
				before = days;
			}
		}
	return true;
}

/*
 * 30E/360 is a difference of two numbers, so that it splits without loss.
 */
static bool
european_months_split(void)
{
	for (int64_t start = day(2023, 12, 1); start < day(2024, 4, 1); start++)
		for (int64_t middle = start; middle < start + 70; middle++)
			for (int64_t end = middle; end < middle + 70; end++)
				if (crk_day_count(start, middle, CRK_30E_360) + crk_day_count(middle, end, CRK_30E_360) !=
					crk_day_count(start, end, CRK_30E_360))
					return false;
	return true;
}

int
main(void)
{
	CrkDayCount convention = CRK_ACT_365F;

	ok(crk_day_count_find("act/365f", &convention) && convention == CRK_ACT_365F, "act/365f");
	ok(crk_day_count_find("ACT/360", &convention) && convention == CRK_ACT_360, "ACT/360");
	ok(crk_day_count_find("Act/Act", &convention) && convention == CRK_ACT_ACT, "Act/Act");
	ok(crk_day_count_find("30E/360", &convention) && convention == CRK_30E_360, "30E/360");
	ok(crk_day_count_find("30/360 US", &convention) && convention == CRK_30_360_US, "30/360 US");
	ok(crk_day_count_find("30/360 sia", &convention) && convention == CRK_30_360_SIA, "30/360 sia");
	ok(!crk_day_count_find("", &convention) && !crk_day_count_find("act/365", &convention) &&
		   !crk_day_count_find("30/360 us ", &convention) && !crk_day_count_find("act/365ff", &convention),
	   "nothing else is a name");

	ok(crk_day_count(day(2025, 1, 31), day(2025, 2, 28), CRK_ACT_365F) == 28, "31 January to 28 February, actual");
	ok(crk_day_count(day(2025, 1, 31), day(2025, 2, 28), CRK_30E_360) == 28, "the same, 30E/360");
	ok(crk_day_count(day(2025, 1, 31), day(2025, 2, 28), CRK_30_360_US) == 28, "the same, 30/360 US");
	ok(crk_day_count(day(2024, 2, 29), day(2024, 3, 31), CRK_30E_360) == 31, "29 February to 31 March, 30E/360");
	ok(crk_day_count(day(2024, 2, 29), day(2024, 3, 31), CRK_30_360_US) == 30, "the same, 30/360 US");
	ok(crk_day_count(day(2024, 2, 29), day(2024, 3, 31), CRK_30_360_SIA) == 32, "the same, 30/360 SIA");
	ok(crk_day_count(day(2024, 2, 29), day(2025, 2, 28), CRK_30_360_US) == 360, "last of February to last of February");
	ok(crk_day_count(day(2024, 2, 28), day(2024, 3, 1), CRK_30_360_US) == 3, "28 February of a leap year is not its last");
	ok(crk_day_count(day(2024, 1, 15), day(2024, 1, 31), CRK_30E_360) == 15, "15th to 31st, 30E/360");
	ok(crk_day_count(day(2024, 1, 15), day(2024, 1, 31), CRK_30_360_US) == 16, "15th to 31st, 30/360 US");
	ok(crk_day_count(CRK_DAY_MIN, CRK_DAY_END - 1, CRK_ACT_360) == CRK_DAY_END - 1 - CRK_DAY_MIN, "from the first day to the last");

	ok(fabs(crk_year_fraction(day(2024, 1, 1), day(2025, 1, 1), CRK_ACT_365F) - 366 / 365.0) < 1e-15, "a leap year, act/365f");
	ok(crk_year_fraction(day(2024, 1, 1), day(2025, 1, 1), CRK_ACT_ACT) == 1, "a leap year, act/act");
	ok(fabs(crk_year_fraction(day(2003, 11, 1), day(2004, 5, 1), CRK_ACT_ACT) - (61 / 365.0 + 121 / 366.0)) < 1e-15, "over the turn of the year");
	ok(crk_year_fraction(day(2024, 1, 1), day(2025, 1, 1), CRK_30E_360) == 1, "a leap year, 30E/360");

	ok(leap_days_agree(), "leap days of 24 centuries");
	ok(law_of_days(), "days do not run backwards");
	ok(european_months_split(), "30E/360 splits without loss");

	return finish_tests();
}
