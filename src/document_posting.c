/*
 * document_posting.c
 *	  After deliveries, invoices, payments and allocations are written: what
 *	  each posts to the accounts, and the orders and items that it moves.
 *
 * The documents of a statement are read once; orders are moved and locked
 * before accounts, accounts before items.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "posting.h"

/* Documents of a statement: keys for the ledger's functions, and the postings. */
typedef struct Documents
{
	int64 *customers;
	int64 *keys;
	int64 count;
	int64 size;
} Documents;

/*
 * Remember a document.
 */
static void
crk_documents_add(Documents *documents, int64 customer_id, int64 key)
{
	if (documents->count == documents->size)
	{
		documents->size = documents->size ? documents->size * 2 : 8;
		documents->customers = documents->customers ?
								   repalloc_huge(documents->customers, documents->size * sizeof(int64)) :
								   palloc(documents->size * sizeof(int64));
		documents->keys = documents->keys ?
							  repalloc_huge(documents->keys, documents->size * sizeof(int64)) :
							  palloc(documents->size * sizeof(int64));
	}
	documents->customers[documents->count] = customer_id;
	documents->keys[documents->count++] = key;
}

/*
 * Call a function of the ledger with the keys of documents.
 */
static int
crk_with_documents(CrkLedger *ledger, CrkStatement statement, const Documents *documents, bool flag)
{
	Datum arguments[3];

	if (documents->count == 0)
		return 0;
	arguments[0] = crk_int8_array(documents->customers, documents->count);
	arguments[1] = crk_int8_array(documents->keys, documents->count);
	arguments[2] = BoolGetDatum(flag);
	return crk_execute(ledger, statement, arguments, NULL);
}

/*
 * Post what a delivery or invoice changes of the goods that were delivered
 * without an order.
 */
static void
crk_post_unbilled(CrkLedger *ledger, const Documents *documents, bool invoiced)
{
	int rows = crk_with_documents(ledger, CRK_UNBILLED, documents, invoiced);
	SPITupleTable *table = SPI_tuptable;
	CrkPostings postings;

	crk_postings_init(&postings);
	for (int i = 0; i < rows; i++)
	{
		bool null;
		CrkPosting *posting = crk_postings_add(&postings, DatumGetInt64(SPI_getbinval(table->vals[i], table->tupdesc, 1, &null)));

		posting->change[CRK_UNBILLED_PART] +=
			crk_scaled_amount(SPI_getbinval(table->vals[i], table->tupdesc, 2, &null), &postings.display_scale);
	}
	crk_post(ledger, &postings);
}

/*
 * The columns of a document that posting reads.
 */
typedef struct DocumentReader
{
	TupleTableSlot *slot;
	Tuplestorestate *store;
	TupleDesc tupdesc;
} DocumentReader;

/*
 * Begin to read the new rows of a statement; the tuplestore is shared by all
 * triggers of the statement, so it is rewound first.
 */
static void
crk_read_begin(DocumentReader *reader, FunctionCallInfo fcinfo, const char *function)
{
	Relation relation = crk_trigger_relation(fcinfo, function);
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) || !TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(trigger->tg_event) || trigger->tg_newtable == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("%s must be fired after insert, for each statement, with a new table", function)));
	reader->tupdesc = RelationGetDescr(relation);
	reader->store = trigger->tg_newtable;
	tuplestore_rescan(reader->store);
	reader->slot = MakeSingleTupleTableSlot(reader->tupdesc, &TTSOpsMinimalTuple);
}

/*
 * The next row, false after the last.
 */
static bool
crk_read_next(DocumentReader *reader)
{
	CHECK_FOR_INTERRUPTS();
	if (tuplestore_gettupleslot(reader->store, true, false, reader->slot))
		return true;
	ExecDropSingleTupleTableSlot(reader->slot);
	return false;
}

/*
 * A bigint of the row; 0 for NULL, which no key is.
 */
static int64
crk_read_key(DocumentReader *reader, int column)
{
	bool null;
	Datum value = slot_getattr(reader->slot, column, &null);

	return null ? 0 : DatumGetInt64(value);
}

/*
 * Deliveries: their orders first (whose trigger posts ordered to delivered),
 * then what has no order.
 */
PG_FUNCTION_INFO_V1(crk_delivery_written);
Datum
crk_delivery_written(PG_FUNCTION_ARGS)
{
	DocumentReader reader;
	CrkLedgerScope scope;
	Documents all = { 0 };
	Documents ordered = { 0 };
	Documents unordered = { 0 };
	bool reversed = false;
	int customer_id;
	int delivery_id;
	int order_id;
	int reversal_of;

	crk_read_begin(&reader, fcinfo, "delivery_written");
	crk_ledger_enter(((TriggerData *) fcinfo->context)->tg_relation, &scope);
	customer_id = crk_required_column(reader.tupdesc, "customer_id");
	delivery_id = crk_required_column(reader.tupdesc, "delivery_id");
	order_id = crk_required_column(reader.tupdesc, "order_id");
	reversal_of = crk_required_column(reader.tupdesc, "reversal_of");
	while (crk_read_next(&reader))
	{
		int64 customer = crk_read_key(&reader, customer_id);
		int64 key = crk_read_key(&reader, delivery_id);

		reversed |= crk_read_key(&reader, reversal_of) != 0;
		crk_documents_add(&all, customer, key);
		crk_documents_add(crk_read_key(&reader, order_id) ? &ordered : &unordered, customer, key);
	}
	/* What a reversal takes off is what invoices left: under the lock that they need. */
	if (unordered.count > 0 && (ordered.count > 0 || reversed))
		crk_with_documents(scope.ledger, CRK_LOCK_ORDERS, &all, false);
	crk_with_documents(scope.ledger, CRK_MOVE_ORDERS, &ordered, false);
	crk_post_unbilled(scope.ledger, &unordered, false);
	crk_ledger_leave(&scope);
	PG_RETURN_POINTER(NULL);
}

/*
 * Of invoices that name an order and a delivery, remember those whose delivery
 * has no order: they take the goods out of what waits unbilled, too.
 */
static void
crk_add_unordered(CrkLedger *ledger, const Documents *both, Documents *delivered)
{
	int rows = crk_with_documents(ledger, CRK_UNORDERED, both, false);

	for (int i = 0; i < rows; i++)
	{
		bool null;
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc tupdesc = SPI_tuptable->tupdesc;

		crk_documents_add(delivered, DatumGetInt64(SPI_getbinval(row, tupdesc, 1, &null)),
						  DatumGetInt64(SPI_getbinval(row, tupdesc, 2, &null)));
	}
}

/*
 * Invoices: orders first, then the receivable, then what was delivered without
 * an order, then the open items.  Orders are locked before accounts, accounts
 * before items.
 */
PG_FUNCTION_INFO_V1(crk_invoice_written);
Datum
crk_invoice_written(PG_FUNCTION_ARGS)
{
	DocumentReader reader;
	CrkLedgerScope scope;
	Documents all = { 0 };
	Documents opened = { 0 };
	Documents reversals = { 0 };
	Documents ordered = { 0 };
	Documents delivered = { 0 };
	Documents both = { 0 };
	CrkPostings postings;
	int customer_id;
	int invoice_id;
	int order_id;
	int delivery_id;
	int kind;
	int amount_base;
	int reversal_of;

	crk_read_begin(&reader, fcinfo, "invoice_written");
	crk_ledger_enter(((TriggerData *) fcinfo->context)->tg_relation, &scope);
	customer_id = crk_required_column(reader.tupdesc, "customer_id");
	invoice_id = crk_required_column(reader.tupdesc, "invoice_id");
	order_id = crk_required_column(reader.tupdesc, "order_id");
	delivery_id = crk_required_column(reader.tupdesc, "delivery_id");
	kind = crk_required_column(reader.tupdesc, "kind");
	amount_base = crk_required_column(reader.tupdesc, "amount_base");
	reversal_of = crk_required_column(reader.tupdesc, "reversal_of");
	crk_postings_init(&postings);
	while (crk_read_next(&reader))
	{
		int64 customer = crk_read_key(&reader, customer_id);
		int64 key = crk_read_key(&reader, invoice_id);
		CrkPosting *posting = crk_postings_add(&postings, customer);
		bool reversal = crk_read_key(&reader, reversal_of) != 0;
		crk_int128 amount;
		text *kind_text;
		bool credit;
		bool null;

		kind_text = DatumGetTextPP(slot_getattr(reader.slot, kind, &null));
		credit = VARSIZE_ANY_EXHDR(kind_text) == strlen("credit_note") &&
				 memcmp(VARDATA_ANY(kind_text), "credit_note", strlen("credit_note")) == 0;
		amount = crk_scaled_amount(slot_getattr(reader.slot, amount_base, &null), &postings.display_scale);
		if (credit != reversal)
			amount = -amount;
		crk_add_amount(&posting->change[CRK_RECEIVABLE], amount);
		crk_documents_add(&all, customer, key);
		crk_documents_add(reversal ? &reversals : &opened, customer, key);
		if (crk_read_key(&reader, order_id))
			crk_documents_add(&ordered, customer, key);
		if (crk_read_key(&reader, delivery_id))
			crk_documents_add(crk_read_key(&reader, order_id) ? &both : &delivered, customer, key);
	}
	crk_add_unordered(scope.ledger, &both, &delivered);
	/* The accounts of orders that move are locked before those of the others. */
	if (ordered.count > 0 && postings.count > 1)
		crk_with_documents(scope.ledger, CRK_LOCK_ORDERS, &all, true);
	crk_with_documents(scope.ledger, CRK_MOVE_ORDERS, &ordered, true);
	crk_post(scope.ledger, &postings);
	crk_post_unbilled(scope.ledger, &delivered, true);
	crk_with_documents(scope.ledger, CRK_ITEMS_OPENED, &opened, false);
	crk_with_documents(scope.ledger, CRK_ITEMS_REVERSED, &reversals, false);
	crk_ledger_leave(&scope);
	PG_RETURN_POINTER(NULL);
}

/*
 * Payments: unapplied until they are allocated, and exposure all the same
 * until they are final.
 */
PG_FUNCTION_INFO_V1(crk_payment_written);
Datum
crk_payment_written(PG_FUNCTION_ARGS)
{
	DocumentReader reader;
	CrkLedgerScope scope;
	Documents reversals = { 0 };
	Documents unmatured = { 0 };
	CrkPostings postings;
	int customer_id;
	int payment_id;
	int amount_base;
	int unmatured_base;
	int reversal_of;

	crk_read_begin(&reader, fcinfo, "payment_written");
	crk_ledger_enter(((TriggerData *) fcinfo->context)->tg_relation, &scope);
	customer_id = crk_required_column(reader.tupdesc, "customer_id");
	payment_id = crk_required_column(reader.tupdesc, "payment_id");
	amount_base = crk_required_column(reader.tupdesc, "amount_base");
	unmatured_base = crk_required_column(reader.tupdesc, "unmatured_base");
	reversal_of = crk_required_column(reader.tupdesc, "reversal_of");
	crk_postings_init(&postings);
	while (crk_read_next(&reader))
	{
		int64 customer = crk_read_key(&reader, customer_id);
		CrkPosting *posting = crk_postings_add(&postings, customer);
		int sign = crk_read_key(&reader, reversal_of) ? -1 : 1;
		crk_int128 waiting;
		bool null;

		crk_add_amount(&posting->change[CRK_UNAPPLIED],
					   sign * crk_scaled_amount(slot_getattr(reader.slot, amount_base, &null), &postings.display_scale));
		waiting = crk_scaled_amount(slot_getattr(reader.slot, unmatured_base, &null), &postings.display_scale);
		crk_add_amount(&posting->change[CRK_UNMATURED], sign * waiting);
		if (waiting != 0)
			crk_documents_add(&unmatured, customer, crk_read_key(&reader, payment_id));
		if (sign < 0)
			crk_documents_add(&reversals, customer, crk_read_key(&reader, payment_id));
	}
	crk_post(scope.ledger, &postings);
	crk_with_documents(scope.ledger, CRK_PAYMENTS_CHECKED, &reversals, false);
	crk_with_documents(scope.ledger, CRK_PAYMENTS_REVERSED, &reversals, false);
	crk_with_documents(scope.ledger, CRK_PAYMENTS_UNMATURED, &unmatured, false);
	crk_ledger_leave(&scope);
	PG_RETURN_POINTER(NULL);
}

/*
 * Payments that have become final leave the exposure.
 */
PG_FUNCTION_INFO_V1(crk_payment_final_written);
Datum
crk_payment_final_written(PG_FUNCTION_ARGS)
{
	DocumentReader reader;
	CrkLedgerScope scope;
	Documents all = { 0 };
	CrkPostings postings;
	int customer_id;
	int payment_id;
	int amount_base;

	crk_read_begin(&reader, fcinfo, "payment_final_written");
	crk_ledger_enter(((TriggerData *) fcinfo->context)->tg_relation, &scope);
	customer_id = crk_required_column(reader.tupdesc, "customer_id");
	payment_id = crk_required_column(reader.tupdesc, "payment_id");
	amount_base = crk_required_column(reader.tupdesc, "amount_base");
	crk_postings_init(&postings);
	while (crk_read_next(&reader))
	{
		int64 customer = crk_read_key(&reader, customer_id);
		CrkPosting *posting = crk_postings_add(&postings, customer);
		bool null;

		crk_add_amount(&posting->change[CRK_UNMATURED],
					   -crk_scaled_amount(slot_getattr(reader.slot, amount_base, &null), &postings.display_scale));
		crk_documents_add(&all, customer, crk_read_key(&reader, payment_id));
	}
	crk_post(scope.ledger, &postings);
	crk_with_documents(scope.ledger, CRK_PAYMENTS_FINAL, &all, false);
	crk_ledger_leave(&scope);
	PG_RETURN_POINTER(NULL);
}

/*
 * Allocations: cash leaves the unapplied and the receivable; a credit note's
 * item and the invoice's shrink together, so only the exchange difference
 * moves the receivable.  Where an adjustment stands in for a side, that side's
 * amount is 0.
 */
PG_FUNCTION_INFO_V1(crk_allocation_written);
Datum
crk_allocation_written(PG_FUNCTION_ARGS)
{
	DocumentReader reader;
	CrkLedgerScope scope;
	Documents all = { 0 };
	Documents payments = { 0 };
	CrkPostings postings;
	int customer_id;
	int allocation_id;
	int payment_id;
	int amount_base;
	int source_amount_base;
	int reversal_of;

	crk_read_begin(&reader, fcinfo, "allocation_written");
	crk_ledger_enter(((TriggerData *) fcinfo->context)->tg_relation, &scope);
	customer_id = crk_required_column(reader.tupdesc, "customer_id");
	allocation_id = crk_required_column(reader.tupdesc, "allocation_id");
	payment_id = crk_required_column(reader.tupdesc, "payment_id");
	amount_base = crk_required_column(reader.tupdesc, "amount_base");
	source_amount_base = crk_required_column(reader.tupdesc, "source_amount_base");
	reversal_of = crk_required_column(reader.tupdesc, "reversal_of");
	crk_postings_init(&postings);
	while (crk_read_next(&reader))
	{
		int64 customer = crk_read_key(&reader, customer_id);
		int64 payment = crk_read_key(&reader, payment_id);
		CrkPosting *posting = crk_postings_add(&postings, customer);
		int sign = crk_read_key(&reader, reversal_of) ? -1 : 1;
		crk_int128 amount;
		crk_int128 source;
		bool null;

		amount = sign * crk_scaled_amount(slot_getattr(reader.slot, amount_base, &null), &postings.display_scale);
		source = sign * crk_scaled_amount(slot_getattr(reader.slot, source_amount_base, &null), &postings.display_scale);
		crk_add_amount(&posting->change[CRK_RECEIVABLE], -amount);
		if (payment)
		{
			crk_add_amount(&posting->change[CRK_UNAPPLIED], -source);
			crk_documents_add(&payments, customer, payment);
		}
		else
			crk_add_amount(&posting->change[CRK_RECEIVABLE], source);
		crk_documents_add(&all, customer, crk_read_key(&reader, allocation_id));
	}
	crk_post(scope.ledger, &postings);
	crk_with_documents(scope.ledger, CRK_ITEMS_SETTLED, &all, false);
	crk_with_documents(scope.ledger, CRK_PAYMENTS_CHECKED, &payments, false);
	crk_ledger_leave(&scope);
	PG_RETURN_POINTER(NULL);
}
