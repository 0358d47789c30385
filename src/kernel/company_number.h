/*
 * company_number.h
 *	  French company numbers: SIREN, SIRET, and the VAT number made of a SIREN.
 */
#ifndef CRK_KERNEL_COMPANY_NUMBER_H
#define CRK_KERNEL_COMPANY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define CRK_SIREN_LENGTH 9
#define CRK_SIRET_LENGTH 14

/*
 * The number without spaces, as it may be written in groups, in number, which
 * has room for length digits and the end; false if it is not exactly that many
 * digits.
 */
extern bool crk_company_digits(const char *text, size_t size, int length, char *number);

/* Whether exactly nine digits are a SIREN, exactly fourteen a SIRET. */
extern bool crk_siren_valid(const char *text, size_t size);
extern bool crk_siret_valid(const char *text, size_t size);

/* The key of the VAT number, from 0 to 96, of nine digits. */
extern int crk_vat_key(const char *siren);

#endif /* CRK_KERNEL_COMPANY_NUMBER_H */
