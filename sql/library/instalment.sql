-- Several due dates of one invoice.

CREATE FUNCTION credit_risk.base_share(total_base numeric, total numeric, before numeric, amount numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN total_base = total THEN amount
            ELSE round(total_base * (before + amount) / total, scale(total_base)) - round(total_base * before / total, scale(total_base)) END;
COMMENT ON FUNCTION credit_risk.base_share(numeric, numeric, numeric, numeric) IS
'Base-currency share of a part of a document: the part that follows "before" of "total", with the decimals of total_base, and the parts add up to it exactly. The part itself where document and base currency are one.';

CREATE FUNCTION credit_risk.instalments(amount numeric, amount_base numeric, instalment_due_on date[], instalment_amount numeric[])
RETURNS TABLE (instalment_no integer, due_on date, amount_part numeric, amount_base_part numeric)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 3 SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.no::integer, s.due_on, s.part,
           credit_risk.base_share(amount_base, amount, sum(s.part) OVER (ORDER BY s.no) - s.part, s.part)
    FROM unnest(instalment_due_on, instalment_amount) WITH ORDINALITY s (due_on, part, no)
$$;
COMMENT ON FUNCTION credit_risk.instalments(numeric, numeric, date[], numeric[]) IS
'The instalments (échéances) of an invoice: number from 1, due date, amount in document and in base currency; both sums are the invoice''s.';

CREATE FUNCTION credit_risk.instalments_valid(instalment_due_on date[], instalment_amount numeric[], due_on date, amount numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(cardinality(instalment_due_on) = cardinality(instalment_amount)
                    AND array_ndims(instalment_due_on) = 1 AND array_ndims(instalment_amount) = 1
                    AND array_lower(instalment_due_on, 1) = 1 AND array_lower(instalment_amount, 1) = 1
                    AND bool_and(s.part > 0 AND s.part < 1e18 AND min_scale(s.part) <= 6 AND isfinite(s.due) AND s.part IS NOT NULL AND s.due IS NOT NULL)
                    AND bool_and(coalesce(s.due >= s.due_before, true))
                    AND max(s.due) = due_on AND sum(s.part) = amount, false)
    FROM (SELECT u.due, u.part, lag(u.due) OVER (ORDER BY u.no) AS due_before
          FROM unnest(instalment_due_on, instalment_amount) WITH ORDINALITY u (due, part, no)) s
$$;
COMMENT ON FUNCTION credit_risk.instalments_valid(date[], numeric[], date, numeric) IS
'Whether instalments fit their invoice: as many dates as amounts, dates ascending and the last the due date, amounts positive and their sum the amount. Never NULL.';
