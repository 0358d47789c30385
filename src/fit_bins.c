/*
 * fit_bins.c
 *	  A characteristic of fit_scorecard in bins: quantiles of numbers, words by
 *	  their bad rate, missing by itself.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "fit_scorecard.h"

/* Fewer rows than this say nothing of missing, or of words that are rare. */
#define ENOUGH_ROWS	 30
#define ENOUGH_SHARE 0.01

typedef struct Observation
{
	double value;
	bool bad;
} Observation;

static int
compare_observations(const void *a, const void *b)
{
	double one = ((const Observation *) a)->value;
	double other = ((const Observation *) b)->value;

	return (one > other) - (one < other);
}

static double
value_of(const CrkFitColumn *column, int64 row)
{
	return row < column->used ? column->values[row] : NAN;
}

static void
count_row(CrkBin *bin, bool bad)
{
	if (bad)
		bin->bad++;
	else
		bin->good++;
}

/*
 * The shortest decimal number between two neighbours: 0.05 rather than
 * 0.049873151.
 */
static double
edge_between(double below, double above)
{
	double middle = below / 2 + above / 2;
	int digits;

	for (digits = 0; digits < 17; digits++)
	{
		char text[32];
		double edge;

		snprintf(text, sizeof(text), "%.*e", digits, middle);
		edge = strtod(text, NULL);
		if (edge > below && edge < above)
			return edge;
	}
	return above;
}

static CrkBinRules
rules_of(const CrkFitState *state)
{
	CrkBinRules rules = {
		.min_rows = (int64) ceil(state->options.min_share * (double) state->rows),
		.max_bins = state->options.max_bins,
		.significance = state->options.significance,
		.monotone = state->options.monotone
	};

	return rules;
}

/*
 * Quantiles; equal values stay together, and a value that fills a quantile has
 * one to itself.
 */
static void
bin_numbers(CrkFitState *state, CrkFitCharacteristic *c)
{
	Observation *sorted = MemoryContextAllocHuge(CurrentMemoryContext, Max(c->column->used, 1) * sizeof(Observation));
	double *first = palloc((state->options.bins * 2 + 3) * sizeof(double));
	double *last = palloc((state->options.bins * 2 + 3) * sizeof(double));
	CrkBinRules rules = rules_of(state);
	int64 known = 0;
	int64 wanted;
	int64 row;
	int64 end;
	int count = 0;
	int i;

	for (row = 0; row < c->column->used; row++)
	{
		if (isnan(c->column->values[row]))
			continue;
		sorted[known].value = c->column->values[row];
		sorted[known++].bad = state->bad[row];
	}
	qsort(sorted, known, sizeof(Observation), compare_observations);
	wanted = known / state->options.bins + 1;
	c->bins = palloc0((state->options.bins * 2 + 3) * sizeof(CrkBin));
	for (row = 0; row < known; row = end)
	{
		CrkBin *bin = &c->bins[count];
		int64 filled = bin->good + bin->bad;

		for (end = row + 1; end < known && sorted[end].value == sorted[row].value; end++)
			;
		if (filled > 0 && (filled >= wanted || end - row >= wanted))
			bin = &c->bins[++count];
		if (bin->good + bin->bad == 0)
			first[count] = sorted[row].value;
		last[count] = sorted[row].value;
		bin->last = count;
		for (; row < end; row++)
			count_row(bin, sorted[row].bad);
	}
	if (known > 0)
		count++;
	c->bin_count = count > 0 ? crk_bins_merge(c->bins, count, &rules) : 0;
	c->edges = palloc(Max(c->bin_count, 1) * sizeof(double));
	for (i = 0; i + 1 < c->bin_count; i++)
		c->edges[i] = edge_between(last[c->bins[i].last], first[c->bins[i].last + 1]);
	pfree(sorted);
}

/* A word on its way into a group. */
typedef struct WordCount
{
	const char *word;
	int place;
	CrkBin bin;
} WordCount;

/*
 * By bad rate, in whole numbers; of equals, by the bytes of the word, since
 * the order in which the words came means nothing.
 */
static int
compare_words(const void *a, const void *b)
{
	const WordCount *one = a;
	const WordCount *other = b;
	double left = (double) one->bin.bad * (double) (other->bin.good + other->bin.bad);
	double right = (double) other->bin.bad * (double) (one->bin.good + one->bin.bad);

	if (left != right)
		return left < right ? -1 : 1;
	return strcmp(one->word, other->word);
}

/*
 * Words of a bad rate alike are one group; rare ones are "any other", which is
 * the last bin and the one of words never seen.
 */
static void
bin_words(CrkFitState *state, CrkFitCharacteristic *c)
{
	WordCount *words = palloc0(c->column->word_count * sizeof(WordCount));
	CrkBinRules rules = rules_of(state);
	CrkBin other = { 0 };
	int64 row;
	int common = 0;
	int bin = 0;
	int i;

	for (i = 0; i < c->column->word_count; i++)
	{
		words[i].word = c->column->words[i];
		words[i].place = i;
	}
	for (row = 0; row < c->column->used; row++)
	{
		if (!isnan(c->column->values[row]))
			count_row(&words[(int) c->column->values[row]].bin, state->bad[row]);
	}
	c->bins = palloc0((c->column->word_count + 1) * sizeof(CrkBin));
	c->group = palloc(c->column->word_count * sizeof(int));
	for (i = 0; i < c->column->word_count; i++)
	{
		if (words[i].bin.good + words[i].bin.bad >= rules.min_rows)
			words[common++] = words[i];
		else
		{
			other.good += words[i].bin.good;
			other.bad += words[i].bin.bad;
			c->group[words[i].place] = -1;
		}
	}
	qsort(words, common, sizeof(WordCount), compare_words);
	for (i = 0; i < common; i++)
	{
		c->bins[i] = words[i].bin;
		c->bins[i].last = i;
	}
	c->bin_count = common > 0 ? crk_bins_merge(c->bins, common, &rules) : 0;
	for (i = 0; i < common; i++)
	{
		while (i > c->bins[bin].last)
			bin++;
		c->group[words[i].place] = bin;
	}
	for (i = 0; i < c->column->word_count; i++)
	{
		if (c->group[i] < 0)
			c->group[i] = c->bin_count;
	}
	c->bins[c->bin_count++] = other;
	pfree(words);
}

/*
 * Is this enough to learn from?
 */
static bool
enough(const CrkFitState *state, const CrkBin *bin)
{
	double rows = (double) (bin->good + bin->bad);

	return rows >= ENOUGH_ROWS && rows >= ENOUGH_SHARE * (double) state->rows;
}

/*
 * Bins, weights of evidence against all rows, information value.  A bin too
 * small to learn from (missing, or any other word) is as the average.
 */
CrkFitCharacteristic *
crk_fit_bins(CrkFitState *state, CrkFitColumn *column)
{
	CrkFitCharacteristic *c = palloc0(sizeof(CrkFitCharacteristic));
	int64 goods = state->rows - state->bads;
	int64 row;
	int i;

	c->column = column;
	if (column->name[0] == '\0')
	{
		c->left_out = "it has no name";
		return c;
	}
	if (column->kind == CRK_FIT_TOO_MANY_WORDS)
	{
		c->left_out = "too many different words";
		return c;
	}
	if (column->kind == CRK_FIT_UNKNOWN)
	{
		c->left_out = "always missing";
		return c;
	}
	if (column->kind == CRK_FIT_NUMBER)
		bin_numbers(state, c);
	else
		bin_words(state, c);

	for (row = 0; row < state->rows; row++)
	{
		if (isnan(value_of(column, row)))
			count_row(&c->missing, state->bad[row]);
	}
	c->woe = palloc0(c->bin_count * sizeof(double));
	for (i = 0; i < c->bin_count; i++)
	{
		if (column->kind == CRK_FIT_WORD && i == c->bin_count - 1 && !enough(state, &c->bins[i]))
			continue;
		c->woe[i] = crk_bin_woe(c->bins[i].good, c->bins[i].bad, goods, state->bads);
		c->iv += crk_bin_information(c->bins[i].good, c->bins[i].bad, goods, state->bads);
	}
	c->missing_known = enough(state, &c->missing);
	if (c->missing_known)
	{
		c->missing_woe = crk_bin_woe(c->missing.good, c->missing.bad, goods, state->bads);
		c->iv += crk_bin_information(c->missing.good, c->missing.bad, goods, state->bads);
	}
	return c;
}

/*
 * The weight of evidence of each row.
 */
void
crk_fit_row_woe(const CrkFitState *state, const CrkFitCharacteristic *c, double *woe)
{
	int64 row;

	for (row = 0; row < state->rows; row++)
	{
		double value = value_of(c->column, row);
		int bin = 0;

		if (isnan(value))
		{
			woe[row] = c->missing_woe;
			continue;
		}
		if (c->column->kind == CRK_FIT_WORD)
			bin = c->group[(int) value];
		else
		{
			while (bin < c->bin_count - 1 && value >= c->edges[bin])
				bin++;
		}
		woe[row] = c->woe[bin];
	}
}
