/*
 * ageing.c
 *	  The aggregate ageing(), rollup(), and what can be asked of an ageing.
 *
 * The state of the aggregate is the type itself (kernel/ageing.h): parallel
 * workers and Citus send it with the type's own input and output.  Everything
 * an accumulation must remember, the date and the bounds too, is in the state,
 * for Citus calls the transition function with a fresh FmgrInfo for each row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "ageing.h"
#include "compat.h"
#include "decimal.h"

/* State of the aggregate as a moving window: never stored, never sent. */
typedef struct CrkAgeingWindow
{
	CrkAgeingSums sums;
	int64 items;						/* in all slots; 0: date and bounds are unset */
	int64 finest[CRK_AGEING_MAX_SLOTS]; /* items with the slot's display scale */
} CrkAgeingWindow;

/*
 * Dates in messages and in our own text forms do not follow DateStyle.
 */
char *
crk_date_text(DateADT date)
{
	char buffer[MAXDATELEN + 1];
	struct pg_tm tm;

	if (DATE_NOT_FINITE(date))
		EncodeSpecialDate(date, buffer);
	else
	{
		j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		EncodeDateOnly(&tm, USE_ISO_DATES, buffer);
	}
	return pstrdup(buffer);
}

/*
 * As an array literal, which can be pasted back into a query.
 */
char *
crk_bounds_text(const int32 *bounds, int nbounds)
{
	StringInfoData text;
	int i;

	initStringInfo(&text);
	for (i = 0; i < nbounds; i++)
		appendStringInfo(&text, "%c%d", i == 0 ? '{' : ',', bounds[i]);
	appendStringInfoString(&text, nbounds == 0 ? "{}" : "}");
	return text.data;
}

/*
 * Never guess at a layout that is not ours.
 */
void
crk_ageing_get(Datum datum, CrkAgeingSums *sums)
{
	CrkAgeing *ageing = (CrkAgeing *) PG_DETOAST_DATUM(datum);

	if (!crk_ageing_is_sound(ageing, VARSIZE(ageing)))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored ageing has an unknown layout"),
				 errhint("It was written by a newer version of credit_risk, or is damaged.")));
	crk_ageing_unpack(ageing, sums);
	if ((Pointer) ageing != DatumGetPointer(datum))
		pfree(ageing);
}

/*
 * A new value, in the executor's memory for one row.
 */
static CrkAgeing *
make(const CrkAgeingSums *sums, bool wide)
{
	size_t size = crk_ageing_size(sums->nbounds,
								  crk_ageing_form(sums->bounds, sums->nbounds, wide));
	CrkAgeing *ageing = palloc(size);

	SET_VARSIZE(ageing, size);
	crk_ageing_pack(sums, wide, ageing);
	return ageing;
}

/*
 * Narrow again where that is possible: a value may have been wide on its way.
 */
Datum
crk_ageing_make(CrkAgeingSums *sums)
{
	crk_ageing_reduce(sums);
	return PointerGetDatum(make(sums, !crk_ageing_fits_narrow(sums)));
}

/*
 * One message for all that can be wrong with bounds.
 */
static void
refuse_bounds(const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid bounds"),
			 errdetail("%s", reason),
			 errhint("Give the last day of each bucket but the open one, for example {30,60,90}.")));
}

/*
 * The last days of the buckets; refuses what crk_ageing_check_bounds() does.
 */
static const int32 *
read_bounds(ArrayType *array, int *nbounds)
{
	const int32 *bounds = (const int32 *) ARR_DATA_PTR(array);
	const char *reason;

	if (ARR_NDIM(array) > 1)
		refuse_bounds("The array must have one dimension.");
	if (array_contains_nulls(array))
		refuse_bounds("A bound must not be null.");
	*nbounds = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	reason = crk_ageing_check_bounds(bounds, *nbounds);
	if (reason != NULL)
		refuse_bounds(reason);
	return bounds;
}

/*
 * The date and the bounds of one row of the aggregate: as_of is argument 3,
 * bounds argument 4 of the five-argument form.
 */
static DateADT
row_as_of(FunctionCallInfo fcinfo)
{
	DateADT as_of;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must not be null")));
	as_of = PG_GETARG_DATEADT(3);
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must be finite")));
	return as_of;
}

/*
 * The form without bounds has the standard ones.
 */
static const int32 *
row_bounds(FunctionCallInfo fcinfo, int *nbounds)
{
	if (PG_NARGS() < 5)
	{
		*nbounds = CRK_AGEING_STANDARD_NBOUNDS;
		return crk_ageing_standard_bounds;
	}
	if (PG_ARGISNULL(4))
		refuse_bounds("The array must not be null.");
	return read_bounds(PG_GETARG_ARRAYTYPE_P(4), nbounds);
}

/*
 * One aggregate, one date and one set of bounds: amounts aged otherwise would
 * make totals that mean nothing.
 */
static pg_noinline void
refuse_as_of(FunctionCallInfo fcinfo, int32 as_of)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("as_of must be the same for all rows of one ageing"),
			 errdetail("One row has %s, another has %s.",
					   crk_date_text(as_of), crk_date_text(row_as_of(fcinfo))),
			 errhint("Group by as_of.")));
}

/*
 * The array is nearly always the same constant, byte for byte; only another
 * one is read.
 */
static pg_noinline void
check_bounds(FunctionCallInfo fcinfo, const int32 *bounds, int nbounds)
{
	ArrayType *array = PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4);
	const int32 *others;
	int nothers;

	if (array != NULL && ARR_NDIM(array) == 1 && !ARR_HASNULL(array) &&
		ARR_DIMS(array)[0] == nbounds &&
		memcmp(ARR_DATA_PTR(array), bounds, nbounds * sizeof(int32)) == 0)
		return;
	others = row_bounds(fcinfo, &nothers);
	if (nothers != nbounds || memcmp(others, bounds, nbounds * sizeof(int32)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bounds must be the same for all rows of one ageing"),
				 errdetail("One row has %s, another has %s.",
						   crk_bounds_text(bounds, nbounds),
						   crk_bounds_text(others, nothers)),
				 errhint("Group by bounds.")));
}

/*
 * Each row but the first; a good one without bounds pays one comparison.
 */
static inline void
check_row(FunctionCallInfo fcinfo, int32 as_of, const int32 *bounds, int nbounds)
{
	if (PG_ARGISNULL(3) || PG_GETARG_DATEADT(3) != as_of)
		refuse_as_of(fcinfo, as_of);
	if (PG_NARGS() >= 5)
		check_bounds(fcinfo, bounds, nbounds);
}

/*
 * NULL has a slot of its own: an amount without due date is neither due nor not.
 */
static inline int
row_slot(FunctionCallInfo fcinfo, int32 as_of, const int32 *bounds, int nbounds)
{
	if (PG_ARGISNULL(2))
		return nbounds + 2;
	return crk_ageing_slot_of_date(bounds, nbounds, PG_GETARG_DATEADT(2), as_of);
}

/*
 * What cannot be added exactly is an error, never a wrong sum.
 */
static void
refuse_sum(CrkDecimalStatus status)
{
	if (status != CRK_DECIMAL_TOO_LARGE)
		crk_numeric_refuse(status, "amount");
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("sum of amounts is out of range"),
			 errdetail("An ageing keeps its amounts exactly, in 38 digits including the decimals.")));
}

/*
 * Sums that went out of the fast path go back into the state: in place, or, if
 * it must grow, in a new one, which the executor copies into the aggregate's
 * memory; it frees the old one.  A state does not become narrow again.
 */
static CrkAgeing *
replace(CrkAgeing *state, const CrkAgeingSums *sums)
{
	bool was_wide = (state->form & CRK_AGEING_WIDE) != 0;
	bool wide = was_wide || !crk_ageing_fits_narrow(sums);

	if (wide != was_wide)
		return make(sums, wide);
	crk_ageing_pack(sums, wide, state);
	return state;
}

/*
 * An amount that is not one of the commonest, or does not fit the state as it
 * is: find the scale and the width that it needs.
 */
static pg_noinline CrkAgeing *
accumulate_slowly(CrkAgeing *state, int slot, struct varlena *stored)
{
	struct varlena *amount = pg_detoast_datum_packed(stored);
	const void *payload = VARDATA_ANY(amount);
	size_t length = VARSIZE_ANY_EXHDR(amount);

	if (!crk_ageing_add_wide(state, slot, payload, length))
	{
		CrkAgeingSums sums;
		CrkDecimalStatus status;
		int display_scale;

		crk_ageing_unpack(state, &sums);
		status = crk_ageing_sums_add(&sums, slot, payload, length, 1, &display_scale);
		if (status != CRK_DECIMAL_OK)
			refuse_sum(status);
		if (display_scale > sums.slot[slot].display_scale)
			sums.slot[slot].display_scale = display_scale;
		state = replace(state, &sums);
	}
	if (amount != stored)
		pfree(amount);
	return state;
}

/*
 * One row whose amount is not null and whose date is the state's.
 */
static pg_attribute_always_inline CrkAgeing *
accumulate(FunctionCallInfo fcinfo, CrkAgeing *state, const int32 *bounds,
		   int nbounds, void *slots)
{
	int slot = row_slot(fcinfo, PG_GETARG_DATEADT(3), bounds, nbounds);
	struct varlena *stored = (struct varlena *) PG_GETARG_POINTER(1);

	if (!VARATT_IS_EXTERNAL(stored) && !VARATT_IS_COMPRESSED(stored) &&
		crk_ageing_add_common(state, slots, slot, VARDATA_ANY(stored),
							  VARSIZE_ANY_EXHDR(stored)))
		return state;
	return accumulate_slowly(state, slot, stored);
}

/*
 * The state that the first amount of a group meets.
 */
static pg_noinline CrkAgeing *
start(FunctionCallInfo fcinfo)
{
	DateADT as_of = row_as_of(fcinfo);
	int nbounds;
	const int32 *bounds = row_bounds(fcinfo, &nbounds);
	size_t size = crk_ageing_size(nbounds, crk_ageing_form(bounds, nbounds, false));
	CrkAgeing *state = palloc0(size);

	SET_VARSIZE(state, size);
	crk_ageing_init(state, as_of, bounds, nbounds);
	return state;
}

/*
 * ageing_accum(state, amount, due_on, as_of [, bounds])
 *
 * Works on the executor's state in place, which is why nobody else may call
 * it; and the state is not detoasted, since only this file makes it.
 */
PG_FUNCTION_INFO_V1(crk_ageing_accum);
Datum
crk_ageing_accum(PG_FUNCTION_ARGS)
{
	CrkAgeing *state;

	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ageing_accum can be called only by an aggregate")));

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		state = start(fcinfo);
	else
	{
		state = (CrkAgeing *) PG_GETARG_POINTER(0);
		check_row(fcinfo, state->as_of, crk_ageing_bounds(state), state->nbounds);
	}

	/* Without the fifth argument all but the state is constant. */
	if (PG_NARGS() < 5)
		state = accumulate(fcinfo, state, crk_ageing_standard_bounds,
						   CRK_AGEING_STANDARD_NBOUNDS,
						   (char *) state + crk_ageing_slots_offset(CRK_AGEING_STANDARD_NBOUNDS,
																	CRK_AGEING_STANDARD));
	else
		state = accumulate(fcinfo, state, crk_ageing_bounds(state),
						   state->nbounds, crk_ageing_slots(state));
	PG_RETURN_POINTER(state);
}

/*
 * Values of another date or grid do not mix.
 */
static void
check_alike(int32 as_of, const int32 *bounds, int nbounds,
			int32 other_as_of, const int32 *others, int nothers)
{
	if (as_of != other_as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot add up ageings of different dates"),
				 errdetail("One is as of %s, the other as of %s.",
						   crk_date_text(as_of), crk_date_text(other_as_of))));
	if (nbounds != nothers ||
		memcmp(bounds, others, nbounds * sizeof(int32)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot add up ageings with different bounds"),
				 errdetail("One has %s, the other has %s.",
						   crk_bounds_text(bounds, nbounds),
						   crk_bounds_text(others, nothers))));
}

/*
 * States of different scale or width.
 */
static pg_noinline CrkAgeing *
combine_slowly(CrkAgeing *state, const CrkAgeing *other)
{
	CrkAgeingSums sums;
	CrkAgeingSums others;

	crk_ageing_unpack(state, &sums);
	crk_ageing_unpack(other, &others);
	if (!crk_ageing_sums_merge(&sums, &others))
		refuse_sum(CRK_DECIMAL_TOO_LARGE);
	return replace(state, &sums);
}

/*
 * ageing_combine(state, ageing): the combine function of ageing(), and both
 * the transition and the combine function of rollup().  May change the first
 * argument, never the second.
 */
PG_FUNCTION_INFO_V1(crk_ageing_combine);
Datum
crk_ageing_combine(PG_FUNCTION_ARGS)
{
	CrkAgeing *state;
	CrkAgeing *other;

	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ageing_combine can be called only by an aggregate")));

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = (CrkAgeing *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));
	if (!crk_ageing_is_sound(other, VARSIZE(other)))
	{
		CrkAgeingSums ignored;

		crk_ageing_get(PG_GETARG_DATUM(1), &ignored); /* for its error */
	}
	if (PG_ARGISNULL(0))
	{
		state = palloc(VARSIZE(other));
		memcpy(state, other, VARSIZE(other));
		PG_RETURN_POINTER(state);
	}
	state = (CrkAgeing *) PG_GETARG_POINTER(0);
	check_alike(state->as_of, crk_ageing_bounds(state), state->nbounds,
				other->as_of, crk_ageing_bounds(other), other->nbounds);
	if (!crk_ageing_merge_fast(state, other))
		state = combine_slowly(state, other);
	if ((Pointer) other != PG_GETARG_POINTER(1))
		pfree(other);
	PG_RETURN_POINTER(state);
}

/*
 * The canonical value of a state, which is left as it is: in a window it will
 * go on.
 */
PG_FUNCTION_INFO_V1(crk_ageing_final);
Datum
crk_ageing_final(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATUM(crk_ageing_make(&sums));
}

/*
 * ageing_window_accum(state, amount, due_on, as_of [, bounds]): the forward
 * transition of a moving window.  It may not return NULL, so a window of NULL
 * amounts has a state without items.
 */
PG_FUNCTION_INFO_V1(crk_ageing_window_accum);
Datum
crk_ageing_window_accum(PG_FUNCTION_ARGS)
{
	CrkAgeingWindow *window;
	CrkAgeingSums *sums;
	MemoryContext context;
	struct varlena *amount;
	CrkAgeingBucket *bucket;
	CrkDecimalStatus status;
	int slot;
	int display_scale;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "ageing_window_accum called outside an aggregate");
	window = PG_ARGISNULL(0) ?
				 MemoryContextAllocZero(context, sizeof(CrkAgeingWindow)) :
				 (CrkAgeingWindow *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(window);

	sums = &window->sums;
	if (window->items == 0)
	{
		const int32 *bounds;

		memset(window, 0, sizeof(CrkAgeingWindow));
		sums->as_of = row_as_of(fcinfo);
		bounds = row_bounds(fcinfo, &sums->nbounds);
		memcpy(sums->bounds, bounds, sums->nbounds * sizeof(int32));
		sums->scale = CRK_AGEING_FIRST_SCALE;
	}
	else
		check_row(fcinfo, sums->as_of, sums->bounds, sums->nbounds);

	slot = row_slot(fcinfo, sums->as_of, sums->bounds, sums->nbounds);
	bucket = &sums->slot[slot];
	amount = (struct varlena *) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	status = crk_ageing_sums_add(sums, slot, VARDATA_ANY(amount),
								 VARSIZE_ANY_EXHDR(amount), 1, &display_scale);
	if (status != CRK_DECIMAL_OK)
		refuse_sum(status);
	if (bucket->items == 1 || display_scale > bucket->display_scale)
	{
		bucket->display_scale = display_scale;
		window->finest[slot] = 0;
	}
	if (display_scale == bucket->display_scale)
		window->finest[slot]++;
	window->items++;
	PG_RETURN_POINTER(window);
}

/*
 * ageing_window_remove(state, amount, due_on, as_of [, bounds]): the row that
 * leaves.  Amounts and counts have an exact inverse; the display scale has
 * none when the last item that had it leaves others behind: NULL then tells
 * the executor to add the frame up anew.
 */
PG_FUNCTION_INFO_V1(crk_ageing_window_remove);
Datum
crk_ageing_window_remove(PG_FUNCTION_ARGS)
{
	CrkAgeingWindow *window;
	CrkAgeingSums *sums;
	struct varlena *amount;
	CrkAgeingBucket *bucket;
	int slot;
	int display_scale;

	if (!AggCheckCallContext(fcinfo, NULL) || PG_ARGISNULL(0))
		elog(ERROR, "ageing_window_remove called outside an aggregate");
	window = (CrkAgeingWindow *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(window);

	sums = &window->sums;
	slot = row_slot(fcinfo, sums->as_of, sums->bounds, sums->nbounds);
	bucket = &sums->slot[slot];
	amount = (struct varlena *) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	if (crk_ageing_sums_add(sums, slot, VARDATA_ANY(amount),
							VARSIZE_ANY_EXHDR(amount), -1,
							&display_scale) != CRK_DECIMAL_OK)
		PG_RETURN_NULL();
	window->items--;
	if (bucket->items == 0)
		bucket->display_scale = 0;
	else if (display_scale == bucket->display_scale && --window->finest[slot] == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(window);
}

/*
 * A frame may hold NULL amounts only: as sum(), no result then.
 */
PG_FUNCTION_INFO_V1(crk_ageing_window_final);
Datum
crk_ageing_window_final(PG_FUNCTION_ARGS)
{
	CrkAgeingWindow *window;
	CrkAgeingSums sums;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	window = (CrkAgeingWindow *) PG_GETARG_POINTER(0);
	if (window->items == 0)
		PG_RETURN_NULL();
	sums = window->sums;
	PG_RETURN_DATUM(crk_ageing_make(&sums));
}

/*
 * The operator +: what rollup() does, for two.
 */
PG_FUNCTION_INFO_V1(crk_ageing_add);
Datum
crk_ageing_add(PG_FUNCTION_ARGS)
{
	CrkAgeingSums left;
	CrkAgeingSums right;

	crk_ageing_get(PG_GETARG_DATUM(0), &left);
	crk_ageing_get(PG_GETARG_DATUM(1), &right);
	check_alike(left.as_of, left.bounds, left.nbounds,
				right.as_of, right.bounds, right.nbounds);
	if (!crk_ageing_sums_merge(&left, &right))
		refuse_sum(CRK_DECIMAL_TOO_LARGE);
	PG_RETURN_DATUM(crk_ageing_make(&left));
}

/*
 * By meaning, as numeric does it: display scales do not count.
 */
PG_FUNCTION_INFO_V1(crk_ageing_eq);
Datum
crk_ageing_eq(PG_FUNCTION_ARGS)
{
	CrkAgeingSums left;
	CrkAgeingSums right;

	crk_ageing_get(PG_GETARG_DATUM(0), &left);
	crk_ageing_get(PG_GETARG_DATUM(1), &right);
	PG_RETURN_BOOL(crk_ageing_equal(&left, &right));
}

/*
 * The negator, which IS DISTINCT FROM and <> ALL need.
 */
PG_FUNCTION_INFO_V1(crk_ageing_ne);
Datum
crk_ageing_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!DatumGetBool(crk_ageing_eq(fcinfo)));
}

/*
 * The amounts of some buckets in one.  Each fits 128 bits; if the sum does
 * not, numeric adds up.
 */
Datum
crk_ageing_sum(const CrkAgeingSums *sums, int first, int last)
{
	int display_scale = crk_ageing_display_scale(sums, first, last);
	crk_int128 sum = 0;
	Datum result;
	int i;

	if (display_scale == 0) /* perhaps none of them has items */
	{
		for (i = first; i <= last && sums->slot[i].items == 0; i++)
			;
		if (i > last)
			display_scale = crk_ageing_display_scale(sums, 0, sums->nbounds + 2);
	}
	for (i = first; i <= last; i++)
	{
		if (!crk_decimal_add(&sum, sums->slot[i].amount))
			break;
	}
	if (i > last)
		return crk_numeric_make(sum, sums->scale, display_scale);
	result = crk_numeric_make(0, 0, display_scale);
	for (i = first; i <= last; i++)
		result = DirectFunctionCall2(numeric_add, result,
									 crk_numeric_make(sums->slot[i].amount, sums->scale, 0));
	return result;
}

Datum
crk_ageing_amount(const CrkAgeingSums *sums, int slot)
{
	return crk_ageing_sum(sums, slot, slot);
}

/*
 * From a bucket's number to its slot.
 */
static int
find_bucket(const int32 *bounds, int nbounds, int32 bucket)
{
	if (bucket == CRK_AGEING_NO_DUE_DATE)
		return nbounds + 2;
	if (bucket < 0 || bucket > nbounds + 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bucket %d does not exist", bucket),
				 errdetail("Bounds %s make the buckets 0 (not due) to %d, and -1 (no due date).",
						   crk_bounds_text(bounds, nbounds), nbounds + 1)));
	return bucket;
}

/*
 * One figure by its number, for a query's column.
 */
PG_FUNCTION_INFO_V1(crk_bucket_amount);
Datum
crk_bucket_amount(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATUM(crk_ageing_amount(&sums, find_bucket(sums.bounds, sums.nbounds,
														 PG_GETARG_INT32(1))));
}

/*
 * How many items stand behind a figure.
 */
PG_FUNCTION_INFO_V1(crk_bucket_count);
Datum
crk_bucket_count(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_INT64(sums.slot[find_bucket(sums.bounds, sums.nbounds,
										  PG_GETARG_INT32(1))]
						.items);
}

/*
 * Everything, with due date or without: what the ledger's balance must equal.
 */
PG_FUNCTION_INFO_V1(crk_total);
Datum
crk_total(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATUM(crk_ageing_sum(&sums, 0, sums.nbounds + 2));
}

/*
 * Due today is not overdue.
 */
PG_FUNCTION_INFO_V1(crk_not_due);
Datum
crk_not_due(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATUM(crk_ageing_amount(&sums, 0));
}

/*
 * Without a due date nothing is overdue.
 */
PG_FUNCTION_INFO_V1(crk_overdue);
Datum
crk_overdue(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATUM(crk_ageing_sum(&sums, 1, sums.nbounds + 1));
}

/*
 * So that the three parts add up to the total.
 */
PG_FUNCTION_INFO_V1(crk_no_due_date);
Datum
crk_no_due_date(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATUM(crk_ageing_amount(&sums, sums.nbounds + 2));
}

/*
 * Counts can be forged in the text form, so the sum is checked.
 */
PG_FUNCTION_INFO_V1(crk_items);
Datum
crk_items(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;
	int64 items = 0;
	int i;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	for (i = 0; i < CRK_AGEING_SLOTS(&sums); i++)
	{
		if (__builtin_add_overflow(items, sums.slot[i].items, &items))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("bigint out of range")));
	}
	PG_RETURN_INT64(items);
}

/*
 * The date is part of the value: two are comparable only if it is the same.
 */
PG_FUNCTION_INFO_V1(crk_as_of);
Datum
crk_as_of(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	PG_RETURN_DATEADT(sums.as_of);
}

/*
 * The same for the bounds; to be passed on to ageing_bucket_label().
 */
PG_FUNCTION_INFO_V1(crk_bounds);
Datum
crk_bounds(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;
	Datum elements[CRK_AGEING_MAX_BOUNDS];
	int i;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	for (i = 0; i < sums.nbounds; i++)
		elements[i] = Int32GetDatum(sums.bounds[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, sums.nbounds, INT4OID,
										  sizeof(int32), true, TYPALIGN_INT));
}

/*
 * The buckets in the order of a report.
 */
PG_FUNCTION_INFO_V1(crk_bucket_amounts);
Datum
crk_bucket_amounts(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;
	Datum elements[CRK_AGEING_MAX_SLOTS];
	int i;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	for (i = 0; i < CRK_AGEING_SLOTS(&sums); i++)
		elements[i] = crk_ageing_amount(&sums, i);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, CRK_AGEING_SLOTS(&sums), NUMERICOID,
										  -1, false, TYPALIGN_INT));
}

/*
 * All buckets, the empty ones too: a report must not lose a line because
 * nothing is in it.
 */
PG_FUNCTION_INFO_V1(crk_buckets);
Datum
crk_buckets(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	CrkAgeingSums sums;
	int slot;

	InitMaterializedSRF(fcinfo, 0);
	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	for (slot = 0; slot < CRK_AGEING_SLOTS(&sums); slot++)
	{
		bool undated = slot == sums.nbounds + 2;
		char label[CRK_AGEING_LABEL_SIZE];
		Datum values[6];
		bool nulls[6] = { false };

		crk_ageing_label(sums.bounds, sums.nbounds, slot, label);
		values[0] = Int32GetDatum(undated ? CRK_AGEING_NO_DUE_DATE : slot);
		values[1] = CStringGetTextDatum(label);
		nulls[2] = slot == 0 || undated;
		values[2] = nulls[2] ? (Datum) 0 :
							   Int32GetDatum(slot == 1 ? 1 : sums.bounds[slot - 2] + 1);
		nulls[3] = slot > sums.nbounds;
		values[3] = nulls[3] ? (Datum) 0 :
							   Int32GetDatum(slot == 0 ? 0 : sums.bounds[slot - 1]);
		values[4] = crk_ageing_amount(&sums, slot);
		values[5] = Int64GetDatum(sums.slot[slot].items);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * An infinite date has no age in days.
 */
PG_FUNCTION_INFO_V1(crk_ageing_days);
Datum
crk_ageing_days(PG_FUNCTION_ARGS)
{
	DateADT due_date = PG_GETARG_DATEADT(0);
	DateADT as_of = PG_GETARG_DATEADT(1);

	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must be finite")));
	if (DATE_NOT_FINITE(due_date))
		PG_RETURN_NULL();
	PG_RETURN_INT32(as_of - due_date);
}

/*
 * The same grid for a row as for the aggregate.
 */
PG_FUNCTION_INFO_V1(crk_ageing_bucket);
Datum
crk_ageing_bucket(PG_FUNCTION_ARGS)
{
	int nbounds;
	const int32 *bounds = read_bounds(PG_GETARG_ARRAYTYPE_P(1), &nbounds);

	PG_RETURN_INT32(crk_ageing_slot_of_days(bounds, nbounds, PG_GETARG_INT32(0)));
}

/*
 * The same labels as in the text form and in buckets().
 */
PG_FUNCTION_INFO_V1(crk_ageing_bucket_label);
Datum
crk_ageing_bucket_label(PG_FUNCTION_ARGS)
{
	int nbounds;
	const int32 *bounds = read_bounds(PG_GETARG_ARRAYTYPE_P(1), &nbounds);
	char label[CRK_AGEING_LABEL_SIZE];

	crk_ageing_label(bounds, nbounds,
					 find_bucket(bounds, nbounds, PG_GETARG_INT32(0)), label);
	PG_RETURN_TEXT_P(cstring_to_text(label));
}
