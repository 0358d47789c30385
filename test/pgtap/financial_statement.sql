-- Accounts of customers and what they say: rows 001-13, 001-14 and 002-04.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('accounts') \g /dev/null
SET LOCAL search_path = accounts, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-30';
INSERT INTO exchange_rate VALUES ('USD', '2025-12-30', 0.8), ('USD', '2026-01-01', 0.5);
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
UPDATE customer SET siren = '732829320' WHERE customer_id = 7;
INSERT INTO customer (customer_id, code, name, payer_id, siren) VALUES (99, 'SITE', 'A site', 1, '732829320');
CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'passed';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.day(day date) RETURNS void LANGUAGE sql AS $$ UPDATE accounts.ledger SET pinned_date = day $$;
-- In force, by source: sales, which report, since when known.
CREATE FUNCTION pg_temp.in_force(id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s %s r%s %s', source, closing_on, trim_scale(sales), revision, received_on), ', ' ORDER BY closing_on, source, consolidated)
    FROM accounts.financial_statement_in_force WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.figure(id bigint, figure text, as_of date DEFAULT '2026-06-30', known_at timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(round(f.value, 4)::text, 'missing') FROM accounts.financial_figures(ARRAY[id], as_of, known_at) f WHERE f.figure = figure.figure $$;

-- 001-13 Where accounts come from, and how they come in ------------------------------------------
SELECT results_eq('SELECT code, kind, active FROM external_source ORDER BY priority',
    $$VALUES ('infogreffe', 'registry', true), ('inpi', 'registry', true), ('pappers', 'registry', true), ('bureau', 'bureau', true), ('insurer', 'insurer', true),
             ('customer', 'customer', true), ('internal', 'internal', true)$$, '001-13 sources are rows of a registry');
SELECT results_eq($$SELECT a.attname::text COLLATE "C" FROM pg_attribute a WHERE a.attrelid = 'financial_statement'::regclass AND a.atttypid = 'numeric'::regtype AND a.attname <> 'rate' ORDER BY a.attnum$$,
    $$SELECT item COLLATE "C" FROM statement_item WHERE part <> 'header' ORDER BY place$$, '001-13 the items are the columns, and the columns the items');
SELECT is(pg_temp.in_force(1), NULL, '001-13 before: no accounts');
SELECT import_statement(1, 'pappers', '{"date_cloture": "2025-12-31", "date_depot": "2026-05-10", "Chiffre d''affaires": 1500000, "Résultat net": "70 000,50", "capitaux propres": "400000", "duree": 12, "siege": "Lyon", "effectif": 12}') AS first \gset
SELECT results_eq(format('SELECT source, closing_on, filed_on, received_on, months, sales, net_income, equity, employees, currency, rate, revision FROM financial_statement WHERE statement_id = %s', :first),
    $$VALUES ('pappers', date '2025-12-31', date '2026-05-10', date '2026-06-30', 12, 1500000::numeric, 70000.50, 400000::numeric, 12, 'EUR', 1::numeric, 1)$$, '001-13 the answer of a source, by its own names');
SELECT is((SELECT payload->>'siege' FROM financial_statement), 'Lyon', '001-13 is kept as it came');
SELECT is((SELECT notes FROM financial_statement), '{not understood: siege}'::text[], '001-13 and what was not understood is noted');
SELECT is(import_statement(1, 'pappers', '{"closing_on": "2025-12-31", "filed_on": "2026-05-10", "sales": 1500000.00, "net_income": 70000.5, "equity": 400000, "employees": 12, "asked_at": "now"}'), :first::bigint,
    '001-13 the same again is the same row');
SELECT is((SELECT count(*) FROM financial_statement), 1::bigint, '001-13 and writes none');
SELECT import_statement(1, 'pappers', '{"closing_on": "2025-12-31", "filed_on": "2026-05-10", "sales": 1400000, "net_income": 70000.5, "equity": 400000, "employees": 12}') AS second \gset
SELECT is(pg_temp.in_force(1), 'pappers 2025-12-31 1400000 r2 2026-06-30', '001-13 a correction is another row, and in force');
SELECT results_eq('SELECT statement_id, revision, sales FROM financial_statement ORDER BY revision', format('VALUES (%s::bigint, 1, 1500000::numeric), (%s, 2, 1400000)', :first, :second), '001-13 what was said first stays');
SELECT record_statement(1, '2025-12-31', '{"sales": 1450000}') AS third \gset
SELECT is(:third::bigint, (SELECT max(statement_id) FROM financial_statement), '001-13 the customer says otherwise');
SELECT is(pg_temp.in_force(1), 'customer 2025-12-31 1450000 r1 2026-06-30, pappers 2025-12-31 1400000 r2 2026-06-30', '001-13 both stand');
SELECT is((SELECT string_agg(source, ' ') FROM accounts_as_of('{1}', '2026-06-30')), 'pappers', '001-13 the registry counts');
UPDATE external_source SET priority = 1 WHERE code = 'customer';
SELECT is((SELECT string_agg(source, ' ') FROM accounts_as_of('{1}', '2026-06-30')), 'customer', '001-13 unless the customer goes first');
UPDATE external_source SET priority = 50 WHERE code = 'customer';
SELECT is((SELECT count(*) FROM import_statement(2, 'infogreffe', '[{"closing_on": "2024-12-31", "sales": 100}, {"closing_on": "2025-12-31", "sales": 120}]')), 2::bigint, '001-13 several years at once');
SELECT throws_ok($$SELECT import_statement(3, 'infogreffe', '[{"closing_on": "2024-12-31", "sales": 100}, {"closing_on": "2025-12-31", "sales": "much"}]')$$, '22P02', NULL, '001-13 or none of them');
SELECT is(pg_temp.in_force(3), NULL, '001-13 nothing half done');
INSERT INTO financial_statement (customer_id, source, closing_on, sales) VALUES (3, 'bureau', '2025-12-31', 10), (3, 'bureau', '2025-12-31', 10), (3, 'bureau', '2025-12-31', 11), (3, 'bureau', '2024-12-31', 9);
SELECT is(pg_temp.in_force(3), 'bureau 2024-12-31 9 r1 2026-06-30, bureau 2025-12-31 11 r2 2026-06-30', '001-13 a plain INSERT does the same, row after row');
INSERT INTO financial_statement (customer_id, source, closing_on, received_on, sales) VALUES (3, 'bureau', '2024-12-31', '2025-07-01', 9);
SELECT is(pg_temp.in_force(3), 'bureau 2024-12-31 9 r2 2025-07-01, bureau 2025-12-31 11 r2 2026-06-30', '001-13 known earlier than was said is news');
INSERT INTO financial_statement (customer_id, closing_on, consolidated, sales) VALUES (3, '2025-12-31', true, 500);
SELECT is((SELECT string_agg(source, ' ' ORDER BY place) FROM accounts_as_of('{3}', '2026-06-30')), 'bureau bureau', '001-13 accounts of the group do not stand for those of the company');
-- Another company's.
SELECT withdraw_statement((SELECT max(statement_id) FROM financial_statement_in_force WHERE customer_id = 3 AND closing_on = '2024-12-31'), 'of another company') \g /dev/null
SELECT is(pg_temp.in_force(3), 'bureau 2025-12-31 11 r2 2026-06-30, customer 2025-12-31 500 r1 2026-06-30', '001-13 withdrawn accounts are no more');
SELECT is((SELECT count(*) FROM statements_as_of('{3}', '2026-06-29') WHERE closing_on = '2024-12-31'), 1::bigint, '001-13 they were, the day before');
SELECT is(pg_temp.fails(format('SELECT withdraw_statement(%s, ''x'')', :first)),
    'CR012 | financial statement ' || :first || ' is not in force | It is report 1 of 2. | financial_statement_in_force shows the one that is.', '001-13 only what is in force is withdrawn');
-- What does not add up.
INSERT INTO financial_statement (customer_id, statement_id, closing_on, total_assets, fixed_assets, current_assets, inventories, trade_receivables, cash, equity, total_debt, sales, exports)
VALUES (4, 400, '2025-12-31', 1000, 500, 450, 300, 200, 50, 500, 600, 100, 150), (4, 401, '2024-12-31', 1000, 500, 500, 100, 200, 50, 400, 600, 150, 150);
SELECT is((SELECT notes FROM financial_statement WHERE statement_id = 400),
    '{"fixed and current assets are 950, but total assets are 1000","equity and total debt are 1100, but total assets are 1000","inventories, receivables and cash are 550, but current assets are 450","exports are 150, but sales are 100"}'::text[],
    '001-13 accounts that do not add up are noted, not refused');
SELECT is((SELECT notes FROM financial_statement WHERE statement_id = 401), '{}'::text[], '001-13 those that do, are not');
-- Bad input.
SELECT is(pg_temp.fails($$SELECT import_statement(1, 'google', '{"closing_on": "2025-12-31", "sales": 1}')$$),
    'CR007 | there is no source "google" | It is one of infogreffe, inpi, pappers, bureau, insurer, customer, internal, or a new row of external_source.', '001-13 no such source');
SELECT is(pg_temp.fails($$SELECT record_statement(99, '2025-12-31', '{"sales": 1}')$$), 'CR004 | customer "SITE" has another payer | Record the accounts of the company that pays: customer 1.', '001-13 a site has no accounts');
SELECT is(pg_temp.fails($$SELECT record_statement(1, '2025-12-31', '{"sales": 1, "ca": 2}')$$), '22023 | the accounts give sales twice: 2 and 1 | The second stands under "sales".', '001-13 the same item twice');
SELECT is(pg_temp.fails($$SELECT record_statement(1, '2025-12-31', '{"sales": "1,234"}')$$), '22P02 | item "sales" of the accounts: amount "1,234" can be read in two ways', '001-13 an amount that can be read in two ways');
UPDATE external_source SET active = false WHERE code = 'internal';
SELECT throws_ok(s, e, NULL, '001-13 ' || s) FROM (VALUES
    ($$SELECT record_statement(999, '2025-12-31', '{"sales": 1}')$$, 'CR004'), ($$SELECT record_statement(NULL, '2025-12-31', '{"sales": 1}')$$, 'CR004'),
    ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', 'internal')$$, 'CR012'), ($$SELECT record_statement(1, NULL, '{"sales": 1}')$$, '22023'),
    ($$SELECT record_statement(1, '2026-12-31', '{"sales": 1}')$$, 'CR003'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', filed_on => '2025-12-30')$$, 'CR003'),
    ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', filed_on => '2026-05-02', received_on => '2026-05-01')$$, 'CR003'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', filed_on => '2026-07-01')$$, 'CR003'),
    ($$SELECT record_statement(1, 'infinity', '{"sales": 1}')$$, 'CR003'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', months => 0)$$, '23514'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', months => 25)$$, '23514'),
    ($$SELECT record_statement(1, '2025-12-31', '{"sales": -1}')$$, '23514'), ($$SELECT record_statement(1, '2025-12-31', '{"equity": 2, "total_assets": 1}')$$, '23514'), ($$SELECT record_statement(1, '2025-12-31', '{}')$$, '23514'),
    ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1e18}')$$, '23514'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": "NaN"}')$$, '22P02'), ($$INSERT INTO financial_statement (customer_id, closing_on, sales) VALUES (1, '2025-12-31', 'NaN')$$, '23514'),
    ($$SELECT record_statement(1, '2025-12-31', '{"sales": 0.001}')$$, 'CR011'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": 1}', currency => 'EURO')$$, '22023'), ($$SELECT record_statement(1, '2025-12-31', '{"sales": [1]}')$$, '22023'),
    ($$SELECT import_statement(1, 'bureau', '{"closing_on": "2025-12-31", "consolidated": "perhaps"}')$$, '22P02'), ($$SELECT record_statement(1, '2025-12-31', '{"filed_on": "soon", "sales": 1}')$$, '22007'), ($$SELECT import_statement(1, 'pappers', '"x"')$$, '22023'),
    ('SELECT import_statement(1, ''pappers'', NULL)', '22023'), ('SELECT withdraw_statement(-1, ''x'')', 'CR007'), (format('SELECT withdraw_statement(%s, NULL)', :second), '22023'),
    ('UPDATE financial_statement SET sales = 1', 'CR010'), ('DELETE FROM financial_statement', 'CR010'), ('TRUNCATE financial_statement', 'CR010'), ('UPDATE external_source SET priority = 0', '23514'),
    ('INSERT INTO financial_statement (customer_id, closing_on, source, withdrawn) VALUES (1, ''2025-12-31'', ''pappers'', true)', '23514')) v (s, e);
SELECT results_eq($$SELECT statement_amount(v) FROM unnest('{1234567.89,"1 234 567,89","(1 234)",-5,"12,5",+.5,"1'' 000"}'::text[]) v$$,
    'VALUES (1234567.89), (1234567.89), (-1234), (-5), (12.5), (.5), (1000)', '001-13 amounts as accounts write them');
SELECT results_eq($$SELECT statement_key(v) FROM unnest('{"Chiffre d''affaires","Dettes à + d''un an",EBE}'::text[]) v$$, $$VALUES ('chiffre_d_affaires'), ('dettes_a_d_un_an'), ('ebe')$$, '001-13 names in one spelling');

-- Text in bulk.
INSERT INTO financial_statement_staging (customer, siren, source, closing_on, months, sales, equity) VALUES
    ('C5', NULL, 'bureau', '2025-12-31', NULL, '1 000 000,00', '(50 000)'), ('C6', NULL, NULL, '2025-06-30', '18', '300000', NULL),
    (NULL, '732 829 320', 'bureau', '2025-12-31', NULL, '7', NULL), ('NOBODY', NULL, 'bureau', '2025-12-31', NULL, '1', NULL), (NULL, NULL, 'bureau', '2025-12-31', NULL, '1', NULL),
    ('C5', NULL, 'bureau', '31 next month', NULL, '1', NULL), ('C5', NULL, 'bureau', '2024-12-31', NULL, 'lots', NULL), ('C5', NULL, 'bureau', '2027-12-31', NULL, '1', NULL);
SELECT is(pg_temp.in_force(5) || '; ' || pg_temp.in_force(6) || '; ' || pg_temp.in_force(7), 'bureau 2025-12-31 1000000 r1 2026-06-30; customer 2025-06-30 300000 r1 2026-06-30; bureau 2025-12-31 7 r1 2026-06-30',
    '001-13 staged text: good rows are accounts, by code or SIREN');
SELECT results_eq('SELECT problem FROM financial_statement_staging ORDER BY staging_id', $$VALUES
    ('there is no customer with code "NOBODY"'), ('it names no customer: give its code or SIREN'),
    ('item "closing_on" of the accounts: invalid input syntax for type date: "31 next month".'), ('item "sales" of the accounts: "lots" is no amount.'),
    ('accounts closed on 2027-12-31, filed on - and received on 2026-06-30 cannot be known yet. The business date is 2026-06-30. Forecasts are no accounts.')$$, '001-13 bad rows stay and say why');
SELECT is(file_statements(), 0::bigint, '001-13 they stay bad until they are corrected');
UPDATE financial_statement_staging SET sales = '900000' WHERE sales = 'lots';
SELECT is(file_statements(), 1::bigint, '001-13 then they are filed');
SELECT is((SELECT sales FROM financial_statement_in_force WHERE customer_id = 5 AND closing_on = '2024-12-31'), 900000::numeric, '001-13 as accounts');
SELECT is((SELECT count(*) FROM financial_statement_staging), 4::bigint, '001-13 and leave');
DELETE FROM financial_statement_staging;
COPY financial_statement_staging (customer, source, closing_on, total_assets, sales) FROM stdin;
C5	bureau	2025-12-31	2000000	1000000
C8	bureau	2025-12-31	10	20
C8	bureau	2025-12-31	10	20
\.
SELECT is((SELECT count(*) FROM financial_statement_staging), 0::bigint, '001-13 COPY too');
SELECT is(pg_temp.in_force(5) || '; ' || pg_temp.in_force(8), 'bureau 2024-12-31 900000 r1 2026-06-30, bureau 2025-12-31 1000000 r2 2026-06-30; bureau 2025-12-31 20 r1 2026-06-30', '001-13 corrects, and says nothing twice');
COPY financial_statement (customer_id, closing_on, sales) FROM stdin;
9	2025-12-31	5
9	2025-12-31	5
\.
SELECT is(pg_temp.in_force(9), 'customer 2025-12-31 5 r1 2026-06-30', '001-13 COPY of accounts themselves, too');
SELECT results_eq($$SELECT occurred_on, event, detail FROM customer_timeline(3) WHERE object = 'financial_statement' ORDER BY event_no LIMIT 2$$,
    $$VALUES (date '2026-06-30', 'accounts', 'bureau, closed on 2025-12-31, report 1'), ('2026-06-30', 'accounts', 'bureau, closed on 2025-12-31, report 2')$$, '001-13 accounts are in the customer''s timeline');

-- 001-14 Ratios, by hand on one balance sheet ------------------------------------------------------
-- Assets 1000 = fixed 450 + current 550 (stocks 170, customers 260, other 70, cash 50); liabilities: equity 400 (capital 220, reserves 150, result 30), long-term 250, current 350.
SELECT record_statement(20, '2025-12-31', '{"total_assets": 1000, "fixed_assets": 450, "current_assets": 550, "inventories": 170, "trade_receivables": 260, "other_receivables": 70, "cash": 50,
    "share_capital": 220, "retained_earnings": 150, "equity": 400, "provisions": 0, "long_term_debt": 250, "financial_debt": 300, "bank_overdrafts": 20, "trade_payables": 180, "tax_and_social_debt": 96, "current_liabilities": 350,
    "total_debt": 600, "sales": 1460, "exports": 365, "value_added": 480, "personnel_costs": 300, "ebitda": 180, "depreciation": 60, "ebit": 120, "financial_income": 5, "financial_charges": 25,
    "profit_before_tax": 100, "net_income": 70, "cash_flow": 120}', 'infogreffe', filed_on => '2026-05-31') AS golden \gset
SELECT record_statement(20, '2024-12-31', '{"total_assets": 800, "equity": 400, "sales": 1000, "ebit": 100}', 'infogreffe') \g /dev/null
SELECT is((SELECT notes FROM financial_statement WHERE statement_id = :golden), '{}'::text[], '001-14 the sample adds up');
SELECT results_eq('SELECT ratio, round(value, 6), unit, reason FROM financial_ratios(20)', $$VALUES
    ('annual_sales', 1460.000000, 'base currency', NULL::text),
    ('ebit_margin_pct', 8.219178, '%', NULL),                          -- 120 / 1460
    ('net_financial_charges_to_ebitda_pct', 11.111111, '%', NULL),     -- (25 - 5) / 180
    ('working_capital_days', 50.000000, 'days', NULL),                 -- (550 - 350) × 365 / 1460
    ('net_cash_days', 7.500000, 'days', NULL),                         -- (50 - 20) × 365 / 1460
    ('financing_capacity_pct', 8.219178, '%', NULL),                   -- 120 / 1460
    ('tax_and_social_debt_to_value_added_pct', 20.000000, '%', NULL),  -- 96 / 480
    ('equity_ratio_pct', 40.000000, '%', NULL),
    ('gearing_pct', 62.500000, '%', NULL),                             -- (300 - 50) / 400
    ('debt_repayment_years', 2.500000, 'years', NULL),                 -- 300 / 120
    ('current_ratio', 1.571429, NULL, NULL),                           -- 550 / 350
    ('quick_ratio', 1.085714, NULL, NULL),                             -- 380 / 350
    ('cash_ratio', 0.142857, NULL, NULL),                              -- 50 / 350
    ('ebitda_margin_pct', 12.328767, '%', NULL),                       -- 180 / 1460
    ('net_margin_pct', 4.794521, '%', NULL),                           -- 70 / 1460
    ('financial_charges_to_ebitda_pct', 13.888889, '%', NULL),         -- 25 / 180
    ('financial_charges_to_sales_pct', 1.712329, '%', NULL),           -- 25 / 1460
    ('personnel_costs_to_value_added_pct', 62.500000, '%', NULL),      -- 300 / 480
    ('return_on_equity_pct', 17.500000, '%', NULL),                    -- 70 / 400
    ('asset_turnover', 1.460000, NULL, NULL),
    ('export_share_pct', 25.000000, '%', NULL),
    ('conan_holder', 0.198403, NULL, NULL),                            -- 0.24×0.3 + 0.22×0.65 + 0.16×0.38 - 0.87×25/1460 - 0.10×0.625
    ('altman_z_prime', 2.380370, NULL, NULL),                          -- 0.717×0.2 + 0.847×0.15 + 3.107×0.12 + 0.420×400/600 + 0.998×1.46
    ('altman_z_double_prime', 3.307400, NULL, NULL),                   -- 6.56×0.2 + 3.26×0.15 + 6.72×0.12 + 1.05×400/600
    ('springate_s', 1.346971, NULL, NULL),                             -- 1.03×0.2 + 3.07×0.12 + 0.66×100/350 + 0.40×1.46
    ('zmijewski_x', -1.238224, NULL, NULL),                            -- -4.336 - 4.513×0.07 + 5.679×0.6 + 0.004×550/350
    ('equity', 400.000000, 'base currency', NULL), ('total_assets', 1000.000000, 'base currency', NULL), ('total_debt', 600.000000, 'base currency', NULL),
    ('cash', 50.000000, 'base currency', NULL), ('annual_net_income', 70.000000, 'base currency', NULL)$$, '001-14 every ratio of the sample balance sheet, computed by hand');
SELECT results_eq($$SELECT ratio, previous_value, round(change, 6) FROM financial_ratios(20) WHERE previous_value IS NOT NULL$$, $$VALUES
    ('annual_sales', 1000::numeric, 460.000000), ('ebit_margin_pct', 10, -1.780822), ('equity_ratio_pct', 50, -10.000000), ('asset_turnover', 1.25, 0.210000), ('equity', 400, 0.000000), ('total_assets', 800, 200.000000)$$,
    '001-14 the change since the year before');
SELECT is((SELECT count(*) FROM financial_ratios(20)), (SELECT count(*) FROM financial_ratio), '001-14 one row a ratio');
SELECT is((SELECT string_agg(ratio, ' ') FROM financial_ratios(20) WHERE kind = 'afdcc'),
    'annual_sales ebit_margin_pct net_financial_charges_to_ebitda_pct working_capital_days net_cash_days financing_capacity_pct tax_and_social_debt_to_value_added_pct', '001-14 those of the AFDCC score first');
SELECT is((SELECT string_agg(format('%s %s', ratio, trim_scale(value)), ', ') FROM financial_ratios(20, '2024-12-31') WHERE value IS NOT NULL), 'annual_sales 1000, ebit_margin_pct 10, equity_ratio_pct 50, asset_turnover 1.25, equity 400, total_assets 800', '001-14 of another closing');
-- Nothing to divide by, and what is not known.
INSERT INTO financial_statement (customer_id, closing_on, sales, ebit, ebitda, financial_charges, equity, financial_debt, cash, value_added, tax_and_social_debt, total_assets) VALUES (21, '2025-12-31', 0, 5, -10, 3, -50, 20, 5, 0, 1, 0);
SELECT results_eq($$SELECT ratio, value, reason FROM financial_ratios(21) WHERE ratio IN ('annual_sales', 'ebit_margin_pct', 'financial_charges_to_ebitda_pct', 'gearing_pct', 'tax_and_social_debt_to_value_added_pct', 'equity_ratio_pct', 'net_cash_days', 'current_ratio')$$, $$VALUES
    ('annual_sales', 0::numeric, NULL), ('ebit_margin_pct', NULL, 'divided by 0: sales'), ('net_cash_days', NULL, 'missing: bank overdrafts'), ('tax_and_social_debt_to_value_added_pct', NULL, 'divided by 0: value added'),
    ('equity_ratio_pct', NULL, 'divided by 0: total assets'), ('gearing_pct', NULL, 'not above 0: equity, -50'), ('current_ratio', NULL, 'missing: current assets, current liabilities'),
    ('financial_charges_to_ebitda_pct', NULL, 'not above 0: EBITDA, -10')$$, '001-14 what is divided by nothing, or lacks an item, is NULL and says why');
SELECT is_empty('SELECT FROM financial_ratios(21) WHERE (value IS NULL) = (reason IS NULL)', '001-14 a value or a reason, never both or none');
INSERT INTO financial_statement (customer_id, closing_on, equity, long_term_debt, total_debt, total_assets, current_assets, inventories, financial_charges, sales, personnel_costs, value_added, ebitda)
VALUES (22, '2025-12-31', 10, 0, 0, 10, 10, 0, 0, 5, 0, 1, 1);
SELECT is((SELECT reason FROM financial_ratios(22) WHERE ratio = 'conan_holder'), 'the score is not defined for these accounts: debt, total assets, sales and value added above 0', '001-14 a score outside its domain');
SELECT is_empty('SELECT * FROM financial_ratios(40)', '001-14 no accounts, no row');
SELECT is(pg_temp.fails('SELECT * FROM financial_ratios(20, ''2023-12-31'')'), 'CR007 | no accounts of customer 20 closed on 2023-12-31 are known | Closings on file: 2025-12-31, 2024-12-31.', '001-14 no such closing');
SELECT throws_ok('SELECT * FROM financial_ratios(40, ''2023-12-31'')', 'CR007', NULL, '001-14 nor without any');
-- A year of 18 months, of 7, and in dollars.
INSERT INTO financial_statement (customer_id, closing_on, months, currency, sales, ebit, cash, bank_overdrafts, total_assets, equity) VALUES
    (23, '2025-12-31', 18, 'EUR', 1500, 150, 100, 0, 500, 100), (24, '2025-12-31', 7, 'EUR', 700, 70, 100, 0, 500, 100), (25, '2025-12-31', 12, 'USD', 1000, 100, 100, 0, 500, 100), (26, '2025-11-30', 12, 'USD', 1000, 100, 100, 0, 500, 100);
SELECT is((SELECT string_agg(trim_scale(round(value, 4))::text, ' ' ORDER BY customer_id, place) FROM unnest('{23,24,25,26}'::bigint[]) i (id) CROSS JOIN LATERAL financial_ratios(id) r JOIN financial_ratio f USING (ratio)
           CROSS JOIN LATERAL (SELECT id) c (customer_id) WHERE ratio IN ('annual_sales', 'ebit_margin_pct', 'net_cash_days', 'equity')),
    '1000 10 36.5 100 1200 10 30.4167 100 800 10 36.5 80 10 36.5', '001-14 sales of 12 months, in base currency at the rate of the closing date');
SELECT is((SELECT reason FROM financial_ratios(26) WHERE ratio = 'annual_sales'), 'no exchange rate from USD for 2025-11-30 was known', '001-14 without a rate an amount is missing, the ratios are not');
INSERT INTO exchange_rate VALUES ('USD', '2025-11-30', 0.9);
INSERT INTO financial_statement (customer_id, closing_on, months, currency, sales, ebit, cash, bank_overdrafts, total_assets, equity) VALUES (26, '2025-11-30', 12, 'USD', 1000, 100, 100, 0, 500, 100);
SELECT is((SELECT value FROM financial_ratios(26) WHERE ratio = 'annual_sales'), 900::numeric, '001-14 recorded again, it has the rate');

-- 002-04 Figures of the accounts for scores, and their age -----------------------------------------
SELECT results_eq($$SELECT figure, round(value, 4), word, source FROM financial_figures('{20}', '2026-06-30', 'infinity') ORDER BY figure$$, $$VALUES
    ('accounts_age_months', 6.0000, NULL::text, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('altman_z_double_prime', 3.3074, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('annual_net_income', 70.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('annual_sales', 1460.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('cash', 50.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('conan_holder', 0.1984, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('current_ratio', 1.5714, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('debt_repayment_years', 2.5000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('ebit_margin_pct', 8.2192, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('equity', 400.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('equity_ratio_pct', 40.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('financial_charges_to_ebitda_pct', 13.8889, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('gearing_pct', 62.5000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('net_cash_days', 7.5000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('sales_change_pct', 46.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31 against infogreffe, accounts of 2024-12-31'),
    ('tax_and_social_debt_to_value_added_pct', 20.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'), ('total_debt', 600.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31'),
    ('working_capital_days', 50.0000, NULL, 'infogreffe, accounts of 2025-12-31, filed 2026-05-31')$$, '002-04 sales, debts, cash and what follows, each with its source');
SELECT set_eq($$SELECT figure FROM score_figure WHERE family = 'financial'$$, $$SELECT figure FROM financial_figures('{20}', '2026-06-30', 'infinity')$$, '002-04 every figure of the family');
SELECT is(pg_temp.figure(21, 'financial_charges_to_ebitda_pct'), '999.0000', '002-04 no EBITDA: charges cannot be borne');
SELECT is((SELECT source FROM financial_figures('{21}', '2026-06-30', 'infinity') WHERE figure = 'net_cash_days'), 'customer, accounts of 2025-12-31; missing: bank overdrafts', '002-04 a missing item is missing, not zero');
SELECT is_empty($$SELECT * FROM financial_figures('{40}', '2026-06-30', 'infinity')$$, '002-04 no accounts: nothing is known');
SELECT results_eq($$SELECT accounts_age_months(c, d) FROM (VALUES (date '2023-12-31', date '2023-12-31'), ('2023-12-31', '2024-12-31'), ('2023-12-31', '2025-12-31'), ('2023-12-31', '2026-01-01'), ('2024-02-29', '2025-02-28'),
    ('2024-06-30', '2024-12-31'), ('2024-01-15', '2024-02-15'), ('2024-01-15', '2024-02-16'), ('2024-01-15', '2024-02-10'), (NULL, '2024-01-01')) v (c, d)$$, 'VALUES (0), (12), (24), (25), (12), (6), (1), (2), (1), (NULL)', '002-04 months that have begun');
SELECT is(pg_temp.figure(20, 'equity_ratio_pct', '2027-12-31') || ' ' || pg_temp.figure(20, 'accounts_age_months', '2027-12-31'), '40.0000 24.0000', '002-04 accounts of 24 months count');
SELECT results_eq($$SELECT DISTINCT value, word, source FROM financial_figures('{20}', '2028-01-01', 'infinity')$$, $$VALUES (NULL::numeric, NULL::text, 'accounts of 2025-12-31 are 25 months old, more than 24')$$, '002-04 older ones are missing, every figure of them');
SELECT is((SELECT count(*) FROM financial_figures('{20}', '2028-01-01', 'infinity')), (SELECT count(*) FROM score_figure WHERE family = 'financial'), '002-04 and said so of each');
UPDATE financial_policy SET max_age_months = 25;
SELECT is(pg_temp.figure(20, 'equity_ratio_pct', '2028-01-01'), '40.0000', '002-04 the maximum is the house''s to set');
UPDATE financial_policy SET max_age_months = 5;
SELECT is(pg_temp.figure(20, 'equity_ratio_pct'), 'missing', '002-04 either way');
UPDATE financial_policy SET max_age_months = 24;
-- The law: what comes later, changes nothing.
CREATE TEMPORARY TABLE before_it AS SELECT * FROM financial_figures(ARRAY(SELECT generate_series(1, 40)), '2026-06-30', 'infinity');
SELECT clock_timestamp() AS t \gset
CREATE TEMPORARY TABLE back_then AS SELECT * FROM financial_figures(ARRAY(SELECT generate_series(1, 40)), '2026-06-15', :'t');
SELECT record_statement(20, '2025-12-31', '{"total_assets": 900, "equity": 1, "sales": 5}', 'infogreffe') \g /dev/null
SELECT is(pg_temp.figure(20, 'equity_ratio_pct'), '0.1111', '002-04 a correction counts at once');
SELECT bag_eq($$SELECT * FROM financial_figures(ARRAY(SELECT generate_series(1, 40)), '2026-06-30', '$$ || :'t' || $$')$$, 'SELECT * FROM before_it', '002-04 what is recorded later changes nothing as known before');
SELECT pg_temp.day('2026-09-30') \g /dev/null
SELECT record_statement(20, '2026-06-30', '{"total_assets": 10, "equity": 9, "sales": 5}', 'infogreffe', months => 6, filed_on => '2026-09-01', received_on => '2026-09-02') \g /dev/null
SELECT record_statement(20, '2025-12-31', '{"total_assets": 10, "equity": 8, "sales": 5}', 'infogreffe', filed_on => '2026-07-01', received_on => '2026-07-02') \g /dev/null
INSERT INTO exchange_rate VALUES ('USD', '2025-12-31', 0.1);
SELECT is(pg_temp.figure(20, 'equity_ratio_pct'), '0.1111', '002-04 accounts that were filed later change nothing as of before');
SELECT is(pg_temp.figure(25, 'annual_sales'), '800.0000', '002-04 nor does a rate that was learnt later');
SELECT is(pg_temp.figure(20, 'equity_ratio_pct', '2026-09-30'), '90.0000', '002-04 they do from then on');
SELECT bag_eq($$SELECT * FROM financial_figures(ARRAY(SELECT generate_series(1, 40)), '2026-06-15', '$$ || :'t' || $$')$$, 'SELECT * FROM back_then', '002-04 the past stays');
SELECT is((SELECT known_at FROM financial_figures('{20}', '2026-09-30', 'infinity') WHERE figure = 'equity'), (SELECT recorded_at FROM financial_statement WHERE closing_on = '2026-06-30' AND customer_id = 20), '002-04 and say when they were recorded');
-- A new fact has its customer scored again.
UPDATE ledger SET scoring = 'night';
DELETE FROM score_queue;
SELECT record_statement(20, '2026-06-30', '{"total_assets": 10, "equity": 7}', 'infogreffe', months => 6) \g /dev/null
SELECT record_statement(20, '2026-06-30', '{"total_assets": 10, "equity": 7}', 'infogreffe', months => 6) \g /dev/null
SELECT results_eq('SELECT customer_id, reason FROM score_queue', $$VALUES (20::bigint, 'financial_statement')$$, '002-04 new accounts queue a new score, the same ones again do not');
SELECT is_empty('SELECT * FROM verify()', 'and the ledger is in order');

SELECT * FROM finish();
ROLLBACK;
