-- Currencies: minor units, dated rates, the public history of euro rates,
-- realised and unrealised differences.
\set ON_ERROR_STOP 1
\if :{?shared_data}
\else
  \set shared_data ''
\endif
\set rates :shared_data/reference/ecb_eurofxref_hist.csv.gz
\setenv CRK_RATES :rates
\set readable `test -r "$CRK_RATES" && echo on || echo off`

BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('money') \g /dev/null
SET LOCAL search_path = money, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, terms) VALUES (1, 'A', 'Alpha', 'net 30'), (2, 'B', 'Beta', '30% net 0, 70% 30 eom');
INSERT INTO exchange_rate (currency, rate_on, rate) SELECT c, '2026-03-30', r FROM (VALUES ('USD', 0.9), ('JPY', 0.0061), ('KWD', 2.98), ('GBP', 1.17)) v (c, r);

-- Minor units ----------------------------------------------------------------------------
SELECT results_eq($$SELECT c, currency_scale(c) FROM unnest('{JPY,EUR,KWD,CLF,XAF,TND,USD}'::text[]) c$$,
    $$VALUES ('JPY', 0), ('EUR', 2), ('KWD', 3), ('CLF', 4), ('XAF', 0), ('TND', 3), ('USD', 2)$$, 'minor units of ISO 4217');
SELECT throws_ok($$SELECT currency_scale('euro')$$, '22023', NULL, 'what is no code');
SELECT throws_ok(statement, 'CR011', message, message) FROM (VALUES
    ($$INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (1, 'x', 100.001)$$, 'amount 100.001 is finer than the minor unit of EUR'),
    ($$INSERT INTO invoice (customer_id, invoice_no, amount, currency) VALUES (1, 'x', 100.5, 'JPY')$$, 'amount 100.5 is finer than the minor unit of JPY'),
    ($$INSERT INTO invoice (customer_id, invoice_no, amount, tax_amount) VALUES (1, 'x', 100, 16.667)$$, 'amount 16.667 is finer than the minor unit of EUR'),
    ($$INSERT INTO invoice (customer_id, invoice_no, amount, instalment_due_on, instalment_amount) VALUES (1, 'x', 1, '{2026-04-01,2026-05-01}', '{0.333,0.667}')$$, 'amount 0.333 is finer than the minor unit of EUR'),
    ($$INSERT INTO payment (customer_id, amount, currency) VALUES (1, 1.2345, 'KWD')$$, 'amount 1.2345 is finer than the minor unit of KWD'),
    ($$INSERT INTO sales_order (customer_id, amount) VALUES (1, 0.005)$$, 'amount 0.005 is finer than the minor unit of EUR'),
    ($$INSERT INTO delivery (customer_id, amount, currency) VALUES (1, 0.5, 'JPY')$$, 'amount 0.5 is finer than the minor unit of JPY'),
    ($$INSERT INTO credit_limit (customer_id, amount) VALUES (1, 0.001)$$, 'amount 0.001 is finer than the minor unit of EUR'),
    ($$INSERT INTO invoice (customer_id, invoice_no, amount, currency) VALUES (1, 'x', 100, 'euro')$$, '"euro" is no currency')) v (statement, message);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) VALUES (1, 11, 'K', 1.234, 'KWD'), (1, 12, 'J', 1001, 'JPY'), (2, 21, 'JI', 1001, 'JPY');
SELECT results_eq('SELECT invoice_no, amount, amount_base, rate, rate_on FROM invoice ORDER BY invoice_id',
    $$VALUES ('K', 1.234, 3.68, 2.98, date '2026-03-30'), ('J', 1001, 6.11, 0.0061, '2026-03-30'), ('JI', 1001, 6.11, 0.0061, '2026-03-30')$$, 'amounts in their own decimals, base in cents, rate and date kept');
SELECT results_eq('SELECT instalment_amount FROM invoice WHERE invoice_no = ''JI''', $$VALUES ('{300,701}'::numeric[])$$, 'instalments of a yen amount are whole yen');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (1, 11, 1.234, 'KWD');
SELECT throws_ok('INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 0.0005)', 'CR011', NULL, 'an allocation finer than a fils');
SELECT lives_ok('INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 0.5)', 'part of it');
SELECT lives_ok('INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 0.734)', 'and the rest');
SELECT is((SELECT sum(amount_base) FROM allocation), 3.68, 'the base amounts of the parts add up');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- Not a number, not finite, nothing, less than nothing
SELECT throws_ok(format('INSERT INTO %s (customer_id, %s amount) VALUES (1, %s %L)', t, CASE t WHEN 'invoice' THEN 'invoice_no,' END, CASE t WHEN 'invoice' THEN '''x'',' END, a), NULL, NULL, format('%s of %s', t, a))
FROM unnest('{invoice,payment}'::text[]) t, unnest('{NaN,Infinity,-Infinity,0,-1,1e18}'::text[]) a;

-- Rates ------------------------------------------------------------------------------------
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, issued_on, amount, currency) VALUES (1, 'old', '2026-03-29', 1, 'USD')$$, 'CR006', NULL, 'no rate on or before the day');
UPDATE ledger SET pinned_date = '2026-04-20';
SELECT results_eq($$SELECT * FROM rate_on('USD', '2026-04-09')$$, $$VALUES (0.9, date '2026-03-30')$$, 'ten days old is taken');
SELECT throws_like($$SELECT * FROM rate_on('USD', '2026-04-10')$$, 'no exchange rate from USD to EUR for 2026-04-10', 'eleven is refused');
UPDATE ledger SET max_rate_age = 30;
SELECT results_eq($$SELECT * FROM rate_on('USD', '2026-04-20')$$, $$VALUES (0.9, date '2026-03-30')$$, 'the ledger may allow more');
SELECT throws_ok($$INSERT INTO exchange_rate VALUES ('USD', '2026-04-01', $$ || r || ')', '23514', NULL, 'a rate of ' || r) FROM unnest('{0,-1,''NaN''}'::text[]) r;
SELECT throws_ok('UPDATE ledger SET max_rate_age = -1', '23514', NULL, 'an age below nothing');

-- The published example: 100 GBP at 2.00, 40 paid at 2.50, closing 2.50.
SELECT credit_risk.create_ledger('dollars', base_currency => 'USD') \g /dev/null
SET LOCAL search_path = dollars, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-02-28';
INSERT INTO exchange_rate VALUES ('GBP', '2026-01-05', 2.00), ('GBP', '2026-02-10', 2.50), ('GBP', '2026-02-28', 2.50);
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, amount, currency) VALUES (1, 11, 'G', '2026-01-05', 100, 'GBP');
INSERT INTO payment (customer_id, payment_id, received_on, amount, currency) VALUES (1, 11, '2026-02-10', 40, 'GBP');
SELECT results_eq($$SELECT object, open_amount, booked_base, closing_base, difference FROM revaluation_as_of('2026-02-15') ORDER BY object$$,
    $$VALUES ('open_item', 100::numeric, 200::numeric, 250::numeric, 50::numeric), ('payment', -40, -100, -100, 0)$$, 'before it is matched: all of the invoice, and the cash with a minus');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 40);
SELECT results_eq($$SELECT object, object_id, open_amount, booked_base, closing_rate, closing_rate_on, closing_base, difference FROM revaluation_as_of('2026-02-28')$$,
    $$VALUES ('open_item', 11::bigint, 60::numeric, 120::numeric, 2.50, date '2026-02-28', 150::numeric, 30::numeric)$$, 'unrealised 30 on the 60 that are open');
SELECT results_eq('SELECT amount, booked_base, settled_base, difference FROM realised_exchange_difference', 'VALUES (40::numeric, 80::numeric, 100::numeric, 20::numeric)', 'realised 20');
SELECT is((SELECT difference FROM revaluation_as_of('2026-01-05')), 0::numeric, 'on the day of the invoice there was none');
SELECT throws_ok($$SELECT * FROM revaluation_as_of('2026-02-09')$$, 'CR006', NULL, 'a day without a rate is an error, not a guess');
SELECT reverse_allocation(1, '2026-02-20') \g /dev/null
SELECT is((SELECT sum(difference) FROM realised_exchange_difference), 0::numeric, 'undone, nothing is realised');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- Base currencies without cents, and with three decimals.
SELECT credit_risk.create_ledger('yen', base_currency => 'JPY'), credit_risk.create_ledger('dinar', base_currency => 'KWD') \g /dev/null
SET LOCAL search_path = yen, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-01-10';
INSERT INTO exchange_rate VALUES ('USD', '2026-01-05', 151.237);
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) VALUES (1, 11, 'U', 10.01, 'USD');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (1, 11, 10.01, 'USD');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) SELECT 1, 11, 11, 3.33 FROM generate_series(1, 2);
SELECT is((SELECT amount_base FROM invoice), 1514::numeric, 'whole yen');
SELECT is((SELECT array_agg(amount_base ORDER BY allocation_id) FROM allocation), '{504,503}'::numeric[], 'in part payments too');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 11, 11, 3.35);
SELECT is((SELECT (receivable, unapplied)::text FROM credit_account), '(0,0)', 'and nothing is left over');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
SET LOCAL search_path = dinar, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-01-10';
INSERT INTO exchange_rate VALUES ('EUR', '2026-01-05', 0.3357);
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) VALUES (1, 11, 'E', 10.01, 'EUR'), (1, 12, 'K', 1.005, NULL);
SELECT results_eq('SELECT amount_base FROM invoice ORDER BY invoice_id', 'VALUES (3.360::numeric), (1.005)', 'thousandths of a dinar');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

SELECT promise_to_pay(1, '2026-01-20', 10, 11) \g /dev/null
SELECT is((SELECT amount_base FROM promise), 3.357, 'a promise too');

-- As much undone of an item as settled anew, in one statement: not the same cents of base currency.
INSERT INTO exchange_rate VALUES ('USD', '2026-01-05', 0.0909);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) VALUES (1, 13, 'U', 0.10, 'USD');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (1, 13, 1, 'USD');
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (1, 1301, 13, 13, 0.05), (1, 1302, 13, 13, 0.01);
SELECT reverse_allocation(1301) \g /dev/null
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, reversal_of) VALUES (1, NULL, NULL, 0.01, 1302), (1, 13, 13, 0.01, NULL);
SELECT is_empty('SELECT * FROM verify()', 'a change in base currency alone reaches the item');

-- The history of euro rates, 41 currencies since 1999 -----------------------------------------
\if :readable
SELECT credit_risk.create_ledger('history') \g /dev/null
SET LOCAL search_path = history, credit_risk, public;
CREATE TEMPORARY TABLE line (no bigint GENERATED ALWAYS AS IDENTITY, words text);
\set copy '\\copy line (words) FROM PROGRAM ''zcat ' :rates ''' (FORMAT text, DELIMITER ''|'')'
:copy
INSERT INTO exchange_rate (currency, rate_on, rate)     -- the file has units of the currency for one euro
SELECT c.currency, split_part(l.words, ',', 1)::date, 1 / r.quote::numeric
FROM line l CROSS JOIN LATERAL unnest(string_to_array(l.words, ',')) WITH ORDINALITY r (quote, place)
JOIN (SELECT h.currency, h.place FROM line, unnest(string_to_array(words, ',')) WITH ORDINALITY h (currency, place) WHERE no = 1) c USING (place)
WHERE l.no > 1 AND r.place > 1 AND r.quote NOT IN ('N/A', '');
SELECT results_eq('SELECT count(DISTINCT currency), min(rate_on), max(rate_on), count(DISTINCT rate_on) FROM exchange_rate',
    $$VALUES (41::bigint, date '1999-01-04', date '2026-04-13', 6983::bigint)$$, 'all of it is loaded');
SELECT results_eq($$SELECT d, c, round(1 / (rate_on(c, d)).rate, 5) FROM (VALUES (date '2012-12-31', 'USD'), ('2012-12-31', 'GBP'), ('2012-12-31', 'PLN'), ('2013-06-28', 'USD'), ('2020-05-29', 'CAD'),
                    ('2024-12-31', 'CHF'), ('2024-12-31', 'JPY')) v (d, c)$$,
    $$VALUES (date '2012-12-31', 'USD', 1.31940), ('2012-12-31', 'GBP', 0.81610), ('2012-12-31', 'PLN', 4.07400), ('2013-06-28', 'USD', 1.30800), ('2020-05-29', 'CAD', 1.52800), ('2024-12-31', 'CHF', 0.94120), ('2024-12-31', 'JPY', 163.06000)$$,
    'figures of the file');
SELECT is((SELECT rate_on FROM rate_on('USD', '2013-06-30')), date '2013-06-28', 'a Sunday takes the Friday before');
SELECT is((SELECT max('2026-04-13'::date - d.d::date) FROM generate_series('1999-01-14'::date, '2026-04-13', '1 day') d WHERE (rate_on('USD', d.d::date)).rate IS NULL), NULL, 'every day since has a dollar rate of at most ten days');
SELECT throws_ok($$SELECT * FROM rate_on('RUB', '2022-04-01')$$, 'CR006', NULL, 'a currency that is no longer quoted has none');
INSERT INTO customer (customer_id, code, name) VALUES (1, 'A', 'Alpha');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, amount, currency) VALUES (1, 11, 'U', '2013-06-30', 1308, 'USD'), (1, 12, 'J', '2024-12-31', 16306, 'JPY');
SELECT results_eq('SELECT amount_base, rate_on FROM invoice ORDER BY invoice_id', $$VALUES (1000.00, date '2013-06-28'), (100.00, '2024-12-31')$$, 'and documents take them');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');
\else
SELECT skip('the history of euro rates is not there: give its folder as the variable shared_data', 7);
\endif
SELECT * FROM finish();
ROLLBACK;
