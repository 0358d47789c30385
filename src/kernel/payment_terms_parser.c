/*
 * payment_terms_parser.c
 *	  Payment terms: from text in English and French to the value.
 *
 * The parser matches phrases against the text from left to right and goes back
 * where one does not fit; it needs no memory of its own.  Case, accents,
 * blanks, dots of abbreviations and hyphens inside words do not count.
 *
 *	terms      := discount rule | rule | instalment { separator instalment }
 *	discount   := PCT '/' DAYS | PCT '%' DAYS			(2/10, 2% 10 days)
 *	instalment := PCT '%' rule | N 'part' rule | AMOUNT rule | 'rest' rule
 *	rule       := 'due on receipt' | 'cod' | 'prepayment'
 *				| ['net'] N unit							(net)
 *				| ['net'] N unit 'end of month' [on]		(reading A)
 *				| ['net'] 'end of month' [N unit] [on]		(reading B)
 *				| ['net'] N unit 'end of decade'
 *				| ['net'] 'end of decade' [N unit]
 *				| ['net'] K 'prox'
 *	on         := 'on the' K
 */
#include "kernel/payment_terms.h"

#include <stdio.h>
#include <string.h>

typedef struct CrkTermsParser
{
	const unsigned char *start;
	const unsigned char *at;
	const unsigned char *end;
	const unsigned char *furthest; /* how far any attempt has come */
	CrkReading reading;
	char *detail; /* empty until more than a position is known */
} CrkTermsParser;

typedef struct CrkTermsNumber
{
	int64_t millionths;
	bool whole; /* written without decimals */
} CrkTermsNumber;

/* Longer phrases stand before their beginnings. */
static const char *const net_words[] = { "net a", "net", "n", NULL };
static const char *const trailing_net_words[] = { "nets", "net", NULL };
static const char *const day_words[] = {
	"jours calendaires", "jours", "jour", "jrs", "j",
	"calendar days", "days", "day", "d", NULL
};
static const char *const month_words[] = { "mois", "months", "month", NULL };
static const char *const english_month_end_words[] = {
	"the end of the month", "end of the month", "end of month", "month end",
	"eom", NULL
};
static const char *const french_month_end_words[] = {
	"la fin du mois", "la fin de mois", "fin du mois", "fin de mois",
	"fin mois", "fdm", NULL
};
static const char *const decade_end_words[] = {
	"the end of the decade", "end of the decade", "end of decade", "decade end",
	"la fin de la decade", "fin de la decade", "fin de decade", "fin decade", NULL
};
static const char *const after_words[] = {
	"a compter de", "after", "from", "apres", NULL
};
static const char *const on_words[] = { "on the", "on", "the", "day", "le", NULL };
static const char *const ordinal_words[] = {
	"st", "nd", "rd", "th", "eme", "er", "e", NULL
};
static const char *const proximo_words[] = {
	"proximo", "prox", "of the following month", "of following month",
	"of the next month", "of next month", "du mois suivant",
	"du mois prochain", NULL
};
static const char *const receipt_words[] = {
	"due on receipt of invoice", "due on receipt", "due upon receipt",
	"payable on receipt", "on receipt", "upon receipt", "due immediately",
	"immediate payment", "immediately", "immediate", "cash",
	"au comptant", "paiement comptant", "comptant",
	"a reception de la facture", "a reception de facture", "a reception",
	"paiement immediat", "immediat", NULL
};
static const char *const delivery_words[] = {
	"cash on delivery", "payment on delivery", "on delivery", "cod",
	"contre remboursement", "paiement a la livraison", "a la livraison", NULL
};
static const char *const prepayment_words[] = {
	"prepayment", "prepaid", "cash in advance", "payment in advance",
	"advance payment", "cash before delivery", "cia", "pia", "cbd",
	"prepaiement", "paiement d avance", "paiement anticipe", NULL
};
static const char *const invoice_words[] = {
	"date de facturation", "date de la facture", "date de facture",
	"date facture", "date d emission de la facture", "date d emission",
	"from date of invoice", "from the invoice date", "from invoice date",
	"after invoice date", "from invoice", "after invoice", "invoice date",
	"invoice", "facture", NULL
};
static const char *const percent_words[] = { "percent", "pct", "pour cent", NULL };
static const char *const part_words[] = { "parts", "part", NULL };
static const char *const rest_words[] = {
	"the rest", "rest", "the balance", "balance", "remainder",
	"le reste", "reste", "le solde", "solde", NULL
};
static const char *const separator_words[] = { "and", "then", "et", "puis", NULL };
static const char *const within_words[] = {
	"if paid within", "within", "in", "sous", "a", NULL
};

/*
 * One letter without case and accent, or 0.  Only the letters of Latin-1 and
 * the combining accents occur in the two languages.
 */
static int
crk_parse_letter(const CrkTermsParser *parser, const unsigned char **at)
{
	static const char folded[] = "aaaaaa\0ceeeeiiii\0nooooo\0\0uuuuy\0\0";
	const unsigned char *here = *at;
	int letter = 0;

	if (here >= parser->end)
		return 0;
	if ((here[0] | 0x20) >= 'a' && (here[0] | 0x20) <= 'z')
	{
		letter = here[0] | 0x20;
		here++;
	}
	else if (here[0] == 0xC3 && here + 1 < parser->end &&
			 here[1] >= 0x80 && here[1] <= 0xBF)
	{
		letter = folded[here[1] & 0x1F];
		here += 2;
	}
	if (letter == 0)
		return 0;

	while (here + 1 < parser->end &&
		   ((here[0] == 0xCC && here[1] >= 0x80 && here[1] <= 0xBF) ||
			(here[0] == 0xCD && here[1] >= 0x80 && here[1] <= 0xAF)))
		here += 2;
	*at = here;
	return letter;
}

/*
 * What joins two words as a blank would: a hyphen or an apostrophe.  Before a
 * number a hyphen is a minus, and that is nobody's term of payment.
 */
static int
crk_parse_joiner(const CrkTermsParser *parser, const unsigned char *at)
{
	const unsigned char *next;
	int length = 0;

	if (at == parser->start || at >= parser->end)
		return 0;
	if (*at == '-' || *at == '\'')
		length = 1;
	else if (parser->end - at >= 3 && at[0] == 0xE2 && at[1] == 0x80 &&
			 (at[2] == 0x90 || at[2] == 0x91 || at[2] == 0x99))
		length = 3; /* hyphens, apostrophe of typographers */
	else
		return 0;

	if (at[-1] < 'A') /* not behind a letter */
		return 0;
	next = at + length;
	return crk_parse_letter(parser, &next) != 0 ? length : 0;
}

/*
 * A plus sign counts as a blank: "facture + 45 jours + fin du mois" is how
 * the French administration writes it.
 */
static void
crk_parse_blanks(CrkTermsParser *parser)
{
	for (;;)
	{
		const unsigned char *at = parser->at;
		ptrdiff_t left = parser->end - at;

		if (left <= 0)
			return;
		if (*at == ' ' || (*at >= '\t' && *at <= '\r') || *at == '+')
			parser->at++;
		else if (left >= 2 && at[0] == 0xC2 && at[1] == 0xA0)
			parser->at += 2; /* no-break space */
		else if (left >= 3 && at[0] == 0xE2 && at[1] == 0x80 &&
				 ((at[2] >= 0x80 && at[2] <= 0x8A) || at[2] == 0xAF))
			parser->at += 3; /* thin spaces of French typography */
		else
		{
			int joiner = crk_parse_joiner(parser, at);

			if (joiner == 0)
				return;
			parser->at += joiner;
		}
	}
}

/*
 * Remember progress: the error message points behind the last thing that was
 * understood.
 */
static bool
crk_parse_advance(CrkTermsParser *parser)
{
	if (parser->at > parser->furthest)
		parser->furthest = parser->at;
	return true;
}

/*
 * One whole word; dots behind its letters are those of an abbreviation.
 */
static bool
crk_parse_word(CrkTermsParser *parser, const char *word, size_t length)
{
	const unsigned char *at;
	const unsigned char *next;

	crk_parse_blanks(parser);
	at = parser->at;
	for (size_t i = 0; i < length; i++)
	{
		if (crk_parse_letter(parser, &at) != word[i])
			return false;
		while (at < parser->end && *at == '.')
			at++;
	}
	next = at;
	if (crk_parse_letter(parser, &next) != 0)
		return false;
	parser->at = at;
	return true;
}

/*
 * Words separated by single blanks in the phrase and by any in the text.
 */
static bool
crk_parse_phrase(CrkTermsParser *parser, const char *phrase)
{
	const unsigned char *before = parser->at;

	while (*phrase != '\0')
	{
		size_t length = strcspn(phrase, " ");

		if (!crk_parse_word(parser, phrase, length))
		{
			parser->at = before;
			return false;
		}
		phrase += length;
		phrase += *phrase == ' ';
	}
	return crk_parse_advance(parser);
}

/*
 * The first of the phrases that fits.
 */
static bool
crk_parse_phrases(CrkTermsParser *parser, const char *const *phrases)
{
	for (; *phrases != NULL; phrases++)
		if (crk_parse_phrase(parser, *phrases))
			return true;
	return false;
}

/*
 * One mark of punctuation.
 */
static bool
crk_parse_mark(CrkTermsParser *parser, char mark)
{
	crk_parse_blanks(parser);
	if (parser->at >= parser->end || *parser->at != (unsigned char) mark)
		return false;
	parser->at++;
	return crk_parse_advance(parser);
}

/*
 * Is nothing left but blanks?
 */
static bool
crk_parse_end(CrkTermsParser *parser)
{
	crk_parse_blanks(parser);
	return parser->at >= parser->end;
}

/*
 * Keep the first reason; false, to be returned.
 */
static bool
crk_parse_fail(CrkTermsParser *parser, const char *reason)
{
	if (parser->detail[0] == '\0')
		snprintf(parser->detail, CRK_TERMS_DETAIL_SIZE, "%s", reason);
	return false;
}

/*
 * Digits of ASCII only: isdigit() would ask the locale.
 */
static bool
crk_is_digit(const CrkTermsParser *parser, const unsigned char *at)
{
	return at < parser->end && *at >= '0' && *at <= '9';
}

/*
 * A comma is a decimal comma only in a percentage (33,34 % or 1,5/10): before
 * anything else it separates instalments, and 1,000 is not guessed at.
 */
static bool
crk_is_decimal_comma(const CrkTermsParser *parser, const unsigned char *at)
{
	CrkTermsParser ahead = *parser;

	if (!crk_is_digit(parser, at + 1))
		return false;
	ahead.at = at + 1;
	while (crk_is_digit(&ahead, ahead.at))
		ahead.at++;
	crk_parse_blanks(&ahead);
	return ahead.at < ahead.end && (*ahead.at == '%' || *ahead.at == '/');
}

/*
 * Digits with up to six decimals, kept exactly.
 */
static bool
crk_parse_number(CrkTermsParser *parser, CrkTermsNumber *number)
{
	const unsigned char *at;
	int64_t units = 0;
	int64_t fraction = 0;
	int64_t weight = CRK_TERMS_UNIT;

	crk_parse_blanks(parser);
	at = parser->at;
	if (!crk_is_digit(parser, at))
		return false;
	for (; crk_is_digit(parser, at); at++)
	{
		units = units * 10 + (*at - '0');
		if (units >= CRK_TERMS_MAX_AMOUNT)
			return crk_parse_fail(parser, "A number is too large.");
	}

	number->whole = true;
	if (at < parser->end &&
		((*at == '.' && crk_is_digit(parser, at + 1)) ||
		 (*at == ',' && crk_is_decimal_comma(parser, at))))
	{
		number->whole = false;
		for (at++; crk_is_digit(parser, at); at++)
		{
			weight /= 10;
			if (weight == 0 && *at != '0')
				return crk_parse_fail(parser, "A number has more than six decimals.");
			fraction += weight * (*at - '0');
		}
	}
	number->millionths = units * CRK_TERMS_UNIT + fraction;
	parser->at = at;
	return crk_parse_advance(parser);
}

/*
 * A whole number, held to 32 bits: what is out of its bounds stays so, and
 * crk_terms_check() refuses it by name.
 */
static bool
crk_parse_count(CrkTermsParser *parser, int32_t *count)
{
	const CrkTermsParser before = *parser;
	CrkTermsNumber number;

	if (!crk_parse_number(parser, &number))
		return false;
	if (!number.whole)
	{
		*parser = before;
		return false;
	}
	number.millionths /= CRK_TERMS_UNIT;
	*count = number.millionths > INT32_MAX ? INT32_MAX : (int32_t) number.millionths;
	return true;
}

/*
 * The k of "on the k-th"; 255 stands for what no month has, to be refused.
 */
static bool
crk_parse_day_of_month(CrkTermsParser *parser, CrkRule *rule)
{
	int32_t day;

	if (!crk_parse_count(parser, &day))
		return false;
	(void) crk_parse_phrases(parser, ordinal_words);
	rule->day_of_month = day >= 1 && day <= 31 ? day : 255;
	return true;
}

/*
 * "on the 10th", "le 10", or nothing.
 */
static bool
crk_parse_on(CrkTermsParser *parser, CrkRule *rule)
{
	if (!crk_parse_phrases(parser, on_words))
		return true;
	return crk_parse_day_of_month(parser, rule);
}

/*
 * "days", "months" or nothing: then days.
 */
static bool
crk_parse_unit(CrkTermsParser *parser, CrkRule *rule)
{
	if (crk_parse_phrases(parser, day_words))
		return true;
	if (!crk_parse_phrases(parser, month_words))
		return false;
	rule->unit = CRK_UNIT_MONTHS;
	return true;
}

/*
 * "10 prox", "le 10 du mois suivant": the end of this month, then the 10th.
 */
static bool
crk_parse_proximo(CrkTermsParser *parser, CrkRule *rule)
{
	const unsigned char *before = parser->at;

	(void) crk_parse_phrases(parser, on_words);
	if (crk_parse_day_of_month(parser, rule) &&
		crk_parse_phrases(parser, proximo_words))
	{
		rule->kind = CRK_RULE_NET_EOM;
		return true;
	}
	rule->day_of_month = 0;
	parser->at = before;
	return false;
}

/*
 * A rule that begins with a number of days or months.  What stands behind the
 * number comes after it in time, except where "after" says the contrary.
 */
static bool
crk_parse_days_first(CrkTermsParser *parser, bool net, CrkRule *rule)
{
	const unsigned char *before;
	bool unit;

	if (!crk_parse_count(parser, &rule->count))
		return false;
	unit = crk_parse_unit(parser, rule);
	if (!net)
		net = crk_parse_phrases(parser, trailing_net_words);

	before = parser->at;
	if (crk_parse_phrases(parser, after_words))
	{
		if (crk_parse_phrases(parser, english_month_end_words) ||
			crk_parse_phrases(parser, french_month_end_words))
		{
			rule->kind = CRK_RULE_EOM_NET;
			return crk_parse_on(parser, rule);
		}
		if (crk_parse_phrases(parser, decade_end_words))
		{
			rule->kind = CRK_RULE_DECADE_NET;
			return true;
		}
		parser->at = before;
	}

	if (crk_parse_phrases(parser, english_month_end_words))
	{
		rule->kind = CRK_RULE_NET_EOM;
		return crk_parse_on(parser, rule);
	}
	if (crk_parse_phrases(parser, french_month_end_words))
	{
		rule->kind = parser->reading == CRK_READING_B ? CRK_RULE_EOM_NET : CRK_RULE_NET_EOM;
		return crk_parse_on(parser, rule);
	}
	if (crk_parse_phrases(parser, decade_end_words))
	{
		rule->kind = CRK_RULE_DECADE_NET;
		return true;
	}
	rule->kind = CRK_RULE_NET;
	return unit || net; /* a bare number says too little */
}

/*
 * When one sum is due.  Behind a discount only what cannot be read as a part
 * of the discount: "2/10 eom" means ten days after the end of the month to
 * one and the end of this month to another.
 */
static bool
crk_parse_rule(CrkTermsParser *parser, bool discount, CrkRule *rule)
{
	bool net;

	memset(rule, 0, sizeof(*rule));
	(void) crk_parse_phrases(parser, invoice_words);
	if (!discount)
	{
		rule->kind = crk_parse_phrases(parser, delivery_words) ? CRK_RULE_ON_DELIVERY : crk_parse_phrases(parser, prepayment_words) ? CRK_RULE_PREPAYMENT :
																					crk_parse_phrases(parser, receipt_words)		? CRK_RULE_ON_RECEIPT :
																																	  CRK_RULE_NET;
		if (rule->kind != CRK_RULE_NET)
			return true;
	}

	net = crk_parse_phrases(parser, net_words);
	if (net)
		(void) crk_parse_mark(parser, '/'); /* n/30 */
	else
		(void) crk_parse_phrase(parser, "a"); /* à 30 jours */

	if (crk_parse_proximo(parser, rule))
		return true;

	if (net || !discount)
	{
		if (crk_parse_phrases(parser, english_month_end_words) ||
			crk_parse_phrases(parser, french_month_end_words))
		{
			rule->kind = CRK_RULE_NET_EOM;
			if (crk_parse_count(parser, &rule->count))
			{
				rule->kind = CRK_RULE_EOM_NET;
				(void) crk_parse_unit(parser, rule);
				(void) crk_parse_phrases(parser, trailing_net_words);
			}
			return crk_parse_on(parser, rule);
		}
		if (crk_parse_phrases(parser, decade_end_words))
		{
			rule->kind = CRK_RULE_DECADE_NET;
			if (crk_parse_count(parser, &rule->count))
				(void) crk_parse_unit(parser, rule);
			return true;
		}
	}
	else
	{
		CrkTermsParser ahead = *parser;

		if (crk_parse_phrases(&ahead, english_month_end_words) ||
			crk_parse_phrases(&ahead, french_month_end_words) ||
			crk_parse_phrases(&ahead, decade_end_words) ||
			crk_parse_phrases(&ahead, proximo_words))
			return crk_parse_fail(parser, "Behind a discount, \"net\" must say "
										  "where the term begins, as in \"2/10 net eom\".");
	}

	if (!crk_parse_days_first(parser, net, rule))
		return false;
	(void) crk_parse_phrases(parser, trailing_net_words);
	(void) crk_parse_phrases(parser, invoice_words);
	return true;
}

/*
 * "2/10", or "2% 10 days" where "net 30" follows: otherwise the percentage is
 * an instalment's.
 */
static bool
crk_parse_discount(CrkTermsParser *parser, CrkTerms *terms)
{
	const unsigned char *before = parser->at;
	CrkTermsNumber pct;
	int32_t days;
	int32_t ignored;
	bool percent;

	if (!crk_parse_number(parser, &pct))
		return false;
	percent = crk_parse_mark(parser, '%') || crk_parse_phrases(parser, percent_words);
	if (crk_parse_mark(parser, '/'))
	{
		if (!crk_parse_count(parser, &days))
			goto no_discount;
		(void) crk_parse_phrases(parser, day_words);
		(void) crk_parse_mark(parser, ',');
	}
	else
	{
		CrkTermsParser ahead;

		if (!percent)
			goto no_discount;
		(void) crk_parse_phrases(parser, within_words);
		if (!crk_parse_count(parser, &days))
			goto no_discount;
		(void) crk_parse_phrases(parser, day_words);
		(void) crk_parse_mark(parser, ',');
		ahead = *parser;
		if (!crk_parse_phrases(&ahead, net_words))
			goto no_discount;
		(void) crk_parse_mark(&ahead, '/');
		if (!crk_parse_count(&ahead, &ignored))
			goto no_discount;
	}

	/* What is out of bounds must stay so in 32 bits, and zero is no discount. */
	terms->discount_pct = pct.millionths == 0 ||
								  pct.millionths > 100 * CRK_TERMS_UNIT ?
							  -1 :
							  (int32_t) pct.millionths;
	terms->discount_days = days;
	return true;

no_discount:
	parser->at = before;
	return false;
}

/*
 * "30%", "1 part", "rest" or an amount, and its rule.
 */
static bool
crk_parse_instalment(CrkTermsParser *parser, CrkShareKind *kind, bool *rest,
					 CrkInstalment *instalment)
{
	CrkTermsNumber number;

	memset(instalment, 0, sizeof(*instalment));
	*rest = crk_parse_phrases(parser, rest_words);
	if (!*rest)
	{
		if (!crk_parse_number(parser, &number))
			return false;
		instalment->share = number.millionths;
		if (crk_parse_mark(parser, '%') || crk_parse_phrases(parser, percent_words))
			*kind = CRK_SHARE_PERCENT;
		else if (crk_parse_phrases(parser, part_words))
		{
			*kind = CRK_SHARE_PART;
			if (!number.whole)
				return crk_parse_fail(parser, "Parts must be whole numbers.");
			instalment->share /= CRK_TERMS_UNIT;
		}
		else
			*kind = CRK_SHARE_AMOUNT;
		if (instalment->share == 0)
			return crk_parse_fail(parser, "An instalment must be greater than zero.");
	}
	(void) crk_parse_mark(parser, ':');
	return crk_parse_rule(parser, false, &instalment->rule);
}

/*
 * All instalments of one kind; a rest may stand last for what is missing.
 */
static bool
crk_parse_instalments(CrkTermsParser *parser, CrkTerms *terms)
{
	CrkShareKind kind = CRK_SHARE_WHOLE;
	int64_t sum = 0;
	bool rest = false;

	terms->count = 0;
	do
	{
		CrkInstalment *instalment = &terms->instalment[terms->count];
		CrkShareKind this_kind = CRK_SHARE_WHOLE;

		if (rest)
			return crk_parse_fail(parser, "The rest must be the last instalment.");
		if (terms->count == CRK_TERMS_MAX_INSTALMENTS)
			return crk_parse_fail(parser, "There are more than 120 instalments.");
		if (!crk_parse_instalment(parser, &this_kind, &rest, instalment))
			return false;
		if (rest && (kind == CRK_SHARE_WHOLE || kind == CRK_SHARE_PART))
			return crk_parse_fail(parser, "A rest must follow percentages or amounts.");
		if (!rest && terms->count > 0 && this_kind != kind)
			return crk_parse_fail(parser, "Percentages, parts and amounts do not mix.");
		if (!rest)
			kind = this_kind;
		if (rest && kind == CRK_SHARE_PERCENT)
		{
			instalment->share = INT64_C(100) * CRK_TERMS_UNIT - sum;
			if (instalment->share <= 0)
				return crk_parse_fail(parser, "The percentages leave no rest.");
		}
		sum += instalment->share;
		terms->count++;
	} while (crk_parse_mark(parser, ',') || crk_parse_mark(parser, ';') ||
			 crk_parse_phrases(parser, separator_words));

	if (!crk_parse_end(parser))
		return false;
	if (kind == CRK_SHARE_AMOUNT && terms->count == 1)
		return false;
	if (kind == CRK_SHARE_AMOUNT && !rest)
		return crk_parse_fail(parser, "Behind fixed amounts, a last instalment must take the rest.");

	/* All of it in one instalment is no instalment. */
	if (terms->count == 1 &&
		(kind == CRK_SHARE_PART || sum == INT64_C(100) * CRK_TERMS_UNIT))
	{
		kind = CRK_SHARE_WHOLE;
		terms->instalment[0].share = 0;
	}
	terms->share_kind = kind;
	return true;
}

/*
 * A discount, one rule, or instalments.  One rule is tried before instalments
 * by amount, which begin with a number too.
 */
static bool
crk_parse_terms(CrkTermsParser *parser, CrkTerms *terms)
{
	const unsigned char *before = parser->at;
	const unsigned char *furthest;

	terms->count = 1;
	if (crk_parse_discount(parser, terms))
		return crk_parse_rule(parser, true, &terms->instalment[0].rule) &&
			   crk_parse_end(parser);
	if (crk_parse_rule(parser, false, &terms->instalment[0].rule) &&
		crk_parse_end(parser))
		return true;
	if (parser->detail[0] != '\0')
		return false;
	furthest = parser->furthest;
	parser->at = before;
	if (crk_parse_instalments(parser, terms))
		return true;

	/* One amount alone was never meant as an instalment. */
	if (terms->count == 1 && crk_parse_end(parser))
		parser->furthest = furthest;
	return false;
}

/*
 * One spelling for one meaning: no days after the end of the month are no days
 * before it.
 */
static void
crk_terms_normalize(CrkTerms *terms)
{
	for (int i = 0; i < terms->count; i++)
	{
		CrkRule *rule = &terms->instalment[i].rule;

		if (rule->count == 0)
			rule->unit = CRK_UNIT_DAYS;
		if (rule->kind == CRK_RULE_EOM_NET && rule->count == 0)
			rule->kind = CRK_RULE_NET_EOM;
	}
}

/*
 * Where reading stopped, in the words of the text.
 */
static void
crk_parse_describe(CrkTermsParser *parser)
{
	int length;

	if (parser->detail[0] != '\0')
		return;
	parser->at = parser->furthest;
	if (crk_parse_end(parser))
	{
		snprintf(parser->detail, CRK_TERMS_DETAIL_SIZE,
				 "The text ends before the term is complete.");
		return;
	}
	length = parser->end - parser->at > 40 ? 40 : (int) (parser->end - parser->at);
	while (length > 0 && parser->at + length < parser->end &&
		   (parser->at[length] & 0xC0) == 0x80)
		length--;
	snprintf(parser->detail, CRK_TERMS_DETAIL_SIZE, "Not understood from \"%.*s\".",
			 length, (const char *) parser->at);
}

/*
 * The whole buffer is cleared first, so that equal terms are equal bytes; what
 * was read is then checked like a value from anywhere else.
 */
bool
crk_terms_parse(const char *text, size_t length, CrkReading reading,
				CrkTermsBuffer *buffer, char *detail)
{
	CrkTermsParser parser;
	CrkTerms *terms = &buffer->terms;

	memset(buffer, 0, sizeof(*buffer));
	terms->version = CRK_TERMS_VERSION;
	parser.start = parser.at = parser.furthest = (const unsigned char *) text;
	parser.end = parser.start + length;
	parser.reading = reading;
	parser.detail = detail;
	detail[0] = '\0';

	if (!crk_parse_terms(&parser, terms))
	{
		crk_parse_describe(&parser);
		return false;
	}
	detail[0] = '\0';
	crk_terms_normalize(terms);
	return crk_terms_check(terms, detail);
}
