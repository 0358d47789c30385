-- Until the rooms of inputs stand.
INSERT INTO score_figure (figure, family, higher_is_better, unit, name_en, name_fr)
SELECT f, split_part(v.x, ':', 1), NULL, NULL, f, f FROM (VALUES
 ('behaviour:days_beyond_terms_12m,on_time_pct_12m,oldest_overdue_days,lateness_trend_days,broken_promises_12m,settled_invoices_12m,defaults_12m,undisputed_over_60,in_proceedings'),
 ('financial:equity_ratio_pct,financial_charges_to_ebitda_pct,net_cash_days,conan_holder,accounts_age_months,annual_sales,equity'),
 ('external:cover_answer_pct,external_rating,firm_age_years,bureau_report,cover_refused')) v (x)
CROSS JOIN LATERAL unnest(string_to_array(split_part(v.x, ':', 2), ',')) f
ON CONFLICT DO NOTHING;
DO $do$
DECLARE room text;
BEGIN
    FOREACH room IN ARRAY '{behaviour,financial,external,attribute,custom}'::text[] LOOP
        IF to_regprocedure(format('%s_figures(bigint[],date,timestamptz)', room)) IS NULL THEN
            EXECUTE format($f$CREATE FUNCTION %I(customer_ids bigint[], as_of date, known_at timestamptz)
            RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, recorded_at timestamptz)
            LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS 'SELECT NULL::bigint, NULL::text, NULL::numeric, NULL::text, NULL::text, NULL::timestamptz WHERE false'$f$, room || '_figures');
        END IF;
    END LOOP;
END $do$;
