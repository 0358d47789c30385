/*
 * order_check.c
 *	  After a statement on sales_order: post what changed, and judge what grew.
 *
 * The rows of the statement are paired old with new by key, summed per
 * customer, and posted; the exposure that comes back is what orders are judged
 * against.  An order that may not pass is put on hold by an UPDATE of
 * sales_order, whose own trigger, this one, gives the amount back: account =
 * sum of what counts is kept by one rule, without a special case.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "posting.h"

/* Up to so many events are written one by one, more as arrays. */
#define FEW_EVENTS 4

/* First letters tell the five words apart, but for cancelled and closed. */
typedef enum OrderStatus
{
	ORDER_NONE,
	ORDER_OPEN,
	ORDER_HELD,
	ORDER_RELEASED,
	ORDER_CLOSED,
	ORDER_CANCELLED
} OrderStatus;

/* An order as one side of the statement shows it. */
typedef struct OrderSide
{
	crk_int128 open;
	crk_int128 unbilled;
	crk_int128 moved;  /* delivered + invoiced: the ledger's own changes */
	uint64 amount;	   /* hashes: whether the amount changed while it is held, */
	uint64 conditions; /* and what else the check may look at */
	OrderStatus status;
} OrderSide;

/* An order of the statement, both sides. */
typedef struct OrderChange
{
	int64 customer_id;
	int64 order_id;
	int64 arrival;
	OrderSide before;
	OrderSide after;
	DateADT changed_on;
	bool own_terms;	  /* terms or a method of its own: the limit alone does not judge it */
	bool is_new_side; /* while pairing */
} OrderChange;

typedef struct OrderChanges
{
	OrderChange *change;
	int64 count;
	int64 size;
	int display_scale;
} OrderChanges;

/*
 * The status from its word.
 */
static OrderStatus
crk_order_status(Datum word)
{
	text *status = DatumGetTextPP(word);
	const char *data = VARDATA_ANY(status);

	switch (data[0])
	{
		case 'o':
			return ORDER_OPEN;
		case 'h':
			return ORDER_HELD;
		case 'r':
			return ORDER_RELEASED;
		default:
			return data[1] == 'l' ? ORDER_CLOSED : ORDER_CANCELLED;
	}
}

/* The conditions of an order: a change of one is a reason to judge it again. */
static const char *const condition_names[] = { "site_id", "deliver_on", "terms", "payment_method", "contract_no", "currency" };
#define CONDITIONS lengthof(condition_names)

/*
 * A hash of a column, whatever its type; NULL is told from every value but by
 * accident, and then an order is not judged again that nobody made larger.
 */
static uint64
crk_hash_column(TupleTableSlot *slot, TupleDesc tupdesc, int column, uint64 seed)
{
	bool null;
	Datum value = slot_getattr(slot, column, &null);
	struct varlena *data;

	if (null)
		return hash_combine64(seed, 1);
	if (TupleDescAttr(tupdesc, column - 1)->attbyval)
		return hash_combine64(seed, hash_bytes_extended((const unsigned char *) &value, sizeof(value), 0));
	data = PG_DETOAST_DATUM_PACKED(value);
	return hash_combine64(seed, hash_bytes_extended((const unsigned char *) VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), 0));
}

/*
 * Read one side of the statement.
 */
static void
crk_read_orders(OrderChanges *changes, Tuplestorestate *store, TupleDesc tupdesc, bool new_side)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(tupdesc, &TTSOpsMinimalTuple);
	int customer_id = crk_required_column(tupdesc, "customer_id");
	int order_id = crk_required_column(tupdesc, "order_id");
	int status = crk_required_column(tupdesc, "status");
	int open = crk_required_column(tupdesc, "open_amount_base");
	int unbilled = crk_required_column(tupdesc, "unbilled_amount_base");
	int delivered = crk_required_column(tupdesc, "delivered_amount");
	int invoiced = crk_required_column(tupdesc, "invoiced_amount");
	int changed_on = crk_required_column(tupdesc, "changed_on");
	int amount = crk_required_column(tupdesc, "amount");
	int conditions[CONDITIONS];

	for (int c = 0; c < CONDITIONS; c++)
		conditions[c] = crk_required_column(tupdesc, condition_names[c]);
	tuplestore_rescan(store);
	while (tuplestore_gettupleslot(store, true, false, slot))
	{
		OrderChange *change;
		OrderSide *side;
		bool null;

		CHECK_FOR_INTERRUPTS();
		if (changes->count == changes->size)
		{
			changes->size = changes->size ? changes->size * 2 : 8;
			changes->change = changes->change ?
								  repalloc_huge(changes->change, changes->size * sizeof(OrderChange)) :
								  palloc(changes->size * sizeof(OrderChange));
		}
		change = &changes->change[changes->count];
		memset(change, 0, sizeof(*change));
		change->customer_id = DatumGetInt64(slot_getattr(slot, customer_id, &null));
		change->order_id = DatumGetInt64(slot_getattr(slot, order_id, &null));
		change->arrival = changes->count++;
		change->changed_on = DatumGetDateADT(slot_getattr(slot, changed_on, &null));
		change->is_new_side = new_side;
		side = new_side ? &change->after : &change->before;
		side->open = crk_scaled_amount(slot_getattr(slot, open, &null), &changes->display_scale);
		side->unbilled = crk_scaled_amount(slot_getattr(slot, unbilled, &null), &changes->display_scale);
		side->moved = crk_amount(slot_getattr(slot, delivered, &null)) + crk_amount(slot_getattr(slot, invoiced, &null));
		side->status = crk_order_status(slot_getattr(slot, status, &null));
		side->amount = crk_hash_column(slot, tupdesc, amount, 0);
		for (int c = 0; c < CONDITIONS; c++)
			side->conditions = crk_hash_column(slot, tupdesc, conditions[c], side->conditions);
		if (new_side)
		{
			slot_getattr(slot, conditions[2], &null);
			change->own_terms = !null;
			slot_getattr(slot, conditions[3], &null);
			change->own_terms |= !null;
		}
	}
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * By customer, then order; the old side of an order before its new one.
 */
static int
crk_compare_keys(const void *a, const void *b)
{
	const OrderChange *left = a;
	const OrderChange *right = b;

	if (left->customer_id != right->customer_id)
		return left->customer_id > right->customer_id ? 1 : -1;
	if (left->order_id != right->order_id)
		return left->order_id > right->order_id ? 1 : -1;
	return (int) left->is_new_side - (int) right->is_new_side;
}

/*
 * By customer, then arrival: the order in which rows are judged.
 */
static int
crk_compare_arrival(const void *a, const void *b)
{
	const OrderChange *left = a;
	const OrderChange *right = b;

	if (left->customer_id != right->customer_id)
		return left->customer_id > right->customer_id ? 1 : -1;
	return (left->arrival > right->arrival) - (left->arrival < right->arrival);
}

/*
 * Make one of the two sides of each order, then put the orders into the order
 * in which they are judged.
 */
static void
crk_pair_orders(OrderChanges *changes)
{
	int64 paired = 0;

	qsort(changes->change, changes->count, sizeof(OrderChange), crk_compare_keys);
	for (int64 i = 0; i < changes->count; i++)
	{
		OrderChange *change = &changes->change[i];
		OrderChange *last = &changes->change[paired - 1];

		if (paired > 0 && change->is_new_side && !last->is_new_side &&
			last->customer_id == change->customer_id && last->order_id == change->order_id)
		{
			change->before = last->before;
			*last = *change;
		}
		else
			changes->change[paired++] = *change;
	}
	changes->count = paired;
	qsort(changes->change, changes->count, sizeof(OrderChange), crk_compare_arrival);
}

/*
 * What an order adds to exposure.
 */
static crk_int128
crk_counts(const OrderSide *side)
{
	return side->open + side->unbilled;
}

/*
 * Whether an order that stays was changed in what the check looks at.
 */
static bool
crk_conditions_changed(const OrderChange *change)
{
	return change->before.status != ORDER_NONE && change->after.status != ORDER_NONE &&
		   change->before.conditions != change->after.conditions;
}

/*
 * Whether a held order ended, which moves nothing and is a fact all the same.
 */
static bool
crk_held_ended(const OrderChange *change)
{
	return change->before.status == ORDER_HELD &&
		   (change->after.status == ORDER_CANCELLED || change->after.status == ORDER_NONE);
}

/*
 * Whether its account must be posted to, if only by nothing: for its lock, and
 * so that a held order that became smaller is looked at again.
 */
static bool
crk_posts(const OrderChange *change)
{
	return change->after.open != change->before.open || change->after.unbilled != change->before.unbilled ||
		   crk_conditions_changed(change) || crk_held_ended(change) ||
		   (change->before.status == ORDER_HELD && change->after.status == ORDER_HELD &&
			change->before.amount != change->after.amount);
}

/*
 * Whether a row is judged: what it counts for grew, and not because the ledger
 * itself moved a delivery or an invoice; or its conditions are others.
 */
static bool
crk_grew(const OrderChange *change)
{
	if (change->before.status != ORDER_NONE && change->after.moved != change->before.moved)
		return false;
	return crk_counts(&change->after) > crk_counts(&change->before) ||
		   (crk_conditions_changed(change) && change->after.open > 0);
}

/*
 * The word of an event.
 */
static const char *
crk_event_name(const OrderChange *change)
{
	if (change->before.status == ORDER_NONE)
		return "placed";
	if (change->after.status == ORDER_NONE)
		return "deleted";
	if (change->after.status != change->before.status)
	{
		switch (change->after.status)
		{
			case ORDER_HELD:
				return "held";
			case ORDER_RELEASED:
				return "released";
			case ORDER_CLOSED:
				return "closed";
			case ORDER_CANCELLED:
				return "cancelled";
			default:
				return "reopened";
		}
	}
	if (change->after.moved != change->before.moved)
		return change->after.unbilled > change->before.unbilled ? "delivered" : "invoiced";
	return "changed";
}

/*
 * Keep what the orders did to exposure as facts.
 */
static void
crk_write_events(CrkLedger *ledger, const OrderChanges *changes)
{
	static const Oid types[6] = { INT8OID, INT8OID, TEXTOID, NUMERICOID, NUMERICOID, DATEOID };
	static const int16 lengths[6] = { 8, 8, -1, -1, -1, 4 };
	static const bool by_value[6] = { FLOAT8PASSBYVAL, FLOAT8PASSBYVAL, false, false, false, true };
	static const char alignment[6] = { TYPALIGN_DOUBLE, TYPALIGN_DOUBLE, TYPALIGN_INT, TYPALIGN_INT, TYPALIGN_INT, TYPALIGN_INT };
	Datum *columns[6];
	int64 events = 0;

	for (int c = 0; c < 6; c++)
		columns[c] = palloc_extended(changes->count * sizeof(Datum), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < changes->count; i++)
	{
		const OrderChange *change = &changes->change[i];
		crk_int128 open = change->after.open - change->before.open;
		crk_int128 unbilled = change->after.unbilled - change->before.unbilled;

		if (open == 0 && unbilled == 0 && !crk_held_ended(change))
			continue;
		columns[0][events] = Int64GetDatum(change->customer_id);
		columns[1][events] = Int64GetDatum(change->order_id);
		columns[2][events] = CStringGetTextDatum(crk_event_name(change));
		columns[3][events] = crk_numeric_make(open, CRK_LEDGER_SCALE, changes->display_scale);
		columns[4][events] = crk_numeric_make(unbilled, CRK_LEDGER_SCALE, unbilled ? changes->display_scale : 0);
		columns[5][events] = DateADTGetDatum(change->after.status == ORDER_NONE ? Max(change->changed_on, crk_business_date(ledger)) : change->changed_on);
		events++;
	}
	if (events <= FEW_EVENTS)
	{
		for (int64 i = 0; i < events; i++)
		{
			Datum values[6];

			for (int c = 0; c < 6; c++)
				values[c] = columns[c][i];
			crk_execute(ledger, CRK_EVENT, values, NULL);
		}
	}
	else
	{
		Datum arrays[6];

		for (int c = 0; c < 6; c++)
			arrays[c] = PointerGetDatum(construct_array(columns[c], events, types[c], lengths[c], by_value[c], alignment[c]));
		crk_execute(ledger, CRK_EVENTS, arrays, NULL);
	}
	for (int c = 0; c < 6; c++)
		pfree(columns[c]);
}

/* What was decided about an order, by the limit alone or by the whole check. */
typedef struct Judgement
{
	CrkVerdict verdict; /* of the limits; the outcome is that of the whole */
	crk_int128 exposure_before;
	crk_int128 exposure_after;
	crk_int128 group_excess;
	bool checked; /* by the whole check: then these hold, and limit may be NULL */
	Datum reasons;
	char *reason_words;
	char *cure;
	Datum inputs;
	Datum results;
	bool limited;
	crk_int128 limit;
	bool bounded; /* by its own limit or that of a group */
	crk_int128 available;
	bool prepaid;
	SPITupleTable *table; /* where these stand; NULL if by the limit alone */
} Judgement;

/*
 * Keep a decision with the figures of this instant.
 */
static void
crk_write_decision(CrkLedger *ledger, const OrderChange *change, const char *outcome, const Judgement *judgement, int display_scale)
{
	char nulls[12];
	Datum values[12];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = Int64GetDatum(change->customer_id);
	values[1] = Int64GetDatum(change->order_id);
	values[2] = CStringGetTextDatum(outcome);
	values[3] = crk_numeric_make(judgement->exposure_after - judgement->exposure_before, CRK_LEDGER_SCALE, display_scale);
	values[4] = crk_numeric_make(judgement->available, CRK_LEDGER_SCALE, display_scale);
	if (!judgement->bounded)
		nulls[4] = 'n';
	values[5] = crk_numeric_make(judgement->exposure_before, CRK_LEDGER_SCALE, display_scale);
	values[6] = crk_numeric_make(judgement->exposure_after, CRK_LEDGER_SCALE, display_scale);
	values[7] = crk_numeric_make(judgement->limit, CRK_LEDGER_SCALE, display_scale);
	if (!judgement->limited)
		nulls[7] = 'n';
	values[8] = judgement->reasons;
	values[9] = judgement->cure ? CStringGetTextDatum(judgement->cure) : (Datum) 0;
	if (judgement->cure == NULL)
		nulls[9] = 'n';
	values[10] = judgement->inputs;
	values[11] = judgement->results;
	if (!judgement->checked)
		nulls[10] = nulls[11] = 'n';
	if (crk_execute(ledger, CRK_DECISION, values, nulls) != 1)
		elog(ERROR, "order " INT64_FORMAT " of customer " INT64_FORMAT " has gone", change->order_id, change->customer_id);
}

/*
 * The error of a check that rejects.
 */
static void
crk_reject(CrkLedger *ledger, const OrderChange *change, const Judgement *judgement)
{
	Datum arguments[1] = { Int64GetDatum(change->customer_id) };
	const CrkVerdict *verdict = &judgement->verdict;
	char *code;
	char amount[CRK_DECIMAL_STRING_SIZE];
	char before[CRK_DECIMAL_STRING_SIZE];
	char after[CRK_DECIMAL_STRING_SIZE];
	char limit[CRK_DECIMAL_STRING_SIZE];
	char over[CRK_DECIMAL_STRING_SIZE];

	crk_execute(ledger, CRK_NO_ACCOUNT, arguments, NULL);
	code = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	crk_decimal_to_string(judgement->exposure_after - judgement->exposure_before, CRK_LEDGER_SCALE, 2, amount);
	crk_decimal_to_string(judgement->exposure_before, CRK_LEDGER_SCALE, 2, before);
	crk_decimal_to_string(judgement->exposure_after, CRK_LEDGER_SCALE, 2, after);
	if (judgement->checked && !(verdict->exceeded && strcmp(judgement->reason_words, "credit_limit_exceeded") == 0))
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '1')),
				 errmsg("order refused for customer \"%s\": %s", code, judgement->reason_words),
				 errdetail("With this order of %s exposure is %s: %s.", amount, after, judgement->cure),
				 errhint("The rules are in rule_in_force; check_order() asks without effect.")));
	if (!verdict->exceeded && !verdict->group_exceeded)
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '1')),
				 errmsg("customer \"%s\" is blocked for new orders", code),
				 errhint("Unblock the customer, or let the ledger hold orders instead (on_exceed).")));
	if (!verdict->exceeded)
	{
		crk_decimal_to_string(judgement->group_excess, CRK_LEDGER_SCALE, 2, over);
		ereport(ERROR,
				(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '1')),
				 errmsg("credit limit of the group exceeded for customer \"%s\"", code),
				 errdetail("With this order of %s the exposure of the group is %s over its limit.", amount, over),
				 errhint("Order less, wait for a payment of the group, or have a higher limit of level group decided in credit_limit.")));
	}
	crk_decimal_to_string(verdict->limit, CRK_LEDGER_SCALE, 2, limit);
	crk_decimal_to_string(judgement->exposure_after - verdict->limit, CRK_LEDGER_SCALE, 2, over);
	ereport(ERROR,
			(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '1')),
			 errmsg("credit limit exceeded for customer \"%s\"", code),
			 errdetail("Exposure of %s and this order of %s make %s, which is %s over the limit of %s.",
					   before, amount, after, over, limit),
			 errhint("Order less, wait for a payment, or have a higher limit decided in credit_limit.")));
}

/*
 * Whether somebody answers for this order: an override on record that covers
 * the amount, with what has left of it since, and is still valid.
 */
static bool
crk_overridden(CrkLedger *ledger, const OrderChange *change)
{
	Datum arguments[4];

	if (change->after.status != ORDER_RELEASED)
		return false;
	arguments[0] = Int64GetDatum(change->customer_id);
	arguments[1] = Int64GetDatum(change->order_id);
	arguments[2] = crk_numeric_make(change->after.open, CRK_LEDGER_SCALE, 0);
	arguments[3] = DateADTGetDatum(crk_business_date(ledger));
	return crk_execute(ledger, CRK_OVERRIDE, arguments, NULL) > 0;
}

/*
 * The orders of the customer that do not stand in the exposure judged: those
 * not judged yet and those held.  Only the credit horizon asks.
 */
static Datum
crk_not_counted(const CrkSettings *settings, const OrderChange *change, int64 next, int64 count, const int64 *held_ids, int64 held)
{
	int64 *ids;
	int64 used = 0;
	Datum array;

	if (!settings->horizon)
		return crk_int8_array(NULL, 0);
	ids = palloc_extended((count + held) * sizeof(int64), MCXT_ALLOC_HUGE);
	for (int64 i = next; i < count; i++)
	{
		if (crk_grew(&change[i]))
			ids[used++] = change[i].order_id;
	}
	for (int64 i = 0; i < held; i++)
		ids[used++] = held_ids[i];
	array = crk_int8_array(ids, used);
	pfree(ids);
	return array;
}

/*
 * Let the ledger's own function judge an order by all that the policy asks.
 * *figures are those of the customer, read once for all its orders.
 */
static void
crk_check(CrkLedger *ledger, const OrderChange *change, Datum *figures, Datum not_counted, int display_scale, Judgement *judgement)
{
	char nulls[6] = "      ";
	Datum arguments[6];
	HeapTuple row;
	TupleDesc tupdesc;
	Datum amount;
	bool null;
	char *outcome;

	if (*figures == (Datum) 0)
	{
		Datum customer[1] = { Int64GetDatum(change->customer_id) };

		crk_execute(ledger, CRK_FIGURES, customer, NULL);
		*figures = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	}
	arguments[0] = *figures;
	arguments[1] = Int64GetDatum(change->order_id);
	arguments[2] = crk_numeric_make(judgement->exposure_before, CRK_LEDGER_SCALE, display_scale);
	arguments[3] = crk_numeric_make(judgement->exposure_after, CRK_LEDGER_SCALE, display_scale);
	arguments[4] = crk_numeric_make(judgement->group_excess, CRK_LEDGER_SCALE, display_scale);
	if (judgement->group_excess == CRK_NO_GROUP)
		nulls[4] = 'n';
	arguments[5] = not_counted;
	crk_execute(ledger, CRK_DECIDE, arguments, nulls);
	judgement->table = SPI_tuptable;
	row = SPI_tuptable->vals[0];
	tupdesc = SPI_tuptable->tupdesc;
	outcome = SPI_getvalue(row, tupdesc, 1);
	judgement->verdict.outcome = outcome[0] == 'p' ? CRK_PASSED : outcome[0] == 'w' ? CRK_WARNED :
															  outcome[0] == 'h'		? CRK_HELD :
																					  CRK_REFUSED;
	judgement->checked = true;
	judgement->reasons = SPI_getbinval(row, tupdesc, 2, &null);
	judgement->cure = SPI_getvalue(row, tupdesc, 3);
	judgement->inputs = SPI_getbinval(row, tupdesc, 4, &null);
	judgement->results = SPI_getbinval(row, tupdesc, 5, &null);
	amount = SPI_getbinval(row, tupdesc, 6, &null);
	judgement->limited = !null;
	judgement->limit = null ? 0 : crk_amount(amount);
	amount = SPI_getbinval(row, tupdesc, 7, &null);
	judgement->bounded = !null;
	judgement->available = null ? 0 : crk_amount(amount);
	judgement->reason_words = SPI_getvalue(row, tupdesc, 8);
	judgement->prepaid = DatumGetBool(SPI_getbinval(row, tupdesc, 9, &null));
}

/*
 * The most by which a group with a limit exceeds it, with this growth; its
 * exposure is that of all orders judged so far.
 */
static crk_int128
crk_group_excess(const CrkPostings *postings, const CrkPosting *posting, crk_int128 growth)
{
	crk_int128 excess = CRK_NO_GROUP;

	for (int g = 0; g < postings->group_count; g++)
	{
		const CrkGroup *group = &postings->group[g];

		if (crk_in_group(posting, group))
			excess = Max(excess, group->exposure + growth - group->limit);
	}
	return excess;
}

/*
 * What is judged of a customer moves the groups above it.
 */
static void
crk_move_groups(CrkPostings *postings, const CrkPosting *posting, crk_int128 change)
{
	for (int g = 0; g < postings->group_count; g++)
	{
		if (crk_in_group(posting, &postings->group[g]))
			postings->group[g].exposure += change;
	}
}

/*
 * What the rows of a customer that are judged add to its exposure.
 */
static crk_int128
crk_growth(const OrderChange *change, int64 count, int64 *grown)
{
	crk_int128 growth = 0;

	*grown = 0;
	for (int64 i = 0; i < count; i++)
	{
		if (crk_grew(&change[i]))
		{
			growth += crk_counts(&change[i].after) - crk_counts(&change[i].before);
			(*grown)++;
		}
	}
	return growth;
}

/*
 * Judge the rows of one customer that grew, in order of arrival, against the
 * exposure that posting them all gave, and that of the groups above it.  What
 * fits passes and counts; what does not fit leaves exposure as a whole, its
 * earlier amount included; only what is delivered of it stays.
 */
static void
crk_judge_customer(CrkLedger *ledger, OrderChange *change, int64 count, CrkPostings *postings, const CrkPosting *posting, int display_scale)
{
	const CrkSettings *settings = crk_ledger_settings(ledger);
	crk_int128 exposure;
	CrkVerdict verdict;
	int64 grown;
	crk_int128 all = crk_growth(change, count, &grown);
	bool whole_check = settings->rules || settings->log_passes || posting->limit.full_check;
	int64 held = 0;
	int64 *held_ids = NULL;
	int64 prepaid = 0;
	int64 *prepaid_ids = NULL;
	Datum figures = (Datum) 0;

	if (grown == 0)
		return;

	/* Mostly everything fits, and then nothing need be walked. */
	crk_judge(settings, &posting->limit, posting->exposure, crk_group_excess(postings, posting, all), &verdict);
	if (verdict.outcome == CRK_PASSED && !whole_check)
	{
		crk_move_groups(postings, posting, all);
		return;
	}

	exposure = posting->exposure - all;
	for (int64 i = 0; i < count; i++)
	{
		crk_int128 growth = crk_counts(&change[i].after) - crk_counts(&change[i].before);
		Judgement judgement = { 0 };
		CrkOutcome outcome;

		CHECK_FOR_INTERRUPTS();
		if (!crk_grew(&change[i]))
			continue;
		/* An order whose conditions changed is judged as if it came now. */
		judgement.exposure_before = growth > 0 ? exposure : exposure + growth - crk_counts(&change[i].after);
		judgement.exposure_after = exposure + growth;
		judgement.group_excess = crk_group_excess(postings, posting, growth);
		crk_judge(settings, &posting->limit, exposure + growth, judgement.group_excess, &judgement.verdict);
		if (whole_check || (judgement.verdict.outcome != CRK_PASSED && (settings->horizon || change[i].own_terms)))
			crk_check(ledger, &change[i], &figures,
					  crk_not_counted(settings, change, i + 1, count, held_ids, held), display_scale, &judgement);
		else
		{
			judgement.reasons = crk_reasons(&judgement.verdict);
			judgement.cure = crk_cure(&judgement.verdict, judgement.exposure_after, judgement.group_excess);
			judgement.limited = judgement.bounded = judgement.verdict.limited;
			judgement.limit = judgement.verdict.limit;
			judgement.available = judgement.limit - judgement.exposure_before;
			if (judgement.group_excess != CRK_NO_GROUP)
			{
				crk_int128 in_group = judgement.exposure_after - judgement.exposure_before - judgement.group_excess;

				judgement.available = judgement.bounded ? Min(judgement.available, in_group) : in_group;
				judgement.bounded = true;
			}
		}
		outcome = judgement.verdict.outcome;
		if (outcome >= CRK_HELD && crk_overridden(ledger, &change[i]))
			outcome = CRK_PASSED;
		if (outcome == CRK_REFUSED)
			crk_reject(ledger, &change[i], &judgement);
		if (outcome == CRK_HELD)
		{
			/* What was delivered of it stays. */
			crk_int128 stays = change[i].after.unbilled - crk_counts(&change[i].before);

			crk_write_decision(ledger, &change[i], "held", &judgement, display_scale);
			SPI_freetuptable(judgement.table);
			exposure += stays;
			crk_move_groups(postings, posting, stays);
			if (held_ids == NULL)
				held_ids = palloc_extended(grown * sizeof(int64), MCXT_ALLOC_HUGE);
			held_ids[held++] = change[i].order_id;
			continue;
		}
		/* A release is put on record by release_order(), which knows the motive. */
		if (change[i].after.status != ORDER_RELEASED && (outcome == CRK_WARNED || settings->log_passes))
			crk_write_decision(ledger, &change[i], crk_outcome_name(outcome), &judgement, display_scale);
		SPI_freetuptable(judgement.table);
		exposure += growth;
		crk_move_groups(postings, posting, growth);
		if (judgement.prepaid && !change[i].own_terms)
		{
			if (prepaid_ids == NULL)
				prepaid_ids = palloc_extended(grown * sizeof(int64), MCXT_ALLOC_HUGE);
			prepaid_ids[prepaid++] = change[i].order_id;
		}
	}
	if (prepaid > 0)
	{
		Datum arguments[2] = { Int64GetDatum(change->customer_id), crk_int8_array(prepaid_ids, prepaid) };

		crk_execute(ledger, CRK_KEEP_TERMS, arguments, NULL);
		pfree(prepaid_ids);
	}
	if (held > 0)
	{
		Datum arguments[2] = { Int64GetDatum(change->customer_id), crk_int8_array(held_ids, held) };

		/* A trigger of the host may have swallowed the hold: then nothing passes. */
		if (crk_execute(ledger, CRK_HOLD_ORDERS, arguments, NULL) != held)
			ereport(ERROR,
					(errcode(MAKE_SQLSTATE('C', 'R', '0', '0', '2')),
					 errmsg("orders of customer " INT64_FORMAT " could not be put on hold", change->customer_id),
					 errhint("A trigger on sales_order must let the ledger set the status.")));
		pfree(held_ids);
	}
}

/*
 * One function for the three statement triggers.
 */
PG_FUNCTION_INFO_V1(crk_order_written);
Datum
crk_order_written(PG_FUNCTION_ARGS)
{
	Relation relation = crk_trigger_relation(fcinfo, "order_written");
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TriggerEvent event = trigger->tg_event;
	OrderChanges changes = { 0 };
	CrkLedgerScope scope;
	CrkPostings postings;

	if (!TRIGGER_FIRED_AFTER(event) || !TRIGGER_FIRED_FOR_STATEMENT(event) ||
		(!TRIGGER_FIRED_BY_DELETE(event) && trigger->tg_newtable == NULL) ||
		(!TRIGGER_FIRED_BY_INSERT(event) && trigger->tg_oldtable == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("order_written must be fired after a statement, with its old and new tables")));
	crk_ledger_enter(relation, &scope);
	if (!TRIGGER_FIRED_BY_INSERT(event))
		crk_read_orders(&changes, trigger->tg_oldtable, RelationGetDescr(relation), false);
	if (!TRIGGER_FIRED_BY_DELETE(event))
		crk_read_orders(&changes, trigger->tg_newtable, RelationGetDescr(relation), true);
	crk_pair_orders(&changes);

	crk_postings_init(&postings);
	postings.display_scale = changes.display_scale;
	for (int64 i = 0; i < changes.count; i++)
	{
		OrderChange *change = &changes.change[i];
		CrkPosting *posting;

		if (!crk_posts(change))
			continue;
		posting = crk_postings_add(&postings, change->customer_id);
		crk_add_amount(&posting->change[CRK_OPEN_ORDERS], change->after.open - change->before.open);
		crk_add_amount(&posting->change[CRK_UNBILLED_PART], change->after.unbilled - change->before.unbilled);
	}
	if (postings.count > 0)
	{
		crk_post(scope.ledger, &postings);
		crk_write_events(scope.ledger, &changes);
		/* Both lists stand by customer; nothing is judged yet, so nothing counts in the groups. */
		for (int pass = postings.group_count > 0 ? 0 : 1; pass < 2; pass++)
		{
			int64 first = 0;

			for (int64 p = 0; p < postings.count; p++)
			{
				const CrkPosting *posting = &postings.posting[p];
				int64 last;
				int64 grown;

				while (changes.change[first].customer_id != posting->customer_id)
					first++;
				for (last = first; last < changes.count && changes.change[last].customer_id == posting->customer_id; last++)
					;
				if (pass == 0)
					crk_move_groups(&postings, posting, -crk_growth(&changes.change[first], last - first, &grown));
				else
					crk_judge_customer(scope.ledger, &changes.change[first], last - first, &postings, posting, changes.display_scale);
				first = last;
			}
		}
	}
	crk_ledger_leave(&scope);
	PG_RETURN_POINTER(NULL);
}
