/*
 * company_number.c
 *	  siren_is_valid(), siret_is_valid(), check_siren(), check_siret(),
 *	  fr_vat_number().
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "kernel/company_number.h"

PG_FUNCTION_INFO_V1(crk_siren_is_valid);
Datum
crk_siren_is_valid(PG_FUNCTION_ARGS)
{
	text *number = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(crk_siren_valid(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number)));
}

PG_FUNCTION_INFO_V1(crk_siret_is_valid);
Datum
crk_siret_is_valid(PG_FUNCTION_ARGS)
{
	text *number = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(crk_siret_valid(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number)));
}

/*
 * The digits of a valid SIREN, however it is grouped; anything else is an error
 * that says what is wrong with it.
 */
static void
crk_siren_of(text *number, char *siren)
{
	if (!crk_company_digits(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number), CRK_SIREN_LENGTH, siren))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SIREN: \"%s\"", text_to_cstring(number)),
				 errhint("A SIREN has 9 digits, for example 732829320.")));
	if (!crk_siren_valid(siren, CRK_SIREN_LENGTH))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SIREN: \"%s\"", siren),
				 errdetail("Its check digit does not fit the others."),
				 errhint("Look for a digit that is wrong, or two that changed places.")));
}

PG_FUNCTION_INFO_V1(crk_check_siren);
Datum
crk_check_siren(PG_FUNCTION_ARGS)
{
	char siren[CRK_SIREN_LENGTH + 1];

	crk_siren_of(PG_GETARG_TEXT_PP(0), siren);
	PG_RETURN_TEXT_P(cstring_to_text(siren));
}

PG_FUNCTION_INFO_V1(crk_check_siret);
Datum
crk_check_siret(PG_FUNCTION_ARGS)
{
	text *number = PG_GETARG_TEXT_PP(0);
	char siret[CRK_SIRET_LENGTH + 1];

	if (!crk_company_digits(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number), CRK_SIRET_LENGTH, siret))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SIRET: \"%s\"", text_to_cstring(number)),
				 errhint("A SIRET has 14 digits, for example 73282932000074.")));
	if (!crk_siret_valid(siret, CRK_SIRET_LENGTH))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SIRET: \"%s\"", siret),
				 crk_siren_valid(siret, CRK_SIREN_LENGTH) ?
					 errdetail("Its check digit does not fit the others.") :
					 errdetail("Its first 9 digits are no SIREN."),
				 errhint("Look for a digit that is wrong, or two that changed places.")));
	PG_RETURN_TEXT_P(cstring_to_text(siret));
}

PG_FUNCTION_INFO_V1(crk_fr_vat_number);
Datum
crk_fr_vat_number(PG_FUNCTION_ARGS)
{
	char siren[CRK_SIREN_LENGTH + 1];

	crk_siren_of(PG_GETARG_TEXT_PP(0), siren);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("FR%02d%s", crk_vat_key(siren), siren)));
}
