/*
 * ledger.h
 *	  What the triggers need to know of the ledger that their table belongs to.
 */
#ifndef CRK_LEDGER_H
#define CRK_LEDGER_H

#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/date.h"
#include "utils/rel.h"

#include "decimal.h"

/* Ledger amounts have at most six decimals, by CHECK constraint. */
#define CRK_LEDGER_SCALE 6

typedef enum CrkOnExceed
{
	CRK_HOLD,
	CRK_REJECT,
	CRK_WARN
} CrkOnExceed;

typedef enum CrkNoLimit
{
	CRK_NO_LIMIT_HOLD,
	CRK_NO_LIMIT_PASS,
	CRK_NO_LIMIT_DEFAULT
} CrkNoLimit;

/* The row of the table "ledger". */
typedef struct CrkSettings
{
	char base_currency[4];
	char time_zone[64];
	bool observe;
	bool pinned;
	DateADT pinned_date;
	CrkOnExceed on_exceed;
	CrkNoLimit no_limit;
	crk_int128 default_limit;
	bool log_passes;
	bool rules;	  /* the policy in force has rules for orders */
	bool horizon; /* orders far ahead do not count */
} CrkSettings;

typedef struct CrkLedger
{
	Oid schema; /* hash key */
	char name[NAMEDATALEN];
	Oid settings_relid; /* the table "ledger" */
	bool settings_valid;
	CrkSettings settings;
} CrkLedger;

/* Between crk_ledger_enter and crk_ledger_leave. */
typedef struct CrkLedgerScope
{
	CrkLedger *ledger;
	char name[NAMEDATALEN]; /* of the ledger, when it was entered */
	Oid caller;
	int security;
} CrkLedgerScope;

/* Statements that the triggers run; the texts stand in ledger.c. */
typedef enum CrkStatement
{
	CRK_READ_SETTINGS,
	CRK_GROUP_PATHS,
	CRK_POST_ACCOUNT,
	CRK_POST_UNGROUPED,
	CRK_LOCK_ACCOUNTS,
	CRK_POST_ACCOUNTS,
	CRK_REFRESH_LIMIT,
	CRK_READ_LIMIT,
	CRK_NO_ACCOUNT,
	CRK_EVENT,
	CRK_EVENTS,
	CRK_HOLD_ORDERS,
	CRK_OVERRIDE,
	CRK_FIGURES,
	CRK_DECIDE,
	CRK_KEEP_TERMS,
	CRK_DECISION,
	CRK_RATE,
	CRK_LOCK_ORDERS,
	CRK_MOVE_ORDERS,
	CRK_UNBILLED,
	CRK_UNORDERED,
	CRK_ITEMS_OPENED,
	CRK_ITEMS_REVERSED,
	CRK_ITEMS_SETTLED,
	CRK_PAYMENTS_CHECKED,
	CRK_PAYMENTS_REVERSED,
	CRK_PAYMENTS_UNMATURED,
	CRK_PAYMENTS_FINAL,
	CRK_STATEMENTS /* how many */
} CrkStatement;

extern void crk_parse_on_exceed(const char *text, CrkOnExceed *on_exceed);
extern void crk_parse_no_limit(const char *text, CrkNoLimit *no_limit);
extern bool crk_parse_mode(const char *text);

extern CrkLedger *crk_ledger_find(Relation relation);
extern void crk_ledger_enter(Relation relation, CrkLedgerScope *scope);
extern void crk_ledger_leave(CrkLedgerScope *scope);
extern const CrkSettings *crk_ledger_settings(CrkLedger *ledger);
extern DateADT crk_business_date(CrkLedger *ledger);
extern int crk_execute(CrkLedger *ledger, CrkStatement statement,
					   Datum *values, const char *nulls);
extern crk_int128 crk_amount(Datum numeric);
extern const char *crk_acting_role_name(void);
extern int crk_required_column(TupleDesc tupdesc, const char *name);
extern Relation crk_trigger_relation(FunctionCallInfo fcinfo, const char *function);

#endif /* CRK_LEDGER_H */
