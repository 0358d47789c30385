/*
 * scorecard.c
 *	  Bands without gaps, scores rounded once, parts that add up, and changes as
 *	  good as those of trying everything.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernel/scorecard.h"
#include "tap.h"

#define MOST	   12
#define MOST_BANDS 6
#define MILLION	   INT64_C(1000000)

/* A card, and room for all that it points at. */
typedef struct Room
{
	CrkScorecard card;
	CrkCharacteristic characteristics[MOST];
	int64_t points[MOST][MOST_BANDS];
	int64_t narrow[MOST][MOST_BANDS];
	double doubles[MOST][MOST_BANDS];
	int bands[MOST];
} Room;

static const char *const names[MOST] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };

static Room room;

/* The next of a fixed series of numbers. */
static uint64_t
next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/*
 * The payload of a number in ten-thousandths, as the server stores a numeric.
 */
static size_t
payload_of(int64_t number, unsigned char *payload)
{
	uint16_t parts[6];
	uint16_t header;
	uint64_t rest = number < 0 ? -(uint64_t) number : (uint64_t) number;
	int count = 0;
	int weight;
	int used = 0;
	int low = 0;

	for (; rest > 0; rest /= 10000)
		parts[count++] = (uint16_t) (rest % 10000);
	weight = count == 0 ? 0 : count - 2;
	while (low < count && parts[low] == 0)
		low++;
	header = (uint16_t) (0x8000 | (number < 0 ? 0x2000 : 0) | (weight < 0 ? 0x40 : 0) | (weight & 0x3F));
	memcpy(payload, &header, 2);
	for (int i = count - 1; i >= low; i--)
		memcpy(payload + 2 + 2 * used++, &parts[i], 2);
	return 2 + 2 * (size_t) used;
}

static void
begin_card(int count, bool percent, int decimals, int scale)
{
	memset(&room, 0, sizeof(Room));
	room.card.count = count;
	room.card.percent = percent;
	room.card.decimals = decimals;
	room.card.scale = scale;
	for (int i = 0; i < count; i++)
	{
		room.characteristics[i].name = names[i];
		room.characteristics[i].bands = 2;
		room.characteristics[i].points = room.points[i];
	}
}

static bool
end_card(int64_t min_coverage_pct)
{
	bool fits = crk_scorecard_finish(&room.card, room.characteristics, min_coverage_pct);

	for (int i = 0; i < room.card.count; i++)
		room.characteristics[i].reference = room.characteristics[i].max;
	return fits;
}

static CrkScoreSum
sum_of_row(void)
{
	CrkScoreSum sum = { 0 };

	for (int i = 0; i < room.card.count; i++)
		crk_score_add(&sum, &room.characteristics[i], room.bands[i]);
	return sum;
}

/*
 * INT64_MIN where there is none.
 */
static int64_t
score_of_row(void)
{
	CrkScoreSum sum = sum_of_row();
	int64_t score;

	return crk_scorecard_score(&room.card, &sum, &score) ? score : INT64_MIN;
}

static int
band_of(const CrkCharacteristic *c, int64_t ten_thousandths)
{
	unsigned char payload[16];
	size_t length = payload_of(ten_thousandths, payload);
	int band = -9;

	return crk_score_band_of_numeric(c, payload, length, &band) == CRK_DECIMAL_OK ? band : -8;
}

/*
 * What SQL would say: the edges at or below the value (or below it).
 */
static int
expected_band(const int *edges, int count, int64_t ten_thousandths, bool upper_closed)
{
	int band = 0;

	for (int i = 0; i < count; i++)
		band += upper_closed ? ten_thousandths > INT64_C(10000) * edges[i] : ten_thousandths >= INT64_C(10000) * edges[i];
	return band;
}

/*
 * At each edge and beside it, whatever the type and the width of the keys.
 */
static void
check_bands(bool upper_closed, bool wide)
{
	static const int edges[] = { -30, 0, 5, 15, 9999 };
	static crk_int128 keys[5];
	CrkCharacteristic *c = &room.characteristics[0];
	int wrong = 0;
	int wrong_integer = 0;
	int wrong_double = 0;
	int band;

	begin_card(1, true, 2, 0);
	for (int i = 0; i < 5; i++)
	{
		keys[i] = room.narrow[0][i] = 2 * edges[i] + (upper_closed ? 1 : 0);
		room.doubles[0][i] = upper_closed ? nextafter(edges[i], INFINITY) : edges[i];
	}
	c->bands = 6;
	c->doubles = room.doubles[0];
	c->wide = wide ? keys : NULL;
	c->narrow = wide ? NULL : room.narrow[0];
	for (int i = 0; i < 5; i++)
	{
		for (int beside = -1; beside <= 1; beside++)
		{
			int64_t fine = INT64_C(10000) * edges[i] + beside;
			int whole = edges[i] + beside;
			double value = beside == 0 ? edges[i] : nextafter(edges[i], beside * INFINITY);

			wrong += band_of(c, fine) != expected_band(edges, 5, fine, upper_closed);
			wrong_integer += crk_score_band_of_integer(c, whole) != expected_band(edges, 5, INT64_C(10000) * whole, upper_closed);
			if (crk_score_band_of_double(c, value, &band) != CRK_DECIMAL_OK ||
				band != expected_band(edges, 5, fine, upper_closed))
				wrong_double++;
		}
	}
	ok(wrong == 0, "upper_closed %d, wide %d: numerics at an edge and a ten-thousandth beside it", upper_closed, wide);
	ok(wrong_integer == 0, "upper_closed %d, wide %d: integers at an edge and one beside it", upper_closed, wide);
	ok(wrong_double == 0, "upper_closed %d, wide %d: doubles at an edge and the next beside it", upper_closed, wide);
	ok(crk_score_band_of_integer(c, INT64_MIN) == 0 && crk_score_band_of_integer(c, INT64_MAX) == 5,
	   "upper_closed %d, wide %d: the largest integers are beyond every edge", upper_closed, wide);
	ok(crk_score_band_of_double(c, NAN, &band) == CRK_DECIMAL_NAN &&
		   crk_score_band_of_double(c, INFINITY, &band) == CRK_DECIMAL_INFINITE &&
		   crk_score_band_of_double(c, -DBL_MAX, &band) == CRK_DECIMAL_OK && band == 0 &&
		   crk_score_band_of_double(c, DBL_MAX, &band) == CRK_DECIMAL_OK && band == 5,
	   "upper_closed %d, wide %d: no NaN, no infinity, the largest doubles", upper_closed, wide);
}

/*
 * An edge as fine as a key can be, in 64 bits.
 */
static void
check_fine_edges(void)
{
	CrkCharacteristic *c = &room.characteristics[0];

	for (int groups = 0; groups <= 8; groups++)
	{
		int wrong = 0;

		begin_card(1, true, 2, 0);
		room.narrow[0][0] = 2 + 1; /* 10000^-groups, upper_closed */
		c->groups = groups;
		c->narrow = room.narrow[0];
		for (int64_t value = -3; value <= 3; value++)
			wrong += crk_score_band_of_integer(c, value) != (groups == 0 ? value > 1 : value > 0);
		wrong += crk_score_band_of_integer(c, INT64_MAX) != 1;
		wrong += crk_score_band_of_integer(c, INT64_MIN) != 0;
		ok(wrong == 0, "integers against an edge of %d decimals", 4 * groups);
	}
}

static void
check_words(void)
{
	static const CrkScoreWord words[] = { { "SA", 2, 0 }, { "SAS", 3, 0 }, { "SARL", 4, 1 } };
	CrkCharacteristic c = { .bands = 3, .words = words, .word_count = 3 };

	ok(crk_score_band_of_word(&c, "SA", 2) == 0 && crk_score_band_of_word(&c, "SASX", 3) == 0 &&
		   crk_score_band_of_word(&c, "SARL", 4) == 1,
	   "words of the groups");
	ok(crk_score_band_of_word(&c, "GIE", 3) == 2 && crk_score_band_of_word(&c, "", 0) == 2 &&
		   crk_score_band_of_word(&c, "sa", 2) == 2 && crk_score_band_of_word(&c, "SARL ", 5) == 2,
	   "any other word, none, in small letters, with a blank");
	c.word_count = 0;
	c.bands = 1;
	ok(crk_score_band_of_word(&c, "SA", 2) == 0, "no groups at all");
}

/*
 * Left out of points and maximum, or with points of its own.
 */
static void
check_missing(void)
{
	CrkCharacteristic *second = &room.characteristics[1];

	begin_card(2, true, 2, 0);
	room.points[0][1] = 10;
	room.points[1][1] = 30;
	room.bands[0] = 1;
	room.bands[1] = CRK_BAND_MISSING;
	end_card(0);
	ok(score_of_row() == 10000 && sum_of_row().max == 10, "missing: out of the maximum");
	second->counts_missing = true;
	second->missing = 6;
	end_card(0);
	ok(score_of_row() == 4000, "missing: 6 points, of the whole maximum");
	second->missing = 50;
	end_card(0);
	ok(second->max == 50, "missing may be the best there is");
	second->counts_missing = false;
	room.bands[0] = CRK_BAND_MISSING;
	end_card(0);
	ok(score_of_row() == INT64_MIN, "all is missing: no score, even without a least coverage");
}

/*
 * Half away from zero: points of half a unit, and next to it.
 */
static void
check_rounding(void)
{
	static const int points[] = { 49, 50, 51, 149, 150, 151, 250, 0 };
	static const int rounded[] = { 0, 1, 1, 1, 2, 2, 3, 0 };
	int64_t units = 100;

	for (int decimals = 0; decimals <= CRK_SCORE_DECIMALS; decimals++, units *= 10)
	{
		int wrong = 0;

		for (int i = 0; i < 16; i++)
		{
			int sign = i % 2 == 0 ? 1 : -1;

			begin_card(1, false, decimals, decimals + 2);
			room.points[0][0] = sign * points[i / 2];
			end_card(0);
			wrong += score_of_row() != sign * rounded[i / 2];
		}
		ok(wrong == 0, "a sum with %d decimals: half away from zero, on both sides", decimals);

		wrong = 0;
		for (int of = 1; of <= 200; of++)
		{
			for (int have = 0; have <= of; have++)
			{
				begin_card(1, true, decimals, 0);
				room.points[0][0] = have;
				room.points[0][1] = of;
				end_card(0);
				wrong += score_of_row() != (2 * have * units + of) / (2 * of);
			}
		}
		ok(wrong == 0, "a percentage with %d decimals: every fraction of up to 200 points", decimals);
	}
	begin_card(2, false, 2, 4);
	room.card.base = 4871200;
	room.points[0][0] = -75000;
	room.points[1][1] = 185185;
	room.bands[1] = 1;
	end_card(0);
	ok(score_of_row() == 49814, "a sum: base and points, rounded once");
}

/*
 * Exactly at the least coverage it is a score; a millionth of a percent above
 * it is none.
 */
static void
check_coverage(void)
{
	begin_card(2, true, 2, 0);
	room.points[0][1] = 1;
	room.points[1][1] = 3;
	room.bands[1] = CRK_BAND_MISSING;
	end_card(25 * MILLION);
	ok(score_of_row() == 0, "a quarter is present, and a quarter is enough");
	end_card(25 * MILLION + 1);
	ok(score_of_row() == INT64_MIN, "a millionth of a percent more is not");
	end_card(100 * MILLION);
	room.bands[1] = 0;
	ok(score_of_row() == 0, "all present, 100 asked for");

	begin_card(3, false, 0, 0);
	room.bands[0] = room.bands[1] = CRK_BAND_MISSING;
	end_card(33 * MILLION);
	ok(sum_of_row().cover == 1 && room.card.cover == 3 && score_of_row() == 0, "characteristics without any points count one each");
	end_card(34 * MILLION);
	ok(score_of_row() == INT64_MIN, "a third is less than 34 percent");
}

/*
 * A card of up to so many characteristics, and a row of it.
 */
static void
random_card(uint64_t *seed, int most, int range)
{
	bool percent = next(seed) % 2 == 0;
	int decimals = (int) (next(seed) % 7);
	int finer = (int) (next(seed) % 5);

	begin_card(1 + (int) (next(seed) % most), percent, decimals, decimals + finer);
	if (!percent)
		room.card.base = (int64_t) (next(seed) % range) - range / 2;
	for (int i = 0; i < room.card.count; i++)
	{
		CrkCharacteristic *c = &room.characteristics[i];

		c->bands = 1 + (int) (next(seed) % MOST_BANDS);
		for (int band = 0; band < c->bands; band++)
			room.points[i][band] = (int64_t) (next(seed) % range) - (percent ? 0 : range / 2);
		c->counts_missing = next(seed) % 4 == 0;
		c->missing = c->counts_missing ? (int64_t) (next(seed) % range) : 0;
		room.bands[i] = next(seed) % 4 == 0 ? CRK_BAND_MISSING : (int) (next(seed) % c->bands);
	}
	end_card((int64_t) (next(seed) % 3) * 20 * MILLION);
}

/*
 * The law of largest remainder: to the unit, and no part further from its own
 * value than one.
 */
static void
check_contributions(void)
{
	uint64_t seed = 6;
	int scored = 0;
	int wrong = 0;
	int far = 0;
	int gifts = 0;

	for (int n = 0; n < 20000; n++)
	{
		int64_t parts[MOST + 1];
		int64_t scratch[MOST + 1];
		int64_t total = 0;
		int64_t score;
		CrkScoreSum sum;

		random_card(&seed, MOST, n % 2 == 0 ? 100 : 1000000);
		sum = sum_of_row();
		if (!crk_scorecard_score(&room.card, &sum, &score))
			continue;
		scored++;
		crk_scorecard_contributions(&room.card, room.bands, &sum, score, parts, scratch);
		for (int i = 0; i <= room.card.count; i++)
		{
			int64_t points = i < room.card.count ? crk_score_points(&room.characteristics[i], room.bands[i]) : room.card.base;
			__int128 divisor = room.card.percent ? sum.max : room.card.divisor;
			__int128 error = (__int128) parts[i] * divisor - (__int128) points * room.card.factor;

			total += parts[i];
			far += error >= divisor || error <= -divisor;
			gifts += points == 0 && parts[i] != 0;
		}
		wrong += total != score;
	}
	ok(scored > 10000, "%d random cards have a score", scored);
	ok(wrong == 0, "their contributions add up to it, each time");
	ok(far == 0, "no contribution is a unit or more from its exact value");
	ok(gifts == 0, "what has no points contributes nothing");
}

/*
 * Every band of one characteristic, each scored from nothing.
 */
static bool
try_everything(int place, int64_t target, CrkScoreChange *best)
{
	const CrkCharacteristic *c = &room.characteristics[place];
	int now = room.bands[place];
	int64_t have = crk_score_present(c, now) ? crk_score_points(c, now) : 0;
	bool found = false;
	int nearest = 0;

	for (int band = 0; band < c->bands; band++)
	{
		int distance = now < 0 ? 0 : abs(band - now);
		int64_t score;

		room.bands[place] = band;
		score = score_of_row();
		room.bands[place] = now;
		if (band == now || score == INT64_MIN || score < target)
			continue;
		if (!found || distance < nearest || (distance == nearest && c->points[band] - have < best->gain))
		{
			CrkScoreChange change = { place, band, c->points[band] - have, score };

			*best = change;
			nearest = distance;
			found = true;
		}
	}
	return found;
}

static void
check_changes(void)
{
	static const CrkScoreChange a = { 0, 1, 5, 9 };
	static const CrkScoreChange b = { 1, 1, 5, 9 };
	static const CrkScoreChange c = { 2, 1, 4, 9 };
	uint64_t seed = 42;
	int many = 0;
	int wrong = 0;

	for (int n = 0; n < 20000; n++)
	{
		CrkScoreSum sum;
		int64_t target;

		random_card(&seed, 4, 12);
		sum = sum_of_row();
		if (!crk_scorecard_score(&room.card, &sum, &target))
			target = 0;
		target += 1 + (int64_t) (next(&seed) % 3) * (target < 0 ? -target : target) / 4;
		for (int i = 0; i < room.card.count; i++)
		{
			CrkScoreChange have = { 0 };
			CrkScoreChange want = { 0 };
			bool found = crk_scorecard_change(&room.card, i, room.bands[i], &sum, target, &have);

			wrong += found != try_everything(i, target, &want) || have.place != want.place || have.band != want.band ||
					 have.gain != want.gain || have.score != want.score;
			many += found;
		}
	}
	ok(many > 5000 && wrong == 0, "%d changes of random cards are those of trying everything", many);
	ok(crk_score_change_compare(&a, &b) < 0 && crk_score_change_compare(&c, &a) < 0 &&
		   crk_score_change_compare(&b, &a) > 0 && crk_score_change_compare(&a, &a) == 0,
	   "the smallest gain first, of equal ones the first place");
}

static void
check_reasons(void)
{
	int ranks[MOST];
	int any = 0;

	begin_card(6, true, 2, 0);
	for (int i = 0; i < 6; i++)
		room.points[i][1] = i < 2 ? 5 : i;
	room.characteristics[0].name = "z";
	room.bands[5] = CRK_BAND_MISSING;
	end_card(0);
	crk_scorecard_reasons(&room.card, room.bands, ranks);
	ok(ranks[0] == 2 && ranks[1] == 1 && ranks[4] == 3 && ranks[3] == 4 && ranks[2] == 0 && ranks[5] == 0,
	   "reasons: largest loss first, of equal ones the first by name, four at most, nothing for what is left out");
	for (int i = 0; i < 6; i++)
		room.bands[i] = 1;
	crk_scorecard_reasons(&room.card, room.bands, ranks);
	for (int i = 0; i < 6; i++)
		any += ranks[i];
	ok(any == 0, "no reasons for the best there is");
}

static void
check_limits(void)
{
	begin_card(2, false, 0, 0);
	room.points[0][0] = CRK_SCORE_POINTS_LIMIT - 1;
	ok(end_card(0) && score_of_row() == CRK_SCORE_POINTS_LIMIT - 1, "the largest points, to the last digit");
	room.points[0][0] = -(CRK_SCORE_POINTS_LIMIT - 1);
	ok(end_card(100 * MILLION) && score_of_row() == -(CRK_SCORE_POINTS_LIMIT - 1), "and below zero, all of them asked for");
	room.points[1][1] = 1;
	ok(!end_card(0), "one point more in all is too much");
	room.points[1][1] = 0;
	room.card.base = -1;
	ok(!end_card(0), "or in the base");

	begin_card(2, true, 6, 0);
	room.points[0][1] = 1;
	room.points[1][1] = INT64_C(20000000000);
	room.bands[0] = room.bands[1] = 1;
	ok(end_card(0) && score_of_row() == 100 * MILLION, "a percentage with 6 decimals: one point and 2 * 10^10");
	room.points[1][0] = INT64_C(-30000000000);
	ok(!end_card(0), "what could make a score of too many digits is refused");
}

int
main(void)
{
	for (int i = 0; i < 4; i++)
		check_bands(i % 2 != 0, i / 2 != 0);
	check_fine_edges();
	check_words();
	check_missing();
	check_rounding();
	check_coverage();
	check_contributions();
	check_changes();
	check_reasons();
	check_limits();
	return finish_tests();
}
