/*
 * calendar.h
 *	  Civil dates as whole days, and the date rules of trade credit.
 *
 * A day is counted from 2000-01-01, as the server counts its dates, in the
 * proleptic Gregorian calendar.  Results are 64 bits wide and may leave the
 * server's range: the caller asks crk_day_in_range() once, at the end.
 */
#ifndef CRK_KERNEL_CALENDAR_H
#define CRK_KERNEL_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* The server's dates: 4713-11-24 BC up to, not including, 5874898-01-01. */
#define CRK_DAY_MIN INT64_C(-2451545)
#define CRK_DAY_END INT64_C(2145031949)

typedef enum CrkBusinessDay
{
	CRK_BUSINESS_DAY_NONE,
	CRK_BUSINESS_DAY_FOLLOWING,
	CRK_BUSINESS_DAY_MODIFIED_FOLLOWING,
	CRK_BUSINESS_DAY_PRECEDING
} CrkBusinessDay;

/* Years are astronomical: 0 is 1 BC. */
extern int64_t crk_day_from_civil(int64_t year, int month, int day_of_month);
extern void crk_civil_from_day(int64_t day, int64_t *year, int *month,
							   int *day_of_month);
extern bool crk_day_in_range(int64_t day);
extern int crk_month_length(int64_t year, int month);

extern int64_t crk_month_end(int64_t day);
extern int64_t crk_decade_end(int64_t day);
extern int64_t crk_add_months(int64_t day, int64_t months);
extern int64_t crk_next_day_of_month(int64_t day, int day_of_month);

extern int64_t crk_due_net(int64_t start, int64_t days);
extern int64_t crk_due_net_eom(int64_t start, int64_t days);
extern int64_t crk_due_eom_net(int64_t start, int64_t days);
extern int64_t crk_due_net_eom_day(int64_t start, int64_t days,
								   int day_of_month);

/* holidays ascending; Saturday and Sunday are closed without being listed. */
extern int64_t crk_business_day(int64_t day, CrkBusinessDay convention,
								const int32_t *holidays, int count);

#endif /* CRK_KERNEL_CALENDAR_H */
