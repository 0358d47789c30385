/*
 * solvency_zone.c
 *	  How a published score is read: its zones, as its authors printed them.
 *
 * Printed zones use strict inequalities outside, so a score on a boundary is
 * grey; where there is no grey zone, it falls as the comment says.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "argument.h"
#include "compat.h"

/*
 * Above safe is safe, below distress is distress, between them and on them is
 * grey.  Equal bounds leave no grey zone: on them is safe, if
 * the model does not say otherwise.
 */
typedef struct Zone
{
	const char *model;
	double distress;
	double safe;
	bool higher_is_worse; /* its bounds are those of the score with the other sign */
	bool boundary_fails;  /* on equal bounds is distress */
} Zone;

static const Zone zones[] = {
	{ "altman_z", 1.81, 2.99 },
	{ "altman_z_prime", 1.23, 2.9 },
	{ "altman_z_double_prime", 1.1, 2.6 },
	{ "altman_em_score", 4.35, 5.85 },
	{ "banque_de_france_z", -0.250, 0.125 },
	{ "springate_s", 0.862, 0.862 },
	{ "zmijewski_x", 0, 0, true, true },
	{ "ohlson_o", 0, 0, true },
	{ "taffler_z", 0, 0 },
	{ "taffler_z_modified", 0.2, 0.3 },
	{ "piotroski_f", 4, 6 },
};

#define ALTMAN		  "altman_"
#define ALTMAN_LENGTH (sizeof(ALTMAN) - 1)
#define ALTMAN_ZONES  4

static const char *
zone_of(const Zone *zone, double score)
{
	if (zone->higher_is_worse)
		score = -score;
	if (score < zone->distress || (zone->boundary_fails && score == zone->distress))
		return "distress";
	if (score > zone->safe || zone->distress == zone->safe)
		return "safe";
	return "grey";
}

/*
 * The message lists what there is: nobody remembers how a model is spelt.
 */
pg_noreturn static void
refuse_model(const char *model, int count)
{
	StringInfoData known;
	int i;

	initStringInfo(&known);
	for (i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoString(&known, i < count - 1 ? ", " : " or ");
		appendStringInfoString(&known, zones[i].model);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown model \"%s\"", model),
			 errhint("Use %s.", known.data)));
}

/*
 * Altman's models, also by their short names.
 */
PG_FUNCTION_INFO_V1(crk_altman_zone);
Datum
crk_altman_zone(PG_FUNCTION_ARGS)
{
	const char *model = text_to_cstring(PG_GETARG_TEXT_PP(0));
	double score = crk_argument_float(fcinfo, 1, "score");
	int i;

	for (i = 0; i < ALTMAN_ZONES; i++)
	{
		if (strcmp(model, zones[i].model) == 0 || strcmp(model, zones[i].model + ALTMAN_LENGTH) == 0)
			PG_RETURN_TEXT_P(cstring_to_text(zone_of(&zones[i], score)));
	}
	refuse_model(model, ALTMAN_ZONES);
}

/*
 * Every score that has zones, by the name of its function.
 */
PG_FUNCTION_INFO_V1(crk_solvency_zone);
Datum
crk_solvency_zone(PG_FUNCTION_ARGS)
{
	const char *model = text_to_cstring(PG_GETARG_TEXT_PP(0));
	double score = crk_argument_float(fcinfo, 1, "score");
	int i;

	for (i = 0; i < lengthof(zones); i++)
	{
		if (strcmp(model, zones[i].model) == 0)
			PG_RETURN_TEXT_P(cstring_to_text(zone_of(&zones[i], score)));
	}
	refuse_model(model, lengthof(zones));
}

/*
 * Bands of Conan and Holder: the lower end of a score is excluded, the upper
 * one included.  The risk is in percent.
 */
typedef struct ConanBand
{
	double above;
	const char *reading;
	int lower;
	int upper;
} ConanBand;

static const ConanBand conan_bands[] = {
	{ 0.16, "very good", 0, 10 },
	{ 0.10, "good", 10, 30 },
	{ 0.04, "alert", 30, 65 },
	{ -0.05, "danger", 65, 90 },
	{ 0, "failure", 90, 100 },
};

#define CONAN_LAST (lengthof(conan_bands) - 1)

/*
 * "Below -0.05" is the last band: -0.05 itself is not, whatever the rule says
 * of the others.
 */
static const ConanBand *
conan_band(FunctionCallInfo fcinfo)
{
	double n = crk_argument_float(fcinfo, 0, "n");
	int i;

	for (i = 0; i < CONAN_LAST; i++)
	{
		if (n > conan_bands[i].above || (i == CONAN_LAST - 1 && n == conan_bands[i].above))
			break;
	}
	return &conan_bands[i];
}

/*
 * Fractions, as every probability of the house.  "Over 90 %" excludes 90 %, so
 * that each risk stands in one band.
 */
PG_FUNCTION_INFO_V1(crk_conan_holder_risk);
Datum
crk_conan_holder_risk(PG_FUNCTION_ARGS)
{
	const ConanBand *band = conan_band(fcinfo);
	RangeBound lower = { 0 };
	RangeBound upper = { 0 };

	lower.lower = true;
	lower.val = NumericGetDatum(int64_div_fast_to_numeric(band->lower, 2));
	lower.inclusive = band != &conan_bands[CONAN_LAST];
	upper.val = NumericGetDatum(int64_div_fast_to_numeric(band->upper, 2));
	upper.inclusive = band >= &conan_bands[CONAN_LAST - 1];
	PG_RETURN_RANGE_P(crk_make_range(lookup_type_cache(NUMRANGEOID, TYPECACHE_RANGE_INFO), &lower, &upper));
}

/*
 * The same band in a word.
 */
PG_FUNCTION_INFO_V1(crk_conan_holder_reading);
Datum
crk_conan_holder_reading(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(conan_band(fcinfo)->reading));
}
