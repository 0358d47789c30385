/*
 * late_rate.c
 *	  The statutory rates of late-payment interest: which reference rate and
 *	  which margin a regime takes on which day.
 *
 * The figures are rows of reference_rate; only the rules are here.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "argument.h"
#include "calendar.h"
#include "compat.h"

/*
 * The reference is that of the first day of the half-year, or of the day
 * before it.  A fixed rate stays that of the day on which interest starts.
 */
typedef struct Regime
{
	const char *name;
	const char *reference;
	const char *margin;
	bool day_before;
	bool fixed;
} Regime;

static const Regime regimes[] = {
	{ "FR", "ecb_mro", "margin_FR", false, false },
	{ "EU", "ecb_mro", "margin_EU", false, false },
	{ "UK", "boe_bank_rate", "margin_UK", true, true },
	{ "FR_PUBLIC", "ecb_mro", "margin_FR_PUBLIC", false, true }
};

/* One series, ascending, one rate a day. */
typedef struct Rate
{
	int32 day;
	int32 place; /* in the array: the first of a day counts */
	Numeric pct;
} Rate;

typedef struct Series
{
	int count;
	Rate *rates;
} Series;

/* The statutory rate of a stretch of days. */
typedef struct Step
{
	int64 since;
	const Rate *reference;
	const Rate *margin; /* NULL before the regime */
	Numeric pct;		/* NULL likewise */
} Step;

/* The steps from one day to another, one at a time. */
typedef struct Steps
{
	const Regime *regime;
	Series references;
	Series margins;
	int64 next;
	int64 last;
} Steps;

/*
 * What is owed by law depends on the regime, so an unknown word is no default.
 */
static const Regime *
argument_regime(FunctionCallInfo fcinfo, int number)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(number));

	for (int i = 0; i < lengthof(regimes); i++)
		if (pg_strcasecmp(word, regimes[i].name) == 0)
			return &regimes[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("regime \"%s\" is not known", word),
			 errhint("Regimes are FR, EU, UK and FR_PUBLIC.")));
	pg_unreachable();
}

/*
 * 1 January or 1 July.
 */
static int64
half_year_start(int64 day)
{
	int64_t year;
	int month;
	int day_of_month;

	crk_civil_from_day(day, &year, &month, &day_of_month);
	return crk_day_from_civil(year, month <= 6 ? 1 : 7, 1);
}

/*
 * By day; within a day as given.
 */
static int
rate_compare(const void *left, const void *right)
{
	const Rate *a = left;
	const Rate *b = right;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

/*
 * The rates of one name out of the three arrays.  The first of a day counts,
 * so that somebody's own rates may stand before those of the release.
 */
static Series
pick_series(const char *name, const CrkTextArray *names, const CrkIntegerArray *days,
			const CrkNumericArray *pcts)
{
	size_t length = strlen(name);
	Series result = { 0 };
	int count = 0;
	bool ascending = true;

	result.rates = palloc(sizeof(Rate) * Max(names->length, 1));
	for (int i = 0; i < names->length; i++)
	{
		if (VARSIZE_ANY_EXHDR(names->values[i]) != length ||
			memcmp(VARDATA_ANY(names->values[i]), name, length) != 0)
			continue;
		if (count > 0 && days->values[i] <= result.rates[count - 1].day)
			ascending = false;
		result.rates[count].day = days->values[i];
		result.rates[count].place = i;
		result.rates[count].pct = pcts->values[i];
		count++;
	}
	if (!ascending)
		qsort(result.rates, count, sizeof(Rate), rate_compare);
	for (int i = 0; i < count; i++)
		if (i == 0 || result.rates[i].day != result.rates[i - 1].day)
			result.rates[result.count++] = result.rates[i];
	return result;
}

/*
 * The rate in force on a day: the last one that is effective by then.
 */
static const Rate *
rate_in_force(const Series *series, int64 day)
{
	int low = 0;
	int high = series->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (series->rates[middle].day <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &series->rates[low - 1] : NULL;
}

/*
 * Read the arguments regime, from_date, to_date and, from `arrays` on, the
 * three arrays.
 */
static void
steps_begin(FunctionCallInfo fcinfo, Steps *steps, int from, int arrays)
{
	CrkTextArray names = crk_argument_texts(fcinfo, arrays, "series");
	CrkIntegerArray days = crk_argument_dates(fcinfo, arrays + 1, "effective_on");
	CrkNumericArray pcts = crk_argument_numerics(fcinfo, arrays + 2, "series_pct");

	crk_argument_same_length("series", names.length, "effective_on", days.length);
	crk_argument_same_length("series", names.length, "series_pct", pcts.length);
	steps->regime = argument_regime(fcinfo, 0);
	steps->references = pick_series(steps->regime->reference, &names, &days, &pcts);
	steps->margins = pick_series(steps->regime->margin, &names, &days, &pcts);
	steps->next = half_year_start(crk_argument_date(fcinfo, from, "from_date"));
	steps->last = crk_argument_date(fcinfo, from + 1, "to_date");
	/* Nothing to tell before the first rate: do not walk there. */
	if (steps->references.count > 0 && steps->references.rates[0].day > steps->next &&
		!DATE_NOT_FINITE(steps->references.rates[0].day))
		steps->next = half_year_start(steps->references.rates[0].day);
}

/*
 * A step begins with a half-year or with another margin: the law may change
 * within a half-year.  Half-years without a reference rate are passed over.
 */
static bool
steps_next(Steps *steps, Step *step)
{
	while (steps->references.count > 0 && steps->next <= steps->last)
	{
		int64 start = half_year_start(steps->next);

		CHECK_FOR_INTERRUPTS();
		step->since = steps->next;
		step->reference = rate_in_force(&steps->references, start - steps->regime->day_before);
		step->margin = rate_in_force(&steps->margins, step->since);
		step->pct = step->reference != NULL && step->margin != NULL ? crk_numeric_add(step->reference->pct, step->margin->pct) : NULL;

		steps->next = half_year_start(start + 190);
		for (int i = 0; i < steps->margins.count; i++)
			if (steps->margins.rates[i].day > step->since)
			{
				steps->next = Min(steps->next, steps->margins.rates[i].day);
				break;
			}
		if (step->reference != NULL)
			return true;
	}
	return false;
}

/*
 * For whoever gathers the rates: which series a regime needs.
 */
PG_FUNCTION_INFO_V1(crk_late_regime);
Datum
crk_late_regime(PG_FUNCTION_ARGS)
{
	const Regime *regime = argument_regime(fcinfo, 0);
	TupleDesc tupdesc;
	Datum values[4];
	bool nulls[4] = { false };

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = CStringGetTextDatum(regime->reference);
	values[1] = CStringGetTextDatum(regime->margin);
	values[2] = BoolGetDatum(regime->day_before);
	values[3] = BoolGetDatum(regime->fixed);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}

/*
 * The law counts these rates by half-years.
 */
PG_FUNCTION_INFO_V1(crk_half_year_start);
Datum
crk_half_year_start(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(crk_date_from_day(half_year_start(crk_argument_date(fcinfo, 0, "on_date"))));
}

/*
 * The steps as rows, with what each is made of.
 */
PG_FUNCTION_INFO_V1(crk_late_statutory_rates);
Datum
crk_late_statutory_rates(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Steps steps;
	Step step;

	steps_begin(fcinfo, &steps, 1, 3);
	InitMaterializedSRF(fcinfo, 0);
	while (steps_next(&steps, &step))
	{
		Datum values[5] = { 0 };
		bool nulls[5] = { false };

		values[0] = DateADTGetDatum(crk_date_from_day(step.since));
		values[1] = DateADTGetDatum(step.reference->day);
		values[2] = NumericGetDatum(step.reference->pct);
		nulls[3] = nulls[4] = step.pct == NULL;
		if (step.pct != NULL)
		{
			values[3] = NumericGetDatum(step.margin->pct);
			values[4] = NumericGetDatum(step.pct);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The steps as two arrays, for the functions that compute interest.  A rate by
 * contract is one step that has always been there.  Without dates there are no
 * steps, and whoever is given the dates refuses them.
 */
PG_FUNCTION_INFO_V1(crk_late_rate_steps);
Datum
crk_late_rate_steps(PG_FUNCTION_ARGS)
{
	TupleDesc tupdesc;
	Datum values[3];
	bool nulls[3] = { false };
	Datum *since;
	Datum *pcts;
	int room = 8;
	int count = 0;
	bool fixed;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	fixed = argument_regime(fcinfo, 0)->fixed;
	since = palloc(sizeof(Datum) * room);
	pcts = palloc(sizeof(Datum) * room);
	if (!PG_ARGISNULL(1))
	{
		since[0] = DateADTGetDatum(DATEVAL_NOBEGIN);
		pcts[0] = NumericGetDatum(crk_argument_numeric(fcinfo, 1, "rate_pct"));
		count = 1;
	}
	else if (!PG_ARGISNULL(2) && !PG_ARGISNULL(3) && !PG_ARGISNULL(4) && !PG_ARGISNULL(5) && !PG_ARGISNULL(6))
	{
		Steps steps;
		Step step;

		steps_begin(fcinfo, &steps, 2, 4);
		while (steps_next(&steps, &step))
		{
			if (step.pct == NULL)
				continue;
			if (count == room)
			{
				room *= 2;
				since = repalloc(since, sizeof(Datum) * room);
				pcts = repalloc(pcts, sizeof(Datum) * room);
			}
			since[count] = DateADTGetDatum(crk_date_from_day(step.since));
			pcts[count++] = NumericGetDatum(step.pct);
		}
	}
	values[0] = PointerGetDatum(construct_array(since, count, DATEOID, sizeof(DateADT), true, TYPALIGN_INT));
	values[1] = PointerGetDatum(construct_array(pcts, count, NUMERICOID, -1, false, TYPALIGN_INT));
	values[2] = BoolGetDatum(fixed);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}
