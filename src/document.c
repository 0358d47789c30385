/*
 * document.c
 *	  Before a document is written: what the ledger fills in and what it guards.
 *
 * One function for orders, deliveries, invoices, payments, allocations and
 * limits: it knows a table by the columns that it has.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "kernel/currency.h"
#include "ledger.h"

/* The date that says when a document has its effect, one of these per table. */
static const char *const business_dates[] = {
	"ordered_on", "delivered_on", "issued_on", "received_on", "effective_on", "valid_from", "quoted_on"
};

/* Where the columns stand in this table; 0 = it has none of that name. */
typedef struct DocumentColumns
{
	int customer_id;
	int business_date;
	int currency;
	int amount;
	int tax_amount;
	int instalment_amount;
	int rate;
	int rate_on;
	int amount_base;
	int reversal_of;
	bool of_money; /* an invoice, a payment, an allocation */
	int decided_by;
	int recorded_at;
	int recorded_by;
	/* orders */
	int status;
	int delivered_amount;
	int invoiced_amount;
	int cancelled_on;
	int changed_on;
} DocumentColumns;

/* A row on its way: all columns, taken apart. */
typedef struct Document
{
	TriggerData *trigger;
	TupleDesc tupdesc;
	const DocumentColumns *columns;
	Datum *values;
	bool *nulls;
} Document;

/*
 * SPI_fnumber with 0 for a column that is not there.
 */
static int
crk_column(TupleDesc tupdesc, const char *name)
{
	int number = SPI_fnumber(tupdesc, name);

	return number > 0 ? number : 0;
}

/*
 * Columns are found by name, since a user may have added, dropped or
 * re-ordered some; once per statement, since the trigger's FmgrInfo lives as
 * long.
 */
static const DocumentColumns *
crk_document_columns(FunctionCallInfo fcinfo, TupleDesc tupdesc)
{
	DocumentColumns *columns = fcinfo->flinfo->fn_extra;

	if (columns != NULL)
		return columns;
	columns = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(*columns));
	for (int i = 0; i < lengthof(business_dates) && columns->business_date == 0; i++)
		columns->business_date = crk_column(tupdesc, business_dates[i]);
	columns->customer_id = crk_column(tupdesc, "customer_id");
	columns->currency = crk_column(tupdesc, "currency");
	columns->amount = crk_column(tupdesc, "amount");
	columns->tax_amount = crk_column(tupdesc, "tax_amount");
	columns->instalment_amount = crk_column(tupdesc, "instalment_amount");
	columns->rate = crk_column(tupdesc, "rate");
	columns->rate_on = crk_column(tupdesc, "rate_on");
	columns->amount_base = crk_column(tupdesc, "amount_base");
	columns->reversal_of = crk_column(tupdesc, "reversal_of");
	columns->of_money = columns->reversal_of && crk_column(tupdesc, "delivered_on") == 0;
	columns->decided_by = crk_column(tupdesc, "decided_by");
	columns->recorded_at = crk_column(tupdesc, "recorded_at");
	columns->recorded_by = crk_column(tupdesc, "recorded_by");
	columns->status = crk_column(tupdesc, "status");
	columns->delivered_amount = crk_column(tupdesc, "delivered_amount");
	columns->invoiced_amount = crk_column(tupdesc, "invoiced_amount");
	columns->cancelled_on = crk_column(tupdesc, "cancelled_on");
	columns->changed_on = crk_column(tupdesc, "changed_on");
	fcinfo->flinfo->fn_extra = columns;
	return columns;
}

/*
 * Write a column of the row on its way.
 */
static void
crk_set(Document *document, int column, Datum value)
{
	if (column == 0)
		return;
	document->values[column - 1] = value;
	document->nulls[column - 1] = false;
}

/*
 * A column's text, or NULL.
 */
static char *
crk_text(Document *document, int column)
{
	return document->nulls[column - 1] ? NULL : TextDatumGetCString(document->values[column - 1]);
}

/*
 * The rate of the document's day.  In base currency, by far the most, nothing
 * is read.
 */
static void
crk_fill_rate(Document *document, CrkLedger *ledger)
{
	const DocumentColumns *columns = document->columns;
	const CrkSettings *settings = crk_ledger_settings(ledger);
	char *currency;
	Datum rate;

	if (columns->rate == 0)
		return;
	if (document->nulls[columns->currency - 1])
		crk_set(document, columns->currency, CStringGetTextDatum(settings->base_currency));
	currency = crk_text(document, columns->currency);
	if (crk_currency_scale(currency) < 0)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '1', '1')),
				 errmsg("\"%s\" is no currency", currency),
				 errhint("Give the ISO 4217 code, for example EUR.")));
	if (strcmp(currency, settings->base_currency) == 0)
	{
		rate = DirectFunctionCall1(int4_numeric, Int32GetDatum(1));
		crk_set(document, columns->rate_on, document->values[columns->business_date - 1]);
	}
	else
	{
		Datum arguments[2] = { document->values[columns->currency - 1], document->values[columns->business_date - 1] };
		bool null;

		crk_execute(ledger, CRK_RATE, arguments, NULL);
		rate = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
		crk_set(document, columns->rate_on, SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &null));
	}
	crk_set(document, columns->rate, rate);
	pfree(currency);
}

/*
 * Refuse what is no amount: not finite, less than nothing, or nothing where
 * the document is one of money (not an order, a delivery or a limit).
 */
static void
crk_check_sign(Document *document, Datum amount)
{
	const char *table = RelationGetRelationName(document->trigger->tg_relation);
	Datum zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
	char *text;

	if (!numeric_is_nan(DatumGetNumeric(amount)) && !numeric_is_inf(DatumGetNumeric(amount)) &&
		DatumGetBool(DirectFunctionCall2(document->columns->of_money ? numeric_gt : numeric_ge, amount, zero)))
		return;
	text = DatumGetCString(DirectFunctionCall1(numeric_out, amount));
	if (document->columns->of_money)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("the amount of \"%s\" is more than 0, not %s", table, text),
				 errhint("A credit note is an invoice of kind credit_note, a refund an allocation with that adjustment; a mistake is taken back by reverse_%s().", table)));
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("the amount of \"%s\" is 0 or more, not %s", table, text),
			 errhint("What was wrong is reversed, cancelled or decided anew, not booked with a minus.")));
}

/*
 * Refuse an amount that nobody could pay: finer than a cent of its currency.
 */
static void
crk_check_minor_unit(Document *document, Datum amount, const char *currency)
{
	int scale = crk_currency_scale(currency);
	int display_scale;
	crk_int128 value;

	if (crk_numeric_read(amount, scale, &value, &display_scale) == CRK_DECIMAL_TOO_FINE)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '1', '1')),
				 errmsg("amount %s is finer than the minor unit of %s",
						DatumGetCString(DirectFunctionCall1(numeric_out, amount)), currency),
				 errdetail("%s has %d decimals.", currency, scale),
				 errhint("Round it first: %s.",
						 DatumGetCString(DirectFunctionCall1(numeric_out, DirectFunctionCall2(numeric_round, amount, Int32GetDatum(scale)))))));
}

/*
 * The amount, the tax within it and the instalments are of the currency's
 * minor unit.
 */
static void
crk_check_amounts(Document *document)
{
	const DocumentColumns *columns = document->columns;
	char *currency;

	if (columns->amount && !document->nulls[columns->amount - 1])
		crk_check_sign(document, document->values[columns->amount - 1]);
	if (columns->currency == 0 || columns->amount == 0)
		return;
	currency = crk_text(document, columns->currency);
	if (!document->nulls[columns->amount - 1])
		crk_check_minor_unit(document, document->values[columns->amount - 1], currency);
	if (columns->tax_amount && !document->nulls[columns->tax_amount - 1])
		crk_check_minor_unit(document, document->values[columns->tax_amount - 1], currency);
	if (columns->instalment_amount && !document->nulls[columns->instalment_amount - 1])
	{
		Datum *parts;
		bool *nulls;
		int count;

		deconstruct_array(DatumGetArrayTypeP(document->values[columns->instalment_amount - 1]),
						  NUMERICOID, -1, false, TYPALIGN_INT, &parts, &nulls, &count);
		for (int i = 0; i < count; i++)
		{
			if (!nulls[i])
				crk_check_minor_unit(document, parts[i], currency);
		}
		pfree(parts);
		pfree(nulls);
	}
	pfree(currency);
}

/*
 * amount * rate in the minor unit of the base currency.
 */
static void
crk_fill_base(Document *document, CrkLedger *ledger)
{
	const DocumentColumns *columns = document->columns;
	Datum base;

	if (columns->amount_base == 0 || columns->rate == 0)
		return;
	if (document->nulls[columns->amount - 1])
	{
		document->nulls[columns->amount_base - 1] = true;
		return;
	}
	base = document->values[columns->amount - 1];
	if (strcmp(crk_text(document, columns->currency), crk_ledger_settings(ledger)->base_currency) != 0)
		base = DirectFunctionCall2(numeric_round,
								   DirectFunctionCall2(numeric_mul, base, document->values[columns->rate - 1]),
								   Int32GetDatum(crk_currency_scale(crk_ledger_settings(ledger)->base_currency)));
	crk_set(document, columns->amount_base, base);
}

/*
 * A computed amount (1234 / 100.0) drags zeros along, which every sum would
 * show from then on; more than six decimals that are none are dropped.
 */
static void
crk_trim_amount(Document *document)
{
	int column = document->columns->amount;
	int display_scale;
	crk_int128 value;

	if (column == 0 || document->nulls[column - 1] ||
		crk_numeric_read(document->values[column - 1], CRK_LEDGER_SCALE, &value, &display_scale) != CRK_DECIMAL_OK ||
		display_scale <= CRK_LEDGER_SCALE)
		return;
	document->values[column - 1] = DirectFunctionCall1(numeric_trim_scale, document->values[column - 1]);
}

/*
 * A reversal repeats its row: everything but its own key, its date and what it
 * reverses is taken from the original, whatever the client wrote.
 */
static void
crk_repeat_original(Document *document)
{
	const DocumentColumns *columns = document->columns;
	Relation relation = document->trigger->tg_relation;
	TupleDesc tupdesc = document->tupdesc;
	int customer = crk_column(tupdesc, "customer_id");
	Oid root = relation->rd_rel->relispartition ? llast_oid(get_partition_ancestors(RelationGetRelid(relation))) : RelationGetRelid(relation);
	char *table = get_rel_name(root);
	char *own_key = psprintf("%s_id", table);
	Datum arguments[2] = { document->values[customer - 1], document->values[columns->reversal_of - 1] };
	Oid types[2] = { INT8OID, INT8OID };
	DateADT effective = DatumGetDateADT(document->values[columns->business_date - 1]);
	bool null;
	HeapTuple original;
	TupleDesc original_desc;
	DateADT original_date;
	char *date_name = NameStr(TupleDescAttr(tupdesc, columns->business_date - 1)->attname);

	/* Rare enough to be prepared each time. */
	if (SPI_execute_with_args(psprintf("SELECT * FROM %s t WHERE t.customer_id OPERATOR(pg_catalog.=) $1"
									   " AND t.%s OPERATOR(pg_catalog.=) $2 AND t.reversal_of IS NULL",
									   quote_qualified_identifier(get_namespace_name(get_rel_namespace(root)), table),
									   quote_identifier(own_key)),
							  2, types, arguments, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the original of a reversal");
	if (SPI_processed != 1)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '7')),
				 errmsg("%s " INT64_FORMAT " of customer " INT64_FORMAT " does not exist or is a reversal itself",
						table, DatumGetInt64(arguments[1]), DatumGetInt64(arguments[0]))));
	original = SPI_tuptable->vals[0];
	original_desc = SPI_tuptable->tupdesc;
	original_date = DatumGetDateADT(SPI_getbinval(original, original_desc,
												  SPI_fnumber(original_desc, date_name), &null));
	if (effective < original_date)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '3')),
				 errmsg("a reversal cannot be dated before what it reverses"),
				 errdetail("The original is of %s.",
						   DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(original_date))))));
	for (int i = 0; i < tupdesc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(tupdesc, i);
		int from;

		if (attribute->attisdropped || attribute->attgenerated ||
			strcmp(NameStr(attribute->attname), own_key) == 0 ||
			i == columns->reversal_of - 1 || i == columns->business_date - 1)
			continue;
		from = SPI_fnumber(original_desc, NameStr(attribute->attname));
		document->values[i] = SPI_getbinval(original, original_desc, from, &document->nulls[i]);
	}

	/* The unique key keeps it so; this says it better, where it can be seen. */
	if (SPI_execute_with_args(psprintf("SELECT r.%s, r.%s FROM %s r WHERE r.customer_id OPERATOR(pg_catalog.=) $1"
									   " AND r.reversal_of OPERATOR(pg_catalog.=) $2",
									   quote_identifier(own_key), quote_identifier(date_name),
									   quote_qualified_identifier(get_namespace_name(get_rel_namespace(root)), table)),
							  2, types, arguments, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for another reversal");
	if (SPI_processed == 1)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("%s " INT64_FORMAT " was taken back already", table, DatumGetInt64(arguments[1])),
				 errdetail("By %s %s, on %s.", table, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1),
						   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2)),
				 errhint("A reversal is final: what holds after all is written as a new row.")));
}

/*
 * Refuse what only the ledger may write.
 */
static void
crk_refuse_column(Document *document, int column, const char *hint)
{
	ereport(ERROR,
			(errcode(MAKE_SQLSTATE('C', 'R', '0', '1', '0')),
			 errmsg("column \"%s\" of \"%s\" is written by the ledger only",
					NameStr(TupleDescAttr(document->tupdesc, column - 1)->attname),
					RelationGetRelationName(document->trigger->tg_relation)),
			 errhint("%s", hint)));
}

/*
 * Whether a column differs from the old row.
 */
static bool
crk_changed(Document *document, HeapTuple old, int column)
{
	bool null;
	Datum before = heap_getattr(old, column, document->tupdesc, &null);
	Form_pg_attribute attribute = TupleDescAttr(document->tupdesc, column - 1);

	if (null || document->nulls[column - 1])
		return null != document->nulls[column - 1];
	if (attribute->atttypid == NUMERICOID)
		return !DatumGetBool(DirectFunctionCall2(numeric_eq, before, document->values[column - 1]));
	return !datumIsEqual(before, document->values[column - 1], attribute->attbyval, attribute->attlen);
}

/*
 * A new order starts open, whatever the client wrote; the statement trigger
 * judges it.
 */
static void
crk_new_order(Document *document)
{
	const DocumentColumns *columns = document->columns;
	bool cancelled = !document->nulls[columns->cancelled_on - 1];

	crk_set(document, columns->status, CStringGetTextDatum(cancelled ? "cancelled" : "open"));
	crk_set(document, columns->delivered_amount, DirectFunctionCall1(int4_numeric, Int32GetDatum(0)));
	crk_set(document, columns->invoiced_amount, DirectFunctionCall1(int4_numeric, Int32GetDatum(0)));
	crk_set(document, columns->changed_on, document->values[columns->business_date - 1]);
}

/*
 * A changed order.  The ledger itself works as the owner of the table under a
 * local user change, and writes columns of its own.  A function of the owner's
 * that runs with his rights looks the same, so a statement that leaves those
 * columns alone is a client's: he may change what the customer may change, and
 * the status follows from it.
 */
static void
crk_changed_order(Document *document, CrkLedger *ledger, bool by_ledger)
{
	const DocumentColumns *columns = document->columns;
	HeapTuple old = document->trigger->tg_trigtuple;
	TupleDesc tupdesc = document->tupdesc;
	const int own[] = { columns->status, columns->delivered_amount, columns->invoiced_amount,
						columns->rate, columns->rate_on, columns->changed_on };
	int own_changed = 0;
	const char *release = "Use release_order() to release, cancelled_on or cancel_order() to cancel; deliveries and invoices are rows of their own.";
	char *status;

	if (crk_changed(document, old, crk_column(tupdesc, "customer_id")) ||
		crk_changed(document, old, crk_column(tupdesc, "order_id")) ||
		crk_changed(document, old, columns->business_date))
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '1', '0')),
				 errmsg("an order keeps its customer, its key and its date"),
				 errhint("Cancel the order and write another.")));
	for (int i = 0; i < lengthof(own) && own_changed == 0; i++)
	{
		if (crk_changed(document, old, own[i]))
			own_changed = own[i];
	}
	if (own_changed != 0 && !by_ledger)
		crk_refuse_column(document, own_changed, release);
	if (own_changed == 0)
	{
		DateADT today = crk_business_date(ledger);
		DateADT last = DatumGetDateADT(document->values[columns->changed_on - 1]);
		bool moved = DatumGetBool(DirectFunctionCall2(numeric_gt, document->values[columns->delivered_amount - 1],
													  DirectFunctionCall1(int4_numeric, Int32GetDatum(0)))) ||
					 DatumGetBool(DirectFunctionCall2(numeric_gt, document->values[columns->invoiced_amount - 1],
													  DirectFunctionCall1(int4_numeric, Int32GetDatum(0))));

		if (crk_changed(document, old, columns->currency))
		{
			if (moved)
				ereport(ERROR,
						(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '6')),
						 errmsg("an order that is delivered or invoiced keeps its currency")));
			crk_fill_rate(document, ledger);
		}
		if (crk_changed(document, old, columns->cancelled_on))
		{
			bool cancelled = !document->nulls[columns->cancelled_on - 1];

			crk_set(document, columns->status, CStringGetTextDatum(cancelled ? "cancelled" : "open"));
			if (cancelled)
				today = DatumGetDateADT(document->values[columns->cancelled_on - 1]);
		}
		/* What takes back is never dated before what it takes back. */
		crk_set(document, columns->changed_on, DateADTGetDatum(Max(today, last)));
	}

	/* Closed is what is invoiced in full; it opens again when it grows. */
	status = crk_text(document, columns->status);
	if (strcmp(status, "open") == 0 || strcmp(status, "released") == 0 || strcmp(status, "closed") == 0)
	{
		Datum invoiced = document->values[columns->invoiced_amount - 1];
		bool full = DatumGetBool(DirectFunctionCall2(numeric_ge, invoiced, document->values[columns->amount - 1])) &&
					DatumGetBool(DirectFunctionCall2(numeric_gt, invoiced, DirectFunctionCall1(int4_numeric, Int32GetDatum(0))));

		if (full)
			crk_set(document, columns->status, CStringGetTextDatum("closed"));
		else if (strcmp(status, "closed") == 0)
			crk_set(document, columns->status, CStringGetTextDatum("open"));
	}
}

/*
 * Whether anything must be read for this row: mostly it is in base currency and
 * no reversal, and then the ledger need not be entered.
 */
static bool
crk_must_read(Document *document, const CrkLedger *ledger)
{
	const DocumentColumns *columns = document->columns;
	char *currency;
	bool is_foreign;

	if (!ledger->settings_valid)
		return true;
	if (columns->reversal_of && !document->nulls[columns->reversal_of - 1])
		return true;
	if (columns->rate == 0 || document->nulls[columns->currency - 1])
		return false;
	currency = crk_text(document, columns->currency);
	is_foreign = strcmp(currency, ledger->settings.base_currency) != 0;
	pfree(currency);
	return is_foreign;
}

/*
 * BEFORE ROW: it fills in and guards, and never charges or judges, because a
 * row seen here may never be written (ON CONFLICT, a later trigger).
 */
PG_FUNCTION_INFO_V1(crk_document_before);
Datum
crk_document_before(PG_FUNCTION_ARGS)
{
	Relation relation = crk_trigger_relation(fcinfo, "document_before");
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	HeapTuple row = update ? trigger->tg_newtuple : trigger->tg_trigtuple;
	Document document = { .trigger = trigger, .tupdesc = RelationGetDescr(relation) };
	CrkLedgerScope scope;
	int natts = document.tupdesc->natts;
	const DocumentColumns *columns;
	bool by_ledger = InLocalUserIdChange() && GetUserId() == relation->rd_rel->relowner;
	Datum date;
	MemoryContext own = CurrentMemoryContext;
	CrkLedger *ledger;
	bool must_read;

	if (!TRIGGER_FIRED_BEFORE(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("document_before must be fired before row")));
	document.columns = columns = crk_document_columns(fcinfo, document.tupdesc);
	document.values = palloc(natts * sizeof(Datum));
	document.nulls = palloc(natts * sizeof(bool));
	heap_deform_tuple(row, document.tupdesc, document.values, document.nulls);
	if (columns->customer_id && document.nulls[columns->customer_id - 1])
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '4')),
				 errmsg("no customer given"),
				 errhint("customer_id(code) is NULL where no customer has that code.")));
	ledger = crk_ledger_find(relation);
	must_read = crk_must_read(&document, ledger);
	if (must_read)
		crk_ledger_enter(relation, &scope);

	/* The row is formed before SPI's memory goes, and outlives it. */
	MemoryContextSwitchTo(own);
	crk_trim_amount(&document);
	date = document.values[columns->business_date - 1];
	if (document.nulls[columns->business_date - 1])
	{
		date = DateADTGetDatum(crk_business_date(ledger));
		crk_set(&document, columns->business_date, date);
	}
	if (update)
	{
		crk_changed_order(&document, ledger, by_ledger);
		crk_check_amounts(&document);
	}
	else
	{
		if (columns->reversal_of && !document.nulls[columns->reversal_of - 1] && columns->rate)
			crk_repeat_original(&document);
		else
		{
			crk_fill_rate(&document, ledger);
			crk_check_amounts(&document);
			crk_fill_base(&document, ledger);
		}
		if (columns->status)
			crk_new_order(&document);
		if (columns->recorded_by)
		{
			Datum role = CStringGetTextDatum(crk_acting_role_name());

			crk_set(&document, columns->recorded_at, TimestampTzGetDatum(GetCurrentTimestamp()));
			crk_set(&document, columns->recorded_by, role);
			if (columns->decided_by && document.nulls[columns->decided_by - 1])
				crk_set(&document, columns->decided_by, role);
		}
	}
	row = heap_form_tuple(document.tupdesc, document.values, document.nulls);
	if (must_read)
		crk_ledger_leave(&scope);
	return PointerGetDatum(row);
}
