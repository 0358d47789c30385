/*
 * logistic.h
 *	  Logistic regression by liblinear, where the build has it.
 */
#ifndef CRK_LOGISTIC_H
#define CRK_LOGISTIC_H

/* An error that says how to build it where this build is without. */
extern void crk_logistic_require(const char *what);

/*
 * Fits the log-odds of bad on rows of width numbers each; the intercept, then
 * a coefficient for each.  Both classes must occur.  The order of the rows
 * makes no difference.
 */
extern void crk_logistic_fit(const double *values, const bool *bad, int64 rows, int width,
							 double cost, double *coefficients);

#endif /* CRK_LOGISTIC_H */
