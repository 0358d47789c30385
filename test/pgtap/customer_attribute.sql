-- Attributes of customers: row 003-11 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('attributes') \g /dev/null
SET LOCAL search_path = attributes, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-10';
INSERT INTO customer (customer_id, code, name) SELECT n, 'C' || n, 'Customer ' || n FROM generate_series(1, 5) n;
CREATE FUNCTION pg_temp.figures(id bigint, d date DEFAULT '2026-03-10', t timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', figure, coalesce(trim_scale(value)::text, CASE WHEN word IS NULL THEN 'missing' END), word), ', ' ORDER BY figure) FROM attributes.attribute_figures(ARRAY[id], d, t) $$;

-- Free attributes are kept; those that are defined are figures.
INSERT INTO customer_attribute (customer_id, attribute, value, word) VALUES (1, 'Likes football', NULL, 'yes'), (1, 'sales_team_score', 7, NULL), (2, 'sales_team_score', NULL, 'n/a'), (3, 'sales_team_score', NULL, ' 3.5 ');
SELECT is(pg_temp.figures(1), NULL, '003-11 before: what is not defined is no figure');
SELECT results_eq('SELECT attribute, type, value, word, source FROM customer_attribute_in_force WHERE customer_id = 1 ORDER BY 1', $$VALUES ('Likes football', NULL, NULL::numeric, 'yes', 'crm'), ('sales_team_score', NULL, 7, NULL, 'crm')$$, '003-11 but is kept');
INSERT INTO attribute_definition (attribute, type, words, topic, higher_is_better, unit, name_en, name_fr) VALUES
    ('sales_team_score', 'number', NULL, 'sales', true, 'of 10', 'Score of the sales team', 'Note du commercial'), ('channel', 'word', '{shop,web,export}', 'sales', NULL, NULL, 'Channel', 'Canal'),
    ('loyalty_club', 'boolean', NULL, NULL, true, NULL, 'Loyalty club', 'Club fidélité'), ('customer_since', 'date', NULL, NULL, true, NULL, 'Customer since', 'Client depuis');
SELECT results_eq($$SELECT figure, higher_is_better, unit, name_fr FROM score_figure WHERE family = 'attribute' ORDER BY 1$$,
    $$VALUES ('channel', NULL::boolean, NULL, 'Canal'), ('customer_since', true, 'days', 'Client depuis'), ('loyalty_club', true, NULL, 'Club fidélité'), ('sales_team_score', true, 'of 10', 'Note du commercial')$$, '003-11 each defined attribute is a figure');
SELECT is(concat_ws(' | ', pg_temp.figures(1), pg_temp.figures(2), pg_temp.figures(3)), 'sales_team_score 7 | sales_team_score missing | sales_team_score 3.5', '003-11 what was written before its definition is read by it, or missing');
SELECT is((SELECT source FROM attribute_figures('{2}', '2026-03-10', 'infinity')), 'crm: "n/a" is no number', '003-11 and says why');

-- Ingest by plain INSERT … SELECT of the host's table.
CREATE TABLE crm_export (number text, channel text, loyalty_club text, since text, score text);
INSERT INTO crm_export VALUES ('C1', 'web', 'oui', '2026-03-01', '9'), ('C2', 'export', 'no', '2020-02-29', '8.5'), ('C4', 'shop', '1', '2026-04-01', '-2');
INSERT INTO customer_attribute (customer_id, attribute, word, valid_from, source)
SELECT customer_id(e.number), a.attribute, a.word, '2026-03-05', 'crm export'
FROM crm_export e CROSS JOIN LATERAL (VALUES ('channel', e.channel), ('loyalty_club', e.loyalty_club), ('customer_since', e.since), ('sales_team_score', e.score)) a (attribute, word);
SELECT is(pg_temp.figures(1), 'channel web, customer_since 9 2026-03-01, loyalty_club 1, sales_team_score 9', '003-11 typed: number, word, boolean and date, whose figure is the days since');
SELECT is(concat_ws(' | ', pg_temp.figures(2), pg_temp.figures(4)), 'channel export, customer_since 2201 2020-02-29, loyalty_club 0, sales_team_score 8.5 | channel shop, customer_since -22 2026-04-01, loyalty_club 1, sales_team_score -2', '003-11 of each customer its own');
SELECT is(concat_ws(' | ', pg_temp.figures(1, '2026-03-04'), pg_temp.figures(1, '2026-03-06')), 'channel web, customer_since 5 2026-03-01, loyalty_club 1, sales_team_score 9', '003-11 valid from its day, ages counted to the day asked for');
INSERT INTO customer_attribute (customer_id, attribute, value, valid_from) VALUES (1, 'sales_team_score', 5, '2026-03-08'), (1, 'sales_team_score', 6, '2026-03-07'), (1, 'loyalty_club', NULL, '2026-03-09');
SELECT is(concat_ws(' | ', pg_temp.figures(1, '2026-03-06'), pg_temp.figures(1, '2026-03-08'), pg_temp.figures(1)),
    'channel web, customer_since 5 2026-03-01, loyalty_club 1, sales_team_score 9 | channel web, customer_since 7 2026-03-01, loyalty_club 1, sales_team_score 6 | channel web, customer_since 9 2026-03-01, loyalty_club missing, sales_team_score 6',
    '003-11 the later row wins from its valid_from; one without a value takes back');
SELECT throws_ok(s, e, NULL, '003-11 ' || s) FROM (VALUES
    ('INSERT INTO customer_attribute (customer_id, attribute, word) VALUES (1, ''sales_team_score'', ''good'')', '22023'), ('INSERT INTO customer_attribute (customer_id, attribute, word) VALUES (1, ''channel'', ''Web'')', '22023'),
    ('INSERT INTO customer_attribute (customer_id, attribute, value) VALUES (1, ''loyalty_club'', 2)', '22023'), ('INSERT INTO customer_attribute (customer_id, attribute, word) VALUES (1, ''customer_since'', ''2026-02-30'')', '22023'),
    ('INSERT INTO customer_attribute (customer_id, attribute, word) VALUES (1, ''customer_since'', ''01/02/2026'')', '22023'), ('INSERT INTO customer_attribute (customer_id, attribute, value) VALUES (1, ''customer_since'', 3)', '22023'),
    ('INSERT INTO customer_attribute (customer_id, attribute, value, word) VALUES (1, ''x'', 1, ''a'')', '23514'), ('INSERT INTO customer_attribute (customer_id, attribute, value) VALUES (1, ''x'', ''NaN'')', '23514'), ('INSERT INTO customer_attribute (customer_id, attribute, value) VALUES (99, ''x'', 1)', '23503'),
    ('INSERT INTO customer_attribute (customer_id, attribute, value) VALUES (1, '''', 1)', '23514'), ('INSERT INTO customer_attribute (customer_id, attribute, value, valid_from) VALUES (1, ''x'', 1, ''infinity'')', '23514'),
    ('UPDATE customer_attribute SET value = 1', 'CR010'), ('DELETE FROM customer_attribute', 'CR010'), ('TRUNCATE customer_attribute', 'CR010'),
    ('INSERT INTO attribute_definition (attribute, name_en, name_fr) VALUES (''external_rating'', ''x'', ''x'')', '23505'), ('INSERT INTO attribute_definition (attribute, name_en, name_fr) VALUES (''Bad Name'', ''x'', ''x'')', '23514'),
    ('INSERT INTO attribute_definition (attribute, words, name_en, name_fr) VALUES (''x'', ''{a}'', ''x'', ''x'')', '23514'), ('UPDATE attribute_definition SET type = ''word'' WHERE attribute = ''loyalty_club''', 'CR010'), ('UPDATE attribute_definition SET attribute = ''y'' WHERE attribute = ''loyalty_club''', 'CR010')) v (s, e);
UPDATE attribute_definition SET name_fr = 'Note des ventes' WHERE attribute = 'sales_team_score';
INSERT INTO attribute_definition (attribute, name_en, name_fr) VALUES ('passing', 'x', 'x');
DELETE FROM attribute_definition WHERE attribute = 'passing';
SELECT is((SELECT string_agg(figure || ' ' || name_fr, ', ') FROM score_figure WHERE figure IN ('sales_team_score', 'passing')), 'sales_team_score Note des ventes', '003-11 the figure follows its definition');

-- No look-ahead.
CREATE TEMPORARY TABLE known AS SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at AS at FROM unnest('{2026-03-04,2026-03-10}'::date[]) d, attribute_figures('{1,2,3,4,5}', d, 'infinity') f;
CREATE TEMPORARY TABLE moment AS SELECT clock_timestamp() AS t;
INSERT INTO customer_attribute (customer_id, attribute, value, valid_from) SELECT customer_id, 'sales_team_score', 0, '2026-03-11' FROM customer;
SELECT results_eq('SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM unnest(''{2026-03-04,2026-03-10}''::date[]) d, attribute_figures(''{1,2,3,4,5}'', d, ''infinity'') f ORDER BY 1, 2, 3', 'SELECT * FROM known ORDER BY 1, 2, 3', '003-11 look-ahead: a value valid after D changes nothing as of D');
INSERT INTO customer_attribute (customer_id, attribute, value, valid_from) SELECT customer_id, 'sales_team_score', 0, '2026-01-01' FROM customer;
SELECT results_eq('SELECT d, f.customer_id, f.figure, f.value, f.word, f.source, f.known_at FROM moment, unnest(''{2026-03-04,2026-03-10}''::date[]) d, attribute_figures(''{1,2,3,4,5}'', d, t) f ORDER BY 1, 2, 3', 'SELECT * FROM known ORDER BY 1, 2, 3', '003-11 look-ahead: one recorded after T changes nothing as known at T');
SELECT is(pg_temp.figures(5), 'sales_team_score 0', '003-11 and counts from then on');

-- A factor defined in SQL.
SELECT is_empty('SELECT * FROM custom_figures(''{1,2}'', ''2026-03-10'', ''infinity'')', '003-11 before: no figures of one''s own');
CREATE TABLE attributes.web_shop (number text, visited_on date, visits integer);
INSERT INTO attributes.web_shop VALUES ('C1', '2026-03-01', 40), ('C1', '2026-03-09', 2), ('C2', '2026-03-09', 7), ('C3', '2026-03-11', 99);
INSERT INTO score_figure (figure, family, higher_is_better, name_en, name_fr) VALUES ('shop_visits', 'attribute', true, 'Visits of the web shop', 'Visites de la boutique');
CREATE OR REPLACE FUNCTION attributes.custom_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = attributes, pg_temp AS $$
    SELECT c.customer_id, 'shop_visits', sum(w.visits), NULL::text, 'web shop', NULL::timestamptz
    FROM customer c JOIN web_shop w ON w.number = c.code
    WHERE c.customer_id = ANY (customer_ids) AND w.visited_on <= custom_figures.as_of GROUP BY c.customer_id $$;
SELECT results_eq('SELECT customer_id, figure, value FROM custom_figures(''{1,2,3}'', ''2026-03-10'', ''infinity'') ORDER BY 1', $$VALUES (1::bigint, 'shop_visits', 42::numeric), (2, 'shop_visits', 7)$$, '003-11 a factor defined in SQL over a table of the house');
-- In a card, beside an attribute from the CRM.
CREATE FUNCTION pg_temp.card() RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"model":"crm","version":1,"scaling":"percent","base_points":0,"decimals":2,"min_coverage_pct":50,"characteristics":[
    {"name":"visits","figure":"shop_visits","family":"attribute","edges":[10,30],"upper_closed":false,"points":[1,3,6],"weight":1,"missing":null,"name_en":"Visits","name_fr":"Visites"},
    {"name":"channel","figure":"channel","family":"attribute","categories":[["web","shop"],["export"]],"points":[4,2,1],"weight":1,"missing":null,"name_en":"Channel","name_fr":"Canal"}]}'::jsonb $$;
SELECT is((SELECT string_agg(c.customer_id || ' ' || score_figures(pg_temp.card(), c.figures), ', ' ORDER BY c.customer_id)
           FROM (SELECT f.customer_id, jsonb_object_agg(f.figure, coalesce(to_jsonb(f.value), to_jsonb(f.word))) AS figures
                 FROM (SELECT a.* FROM attribute_figures('{1,2}', '2026-03-10', 'infinity') a UNION ALL SELECT x.* FROM custom_figures('{1,2}', '2026-03-10', 'infinity') x) f GROUP BY 1) c),
    '1 100.00, 2 30.00', '003-11 both are usable in a card: 10 of 10 points, 3 of 10');
SELECT store_scorecard('crm', pg_temp.card()) AS model_id \gset
SELECT results_eq(format('SELECT customer_id, score FROM score_as_of(''2026-03-10'', ''infinity'', ''{1,2}'', %s) ORDER BY 1', :model_id), 'VALUES (1::bigint, 100::numeric), (2, 30)', '003-11 and in a model of the ledger');

SELECT * FROM finish();
ROLLBACK;
