/*
 * decimal.c
 *	  Exact decimal amounts as scaled 128-bit integers.
 *
 * The payload of a numeric is a two-byte header (four bytes in the long form)
 * and base-10000 digits, most significant first, in the machine's byte order.
 * The form has been the same since 9.1 and stays so for pg_upgrade's sake.
 */
#include "kernel/decimal.h"

#include <string.h>

/* The header's bits: two for the form, the rest as the form says. */
#define FORM_MASK		   0xC000
#define FORM_NEGATIVE	   0x4000
#define FORM_SHORT		   0x8000
#define FORM_SPECIAL	   0xC000
#define SPECIAL_MASK	   0xF000
#define SPECIAL_NAN		   0xC000
#define LONG_DSCALE_MASK   0x3FFF
#define SHORT_NEGATIVE	   0x2000
#define SHORT_DSCALE_MASK  0x1F80
#define SHORT_DSCALE_SHIFT 7
#define SHORT_WEIGHT_SIGN  0x0040
#define SHORT_WEIGHT_MASK  0x003F

#define BASE		10000
#define BASE_DIGITS 4

/* 10^18 is the largest power of ten within 63 bits, 10^38 within 127. */
#define INT64_DIGITS  18
#define INT128_DIGITS 38

typedef unsigned __int128 uint128_raw;

#define INT128_LARGEST (((uint128_raw) 1 << 127) - 1)

static const uint64_t powers_of_ten[] = {
	UINT64_C(1),
	UINT64_C(10),
	UINT64_C(100),
	UINT64_C(1000),
	UINT64_C(10000),
	UINT64_C(100000),
	UINT64_C(1000000),
	UINT64_C(10000000),
	UINT64_C(100000000),
	UINT64_C(1000000000),
	UINT64_C(10000000000),
	UINT64_C(100000000000),
	UINT64_C(1000000000000),
	UINT64_C(10000000000000),
	UINT64_C(100000000000000),
	UINT64_C(1000000000000000),
	UINT64_C(10000000000000000),
	UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000)
};

/*
 * Two bytes at a time: behind a one-byte varlena header the payload stands at
 * an odd address.
 */
static inline int
load_int16(const unsigned char *payload)
{
	int16_t word;

	memcpy(&word, payload, sizeof(word));
	return word;
}

/*
 * *accumulator = *accumulator * factor + addend, checked: only numbers close
 * to the limit, and beyond it, come here.
 */
static bool
multiply_add(uint128_raw *accumulator, uint64_t factor, uint64_t addend)
{
	uint128_raw product;

	return !__builtin_mul_overflow(*accumulator, (uint128_raw) factor, &product) &&
		   !__builtin_add_overflow(product, (uint128_raw) addend, accumulator);
}

/*
 * The general case: any weight, any number of digits.  Apart from
 * crk_decimal_read() so that the fast case stays small.
 */
static CrkDecimalStatus
read_magnitude(const unsigned char *digits, int ndigits, int weight, int scale,
			   uint128_raw *magnitude)
{
	int exponent = BASE_DIGITS * weight + scale;
	uint128_raw accumulator = 0;
	int i;

	for (i = 0; i < ndigits; i++, exponent -= BASE_DIGITS)
	{
		int digit = load_int16(digits + 2 * i);

		if (exponent >= 0)
		{
			if (!multiply_add(&accumulator, BASE, digit))
				return CRK_DECIMAL_TOO_LARGE;
		}
		else if (exponent > -BASE_DIGITS)
		{
			int surplus = (int) powers_of_ten[-exponent];

			if (digit % surplus != 0)
				return CRK_DECIMAL_TOO_FINE;
			if (!multiply_add(&accumulator, BASE / surplus, digit / surplus))
				return CRK_DECIMAL_TOO_LARGE;
		}
		else if (digit != 0)
			return CRK_DECIMAL_TOO_FINE;
	}

	/* The zero digits that the numeric does not store. */
	exponent += BASE_DIGITS;
	if (accumulator != 0)
	{
		if (exponent > INT128_DIGITS)
			return CRK_DECIMAL_TOO_LARGE;
		while (exponent > 0)
		{
			int step = exponent > INT64_DIGITS ? INT64_DIGITS : exponent;

			if (!multiply_add(&accumulator, powers_of_ten[step], 0))
				return CRK_DECIMAL_TOO_LARGE;
			exponent -= step;
		}
	}
	*magnitude = accumulator;
	return CRK_DECIMAL_OK;
}

/*
 * Read a numeric's payload straight from its digits: several times faster than
 * the arithmetic of numeric, and as exact.
 */
CrkDecimalStatus
crk_decimal_read(const void *payload, size_t length, int scale,
				 crk_int128 *value, int *display_scale)
{
	const unsigned char *bytes = payload;
	const unsigned char *digits;
	unsigned header;
	int weight;
	int ndigits;
	bool negative;
	uint128_raw magnitude;
	CrkDecimalStatus status;

	*display_scale = 0;
	if (length < 2)
		return CRK_DECIMAL_NAN; /* not a numeric at all */
	header = (uint16_t) load_int16(bytes);

	if ((header & FORM_MASK) == FORM_SHORT)
	{
		negative = (header & SHORT_NEGATIVE) != 0;
		*display_scale = (header & SHORT_DSCALE_MASK) >> SHORT_DSCALE_SHIFT;
		weight = header & SHORT_WEIGHT_MASK;
		if (header & SHORT_WEIGHT_SIGN)
			weight -= SHORT_WEIGHT_MASK + 1;
		digits = bytes + 2;
		ndigits = (int) ((length - 2) / 2);
	}
	else if ((header & FORM_MASK) == FORM_SPECIAL)
		return (header & SPECIAL_MASK) == SPECIAL_NAN ?
				   CRK_DECIMAL_NAN :
				   CRK_DECIMAL_INFINITE;
	else
	{
		if (length < 4)
			return CRK_DECIMAL_NAN;
		negative = (header & FORM_MASK) == FORM_NEGATIVE;
		*display_scale = header & LONG_DSCALE_MASK;
		weight = load_int16(bytes + 2);
		digits = bytes + 4;
		ndigits = (int) ((length - 4) / 2);
	}

	/*
	 * Nearly every amount: neither the digits nor the result need more than
	 * 63 bits, and nothing is beyond the scale but perhaps in the last place.
	 */
	if (ndigits <= INT64_DIGITS / BASE_DIGITS &&
		BASE_DIGITS * (weight + 1) + scale <= INT64_DIGITS)
	{
		int exponent = BASE_DIGITS * (weight - ndigits + 1) + scale;
		uint64_t accumulator = 0;
		int i;

		if (exponent > -BASE_DIGITS)
		{
			for (i = 0; i < ndigits; i++)
				accumulator = accumulator * BASE + load_int16(digits + 2 * i);
			if (exponent >= 0)
				accumulator *= powers_of_ten[exponent];
			else
			{
				if (accumulator % powers_of_ten[-exponent] != 0)
					return CRK_DECIMAL_TOO_FINE;
				accumulator /= powers_of_ten[-exponent];
			}
			*value = negative ? -(int64_t) accumulator : (int64_t) accumulator;
			return CRK_DECIMAL_OK;
		}
	}

	status = read_magnitude(digits, ndigits, weight, scale, &magnitude);
	if (status != CRK_DECIMAL_OK)
		return status;
	if (magnitude > INT128_LARGEST + negative)
		return CRK_DECIMAL_TOO_LARGE;
	*value = (crk_int128) (negative ? -magnitude : magnitude);
	return CRK_DECIMAL_OK;
}

/*
 * A checked addition: a sum that does not fit must be an error, never a wrong
 * figure.
 */
bool
crk_decimal_add(crk_int128 *sum, crk_int128 value)
{
	__int128 result;

	if (__builtin_add_overflow((__int128) *sum, (__int128) value, &result))
		return false;
	*sum = result;
	return true;
}

/*
 * A finer scale for the same amount.
 */
bool
crk_decimal_shift(crk_int128 *value, int digits)
{
	__int128 result = *value;

	if (result == 0)
		return true;
	if (digits > INT128_DIGITS)
		return false;
	while (digits > 0)
	{
		int step = digits > INT64_DIGITS ? INT64_DIGITS : digits;

		if (__builtin_mul_overflow(result, (__int128) powers_of_ten[step], &result))
			return false;
		digits -= step;
	}
	*value = result;
	return true;
}

/*
 * Plain decimal notation, without rounding: a display scale that would hide a
 * digit is raised.
 */
int
crk_decimal_to_string(crk_int128 value, int scale, int display_scale,
					  char *buffer)
{
	uint128_raw magnitude = value < 0 ? -(uint128_raw) value : (uint128_raw) value;
	char digits[INT128_DIGITS + 2]; /* least significant first */
	int ndigits = 0;
	char *out = buffer;
	int place;

	while (magnitude != 0)
	{
		/* One 128-bit division for 18 digits. */
		uint64_t group = (uint64_t) (magnitude % powers_of_ten[INT64_DIGITS]);
		int i;

		magnitude /= powers_of_ten[INT64_DIGITS];
		for (i = 0; i < INT64_DIGITS && (magnitude != 0 || group != 0); i++)
		{
			digits[ndigits++] = (char) ('0' + group % 10);
			group /= 10;
		}
	}

	/* digits[place + scale] stands for 10^place; the first ndigits are set. */
	for (place = -scale; place < -display_scale; place++)
	{
		/* cppcheck-suppress uninitvar */
		if (place + scale < ndigits && digits[place + scale] != '0')
			display_scale = -place;
	}

	if (value < 0)
		*out++ = '-';
	place = ndigits - scale - 1;
	if (place < 0)
		place = 0;
	for (; place >= -display_scale; place--)
	{
		int index = place + scale;

		if (place == -1)
			*out++ = '.';
		*out++ = index >= 0 && index < ndigits ? digits[index] : '0';
	}
	*out = '\0';
	return (int) (out - buffer);
}
