-- The demo's screen, built small with two seeds: every figure printed is
-- recomputed by plain SQL from the facts, and another seed changes them all.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(34);
SET client_min_messages = warning;
SET jit = off;

\set ledger demo_ledger
\set customers 40
\set stride 21
\set seed 1
\o /dev/null
SELECT credit_risk.create_ledger(:'ledger');
\ir ../../doc/demo/build.sql
\ir ../../doc/demo/orders.sql
\ir ../../doc/demo/scores.sql
\ir ../../doc/demo/screen.sql
\o
SET search_path = demo_ledger, credit_risk, public;
CREATE TEMPORARY TABLE shown AS SELECT 1 AS seed, * FROM demo.screen('en') WITH ORDINALITY s (line, line_no);

-- ---- what was printed, taken apart -------------------------------------------

CREATE FUNCTION pg_temp.numbers(line text) RETURNS numeric[] LANGUAGE sql
RETURN ARRAY(SELECT replace(m[1], ',', '')::numeric FROM regexp_matches(line, '(?<![\w.-])(-?\d[\d,]*(?:\.\d+)?)(?![\w-])', 'g') WITH ORDINALITY m (m, n) ORDER BY n);

CREATE TEMPORARY VIEW block AS
SELECT s.seed, s.line_no, s.line, count(*) FILTER (WHERE s.line ~ '^[1-7] [A-Z]') OVER (PARTITION BY s.seed ORDER BY s.line_no) AS block FROM shown s;

-- The latest seed's lines.
CREATE TEMPORARY VIEW here AS SELECT * FROM block WHERE seed = (SELECT max(seed) FROM block);

PREPARE shown_ageing AS
SELECT split_part(line, ' ', 1), pg_temp.numbers(line) FROM here WHERE block = 1 AND line ~ '^([A-E]|total) ' ORDER BY line_no;
PREPARE shown_cash AS
SELECT pg_temp.numbers(line) FROM here WHERE block = 1 AND line ~ '^unapplied';
PREPARE shown_dso AS
SELECT trim(substr(line, 1, 30)), pg_temp.numbers(substr(line, 31)) FROM here WHERE block = 2 AND line ~ '^  ' ORDER BY line_no;
PREPARE shown_exposure AS
SELECT substr(line, 1, 15), trim(substr(line, 16, 3)), pg_temp.numbers(substr(line, 19)), line ~ '!$' FROM here WHERE block = 3 AND line ~ '%' ORDER BY line_no;
PREPARE shown_order AS
SELECT split_part(line, ' ', 1), CASE WHEN line ~ 'PASSED' THEN 'passed' ELSE 'held' END, pg_temp.numbers(substr(line, 31)) FROM here WHERE line ~ '^SO-' ORDER BY line_no;
PREPARE shown_cure AS
SELECT (regexp_match(line, 'invoice (\S+)'))[1], pg_temp.numbers(regexp_replace(line, 'invoice \S+', '')) FROM here WHERE block = 4 AND line ~ '^ +fits once invoice';
PREPARE shown_queue AS
SELECT line FROM here WHERE block = 5 AND line ~ ' total ';
PREPARE shown_action AS
SELECT substr(line, 1, 26), pg_temp.numbers(substr(line, 27, 8)), trim(substr(line, 36, 12)), pg_temp.numbers(substr(line, 48, 21)), trim(substr(line, 69))
FROM here WHERE block = 5 AND line !~ '^5 | total |^held back|^customer ' ORDER BY line_no;
PREPARE shown_held AS
SELECT pg_temp.numbers(line) FROM here WHERE block = 5 AND line ~ '^held back';

PREPARE shown_classes AS
SELECT pg_temp.numbers(line) FROM here WHERE block = 6 AND line ~ '^calculated class';
PREPARE shown_worst AS
SELECT substr(line, 1, 22), substr(line, 31, 1), pg_temp.numbers(substr(line, 23, 6)), pg_temp.numbers(substr(line, 34, 6)),
       (SELECT array_agg(p[2] - p[1] ORDER BY n) FROM (SELECT ARRAY[m[1], m[2]]::numeric[] AS p, n FROM regexp_matches(substr(line, 43), '([\d.]+)/([\d.]+)', 'g') WITH ORDINALITY x (m, n)) q)
FROM here WHERE block = 6 AND line ~ ' % ' ORDER BY line_no;
PREPARE shown_move AS
SELECT (regexp_match(line, 'class ([A-E])'))[1], (regexp_match(line, '[\d.]+$'))[1]::numeric FROM here WHERE block = 6 AND line ~ '^  (would|no single)' ORDER BY line_no;
PREPARE shown_warned AS
SELECT pg_temp.numbers(line) FROM here WHERE block = 6 AND line ~ '^early warning';
PREPARE shown_list AS
SELECT substr(line, 1, 26), substr(line, 27, 1), pg_temp.numbers(substr(line, 30, 13)), pg_temp.numbers(substr(line, 43, 3)), cardinality(string_to_array(substr(line, 48), ','))
FROM here h WHERE block = 6 AND line_no > (SELECT line_no FROM here WHERE block = 6 AND line ~ '^early warning') ORDER BY line_no;

-- ---- the same from the facts; the demo reverses none and has one currency -----

PREPARE plain_ageing AS
WITH item AS (
    SELECT i.customer_id, c.risk_class, date '2026-09-30' - coalesce(i.instalment_due_on[n], i.due_on) AS days,
           CASE WHEN i.kind = 'credit_note' THEN -i.amount ELSE coalesce(i.instalment_amount[n], i.amount) END
           - coalesce((SELECT sum(a.amount) FROM allocation a WHERE a.customer_id = i.customer_id AND a.invoice_id = i.invoice_id AND a.instalment_no = n), 0)
           + coalesce((SELECT sum(a.amount) FROM allocation a WHERE a.customer_id = i.customer_id AND a.credit_invoice_id = i.invoice_id), 0) AS open
    FROM invoice i JOIN customer c USING (customer_id), generate_series(1, coalesce(cardinality(i.instalment_due_on), 1)) n
), class AS (
    SELECT coalesce(risk_class, 'total') AS class, count(DISTINCT customer_id) FILTER (WHERE open <> 0)::numeric AS customers,
           coalesce(sum(open) FILTER (WHERE days <= 0), 0) AS a, coalesce(sum(open) FILTER (WHERE days BETWEEN 1 AND 30), 0) AS b,
           coalesce(sum(open) FILTER (WHERE days BETWEEN 31 AND 60), 0) AS c, coalesce(sum(open) FILTER (WHERE days BETWEEN 61 AND 90), 0) AS d,
           coalesce(sum(open) FILTER (WHERE days > 90), 0) AS e, sum(open) AS total
    FROM item GROUP BY ROLLUP (risk_class)
)
SELECT class, ARRAY[customers, a, b, c, d, e, total, round(100 * (total - a) / total, 1)] FROM class WHERE customers > 0
ORDER BY class = 'total', class;

PREPARE plain_cash AS
SELECT ARRAY[-u.unapplied, r.receivable - u.unapplied, 0]
FROM (SELECT sum(p.amount) - (SELECT sum(amount) FROM allocation WHERE payment_id IS NOT NULL) AS unapplied FROM payment p) u,
     (SELECT sum(CASE WHEN kind = 'credit_note' THEN -amount ELSE amount END)
             - (SELECT sum(amount) FROM allocation WHERE payment_id IS NOT NULL) AS receivable FROM invoice) r;

-- Count-back: of each earlier month as many days as the rest of the balance explains.
PREPARE plain_dso AS
WITH month AS (
    SELECT m::date AS month, (m + interval '1 month - 1 day')::date AS last_day, extract(day FROM m + interval '1 month - 1 day') AS days,
           (SELECT coalesce(sum(CASE WHEN kind = 'credit_note' THEN -amount ELSE amount END), 0) FROM invoice
            WHERE date_trunc('month', issued_on) = m AND kind <> 'opening_balance') AS sales
    FROM generate_series(timestamp '2025-04-01', '2026-09-01', '1 month') m
), signed AS (
    SELECT i.issued_on AS day, coalesce(i.instalment_due_on[n], i.due_on) AS due_on,
           CASE WHEN i.kind = 'credit_note' THEN -i.amount ELSE coalesce(i.instalment_amount[n], i.amount) END AS amount
    FROM invoice i, generate_series(1, coalesce(cardinality(i.instalment_due_on), 1)) n
  UNION ALL SELECT effective_on, invoice_due_on, -amount FROM allocation
  UNION ALL SELECT effective_on, credit_due_on, amount FROM allocation WHERE credit_invoice_id IS NOT NULL
), balance AS (
    SELECT m.month, sum(s.amount) AS receivables, sum(s.amount) FILTER (WHERE s.due_on >= m.last_day) AS current
    FROM month m JOIN signed s ON s.day <= m.last_day WHERE m.month >= '2026-04-01' GROUP BY 1
), back AS (
    SELECT b.month, b.receivables, b.current, p.days, p.sales, sum(p.sales) OVER (PARTITION BY b.month ORDER BY p.month DESC) - p.sales AS later
    FROM balance b JOIN month p ON p.month <= b.month
), counted AS (
    SELECT month, sum(days * least(1, greatest(0, (receivables - later) / sales))) AS dso,
           sum(days * least(1, greatest(0, (current - later) / sales))) AS best
    FROM back GROUP BY 1
)
SELECT l.label, array_agg(l.value ORDER BY c.month)
FROM counted c CROSS JOIN LATERAL (VALUES (1, 'DSO', round(dso, 1)), (2, 'best possible', round(best, 1)),
                                          (3, 'lost to lateness', round(dso, 1) - round(best, 1))) l (place, label, value)
GROUP BY l.place, l.label ORDER BY l.place;

CREATE FUNCTION pg_temp.plain_exposure()
RETURNS TABLE (customer_id bigint, name text, class text, receivable numeric, drafts numeric, unbilled numeric, orders numeric, cash numeric, exposure numeric, credit_limit numeric)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT c.customer_id, c.name, c.risk_class, r.receivable, f.drafts, o.unbilled, o.orders, -u.cash, r.receivable + f.drafts + o.unbilled + o.orders - u.cash,
           coalesce(l.amount, 3000)
    FROM customer c
    CROSS JOIN LATERAL (SELECT coalesce(sum(a.amount), 0) AS settled FROM allocation a WHERE a.customer_id = c.customer_id AND a.payment_id IS NOT NULL) s
    CROSS JOIN LATERAL (SELECT coalesce(sum(CASE WHEN kind = 'credit_note' THEN -i.amount ELSE i.amount END), 0) - s.settled AS receivable
                        FROM invoice i WHERE i.customer_id = c.customer_id) r
    CROSS JOIN LATERAL (SELECT coalesce(sum(p.amount), 0) - s.settled AS cash FROM payment p WHERE p.customer_id = c.customer_id) u
    CROSS JOIN LATERAL (    -- what can still come back unpaid on the last day
        SELECT coalesce(sum(p.amount), 0) AS drafts FROM payment p JOIN payment_method m USING (method)
        WHERE p.customer_id = c.customer_id AND coalesce(p.matures_on, p.received_on) + m.final_after_days > '2026-09-30') f
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(d.delivered - d.invoiced), 0) AS unbilled,
               coalesce(sum(v.amount - d.delivered) FILTER (WHERE v.status <> 'held' AND v.cancelled_on IS NULL), 0) AS orders
        FROM sales_order v
        CROSS JOIN LATERAL (SELECT coalesce((SELECT sum(x.amount) FROM delivery x WHERE x.customer_id = v.customer_id AND x.order_id = v.order_id), 0) AS delivered,
                                   coalesce((SELECT sum(x.amount) FROM invoice x WHERE x.customer_id = v.customer_id AND x.order_id = v.order_id), 0) AS invoiced) d
        WHERE v.customer_id = c.customer_id) o
    LEFT JOIN LATERAL (SELECT x.amount FROM credit_limit x WHERE x.customer_id = c.customer_id AND x.valid_from <= '2026-09-30'
                       ORDER BY x.credit_limit_id DESC LIMIT 1) l ON true
    WHERE c.payer_id IS NULL OR c.payer_id = c.customer_id;
END $$;

PREPARE plain_exposure AS
SELECT rpad(CASE WHEN length(e.name) >= 15 THEN left(e.name, 13) || '.' ELSE e.name END, 15), e.class,
       ARRAY[e.receivable, e.drafts, e.unbilled, e.orders, e.cash, e.exposure, e.credit_limit, round(100 * e.exposure / e.credit_limit)], e.exposure > e.credit_limit
FROM (SELECT x.*, row_number() OVER (ORDER BY x.exposure DESC) AS largest, row_number() OVER (ORDER BY x.exposure - x.credit_limit DESC) AS furthest
      FROM pg_temp.plain_exposure() x) e
WHERE e.largest <= 5 OR (e.furthest <= 3 AND e.exposure > e.credit_limit) ORDER BY e.exposure DESC;

PREPARE plain_order AS
SELECT o.order_no, CASE WHEN p.place = 1 THEN 'passed' ELSE 'held' END,
       CASE WHEN p.place = 1 THEN ARRAY[o.amount, e.credit_limit - e.exposure + o.amount, e.credit_limit - e.exposure]
            ELSE ARRAY[o.amount, e.exposure + o.amount, e.credit_limit, e.exposure + o.amount - e.credit_limit] END
FROM demo.placed p JOIN sales_order o USING (customer_id, order_id) JOIN pg_temp.plain_exposure() e USING (customer_id)
WHERE o.status = CASE WHEN p.place = 1 THEN 'open' ELSE 'held' END ORDER BY p.place;

PREPARE plain_cure AS
SELECT i.invoice_no, ARRAY[w.open, '2026-09-30' - w.due_on, e.exposure + o.amount - w.open, e.credit_limit]
FROM demo.placed p JOIN sales_order o USING (customer_id, order_id) JOIN pg_temp.plain_exposure() e USING (customer_id) JOIN invoice i USING (customer_id)
CROSS JOIN LATERAL (SELECT coalesce(i.instalment_due_on[n], i.due_on) AS due_on, coalesce(i.instalment_amount[n], i.amount)
                           - coalesce((SELECT sum(a.amount) FROM allocation a WHERE a.customer_id = i.customer_id AND a.invoice_id = i.invoice_id AND a.instalment_no = n), 0) AS open
                    FROM generate_series(1, coalesce(cardinality(i.instalment_due_on), 1)) n) w
WHERE p.place = 2 AND i.kind <> 'credit_note' AND w.due_on < '2026-09-30' AND w.open >= e.exposure + o.amount - e.credit_limit
ORDER BY w.due_on, i.invoice_id LIMIT 1;

-- The queue: what was queued and neither sent nor paid meanwhile, by the items.
PREPARE plain_queue AS
SELECT string_agg(q.channel || ' ' || q.n || CASE WHEN q.proposed > 0 THEN ' (' || q.proposed || ' to approve)' ELSE '' END, ' · ' ORDER BY q.n DESC, q.channel)
       || ' · total ' || sum(q.n) || ', ' || to_char(sum(q.amount), 'FM999,999,990.00')
FROM (SELECT d.channel, count(DISTINCT d.action_id) AS n, count(DISTINCT d.action_id) FILTER (WHERE d.status = 'proposed') AS proposed, sum(i.open_amount) AS amount
      FROM dunning_action d JOIN dunning_action_item i USING (customer_id, action_id) WHERE d.status IN ('queued', 'proposed') AND NOT i.dropped GROUP BY 1) q;
PREPARE plain_action AS
SELECT rpad(CASE WHEN length(c.name) >= 26 THEN left(c.name, 24) || '.' ELSE c.name END, 26), ARRAY[d.dunning_level::numeric], d.channel,
       ARRAY[x.items, x.amount], i.invoice_no
FROM dunning_action d JOIN customer c USING (customer_id) JOIN invoice i ON i.invoice_id = d.lead_invoice_id
CROSS JOIN LATERAL (SELECT count(*)::numeric AS items, sum(y.open_amount) AS amount FROM dunning_action_item y WHERE y.action_id = d.action_id AND NOT y.dropped) x
WHERE d.status IN ('queued', 'proposed') ORDER BY x.amount DESC LIMIT 5;

-- What is held back, each item for one reason: overdue, by its open cases, and by what the latest night said of it.
PREPARE plain_held AS
SELECT ARRAY[count(*) FILTER (WHERE why = 1), count(*) FILTER (WHERE why = 2), count(*) FILTER (WHERE why = 3)]::numeric[]
FROM (SELECT CASE WHEN EXISTS (SELECT FROM dispute d WHERE d.invoice_id = i.invoice_id AND d.instalment_no = n AND d.outcome IS NULL) THEN 1
                  WHEN EXISTS (SELECT FROM promise p WHERE p.invoice_id = i.invoice_id AND p.outcome IS NULL) THEN 2
                  WHEN (SELECT p.reason FROM dunning_postponement p WHERE p.invoice_id = i.invoice_id AND p.instalment_no = n AND p.until > '2026-09-30'
                        ORDER BY p.run_on DESC LIMIT 1) = 'cash received, match first' THEN 3 END AS why
      FROM invoice i, generate_series(1, coalesce(cardinality(i.instalment_due_on), 1)) n
      WHERE i.kind <> 'credit_note' AND coalesce(i.instalment_due_on[n], i.due_on) < '2026-09-30'
        AND coalesce(i.instalment_amount[n], i.amount)
            > coalesce((SELECT sum(a.amount) FROM allocation a WHERE a.customer_id = i.customer_id AND a.invoice_id = i.invoice_id AND a.instalment_no = n), 0)) h;

-- Scores: the figures on record, judged by the card by hand.
CREATE FUNCTION pg_temp.plain_points()
RETURNS TABLE (customer_id bigint, score_id bigint, model_id bigint, characteristic text, points numeric, max_points numeric, all_points numeric[])
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT l.customer_id, l.score_id, l.model_id, c.characteristic, c.points[1 + (SELECT count(*) FROM unnest(c.edges) e WHERE CASE WHEN c.upper_closed THEN v.value > e ELSE v.value >= e END)],
           (SELECT max(p) FROM unnest(c.points) p), c.points
    FROM (SELECT DISTINCT ON (s.customer_id) s.* FROM customer_score s WHERE s.role = 'champion' ORDER BY s.customer_id, s.score_id DESC) l
    JOIN score_characteristic c ON c.model_id = l.model_id
    CROSS JOIN LATERAL (SELECT (l.figures->>c.figure)::numeric AS value) v WHERE l.score IS NOT NULL AND v.value IS NOT NULL;
END $$;
CREATE FUNCTION pg_temp.plain_worst()
RETURNS TABLE (place bigint, customer_id bigint, name text, score numeric, class text, points numeric, total numeric, lost numeric[])
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT row_number() OVER (ORDER BY round(100 * p.points / p.maximum, 2), e.exposure DESC), e.customer_id, e.name, round(100 * p.points / p.maximum, 2), s.risk_class, p.points, p.maximum, p.lost[1:3]
    FROM (SELECT q.customer_id, q.score_id, sum(q.points) AS points, sum(q.max_points) AS maximum,
                 array_agg(q.max_points - q.points ORDER BY q.max_points - q.points DESC) AS lost FROM pg_temp.plain_points() q GROUP BY 1, 2) p
    JOIN pg_temp.plain_exposure() e USING (customer_id) JOIN customer_score s USING (customer_id, score_id)
    WHERE e.exposure > 0 ORDER BY 1 LIMIT 2;
END $$;

PREPARE plain_classes AS
WITH latest AS (SELECT DISTINCT ON (customer_id) * FROM customer_score WHERE role = 'champion' ORDER BY customer_id, score_id DESC)
SELECT ARRAY(SELECT count(*)::numeric FROM latest WHERE score IS NOT NULL GROUP BY risk_class ORDER BY risk_class)
       || ((SELECT count(*) FROM customer WHERE payer_id IS NULL) - (SELECT count(*) FROM latest WHERE score IS NOT NULL))::numeric
       || (SELECT count(*)::numeric FROM class_assignment k JOIN class_assignment m USING (customer_id)
           WHERE k.kind = 'calculated' AND m.kind = 'manual' AND k.closed_on IS NULL AND m.closed_on IS NULL AND k.risk_class > m.risk_class);
PREPARE plain_worst AS
SELECT rpad(CASE WHEN length(w.name) >= 22 THEN left(w.name, 20) || '.' ELSE w.name END, 22), w.class, ARRAY[round(w.score, 1)],
       ARRAY[round(100 / (1 + 24 * power(2, (w.score - 50) / 10)), 1)], w.lost
FROM pg_temp.plain_worst() w ORDER BY w.place;
-- The next class, where another band of one characteristic reaches it, and that what is shown is one of these scores.
PREPARE plain_move AS
SELECT CASE WHEN m.reached > 0 THEN b.risk_class END, m.score
FROM pg_temp.plain_worst() w
JOIN (SELECT row_number() OVER (ORDER BY line_no) AS place, (regexp_match(line, '[\d.]+$'))[1]::numeric AS score FROM here WHERE block = 6 AND line ~ '^  (would|no single)') x USING (place)
CROSS JOIN LATERAL (SELECT r.risk_class, r.min_score FROM risk_class_band r WHERE r.min_score > w.score ORDER BY r.min_score LIMIT 1) b
CROSS JOIN LATERAL (SELECT count(*) AS reached, max(x.score) FILTER (WHERE round(s.score, 1) = x.score) AS score
                    FROM pg_temp.plain_points() p CROSS JOIN LATERAL unnest(p.all_points) other CROSS JOIN LATERAL (SELECT round(100 * (w.points + other - p.points) / w.total, 2) AS score) s
                    WHERE p.customer_id = w.customer_id AND s.score >= b.min_score) m
ORDER BY w.place;

CREATE FUNCTION pg_temp.plain_fired() RETURNS TABLE (customer_id bigint, name text, class text, exposure numeric, fired bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT e.customer_id, e.name, e.class, e.exposure, w.fired
    FROM (SELECT s.customer_id, count(*) AS fired, count(*) FILTER (WHERE s.signal IN ('delay_trend', 'on_time_drop', 'broken_promises', 'returned_payments')) AS telling
          FROM warning_signals(NULL, '2026-09-30') s WHERE s.triggered GROUP BY 1) w
    JOIN pg_temp.plain_exposure() e USING (customer_id)
    WHERE (w.fired >= 2 OR w.telling > 0) AND e.exposure >= (SELECT max(k.min_exposure) FROM alert_kind k WHERE k.kind IN ('early_warning', 'delay_degradation', 'behaviour_degradation'));
END $$;
PREPARE plain_warned AS
WITH kept AS (
    SELECT s.*, lead(s.as_of) OVER w AS until, last_value(s.rating) OVER w AS now, last_value(s.model_id) OVER w AS model_now
    FROM customer_score s WHERE s.role = 'champion' AND s.rating IS NOT NULL
    WINDOW w AS (PARTITION BY s.customer_id ORDER BY s.score_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
SELECT ARRAY[(SELECT count(*) FROM pg_temp.plain_fired()), (SELECT count(*) FROM pg_temp.plain_fired() WHERE fired >= 4),
             (SELECT count(DISTINCT k.customer_id) FROM kept k JOIN pg_temp.plain_exposure() e USING (customer_id)
              WHERE k.model_id = k.model_now AND k.rating - k.now >= 10 AND k.until > date '2026-09-30' - 90 AND e.exposure >= 1000),
             (SELECT count(*) FROM alert WHERE kind = 'class_downgrade' AND closed_on IS NULL),
             (SELECT count(*) FROM pg_temp.plain_exposure() e WHERE e.exposure >= 1000
              AND (e.class >= 'D' OR EXISTS (SELECT FROM alert a JOIN customer c USING (customer_id) WHERE coalesce(c.payer_id, c.customer_id) = e.customer_id
                                             AND a.severity = 'critical' AND a.closed_on IS NULL)))]::numeric[];
PREPARE plain_list AS
SELECT rpad(CASE WHEN length(f.name) >= 26 THEN left(f.name, 24) || '.' ELSE f.name END, 26), f.class, ARRAY[f.exposure], ARRAY[f.fired::numeric], f.fired::integer
FROM pg_temp.plain_fired() f ORDER BY f.fired < 4, f.exposure DESC LIMIT 3;

SELECT results_eq('shown_ageing', 'plain_ageing', 'aged balance by class, and its total');
SELECT results_eq('shown_cash', 'plain_cash', 'unapplied cash and the net balance');
SELECT results_eq('shown_dso', 'plain_dso', 'DSO by count-back, best possible, lost');
SELECT results_eq('shown_exposure', 'plain_exposure', 'exposure against limit');
SELECT results_eq('shown_order', 'plain_order', 'the two orders');
SELECT results_eq('shown_cure', 'plain_cure', 'what would let the held one pass');
SELECT results_eq('shown_queue', 'plain_queue', 'the queue by channel');
SELECT results_eq('shown_action', 'plain_action', 'its five largest');
SELECT results_eq('shown_held', 'plain_held', 'what is held back');
SELECT results_eq('shown_classes', 'plain_classes', 'customers by the class that the score gives');
SELECT results_eq('shown_worst', 'plain_worst', 'the worst scored: points by the card, PD, what costs most');
SELECT results_eq('shown_move', 'plain_move', 'what would lift them a class');
SELECT results_eq('shown_warned', 'plain_warned', 'early warnings, scores that fell, the watch list');
SELECT results_eq('shown_list', 'plain_list', 'the first to look at');
SELECT cmp_ok((SELECT count(*) FROM pg_temp.plain_fired()), '>', 0::bigint, 'and there are some');
SELECT ok(line ~ '^7 TIES OUT  verify\(\) 0 rows · buckets = items = facts · 3 of 3 as-of dates reproduced', 'it ties out') FROM here WHERE block = 7;
SELECT cmp_ok(max(length(line)), '<=', 100, 'at most 100 columns') FROM shown;
SELECT cmp_ok(max(line_no), '<=', 50::bigint, 'and 50 lines') FROM shown;
SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');
SELECT results_eq($$SELECT max(length(line)) <= 100, count(*), bool_or(demo.plain(line) ~ '[^ -~]') FROM demo.screen('fr') s (line)$$,
                  $$SELECT true, count(*), false FROM shown$$, 'as long in French, and in plain ASCII where it must be');

-- ---- another seed -------------------------------------------------------------

\o /dev/null
DROP SCHEMA demo CASCADE;
SELECT credit_risk.drop_ledger(:'ledger');
SELECT credit_risk.create_ledger(:'ledger');
\set seed 2
\ir ../../doc/demo/build.sql
\ir ../../doc/demo/orders.sql
\ir ../../doc/demo/scores.sql
\ir ../../doc/demo/screen.sql
\o
SET search_path = demo_ledger, credit_risk, public;
INSERT INTO shown SELECT 2 AS seed, * FROM demo.screen('en') WITH ORDINALITY s (line, line_no);

SELECT results_eq('shown_ageing', 'plain_ageing', 'seed 2: aged balance by class, and its total');
SELECT results_eq('shown_dso', 'plain_dso', 'seed 2: DSO');
SELECT results_eq('shown_exposure', 'plain_exposure', 'seed 2: exposure against limit');
SELECT results_eq('shown_order', 'plain_order', 'seed 2: the two orders');
SELECT results_eq('shown_queue', 'plain_queue', 'seed 2: the queue by channel');
SELECT results_eq('shown_held', 'plain_held', 'seed 2: what is held back');
SELECT results_eq('shown_classes', 'plain_classes', 'seed 2: customers by class');
SELECT results_eq('shown_worst', 'plain_worst', 'seed 2: the worst scored');
SELECT results_eq('shown_move', 'plain_move', 'seed 2: what would lift them a class');
SELECT results_eq('shown_warned', 'plain_warned', 'seed 2: early warnings');
SELECT results_eq('shown_list', 'plain_list', 'seed 2: the first to look at');
SELECT is_empty('SELECT * FROM verify()', 'seed 2: verify() finds nothing');

-- Amounts are compared place by place; counts and percentages may meet by chance.
SELECT is_empty($$
    SELECT a.label, a.n, a.value
    FROM (SELECT b.seed, b.block, split_part(b.line, ' ', 1) AS label, f.n, f.value
          FROM block b, unnest(pg_temp.numbers(b.line)) WITH ORDINALITY f (value, n) WHERE b.block IN (1, 5) AND f.value >= 100) a
    JOIN (SELECT b.seed, b.block, split_part(b.line, ' ', 1) AS label, f.n, f.value
          FROM block b, unnest(pg_temp.numbers(b.line)) WITH ORDINALITY f (value, n) WHERE b.block IN (1, 5) AND f.value >= 100) b USING (block, label, n, value)
    WHERE a.seed = 1 AND b.seed = 2
$$, 'another seed, another balance in every place');
SELECT is_empty($$
    SELECT a.line, f.value FROM block a, unnest(pg_temp.numbers(a.line)) f (value)
    WHERE a.seed = 1 AND a.block IN (3, 4, 5) AND f.value >= 100 AND f.value <> trunc(f.value)
      AND EXISTS (SELECT FROM block b, unnest(pg_temp.numbers(b.line)) g (value) WHERE b.seed = 2 AND b.block IN (3, 4, 5) AND g.value = f.value)
$$, 'and no amount of an account, an order or an action again');
SELECT * FROM finish();
ROLLBACK;
