/*
 * scorecard.h
 *	  A card of points as the library's functions take it: read once, kept by
 *	  the place that calls.
 */
#ifndef CRK_SCORECARD_H
#define CRK_SCORECARD_H

#include "fmgr.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "kernel/scorecard.h"

/* What the kernel need not know of a characteristic. */
typedef struct CrkCardLabel
{
	char *name;
	char *figure;
	int figure_length;
	char *family;
	bool words;
	bool upper_closed;
	char **edges; /* of numbers, as text */
	char **bands; /* of words, as text */
} CrkCardLabel;

typedef struct CrkCompiledCard
{
	MemoryContext context;
	Jsonb *source;
	CrkScorecard card;
	CrkCardLabel *labels;
	double pd_score;
	double pd_odds;
	double pd_doubling;
	int *bands; /* of the row in hand */
} CrkCompiledCard;

/* Cards that a call site remembers. */
#define CRK_CACHED_CARDS 4

/* In fn_extra of every function whose first argument is a card. */
typedef struct CrkCardCache
{
	CrkCompiledCard *cards[CRK_CACHED_CARDS];
	int next;
	Datum last_datum; /* of an argument that does not change */
	CrkCompiledCard *last;
	Oid *types; /* of the values of score_row */
} CrkCardCache;

/* The first argument, not NULL; an error that says what is wrong with the card. */
extern CrkCompiledCard *crk_card_argument(FunctionCallInfo fcinfo);

#endif /* CRK_SCORECARD_H */
