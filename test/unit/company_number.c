/*
 * company_number.c
 *	  SIREN, SIRET and VAT numbers: some in use, and what Luhn's formula
 *	  promises of every number.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/company_number.h"
#include "tap.h"

static bool
siren(const char *text)
{
	return crk_siren_valid(text, strlen(text));
}

static bool
siret(const char *text)
{
	return crk_siret_valid(text, strlen(text));
}

/*
 * Grouped digits, read into exactly as much room as promised.
 */
static bool
grouped(const char *text, int length, const char *expected)
{
	char *number = malloc(length + 1);
	bool right = crk_company_digits(text, strlen(text), length, number);

	right = expected == NULL ? !right : right && strcmp(number, expected) == 0;
	free(number);
	return right;
}

/*
 * Of the ten last digits exactly one fits.
 */
static bool
one_key(void)
{
	char number[32];

	for (int base = 1; base < 100000000; base += 99991)
	{
		int fitting = 0;

		for (int key = 0; key < 10; key++)
		{
			snprintf(number, sizeof(number), "%08d%d", base, key);
			fitting += siren(number);
		}
		if (fitting != 1)
			return false;
	}
	return true;
}

/*
 * Every single wrong digit is found, and every swap of neighbours but 09 and 90.
 */
static bool
slips_found(const char *valid)
{
	char number[CRK_SIREN_LENGTH + 1];

	for (int i = 0; i < CRK_SIREN_LENGTH; i++)
	{
		for (char digit = '0'; digit <= '9'; digit++)
		{
			strcpy(number, valid);
			number[i] = digit;
			if (siren(number) != (digit == valid[i]))
				return false;
		}
		if (i > 0 && valid[i] != valid[i - 1] && abs(valid[i] - valid[i - 1]) != 9)
		{
			strcpy(number, valid);
			number[i] = valid[i - 1];
			number[i - 1] = valid[i];
			if (siren(number))
				return false;
		}
	}
	return true;
}

int
main(void)
{
	ok(siren("732829320") && siren("404833048") && siren("356000000") && siren("005520135"), "SIREN in use");
	ok(!siren("732829321") && !siren("000000000"), "another last digit, and zeros only");
	ok(!siren("") && !siren("73282932") && !siren("7328293200") && !siren("73282932O") && !siren("732 829 320"), "nine digits and nothing else");
	ok(siret("73282932000074") && siret("40483304800022"), "SIRET in use");
	ok(!siret("73282932000075") && !siret("732829320") && !siret("7328293200007"), "another last digit, or too few");
	ok(!siret("73282932100072"), "fourteen digits by the formula that begin with no SIREN");
	ok(siret("35600000000048") && siret("35600000049837") && siret("35600000000001"), "La Poste: its seat by the formula, its offices by the sum of digits");
	ok(!siret("35600000000002") && !siret("35600000100017"), "La Poste: neither, and another SIREN");

	ok(grouped("732 829 320", CRK_SIREN_LENGTH, "732829320"), "grouped by spaces");
	ok(grouped("732\xc2\xa0"
			   "829\xe2\x80\xaf"
			   "320",
			   CRK_SIREN_LENGTH, "732829320"),
	   "grouped by no-break spaces");
	ok(grouped(" 732829320 00074 ", CRK_SIRET_LENGTH, "73282932000074"), "spaces around");
	ok(grouped("732.829.320", CRK_SIREN_LENGTH, NULL) && grouped("73282932", CRK_SIREN_LENGTH, NULL) &&
		   grouped("7328293201", CRK_SIREN_LENGTH, NULL) && grouped("", CRK_SIREN_LENGTH, NULL) &&
		   grouped("732829320\xc2", CRK_SIREN_LENGTH, NULL) && grouped("732829320\xe2\x80", CRK_SIREN_LENGTH, NULL),
	   "not other signs, other lengths, halves of a space");

	ok(crk_vat_key("404833048") == 83 && crk_vat_key("732829320") == 44 && crk_vat_key("000000000") == 12, "VAT keys");
	ok(one_key(), "one last digit of ten fits");
	ok(slips_found("732829320") && slips_found("404833048"), "wrong digits and swaps are found");
	return finish_tests();
}
