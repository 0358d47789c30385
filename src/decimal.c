/*
 * decimal.c
 *	  Between the server's numeric and the exact integers of kernel/decimal.h.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "argument.h"
#include "compat.h"
#include "decimal.h"

/* What crk_decimal_to_string() can write. */
#define CRK_STRING_DECIMALS 30

/*
 * A numeric in a row has a short varlena header and no padding: its bytes are
 * read where they stand.  Only a toasted one is copied first.
 */
CrkDecimalStatus
crk_numeric_read(Datum numeric, int scale, crk_int128 *value,
				 int *display_scale)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(numeric);
	struct varlena *plain = pg_detoast_datum_packed(stored);
	CrkDecimalStatus status;

	status = crk_decimal_read(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain),
							  scale, value, display_scale);
	if (plain != stored)
		pfree(plain);
	return status;
}

/*
 * Results are few, so they go through numeric's own input: it alone knows how
 * to write its format.
 */
Datum
crk_numeric_make(crk_int128 value, int scale, int display_scale)
{
	char buffer[CRK_DECIMAL_STRING_SIZE];
	char *string = buffer;
	Datum result;

	if (display_scale <= CRK_STRING_DECIMALS)
		crk_decimal_to_string(value, scale, display_scale, buffer);
	else
	{
		int zeros = display_scale - CRK_STRING_DECIMALS;
		int length;

		string = palloc(CRK_DECIMAL_STRING_SIZE + zeros);
		length = crk_decimal_to_string(value, scale, CRK_STRING_DECIMALS, string);
		memset(string + length, '0', zeros);
		string[length + zeros] = '\0';
	}
	result = DirectFunctionCall3(numeric_in, CStringGetDatum(string),
								 ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(-1));
	if (string != buffer)
		pfree(string);
	return result;
}

/*
 * As money is rounded.  The quotient of numeric is itself rounded, and a tie
 * could be made of it.
 */
Numeric
crk_numeric_quotient(Numeric number, Numeric divisor, int scale)
{
	crk_int128 up = 1;
	bool negative = crk_numeric_sign(number) < 0;
	Numeric result;

	for (int i = 0; i < scale; i++)
		up *= 10;
	if (negative)
		number = DatumGetNumeric(DirectFunctionCall1(numeric_uminus, NumericGetDatum(number)));
	number = crk_numeric_multiply(number, DatumGetNumeric(crk_numeric_make(2 * up, 0, 0)));
	number = crk_numeric_add(number, divisor);
	divisor = crk_numeric_add(divisor, divisor);
	result = DatumGetNumeric(DirectFunctionCall2(numeric_div_trunc, NumericGetDatum(number),
												 NumericGetDatum(divisor)));
	result = crk_numeric_multiply(result, DatumGetNumeric(crk_numeric_make(1, scale, scale)));
	if (negative)
		result = DatumGetNumeric(DirectFunctionCall1(numeric_uminus, NumericGetDatum(result)));
	return result;
}

/*
 * One wording for all functions that take amounts.
 */
void
crk_numeric_refuse(CrkDecimalStatus status, const char *argument)
{
	switch (status)
	{
		case CRK_DECIMAL_NAN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not be NaN", argument)));
			break;
		case CRK_DECIMAL_INFINITE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not be infinite", argument)));
			break;
		case CRK_DECIMAL_TOO_LARGE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s is out of range", argument),
					 errdetail("Amounts are kept exactly, in 38 digits including the decimals.")));
			break;
		case CRK_DECIMAL_TOO_FINE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s has too many decimals", argument),
					 errhint("Round the amount first.")));
			break;
		case CRK_DECIMAL_OK:
			break;
	}
	elog(ERROR, "amount refused without a reason");
}
