-- Cash application: bank lines, who paid, what it settles; matching by hand
-- and its undoing; cash that waits.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('cash') \g /dev/null
SET LOCAL search_path = cash, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-01', 0.915751), ('USD', '2026-03-30', 0.915751), ('JPY', '2026-01-01', 0.006);
INSERT INTO customer (customer_id, code, name) VALUES (1, 'ALPHA', 'Alpha Électricité SARL'), (2, 'BETA', 'Beta'), (3, 'GAMMA', 'Gamma'), (4, 'DELTA', 'Twin'), (5, 'EPSILON', 'Twin');
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (6, 'SITE6', 'A site of Alpha', 1);
ALTER TABLE customer ALTER customer_id RESTART WITH 100;
ALTER TABLE bank_line ALTER bank_line_id RESTART WITH 1000;
ALTER TABLE invoice ALTER invoice_id RESTART WITH 1000;
CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s - %s', receivable, unapplied) FROM cash.credit_account WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.open_of(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(invoice_no || CASE WHEN instalment_due_on IS NOT NULL THEN '/' || instalment_no ELSE '' END || ' ' || trim_scale(open_amount), ', '
   ORDER BY invoice_no, instalment_no), 'nothing')
   FROM cash.open_item JOIN cash.invoice USING (customer_id, invoice_id) WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.result(line bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', c.code, b.recognised_by, coalesce(b.rule, '-'), coalesce(b.matching_code, '-'), b.confidence, b.note)
   FROM cash.bank_line_payment b JOIN cash.customer c USING (customer_id) WHERE bank_line_id = line ORDER BY part_no DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.apply() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', lines, payments, matched, unmatched) FROM cash.apply_bank_lines() $$;
CREATE FUNCTION pg_temp.ties(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM cash.verify()', what || ': verify()');
    RETURN NEXT is((SELECT sum(amount) FROM cash.bank_line),
        coalesce((SELECT sum(p.amount) FROM cash.bank_line_payment JOIN cash.payment p USING (customer_id, payment_id)
                  WHERE NOT EXISTS (SELECT FROM cash.payment r WHERE r.customer_id = p.customer_id AND r.reversal_of = p.payment_id)), 0)
        + coalesce((SELECT sum(amount) FROM cash.bank_line WHERE status <> 'applied'), 0), what || ': every bank line is a payment or open');
    RETURN NEXT is((SELECT sum(unapplied) FROM cash.credit_account), (SELECT coalesce(sum(unapplied_base), 0) FROM cash.unapplied_cash), what || ': unapplied cash is that of the accounts');
    RETURN NEXT is((SELECT coalesce(sum(d0_30 + d31_60 + d61_90 + over_90), 0) FROM cash.unapplied_cash), (SELECT coalesce(sum(unapplied_base), 0) FROM cash.unapplied_cash), what || ': and its buckets add up');
    RETURN NEXT is_empty('SELECT * FROM cash.matching WHERE balance <> 0', what || ': every match balances');
    RETURN NEXT set_eq('SELECT payment_id FROM cash.task JOIN cash.bank_line_payment USING (customer_id, payment_id) WHERE kind = ''match_cash'' AND closed_on IS NULL',
        'SELECT payment_id FROM cash.unapplied_cash JOIN cash.bank_line_payment USING (customer_id, payment_id)', what || ': and each has its task');
END $$;

-- What the bank says, once.
INSERT INTO bank_line (bank_line_id, bank_account, statement_no, line_no, booked_on, amount, end_to_end_ref) VALUES (1, 'FR76 1', '2026-41', 1, '2026-03-30', 100, 'E2E-1');
SELECT row_eq($$SELECT currency, value_on, method, status, passes, customer_id FROM bank_line WHERE bank_line_id = 1$$,
    ROW('EUR'::text, date '2026-03-30', 'transfer'::text, 'open'::text, 0, NULL::bigint), '003-18 a bank line waits for its customer');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, statement_no, line_no, amount) VALUES ('FR76 1', '2026-41', 1, 100)$$, '23505',
    'this bank line is on record: account FR76 1, statement 2026-41, line 1', '003-18 a duplicate bank line is refused');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, amount, end_to_end_ref) VALUES ('FR76 1', 100, 'E2E-1')$$, '23505', NULL, 'an advice of a line of a statement is a duplicate');
SELECT lives_ok($$INSERT INTO bank_line (bank_line_id, bank_account, statement_no, line_no, booked_on, amount, end_to_end_ref) VALUES (2, 'FR76 1', '2026-41', 2, '2026-03-30', 100, 'E2E-1')$$, 'two lines of one statement may bear one reference');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, amount) VALUES ('FR76 1', 100)$$, '23514', NULL, 'a line without identity');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, statement_no, line_no, amount) VALUES ('FR76 1', '2026-41', 3, $$ || a || ')', '23514', NULL, 'an amount of ' || a)
FROM unnest('{0,-5,''NaN'',''Infinity''}'::text[]) a;
SELECT throws_ok($$INSERT INTO bank_line (bank_account, statement_no, line_no, amount) VALUES ('FR76 1', '2026-41', 3, 1.001)$$, 'CR011', NULL, 'finer than a cent');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, statement_no, line_no, amount, currency) VALUES ('FR76 1', '2026-41', 3, 1.5, 'JPY')$$, 'CR011', NULL, 'half a yen');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, statement_no, line_no, amount, currency) VALUES ('FR76 1', '2026-41', 3, 1, 'XYZ')$$, 'CR006', NULL, 'an unknown currency');
SELECT throws_ok($$INSERT INTO bank_line (bank_account, statement_no, line_no, amount, currency) VALUES ('FR76 1', '2026-41', 3, 1, 'eur')$$, NULL, NULL, 'no currency');
SELECT throws_ok($$UPDATE bank_line SET amount = 5$$, 'CR010', NULL, 'what the bank said stays');
SELECT throws_ok($$DELETE FROM bank_line$$, 'CR010', NULL, 'and is not deleted');
SELECT throws_ok($$SELECT * FROM apply_bank_lines(0)$$, '22023', NULL, 'no lines');
SELECT is(pg_temp.apply(), '2 0 0 2', '003-18 nobody is recognised: no payment is made');
SELECT is((SELECT string_agg(note || ' ' || days, ', ') FROM unmatched_bank_line), 'not recognised 1, not recognised 1', 'and the lines show as open, with their age');
SELECT * FROM pg_temp.ties('open lines');

-- 003-18 unapplied cash lowers exposure, and no invoice before it is allocated.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (1, 11, 'F-2026-0011', '2026-01-10', '2026-02-10', 1000), (1, 12, 'F-2026-0012', '2026-02-10', '2026-03-10', 500);
SELECT is((SELECT concat_ws(' ', receivable, unapplied, exposure) FROM exposure WHERE customer_id = 1), '1500 0 1500', '003-18 before: exposure is the invoices');
SELECT is(assign_bank_line(1, 6) > 0, true, 'a person says that a site of Alpha paid line 1');
SELECT is(pg_temp.result(1), 'ALPHA hand - - no rule matched', 'the payment is that of the payer');
SELECT is((SELECT concat_ws(' ', receivable, unapplied, exposure) FROM exposure WHERE customer_id = 1), '1500 100 1400', '003-18 unapplied cash lowers exposure');
SELECT is((SELECT concat_ws(' ', d1_30, d31_60, total, unapplied) FROM ageing_by_customer WHERE customer_id = 1), '500 1000 1500 100', '003-18 and not the ageing of the invoices');
SELECT is((SELECT concat_ws(' ', kind, department, subject) FROM task WHERE customer_id = 1), 'match_cash accounting Match 100 EUR received on 2026-03-30', 'with a task to match it');
SELECT is((SELECT match(payment_id, '{12}') FROM unapplied_cash WHERE customer_id = 1), 'AA', 'matched by hand, under the first code');
SELECT is((SELECT concat_ws(' ', receivable, unapplied, exposure) FROM exposure WHERE customer_id = 1), '1400 0 1400', '003-18 allocated: the same exposure');
SELECT is((SELECT concat_ws(' ', d1_30, d31_60, total, unapplied) FROM ageing_by_customer WHERE customer_id = 1), '400 1000 1400 0', '003-18 and now the invoice has aged less');
SELECT is((SELECT outcome FROM task WHERE customer_id = 1), 'matched', 'and the task is done');
SELECT * FROM pg_temp.ties('allocated');

-- The customer, in order: given, account, reference, name; several are for a person.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (2, 21, 'CMD 4711', 10);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, order_id) VALUES
    (2, 21, 'B/100', '2026-02-01', '2026-03-03', 250, 21), (3, 31, 'G.7777', '2026-02-01', '2026-03-03', 255, NULL), (3, 32, 'G.8888', '2026-02-01', '2026-03-03', 251, NULL),
    (4, 41, 'SAME-1', '2026-02-01', '2026-03-03', 40, NULL), (5, 51, 'SAME-1', '2026-02-01', '2026-03-03', 50, NULL);
INSERT INTO payer_account (customer_id, iban) VALUES (2, 'FR761'), (3, 'FR762'), (4, 'FR763'), (5, 'FR763');
INSERT INTO bank_line (bank_line_id, bank_account, statement_no, line_no, booked_on, amount, customer_id, payer_account, payer_name, remittance) VALUES
    (10, 'B', '1', 10, '2026-03-31', 1, 3,    'FR76 1', 'Beta', NULL),
    (11, 'B', '1', 11, '2026-03-31', 1, NULL, 'fr76 1', 'Gamma', 'pour G7777'),
    (12, 'B', '1', 12, '2026-03-31', 1, NULL, 'FR999',  'Beta', 'Facture g 7777 merci'),
    (13, 'B', '1', 13, '2026-03-31', 1, NULL, NULL,     NULL,   'commande cmd-4711'),
    (14, 'B', '1', 14, '2026-03-31', 1, NULL, NULL,     NULL,   'client gamma'),
    (15, 'B', '1', 15, '2026-03-31', 1, NULL, NULL,     'ALPHA ELECTRICITE S.A.R.L.', 'xx'),
    (16, 'B', '1', 16, '2026-03-31', 1, NULL, NULL,     'Twin', NULL),
    (17, 'B', '1', 17, '2026-03-31', 1, NULL, NULL,     'Beta', 'B100 et G7777'),
    (18, 'B', '1', 18, '2026-03-31', 1, NULL, 'FR763',  'Beta', 'loyer'),
    (19, 'B', '1', 19, '2026-03-31', 1, NULL, 'FR763',  NULL,   'client epsilon'),
    (20, 'B', '1', 20, '2026-03-31', 1, NULL, NULL,     NULL,   'SAME 1'),
    (21, 'B', '1', 21, '2026-03-31', 1, NULL, NULL,     NULL,   'B10'),
    (22, 'B', '1', 22, '2026-03-31', 251, NULL, NULL,   NULL,   'nothing said'),
    (23, 'B', '1', 23, '2026-04-01', 1, 3,    NULL,     NULL,   'tomorrow');
SELECT results_eq($$SELECT bank_line_id, code, recognised_by, note FROM recognise_bank_lines(ARRAY(SELECT generate_series(10, 22))) LEFT JOIN customer USING (customer_id) ORDER BY 1$$,
$$VALUES (10::bigint, 'GAMMA', 'given', NULL), (11, 'BETA', 'payer_account', NULL), (12, 'GAMMA', 'reference', NULL), (13, 'BETA', 'reference', NULL), (14, 'GAMMA', 'reference', NULL),
  (15, 'ALPHA', 'name', NULL), (16, NULL, NULL, 'ambiguous: several customers, DELTA, EPSILON'), (17, NULL, NULL, 'ambiguous: several customers, BETA, GAMMA'),
  (18, NULL, NULL, 'ambiguous: several customers, DELTA, EPSILON'), (19, 'EPSILON', 'reference', NULL), (20, NULL, NULL, 'ambiguous: several customers, DELTA, EPSILON'),
  (21, NULL, NULL, 'not recognised'), (22, NULL, NULL, 'not recognised: the only open item of this amount is G.8888 of GAMMA')$$, '003-18 who paid, and how it is known');
SELECT is(pg_temp.apply(), '14 7 2 12', '003-18 a payment each for those who are known; the line of tomorrow waits');
SELECT is(pg_temp.apply(), '7 0 0 7', '003-18 a second run makes none again');
SELECT is((SELECT string_agg(passes::text, ' ' ORDER BY bank_line_id) FROM unmatched_bank_line), '3 2 2 2 2 2 2 0', 'what was seen least comes first');
SELECT * FROM pg_temp.ties('recognised');
UPDATE match_rule SET recognises = true WHERE rule = 'exact_amount';
SELECT is(pg_temp.apply(), '7 1 1 6', '003-18 the amount alone may decide, if the user wants it');
SELECT is(pg_temp.result(22), 'GAMMA exact_amount exact_amount AB 0.95', 'and it does so where there is one');
UPDATE match_rule SET recognises = false WHERE rule = 'exact_amount';
SELECT throws_ok($$UPDATE match_rule SET recognises = true WHERE rule = 'subset'$$, '23514', NULL, 'no other rule does');

-- The rules, in order, on a customer of its own.
INSERT INTO customer (customer_id, code, name) VALUES (10, 'RULES', 'Rules'), (11, 'RICH', 'Rich'), (12, 'LEGAL', 'Legal'), (13, 'USDOL', 'Dollar');
CREATE PROCEDURE pg_temp.bill(id bigint, no text, due date, amount numeric, kind text DEFAULT 'invoice', currency text DEFAULT 'EUR') LANGUAGE sql AS $$
    INSERT INTO cash.invoice (customer_id, invoice_no, issued_on, due_on, amount, kind, currency) VALUES (id, no, '2026-01-15', due, amount, kind, currency) $$;
CREATE FUNCTION pg_temp.pay(id bigint, amount numeric, text text DEFAULT NULL, currency text DEFAULT 'EUR') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line bigint;
BEGIN
    INSERT INTO cash.bank_line (bank_account, statement_no, line_no, booked_on, amount, customer_id, remittance, currency)
    VALUES ('P', 'p', 1 + (SELECT coalesce(max(line_no), 0) FROM cash.bank_line WHERE bank_account = 'P'), '2026-03-31', amount, id, text, currency)
    RETURNING bank_line_id INTO line;
    PERFORM cash.apply_bank_lines();
    RETURN pg_temp.result(line);
END $$;
CALL pg_temp.bill(10, 'R-001', '2026-02-01', 100); CALL pg_temp.bill(10, 'R-002', '2026-02-10', 200);
CALL pg_temp.bill(10, 'R-003', '2026-02-20', 300); CALL pg_temp.bill(10, 'R-004', '2026-03-01', 300);
CALL pg_temp.bill(10, 'R-005', '2026-03-02', 50, 'credit_note');
SELECT is(pg_temp.pay(10, 300, 'VIR r003 svp'), 'RULES given reference AA 1', '003-19 reference: the invoice named, though two have the amount');
SELECT is(pg_temp.open_of(10), 'R-001 100, R-002 200, R-004 300, R-005 -50', '003-19 and no other');
SELECT is(pg_temp.pay(10, 250, 'R 001, R.002, avoir R 005'), 'RULES given reference AB 1', '003-19 reference: invoices less a credit note');
SELECT is(pg_temp.open_of(10), 'R-004 300', 'all three are settled');
SELECT results_eq($$SELECT items, payments, credit_notes, debit, credit, difference, balance, still_open FROM matching WHERE customer_id = 10 AND matching_code = 'AB'$$,
    $$VALUES (2::bigint, 1::bigint, 1::bigint, 300::numeric, 300::numeric, 0::numeric, 0::numeric, 0::numeric)$$, '003-19 the match shows what was matched together');
SELECT is(pg_temp.pay(10, 120, 'acompte R-004'), 'RULES given reference AC 0.8 180 less than what the text names', '003-19 reference: a part payment settles a part');
SELECT is(pg_temp.open_of(10), 'R-004 180', 'the rest is open');
SELECT is(pg_temp.pay(10, 200, 'solde R-004'), 'RULES given reference AD 0.8 20 more than what the text names; 20 is left unapplied', '003-19 reference: an over-payment settles all');
SELECT is((SELECT unapplied FROM unapplied_cash WHERE customer_id = 10), 20::numeric, 'and the rest waits');
CALL pg_temp.bill(10, 'R-101', '2026-02-01', 70); CALL pg_temp.bill(10, 'R-102', '2026-02-10', 70); CALL pg_temp.bill(10, 'R-103', '2026-02-10', 61.30);
SELECT is(pg_temp.pay(10, 61.30), 'RULES given exact_amount AE 0.95', '003-19 exact amount: the only item of it in the ledger');
SELECT is(pg_temp.pay(10, 70), 'RULES given - - ambiguous: R-101 | R-102', '003-19 two items of the amount: nobody chooses');
SELECT is(pg_temp.open_of(10), 'R-101 70, R-102 70', 'both stay open');
CALL pg_temp.bill(3, 'G-70', '2026-02-01', 77); CALL pg_temp.bill(10, 'R-104', '2026-02-10', 77);
SELECT is(pg_temp.pay(10, 77), 'RULES given customer_amount AF 0.9', '003-19 customer and amount: another customer owes the same');
SELECT * FROM pg_temp.ties('rules');

-- Sums, and the example of the textbook.
CALL pg_temp.bill(11, 'S-1', '2026-02-01', 100.10); CALL pg_temp.bill(11, 'S-2', '2026-02-02', 120.20);
CALL pg_temp.bill(11, 'S-3', '2026-02-03', 150.10); CALL pg_temp.bill(11, 'S-4', '2026-02-04', 170.20);
SELECT is(pg_temp.pay(11, 270.30), 'RICH given - - ambiguous: S-1 + S-4 | S-2 + S-3', '003-19 subset: 270.30 has two answers and is left to a person');
SELECT is(pg_temp.open_of(11), 'S-1 100.1, S-2 120.2, S-3 150.1, S-4 170.2', 'all are open');
SELECT is(pg_temp.pay(11, 250.20), 'RICH given subset AA 0.8', '003-19 subset: 250.20 has one');
SELECT is(pg_temp.open_of(11), 'S-2 120.2, S-4 170.2', 'S-1 and S-3');
SELECT is(pg_temp.pay(11, 290.38), 'RICH given - - no rule matched', 'two cents short of all: nothing is exact');
UPDATE match_rule SET tolerance_amount = 0.05 WHERE rule = 'subset';
SELECT is(pg_temp.pay(11, 290.37), 'RICH given subset AB 0.8 small difference of 0.03 within the tolerance of 0.05', '003-19 within the tolerance the difference is posted');
SELECT results_eq($$SELECT adjustment, amount, reason FROM allocation WHERE customer_id = 11 AND adjustment IS NOT NULL$$,
    $$VALUES ('small_difference', 0.03::numeric, 'small difference of 0.03 within the tolerance of 0.05')$$, 'with its reason');
SELECT is(pg_temp.open_of(11), 'nothing', 'and nothing is left of the items');
SELECT is((SELECT concat_ws(' ', debit, credit, difference, balance) FROM matching WHERE customer_id = 11 AND matching_code = 'AB'), '290.40 290.37 0.03 0.00', 'the match balances with it');
CALL pg_temp.bill(11, 'S-5', '2026-02-01', 33.33);
UPDATE match_rule SET tolerance_amount = 0.50, tolerance_pct = 1 WHERE rule = 'customer_amount';
SELECT is(pg_temp.pay(11, 33.70), 'RICH given - - no rule matched', '0.37 is within the amount and beyond 1 percent');
SELECT is(pg_temp.pay(11, 33.60), 'RICH given customer_amount AC 0.9 small difference of 0.27 within the tolerance of 0.33', '003-19 paid too much, within the tolerance');
SELECT is((SELECT concat_ws(' ', amount, payment_id IS NOT NULL, invoice_id IS NULL) FROM allocation WHERE customer_id = 11 AND matching_code = 'AC' AND adjustment = 'small_difference'),
    '0.27 t t', 'the difference is taken from the payment');
SELECT * FROM pg_temp.ties('sums');

-- Oldest due first, where the user turns it on: C. civ. 1342-10.
CALL pg_temp.bill(12, 'L-1', '2026-03-01', 100); CALL pg_temp.bill(12, 'L-2', '2026-03-10', 120); CALL pg_temp.bill(12, 'L-3', '2026-04-05', 80);
SELECT is(pg_temp.pay(12, 5), 'LEGAL given - - no rule matched', '003-19 as delivered, what matches nothing stays unapplied');
UPDATE match_rule SET active = true WHERE rule = 'oldest_first';
SELECT is(pg_temp.pay(12, 250), 'LEGAL given oldest_first AA 0.5', '003-19 oldest first, once turned on');
SELECT is(pg_temp.open_of(12), 'L-3 50', '250 on 100, 120, 80: 100, 120, 30');
SELECT is(pg_temp.pay(12, 60), 'LEGAL given oldest_first AB 0.5 10 is left unapplied', 'the surplus waits');
UPDATE match_rule SET active = false WHERE rule = 'oldest_first';
SELECT * FROM pg_temp.ties('oldest first');

-- Instalments and foreign currency.
INSERT INTO invoice (customer_id, invoice_no, issued_on, instalment_due_on, instalment_amount, amount) VALUES (12, 'INST1', '2026-01-15', '{2026-02-15,2026-03-15,2026-04-15}', '{50,50,50}', 150);
SELECT is(pg_temp.pay(12, 50, 'INST1'), 'LEGAL given reference AC 0.8 100 less than what the text names', '003-19 one of three equal instalments: the oldest');
SELECT is((SELECT string_agg(instalment_no::text, ',') FROM open_item JOIN invoice USING (customer_id, invoice_id) WHERE invoice_no = 'INST1'), '2,3', 'and two are open');
CALL pg_temp.bill(13, 'D-1', '2026-02-01', 99.99, 'invoice', 'EUR');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, currency) VALUES (13, 'DOL-2', '2026-03-02', '2026-03-20', 333.33, 'USD'), (13, 'D-3', '2026-03-03', '2026-03-20', 66.67, 'USD');
SELECT is(pg_temp.pay(13, 99.99, 'D-1 dollars', 'USD'), 'USDOL given - - no rule matched', '003-19 an item in another currency is not matched');
SELECT is(pg_temp.pay(13, 400, 'dol 2', 'USD'), 'USDOL given reference AA 0.8 66.67 more than what the text names; 66.67 is left unapplied', 'dollars for dollars');
INSERT INTO bank_line (bank_line_id, bank_account, statement_no, line_no, booked_on, amount, customer_id, currency) VALUES (900, 'J', '1', 1, '2026-03-31', 5000, 13, 'JPY');
SELECT pg_temp.apply() \g /dev/null
SELECT is((SELECT note FROM unmatched_bank_line WHERE bank_line_id = 900), 'no exchange rate of JPY for 2026-03-31', 'a line without a rate waits and stops no other');
INSERT INTO exchange_rate VALUES ('JPY', '2026-03-30', 0.0062);
UPDATE ledger SET max_rate_age = 0;
SELECT lives_ok('SELECT pg_temp.apply()', 'so does one whose rate is older than the ledger takes');
UPDATE ledger SET max_rate_age = 10;
SELECT pg_temp.apply() \g /dev/null
SELECT is(pg_temp.result(900), 'USDOL given - - no open item in JPY', 'until there is one');
SELECT * FROM pg_temp.ties('currency');

-- A discount for early payment, taken in time and not after.
INSERT INTO customer (customer_id, code, name) VALUES (14, 'EARLY', 'Early');
INSERT INTO invoice (customer_id, invoice_no, issued_on, terms, amount) VALUES (14, 'ES-1', '2026-03-25', '2/10 net 30', 1000), (14, 'ES-2', '2026-03-25', '2/10 net 30', 500),
    (14, 'ES-3', '2026-03-01', '2/10 net 30', 700), (14, 'ES-4', '2026-03-25', '2/10 net 30', 333), (14, 'ES-5', '2026-03-25', 'net 30', 60);
SELECT is(pg_temp.pay(14, 980, 'ES-1'), 'EARLY given reference AA 1 20 of discount for early payment', '003-19 an invoice less its discount, in time');
SELECT is(pg_temp.pay(14, 550, 'ES-2 ES-5'), 'EARLY given reference AB 1 10 of discount for early payment', '003-19 two invoices, one with a discount');
SELECT is(pg_temp.pay(14, 326.34), 'EARLY given customer_amount AC 0.9 6.66 of discount for early payment', '003-19 the amount less its discount');
SELECT is(pg_temp.pay(14, 686, 'ES-3'), 'EARLY given reference AD 0.8 14 less than what the text names', '003-19 too late for the discount: 14 stays due');
SELECT is(pg_temp.open_of(14), 'ES-3 14', 'and nothing else');
SELECT is((SELECT sum(amount) FROM allocation WHERE customer_id = 14 AND adjustment = 'cash_discount'), 36.66, 'the discounts are posted');
SELECT is(unmatch(14, 'AA'), 2, 'undone');
SELECT is(pg_temp.open_of(14), 'ES-1 1000, ES-3 14', 'with its discount');
SELECT * FROM pg_temp.ties('discount');

-- By hand: part, over, several, back; and everything that is refused.
INSERT INTO customer (customer_id, code, name) VALUES (20, 'HAND', 'Hand');
CALL pg_temp.bill(20, 'H-1', '2026-02-01', 100); CALL pg_temp.bill(20, 'H-2', '2026-02-10', 200); CALL pg_temp.bill(20, 'H-3', '2026-02-20', 300);
CALL pg_temp.bill(20, 'H-C', '2026-02-20', 30, 'credit_note');
INSERT INTO payment (customer_id, payment_id, amount, received_on) VALUES (20, 9001, 250, '2026-03-05'), (20, 9002, 400, '2026-03-06'), (2, 9003, 10, '2026-03-06');
SELECT invoice_id AS h1 FROM invoice WHERE invoice_no = 'H-1' \gset
SELECT invoice_id AS h2 FROM invoice WHERE invoice_no = 'H-2' \gset
SELECT invoice_id AS h3 FROM invoice WHERE invoice_no = 'H-3' \gset
SELECT invoice_id AS hc FROM invoice WHERE invoice_no = 'H-C' \gset
SELECT throws_ok(format('SELECT match(%s)', args), code, message, what) FROM (VALUES
    (format('9001, ARRAY[%s], ARRAY[101]', :'h1'), 'CR003', 'invoice H-1: 101 cannot be settled, 100 is open', '003-19 more than is open'),
    (format('9001, ARRAY[%s,%s], ARRAY[100,200]', :'h1', :'h2'), 'CR003', 'payment 9001 of 250 cannot settle 300, 250 is left of it', '003-19 more than was paid'),
    ('9001, ARRAY[21]', 'CR003', 'invoice B/100 is no open item of customer 20', 'the invoice of another customer'),
    (format('9003, ARRAY[%s]', :'h1'), 'CR003', 'invoice H-1 is no open item of customer 2', 'the payment of another customer'),
    ('9001, ARRAY[123456]', 'CR003', NULL, 'an invoice that is not there'),
    ('123456, ARRAY[11]', 'CR007', 'there is no payment 123456', 'a payment that is not there'),
    ('9001, NULL', '22023', NULL, 'no invoice'), ('9001, ''{}''', '22023', NULL, 'an empty list'),
    (format('9001, ARRAY[%s], ARRAY[1,2]', :'h1'), '22023', NULL, 'two amounts for one invoice'),
    (format('9001, ARRAY[%1$s,%1$s]', :'h1'), '22023', NULL, 'an invoice named twice'),
    (format('9001, ARRAY[%s], ARRAY[0]', :'h1'), '22023', NULL, 'nothing'), (format('9001, ARRAY[%s], ARRAY[-1]', :'h1'), '22023', NULL, 'less than nothing'),
    (format('9001, ARRAY[%s], ARRAY[''NaN''::numeric]', :'h1'), '22023', NULL, 'not a number'), (format('9001, ARRAY[%s], ARRAY[''Infinity''::numeric]', :'h1'), '22023', NULL, 'infinity'),
    (format('9001, ARRAY[%s], ARRAY[0.001]', :'h1'), 'CR011', NULL, 'finer than a cent'),
    (format('9001, ARRAY[%s], residual => ''gift'', reason => ''x''', :'h1'), '22023', NULL, 'an unknown residual'),
    (format('9001, ARRAY[%s], residual => ''small_difference''', :'h1'), '22023', NULL, 'a difference without a reason'),
    (format('9001, ARRAY[%s], residual => ''small_difference'', reason => ''x''', :'h3'), 'CR003', 'a difference of 50 EUR is not small', 'a difference that is not small'),
    (format('9001, ARRAY[%s], effective_on => ''2026-03-04''', :'h1'), 'CR003', NULL, 'before it was received'),
    (format('9001, ARRAY[%s]', :'hc'), 'CR003', NULL, 'a credit note alone')) t (args, code, message, what);
SELECT is(pg_temp.open_of(20), 'H-1 100, H-2 200, H-3 300, H-C -30', 'no error left anything');
SELECT is(match(9001, ARRAY[:h2, :hc, :h1]), 'AA', '003-19 one payment and a credit note to two invoices, in the order given');
SELECT is(pg_temp.open_of(20), 'H-1 20, H-3 300', '250 and 30 on 200 and 100: 20 is open');
SELECT is(match(9002, ARRAY[:h1, :h3], ARRAY[19.50, 300], 'twice short', 'small_difference'), 'AB', '003-19 short by a small difference, by hand');
SELECT is(pg_temp.open_of(20), 'nothing', 'which is given up');
SELECT is((SELECT unapplied FROM unapplied_cash WHERE payment_id = 9002), 80.50, '003-19 the over-payment stays unapplied');
SELECT throws_ok(format('SELECT match(9001, ARRAY[%s])', :'h1'), 'CR003', 'nothing is left of payment 9001', 'a payment is used once');
SELECT throws_ok(format('SELECT match(9002, ARRAY[%s])', :'h1'), 'CR003', NULL, 'an invoice too');
SELECT * FROM pg_temp.ties('by hand');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (20, 9100, 'H-4', '2026-03-01', '2026-03-20', 100);
SELECT is(match(9002, '{9100}', '{80.50}', 'two pieces broken', 'dispute'), 'AC', '003-19 short, and what is short is disputed');
SELECT is((SELECT concat_ws(' ', invoice_id, amount, reason, closed_on) FROM dispute WHERE customer_id = 20), '9100 19.50 two pieces broken', '003-19 a dispute of the residual');
SELECT is(unmatch(20, 'AC'), 1, 'undone');
SELECT is(unmatch(20, 'AA', 'wrong customer'), 3, '003-19 unmatch reverses what the code matched');
SELECT is(pg_temp.open_of(20), 'H-1 80, H-2 200, H-4 100, H-C -30', 'the items are open again, the credit note too');
SELECT is((SELECT string_agg(matching_code || ' ' || undone || ' ' || debit, ', ' ORDER BY matching_code) FROM matching WHERE customer_id = 20), 'AA true 0, AB false 320.00, AC true 0', 'the match shows as undone');
SELECT throws_ok($$SELECT unmatch(20, 'AA')$$, 'CR012', 'the match AA of customer 20 is undone already', '003-19 a second unmatch is refused');
SELECT throws_ok($$SELECT unmatch(20, 'ZZ')$$, 'CR007', 'customer 20 has no match ''ZZ''', '003-19 an unknown code');
SELECT throws_ok($$SELECT unmatch(20, NULL)$$, 'CR007', NULL, 'no code');
SELECT throws_ok($$SELECT unmatch(10, 'ZY')$$, 'CR007', NULL, 'the codes of another customer are others');
SELECT throws_ok($$SELECT unmatch(20, 'AB', effective_on => '2026-01-01')$$, 'CR003', NULL, 'not undone before it was done');
SELECT throws_ok(format($$SELECT match(9001, ARRAY[%s], effective_on => '2026-03-30')$$, :'h1'), 'CR003', NULL, 'a new match is not before the undoing of the old');
SELECT is(match(9001, ARRAY[:h1, :h2]), 'AD', 'a code is not used again');
SELECT is((SELECT min(effective_on) FROM allocation WHERE customer_id = 20 AND matching_code = 'AD'), date '2026-03-31', 'and the new match holds from then');
SELECT ok((SELECT bool_and(unapplied >= 0) FROM generate_series(date '2026-03-01', '2026-03-31', '1 day') d, exposure_as_of(d::date) WHERE customer_id = 20), 'on no day was more matched than paid');
SELECT is(unmatch_payment(9001), 2, 'all matches of a payment');
SELECT throws_ok('SELECT unmatch_payment(9001)', 'CR012', NULL, 'once');
SELECT throws_ok('SELECT unmatch_payment(123456)', 'CR007', NULL, 'of a payment that is there');
SELECT * FROM pg_temp.ties('undone');

-- Credit notes.
INSERT INTO customer (customer_id, code, name) VALUES (21, 'CREDIT', 'Credit');
CALL pg_temp.bill(21, 'K-1', '2026-02-01', 100); CALL pg_temp.bill(21, 'K-2', '2026-02-10', 45); CALL pg_temp.bill(21, 'K-3', '2026-02-20', 45); CALL pg_temp.bill(21, 'K-4', '2026-02-20', 77);
CALL pg_temp.bill(21, 'AV-1', '2026-02-20', 77, 'credit_note'); CALL pg_temp.bill(21, 'AV-2', '2026-02-21', 45, 'credit_note'); CALL pg_temp.bill(21, 'AV-3', '2026-02-22', 120, 'credit_note');
SELECT results_eq($$SELECT i.invoice_no, n.matching_code FROM net_off(21) n JOIN invoice i ON i.invoice_id = n.credit_invoice_id$$, $$VALUES ('AV-1', 'AA')$$, '003-19 credit notes against invoices: the exact one, and none where two fit');
SELECT is(pg_temp.open_of(21), 'AV-2 -45, AV-3 -120, K-1 100, K-2 45, K-3 45', 'K-4 is set off');
SELECT throws_ok($$SELECT match_credit_note(invoice_id, ARRAY[21]) FROM invoice WHERE invoice_no = 'AV-3'$$, 'CR003', NULL, 'the invoice of another customer');
SELECT throws_ok($$SELECT match_credit_note(invoice_id, ARRAY(SELECT invoice_id FROM invoice WHERE invoice_no = 'AV-2')) FROM invoice WHERE invoice_no = 'AV-3'$$, 'CR003', NULL, 'a credit note against a credit note');
SELECT throws_ok($$SELECT match_credit_note(21)$$, 'CR007', NULL, 'an invoice is no credit note');
SELECT throws_ok($$SELECT match_credit_note(a.invoice_id, ARRAY[k.invoice_id], '{101}') FROM invoice a, invoice k WHERE a.invoice_no = 'AV-3' AND k.invoice_no = 'K-1'$$, 'CR003', NULL, 'more than is open');
SELECT throws_ok($$SELECT match_credit_note(a.invoice_id, ARRAY[k.invoice_id], '{50}') FROM invoice a, invoice k WHERE a.invoice_no = 'AV-2' AND k.invoice_no = 'K-1'$$, 'CR003', NULL, 'more than the credit');
SELECT is((SELECT match_credit_note(a.invoice_id, ARRAY[k.invoice_id], '{20}') FROM invoice a, invoice k WHERE a.invoice_no = 'AV-3' AND k.invoice_no = 'K-1'), 'AB', '003-19 a part of a credit note');
SELECT is((SELECT count(*) FROM net_off(21, 'oldest')), 2::bigint, '003-19 the rest, oldest first');
SELECT is((SELECT sum(open_amount) FROM open_item WHERE customer_id = 21), 25::numeric, 'what is left is the difference');
SELECT throws_ok($$SELECT * FROM net_off(21, 'newest')$$, '22023', NULL, 'an unknown method');
SELECT throws_ok($$SELECT match_credit_note(invoice_id) FROM invoice WHERE invoice_no = 'AV-3'$$, 'CR003', NULL, 'a credit note is used once');

-- Lines by hand: learnt, split, set aside, opened again.
INSERT INTO customer (customer_id, code, name) VALUES (30, 'ASSIGN', 'Assign');
INSERT INTO bank_line (bank_line_id, bank_account, statement_no, line_no, booked_on, amount, payer_account) VALUES
    (300, 'B', '3', 1, '2026-03-30', 500, 'DE89 3704 0044'), (301, 'B', '3', 2, '2026-03-31', 60, 'de89-3704-0044'), (302, 'B', '3', 3, '2026-03-31', 90, NULL), (303, 'B', '3', 4, '2026-03-31', 7, NULL);
SELECT throws_ok('SELECT assign_bank_line(300, 999)', 'CR004', NULL, 'to a customer that is not there');
SELECT throws_ok('SELECT assign_bank_line(999, 30)', 'CR007', NULL, 'a line that is not there');
SELECT assign_bank_line(300, 30) \g /dev/null
SELECT throws_ok('SELECT assign_bank_line(300, 30)', 'CR012', 'bank line 300 is applied', 'a line is assigned once');
SELECT pg_temp.apply() \g /dev/null
SELECT is(pg_temp.result(301), 'ASSIGN payer_account - - no open item in EUR', '003-18 the account is learnt: the next line is recognised');
SELECT throws_ok($$SELECT split_bank_line(302, '{1,2}', '{50,41}')$$, 'CR003', 'the parts of bank line 302 add up to 91, not to 90', 'parts that do not add up');
SELECT throws_ok($$SELECT split_bank_line(302, '{1,2}', '{90}')$$, '22023', NULL, 'two payers, one amount');
SELECT throws_ok($$SELECT split_bank_line(302, '{1,999}', '{50,40}')$$, 'CR004', NULL, 'a payer that is not there');
SELECT is((SELECT count(*) FROM split_bank_line(302, '{1,2}', '{50,40}')), 2::bigint, '003-18 one line for several payers');
SELECT is((SELECT string_agg(customer_id || ' ' || part_no, ', ' ORDER BY part_no) FROM bank_line_payment WHERE bank_line_id = 302), '1 1, 2 2', 'one payment each');
SELECT throws_ok($$SELECT set_aside_bank_line(303, '')$$, '22023', NULL, 'set aside without a reason');
SELECT is(set_aside_bank_line(303, 'interest'), 'interest', 'no payment of a customer');
SELECT throws_ok('SELECT assign_bank_line(303, 30)', 'CR012', 'bank line 303 is set aside', 'is not assigned');
SELECT throws_ok($$SELECT reopen_bank_line(2, 'x')$$, 'CR012', NULL, 'an open line is not reopened');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (30, 'AS-1', '2026-03-01', '2026-03-31', 500);
SELECT is((SELECT rule || ' ' || matching_code FROM apply_payment((SELECT payment_id FROM bank_line_payment WHERE bank_line_id = 300))), 'exact_amount AA', '003-18 the rules again, after the invoice came');
SELECT is(pg_temp.account(30), '0 - 60', 'settled');
SELECT is(reopen_bank_line(300, 'it was Beta'), 1, '003-19 the wrong customer: undone');
SELECT is(pg_temp.account(30), '500 - 60', 'the invoice is open again and the payment gone');
SELECT is_empty($$SELECT FROM payer_account WHERE iban = 'DE8937040044'$$, 'and its account forgotten');
SELECT is(assign_bank_line(300, 2, false) > 0, true, 'and given to the right one');
SELECT is((SELECT string_agg(customer_id || ' ' || part_no, ', ' ORDER BY part_no) FROM bank_line_payment WHERE bank_line_id = 300), '30 1, 2 2', 'both are on record');
SELECT throws_ok('SELECT apply_payment(123456)', 'CR007', NULL, 'a payment that is not there');
SELECT is((SELECT payments FROM cash_application_rate WHERE rule = 'subset'), 2::bigint, 'how many each rule matched');
SELECT ok(abs((SELECT sum(payments_pct) FROM cash_application_rate) - 100) < 1, 'in percent of all');
SELECT * FROM pg_temp.ties('lines by hand');

SELECT is(matching_letters(n), t) FROM (VALUES (1, 'AA'), (2, 'AB'), (26, 'AZ'), (27, 'BA'), (676, 'ZZ'), (677, 'AAA')) v (n, t);
SELECT ok(remittance_tokens('Fact. f-2026 0012') @> '{FACT,F2026,F20260012,0012}' AND NOT remittance_tokens('virement de la part de') @> '{VIREMENTDE}', 'tokens of a text');
SELECT is(remittance_tokens(NULL), '{}', 'of none');
SELECT is(plain_text('S.A. Métal-Œuvre 3'), 'SAMETALUVRE3', 'a name as it is compared');

-- A big pass: 2,000 lines of 100 customers.
SELECT credit_risk.create_ledger('mass') \g /dev/null
SET LOCAL search_path = mass, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name) SELECT i, 'CUST' || i, 'Customer ' || i FROM generate_series(1, 100) i;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT i % 100 + 1, i, 'INV-' || i, '2026-02-01', '2026-03-03', 100 + i % 97 + (i % 100) / 100.0 FROM generate_series(1, 4000) i;
INSERT INTO bank_line (bank_account, statement_no, line_no, booked_on, amount, remittance, payer_name)
SELECT 'B', '1', i, '2026-03-30', 100 + i % 97 + (i % 100) / 100.0, CASE WHEN i % 4 > 0 THEN 'facture inv ' || i END, 'CUSTOMER ' || i % 100 + 1 FROM generate_series(1, 2000) i;
SELECT clock_timestamp() AS started \gset
SELECT is((SELECT concat_ws(' ', lines, payments, matched >= 1500) FROM apply_bank_lines()), '2000 2000 t', 'a day of 2,000 lines');
SELECT cmp_ok(clock_timestamp() - :'started', '<', interval '30 s', 'within seconds');
SELECT diag(format('2,000 lines of 100 customers: %s', clock_timestamp() - :'started'));
SELECT is_empty('SELECT * FROM verify()', 'and verify() is empty');

SELECT * FROM finish();
ROLLBACK;
