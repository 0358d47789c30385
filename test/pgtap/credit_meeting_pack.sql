-- The credit meeting with an agency: row 003-14.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('meeting') \g /dev/null
SET LOCAL search_path = meeting, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('USD', '2026-03-01', 0.9);
INSERT INTO agency (agency, name, parent) VALUES ('west', 'Ouest', NULL), ('lyon', 'Lyon', NULL), ('nantes', 'Nantes', 'west');
INSERT INTO customer (customer_id, code, name, risk_class, agency)
SELECT i, 'C' || lpad(i::text, 2, '0'), 'Customer ' || i, 'B', CASE WHEN i <= 15 THEN 'lyon' WHEN i <= 18 THEN 'nantes' END FROM generate_series(1, 20) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE meeting.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.section(which text, of_agency text DEFAULT 'lyon') RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', code, subject, trim_scale(amount), dated_on), ' | ' ORDER BY position_no) FROM meeting.credit_meeting_pack(of_agency) WHERE section = which $$;
CREATE FUNCTION pg_temp.figure(which text, of_agency text DEFAULT 'lyon') RETURNS numeric LANGUAGE sql AS
$$ SELECT amount FROM meeting.credit_meeting_pack(of_agency) WHERE section = 'figures' AND key = which $$;
-- The laws: the same twice, in one order, and the figures are those of the aged balance.
CREATE FUNCTION pg_temp.laws(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE a text;
BEGIN
    FOREACH a IN ARRAY '{lyon,nantes,west,NULL}'::text[] LOOP
        RETURN NEXT results_eq(format('SELECT * FROM meeting.credit_meeting_pack(%L)', a), format('SELECT * FROM meeting.credit_meeting_pack(%L)', a), format('003-14 %s: the pack of %s twice is the same', what, a));
        RETURN NEXT results_eq(format('SELECT * FROM meeting.credit_meeting_pack(%L)', a), format('SELECT * FROM meeting.credit_meeting_pack(%L) ORDER BY section_no, position_no', a), format('003-14 %s: in the order of %s', what, a));
        RETURN NEXT is_empty(format('SELECT section, key FROM meeting.credit_meeting_pack(%L) GROUP BY 1, 2 HAVING count(*) > 1', a), format('003-14 %s: one key a line, %s', what, a));
        RETURN NEXT results_eq(format($q$SELECT p.key, p.amount FROM meeting.credit_meeting_pack(%L) p WHERE p.section = 'figures' AND p.key IN ('exposure', 'receivable', 'not_due', 'overdue', 'over_90', 'disputed', 'unapplied') ORDER BY 1$q$, a),
            format($q$SELECT v.* FROM (SELECT coalesce(sum(b.total), 0) AS total, coalesce(sum(b.not_due), 0) AS not_due, coalesce(sum(b.overdue), 0) AS overdue, coalesce(sum(b.over_90), 0) AS over_90,
                        coalesce(sum(b.disputed), 0) AS disputed, coalesce(sum(b.unapplied), 0) AS unapplied
                 FROM meeting.ageing_by_customer b JOIN meeting.customer c USING (customer_id) WHERE %1$L IS NULL OR c.agency = %1$L OR (%1$L = 'west' AND c.agency = 'nantes')) s
               CROSS JOIN LATERAL (VALUES ('disputed', s.disputed), ('exposure', (SELECT coalesce(sum(e.exposure), 0) FROM meeting.exposure e JOIN meeting.customer c USING (customer_id)
                 WHERE %1$L IS NULL OR c.agency = %1$L OR (%1$L = 'west' AND c.agency = 'nantes'))), ('not_due', s.not_due), ('over_90', s.over_90), ('overdue', s.overdue), ('receivable', s.total), ('unapplied', s.unapplied)) v$q$, nullif(a, 'NULL')),
            format('003-14 %s: its figures are those of the aged balance, %s', what, a)) WHERE a <> 'NULL';
    END LOOP;
    RETURN NEXT is_empty('SELECT * FROM meeting.verify()', '003-14 ' || what || ': verify()');
END $$;

-- Before: nothing has happened ----------------------------------------------------------------
SELECT results_eq($$SELECT section, key, amount, detail FROM credit_meeting_pack('lyon')$$,
    $$VALUES ('figures', 'exposure', 0::numeric, 'EUR'), ('figures', 'receivable', 0, 'EUR'), ('figures', 'not_due', 0, 'EUR'), ('figures', 'overdue', 0, 'EUR'), ('figures', 'over_90', 0, 'EUR'), ('figures', 'overdue_pct', NULL, '%'),
             ('figures', 'disputed', 0, 'EUR'), ('figures', 'unapplied', 0, 'EUR'), ('figures', 'dso', NULL, 'days'), ('figures', 'customers', 0, 'count'), ('figures', 'holds', 0, 'count'), ('figures', 'held', 0, 'EUR')$$,
    '003-14 an agency of which there is nothing to say');
SELECT results_eq('SELECT section FROM credit_meeting_section ORDER BY section_no',
    $$VALUES ('figures'), ('meeting_action'), ('top_overdue'), ('new_dispute'), ('dispute_overdue'), ('decision'), ('broken_promise'), ('action_due'), ('formal_notice'), ('litigation'), ('proceeding'), ('risk_class_change')$$, '003-14 the sections');

-- What an agency has to talk about --------------------------------------------------------------
-- Customers 1 to 12 overdue by 100, 200, ...; 3 and 4 by the same amount.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount)
SELECT i, 100 + i, 'F' || i, '2026-01-10', '2026-02-10', CASE WHEN i = 4 THEN 300 ELSE 100 * i END FROM generate_series(1, 12) i;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (12, 112 + 100, 'F12/old', '2025-10-01', '2025-11-01', 50), (13, 113, 'F13', '2026-02-20', '2026-03-31', 700), (16, 116, 'F16', '2026-01-10', '2026-02-10', 900), (19, 119, 'F19', '2026-01-10', '2026-02-10', 40);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (14, 114, 'G14', 'credit_note', '2026-01-10', '2026-02-10', 80);
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (13, 13, 'P13', 30);
SELECT is(pg_temp.section('top_overdue'),
    'C12 2 overdue items 1250 2025-11-01 | C11 1 overdue items 1100 2026-02-10 | C10 1 overdue items 1000 2026-02-10 | C09 1 overdue items 900 2026-02-10 | C08 1 overdue items 800 2026-02-10 | C07 1 overdue items 700 2026-02-10 | C06 1 overdue items 600 2026-02-10 | C05 1 overdue items 500 2026-02-10 | C03 1 overdue items 300 2026-02-10 | C04 1 overdue items 300 2026-02-10',
    '003-14 the ten largest, the same amount by code');
SELECT is(pg_temp.figure(k), a, '003-14 ' || k)
FROM (VALUES ('receivable', 7750 + 700 - 80), ('not_due', 700.00), ('overdue', 7750 - 80), ('over_90', 50), ('unapplied', 30), ('customers', 12), ('exposure', 7750 + 700 - 80 - 30)) v (k, a);
SELECT is(pg_temp.figure('dso'), round(credit_risk.dso(8370, 8320, 90), 1), '003-14 DSO of its sales in 90 days');
SELECT is(pg_temp.figure('overdue', 'nantes') || ' ' || pg_temp.figure('overdue', 'west') || ' ' || pg_temp.figure('overdue', NULL), '900 900 8610', '003-14 another agency, the region above it, the whole house');
SELECT pg_temp.laws('overdue');
SELECT open_dispute(101, 60, 'broken', 'dispute', 1, 'quality') AS broken \gset
SELECT open_dispute(102, NULL, 'never ordered', 'refusal', 1, 'sales', '2026-01-20') AS never \gset
SELECT open_dispute(116, 10, 'of another agency') \g /dev/null
SELECT is(pg_temp.section('new_dispute'), 'C01 F1: broken 60 2026-03-02', '003-14 disputes of the last 30 days, where there was no meeting');
SELECT is(pg_temp.section('dispute_overdue'), 'C02 F2: never ordered 200 2026-02-19', '003-14 disputes past their deadline');
SELECT is(pg_temp.figure('disputed'), 260::numeric, '003-14 in dispute');
INSERT INTO credit_limit (customer_id, amount, valid_from, reason) VALUES (5, 800, '2026-03-01', 'accounts seen'), (6, NULL, '2026-01-01', 'old'), (17, 100, '2026-03-01', 'x');
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (5, 51, 'O1', 900), (5, 52, 'O2', 950), (17, 53, 'O3', 999);
SELECT is(pg_temp.figure('holds') || ' ' || pg_temp.figure('held'), '2 1850', '003-14 what is held');
SELECT release_order(51, 'they paid always', true, 10, 'known_to_pay') \g /dev/null
SELECT is(pg_temp.section('decision'), 'C05 base limit 800 2026-03-01 | C05 order overridden O1 900 2026-03-02', '003-14 decisions of the period, not the older ones');
SELECT reject_order(52, 'too much', 'risk') \g /dev/null
SELECT is((SELECT string_agg(subject, ', ' ORDER BY position_no) FROM credit_meeting_pack('lyon') WHERE section = 'decision'), 'base limit, order overridden O1, order rejected O2', '003-14 and a rejection');
SELECT promise_to_pay(7, '2026-03-03', 700, 107, 'M. Noir', 0, 'by phone') AS promise \gset
SELECT is(pg_temp.section('broken_promise'), NULL, '003-14 a promise that is open is not broken');
INSERT INTO litigation_case (customer_id, amount, currency, court, costs, opened_on) VALUES (8, 800, 'EUR', 'Lyon', 35, '2026-02-25'), (9, 1000, 'USD', NULL, 0, '2026-03-02'), (16, 1, 'EUR', NULL, 0, '2026-02-25');
SELECT is(pg_temp.section('litigation'), 'C08 formal_notice 800 2026-02-25 | C09 formal_notice 900 2026-03-02', '003-14 litigation, in base currency');
SELECT is(pg_temp.section('formal_notice'), NULL, '003-14 no formal notice yet');
SELECT record_litigation_event(litigation_id, 'formal_notice_sent', note => 'by the lawyer') FROM litigation_case WHERE customer_id IN (9, 16) \g /dev/null
SELECT is(pg_temp.section('formal_notice'), 'C09 in litigation 900 2026-03-02', '003-14 a formal notice of a litigation');
SELECT record_default(10, 'collective_proceeding', '2026-02-27', 1000, 'TC Lyon, sauvegarde') AS proceeding \gset
SELECT is(pg_temp.section('proceeding'), 'C10 collective proceeding 1000 2026-02-27', '003-14 collective proceedings, as an event of default');
SELECT open_proceeding(1, 'receivership', '2026-02-20', court => 'TAE Lyon') AS receivership \gset
SELECT is(pg_temp.section('proceeding'), 'C01 receivership 100 2026-02-20 | C10 collective proceeding 1000 2026-02-27', '003-14 and as a case');
SAVEPOINT receivership;
SELECT close_proceeding(:receivership, 'closed_without_assets') \g /dev/null
SELECT is(pg_temp.section('proceeding'), 'C10 collective proceeding 1000 2026-02-27', '003-14 until it is closed');
ROLLBACK TO receivership;
UPDATE customer SET risk_class = 'D' WHERE customer_id IN (11, 16);
SELECT is(pg_temp.section('risk_class_change'), 'C11 B → D 1100 2026-03-02', '003-14 changes of class, with the exposure');
SELECT open_task(3, 'ask', 'Ask for the order number', department => 'order_desk', due_on => '2026-03-09') AS ask, open_task(3, 'later', 'Visit them', due_on => '2026-03-10'), open_task(16, 'x', 'x', due_on => '2026-03-02') \g /dev/null
SELECT task_id AS ask FROM task WHERE kind = 'ask' \gset
SELECT is((SELECT string_agg(subject, ', ' ORDER BY position_no) FROM credit_meeting_pack('lyon') WHERE section = 'action_due' AND customer_id = 3), 'Ask for the order number', '003-14 tasks due within 7 days, not later ones');
SELECT pg_temp.laws('all sections');

-- Held: the pack is kept as it stood --------------------------------------------------------------
CREATE TEMPORARY TABLE shown AS SELECT * FROM credit_meeting_pack('lyon');
SELECT hold_meeting('lyon', note => 'Mme Roche, M. Petit') AS first \gset
SELECT is((SELECT concat_ws(' ', agency, held_on, period_from, previous_id, note) FROM credit_meeting), 'lyon 2026-03-02 2026-01-31 Mme Roche, M. Petit', '003-14 the first meeting looks 30 days back');
SELECT set_eq('SELECT section, position_no, about_id, code, name, subject, amount, dated_on, detail, key FROM credit_meeting_line', 'SELECT section, position_no, customer_id, code, name, subject, amount, dated_on, detail, key FROM shown', '003-14 it kept what was shown');
SELECT is((SELECT count(*) FROM credit_meeting_diff(:first) WHERE change <> 'new'), 0::bigint, '003-14 of a first meeting everything is new');
SELECT is((SELECT count(*) FROM credit_meeting_diff(:first)), (SELECT count(*) FROM shown WHERE NOT (amount IS NULL AND dated_on IS NULL AND subject IS NULL)), '003-14 line for line');
SELECT throws_ok($$SELECT hold_meeting('lyon')$$, 'CR012', 'the credit meeting of agency lyon was held on 2026-03-02 already', '003-14 not twice on a day');
SELECT hold_meeting('nantes') AS nantes \gset
SELECT is((SELECT previous_id FROM credit_meeting WHERE meeting_id = :nantes), NULL, '003-14 another agency has meetings of its own');
SELECT decide_action(:first, 12, 'Call the director', 'collection', '2026-03-06') AS call, decide_action(:first, 12, 'Lower the limit') AS lower, decide_action(:first, 10, 'File the claim', 'legal', '2026-04-20') AS claim \gset
SELECT results_eq($$SELECT code, subject, department, due_on, state FROM credit_meeting_action_status ORDER BY task_id$$,
    $$VALUES ('C12', 'Call the director', 'collection', date '2026-03-06', 'open'), ('C12', 'Lower the limit', 'credit', '2026-03-09', 'open'), ('C10', 'File the claim', 'legal', '2026-04-20', 'open')$$,
    '003-14 actions decided are tasks, two of one customer too; without a day the deadline of the department');
SELECT is(pg_temp.section('meeting_action'), 'C12 Call the director 2026-03-06 | C12 Lower the limit 2026-03-09 | C10 File the claim 2026-04-20', '003-14 the next pack shows them');
SELECT is(pg_temp.section('meeting_action', 'nantes'), NULL, '003-14 not that of another agency');
SELECT is((SELECT count(*) FROM credit_meeting_pack('lyon') WHERE section = 'action_due' AND customer_id IN (10, 12) AND key LIKE 'task%'), 0::bigint, '003-14 and not a second time among the tasks');

-- The same day, after the meeting: of the next one.
SELECT open_dispute(103, 100, 'after the meeting') AS late \gset
-- Two weeks later.
SELECT pg_temp.day('2026-03-16') \g /dev/null
SELECT * FROM run_daily() \g /dev/null
SELECT is(pg_temp.section('broken_promise'), 'C07 F7 promised for 2026-03-03 700 2026-03-16', '003-14 a promise not kept');
SELECT is((SELECT string_agg(subject, ', ' ORDER BY position_no) FROM credit_meeting_pack('lyon') WHERE section = 'new_dispute'), 'F3: after the meeting', '003-14 what was recorded after the meeting before, on its day, is not lost; what it saw is not shown again');
SELECT is((SELECT string_agg(subject, ', ' ORDER BY position_no) FROM credit_meeting_pack('lyon', '2026-03-02') WHERE section = 'new_dispute'), 'F1: broken, F3: after the meeting', '003-14 a period of one''s own');
SELECT is((SELECT count(*) FROM credit_meeting_pack('lyon', '2026-03-03', '2026-03-10') WHERE section IN ('new_dispute', 'decision', 'broken_promise', 'risk_class_change')), 0::bigint, '003-14 in which nothing happened');
INSERT INTO payment (customer_id, payment_id, payment_no, amount) VALUES (11, 11, 'P11', 1100), (12, 12, 'P12', 200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (11, 11, 111, 1100), (12, 12, 112, 200);
SELECT resolve_dispute(:never, 'rejected') \g /dev/null
SELECT close_task(:call, 'he will pay the rest in April') \g /dev/null
UPDATE litigation_case SET costs = 90 WHERE customer_id = 8;
UPDATE litigation_case SET outcome = 'won', closed_on = '2026-03-16' WHERE customer_id = 9;
SELECT is(pg_temp.section('meeting_action'), 'C12 Lower the limit 2026-03-09 | C10 File the claim 2026-04-20', '003-14 of the actions of the meeting before those that are still open');
SELECT is((SELECT string_agg(state, ' ' ORDER BY task_id) FROM credit_meeting_action_status), 'done overdue open', '003-14 done, overdue, open');
SELECT pg_temp.laws('before the second');
SELECT hold_meeting('lyon') AS second \gset
SELECT is((SELECT concat_ws(' ', period_from, held_on, previous_id = :first) FROM credit_meeting WHERE meeting_id = :second), '2026-03-03 2026-03-16 t', '003-14 the second follows the first');
SELECT results_eq(format($$SELECT change, code, amount_before, amount_after FROM credit_meeting_diff(%s) WHERE section = 'top_overdue'$$, :second),
    $$VALUES ('changed', 'C12', 1250::numeric, 1050::numeric), ('new', 'C02', NULL, 200), ('gone', 'C11', 1100, NULL)$$, '003-14 one paid a part, one all, and one moved up');
SELECT results_eq(format($$SELECT key, amount_before, amount_after FROM credit_meeting_diff(%s) WHERE section = 'figures' AND key IN ('overdue', 'customers', 'not_due', 'disputed') ORDER BY key$$, :second),
    $$VALUES ('customers', 12::numeric, 11::numeric), ('disputed', 260, 160), ('overdue', 7670, 6370)$$, '003-14 figures that changed, and not those that did not');
SELECT results_eq(format($$SELECT section, change, code, subject FROM credit_meeting_diff(%s) WHERE section IN ('new_dispute', 'dispute_overdue', 'decision', 'broken_promise', 'risk_class_change', 'meeting_action', 'litigation', 'proceeding')$$, :second),
    $$VALUES ('meeting_action', 'new', 'C12', 'Lower the limit'), ('meeting_action', 'new', 'C10', 'File the claim'), ('new_dispute', 'new', 'C03', 'F3: after the meeting'), ('dispute_overdue', 'gone', 'C02', 'F2: never ordered'),
             ('broken_promise', 'new', 'C07', 'F7 promised for 2026-03-03'), ('litigation', 'changed', 'C08', 'formal_notice'), ('litigation', 'gone', 'C09', 'formal_notice')$$,
    '003-14 new, gone and changed; what happened in the former period is past');
SELECT results_eq(format('SELECT * FROM credit_meeting_diff(%s)', :second), format('SELECT * FROM credit_meeting_diff(%s, %s)', :second, :first), '003-14 the meeting before is the one it is compared with');
SELECT is((SELECT count(*) FROM credit_meeting_diff(:second, :second)), 0::bigint, '003-14 no difference to itself');
-- A frozen pack does not change.
SELECT is((SELECT amount FROM credit_meeting_line WHERE meeting_id = :first AND section = 'figures' AND key = 'overdue'), 7670::numeric, '003-14 the first pack is what it was');

-- Formal notices, and reminders to approve.
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, status, items, amount, lead_invoice_id, strategy_id, step_no, internal, done_on)
VALUES (4, 901, '2026-03-17', '2026-03-17', 'EUR', 'fr', 'registered', 4, 'formal notice', 'done', 1, 300, 104, 1, 7, false, '2026-03-18'), (5, 902, '2026-03-18', '2026-03-18', 'EUR', 'fr', 'registered', 4, 'formal notice', 'proposed', 1, 500, 105, 1, 7, false, NULL),
       (6, 903, '2026-03-18', '2026-03-18', 'EUR', 'fr', 'e-mail', 2, 'firm', 'done', 1, 600, 106, 1, 4, false, '2026-03-18'),
       (5, 904, '2026-03-18', '2026-03-18', 'EUR', 'fr', 'task', 4, 'preventive measures', 'done', 1, 500, 105, 1, 7, true, '2026-03-18');
INSERT INTO dunning_action_item (customer_id, invoice_id, instalment_no, cycle, action_id, dunning_level, open_amount) VALUES (4, 104, 1, 9, 901, 4, 300), (5, 105, 1, 9, 902, 4, 500), (6, 106, 1, 9, 903, 2, 600);
SELECT pg_temp.day('2026-03-20') \g /dev/null
SELECT is(pg_temp.section('formal_notice'), 'C04 level 4 by registered 300 2026-03-18', '003-14 formal notices, no other reminders, nor the lawyers'' task that goes with one');
SELECT is((SELECT concat_ws(' ', code, subject, trim_scale(amount)) FROM credit_meeting_pack('lyon') WHERE key = 'dunning 902'), 'C05 level 4 by registered, to approve 500', '003-14 one that waits for approval is an action due');
SAVEPOINT contested;
INSERT INTO dunning_action (customer_id, action_id, run_on, due_on, currency, language, channel, dunning_level, template, status, items, amount, lead_invoice_id, strategy_id, step_no, internal)
VALUES (5, 905, '2026-03-19', '2026-03-19', 'EUR', 'fr', 'registered', 4, 'formal notice', 'proposed', 1, 500, 105, 1, 7, false);
INSERT INTO dunning_action_item (customer_id, invoice_id, instalment_no, cycle, action_id, dunning_level, open_amount) SELECT 5, 105, 1, o.cycle, 905, 4, 500 FROM open_item o WHERE o.invoice_id = 105;
SELECT is((SELECT count(*) FROM credit_meeting_pack('lyon') WHERE key = 'dunning 905'), 1::bigint, '003-14 so is another');
SELECT open_dispute(105, reason => 'not ordered') \g /dev/null
SELECT is_empty($$SELECT FROM credit_meeting_pack('lyon') WHERE key = 'dunning 905'$$, '003-14 not while all of it is contested');
ROLLBACK TO contested;
SELECT is((SELECT detail_before || ' > ' || detail_after FROM credit_meeting_diff(:second) WHERE key = (SELECT litigation_id::text FROM litigation_case WHERE customer_id = 8) AND section = 'litigation'), 'Lyon, costs 35 > Lyon, costs 90', '003-14 what changed of it');
UPDATE credit_meeting_section SET max_lines = CASE section WHEN 'top_overdue' THEN 2 ELSE 0 END WHERE section IN ('top_overdue', 'litigation');
SELECT is(pg_temp.section('top_overdue'), 'C12 2 overdue items 1050 2025-11-01 | C10 1 overdue items 1000 2026-02-10', '003-14 as many as the house wants');
SELECT is(pg_temp.section('litigation'), NULL, '003-14 and only the sections that it wants');
SELECT hold_meeting() AS house \gset
SELECT is((SELECT count(*) FROM credit_meeting_line WHERE meeting_id = :house AND code = 'C16') > 0, true, '003-14 the whole house');
SELECT lives_ok(format($$SELECT decide_action(%s, 19, 'Ask them')$$, :house), '003-14 decides for a customer without an agency');
SELECT lives_ok($$SELECT hold_meeting('west')$$, '003-14 a region');
SELECT lives_ok($$SELECT decide_action(max(meeting_id), 16, 'Ask them') FROM credit_meeting WHERE agency = 'west'$$, '003-14 decides for the agencies below it');

-- What does not go ------------------------------------------------------------------------------------
SELECT throws_ok(format(s, :first, :second, :house), e, NULL, '003-14 ' || s) FROM (VALUES
    ('SELECT * FROM credit_meeting_pack(''paris'')', '22023'), ('SELECT hold_meeting(''paris'')', '22023'), ('SELECT * FROM credit_meeting_pack(''lyon'', ''2026-03-21'')', '22023'),
    ('SELECT * FROM credit_meeting_pack(''lyon'', ''2026-03-02'', ''2026-03-01'')', '22023'), ('SELECT * FROM credit_meeting_pack(''lyon'', NULL, ''2026-03-21'')', '22023'), ('SELECT * FROM credit_meeting_pack(''lyon'', ''-infinity'')', '22023'),
    ('SELECT hold_meeting(''lyon'', ''2026-03-21'')', '22023'), ('SELECT * FROM credit_meeting_diff(0)', 'CR007'), ('SELECT * FROM credit_meeting_diff(NULL)', 'CR007'), ('SELECT * FROM credit_meeting_diff(%s, 0)', 'CR007'), ('SELECT * FROM credit_meeting_diff(%1$s, %3$s)', 'CR003'),
    ('SELECT decide_action(0, 1, ''x'')', 'CR007'), ('SELECT decide_action(NULL, 1, ''x'')', 'CR007'), ('SELECT decide_action(%s, 99, ''x'')', 'CR004'), ('SELECT decide_action(%s, NULL, ''x'')', 'CR004'), ('SELECT decide_action(%s, 16, ''x'')', 'CR003'), ('SELECT decide_action(%s, 19, ''x'')', 'CR003'),
    ('SELECT decide_action(%s, 1, '''')', '22023'), ('SELECT decide_action(%s, 1, NULL)', '22023'), ('SELECT decide_action(%s, 1, ''x'', ''credit'', ''2026-03-01'')', 'CR003'), ('SELECT decide_action(%s, 1, ''x'', '''')', '23514'),
    ('UPDATE credit_meeting SET note = ''x''', 'CR010'), ('DELETE FROM credit_meeting_line', 'CR010'), ('UPDATE credit_meeting_line SET amount = 0', 'CR010'), ('DELETE FROM credit_meeting_action', 'CR010'), ('TRUNCATE credit_meeting CASCADE', 'CR010'), ('TRUNCATE credit_meeting_section', 'CR010')) v (s, e);
SELECT is((SELECT count(*) FROM task WHERE kind = 'meeting_action'), 5::bigint, '003-14 nothing half done');
SELECT pg_temp.laws('at the end');

-- Who sees one agency holds and reads its meetings, no others ---------------------------------------------
CREATE ROLE meeting_lyon;
SELECT credit_risk.grant_ledger_access('meeting', 'meeting_lyon', 'collector') \g /dev/null
INSERT INTO agency_member (role_name, agency) VALUES ('meeting_lyon', 'lyon');
SELECT credit_risk.enable_agency_security('meeting') \g /dev/null
CREATE TEMPORARY TABLE expected AS SELECT * FROM credit_meeting_pack('lyon');
GRANT SELECT ON expected TO meeting_lyon;
GRANT USAGE ON SCHEMA meeting TO meeting_lyon;
SELECT format('SELECT held.*, (SELECT count(*) FROM meeting.credit_meeting_line) = %s AS lines FROM (SELECT count(*) AS meetings FROM meeting.credit_meeting) held',
              (SELECT count(*) FROM credit_meeting_line WHERE agency = 'lyon')) AS asked \gset
SET LOCAL ROLE meeting_lyon;
SELECT set_eq('SELECT * FROM meeting.credit_meeting_pack(''lyon'')', 'SELECT * FROM expected', '003-14 under row security the pack of one''s own agency is whole');
SELECT results_eq(:'asked', 'VALUES (2::bigint, true)', '003-14 its meetings, with the figures, and no others');
SELECT is((SELECT amount FROM credit_meeting_pack('nantes') WHERE section = 'figures' AND key = 'exposure'), 0::numeric, '003-14 nothing of another agency');
SELECT throws_ok('SELECT meeting.hold_meeting(''nantes'')', '42501', NULL, '003-14 nor is its meeting held');
SELECT throws_ok('SELECT meeting.hold_meeting()', '42501', NULL, '003-14 nor that of the house');
SELECT lives_ok('SELECT meeting.decide_action(meeting.hold_meeting(''lyon''), 1, ''Call them'')', '003-14 one''s own is');
RESET ROLE;
SELECT is((SELECT concat_ws(' ', agency, recorded_by) FROM credit_meeting ORDER BY meeting_id DESC LIMIT 1), 'lyon meeting_lyon', '003-14 under the name of who held it');
SELECT is((SELECT string_agg(DISTINCT agency, ' ') FROM credit_meeting_line WHERE meeting_id = (SELECT max(meeting_id) FROM credit_meeting)), 'lyon', '003-14 with its lines');
SELECT * FROM finish();
ROLLBACK;
