/*
 * Unit tests of kernel/payment_terms.c and its parser: printed as TAP.
 */
#include "kernel/payment_terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests;
static int failures;

static void
ok(bool passed, const char *name, const char *got)
{
	tests++;
	failures += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, name);
	if (!passed)
		printf("# got: %s\n", got);
}

/*
 * Parse from memory of exactly that length, so that a read behind the end is
 * found, and print; NULL when the text is refused (then detail says why).
 */
static const char *
canonical(const char *text, CrkReading reading, char *detail)
{
	static char output[CRK_TERMS_TEXT_SIZE];
	CrkTermsBuffer terms;
	size_t length = strlen(text);
	char *copy = malloc(length);
	bool valid;

	memcpy(copy, text, length);
	valid = crk_terms_parse(copy, length, reading, &terms, detail);
	free(copy);
	if (!valid)
		return NULL;
	output[crk_terms_format(&terms.terms, output)] = '\0';
	return output;
}

/*
 * The text means this canonical text, which means itself under both readings.
 */
static void
reads(const char *text, const char *expected)
{
	char detail[CRK_TERMS_DETAIL_SIZE];
	const char *got = canonical(text, CRK_READING_A, detail);
	bool passed = got != NULL && strcmp(got, expected) == 0;

	if (passed)
	{
		got = canonical(expected, CRK_READING_A, detail);
		passed = got != NULL && strcmp(got, expected) == 0;
	}
	if (passed)
	{
		got = canonical(expected, CRK_READING_B, detail);
		passed = got != NULL && strcmp(got, expected) == 0;
	}
	ok(passed, text, got == NULL ? detail : got);
}

static void
reads_b(const char *text, const char *expected)
{
	char detail[CRK_TERMS_DETAIL_SIZE];
	const char *got = canonical(text, CRK_READING_B, detail);

	ok(got != NULL && strcmp(got, expected) == 0, text, got == NULL ? detail : got);
}

static void
refuses(const char *text, const char *expected)
{
	char detail[CRK_TERMS_DETAIL_SIZE];
	const char *got = canonical(text, CRK_READING_A, detail);

	ok(got == NULL && strcmp(detail, expected) == 0, text, got == NULL ? detail : got);
}

static int64_t
due(const char *text, int year, int month, int day)
{
	CrkTermsBuffer terms;
	char detail[CRK_TERMS_DETAIL_SIZE];

	if (!crk_terms_parse(text, strlen(text), CRK_READING_A, &terms, detail))
		return 0;
	return crk_rule_due(&terms.terms.instalment[0].rule, crk_day_from_civil(year, month, day));
}

static void
falls(const char *text, int year, int month, int day,
	  int due_year, int due_month, int due_day)
{
	int64_t got = due(text, year, month, day);
	char number[32];

	snprintf(number, sizeof(number), "day %lld", (long long) got);
	ok(got == crk_day_from_civil(due_year, due_month, due_day), text, number);
}

/*
 * The most days between two terms, and whether credit is given.
 */
static void
leads(const char *text, const char *other, int days, bool on_credit)
{
	CrkTermsBuffer terms;
	CrkTermsBuffer other_terms;
	char detail[CRK_TERMS_DETAIL_SIZE];
	char number[32] = "not understood";
	int64_t lead = -1;

	if (crk_terms_parse(text, strlen(text), CRK_READING_A, &terms, detail) &&
		crk_terms_parse(other, strlen(other), CRK_READING_A, &other_terms, detail))
	{
		lead = crk_rule_lead(&terms.terms.instalment[0].rule, &other_terms.terms.instalment[0].rule);
		snprintf(number, sizeof(number), "%lld", (long long) lead);
	}
	ok(lead == days && crk_terms_on_credit(&terms.terms) == on_credit, text, number);
}

/*
 * Law 8 for instalments of every kind, both signs.
 */
static bool
splits_are_exact(void)
{
	static const char *const texts[] = {
		"30% net 0, 70% 30 eom", "33.333333% net 0, rest net 30",
		"1 part net 30, 1 part net 60, 1 part net 90", "0.50 net 0, rest net 30"
	};
	char detail[CRK_TERMS_DETAIL_SIZE];

	for (int t = 0; t < 4; t++)
	{
		CrkTermsBuffer terms;
		crk_int128 parts[CRK_TERMS_MAX_INSTALMENTS];
		CrkRemainder scratch[CRK_TERMS_MAX_INSTALMENTS];

		if (!crk_terms_parse(texts[t], strlen(texts[t]), CRK_READING_A, &terms, detail))
			return false;
		for (int amount = -3000; amount <= 3000; amount++)
		{
			crk_int128 sum = 0;
			CrkSplitStatus status = crk_terms_split(&terms.terms, amount, 2, parts, scratch);

			if (t == 3 && abs(amount) < 50)
			{
				if (status != CRK_SPLIT_TOO_SMALL)
					return false;
				continue;
			}
			if (status != CRK_SPLIT_OK)
				return false;
			for (int i = 0; i < terms.terms.count; i++)
			{
				sum += parts[i];
				if (amount >= 0 ? parts[i] < 0 : parts[i] > 0)
					return false;
			}
			if (sum != amount)
				return false;
		}
	}
	return true;
}

/*
 * Random texts made of the grammar's own words: whatever is understood prints
 * a text that is understood as the same value.
 */
static bool
random_texts_round_trip(int *understood)
{
	static const char *const words[] = {
		"net", "30", "2", "10", "45", "0", "70", "%", "/", ",", "eom", "fin de mois",
		"jours", "mois", "le", "on the", "th", "prox", "part", "rest", "cod",
		"prepayment", "comptant", "end of decade", "after", "100", "1.5", "d\xC3\xA9"
																		  "cade",
		"fin de", "a", "n", "-", ".", "+", "\xC2\xA0", "\xE2", "date de facture"
	};

	srand(7);
	*understood = 0;
	for (int run = 0; run < 300000; run++)
	{
		char text[256] = "";
		char detail[CRK_TERMS_DETAIL_SIZE];
		char printed[CRK_TERMS_TEXT_SIZE];
		CrkTermsBuffer first;
		CrkTermsBuffer second;
		int count = 1 + rand() % 9;

		for (int i = 0; i < count; i++)
		{
			strcat(text, words[rand() % (sizeof(words) / sizeof(*words))]);
			if (rand() % 4)
				strcat(text, " ");
		}
		if (!crk_terms_parse(text, strlen(text), rand() % 2, &first, detail))
		{
			if (detail[0] == '\0')
				return false;
			continue;
		}
		++*understood;
		if (!crk_terms_parse(printed, crk_terms_format(&first.terms, printed),
							 CRK_READING_A, &second, detail) ||
			memcmp(&first, &second, sizeof(first)) != 0)
		{
			printf("# %s\n", text);
			return false;
		}
	}
	return true;
}

int
main(void)
{
	char number[32];
	int understood;
	bool passed;

	/* the table of the reference, and the list of the public description */
	reads("net 30", "net 30");
	reads("30 jours", "net 30");
	reads("30 j net", "net 30");
	reads("30 days", "net 30");
	reads("net 0", "net 0");
	reads("net 2 months", "net 2 months");
	reads("2 mois", "net 2 months");
	reads("net 1 month", "net 1 month");
	reads("30 eom", "30 eom");
	reads("30 jours fin de mois", "30 eom");
	reads("45 jours fin de mois", "45 eom");
	reads("eom 30", "eom 30");
	reads("eom 45", "eom 45");
	reads("fin de mois 45 jours", "eom 45");
	reads("30 fin de mois le 10", "30 eom on the 10th");
	reads("30 jours fin de mois le 10", "30 eom on the 10th");
	reads("fin de mois 30 le 31", "eom 30 on the 31st");
	reads("eom", "eom");
	reads("10 prox", "10 prox");
	reads("fin de mois le 10", "10 prox");
	reads("30 fin de decade", "end of decade 30");
	reads("30 jours fin de d\xC3\xA9"
		  "cade",
		  "end of decade 30");
	reads("fin de d\xC3\xA9"
		  "cade",
		  "end of decade");
	reads("comptant", "due on receipt");
	reads("due on receipt", "due on receipt");
	reads("cod", "cod");
	reads("Cash on delivery", "cod");
	reads("prepayment", "prepayment");
	reads("2/10 net 30", "2/10 net 30");
	reads("30% net 0, 70% 30 eom", "30% net 0, 70% 30 eom");

	/* how people write */
	reads("  NET\t30 \n", "net 30");
	reads("n/30", "net 30");
	reads("N30", "net 30");
	reads("30 jours nets", "net 30");
	reads("30j", "net 30");
	reads("\xC3\x80 30 jours", "net 30");
	reads("A\xCC\x80 30 jours", "net 30");
	reads("30\xC2\xA0jours\xE2\x80\xAF"
		  "fin de mois",
		  "30 eom");
	reads("30 jours fin-de-mois", "30 eom");
	reads("30 E.O.M.", "30 eom");
	reads("30 days end of month", "30 eom");
	reads("net 30 eom", "30 eom");
	reads("45 FDM", "45 eom");
	reads("facture + 45 jours + fin du mois", "45 eom");
	reads("facture + fin du mois + 45 jours", "eom 45");
	reads("30 days after end of month", "eom 30");
	reads("45 jours apr\xC3\xA8s la fin du mois", "eom 45");
	reads("60 jours date de facture", "net 60");
	reads("60 jours date d\xE2\x80\x99\xC3\xA9mission", "net 60");
	reads("le 15 du mois suivant", "15 prox");
	reads("1st of next month", "1 prox");
	reads("eom on the 22nd", "22 prox");
	reads("2 mois fin de mois", "2 months eom");
	reads("eom 0", "eom");
	reads("0 eom", "eom");
	reads("a reception de facture", "due on receipt");
	reads("paiement d'avance", "prepayment");
	reads("2/10, n/30", "2/10 net 30");
	reads("2% 10, net 30", "2/10 net 30");
	reads("1,5 % sous 8 jours, net 30 jours", "1.5/8 net 30");
	reads("2/10 30 jours fin de mois", "2/10 net 30 eom");
	reads("2/10 net eom 45", "2/10 net eom 45");
	reads("2/10 net 10 prox", "2/10 net 10 prox");
	reads("33,34 % comptant; 33,33 % 30 jours et 33,33 % \xC3\xA0 60 jours fin de mois",
		  "33.34% due on receipt, 33.33% net 30, 33.33% 60 eom");
	reads("30% cod, rest 30 eom", "30% cod, 70% 30 eom");
	reads("1 part net 30, 2 parts net 60", "1 part net 30, 2 parts net 60");
	reads("1000 net 0, rest 30 eom", "1000 net 0, rest 30 eom");
	reads("99.50 comptant, 1000 30 eom, solde \xC3\xA0 60 jours",
		  "99.5 due on receipt, 1000 30 eom, rest net 60");
	reads("100% net 30", "net 30");

	/* the reading changes the French phrase and nothing else */
	reads_b("45 jours fin de mois", "eom 45");
	reads_b("45 jours fin de mois le 10", "eom 45 on the 10th");
	reads_b("45 eom", "45 eom");
	reads_b("45 days end of month", "45 eom");
	reads_b("fin de mois 45 jours", "eom 45");
	reads_b("fin de mois", "eom");
	reads_b("30 fin de decade", "end of decade 30");

	/* refused, with the reason */
	refuses("", "The text ends before the term is complete.");
	refuses("30", "The text ends before the term is complete.");
	refuses("net", "The text ends before the term is complete.");
	refuses("net thirty", "Not understood from \"thirty\".");
	refuses("-5 days", "Not understood from \"-5 days\".");
	refuses("net -5", "Not understood from \"-5\".");
	refuses("30 eom 15", "Not understood from \"15\".");
	refuses("30 jours ouvr\xC3\xA9s", "Not understood from \"ouvr\xC3\xA9s\".");
	refuses("net 30.5", "Not understood from \"30.5\".");
	refuses("net 3651", "Days must be between 0 and 3650.");
	refuses("net 99999999999", "Days must be between 0 and 3650.");
	refuses("net 9999999999999999999", "A number is too large.");
	refuses("net 121 months", "Months must be between 1 and 120.");
	refuses("eom 2 months", "Behind the end of a month or decade only days can be counted.");
	refuses("30 eom on the 32nd", "The day of the month must be between 1 and 31.");
	refuses("0 prox", "The day of the month must be between 1 and 31.");
	refuses("30 jours le 10", "Not understood from \"le 10\".");
	refuses("30% net 0, 60% net 30", "The percentages add up to 90, not to 100.");
	refuses("30% net 0, 70.000001% net 30", "The percentages add up to more than 100.");
	refuses("100% net 0, rest net 30", "The percentages leave no rest.");
	refuses("30% net 0, 70.0000001% net 30", "A number has more than six decimals.");
	refuses("300 net 0, 700 net 30", "Behind fixed amounts, a last instalment must take the rest.");
	refuses("300 net 0, 70% net 30", "Percentages, parts and amounts do not mix.");
	refuses("rest net 0, 30% net 30", "A rest must follow percentages or amounts.");
	refuses("30% net 0, rest net 30, 10% net 60", "The rest must be the last instalment.");
	refuses("1,000 net 0, rest net 30", "Not understood from \",000 net 0, rest net 30\".");
	refuses("2/10 eom", "Behind a discount, \"net\" must say where the term begins, as in \"2/10 net eom\".");
	refuses("2/30 net 10", "The discount must end no later than the term.");
	refuses("0/10 net 30", "The discount must be more than 0 and less than 100 percent.");
	refuses("100/10 net 30", "The discount must be more than 0 and less than 100 percent.");
	refuses("2/10 net 30 net 60", "Not understood from \"60\".");
	refuses("net 30 \xC3", "Not understood from \"\xC3\".");

	falls("net 2 months", 2024, 12, 31, 2025, 2, 28);
	falls("net 1 month", 2024, 1, 31, 2024, 2, 29);
	falls("net 30", 2025, 1, 31, 2025, 3, 2);
	falls("eom", 2025, 2, 1, 2025, 2, 28);
	falls("10 prox", 2025, 12, 3, 2026, 1, 10);
	falls("end of decade 30", 2025, 3, 5, 2025, 4, 9);
	falls("30 eom on the 10th", 2008, 4, 15, 2008, 6, 10);
	falls("comptant", 2025, 2, 1, 2025, 2, 1);
	falls("2 months eom", 2024, 12, 30, 2025, 2, 28);

	leads("net 30", "comptant", 30, true);
	leads("45 eom", "comptant", 75, true);
	leads("net 2 months", "net 60", 2, true);
	leads("eom 45", "45 eom", 17, true);
	leads("cod", "prepayment", 0, false);
	leads("comptant", "net 10", -10, true);
	leads("30% prepayment, 70% cod", "cod", 0, false);

	ok(splits_are_exact(), "law 8: instalments add up", "a wrong sum");
	passed = random_texts_round_trip(&understood);
	snprintf(number, sizeof(number), "%d understood", understood);
	ok(passed && understood > 5000, "random texts come back as themselves", number);

	printf("1..%d\n", tests);
	return failures != 0;
}
