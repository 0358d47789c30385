-- A month of the collection as it is worked: what falls due, a formal notice that
-- is refused, and one that goes, with what the lawyers do beside it.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('month') \g /dev/null
SET LOCAL search_path = month, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', no_limit = 'pass';

\ir common/dunning_days.sql

CREATE FUNCTION pg_temp.told(code text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', to_char(s.sent_on, 'FMMM-DD'), s.channel, 'L' || s.dunning_level), ', ' ORDER BY s.sent_on, s.action_id) FROM sent s WHERE s.code = told.code $$;

-- ---- before the due date --------------------------------------------------------
-- Due on Thursday 12 March: five days before is Saturday, so Friday the 6th; seven is Thursday the 5th; ten is Monday the 2nd.
SELECT pg_temp.owes('A5', 'A', '2026-03-12', 1000), pg_temp.owes('C7', 'C', '2026-03-12', 1000), pg_temp.owes('D10', 'D', '2026-03-12', 1000),
       pg_temp.owes('A4', 'A', '2026-03-12', 999.99), pg_temp.owes('AL', 'A', '2026-03-12', 1000), pg_temp.owes('NO', 'A', '2026-03-12', 1000) \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (customer_id('AL'), 'AL-0', '2026-01-27', '2026-02-26', 500);
INSERT INTO dunning_strategy (code, name, rank) VALUES ('afterwards', 'Nothing before the due date', 300) RETURNING strategy_id AS silent \gset
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) VALUES (:silent, 1, 5, 'e-mail', 1, 'friendly_reminder');
SELECT activate_strategy(:silent) \g /dev/null
SELECT instruct_dunning(customer_id('NO'), 'strategy', 'asked for it', strategy => 'afterwards') \g /dev/null
SELECT is_empty('SELECT FROM dunning_action', '001-31 before: the queue is empty');
SELECT pg_temp.live('2026-03-02', '2026-03-05') \g /dev/null
SELECT is_empty($$SELECT FROM sent WHERE code = 'A5'$$, '001-31 nothing six days before');
SELECT pg_temp.night('2026-03-06') \g /dev/null
SELECT results_eq($$SELECT q.channel, q.dunning_level, q.amount, q.status FROM dunning_queue q WHERE q.code = 'A5'$$, $$VALUES ('e-mail', 0, 1000.00::numeric, 'queued')$$, '001-31 the queue has the item five days before, when the strategy says so; a Saturday is the Friday before');
SELECT pg_temp.live('2026-03-06', '2026-03-12') \g /dev/null
SELECT is(pg_temp.told('A5'), '3-06 e-mail L0', '001-31 low risk: once');
SELECT is(pg_temp.told('C7'), '3-05 e-mail L0', '001-31 moderate risk: seven days before');
SELECT is(pg_temp.told('D10'), '3-02 e-mail L0, 3-09 call L0', '001-31 high risk: ten days before, and a call three days before');
SELECT is(pg_temp.told('A4'), NULL, '001-31 not below 1,000');
SELECT is(pg_temp.told('NO'), NULL, '001-31 not where the strategy has no such step');
SELECT is_empty($$SELECT FROM sent WHERE code = 'AL' AND dunning_level = 0$$, '001-31 silent while something is overdue');
SELECT matches((SELECT subject || body FROM sent WHERE code = 'A5'), 'falling due on 12 March 2026.*A5-1 .*1,000\.00', '001-31 what it says');
SELECT is_empty('SELECT * FROM verify()', '001-31 verify() is empty');
-- The due-date agenda: what falls due is there before, of the large ones also to call about.
SELECT pg_temp.owes('BIG', 'C', '2026-04-30', 60000) \g /dev/null
SELECT is((SELECT concat_ws(' ', kind, due_on, amount) FROM agenda(day => '2026-04-30') WHERE code = 'BIG'), (SELECT concat_ws(' ', 'pre_due_call', o.due_on, o.open_amount) FROM open_item o WHERE o.customer_id = customer_id('BIG')), '001-31 the agenda has the large item before it falls due');
SELECT is_empty($$SELECT FROM agenda(day => '2026-03-13') WHERE code = 'BIG'$$, '001-31 not weeks before');

-- ---- a formal notice that is refused ---------------------------------------------
SELECT pg_temp.live('2026-03-13', '2026-03-25') \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', d.channel, d.dunning_level, d.status), ', ' ORDER BY d.action_id) FROM dunning_action d WHERE d.customer_id = customer_id('D10') AND d.dunning_level = 4), 'registered 4 done, task 4 done', 'before: high risk, the formal notice and the lawyers'' measures');
SELECT pg_temp.owes('R', 'D', '2026-03-25', 1000), pg_temp.owes('S', 'D', '2026-03-25', 1000) \g /dev/null
CREATE FUNCTION pg_temp.unapproved(from_on date, to_on date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR day IN 0 .. to_on - from_on LOOP
        PERFORM pg_temp.night(from_on + day);
        INSERT INTO sent SELECT from_on + day, c.action_id, c.customer_id, c.code, c.currency, c.language, c.channel, c.dunning_level, c.template, c.amount, c.recipient, c.subject, c.body, c.attachments FROM claim_actions('w', 1000) c;
        PERFORM complete_action(d.action_id, d.claim_token) FROM (SELECT x.action_id, x.claim_token FROM dunning_action x WHERE x.status = 'claimed' ORDER BY x.action_id) d;
    END LOOP;
END $$;
SELECT pg_temp.unapproved('2026-03-26', '2026-04-08') \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', c.code, d.channel, d.status), ', ' ORDER BY c.code, d.action_id) FROM dunning_action d JOIN customer c USING (customer_id) WHERE c.code IN ('R', 'S') AND d.dunning_level = 4),
          'R registered proposed, R task done, S registered proposed, S task done', '001-34 before: the notice waits for approval, the measures were taken');
SELECT reject_action(action_id, 'sales call the director', until => '2026-05-04') FROM dunning_action WHERE customer_id = customer_id('R') AND status = 'proposed' \g /dev/null
SELECT is((SELECT string_agg(code || ' ' || kind, ', ' ORDER BY code) FROM agenda() WHERE code IN ('R', 'S')), 'S formal_notice', '001-46 the agenda has the one that waits for approval');
SELECT open_dispute(pg_temp.invoice('S-1'), reason => 'not ordered') AS contested \gset
SELECT is_empty($$SELECT FROM agenda() WHERE code = 'S' AND kind = 'formal_notice'$$, '001-46 not while all of it is contested');
SELECT is((SELECT concat_ws('/', o.step_no, o.dunning_level, o.next_action_on) FROM open_item o WHERE o.customer_id = customer_id('R')), '5/3/2026-05-04', '001-34 refused: level 3, though the measures were taken');
SELECT pg_temp.unapproved('2026-04-09', '2026-05-03') \g /dev/null
SELECT is_empty($$SELECT FROM dunning_action WHERE dunning_level = 5$$ || format(' AND customer_id IN (%s, %s)', customer_id('R'), customer_id('S')), '001-34 no litigation without a formal notice');
SELECT pg_temp.unapproved('2026-05-04', '2026-05-25') \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', d.run_on, d.channel, d.status), ', ' ORDER BY d.action_id) FROM dunning_action d WHERE d.customer_id = customer_id('R') AND d.run_on >= '2026-05-04'),
          '2026-05-04 registered proposed, 2026-05-04 task done', '001-34 on the day it is proposed again, the measures with it, and nothing goes beyond');
SELECT resolve_dispute(:contested, 'rejected', 'none') \g /dev/null
SELECT pg_temp.unapproved('2026-05-26', '2026-06-05') \g /dev/null
SELECT is((SELECT concat_ws(' ', max(d.dunning_level), string_agg(d.status, ' ' ORDER BY d.action_id) FILTER (WHERE d.channel = 'registered')) FROM dunning_action d WHERE d.customer_id = customer_id('S')), '4 proposed', '001-34 contested and settled while it waits: the same formal notice, not the litigation');
SELECT pg_temp.live('2026-06-08', '2026-06-30') \g /dev/null
SELECT is((SELECT string_agg(s.dunning_level || ' ' || s.channel, ', ' ORDER BY s.sent_on, s.action_id) FROM sent s WHERE s.code = 'R' AND s.sent_on >= '2026-06-08'), '4 registered, 5 task', '001-34 approved it leaves, and the litigation follows');
SELECT cmp_ok((SELECT abs(n.interest + n.indemnity - l.amount) FROM dunning_notice n, late_interest(pg_temp.invoice('R-1'), n.rendered_on) l WHERE n.customer_id = customer_id('R') AND n.dunning_level = 5), '<=', 0.01,
          '001-34 and says, to the cent that the note is rounded by, all the interest and the indemnity that are owed, though a note of them is proposed');
SELECT is_empty($$SELECT s.code, s.sent_on FROM sent s WHERE s.channel <> 'task' GROUP BY 1, 2 HAVING count(*) > 1$$, '001-33 nobody heard of us twice on a day');
SELECT is(next_action(strategy_id, '2026-03-08', 7, '2026-03-20', NULL), date '2026-03-31', '001-34 a notice of Friday gives until Monday, for its eighth day is a Saturday: the litigation comes after it')
FROM dunning_strategy WHERE code = 'high' AND status = 'active';
SELECT is_empty('SELECT * FROM verify()', '001-34 verify() is empty');
SELECT * FROM finish();
ROLLBACK;
