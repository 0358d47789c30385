-- Early-payment discount: in time or not at all; what it comes to.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('early') \g /dev/null
SET LOCAL search_path = early, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-20';
INSERT INTO customer (customer_id, code, name, terms) SELECT i, 'C' || i, 'Customer ' || i, '2/10 net 30' FROM generate_series(1, 9) i;
ALTER TABLE invoice ALTER invoice_id RESTART WITH 1000;
ALTER TABLE payment ALTER payment_id RESTART WITH 1000;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, amount) SELECT c, c, 'F' || c, '2026-03-01', 1200 FROM generate_series(1, 7) c;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 8, 'F8', '2026-03-01', '2026-03-31', 1200);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES
    (1, 1, '2026-03-11', 1176), (2, 2, '2026-03-12', 1176), (3, 3, '2026-03-05', 1175.99), (4, 4, '2026-03-05', 1300), (5, 5, '2026-03-05', 600), (5, 50, '2026-03-10', 576),
    (6, 6, '2026-03-05', 1000), (7, 7, '2026-03-05', 1176), (8, 8, '2026-03-05', 1176);
CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s - %s', trim_scale(receivable), trim_scale(unapplied)) FROM early.credit_account WHERE customer_id = id $$;

SELECT results_eq($$SELECT d, cash_discount_due(1, d) FROM unnest('{2026-02-28,2026-03-01,2026-03-11,2026-03-12}'::date[]) d$$,
    $$VALUES (date '2026-02-28', 0::numeric), ('2026-03-01', 24.00), ('2026-03-11', 24.00), ('2026-03-12', 0)$$, '004-02 the discount is due until its last day, that day included, on the amount with tax');
SELECT is(cash_discount_due(8), NULL, '004-02 terms without one offer none');
SELECT is(cash_discount_due(999), NULL, 'nor does an invoice that is none');
SELECT is(pg_temp.account(1), '1200 - 1176', '004-02 before: invoice and payment');
SELECT results_eq('SELECT payment_id, invoice_id, offered FROM cash_discount_to_take ORDER BY 1', 'VALUES (1::bigint, 1::bigint, 24.00), (7, 7, 24.00)', 'payments that came in time and fit are listed');
SELECT is(take_cash_discount(1, 1), 24.00, '004-02 paid on the last day, the discount is taken');
SELECT is(pg_temp.account(1), '0 - 0', 'and settles the rest');
SELECT results_eq('SELECT adjustment, amount, effective_on FROM allocation WHERE customer_id = 1 ORDER BY allocation_id',
    $$VALUES (NULL, 1176::numeric, date '2026-03-11'), ('cash_discount', 24, '2026-03-11')$$, 'as two rows under one code');
SELECT is((SELECT count(DISTINCT matching_code) FROM allocation WHERE customer_id = 1), 1::bigint, 'of the match');
SELECT throws_ok('SELECT take_cash_discount(1, 1)', 'CR012', NULL, 'not twice');
SELECT throws_ok('SELECT take_cash_discount(2, 2)', 'CR003', 'invoice F2 was paid on 2026-03-12, its discount ended on 2026-03-11', '004-02 a day later it is refused');
SELECT is(pg_temp.account(2), '1200 - 1176', 'and nothing is posted');
SELECT throws_ok('SELECT take_cash_discount(3, 3)', 'CR003', 'payment of 1175.99 does not settle invoice F3 with its discount', '004-02 a cent too little is not the rest');
SELECT is(take_cash_discount(4, 4), 24.00, 'a payment of more');
SELECT is(pg_temp.account(4), '0 - 124', 'keeps what is over');
SELECT throws_ok('SELECT take_cash_discount(5, 5)', 'CR003', NULL, 'half is not the rest');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 5, 5, 600);
SELECT is(take_cash_discount(50, 5), 24.00, '004-02 two payments in time have it together');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, amount) VALUES (6, 60, 'A6', 'credit_note', '2026-03-04', 200);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (6, 60, 6, 200);
SELECT is(cash_discount_due(6, '2026-03-05'), 20.00, 'a credit note lowers it');
SELECT is(take_cash_discount(6, 6), 20.00, 'with what it is taken of');
SELECT is(pg_temp.account(6), '0 - 20', 'and paid by');
SELECT throws_ok('SELECT take_cash_discount(8, 8)', 'CR003', 'invoice 8 of this customer offers no discount for early payment', 'no terms, no discount');
SELECT throws_ok('SELECT take_cash_discount(7, 1)', 'CR003', NULL, 'nor on the invoice of somebody else');
SELECT throws_ok('SELECT take_cash_discount(999, 7)', 'CR007', NULL, 'nor without a payment');

-- At the table, whoever writes.
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (2, 2, 24, 'cash_discount', 'please')$$, 'CR003',
    'the discount of invoice F2 comes with its payment', '004-02 the table refuses a discount without a payment');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 2, 2, 1176), (7, 7, 7, 1170);
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (2, 2, 24, 'cash_discount', 'please')$$, 'CR003',
    'invoice F2 was paid on 2026-03-12, its discount ended on 2026-03-11', '004-02 and one that is late');
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (7, 7, 30, 'cash_discount', 'please')$$, 'CR003',
    'invoice F7 offers a discount of 24.00, not 30', 'and more than the terms offer');
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (7, 7, 24, 'cash_discount', 'please')$$, 'CR003',
    'invoice F7 is not paid: 30 is open, the discount is 24', 'and one that leaves something open');
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (8, 8, 24, 'cash_discount', 'please')$$, 'CR003',
    'invoice 8 offers no discount for early payment', 'and one that was never offered');
-- A payment that is undone takes its discount along.
SELECT reverse_allocation(allocation_id) FROM allocation WHERE customer_id = 1 AND payment_id = 1 \g /dev/null
SELECT is(pg_temp.account(1), '1200 - 1176', '004-02 a payment that is undone takes its discount along');
SELECT is(take_cash_discount(1, 1), 24.00, 'and brings it back');
SELECT is((SELECT effective_on FROM allocation WHERE customer_id = 1 AND adjustment = 'cash_discount' AND reversal_of IS NULL ORDER BY allocation_id DESC LIMIT 1), date '2026-03-20',
    'on the day on which it was undone, as the payment is');
INSERT INTO payment_return (customer_id, payment_id, reason) SELECT 1, 1, code FROM return_reason WHERE kind = 'no_funds' LIMIT 1;
SELECT is(pg_temp.account(1), '1200 - 0', 'so does one that comes back unpaid');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- Does it pay?
SELECT results_eq('SELECT code, outcome FROM cash_discount ORDER BY code', $$VALUES ('C1', 'missed'), ('C2', 'missed'), ('C3', 'missed'), ('C4', 'taken'), ('C5', 'taken'), ('C6', 'taken'), ('C7', 'missed')$$,
    '004-02 effectiveness: each invoice has its outcome');
SELECT results_eq('SELECT terms, offered, taken, missed, pending, taken_base, cost_base, taken_pct FROM cash_discount_effect',
    $$VALUES ('2/10 net 30', 7::bigint, 3::bigint, 4::bigint, 0::bigint, 3400::numeric, 68.00, 42.86)$$, '004-02 effectiveness: offered, taken in time, missed, and the cost');
SELECT results_eq('SELECT days_gained, cost_pct_a_year FROM cash_discount_effect', 'VALUES (24.2, 30.12)', 'the days that it gained, and what they cost a year');
SELECT results_eq($$SELECT discount_pct, discount_days, net_days, discount_pct_a_year, late_rate_pct, indemnity_from, late_30_per_1000 FROM payment_incentive WHERE terms = '2/10 net 30'$$,
    $$VALUES (2::numeric, 10, 30, 44.59, 12.15, 40::numeric, 9.99)$$, '004-02 penalty schedule per terms: the discount not taken, and lateness, have their price');
SELECT * FROM finish();
ROLLBACK;
