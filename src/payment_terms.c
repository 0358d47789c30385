/*
 * payment_terms.c
 *	  The type payment_terms, the dates it gives, and its schedule.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"

#include "calendar.h"
#include "compat.h"
#include "decimal.h"
#include "payment_terms.h"

#define CRK_MAX_SCALE 30

StaticAssertDecl(sizeof(CrkTerms) == 16 && sizeof(CrkInstalment) == 16,
				 "a stored value has no padding");

/*
 * A stored value, with the word that stored it kept: a version that we do not
 * know is never guessed at.
 */
static CrkTerms *
crk_terms_from_datum(Datum datum)
{
	CrkTerms *terms = (CrkTerms *) PG_DETOAST_DATUM(datum);

	if (VARSIZE(terms) < sizeof(CrkTerms) ||
		terms->version != CRK_TERMS_VERSION ||
		VARSIZE(terms) != CRK_TERMS_SIZE(terms->count))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("payment terms of an unknown version"),
				 errhint("The value was written by a newer credit_risk or is damaged.")));
	return terms;
}

#define PG_GETARG_TERMS(n) crk_terms_from_datum(PG_GETARG_DATUM(n))

/*
 * The parser reads UTF-8.  A database in SQL_ASCII knows no encoding, and its
 * bytes go as they are.
 */
static CrkTerms *
crk_terms_read(const char *string, int length, CrkReading reading,
			   struct Node *escontext)
{
	CrkTermsBuffer buffer;
	CrkTerms *terms;
	char detail[CRK_TERMS_DETAIL_SIZE];
	const char *utf8 = string;
	const char *reason = detail;
	bool known_encoding = GetDatabaseEncoding() != PG_SQL_ASCII;

	if (known_encoding)
		utf8 = pg_server_to_any(string, length, PG_UTF8);
	if (!crk_terms_parse(utf8, utf8 == string ? length : strlen(utf8), reading,
						 &buffer, detail))
	{
		if (known_encoding)
			reason = pg_any_to_server(detail, strlen(detail), PG_UTF8);
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%.*s\"",
						"payment_terms", length, string),
				 errdetail("%s", reason),
				 errhint("Accepted are, for example, \"net 30\", \"net 2 months\", "
						 "\"30 eom\" (30 days, then end of month), \"eom 30\" (end of month, then 30 days), "
						 "\"30 eom on the 10th\", \"10 prox\", \"end of decade 30\", "
						 "\"due on receipt\", \"cod\", \"prepayment\", \"2/10 net 30\", "
						 "\"30%% net 0, 70%% 30 eom\", \"1000 net 0, rest net 30\"; "
						 "in French \"30 jours\", \"30 jours fin de mois\", \"fin de mois 30 jours\", "
						 "\"30 fin de mois le 10\", \"30 fin de decade\", \"comptant\".")));
	}

	terms = palloc(CRK_TERMS_SIZE(buffer.terms.count));
	memcpy(terms, &buffer.terms, CRK_TERMS_SIZE(buffer.terms.count));
	SET_VARSIZE(terms, CRK_TERMS_SIZE(terms->count));
	return terms;
}

/*
 * For the C of the ledger, which meets terms as text only.
 */
CrkTerms *
crk_terms_from_text(const text *terms, CrkReading reading)
{
	return crk_terms_read(VARDATA_ANY(terms), VARSIZE_ANY_EXHDR(terms),
						  reading, NULL);
}

/*
 * The text is ASCII and needs no conversion.
 */
text *
crk_terms_to_text(const CrkTerms *terms)
{
	char buffer[CRK_TERMS_TEXT_SIZE];

	return cstring_to_text_with_len(buffer, crk_terms_format(terms, buffer));
}

/*
 * 'A' or 'B': what "N jours fin de mois" means here.
 */
static CrkReading
crk_reading(const text *reading)
{
	if (VARSIZE_ANY_EXHDR(reading) == 1)
	{
		char letter = pg_toupper(*VARDATA_ANY(reading));

		if (letter == 'A')
			return CRK_READING_A;
		if (letter == 'B')
			return CRK_READING_B;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown reading: \"%s\"", text_to_cstring(reading)),
			 errhint("reading is A (the days, then the end of the month) or B (the end of the month, then the days).")));
	return CRK_READING_A; /* not reached */
}

/*
 * A literal has no second argument to name a reading in: it is A.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_in);
Datum
crk_payment_terms_in(PG_FUNCTION_ARGS)
{
	char *string = PG_GETARG_CSTRING(0);
	CrkTerms *terms = crk_terms_read(string, strlen(string), CRK_READING_A,
									 fcinfo->context);

	if (terms == NULL)
		PG_RETURN_NULL(); /* reported softly */
	PG_RETURN_POINTER(terms);
}

/*
 * Always English, and always the same words for the same terms.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_out);
Datum
crk_payment_terms_out(PG_FUNCTION_ARGS)
{
	char buffer[CRK_TERMS_TEXT_SIZE];

	crk_terms_format(PG_GETARG_TERMS(0), buffer);
	PG_RETURN_CSTRING(pstrdup(buffer));
}

/*
 * Binary copies pass by the parser, so every invariant is asked again.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_recv);
Datum
crk_payment_terms_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int version = pq_getmsgbyte(message);
	int share_kind = pq_getmsgbyte(message);
	unsigned int count = pq_getmsgint(message, 2);
	char detail[CRK_TERMS_DETAIL_SIZE];
	CrkTerms *terms;

	if (version != CRK_TERMS_VERSION || count < 1 || count > CRK_TERMS_MAX_INSTALMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary payment_terms"),
				 errdetail("The version is %d, the number of instalments %u.", version, count)));

	terms = palloc0(CRK_TERMS_SIZE(count));
	SET_VARSIZE(terms, CRK_TERMS_SIZE(count));
	terms->version = version;
	terms->share_kind = share_kind;
	terms->count = count;
	terms->discount_pct = pq_getmsgint(message, 4);
	terms->discount_days = pq_getmsgint(message, 4);
	for (unsigned int i = 0; i < count; i++)
	{
		CrkInstalment *instalment = &terms->instalment[i];

		instalment->share = pq_getmsgint64(message);
		instalment->rule.kind = pq_getmsgbyte(message);
		instalment->rule.unit = pq_getmsgbyte(message);
		instalment->rule.day_of_month = pq_getmsgbyte(message);
		instalment->rule.count = pq_getmsgint(message, 4);
	}
	if (!crk_terms_check(terms, detail))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary payment_terms"),
				 errdetail("%s", detail)));
	PG_RETURN_POINTER(terms);
}

/*
 * Field by field in network order: the value in memory is the machine's.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_send);
Datum
crk_payment_terms_send(PG_FUNCTION_ARGS)
{
	CrkTerms *terms = PG_GETARG_TERMS(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbyte(&message, terms->version);
	pq_sendbyte(&message, terms->share_kind);
	pq_sendint16(&message, terms->count);
	pq_sendint32(&message, terms->discount_pct);
	pq_sendint32(&message, terms->discount_days);
	for (int i = 0; i < terms->count; i++)
	{
		CrkInstalment *instalment = &terms->instalment[i];

		pq_sendint64(&message, instalment->share);
		pq_sendbyte(&message, instalment->rule.kind);
		pq_sendbyte(&message, instalment->rule.unit);
		pq_sendbyte(&message, instalment->rule.day_of_month);
		pq_sendint32(&message, instalment->rule.count);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * Equal terms are equal bytes: the value has one form.
 */
static bool
crk_terms_equal(const CrkTerms *left, const CrkTerms *right)
{
	return VARSIZE(left) == VARSIZE(right) &&
		   memcmp(VARDATA(left), VARDATA(right), VARSIZE(left) - VARHDRSZ) == 0;
}

/*
 * The operators = and <>; there is no order, since no term is less than another
 * for every start date.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_eq);
Datum
crk_payment_terms_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(crk_terms_equal(PG_GETARG_TERMS(0), PG_GETARG_TERMS(1)));
}

/*
 * See crk_payment_terms_eq().
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_ne);
Datum
crk_payment_terms_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!crk_terms_equal(PG_GETARG_TERMS(0), PG_GETARG_TERMS(1)));
}

/*
 * Equal terms are equal bytes, so their bytes are hashed.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_hash);
Datum
crk_payment_terms_hash(PG_FUNCTION_ARGS)
{
	CrkTerms *terms = PG_GETARG_TERMS(0);

	return hash_any((unsigned char *) VARDATA(terms), VARSIZE(terms) - VARHDRSZ);
}

/*
 * The seeded form, for hash partitions: cast in stone by them.
 */
PG_FUNCTION_INFO_V1(crk_payment_terms_hash_extended);
Datum
crk_payment_terms_hash_extended(PG_FUNCTION_ARGS)
{
	CrkTerms *terms = PG_GETARG_TERMS(0);

	return hash_any_extended((unsigned char *) VARDATA(terms),
							 VARSIZE(terms) - VARHDRSZ, PG_GETARG_INT64(1));
}

/*
 * Ledger columns hold text and not the type, so that the extension can go
 * without them; this is their check and their one spelling.
 */
PG_FUNCTION_INFO_V1(crk_canonical_terms);
Datum
crk_canonical_terms(PG_FUNCTION_ARGS)
{
	CrkTerms *terms = crk_terms_from_text(PG_GETARG_TEXT_PP(0),
										  crk_reading(PG_GETARG_TEXT_PP(1)));

	PG_RETURN_TEXT_P(crk_terms_to_text(terms));
}

/*
 * One date by one rule.
 */
static DateADT
crk_rule_due_date(const CrkRule *rule, DateADT start)
{
	if (DATE_NOT_FINITE(start))
		return start;
	return crk_date_from_day(crk_rule_due(rule, start));
}

/*
 * Several instalments have several dates, and picking one would be a guess.
 */
DateADT
crk_terms_due_date(const CrkTerms *terms, DateADT start)
{
	if (terms->count > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("terms with instalments have no single due date"),
				 errdetail("The terms \"%s\" have %d instalments.",
						   text_to_cstring(crk_terms_to_text(terms)), terms->count),
				 errhint("Use payment_schedule(amount, start_date, terms).")));
	return crk_rule_due_date(&terms->instalment[0].rule, start);
}

/*
 * Function of the operator date + payment_terms.
 */
PG_FUNCTION_INFO_V1(crk_due_date);
Datum
crk_due_date(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(crk_terms_due_date(PG_GETARG_TERMS(1), PG_GETARG_DATEADT(0)));
}

/*
 * The commutator of the operator wants its arguments the other way round.
 */
PG_FUNCTION_INFO_V1(crk_due_date_commuted);
Datum
crk_due_date_commuted(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(crk_terms_due_date(PG_GETARG_TERMS(0), PG_GETARG_DATEADT(1)));
}

/*
 * Terms as text, and the one place where a caller chooses the reading of the
 * French phrase for a date.
 */
PG_FUNCTION_INFO_V1(crk_payment_due_date);
Datum
crk_payment_due_date(PG_FUNCTION_ARGS)
{
	CrkTerms *terms = crk_terms_from_text(PG_GETARG_TEXT_PP(1),
										  crk_reading(PG_GETARG_TEXT_PP(2)));

	PG_RETURN_DATEADT(crk_terms_due_date(terms, PG_GETARG_DATEADT(0)));
}

/*
 * What tells a caller beforehand whether due_date() will answer.
 */
PG_FUNCTION_INFO_V1(crk_has_instalments);
Datum
crk_has_instalments(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_TERMS(0)->count > 1);
}

/*
 * The last instalment is not always the longest: each is asked.
 */
PG_FUNCTION_INFO_V1(crk_terms_days);
Datum
crk_terms_days(PG_FUNCTION_ARGS)
{
	static const CrkRule at_once = { CRK_RULE_ON_RECEIPT, CRK_UNIT_DAYS, 0, 0, 0 };
	const CrkTerms *terms = PG_GETARG_TERMS(0);
	int64_t days = 0;

	for (int i = 0; i < terms->count; i++)
		days = Max(days, crk_rule_lead(&terms->instalment[i].rule, &at_once));
	PG_RETURN_INT32((int32) days);
}

/*
 * Whether a customer under these terms has the goods before he has paid.
 */
PG_FUNCTION_INFO_V1(crk_on_credit);
Datum
crk_on_credit(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(crk_terms_on_credit(PG_GETARG_TERMS(0)));
}

/*
 * No discount is NULL, not zero: there is no deadline to miss.
 */
PG_FUNCTION_INFO_V1(crk_discount_pct);
Datum
crk_discount_pct(PG_FUNCTION_ARGS)
{
	CrkTerms *terms = PG_GETARG_TERMS(0);

	if (terms->discount_pct == 0)
		PG_RETURN_NULL();
	return crk_numeric_make(terms->discount_pct, CRK_TERMS_SCALE, 0);
}

/*
 * The deadline day is still in time.  A discount never outlives the term: where
 * that is a month end, only the date can tell.
 */
PG_FUNCTION_INFO_V1(crk_discount_due_date);
Datum
crk_discount_due_date(PG_FUNCTION_ARGS)
{
	DateADT start = PG_GETARG_DATEADT(0);
	CrkTerms *terms = PG_GETARG_TERMS(1);
	DateADT deadline;

	if (terms->discount_pct == 0)
		PG_RETURN_NULL();
	if (DATE_NOT_FINITE(start))
		PG_RETURN_DATEADT(start);
	deadline = crk_date_from_day(crk_due_net(start, terms->discount_days));
	PG_RETURN_DATEADT(Min(deadline, crk_terms_due_date(terms, start)));
}

/*
 * What forgoing the discount costs in a year.  A statistic, hence a float; the
 * year of the compounding is the basis too, so that both figures speak of the
 * same year.
 */
PG_FUNCTION_INFO_V1(crk_discount_annualized);
Datum
crk_discount_annualized(PG_FUNCTION_ARGS)
{
	Datum discount_pct = PG_GETARG_DATUM(0);
	int32 discount_days = PG_GETARG_INT32(1);
	int32 net_days = PG_GETARG_INT32(2);
	int32 basis = PG_GETARG_INT32(3);
	bool effective = PG_GETARG_BOOL(4);
	double pct;
	double days;
	double result;

	if (numeric_is_nan(DatumGetNumeric(discount_pct)))
		crk_numeric_refuse(CRK_DECIMAL_NAN, "discount_pct");
	pct = DatumGetFloat8(DirectFunctionCall1(numeric_float8, discount_pct));
	if (pct < 0 || pct >= 100)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount_pct must be at least 0 and less than 100"),
				 errdetail("discount_pct is %s.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, discount_pct)))));
	if (discount_days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount_days must not be negative"),
				 errdetail("discount_days is %d.", discount_days)));
	if (net_days <= discount_days)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("net_days must be greater than discount_days"),
				 errdetail("net_days is %d, discount_days is %d.", net_days, discount_days)));
	if (basis <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("basis must be greater than zero"),
				 errdetail("basis is %d.", basis),
				 errhint("The usual bases are 365 and 360.")));

	days = net_days - discount_days;
	if (effective)
		result = expm1(-log1p(-pct / 100) * basis / days);
	else
		result = pct / (100 - pct) * basis / days;
	if (isinf(result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("annualized discount out of range")));
	PG_RETURN_FLOAT8(result);
}

/*
 * The amount must be in minor units already: rounding here would make a sum
 * that is not the invoice's.
 */
void
crk_terms_schedule(const CrkTerms *terms, Datum amount, int scale,
				   DateADT start, DateADT *due_dates, Datum *amounts)
{
	crk_int128 parts[CRK_TERMS_MAX_INSTALMENTS];
	CrkRemainder scratch[CRK_TERMS_MAX_INSTALMENTS];
	crk_int128 total;
	int display_scale;
	CrkDecimalStatus status;
	CrkSplitStatus split;

	if (scale < 0 || scale > CRK_MAX_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("currency_scale must be between 0 and %d", CRK_MAX_SCALE),
				 errdetail("currency_scale is %d.", scale)));
	status = crk_numeric_read(amount, scale, &total, &display_scale);
	if (status == CRK_DECIMAL_TOO_FINE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amount has more decimals than the currency"),
				 errdetail("amount is %s, currency_scale is %d.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, amount)), scale),
				 errhint("Round the amount first.")));
	if (status != CRK_DECIMAL_OK)
		crk_numeric_refuse(status, "amount");

	split = crk_terms_split(terms, total, scale, parts, scratch);
	if (split != CRK_SPLIT_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 split == CRK_SPLIT_TOO_SMALL ? errmsg("amount is smaller than the fixed instalments of the terms") : split == CRK_SPLIT_TOO_FINE ? errmsg("a fixed instalment has more decimals than the currency") :
																																					errmsg("a fixed instalment is out of range"),
				 errdetail("amount is %s, currency_scale is %d, terms are \"%s\".",
						   DatumGetCString(DirectFunctionCall1(numeric_out, amount)), scale,
						   text_to_cstring(crk_terms_to_text(terms)))));

	for (int i = 0; i < terms->count; i++)
	{
		due_dates[i] = crk_rule_due_date(&terms->instalment[i].rule, start);
		amounts[i] = crk_numeric_make(parts[i], scale, scale);
	}
}

/* A schedule that is handed out row by row. */
typedef struct CrkSchedule
{
	DateADT due_dates[CRK_TERMS_MAX_INSTALMENTS];
	Datum amounts[CRK_TERMS_MAX_INSTALMENTS];
} CrkSchedule;

/*
 * One row an instalment; both SQL functions end here.
 */
static Datum
crk_schedule_next(FunctionCallInfo fcinfo, bool is_text)
{
	FuncCallContext *context;
	CrkSchedule *schedule;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext caller;
		CrkTerms *terms;
		TupleDesc row;

		context = SRF_FIRSTCALL_INIT();
		caller = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		context->tuple_desc = BlessTupleDesc(row);

		terms = is_text ? crk_terms_from_text(PG_GETARG_TEXT_PP(2), CRK_READING_A) : PG_GETARG_TERMS(2);
		schedule = palloc(sizeof(CrkSchedule));
		crk_terms_schedule(terms, PG_GETARG_DATUM(0), PG_GETARG_INT32(3),
						   PG_GETARG_DATEADT(1), schedule->due_dates,
						   schedule->amounts);
		context->user_fctx = schedule;
		context->max_calls = terms->count;
		MemoryContextSwitchTo(caller);
	}

	context = SRF_PERCALL_SETUP();
	schedule = context->user_fctx;
	if (context->call_cntr < context->max_calls)
	{
		int i = (int) context->call_cntr;
		Datum values[3];
		bool nulls[3] = { false, false, false };

		values[0] = Int32GetDatum(i + 1);
		values[1] = DateADTGetDatum(schedule->due_dates[i]);
		values[2] = schedule->amounts[i];
		SRF_RETURN_NEXT(context,
						HeapTupleGetDatum(heap_form_tuple(context->tuple_desc,
														  values, nulls)));
	}
	SRF_RETURN_DONE(context);
}

/*
 * Terms as text.
 */
PG_FUNCTION_INFO_V1(crk_payment_schedule);
Datum
crk_payment_schedule(PG_FUNCTION_ARGS)
{
	return crk_schedule_next(fcinfo, true);
}

/*
 * Terms as a value.
 */
PG_FUNCTION_INFO_V1(crk_payment_schedule_terms);
Datum
crk_payment_schedule_terms(PG_FUNCTION_ARGS)
{
	return crk_schedule_next(fcinfo, false);
}
