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

#include "kernel/decimal.h"

#define CRK_AGEING_VERSION		1
#define CRK_AGEING_MAX_BOUNDS	16
#define CRK_AGEING_MAX_SLOTS	(CRK_AGEING_MAX_BOUNDS + 3)
#define CRK_AGEING_MAX_SCALE	30
#define CRK_AGEING_NO_DUE_DATE	(-1)

/*
 * The scale a new aggregate begins with: on the border of two base-10000
 * digits, where reading costs no division.
 */
#define CRK_AGEING_FIRST_SCALE	4

/* Dates are days since 2000-01-01, as the server has them. */
#define CRK_AGEING_DUE_NEVER	INT32_MAX	/* infinity */
#define CRK_AGEING_DUE_EVER		INT32_MIN	/* -infinity */

/*
 * The stored value, and the state of the aggregate: header, bounds, padding
 * to 8 bytes, then the slots, narrow as long as all of them fit.  With three
 * bounds 120 bytes: memory is what a grouped aggregate waits for.
 *
 * What SQL sees is canonical (narrow if possible, the smallest scale that is
 * exact, padding zero), so that equal values have equal bytes apart from
 * display scales; only inside an aggregate scale and width may be larger.
 */
typedef struct CrkAgeing
{
	int32_t		vl_len_;		/* the server's */
	uint8_t		version;
	uint8_t		wide;			/* 0 or 1 */
	uint8_t		nbounds;
	uint8_t		scale;			/* amounts are integers times 10^-scale */
	int32_t		as_of;
	int32_t		bounds[];
} CrkAgeing;

typedef struct CrkAgeingNarrowSlot
{
	int64_t		amount;
	uint32_t	items;
	uint16_t	display_scale;	/* largest of the amounts added */
	uint16_t	unused;
} CrkAgeingNarrowSlot;

typedef struct CrkAgeingWideSlot
{
	crk_int128	amount;
	int64_t		items;
	uint16_t	display_scale;
	uint16_t	unused[3];
} CrkAgeingWideSlot;

/* The same, unpacked: where all but the fast path works. */
typedef struct CrkAgeingBucket
{
	crk_int128	amount;
	int64_t		items;
	int			display_scale;
} CrkAgeingBucket;

typedef struct CrkAgeingSums
{
	int32_t		as_of;
	int			nbounds;
	int32_t		bounds[CRK_AGEING_MAX_BOUNDS];
	int			scale;
	CrkAgeingBucket slot[CRK_AGEING_MAX_SLOTS];
} CrkAgeingSums;

#define CRK_AGEING_SLOTS(ageing) ((ageing)->nbounds + 3)

static inline size_t
crk_ageing_slots_offset(int nbounds)
{
	return (sizeof(CrkAgeing) + nbounds * sizeof(int32_t) + 7) & ~(size_t) 7;
}

static inline size_t
crk_ageing_size(int nbounds, bool wide)
{
	return crk_ageing_slots_offset(nbounds) + (nbounds + 3) *
		(wide ? sizeof(CrkAgeingWideSlot) : sizeof(CrkAgeingNarrowSlot));
}

static inline void *
crk_ageing_slots(const CrkAgeing *ageing)
{
	return (char *) ageing + crk_ageing_slots_offset(ageing->nbounds);
}

/*
 * The slot of an age in days; the upper bound belongs to the bucket.
 */
static inline int
crk_ageing_slot_of_days(const int32_t *bounds, int nbounds, int32_t days)
{
	int			slot;

	if (days <= 0)
		return 0;
	for (slot = 1; slot <= nbounds; slot++)
	{
		if (days <= bounds[slot - 1])
			break;
	}
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
 * One more amount, in place: true, or false with nothing changed when the
 * value needs another scale or width (or is no amount at all), which
 * crk_ageing_sums_add() finds out.
 */
static inline bool
crk_ageing_add_fast(CrkAgeing *state, int slot, const void *payload,
					size_t length)
{
	crk_int128	value;
	int			display_scale;

	if (crk_decimal_read(payload, length, state->scale, &value,
						 &display_scale) != CRK_DECIMAL_OK)
		return false;
	if (!state->wide)
	{
		CrkAgeingNarrowSlot *narrow = (CrkAgeingNarrowSlot *) crk_ageing_slots(state) + slot;
		int64_t		amount;

		if (value != (int64_t) value || narrow->items == UINT32_MAX ||
			__builtin_add_overflow(narrow->amount, (int64_t) value, &amount))
			return false;
		narrow->amount = amount;
		narrow->items++;
		if (display_scale > narrow->display_scale)
			narrow->display_scale = (uint16_t) display_scale;
	}
	else
	{
		CrkAgeingWideSlot *wide = (CrkAgeingWideSlot *) crk_ageing_slots(state) + slot;

		if (wide->items == INT64_MAX || !crk_decimal_add(&wide->amount, value))
			return false;
		wide->items++;
		if (display_scale > wide->display_scale)
			wide->display_scale = (uint16_t) display_scale;
	}
	return true;
}

/* NULL if the bounds are good, otherwise what is wrong with them. */
extern const char *crk_ageing_check_bounds(const int32_t *bounds, int nbounds);

/* An empty state; the caller has palloc0'ed crk_ageing_size(nbounds, false). */
extern void crk_ageing_init(CrkAgeing *state, int32_t as_of,
							const int32_t *bounds, int nbounds);

/* Is a stored value of this size laid out as its header says? */
extern bool crk_ageing_is_sound(const CrkAgeing *ageing, size_t size);

extern void crk_ageing_unpack(const CrkAgeing *ageing, CrkAgeingSums *sums);

/* Write all but vl_len_; the target has crk_ageing_size(nbounds, wide) bytes. */
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

/* The same in place, where neither scale nor width grows; else false, unchanged. */
extern bool crk_ageing_merge_fast(CrkAgeing *state, const CrkAgeing *other);

/* NULL if the value is possible and canonical, otherwise what is wrong. */
extern const char *crk_ageing_check(const CrkAgeingSums *sums);

/* Same date, bounds, amounts and counts; display scales do not count. */
extern bool crk_ageing_equal(const CrkAgeingSums *left, const CrkAgeingSums *right);

/* Largest display scale of these slots, first and last included. */
extern int	crk_ageing_display_scale(const CrkAgeingSums *sums, int first, int last);

/* `not due`, `1-30`, `>90`, `no due date`: the bucket in that slot. */
#define CRK_AGEING_LABEL_SIZE 32
extern int	crk_ageing_label(const int32_t *bounds, int nbounds, int slot,
							 char *buffer);

/*
 * Read what follows the date in the text form: bounds from the labels, then
 * amounts and counts.  NULL, or what is wrong.
 */
extern const char *crk_ageing_parse(const char *text, CrkAgeingSums *sums);

#endif							/* CRK_KERNEL_AGEING_H */
