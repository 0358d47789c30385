/*
 * tap.h
 *	  What every unit test prints: TAP, a line for each thing that is true.
 */
#ifndef CRK_UNIT_TAP_H
#define CRK_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int tests = 0;
static int failures = 0;

/*
 * One line of the result, its description as printf takes it.
 */
__attribute__((format(printf, 2, 3))) static void
ok(bool passed, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", passed ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!passed)
		failures++;
}

/*
 * The plan, at the end; the status of the program.
 */
static int
finish_tests(void)
{
	printf("1..%d\n", tests);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* CRK_UNIT_TAP_H */
