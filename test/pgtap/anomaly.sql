-- Anomalies: row 002-12. Each is seeded where it is just one and where it just
-- is none, with figures reckoned by hand; two years of seasons have none.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('odd') \g /dev/null
SET LOCAL search_path = odd, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-30', no_limit = 'pass';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 50) i;
INSERT INTO customer (customer_id, code, name, payer_id) SELECT 100 + i, 'S' || i, 'Site ' || i, 21 + i / 3 FROM generate_series(0, 8) i;
\set kinds '{order_anomaly,order_burst,unusual_terms,unusual_ship_to,month_end_spike,new_payment_account,sudden_delay}'

CREATE FUNCTION pg_temp.ordered(payer bigint, on_day date, amount numeric, terms text DEFAULT NULL, site bigint DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO odd.sales_order (customer_id, ordered_on, amount, terms, site_id) VALUES (payer, on_day, amount, terms, site) $$;
-- One a month from 2025-06-15 to 2026-05-15.
CREATE FUNCTION pg_temp.past_orders(payer bigint, amounts numeric[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO odd.sales_order (customer_id, ordered_on, amount)
    SELECT payer, (date '2026-05-15' - make_interval(months => cardinality(amounts) - n::integer))::date, a FROM unnest(amounts) WITH ORDINALITY u (a, n) $$;
-- An invoice, paid so many days after it was due (NULL = not paid).
CREATE FUNCTION pg_temp.bill(payer bigint, no text, due date, amount numeric, late integer DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO odd.invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (payer, no, due - 30, due, amount);
    WITH p AS (INSERT INTO odd.payment (customer_id, received_on, amount) SELECT payer, due + late, bill.amount WHERE late IS NOT NULL RETURNING payment_id)
    INSERT INTO odd.allocation (customer_id, payment_id, invoice_id, amount, effective_on)
    SELECT payer, p.payment_id, i.invoice_id, bill.amount, due + late FROM p JOIN odd.invoice i ON i.customer_id = payer AND i.invoice_no = no $$;
CREATE FUNCTION pg_temp.pay(payer bigint, no text, on_day date) RETURNS void LANGUAGE sql AS $$
    WITH p AS (INSERT INTO odd.payment (customer_id, received_on, amount) SELECT payer, on_day, i.amount FROM odd.invoice i WHERE i.customer_id = payer AND i.invoice_no = no RETURNING payment_id, amount)
    INSERT INTO odd.allocation (customer_id, payment_id, invoice_id, amount, effective_on)
    SELECT payer, p.payment_id, i.invoice_id, p.amount, on_day FROM p JOIN odd.invoice i ON i.customer_id = payer AND i.invoice_no = no $$;
-- Paid from an account.
CREATE FUNCTION pg_temp.wire(payer bigint, on_day date, amount numeric, account text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO odd.bank_line (bank_account, end_to_end_ref, booked_on, amount, payer_account, customer_id)
    VALUES ('our account', format('%s %s %s', payer, on_day, account), on_day, amount, account, payer) $$;
CREATE FUNCTION pg_temp.found(payer bigint, which text, d date DEFAULT '2026-06-30') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', trim_scale(value), trim_scale(usual), trim_scale(threshold), trim_scale(measure)), ', ' ORDER BY value), 'none')
    FROM odd.anomalies_as_of(ARRAY[payer], d) WHERE anomaly = which $$;
CREATE FUNCTION pg_temp.settle(d date) RETURNS bigint LANGUAGE sql AS $$
    SELECT odd.settle_alerts(ARRAY(SELECT a FROM odd.anomaly_alerts(NULL, d) a), '{order_anomaly,order_burst,unusual_terms,unusual_ship_to,month_end_spike,new_payment_account,sudden_delay}') $$;

SELECT is_empty($$SELECT * FROM anomalies_as_of(NULL, '2026-06-30')$$, '002-12 before: nothing is unusual');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '002-12 before: no alert is due');

-- The amount of an order. Median 1000, MAD 300: 1000 + 3.5 × 300 / 0.6745 = 2556.708…
SELECT pg_temp.past_orders(i, '{500,700,900,1100,1300,1500,500,700,900,1100,1300,1500}') FROM unnest('{1,2,9,10}'::int[]) i \g /dev/null
SELECT pg_temp.ordered(1, '2026-06-10', 2556.71), pg_temp.ordered(2, '2026-06-10', 2556.70) \g /dev/null
SELECT is(pg_temp.found(1, 'order_anomaly'), '2556.71 1000 2556.71 3.5', '002-12 order amount: 2556.71 against a median of 1000 and a MAD of 300 is one');
SELECT is(pg_temp.found(2, 'order_anomaly'), 'none', '002-12 order amount: 2556.70 just is none');
SELECT results_eq($$SELECT a.key, a.compared, a.found_on, a.explanation_en, a.explanation_fr FROM anomalies_as_of(ARRAY[1], '2026-06-30') a$$,
    format($$SELECT o.order_id::text, 12::bigint, date '2026-06-10', format('order %%s: 2556.71 EUR, usual 1000, unusual from 2556.71 on (robust z 3.50)', o.order_id),
             format('commande %%s : 2556.71 EUR, habituel 1000, inhabituel à partir de 2556.71 (z robuste 3.50)', o.order_id) FROM sales_order o WHERE o.customer_id = 1 AND o.ordered_on = '2026-06-10'$$),
    '002-12 keyed by the order, in the words of both languages');
SELECT pg_temp.ordered(1, '2026-06-12', 9000) \g /dev/null
SELECT is(pg_temp.found(1, 'order_anomaly'), '2556.71 1000 2556.71 3.5, 9000 1000 2556.71 17.99', '002-12 order amount: 0.6745 × 8000 / 300 = 17.99');
-- Eight of 1000 and four of 4000: MAD 0, mean deviation from the median 1000: 1000 + 3.5 × 1253.314 = 5386.599.
SELECT pg_temp.past_orders(i, '{1000,1000,1000,1000,4000,4000,4000,4000,1000,1000,1000,1000}') FROM unnest('{3,4}'::int[]) i \g /dev/null
SELECT pg_temp.ordered(3, '2026-06-10', 5386.60), pg_temp.ordered(3, '2026-06-11', 6000), pg_temp.ordered(4, '2026-06-10', 5386.59) \g /dev/null
SELECT is(pg_temp.found(3, 'order_anomaly'), '5386.6 1000 5386.6 3.5, 6000 1000 5386.6 3.99', '002-12 order amount: with a MAD of 0 by the mean deviation, 5000 / 1253.314 = 3.99');
SELECT is(pg_temp.found(4, 'order_anomaly'), 'none', '002-12 order amount: with a MAD of 0, 5386.59 just is none');
SELECT pg_temp.past_orders(i, array_fill(1000::numeric, ARRAY[CASE i WHEN 7 THEN 5 ELSE 6 END])) FROM unnest('{5,6,7}'::int[]) i \g /dev/null
SELECT pg_temp.ordered(5, '2026-06-10', 2000), pg_temp.ordered(6, '2026-06-10', 1999.99), pg_temp.ordered(7, '2026-06-10', 9000) \g /dev/null
SELECT is(pg_temp.found(5, 'order_anomaly'), '2000 1000 2000', '002-12 order amount: where all were alike twice as much is one, without a z');
SELECT is(pg_temp.found(6, 'order_anomaly'), 'none', '002-12 order amount: and less just is none');
SELECT is(pg_temp.found(7, 'order_anomaly'), 'none', '002-12 order amount: five before are too few');
SELECT pg_temp.past_orders(8, '{10,10,10,10,10,10}'), pg_temp.ordered(8, '2026-06-10', 999.99) \g /dev/null
SELECT is(pg_temp.found(8, 'order_anomaly'), 'none', '002-12 order amount: 999.99 is small, whatever the past');
SELECT pg_temp.ordered(i, '2025-05-20', 2000) FROM unnest('{9,10}'::int[]) i \g /dev/null
SELECT pg_temp.ordered(9, '2026-06-10', 2999.99), pg_temp.ordered(10, '2026-06-10', 3000) \g /dev/null
SELECT is(pg_temp.found(9, 'order_anomaly'), 'none', '002-12 order amount: less than 1.5 times the most of the same season a year ago is none');
SELECT is(pg_temp.found(10, 'order_anomaly'), '3000 1000 3000 4.5', '002-12 order amount: so much is one');
UPDATE alert_rule SET value = 5 WHERE kind = 'order_anomaly' AND parameter = 'robust_z';
SELECT is(pg_temp.found(1, 'order_anomaly'), '9000 1000 3223.87 17.99', '002-12 the thresholds are rows of alert_rule');
UPDATE alert_rule SET value = 3.5 WHERE kind = 'order_anomaly' AND parameter = 'robust_z';
UPDATE ledger SET no_limit = 'hold';
SELECT pg_temp.past_orders(50, '{1000,1000,1000,1000,1000,1000}'), pg_temp.ordered(50, '2026-06-10', 8000) \g /dev/null
UPDATE ledger SET no_limit = 'pass';
SELECT is((SELECT status FROM sales_order WHERE customer_id = 50 AND amount = 8000) || ' ' || pg_temp.found(50, 'order_anomaly'), 'held 8000 1000 2000', '002-12 order amount: what is held was ordered, too');
SAVEPOINT held;
SELECT clock_timestamp() AS held_at \gset
SELECT cancel_order(order_id) FROM sales_order WHERE customer_id = 50 AND amount = 8000 \g /dev/null
SELECT is(pg_temp.found(50, 'order_anomaly'), 'none', '002-12 order amount: cancelled while it was held it is none');
SELECT is((SELECT a.value FROM anomalies_as_of('{50}', business_date(), :'held_at') a WHERE a.anomaly = 'order_anomaly'), 8000::numeric, '002-12 order amount: which nobody knew before it was recorded');
UPDATE sales_order SET cancelled_on = NULL WHERE customer_id = 50 AND amount = 8000;
SELECT is(pg_temp.found(50, 'order_anomaly'), '8000 1000 2000', '002-12 order amount: taken up again it is one');
ROLLBACK TO held;
SELECT release_order(order_id, 'wanted', true) FROM sales_order WHERE customer_id = 50 AND amount = 8000 \g /dev/null
INSERT INTO delivery (customer_id, order_id, amount) SELECT 50, order_id, 5000 FROM sales_order WHERE customer_id = 50 AND amount = 8000;
SELECT cancel_order(order_id) FROM sales_order WHERE customer_id = 50 AND amount = 8000 \g /dev/null
SELECT is((SELECT o.amount_base FROM ordered_as_of('{50}', business_date() - 30, business_date()) o ORDER BY 1 DESC LIMIT 1), 5000::numeric, '002-12 of an order cancelled in part what was delivered stays');
ROLLBACK TO held;

-- Number of orders: weeks of 1 and 3, median 2, MAD 1: 2 + 3.5 / 0.6745 = 7.19.
INSERT INTO sales_order (customer_id, ordered_on, amount)
SELECT c, date '2026-06-30' - 7 * w - 3, 200 FROM unnest('{11,12,15}'::int[]) c, generate_series(1, 52) w, LATERAL generate_series(1, 1 + 2 * (w % 2)) n
UNION ALL SELECT c, date '2026-06-30' - 7 * w - 3, 200 FROM unnest('{13,14}'::int[]) c, generate_series(1, 52) w
UNION ALL SELECT 15, date '2025-06-25', 200 FROM generate_series(1, 6)
UNION ALL SELECT v.c, date '2026-06-24' + n % 7, 200 FROM (VALUES (11, 8), (12, 7), (13, 5), (14, 4), (15, 8)) v (c, n_orders), LATERAL generate_series(1, v.n_orders) n;
SELECT is(pg_temp.found(11, 'order_burst'), '8 2 8 4.05', '002-12 order burst: 8 in a week against a median of 2 and a MAD of 1 is one');
SELECT is(pg_temp.found(12, 'order_burst'), 'none', '002-12 order burst: 7 just are none');
SELECT is(pg_temp.found(13, 'order_burst'), '5 1 5', '002-12 order burst: 5 where it was 1 each week is one');
SELECT is(pg_temp.found(14, 'order_burst'), 'none', '002-12 order burst: 4 just are none');
SELECT is(pg_temp.found(15, 'order_burst'), 'none', '002-12 order burst: 8 where a week of the same season a year ago had 6 are none');

-- Terms.
UPDATE customer SET terms = 'net 30' WHERE customer_id BETWEEN 16 AND 18;
SELECT pg_temp.ordered(16, '2026-06-10', 1000, 'net 45'), pg_temp.ordered(16, '2026-06-11', 999.99, 'net 90'), pg_temp.ordered(17, '2026-06-10', 1000, 'net 44'),
       pg_temp.ordered(18, '2025-01-10', 100, 'net 60'), pg_temp.ordered(18, '2026-06-10', 1000, 'net 60'),
       pg_temp.ordered(19, '2026-06-10', 1000, 'net 90') \g /dev/null
SELECT is(pg_temp.found(16, 'unusual_terms'), '45 30 45', '002-12 terms: net 45 where the customer has net 30 are unusual, of a small order they are not looked at');
SELECT is(pg_temp.found(17, 'unusual_terms'), 'none', '002-12 terms: net 44 just are not');
SELECT is(pg_temp.found(18, 'unusual_terms'), 'none', '002-12 terms: net 60 that it had once are not');
SELECT is(pg_temp.found(19, 'unusual_terms'), 'none', '002-12 terms: of who has none and bought nothing yet nothing is usual');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (17, 'T1', '2026-06-10', '2026-07-25', 1000);
INSERT INTO invoice (customer_id, invoice_no, issued_on, terms, amount, order_id) SELECT 16, 'T2', '2026-06-15', 'net 45', 1000, o.order_id FROM sales_order o WHERE o.customer_id = 16 AND o.terms = 'net 45';
SELECT results_eq($$SELECT a.key, a.value FROM anomalies_as_of('{16,17}', '2026-06-30') a WHERE a.anomaly = 'unusual_terms' ORDER BY a.customer_id$$,
    $$SELECT 'order ' || o.order_id, 45::numeric FROM sales_order o WHERE o.customer_id = 16 AND o.terms = 'net 45' UNION ALL SELECT 'invoice ' || i.invoice_id, 45 FROM invoice i WHERE i.invoice_no = 'T1'$$,
    '002-12 terms: an invoice due after 45 days is unusual, one by the terms of its order is not counted again');

-- The place of delivery: five documents before.
SELECT pg_temp.ordered(c, ('2025-12-01'::date + 30 * n), 100, NULL, 100 + 3 * (c - 21)) FROM unnest('{21,22,23}'::int[]) c, generate_series(1, CASE c WHEN 23 THEN 4 ELSE 5 END) n \g /dev/null
SELECT pg_temp.ordered(21, '2026-06-10', 600, NULL, 101), pg_temp.ordered(21, '2026-06-20', 400, NULL, 101), pg_temp.ordered(22, '2026-06-10', 999.99, NULL, 104),
       pg_temp.ordered(22, '2026-06-11', 5000, NULL, 103), pg_temp.ordered(23, '2026-06-10', 5000, NULL, 107) \g /dev/null
SELECT results_eq($$SELECT a.key, a.value, a.compared, a.found_on, a.explanation_en FROM anomalies_as_of('{21}', '2026-06-30') a$$,
    $$VALUES ('101', 1000::numeric, 5::bigint, date '2026-06-10', 'site S1: 1000 EUR to a place that it never used, usual 0, unusual from 1000 on')$$,
    '002-12 ship-to: 1000 to a site that it never used is one, since the first order');
SELECT is(pg_temp.found(22, 'unusual_ship_to'), 'none', '002-12 ship-to: 999.99 just is none, nor is a site that it used');
SELECT is(pg_temp.found(23, 'unusual_ship_to'), 'none', '002-12 ship-to: four documents before are too few');
INSERT INTO delivery (customer_id, order_id, site_id, delivered_on, amount) SELECT 22, o.order_id, 105, '2026-06-20', 2000 FROM sales_order o WHERE o.customer_id = 22 AND o.amount = 5000;
SELECT is(pg_temp.found(22, 'unusual_ship_to'), '2000 0 1000', '002-12 ship-to: goods of an order that go elsewhere are one');

-- The end of the month: four a month, 25 % in the last five days; then months of 20 % and of 30 %, 25 + 3.5 × 5 / 0.6745 = 50.945.
INSERT INTO sales_order (customer_id, ordered_on, amount)
SELECT c, (date '2025-06-01' + make_interval(months => m))::date + d, CASE WHEN c < 26 THEN 250 WHEN d < 27 THEN 700 - 100 * (m % 2) ELSE 525 + (m % 2) * (600 * 9 / 7 - 525) END
FROM unnest('{24,25}'::int[]) c, generate_series(0, 11) m, unnest('{4,11,18,27}'::int[]) d
UNION ALL
SELECT c, (date '2025-06-01' + make_interval(months => m))::date + d, CASE WHEN d < 27 THEN 100 * (8 - m % 2) ELSE 200 + 100 * (m % 2) END
FROM unnest('{26,27}'::int[]) c, generate_series(0, 11) m, unnest('{10,27}'::int[]) d
UNION ALL
SELECT v.c, v.on_day, v.amount FROM (VALUES (24, date '2026-06-05', 500), (24, '2026-06-06', 500), (25, '2026-06-05', 500), (25, '2026-06-06', 501), (26, '2026-06-05', 1000), (27, '2026-06-05', 1000)) v (c, on_day, amount)
UNION ALL
SELECT v.c, date '2026-06-26' + n, v.amount FROM (VALUES (24, 250), (25, 250), (26, 375), (27, 375)) v (c, amount), generate_series(0, 3) n;
SELECT is(pg_temp.found(24, 'month_end_spike'), '50 25 50', '002-12 end of month: half of the month against a quarter is one');
SELECT is(pg_temp.found(25, 'month_end_spike'), 'none', '002-12 end of month: 49.98 % just are none');
SELECT is(pg_temp.found(26, 'month_end_spike'), '60 25 50.95 4.72', '002-12 end of month: 0.6745 × 35 / 5 = 4.72');
SELECT results_eq($$SELECT a.key, a.found_on FROM anomalies_as_of('{26}', '2026-07-20') a WHERE a.anomaly = 'month_end_spike'$$, $$VALUES ('2026-06', date '2026-06-30')$$, '002-12 end of month: it stands until the next month ends');
SELECT pg_temp.ordered(27, '2025-06-29', 667) \g /dev/null
SELECT is(pg_temp.found(27, 'month_end_spike'), 'none', '002-12 end of month: as much in the same month a year ago is a season');

-- Accounts.
SELECT pg_temp.wire(c, '2026-01-01'::date + 30 * n, 100, 'FR76 1111 ' || c) FROM unnest('{28,29,30}'::int[]) c, generate_series(1, CASE c WHEN 30 THEN 2 ELSE 3 END) n \g /dev/null
SELECT pg_temp.wire(28, '2026-06-10', 300, 'GB33 2222'), pg_temp.wire(28, '2026-06-20', 200, 'GB33 2222'), pg_temp.wire(29, '2026-06-10', 499.99, 'GB33 2222'),
       pg_temp.wire(29, '2026-06-11', 5000, 'FR76 1111 29'), pg_temp.wire(30, '2026-06-10', 500, 'GB33 2222') \g /dev/null
SELECT is((SELECT payments FROM apply_bank_lines()), 13::bigint, '002-12 accounts: thirteen payments from bank lines');
SELECT results_eq($$SELECT a.key, a.value, a.compared, a.found_on, a.explanation_en FROM anomalies_as_of('{28}', '2026-06-30') a$$,
    $$SELECT b.payment_id::text, 500::numeric, 3::bigint, date '2026-06-10', 'account GB33…2222: 500 EUR from an account that it never used, usual 0, unusual from 500 on'
      FROM bank_line_payment b JOIN bank_line l USING (bank_line_id) WHERE l.customer_id = 28 AND l.amount = 300$$, '002-12 accounts: 500 from an account that it never used is one, since the first payment');
SELECT is(pg_temp.found(29, 'new_payment_account'), 'none', '002-12 accounts: 499.99 just is none, nor is an account that it used');
SELECT is(pg_temp.found(30, 'new_payment_account'), 'none', '002-12 accounts: two payments before are too few');

-- Delay: 0, 4, 8 and 12 days twice, median 6, MAD 4: 6 + 3.5 × 4 / 0.6745 = 26.76.
SELECT pg_temp.bill(c, 'B' || n, ('2025-09-05'::date + 30 * n), 500, 4 * (n % 4)) FROM unnest('{31,32,33,34,35}'::int[]) c, generate_series(0, 7) n WHERE c < 35 OR n < 5 \g /dev/null
SELECT pg_temp.bill(31, 'L', '2026-05-20', 500, 27), pg_temp.bill(32, 'L', '2026-05-20', 500, 26), pg_temp.bill(32, 'M', '2026-05-20', 499.99, 40), pg_temp.bill(33, 'L', '2026-06-03', 500),
       pg_temp.bill(34, 'S', '2025-05-20', 100, 30), pg_temp.bill(34, 'L', '2026-05-10', 500, 44), pg_temp.bill(35, 'L', '2026-05-10', 500, 44) \g /dev/null
SELECT is(pg_temp.found(31, 'sudden_delay'), '27 6 27 3.54', '002-12 delay: paid 27 days late against a median of 6 and a MAD of 4 is one');
SELECT is(pg_temp.found(32, 'sudden_delay'), 'none', '002-12 delay: 26 days just are none, nor are 40 of a small item');
SELECT results_eq($$SELECT a.key, a.value, a.found_on, a.explanation_en FROM anomalies_as_of('{33}', '2026-06-30') a$$,
    $$SELECT i.invoice_id::text, 27::numeric, date '2026-06-30', 'invoice L: 27 days late, usual 6, unusual from 27 on (robust z 3.54)' FROM invoice i WHERE i.customer_id = 33 AND i.invoice_no = 'L'$$,
    '002-12 delay: unpaid 27 days after its due date is one');
SELECT is(pg_temp.found(33, 'sudden_delay', '2026-06-29'), 'none', '002-12 delay: the day before it was none');
SELECT is(pg_temp.found(34, 'sudden_delay'), 'none', '002-12 delay: 44 days where the same season a year ago had 30 are none');
SELECT is(pg_temp.found(35, 'sudden_delay'), 'none', '002-12 delay: five items before are too few');

-- Two years of seasons: ten orders a week of 2500 in June and July, one of 500 else; invoices due in July and August are paid 25 days late, others 2.
-- Customer 41 has none of this in the first year.
CREATE FUNCTION pg_temp.seasons(payer bigint, since date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO odd.sales_order (customer_id, ordered_on, amount)
    SELECT payer, d + n % 7, CASE WHEN s.peak THEN 2500 ELSE 500 END * (1 + 0.1 * (extract(day FROM d)::integer % 3))
    FROM generate_series(date '2024-05-01', date '2026-06-23', interval '7 days') g (w), LATERAL (SELECT w::date AS d) x,
         LATERAL (SELECT extract(month FROM d) IN (6, 7) AND d >= since AS peak) s, LATERAL generate_series(1, CASE WHEN s.peak THEN 10 ELSE 1 END) n;
    SELECT pg_temp.bill(payer, 'W' || w::date, w::date, 600, CASE WHEN extract(month FROM w) IN (7, 8) AND w >= since THEN 25 ELSE 2 END)
    FROM generate_series(date '2024-06-03', date '2026-06-23', interval '7 days') w; $$;
SELECT pg_temp.seasons(40, '2024-01-01'), pg_temp.seasons(41, '2025-01-01') \g /dev/null
SELECT is_empty($$SELECT a.* FROM generate_series(date '2025-06-05', date '2026-06-30', interval '10 days') d CROSS JOIN LATERAL anomalies_as_of('{40}', d::date) a$$,
    '002-12 seasons: what comes every year is found on no day of a year');
SELECT set_eq($$SELECT DISTINCT a.anomaly FROM generate_series(date '2025-06-05', date '2026-06-30', interval '10 days') d CROSS JOIN LATERAL anomalies_as_of('{41}', d::date) a$$,
    '{order_anomaly,order_burst,sudden_delay}'::text[], '002-12 seasons: where it came for the first time it is');
SELECT results_eq($$SELECT a.anomaly, array_agg(DISTINCT a.customer_id::integer ORDER BY a.customer_id::integer) FROM anomalies_as_of(NULL, '2026-06-30') a GROUP BY a.anomaly ORDER BY a.anomaly$$, $$VALUES
    ('month_end_spike', '{24,26}'::int[]), ('new_payment_account', '{28}'), ('order_anomaly', '{1,3,5,10,50}'), ('order_burst', '{11,13}'), ('sudden_delay', '{31,33}'),
    ('unusual_ship_to', '{21,22}'), ('unusual_terms', '{16,17}')$$, '002-12 one call for all: what was seeded and nothing else');

-- No look-ahead: facts dated later, then recorded later.
SELECT clock_timestamp() AS instant \gset
CREATE TEMP TABLE before AS SELECT * FROM anomalies_as_of(NULL, '2026-06-30', :'instant');
CREATE FUNCTION pg_temp.facts(d date) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.ordered(2, d, 90000), pg_temp.ordered(17, d, 5000, 'net 120'), pg_temp.ordered(23, d, 5000, NULL, 107), pg_temp.ordered(23, d, 5000, NULL, 108), pg_temp.ordered(22, d, 500, NULL, 104);
    SELECT pg_temp.ordered(14, d, 300) FROM generate_series(1, 5);
    SELECT pg_temp.ordered(25, d, 3000) FROM generate_series(1, 4);
    UPDATE odd.sales_order SET cancelled_on = d WHERE customer_id = 1 AND amount = 9000;
    UPDATE odd.customer SET terms = 'net 45' WHERE customer_id = 16;
    INSERT INTO odd.delivery (customer_id, site_id, delivered_on, amount) VALUES (21, 102, d, 4000);
    SELECT pg_temp.wire(29, d, 700, 'DE89 3333'); SELECT odd.apply_bank_lines();
    SELECT pg_temp.pay(33, 'L', d);
    SELECT pg_temp.bill(32, 'Y', '2026-05-01', 700, 60) WHERE d = '2026-06-30';
    SELECT odd.reverse_payment(p.payment_id) FROM odd.payment p JOIN odd.bank_line_payment b USING (customer_id, payment_id) JOIN odd.bank_line l USING (bank_line_id)
    WHERE p.customer_id = 28 AND p.amount = 300; $$;
SAVEPOINT later;
UPDATE ledger SET pinned_date = '2026-07-15';
SELECT pg_temp.facts('2026-07-15') \g /dev/null
SELECT set_eq($$SELECT DISTINCT a.customer_id::integer, a.anomaly FROM anomalies_as_of(NULL, '2026-07-15') a WHERE a.customer_id IN (2, 14, 21, 23, 28, 29, 33) EXCEPT SELECT b.customer_id::integer, b.anomaly FROM before b$$,
    $$VALUES (2, 'order_anomaly'), (14, 'order_burst'), (23, 'unusual_ship_to'), (29, 'new_payment_account')$$, '002-12 facts of a later day change that day');
SELECT set_eq($$SELECT * FROM anomalies_as_of(NULL, '2026-06-30', 'infinity')$$, 'SELECT * FROM before', '002-12 no look-ahead: and nothing as of a day before them');
ROLLBACK TO later;
SELECT pg_temp.facts('2026-06-30') \g /dev/null
SELECT set_eq(format('SELECT * FROM anomalies_as_of(NULL, ''2026-06-30'', %L)', :'instant'), 'SELECT * FROM before', '002-12 no look-ahead: a fact recorded later changes nothing as known then');
SELECT set_eq($$SELECT DISTINCT f.anomaly FROM (SELECT * FROM anomalies_as_of(NULL, '2026-06-30') EXCEPT SELECT * FROM before) f$$,
    :'kinds'::text[], '002-12 as known now it changes each of the seven');
ROLLBACK TO later;

-- Alerts ----------------------------------------------------------------------------------
SELECT results_eq($$SELECT a.customer_id, a.kind, a.severity, a.figures - 'key' FROM anomaly_alerts('{31}', '2026-06-30') a$$,
    $$VALUES (31::bigint, 'sudden_delay', NULL::text, '{"value": 27, "usual": 6.00, "threshold": 27, "robust_z": 3.54, "compared": 8, "found_on": "2026-06-16", "number": 1}'::jsonb)$$, '002-12 what is due, with its figures');
SELECT is(pg_temp.settle('2026-06-30'), 16::bigint, '002-12 each of them is raised');
SELECT results_eq($$SELECT kind, count(*)::int, min(severity) FROM alert GROUP BY kind HAVING kind = ANY ('{order_anomaly,order_burst,unusual_terms,unusual_ship_to,month_end_spike,new_payment_account,sudden_delay}') ORDER BY kind$$, $$VALUES
    ('month_end_spike', 2, 'info'), ('new_payment_account', 1, 'warning'), ('order_anomaly', 7, 'warning'), ('order_burst', 2, 'warning'),
    ('unusual_ship_to', 2, 'warning'), ('unusual_terms', 2, 'warning')$$, '002-12 by kind; a delay of who owes little is not told');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '002-12 once');
SELECT is((SELECT acknowledge_alert(a.alert_id, 'asked the buyer') FROM alert a JOIN sales_order o ON o.order_id::text = a.key WHERE a.kind = 'order_anomaly' AND a.customer_id = 1 AND o.amount = 9000),
    '2026-06-30'::date, '002-12 somebody takes note');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '002-12 which neither ends nor repeats it');
-- What was the cause is gone.
UPDATE sales_order SET cancelled_on = '2026-06-30' WHERE customer_id IN (1, 50) AND amount IN (9000, 8000) OR customer_id = 11 AND ordered_on = '2026-06-30' OR customer_id = 16 AND terms = 'net 45' AND invoiced_amount = 0;
SELECT reverse_payment(b.payment_id) FROM bank_line_payment b JOIN bank_line l USING (bank_line_id) WHERE l.customer_id = 28 AND l.amount = 300 \g /dev/null
SELECT is(pg_temp.settle('2026-06-30'), 4::bigint, '002-12 orders cancelled, a payment taken back');
SELECT results_eq($$SELECT a.customer_id::integer, a.kind, a.closed_on, a.acknowledged_on IS NOT NULL FROM alert a WHERE a.closed_on IS NOT NULL ORDER BY a.customer_id$$, $$VALUES
    (1, 'order_anomaly', date '2026-06-30', true), (11, 'order_burst', '2026-06-30', false), (28, 'new_payment_account', '2026-06-30', false), (50, 'order_anomaly', '2026-06-30', false)$$,
    '002-12 their alerts are closed by themselves, acknowledged or not');
SELECT pg_temp.wire(28, '2026-06-30', 800, 'GB33 2222') \g /dev/null
SELECT is((SELECT payments FROM apply_bank_lines()) || ' ' || pg_temp.settle('2026-06-30'), '1 1', '002-12 paid from it again it is raised again');
SELECT is((SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE kind = 'new_payment_account'), 1::bigint, '000-05 somebody takes note of the account');
SELECT is(pg_temp.settle('2026-06-30'), 0::bigint, '000-05 which neither ends nor repeats it');
INSERT INTO payer_account (customer_id, iban) VALUES (28, 'GB332222');
SELECT is(pg_temp.settle('2026-06-30') || ' ' || pg_temp.found(28, 'new_payment_account'), '1 none', '002-12 and closed when somebody enters the account as the customer''s');
SELECT pg_temp.bill(33, 'BIG', '2027-12-31', 5000), pg_temp.bill(33, 'L2', '2026-05-10', 600) \g /dev/null
SELECT is(pg_temp.settle('2026-06-30'), 1::bigint, '002-12 from the least exposure on a delay alerts');
SELECT results_eq($$SELECT key, message_en, figures->>'number' FROM open_alert WHERE kind = 'sudden_delay'$$,
    $$VALUES ('', 'invoice L2: 51 days late, usual 6, unusual from 27 on (robust z 7.59); and 1 more', '2')$$, '002-12 once for all late items, with the latest');
UPDATE ledger SET pinned_date = '2026-07-01';
SELECT pg_temp.pay(33, 'L', '2026-07-01') \g /dev/null
SELECT is(pg_temp.settle('2026-07-01'), 2::bigint, '002-12 the next day the days are brought up to date, and a burst is over');
SELECT is((SELECT concat_ws(' ', figures->>'value', opened_on) FROM open_alert WHERE kind = 'sudden_delay'), '52 2026-06-30', '002-12 in the same alert');
SELECT pg_temp.pay(33, 'L2', '2026-07-01') \g /dev/null
SELECT is(pg_temp.settle('2026-07-01'), 0::bigint, '002-12 paid late is late still');
SELECT set_eq($$SELECT kind FROM open_alert WHERE kind = ANY ('{order_anomaly,order_burst,unusual_terms,unusual_ship_to,month_end_spike,new_payment_account,sudden_delay}')$$,
    '{order_anomaly,order_burst,unusual_terms,unusual_ship_to,month_end_spike,sudden_delay}'::text[], '000-05 the other six kinds are open');
SELECT is((SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE kind = ANY (:'kinds') AND acknowledged_on IS NULL), 13::bigint, '000-05 somebody takes note of all');
SELECT is(pg_temp.settle('2026-07-01'), 0::bigint, '000-05 which neither ends nor repeats one');
UPDATE ledger SET pinned_date = '2026-08-15';
SELECT is(pg_temp.settle('2026-08-15'), 13::bigint, '002-12 when the window has passed');
SELECT is((SELECT count(*) FROM open_alert WHERE kind = ANY (:'kinds')), 0::bigint, '002-12 all are closed');
SELECT set_eq($$SELECT kind FROM alert WHERE acknowledged_at IS NOT NULL AND closed_at > acknowledged_at$$, :'kinds'::text[], '000-05 each kind was noted, stayed open and closed by itself');

SELECT is_empty($$SELECT * FROM anomalies_as_of('{}', '2026-06-30') UNION ALL SELECT * FROM anomalies_as_of('{101,12345}', '2026-06-30')$$, '002-12 nobody and who is no payer has none');
SELECT throws_ok(s, '22023', NULL, '002-12 ' || s) FROM unnest(ARRAY[
    'SELECT * FROM anomalies_as_of(NULL, NULL)', 'SELECT * FROM anomalies_as_of(NULL, ''infinity'')', 'SELECT * FROM anomalies_as_of(NULL, ''-infinity'')',
    'SELECT * FROM anomalies_as_of(NULL, ''2026-06-30'', NULL)', 'SELECT * FROM anomaly_alerts(NULL, NULL)']) s;
UPDATE alert_rule SET value = 1000 WHERE kind = 'order_anomaly' AND parameter = 'history_days';
SELECT throws_ok('SELECT * FROM anomalies_as_of(NULL, ''2026-06-30'')', '22023', NULL, '002-12 a past longer than never is refused');
SELECT is_empty('SELECT * FROM verify()', '002-12 the books are right');
SELECT * FROM finish();
ROLLBACK;
