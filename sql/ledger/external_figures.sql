-- The figures from outside that scores rest on.

INSERT INTO score_figure (figure, family, higher_is_better, unit, name_en, name_fr) VALUES
('cover_answer_pct', 'external', true, '%', 'Insurer''s answer on the amount asked', 'Réponse de l''assureur sur le montant demandé'),
('cover_refused', 'external', false, NULL, 'Cover refused or cancelled', 'Garantie refusée ou résiliée'),
('external_rating', 'external', true, 'of 100', 'External rating', 'Notation externe'),
('firm_age_years', 'external', true, 'years', 'Age of the firm', 'Ancienneté de l''entreprise'),
('legal_form', 'external', NULL, NULL, 'Legal form', 'Forme juridique'),
('employees', 'external', true, NULL, 'Employees', 'Effectif'),
('sector_code', 'external', NULL, NULL, 'Line of business', 'Secteur d''activité'),
('bureau_report', 'external', false, NULL, 'Delays (1) or a lien (2) reported by a bureau', 'Retards (1) ou privilège (2) signalés par un organisme'),
('related_failures', 'external', false, NULL, 'Failures of directors and related companies', 'Défaillances des dirigeants et sociétés liées'),
('negative_news', 'external', false, 'of 5', 'Severity of negative news', 'Gravité des actualités défavorables');

-- What the insurer said of the amount asked, and what he has decided since.
CREATE FUNCTION cover_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, answer_pct numeric, asked boolean, refused boolean, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off SET enable_nestloop = off
AS $$
    WITH answer AS (
        SELECT DISTINCT ON (r.customer_id) r.*
        FROM insurance_request r
        WHERE r.customer_id = ANY (customer_ids) AND r.contract_no IS NULL AND r.outcome IN ('granted', 'partial', 'refused')
          AND r.closed_on <= cover_figures.as_of AND r.closed_at <= cover_figures.known_at
        ORDER BY r.customer_id, r.closed_on DESC, r.closed_at DESC, r.request_id DESC
    ), decided AS (
        SELECT DISTINCT ON (d.customer_id, d.policy_no) d.*
        FROM insurance_cover d
        WHERE d.customer_id = ANY (customer_ids) AND d.contract_no IS NULL AND d.cover_kind IN ('named', 'excluded')
          AND cover_figures.as_of BETWEEN d.valid_from AND coalesce(d.valid_to, 'infinity') AND d.recorded_at <= cover_figures.known_at
        ORDER BY d.customer_id, d.policy_no, d.cover_id DESC
    ), standing AS (
        SELECT d.customer_id, max(d.amount_base) AS amount_base, max(d.recorded_at) AS recorded_at, string_agg(format('%s %s from %s', d.policy_no, d.decision, d.valid_from), ', ' ORDER BY d.policy_no) AS words
        FROM decided d GROUP BY d.customer_id
    ), ended AS (       -- what was granted then and has run out
        SELECT DISTINCT a.customer_id, c.valid_to FROM answer a JOIN insurance_cover c USING (customer_id, request_id)
        WHERE c.valid_to < cover_figures.as_of AND c.recorded_at <= cover_figures.known_at
    )
    SELECT i.customer_id,
           CASE WHEN a.request_id IS NULL THEN CASE WHEN s.amount_base = 0 THEN 0 END
                WHEN d.amount = 0 THEN 0
                WHEN d.cover_id IS NOT NULL AND (a.outcome = 'refused' OR d.recorded_at > a.closed_at) AND d.currency = a.currency THEN least(100 * d.amount / a.amount, 100)
                WHEN d.cover_id IS NULL AND e.customer_id IS NOT NULL THEN NULL
                ELSE least(100 * a.granted_amount / a.amount, 100) END,
           a.request_id IS NOT NULL,
           CASE WHEN s.customer_id IS NOT NULL THEN s.amount_base = 0 WHEN a.outcome = 'refused' THEN true END,
           concat_ws('; ', CASE WHEN a.request_id IS NOT NULL
                                THEN format('%s: %s of %s %s asked, answered %s', a.policy_no, a.granted_amount, a.amount, a.currency, a.closed_on)
                                     || CASE WHEN d.cover_id IS NULL AND e.customer_id IS NOT NULL THEN ', ended ' || e.valid_to ELSE '' END END,
                     CASE WHEN a.request_id IS NULL OR d.recorded_at > a.closed_at THEN s.words END),
           greatest(a.closed_at, s.recorded_at)
    FROM (SELECT a.customer_id FROM answer a UNION SELECT s.customer_id FROM standing s) i
    LEFT JOIN answer a USING (customer_id) LEFT JOIN standing s USING (customer_id) LEFT JOIN ended e USING (customer_id)
    LEFT JOIN decided d ON d.customer_id = a.customer_id AND d.policy_no = a.policy_no
$$;
COMMENT ON FUNCTION cover_figures(bigint[], date, timestamptz) IS
'What the insurer thinks of these customers on a day, as known at an instant: answer_pct, what he grants in percent of what was asked last, as he has reduced or cancelled it since, at most 100 (a refused increase counts what stays); 0 for a refusal or cancellation; NULL where the cover has run out, or was decided without being asked (asked false) and is not zero. refused: a zero decision stands and no other cover does; NULL where nothing is in force. Cover of the buyer, not of contracts, and not what we take ourselves.';

CREATE FUNCTION external_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off SET enable_nestloop = off
AS $$
    WITH cover AS MATERIALIZED (
        SELECT c.* FROM cover_figures(customer_ids, external_figures.as_of, external_figures.known_at) c
    ), watched AS MATERIALIZED (     -- by whom, and for what
        SELECT m.customer_id, bool_or(p.delivers && '{delays,lien}') AS for_reports, bool_or('news' = ANY (p.delivers)) AS for_news,
               string_agg(m.provider, ', ' ORDER BY m.provider) FILTER (WHERE p.delivers && '{delays,lien}') AS report_words,
               string_agg(m.provider, ', ' ORDER BY m.provider) FILTER (WHERE 'news' = ANY (p.delivers)) AS news_words, max(m.recorded_at) AS recorded_at
        FROM monitored_customer m JOIN rating_provider p ON p.code = m.provider AND p.active
        WHERE m.customer_id = ANY (customer_ids)
          AND is_open_as_of(m.opened_on, m.recorded_at, m.closed_on, m.closed_at, external_figures.as_of, external_figures.known_at)
        GROUP BY m.customer_id
    ), profile AS MATERIALIZED (
        SELECT p.* FROM company_profile p
        WHERE p.customer_id = ANY (customer_ids) AND p.valid_from <= external_figures.as_of AND p.recorded_at <= external_figures.known_at
    ), report AS (
        SELECT r.customer_id, max(CASE r.kind WHEN 'lien' THEN 2 ELSE 1 END) AS worst,
               string_agg(concat_ws(' ', r.provider, r.kind, r.creditor, r.reported_on, 'at ' || to_char(r.provider_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC'), ', '
                          ORDER BY r.reported_on, r.bureau_event_id) AS words, max(r.known_at) AS recorded_at
        FROM bureau_reports(customer_ids, external_figures.as_of, external_figures.known_at) r GROUP BY r.customer_id
    ), news AS (
        SELECT n.customer_id, max(n.severity) FILTER (WHERE n.sentiment = 'negative') AS worst, count(*) FILTER (WHERE n.sentiment = 'negative') AS items,
               max(n.published_on) FILTER (WHERE n.sentiment = 'negative') AS last_on, max(n.recorded_at) AS recorded_at
        FROM news_item n CROSS JOIN external_setting s
        WHERE n.customer_id = ANY (customer_ids) AND n.reversal_of IS NULL AND n.published_on <= external_figures.as_of
          AND n.published_on > (external_figures.as_of - make_interval(months => s.news_months))::date AND n.recorded_at <= external_figures.known_at
          AND NOT EXISTS (SELECT FROM news_item x WHERE x.customer_id = ANY (customer_ids) AND x.customer_id = n.customer_id AND x.reversal_of = n.news_id
                                                    AND x.published_on <= external_figures.as_of AND x.recorded_at <= external_figures.known_at)
        GROUP BY n.customer_id
    ), related AS (
        SELECT r.customer_id, count(*) AS parties, max(r.recorded_at) AS recorded_at
        FROM relations_as_of(external_figures.as_of, external_figures.known_at) r WHERE r.customer_id = ANY (customer_ids) GROUP BY r.customer_id
    ), failed AS (
        SELECT f.customer_id, count(DISTINCT coalesce(f.firm_siren, lower(f.firm), f.kind)) AS failures,
               string_agg(DISTINCT concat_ws(' ', coalesce(f.firm, f.firm_siren), f.kind, f.occurred_on), ', ') AS words, max(f.known_at) AS recorded_at
        FROM related_failures(customer_ids, external_figures.as_of, external_figures.known_at) f GROUP BY f.customer_id
    )
    SELECT c.customer_id, 'cover_answer_pct', c.answer_pct, NULL::text, c.source, c.known_at FROM cover c WHERE c.asked OR c.answer_pct IS NOT NULL
    UNION ALL
    SELECT c.customer_id, 'cover_refused', c.refused::integer, NULL, c.source, c.known_at FROM cover c WHERE c.refused IS NOT NULL
    UNION ALL
    SELECT r.customer_id, 'external_rating', r.score, NULL,
           concat_ws('; ', r.why, 'provider''s time ' || to_char(r.provider_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC', nullif(array_to_string(r.ignored, '; '), '')), r.known_at
    FROM rating_in_force(customer_ids, external_figures.as_of, external_figures.known_at) r
    UNION ALL
    SELECT f.customer_id, 'firm_age_years', extract(year FROM age(external_figures.as_of, f.founded_on)), NULL, format('%s: founded %s', f.source, f.founded_on), f.recorded_at
    FROM (SELECT DISTINCT ON (p.customer_id) p.* FROM profile p WHERE p.founded_on <= external_figures.as_of ORDER BY p.customer_id, p.profile_id DESC) f
    UNION ALL
    SELECT f.customer_id, 'legal_form', NULL, f.legal_form, f.source, f.recorded_at
    FROM (SELECT DISTINCT ON (p.customer_id) p.* FROM profile p WHERE p.legal_form IS NOT NULL ORDER BY p.customer_id, p.profile_id DESC) f
    UNION ALL
    SELECT f.customer_id, 'employees', f.employees, NULL, f.source, f.recorded_at
    FROM (SELECT DISTINCT ON (p.customer_id) p.* FROM profile p WHERE p.employees IS NOT NULL ORDER BY p.customer_id, p.profile_id DESC) f
    UNION ALL
    SELECT f.customer_id, 'sector_code', NULL, f.sector_code, f.source, f.recorded_at
    FROM (SELECT DISTINCT ON (p.customer_id) p.* FROM profile p WHERE p.sector_code IS NOT NULL ORDER BY p.customer_id, p.profile_id DESC) f
    UNION ALL
    SELECT i.customer_id, 'bureau_report', coalesce(r.worst, 0), NULL, coalesce(r.words, 'nothing reported, watched by ' || w.report_words), coalesce(r.recorded_at, w.recorded_at)
    FROM (SELECT w.customer_id FROM watched w WHERE w.for_reports UNION SELECT r.customer_id FROM report r) i
    LEFT JOIN report r USING (customer_id) LEFT JOIN watched w USING (customer_id)
    UNION ALL
    SELECT r.customer_id, 'related_failures', coalesce(f.failures, 0), NULL, coalesce(f.words, format('%s related, none has failed', r.parties)), greatest(f.recorded_at, r.recorded_at)
    FROM related r LEFT JOIN failed f USING (customer_id)
    UNION ALL
    SELECT i.customer_id, 'negative_news', coalesce(n.worst, 0), NULL,
           CASE WHEN n.items > 0 THEN format('%s negative, last of %s', n.items, n.last_on) ELSE 'none negative' || coalesce(', watched by ' || w.news_words, '') END, coalesce(n.recorded_at, w.recorded_at)
    FROM (SELECT w.customer_id FROM watched w WHERE w.for_news UNION SELECT n.customer_id FROM news n) i
    LEFT JOIN news n USING (customer_id) LEFT JOIN watched w USING (customer_id)
$$;
COMMENT ON FUNCTION external_figures(bigint[], date, timestamptz) IS
'The figures from outside of these customers, as of a day and as known at an instant, at most one row for each customer and figure: cover_answer_pct, cover_refused, external_rating, firm_age_years, legal_form, employees, sector_code, bureau_report (0 nothing reported, of whom a provider watches), related_failures (where somebody is known to stand behind the firm) and negative_news (highest severity, 0 none). value and word both NULL: known to be missing, source says why; no row: nothing is known.';

CREATE TRIGGER credit_risk_score AFTER INSERT ON insurance_cover
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outside_fact_written('insurance_cover');
CREATE TRIGGER credit_risk_score AFTER UPDATE ON insurance_request
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outside_fact_written('insurance_request');
