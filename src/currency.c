/*
 * currency.c
 *	  currency_scale(): the minor unit of a currency.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "kernel/currency.h"

/*
 * What is no code is refused: a guess would round somebody's money.
 */
PG_FUNCTION_INFO_V1(crk_currency_scale_of);
Datum
crk_currency_scale_of(PG_FUNCTION_ARGS)
{
	char *currency = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int scale = crk_currency_scale(currency);

	if (scale < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid currency: \"%s\"", currency),
				 errhint("Give the ISO 4217 code, for example EUR.")));
	PG_RETURN_INT32(scale);
}
