/*
 * limit_rule.h
 *	  The rule of the credit limit.
 */
#ifndef CRK_LIMIT_RULE_H
#define CRK_LIMIT_RULE_H

#include "ledger.h"

typedef enum CrkOutcome
{
	CRK_PASSED,
	CRK_WARNED,
	CRK_HELD,
	CRK_REFUSED
} CrkOutcome;

/* What the account knows of its limit. */
typedef struct CrkLimit
{
	bool decided;
	bool unlimited;
	crk_int128 amount; /* if decided and not unlimited */
	bool blocked;	   /* the customer is */
	bool full_check;   /* it is never judged by its limit alone */
} CrkLimit;

typedef struct CrkVerdict
{
	CrkOutcome outcome;
	bool limited;	  /* a limit applies */
	crk_int128 limit; /* if limited */
	bool exceeded;	  /* each of the four is a reason */
	bool group_exceeded;
	bool no_limit;
	bool blocked;
} CrkVerdict;

extern void crk_judge(const CrkSettings *settings, const CrkLimit *limit,
					  crk_int128 exposure_after, crk_int128 group_excess, CrkVerdict *verdict);
extern Datum crk_reasons(const CrkVerdict *verdict);
extern char *crk_cure(const CrkVerdict *verdict, crk_int128 exposure_after, crk_int128 group_excess);
extern const char *crk_outcome_name(CrkOutcome outcome);

#endif /* CRK_LIMIT_RULE_H */
