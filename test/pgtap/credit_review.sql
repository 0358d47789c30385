-- Reviews of credit files by class: row 000-11 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('reviews') \g /dev/null
SET LOCAL search_path = reviews, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-01-31';
SELECT load_standard_policy() \g /dev/null
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 12) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (50, 'S', 'Site', 1);
INSERT INTO credit_limit (customer_id, amount) SELECT i, 100000 FROM generate_series(1, 12) i;
-- 10, 11 and 12 owe less than reviews are for.
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) SELECT i, 'F' || i, CASE WHEN i < 10 THEN 5000 ELSE 4999 END, '2026-01-15', '2027-01-31' FROM generate_series(1, 12) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE reviews.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.score(id bigint, class text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO reviews.customer_score (customer_id, as_of, known_at, model_id, score, rating, pd, score_class, risk_class, reason)
    SELECT id, reviews.business_date(), clock_timestamp(), (SELECT model_id FROM reviews.score_model WHERE model = 'trade' AND status = 'active'), b.min_score, b.min_score, 0.01, class, class, 'test'
    FROM reviews.risk_class_band b WHERE b.risk_class = class $$;
CREATE FUNCTION pg_temp.next(id bigint) RETURNS date LANGUAGE sql AS $$ SELECT next_review_on FROM reviews.customer WHERE customer_id = id $$;

-- Dates by class.
SELECT is(pg_temp.next(1), NULL, '000-11 before: no review is planned');
SELECT pg_temp.score(i, chr(64 + i)) FROM generate_series(1, 5) i \g /dev/null
SELECT results_eq('SELECT risk_class, next_review_on FROM customer WHERE customer_id <= 5 ORDER BY 1',
    $$VALUES ('A', date '2027-01-31'), ('B', '2027-01-31'), ('C', '2026-04-30'), ('D', '2026-02-28'), ('E', '2026-02-28')$$, '000-11 high risk monthly, medium quarterly, low yearly');
SELECT results_eq('SELECT month, risk_class, reviews, late, exposure FROM review_calendar ORDER BY 1, 2',
    $$VALUES (date '2026-02-01', 'D', 1::bigint, 0::bigint, 5000::numeric), ('2026-02-01', 'E', 1, 0, 5000), ('2026-04-01', 'C', 1, 0, 5000), ('2027-01-01', 'A', 1, 0, 5000), ('2027-01-01', 'B', 1, 0, 5000)$$, '000-11 the calendar by month');
-- A change of class plans anew: earlier, never later without a review.
SELECT pg_temp.day('2026-02-10') \g /dev/null
SELECT pg_temp.score(1, 'D') \g /dev/null
SELECT is(pg_temp.next(1), '2026-03-10'::date, '000-11 a worse class brings the review forward');
SELECT pg_temp.score(1, 'C') \g /dev/null
SELECT is(decide_class(1, true), 'C', '000-11 a better class');
SELECT is(pg_temp.next(1), '2026-03-10'::date, '000-11 puts it off only once a review is done');
SELECT override_class(2, 'E', 'rumours') \g /dev/null
SELECT is(pg_temp.next(2), '2026-03-10'::date, '000-11 a class by hand plans it too');
SELECT is_empty('SELECT FROM review_due', '000-11 nothing is due yet');

-- Due, with its task, and in the orders' way where the policy says so.
SELECT pg_temp.day('2026-03-10') \g /dev/null
SELECT results_eq('SELECT customer_id, risk_class, exposure, days_late, last_review_on FROM review_due ORDER BY 1',
    $$VALUES (1::bigint, 'C', 5000::numeric, 0, NULL::date), (2, 'E', 5000, 0, NULL), (4, 'D', 5000, 10, NULL), (5, 'E', 5000, 10, NULL)$$, '000-11 what is due, and how late');
SELECT is((SELECT sum(late) FROM review_calendar WHERE month = '2026-03-01'), 2::numeric, '000-11 those that are late stand in the present month');
SELECT is(open_reviews(1), 1::bigint, '000-11 a task for the oldest');
SELECT is(open_reviews(), 3::bigint, '000-11 and for the others, not twice');
SELECT is(open_reviews(), 0::bigint, '000-11 nor a third time');
SELECT pg_temp.day('2026-03-16') \g /dev/null
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (4, 'O4', 10);
SELECT ok((SELECT 'review_overdue' = ANY (reasons) FROM credit_decision WHERE document_no = 'O4'), '000-11 a review that is 16 days late holds an order of class D');
SELECT is(complete_review(4, 'limit_changed', 'the limit was halved', '{accounts,behaviour,limit}', performed_by => 'Mme Roux'), '2026-04-16'::date, '000-11 a person does it: the next in a month');
SELECT is((SELECT outcome FROM task WHERE customer_id = 4 AND kind = 'credit_review'), 'limit_changed', '000-11 its task is closed');
SELECT is((SELECT concat_ws(' ', outcome, risk_class, exposure, planned_on, reviewed_on, performed_by, checked) FROM credit_review WHERE customer_id = 4),
    'limit_changed D 5000 2026-02-28 2026-03-16 Mme Roux {accounts,behaviour,limit}', '000-11 on record: by whom, of what, what came of it');
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (4, 'O5', 10);
SELECT ok((SELECT NOT coalesce('review_overdue' = ANY (reasons), false) FROM (SELECT) x LEFT JOIN credit_decision ON document_no = 'O5'), '000-11 and no longer in the way');
SELECT is(complete_review(1, 'confirmed', 'visited', '{visit,score}', '2026-04-01'), '2026-04-01'::date, '000-11 earlier than the class asks for');
SELECT is((SELECT last_outcome FROM review_due WHERE customer_id = 1), NULL, '000-11 done: not due');
SELECT pg_temp.day('2026-04-02') \g /dev/null
SELECT is((SELECT concat_ws(' ', last_review_on, last_outcome, days_late, review_months) FROM review_due WHERE customer_id = 1), '2026-03-16 confirmed 1 3', '000-11 due again, with what the last one found');
SELECT is(complete_review(1, 'confirmed', 'all well', '{score}'), '2026-07-02'::date, '000-11 a quarter later');
-- Who owes little is not asked for, until they owe more; the bound is data.
UPDATE customer SET next_review_on = '2026-04-01' WHERE customer_id = 10;
SELECT is_empty('SELECT FROM review_due WHERE customer_id = 10', '000-11 not below 5,000');
UPDATE class_policy SET review_exposure = 4000;
SELECT is((SELECT days_late FROM review_due WHERE customer_id = 10), 1, '000-11 of which the bound is data');
UPDATE risk_class_band SET review_months = 2 WHERE risk_class = 'D';
SELECT is(planned_review('D', '2026-04-02'), '2026-06-02'::date, '000-11 as are the months');
SELECT is(planned_review(NULL, '2026-04-02'), '2026-07-02'::date, '000-11 unscored as class C');
SELECT is(complete_review(50, 'confirmed', 'a site', '{visit}'), '2026-07-02'::date, '000-11 of a site too');
-- Nothing done is no review.
SELECT throws_ok(s, e, NULL, '000-11 ' || s) FROM (VALUES
    ('SELECT complete_review(5, ''confirmed'', '''', ''{score}'')', '22023'), ('SELECT complete_review(5, ''confirmed'', NULL, ''{score}'')', '22023'), ('SELECT complete_review(5, ''confirmed'', ''x'', ''{}'')', '22023'),
    ('SELECT complete_review(5, ''confirmed'', ''x'', NULL)', '22023'), ('SELECT complete_review(5, ''confirmed'', ''x'', ''{horoscope}'')', '23514'), ('SELECT complete_review(5, ''fine'', ''x'', ''{score}'')', '23514'), ('SELECT complete_review(5, NULL, ''x'', ''{score}'')', '23502'),
    ('SELECT complete_review(999, ''confirmed'', ''x'', ''{score}'')', 'CR004'), ('SELECT complete_review(NULL, ''confirmed'', ''x'', ''{score}'')', 'CR004'),
    ('SELECT complete_review(5, ''confirmed'', ''x'', ''{score}'', reviewed_on => ''2026-04-03'')', 'CR003'), ('SELECT complete_review(4, ''confirmed'', ''x'', ''{score}'', reviewed_on => ''2026-03-15'')', 'CR003'),
    ('SELECT complete_review(5, ''confirmed'', ''x'', ''{score}'', ''2026-06-01'')', 'CR003'), ('SELECT complete_review(5, ''confirmed'', ''x'', ''{score}'', ''2026-04-02'')', 'CR003'),
    ('UPDATE credit_review SET note = ''x''', 'CR010'), ('DELETE FROM credit_review', 'CR010'), ('TRUNCATE credit_review', 'CR010')) v (s, e);
SELECT is(pg_temp.next(5), '2026-02-28'::date, '000-11 and changes nothing');
SELECT is_empty('SELECT * FROM verify()', '000-11 verify()');

SELECT * FROM finish();
ROLLBACK;
