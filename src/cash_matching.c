/*
 * cash_matching.c
 *	  A payment on open items: allocate_payment() by an order of settlement,
 *	  match_payment() by the sum.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"
#include "kernel/allocate.h"
#include "kernel/subset_sum.h"

#define CRK_MAX_SCALE 30

#define MAX_SOLUTIONS 1000

/* Steps of a search among many items: about a second. */
#define SEARCH_BUDGET INT64_C(200000000)

/* How a payment is spread over the items. */
typedef enum Method
{
	METHOD_FIFO,
	METHOD_OLDEST,
	METHOD_PRO_RATA
} Method;

/* An open item in the order of settlement. */
typedef struct OpenItem
{
	int index;
	DateADT due_date;
} OpenItem;

/*
 * A number as the user wrote it.
 */
static char *
number_text(Numeric number)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
}

/*
 * Money received is positive; zero is allowed, and settles nothing.
 */
static Numeric
argument_not_negative(FunctionCallInfo fcinfo, int number, const char *name, const char *hint)
{
	Numeric value = crk_argument_numeric(fcinfo, number, name);

	if (crk_numeric_sign(value) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name),
				 errdetail("The value is %s.", number_text(value)),
				 hint ? errhint("%s", hint) : 0));
	return value;
}

/*
 * One of a few words.
 */
static Method
argument_method(FunctionCallInfo fcinfo, int number)
{
	char *word = text_to_cstring(PG_GETARG_TEXT_PP(number));

	if (strcmp(word, "fifo") == 0)
		return METHOD_FIFO;
	if (strcmp(word, "oldest") == 0)
		return METHOD_OLDEST;
	if (strcmp(word, "pro_rata") == 0)
		return METHOD_PRO_RATA;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("method \"%s\" is not known", word),
			 errhint("Use fifo, oldest or pro_rata.")));
	pg_unreachable();
}

/*
 * An amount in minor units.  The index is the element's, from 0, or -1 for
 * what is no array.
 */
static crk_int128
minor_units(Numeric number, int scale, const char *name, int index)
{
	crk_int128 value;
	int display_scale;
	CrkDecimalStatus status;

	status = crk_numeric_read(NumericGetDatum(number), scale, &value, &display_scale);
	if (status == CRK_DECIMAL_TOO_FINE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has more decimals than scale", name),
				 index < 0 ? errdetail("%s is %s, scale is %d.", name, number_text(number), scale) :
							 errdetail("Element %d is %s, scale is %d.", index + 1, number_text(number), scale),
				 errhint("Round it first, or give the currency's decimals as scale: currency_scale().")));
	if (status != CRK_DECIMAL_OK)
		crk_numeric_refuse(status, name);
	return value;
}

/*
 * Dates to sort by: infinite ones are no due dates.
 */
static DateADT *
argument_dates(FunctionCallInfo fcinfo, int number, const char *name, int *length)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(number);
	DateADT *dates = (DateADT *) ARR_DATA_PTR(array);

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a one-dimensional array", name),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array))));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not contain NULL", name)));
	*length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	for (int i = 0; i < *length; i++)
		if (DATE_NOT_FINITE(dates[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not contain infinite dates", name),
					 errdetail("Element %d is infinite.", i + 1)));
	return dates;
}

/*
 * By due date, of equal ones by place.
 */
static int
compare_items(const void *left, const void *right)
{
	const OpenItem *a = left;
	const OpenItem *b = right;

	if (a->due_date != b->due_date)
		return a->due_date < b->due_date ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/*
 * The methods differ in what is settled together: an item, the items of a due
 * date, or all.  Of what is settled together a payment that does not suffice
 * gives each its share, and the rest nothing.
 */
PG_FUNCTION_INFO_V1(crk_allocate_payment);
Datum
crk_allocate_payment(PG_FUNCTION_ARGS)
{
	Numeric payment = argument_not_negative(fcinfo, 0, "payment",
											"Give the amount received; a refund is no payment on open items.");
	CrkNumericArray amounts = crk_argument_numerics(fcinfo, 1, "open_amounts");
	Method method;
	int32 scale = PG_GETARG_INT32(4);
	int count = amounts.length;
	int date_count;
	DateADT *dates;
	crk_int128 left;
	crk_int128 sum = 0;
	crk_int128 *open;
	crk_int128 *group;
	crk_int128 *parts;
	CrkRemainder *scratch;
	OpenItem *items;
	Datum *result;
	int end;

	dates = argument_dates(fcinfo, 2, "due_dates", &date_count);
	crk_argument_same_length("open_amounts", count, "due_dates", date_count);
	method = argument_method(fcinfo, 3);
	if (scale < 0 || scale > CRK_MAX_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be between 0 and %d", CRK_MAX_SCALE),
				 errdetail("scale is %d.", scale)));
	left = minor_units(payment, scale, "payment", -1);

	open = palloc(sizeof(crk_int128) * (count + 1));
	group = palloc(sizeof(crk_int128) * (count + 1));
	parts = palloc(sizeof(crk_int128) * (count + 1));
	scratch = palloc(sizeof(CrkRemainder) * (count + 1));
	items = palloc(sizeof(OpenItem) * (count + 1));
	result = palloc(sizeof(Datum) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		open[i] = minor_units(amounts.values[i], scale, "open_amounts", i);
		if (open[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("open_amounts must not be negative"),
					 errdetail("Element %d is %s.", i + 1, number_text(amounts.values[i])),
					 errhint("Set credit notes off first, add them to the payment, or look for a match with match_payment().")));
		if (!crk_decimal_add(&sum, open[i]) || sum >= CRK_ALLOCATE_WEIGHT_LIMIT)
			crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "open_amounts");
		items[i].index = i;
		items[i].due_date = dates[i];
	}
	if (method != METHOD_PRO_RATA && count > 1)
		qsort(items, count, sizeof(OpenItem), compare_items);

	for (int start = 0; start < count; start = end)
	{
		CHECK_FOR_INTERRUPTS();
		sum = 0;
		for (end = start; end < count; end++)
		{
			if (end > start &&
				(method == METHOD_FIFO ||
				 (method == METHOD_OLDEST && items[end].due_date != items[start].due_date)))
				break;
			group[end - start] = open[items[end].index];
			sum += group[end - start];
		}
		if (left >= sum)
			memcpy(parts, group, sizeof(crk_int128) * (end - start));
		else
			crk_allocate(left, group, end - start, parts, scratch);
		for (int i = start; i < end; i++)
		{
			result[items[i].index] = crk_numeric_make(parts[i - start], scale, scale);
			left -= parts[i - start];
		}
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(result, count, NUMERICOID, -1, false, TYPALIGN_INT));
}

/* Solutions on their way from the search to the rows. */
typedef struct Matches
{
	const int *positions; /* of the items searched, in the user's array */
	Datum *rows;
	int count;
} Matches;

/*
 * A subset as an array of positions.
 */
static void
add_match(void *context, const int *indexes, int count)
{
	Matches *matches = context;
	Datum *elements = palloc(sizeof(Datum) * count);

	for (int i = 0; i < count; i++)
		elements[i] = Int32GetDatum(matches->positions[indexes[i]] + 1);
	matches->rows[matches->count++] =
		PointerGetDatum(construct_array(elements, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	pfree(elements);
}

/*
 * Between two slices of a search.
 */
static void
look_up(void *context)
{
	CHECK_FOR_INTERRUPTS();
}

/*
 * The decimals that keep all amounts exact.
 */
static int
common_scale(Numeric number, const char *name, int scale)
{
	int needed = DatumGetInt32(DirectFunctionCall1(numeric_min_scale, NumericGetDatum(number)));

	if (needed > CRK_MAX_SCALE)
		crk_numeric_refuse(CRK_DECIMAL_TOO_FINE, name);
	return Max(scale, needed);
}

/*
 * The search adds in 64 bits, so everything that it can ever add is summed
 * here first.
 */
static int64
search_amount(Numeric number, int scale, const char *name, crk_int128 *total)
{
	crk_int128 value = minor_units(number, scale, name, -1);

	if (value > CRK_SUBSET_AMOUNT_LIMIT || value < -CRK_SUBSET_AMOUNT_LIMIT ||
		!crk_decimal_add(total, value < 0 ? -value : value) ||
		*total >= CRK_SUBSET_AMOUNT_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is out of range", name),
				 errdetail("Payment, tolerance and open amounts together must stay below 2.3e18 minor units; the amounts have up to %d decimals.", scale),
				 errhint("Round the amounts to the minor unit of the currency.")));
	return (int64) value;
}

/*
 * No answer within the bounds is not the answer "no match".
 */
static void
undecided(bool may_raise, const char *message, int count)
{
	if (may_raise)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s", message),
				 errdetail("%d open items could be part of the payment; up to %d are always decided.",
						   count, CRK_SUBSET_FULL_ITEMS),
				 errhint("Pass fewer items, for example those due before a date, or on_limit => 'none' to get no rows instead.")));
}

/*
 * All arguments are checked before the first row; the rows are few and kept.
 */
static Matches *
match(FunctionCallInfo fcinfo, MemoryContext result_context)
{
	Numeric payment = argument_not_negative(fcinfo, 0, "payment",
											"Give the amount received, and credit notes as negative open_amounts.");
	CrkNumericArray amounts = crk_argument_numerics(fcinfo, 1, "open_amounts");
	Numeric tolerance = argument_not_negative(fcinfo, 2, "tolerance", NULL);
	int32 max_solutions = PG_GETARG_INT32(3);
	char *on_limit = text_to_cstring(PG_GETARG_TEXT_PP(4));
	bool may_raise = strcmp(on_limit, "error") == 0;
	CrkSubsetSearch search;
	MemoryContext work;
	int64 *items;
	int *positions;
	Matches *matches;
	int scale;
	crk_int128 total = 0;
	CrkSubsetStatus status;

	if (max_solutions < 1 || max_solutions > MAX_SOLUTIONS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_solutions must be between 1 and %d", MAX_SOLUTIONS),
				 errdetail("The value is %d.", max_solutions)));
	if (!may_raise && strcmp(on_limit, "none") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("on_limit \"%s\" is not known", on_limit),
				 errhint("Use error or none.")));

	scale = common_scale(payment, "payment", 0);
	scale = common_scale(tolerance, "tolerance", scale);
	for (int i = 0; i < amounts.length; i++)
		scale = common_scale(amounts.values[i], "open_amounts", scale);

	memset(&search, 0, sizeof(search));
	search.payment = search_amount(payment, scale, "payment", &total);
	search.tolerance = search_amount(tolerance, scale, "tolerance", &total);
	items = palloc(sizeof(int64) * (amounts.length + 1));
	positions = palloc(sizeof(int) * (amounts.length + 1));
	for (int i = 0; i < amounts.length; i++)
		items[i] = search_amount(amounts.values[i], scale, "open_amounts", &total);

	search.count = crk_subset_relevant(items, amounts.length, search.payment - search.tolerance,
									   search.payment + search.tolerance, positions);
	for (int i = 0; i < search.count; i++)
		items[i] = items[positions[i]];
	search.amounts = items;
	search.max_solutions = max_solutions;
	search.budget = SEARCH_BUDGET;
	search.found = add_match;
	search.pause = look_up;

	work = MemoryContextSwitchTo(result_context);
	matches = palloc0(sizeof(Matches));
	matches->rows = palloc(sizeof(Datum) * max_solutions);
	matches->positions = positions;
	search.context = matches;
	if (search.count > CRK_SUBSET_MAX_ITEMS)
		undecided(may_raise, "too many open items for a match", search.count);
	else
	{
		status = crk_subset_search(&search,
								   MemoryContextAlloc(work, crk_subset_memory(search.count, max_solutions)));
		if (status == CRK_SUBSET_UNDECIDED)
		{
			/* What was found may not be all: alone it would look unique. */
			undecided(may_raise, "no decision on a match within the bounds of the search", search.count);
			matches->count = 0;
		}
	}
	MemoryContextSwitchTo(work);
	return matches;
}

/*
 * The search runs on the first call, in a context that goes with it.
 */
PG_FUNCTION_INFO_V1(crk_match_payment);
Datum
crk_match_payment(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	Matches *matches;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext work = AllocSetContextCreate(CurrentMemoryContext, "match_payment", ALLOCSET_DEFAULT_SIZES);
		MemoryContext caller;

		context = SRF_FIRSTCALL_INIT();
		caller = MemoryContextSwitchTo(work);
		context->user_fctx = match(fcinfo, context->multi_call_memory_ctx);
		MemoryContextSwitchTo(caller);
		MemoryContextDelete(work);
	}

	context = SRF_PERCALL_SETUP();
	matches = context->user_fctx;
	if (context->call_cntr < matches->count)
	{
		Datum row = matches->rows[context->call_cntr];

		SRF_RETURN_NEXT(context, row);
	}
	SRF_RETURN_DONE(context);
}
