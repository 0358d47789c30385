/*
 * posting.h
 *	  Posting to credit_account.
 */
#ifndef CRK_POSTING_H
#define CRK_POSTING_H

#include "ledger.h"
#include "limit_rule.h"

/* A column of credit_account that postings move. */
typedef enum CrkComponent
{
	CRK_RECEIVABLE,
	CRK_UNBILLED_PART,
	CRK_OPEN_ORDERS,
	CRK_UNAPPLIED,
	CRK_UNMATURED,
	CRK_COMPONENTS /* how many */
} CrkComponent;

/* What a statement changes of one payer, and what its account then says. */
typedef struct CrkPosting
{
	int64 customer_id;
	crk_int128 change[CRK_COMPONENTS];
	crk_int128 exposure; /* after it, own */
	CrkLimit limit;
	int64 *path; /* the groups above and of itself, from the root down */
	int path_length;
} CrkPosting;

/* The excess where no group has a limit. */
#define CRK_NO_GROUP (-((crk_int128) 1 << 125))

/* A group with a limit that postings of the statement fall into. */
typedef struct CrkGroup
{
	int64 head_id;
	crk_int128 limit;
	crk_int128 exposure; /* after the statement; while judging: so far */
} CrkGroup;

/* The postings of a statement; one per payer after crk_post. */
typedef struct CrkPostings
{
	CrkPosting *posting;
	int64 count;
	int64 size;
	int display_scale;
	CrkGroup *group; /* mostly none */
	int group_count;
	int group_size;
} CrkPostings;

extern void crk_postings_init(CrkPostings *postings);
extern CrkPosting *crk_postings_add(CrkPostings *postings, int64 customer_id);
extern void crk_post(CrkLedger *ledger, CrkPostings *postings);
extern bool crk_in_group(const CrkPosting *posting, const CrkGroup *group);
extern Datum crk_int8_array(const int64 *values, int64 count);
extern void crk_add_amount(crk_int128 *sum, crk_int128 amount);
extern crk_int128 crk_scaled_amount(Datum numeric, int *display_scale);

#endif /* CRK_POSTING_H */
