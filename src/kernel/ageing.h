/*
 * ageing.h
 *	  The aged balance: exact amounts and counts per bucket of days overdue.
 *
 * Like decimal.h, nothing here knows of the server.  A value is aged as of one
 * date by ascending bounds; bounds {30,60,90} make the buckets
 *
 *		bucket	 0		1		2		3		4	  -1
 *		slot	 0		1		2		3		4	   5
 *			not due	  1-30	31-60	61-90	 >90  no due date
 *
 * A bucket's number is what users see, a slot its place in our arrays.
 */
#ifndef CRK_KERNEL_AGEING_H
#define CRK_KERNEL_AGEING_H

#include <string.h>

#include "kernel/decimal.h"

#define CRK_AGEING_VERSION	   1
#define CRK_AGEING_MAX_BOUNDS  16
#define CRK_AGEING_MAX_SLOTS   (CRK_AGEING_MAX_BOUNDS + 3)
#define CRK_AGEING_MAX_SCALE   30
#define CRK_AGEING_NO_DUE_DATE (-1)

/*
 * The scale a new aggregate begins with: on the border of two base-10000
 * digits, where reading costs no division.
 */
#define CRK_AGEING_FIRST_SCALE 4

/* Dates are days since 2000-01-01, as the server has them. */
#define CRK_AGEING_DUE_NEVER INT32_MAX /* infinity */
#define CRK_AGEING_DUE_EVER	 INT32_MIN /* -infinity */

/* The bounds of an ageing that was given none. */
#define CRK_AGEING_STANDARD_NBOUNDS 3
extern const int32_t crk_ageing_standard_bounds[CRK_AGEING_STANDARD_NBOUNDS];

/*
 * The stored value, and the state of the aggregate: header, bounds unless they
 * are the standard ones, padding to 8 bytes, then the slots, narrow as long as
 * all of them fit.  64 bytes with the standard bounds: memory is what a
 * grouped aggregate waits for.
 *
 * What SQL sees is canonical (narrow if possible, the smallest scale that is
 * exact, padding zero), so that equal values have equal bytes apart from
 * display scales; only inside an aggregate scale and width may be larger.
 */
typedef struct CrkAgeing
{
	int32_t vl_len_; /* the server's */
	uint8_t version;
	uint8_t form; /* bits below */
	uint8_t nbounds;
	uint8_t scale; /* amounts are integers times 10^-scale */
	int32_t as_of;
	int32_t bounds[];
} CrkAgeing;

#define CRK_AGEING_WIDE		1 /* wide slots */
#define CRK_AGEING_STANDARD 2 /* the standard bounds, not stored */

/*
 * A narrow slot: 48 bits of amount, 13 of items, 3 of display scale.  One
 * addition then does for amount and count.
 */
typedef int64_t CrkAgeingNarrowSlot;

#define CRK_NARROW_AMOUNT_UNIT		   (INT64_C(1) << 16)
#define CRK_NARROW_ITEM_UNIT		   (INT64_C(1) << 3)
#define CRK_NARROW_MAX_ITEMS		   0x1FFF
#define CRK_NARROW_MAX_DISPLAY_SCALE   7
#define CRK_NARROW_AMOUNT(slot)		   ((slot) >> 16)
#define CRK_NARROW_ITEMS(slot)		   ((slot) >> 3 & CRK_NARROW_MAX_ITEMS)
#define CRK_NARROW_DISPLAY_SCALE(slot) ((int) ((slot) &INT64_C(7)))
#define CRK_NARROW_FITS(amount) \
	((amount) >= -(INT64_C(1) << 47) && (amount) < INT64_C(1) << 47)

typedef struct CrkAgeingWideSlot
{
	crk_int128 amount;
	int64_t items;
	uint16_t display_scale; /* largest of the amounts added */
	uint16_t unused[3];
} CrkAgeingWideSlot;

/* The same, unpacked: where all but the fast path works. */
typedef struct CrkAgeingBucket
{
	crk_int128 amount;
	int64_t items;
	int display_scale;
} CrkAgeingBucket;

typedef struct CrkAgeingSums
{
	int32_t as_of;
	int nbounds;
	int32_t bounds[CRK_AGEING_MAX_BOUNDS];
	int scale;
	CrkAgeingBucket slot[CRK_AGEING_MAX_SLOTS];
} CrkAgeingSums;

#define CRK_AGEING_SLOTS(ageing) ((ageing)->nbounds + 3)

static inline size_t
crk_ageing_slots_offset(int nbounds, int form)
{
	size_t offset = sizeof(CrkAgeing);

	if (!(form & CRK_AGEING_STANDARD))
		offset += nbounds * sizeof(int32_t);
	return (offset + 7) & ~(size_t) 7;
}

static inline size_t
crk_ageing_size(int nbounds, int form)
{
	size_t slot = form & CRK_AGEING_WIDE ? sizeof(CrkAgeingWideSlot) : sizeof(CrkAgeingNarrowSlot);

	return crk_ageing_slots_offset(nbounds, form) + (nbounds + 3) * slot;
}

static inline void *
crk_ageing_slots(const CrkAgeing *ageing)
{
	return (char *) ageing + crk_ageing_slots_offset(ageing->nbounds, ageing->form);
}

static inline const int32_t *
crk_ageing_bounds(const CrkAgeing *ageing)
{
	return ageing->form & CRK_AGEING_STANDARD ? crk_ageing_standard_bounds : ageing->bounds;
}

/* The form of an ageing with these bounds. */
static inline int
crk_ageing_form(const int32_t *bounds, int nbounds, bool wide)
{
	int form = wide ? CRK_AGEING_WIDE : 0;

	if (nbounds == CRK_AGEING_STANDARD_NBOUNDS &&
		memcmp(bounds, crk_ageing_standard_bounds, sizeof(crk_ageing_standard_bounds)) == 0)
		form |= CRK_AGEING_STANDARD;
	return form;
}

/*
 * The slot of an age in days; the upper bound belongs to the bucket.  All
 * bounds are compared, for a branch on random days costs more than that.
 */
static inline int
crk_ageing_slot_of_days(const int32_t *bounds, int nbounds, int32_t days)
{
	int slot = days > 0;
	int i;

	for (i = 0; i < nbounds; i++)
		slot += days > bounds[i];
	return slot;
}

/*
 * The slot of a due date.  The difference of two finite dates of the server
 * fits an int32.
 */
static inline int
crk_ageing_slot_of_date(const int32_t *bounds, int nbounds, int32_t due_date,
						int32_t as_of)
{
	if (due_date == CRK_AGEING_DUE_NEVER)
		return 0;
	if (due_date == CRK_AGEING_DUE_EVER)
		return nbounds + 1;
	return crk_ageing_slot_of_days(bounds, nbounds, as_of - due_date);
}

/*
 * The commonest amounts: short form, at most four base-10000 digits, of which
 * at most one after the point.  True, and *value is the number times 10^4
 * (CRK_AGEING_FIRST_SCALE); false says nothing but that crk_decimal_read()
 * must look.  A few instructions in line, where a call would double them.
 */
static inline bool
crk_ageing_read_common(const void *payload, size_t length, int64_t *value,
					   int *display_scale)
{
	static const int64_t power[4] = { 1, 10000, 100000000, INT64_C(1000000000000) };
	const unsigned char *bytes = payload;
	int64_t number = 0;
	int digits; /* base-10000 digits that are stored */
	int places; /* and those that they and the zeros not stored fill */
	int i;
	uint16_t header;
	uint16_t digit;

	memcpy(&header, bytes, sizeof(header));
	if ((header & 0xC000) != 0x8000 || length > 10)
		return false;

	/* The weight is the low seven bits, sign-extended. */
	digits = (int) (length - 2) / 2;
	places = (int) ((header & 0x7F) ^ 0x40) - 0x40 + 2;
	if (places < digits || places > 4)
		return false;

	/* How many digits there are is not to be predicted: no branch depends on it. */
	if (digits > 0)
	{
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
		{
			int stored = -(i < digits);

			memcpy(&digit, bytes + 2 + (2 * i & stored), sizeof(digit));
			number += (digit & stored) * power[(places - 1 - i) & stored];
		}
	}
	*value = header & 0x2000 ? -number : number;
	*display_scale = (header & 0x1F80) >> 7;
	return true;
}

/*
 * One more of the commonest amounts, in place, at the scale a state begins
 * with: true, or false with nothing changed when crk_ageing_add_wide() must look.
 *
 * slots is passed beside the state: where the caller knows it without having
 * seen the header, the processor can fetch both at once, and in a grouped
 * aggregate both have to come from far away.
 */
static inline __attribute__((always_inline)) bool
crk_ageing_add_common(CrkAgeing *state, void *slots, int slot,
					  const void *payload, size_t length)
{
	int64_t value;
	int display_scale;

	if (state->scale != CRK_AGEING_FIRST_SCALE ||
		!crk_ageing_read_common(payload, length, &value, &display_scale))
		return false;
	if (state->form & CRK_AGEING_WIDE)
	{
		CrkAgeingWideSlot *wide = (CrkAgeingWideSlot *) slots + slot;
		__int128 sum;

		if (wide->items == INT64_MAX ||
			__builtin_add_overflow((__int128) wide->amount, (__int128) value, &sum))
			return false;
		wide->amount = sum;
		wide->items++;
		if (display_scale > wide->display_scale)
			wide->display_scale = (uint16_t) display_scale;
	}
	else
	{
		CrkAgeingNarrowSlot *narrow = (CrkAgeingNarrowSlot *) slots + slot;
		int64_t sum;

		if (!CRK_NARROW_FITS(value) ||
			CRK_NARROW_ITEMS(*narrow) == CRK_NARROW_MAX_ITEMS ||
			display_scale > CRK_NARROW_MAX_DISPLAY_SCALE ||
			__builtin_add_overflow(*narrow, value * CRK_NARROW_AMOUNT_UNIT + CRK_NARROW_ITEM_UNIT, &sum))
			return false;
		if (display_scale > CRK_NARROW_DISPLAY_SCALE(sum))
			sum += display_scale - CRK_NARROW_DISPLAY_SCALE(sum);
		*narrow = sum;
	}
	return true;
}

/*
 * The same for any amount, in a wide state: false, with nothing changed, when
 * it needs another scale (or is no amount at all), which
 * crk_ageing_sums_add() finds out.
 */
extern bool crk_ageing_add_wide(CrkAgeing *state, int slot, const void *payload,
								size_t length);

/* NULL if the bounds are good, otherwise what is wrong with them. */
extern const char *crk_ageing_check_bounds(const int32_t *bounds, int nbounds);

/*
 * An empty narrow state; the caller has zeroed the crk_ageing_size() of it but
 * for vl_len_.
 */
extern void crk_ageing_init(CrkAgeing *state, int32_t as_of,
							const int32_t *bounds, int nbounds);

/* Is a stored value of this size laid out as its header says? */
extern bool crk_ageing_is_sound(const CrkAgeing *ageing, size_t size);

extern void crk_ageing_unpack(const CrkAgeing *ageing, CrkAgeingSums *sums);

/* Write all but vl_len_; the target has the crk_ageing_size() of the form. */
extern bool crk_ageing_fits_narrow(const CrkAgeingSums *sums);
extern void crk_ageing_pack(const CrkAgeingSums *sums, bool wide,
							CrkAgeing *ageing);

/* Bring the amounts to the smallest scale that is exact. */
extern void crk_ageing_reduce(CrkAgeingSums *sums);

/*
 * One more amount (sign 1) or one less (sign -1), rescaling as needed: an
 * error only when the exact sum does not fit 128 bits, and then nothing is
 * changed.  On success *display_scale is that of the amount; the caller keeps
 * the slot's.
 */
extern CrkDecimalStatus crk_ageing_sums_add(CrkAgeingSums *sums, int slot,
											const void *payload, size_t length,
											int sign, int *display_scale);

/* sums += other (of the same date and bounds); false on overflow. */
extern bool crk_ageing_sums_merge(CrkAgeingSums *sums, const CrkAgeingSums *other);

/* The same in place, for narrow values at one scale; else false, unchanged. */
extern bool crk_ageing_merge_fast(CrkAgeing *state, const CrkAgeing *other);

/* NULL if the value is possible and canonical, otherwise what is wrong. */
extern const char *crk_ageing_check(const CrkAgeingSums *sums);

/* Same date, bounds, amounts and counts; display scales do not count. */
extern bool crk_ageing_equal(const CrkAgeingSums *left, const CrkAgeingSums *right);

/* Largest display scale of these slots, first and last included. */
extern int crk_ageing_display_scale(const CrkAgeingSums *sums, int first, int last);

/* `not due`, `1-30`, `>90`, `no due date`: the bucket in that slot. */
#define CRK_AGEING_LABEL_SIZE 32
extern int crk_ageing_label(const int32_t *bounds, int nbounds, int slot,
							char *buffer);

/*
 * Read what follows the date in the text form: bounds from the labels, then
 * amounts and counts.  NULL, or what is wrong.
 */
extern const char *crk_ageing_parse(const char *text, CrkAgeingSums *sums);

#endif /* CRK_KERNEL_AGEING_H */
