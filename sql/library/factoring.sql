-- Factoring: what the factor pays of the invoices assigned to it.

CREATE FUNCTION credit_risk.factoring_advance(invoices numeric, reserve_pct numeric, reserve_target numeric DEFAULT NULL, reserve_held numeric DEFAULT 0) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_factoring_advance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.factoring_advance(numeric, numeric, numeric, numeric) IS
'What a factor pays of assigned invoices (financement d''affacturage), incl. tax, unrounded: invoices - min(invoices × reserve_pct / 100, reserve_target - reserve_held). The reserve (fonds de garantie, retenue) is kept back until the fund reaches its target; beyond it nothing is. reserve_target NULL = no target, reserve_held NULL = 0. 10,000 at 10 % with a target of 50,000: 9,000. NULL in invoices or reserve_pct, NULL out. 22023 for negative amounts, a percentage beyond 0 to 100, NaN and infinities. Source: clarissegroupe.fr.';
