-- The watch on scores and classes, and the watch list by rules: rows 002-14
-- and 002-15 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('scored') \g /dev/null
SET LOCAL search_path = scored, credit_risk, public, pg_temp;
UPDATE ledger SET pinned_date = '2026-01-05';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (99, 'S20', 'Site of 20', 20);
-- 2000 each, below class_policy.review_from, so that classes take effect at once; 9 has little, 30 nothing.
INSERT INTO invoice (customer_id, invoice_no, amount, due_on) SELECT i, 'F' || i, CASE WHEN i = 9 THEN 500 ELSE 2000 END, '2026-12-31' FROM generate_series(1, 29) i;
CREATE FUNCTION pg_temp.score(id bigint, rating numeric, role text DEFAULT 'champion', model text DEFAULT 'trade', capped_to text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO scored.customer_score (customer_id, as_of, known_at, role, model_id, score, rating, pd, score_class, risk_class, unscored, reason)
    SELECT id, scored.business_date(), clock_timestamp(), role, m.model_id, rating, rating, 0.01, scored.class_of(rating), coalesce(capped_to, scored.class_of(rating)),
           CASE WHEN rating IS NULL THEN 'coverage' END, 'test'
    FROM scored.score_model m WHERE m.model = score.model AND m.status = 'active' $$;
CREATE FUNCTION pg_temp.alerts(id bigint, of_kind text DEFAULT '%') RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(kind, ', ' ORDER BY kind), 'none') FROM scored.open_alert WHERE customer_id = id AND kind LIKE of_kind $$;
CREATE FUNCTION pg_temp.listed(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(coalesce(rule, 'a person'), ', ' ORDER BY rule NULLS FIRST), 'none') FROM scored.watched_customer WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE scored.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.count_of(id bigint, of_kind text) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM scored.alert WHERE customer_id = id AND kind = of_kind $$;

-- 002-15 A score that falls -------------------------------------------------------------------
SELECT is(pg_temp.alerts(1), 'none', '002-15 before: no alert');
SELECT pg_temp.score(1, 75) \g /dev/null
SELECT is(pg_temp.alerts(1), 'none', '002-15 a first score is no fall');
SELECT pg_temp.day('2026-01-20'), pg_temp.score(1, 78) \g /dev/null
SELECT is(pg_temp.alerts(1), 'none', '002-15 improvement does not alert');
SELECT pg_temp.day('2026-02-01'), pg_temp.score(1, 68.01) \g /dev/null
SELECT is(pg_temp.alerts(1), 'none', '002-15 9.99 points below the best: not yet');
SELECT pg_temp.day('2026-02-10'), pg_temp.score(1, 68) \g /dev/null
SELECT results_eq($$SELECT kind, key, severity, message_en, message_fr, figures, department, opened_on FROM open_alert WHERE customer_id = 1$$,
  $$VALUES ('score_drop', '', 'warning', 'Score 68 is 10 points below 78 of 2026-01-20 (trade_v1)', 'Score de 68, 10 points sous celui de 78 du 2026-01-20 (trade_v1)',
            '{"best": 78, "model": "trade_v1", "points": 10, "rating": 68, "best_on": "2026-01-20"}'::jsonb, 'credit', date '2026-02-10')$$,
  '002-15 10 points below it: in the transaction that keeps the score, with figures');
SELECT alert_id AS fall FROM open_alert WHERE customer_id = 1 \gset
SELECT pg_temp.score(1, 66) \g /dev/null
SELECT results_eq('SELECT alert_id, figures->>''points'' FROM alert WHERE customer_id = 1', format('VALUES (%s::bigint, ''12'')', :fall), '002-15 falling on it is the same alert, brought up to date');
SELECT is(watch_scores(), 0::bigint, '002-15 the night finds nothing to add');
SELECT is(acknowledge_alert(:fall, 'known'), '2026-02-10'::date, '002-15 somebody takes note');
SELECT is(pg_temp.alerts(1), 'score_drop', '002-15 the state lasts');
SELECT pg_temp.day('2026-02-15'), pg_temp.score(1, 69) \g /dev/null
SELECT results_eq('SELECT closed_on, closed_at > recorded_at FROM alert WHERE customer_id = 1', $$VALUES (date '2026-02-15', true)$$, '002-15 within 10 points again it is closed by itself');
SELECT pg_temp.day('2026-02-20'), pg_temp.score(1, 67) \g /dev/null
SELECT is(pg_temp.count_of(1, 'score_drop'), 2::bigint, '002-15 and falling again it is another one');
-- The window: 78 was in force until 1 February.
SELECT pg_temp.day('2026-05-01') \g /dev/null
SELECT is(watch_scores(), 0::bigint, '002-15 on the 89th day after the best score ended it is open');
SELECT pg_temp.day('2026-05-02') \g /dev/null
SELECT is(watch_scores(), 1::bigint, '002-15 on the 90th the window has passed it by');
SELECT is(pg_temp.alerts(1), 'none', '002-15 which closes it, by the night');
SELECT is(watch_scores(), 0::bigint, '002-15 and the night is done');
-- Only the champion, only the same model, only from an exposure on.
SELECT pg_temp.score(2, 90), pg_temp.score(2, 40, 'challenger'), pg_temp.score(3, 90), pg_temp.score(3, 70, 'champion', 'prospect'), pg_temp.score(9, 79), pg_temp.score(9, 66), pg_temp.score(4, 79), pg_temp.score(4, NULL) \g /dev/null
SELECT results_eq('SELECT i, pg_temp.alerts(i, ''score_drop'') FROM unnest(ARRAY[2, 3, 9, 4]) i', $$VALUES (2, 'none'), (3, 'none'), (9, 'none'), (4, 'none')$$,
  '002-15 neither a challenger, nor another model, nor 500 of exposure, nor a score that is missing');
SELECT pg_temp.score(4, 65) \g /dev/null
SELECT is(pg_temp.alerts(4, 'score_drop'), 'score_drop', '002-15 after a missing score the one before it counts');
SELECT pg_temp.score(4, NULL) \g /dev/null
SELECT is(pg_temp.alerts(4, 'score_drop'), 'score_drop', '002-15 and a score that is missing ends nothing');
INSERT INTO invoice (customer_id, invoice_no, amount, due_on) VALUES (9, 'F9b', 500, '2026-12-31');
SELECT is(pg_temp.alerts(9), 'none', '002-15 an invoice raises the exposure to 1000');
SELECT cmp_ok(watch_scores(), '>=', 1::bigint, '002-15 which the night sees');
SELECT is(pg_temp.alerts(9), 'score_drop', '002-15 and tells');
UPDATE alert_rule SET value = 15 WHERE kind = 'score_drop' AND parameter = 'points';
SELECT is(watch_scores(1), 1::bigint, '002-15 a threshold of one''s own, one customer at a time');
SELECT is(watch_scores(1), 1::bigint, '002-15 and the next');
SELECT is(watch_scores(1), 0::bigint, '002-15 until nobody is left');
SELECT is((SELECT count(*) FROM open_alert WHERE kind = 'score_drop'), 0::bigint, '002-15 none is as far below');
UPDATE alert_rule SET value = 10 WHERE kind = 'score_drop' AND parameter = 'points';
UPDATE alert_kind SET active = false WHERE kind = 'score_drop';
SELECT is(watch_scores(), 0::bigint, '002-15 of a kind that is not active none is raised');
UPDATE alert_kind SET active = true, lasting = false WHERE kind = 'score_drop';
SELECT is(watch_scores(), 0::bigint, '002-15 as an event it is raised once and not again');
UPDATE alert_kind SET lasting = true WHERE kind = 'score_drop';
SELECT is(watch_scores(), 2::bigint, '002-15 as a state it is');
-- No look-ahead.
SELECT clock_timestamp() AS instant \gset
CREATE TEMPORARY TABLE drops AS SELECT * FROM score_drops(NULL, '2026-05-02', :'instant');
SELECT pg_temp.score(1, 20), pg_temp.day('2026-05-03'), pg_temp.score(9, 20), pg_temp.score(4, 99) \g /dev/null
SELECT set_eq(format($$SELECT d::text FROM score_drops(NULL, '2026-05-02', %L) d$$, :'instant'), 'SELECT d::text FROM drops d', '002-15 what is dated or recorded later changes no fall of before');

-- 002-15 A class that is worse ----------------------------------------------------------------
SELECT pg_temp.score(i, 82) FROM generate_series(5, 8) i \g /dev/null
SELECT is(pg_temp.alerts(5, 'class%'), 'none', '002-15 a first class is no downgrade');
SELECT pg_temp.score(5, 76) \g /dev/null
SELECT results_eq($$SELECT severity, message_en, message_fr, figures->>'risk_class', figures->>'former_class' FROM open_alert WHERE customer_id = 5$$,
  $$VALUES ('warning', 'Class B in place of class A', 'Classe B au lieu de A', 'B', 'A')$$, '002-15 a worse class, though the score fell by 6 only');
SELECT pg_temp.score(5, 73) \g /dev/null
SELECT is(pg_temp.count_of(5, 'class_downgrade'), 1::bigint, '002-15 the same class again is the same alert');
SELECT pg_temp.score(5, 40) \g /dev/null
SELECT results_eq($$SELECT count(*), max(message_en), max(severity) FROM alert WHERE customer_id = 5 AND kind = 'class_downgrade'$$,
  $$VALUES (1::bigint, 'Class D in place of class A', 'critical')$$, '002-15 worse still is the same alert, critical now that the class is red');
SELECT pg_temp.score(5, 70) \g /dev/null
SELECT is((SELECT message_en FROM open_alert WHERE customer_id = 5 AND kind = 'class_downgrade'), 'Class B in place of class A', '002-15 better than that, but not what it was: open');
SELECT pg_temp.score(5, 81) \g /dev/null
SELECT is(pg_temp.alerts(5), 'none', '002-15 the former class reached: closed');
SELECT pg_temp.score(5, 70) \g /dev/null
SELECT is(pg_temp.count_of(5, 'class_downgrade'), 2::bigint, '002-15 lost again it is another downgrade');
SELECT acknowledge_alert(alert_id, 'seen') FROM open_alert WHERE customer_id = 5 AND kind = 'class_downgrade' \g /dev/null
SELECT is(pg_temp.alerts(5, 'class%'), 'none', '002-15 taken note of, it is closed');
SELECT watch_scores() \g /dev/null
SELECT is(watch_scores() + watch_scores(), 0::bigint, '002-15 and the night does not raise it again');
SELECT is(pg_temp.count_of(5, 'class_downgrade'), 2::bigint, '002-15 it is on record once');
SELECT pg_temp.score(5, 69) \g /dev/null
SELECT is(pg_temp.count_of(5, 'class_downgrade'), 2::bigint, '002-15 nor another score of that class');
SELECT pg_temp.score(5, 55) \g /dev/null
SELECT is((SELECT message_en FROM open_alert WHERE customer_id = 5 AND kind = 'class_downgrade'), 'Class C in place of class B', '002-15 a worse one is news');
-- By a person, by a host, and where there is no class.
SELECT override_class(6, 'D', 'a rumour') \g /dev/null
SELECT is((SELECT message_en FROM open_alert WHERE customer_id = 6 AND kind = 'class_downgrade'), 'Class D in place of class A', '002-15 a class given by hand is news too');
SELECT end_class_override(6, 'no more than that') \g /dev/null
SELECT is(pg_temp.alerts(6), 'none', '002-15 which ends with it');
SELECT override_class(7, 'A', 'the same') \g /dev/null
UPDATE customer SET risk_class = 'C' WHERE customer_id IN (7, 30);
SELECT is(pg_temp.alerts(7), 'class_downgrade', '002-15 one written in customer');
UPDATE customer SET risk_class = 'A' WHERE customer_id IN (7, 30);
SELECT is(pg_temp.alerts(7), 'none', '002-15 and taken back');
UPDATE customer SET risk_class = 'E' WHERE customer_id = 30;
SELECT is(pg_temp.alerts(30), 'none', '002-15 below the least exposure none is raised');
SELECT pg_temp.score(8, NULL) \g /dev/null
SELECT results_eq('SELECT c.risk_class, pg_temp.alerts(8) FROM customer c WHERE customer_id = 8', $$VALUES (NULL::text, 'none')$$, '002-15 no class is no downgrade');
SELECT pg_temp.score(8, 60) \g /dev/null
SELECT is((SELECT message_en FROM open_alert WHERE customer_id = 8 AND kind = 'class_downgrade'), 'Class C in place of class A', '002-15 but does not hide one');
SELECT pg_temp.score(8, NULL) \g /dev/null
SELECT is(pg_temp.alerts(8, 'class%'), 'class_downgrade', '002-15 nor end it');
UPDATE customer SET risk_class = 'B' WHERE customer_id = 99;
UPDATE customer SET risk_class = 'C' WHERE customer_id = 99;
SELECT is(pg_temp.alerts(99), 'class_downgrade', '002-15 of a site the exposure of its payer counts');
SELECT pg_temp.day('2026-09-01') \g /dev/null
SELECT is(pg_temp.alerts(99), 'class_downgrade', '002-15 months later it is open');
SELECT watch_scores() \g /dev/null
SELECT is(pg_temp.alerts(99), 'class_downgrade', '002-15 until somebody takes note');

-- 002-14 The watch list by rules ----------------------------------------------------------------
-- Two customers whose alerts of above are critical are there already: by their alert.
UPDATE watch_rule SET active = false;
SELECT watch_scores() \g /dev/null
SELECT is_empty('SELECT * FROM watched_customer', '002-14 without rules nobody is on the list');
SELECT cmp_ok((SELECT count(*) FROM watch_list WHERE rule IS NOT NULL AND outcome LIKE 'rule "%" is not active any more'), '>=', 1::bigint, '002-14 and who was there is told why he is not');
UPDATE watch_rule SET active = true;
SELECT watch_scores() \g /dev/null
SELECT is(pg_temp.listed(i), 'none', '002-14 before: ' || i || ' is not on the list') FROM generate_series(10, 19) i;
SELECT set_eq('SELECT rule, from_class, alert_severity, min_exposure, days_between_scores FROM watch_rule WHERE active',
  $$VALUES ('high_risk', 'D', NULL, 1000::numeric, 7), ('critical_alert', NULL, 'critical', 1000, 7)$$, '002-14 the rules of the house');
UPDATE customer SET risk_class = CASE customer_id WHEN 10 THEN 'D' WHEN 11 THEN 'C' WHEN 31 THEN 'E' ELSE 'E' END WHERE customer_id IN (10, 11, 12, 31);
SELECT results_eq('SELECT i, pg_temp.listed(i) FROM unnest(ARRAY[10, 11, 12, 31]) i', $$VALUES (10, 'high_risk'), (11, 'none'), (12, 'high_risk'), (31, 'none')$$,
  '002-14 class D or worse, at once; not class C, not without exposure');
SELECT results_eq('SELECT since, reason, rule, until, "by" = current_user FROM watched_customer WHERE customer_id = 10', $$VALUES (date '2026-09-01', 'Class of high risk (class D, exposure 2000)', 'high_risk', NULL::date, true)$$,
  '002-14 the list shows the rule and why');
UPDATE customer SET risk_class = 'E' WHERE customer_id = 10;
SELECT is((SELECT count(*) FROM watch_list WHERE customer_id = 10), 1::bigint, '002-14 once');
INSERT INTO invoice (customer_id, invoice_no, amount, due_on) VALUES (31, 'F31', 1500, '2026-12-31');
SELECT is(watch_scores(), 1::bigint, '002-14 with exposure the night puts it there');
SELECT is(pg_temp.listed(31), 'high_risk', '002-14 31 is on the list');
-- A person beside a rule.
SELECT watch_customer(10, 'somebody called') AS person \gset
SELECT watch_customer(13, 'somebody called') \g /dev/null
SELECT is(pg_temp.listed(10), 'a person, high_risk', '002-14 a person may put there who is there by a rule');
UPDATE customer SET risk_class = 'B' WHERE customer_id IN (10, 12);
SELECT is(pg_temp.listed(12), 'high_risk', '002-14 a better class stays there for the day');
SELECT is(watch_scores(1), 1::bigint, '002-14 and leaves with the night');
SELECT is(watch_scores(1), 1::bigint, '002-14 one after the other');
SELECT is(watch_scores(1), 0::bigint, '002-14 until nobody is left');
SELECT results_eq('SELECT closed_on, outcome FROM watch_list WHERE customer_id = 12', $$VALUES (date '2026-09-01', 'no rule holds any more (class B, exposure 2000)')$$, '002-14 the outcome says why');
SELECT is(pg_temp.listed(10), 'a person', '002-14 what a person put there no rule takes off');
SELECT is(pg_temp.listed(13), 'a person', '002-14 nor of whom no rule spoke');
SELECT is(unwatch_customer(10, 'nothing in it'), :person::bigint, '002-14 the person takes it off');
UPDATE customer SET risk_class = 'D' WHERE customer_id = 10;
SELECT throws_ok('SELECT unwatch_customer(10, ''x'')', 'CR012', 'customer 10 is not on the watch list by a person', '002-14 a person does not take off what a rule put there');
-- By an alert, of the customer or of its site.
SELECT raise_alert(14, 'utilization', 'x', 'critical', 'x', 'x'), raise_alert(15, 'utilization', 'x', 'warning', 'x', 'x'), raise_alert(99, 'utilization', 'x', 'critical', 'x', 'x') \g /dev/null
SELECT results_eq('SELECT i, pg_temp.listed(i) FROM unnest(ARRAY[14, 15, 20, 99]) i', $$VALUES (14, 'critical_alert'), (15, 'none'), (20, 'critical_alert'), (99, 'none')$$,
  '002-14 an open critical alert, at once, also that of a site; not a warning');
SELECT clear_alert(99, 'utilization', 'x') \g /dev/null
SELECT watch_scores() \g /dev/null
SELECT is(pg_temp.listed(20), 'none', '002-14 with the alert it leaves');
-- Rules of one's own.
INSERT INTO watch_rule (rule, score_drop, min_exposure, days_between_scores, name_en, name_fr) VALUES ('falling', 5, 0, 3, 'Falling', 'En baisse');
INSERT INTO watch_rule (rule, alert_kind, min_exposure, name_en, name_fr) VALUES ('used_up', 'utilization', 0, 'Used up', 'Épuisé');
INSERT INTO watch_rule (rule, from_class, min_exposure, name_en, name_fr) VALUES ('large', 'C', 3000, 'Large', 'Gros');
SELECT watch_scores() \g /dev/null
SELECT is(pg_temp.listed(15), 'used_up', '002-14 an alert of a kind');
SELECT pg_temp.score(16, 60) \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, amount, due_on) VALUES (16, 'F16b', 1000, '2026-12-31');
SELECT watch_scores() \g /dev/null
SELECT is(pg_temp.listed(16), 'large', '002-14 a class and an exposure together');
SELECT pg_temp.score(16, 56), pg_temp.score(17, 75), pg_temp.score(17, 70) \g /dev/null
SELECT is(pg_temp.listed(17), 'falling', '002-14 a score that fell, in the transaction that keeps it');
SELECT pg_temp.score(16, 55) \g /dev/null
SELECT watch_scores() \g /dev/null
SELECT results_eq('SELECT rule, outcome FROM watch_list WHERE customer_id = 16 ORDER BY watch_id', $$VALUES ('large', 'rule "falling" goes before it'), ('falling', NULL)$$, '002-14 of several rules the one that scores most often');
-- As often as the rule says.
UPDATE ledger SET scoring = 'night';
SELECT pg_temp.day('2026-09-10') \g /dev/null
SELECT count(*) FROM generate_series(1, 9) WHERE score_due() > 0 \g /dev/null
SELECT results_eq('SELECT DISTINCT scored_on FROM score_state', $$VALUES (date '2026-09-10')$$, '002-14 the night scores everybody once');
UPDATE watch_rule SET active = false WHERE rule NOT IN ('high_risk', 'falling');
SELECT watch_scores() \g /dev/null
SELECT pg_temp.day('2026-09-12'), score_due() \g /dev/null
SELECT is((SELECT count(*) FROM score_state WHERE scored_on > '2026-09-10'), 0::bigint, '002-14 two days later nobody is due');
CREATE TEMPORARY TABLE entry AS SELECT customer_id, rule FROM watch_list WHERE rule IS NOT NULL AND closed_on IS NULL;
SELECT pg_temp.day('2026-09-13'), score_due() \g /dev/null
SELECT set_eq($$SELECT customer_id FROM score_state WHERE scored_on = '2026-09-13'$$, $$SELECT customer_id FROM entry WHERE rule = 'falling'$$, '002-14 after three days those of the rule of three days are scored again');
SELECT pg_temp.day('2026-09-17'), score_due() \g /dev/null
SELECT ok((SELECT bool_and(s.scored_on = '2026-09-17') FROM entry e JOIN score_state s USING (customer_id) WHERE e.rule = 'high_risk'), '002-14 after seven days those of class D');
SELECT ok((SELECT bool_and(scored_on = '2026-09-10') FROM score_state WHERE customer_id NOT IN (SELECT customer_id FROM entry)), '002-14 and nobody else');
-- A new external event.
UPDATE watch_rule SET active = rule = 'high_risk';
UPDATE ledger SET scoring = 'event';
SELECT max(score_id) AS last_score FROM customer_score \gset
SELECT is(pg_temp.listed(18), 'none', '002-14 before: nothing is known of 18');
SELECT open_proceeding(18, 'liquidation', '2026-09-16') \g /dev/null
SET CONSTRAINTS ALL IMMEDIATE;
SELECT results_eq(format('SELECT customer_id, as_of, risk_class FROM customer_score WHERE role = ''champion'' AND score_id > %s', :last_score), $$VALUES (18::bigint, date '2026-09-17', 'E')$$, '002-14 a new external event: scored in the same transaction');
SELECT is(pg_temp.listed(18), 'high_risk', '002-14 and on the watch list, by its class');
SET CONSTRAINTS ALL DEFERRED;
-- Without scores.
UPDATE ledger SET scoring = 'off';
UPDATE customer SET risk_class = 'E' WHERE customer_id = 19;
SELECT is(pg_temp.listed(19), 'high_risk', '002-14 a ledger that does not score has its list, too');
SELECT is(score_due(), 0::bigint, '002-14 and no scores');
SELECT watch_scores() \g /dev/null
SELECT set_eq('SELECT customer_id, rule FROM watch_list WHERE rule IS NOT NULL AND closed_on IS NULL', 'SELECT customer_id, rule FROM watch_due(NULL)', '002-14 the list has whom the rules ask for, by their rule');

SELECT throws_ok(s, e, NULL, '002-14 ' || s) FROM (VALUES
    ('INSERT INTO watch_rule (rule, min_exposure, name_en, name_fr) VALUES (''x'', 0, ''x'', ''x'')', '23514'), ('INSERT INTO watch_rule (rule, name_en, name_fr) VALUES (''X y'', ''x'', ''x'')', '23514'),
    ('INSERT INTO watch_rule (rule, from_class, name_en, name_fr) VALUES (''x'', ''dd'', ''x'', ''x'')', '23514'), ('INSERT INTO watch_rule (rule, score_drop, name_en, name_fr) VALUES (''x'', 0, ''x'', ''x'')', '23514'),
    ('INSERT INTO watch_rule (rule, score_drop, name_en, name_fr) VALUES (''x'', ''NaN'', ''x'', ''x'')', '23514'), ('INSERT INTO watch_rule (rule, alert_kind, name_en, name_fr) VALUES (''x'', ''none'', ''x'', ''x'')', '23503'),
    ('INSERT INTO watch_rule (rule, alert_severity, name_en, name_fr) VALUES (''x'', ''bad'', ''x'', ''x'')', '23514'), ('INSERT INTO watch_rule (rule, min_exposure, name_en, name_fr) VALUES (''x'', ''NaN'', ''x'', ''x'')', '23514'),
    ('INSERT INTO watch_rule (rule, days_between_scores, name_en, name_fr) VALUES (''x'', 0, ''x'', ''x'')', '23514'), ('INSERT INTO watch_rule (rule, name_en, name_fr) VALUES (''high_risk'', ''x'', ''x'')', '23505'),
    ('DELETE FROM watch_rule WHERE rule = ''high_risk''', '23503'), ('TRUNCATE watch_rule CASCADE', 'CR010'), ('UPDATE watch_list SET rule = ''falling'' WHERE customer_id = 19', 'CR010'),
    ('INSERT INTO watch_list (customer_id, rule, reason, opened_on) VALUES (21, ''none'', ''x'', business_date())', '23503'), ('SELECT unwatch_customer(21, ''x'')', 'CR012'), ('SELECT watch_customer(13, ''x'')', 'CR012')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', '002-14 the books are right');
SELECT * FROM finish();
ROLLBACK;
