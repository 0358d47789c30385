-- The shipped strategies day by day, which strategy serves a customer, how
-- often a customer hears of us, and what becomes of a communication.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('steps') \g /dev/null
SET LOCAL search_path = steps, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-16', no_limit = 'pass';

-- What leaves on each day, carried out at once: run, approve, claim, complete.
CREATE TEMP TABLE sent (sent_on date, action_id bigint, customer_id bigint, code text, currency text, language text, channel text, dunning_level integer,
                        template text, amount numeric, recipient text, subject text, body text, attachments text[]);
CREATE FUNCTION pg_temp.night(day date) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger SET pinned_date = day;
    RETURN (SELECT actions FROM run_daily(day));
END $$;
CREATE FUNCTION pg_temp.work(day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger SET pinned_date = day;
    PERFORM approve_action(d.action_id) FROM dunning_action d WHERE d.status = 'proposed';
    INSERT INTO sent SELECT day, c.action_id, c.customer_id, c.code, c.currency, c.language, c.channel, c.dunning_level, c.template, c.amount, c.recipient, c.subject, c.body, c.attachments
    FROM claim_actions('w', 1000) c;
    PERFORM complete_action(d.action_id, d.claim_token) FROM (SELECT x.action_id, x.claim_token FROM dunning_action x WHERE x.status = 'claimed' ORDER BY x.action_id) d;
END $$;
CREATE FUNCTION pg_temp.live(from_on date, to_on date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint := (SELECT count(*) FROM sent);
BEGIN
    FOR day IN 0 .. to_on - from_on LOOP
        PERFORM pg_temp.night(from_on + day);
        PERFORM pg_temp.work(from_on + day);
    END LOOP;
    RETURN (SELECT count(*) FROM sent) - before;
END $$;
CREATE FUNCTION pg_temp.path(code text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s L%s %s', to_char(s.sent_on, 'FMMM-DD'), s.channel, s.dunning_level, s.template), E'\n' ORDER BY s.sent_on, s.action_id) FROM sent s WHERE s.code = path.code
$$;

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
4-24 task L5 litigation', '002-20 high: +1 is the Saturday before Easter; the gap of three days keeps the steps apart');
SELECT is(pg_temp.path('H2'), '4-24 e-mail L0 pre_due_list
4-30 call L0 pre_due_call
5-05 e-mail L1 firm_reminder_1
5-11 call L2 call_dated_promise
5-15 letter L3 last_notice
5-18 registered L4 formal_notice
5-18 task L4 preventive_measures
5-26 task L5 litigation', '002-20 high: -3 is 1 May, +4 is 8 May, the letter of Ascension Day leaves the day after, +21 is Whit Monday');
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
1-14 task L5 litigation', '002-20 high over the end of the year: +1 is Christmas, +8 New Year''s Day');

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
3-20 task L5 litigation', '002-20 high: +1 is 29 February, +12 a Saturday');
SELECT is(pg_temp.path('M7'), '6-19 e-mail L0 pre_due_invoice
6-28 e-mail L1 friendly_reminder
7-04 call L2 call_date_or_dispute
7-11 e-mail L2 firm_statement
7-18 letter L3 last_reminder
7-26 call L3 call_by_manager
8-03 registered L4 formal_notice
8-16 task L5 litigation', '002-19 moderate: +50 is 15 August, a Tuesday');
SELECT is_empty('SELECT * FROM verify()', 'verify() after the leap year');
SELECT set_eq($$SELECT code FROM sent GROUP BY code, sent_on HAVING count(*) FILTER (WHERE channel <> 'task') > 1$$, ARRAY[]::text[], '001-33 nobody heard of us twice on a day');
SELECT * FROM finish();
ROLLBACK;
