-- Behaviour in payment: rows 000-19, 001-06, 001-07, 002-03, 004-16 and the
-- part of 000-17 that concerns it, each against figures reckoned by hand.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('behaving') \g /dev/null
SET LOCAL search_path = behaving, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-01-02';
\ir common/dunning_days.sql
INSERT INTO customer (customer_id, code, name, language) SELECT i, 'C' || i, 'Customer ' || i, 'en' FROM generate_series(1, 30) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE behaving.ledger SET pinned_date = d $$;
-- An invoice, and what was paid of it when: {day, amount}.
CREATE FUNCTION pg_temp.bill(payer bigint, no text, due date, amount numeric, issued date DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO behaving.invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (payer, no, coalesce(issued, due - 30), due, amount) RETURNING invoice_id $$;
CREATE FUNCTION pg_temp.pay(no text, on_day date, amount numeric, method text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    WITH p AS (INSERT INTO behaving.payment (customer_id, received_on, amount, method) SELECT i.customer_id, on_day, pay.amount, pay.method FROM behaving.invoice i
               WHERE i.invoice_no = no AND i.reversal_of IS NULL RETURNING customer_id, payment_id)
    INSERT INTO behaving.allocation (customer_id, payment_id, invoice_id, amount)
    SELECT p.customer_id, p.payment_id, i.invoice_id, pay.amount FROM p JOIN behaving.invoice i USING (customer_id) WHERE i.invoice_no = no AND i.reversal_of IS NULL
    RETURNING payment_id $$;
CREATE FUNCTION pg_temp.id(no text) RETURNS bigint LANGUAGE sql AS $$ SELECT i.invoice_id FROM behaving.invoice i WHERE i.invoice_no = no AND i.reversal_of IS NULL $$;
CREATE FUNCTION pg_temp.figure(payer bigint, name text, d date DEFAULT NULL, t timestamptz DEFAULT 'infinity') RETURNS numeric LANGUAGE sql AS $$
    SELECT f.value FROM behaving.behaviour_figures(ARRAY[payer], coalesce(d, behaving.business_date()), t) f WHERE f.figure = name $$;

-- 000-19 The history of a customer, by hand ---------------------------------------------
SELECT pg_temp.bill(1, n, d, a) FROM (VALUES ('H1', date '2026-01-30', 100), ('H2', '2026-01-31', 300), ('H3', '2026-02-27', 200), ('H4', '2026-03-31', 400), ('H5', '2026-05-29', 100), ('H6', '2026-04-30', 100)) v (n, d, a) \g /dev/null
SELECT is_empty($$SELECT * FROM payment_history(1, '2026-01-01', '2026-01-31') WHERE payments > 0 OR days_beyond_terms IS NOT NULL$$, '000-19 before: nothing was paid, and no mean of nothing');
SELECT pg_temp.day('2026-03-02');
SELECT pg_temp.pay(n, d, a) FROM (VALUES ('H1', date '2026-02-02', 100), ('H2', '2026-02-06', 300), ('H3', '2026-02-17', 50)) v (n, d, a) \g /dev/null
SELECT promise_to_pay(1, '2026-03-04', invoice_id => pg_temp.id('H3')) \g /dev/null
SELECT pg_temp.night('2026-03-08') \g /dev/null
SELECT is((SELECT outcome || ' ' || closed_on FROM promise), 'broken 2026-03-08', '000-19 a promise is broken');
SELECT pg_temp.day('2026-04-03');
SELECT pg_temp.pay('H3', '2026-03-09', 150), pg_temp.pay('H4', '2026-03-31', 400) \g /dev/null
-- 30 January is a Friday, 31 January a Saturday: paid by 2 and by 5 February is on time; 27 February is a Friday.
SELECT results_eq($$SELECT * FROM payment_history(1, '2026-01-01', '2026-03-31')$$, $$VALUES
    (date '2026-01-01', 0::bigint, 0::numeric, 0::bigint, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, 0::bigint, 0::bigint, 0::bigint, 0::bigint),
    ('2026-02-01', 3, 450, 2, 3.00, 4.67, 3.56, 33.33, NULL, 2, 1, 0, 0),
    ('2026-03-01', 2, 550, 1, 5.00, 2.73, 2.73, 72.73, -0.83, 2, 0, 1, 0),
    (NULL, 5, 1000, 3, 3.80, 3.60, 3.10, 55.00, NULL, 4, 1, 1, 0)$$, '000-19 month by month and the whole: days, share on time, trend, broken promises, as reckoned by hand');
SELECT results_eq($$SELECT dbt_12m, dbt_3m, trend_days, on_time_pct_12m, oldest_overdue_days, settled_invoices_12m, partial_payments_12m, broken_promises_12m, open_amount, paid_12m
    FROM payment_behaviour_as_of('{1}', '2026-03-31')$$, $$VALUES (3.10, 3.10, 0.00, 55.00, 0, 4::bigint, 1::bigint, 1::bigint, 100::numeric, 1000::numeric)$$, '000-19 the figures of the same day say the same');
SELECT results_eq($$SELECT settled_invoices, partial_payments FROM payment_history(1, '2026-01-01', '2026-02-28') WHERE month IS NULL$$, 'VALUES (2::bigint, 1::bigint)', '000-19 partial payments: a part paid by the end of February leaves the rest open');
SELECT pg_temp.pay('H6', '2026-04-02', 100, 'cheque') AS cheque \gset
SELECT is((SELECT settled_invoices_12m FROM payment_behaviour_as_of('{1}', '2026-04-30')), 5::bigint, '000-19 a cheque settles');
SELECT pg_temp.day('2026-05-04');
INSERT INTO payment_return (customer_id, payment_id, reason) VALUES (1, :cheque, 'cheque no funds');
SELECT results_eq($$SELECT payments, late_payments, returned_payments, settled_invoices FROM payment_history(1, '2026-04-01', '2026-05-31') WHERE month IS NULL$$,
    'VALUES (0::bigint, 0::bigint, 1::bigint, 0::bigint)', '000-19 a payment that comes back is no payment, and counts as returned');
SELECT results_eq($$SELECT payments, returned_payments FROM payment_history(1, '2026-04-01', '2026-04-30') WHERE month IS NULL$$, 'VALUES (1::bigint, 0::bigint)', '000-19 until it came back it was one');
SELECT results_eq($$SELECT broken_promises_12m, returned_payments_12m, defaults_12m, oldest_overdue_days, dbt_12m, dbt_3m, trend_days FROM payment_behaviour WHERE customer_id = 1$$,
    -- H6 is 4 days overdue: (3100 + 400) / 1100; since 5 February: 300 at 6, 50 at -10, 150 at 10, 400 at 0, 100 at 4
    'VALUES (1::bigint, 1::bigint, 1::bigint, 4, 3.18, 3.20, 0.02)', '000-19 what is overdue counts as late as it is, the trend is 3 months less 12');
SELECT is(pg_temp.figure(1, 'broken_promises_12m'), 2::numeric, '000-19 the figure counts both');
SELECT reverse_default(default_event_id, 'an error of the bank') FROM default_event WHERE customer_id = 1 \g /dev/null
SELECT results_eq($$SELECT returned_payments_12m, defaults_12m FROM payment_behaviour WHERE customer_id = 1$$, 'VALUES (0::bigint, 0::bigint)', '000-19 an event taken back counts no more');
SELECT throws_ok(s, e, NULL, '000-19 ' || s) FROM (VALUES ('SELECT * FROM payment_history(99, ''2026-01-01'', ''2026-02-01'')', 'CR004'), ('SELECT * FROM payment_history(NULL, ''2026-01-01'', ''2026-02-01'')', 'CR004'),
    ('SELECT * FROM payment_history(1, ''2026-02-01'', ''2026-01-01'')', '22023'), ('SELECT * FROM payment_history(1, NULL, ''2026-01-01'')', '22023'), ('SELECT * FROM payment_history(1, ''2026-01-01'', ''infinity'')', '22023'),
    ('SELECT * FROM payment_behaviour_as_of(NULL, NULL)', '22023'), ('SELECT * FROM payment_behaviour_as_of(NULL, ''infinity'')', '22023'), ('SELECT * FROM behaviour_figures(NULL, ''2026-01-01'', NULL)', '22023')) v (s, e);
-- Days of an accepted dispute over our fault are not the customer's.
SELECT pg_temp.day('2026-02-20');
SELECT pg_temp.bill(2, 'O1', '2026-02-10', 500), pg_temp.bill(2, 'O2', '2026-02-10', 500) \g /dev/null
SELECT open_dispute(pg_temp.id(n), reason => 'broken', opened_on => '2026-02-05') AS d FROM unnest('{O1,O2}'::text[]) n \g /dev/null
SELECT is((SELECT oldest_overdue_days FROM payment_behaviour WHERE customer_id = 2), 0, '000-19 what is disputed is not overdue');
SELECT is((SELECT oldest_overdue_days FROM payment_behaviour_as_of('{2}', '2026-03-08')), 26, '000-19 after 30 days it is');
SELECT resolve_dispute(dispute_id, CASE invoice_id WHEN pg_temp.id('O1') THEN 'accepted' ELSE 'rejected' END, CASE invoice_id WHEN pg_temp.id('O1') THEN 'quality' ELSE 'none' END) FROM dispute \g /dev/null
SELECT is((SELECT oldest_overdue_days FROM payment_behaviour WHERE customer_id = 2), 10, '000-19 and as soon as it is decided');
SELECT pg_temp.pay(n, '2026-03-02', 500) FROM unnest('{O1,O2}'::text[]) n \g /dev/null
SELECT results_eq($$SELECT days_beyond_terms, average_days_late, on_time_pct FROM payment_history(2, '2026-03-01', '2026-03-31') WHERE month IS NULL$$, 'VALUES (15.00, 15.00, 0.00)', '000-19 20 days late, of one the 10 days in dispute by our fault do not count');

-- Cash that is not matched, and a credit note, count as payment of the oldest.
SELECT pg_temp.day('2026-05-04');
SELECT pg_temp.bill(3, 'U1', '2026-03-01', 100), pg_temp.bill(3, 'U2', '2026-04-01', 100) \g /dev/null
SELECT is((SELECT oldest_overdue_days || ' ' || undisputed_over_60 FROM payment_behaviour WHERE customer_id = 3), '64 100', '002-03 an open item is as old as it is');
INSERT INTO payment (customer_id, amount) VALUES (3, 60);
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount) VALUES (3, 'U3', 'credit_note', '2026-05-04', '2026-05-04', 30);
SELECT is((SELECT oldest_overdue_days || ' ' || undisputed_over_60 FROM payment_behaviour WHERE customer_id = 3), '64 10', '002-03 less cash and credits that are not matched');
INSERT INTO payment (customer_id, amount) VALUES (3, 20);
SELECT is((SELECT oldest_overdue_days || ' ' || undisputed_over_60 FROM payment_behaviour WHERE customer_id = 3), '33 0', '002-03 covered, the next one is the oldest');

-- 000-17 A prospect has no behaviour ------------------------------------------------------
INSERT INTO customer (customer_id, code, name, lifecycle) VALUES (40, 'P40', 'Prospect', 'prospect'), (41, 'P41', 'Failing prospect', 'prospect');
SELECT is_empty($$SELECT * FROM behaviour_figures('{40}', business_date(), 'infinity')$$, '000-17 a prospect has no figure of behaviour: missing, not zero');
SELECT is_empty($$SELECT * FROM payment_behaviour WHERE customer_id = 40$$, '000-17 nor a row among those who pay');
SELECT open_proceeding(41, 'liquidation', '2026-05-01') \g /dev/null
SELECT results_eq($$SELECT figure, value FROM behaviour_figures('{41}', business_date(), 'infinity') ORDER BY 1$$, $$VALUES ('defaults_12m', 1::numeric), ('in_proceedings', 1)$$, '000-17 but a proceeding is known of anybody');
SELECT pg_temp.bill(4, 'N1', '2026-06-30', 100, '2026-05-01') \g /dev/null
SELECT results_eq($$SELECT figure, value, source FROM behaviour_figures('{4}', business_date(), 'infinity') WHERE value IS NULL ORDER BY 1$$, $$VALUES
    ('days_beyond_terms_12m', NULL::numeric, 'nothing was paid in 12 months and nothing is overdue'), ('disputes_rejected_pct_12m', NULL, 'no dispute of 12 months is decided'),
    ('lateness_trend_days', NULL, 'nothing was paid in 3 months and nothing fell due unpaid'), ('negligent_payer', NULL, 'nothing was settled in 12 months, and no reminder is due'),
    ('on_time_pct_12m', NULL, 'nothing was paid in 12 months')$$, '000-17 a new customer''s means are missing, and each says why');
SELECT results_eq($$SELECT figure, value FROM behaviour_figures('{4}', business_date(), 'infinity') WHERE value IS NOT NULL ORDER BY 1$$, $$VALUES
    ('broken_promises_12m', 0::numeric), ('customer_since_years', 0.01), ('defaults_12m', 0), ('dispute_rate_pct_12m', 0.00), ('in_proceedings', 0), ('oldest_overdue_days', 0), ('partial_payments_12m', 0),
    ('settled_invoices_12m', 0), ('undisputed_over_60', 0)$$, '000-17 its counts are zero');
SELECT set_eq($$SELECT DISTINCT figure FROM behaviour_figures('{1,2,3,4}', business_date(), 'infinity')$$, $$SELECT figure FROM score_figure WHERE family = 'behaviour'$$, '000-17 every figure of behaviour is declared, and none is missing');
SELECT is(pg_temp.figure(1, 'customer_since_years', '2027-01-01'), 1.00, '000-17 seniority: years since the first invoice');

-- 001-06 Late, but at the first reminder ------------------------------------------------------
UPDATE ledger SET pinned_date = '2025-07-01';
SELECT pg_temp.bill(p, format('R%s-%s', p, m), make_date(2025, m, 10), 100) FROM generate_series(11, 13) p, generate_series(8, 11) m \g /dev/null
-- 11 pays three days after its first reminder, 12 twenty days after it, 13 the day after the due date, before any.
DO $$
BEGIN
    FOR m IN 8 .. 11 LOOP
        PERFORM pg_temp.pay('R13-' || m, make_date(2025, m, 11), 100);
        FOR d IN 12 .. 14 LOOP
            PERFORM pg_temp.night(make_date(2025, m, d)), pg_temp.work(make_date(2025, m, d));
        END LOOP;
        PERFORM pg_temp.day(make_date(2025, m, 17));
        PERFORM pg_temp.pay('R11-' || m, (SELECT min(s.sent_on) + 3 FROM sent s WHERE s.code = 'C11' AND s.sent_on > make_date(2025, m, 10)), 100);
        PERFORM pg_temp.day(make_date(2025, m + 1, 4));
        PERFORM pg_temp.pay('R12-' || m, (SELECT min(s.sent_on) + 20 FROM sent s WHERE s.code = 'C12' AND s.sent_on > make_date(2025, m, 10)), 100);
    END LOOP;
END $$;
SELECT results_eq($$SELECT customer_id, count(DISTINCT sent_on) >= 4 FROM behaving.dunning_notice n JOIN (SELECT DISTINCT action_id, sent_on AS on_day FROM pg_temp.sent) s USING (action_id) WHERE customer_id BETWEEN 11 AND 13 GROUP BY 1 ORDER BY 1$$,
    'VALUES (11::bigint, true), (12, true)', '001-06 two were reminded of each, the third paid before');
SELECT results_eq($$SELECT customer_id, dbt_12m > 3, reminded_12m, paid_after_reminder_12m, negligent FROM payment_behaviour WHERE customer_id BETWEEN 11 AND 13 ORDER BY 1$$,
    'VALUES (11::bigint, true, 4::bigint, 4::bigint, true), (12, true, 4, 0, false), (13, false, 0, 0, false)', '001-06 always paid within 5 days of the first reminder: negligent');
SELECT set_eq($$SELECT code, after_reminder_pct FROM negligent_payer$$, $$VALUES ('C11', 100.00)$$, '001-06 the list names that one alone');
SELECT is(pg_temp.figure(11, 'negligent_payer') || ' ' || pg_temp.figure(12, 'negligent_payer') || ' ' || pg_temp.figure(13, 'negligent_payer'), '1 0 0', '001-06 and the figure says it');
SELECT is(pg_temp.figure(11, 'negligent_payer', '2025-09-30'), 0::numeric, '001-06 two cases are too few');
SELECT is(pg_temp.figure(11, 'negligent_payer', '2025-11-30'), 1::numeric, '001-06 four are not');
UPDATE behaviour_setting SET reminder_days = 2;
SELECT is_empty('SELECT * FROM negligent_payer', '001-06 within 2 days: nobody');
UPDATE behaviour_setting SET reminder_days = 5, min_reminded = 5;
SELECT is_empty('SELECT * FROM negligent_payer', '001-06 at least 5 cases: nobody');
UPDATE behaviour_setting SET min_reminded = 3;
-- One that stays open after its reminder is no negligence.
SAVEPOINT open_one;
SELECT pg_temp.bill(11, 'R11-12', '2025-12-10', 100) \g /dev/null
SELECT pg_temp.night('2025-12-12'), pg_temp.work('2025-12-12'), pg_temp.day('2025-12-17') \g /dev/null
SELECT is((SELECT reminded_12m || ' ' || negligent FROM payment_behaviour WHERE customer_id = 11), '4 true', '001-06 an open item is not judged before the 5 days are over');
SELECT pg_temp.day('2025-12-18');
SELECT is((SELECT reminded_12m || ' ' || negligent FROM payment_behaviour WHERE customer_id = 11), '5 true', '001-06 then it counts: 4 of 5 are enough');
UPDATE behaviour_setting SET min_after_reminder_pct = 81;
SELECT is((SELECT negligent FROM payment_behaviour WHERE customer_id = 11), false, '001-06 unless more is asked');
ROLLBACK TO open_one;
-- A scenario of its own.
INSERT INTO dunning_strategy (strategy_id, code, name, policy_groups) VALUES (900, 'negligent', 'Negligent payers', '{negligent}');
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) VALUES (900, 1, 1, 'e-mail', 1, 'friendly_reminder'), (900, 2, 6, 'call', 2, 'call_date_or_dispute');
SELECT activate_strategy(900) \g /dev/null
SELECT is((SELECT s.code FROM credit_account a JOIN dunning_strategy s USING (strategy_id) WHERE a.customer_id = 11), 'moderate', '001-06 before: dunned as all of its class');
SELECT instruct_dunning(customer_id, 'strategy', 'negligent payer', strategy => 'negligent') FROM negligent_payer \g /dev/null
SELECT results_eq($$SELECT a.customer_id, s.code FROM credit_account a JOIN dunning_strategy s USING (strategy_id) WHERE a.customer_id IN (11, 12) ORDER BY 1$$, $$VALUES (11::bigint, 'negligent'), (12, 'moderate')$$, '001-06 who is negligent is dunned by another strategy');
SELECT is_empty('SELECT * FROM verify()', '001-06 verify()');

-- 001-07 Disputes, again and again --------------------------------------------------------------
SELECT pg_temp.day('2025-12-01');
SELECT pg_temp.bill(p, format('D%s-%s', p, n), '2025-12-15', 100) FROM unnest('{14,15}'::bigint[]) p, generate_series(1, 10) n \g /dev/null
SELECT open_dispute(pg_temp.id('D14-1'), reason => 'price') \g /dev/null
SELECT open_dispute(pg_temp.id('D15-' || n), reason => 'price') FROM generate_series(1, 4) n \g /dev/null
SELECT pg_temp.day('2025-12-20');
SELECT open_dispute(pg_temp.id('D14-' || n), 40, 'quality') FROM generate_series(2, 4) n \g /dev/null
SELECT is_empty('SELECT * FROM serial_disputer WHERE after_due_pct < 50 AND coalesce(rejected_pct, 0) < 50', '001-07 nobody without a reason');
SELECT is(pg_temp.figure(14, 'disputes_rejected_pct_12m'), NULL, '001-07 before: none is decided');
SELECT pg_temp.day('2026-01-05');
SELECT resolve_dispute(dispute_id, o, c) FROM (VALUES ('D14-1', 'accepted', 'price'), ('D14-2', 'rejected', 'none'), ('D14-3', 'rejected', 'none'),
    ('D15-1', 'accepted', 'price'), ('D15-2', 'accepted', 'price'), ('D15-3', 'withdrawn', 'none'), ('D15-4', 'rejected', 'none')) v (no, o, c) JOIN dispute ON invoice_id = pg_temp.id(no) \g /dev/null
SELECT results_eq($$SELECT * FROM (SELECT customer_id, invoices, disputes, dispute_rate_pct, decided, rejected, rejected_pct, withdrawn, after_due, after_due_pct FROM dispute_behaviour_as_of('{14,15}', business_date())) x ORDER BY 1$$,
    'VALUES (14::bigint, 10::bigint, 4::bigint, 40.00, 3::bigint, 2::bigint, 66.67, 0::bigint, 3::bigint, 75.00), (15, 10, 4, 40.00, 4, 1, 25.00, 1, 0, 0.00)', '001-07 disputes / invoices over 12 months, the share rejected, opened after the due date');
SELECT set_eq('SELECT customer_id, disputes, rejected_pct, after_due_pct FROM serial_disputer', 'VALUES (14::bigint, 4::bigint, 66.67, 75.00)', '001-07 one disputes without ground and late, the other rightly');
SELECT is(pg_temp.figure(14, 'dispute_rate_pct_12m') || ' ' || pg_temp.figure(14, 'disputes_rejected_pct_12m'), '40.00 66.67', '001-07 both are figures for the score');
SELECT is((SELECT source FROM behaviour_figures('{14}', business_date(), 'infinity') WHERE figure = 'dispute_rate_pct_12m'), '4 disputes, 10 invoices of 12 months', '001-07 which say what they are made of');
SELECT is(pg_temp.figure(14, 'disputes_rejected_pct_12m', '2026-01-04'), NULL, '001-07 the day before, none was decided');
SELECT is(pg_temp.figure(14, 'dispute_rate_pct_12m', '2026-11-14') || ' ' || coalesce(pg_temp.figure(14, 'dispute_rate_pct_12m', '2026-11-15')::text, 'missing'), '40.00 missing', '001-07 without an invoice in 12 months there is no rate');
SELECT results_eq($$SELECT d, (SELECT disputes FROM dispute_behaviour_as_of('{14}', d)) FROM unnest('{2025-11-30,2025-12-01,2026-11-30,2026-12-01,2026-12-20}'::date[]) d$$, $$VALUES (date '2025-11-30', 0::bigint), ('2025-12-01', 1), ('2026-11-30', 4), ('2026-12-01', 3), ('2026-12-20', 0)$$, '001-07 after 12 months they are forgotten');
UPDATE behaviour_setting SET min_disputes = 5;
SELECT is_empty('SELECT * FROM serial_disputer', '001-07 at least 5: nobody');
UPDATE behaviour_setting SET min_disputes = 3;
SELECT results_eq($$SELECT c.characteristic, c.value, c.points, c.contribution FROM score_contributions(
    '{"model":"disputes","version":1,"scaling":"percent","decimals":2,"characteristics":[
      {"name":"dispute_rate","figure":"dispute_rate_pct_12m","family":"behaviour","edges":[5,20],"upper_closed":true,"points":[10,5,0],"weight":1,"missing":null},
      {"name":"on_time","figure":"on_time_pct_12m","family":"behaviour","edges":[50],"upper_closed":false,"points":[0,10],"weight":1,"missing":null}]}',
    (SELECT jsonb_object_agg(f.figure, f.value) FROM behaviour_figures('{14}', business_date(), 'infinity') f)) c WHERE c.characteristic = 'dispute_rate'$$,
    $$VALUES ('dispute_rate', '40.00', 0::numeric, 0::numeric)$$, '001-07 the factor stands in the explanation of a score');

-- 004-16 Every delay of the last years -------------------------------------------------------------
SELECT pg_temp.day('2026-06-30');
SELECT pg_temp.bill(16, format('Y%s-%s', y, n), make_date(y, 2 * n, 15), 100 * n, make_date(y, 1, 1)) FROM generate_series(2022, 2026) y, generate_series(1, 4) n WHERE make_date(y, 2 * n, 15) < '2026-08-30' \g /dev/null
-- 2 and 4 of each year 10 days later each year, 1 on time, 3 a day early; of 2026 the second is open.
SELECT pg_temp.pay(i.invoice_no, i.due_on + CASE right(i.invoice_no, 1) WHEN '1' THEN 0 WHEN '3' THEN -1 ELSE 10 * (extract(year FROM i.due_on)::integer - 2021) END, i.amount)
FROM invoice i WHERE i.customer_id = 16 AND i.due_on < '2026-01-01' OR i.invoice_no = 'Y2026-1' \g /dev/null
SELECT record_cause(pg_temp.id('Y2024-2'), 'temporary'), record_cause(pg_temp.id('Y2025-2'), 'structural', 'two plants closed'), record_cause(pg_temp.id('Y2026-2'), 'structural') \g /dev/null
SELECT results_eq($$SELECT invoice_no, due_on, settled_on, days_late, amount, open_amount, cause FROM payment_delay_history(16, 3)$$, $$VALUES
    ('Y2023-4', date '2023-08-15', date '2023-09-04', 20, 400::numeric, 0::numeric, NULL), ('Y2024-2', '2024-04-15', '2024-05-15', 30, 200, 0, 'temporary'), ('Y2024-4', '2024-08-15', '2024-09-14', 30, 400, 0, NULL),
    ('Y2025-2', '2025-04-15', '2025-05-25', 40, 200, 0, 'structural'), ('Y2025-4', '2025-08-15', '2025-09-24', 40, 400, 0, NULL), ('Y2026-2', '2026-04-15', NULL, 76, 200, 200, 'structural'), ('Y2026-3', '2026-06-15', NULL, 15, 300, 300, NULL)$$,
    '004-16 every late invoice of three years, settled or open, with days, amount and cause');
SELECT results_eq($$SELECT year, items, late, late_pct, average_days, weighted_days, change_days, longest_days, still_open FROM payment_delay_by_year(16, 3)$$, $$VALUES
    (2023, 1::bigint, 1::bigint, 100.00, 20.00, 20.00, NULL, 20, 0::bigint), (2024, 4, 2, 50.00, 15.00, 18.00, -2.00, 30, 0),
    (2025, 4, 2, 50.00, 20.00, 24.00, 6.00, 40, 0), (2026, 3, 2, 66.67, 30.33, 32.83, 8.83, 76, 2)$$, '004-16 the trend by year');
SELECT is((SELECT causes FROM payment_delay_by_year(16, 3) WHERE year = 2025), '{"structural": 1, "not recorded": 1}'::jsonb, '004-16 with the causes');
-- The raw ledger: invoices by what was allocated to them until when.
CREATE TEMPORARY VIEW raw_late AS
SELECT i.customer_id, extract(year FROM i.due_on)::integer AS year, count(*) AS late
FROM invoice i LEFT JOIN (SELECT a.customer_id, a.invoice_id, sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END) AS settled, max(a.effective_on) AS last_on FROM allocation a GROUP BY 1, 2) s USING (customer_id, invoice_id)
WHERE i.kind = 'invoice' AND i.due_on > '2023-06-30' AND CASE WHEN s.settled = i.amount THEN s.last_on ELSE '2026-06-30' END > i.due_on GROUP BY 1, 2;
SELECT set_eq($$SELECT c.customer_id, y.year, y.late FROM credit_account c, payment_delay_by_year(c.customer_id, 3) y WHERE y.late > 0$$, 'SELECT * FROM raw_late', '004-16 the counts equal a raw ledger query, for every customer');
SELECT set_eq($$SELECT c.customer_id, extract(year FROM h.due_on)::integer, count(*) FROM credit_account c, payment_delay_history(c.customer_id, 3) h GROUP BY 1, 2$$, 'SELECT * FROM raw_late', '004-16 and so does the list');
SELECT set_eq($$SELECT c.customer_id, h.invoice_id, h.instalment_no, h.days_late FROM credit_account c, payment_delay_history(c.customer_id, 100) h WHERE h.settled_on IS NOT NULL$$, 'SELECT customer_id, invoice_id, instalment_no, days_late FROM late_item', '004-16 those settled are those of late_item');
SELECT throws_ok(s, e, NULL, '004-16 ' || s) FROM (VALUES ('SELECT * FROM payment_delay_history(99)', 'CR004'), ('SELECT * FROM payment_delay_history(16, 0)', '22023'), ('SELECT * FROM payment_delay_history(16, NULL)', '22023'), ('SELECT * FROM payment_delay_by_year(99)', 'CR004'), ('SELECT * FROM payment_delay_by_year(16, 101)', '22023')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', '004-16 verify()');

-- What happens to a customer has it scored anew.
UPDATE ledger SET scoring = 'night';
SELECT pg_temp.bill(20 + n, 'Q' || n, '2026-07-01', 100, '2026-06-01') FROM generate_series(1, 4) n \g /dev/null
SELECT open_dispute(pg_temp.id('Q1'), reason => 'price'), record_default(22), promise_to_pay(23, '2026-07-01') AS promise \gset
SELECT set_eq('SELECT customer_id, reason FROM score_queue WHERE customer_id BETWEEN 21 AND 24', $$VALUES (21::bigint, 'dispute'), (22, 'default_event')$$, '001-07 a dispute and a default are scored, a promise is not before it is judged');
UPDATE dispute SET department = 'quality' WHERE customer_id = 21;
SELECT is((SELECT count(*) FROM score_queue WHERE customer_id = 21), 1::bigint, '001-07 nor a dispute that is only handed over');
SELECT resolve_dispute(dispute_id, 'rejected', 'none') FROM dispute WHERE customer_id = 21 \g /dev/null
SELECT pg_temp.pay('Q3', '2026-06-30', 100) \g /dev/null
SELECT is((SELECT string_agg(customer_id || ' ' || reason, ', ' ORDER BY queue_id) FROM score_queue WHERE customer_id IN (21, 23)), '21 dispute, 21 dispute, 23 promise', '001-07 decided and kept, they are scored again');
SELECT * FROM finish();
ROLLBACK;
