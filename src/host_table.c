/*
 * host_table.c
 *	  Writing to a table that is not the ledger's: that of an application.
 *
 * What stands on such a table, its triggers above all, is code of its owner.
 * So it is written with the rights of its owner, not with those of the ledger.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

/*
 * write_as_owner(relation, column, parts oid[], places tid[], values text[]):
 * write one column of rows that the caller has locked.  The caller needs the
 * right to update that column; nothing but that UPDATE runs as the owner.
 */
PG_FUNCTION_INFO_V1(crk_write_as_owner);
Datum
crk_write_as_owner(PG_FUNCTION_ARGS)
{
	Oid relid = PG_GETARG_OID(0);
	char *column = NameStr(*PG_GETARG_NAME(1));
	Oid types[3] = { OIDARRAYOID, get_array_type(TIDOID), TEXTARRAYOID };
	Datum arguments[3] = { PG_GETARG_DATUM(2), PG_GETARG_DATUM(3), PG_GETARG_DATUM(4) };
	Relation relation = table_open(relid, RowExclusiveLock);
	AttrNumber number = get_attnum(relid, column);
	Oid type;
	int32 modifier;
	Oid collation;
	char *query;
	Oid caller;
	int security;
	int settings;
	uint64 written;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of \"%s\" does not exist", column, RelationGetRelationName(relation))));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_UPDATE) != ACLCHECK_OK &&
		pg_attribute_aclcheck(relid, number, GetUserId(), ACL_UPDATE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for column \"%s\" of \"%s\"", column, RelationGetRelationName(relation))));
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row security of \"%s\" hides rows from the ledger's owner", RelationGetRelationName(relation))));
	get_atttypetypmodcoll(relid, number, &type, &modifier, &collation);
	query = psprintf("UPDATE %s AS h SET %s = k.value::%s"
					 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) k (part, place, value)"
					 " WHERE h.ctid OPERATOR(pg_catalog.=) k.place AND h.tableoid OPERATOR(pg_catalog.=) k.part",
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)), RelationGetRelationName(relation)),
					 quote_identifier(column),
					 format_type_extended(type, modifier, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));

	GetUserIdAndSecContext(&caller, &security);
	SetUserIdAndSecContext(relation->rd_rel->relowner, security | SECURITY_LOCAL_USERID_CHANGE);
	settings = NewGUCNestLevel(); /* what that code sets is not left behind for ours */
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(query, 3, types, arguments, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not execute \"%s\"", query);
	written = SPI_processed;
	SPI_finish();
	AtEOXact_GUC(false, settings);
	SetUserIdAndSecContext(caller, security);
	table_close(relation, NoLock);
	PG_RETURN_INT64((int64) written);
}
