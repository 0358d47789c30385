/*
 * subset_sum.c
 *	  The subset search against brute force: the same solutions in the same
 *	  order, for few items and for many.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/subset_sum.h"
#include "tap.h"

#define MAX_FOUND	2000
#define BRUTE_ITEMS 14

/*
 * The same sequence on every machine.
 */
static uint64_t
draw(void)
{
	static uint64_t state = 20250301;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Solutions in the order of their arrival. */
typedef struct List
{
	int count;
	int length[MAX_FOUND];
	int indexes[MAX_FOUND][CRK_SUBSET_MAX_ITEMS];
	int pauses;
} List;

static List seen;
static List expected;

static void
add(void *context, const int *indexes, int count)
{
	List *list = context;

	if (list->count == MAX_FOUND)
		abort();
	list->length[list->count] = count;
	memcpy(list->indexes[list->count++], indexes, sizeof(int) * count);
}

static void
count_pause(void *context)
{
	((List *) context)->pauses++;
}

/*
 * The search as its users run it: the hopeless items left out first, the
 * indexes translated back.
 */
static CrkSubsetStatus
search(const int64_t *amounts, int count, int64_t payment, int64_t tolerance,
	   int max_solutions, int64_t budget)
{
	int relevant[CRK_SUBSET_MAX_ITEMS];
	int64_t kept[CRK_SUBSET_MAX_ITEMS];
	CrkSubsetSearch query = { kept, 0, payment, tolerance, max_solutions, budget, add, count_pause, &seen };
	CrkSubsetStatus status;
	void *memory;

	query.count = crk_subset_relevant(amounts, count, payment - tolerance, payment + tolerance, relevant);
	for (int i = 0; i < query.count; i++)
		kept[i] = amounts[relevant[i]];
	/* Exactly as much as it says, so that the sanitiser sees a byte more. */
	memory = malloc(crk_subset_memory(query.count, max_solutions) + 1);
	seen.count = 0;
	seen.pauses = 0;
	status = crk_subset_search(&query, memory);
	free(memory);
	for (int s = 0; s < seen.count; s++)
		for (int i = 0; i < seen.length[s]; i++)
			seen.indexes[s][i] = relevant[seen.indexes[s][i]];
	return status;
}

/*
 * Every subset of every size in order, with no cleverness at all.
 */
static void
brute_size(const int64_t *amounts, int count, int64_t low, int64_t high,
		   int64_t except, int size, int from, int depth, int64_t sum, int *chosen,
		   int max_solutions)
{
	if (depth == size)
	{
		if (sum >= low && sum <= high && sum != except && expected.count < max_solutions)
			add(&expected, chosen, size);
		return;
	}
	for (int i = from; i < count; i++)
	{
		if (amounts[i] == 0)
			continue;
		chosen[depth] = i;
		brute_size(amounts, count, low, high, except, size, i + 1, depth + 1,
				   sum + amounts[i], chosen, max_solutions);
	}
}

static void
brute(const int64_t *amounts, int count, int64_t payment, int64_t tolerance,
	  int max_solutions)
{
	int chosen[CRK_SUBSET_MAX_ITEMS];

	expected.count = 0;
	for (int size = 1; size <= count; size++)
		brute_size(amounts, count, payment, payment, payment + 1, size, 0, 0, 0, chosen, max_solutions);
	for (int size = 1; size <= count && tolerance > 0; size++)
		brute_size(amounts, count, payment - tolerance, payment + tolerance,
				   payment, size, 0, 0, 0, chosen, max_solutions);
}

static bool
same(void)
{
	bool equal = seen.count == expected.count;

	for (int s = 0; equal && s < seen.count; s++)
		equal = seen.length[s] == expected.length[s] &&
				memcmp(seen.indexes[s], expected.indexes[s], sizeof(int) * seen.length[s]) == 0;
	return equal;
}

/*
 * Instances of all characters: many equal amounts, few, credit notes, zeros.
 */
static int
make(int64_t *amounts, int most)
{
	int count = (int) (draw() % (most + 1));
	int64_t range = (int64_t[]){ 3, 12, 200, 100000 }[draw() % 4];
	bool credits = draw() % 3 == 0;

	for (int i = 0; i < count; i++)
	{
		amounts[i] = draw() % 12 == 0 ? 0 : 1 + (int64_t) (draw() % range);
		if (credits && draw() % 4 == 0)
			amounts[i] = -amounts[i];
	}
	return count;
}

/*
 * A payment that some subset sums to, or nearly, or that comes from nowhere.
 */
static int64_t
pay(const int64_t *amounts, int count)
{
	int64_t payment = 0;

	for (int i = 0; i < count; i++)
		if (draw() % 2 == 0)
			payment += amounts[i];
	if (draw() % 3 == 0)
		payment += (int64_t) (draw() % 5) - 2;
	return payment < 0 ? -payment : payment;
}

static void
against_brute_force(int runs)
{
	int wrong = 0;
	int with = 0;

	for (int run = 0; run < runs; run++)
	{
		int64_t amounts[BRUTE_ITEMS];
		int count = make(amounts, run % 50 == 0 ? BRUTE_ITEMS : 9);
		int64_t payment = pay(amounts, count);
		int64_t tolerance = draw() % 2 == 0 ? 0 : (int64_t) (draw() % 6);
		int max_solutions = (int[]){ 1, 2, 3, 7, 600 }[draw() % 5];

		brute(amounts, count, payment, tolerance, max_solutions);
		if (search(amounts, count, payment, tolerance, max_solutions, INT64_MAX) != CRK_SUBSET_COMPLETE || !same())
			wrong++;
		with += expected.count > 0;
	}
	ok(wrong == 0, "%d small instances as by brute force", runs);
	ok(with > runs / 2 && with < runs, "some with a solution, some without (%d)", with);
}

/*
 * More items than are met in the middle: brute force only reaches small sizes,
 * so the solutions are wanted from there.
 */
static void
many_against_brute_force(int runs)
{
	int wrong = 0;
	int with = 0;
	int within = 0;

	for (int run = 0; run < runs; run++)
	{
		int64_t amounts[60] = { 0 };
		int count = CRK_SUBSET_FULL_ITEMS + 1 + (int) (draw() % 20);
		int size = 1 + (int) (draw() % 3);
		int64_t payment = 0;
		int64_t tolerance = run % 2 == 0 ? 0 : 2;
		int chosen[60];

		for (int i = 0; i < count; i++)
			amounts[i] = 500 + (int64_t) (draw() % (run % 3 == 0 ? 50 : 5000)) - (run % 5 == 0 && i % 9 == 0 ? 6000 : 0);
		for (int i = 0; i < size; i++)
			payment += llabs(amounts[draw() % count]);

		expected.count = 0;
		for (int s = 1; s <= 3; s++)
			brute_size(amounts, count, payment, payment, payment + 1, s, 0, 0, 0, chosen, 2);
		if (expected.count == 0)
			continue; /* a larger one may be there: not known */
		search(amounts, count, payment, tolerance, expected.count, INT64_MAX);
		wrong += !same();
		with++;
		within += tolerance > 0;
	}
	ok(wrong == 0, "%d instances of many items as by brute force", runs);
	ok(with > runs / 2 && within > runs / 5, "most with a known solution (%d)", with);
}

/*
 * The tolerance pass of many items, where everything is known: the items are ten
 * units apart.
 */
static void
many_within_tolerance(void)
{
	int64_t amounts[40];

	for (int i = 0; i < 40; i++)
		amounts[i] = 1000000 + 10 * i;
	/* Two items: 2000000 + 10 * (i + j). */
	search(amounts, 40, 2000015, 5, 100, INT64_MAX);
	ok(seen.count == 2 && seen.length[0] == 2 && seen.indexes[0][0] == 0 && seen.indexes[0][1] == 1 &&
		   seen.indexes[1][0] == 0 && seen.indexes[1][1] == 2,
	   "many items: both sums within the tolerance, in order");
	search(amounts, 40, 2000010, 10, 100, INT64_MAX);
	ok(seen.count == 2 && seen.indexes[0][1] == 1 && seen.indexes[1][1] == 2,
	   "many items: the exact sum first, and once");
}

/*
 * Both methods say the same: 36 items, and the same with a 37th that never fits
 * but cannot be ruled out beforehand because a credit note makes up for it.
 */
static void
one_order(void)
{
	int wrong = 0;

	for (int run = 0; run < 20; run++)
	{
		int64_t amounts[38];
		int64_t payment;

		for (int i = 0; i < 36; i++)
			amounts[i] = 2 * (100 + (int64_t) (draw() % 300));
		payment = amounts[3] + amounts[17] + amounts[30];
		search(amounts, 36, payment, 4, 200, INT64_MAX);
		expected = seen;
		/* Odd, and far apart: one alone breaks the sum, both together too. */
		amounts[36] = 1000001;
		amounts[37] = -999000;
		search(amounts, 38, payment, 0, 50, 20000000);
		for (int s = 0; s < seen.count && s < 50; s++)
			wrong += seen.length[s] != expected.length[s] ||
					 memcmp(seen.indexes[s], expected.indexes[s], sizeof(int) * seen.length[s]) != 0;
		wrong += seen.count < 2;
	}
	ok(wrong == 0, "few and many items report in one order");
}

static void
bounds(void)
{
	static int64_t amounts[CRK_SUBSET_MAX_ITEMS];
	CrkSubsetStatus status;

	for (int i = 0; i < 36; i++)
		amounts[i] = 1000;
	status = search(amounts, 36, 18000, 0, 1000, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 1000 && seen.length[999] == 18 && seen.indexes[0][17] == 17,
	   "36 equal items: a thousand of nine billion solutions");
	status = search(amounts, 36, 18500, 0, 1000, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 0, "no multiple of the items");

	for (int i = 0; i < 36; i++)
		amounts[i] = (INT64_C(1) << 54) + (int64_t) (draw() % (UINT64_C(1) << 53));
	status = search(amounts, 36, (INT64_C(1) << 59) + 12345, 0, 2, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 0, "36 items without a solution are decided, whatever the budget");
	ok(seen.pauses > 20, "with pauses on the way (%d)", seen.pauses);
	status = search(amounts, 36, amounts[0] + amounts[5] + amounts[20] + amounts[35], 0, 2, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 1 && seen.length[0] == 4 && seen.indexes[0][3] == 35,
	   "36 items with one solution among billions of subsets");

	for (int i = 0; i < CRK_SUBSET_MAX_ITEMS; i++)
		amounts[i] = (INT64_C(1) << 50) + (int64_t) (draw() % (UINT64_C(1) << 49));
	status = search(amounts, CRK_SUBSET_MAX_ITEMS, INT64_C(1) << 57, 0, 2, 2000000);
	ok(status == CRK_SUBSET_UNDECIDED && seen.count == 0, "the most items: the budget ends the search");
	ok(seen.pauses >= 2000000 / CRK_SUBSET_SLICE, "with pauses on the way (%d)", seen.pauses);
	status = search(amounts, CRK_SUBSET_MAX_ITEMS, amounts[7] + amounts[499], 0, 1, 2000000);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 1 && seen.length[0] == 2 && seen.indexes[0][1] == 499,
	   "the most items: two of them are found");

	amounts[0] = 5;
	status = search(amounts, 0, 0, 0, 2, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 0, "no items");
	status = search(amounts, 1, 0, 4, 2, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 0, "the empty subset is no solution");
	status = search(amounts, 1, 5, 0, 2, 0);
	ok(status == CRK_SUBSET_COMPLETE && seen.count == 1 && seen.length[0] == 1, "one item");
}

static void
relevant(void)
{
	int kept[6];
	const int64_t amounts[] = { 0, 50, 120, -30, 900, -2000 };

	/* All the rest does not make up for -2000; without it 900 and 120 are too much. */
	ok(crk_subset_relevant(amounts, 6, 20, 80, kept) == 2 && kept[0] == 1 && kept[1] == 3,
	   "what cannot be part is left out, step by step");
	ok(crk_subset_relevant(amounts, 6, -1500, 80, kept) == 5, "zeros are no part of anything");
}

int
main(void)
{
	against_brute_force(20000);
	many_against_brute_force(150);
	many_within_tolerance();
	one_order();
	bounds();
	relevant();
	return finish_tests();
}
