/*
 * company_number.c
 *	  French company numbers: SIREN, SIRET, and the VAT number made of a SIREN.
 */
#include "kernel/company_number.h"

#include <string.h>

/* Its post offices have so many establishments that Luhn's keys ran out. */
static const char la_poste[] = "356000000";

/*
 * Luhn's formula: from the right every second digit counts double, and the
 * digits of what that gives.
 */
static bool
crk_luhn(const char *digits, int length)
{
	int sum = 0;

	for (int i = 0; i < length; i++)
	{
		int digit = digits[length - 1 - i] - '0';

		if (i % 2 == 1)
			digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return sum % 10 == 0;
}

static bool
crk_all_digits(const char *text, size_t size, int length)
{
	if (size != (size_t) length)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

/*
 * Nine zeros satisfy the formula and are nobody's number.
 */
static bool
crk_siren_digits_valid(const char *digits)
{
	return crk_luhn(digits, CRK_SIREN_LENGTH) && memcmp(digits, "000000000", CRK_SIREN_LENGTH) != 0;
}

bool
crk_company_digits(const char *text, size_t size, int length, char *number)
{
	int count = 0;

	for (size_t i = 0; i < size; i++)
	{
		if (text[i] == ' ')
			continue;
		/* The no-break spaces of printed numbers: U+00A0 and U+202F in UTF-8. */
		if (size - i >= 2 && memcmp(text + i, "\xc2\xa0", 2) == 0)
		{
			i += 1;
			continue;
		}
		if (size - i >= 3 && memcmp(text + i, "\xe2\x80\xaf", 3) == 0)
		{
			i += 2;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || count == length)
			return false;
		number[count++] = text[i];
	}
	number[count] = '\0';
	return count == length;
}

bool
crk_siren_valid(const char *text, size_t size)
{
	return crk_all_digits(text, size, CRK_SIREN_LENGTH) && crk_siren_digits_valid(text);
}

/*
 * Establishments of La Poste pass by Luhn's formula, as its seat does, or by a
 * plain sum of digits that is a multiple of five.
 */
bool
crk_siret_valid(const char *text, size_t size)
{
	int sum = 0;

	if (!crk_all_digits(text, size, CRK_SIRET_LENGTH) || !crk_siren_digits_valid(text))
		return false;
	if (crk_luhn(text, CRK_SIRET_LENGTH))
		return true;
	if (memcmp(text, la_poste, CRK_SIREN_LENGTH) != 0)
		return false;
	for (int i = 0; i < CRK_SIRET_LENGTH; i++)
		sum += text[i] - '0';
	return sum % 5 == 0;
}

int
crk_vat_key(const char *siren)
{
	int rest = 0;

	for (int i = 0; i < CRK_SIREN_LENGTH; i++)
		rest = (10 * rest + siren[i] - '0') % 97;
	return (12 + 3 * rest) % 97;
}
