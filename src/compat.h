/*
 * compat.h
 *	  Every difference between the server versions 15 to 18 that our code meets.
 *
 * No other file tests PG_VERSION_NUM.
 */
#ifndef CRK_COMPAT_H
#define CRK_COMPAT_H

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#define crk_make_range(type, lower, upper) make_range(type, lower, upper, false, NULL)
#else
#define crk_make_range(type, lower, upper) make_range(type, lower, upper, false)

/*
 * Before 16 an input function cannot report softly: raise, and keep the
 * compiler content with the return that follows in the modern spelling.
 */
#define ereturn(context, dummy_value, ...) \
	do \
	{ \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/* 18 has it in place of pg_attribute_noreturn(), before the declaration. */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

#ifndef PG_MODULE_MAGIC_EXT
#define CRK_MODULE_MAGIC PG_MODULE_MAGIC
#else
#define CRK_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "credit_risk", .version = CREDIT_RISK_VERSION)
#endif

#endif /* CRK_COMPAT_H */
