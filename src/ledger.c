/*
 * ledger.c
 *	  The ledger that a trigger's table belongs to: its settings, the rights
 *	  under which its triggers work, and the statements that they run.
 *
 * A ledger is a schema.  It is known by the schema's OID; its name, which may
 * change at any time, is compared on every use.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "ledger.h"

/*
 * Texts of the statements; %S is the ledger's quoted name.  They are parsed
 * under the path of whoever writes the row, so every name and operator is
 * qualified.  What needs more than one of them is a function of the ledger.
 */
#define PLUS " OPERATOR(pg_catalog.+) "
#define EQ	 " OPERATOR(pg_catalog.=) "

/*
 * The UPDATE that locks an account, moves it and returns the truth; the changes
 * are parameters or the columns of arrays.
 */
#define POST_ACCOUNT(receivable, unbilled, open_orders, unapplied, unmatured, group_change, which) \
	"UPDATE %S.credit_account a SET" \
	" receivable = a.receivable" PLUS receivable ", unbilled = a.unbilled" PLUS unbilled "," \
	" open_orders = a.open_orders" PLUS open_orders ", unapplied = a.unapplied" PLUS unapplied "," \
	" unmatured = a.unmatured" PLUS unmatured "," \
	" group_exposure = a.group_exposure" PLUS group_change \
		which \
	" RETURNING a.exposure, a.credit_limit, a.unlimited, a.limit_since, a.limit_until, a.group_path, a.blocked, a.customer_id," \
	" a.group_exposure, a.group_limit, a.full_check"
#define POST_ONE(condition) POST_ACCOUNT("$2", "$3", "$4", "$5", "$6", "$7", " WHERE a.customer_id" EQ "$1" condition)
#define POST_ACCOUNT_TYPES \
	{ \
		INT8OID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID \
	}

typedef struct StatementText
{
	const char *text;
	int nargs;
	Oid argtypes[13];
} StatementText;

static const StatementText statement_texts[CRK_STATEMENTS] = {
	[CRK_READ_SETTINGS] = {
		"SELECT l.base_currency, l.time_zone, l.mode, l.pinned_date, l.on_exceed, l.no_limit, l.default_limit, l.log_passes,"
		" EXISTS (SELECT 1 FROM %S.blocking_rule r WHERE r.policy" EQ "l.policy AND r.checkpoint" EQ "'order'::pg_catalog.text"
		" AND r.until_version IS NULL), l.credit_horizon_days IS NOT NULL"
		" FROM %S.ledger l",
		0,
		{ 0 } },
	[CRK_GROUP_PATHS] = { "SELECT customer_id, group_path FROM %S.credit_account"
						  " WHERE customer_id" EQ "ANY ($1) AND group_path IS NOT NULL",
						  1,
						  { INT8ARRAYOID } },
	[CRK_POST_ACCOUNT] = { POST_ONE(""), 7, POST_ACCOUNT_TYPES },
	[CRK_POST_UNGROUPED] = { POST_ONE(" AND a.group_path IS NULL"), 7, POST_ACCOUNT_TYPES },
	[CRK_LOCK_ACCOUNTS] = { "SELECT 1 FROM %S.credit_account a JOIN pg_catalog.unnest($1) k (customer_id) ON a.customer_id" EQ "k.customer_id"
							" ORDER BY coalesce(pg_catalog.cardinality(a.group_path), 1000000), a.customer_id FOR NO KEY UPDATE OF a",
							1,
							{ INT8ARRAYOID } },
	[CRK_POST_ACCOUNTS] = { POST_ACCOUNT("k.receivable", "k.unbilled", "k.open_orders", "k.unapplied", "k.unmatured", "k.group_change", " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
																																		" pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7))"
																																		" k (customer_id, receivable, unbilled, open_orders, unapplied, unmatured, group_change)"
																																		" WHERE a.customer_id" EQ "k.customer_id"),
							7,
							{ INT8ARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID } },
	[CRK_REFRESH_LIMIT] = { "SELECT %S.refresh_limit(ARRAY[$1])", 1, { INT8OID } },
	[CRK_READ_LIMIT] = { "SELECT credit_limit, unlimited, group_limit FROM %S.credit_account WHERE customer_id" EQ "$1", 1, { INT8OID } },
	[CRK_NO_ACCOUNT] = { "SELECT c.code, c.payer_id, (SELECT p.code FROM %S.customer p WHERE p.customer_id" EQ "c.payer_id)"
						 " FROM %S.customer c WHERE c.customer_id" EQ "$1",
						 1,
						 { INT8OID } },
	[CRK_EVENT] = { "INSERT INTO %S.order_event (customer_id, order_id, event, open_amount_base, unbilled_base, effective_on)"
					" VALUES ($1, $2, $3, $4, $5, $6)",
					6,
					{ INT8OID, INT8OID, TEXTOID, NUMERICOID, NUMERICOID, DATEOID } },
	[CRK_EVENTS] = { "INSERT INTO %S.order_event (customer_id, order_id, event, open_amount_base, unbilled_base, effective_on)"
					 " SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
					 " pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))",
					 6,
					 { INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, NUMERICARRAYOID, NUMERICARRAYOID, DATEARRAYOID } },
	/* Each order keeps its date of change: the hold is of the day of what it refuses. */
	[CRK_HOLD_ORDERS] = { "UPDATE %S.sales_order SET status = 'held'"
						  " WHERE customer_id" EQ "$1 AND order_id" EQ "ANY ($2)",
						  2,
						  { INT8OID, INT8ARRAYOID } },
	[CRK_OVERRIDE] = { "SELECT 1 FROM %S.credit_decision d"
					   " WHERE d.customer_id" EQ "$1 AND d.order_id" EQ "$2 AND d.outcome" EQ "'overridden'::pg_catalog.text"
					   " AND d.checkpoint" EQ "'order'::pg_catalog.text"
					   " AND d.amount OPERATOR(pg_catalog.>=) $3 AND d.valid_until OPERATOR(pg_catalog.>=) $4"
					   /* What was delivered since is not to be had once more: the whole order has grown by the deviation at most. */
					   " AND (d.inputs IS NULL OR EXISTS (SELECT 1 FROM %S.sales_order o WHERE o.customer_id" EQ "d.customer_id AND o.order_id" EQ "d.order_id"
					   " AND CASE WHEN o.rate" EQ "1 THEN o.amount ELSE pg_catalog.round(o.amount OPERATOR(pg_catalog.*) o.rate, 2) END OPERATOR(pg_catalog.<=)"
					   " ((d.inputs OPERATOR(pg_catalog.->>) 'document_amount')::pg_catalog.numeric" PLUS "d.amount OPERATOR(pg_catalog.-) (d.inputs OPERATOR(pg_catalog.->>) 'amount')::pg_catalog.numeric))) LIMIT 1",
					   4,
					   { INT8OID, INT8OID, NUMERICOID, DATEOID } },
	[CRK_FIGURES] = { "SELECT %S.credit_figures($1)", 1, { INT8OID } },
	[CRK_DECIDE] = { "SELECT d.outcome, d.reasons, d.cure, d.inputs, d.results, (d.inputs OPERATOR(pg_catalog.->>) 'credit_limit')::pg_catalog.numeric,"
					 " (d.inputs OPERATOR(pg_catalog.->>) 'available')::pg_catalog.numeric, pg_catalog.array_to_string(d.reasons, ', '),"
					 " (d.inputs OPERATOR(pg_catalog.->>) 'prepaid') IS NOT DISTINCT FROM '1'::pg_catalog.text FROM %S.decide_order($1, $2, $3, $4, $5, $6) d",
					 6,
					 { JSONBOID, INT8OID, NUMERICOID, NUMERICOID, NUMERICOID, INT8ARRAYOID } },
	/* Terms of the customer that let an order pass become its own: they may change. */
	[CRK_KEEP_TERMS] = { "UPDATE %S.sales_order o SET terms = c.terms FROM %S.customer c"
						 " WHERE o.customer_id" EQ "$1 AND o.order_id" EQ "ANY ($2) AND o.terms IS NULL AND c.customer_id" EQ "o.customer_id"
						 " AND NOT credit_risk.on_credit(c.terms::credit_risk.payment_terms)",
						 2,
						 { INT8OID, INT8ARRAYOID } },
	[CRK_DECISION] = { "INSERT INTO %S.credit_decision (customer_id, order_id, document_no, outcome, amount, available,"
					   " exposure_before, exposure_after, credit_limit, reasons, cure, inputs, results)"
					   " SELECT o.customer_id, o.order_id, o.order_no, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM %S.sales_order o"
					   " WHERE o.customer_id" EQ "$1 AND o.order_id" EQ "$2",
					   12,
					   { INT8OID, INT8OID, TEXTOID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID, NUMERICOID, TEXTARRAYOID, TEXTOID, JSONBOID, JSONBOID } },
	[CRK_RATE] = { "SELECT r.rate, r.rate_on FROM %S.rate_on($1, $2) r", 2, { TEXTOID, DATEOID } },
	[CRK_UNORDERED] = { "SELECT i.customer_id, i.invoice_id"
						" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) k (customer_id, invoice_id)"
						" JOIN %S.invoice i ON i.customer_id" EQ "k.customer_id AND i.invoice_id" EQ "k.invoice_id"
						" JOIN %S.delivery d ON d.customer_id" EQ "i.customer_id AND d.delivery_id" EQ "i.delivery_id"
						" WHERE d.order_id IS NULL",
						2,
						{ INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_LOCK_ORDERS] = { "SELECT %S.lock_orders($1, $2, $3, true)", 3, { INT8ARRAYOID, INT8ARRAYOID, BOOLOID } },
	[CRK_MOVE_ORDERS] = { "SELECT %S.move_orders($1, $2, $3)", 3, { INT8ARRAYOID, INT8ARRAYOID, BOOLOID } },
	[CRK_UNBILLED] = { "SELECT customer_id, change FROM %S.unbilled_change($1, $2, $3)", 3, { INT8ARRAYOID, INT8ARRAYOID, BOOLOID } },
	[CRK_ITEMS_OPENED] = { "SELECT %S.open_items($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_ITEMS_REVERSED] = { "SELECT %S.reverse_items($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_ITEMS_SETTLED] = { "SELECT %S.settle_items($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_PAYMENTS_CHECKED] = { "SELECT %S.check_payments($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_PAYMENTS_REVERSED] = { "SELECT %S.check_reversed_payments($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_PAYMENTS_UNMATURED] = { "SELECT %S.keep_unmatured($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
	[CRK_PAYMENTS_FINAL] = { "SELECT %S.finish_unmatured($1, $2)", 2, { INT8ARRAYOID, INT8ARRAYOID } },
};

typedef struct PlanKey
{
	Oid schema;
	int32 statement;
} PlanKey;

typedef struct PlanEntry
{
	PlanKey key;
	char name[NAMEDATALEN]; /* the ledger's name in the text */
	SPIPlanPtr plan;		/* NULL: not prepared */
} PlanEntry;

static HTAB *crk_ledgers = NULL;
static HTAB *crk_plans = NULL;

/*
 * A changed row of "ledger" invalidates that table's relcache entry; here the
 * message arrives.  It may come at any moment, so it only leaves a mark.
 */
static void
crk_settings_invalid(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	CrkLedger *ledger;

	hash_seq_init(&scan, crk_ledgers);
	while ((ledger = hash_seq_search(&scan)) != NULL)
	{
		if (relid == InvalidOid || relid == ledger->settings_relid)
			ledger->settings_valid = false;
	}
}

/*
 * Both tables live as long as the session and hold a handful of entries.
 */
static void
crk_make_caches(void)
{
	HASHCTL control = { .keysize = sizeof(Oid), .entrysize = sizeof(CrkLedger) };

	if (crk_plans != NULL)
		return;
	if (crk_ledgers == NULL)
	{
		crk_ledgers = hash_create("credit_risk ledgers", 8, &control, HASH_ELEM | HASH_BLOBS);
		CacheRegisterRelcacheCallback(crk_settings_invalid, (Datum) 0);
	}
	control.keysize = sizeof(PlanKey);
	control.entrysize = sizeof(PlanEntry);
	crk_plans = hash_create("credit_risk plans", 32, &control, HASH_ELEM | HASH_BLOBS);
}

/*
 * The three words of the settings, refused where they are none.
 */
void
crk_parse_on_exceed(const char *text, CrkOnExceed *on_exceed)
{
	if (strcmp(text, "hold") == 0)
		*on_exceed = CRK_HOLD;
	else if (strcmp(text, "reject") == 0)
		*on_exceed = CRK_REJECT;
	else if (strcmp(text, "warn") == 0)
		*on_exceed = CRK_WARN;
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid on_exceed: \"%s\"", text),
				 errhint("It is hold, reject or warn.")));
}

/*
 * See crk_parse_on_exceed.
 */
void
crk_parse_no_limit(const char *text, CrkNoLimit *no_limit)
{
	if (strcmp(text, "hold") == 0)
		*no_limit = CRK_NO_LIMIT_HOLD;
	else if (strcmp(text, "pass") == 0)
		*no_limit = CRK_NO_LIMIT_PASS;
	else if (strcmp(text, "default") == 0)
		*no_limit = CRK_NO_LIMIT_DEFAULT;
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid no_limit: \"%s\"", text),
				 errhint("It is hold, pass or default.")));
}

/*
 * See crk_parse_on_exceed; true is observe.
 */
bool
crk_parse_mode(const char *text)
{
	if (strcmp(text, "observe") != 0 && strcmp(text, "enforce") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid mode: \"%s\"", text),
				 errhint("It is enforce or observe.")));
	return strcmp(text, "observe") == 0;
}

/*
 * An amount of the ledger, which its constraints keep within our scale.
 */
crk_int128
crk_amount(Datum numeric)
{
	crk_int128 value;
	int display_scale;
	CrkDecimalStatus status = crk_numeric_read(numeric, CRK_LEDGER_SCALE, &value, &display_scale);

	if (status != CRK_DECIMAL_OK)
		crk_numeric_refuse(status, "an amount of the ledger");
	return value;
}

/*
 * The prepared statement, made anew when the ledger was renamed.  The plan is
 * published only when it is kept, so that an error leaves nothing half made.
 */
static SPIPlanPtr
crk_plan(CrkLedger *ledger, CrkStatement statement)
{
	const StatementText *text = &statement_texts[statement];
	PlanKey key = { ledger->schema, statement };
	PlanEntry *entry;
	bool found;
	StringInfoData query;
	const char *schema;
	SPIPlanPtr plan;

	entry = hash_search(crk_plans, &key, HASH_ENTER, &found);
	if (!found)
		entry->plan = NULL;
	if (entry->plan != NULL)
	{
		if (strcmp(entry->name, ledger->name) == 0)
			return entry->plan;
		plan = entry->plan;
		entry->plan = NULL;
		SPI_freeplan(plan);
	}
	schema = quote_identifier(ledger->name);
	initStringInfo(&query);
	for (const char *p = text->text; *p; p++)
	{
		if (p[0] == '%' && p[1] == 'S')
		{
			appendStringInfoString(&query, schema);
			p++;
		}
		else
			appendStringInfoChar(&query, *p);
	}
	plan = SPI_prepare(query.data, text->nargs, (Oid *) text->argtypes);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\"", query.data);
	pfree(query.data);
	strlcpy(entry->name, ledger->name, NAMEDATALEN);
	entry->plan = plan;
	return plan;
}

/*
 * Run a statement with a snapshot of its own and say how many rows it
 * processed.  Every caller knows how many it must be.
 */
int
crk_execute(CrkLedger *ledger, CrkStatement statement, Datum *values, const char *nulls)
{
	int result = SPI_execute_plan(crk_plan(ledger, statement), values, nulls, false, 0);

	if (result < 0)
		elog(ERROR, "statement %d of the ledger failed: %s", (int) statement,
			 SPI_result_code_string(result));
	return (int) SPI_processed;
}

/*
 * Refuse a ledger whose routines are pinned to another name than its own: an
 * ALTER SCHEMA RENAME that our event trigger did not see leaves them at a name
 * where another ledger may stand, and they would post there.
 */
static void
crk_check_pin(Oid schema, const char *name)
{
	char *expected = psprintf("search_path=%s, pg_temp", quote_identifier(name));
	oidvector *no_arguments = buildoidvector(NULL, 0);
	HeapTuple tuple = SearchSysCache3(PROCNAMEARGSNSP, CStringGetDatum("business_date"),
									  PointerGetDatum(no_arguments), ObjectIdGetDatum(schema));
	bool pinned = false;
	Datum config;
	bool null = true;

	if (HeapTupleIsValid(tuple))
	{
		config = SysCacheGetAttr(PROCNAMEARGSNSP, tuple, Anum_pg_proc_proconfig, &null);
		if (!null)
		{
			Datum *settings;
			int count;

			deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false, TYPALIGN_INT, &settings, NULL, &count);
			for (int i = 0; i < count && !pinned; i++)
				pinned = strcmp(TextDatumGetCString(settings[i]), expected) == 0;
		}
		ReleaseSysCache(tuple);
	}
	if (!pinned)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the functions of ledger \"%s\" are not pinned to it", name),
				 errdetail("Its schema was renamed, and they still look for its tables under the former name."),
				 errhint("Its owner repairs it: SELECT credit_risk.upgrade_ledger(%s);", quote_literal_cstr(name))));
	pfree(expected);
	pfree(no_arguments);
}

/*
 * The ledger of a table, which for a partition is that of its root.
 */
CrkLedger *
crk_ledger_find(Relation relation)
{
	Oid root = RelationGetRelid(relation);
	Oid schema;
	char *name;
	CrkLedger *ledger;
	bool found;

	crk_make_caches();
	if (relation->rd_rel->relispartition)
		root = llast_oid(get_partition_ancestors(root));
	schema = get_rel_namespace(root);
	name = get_namespace_name(schema);
	ledger = hash_search(crk_ledgers, &schema, HASH_ENTER, &found);
	if (!found || strcmp(ledger->name, name) != 0)
	{
		ledger->settings_valid = false;
		ledger->settings_relid = InvalidOid;
		ledger->name[0] = '\0';
		crk_check_pin(schema, name);
		strlcpy(ledger->name, name, NAMEDATALEN);
	}
	pfree(name);
	return ledger;
}

/*
 * Enter the ledger of a table: connect to SPI and act as the owner of the
 * account, as RI triggers act as the owner of their table.  Only if the table
 * has that same owner: anybody may put our trigger on a table of his own.
 * After an error the transaction machinery restores the user.
 */
void
crk_ledger_enter(Relation relation, CrkLedgerScope *scope)
{
	CrkLedger *ledger = crk_ledger_find(relation);
	Oid root = RelationGetRelid(relation);
	Oid account;
	Oid owner;
	HeapTuple tuple;

	if (relation->rd_rel->relispartition)
		root = llast_oid(get_partition_ancestors(root));
	account = get_relname_relid("credit_account", ledger->schema);
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(account));
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("schema \"%s\" of table \"%s\" is no ledger", ledger->name,
						RelationGetRelationName(relation)),
				 errdetail("It has no table credit_account.")));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);

	scope->ledger = ledger;
	strlcpy(scope->name, ledger->name, NAMEDATALEN);
	GetUserIdAndSecContext(&scope->caller, &scope->security);
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(root));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", root);
	if (((Form_pg_class) GETSTRUCT(tuple))->relowner == owner)
		SetUserIdAndSecContext(owner, scope->security | SECURITY_LOCAL_USERID_CHANGE |
										  SECURITY_NOFORCE_RLS);
	ReleaseSysCache(tuple);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/*
 * The way back of crk_ledger_enter.  Our statements name the ledger, and
 * nothing locks its name: if it was renamed meanwhile, another one may have
 * answered to the name, and what was posted cannot stand.
 */
void
crk_ledger_leave(CrkLedgerScope *scope)
{
	char *name = get_namespace_name(scope->ledger->schema);

	if (name == NULL || strcmp(name, scope->name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("ledger \"%s\" was renamed while a statement posted to it", scope->name),
				 errhint("The transaction might succeed if retried.")));
	pfree(name);
	SPI_finish();
	SetUserIdAndSecContext(scope->caller, scope->security);
}

/*
 * A text column of the row just read.
 */
static char *
crk_text_column(int column)
{
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
}

/*
 * The settings, read once and again after a change.  The newest committed row
 * is wanted even under an old snapshot: what an old transaction caches would
 * otherwise outlive it.  Marked valid before they are read, so that a message
 * that arrives meanwhile is not lost.
 */
const CrkSettings *
crk_ledger_settings(CrkLedger *ledger)
{
	CrkSettings *settings = &ledger->settings;
	bool null;
	Datum pinned;
	Snapshot snapshot;

	if (ledger->settings_valid)
		return settings;
	ledger->settings_relid = get_relname_relid("ledger", ledger->schema);
	ledger->settings_valid = true;
	PG_TRY();
	{
		SPIPlanPtr plan = crk_plan(ledger, CRK_READ_SETTINGS);

		snapshot = RegisterSnapshot(GetLatestSnapshot());
		if (SPI_execute_snapshot(plan, NULL, NULL, snapshot, InvalidSnapshot, true, false, 2) != SPI_OK_SELECT ||
			SPI_processed != 1)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("ledger \"%s\" has lost its settings", ledger->name),
					 errhint("Its table \"ledger\" must have one row.")));
		UnregisterSnapshot(snapshot);
		strlcpy(settings->base_currency, crk_text_column(1), sizeof(settings->base_currency));
		strlcpy(settings->time_zone, crk_text_column(2), sizeof(settings->time_zone));
		settings->observe = crk_parse_mode(crk_text_column(3));
		pinned = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 4, &null);
		settings->pinned = !null;
		settings->pinned_date = null ? 0 : DatumGetDateADT(pinned);
		crk_parse_on_exceed(crk_text_column(5), &settings->on_exceed);
		crk_parse_no_limit(crk_text_column(6), &settings->no_limit);
		settings->default_limit = crk_amount(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 7, &null));
		settings->log_passes = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 8, &null));
		settings->rules = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 9, &null));
		settings->horizon = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 10, &null));
		SPI_freetuptable(SPI_tuptable);
	}
	PG_CATCH();
	{
		ledger->settings_valid = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
	return settings;
}

/*
 * What business_date() of the ledger says: the pinned date, or the day in the
 * ledger's time zone on which the transaction began.
 */
DateADT
crk_business_date(CrkLedger *ledger)
{
	const CrkSettings *settings = crk_ledger_settings(ledger);
	pg_tz *zone;
	struct pg_tm tm;
	fsec_t fraction;
	int offset;

	if (settings->pinned)
		return settings->pinned_date;
	zone = pg_tzset(settings->time_zone);
	if (zone == NULL ||
		timestamp2tm(GetCurrentTransactionStartTimestamp(), &offset, &tm, &fraction, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" of ledger \"%s\" is not known", settings->time_zone, ledger->name)));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/*
 * A column's number, by name: columns of a user may stand between ours.
 */
int
crk_required_column(TupleDesc tupdesc, const char *name)
{
	int column = SPI_fnumber(tupdesc, name);

	if (column <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" does not exist", name),
				 errhint("A column of the ledger was renamed or dropped.")));
	return column;
}

/*
 * The table of the trigger, or an error when a trigger function is called as
 * something else.
 */
Relation
crk_trigger_relation(FunctionCallInfo fcinfo, const char *function)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", function)));
	return ((TriggerData *) fcinfo->context)->tg_relation;
}

/*
 * The settings are cached in every session; a statement on their table tells
 * all of them at commit, and this one at once.
 */
PG_FUNCTION_INFO_V1(crk_ledger_changed);
Datum
crk_ledger_changed(PG_FUNCTION_ARGS)
{
	CacheInvalidateRelcacheByRelid(RelationGetRelid(crk_trigger_relation(fcinfo, "ledger_changed")));
	PG_RETURN_POINTER(NULL);
}

/*
 * Who acts: SET ROLE's role, else the session's.  current_user would be the
 * owner inside every function that runs as its owner.
 */
const char *
crk_acting_role_name(void)
{
	const char *role = GetConfigOption("role", true, false);

	if (role == NULL || strcmp(role, "none") == 0)
		role = GetUserNameFromId(GetSessionUserId(), false);
	return role;
}

/*
 * The same for column defaults.
 */
PG_FUNCTION_INFO_V1(crk_acting_role);
Datum
crk_acting_role(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(crk_acting_role_name()));
}
