-- Figures of the check.

CREATE FUNCTION insurance_figures(figures jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT '{}'::jsonb $$;
COMMENT ON FUNCTION insurance_figures(jsonb) IS 'Figures of the check.';
