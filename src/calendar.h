/*
 * calendar.h
 *	  Between the server's dates and the days of kernel/calendar.h.
 */
#ifndef CRK_CALENDAR_H
#define CRK_CALENDAR_H

#include "utils/date.h"

#include "kernel/calendar.h"

/* The kernel's day as a date; an error where the server has none. */
extern DateADT crk_date_from_day(int64_t day);

#endif /* CRK_CALENDAR_H */
