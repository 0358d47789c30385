-- Customers against their sector: row 004-06.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('market') \g /dev/null
SET LOCAL search_path = market, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-30';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 9) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (99, 'SITE', 'A site', 1);
CREATE FUNCTION pg_temp.stands(id bigint, figure text, as_of date DEFAULT NULL, known_at timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS $$
    SELECT format('%s: sector q%s %s of %s %s; portfolio %s of %s, median %s', trim_scale(round(value, 2)), coalesce(quartile::text, '-'), coalesce(trim_scale(round(sector_percentile, 2))::text, '-'),
                  coalesce(benchmark_sector, '-'), coalesce(year::text, '-'), coalesce(trim_scale(round(portfolio_percentile, 2))::text, '-'), peers, trim_scale(round(portfolio_median, 2)))
    FROM market.customer_benchmark(id, as_of, known_at) b WHERE b.figure = stands.figure $$;

-- 004-06 Before anything is known ------------------------------------------------------------------
SELECT is_empty('SELECT * FROM customer_benchmark(1)', '004-06 before: no sector, no row');
INSERT INTO customer_sector (customer_id, sector, source) SELECT i, CASE WHEN i = 6 THEN '2511Z' ELSE '46.49z' END, 'INSEE' FROM generate_series(1, 6) i;
SELECT results_eq('SELECT DISTINCT sector, valid_from FROM customer_sector WHERE customer_id < 6', $$VALUES ('4649Z', date '2026-06-30')$$, '004-06 a sector is kept in one spelling');
SELECT is_empty('SELECT * FROM customer_benchmark(1)', '004-06 a sector, but no figure');

-- Equity ratios of five wholesalers, by hand: 10, 20, 20, 40, 50; median 20. One manufacturer: 60.
INSERT INTO financial_statement (customer_id, closing_on, total_assets, equity) VALUES
    (1, '2025-12-31', 100, 10), (2, '2025-12-31', 100, 20), (3, '2025-12-31', 100, 20), (4, '2025-12-31', 100, 40), (5, '2025-12-31', 100, 50), (6, '2025-12-31', 100, 60);
INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, failure_rate_pct, source) VALUES
    ('46', 2024, 'equity_ratio_pct', 15, 25, 45, 2.5, 'sample'), ('46', 2025, 'equity_ratio_pct', 20, 30, 50, 3, 'sample'), ('46', 2027, 'equity_ratio_pct', 90, 90, 90, 3, 'sample');
SELECT results_eq($$SELECT i, pg_temp.stands(i, 'equity_ratio_pct') FROM generate_series(1, 6) i$$, $$VALUES
    (1, '10: sector q4 25 of 46 2025; portfolio 0 of 5, median 20'), (2, '20: sector q3 25 of 46 2025; portfolio 25 of 5, median 20'), (3, '20: sector q3 25 of 46 2025; portfolio 25 of 5, median 20'),
    (4, '40: sector q2 62.5 of 46 2025; portfolio 75 of 5, median 20'), (5, '50: sector q1 75 of 46 2025; portfolio 100 of 5, median 20'),
    (6, '60: sector q- - of - -; portfolio - of 1, median 60')$$, '004-06 percentile among the customers of the sector, and place between its quartiles');
SELECT results_eq($$SELECT customer_id, portfolio_percentile::double precision FROM sector_position WHERE figure = 'equity_ratio_pct' AND sector = '4649Z' ORDER BY customer_id$$,
    $$SELECT s.customer_id, 100 * percent_rank() OVER (ORDER BY s.equity / s.total_assets) FROM financial_statement s WHERE s.customer_id < 6 ORDER BY 1$$, '004-06 which is the window function percent_rank over the fixture');
SELECT is((SELECT failure_rate_pct || ' ' || source || ' ' || unit FROM customer_benchmark(1)), '3 sample %', '004-06 with the failure rate of the sector');
-- The closer sector, and one without quartiles.
INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, source) VALUES ('4649', 2024, 'equity_ratio_pct', 10, 15, 20, 'sample'), ('25', 2025, 'equity_ratio_pct', NULL, 30, NULL, 'sample');
SELECT is(pg_temp.stands(4, 'equity_ratio_pct'), '40: sector q1 75 of 4649 2024; portfolio 75 of 5, median 20', '004-06 the closest sector counts');
SELECT is(pg_temp.stands(6, 'equity_ratio_pct'), '60: sector q- - of 25 2025; portfolio - of 1, median 60', '004-06 a median alone gives no quartile');
DELETE FROM sector_benchmark WHERE sector = '4649';

-- DSO, less is better: open 100 of sales 1000 in a year, 36.5 days; 200: 73; 50: 18.25.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 11, 'A', '2026-01-10', '2026-02-10', 900), (1, 12, 'B', '2026-06-10', '2026-07-10', 100),
    (2, 21, 'A', '2026-01-10', '2026-02-10', 800), (2, 22, 'B', '2026-06-10', '2026-07-10', 200), (3, 31, 'A', '2026-01-10', '2026-02-10', 950), (3, 32, 'B', '2026-06-10', '2026-07-10', 50),
    (4, 41, 'A', '2025-01-10', '2025-02-10', 500);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 1, '2026-02-10', 900), (2, 2, '2026-02-10', 800), (3, 3, '2026-02-10', 950);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (1, 1, 11, 900, '2026-02-10'), (2, 2, 21, 800, '2026-02-10'), (3, 3, 31, 950, '2026-02-10');
SELECT results_eq('SELECT * FROM customer_dso(''{1,2,3,4,5}'', ''2026-06-30'') ORDER BY 1', 'VALUES (1::bigint, 100::numeric, 1000::numeric, 36.5), (2, 200, 1000, 73), (3, 50, 1000, 18.25), (4, 500, 0, NULL)', '004-06 DSO of each customer; without sales none');
SELECT is(pg_temp.stands(1, 'dso'), '36.5: sector q- - of - -; portfolio 50 of 3, median 36.5', '004-06 against our own customers, where the sector has no figure');
INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, source) VALUES ('46', 2025, 'dso', 20, 40, 60, 'sample');
SELECT results_eq($$SELECT i, pg_temp.stands(i, 'dso') FROM generate_series(1, 4) i$$, $$VALUES
    (1, '36.5: sector q2 54.38 of 46 2025; portfolio 50 of 3, median 36.5'), (2, '73: sector q4 25 of 46 2025; portfolio 0 of 3, median 36.5'),
    (3, '18.25: sector q1 75 of 46 2025; portfolio 100 of 3, median 36.5'), (4, NULL)$$, '004-06 where less is better, less is better');
INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, source) VALUES ('46', 2025, 'days_beyond_terms_12m', 2, 8, 20, 'sample');
SELECT is((SELECT quartile FROM customer_benchmark(1) WHERE figure = 'days_beyond_terms_12m'), 1, '004-06 figures of behaviour, too');
SELECT results_eq('SELECT code, figure FROM sector_position WHERE customer_id = 1 ORDER BY 2', $$VALUES ('C1', 'days_beyond_terms_12m'), ('C1', 'dso'), ('C1', 'equity_ratio_pct')$$, '004-06 the view shows all of it');

-- What comes later changes nothing.
SELECT clock_timestamp() AS t \gset
CREATE TEMPORARY TABLE before_it AS SELECT * FROM benchmark_as_of(NULL, '2026-06-30', :'t');
UPDATE ledger SET pinned_date = '2026-09-30';
INSERT INTO customer_sector (customer_id, sector) VALUES (1, '2511Z');
INSERT INTO customer_sector (customer_id, sector, valid_from) VALUES (2, '2511Z', '2026-06-30');
INSERT INTO financial_statement (customer_id, closing_on, total_assets, equity, received_on) VALUES (3, '2025-12-31', 100, 99, '2026-06-15'), (5, '2026-06-30', 100, 1, '2026-09-01');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (1, 'C', '2026-06-20', '2026-07-20', 777);
SELECT bag_eq($$SELECT * FROM benchmark_as_of(NULL, '2026-06-30', '$$ || :'t' || $$')$$, 'SELECT * FROM before_it', '004-06 what is recorded later changes nothing as known before');
SELECT is((SELECT string_agg(sector, ' ' ORDER BY customer_id) FROM sector_as_of('2026-06-30') WHERE customer_id IN (1, 2)), '4649Z 2511Z', '004-06 a sector counts from its day on');
SELECT is((SELECT string_agg(sector, ' ' ORDER BY customer_id) FROM sector_as_of('2026-09-30') WHERE customer_id IN (1, 2)), '2511Z 2511Z', '004-06 and stays until another one');
INSERT INTO company_profile (customer_id, sector_code) VALUES (1, '10.10Z'), (7, '10.10Z'), (7, '10.20Z');
SELECT is((SELECT string_agg(sector, ' ' ORDER BY customer_id) FROM sector_as_of('2026-09-30') WHERE customer_id IN (1, 7)), '2511Z 1020Z', '004-06 where none was recorded, the register''s counts');
SELECT results_eq('SELECT occurred_on, event, detail FROM customer_timeline(1) WHERE object = ''customer_sector'' ORDER BY event_no', $$VALUES (date '2026-06-30', 'sector', '4649Z INSEE'), ('2026-09-30', 'sector', '2511Z')$$, '004-06 and is in the timeline');
UPDATE financial_policy SET max_age_months = 6;
SELECT is((SELECT count(*) FROM customer_benchmark(1) WHERE figure = 'equity_ratio_pct'), 0::bigint, '004-06 accounts that are too old are no figure');

SELECT throws_ok(s, e, NULL, '004-06 ' || s) FROM (VALUES
    ('SELECT * FROM customer_benchmark(999)', 'CR004'), ('SELECT * FROM customer_benchmark(99)', 'CR004'), ('SELECT * FROM customer_benchmark(NULL)', 'CR004'),
    ('INSERT INTO customer_sector (customer_id, sector) VALUES (999, ''1'')', 'CR004'), ('INSERT INTO customer_sector (customer_id, sector) VALUES (1, ''.'')', '23514'), ('INSERT INTO customer_sector (customer_id, sector) VALUES (1, NULL)', '23502'),
    ('UPDATE customer_sector SET sector = ''1''', 'CR010'), ('DELETE FROM customer_sector', 'CR010'), ('TRUNCATE customer_sector', 'CR010'), ('TRUNCATE sector_benchmark', 'CR010'),
    ('INSERT INTO sector_benchmark (sector, year, figure, median, source) VALUES (''46'', 2025, ''happiness'', 1, ''x'')', '22023'),
    ('INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, source) VALUES (''47'', 2025, ''dso'', 3, 2, 4, ''x'')', '23514'), ('INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, source) VALUES (''47'', 2025, ''dso'', 1, 5, 4, ''x'')', '23514'),
    ('INSERT INTO sector_benchmark (sector, year, figure, median, source) VALUES (''47'', 2025, ''dso'', ''NaN'', ''x'')', '23514'), ('INSERT INTO sector_benchmark (sector, year, figure, median, failure_rate_pct, source) VALUES (''47'', 2025, ''dso'', 1, 101, ''x'')', '23514'),
    ('INSERT INTO sector_benchmark (sector, year, figure, median, source) VALUES (''46'', 2025, ''dso'', 1, ''x'')', '23505')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', 'and the ledger is in order');

SELECT * FROM finish();
ROLLBACK;
