-- Risk classes, calculated and by hand: rows 000-09, 000-10, 003-16 and 004-05
-- of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('classes') \g /dev/null
SET LOCAL search_path = classes, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
INSERT INTO customer (customer_id, code, name, risk_class) VALUES (41, 'C41', 'Old friend', 'A'), (42, 'C42', 'Host', 'B');
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (50, 'S', 'Site', 1);
SELECT setval(pg_get_serial_sequence('customer', 'customer_id'), 100) \g /dev/null
-- Small ones owe 1,000, large ones (from 20 on) 5,000.
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on)
SELECT i, 'F' || i, CASE WHEN i < 20 THEN 1000 ELSE 5000 END, '2026-03-01', '2026-05-31' FROM generate_series(1, 42) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE classes.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.score(ids bigint[], class text, caps text[] DEFAULT '{}', role text DEFAULT 'champion', score_class text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO classes.customer_score (customer_id, as_of, known_at, role, model_id, score, rating, pd, score_class, risk_class, unscored, caps, reason)
    SELECT c, classes.business_date(), clock_timestamp(), score.role, (SELECT model_id FROM classes.score_model WHERE model = 'trade' AND status = 'active'),
           b.min_score, b.min_score, CASE WHEN class IS NOT NULL THEN 0.01 END, coalesce(score_class, class), class, CASE WHEN class IS NULL THEN 'coverage' END, caps, 'test'
    FROM unnest(ids) c LEFT JOIN classes.risk_class_band b ON b.risk_class = class $$;
CREATE FUNCTION pg_temp.class(id bigint) RETURNS text LANGUAGE sql AS $$ SELECT risk_class FROM classes.customer WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.both(id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s: manual %s, calculated %s, proposed %s', coalesce(risk_class, '-'), coalesce(manual_class, '-'), coalesce(calculated_class, '-'), coalesce(proposed_class, '-')) FROM classes.class_status WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.laws(what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT is_empty('SELECT * FROM classes.verify()', what || ': verify()');
    RETURN NEXT is_empty('SELECT customer_id, risk_class, class_in_force FROM classes.class_status WHERE risk_class IS DISTINCT FROM class_in_force', what || ': every customer has the class in force');
    RETURN NEXT is_empty('SELECT a.customer_id FROM classes.class_assignment a JOIN classes.class_assignment b ON a.customer_id = b.customer_id AND a.kind = b.kind AND a.class_assignment_id < b.class_assignment_id AND a.valid && b.valid', what || ': one class of a kind on a day');
    RETURN NEXT is_empty('SELECT customer_id FROM classes.task t WHERE kind = ''class_review'' AND closed_on IS NULL AND NOT EXISTS (SELECT FROM classes.class_proposal p WHERE p.customer_id = t.customer_id AND p.closed_on IS NULL)', what || ': no task without a proposal');
END $$;

-- 000-09 One value of a kind on a day ---------------------------------------------------
SELECT is(pg_temp.both(1), '-: manual -, calculated -, proposed -', '000-09 before: no class');
SELECT pg_temp.score('{1}', 'C') \g /dev/null
SELECT is(pg_temp.both(1), 'C: manual -, calculated C, proposed -', '000-09 the score gives the class');
SELECT pg_temp.score('{1}', 'B'), pg_temp.score('{1}', 'B') \g /dev/null
SELECT results_eq('SELECT risk_class, isempty(valid), outcome FROM class_assignment WHERE customer_id = 1 ORDER BY class_assignment_id',
    $$VALUES ('C', true, 'recalculated'), ('B', false, NULL)$$, '000-09 another one on the same day: it holds for the day, the first stays on record');
SELECT pg_temp.day('2026-04-10') \g /dev/null
SELECT pg_temp.score('{1}', 'D') \g /dev/null
SELECT results_eq('SELECT risk_class, valid FROM class_assignment WHERE customer_id = 1 AND NOT isempty(valid) ORDER BY 1',
    $$VALUES ('B', daterange('2026-03-31', '2026-04-10')), ('D', daterange('2026-04-10', NULL))$$, '000-09 effective-dated: a period ends where the next begins');
SELECT results_eq($$SELECT calculated_class, manual_class FROM class_as_of('2026-04-09', 'infinity', '{1}')$$, $$VALUES ('B', NULL::text)$$, '000-09 a past day is answered');
SELECT is_empty($$SELECT FROM class_as_of('2026-03-30', 'infinity', '{1}')$$, '000-09 before the first there was none');
SELECT pg_temp.score('{1}', 'A', role => 'challenger') \g /dev/null
SELECT is(pg_temp.class(1), 'D', '000-09 a challenger has no consequence');
SELECT throws_ok(s, e, NULL, '000-09 ' || s) FROM (VALUES
    ('INSERT INTO class_assignment (customer_id, kind, risk_class, source, reason, score_id, opened_on) SELECT 1, ''calculated'', ''A'', ''score'', ''x'', max(score_id), ''2026-04-10'' FROM customer_score WHERE customer_id = 1', '23P01'),
    ('INSERT INTO class_assignment (customer_id, kind, risk_class, source, reason, until, opened_on) VALUES (9, ''manual'', ''A'', ''override'', ''x'', ''2026-04-20'', ''2026-04-10''), (9, ''manual'', ''B'', ''override'', ''x'', ''2026-04-25'', ''2026-04-15'')', '23P01'),
    ('UPDATE class_assignment SET risk_class = ''A''', 'CR010'), ('DELETE FROM class_assignment', 'CR010'), ('TRUNCATE class_assignment CASCADE', 'CR010'),
    ('TRUNCATE class_proposal', 'CR010'), ('TRUNCATE class_policy', 'CR010'),
    ('INSERT INTO class_policy DEFAULT VALUES', '23505'), ('UPDATE class_policy SET green_to = ''D''', '23514')) v (s, e);
-- By its exclusion constraint, whatever is closed already.
INSERT INTO class_assignment (customer_id, kind, risk_class, source, reason, opened_on) VALUES (9, 'manual', 'A', 'override', 'x', '2026-04-01');
UPDATE class_assignment SET closed_on = '2026-04-08', outcome = 'ended' WHERE customer_id = 9;
SELECT throws_ok('INSERT INTO class_assignment (customer_id, kind, risk_class, source, reason, opened_on) VALUES (9, ''manual'', ''B'', ''override'', ''x'', ''2026-04-07'')', '23P01', NULL, '000-09 two of a kind on one day are refused');
SELECT lives_ok('INSERT INTO class_assignment (customer_id, kind, risk_class, source, reason, until, opened_on) VALUES (9, ''manual'', ''B'', ''override'', ''x'', ''2026-04-30'', ''2026-04-08'')', '000-09 one after the other is not');
UPDATE customer SET risk_class = 'B' WHERE customer_id = 9;
SELECT set_eq($$SELECT d::date, c.customer_id, k.kind, k.risk_class FROM generate_series(date '2026-03-25', '2026-04-30', interval '1 day') d CROSS JOIN LATERAL class_as_of(d::date, 'infinity') c
  CROSS JOIN LATERAL (VALUES ('calculated', c.calculated_class), ('manual', c.manual_class)) k (kind, risk_class) WHERE k.risk_class IS NOT NULL$$,
  $$SELECT d::date, customer_id, kind, risk_class FROM generate_series(date '2026-03-25', '2026-04-30', interval '1 day') d JOIN class_assignment ON valid @> d::date$$, '000-09 on every day the class is that of the one period it lies in');
-- Rule-driven: at once below the exposure, through a person from it on.
SELECT pg_temp.score('{20,21,22,2}', 'C') \g /dev/null
SELECT is_empty('SELECT FROM task WHERE kind = ''class_review''', '000-09 a first class is no change, of whatever exposure');
SELECT pg_temp.score('{20,21,22,2}', 'A') \g /dev/null
SELECT is(pg_temp.class(2), 'A', '000-09 below 5,000 a better class takes effect at once');
SELECT is(pg_temp.both(20), 'C: manual -, calculated A, proposed A', '000-09 from 5,000 on it waits for a person');
SELECT results_eq('SELECT customer_id, subject FROM task WHERE kind = ''class_review'' AND closed_on IS NULL ORDER BY 1',
    $$VALUES (20::bigint, 'Class A proposed in place of class C: accept or refuse it'), (21, 'Class A proposed in place of class C: accept or refuse it'), (22, 'Class A proposed in place of class C: accept or refuse it')$$, '000-09 who has a task');
SELECT is(decide_class(20, true), 'A', '000-09 accepted, it is in force');
SELECT is(decide_class(21, false, 'the new owner is unknown'), 'C', '000-09 refused, the former class stays');
SELECT is(pg_temp.both(21), 'C: manual C, calculated A, proposed -', '000-09 as the word of a person, beside the score');
SELECT pg_temp.score('{22}', 'B') \g /dev/null
SELECT is(pg_temp.both(22), 'C: manual -, calculated B, proposed B', '000-09 another score takes the place of what was proposed');
SELECT pg_temp.score('{22}', 'D') \g /dev/null
SELECT is(pg_temp.both(22), 'D: manual -, calculated D, proposed D', '000-09 a worse class takes effect at once, and a person looks at it');
SELECT is((SELECT subject FROM task WHERE customer_id = 22 AND closed_on IS NULL), 'Class D in place of class C: confirm it or override it', '000-09 with a task that says so');
SELECT is(decide_class(22, true, 'seen'), 'D', '000-09 confirmed');
SELECT pg_temp.score('{20}', NULL) \g /dev/null
SELECT is(pg_temp.class(20), NULL, '000-09 without a score the class goes: it is judged as C, worse than the A it was');
SELECT pg_temp.score('{22}', NULL) \g /dev/null
SELECT is(pg_temp.both(22), 'D: manual -, calculated -, proposed -', '000-09 from D that would be better: it waits');
SELECT is(decide_class(22, true), NULL, '000-09 until somebody says so');
-- Bands without gaps: every score has one class.
SELECT is_empty('SELECT s FROM generate_series(0, 100, 0.25) s WHERE class_of(s) IS NULL', '000-09 every score has a class');
-- What a host or a hand writes is a manual class.
SELECT is(pg_temp.both(42), 'B: manual B, calculated -, proposed -', '000-09 written with the customer');
UPDATE customer SET risk_class = 'D' WHERE customer_id = 42;
UPDATE customer SET name = 'Host SA' WHERE customer_id = 42;
SELECT results_eq('SELECT risk_class, source, reason, outcome FROM class_assignment WHERE customer_id = 42 ORDER BY class_assignment_id',
    $$VALUES ('B', 'customer', 'written in customer', 'replaced'), ('D', 'customer', 'written in customer', NULL)$$, '000-09 and later, on record');
SELECT is((SELECT next_review_on FROM customer WHERE customer_id = 42), NULL, '000-09 a ledger that never scores goes on as it did: no review is planned');
SELECT pg_temp.score('{42}', 'C') \g /dev/null
SELECT is(pg_temp.both(42), 'D: manual D, calculated C, proposed -', '000-09 a better score does not question it');
UPDATE customer SET risk_class = NULL WHERE customer_id = 42;
SELECT is(pg_temp.both(42), 'C: manual -, calculated C, proposed -', '000-09 taken away: the score''s class holds');
UPDATE customer SET risk_class = 'C' WHERE customer_id = 50;
SELECT is(pg_temp.both(50), 'C: manual C, calculated -, proposed -', '000-09 of a site too');
SELECT pg_temp.day('2026-04-01') \g /dev/null
SELECT lives_ok('UPDATE customer SET risk_class = ''E'' WHERE customer_id = 42', '000-09 with the pinned date set back, too');
SELECT pg_temp.day('2026-04-10') \g /dev/null
INSERT INTO customer (code, name, risk_class, payer_id) VALUES ('GONE', 'Gone', 'A', 1);
SELECT lives_ok('DELETE FROM customer WHERE code = ''GONE''', '000-09 a site with a class can still be deleted');
SELECT pg_temp.laws('000-09');

-- By hand.
SELECT pg_temp.score('{3,4,5}', 'C') \g /dev/null
SELECT ok(override_class(3, 'B', 'the parent guarantees', '2026-04-20') > 0, '000-09 a class by hand, with a reason and an end');
SELECT is(pg_temp.both(3), 'B: manual B, calculated C, proposed -', '000-09 side by side');
SELECT pg_temp.score('{3}', 'D') \g /dev/null
SELECT is(pg_temp.both(3), 'B: manual B, calculated D, proposed -', '000-09 the score goes on beside it');
SELECT pg_temp.day('2026-04-20') \g /dev/null
SELECT is(expire_class_overrides(), 0::bigint, '000-09 on its last day it holds');
SELECT pg_temp.day('2026-04-21') \g /dev/null
SELECT is(expire_class_overrides(), 1::bigint, '000-09 after it the night ends it');
SELECT is(pg_temp.both(3), 'D: manual -, calculated D, proposed -', '000-09 and the score''s class holds');
SELECT is((SELECT valid FROM class_assignment WHERE customer_id = 3 AND kind = 'manual'), daterange('2026-04-10', '2026-04-21'), '000-09 to the day');
SELECT override_class(4, 'A', 'first'), override_class(4, 'B', 'second') \g /dev/null
SELECT is(end_class_override(4, 'no longer needed'), 'C', '000-09 ended by hand');
SELECT is((SELECT note FROM class_assignment WHERE customer_id = 4 AND outcome = 'ended'), 'no longer needed', '000-09 with its reason');
SELECT throws_ok(s, e, NULL, '000-09 ' || s) FROM (VALUES
    ('SELECT override_class(4, ''A'', '''')', '22023'), ('SELECT override_class(4, ''A'', NULL)', '22023'), ('SELECT override_class(4, ''Z'', ''x'')', '22023'), ('SELECT override_class(4, NULL, ''x'')', '22023'),
    ('SELECT override_class(999, ''A'', ''x'')', 'CR004'), ('SELECT override_class(NULL, ''A'', ''x'')', 'CR004'), ('SELECT override_class(4, ''A'', ''x'', ''2026-04-20'')', 'CR003'),
    ('SELECT override_class(4, ''A'', ''x'', ''infinity'')', 'CR003'), ('SELECT end_class_override(4, ''x'')', 'CR012'), ('SELECT end_class_override(21, '''')', '22023'),
    ('SELECT decide_class(4, true)', 'CR012'), ('SELECT decide_class(4, NULL)', '22023'), ('SELECT decide_class(4, false)', '22023')) v (s, e);
-- A worse score questions a class by hand where it matters.
SELECT pg_temp.score('{23}', 'B'), override_class(23, 'A', 'a friend of the house') \g /dev/null
SELECT pg_temp.score('{23}', 'C') \g /dev/null
SELECT is(pg_temp.both(23), 'A: manual A, calculated C, proposed C', '000-09 a worse score is proposed to who gave a better class');
SELECT is(decide_class(23, true, 'he was right'), 'C', '000-09 accepted: the manual class ends');
SELECT pg_temp.laws('000-09 by hand');

-- 004-05 Seniority masks nothing ------------------------------------------------------------
SELECT is(pg_temp.both(41), 'A: manual A, calculated -, proposed -', '004-05 an old customer of class A');
SELECT pg_temp.day('2026-04-22') \g /dev/null
SELECT record_default(41, 'collective_proceeding', '2026-04-22', reason => 'TC Lyon') \g /dev/null
SELECT pg_temp.score('{41}', 'E', '{proceedings,default}', score_class => 'A') \g /dev/null
SELECT is(pg_temp.both(41), 'E: manual A, calculated E, proposed E', '004-05 with a fresh default is not class A, whatever its points and its name');
SELECT ok((SELECT manual_below_cap FROM class_status WHERE customer_id = 41), '004-05 and that is said');
SELECT is((SELECT light || ' ' || reason_codes[1] || ' ' || reason_codes[2] FROM risk_indicator WHERE customer_id = 41), 'red in_default manual_below_cap', '004-05 in the indicator too');
SELECT is(decide_class(41, false, 'a plan of continuation is signed'), 'A', '004-05 a person may stand by it, after the event and for a reason');
SELECT ok((SELECT manual_above_cap AND NOT manual_below_cap FROM class_status WHERE customer_id = 41), '004-05 which is shown');
SELECT pg_temp.score('{41}', 'E', '{proceedings,default}', score_class => 'A') \g /dev/null
SELECT is(pg_temp.class(41), 'A', '004-05 the same event does not come back');
SELECT record_default(41, 'collective_proceeding', '2026-04-22', reason => 'converted') \g /dev/null
SELECT pg_temp.score('{41}', 'E', '{proceedings,default}', score_class => 'A') \g /dev/null
SELECT is(pg_temp.class(41), 'E', '004-05 another one does');
SELECT override_class(41, 'B', 'still') \g /dev/null
SELECT is(pg_temp.class(41), 'B', '004-05 until it is overridden again');
-- Between the event and its score a person who knew it decided.
SELECT pg_temp.score('{6}', 'B'), override_class(6, 'A', 'before') \g /dev/null
SELECT record_default(6, 'collective_proceeding', '2026-04-22') \g /dev/null
SELECT override_class(6, 'B', 'after, knowing it') \g /dev/null
SELECT pg_temp.score('{6}', 'E', '{default}') \g /dev/null
SELECT is(pg_temp.class(6), 'B', '004-05 given after the event though before its score: it stands');
-- To the class of the rule, not further; and ignorance is no event.
SELECT override_class(7, 'A', 'a friend') \g /dev/null
SELECT pg_temp.score('{7}', 'C', '{cover_refused,young_firm}', score_class => 'B') \g /dev/null
SELECT is(pg_temp.class(7), 'C', '004-05 the insurer''s refusal leaves C');
SELECT override_class(8, 'A', 'a friend') \g /dev/null
SELECT pg_temp.score('{8}', 'B', '{accounts_missing}', score_class => 'A') \g /dev/null
SELECT is(pg_temp.class(8), 'A', '004-05 accounts that are not known are no event');
SELECT pg_temp.score('{7}', 'B') \g /dev/null
SELECT is(pg_temp.class(7), 'A', '004-05 the event gone, the class by hand holds again');
-- Downgrades by an event do not wait, however large the customer.
SELECT pg_temp.score('{24}', 'A') \g /dev/null
SELECT pg_temp.score('{24}', 'E', '{default}', score_class => 'A') \g /dev/null
SELECT is(pg_temp.both(24), 'E: manual -, calculated E, proposed E', '004-05 at once, and a person confirms it');
-- An event counts where there is no score, too; and no score alone is no reason against a class by hand.
SELECT override_class(25, 'A', 'a friend') \g /dev/null
SELECT pg_temp.score('{25,26}', NULL, '{accounts_missing}') \g /dev/null
SELECT is(pg_temp.both(25), 'A: manual A, calculated -, proposed -', '004-05 too little known for a score: the class by hand stands, unquestioned');
SELECT pg_temp.score('{25,26}', NULL, '{overdue_60,accounts_missing}') \g /dev/null
SELECT is(pg_temp.both(25), 'D: manual A, calculated D, proposed D', '004-05 more than 60 days overdue: not class A, though there is no score');
SELECT is(pg_temp.both(26), 'D: manual -, calculated D, proposed -', '004-05 nor judged as class C');
-- What was taken back, and a default of years ago that is only now on record, are no new event.
SELECT pg_temp.score('{10,11}', 'D', '{overdue_60}', score_class => 'B'), override_class(10, 'B', 'knowing it'), override_class(11, 'B', 'knowing it') \g /dev/null
SELECT record_default(10, 'collective_proceeding', '2026-04-22') AS taken_back \gset
SELECT reverse_default(:taken_back, 'another firm') \g /dev/null
INSERT INTO default_event (customer_id, kind, occurred_on, amount_base, invoice_id, instalment_no, occurrence) SELECT 11, 'unpaid', '2024-03-01', 900, invoice_id, 1, 1 FROM invoice WHERE customer_id = 11;
SELECT count(*) AS periods FROM class_assignment WHERE customer_id IN (10, 11) AND kind = 'calculated' \gset
SELECT pg_temp.score('{10,11}', 'D', '{overdue_60}', score_class => 'A') \g /dev/null
SELECT results_eq('SELECT risk_class, manual_below_cap FROM class_status WHERE customer_id IN (10, 11) ORDER BY customer_id', $$VALUES ('B', false), ('B', false)$$,
                  '004-05 what was taken back, or happened more than 12 months ago, does not go above the class by hand');
SELECT is((SELECT count(*) FROM class_assignment WHERE customer_id IN (10, 11) AND kind = 'calculated'), :periods::bigint, '004-05 nor does it begin the calculated class anew');
SELECT pg_temp.laws('004-05');

-- 000-10 At a glance ------------------------------------------------------------------------
SELECT is_empty('SELECT customer_id FROM risk_indicator WHERE (risk_class IS NULL) <> (status = ''unscored'') OR (risk_class IS NULL) <> (unscored_reason IS NOT NULL)', '000-10 no class only where unscored, with the reason');
SELECT is((SELECT unscored_reason || ' ' || light || ' ' || words_en FROM risk_indicator WHERE customer_id = 30), 'never_scored amber Class none; never scored', '000-10 never scored');
SELECT is((SELECT unscored_reason || ': ' || words_fr FROM risk_indicator WHERE customer_id = 20), 'coverage: Sans classe ; trop peu d''informations pour un score', '000-10 too little is known');
SELECT pg_temp.score('{31}', 'A'), pg_temp.score('{32}', 'C'), pg_temp.score('{33}', 'D', '{overdue_60}') \g /dev/null
SELECT results_eq('SELECT customer_id, risk_class, status, light FROM risk_indicator WHERE customer_id IN (31, 32, 33, 6) ORDER BY 1',
    $$VALUES (6::bigint, 'B', 'manual', 'red'), (31, 'A', 'scored', 'green'), (32, 'C', 'scored', 'amber'), (33, 'D', 'scored', 'red')$$, '000-10 traffic lights');
SELECT is((SELECT reason_codes FROM risk_indicator WHERE customer_id = 33), '{overdue_60}'::text[], '000-10 codes of the reasons');
SELECT is((SELECT words_en FROM risk_indicator WHERE customer_id = 33), 'Class D; more than 60 days overdue, undisputed, 500 or more', '000-10 in words');
SELECT is((SELECT words_fr FROM risk_indicator WHERE customer_id = 33), 'Classe D ; plus de 60 jours de retard, non contesté, 500 ou plus', '000-10 in French');
INSERT INTO customer_score (customer_id, as_of, known_at, model_id, score, rating, pd, score_class, risk_class, reasons, reason)
SELECT 34, '2026-04-22', clock_timestamp(), model_id, 55, 55, 0.03, 'C', 'C', '{payment_delay,equity_ratio}', 'test' FROM score_model WHERE model = 'trade' AND status = 'active';
SELECT is((SELECT reason_codes FROM risk_indicator WHERE customer_id = 34), '{payment_delay,equity_ratio}'::text[], '000-10 what costs most of the score');
UPDATE class_policy SET green_to = 'C', amber_to = 'D';
SELECT results_eq('SELECT light FROM risk_indicator WHERE customer_id IN (32, 33) ORDER BY customer_id', $$VALUES ('green'), ('amber')$$, '000-10 the lights are data');
UPDATE class_policy SET green_to = 'B', amber_to = 'C';
SELECT set_eq('SELECT customer_id FROM customer_360', 'SELECT customer_id FROM credit_account', '000-10 one row for every customer that pays');
SELECT set_eq('SELECT customer_id, risk_class, light, reason_codes FROM customer_360 WHERE risk_class IS NOT NULL AND class_status <> ''unscored'' AND unscored_reason IS NULL AND light IS NOT NULL
  UNION ALL SELECT customer_id, NULL, light, reason_codes FROM customer_360 WHERE risk_class IS NULL AND class_status = ''unscored'' AND unscored_reason IS NOT NULL AND light IS NOT NULL',
  'SELECT customer_id, risk_class, light, reason_codes FROM risk_indicator', '000-10 in customer_360 no class only where unscored, with the reason');
SELECT is((SELECT count(*) FILTER (WHERE risk_class IS NULL) > 0 AND count(*) FILTER (WHERE risk_class IS NOT NULL) > 0 FROM customer_360), true, '000-10 there are some of both');
SELECT results_eq('SELECT risk_class, manual_class, calculated_class, light, exposure, credit_limit, available, overdue, owner FROM customer_360 WHERE customer_id = 6',
    $$VALUES ('B', 'B', 'E', 'red', 1000::numeric, 3000::numeric, 2000::numeric, 0::numeric, 'credit department')$$, '000-10 the customer in one row');
SELECT is_empty('SELECT customer_id FROM customer_360 JOIN exposure e USING (customer_id) JOIN ageing_by_customer g USING (customer_id) WHERE (customer_360.exposure, customer_360.available, customer_360.overdue) IS DISTINCT FROM (e.exposure, e.available, g.overdue)', '000-10 with the figures of the other views');
SELECT is_empty('SELECT * FROM risk_reasons(999)', '000-10 no such customer, no reason');

-- 003-16 Were they right? ----------------------------------------------------------------------
SELECT credit_risk.create_ledger('judged') \g /dev/null
SET LOCAL search_path = judged, credit_risk, public;
UPDATE ledger SET pinned_date = '2025-01-10';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 10) i;
INSERT INTO customer_score (customer_id, as_of, known_at, model_id, score, rating, pd, score_class, risk_class, reason)
SELECT i, '2025-01-10', clock_timestamp(), m.model_id, 60, 60, 0.02, 'C', 'C', 'test' FROM generate_series(1, 10) i, score_model m WHERE m.model = 'trade' AND m.status = 'active';
SELECT override_class(i, CASE WHEN i <= 2 THEN 'B' WHEN i = 3 THEN 'D' ELSE 'C' END, 'I know them') FROM generate_series(1, 4) i \g /dev/null
SELECT is((SELECT count(*) FROM class_assignment WHERE kind = 'manual' AND calculated_class = 'C' AND score_id IS NOT NULL), 4::bigint, '003-16 both are kept: what a person says and what the score said');
SELECT results_eq('SELECT * FROM override_performance()', $$VALUES ('up', 2::bigint, 0::bigint, 0::bigint, NULL::numeric, 0::bigint, NULL::numeric, 2.00), ('down', 1, 0, 0, NULL, 0, NULL, 2), ('as calculated', 1, 0, 0, NULL, 0, NULL, 2), ('not overridden', 6, 0, 0, NULL, 0, NULL, 2)$$,
    '003-16 twelve months are not over: no percentage');
-- One that was lifted defaults, one pays very late; of the others one in six defaults, after 13 months another.
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, issued_on, due_on) SELECT i, i, 'F' || i, 800, '2025-02-01', '2025-03-01' FROM generate_series(1, 10) i;
UPDATE ledger SET pinned_date = '2025-05-05';
INSERT INTO payment (customer_id, payment_id, amount, received_on) SELECT i, i, 800, CASE WHEN i = 2 THEN date '2025-05-05' ELSE '2025-04-30' END FROM generate_series(2, 10) i;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) SELECT i, i, i, 800, CASE WHEN i = 2 THEN date '2025-05-05' ELSE '2025-04-30' END FROM generate_series(2, 10) i;
UPDATE ledger SET pinned_date = '2025-07-01';
SELECT detect_unpaid_defaults(), record_default(5, 'collective_proceeding', '2025-06-30') \g /dev/null
UPDATE ledger SET pinned_date = '2026-02-20';
SELECT record_default(6, 'collective_proceeding', '2026-02-20') \g /dev/null
SELECT results_eq('SELECT * FROM override_performance()', $$VALUES ('up', 2::bigint, 2::bigint, 1::bigint, 50.00, 2::bigint, 100.00, 2.00), ('down', 1, 1, 0, 0.00, 0, 0.00, 2), ('as calculated', 1, 1, 0, 0.00, 0, 0.00, 2), ('not overridden', 6, 6, 1, 16.67, 0, 0.00, 2)$$,
    '003-16 who was lifted by hand did worse than who was not: 50 % of defaults against 16.67 %, 100 % over 60 days against none');
SELECT is_empty('SELECT * FROM override_performance(''2026-01-01'', ''2026-12-31'')', '003-16 of another year nothing');
SELECT reverse_default(default_event_id, 'paid by draft, wrongly booked') FROM default_event WHERE customer_id = 1 \g /dev/null
SELECT is((SELECT default_pct FROM override_performance() WHERE direction = 'up'), 0.00, '003-16 a default that was none does not count');
SELECT throws_ok('SELECT override_class(1, ''A'', '''')', '22023', NULL, '003-16 no override without a reason');
SELECT is_empty('SELECT * FROM verify()', '003-16 verify()');

SELECT * FROM finish();
ROLLBACK;
