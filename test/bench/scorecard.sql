-- ROWS customers with the figures of a card of 14 characteristics, one in ten
-- of them missing, as numeric and as float8; the card as jsonb and as CASE.
CREATE EXTENSION credit_risk;
CREATE TABLE characteristic (place serial, name text, upper_closed boolean, edges numeric[], points integer[], low numeric, high numeric, decimals integer);
INSERT INTO characteristic (name, upper_closed, edges, points, low, high, decimals) VALUES
    ('payment_delay', true, '{0,5,15,30,60}', '{18,15,11,6,2,0}', -10, 80, 1),
    ('paid_on_time', false, '{40,60,80,95}', '{0,2,5,8,10}', 0, 100, 1),
    ('oldest_overdue', true, '{3,15,30,60}', '{10,7,4,1,0}', 0, 80, 0),
    ('delay_trend', true, '{2,7,15}', '{6,4,2,0}', -5, 20, 1),
    ('broken_promises', true, '{0,1,2}', '{6,3,1,0}', 0, 4, 0),
    ('equity_ratio', false, '{0,10,20,35}', '{0,1,3,5,7}', -10, 50, 1),
    ('financial_charges', true, '{15,40,100}', '{5,3,1,0}', 0, 120, 1),
    ('net_cash', false, '{-30,0,15}', '{0,2,4,5}', -50, 30, 1),
    ('conan_holder', true, '{-0.05,0.04,0.1,0.16}', '{0,1,2,4,5}', -0.1, 0.2, 3),
    ('age_of_accounts', true, '{12,18}', '{3,2,0}', 0, 24, 0),
    ('insurer_answer', false, '{0.01,50,100}', '{0,3,6,10}', 0, 110, 1),
    ('external_rating', false, '{10,30,50,70}', '{0,1,3,6,8}', 0, 100, 0),
    ('age_of_firm', false, '{1,3,5,10}', '{0,1,2,3,4}', 0, 15, 1),
    ('bureau_report', true, '{0,1}', '{3,1,0}', 0, 3, 0);

SELECT setseed(:seed / 1e9) AS seeded \gset
SELECT format('CREATE TABLE firm AS SELECT %s FROM generate_series(1, %s)',
              string_agg(format('CASE WHEN random() < 0.9 THEN round((%s + %s * random())::numeric, %s) END AS %I', low, high - low, decimals, name), ', ' ORDER BY place), :rows),
       format('CREATE TABLE firm_float8 AS SELECT %s FROM firm', string_agg(format('%1$I::float8', name), ', ' ORDER BY place))
FROM characteristic
\gexec
VACUUM (FREEZE, ANALYZE) firm;
VACUUM (FREEZE, ANALYZE) firm_float8;

-- Both ways: percent of the maxima of what is there, nothing where they are
-- less than half of all.  plain is over the points and the present maxima.
CREATE TABLE way AS
SELECT format('credit_risk.score_row(%L::jsonb, %s)',
              jsonb_build_object('model', 'bench', 'decimals', 2, 'min_coverage_pct', 50, 'characteristics',
                  jsonb_agg(jsonb_build_object('name', name, 'edges', edges, 'upper_closed', upper_closed, 'points', points) ORDER BY place)),
              string_agg(quote_ident(name), ', ' ORDER BY place)) AS ours,
       format('CASE WHEN 2 * present >= %s THEN round(100::numeric * points / present, 2) END', sum((SELECT max(p) FROM unnest(points) p))) AS plain,
       format('%s AS points, %s AS present',
              string_agg(format('CASE WHEN %I IS NULL THEN 0 %s ELSE %s END', name,
                                (SELECT string_agg(format('WHEN %I %s %s THEN %s', name, CASE WHEN upper_closed THEN '<=' ELSE '<' END, e, points[n]), ' ' ORDER BY n)
                                 FROM unnest(edges) WITH ORDINALITY u (e, n)),
                                points[cardinality(points)]), ' + ' ORDER BY place),
              string_agg(format('CASE WHEN %I IS NULL THEN 0 ELSE %s END', name, (SELECT max(p) FROM unnest(points) p)), ' + ' ORDER BY place)) AS sums
FROM characteristic;
