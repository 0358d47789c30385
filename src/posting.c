/*
 * posting.c
 *	  Posting to credit_account: the one place that moves it.
 *
 * A statement's rows are summed per payer; then every account concerned is
 * updated once, in one order of locks that holds everywhere: from the root of
 * a group down, then by customer, customers outside any group last.  The
 * UPDATE is the lock and what it returns is the truth: no decision rests on a
 * sum of other rows.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "posting.h"

/* Depth by which customers outside any group come last. */
#define NO_GROUP PG_INT32_MAX

/* So many accounts are updated one by one, more by one statement. */
#define FEW_ACCOUNTS 16

/* An account to update: a payer's, or a head's above one. */
typedef struct Account
{
	int64 customer_id;
	int32 depth; /* in its group, 1 = root */
	crk_int128 group_change;
	CrkPosting *posting; /* NULL for a head with nothing of its own */
	const Datum *path;	 /* of a payer, from the root down */
	int path_length;	 /* 0: in no group */
	bool updated;		 /* by the statement for many */
} Account;

/*
 * An empty list; it starts small, since most statements write one row.
 */
void
crk_postings_init(CrkPostings *postings)
{
	postings->size = 8;
	postings->count = 0;
	postings->display_scale = 0;
	postings->group = NULL;
	postings->group_count = 0;
	postings->group_size = 0;
	postings->posting = palloc(postings->size * sizeof(CrkPosting));
}

/*
 * One more posting; rows of a payer that stand together share one.
 */
CrkPosting *
crk_postings_add(CrkPostings *postings, int64 customer_id)
{
	CrkPosting *posting = &postings->posting[postings->count];

	if (postings->count > 0 && posting[-1].customer_id == customer_id)
		return posting - 1;
	if (postings->count == postings->size)
	{
		postings->size *= 2;
		postings->posting = repalloc_huge(postings->posting, postings->size * sizeof(CrkPosting));
		posting = &postings->posting[postings->count];
	}
	memset(posting, 0, sizeof(*posting));
	posting->customer_id = customer_id;
	postings->count++;
	return posting;
}

/*
 * Sort key of postings.
 */
static int
crk_compare_postings(const void *a, const void *b)
{
	int64 left = ((const CrkPosting *) a)->customer_id;
	int64 right = ((const CrkPosting *) b)->customer_id;

	return (left > right) - (left < right);
}

/*
 * Sort key of accounts by customer, to merge what falls on one.
 */
static int
crk_compare_customers(const void *a, const void *b)
{
	int64 left = ((const Account *) a)->customer_id;
	int64 right = ((const Account *) b)->customer_id;

	return (left > right) - (left < right);
}

/*
 * The order of locks.
 */
static int
crk_compare_locks(const void *a, const void *b)
{
	const Account *left = a;
	const Account *right = b;

	if (left->depth != right->depth)
		return (left->depth > right->depth) - (left->depth < right->depth);
	return crk_compare_customers(a, b);
}

/*
 * An int8[] of these values.
 */
Datum
crk_int8_array(const int64 *values, int64 count)
{
	Datum *datums = palloc_extended(Max(count, 1) * sizeof(Datum), MCXT_ALLOC_HUGE);
	ArrayType *array;

	for (int64 i = 0; i < count; i++)
		datums[i] = Int64GetDatum(values[i]);
	array = construct_array(datums, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	pfree(datums);
	return PointerGetDatum(array);
}

/*
 * Add to a sum of a statement; many rows of the largest amounts could leave
 * 128 bits.
 */
void
crk_add_amount(crk_int128 *sum, crk_int128 amount)
{
	if (!crk_decimal_add(sum, amount))
		crk_numeric_refuse(CRK_DECIMAL_TOO_LARGE, "the sum of the statement's amounts");
}

/*
 * An amount, and the decimals that sums of it must show.
 */
crk_int128
crk_scaled_amount(Datum numeric, int *display_scale)
{
	crk_int128 value;
	int own_scale;
	CrkDecimalStatus status = crk_numeric_read(numeric, CRK_LEDGER_SCALE, &value, &own_scale);

	if (status != CRK_DECIMAL_OK)
		crk_numeric_refuse(status, "an amount of the ledger");
	*display_scale = Max(*display_scale, Min(own_scale, CRK_LEDGER_SCALE));
	return value;
}

/*
 * No account, so it is no payer: say whose document it must be.
 */
static void
crk_refuse_customer(CrkLedger *ledger, int64 customer_id)
{
	Datum arguments[1] = { Int64GetDatum(customer_id) };
	char *code;
	char *payer;

	if (crk_execute(ledger, CRK_NO_ACCOUNT, arguments, NULL) != 1)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '4')),
				 errmsg("customer " INT64_FORMAT " does not exist", customer_id)));
	code = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	payer = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3);
	if (payer != NULL && strcmp(payer, code) != 0)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '4')),
				 errmsg("customer \"%s\" has another payer", code),
				 errhint("Write the document for customer %s (\"%s\"), with site_id " INT64_FORMAT ".",
						 SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2), payer, customer_id)));
	ereport(ERROR,
			(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '2')),
			 errmsg("customer \"%s\" has no credit account", code),
			 errhint("The ledger's rebuild() makes it from the facts.")));
}

/*
 * What a posting adds to its payer's exposure.
 */
static crk_int128
crk_exposure_change(const CrkPosting *posting)
{
	return posting->change[CRK_RECEIVABLE] + posting->change[CRK_UNBILLED_PART] +
		   posting->change[CRK_OPEN_ORDERS] - posting->change[CRK_UNAPPLIED] + posting->change[CRK_UNMATURED];
}

/*
 * Find the accounts that a list of postings touches: the payers' and those of
 * the heads above them, to whose group_exposure the same change goes.
 */
static Account *
crk_accounts_of(CrkLedger *ledger, CrkPostings *postings, int64 *count)
{
	int64 *customers = palloc_extended(postings->count * sizeof(int64), MCXT_ALLOC_HUGE);
	Datum arguments[1];
	int64 size = postings->count;
	int64 used = postings->count;
	int64 merged = 0;
	Account *accounts;
	uint64 grouped;

	for (int64 i = 0; i < postings->count; i++)
		customers[i] = postings->posting[i].customer_id;
	arguments[0] = crk_int8_array(customers, postings->count);
	grouped = crk_execute(ledger, CRK_GROUP_PATHS, arguments, NULL);

	accounts = palloc_extended(size * sizeof(Account), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < postings->count; i++)
	{
		CrkPosting *posting = &postings->posting[i];

		accounts[i].customer_id = posting->customer_id;
		accounts[i].depth = NO_GROUP;
		accounts[i].path = NULL;
		accounts[i].path_length = 0;
		accounts[i].posting = posting;
		accounts[i].group_change = crk_exposure_change(posting);
	}
	for (uint64 row = 0; row < grouped; row++)
	{
		bool null;
		Account key = { .customer_id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1, &null)) };
		Account *payer = bsearch(&key, accounts, postings->count, sizeof(Account), crk_compare_customers);
		Datum *path;
		int length;

		deconstruct_array(DatumGetArrayTypeP(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 2, &null)),
						  INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &path, NULL, &length);
		payer->depth = payer->path_length = length;
		payer->path = path;
		payer->posting->path_length = length;
		payer->posting->path = palloc(length * sizeof(int64));
		for (int i = 0; i < length; i++)
			payer->posting->path[i] = DatumGetInt64(path[i]);
		if (used + length > size)
		{
			int64 at = payer - accounts;

			size = (used + length) * 2;
			accounts = repalloc_huge(accounts, size * sizeof(Account));
			payer = &accounts[at];
		}
		for (int i = 0; i < length - 1; i++)
		{
			Account *head = &accounts[used++];

			head->customer_id = DatumGetInt64(path[i]);
			head->depth = i + 1;
			head->path = NULL;
			head->path_length = 0;
			head->posting = NULL;
			head->group_change = payer->group_change;
		}
	}
	if (grouped > 0)
	{
		qsort(accounts, used, sizeof(Account), crk_compare_customers);
		for (int64 i = 0; i < used; i++)
		{
			if (merged > 0 && accounts[merged - 1].customer_id == accounts[i].customer_id)
			{
				Account *into = &accounts[merged - 1];

				into->group_change += accounts[i].group_change;
				into->depth = Min(into->depth, accounts[i].depth);
				if (accounts[i].posting != NULL)
				{
					into->posting = accounts[i].posting;
					into->path = accounts[i].path;
					into->path_length = accounts[i].path_length;
				}
			}
			else
				accounts[merged++] = accounts[i];
		}
		used = merged;
		qsort(accounts, used, sizeof(Account), crk_compare_locks);
	}
	*count = used;
	return accounts;
}

/* A row that the UPDATE returned. */
typedef struct AccountRow
{
	HeapTuple tuple;
	TupleDesc tupdesc;
} AccountRow;

/*
 * One of the rows just returned; it stays where it is when other statements
 * run.
 */
static AccountRow
crk_account_row(uint64 number)
{
	AccountRow row = { SPI_tuptable->vals[number], SPI_tuptable->tupdesc };

	return row;
}

/*
 * A column of it.
 */
static Datum
crk_account_column(AccountRow row, int column, bool *null)
{
	return SPI_getbinval(row.tuple, row.tupdesc, column, null);
}

/*
 * Take from the UPDATE what the account says of the limits of its customer and
 * of its group.  The copy holds between two days; outside them it is read
 * again, under the lock that we now have.
 */
static void
crk_read_limit(CrkLedger *ledger, AccountRow row, const Account *account, CrkPostings *postings)
{
	CrkLimit *limit = account->posting ? &account->posting->limit : NULL;
	crk_int128 group_exposure;
	DateADT today;
	Datum amount;
	Datum group_limit;
	Datum since;
	Datum until;
	bool amount_null;
	bool unlimited;
	bool group_null;
	bool since_null;
	bool until_null;
	bool null;

	amount = crk_account_column(row, 2, &amount_null);
	unlimited = DatumGetBool(crk_account_column(row, 3, &null));
	since = crk_account_column(row, 4, &since_null);
	until = crk_account_column(row, 5, &until_null);
	group_exposure = crk_amount(crk_account_column(row, 9, &null));
	group_limit = crk_account_column(row, 10, &group_null);
	if (limit != NULL)
	{
		limit->blocked = DatumGetBool(crk_account_column(row, 7, &null)) && !null;
		limit->full_check = DatumGetBool(crk_account_column(row, 11, &null));
	}
	if (!since_null || !until_null)
	{
		today = crk_business_date(ledger);
		if ((!since_null && today < DatumGetDateADT(since)) || (!until_null && today > DatumGetDateADT(until)))
		{
			Datum arguments[1] = { Int64GetDatum(account->customer_id) };

			crk_execute(ledger, CRK_REFRESH_LIMIT, arguments, NULL);
			crk_execute(ledger, CRK_READ_LIMIT, arguments, NULL);
			row = crk_account_row(0);
			amount = crk_account_column(row, 1, &amount_null);
			unlimited = DatumGetBool(crk_account_column(row, 2, &null));
			group_limit = crk_account_column(row, 3, &group_null);
		}
	}
	if (limit != NULL)
	{
		limit->unlimited = unlimited;
		limit->amount = amount_null ? 0 : crk_amount(amount);
		limit->decided = unlimited || !amount_null;
	}
	if (!group_null)
	{
		if (postings->group_count == postings->group_size)
		{
			postings->group_size = postings->group_size ? postings->group_size * 2 : 4;
			postings->group = postings->group ?
								  repalloc_huge(postings->group, postings->group_size * sizeof(CrkGroup)) :
								  palloc(postings->group_size * sizeof(CrkGroup));
		}
		postings->group[postings->group_count++] = (CrkGroup){
			.head_id = account->customer_id, .limit = crk_amount(group_limit), .exposure = group_exposure
		};
	}
}

/*
 * The heads were updated before the payer's own account was locked: an error
 * if the payer has left one of them meanwhile.
 */
static void
crk_check_path(AccountRow row, const Account *account)
{
	bool null;
	Datum stored = crk_account_column(row, 6, &null);
	Datum *path = NULL;
	int length = 0;

	if (!null)
		deconstruct_array(DatumGetArrayTypeP(stored), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &path, NULL, &length);
	for (int i = 0; i < length && length == account->path_length; i++)
	{
		if (DatumGetInt64(path[i]) != DatumGetInt64(account->path[i]))
			length = -1;
	}
	if (length != account->path_length)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access: customer " INT64_FORMAT " was moved in its group", account->customer_id),
				 errhint("The transaction might succeed if retried.")));
}

/*
 * Take what the UPDATE returned of an account.
 */
static void
crk_take_account(CrkLedger *ledger, AccountRow row, const Account *account, CrkPostings *postings)
{
	bool null;

	if (account->posting != NULL)
	{
		crk_check_path(row, account);
		account->posting->exposure = crk_amount(crk_account_column(row, 1, &null));
	}
	crk_read_limit(ledger, row, account, postings);
}

/*
 * The changes of an account, as the statements take them.
 */
static void
crk_account_changes(const Account *account, int display_scale, Datum *changes)
{
	const CrkPosting *posting = account->posting;

	for (int c = 0; c < CRK_COMPONENTS; c++)
		changes[c] = crk_numeric_make(posting ? posting->change[c] : 0, CRK_LEDGER_SCALE,
									  posting && posting->change[c] != 0 ? display_scale : 0);
	changes[CRK_COMPONENTS] = crk_numeric_make(account->group_change, CRK_LEDGER_SCALE, display_scale);
}

/*
 * Update one account by this statement and take what it returned; false if
 * the statement found no such account.
 */
static bool
crk_post_account(CrkLedger *ledger, CrkStatement statement, const Account *account, CrkPostings *postings)
{
	Datum arguments[CRK_COMPONENTS + 2];
	SPITupleTable *table;
	bool updated;

	arguments[0] = Int64GetDatum(account->customer_id);
	crk_account_changes(account, postings->display_scale, arguments + 1);
	updated = crk_execute(ledger, statement, arguments, NULL) == 1;
	table = SPI_tuptable;
	if (updated)
		crk_take_account(ledger, crk_account_row(0), account, postings);
	SPI_freetuptable(table);
	for (int c = 0; c < CRK_COMPONENTS + 1; c++)
		pfree(DatumGetPointer(arguments[c + 1]));
	return updated;
}

/*
 * Update many accounts: all locks first, in their order, then one UPDATE, which
 * may go about them as it likes.
 */
static void
crk_post_accounts(CrkLedger *ledger, Account *accounts, int64 count, CrkPostings *postings)
{
	Datum arguments[CRK_COMPONENTS + 2];
	Datum *columns[CRK_COMPONENTS + 1];
	int64 *customers = palloc_extended(count * sizeof(int64), MCXT_ALLOC_HUGE);
	uint64 updated;
	AccountRow *rows;

	for (int c = 0; c < CRK_COMPONENTS + 1; c++)
		columns[c] = palloc_extended(count * sizeof(Datum), MCXT_ALLOC_HUGE);
	qsort(accounts, count, sizeof(Account), crk_compare_customers);
	for (int64 i = 0; i < count; i++)
	{
		Datum changes[CRK_COMPONENTS + 1];

		CHECK_FOR_INTERRUPTS();
		customers[i] = accounts[i].customer_id;
		accounts[i].updated = false;
		crk_account_changes(&accounts[i], postings->display_scale, changes);
		for (int c = 0; c < CRK_COMPONENTS + 1; c++)
			columns[c][i] = changes[c];
	}
	arguments[0] = crk_int8_array(customers, count);
	for (int c = 0; c < CRK_COMPONENTS + 1; c++)
		arguments[c + 1] = PointerGetDatum(construct_array(columns[c], count, NUMERICOID, -1, false, TYPALIGN_INT));
	crk_execute(ledger, CRK_LOCK_ACCOUNTS, arguments, NULL);
	SPI_freetuptable(SPI_tuptable);
	updated = crk_execute(ledger, CRK_POST_ACCOUNTS, arguments, NULL);

	/* Reading a limit again runs statements of its own. */
	rows = palloc_extended(Max(updated, 1) * sizeof(AccountRow), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < updated; i++)
		rows[i] = crk_account_row(i);
	for (uint64 i = 0; i < updated; i++)
	{
		bool null;
		Account key = { .customer_id = DatumGetInt64(crk_account_column(rows[i], 8, &null)) };
		Account *account = bsearch(&key, accounts, count, sizeof(Account), crk_compare_customers);

		CHECK_FOR_INTERRUPTS();
		account->updated = true;
		crk_take_account(ledger, rows[i], account, postings);
	}
	for (int64 i = 0; i < count; i++)
	{
		if (!accounts[i].updated)
			crk_refuse_customer(ledger, accounts[i].customer_id);
	}
}

/*
 * Whether this posting's exposure is part of that group's.
 */
bool
crk_in_group(const CrkPosting *posting, const CrkGroup *group)
{
	if (group->head_id == posting->customer_id)
		return true;
	for (int i = 0; i < posting->path_length; i++)
	{
		if (posting->path[i] == group->head_id)
			return true;
	}
	return false;
}

/*
 * Post: sum per payer, then update every account once, in the order of locks.
 * An account that is not there is an error.
 */
void
crk_post(CrkLedger *ledger, CrkPostings *postings)
{
	int64 payers = 0;
	int64 count;
	Account *accounts;

	if (postings->count == 0)
		return;
	if (postings->count > 1)
		qsort(postings->posting, postings->count, sizeof(CrkPosting), crk_compare_postings);
	for (int64 i = 0; i < postings->count; i++)
	{
		CrkPosting *posting = &postings->posting[i];

		if (payers > 0 && postings->posting[payers - 1].customer_id == posting->customer_id)
		{
			for (int c = 0; c < CRK_COMPONENTS; c++)
				crk_add_amount(&postings->posting[payers - 1].change[c], posting->change[c]);
		}
		else
			postings->posting[payers++] = *posting;
	}
	postings->count = payers;

	/*
	 * One payer outside any group is by far the most, and one lock needs no
	 * order: then nothing is asked beforehand, and the UPDATE itself says
	 * whether the payer is such a one.
	 */
	if (payers == 1)
	{
		Account single = {
			.customer_id = postings->posting->customer_id,
			.group_change = crk_exposure_change(postings->posting),
			.posting = postings->posting
		};

		if (crk_post_account(ledger, CRK_POST_UNGROUPED, &single, postings))
			return;
	}
	accounts = crk_accounts_of(ledger, postings, &count);
	if (count > FEW_ACCOUNTS)
		crk_post_accounts(ledger, accounts, count, postings);
	else
	{
		for (int64 i = 0; i < count; i++)
		{
			if (!crk_post_account(ledger, CRK_POST_ACCOUNT, &accounts[i], postings))
				crk_refuse_customer(ledger, accounts[i].customer_id);
		}
	}
	pfree(accounts);
}
