-- Late-payment interest of the ledger's own invoices: regimes, part payments,
-- credit notes, disputes, proceedings; notes from the proposal to their end.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('late') \g /dev/null
SET LOCAL search_path = late, credit_risk, public;
UPDATE ledger SET pinned_date = '2025-04-30';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
ALTER TABLE invoice ALTER invoice_id RESTART WITH 1000;
ALTER TABLE payment ALTER payment_id RESTART WITH 1000;
INSERT INTO exchange_rate VALUES ('GBP', '2024-11-01', 1.20), ('GBP', '2025-02-19', 1.20), ('GBP', '2025-04-28', 1.20), ('USD', '2025-01-02', 0.96);
CREATE FUNCTION pg_temp.owed(id bigint, day date DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s + %s', interest, indemnity) FROM late.late_interest(id, day) $$;
CREATE FUNCTION pg_temp.pay(customer bigint, invoice bigint, day date, paid numeric, cur text DEFAULT 'EUR') RETURNS void LANGUAGE sql AS
$$ WITH p AS (INSERT INTO late.payment (customer_id, received_on, amount, currency) VALUES (customer, day, paid, cur) RETURNING payment_id)
   INSERT INTO late.allocation (customer_id, payment_id, invoice_id, amount) SELECT customer, payment_id, invoice, paid FROM p $$;

-- The published examples, through rows of the ledger.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 1, 'F1', '2024-04-15', '2024-05-15', 10000), (2, 2, 'F2', '2024-04-15', '2024-05-15', 10000);
SELECT is(pg_temp.owed(1, '2024-05-15'), '0 + 0', '004-01 on its due date an invoice owes neither interest nor indemnity');
SELECT is(pg_temp.owed(1, '2024-05-16'), '3.97 + 40', '004-01 the day after it owes a day and the indemnity');
SELECT pg_temp.pay(1, 1, '2024-09-20', 10000), pg_temp.pay(2, 2, '2024-09-20', 10000) \g /dev/null
INSERT INTO interest_terms (customer_id, regime) VALUES (2, 'EU'), (3, 'UK'), (4, 'FR_PUBLIC');
SELECT results_eq('SELECT from_on, to_on, days, rate_pct, principal, round(interest, 6) FROM late_interest_detail(1)',
    $$VALUES (date '2024-05-16', date '2024-06-30', 46, 14.50, 10000::numeric, 182.739726), ('2024-07-01', '2024-09-20', 82, 14.25, 10000, 320.136986)$$,
    '004-01 piecewise rates across semesters, day count 365: 46 days at 14.5 %, 82 at 14.25 %');
SELECT is(pg_temp.owed(1), '502.88 + 40', '004-01 502.88 and 40, also after it was paid');
SELECT is(pg_temp.owed(2), '432.74 + 40', '004-01 at the minimum of the directive 432.74');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (3, 3, 'F3', '2024-11-10', '2024-12-10', 2500, 'GBP');
SELECT pg_temp.pay(3, 3, '2025-02-20', 2500, 'GBP') \g /dev/null
SELECT is(pg_temp.owed(3), '65.34 + 70', '004-01 UK: the rate of the half-year in which interest starts, 65.34, and 70 by size');
SELECT is(ARRAY[recovery_indemnity('UK', 999.99, 'GBP', 1.2, '2025-02-20'), recovery_indemnity('UK', 10000, 'GBP', 1.2, '2025-02-20'), recovery_indemnity('UK', 1500, 'EUR', 1, '2025-02-20'),
                recovery_indemnity('FR', 1500, 'USD', 0.96, '2025-01-02')],
    ARRAY[40, 100, 84, 41.67], '004-01 the indemnity by size, in the currency of its invoice');

-- Part payments, in both orders of imputation.
INSERT INTO interest_terms (customer_id, contract_pct, imputation) VALUES (5, 13.15, 'principal_first'), (6, 13.15, 'interest_first');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (5, 5, 'F5', '2025-01-01', '2025-01-31', 10000), (6, 6, 'F6', '2025-01-01', '2025-01-31', 10000);
SELECT pg_temp.pay(5, 5, '2025-03-02', 4000), pg_temp.pay(5, 5, '2025-04-01', 6000), pg_temp.pay(6, 6, '2025-03-02', 4000), pg_temp.pay(6, 6, '2025-04-01', 6000) \g /dev/null
SELECT is(pg_temp.owed(5), '172.93 + 40', '004-01 partial payments respected, principal first: 172.93');
SELECT results_eq('SELECT round(principal, 6), round(interest, 6) FROM late_interest_detail(6)', 'VALUES (10000.000000, 108.082192), (6108.082192, 66.017491)',
    '004-01 partial payments respected, interest first: principal 6108.08, then 66.017491');

-- Each instalment from its own due date; the indemnity once.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, instalment_due_on, instalment_amount, amount)
VALUES (7, 7, 'F7', '2025-01-01', '{2025-02-28,2025-03-31}', '{3650,7300}', 10950);
SELECT results_eq($$SELECT instalment_no, from_on, to_on, days, principal, interest FROM late_interest_detail(7, '2025-04-10')$$,
    $$VALUES (1, date '2025-03-01', date '2025-04-10', 41, 3650::numeric, 53.915), (2, '2025-04-01', '2025-04-10', 10, 7300, 26.30)$$, '004-01 each instalment from its own due date');
SELECT is(pg_temp.owed(7, '2025-04-10'), '80.22 + 40', '004-01 one indemnity an invoice, whatever is late of it');
-- A credit note from its own date, however late it is matched; cash from receipt.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 8, 'F8', '2025-01-01', '2025-01-31', 3650);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, amount) VALUES (8, 9, 'A8', 'credit_note', '2025-02-10', 1650);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount, effective_on) VALUES (8, 9, 8, 1650, '2025-04-20');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (8, 8, '2025-03-02', 2000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (8, 8, 8, 2000, '2025-04-20');
SELECT results_eq('SELECT from_on, to_on, principal FROM late_interest_detail(8)',
    $$VALUES (date '2025-02-01', date '2025-02-10', 3650::numeric), ('2025-02-11', '2025-03-02', 2000)$$, '004-01 a credit note lowers the principal from its own date, cash stops interest when it comes');
SELECT reverse_allocation(allocation_id, '2025-04-22') FROM allocation WHERE payment_id = 8 \g /dev/null
SELECT results_eq('SELECT from_on, to_on, principal FROM late_interest_detail(8)',
    $$VALUES (date '2025-02-01', date '2025-02-10', 3650::numeric), ('2025-02-11', '2025-04-30', 2000)$$, '004-01 a payment that is undone never stopped it');
INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason, effective_on) VALUES (8, 8, 2000, 'write_off', 'lost', '2025-04-25');
SELECT is((SELECT max(to_on) FROM late_interest_detail(8)), date '2025-04-25', '004-01 until it was written off');
-- Interest first: a credit note never goes to interest, whatever comes with it.
SAVEPOINT credited;
INSERT INTO interest_terms (customer_id, regime, contract_pct, imputation) VALUES (13, 'EU', 10, 'interest_first');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (13, 20, 'F20', '2025-01-01', '2025-01-31', 3650);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, amount) VALUES (13, 21, 'A20', 'credit_note', '2025-02-10', 1650);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (13, 21, 20, 1650);
SELECT pg_temp.pay(13, 20, '2025-03-02', 1000) \g /dev/null
SELECT results_eq($$SELECT from_on, to_on, round(principal, 6), round(interest, 6) FROM late_interest_detail(20, '2025-04-01')$$,
    $$VALUES (date '2025-02-01', date '2025-02-10', 3650.000000, 10.000000), ('2025-02-11', '2025-03-02', 2000, 10.958904), ('2025-03-03', '2025-04-01', 1020.958904, 8.391443)$$,
    '004-01 interest first: cash goes to interest, a credit note to the principal');
ROLLBACK TO credited;
-- What was rightly contested owes nothing; a rejected dispute owes all.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (9, 10, 'F10', '2025-01-01', '2025-01-31', 1000);
SELECT open_dispute(10, 400, 'short delivery', opened_on => '2025-02-05') AS dispute \gset
SELECT is((SELECT DISTINCT principal FROM late_interest_detail(10)), 600::numeric, '004-01 what is in dispute is not reckoned');
SAVEPOINT contested;
SELECT resolve_dispute(:dispute, 'accepted', 'own_fault', 400) \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, amount) VALUES (9, 11, 'A10', 'credit_note', '2025-03-02', 400);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (9, 11, 10, 400);
SELECT results_eq('SELECT from_on, to_on, principal FROM late_interest_detail(10)', $$VALUES (date '2025-02-01', date '2025-04-30', 600::numeric)$$,
    '004-01 nor what was our fault, and its credit note does not count twice');
ROLLBACK TO contested;
SELECT resolve_dispute(:dispute, 'rejected') \g /dev/null
SELECT is((SELECT DISTINCT principal FROM late_interest_detail(10)), 1000::numeric, '004-01 a dispute that is rejected stops nothing');
-- A collective proceeding.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (10, 12, 'F12', '2025-01-01', '2025-01-31', 1000), (10, 13, 'F13', '2025-03-01', '2025-03-31', 1000);
SELECT record_default(10, occurred_on => '2025-02-20') AS proceeding \gset
SELECT is((SELECT max(to_on) FROM late_interest_detail(12)), date '2025-02-20', '004-01 the judgment stops interest on claims from before it');
SELECT is(pg_temp.owed(12), '7.21 + 0', '004-01 and they owe no indemnity');
SELECT is(pg_temp.owed(13), '10.81 + 40', '004-01 later claims owe both');
-- Rates of one's own, a contract and its floor.
INSERT INTO interest_terms (customer_id, contract_pct) VALUES (11, 10);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (11, 14, 'F14', '2024-10-01', '2024-12-15', 1000);
SELECT results_eq($$SELECT days, rate_pct FROM late_interest_detail(14, '2025-01-31')$$, 'VALUES (16, 14.76), (31, 11.13)', '004-01 a contractual rate is lifted to the French floor of each half-year');
UPDATE interest_terms SET regime = 'EU' WHERE customer_id = 11;
SELECT results_eq($$SELECT days, rate_pct FROM late_interest_detail(14, '2025-01-31')$$, 'VALUES (47, 10::numeric)', '004-01 elsewhere it is as agreed');
DELETE FROM interest_terms WHERE customer_id = 11;
INSERT INTO reference_rate VALUES ('ecb_mro', '2024-12-18', 4.15, 'a test');
SELECT results_eq($$SELECT rate_pct FROM late_interest_detail(14, '2025-01-31')$$, 'VALUES (14.25), (14.15)', '004-01 the ledger''s own rates go before those of the release');
SELECT is((SELECT count(*) FROM reference_rate_in_use WHERE (series, effective_on) = ('ecb_mro', date '2024-12-18')), 1::bigint, 'of one series and day one rate is in use');
DELETE FROM reference_rate;
UPDATE interest_policy SET regime = 'EU';
SELECT results_eq($$SELECT rate_pct FROM late_interest_detail(14, '2025-01-31')$$, 'VALUES (12.25), (11.15)', '004-01 the policy of the ledger is for all without terms of their own');
UPDATE interest_policy SET regime = 'FR';
SELECT throws_ok('INSERT INTO interest_policy DEFAULT VALUES', '23505', NULL, 'there is one policy');
SELECT throws_ok($$INSERT INTO interest_terms (customer_id, regime) VALUES (12, 'XX')$$, '23514', NULL, 'of a known regime');
SELECT throws_ok($$INSERT INTO interest_terms (customer_id, contract_pct) VALUES (12, 'NaN')$$, '23514', NULL, 'with a rate that is a number');
SELECT throws_ok($$INSERT INTO interest_terms (customer_id, regime, contract_pct) VALUES (12, 'FR_PUBLIC', 5)$$, '23514', NULL, 'a public buyer has the rate by law');
SELECT throws_ok($$INSERT INTO reference_rate VALUES ('fr_legal_rate_professional', '2025-02-01', 1, 'x')$$, '23514', NULL, 'the legal rate is one of a half-year');
SELECT throws_ok($$INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (13, 15, 'old', '1998-01-01', '1998-01-31', 10); SELECT * FROM late_interest(15)$$,
    '22023', NULL, 'before the first rate there is none to reckon with');
SELECT throws_ok($$SELECT * FROM late_interest(14, 'infinity')$$, '22023', NULL, 'for ever has no interest');
SELECT throws_ok($$UPDATE interest_policy SET regime = 'FR_PUBLIC', contract_pct = 5$$, '23514', NULL, 'nor has a public buyer a contract by policy');
SELECT is_empty('SELECT * FROM late_interest(999)', 'no such invoice, no row');
SELECT is(pg_temp.owed(9), '0 + 0', 'a credit note owes nothing');

-- Notes: no day twice, the indemnity once.
SELECT results_eq($$SELECT from_on, to_on, principal, interest, indemnity FROM interest_to_claim(7, '2025-04-10')$$,
    $$VALUES (date '2025-03-01', date '2025-04-10', 3650::numeric, 53.92, 0::numeric), ('2025-04-01', '2025-04-10', 7300, 26.30, 0), (NULL, NULL, NULL, 0, 40)$$,
    '004-01 interest_note: what is to be claimed');
SELECT propose_interest_note(7, '2025-03-31') AS note \gset
SELECT results_eq('SELECT status, interest, indemnity, amount FROM interest_note_status WHERE interest_note_id = ' || :note, $$VALUES ('proposed', 40.77, 40::numeric, 80.77)$$, '004-01 interest_note: proposed');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 7), 10950::numeric, 'which posts nothing');
SELECT is_empty($$SELECT propose_interest_note(7, '2025-03-31')$$, '004-01 interest_note: nothing is claimed twice');
SELECT propose_interest_note(7, '2025-04-10') AS second \gset
SELECT results_eq('SELECT instalment_no, from_on, to_on, principal, interest, indemnity FROM interest_note_line WHERE interest_note_id = ' || :second || ' ORDER BY line_no',
    $$VALUES (1, date '2025-04-01', date '2025-04-10', 3650::numeric, 13.15, 0::numeric), (2, '2025-04-01', '2025-04-10', 7300, 26.30, 0)$$, '004-01 interest_note: the next one goes on from there, without the indemnity');
SELECT issue_interest_note(:note, 'P-2025-1') AS charge \gset
SELECT results_eq('SELECT invoice_no, kind, issued_on, due_on, amount, tax_amount FROM invoice WHERE invoice_id = ' || :charge,
    $$VALUES ('P-2025-1', 'late_charge', date '2025-04-30', date '2025-04-30', 80.77, 0::numeric)$$, '004-01 interest_note: issued, it is an invoice outside tax');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 7), 11030.77, 'and receivable');
SELECT is(pg_temp.owed(:charge), '0 + 0', '004-01 late charges bear no interest');
SELECT throws_ok('SELECT issue_interest_note(' || :note || ')', 'CR012', 'interest note INT-1 cannot be issued: it is issued', 'not twice');
SELECT throws_ok('SELECT reinstate_interest_note(' || :note || ', ''x'')', 'CR012', NULL, 'what is not waived is not reinstated');
SELECT throws_ok('SELECT waive_interest_note(' || :note || ', '''')', '22023', NULL, 'nor waived without a reason');
SELECT is(waive_interest_note(:note, 'goodwill'), 'waived', '004-01 interest_note: waived after its issue');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 7), 10950::numeric, 'it is reversed');
SELECT throws_ok('SELECT waive_interest_note(' || :note || ', ''again'')', 'CR012', 'interest note INT-1 cannot be waived: it is waived', '004-01 interest_note: a second waiver is refused');
SELECT is_empty($$SELECT propose_interest_note(7, '2025-03-31')$$, 'and what is waived is not claimed again');
SELECT is(reinstate_interest_note(:note, 'no more goodwill'), 'issued', '004-01 interest_note: reinstated');
SELECT results_eq('SELECT s.status, i.invoice_no, i.amount FROM interest_note_status s JOIN invoice i USING (customer_id, invoice_id) WHERE interest_note_id = ' || :note,
    $$VALUES ('issued', 'INT-1-2', 80.77)$$, 'it is posted again, under a number of its own');
SELECT pg_temp.pay(7, (SELECT invoice_id FROM interest_note_status WHERE interest_note_id = :note), '2025-04-30', 30) \g /dev/null
SELECT throws_ok('SELECT reverse_interest_note(' || :note || ', ''wrong'')', 'CR003', 'late charge INT-1-2 cannot be taken back: 50.77 of 80.77 is open', 'what is paid in part is not reversed');
SELECT is(waive_interest_note(:note, 'the rest'), 'waived', '004-01 interest_note: but the rest is waived');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 7), 10950::numeric, 'by a credit note for what was open');
SELECT results_eq('SELECT event, amount FROM interest_note_event WHERE interest_note_id = ' || :note || ' ORDER BY event_no',
    $$VALUES ('issued', 80.77), ('waived', 80.77), ('reinstated', 80.77), ('waived', 50.77)$$, 'every step is on record');
SELECT is(reinstate_interest_note(:note, 'and back'), 'issued', 'and it is taken back');
SELECT throws_ok('SELECT reverse_interest_note(' || :note || ', ''wrong'')', 'CR003', 'interest note INT-1 cannot be reversed: 30.00 of an earlier late charge of it is settled', 'what was paid of it in part is not claimed again, however often the rest was waived');
SELECT is((SELECT receivable FROM credit_account WHERE customer_id = 7), 11000.77, 'for so much');
SELECT pg_temp.pay(7, (SELECT invoice_id FROM interest_note_status WHERE interest_note_id = :note), '2025-04-30', 50.77) \g /dev/null
SELECT throws_ok('SELECT waive_interest_note(' || :note || ', ''paid'')', 'CR003', NULL, 'what is paid is not waived');
SELECT is(waive_interest_note(:second, 'before its issue'), 'waived', '004-01 interest_note: waived before its issue');
SELECT is(reinstate_interest_note(:second, 'back'), 'proposed', 'and back to a proposal');
SELECT is(reverse_interest_note(:second, 'wrong'), 'reversed', '004-01 interest_note: reversed');
SELECT throws_ok('SELECT reverse_interest_note(' || :second || ', ''again'')', 'CR012', 'interest note INT-2 cannot be reversed: it is reversed', '004-01 interest_note: a second reversal is refused');
SELECT isnt_empty($$SELECT propose_interest_note(7, '2025-04-10')$$, 'its days can be claimed anew');
SELECT results_eq($$SELECT note_no, amount FROM interest_note_status WHERE customer_id = 7 AND status = 'proposed'$$, $$VALUES ('INT-3', 39.45)$$, 'the same again');
-- Later knowledge: a bounced payment leaves the difference to be claimed.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (14, 16, 'F16', '2025-01-01', '2025-01-31', 3650);
SELECT pg_temp.pay(14, 16, '2025-02-10', 1650) \g /dev/null
SELECT propose_interest_note(14, '2025-03-31') \g /dev/null
SELECT reverse_allocation(allocation_id) FROM allocation WHERE customer_id = 14 \g /dev/null
SELECT propose_interest_note(14, '2025-03-31') AS late \gset
SELECT results_eq('SELECT from_on, to_on, principal FROM interest_note_line WHERE interest_note_id = ' || :late,
    $$VALUES (date '2025-02-11', date '2025-03-31', 1650::numeric)$$, '004-01 interest_note: a day is claimed again only for what was not claimed for it');
SELECT is((SELECT unapplied FROM interest_note WHERE interest_note_id = :late), 1650::numeric, 'and the cash that is not matched stands on the note');
SELECT is((SELECT sum(amount) FROM interest_note WHERE customer_id = 14), (SELECT amount FROM late_interest(16, '2025-03-31')), 'both are what is owed');
-- Public buyers, currencies, bad input.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (4, 17, 'F17', '2024-05-15', '2024-06-15', 1000);
SELECT results_eq('SELECT days, rate_pct FROM late_interest_detail(17)', 'VALUES (319, 12.50)', '004-01 a public buyer owes the rate of the half-year in which interest starts');
SELECT propose_interest_note(4) AS public \gset
SELECT throws_ok('SELECT waive_interest_note(' || :public || ', ''kindness'')', 'CR012', NULL, '004-01 interest_note: that of a public buyer cannot be waived');
SELECT lives_ok('SELECT reverse_interest_note(' || :public || ', ''a mistake'')', 'but reversed if it is wrong');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (3, 18, 'F18', '2025-02-20', '2025-03-20', 1000, 'EUR');
SELECT propose_interest_note(3) \g /dev/null
SELECT is((SELECT array_agg(n.currency ORDER BY n.currency) FROM interest_note n WHERE customer_id = 3), '{EUR,GBP}'::text[], 'a note for each currency');
SELECT throws_ok($$SELECT propose_interest_note(1, '2025-05-01')$$, 'CR003', NULL, 'interest is not claimed before it is owed');
SELECT throws_ok('SELECT propose_interest_note(999)', 'CR004', NULL, 'from a customer that is none');
SELECT throws_ok('SELECT issue_interest_note(999)', 'CR007', NULL, 'there is no such note');
SELECT throws_ok('UPDATE interest_note SET amount = 1', 'CR010', NULL, 'a note stays as written');
SELECT throws_ok('DELETE FROM interest_note_line', 'CR010', NULL, 'so do its lines');
SELECT throws_ok('DELETE FROM interest_note_event', 'CR010', NULL, 'and what became of it');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty');

-- Claimed too much, by what is known later.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (12, 19, 'F19', '2025-01-01', '2025-01-31', 3650);
SELECT propose_interest_note(12) AS note \gset
SELECT is_empty('SELECT * FROM interest_claimed_in_excess(12)', 'what is claimed is owed');
SELECT pg_temp.pay(12, 19, '2025-03-02', 3650) \g /dev/null
SELECT results_eq('SELECT invoice_id, claimed, owed, notes FROM interest_claimed_in_excess(12)', $$VALUES (19::bigint, 117.04, 39.45, 'INT-1')$$, 'unless it was paid before: then the note is wrong');
SELECT reverse_interest_note(:note, 'paid in March') \g /dev/null
SELECT propose_interest_note(12) AS note \gset
SELECT is((SELECT amount FROM interest_note WHERE interest_note_id = :note), 79.45, 'reversed and proposed anew, it is right');
SELECT is_empty('SELECT * FROM interest_claimed_in_excess(12)', 'and nothing is in excess');

-- The law: notes of any days add up to the interest of all, to a cent each,
-- by every rule.
INSERT INTO exchange_rate SELECT 'GBP', d::date, 1.2 FROM generate_series('2024-02-25'::timestamp, '2025-04-30', '5 days') d ON CONFLICT DO NOTHING;
SELECT setseed(0.42);
INSERT INTO interest_terms (customer_id, regime, imputation, day_count) VALUES
    (16, 'FR', 'interest_first', 'act/365f'), (17, 'UK', 'principal_first', '30e/360'), (18, 'EU', 'interest_first', '30/360 us'), (19, 'FR', 'principal_first', 'act/act'), (20, 'FR_PUBLIC', 'interest_first', 'act/360');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT 15 + k % 6, 100 + k, 'R' || k, d, d + (random() * 60)::integer, round((random() * 5000 + 10)::numeric, 2)
FROM (SELECT k, date '2024-03-01' + (random() * 300)::integer AS d FROM generate_series(1, 150) k) r;
SELECT pg_temp.pay(i.customer_id, i.invoice_id, least(i.due_on + (random() * 120)::integer - 20, date '2025-04-30'), round(i.amount * (0.2 + random() * 0.3)::numeric, 2))
FROM invoice i CROSS JOIN generate_series(1, 2) WHERE i.customer_id >= 15 AND i.invoice_id % 4 <> 0 \g /dev/null
SELECT pg_temp.pay(o.customer_id, o.invoice_id, date '2025-04-30', o.open_amount) FROM open_item o WHERE o.customer_id >= 15 AND o.invoice_id % 5 = 0 \g /dev/null
SELECT propose_interest_note(c, d::date) FROM generate_series('2024-06-15'::timestamp, '2025-04-30', '37 days') d, generate_series(15, 20) c \g /dev/null
SELECT propose_interest_note(c, '2025-04-30') FROM generate_series(15, 20) c \g /dev/null
SELECT is_empty($$
  SELECT i.customer_id, i.invoice_id, l.interest, o.interest FROM invoice i CROSS JOIN LATERAL late_interest(i.invoice_id) o
  LEFT JOIN (SELECT invoice_id, sum(interest) AS interest, sum(indemnity) AS indemnity, count(DISTINCT interest_note_id) AS notes FROM interest_note_line GROUP BY 1) l USING (invoice_id)
  WHERE i.customer_id >= 15 AND (abs(coalesce(l.interest, 0) - o.interest) > 0.005 * coalesce(l.notes, 0) + 0.005 OR coalesce(l.indemnity, 0) <> o.indemnity)
$$, '004-01 interest_note: notes of any days add up to the interest of all, by every rule');
SELECT is_empty('SELECT c, e.* FROM generate_series(15, 20) c CROSS JOIN LATERAL interest_claimed_in_excess(c) e', 'nothing in excess');
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(*) AS n FROM interest_note WHERE customer_id >= 15 GROUP BY customer_id) k), '>', 5::bigint, 'of several notes');
SELECT is_empty($$
  SELECT a.invoice_id FROM interest_note_line a JOIN interest_note_line b USING (customer_id, invoice_id, instalment_no)
  WHERE customer_id >= 15 AND (a.interest_note_id, a.line_no) < (b.interest_note_id, b.line_no) AND a.from_on <= b.to_on AND b.from_on <= a.to_on
$$, 'and no day is claimed twice');
-- Another way to the same: day by day, of what was open then.
SELECT is_empty($$
  SELECT i.invoice_id, o.interest, x.interest FROM invoice i CROSS JOIN LATERAL late_interest(i.invoice_id) o
  CROSS JOIN LATERAL (
      SELECT round(coalesce(sum(credit_risk.late_statutory_rate('FR', d::date) / 36500
          * (i.amount - coalesce((SELECT sum(a.amount) FROM allocation a JOIN payment p USING (customer_id, payment_id)
                                  WHERE a.customer_id = i.customer_id AND a.invoice_id = i.invoice_id AND p.received_on < d), 0))), 0), 2) AS interest
      FROM generate_series(i.due_on + 1, date '2025-04-30', interval '1 day') d) x
  WHERE i.customer_id = 15 AND o.interest <> x.interest
$$, '004-01 day by day, at the rate of the day on what was unpaid, it is the same');
SELECT is_empty('SELECT * FROM verify()', 'verify() is empty after all');
SELECT * FROM finish();
ROLLBACK;
