/*
 * ageing.c
 *	  The aged balance: exact amounts and counts per bucket of days overdue.
 */
#include "kernel/ageing.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(CrkAgeing) == 12, "the header has no padding");
_Static_assert(sizeof(CrkAgeingWideSlot) == 32, "the wide slot has no padding");

const int32_t crk_ageing_standard_bounds[CRK_AGEING_STANDARD_NBOUNDS] = { 30, 60, 90 };

/* The finest display scale that a numeric can have. */
#define MAX_DISPLAY_SCALE 16383

/*
 * Bounds are the last day of each bucket but the open one, so the first is at
 * least 1: day 0 is not overdue.
 */
const char *
crk_ageing_check_bounds(const int32_t *bounds, int nbounds)
{
	int i;

	if (nbounds < 1)
		return "At least one bound is needed.";
	if (nbounds > CRK_AGEING_MAX_BOUNDS)
		return "At most 16 bounds are possible.";
	if (bounds[0] < 1)
		return "The first bound must be at least 1 day.";
	for (i = 1; i < nbounds; i++)
	{
		if (bounds[i] <= bounds[i - 1])
			return "Each bound must be greater than the one before it.";
	}
	return NULL;
}

/*
 * The state that the first amount of an aggregate meets.
 */
void
crk_ageing_init(CrkAgeing *state, int32_t as_of, const int32_t *bounds,
				int nbounds)
{
	state->version = CRK_AGEING_VERSION;
	state->form = (uint8_t) crk_ageing_form(bounds, nbounds, false);
	state->nbounds = (uint8_t) nbounds;
	state->scale = CRK_AGEING_FIRST_SCALE;
	state->as_of = as_of;
	if (!(state->form & CRK_AGEING_STANDARD))
		memcpy(state->bounds, bounds, nbounds * sizeof(int32_t));
}

/*
 * A value from disk is trusted to be ours, not to be of this version: never
 * read past its end.
 */
bool
crk_ageing_is_sound(const CrkAgeing *ageing, size_t size)
{
	return size >= sizeof(CrkAgeing) &&
		   ageing->version == CRK_AGEING_VERSION &&
		   ageing->nbounds >= 1 && ageing->nbounds <= CRK_AGEING_MAX_BOUNDS &&
		   ageing->form <= (CRK_AGEING_WIDE | CRK_AGEING_STANDARD) &&
		   (!(ageing->form & CRK_AGEING_STANDARD) ||
			ageing->nbounds == CRK_AGEING_STANDARD_NBOUNDS) &&
		   ageing->scale <= CRK_AGEING_MAX_SCALE &&
		   size == crk_ageing_size(ageing->nbounds, ageing->form);
}

/*
 * One form for all the work that is not the fast path.
 */
void
crk_ageing_unpack(const CrkAgeing *ageing, CrkAgeingSums *sums)
{
	const CrkAgeingNarrowSlot *narrow = crk_ageing_slots(ageing);
	const CrkAgeingWideSlot *wide = crk_ageing_slots(ageing);
	int i;

	sums->as_of = ageing->as_of;
	sums->nbounds = ageing->nbounds;
	memcpy(sums->bounds, crk_ageing_bounds(ageing), ageing->nbounds * sizeof(int32_t));
	sums->scale = ageing->scale;
	for (i = 0; i < CRK_AGEING_SLOTS(ageing); i++)
	{
		CrkAgeingBucket *bucket = &sums->slot[i];

		if (ageing->form & CRK_AGEING_WIDE)
		{
			bucket->amount = wide[i].amount;
			bucket->items = wide[i].items;
			bucket->display_scale = wide[i].display_scale;
		}
		else
		{
			bucket->amount = CRK_NARROW_AMOUNT(narrow[i]);
			bucket->items = CRK_NARROW_ITEMS(narrow[i]);
			bucket->display_scale = CRK_NARROW_DISPLAY_SCALE(narrow[i]);
		}
	}
}

/*
 * Narrow slots serve nearly every customer; a whole ledger's sums are wide.
 */
bool
crk_ageing_fits_narrow(const CrkAgeingSums *sums)
{
	int i;

	for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
	{
		if (!CRK_NARROW_FITS(sums->slot[i].amount) ||
			sums->slot[i].items > CRK_NARROW_MAX_ITEMS ||
			sums->slot[i].display_scale > CRK_NARROW_MAX_DISPLAY_SCALE)
			return false;
	}
	return true;
}

/*
 * Every byte is written, the padding too: equal values have equal bytes.
 */
void
crk_ageing_pack(const CrkAgeingSums *sums, bool wide, CrkAgeing *ageing)
{
	int form = crk_ageing_form(sums->bounds, sums->nbounds, wide);
	CrkAgeingNarrowSlot *narrow;
	CrkAgeingWideSlot *broad;
	int i;

	memset((char *) ageing + sizeof(ageing->vl_len_), 0,
		   crk_ageing_size(sums->nbounds, form) - sizeof(ageing->vl_len_));
	crk_ageing_init(ageing, sums->as_of, sums->bounds, sums->nbounds);
	ageing->form = (uint8_t) form;
	ageing->scale = (uint8_t) sums->scale;
	narrow = crk_ageing_slots(ageing);
	broad = crk_ageing_slots(ageing);
	for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
	{
		const CrkAgeingBucket *bucket = &sums->slot[i];

		if (wide)
		{
			broad[i].amount = bucket->amount;
			broad[i].items = bucket->items;
			broad[i].display_scale = (uint16_t) bucket->display_scale;
		}
		else
		{
			narrow[i] = (int64_t) bucket->amount * CRK_NARROW_AMOUNT_UNIT +
						bucket->items * CRK_NARROW_ITEM_UNIT + bucket->display_scale;
		}
	}
}

/*
 * Where amounts are finer or larger than the commonest, the state is soon wide
 * and at their scale: then this is their fast path.
 */
bool
crk_ageing_add_wide(CrkAgeing *state, int slot, const void *payload, size_t length)
{
	CrkAgeingWideSlot *wide = (CrkAgeingWideSlot *) crk_ageing_slots(state) + slot;
	crk_int128 value;
	int display_scale;

	if (!(state->form & CRK_AGEING_WIDE) || wide->items == INT64_MAX ||
		crk_decimal_read(payload, length, state->scale, &value,
						 &display_scale) != CRK_DECIMAL_OK ||
		!crk_decimal_add(&wide->amount, value))
		return false;
	wide->items++;
	if (display_scale > wide->display_scale)
		wide->display_scale = (uint16_t) display_scale;
	return true;
}

/*
 * How many decimals an amount at this scale needs.  64-bit arithmetic where it
 * is enough: 128-bit division is slow, and this runs for each result.
 */
static int
decimals(crk_int128 amount, int scale)
{
	int64_t small;

	if (amount == 0)
		return 0;
	for (; scale > 0 && amount != (int64_t) amount; scale--)
	{
		if (amount % 10 != 0)
			return scale;
		amount /= 10;
	}
	small = (int64_t) amount;
	for (; scale > 0 && small % 10 == 0; scale--)
		small /= 10;
	return scale;
}

/*
 * The canonical scale: equal amounts come to equal integers, whatever scale
 * they were summed at.
 */
void
crk_ageing_reduce(CrkAgeingSums *sums)
{
	crk_int128 power = 1;
	int scale = 0;
	int i;

	for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
	{
		int needed = decimals(sums->slot[i].amount, sums->scale);

		if (needed > scale)
			scale = needed;
	}
	if (scale == sums->scale)
		return;
	crk_decimal_shift(&power, sums->scale - scale); /* at most 10^30: fits */
	for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
	{
		crk_int128 *amount = &sums->slot[i].amount;

		if (*amount == (int64_t) *amount && power == (int64_t) power)
			*amount = (int64_t) *amount / (int64_t) power;
		else
			*amount /= power;
	}
	sums->scale = scale;
}

/*
 * A finer scale; false, with the amounts in disorder, on overflow.
 */
static bool
refine(CrkAgeingSums *sums, int scale)
{
	int i;

	for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
	{
		if (!crk_decimal_shift(&sums->slot[i].amount, scale - sums->scale))
			return false;
	}
	sums->scale = scale;
	return true;
}

/*
 * The next scale on the border of two base-10000 digits, where reading is
 * cheapest, and where the next amount will probably fit as well.
 */
static int
comfortable(int scale)
{
	int aligned = (scale + 3) / 4 * 4;

	return aligned > CRK_AGEING_MAX_SCALE ? CRK_AGEING_MAX_SCALE : aligned;
}

/*
 * An item comes or leaves; false, with the bucket in disorder, on overflow.
 */
static bool
add_one(CrkAgeingBucket *bucket, crk_int128 value, int sign)
{
	__int128 signed_value = value;

	if (sign < 0 && __builtin_sub_overflow((__int128) 0, signed_value, &signed_value))
		return false;
	return crk_decimal_add(&bucket->amount, signed_value) &&
		   !__builtin_add_overflow(bucket->items, (int64_t) sign, &bucket->items);
}

/*
 * The amount's own scale is found by trying; then all meet at a comfortable
 * scale, or, if that overflows, at the smallest that is exact.
 */
CrkDecimalStatus
crk_ageing_sums_add(CrkAgeingSums *sums, int slot, const void *payload,
					size_t length, int sign, int *display_scale)
{
	CrkDecimalStatus status = CRK_DECIMAL_TOO_FINE;
	CrkAgeingBucket next;
	CrkAgeingSums reduced;
	crk_int128 value;
	int needed;
	int attempt;

	/* Already at a scale where it fits? */
	next = sums->slot[slot];
	if (crk_decimal_read(payload, length, sums->scale, &value,
						 display_scale) == CRK_DECIMAL_OK &&
		add_one(&next, value, sign))
	{
		sums->slot[slot] = next;
		return CRK_DECIMAL_OK;
	}

	for (needed = 0; needed <= CRK_AGEING_MAX_SCALE; needed++)
	{
		status = crk_decimal_read(payload, length, needed, &value, display_scale);
		if (status != CRK_DECIMAL_TOO_FINE)
			break;
	}
	if (status != CRK_DECIMAL_OK)
		return status;

	reduced = *sums;
	crk_ageing_reduce(&reduced);
	if (needed < reduced.scale)
		needed = reduced.scale;
	for (attempt = 0; attempt < 2; attempt++)
	{
		CrkAgeingSums work = reduced;
		int scale = needed;

		/* Not below the present scale, or the next amount would be back here. */
		if (attempt == 0)
			scale = comfortable(needed) > sums->scale ? comfortable(needed) : sums->scale;
		if (!refine(&work, scale) ||
			crk_decimal_read(payload, length, scale, &value,
							 display_scale) != CRK_DECIMAL_OK ||
			!add_one(&work.slot[slot], value, sign))
			continue;
		*sums = work;
		return CRK_DECIMAL_OK;
	}
	return CRK_DECIMAL_TOO_LARGE;
}

/*
 * All slots at one scale: the two values' own if possible.
 */
bool
crk_ageing_sums_merge(CrkAgeingSums *sums, const CrkAgeingSums *other)
{
	int attempt;

	for (attempt = 0; attempt < 3; attempt++)
	{
		CrkAgeingSums left = *sums;
		CrkAgeingSums right = *other;
		int scale;
		int i;

		if (attempt > 0)
		{
			crk_ageing_reduce(&left);
			crk_ageing_reduce(&right);
		}
		scale = left.scale > right.scale ? left.scale : right.scale;
		if (attempt < 2)
			scale = comfortable(scale);
		if (!refine(&left, scale) || !refine(&right, scale))
			continue;
		for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
		{
			CrkAgeingBucket *bucket = &left.slot[i];

			if (!crk_decimal_add(&bucket->amount, right.slot[i].amount) ||
				__builtin_add_overflow(bucket->items, right.slot[i].items, &bucket->items))
				break;
			if (right.slot[i].display_scale > bucket->display_scale)
				bucket->display_scale = right.slot[i].display_scale;
		}
		if (i < CRK_AGEING_SLOTS(sums))
			continue;
		*sums = left;
		return true;
	}
	return false;
}

/*
 * Combining the partial states of many groups should not cost more than the
 * hash look-up before it.
 */
bool
crk_ageing_merge_fast(CrkAgeing *state, const CrkAgeing *other)
{
	CrkAgeingNarrowSlot *left = crk_ageing_slots(state);
	const CrkAgeingNarrowSlot *right = crk_ageing_slots(other);
	CrkAgeingNarrowSlot sum[CRK_AGEING_MAX_SLOTS];
	int i;

	if ((state->form | other->form) & CRK_AGEING_WIDE || state->scale != other->scale)
		return false;
	for (i = 0; i < CRK_AGEING_SLOTS(state); i++)
	{
		int display_scale = CRK_NARROW_DISPLAY_SCALE(left[i]);
		int other_scale = CRK_NARROW_DISPLAY_SCALE(right[i]);

		/* Amounts and items each into their bits, without the display scales. */
		if (CRK_NARROW_ITEMS(left[i]) + CRK_NARROW_ITEMS(right[i]) > CRK_NARROW_MAX_ITEMS ||
			__builtin_add_overflow(left[i] - display_scale, right[i] - other_scale, &sum[i]))
			return false;
		sum[i] += display_scale > other_scale ? display_scale : other_scale;
	}
	memcpy(left, sum, CRK_AGEING_SLOTS(state) * sizeof(sum[0]));
	return true;
}

/*
 * What in() and recv() ask of a value, beyond being readable.  The date is the
 * caller's to check.
 */
const char *
crk_ageing_check(const CrkAgeingSums *sums)
{
	const char *error = crk_ageing_check_bounds(sums->bounds, sums->nbounds);
	int scale = 0;
	bool empty = true;
	int i;

	if (error != NULL)
		return error;
	if (sums->scale < 0 || sums->scale > CRK_AGEING_MAX_SCALE)
		return "The scale must be between 0 and 30.";
	for (i = 0; i < CRK_AGEING_SLOTS(sums); i++)
	{
		const CrkAgeingBucket *bucket = &sums->slot[i];
		int needed = decimals(bucket->amount, sums->scale);

		if (bucket->items < 0)
			return "A count must not be negative.";
		if (bucket->display_scale < 0 || bucket->display_scale > MAX_DISPLAY_SCALE)
			return "A display scale must be between 0 and 16383.";
		if (bucket->items > 0)
			empty = false;
		else if (bucket->amount != 0 || bucket->display_scale != 0)
			return "A bucket without items must have amount 0.";

		if (bucket->display_scale < needed)
			return "A display scale must not hide a digit.";
		if (needed > scale)
			scale = needed;
	}
	if (scale != sums->scale)
		return "The scale is not the smallest that is exact.";
	if (empty)
		return "At least one bucket must have items.";
	return NULL;
}

/*
 * As numeric compares: 1.0 and 1.00 are equal.
 */
bool
crk_ageing_equal(const CrkAgeingSums *left, const CrkAgeingSums *right)
{
	CrkAgeingSums a = *left;
	CrkAgeingSums b = *right;
	int i;

	if (a.as_of != b.as_of || a.nbounds != b.nbounds ||
		memcmp(a.bounds, b.bounds, a.nbounds * sizeof(int32_t)) != 0)
		return false;
	crk_ageing_reduce(&a);
	crk_ageing_reduce(&b);
	if (a.scale != b.scale)
		return false;
	for (i = 0; i < CRK_AGEING_SLOTS(&a); i++)
	{
		if (a.slot[i].amount != b.slot[i].amount ||
			a.slot[i].items != b.slot[i].items)
			return false;
	}
	return true;
}

/*
 * As sum() over those buckets would show it.
 */
int
crk_ageing_display_scale(const CrkAgeingSums *sums, int first, int last)
{
	int result = 0;

	for (; first <= last; first++)
	{
		if (sums->slot[first].display_scale > result)
			result = sums->slot[first].display_scale;
	}
	return result;
}

/*
 * The labels are part of the text form: never translated.
 */
int
crk_ageing_label(const int32_t *bounds, int nbounds, int slot, char *buffer)
{
	if (slot == 0)
		return snprintf(buffer, CRK_AGEING_LABEL_SIZE, "not due");
	if (slot == nbounds + 2)
		return snprintf(buffer, CRK_AGEING_LABEL_SIZE, "no due date");
	if (slot == nbounds + 1)
		return snprintf(buffer, CRK_AGEING_LABEL_SIZE, ">%d", bounds[nbounds - 1]);
	return snprintf(buffer, CRK_AGEING_LABEL_SIZE, "%d-%d",
					slot == 1 ? 1 : bounds[slot - 2] + 1, bounds[slot - 1]);
}

/*
 * Step over a fixed word.
 */
static bool
skip(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

/*
 * A plain number of days or items; no sign, no leading zero, no overflow.
 */
static bool
parse_integer(const char **text, int64_t limit, int64_t *number)
{
	const char *digits = *text;

	*number = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++)
	{
		if (__builtin_mul_overflow(*number, (int64_t) 10, number) ||
			__builtin_add_overflow(*number, (int64_t) (**text - '0'), number) ||
			*number > limit)
			return false;
	}
	return *text > digits && (*text == digits + 1 || *digits != '0');
}

/*
 * An amount as crk_decimal_to_string() writes it, at the smallest scale that
 * is exact; the decimals written are its display scale.
 */
static const char *
parse_amount(const char **text, crk_int128 *amount, int *scale,
			 int *display_scale)
{
	const char *in = *text;
	bool negative = *in == '-';
	__int128 value = 0;
	int zeros = 0; /* decimals passed over, perhaps significant */
	bool fraction = false;
	const char *start;

	*scale = *display_scale = 0;
	if (negative)
		in++;
	start = in;
	for (;; in++)
	{
		int digit = *in - '0';
		crk_int128 shifted = value;

		if (*in == '.' && !fraction && in > start)
		{
			fraction = true;
			continue;
		}
		if (*in < '0' || *in > '9')
			break;
		if (fraction)
		{
			if (++*display_scale > MAX_DISPLAY_SCALE)
				return "An amount has too many decimals.";
			zeros++;
			if (digit == 0)
				continue;
			if (*scale + zeros > CRK_AGEING_MAX_SCALE)
				return "An amount has more than 30 decimals.";
			*scale += zeros;
		}
		else
			zeros = 1;

		/* Away from zero in the number's own direction: the least value fits. */
		if (!crk_decimal_shift(&shifted, zeros) ||
			__builtin_add_overflow((__int128) shifted,
								   (__int128) (negative ? -digit : digit), &value))
			return "An amount does not fit 128 bits.";
		zeros = 0;
	}
	if (in == start || in[-1] == '.' || (*start == '0' && in > start + 1 && start[1] != '.'))
		return "An amount is expected.";
	if (negative && value == 0)
		return "Zero has no sign.";
	*amount = value;
	*text = in;
	return NULL;
}

/*
 * "not due 1200.00 (3), 1-30 500.00 (2), ... >90 0.00 (0), no due date 5 (1)":
 * the inverse of the output function, and as strict.  The last bucket stands
 * there only if it has items.
 */
const char *
crk_ageing_parse(const char *text, CrkAgeingSums *sums)
{
	int scales[CRK_AGEING_MAX_SLOTS];
	int slot;
	bool open = false; /* the open-ended bucket has been read */
	int i;

	memset(sums->slot, 0, sizeof(sums->slot));
	memset(scales, 0, sizeof(scales));
	sums->nbounds = 0;
	sums->scale = 0;

	for (slot = 0;; slot++)
	{
		CrkAgeingBucket *bucket = &sums->slot[slot];
		const char *error;
		int64_t from;
		int64_t to;

		if (slot == 0)
		{
			if (!skip(&text, "not due "))
				return "The bucket \"not due\" is expected.";
		}
		else if (open)
		{
			if (!skip(&text, "no due date "))
				return "The bucket \"no due date\" is expected.";
		}
		else if (skip(&text, ">"))
		{
			if (!parse_integer(&text, INT32_MAX, &from) || !skip(&text, " ") ||
				slot == 1 || from != sums->bounds[slot - 2])
				return "The open bucket must follow the last bound.";
			open = true;
		}
		else
		{
			if (!parse_integer(&text, INT32_MAX, &from) || !skip(&text, "-") ||
				!parse_integer(&text, INT32_MAX, &to) || !skip(&text, " "))
				return "A bucket's label is expected.";
			if (slot > CRK_AGEING_MAX_BOUNDS)
				return "At most 16 bounds are possible.";
			if (from != (slot == 1 ? 1 : (int64_t) sums->bounds[slot - 2] + 1) || to < from)
				return "Each bucket must begin the day after the one before it.";
			sums->bounds[sums->nbounds++] = (int32_t) to;
		}

		error = parse_amount(&text, &bucket->amount, &scales[slot], &bucket->display_scale);
		if (error != NULL)
			return error;
		if (!skip(&text, " (") || !parse_integer(&text, INT64_MAX, &bucket->items) ||
			!skip(&text, ")"))
			return "A count in parentheses is expected after each amount.";

		/* An empty bucket is shown with the decimals of the others. */
		if (bucket->items == 0 && bucket->amount == 0)
			bucket->display_scale = 0;
		if (scales[slot] > sums->scale)
			sums->scale = scales[slot];
		if (open && slot == sums->nbounds + 2)
		{
			if (bucket->items == 0)
				return "The bucket \"no due date\" stands there only with items.";
			break;
		}
		if (open && *text == '\0')
			break;
		if (!skip(&text, ", "))
			return "The next bucket is expected.";
	}
	if (*text != '\0')
		return "Nothing may follow the last bucket.";

	for (i = 0; i <= slot; i++)
	{
		if (!crk_decimal_shift(&sums->slot[i].amount, sums->scale - scales[i]))
			return "The amounts do not fit 128 bits at one scale.";
	}
	return crk_ageing_check(sums);
}
