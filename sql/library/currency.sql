-- Currencies: their minor units.

CREATE FUNCTION credit_risk.currency_scale(currency text) RETURNS integer
AS 'MODULE_PATHNAME', 'crk_currency_scale_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.currency_scale(text) IS
'Decimals of an amount in this currency, its minor unit by ISO 4217: JPY 0, EUR 2, KWD 3; 2 for a code that the table does not know. NULL for NULL; error 22023 for what is no code of three capitals.';
