/*
 * currency.c
 *	  Minor units of the currencies of ISO 4217.
 *
 * Only the exceptions are listed: a currency has cents unless it says so.
 */
#include "kernel/currency.h"

#include <stddef.h>
#include <string.h>

static const char no_minor_unit[][4] = {
	"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
	"RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"
};
static const char thousandths[][4] = { "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND" };
static const char ten_thousandths[][4] = { "CLF", "UYW" };

/*
 * Whether a code stands in a list.
 */
static int
crk_listed(const char *code, const char (*list)[4], size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (strcmp(code, list[i]) == 0)
			return 1;
	}
	return 0;
}

#define LISTED(list) crk_listed(code, list, sizeof(list) / sizeof(list[0]))

/*
 * Asked for every amount that is not a whole number, so it reads a few words
 * and nothing else.
 */
int
crk_currency_scale(const char *code)
{
	for (int i = 0; i < 3; i++)
	{
		if (code[i] < 'A' || code[i] > 'Z')
			return -1;
	}
	if (code[3] != '\0')
		return -1;
	if (LISTED(no_minor_unit))
		return 0;
	if (LISTED(thousandths))
		return 3;
	return LISTED(ten_thousandths) ? 4 : 2;
}
