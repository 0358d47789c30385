/*
 * payment_terms.c
 *	  Payment terms: the invariants of the value, its text, its dates, its split.
 */
#include "kernel/payment_terms.h"

#include <stdio.h>

/*
 * A number of millionths without needless zeros; returns the length.
 */
static int
crk_format_millionths(int64_t millionths, char *text)
{
	int length = sprintf(text, "%lld.%06lld",
						 (long long) (millionths / CRK_TERMS_UNIT),
						 (long long) (millionths % CRK_TERMS_UNIT));

	while (text[length - 1] == '0')
		length--;
	if (text[length - 1] == '.')
		length--;
	text[length] = '\0';
	return length;
}

/*
 * What is wrong with one rule, or NULL.
 */
static const char *
crk_rule_check(const CrkRule *rule)
{
	if (rule->kind > CRK_RULE_PREPAYMENT || rule->unit > CRK_UNIT_MONTHS || rule->zero != 0)
		return "A rule is of an unknown kind.";
	if (rule->kind >= CRK_RULE_ON_RECEIPT &&
		(rule->count != 0 || rule->unit != CRK_UNIT_DAYS))
		return "A payment on receipt, on delivery or in advance has no days.";
	if (rule->day_of_month > 31)
		return "The day of the month must be between 1 and 31.";
	if (rule->day_of_month != 0 && rule->kind != CRK_RULE_NET_EOM &&
		rule->kind != CRK_RULE_EOM_NET)
		return "A day of the month must follow the end of a month.";
	if (rule->unit == CRK_UNIT_MONTHS && rule->kind != CRK_RULE_NET &&
		rule->kind != CRK_RULE_NET_EOM)
		return "Behind the end of a month or decade only days can be counted.";
	if (rule->unit == CRK_UNIT_DAYS &&
		(rule->count < 0 || rule->count > CRK_TERMS_MAX_DAYS))
		return "Days must be between 0 and 3650.";
	if (rule->unit == CRK_UNIT_MONTHS &&
		(rule->count < 1 || rule->count > CRK_TERMS_MAX_MONTHS))
		return "Months must be between 1 and 120.";
	if (rule->kind == CRK_RULE_EOM_NET && rule->count == 0)
		return "A rule is not in its canonical form.";
	return NULL;
}

/*
 * The invariants of the value, one by one.  The binary input asks them as the
 * parser does, so that nothing else is ever stored.
 */
bool
crk_terms_check(const CrkTerms *terms, char *detail)
{
	const char *wrong = NULL;
	int64_t sum = 0;
	bool discount = terms->discount_pct != 0;

	detail[0] = '\0';
	if (terms->version != CRK_TERMS_VERSION)
		wrong = "The version is unknown.";
	else if (terms->share_kind > CRK_SHARE_AMOUNT)
		wrong = "The instalments are of an unknown kind.";
	else if (terms->count < 1 || terms->count > CRK_TERMS_MAX_INSTALMENTS)
		wrong = "There must be between 1 and 120 instalments.";
	else if (terms->share_kind == CRK_SHARE_WHOLE && terms->count != 1)
		wrong = "Several instalments must have shares.";

	for (int i = 0; wrong == NULL && i < terms->count; i++)
	{
		int64_t share = terms->instalment[i].share;
		bool none = terms->share_kind == CRK_SHARE_WHOLE ||
					(terms->share_kind == CRK_SHARE_AMOUNT && i == terms->count - 1);

		wrong = crk_rule_check(&terms->instalment[i].rule);
		if (wrong != NULL)
			break;
		if (none ? share != 0 : share <= 0)
			wrong = "An instalment must be greater than zero.";
		else if (terms->share_kind == CRK_SHARE_PART && share > CRK_TERMS_MAX_PARTS)
			wrong = "Parts must not exceed 1000000.";
		else if (share >= CRK_TERMS_MAX_AMOUNT * CRK_TERMS_UNIT)
			wrong = "An amount is too large.";
		else if (terms->share_kind == CRK_SHARE_PERCENT)
			sum += share > INT64_C(100) * CRK_TERMS_UNIT ? INT64_C(100) * CRK_TERMS_UNIT + 1 : share;
	}

	if (wrong == NULL && terms->share_kind == CRK_SHARE_PERCENT &&
		sum != INT64_C(100) * CRK_TERMS_UNIT)
	{
		char figure[32];

		crk_format_millionths(sum, figure);
		if (sum < INT64_C(100) * CRK_TERMS_UNIT)
			snprintf(detail, CRK_TERMS_DETAIL_SIZE,
					 "The percentages add up to %s, not to 100.", figure);
		else
			wrong = "The percentages add up to more than 100.";
	}
	else if (wrong == NULL && terms->count == 1 && terms->share_kind != CRK_SHARE_WHOLE)
		wrong = "A single instalment must be the whole.";

	if (wrong == NULL && detail[0] == '\0' && (discount || terms->discount_days != 0))
	{
		const CrkRule *rule = &terms->instalment[0].rule;

		if (terms->discount_pct <= 0 || terms->discount_pct >= 100 * CRK_TERMS_UNIT)
			wrong = "The discount must be more than 0 and less than 100 percent.";
		else if (terms->discount_days < 0 || terms->discount_days > CRK_TERMS_MAX_DAYS)
			wrong = "The days of the discount must be between 0 and 3650.";
		else if (terms->count > 1 || rule->kind >= CRK_RULE_ON_RECEIPT)
			wrong = "A discount needs one later due date.";
		else if (rule->kind == CRK_RULE_NET && rule->unit == CRK_UNIT_DAYS &&
				 terms->discount_days > rule->count)
			wrong = "The discount must end no later than the term.";
	}

	if (wrong != NULL)
		snprintf(detail, CRK_TERMS_DETAIL_SIZE, "%s", wrong);
	return detail[0] == '\0';
}

/*
 * 1st, 2nd, 3rd, 4th.
 */
static const char *
crk_ordinal_suffix(int day)
{
	if (day == 1 || day == 21 || day == 31)
		return "st";
	if (day == 2 || day == 22)
		return "nd";
	if (day == 3 || day == 23)
		return "rd";
	return "th";
}

/*
 * The canonical text of one rule; "net" is said once behind a discount.
 */
static int
crk_rule_format(const CrkRule *rule, bool discount, char *text)
{
	char *at = text;
	char count[32];

	sprintf(count, rule->unit == CRK_UNIT_DAYS ? "%d" : rule->count == 1 ? "%d month" :
																		   "%d months",
			rule->count);
	if (rule->kind == CRK_RULE_NET || discount)
		at += sprintf(at, "net ");

	switch ((CrkRuleKind) rule->kind)
	{
		case CRK_RULE_NET:
			at += sprintf(at, "%s", count);
			break;
		case CRK_RULE_NET_EOM:
			if (rule->count == 0 && rule->day_of_month != 0)
				return (int) (at - text) + sprintf(at, "%d prox", rule->day_of_month);
			if (rule->count == 0)
				at += sprintf(at, "eom");
			else
				at += sprintf(at, "%s eom", count);
			break;
		case CRK_RULE_EOM_NET:
			at += sprintf(at, "eom %s", count);
			break;
		case CRK_RULE_DECADE_NET:
			at += sprintf(at, "end of decade");
			if (rule->count != 0)
				at += sprintf(at, " %s", count);
			break;
		case CRK_RULE_ON_RECEIPT:
			at += sprintf(at, "due on receipt");
			break;
		case CRK_RULE_ON_DELIVERY:
			at += sprintf(at, "cod");
			break;
		case CRK_RULE_PREPAYMENT:
			at += sprintf(at, "prepayment");
			break;
	}
	if (rule->day_of_month != 0)
		at += sprintf(at, " on the %d%s", rule->day_of_month,
					  crk_ordinal_suffix(rule->day_of_month));
	return (int) (at - text);
}

/*
 * Every word that is written here is one that the parser reads the same way
 * under either reading.
 */
int
crk_terms_format(const CrkTerms *terms, char *text)
{
	char *at = text;

	if (terms->discount_pct != 0)
	{
		at += crk_format_millionths(terms->discount_pct, at);
		at += sprintf(at, "/%d ", terms->discount_days);
	}
	for (int i = 0; i < terms->count; i++)
	{
		const CrkInstalment *instalment = &terms->instalment[i];

		if (i > 0)
			at += sprintf(at, ", ");
		switch ((CrkShareKind) terms->share_kind)
		{
			case CRK_SHARE_WHOLE:
				break;
			case CRK_SHARE_PERCENT:
				at += crk_format_millionths(instalment->share, at);
				at += sprintf(at, "%% ");
				break;
			case CRK_SHARE_PART:
				at += sprintf(at, "%lld part%s ", (long long) instalment->share,
							  instalment->share == 1 ? "" : "s");
				break;
			case CRK_SHARE_AMOUNT:
				if (instalment->share == 0)
					at += sprintf(at, "rest");
				else
					at += crk_format_millionths(instalment->share, at);
				at += sprintf(at, " ");
				break;
		}
		at += crk_rule_format(&instalment->rule, terms->discount_pct != 0, at);
	}
	return (int) (at - text);
}

/*
 * Payment on receipt, on delivery and in advance carry no days: for the ledger
 * all three are due on the start date.
 */
int64_t
crk_rule_due(const CrkRule *rule, int64_t start)
{
	int64_t due;

	switch ((CrkRuleKind) rule->kind)
	{
		case CRK_RULE_NET:
			if (rule->unit == CRK_UNIT_MONTHS)
				return crk_add_months(start, rule->count);
			return crk_due_net(start, rule->count);
		case CRK_RULE_NET_EOM:
			if (rule->unit == CRK_UNIT_MONTHS)
				due = crk_month_end(crk_add_months(start, rule->count));
			else
				due = crk_due_net_eom(start, rule->count);
			break;
		case CRK_RULE_EOM_NET:
			due = crk_due_eom_net(start, rule->count);
			break;
		case CRK_RULE_DECADE_NET:
			return crk_decade_end(start) + rule->count;
		default:
			return start;
	}
	if (rule->day_of_month != 0)
		due = crk_next_day_of_month(due, rule->day_of_month);
	return due;
}

/*
 * Whether a rule only adds days to the start.
 */
static bool
crk_rule_is_constant(const CrkRule *rule)
{
	return rule->kind >= CRK_RULE_ON_RECEIPT || (rule->kind == CRK_RULE_NET && rule->unit == CRK_UNIT_DAYS);
}

/*
 * Four years in a row have every month and a leap day: every distance that two
 * rules can have is among theirs.
 */
int64_t
crk_rule_lead(const CrkRule *rule, const CrkRule *other)
{
	int64_t starts = crk_rule_is_constant(rule) && crk_rule_is_constant(other) ? 1 : 4 * 365 + 1;
	int64_t most = INT64_MIN;

	for (int64_t start = 0; start < starts; start++)
	{
		int64_t lead = crk_rule_due(rule, start) - crk_rule_due(other, start);

		if (lead > most)
			most = lead;
	}
	return most;
}

/*
 * Whoever pays on receipt of the invoice has the goods by then.
 */
bool
crk_terms_on_credit(const CrkTerms *terms)
{
	for (int i = 0; i < terms->count; i++)
	{
		if (terms->instalment[i].rule.kind < CRK_RULE_ON_DELIVERY)
			return true;
	}
	return false;
}

/*
 * value * 10^scale / 10^CRK_TERMS_SCALE, where that is whole and fits.
 */
static CrkSplitStatus
crk_rescale(int64_t value, int scale, crk_int128 *result)
{
	*result = value;
	if (scale >= CRK_TERMS_SCALE)
		return crk_decimal_shift(result, scale - CRK_TERMS_SCALE) ? CRK_SPLIT_OK : CRK_SPLIT_TOO_LARGE;
	for (; scale < CRK_TERMS_SCALE; scale++)
	{
		if (*result % 10 != 0)
			return CRK_SPLIT_TOO_FINE;
		*result /= 10;
	}
	return CRK_SPLIT_OK;
}

/*
 * Fixed amounts are counted against the absolute total, so that a credit note
 * is split as its invoice is; what they leave, nothing included, is the rest.
 */
CrkSplitStatus
crk_terms_split(const CrkTerms *terms, crk_int128 amount, int scale,
				crk_int128 *parts, CrkRemainder *scratch)
{
	crk_int128 weights[CRK_TERMS_MAX_INSTALMENTS];
	crk_int128 rest = amount < 0 ? amount : -amount; /* negative: it always fits */

	if (terms->share_kind == CRK_SHARE_WHOLE)
	{
		parts[0] = amount;
		return CRK_SPLIT_OK;
	}

	if (terms->share_kind != CRK_SHARE_AMOUNT)
	{
		for (int i = 0; i < terms->count; i++)
			weights[i] = terms->instalment[i].share;
		crk_allocate(amount, weights, terms->count, parts, scratch);
		return CRK_SPLIT_OK;
	}

	for (int i = 0; i < terms->count - 1; i++)
	{
		CrkSplitStatus status = crk_rescale(terms->instalment[i].share, scale, &parts[i]);

		if (status != CRK_SPLIT_OK)
			return status;
		if (rest + parts[i] > 0)
			return CRK_SPLIT_TOO_SMALL;
		rest += parts[i];
		if (amount < 0)
			parts[i] = -parts[i];
	}
	parts[terms->count - 1] = amount < 0 ? rest : -rest;
	return CRK_SPLIT_OK;
}
