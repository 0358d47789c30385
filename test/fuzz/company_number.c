/*
 * Fuzz target of the company numbers, built by hand:
 *
 *	clang -std=gnu99 -g -O1 -fsanitize=fuzzer,address,undefined \
 *		-fno-sanitize-recover=all -Isrc test/fuzz/company_number.c \
 *		src/kernel/company_number.c -o fuzz && ./fuzz -max_total_time=60
 *
 * What is read as digits has exactly so many; what is valid is made of digits,
 * begins with a SIREN, and is read as itself.
 */
#include "kernel/company_number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data;
	char siren[CRK_SIREN_LENGTH + 1];
	char siret[CRK_SIRET_LENGTH + 1];
	bool nine = crk_company_digits(text, size, CRK_SIREN_LENGTH, siren);
	bool fourteen = crk_company_digits(text, size, CRK_SIRET_LENGTH, siret);

	if (nine && (strlen(siren) != CRK_SIREN_LENGTH || strspn(siren, "0123456789") != CRK_SIREN_LENGTH ||
				 crk_vat_key(siren) < 0 || crk_vat_key(siren) > 96))
		abort();
	if (fourteen && (strlen(siret) != CRK_SIRET_LENGTH || strspn(siret, "0123456789") != CRK_SIRET_LENGTH))
		abort();
	if (crk_siren_valid(text, size) && (!nine || memcmp(siren, text, size) != 0))
		abort();
	if (crk_siret_valid(text, size) && (!fourteen || memcmp(siret, text, size) != 0 || !crk_siren_valid(siret, CRK_SIREN_LENGTH)))
		abort();
	return 0;
}
