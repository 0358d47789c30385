/*
 * scorecard.c
 *	  Rows and figures evaluated by a scorecard, and the score explained.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "argument.h"
#include "decimal.h"
#include "scorecard.h"

static void
refuse_value(const CrkCardLabel *label, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("figure \"%s\" %s", label->figure, what)));
}

static void
check_number(const CrkCardLabel *label, CrkDecimalStatus status)
{
	if (status != CRK_DECIMAL_OK)
		refuse_value(label, status == CRK_DECIMAL_NAN ? "is not a number (NaN)" : "is infinite");
}

static int
band_of_numeric(const CrkCompiledCard *compiled, int i, Numeric number)
{
	const CrkCharacteristic *c = &compiled->card.characteristics[i];
	int band = CRK_BAND_MISSING;

	if (compiled->labels[i].words)
	{
		char *text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));

		band = crk_score_band_of_word(c, text, strlen(text));
		pfree(text);
		return band;
	}
	check_number(&compiled->labels[i], crk_score_band_of_numeric(c, VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number), &band));
	return band;
}

static int
band_of_integer(const CrkCompiledCard *compiled, int i, int64 value)
{
	char text[MAXINT8LEN + 1];

	if (!compiled->labels[i].words)
		return crk_score_band_of_integer(&compiled->card.characteristics[i], value);
	pg_lltoa(value, text);
	return crk_score_band_of_word(&compiled->card.characteristics[i], text, strlen(text));
}

static int
band_of_boolean(const CrkCompiledCard *compiled, int i, bool value)
{
	if (!compiled->labels[i].words)
		return crk_score_band_of_integer(&compiled->card.characteristics[i], value);
	return crk_score_band_of_word(&compiled->card.characteristics[i], value ? "true" : "false", value ? 4 : 5);
}

static int
band_of_text(const CrkCompiledCard *compiled, int i, const char *text, int length)
{
	if (!compiled->labels[i].words)
		refuse_value(&compiled->labels[i], "must be a number, for it has edges");
	return crk_score_band_of_word(&compiled->card.characteristics[i], text, length);
}

/*
 * The bands of a row of figures by name.
 */
static CrkScoreSum
sum_figures(CrkCompiledCard *compiled, Jsonb *figures)
{
	CrkScoreSum sum = { 0 };

	if (!JB_ROOT_IS_OBJECT(figures))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("argument \"figures\" must be an object")));
	for (int i = 0; i < compiled->card.count; i++)
	{
		const CrkCardLabel *label = &compiled->labels[i];
		JsonbValue value;
		int band = CRK_BAND_MISSING;

		if (getKeyJsonValueFromContainer(&figures->root, label->figure, label->figure_length, &value) != NULL)
		{
			switch (value.type)
			{
				case jbvNull:
					break;
				case jbvNumeric:
					band = band_of_numeric(compiled, i, value.val.numeric);
					break;
				case jbvBool:
					band = band_of_boolean(compiled, i, value.val.boolean);
					break;
				case jbvString:
					band = band_of_text(compiled, i, value.val.string.val, value.val.string.len);
					break;
				default:
					refuse_value(label, "must be a number, a word or true or false");
			}
		}
		compiled->bands[i] = band;
		crk_score_add(&sum, &compiled->card.characteristics[i], band);
	}
	return sum;
}

/*
 * A value of any of the types that a table of figures has.
 */
static int
band_of_datum(const CrkCompiledCard *compiled, int i, Datum value, Oid type)
{
	int band = CRK_BAND_MISSING;

	switch (type)
	{
		case NUMERICOID:
		{
			Numeric number = (Numeric) PG_DETOAST_DATUM_PACKED(value);

			if (compiled->labels[i].words)
				return band_of_numeric(compiled, i, DatumGetNumeric(value));
			check_number(&compiled->labels[i], crk_score_band_of_numeric(&compiled->card.characteristics[i], VARDATA_ANY(number),
																		 VARSIZE_ANY_EXHDR(number), &band));
			break;
		}
		case INT2OID:
			return band_of_integer(compiled, i, DatumGetInt16(value));
		case INT4OID:
			return band_of_integer(compiled, i, DatumGetInt32(value));
		case INT8OID:
			return band_of_integer(compiled, i, DatumGetInt64(value));
		case FLOAT4OID:
		case FLOAT8OID:
			if (compiled->labels[i].words)
				refuse_value(&compiled->labels[i], "must be a word, for it has categories");
			check_number(&compiled->labels[i], crk_score_band_of_double(&compiled->card.characteristics[i],
																		type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value), &band));
			break;
		case BOOLOID:
			return band_of_boolean(compiled, i, DatumGetBool(value));
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		{
			text *word = DatumGetTextPP(value);
			int length = VARSIZE_ANY_EXHDR(word);

			while (type == BPCHAROID && length > 0 && VARDATA_ANY(word)[length - 1] == ' ')
				length--;
			return band_of_text(compiled, i, VARDATA_ANY(word), length);
		}
		case UNKNOWNOID:
			return band_of_text(compiled, i, DatumGetCString(value), strlen(DatumGetCString(value)));
		default:
			refuse_value(&compiled->labels[i], psprintf("cannot be of type %s", format_type_be(type)));
	}
	return band;
}

static Datum
score_datum(const CrkCompiledCard *compiled, int64 score)
{
	return NumericGetDatum(int64_div_fast_to_numeric(score, compiled->card.decimals));
}

/* Points at the card's scale, without trailing zeros. */
static Datum
points_datum(const CrkCompiledCard *compiled, int64 points)
{
	return NumericGetDatum(crk_numeric_trim(DatumGetNumeric(crk_numeric_make(points, compiled->card.scale, compiled->card.scale))));
}

/*
 * Says of a card whether it can be evaluated, before it is stored.
 */
PG_FUNCTION_INFO_V1(crk_check_scorecard);
Datum
crk_check_scorecard(PG_FUNCTION_ARGS)
{
	(void) crk_card_argument(fcinfo);
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/*
 * By name: for figures that are not columns of one table.
 */
PG_FUNCTION_INFO_V1(crk_score_figures);
Datum
crk_score_figures(PG_FUNCTION_ARGS)
{
	CrkCompiledCard *compiled = crk_card_argument(fcinfo);
	CrkScoreSum sum = sum_figures(compiled, PG_GETARG_JSONB_P(1));
	int64 score;

	if (!crk_scorecard_score(&compiled->card, &sum, &score))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(score_datum(compiled, score));
}

/*
 * By place: a million rows of a table without a jsonb of each.
 */
PG_FUNCTION_INFO_V1(crk_score_row);
Datum
crk_score_row(PG_FUNCTION_ARGS)
{
	CrkCompiledCard *compiled;
	CrkCardCache *cache;
	CrkScoreSum sum = { 0 };
	Datum *values = NULL;
	bool *nulls = NULL;
	Oid element_type = InvalidOid;
	int count = PG_NARGS() - 1;
	int64 score;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	compiled = crk_card_argument(fcinfo);
	cache = fcinfo->flinfo->fn_extra;
	if (count == 1 && get_fn_expr_variadic(fcinfo->flinfo))
	{
		ArrayType *array;
		int16 length;
		bool by_value;
		char align;

		if (PG_ARGISNULL(1))
			PG_RETURN_NULL();
		array = PG_GETARG_ARRAYTYPE_P(1);
		element_type = ARR_ELEMTYPE(array);
		get_typlenbyvalalign(element_type, &length, &by_value, &align);
		deconstruct_array(array, element_type, length, by_value, align, &values, &nulls, &count);
		element_type = getBaseType(element_type);
	}
	else if (cache->types == NULL)
	{
		cache->types = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Oid) * count);
		for (int i = 0; i < count; i++)
			cache->types[i] = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, i + 1));
	}
	if (count != compiled->card.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the scorecard has %d characteristics, and %d values are given", compiled->card.count, count)));
	for (int i = 0; i < count; i++)
	{
		int band = CRK_BAND_MISSING;

		if (values != NULL)
		{
			if (!nulls[i])
				band = band_of_datum(compiled, i, values[i], element_type);
		}
		else if (!PG_ARGISNULL(i + 1))
			band = band_of_datum(compiled, i, PG_GETARG_DATUM(i + 1), cache->types[i]);
		crk_score_add(&sum, &compiled->card.characteristics[i], band);
	}
	if (!crk_scorecard_score(&compiled->card, &sum, &score))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(score_datum(compiled, score));
}

/*
 * How much of the card is known, in percent.
 */
PG_FUNCTION_INFO_V1(crk_score_coverage);
Datum
crk_score_coverage(PG_FUNCTION_ARGS)
{
	CrkCompiledCard *compiled = crk_card_argument(fcinfo);
	CrkScoreSum sum = sum_figures(compiled, PG_GETARG_JSONB_P(1));
	Numeric share = crk_numeric_quotient(crk_numeric_multiply(int64_to_numeric(sum.cover), int64_to_numeric(100)),
										 int64_to_numeric(compiled->card.cover), CRK_SCORE_DECIMALS);

	PG_RETURN_NUMERIC(crk_numeric_trim(share));
}

/*
 * The scale of probabilities is the card's own.
 */
PG_FUNCTION_INFO_V1(crk_score_pd);
Datum
crk_score_pd(PG_FUNCTION_ARGS)
{
	CrkCompiledCard *compiled = crk_card_argument(fcinfo);
	double score = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(crk_argument_numeric(fcinfo, 1, "score"))));

	PG_RETURN_FLOAT8(1.0 / (1.0 + compiled->pd_odds * exp2((score - compiled->pd_score) / compiled->pd_doubling)));
}

/*
 * A band in the words of a credit manager's grid.
 */
static char *
band_words(const CrkCompiledCard *compiled, int i, int band)
{
	const CrkCardLabel *label = &compiled->labels[i];
	int last = compiled->card.characteristics[i].bands - 1;

	if (band == CRK_BAND_MISSING)
		return pstrdup("missing");
	if (label->words)
		return band < last ? label->bands[band] : pstrdup("other");
	if (last == 0)
		return pstrdup("any");
	if (band == 0)
		return psprintf("%s %s", label->upper_closed ? "<=" : "<", label->edges[0]);
	if (band == last)
		return psprintf("%s %s", label->upper_closed ? ">" : ">=", label->edges[band - 1]);
	return psprintf("%s %s to %s", label->upper_closed ? ">" : ">=", label->edges[band - 1], label->edges[band]);
}

/* The value as it was given; NULL where it is missing. */
static char *
value_words(Jsonb *figures, const CrkCardLabel *label)
{
	JsonbValue value;

	if (getKeyJsonValueFromContainer(&figures->root, label->figure, label->figure_length, &value) == NULL)
		return NULL;
	switch (value.type)
	{
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
		case jbvBool:
			return pstrdup(value.val.boolean ? "true" : "false");
		case jbvString:
			return pnstrdup(value.val.string.val, value.val.string.len);
		default:
			return NULL;
	}
}

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

/*
 * The score taken apart: what each characteristic gave, and what it cost.
 */
PG_FUNCTION_INFO_V1(crk_score_contributions);
Datum
crk_score_contributions(PG_FUNCTION_ARGS)
{
	CrkCompiledCard *compiled = crk_card_argument(fcinfo);
	const CrkScorecard *card = &compiled->card;
	Jsonb *figures = PG_GETARG_JSONB_P(1);
	CrkScoreSum sum = sum_figures(compiled, figures);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int64 *contributions = palloc0(sizeof(int64) * (card->count + 1));
	int64 *scratch = palloc(sizeof(int64) * (card->count + 1));
	int *ranks = palloc0(sizeof(int) * card->count);
	int64 score;
	bool scored = crk_scorecard_score(card, &sum, &score);

	InitMaterializedSRF(fcinfo, 0);
	if (scored)
		crk_scorecard_contributions(card, compiled->bands, &sum, score, contributions, scratch);
	crk_scorecard_reasons(card, compiled->bands, ranks);
	for (int i = 0; i <= card->count; i++)
	{
		Datum values[11];
		bool nulls[11] = { false };
		bool is_base = i == card->count;
		bool present = is_base || crk_score_present(&card->characteristics[i], compiled->bands[i]);

		if (is_base && card->percent)
			break;
		values[0] = Int32GetDatum(i + 1);
		put_text(values, nulls, 1, is_base ? "base" : compiled->labels[i].name);
		put_text(values, nulls, 2, is_base ? NULL : compiled->labels[i].figure);
		put_text(values, nulls, 3, is_base ? NULL : compiled->labels[i].family);
		put_text(values, nulls, 4, is_base ? NULL : value_words(figures, &compiled->labels[i]));
		put_text(values, nulls, 5, is_base ? NULL : band_words(compiled, i, compiled->bands[i]));
		nulls[6] = !present;
		if (present)
			values[6] = points_datum(compiled, is_base ? card->base : crk_score_points(&card->characteristics[i], compiled->bands[i]));
		values[7] = points_datum(compiled, is_base ? card->base : card->characteristics[i].max);
		nulls[8] = !scored;
		if (scored)
			values[8] = score_datum(compiled, contributions[i]);
		values[9] = BoolGetDatum(!is_base && compiled->bands[i] == CRK_BAND_MISSING);
		nulls[10] = is_base || ranks[i] == 0;
		if (!nulls[10])
			values[10] = Int32GetDatum(ranks[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Where all bands further out give as much, the bound alone says it.
 */
static char *
needed_words(const CrkCompiledCard *compiled, int i, int now, int then)
{
	const CrkCharacteristic *c = &compiled->card.characteristics[i];
	const CrkCardLabel *label = &compiled->labels[i];
	const char *known = now == CRK_BAND_MISSING ? "known, " : "";
	bool below = !label->words && then < c->bands - 1 && then < (now == CRK_BAND_MISSING ? c->bands : now);
	bool above = !label->words && then > 0 && then > now;

	for (int band = 0; band < c->bands; band++)
	{
		if (c->points[band] < c->points[then])
		{
			below = below && band > then;
			above = above && band < then;
		}
	}
	if (below)
		return psprintf("%s%s %s", known, label->upper_closed ? "<=" : "<", label->edges[then]);
	if (above)
		return psprintf("%s%s %s", known, label->upper_closed ? ">" : ">=", label->edges[then - 1]);
	return psprintf("%s%s", known, band_words(compiled, i, then));
}

/*
 * A target in units of the score, the fraction of one rounded up; what no score
 * comes near is the limit itself.
 */
static int64
target_units(const CrkScorecard *card, Numeric target)
{
	Numeric limit = int64_to_numeric(CRK_SCORE_POINTS_LIMIT);
	Numeric units = target;

	for (int i = 0; i < card->decimals; i++)
		units = crk_numeric_multiply(units, int64_to_numeric(10));
	units = DatumGetNumeric(DirectFunctionCall1(numeric_ceil, NumericGetDatum(units)));
	if (crk_numeric_compare(units, limit) >= 0)
		return CRK_SCORE_POINTS_LIMIT;
	if (crk_numeric_compare(units, int64_to_numeric(-CRK_SCORE_POINTS_LIMIT)) <= 0)
		return -CRK_SCORE_POINTS_LIMIT;
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(units)));
}

/*
 * Each characteristic alone: the nearest band that lifts the score to the
 * target.
 */
PG_FUNCTION_INFO_V1(crk_smallest_change);
Datum
crk_smallest_change(PG_FUNCTION_ARGS)
{
	CrkCompiledCard *compiled = crk_card_argument(fcinfo);
	const CrkScorecard *card = &compiled->card;
	Jsonb *figures = PG_GETARG_JSONB_P(1);
	int64 target = target_units(card, crk_argument_numeric(fcinfo, 2, "target"));
	CrkScoreSum sum = sum_figures(compiled, figures);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CrkScoreChange *changes = palloc(sizeof(CrkScoreChange) * card->count);
	int found = 0;
	int64 score;

	InitMaterializedSRF(fcinfo, 0);
	if (crk_scorecard_score(card, &sum, &score) && score >= target)
		return (Datum) 0;
	for (int i = 0; i < card->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (crk_scorecard_change(card, i, compiled->bands[i], &sum, target, &changes[found]))
			found++;
	}
	qsort(changes, found, sizeof(CrkScoreChange), crk_score_change_compare);
	for (int i = 0; i < found; i++)
	{
		int place = changes[i].place;
		const CrkCharacteristic *c = &card->characteristics[place];
		int now = compiled->bands[place];
		Datum values[7];
		bool nulls[7] = { false };

		put_text(values, nulls, 0, compiled->labels[place].name);
		put_text(values, nulls, 1, compiled->labels[place].figure);
		put_text(values, nulls, 2, value_words(figures, &compiled->labels[place]));
		put_text(values, nulls, 3, needed_words(compiled, place, now, changes[i].band));
		nulls[4] = !crk_score_present(c, now);
		if (!nulls[4])
			values[4] = points_datum(compiled, crk_score_points(c, now));
		values[5] = points_datum(compiled, c->points[changes[i].band]);
		values[6] = score_datum(compiled, changes[i].score);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
