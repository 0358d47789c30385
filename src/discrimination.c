/*
 * discrimination.c
 *	  How well scores tell the bad from the good: area under the curve, Gini,
 *	  Kolmogorov-Smirnov; and whether predictions come true: calibration.
 *
 * All four keep the same: how many good and bad had each score.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "argument.h"
#include "compat.h"
#include "weighted_mean.h"

#include "kernel/score_run.h"

#define SCORES_MAGIC 0x5263

typedef enum ScoresKind
{
	SCORES_RANKED = 1, /* option 1: the higher score is the better */
	SCORES_PREDICTED   /* option: number of bins */
} ScoresKind;

/*
 * The size of the chunk is the capacity, so that a state copied by the executor
 * keeps it and a forged one cannot claim more than it has.  The first sorted
 * runs are in order and of different scores; those behind came since.
 */
typedef struct ScoresState
{
	int32 vl_len_;
	uint16 magic;
	uint16 kind;
	int32 option;
	int32 reserved;
	int64 sorted;
	int64 used;
	CrkScoreRun runs[FLEXIBLE_ARRAY_MEMBER];
} ScoresState;

#define SCORES_STATE_SIZE	  offsetof(ScoresState, runs)
#define SCORES_FIRST_CAPACITY 32
#define SCORES_LARGEST_CAPACITY \
	((int64) ((MaxAllocSize - SCORES_STATE_SIZE) / sizeof(CrkScoreRun)))

StaticAssertDecl(SCORES_STATE_SIZE == 32 && sizeof(CrkScoreRun) == 16, "no hidden padding in a state of scores");

/*
 * Derived and not stored: see ScoresState.
 */
static int64
capacity_of(const ScoresState *state)
{
	return (VARSIZE(state) - SCORES_STATE_SIZE) / sizeof(CrkScoreRun);
}

/*
 * A state is plain bytea and may have been written by hand.
 */
static void
check_state(bool holds)
{
	if (!holds)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state is not the state of this aggregate")));
}

/*
 * A state read back from a tuple is packed and may stand anywhere.
 */
static ScoresState *
scores_state(Datum datum, ScoresKind kind, bool copy)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(datum);
	ScoresState *state = (ScoresState *) stored;

	if (copy || VARATT_IS_EXTENDED(stored) ||
		(uintptr_t) stored % MAXIMUM_ALIGNOF != 0)
		state = (ScoresState *) pg_detoast_datum_copy(stored);
	check_state(VARSIZE(state) >= SCORES_STATE_SIZE &&
				state->magic == SCORES_MAGIC && state->kind == kind &&
				state->sorted >= 0 && state->sorted <= state->used &&
				state->used <= capacity_of(state));
	return state;
}

/*
 * Zeroed whole: a state may be compared or stored.
 */
static ScoresState *
new_scores_state(ScoresKind kind, int32 option, int64 capacity)
{
	Size size = SCORES_STATE_SIZE + capacity * sizeof(CrkScoreRun);
	ScoresState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->magic = SCORES_MAGIC;
	state->kind = kind;
	state->option = option;
	return state;
}

/*
 * Changes how the state is written and not what it says, so a final function
 * may do it to the executor's own.
 */
static void
compact(ScoresState *state)
{
	CrkScoreRun *scratch;

	if (state->sorted == state->used)
		return;
	scratch = palloc((state->used - state->sorted) * sizeof(CrkScoreRun));
	state->used = crk_score_run_compact(state->runs, state->sorted, state->used, scratch);
	state->sorted = state->used;
	pfree(scratch);
}

/*
 * Room for so many runs more.  The state grows only where its different scores
 * alone leave too little room, so that it is never much larger than they need:
 * doubled for one more run, exactly for those of another state.
 * The larger state is made in the short-lived memory: the executor itself
 * moves a state that has changed its place.
 */
static ScoresState *
make_room(ScoresState *state, int64 more)
{
	int64 capacity = capacity_of(state);
	ScoresState *larger;

	if (state->used + more <= capacity)
		return state;
	compact(state);
	if (state->used + more <= capacity && (more > 1 || state->used <= capacity / 4 * 3))
		return state;
	if (state->used + more > SCORES_LARGEST_CAPACITY)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different scores in one group"),
				 errdetail("At most " INT64_FORMAT " can be kept.", SCORES_LARGEST_CAPACITY),
				 errhint("Round the scores.")));
	capacity = more > 1 ? state->used + more : Min(capacity * 2, SCORES_LARGEST_CAPACITY);
	larger = new_scores_state(state->kind, state->option, capacity);
	larger->sorted = state->sorted;
	larger->used = state->used;
	memcpy(larger->runs, state->runs, state->used * sizeof(CrkScoreRun));
	return larger;
}

/*
 * Two directions, or two numbers of bins, in one group would make two figures
 * of one.
 */
static void
check_option(const ScoresState *state, int32 option)
{
	if (state->option != option)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same for all rows of a group",
						state->kind == SCORES_RANKED ? "higher_is_better" : "bins")));
}

/*
 * A score that no other can be compared with is refused; minus zero is zero.
 */
static double
read_score(FunctionCallInfo fcinfo, ScoresKind kind)
{
	double score = kind == SCORES_RANKED ? crk_argument_float(fcinfo, 2, "score") : crk_argument_probability(fcinfo, 2, "p");

	return score + 0.0;
}

/*
 * The body of all transition functions: one case more (sign 1) or, where a
 * window moves on, one less (sign -1).
 */
static Datum
accumulate(FunctionCallInfo fcinfo, ScoresKind kind, int sign)
{
	ScoresState *state;
	CrkScoreRun *run;
	double score;
	int32 option = kind == SCORES_RANKED ? 0 : 10;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 3 && PG_ARGISNULL(3)))
		return crk_mean_unchanged(fcinfo);
	score = read_score(fcinfo, kind);
	if (PG_NARGS() > 3)
		option = kind == SCORES_RANKED ? PG_GETARG_BOOL(3) : crk_argument_positive(fcinfo, 3, "bins");
	if (PG_ARGISNULL(0))
		state = new_scores_state(kind, option, SCORES_FIRST_CAPACITY);
	else
	{
		state = scores_state(PG_GETARG_DATUM(0), kind, !AggCheckCallContext(fcinfo, NULL));
		check_option(state, option);
		state = make_room(state, 1);
	}
	run = &state->runs[state->used++];
	run->score = score;
	run->good = PG_GETARG_BOOL(1) ? 0 : sign;
	run->bad = PG_GETARG_BOOL(1) ? sign : 0;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(crk_discrimination_accum);
Datum
crk_discrimination_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, SCORES_RANKED, 1);
}

PG_FUNCTION_INFO_V1(crk_discrimination_remove);
Datum
crk_discrimination_remove(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, SCORES_RANKED, -1);
}

PG_FUNCTION_INFO_V1(crk_calibration_accum);
Datum
crk_calibration_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, SCORES_PREDICTED, 1);
}

PG_FUNCTION_INFO_V1(crk_calibration_remove);
Datum
crk_calibration_remove(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, SCORES_PREDICTED, -1);
}

/*
 * The other state's runs are put behind ours.  Both are in order, so joining
 * them costs one look.
 */
static Datum
combine(FunctionCallInfo fcinfo, ScoresKind kind)
{
	ScoresState *state;
	ScoresState *other;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = scores_state(PG_GETARG_DATUM(1), kind, true);
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(other);
	state = scores_state(PG_GETARG_DATUM(0), kind, !AggCheckCallContext(fcinfo, NULL));
	check_option(state, other->option);
	compact(state);
	compact(other);
	state = make_room(state, other->used);
	memcpy(state->runs + state->used, other->runs, other->used * sizeof(CrkScoreRun));
	state->used += other->used;
	compact(state);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(crk_discrimination_combine);
Datum
crk_discrimination_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, SCORES_RANKED);
}

PG_FUNCTION_INFO_V1(crk_calibration_combine);
Datum
crk_calibration_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, SCORES_PREDICTED);
}

/*
 * The state of a final function, in order; what the figures rest on is checked.
 */
static ScoresState *
ordered_state(FunctionCallInfo fcinfo, ScoresKind kind)
{
	ScoresState *state = scores_state(PG_GETARG_DATUM(0), kind, !AggCheckCallContext(fcinfo, NULL));
	int64 i;

	compact(state);
	for (i = 0; i < state->used; i++)
		check_state(isfinite(state->runs[i].score) &&
					(i == 0 || state->runs[i - 1].score <= state->runs[i].score) &&
					state->runs[i].good >= 0 && state->runs[i].bad >= 0);
	return state;
}

/*
 * The figures of one state; false where they are undefined.
 */
static bool
discrimination(FunctionCallInfo fcinfo, CrkDiscrimination *result, bool *higher_is_better)
{
	ScoresState *state;

	if (PG_ARGISNULL(0))
		return false;
	state = ordered_state(fcinfo, SCORES_RANKED);
	*higher_is_better = state->option != 0;
	return crk_score_run_discrimination(state->runs, state->used, result);
}

PG_FUNCTION_INFO_V1(crk_auc_final);
Datum
crk_auc_final(PG_FUNCTION_ARGS)
{
	CrkDiscrimination result;
	bool higher_is_better;

	if (!discrimination(fcinfo, &result, &higher_is_better))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(higher_is_better ? result.reverse_auc : result.auc);
}

PG_FUNCTION_INFO_V1(crk_gini_final);
Datum
crk_gini_final(PG_FUNCTION_ARGS)
{
	CrkDiscrimination result;
	bool higher_is_better;

	if (!discrimination(fcinfo, &result, &higher_is_better))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(higher_is_better ? 0 - result.gini : result.gini);
}

/*
 * The same in both directions.
 */
PG_FUNCTION_INFO_V1(crk_ks_statistic_final);
Datum
crk_ks_statistic_final(PG_FUNCTION_ARGS)
{
	CrkDiscrimination result;
	bool higher_is_better;

	if (!discrimination(fcinfo, &result, &higher_is_better))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result.ks);
}

/*
 * Columns as the type calibration_bin has them.
 */
static Datum
bin_row(TupleDesc columns, const CrkCalibrationBin *bin)
{
	Datum values[] = {
		Int32GetDatum((int32) bin->number),
		Int64GetDatum(bin->cases),
		Float8GetDatum(bin->mean),
		Float8GetDatum((double) bin->bad / (double) bin->cases),
		Int64GetDatum(bin->bad),
		Float8GetDatum(bin->lowest),
		Float8GetDatum(bin->highest)
	};
	bool nulls[lengthof(values)] = { false };

	return HeapTupleGetDatum(heap_form_tuple(columns, values, nulls));
}

/*
 * The row type is found by the function's own result: no name is looked up.
 */
PG_FUNCTION_INFO_V1(crk_calibration_final);
Datum
crk_calibration_final(PG_FUNCTION_ARGS)
{
	Oid type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	ScoresState *state;
	CrkCalibrationBin *bins;
	TupleDesc columns;
	Datum *rows;
	int64 length;
	int64 i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = ordered_state(fcinfo, SCORES_PREDICTED);
	check_state(state->option > 0);
	if (state->used == 0)
		PG_RETURN_NULL();
	bins = palloc(Min(state->used, state->option) * sizeof(CrkCalibrationBin));
	length = crk_score_run_calibration(state->runs, state->used, state->option, bins);
	columns = BlessTupleDesc(lookup_rowtype_tupdesc_copy(type, -1));
	rows = palloc(length * sizeof(Datum));
	for (i = 0; i < length; i++)
		rows[i] = bin_row(columns, &bins[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, (int) length, type, -1, false, TYPALIGN_DOUBLE));
}
