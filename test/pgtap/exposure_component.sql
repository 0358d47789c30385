-- Exposure by component (encours): each euro once, and whose risk it is.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('parts') \g /dev/null
SET LOCAL search_path = parts, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-15';
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-06-01', 0.9), ('USD', '2026-06-10', 0.8);
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 60) i;
INSERT INTO credit_limit (customer_id, amount) SELECT i, 1e6 FROM generate_series(1, 40) i;
CREATE FUNCTION pg_temp.law(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty($q$SELECT e.customer_id FROM parts.exposure_component e JOIN parts.credit_account a USING (customer_id)
        WHERE e.open_orders + delivered_not_invoiced + not_due + overdue - credit_notes + e.unmatured - unapplied_cash - deposits <> a.exposure OR commercial_exposure <> a.exposure$q$,
        what || ': the components add up to the exposure');
    RETURN NEXT is_empty($q$SELECT e.customer_id FROM parts.exposure_component e JOIN parts.credit_account a USING (customer_id)
        WHERE not_due + overdue - credit_notes <> a.receivable OR unapplied_cash + deposits <> a.unapplied OR delivered_not_invoiced <> a.unbilled OR e.open_orders <> a.open_orders OR e.unmatured <> a.unmatured
           OR accounting_exposure <> a.receivable + a.unmatured - a.unapplied OR commercial_exposure <> accounting_exposure + delivered_not_invoiced + e.open_orders$q$,
        what || ': accounting and commercial exposure');
    RETURN NEXT is_empty($q$SELECT e.customer_id FROM parts.exposure_component e JOIN parts.exposure x USING (customer_id)
        WHERE e.risk_exposure <> x.own_risk OR e.insured <> x.insured OR e.guaranteed <> x.guaranteed OR risk_exposure < 0
           OR greatest(commercial_exposure, 0) <> e.insured + e.guaranteed + risk_exposure$q$, what || ': insured, guaranteed and own risk');
    RETURN NEXT is_empty($q$SELECT e.customer_id FROM parts.exposure_component e WHERE disputed < 0 OR disputed > not_due + overdue OR financed > not_due + overdue OR deposits < 0 OR unapplied_cash < 0
           OR open_orders_within_horizon NOT BETWEEN 0 AND open_orders OR exposure_within_horizon <> commercial_exposure - open_orders + open_orders_within_horizon OR open_authorizations NOT BETWEEN 0 AND open_orders$q$,
        what || ': parts are within their whole');
    RETURN NEXT is_empty($q$SELECT a.customer_id FROM parts.exposure_component_as_of(parts.business_date()) a JOIN parts.exposure_component e USING (customer_id)
        WHERE (a.open_orders, a.delivered_not_invoiced, a.not_due, a.overdue, a.credit_notes, a.unmatured, a.disputed, a.unapplied_cash, a.accounting_exposure, a.commercial_exposure)
            <> (e.open_orders, e.delivered_not_invoiced, e.not_due, e.overdue, e.credit_notes, e.unmatured, e.disputed, e.unapplied_cash + e.deposits, e.accounting_exposure, e.commercial_exposure)$q$,
        what || ': as of today it is the same');
    RETURN NEXT is_empty($q$SELECT x.customer_id FROM parts.exposure_as_of(parts.business_date()) x JOIN parts.exposure e USING (customer_id)
        WHERE x.exposure <> e.exposure OR (x.insured, x.guaranteed, x.own_risk) <> (e.insured, e.guaranteed, e.own_risk)
              AND NOT EXISTS (SELECT FROM parts.dispute d WHERE d.customer_id = e.customer_id)$q$, what || ': the exposure as of today too');
    RETURN NEXT is_empty('SELECT * FROM parts.verify()', what || ': verify()');
END $$;
CREATE FUNCTION pg_temp.parts(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', trim_scale(open_orders), trim_scale(delivered_not_invoiced), trim_scale(not_due), trim_scale(overdue), trim_scale(-credit_notes), trim_scale(unmatured), trim_scale(-unapplied_cash), trim_scale(-deposits), '=', trim_scale(commercial_exposure))
   FROM parts.exposure_component WHERE customer_id = id $$;

-- The worked example: 80,000 + 15,000 + 25,000 - 10,000 = 110,000; a limit of 70,000 at 90 % leaves 47,000.
SELECT is(pg_temp.parts(1), '0 0 0 0 0 0 0 0 = 0', 'before: nothing');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, issued_on, due_on) VALUES (1, 1, 'F1', 50000, '2026-05-01', '2026-06-14'), (1, 2, 'F2', 30000, '2026-05-20', '2026-06-15');
INSERT INTO sales_order (customer_id, order_id, amount, deliver_on) VALUES (1, 1, 40000, '2026-06-30');
INSERT INTO delivery (customer_id, order_id, amount, delivered_on) VALUES (1, 1, 15000, '2026-06-10');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 901, 10000);
SELECT is(pg_temp.parts(1), '25000 15000 30000 50000 0 0 -10000 0 = 110000', 'the worked example: due today is not overdue');
SELECT results_eq('SELECT accounting_exposure, commercial_exposure, risk_exposure, insured, guaranteed FROM exposure_component WHERE customer_id = 1', 'VALUES (70000::numeric, 110000::numeric, 110000::numeric, 0::numeric, 0::numeric)', 'accounting and commercial exposure');
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct, notification_days, valid_from) VALUES ('P1', 90, 60, '2026-01-01');
INSERT INTO insurance_cover (customer_id, amount, valid_from) VALUES (1, 70000, '2026-01-01');
SELECT is(uninsured_exposure(110000, 70000, 90), 47000::numeric, 'the formula of the example');
SELECT results_eq('SELECT code, name, exposure, credit_limit, insured, guaranteed, own_risk FROM exposure WHERE customer_id = 1 ORDER BY own_risk DESC LIMIT 20',
    $$VALUES ('C1', 'Customer 1', 110000::numeric, 1e6::numeric, 63000::numeric, 0::numeric, 47000::numeric)$$, 'my own money at risk: 110,000 with a limit of 70,000 at 90 % leaves 47,000');
INSERT INTO guarantee (customer_id, guarantee_id, kind, guarantor, amount, valid_from) VALUES (1, 1, 'bank_guarantee', 'Bank', 20000, '2026-01-01');
SELECT results_eq('SELECT insured, guaranteed, own_risk FROM exposure WHERE customer_id = 1', 'VALUES (63000::numeric, 20000::numeric, 27000::numeric)', 'less a guarantee of 20,000');
SELECT results_eq('SELECT insured, guaranteed, risk_exposure FROM exposure_component WHERE customer_id = 1', 'VALUES (63000::numeric, 20000::numeric, 27000::numeric)', 'the same by component');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 902, 200000);
SELECT results_eq('SELECT exposure, insured, guaranteed, own_risk FROM exposure WHERE customer_id = 1', 'VALUES (-90000::numeric, 0::numeric, 0::numeric, 0::numeric)', 'a customer in credit: the exposure is signed, nothing is at risk');
SELECT reverse_payment(902) \g /dev/null
SELECT set_eq('SELECT unnest(secured_customers())', 'VALUES (1::bigint)', 'cover is looked at only where there is some');
SELECT pg_temp.law('the worked example');

-- Each component alone.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount, issued_on, due_on) VALUES (2, 20, 'F20', 'invoice', 100, '2026-05-01', '2026-06-01'), (2, 21, 'A21', 'credit_note', 30, '2026-05-02', '2026-05-02');
SELECT is(pg_temp.parts(2), '0 0 0 100 -30 0 0 0 = 70', 'a credit note that waits is taken off, not netted with what is overdue');
UPDATE open_item SET agreed_due_on = '2026-07-31' WHERE invoice_id = 20;
SELECT is(pg_temp.parts(2), '0 0 0 100 -30 0 0 0 = 70', 'an agreed later date leaves it overdue');
SELECT open_dispute(20, 40, 'wrong price') \g /dev/null
SELECT is((SELECT disputed FROM exposure_component WHERE customer_id = 2), 40::numeric, 'the disputed part stays in the open items');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, issued_on, due_on, instalment_due_on, instalment_amount) VALUES (3, 30, 'F30', 300, '2026-05-01', '2026-07-01', '{2026-06-01,2026-07-01}', '{100,200}');
SELECT is(pg_temp.parts(3), '0 0 200 100 0 0 0 0 = 300', 'instalments go by their own dates');
INSERT INTO payment (customer_id, payment_id, amount, method, acceptance, matures_on) VALUES (3, 30, 100, 'draft', 'accepted', '2026-08-01');
SELECT match(30, '{30}') \g /dev/null
SELECT is(pg_temp.parts(3), '0 0 200 0 0 100 0 0 = 300', 'paid by a draft: not matured, the exposure stays');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (4, 40, 55);
SELECT is(pg_temp.parts(4), '0 0 0 0 0 0 -55 0 = -55', 'cash that is not applied');
INSERT INTO delivery (customer_id, delivery_id, amount, delivered_on) VALUES (5, 50, 70, '2026-06-10');
SELECT is(pg_temp.parts(5), '0 70 0 0 0 0 0 0 = 70', 'delivered without an order');

-- Deposits.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (6, 60, 'O60', 1000);
INSERT INTO payment (customer_id, payment_id, amount) VALUES (6, 60, 350);
SELECT is(pg_temp.parts(6), '1000 0 0 0 0 0 -350 0 = 650', 'cash before it is given to an order');
INSERT INTO pro_forma (customer_id, pro_forma_id, pro_forma_no, order_id, amount) VALUES (6, 60, 'PF60', 60, 300);
SELECT pay_pro_forma(60, 60, 300) \g /dev/null
SELECT is(pg_temp.parts(6), '1000 0 0 0 0 0 -50 -300 = 650', 'given to the pro forma of an order: a deposit, the exposure is the same');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount, issued_on, due_on) VALUES (6, 60, 'F60', 60, 400, '2026-06-15', '2026-07-15');
SELECT match(60, '{60}', '{200}') \g /dev/null
SELECT is(pg_temp.parts(6), '600 0 200 0 0 0 -50 -100 = 650', 'what an invoice of the order took is no deposit any more');
SELECT pg_temp.law('components');

-- With a factor.
INSERT INTO factoring_contract (code, factor, recourse, currency, valid_from, reserve_pct) VALUES ('R', 'Factor', true, 'EUR', '2026-01-01', 10), ('N', 'Factor', false, 'EUR', '2026-01-01', 0);
INSERT INTO buyer_limit (customer_id, contract_id, amount, valid_from) SELECT 7, contract_id, 5000, '2026-01-01' FROM factoring_contract;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, issued_on, due_on) VALUES (7, 70, 'F70', 1000, '2026-06-01', '2026-07-01'), (7, 71, 'F71', 2000, '2026-06-01', '2026-07-01');
SELECT assign_invoice('R', 70), assign_invoice('N', 71) \g /dev/null
SELECT is(pg_temp.parts(7), '0 0 1000 0 0 0 0 0 = 1000', 'sold without recourse it has left');
SELECT results_eq('SELECT financed, financed_without_recourse FROM exposure_component WHERE customer_id = 7', 'VALUES (900::numeric, 2000::numeric)', 'financed with recourse is in it, still our risk; without recourse it stands beside');

-- Currency, horizon.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency, issued_on, due_on) VALUES (8, 80, 'F80', 100, 'USD', '2026-06-05', '2026-06-10'), (8, 81, 'F81', 100, 'USD', '2026-06-12', '2026-07-10');
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (8, 80, 50, 'USD');
SELECT is(pg_temp.parts(8), '0 0 80 90 0 0 -40 0 = 130', 'in base currency, each document at its own rate');
INSERT INTO sales_order (customer_id, order_id, amount, deliver_on) VALUES (9, 90, 100, '2026-07-15'), (9, 91, 200, '2026-07-16'), (9, 92, 400, NULL);
SELECT results_eq('SELECT open_orders, open_orders_within_horizon, commercial_exposure, exposure_within_horizon FROM exposure_component WHERE customer_id = 9', 'VALUES (700::numeric, 700::numeric, 700::numeric, 700::numeric)', 'without a horizon all orders count');
UPDATE ledger SET credit_horizon_days = 30;
SELECT results_eq('SELECT open_orders, open_orders_within_horizon, commercial_exposure, exposure_within_horizon FROM exposure_component WHERE customer_id = 9', 'VALUES (700::numeric, 500::numeric, 700::numeric, 500::numeric)', 'with one of 30 days those delivered by then, and those without a date');
SELECT is((SELECT available FROM exposure WHERE customer_id = 9), 1e6 - 500, 'as the check sees it');
SELECT authorize_credit(10, 500, '2026-06-30', 'fair') \g /dev/null
SELECT results_eq('SELECT open_orders, open_authorizations FROM exposure_component WHERE customer_id = 10', 'VALUES (500::numeric, 500::numeric)', 'credit reserved is in the open orders');
SELECT pg_temp.law('with horizon');

-- The past.
SELECT results_eq($$SELECT not_due, overdue, unapplied_cash, open_orders, delivered_not_invoiced, commercial_exposure FROM exposure_component_as_of('2026-06-12') WHERE customer_id = 8$$, 'VALUES (80::numeric, 90::numeric, 0::numeric, 0::numeric, 0::numeric, 170::numeric)', 'as of a past day');
SELECT results_eq($$SELECT not_due, overdue, disputed FROM exposure_component_as_of('2026-06-01') WHERE customer_id = 2$$, 'VALUES (100::numeric, 0::numeric, 0::numeric)', 'due that day is not overdue, and not disputed yet');
SELECT results_eq($$SELECT insured, guaranteed, own_risk FROM exposure_as_of('2026-05-10') WHERE customer_id = 1$$, 'VALUES (45000::numeric, 5000::numeric, 0::numeric)', 'insured then');
SELECT is((SELECT count(*) FROM exposure_component_as_of('2026-06-15', '2000-01-01') WHERE commercial_exposure <> 0), 0::bigint, 'as known before anything was');

-- A random ledger.
SELECT setseed(0.42) \g /dev/null
INSERT INTO sales_order (customer_id, order_id, amount, deliver_on) SELECT 11 + (random() * 29)::integer, 1000 + i, (random() * 900000)::integer / 100.0 + 1, CASE WHEN random() < 0.7 THEN date '2026-06-15' + (random() * 60)::integer END FROM generate_series(1, 150) i;
INSERT INTO delivery (customer_id, order_id, amount, delivered_on) SELECT customer_id, order_id, round(amount * random()::numeric, 2) + 0.01, '2026-06-15' FROM sales_order WHERE order_id >= 1000 AND random() < 0.6 AND status = 'open';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, order_id, amount, issued_on, due_on) SELECT customer_id, order_id, 'R' || order_id, order_id, delivered_amount, '2026-06-15', '2026-06-15' FROM sales_order WHERE order_id >= 1000 AND delivered_amount > 0 AND random() < 0.6;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount, currency, issued_on, due_on)
SELECT c, 2000 + i, 'X' || i, CASE WHEN random() < 0.1 THEN 'credit_note' ELSE 'invoice' END, (random() * 500000)::integer / 100.0 + 1, CASE WHEN random() < 0.3 THEN 'USD' ELSE 'EUR' END, d, d + (random() * 40)::integer
FROM (SELECT i, 11 + (random() * 29)::integer AS c, date '2026-06-01' + (random() * 14)::integer AS d FROM generate_series(1, 200) i) r;
INSERT INTO payment (customer_id, payment_id, amount, method, acceptance, matures_on)
SELECT 11 + i % 30, 2000 + i, (random() * 300000)::integer / 100.0 + 1, CASE WHEN d THEN 'draft' ELSE 'transfer' END, CASE WHEN d THEN 'accepted' END, CASE WHEN d THEN date '2026-07-20' END FROM (SELECT i, random() < 0.3 AS d FROM generate_series(1, 90) i) r;
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount)
SELECT p.customer_id, p.payment_id, o.invoice_id, o.instalment_no, least(p.amount, o.open_amount)
FROM (SELECT p.*, row_number() OVER (PARTITION BY customer_id ORDER BY payment_id) AS n FROM payment p WHERE payment_id >= 2000) p
JOIN (SELECT o.*, row_number() OVER (PARTITION BY customer_id ORDER BY invoice_id) AS n FROM open_item o WHERE kind = 'invoice' AND currency = 'EUR') o USING (customer_id, n) WHERE n % 2 = 1;
SELECT open_dispute(invoice_id, round(open_amount / 2, 2), 'random') FROM open_item WHERE customer_id > 10 AND kind = 'invoice' AND open_amount > 1 AND invoice_id % 5 = 0 \g /dev/null
INSERT INTO pro_forma (customer_id, pro_forma_no, order_id, amount) SELECT customer_id, 'PF' || order_id, order_id, round(amount / 2, 2) FROM sales_order WHERE order_id >= 1000 AND status IN ('open', 'released') AND delivered_amount = 0 AND order_id % 3 = 0 AND amount > 2;
INSERT INTO pro_forma_payment (customer_id, pro_forma_id, payment_id, amount)
SELECT f.customer_id, f.pro_forma_id, p.payment_id, least(f.amount, p.free)
FROM (SELECT f.*, row_number() OVER (PARTITION BY customer_id ORDER BY pro_forma_id) AS n FROM pro_forma f WHERE customer_id > 10) f
JOIN (SELECT p.customer_id, p.payment_id, unapplied_amount(p.customer_id, p.payment_id) AS free, row_number() OVER (PARTITION BY p.customer_id ORDER BY p.payment_id) AS n
      FROM payment p WHERE p.payment_id >= 2000 AND unapplied_amount(p.customer_id, p.payment_id) > 0) p USING (customer_id, n);
INSERT INTO insurance_cover (customer_id, amount, valid_from) SELECT i, 1000 * i, '2026-01-01' FROM generate_series(11, 40, 2) i;
INSERT INTO guarantee (customer_id, kind, guarantor, amount, haircut_pct, valid_from) SELECT i, 'bank_guarantee', 'Bank', 500 * i, 20, '2026-01-01' FROM generate_series(11, 40, 3) i;
SELECT pg_temp.law('random ledger');
SELECT cmp_ok((SELECT least(count(*) FILTER (WHERE open_orders > 0), count(*) FILTER (WHERE delivered_not_invoiced > 0), count(*) FILTER (WHERE not_due > 0), count(*) FILTER (WHERE overdue > 0),
                     count(*) FILTER (WHERE credit_notes > 0), count(*) FILTER (WHERE unmatured > 0), count(*) FILTER (WHERE disputed > 0), count(*) FILTER (WHERE unapplied_cash > 0), count(*) FILTER (WHERE insured > 0))
               FROM exposure_component WHERE customer_id > 10), '>', 4::bigint, 'random ledger: there is something of everything');
SELECT cmp_ok((SELECT count(*) FROM exposure_component WHERE deposits > 0), '>', 3::bigint, 'random ledger: deposits too');
SELECT cmp_ok((SELECT count(*) FROM exposure_component WHERE guaranteed > 0 AND insured > 0), '>', 2::bigint, 'random ledger: and guarantees');
UPDATE ledger SET pinned_date = '2026-07-10', credit_horizon_days = NULL;
SELECT pg_temp.law('the same a month later');

SELECT * FROM finish();
ROLLBACK;
