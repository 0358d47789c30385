-- What users of other systems found wrong in dunning, each by the number of
-- its issue, and what happens here.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('complaints') \g /dev/null
SET LOCAL search_path = complaints, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', no_limit = 'pass';

\ir common/dunning_days.sql

CREATE FUNCTION pg_temp.told(code text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s L%s %s', to_char(s.sent_on, 'FMMM-DD'), s.dunning_level, s.amount), ', ' ORDER BY s.sent_on, s.action_id) FROM sent s WHERE s.code = told.code $$;
CREATE FUNCTION pg_temp.pay(code text, amount numeric) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO payment (customer_id, received_on, amount) VALUES (customer_id(code), business_date(), amount) RETURNING payment_id $$;
-- Monday 2 March is the due date of all, unless said otherwise: 4, 10, 17, 24 March and 1 April.

-- Levels by days after the due date, one after another, counted to the day.
SELECT pg_temp.owes('DAYS', 'C', '2026-03-02', 1000) \g /dev/null
-- A grace that ends on the day of the run.
SELECT pg_temp.owes('GRACE', 'C', '2026-03-02', 1000) \g /dev/null
SELECT instruct_dunning(customer_id('GRACE'), 'grace', 'pays late in the month', days => 15) \g /dev/null
-- Disputes, in all and in part.
SELECT pg_temp.owes('DISPUTED', 'C', '2026-03-02', 1000), pg_temp.owes('PARTLY', 'C', '2026-03-02', 1000), pg_temp.owes('TOO_LITTLE', 'C', '2026-03-02', 1000) \g /dev/null
SELECT open_dispute(pg_temp.invoice('DISPUTED-1'), 1000, 'damaged'), open_dispute(pg_temp.invoice('PARTLY-1'), 300, 'one pallet is missing'), open_dispute(pg_temp.invoice('TOO_LITTLE-1'), 960, 'wrong price') \g /dev/null
-- Credits: an open credit note, cash that is not matched, in part and in all.
SELECT pg_temp.owes('CREDITED', 'C', '2026-03-02', 400, 600), pg_temp.owes('PAID', 'C', '2026-03-02', 1000), pg_temp.owes('SOME_CASH', 'C', '2026-03-02', 300, 700) \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount) VALUES (customer_id('CREDITED'), 'CN', 'credit_note', '2026-02-20', '2026-02-20', 400);
SELECT pg_temp.pay('PAID', 1000), pg_temp.pay('SOME_CASH', 300) \g /dev/null
-- Part paid, many invoices, instalments, excluded.
SELECT pg_temp.owes('PART', 'C', '2026-03-02', 1000), pg_temp.owes('MANY', 'C', '2026-03-02', 100, 200, 300, 400, 500), pg_temp.owes('EXCLUDED', 'C', '2026-03-02', 1000) \g /dev/null
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (customer_id('PART'), 901, '2026-03-02', 250);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (customer_id('PART'), 901, pg_temp.invoice('PART-1'), 250);
SELECT instruct_dunning(customer_id('EXCLUDED'), 'do_not_contact', 'the managing director said so') \g /dev/null
INSERT INTO customer (code, name, risk_class, language) VALUES ('RATES', 'Instalments', 'C', 'en'), ('UNDUE', 'Nothing due', 'C', 'en'), ('PUBLIC', 'Excluded from all', 'C', 'en');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, instalment_due_on, instalment_amount)
VALUES (customer_id('RATES'), 'RATES-1', '2026-02-01', '2026-05-04', 900, '{2026-03-02,2026-04-01,2026-05-04}', '{300,300,300}');
SELECT pg_temp.live('2026-03-03', '2026-03-06') \g /dev/null

SELECT is(pg_temp.told('DISPUTED'), NULL, 'OCA #208, Tryton: what is disputed is not dunned');
SELECT is(pg_temp.told('PARTLY'), '3-04 L1 700', 'iDempiere (a flag for the whole invoice): of a dispute in part the rest is asked for, and no more');
SELECT is(pg_temp.told('TOO_LITTLE'), NULL, 'Lago (gross threshold, net letter): one amount for both: 40 are undisputed, below the 50 of an account');
SELECT is(pg_temp.told('CREDITED'), '3-04 L1 600', 'OCA #211: an open credit note counts as payment of the oldest item');
SELECT is(pg_temp.told('PAID'), NULL, 'Odoo documentation #4497: whoever paid is not reminded, though the cash is not matched');
SELECT is((SELECT t.department FROM task t WHERE t.customer_id = customer_id('PAID') AND t.kind = 'match_cash'), 'accounting', 'Odoo documentation #4497: it is a task to match it');
SELECT is(pg_temp.told('SOME_CASH'), '3-04 L1 700', 'OCA #211: cash that covers the oldest item leaves the others');
SELECT is(pg_temp.told('PART'), '3-04 L1 750', 'OCA #330: an invoice paid in part is reminded; #457: the letter shows the balance');
SELECT ok((SELECT s.body LIKE '%750.00%' AND s.body NOT LIKE '%1,000.00%' FROM sent s WHERE s.code = 'PART'), 'OCA #457: and not the original amount');
SELECT is((SELECT array_agg(s.amount) FROM sent s WHERE s.code = 'MANY'), ARRAY[1500::numeric], 'OCA #21, metasfresh #5379: one letter for many invoices');
SELECT is((SELECT count(*) FROM dunning_action_item WHERE customer_id = customer_id('MANY')), 5::bigint, 'OCA #21: which lists them all');
SELECT is(pg_temp.told('EXCLUDED'), NULL, 'Tryton, Lago: excluded by hand');
SELECT is(pg_temp.told('RATES'), '3-04 L1 300', 'OCA #374: of instalments the one that is due');
SELECT is(pg_temp.told('GRACE'), NULL, 'iDempiere: within grace nothing');

-- Reopened, corrected, paid meanwhile.
SELECT resolve_dispute(dispute_id, 'withdrawn') FROM dispute WHERE customer_id = customer_id('DISPUTED') \g /dev/null
SELECT reverse_payment(payment_id) FROM payment WHERE customer_id = customer_id('PAID') \g /dev/null
SELECT correct_due_date(pg_temp.invoice('MANY-1'), '2026-04-20', 'wrong terms') \g /dev/null
SELECT pg_temp.live('2026-03-07', '2026-03-17') \g /dev/null
SELECT is(pg_temp.told('DISPUTED'), '3-09 L1 1000, 3-16 L2 1000', 'OCA #208: the dispute was withdrawn: it comes back by itself');
SELECT is(pg_temp.told('DAYS'), '3-04 L1 1000, 3-10 L2 1000, 3-17 L2 1000', 'levels by days: +2, +8, +15, each on its day');
SELECT is(pg_temp.told('GRACE'), '3-17 L1 1000', 'metasfresh (a grace date equal to the run skips): the day on which 15 days are over, 17 March, is dunned');
SELECT results_eq($$SELECT i.invoice_no, o.dunning_level, o.next_action_on FROM open_item o JOIN invoice i USING (customer_id, invoice_id) WHERE i.invoice_no IN ('MANY-1', 'MANY-2') ORDER BY 1$$,
    $$VALUES ('MANY-1', 1, date '2026-04-28'), ('MANY-2', 2, date '2026-03-24')$$, 'metasfresh #17606: the due date was corrected and dunning follows: after its reminder of level 1 comes +8 of the right date');
SELECT is((SELECT s.amount FROM sent s WHERE s.code = 'MANY' ORDER BY s.sent_on DESC LIMIT 1), 1400::numeric, 'metasfresh #17606: and it is not asked for before');
SELECT is((SELECT count(*) FROM sent s WHERE s.code = 'PAID'), 2::bigint, 'OCA #568: the payment was taken back: the invoice is dunned');

-- A credit clears the state; what is written off leaves.
SELECT is((credit_figures(customer_id('DAYS')) ->> 'dunning_level')::integer, 2, 'before: level 2');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (customer_id('DAYS'), 990, 'DAYS-CN', 'credit_note', '2026-03-17', '2026-03-17', 1000);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount) VALUES (customer_id('DAYS'), 990, pg_temp.invoice('DAYS-1'), 1000);
SELECT is((credit_figures(customer_id('DAYS')) ->> 'dunning_level')::integer, 0, 'Kill Bill #695: the state is cleared by a credit as by cash; Axelor: it falls as well as rises');
INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (customer_id('PARTLY'), pg_temp.invoice('PARTLY-1'), 700, 'write_off', 'not worth it') ;
SELECT pg_temp.live('2026-03-18', '2026-03-31') \g /dev/null
SELECT is((SELECT max(sent_on) FROM sent WHERE code IN ('DAYS', 'PARTLY')), date '2026-03-17', 'Kill Bill: nothing more for what was credited or written off');

-- Instalments, each on its own.
SELECT results_eq($$SELECT o.instalment_no, o.dunning_level FROM open_item o WHERE o.customer_id = customer_id('RATES') ORDER BY 1$$, $$VALUES (1, 3), (2, 0), (3, 0)$$, 'OCA #374: the first instalment at level 3, the others are not due');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (customer_id('RATES'), 902, '2026-03-31', 300);
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) VALUES (customer_id('RATES'), 902, pg_temp.invoice('RATES-1'), 1, 300);
SELECT pg_temp.live('2026-04-01', '2026-04-10') \g /dev/null
SELECT results_eq($$SELECT o.instalment_no, o.dunning_level FROM open_item o WHERE o.customer_id = customer_id('RATES') ORDER BY 1$$, $$VALUES (2, 2), (3, 0)$$, 'OCA #374, Kill Bill #2297: the second begins at its own level 1 and goes on to 2');

-- Paid between the night and the morning: the reminder that waits is not handed out.
SELECT pg_temp.owes('RACE', 'C', '2026-04-08', 1000), pg_temp.owes('HALF', 'C', '2026-04-08', 1000) \g /dev/null
SELECT pg_temp.night('2026-04-11'), pg_temp.night('2026-04-13') \g /dev/null
SELECT is((SELECT count(*) FROM dunning_queue WHERE code IN ('RACE', 'HALF')), 2::bigint, 'before: both wait');
SELECT pg_temp.pay('RACE', 1000), pg_temp.pay('HALF', 400) \g /dev/null
SELECT pg_temp.work('2026-04-13') \g /dev/null
SELECT is(pg_temp.told('RACE'), NULL, 'Kill Bill #472: a payment recorded meanwhile: not dunned');
SELECT is((SELECT d.obsolete_reason FROM dunning_action d WHERE d.customer_id = customer_id('RACE')), 'cash received, match first', 'Kill Bill #472: and the queue says why');
SELECT is(pg_temp.told('HALF'), '4-13 L1 1000', 'a payment that does not cover the item leaves it asked for, until it is matched');
SELECT ok((SELECT s.body ~ '400\.00' FROM sent s WHERE s.code = 'HALF'), 'and the letter names what was received');

-- Equal amounts in a foreign currency; nothing due at all.
INSERT INTO exchange_rate VALUES ('USD', '2026-03-02', 0.5);
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, currency) VALUES (customer_id('PUBLIC'), 'USD-1', '2026-03-10', '2026-04-13', 99.98, 'USD');
UPDATE ledger SET max_rate_age = 366;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (customer_id('UNDUE'), 'UNDUE-1', '2026-04-13', '2026-06-30', 1000);
SELECT pg_temp.live('2026-04-14', '2026-04-17') \g /dev/null
SELECT is(pg_temp.told('PUBLIC'), NULL, 'Lago (threshold per currency): 99.98 dollars are 49.99 in base currency, below 50');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, currency) VALUES (customer_id('PUBLIC'), 'USD-2', '2026-03-10', '2026-04-14', 30, 'USD');
SELECT pg_temp.live('2026-04-18', '2026-04-24') \g /dev/null
SELECT is((SELECT string_agg(s.amount || ' ' || s.currency, ', ') FROM sent s WHERE s.code = 'PUBLIC'), '129.98 USD', 'with 30 more it is reached; the letter is in dollars');
SELECT is(pg_temp.told('UNDUE'), NULL, 'iDempiere: what is not due is not dunned');
SELECT is(pg_temp.told('TOO_LITTLE'), NULL, 'and the account below its minimum never was');
SELECT is(pg_temp.told('EXCLUDED'), NULL, 'nor who is excluded');
SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');

-- The day of the ledger's time zone decides, not that of the server or the session.
SELECT credit_risk.create_ledger('zones') \g /dev/null
SET LOCAL search_path = zones, credit_risk, public;
SET LOCAL timezone = 'UTC';
UPDATE ledger SET time_zone = 'Pacific/Kiritimati';
SELECT is(business_date(), (now() AT TIME ZONE 'Pacific/Kiritimati')::date, 'Kill Bill #1074, invoiceninja #792: the business date is that of the time zone of the ledger');
SELECT cmp_ok(business_date(), '>', (now() AT TIME ZONE 'Pacific/Pago_Pago')::date, 'Kill Bill #1074: fourteen hours before Greenwich it is later than eleven behind');
INSERT INTO customer (code, name, risk_class, language) VALUES ('ZONE', 'Line Islands', 'C', 'en');
INSERT INTO dunning_strategy (strategy_id, code, name, rank) VALUES (900, 'daily', 'Daily', 1);
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) VALUES (900, 1, 0, 'e-mail', 1, 'friendly_reminder');
SELECT activate_strategy(900) \g /dev/null
DELETE FROM holiday;
-- Due so that its step falls on the coming business day of the house: not a day before, in the zone of the ledger.
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (customer_id('ZONE'), 'ZONE-1', business_date() - 30, business_day(business_date() + 1), 1000);
SELECT is((SELECT actions FROM run_daily()), 0::bigint, 'Odoo #72027: not due in the ledger''s zone: nothing');
UPDATE ledger SET pinned_date = (SELECT due_on FROM invoice);
SELECT is((SELECT customers FROM run_daily()), 1::bigint, 'Odoo #72027: on that day it is looked at');
SELECT throws_ok($$UPDATE ledger SET time_zone = 'Mars/Olympus'$$, '22023', NULL, 'Kill Bill #1074: an unknown zone is an error at once');
SELECT * FROM finish();
ROLLBACK;
