-- Malformed scorecards: each is refused with 22023 and says where; whatever is done to a good card, nothing else happens.
SET search_path = credit_risk, public;
CREATE FUNCTION pg_temp.refusal(card jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM credit_risk.check_scorecard(card);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate || ' ' || sqlerrm;
END $$;

-- Of the card itself.
CREATE TEMPORARY TABLE good AS
SELECT '{"scaling": "percent", "characteristics": [{"name": "delay", "edges": [0, 5, 15], "points": [10, 7, 3, 0]},
        {"name": "form", "categories": [["SA", "SAS"], ["SARL"]], "points": [3, 2, 1], "missing": 1}]}'::jsonb AS card;
SELECT pg_temp.refusal(card) AS good, check_scorecard(card) = card AS same, check_scorecard(NULL) IS NULL AS nothing FROM good;
SELECT v.patch, pg_temp.refusal(g.card || v.patch::jsonb) AS refusal
FROM good g CROSS JOIN (VALUES
    (1, '{"scaling": 1}'), (2, '{"scaling": ""}'), (3, '{"scaling": "PERCENT"}'), (4, '{"scaling": ["sum"]}'),
    (5, '{"reference": "best"}'), (6, '{"reference": true}'),
    (7, '{"decimals": -1}'), (8, '{"decimals": 7}'), (9, '{"decimals": 1.5}'), (10, '{"decimals": "2"}'), (11, '{"decimals": 1e300}'), (12, '{"decimals": [2]}'),
    (13, '{"min_coverage_pct": -0.000001}'), (14, '{"min_coverage_pct": 100.000001}'), (15, '{"min_coverage_pct": "NaN"}'), (16, '{"min_coverage_pct": 0.0000001}'),
    (17, '{"base_points": 1}'), (18, '{"base_points": "Infinity", "scaling": "sum"}'), (19, '{"base_points": 1000000000, "scaling": "sum"}'),
    (20, '{"pd_doubling": 0}'), (21, '{"pd_doubling": -1}'), (22, '{"pd_odds": 0}'), (23, '{"pd_odds": {}}'), (24, '{"pd_score": "50"}'),
    (25, '{"characteristics": null}'), (26, '{"characteristics": []}'), (27, '{"characteristics": {}}'), (28, '{"characteristics": "x"}'), (29, '{"characteristics": [1]}'),
    (30, '{"characteristics": [[]]}'), (31, '{"characteristics": [null]}'), (32, '{"weights": 1}'), (33, '{"": 1}')) v (n, patch)
ORDER BY v.n;
SELECT v.card, pg_temp.refusal(v.card::jsonb) AS refusal FROM (VALUES (1, 'null'), (2, '1'), (3, '"card"'), (4, 'true'), (5, '[]'), (6, '[{}]'), (7, '{}')) v (n, card) ORDER BY v.n;

-- Of a characteristic, the second of its card: every message names it.
CREATE TEMPORARY TABLE bad AS
SELECT v.n, v.patch, pg_temp.refusal(jsonb_set(g.card, '{characteristics,1}', CASE WHEN v.patch LIKE '%edges%' THEN (g.card #> '{characteristics,1}') - 'categories' ELSE g.card #> '{characteristics,1}' END || v.patch::jsonb)) AS refusal
FROM good g CROSS JOIN (VALUES
    (1, '{"figure": 1}'), (2, '{"figure": ""}'), (3, '{"family": []}'), (4, '{"family": ""}'), (5, '{"upper_closed": "yes"}'), (6, '{"upper_closed": 1}'),
    (7, '{"weight": 0}'), (8, '{"weight": -1}'), (9, '{"weight": "1"}'), (10, '{"weight": true}'), (11, '{"weight": 1000000000}'), (12, '{"weight": 0.0000001}'), (13, '{"weight": "NaN"}'),
    (14, '{"points": null}'), (15, '{"points": 3}'), (16, '{"points": {}}'), (17, '{"points": []}'), (18, '{"points": [3, 2]}'), (19, '{"points": [3, 2, 1, 0]}'),
    (20, '{"points": [3, "2", 1]}'), (21, '{"points": [3, null, 1]}'), (22, '{"points": [3, [2], 1]}'), (23, '{"points": [3, "NaN", 1]}'), (24, '{"points": [3, "Infinity", 1]}'),
    (25, '{"points": [3, 0.0000001, 1]}'), (26, '{"points": [3, 1e9, 1]}'), (27, '{"points": [3, -1e100, 1]}'), (28, '{"points": [-3, -2, -1], "missing": null}'),
    (29, '{"missing": "1"}'), (30, '{"missing": [1]}'), (31, '{"missing": "NaN"}'), (32, '{"neutral": "1"}'), (33, '{"neutral": 1e10}'), (34, '{"neutral": false}'),
    (35, '{"categories": null}'), (36, '{"categories": "SA"}'), (37, '{"categories": {}}'), (38, '{"categories": ["SA", "SARL"]}'), (39, '{"categories": [["SA"], []]}'),
    (40, '{"categories": [["SA"], [1]]}'), (41, '{"categories": [["SA"], [null]]}'), (42, '{"categories": [["SA"], [["SARL"]]]}'), (43, '{"categories": [["SA"], ["SARL", "SA"]]}'),
    (44, '{"categories": [["SA", "SA"], ["SARL"]]}'), (45, '{"categories": [["SA"]]}'), (46, '{"categories": [["SA"], ["SAS"], ["SARL"]]}'), (47, '{"categories": []}'),
    (48, '{"edges": [0, 5], "categories": [["SA"], ["SARL"]]}'), (49, '{"edges": null}'), (50, '{"edges": 5}'), (51, '{"edges": {}}'), (52, '{"edges": ["0", "5"]}'), (53, '{"edges": [0, null]}'),
    (54, '{"edges": [0, [5]]}'), (55, '{"edges": ["-Infinity", 0]}'), (56, '{"edges": [0, "NaN"]}'), (57, '{"edges": [5, 0]}'), (58, '{"edges": [0, 0]}'), (59, '{"edges": [0, 0.0, 1], "points": [1, 2, 3, 4]}'),
    (60, '{"edges": [0]}'), (61, '{"edges": [0, 1, 2]}'), (62, '{"edges": []}'), (63, '{"edges": [0, 1e40]}'), (64, '{"edges": [-1e5000, 0]}'), (65, '{"edges": [0, 1e-33]}'), (66, '{"edges": [0, 1e-5000]}'),
    (67, '{"edges": [1e-32, 1e30]}'), (68, '{"name": "delay"}'), (69, '{"point": [1]}'), (70, '{"Points": [1]}')) v (n, patch);
SELECT patch, refusal FROM bad ORDER BY n;
SELECT n, patch FROM bad WHERE refusal NOT LIKE '22023 scorecard: characteristic "form": %' AND n <> 68 ORDER BY n;
-- Without a name there is none to say.
SELECT v.patch, pg_temp.refusal(jsonb_set(g.card, '{characteristics,1}', g.card #> '{characteristics,1}' || v.patch::jsonb)) AS refusal
FROM good g CROSS JOIN (VALUES ('{"name": null}'), ('{"name": ""}'), ('{"name": 1}'), ('{"name": ["x"]}')) v (patch);

-- Sizes: nested as deep as jsonb goes, many characteristics, words and edges, weights from the least to the largest.
SELECT pg_temp.refusal(jsonb_set(card, '{characteristics,0,edges}', (repeat('[', 3000) || repeat(']', 3000))::jsonb)) AS edges, pg_temp.refusal(card || jsonb_build_object('x', (repeat('[', 3000) || repeat(']', 3000))::jsonb)) AS unknown,
       pg_temp.refusal(card || jsonb_build_object('characteristics', (repeat('[', 3000) || repeat(']', 3000))::jsonb)) AS characteristics FROM good;
SELECT pg_temp.refusal(jsonb_build_object('characteristics', jsonb_agg(jsonb_build_object('name', 'c' || n, 'edges', '[0]'::jsonb, 'points', '[1, 0]'::jsonb)))) AS "2000 characteristics" FROM generate_series(1, 2000) n;
SELECT pg_temp.refusal(jsonb_build_object('characteristics', jsonb_build_array(jsonb_build_object('name', 'a', 'edges', jsonb_agg(n), 'points', '[1]'::jsonb || jsonb_agg(n))))) AS "20000 edges",
       pg_temp.refusal(jsonb_build_object('characteristics', jsonb_build_array(jsonb_build_object('name', 'a', 'categories', jsonb_agg(jsonb_build_array('w' || n)), 'points', '[1]'::jsonb || jsonb_agg(n))))) AS "20000 groups" FROM generate_series(1, 20000) n;
SELECT pg_temp.refusal(jsonb_build_object('characteristics', jsonb_build_array(jsonb_build_object('name', repeat('n', 100000), 'edges', '[0]'::jsonb, 'points', '[1, 0]'::jsonb)))) AS "a long name";
SELECT w.*, pg_temp.refusal(jsonb_build_object('characteristics', jsonb_build_array(jsonb_build_object('name', 'a', 'edges', '[0]'::jsonb, 'points', '[1, 0]'::jsonb, 'weight', w.one), jsonb_build_object('name', 'b', 'edges', '[0]'::jsonb, 'points', '[1, 0]'::jsonb, 'weight', w.other)))) AS refusal
FROM (VALUES (0.000001, 0.000001), (999999999.999999, 999999999.999999), (0.000001, 1000), (0.000001, 999999999.999999)) w (one, other);
-- An integer against an edge finer than a factor of 64 bits.
SELECT v AS value, score_row('{"characteristics": [{"name": "a", "edges": [0.00000000000000000001], "points": [0, 1]}]}', v) AS score, score_row('{"characteristics": [{"name": "a", "edges": [0.00000000000000000001], "points": [0, 1]}]}', v::numeric) AS of_numeric
FROM unnest(ARRAY[-1, 0, 1, 2, 9223372036854775807]) v;

-- A domain is its base type, in an array too.
CREATE DOMAIN pg_temp.share AS numeric;
SELECT score_row('{"characteristics": [{"name": "a", "edges": [5], "points": [0, 1]}]}', 7::pg_temp.share) AS by_place, score_row('{"characteristics": [{"name": "a", "edges": [5], "points": [0, 1]}]}', VARIADIC ARRAY[7::pg_temp.share]) AS as_array;

-- Mutations of the house's card of trade credit.
CREATE TEMPORARY TABLE trade AS
SELECT jsonb_build_object('model', 'trade', 'version', 1, 'scaling', 'percent', 'base_points', 0, 'decimals', 2, 'min_coverage_pct', 50, 'pd_score', 50, 'pd_odds', 24, 'pd_doubling', 10, 'reference', 'max',
           'characteristics', jsonb_agg(jsonb_build_object('name', v.name, 'figure', v.figure, 'family', 'behaviour', 'edges', to_jsonb(v.edges::numeric[]), 'upper_closed', v.upper_closed,
                                                           'points', to_jsonb(v.points::numeric[]), 'weight', 1, 'missing', NULL, 'neutral', NULL) ORDER BY v.place)
           || '[{"name": "legal_form", "categories": [["SA", "SAS"], ["SARL"]], "points": [3, 2, 1], "missing": 2}]') AS card
FROM (VALUES
    (1, 'payment_delay', 'days_beyond_terms_12m', '{0,5,15,30,60}', true, '{18,15,11,6,2,0}'),
    (2, 'paid_on_time', 'on_time_pct_12m', '{40,60,80,95}', false, '{0,2,5,8,10}'),
    (3, 'oldest_overdue', 'oldest_overdue_days', '{3,15,30,60}', true, '{10,7,4,1,0}'),
    (4, 'delay_trend', 'lateness_trend_days', '{2,7,15}', true, '{6,4,2,0}'),
    (5, 'net_cash', 'net_cash_days', '{-30,0,15}', false, '{0,2,4,5}'),
    (6, 'conan_holder', 'conan_holder', '{-0.05,0.04,0.1,0.16}', true, '{0,1,2,4,5}'),
    (7, 'insurer_answer', 'cover_answer_pct', '{0.01,50,100}', false, '{0,3,6,10}')) v (place, name, figure, edges, upper_closed, points);
CREATE FUNCTION pg_temp.pick(VARIADIC list text[]) RETURNS text LANGUAGE sql VOLATILE AS $$SELECT list[1 + floor(random() * cardinality(list))::integer]$$;
CREATE FUNCTION pg_temp.mutated(card jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    junk jsonb := pg_temp.pick('null', 'true', '0', '-1', '1e9', '1e-20', '1e400', '""', '"x"', '"NaN"', '"Infinity"', '[]', '{}', '[null]', '[[]]', '[1, 2, 3]', '[3, 2, 1]', '[["x"]]', '{"a": 1}', '"percent"', '6', '999999999.999999');
    place integer;
    keys text[];
    path text[] := '{}';
    element jsonb;
BEGIN
    IF card @? '$ ? (@.characteristics.type() != "array" || @.characteristics.size() == 0)' OR card @? '$.characteristics[*] ? (@.type() != "object")' THEN
        RETURN card;
    END IF;
    place := floor(random() * jsonb_array_length(card->'characteristics'));
    IF random() < 0.7 THEN
        path := ARRAY['characteristics', place::text];
    END IF;
    SELECT array_agg(k ORDER BY k) INTO keys FROM jsonb_object_keys(card #> path) k;
    path := path || pg_temp.pick(VARIADIC keys);
    element := card #> path;
    CASE floor(random() * 6)
        WHEN 0 THEN RETURN card #- path;
        WHEN 1 THEN RETURN jsonb_set(card, path, junk);
        WHEN 2 THEN
            IF jsonb_typeof(element) = 'array' AND jsonb_array_length(element) > 0 THEN
                RETURN jsonb_set(card, path, (SELECT jsonb_agg(e ORDER BY random()) FROM jsonb_array_elements(element) e));
            END IF;
            RETURN jsonb_set(card, path, jsonb_build_array(element));
        WHEN 3 THEN
            IF jsonb_typeof(element) = 'array' AND jsonb_array_length(element) > 0 THEN
                RETURN jsonb_set(card, path || floor(random() * jsonb_array_length(element))::integer::text, junk);
            END IF;
            RETURN jsonb_set(card, path, to_jsonb(element #>> '{}'));
        WHEN 4 THEN
            IF jsonb_typeof(element) = 'array' THEN
                RETURN CASE WHEN random() < 0.5 THEN jsonb_set(card, path, element - 0) ELSE jsonb_set(card, path, element || junk) END;
            END IF;
            RETURN jsonb_set(card #- path, path[:cardinality(path) - 1] || pg_temp.pick('edges', 'categories', 'points', 'weight', 'missing', 'name', 'decimals', 'scaling', 'unheard_of'), junk);
        ELSE RETURN jsonb_set(card, ARRAY['characteristics', place::text], card #> ARRAY['characteristics', floor(random() * jsonb_array_length(card->'characteristics'))::integer::text]);
    END CASE;
END $$;
DO $$
DECLARE
    good jsonb := (SELECT card FROM pg_temp.trade);
    card jsonb;
    accepted integer := 0;
    refused integer := 0;
    figures constant jsonb := '{"days_beyond_terms_12m": 7, "on_time_pct_12m": 61.5, "conan_holder": 0.05, "legal_form": "SARL"}';
    ok boolean;
BEGIN
    PERFORM setseed(0.6);
    FOR i IN 1 .. 1500 LOOP
        card := pg_temp.mutated(good);
        IF i % 3 = 0 AND card ? 'characteristics' THEN
            card := pg_temp.mutated(card);
        END IF;
        BEGIN
            IF credit_risk.check_scorecard(card) IS DISTINCT FROM card THEN
                RAISE EXCEPTION 'check_scorecard() changed a card: %', card;
            END IF;
            ok := true;
        EXCEPTION
            WHEN invalid_parameter_value THEN ok := false;
        END;
        IF ok THEN
            -- What is accepted can be evaluated.
            PERFORM credit_risk.score_figures(card, figures), credit_risk.score_coverage(card, figures), credit_risk.score_pd(card, 60);
            PERFORM FROM credit_risk.score_contributions(card, figures);
            PERFORM FROM credit_risk.smallest_change(card, figures, 60);
            accepted := accepted + 1;
        ELSE
            refused := refused + 1;
        END IF;
    END LOOP;
    RAISE NOTICE 'many accepted: %, many refused: %', accepted > 200, refused > 500;
END $$;
