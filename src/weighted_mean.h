/*
 * weighted_mean.h
 *	  Two exact sums, of weights and of weights times something: the state of
 *	  every averaging aggregate.
 */
#ifndef CRK_WEIGHTED_MEAN_H
#define CRK_WEIGHTED_MEAN_H

#include "fmgr.h"
#include "utils/numeric.h"

#include "kernel/exact_sum.h"

/*
 * What the second sum is made of.  It stands in the state, so that a state is
 * never finished by another aggregate's function.
 */
typedef enum CrkMeanKind
{
	CRK_MEAN_DAYS = 1, /* amount * days */
	CRK_MEAN_INDEX,	   /* amount * 84 * payment index */
	CRK_MEAN_SQUARE	   /* amount * amount */
} CrkMeanKind;

/*
 * A number on its way into a sum: exact in 128 bits, or else the numeric that
 * it came from.
 */
typedef struct CrkAmount
{
	bool exact;
	crk_int128 value; /* times 10^-scale, where exact */
	int scale;
	Datum number; /* 0: made from value when needed */
} CrkAmount;

/*
 * Read a finite number at the first sufficient of a few scales, from_scale or
 * finer; an error that names the argument otherwise.
 */
extern CrkAmount crk_amount_read(Datum number, int from_scale, const char *name);
extern CrkAmount crk_amount_integer(int64 value);
extern Numeric crk_amount_numeric(const CrkAmount *amount);
extern int crk_amount_sign(const CrkAmount *amount);

/*
 * The body of a transition function (its state is argument 0): add weight to
 * one sum and weight * factor to the other.  A weight of zero or less adds
 * nothing.
 */
extern Datum crk_mean_accumulate(FunctionCallInfo fcinfo, CrkMeanKind kind,
								 const CrkAmount *weight, const CrkAmount *factor);

/* The state as it is: for a row that is not counted. */
extern Datum crk_mean_unchanged(FunctionCallInfo fcinfo);

/*
 * The sums of the state in argument 0 of a final function; false where there
 * is no weight.
 */
extern bool crk_mean_sums(FunctionCallInfo fcinfo, CrkMeanKind kind,
						  Numeric *weight, Numeric *product);

#endif /* CRK_WEIGHTED_MEAN_H */
