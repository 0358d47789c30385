/*
 * currency.h
 *	  Minor units of the currencies of ISO 4217.
 */
#ifndef CRK_KERNEL_CURRENCY_H
#define CRK_KERNEL_CURRENCY_H

/*
 * Decimals of an amount in this currency: JPY 0, EUR 2, KWD 3; 2 for a code
 * that the table does not know, -1 for what is no code of three capitals.
 */
extern int crk_currency_scale(const char *code);

#endif /* CRK_KERNEL_CURRENCY_H */
