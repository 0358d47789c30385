/*
 * ageing.c
 *	  The ageing kernel: buckets, scales and widths, merging, the text form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ageing.h"
#include "tap.h"

/*
 * A numeric's payload from plain decimal text, in the long form.
 */
static size_t
encode(const char *text, unsigned char *payload)
{
	bool negative = *text == '-';
	const char *point;
	char digits[128];
	int integers,
		decimals,
		pad,
		groups,
		i;
	uint16_t word;

	text += negative;
	point = strchr(text, '.');
	integers = point ? (int) (point - text) : (int) strlen(text);
	decimals = point ? (int) strlen(point + 1) : 0;
	pad = (4 - integers % 4) % 4;
	memset(digits, '0', sizeof(digits));
	memcpy(digits + pad, text, integers);
	if (point)
		memcpy(digits + pad + integers, point + 1, decimals);
	groups = (pad + integers + decimals + 3) / 4;
	word = (uint16_t) ((negative ? 0x4000 : 0) | decimals);
	memcpy(payload, &word, 2);
	word = (uint16_t) ((pad + integers) / 4 - 1);
	memcpy(payload + 2, &word, 2);
	for (i = 0; i < groups; i++)
	{
		word = (uint16_t) ((digits[4 * i] - '0') * 1000 + (digits[4 * i + 1] - '0') * 100 +
						   (digits[4 * i + 2] - '0') * 10 + (digits[4 * i + 3] - '0'));
		memcpy(payload + 4 + 2 * i, &word, 2);
	}
	return 4 + 2 * groups;
}

/* The same number in the short form, if it has one. */
static size_t
encode_short(const char *text, unsigned char *payload)
{
	unsigned char longform[128];
	size_t length = encode(text, longform);
	uint16_t header;
	int16_t weight;

	memcpy(&header, longform, 2);
	memcpy(&weight, longform + 2, 2);
	/* as the server does: no leading zero digits */
	while (length > 4 && longform[4] == 0 && longform[5] == 0)
	{
		memmove(longform + 4, longform + 6, length - 6);
		length -= 2;
		weight--;
	}
	while (length > 4 && longform[length - 1] == 0 && longform[length - 2] == 0)
		length -= 2;
	if (length == 4)
		weight = 0;
	header = (uint16_t) (0x8000 | (header & 0x4000 ? 0x2000 : 0) |
						 (header & 0x3F) << 7 | (weight & 0x7F));
	memcpy(payload, &header, 2);
	memcpy(payload + 2, longform + 4, length - 4);
	return length - 2;
}

static const int32_t bounds[] = { 30, 60, 90 };

static CrkAgeingSums
empty(void)
{
	CrkAgeingSums sums;

	memset(&sums, 0, sizeof(sums));
	sums.nbounds = 3;
	memcpy(sums.bounds, bounds, sizeof(bounds));
	return sums;
}

static CrkDecimalStatus
add(CrkAgeingSums *sums, int slot, const char *text, int sign)
{
	unsigned char payload[128];
	size_t length = encode(text, payload);
	int display_scale;
	CrkDecimalStatus status;

	status = crk_ageing_sums_add(sums, slot, payload, length, sign, &display_scale);
	if (status == CRK_DECIMAL_OK && display_scale > sums->slot[slot].display_scale)
		sums->slot[slot].display_scale = display_scale;
	return status;
}

static bool
holds(const CrkAgeingSums *sums, int slot, const char *text, int items)
{
	char buffer[CRK_DECIMAL_STRING_SIZE];

	crk_decimal_to_string(sums->slot[slot].amount, sums->scale,
						  sums->slot[slot].display_scale, buffer);
	if (strcmp(buffer, text) == 0 && sums->slot[slot].items == items)
		return true;
	printf("# slot %d holds %s (%lld), expected %s (%d)\n", slot, buffer,
		   (long long) sums->slot[slot].items, text, items);
	return false;
}

static void
bucket_tests(void)
{
	static const struct
	{
		int days;
		int slot;
	} cases[] = {
		{ -1000, 0 }, { 0, 0 }, { 1, 1 }, { 30, 1 }, { 31, 2 }, { 60, 2 }, { 61, 3 }, { 90, 3 }, { 91, 4 }, { INT32_MAX, 4 }, { INT32_MIN, 0 }
	};
	static const int32_t wrong[][3] = { { 0, 30, 60 }, { -1, 30, 60 }, { 30, 30, 60 }, { 30, 60, 59 } };
	int32_t many[17];
	char label[CRK_AGEING_LABEL_SIZE];
	int i;

	for (i = 0; i < (int) (sizeof(cases) / sizeof(cases[0])); i++)
		ok(crk_ageing_slot_of_days(bounds, 3, cases[i].days) == cases[i].slot,
		   "%d days are in slot %d", cases[i].days, cases[i].slot);
	ok(crk_ageing_slot_of_date(bounds, 3, CRK_AGEING_DUE_NEVER, 9000) == 0, "infinity is not due");
	ok(crk_ageing_slot_of_date(bounds, 3, CRK_AGEING_DUE_EVER, 9000) == 4, "-infinity is the oldest");
	ok(crk_ageing_slot_of_date(bounds, 3, -2451545, 2145031948) == 4, "the longest span does not overflow");
	ok(crk_ageing_slot_of_date(bounds, 3, 2145031948, -2451545) == 0, "nor does its reverse");

	ok(crk_ageing_check_bounds(bounds, 3) == NULL, "the usual bounds are good");
	for (i = 0; i < 4; i++)
		ok(crk_ageing_check_bounds(wrong[i], 3) != NULL, "bounds {%d,%d,%d} are refused",
		   wrong[i][0], wrong[i][1], wrong[i][2]);
	for (i = 0; i < 17; i++)
		many[i] = i + 1;
	ok(crk_ageing_check_bounds(many, 16) == NULL, "16 bounds are good");
	ok(crk_ageing_check_bounds(many, 17) != NULL, "17 bounds are refused");
	ok(crk_ageing_check_bounds(many, 0) != NULL, "no bounds are refused");

	many[0] = INT32_MAX - 1;
	many[1] = INT32_MAX;
	ok(crk_ageing_label(many, 2, 2, label) < CRK_AGEING_LABEL_SIZE &&
		   strcmp(label, "2147483647-2147483647") == 0,
	   "the longest label fits");
}

static void
scale_tests(void)
{
	CrkAgeingSums sums = empty();
	CrkAgeingSums before;

	ok(add(&sums, 0, "100.50", 1) == CRK_DECIMAL_OK && holds(&sums, 0, "100.50", 1), "a plain amount");
	ok(add(&sums, 0, "-0.000001", 1) == CRK_DECIMAL_OK && holds(&sums, 0, "100.499999", 2) && sums.scale == 8,
	   "a finer amount makes the scale finer, with room to spare");
	ok(add(&sums, 1, "100000000000000000000", 1) == CRK_DECIMAL_OK && holds(&sums, 1, "100000000000000000000", 1),
	   "10^20 beside it");
	ok(add(&sums, 1, "0.000000000000000001", 1) == CRK_DECIMAL_OK &&
		   holds(&sums, 1, "100000000000000000000.000000000000000001", 2) && sums.scale == 18,
	   "where the comfortable scale would overflow, the smallest exact one is taken");
	before = sums;
	ok(add(&sums, 2, "0.0000000000000000001", 1) == CRK_DECIMAL_TOO_LARGE &&
		   memcmp(&sums, &before, sizeof(sums)) == 0,
	   "39 digits do not fit, and nothing has changed");
	ok(add(&sums, 2, "0.0000000000000000000000000000001", 1) == CRK_DECIMAL_TOO_FINE &&
		   memcmp(&sums, &before, sizeof(sums)) == 0,
	   "31 decimals are too many");
	ok(add(&sums, 1, "0.000000000000000001", -1) == CRK_DECIMAL_OK &&
		   add(&sums, 1, "100000000000000000000", -1) == CRK_DECIMAL_OK &&
		   sums.slot[1].amount == 0 && sums.slot[1].items == 0,
	   "what came can leave");
	crk_ageing_reduce(&sums);
	ok(sums.scale == 6 && holds(&sums, 0, "100.499999", 2), "and the scale can be reduced again");

	sums = empty();
	ok(add(&sums, 0, "170141183460469231731687303715884105727", 1) == CRK_DECIMAL_OK &&
		   add(&sums, 0, "1", 1) == CRK_DECIMAL_TOO_LARGE &&
		   add(&sums, 0, "-1", 1) == CRK_DECIMAL_OK &&
		   holds(&sums, 0, "170141183460469231731687303715884105726", 2),
	   "up to the last of 128 bits");
	sums = empty();
	sums.scale = 4;
	ok(add(&sums, 0, "170141183460469231731687303715884105727", 1) == CRK_DECIMAL_OK && sums.scale == 0,
	   "a scale finer than needed gives way");
	sums = empty();
	sums.slot[0].items = INT64_MAX;
	ok(add(&sums, 0, "1", 1) == CRK_DECIMAL_TOO_LARGE && sums.slot[0].amount == 0, "the count may not overflow");
}

static CrkAgeing *
build(const CrkAgeingSums *sums, bool wide)
{
	size_t size = crk_ageing_size(sums->nbounds, crk_ageing_form(sums->bounds, sums->nbounds, wide));
	CrkAgeing *ageing = malloc(size);

	memset(ageing, 0x5A, size);
	crk_ageing_pack(sums, wide, ageing);
	ageing->vl_len_ = (int32_t) size;
	return ageing;
}

static bool
add_fast(CrkAgeing *state, int slot, const char *text)
{
	unsigned char payload[128];
	size_t length = encode_short(text, payload);
	unsigned char *copy = malloc(length + 1);
	bool done;

	memcpy(copy + 1, payload, length);
	done = crk_ageing_add_common(state, crk_ageing_slots(state), slot, copy + 1, length) ||
		   crk_ageing_add_wide(state, slot, copy + 1, length);
	free(copy);
	return done;
}

static void
packing_tests(void)
{
	CrkAgeingSums sums = empty();
	CrkAgeingSums back;
	CrkAgeing *state;
	CrkAgeing *twin;
	int i;

	ok(crk_ageing_size(3, CRK_AGEING_STANDARD) == 64, "64 bytes with the standard bounds");
	sums.as_of = 9221;
	sums.scale = CRK_AGEING_FIRST_SCALE;
	state = build(&sums, false);
	ok(crk_ageing_is_sound(state, 64) && !crk_ageing_is_sound(state, 63), "a packed value is sound");
	ok(add_fast(state, 0, "1234567.89") && add_fast(state, 0, "-0.5") && add_fast(state, 1, "0") &&
		   add_fast(state, 2, "0.0001") && add_fast(state, 3, "-99999999.9999") && add_fast(state, 4, "12340000") &&
		   add_fast(state, 5, "-7.0000000"),
	   "the fast path takes common amounts");
	crk_ageing_unpack(state, &back);
	ok(holds(&back, 0, "1234567.39", 2) && holds(&back, 1, "0", 1) && holds(&back, 2, "0.0001", 1) &&
		   holds(&back, 3, "-99999999.9999", 1) && holds(&back, 4, "12340000", 1) &&
		   holds(&back, 5, "-7.0000000", 1) && back.as_of == 9221,
	   "and adds them up in their slots");
	ok(!add_fast(state, 0, "0.00001") && !add_fast(state, 0, "1.00000000") &&
		   !add_fast(state, 0, "14073748835.5328") && !add_fast(state, 0, "14072514268.1428") &&
		   !add_fast(state, 0, "100000000000000000000"),
	   "not what is too fine, too wide, or makes a sum too wide");
	ok(add_fast(state, 0, "14072514268.1427"), "but the last that fits");
	crk_ageing_unpack(state, &back);
	ok(holds(&back, 0, "14073748835.5327", 3) && back.slot[1].amount == 0 && back.slot[1].items == 1,
	   "which leaves the neighbour alone");
	ok(!add_fast(state, 3, "-14073748835.5328") && add_fast(state, 5, "-14073748828.5328"),
	   "the same on the negative side");
	for (i = 1; i < CRK_NARROW_MAX_ITEMS; i++)
	{
		if (!add_fast(state, 1, "-0.01"))
			break;
	}
	ok(i == CRK_NARROW_MAX_ITEMS && !add_fast(state, 1, "0"), "8191 items fit, one more does not");
	crk_ageing_unpack(state, &back);
	ok(crk_ageing_fits_narrow(&back) && holds(&back, 1, "-81.90", 8191), "the count has not spoilt the amount");
	twin = build(&back, false);
	ok(memcmp(state, twin, 64) == 0, "packing what was unpacked gives the same bytes");
	free(twin);

	twin = build(&back, true);
	ok(crk_ageing_is_sound(twin, crk_ageing_size(3, CRK_AGEING_STANDARD | CRK_AGEING_WIDE)), "a wide value is sound");
	ok(add_fast(twin, 1, "0") && add_fast(twin, 0, "1000000000000000000000000000000000") &&
		   add_fast(twin, 2, "-0.0002") && !add_fast(twin, 2, "0.00001"),
	   "the fast path of wide slots");
	crk_ageing_unpack(twin, &back);
	ok(holds(&back, 0, "1000000000000000000000014073748835.5327", 4) && holds(&back, 1, "-81.90", 8192) &&
		   holds(&back, 2, "-0.0001", 2) && !crk_ageing_fits_narrow(&back),
	   "is as exact");
	free(twin);
	free(state);

	sums = empty();
	sums.nbounds = 2;
	sums.bounds[1] = 45;
	sums.slot[4].amount = 17;
	sums.slot[4].items = 1;
	state = build(&sums, false);
	crk_ageing_unpack(state, &back);
	ok(crk_ageing_size(2, 0) == 24 + 40 && back.bounds[1] == 45 && back.slot[4].amount == 17, "bounds of one's own are stored");
	free(state);
}

static uint64_t seed = 31;

static unsigned
dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned) (seed >> 33) % sides;
}

/*
 * Adding one by one, by the fast path with the slow one behind it, and by
 * merging two halves must all come to the same.
 */
static void
merge_tests(void)
{
	int round;
	int wrong = 0;
	int fast = 0;
	CrkAgeingSums left = empty();
	CrkAgeingSums right = empty();

	for (round = 0; round < 400; round++)
	{
		CrkAgeingSums all = empty();
		CrkAgeingSums half[2];
		CrkAgeing *states[2];
		bool merged;
		int n = 1 + dice(round % 3 == 0 ? 2000 : 20);
		int h,
			i;

		for (h = 0; h < 2; h++)
		{
			half[h] = empty();
			half[h].scale = CRK_AGEING_FIRST_SCALE;
			states[h] = build(&half[h], false);
		}
		while (n-- > 0)
		{
			char text[64];
			int decimals = dice(round % 2 == 0 ? 3 : 7);
			int slot = dice(6);

			h = dice(2);
			if (decimals == 0)
				snprintf(text, sizeof(text), "%s%u", dice(2) ? "-" : "", dice(1000000));
			else
				snprintf(text, sizeof(text), "%s%u.%0*u", dice(2) ? "-" : "", dice(1000000), decimals, dice(10));
			if (dice(round % 5 == 0 ? 50 : 5000) == 0)
				strcpy(text, "-100000000000000000000.01");
			add(&all, slot, text, 1);
			add(&half[h], slot, text, 1);
			if (states[h] != NULL && !add_fast(states[h], slot, text))
			{
				free(states[h]);
				states[h] = NULL; /* left to the slow path */
			}
		}
		for (h = 0; h < 2; h++)
		{
			CrkAgeingSums seen;

			if (states[h] == NULL)
				continue;
			crk_ageing_unpack(states[h], &seen);
			if (!crk_ageing_equal(&seen, &half[h]))
				wrong++;
		}
		left = half[0];
		right = half[1];
		merged = crk_ageing_sums_merge(&left, &right);
		if (!merged || !crk_ageing_equal(&left, &all))
			wrong++;
		for (i = 0; i < 6; i++)
			if (left.slot[i].display_scale != all.slot[i].display_scale)
				wrong++;
		if (states[0] != NULL && states[1] != NULL)
		{
			CrkAgeingSums seen;

			if (crk_ageing_merge_fast(states[0], states[1]))
			{
				fast++;
				crk_ageing_unpack(states[0], &seen);
				if (!crk_ageing_equal(&seen, &all))
					wrong++;
				for (i = 0; i < 6; i++)
					if (seen.slot[i].display_scale != all.slot[i].display_scale)
						wrong++;
			}
		}
		for (h = 0; h < 2; h++)
			free(states[h]);
	}
	ok(wrong == 0, "one by one, fast and merged halves agree");
	ok(fast > 50, "the fast merge was among them (%d times)", fast);

	left = empty();
	right = empty();
	add(&left, 0, "170141183460469231731687303715884105727", 1);
	add(&right, 0, "0.1", 1);
	ok(!crk_ageing_sums_merge(&left, &right) && holds(&left, 0, "170141183460469231731687303715884105727", 1),
	   "a merge that does not fit is refused, and nothing has changed");
}

static void
text_tests(void)
{
	static const char *good = "not due 1200.00 (3), 1-30 -500.5 (2), 31-60 0.00 (0), 61-90 0.00 (0), >90 0.000 (1), no due date 5 (1)";
	static const char *const bad[] = {
		"",
		"not due 1.00 (1)",
		"not due 1.00 (1), 1-30 0.00 (0)",
		"not due 1.00 (1), >0 0.00 (0)",
		"not due 1.00 (1), 1-30 0.00 (0), >31 0.00 (0)",
		"not due 1.00 (1), 2-30 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (1), 1-30 0.00 (0), 31-30 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (1), 1-30 0.00 (0), 32-60 0.00 (0), >60 0.00 (0)",
		"not due 1.00 (1), 1-4294967326 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (1), 1-030 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0), ",
		"not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0), no due date 0.00 (0)",
		"not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0), no due date 1.00 (1) ",
		"not due 1.00 (1), 1-30 0.00 (0), >30 0.00 (0) ",
		"not due 1.00 (1),1-30 0.00 (0), >30 0.00 (0)",
		"not due  1.00 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (0), 1-30 0.00 (1), >30 0.00 (0)",
		"not due 0.00 (0), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (-1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1.00 (9223372036854775808), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1.00, 1-30 0.00 (0), >30 0.00 (0)",
		"not due NaN (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1e3 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due +1 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 01 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1. (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due .5 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1.0.0 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due - (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due -0.00 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 170141183460469231731687303715884105728 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 170141183460469231731687303715884105727 (1), 1-30 0.01 (1), >30 0.00 (0)",
		"not due 0.0000000000000000000000000000001 (1), 1-30 0.00 (0), >30 0.00 (0)",
		"not due 1 (1), 1-1 0 (0), 2-2 0 (0), 3-3 0 (0), 4-4 0 (0), 5-5 0 (0), 6-6 0 (0), 7-7 0 (0), 8-8 0 (0), "
		"9-9 0 (0), 10-10 0 (0), 11-11 0 (0), 12-12 0 (0), 13-13 0 (0), 14-14 0 (0), 15-15 0 (0), 16-16 0 (0), "
		"17-17 0 (0), >17 0 (0)"
	};
	CrkAgeingSums sums;
	int i;
	int wrong = 0;

	memset(&sums, 0x5A, sizeof(sums));
	ok(crk_ageing_parse(good, &sums) == NULL && sums.nbounds == 3 && sums.bounds[2] == 90 && sums.scale == 1,
	   "the text form is read");
	ok(holds(&sums, 0, "1200.00", 3) && holds(&sums, 1, "-500.5", 2) && sums.slot[2].display_scale == 0 &&
		   holds(&sums, 4, "0.000", 1) && holds(&sums, 5, "5", 1),
	   "with all its figures");
	ok(crk_ageing_parse("not due -170141183460469231731687303715884105728 (1), 1-1 0 (0), >1 0 (0)", &sums) == NULL &&
		   holds(&sums, 0, "-170141183460469231731687303715884105728", 1),
	   "the least amount is read");
	for (i = 0; i < (int) (sizeof(bad) / sizeof(bad[0])); i++)
	{
		char *copy = strdup(bad[i]);
		const char *error = crk_ageing_parse(copy, &sums);

		ok(error != NULL, "refused: %s (%s)", bad[i], error ? error : "not refused");
		free(copy);
	}

	/* Whatever one wrong byte makes of it: an answer, never a crash. */
	for (i = 0; i < 200000; i++)
	{
		char *copy = strdup(good);
		int hits = 1 + dice(3);

		while (hits-- > 0)
			copy[dice((unsigned) strlen(good))] = dice(4) ? " 0123456789-.,()>nd"[dice(19)] : (char) (1 + dice(127));
		if (dice(4) == 0)
			copy[dice((unsigned) strlen(good))] = '\0';
		if (crk_ageing_parse(copy, &sums) == NULL && crk_ageing_check(&sums) != NULL)
			wrong++;
		free(copy);
	}
	ok(wrong == 0, "what is read is always a possible value");
}

static void
check_tests(void)
{
	CrkAgeingSums good = empty();
	CrkAgeingSums sums;

	add(&good, 0, "10.50", 1);
	add(&good, 4, "0.25", 1);
	crk_ageing_reduce(&good);
	ok(crk_ageing_check(&good) == NULL, "a canonical value is good");
#define REFUSED(change, name) \
	sums = good; \
	change; \
	ok(crk_ageing_check(&sums) != NULL, name)
	REFUSED(sums.nbounds = 0, "no bounds");
	REFUSED(sums.bounds[2] = 60, "bounds out of order");
	REFUSED(sums.scale = 31, "a scale beyond 30");
	REFUSED(sums.scale = 1; sums.slot[0].amount = 100; sums.slot[4].amount = 20, "a scale not the smallest");
	REFUSED(sums.slot[0].items = -1, "a negative count");
	REFUSED(sums.slot[1].amount = 1, "an amount without items");
	REFUSED(sums.slot[1].display_scale = 2, "a display scale without items");
	REFUSED(sums.slot[4].display_scale = 1, "a display scale that hides a digit");
	REFUSED(sums.slot[4].display_scale = 16384, "a display scale beyond numeric's");
	REFUSED(memset(sums.slot, 0, sizeof(sums.slot)); sums.scale = 0, "no items at all");
}

int
main(void)
{
	bucket_tests();
	scale_tests();
	packing_tests();
	merge_tests();
	text_tests();
	check_tests();
	return finish_tests();
}
