/*
 * legal_maximum.c
 *	  The latest lawful due date in France, and what exceeds it.
 *
 * Code de commerce L441-10 and L441-11, public buyers: one row a regime.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "calendar.h"
#include "compat.h"
#include "kernel/payment_terms.h"

typedef struct CrkLegalMaximum
{
	const char *regime;
	bool from_delivery; /* else from the invoice */
	bool may_be_agreed; /* L441-10 leaves the choice */
	CrkRuleKind kind;
	int days;
} CrkLegalMaximum;

static const CrkLegalMaximum legal_maxima[] = {
	/* L441-10 I */
	{ "not_agreed", true, false, CRK_RULE_NET, 30 },
	{ "60_days", false, true, CRK_RULE_NET, 60 },
	{ "45_eom", false, true, CRK_RULE_NET_EOM, 45 },
	{ "eom_45", false, true, CRK_RULE_EOM_NET, 45 },
	{ "periodic_invoice", false, false, CRK_RULE_NET, 45 },
	/* L441-11 II */
	{ "perishable_food", true, false, CRK_RULE_NET, 30 },
	{ "perishable_food_periodic_invoice", true, false, CRK_RULE_DECADE_NET, 30 },
	{ "livestock_and_fresh_meat", true, false, CRK_RULE_NET, 20 },
	{ "alcoholic_drinks", true, false, CRK_RULE_EOM_NET, 30 },
	{ "grapes_and_must_60_days", false, false, CRK_RULE_NET, 60 },
	{ "grapes_and_must_45_eom", false, false, CRK_RULE_NET_EOM, 45 },
	{ "transport", false, false, CRK_RULE_NET, 30 },
	/* public buyers */
	{ "public_buyer", false, false, CRK_RULE_NET, 30 },
	{ "public_hospital", false, false, CRK_RULE_NET, 50 }
};

/*
 * The error for a regime that is none of ours.
 */
pg_noreturn static void
crk_refuse_regime(const char *regime, const char *more)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < lengthof(legal_maxima); i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", legal_maxima[i].regime);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown regime: \"%s\"", regime),
			 errhint("Regimes are %s%s.", more, names.data)));
}

/*
 * Not strict: the delivery may be unknown, and matters to some regimes only.
 */
PG_FUNCTION_INFO_V1(crk_fr_max_due_date);
Datum
crk_fr_max_due_date(PG_FUNCTION_ARGS)
{
	char *regime;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	regime = text_to_cstring(PG_GETARG_TEXT_PP(1));

	for (int i = 0; i < lengthof(legal_maxima); i++)
	{
		const CrkLegalMaximum *maximum = &legal_maxima[i];
		int argument = maximum->from_delivery ? 2 : 0;
		CrkRule rule = { maximum->kind, CRK_UNIT_DAYS, 0, 0, maximum->days };
		DateADT start;

		if (strcmp(regime, maximum->regime) != 0)
			continue;
		if (PG_ARGISNULL(argument))
			PG_RETURN_NULL();
		start = PG_GETARG_DATEADT(argument);
		if (DATE_NOT_FINITE(start))
			PG_RETURN_DATEADT(start);
		PG_RETURN_DATEADT(crk_date_from_day(crk_rule_due(&rule, start)));
	}
	crk_refuse_regime(regime, "");
}

/*
 * The longest instalment beyond the maximum, with the goods delivered on the
 * day of the invoice.  Parties that agree may take the one of three maxima
 * that suits their terms.
 */
PG_FUNCTION_INFO_V1(crk_fr_days_over_maximum);
Datum
crk_fr_days_over_maximum(PG_FUNCTION_ARGS)
{
	const CrkTerms *terms = (const CrkTerms *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	char *regime = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool agreed = strcmp(regime, "agreed") == 0;
	int64_t least = INT64_MAX;

	for (int i = 0; i < lengthof(legal_maxima) && least > 0; i++)
	{
		const CrkLegalMaximum *maximum = &legal_maxima[i];
		CrkRule rule = { maximum->kind, CRK_UNIT_DAYS, 0, 0, maximum->days };
		int64_t over = 0;

		if (agreed ? !maximum->may_be_agreed : strcmp(regime, maximum->regime) != 0)
			continue;
		for (int k = 0; k < terms->count; k++)
			over = Max(over, crk_rule_lead(&terms->instalment[k].rule, &rule));
		least = Min(least, over);
	}
	if (least == INT64_MAX)
		crk_refuse_regime(regime, "agreed, ");
	PG_RETURN_INT32((int32) least);
}
