/*
 * binning.h
 *	  Bins of a characteristic: weight of evidence, information value, and the
 *	  merging of neighbours until what is left differs.
 *
 * Knows nothing of the server.
 */
#ifndef CRK_KERNEL_BINNING_H
#define CRK_KERNEL_BINNING_H

#include <stdbool.h>
#include <stdint.h>

/* Rows of a bin, and its last element in the caller's order. */
typedef struct CrkBin
{
	int64_t good;
	int64_t bad;
	int last;
} CrkBin;

typedef struct CrkBinRules
{
	int64_t min_rows;	 /* smaller bins join a neighbour */
	int max_bins;		 /* at most so many are left */
	double significance; /* neighbours less different than this are one */
	bool monotone;		 /* the bad rate only rises or only falls */
} CrkBinRules;

/*
 * ln(share of the good / share of the bad); half a row is added to both counts
 * where one of them is zero.
 */
extern double crk_bin_woe(int64_t good, int64_t bad, int64_t total_good, int64_t total_bad);

/* What a bin adds to the information value. */
extern double crk_bin_information(int64_t good, int64_t bad, int64_t total_good, int64_t total_bad);

/* The probability of a difference as large as this between two equal bins (chi-square, one degree of freedom). */
extern double crk_bins_alike(const CrkBin *a, const CrkBin *b);

/* Merges neighbours in place; how many bins are left. */
extern int crk_bins_merge(CrkBin *bins, int count, const CrkBinRules *rules);

#endif /* CRK_KERNEL_BINNING_H */
