-- Money arithmetic: rounding, exchange differences. The decimals of a currency
-- are currency_scale(), splitting an amount is allocate_amount().

CREATE FUNCTION credit_risk.round_half_even(value numeric, scale integer DEFAULT 0) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_round_half_even' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.round_half_even(numeric, integer) IS
'value rounded to scale decimals, half to the even neighbour (arrondi bancaire): 2.5 to 2, 3.5 to 4, 0.125 at scale 2 to 0.12; where round() goes away from zero (3, 4, 0.13). scale is -30 to 30; a negative one rounds to tens, hundreds and so on. NULL in, NULL out. 22023 for NaN, infinities and another scale.';

CREATE FUNCTION credit_risk.fx_unrealized(open_amount numeric, booked_rate numeric, closing_rate numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_fx_unrealized' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fx_unrealized(numeric, numeric, numeric) IS
'Unrealized exchange difference (écart de conversion): open_amount × (closing_rate - booked_rate), in local currency, unrounded; for a receivable a gain is positive. open_amount is the part still open in foreign currency, rates are units of local for one unit of foreign currency. 60 GBP of 100 still open, booked at 2.00, closing at 2.50: 30. NULL in, NULL out. 22023 for a rate of zero or less, NaN and infinities. Source: NetSuite''s worked example.';

CREATE FUNCTION credit_risk.fx_realized(amount numeric, booked_rate numeric, payment_rate numeric) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_fx_realized' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.fx_realized(numeric, numeric, numeric) IS
'Realized exchange difference (différence de change): amount × (payment_rate - booked_rate), in local currency, unrounded; for a receivable a gain is positive. amount is the part settled in foreign currency, rates are units of local for one unit of foreign currency. 40 GBP booked at 2.00, paid at 2.50: 20. NULL in, NULL out. 22023 for a rate of zero or less, NaN and infinities. Source: NetSuite''s worked example.';
