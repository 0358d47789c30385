/*
 * fit_scorecard.c
 *	  The aggregate that fits a scorecard: collects rows, bins each
 *	  characteristic (fit_bins.c), chooses, regresses (logistic.c) and writes
 *	  the card (fit_card.c).
 */
#include "postgres.h"

#include <float.h>
#include <limits.h>
#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "compat.h"
#include "fit_scorecard.h"
#include "logistic.h"

/* Names and words are found by their text, wherever it stands. */
typedef struct NameEntry
{
	const char *name;
	int place;
} NameEntry;

static uint32
name_hash(const void *key, Size size)
{
	const char *name = *(const char *const *) key;

	return DatumGetUInt32(hash_any((const unsigned char *) name, (int) strlen(name)));
}

static int
name_match(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static HTAB *
name_table(MemoryContext context)
{
	HASHCTL control = { .keysize = sizeof(char *), .entrysize = sizeof(NameEntry), .hash = name_hash, .match = name_match, .hcxt = context };

	return hash_create("credit_risk names", 32, &control, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/*
 * The place of a name, or that of the next new one: the caller then puts a
 * copy that lasts into *name.
 */
static NameEntry *
find_name(HTAB *table, const char *name, bool *found)
{
	return hash_search(table, &name, HASH_ENTER, found);
}

static CrkFitColumn *
column_of(CrkFitState *state, const char *name)
{
	bool found;
	NameEntry *entry = find_name(state->column_index, name, &found);
	CrkFitColumn *column;

	if (found)
		return &state->columns[entry->place];
	if (state->column_count == state->column_capacity)
	{
		state->column_capacity *= 2;
		state->columns = repalloc(state->columns, state->column_capacity * sizeof(CrkFitColumn));
	}
	entry->place = state->column_count++;
	column = &state->columns[entry->place];
	memset(column, 0, sizeof(CrkFitColumn));
	column->name = MemoryContextStrdup(state->context, name);
	entry->name = column->name;
	return column;
}

/*
 * The value of the row that is being read.  A key that comes twice in one
 * object does not exist in jsonb.
 */
static void
keep_value(CrkFitState *state, CrkFitColumn *column, double value)
{
	if (state->rows >= column->capacity)
	{
		int64 capacity = Max(state->rows + state->rows / 2, 64);

		column->values = column->values == NULL ? MemoryContextAllocHuge(state->context, capacity * sizeof(double)) : repalloc_huge(column->values, capacity * sizeof(double));
		column->capacity = capacity;
	}
	while (column->used < state->rows)
		column->values[column->used++] = NAN;
	column->values[column->used++] = value;
}

static void
check_kind(CrkFitColumn *column, CrkFitKind kind)
{
	if (column->kind == CRK_FIT_UNKNOWN)
		column->kind = kind;
	if (column->kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("figures must be of one kind in all rows of a group"),
				 errdetail("\"%s\" is a number in one row and a word in another.", column->name)));
}

static void
keep_word(CrkFitState *state, CrkFitColumn *column, const char *word)
{
	NameEntry *entry;
	bool found;

	if (column->kind == CRK_FIT_TOO_MANY_WORDS)
		return;
	check_kind(column, CRK_FIT_WORD);
	if (column->word_index == NULL)
	{
		column->word_index = name_table(state->context);
		column->word_capacity = 16;
		column->words = MemoryContextAlloc(state->context, column->word_capacity * sizeof(char *));
	}
	entry = find_name(column->word_index, word, &found);
	if (!found)
	{
		if (column->word_count == CRK_FIT_MAX_WORDS)
		{
			column->kind = CRK_FIT_TOO_MANY_WORDS;
			hash_destroy(column->word_index);
			pfree(column->values);
			column->values = NULL;
			column->used = column->capacity = 0;
			return;
		}
		if (column->word_count == column->word_capacity)
		{
			column->word_capacity *= 2;
			column->words = repalloc(column->words, column->word_capacity * sizeof(char *));
		}
		entry->place = column->word_count++;
		entry->name = column->words[entry->place] = MemoryContextStrdup(state->context, word);
	}
	keep_value(state, column, entry->place);
}

static void
keep_number(CrkFitState *state, CrkFitColumn *column, Numeric number)
{
	double value = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number)));

	check_kind(column, CRK_FIT_NUMBER);
	keep_value(state, column, Max(Min(value, DBL_MAX), -DBL_MAX));
}

/*
 * One row: every key of the object.
 */
static void
keep_row(CrkFitState *state, Jsonb *figures)
{
	JsonbIterator *iterator = JsonbIteratorInit(&figures->root);
	JsonbIteratorToken token;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		CrkFitColumn *column;
		char *name;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(value.val.string.val, value.val.string.len);
		column = column_of(state, name);
		pfree(name);
		(void) JsonbIteratorNext(&iterator, &value, true);
		switch (value.type)
		{
			case jbvNull:
				break;
			case jbvNumeric:
				keep_number(state, column, value.val.numeric);
				break;
			case jbvBool:
				keep_word(state, column, value.val.boolean ? "true" : "false");
				break;
			case jbvString:
				name = pnstrdup(value.val.string.val, value.val.string.len);
				keep_word(state, column, name);
				pfree(name);
				break;
			default:
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("figures must be numbers, words, booleans or null"),
						 errdetail("\"%s\" is an array or an object.", column->name)));
		}
	}
}

static CrkFitState *
new_state(MemoryContext context, Jsonb *options)
{
	MemoryContext caller = MemoryContextSwitchTo(context);
	CrkFitState *state = palloc0(sizeof(CrkFitState));

	state->context = context;
	if (options != NULL)
	{
		state->given = palloc(VARSIZE(options));
		memcpy(state->given, options, VARSIZE(options));
	}
	crk_fit_options(state->given, &state->options);
	state->capacity = 64;
	state->bad = palloc(state->capacity * sizeof(bool));
	state->column_capacity = 16;
	state->columns = palloc(state->column_capacity * sizeof(CrkFitColumn));
	state->column_index = name_table(context);
	MemoryContextSwitchTo(caller);
	return state;
}

/*
 * Collects; nothing is decided before the end, since bins need all rows.
 */
PG_FUNCTION_INFO_V1(crk_fit_scorecard_accum);
Datum
crk_fit_scorecard_accum(PG_FUNCTION_ARGS)
{
	CrkFitState *state = PG_ARGISNULL(0) ? NULL : (CrkFitState *) PG_GETARG_POINTER(0);
	MemoryContext context;
	Jsonb *figures;
	Jsonb *options = NULL;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "crk_fit_scorecard_accum called outside an aggregate");
	crk_logistic_require("fit_scorecard");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (PG_NARGS() > 3 && PG_ARGISNULL(3)))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	figures = PG_GETARG_JSONB_P(2);
	if (!JB_ROOT_IS_OBJECT(figures))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("figures must be an object"),
				 errhint("to_jsonb() makes one of a row.")));
	if (PG_NARGS() > 3)
		options = PG_GETARG_JSONB_P(3);
	if (state == NULL)
		state = new_state(context, options);
	else if (options != NULL &&
			 (VARSIZE(options) != VARSIZE(state->given) ||
			  memcmp(options, state->given, VARSIZE(options)) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be the same in all rows of a group")));

	if (state->rows == state->capacity)
	{
		if (state->rows >= INT_MAX / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many rows in one group")));
		state->capacity += state->capacity / 2;
		state->bad = repalloc_huge(state->bad, state->capacity * sizeof(bool));
	}
	keep_row(state, figures);
	state->bad[state->rows++] = PG_GETARG_BOOL(1);
	state->bads += PG_GETARG_BOOL(1);
	PG_RETURN_POINTER(state);
}

/*
 * The most informative first; of equals, by name.
 */
static int
compare_characteristics(const void *a, const void *b)
{
	const CrkFitCharacteristic *one = *(CrkFitCharacteristic *const *) a;
	const CrkFitCharacteristic *other = *(CrkFitCharacteristic *const *) b;

	if (one->iv != other->iv)
		return one->iv > other->iv ? -1 : 1;
	return strcmp(one->column->name, other->column->name);
}

/*
 * Pearson's, of two columns of weights of evidence.
 */
static double
correlation(const double *a, const double *b, int64 rows)
{
	double mean_a = 0;
	double mean_b = 0;
	double aa = 0;
	double bb = 0;
	double ab = 0;
	int64 row;

	for (row = 0; row < rows; row++)
	{
		mean_a += a[row];
		mean_b += b[row];
	}
	mean_a /= (double) rows;
	mean_b /= (double) rows;
	for (row = 0; row < rows; row++)
	{
		aa += (a[row] - mean_a) * (a[row] - mean_a);
		bb += (b[row] - mean_b) * (b[row] - mean_b);
		ab += (a[row] - mean_a) * (b[row] - mean_b);
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/*
 * From the most informative down: what says too little, or says again what is
 * chosen already, is left out.  Returns the columns chosen, one after the
 * other, each with its place in chosen[].
 */
static double *
choose(CrkFitState *state, CrkFitCharacteristic **all, int count, int *chosen, int *chosen_count)
{
	const CrkFitOptions *options = &state->options;
	int most = Min(count, options->max_characteristics);
	double *columns = MemoryContextAllocHuge(CurrentMemoryContext, (Size) (most + 1) * state->rows * sizeof(double));
	int i;
	int j;

	*chosen_count = 0;
	for (i = 0; i < count; i++)
	{
		double *mine = columns + *chosen_count * state->rows;

		CHECK_FOR_INTERRUPTS();
		if (all[i]->left_out != NULL)
			continue;
		if (all[i]->iv < options->min_iv)
			all[i]->left_out = "information value below min_iv";
		else if (*chosen_count == most)
			all[i]->left_out = "beyond max_characteristics";
		if (all[i]->left_out != NULL)
			continue;
		crk_fit_row_woe(state, all[i], mine);
		for (j = 0; j < *chosen_count; j++)
		{
			CHECK_FOR_INTERRUPTS();
			if (fabs(correlation(columns + j * state->rows, mine, state->rows)) > options->max_correlation)
				break;
		}
		if (j < *chosen_count)
			all[i]->left_out = psprintf("correlated with %s", all[chosen[j]]->column->name);
		else
			chosen[(*chosen_count)++] = i;
	}
	return columns;
}

/*
 * Evidence for the good must not count for the bad: while a coefficient has
 * the wrong sign, the characteristic where it is furthest wrong is left out and
 * the rest fitted again.  Returns how many are left.
 */
static int
regress(CrkFitState *state, CrkFitCharacteristic **all, const double *columns, int *chosen, int chosen_count, double *intercept)
{
	double *rows = MemoryContextAllocHuge(CurrentMemoryContext, Max(chosen_count, 1) * state->rows * sizeof(double));
	double *coefficients = palloc0((chosen_count + 1) * sizeof(double));
	int *column = palloc(Max(chosen_count, 1) * sizeof(int));
	int width = chosen_count;
	int worst;
	int i;

	for (i = 0; i < width; i++)
		column[i] = i;
	for (;;)
	{
		int64 row;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < width; i++)
		{
			for (row = 0; row < state->rows; row++)
				rows[row * width + i] = columns[column[i] * state->rows + row];
		}
		crk_logistic_fit(rows, state->bad, state->rows, width, state->options.cost, coefficients);
		worst = 0;
		for (i = 1; i < width; i++)
		{
			if (coefficients[i + 1] > coefficients[worst + 1])
				worst = i;
		}
		if (width == 0 || coefficients[worst + 1] < -1e-9)
			break;
		all[chosen[column[worst]]]->left_out = "coefficient of the wrong sign";
		width--;
		memmove(&column[worst], &column[worst + 1], (width - worst) * sizeof(int));
	}
	for (i = 0; i < width; i++)
		all[chosen[column[i]]]->coefficient = coefficients[i + 1];
	*intercept = coefficients[0];
	pfree(rows);
	return width;
}

/*
 * All of it, from bins to the card.
 */
PG_FUNCTION_INFO_V1(crk_fit_scorecard_final);
Datum
crk_fit_scorecard_final(PG_FUNCTION_ARGS)
{
	CrkFitState *state = PG_ARGISNULL(0) ? NULL : (CrkFitState *) PG_GETARG_POINTER(0);
	CrkFitCharacteristic **all;
	double *columns;
	int *chosen;
	int chosen_count;
	double intercept;
	int i;

	if (state == NULL || state->bads == 0 || state->bads == state->rows)
		PG_RETURN_NULL();
	all = palloc(Max(state->column_count, 1) * sizeof(CrkFitCharacteristic *));
	for (i = 0; i < state->column_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		all[i] = crk_fit_bins(state, &state->columns[i]);
	}
	qsort(all, state->column_count, sizeof(CrkFitCharacteristic *), compare_characteristics);
	chosen = palloc(Max(state->column_count, 1) * sizeof(int));
	columns = choose(state, all, state->column_count, chosen, &chosen_count);
	if (chosen_count == 0)
		PG_RETURN_NULL();
	chosen_count = regress(state, all, columns, chosen, chosen_count, &intercept);
	if (chosen_count == 0)
		PG_RETURN_NULL();
	return crk_fit_card(state, all, state->column_count, intercept);
}
