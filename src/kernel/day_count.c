/*
 * day_count.c
 *	  Day counts: how many days, and which part of a year, lie between two
 *	  dates by the conventions of contracts and of law.
 */
#include "kernel/day_count.h"

#include "kernel/calendar.h"

#include <stddef.h>

/*
 * Names are written in both cases in contracts; the locale has no say.
 */
static bool
same_name(const char *name, const char *lower)
{
	for (; *name != '\0' && *lower != '\0'; name++, lower++)
	{
		char letter = *name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name;

		if (letter != *lower)
			return false;
	}
	return *name == *lower;
}

/*
 * In the order of the enumeration.
 */
bool
crk_day_count_find(const char *name, CrkDayCount *convention)
{
	static const char *const names[] = {
		"act/365f", "act/360", "act/act", "30e/360", "30/360 us", "30/360 sia"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (same_name(name, names[i]))
		{
			*convention = (CrkDayCount) i;
			return true;
		}
	return false;
}

/*
 * Months of thirty days.  What a 31st becomes, and the end of February, is all
 * that the three conventions differ in; the order of the rules is part of them.
 */
static int64_t
thirty_day_months(int64_t start, int64_t end, CrkDayCount convention)
{
	int64_t year1, year2;
	int month1, month2;
	int day1, day2;

	crk_civil_from_day(start, &year1, &month1, &day1);
	crk_civil_from_day(end, &year2, &month2, &day2);
	if (convention == CRK_30E_360)
	{
		if (day1 == 31)
			day1 = 30;
		if (day2 == 31)
			day2 = 30;
	}
	else
	{
		if (convention == CRK_30_360_US && month1 == 2 && day1 == crk_month_length(year1, 2))
		{
			if (month2 == 2 && day2 == crk_month_length(year2, 2))
				day2 = 30;
			day1 = 30;
		}
		if (day2 == 31 && day1 >= 30)
			day2 = 30;
		if (day1 == 31)
			day1 = 30;
	}
	return 360 * (year2 - year1) + 30 * (month2 - month1) + (day2 - day1);
}

/*
 * The rules of months look at the start first, so a span that runs backwards
 * is counted forwards: then both directions have the same length.
 */
int64_t
crk_day_count(int64_t start, int64_t end, CrkDayCount convention)
{
	switch (convention)
	{
		case CRK_ACT_365F:
		case CRK_ACT_360:
		case CRK_ACT_ACT:
			return end - start;
		case CRK_30E_360:
		case CRK_30_360_US:
		case CRK_30_360_SIA:
			break;
	}
	return start <= end ? thirty_day_months(start, end, convention) : -thirty_day_months(end, start, convention);
}

/*
 * Division that rounds down, for years before the first.
 */
static int64_t
floor_div(int64_t dividend, int64_t divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

/*
 * The days of leap years before this one, counted from a fixed day: what two
 * calls differ by is the number between them.
 */
static int64_t
leap_days_before(int64_t day)
{
	int64_t year;
	int month;
	int day_of_month;
	int64_t before;

	crk_civil_from_day(day, &year, &month, &day_of_month);
	before = floor_div(year - 1, 4) - floor_div(year - 1, 100) + floor_div(year - 1, 400);
	return 366 * before +
		   (crk_month_length(year, 2) == 29 ? day - crk_day_from_civil(year, 1, 1) : 0);
}

/*
 * Negative where end is before start, like the day count.
 */
int64_t
crk_leap_days(int64_t start, int64_t end)
{
	return leap_days_before(end) - leap_days_before(start);
}

/*
 * One division where years have one length, two where they do not.
 */
double
crk_year_fraction(int64_t start, int64_t end, CrkDayCount convention)
{
	int64_t days = crk_day_count(start, end, convention);

	if (convention == CRK_ACT_365F)
		return days / 365.0;
	if (convention == CRK_ACT_ACT)
	{
		int64_t leap = crk_leap_days(start, end);

		return (days - leap) / 365.0 + leap / 366.0;
	}
	return days / 360.0;
}
