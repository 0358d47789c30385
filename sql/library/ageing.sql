-- The aged balance (balance âgée): the type, its aggregates, and what can be
-- asked of it. Days overdue = as_of - due date; 0 and less is not due.

-- The type

CREATE TYPE credit_risk.ageing;

CREATE FUNCTION credit_risk.ageing_in(cstring) RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_in(cstring) IS
'Input of type ageing: takes exactly what the output function writes, and checks all of it. Error 22P02 with the reason otherwise.';

CREATE FUNCTION credit_risk.ageing_out(credit_risk.ageing) RETURNS cstring
AS 'MODULE_PATHNAME', 'crk_ageing_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_out(credit_risk.ageing) IS
'Output of type ageing: the date (ISO, whatever DateStyle), then label, amount and number of items of each bucket; "no due date" last and only when it has items. Nothing is lost: bounds stand in the labels, display scales in the decimals.';

CREATE FUNCTION credit_risk.ageing_recv(internal) RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_recv(internal) IS
'Binary input of type ageing, as strict as the text input. Error 22P03 with the reason for a value that cannot be.';

CREATE FUNCTION credit_risk.ageing_send(credit_risk.ageing) RETURNS bytea
AS 'MODULE_PATHNAME', 'crk_ageing_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_send(credit_risk.ageing) IS
'Binary output of type ageing (version 1): version, date, bounds, scale, then amount, count and display scale of each bucket, in network byte order.';

CREATE TYPE credit_risk.ageing (
    INPUT = credit_risk.ageing_in,
    OUTPUT = credit_risk.ageing_out,
    RECEIVE = credit_risk.ageing_recv,
    SEND = credit_risk.ageing_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = extended
);
COMMENT ON TYPE credit_risk.ageing IS
'An aged balance (balance âgée): exact amount and number of items per bucket of days overdue, the date it is as of and the bounds of its buckets. Made by the aggregate ageing(), added up by rollup() and +, read by buckets(), bucket_amount(), total() and others. May be stored in a table. It always has at least one item: the ageing of nothing is NULL.';

-- The aggregate

CREATE FUNCTION credit_risk.ageing_accum(credit_risk.ageing, amount numeric, due_on date, as_of date)
RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_accum(credit_risk.ageing, numeric, date, date) IS
'Transition function of the aggregate ageing(amount, due_on, as_of). Error 0A000 if it is called directly.';

CREATE FUNCTION credit_risk.ageing_accum(credit_risk.ageing, amount numeric, due_on date, as_of date, bounds integer[])
RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_accum(credit_risk.ageing, numeric, date, date, integer[]) IS
'Transition function of the aggregate ageing(amount, due_on, as_of, bounds). Error 0A000 if it is called directly.';

CREATE FUNCTION credit_risk.ageing_combine(credit_risk.ageing, credit_risk.ageing) RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_combine(credit_risk.ageing, credit_risk.ageing) IS
'Adds up states of ageing() and rollup(): parallel plans, partition-wise plans and Citus. NULL is no state. Error 22023 for different dates or bounds, 22003 for a sum that does not fit; 0A000 if it is called directly, where the operator + serves.';

CREATE FUNCTION credit_risk.ageing_final(credit_risk.ageing) RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_final(credit_risk.ageing) IS
'Final function of ageing() and rollup(): the state in its canonical form, in which equal values have equal bytes. A value already canonical comes back as it is.';

CREATE FUNCTION credit_risk.ageing_window_accum(internal, amount numeric, due_on date, as_of date) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_ageing_window_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_window_accum(internal, numeric, date, date) IS
'Forward transition of ageing(amount, due_on, as_of) over a moving window.';

CREATE FUNCTION credit_risk.ageing_window_accum(internal, amount numeric, due_on date, as_of date, bounds integer[]) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_ageing_window_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_window_accum(internal, numeric, date, date, integer[]) IS
'Forward transition of ageing(amount, due_on, as_of, bounds) over a moving window.';

CREATE FUNCTION credit_risk.ageing_window_remove(internal, amount numeric, due_on date, as_of date) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_ageing_window_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_window_remove(internal, numeric, date, date) IS
'Inverse transition of ageing(amount, due_on, as_of) over a moving window: exact. NULL, so that the frame is added up anew, when the last item of a bucket''s display scale leaves others behind.';

CREATE FUNCTION credit_risk.ageing_window_remove(internal, amount numeric, due_on date, as_of date, bounds integer[]) RETURNS internal
AS 'MODULE_PATHNAME', 'crk_ageing_window_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_window_remove(internal, numeric, date, date, integer[]) IS
'Inverse transition of ageing(amount, due_on, as_of, bounds) over a moving window: exact. NULL, so that the frame is added up anew, when the last item of a bucket''s display scale leaves others behind.';

CREATE FUNCTION credit_risk.ageing_window_final(internal) RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_window_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_window_final(internal) IS
'Final function of ageing() over a moving window; NULL for a frame without amounts.';

CREATE AGGREGATE credit_risk.ageing(amount numeric, due_on date, as_of date) (
    SFUNC = credit_risk.ageing_accum,
    STYPE = credit_risk.ageing,
    SSPACE = 64,
    FINALFUNC = credit_risk.ageing_final,
    COMBINEFUNC = credit_risk.ageing_combine,
    MSFUNC = credit_risk.ageing_window_accum,
    MINVFUNC = credit_risk.ageing_window_remove,
    MSTYPE = internal,
    MSSPACE = 1024,
    MFINALFUNC = credit_risk.ageing_window_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.ageing(numeric, date, date) IS
'The aged balance (balance âgée) of open amounts as of a date, in the buckets not due, 1-30, 31-60, 61-90, >90 days overdue. Days overdue = as_of - due_on; 0 and less is not due, the upper day belongs to the bucket. Credits count by their sign in the bucket of their own due date. Exact, with the display scales of sum(). A NULL amount is ignored; a NULL due date goes to bucket -1, "no due date"; due infinity is not due, -infinity is in the oldest bucket. NULL when there is no amount. Error 22023: as_of NULL, infinite or not the same in all rows; amount NaN or infinite. Error 22003: a sum beyond 128 bits, or more than 30 decimals.';

CREATE AGGREGATE credit_risk.ageing(amount numeric, due_on date, as_of date, bounds integer[]) (
    SFUNC = credit_risk.ageing_accum,
    STYPE = credit_risk.ageing,
    SSPACE = 64,
    FINALFUNC = credit_risk.ageing_final,
    COMBINEFUNC = credit_risk.ageing_combine,
    MSFUNC = credit_risk.ageing_window_accum,
    MINVFUNC = credit_risk.ageing_window_remove,
    MSTYPE = internal,
    MSSPACE = 1024,
    MFINALFUNC = credit_risk.ageing_window_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.ageing(numeric, date, date, integer[]) IS
'The aged balance (balance âgée) with buckets of your own: bounds are the last day of each bucket but the open one, 1 to 16 of them, each greater than the one before, the first at least 1. Otherwise as ageing(amount, due_on, as_of). Error 22023 also for bounds that are NULL, invalid or not the same in all rows.';

CREATE AGGREGATE credit_risk.rollup(credit_risk.ageing) (
    SFUNC = credit_risk.ageing_combine,
    STYPE = credit_risk.ageing,
    SSPACE = 64,
    FINALFUNC = credit_risk.ageing_final,
    COMBINEFUNC = credit_risk.ageing_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE credit_risk.rollup(credit_risk.ageing) IS
'Adds up ageings, as sum() does numbers: of customers to a segment, of segments to the whole. Equal to the ageing of all their items. NULLs are ignored; NULL when there is no ageing. Error 22023 for different dates or bounds, with both in the detail; 22003 for a sum beyond 128 bits.';

-- Operators

CREATE FUNCTION credit_risk.ageing_add(credit_risk.ageing, credit_risk.ageing) RETURNS credit_risk.ageing
AS 'MODULE_PATHNAME', 'crk_ageing_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_add(credit_risk.ageing, credit_risk.ageing) IS
'Implementation of the operator +: bucket by bucket, exact. NULL if either is NULL. Error 22023 for different dates or bounds, 22003 for a sum beyond 128 bits.';

CREATE OPERATOR credit_risk.+ (
    LEFTARG = credit_risk.ageing,
    RIGHTARG = credit_risk.ageing,
    FUNCTION = credit_risk.ageing_add,
    COMMUTATOR = OPERATOR(credit_risk.+)
);
COMMENT ON OPERATOR credit_risk.+ (credit_risk.ageing, credit_risk.ageing) IS
'Adds up two ageings of the same date and bounds, bucket by bucket. NULL if either is NULL.';

CREATE FUNCTION credit_risk.ageing_eq(credit_risk.ageing, credit_risk.ageing) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_ageing_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_eq(credit_risk.ageing, credit_risk.ageing) IS
'Implementation of the operator =: same date, bounds, amounts and numbers of items. As with numeric, 1.0 equals 1.00.';

CREATE FUNCTION credit_risk.ageing_ne(credit_risk.ageing, credit_risk.ageing) RETURNS boolean
AS 'MODULE_PATHNAME', 'crk_ageing_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_ne(credit_risk.ageing, credit_risk.ageing) IS
'Implementation of the operator <>: some date, bound, amount or number of items differs.';

CREATE OPERATOR credit_risk.= (
    LEFTARG = credit_risk.ageing,
    RIGHTARG = credit_risk.ageing,
    FUNCTION = credit_risk.ageing_eq,
    COMMUTATOR = OPERATOR(credit_risk.=),
    NEGATOR = OPERATOR(credit_risk.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel
);
COMMENT ON OPERATOR credit_risk.= (credit_risk.ageing, credit_risk.ageing) IS
'Same date, bounds, amounts and numbers of items. NULL if either is NULL. Ageings have no order and cannot be grouped by.';

CREATE OPERATOR credit_risk.<> (
    LEFTARG = credit_risk.ageing,
    RIGHTARG = credit_risk.ageing,
    FUNCTION = credit_risk.ageing_ne,
    COMMUTATOR = OPERATOR(credit_risk.<>),
    NEGATOR = OPERATOR(credit_risk.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);
COMMENT ON OPERATOR credit_risk.<> (credit_risk.ageing, credit_risk.ageing) IS
'Some date, bound, amount or number of items differs. NULL if either is NULL.';

-- What can be asked of an ageing

CREATE FUNCTION credit_risk.bucket_amount(ageing credit_risk.ageing, bucket integer) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_bucket_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.bucket_amount(credit_risk.ageing, integer) IS
'The amount in a bucket (tranche): 0 is not due, 1 to n+1 the buckets that n bounds make, -1 no due date. 0 for an empty bucket. NULL if an argument is NULL. Error 22023, with the bounds, for a bucket that does not exist.';

CREATE FUNCTION credit_risk.bucket_count(ageing credit_risk.ageing, bucket integer) RETURNS bigint
AS 'MODULE_PATHNAME', 'crk_bucket_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.bucket_count(credit_risk.ageing, integer) IS
'The number of items in a bucket, numbered as for bucket_amount(). NULL if an argument is NULL. Error 22023, with the bounds, for a bucket that does not exist.';

CREATE FUNCTION credit_risk.bucket_amounts(ageing credit_risk.ageing) RETURNS numeric[]
AS 'MODULE_PATHNAME', 'crk_bucket_amounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.bucket_amounts(credit_risk.ageing) IS
'The amounts of all buckets: not due first, then the overdue buckets in order, no due date last; with the default bounds six amounts. They always add up to total().';

CREATE FUNCTION credit_risk.buckets(ageing credit_risk.ageing,
    OUT bucket integer, OUT label text, OUT from_day integer, OUT to_day integer, OUT amount numeric, OUT items bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'crk_buckets' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 6;
COMMENT ON FUNCTION credit_risk.buckets(credit_risk.ageing) IS
'One row for each bucket, empty ones too: not due, the overdue buckets in order, no due date (bucket -1) last. from_day and to_day are days overdue, both included; NULL where there is no end. No row for NULL.';

CREATE FUNCTION credit_risk.total(ageing credit_risk.ageing) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.total(credit_risk.ageing) IS
'The whole balance (encours échu et non échu): sum() of all amounts, due or not and without due date, with the display scale of sum().';

CREATE FUNCTION credit_risk.not_due(ageing credit_risk.ageing) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_not_due' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.not_due(credit_risk.ageing) IS
'The amount not due (non échu): due on the date of the ageing or later. Amounts without due date are not in it.';

CREATE FUNCTION credit_risk.overdue(ageing credit_risk.ageing) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_overdue' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.overdue(credit_risk.ageing) IS
'The overdue amount (échu): at least one day late. Amounts without due date are not in it: total = not_due + overdue + no_due_date.';

CREATE FUNCTION credit_risk.no_due_date(ageing credit_risk.ageing) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_no_due_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.no_due_date(credit_risk.ageing) IS
'The amount whose due date (échéance) was NULL: neither not due nor overdue; bucket -1.';

CREATE FUNCTION credit_risk.items(ageing credit_risk.ageing) RETURNS bigint
AS 'MODULE_PATHNAME', 'crk_items' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.items(credit_risk.ageing) IS
'The number of amounts in all buckets; at least 1. Rows with a NULL amount were not counted.';

CREATE FUNCTION credit_risk.as_of(ageing credit_risk.ageing) RETURNS date
AS 'MODULE_PATHNAME', 'crk_as_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.as_of(credit_risk.ageing) IS
'The date that the ageing is as of (date d''arrêté).';

CREATE FUNCTION credit_risk.bounds(ageing credit_risk.ageing) RETURNS integer[]
AS 'MODULE_PATHNAME', 'crk_bounds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.bounds(credit_risk.ageing) IS
'The bounds of the ageing: the last day of each overdue bucket but the open one.';

CREATE FUNCTION credit_risk.ageing_to_jsonb(credit_risk.ageing) RETURNS jsonb
AS 'MODULE_PATHNAME', 'crk_ageing_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_to_jsonb(credit_risk.ageing) IS
'Implementation of the cast to jsonb: as_of, bounds, total, overdue, and buckets with bucket, label, amount, items in the order of buckets().';

CREATE FUNCTION credit_risk.ageing_to_json(credit_risk.ageing) RETURNS json
AS 'MODULE_PATHNAME', 'crk_ageing_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_to_json(credit_risk.ageing) IS
'Implementation of the cast to json, which to_json(), to_jsonb() and row_to_json() use; the same object as the cast to jsonb.';

CREATE CAST (credit_risk.ageing AS jsonb) WITH FUNCTION credit_risk.ageing_to_jsonb(credit_risk.ageing);
COMMENT ON CAST (credit_risk.ageing AS jsonb) IS
'An object with as_of, bounds, total, overdue, and buckets with bucket, label, amount, items.';

CREATE CAST (credit_risk.ageing AS json) WITH FUNCTION credit_risk.ageing_to_json(credit_risk.ageing);
COMMENT ON CAST (credit_risk.ageing AS json) IS
'An object with as_of, bounds, total, overdue, and buckets with bucket, label, amount, items; used by to_jsonb() too.';

-- The grid alone

CREATE FUNCTION credit_risk.ageing_days(due_date date, as_of date) RETURNS integer
AS 'MODULE_PATHNAME', 'crk_ageing_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_days(date, date) IS
'Days overdue (jours de retard) = as_of - due_date; 0 and less is not due. NULL if an argument is NULL or due_date is infinite. Error 22023 for an infinite as_of.';

CREATE FUNCTION credit_risk.ageing_bucket(days integer, bounds integer[] DEFAULT '{30,60,90}') RETURNS integer
AS 'MODULE_PATHNAME', 'crk_ageing_bucket' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_bucket(integer, integer[]) IS
'The bucket (tranche) of an age in days: 0 not due (days <= 0), then 1 to n+1 for n bounds. The upper bound belongs to the bucket: day 30 is in 1-30, day 31 in 31-60, day 91 in >90. NULL if an argument is NULL. Error 22023 for invalid bounds.';

CREATE FUNCTION credit_risk.ageing_bucket_label(bucket integer, bounds integer[] DEFAULT '{30,60,90}') RETURNS text
AS 'MODULE_PATHNAME', 'crk_ageing_bucket_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.ageing_bucket_label(integer, integer[]) IS
'The name of a bucket: "not due" (0), "1-30", "31-60", "61-90", ">90" for the default bounds, "no due date" (-1). NULL if an argument is NULL. Error 22023 for invalid bounds and for a bucket that they do not make.';
