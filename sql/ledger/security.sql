-- Figures of the check.

CREATE FUNCTION security_figures(figures jsonb) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT '{}'::jsonb $$;
COMMENT ON FUNCTION security_figures(jsonb) IS 'Figures of the check.';
