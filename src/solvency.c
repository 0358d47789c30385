/*
 * solvency.c
 *	  Published scores of solvency: weighted sums of balance-sheet ratios.
 *
 * Amounts are numeric and so are the sums: a firm whose ratios end is never
 * moved over the boundary of a zone by a binary rounding.  Each denominator
 * divides once; the one conversion to floating point is the last step.
 */
#include "postgres.h"

#include <math.h>

#include "utils/array.h"
#include "utils/float.h"

#include "argument.h"
#include "compat.h"

/* Coefficients are kept in ten-thousandths: the finest in print has four decimals. */
#define COEFFICIENT_SCALE 4
#define COEFFICIENT(x)	  ((int64) ((x) *1e4 + ((x) < 0 ? -0.5 : 0.5)))

/* The arguments of the longest list. */
#define MOST_AMOUNTS 18

/* coefficient * numerator / denominator; both are places in a list of amounts. */
typedef struct Ratio
{
	int64 coefficient;
	int numerator;
	int denominator;
} Ratio;

static Numeric
coefficient_numeric(int64 coefficient)
{
	return int64_div_fast_to_numeric(coefficient, COEFFICIENT_SCALE);
}

/*
 * Scores beyond all numbers are told as the server tells an overflow, without
 * hundreds of digits.
 */
static double
numeric_to_double(Numeric number)
{
	double result = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number)));

	if (isinf(result))
		float_overflow_error();
	return result;
}

/*
 * An overflow of finite arguments is told as the server tells it.
 */
static Datum
finite_score(double result)
{
	if (isnan(result) || isinf(result))
		float_overflow_error();
	PG_RETURN_FLOAT8(result);
}

/*
 * The first arguments are the amounts, in the order of their names.
 */
static void
read_amounts(FunctionCallInfo fcinfo, const char *const *names, int count, Numeric *amounts)
{
	int i;

	for (i = 0; i < count; i++)
		amounts[i] = crk_argument_numeric(fcinfo, i, names[i]);
}

/*
 * The weighted sum of ratios.  Those of one denominator stand side by side, so
 * that it divides once.  False where a denominator is not positive: the firm
 * is outside the model's domain, and a term must not be dropped.
 */
static bool
weigh(const Ratio *ratios, int count, const Numeric *amounts, int64 constant, Numeric *sum)
{
	int i = 0;

	*sum = coefficient_numeric(constant);
	while (i < count)
	{
		int denominator = ratios[i].denominator;
		Numeric part = int64_to_numeric(0);

		if (crk_numeric_sign(amounts[denominator]) <= 0)
			return false;
		for (; i < count && ratios[i].denominator == denominator; i++)
			part = crk_numeric_add(part,
								   crk_numeric_multiply(coefficient_numeric(ratios[i].coefficient),
														amounts[ratios[i].numerator]));
		*sum = crk_numeric_add(*sum, crk_numeric_divide(part, amounts[denominator]));
	}
	return true;
}

/*
 * A score that is its weighted sum.
 */
static Datum
score(FunctionCallInfo fcinfo, const Ratio *ratios, int count, const Numeric *amounts, int64 constant)
{
	Numeric sum;

	if (!weigh(ratios, count, amounts, constant, &sum))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(numeric_to_double(sum));
}

/*
 * Altman 1968, listed manufacturers.  The coefficient of sales is 0.999 in the
 * paper and 1.0 in later texts.
 */
PG_FUNCTION_INFO_V1(crk_altman_z);
Datum
crk_altman_z(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "working_capital", "retained_earnings", "ebit", "market_equity",
										 "sales", "total_assets", "total_liabilities" };
	static const Ratio ratios[] = { { COEFFICIENT(1.2), 0, 5 }, { COEFFICIENT(1.4), 1, 5 }, { COEFFICIENT(3.3), 2, 5 }, { COEFFICIENT(1.0), 4, 5 }, { COEFFICIENT(0.6), 3, 6 } };
	Numeric amounts[MOST_AMOUNTS];
	double k5 = crk_argument_float(fcinfo, 7, "k5");

	read_amounts(fcinfo, names, lengthof(names), amounts);
	amounts[4] = crk_numeric_multiply(amounts[4],
									  DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(k5))));
	return score(fcinfo, ratios, lengthof(ratios), amounts, 0);
}

/*
 * Altman 1983, private firms.
 */
PG_FUNCTION_INFO_V1(crk_altman_z_prime);
Datum
crk_altman_z_prime(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "working_capital", "retained_earnings", "ebit", "book_equity",
										 "sales", "total_assets", "total_liabilities" };
	static const Ratio ratios[] = { { COEFFICIENT(0.717), 0, 5 }, { COEFFICIENT(0.847), 1, 5 }, { COEFFICIENT(3.107), 2, 5 }, { COEFFICIENT(0.998), 4, 5 }, { COEFFICIENT(0.420), 3, 6 } };
	Numeric amounts[MOST_AMOUNTS];

	read_amounts(fcinfo, names, lengthof(names), amounts);
	return score(fcinfo, ratios, lengthof(ratios), amounts, 0);
}

/*
 * Altman 1995, not manufacturers; with the constant, the score of emerging
 * markets.
 */
PG_FUNCTION_INFO_V1(crk_altman_z_double_prime);
Datum
crk_altman_z_double_prime(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "working_capital", "retained_earnings", "ebit", "book_equity",
										 "total_assets", "total_liabilities" };
	static const Ratio ratios[] = { { COEFFICIENT(6.56), 0, 4 }, { COEFFICIENT(3.26), 1, 4 }, { COEFFICIENT(6.72), 2, 4 }, { COEFFICIENT(1.05), 3, 5 } };
	Numeric amounts[MOST_AMOUNTS];

	read_amounts(fcinfo, names, lengthof(names), amounts);
	return score(fcinfo, ratios, lengthof(ratios), amounts, PG_GETARG_BOOL(6) ? COEFFICIENT(3.25) : 0);
}

/*
 * Conan and Holder 1979, French industrial firms of 10 to 500 staff.
 */
PG_FUNCTION_INFO_V1(crk_conan_holder);
Datum
crk_conan_holder(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "ebe", "total_debt", "permanent_capital", "total_assets", "receivables_and_cash",
										 "financial_charges", "sales", "personnel_costs", "value_added" };
	static const Ratio ratios[] = { { COEFFICIENT(0.24), 0, 1 }, { COEFFICIENT(0.22), 2, 3 }, { COEFFICIENT(0.16), 4, 3 }, { COEFFICIENT(-0.87), 5, 6 }, { COEFFICIENT(-0.10), 7, 8 } };
	Numeric amounts[MOST_AMOUNTS];
	Numeric sum;
	double scale = crk_argument_float(fcinfo, 9, "scale");

	if (scale != 1 && scale != 100)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be 1 or 100"),
				 errdetail("The value is %.15g.", scale)));
	read_amounts(fcinfo, names, lengthof(names), amounts);
	if (!weigh(ratios, lengthof(ratios), amounts, 0, &sum))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(numeric_to_double(crk_numeric_multiply(sum, int64_to_numeric((int64) scale))));
}

/*
 * Springate 1978.
 */
PG_FUNCTION_INFO_V1(crk_springate_s);
Datum
crk_springate_s(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "working_capital", "ebit", "ebt", "current_liabilities", "sales", "total_assets" };
	static const Ratio ratios[] = { { COEFFICIENT(1.03), 0, 5 }, { COEFFICIENT(3.07), 1, 5 }, { COEFFICIENT(0.40), 4, 5 }, { COEFFICIENT(0.66), 2, 3 } };
	Numeric amounts[MOST_AMOUNTS];

	read_amounts(fcinfo, names, lengthof(names), amounts);
	return score(fcinfo, ratios, lengthof(ratios), amounts, 0);
}

static bool
text_is(text *word, const char *expected)
{
	size_t length = strlen(expected);

	return VARSIZE_ANY_EXHDR(word) == length && memcmp(VARDATA_ANY(word), expected, length) == 0;
}

/*
 * Zmijewski 1984.  The rounded set of the textbooks also turns the sign of the
 * current ratio.
 */
PG_FUNCTION_INFO_V1(crk_zmijewski_x);
Datum
crk_zmijewski_x(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "net_income", "total_liabilities", "current_assets", "current_liabilities", "total_assets" };
	static const Ratio original[] = { { COEFFICIENT(-4.513), 0, 4 }, { COEFFICIENT(5.679), 1, 4 }, { COEFFICIENT(0.004), 2, 3 } };
	static const Ratio rounded[] = { { COEFFICIENT(-4.5), 0, 4 }, { COEFFICIENT(5.7), 1, 4 }, { COEFFICIENT(-0.004), 2, 3 } };
	Numeric amounts[MOST_AMOUNTS];
	text *variant = PG_GETARG_TEXT_PP(5);

	read_amounts(fcinfo, names, lengthof(names), amounts);
	if (text_is(variant, "original"))
		return score(fcinfo, original, lengthof(original), amounts, COEFFICIENT(-4.336));
	if (text_is(variant, "rounded"))
		return score(fcinfo, rounded, lengthof(rounded), amounts, COEFFICIENT(-4.3));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown variant \"%s\"", text_to_cstring(variant)),
			 errhint("Use original or rounded.")));
}

/*
 * The model is a probit: the standard normal distribution, not a logistic.
 */
PG_FUNCTION_INFO_V1(crk_zmijewski_probability);
Datum
crk_zmijewski_probability(PG_FUNCTION_ARGS)
{
	double x = crk_argument_float(fcinfo, 0, "x");

	PG_RETURN_FLOAT8(0.5 * erfc(-x * M_SQRT1_2));
}

/*
 * A logit; the exponential is of a negative number, so that nothing overflows.
 */
PG_FUNCTION_INFO_V1(crk_ohlson_probability);
Datum
crk_ohlson_probability(PG_FUNCTION_ARGS)
{
	double o = crk_argument_float(fcinfo, 0, "o");
	double small = exp(-fabs(o));

	PG_RETURN_FLOAT8(o < 0 ? small / (1 + small) : 1 / (1 + small));
}

static Numeric
numeric_magnitude(Numeric number)
{
	return DatumGetNumeric(DirectFunctionCall1(numeric_abs, NumericGetDatum(number)));
}

/*
 * Ohlson 1980, model 1.  The logarithm of size is the only part that is no
 * ratio of amounts: by design this score is not free of scale.
 */
PG_FUNCTION_INFO_V1(crk_ohlson_o);
Datum
crk_ohlson_o(PG_FUNCTION_ARGS)
{
	enum
	{
		TOTAL_ASSETS,
		PRICE_INDEX,
		TOTAL_LIABILITIES,
		WORKING_CAPITAL,
		CURRENT_LIABILITIES,
		CURRENT_ASSETS,
		NET_INCOME,
		NET_INCOME_PREV,
		FFO,
		LOSS_TWO_YEARS
	};
	static const char *const names[] = { "total_assets", "price_index", "total_liabilities", "working_capital", "current_liabilities",
										 "current_assets", "net_income", "net_income_prev", "ffo" };
	static const Ratio ratios[] = { { COEFFICIENT(6.03), TOTAL_LIABILITIES, TOTAL_ASSETS }, { COEFFICIENT(-1.43), WORKING_CAPITAL, TOTAL_ASSETS }, { COEFFICIENT(-2.37), NET_INCOME, TOTAL_ASSETS }, { COEFFICIENT(0.0757), CURRENT_LIABILITIES, CURRENT_ASSETS }, { COEFFICIENT(-1.83), FFO, TOTAL_LIABILITIES } };
	Numeric amounts[MOST_AMOUNTS];
	Numeric sum;
	Numeric both;
	int64 constant = COEFFICIENT(-1.32);

	read_amounts(fcinfo, names, lengthof(names), amounts);
	if (crk_numeric_sign(amounts[PRICE_INDEX]) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("price_index must be greater than zero")));
	if (crk_numeric_compare(amounts[TOTAL_LIABILITIES], amounts[TOTAL_ASSETS]) > 0)
		constant += COEFFICIENT(-1.72);
	if (PG_GETARG_BOOL(LOSS_TWO_YEARS))
		constant += COEFFICIENT(0.285);
	if (!weigh(ratios, lengthof(ratios), amounts, constant, &sum))
		PG_RETURN_NULL();

	both = crk_numeric_add(numeric_magnitude(amounts[NET_INCOME]), numeric_magnitude(amounts[NET_INCOME_PREV]));
	if (crk_numeric_sign(both) > 0)
	{
		Numeric change = crk_numeric_subtract(amounts[NET_INCOME], amounts[NET_INCOME_PREV]);

		sum = crk_numeric_add(sum,
							  crk_numeric_divide(crk_numeric_multiply(coefficient_numeric(COEFFICIENT(-0.521)), change),
												 both));
	}
	/* A firm too small for a double has no logarithm. */
	return finite_score(numeric_to_double(sum) -
						0.407 * log(numeric_to_double(crk_numeric_divide(amounts[TOTAL_ASSETS], amounts[PRICE_INDEX]))));
}

/*
 * Taffler, listed industrial firms.  The no-credit interval is a ratio too:
 * 365 times the quick assets beyond current liabilities, over the operating
 * expenses of a year.
 */
PG_FUNCTION_INFO_V1(crk_taffler_z);
Datum
crk_taffler_z(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "profit_before_tax", "current_liabilities", "current_assets", "total_liabilities",
										 "total_assets", "quick_assets", "operating_expenses" };
	static const Ratio ratios[] = { { COEFFICIENT(12.18), 0, 1 }, { COEFFICIENT(2.50), 2, 3 }, { COEFFICIENT(-10.68), 1, 4 }, { COEFFICIENT(0.029), 7, 6 } };
	Numeric amounts[MOST_AMOUNTS];

	read_amounts(fcinfo, names, lengthof(names), amounts);
	amounts[7] = crk_numeric_multiply(crk_numeric_subtract(amounts[5], amounts[1]), int64_to_numeric(365));
	return score(fcinfo, ratios, lengthof(ratios), amounts, COEFFICIENT(3.20));
}

/*
 * Taffler, the modified form.
 */
PG_FUNCTION_INFO_V1(crk_taffler_z_modified);
Datum
crk_taffler_z_modified(PG_FUNCTION_ARGS)
{
	static const char *const names[] = { "profit_before_tax", "current_liabilities", "current_assets", "total_liabilities",
										 "total_assets", "sales" };
	static const Ratio ratios[] = { { COEFFICIENT(0.53), 0, 1 }, { COEFFICIENT(0.13), 2, 3 }, { COEFFICIENT(0.18), 1, 4 }, { COEFFICIENT(0.16), 5, 4 } };
	Numeric amounts[MOST_AMOUNTS];

	read_amounts(fcinfo, names, lengthof(names), amounts);
	return score(fcinfo, ratios, lengthof(ratios), amounts, 0);
}

/*
 * Is a/b above c/d, for b and d above zero?  Nothing is divided, so a tie is a
 * tie.
 */
static bool
ratio_above(Numeric a, Numeric b, Numeric c, Numeric d)
{
	return crk_numeric_compare(crk_numeric_multiply(a, d), crk_numeric_multiply(c, b)) > 0;
}

/*
 * Piotroski 2000: returns and turnover on the assets at the beginning of their
 * year, long-term debt on the average of the year.  Twice the average stands
 * in both years, which compares the same.
 */
PG_FUNCTION_INFO_V1(crk_piotroski_f);
Datum
crk_piotroski_f(PG_FUNCTION_ARGS)
{
	enum
	{
		NET_INCOME,
		NET_INCOME_PREV,
		OPERATING_CASH_FLOW,
		TOTAL_ASSETS,
		TOTAL_ASSETS_PREV,
		TOTAL_ASSETS_PREV2,
		LONG_TERM_DEBT,
		LONG_TERM_DEBT_PREV,
		CURRENT_ASSETS,
		CURRENT_ASSETS_PREV,
		CURRENT_LIABILITIES,
		CURRENT_LIABILITIES_PREV,
		SHARES,
		SHARES_PREV,
		GROSS_PROFIT,
		GROSS_PROFIT_PREV,
		SALES,
		SALES_PREV
	};
	static const char *const names[] = { "net_income", "net_income_prev", "operating_cash_flow",
										 "total_assets", "total_assets_prev", "total_assets_prev2",
										 "long_term_debt", "long_term_debt_prev", "current_assets", "current_assets_prev",
										 "current_liabilities", "current_liabilities_prev", "shares", "shares_prev",
										 "gross_profit", "gross_profit_prev", "sales", "sales_prev" };
	static const int denominators[] = { TOTAL_ASSETS, TOTAL_ASSETS_PREV, TOTAL_ASSETS_PREV2, CURRENT_LIABILITIES,
										CURRENT_LIABILITIES_PREV, SALES, SALES_PREV };
	Numeric amounts[MOST_AMOUNTS];
	Numeric assets;
	Numeric assets_prev;
	int points = 0;
	int i;

	StaticAssertStmt(lengthof(names) == MOST_AMOUNTS, "every amount has its place");
	read_amounts(fcinfo, names, lengthof(names), amounts);
	for (i = 0; i < lengthof(denominators); i++)
	{
		if (crk_numeric_sign(amounts[denominators[i]]) <= 0)
			PG_RETURN_NULL();
	}
	assets = crk_numeric_add(amounts[TOTAL_ASSETS], amounts[TOTAL_ASSETS_PREV]);
	assets_prev = crk_numeric_add(amounts[TOTAL_ASSETS_PREV], amounts[TOTAL_ASSETS_PREV2]);

	points += crk_numeric_sign(amounts[NET_INCOME]) > 0;
	points += crk_numeric_sign(amounts[OPERATING_CASH_FLOW]) > 0;
	points += ratio_above(amounts[NET_INCOME], amounts[TOTAL_ASSETS_PREV],
						  amounts[NET_INCOME_PREV], amounts[TOTAL_ASSETS_PREV2]);
	points += crk_numeric_compare(amounts[OPERATING_CASH_FLOW], amounts[NET_INCOME]) > 0;
	points += ratio_above(amounts[LONG_TERM_DEBT_PREV], assets_prev, amounts[LONG_TERM_DEBT], assets);
	points += ratio_above(amounts[CURRENT_ASSETS], amounts[CURRENT_LIABILITIES],
						  amounts[CURRENT_ASSETS_PREV], amounts[CURRENT_LIABILITIES_PREV]);
	points += crk_numeric_compare(amounts[SHARES], amounts[SHARES_PREV]) <= 0;
	points += ratio_above(amounts[GROSS_PROFIT], amounts[SALES], amounts[GROSS_PROFIT_PREV], amounts[SALES_PREV]);
	points += ratio_above(amounts[SALES], amounts[TOTAL_ASSETS_PREV], amounts[SALES_PREV], amounts[TOTAL_ASSETS_PREV2]);
	PG_RETURN_INT32(points);
}

/*
 * A missing ratio is missing, so the score is: it is no fault of the caller's.
 */
static bool
array_is_incomplete(FunctionCallInfo fcinfo, int number)
{
	return array_contains_nulls(PG_GETARG_ARRAYTYPE_P(number));
}

/*
 * Banque de France, the score Z of the Centrale de bilans.
 */
PG_FUNCTION_INFO_V1(crk_banque_de_france_z);
Datum
crk_banque_de_france_z(PG_FUNCTION_ARGS)
{
	static const double coefficients[] = { -1.255, 2.003, -0.824, 5.221, -0.689, -1.164, 0.706, 1.408 };
	CrkFloatArray x;
	double sum = -85.544;
	int i;

	if (array_is_incomplete(fcinfo, 0))
		PG_RETURN_NULL();
	x = crk_argument_floats(fcinfo, 0, "x");
	if (x.length != lengthof(coefficients))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x must have 8 elements"),
				 errdetail("It has %d.", x.length)));
	for (i = 0; i < lengthof(coefficients); i++)
		sum += coefficients[i] * x.values[i];
	return finite_score(sum / 100);
}

/*
 * A model of one's own.
 */
PG_FUNCTION_INFO_V1(crk_linear_score);
Datum
crk_linear_score(PG_FUNCTION_ARGS)
{
	CrkFloatArray coefficients = crk_argument_floats(fcinfo, 0, "coefficients");
	CrkFloatArray x;
	double sum = crk_argument_float(fcinfo, 2, "constant");
	int i;

	if (array_is_incomplete(fcinfo, 1))
		PG_RETURN_NULL();
	x = crk_argument_floats(fcinfo, 1, "x");
	crk_argument_same_length("coefficients", coefficients.length, "x", x.length);
	for (i = 0; i < x.length; i++)
		sum += coefficients.values[i] * x.values[i];
	return finite_score(sum);
}
