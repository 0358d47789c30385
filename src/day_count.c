/*
 * day_count.c
 *	  Days and parts of years between two dates, by convention.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"
#include "day_count.h"

/*
 * A convention that is not known is never guessed: it decides what is owed.
 */
CrkDayCount
crk_argument_day_count(FunctionCallInfo fcinfo, int number, const char *name)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(number));
	CrkDayCount convention;

	if (!crk_day_count_find(word, &convention))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s \"%s\" is not known", name, word),
				 errhint("Day counts are " CRK_DAY_COUNT_NAMES ".")));
	return convention;
}

/*
 * The whole range of dates fits: it is less than 2^31 days wide.
 */
PG_FUNCTION_INFO_V1(crk_day_count_days);
Datum
crk_day_count_days(PG_FUNCTION_ARGS)
{
	DateADT start = crk_argument_date(fcinfo, 0, "start_date");
	DateADT end = crk_argument_date(fcinfo, 1, "end_date");
	CrkDayCount convention = crk_argument_day_count(fcinfo, 2, "convention");

	PG_RETURN_INT32((int32) crk_day_count(start, end, convention));
}

/*
 * Binary floating point: a factor for models.  Money is not computed with it.
 */
PG_FUNCTION_INFO_V1(crk_years_between);
Datum
crk_years_between(PG_FUNCTION_ARGS)
{
	DateADT start = crk_argument_date(fcinfo, 0, "start_date");
	DateADT end = crk_argument_date(fcinfo, 1, "end_date");
	CrkDayCount convention = crk_argument_day_count(fcinfo, 2, "convention");

	PG_RETURN_FLOAT8(crk_year_fraction(start, end, convention));
}
