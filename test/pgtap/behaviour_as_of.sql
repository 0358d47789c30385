-- No look-ahead: row 002-03. The figures of behaviour as of a day, as known at
-- an instant, are the same whatever is written later, whoever is asked beside,
-- and however the question reads the past.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('hindsight') \g /dev/null
SET LOCAL search_path = hindsight, credit_risk, public;
SELECT setseed(0.42) \g /dev/null
UPDATE ledger SET pinned_date = '2025-01-02';
INSERT INTO exchange_rate (currency, rate_on, rate) SELECT 'USD', d, 0.8 + 0.001 * (d::date - date '2025-01-01') FROM generate_series(timestamp '2025-01-01', '2026-06-30', '5 days') d;
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 30) i;

-- A month of business, dated in it: invoices of one or two instalments and two
-- currencies, payments early, late, in part or on account, credit notes,
-- reversals, disputes, promises, returns, plans, corrections, proceedings.
CREATE PROCEDURE pg_temp.business(first date, payers integer) LANGUAGE plpgsql AS $$
DECLARE
    last date := first + 27;
    r record;
BEGIN
    UPDATE ledger SET pinned_date = last;
    INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount, currency, instalment_due_on, instalment_amount)
    SELECT 1 + n % payers, format('F%s-%s', first, n), CASE WHEN n % 17 = 0 THEN 'credit_note' ELSE 'invoice' END, d, CASE WHEN n % 5 = 0 THEN d + 45 ELSE d + 20 END, 100 + n,
           CASE WHEN n % 7 = 0 THEN 'USD' ELSE 'EUR' END, CASE WHEN n % 5 = 0 THEN ARRAY[d + 15, d + 45] END, CASE WHEN n % 5 = 0 THEN ARRAY[40, 60 + n] END
    FROM generate_series(1, 40) n, LATERAL (SELECT first + floor(20 * random())::integer AS d OFFSET 0) x;
    FOR r IN SELECT o.*, i.issued_on, row_number() OVER (ORDER BY o.invoice_id, o.instalment_no) AS n FROM open_item o JOIN invoice i USING (customer_id, invoice_id)
             WHERE o.kind <> 'credit_note' AND o.due_on < last + 10 AND random() < 0.6 ORDER BY o.invoice_id, o.instalment_no LOOP
        WITH p AS (INSERT INTO payment (customer_id, received_on, amount, currency, method) VALUES (r.customer_id, greatest(r.issued_on, first + floor(27 * random())::integer), round(r.open_amount * (0.3 + random())::numeric, 2), r.currency, CASE WHEN r.n % 9 = 0 THEN 'cheque' END)
                   RETURNING *)
        INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount) SELECT p.customer_id, p.payment_id, r.invoice_id, r.instalment_no, least(p.amount, r.open_amount) FROM p WHERE r.n % 8 <> 0;
    END LOOP;
    PERFORM open_dispute(o.invoice_id, o.open_amount / 2, 'price', instalment_no => o.instalment_no, opened_on => last - 5) FROM open_item o WHERE o.kind <> 'credit_note' AND o.open_amount > 90 AND o.invoice_id % 4 = 0
        AND round(o.open_amount / 2, 2) = o.open_amount / 2 AND NOT EXISTS (SELECT FROM dispute d WHERE d.invoice_id = o.invoice_id) AND EXISTS (SELECT FROM invoice i WHERE i.invoice_id = o.invoice_id AND i.issued_on <= last - 5);
    PERFORM resolve_dispute(d.dispute_id, (ARRAY['accepted', 'rejected', 'withdrawn'])[1 + d.dispute_id % 3], (ARRAY['quality', 'none', 'none'])[1 + d.dispute_id % 3], closed_on => last) FROM dispute d WHERE d.closed_on IS NULL AND d.dispute_id % 5 <> 0 AND d.opened_on < first;
    PERFORM reverse_allocation(a.allocation_id, last - 1) FROM allocation a WHERE a.reversal_of IS NULL AND a.allocation_id % 11 = 0 AND a.payment_id IS NOT NULL AND NOT EXISTS (SELECT FROM allocation b WHERE b.reversal_of = a.allocation_id);
    INSERT INTO payment_return (customer_id, payment_id, reason, returned_on)
    SELECT p.customer_id, p.payment_id, 'cheque no funds', last FROM payment p WHERE p.method = 'cheque' AND p.payment_id % 3 = 0 AND p.reversal_of IS NULL AND NOT EXISTS (SELECT FROM payment v WHERE v.reversal_of = p.payment_id);
    PERFORM correct_due_date(i.invoice_id, i.due_on + 12, 'a slip') FROM invoice i WHERE i.invoice_id % 13 = 0 AND i.instalment_due_on IS NULL AND i.kind = 'invoice' AND i.reversal_of IS NULL AND NOT EXISTS (SELECT FROM due_date_correction x WHERE x.invoice_id = i.invoice_id);
    INSERT INTO promise (customer_id, promised_on, invoice_id, opened_on)
    SELECT o.customer_id, first + 14, min(o.invoice_id), first + 10 FROM open_item o JOIN invoice i USING (customer_id, invoice_id) WHERE o.kind <> 'credit_note' AND i.issued_on <= first + 10 AND o.customer_id % 3 = 0
    GROUP BY o.customer_id ON CONFLICT DO NOTHING;
    PERFORM run_daily(last);
END $$;
-- In the order of the calendar: what a promise is judged by comes first.
SELECT format('CALL pg_temp.business(%L, 25)', m::date) FROM generate_series(timestamp '2025-01-03', '2026-01-03', '1 month') m \gexec
SELECT open_proceeding(7, 'receivership', '2026-01-20') \g /dev/null
SELECT ok((SELECT count(*) > 300 FROM allocation) AND (SELECT count(*) > 20 FROM dispute WHERE closed_on IS NOT NULL) AND (SELECT count(*) > 5 FROM payment_return) AND (SELECT count(*) > 5 FROM promise WHERE outcome IN ('broken', 'partly_kept')) AND (SELECT count(*) > 5 FROM due_date_correction),
    '002-03 a year with everything in it');
SELECT is_empty('SELECT * FROM verify()', '002-03 which ties out');

-- Of today: the simple definitions on the views of today.
UPDATE ledger SET pinned_date = '2026-01-30';
CREATE TEMPORARY VIEW simple AS
SELECT a.customer_id, round(x.dbt, 2) AS dbt, round(100 * x.on_time / nullif(x.paid, 0), 2) AS on_time_pct, s.settled, coalesce(r.not_kept, 0) AS not_kept, coalesce(e.defaults, 0) AS defaults, coalesce(o.open_amount, 0) AS open_amount
FROM credit_account a
LEFT JOIN (SELECT f.customer_id, avg_days_beyond_terms(f.amount_base, f.due_on, f.paid_on) AS dbt, sum(f.paid) AS paid, sum(f.paid) FILTER (WHERE f.paid_on <= business_day(f.due_on) + 3) AS on_time
           FROM (SELECT d.customer_id, d.amount_base, d.due_on, d.due_on + d.counted_days AS paid_on, d.amount_base AS paid FROM payment_delay d WHERE d.paid_on > '2025-01-30' UNION ALL
                 SELECT w.customer_id, w.unpaid, w.due_on, business_date(), 0
                 FROM (SELECT o.customer_id, o.due_on, o.kind, greatest(least(o.asked, sum(o.asked) OVER (PARTITION BY o.customer_id ORDER BY o.due_on, o.invoice_id, o.instalment_no) - o.credits), 0) AS unpaid
                       FROM (SELECT o.*, c.unapplied - coalesce(sum(o.open_amount_base) FILTER (WHERE o.kind = 'credit_note') OVER (PARTITION BY o.customer_id), 0) AS credits,
                                    CASE WHEN o.kind = 'credit_note' THEN 0 ELSE base_share(o.open_amount_base, o.open_amount, 0, greatest(o.open_amount - coalesce(
                                        (SELECT sum(q.amount) FROM dispute q WHERE q.invoice_id = o.invoice_id AND q.instalment_no = o.instalment_no AND q.closed_on IS NULL AND q.deadline_on >= business_date()), 0), 0)) END AS asked
                             FROM open_item o JOIN credit_account c USING (customer_id)) o) w
                 WHERE w.due_on < business_date() AND w.unpaid > 0) f GROUP BY 1) x USING (customer_id)
LEFT JOIN (SELECT p.customer_id, count(*) AS settled FROM (SELECT d.customer_id, d.invoice_id FROM payment_delay d WHERE d.paid_on > '2025-01-30' GROUP BY 1, 2) p
           WHERE NOT EXISTS (SELECT FROM open_item o WHERE o.customer_id = p.customer_id AND o.invoice_id = p.invoice_id) GROUP BY 1) s USING (customer_id)
LEFT JOIN (SELECT p.customer_id, partly_kept + broken AS not_kept FROM promise_reliability p) r USING (customer_id)
LEFT JOIN (SELECT e.customer_id, count(*) AS defaults FROM default_event e WHERE e.reversal_of IS NULL AND e.occurred_on > '2025-01-30' AND NOT EXISTS (SELECT FROM default_event v WHERE v.reversal_of = e.default_event_id) GROUP BY 1) e USING (customer_id)
LEFT JOIN (SELECT o.customer_id, sum(o.open_amount_base) AS open_amount FROM open_item o GROUP BY 1) o USING (customer_id);
SELECT set_eq('SELECT customer_id, dbt, on_time_pct, coalesce(settled, 0), not_kept, defaults, open_amount FROM simple WHERE EXISTS (SELECT FROM invoice i WHERE i.customer_id = simple.customer_id AND i.kind = ''invoice'')',
    'SELECT customer_id, dbt_12m, on_time_pct_12m, settled_invoices_12m, broken_promises_12m, defaults_12m, open_amount FROM payment_behaviour', '002-03 as of today: the simple definitions on the views of today');
SELECT set_eq($$SELECT customer_id, (credit_figures(customer_id)->>'oldest_overdue_days')::integer FROM credit_account a WHERE EXISTS (SELECT FROM invoice i WHERE i.customer_id = a.customer_id AND i.kind = 'invoice')$$, 'SELECT customer_id, oldest_overdue_days FROM payment_behaviour', '002-03 the oldest overdue item is that of the credit check');
SELECT set_eq($$SELECT customer_id, allocation_id, due_on, days_late, dispute_days, counted_days FROM settlement_as_of(NULL, '2000-01-01', business_date()) WHERE payment_id IS NOT NULL$$,
    'SELECT customer_id, allocation_id, due_on, days_late, dispute_days, counted_days FROM payment_delay', '002-03 what was paid is payment_delay');
SELECT set_eq($$SELECT customer_id, invoice_id, instalment_no, open_amount, open_amount_base FROM owed_as_of(NULL, business_date())$$, 'SELECT customer_id, invoice_id, instalment_no, open_amount, open_amount_base FROM open_item', '002-03 what is owed is open_item');
SELECT results_eq($$SELECT count(*) FILTER (WHERE counted_days < days_late) > 0, count(*) FILTER (WHERE payment_id IS NULL) >= 0 FROM settlement_as_of(NULL, '2000-01-01', business_date())$$, 'VALUES (true, true)', '002-03 some days do not count');

-- Days and instants, and what was said then.
SELECT clock_timestamp() AS now \gset
CREATE TEMPORARY TABLE asked AS
SELECT d::date AS as_of, t AS known_at FROM unnest('{2025-03-31,2025-07-15,2025-10-31,2026-01-30}'::date[]) d,
    LATERAL (SELECT 'infinity'::timestamptz AS t UNION ALL SELECT :'now' UNION ALL SELECT max(recorded_at) FROM allocation WHERE allocation_id < 150) k;
CREATE TEMPORARY TABLE told AS SELECT q.as_of, q.known_at AS instant, f.* FROM asked q, behaviour_figures(NULL, q.as_of, q.known_at) f;
CREATE TEMPORARY VIEW retold AS SELECT q.as_of, q.known_at AS instant, f.* FROM asked q, behaviour_figures(NULL, q.as_of, q.known_at) f;
SELECT cmp_ok((SELECT count(*) FROM told), '>', 2000::bigint, '002-03 twelve answers');
SELECT isnt_empty($$SELECT 1 FROM told a JOIN told b USING (as_of, customer_id, figure) WHERE a.instant = 'infinity' AND b.instant <> 'infinity' AND a.value IS DISTINCT FROM b.value$$, '002-03 what was known earlier differs');
SELECT is_empty($$SELECT * FROM told WHERE known_at > instant$$, '002-03 no figure rests on a fact recorded later');
SELECT set_eq($$SELECT o.as_of, o.instant, o.customer_id, o.invoice_id, o.open_amount FROM (SELECT q.as_of, q.known_at AS instant, w.* FROM asked q, owed_as_of(NULL, q.as_of, q.known_at) w) o$$,
    $$SELECT q.as_of, q.known_at, b.customer_id, b.invoice_id, b.open_amount FROM asked q, balance_as_of(q.as_of, q.known_at) b WHERE b.open_amount <> 0$$, '002-03 what was owed is balance_as_of()');
-- One alone is told the same as among all.
SELECT set_eq($$SELECT c.customer_id, f.figure, f.value, f.source, f.known_at FROM credit_account c, behaviour_figures(ARRAY[c.customer_id], '2025-10-31', 'infinity') f$$,
    $$SELECT customer_id, figure, value, source, known_at FROM told WHERE as_of = '2025-10-31' AND instant = 'infinity'$$, '002-03 asked alone, a customer is told the same');
SELECT is_empty($$SELECT customer_id, figure FROM told WHERE as_of = '2026-01-30' AND instant = 'infinity' GROUP BY 1, 2 HAVING count(*) > 1$$, '002-03 a figure of a customer once');

-- Later facts, dated after all days asked.
SAVEPOINT later;
CALL pg_temp.business('2026-02-03', 30);
CALL pg_temp.business('2026-03-03', 30);
SELECT close_proceeding(proceeding_id, 'annulled') FROM collective_proceeding \g /dev/null
SELECT reverse_default(default_event_id, 'x') FROM default_event e WHERE e.reversal_of IS NULL AND e.occurred_on < '2026-01-01' AND NOT EXISTS (SELECT FROM default_event r WHERE r.reversal_of = e.default_event_id) \g /dev/null
SELECT reverse_payment(p.payment_id) FROM payment p WHERE p.reversal_of IS NULL AND p.received_on > '2025-09-01' AND NOT EXISTS (SELECT FROM allocation a WHERE a.payment_id = p.payment_id) AND NOT EXISTS (SELECT FROM payment v WHERE v.reversal_of = p.payment_id) \g /dev/null
UPDATE customer SET risk_class = 'D';
-- A due date that was booked wrong holds for every day, once it is known.
DELETE FROM asked WHERE known_at = 'infinity' AND EXISTS (SELECT FROM due_date_correction x WHERE x.corrected_on > '2026-01-30');
SELECT is_empty($$SELECT * FROM retold EXCEPT SELECT * FROM told$$, '002-03 facts dated later change nothing');
SELECT is_empty($$SELECT t.* FROM told t JOIN asked q ON (q.as_of, q.known_at) = (t.as_of, t.instant) EXCEPT SELECT * FROM retold$$, '002-03 and take nothing away');
SELECT is_empty('SELECT * FROM verify()', '002-03 after them all ties out');
ROLLBACK TO later;
-- The same without corrections of due dates: also as known for ever.
SAVEPOINT later_too;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT c, 'L' || c, '2026-01-31', '2026-01-31', 1000 FROM generate_series(1, 30) c;
UPDATE ledger SET pinned_date = '2026-06-30';
INSERT INTO payment (customer_id, received_on, amount, currency) SELECT o.customer_id, '2026-02-10', o.open_amount, o.currency FROM open_item o WHERE o.kind <> 'credit_note' \g /dev/null
INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount)
SELECT o.customer_id, p.payment_id, o.invoice_id, o.instalment_no, o.open_amount
FROM (SELECT o.*, row_number() OVER (PARTITION BY o.customer_id, o.currency, o.open_amount ORDER BY o.invoice_id, o.instalment_no) AS n FROM open_item o WHERE o.kind <> 'credit_note') o
JOIN (SELECT p.*, row_number() OVER (PARTITION BY p.customer_id, p.currency, p.amount ORDER BY p.payment_id) AS n FROM payment p WHERE p.received_on = '2026-02-10') p ON (p.customer_id, p.currency, p.amount, p.n) = (o.customer_id, o.currency, o.open_amount, o.n);
SELECT resolve_dispute(dispute_id, 'accepted', 'quality') FROM dispute WHERE closed_on IS NULL \g /dev/null
SELECT set_eq('SELECT * FROM retold', 'SELECT * FROM told', '002-03 payments dated later change nothing, as known for ever');
ROLLBACK TO later_too;

-- Facts of the past, recorded later: as it was known, nothing changes.
SAVEPOINT backdated;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT c, 'B' || c, '2025-03-01', '2025-03-15', 5000 FROM generate_series(1, 30) c;
INSERT INTO payment (customer_id, received_on, amount) SELECT c, '2025-06-01', 4000 FROM generate_series(1, 25) c;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) SELECT p.customer_id, p.payment_id, i.invoice_id, 4000 FROM payment p JOIN invoice i USING (customer_id) WHERE i.invoice_no LIKE 'B%' AND p.amount = 4000;
SELECT open_dispute(invoice_id, reason => 'late', opened_on => '2025-03-20') FROM invoice WHERE invoice_no LIKE 'B%' AND customer_id < 9 \g /dev/null
SELECT promise_to_pay(c, '2026-01-30', opened_on => '2025-12-01') FROM generate_series(10, 12) c WHERE NOT EXISTS (SELECT FROM promise p WHERE p.customer_id = c AND p.closed_on IS NULL) \g /dev/null
SELECT correct_due_date(i.invoice_id, i.due_on + 5, 'x') FROM invoice i WHERE i.invoice_id % 5 = 1 AND i.kind = 'invoice' AND i.instalment_due_on IS NULL AND i.reversal_of IS NULL \g /dev/null
SELECT record_default(8, 'collective_proceeding', '2025-02-02') \g /dev/null
SELECT is_empty($$SELECT * FROM retold WHERE instant <> 'infinity' EXCEPT SELECT * FROM told$$, '002-03 facts recorded later change nothing of what was known');
SELECT is_empty($$SELECT * FROM told WHERE instant <> 'infinity' EXCEPT SELECT * FROM retold$$, '002-03 and take nothing away');
SELECT isnt_empty($$SELECT * FROM retold WHERE instant = 'infinity' EXCEPT SELECT * FROM told$$, '002-03 though they count in what is known now');
ROLLBACK TO backdated;

-- A closing is a place to start from, nothing else.
CREATE TEMPORARY TABLE owed_before AS SELECT q.as_of, q.known_at AS instant, w.customer_id, w.invoice_id, w.instalment_no, w.due_on, w.open_amount, w.unpaid_base FROM asked q, owed_as_of(NULL, q.as_of, q.known_at) w;
SELECT close_period('2025-06-30') \g /dev/null
SELECT set_eq('SELECT q.as_of, q.known_at AS instant, w.customer_id, w.invoice_id, w.instalment_no, w.due_on, w.open_amount, w.unpaid_base FROM asked q, owed_as_of(NULL, q.as_of, q.known_at) w', 'SELECT * FROM owed_before', '002-03 after a closing what was owed is the same');
SELECT set_eq('SELECT as_of, instant, customer_id, figure, value FROM retold', 'SELECT as_of, instant, customer_id, figure, value FROM told', '002-03 and so are the figures');
SELECT * FROM finish();
ROLLBACK;
