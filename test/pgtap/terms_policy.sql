-- Terms and methods of payment: by class, by law, cash only, changed with
-- approval, negotiated, complete or not.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('terms') \g /dev/null
SET LOCAL search_path = terms, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', no_limit = 'pass';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-01', 0.9);
INSERT INTO customer (customer_id, code, name, risk_class, terms, payment_method)
SELECT i, 'C' || i, 'Customer ' || i, (ARRAY['A', 'B', 'C', 'D', 'E'])[(i - 1) % 5 + 1], 'net 30', 'transfer' FROM generate_series(1, 40) i;

-- What became of an order: status, and the reasons of its decision.
CREATE FUNCTION pg_temp.became(no text) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', o.status, d.reasons) FROM terms.sales_order o
   LEFT JOIN LATERAL (SELECT array_to_string(array(SELECT unnest(c.reasons) ORDER BY 1), ',') AS reasons FROM terms.credit_decision c
                      WHERE (c.customer_id, c.order_id) = (o.customer_id, o.order_id) AND c.outcome <> 'passed' ORDER BY c.decision_id DESC LIMIT 1) d ON true
   WHERE o.order_no = no $$;
-- Places an order and says what became of it.
CREATE FUNCTION pg_temp.placed(customer bigint, no text, terms text DEFAULT NULL, method text DEFAULT NULL, amount numeric DEFAULT 100) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO terms.sales_order (customer_id, order_no, amount, terms, payment_method) VALUES (customer, no, amount, terms, method);
    RETURN pg_temp.became(no);
EXCEPTION WHEN SQLSTATE 'CR001' THEN
    RETURN 'refused';
END $$;
CREATE FUNCTION pg_temp.figure(customer bigint, name text, document jsonb DEFAULT '{}') RETURNS numeric LANGUAGE sql AS
$$ SELECT (terms.terms_figures(terms.credit_figures(customer) || document)->>name)::numeric $$;

-- How long terms are.
SELECT is(terms_days(t::payment_terms), d, 'days of ' || t) FROM (VALUES
    ('net 30', 30), ('45 eom', 75), ('eom 45', 75), ('30 eom', 60), ('net 2 months', 62), ('30 fin de decade', 40), ('30 eom on the 10th', 70), ('comptant', 0), ('cod', 0),
    ('prepayment', 0), ('30% prepayment, 70% 30 eom', 60), ('60% net 90, 40% net 30', 90), ('net 12 months', 366)) v (t, d);
SELECT is_empty($$
  SELECT t FROM unnest('{net 30,45 eom,eom 45,net 2 months,10 prox,30 fin de decade,30 eom on the 10th,net 24 months}'::text[]) t
  WHERE terms_days(t::payment_terms) <> (SELECT max(due_date(d::date, t::payment_terms) - d::date) FROM generate_series(date '2001-01-01', date '2012-12-31', '1 day') d)
$$, 'law: the most that any date of twelve years gives');
SELECT is(on_credit(t::payment_terms), c, 'on credit: ' || t) FROM (VALUES ('net 30', true), ('comptant', true), ('cod', false), ('prepayment', false),
    ('30% prepayment, 70% cod', false), ('30% prepayment, 70% net 30', true)) v (t, c);
SELECT is(fr_days_over_maximum(t::payment_terms, r), d, t || ' by ' || r) FROM (VALUES
    ('45 eom', 'agreed', 0), ('eom 45', 'agreed', 0), ('net 60', 'agreed', 0), ('net 61', 'agreed', 1), ('60 eom', 'agreed', 30), ('45 eom', '60_days', 15),
    ('net 30', 'transport', 0), ('30 eom', 'transport', 30), ('eom 30', 'alcoholic_drinks', 0), ('net 60', 'public_hospital', 10), ('prepayment', 'public_buyer', 0)) v (t, r, d);
SELECT is_empty($$
  SELECT t, r FROM unnest('{net 30,45 eom,net 2 months,10 prox,eom 45,net 75}'::text[]) t, unnest('{60_days,45_eom,eom_45,transport,perishable_food_periodic_invoice}'::text[]) r
  WHERE fr_days_over_maximum(t::payment_terms, r)
        <> (SELECT greatest(max(due_date(d::date, t::payment_terms) - fr_max_due_date(d::date, r, d::date)), 0) FROM generate_series(date '2001-01-01', date '2008-12-31', '1 day') d)
$$, 'law: as fr_max_due_date() on every day of eight years');
SELECT throws_ok($$SELECT fr_days_over_maximum('net 30', 'nowhere')$$, '22023', 'unknown regime: "nowhere"', 'another regime');
SELECT is(fr_days_over_maximum(NULL), NULL, 'NULL for NULL');

-- 000-12
SELECT results_eq('SELECT risk_class, max_days FROM terms_policy_in_force ORDER BY 1', $$VALUES ('A', 75), ('B', 60), ('C', 30), ('D', 15), ('E', 0)$$, '000-12 the days of each class');
SELECT is(pg_temp.placed(5, 'before', 'net 60'), 'open', '000-12 before: without a rule an order with 60 days for class E passes');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('terms_above_class', 'hold', 0);
SELECT is(pg_temp.placed(5, 'E60', 'net 60'), 'held terms_above_class', '000-12 an order with 60 days for class E (at most 0) is held');
SELECT is((SELECT cure FROM credit_decision WHERE document_no = 'E60'), 'passes with terms of at most 0 days, or paid before delivery', '000-12 and says what would cure it');
SELECT is((SELECT inputs->>'terms_days_over_class' FROM credit_decision WHERE document_no = 'E60'), '60', '000-12 with its figures');
SELECT is(pg_temp.placed(1, 'A75', '45 eom'), 'open', '000-12 45 days end of month pass for class A: 75 of 75');
SELECT is(pg_temp.placed(2, 'B75', '45 eom'), 'held terms_above_class', '000-12 and not for class B');
SELECT is(pg_temp.placed(3, 'C30'), 'open', '000-12 the customer''s own terms are looked at where the order has none');
SELECT is(pg_temp.placed(4, 'D30'), 'held terms_above_class', '000-12 and hold an order of class D');
SELECT is(pg_temp.placed(5, 'Epre', 'prepayment'), 'open', '000-12 paid in advance passes in class E');
UPDATE customer SET terms = NULL WHERE customer_id = 9;
SELECT is(pg_temp.figure(9, 'terms_days'), 30::numeric, '000-12 without any terms 30 days net, as the invoice will have');
UPDATE customer SET risk_class = NULL WHERE customer_id = 10;
SELECT is(pg_temp.figure(10, 'terms_days_allowed'), 30::numeric, '000-12 without a class as class C');
UPDATE customer SET risk_class = 'Z' WHERE customer_id = 10;
SELECT is(pg_temp.placed(10, 'Z60', 'net 60'), 'open', '000-12 of a class of which nothing is said the rule does not fire');
INSERT INTO terms_policy (risk_class, max_days, max_method_rank, valid_from) VALUES ('B', 75, NULL, '2026-03-10'), ('C', 45, 6, '2026-03-02');
SELECT is(pg_temp.placed(2, 'B75a', '45 eom'), 'held terms_above_class', '000-12 a later row counts from its day');
SELECT is(pg_temp.placed(3, 'C45', 'net 45'), 'open', '000-12 that of today today');
UPDATE ledger SET pinned_date = '2026-03-10';
SELECT is(pg_temp.placed(2, 'B75b', '45 eom'), 'open', '000-12 and on its day passes');
UPDATE ledger SET pinned_date = '2026-03-02';
SELECT is(pg_temp.placed(1, 'A75x', '45 eom'), 'open', '000-12 an open order');
UPDATE sales_order SET terms = 'net 90' WHERE order_no = 'A75x';
SELECT is(pg_temp.became('A75x'), 'held terms_above_class', '000-12 is judged again when its terms change');
INSERT INTO blocking_rule (kind, action, threshold, risk_class) VALUES ('terms_above_class', 'reject', 0, 'E');
SELECT throws_ok($$INSERT INTO sales_order (customer_id, amount, terms) VALUES (5, 100, 'net 60')$$, 'CR001', 'order refused for customer "C5": terms_above_class', '000-12 or refused, where the policy says so');
SELECT results_eq('SELECT terms_days, days_allowed, days_over_class, days_over_legal, rank_gap FROM customer_terms WHERE customer_id = 4', 'VALUES (30, 15, 15, 0, 2)', '000-12 customers outside of the policy are listed');
-- the legal maximum
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('terms_above_legal', 'reject', 0);
SELECT is(pg_temp.placed(1, 'L90', 'net 90'), 'refused', '000-12 90 days are above the law');
SELECT is(pg_temp.placed(1, 'L45', '45 eom'), 'open', '000-12 45 days end of month are not');
INSERT INTO legal_terms VALUES (1, 'transport');
SELECT is(pg_temp.placed(1, 'L45t', '45 eom'), 'refused', '000-12 but for transport they are');
DELETE FROM legal_terms;
UPDATE customer SET country = 'DE' WHERE customer_id = 1;
SELECT is(pg_temp.placed(1, 'Lde', 'net 75'), 'open', '000-12 abroad another law holds');
UPDATE customer SET country = 'FR' WHERE customer_id = 1;
INSERT INTO interest_terms (customer_id, regime) VALUES (1, 'FR_PUBLIC');
SELECT is(pg_temp.figure(1, 'terms_days_over_legal', '{"terms": "45 eom"}'), 45::numeric, '000-12 a public buyer has 30 days');
DELETE FROM interest_terms;
UPDATE legal_terms_policy SET regime = 'alcoholic_drinks';
SELECT is(pg_temp.figure(1, 'terms_days_over_legal', '{"terms": "net 60"}'), 30::numeric, '000-12 the ledger''s own regime');
UPDATE legal_terms_policy SET regime = 'agreed';
SELECT throws_ok($$INSERT INTO legal_terms VALUES (1, 'nowhere')$$, '22023', 'unknown regime: "nowhere"', '000-12 another regime is an error');
-- the invoice sets them for good
INSERT INTO blocking_rule (kind, checkpoint, action, threshold) VALUES ('terms_above_legal', 'invoice', 'warn', 0), ('terms_above_class', 'invoice', 'reject', 0);
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (1, 'I60', 100, '2026-03-02', '2026-05-01');
SELECT is((SELECT count(*) FROM credit_decision WHERE checkpoint = 'invoice'), 0::bigint, '000-12 an invoice within the law leaves no decision');
UPDATE customer SET risk_class = 'Z' WHERE customer_id = 1;
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (1, 'I76', 100, '2026-03-02', '2026-05-16');
SELECT results_eq('SELECT document_no, outcome, reasons, (inputs->>''terms_days_over_legal'')::int FROM credit_decision WHERE checkpoint = ''invoice''',
    $$VALUES ('I76', 'warned', '{terms_above_legal}'::text[], 1)$$, '000-12 one due a day later than 45 days after the end of the month is warned of');
UPDATE customer SET risk_class = 'A' WHERE customer_id = 1;
INSERT INTO invoice (customer_id, invoice_no, amount, terms) VALUES (4, 'I30', 100, 'net 30');
INSERT INTO invoice (customer_id, invoice_no, amount, terms, kind) VALUES (4, 'AV1', 100, 'net 90', 'credit_note');
SELECT results_eq('SELECT document_no, outcome, reasons FROM credit_decision WHERE checkpoint = ''invoice'' AND customer_id = 4', $$VALUES ('I30', 'warned', '{terms_above_class}'::text[])$$,
    '000-12 an invoice above the class is warned of whatever the rule says, and a credit note gives no credit');
SELECT is_empty('SELECT * FROM verify()', '000-12 verify()');
SELECT throws_ok($$UPDATE terms_policy SET max_days = 90$$, 'CR010', NULL, '000-12 the policy is a fact');
SELECT throws_ok($$INSERT INTO terms_policy (risk_class, max_days) VALUES ('A', -1)$$, '23514', NULL, '000-12 negative days');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

-- 003-07
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('terms_longer', 'hold', 0);
SELECT is(pg_temp.placed(6, 'usual'), 'open', '003-07 at the customer''s own terms an order passes');
SELECT is(pg_temp.placed(6, 'shorter', 'net 10'), 'open', '003-07 at shorter ones too');
SELECT is(pg_temp.placed(6, 'longer', '30 eom'), 'held terms_longer', '003-07 at longer ones it is looked at again');
SELECT is((SELECT results->0->>'figure' FROM credit_decision WHERE document_no = 'longer'), '30', '003-07 30 days longer');
UPDATE sales_order SET terms = 'net 45' WHERE order_no = 'usual';
SELECT is(pg_temp.became('usual'), 'held terms_longer', '003-07 also when they become longer on an open order');
UPDATE sales_order SET terms = 'net 5' WHERE order_no = 'shorter';
SELECT is(pg_temp.became('shorter'), 'open', '003-07 and not when they become shorter');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
-- changes with a date, and approval
CREATE ROLE terms_asker; CREATE ROLE terms_approver; CREATE ROLE terms_other;
SELECT grant_ledger_access('terms', 'terms_asker', 'clerk'), grant_ledger_access('terms', 'terms_other', 'clerk'), grant_ledger_access('terms', 'terms_approver', 'manager') \g /dev/null
GRANT USAGE ON SCHEMA public TO terms_asker, terms_approver, terms_other;
SET LOCAL ROLE terms_asker;
SELECT results_eq($$SELECT status FROM request_terms_change(7, 'net 15', NULL, 'agreed with the buyer')$$, $$VALUES ('applied')$$, '003-07 shorter terms need no approval');
SELECT is((SELECT terms FROM customer WHERE customer_id = 7), 'net 15', '003-07 and hold at once');
SELECT results_eq($$SELECT status FROM request_terms_change(7, NULL, 'direct debit', 'safer', '2026-03-05')$$, $$VALUES ('approved')$$, '003-07 a safer method waits for its day only');
SELECT results_eq($$SELECT status, request_id IS NOT NULL FROM request_terms_change(8, '45 jours fin de mois', NULL, 'key account')$$, $$VALUES ('waiting', true)$$, '003-07 longer ones wait for approval');
SELECT is((SELECT terms FROM customer WHERE customer_id = 8), 'net 30', '003-07 and change nothing meanwhile');
SELECT results_eq($$SELECT status FROM request_terms_change(9, NULL, 'cheque', 'insists', '2026-03-20')$$, $$VALUES ('waiting')$$, '003-07 so does a method of worse rank');
SELECT results_eq($$SELECT status FROM request_terms_change(11, 'net 60', NULL, 'insists')$$, $$VALUES ('waiting')$$, '003-07 another');
SELECT results_eq($$SELECT status FROM request_terms_change(12, 'net 60', NULL, 'insists')$$, $$VALUES ('waiting')$$, '003-07 and another');
SELECT throws_ok($$SELECT approve_request(1)$$, '42501', NULL, '003-07 a clerk approves nothing');
SELECT throws_ok($$SELECT request_terms_change(8, 'net 90', NULL, 'again')$$, 'CR012', 'a change of terms of customer "C8" from 2026-03-02 on is open already', '003-07 one is open per day');
SELECT throws_ok(s, e, NULL, '003-07 ' || s) FROM (VALUES
    ('SELECT request_terms_change(999, ''net 10'', NULL, ''x'')', 'CR004'), ('SELECT request_terms_change(NULL, ''net 10'', NULL, ''x'')', 'CR004'),
    ('SELECT request_terms_change(13, ''net 10'', NULL, '''')', '22023'), ('SELECT request_terms_change(13, NULL, NULL, ''x'')', '22023'),
    ('SELECT request_terms_change(13, ''soon'', NULL, ''x'')', '22P02'), ('SELECT request_terms_change(13, NULL, ''shells'', ''x'')', '23503'),
    ('SELECT request_terms_change(13, ''net 10'', NULL, ''x'', ''2026-03-01'')', 'CR003'), ('SELECT request_terms_change(13, ''net 10'', NULL, ''x'', ''2028-03-01'')', 'CR003'),
    ('INSERT INTO terms_change (customer_id, terms, valid_from, reason, opened_on) VALUES (13, ''net 90'', ''2026-03-02'', ''x'', ''2026-03-02'')', '42501'),
    ('UPDATE terms_change SET outcome = ''applied''', '42501'), ('SELECT apply_terms_changes()', '42501'), ('SELECT withdraw_terms_change(0, ''x'')', 'CR012')) v (s, e);
RESET ROLE;
SET LOCAL ROLE terms_other;
SELECT throws_ok(format('SELECT withdraw_terms_change(%s, ''x'')', (SELECT terms_change_id FROM terms_change WHERE customer_id = 12)), 'CR014', NULL, '003-07 another role''s change is not withdrawn');
RESET ROLE;
SET LOCAL ROLE terms_asker;
SELECT is((SELECT withdraw_terms_change(terms_change_id, 'no longer') FROM terms_change WHERE customer_id = 12), 'withdrawn', '003-07 one''s own is');
RESET ROLE;
SELECT results_eq('SELECT t.outcome, r.outcome FROM terms_change t JOIN approval_request r USING (customer_id, request_id) WHERE customer_id = 12', $$VALUES ('withdrawn', 'withdrawn')$$, '003-07 with its request');
SET LOCAL ROLE terms_approver;
SELECT is((SELECT approve_request(request_id) FROM terms_change WHERE customer_id = 8), 'approved', '003-07 another role approves');
SELECT is((SELECT approve_request(request_id) FROM terms_change WHERE customer_id = 9), 'approved', '003-07 for a day to come, too');
SELECT is((SELECT refuse_request(request_id, 'too long') FROM terms_change WHERE customer_id = 11), 'refused', '003-07 or refuses');
RESET ROLE;
SELECT is((SELECT terms FROM customer WHERE customer_id = 8), '45 eom', '003-07 what is approved is written');
SELECT results_eq('SELECT status, requested_by, decided_by FROM terms_change_status WHERE customer_id = 8', $$VALUES ('applied', 'terms_asker', 'terms_approver')$$, '003-07 with who asked and who approved');
SELECT results_eq('SELECT status FROM terms_change_status WHERE customer_id IN (9, 11) ORDER BY customer_id', $$VALUES ('approved'), ('refused')$$, '003-07 that of a later day waits, the refused one is closed');
SELECT is(apply_terms_changes('2026-03-04'), 0::bigint, '003-07 before the day nothing is written');
SELECT is(apply_terms_changes('2026-03-05'), 1::bigint, '003-07 on the day it is');
SELECT is((SELECT payment_method FROM customer WHERE customer_id = 7), 'direct debit', '003-07 the safer method');
SELECT is(apply_terms_changes('2026-03-20'), 1::bigint, '003-07 and the worse one on its own');
SELECT is((SELECT payment_method FROM customer WHERE customer_id = 9), 'cheque', '003-07 that was approved');
SELECT is(apply_terms_changes('2026-03-20'), 0::bigint, '003-07 once');
SELECT throws_ok('SELECT apply_terms_changes(max_changes => 0)', '22023', NULL, '003-07 by none at a time');
SELECT results_eq('SELECT event FROM customer_timeline(8) WHERE object = ''terms_change'' ORDER BY event_no', $$VALUES ('terms_change_opened'), ('terms_change_applied')$$, '003-07 both are in the customer''s story');
-- straight at the customer
SELECT is(terms_are_worse('net 30', 'net 30', 'transfer', 'cheque'), true, '003-07 a cheque is worse than a transfer');
SELECT is(terms_are_worse('net 30', '30 eom', 'cheque', 'cheque') AND NOT terms_are_worse('30 eom', 'net 30', 'cheque', 'draft') AND NOT terms_are_worse(NULL, 'net 30', NULL, NULL)
          AND terms_are_worse('net 30', 'net 30', 'draft', 'shells'), true, '003-07 longer is worse, unknown too');
UPDATE customer SET terms = 'net 45' WHERE customer_id = 14;
INSERT INTO approval_authority (action, role_name, max_amount) VALUES ('terms', 'terms_approver', 1000);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (15, 'T1', 5000);
SET LOCAL ROLE terms_asker;
SELECT throws_ok('UPDATE customer SET terms = ''net 60'' WHERE customer_id = 14', 'CR014', NULL, '003-07 where the matrix speaks of terms, a clerk makes none longer');
SELECT throws_ok('UPDATE customer SET payment_method = ''cheque'' WHERE customer_id = 14', 'CR014', NULL, '003-07 nor a method less safe');
SELECT lives_ok('UPDATE customer SET terms = ''net 20'', name = ''Fourteen'' WHERE customer_id = 14', '003-07 but shorter ones');
RESET ROLE;
SET LOCAL ROLE terms_approver;
SELECT lives_ok('UPDATE customer SET terms = ''net 60'' WHERE customer_id = 14', '003-07 who has the authority does');
SELECT throws_ok('UPDATE customer SET terms = ''net 60'' WHERE customer_id = 15', 'CR014', NULL, '003-07 up to its amount');
RESET ROLE;
SELECT throws_ok('DELETE FROM terms_change', 'CR010', NULL, '003-07 a change stays on record');
SELECT is_empty('SELECT * FROM verify()', '003-07 verify()');

-- 003-08
UPDATE ledger SET no_limit = 'default';
UPDATE customer SET credit_mode = 'cash_only' WHERE customer_id = 16;
INSERT INTO credit_limit (customer_id, amount) VALUES (16, 1000), (17, 1000);
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (16, 'X1', 1000), (17, 'X2', 1000);
SELECT is(pg_temp.placed(17, 'credit'), 'held credit_limit_exceeded', '003-08 before: with an exhausted limit an order on credit is held');
SELECT is(pg_temp.placed(17, 'cash', 'cod'), 'open', '003-08 and a cash order passes');
SELECT is(pg_temp.placed(16, 'co1', NULL, NULL, 0.01), 'held cash_only,credit_limit_exceeded', '003-08 of a cash-only customer an order on credit is held');
SELECT is(pg_temp.placed(16, 'co2', 'prepayment'), 'open', '003-08 a prepaid one passes with an exhausted limit');
SELECT is(pg_temp.placed(16, 'co3', 'cod', NULL, 50000), 'open', '003-08 one paid on delivery, of any amount');
SELECT is(pg_temp.placed(16, 'co4', 'comptant', 'cash'), 'open', '003-08 one paid in cash on receipt');
SELECT is(pg_temp.placed(16, 'co5', 'comptant', 'card'), 'open', '003-08 or by card');
SELECT is(pg_temp.placed(16, 'co6', 'comptant', 'transfer'), 'held cash_only,credit_limit_exceeded', '003-08 a transfer on receipt of the invoice comes when the goods are gone');
SELECT is(pg_temp.placed(16, 'co7', 'net 10', 'cash'), 'held cash_only,credit_limit_exceeded', '003-08 cash in ten days is credit');
SELECT is(pg_temp.placed(16, 'co8', '30% prepayment, 70% net 30'), 'held cash_only,credit_limit_exceeded', '003-08 a down payment is not all');
UPDATE ledger SET on_exceed = 'reject';
SELECT throws_ok($$INSERT INTO sales_order (customer_id, amount) VALUES (16, 1)$$, 'CR001', 'order refused for customer "C16": cash_only, credit_limit_exceeded', '003-08 refused, where the ledger rejects');
SELECT is(pg_temp.placed(16, 'co9', 'cod'), 'open', '003-08 the cash order still passes');
UPDATE ledger SET on_exceed = 'warn';
INSERT INTO credit_limit (customer_id, amount) VALUES (16, 1000000);
SELECT is(pg_temp.placed(16, 'co10'), 'held cash_only', '003-08 within a limit too, and where the ledger only warns of limits');
UPDATE sales_order SET terms = 'net 30' WHERE order_no = 'co2';
SELECT is(pg_temp.became('co2'), 'held cash_only', '003-08 a cash order that becomes one on credit is held');
UPDATE ledger SET on_exceed = 'hold';
INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, amount) SELECT 16, 'PF', order_id, 100 FROM sales_order WHERE order_no = 'co10';
SELECT is((SELECT pg_temp.figure(16, 'prepaid', jsonb_build_object('order_id', order_id, 'amount', 100)) FROM sales_order WHERE order_no = 'co10'), 0::numeric, '003-08 an order that waits for its pro forma');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (16, 161, 100);
SELECT pay_pro_forma(pro_forma_id, 161) FROM pro_forma WHERE pro_forma_no = 'PF' \g /dev/null
SELECT results_eq($$SELECT pg_temp.figure(16, 'prepaid', d), pg_temp.figure(16, 'paid_before_delivery', d), pg_temp.figure(16, 'cash_only_credit', d)
    FROM (SELECT jsonb_build_object('order_id', order_id, 'amount', 100) AS d FROM sales_order WHERE order_no = 'co10') o$$, 'VALUES (1::numeric, 1::numeric, 0::numeric)', '003-08 is prepaid once that is paid');
SELECT results_eq($$SELECT pg_temp.figure(16, 'prepaid', d), pg_temp.figure(16, 'paid_before_delivery', d)
    FROM (VALUES ('{"terms": "prepayment"}'::jsonb), ('{"terms": "cod"}'), ('{"terms": "net 30"}')) v (d)$$, 'VALUES (1::numeric, 0::numeric), (1, 1), (0, 0)', '003-08 what is promised counts at the order, what is paid at the delivery');
INSERT INTO blocking_rule (kind, action, checkpoint, threshold) VALUES ('collective_proceedings', 'hold', 'delivery', 0);
SELECT results_eq($$SELECT (judge_credit(policy_in_force(), policy_version_in_force(), c, '{"in_proceedings": 1, "prepaid": 1, "paid_before_delivery": 0, "mode": "enforce", "on_exceed": "hold"}')).outcome
    FROM unnest('{order,delivery}'::text[]) c$$, $$VALUES ('passed'), ('held')$$, '003-08 so goods do not leave on a promise');
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
SELECT is_empty('SELECT * FROM verify()', '003-08 verify()');

-- 003-09
UPDATE ledger SET no_limit = 'pass';
SELECT results_eq('SELECT array_agg(method ORDER BY method) FROM payment_method GROUP BY rank ORDER BY rank',
    $$VALUES ('{card,cash}'::text[]), ('{avalised draft}'), ('{accepted draft,direct debit B2B,promissory note}'), ('{direct debit}'), ('{draft,draft at sight}'), ('{transfer}'), ('{cheque}')$$,
    '003-09 methods by rank: a draft before a transfer before a cheque');
SELECT is(pg_temp.placed(24, 'before9', NULL, 'cheque'), 'open', '003-09 before: without a rule any method passes');
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('payment_method', 'hold', 0);
SELECT is(pg_temp.placed(24, 'D-' || m, 'net 15', m), w, '003-09 class D by ' || m) FROM (VALUES
    ('cheque', 'held payment_method'), ('transfer', 'held payment_method'), ('draft', 'held payment_method'), ('draft at sight', 'held payment_method'),
    ('direct debit', 'open'), ('accepted draft', 'open'), ('avalised draft', 'open'), ('promissory note', 'open'), ('cash', 'open')) v (m, w);
SELECT is((SELECT cure FROM credit_decision WHERE document_no = 'D-transfer'), 'passes by card, cash, avalised draft, accepted draft, direct debit B2B, promissory note, direct debit, or paid before delivery', '003-09 and says which would do');
SELECT is(pg_temp.placed(23, 'C-' || m, NULL, m), w, '003-09 class C by ' || m) FROM (VALUES ('cheque', 'held payment_method'), ('transfer', 'open'), ('draft', 'open')) v (m, w);
SELECT is(pg_temp.placed(21, 'A-cheque', NULL, 'cheque'), 'open', '003-09 class A by any');
SELECT is(pg_temp.placed(25, 'E-transfer', 'prepayment', 'transfer'), 'open', '003-09 class E by a transfer before delivery');
SELECT is(pg_temp.placed(25, 'E-after', 'comptant', 'transfer'), 'held payment_method', '003-09 and not after it');
SELECT is(pg_temp.placed(24, 'D-own'), 'held payment_method', '003-09 the customer''s own method where the order has none');
UPDATE sales_order SET payment_method = 'accepted draft' WHERE order_no = 'D-own';
SELECT is(pg_temp.placed(24, 'D-shells', NULL, 'shells'), 'open', '003-09 a method that has no rank does not fire: it is unknown');
UPDATE payment_method SET rank = 4 WHERE method = 'transfer';
SELECT is(pg_temp.placed(24, 'D-transfer2', NULL, 'transfer'), 'open', '003-09 ranks are yours to change');
UPDATE payment_method SET rank = 6 WHERE method = 'transfer';
SELECT throws_ok(s, '23514', NULL, '003-09 ' || s) FROM unnest(ARRAY['UPDATE payment_method SET rank = 0', 'UPDATE payment_method SET acceptance = ''accepted'' WHERE method = ''cash''',
    'UPDATE payment_method SET maturity = ''dated'' WHERE method = ''transfer''', 'UPDATE payment_method SET acceptance = ''endorsed'' WHERE method = ''draft''']) s;
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null
SELECT is_empty('SELECT * FROM verify()', '003-09 verify()');

-- 000-16
INSERT INTO quote (customer_id, quote_id, quote_no, amount) VALUES (26, 261, 'Q', 10000);
INSERT INTO sales_order (customer_id, order_id, order_no, amount, currency) VALUES (26, 261, 'USD', 1000, 'USD');
SET LOCAL ROLE terms_asker;
SELECT isnt(negotiate_terms(26, '60 jours', 5, quote_id => 261, asked_by => 'Mme Roy'), NULL, '000-16 a customer asks for 60 days on a quote');
RESET ROLE;
SELECT results_eq('SELECT amount, usual_days, asked_days, granted_days, usual_cost, asked_cost, granted_cost FROM terms_negotiation_cost WHERE customer_id = 26',
    'VALUES (10000::numeric, 30, 60, NULL::int, 41.10, 82.19, NULL::numeric)', '000-16 what that costs: amount × rate × days / 365 to the cent');
SELECT is((SELECT asked_cost FROM terms_negotiation_cost WHERE customer_id = 26), round(10000 * 0.05 * 60 / 365, 2), '000-16 exactly that');
SET LOCAL ROLE terms_asker;
SELECT throws_ok(format('SELECT close_negotiation(%s, ''net 45'')', (SELECT negotiation_id FROM terms_negotiation)), '42501', NULL, '000-16 a clerk grants nothing');
RESET ROLE;
SET LOCAL ROLE terms_approver;
SELECT throws_ok(format('SELECT close_negotiation(%s, ''net 45'')', (SELECT negotiation_id FROM terms_negotiation)), 'CR014', NULL, '000-16 nor who has not the authority for the amount');
RESET ROLE;
UPDATE approval_authority SET valid_to = '2026-03-02';
INSERT INTO approval_authority (action, role_name) VALUES ('terms', 'terms_approver');
UPDATE ledger SET pinned_date = '2026-03-03';
SET LOCAL ROLE terms_approver;
SELECT is((SELECT close_negotiation(negotiation_id, '45 jours nets', 'with a direct debit') FROM terms_negotiation), 'partly_granted', '000-16 45 days are granted');
RESET ROLE;
SELECT results_eq('SELECT granted_terms, granted_days, granted_cost, extra_cost, asked_by, recorded_by, decided_by, closed_on FROM terms_negotiation_cost',
    $$VALUES ('net 45', 45, 61.64, 20.54, 'Mme Roy', 'terms_asker', 'terms_approver', date '2026-03-03')$$, '000-16 asked, granted, by whom, and what it costs more');
SELECT is(cost_of_terms(10000, 45, 5), 61.64, '000-16 as the function says');
SELECT is(close_negotiation(negotiate_terms(26, 'net 60', 4, order_id => 261), 'net 90'), 'granted', '000-16 all of it');
SELECT is(close_negotiation(negotiate_terms(26, 'net 60', 4, 123.45)), 'refused', '000-16 nothing of it');
SELECT results_eq('SELECT amount, granted_cost FROM terms_negotiation_cost WHERE order_id = 261', 'VALUES (900.00, 8.88)', '000-16 an order in another currency at its rate');
SELECT throws_ok(s, e, NULL, '000-16 ' || s) FROM (VALUES
    ('SELECT negotiate_terms(999, ''net 60'', 5, 100)', 'CR004'), ('SELECT negotiate_terms(26, NULL, 5, 100)', '22023'), ('SELECT negotiate_terms(26, ''net 60'', NULL, 100)', '22023'),
    ('SELECT negotiate_terms(26, ''net 60'', 5)', '22023'), ('SELECT negotiate_terms(26, ''net 60'', 5, -1)', '22023'), ('SELECT negotiate_terms(26, ''net 60'', 5, 1.001)', 'CR011'),
    ('SELECT negotiate_terms(26, ''soon'', 5, 100)', '22P02'), ('SELECT negotiate_terms(26, ''net 60'', 5, order_id => 999)', 'CR007'), ('SELECT negotiate_terms(27, ''net 60'', 5, quote_id => 261)', 'CR007'),
    ('SELECT negotiate_terms(26, ''net 60'', -5, 100)', '23514'), ('SELECT close_negotiation(0)', 'CR012'), ('SELECT close_negotiation(min(negotiation_id)) FROM terms_negotiation', 'CR012'),
    ('DELETE FROM terms_negotiation', 'CR010'), ('UPDATE terms_negotiation SET amount = 1', 'CR010'), ('TRUNCATE terms_negotiation', 'CR010')) v (s, e);
SELECT results_eq('SELECT event FROM customer_timeline(26) WHERE object = ''terms_negotiation'' ORDER BY event_no LIMIT 2', $$VALUES ('terms_negotiation_opened'), ('terms_negotiation_partly_granted')$$, '000-16 in the customer''s story');

-- 001-28
INSERT INTO customer (customer_id, code, name) VALUES (60, 'NEW', 'New');
SELECT results_eq('SELECT gaps FROM incomplete_terms WHERE customer_id = 60', $$VALUES ('{terms,payment_method,currency,discount,late_interest,indemnity}'::text[])$$, '001-28 a new customer lacks all');
SELECT is((SELECT missing FROM incomplete_terms WHERE customer_id = 60), 'the days of payment are not agreed; the payment method is not agreed; the currency is not stated; nothing is said of a discount for early payment; the rate of late-payment interest is not stated; the recovery indemnity of 40 euros is not stated', '001-28 in words');
SELECT matches((SELECT missing_fr FROM incomplete_terms WHERE customer_id = 60), 'indemnité forfaitaire', '001-28 in French too');
UPDATE customer SET terms = '30 eom', payment_method = 'draft', currency = 'EUR' WHERE customer_id = 60;
SELECT results_eq('SELECT gaps FROM incomplete_terms WHERE customer_id = 60', $$VALUES ('{discount,late_interest,indemnity}'::text[])$$, '001-28 days, method and currency are filled in');
UPDATE standard_terms SET reference = 'CGV 2026', discount = 'none', late_interest = 'ECB + 10 points', indemnity_stated = true;
SELECT is_empty('SELECT * FROM incomplete_terms WHERE customer_id = 60', '001-28 the general terms say the rest: complete');
INSERT INTO agreed_terms (customer_id, reference) VALUES (60, 'frame contract');
SELECT results_eq('SELECT gaps FROM incomplete_terms WHERE customer_id = 60', $$VALUES ('{discount,late_interest,indemnity}'::text[])$$, '001-28 a contract of its own stands in their place, and is silent');
UPDATE customer SET terms = '2/10 net 30' WHERE customer_id = 60;
INSERT INTO interest_terms (customer_id, contract_pct) VALUES (60, 12);
SELECT results_eq('SELECT gaps FROM incomplete_terms WHERE customer_id = 60', $$VALUES ('{indemnity}'::text[])$$, '001-28 a discount within the terms and a contract rate count');
UPDATE agreed_terms SET indemnity_stated = true;
SELECT is_empty('SELECT * FROM incomplete_terms WHERE customer_id = 60', '001-28 complete');
UPDATE customer SET payment_method = 'shells' WHERE customer_id = 60;
SELECT results_eq('SELECT gaps, missing FROM incomplete_terms WHERE customer_id = 60', $$VALUES ('{payment_method}'::text[], 'the payment method "shells" is not one of payment_method')$$, '001-28 an unknown method is none');
UPDATE customer SET lifecycle = 'former' WHERE customer_id = 60;
SELECT is_empty('SELECT * FROM incomplete_terms WHERE customer_id = 60', '001-28 former customers are not listed');
SELECT throws_ok('INSERT INTO standard_terms DEFAULT VALUES', '23505', NULL, '001-28 one row of general terms');
SELECT throws_ok('TRUNCATE agreed_terms', 'CR010', NULL, '001-28 not truncated');
SELECT is_empty('SELECT * FROM verify()', 'verify()');
-- A promise of prepayment lets the order pass, and is kept before the delivery leaves.
INSERT INTO customer (customer_id, code, name, terms) VALUES (9001, 'PRE', 'Prepays', 'prepayment'), (9002, 'CRED', 'On credit', 'net 30');
INSERT INTO credit_limit (customer_id, amount) VALUES (9001, 1000), (9002, 1000);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (9001, 9001, 'pre', 5000);
INSERT INTO sales_order (customer_id, order_id, order_no, amount, terms) VALUES (9002, 9002, 'own', 5000, 'prepayment');
SELECT is((SELECT string_agg(order_no || ' ' || status || ' ' || terms, ', ' ORDER BY order_id) FROM sales_order WHERE order_id > 9000), 'pre open prepayment, own open prepayment',
  '003-08 prepaid orders pass an exhausted limit, also without a rule, and keep the terms that let them pass');
UPDATE customer SET terms = 'net 30' WHERE customer_id = 9001;
SELECT throws_like(format('INSERT INTO delivery (customer_id, order_id, amount) VALUES (%s, %s, 5000)', n, n), 'delivery of 5000 EUR is refused for customer "%": prepayment_missing',
  '003-08 unpaid, they are not delivered, whatever the customer''s terms say by now') FROM unnest('{9001,9002}'::int[]) n;
UPDATE sales_order SET terms = NULL WHERE order_id = 9002;
SELECT is((SELECT status FROM sales_order WHERE order_id = 9002), 'held', '003-08 on credit after all: judged again');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (9001, 9001, 5000);
SELECT pay_deposit(9001, 9001, 5000) \g /dev/null
INSERT INTO delivery (customer_id, order_id, amount) VALUES (9001, 9001, 5000);
SELECT is((SELECT concat_ws(' ', open_amount, delivered_amount) FROM sales_order WHERE order_id = 9001), '0 5000', '003-08 paid, it is delivered');
SELECT is_empty('SELECT * FROM verify()', '003-08 and verify() is empty');

SELECT * FROM finish();
ROLLBACK;
