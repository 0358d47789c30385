/*
 * ageing_io.c
 *	  Text, binary and JSON forms of an ageing.
 *
 * Text is what a person reads, and all of the value:
 *
 *	  2025-03-31: not due 1200.00 (3), 1-30 500.00 (2), 31-60 0.00 (0), ...
 *
 * the date, then each bucket's label, amount and count.  The labels carry the
 * bounds, the decimals the display scales; `no due date` comes last, and only
 * when it has items.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/jsonb.h"

#include "ageing.h"
#include "compat.h"
#include "decimal.h"

/* As numeric prints it. */
static char *
amount_text(const CrkAgeingSums *sums, int slot)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, crk_ageing_amount(sums, slot)));
}

/*
 * Nothing that depends on a setting: the text form must read back anywhere.
 */
PG_FUNCTION_INFO_V1(crk_ageing_out);
Datum
crk_ageing_out(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;
	StringInfoData text;
	int slot;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	initStringInfo(&text);
	appendStringInfo(&text, "%s: ", crk_date_text(sums.as_of));
	for (slot = 0; slot < CRK_AGEING_SLOTS(&sums); slot++)
	{
		char label[CRK_AGEING_LABEL_SIZE];

		if (slot == sums.nbounds + 2 && sums.slot[slot].items == 0)
			break;
		crk_ageing_label(sums.bounds, sums.nbounds, slot, label);
		appendStringInfo(&text, "%s%s %s (" INT64_FORMAT ")",
						 slot == 0 ? "" : ", ", label, amount_text(&sums, slot),
						 sums.slot[slot].items);
	}
	PG_RETURN_CSTRING(text.data);
}

/*
 * A date as crk_date_text() writes it and nothing else, for date's own input
 * would take much more; *text is moved behind it.
 */
static bool
read_date(char **text, DateADT *date)
{
	char *colon = strstr(*text, ": ");
	char *in = *text;
	long year,
		month,
		day;
	int julian;

	if (colon == NULL || colon - *text > MAXDATELEN || *in < '0' || *in > '9')
		return false;
	year = strtol(in, &in, 10);
	if (*in++ != '-' || *in < '0' || *in > '9')
		return false;
	month = strtol(in, &in, 10);
	if (*in++ != '-' || *in < '0' || *in > '9')
		return false;
	day = strtol(in, &in, 10);
	if (strncmp(in, " BC", 3) == 0)
		year = 1 - year;
	if (year < -10000 || year > 10000000 || month < 1 || month > 12 || day < 1 || day > 31 ||
		!IS_VALID_JULIAN(year, month, day))
		return false;
	julian = date2j(year, month, day);
	*date = julian - POSTGRES_EPOCH_JDATE;
	if (!IS_VALID_DATE(*date) ||
		strlen(crk_date_text(*date)) != colon - *text ||
		strncmp(crk_date_text(*date), *text, colon - *text) != 0)
		return false;
	*text = colon + 2;
	return true;
}

/*
 * Workers of Citus send states as text: it must be exact, and nothing forged
 * may pass.
 */
PG_FUNCTION_INFO_V1(crk_ageing_in);
Datum
crk_ageing_in(PG_FUNCTION_ARGS)
{
	char *whole = PG_GETARG_CSTRING(0);
	char *text = whole;
	CrkAgeingSums sums;
	const char *error;

	if (read_date(&text, &sums.as_of))
		error = crk_ageing_parse(text, &sums);
	else
		error = "A date, as in \"2025-03-31: \", is expected first.";
	if (error != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "ageing", whole),
				 errdetail("%s", error)));
	PG_RETURN_DATUM(crk_ageing_make(&sums));
}

/*
 * Version, date, bounds, scale, then amount (two's complement, 16 bytes),
 * count and display scale of each bucket; all in network byte order.
 */
PG_FUNCTION_INFO_V1(crk_ageing_send);
Datum
crk_ageing_send(PG_FUNCTION_ARGS)
{
	CrkAgeingSums sums;
	StringInfoData message;
	int i;

	crk_ageing_get(PG_GETARG_DATUM(0), &sums);
	crk_ageing_reduce(&sums);
	pq_begintypsend(&message);
	pq_sendbyte(&message, CRK_AGEING_VERSION);
	pq_sendint32(&message, sums.as_of);
	pq_sendbyte(&message, sums.nbounds);
	for (i = 0; i < sums.nbounds; i++)
		pq_sendint32(&message, sums.bounds[i]);
	pq_sendbyte(&message, sums.scale);
	for (i = 0; i < CRK_AGEING_SLOTS(&sums); i++)
	{
		pq_sendint64(&message, (uint64) (sums.slot[i].amount >> 64));
		pq_sendint64(&message, (uint64) sums.slot[i].amount);
		pq_sendint64(&message, sums.slot[i].items);
		pq_sendint16(&message, sums.slot[i].display_scale);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * As strict as the text form: COPY BINARY comes here and not there.
 */
PG_FUNCTION_INFO_V1(crk_ageing_recv);
Datum
crk_ageing_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	CrkAgeingSums sums;
	const char *error;
	int version = pq_getmsgbyte(message);
	int i;

	if (version != CRK_AGEING_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unknown version %d of the binary form of type ageing", version)));
	sums.as_of = (DateADT) pq_getmsgint(message, 4);
	sums.nbounds = pq_getmsgbyte(message);
	if (sums.nbounds < 1 || sums.nbounds > CRK_AGEING_MAX_BOUNDS)
		error = "There must be 1 to 16 bounds.";
	else
	{
		for (i = 0; i < sums.nbounds; i++)
			sums.bounds[i] = (int32) pq_getmsgint(message, 4);
		sums.scale = pq_getmsgbyte(message);
		for (i = 0; i < CRK_AGEING_SLOTS(&sums); i++)
		{
			uint64 high = (uint64) pq_getmsgint64(message);
			uint64 low = (uint64) pq_getmsgint64(message);

			sums.slot[i].amount = (crk_int128) ((unsigned __int128) high << 64 | low);
			sums.slot[i].items = pq_getmsgint64(message);
			sums.slot[i].display_scale = (int) pq_getmsgint(message, 2);
		}
		error = IS_VALID_DATE(sums.as_of) ? crk_ageing_check(&sums) :
											"The date is out of range.";
	}
	if (error != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type ageing"),
				 errdetail("%s", error)));
	PG_RETURN_DATUM(crk_ageing_make(&sums));
}

/*
 * Labels have no character that JSON would escape.
 */
static char *
json_text(Datum ageing)
{
	CrkAgeingSums sums;
	StringInfoData text;
	int slot;

	crk_ageing_get(ageing, &sums);
	initStringInfo(&text);
	appendStringInfo(&text, "{\"as_of\": \"%s\", \"bounds\": [", crk_date_text(sums.as_of));
	for (slot = 0; slot < sums.nbounds; slot++)
		appendStringInfo(&text, "%s%d", slot == 0 ? "" : ", ", sums.bounds[slot]);
	appendStringInfo(&text, "], \"total\": %s, \"overdue\": %s, \"buckets\": [",
					 DatumGetCString(DirectFunctionCall1(numeric_out,
														 crk_ageing_sum(&sums, 0, sums.nbounds + 2))),
					 DatumGetCString(DirectFunctionCall1(numeric_out,
														 crk_ageing_sum(&sums, 1, sums.nbounds + 1))));
	for (slot = 0; slot < CRK_AGEING_SLOTS(&sums); slot++)
	{
		char label[CRK_AGEING_LABEL_SIZE];

		crk_ageing_label(sums.bounds, sums.nbounds, slot, label);
		appendStringInfo(&text, "%s{\"bucket\": %d, \"label\": \"%s\", \"amount\": %s, \"items\": " INT64_FORMAT "}",
						 slot == 0 ? "" : ", ",
						 slot == sums.nbounds + 2 ? CRK_AGEING_NO_DUE_DATE : slot,
						 label, amount_text(&sums, slot), sums.slot[slot].items);
	}
	appendStringInfoString(&text, "]}");
	return text.data;
}

/*
 * numeric in JSON keeps its digits, so nothing is lost here either.
 */
PG_FUNCTION_INFO_V1(crk_ageing_to_jsonb);
Datum
crk_ageing_to_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in,
										CStringGetDatum(json_text(PG_GETARG_DATUM(0)))));
}

/*
 * to_jsonb() and row_to_json() look for a cast to json, also for jsonb.
 */
PG_FUNCTION_INFO_V1(crk_ageing_to_json);
Datum
crk_ageing_to_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(json_text(PG_GETARG_DATUM(0))));
}
