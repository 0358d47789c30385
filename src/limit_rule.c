/*
 * limit_rule.c
 *	  The rule of the credit limit: one for the trigger that judges an order
 *	  and for the question what would happen.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "limit_rule.h"

/* Amounts in messages. */
#define MESSAGE_SCALE 2

/* Amount and exposure less a limit stay within 128 bits. */
#define LARGEST_AMOUNT ((crk_int128) 1 << 125)

/*
 * Exceeded is exposure > limit; equal passes.  group_excess is the most by
 * which a group above exceeds its own, not above 0 if none does.  Every reason
 * is found, also when one would do: the user must see all that he has to cure.
 */
void
crk_judge(const CrkSettings *settings, const CrkLimit *limit,
		  crk_int128 exposure_after, crk_int128 group_excess, CrkVerdict *verdict)
{
	memset(verdict, 0, sizeof(*verdict));
	verdict->blocked = limit->blocked;
	if (limit->decided)
	{
		verdict->limited = !limit->unlimited;
		verdict->limit = limit->amount;
	}
	else if (settings->no_limit == CRK_NO_LIMIT_DEFAULT)
	{
		verdict->limited = true;
		verdict->limit = settings->default_limit;
	}
	else if (settings->no_limit == CRK_NO_LIMIT_HOLD)
	{
		verdict->limited = true;
		verdict->limit = 0;
		verdict->no_limit = true;
	}
	verdict->exceeded = verdict->limited && !verdict->no_limit && exposure_after > verdict->limit;
	verdict->group_exceeded = group_excess > 0;

	if (!verdict->exceeded && !verdict->group_exceeded && !verdict->no_limit && !verdict->blocked)
		verdict->outcome = CRK_PASSED;
	else if (settings->observe)
		verdict->outcome = CRK_WARNED;
	else if (settings->on_exceed == CRK_REJECT && (verdict->exceeded || verdict->group_exceeded || verdict->blocked))
		verdict->outcome = CRK_REFUSED;
	else if (settings->on_exceed == CRK_WARN && !verdict->no_limit && !verdict->blocked)
		verdict->outcome = CRK_WARNED;
	else
		verdict->outcome = CRK_HELD;
}

/*
 * The reasons as text[]: codes, so that a screen can say them in its language.
 */
Datum
crk_reasons(const CrkVerdict *verdict)
{
	Datum reasons[4];
	int count = 0;

	if (verdict->exceeded)
		reasons[count++] = CStringGetTextDatum("credit_limit_exceeded");
	if (verdict->group_exceeded)
		reasons[count++] = CStringGetTextDatum("group_limit_exceeded");
	if (verdict->no_limit)
		reasons[count++] = CStringGetTextDatum("no_credit_limit");
	if (verdict->blocked)
		reasons[count++] = CStringGetTextDatum("customer_blocked");
	return PointerGetDatum(construct_array(reasons, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * What would let the order pass, in words and figures; NULL if it passes.
 */
char *
crk_cure(const CrkVerdict *verdict, crk_int128 exposure_after, crk_int128 group_excess)
{
	StringInfoData cure;
	char over[CRK_DECIMAL_STRING_SIZE];
	char after[CRK_DECIMAL_STRING_SIZE];
	char limit[CRK_DECIMAL_STRING_SIZE];

	if (!verdict->exceeded && !verdict->group_exceeded && !verdict->no_limit && !verdict->blocked)
		return NULL;
	initStringInfo(&cure);
	crk_decimal_to_string(exposure_after, CRK_LEDGER_SCALE, MESSAGE_SCALE, after);
	if (verdict->exceeded)
	{
		crk_decimal_to_string(exposure_after - verdict->limit, CRK_LEDGER_SCALE, MESSAGE_SCALE, over);
		crk_decimal_to_string(verdict->limit, CRK_LEDGER_SCALE, MESSAGE_SCALE, limit);
		appendStringInfo(&cure, "%s > %s by %s: passes once exposure has fallen by %s or the limit is at least %s",
						 after, limit, over, over, after);
	}
	if (verdict->group_exceeded)
	{
		crk_decimal_to_string(group_excess, CRK_LEDGER_SCALE, MESSAGE_SCALE, over);
		appendStringInfo(&cure, "%sgroup over its limit by %s: passes once the exposure of the group has fallen by as much or its limit is raised",
						 cure.len > 0 ? "; " : "", over);
	}
	if (verdict->no_limit)
		appendStringInfo(&cure, "%sno limit decided: passes with a limit of at least %s", cure.len > 0 ? "; " : "", after);
	if (verdict->blocked)
		appendStringInfo(&cure, "%scustomer blocked: passes once it is unblocked", cure.len > 0 ? "; " : "");
	return cure.data;
}

/*
 * The words of credit_decision.outcome, and refused, which leaves no row.
 */
const char *
crk_outcome_name(CrkOutcome outcome)
{
	switch (outcome)
	{
		case CRK_PASSED:
			return "passed";
		case CRK_WARNED:
			return "warned";
		case CRK_HELD:
			return "held";
		case CRK_REFUSED:
			return "refused";
	}
	return NULL;
}

/*
 * The rule as a function.  Amounts come from a user here and may have any
 * scale, so they are read with the error of a user's argument.
 */
PG_FUNCTION_INFO_V1(crk_judge_order);
Datum
crk_judge_order(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "amount", "exposure", "limit_decided", NULL, NULL, NULL, NULL, NULL, NULL, "default_limit" };
	crk_int128 amounts[10] = { 0 };
	int display_scale = 0;
	CrkSettings settings = { 0 };
	CrkLimit limit = { 0 };
	CrkVerdict verdict;
	TupleDesc tupdesc;
	Datum values[6];
	bool nulls[6] = { false };
	char *cure;
	crk_int128 exposure_after;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	for (int i = 3; i < 10; i++)
	{
		if (PG_ARGISNULL(i) && i != 5)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("argument %d of judge_order must not be null", i + 1)));
	}
	for (int i = 0; i < 10; i++)
	{
		int own_scale;
		CrkDecimalStatus status;

		if (names[i] == NULL || PG_ARGISNULL(i))
			continue;
		status = crk_numeric_read(PG_GETARG_DATUM(i), CRK_LEDGER_SCALE, &amounts[i], &own_scale);
		if (status == CRK_DECIMAL_OK && (amounts[i] > LARGEST_AMOUNT || amounts[i] < -LARGEST_AMOUNT))
			status = CRK_DECIMAL_TOO_LARGE;
		if (status != CRK_DECIMAL_OK)
			crk_numeric_refuse(status, psprintf("argument \"%s\"", names[i]));
		display_scale = Max(display_scale, Min(own_scale, CRK_LEDGER_SCALE));
	}
	if (amounts[0] < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"amount\" must not be negative")));
	exposure_after = amounts[1] + amounts[0];
	limit.unlimited = PG_GETARG_BOOL(3);
	limit.decided = PG_GETARG_BOOL(4);
	limit.amount = amounts[2];
	limit.blocked = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	settings.observe = crk_parse_mode(text_to_cstring(PG_GETARG_TEXT_PP(6)));
	crk_parse_on_exceed(text_to_cstring(PG_GETARG_TEXT_PP(7)), &settings.on_exceed);
	crk_parse_no_limit(text_to_cstring(PG_GETARG_TEXT_PP(8)), &settings.no_limit);
	settings.default_limit = amounts[9];

	crk_judge(&settings, &limit, exposure_after, 0, &verdict);
	values[0] = CStringGetTextDatum(crk_outcome_name(verdict.outcome));
	nulls[1] = !verdict.limited;
	values[1] = crk_numeric_make(verdict.limit - amounts[1], CRK_LEDGER_SCALE, display_scale);
	values[2] = crk_numeric_make(exposure_after, CRK_LEDGER_SCALE, display_scale);
	nulls[3] = !verdict.limited;
	values[3] = crk_numeric_make(verdict.limit, CRK_LEDGER_SCALE, display_scale);
	values[4] = crk_reasons(&verdict);
	cure = crk_cure(&verdict, exposure_after, 0);
	nulls[5] = cure == NULL;
	values[5] = cure ? CStringGetTextDatum(cure) : (Datum) 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}
