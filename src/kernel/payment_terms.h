/*
 * payment_terms.h
 *	  Payment terms: their value, their text in English and French, their dates.
 *
 * The value is flat and is stored as it stands here, behind the server's
 * length word.  Two equal terms are equal byte for byte: every value passes
 * crk_terms_check(), which leaves one spelling for one meaning.
 */
#ifndef CRK_KERNEL_PAYMENT_TERMS_H
#define CRK_KERNEL_PAYMENT_TERMS_H

#include "kernel/allocate.h"
#include "kernel/calendar.h"

#define CRK_TERMS_VERSION 1

#define CRK_TERMS_MAX_DAYS		  3650
#define CRK_TERMS_MAX_MONTHS	  120
#define CRK_TERMS_MAX_INSTALMENTS 120
#define CRK_TERMS_MAX_PARTS		  1000000

/* Percentages and amounts inside the value carry six decimals. */
#define CRK_TERMS_SCALE		 6
#define CRK_TERMS_UNIT		 1000000
#define CRK_TERMS_MAX_AMOUNT INT64_C(1000000000000)

typedef enum CrkRuleKind
{
	CRK_RULE_NET,		 /* net 30, net 2 months */
	CRK_RULE_NET_EOM,	 /* 30 eom: the days, then the end of month */
	CRK_RULE_EOM_NET,	 /* eom 30: the end of month, then the days */
	CRK_RULE_DECADE_NET, /* end of decade, then the days */
	CRK_RULE_ON_RECEIPT,
	CRK_RULE_ON_DELIVERY, /* cod */
	CRK_RULE_PREPAYMENT
} CrkRuleKind;

typedef enum CrkRuleUnit
{
	CRK_UNIT_DAYS,
	CRK_UNIT_MONTHS
} CrkRuleUnit;

/* When one sum is due. */
typedef struct CrkRule
{
	uint8_t kind;		  /* CrkRuleKind */
	uint8_t unit;		  /* CrkRuleUnit */
	uint8_t day_of_month; /* then on the next 1..31st; 0 = no such step */
	uint8_t zero;
	int32_t count; /* days or months */
} CrkRule;

typedef enum CrkShareKind
{
	CRK_SHARE_WHOLE,   /* no instalments */
	CRK_SHARE_PERCENT, /* of the total, adding up to 100 */
	CRK_SHARE_PART,	   /* 1 part, 2 parts: whole numbers */
	CRK_SHARE_AMOUNT   /* fixed amounts; the last is the rest */
} CrkShareKind;

typedef struct CrkInstalment
{
	/* millionths of a percent or of a unit, or parts; 0: the whole, the rest */
	int64_t share;
	CrkRule rule;
} CrkInstalment;

typedef struct CrkTerms
{
	int32_t server_length; /* the server's; unknown here */
	uint8_t version;
	uint8_t share_kind;	  /* CrkShareKind */
	uint16_t count;		  /* instalments, at least 1 */
	int32_t discount_pct; /* in millionths of a percent; 0 = none */
	int32_t discount_days;
	CrkInstalment instalment[];
} CrkTerms;

#define CRK_TERMS_SIZE(count) \
	(sizeof(CrkTerms) + (size_t) (count) * sizeof(CrkInstalment))
#define CRK_TERMS_MAX_SIZE CRK_TERMS_SIZE(CRK_TERMS_MAX_INSTALMENTS)

/* Room for any terms, for callers that have no allocator. */
typedef union CrkTermsBuffer
{
	CrkTerms terms;
	int64_t align;
	char space[sizeof(CrkTerms) +
			   CRK_TERMS_MAX_INSTALMENTS * sizeof(CrkInstalment)];
} CrkTermsBuffer;

/* What "N jours fin de mois" means; no other text depends on it. */
typedef enum CrkReading
{
	CRK_READING_A, /* the days, then the end of month */
	CRK_READING_B  /* the end of month, then the days */
} CrkReading;

/* Room for what is wrong, and for the longest canonical text. */
#define CRK_TERMS_DETAIL_SIZE 160
#define CRK_TERMS_TEXT_SIZE	  (96 * CRK_TERMS_MAX_INSTALMENTS)

/*
 * Read text (UTF-8, no terminator needed).  False: detail says why, in a
 * sentence.
 */
extern bool crk_terms_parse(const char *text, size_t length,
							CrkReading reading, CrkTermsBuffer *terms,
							char *detail);

/* Is this a value that crk_terms_parse() could have made? */
extern bool crk_terms_check(const CrkTerms *terms, char *detail);

/* The canonical text; returns its length. */
extern int crk_terms_format(const CrkTerms *terms, char *text);

/* The due date by one rule; may leave the server's range. */
extern int64_t crk_rule_due(const CrkRule *rule, int64_t start);

/* The most days by which a due date is later than by the other rule, whatever the start. */
extern int64_t crk_rule_lead(const CrkRule *rule, const CrkRule *other);

/* Is a part paid after delivery, so that credit is given? */
extern bool crk_terms_on_credit(const CrkTerms *terms);

typedef enum CrkSplitStatus
{
	CRK_SPLIT_OK,
	CRK_SPLIT_TOO_SMALL, /* the fixed amounts exceed the total */
	CRK_SPLIT_TOO_FINE,	 /* a fixed amount has decimals beyond scale */
	CRK_SPLIT_TOO_LARGE	 /* a fixed amount does not fit at this scale */
} CrkSplitStatus;

/*
 * Split amount * 10^-scale into one part an instalment; parts and scratch have
 * terms->count elements.
 */
extern CrkSplitStatus crk_terms_split(const CrkTerms *terms,
									  crk_int128 amount, int scale,
									  crk_int128 *parts,
									  CrkRemainder *scratch);

#endif /* CRK_KERNEL_PAYMENT_TERMS_H */
