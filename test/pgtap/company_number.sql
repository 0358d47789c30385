\set ON_ERROR_STOP 1
-- French company numbers: examples in use, the formula, and what is refused.
BEGIN;
SET LOCAL search_path = credit_risk, public;
SELECT no_plan();

SELECT is(siren_is_valid(n), v, format('001-12 SIREN %s: %s', n, v)) FROM (VALUES ('732829320', true), ('404833048', true), ('356000000', true),
    ('732829321', false), ('732829230', false), ('000000000', false), ('732 829 320', false), ('73282932', false), ('7328293200', false), ('73282932O', false), ('', false)) t (n, v);
SELECT is(siret_is_valid(n), v, format('001-12 SIRET %s: %s', n, v)) FROM (VALUES ('73282932000074', true), ('73282932000075', false), ('7328293200007', false), ('73282932100072', false),
    ('35600000000048', true), ('35600000049837', true), ('35600000049838', false), ('732 829 320 00074', false), ('', false)) t (n, v);
SELECT is((SELECT count(*) FROM generate_series(0, 9) d WHERE siren_is_valid('40483304' || d)), 1::bigint, '001-12 one last digit of ten fits');
SELECT is_empty($$SELECT d FROM generate_series(0, 99999) n, LATERAL (SELECT '356000000' || lpad(n::text, 5, '0') AS d) s
    WHERE (SELECT sum(c::integer) % 5 = 0 FROM regexp_split_to_table(d, '') c) AND NOT siret_is_valid(d)$$, '001-12 every establishment of La Poste whose digits add up to a multiple of 5 passes');

SELECT is(check_siren('732 829 320'), '732829320', 'grouped digits');
SELECT is(check_siren('732' || chr(160) || '829' || chr(8239) || '320'), '732829320', 'by no-break spaces');
SELECT is(check_siret('732 829 320 00074'), '73282932000074', 'a SIRET');
SELECT throws_ok(q, '22023', m, q) FROM (VALUES ('SELECT check_siren(''732829321'')', 'invalid SIREN: "732829321"'), ('SELECT check_siren(''732.829.320'')', 'invalid SIREN: "732.829.320"'), ('SELECT check_siren('''')', 'invalid SIREN: ""'),
    ('SELECT check_siret(''73282932000075'')', 'invalid SIRET: "73282932000075"'), ('SELECT check_siret(''732829320'')', 'invalid SIRET: "732829320"'),
    ('SELECT check_siret(''73282932100072'')', 'invalid SIRET: "73282932100072"'), ('SELECT fr_vat_number(''404833049'')', 'invalid SIREN: "404833049"')) t (q, m);

SELECT is(fr_vat_number(n), v, 'VAT number of ' || n) FROM (VALUES ('404833048', 'FR83404833048'), ('732829320', 'FR44732829320'), ('732 829 320', 'FR44732829320')) t (n, v);
SELECT is((SELECT string_agg(fr_vat_number(s), ' ') FROM (SELECT '10000000' || d AS s FROM generate_series(0, 9) d) t WHERE siren_is_valid(s)),
    (SELECT string_agg(format('FR%s%s', lpad(((12 + 3 * (s::bigint % 97)) % 97)::text, 2, '0'), s), ' ') FROM (SELECT '10000000' || d AS s FROM generate_series(0, 9) d) t WHERE siren_is_valid(s)), 'its key by the formula');
SELECT is(num_nulls(siren_is_valid(NULL), siret_is_valid(NULL), check_siren(NULL), check_siret(NULL), fr_vat_number(NULL)), 5, 'NULL for NULL');

-- In the master data.
SET LOCAL client_min_messages = warning;
SELECT credit_risk.create_ledger('numbers') \g /dev/null
SET LOCAL search_path = numbers, credit_risk, public;
INSERT INTO customer (customer_id, code, name, siren, siret) VALUES (1, 'A', 'Alpha', '732 829 320', '732 829 320 00074');
SELECT results_eq('SELECT siren, siret FROM customer', $$VALUES ('732829320'::text, '73282932000074'::text)$$, '001-12 a SIREN is kept without its spaces');
SELECT throws_ok(q, c, m, '001-12 ' || q) FROM (VALUES
    ('INSERT INTO customer (code, name, siren) VALUES (''B'', ''Beta'', ''732829321'')', '22023', 'invalid SIREN: "732829321"'),
    ('UPDATE customer SET siren = ''404833049''', '22023', 'invalid SIREN: "404833049"'),
    ('UPDATE customer SET siret = ''73282932000075''', '22023', 'invalid SIRET: "73282932000075"'),
    ('UPDATE customer SET siren = ''404833048''', '22023', 'SIRET 73282932000074 is not of the company with SIREN 404833048'),
    ('UPDATE customer SET siret = ''35600000000048''', '22023', 'SIRET 35600000000048 is not of the company with SIREN 732829320')) t (q, c, m);
UPDATE customer SET siren = '404833048', siret = NULL;
UPDATE customer SET siren = NULL, siret = '35600000049837';
SELECT results_eq('SELECT siren, siret FROM customer', $$VALUES (NULL::text, '35600000049837'::text)$$, '001-12 both may change, and one may be unknown');
ALTER TABLE customer DISABLE TRIGGER credit_risk_company_number;
SELECT throws_ok(q, '23514', NULL, '001-12 without the trigger: ' || q) FROM unnest(ARRAY['UPDATE customer SET siren = ''732829321''', 'UPDATE customer SET siret = ''1''', 'UPDATE customer SET siren = ''732829320''']) q;

SELECT * FROM finish();
ROLLBACK;
