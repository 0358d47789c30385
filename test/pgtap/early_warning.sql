-- Early warning: rows 002-01 and 003-05, each signal reckoned by hand, once
-- where it fires and once where it just does not.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('warned') \g /dev/null
SET LOCAL search_path = warned, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-30';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 30) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (99, 'S1', 'Site of 1', 1);
-- An invoice, paid so many days after it was due (NULL = not paid).
CREATE FUNCTION pg_temp.bill(payer bigint, no text, due date, amount numeric, late integer DEFAULT NULL, issued date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO warned.invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (payer, no, coalesce(issued, due - 30), due, amount);
    WITH p AS (INSERT INTO warned.payment (customer_id, received_on, amount) SELECT payer, due + late, bill.amount WHERE late IS NOT NULL RETURNING payment_id)
    INSERT INTO warned.allocation (customer_id, payment_id, invoice_id, amount, effective_on)
    SELECT payer, p.payment_id, i.invoice_id, bill.amount, due + late FROM p JOIN warned.invoice i ON i.customer_id = payer AND i.invoice_no = no $$;
CREATE FUNCTION pg_temp.part(payer bigint, no text, on_day date, amount numeric) RETURNS void LANGUAGE sql AS $$
    WITH p AS (INSERT INTO warned.payment (customer_id, received_on, amount) VALUES (payer, on_day, part.amount) RETURNING payment_id)
    INSERT INTO warned.allocation (customer_id, payment_id, invoice_id, amount, effective_on)
    SELECT payer, p.payment_id, i.invoice_id, part.amount, on_day FROM p JOIN warned.invoice i ON i.customer_id = payer AND i.invoice_no = no $$;
-- Six of 100 on time in the months before.
CREATE FUNCTION pg_temp.good_past(payer bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.bill(payer, 'B' || m, (date '2025-08-12' + make_interval(months => m))::date, 100, 0) FROM generate_series(0, 5) m $$;
CREATE FUNCTION pg_temp.signal(payer bigint, which text, d date DEFAULT '2026-06-30') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', trim_scale(value), trim_scale(threshold), trim_scale(compared_with), triggered) FROM warned.early_warning(payer, d) WHERE signal = which $$;
CREATE FUNCTION pg_temp.settle(d date) RETURNS bigint LANGUAGE sql AS $$
    SELECT warned.settle_alerts(ARRAY(SELECT w FROM warned.early_warning_alerts(NULL, d) w), '{delay_degradation,behaviour_degradation,early_warning}') $$;
CREATE FUNCTION pg_temp.open_alerts(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(kind || ' ' || severity, ', ' ORDER BY kind), 'none') FROM warned.open_alert WHERE customer_id = id $$;

SELECT results_eq('SELECT signal FROM early_warning(30)', '{delay_trend,on_time_drop,broken_promises,returned_payments,partial_payments,limit_creeping,order_surge,new_disputes,rating_drop,score_drop}'::text[],
    '002-01 the signals are listed, of a customer without any fact too');
SELECT is_empty('SELECT * FROM early_warning(30) WHERE triggered', '002-01 before: none fires');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '003-05 before: no alert is due');

-- Trend of delay: recent d, base d / 3, so that 7.5 days are the edge.
SELECT pg_temp.good_past(i) FROM generate_series(1, 3) i \g /dev/null
SELECT pg_temp.bill(v.payer, 'R' || n, date '2026-04-14' + 7 * n, 100, v.late)
FROM (VALUES (1, 8, 3), (2, 7, 3), (3, 8, 2)) v (payer, late, items) CROSS JOIN LATERAL generate_series(1, v.items) n \g /dev/null
SELECT is(pg_temp.signal(1, 'delay_trend'), '8 7.67 2.67 t', '002-01 delay: 8 days against 2.67 fires');
SELECT is(pg_temp.signal(2, 'delay_trend'), '7 7.33 2.33 f', '002-01 delay: 7 days against 2.33 just does not');
SELECT is(pg_temp.signal(3, 'delay_trend'), '8 7 2 f', '002-01 delay: two items are too few');
SELECT is((SELECT explanation_en || ' | ' || explanation_fr FROM early_warning(3) WHERE signal = 'delay_trend'),
    '8 days beyond terms, usual 2, fires at 7: too few to tell | 8 jours de retard, habituel 2, seuil 7 : trop peu pour juger', '002-01 in the words of both languages');
SELECT is(pg_temp.signal(99, 'delay_trend'), '8 7.67 2.67 t', '002-01 those of a site are its payer''s');
UPDATE alert_rule SET value = 6 WHERE parameter = 'days_worse';
SELECT is(pg_temp.signal(1, 'delay_trend'), '8 8.67 2.67 f', '002-01 the threshold is a row of alert_rule');
UPDATE alert_rule SET value = 5 WHERE parameter = 'days_worse';
-- Who pays nothing any more has no payment, but overdue items.
SELECT pg_temp.good_past(22), pg_temp.bill(22, 'O1', '2026-06-01', 10), pg_temp.bill(22, 'O2', '2026-06-02', 10), pg_temp.bill(22, 'O3', '2026-06-03', 10) \g /dev/null
SELECT is(pg_temp.signal(22, 'delay_trend'), '28 6.33 1.33 t', '002-01 delay: unpaid items count as late as they are');

-- Share on time: 90 of 300 late is the edge.
SELECT pg_temp.good_past(i) FROM generate_series(4, 5) i \g /dev/null
SELECT pg_temp.bill(v.payer, v.no, v.due, v.amount, v.late) FROM (VALUES
    (4, 'R1', date '2026-04-14', 110, 0), (4, 'R2', '2026-04-21', 100, 0), (4, 'R3', '2026-04-28', 90, 10),
    (5, 'R1', '2026-04-14', 111, 0), (5, 'R2', '2026-04-21', 100, 0), (5, 'R3', '2026-04-28', 89, 10)) v (payer, no, due, amount, late) \g /dev/null
SELECT is(pg_temp.signal(4, 'on_time_drop'), '70 70 90 t', '002-01 on time: 70 % against 90 % fires');
SELECT is(pg_temp.signal(5, 'on_time_drop'), '70.33 70.11 90.11 f', '002-01 on time: 70.33 % against 90.11 % just does not');
SELECT pg_temp.bill(29, 'L' || n, date '2026-04-14' + 7 * n, 100, 20) FROM generate_series(1, 3) n \g /dev/null
SELECT is((SELECT explanation_en || ' | ' || explanation_fr || ' | ' || triggered FROM early_warning(29) WHERE signal = 'on_time_drop'),
    '0 % paid on time, usual 0, too little to fall further | 0 % payés à l''heure, habituel 0, trop peu pour baisser encore | false', '002-01 on time: who never paid on time cannot fall');
SELECT is(pg_temp.signal(4, 'delay_trend'), '3 6 1 f', '002-01 and the delay alone tells nothing');

-- Promises and returned payments.
SELECT pg_temp.bill(i, 'P', '2026-12-31', 100, NULL, '2026-01-02') FROM generate_series(6, 7) i \g /dev/null
INSERT INTO promise (customer_id, promised_on, amount, currency, opened_on) VALUES (6, '2026-05-01', 10, 'EUR', '2026-04-01'), (7, '2026-05-01', 10, 'EUR', '2026-04-01');
UPDATE promise SET outcome = 'broken', kept_amount = 0, closed_on = '2026-05-05';
INSERT INTO promise (customer_id, promised_on, amount, currency, opened_on) VALUES (6, '2026-05-12', 10, 'EUR', '2026-05-06');
UPDATE promise SET outcome = 'broken', kept_amount = 0, closed_on = '2026-05-16' WHERE outcome IS NULL;
SELECT is(pg_temp.signal(6, 'broken_promises'), '2 2 0.5 t', '002-01 two broken promises fire');
SELECT is(pg_temp.signal(7, 'broken_promises'), '1 2 0.25 f', '002-01 one just does not');
SELECT pg_temp.bill(i, 'Q', '2026-06-15', 100, 0) FROM generate_series(8, 9) i \g /dev/null
INSERT INTO payment_return (customer_id, payment_id, reason, returned_on) SELECT p.customer_id, p.payment_id, 'cheque no funds', '2026-06-20' FROM payment p WHERE p.customer_id = 8;
SELECT is(pg_temp.signal(8, 'returned_payments'), '1 1 0.25 t', '002-01 a payment that came back fires');
SELECT is(pg_temp.signal(9, 'returned_payments'), '0 1 0 f', '002-01 none does not');

-- Partial payments: 2 of 4 against 2 of 10, and one of 3 only.
SELECT pg_temp.good_past(i) FROM generate_series(10, 11) i \g /dev/null
SELECT pg_temp.bill(v.payer, v.no, '2026-04-30', 100, v.late)
FROM (VALUES (10, 'F1', 0), (10, 'F2', 0), (10, 'X1', NULL), (10, 'X2', NULL), (11, 'F1', 0), (11, 'F2', 0), (11, 'X1', NULL)) v (payer, no, late) \g /dev/null
SELECT pg_temp.part(v.payer, v.no, '2026-04-30', 40) FROM (VALUES (10, 'X1'), (10, 'X2'), (11, 'X1')) v (payer, no) \g /dev/null
SELECT is(pg_temp.signal(10, 'partial_payments'), '50 35 20 t', '002-01 partial payments: 2 of 4 against 2 of 10 fires');
SELECT is(pg_temp.signal(11, 'partial_payments'), '33.33 26.11 11.11 f', '002-01 partial payments: a single one just does not');

-- Limit creeping: mean exposure over days; 31 of the 92 recent days carry the second invoice of customer 14.
INSERT INTO credit_limit (customer_id, amount, valid_from) SELECT i, 1000, '2025-01-01' FROM unnest('{12,13,14,15}'::int[]) i;
SELECT pg_temp.bill(i, 'L1', '2027-12-31', 500, NULL, '2025-07-01') FROM unnest('{12,13,14}'::int[]) i \g /dev/null
SELECT pg_temp.bill(v.payer, 'L2', '2027-12-31', v.amount, NULL, v.issued)
FROM (VALUES (12, 200, date '2026-03-31'), (13, 199, '2026-03-31'), (14, 400, '2026-05-31'), (15, 900, '2026-03-31')) v (payer, amount, issued) \g /dev/null
SELECT is(pg_temp.signal(12, 'limit_creeping'), '70 70 50 t', '002-01 limit creeping: 70 % against 50 % fires');
SELECT is(pg_temp.signal(13, 'limit_creeping'), '69.9 70 50 f', '002-01 limit creeping: 69.9 % just does not');
SELECT is(pg_temp.signal(14, 'limit_creeping'), '63.48 70 50 f', '002-01 limit creeping: the mean is that of the days');
SELECT is(pg_temp.signal(15, 'limit_creeping'), '90 70 f', '002-01 limit creeping: a new customer has nothing to compare with');

-- Orders: eight of 500 in the year before, mean of 30 days 328.77; customer 18 sold as much a year ago.
INSERT INTO sales_order (customer_id, ordered_on, amount)
SELECT c, date '2025-08-01' + 30 * n, 500 FROM unnest('{16,17,18}'::int[]) c CROSS JOIN generate_series(0, 7) n;
INSERT INTO sales_order (customer_id, ordered_on, amount) VALUES (16, '2026-06-10', 1000), (17, '2026-06-10', 999.99), (18, '2025-06-20', 1500), (18, '2026-06-10', 2000), (19, '2026-06-10', 9000);
SELECT is(pg_temp.signal(16, 'order_surge'), '1000 1000 328.77 t', '002-01 order surge: 1000 against 328.77 fires');
SELECT is(pg_temp.signal(17, 'order_surge'), '999.99 1000 328.77 f', '002-01 order surge: 999.99 just does not');
SELECT is(pg_temp.signal(18, 'order_surge'), '2000 3000 1500 f', '002-01 order surge: 2000 is a season where the same days a year ago brought 1500');
SELECT is(pg_temp.signal(19, 'order_surge'), '9000 1000 0 f', '002-01 order surge: a first order is none');

UPDATE sales_order SET cancelled_on = '2026-06-30' WHERE customer_id = 16 AND ordered_on = '2026-06-10';
SELECT is(pg_temp.signal(16, 'order_surge'), '1000 328.77 f', '002-01 order surge: what was cancelled is none');
UPDATE sales_order SET cancelled_on = NULL WHERE customer_id = 16 AND ordered_on = '2026-06-10';
SELECT is(pg_temp.signal(16, 'order_surge'), '1000 1000 328.77 t', '002-01 order surge: what was taken up again is one');
UPDATE customer SET blocked = true WHERE customer_id = 17;
INSERT INTO sales_order (customer_id, order_id, ordered_on, amount) VALUES (17, 1717, '2026-06-12', 500);
SELECT is((SELECT o.status FROM sales_order o WHERE o.order_id = 1717) || ' ' || pg_temp.signal(17, 'order_surge'), 'held 1499.99 1000 328.77 t', '002-01 order surge: a held order was ordered');
SELECT clock_timestamp() AS held_at \gset
SELECT cancel_order(1717) \g /dev/null
SELECT is(pg_temp.signal(17, 'order_surge'), '999.99 1000 328.77 f', '002-01 order surge: a held order that was cancelled is none');
SELECT is((SELECT w.value FROM warning_signals(ARRAY[17], '2026-06-30', :'held_at') w WHERE w.signal = 'order_surge'), 1499.99, '002-01 order surge: which was not known before it was recorded');
UPDATE customer SET blocked = false WHERE customer_id = 17;

-- Disputes.
SELECT pg_temp.bill(v.payer, v.no, '2026-12-31', 100, NULL, '2026-04-01') FROM (VALUES (20, 'D1'), (20, 'D2'), (21, 'D1'), (21, 'D2')) v (payer, no) \g /dev/null
SELECT open_dispute(i.invoice_id, reason => 'price', opened_on => '2026-05-01') FROM invoice i WHERE i.invoice_no IN ('D1', 'D2') \g /dev/null
SELECT is(pg_temp.signal(21, 'new_disputes'), '2 2 0.5 t', '002-01 two new disputes fire');
SELECT resolve_dispute((SELECT max(d.dispute_id) FROM dispute d WHERE d.customer_id = 21), 'accepted', (SELECT min(c.root_cause) FROM dispute_root_cause c WHERE c.our_fault)) \g /dev/null
SELECT is(pg_temp.signal(21, 'new_disputes'), '1 2 0.25 f', '002-01 one just does not: the other was our fault');

-- Ratings and scores.
INSERT INTO rating_provider (code, name, priority, higher_is_better, delivers, max_age_months) VALUES ('bureau', 'Bureau', 2, true, '{rating}', 12), ('press', 'Press', 1, true, '{rating}', 12);
INSERT INTO rating_scale (provider, letters, scores) VALUES ('bureau', '{a,b,c}', '{80,70,61}'), ('press', '{good,bad}', '{80,20}');
INSERT INTO external_rating (customer_id, provider, value, rated_on) VALUES
    (23, 'bureau', 'a', '2026-01-05'), (23, 'bureau', 'b', '2026-05-05'), (24, 'bureau', 'b', '2026-01-05'), (24, 'bureau', 'c', '2026-05-05'),
    (25, 'bureau', 'a', '2026-01-05'), (25, 'press', 'bad', '2026-05-05');
SELECT is(pg_temp.signal(23, 'rating_drop'), '70 70 80 t', '002-01 rating: 70 against 80 fires');
SELECT is(pg_temp.signal(24, 'rating_drop'), '61 60 70 f', '002-01 rating: 61 against 70 just does not');
SELECT is(pg_temp.signal(25, 'rating_drop'), '20 f', '002-01 rating: another provider is no drop');
INSERT INTO customer_score (customer_id, as_of, known_at, score, rating, reason) VALUES
    (26, '2026-01-05', now(), 70, 70, 'test'), (26, '2026-05-05', now(), 60, 60, 'test'), (27, '2026-01-05', now(), 70, 70, 'test'), (27, '2026-05-05', now(), 60.01, 60.01, 'test');
SELECT is(pg_temp.signal(26, 'score_drop'), '60 60 70 t', '002-01 score: 60 against 70 fires');
SELECT is(pg_temp.signal(27, 'score_drop'), '60.01 60 70 f', '002-01 score: 60.01 just does not');

-- No look-ahead: every signal, as of the day and as known now, against facts dated later, then recorded later.
SELECT clock_timestamp() AS instant \gset
CREATE TEMP TABLE before AS SELECT * FROM warning_signals(NULL, '2026-06-30', :'instant');
SELECT is((SELECT count(*) FROM before), 300::bigint, '002-01 one call: ten rows of each payer, a site is none');
CREATE FUNCTION pg_temp.facts(d date, mark text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.bill(i, mark || n, d, 500, CASE WHEN n < 4 THEN 0 END, d) FROM unnest('{1,2,4,5,10,12,13,20}'::int[]) i, generate_series(1, 4) n;
    SELECT pg_temp.part(i, mark || 4, d, 50) FROM unnest('{10,11}'::int[]) i;
    INSERT INTO warned.promise (customer_id, promised_on, amount, currency, opened_on) SELECT 7, d, 10, 'EUR', d;
    UPDATE warned.promise SET outcome = 'broken', kept_amount = 0, closed_on = d WHERE outcome IS NULL;
    INSERT INTO warned.payment_return (customer_id, payment_id, reason, returned_on) SELECT 9, max(payment_id), 'cheque no funds', d FROM warned.payment p
        WHERE p.customer_id = 9 AND NOT EXISTS (SELECT FROM warned.payment_return x WHERE x.payment_id = p.payment_id) HAVING max(payment_id) IS NOT NULL;
    INSERT INTO warned.credit_limit (customer_id, amount, valid_from) SELECT 12, 5000, d;
    INSERT INTO warned.sales_order (customer_id, ordered_on, amount) VALUES (17, d, 3000);
    SELECT warned.open_dispute(i.invoice_id, 10, 'price', opened_on => d) FROM warned.invoice i WHERE i.customer_id = 20 AND i.invoice_no = mark || 4;
    INSERT INTO warned.external_rating (customer_id, provider, value, rated_on) VALUES (24, 'press', 'bad', d), (23, 'bureau', 'a', d);
    INSERT INTO warned.customer_score (customer_id, as_of, known_at, score, rating, reason) VALUES (27, d, now(), 10, 10, 'test'); $$;
UPDATE ledger SET pinned_date = '2026-09-30';
SAVEPOINT later;
SELECT pg_temp.facts('2026-07-15', 'Z') \g /dev/null
SELECT isnt_empty($$SELECT * FROM warning_signals(NULL, '2026-07-15') EXCEPT SELECT * FROM before$$, '002-01 facts of a later day change that day');
SELECT set_eq($$SELECT * FROM warning_signals(NULL, '2026-06-30', 'infinity')$$, 'SELECT * FROM before',
    '002-01 no look-ahead: and no signal as of the day before them');
ROLLBACK TO later;
UPDATE ledger SET pinned_date = '2026-06-30';
SELECT pg_temp.facts('2026-06-29', 'Y') \g /dev/null
SELECT bag_eq(format('SELECT * FROM warning_signals(NULL, ''2026-06-30'', %L)', :'instant'), 'SELECT * FROM before', '002-01 no look-ahead: a fact recorded later changes nothing as known then');
SELECT set_eq($$SELECT DISTINCT w.signal FROM (SELECT * FROM warning_signals(NULL, '2026-06-30') EXCEPT SELECT * FROM before) w$$,
    '{delay_trend,on_time_drop,broken_promises,returned_payments,partial_payments,limit_creeping,order_surge,new_disputes,rating_drop,score_drop}'::text[], '002-01 as known now it changes every signal');
ROLLBACK TO later;
UPDATE ledger SET pinned_date = '2026-06-30';

-- Three distinct kinds ------------------------------------------------------------------
SELECT results_eq($$SELECT kind, key, severity, figures->>'signals', figures->'delay_trend' FROM early_warning_alerts(ARRAY[1], '2026-06-30') ORDER BY kind$$, $$VALUES
    ('behaviour_degradation', '', NULL, '1', NULL::jsonb), ('delay_degradation', '', NULL, '1', '{"value": 8.00, "threshold": 7.67, "compared_with": 2.67}'::jsonb),
    ('early_warning', '', NULL, '2', '{"value": 8.00, "threshold": 7.67, "compared_with": 2.67}')$$, '003-05 what is due, with its figures');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '003-05 below the least exposure nothing is raised');
INSERT INTO credit_limit (customer_id, amount, valid_from) VALUES (1, 4000, '2025-01-01');
SELECT pg_temp.bill(1, 'BIG', '2027-12-31', 5000, NULL, '2026-06-30'), pg_temp.bill(2, 'BIG', '2027-12-31', 5000, NULL, '2026-06-30') \g /dev/null
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is(pg_temp.settle('2026-06-30'), 4::bigint, '003-05 from it on the slope above its threshold alerts, the one below does not');
SELECT is(pg_temp.open_alerts(2), 'behaviour_degradation warning', '003-05 of 7 days against 2.33 no delay_degradation');
SELECT is((SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind) FROM open_alert WHERE customer_id = 1 AND kind IN ('delay_degradation', 'behaviour_degradation', 'limit_exceeded')),
    'behaviour_degradation, delay_degradation, limit_exceeded', '003-05 three distinct kinds: over limit, behaviour, delay');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '003-05 the fixture alerts once');
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 1 AND kind = 'delay_degradation'), 1::bigint, '003-05 and is one alert');
SELECT is((SELECT acknowledge_alert(a.alert_id, 'called') FROM alert a WHERE a.customer_id = 1 AND a.kind = 'delay_degradation'), '2026-06-30'::date, '003-05 somebody takes note');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '003-05 which neither ends nor repeats it');
SELECT throws_ok($$SELECT acknowledge_alert(a.alert_id) FROM alert a WHERE a.customer_id = 1 AND a.kind = 'delay_degradation'$$, 'CR012', NULL, '003-05 once');
SELECT set_eq($$SELECT customer_id, exposure, signals, severity, kinds, since, acknowledged FROM early_warning_list$$, $$VALUES
    (2::bigint, 5000::numeric, 1, 'warning', '{behaviour_degradation}'::text[], date '2026-06-30', false),
    (1, 5000, 2, 'warning', '{behaviour_degradation,delay_degradation,early_warning}', '2026-06-30', false)$$, '002-01 the list: exposure, signals, kinds');
-- Two more signals of customer 1.
SELECT open_dispute(i.invoice_id, 10, 'price', opened_on => d) FROM invoice i, (VALUES (date '2026-06-30'), ('2026-06-30')) v (d) WHERE i.customer_id = 1 AND i.invoice_no = 'BIG' \g /dev/null
INSERT INTO external_rating (customer_id, provider, value, rated_on) VALUES (1, 'bureau', 'a', '2026-01-05'), (1, 'bureau', 'c', '2026-06-30');
SELECT is(pg_temp.settle('2026-06-30'), 1::bigint, '002-01 with four signals the open alert is brought up to date');
SELECT is((SELECT concat_ws(' ', severity, figures->>'signals') FROM open_alert WHERE customer_id = 1 AND kind = 'early_warning'), 'critical 4', '002-01 and is critical');
SELECT results_eq('SELECT customer_id, signals FROM early_warning_list', 'VALUES (1::bigint, 4), (2, 1)', '002-01 the list has the worst first');
SELECT is((SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE customer_id = 1 AND kind IN ('early_warning', 'behaviour_degradation')), 2::bigint, '000-05 somebody takes note of the other two');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '000-05 which neither ends nor repeats them');
-- Half a year of good payment.
UPDATE ledger SET pinned_date = '2026-12-31';
SELECT pg_temp.bill(i, 'G' || n, date '2026-11-10' + 7 * n, 400, 0) FROM unnest('{1,2}'::int[]) i, generate_series(1, 4) n \g /dev/null
SELECT cmp_ok(pg_temp.settle('2026-12-31'), '>=', 4::bigint, '003-05 when the cause is gone');
SELECT is((SELECT string_agg(concat_ws(' ', kind, closed_on, closed_at > recorded_at), ', ' ORDER BY kind) FROM alert WHERE customer_id = 1 AND kind IN ('delay_degradation', 'behaviour_degradation', 'early_warning')),
    'behaviour_degradation 2026-12-31 t, delay_degradation 2026-12-31 t, early_warning 2026-12-31 t', '003-05 it is closed by itself, acknowledged or not');
SELECT is_empty('SELECT * FROM early_warning_list', '002-01 and gone from the list');

SELECT throws_ok(s, e, NULL, '002-01 ' || s) FROM (VALUES
    ('SELECT * FROM early_warning(12345)', 'CR004'), ('SELECT * FROM early_warning(NULL)', 'CR004'), ('SELECT * FROM warning_signals(NULL, NULL)', '22023'),
    ('SELECT * FROM warning_signals(NULL, ''infinity'')', '22023'), ('SELECT * FROM warning_signals(NULL, ''2026-06-30'', NULL)', '22023'),
    ('SELECT alert_parameter(''early_warning'', ''none'')', '22023'), ('SELECT alert_parameter(NULL, NULL)', '22023'),
    ('UPDATE alert_rule SET value = -1', '23514'), ('TRUNCATE alert_rule', 'CR010')) v (s, e);
UPDATE alert_rule SET value = 12 WHERE parameter = 'recent_months';
SELECT throws_ok('SELECT * FROM early_warning(1)', '22023', NULL, '002-01 recent months as many as those of the base are refused');
SELECT is_empty('SELECT * FROM verify()', '002-01 the books are right');
SELECT * FROM finish();
ROLLBACK;
