-- Forecasts of late payment: of one customer by hand, of the public sample by
-- the figures computed elsewhere.
\set ON_ERROR_STOP 1
\if :{?shared_data}
\else
  \set shared_data ''
\endif
\set csv :shared_data/ar/ibm_accounts_receivable.csv
\setenv CRK_CSV :csv
\set readable `test -r "$CRK_CSV" && echo on || echo off`

BEGIN;
SELECT plan(45);
SET client_min_messages = warning;
SELECT credit_risk.create_ledger('forecast') \g /dev/null
SET search_path = forecast, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-01-01', no_limit = 'pass';

INSERT INTO customer (code, name) VALUES ('G', 'Good'), ('S', 'Slow'), ('N', 'New');
CREATE FUNCTION pg_temp.bill(code text, no text, issued date, due date, amount numeric DEFAULT 100) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO forecast.invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (forecast.customer_id(code), no, issued, due, amount) RETURNING invoice_id $$;
CREATE FUNCTION pg_temp.pay(no text, on_day date, amount numeric DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    WITH i AS (SELECT o.customer_id, o.invoice_id, coalesce(pay.amount, o.open_amount) AS amount FROM forecast.invoice n JOIN forecast.open_item o USING (customer_id, invoice_id)
               WHERE n.invoice_no = no AND n.reversal_of IS NULL),
         p AS (INSERT INTO forecast.payment (customer_id, payment_no, received_on, amount) SELECT customer_id, no || '/' || on_day, on_day, amount FROM i RETURNING customer_id, payment_id, amount)
    INSERT INTO forecast.allocation (customer_id, payment_id, invoice_id, amount, effective_on) SELECT p.customer_id, p.payment_id, i.invoice_id, p.amount, on_day FROM p JOIN i USING (customer_id)
    RETURNING payment_id $$;
CREATE FUNCTION pg_temp.no(no text) RETURNS bigint LANGUAGE sql AS $$ SELECT invoice_id FROM forecast.invoice WHERE invoice_no = no AND reversal_of IS NULL $$;

SELECT is_empty('SELECT * FROM late_probability(business_date())', '001-02 nothing open, nothing to forecast');
SELECT pg_temp.bill('G', 'G1', '2026-01-01', '2026-01-31'), pg_temp.bill('G', 'G2', '2026-01-01', '2026-02-10'), pg_temp.bill('S', 'S1', '2026-01-01', '2026-01-31') \g /dev/null
SELECT is(p_late(pg_temp.no('G1')), NULL, '001-02 without any history there is no probability');
SELECT results_eq('SELECT count(*), count(probability) FROM late_probability(business_date())', 'VALUES (3::bigint, 0::bigint)', '001-02 nor for all that is open');
UPDATE ledger SET pinned_date = '2026-03-01';
SELECT pg_temp.pay('G1', '2026-01-31'), pg_temp.pay('G2', '2026-02-09'), pg_temp.pay('S1', '2026-02-05') \g /dev/null
SELECT pg_temp.bill('G', 'G3', '2026-02-20', '2026-03-22'), pg_temp.bill('S', 'S2', '2026-02-20', '2026-03-22'), pg_temp.bill('N', 'N1', '2026-02-20', '2026-03-22', 500) \g /dev/null

-- p = 1/3: good (0 + 2/3) / 4, slow (1 + 2/3) / 3, new 1/3.
SELECT results_eq('SELECT c.code, l.decided_items, l.late_items, round(l.portfolio_rate::numeric, 9), round(l.probability::numeric, 9), l.open_amount
                   FROM late_probability(business_date()) l JOIN customer c USING (customer_id) ORDER BY 1',
                  $$VALUES ('G', 2::bigint, 0::bigint, 0.333333333, 0.166666667, 100::numeric), ('N', 0, 0, 0.333333333, 0.333333333, 500), ('S', 2 - 1, 1, 0.333333333, 0.555555556, 100)$$,
                  '001-02 own history smoothed by the portfolio: paid in time, late, and new');
SELECT is(round(p_late(pg_temp.no('S2'))::numeric, 9), 0.555555556, '001-02 p_late() of one invoice is the same');
SELECT results_eq('SELECT l.invoice_id, l.probability FROM late_probability(business_date()) l ORDER BY 1', 'SELECT l.invoice_id, p_late(l.invoice_id) FROM late_probability(business_date()) l ORDER BY 1',
                  '001-02 for every open item');
SELECT is(p_late(pg_temp.no('G1')), 0::double precision, '001-02 an invoice that was settled on its due date: 0');
SELECT is(p_late(pg_temp.no('S1')), 1::double precision, '001-02 and one that was settled after it: 1');
SELECT is(p_late(pg_temp.no('S1'), '2026-01-31'), 0::double precision, '001-02 on the due date itself it was neither: the portfolio had one item, paid in time that day');
SELECT is(p_late(pg_temp.no('S1'), '2026-01-30'), NULL, '001-02 and none on the eve');
SELECT is(p_late(pg_temp.no('S1'), '2026-02-01'), 1::double precision, '001-02 the day after, open, it is late for certain');
SELECT is((SELECT probability FROM late_probability('2026-02-01') WHERE invoice_id = pg_temp.no('S1')), 1::double precision, '001-02 also in the list of that day');
SELECT throws_ok('SELECT p_late(-1)', 'CR007', 'there is no invoice -1', '001-02 no such invoice');
SELECT throws_ok('SELECT p_late(NULL)', 'CR007', 'there is no invoice NULL', '001-02 nor none');

-- What became known later, or happens later, is not in it.
CREATE TEMPORARY TABLE before AS SELECT * FROM late_probability('2026-03-01');
CREATE TEMPORARY TABLE early AS SELECT * FROM late_probability('2026-02-03');
CREATE TEMPORARY TABLE known AS SELECT clock_timestamp() AS at;
UPDATE ledger SET pinned_date = '2026-06-01';
SELECT pg_temp.pay('G3', '2026-04-15'), pg_temp.pay('N1', '2026-03-10', 200), pg_temp.bill('G', 'G4', '2026-05-01', '2026-07-01') \g /dev/null
SELECT results_eq($$SELECT * FROM late_probability('2026-03-01') ORDER BY invoice_id$$, 'SELECT * FROM before ORDER BY invoice_id', '001-02 no look-ahead: facts dated later change nothing');
SELECT pg_temp.bill('S', 'S0', '2026-01-02', '2026-01-05') \g /dev/null
SELECT isnt((SELECT count(*) FROM late_probability('2026-03-01')), (SELECT count(*) FROM before), '001-02 a fact dated before and recorded now counts by its date');
SELECT results_eq($$SELECT * FROM late_probability('2026-03-01', (SELECT at FROM known)) ORDER BY invoice_id$$, 'SELECT * FROM before ORDER BY invoice_id',
                  '001-02 no look-ahead: and not, as known before it was recorded');
SELECT results_eq($$SELECT * FROM late_probability('2026-02-03', (SELECT at FROM known)) ORDER BY invoice_id$$, 'SELECT * FROM early ORDER BY invoice_id', '001-02 for a day further back too');
SELECT is(p_late(pg_temp.no('N1'), '2026-03-01', (SELECT at FROM known)), (SELECT probability FROM before WHERE invoice_id = pg_temp.no('N1')), '001-02 p_late() as known then');

-- What counts as late.
SELECT results_eq($$SELECT i.invoice_no, sum(c.decided), sum(c.late), min(c.changed_on) FROM payment_outcome_change(NULL, business_date()) c JOIN invoice i USING (customer_id, invoice_id) GROUP BY 1 ORDER BY 1$$,
                  $$VALUES ('G1', 1::bigint, 0::bigint, date '2026-01-31'), ('G2', 1, 0, '2026-02-09'), ('G3', 1, 1, '2026-03-23'), ('N1', 1, 1, '2026-03-23'), ('S0', 1, 1, '2026-01-06'),
                           ('S1', 1, 1, '2026-02-01'), ('S2', 1, 1, '2026-03-23')$$, '001-02 settled in full by the due date or not, known the day after');
SELECT reverse_allocation(a.allocation_id) FROM allocation a WHERE a.invoice_id = pg_temp.no('G2') AND a.reversal_of IS NULL \g /dev/null
SELECT is(p_late(pg_temp.no('G2')), 1::double precision, '001-02 paid in time and returned later is late in the end');
SELECT is(p_late(pg_temp.no('G2'), '2026-05-31'), 0::double precision, '001-02 and was not before');
SELECT pg_temp.bill('G', 'G5', '2026-06-01', '2026-06-20') AS g5 \gset
SELECT reverse_invoice(:g5) \g /dev/null
SELECT is(p_late(:g5), NULL, '001-02 an invoice taken back has no probability');
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, amount) VALUES (customer_id('G'), 'C1', 'credit_note', '2026-06-01', 100);
SELECT is(p_late(pg_temp.no('C1')), NULL, '001-02 nor has a credit note');
SELECT pg_temp.bill('N', 'N2', '2026-05-01', '2026-05-31') \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, amount) VALUES (customer_id('N'), 'C2', 'credit_note', '2026-05-20', 100);
INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount, effective_on) VALUES (customer_id('N'), pg_temp.no('C2'), pg_temp.no('N2'), 100, '2026-05-20');
SELECT is_empty(format('SELECT * FROM payment_outcome_change(NULL, business_date()) WHERE invoice_id = %s', pg_temp.no('N2')), '001-02 what was credited as a whole says nothing of payment');
SELECT pg_temp.bill('N', 'N3', '2026-04-01', '2026-05-01') \g /dev/null
SELECT write_off(pg_temp.no('N3'), 'lost') \g /dev/null
SELECT is(p_late(pg_temp.no('N3')), 1::double precision, '001-02 what was lost was not paid in time');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount, instalment_due_on, instalment_amount)
VALUES (customer_id('G'), 'G6', '2026-05-01', '2026-07-31', 300, '{2026-05-31,2026-07-31}', '{100,200}');
SELECT is(p_late(pg_temp.no('G6')), 1::double precision, '001-02 of several instalments one that is past due decides');
SELECT is((SELECT count(*) FROM late_probability(business_date()) l WHERE l.invoice_id = pg_temp.no('G6') AND (l.probability = 1) = (l.instalment_no = 1)), 2::bigint, '001-02 the list has each instalment');
SELECT correct_due_date(pg_temp.no('S0'), '2026-07-05', 'typed wrong') \g /dev/null
SELECT cmp_ok(p_late(pg_temp.no('S0')), '<', 1::double precision, '001-02 by the right due date, once it was corrected');

-- Who is asked about one invoice does not read everybody's history where it says nothing.
SET LOCAL track_functions = 'all';
CREATE FUNCTION pg_temp.histories(no text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint := coalesce(pg_stat_get_xact_function_calls('forecast.payment_outcome_change'::regproc), 0);
BEGIN
    PERFORM forecast.p_late(pg_temp.no(no));
    RETURN pg_stat_get_xact_function_calls('forecast.payment_outcome_change'::regproc) - before;
END $$;
SELECT results_eq($$SELECT pg_temp.histories('S1'), pg_temp.histories('N1')$$, 'VALUES (1::bigint, 1::bigint)', '001-02 what is late already is known from its own customer');
SELECT is(pg_temp.histories('G4'), 2::bigint, '001-02 what is open and not due asks how others pay');
SELECT is_empty($$SELECT i.invoice_no, d.day FROM invoice i CROSS JOIN generate_series(date '2026-01-01', '2026-06-01', '7 days') d (day)
                  CROSS JOIN LATERAL (SELECT sum(c.decided) AS decided, sum(c.late) AS late, sum(c.decided) FILTER (WHERE c.customer_id = i.customer_id) AS own_decided,
                                             sum(c.late) FILTER (WHERE c.customer_id = i.customer_id) AS own_late, sum(c.decided) FILTER (WHERE c.invoice_id = i.invoice_id) AS its_decided,
                                             sum(c.late) FILTER (WHERE c.invoice_id = i.invoice_id) AS its_late
                                      FROM payment_outcome_change(NULL, d.day::date) c) h
                  WHERE i.kind = 'invoice' AND i.reversal_of IS NULL AND i.invoice_no <> 'G5'
                    AND p_late(i.invoice_id, d.day::date) IS DISTINCT FROM
                        CASE WHEN h.its_late > 0 OR EXISTS (SELECT FROM balance_as_of(d.day::date) b WHERE b.invoice_id = i.invoice_id AND b.due_on < d.day) THEN 1
                             WHEN h.its_decided = coalesce(cardinality(i.instalment_due_on), 1) THEN 0
                             ELSE (coalesce(h.own_late, 0) + 2 * (h.late::double precision / nullif(h.decided, 0))) / (coalesce(h.own_decided, 0) + 2) END$$,
                '001-02 and it is what the history of all says, on every day');

-- The backtest: each forecast on the eve of the issue.
SELECT results_eq($$SELECT i.invoice_no, b.late, b.decided_items, b.late_items, b.probability IS NOT DISTINCT FROM p_late(b.invoice_id, b.issued_on - 1)
                    FROM late_backtest('2026-01-01', '2026-04-30') b JOIN invoice i USING (customer_id, invoice_id) ORDER BY 1$$,
                  $$VALUES ('G1', false, 0::bigint, 0::bigint, true), ('G2', true, 0, 0, true), ('G3', true, 2, 0, true), ('N1', true, 0, 0, true), ('N3', true, 1, 1, true), ('S1', true, 0, 0, true), ('S2', true, 1, 1, true)$$,
                  '001-02 what was forecast on the eve of each invoice, and what came');
SELECT is_empty($$SELECT * FROM late_backtest('2027-01-01', '2027-12-31')$$, '001-02 no items, no backtest');
SELECT results_eq($$SELECT items, auc FROM late_accuracy('2027-01-01', '2027-12-31')$$, 'VALUES (0::bigint, NULL::double precision)', '001-02 nor figures');
SELECT is_empty($$SELECT * FROM late_calibration('2027-01-01', '2027-12-31')$$, '001-02 nor a table');
SELECT throws_ok($$SELECT * FROM late_calibration('2026-01-01', '2026-12-31', 0)$$, '22023', 'bins must be greater than zero', '001-02 no bins');
SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');

\if :readable
-- The public sample, loaded at once.
SET search_path = public;
SELECT credit_risk.create_ledger('sample', base_currency => 'USD') \g /dev/null
SET search_path = sample, credit_risk, public;
CREATE TEMPORARY TABLE file (country text, customer text, paperless text, no text, issued_on date, due_on date, amount numeric, disputed text, settled_on date, bill text, to_settle integer, late integer);
SET datestyle = 'ISO, MDY';
\set copy '\\copy file FROM ' :'csv' ' (FORMAT csv, HEADER)'
:copy
SET datestyle = 'ISO, DMY';
UPDATE ledger SET pinned_date = '2014-01-31', no_limit = 'pass';
INSERT INTO customer (code, name, country) SELECT DISTINCT customer, customer, 'US' FROM file ORDER BY 1;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT customer_id(customer), no, issued_on, due_on, amount FROM file ORDER BY issued_on, no;
INSERT INTO payment (customer_id, payment_no, received_on, amount) SELECT customer_id(customer), no, settled_on, amount FROM file ORDER BY settled_on, no;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) SELECT i.customer_id, p.payment_id, i.invoice_id, i.amount
FROM invoice i JOIN payment p ON (p.customer_id, p.payment_no) = (i.customer_id, i.invoice_no) ORDER BY p.payment_id;
ANALYZE invoice, payment, allocation;

CREATE TEMPORARY VIEW settled AS
SELECT i.customer_id, i.issued_on, a.effective_on AS settled_on, a.effective_on > i.due_on AS late FROM invoice i JOIN allocation a USING (customer_id, invoice_id);
CREATE TEMPORARY TABLE baseline AS
SELECT t.customer_id, t.issued_on, t.late, (count(*) FILTER (WHERE e.late) + 2 * p.rate) / (count(e.customer_id) + 2) AS probability
FROM (SELECT row_number() OVER () AS n, s.* FROM settled s WHERE s.issued_on >= '2013-07-01') t
CROSS JOIN (SELECT round(avg(late::integer), 6)::double precision AS rate FROM settled WHERE issued_on < '2013-07-01') p
LEFT JOIN settled e ON e.customer_id = t.customer_id AND e.settled_on < t.issued_on
GROUP BY t.n, t.customer_id, t.issued_on, t.late, p.rate;
SELECT results_eq('SELECT count(*), round(100 * avg(late::integer), 4), round(auc(late, probability)::numeric, 6), round(avg(((probability > 0.5) = late)::integer), 6) FROM baseline',
                  'VALUES (536::bigint, 28.1716, 0.850151, 0.804104)', '001-02 the published baseline: 536 invoices, AUC 0.850151, accuracy at 0.5');
SELECT results_eq($$SELECT sum(decided), sum(late) FROM payment_outcome_change(NULL, '2014-01-31')$$, 'VALUES (2466::bigint, 877::bigint)', '001-02 the ledger counts the 877 late ones of 2,466');
SELECT results_eq($$SELECT items, late_items, round(auc::numeric, 6), round(brier_score::numeric, 6), brier_score < brier_of_rate FROM late_accuracy('2013-07-01', '2013-12-31')$$,
                  'VALUES (536::bigint, 151::bigint, 0.850753, 0.145541, true)', '001-02 its own forecast, which counts what is overdue and open as late: AUC and Brier score');
SELECT results_eq($$SELECT count(*), sum(items), sum(late_items), bool_and(observed_rate = late_items::double precision / items), bool_and(lowest <= mean_predicted AND mean_predicted <= highest)
                    FROM late_calibration('2013-07-01', '2013-12-31')$$, 'VALUES (10::bigint, 536::numeric, 151::numeric, true, true)', '001-02 the calibration table: ten bins of all items');
SELECT results_eq($$SELECT bin, items, round(mean_predicted::numeric, 4), round(observed_rate::numeric, 4) FROM late_calibration('2013-07-01', '2013-12-31', 4)$$,
                  $$VALUES (1, 134::bigint, 0.0460, 0.0299), (2, 134, 0.1605, 0.0896), (3, 134, 0.4563, 0.3433), (4, 134, 0.8203, 0.6642)$$, '001-02 in quarters: in order, and too cautious, since fewer were late than before');
SELECT results_eq($$SELECT b.probability FROM late_backtest('2013-07-01', '2013-07-03') b ORDER BY b.invoice_id$$,
                  $$SELECT p_late(b.invoice_id, b.issued_on - 1) FROM late_backtest('2013-07-01', '2013-07-03') b ORDER BY b.invoice_id$$, '001-02 the backtest says what p_late() says of the eve');
SELECT results_eq($$SELECT count(*), count(*) FILTER (WHERE probability = 1), sum(open_amount), count(DISTINCT portfolio_rate) FROM late_probability('2013-06-30')$$,
                  'VALUES (84::bigint, 12::bigint, 5119.85, 1::bigint)', '001-02 what was open on 2013-06-30: 84 items, the 12 past due late for certain');
\else
SELECT skip('the sample file is not there: give its folder as the variable shared_data', 7);
\endif
SELECT * FROM finish();
ROLLBACK;
