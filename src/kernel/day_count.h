/*
 * day_count.h
 *	  Day counts: how many days, and which part of a year, lie between two
 *	  dates by the conventions of contracts and of law.
 *
 * Days are those of kernel/calendar.h.
 */
#ifndef CRK_KERNEL_DAY_COUNT_H
#define CRK_KERNEL_DAY_COUNT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum CrkDayCount
{
	CRK_ACT_365F,  /* actual days, years of 365, leap years too */
	CRK_ACT_360,   /* actual days, years of 360 */
	CRK_ACT_ACT,   /* actual days, each in its own year's length (ISDA) */
	CRK_30E_360,   /* months of 30: a 31st is a 30th */
	CRK_30_360_US, /* the same with the rules of bonds, February among them */
	CRK_30_360_SIA /* the same without February */
} CrkDayCount;

/* The names, for messages. */
#define CRK_DAY_COUNT_NAMES "act/365f, act/360, act/act, 30e/360, 30/360 us and 30/360 sia"

/* The convention of a name, in any case of letters; false if it is none. */
extern bool crk_day_count_find(const char *name, CrkDayCount *convention);

/* Days from start to end; minus the days from end to start if end is earlier. */
extern int64_t crk_day_count(int64_t start, int64_t end, CrkDayCount convention);

/* How many of the days start, start + 1, ..., end - 1 lie in leap years. */
extern int64_t crk_leap_days(int64_t start, int64_t end);

/* The years from start to end, as a fraction with the sign of the days. */
extern double crk_year_fraction(int64_t start, int64_t end, CrkDayCount convention);

#endif /* CRK_KERNEL_DAY_COUNT_H */
