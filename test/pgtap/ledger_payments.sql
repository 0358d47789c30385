-- Invoices, payments, allocations and their reversals: what they do to open
-- items and exposure, today and as of a past day; foreign currency to the last
-- cent.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('settled') \g /dev/null
SET LOCAL search_path = settled, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
ALTER TABLE invoice ALTER invoice_id RESTART WITH 1000;
ALTER TABLE payment ALTER payment_id RESTART WITH 1000;
ALTER TABLE allocation ALTER allocation_id RESTART WITH 1000;
ALTER TABLE sales_order ALTER order_id RESTART WITH 1000;
ALTER TABLE customer ALTER customer_id RESTART WITH 1000;
CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s - %s', receivable, unapplied) FROM settled.credit_account WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.items(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('%s/%s %s (%s)', invoice_no, instalment_no, open_amount, open_amount_base), ', ' ORDER BY invoice_no, instalment_no)
   FROM settled.open_item JOIN settled.invoice USING (customer_id, invoice_id) WHERE customer_id = id $$;
-- The laws: three sums of the receivable, the buckets, today and the past.
CREATE FUNCTION pg_temp.laws(what text) RETURNS SETOF text LANGUAGE plpgsql AS
$$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM settled.verify()', what || ': verify()');
    RETURN NEXT is((SELECT sum(open_amount_base) FROM settled.open_item), (SELECT sum(amount_base) FROM settled.receivable_fact), what || ': the open items are the sum of the facts');
    RETURN NEXT is((SELECT sum(open_amount_base) FROM settled.open_item), (SELECT sum(receivable) FROM settled.credit_account), what || ': and the receivable');
    RETURN NEXT is((SELECT not_due + d1_30 + d31_60 + d61_90 + over_90 FROM settled.ageing_total), (SELECT sum(receivable) FROM settled.credit_account), what || ': and the buckets');
    RETURN NEXT set_eq($q$SELECT customer_id, code, not_due, d1_30, d31_60, d61_90, over_90, total, overdue, unapplied, oldest_days, items, ageing::text FROM settled.ageing_by_customer$q$,
        $q$SELECT customer_id, code, not_due, d1_30, d31_60, d61_90, over_90, total, overdue, unapplied, oldest_days, items, ageing::text FROM settled.ageing_as_of((SELECT settled.business_date()))$q$,
        what || ': the aged balance of today is that as of today');
    RETURN NEXT set_eq($q$SELECT customer_id, receivable, unbilled, open_orders, unapplied, exposure, credit_limit, available, utilization_pct FROM settled.exposure$q$,
        $q$SELECT customer_id, receivable, unbilled, open_orders, unapplied, exposure, credit_limit, available, utilization_pct FROM settled.exposure_as_of((SELECT settled.business_date()))$q$,
        what || ': exposure of today is that as of today');
END $$;

-- A payment that is entered late.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 1, 'A', '2026-01-01', '2026-01-31', 100);
SELECT clock_timestamp() AS before \gset
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 1, '2026-02-10', 100);
SELECT clock_timestamp() AS between \gset
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, 60);
SELECT results_eq(format('SELECT total, unapplied, d1_30 FROM ageing_as_of(%L, %L) WHERE customer_id = 1', d, k), format('VALUES (%s::numeric, %s::numeric, %s::numeric)', total, unapplied, d1_30),
                  format('as of %s, known %s', d, known))
FROM (VALUES ('2026-02-09', 'before the entry', :'before', 100, 0, 100), ('2026-02-09', 'ever', 'infinity', 100, 0, 100),
             ('2026-02-15', 'before the entry', :'before', 100, 0, 100), ('2026-02-15', 'before the allocation', :'between', 100, 100, 100),
             ('2026-02-15', 'now', 'infinity', 40, 40, 40)) v (d, known, k, total, unapplied, d1_30);
SELECT is((SELECT exposure FROM exposure_as_of('2026-02-15', :'before') WHERE customer_id = 1), 100::numeric, 'exposure as it was known');
SELECT is((SELECT exposure FROM exposure_as_of('2026-02-15') WHERE customer_id = 1), 0::numeric, 'exposure as it is known now');
SELECT is_empty($$SELECT * FROM ageing_as_of('2025-12-31')$$, 'nothing before the first fact');

-- Over and over.
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, 41)$$, 'CR003', 'invoice A, instalment 1: 41 cannot be settled, 40 is open', 'more than is open');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (1, 2, 'B', 100);
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 2, 41)$$, 'CR003', 'payment 1 of 100 cannot settle 101', 'more than was paid');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 2, 30), (1, 1, 1, 30)$$, 'CR003', NULL, 'more than was paid, in two rows');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 1, 1, 1)$$, 'CR003', NULL, 'the invoice of another customer');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (2, 2, 100);
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 2, 1, 1)$$, 'CR003', NULL, 'the payment of another customer');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (1, 1, 1, $$ || n || ', 1)', 'CR003', NULL, 'instalment ' || n) FROM unnest('{0,2,-1}'::int[]) n;
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (1, 1, 1, 1, '2026-02-09')$$, 'CR003', NULL, 'before the payment');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, $$ || n || ')', NULL, NULL, 'an amount of ' || n) FROM unnest('{0,-1,''NaN'',''Infinity''}'::text[]) n;
SELECT throws_ok('SELECT reverse_payment(1)', 'CR003', NULL, 'a payment that settles something is not reversed');
SELECT throws_ok('SELECT reverse_invoice(1)', 'CR003', NULL, 'an invoice that is settled in part is not reversed');
SELECT is(pg_temp.account(1), '140 - 40', 'no error left anything');

-- What is no amount: the message says what to write.
SELECT throws_ok(format('INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (1, ''X'', %L)', n), '23514', format('the amount of "invoice" is more than 0, not %s', n), 'an invoice of ' || n)
FROM unnest('{0,-1200,NaN,Infinity,-Infinity}'::text[]) n;
SELECT throws_ok(format('INSERT INTO payment (customer_id, amount) VALUES (1, %L)', n), '23514', format('the amount of "payment" is more than 0, not %s', n), 'a payment of ' || n)
FROM unnest('{0,-1200,NaN,Infinity,-Infinity}'::text[]) n;
SELECT throws_ok(format('INSERT INTO %s (customer_id, amount) VALUES (1, %L)', t, n), '23514', format('the amount of "%s" is 0 or more, not %s', t, n), format('%s of %s', t, n))
FROM unnest('{sales_order,delivery,credit_limit}'::text[]) t, unnest('{-1200,NaN,Infinity}'::text[]) n;
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, $$ || v || ')', '23514', m, 'an allocation of ' || v)
FROM (VALUES ('0', 'the amount of "allocation" is more than 0, not 0'), ('-5', 'an amount is 0 or more, not -5'), ('''NaN''', 'an amount is 0 or more, not NaN')) v (v, m);

-- Due before it was issued: a year mistyped, and what may be.
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (1, 'X', '2026-01-05', '2025-02-04', 1)$$, 'CR003', 'invoice X of 2026-01-05 cannot be due on 2025-02-04', 'due before its issue');
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, issued_on, instalment_due_on, instalment_amount, amount) VALUES (1, 'X', '2026-01-05', '{2025-02-04,2025-03-04}', '{1,1}', 2)$$, 'CR003', NULL, 'every instalment before it');
SELECT lives_ok($$INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (1, 801, 'OB', 'opening_balance', '2026-01-05', '2025-02-04', 1), (1, 802, 'AV', 'credit_note', '2026-01-05', '2025-02-04', 1)$$,
    'an opening balance, a credit note with the date of its invoice');
SELECT isnt(reverse_invoice(i), NULL, 'and taken back after it was due') FROM unnest('{801,802}'::bigint[]) i;

-- There and back.
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount, effective_on) VALUES (1, 103, 1, 1, 40, '2026-02-20');
SELECT is(pg_temp.items(1), 'B/1 100 (100)', 'settled items leave');
SELECT throws_ok($$SELECT reverse_allocation(103, '2026-02-19')$$, 'CR003', NULL, 'not undone before it was done');
SELECT reverse_allocation(103, '2026-02-25') \g /dev/null
SELECT is(pg_temp.items(1), 'A/1 40 (40), B/1 100 (100)', 'undone, it is open again');
SELECT is((SELECT cycle FROM open_item WHERE invoice_id = 1), 2, 'in its next cycle of dunning');
SELECT results_eq($$SELECT d, coalesce((SELECT total FROM ageing_as_of(d) WHERE customer_id = 1), 0) FROM unnest('{2026-02-19,2026-02-20,2026-02-24,2026-02-25}'::date[]) d$$,
    $$VALUES (date '2026-02-19', 40::numeric), ('2026-02-20', 0), ('2026-02-24', 0), ('2026-02-25', 40)$$, 'as of each day');
SELECT throws_ok('SELECT reverse_allocation(103)', '23505', 'allocation 103 was taken back already', 'not twice');
SELECT throws_ok('INSERT INTO allocation (customer_id, invoice_id, amount, reversal_of) SELECT customer_id, invoice_id, 1, allocation_id FROM allocation WHERE reversal_of = 103', 'CR007', NULL, 'a reversal is not reversed');
SELECT reverse_allocation(allocation_id) FROM allocation WHERE amount = 60 AND customer_id = 1 \g /dev/null
SELECT throws_ok($$SELECT reverse_payment(1, '2026-02-24')$$, 'CR003', NULL, 'a payment is not taken back while it settled something');
SELECT throws_ok($$SELECT reverse_invoice(1, '2026-02-24')$$, 'CR003', NULL, 'nor is an invoice');
SELECT reverse_payment(1) \g /dev/null
SELECT reverse_invoice(1) \g /dev/null
SELECT is(pg_temp.account(1) || ', ' || pg_temp.items(1), '100 - 0, B/1 100 (100)', 'all of it taken back');
SELECT throws_ok('SELECT reverse_payment(1)', '23505', 'payment 1 was taken back already', 'a payment once');
SELECT throws_ok('SELECT reverse_invoice(1)', '23505', 'invoice 1 was taken back already', 'an invoice once');
SELECT throws_ok($$SELECT reverse_invoice(2, '2026-01-01')$$, 'CR003', NULL, 'not before it was issued');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 2, 1)$$, 'CR003', NULL, 'a reversed payment settles nothing');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 3, 10);
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 3, 1, 1)$$, 'CR003', NULL, 'a reversed invoice is not settled');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, currency, reversal_of) VALUES (1, 'whatever', '2026-03-02', '2020-01-01', 7, 'JPY', 2);
SELECT is(pg_temp.account(1), '0 - 10', 'a reversal repeats its original, whatever is written');
SELECT is((SELECT count(*) FROM open_item WHERE customer_id = 1), 0::bigint, 'nothing is open');

-- Instalments.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, terms, amount) VALUES (3, 31, 'I', '2026-01-01', '30% net 0, 70% net 60', 99.99);
SELECT is(pg_temp.items(3), 'I/1 30.00 (30.00), I/2 69.99 (69.99)', 'two instalments');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (3, 31, 200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (3, 31, 31, 2, 69.99), (3, 31, 31, 1, 10);
SELECT is(pg_temp.items(3), 'I/1 20.00 (20.00)', 'the second is settled, the first in part');
SELECT is((SELECT d61_90 + d31_60 || ' ' || oldest_days FROM ageing_by_customer WHERE customer_id = 3), '20.00 60', 'aged by its own due date');
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, instalment_due_on, instalment_amount, amount) VALUES (3, 'X', $$ || v || ', 10)', '23514', NULL, 'instalments ' || v)
FROM unnest(ARRAY[$$'{2026-04-01}', '{9}'$$, $$'{2026-05-01,2026-04-01}', '{5,5}'$$, $$'{2026-04-01,2026-05-01}', '{11,-1}'$$, $$'{2026-04-01,NULL}', '{5,5}'$$, $$'{2026-04-01,2026-05-01}', '{10}'$$,
                  $$'{2026-04-01}', NULL$$]) v;

-- Credit notes.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (4, 41, 'I', 'invoice', '2026-01-01', '2026-01-31', 100), (4, 42, 'CN', 'credit_note', '2026-02-01', '2026-02-01', 30), (4, 43, 'DN', 'debit_note', '2026-02-01', '2026-02-01', 5);
SELECT is(pg_temp.account(4) || ': ' || pg_temp.items(4), '75 - 0: CN/1 -30 (-30), DN/1 5 (5), I/1 100 (100)', 'a credit note is negative');
INSERT INTO allocation (customer_id, allocation_id, credit_invoice_id, invoice_id, amount) VALUES (4, 41, 42, 41, 20);
SELECT is(pg_temp.account(4) || ': ' || pg_temp.items(4), '75 - 0: CN/1 -10 (-10), DN/1 5 (5), I/1 80 (80)', 'it settles, and the receivable does not move');
SELECT throws_ok($$INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (4, 42, 41, 11)$$, 'CR003', NULL, 'not more than it has');
SELECT throws_ok($$INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (4, 41, 43, 1)$$, 'CR003', NULL, 'an invoice is no credit note');
SELECT throws_ok($$INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (4, 42, 42, 1)$$, 'CR003', NULL, 'nor is a credit note settled');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, credit_invoice_id, invoice_id, amount) VALUES (3, 31, 42, 31, 1)$$, NULL, NULL, 'one source');
SELECT throws_ok('SELECT reverse_invoice(42)', 'CR003', NULL, 'a credit note in use is not reversed');
SELECT reverse_allocation(41) \g /dev/null
SELECT reverse_invoice(42) \g /dev/null
SELECT is(pg_temp.account(4) || ': ' || pg_temp.items(4), '105 - 0: DN/1 5 (5), I/1 100 (100)', 'there and back');
SELECT pg_temp.laws('base currency');

-- Foreign currency: 100.00 at 0.915751 is 91.58, and no cent is left at the end, whatever the way.
INSERT INTO exchange_rate VALUES ('USD', '2026-03-02', 0.915751), ('USD', '2026-01-01', 0.95), ('JPY', '2026-03-02', 0.00449), ('CHF', '2026-02-19', 1.05);
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, amount, currency) VALUES (5, 'OLD', 100, 'CHF')$$, 'CR006', NULL, 'a rate of 11 days ago');
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, amount, currency) VALUES (5, 'NONE', 100, 'GBP')$$, 'CR006', NULL, 'no rate at all');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) SELECT 5, 50 + i, 'U' || i, 100, 'USD' FROM generate_series(1, 5) i;
INSERT INTO payment (customer_id, payment_id, received_on, amount, currency) VALUES (5, 51, '2026-03-02', 300, 'USD'), (5, 52, '2026-01-05', 300, 'USD');
SELECT is(pg_temp.account(5), '457.90 - 559.73', 'each at the rate of its day');
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (4, 31, 41, 1)$$, 'CR003', NULL, 'another customer');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (5, 53, 300);
SELECT throws_ok($$INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 53, 51, 1)$$, 'CR006', NULL, 'euros do not settle dollars');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (5, 51, 51, 33.33, '2026-03-02');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (5, 51, 51, 33.33, '2026-03-02');
SELECT is(pg_temp.items(5), 'U1/1 33.34 (30.53), U2/1 100 (91.58), U3/1 100 (91.58), U4/1 100 (91.58), U5/1 100 (91.58)', 'two thirds');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 52, 51, 33.34);
SELECT is((SELECT array_agg(amount_base ORDER BY allocation_id) FROM allocation WHERE invoice_id = 51), '{30.52,30.53,30.53}', 'three thirds of 91.58');
-- in one statement
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 51, 52, 33.33), (5, 51, 52, 33.33), (5, 52, 52, 33.34);
SELECT is((SELECT array_agg(amount_base ORDER BY allocation_id) FROM allocation WHERE invoice_id = 52), '{30.52,30.53,30.53}', 'the same in one statement');
-- with a reversal in between, of the first or of the second
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (5, 531, 51, 53, 33.33), (5, 532, 52, 53, 33.33);
SELECT reverse_allocation(531) \g /dev/null
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 51, 53, 66.67);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (5, 541, 51, 54, 25), (5, 542, 52, 54, 75);
SELECT reverse_allocation(541) \g /dev/null
SELECT is(pg_temp.items(5), 'U4/1 25 (22.90), U5/1 100 (91.58)', 'opened again with what was taken off');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 52, 54, 25);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) SELECT 5, 51, 55, 66.67 UNION ALL SELECT 5, 52, 55, 33.33;
SELECT is(pg_temp.items(5), NULL, 'all are settled');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 5), 0::numeric, 'no cent of the receivable is left');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) SELECT 5, 56, 'REST', sum(amount - allocated), 'USD'
FROM (SELECT p.amount, coalesce((SELECT sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END) FROM allocation a WHERE a.payment_id = p.payment_id), 0) AS allocated
      FROM payment p WHERE p.customer_id = 5 AND currency = 'USD') l;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT 5, p.payment_id, 56, p.amount - coalesce((SELECT sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END) FROM allocation a WHERE a.payment_id = p.payment_id), 0)
FROM payment p WHERE p.customer_id = 5 AND currency = 'USD';
SELECT is(pg_temp.account(5), '0.00 - 300.00', 'nor of the payments');
-- a credit note of another day
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, amount, currency) VALUES (6, 61, 'I', 'invoice', '2026-03-02', 100, 'USD'), (6, 62, 'CN', 'credit_note', '2026-01-05', 100, 'USD');
SELECT is(pg_temp.account(6), '-3.42 - 0', 'the exchange difference');
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (6, 62, 61, 33.33), (6, 62, 61, 33.33);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (6, 62, 61, 33.34);
SELECT is(pg_temp.account(6), '0.00 - 0', 'is realised with the last cent');
-- instalments, and amounts that are worth nothing
INSERT INTO invoice (customer_id, invoice_id, invoice_no, terms, amount, currency) VALUES (7, 71, 'I', '33.33% net 0, 33.33% net 30, 33.34% net 60', 100, 'USD');
SELECT is((SELECT array_agg(open_amount_base ORDER BY instalment_no) FROM open_item WHERE invoice_id = 71), '{30.52,30.53,30.53}', 'instalments share the base amount');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (7, 71, 100, 'USD');
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (7, 71, 71, 3, 33.34), (7, 71, 71, 1, 11.11), (7, 71, 71, 1, 11.11), (7, 71, 71, 1, 11.11), (7, 71, 71, 2, 33.33);
SELECT is(pg_temp.account(7), '0.00 - 0.00', 'in any order');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, due_on, amount, currency) VALUES (8, 81, 'ONE', '2026-03-02', 1, 'JPY'), (8, 82, 'FIVE', '2026-03-20', 5, 'JPY');
SELECT is(pg_temp.items(8), 'FIVE/1 5 (0.02), ONE/1 1 (0.00)', 'a yen is less than a cent');
SELECT is((SELECT items FROM ageing_by_customer WHERE customer_id = 8), 2::bigint, 'and still an item');
SELECT pg_temp.laws('foreign currency');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (8, 81, 6, 'JPY');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (8, 81, 82, 1), (8, 81, 82, 1), (8, 81, 82, 1), (8, 81, 82, 1), (8, 81, 82, 1), (8, 81, 81, 1);
SELECT is(pg_temp.account(8), '0.00 - 0.00', 'yen by yen');
SELECT pg_temp.laws('settled');

-- Payer and site.
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (30, 'S30', 'Site', 9);
SELECT throws_ok(s, 'CR004', NULL, s) FROM unnest(ARRAY[
    'INSERT INTO sales_order (customer_id, amount) VALUES (30, 1)', 'INSERT INTO delivery (customer_id, amount) VALUES (30, 1)',
    $$INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (30, 'X', 1)$$, 'INSERT INTO payment (customer_id, amount) VALUES (30, 1)',
    'INSERT INTO credit_limit (customer_id, amount) VALUES (30, 1)', 'SELECT check_order(30, 1)']) s;
CREATE FUNCTION pg_temp.hint(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE h text; BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS h = PG_EXCEPTION_HINT; RETURN h; END $$;
SELECT is(pg_temp.hint('INSERT INTO sales_order (customer_id, amount) VALUES (30, 1)'), 'Write the document for customer 9 ("C9"), with site_id 30.', 'the HINT names the payer');
SELECT is(pg_temp.hint('INSERT INTO sales_order (customer_id, amount) VALUES (999, 1)'), '', 'a customer that does not exist has none');
INSERT INTO sales_order (customer_id, site_id, amount) VALUES (9, 30, 100);
SELECT is((SELECT open_orders FROM credit_account WHERE customer_id = 9), 100::numeric, 'the payer carries it');
SELECT throws_ok($$INSERT INTO customer (code, name, payer_id) VALUES ('S31', 'Site of a site', 30)$$, 'CR004', NULL, 'payers are one level deep');
SELECT throws_ok('UPDATE customer SET payer_id = 10 WHERE customer_id = 9', 'CR004', NULL, 'a payer of others keeps paying');
UPDATE customer SET payer_id = 10 WHERE customer_id = 11;
SELECT is((SELECT count(*) FROM credit_account WHERE customer_id = 11), 0::bigint, 'who has another payer has no account');
UPDATE customer SET payer_id = 11 WHERE customer_id = 11;
SELECT is((SELECT count(*) FROM credit_account WHERE customer_id = 11), 1::bigint, 'its own payer, by name, has one');
UPDATE customer SET payer_id = 10 WHERE customer_id = 11;
SELECT pg_temp.laws('payers');

-- Groups: 12 over 13 over 14, and 15 alone; a site among them.
INSERT INTO sales_order (customer_id, amount) VALUES (12, 1), (13, 10), (14, 100), (15, 1000);
CREATE FUNCTION pg_temp.grouped() RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('%s:%s%s', customer_id, trim_scale(group_exposure), coalesce(' ' || group_path::text, '')), '; ' ORDER BY customer_id) FROM settled.credit_account WHERE customer_id BETWEEN 12 AND 16 $$;
UPDATE customer SET parent_id = customer_id - 1 WHERE customer_id IN (13, 14);
SELECT is(pg_temp.grouped(), '12:111 {12}; 13:110 {12,13}; 14:100 {12,13,14}; 15:1000; 16:0', 'a group of three levels');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (14, 'I', 5), (12, 'I', 7), (15, 'I', 3);
INSERT INTO payment (customer_id, amount) VALUES (13, 2), (14, 1);
SELECT is(pg_temp.grouped(), '12:120 {12}; 13:112 {12,13}; 14:104 {12,13,14}; 15:1003; 16:0', 'what members do goes up');
SELECT throws_ok('UPDATE customer SET parent_id = 14 WHERE customer_id = 12', 'CR005', NULL, 'a cycle');
SELECT throws_ok('UPDATE customer SET parent_id = 12 WHERE customer_id = 12', '23514', NULL, 'its own parent');
UPDATE customer SET parent_id = 15 WHERE customer_id = 13;
SELECT is(pg_temp.grouped(), '12:8; 13:112 {15,13}; 14:104 {15,13,14}; 15:1115 {15}; 16:0', 'the middle moves with all below it');
INSERT INTO customer (customer_id, code, name, payer_id, parent_id) VALUES (31, 'S31', 'Site', 9, 12);
SELECT is(pg_temp.grouped(), '12:8 {12}; 13:112 {15,13}; 14:104 {15,13,14}; 15:1115 {15}; 16:0', 'a site below a head');
UPDATE customer SET parent_id = 31 WHERE customer_id = 13;
SELECT is(pg_temp.grouped(), '12:120 {12}; 13:112 {12,13}; 14:104 {12,13,14}; 15:1003; 16:0', 'below a site: it has no account to charge');
INSERT INTO payment (customer_id, amount) VALUES (14, 4);
SELECT is(pg_temp.grouped(), '12:116 {12}; 13:108 {12,13}; 14:100 {12,13,14}; 15:1003; 16:0', 'and postings pass over it');
UPDATE customer SET parent_id = 15 WHERE customer_id = 31;
SELECT is(pg_temp.grouped(), '12:8; 13:108 {15,13}; 14:100 {15,13,14}; 15:1111 {15}; 16:0', 'the site moves with all below it');
UPDATE customer SET parent_id = 16 WHERE customer_id = 15;
UPDATE customer SET payer_id = 9 WHERE customer_id = 16;
SELECT is(pg_temp.grouped(), '12:8; 13:108 {15,13}; 14:100 {15,13,14}; 15:1111 {15}', 'a head that gets another payer');
INSERT INTO payment (customer_id, amount) VALUES (14, 1);
UPDATE customer SET payer_id = NULL WHERE customer_id = 16;
SELECT is(pg_temp.grouped(), '12:8; 13:107 {16,15,13}; 14:99 {16,15,13,14}; 15:1110 {16,15}; 16:1110 {16}', 'and pays for itself again');
UPDATE customer SET parent_id = NULL WHERE customer_id IN (13, 15);
UPDATE customer SET parent_id = 12 WHERE customer_id = 31;
SELECT is(pg_temp.grouped(), '12:8 {12}; 13:107 {13}; 14:99 {13,14}; 15:1003; 16:0', 'groups end');
DELETE FROM customer WHERE customer_id = 31;
SELECT is(pg_temp.grouped(), '12:8; 13:107 {13}; 14:99 {13,14}; 15:1003; 16:0', 'a site that is deleted leaves its head alone');
SELECT pg_temp.laws('groups');

-- Limits and their dates.
CREATE FUNCTION pg_temp.limited(id bigint, day date) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE settled.ledger SET pinned_date = day;
    RETURN (SELECT coalesce(credit_limit::text, 'none') FROM settled.exposure WHERE customer_id = id) || ' ' || (SELECT outcome FROM settled.check_order(id, 150)) || ' ' ||
           (SELECT status FROM settled.place_order(id, 150, ordered_on => day));
END $$;
UPDATE ledger SET on_exceed = 'hold';
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES
    (17, 'base', 100, '2026-01-10', NULL), (17, 'temporary', 200, '2026-02-01', '2026-02-28'), (17, 'base', 400, '2026-04-01', NULL), (17, 'base', 50, '2026-03-15', '2026-03-20');
SELECT is(pg_temp.limited(17, d), want, d || ': ' || what) FROM (VALUES
    (date '2026-01-09', '3000 passed open', 'the default, before the first decision'),
    ('2026-01-10', '100 held held', 'base, with 150 in exposure already'),
    ('2026-01-31', '100 held held', 'the day before the temporary limit'),
    ('2026-02-01', '200 held held', 'its first day'),
    ('2026-02-28', '200 held held', 'its last'),
    ('2026-03-01', '100 held held', 'it falls back'),
    ('2026-03-15', '50 held held', 'the later decision wins'),
    ('2026-03-21', '100 held held', 'until its end'),
    ('2026-04-01', '400 passed open', 'a base limit decided in advance'),
    ('2026-04-02', '400 held held', 'and used up'),
    ('2026-01-09', '3000 passed open', 'a replay of an earlier day')) v (d, want, what);
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (18, 'trial', 150, '2026-01-10', '2026-01-31');
SELECT is(pg_temp.limited(18, d), want, d || ': ' || what) FROM (VALUES
    (date '2026-01-31', '150 passed open', 'trial, reached and not exceeded'), ('2026-02-01', '3000 passed open', 'after the trial: no decision, so the default')) v (d, want, what);
INSERT INTO credit_limit (customer_id, amount, valid_from) VALUES (18, 299.99, '2026-01-20');
SELECT is(pg_temp.limited(18, '2026-01-25'), '299.99 held held', 'a base limit replaces the trial');
SELECT throws_ok($$INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (17, 'temporary', 1, '2026-02-28', '2026-03-05')$$, '23P01', NULL, 'temporary limits do not overlap');
SELECT lives_ok($$INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (17, 'temporary', 1, '2026-03-01', '2026-03-05'), (18, 'temporary', 1, '2026-02-28', '2026-03-05')$$, 'neighbours and other customers may');
SELECT throws_ok($$INSERT INTO credit_limit (customer_id, kind, amount, valid_from) VALUES (17, 'temporary', 1, '2026-06-01')$$, '23514', NULL, 'a temporary limit ends');
SELECT throws_ok($$INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (17, 'temporary', NULL, '2026-06-01', '2026-06-02')$$, '23514', NULL, 'and is not unlimited');
SELECT throws_ok($$INSERT INTO credit_limit (customer_id, amount, valid_from, valid_to) VALUES (17, 1, '2026-06-02', '2026-06-01')$$, '23514', NULL, 'an end before its beginning');
UPDATE ledger SET pinned_date = '2026-03-02';
SELECT is_empty('SELECT * FROM verify()', 'verify() of limits read at other dates');
INSERT INTO credit_limit (customer_id, amount, currency) VALUES (19, 100, 'USD');
SELECT is((SELECT credit_limit FROM credit_account WHERE customer_id = 19), 91.58, 'a limit in dollars');
SELECT clock_timestamp() AS before_cut \gset
INSERT INTO credit_limit (customer_id, amount, valid_from) VALUES (19, 10, '2026-03-01');
SELECT results_eq(format($$SELECT credit_limit FROM exposure_as_of('2026-03-02', %L) WHERE customer_id = 19 UNION ALL SELECT credit_limit FROM exposure_as_of('2026-03-02') WHERE customer_id = 19$$, :'before_cut'),
    'VALUES (91.58), (10::numeric)', 'the limit as it was known');

SELECT is_empty('SELECT * FROM verify()', 'verify()');
SELECT is((SELECT rebuild()), 0::bigint, 'rebuild() finds nothing');
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (customer_id('nobody'), 'x', 1)$$, 'CR004', 'no customer given', 'a code that nobody has');
SELECT throws_ok($$INSERT INTO payment (amount) VALUES (1)$$, 'CR004', 'no customer given', 'nor a payment of nobody');
SELECT * FROM finish();
ROLLBACK;
