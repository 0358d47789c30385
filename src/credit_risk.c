/*
 * credit_risk.c
 *	  The module's magic block; everything else lives with its concept.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"

CRK_MODULE_MAGIC;
