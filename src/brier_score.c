/*
 * brier_score.c
 *	  Mean squared error of predicted probabilities.
 */
#include "postgres.h"

#include <math.h>

#include "argument.h"
#include "compat.h"
#include "weighted_mean.h"

#define BRIER_MAGIC 0x4263

/*
 * A sum with its own rounding error beside it, so that the order of rows and
 * the number of workers hardly ever show.
 */
typedef struct BrierState
{
	int32 vl_len_;
	uint16 magic;
	uint16 reserved;
	int64 cases;
	double sum;
	double error;
} BrierState;

StaticAssertDecl(sizeof(BrierState) == 32, "no hidden padding in a state of errors");

/*
 * A state read back from a tuple is packed and may stand anywhere; and it may
 * have been written by hand.
 */
static BrierState *
brier_state(Datum datum, bool copy)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(datum);
	BrierState *state = (BrierState *) stored;

	if (copy || VARATT_IS_EXTENDED(stored) ||
		(uintptr_t) stored % MAXIMUM_ALIGNOF != 0)
		state = (BrierState *) pg_detoast_datum_copy(stored);
	if (VARSIZE(state) != sizeof(BrierState) || state->magic != BRIER_MAGIC ||
		state->cases <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state is not the state of this aggregate")));
	return state;
}

/*
 * Neumaier's summation: what the larger of the two pushes out is kept.
 */
static void
add(BrierState *state, double value)
{
	double sum = state->sum + value;

	if (fabs(state->sum) >= fabs(value))
		state->error += (state->sum - sum) + value;
	else
		state->error += (value - sum) + state->sum;
	state->sum = sum;
}

PG_FUNCTION_INFO_V1(crk_brier_score_accum);
Datum
crk_brier_score_accum(PG_FUNCTION_ARGS)
{
	BrierState *state;
	double p;
	double miss;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return crk_mean_unchanged(fcinfo);
	p = crk_argument_probability(fcinfo, 2, "p");
	if (PG_ARGISNULL(0))
	{
		state = palloc0(sizeof(BrierState));
		SET_VARSIZE(state, sizeof(BrierState));
		state->magic = BRIER_MAGIC;
	}
	else
		state = brier_state(PG_GETARG_DATUM(0), !AggCheckCallContext(fcinfo, NULL));
	miss = p - (PG_GETARG_BOOL(1) ? 1 : 0);
	add(state, miss * miss);
	state->cases++;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(crk_brier_score_combine);
Datum
crk_brier_score_combine(PG_FUNCTION_ARGS)
{
	BrierState *state;
	BrierState *other;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = brier_state(PG_GETARG_DATUM(1), PG_ARGISNULL(0));
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(other);
	state = brier_state(PG_GETARG_DATUM(0), !AggCheckCallContext(fcinfo, NULL));
	add(state, other->sum);
	state->error += other->error;
	state->cases += other->cases;
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(crk_brier_score_final);
Datum
crk_brier_score_final(PG_FUNCTION_ARGS)
{
	BrierState *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = brier_state(PG_GETARG_DATUM(0), false);
	PG_RETURN_FLOAT8((state->sum + state->error) / (double) state->cases);
}
