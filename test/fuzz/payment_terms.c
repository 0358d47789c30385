/*
 * Fuzz target of the terms parser, built by hand:
 *
 *	clang -std=gnu99 -g -O1 -fsanitize=fuzzer,address,undefined \
 *		-fno-sanitize-recover=all -Isrc test/fuzz/payment_terms.c \
 *		src/kernel/[a-z]*.c -o fuzz && ./fuzz -max_total_time=60
 *
 * Whatever is understood must print a text that means the same bytes, have
 * dates that do not run backwards, and split without loss.
 */
#include "kernel/payment_terms.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static CrkTermsBuffer first;
	static CrkTermsBuffer second;
	static char text[CRK_TERMS_TEXT_SIZE];
	crk_int128 parts[CRK_TERMS_MAX_INSTALMENTS];
	crk_int128 sum = 0;
	CrkRemainder scratch[CRK_TERMS_MAX_INSTALMENTS];
	char detail[CRK_TERMS_DETAIL_SIZE];
	int length;

	if (!crk_terms_parse((const char *) data, size, CRK_READING_A, &first, detail))
	{
		if (detail[0] == '\0')
			abort();
		return 0;
	}
	length = crk_terms_format(&first.terms, text);
	if (!crk_terms_parse(text, length, CRK_READING_B, &second, detail) ||
		memcmp(&first, &second, sizeof(first)) != 0)
		abort();
	for (int i = 0; i < first.terms.count; i++)
		if (crk_rule_due(&first.terms.instalment[i].rule, 9000) < 9000)
			abort();
	if (crk_terms_split(&first.terms, INT64_MAX, 6, parts, scratch) == CRK_SPLIT_OK)
	{
		for (int i = 0; i < first.terms.count; i++)
			sum += parts[i];
		if (sum != INT64_MAX)
			abort();
	}
	return 0;
}
