/*
 * scorecard.c
 *	  A scorecard compiled to bands and points, and what it says of a row.
 */
#include "kernel/scorecard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The header of a numeric's payload: see decimal.c. */
#define FORM_MASK		  0xC000
#define FORM_NEGATIVE	  0x4000
#define FORM_SHORT		  0x8000
#define FORM_SPECIAL	  0xC000
#define SPECIAL_MASK	  0xF000
#define SPECIAL_NAN		  0xC000
#define SHORT_NEGATIVE	  0x2000
#define SHORT_WEIGHT_SIGN 0x0040
#define SHORT_WEIGHT_MASK 0x003F

#define BASE 10000

#define NARROW_BEYOND (INT64_C(1) << 62)

typedef struct NumericParts
{
	const unsigned char *digits;
	int count;
	int weight;
	bool negative;
} NumericParts;

/*
 * Two bytes at a time: a payload may stand at an odd address.
 */
static inline int
load_int16(const unsigned char *bytes)
{
	int16_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/*
 * Sign, weight and digits; leading and trailing zeros are never stored.
 */
static inline CrkDecimalStatus
take_apart(const void *payload, size_t length, NumericParts *parts)
{
	const unsigned char *bytes = payload;
	unsigned header;

	if (length < 2)
		return CRK_DECIMAL_NAN;
	header = (uint16_t) load_int16(bytes);
	if ((header & FORM_MASK) == FORM_SHORT)
	{
		parts->negative = (header & SHORT_NEGATIVE) != 0;
		parts->weight = header & SHORT_WEIGHT_MASK;
		if (header & SHORT_WEIGHT_SIGN)
			parts->weight -= SHORT_WEIGHT_MASK + 1;
		parts->digits = bytes + 2;
		parts->count = (int) ((length - 2) / 2);
		return CRK_DECIMAL_OK;
	}
	if ((header & FORM_MASK) == FORM_SPECIAL)
		return (header & SPECIAL_MASK) == SPECIAL_NAN ? CRK_DECIMAL_NAN : CRK_DECIMAL_INFINITE;
	if (length < 4)
		return CRK_DECIMAL_NAN;
	parts->negative = (header & FORM_MASK) == FORM_NEGATIVE;
	parts->weight = load_int16(bytes + 2);
	parts->digits = bytes + 4;
	parts->count = (int) ((length - 4) / 2);
	return CRK_DECIMAL_OK;
}

/*
 * The general key, for edges and for what is compared with long ones.
 */
CrkDecimalStatus
crk_score_key(const void *payload, size_t length, int groups, crk_int128 *key)
{
	NumericParts parts;
	CrkDecimalStatus status = take_apart(payload, length, &parts);
	crk_int128 magnitude = 0;
	int whole;

	if (status != CRK_DECIMAL_OK)
		return status;
	whole = parts.weight + 1 + groups;
	if (parts.count == 0)
		*key = 0;
	else if (whole > CRK_KEY_GROUPS)
		*key = parts.negative ? -CRK_KEY_BEYOND : CRK_KEY_BEYOND;
	else
	{
		for (int i = 0; i < whole; i++)
			magnitude = magnitude * BASE + (i < parts.count ? load_int16(parts.digits + 2 * i) : 0);
		magnitude = 2 * magnitude + (parts.count > whole);
		*key = parts.negative ? -magnitude : magnitude;
	}
	return CRK_DECIMAL_OK;
}

/*
 * The same in 64 bits, for nearly every card.
 */
static inline CrkDecimalStatus
narrow_key(const void *payload, size_t length, int groups, int64_t *key)
{
	NumericParts parts;
	CrkDecimalStatus status = take_apart(payload, length, &parts);
	int64_t magnitude = 0;
	int whole;

	if (status != CRK_DECIMAL_OK)
		return status;
	whole = parts.weight + 1 + groups;
	if (parts.count == 0)
		magnitude = 0;
	else if (whole > CRK_KEY_NARROW_GROUPS)
		magnitude = NARROW_BEYOND;
	else
	{
		for (int i = 0; i < whole; i++)
			magnitude = magnitude * BASE + (i < parts.count ? load_int16(parts.digits + 2 * i) : 0);
		magnitude = 2 * magnitude + (parts.count > whole);
	}
	*key = parts.negative ? -magnitude : magnitude;
	return CRK_DECIMAL_OK;
}

/*
 * Bands are few: counting those that begin at or below the key needs no
 * branches that a processor could guess wrong.
 */
static inline int
narrow_band(const CrkCharacteristic *characteristic, int64_t key)
{
	int band = 0;

	for (int i = 0; i < characteristic->bands - 1; i++)
		band += key >= characteristic->narrow[i];
	return band;
}

static int
wide_band(const CrkCharacteristic *characteristic, crk_int128 key)
{
	int band = 0;

	for (int i = 0; i < characteristic->bands - 1; i++)
		band += key >= characteristic->wide[i];
	return band;
}

/*
 * Exactly, whatever the number of digits.
 */
CrkDecimalStatus
crk_score_band_of_numeric(const CrkCharacteristic *characteristic,
						  const void *payload, size_t length, int *band)
{
	CrkDecimalStatus status;

	if (characteristic->narrow != NULL)
	{
		int64_t key = 0;

		status = narrow_key(payload, length, characteristic->groups, &key);
		if (status == CRK_DECIMAL_OK)
			*band = narrow_band(characteristic, key);
	}
	else
	{
		crk_int128 key = 0;

		status = crk_score_key(payload, length, characteristic->groups, &key);
		if (status == CRK_DECIMAL_OK)
			*band = wide_band(characteristic, key);
	}
	return status;
}

/*
 * A double is compared with the doubles nearest to the edges, as SQL does it:
 * 0.1 is not above the edge 0.1.
 */
CrkDecimalStatus
crk_score_band_of_double(const CrkCharacteristic *characteristic, double value, int *band)
{
	int found = 0;

	if (isnan(value))
		return CRK_DECIMAL_NAN;
	if (isinf(value))
		return CRK_DECIMAL_INFINITE;
	for (int i = 0; i < characteristic->bands - 1; i++)
		found += value >= characteristic->doubles[i];
	*band = found;
	return CRK_DECIMAL_OK;
}

/*
 * What does not fit its key is beyond every edge.
 */
int
crk_score_band_of_integer(const CrkCharacteristic *characteristic, int64_t value)
{
	if (characteristic->narrow != NULL)
	{
		int64_t key = 2;
		bool beyond = __builtin_mul_overflow(key, value, &key);

		/* By steps: of more than four groups the factor itself needs more bits. */
		for (int i = 0; i < characteristic->groups; i++)
			beyond |= __builtin_mul_overflow(key, BASE, &key);
		if (beyond)
			key = value < 0 ? -NARROW_BEYOND : NARROW_BEYOND;
		return narrow_band(characteristic, key);
	}
	else
	{
		__int128 key = value;
		__int128 factor = 2;

		for (int i = 0; i < characteristic->groups; i++)
			factor *= BASE;
		if (__builtin_mul_overflow(key, factor, &key))
			key = value < 0 ? -CRK_KEY_BEYOND : CRK_KEY_BEYOND;
		return wide_band(characteristic, key);
	}
}

/*
 * By length first: most words of a list differ in it.
 */
int
crk_score_word_compare(const void *left, const void *right)
{
	const CrkScoreWord *a = left;
	const CrkScoreWord *b = right;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->text, b->text, a->length);
}

/*
 * A word that no group names belongs to the last band.
 */
int
crk_score_band_of_word(const CrkCharacteristic *characteristic, const char *text, int length)
{
	CrkScoreWord word = { text, length, 0 };
	int low = 0;
	int high = characteristic->word_count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		int order = crk_score_word_compare(&word, &characteristic->words[middle]);

		if (order == 0)
			return characteristic->words[middle].band;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return characteristic->bands - 1;
}

static int64_t
power_of_ten(int exponent)
{
	int64_t power = 1;

	for (int i = 0; i < exponent; i++)
		power *= 10;
	return power;
}

/*
 * Coverage counts maxima in a percentage, and in a sum, whose points may be of
 * either sign, the range; where no characteristic tells anything apart, each
 * counts one.
 */
bool
crk_scorecard_finish(CrkScorecard *card, CrkCharacteristic *characteristics,
					 int64_t min_coverage_pct)
{
	__int128 largest = card->base < 0 ? -(__int128) card->base : card->base;
	__int128 cover = 0;
	__int128 least;
	int64_t smallest = 0; /* maximum above zero */

	for (int i = 0; i < card->count; i++)
	{
		CrkCharacteristic *c = &characteristics[i];
		__int128 size;

		c->max = c->min = c->points[0];
		for (int band = 1; band < c->bands; band++)
		{
			c->max = c->points[band] > c->max ? c->points[band] : c->max;
			c->min = c->points[band] < c->min ? c->points[band] : c->min;
		}
		if (c->counts_missing)
		{
			c->max = c->missing > c->max ? c->missing : c->max;
			c->min = c->missing < c->min ? c->missing : c->min;
		}
		size = c->max < 0 ? -(__int128) c->max : c->max;
		if (size < -(__int128) c->min)
			size = -(__int128) c->min;
		largest += size;
		if (largest >= CRK_SCORE_POINTS_LIMIT)
			return false;
		if (c->max > 0 && (smallest == 0 || c->max < smallest))
			smallest = c->max;
		c->cover = card->percent ? c->max : c->max - c->min;
		cover += c->cover;
	}
	if (cover == 0)
	{
		for (int i = 0; i < card->count; i++)
			characteristics[i].cover = 1;
		cover = card->count;
	}
	card->characteristics = characteristics;
	card->cover = cover;
	least = cover * min_coverage_pct;
	card->least_cover = (least + 100 * power_of_ten(CRK_SCORE_DECIMALS) - 1) / (100 * power_of_ten(CRK_SCORE_DECIMALS));
	if (card->percent)
	{
		card->factor = 100 * power_of_ten(card->decimals);
		card->divisor = 0;
		/* what is worst in all, against the least that may be present alone */
		if (smallest > 0 && largest * card->factor / smallest >= CRK_SCORE_POINTS_LIMIT)
			return false;
	}
	else
	{
		card->factor = power_of_ten(card->decimals);
		card->divisor = power_of_ten(card->scale);
	}
	return true;
}

/*
 * Rounded once, as money is.
 */
bool
crk_scorecard_score(const CrkScorecard *card, const CrkScoreSum *sum, int64_t *score)
{
	int64_t divisor = card->percent ? sum->max : card->divisor;
	int64_t points = sum->points + card->base;
	int64_t number;
	__int128 large;

	if (sum->cover < card->least_cover || divisor <= 0)
		return false;
	if (!__builtin_mul_overflow(points, 2 * card->factor, &number) &&
		!__builtin_add_overflow(number, number < 0 ? -divisor : divisor, &number) &&
		divisor < NARROW_BEYOND)
	{
		*score = number / (2 * divisor);
		return true;
	}
	large = (__int128) points * (2 * card->factor);
	large += large < 0 ? -(__int128) divisor : divisor;
	*score = (int64_t) (large / (2 * (__int128) divisor));
	return true;
}

/*
 * Every part is rounded down and the units that are left go to the largest
 * remainders, of equal ones to the earlier: they are never more than the parts
 * that have a remainder, so what contributed nothing gets nothing.
 */
void
crk_scorecard_contributions(const CrkScorecard *card, const int *bands,
							const CrkScoreSum *sum, int64_t score,
							int64_t *contributions, int64_t *scratch)
{
	__int128 divisor = card->percent ? sum->max : card->divisor;
	int64_t left = score;

	for (int i = 0; i <= card->count; i++)
	{
		__int128 part = i < card->count ? crk_score_points(&card->characteristics[i], bands[i]) : card->base;
		__int128 rest;

		part *= card->factor;
		rest = part % divisor;
		part /= divisor;
		if (rest < 0)
		{
			rest += divisor;
			part--;
		}
		contributions[i] = (int64_t) part;
		scratch[i] = (int64_t) rest;
		left -= contributions[i];
	}
	while (left > 0)
	{
		int largest = 0;

		for (int i = 1; i <= card->count; i++)
		{
			if (scratch[i] > scratch[largest])
				largest = i;
		}
		contributions[largest]++;
		scratch[largest] = -1;
		left--;
	}
}

/*
 * Whether a loses more than b: of equal losses, the one that could make more
 * of a difference, then the first by name.
 */
static bool
loses_more(const CrkCharacteristic *a, int64_t loss_a, const CrkCharacteristic *b, int64_t loss_b)
{
	if (loss_a != loss_b)
		return loss_a > loss_b;
	if (a->max - a->min != b->max - b->min)
		return a->max - a->min > b->max - b->min;
	return strcmp(a->name, b->name) < 0;
}

/*
 * Of a percentage, what is absent is out of the maximum too and loses nothing.
 */
void
crk_scorecard_reasons(const CrkScorecard *card, const int *bands, int *ranks)
{
	memset(ranks, 0, sizeof(int) * card->count);
	for (int rank = 1; rank <= CRK_SCORE_REASONS; rank++)
	{
		int worst = -1;
		int64_t worst_loss = 0;

		for (int i = 0; i < card->count; i++)
		{
			const CrkCharacteristic *c = &card->characteristics[i];
			int64_t loss = c->reference - crk_score_points(c, bands[i]);

			if (ranks[i] != 0 || loss <= 0 ||
				(card->percent && !crk_score_present(c, bands[i])))
				continue;
			if (worst < 0 || loses_more(c, loss, &card->characteristics[worst], worst_loss))
			{
				worst = i;
				worst_loss = loss;
			}
		}
		if (worst < 0)
			break;
		ranks[worst] = rank;
	}
}

/*
 * Nearest by bands and not by points: what asks the least of the customer.
 */
bool
crk_scorecard_change(const CrkScorecard *card, int place, int now,
					 const CrkScoreSum *sum, int64_t target, CrkScoreChange *change)
{
	const CrkCharacteristic *c = &card->characteristics[place];
	CrkScoreSum others = *sum;
	bool present = crk_score_present(c, now);
	bool found = false;
	int best_distance = 0;

	if (present)
	{
		others.points -= crk_score_points(c, now);
		others.max -= c->max;
		others.cover -= c->cover;
	}
	for (int band = 0; band < c->bands; band++)
	{
		CrkScoreSum then = others;
		int distance = now == CRK_BAND_MISSING ? 0 : abs(band - now);
		int64_t score;

		if (band == now)
			continue;
		crk_score_add(&then, c, band);
		if (!crk_scorecard_score(card, &then, &score) || score < target)
			continue;
		if (!found || distance < best_distance ||
			(distance == best_distance && c->points[band] < c->points[change->band]))
		{
			found = true;
			best_distance = distance;
			change->place = place;
			change->band = band;
			change->gain = c->points[band] - (present ? crk_score_points(c, now) : 0);
			change->score = score;
		}
	}
	return found;
}

int
crk_score_change_compare(const void *left, const void *right)
{
	const CrkScoreChange *a = left;
	const CrkScoreChange *b = right;

	if (a->gain != b->gain)
		return a->gain < b->gain ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}
