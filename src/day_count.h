/*
 * day_count.h
 *	  The day count of an argument.
 */
#ifndef CRK_DAY_COUNT_H
#define CRK_DAY_COUNT_H

#include "fmgr.h"

#include "kernel/day_count.h"

/* The convention that a text argument names; an error that names the argument. */
extern CrkDayCount crk_argument_day_count(FunctionCallInfo fcinfo, int number, const char *name);

#endif /* CRK_DAY_COUNT_H */
