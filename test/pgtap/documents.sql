-- Documents around the invoice and the customer's timeline: rows 001-27,
-- 000-26, 003-02 and 001-50 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('papers') \g /dev/null
SET LOCAL search_path = papers, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (31, 'S', 'Site', 1);
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-03-01', 0.9), ('USD', '2026-03-10', 0.8), ('USD', '2026-03-20', 0.85);
CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s + %s + %s + %s - %s = %s', trim_scale(receivable), trim_scale(unbilled), trim_scale(open_orders), trim_scale(unmatured), trim_scale(unapplied), trim_scale(exposure)) FROM papers.credit_account WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.item(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', step_no, coalesce(next_action_on::text, 'never'), parked_until) FROM papers.open_item WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE papers.ledger SET pinned_date = d $$;
-- The laws of order to cash, for every order.
CREATE FUNCTION pg_temp.laws(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM papers.verify()', what || ': verify()');
    RETURN NEXT is_empty($q$SELECT * FROM papers.order_to_cash WHERE total <> not_counted + open_orders + unbilled + receivable + paid + credited + adjusted$q$, what || ': each euro of an order is in one place');
    RETURN NEXT is_empty($q$SELECT o.order_id, o.exposure_base, t FROM papers.order_to_cash o
        CROSS JOIN LATERAL (SELECT * FROM papers.order_timeline(o.order_id) t ORDER BY t.step_no DESC LIMIT 1) t
        WHERE (o.open_orders_base, o.unbilled_base, o.receivable_base, o.exposure_base) IS DISTINCT FROM (t.open_orders, t.unbilled, t.receivable, t.exposure)$q$, what || ': the timeline of an order ends where it stands');
    RETURN NEXT is_empty($q$SELECT a.customer_id, a.unbilled, u.base FROM papers.credit_account a
        LEFT JOIN (SELECT d.customer_id, sum(d.unbilled_base) AS base FROM papers.unbilled_delivery d GROUP BY 1) u USING (customer_id)
        WHERE a.unbilled <> coalesce(u.base, 0)$q$, what || ': deliveries not invoiced add up to the account');
END $$;

-- Quotes ------------------------------------------------------------------------------
INSERT INTO quote (customer_id, quote_id, quote_no, amount, tax_amount, quoted_on) VALUES (1, 11, 'Q1', 120, 20, '2026-03-01'), (1, 12, 'Q2', 50, NULL, '2026-01-05'), (1, 13, 'Q3', 70, NULL, '2026-03-01'), (1, 14, 'Q4', 80, NULL, '2026-03-01');
SELECT is(pg_temp.account(1), '0 + 0 + 0 + 0 - 0 = 0', '003-02 quotes are no exposure');
SELECT is((SELECT concat_ws(' ', status, outcome, exposure_after) FROM order_quote(11, 'O1')), 'open passed 120', '003-02 an order from a quote');
SELECT is((SELECT concat_ws(' ', amount, tax_amount, currency, quote_id) FROM sales_order WHERE order_no = 'O1'), '120 20 EUR 11', '003-02 has its amount, its tax and its key');
SELECT is(lose_quote(13, 'too dear'), '2026-03-02'::date, '003-02 a lost quote');
SELECT results_eq('SELECT quote_no, valid_until, status, orders, ordered_amount, reason FROM quote_status ORDER BY quote_id',
    $$VALUES ('Q1', date '2026-03-31', 'ordered', 1::bigint, 120::numeric, NULL), ('Q2', '2026-02-04', 'expired', 0, 0, NULL), ('Q3', '2026-03-31', 'lost', 0, 0, 'too dear'), ('Q4', '2026-03-31', 'open', 0, 0, NULL)$$,
    '003-02 ordered, expired, lost, open');
SELECT throws_ok(s, e, NULL, '003-02 ' || s) FROM (VALUES
    ('SELECT order_quote(12)', 'CR012'), ('SELECT order_quote(13)', 'CR012'), ('SELECT order_quote(99)', 'CR007'), ('SELECT order_quote(NULL)', 'CR007'), ('SELECT order_quote(14, amount => -1)', '23514'),
    ('SELECT lose_quote(11, ''x'')', 'CR012'), ('SELECT lose_quote(13, ''x'')', 'CR012'), ('SELECT lose_quote(14, '''')', '22023'), ('SELECT lose_quote(14, ''x'', ''2026-03-03'')', 'CR003'), ('SELECT lose_quote(14, ''x'', ''2026-02-01'')', '23514'),
    ('UPDATE quote SET amount = 1', 'CR010'), ('DELETE FROM quote', 'CR010'), ('TRUNCATE quote CASCADE', 'CR010'),
    ('INSERT INTO quote (customer_id, amount) VALUES (31, 10)', 'CR004'), ('INSERT INTO quote (customer_id, amount) VALUES (99, 10)', '23503'), ('INSERT INTO quote (customer_id, amount) VALUES (1, 0)', '23514'),
    ('INSERT INTO quote (customer_id, amount) VALUES (1, ''NaN'')', '23514'), ('INSERT INTO quote (customer_id, amount) VALUES (1, ''Infinity'')', '23514'), ('INSERT INTO quote (customer_id, amount) VALUES (1, 1.001)', 'CR011'),
    ('INSERT INTO quote (customer_id, amount, currency) VALUES (1, 1, ''usd'')', 'CR011'), ('INSERT INTO quote (customer_id, amount, currency) VALUES (1, 1, ''GBP'')', 'CR006'),
    ('INSERT INTO quote (customer_id, amount, valid_until) VALUES (1, 1, ''2026-03-01'')', '23514'), ('INSERT INTO quote (customer_id, amount, quote_no) VALUES (1, 1, ''Q1'')', '23505'), ('INSERT INTO quote (customer_id, amount, outcome) VALUES (1, 1, ''lost'')', '23514'),
    ('INSERT INTO sales_order (customer_id, amount, currency, quote_id) VALUES (1, 1, ''USD'', 14)', 'CR006'), ('INSERT INTO sales_order (customer_id, amount, quote_id) VALUES (2, 1, 14)', '23503'),
    ('INSERT INTO sales_order (customer_id, amount, quote_id, ordered_on) VALUES (1, 1, 14, ''2026-02-01'')', 'CR003')) v (s, e);
SELECT is((SELECT status FROM order_quote(14, 'O2', 60)), 'open', '003-02 of another amount');
SELECT cancel_order(order_id) FROM sales_order WHERE order_no = 'O2' \g /dev/null
SELECT is((SELECT status FROM quote_status WHERE quote_id = 14), 'open', '003-02 its order cancelled, the quote is open again');

-- 001-27 Paid before delivery --------------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (2, 21, 'A', 100), (2, 22, 'B', 100);
SELECT is(pg_temp.account(2), '0 + 0 + 200 + 0 - 0 = 200', '001-27 before: two orders');
INSERT INTO delivery (customer_id, order_id, delivery_no, amount) VALUES (2, 22, 'B1', 10);
SELECT is(pg_temp.account(2), '0 + 10 + 190 + 0 - 0 = 200', '001-27 without a pro forma an order is delivered');
INSERT INTO pro_forma (customer_id, pro_forma_id, pro_forma_no, order_id) VALUES (2, 21, 'PF1', 21);
SELECT is(pg_temp.account(2), '0 + 10 + 190 + 0 - 0 = 200', '001-27 a pro forma is no exposure');
SELECT is_empty('SELECT * FROM ageing_by_customer WHERE customer_id = 2 AND total <> 0', '001-27 nor in the aged balance');
SELECT is_empty('SELECT * FROM open_item WHERE customer_id = 2', '001-27 nor an open item');
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, delivery_no, amount) VALUES (2, 22, 'B2', 10), (2, 21, 'A1', 60)$$, 'CR012',
    'order A is not delivered before pro forma PF1 is paid: 100 of 100 EUR are missing', '001-27 a delivery is refused until it is paid');
SELECT is(pg_temp.account(2), '0 + 10 + 190 + 0 - 0 = 200', '001-27 and nothing is half done');
SELECT lives_ok($$INSERT INTO delivery (customer_id, order_id, delivery_no, amount) VALUES (2, 22, 'B2', 10)$$, '001-27 the other order passes');
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (2, 21, 'P1', 60), (2, 22, 'P2', 90);
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 60)$$, 'CR012', NULL, '001-27 cash that nobody gave to it does not open the door');
SELECT pay_pro_forma(21, 21) AS first \gset
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 60)$$, 'CR012',
    'order A is not delivered before pro forma PF1 is paid: 40 of 100 EUR are missing', '001-27 nor does a part');
SELECT pay_pro_forma(21, 22) AS second \gset
SELECT results_eq('SELECT amount, required, paid, missing, status FROM pro_forma_status WHERE pro_forma_id = 21', $$VALUES (100::numeric, 100::numeric, 100::numeric, 0::numeric, 'paid')$$, '001-27 paid in full, by as much as it needed');
SELECT lives_ok($$INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (2, 211, 21, 60)$$, '001-27 after payment it passes');
SELECT is(pg_temp.account(2), '0 + 80 + 120 + 0 - 150 = 50', '001-27 the cash waits unapplied');
SELECT throws_ok($$SELECT reverse_payment(21, '2026-03-01')$$, 'CR003', NULL, '001-27 not before its receipt');
SAVEPOINT paid;
SELECT reverse_payment(21) \g /dev/null
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 10)$$, 'CR012',
    'order A is not delivered before pro forma PF1 is paid: 60 of 100 EUR are missing', '001-27 the payment is taken back: refused again');
SELECT lives_ok($$SELECT reverse_delivery(211)$$, '001-27 taking goods back passes');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (2, 23, 60);
SELECT is(pay_pro_forma(21, 23) > 0, true, '001-27 paid anew');
SELECT lives_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 100)$$, '001-27 it passes again');
SELECT pg_temp.laws('001-27 taken back');
ROLLBACK TO paid;
SELECT reverse_pro_forma_payment(:second) \g /dev/null
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 10)$$, 'CR012', NULL, '001-27 taken off the pro forma: refused');
SELECT pay_pro_forma(21, 22) \g /dev/null
-- The invoice is settled by that money; used for another debt it is no prepayment.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount) VALUES (2, 21, 'F1', 21, 60);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 21, 21, 60);
SELECT is((SELECT status FROM pro_forma_status WHERE pro_forma_id = 21), 'paid', '001-27 allocated to the invoice of the order it still stands');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (2, 22, 'OLD', 70);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (2, 220, 22, 22, 70);
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 40)$$, 'CR012',
    'order A is not delivered before pro forma PF1 is paid: 20 of 100 EUR are missing', '001-27 used for another debt it does not');
SELECT reverse_allocation(220) \g /dev/null
SELECT lives_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (2, 21, 40)$$, '001-27 given back it does');
SELECT pg_temp.laws('001-27 settled');
-- A draft is a promise of the bank, no cash.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (3, 31, 'A', 100);
INSERT INTO pro_forma (customer_id, pro_forma_id, pro_forma_no, order_id, required_pct) VALUES (3, 31, 'PF', 31, 30);
INSERT INTO payment (customer_id, payment_id, amount, method) VALUES (3, 31, 30, 'cheque');
SELECT pay_pro_forma(31, 31) \g /dev/null
SELECT results_eq('SELECT required, paid, not_final, missing FROM pro_forma_status WHERE pro_forma_id = 31', 'VALUES (30::numeric, 0::numeric, 30::numeric, 30::numeric)', '001-27 30 percent asked for: a cheque can still come back');
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (3, 31, 100)$$, 'CR012', NULL, '001-27 and does not open the door');
SELECT confirm_payment(31) \g /dev/null
SELECT lives_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (3, 31, 50)$$, '001-27 final, it does');
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (3, 31, 'cheque no funds');
SELECT throws_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (3, 31, 50)$$, 'CR012', NULL, '001-27 returned by the bank: refused again');
SELECT throws_ok('SELECT cancel_pro_forma(31, ''a good customer'')', 'CR012', NULL, '001-27 not cancelled while a payment is on it');
SELECT reverse_pro_forma_payment(pro_forma_payment_id) FROM pro_forma_payment WHERE pro_forma_id = 31 \g /dev/null
SELECT is(cancel_pro_forma(31, 'a good customer'), '2026-03-02'::date, '001-27 a manager cancels it, on record');
SELECT lives_ok($$INSERT INTO delivery (customer_id, order_id, amount) VALUES (3, 31, 50)$$, '001-27 delivered on credit');
-- A ledger that observes says so and blocks nothing.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (4, 41, 'A', 100);
INSERT INTO pro_forma (customer_id, pro_forma_id, pro_forma_no, order_id) VALUES (4, 41, 'PF', 41);
UPDATE ledger SET mode = 'observe';
SELECT lives_ok($$INSERT INTO delivery (customer_id, delivery_no, order_id, amount) VALUES (4, 'D', 41, 100)$$, '001-27 observed: it passes');
SELECT results_eq('SELECT checkpoint, outcome, document_no, reasons, cure FROM credit_decision WHERE customer_id = 4', $$VALUES ('delivery', 'warned', 'D', '{pro_forma_not_paid}'::text[], 'Pro forma PF: 100 of 100 EUR are missing')$$, '001-27 with a decision that warns');
UPDATE ledger SET mode = 'enforce';
-- One payment for two; the earlier is served first.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (5, 51, 'A', 60), (5, 52, 'B', 60);
INSERT INTO pro_forma (customer_id, pro_forma_id, pro_forma_no, order_id) VALUES (5, 51, 'A', 51), (5, 52, 'B', 52);
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (5, 51, 'P', 100);
SELECT pay_pro_forma(51, 51), pay_pro_forma(52, 51) \g /dev/null
SELECT is((SELECT string_agg(amount::text, ' ' ORDER BY pro_forma_id) FROM pro_forma_cover WHERE customer_id = 5), '60 40', '001-27 a payment is given once');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (5, 51, 'OLD', 50);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 51, 51, 50);
SELECT is((SELECT string_agg(standing::text, ' ' ORDER BY pro_forma_id) FROM pro_forma_cover WHERE customer_id = 5), '50 0', '001-27 what is left of it counts once, for the first');
SAVEPOINT one_order;
SELECT reverse_allocation(max(allocation_id)) FROM allocation WHERE customer_id = 5 AND invoice_id = 51 \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount) VALUES (5, 59, 'OF-B', 52, 70);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 51, 59, 70);
SELECT is((SELECT string_agg(standing::text, ' ' ORDER BY pro_forma_id) FROM pro_forma_cover WHERE customer_id = 5), '30 40', '001-27 nor does it count twice when one order takes more than was given for it');
SELECT reverse_pro_forma_payment(pro_forma_payment_id) FROM pro_forma_payment WHERE pro_forma_id = 52 \g /dev/null
SELECT is((SELECT string_agg(standing::text, ' ' ORDER BY pro_forma_id) FROM pro_forma_cover WHERE customer_id = 5), '30', '001-27 also when it is taken off that pro forma');
ROLLBACK TO one_order;
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (5, 52, 10, 'USD');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (5, 53, 10), (1, 54, 10);
SELECT reverse_payment(53) \g /dev/null
SELECT throws_ok(s, e, NULL, '001-27 ' || s) FROM (VALUES
    ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id) VALUES (5, ''X'', 41)', 'CR007'), ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id) VALUES (5, ''X'', NULL)', 'CR007'),
    ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, currency) VALUES (5, ''X'', 51, ''USD'')', 'CR006'), ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id) VALUES (5, ''A'', 51)', '23505'),
    ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, amount) VALUES (5, ''X'', 51, 0)', '23514'), ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, amount) VALUES (5, ''X'', 51, ''NaN'')', '23514'),
    ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, amount) VALUES (5, ''X'', 51, 0.001)', 'CR011'), ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, required_pct) VALUES (5, ''X'', 51, 101)', '23514'),
    ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, required_pct) VALUES (5, ''X'', 51, 0)', '23514'), ('INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, issued_on) VALUES (5, ''X'', 51, ''2026-03-01'')', 'CR003'),
    ('UPDATE pro_forma SET amount = 1', 'CR010'), ('DELETE FROM pro_forma', 'CR010'), ('TRUNCATE pro_forma CASCADE', 'CR010'), ('UPDATE pro_forma_payment SET amount = 1', 'CR010'), ('DELETE FROM pro_forma_payment', 'CR010'), ('TRUNCATE pro_forma_payment', 'CR010'),
    ('SELECT pay_pro_forma(52, 51)', 'CR003'), ('SELECT pay_pro_forma(52, 51, 10)', 'CR003'), ('SELECT pay_pro_forma(51, 51, 0)', 'CR003'), ('SELECT pay_pro_forma(51, 51, -1)', 'CR003'), ('SELECT pay_pro_forma(51, 51, ''NaN'')', '23514'),
    ('SELECT pay_pro_forma(52, 52, 1)', 'CR006'), ('SELECT pay_pro_forma(52, 53, 1)', 'CR012'), ('SELECT pay_pro_forma(52, 54, 1)', 'CR007'), ('SELECT pay_pro_forma(99, 51, 1)', 'CR007'), ('SELECT pay_pro_forma(52, 99, 1)', 'CR007'),
    ('SELECT pay_pro_forma(52, 51, 0.001)', 'CR011'), ('SELECT cancel_pro_forma(52, '''')', '22023'), ('SELECT cancel_pro_forma(99, ''x'')', 'CR012'), ('SELECT cancel_pro_forma(31, ''x'')', 'CR012'),
    ('SELECT reverse_pro_forma_payment(max(pro_forma_payment_id)) FROM pro_forma_payment WHERE reversal_of IS NOT NULL', 'CR007'),
    ('SELECT reverse_pro_forma_payment(max(reversal_of)) FROM pro_forma_payment', '23505'), ('INSERT INTO pro_forma_payment (customer_id, pro_forma_id, payment_id, amount, effective_on) VALUES (5, 52, 51, 1, ''2026-03-01'')', 'CR003')) v (s, e);
SELECT is(reverse_pro_forma_payment(999), NULL, '001-27 no such row: NULL');
SELECT pg_temp.laws('001-27');

-- 000-26 Invoices in time -------------------------------------------------------------------
SELECT pg_temp.day('2026-03-10') \g /dev/null
INSERT INTO sales_order (customer_id, order_id, order_no, amount, ordered_on) VALUES (6, 61, 'A', 300, '2026-02-20');
INSERT INTO delivery (customer_id, delivery_id, delivery_no, order_id, amount, delivered_on) VALUES (6, 61, 'D1', 61, 100, '2026-03-01'), (6, 62, 'D2', 61, 100, '2026-03-09'), (6, 63, 'D3', NULL, 40, '2026-03-04');
SELECT results_eq('SELECT delivery_no, days, unbilled FROM unbilled_delivery WHERE customer_id = 6 ORDER BY 1', $$VALUES ('D1', 9, 100::numeric), ('D2', 1, 100), ('D3', 6, 40)$$, '000-26 what is delivered and not invoiced, and since when');
SELECT results_eq('SELECT delivery_no FROM unbilled_deliveries() WHERE customer_id = 6 ORDER BY 1', $$VALUES ('D1'), ('D3')$$, '000-26 for more than two days');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, issued_on, due_on, amount) VALUES (6, 61, 'F1', 61, '2026-03-04', '2026-04-03', 130);
SELECT results_eq('SELECT delivery_no, unbilled FROM unbilled_delivery WHERE customer_id = 6 ORDER BY 1', $$VALUES ('D2', 70::numeric), ('D3', 40)$$, '000-26 an invoice of the order takes the oldest first');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, issued_on, due_on, amount) VALUES (6, 62, 'F2', 63, '2026-03-09', '2026-04-08', 40);
SELECT results_eq('SELECT invoice_no, delivered_on, days_waiting FROM unsent_invoices() WHERE customer_id = 6 ORDER BY 1', $$VALUES ('F1', date '2026-03-01', 9), ('F2', '2026-03-04', 6)$$, '000-26 invoices that are not sent within two days of delivery');
SELECT is((SELECT count(*) FROM unsent_invoices(8) WHERE customer_id = 6), 1::bigint, '000-26 within eight');
SELECT record_invoice_event(61, 'sent', '2026-03-06') \g /dev/null
SELECT record_invoice_event(61, 'received', '2026-03-07') \g /dev/null
SELECT results_eq('SELECT invoice_no FROM unsent_invoice WHERE customer_id = 6', $$VALUES ('F2')$$, '000-26 sent, it leaves the list');
SELECT results_eq('SELECT delivered_on, issued_on, sent_on, received_on, due_on, billing_delay_days, sending_delay_days, sent_after_days, status FROM invoice_life_cycle WHERE invoice_id = 61',
    $$VALUES (date '2026-03-01', date '2026-03-04', date '2026-03-06', date '2026-03-07', date '2026-04-03', 3, 2, 5, 'received')$$, '000-26 its dates and delays');
SELECT results_eq('SELECT invoices, of_deliveries, billing_delay, sending_delay, sent_late, unsent FROM billing_delay_by_month WHERE month = ''2026-03-01''',
    $$SELECT count(*), 3::bigint, round(avg(CASE invoice_id WHEN 61 THEN 3 WHEN 62 THEN 5 ELSE 0 END) FILTER (WHERE invoice_id IN (61, 62, 21)), 1), 2.0, 1::bigint, count(*) - 1 FROM invoice$$, '000-26 the averages of the month');
SELECT is((SELECT status FROM invoice_life_cycle WHERE invoice_id = 62), 'issued', '000-26 before any event');
-- Rejected by the platform: not sent, not dunned.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (7, 71, 'R1', '2026-02-01', '2026-03-03', 500), (7, 72, 'R2', '2026-02-01', '2026-03-03', 200);
SELECT record_invoice_event(71, 'delivered_to_platform', '2026-02-02', external_ref => 'm1') \g /dev/null
SELECT is(pg_temp.item(71), '0 2026-02-24', '000-26 before: dunning looks at it');
SELECT record_invoice_event(71, 'rejected_by_platform', '2026-02-03', 'SIRET unknown', 'm2') AS rejected \gset
SELECT is(pg_temp.item(71), '0 never infinity', '000-26 rejected: put aside');
SELECT pg_temp.laws('000-26 rejected');
SELECT is((SELECT concat_ws(' ', items, actions) FROM run_daily()), '1 1', '000-26 the night takes the other');
SELECT is((SELECT concat_ws(' ', items, amount) FROM dunning_action WHERE customer_id = 7), '1 200', '000-26 and asks for that alone');
SELECT results_eq('SELECT invoice_no, rejected_on FROM unsent_invoices() WHERE invoice_id = 71', $$VALUES ('R1', date '2026-02-03')$$, '000-26 it counts as not sent');
SELECT is((SELECT concat_ws(' ', sent_on, status) FROM invoice_life_cycle WHERE invoice_id = 71), 'rejected_by_platform', '000-26 in its life too');
SELECT is((SELECT exposure FROM credit_account WHERE customer_id = 7), 700::numeric, '000-26 it is exposure all the same');
UPDATE dunning_strategy SET min_account = min_account;
UPDATE customer SET risk_class = 'B' WHERE customer_id = 7;
UPDATE open_item SET agreed_due_on = '2026-03-15' WHERE invoice_id = 71;
SELECT is(pg_temp.item(71), '0 never infinity', '000-26 neither strategy, class nor agreed date brings it back');
SELECT throws_ok('SELECT record_invoice_event(71, ''received'')', 'CR012', 'invoice R1 was rejected by the platform on 2026-02-03 and not sent again: it is not received', '000-26 it cannot have been received');
UPDATE open_item SET agreed_due_on = NULL WHERE invoice_id = 71;
INSERT INTO payment (customer_id, payment_id, amount) VALUES (7, 71, 500);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (7, 71, 71, 71, 500);
SELECT reverse_allocation(71), reverse_payment(71) \g /dev/null
SELECT is(pg_temp.item(71), '0 never infinity', '000-26 paid and open again: still aside');
SELECT pg_temp.laws('000-26 open again');
SELECT record_invoice_event(71, 'sent', '2026-03-10') \g /dev/null
SELECT isnt(pg_temp.item(71), '0 never infinity', '000-26 sent again: back to its plan');
SELECT is((SELECT concat_ws(' ', sent_on, rejected_on, status) FROM invoice_life_cycle WHERE invoice_id = 71), '2026-03-10 sent', '000-26 sent on the day that counts');
SELECT pg_temp.laws('000-26 sent again');
SELECT reverse_invoice_event(invoice_event_id) FROM invoice_event WHERE invoice_id = 71 AND event = 'sent' \g /dev/null
SELECT is(pg_temp.item(71), '0 never infinity', '000-26 that was a mistake: aside again');
SELECT reverse_invoice_event(:rejected) \g /dev/null
SELECT isnt(pg_temp.item(71), '0 never infinity', '000-26 the rejection was one too: back');
-- Queued, then rejected: not handed out.
SELECT record_invoice_event(72, 'rejected_by_platform') \g /dev/null
SELECT is_empty($$SELECT * FROM claim_actions('w') WHERE customer_id = 7$$, '000-26 queued and rejected since: not handed out');
SELECT is((SELECT obsolete_reason FROM dunning_action WHERE customer_id = 7), 'rejected by the platform', '000-26 but obsolete');
-- Refused: a dispute opens itself.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, instalment_due_on, instalment_amount, amount) VALUES (8, 81, 'R', '2026-03-01', '{2026-03-05,2026-04-05}', '{60,40}', 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 82, 'S', '2026-03-01', '2026-03-05', 10);
SELECT open_dispute(81, 25, 'broken') \g /dev/null
SELECT record_invoice_event(81, 'refused', '2026-03-08', 'never ordered') \g /dev/null
SELECT results_eq('SELECT kind, instalment_no, amount, reason, opened_on FROM dispute WHERE invoice_id = 81 ORDER BY dispute_id', $$VALUES ('dispute', 1, 25::numeric, 'broken', date '2026-03-10'), ('refusal', 1, 35, 'never ordered', '2026-03-08'), ('refusal', 2, 40, 'never ordered', '2026-03-08')$$, '000-26 refused: what is open and undisputed is a refusal');
SELECT is((SELECT string_agg(coalesce(next_action_on::text, 'never'), ' ') FROM open_item WHERE invoice_id = 81), 'never never', '000-26 and not dunned');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (8, 82, 10);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (8, 82, 82, 10);
SELECT record_invoice_event(82, 'refused') \g /dev/null
SELECT is((SELECT kind || ' ' || department FROM task WHERE invoice_id = 82), 'refused_invoice accounting', '000-26 paid already: a task');
SELECT pg_temp.laws('000-26 refused');
SELECT throws_ok(s, e, NULL, '000-26 ' || s) FROM (VALUES
    ('SELECT record_invoice_event(999, ''sent'')', 'CR007'), ('SELECT record_invoice_event(61, ''lost'')', '23514'), ('SELECT record_invoice_event(61, NULL)', '23502'), ('SELECT record_invoice_event(61, ''sent'', ''2026-03-03'')', 'CR003'),
    ('SELECT record_invoice_event(61, ''sent'', ''2026-03-11'')', 'CR003'), ('SELECT record_invoice_event(61, ''sent'', ''infinity'')', 'CR003'), ('SELECT record_invoice_event(72, ''approved'')', 'CR012'), ('SELECT record_invoice_event(71, ''sent'', external_ref => ''m1'')', '23505'),
    ('INSERT INTO invoice_event (customer_id, invoice_id, event) VALUES (1, 61, ''sent'')', 'CR007'), ('SELECT reverse_invoice_event(max(invoice_event_id)) FROM invoice_event WHERE reversal_of IS NOT NULL', 'CR007'), (format('SELECT reverse_invoice_event(%s)', :rejected), '23505'),
    ('UPDATE invoice_event SET note = ''x''', 'CR010'), ('DELETE FROM invoice_event', 'CR010'), ('TRUNCATE invoice_event', 'CR010'), ('SELECT unsent_invoices(-1)', '22023'), ('SELECT unsent_invoices(NULL)', '22023'), ('SELECT unbilled_deliveries(-1)', '22023')) v (s, e);

-- 003-02 From order to cash: the same euro never twice -------------------------------------------
CREATE FUNCTION pg_temp.steps(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('%s %s/%s/%s', event, trim_scale(open_orders), trim_scale(unbilled), trim_scale(receivable)), ', ' ORDER BY step_no) FROM papers.order_timeline(id) $$;
INSERT INTO quote (customer_id, quote_id, quote_no, amount) VALUES (9, 91, 'Q', 60);
SELECT order_id AS order_id FROM order_quote(91, 'A') \gset
SELECT is((SELECT exposure_base FROM order_to_cash WHERE order_id = :order_id), 60::numeric, '003-02 ordered: 60');
INSERT INTO delivery (customer_id, delivery_id, order_id, amount) VALUES (9, 91, :order_id, 60);
SELECT is((SELECT concat_ws(' ', open_orders, unbilled, receivable, exposure_base) FROM order_to_cash WHERE order_id = :order_id), '0 60 0 60', '003-02 an order of 60 that is delivered shows 60, not 120');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, amount) VALUES (9, 91, 'F', 91, 60);
SELECT is((SELECT concat_ws(' ', open_orders, unbilled, receivable, exposure_base) FROM order_to_cash WHERE order_id = :order_id), '0 0 60 60', '003-02 invoiced: 60');
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (9, 91, 'P', 60);
INSERT INTO allocation (customer_id, allocation_id, payment_id, invoice_id, amount) VALUES (9, 91, 91, 91, 45);
SELECT is((SELECT concat_ws(' ', receivable, paid, exposure_base) FROM order_to_cash WHERE order_id = :order_id), '15 45 15', '003-02 paid in part');
SELECT is(pg_temp.steps(:order_id), 'quoted 0/0/0, placed 60/0/0, delivered 0/60/0, invoiced 0/0/60, paid 0/0/15', '003-02 the steps hand the exposure over');
SELECT results_eq(format('SELECT step_no, event, document_no, amount, exposure FROM order_timeline(%s)', :order_id),
    $$VALUES (1, 'quoted', 'Q', 60::numeric, 0::numeric), (2, 'placed', 'A', 60, 60), (3, 'delivered', NULL, 60, 60), (4, 'invoiced', 'F', 60, 60), (5, 'paid', 'P', 45, 15)$$, '003-02 with documents and amounts');
SELECT reverse_allocation(91), reverse_invoice(91), reverse_delivery(91) \g /dev/null
SELECT matches(pg_temp.steps(:order_id), 'paid_reversed 0/0/60, invoiced_reversed 0/60/0, delivery_reversed 60/0/0$', '003-02 and back again');
SELECT pg_temp.laws('003-02 one step after the other');
-- Parts, several documents in one statement, too much, less, held, credited, written off.
UPDATE customer SET lifecycle = 'customer' WHERE customer_id = 10;
INSERT INTO credit_limit (customer_id, amount) VALUES (10, 1000);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (10, 101, 'A', 100), (10, 102, 'B', 2000), (10, 103, 'C', 100);
SELECT is((SELECT concat_ws(' ', status, not_counted, open_orders, exposure_base) FROM order_to_cash WHERE order_id = 102), 'held 2000 0 0', '003-02 a held order counts nothing');
SELECT release_order(102, 'sure', true) \g /dev/null
UPDATE sales_order SET amount = 50 WHERE order_id = 102;
SELECT cancel_order(102) \g /dev/null
SELECT is(pg_temp.steps(102), 'placed 2000/0/0, held 0/0/0, released 2000/0/0, changed 50/0/0, cancelled 0/0/0', '003-02 held, released, changed, cancelled');
INSERT INTO delivery (customer_id, order_id, amount) VALUES (10, 101, 30), (10, 101, 20), (10, 103, 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount) VALUES (10, 101, 'F1', 101, 25), (10, 102, 'F2', 101, 35);
SELECT pg_temp.laws('003-02 parts');
SELECT is(pg_temp.steps(101), 'placed 100/0/0, delivered 50/50/0, delivered 50/50/0, invoiced 40/0/60, invoiced 40/0/60', '003-02 documents of one statement show what they made together');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount) VALUES (10, 103, 'F3', 101, 60);
SELECT is((SELECT concat_ws(' ', total, open_orders, unbilled, receivable) FROM order_to_cash WHERE order_id = 101), '120 0 0 120', '003-02 more is invoiced than was ordered');
UPDATE sales_order SET amount = 200 WHERE order_id = 101;
SELECT is((SELECT concat_ws(' ', total, open_orders, unbilled, receivable) FROM order_to_cash WHERE order_id = 101), '200 80 0 120', '003-02 the order grows');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, order_id, amount) VALUES (10, 104, 'AV', 'credit_note', 101, 30);
SELECT is((SELECT concat_ws(' ', total, open_orders, receivable, credited, exposure_base) FROM order_to_cash WHERE order_id = 101), '200 80 90 30 170', '003-02 a credit note');
SELECT pg_temp.laws('003-02 credited');
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (10, 104, 103, 20);
INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (10, 103, 15, 'write_off', 'lost');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, order_id, amount) VALUES (10, 105, 'AC', 'down_payment', 103, 40);
INSERT INTO payment (customer_id, payment_id, amount) VALUES (10, 101, 500);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (10, 101, 101, 25), (10, 101, 105, 40);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, order_id, amount) VALUES (10, 106, 'ND', 'debit_note', 101, 7);
SELECT is((SELECT concat_ws(' ', total, open_orders, unbilled, receivable, paid, credited, adjusted) FROM order_to_cash WHERE order_id = 101), '200 80 0 50 25 30 15', '003-02 settled by everything that settles');
SELECT is((SELECT concat_ws(' ', total, open_orders, unbilled, receivable, paid) FROM order_to_cash WHERE order_id = 103), '100 0 60 0 40', '003-02 a down payment is deducted by the invoice to come');
SELECT pg_temp.laws('003-02 everything');
SELECT is((SELECT sum(exposure_base) FROM order_to_cash WHERE customer_id = 10) + 7, (SELECT receivable + unbilled + open_orders FROM credit_account WHERE customer_id = 10), '003-02 orders and the debit note add up to the account');
-- Foreign currency: conserved in the currency of the documents; in base currency each at its own rate.
INSERT INTO sales_order (customer_id, order_id, order_no, amount, currency, ordered_on) VALUES (11, 111, 'A', 99.99, 'USD', '2026-03-02');
INSERT INTO delivery (customer_id, order_id, amount, currency, delivered_on) VALUES (11, 111, 33.33, 'USD', '2026-03-05'), (11, 111, 33.34, 'USD', '2026-03-06');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount, currency) VALUES (11, 111, 'F', 111, 50.01, 'USD');
SELECT pg_temp.day('2026-03-20') \g /dev/null
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (11, 111, 20, 'USD');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (11, 111, 111, 20);
SELECT results_eq('SELECT total, open_orders, unbilled, receivable, paid FROM order_to_cash WHERE order_id = 111', 'VALUES (99.99, 33.32, 16.66, 30.01, 20::numeric)', '003-02 in dollars every cent is in one place');
SELECT is((SELECT exposure_base FROM order_to_cash WHERE order_id = 111), (SELECT receivable + unbilled + open_orders FROM credit_account WHERE customer_id = 11), '003-02 in euros it is what the account says');
SELECT pg_temp.laws('003-02 dollars');
SELECT throws_ok(format('SELECT order_timeline(%s)', v), 'CR007', NULL, '003-02 the timeline of order ' || v) FROM unnest(ARRAY['999', 'NULL']) v;

-- 001-50 From prospect to write-off ---------------------------------------------------------------
SELECT pg_temp.day('2026-01-05') \g /dev/null
INSERT INTO customer (customer_id, code, name, lifecycle) VALUES (50, 'LIFE', 'Life', 'prospect');
INSERT INTO quote (customer_id, quote_id, quote_no, amount) VALUES (50, 501, 'Q1', 400);
SELECT pg_temp.day('2026-01-06') \g /dev/null
UPDATE customer SET lifecycle = 'customer', risk_class = 'C', terms = 'net 30', name = 'Life SA' WHERE customer_id = 50;
UPDATE customer SET language = 'en' WHERE customer_id = 50;
INSERT INTO credit_limit (customer_id, amount, reason) VALUES (50, 500, 'first year');
SELECT order_id AS life FROM order_quote(501, 'A1') \gset
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (50, 'A2', 200);
SELECT pg_temp.day('2026-01-08') \g /dev/null
INSERT INTO delivery (customer_id, delivery_no, order_id, amount) VALUES (50, 'BL', :life, 400);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount) VALUES (50, 501, 'F1', :life, 400);
SELECT record_invoice_event(501, 'sent') \g /dev/null
SELECT pg_temp.day('2026-02-12') \g /dev/null
SELECT run_daily() \g /dev/null
SELECT promise_to_pay(50, '2026-02-20', 100) \g /dev/null
SELECT pg_temp.day('2026-02-19') \g /dev/null
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (50, 501, 'P1', 150);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (50, 501, 501, 150);
SELECT pg_temp.day('2026-02-27') \g /dev/null
UPDATE customer SET blocked = true WHERE customer_id = 50;
SELECT mark_doubtful(501, 'no answer') \g /dev/null
SELECT write_off(501, 'insolvent') \g /dev/null
UPDATE customer SET blocked = false, lifecycle = 'former' WHERE customer_id = 50;
SELECT is((SELECT string_agg(event, ' ' ORDER BY event_no) FROM customer_timeline(50) WHERE event NOT LIKE 'task%'),
    'customer_created quoted customer_lifecycle customer_risk_class customer_terms customer_name limit_decided order_placed order_placed decision_held hold_opened order_held delivered invoiced order_closed invoice_sent dunned promise_opened payment promise_kept allocated customer_blocked doubtful_opened write_off default_write_off doubtful_written_off customer_lifecycle customer_unblocked',
    '001-50 from prospect to write-off, in order');
SELECT results_eq('SELECT event_no FROM customer_timeline(50) ORDER BY event_no', 'SELECT generate_series(1, (SELECT count(*) FROM risk_event WHERE customer_id = 50))', '001-50 numbered without gaps');
SELECT is_empty('SELECT * FROM (SELECT recorded_at < lag(recorded_at) OVER (ORDER BY event_no) AS back FROM customer_timeline(50)) t WHERE back', '001-50 in order of recording');
SELECT is_empty(format('SELECT customer_id FROM customer c WHERE (SELECT count(DISTINCT event_no) <> max(event_no) OR count(*) <> max(event_no) FROM customer_timeline(c.customer_id))'), '001-50 of every customer');
SELECT results_eq('SELECT occurred_on, event, object, amount_base, detail FROM customer_timeline(50, ''2026-01-06'', ''2026-01-06'') WHERE object IN (''customer'', ''credit_limit'')',
    $$VALUES (date '2026-01-06', 'customer_lifecycle', 'customer', NULL::numeric, 'prospect → customer'), ('2026-01-06', 'customer_risk_class', 'customer', NULL, 'C'), ('2026-01-06', 'customer_terms', 'customer', NULL, 'net 30'),
             ('2026-01-06', 'customer_name', 'customer', NULL, 'Life → Life SA'), ('2026-01-06', 'limit_decided', 'credit_limit', 500, 'base first year')$$, '001-50 the events of a day, with what was before and after');
CREATE TEMPORARY TABLE told AS SELECT * FROM customer_timeline(50);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (50, 502, '2026-01-10', 5);
SELECT reverse_payment(502) \g /dev/null
SELECT is_empty('SELECT * FROM told EXCEPT SELECT * FROM customer_timeline(50)', '001-50 what is recorded later, of an earlier day too, leaves the numbers as they were');
SELECT results_eq('SELECT event, amount_base FROM customer_timeline(50) ORDER BY event_no DESC LIMIT 2', $$VALUES ('payment_reversed', -5::numeric), ('payment', 5)$$, '001-50 it comes after them; what takes back is negative');
SELECT is((SELECT recorded_by FROM customer_timeline(50) WHERE event_no = 1), current_user::text, '001-50 and says who');
-- Every table of facts and cases is in the stream, or is told why not.
SELECT set_eq($$SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'papers'::regnamespace AND c.relkind = 'r'
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id')
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'recorded_at')
      AND NOT EXISTS (SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                      WHERE r.ev_class = 'papers.risk_event'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)$$,
    '{dunning_postponement,document_content,document_link,proof_of_delivery_message,bank_line,bank_line_payment,payer_account,matching_code,blocking_rule,external_signal}'::text[], '001-50 every table of a customer''s facts but those of cash application, whose payments and allocations are there, rules, and the feed, whose facts are there');
INSERT INTO customer (customer_id, code, name, blocked) VALUES (51, 'GONE', 'Gone', true);
UPDATE customer SET parent_id = 50 WHERE customer_id = 51;
UPDATE customer SET payer_id = 50 WHERE customer_id = 51;
DELETE FROM customer WHERE customer_id = 51;
SELECT results_eq('SELECT event, detail FROM customer_timeline(51) ORDER BY event_no', $$VALUES ('customer_created', 'customer'), ('customer_blocked', 'true'), ('customer_parent', '50'), ('customer_payer', '50'), ('customer_deleted', 'GONE')$$, '001-50 a customer that is deleted leaves its trace');
SELECT throws_ok(s, e, NULL, '001-50 ' || s) FROM (VALUES
    ('SELECT customer_timeline(999)', 'CR004'), ('SELECT customer_timeline(NULL)', 'CR004'), ('SELECT customer_timeline(50, ''2026-02-01'', ''2026-01-01'')', '22023'),
    ('UPDATE customer_event SET after = ''x''', 'CR010'), ('DELETE FROM customer_event', 'CR010'), ('TRUNCATE customer_event', 'CR010')) v (s, e);
SELECT pg_temp.laws('001-50');

SELECT * FROM finish();
ROLLBACK;
