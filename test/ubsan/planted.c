/*
 * planted.c
 *	  A shift out of range, compiled only into the sanitised build of
 *	  make check: the proof that undefined behaviour reaches the server log.
 */
#include "postgres.h"

#include "fmgr.h"

PG_FUNCTION_INFO_V1(crk_planted_fault);

/*
 * Undefined for 32 and more; volatile, so that no optimiser folds it away.
 */
Datum
crk_planted_fault(PG_FUNCTION_ARGS)
{
	volatile int32 distance = PG_GETARG_INT32(0);

	PG_RETURN_INT32(1 << distance);
}
