/*
 * scorecard.c
 *	  Scorecards as jsonb: read and refused strictly, compiled once for all rows,
 *	  evaluated and explained.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"
#include "kernel/scorecard.h"

/* Decimals of the product of points and weight, before zeros are taken off. */
#define PRODUCT_DECIMALS (2 * CRK_SCORE_DECIMALS)

/* An edge has at most so many base-10000 groups of decimals. */
#define EDGE_GROUPS 8

/* Cards that a call site remembers. */
#define CACHED_CARDS 4

/* What the kernel need not know of a characteristic. */
typedef struct CardLabel
{
	char *name;
	char *figure;
	int figure_length;
	char *family;
	bool words;
	bool upper_closed;
	char **edges; /* of numbers, as text */
	char **bands; /* of words, as text */
} CardLabel;

typedef struct CompiledCard
{
	MemoryContext context;
	Jsonb *source;
	CrkScorecard card;
	CardLabel *labels;
	double pd_score;
	double pd_odds;
	double pd_doubling;
	int *bands; /* of the row in hand */
} CompiledCard;

typedef struct CardCache
{
	CompiledCard *cards[CACHED_CARDS];
	int next;
	Datum last_datum; /* of an argument that does not change */
	CompiledCard *last;
	Oid *types; /* of the values of score_row */
} CardCache;

/* Keys that a card may have, and a characteristic. */
static const char *const card_keys[] = {
	"model", "version", "scaling", "base_points", "decimals", "min_coverage_pct", "pd_score", "pd_odds",
	"pd_doubling", "reference", "characteristics", "fitted"
};
static const char *const characteristic_keys[] = {
	"name", "figure", "family", "edges", "upper_closed", "categories", "points", "weight", "missing", "neutral",
	"name_en", "name_fr", "iv", "coefficient", "woe", "good", "bad", "missing_good", "missing_bad", "missing_woe"
};

pg_noreturn static void
refuse(const char *characteristic, const char *what)
{
	if (characteristic == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("scorecard: %s", what)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("scorecard: characteristic \"%s\": %s", characteristic, what)));
}

/*
 * A misspelt key must not be a default in silence.
 */
static void
check_keys(JsonbContainer *object, const char *characteristic, const char *const *keys, int count)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		bool known = false;

		if (token != WJB_KEY)
			continue;
		for (int i = 0; i < count && !known; i++)
			known = strlen(keys[i]) == value.val.string.len &&
					memcmp(keys[i], value.val.string.val, value.val.string.len) == 0;
		if (!known)
			refuse(characteristic, psprintf("\"%s\" is no key of it", pnstrdup(value.val.string.val, value.val.string.len)));
		(void) JsonbIteratorNext(&iterator, &value, true);
	}
}

/* The value of a key; NULL for null and for none. */
static JsonbValue *
field(JsonbContainer *object, const char *key)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object, key, strlen(key), NULL);

	return value == NULL || value->type == jbvNull ? NULL : value;
}

static char *
text_field(JsonbContainer *object, const char *key, const char *characteristic)
{
	JsonbValue *value = field(object, key);

	if (value == NULL)
		return NULL;
	if (value->type != jbvString || value->val.string.len == 0)
		refuse(characteristic, psprintf("%s must be a word", key));
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static bool
boolean_field(JsonbContainer *object, const char *key, const char *characteristic, bool otherwise)
{
	JsonbValue *value = field(object, key);

	if (value == NULL)
		return otherwise;
	if (value->type != jbvBool)
		refuse(characteristic, psprintf("%s must be true or false", key));
	return value->val.boolean;
}

/*
 * A number with at most six decimals, below 10^9, times 10^6.
 */
static int64
scaled_number(const JsonbValue *value, const char *key, const char *characteristic)
{
	crk_int128 scaled;
	int display_scale;

	if (value->type != jbvNumeric)
		refuse(characteristic, psprintf("%s must be a number", key));
	if (crk_numeric_read(NumericGetDatum(value->val.numeric), CRK_SCORE_DECIMALS, &scaled, &display_scale) != CRK_DECIMAL_OK ||
		scaled >= INT64CONST(1000000000000000) || scaled <= -INT64CONST(1000000000000000))
		refuse(characteristic, psprintf("%s must be below 10^9 and have at most %d decimals", key, CRK_SCORE_DECIMALS));
	return (int64) scaled;
}

static int64
number_field(JsonbContainer *object, const char *key, const char *characteristic, int64 otherwise)
{
	JsonbValue *value = field(object, key);

	return value == NULL ? otherwise : scaled_number(value, key, characteristic);
}

static JsonbContainer *
array_field(JsonbContainer *object, const char *key, const char *characteristic)
{
	JsonbValue *value = field(object, key);

	if (value == NULL)
		return NULL;
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) || JsonContainerIsScalar(value->val.binary.data))
		refuse(characteristic, psprintf("%s must be an array", key));
	return value->val.binary.data;
}

/*
 * The edges as keys: exact with the fewest groups of decimals that all of them
 * need, in 64 bits where that suffices.
 */
static void
compile_edges(JsonbContainer *edges, CrkCharacteristic *c, CardLabel *label)
{
	int count = JsonContainerSize(edges);
	crk_int128 *wide = palloc(sizeof(crk_int128) * Max(count, 1));
	double *doubles = palloc(sizeof(double) * Max(count, 1));
	bool narrow = true;
	bool exact = false;

	label->edges = palloc(sizeof(char *) * Max(count, 1));
	for (c->groups = 0; c->groups <= EDGE_GROUPS && !exact; c->groups++)
	{
		exact = true;
		narrow = true;
		for (int i = 0; i < count; i++)
		{
			JsonbValue *value = getIthJsonbValueFromContainer(edges, i);
			Numeric number;
			double edge;

			if (value->type != jbvNumeric)
				refuse(label->name, "edges must be numbers");
			number = value->val.numeric;
			if (crk_score_key(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number), c->groups, &wide[i]) != CRK_DECIMAL_OK ||
				wide[i] >= CRK_KEY_BEYOND || wide[i] <= -CRK_KEY_BEYOND)
				refuse(label->name, "an edge is too large");
			exact = exact && wide[i] % 2 == 0;
			narrow = narrow && wide[i] < INT64CONST(20000000000000000) && wide[i] > -INT64CONST(20000000000000000);
			label->edges[i] = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
			edge = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number)));
			doubles[i] = label->upper_closed ? nextafter(edge, INFINITY) : edge;
		}
	}
	c->groups--;
	if (!exact)
		refuse(label->name, psprintf("an edge has at most %d decimals", 4 * EDGE_GROUPS));
	for (int i = 1; i < count; i++)
	{
		if (wide[i] <= wide[i - 1])
			refuse(label->name, "edges must rise");
	}
	for (int i = 0; i < count && label->upper_closed; i++)
		wide[i]++;
	c->bands = count + 1;
	c->doubles = doubles;
	if (narrow)
	{
		int64 *keys = palloc(sizeof(int64) * Max(count, 1));

		for (int i = 0; i < count; i++)
			keys[i] = (int64) wide[i];
		c->narrow = keys;
	}
	else
		c->wide = wide;
}

/*
 * The words of each band, sorted for a binary search.
 */
static void
compile_categories(JsonbContainer *categories, CrkCharacteristic *c, CardLabel *label)
{
	int bands = JsonContainerSize(categories);
	int count = 0;
	int room = 16;
	CrkScoreWord *words = palloc(sizeof(CrkScoreWord) * room);

	label->words = true;
	label->bands = palloc(sizeof(char *) * Max(bands, 1));
	for (int band = 0; band < bands; band++)
	{
		JsonbValue *group = getIthJsonbValueFromContainer(categories, band);
		StringInfoData text;
		int size;

		if (group->type != jbvBinary || !JsonContainerIsArray(group->val.binary.data) || JsonContainerIsScalar(group->val.binary.data))
			refuse(label->name, "categories must be an array of arrays of words");
		size = JsonContainerSize(group->val.binary.data);
		if (size == 0)
			refuse(label->name, "a band of categories is empty");
		initStringInfo(&text);
		for (int i = 0; i < size; i++)
		{
			JsonbValue *word = getIthJsonbValueFromContainer(group->val.binary.data, i);

			if (word->type != jbvString)
				refuse(label->name, "categories must be an array of arrays of words");
			if (count == room)
				words = repalloc(words, sizeof(CrkScoreWord) * (room *= 2));
			words[count].length = word->val.string.len;
			words[count].text = pnstrdup(word->val.string.val, word->val.string.len);
			words[count].band = band;
			appendStringInfo(&text, "%s%s", i == 0 ? "" : ", ", words[count].text);
			count++;
		}
		label->bands[band] = text.data;
	}
	qsort(words, count, sizeof(CrkScoreWord), crk_score_word_compare);
	for (int i = 1; i < count; i++)
	{
		if (crk_score_word_compare(&words[i - 1], &words[i]) == 0)
			refuse(label->name, psprintf("the word \"%s\" stands twice", words[i].text));
	}
	c->bands = bands + 1;
	c->words = words;
	c->word_count = count;
}

/*
 * Points times weight, exact, with PRODUCT_DECIMALS decimals: the caller brings
 * all of a card to one scale.
 */
static crk_int128 *
compile_points(JsonbContainer *object, const CrkCharacteristic *c, const char *name, int64 weight,
			   crk_int128 *missing, crk_int128 *neutral, bool *has_neutral, bool *counts_missing)
{
	JsonbContainer *points = array_field(object, "points", name);
	crk_int128 *products = palloc(sizeof(crk_int128) * c->bands);
	JsonbValue *value;

	if (points == NULL || JsonContainerSize(points) != c->bands)
		refuse(name, psprintf("it has %d bands and needs as many points", c->bands));
	for (int i = 0; i < c->bands; i++)
		products[i] = (crk_int128) scaled_number(getIthJsonbValueFromContainer(points, i), "points", name) * weight;
	value = field(object, "missing");
	*counts_missing = value != NULL;
	*missing = value == NULL ? 0 : (crk_int128) scaled_number(value, "missing", name) * weight;
	value = field(object, "neutral");
	*has_neutral = value != NULL;
	*neutral = value == NULL ? 0 : (crk_int128) scaled_number(value, "neutral", name) * weight;
	return products;
}

static int
trailing_zeros(crk_int128 value)
{
	int zeros = 0;

	while (zeros < PRODUCT_DECIMALS && value % 10 == 0)
	{
		value /= 10;
		zeros++;
	}
	return zeros;
}

/*
 * At the card's scale; too many digits are refused by the caller's sums.
 */
static int64
at_scale(crk_int128 value, int zeros)
{
	for (int i = 0; i < zeros; i++)
		value /= 10;
	if (value >= CRK_SCORE_POINTS_LIMIT || value <= -CRK_SCORE_POINTS_LIMIT)
		refuse(NULL, "its points have too many digits");
	return (int64) value;
}

/*
 * Everything in one context of its own, so that a card goes as a whole.
 */
static CompiledCard *
compile_card(Jsonb *source, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "scorecard", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	CompiledCard *compiled = palloc0(sizeof(CompiledCard));
	CrkScorecard *card = &compiled->card;
	JsonbContainer *root;
	JsonbContainer *list;
	CrkCharacteristic *characteristics;
	crk_int128 **points;
	crk_int128 *missing;
	crk_int128 *neutral;
	bool *has_neutral;
	crk_int128 base;
	char *word;
	bool by_neutral;
	int64 number;
	int64 coverage;
	int zeros = PRODUCT_DECIMALS;

	compiled->context = context;
	compiled->source = (Jsonb *) memcpy(palloc(VARSIZE(source)), source, VARSIZE(source));
	root = &compiled->source->root;
	if (!JB_ROOT_IS_OBJECT(compiled->source))
		refuse(NULL, "it must be an object");
	check_keys(root, NULL, card_keys, lengthof(card_keys));

	word = text_field(root, "scaling", NULL);
	if (word != NULL && strcmp(word, "percent") != 0 && strcmp(word, "sum") != 0)
		refuse(NULL, "scaling must be \"percent\" or \"sum\"");
	card->percent = word == NULL || strcmp(word, "percent") == 0;
	word = text_field(root, "reference", NULL);
	if (word != NULL && strcmp(word, "max") != 0 && strcmp(word, "neutral") != 0)
		refuse(NULL, "reference must be \"max\" or \"neutral\"");
	by_neutral = word != NULL && strcmp(word, "neutral") == 0;
	number = number_field(root, "decimals", NULL, 2 * INT64CONST(1000000));
	if (number < 0 || number > CRK_SCORE_DECIMALS * INT64CONST(1000000) || number % 1000000 != 0)
		refuse(NULL, psprintf("decimals must be an integer from 0 to %d", CRK_SCORE_DECIMALS));
	card->decimals = number / 1000000;
	coverage = number_field(root, "min_coverage_pct", NULL, 50 * INT64CONST(1000000));
	if (coverage < 0 || coverage > 100 * INT64CONST(1000000))
		refuse(NULL, "min_coverage_pct must be a percentage from 0 to 100");
	base = (crk_int128) number_field(root, "base_points", NULL, 0) * 1000000;
	if (card->percent && base != 0)
		refuse(NULL, "base_points belong to scaling \"sum\"");
	compiled->pd_score = number_field(root, "pd_score", NULL, 50 * INT64CONST(1000000)) / 1e6;
	compiled->pd_odds = number_field(root, "pd_odds", NULL, 24 * INT64CONST(1000000)) / 1e6;
	compiled->pd_doubling = number_field(root, "pd_doubling", NULL, 10 * INT64CONST(1000000)) / 1e6;
	if (compiled->pd_odds <= 0 || compiled->pd_doubling <= 0)
		refuse(NULL, "pd_odds and pd_doubling must be above zero");

	list = array_field(root, "characteristics", NULL);
	card->count = list == NULL ? 0 : JsonContainerSize(list);
	if (card->count == 0)
		refuse(NULL, "it has no characteristics");
	characteristics = palloc0(sizeof(CrkCharacteristic) * card->count);
	compiled->labels = palloc0(sizeof(CardLabel) * card->count);
	compiled->bands = palloc(sizeof(int) * card->count);
	points = palloc(sizeof(crk_int128 *) * card->count);
	missing = palloc(sizeof(crk_int128) * card->count);
	neutral = palloc(sizeof(crk_int128) * card->count);
	has_neutral = palloc(sizeof(bool) * card->count);
	for (int i = 0; i < card->count; i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(list, i);
		JsonbContainer *object;
		JsonbContainer *edges;
		JsonbContainer *categories;
		CrkCharacteristic *c = &characteristics[i];
		CardLabel *label = &compiled->labels[i];
		crk_int128 best;
		int64 weight;

		CHECK_FOR_INTERRUPTS();
		if (element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
			refuse(NULL, "a characteristic must be an object");
		object = element->val.binary.data;
		label->name = text_field(object, "name", NULL);
		if (label->name == NULL)
			refuse(NULL, psprintf("characteristic %d has no name", i + 1));
		for (int j = 0; j < i; j++)
		{
			if (strcmp(label->name, compiled->labels[j].name) == 0)
				refuse(label->name, "it stands twice");
		}
		check_keys(object, label->name, characteristic_keys, lengthof(characteristic_keys));
		c->name = label->name;
		label->figure = text_field(object, "figure", label->name);
		if (label->figure == NULL)
			label->figure = label->name;
		label->figure_length = strlen(label->figure);
		label->family = text_field(object, "family", label->name);
		label->upper_closed = boolean_field(object, "upper_closed", label->name, true);
		weight = number_field(object, "weight", label->name, 1000000);
		if (weight <= 0)
			refuse(label->name, "its weight must be above zero");
		edges = array_field(object, "edges", label->name);
		categories = array_field(object, "categories", label->name);
		if ((edges == NULL) == (categories == NULL))
			refuse(label->name, "it has either edges or categories");
		if (edges != NULL)
			compile_edges(edges, c, label);
		else
			compile_categories(categories, c, label);
		points[i] = compile_points(object, c, label->name, weight, &missing[i], &neutral[i], &has_neutral[i], &c->counts_missing);
		best = c->counts_missing ? missing[i] : points[i][0];
		for (int band = 0; band < c->bands; band++)
		{
			zeros = Min(zeros, trailing_zeros(points[i][band]));
			best = Max(best, points[i][band]);
		}
		if (card->percent && best < 0)
			refuse(label->name, "a percentage needs best points of 0 or more");
		zeros = Min(zeros, Min(trailing_zeros(missing[i]), trailing_zeros(neutral[i])));
	}
	zeros = Min(zeros, trailing_zeros(base));
	zeros = Min(zeros, PRODUCT_DECIMALS - card->decimals); /* a score has no fewer digits than its points */
	card->scale = PRODUCT_DECIMALS - zeros;
	card->base = at_scale(base, zeros);
	for (int i = 0; i < card->count; i++)
	{
		CrkCharacteristic *c = &characteristics[i];
		int64 *scaled = palloc(sizeof(int64) * c->bands);

		for (int band = 0; band < c->bands; band++)
			scaled[band] = at_scale(points[i][band], zeros);
		c->points = scaled;
		c->missing = at_scale(missing[i], zeros);
	}
	if (!crk_scorecard_finish(card, characteristics, coverage))
		refuse(NULL, "its points have too many digits");
	for (int i = 0; i < card->count; i++)
		characteristics[i].reference = by_neutral && has_neutral[i] ? at_scale(neutral[i], zeros) : characteristics[i].max;
	MemoryContextSwitchTo(caller);
	return compiled;
}

/*
 * Whether the card is written in the query.  A parameter is not enough: an
 * expression of PL/pgSQL keeps its function from one execution to the next,
 * and another card may come to stand at the same address.
 */
static bool
card_is_constant(FunctionCallInfo fcinfo)
{
	Node *call = fcinfo->flinfo->fn_expr;

	return call != NULL && IsA(call, FuncExpr) && IsA(linitial(((FuncExpr *) call)->args), Const);
}

/*
 * One card over a million rows is read once: told by its pointer where it is a
 * constant, else by its bytes.
 */
static CompiledCard *
card_argument(FunctionCallInfo fcinfo)
{
	CardCache *cache = fcinfo->flinfo->fn_extra;
	Datum datum = PG_GETARG_DATUM(0);
	Jsonb *source;
	CompiledCard *found = NULL;
	bool constant;

	if (cache != NULL && cache->last != NULL && cache->last_datum == datum)
		return cache->last;
	if (cache == NULL)
		cache = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CardCache));
	constant = card_is_constant(fcinfo);
	source = DatumGetJsonbP(datum);
	for (int i = 0; i < CACHED_CARDS && found == NULL; i++)
	{
		CompiledCard *card = cache->cards[i];

		if (card != NULL && VARSIZE(card->source) == VARSIZE(source) && memcmp(card->source, source, VARSIZE(source)) == 0)
			found = card;
	}
	if (found == NULL)
	{
		found = compile_card(source, CurrentMemoryContext);
		MemoryContextSetParent(found->context, fcinfo->flinfo->fn_mcxt);
		if (cache->cards[cache->next] != NULL)
			MemoryContextDelete(cache->cards[cache->next]->context);
		cache->cards[cache->next] = found;
		cache->next = (cache->next + 1) % CACHED_CARDS;
	}
	if ((Pointer) source != DatumGetPointer(datum))
		pfree(source);
	cache->last = constant ? found : NULL;
	cache->last_datum = datum;
	return found;
}

static void
refuse_value(const CardLabel *label, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("figure \"%s\" %s", label->figure, what)));
}

static void
check_number(const CardLabel *label, CrkDecimalStatus status)
{
	if (status != CRK_DECIMAL_OK)
		refuse_value(label, status == CRK_DECIMAL_NAN ? "is not a number (NaN)" : "is infinite");
}

static int
band_of_numeric(const CompiledCard *compiled, int i, Numeric number)
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
band_of_integer(const CompiledCard *compiled, int i, int64 value)
{
	char text[MAXINT8LEN + 1];

	if (!compiled->labels[i].words)
		return crk_score_band_of_integer(&compiled->card.characteristics[i], value);
	pg_lltoa(value, text);
	return crk_score_band_of_word(&compiled->card.characteristics[i], text, strlen(text));
}

static int
band_of_boolean(const CompiledCard *compiled, int i, bool value)
{
	if (!compiled->labels[i].words)
		return crk_score_band_of_integer(&compiled->card.characteristics[i], value);
	return crk_score_band_of_word(&compiled->card.characteristics[i], value ? "true" : "false", value ? 4 : 5);
}

static int
band_of_text(const CompiledCard *compiled, int i, const char *text, int length)
{
	if (!compiled->labels[i].words)
		refuse_value(&compiled->labels[i], "must be a number, for it has edges");
	return crk_score_band_of_word(&compiled->card.characteristics[i], text, length);
}

/*
 * The bands of a row of figures by name.
 */
static CrkScoreSum
sum_figures(CompiledCard *compiled, Jsonb *figures)
{
	CrkScoreSum sum = { 0 };

	if (!JB_ROOT_IS_OBJECT(figures))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("argument \"figures\" must be an object")));
	for (int i = 0; i < compiled->card.count; i++)
	{
		const CardLabel *label = &compiled->labels[i];
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
band_of_datum(const CompiledCard *compiled, int i, Datum value, Oid type)
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
score_datum(const CompiledCard *compiled, int64 score)
{
	return NumericGetDatum(int64_div_fast_to_numeric(score, compiled->card.decimals));
}

/* Points at the card's scale, without trailing zeros. */
static Datum
points_datum(const CompiledCard *compiled, int64 points)
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
	(void) card_argument(fcinfo);
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/*
 * By name: for figures that are not columns of one table.
 */
PG_FUNCTION_INFO_V1(crk_score_figures);
Datum
crk_score_figures(PG_FUNCTION_ARGS)
{
	CompiledCard *compiled = card_argument(fcinfo);
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
	CompiledCard *compiled;
	CardCache *cache;
	CrkScoreSum sum = { 0 };
	Datum *values = NULL;
	bool *nulls = NULL;
	Oid element_type = InvalidOid;
	int count = PG_NARGS() - 1;
	int64 score;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	compiled = card_argument(fcinfo);
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
	CompiledCard *compiled = card_argument(fcinfo);
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
	CompiledCard *compiled = card_argument(fcinfo);
	double score = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(crk_argument_numeric(fcinfo, 1, "score"))));

	PG_RETURN_FLOAT8(1.0 / (1.0 + compiled->pd_odds * exp2((score - compiled->pd_score) / compiled->pd_doubling)));
}

/*
 * A band in the words of a credit manager's grid.
 */
static char *
band_words(const CompiledCard *compiled, int i, int band)
{
	const CardLabel *label = &compiled->labels[i];
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
value_words(Jsonb *figures, const CardLabel *label)
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
	CompiledCard *compiled = card_argument(fcinfo);
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
needed_words(const CompiledCard *compiled, int i, int now, int then)
{
	const CrkCharacteristic *c = &compiled->card.characteristics[i];
	const CardLabel *label = &compiled->labels[i];
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

typedef struct Change
{
	int place;
	int band;
	int64 gain;
	int64 score;
} Change;

static int
change_compare(const void *left, const void *right)
{
	const Change *a = left;
	const Change *b = right;

	if (a->gain != b->gain)
		return a->gain < b->gain ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

/*
 * Each characteristic alone: the nearest band that lifts the score to the
 * target.
 */
PG_FUNCTION_INFO_V1(crk_smallest_change);
Datum
crk_smallest_change(PG_FUNCTION_ARGS)
{
	CompiledCard *compiled = card_argument(fcinfo);
	const CrkScorecard *card = &compiled->card;
	Jsonb *figures = PG_GETARG_JSONB_P(1);
	Numeric target = crk_argument_numeric(fcinfo, 2, "target");
	CrkScoreSum sum = sum_figures(compiled, figures);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Change *changes = palloc(sizeof(Change) * card->count);
	int found = 0;
	int64 score;

	InitMaterializedSRF(fcinfo, 0);
	if (crk_scorecard_score(card, &sum, &score) && crk_numeric_compare(DatumGetNumeric(score_datum(compiled, score)), target) >= 0)
		return (Datum) 0;
	for (int i = 0; i < card->count; i++)
	{
		const CrkCharacteristic *c = &card->characteristics[i];
		int now = compiled->bands[i];
		int best = CRK_BAND_MISSING;
		int best_distance = 0;
		int64 best_score = 0;

		CHECK_FOR_INTERRUPTS();
		for (int band = 0; band < c->bands; band++)
		{
			CrkScoreSum then = sum;
			int distance = now == CRK_BAND_MISSING ? 0 : abs(band - now);

			if (band == now)
				continue;
			if (crk_score_present(c, now))
			{
				then.points -= crk_score_points(c, now);
				then.max -= c->max;
				then.cover -= c->cover;
			}
			crk_score_add(&then, c, band);
			if (!crk_scorecard_score(card, &then, &score) ||
				crk_numeric_compare(DatumGetNumeric(score_datum(compiled, score)), target) < 0)
				continue;
			if (best == CRK_BAND_MISSING || distance < best_distance ||
				(distance == best_distance && c->points[band] < c->points[best]))
			{
				best = band;
				best_distance = distance;
				best_score = score;
			}
		}
		if (best != CRK_BAND_MISSING)
		{
			changes[found].place = i;
			changes[found].band = best;
			changes[found].gain = c->points[best] - (crk_score_present(c, now) ? crk_score_points(c, now) : 0);
			changes[found].score = best_score;
			found++;
		}
	}
	qsort(changes, found, sizeof(Change), change_compare);
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
