-- Scorecards: evaluated over rows and figures, taken apart, refused.
SET search_path = credit_risk, public;
SET client_min_messages = warning;
CREATE TEMPORARY TABLE card (name text, card jsonb);
INSERT INTO card VALUES
    ('percent', '{"characteristics": [{"name": "delay", "edges": [0, 5, 15], "points": [10, 7, 3, 0]}, {"name": "cover", "edges": [0.01, 50, 100], "upper_closed": false, "points": [0, 3, 6, 10]},
                 {"name": "form", "figure": "legal_form", "categories": [["SA", "SAS"], ["SARL"]], "points": [3, 2, 1]}]}'),
    ('sum', '{"scaling": "sum", "base_points": 487.12, "decimals": 0, "min_coverage_pct": 0, "pd_score": 600, "pd_odds": 50, "pd_doubling": 20,
             "characteristics": [{"name": "delay", "edges": [0, 5, 15], "points": [31.5, 10.25, -7.5, -40], "missing": -3.3}, {"name": "cover", "edges": [50], "points": [-20, 12.345678], "weight": 1.5}]}');

-- Edges: to the band below, or to the one above.
SELECT v, score_row(c.card || '{"min_coverage_pct": 0}', v, NULL, NULL) FROM card c, unnest(ARRAY[-1, 0, 0.0000000000000000000000001, 5, 5.00001, 15, 1e20]) v WHERE c.name = 'percent';
SELECT v, score_row(c.card || '{"min_coverage_pct": 0}', NULL, v, NULL) FROM card c, unnest(ARRAY[0.00999999999999999999, 0.01, 49.9999, 50, 100]) v WHERE c.name = 'percent';
SELECT v, score_row(c.card || '{"min_coverage_pct": 0}', NULL, NULL, v) FROM card c, unnest(ARRAY['SA', 'SARL', 'GIE', '']) v WHERE c.name = 'percent';
-- The same value in every type.
SELECT score_row(c.card, 5::int2, 50::bigint, 'SA'::varchar), score_row(c.card, 5::float4, 50::float8, 'SA'::char(5)), score_row(c.card, 5.0, 50, 'SA'::text), score_row(c.card, true, false, 'SA'::text) FROM card c WHERE c.name = 'percent';
SELECT score_row(c.card, VARIADIC ARRAY[5, 50]) FROM card c WHERE c.name = 'sum';
-- Missing: left out, or with points; too little present.
SELECT score_figures(card, '{"delay": 5, "cover": null}'), score_coverage(card, '{"delay": 5}'), score_figures(card, '{"legal_form": "SA"}'), score_coverage(card, '{"legal_form": "SA"}') FROM card WHERE name = 'percent';
SELECT score_figures(card, '{"cover": 50}'), score_figures(card, '{}'), score_pd(card, 600), score_pd(card, 620) FROM card WHERE name = 'sum';
SELECT score_figures(NULL, '{}'), score_row(NULL, 1), score_pd(card, NULL) FROM card WHERE name = 'sum';

SELECT * FROM card c, score_contributions(c.card, '{"delay": 7, "cover": 0, "legal_form": "GIE", "other": 1}') WHERE c.name = 'percent' \gx
SELECT place, characteristic, value, band, points, max_points, contribution, missing, reason_rank FROM card c, score_contributions(c.card, '{"cover": 40}') WHERE c.name = 'sum';
SELECT x.* FROM card c, smallest_change(c.card, '{"delay": 20, "cover": 0, "legal_form": "SARL"}', 40) x WHERE c.name = 'percent';
SELECT count(*) FROM card c, smallest_change(c.card, '{"delay": 0, "cover": 100, "legal_form": "SA"}', 40) x WHERE c.name = 'percent';

-- Laws, over random cards and rows: the contributions add up exactly, by place and by name it is the same.
SELECT setseed(0.42) \g /dev/null
CREATE TEMPORARY TABLE random_card AS
SELECT n, CASE WHEN n % 2 = 0 THEN 'percent' ELSE 'sum' END AS scaling,
       jsonb_build_object('scaling', CASE WHEN n % 2 = 0 THEN 'percent' ELSE 'sum' END, 'decimals', n % 5, 'min_coverage_pct', 0, 'reference', 'max',
           'characteristics', (SELECT jsonb_agg(jsonb_build_object('name', 'c' || k, 'weight', round((0.1 + random() * 3)::numeric, n % 4 + 1), 'upper_closed', random() < 0.5,
                                       'missing', CASE WHEN random() < 0.3 THEN round((random() * 5)::numeric, 2) END,
                                       'edges', (SELECT jsonb_agg(round((e * 10 + random() * 9)::numeric, n % 6)) FROM generate_series(1, 1 + k % 5) e),
                                       'points', (SELECT jsonb_agg(round((random() * 20 + 0 * e)::numeric, n % 3)) FROM generate_series(0, 1 + k % 5) e)) ORDER BY k)
                               FROM generate_series(1, 3 + n % 9) k WHERE n > 0)) AS card,
       (SELECT jsonb_object_agg('c' || k, CASE WHEN random() < 0.8 THEN to_jsonb(round((random() * 70)::numeric, n % 7)) ELSE 'null' END) FROM generate_series(1, 3 + n % 9) k WHERE n > 0) AS figures
FROM generate_series(1, 2000) n;
SELECT count(*) AS cards, count(score_figures(card, figures)) > 1500 AS most_are_scored,
       count(*) FILTER (WHERE score_figures(card, figures) IS DISTINCT FROM (SELECT sum(x.contribution) FROM score_contributions(card, figures) x)) AS do_not_add_up,
       count(*) FILTER (WHERE scaling = 'percent' AND NOT score_figures(card, figures) BETWEEN 0 AND 100) AS outside
FROM random_card;
-- A change that is proposed reaches its target.
SELECT count(*) > 500 AS many, count(*) FILTER (WHERE x.score_then < t.target) AS short
FROM random_card r CROSS JOIN LATERAL (SELECT score_figures(r.card, r.figures) + 5 AS target) t CROSS JOIN LATERAL smallest_change(r.card, r.figures, t.target) x;
-- Many cards at one place of a loop.
CREATE FUNCTION pg_temp.loop() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    r record;
    c jsonb;
    wrong bigint := 0;
BEGIN
    FOR r IN SELECT random_card.card, random_card.figures, credit_risk.score_figures(random_card.card, random_card.figures) AS score FROM random_card LIMIT 500 LOOP
        c := r.card;
        wrong := wrong + (credit_risk.score_figures(c, r.figures) IS DISTINCT FROM r.score)::integer;
    END LOOP;
    RETURN wrong;
END $$;
SELECT pg_temp.loop();

-- What is refused, and how.
SELECT check_scorecard('[]');
SELECT check_scorecard('{"characteristics": []}');
SELECT check_scorecard('{"charakteristics": []}');
SELECT check_scorecard('{"characteristics": [{"edges": [0], "points": [1, 2]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [1, 2], "wait": 1}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0, 0], "points": [1, 2, 3]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [1]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "categories": [["x"]], "points": [1, 2]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "categories": [["x"], ["x"]], "points": [1, 2, 3]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [1, 2], "weight": 0}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [1, 1e400]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [1, 2]}, {"name": "a", "edges": [0], "points": [1, 2]}]}');
SELECT check_scorecard('{"min_coverage_pct": 101, "characteristics": [{"name": "a", "edges": [0], "points": [1, 2]}]}');
SELECT check_scorecard('{"scaling": "mean", "characteristics": [{"name": "a", "edges": [0], "points": [1, 2]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [0.000001, -999999999]}]}');
SELECT check_scorecard('{"decimals": 6, "characteristics": [{"name": "a", "edges": [0], "points": [10, 0]}, {"name": "b", "edges": [0], "points": [0.001, -99999999]}]}');
SELECT check_scorecard('{"characteristics": [{"name": "a", "edges": [0], "points": [10, 0]}, {"name": "b", "edges": [0], "points": [-5, -10]}]}');
SELECT score_figures('{"characteristics": [{"name": "a", "edges": [0], "points": [10, 0]}, {"name": "b", "edges": [0], "points": [-5, -10], "missing": 0}]}', '{"a": 0, "b": 1}');
SELECT score_row(card, 1, 2) FROM card WHERE name = 'percent';
SELECT score_row(card, 'NaN'::float8, 2, NULL) FROM card WHERE name = 'percent';
SELECT score_row(card, 'NaN'::numeric, 2, NULL) FROM card WHERE name = 'percent';
SELECT score_row(card, now(), 2, NULL) FROM card WHERE name = 'percent';
SELECT score_figures(card, '{"delay": "five"}') FROM card WHERE name = 'percent';
SELECT score_figures(card, '{"delay": [5]}') FROM card WHERE name = 'percent';
SELECT score_figures(card, '[1]') FROM card WHERE name = 'percent';
SELECT score_pd(card, 'Infinity') FROM card WHERE name = 'percent';
