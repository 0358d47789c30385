-- Who answers for a customer, and what people say to each other about it: rows
-- 004-10 and 000-08 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('people') \g /dev/null
SET LOCAL search_path = people, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO agency (agency, name, manager) VALUES ('north', 'Région Nord', 'nora');
INSERT INTO agency (agency, name, parent, manager, owner, owner_kind) VALUES ('lille', 'Agence de Lille', 'north', 'luc', 'lea', 'person'), ('lyon', 'Agence de Lyon', NULL, 'yves', NULL, NULL);
INSERT INTO customer (customer_id, code, name, agency, policy_group) VALUES (1, 'C1', 'Alpha', NULL, 'bakers'), (2, 'C2', 'Beta', 'lyon', 'bakers'), (3, 'C3', 'Gamma', 'lille', NULL), (4, 'C4', 'Delta', 'north', NULL);
CREATE FUNCTION pg_temp.owner(id bigint, day date, known timestamptz DEFAULT 'infinity') RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', owner, owner_kind, CASE WHEN is_default THEN 'by default' END), ', ') FROM people.credit_owner_as_of(id, day, known) $$;
-- Exactly one, whatever the day: never none, never two.
CREATE FUNCTION pg_temp.exactly_one(what text) RETURNS text LANGUAGE sql AS $f$
SELECT is_empty($q$SELECT c.customer_id, d::date, count(o.owner) FROM people.customer c CROSS JOIN generate_series(date '2025-12-01', '2026-12-31', interval '1 day') d
    LEFT JOIN LATERAL people.credit_owner_as_of(c.customer_id, d::date) o ON true GROUP BY 1, 2 HAVING count(o.owner) <> 1$q$,
    '004-10 ' || what || ': every account has exactly one credit owner on every day') $f$;

-- 004-10 -----------------------------------------------------------------------------
SELECT pg_temp.exactly_one('before any assignment');
SELECT results_eq('SELECT code, owner, owner_kind, agency, is_default, acting_owner FROM credit_owner ORDER BY code', $$VALUES
    ('C1', 'credit department', 'team', NULL, true, 'credit department'), ('C2', 'credit department', 'team', 'lyon', true, 'credit department'),
    ('C3', 'lea', 'person', 'lille', false, 'lea'), ('C4', 'credit department', 'team', 'north', true, 'credit department')$$, '004-10 by default, and by the agency that a customer comes to');
SELECT is(pg_temp.owner(3, '2026-03-01'), 'credit department team by default', '004-10 the day before it came, by default');
SELECT assign_owner(1, 'anna', 'salesperson', '2026-01-01', 'she sold it') AS first \gset
SELECT assign_owner(1, 'Cabinet Dupont', 'external', '2026-06-01', 'outsourced from June') \g /dev/null
SELECT is(pg_temp.owner(1, d::date), o, '004-10 owner on ' || d) FROM (VALUES ('2025-12-31', 'credit department team by default'), ('2026-01-01', 'anna salesperson'),
    ('2026-05-31', 'anna salesperson'), ('2026-06-01', 'Cabinet Dupont external'), ('2099-01-01', 'Cabinet Dupont external')) v (d, o);
SELECT pg_sleep(0.002), clock_timestamp() AS before_correction \gset
SELECT assign_owner(1, 'equipe-b2b', 'team', '2026-02-01', 'since February in truth') \g /dev/null
SELECT is(pg_temp.owner(1, '2026-02-15'), 'equipe-b2b team', '004-10 a correction of the past');
SELECT is(pg_temp.owner(1, '2026-02-15', :'before_correction'), 'anna salesperson', '004-10 what was known before it can still be asked');
SELECT is(pg_temp.owner(1, '2026-06-01'), 'Cabinet Dupont external', '004-10 what is planned stays');
SELECT assign_owner(1, 'bruno', 'person', '2026-02-01', 'it is Bruno') \g /dev/null
SELECT is(pg_temp.owner(1, '2026-02-15'), 'bruno person', '004-10 of one day the last recorded counts');
SELECT pg_temp.exactly_one('assigned, corrected, planned');
INSERT INTO default_owner (owner, owner_kind, valid_from, reason) VALUES ('shared service centre', 'external', '2026-04-01', 'moved');
SELECT is(pg_temp.owner(4, '2026-03-31') || ', ' || pg_temp.owner(4, '2026-04-01'), 'credit department team by default, shared service centre external by default', '004-10 another default from April');
SELECT pg_temp.exactly_one('another default');
-- A portfolio.
SELECT is(assign_portfolio('paul', agency => 'north', reason => 'new in the region'), 2::bigint, '004-10 a region and its agencies');
SELECT is(assign_portfolio('paul', agency => 'north', reason => 'new in the region'), 0::bigint, '004-10 again: nothing changes hands');
SELECT is(assign_portfolio('rosa', policy_group => 'bakers', former_owner => 'bruno', valid_from => '2026-03-10', reason => 'Bruno leaves'), 1::bigint, '004-10 what a group and an owner have in common');
SELECT is((SELECT string_agg(pg_temp.owner(c, '2026-03-10'), ', ' ORDER BY c) FROM generate_series(1, 4) c), 'rosa person, credit department team by default, paul person, paul person', '004-10 the portfolios changed hands');
SELECT is((SELECT count(*) FROM customer_timeline(3) WHERE event = 'owner_assigned' AND detail = 'responsible paul new in the region'), 1::bigint, '004-10 on record in the timeline');
UPDATE customer SET agency = 'lille' WHERE customer_id = 2;
SELECT is(pg_temp.owner(2, '2026-03-02'), 'lea person', '004-10 moved to an agency, it has the owner of that agency');
SELECT is((SELECT after FROM customer_event WHERE customer_id = 2 AND event = 'agency'), 'lille', '004-10 and the move is on record');
-- RACI.
SELECT assign_owner(1, 'nora', 'person', NULL, 'signs', 'accountable'), assign_owner(1, 'sven', 'person', NULL, 'signs now', 'accountable'),
       assign_owner(1, 'jurist', 'external', NULL, 'contracts', 'consulted'), assign_owner(1, 'anna', 'salesperson', NULL, 'sold it', 'informed'), assign_owner(1, 'ines', 'person', NULL, 'as well', 'informed') \g /dev/null
SELECT is((SELECT string_agg(role || ' ' || owner, ', ' ORDER BY role DESC, owner) FROM customer_raci WHERE customer_id = 1), 'responsible bruno, informed anna, informed ines, consulted jurist, accountable sven', '004-10 one responsible, one accountable, others');
SELECT release_owner(1, 'informed', 'anna', 'left'), release_owner(1, 'accountable', 'sven', 'left') \g /dev/null
SELECT is((SELECT string_agg(role || ' ' || owner, ', ' ORDER BY role DESC, owner) FROM customer_raci WHERE customer_id = 1), 'responsible bruno, informed ines, consulted jurist', '004-10 released');
SELECT is((SELECT count(*) FROM customer_raci r WHERE r.role = 'responsible'), (SELECT count(*) FROM customer), '004-10 each customer once in the role of the credit owner');
-- Absence.
SELECT record_absence('bruno', '2026-03-02', '2026-03-06', 'clara', 'holiday') AS away \gset
SELECT is((SELECT owner || ' ' || acting_owner FROM credit_owner WHERE customer_id = 1), 'bruno clara', '004-10 away: the substitute acts, the owner stays');
SELECT record_absence('clara', '2026-03-02', '2026-03-03', 'david') AS away2 \gset
SELECT is((SELECT acting_owner FROM credit_owner WHERE customer_id = 1), 'david', '004-10 the substitute is away too');
SELECT is(acting_owner('bruno', '2026-03-04') || acting_owner('bruno', '2026-03-07'), 'clarabruno', '004-10 then back, then all are back');
SELECT record_absence('david', '2026-03-02', '2026-03-02', 'bruno') \g /dev/null
SELECT is(acting_owner('bruno'), 'bruno', '004-10 nobody is there: it stays with the owner');
SELECT is(end_absence(:away2), '2026-03-02'::date, '004-10 back earlier');
SELECT is(acting_owner('bruno'), 'clara', '004-10 then the substitute acts again');
-- Merged.
SELECT merge_customer(4, 1, 'twice in the host') \g /dev/null
SELECT is(pg_temp.owner(4, '2026-03-02'), 'bruno person', '004-10 a merged record goes with the one that goes on');
SELECT assign_owner(1, 'emil', 'person', NULL, 'again') \g /dev/null
SELECT is(pg_temp.owner(4, '2026-03-02'), 'emil person', '004-10 and keeps with it');
SELECT pg_temp.exactly_one('after all of it');
SELECT throws_ok(s, e, NULL, '004-10 ' || s) FROM (VALUES
    ('UPDATE customer_owner SET owner = ''x''', 'CR010'), ('DELETE FROM customer_owner', 'CR010'), ('TRUNCATE customer_owner', 'CR010'), ('DELETE FROM default_owner', 'CR010'), ('UPDATE default_owner SET valid_from = ''2026-01-01''', 'CR010'),
    ('DELETE FROM owner_absence', 'CR010'), ('UPDATE owner_absence SET substitute = ''x''', 'CR010'),
    ('SELECT assign_owner(99, ''x'', reason => ''y'')', 'CR004'), ('SELECT assign_owner(NULL, ''x'', reason => ''y'')', 'CR004'), ('SELECT assign_owner(1, '''', reason => ''y'')', '22023'), ('SELECT assign_owner(1, ''x'')', '22023'),
    ('SELECT assign_owner(1, ''x'', ''robot'', NULL, ''y'')', '23514'), ('SELECT assign_owner(1, ''x'', ''person'', NULL, ''y'', ''boss'')', '23514'), ('SELECT assign_owner(1, ''x'', ''person'', ''infinity'', ''y'')', '23514'),
    ('SELECT release_owner(1, ''responsible'', ''emil'', ''x'')', 'CR012'), ('SELECT release_owner(1, ''informed'', ''anna'', ''x'')', 'CR012'), ('SELECT release_owner(1, ''informed'', ''ines'', NULL)', '22023'),
    ('INSERT INTO customer_owner (customer_id, owner, assigned, reason) VALUES (1, ''emil'', false, ''x'')', '23514'),
    ('SELECT assign_portfolio(''x'', reason => ''y'')', '22023'), ('SELECT assign_portfolio(''x'', agency => ''nice'', reason => ''y'')', '22023'), ('SELECT assign_portfolio(''x'', agency => ''lyon'')', '22023'),
    ('SELECT record_absence(''a'', ''2026-03-02'', ''2026-03-01'', ''b'')', '23514'), ('SELECT record_absence(''a'', ''2026-03-02'', ''2026-03-02'', ''a'')', '23514'),
    ('SELECT end_absence((SELECT min(absence_id) FROM owner_absence WHERE closed_on IS NOT NULL))', 'CR012'), ('SELECT end_absence(NULL)', 'CR012'),
    ('UPDATE agency SET parent = ''lille'' WHERE agency = ''north''', 'CR005'), ('UPDATE customer SET agency = ''nice'' WHERE customer_id = 1', '23503'), ('DELETE FROM agency WHERE agency = ''lille''', '23503'), ('TRUNCATE agency_member', 'CR010')) v (s, e);

-- 000-08 Comments and @department -------------------------------------------------------
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (1, 1, 'O1', 100);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (1, 1, 'F1', 100), (2, 2, 'F2', 100);
INSERT INTO dispute (customer_id, dispute_id, invoice_id, amount, reason, root_cause) VALUES (1, 1, 1, 40, 'two pallets broken', 'delivery');
SELECT is((SELECT count(*) FROM task WHERE kind LIKE 'comment %'), 0::bigint, '000-08 before: no task of a comment');
SELECT add_comment(1, 'calls back on Friday, writes from accounts@alpha.fr') AS plain \gset
SELECT is((SELECT count(*) FROM task WHERE kind LIKE 'comment %'), 0::bigint, '000-08 a comment that calls nobody (an e-mail address is no call) opens none');
SELECT add_comment(1, '@Logistics please check the two pallets, @quality too. Thanks @logistics!', dispute_id => 1) AS called \gset
SELECT results_eq($$SELECT department, owner, invoice_id, subject, due_on FROM task WHERE kind LIKE 'comment %' ORDER BY department$$, $$VALUES
    ('logistics', NULL, 1::bigint, 'dispute 1: @Logistics please check the two pallets, @quality too. Thanks @logistics!', date '2026-03-09'),
    ('quality', NULL, 1, 'dispute 1: @Logistics please check the two pallets, @quality too. Thanks @logistics!', '2026-03-16')$$, '000-08 @department opens a task for each department, once, with its deadline');
SELECT add_comment(1, 'same again, @logistics', dispute_id => 1) \g /dev/null
SELECT is((SELECT count(*) FROM task WHERE department = 'logistics' AND closed_on IS NULL AND kind LIKE 'comment %'), 2::bigint, '000-08 another comment, another task');
SELECT add_comment(1, '@emil, @lyon and @shared.service.centre: see the order', order_id => 1), add_comment(1, 'paid?', invoice_id => 1) \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', department, owner), ', ' ORDER BY department, owner) FROM task WHERE subject LIKE 'order O1: %'), 'credit emil, credit shared service centre, lyon', '000-08 a person and an agency are called likewise');
SELECT is((SELECT string_agg(concat_ws(' ', invoice_no, order_no, dispute_id, mentions, open_tasks), ', ' ORDER BY comment_id) FROM customer_discussion WHERE customer_id = 1),
    '0, 1 {logistics,quality} 2, 1 {logistics} 1, O1 {emil,lyon,"shared service centre"} 3, F1 0', '000-08 the discussion of the customer and its documents');
SELECT close_task(task_id, 'replaced') FROM task WHERE department = 'quality' AND closed_on IS NULL AND kind LIKE 'comment %' \g /dev/null
SELECT withdraw_comment(:called, 'wrong customer') \g /dev/null
SELECT is((SELECT string_agg(department || ' ' || t.outcome, ', ' ORDER BY department) FROM task t JOIN customer_comment_mention m USING (customer_id, task_id) WHERE m.comment_id = :called), 'logistics withdrawn, quality replaced', '000-08 taken back: its open task closes, the other stays as answered');
SELECT is_empty(format('SELECT FROM customer_discussion WHERE comment_id = %s', :called), '000-08 and it stands no longer');
SELECT is((SELECT string_agg(event, ' ' ORDER BY event_no) FROM customer_timeline(1) WHERE object = 'customer_comment'), 'commented commented commented commented commented comment_withdrawn', '000-08 but is on record');
SELECT throws_ok(s, e, NULL, '000-08 ' || s) FROM (VALUES
    ('SELECT add_comment(1, ''@logistcs, please'')', '22023'), ('SELECT add_comment(1, '' '')', '22023'), ('SELECT add_comment(1, NULL)', '22023'), ('SELECT add_comment(99, ''x'')', 'CR004'), ('SELECT add_comment(1, ''x'', invoice_id => 2)', '23503'),
    ('SELECT add_comment(1, ''x'', invoice_id => 1, order_id => 1)', '23514'), ('UPDATE customer_comment SET text = ''x''', 'CR010'), ('DELETE FROM customer_comment', 'CR010'), ('TRUNCATE customer_comment CASCADE', 'CR010'), ('DELETE FROM customer_comment_mention', 'CR010'),
    ('SELECT withdraw_comment(99, ''x'')', 'CR012'), ('SELECT withdraw_comment(NULL, ''x'')', 'CR012'), (format('SELECT withdraw_comment(%s, '''')', :plain), '22023'), (format('SELECT withdraw_comment(%s, ''x'')', :called), 'CR012'),
    ('INSERT INTO customer_comment (customer_id, text, reversal_of) SELECT customer_id, ''x'', comment_id FROM customer_comment WHERE reversal_of IS NOT NULL', 'CR012')) v (s, e);
SELECT is(mentions_in(t), m::text[], '000-08 called in: ' || t) FROM (VALUES ('', '{}'), ('@', '{}'), ('a@b.fr', '{}'), ('@@x', '{}'), ('(@a) @b, @c.', '{a,b,c}'), ('5 @ 10 @1st', '{}'), (E'\n@agence-lyon: «@équipe» café@x.fr', '{agence-lyon,équipe}')) v (t, m);
SELECT is_empty('SELECT * FROM verify()', '000-08 verify() is empty');

SELECT * FROM finish();
ROLLBACK;
