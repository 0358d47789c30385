-- Securities, down payments and risk actions: rows 001-25, 001-26, 001-30,
-- 001-55 and 002-13 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('secured') \g /dev/null
SET LOCAL search_path = secured, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-03-01', 0.9), ('USD', '2026-03-20', 0.8);
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, 'B' FROM generate_series(1, 20) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (31, 'S', 'Site', 1);
INSERT INTO credit_limit (customer_id, amount) SELECT customer_id, 100000 FROM customer WHERE customer_id < 30;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE secured.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.usable(id bigint, d date) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(trim_scale(usable)::text, ' ' ORDER BY guarantee_id), 'none') FROM secured.guarantees_in_force(id, d) $$;
CREATE FUNCTION pg_temp.guaranteed(id bigint, d date, e numeric) RETURNS numeric LANGUAGE sql AS $$ SELECT trim_scale(secured.guaranteed_amount(id, d, e)) $$;
CREATE FUNCTION pg_temp.uncovered(no text) RETURNS numeric LANGUAGE sql AS
$$ SELECT trim_scale(secured.order_uncovered(order_id)) FROM secured.sales_order WHERE order_no = no $$;
CREATE FUNCTION pg_temp.state(no text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', o.status, (SELECT array_to_string(d.reasons, ',') FROM secured.credit_decision d WHERE d.customer_id = o.customer_id AND d.order_id = o.order_id ORDER BY d.decision_id DESC LIMIT 1))
   FROM secured.sales_order o WHERE o.order_no = no $$;
CREATE FUNCTION pg_temp.deposit(no text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', trim_scale(required), trim_scale(paid), trim_scale(missing)) FROM secured.order_deposit_status WHERE order_no = no $$;
CREATE FUNCTION pg_temp.figure(no text, name text) RETURNS numeric LANGUAGE sql AS
$$ SELECT trim_scale((d.inputs->>name)::numeric) FROM secured.sales_order o CROSS JOIN LATERAL secured.decide_order(secured.credit_figures(o.customer_id), o.order_id,
   (SELECT exposure - o.open_amount_base FROM secured.credit_account a WHERE a.customer_id = o.customer_id), (SELECT exposure FROM secured.credit_account a WHERE a.customer_id = o.customer_id), NULL, '{}') d WHERE o.order_no = no $$;

-- 001-25: guarantees ------------------------------------------------------------------
SELECT is(pg_temp.usable(1, '2026-03-02'), 'none', '001-25 a customer without guarantees');
SELECT is(guaranteed_amount(1, '2026-03-02', 5000), 0::numeric, '001-25 has nothing guaranteed');
INSERT INTO guarantee (guarantee_id, customer_id, kind, guarantor, amount, haircut_pct, priority, valid_to)
VALUES (101, 1, 'bank_guarantee', 'Banque du Nord', 10000, 20, 1, '2026-03-31'), (102, 1, 'parent_guarantee', 'Holding', 5000, 50, 2, NULL);
SELECT is(pg_temp.usable(1, '2026-03-02'), '8000 2500', '001-25 amount less haircut is usable');
SELECT is(pg_temp.usable(1, '2026-03-31'), '8000 2500', '001-25 the last day still counts');
SELECT is(pg_temp.usable(1, '2026-04-01'), '2500', '001-25 an expired guarantee stops counting at midnight of its expiry');
SELECT is(pg_temp.usable(1, '2026-03-01'), 'none', '001-25 and none counts before it begins');
SELECT is(pg_temp.guaranteed(1, '2026-03-31', 9000), 9000::numeric, '001-25 never more than the exposure');
SELECT is(pg_temp.guaranteed(1, '2026-04-01', 9000), 2500::numeric, '001-25 at midnight 6,500 of it are our own risk');
SELECT is(pg_temp.guaranteed(1, '2026-03-31', -5), 0::numeric, '001-25 nothing of a credit balance is');
SELECT results_eq($$SELECT guarantee_id, trim_scale(counted) FROM guarantee_allocation(1, '2026-03-02', 9000)$$, $$VALUES (101::bigint, 8000::numeric), (102, 1000)$$, '001-25 the priority says which counts first');
SELECT pg_temp.day('2026-03-31') \g /dev/null
SELECT results_eq('SELECT guarantee_id, days_left FROM guarantee_in_force ORDER BY 1', 'VALUES (101::bigint, 0), (102, NULL)', '001-25 the view on the last day');
SELECT results_eq('SELECT guarantee_id, deadline, days_left FROM guarantee_expiring', $$VALUES (101::bigint, 'expiry', 0)$$, '001-25 it is about to expire');
SELECT pg_temp.day('2026-04-01') \g /dev/null
SELECT results_eq('SELECT guarantee_id FROM guarantee_in_force', 'VALUES (102::bigint)', '001-25 the view a day later');
SELECT is_empty('SELECT * FROM guarantee_expiring', '001-25 and what has expired expires no more');
SELECT pg_temp.day('2026-03-02') \g /dev/null
-- called
SELECT isnt(call_guarantee(101, 3000), NULL, '001-25 3,000 of it are called');
SELECT is(pg_temp.usable(1, '2026-03-02'), '5000 2500', '001-25 called is used up');
SELECT results_eq('SELECT trim_scale(called_base), called_on FROM guarantee_in_force WHERE guarantee_id = 101', $$VALUES (3000::numeric, date '2026-03-02')$$, '001-25 the view tells when and how much');
SELECT throws_ok('SELECT call_guarantee(101, 7000.01)', 'CR003', NULL, '001-25 not more than its amount is called');
SELECT isnt(call_guarantee(101), NULL, '001-25 all that is left');
SELECT is(pg_temp.usable(1, '2026-03-02'), '0 2500', '001-25 nothing is left, never less');
SELECT isnt(reverse_guarantee_event(max(guarantee_event_id)), NULL, '001-25 a call taken back') FROM guarantee_event;
SELECT is(pg_temp.usable(1, '2026-03-02'), '5000 2500', '001-25 counts again');
SELECT is((SELECT count(*) FROM guarantees_in_force(1, '2026-03-02', '2026-01-01')), 0::bigint, '001-25 as known before it was recorded there was none');
-- released, cancelled
SELECT is(release_guarantee(102, 'the parent paid'), '2026-03-02'::date, '001-25 released');
SELECT is(pg_temp.usable(1, '2026-03-02'), '5000', '001-25 what is released counts no more');
-- another currency, another scope
INSERT INTO guarantee (guarantee_id, customer_id, kind, amount, currency, haircut_pct) VALUES (103, 2, 'surety', 1000, 'USD', 10);
SELECT is(pg_temp.usable(2, '2026-03-02'), '810', '001-25 in base currency at the rate of its first day');
SELECT is(trim_scale((SELECT called_base FROM guarantees_in_force(2, '2026-03-02') f WHERE call_guarantee(103, 500) > 0)), 0::numeric, '001-25 a call in its currency');
SELECT is(pg_temp.usable(2, '2026-03-02'), '360', '001-25 is worth 450');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, contract_no) VALUES (3, 301, 'K1', 1000, 'M-1'), (3, 302, 'K2', 400, 'M-1'), (3, 303, 'K3', 5000, NULL);
INSERT INTO guarantee (guarantee_id, customer_id, kind, amount, contract_no) VALUES (104, 3, 'pledge', 3000, 'M-1');
INSERT INTO guarantee (guarantee_id, customer_id, kind, amount, order_id, priority) VALUES (105, 3, 'escrow', 800, 301, 50);
SELECT is(pg_temp.guaranteed(3, '2026-03-02', 6400), 1400::numeric, '001-25 a guarantee of a contract covers what its orders owe, not the account');
SELECT results_eq($$SELECT guarantee_id, trim_scale(counted) FROM guarantee_allocation(3, '2026-03-02', 6400)$$, $$VALUES (105::bigint, 800::numeric), (104, 600)$$, '001-25 the same euro is not covered twice');
SELECT is(trim_scale(guaranteed_amount(3, '2026-03-02', 5000, NULL, 303)), 0::numeric, '001-25 another order has no part in it');
SELECT is(trim_scale(guaranteed_amount(3, '2026-03-02', 1400, 'M-1')), 1400::numeric, '001-25 the contract alone');
SELECT results_eq('SELECT step_no, layer, trim_scale(amount) FROM secured_amount(3, NULL, 500, 3000)',
  $$VALUES (1, 'deposit', 0::numeric), (2, 'retention_of_title', 0), (3, 'contract_cover', 500), (4, 'buyer_cover', 3000), (5, 'guarantee', 1400), (6, 'own', 1500)$$,
  '001-25 who bears a loss, in order: covers before guarantees, what is left is ours');
-- bad input
SELECT throws_ok(s, e, NULL, '001-25 ' || s) FROM (VALUES
    ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (31, ''surety'', 5)', 'CR004'), ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (NULL, ''surety'', 5)', 'CR004'),
    ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (1, ''promise'', 5)', '23514'), ('INSERT INTO guarantee (customer_id, kind) VALUES (1, ''surety'')', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (1, ''surety'', -5)', '23514'), ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (1, ''surety'', 5.001)', 'CR011'),
    ('INSERT INTO guarantee (customer_id, kind, amount, currency) VALUES (1, ''surety'', 5, ''CHF'')', 'CR006'),
    ('INSERT INTO guarantee (customer_id, kind, amount, order_id) VALUES (1, ''surety'', 5, 301)', 'CR007'),
    ('INSERT INTO guarantee (customer_id, kind, amount, order_id, contract_no) VALUES (3, ''surety'', 5, 301, ''M-1'')', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, amount, valid_to) VALUES (1, ''surety'', 5, ''2026-03-01'')', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, amount, haircut_pct) VALUES (1, ''surety'', 5, 101)', '23514'),
    ('UPDATE guarantee SET amount = 9', 'CR010'), ('UPDATE guarantee SET valid_to = ''2030-01-01'' WHERE guarantee_id = 101', 'CR010'), ('DELETE FROM guarantee', 'CR010'), ('TRUNCATE guarantee CASCADE', 'CR010'),
    ('UPDATE guarantee_event SET amount = 9', 'CR010'), ('DELETE FROM guarantee_event', 'CR010'),
    ('SELECT call_guarantee(999)', 'CR007'), ('SELECT call_guarantee(101, 5, ''2026-03-03'')', 'CR003'), ('SELECT call_guarantee(101, 5, ''2026-03-01'')', 'CR003'), ('SELECT call_guarantee(101, 0.001)', 'CR011'),
    ('SELECT call_guarantee(102, 5)', 'CR012'), ('SELECT release_guarantee(102, ''again'')', 'CR012'), ('SELECT release_guarantee(101, '''')', '22023'), ('SELECT release_guarantee(999, ''x'')', 'CR007'),
    ('SELECT release_guarantee(101, ''x'', ''lost'')', '23514'), ('SELECT reverse_guarantee_event(guarantee_event_id) FROM guarantee_event WHERE reversal_of IS NOT NULL', 'CR007'),
    ('INSERT INTO guarantee_event (customer_id, guarantee_id, event, amount) VALUES (2, 101, ''called'', 5)', 'CR007')) v (s, e);
SELECT isnt(call_guarantee(101), NULL, '001-25 the rest is called');
SELECT is(pg_temp.usable(1, '2026-03-02'), '0', '001-25 a guarantee called in full covers nothing');

-- 001-30: documentary credit, retention of title ------------------------------------------
SELECT throws_ok(s, e, NULL, '001-30 ' || s) FROM (VALUES
    ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (4, ''documentary_credit'', 5)', '23514'), ('INSERT INTO guarantee (customer_id, kind, amount) VALUES (4, ''standby_letter_of_credit'', 5)', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, amount, valid_to, latest_shipment_on) VALUES (4, ''documentary_credit'', 5, ''2026-04-01'', ''2026-04-02'')', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, amount, latest_shipment_on) VALUES (4, ''surety'', 5, ''2026-04-02'')', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, amount, accepted_on) VALUES (4, ''surety'', 5, ''2026-03-02'')', '23514'),
    ('INSERT INTO guarantee (customer_id, kind, accepted_on) VALUES (4, ''retention_of_title'', ''2026-03-03'')', 'CR003')) v (s, e);
INSERT INTO sales_order (customer_id, order_id, order_no, amount, deliver_on) VALUES (4, 401, 'L1', 1000, '2026-03-20'), (4, 402, 'L2', 1000, '2026-03-21'), (4, 403, 'L3', 1000, NULL);
INSERT INTO guarantee (guarantee_id, customer_id, kind, guarantor, amount, order_id, valid_to, latest_shipment_on)
SELECT order_id, 4, 'documentary_credit', 'Bank of Lagos', 1000, order_id, '2026-04-15', '2026-03-20' FROM sales_order WHERE customer_id = 4;
SELECT is((SELECT presentation_days FROM guarantee WHERE guarantee_id = 401), 21, '001-30 documents are presented within 21 days where nothing else is agreed');
SELECT is(pg_temp.uncovered('L1'), 0::numeric, '001-30 an order that leaves on the latest shipment date is covered');
SELECT is(pg_temp.uncovered('L2'), 1000::numeric, '001-30 one planned for the day after is not');
SELECT is(pg_temp.uncovered('L3'), 0::numeric, '001-30 without a planned date it could leave today');
SELECT is(pg_temp.guaranteed(4, '2026-03-02', 3000), 2000::numeric, '001-30 of the account two of three are covered');
SELECT pg_temp.day('2026-03-21') \g /dev/null
SELECT is(pg_temp.uncovered('L3'), 1000::numeric, '001-30 it cannot any more on the day after the latest shipment');
INSERT INTO delivery (customer_id, order_id, delivered_on, amount) VALUES (4, 401, '2026-03-20', 600), (4, 401, '2026-03-21', 400);
SELECT is(pg_temp.uncovered('L1'), 400::numeric, '001-30 what was shipped after the latest shipment date is not counted as covered');
SELECT is(trim_scale(guaranteed_amount(4, '2026-03-21', 1000, NULL, 401)), 600::numeric, '001-30 what was shipped in time is');
SELECT pg_temp.day('2026-04-10') \g /dev/null
SELECT is(pg_temp.uncovered('L1'), 400::numeric, '001-30 the last day of presentation');
SELECT isnt(present_documents(401, 500), NULL, '001-30 documents for 500 are presented');
SELECT pg_temp.day('2026-04-11') \g /dev/null
SELECT is(pg_temp.uncovered('L1'), 500::numeric, '001-30 the 100 without documents in time are not covered');
SELECT throws_ok('SELECT present_documents(401, 501)', 'CR003', NULL, '001-30 not more than the credit is presented');
SELECT pg_temp.day('2026-04-16') \g /dev/null
SELECT is(pg_temp.uncovered('L1'), 1000::numeric, '001-30 nor anything after its expiry');
SELECT throws_ok('SELECT present_documents(401, 1)', 'CR003', NULL, '001-30 and nothing is presented then');
SELECT pg_temp.day('2026-03-02') \g /dev/null
-- retention of title: accepted before the goods leave
INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount) VALUES (5, 501, '2026-02-20', 700);
INSERT INTO invoice (customer_id, invoice_no, delivery_id, issued_on, amount) VALUES (5, 'R1', 501, '2026-03-02', 700);
INSERT INTO guarantee (guarantee_id, customer_id, kind, haircut_pct) VALUES (501, 5, 'retention_of_title', 40);
SELECT is(pg_temp.usable(5, '2026-03-02'), 'none', '001-30 a retention of title that is not accepted covers nothing');
SELECT throws_ok('SELECT call_guarantee(501, 5)', 'CR003', NULL, '001-30 nor is it called');
SELECT is(accept_retention(501, '2026-02-21'), '2026-02-21'::date, '001-30 accepted the day after the delivery');
SELECT throws_ok('SELECT accept_retention(501, ''2026-02-19'')', 'CR010', NULL, '001-30 once, and not backwards');
SELECT is(pg_temp.guaranteed(5, '2026-03-02', 700), 0::numeric, '001-30 accepted after the delivery, it does not cover that');
INSERT INTO delivery (customer_id, delivery_id, delivered_on, amount) VALUES (5, 502, '2026-02-21', 1000);
SELECT is(pg_temp.guaranteed(5, '2026-03-02', 1700), 600::numeric, '001-30 what is delivered from then on is covered, less haircut');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, delivery_id, issued_on, amount) VALUES (5, 502, 'R2', 502, '2026-03-02', 1000);
SELECT is(pg_temp.guaranteed(5, '2026-03-02', 1700), 600::numeric, '001-30 also once invoiced');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (5, 501, '2026-03-02', 1000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 501, 502, 1000);
SELECT is(pg_temp.guaranteed(5, '2026-03-02', 700), 0::numeric, '001-30 and no more once paid: the old goods are not');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (5, 503, 'R3', 900);
SELECT is(pg_temp.guaranteed(5, '2026-03-02', 1600), 540::numeric, '001-30 what is still to be delivered will be');
-- a standby letter of credit for the account
INSERT INTO sales_order (customer_id, order_id, order_no, amount, deliver_on) VALUES (6, 601, 'B1', 1000, '2026-05-01'), (6, 602, 'B2', 2000, '2026-03-10');
INSERT INTO guarantee (guarantee_id, customer_id, kind, amount, valid_to) VALUES (601, 6, 'standby_letter_of_credit', 9000, '2026-04-30');
SELECT is(pg_temp.guaranteed(6, '2026-03-02', 3000), 2000::numeric, '001-30 an order to be delivered after the expiry is not covered');
SELECT is_empty('SELECT * FROM verify()', '001-30 verify()');

-- 001-55: securities of an order ------------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (7, 701, 'S1', 10000);
SELECT is(pg_temp.uncovered('S1'), 10000::numeric, '001-55 an order without securities is not covered');
INSERT INTO guarantee (guarantee_id, customer_id, kind, amount, order_id, valid_to) VALUES (701, 7, 'documentary_collection', 3000, 701, '2026-06-30'), (702, 7, 'standby_letter_of_credit', 2000, 701, '2026-06-30'),
    (703, 7, 'escrow', 1000, 701, '2026-03-15'), (704, 7, 'bank_guarantee', 50000, NULL, NULL);
SELECT is(pg_temp.uncovered('S1'), 4000::numeric, '001-55 uncovered = amount less the securities attached to it; what is for the account is not of the order');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (7, 701, 1500);
SELECT isnt(pay_deposit(701, 701, 1500), NULL, '001-55 a down payment');
SELECT is(pg_temp.uncovered('S1'), 2500::numeric, '001-55 is a security of it too');
SELECT results_eq('SELECT kind, trim_scale(counted) FROM order_security WHERE order_id = 701 ORDER BY kind', $$VALUES ('deposit', 1500::numeric), ('documentary_collection', 3000), ('escrow', 1000), ('standby_letter_of_credit', 2000)$$, '001-55 each by itself');
SELECT results_eq('SELECT trim_scale(deposit), trim_scale(guaranteed), trim_scale(uncovered) FROM order_cover WHERE order_id = 701', 'VALUES (1500::numeric, 6000::numeric, 2500::numeric)', '001-55 and together');
SELECT release_guarantee(701, 'documents against payment were refused', 'cancelled') \g /dev/null
SELECT is(pg_temp.uncovered('S1'), 5500::numeric, '001-55 without the collection');
SELECT pg_temp.day('2026-03-16') \g /dev/null
SELECT is(pg_temp.uncovered('S1'), 6500::numeric, '001-55 and once the escrow has expired');
SELECT results_eq('SELECT kind, in_force, trim_scale(counted) FROM order_security WHERE order_id = 701 AND NOT in_force ORDER BY kind', $$VALUES ('documentary_collection', false, 0::numeric), ('escrow', false, 0)$$, '001-55 what is not valid counts 0');
SELECT pg_temp.day('2026-03-02') \g /dev/null
SELECT throws_ok('SELECT order_uncovered(999)', 'CR007', NULL, '001-55 no such order');
INSERT INTO blocking_rule (kind, action, threshold, customer_id) VALUES ('unsecured_order', 'hold', 5000, 8);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (8, 801, 'S2', 5000), (8, 802, 'S3', 5001);
SELECT is(pg_temp.state('S2') || ', ' || pg_temp.state('S3'), 'open, held unsecured_order', '001-55 a rule holds what has more uncovered than it allows');
SELECT is(pg_temp.figure('S3', 'order_uncovered'), 5001::numeric, '001-55 the figure');
INSERT INTO guarantee (guarantee_id, customer_id, kind, amount, order_id, valid_to) VALUES (801, 8, 'escrow', 1, 802, '2026-06-30');
SELECT is(pg_temp.figure('S3', 'order_uncovered'), 5000::numeric, '001-55 is cured by a security attached to it');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT status FROM sales_order WHERE order_no = 'S3'), 'released', '001-55 and the order goes free at COMMIT');
SET CONSTRAINTS ALL DEFERRED;

-- 001-26: down payments -----------------------------------------------------------------------
SELECT is((SELECT string_agg(risk_class || trim_scale(pct), ' ' ORDER BY risk_class) FROM deposit_rule WHERE risk_class IS NOT NULL), 'A0 B0 C0 D30 E100', '001-26 by class');
UPDATE customer SET risk_class = 'D' WHERE customer_id IN (9, 10);
UPDATE customer SET risk_class = 'E' WHERE customer_id = 11;
UPDATE customer SET credit_mode = 'deposit' WHERE customer_id = 12;
UPDATE customer SET risk_class = NULL WHERE customer_id = 13;
SELECT is((SELECT string_agg(trim_scale(deposit_pct(customer_id))::text, ' ' ORDER BY customer_id) FROM customer WHERE customer_id BETWEEN 8 AND 13), '0 30 30 100 30 0', '001-26 what each customer pays in advance');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (9, 900, 'D0', 1000);
SELECT is(pg_temp.state('D0'), 'open', '001-26 no rule, no hold');
DELETE FROM sales_order WHERE order_id = 900;
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('deposit_missing', 'hold', 0);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (8, 803, 'D1', 900), (9, 901, 'D2', 1000), (11, 1101, 'D3', 500), (12, 1201, 'D4', 200);
SELECT is(pg_temp.state('D1'), 'open', '001-26 class B needs no down payment');
SELECT is(pg_temp.state(o), 'held deposit_missing', '001-26 unpaid: ' || o || ' is held') FROM unnest('{D2,D3,D4}'::text[]) o;
SELECT is((SELECT string_agg(deposit_requirement(order_id)::text, ' ' ORDER BY order_id) FROM sales_order WHERE order_no IN ('D2', 'D3', 'D4')), '300 500 60', '001-26 required');
SELECT is(pg_temp.deposit('D2'), '300 0 300', '001-26 and missing');
SELECT matches((SELECT cure FROM credit_decision WHERE customer_id = 9 ORDER BY decision_id DESC LIMIT 1), '300', '001-26 the decision says how much is missing');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (9, 901, 200), (9, 902, 150);
SELECT is(pg_temp.figure('D2', 'deposit_missing'), 300::numeric, '001-26 cash that is not given to the order is no down payment');
SELECT isnt(pay_deposit(901, 901), NULL, '001-26 200 of 300 are paid');
SELECT is(pg_temp.deposit('D2') || ' ' || pg_temp.figure('D2', 'deposit_missing'), '300 200 100 100', '001-26 partly paid: 100 is missing');
SELECT throws_ok($$SELECT release_order(901, 'paid?')$$, 'CR001', NULL, '001-26 it does not fit yet');
SELECT isnt(pay_deposit(901, 902), NULL, '001-26 the rest is paid');
SELECT is(pg_temp.deposit('D2') || ' ' || pg_temp.figure('D2', 'deposit_missing'), '300 300 0 0', '001-26 nothing is missing');
SELECT is((SELECT trim_scale(sum(amount)) FROM pro_forma_payment WHERE customer_id = 9 AND payment_id = 902), 100::numeric, '001-26 no more was taken than is asked for');
SELECT is((SELECT status FROM sales_order WHERE order_id = 901), 'held', '001-26 the order waits for COMMIT');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT status FROM sales_order WHERE order_id = 901), 'released', '001-26 and the order goes free by itself at COMMIT');
SELECT is((SELECT concat_ws(' ', trim_scale(open_orders), trim_scale(unapplied), trim_scale(exposure)) FROM credit_account WHERE customer_id = 9), '1000 350 650', '001-26 what was paid lowers exposure');
SELECT throws_ok('SELECT pay_deposit(901, 902)', 'CR003', NULL, '001-26 nothing is missing any more');
-- 30 % paid -> exposure = 70 % of the order
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (10, 1001, 'D5', 1000);
INSERT INTO payment (customer_id, payment_id, amount) VALUES (10, 1001, 300);
SELECT pay_deposit(1001, 1001) \g /dev/null
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT trim_scale(exposure) FROM credit_account WHERE customer_id = 10), 700::numeric, '001-26 30 % paid: exposure is 70 % of the order');
SELECT is(pg_temp.uncovered('D5'), 700::numeric, '001-26 and so is what is not covered');
-- it comes back
SELECT reverse_payment(1001) \g /dev/null
SELECT is(pg_temp.deposit('D5') || ' ' || pg_temp.figure('D5', 'deposit_missing'), '300 0 300 300', '001-26 a down payment that comes back is missing again');
SELECT is((SELECT trim_scale(exposure) FROM credit_account WHERE customer_id = 10), 1000::numeric, '001-26 and exposure is the whole order');
-- by a down-payment invoice, by cheque, counted once
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (10, 1002, 'D6', 1000);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, order_id, amount) VALUES (10, 1002, 'A6', 'down_payment', 1002, 300);
SELECT is(pg_temp.deposit('D6'), '300 0 300', '001-26 a down-payment invoice that is not paid');
INSERT INTO payment (customer_id, payment_id, amount, method) VALUES (10, 1002, 300, 'cheque');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (10, 1002, 1002, 300);
SELECT is(pg_temp.deposit('D6'), '300 0 300', '001-26 a cheque that can come back is not final');
SELECT confirm_payment(1002) \g /dev/null
SELECT is(pg_temp.deposit('D6'), '300 300 0', '001-26 the invoice is paid');
INSERT INTO pro_forma (customer_id, pro_forma_id, pro_forma_no, order_id, amount) VALUES (10, 1002, 'PF6', 1002, 300);
SELECT pay_pro_forma(1002, 1002) \g /dev/null
SELECT is(pg_temp.deposit('D6'), '300 300 0', '001-26 the same money for a pro forma counts once');
-- in another currency
INSERT INTO sales_order (customer_id, order_id, order_no, amount, currency) VALUES (12, 1202, 'D7', 1000, 'USD');
SELECT is(pg_temp.deposit('D7') || ' ' || pg_temp.figure('D7', 'deposit_missing') || ' ' || pg_temp.figure('D7', 'order_uncovered'), '300 0 300 270 900', '001-26 in the currency of the order; figures in base currency');
SELECT throws_ok(s, e, NULL, '001-26 ' || s) FROM (VALUES
    ('SELECT deposit_requirement(999)', 'CR007'), ('SELECT pay_deposit(999, 901)', 'CR007'), ('SELECT pay_deposit(1101, 901)', 'CR007'), ('SELECT pay_deposit(1101, NULL)', 'CR007'),
    ('SELECT pay_deposit(803, 901)', 'CR003'), ('SELECT pay_deposit(1202, 901)', 'CR007'), ('INSERT INTO deposit_rule (risk_class, pct) VALUES (''D'', 40)', '23505'),
    ('INSERT INTO deposit_rule (risk_class, pct) VALUES (''F'', 101)', '23514'), ('INSERT INTO deposit_rule (pct) VALUES (10)', '23514')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', '001-26 verify()');

-- 002-13: risk actions ---------------------------------------------------------------------------
SELECT is_empty('SELECT * FROM risk_action(14)', '002-13 nothing is proposed to a customer in order');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (14, 'O1', '2025-12-01', '2026-01-01', 4000);
SELECT is_empty('SELECT * FROM risk_action(14)', '002-13 nor where no rule fires');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('overdue_amount', 'hold', 1000), ('oldest_open_item', 'warn', 30), ('overdue_share', 'hold', 50), ('broken_promises', 'hold', 1);
SELECT set_eq('SELECT action, reason, trim_scale(amount) FROM risk_action(14)',
  $$VALUES ('deposit', 'overdue_amount', 4000::numeric), ('payment_plan', 'overdue_amount', 4000), ('deposit', 'oldest_open_item', 4000), ('shorter_terms', 'overdue_share', NULL)$$, '002-13 the rules that fire propose');
SELECT is_empty('SELECT * FROM risk_action(14) p WHERE NOT EXISTS (SELECT FROM rule_in_force r WHERE r.rule_id = p.rule_id AND r.kind = p.reason)', '002-13 each proposal carries the id of its rule');
SELECT results_eq($$SELECT words_en, words_fr FROM risk_action(14) WHERE reason = 'overdue_share'$$, $$VALUES ('100 % is overdue: shorten the payment terms', '100 % sont échus : réduire les délais de paiement')$$, '002-13 in words');
SELECT is((SELECT credit_mode FROM customer WHERE customer_id = 14), 'credit', '002-13 nothing is applied by itself');
CREATE TEMPORARY TABLE p AS SELECT * FROM risk_action(14);
SELECT isnt(take_risk_action(14, 'deposit', rule_id, 'two months late'), NULL, '002-13 a person takes one') FROM p WHERE reason = 'overdue_amount' AND action = 'deposit';
SELECT is((SELECT credit_mode FROM customer WHERE customer_id = 14), 'deposit', '002-13 and the customer pays in advance');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (14, 1401, 'A1', 100);
SELECT matches(pg_temp.state('A1'), 'deposit_missing', '002-13 its next order is held for it too');
SELECT isnt(take_risk_action(14, 'payment_plan', rule_id, 'asked for', 3500), NULL, '002-13 another one') FROM p WHERE action = 'payment_plan';
SELECT is((SELECT count(*) FROM task WHERE customer_id = 14 AND kind = 'risk_action_payment_plan' AND closed_on IS NULL), 1::bigint, '002-13 is a task');
SELECT isnt(decline_risk_action(14, 'shorter_terms', rule_id, 'a good customer'), NULL, '002-13 a third is declined') FROM p WHERE action = 'shorter_terms';
SELECT results_eq('SELECT action, decision, trim_scale(d.amount), d.rule_id = p.rule_id FROM risk_action_decision d JOIN p USING (action, rule_id) ORDER BY risk_action_decision_id',
  $$VALUES ('deposit', 'taken', 4000::numeric, true), ('payment_plan', 'taken', 3500, true), ('shorter_terms', 'declined', NULL, true)$$, '002-13 all on record, with the rule');
SELECT is((SELECT count(*) FROM risk_event WHERE customer_id = 14 AND object = 'risk_action_decision'), 3::bigint, '002-13 and in the timeline');
SELECT throws_ok(s, e, NULL, '002-13 ' || s) FROM (VALUES
    ('SELECT risk_action(999)', 'CR004'), ('SELECT risk_action(31)', 'CR004'), ('SELECT risk_action(NULL)', 'CR004'), ('SELECT take_risk_action(14, ''deposit'', 1, ''x'')', 'CR012'),
    ('SELECT take_risk_action(14, ''deposit'', rule_id, '''') FROM p', '22023'), ('SELECT take_risk_action(14, ''deposit'', rule_id, ''x'', -1) FROM p', '22023'), ('SELECT take_risk_action(14, NULL, NULL, ''x'')', 'CR012'),
    ('UPDATE risk_action_decision SET motive = ''x''', 'CR010'), ('DELETE FROM risk_action_decision', 'CR010'), ('TRUNCATE risk_action_decision', 'CR010')) v (s, e);
SELECT retire_rule(rule_id) FROM p WHERE reason = 'overdue_share' \g /dev/null
SELECT is_empty($$SELECT * FROM risk_action(14) WHERE action = 'shorter_terms'$$, '002-13 a rule that is retired proposes nothing');
SELECT is_empty('SELECT * FROM verify()', '002-13 verify()');

SELECT * FROM finish();
ROLLBACK;
