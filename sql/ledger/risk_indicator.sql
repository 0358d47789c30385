-- The risk of each customer at a glance, and whether people who overrode the
-- score were right.

CREATE FUNCTION risk_reasons(customer_id bigint)
RETURNS TABLE (place integer, code text, words_en text, words_fr text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH mine AS (
        SELECT s.*, k.model_id, k.unscored, k.reasons, k.score_id AS last_score
        FROM class_status s
        LEFT JOIN LATERAL (SELECT n.* FROM customer_score n WHERE n.customer_id = s.customer_id AND n.role = 'champion' ORDER BY n.score_id DESC LIMIT 1) k ON true
        WHERE s.customer_id = risk_reasons.customer_id
    )
    SELECT row_number() OVER (ORDER BY r.rank, r.place)::integer, r.code, r.words_en, r.words_fr
    FROM mine m
    CROSS JOIN LATERAL (
        SELECT 1 AS rank, 0::bigint AS place, 'manual_below_cap' AS code,
               format('class %s given by hand does not stand above what happened since', m.manual_class) AS words_en,
               format('la classe %s donnée à la main ne tient pas face à ce qui est survenu depuis', m.manual_class) AS words_fr
        WHERE m.manual_below_cap
        UNION ALL
        SELECT 2, u.place, c.cap, c.reason_en, c.reason_fr
        FROM unnest(m.caps) WITH ORDINALITY u (cap, place) JOIN score_cap c ON c.model_id = m.model_id AND c.cap = u.cap
        UNION ALL
        SELECT 3, 0, 'manual_class', format('class %s given by hand: %s', m.manual_class, m.manual_reason), format('classe %s donnée à la main : %s', m.manual_class, m.manual_reason)
        WHERE m.manual_class IS NOT NULL AND NOT m.manual_below_cap
        UNION ALL
        SELECT 4, 0, 'class_proposed', format('the score asks for class %s', coalesce(m.proposed_class, 'none')), format('le score demande la classe %s', coalesce(m.proposed_class, 'aucune'))
        WHERE m.class_proposal_id IS NOT NULL AND NOT m.proposal_in_effect
        UNION ALL
        SELECT 5, u.place, k.characteristic, coalesce(k.name_en, f.name_en), coalesce(k.name_fr, f.name_fr)
        FROM unnest(m.reasons) WITH ORDINALITY u (characteristic, place)
        JOIN score_characteristic k ON k.model_id = m.model_id AND k.characteristic = u.characteristic JOIN score_figure f USING (figure)
        WHERE m.calculated_class IS NOT NULL AND u.place <= 4
        UNION ALL
        SELECT 6, 0, coalesce(m.unscored, 'never_scored'),
               CASE coalesce(m.unscored, 'never_scored') WHEN 'no_model' THEN 'no score card serves this customer' WHEN 'coverage' THEN 'too little is known for a score' ELSE 'never scored' END,
               CASE coalesce(m.unscored, 'never_scored') WHEN 'no_model' THEN 'aucune grille de score ne s''applique à ce client' WHEN 'coverage' THEN 'trop peu d''informations pour un score' ELSE 'jamais noté' END
        WHERE m.calculated_class IS NULL) r
    ORDER BY r.rank, r.place;
END $$;
COMMENT ON FUNCTION risk_reasons(bigint) IS
'Why a customer has its class, the weightiest first (motifs): an event above a manual class, the rules above the score, the word of a person, what is proposed, the characteristics that cost most of the score, or why there is none. No rows for no such customer.';

CREATE VIEW risk_indicator AS
SELECT s.customer_id, s.code, s.name, s.class_in_force AS risk_class,
       CASE WHEN s.class_in_force IS NULL THEN 'unscored' WHEN s.manual_class IS NOT NULL AND NOT s.manual_below_cap THEN 'manual' ELSE 'scored' END AS status,
       CASE WHEN coalesce(d.in_default, false) OR s.class_in_force > p.amber_to THEN 'red'
            WHEN s.class_in_force <= p.green_to AND NOT s.manual_above_cap AND NOT s.manual_below_cap THEN 'green' ELSE 'amber' END AS light,
       CASE WHEN coalesce(d.in_default, false) THEN array_prepend('in_default', r.codes) ELSE r.codes END AS reason_codes,
       concat_ws('; ', 'Class ' || coalesce(s.class_in_force, 'none'), CASE WHEN d.in_default THEN 'in default since ' || d.since END, r.words_en) AS words_en,
       concat_ws(' ; ', CASE WHEN s.class_in_force IS NULL THEN 'Sans classe' ELSE 'Classe ' || s.class_in_force END, CASE WHEN d.in_default THEN 'en défaut depuis le ' || d.since END, r.words_fr) AS words_fr,
       CASE WHEN s.class_in_force IS NULL THEN r.last_words END AS unscored_reason
FROM class_status s JOIN credit_account a USING (customer_id) CROSS JOIN class_policy p
LEFT JOIN default_status d USING (customer_id)
CROSS JOIN LATERAL (SELECT coalesce(array_agg(q.code ORDER BY q.place), '{}') AS codes, string_agg(q.words_en, '; ' ORDER BY q.place) AS words_en,
                           string_agg(q.words_fr, ' ; ' ORDER BY q.place) AS words_fr, (array_agg(q.code ORDER BY q.place DESC))[1] AS last_words
                    FROM risk_reasons(s.customer_id) q) r;
COMMENT ON VIEW risk_indicator IS
'The risk of every paying customer at a glance (indicateur de risque, feu tricolore): class in force, status (scored, manual, unscored), light (green, amber, red by class_policy; red in default, amber where a person stands above an event or an event above a person, and where there is no class), codes of the reasons, the weightiest first, and one sentence. risk_class is NULL only with status unscored, and unscored_reason says why: never_scored, coverage or no_model.';

CREATE VIEW customer_360 AS
SELECT a.customer_id, c.code, c.name, c.lifecycle, c.siren, c.country, c.agency, c.parent_id, c.blocked, c.credit_mode, c.terms, c.payment_method,
       i.risk_class, i.status AS class_status, s.manual_class, s.manual_reason, s.manual_until, s.calculated_class, s.proposed_class,
       i.light, i.reason_codes, i.words_en, i.words_fr, i.unscored_reason,
       k.score, k.rating, k.pd, k.as_of AS scored_on, (k.figures->>'days_beyond_terms_12m')::numeric AS dbt_12m, (k.figures->>'on_time_pct_12m')::numeric AS on_time_pct_12m,
       e.exposure, e.credit_limit, e.available, e.utilization_pct, e.insured, e.guaranteed, e.own_risk,
       v.cover_limit, v.cover_until, g.total AS receivable, g.overdue, g.oldest_days, g.disputed, g.unapplied,
       c.next_review_on, (SELECT business_date()) - c.next_review_on AS review_days_late,
       (SELECT count(*) FROM alert l WHERE l.customer_id = a.customer_id AND l.closed_on IS NULL) AS open_alerts,
       EXISTS (SELECT FROM watch_list w WHERE w.customer_id = a.customer_id AND w.closed_on IS NULL AND coalesce(w.until >= (SELECT business_date()), true)) AS watched,
       o.acting_owner AS owner, n.next_dunning_on, n.dunning_level
FROM credit_account a JOIN customer c USING (customer_id)
JOIN risk_indicator i USING (customer_id) JOIN class_status s USING (customer_id)
JOIN exposure e USING (customer_id) JOIN ageing_by_customer g USING (customer_id)
LEFT JOIN credit_owner o USING (customer_id)
LEFT JOIN LATERAL (SELECT q.* FROM customer_score q WHERE q.customer_id = a.customer_id AND q.role = 'champion' ORDER BY q.score_id DESC LIMIT 1) k ON true
LEFT JOIN LATERAL (SELECT sum(q.limit_base) AS cover_limit, min(d.valid_to) AS cover_until
                   FROM cover_lines(ARRAY[a.customer_id], ARRAY[(SELECT business_date())]) q LEFT JOIN insurance_cover d ON d.customer_id = a.customer_id AND d.cover_id = q.cover_id) v ON true
LEFT JOIN LATERAL (SELECT min(q.next_action_on) AS next_dunning_on, max(q.dunning_level) AS dunning_level FROM open_item q WHERE q.customer_id = a.customer_id) n ON true;
COMMENT ON VIEW customer_360 IS
'Everything of a paying customer in one row (fiche client): who it is; the class in force, manual and calculated, its light and the reasons in one sentence; score, rating and probability of default; exposure against limit, cover and own risk; the aged balance; review, alerts, owner, dunning. Base currency. dbt_12m and on_time_pct_12m are those of the last score; NULL where there is none or they were missing.';

-- Were they right? -----------------------------------------------------------------------------------

CREATE FUNCTION override_performance(from_day date DEFAULT '-infinity', to_day date DEFAULT 'infinity')
RETURNS TABLE (direction text, cases bigint, complete bigint, defaults bigint, default_pct numeric, over_60 bigint, over_60_pct numeric, expected_pct numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH today AS MATERIALIZED (SELECT business_date() AS day), judged AS MATERIALIZED (
        SELECT a.customer_id, a.opened_on, a.pd,
               CASE WHEN a.kind = 'calculated' THEN 'not overridden' WHEN a.risk_class < a.calculated_class THEN 'up'
                    WHEN a.risk_class > a.calculated_class THEN 'down' ELSE 'as calculated' END AS direction,
               (a.opened_on + interval '12 months')::date AS ends_on
        FROM class_assignment a
        WHERE a.opened_on BETWEEN override_performance.from_day AND override_performance.to_day AND NOT isempty(a.valid)
          AND CASE a.kind WHEN 'manual' THEN a.calculated_class IS NOT NULL
                          ELSE NOT EXISTS (SELECT FROM class_assignment m WHERE m.customer_id = a.customer_id AND m.kind = 'manual' AND m.valid && a.valid) END
    ), late AS MATERIALIZED (      -- the day on which something had been due for more than 60 days
        SELECT DISTINCT f.customer_id, f.day
        FROM (SELECT r.customer_id, r.invoice_id, r.instalment_no, r.due_on + 61 AS day, sum(r.amount) FILTER (WHERE r.effective_on <= r.due_on + 60) AS open
              FROM receivable_fact r
              WHERE r.customer_id IN (SELECT j.customer_id FROM judged j)
              GROUP BY r.customer_id, r.invoice_id, r.instalment_no, r.due_on) f
        WHERE f.open > 0 AND f.day <= (SELECT t.day FROM today t)
    ), outcome AS (
        SELECT j.*, j.ends_on <= t.day AS complete,
               EXISTS (SELECT FROM default_event e
                       WHERE e.customer_id = j.customer_id AND e.reversal_of IS NULL AND e.occurred_on > j.opened_on AND e.occurred_on <= j.ends_on
                         AND NOT EXISTS (SELECT FROM default_event r WHERE r.customer_id = e.customer_id AND r.reversal_of = e.default_event_id)) AS in_default,
               EXISTS (SELECT FROM late l WHERE l.customer_id = j.customer_id AND l.day > j.opened_on AND l.day <= j.ends_on) AS over_60
        FROM judged j CROSS JOIN today t
    )
    SELECT o.direction, count(*), count(*) FILTER (WHERE o.complete), count(*) FILTER (WHERE o.in_default),
           round(100.0 * count(*) FILTER (WHERE o.complete AND o.in_default) / nullif(count(*) FILTER (WHERE o.complete), 0), 2),
           count(*) FILTER (WHERE o.over_60),
           round(100.0 * count(*) FILTER (WHERE o.complete AND o.over_60) / nullif(count(*) FILTER (WHERE o.complete), 0), 2),
           round((100 * avg(o.pd))::numeric, 2)
    FROM outcome o GROUP BY o.direction
    ORDER BY array_position('{up,down,as calculated,not overridden}', o.direction)
$$;
COMMENT ON FUNCTION override_performance(date, date) IS
'Whether people who overrode the score were right (performance des dérogations): classes given by hand beside a calculated one that began between two days, by direction (up = a better class than calculated, down, as calculated), against calculated classes that nobody overrode: cases, those whose 12 months are over (complete), how many defaulted or had something open for more than 60 days after its due date within 12 months, both in percent of the complete ones, and what the scores expected (expected_pct, the average probability of default). Percentages are NULL without cases; a case of a customer counts by period.';
