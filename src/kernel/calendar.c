/*
 * calendar.c
 *	  Civil dates as whole days, and the date rules of trade credit.
 */
#include "kernel/calendar.h"

/* 2000-03-01 opens a cycle of 400 years, each year of it ending with February. */
#define CYCLE_START 60
#define CYCLE_DAYS	146097

/*
 * Division that rounds down: dates before 2000 are negative, and C rounds
 * towards zero.
 */
static int64_t
crk_floor_div(int64_t dividend, int64_t divisor)
{
	int64_t quotient = dividend / divisor;

	return quotient - (dividend % divisor < 0);
}

/*
 * A year that begins in March has its leap day at the end, and the lengths of
 * its months then follow one line: (153 * month + 2) / 5.
 */
int64_t
crk_day_from_civil(int64_t year, int month, int day_of_month)
{
	int64_t march_year = year - (month <= 2) - 2000;
	int64_t cycle = crk_floor_div(march_year, 400);
	int64_t year_of_cycle = march_year - cycle * 400;
	int day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day_of_month - 1;

	return CYCLE_START + cycle * CYCLE_DAYS + year_of_cycle * 365 +
		   year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
}

/*
 * The inverse.  The year is found by taking the leap days out of the day count
 * first; each term corrects the one before it.
 */
void
crk_civil_from_day(int64_t day, int64_t *year, int *month, int *day_of_month)
{
	int64_t cycle = crk_floor_div(day - CYCLE_START, CYCLE_DAYS);
	int64_t rest = day - CYCLE_START - cycle * CYCLE_DAYS;
	int64_t year_of_cycle = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int day_of_year = (int) (rest - (year_of_cycle * 365 +
									 year_of_cycle / 4 - year_of_cycle / 100));
	int march_month = (5 * day_of_year + 2) / 153;

	*day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = 2000 + cycle * 400 + year_of_cycle + (*month <= 2);
}

/*
 * Asked once, of a result: the steps on the way may pass beyond.
 */
bool
crk_day_in_range(int64_t day)
{
	return day >= CRK_DAY_MIN && day < CRK_DAY_END;
}

/*
 * 28 to 31.
 */
int
crk_month_length(int64_t year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return length[month - 1] + (month == 2 && leap);
}

/*
 * The last day of the day's month (fin de mois).
 */
int64_t
crk_month_end(int64_t day)
{
	int64_t year;
	int month;
	int day_of_month;

	crk_civil_from_day(day, &year, &month, &day_of_month);
	return day + crk_month_length(year, month) - day_of_month;
}

/*
 * The 10th, the 20th or the last day of the month: the decades in which
 * French periodic invoices of perishable goods are counted (fin de décade).
 */
int64_t
crk_decade_end(int64_t day)
{
	int64_t year;
	int month;
	int day_of_month;

	crk_civil_from_day(day, &year, &month, &day_of_month);
	if (day_of_month <= 10)
		return day + 10 - day_of_month;
	if (day_of_month <= 20)
		return day + 20 - day_of_month;
	return day + crk_month_length(year, month) - day_of_month;
}

/*
 * The same day so many months later, or the last day where the month is too
 * short: 31 January and one month is the last day of February.
 */
int64_t
crk_add_months(int64_t day, int64_t months)
{
	int64_t year;
	int month;
	int day_of_month;
	int length;

	crk_civil_from_day(day, &year, &month, &day_of_month);
	months += year * 12 + month - 1;
	year = crk_floor_div(months, 12);
	month = (int) (months - year * 12) + 1;
	length = crk_month_length(year, month);
	return crk_day_from_civil(year, month,
							  day_of_month < length ? day_of_month : length);
}

/*
 * The first such day of a month strictly after the day; a month that has no
 * such day gives its last one.
 */
int64_t
crk_next_day_of_month(int64_t day, int day_of_month)
{
	int64_t year;
	int month;
	int today;
	int length;
	int target;

	crk_civil_from_day(day, &year, &month, &today);
	length = crk_month_length(year, month);
	target = day_of_month < length ? day_of_month : length;
	if (target > today)
		return day + target - today;

	day += length - today + 1; /* the first of the next month */
	month = month % 12 + 1;
	year += month == 1;
	length = crk_month_length(year, month);
	return day + (day_of_month < length ? day_of_month : length) - 1;
}

/*
 * Net: 30 days are 30 days, never one month.
 */
int64_t
crk_due_net(int64_t start, int64_t days)
{
	return start + days;
}

/*
 * "N jours fin de mois", reading A: the days first, then the end of the month.
 */
int64_t
crk_due_net_eom(int64_t start, int64_t days)
{
	return crk_month_end(start + days);
}

/*
 * "N jours fin de mois", reading B: the end of the month first, then the days.
 */
int64_t
crk_due_eom_net(int64_t start, int64_t days)
{
	return crk_month_end(start) + days;
}

/*
 * "N jours fin de mois le k": after the end of the month, so never in the
 * month that the days led to.
 */
int64_t
crk_due_net_eom_day(int64_t start, int64_t days, int day_of_month)
{
	return crk_next_day_of_month(crk_due_net_eom(start, days), day_of_month);
}

/*
 * Is it a Saturday, a Sunday or a holiday?  2000-01-01 was a Saturday.
 */
static bool
crk_day_closed(int64_t day, const int32_t *holidays, int count)
{
	int low = 0;
	int high = count;

	if (day - crk_floor_div(day, 7) * 7 < 2)
		return true;
	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (holidays[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && holidays[low] == day;
}

/*
 * Contracts are not moved by weekends unless they say so, hence the caller
 * names a convention.  The walk ends: the holidays are finitely many.
 */
int64_t
crk_business_day(int64_t day, CrkBusinessDay convention,
				 const int32_t *holidays, int count)
{
	int64_t adjusted = day;

	if (convention == CRK_BUSINESS_DAY_NONE)
		return day;

	if (convention != CRK_BUSINESS_DAY_PRECEDING)
	{
		while (crk_day_closed(adjusted, holidays, count))
			adjusted++;
		if (convention == CRK_BUSINESS_DAY_FOLLOWING ||
			adjusted <= crk_month_end(day))
			return adjusted;
		adjusted = day;
	}

	while (crk_day_closed(adjusted, holidays, count))
		adjusted--;
	return adjusted;
}
