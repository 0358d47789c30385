/*
 * fit_card.c
 *	  What fit_scorecard takes and returns as jsonb: its options, and the card.
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/numeric.h"

#include "argument.h"
#include "compat.h"
#include "fit_scorecard.h"

/* Decimals that a card has at most. */
#define MOST_DECIMALS 6

typedef enum OptionType
{
	OPTION_TEXT,
	OPTION_BOOLEAN,
	OPTION_INTEGER,
	OPTION_NUMBER
} OptionType;

typedef struct OptionField
{
	const char *name;
	OptionType type;
	size_t offset;
	double least;
	double most;
} OptionField;

#define FIELD(name, type, least, most) \
	{ \
#name, type, offsetof(CrkFitOptions, name), least, most \
	}

static const OptionField option_fields[] = {
	FIELD(model, OPTION_TEXT, 0, 0),
	FIELD(bins, OPTION_INTEGER, 2, 1000),
	FIELD(max_bins, OPTION_INTEGER, 2, 100),
	FIELD(min_share, OPTION_NUMBER, 0, 0.5),
	FIELD(significance, OPTION_NUMBER, 0, 1),
	FIELD(monotone, OPTION_BOOLEAN, 0, 0),
	FIELD(min_iv, OPTION_NUMBER, 0, 100),
	FIELD(max_correlation, OPTION_NUMBER, 0, 1),
	FIELD(max_characteristics, OPTION_INTEGER, 1, 1000),
	FIELD(cost, OPTION_NUMBER, 1e-9, 1e9),
	FIELD(base_score, OPTION_NUMBER, -1e6, 1e6),
	FIELD(base_odds, OPTION_NUMBER, 1e-6, 1e9),
	FIELD(pdo, OPTION_NUMBER, 1e-3, 1e6),
	FIELD(decimals, OPTION_INTEGER, 0, MOST_DECIMALS),
	FIELD(min_coverage_pct, OPTION_NUMBER, 0, 100),
	FIELD(spread, OPTION_BOOLEAN, 0, 0)
};

/*
 * Half away from zero, and no negative zero.
 */
static double
rounded(double value, int decimals)
{
	double power = pow(10, decimals);

	return round(value * power) / power + 0.0;
}

static void
refuse_option(const OptionField *field)
{
	static const char *const kinds[] = { "a name", "true or false" };

	if (field->type == OPTION_TEXT || field->type == OPTION_BOOLEAN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options: %s must be %s", field->name, kinds[field->type])));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("options: %s must be %s from %g to %g", field->name,
					field->type == OPTION_INTEGER ? "an integer" : "a number", field->least, field->most)));
}

static void
set_option(CrkFitOptions *options, const OptionField *field, const JsonbValue *value)
{
	void *target = (char *) options + field->offset;
	double number;

	if (value->type == jbvString && field->type == OPTION_TEXT && value->val.string.len > 0)
	{
		*(char **) target = pnstrdup(value->val.string.val, value->val.string.len);
		return;
	}
	if (value->type == jbvBool && field->type == OPTION_BOOLEAN)
	{
		*(bool *) target = value->val.boolean;
		return;
	}
	if (value->type != jbvNumeric || field->type < OPTION_INTEGER)
		refuse_option(field);
	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
	if (number < field->least || number > field->most || (field->type == OPTION_INTEGER && number != rint(number)))
		refuse_option(field);
	if (field->type == OPTION_INTEGER)
		*(int *) target = (int) number;
	else
		*(double *) target = number;
}

/*
 * A misspelt option must not be a default in silence.
 */
static const OptionField *
field_of(const JsonbValue *key)
{
	int i;

	for (i = 0; i < lengthof(option_fields); i++)
	{
		if (strlen(option_fields[i].name) == key->val.string.len &&
			strncmp(option_fields[i].name, key->val.string.val, key->val.string.len) == 0)
			return &option_fields[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("options: %s is not an option",
					quote_literal_cstr(pnstrdup(key->val.string.val, key->val.string.len)))));
	return option_fields; /* keep the compiler content */
}

/*
 * The defaults, and what was given instead.
 */
void
crk_fit_options(const Jsonb *given, CrkFitOptions *options)
{
	static const CrkFitOptions defaults = {
		.model = "fitted",
		.bins = 20,
		.max_bins = 6,
		.min_share = 0.05,
		.significance = 0.05,
		.min_iv = 0.02,
		.max_correlation = 0.8,
		.max_characteristics = 20,
		.cost = 1,
		.base_score = 600,
		.base_odds = 50,
		.pdo = 20,
		.decimals = 2,
		.min_coverage_pct = 50
	};
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;

	*options = defaults;
	if (given == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(given))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be an object")));
	iterator = JsonbIteratorInit((JsonbContainer *) &given->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		const OptionField *field;

		if (token != WJB_KEY)
			continue;
		field = field_of(&value);
		(void) JsonbIteratorNext(&iterator, &value, true);
		set_option(options, field, &value);
	}
	/* What stands in the card, as finely as a card has it. */
	options->base_score = rounded(options->base_score, MOST_DECIMALS);
	options->base_odds = rounded(options->base_odds, MOST_DECIMALS);
	options->pdo = rounded(options->pdo, MOST_DECIMALS);
	options->min_coverage_pct = rounded(options->min_coverage_pct, MOST_DECIMALS);
}

/*
 * The shortest text that reads back as this number.
 */
static void
append_number(StringInfo text, double number)
{
	char buffer[40];
	int digits;

	for (digits = 1; digits <= 17; digits++)
	{
		snprintf(buffer, sizeof(buffer), "%.*g", digits, number + 0.0);
		if (strtod(buffer, NULL) == number)
			break;
	}
	appendStringInfoString(text, buffer);
}

static void
append_field(StringInfo text, const char *name, double number)
{
	appendStringInfo(text, ",\"%s\":", name);
	append_number(text, number);
}

/*
 * What a bin gives: its evidence, weighed and scaled, and its part of the base.
 */
static double
points_of(const CrkFitState *state, const CrkFitCharacteristic *c, double woe, double part)
{
	return rounded(-woe * c->coefficient * state->options.pdo / M_LN2 + part, state->options.decimals);
}

static void
append_words(StringInfo text, const CrkFitCharacteristic *c)
{
	char **sorted = palloc(Max(c->column->word_count, 1) * sizeof(char *));
	int bin;
	int i;
	int j;

	appendStringInfoString(text, ",\"categories\":[");
	for (bin = 0; bin < c->bin_count - 1; bin++)
	{
		int count = 0;

		for (i = 0; i < c->column->word_count; i++)
		{
			if (c->group[i] != bin)
				continue;
			/* By their bytes: the order in which they came means nothing. */
			for (j = count++; j > 0 && strcmp(sorted[j - 1], c->column->words[i]) > 0; j--)
				sorted[j] = sorted[j - 1];
			sorted[j] = c->column->words[i];
		}
		appendStringInfoString(text, bin == 0 ? "[" : ",[");
		for (i = 0; i < count; i++)
		{
			if (i > 0)
				appendStringInfoChar(text, ',');
			escape_json(text, sorted[i]);
		}
		appendStringInfoChar(text, ']');
	}
	appendStringInfoChar(text, ']');
}

static void
append_counts(StringInfo text, const char *name, const CrkFitCharacteristic *c, bool bad)
{
	int i;

	appendStringInfo(text, ",\"%s\":[", name);
	for (i = 0; i < c->bin_count; i++)
		appendStringInfo(text, "%s" INT64_FORMAT, i > 0 ? "," : "", bad ? c->bins[i].bad : c->bins[i].good);
	appendStringInfoChar(text, ']');
}

static void
append_characteristic(StringInfo text, const CrkFitState *state, const CrkFitCharacteristic *c, double part)
{
	double sum = 0;
	int64 rows = 0;
	bool missing = c->missing_known || state->options.spread;
	int i;

	appendStringInfoString(text, "{\"name\":");
	escape_json(text, c->column->name);
	appendStringInfoString(text, ",\"figure\":");
	escape_json(text, c->column->name);
	if (c->column->kind == CRK_FIT_WORD)
		append_words(text, c);
	else
	{
		appendStringInfoString(text, ",\"edges\":[");
		for (i = 0; i + 1 < c->bin_count; i++)
		{
			if (i > 0)
				appendStringInfoChar(text, ',');
			append_number(text, c->edges[i]);
		}
		appendStringInfoString(text, "],\"upper_closed\":false");
	}
	appendStringInfoString(text, ",\"points\":[");
	for (i = 0; i < c->bin_count; i++)
	{
		double points = points_of(state, c, c->woe[i], part);

		if (i > 0)
			appendStringInfoChar(text, ',');
		append_number(text, points);
		sum += points * (double) (c->bins[i].good + c->bins[i].bad);
		rows += c->bins[i].good + c->bins[i].bad;
	}
	appendStringInfoString(text, "],\"weight\":1,\"missing\":");
	if (missing)
	{
		double points = points_of(state, c, c->missing_woe, part);

		append_number(text, points);
		sum += points * (double) (c->missing.good + c->missing.bad);
		rows += c->missing.good + c->missing.bad;
	}
	else
		appendStringInfoString(text, "null");
	append_field(text, "neutral", rounded(sum / (double) rows, Min(state->options.decimals + 2, MOST_DECIMALS)));

	append_field(text, "iv", rounded(c->iv, 6));
	append_field(text, "coefficient", rounded(c->coefficient, 6));
	appendStringInfoString(text, ",\"woe\":[");
	for (i = 0; i < c->bin_count; i++)
	{
		if (i > 0)
			appendStringInfoChar(text, ',');
		append_number(text, rounded(c->woe[i], 6));
	}
	appendStringInfoChar(text, ']');
	append_counts(text, "good", c, false);
	append_counts(text, "bad", c, true);
	append_field(text, "missing_good", (double) c->missing.good);
	append_field(text, "missing_bad", (double) c->missing.bad);
	if (c->missing_known)
		append_field(text, "missing_woe", rounded(c->missing_woe, 6));
	appendStringInfoChar(text, '}');
}

/*
 * The card, and how it came to be; at least one characteristic is in it.
 */
Datum
crk_fit_card(const CrkFitState *state, CrkFitCharacteristic **all, int count, double intercept)
{
	const CrkFitOptions *options = &state->options;
	double factor = options->pdo / M_LN2;
	double base = options->base_score - factor * log(options->base_odds) - factor * intercept;
	double part = 0;
	bool first = true;
	int included = 0;
	StringInfoData text;
	int i;

	for (i = 0; i < count; i++)
		included += all[i]->left_out == NULL;
	if (options->spread)
		part = base / included;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"model\":");
	escape_json(&text, options->model);
	appendStringInfo(&text, ",\"version\":1,\"scaling\":\"sum\",\"reference\":\"neutral\",\"decimals\":%d", options->decimals);
	append_field(&text, "base_points", options->spread ? 0 : rounded(base, options->decimals));
	append_field(&text, "min_coverage_pct", options->min_coverage_pct);
	append_field(&text, "pd_score", options->base_score);
	append_field(&text, "pd_odds", options->base_odds);
	append_field(&text, "pd_doubling", options->pdo);
	appendStringInfoString(&text, ",\"characteristics\":[");
	for (i = 0; i < count; i++)
	{
		if (all[i]->left_out != NULL)
			continue;
		if (!first)
			appendStringInfoChar(&text, ',');
		first = false;
		append_characteristic(&text, state, all[i], part);
	}
	appendStringInfo(&text, "],\"fitted\":{\"rows\":" INT64_FORMAT ",\"bads\":" INT64_FORMAT, state->rows, state->bads);
	append_field(&text, "intercept", rounded(intercept, 6));
	append_field(&text, "cost", options->cost);
	appendStringInfoString(&text, ",\"left_out\":[");
	first = true;
	for (i = 0; i < count; i++)
	{
		if (all[i]->left_out == NULL)
			continue;
		appendStringInfoString(&text, first ? "{\"name\":" : ",{\"name\":");
		first = false;
		escape_json(&text, all[i]->column->name);
		append_field(&text, "iv", rounded(all[i]->iv, 6));
		appendStringInfoString(&text, ",\"why\":");
		escape_json(&text, all[i]->left_out);
		appendStringInfoChar(&text, '}');
	}
	appendStringInfoString(&text, "]}}");
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text.data));
}
