/*
 * payment_terms.h
 *	  Payment terms inside the server.
 *
 * A stored value is a CrkTerms whose first field is the varlena length.  A
 * column of ours keeps the canonical text instead, checked by
 * crk_terms_from_text().
 */
#ifndef CRK_PAYMENT_TERMS_H
#define CRK_PAYMENT_TERMS_H

#include "utils/date.h"

#include "kernel/payment_terms.h"

/* Read a text (of the database's encoding); the error is raised. */
extern CrkTerms *crk_terms_from_text(const text *terms, CrkReading reading);

/* The canonical text. */
extern text *crk_terms_to_text(const CrkTerms *terms);

/* Of terms without instalments; an infinite start stays. */
extern DateADT crk_terms_due_date(const CrkTerms *terms, DateADT start);

/*
 * One due date and one amount (numeric at scale decimals) an instalment, into
 * arrays of terms->count elements.
 */
extern void crk_terms_schedule(const CrkTerms *terms, Datum amount, int scale,
							   DateADT start, DateADT *due_dates,
							   Datum *amounts);

#endif /* CRK_PAYMENT_TERMS_H */
