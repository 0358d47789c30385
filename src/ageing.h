/*
 * ageing.h
 *	  The type ageing on the server's side.
 */
#ifndef CRK_AGEING_H
#define CRK_AGEING_H

#include "utils/date.h"

#include "kernel/ageing.h"

/* The argument, detoasted, unpacked and known to be of our version. */
extern void crk_ageing_get(Datum datum, CrkAgeingSums *sums);

/* The canonical value. */
extern Datum crk_ageing_make(CrkAgeingSums *sums);

/* ISO, whatever DateStyle says; palloc'ed. */
extern char *crk_date_text(DateADT date);

/* "{30,60,90}", palloc'ed. */
extern char *crk_bounds_text(const int32 *bounds, int nbounds);

/* The sum of these slots, first and last included, as sum() would give it. */
extern Datum crk_ageing_sum(const CrkAgeingSums *sums, int first, int last);

/* One bucket's amount; an empty one shows the decimals of the others. */
extern Datum crk_ageing_amount(const CrkAgeingSums *sums, int slot);

#endif /* CRK_AGEING_H */
