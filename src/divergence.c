/*
 * divergence.c
 *	  Information value and population stability index: how far two
 *	  distributions over the same bins are apart.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "weighted_mean.h"

#include "kernel/divergence.h"

#define BINS_MAGIC 0x4963

typedef enum BinsKind
{
	BINS_INFORMATION = 1,
	BINS_STABILITY
} BinsKind;

/*
 * Every bin, to the end: the shares need the totals.  The size of the chunk is
 * the capacity.  filler is zero where an empty bin makes the figure undefined.
 */
typedef struct BinsState
{
	int32 vl_len_;
	uint16 magic;
	uint16 kind;
	double filler;
	int64 used;
	CrkBinPair bins[FLEXIBLE_ARRAY_MEMBER];
} BinsState;

#define BINS_STATE_SIZE		offsetof(BinsState, bins)
#define BINS_FIRST_CAPACITY 16
#define BINS_LARGEST_CAPACITY \
	((int64) ((MaxAllocSize - BINS_STATE_SIZE) / sizeof(CrkBinPair)))

StaticAssertDecl(BINS_STATE_SIZE == 24 && sizeof(CrkBinPair) == 16, "no hidden padding in a state of bins");

/*
 * Derived and not stored: see BinsState.
 */
static int64
capacity_of(const BinsState *state)
{
	return (VARSIZE(state) - BINS_STATE_SIZE) / sizeof(CrkBinPair);
}

static void
check_state(bool sound)
{
	if (!sound)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state is not the state of this aggregate")));
}

/*
 * A state read back from a tuple is packed and may stand anywhere; and it may
 * have been written by hand.
 */
static BinsState *
bins_state(Datum datum, BinsKind kind, bool copy)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(datum);
	BinsState *state = (BinsState *) stored;

	if (copy || VARATT_IS_EXTENDED(stored) ||
		(uintptr_t) stored % MAXIMUM_ALIGNOF != 0)
		state = (BinsState *) pg_detoast_datum_copy(stored);
	check_state(VARSIZE(state) >= BINS_STATE_SIZE &&
				state->magic == BINS_MAGIC && state->kind == kind &&
				state->used >= 0 && state->used <= capacity_of(state) &&
				state->filler >= 0 && isfinite(state->filler) &&
				(kind != BINS_STABILITY || state->filler < 1));
	return state;
}

/*
 * What a transition takes, and nothing else: once for each state, since each
 * row would make it quadratic.
 */
static void
check_bins(const BinsState *state)
{
	int64 i;

	for (i = 0; i < state->used; i++)
		check_state(state->bins[i].first >= 0 && isfinite(state->bins[i].first) &&
					state->bins[i].second >= 0 && isfinite(state->bins[i].second));
}

/*
 * Zeroed whole: a state may be compared or stored.
 */
static BinsState *
new_bins_state(BinsKind kind, double filler, int64 capacity)
{
	Size size = BINS_STATE_SIZE + capacity * sizeof(CrkBinPair);
	BinsState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->magic = BINS_MAGIC;
	state->kind = kind;
	state->filler = filler;
	return state;
}

/*
 * The larger state is made in the short-lived memory: the executor itself
 * moves a state that has changed its place.
 */
static BinsState *
make_room(BinsState *state, int64 more)
{
	int64 needed = state->used + more;
	BinsState *larger;

	if (needed <= capacity_of(state))
		return state;
	if (needed > BINS_LARGEST_CAPACITY)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many bins in one group"),
				 errdetail("At most " INT64_FORMAT " can be kept.", BINS_LARGEST_CAPACITY)));
	larger = new_bins_state(state->kind, state->filler,
							Min(Max(capacity_of(state) * 2, needed), BINS_LARGEST_CAPACITY));
	larger->used = state->used;
	memcpy(larger->bins, state->bins, state->used * sizeof(CrkBinPair));
	return larger;
}

static const char *
filler_name(BinsKind kind)
{
	return kind == BINS_INFORMATION ? "adjust" : "epsilon";
}

/*
 * Two fillers in one group would make two figures of one.
 */
static void
check_filler(const BinsState *state, double filler)
{
	if (state->filler != filler)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same for all rows of a group", filler_name(state->kind))));
}

/*
 * What takes the place of nothing must itself be something, and a share is
 * less than all.
 */
static double
read_filler(FunctionCallInfo fcinfo, int number, BinsKind kind)
{
	double filler = crk_argument_float_positive(fcinfo, number, filler_name(kind));

	if (kind == BINS_STABILITY && filler >= 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("epsilon must be less than 1"),
				 errdetail("The value is %.15g.", filler)));
	return filler;
}

/*
 * Shares, counts and amounts have no sign.
 */
static double
check_count(double count, const char *name)
{
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name),
				 errdetail("The value is %.15g.", count)));
	return count;
}

/*
 * The body of both transition functions: one bin more.
 */
static Datum
accumulate(FunctionCallInfo fcinfo, BinsKind kind, double first, double second)
{
	BinsState *state;
	double filler = PG_NARGS() > 3 ? read_filler(fcinfo, 3, kind) : 0;

	if (PG_ARGISNULL(0))
		state = new_bins_state(kind, filler, BINS_FIRST_CAPACITY);
	else
	{
		state = bins_state(PG_GETARG_DATUM(0), kind, !AggCheckCallContext(fcinfo, NULL));
		check_filler(state, filler);
		state = make_room(state, 1);
	}
	state->bins[state->used].first = first;
	state->bins[state->used].second = second;
	state->used++;
	PG_RETURN_POINTER(state);
}

static bool
is_ignored(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 3 && PG_ARGISNULL(3));
}

PG_FUNCTION_INFO_V1(crk_information_value_accum);
Datum
crk_information_value_accum(PG_FUNCTION_ARGS)
{
	if (is_ignored(fcinfo))
		return crk_mean_unchanged(fcinfo);
	return accumulate(fcinfo, BINS_INFORMATION,
					  check_count((double) PG_GETARG_INT64(1), "good"),
					  check_count((double) PG_GETARG_INT64(2), "bad"));
}

PG_FUNCTION_INFO_V1(crk_psi_accum);
Datum
crk_psi_accum(PG_FUNCTION_ARGS)
{
	if (is_ignored(fcinfo))
		return crk_mean_unchanged(fcinfo);
	return accumulate(fcinfo, BINS_STABILITY,
					  check_count(crk_argument_float(fcinfo, 1, "expected"), "expected"),
					  check_count(crk_argument_float(fcinfo, 2, "actual"), "actual"));
}

/*
 * The order of bins does not matter before the end, so states are joined end
 * to end.
 */
static Datum
combine(FunctionCallInfo fcinfo, BinsKind kind)
{
	BinsState *state;
	BinsState *other;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = bins_state(PG_GETARG_DATUM(1), kind, PG_ARGISNULL(0));
	check_bins(other);
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(other);
	state = bins_state(PG_GETARG_DATUM(0), kind, !AggCheckCallContext(fcinfo, NULL));
	check_filler(state, other->filler);
	state = make_room(state, other->used);
	memcpy(state->bins + state->used, other->bins, other->used * sizeof(CrkBinPair));
	state->used += other->used;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(crk_information_value_combine);
Datum
crk_information_value_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, BINS_INFORMATION);
}

PG_FUNCTION_INFO_V1(crk_psi_combine);
Datum
crk_psi_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, BINS_STABILITY);
}

/*
 * Sorts a copy: the executor may ask the same state twice.
 */
static Datum
finish(FunctionCallInfo fcinfo, BinsKind kind, CrkEmptyBin empty)
{
	BinsState *state;
	double result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = bins_state(PG_GETARG_DATUM(0), kind, true);
	check_bins(state);
	if (state->filler == 0)
		empty = CRK_EMPTY_UNDEFINED;
	if (!crk_divergence(state->bins, state->used, empty, state->filler, &result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

PG_FUNCTION_INFO_V1(crk_information_value_final);
Datum
crk_information_value_final(PG_FUNCTION_ARGS)
{
	return finish(fcinfo, BINS_INFORMATION, CRK_EMPTY_ADJUST);
}

PG_FUNCTION_INFO_V1(crk_psi_final);
Datum
crk_psi_final(PG_FUNCTION_ARGS)
{
	return finish(fcinfo, BINS_STABILITY, CRK_EMPTY_REPLACE);
}

/*
 * Shares or counts of one side.
 */
static CrkFloatArray
read_distribution(FunctionCallInfo fcinfo, int number, const char *name)
{
	CrkFloatArray result = crk_argument_floats(fcinfo, number, name);
	int i;

	for (i = 0; i < result.length; i++)
		check_count(result.values[i], name);
	return result;
}

PG_FUNCTION_INFO_V1(crk_population_stability_index);
Datum
crk_population_stability_index(PG_FUNCTION_ARGS)
{
	double filler = PG_NARGS() > 2 ? read_filler(fcinfo, 2, BINS_STABILITY) : 0;
	CrkFloatArray expected = read_distribution(fcinfo, 0, "expected");
	CrkFloatArray actual = read_distribution(fcinfo, 1, "actual");
	CrkBinPair *bins;
	double result;
	int i;

	crk_argument_same_length("expected", expected.length, "actual", actual.length);
	bins = palloc(expected.length * sizeof(CrkBinPair));
	for (i = 0; i < expected.length; i++)
	{
		bins[i].first = expected.values[i];
		bins[i].second = actual.values[i];
	}
	if (!crk_divergence(bins, expected.length, filler == 0 ? CRK_EMPTY_UNDEFINED : CRK_EMPTY_REPLACE, filler, &result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}
