/*
 * concentration.c
 *	  How much hangs on few customers: Herfindahl-Hirschman index, share of the
 *	  largest, Gini coefficient.
 *
 * A credit balance is no concentration: values below zero are left out of
 * every share.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"
#include "weighted_mean.h"

/*
 * The sum of squares over the square of the sum: no share is ever rounded.
 */
PG_FUNCTION_INFO_V1(crk_hhi_accum);
Datum
crk_hhi_accum(PG_FUNCTION_ARGS)
{
	CrkAmount value;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	value = crk_amount_read(PG_GETARG_DATUM(1), 0, "value");
	return crk_mean_accumulate(fcinfo, CRK_MEAN_SQUARE, &value, &value);
}

/*
 * One division; 1 / hhi is the effective number of customers.
 */
PG_FUNCTION_INFO_V1(crk_hhi_final);
Datum
crk_hhi_final(PG_FUNCTION_ARGS)
{
	Numeric sum;
	Numeric squares;

	if (!crk_mean_sums(fcinfo, CRK_MEAN_SQUARE, &sum, &squares))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(squares, crk_numeric_multiply(sum, sum)));
}

#define VALUES_MAGIC 0x6376

typedef enum ValuesKind
{
	VALUES_TOP = 1,
	VALUES_GINI
} ValuesKind;

/*
 * Values kept for the end, all at one scale.  The size of the chunk is the
 * capacity, so that a state copied by the executor keeps it and a forged one
 * cannot claim more than it has.
 *
 * Share of the largest: a heap of at most option values with the smallest on
 * top, and the total of all.  Gini: every value, option 1 for the small-sample
 * correction.
 */
typedef struct ValuesState
{
	int32 vl_len_;
	uint16 magic;
	uint8 kind;
	uint8 scale;
	int32 option;
	int32 reserved;
	int64 used;
	crk_int128 total;
	crk_int128 values[FLEXIBLE_ARRAY_MEMBER];
} ValuesState;

#define VALUES_STATE_SIZE	  offsetof(ValuesState, values)
#define VALUES_FIRST_CAPACITY 4
#define VALUES_LARGEST_CAPACITY \
	((int64) ((MaxAllocSize - VALUES_STATE_SIZE) / sizeof(crk_int128)))

StaticAssertDecl(VALUES_STATE_SIZE == 40, "no hidden padding in a state of values");

/*
 * Derived and not stored: see ValuesState.
 */
static int64
capacity_of(const ValuesState *state)
{
	return (VARSIZE(state) - VALUES_STATE_SIZE) / sizeof(crk_int128);
}

/*
 * A state read back from a tuple is packed and may stand anywhere; and it may
 * have been written by hand.
 */
static ValuesState *
values_state(Datum datum, ValuesKind kind, bool copy)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(datum);
	ValuesState *state = (ValuesState *) stored;

	if (copy || VARATT_IS_EXTENDED(stored) ||
		(uintptr_t) stored % MAXIMUM_ALIGNOF != 0)
		state = (ValuesState *) pg_detoast_datum_copy(stored);
	if (VARSIZE(state) < VALUES_STATE_SIZE ||
		state->magic != VALUES_MAGIC || state->kind != kind ||
		state->scale > CRK_EXACT_SUM_SCALE ||
		state->used < 0 || state->used > capacity_of(state) ||
		(kind == VALUES_TOP && (state->option <= 0 || state->used > state->option)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state is not the state of this aggregate")));
	return state;
}

/*
 * Zeroed whole: a state may be compared or stored.
 */
static ValuesState *
new_values_state(ValuesKind kind, int32 option, int64 capacity)
{
	Size size = VALUES_STATE_SIZE + capacity * sizeof(crk_int128);
	ValuesState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->magic = VALUES_MAGIC;
	state->kind = kind;
	state->option = option;
	return state;
}

/*
 * Room for so many values.  The larger state is made in the short-lived
 * memory: the executor itself moves a state that has changed its place.
 */
static ValuesState *
make_room(ValuesState *state, int64 needed)
{
	int64 capacity = capacity_of(state);
	ValuesState *larger;

	if (needed <= capacity)
		return state;
	if (needed > VALUES_LARGEST_CAPACITY)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many values in one group"),
				 errdetail("At most " INT64_FORMAT " values can be kept.",
						   VALUES_LARGEST_CAPACITY)));
	capacity = Min(Max(capacity * 2, needed), VALUES_LARGEST_CAPACITY);
	larger = new_values_state(state->kind, state->option, capacity);
	memcpy((char *) larger + sizeof(int32), (char *) state + sizeof(int32),
		   VALUES_STATE_SIZE - sizeof(int32) + state->used * sizeof(crk_int128));
	return larger;
}

/*
 * Bring everything kept to a finer scale.  Values, not digits, decide what
 * fits: an error only where the exact figures need more than 38 digits.
 */
static void
make_finer(ValuesState *state, int scale)
{
	int digits = scale - state->scale;
	int64 i;

	if (digits <= 0)
		return;
	for (i = 0; i < state->used; i++)
	{
		if (!crk_decimal_shift(&state->values[i], digits))
			crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "value");
	}
	if (!crk_decimal_shift(&state->total, digits))
		crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "value");
	state->scale = scale;
}

/*
 * An overflow is an error: a share of a wrong total is worse than none.
 */
static void
add_to_total(ValuesState *state, crk_int128 value)
{
	if (!crk_decimal_add(&state->total, value))
		crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "value");
}

/*
 * Keep a value if it is among the largest.  The caller has made room.
 */
static void
keep_largest(ValuesState *state, crk_int128 value)
{
	crk_int128 *heap = state->values;
	int64 hole;

	if (state->used < state->option)
	{
		for (hole = state->used++; hole > 0; hole = (hole - 1) / 2)
		{
			if (heap[(hole - 1) / 2] <= value)
				break;
			heap[hole] = heap[(hole - 1) / 2];
		}
		heap[hole] = value;
		return;
	}
	if (value <= heap[0])
		return;
	for (hole = 0;;)
	{
		int64 child = 2 * hole + 1;

		if (child >= state->used)
			break;
		if (child + 1 < state->used && heap[child + 1] < heap[child])
			child++;
		if (value <= heap[child])
			break;
		heap[hole] = heap[child];
		hole = child;
	}
	heap[hole] = value;
}

/*
 * What both transition functions do before they keep a value: the state in
 * place, at a scale that takes the value.  NULL where the row is not counted.
 */
static ValuesState *
accept_value(FunctionCallInfo fcinfo, ValuesKind kind, int32 option,
			 bool zero_counts, crk_int128 *value)
{
	ValuesState *state = NULL;
	CrkAmount amount;
	int sign;

	if (!PG_ARGISNULL(0))
		state = values_state(PG_GETARG_DATUM(0), kind, !AggCheckCallContext(fcinfo, NULL));
	amount = crk_amount_read(PG_GETARG_DATUM(1), state ? state->scale : 0, "value");
	sign = crk_amount_sign(&amount);
	if (sign < 0 || (sign == 0 && !zero_counts))
		return NULL;
	if (!amount.exact)
		crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "value");
	if (state == NULL)
		state = new_values_state(kind, option, VALUES_FIRST_CAPACITY);
	make_finer(state, amount.scale);
	*value = amount.value;
	return state;
}

/*
 * Two numbers in one group would make two figures of one.
 */
static void
check_n(const ValuesState *state, int32 n)
{
	if (state->option != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be the same for all values of a group"),
				 errdetail("It is %d and %d.", state->option, n)));
}

/*
 * A heap of n instead of all values: the usual n is ten.
 */
PG_FUNCTION_INFO_V1(crk_top_n_share_accum);
Datum
crk_top_n_share_accum(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	crk_int128 value;
	int32 n;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return crk_mean_unchanged(fcinfo);
	n = crk_argument_positive(fcinfo, 2, "n");
	state = accept_value(fcinfo, VALUES_TOP, n, false, &value);
	if (state == NULL)
		return crk_mean_unchanged(fcinfo);
	check_n(state, n);
	if (state->used < n)
		state = make_room(state, state->used + 1);
	add_to_total(state, value);
	keep_largest(state, value);
	PG_RETURN_POINTER(state);
}

/*
 * The other state's heap goes through ours; its total holds also what it did
 * not keep.
 */
PG_FUNCTION_INFO_V1(crk_top_n_share_combine);
Datum
crk_top_n_share_combine(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	ValuesState *other;
	int64 i;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = values_state(PG_GETARG_DATUM(1), VALUES_TOP, true);
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(other);
	state = values_state(PG_GETARG_DATUM(0), VALUES_TOP, !AggCheckCallContext(fcinfo, NULL));
	check_n(state, other->option);
	make_finer(state, other->scale);
	make_finer(other, state->scale);
	state = make_room(state, Min(state->used + other->used, state->option));
	add_to_total(state, other->total);
	for (i = 0; i < other->used; i++)
		keep_largest(state, other->values[i]);
	PG_RETURN_POINTER(state);
}

/*
 * Part and whole at one scale: the largest of all add up to exactly 1.
 */
PG_FUNCTION_INFO_V1(crk_top_n_share_final);
Datum
crk_top_n_share_final(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	crk_int128 largest = 0;
	int64 i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = values_state(PG_GETARG_DATUM(0), VALUES_TOP, false);
	if (state->total <= 0)
		PG_RETURN_NULL();
	for (i = 0; i < state->used; i++)
	{
		if (!crk_decimal_add(&largest, state->values[i]))
			crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "value");
	}
	PG_RETURN_NUMERIC(crk_numeric_divide(DatumGetNumeric(crk_numeric_make(largest, state->scale, 0)),
										 DatumGetNumeric(crk_numeric_make(state->total, state->scale, 0))));
}

/*
 * A customer who owes nothing is a customer: zero counts here, unlike in the
 * shares, where it changes nothing.
 */
PG_FUNCTION_INFO_V1(crk_concentration_gini_accum);
Datum
crk_concentration_gini_accum(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	crk_int128 value;
	int32 corrected = 0;

	if (PG_ARGISNULL(1) || (PG_NARGS() > 2 && PG_ARGISNULL(2)))
		return crk_mean_unchanged(fcinfo);
	if (PG_NARGS() > 2)
		corrected = PG_GETARG_BOOL(2);
	state = accept_value(fcinfo, VALUES_GINI, corrected, true, &value);
	if (state == NULL)
		return crk_mean_unchanged(fcinfo);
	if (state->option != corrected)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("small_sample must be the same for all values of a group")));
	state = make_room(state, state->used + 1);
	add_to_total(state, value);
	state->values[state->used++] = value;
	PG_RETURN_POINTER(state);
}

/*
 * The order of values does not matter before the end, so states are joined end
 * to end.
 */
PG_FUNCTION_INFO_V1(crk_concentration_gini_combine);
Datum
crk_concentration_gini_combine(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	ValuesState *other;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = values_state(PG_GETARG_DATUM(1), VALUES_GINI, true);
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(other);
	state = values_state(PG_GETARG_DATUM(0), VALUES_GINI, !AggCheckCallContext(fcinfo, NULL));
	if (state->option != other->option)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("small_sample must be the same for all values of a group")));
	make_finer(state, other->scale);
	make_finer(other, state->scale);
	state = make_room(state, state->used + other->used);
	add_to_total(state, other->total);
	memcpy(state->values + state->used, other->values, other->used * sizeof(crk_int128));
	state->used += other->used;
	PG_RETURN_POINTER(state);
}

#define ST_SORT			 sort_values
#define ST_ELEMENT_TYPE	 crk_int128
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Sorts a copy: the executor may ask the same state twice.  The sums are
 * exact; only the last division is in floating point.
 */
PG_FUNCTION_INFO_V1(crk_concentration_gini_final);
Datum
crk_concentration_gini_final(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	crk_int128 numerator = 0;
	int64 n;
	int64 i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = values_state(PG_GETARG_DATUM(0), VALUES_GINI, true);
	n = state->used;
	if (state->total <= 0 || (state->option != 0 && n < 2))
		PG_RETURN_NULL();
	sort_values(state->values, n);
	for (i = 0; i < n; i++)
	{
		crk_int128 term;

		if (!crk_exact_multiply(2 * i + 1 - n, state->values[i], &term) ||
			!crk_decimal_add(&numerator, term))
			crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "value");
	}
	PG_RETURN_FLOAT8((double) ((long double) numerator /
							   ((long double) (state->option ? n - 1 : n) *
								(long double) state->total)));
}
