/*
 * decimal.c
 *	  The exact decimal kernel against a schoolbook of its own.
 *
 * Payloads are written here from decimal text by the format's definition;
 * expected values are kept as text, so that no 128-bit arithmetic judges
 * itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/decimal.h"
#include "tap.h"

#define INT128_MAX_TEXT "170141183460469231731687303715884105727"
#define INT128_MIN_TEXT "-170141183460469231731687303715884105728"

static void
put(unsigned char *payload, size_t *length, int word)
{
	uint16_t bits = (uint16_t) word;

	memcpy(payload + *length, &bits, 2);
	*length += 2;
}

/*
 * Plain decimal text to a numeric's payload, short form where it fits unless
 * the long form is asked for.
 */
static size_t
encode(const char *text, bool longform, unsigned char *payload)
{
	bool negative = *text == '-';
	const char *point;
	char digits[1200];
	int integers,
		decimals,
		pad,
		groups,
		first = 0,
		last,
		weight,
		i;
	size_t length = 0;

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
	weight = (pad + integers) / 4 - 1;
	last = groups;
	while (first < last && memcmp(digits + 4 * first, "0000", 4) == 0)
	{
		first++;
		weight--;
	}
	while (last > first && memcmp(digits + 4 * (last - 1), "0000", 4) == 0)
		last--;
	if (first == last)
	{
		weight = 0;
		negative = false;
	}
	if (!longform && decimals <= 63 && weight >= -64 && weight <= 63)
		put(payload, &length, 0x8000 | (negative ? 0x2000 : 0) | decimals << 7 | (weight < 0 ? 0x40 : 0) | (weight & 0x3F));
	else
	{
		put(payload, &length, (negative ? 0x4000 : 0) | decimals);
		put(payload, &length, weight);
	}
	for (i = first; i < last; i++)
		put(payload, &length, (digits[4 * i] - '0') * 1000 + (digits[4 * i + 1] - '0') * 100 + (digits[4 * i + 2] - '0') * 10 + (digits[4 * i + 3] - '0'));
	return length;
}

/* Read text at this scale, through an exact-sized heap copy at an odd address. */
static CrkDecimalStatus
read_text(const char *text, int scale, bool longform, crk_int128 *value, int *display_scale)
{
	unsigned char payload[2400];
	size_t length = encode(text, longform, payload);
	unsigned char *copy = malloc(length + 1);
	CrkDecimalStatus status;

	memcpy(copy + 1, payload, length);
	status = crk_decimal_read(copy + 1, length, scale, value, display_scale);
	free(copy);
	return status;
}

/* The value must come out as this integer, and go back to the text it was. */
static void
good(const char *text, int scale, const char *integer, int display_scale)
{
	int longform;

	for (longform = 0; longform < 2; longform++)
	{
		crk_int128 value = 7;
		int seen = -1;
		char string[CRK_DECIMAL_STRING_SIZE] = "";
		char back[CRK_DECIMAL_STRING_SIZE] = "";
		CrkDecimalStatus status = read_text(text, scale, longform, &value, &seen);

		if (status == CRK_DECIMAL_OK)
		{
			crk_decimal_to_string(value, 0, 0, string);
			if (display_scale <= 30)
				crk_decimal_to_string(value, scale, display_scale, back);
			else
				snprintf(back, sizeof(back), "%s", text); /* too wide for the buffer */
		}
		ok(status == CRK_DECIMAL_OK && strcmp(string, integer) == 0 &&
			   seen == display_scale && strncmp(back, text, sizeof(back) - 1) == 0,
		   "%.60s at scale %d (%s form) is %s: status %d, %s, display scale %d, back %s",
		   text, scale, longform ? "long" : "short", integer, status, string, seen, back);
	}
}

static void
bad(const char *text, int scale, CrkDecimalStatus expected)
{
	int longform;

	for (longform = 0; longform < 2; longform++)
	{
		crk_int128 value = 7;
		int seen = -1;
		CrkDecimalStatus status = read_text(text, scale, longform, &value, &seen);

		ok(status == expected && value == 7, "%.60s at scale %d is refused with %d: %d",
		   text, scale, expected, status);
	}
}

static void
header(int word, CrkDecimalStatus expected, const char *name)
{
	unsigned char payload[2];
	size_t length = 0;
	crk_int128 value;
	int display_scale;

	put(payload, &length, word);
	ok(crk_decimal_read(payload, length, 2, &value, &display_scale) == expected, "%s", name);
}

static void
string(const char *integer, int scale, int display_scale, const char *expected)
{
	crk_int128 value;
	int ignored;
	char buffer[CRK_DECIMAL_STRING_SIZE];
	int length;

	read_text(integer, 0, false, &value, &ignored);
	memset(buffer, 'x', sizeof(buffer));
	length = crk_decimal_to_string(value, scale, display_scale, buffer);
	ok(strcmp(buffer, expected) == 0 && length == (int) strlen(expected),
	   "%s at scale %d, %d decimals: %s", integer, scale, display_scale, buffer);
}

static void
shift(const char *integer, int digits, const char *expected)
{
	crk_int128 value;
	int ignored;
	char buffer[CRK_DECIMAL_STRING_SIZE] = "overflow";
	bool done;

	read_text(integer, 0, false, &value, &ignored);
	done = crk_decimal_shift(&value, digits);
	crk_decimal_to_string(value, 0, 0, buffer);
	ok(done == (expected != NULL) && strcmp(buffer, expected ? expected : integer) == 0,
	   "%s shifted by %d: %s", integer, digits, expected ? expected : "overflow, unchanged");
}

static void
add(const char *left, const char *right, const char *expected)
{
	crk_int128 sum,
		value;
	int ignored;
	char buffer[CRK_DECIMAL_STRING_SIZE];
	bool done;

	read_text(left, 0, false, &sum, &ignored);
	read_text(right, 0, false, &value, &ignored);
	done = crk_decimal_add(&sum, value);
	crk_decimal_to_string(sum, 0, 0, buffer);
	ok(done == (expected != NULL) && strcmp(buffer, expected ? expected : left) == 0,
	   "%s + %s: %s", left, right, expected ? expected : "overflow, unchanged");
}

static uint64_t seed = 20250331;

static unsigned
dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned) (seed >> 33) % sides;
}

/*
 * Random text of up to 20 integer digits and 12 decimals: the scaled integer
 * is the text without its point, padded with zeros, or refused when a digit
 * is lost.
 */
static void
random_values(int rounds)
{
	int wrong = 0;
	int lost = 0;

	while (rounds-- > 0)
	{
		int integers = 1 + dice(20);
		int decimals = dice(13);
		int scale = dice(17);
		char text[64];
		char expected[80];
		char plain[64];
		char seen[CRK_DECIMAL_STRING_SIZE] = "";
		int n = 0;
		int i;
		int longform = dice(2);
		bool fits = true;
		crk_int128 value;
		int display_scale;
		CrkDecimalStatus status;
		char *digits;

		if (dice(2))
			text[n++] = '-';
		text[n++] = (char) ('0' + (integers == 1 ? dice(10) : 1 + dice(9)));
		for (i = 1; i < integers; i++)
			text[n++] = (char) (dice(3) ? '0' + dice(10) : '0');
		if (decimals > 0)
			text[n++] = '.';
		for (i = 0; i < decimals; i++)
			text[n++] = (char) (dice(2) ? '0' + dice(10) : '0');
		text[n] = '\0';

		/* The expected integer, by characters alone. */
		digits = plain;
		for (i = 0; text[i]; i++)
			if (text[i] != '.' && text[i] != '-')
				*digits++ = text[i];
		for (i = decimals; i < scale; i++)
			*digits++ = '0';
		for (i = scale; i < decimals; i++)
			if (*--digits != '0')
				fits = false;
		*digits = '\0';
		for (digits = plain; digits[0] == '0' && digits[1] != '\0'; digits++)
			;
		snprintf(expected, sizeof(expected), "%s%s",
				 text[0] == '-' && strcmp(digits, "0") != 0 ? "-" : "", digits);

		status = read_text(text, scale, longform, &value, &display_scale);
		if (status == CRK_DECIMAL_OK)
			crk_decimal_to_string(value, 0, 0, seen);
		if (!fits)
			lost++;
		if (status != (fits ? CRK_DECIMAL_OK : CRK_DECIMAL_TOO_FINE) ||
			display_scale != decimals ||
			(fits && strcmp(seen, expected) != 0))
		{
			if (wrong++ < 5)
				printf("# %s at scale %d: status %d, %s, expected %s\n",
					   text, scale, status, seen, expected);
		}
	}
	ok(wrong == 0, "random values are read exactly");
	ok(lost > 100, "random values with a digit too many were among them");
}

int
main(void)
{
	char wide[1100];

	good("0", 0, "0", 0);
	good("0.00", 2, "0", 2);
	good("1", 2, "100", 0);
	good("-1.05", 2, "-105", 2);
	good("0.01", 2, "1", 2);
	good("0.0001", 4, "1", 4);
	good("0.00001", 5, "1", 5);
	good("1234567.89", 2, "123456789", 2);
	good("1234567.89", 6, "1234567890000", 2);
	good("10000", 0, "10000", 0);
	good("100000000.00", 2, "10000000000", 2);
	good("12.3400", 2, "1234", 4);
	good("99999999999999.9999", 4, "999999999999999999", 4);
	good("9999999999999999.99", 2, "999999999999999999", 2);
	good("100000000000000000000", 6, "100000000000000000000000000", 0);
	good("-100000000000000000000.000001", 6, "-100000000000000000000000001", 6);
	good("99999999999999999999999999999999999999", 0,
		 "99999999999999999999999999999999999999", 0);
	good(INT128_MAX_TEXT, 0, INT128_MAX_TEXT, 0);
	good(INT128_MIN_TEXT, 0, INT128_MIN_TEXT, 0);
	good("0.000000000000000000000000000001", 30, "1", 30);
	good("123456789.123456789012345678901234567890", 30,
		 "123456789123456789012345678901234567890", 30);

	/* A display scale beyond any scale of ours, all zeros. */
	memset(wide, '0', sizeof(wide));
	memcpy(wide, "2.5", 3);
	wide[3 + 500] = '\0';
	good(wide, 2, "250", 501);
	memset(wide, '0', sizeof(wide));
	wide[1] = '.';
	wide[2 + 300] = '\0';
	good(wide, 0, "0", 300);

	bad("170141183460469231731687303715884105728", 0, CRK_DECIMAL_TOO_LARGE);
	bad("-170141183460469231731687303715884105729", 0, CRK_DECIMAL_TOO_LARGE);
	bad("1000000000000000000000000000000000000000", 0, CRK_DECIMAL_TOO_LARGE);
	bad("1000000000", 30, CRK_DECIMAL_TOO_LARGE);
	memset(wide, '9', sizeof(wide));
	wide[400] = '\0';
	bad(wide, 0, CRK_DECIMAL_TOO_LARGE);
	wide[0] = '1';
	memset(wide + 1, '0', 1000);
	wide[1001] = '\0';
	bad(wide, 0, CRK_DECIMAL_TOO_LARGE);
	bad("1.005", 2, CRK_DECIMAL_TOO_FINE);
	bad("0.00001", 0, CRK_DECIMAL_TOO_FINE);
	bad("0.000000000001", 4, CRK_DECIMAL_TOO_FINE);
	bad("1.00000000000000000001", 4, CRK_DECIMAL_TOO_FINE);
	bad("0.0000000000000000000000000000001", 30, CRK_DECIMAL_TOO_FINE);

	header(0xC000, CRK_DECIMAL_NAN, "NaN");
	header(0xD000, CRK_DECIMAL_INFINITE, "Infinity");
	header(0xF000, CRK_DECIMAL_INFINITE, "-Infinity");

	string("0", 0, 0, "0");
	string("0", 4, 2, "0.00");
	string("5", 4, 2, "0.0005");
	string("500", 4, 2, "0.05");
	string("-500", 4, 1, "-0.05");
	string("-1", 0, 3, "-1.000");
	string("120000", 4, 0, "12");
	string("120500", 4, 0, "12.05");
	string("1000000000000000000", 0, 0, "1000000000000000000");
	string("1000000000000000000000000000000000000", 18, 0, "1000000000000000000");
	string(INT128_MIN_TEXT, 0, 30, INT128_MIN_TEXT ".000000000000000000000000000000");
	string(INT128_MIN_TEXT, 30, 30, "-170141183.460469231731687303715884105728");
	string("-7", 30, 30, "-0.000000000000000000000000000007");

	shift("12", 0, "12");
	shift("-12", 3, "-12000");
	shift("1", 38, "100000000000000000000000000000000000000");
	shift("2", 38, NULL);
	shift("1", 39, NULL);
	shift("0", 1000, "0");
	shift(INT128_MIN_TEXT, 1, NULL);

	add("1", "-2", "-1");
	add(INT128_MAX_TEXT, "0", INT128_MAX_TEXT);
	add(INT128_MAX_TEXT, "1", NULL);
	add(INT128_MIN_TEXT, "-1", NULL);
	add(INT128_MIN_TEXT, INT128_MAX_TEXT, "-1");

	random_values(200000);

	return finish_tests();
}
