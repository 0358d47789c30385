/*
 * late_interest.c
 *	  Late-payment interest: simple, day by day, over (due, paid], at rates that
 *	  may change, on a principal that payments reduce.
 *
 * Figures are exact.  A year of 365 days is 5 * 73 and one of 360 is 40 * 9, so
 * that all that a decimal cannot say is a power of 73, of 9, or of 73 * 183
 * where years differ: an amount is a numeric over such a power, and is divided
 * once, when it is shown.
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "day_count.h"
#include "decimal.h"

/* Each rate holds from its day to the next one's; a fixed one for good. */
typedef struct Rates
{
	CrkIntegerArray from;
	CrkNumericArray pct;
	bool fixed;
} Rates;

/*
 * principal * rate in percent * weight * factor / prime is the interest of so
 * many weighted days.
 */
typedef struct Year
{
	CrkDayCount convention;
	Numeric factor;
	Numeric prime;
} Year;

/* number / prime ^ power */
typedef struct Exact
{
	Numeric number;
	int power;
} Exact;

/* What was paid on a day. */
typedef struct Payment
{
	DateADT day;
	Numeric amount;
} Payment;

typedef struct Debt
{
	Year year;
	Exact principal;
	Exact interest; /* run up and not paid */
	bool interest_first;
	Numeric *powers; /* of the prime, as far as they were needed */
	int power_count;
	MemoryContext context; /* where they live */
} Debt;

/*
 * The rates, checked once: an order that is not ascending would pick the wrong
 * one without a word.
 */
static Rates
argument_rates(FunctionCallInfo fcinfo, int from)
{
	Rates rates;

	rates.from = crk_argument_dates(fcinfo, from, "rate_from");
	rates.pct = crk_argument_numerics(fcinfo, from + 1, "rate_pct");
	rates.fixed = PG_GETARG_BOOL(from + 2);
	crk_argument_same_length("rate_from", rates.from.length, "rate_pct", rates.pct.length);
	for (int i = 0; i < rates.from.length; i++)
	{
		if (i > 0 && rates.from.values[i] <= rates.from.values[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rate_from must ascend"),
					 errdetail("Element %d is not later than the one before it.", i + 1)));
		if (crk_numeric_sign(rates.pct.values[i]) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rate_pct must not be negative"),
					 errdetail("The value is %s.",
							   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(rates.pct.values[i]))))));
	}
	return rates;
}

/*
 * A date for a message.
 */
static char *
date_text(DateADT date)
{
	return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(date)));
}

/*
 * The place of the rate of a day.  None is an error and not zero: interest that
 * is left out looks like interest that is not owed.
 */
static int
rate_of_day(const Rates *rates, DateADT day)
{
	int low = 0;
	int high = rates->from.length;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (rates->from.values[middle] <= day)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no rate is known for %s", date_text(day)),
				 rates->from.length == 0 ? errdetail("No rate is given for that time.") : errdetail("The rates begin on %s.", date_text(rates->from.values[0])),
				 errhint("Give a rate, or add earlier ones.")));
	return low - 1;
}

/*
 * The last day of the rate at this place, or `until` if it holds longer.
 */
static DateADT
rate_end(const Rates *rates, int place, DateADT until)
{
	if (!rates->fixed && place + 1 < rates->from.length && rates->from.values[place + 1] <= until)
		return rates->from.values[place + 1] - 1;
	return until;
}

static Numeric
decimal(int64 value, int scale)
{
	return DatumGetNumeric(crk_numeric_make(value, scale, scale));
}

/*
 * 1 / 36500 = 0.002 / 73, 1 / 36000 = 0.00025 / 9, and 1 / (100 * 365 * 366) =
 * 0.001 / 13359.
 */
static Year
year_of(CrkDayCount convention)
{
	Year year = { convention, NULL, NULL };

	if (convention == CRK_ACT_365F)
	{
		year.factor = decimal(2, 3);
		year.prime = int64_to_numeric(73);
	}
	else if (convention == CRK_ACT_ACT)
	{
		year.factor = decimal(1, 3);
		year.prime = int64_to_numeric(13359);
	}
	else
	{
		year.factor = decimal(25, 5);
		year.prime = int64_to_numeric(9);
	}
	return year;
}

/*
 * The days of (after, until] of a debt due on `due`.  Months of thirty days are
 * counted from the due date, so that a change of rate in between does not
 * change how many days the whole has.
 */
static int64
days_of(const Year *year, DateADT due, DateADT after, DateADT until)
{
	return crk_day_count(due, until, year->convention) - crk_day_count(due, after, year->convention);
}

/*
 * The same, weighted where years differ: a day of a leap year is 1/366 =
 * 365 / (365 * 366).
 */
static int64
weight_of(const Year *year, DateADT due, DateADT after, DateADT until)
{
	int64 days = days_of(year, due, after, until);
	int64 leap;

	if (year->convention != CRK_ACT_ACT)
		return days;
	leap = crk_leap_days((int64) after + 1, (int64) until + 1);
	return (days - leap) * 366 + leap * 365;
}

/*
 * Interest of so many days of one weight, each day rounded by itself.
 */
static Numeric
rounded_days(Numeric product, const Year *year, int64 weight, int64 days, int scale)
{
	Numeric daily = crk_numeric_quotient(crk_numeric_multiply(product, int64_to_numeric(weight)), year->prime, scale);

	return crk_numeric_multiply(daily, int64_to_numeric(days));
}

/*
 * One figure: the rates times their days are added up, and one product and one
 * division follow.  Rounding each day first is another figure, and only for
 * those who must meet one that was made so.
 */
PG_FUNCTION_INFO_V1(crk_late_interest_at);
Datum
crk_late_interest_at(PG_FUNCTION_ARGS)
{
	Numeric principal;
	DateADT due;
	DateADT paid;
	Rates rates;
	Year year;
	bool rounded = !PG_ARGISNULL(7);
	int scale = CRK_SHOWN_SCALE;
	bool daily;
	Numeric sum = int64_to_numeric(0);
	DateADT after;
	int place;

	for (int i = 0; i < 9; i++)
		if (i != 7 && PG_ARGISNULL(i))
			PG_RETURN_NULL();
	principal = crk_argument_numeric(fcinfo, 0, "principal");
	due = crk_argument_date(fcinfo, 1, "due_date");
	paid = crk_argument_date(fcinfo, 2, "paid_date");
	rates = argument_rates(fcinfo, 3);
	year = year_of(crk_argument_day_count(fcinfo, 6, "day_count"));
	if (rounded)
		scale = crk_argument_scale(fcinfo, 7, "scale");
	daily = PG_GETARG_BOOL(8);
	if (daily && !rounded)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("round_daily needs a scale")));

	place = paid > due ? rate_of_day(&rates, due + 1) : 0;
	for (after = due; after < paid; place++)
	{
		DateADT until = rate_end(&rates, place, paid);
		Numeric rate = rates.pct.values[place];

		CHECK_FOR_INTERRUPTS();
		if (daily)
		{
			Numeric product = crk_numeric_multiply(crk_numeric_multiply(principal, rate), year.factor);
			int64 days = days_of(&year, due, after, until);
			int64 leap = 0;

			if (year.convention == CRK_ACT_ACT)
			{
				leap = crk_leap_days((int64) after + 1, (int64) until + 1);
				sum = crk_numeric_add(sum, rounded_days(product, &year, 365, leap, scale));
			}
			sum = crk_numeric_add(sum, rounded_days(product, &year, year.convention == CRK_ACT_ACT ? 366 : 1,
													days - leap, scale));
		}
		else
			sum = crk_numeric_add(sum, crk_numeric_multiply(rate, int64_to_numeric(weight_of(&year, due, after, until))));
		after = until;
	}
	if (!daily)
		sum = crk_numeric_quotient(crk_numeric_multiply(crk_numeric_multiply(principal, sum), year.factor), year.prime, scale);
	else if (after == due)
		sum = crk_numeric_quotient(sum, year.prime, scale);
	PG_RETURN_NUMERIC(rounded ? sum : crk_numeric_trim(sum));
}

/*
 * prime ^ power, kept for the next call.
 */
static Numeric
prime_power(Debt *debt, int power)
{
	if (power >= debt->power_count)
	{
		MemoryContext old = MemoryContextSwitchTo(debt->context);

		debt->powers = debt->powers == NULL ? palloc(sizeof(Numeric) * (power + 1)) : repalloc(debt->powers, sizeof(Numeric) * (power + 1));
		for (; debt->power_count <= power; debt->power_count++)
			debt->powers[debt->power_count] =
				debt->power_count == 0 ? int64_to_numeric(1) : crk_numeric_multiply(debt->powers[debt->power_count - 1], debt->year.prime);
		MemoryContextSwitchTo(old);
	}
	return debt->powers[power];
}

static Exact
exact(Numeric number, int power)
{
	Exact result = { number, power };

	return result;
}

/*
 * The same value over a higher power.
 */
static Exact
exact_over(Debt *debt, Exact a, int power)
{
	if (a.power == power)
		return a;
	return exact(crk_numeric_multiply(a.number, prime_power(debt, power - a.power)), power);
}

static Exact
exact_add(Debt *debt, Exact a, Exact b)
{
	int power = Max(a.power, b.power);

	return exact(crk_numeric_add(exact_over(debt, a, power).number, exact_over(debt, b, power).number), power);
}

static Exact
exact_subtract(Debt *debt, Exact a, Exact b)
{
	int power = Max(a.power, b.power);

	return exact(crk_numeric_subtract(exact_over(debt, a, power).number, exact_over(debt, b, power).number), power);
}

static Exact
exact_least(Debt *debt, Exact a, Exact b)
{
	return crk_numeric_sign(exact_subtract(debt, a, b).number) <= 0 ? a : b;
}

/*
 * For a row: an amount that is a decimal is shown as it is.
 */
static Datum
exact_shown(Debt *debt, Exact a)
{
	if (a.power == 0)
		return NumericGetDatum(a.number);
	return NumericGetDatum(crk_numeric_trim(crk_numeric_quotient(a.number, prime_power(debt, a.power), CRK_SHOWN_SCALE)));
}

/*
 * For qsort.
 */
static int
payment_compare(const void *left, const void *right)
{
	DateADT a = ((const Payment *) left)->day;
	DateADT b = ((const Payment *) right)->day;

	return a < b ? -1 : a > b;
}

/*
 * The payments known as of a date, in the order of their days, one a day:
 * within a day the order changes nothing.
 */
static Payment *
argument_payments(FunctionCallInfo fcinfo, DateADT as_of, int *count)
{
	CrkIntegerArray days = crk_argument_dates(fcinfo, 2, "paid_on");
	CrkNumericArray amounts = crk_argument_numerics(fcinfo, 3, "paid_amount");
	Payment *payments = palloc(sizeof(Payment) * (days.length + 1));
	int known = 0;

	crk_argument_same_length("paid_on", days.length, "paid_amount", amounts.length);
	for (int i = 0; i < days.length; i++)
	{
		if (DATE_NOT_FINITE(days.values[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("paid_on must not be infinite")));
		if (crk_numeric_sign(amounts.values[i]) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("paid_amount must not be negative"),
					 errdetail("The value of %s is %s.", date_text(days.values[i]),
							   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(amounts.values[i])))),
					 errhint("Leave out a payment that was taken back.")));
		if (days.values[i] > as_of || crk_numeric_sign(amounts.values[i]) == 0)
			continue;
		payments[known].day = days.values[i];
		payments[known++].amount = amounts.values[i];
	}
	qsort(payments, known, sizeof(Payment), payment_compare);
	*count = 0;
	for (int i = 0; i < known; i++)
		if (*count > 0 && payments[*count - 1].day == payments[i].day)
			payments[*count - 1].amount = crk_numeric_add(payments[*count - 1].amount, payments[i].amount);
		else
			payments[(*count)++] = payments[i];
	return payments;
}

/*
 * What a payment extinguishes first.
 */
static bool
argument_interest_first(FunctionCallInfo fcinfo, int number)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(number));

	if (pg_strcasecmp(word, "principal_first") == 0)
		return false;
	if (pg_strcasecmp(word, "interest_first") == 0)
		return true;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("imputation \"%s\" is not known", word),
			 errhint("Use principal_first or interest_first.")));
	pg_unreachable();
}

/*
 * Book a payment: into the row what it extinguishes, into the debt what is left.
 */
static void
pay(Debt *debt, Numeric amount, Datum *values)
{
	Exact rest = exact(amount, 0);
	Exact to_interest;
	Exact to_principal;

	if (debt->interest_first)
	{
		to_interest = exact_least(debt, rest, debt->interest);
		rest = exact_subtract(debt, rest, to_interest);
		to_principal = exact_least(debt, rest, debt->principal);
		rest = exact_subtract(debt, rest, to_principal);
	}
	else
	{
		to_principal = exact_least(debt, rest, debt->principal);
		rest = exact_subtract(debt, rest, to_principal);
		to_interest = exact_least(debt, rest, debt->interest);
		rest = exact_subtract(debt, rest, to_interest);
	}
	debt->interest = exact_subtract(debt, debt->interest, to_interest);
	debt->principal = exact_subtract(debt, debt->principal, to_principal);
	values[6] = NumericGetDatum(amount);
	values[7] = exact_shown(debt, to_interest);
	values[8] = exact_shown(debt, to_principal);
	values[9] = exact_shown(debt, rest);
}

/*
 * A number of the debt, without the zeros that products leave, in this context.
 */
static Exact
exact_copy(Exact a)
{
	return exact(crk_numeric_sign(a.number) == 0 ? int64_to_numeric(0) : crk_numeric_trim(a.number),
				 crk_numeric_sign(a.number) == 0 ? 0 : a.power);
}

/*
 * Day by day in as few rows as possible: one ends with a rate, a payment, or
 * as_of.  Rows are made in two arenas in turn, so that a long history needs no
 * more memory than a short one.
 */
PG_FUNCTION_INFO_V1(crk_late_interest_schedule_at);
Datum
crk_late_interest_schedule_at(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Debt debt = { 0 };
	Numeric principal = crk_argument_numeric(fcinfo, 0, "principal");
	DateADT due = crk_argument_date(fcinfo, 1, "due_date");
	DateADT as_of = crk_argument_date(fcinfo, 4, "as_of");
	Rates rates;
	int count;
	Payment *payments = argument_payments(fcinfo, as_of, &count);
	int paid = 0;
	int place = -1;
	DateADT after = due;
	MemoryContext arenas[2];
	MemoryContext old = CurrentMemoryContext;
	int turn = 0;

	rates = argument_rates(fcinfo, 5);
	debt.year = year_of(crk_argument_day_count(fcinfo, 8, "day_count"));
	debt.interest_first = argument_interest_first(fcinfo, 9);
	debt.principal = exact(principal, 0);
	debt.interest = exact(int64_to_numeric(0), 0);
	debt.context = CurrentMemoryContext;
	if (crk_numeric_sign(principal) < 0 && count > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("principal must not be negative where payments are given")));

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < 2; i++)
		arenas[i] = AllocSetContextCreate(CurrentMemoryContext, "late interest", ALLOCSET_DEFAULT_SIZES);

	for (;;)
	{
		Datum values[12] = { 0 };
		bool nulls[12] = { false };
		bool runs = paid == count || payments[paid].day > due;
		DateADT until = as_of;

		CHECK_FOR_INTERRUPTS();
		runs = runs && after < as_of && crk_numeric_sign(debt.principal.number) != 0;
		if (!runs && paid == count)
			break;
		MemoryContextSwitchTo(arenas[turn]);

		values[4] = exact_shown(&debt, debt.principal);
		if (runs)
		{
			Exact interest;

			if (place < 0 || !rates.fixed)
				place = rate_of_day(&rates, after + 1);
			if (paid < count)
				until = payments[paid].day;
			until = rate_end(&rates, place, until);
			interest = exact(crk_numeric_multiply(crk_numeric_multiply(debt.principal.number, rates.pct.values[place]),
												  crk_numeric_multiply(debt.year.factor,
																	   int64_to_numeric(weight_of(&debt.year, due, after, until)))),
							 debt.principal.power + 1);
			debt.interest = exact_add(&debt, debt.interest, interest);
			values[0] = DateADTGetDatum(after + 1);
			values[2] = Int32GetDatum((int32) days_of(&debt.year, due, after, until));
			values[3] = NumericGetDatum(rates.pct.values[place]);
			values[5] = exact_shown(&debt, interest);
		}
		else
		{
			until = payments[paid].day;
			nulls[0] = nulls[3] = true;
			values[2] = Int32GetDatum(0);
			values[5] = NumericGetDatum(int64_to_numeric(0));
		}
		values[1] = DateADTGetDatum(until);
		if (paid < count && payments[paid].day == until)
			pay(&debt, payments[paid++].amount, values);
		else
			values[6] = values[7] = values[8] = values[9] = NumericGetDatum(int64_to_numeric(0));
		values[10] = exact_shown(&debt, debt.principal);
		values[11] = exact_shown(&debt, debt.interest);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		after = Max(after, until);

		turn = 1 - turn;
		MemoryContextReset(arenas[turn]);
		MemoryContextSwitchTo(arenas[turn]);
		debt.principal = exact_copy(debt.principal);
		debt.interest = exact_copy(debt.interest);
		MemoryContextSwitchTo(old);
	}
	for (int i = 0; i < 2; i++)
		MemoryContextDelete(arenas[i]);
	return (Datum) 0;
}
