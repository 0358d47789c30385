/*
 * logistic.c
 *	  Logistic regression by liblinear (L2R_LR), where the build has it.
 *
 * The one file that knows the library.  It allocates with malloc() and new and
 * cannot be interrupted: all our own memory is taken before the call, and what
 * it returns is copied and freed before anything can raise an error.  Its
 * solver draws no random numbers.
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "logistic.h"

#ifdef HAVE_LIBLINEAR
#include <linear.h>
#endif

/*
 * Before a single row is collected: nobody should wait for this answer.
 */
void
crk_logistic_require(const char *what)
{
#ifndef HAVE_LIBLINEAR
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s needs liblinear, and this build of credit_risk is without it", what),
			 errhint("Install liblinear-dev, then make clean, make and make install credit_risk again, without WITH_LIBLINEAR=no.")));
#endif
}

#ifdef HAVE_LIBLINEAR

/* The intercept is punished a hundred times less than a coefficient is. */
#define INTERCEPT_VALUE 10.0

static void
say_nothing(const char *message)
{
}

static int
compare_rows(const void *a, const void *b, void *width)
{
	const struct feature_node *one = *(struct feature_node *const *) a;
	const struct feature_node *other = *(struct feature_node *const *) b;
	int i;

	/* The class stands behind the end of the row, where liblinear does not look. */
	for (i = 0; i <= *(int *) width + 1; i++)
	{
		if (one[i].value != other[i].value)
			return one[i].value < other[i].value ? -1 : 1;
	}
	return 0;
}

#endif

/*
 * Rows are sorted first, since a sum of floats depends on its order and the
 * order of rows in a table means nothing.
 */
void
crk_logistic_fit(const double *values, const bool *bad, int64 rows, int width,
				 double cost, double *coefficients)
{
#ifdef HAVE_LIBLINEAR
	Size length = width + 2;
	struct feature_node *nodes;
	struct problem problem = { .bias = INTERCEPT_VALUE };
	struct parameter parameter = { .solver_type = L2R_LR, .eps = 1e-8, .C = cost };
	struct model *model;
	const char *complaint;
	int64 row;
	int i;

	Assert(rows > 0 && rows <= INT_MAX);
	nodes = MemoryContextAllocHuge(CurrentMemoryContext, rows * length * sizeof(struct feature_node));
	problem.l = (int) rows;
	problem.n = width + 1;
	problem.x = MemoryContextAllocHuge(CurrentMemoryContext, rows * sizeof(struct feature_node *));
	problem.y = MemoryContextAllocHuge(CurrentMemoryContext, rows * sizeof(double));
	for (row = 0; row < rows; row++)
	{
		struct feature_node *node = nodes + row * length;

		problem.x[row] = node;
		for (i = 0; i < width; i++)
		{
			node[i].index = i + 1;
			node[i].value = values[row * width + i];
		}
		node[width].index = width + 1;
		node[width].value = INTERCEPT_VALUE;
		node[width + 1].index = -1;
		node[width + 1].value = bad[row] ? 1 : -1;
	}
	qsort_arg(problem.x, rows, sizeof(struct feature_node *), compare_rows, &width);
	for (row = 0; row < rows; row++)
		problem.y[row] = problem.x[row][width + 1].value;

	complaint = check_parameter(&problem, &parameter);
	if (complaint != NULL)
		elog(ERROR, "liblinear: %s", complaint);
	CHECK_FOR_INTERRUPTS();
	set_print_string_function(say_nothing);
	model = train(&problem, &parameter);
	/* Of the classes 1 and -1 the weights are those of 1, whichever came first. */
	coefficients[0] = model->w[width] * INTERCEPT_VALUE;
	memcpy(coefficients + 1, model->w, width * sizeof(double));
	free_and_destroy_model(&model);
	CHECK_FOR_INTERRUPTS();

	pfree(problem.y);
	pfree(problem.x);
	pfree(nodes);
#else
	crk_logistic_require("logistic regression");
#endif
}

/* Rows as they came, for the end. */
typedef struct RegressionState
{
	MemoryContext context;
	int width;
	double cost;
	int64 rows;
	int64 bads;
	int64 capacity;
	double *values;
	bool *bad;
} RegressionState;

static double
argument_cost(FunctionCallInfo fcinfo, int number)
{
	double cost = PG_GETARG_FLOAT8(number);

	if (!(cost > 0) || isinf(cost))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cost must be greater than 0 and finite")));
	return cost;
}

/*
 * Room for one row more, a half more at a time.
 */
static void
make_room(RegressionState *state)
{
	if (state->rows < state->capacity)
		return;
	if (state->rows >= INT_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in one group")));
	state->capacity += state->capacity / 2;
	state->values = repalloc_huge(state->values, state->capacity * Max(state->width, 1) * sizeof(double));
	state->bad = repalloc_huge(state->bad, state->capacity * sizeof(bool));
}

/*
 * A row with anything unknown in it is left out.
 */
PG_FUNCTION_INFO_V1(crk_logistic_regression_accum);
Datum
crk_logistic_regression_accum(PG_FUNCTION_ARGS)
{
	RegressionState *state = PG_ARGISNULL(0) ? NULL : (RegressionState *) PG_GETARG_POINTER(0);
	MemoryContext context;
	ArrayType *x;
	double *numbers;
	double cost = 1;
	int width;
	int i;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "crk_logistic_regression_accum called outside an aggregate");
	crk_logistic_require("logistic_regression");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 3 && PG_ARGISNULL(3)))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (PG_NARGS() > 3)
		cost = argument_cost(fcinfo, 3);
	x = PG_GETARG_ARRAYTYPE_P(2);
	if (ARR_NDIM(x) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x must have one dimension")));
	width = ARR_NDIM(x) == 0 ? 0 : ARR_DIMS(x)[0];
	if (state != NULL && state->width != width)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x must have the same length in all rows of a group"),
				 errdetail("It is %d and %d.", state->width, width)));
	if (state != NULL && state->cost != cost)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cost must be the same in all rows of a group"),
				 errdetail("It is %g and %g.", state->cost, cost)));
	if (width > 10000)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x must have at most 10000 elements")));
	if (array_contains_nulls(x))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	numbers = (double *) ARR_DATA_PTR(x);
	for (i = 0; i < width; i++)
	{
		if (!isfinite(numbers[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("x must be finite")));
	}

	if (state == NULL)
	{
		state = MemoryContextAllocZero(context, sizeof(RegressionState));
		state->width = width;
		state->cost = cost;
		state->capacity = 64;
		state->values = MemoryContextAlloc(context, state->capacity * Max(width, 1) * sizeof(double));
		state->bad = MemoryContextAlloc(context, state->capacity * sizeof(bool));
	}
	make_room(state);
	memcpy(state->values + state->rows * width, numbers, width * sizeof(double));
	state->bad[state->rows++] = PG_GETARG_BOOL(1);
	state->bads += PG_GETARG_BOOL(1);
	PG_RETURN_POINTER(state);
}

static int
compare_numbers(const void *a, const void *b)
{
	double one = *(const double *) a;
	double other = *(const double *) b;

	return (one > other) - (one < other);
}

/*
 * Mean and deviation of a column, in an order of their own for the same reason
 * as in crk_logistic_fit().
 */
static void
column_scale(const RegressionState *state, int column, double *sorted, double *mean, double *deviation)
{
	double sum = 0;
	double squares = 0;
	int64 row;

	for (row = 0; row < state->rows; row++)
		sorted[row] = state->values[row * state->width + column];
	qsort(sorted, state->rows, sizeof(double), compare_numbers);
	for (row = 0; row < state->rows; row++)
		sum += sorted[row] / (double) state->rows;
	for (row = 0; row < state->rows; row++)
		squares += (sorted[row] - sum) * (sorted[row] - sum) / (double) state->rows;
	*mean = sum;
	*deviation = sqrt(squares);
}

/*
 * On standardised columns, so that the punishment of large coefficients does
 * not depend on the unit of a column; the result is for the columns as given.
 */
PG_FUNCTION_INFO_V1(crk_logistic_regression_final);
Datum
crk_logistic_regression_final(PG_FUNCTION_ARGS)
{
	RegressionState *state = PG_ARGISNULL(0) ? NULL : (RegressionState *) PG_GETARG_POINTER(0);
	double *standard;
	double *sorted;
	double *mean;
	double *deviation;
	double *coefficients;
	Datum *elements;
	int64 row;
	int i;

	if (state == NULL || state->bads == 0 || state->bads == state->rows)
		PG_RETURN_NULL();
	standard = MemoryContextAllocHuge(CurrentMemoryContext, state->rows * Max(state->width, 1) * sizeof(double));
	sorted = MemoryContextAllocHuge(CurrentMemoryContext, state->rows * sizeof(double));
	mean = palloc0(Max(state->width, 1) * sizeof(double));
	deviation = palloc0(Max(state->width, 1) * sizeof(double));
	coefficients = palloc0((state->width + 1) * sizeof(double));
	for (i = 0; i < state->width; i++)
	{
		CHECK_FOR_INTERRUPTS();
		column_scale(state, i, sorted, &mean[i], &deviation[i]);
		if (!isfinite(mean[i]) || !isfinite(deviation[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("x is too large to be standardised"),
					 errdetail("Element %d.", i + 1)));
		/* A column that is always the same says nothing. */
		if (deviation[i] <= 1e-12 * fabs(mean[i]))
			deviation[i] = 0;
		for (row = 0; row < state->rows; row++)
			standard[row * state->width + i] =
				deviation[i] > 0 ? (state->values[row * state->width + i] - mean[i]) / deviation[i] : 0;
	}
	crk_logistic_fit(standard, state->bad, state->rows, state->width, state->cost, coefficients);

	elements = palloc((state->width + 1) * sizeof(Datum));
	for (i = 0; i < state->width; i++)
	{
		double coefficient = deviation[i] > 0 ? coefficients[i + 1] / deviation[i] : 0;

		coefficients[0] -= coefficient * mean[i];
		elements[i + 1] = Float8GetDatum(coefficient);
	}
	elements[0] = Float8GetDatum(coefficients[0]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, state->width + 1, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
