/*
 * subset_sum.h
 *	  Which open items does a payment settle?  Subsets by their sum.
 */
#ifndef CRK_KERNEL_SUBSET_SUM_H
#define CRK_KERNEL_SUBSET_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Up to here every question is decided, whatever the amounts. */
#define CRK_SUBSET_FULL_ITEMS 36

/* From there to here within the budget of steps; beyond not at all. */
#define CRK_SUBSET_MAX_ITEMS 500

/* Payment, tolerance and the absolute items stay below it, added together. */
#define CRK_SUBSET_AMOUNT_LIMIT (INT64_C(1) << 61)

/* At least so many steps, and not many times more, between two pauses. */
#define CRK_SUBSET_SLICE 65536

typedef enum CrkSubsetStatus
{
	CRK_SUBSET_COMPLETE,  /* what was found is the beginning of all there is */
	CRK_SUBSET_UNDECIDED, /* the budget is spent */
} CrkSubsetStatus;

typedef struct CrkSubsetSearch
{
	const int64_t *amounts; /* none zero; credit notes are negative */
	int count;
	int64_t payment;
	int64_t tolerance;
	int max_solutions;
	int64_t budget; /* of steps, beyond CRK_SUBSET_FULL_ITEMS */

	/* Indexes into amounts, ascending; the array is the search's. */
	void (*found)(void *context, const int *indexes, int count);
	/* Called between slices, may not return; may be NULL. */
	void (*pause)(void *context);
	void *context;
} CrkSubsetSearch;

/*
 * Leave out the items that no subset with a sum between low and high can have:
 * zeros, and those that all the others together could not make good.  The
 * indexes of the rest go to relevant[count]; returns how many they are.
 */
extern int crk_subset_relevant(const int64_t *amounts, int count,
							   int64_t low, int64_t high, int *relevant);

/* Bytes of memory, aligned to eight, that a search of so many items needs. */
extern size_t crk_subset_memory(int count, int max_solutions);

/*
 * Report the subsets, never the empty one, that sum to the payment: exact sums
 * first, then those that differ by no more than the tolerance; in either class
 * the fewest items first, of equally many the lower indexes first.  Stops
 * after max_solutions.
 */
extern CrkSubsetStatus crk_subset_search(const CrkSubsetSearch *search, void *memory);

#endif /* CRK_KERNEL_SUBSET_SUM_H */
