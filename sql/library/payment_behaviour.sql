-- Days beyond terms, weighted by amount.

CREATE FUNCTION credit_risk.avg_days_beyond_terms_accum(bytea, numeric, date, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_beyond_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_beyond_terms_accum(bytea, numeric, date, date) IS
'Transition function of avg_days_beyond_terms.';

CREATE AGGREGATE credit_risk.avg_days_beyond_terms(amount numeric, due_date date, paid_date date) (
	SFUNC = credit_risk.avg_days_beyond_terms_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_beyond_terms(numeric, date, date) IS
'Days beyond terms (DBT, retard moyen de paiement par rapport à l''échéance): mean of paid date - due date weighted by amount, in days, unrounded; early payments count as negative days. One row per payment allocated. Open invoices (paid_date NULL) are ignored. Rows with NULL in a used argument are ignored. Credit notes and zero amounts carry no weight. NULL without rows or weight. 22023 for a NaN or infinite amount and for infinite dates. Exact in 128 bits, beyond them by numeric arithmetic. Source: satago.com (signed days).';

CREATE FUNCTION credit_risk.avg_days_beyond_terms_accum(bytea, numeric, date, date, boolean) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_beyond_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_beyond_terms_accum(bytea, numeric, date, date, boolean) IS
'Transition function of avg_days_beyond_terms.';

CREATE AGGREGATE credit_risk.avg_days_beyond_terms(amount numeric, due_date date, paid_date date, floor_zero boolean) (
	SFUNC = credit_risk.avg_days_beyond_terms_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_beyond_terms(numeric, date, date, boolean) IS
'Days beyond terms (DBT, retard moyen de paiement), weighted by amount, in days, unrounded. floor_zero true counts early payments as zero days, false as negative days: both are published, never mix them. Open invoices (paid_date NULL) are ignored. Rows with NULL in a used argument are ignored. Credit notes and zero amounts carry no weight. NULL without rows or weight. 22023 for a NaN or infinite amount and for infinite dates. Exact in 128 bits, beyond them by numeric arithmetic. Source: satago.com (signed), snowdaycalculator (weighting).';

CREATE FUNCTION credit_risk.avg_days_beyond_terms_accum(bytea, numeric, date, date, boolean, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_beyond_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_beyond_terms_accum(bytea, numeric, date, date, boolean, date) IS
'Transition function of avg_days_beyond_terms.';

CREATE AGGREGATE credit_risk.avg_days_beyond_terms(amount numeric, due_date date, paid_date date, floor_zero boolean, as_of date) (
	SFUNC = credit_risk.avg_days_beyond_terms_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_beyond_terms(numeric, date, date, boolean, date) IS
'Days beyond terms (DBT, retard moyen de paiement), weighted by amount, in days, unrounded, open overdue invoices included: what is not paid at as_of (paid_date NULL or later) and due before it enters at as_of - due date, so that those who never pay are seen; what is open and not overdue is ignored. floor_zero as in the shorter form. Rows with NULL in a used argument are ignored. Credit notes and zero amounts carry no weight. NULL without rows or weight. 22023 for a NaN or infinite amount and for infinite dates. Exact in 128 bits, beyond them by numeric arithmetic. Source: as the shorter form.';

-- The same, every invoice of equal weight.

CREATE FUNCTION credit_risk.avg_days_beyond_terms_unweighted_accum(bytea, date, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_beyond_terms_unweighted_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_beyond_terms_unweighted_accum(bytea, date, date) IS
'Transition function of avg_days_beyond_terms_unweighted.';

CREATE AGGREGATE credit_risk.avg_days_beyond_terms_unweighted(due_date date, paid_date date) (
	SFUNC = credit_risk.avg_days_beyond_terms_unweighted_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_beyond_terms_unweighted(date, date) IS
'Days beyond terms (DBT, retard moyen simple): plain mean of paid date - due date, in days, unrounded; early payments count as negative days. Open invoices (paid_date NULL) are ignored. Rows with NULL in a used argument are ignored. NULL without rows. 22023 for infinite dates. Source: satago.com (signed days).';

CREATE FUNCTION credit_risk.avg_days_beyond_terms_unweighted_accum(bytea, date, date, boolean) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_beyond_terms_unweighted_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_beyond_terms_unweighted_accum(bytea, date, date, boolean) IS
'Transition function of avg_days_beyond_terms_unweighted.';

CREATE AGGREGATE credit_risk.avg_days_beyond_terms_unweighted(due_date date, paid_date date, floor_zero boolean) (
	SFUNC = credit_risk.avg_days_beyond_terms_unweighted_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_beyond_terms_unweighted(date, date, boolean) IS
'Days beyond terms (DBT, retard moyen simple), plain mean, in days, unrounded. floor_zero true counts early payments as zero days, false as negative days. Open invoices (paid_date NULL) are ignored. Rows with NULL in a used argument are ignored. NULL without rows. 22023 for infinite dates. Source: satago.com (signed days).';

CREATE FUNCTION credit_risk.avg_days_beyond_terms_unweighted_accum(bytea, date, date, boolean, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_beyond_terms_unweighted_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_beyond_terms_unweighted_accum(bytea, date, date, boolean, date) IS
'Transition function of avg_days_beyond_terms_unweighted.';

CREATE AGGREGATE credit_risk.avg_days_beyond_terms_unweighted(due_date date, paid_date date, floor_zero boolean, as_of date) (
	SFUNC = credit_risk.avg_days_beyond_terms_unweighted_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_beyond_terms_unweighted(date, date, boolean, date) IS
'Days beyond terms (DBT, retard moyen simple), plain mean, in days, unrounded, with what is open and overdue at as_of entering at as_of - due date; what is open and not overdue is ignored. floor_zero as in the shorter form. Rows with NULL in a used argument are ignored. NULL without rows. 22023 for infinite dates. Source: satago.com (signed days).';

-- Days to pay.

CREATE FUNCTION credit_risk.avg_days_to_pay_accum(bytea, numeric, date, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_to_pay_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_to_pay_accum(bytea, numeric, date, date) IS
'Transition function of avg_days_to_pay.';

CREATE AGGREGATE credit_risk.avg_days_to_pay(amount numeric, invoice_date date, paid_date date) (
	SFUNC = credit_risk.avg_days_to_pay_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_to_pay(numeric, date, date) IS
'Days to pay (délai moyen de paiement): mean of paid date - invoice date weighted by amount, in days, unrounded. One row per payment allocated. Open invoices (paid_date NULL) are ignored. Rows with NULL in a used argument are ignored. Credit notes and zero amounts carry no weight. NULL without rows or weight. 22023 for a NaN or infinite amount and for infinite dates. Exact in 128 bits, beyond them by numeric arithmetic. Source: Oracle Receivables (weighted average days paid).';

CREATE FUNCTION credit_risk.avg_days_to_pay_unweighted_accum(bytea, date, date) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_avg_days_to_pay_unweighted_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.avg_days_to_pay_unweighted_accum(bytea, date, date) IS
'Transition function of avg_days_to_pay_unweighted.';

CREATE AGGREGATE credit_risk.avg_days_to_pay_unweighted(invoice_date date, paid_date date) (
	SFUNC = credit_risk.avg_days_to_pay_unweighted_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.weighted_days_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.avg_days_to_pay_unweighted(date, date) IS
'Days to pay (délai moyen de paiement simple): plain mean of paid date - invoice date, in days, unrounded. Open invoices (paid_date NULL) are ignored. Rows with NULL in a used argument are ignored. NULL without rows. 22023 for infinite dates. Source: Oracle Receivables (average days paid).';

-- Payment index.

CREATE FUNCTION credit_risk.payment_index(days_beyond_terms numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_payment_index' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_index(numeric) IS
'Payment index (indice de comportement de paiement), 100 down to 0, higher is better, unrounded: straight lines through the published anchors -30 days 100, -20 90, 0 80, 15 70, 22 60, 30 50, 60 40, 90 30, 120 20; 100 for earlier payment; beyond 120 days one point less per three days down to 0 at 180 (our convention: only "0 to 19" is published). 80 to 100 low risk, 50 to 79 medium, below 50 high. NULL in, NULL out. 22023 for NaN and infinities. Source: the value chart at docs.dnb.com and dandb.com.';

CREATE FUNCTION credit_risk.payment_index_avg_final(bytea) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_payment_index_avg_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_index_avg_final(bytea) IS
'Final function of payment_index_avg. NULL without rows or weight. 22023 where the argument is not its state.';

CREATE FUNCTION credit_risk.payment_index_avg_accum(bytea, numeric, numeric) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_payment_index_avg_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_index_avg_accum(bytea, numeric, numeric) IS
'Transition function of payment_index_avg.';

CREATE AGGREGATE credit_risk.payment_index_avg(amount numeric, days_beyond_terms numeric) (
	SFUNC = credit_risk.payment_index_avg_accum,
	STYPE = bytea,
	SSPACE = 64,
	FINALFUNC = credit_risk.payment_index_avg_final,
	COMBINEFUNC = credit_risk.weighted_mean_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.payment_index_avg(numeric, numeric) IS
'Payment index of a customer (indice de comportement de paiement moyen), 100 down to 0, unrounded: each payment scored by payment_index(), the scores weighted by amount (the scale is not linear: it is not the index of the average days). Rows with NULL in a used argument are ignored. Credit notes and zero amounts carry no weight. NULL without rows or weight. 22023 for NaN and infinities. Exact in 128 bits, beyond them by numeric arithmetic. Source: definition at docs.dnb.com.';
