/*
 * calendar.c
 *	  Due dates by days and month ends; business days.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "calendar.h"
#include "compat.h"

StaticAssertDecl(CRK_DAY_MIN == DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE,
				 "the kernel's first day is the server's");
StaticAssertDecl(CRK_DAY_END == DATE_END_JULIAN - POSTGRES_EPOCH_JDATE,
				 "the kernel's last day is the server's");

/*
 * The kernel counts in 64 bits and never fails; the server's dates end.
 */
DateADT
crk_date_from_day(int64_t day)
{
	if (!crk_day_in_range(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	return (DateADT) day;
}

/*
 * A negative delay is a mistake, never a date before the invoice.
 */
static void
crk_check_days(int32 days)
{
	if (days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("days must not be negative"),
				 errdetail("days is %d.", days)));
}

/*
 * The infinite dates stay what they are, as they do in the server's own
 * arithmetic: what starts never is due never.
 */
PG_FUNCTION_INFO_V1(crk_due_date_net);
Datum
crk_due_date_net(PG_FUNCTION_ARGS)
{
	DateADT start = PG_GETARG_DATEADT(0);
	int32 days = PG_GETARG_INT32(1);

	crk_check_days(days);
	if (DATE_NOT_FINITE(start))
		PG_RETURN_DATEADT(start);
	PG_RETURN_DATEADT(crk_date_from_day(crk_due_net(start, days)));
}

/*
 * Reading A of "N jours fin de mois".
 */
PG_FUNCTION_INFO_V1(crk_due_date_net_eom);
Datum
crk_due_date_net_eom(PG_FUNCTION_ARGS)
{
	DateADT start = PG_GETARG_DATEADT(0);
	int32 days = PG_GETARG_INT32(1);

	crk_check_days(days);
	if (DATE_NOT_FINITE(start))
		PG_RETURN_DATEADT(start);
	PG_RETURN_DATEADT(crk_date_from_day(crk_due_net_eom(start, days)));
}

/*
 * Reading B of "N jours fin de mois".
 */
PG_FUNCTION_INFO_V1(crk_due_date_eom_net);
Datum
crk_due_date_eom_net(PG_FUNCTION_ARGS)
{
	DateADT start = PG_GETARG_DATEADT(0);
	int32 days = PG_GETARG_INT32(1);

	crk_check_days(days);
	if (DATE_NOT_FINITE(start))
		PG_RETURN_DATEADT(start);
	PG_RETURN_DATEADT(crk_date_from_day(crk_due_eom_net(start, days)));
}

/*
 * "N jours fin de mois le k".
 */
PG_FUNCTION_INFO_V1(crk_due_date_net_eom_day);
Datum
crk_due_date_net_eom_day(PG_FUNCTION_ARGS)
{
	DateADT start = PG_GETARG_DATEADT(0);
	int32 days = PG_GETARG_INT32(1);
	int32 day_of_month = PG_GETARG_INT32(2);

	crk_check_days(days);
	if (day_of_month < 1 || day_of_month > 31)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("day_of_month must be between 1 and 31"),
				 errdetail("day_of_month is %d.", day_of_month)));
	if (DATE_NOT_FINITE(start))
		PG_RETURN_DATEADT(start);
	PG_RETURN_DATEADT(crk_date_from_day(crk_due_net_eom_day(start, days, day_of_month)));
}

/*
 * The convention by its name.
 */
static CrkBusinessDay
crk_business_day_convention(const char *name)
{
	if (pg_strcasecmp(name, "none") == 0)
		return CRK_BUSINESS_DAY_NONE;
	if (pg_strcasecmp(name, "following") == 0)
		return CRK_BUSINESS_DAY_FOLLOWING;
	if (pg_strcasecmp(name, "modified_following") == 0)
		return CRK_BUSINESS_DAY_MODIFIED_FOLLOWING;
	if (pg_strcasecmp(name, "preceding") == 0)
		return CRK_BUSINESS_DAY_PRECEDING;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown convention: \"%s\"", name),
			 errhint("Conventions are none, following, modified_following and preceding.")));
	return CRK_BUSINESS_DAY_NONE; /* not reached */
}

/*
 * For qsort; subtraction could overflow on infinite dates.
 */
static int
crk_day_compare(const void *left, const void *right)
{
	int32 a = *(const int32 *) left;
	int32 b = *(const int32 *) right;

	return a < b ? -1 : a > b;
}

/*
 * The holidays ascending, as the kernel wants them: an array that is so
 * already, the usual case, is only read.
 */
static int32_t *
crk_holidays(ArrayType *array, int *count)
{
	Datum *elements;
	bool *nulls;
	int length;
	int32_t *holidays;
	bool ascending = true;

	deconstruct_array(array, DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
					  &elements, &nulls, &length);
	holidays = palloc(sizeof(int32_t) * Max(length, 1));
	*count = 0;
	for (int i = 0; i < length; i++)
	{
		if (nulls[i])
			continue;
		holidays[*count] = DatumGetDateADT(elements[i]);
		if (*count > 0 && holidays[*count - 1] > holidays[*count])
			ascending = false;
		++*count;
	}
	if (!ascending)
		qsort(holidays, *count, sizeof(int32_t), crk_day_compare);
	return holidays;
}

/*
 * Contracts are not moved by weekends unless they say so: hence none is the
 * default, and costs nothing.
 */
PG_FUNCTION_INFO_V1(crk_adjust_business_day);
Datum
crk_adjust_business_day(PG_FUNCTION_ARGS)
{
	DateADT date = PG_GETARG_DATEADT(0);
	CrkBusinessDay convention =
		crk_business_day_convention(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	int32_t *holidays;
	int count;

	if (DATE_NOT_FINITE(date) || convention == CRK_BUSINESS_DAY_NONE)
		PG_RETURN_DATEADT(date);
	holidays = crk_holidays(PG_GETARG_ARRAYTYPE_P(2), &count);
	PG_RETURN_DATEADT(crk_date_from_day(crk_business_day(date, convention,
														 holidays, count)));
}
