/*
 * survival.c
 *	  How long customers take to pay, open invoices included: the Kaplan-Meier
 *	  curve, and the cash that can be expected by it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "argument.h"
#include "compat.h"
#include "weighted_mean.h"

#include "kernel/score_run.h"

/*
 * How many were paid, and how many left open, after each duration: runs whose
 * score is the duration, bad the paid and good the open.  The first sorted ones
 * are in order and of different durations.
 */
typedef struct DurationsState
{
	int64 sorted;
	int64 used;
	int64 capacity;
	CrkScoreRun *runs;
} DurationsState;

#define DURATIONS_FIRST_CAPACITY 32

/* The columns of km_point. */
typedef enum PointColumn
{
	POINT_DURATION,
	POINT_AT_RISK,
	POINT_PAID,
	POINT_OPEN,
	POINT_HAZARD,
	POINT_SURVIVAL,
	POINT_VARIANCE,
	POINT_COLUMNS
} PointColumn;

/* A curve as it came in: its points are read when they are looked at. */
typedef struct Curve
{
	int length;
	Datum *points;
	TupleDesc columns;
} Curve;

/*
 * In the memory of the aggregate, where it stays.
 */
static DurationsState *
new_durations(MemoryContext memory, int64 capacity)
{
	DurationsState *state = MemoryContextAllocZero(memory, sizeof(DurationsState));

	state->capacity = capacity;
	state->runs = MemoryContextAllocHuge(memory, capacity * sizeof(CrkScoreRun));
	return state;
}

/*
 * Changes how the state is written and not what it says, so a final function
 * may do it too.
 */
static void
compact(DurationsState *state)
{
	CrkScoreRun *scratch;

	if (state->sorted == state->used)
		return;
	scratch = MemoryContextAllocHuge(CurrentMemoryContext, (state->used - state->sorted) * sizeof(CrkScoreRun));
	state->used = crk_score_run_compact(state->runs, state->sorted, state->used, scratch);
	state->sorted = state->used;
	pfree(scratch);
}

/*
 * Room for so many runs more; the state grows only where its different
 * durations leave too little.
 */
static void
make_room(DurationsState *state, int64 more)
{
	if (state->used + more <= state->capacity)
		return;
	compact(state);
	if (state->used + more <= state->capacity / 4 * 3)
		return;
	state->capacity = Max(state->capacity * 2, state->used + more);
	state->runs = repalloc_huge(state->runs, state->capacity * sizeof(CrkScoreRun));
}

static DurationsState *
durations_state(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : (DurationsState *) PG_GETARG_POINTER(number);
}

static MemoryContext
aggregate_memory(FunctionCallInfo fcinfo)
{
	MemoryContext memory;

	if (!AggCheckCallContext(fcinfo, &memory))
		elog(ERROR, "kaplan_meier called outside of an aggregate");
	return memory;
}

/*
 * One invoice more.
 */
PG_FUNCTION_INFO_V1(crk_kaplan_meier_accum);
Datum
crk_kaplan_meier_accum(PG_FUNCTION_ARGS)
{
	MemoryContext memory = aggregate_memory(fcinfo);
	DurationsState *state = durations_state(fcinfo, 0);
	CrkScoreRun *run;
	int32 duration;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return crk_mean_unchanged(fcinfo);
	duration = crk_argument_count(fcinfo, 1, "duration");
	if (state == NULL)
		state = new_durations(memory, DURATIONS_FIRST_CAPACITY);
	make_room(state, 1);
	run = &state->runs[state->used++];
	run->score = duration;
	run->bad = PG_GETARG_BOOL(2) ? 1 : 0;
	run->good = PG_GETARG_BOOL(2) ? 0 : 1;
	PG_RETURN_POINTER(state);
}

/*
 * The other state is left as it is, and its memory is not ours to keep.
 */
PG_FUNCTION_INFO_V1(crk_kaplan_meier_combine);
Datum
crk_kaplan_meier_combine(PG_FUNCTION_ARGS)
{
	MemoryContext memory = aggregate_memory(fcinfo);
	DurationsState *state = durations_state(fcinfo, 0);
	DurationsState *other = durations_state(fcinfo, 1);

	if (other == NULL)
		return crk_mean_unchanged(fcinfo);
	if (state == NULL)
		state = new_durations(memory, other->used + 1);
	make_room(state, other->used);
	memcpy(state->runs + state->used, other->runs, other->used * sizeof(CrkScoreRun));
	state->used += other->used;
	compact(state);
	PG_RETURN_POINTER(state);
}

/*
 * Between processes of one server only, but in a form that says nothing of
 * its machine.
 */
PG_FUNCTION_INFO_V1(crk_kaplan_meier_serialize);
Datum
crk_kaplan_meier_serialize(PG_FUNCTION_ARGS)
{
	DurationsState *state = (DurationsState *) PG_GETARG_POINTER(0);
	StringInfoData buffer;
	int64 i;

	aggregate_memory(fcinfo);
	compact(state);
	pq_begintypsend(&buffer);
	pq_sendint64(&buffer, state->used);
	for (i = 0; i < state->used; i++)
	{
		pq_sendint32(&buffer, (int32) state->runs[i].score);
		pq_sendint32(&buffer, state->runs[i].bad);
		pq_sendint32(&buffer, state->runs[i].good);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

PG_FUNCTION_INFO_V1(crk_kaplan_meier_deserialize);
Datum
crk_kaplan_meier_deserialize(PG_FUNCTION_ARGS)
{
	bytea *bytes = PG_GETARG_BYTEA_PP(0);
	DurationsState *state;
	StringInfoData buffer;
	int64 used;
	int64 i;

	aggregate_memory(fcinfo);
	initStringInfo(&buffer);
	appendBinaryStringInfo(&buffer, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	used = pq_getmsgint64(&buffer);
	state = new_durations(CurrentMemoryContext, used + 1);
	for (i = 0; i < used; i++)
	{
		state->runs[i].score = (int32) pq_getmsgint(&buffer, 4);
		state->runs[i].bad = (int32) pq_getmsgint(&buffer, 4);
		state->runs[i].good = (int32) pq_getmsgint(&buffer, 4);
	}
	pq_getmsgend(&buffer);
	state->used = state->sorted = used;
	PG_RETURN_POINTER(state);
}

/*
 * Those that are still open at a duration were at risk of being paid then.
 * A duration of very many invoices has several runs, which are one point.
 */
PG_FUNCTION_INFO_V1(crk_kaplan_meier_final);
Datum
crk_kaplan_meier_final(PG_FUNCTION_ARGS)
{
	Oid type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	DurationsState *state = durations_state(fcinfo, 0);
	TupleDesc columns;
	Datum *rows;
	int64 at_risk = 0;
	double survival = 1;
	double greenwood = 0;
	int length = 0;
	int64 i;

	if (state == NULL)
		PG_RETURN_NULL();
	compact(state);
	for (i = 0; i < state->used; i++)
		at_risk += (int64) state->runs[i].bad + state->runs[i].good;
	columns = BlessTupleDesc(lookup_rowtype_tupdesc_copy(type, -1));
	rows = MemoryContextAllocHuge(CurrentMemoryContext, state->used * sizeof(Datum));
	for (i = 0; i < state->used;)
	{
		Datum values[POINT_COLUMNS];
		bool nulls[POINT_COLUMNS] = { false };
		double duration = state->runs[i].score;
		int64 paid = 0;
		int64 open = 0;

		for (; i < state->used && state->runs[i].score == duration; i++)
		{
			paid += state->runs[i].bad;
			open += state->runs[i].good;
		}
		survival *= (double) (at_risk - paid) / (double) at_risk;
		if (paid < at_risk)
			greenwood += (double) paid / ((double) at_risk * (double) (at_risk - paid));
		values[POINT_DURATION] = Int32GetDatum((int32) duration);
		values[POINT_AT_RISK] = Int64GetDatum(at_risk);
		values[POINT_PAID] = Int64GetDatum(paid);
		values[POINT_OPEN] = Int64GetDatum(open);
		values[POINT_HAZARD] = Float8GetDatum((double) paid / (double) at_risk);
		values[POINT_SURVIVAL] = Float8GetDatum(survival);
		values[POINT_VARIANCE] = Float8GetDatum(survival * survival * greenwood);
		rows[length++] = HeapTupleGetDatum(heap_form_tuple(columns, values, nulls));
		at_risk -= paid + open;
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, length, type, -1, false, TYPALIGN_DOUBLE));
}

/*
 * The curve of the first argument.  Its type says the columns; the caller
 * gives them back.
 */
static Curve
read_curve(FunctionCallInfo fcinfo)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
	Curve curve;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("curve must be a one-dimensional array"),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array))));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("curve must not contain NULL")));
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE,
					  &curve.points, NULL, &curve.length);
	curve.columns = lookup_rowtype_tupdesc(ARR_ELEMTYPE(array), -1);
	return curve;
}

/*
 * A point may have been written by hand.
 */
static void
read_point(const Curve *curve, int number, int32 *duration, double *survival)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(curve->points[number]);
	HeapTupleData tuple = { 0 };
	Datum values[POINT_COLUMNS];
	bool nulls[POINT_COLUMNS];

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, curve->columns, values, nulls);
	if (nulls[POINT_DURATION] || nulls[POINT_SURVIVAL])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("curve must have a duration and a survival in each point")));
	*duration = DatumGetInt32(values[POINT_DURATION]);
	*survival = DatumGetFloat8(values[POINT_SURVIVAL]);
	if (!(*survival >= 0 && *survival <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("curve must have survivals from 0 to 1"),
				 errdetail("The survival at %d is %.15g.", *duration, *survival)));
}

/*
 * Of the last point not behind t: points are in order, so few are read.
 */
static double
survival_at(const Curve *curve, int64 t)
{
	double result = 1;
	int low = 0;
	int high = curve->length;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		int32 duration;
		double survival;

		read_point(curve, middle, &duration, &survival);
		if (duration <= t)
		{
			result = survival;
			low = middle + 1;
		}
		else
			high = middle;
	}
	return result;
}

PG_FUNCTION_INFO_V1(crk_survival_at);
Datum
crk_survival_at(PG_FUNCTION_ARGS)
{
	int32 t = crk_argument_count(fcinfo, 1, "t");
	Curve curve = read_curve(fcinfo);
	double survival = survival_at(&curve, t);

	ReleaseTupleDesc(curve.columns);
	if (curve.length == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(survival);
}

/*
 * The share of those open at an age that is paid after one duration and up to
 * another; false where none was ever open at that age.
 */
static bool
share_paid(FunctionCallInfo fcinfo, int32 age, int64 from, int64 to, double *share)
{
	Curve curve = read_curve(fcinfo);
	double open = survival_at(&curve, age);

	if (curve.length > 0 && open > 0)
		*share = (survival_at(&curve, from) - survival_at(&curve, to)) / open;
	ReleaseTupleDesc(curve.columns);
	return curve.length > 0 && open > 0;
}

PG_FUNCTION_INFO_V1(crk_payment_probability);
Datum
crk_payment_probability(PG_FUNCTION_ARGS)
{
	int32 age = crk_argument_count(fcinfo, 1, "age");
	int32 horizon = crk_argument_count(fcinfo, 2, "horizon");
	double share;

	if (!share_paid(fcinfo, age, age, (int64) age + horizon, &share))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(share);
}

/*
 * Days are counted from today, when the invoice has its age.
 */
PG_FUNCTION_INFO_V1(crk_expected_cash);
Datum
crk_expected_cash(PG_FUNCTION_ARGS)
{
	Numeric amount = crk_argument_numeric(fcinfo, 1, "amount");
	int32 age = crk_argument_count(fcinfo, 2, "age");
	int32 from_day = crk_argument_count(fcinfo, 3, "from_day");
	int32 to_day = crk_argument_count(fcinfo, 4, "to_day");
	double share;

	if (to_day < from_day)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("to_day must not be before from_day"),
				 errdetail("from_day is %d, to_day is %d.", from_day, to_day)));
	if (!share_paid(fcinfo, age, (int64) age + from_day, (int64) age + to_day, &share))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_multiply(amount,
										   DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(share)))));
}
