/*
 * scorecard_read.c
 *	  Scorecards as jsonb: read and refused strictly, compiled once for all rows.
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "decimal.h"
#include "scorecard.h"

/* Decimals of the product of points and weight, before zeros are taken off. */
#define PRODUCT_DECIMALS (2 * CRK_SCORE_DECIMALS)

/* An edge has at most so many base-10000 groups of decimals. */
#define EDGE_GROUPS 8

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
compile_edges(JsonbContainer *edges, CrkCharacteristic *c, CrkCardLabel *label)
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
compile_categories(JsonbContainer *categories, CrkCharacteristic *c, CrkCardLabel *label)
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
static CrkCompiledCard *
compile_card(Jsonb *source, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "scorecard", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	CrkCompiledCard *compiled = palloc0(sizeof(CrkCompiledCard));
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
	compiled->labels = palloc0(sizeof(CrkCardLabel) * card->count);
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
		CrkCardLabel *label = &compiled->labels[i];
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
CrkCompiledCard *
crk_card_argument(FunctionCallInfo fcinfo)
{
	CrkCardCache *cache = fcinfo->flinfo->fn_extra;
	Datum datum = PG_GETARG_DATUM(0);
	Jsonb *source;
	CrkCompiledCard *found = NULL;
	bool constant;

	if (cache != NULL && cache->last != NULL && cache->last_datum == datum)
		return cache->last;
	if (cache == NULL)
		cache = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CrkCardCache));
	constant = card_is_constant(fcinfo);
	source = DatumGetJsonbP(datum);
	for (int i = 0; i < CRK_CACHED_CARDS && found == NULL; i++)
	{
		CrkCompiledCard *card = cache->cards[i];

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
		cache->next = (cache->next + 1) % CRK_CACHED_CARDS;
	}
	if ((Pointer) source != DatumGetPointer(datum))
		pfree(source);
	cache->last = constant ? found : NULL;
	cache->last_datum = datum;
	return found;
}
