/*
 * legal_maximum.c
 *	  fr_max_due_date(): the latest lawful due date in France.
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
	CrkRuleKind kind;
	int days;
} CrkLegalMaximum;

static const CrkLegalMaximum legal_maxima[] = {
	/* L441-10 I */
	{ "not_agreed", true, CRK_RULE_NET, 30 },
	{ "60_days", false, CRK_RULE_NET, 60 },
	{ "45_eom", false, CRK_RULE_NET_EOM, 45 },
	{ "eom_45", false, CRK_RULE_EOM_NET, 45 },
	{ "periodic_invoice", false, CRK_RULE_NET, 45 },
	/* L441-11 II */
	{ "perishable_food", true, CRK_RULE_NET, 30 },
	{ "perishable_food_periodic_invoice", true, CRK_RULE_DECADE_NET, 30 },
	{ "livestock_and_fresh_meat", true, CRK_RULE_NET, 20 },
	{ "alcoholic_drinks", true, CRK_RULE_EOM_NET, 30 },
	{ "grapes_and_must_60_days", false, CRK_RULE_NET, 60 },
	{ "grapes_and_must_45_eom", false, CRK_RULE_NET_EOM, 45 },
	{ "transport", false, CRK_RULE_NET, 30 },
	/* public buyers */
	{ "public_buyer", false, CRK_RULE_NET, 30 },
	{ "public_hospital", false, CRK_RULE_NET, 50 }
};

/*
 * Not strict: the delivery may be unknown, and matters to some regimes only.
 */
PG_FUNCTION_INFO_V1(crk_fr_max_due_date);
Datum
crk_fr_max_due_date(PG_FUNCTION_ARGS)
{
	char *regime;
	StringInfoData names;

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

	initStringInfo(&names);
	for (int i = 0; i < lengthof(legal_maxima); i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", legal_maxima[i].regime);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown regime: \"%s\"", regime),
			 errhint("Regimes are %s.", names.data)));
	PG_RETURN_NULL(); /* not reached */
}
