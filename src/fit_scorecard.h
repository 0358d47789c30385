/*
 * fit_scorecard.h
 *	  What is collected for a scorecard, and what is fitted to it.
 */
#ifndef CRK_FIT_SCORECARD_H
#define CRK_FIT_SCORECARD_H

#include "kernel/binning.h"
#include "utils/hsearch.h"
#include "utils/jsonb.h"

/* As in the COMMENT of fit_scorecard. */
typedef struct CrkFitOptions
{
	char *model;
	int bins;
	int max_bins;
	double min_share;
	double significance;
	bool monotone;
	double min_iv;
	double max_correlation;
	int max_characteristics;
	double cost;
	double base_score;
	double base_odds;
	double pdo;
	int decimals;
	double min_coverage_pct;
	bool spread;
} CrkFitOptions;

/* More words than this are no categories. */
#define CRK_FIT_MAX_WORDS 1000

typedef enum CrkFitKind
{
	CRK_FIT_UNKNOWN, /* nothing but null so far */
	CRK_FIT_NUMBER,
	CRK_FIT_WORD,
	CRK_FIT_TOO_MANY_WORDS
} CrkFitKind;

/*
 * A column: a number per row, for words the place in the list of words; NaN
 * where it is missing.  used may lag behind the rows: the rest is missing.
 */
typedef struct CrkFitColumn
{
	char *name;
	CrkFitKind kind;
	int64 used;
	int64 capacity;
	double *values;
	char **words;
	int word_count;
	int word_capacity;
	HTAB *word_index;
} CrkFitColumn;

typedef struct CrkFitState
{
	MemoryContext context;
	Jsonb *given; /* options as given, to compare */
	CrkFitOptions options;
	int64 rows;
	int64 bads;
	int64 capacity;
	bool *bad;
	CrkFitColumn *columns;
	int column_count;
	int column_capacity;
	HTAB *column_index;
} CrkFitState;

/*
 * A characteristic in bins.  The last bin of words is that of any other word.
 * group[] has the bin of a word by its place in the list.
 */
typedef struct CrkFitCharacteristic
{
	CrkFitColumn *column;
	int bin_count;
	CrkBin *bins;
	double *woe;
	double *edges;
	int *group;
	CrkBin missing;
	bool missing_known; /* enough rows to say what missing means */
	double missing_woe;
	double iv;
	const char *left_out; /* why; NULL = in the card */
	double coefficient;
} CrkFitCharacteristic;

extern void crk_fit_options(const Jsonb *given, CrkFitOptions *options);
extern CrkFitCharacteristic *crk_fit_bins(CrkFitState *state, CrkFitColumn *column);
extern void crk_fit_row_woe(const CrkFitState *state, const CrkFitCharacteristic *c, double *woe);
extern Datum crk_fit_card(const CrkFitState *state, CrkFitCharacteristic **all, int count, double intercept);

#endif /* CRK_FIT_SCORECARD_H */
