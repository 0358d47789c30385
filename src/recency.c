/*
 * recency.c
 *	  The recent past weighs more: exponentially weighted averages; and what is
 *	  unusual measured so that the unusual does not hide itself: median absolute
 *	  deviation.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "weighted_mean.h"

/* A standard deviation of a normal distribution is a median absolute deviation over this. */
#define NORMAL_MAD 0.6745

/* The state of ewma: lambda, average. */
#define EWMA_LENGTH 2

/* The state of half_life_avg: half-life, least age, weight at that age, mean. */
#define HALF_LIFE_LENGTH 4

/* The state of mad: all values. */
typedef struct ValuesState
{
	int64 used;
	int64 capacity;
	double *values;
} ValuesState;

#define VALUES_FIRST_CAPACITY 32

/*
 * The numbers of a state, which is a plain array and may have been written by
 * hand.  Changed in place only where it is the executor's own.
 */
static double *
read_state(FunctionCallInfo fcinfo, int number, int length, ArrayType **state)
{
	*state = number == 0 && AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(number) : PG_GETARG_ARRAYTYPE_P_COPY(number);
	if (ARR_NDIM(*state) != 1 || ARR_DIMS(*state)[0] != length || ARR_HASNULL(*state) ||
		ARR_ELEMTYPE(*state) != FLOAT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state is not the state of this aggregate")));
	return (double *) ARR_DATA_PTR(*state);
}

/*
 * The first row makes the state.
 */
static ArrayType *
new_state(const double *numbers, int length)
{
	Datum elements[HALF_LIFE_LENGTH];
	int i;

	for (i = 0; i < length; i++)
		elements[i] = Float8GetDatum(numbers[i]);
	return construct_array(elements, length, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/*
 * Two speeds of forgetting in one group would make two figures of one.
 */
static void
check_same(double one, double other, const char *name)
{
	if (one != other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same for all rows of a group", name)));
}

/*
 * Numbers at both ends of the range may be farther apart than a number can
 * tell.
 */
static double
check_overflow(double value)
{
	if (!isfinite(value))
		float_overflow_error();
	return value;
}

/*
 * The first value is the first average, so that no start is made up.
 */
PG_FUNCTION_INFO_V1(crk_ewma_accum);
Datum
crk_ewma_accum(PG_FUNCTION_ARGS)
{
	ArrayType *state;
	double *numbers;
	double x;
	double lambda;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return crk_mean_unchanged(fcinfo);
	x = crk_argument_float(fcinfo, 1, "x");
	lambda = crk_argument_float_positive(fcinfo, 2, "lambda");
	if (lambda > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lambda must not be greater than 1"),
				 errdetail("The value is %.15g.", lambda)));
	if (PG_ARGISNULL(0))
	{
		double first[EWMA_LENGTH] = { lambda, x };

		PG_RETURN_ARRAYTYPE_P(new_state(first, EWMA_LENGTH));
	}
	numbers = read_state(fcinfo, 0, EWMA_LENGTH, &state);
	check_same(numbers[0], lambda, "lambda");
	numbers[1] = lambda * x + (1 - lambda) * numbers[1];
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(crk_ewma_final);
Datum
crk_ewma_final(PG_FUNCTION_ARGS)
{
	ArrayType *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(read_state(fcinfo, 0, EWMA_LENGTH, &state)[1]);
}

/*
 * Put a weight, given at its own least age, into the state.  Weights are kept
 * as seen from the least age so far: only their ratio matters, and none of a
 * group that is old altogether vanishes.
 */
static void
add_weight(double *numbers, double age, double weight, double mean)
{
	double half_life = numbers[0];

	if (age < numbers[1])
	{
		numbers[2] *= exp2((age - numbers[1]) / half_life);
		numbers[1] = age;
	}
	else
		weight *= exp2((numbers[1] - age) / half_life);
	numbers[2] += weight;
	numbers[3] += (mean - numbers[3]) * (weight / numbers[2]);
}

PG_FUNCTION_INFO_V1(crk_half_life_avg_accum);
Datum
crk_half_life_avg_accum(PG_FUNCTION_ARGS)
{
	ArrayType *state;
	double *numbers;
	double x;
	double age;
	double half_life;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return crk_mean_unchanged(fcinfo);
	x = crk_argument_float(fcinfo, 1, "x");
	age = crk_argument_float(fcinfo, 2, "age_days");
	half_life = crk_argument_float_positive(fcinfo, 3, "half_life");
	if (age < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("age_days must not be negative"),
				 errdetail("The value is %.15g.", age)));
	if (PG_ARGISNULL(0))
	{
		double first[HALF_LIFE_LENGTH] = { half_life, age, 1, x };

		PG_RETURN_ARRAYTYPE_P(new_state(first, HALF_LIFE_LENGTH));
	}
	numbers = read_state(fcinfo, 0, HALF_LIFE_LENGTH, &state);
	check_same(numbers[0], half_life, "half_life");
	add_weight(numbers, age, 1, x);
	PG_RETURN_ARRAYTYPE_P(state);
}

/*
 * A state that has nothing is NULL, as it is for a row that is not counted.
 */
PG_FUNCTION_INFO_V1(crk_half_life_avg_combine);
Datum
crk_half_life_avg_combine(PG_FUNCTION_ARGS)
{
	ArrayType *state;
	ArrayType *other_state;
	double *numbers;
	double *other;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = read_state(fcinfo, 1, HALF_LIFE_LENGTH, &other_state);
	if (PG_ARGISNULL(0))
		PG_RETURN_ARRAYTYPE_P(other_state);
	numbers = read_state(fcinfo, 0, HALF_LIFE_LENGTH, &state);
	check_same(numbers[0], other[0], "half_life");
	add_weight(numbers, other[1], other[2], other[3]);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(crk_half_life_avg_final);
Datum
crk_half_life_avg_final(PG_FUNCTION_ARGS)
{
	ArrayType *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(check_overflow(read_state(fcinfo, 0, HALF_LIFE_LENGTH, &state)[3]));
}

/*
 * Kept whole: a median of a sample would not be exact.
 */
PG_FUNCTION_INFO_V1(crk_mad_accum);
Datum
crk_mad_accum(PG_FUNCTION_ARGS)
{
	MemoryContext memory;
	ValuesState *state = PG_ARGISNULL(0) ? NULL : (ValuesState *) PG_GETARG_POINTER(0);
	double x;

	if (!AggCheckCallContext(fcinfo, &memory))
		elog(ERROR, "mad called outside of an aggregate");
	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	x = crk_argument_float(fcinfo, 1, "x");
	if (state == NULL)
	{
		state = MemoryContextAlloc(memory, sizeof(ValuesState));
		state->used = 0;
		state->capacity = VALUES_FIRST_CAPACITY;
		state->values = MemoryContextAlloc(memory, VALUES_FIRST_CAPACITY * sizeof(double));
	}
	else if (state->used == state->capacity)
	{
		state->values = repalloc_huge(state->values, 2 * state->capacity * sizeof(double));
		state->capacity *= 2;
	}
	state->values[state->used++] = x;
	PG_RETURN_POINTER(state);
}

static int
compare_values(const void *a, const void *b)
{
	double one = *(const double *) a;
	double other = *(const double *) b;

	return (one > other) - (one < other);
}

/*
 * Puts the values in order.  Of an even number, the mean of the two in the
 * middle; halved first where their sum is too large.
 */
static double
median_of(double *values, int64 used)
{
	double low;
	double high;

	qsort(values, used, sizeof(double), compare_values);
	low = values[(used - 1) / 2];
	high = values[used / 2];
	return isfinite(low + high) ? (low + high) / 2 : low / 2 + high / 2;
}

/*
 * The executor may finish one state several times, so the deviations are put
 * elsewhere; the order of the values says nothing.  The median of them is at
 * most half of the range: it cannot overflow.
 */
PG_FUNCTION_INFO_V1(crk_mad_final);
Datum
crk_mad_final(PG_FUNCTION_ARGS)
{
	ValuesState *state;
	double *deviations;
	double median;
	double result;
	int64 i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (ValuesState *) PG_GETARG_POINTER(0);
	median = median_of(state->values, state->used);
	deviations = MemoryContextAllocHuge(CurrentMemoryContext, state->used * sizeof(double));
	for (i = 0; i < state->used; i++)
		deviations[i] = fabs(state->values[i] - median);
	result = median_of(deviations, state->used);
	pfree(deviations);
	PG_RETURN_FLOAT8(result);
}

/*
 * Where half of the values are alike there is no scale to measure by.
 */
PG_FUNCTION_INFO_V1(crk_robust_z);
Datum
crk_robust_z(PG_FUNCTION_ARGS)
{
	double x = crk_argument_float(fcinfo, 0, "x");
	double median = crk_argument_float(fcinfo, 1, "median");
	double mad = crk_argument_float(fcinfo, 2, "mad");

	if (mad < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mad must not be negative"),
				 errdetail("The value is %.15g.", mad)));
	if (mad == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(check_overflow(NORMAL_MAD * (x - median) / mad));
}
