-- Securities: what else pays when the customer does not.
--
-- For other rooms:
--   guaranteed_amount(customer_id, on_date, exposure, contract_no, order_id) -> numeric, base currency

CREATE FUNCTION guaranteed_amount(customer_id bigint, on_date date, exposure numeric, contract_no text DEFAULT NULL, order_id bigint DEFAULT NULL) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT 0::numeric $$;
COMMENT ON FUNCTION guaranteed_amount(bigint, date, numeric, text, bigint) IS
'What of an exposure (base currency) is guaranteed on a day: of the whole account, or of one order or contract.';

CREATE FUNCTION security_figures(figures jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT '{}'::jsonb $$;
COMMENT ON FUNCTION security_figures(jsonb) IS 'Figures of the check.';
