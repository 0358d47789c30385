-- The rule of the credit limit, one for the trigger that judges an order and
-- for the question what would happen.

CREATE FUNCTION credit_risk.judge_order(amount numeric, exposure numeric, limit_decided numeric, unlimited boolean,
                                        decided boolean, blocked boolean, mode text, on_exceed text, no_limit text,
                                        default_limit numeric,
                                        OUT outcome text, OUT available numeric, OUT exposure_after numeric,
                                        OUT credit_limit numeric, OUT reasons text[], OUT cure text)
AS 'MODULE_PATHNAME', 'crk_judge_order' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.judge_order(numeric, numeric, numeric, boolean, boolean, boolean, text, text, text, numeric) IS
'Judges an order of this amount against exposure and limit, all in one currency: exceeded when exposure with it > limit, equal passes. Takes the exposure before it, the limit decided (NULL if unlimited or not decided), whether the customer is blocked, and the settings mode, on_exceed, no_limit, default_limit of the table ledger. Returns outcome (passed, warned, held, refused), available credit before it (NULL = unlimited), exposure with it, the limit applied, all reasons (credit_limit_exceeded, no_credit_limit, customer_blocked) and the cure in words. NULL amount or exposure: all NULL.';
