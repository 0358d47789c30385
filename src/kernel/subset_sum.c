/*
 * subset_sum.c
 *	  Which open items does a payment settle?  Subsets by their sum.
 *
 * Few items are met in the middle: the subsets of either half, sorted by size
 * and sum, are paired by two pointers, so that 2^36 candidates cost some
 * millions of steps.  Many items are walked subset by subset, the smallest
 * first, without the branches whose sum cannot come out right: there either
 * the subsets are few or the solutions are not, and the budget is for the rest.
 * Both report in the same order.
 */
#include "kernel/subset_sum.h"

#include <stdlib.h>
#include <string.h>

#define HALF_ITEMS (CRK_SUBSET_FULL_ITEMS / 2)

/* Sums that count as a match, ends included. */
typedef struct Window
{
	int64_t low;
	int64_t high;
} Window;

/* All subsets of one half: grouped by size, in a group by sum, then mask. */
typedef struct Half
{
	const int64_t *items;
	int count;
	int64_t *sums;
	uint32_t *masks; /* the first item is the highest bit */
	int start[HALF_ITEMS + 2];
} Half;

/* An item among its equals. */
typedef struct Ranked
{
	int64_t amount;
	int index;
} Ranked;

typedef struct Run
{
	const CrkSubsetSearch *search;
	Window windows[2];
	int window_count;
	int left; /* solutions still wanted */
	int64_t slice;
	int64_t budget;
	int *indexes;

	/* few items */
	Half first;
	Half second;
	int64_t *scratch_sums;
	uint32_t *scratch_masks;
	uint32_t *best;

	/* many items: sums of the r largest and smallest from item i on */
	int64_t *largest;
	int64_t *smallest;
	Ranked *ranked;
	int *next;
	int64_t *partial;
} Run;

/*
 * Whoever waits for the search may want to stop it.
 */
static inline void
spend(Run *run, int64_t steps)
{
	run->slice -= steps;
	if (run->slice <= 0)
	{
		run->slice = CRK_SUBSET_SLICE;
		if (run->search->pause)
			run->search->pause(run->search->context);
	}
}

/*
 * Leaving one out may rule out the next, so this goes on until nothing changes.
 */
int
crk_subset_relevant(const int64_t *amounts, int count, int64_t low,
					int64_t high, int *relevant)
{
	int kept = 0;
	int before;

	for (int i = 0; i < count; i++)
		if (amounts[i] != 0)
			relevant[kept++] = i;

	do
	{
		int64_t positive = 0;
		int64_t negative = 0;

		before = kept;
		for (int i = 0; i < before; i++)
			*(amounts[relevant[i]] > 0 ? &positive : &negative) += amounts[relevant[i]];
		kept = 0;
		for (int i = 0; i < before; i++)
		{
			int64_t amount = amounts[relevant[i]];

			if (amount > 0 ? amount + negative <= high : amount + positive >= low)
				relevant[kept++] = relevant[i];
		}
	} while (kept < before);
	return kept;
}

/*
 * Take so many bytes, rounded up, from memory, or only count them where there
 * is none.
 */
static void *
take(char *memory, size_t *used, size_t size)
{
	void *taken = memory ? memory + *used : NULL;

	*used += (size + 7) / 8 * 8;
	return taken;
}

/*
 * Everything a search writes to, in one block: nothing is allocated on the way.
 */
static size_t
lay_out(Run *run, int count, int max_solutions, char *memory)
{
	size_t used = 0;

	run->indexes = take(memory, &used, sizeof(int) * count);
	if (count <= CRK_SUBSET_FULL_ITEMS)
	{
		size_t first = (size_t) 1 << count / 2;
		size_t second = (size_t) 1 << (count - count / 2);

		run->first.sums = take(memory, &used, sizeof(int64_t) * first);
		run->first.masks = take(memory, &used, sizeof(uint32_t) * first);
		run->second.sums = take(memory, &used, sizeof(int64_t) * second);
		run->second.masks = take(memory, &used, sizeof(uint32_t) * second);
		run->scratch_sums = take(memory, &used, sizeof(int64_t) * second);
		run->scratch_masks = take(memory, &used, sizeof(uint32_t) * second);
		run->best = take(memory, &used, sizeof(uint32_t) * max_solutions);
	}
	else
	{
		size_t table = sizeof(int64_t) * (count + 1) * (count + 1);

		run->largest = take(memory, &used, table);
		run->smallest = take(memory, &used, table);
		run->ranked = take(memory, &used, sizeof(Ranked) * count);
		run->next = take(memory, &used, sizeof(int) * count);
		run->partial = take(memory, &used, sizeof(int64_t) * count);
	}
	return used;
}

size_t
crk_subset_memory(int count, int max_solutions)
{
	Run run;

	return lay_out(&run, count, max_solutions, NULL);
}

/*
 * One group of a half: the subsets without the new item and those with it, in
 * one order.  The new item's bit is the highest, so of equal sums those with
 * it have the larger mask and go first.
 */
static void
merge(const int64_t *sums, const uint32_t *masks, int without, int without_end,
	  int with, int with_end, int64_t amount, uint32_t bit,
	  int64_t *to_sums, uint32_t *to_masks)
{
	while (without < without_end || with < with_end)
	{
		if (with < with_end &&
			(without == without_end || sums[with] + amount <= sums[without]))
		{
			*to_sums++ = sums[with] + amount;
			*to_masks++ = masks[with++] | bit;
		}
		else
		{
			*to_sums++ = sums[without];
			*to_masks++ = masks[without++];
		}
	}
}

/*
 * Item by item from the last, between the half's arrays and the scratch, so
 * that the last step ends in the half's: sorted by merging, in linear time.
 */
static void
build_half(Run *run, Half *half, const int64_t *items, int count)
{
	int64_t *sums = half->sums;
	uint32_t *masks = half->masks;
	int64_t *to_sums = run->scratch_sums;
	uint32_t *to_masks = run->scratch_masks;

	half->items = items;
	half->count = count;
	if (count % 2 != 0)
	{
		sums = run->scratch_sums;
		masks = run->scratch_masks;
		to_sums = half->sums;
		to_masks = half->masks;
	}
	sums[0] = 0;
	masks[0] = 0;
	half->start[0] = 0;
	half->start[1] = 1;

	for (int i = 0; i < count; i++)
	{
		int64_t *other_sums = sums;
		uint32_t *other_masks = masks;
		int start[HALF_ITEMS + 2];
		int written = 0;

		for (int size = 0; size <= i + 1; size++)
		{
			int without = size <= i ? half->start[size] : 0;
			int without_end = size <= i ? half->start[size + 1] : 0;
			int with = size > 0 ? half->start[size - 1] : 0;
			int with_end = size > 0 ? half->start[size] : 0;

			start[size] = written;
			merge(sums, masks, without, without_end, with, with_end,
				  items[count - 1 - i], UINT32_C(1) << i,
				  to_sums + written, to_masks + written);
			written += without_end - without + with_end - with;
		}
		start[i + 2] = written;
		memcpy(half->start, start, sizeof(int) * (i + 3));
		spend(run, written);

		sums = to_sums;
		masks = to_masks;
		to_sums = other_sums;
		to_masks = other_masks;
	}
}

/*
 * Does any subset of so many items of the first half and so many of the second
 * fall into the window?  One pointer rises, the other falls.
 */
static bool
pair_exists(Run *run, int first_size, int second_size, const Window *window)
{
	const int64_t *rising = run->first.sums + run->first.start[first_size];
	const int64_t *rising_end = run->first.sums + run->first.start[first_size + 1];
	const int64_t *falling_end = run->second.sums + run->second.start[second_size];
	const int64_t *falling = run->second.sums + run->second.start[second_size + 1];

	spend(run, (rising_end - rising) + (falling - falling_end));
	while (rising < rising_end && falling > falling_end)
	{
		int64_t sum = *rising + falling[-1];

		if (sum > window->high)
			falling--;
		else if (sum < window->low)
			rising++;
		else
			return true;
	}
	return false;
}

/*
 * The first of a group whose sum is not less.
 */
static int
lower_bound(const int64_t *sums, int from, int end, int64_t sum)
{
	while (from < end)
	{
		int middle = from + (end - from) / 2;

		if (sums[middle] < sum)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

/*
 * Hand over one pair of masks as indexes.
 */
static void
report_pair(Run *run, uint32_t first, uint32_t second)
{
	int first_count = run->first.count;
	int second_count = run->second.count;
	int count = 0;

	for (int i = 0; i < first_count; i++)
		if (first >> (first_count - 1 - i) & 1)
			run->indexes[count++] = i;
	for (int i = 0; i < second_count; i++)
		if (second >> (second_count - 1 - i) & 1)
			run->indexes[count++] = first_count + i;
	run->search->found(run->search->context, run->indexes, count);
	run->left--;
}

/*
 * The partners of one subset of the first half.  Of equally many items the
 * larger mask has the lower indexes: the wanted number of largest ones is
 * kept, sorted, while the range goes by.
 */
static void
report_partners(Run *run, uint32_t mask, int64_t sum, int second_size)
{
	const Half *second = &run->second;
	int kept = 0;
	int end = second->start[second_size + 1];

	for (int w = 0; w < run->window_count; w++)
	{
		int i = lower_bound(second->sums, second->start[second_size], end,
							run->windows[w].low - sum);

		for (; i < end && second->sums[i] <= run->windows[w].high - sum; i++)
		{
			int place = kept;

			spend(run, 1);
			if (kept == run->left && second->masks[i] < run->best[kept - 1])
				continue;
			if (kept < run->left)
				kept++;
			else
				place--;
			for (; place > 0 && run->best[place - 1] < second->masks[i]; place--)
				run->best[place] = run->best[place - 1];
			run->best[place] = second->masks[i];
		}
	}
	for (int i = 0; i < kept; i++)
		report_pair(run, mask, run->best[i]);
}

/*
 * All solutions of one size, by falling mask of the first half.  Only the
 * sizes of that half that are known to have one are looked up.
 */
static void
report_size(Run *run, int size, const bool *exists)
{
	const Half *first = &run->first;
	int64_t bit_amount[HALF_ITEMS + 1] = { 0 };
	int64_t below[HALF_ITEMS + 1] = { 0 }; /* all lower bits together */
	int64_t sum = 0;
	uint32_t mask = (UINT32_C(1) << first->count) - 1;

	for (int i = 0; i < first->count; i++)
	{
		bit_amount[i] = first->items[first->count - 1 - i];
		below[i] = sum;
		sum += bit_amount[i];
	}
	for (;;)
	{
		int first_size = __builtin_popcount(mask);
		int lowest;

		spend(run, 1);
		if (exists[first_size])
		{
			report_partners(run, mask, sum, size - first_size);
			if (run->left == 0)
				return;
		}
		if (mask == 0)
			return;
		lowest = __builtin_ctz(mask);
		sum += below[lowest] - bit_amount[lowest];
		mask--;
	}
}

/*
 * Few items.  A size is listed only when the two pointers have seen a solution
 * of it: without any, the listing never runs.
 */
static void
search_few(Run *run)
{
	for (int size = 1; size <= run->search->count && run->left > 0; size++)
	{
		bool exists[HALF_ITEMS + 1] = { false };
		bool any = false;

		for (int first = 0; first <= run->first.count && first <= size; first++)
		{
			if (size - first > run->second.count)
				continue;
			for (int w = 0; w < run->window_count && !exists[first]; w++)
				exists[first] = pair_exists(run, first, size - first, &run->windows[w]);
			any = any || exists[first];
		}
		if (any)
			report_size(run, size, exists);
	}
}

/*
 * By amount, of equal ones by place.
 */
static int
compare_ranked(const void *left, const void *right)
{
	const Ranked *a = left;
	const Ranked *b = right;

	if (a->amount != b->amount)
		return a->amount < b->amount ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/*
 * What r items from the i-th on can sum to at most and at least.
 */
static void
build_bounds(Run *run)
{
	const int64_t *amounts = run->search->amounts;
	int count = run->search->count;
	int64_t *sorted = run->partial; /* not in use yet */

	for (int i = count; i >= 0; i--)
	{
		int64_t *largest = run->largest + (size_t) i * (count + 1);
		int64_t *smallest = run->smallest + (size_t) i * (count + 1);
		int length = count - i;

		if (i < count)
		{
			int place = length - 1;

			for (; place > 0 && sorted[place - 1] > amounts[i]; place--)
				sorted[place] = sorted[place - 1];
			sorted[place] = amounts[i];
			run->ranked[i].amount = amounts[i];
			run->ranked[i].index = i;
		}
		largest[0] = 0;
		smallest[0] = 0;
		for (int r = 1; r <= length; r++)
		{
			largest[r] = largest[r - 1] + sorted[length - r];
			smallest[r] = smallest[r - 1] + sorted[r - 1];
		}
	}
	qsort(run->ranked, count, sizeof(Ranked), compare_ranked);
}

/*
 * The last item of a subset, from this index on.  An exact sum leaves one
 * amount to look up; a tolerance is rare enough to look at all.
 */
static void
report_last(Run *run, int from, int chosen, int64_t partial)
{
	const CrkSubsetSearch *search = run->search;
	int count = search->count;

	if (run->window_count == 1 && run->windows[0].low == run->windows[0].high)
	{
		Ranked wanted = { run->windows[0].low - partial, from };
		int low = 0;
		int high = count;

		while (low < high)
		{
			int middle = low + (high - low) / 2;

			if (compare_ranked(&run->ranked[middle], &wanted) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < count && run->ranked[low].amount == wanted.amount && run->left > 0; low++)
		{
			run->indexes[chosen] = run->ranked[low].index;
			search->found(search->context, run->indexes, chosen + 1);
			run->left--;
		}
		return;
	}

	run->budget -= count - from;
	for (int i = from; i < count && run->left > 0; i++)
	{
		int64_t sum = partial + search->amounts[i];

		for (int w = 0; w < run->window_count; w++)
			if (sum >= run->windows[w].low && sum <= run->windows[w].high)
			{
				run->indexes[chosen] = i;
				search->found(search->context, run->indexes, chosen + 1);
				run->left--;
				break;
			}
	}
}

/*
 * Many items: every subset of one size in order, but for the branches that the
 * bounds rule out.  False when the budget is spent.
 */
static bool
walk_size(Run *run, int size)
{
	const CrkSubsetSearch *search = run->search;
	int row = search->count + 1;
	int64_t low = run->windows[0].low;
	int64_t high = run->windows[run->window_count - 1].high;
	int depth = 0;

	run->next[0] = 0;
	run->partial[0] = 0;
	while (depth >= 0 && run->left > 0)
	{
		int wanted = size - depth;
		int i = run->next[depth];
		int64_t partial = run->partial[depth];

		if (--run->budget < 0)
			return false;
		spend(run, 1);
		/* What begins further on has less to choose from: the branch ends. */
		if (i + wanted > search->count ||
			partial + run->largest[(size_t) i * row + wanted] < low ||
			partial + run->smallest[(size_t) i * row + wanted] > high)
		{
			depth--;
			continue;
		}
		if (wanted == 1)
		{
			report_last(run, i, depth, partial);
			depth--;
			continue;
		}
		run->next[depth] = i + 1;
		partial += search->amounts[i];
		run->indexes[depth] = i;
		depth++;
		run->next[depth] = i + 1;
		run->partial[depth] = partial;
	}
	return true;
}

/*
 * Round amounts never sum to an odd payment, however many they are: are there
 * multiples of what divides all items in the windows?
 */
static bool
divisible(const Run *run)
{
	int64_t divisor = 0;

	for (int i = 0; i < run->search->count; i++)
	{
		int64_t other = llabs(run->search->amounts[i]);

		while (other != 0)
		{
			int64_t rest = divisor % other;

			divisor = other;
			other = rest;
		}
	}
	for (int w = 0; w < run->window_count; w++)
	{
		int64_t low = run->windows[w].low;
		int64_t above = low % divisor; /* may be negative */

		if (above > 0)
			above -= divisor;
		if (low - above <= run->windows[w].high)
			return true;
	}
	return false;
}

/*
 * Exact sums in a run of their own, then the windows beside them.
 */
CrkSubsetStatus
crk_subset_search(const CrkSubsetSearch *search, void *memory)
{
	int count = search->count;
	Run run;

	if (count == 0)
		return CRK_SUBSET_COMPLETE;
	memset(&run, 0, sizeof(run));
	lay_out(&run, count, search->max_solutions, memory);
	run.search = search;
	run.left = search->max_solutions;
	run.slice = CRK_SUBSET_SLICE;
	run.budget = search->budget;

	if (count <= CRK_SUBSET_FULL_ITEMS)
	{
		build_half(&run, &run.first, search->amounts, count / 2);
		build_half(&run, &run.second, search->amounts + count / 2, count - count / 2);
	}
	else
		build_bounds(&run);

	for (int pass = 0; pass < (search->tolerance > 0 ? 2 : 1) && run.left > 0; pass++)
	{
		run.window_count = pass + 1;
		if (pass == 0)
		{
			run.windows[0].low = search->payment;
			run.windows[0].high = search->payment;
		}
		else
		{
			run.windows[0].low = search->payment - search->tolerance;
			run.windows[0].high = search->payment - 1;
			run.windows[1].low = search->payment + 1;
			run.windows[1].high = search->payment + search->tolerance;
		}
		if (!divisible(&run))
			continue;
		if (count <= CRK_SUBSET_FULL_ITEMS)
			search_few(&run);
		else
			for (int size = 1; size <= count && run.left > 0; size++)
				if (!walk_size(&run, size))
					return CRK_SUBSET_UNDECIDED;
	}
	return CRK_SUBSET_COMPLETE;
}
