-- Payments that come back, default events, doubtful and lost receivables and
-- what is recovered, factoring, placements, litigation.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('losses') \g /dev/null
SET LOCAL search_path = losses, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO exchange_rate VALUES ('USD', '2026-03-01', 0.9);
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 30) i;
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (41, 'H1', 'Below', 40), (40, 'H0', 'Head', NULL);
CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s + %s - %s = %s', receivable, unmatured, unapplied, exposure) FROM losses.credit_account WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.items(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('%s/%s %s (%s)', invoice_no, instalment_no, open_amount, o.cycle), ', ' ORDER BY invoice_no, instalment_no)
   FROM losses.open_item o JOIN losses.invoice USING (customer_id, invoice_id) WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.tasks(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(kind || ' ' || department, ', ' ORDER BY task_id) FROM losses.task WHERE customer_id = id AND closed_on IS NULL $$;
CREATE FUNCTION pg_temp.events(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('%s %s %s', kind, occurred_on, amount_base), ', ' ORDER BY default_event_id) FROM losses.default_event WHERE customer_id = id AND reversal_of IS NULL $$;

-- 000-02 A bounced draft, from before to after, in one statement.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, tax_amount) VALUES (1, 101, 'A', '2026-01-02', '2026-02-01', 1200, 200);
INSERT INTO payment (customer_id, payment_id, payment_no, received_on, amount, method, acceptance, matures_on)
VALUES (1, 101, 'LCR1', '2026-02-01', 1200, 'draft', 'accepted', '2026-03-01');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 101, 101, 1200);
SELECT is(pg_temp.account(1), '0 + 1200 - 0 = 1200', '001-29 a draft that is accepted and not matured settles the invoice and still counts in the exposure');
SELECT is((SELECT exposure FROM exposure WHERE customer_id = 1), 1200::numeric, '001-29 in the view too');
SELECT is(pg_temp.items(1), NULL, '000-02 before: nothing is open');
SELECT is(pg_temp.tasks(1), NULL, '000-02 before: no task');
SAVEPOINT draft;
INSERT INTO payment_return (customer_id, payment_id, reason, bank_charges) VALUES (1, 101, 'draft no funds', 15.5);
SELECT is(pg_temp.items(1), 'A/1 1200 (2)', '000-02 a bounced draft re-opens the invoice, in its next cycle of dunning');
SELECT is(pg_temp.account(1), '1200 + 0 - 0 = 1200', '000-02 the exposure is that of the invoice again');
SELECT is(pg_temp.events(1), 'returned_payment 2026-03-02 1200', '000-02 a default event with its source');
SELECT is((SELECT payment_id FROM default_event WHERE customer_id = 1), 101::bigint, '000-02 which is the payment');
SELECT is(pg_temp.tasks(1), 'escalation credit', '000-02 and a task to escalate');
SELECT is((SELECT subject FROM task WHERE customer_id = 1), 'Payment LCR1 of 1200 EUR came back: Draft: insufficient funds (provision insuffisante)', '000-02 in words');
SELECT is((SELECT in_default || ' ' || since || ' ' || kinds::text FROM default_status WHERE customer_id = 1), 'true 2026-03-02 {returned_payment}', '000-02 the customer is in default');
SELECT is((SELECT kind || ' ' || recorded_by FROM payment_return), 'no_funds ' || current_user, '000-02 the return says what it was taken for');
SELECT is_empty('SELECT * FROM verify()', '000-02 verify() after a bounced draft');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (1, 101, 'AM04')$$, 'CR012', 'payment LCR1 was taken back already', '000-02 a second return');
SELECT throws_ok($$SELECT reverse_payment(101)$$, '23505', NULL, '000-02 a reversal of what came back');
SELECT throws_ok($$UPDATE payment_return SET returned_on = '2026-02-02'$$, 'CR010', NULL, '000-02 a return is a fact');
SELECT throws_ok($$TRUNCATE payment_return$$, 'CR010', NULL, '000-02 and is not truncated');
UPDATE ledger SET pinned_date = '2026-05-31';
SELECT is((SELECT in_default FROM default_status WHERE customer_id = 1), true, '000-02 90 days later it lasts while the invoice is open');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (1, 102, 1200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 102, 101, 1200);
SELECT is((SELECT in_default || ' ' || last FROM default_status WHERE customer_id = 1), 'false 2026-03-02', '000-02 and no longer once it is paid');
ROLLBACK TO draft;
-- after it became final
UPDATE ledger SET pinned_date = '2026-03-10';
SELECT run_daily() \g /dev/null
SELECT is(pg_temp.account(1), '0 + 0 - 0 = 0', '001-29 past maturity and the days of the method it is final and leaves the exposure');
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (1, 101, 'draft contested');
SELECT is(pg_temp.account(1), '1200 + 0 - 0 = 1200', '000-02 a payment that was final comes back too: the exposure is back');
SELECT is(pg_temp.events(1), NULL, '000-02 refused by the debtor: no default');
SELECT is((SELECT disputed_amount FROM disputed_item WHERE customer_id = 1 AND invoice_id = 101), 1200::numeric, '000-02 but a dispute of what is open again');
SELECT is_empty('SELECT * FROM verify()', '000-02 verify() after it');
ROLLBACK TO draft;

UPDATE payment_method SET final_after_days = 56 WHERE method = 'direct debit';
-- What each reason brings, in one statement for three customers, one in a group.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (2, 201, 'A', '2026-01-02', '2026-02-01', 100), (2, 202, 'B', '2026-01-02', '2026-02-01', 60), (3, 301, 'A', '2026-01-02', '2026-02-01', 100), (41, 401, 'A', '2026-01-02', '2026-02-01', 100);
INSERT INTO payment (customer_id, payment_id, received_on, amount, method)
VALUES (2, 201, '2026-02-01', 130, 'direct debit'), (3, 301, '2026-02-01', 120, 'direct debit'), (41, 401, '2026-02-01', 100, 'cheque');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (2, 201, 201, 98, '2026-02-20'), (2, 201, 202, 30, '2026-02-20'), (3, 301, 301, 100, '2026-02-01'), (41, 401, 401, 100, '2026-02-01');
SELECT is((SELECT group_exposure FROM credit_account WHERE customer_id = 40), 0::numeric, 'a cheque of February is final in March');
SELECT is(pg_temp.account(2), '32 + 130 - 2 = 160', 'a debit is not for 56 days');
INSERT INTO payment_return (customer_id, payment_id, returned_on, reason) VALUES (2, 201, '2026-02-10', 'MD06'), (41, 401, '2026-02-10', 'cheque no funds'), (3, 301, '2026-02-10', 'AC01');
SELECT is(pg_temp.items(2), 'A/1 100 (1), B/1 60 (1)', 'all that a payment had settled is open again, in the cycle that never ended');
SELECT is((SELECT string_agg(effective_on::text, ' ') FROM allocation WHERE customer_id = 2 AND reversal_of IS NOT NULL), '2026-02-20 2026-02-20', 'not before the day on which it was settled');
SELECT is((SELECT received_on FROM payment WHERE customer_id = 2 AND reversal_of = 201), '2026-02-20'::date, 'nor is the payment taken back before');
SELECT is((SELECT returned_on FROM payment_return WHERE payment_id = 201), '2026-02-10'::date, 'the return keeps its own day');
SELECT is(pg_temp.account(2) || ', ' || pg_temp.account(3), '160 + 0 - 0 = 160, 100 + 0 - 0 = 100', 'and nothing is left of the cash');
SELECT is((SELECT string_agg(format('%s %s', invoice_id, disputed_amount), ', ' ORDER BY invoice_id) FROM disputed_item WHERE customer_id = 2), '201 98, 202 30', 'refused: the debtor disputes what is open again');
SELECT is(pg_temp.tasks(3), 'technical_return accounting', 'technical: a task only');
SELECT is(concat(pg_temp.events(2), pg_temp.events(3)), '', 'neither is a default');
SELECT is(pg_temp.tasks(41), 'escalation credit', 'no funds: to escalate');
SELECT is((SELECT group_exposure FROM credit_account WHERE customer_id = 40), 100::numeric, 'and the group has its exposure again');
SELECT is_empty('SELECT * FROM verify()', 'verify() after returns');
SELECT is((SELECT exposure FROM exposure_as_of('2026-02-05') WHERE customer_id = 41), 100::numeric, 'as of a day before: in the portfolio');

-- A discount and a difference that came with the payment go with it; another's stays.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, terms) VALUES (4, 411, 'A', 100, '2/10 net 30'), (4, 412, 'B', 100, 'net 30'), (4, 414, 'D', 50, 'net 30');
INSERT INTO payment (customer_id, payment_id, amount, method) VALUES (4, 411, 197.5, 'direct debit');
SELECT take_cash_discount(411, 411) \g /dev/null
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, matching_code) VALUES (4, 411, 412, 99.5, 'AAA');
INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount, matching_code) VALUES (4, 412, 'small_difference', 'short', 0.5, 'AAA'), (4, 414, 'small_difference', 'short', 3, 'AAB');
SELECT is(pg_temp.items(4), 'D/1 47 (1)', 'two invoices are settled with a discount and a difference');
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (4, 411, 'AM04');
SELECT is(pg_temp.items(4), 'A/1 100.00 (2), B/1 100.0 (2), D/1 47 (1)', 'both go with the payment, what another matched stays');
-- A refund cannot come back with it.
INSERT INTO payment (customer_id, payment_id, amount, method) VALUES (4, 413, 50, 'direct debit');
INSERT INTO allocation (customer_id, payment_id, adjustment, reason, amount) VALUES (4, 413, 'refund', 'overpaid', 20);
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (4, 413, 'AM04')$$, 'CR003', 'payment 413 cannot come back: 20 of it was refunded', 'a payment that was refunded');
SELECT reverse_allocation(max(allocation_id)) FROM allocation WHERE payment_id = 413 \g /dev/null
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (4, 413, 'AM04');
SELECT is_empty('SELECT * FROM verify()', 'verify() after it');
-- In dollars: the base amounts are back to the cent.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) VALUES (5, 511, 'U', 33.33, 'USD');
INSERT INTO payment (customer_id, payment_id, amount, currency, method) VALUES (5, 511, 33.33, 'USD', 'cheque');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (5, 511, 511, 11.11), (5, 511, 511, 22.22);
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (5, 511, 'cheque no funds');
SELECT is(pg_temp.account(5), '30.00 + 0.00 - 0.00 = 30.00', 'in dollars');
SELECT is_empty('SELECT * FROM verify()', 'verify() after it');

-- Bad input.
INSERT INTO payment (customer_id, payment_id, payment_no, received_on, amount, method) VALUES (6, 601, 'P', '2026-02-10', 10, 'cheque');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, returned_on, reason) VALUES (6, 601, '2026-02-09', 'AM04')$$, 'CR003', 'payment P cannot come back on 2026-02-09', 'a return before the receipt');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, returned_on, reason) VALUES (6, 601, '2026-03-03', 'AM04')$$, 'CR003', NULL, 'a return in the future');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, returned_on, reason) VALUES (6, 601, 'infinity', 'AM04')$$, 'CR003', NULL, 'never');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (6, 999, 'AM04')$$, 'CR007', 'there is no payment 999 of customer 6', 'a payment that does not exist');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (7, 601, 'AM04')$$, 'CR007', NULL, 'the payment of another customer');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (6, 601, 'XX99')$$, '23503', 'there is no reason of return ''XX99''', 'an unknown reason');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason, bank_charges) VALUES (6, 601, 'AM04', -1)$$, '23514', NULL, 'negative charges');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason, bank_charges) VALUES (6, 601, 'AM04', 'NaN')$$, NULL, NULL, 'charges that are no number');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason, bank_charges) VALUES (6, 601, 'AM04', 1.005)$$, 'CR011', NULL, 'charges finer than a cent');
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (6, 601, 'AM04'), (6, 601, 'AC04')$$, '23505', NULL, 'twice in one statement');
SELECT reverse_payment(601) \g /dev/null
SELECT throws_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (6, 601, 'AM04')$$, 'CR012', NULL, 'what was taken back does not come back');

-- Default events -----------------------------------------------------------------------------------
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (8, 801, 'old', '2025-10-01', '2025-12-01', 700), (8, 802, 'small', '2025-10-01', '2025-12-01', 499.99), (8, 803, '90 days', '2025-10-01', '2025-12-02', 700),
       (8, 804, 'disputed', '2025-10-01', '2025-12-01', 700), (8, 805, 'partly', '2025-10-01', '2025-12-01', 1400);
INSERT INTO dispute (customer_id, invoice_id, amount, reason) VALUES (8, 804, 300, 'quality'), (8, 805, 300, 'price');
SELECT is(detect_unpaid_defaults('2026-03-02'), 2::bigint, '000-02 undisputed for more than 90 days and from 500 on: two events');
SELECT is(pg_temp.events(8), 'unpaid 2026-03-02 700, unpaid 2026-03-02 1100', '000-02 of what is undisputed');
SELECT is(detect_unpaid_defaults('2026-03-02'), 0::bigint, '000-02 a second run finds nothing');
SELECT is((SELECT in_default || kinds::text FROM default_status WHERE customer_id = 8), 'true{unpaid}', '000-02 in default while they are open');
UPDATE ledger SET pinned_date = '2026-03-03';
SELECT is(detect_unpaid_defaults(max_items => 1), 1::bigint, '000-02 the day after, one more');
SELECT throws_ok($$INSERT INTO default_event (customer_id, kind, amount_base, invoice_id, instalment_no) VALUES (8, 'unpaid', 1, 801, 1)$$, 'CR012', NULL, 'one live event for one item');
SELECT reverse_default(default_event_id, 'paid to another account') FROM default_event WHERE invoice_id = 801 \g /dev/null
SELECT throws_ok($$SELECT reverse_default(default_event_id, 'again') FROM default_event WHERE invoice_id = 801 AND reversal_of IS NULL$$, 'CR012', NULL, 'taken back once');
SELECT throws_ok($$SELECT reverse_default(default_event_id, 'x') FROM default_event WHERE reversal_of IS NOT NULL$$, 'CR007', NULL, 'a reversal is not taken back');
SELECT is(detect_unpaid_defaults(), 1::bigint, 'taken back, it may be found again');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (8, 801, 2800);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (8, 801, 801, 700), (8, 801, 803, 700), (8, 801, 805, 1400);
SELECT is((SELECT in_default FROM default_status WHERE customer_id = 8), false, '000-02 paid: in default no longer');
SELECT throws_ok($$SELECT detect_unpaid_defaults('infinity')$$, '22023', NULL, 'a run on no day');
SELECT throws_ok($$SELECT detect_unpaid_defaults(min_amount => 'NaN')$$, '22023', NULL, 'from no amount on');
SELECT throws_ok($$SELECT detect_unpaid_defaults(min_days => -1)$$, '22023', NULL, 'before it is due');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (9, 'A', 90);
SELECT record_default(9, occurred_on => '2026-03-01', reason => 'TC Dijon 2026/117') \g /dev/null
SELECT is(pg_temp.events(9), 'collective_proceeding 2026-03-01 90', '000-02 a collective proceeding, of what is owed');
SELECT is((SELECT since || kinds::text FROM default_status WHERE customer_id = 9), '2026-03-01{collective_proceeding}', '000-02 lasts until it is over');
SELECT throws_ok($$SELECT record_default(9, occurred_on => '2026-03-04')$$, 'CR003', NULL, 'a default in the future');
SELECT throws_ok($$SELECT record_default(9, 'unpaid')$$, '22023', NULL, 'others record themselves');
SELECT throws_ok($$SELECT record_default(999)$$, 'CR007', NULL, 'of nobody');
SELECT throws_ok($$SELECT record_default(9, amount_base => -5)$$, '23514', NULL, 'of less than nothing');
SELECT throws_ok($$SELECT record_default(9, amount_base => 'NaN')$$, '23514', NULL, 'of no number');
SELECT throws_ok($$DELETE FROM default_event$$, 'CR010', NULL, 'events are facts');
UPDATE ledger SET pinned_date = '2026-03-02';

-- 001-03 Doubtful, irrecoverable, written off, recovered ----------------------------------------------
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, instalment_due_on, instalment_amount, amount, tax_amount)
VALUES (10, 1001, 'L', '2025-06-01', '{2025-07-01,2025-08-01,2025-09-01}', '{100.01,100.01,99.98}', 300, 50.01);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (10, 1002, 'M', '2025-06-01', '2025-07-01', 80);
SELECT is_empty($$SELECT * FROM doubtful_as_of('2026-03-02')$$, '001-03 before: nothing is doubtful');
SELECT mark_doubtful(1001, 'no answer since summer', '2026-02-01') \g /dev/null
SELECT is((SELECT d::text FROM doubtful_as_of('2026-03-02') d), '(10,1001,doubtful)', '001-03 an overdue invoice becomes doubtful');
SELECT is(pg_temp.account(10), '380 + 0 - 0 = 380', '001-03 and stays in exposure');
SELECT throws_ok($$SELECT mark_doubtful(1001, 'again')$$, 'CR012', 'invoice L is doubtful already', '001-03 once');
SELECT throws_ok($$SELECT mark_doubtful(1001, 'x', '2026-01-31', 'irrecoverable')$$, 'CR003', NULL, '001-03 irrecoverable not before doubtful');
SELECT clock_timestamp() AS before \gset
SELECT mark_doubtful(1001, 'no assets', '2026-02-15', 'irrecoverable') \g /dev/null
SELECT is((SELECT string_agg(format('%s:%s', d, (SELECT status FROM doubtful_as_of(d::date))), ' ' ORDER BY d) FROM unnest('{2026-01-31,2026-02-01,2026-02-14,2026-02-15}'::text[]) d),
  '2026-01-31: 2026-02-01:doubtful 2026-02-14:doubtful 2026-02-15:irrecoverable', '001-03 then irrecoverable; each past day has its status');
SELECT is((SELECT status FROM doubtful_as_of('2026-02-20', :'before')), 'doubtful', '001-03 as known before that was recorded');
SELECT throws_ok($$SELECT mark_doubtful(1001, 'x')$$, 'CR012', NULL, '001-03 irrecoverable is not doubtful again');
SELECT throws_ok($$UPDATE doubtful_receivable SET status = 'doubtful' WHERE closed_on IS NULL$$, 'CR010', NULL, '001-03 a case keeps what it says');
SELECT mark_doubtful(1002, 'late') \g /dev/null
SELECT is(restore_doubtful(1002), '2026-03-02'::date, '001-03 and one may be good again');
SELECT throws_ok($$SELECT restore_doubtful(1002)$$, 'CR012', NULL, '001-03 once');
SELECT is(cardinality(write_off(1001, 'no assets', 150)), 2, '001-03 a part is written off, oldest due first');
SELECT is(pg_temp.items(10), 'L/2 50.02 (1), L/3 99.98 (1), M/1 80 (1)', '001-03 the first instalment, and half of the second');
SELECT is((SELECT string_agg(tax_amount::text, ' ' ORDER BY allocation_id) FROM allocation WHERE customer_id = 10), '16.68 8.33', '001-03 with the tax within it, pro rata');
SELECT is((SELECT status FROM doubtful_as_of('2026-03-02')), 'irrecoverable', '001-03 while something is open the case stays');
SELECT is(pg_temp.account(10), '230.00 + 0 - 0 = 230.00', '001-03 it leaves exposure');
SELECT is(cardinality(write_off(1001, 'no assets', instalment_no => 3, tax_recoverable => false)), 1, '001-03 one instalment');
SELECT is((SELECT sum(tax_amount) FROM allocation WHERE customer_id = 10), 41.67, '001-03 the tax of all write-offs is that of their sum: 50.01 × 249.98 / 300');
SELECT is(write_off(1001, 'no assets') IS NOT NULL, true, '001-03 and the rest');
SELECT is((SELECT sum(tax_amount) FROM allocation WHERE customer_id = 10), 50.01, '001-03 all of the invoice, all of its tax');
SELECT is(pg_temp.account(10), '80.00 + 0 - 0 = 80.00', '001-03 nothing of it is left in exposure');
SELECT is((SELECT total FROM ageing_as_of('2026-03-01') WHERE customer_id = 10), 380::numeric, '001-03 its history stays: the aged balance of yesterday');
SELECT is_empty($$SELECT * FROM doubtful_as_of('2026-03-02')$$, '001-03 the case is closed');
SELECT is((SELECT outcome FROM doubtful_receivable WHERE invoice_id = 1001 ORDER BY doubtful_id DESC LIMIT 1), 'written_off', '001-03 as written off');
SELECT is(pg_temp.events(10), 'write_off 2026-03-02 100.01, write_off 2026-03-02 49.99, write_off 2026-03-02 99.98, write_off 2026-03-02 50.02', '001-03 each leaves its event of default');
SELECT is((SELECT concat_ws(' ', written_off, tax_amount, tax_recoverable, recovered, net_loss) FROM loss WHERE invoice_id = 1001), '300.00 50.01 33.35 0 266.65', '001-03 the loss, less the tax that comes back');
SELECT throws_ok($$SELECT write_off(1001, 'again')$$, 'CR012', 'nothing is open of invoice L', '001-03 there is no more to write off');
-- recovered later
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (10, 1001, 'R', 100), (11, 1101, 'O', 100);
SELECT is(record_recovery(1001, 1001, 60) > 0, true, '001-03 cash for what was written off');
SELECT is((SELECT concat_ws(' ', recovered, tax_repayable, net_loss) FROM loss WHERE invoice_id = 1001), '60 6.67 213.32', '001-03 is tracked: recovered, and the tax due again on it');
SELECT is(pg_temp.account(10), '80.00 + 0 - 40 = 40.00', '001-03 and leaves the unapplied cash');
SELECT throws_ok($$SELECT record_recovery(1001, 1001, 40.01)$$, 'CR003', NULL, '001-03 not more than is left of the payment');
SELECT throws_ok($$SELECT record_recovery(1002, 1001, 1)$$, 'CR003', NULL, '001-03 not of an invoice that is not lost');
SELECT throws_ok($$SELECT record_recovery(1001, 1101, 1)$$, 'CR003', NULL, '001-03 not by another customer');
SELECT throws_ok($$SELECT record_recovery(1001, 1001, -1)$$, 'CR003', NULL, '001-03 not less than nothing');
SELECT throws_ok($$SELECT record_recovery(1001, 1001, 'NaN')$$, 'CR003', NULL, '001-03 not no number');
SELECT reverse_allocation(allocation_id) FROM allocation WHERE adjustment = 'write_off' AND customer_id = 10 AND instalment_no = 3 \g /dev/null
SELECT is(pg_temp.items(10), 'L/3 99.98 (2), M/1 80 (1)', '001-03 un-write-off: reverse_allocation() opens the item again');
SELECT is((SELECT concat_ws(' ', written_off, recovered) FROM loss WHERE invoice_id = 1001), '200.02 60', '001-03 and it is no loss');
SELECT is((SELECT in_default FROM default_status WHERE customer_id = 10), true, '001-03 the rest is still lost');
-- the recovery bounces
UPDATE ledger SET pinned_date = '2026-03-05';
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (10, 1001, 'AC01');
SELECT is((SELECT concat_ws(' ', written_off, recovered) FROM loss WHERE invoice_id = 1001), '200.02 0', '001-03 a recovery that comes back is none');
SELECT reverse_allocation(a.allocation_id) FROM allocation a WHERE adjustment = 'write_off' AND customer_id = 10 AND reversal_of IS NULL
  AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = 10 AND r.reversal_of = a.allocation_id) \g /dev/null
SELECT is((SELECT in_default FROM default_status WHERE customer_id = 10), false, '001-03 all undone: no default is left');
SELECT is_empty($$SELECT * FROM loss WHERE invoice_id = 1001$$, '001-03 nor a loss');
SELECT is_empty('SELECT * FROM verify()', '001-03 verify() after all of it');
UPDATE ledger SET pinned_date = '2026-03-02';
-- bad input
SELECT throws_ok($$SELECT write_off(1002, 'x', 80.01)$$, 'CR003', 'invoice M: 80.01 cannot be written off, 80 is open', '001-03 more than open');
SELECT throws_ok($$SELECT write_off(1002, 'x', -1)$$, 'CR003', NULL, '001-03 negative');
SELECT throws_ok($$SELECT write_off(1002, 'x', 0)$$, 'CR003', NULL, '001-03 nothing');
SELECT throws_ok($$SELECT write_off(1002, 'x', 'NaN')$$, 'CR003', NULL, '001-03 no number');
SELECT throws_ok($$SELECT write_off(1002, 'x', 1.001)$$, 'CR011', NULL, '001-03 finer than a cent');
SELECT throws_ok($$SELECT write_off(1002, '')$$, '22023', NULL, '001-03 without a reason');
SELECT throws_ok($$SELECT write_off(1002, 'x', effective_on => '2025-05-31')$$, 'CR003', NULL, '001-03 before the invoice');
SELECT throws_ok($$SELECT write_off(1002, 'x', instalment_no => 7)$$, 'CR012', NULL, '001-03 an instalment that is not there');
SELECT throws_ok($$SELECT write_off(99999, 'x')$$, 'CR007', NULL, '001-03 an invoice that is not there');
SELECT throws_ok($$SELECT write_off(NULL, 'x')$$, 'CR007', NULL, '001-03 no invoice');
SELECT throws_ok($$SELECT mark_doubtful(1002, 'x', '2026-03-03')$$, 'CR003', NULL, '001-03 doubtful in the future');
SELECT throws_ok($$SELECT mark_doubtful(1002, 'x', status => 'lost')$$, '23514', NULL, '001-03 another status');
-- without a tax amount, and in dollars
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency, tax_amount) VALUES (12, 1201, 'U', 120, 'USD', 20);
SELECT write_off(1201, 'x') \g /dev/null
INSERT INTO payment (customer_id, payment_id, amount, currency) VALUES (12, 1201, 120, 'USD'), (12, 1202, 10, 'EUR');
SELECT throws_ok($$SELECT record_recovery(1201, 1202)$$, 'CR006', NULL, '001-03 recovered in another currency');
SELECT is((SELECT concat_ws(' ', written_off, tax_recoverable, net_loss, written_off_base, tax_recoverable_base, net_loss_base) FROM loss WHERE customer_id = 12), '120 20.00 100.00 108.00 18.00 90.00', '001-03 in both currencies');
SELECT record_recovery(1201, 1201) \g /dev/null
SELECT is((SELECT concat_ws(' ', recovered, tax_repayable, net_loss) FROM loss WHERE customer_id = 12), '120 20.00 0.00', '001-03 recovered as a whole, nothing is lost, and the tax is due again');
SELECT throws_ok($$SELECT reverse_allocation(allocation_id) FROM allocation WHERE adjustment = 'write_off' AND customer_id = 12$$, 'CR003', NULL, '001-03 what was recovered is not opened again');
SELECT is_empty('SELECT * FROM verify()', '001-03 verify() in dollars');

-- 001-51 Factoring ------------------------------------------------------------------------------------
SELECT is(factoring_advance(10000, 10, 50000, 0), 9000::numeric, '001-51 the published example: 10,000 at 10 % are 9,000');
SELECT is(factoring_advance(10000, 10), 9000::numeric, '001-51 without a target');
SELECT is(factoring_advance(10000, 10, 50000, 49500), 9500::numeric, '001-51 the fund lacks 500');
SELECT is(factoring_advance(10000, 10, 50000, 60000), 10000::numeric, '001-51 the fund is full');
SELECT is(factoring_advance(0, 10, 5, 0), 0::numeric, '001-51 of nothing');
SELECT is(factoring_advance(NULL, 10, 5, 0), NULL, '001-51 of NULL');
SELECT throws_ok(format('SELECT factoring_advance(%s)', a), '22023', NULL, '001-51 factoring_advance of ' || a)
FROM unnest('{"-1, 10","1, -1","1, 100.1","1, 10, -1","1, 10, 1, -1","''NaN'', 1","1, ''NaN''","1, 1, ''infinity''","1, 1, NULL, ''NaN''"}'::text[]) a;
INSERT INTO factoring_contract (code, factor, recourse, reserve_pct, reserve_target, advance_pct, currency, valid_from)
VALUES ('NR', 'Factor One', false, 10, 150, 100, 'EUR', '2026-01-01'), ('R', 'Factor Two', true, 10, NULL, 80, 'EUR', '2026-01-01'), ('OLD', 'Factor Three', true, 10, NULL, 80, 'EUR', '2020-01-01');
UPDATE factoring_contract SET valid_to = '2025-12-31' WHERE code = 'OLD';
INSERT INTO buyer_limit (customer_id, contract_id, amount, valid_from) SELECT 20, contract_id, 1500, '2026-01-01' FROM factoring_contract WHERE code = 'NR';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
VALUES (20, 2001, 'A', '2026-02-01', '2026-04-01', 1000), (20, 2002, 'B', '2026-02-01', '2026-04-01', 1000), (20, 2003, 'C', '2026-02-01', '2026-04-01', 500), (20, 2004, 'D', '2026-02-01', '2026-04-01', 300);
SELECT is((SELECT concat_ws(' ', receivable, financed, exposure_afdcc, own_exposure) FROM exposure_afdcc WHERE customer_id = 20), '2800 0 2800 2800', '001-51 before');
SELECT assign_invoice('NR', 2001) AS a \gset
SELECT is(pg_temp.account(20), '1800 + 0 - 0 = 1800', '001-51 without recourse an assigned invoice leaves our own exposure');
SELECT is((SELECT concat_ws(' ', amount, approved_amount, financed_amount, reserve_amount) FROM assigned_invoice WHERE invoice_id = 2001), '1000 1000 900.00 100.00', '001-51 financed less the reserve');
SELECT is((SELECT concat_ws(' ', receivable, financed, exposure_afdcc, own_exposure) FROM exposure_afdcc WHERE customer_id = 20), '1800 900.00 2700.00 1800', '001-51 and AFDCC keeps the financed amount inside the encours');
SELECT assign_invoice('NR', 2002) AS b \gset
SELECT is(pg_temp.account(20), '1300 + 0 - 0 = 1300', '001-51 only up to what the factor approved: 500 of the limit were left');
SELECT is((SELECT concat_ws(' ', amount, approved_amount, financed_amount, reserve_amount) FROM assigned_invoice WHERE invoice_id = 2002), '1000 500 450.00 50.00', '001-51 of that 50 go to the reserve, which is full');
SELECT throws_ok($$SELECT assign_invoice('NR', 2003, 1)$$, 'CR003', 'invoice C: 1 cannot be approved, at most 0', '001-51 the buyer''s limit is used up');
SELECT assign_invoice('R', 2003) AS c \gset
SELECT is(pg_temp.account(20), '1300 + 0 - 0 = 1300', '001-51 with recourse it stays');
SELECT is((SELECT concat_ws(' ', receivable, financed, financed_with_recourse, exposure_afdcc, own_exposure) FROM exposure_afdcc WHERE customer_id = 20), '1300 1350.00 400.00 2650.00 1300', '001-51 and is not counted twice');
SELECT throws_ok($$SELECT assign_invoice('R', 2003)$$, 'CR012', NULL, '001-51 with one factor at a time');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (20, 2003, 500);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (20, 2003, 2003, 500);
SELECT is(close_assignment(:c), 'collected', '001-51 the factor''s payment of it is an ordinary payment');
SELECT is(buy_back(:a), 'bought_back', '001-51 bought back');
SELECT is(pg_temp.account(20), '1800 + 0 - 0 = 1800', '001-51 it is ours again');
SELECT is(pg_temp.items(20), 'A/1 1000 (2), B/1 500 (1), D/1 300 (1)', '001-51 and open again');
SELECT is((SELECT concat_ws(' ', financed, exposure_afdcc) FROM exposure_afdcc WHERE customer_id = 20), '450.00 2250.00', '001-51 and the factor''s money is not in it');
SELECT throws_ok(format('SELECT buy_back(%s)', :a), 'CR012', NULL, '001-51 bought back once');
SELECT is(buyer_limit_left((SELECT contract_id FROM factoring_contract WHERE code = 'NR'), 20, '2026-03-02'), 1000::numeric, '001-51 its limit is free again');
-- undone by hand: never in both
SAVEPOINT by_hand;
SELECT reverse_allocation(allocation_ids[1]) FROM assigned_invoice WHERE invoice_id = 2002 \g /dev/null
SELECT is((SELECT concat_ws(' ', receivable, financed, exposure_afdcc) FROM exposure_afdcc WHERE customer_id = 20), '2300 0 2300', '001-51 each euro once, also when an assignment is undone by hand');
SELECT is(close_assignment(:b, 'returned'), 'returned', '001-51 and the case still ends');
ROLLBACK TO by_hand;
SELECT is(close_assignment(:b), 'collected', '001-51 collected by the factor');
SELECT is((SELECT concat_ws(' ', receivable, financed, exposure_afdcc) FROM exposure_afdcc WHERE customer_id = 20), '1800 0 1800', '001-51 what the factor collected is nobody''s exposure');
-- bad input
SELECT throws_ok($$SELECT assign_invoice('NO', 2004)$$, 'CR007', NULL, '001-51 an unknown contract');
SELECT throws_ok($$SELECT assign_invoice('OLD', 2004)$$, 'CR003', NULL, '001-51 a contract that has ended');
SELECT throws_ok($$SELECT assign_invoice('R', 2004, opened_on => '2026-01-31')$$, 'CR003', NULL, '001-51 before the invoice');
SELECT throws_ok($$SELECT assign_invoice('R', 2004, opened_on => '2026-03-03')$$, 'CR003', NULL, '001-51 in the future');
SELECT throws_ok($$SELECT assign_invoice('R', 2004, -1)$$, 'CR003', NULL, '001-51 negative');
SELECT throws_ok($$SELECT assign_invoice('R', 2004, 300.01)$$, 'CR003', NULL, '001-51 more than open');
SELECT throws_ok($$SELECT assign_invoice('R', 2004, 'NaN')$$, 'CR003', NULL, '001-51 no number');
SELECT throws_ok($$SELECT assign_invoice('R', 2004, 1.001)$$, 'CR011', NULL, '001-51 finer than a cent');
SELECT throws_ok($$SELECT assign_invoice('R', 2003)$$, 'CR012', NULL, '001-51 nothing is open');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, currency) VALUES (20, 2005, 'U', 100, 'USD');
SELECT throws_ok($$SELECT assign_invoice('R', 2005)$$, 'CR006', NULL, '001-51 another currency');
SELECT throws_ok($$SELECT close_assignment(1, 'lost')$$, '22023', NULL, '001-51 another outcome');
SELECT throws_ok($$INSERT INTO factoring_contract (code, factor, reserve_pct, currency, valid_from) VALUES ('X', 'X', 101, 'EUR', '2026-01-01')$$, '23514', NULL, '001-51 a reserve of more than all');
SELECT throws_ok($$INSERT INTO buyer_limit (customer_id, contract_id, amount, valid_from) VALUES (20, 1, -1, '2026-01-01')$$, '23514', NULL, '001-51 a negative limit');
SELECT is_empty('SELECT * FROM verify()', '001-51 verify() after factoring');

-- 001-51 Placements and litigation ---------------------------------------------------------------------
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (21, 2101, 'A', '2025-10-01', '2025-11-01', 1000);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (21, 2101, '2025-12-01', 300);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (21, 2101, 2101, 200);
SELECT place_invoice(2101, 'Agence Nord', commission_pct => 12.5) AS p \gset
SELECT is((SELECT concat_ws(' ', placed, recovered, settled_otherwise, commission, open, reconciled) FROM placement_result WHERE placement_id = :p), '800 0 0 0.00 800 t', '001-51 placed with an agency: what is open');
SELECT throws_ok($$SELECT place_invoice(2101, 'Other')$$, 'CR012', 'invoice A is placed with Agence Nord already', '001-51 with one party at a time');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (21, 2101, 2101, 100);
INSERT INTO payment (customer_id, payment_id, amount, method) VALUES (21, 2102, 250, 'cheque');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (21, 2102, 2101, 250);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount) VALUES (21, 2102, 'CN', 'credit_note', 50);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (21, 2102, 2101, 50);
SELECT is((SELECT concat_ws(' ', placed, recovered, settled_otherwise, commission, open, reconciled) FROM placement_result WHERE placement_id = :p), '800 250 150 31.25 400 t', '001-51 what was recovered since, not the cash of before, its commission, what is still owed');
SELECT write_off(2101, 'agency has given up', 300) \g /dev/null
SELECT is((SELECT concat_ws(' ', recovered, open, reconciled) FROM placement_result WHERE placement_id = :p), '250 400 t', '001-51 written off is still owed');
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (21, 2102, 'cheque no funds');
SELECT is((SELECT concat_ws(' ', recovered, commission, open, reconciled) FROM placement_result WHERE placement_id = :p), '0 0.00 650 t', '001-51 what came back was not recovered');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (21, 2103, 60);
SELECT record_recovery(2101, 2103) \g /dev/null
SELECT is((SELECT concat_ws(' ', recovered, open, reconciled) FROM placement_result WHERE placement_id = :p), '60 590 t', '001-51 nor is what was written off lost for the agency');
SELECT is(close_placement(:p, 'returned'), 'returned', '001-51 returned');
INSERT INTO payment (customer_id, payment_id, amount) VALUES (21, 2104, 70);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (21, 2104, 2101, 70);
SELECT is((SELECT concat_ws(' ', recovered, open, reconciled, outcome) FROM placement_result WHERE placement_id = :p), '60 590 t returned', '001-51 what is paid after that is not theirs');
SELECT throws_ok(format('SELECT close_placement(%s, ''recalled'')', :p), 'CR012', NULL, '001-51 ended once');
SELECT is(place_invoice(2101, 'Maître Durand', 'lawyer') > 0, true, '001-51 then a lawyer');
SELECT throws_ok($$SELECT place_invoice(2003, 'X')$$, 'CR012', NULL, '001-51 nothing is owed');
SELECT throws_ok($$SELECT place_invoice(2004, 'X', opened_on => '2026-03-03')$$, 'CR003', NULL, '001-51 placed in the future');
SELECT throws_ok($$SELECT place_invoice(2004, 'X', opened_on => '2026-01-03')$$, 'CR003', NULL, '001-51 placed before the invoice');
SELECT throws_ok($$SELECT place_invoice(2004, 'X', 'friend')$$, '23514', NULL, '001-51 placed with a friend');
SELECT throws_ok($$SELECT place_invoice(2004, 'X', commission_pct => 'NaN')$$, '23514', NULL, '001-51 a commission of no number');
SELECT throws_ok($$SELECT place_invoice(2004, 'X', commission_pct => 101)$$, '23514', NULL, '001-51 a commission of more than all');
INSERT INTO litigation_case (customer_id, invoice_id, court, expected_recovery_pct) VALUES (21, 2101, 'TC Dijon', 40);
SELECT is((SELECT concat_ws(' ', stage, amount, currency, costs, expected_recovery, expected_net) FROM litigation WHERE customer_id = 21), 'formal_notice 520 EUR 0 208.00 208.00', '001-51 litigation: stage, costs, expected recovery');
SELECT throws_ok($$UPDATE litigation_case SET stage = 'payment_order' WHERE customer_id = 21$$, 'CR012', NULL, '001-51 a stage is not chosen');
DELETE FROM document_requirement;
SELECT record_litigation_event(litigation_id, 'formal_notice_sent', '2026-02-20'), record_litigation_event(litigation_id, 'payment_order_filed') FROM litigation_case WHERE customer_id = 21 \g /dev/null
UPDATE litigation_case SET costs = 51.6, expected_recovery_pct = 30 WHERE customer_id = 21;
SELECT is((SELECT concat_ws(' ', stage, costs, expected_recovery, expected_net) FROM litigation WHERE customer_id = 21), 'payment_order 51.6 156.00 104.40', '001-51 a stage further');
SELECT throws_ok($$UPDATE litigation_case SET costs = 50 WHERE customer_id = 21$$, 'CR003', NULL, '001-51 costs do not fall');
SELECT throws_ok($$UPDATE litigation_case SET amount = 50 WHERE customer_id = 21$$, 'CR010', NULL, '001-51 the claim stays');
SELECT throws_ok($$INSERT INTO litigation_case (customer_id, invoice_id) VALUES (20, 2101)$$, 'CR007', NULL, '001-51 the invoice of another customer');
SELECT throws_ok($$INSERT INTO litigation_case (customer_id, invoice_id, amount) VALUES (21, 2101, 521)$$, 'CR003', NULL, '001-51 more than is owed');
SELECT throws_ok($$INSERT INTO litigation_case (customer_id, invoice_id, currency) VALUES (21, 2101, 'USD')$$, 'CR006', NULL, '001-51 in another currency');
SELECT throws_ok($$INSERT INTO litigation_case (customer_id, amount, opened_on) VALUES (21, 5, '2026-03-03')$$, 'CR003', NULL, '001-51 in the future');
SELECT throws_ok($$INSERT INTO litigation_case (customer_id, amount) VALUES (21, 'NaN')$$, NULL, NULL, '001-51 of no number');
UPDATE litigation_case SET outcome = 'settled' WHERE customer_id = 21;
SELECT is((SELECT closed_on FROM litigation_case WHERE customer_id = 21), '2026-03-02'::date, '001-51 an outcome ends it');
SELECT is_empty('SELECT * FROM litigation', '001-51 and nothing is pending');
SELECT throws_ok($$UPDATE litigation_case SET stage = 'judgment' WHERE customer_id = 21$$, 'CR010', NULL, '001-51 it stays as it ended');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (23, 2301, 'mistaken', 90);
SELECT place_invoice(2301, 'Agency') \g /dev/null
SELECT reverse_invoice(2301) \g /dev/null
SELECT is((SELECT concat_ws(' ', placed, recovered, settled_otherwise, open, reconciled) FROM placement_result WHERE customer_id = 23), '90 0 90 0 t', '001-51 an invoice that is taken back is owed no longer');
SELECT throws_ok($$SELECT place_invoice(2301, 'X')$$, 'CR012', NULL, '001-51 nor placed again');
SELECT throws_ok($$SELECT write_off(2301, 'x')$$, 'CR012', NULL, '001-03 nor written off');
SELECT is_empty('SELECT * FROM verify()', '001-51 verify() after placements');

-- Whose it is ---------------------------------------------------------------------------------------------
CREATE ROLE losses_clerk;
SELECT grant_ledger_access('losses', 'losses_clerk', 'clerk') \g /dev/null
GRANT USAGE ON SCHEMA public TO losses_clerk;
SELECT has_schema_privilege('losses_clerk', 'public', 'USAGE') \g /dev/null
SET LOCAL ROLE losses_clerk;
SELECT throws_ok($$SELECT write_off(1002, 'x')$$, '42501', NULL, 'a clerk does not write off');
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (10, 1002, 'write_off', 'x', 1)$$, '42501', 'permission denied to book an allocation as write_off', 'nor by the other door');
SELECT throws_ok($$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (10, 1002, 'assignment', 'x', 1)$$, '42501', NULL, 'nor assign');
SELECT throws_ok($$SELECT reverse_allocation(min(allocation_id)) FROM allocation WHERE adjustment = 'write_off' AND customer_id = 21$$, '42501', NULL, 'nor undo it');
SELECT lives_ok($$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (10, 1002, 'small_difference', 'rounding', 1)$$, 'but books a small difference');
SELECT throws_ok(s, '42501', NULL, 'though not a loss by that door: ' || s) FROM unnest(ARRAY[
    $$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (10, 1002, 'small_difference', 'x', 4.01)$$,
    $$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (10, 1002, 'small_difference', 'x', 3), (10, 1002, 'bank_charges', 'x', 2)$$,
    $$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (10, 1002, 'bank_charges', 'x', 50)$$]) s;
SELECT lives_ok($$SELECT reverse_allocation(max(allocation_id)) FROM allocation WHERE customer_id = 10 AND invoice_id = 1002 AND adjustment = 'small_difference'$$, 'what he booked he undoes');
INSERT INTO payment (customer_id, payment_id, amount, method) VALUES (22, 2201, 10, 'cheque');
SELECT lives_ok($$INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (22, 2201, 'cheque no funds')$$, 'and records what comes back');
SELECT throws_ok($$INSERT INTO default_event (customer_id, kind, amount_base) VALUES (22, 'collective_proceeding', 1)$$, '42501', NULL, 'events are nobody''s to write');
RESET ROLE;
SELECT is((SELECT string_agg(recorded_by, ' ') FROM (SELECT recorded_by FROM payment_return WHERE customer_id = 22 UNION ALL SELECT recorded_by FROM default_event WHERE customer_id = 22
  UNION ALL SELECT recorded_by FROM task WHERE customer_id = 22) r), 'losses_clerk losses_clerk losses_clerk', 'all under his name');

-- The manager, who may.
CREATE ROLE losses_manager;
SELECT grant_ledger_access('losses', 'losses_manager', 'manager') \g /dev/null
GRANT USAGE ON SCHEMA public TO losses_manager;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (24, 2401, 'A', '2026-02-01', '2026-03-01', 100), (24, 2402, 'B', '2026-02-01', '2026-03-01', 100);
SET LOCAL ROLE losses_manager;
SELECT lives_ok($$SELECT mark_doubtful(2401, 'x', NULL, NULL), write_off(2401, 'x', 40), reverse_allocation((SELECT max(allocation_id) FROM allocation WHERE invoice_id = 2401))$$, 'a manager marks, writes off and undoes it');
SELECT throws_ok($$SELECT mark_doubtful(2401, 'x', NULL, NULL)$$, 'CR012', NULL, 'no status given is doubtful, which it is already');
SELECT lives_ok($$INSERT INTO allocation (customer_id, invoice_id, adjustment, reason, amount) VALUES (24, 2401, 'bank_charges', 'paid from abroad', 20)$$, 'books larger charges');
SELECT lives_ok($$INSERT INTO factoring_contract (code, factor, currency, valid_from) VALUES ('M', 'M', 'EUR', '2026-01-01')$$, 'makes contracts with factors');
SELECT lives_ok($$SELECT buy_back(assign_invoice('M', 2402))$$, 'assigns and buys back');
SELECT lives_ok($$SELECT close_placement(place_invoice(2402, 'Agency'), 'recalled'), reverse_default(record_default(24), 'none'), detect_unpaid_defaults()$$, 'places, records and takes back');
SELECT throws_ok($$UPDATE factoring_contract SET assignments = 0$$, '42501', NULL, 'but the count of assignments is the ledger''s');
SELECT throws_ok($$UPDATE assigned_invoice SET outcome = 'collected', closed_on = '2026-03-05'$$, '42501', NULL, 'and so are the cases');
RESET ROLE;
UPDATE ledger SET pinned_date = '2026-03-05';
SELECT is_empty('SELECT * FROM verify()', 'verify() at the end');
SELECT is((SELECT sum(open_amount_base) FROM open_item), (SELECT sum(amount_base) FROM receivable_fact), 'the open items are the sum of the facts');
SELECT set_eq($$SELECT customer_id, receivable, unapplied, unmatured, exposure FROM exposure$$,
              $$SELECT customer_id, receivable, unapplied, unmatured, exposure FROM exposure_as_of((SELECT business_date()))$$, 'exposure of today is that as of today');
SELECT * FROM finish();
ROLLBACK;
