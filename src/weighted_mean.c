/*
 * weighted_mean.c
 *	  Two exact sums, of weights and of weights times something: the state of
 *	  every averaging aggregate.
 *
 * The state is a bytea, which partial aggregation can ship anywhere.  It can
 * also be written by hand, so nothing in it is trusted.
 */
#include "postgres.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"
#include "weighted_mean.h"

#define MEAN_MAGIC 0x6D77

/*
 * A wide state is one whose sums left 128 bits: both stand in it as decimal
 * text, one after the other, each with its terminator.  Text, because
 * numeric's input checks it again; slow, because hardly anybody has a ledger
 * of 10^30.
 */
typedef struct MeanState
{
	int32 vl_len_;
	uint16 magic;
	uint8 kind; /* CrkMeanKind */
	uint8 wide;
	CrkExactSum weight;
	CrkExactSum product;
	char text[FLEXIBLE_ARRAY_MEMBER];
} MeanState;

#define MEAN_STATE_SIZE offsetof(MeanState, text)

StaticAssertDecl(MEAN_STATE_SIZE == 56, "no hidden padding in a mean's state");

/*
 * Money has two decimals; prices, converted amounts and quotients have more.
 * Few steps, so that a column of mixed scales is still read once or twice.
 */
static const int amount_scales[] = { 2, 6, 12, 20, CRK_EXACT_SUM_SCALE };

/*
 * What no step takes is not exact here; its numeric is summed instead.
 */
CrkAmount
crk_amount_read(Datum number, int from_scale, const char *name)
{
	CrkAmount amount = { .number = number };
	int i;

	for (i = 0; i < lengthof(amount_scales); i++)
	{
		int display_scale;
		CrkDecimalStatus status;

		if (amount_scales[i] < from_scale)
			continue;
		amount.scale = amount_scales[i];
		status = crk_numeric_read(number, amount.scale, &amount.value, &display_scale);
		if (status == CRK_DECIMAL_OK)
		{
			amount.exact = true;
			return amount;
		}
		if (status == CRK_DECIMAL_NAN || status == CRK_DECIMAL_INFINITE)
			crk_numeric_refuse(status, name);
		if (status == CRK_DECIMAL_TOO_LARGE)
			break;
	}
	return amount;
}

/*
 * Days, and the weight of an unweighted mean.
 */
CrkAmount
crk_amount_integer(int64 value)
{
	CrkAmount amount = { .exact = true, .value = value };

	return amount;
}

/*
 * Only the slow way needs it, so it is made there.
 */
Numeric
crk_amount_numeric(const CrkAmount *amount)
{
	if (amount->number != (Datum) 0)
		return DatumGetNumeric(amount->number);
	return DatumGetNumeric(crk_numeric_make(amount->value, amount->scale, 0));
}

/*
 * The sign decides which rows count, whatever their size.
 */
int
crk_amount_sign(const CrkAmount *amount)
{
	if (amount->exact)
		return (amount->value > 0) - (amount->value < 0);
	return crk_numeric_sign(crk_amount_numeric(amount));
}

/*
 * A state read back from a tuple is packed and may stand anywhere; in place,
 * as the executor keeps it for a transition function, it is neither.
 */
static MeanState *
mean_state(Datum datum, bool copy)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(datum);
	MeanState *state = (MeanState *) stored;
	bool valid;

	if (copy || VARATT_IS_EXTENDED(stored) ||
		(uintptr_t) stored % MAXIMUM_ALIGNOF != 0)
		state = (MeanState *) pg_detoast_datum_copy(stored);

	valid = VARSIZE(state) >= MEAN_STATE_SIZE &&
			state->magic == MEAN_MAGIC && state->wide <= 1 &&
			state->weight.scale >= 0 && state->weight.scale <= CRK_EXACT_SUM_SCALE &&
			state->product.scale >= 0 && state->product.scale <= CRK_EXACT_SUM_SCALE;
	if (valid && state->wide)
	{
		size_t length = VARSIZE(state) - MEAN_STATE_SIZE;
		size_t first = strnlen(state->text, length) + 1;

		valid = first < length &&
				strnlen(state->text + first, length - first) + 1 == length - first;
	}
	else if (valid)
		valid = VARSIZE(state) == MEAN_STATE_SIZE;
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state is not the state of an averaging aggregate")));
	return state;
}

/*
 * A state of days would divide without complaint into a payment index.
 */
static void
check_kind(const MeanState *state, CrkMeanKind kind)
{
	if (state->kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("state belongs to another aggregate")));
}

/*
 * NaN and infinities are valid input of numeric, and no valid sum.
 */
static Numeric
number_of_text(const char *text)
{
	Numeric number;

	number = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid),
												 Int32GetDatum(-1)));
	if (numeric_is_nan(number))
		crk_numeric_refuse(CRK_DECIMAL_NAN, "state");
	if (numeric_is_inf(number))
		crk_numeric_refuse(CRK_DECIMAL_INFINITE, "state");
	return number;
}

/*
 * Trimmed, so that the way the sums were kept cannot be seen in the scale of
 * a quotient.
 */
static void
state_sums(const MeanState *state, Numeric *weight, Numeric *product)
{
	if (state->wide)
	{
		*weight = crk_numeric_trim(number_of_text(state->text));
		*product = crk_numeric_trim(number_of_text(state->text + strlen(state->text) + 1));
	}
	else
	{
		*weight = DatumGetNumeric(crk_numeric_make(state->weight.value, state->weight.scale, 0));
		*product = DatumGetNumeric(crk_numeric_make(state->product.value, state->product.scale, 0));
	}
}

/*
 * Fresh memory every time: the text has grown or will.
 */
static MeanState *
wide_state(CrkMeanKind kind, Numeric weight, Numeric product)
{
	char *first = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(weight)));
	char *second = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(product)));
	size_t first_size = strlen(first) + 1;
	size_t second_size = strlen(second) + 1;
	size_t size = MEAN_STATE_SIZE + first_size + second_size;
	MeanState *state = palloc0(size);

	SET_VARSIZE(state, size);
	state->magic = MEAN_MAGIC;
	state->kind = kind;
	state->wide = 1;
	memcpy(state->text, first, first_size);
	memcpy(state->text + first_size, second, second_size);
	return state;
}

/*
 * Both sums or neither: half an addition would be a wrong figure.
 */
static bool
add_exactly(MeanState *state, const CrkExactSum *weight, const CrkExactSum *product)
{
	CrkExactSum before = state->weight;

	if (state->wide ||
		!crk_exact_sum_add(&state->weight, weight->value, weight->scale))
		return false;
	if (crk_exact_sum_add(&state->product, product->value, product->scale))
		return true;
	state->weight = before;
	return false;
}

/*
 * Returning the argument itself makes the executor copy nothing.
 */
Datum
crk_mean_unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/*
 * The usual row changes the state where it stands and allocates nothing; the
 * executor copies a new state into the aggregate's memory by itself.
 */
Datum
crk_mean_accumulate(FunctionCallInfo fcinfo, CrkMeanKind kind,
					const CrkAmount *weight, const CrkAmount *factor)
{
	MeanState *state;
	Numeric weight_sum;
	Numeric product_sum;

	if (crk_amount_sign(weight) <= 0)
		return crk_mean_unchanged(fcinfo);

	if (PG_ARGISNULL(0))
	{
		state = palloc0(MEAN_STATE_SIZE);
		SET_VARSIZE(state, MEAN_STATE_SIZE);
		state->magic = MEAN_MAGIC;
		state->kind = kind;
	}
	else
	{
		state = mean_state(PG_GETARG_DATUM(0), !AggCheckCallContext(fcinfo, NULL));
		check_kind(state, kind);
	}

	if (weight->exact && factor->exact)
	{
		CrkExactSum one = { .value = weight->value, .scale = weight->scale };
		CrkExactSum other = { .scale = weight->scale + factor->scale };

		if (crk_exact_multiply(weight->value, factor->value, &other.value) &&
			add_exactly(state, &one, &other))
			PG_RETURN_POINTER(state);
	}

	state_sums(state, &weight_sum, &product_sum);
	weight_sum = crk_numeric_add(weight_sum, crk_amount_numeric(weight));
	product_sum = crk_numeric_add(product_sum,
								  crk_numeric_multiply(crk_amount_numeric(weight),
													   crk_amount_numeric(factor)));
	PG_RETURN_POINTER(wide_state(kind, weight_sum, product_sum));
}

/*
 * Not strict: a worker that saw no row hands over NULL.
 */
PG_FUNCTION_INFO_V1(crk_weighted_mean_combine);
Datum
crk_weighted_mean_combine(PG_FUNCTION_ARGS)
{
	MeanState *state;
	MeanState *other;
	Numeric weight;
	Numeric product;
	Numeric other_weight;
	Numeric other_product;

	if (PG_ARGISNULL(1))
		return crk_mean_unchanged(fcinfo);
	other = mean_state(PG_GETARG_DATUM(1), PG_ARGISNULL(0));
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(other);

	state = mean_state(PG_GETARG_DATUM(0), !AggCheckCallContext(fcinfo, NULL));
	check_kind(other, state->kind);
	if (!other->wide && add_exactly(state, &other->weight, &other->product))
		PG_RETURN_POINTER(state);

	state_sums(state, &weight, &product);
	state_sums(other, &other_weight, &other_product);
	PG_RETURN_POINTER(wide_state(state->kind,
								 crk_numeric_add(weight, other_weight),
								 crk_numeric_add(product, other_product)));
}

/*
 * Without weight there is nothing to divide by, and the figure is undefined.
 */
bool
crk_mean_sums(FunctionCallInfo fcinfo, CrkMeanKind kind,
			  Numeric *weight, Numeric *product)
{
	MeanState *state;

	if (PG_ARGISNULL(0))
		return false;
	state = mean_state(PG_GETARG_DATUM(0), false);
	check_kind(state, kind);
	state_sums(state, weight, product);
	return crk_numeric_sign(*weight) > 0;
}

/*
 * The one division of an average of days.
 */
PG_FUNCTION_INFO_V1(crk_weighted_days_final);
Datum
crk_weighted_days_final(PG_FUNCTION_ARGS)
{
	Numeric weight;
	Numeric product;

	if (!crk_mean_sums(fcinfo, CRK_MEAN_DAYS, &weight, &product))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(crk_numeric_divide(product, weight));
}
