-- The shipped strategies day by day, which strategy serves a customer, how
-- often a customer hears of us, and what becomes of a communication.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('steps') \g /dev/null
SET LOCAL search_path = steps, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-16', no_limit = 'pass';

\ir common/dunning_days.sql

-- ---- row for row -----------------------------------------------------------------
-- In 2026 Easter Monday is 6 April, Ascension 14 May, Whit Monday 25 May; in
-- 2028 17 April, 25 May, 5 June. The dates below were counted on a calendar.

CREATE TEMP TABLE sample (code text, risk_class text, language text, due_on date, says text);
INSERT INTO sample VALUES
    ('L1', 'B', 'fr', '2026-04-01', 'low: +5 is Easter Monday, +25 a Sunday'),
    ('L2', 'A', 'en', '2026-04-09', 'low: -5 is a Saturday'),
    ('L3', 'B', 'fr', '2026-04-04', 'low: +40 is Ascension'),
    ('L4', 'B', 'fr', '2026-03-31', 'low: +5 is Easter Sunday, +55 Whit Monday'),
    ('L5', 'A', 'fr', '2026-04-13', 'low: +25 is 8 May, +40 the Saturday before Whit Monday'),
    ('L6', 'B', 'fr', '2026-04-06', 'low: due on a holiday, +25 is 1 May'),
    ('L7', 'B', 'fr', '2026-05-05', 'low: +70 is 14 July'),
    ('M1', 'C', 'fr', '2026-04-04', 'moderate: due on a Saturday, +2 is Easter Monday, +50 the day before Whit Monday'),
    ('M2', NULL, 'en', '2026-04-30', 'moderate, unscored: +8 is 8 May, then the gap of five days moves +15 and +22'),
    ('M3', 'C', 'fr', '2026-06-06', 'moderate: +38 is 14 July'),
    ('H1', 'D', 'fr', '2026-04-03', 'high: +1 is the Saturday before Easter; the gap of three days keeps the steps apart'),
    ('H2', 'E', 'en', '2026-05-04', 'high: -3 is 1 May, +4 is 8 May, a letter of Ascension Day leaves the day after, +21 is Whit Monday');
CREATE FUNCTION pg_temp.supply() RETURNS void LANGUAGE sql AS $$
    INSERT INTO customer (code, name, risk_class, language) SELECT s.code, 'Client ' || s.code, s.risk_class, s.language FROM sample s
    WHERE NOT EXISTS (SELECT FROM customer c WHERE c.code = s.code);
    INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
    SELECT c.customer_id, s.code || '-1', s.due_on - 30, s.due_on, 1000 FROM sample s JOIN customer c USING (code)
    WHERE NOT EXISTS (SELECT FROM invoice i WHERE i.customer_id = c.customer_id);
$$;
SELECT pg_temp.supply() \g /dev/null
SELECT pg_temp.live('2026-03-16', '2026-08-01') \g /dev/null

-- Before it is due.
SELECT results_eq($$SELECT s.code, x.due_on - s.sent_on, s.channel, s.template FROM sent s JOIN sample x USING (code) WHERE s.dunning_level = 0 AND s.code IN ('L1', 'L5', 'L6', 'M2', 'H1') ORDER BY 1, 2 DESC$$,
    $$VALUES ('H1', 10, 'e-mail', 'pre_due_list'), ('H1', 3, 'call', 'pre_due_call'), ('L1', 5, 'e-mail', 'pre_due_courteous'), ('L5', 5, 'e-mail', 'pre_due_courteous'),
             ('L6', 5, 'e-mail', 'pre_due_courteous'), ('M2', 7, 'e-mail', 'pre_due_invoice')$$, '001-31 a reminder before the due date: five days in low, seven in moderate, ten and three in high');
SELECT is(pg_temp.path('L1'), '3-27 e-mail L0 pre_due_courteous
4-07 e-mail L1 friendly_reminder
4-16 e-mail L2 courteous_firm_statement
4-27 call L2 call_reason_date
5-11 letter L3 last_reminder
5-26 registered L4 formal_notice
6-10 task L5 litigation', '002-18 low: +5 is Easter Monday, +25 a Sunday');
SELECT is(pg_temp.path('L2'), '4-03 e-mail L0 pre_due_courteous
4-14 e-mail L1 friendly_reminder
4-24 e-mail L2 courteous_firm_statement
5-04 call L2 call_reason_date
5-19 letter L3 last_reminder
6-03 registered L4 formal_notice
6-18 task L5 litigation', '002-18 low: -5 is a Saturday, so the Friday before');
SELECT is(pg_temp.path('L3'), '3-30 e-mail L0 pre_due_courteous
4-09 e-mail L1 friendly_reminder
4-20 e-mail L2 courteous_firm_statement
4-29 call L2 call_reason_date
5-15 letter L3 last_reminder
5-29 registered L4 formal_notice
6-15 task L5 litigation', '002-18 low: +40 is Ascension');
SELECT is(pg_temp.path('L4'), '3-26 e-mail L0 pre_due_courteous
4-07 e-mail L1 friendly_reminder
4-15 e-mail L2 courteous_firm_statement
4-27 call L2 call_reason_date
5-11 letter L3 last_reminder
5-26 registered L4 formal_notice
6-09 task L5 litigation', '002-18 low: +5 is Easter Sunday, +55 Whit Monday');
SELECT is(pg_temp.path('L5'), '4-08 e-mail L0 pre_due_courteous
4-20 e-mail L1 friendly_reminder
4-28 e-mail L2 courteous_firm_statement
5-11 call L2 call_reason_date
5-26 letter L3 last_reminder
6-08 registered L4 formal_notice
6-22 task L5 litigation', '002-18 low: +25 is 8 May, +40 the Saturday before Whit Monday');
SELECT is(pg_temp.path('L6'), '4-01 e-mail L0 pre_due_courteous
4-13 e-mail L1 friendly_reminder
4-21 e-mail L2 courteous_firm_statement
5-04 call L2 call_reason_date
5-18 letter L3 last_reminder
6-01 registered L4 formal_notice
6-15 task L5 litigation', '002-18 low: due on Easter Monday, +25 is 1 May');
SELECT is(pg_temp.path('L7'), '4-30 e-mail L0 pre_due_courteous
5-11 e-mail L1 friendly_reminder
5-20 e-mail L2 courteous_firm_statement
6-01 call L2 call_reason_date
6-15 letter L3 last_reminder
6-29 registered L4 formal_notice
7-15 task L5 litigation', '002-18 low: +70 is 14 July');
SELECT is(pg_temp.path('M1'), '3-27 e-mail L0 pre_due_invoice
4-07 e-mail L1 friendly_reminder
4-13 call L2 call_date_or_dispute
4-20 e-mail L2 firm_statement
4-27 letter L3 last_reminder
5-04 call L3 call_by_manager
5-12 registered L4 formal_notice
5-26 task L5 litigation', '002-19 moderate: due on a Saturday, +2 is Easter Monday, +50 the day before Whit Monday');
SELECT is(pg_temp.path('M2'), '4-23 e-mail L0 pre_due_invoice
5-04 e-mail L1 friendly_reminder
5-11 call L2 call_date_or_dispute
5-18 e-mail L2 firm_statement
5-26 letter L3 last_reminder
6-01 call L3 call_by_manager
6-08 registered L4 formal_notice
6-19 task L5 litigation', '002-19 moderate, unscored: +8 is 8 May; then the gap of five days moves +15 and +22 to a weekend, and they wait for Monday and for Tuesday after Whitsun');
SELECT is(pg_temp.path('M3'), '5-29 e-mail L0 pre_due_invoice
6-08 e-mail L1 friendly_reminder
6-15 call L2 call_date_or_dispute
6-22 e-mail L2 firm_statement
6-29 letter L3 last_reminder
7-06 call L3 call_by_manager
7-15 registered L4 formal_notice
7-27 task L5 litigation', '002-19 moderate: +38 is 14 July');
SELECT is(pg_temp.path('H1'), '3-24 e-mail L0 pre_due_list
3-31 call L0 pre_due_call
4-07 e-mail L1 firm_reminder_1
4-10 call L2 call_dated_promise
4-13 letter L3 last_notice
4-16 registered L4 formal_notice
4-16 task L4 preventive_measures
4-27 task L5 litigation', '002-20 high: +1 is the Saturday before Easter; the gap of three days keeps the steps apart');
SELECT is(pg_temp.path('H2'), '4-24 e-mail L0 pre_due_list
4-30 call L0 pre_due_call
5-05 e-mail L1 firm_reminder_1
5-11 call L2 call_dated_promise
5-15 letter L3 last_notice
5-18 task L4 preventive_measures
5-19 registered L4 formal_notice
5-28 task L5 litigation', '002-20 high: -3 is 1 May, +4 is 8 May, the letter of Ascension Day leaves the day after, sales have their two business days before the notice of +12, +21 is Whit Monday');
SELECT is_empty('SELECT * FROM verify()', 'verify() after the spring');

INSERT INTO sample VALUES
    ('L8', 'B', 'en', '2026-10-17', ''), ('L9', 'B', 'fr', '2026-12-27', ''), ('M4', 'C', 'fr', '2026-11-17', ''), ('M5', 'C', 'en', '2026-11-18', ''), ('H3', 'E', 'fr', '2026-12-24', '');
SELECT pg_temp.supply() \g /dev/null
SELECT pg_temp.live('2026-10-08', '2027-03-10') \g /dev/null
SELECT is(pg_temp.path('L8'), '10-12 e-mail L0 pre_due_courteous
10-22 e-mail L1 friendly_reminder
11-02 e-mail L2 courteous_firm_statement
11-12 call L2 call_reason_date
11-26 letter L3 last_reminder
12-11 registered L4 formal_notice
12-28 task L5 litigation', '002-18 low: +15 is All Saints, a Sunday, +25 is 11 November, +70 the day after Christmas, a Saturday');
SELECT is(pg_temp.path('L9'), '12-22 e-mail L0 pre_due_courteous
1-04 e-mail L1 friendly_reminder
1-11 e-mail L2 courteous_firm_statement
1-21 call L2 call_reason_date
2-05 letter L3 last_reminder
2-22 registered L4 formal_notice
3-08 task L5 litigation', '002-18 low over the end of the year: +5 is New Year''s Day, a Friday');
SELECT is(pg_temp.path('M4'), '11-10 e-mail L0 pre_due_invoice
11-19 e-mail L1 friendly_reminder
11-25 call L2 call_date_or_dispute
12-02 e-mail L2 firm_statement
12-09 letter L3 last_reminder
12-17 call L3 call_by_manager
12-28 registered L4 formal_notice
1-06 task L5 litigation', '002-19 moderate: +38 is Christmas, a Friday');
SELECT is(pg_temp.path('M5'), '11-10 e-mail L0 pre_due_invoice
11-20 e-mail L1 friendly_reminder
11-26 call L2 call_date_or_dispute
12-03 e-mail L2 firm_statement
12-10 letter L3 last_reminder
12-18 call L3 call_by_manager
12-28 registered L4 formal_notice
1-07 task L5 litigation', '002-19 moderate: -7 is 11 November, so the day before');
SELECT is(pg_temp.path('H3'), '12-14 e-mail L0 pre_due_list
12-21 call L0 pre_due_call
12-28 e-mail L1 firm_reminder_1
12-31 call L2 call_dated_promise
1-04 letter L3 last_notice
1-07 registered L4 formal_notice
1-07 task L4 preventive_measures
1-18 task L5 litigation', '002-20 high over the end of the year: +1 is Christmas, +8 New Year''s Day');

INSERT INTO sample VALUES ('L10', 'A', 'fr', '2028-02-24', ''), ('M6', 'C', 'en', '2028-02-29', ''), ('H4', 'D', 'fr', '2028-02-28', ''), ('M7', NULL, 'fr', '2028-06-26', '');
UPDATE ledger SET pinned_date = '2028-02-14';
SELECT pg_temp.supply() \g /dev/null
SELECT pg_temp.live('2028-02-14', '2028-05-06') + pg_temp.live('2028-06-16', '2028-08-17') \g /dev/null
SELECT is(pg_temp.path('L10'), '2-18 e-mail L0 pre_due_courteous
2-29 e-mail L1 friendly_reminder
3-10 e-mail L2 courteous_firm_statement
3-20 call L2 call_reason_date
4-04 letter L3 last_reminder
4-19 registered L4 formal_notice
5-04 task L5 litigation', '002-18 low: +5 is 29 February');
SELECT is(pg_temp.path('M6'), '2-22 e-mail L0 pre_due_invoice
3-02 e-mail L1 friendly_reminder
3-08 call L2 call_date_or_dispute
3-15 e-mail L2 firm_statement
3-22 letter L3 last_reminder
3-30 call L3 call_by_manager
4-07 registered L4 formal_notice
4-19 task L5 litigation', '002-19 moderate: due on 29 February');
SELECT is(pg_temp.path('H4'), '2-18 e-mail L0 pre_due_list
2-25 call L0 pre_due_call
2-29 e-mail L1 firm_reminder_1
3-03 call L2 call_dated_promise
3-07 letter L3 last_notice
3-13 registered L4 formal_notice
3-13 task L4 preventive_measures
3-22 task L5 litigation', '002-20 high: +1 is 29 February, +12 a Saturday');
SELECT is(pg_temp.path('M7'), '6-19 e-mail L0 pre_due_invoice
6-28 e-mail L1 friendly_reminder
7-04 call L2 call_date_or_dispute
7-11 e-mail L2 firm_statement
7-18 letter L3 last_reminder
7-26 call L3 call_by_manager
8-03 registered L4 formal_notice
8-16 task L5 litigation', '002-19 moderate: +50 is 15 August, a Tuesday');
SELECT is_empty('SELECT * FROM verify()', 'verify() after the leap year');

-- What they say. Totals with interest are tested with the notices.
SELECT results_eq($$SELECT s.code, s.template, translate(s.subject, U&'\00A0', '~') FROM sent s WHERE s.code IN ('L1', 'M1', 'H1') AND s.template NOT IN ('formal_notice', 'litigation')
                    ORDER BY s.code, s.sent_on, s.action_id$$, $$VALUES
    ('H1', 'pre_due_list', 'Échéances à venir : 1~000,00~€'), ('H1', 'pre_due_call', 'Appel avant échéance : Client H1, 1~000,00~€'),
    ('H1', 'firm_reminder_1', 'Échéance dépassée : 1~000,00~€ à régler sans délai'), ('H1', 'call_dated_promise', 'Appel : Client H1, 1~000,00~€, promesse datée'),
    ('H1', 'last_notice', 'Dernier avis avant mise en demeure : 1~000,00~€'), ('H1', 'preventive_measures', 'Mesures conservatoires : Client H1, 1~000,00~€'),
    ('L1', 'pre_due_courteous', 'Prochaine échéance le 1er avril 2026 : 1~000,00~€'), ('L1', 'friendly_reminder', 'Rappel : 1~000,00~€ à régler'),
    ('L1', 'courteous_firm_statement', 'Deuxième rappel : 1~000,00~€ échus depuis le 1er avril 2026'), ('L1', 'call_reason_date', 'Appel : Client L1, 1~000,00~€ en retard'),
    ('L1', 'last_reminder', 'Dernier rappel avant mise en demeure : 1~000,00~€'),
    ('M1', 'pre_due_invoice', 'Votre facture M1-1 arrive à échéance le 4 avril 2026'), ('M1', 'friendly_reminder', 'Rappel : 1~000,00~€ à régler'),
    ('M1', 'call_date_or_dispute', 'Appel : Client M1, 1~000,00~€, date ou litige'), ('M1', 'firm_statement', 'Deuxième relance : 1~000,00~€ impayés'),
    ('M1', 'last_reminder', 'Dernier rappel avant mise en demeure : 1~000,00~€'), ('M1', 'call_by_manager', 'Appel du responsable crédit : Client M1, 1~000,00~€')$$,
    '002-18 to 002-20 what each step says, in French');
SELECT results_eq($$SELECT s.code, s.template, translate(s.subject, U&'\00A0', '~') FROM sent s WHERE s.code IN ('L2', 'M2', 'H2') AND s.template NOT IN ('formal_notice', 'litigation')
                    ORDER BY s.code, s.sent_on, s.action_id$$, $$VALUES
    ('H2', 'pre_due_list', 'Amounts falling due: EUR~1,000.00'), ('H2', 'pre_due_call', 'Call before the due date: Client H2, EUR~1,000.00'),
    ('H2', 'firm_reminder_1', 'Overdue: EUR~1,000.00 to be paid at once'), ('H2', 'call_dated_promise', 'Call: Client H2, EUR~1,000.00, dated promise'),
    ('H2', 'last_notice', 'Last notice before formal notice: EUR~1,000.00'), ('H2', 'preventive_measures', 'Preventive measures: Client H2, EUR~1,000.00'),
    ('L2', 'pre_due_courteous', 'Payment falling due on 9 April 2026: EUR~1,000.00'), ('L2', 'friendly_reminder', 'Reminder: EUR~1,000.00 to be paid'),
    ('L2', 'courteous_firm_statement', 'Second reminder: EUR~1,000.00 overdue since 9 April 2026'), ('L2', 'call_reason_date', 'Call: Client L2, EUR~1,000.00 overdue'),
    ('L2', 'last_reminder', 'Last reminder before formal notice: EUR~1,000.00'),
    ('M2', 'pre_due_invoice', 'Your invoice M2-1 falls due on 30 April 2026'), ('M2', 'friendly_reminder', 'Reminder: EUR~1,000.00 to be paid'),
    ('M2', 'call_date_or_dispute', 'Call: Client M2, EUR~1,000.00, date or dispute'), ('M2', 'firm_statement', 'Second demand: EUR~1,000.00 unpaid'),
    ('M2', 'last_reminder', 'Last reminder before formal notice: EUR~1,000.00'), ('M2', 'call_by_manager', 'Call by the credit manager: Client M2, EUR~1,000.00')$$,
    '002-18 to 002-20 what each step says, in English');
SELECT set_eq($$SELECT DISTINCT s.language, s.template, split_part(s.subject, ' : ', 1) FROM sent s WHERE s.template IN ('formal_notice', 'litigation') AND s.language = 'fr'$$,
    $$VALUES ('fr', 'formal_notice', 'MISE EN DEMEURE DE PAYER'), ('fr', 'litigation', 'Contentieux')$$, '002-18 to 002-20 the formal notice and the litigation, in French');
SELECT set_eq($$SELECT DISTINCT s.language, s.template, split_part(s.subject, ':', 1) FROM sent s WHERE s.template IN ('formal_notice', 'litigation') AND s.language = 'en'$$,
    $$VALUES ('en', 'formal_notice', 'FORMAL NOTICE TO PAY'), ('en', 'litigation', 'Litigation')$$, '002-18 to 002-20 and in English');
SELECT set_eq('SELECT DISTINCT template, attachments FROM sent WHERE attachments IS NOT NULL',
    $$VALUES ('pre_due_invoice', '{invoice}'::text[]), ('pre_due_list', '{list}'), ('courteous_firm_statement', '{statement}'), ('firm_statement', '{statement}')$$,
    '002-18 to 002-20 the invoice, the list and the statement go with them');

-- What holds of every one of them.
SELECT is_empty($$SELECT code FROM sent WHERE channel <> 'task' GROUP BY code, sent_on HAVING count(*) > 1$$, '001-33 nobody heard of us twice on a day');
SELECT is_empty($$SELECT s.code, s.sent_on FROM (SELECT x.*, lag(x.sent_on) OVER (PARTITION BY x.code ORDER BY x.sent_on) AS before FROM sent x WHERE x.channel <> 'task') s
                  WHERE s.sent_on - s.before < CASE left(s.code, 1) WHEN 'L' THEN 7 WHEN 'M' THEN 5 ELSE 3 END$$, '001-33 nor within the gap of the strategy');
SELECT is_empty($$SELECT x.code FROM (SELECT s.*, lag(s.dunning_level, 1, 0) OVER (PARTITION BY s.code ORDER BY s.sent_on, s.action_id) AS before FROM sent s) x
                  WHERE x.dunning_level NOT IN (x.before, x.before + 1)$$, '001-34 no level falls and none is skipped');
SELECT is_empty($$SELECT s.code, s.sent_on FROM sent s WHERE s.sent_on <> business_day(s.sent_on)$$, '002-18 nothing leaves on a day on which the house is closed');
SELECT results_eq($$SELECT DISTINCT t.kind, t.department FROM task t WHERE t.kind NOT IN ('formal_notice_announced', 'interest_note') ORDER BY 1, 2$$,
    $$VALUES ('call', 'collection'), ('call', 'credit'), ('litigation', 'legal'), ('preventive_measures', 'legal')$$,
    '002-19 calls are tasks of the collectors, those of the manager of the credit department; 002-20 measures are tasks of the lawyers');
SELECT is_empty($$SELECT t.kind FROM task t WHERE t.closed_on IS NULL AND t.kind <> 'interest_note'$$, '002-19 each is closed once it was carried out');
SELECT results_eq($$SELECT c.code, t.opened_on, t.due_on, t.department FROM task t JOIN customer c USING (customer_id) WHERE t.kind = 'formal_notice_announced'
                    AND c.code IN ('H1', 'H2', 'H3', 'H4', 'L1', 'L9', 'M1', 'M2', 'M4') ORDER BY 1$$,
    $$VALUES ('H1', date '2026-04-14', date '2026-04-16', 'sales'), ('H2', '2026-05-15', '2026-05-19', 'sales'), ('H3', '2027-01-05', '2027-01-07', 'sales'), ('H4', '2028-03-09', '2028-03-13', 'sales'),
             ('L1', '2026-05-21', '2026-05-26', 'sales'), ('L9', '2027-02-18', '2027-02-22', 'sales'), ('M1', '2026-05-07', '2026-05-12', 'sales'), ('M2', '2026-06-04', '2026-06-08', 'sales'), ('M4', '2026-12-23', '2026-12-28', 'sales')$$,
    '002-20 sales are told of each formal notice two business days before');
SELECT is((SELECT count(*) FROM interest_note n JOIN customer c USING (customer_id) WHERE c.code = 'L1'), 1::bigint, '002-20 a formal notice carried out proposes its interest note');

-- ---- minimums, and who can be reached ------------------------------------------------
SELECT credit_risk.create_ledger('presses') \g /dev/null
SET LOCAL search_path = presses, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-03', no_limit = 'pass';
TRUNCATE sent;

SELECT pg_temp.owes('S1', 'A', '2026-03-16', 1000), pg_temp.owes('S2', 'A', '2026-03-16', 999.99), pg_temp.owes('S3', 'B', '2026-03-16', 1000), pg_temp.owes('S4', 'B', '2026-03-16', 5000) \g /dev/null
INSERT INTO contact (customer_id, name, email, phone, bounced_on) VALUES
    (customer_id('S1'), 'Ann', NULL, '+33 6 01', NULL), (customer_id('S3'), 'Bob', 'bob@s3.example', NULL, '2026-01-01'), (customer_id('S4'), 'Eve', 'eve@s4.example', '+33 6 02', NULL);
SELECT pg_temp.owes('T1', 'C', '2026-03-02', 15, 35), pg_temp.owes('T2', 'C', '2026-03-02', 15, 34.99), pg_temp.owes('T3', 'C', '2026-03-02', 14.99, 100), pg_temp.owes('T4', 'C', '2026-03-02', 150),
       pg_temp.owes('T5', 'C', '2026-03-02', 149.99), pg_temp.owes('T6', 'C', '2026-03-02', 500), pg_temp.owes('T7', 'C', '2026-03-02', 499.99), pg_temp.owes('T8', 'C', '2026-03-02', 15, 14.99, 14.99, 14.99) \g /dev/null
SELECT pg_temp.live('2026-03-03', '2026-03-25') \g /dev/null
SELECT is(pg_temp.path('S1'), '3-11 sms L0 pre_due_courteous
3-23 task L1 friendly_reminder', '002-18 1,000 and a phone only: an SMS before it is due; the reminder after it has no SMS to fall back to and is a task');
SELECT is(pg_temp.path('S2'), '3-23 e-mail L1 friendly_reminder', '002-18 999.99: nothing before it is due');
SELECT is(pg_temp.path('S3'), '3-11 task L0 pre_due_courteous
3-23 task L1 friendly_reminder', '002-18 an address that bounced and no phone: a task');
SELECT is(pg_temp.path('S4'), '3-11 e-mail L0 pre_due_courteous
3-23 e-mail L1 friendly_reminder', '002-18 who has both is written to');
SELECT ok((SELECT s.subject IS NULL AND s.recipient = 'Ann' AND s.body LIKE '%16 Mar 2026%EUR%1,000.00%' FROM sent s WHERE s.channel = 'sms'), '002-18 what the SMS says');
SELECT is_empty($$SELECT * FROM task WHERE kind = 'formal_notice_announced'$$, '002-18 an item below the minimum is looked at before its next step; sales are told of nothing');
SELECT results_eq($$SELECT code, min(sent_on), max(amount) FROM sent WHERE code LIKE 'T%' GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('T1', date '2026-03-04', 50.00), ('T3', '2026-03-04', 100), ('T4', '2026-03-04', 150), ('T5', '2026-03-04', 149.99), ('T6', '2026-03-04', 500), ('T7', '2026-03-04', 499.99)$$,
    '002-19 an account of 50.00 is dunned, of 49.99 not; an item of 15.00 is, of 14.99 not, and what is too small to be asked for does not make up the minimum');
SELECT pg_temp.live('2026-03-26', '2026-04-30') \g /dev/null
SELECT results_eq($$SELECT code, max(dunning_level), max(sent_on) FROM sent WHERE code IN ('T4', 'T5', 'T6', 'T7') GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('T4', 4, date '2026-04-09'), ('T5', 3, '2026-04-01'), ('T6', 5, '2026-04-21'), ('T7', 4, '2026-04-09')$$,
    '002-19 150.00 has its formal notice, 149.99 not; 500.00 goes to litigation, 499.99 not');
SELECT set_eq($$SELECT DISTINCT reason FROM dunning_postponement$$, ARRAY['item below minimum', 'account below minimum'], '002-19 why the others were not');
SELECT is_empty('SELECT * FROM verify()', 'verify() with items below the minimums');

-- The queue on the day before, and on the day.
SELECT pg_temp.owes('A1', 'A', '2026-06-15', 2000), pg_temp.owes('A2', 'A', '2026-06-15', 2000) \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (customer_id('A2'), 'A2-OLD', '2026-04-01', '2026-06-08', 100);
SELECT pg_temp.night('2026-06-09') \g /dev/null
SELECT is_empty($$SELECT code FROM dunning_queue WHERE code LIKE 'A%'$$, '001-31 six days before it is due: nothing in the queue');
SELECT pg_temp.night('2026-06-10') \g /dev/null
SELECT results_eq($$SELECT code, due_on, channel, dunning_level, amount FROM dunning_queue WHERE code LIKE 'A%'$$, $$VALUES ('A1', date '2026-06-10', 'e-mail', 0, 2000::numeric)$$,
    '001-31 five days before it is there, for the customer that owes nothing overdue');
SELECT results_eq($$SELECT reason, until FROM dunning_postponement WHERE customer_id = customer_id('A2') AND run_on = '2026-06-10'$$, $$VALUES ('silent while overdue', date '2026-06-16')$$, '001-31 and not for the one that does');
SELECT is_empty('SELECT * FROM verify()', 'verify() before the due date');

-- ---- which strategy serves a customer -----------------------------------------------
SELECT credit_risk.create_ledger('chosen') \g /dev/null
SET LOCAL search_path = chosen, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', no_limit = 'pass';
TRUNCATE sent;
INSERT INTO customer (customer_id, code, name, risk_class, policy_group, language) VALUES
    (1, 'A', 'A', 'A', NULL, 'fr'), (2, 'B', 'B', 'B', NULL, 'fr'), (3, 'C', 'C', 'C', NULL, 'fr'), (4, 'U', 'Unscored', NULL, NULL, 'fr'), (5, 'D', 'D', 'D', NULL, 'fr'), (6, 'E', 'E', 'E', NULL, 'fr'),
    (7, 'P', 'Public', 'D', 'public', 'fr'), (8, 'N', 'English', 'A', NULL, 'en'), (9, 'I', 'Instructed', 'E', NULL, 'fr');
SELECT results_eq('SELECT c.code, s.code FROM customer c JOIN credit_account a USING (customer_id) JOIN dunning_strategy s USING (strategy_id) WHERE customer_id <= 6 ORDER BY customer_id',
    $$VALUES ('A', 'low'), ('B', 'low'), ('C', 'moderate'), ('U', 'moderate'), ('D', 'high'), ('E', 'high')$$, '001-32 class A and B: low; C and unscored: moderate; D and E: high');
SELECT results_eq('SELECT code, serves, chosen, reason FROM strategy_choice(4)', $$VALUES ('moderate', true, true, 'serves the customer, lowest rank'),
    ('low', false, false, 'class C (unscored) is not of A, B'), ('high', false, false, 'class C (unscored) is not of D, E')$$, '001-32 strategy_choice() shows which and why');
SELECT results_eq('SELECT code, serves, chosen, reason FROM strategy_choice(1)', $$VALUES ('low', true, true, 'serves the customer, lowest rank'),
    ('moderate', true, false, 'serves the customer, comes after'), ('high', false, false, 'class A is not of D, E')$$, '001-32 of two that serve it the lower rank');
CREATE FUNCTION pg_temp.strategy(code text, rank integer, risk_classes text[], policy_groups text[], languages text[]) RETURNS bigint LANGUAGE sql AS $$
    WITH s AS (INSERT INTO dunning_strategy (code, name, rank, risk_classes, policy_groups, languages) VALUES (code, initcap(code), rank, risk_classes, policy_groups, languages) RETURNING strategy_id)
    INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template, min_gap_days, min_amount)
    SELECT s.strategy_id, v.* FROM s, (VALUES (1, 3, 'e-mail', 1, 'friendly_reminder', 5, 15), (2, 20, 'e-mail', 2, 'firm_statement', 5, 15), (3, 40, 'letter', 3, 'last_reminder', 5, 15)) v
    RETURNING strategy_id $$;
SELECT is(activate_strategy((SELECT min(s) FROM pg_temp.strategy('state', 100, NULL, '{public}', NULL) s)), 0::bigint, '001-32 of equal rank that for classes and that for groups are as specific; the older one stays');
SELECT is(activate_strategy((SELECT min(s) FROM pg_temp.strategy('state_d', 100, '{D}', '{public}', NULL) s)), 1::bigint, '001-32 of equal rank the more specific one is taken');
SELECT results_eq('SELECT code, chosen, reason FROM strategy_choice(7)', $$VALUES ('state_d', true, 'serves the customer, lowest rank'), ('high', false, 'serves the customer, comes after'), ('state', false, 'serves the customer, comes after'),
    ('moderate', false, 'serves the customer, comes after'), ('low', false, 'class D is not of A, B')$$, '001-32 class, group and rank');
SELECT is(activate_strategy((SELECT min(s) FROM pg_temp.strategy('english', 50, NULL, NULL, '{en}') s)), 1::bigint, '001-32 by language');
SELECT results_eq('SELECT code, reason FROM strategy_choice(3) WHERE code IN (''english'', ''state'') ORDER BY 1', $$VALUES ('english', 'language fr is not of en'), ('state', 'group (none) is not of public')$$, '001-32 why not');
SELECT is((SELECT count(*) FROM instruct_dunning(9, 'strategy', 'a friend of the house', strategy => 'low')), 1::bigint, 'instructed');
SELECT results_eq('SELECT code, serves, chosen, reason FROM strategy_choice(9) LIMIT 2', $$VALUES ('low', true, true, 'instruction: a friend of the house'), ('high', true, false, 'serves the customer, comes after')$$,
    '001-32 an instruction names another, whatever the class');
SELECT is_empty($$SELECT c.customer_id FROM customer c, LATERAL strategy_choice(c.customer_id) s GROUP BY 1 HAVING count(*) FILTER (WHERE s.chosen) <> 1$$, '001-32 exactly one for each customer');
SELECT is_empty($$SELECT c.customer_id FROM customer c JOIN credit_account a USING (customer_id), LATERAL strategy_choice(c.customer_id) s WHERE s.chosen AND s.strategy_id IS DISTINCT FROM a.strategy_id$$,
    '001-32 and it is the one in force');
SELECT is_empty($$SELECT c.customer_id FROM customer c WHERE strategy_of(c.customer_id) IS DISTINCT FROM (SELECT s.strategy_id FROM strategy_choice(c.customer_id) s WHERE s.chosen)$$, '001-32 both functions agree');
SELECT throws_ok($$SELECT instruct_dunning(9, 'strategy', 'again', strategy => 'high')$$, '23505', NULL, '001-32 one instruction at a time');
SELECT throws_ok($$SELECT instruct_dunning(1, 'strategy', 'none such', strategy => 'nowhere')$$, 'CR012', NULL, '001-32 only an active one can be named');
SELECT is((SELECT count(*) FROM end_instruction((SELECT instruction_id FROM dunning_instruction WHERE customer_id = 9))), 1::bigint, 'ended');
SELECT results_eq('SELECT f.code, s.code, a.reason FROM strategy_assignment a LEFT JOIN dunning_strategy s USING (strategy_id) LEFT JOIN dunning_strategy f ON f.strategy_id = a.former_strategy_id WHERE customer_id = 9 ORDER BY assignment_id',
    $$VALUES ('high', 'low', 'instruction: a friend of the house'), ('low', 'high', 'instruction ended')$$, '003-13 each change is on record with its reason');

-- A changed class, mid-way. Customer 1, class A: due Monday 2 March.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 11, 'A-1', '2026-02-01', '2026-03-02', 1000), (2, 21, 'B-1', '2026-02-01', '2026-03-02', 1000), (5, 51, 'D-1', '2026-02-01', '2026-03-02', 1000);
SELECT pg_temp.live('2026-03-03', '2026-03-18') \g /dev/null
SELECT is(pg_temp.path('A'), '3-09 e-mail L1 friendly_reminder
3-17 e-mail L2 courteous_firm_statement', '003-13 before: level 2 of low (+5 a Saturday, +15)');
UPDATE customer SET risk_class = 'D' WHERE customer_id = 1;
SELECT results_eq('SELECT f.code, s.code, a.reason, a.assigned_on FROM strategy_assignment a JOIN dunning_strategy s USING (strategy_id) JOIN dunning_strategy f ON f.strategy_id = a.former_strategy_id WHERE customer_id = 1',
    $$VALUES ('low', 'high', 'class, group or language changed', date '2026-03-18')$$, '003-13 A to D: one row of the log');
SELECT results_eq('SELECT s.code, o.step_no, o.dunning_level, o.next_action_on FROM open_item o JOIN dunning_strategy s USING (strategy_id) WHERE invoice_id = 11',
    $$VALUES ('high', 4, 2, date '2026-03-20')$$, '002-20 the remaining steps are re-planned: after the call of level 2, three days after the last communication');
UPDATE customer SET name = 'A again', risk_class = 'E' WHERE customer_id = 1;
SELECT is((SELECT count(*) FROM strategy_assignment WHERE customer_id = 1), 1::bigint, '003-13 D to E changes no strategy: no row');
SELECT pg_temp.live('2026-03-19', '2026-03-21') \g /dev/null
UPDATE customer SET risk_class = 'A' WHERE customer_id = 1;
SELECT results_eq('SELECT s.code, o.step_no, o.dunning_level, o.next_action_on FROM open_item o JOIN dunning_strategy s USING (strategy_id) WHERE invoice_id = 11',
    $$VALUES ('low', 4, 3, date '2026-04-13')$$, '003-13 back to A at level 3: the call of level 2 is not made any more, next is +40, the Saturday of 11 April');
UPDATE customer SET risk_class = 'D' WHERE customer_id = 1;
SELECT results_eq('SELECT s.code, o.step_no, o.dunning_level, o.next_action_on FROM open_item o JOIN dunning_strategy s USING (strategy_id) WHERE invoice_id = 11',
    $$VALUES ('high', 5, 3, date '2026-03-23')$$, '003-13 and to D again: where it was, three days after the letter');
SELECT pg_temp.live('2026-03-22', '2026-04-10') \g /dev/null
SELECT is(pg_temp.path('A'), '3-09 e-mail L1 friendly_reminder
3-17 e-mail L2 courteous_firm_statement
3-20 letter L3 last_notice
3-23 task L4 preventive_measures
3-24 registered L4 formal_notice
4-02 task L5 litigation', '003-13 no level was skipped and no step repeated');
SELECT is((SELECT count(*) FROM strategy_assignment WHERE customer_id = 1), 3::bigint, '003-13 three changes, three rows');
SELECT is_empty($$SELECT invoice_id, cycle, strategy_id, step_no FROM dunning_action_item WHERE step_no IS NOT NULL AND NOT dropped GROUP BY 1, 2, 3, 4 HAVING count(*) > 1$$, '003-13 nothing twice');
SELECT throws_ok('UPDATE strategy_assignment SET reason = ''other''', 'CR010', NULL, '003-13 the log stays as written');
SELECT is_empty('SELECT * FROM verify()', 'verify() after changes of class');

-- A new version. Customer 2 stands at step 3 of low, and 5 at the end of high.
SELECT throws_ok($$UPDATE dunning_step SET offset_days = 6 WHERE step_no = 2 AND strategy_id = (SELECT strategy_id FROM dunning_strategy WHERE code = 'low')$$, 'CR012', NULL, '003-13 an active strategy does not change');
SELECT throws_ok($$DELETE FROM dunning_step WHERE step_no = 7 AND strategy_id = (SELECT strategy_id FROM dunning_strategy WHERE code = 'low')$$, 'CR012', NULL, '003-13 nor loses a step');
SELECT throws_ok($$INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) SELECT strategy_id, 8, 90, 'letter', 5, 'last_reminder' FROM dunning_strategy WHERE code = 'low'$$, 'CR012', NULL, '003-13 nor gains one');
SELECT throws_ok($$UPDATE dunning_strategy SET risk_classes = '{A}' WHERE code = 'low'$$, 'CR012', NULL, '003-13 nor serves others');
SELECT throws_ok($$DELETE FROM dunning_strategy WHERE code = 'low'$$, 'CR012', NULL, '003-13 nor goes');
SELECT lives_ok($$UPDATE dunning_strategy SET name = 'Low' WHERE code = 'low'$$, '003-13 its name may change');
SELECT revise_strategy('low') \g /dev/null
SELECT results_eq($$SELECT version, status FROM dunning_strategy WHERE code = 'low' ORDER BY 1$$, $$VALUES (1, 'active'), (2, 'draft')$$, '003-13 the next version is a draft');
CREATE FUNCTION pg_temp.draft() RETURNS bigint LANGUAGE sql AS $$ SELECT strategy_id FROM dunning_strategy WHERE code = 'low' AND status = 'draft' $$;
DELETE FROM dunning_step WHERE strategy_id = pg_temp.draft() AND step_no = 5;
SELECT throws_matching($$SELECT activate_strategy(pg_temp.draft())$$, 'step 6 skips from level 2 to 4', '001-34 a draft that skips a level is refused');
UPDATE dunning_strategy SET may_skip_levels = true WHERE strategy_id = pg_temp.draft();
SAVEPOINT allowed;
SELECT lives_ok($$SELECT activate_strategy(pg_temp.draft())$$, '001-34 unless it may');
ROLLBACK TO allowed;
UPDATE dunning_strategy SET may_skip_levels = false WHERE strategy_id = pg_temp.draft();
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template, min_gap_days, min_amount) VALUES (pg_temp.draft(), 5, 40, 'letter', 3, 'no_such_text', 7, 15);
SELECT throws_matching($$SELECT activate_strategy(pg_temp.draft())$$, 'step 5, letter: the text "no_such_text" is not there in en', '003-13 nor one that lacks a text');
UPDATE dunning_step SET template = 'last_reminder', dunning_level = 1 WHERE strategy_id = pg_temp.draft() AND step_no = 5;
SELECT throws_matching($$SELECT activate_strategy(pg_temp.draft())$$, 'step 5 falls from level 2 to 1', '001-34 nor one whose levels fall');
UPDATE dunning_step SET dunning_level = 3, offset_days = 10 WHERE strategy_id = pg_temp.draft() AND step_no = 5;
SELECT throws_matching($$SELECT activate_strategy(pg_temp.draft())$$, 'step 5 comes before step 4', '003-13 nor one whose steps are out of order');
UPDATE dunning_step SET offset_days = 45 WHERE strategy_id = pg_temp.draft() AND step_no = 5;
DELETE FROM dunning_step WHERE strategy_id = pg_temp.draft() AND step_no = 1;      -- no reminder before the due date any more
UPDATE dunning_step SET step_no = step_no - 1 WHERE strategy_id = pg_temp.draft() AND step_no = 2;
UPDATE dunning_step SET step_no = step_no - 1 WHERE strategy_id = pg_temp.draft() AND step_no = 3;
UPDATE dunning_step SET step_no = step_no - 1 WHERE strategy_id = pg_temp.draft() AND step_no = 4;
SELECT results_eq('SELECT s.version, o.step_no, o.dunning_level, o.next_action_on FROM open_item o JOIN dunning_strategy s USING (strategy_id) WHERE invoice_id = 21', $$VALUES (1, 4, 2, date '2026-04-13')$$, '003-13 before: the letter is planned for +40');
SELECT is(activate_strategy(pg_temp.draft()), 1::bigint, '003-13 activated: customer 2 changes over');
SELECT results_eq('SELECT s.version, o.step_no, o.dunning_level, o.next_action_on FROM open_item o JOIN dunning_strategy s USING (strategy_id) WHERE invoice_id = 21', $$VALUES (2, 3, 2, date '2026-04-16')$$, '003-13 after: +45, from its place in the new version');
SELECT results_eq($$SELECT version, status FROM dunning_strategy WHERE code = 'low' ORDER BY 1$$, $$VALUES (1, 'retired'), (2, 'active')$$, '001-32 one version is active');
SELECT results_eq('SELECT reason FROM strategy_assignment WHERE customer_id = 2', $$VALUES ('strategy low version 2')$$, '003-13 on record');
SELECT throws_ok($$SELECT activate_strategy((SELECT strategy_id FROM dunning_strategy WHERE code = 'low' AND version = 1))$$, 'CR012', NULL, '003-13 what is retired does not come back');
SELECT throws_ok('SELECT activate_strategy(-1)', 'CR012', NULL, '003-13 nor what does not exist');
SELECT throws_ok($$SELECT revise_strategy('nowhere')$$, 'CR012', NULL, '003-13 nor is it revised');
SELECT pg_temp.live('2026-04-11', '2026-05-20') \g /dev/null
SELECT is(pg_temp.path('B'), '3-09 e-mail L1 friendly_reminder
3-17 e-mail L2 courteous_firm_statement
3-27 call L2 call_reason_date
4-16 letter L3 last_reminder
4-27 registered L4 formal_notice
5-11 task L5 litigation', '003-13 nothing repeated, nothing skipped');
SELECT is(retire_strategy('high') > 0, true, '001-32 without high its customers change over');
SELECT results_eq('SELECT code FROM strategy_choice(6) WHERE chosen', $$VALUES ('moderate')$$, '001-32 to the next that serves them');
SELECT is_empty('SELECT * FROM verify()', 'verify() after a new version');
SELECT * FROM finish();
ROLLBACK;
