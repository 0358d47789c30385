-- How long customers take to pay, and the cash to be expected.

CREATE TYPE credit_risk.km_point AS (
	duration integer,
	at_risk bigint,
	paid bigint,
	open bigint,
	hazard double precision,
	survival double precision,
	variance double precision
);
COMMENT ON TYPE credit_risk.km_point IS
'A point of a Kaplan-Meier curve (courbe de Kaplan-Meier): duration in days, invoices not yet paid just before it, those paid after exactly so long, those last seen open then (censored), hazard = paid / at_risk, survival = share still open after it, and its variance by Greenwood, survival² × Σ paid / (at_risk × (at_risk - paid)), 0 where survival is 0. Unfold with SELECT * FROM unnest(...).';

CREATE FUNCTION credit_risk.kaplan_meier_accum(internal, integer, boolean) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_kaplan_meier_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.kaplan_meier_accum(internal, integer, boolean) IS
'Transition function of kaplan_meier.';

CREATE FUNCTION credit_risk.kaplan_meier_combine(internal, internal) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_kaplan_meier_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.kaplan_meier_combine(internal, internal) IS
'Combine function of kaplan_meier. NULL is an empty state.';

CREATE FUNCTION credit_risk.kaplan_meier_serialize(internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_kaplan_meier_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.kaplan_meier_serialize(internal) IS
'Serialization function of kaplan_meier.';

CREATE FUNCTION credit_risk.kaplan_meier_deserialize(bytea, internal) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_kaplan_meier_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.kaplan_meier_deserialize(bytea, internal) IS
'Deserialization function of kaplan_meier.';

CREATE FUNCTION credit_risk.kaplan_meier_final(internal) RETURNS credit_risk.km_point[]
AS 'MODULE_PATHNAME', 'crk_kaplan_meier_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.kaplan_meier_final(internal) IS
'Final function of kaplan_meier. NULL without rows.';

CREATE AGGREGATE credit_risk.kaplan_meier(duration integer, observed boolean) (
	SFUNC = credit_risk.kaplan_meier_accum,
	STYPE = internal,
	SSPACE = 600,
	FINALFUNC = credit_risk.kaplan_meier_final,
	COMBINEFUNC = credit_risk.kaplan_meier_combine,
	SERIALFUNC = credit_risk.kaplan_meier_serialize,
	DESERIALFUNC = credit_risk.kaplan_meier_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.kaplan_meier(integer, boolean) IS
'Kaplan-Meier curve of the time to pay (délai de paiement par Kaplan-Meier), one row per invoice: observed true = paid after duration days, false = still open, or credited, at that age, which is not held to be the end. survival = product of 1 - paid / at_risk over the durations so far; what is open at a duration counts as at risk at it. One point per duration, in order; probability paid by t: 1 - survival_at(curve, t). Rows with NULL are ignored; NULL without rows. 22023 for a negative duration. Memory: at most 64 bytes per different duration, some 250 more at the end. The order of rows and the number of workers do not show. Source: Kaplan and Meier, Nonparametric Estimation from Incomplete Observations (1958).';

CREATE FUNCTION credit_risk.survival_at(curve credit_risk.km_point[], t integer) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_survival_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.survival_at(credit_risk.km_point[], integer) IS
'Share still unpaid after t days (probabilité de rester impayé) on a curve of kaplan_meier, its points in order of duration: the survival of its last point not after t, 1 before the first. Beyond the last point it stays at its survival, which is no observation where that is above zero: compare t with curve[cardinality(curve)].duration. NULL in, NULL out; NULL for an empty curve. 22023 for a negative t, a curve with more than one dimension, with NULL, or with a survival outside 0 to 1. Source: as kaplan_meier.';

CREATE FUNCTION credit_risk.payment_probability(curve credit_risk.km_point[], age integer, horizon integer) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_payment_probability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.payment_probability(credit_risk.km_point[], integer, integer) IS
'Probability (probabilité de paiement) that an invoice open at an age of so many days is paid within the next horizon days: 1 - S(age + horizon) / S(age), S as survival_at(). NULL in, NULL out; NULL where S(age) is 0, since none was ever open so long: a case for collection and not for a forecast; NULL for an empty curve. 22023 for a negative age or horizon, and as survival_at(). Source: conditional survival on the curve of kaplan_meier.';

CREATE FUNCTION credit_risk.expected_cash(curve credit_risk.km_point[], amount numeric, age integer, from_day integer, to_day integer) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_expected_cash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.expected_cash(credit_risk.km_point[], numeric, integer, integer, integer) IS
'Cash to be expected (encaissement attendu) of an amount open today at an age of so many days, after from_day and up to to_day days from today: amount × (S(age + from_day) - S(age + to_day)) / S(age), S as survival_at(), unrounded (the share has the 15 digits of a double precision number). Week w is from_day 7 × (w - 1), to_day 7 × w; the weeks and amount × S(age + last day) / S(age), which stays open, add up to the amount. NULL in, NULL out; NULL as payment_probability(). 22023 for a negative age or from_day, a to_day before from_day, NaN and infinities, and as survival_at(). Source: as payment_probability.';
