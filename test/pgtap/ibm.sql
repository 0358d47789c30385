-- The public sample of 2,466 invoices, loaded as the demo loads it and replayed:
-- the ledger and the library give the figures that were computed elsewhere.
\set ON_ERROR_STOP 1
\if :{?shared_data}
\else
  \set shared_data ''
\endif
\set csv :shared_data/ar/ibm_accounts_receivable.csv
\set facts :shared_data/ar/ibm_monthly_facts.csv
\setenv CRK_CSV :csv
\setenv CRK_FACTS :facts
\set readable `test -r "$CRK_CSV" && test -r "$CRK_FACTS" && echo on || echo off`

BEGIN;
\if :readable
SELECT plan(22);

SET client_min_messages = warning;
\set ledger ibm
\set origin 'the file'
\set as_of 2014-01-31
\o /dev/null
SELECT credit_risk.create_ledger('ibm', base_currency => 'USD');
\ir ../../doc/demo/load_csv.sql
\o
SET search_path = ibm, credit_risk, public;

SELECT results_eq($$SELECT count(*), sum(amount), min(amount), max(amount), round(avg(amount), 4),
                           percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)::numeric, count(DISTINCT customer_id) FROM invoice$$,
                  $$VALUES (2466::bigint, 147703.18, 5.26, 128.28, 59.8959, 60.56, 100::bigint)$$, 'invoices: number, total, extremes, mean, median');
SELECT results_eq($$SELECT min(issued_on), max(issued_on), (SELECT min(received_on) FROM payment), (SELECT max(received_on) FROM payment) FROM invoice$$,
                  $$VALUES (date '2012-01-03', date '2013-12-02', date '2012-01-13', date '2014-01-09')$$, 'dates of issue and settlement');
SELECT is((SELECT count(*) FROM invoice i JOIN demo.invoice_file f ON f."invoiceNumber" = i.invoice_no WHERE i.invoice_no LIKE '0%'),
          (SELECT count(*) FROM demo.invoice_file f WHERE f."invoiceNumber" LIKE '0%'), 'zeros that lead a number are kept');

CREATE TEMPORARY VIEW settled AS
SELECT i.customer_id, c.code, i.invoice_no, i.amount, i.issued_on, i.due_on, a.effective_on AS paid_on, greatest(a.effective_on - i.due_on, 0) AS late
FROM invoice i JOIN allocation a USING (customer_id, invoice_id) JOIN customer c USING (customer_id);

SELECT results_eq($$SELECT count(*), round(100.0 * count(*) / 2466, 4), sum(amount), round(100 * sum(amount) / 147703.18, 4), max(late) FROM settled WHERE late > 0$$,
                  $$VALUES (877::bigint, 35.5637, 53960.78, 36.5333, 45)$$, 'late invoices: number, share, amount, share, longest');
SELECT results_eq($$SELECT ageing_bucket_label(ageing_bucket(late, '{10,20,30}'), '{10,20,30}'), count(*) FROM settled GROUP BY 1, ageing_bucket(late, '{10,20,30}')
                    ORDER BY ageing_bucket(late, '{10,20,30}')$$,
                  $$VALUES ('not due', 1589::bigint), ('1-10', 539), ('11-20', 257), ('21-30', 73), ('>30', 8)$$, 'how late');
SELECT results_eq($$SELECT round(avg_days_beyond_terms_unweighted(due_on, paid_on, true), 6),
                           round(avg_days_beyond_terms_unweighted(due_on, paid_on, true) FILTER (WHERE late > 0), 6),
                           round(avg_days_beyond_terms(amount, due_on, paid_on, true), 6),
                           round(avg_days_beyond_terms_unweighted(due_on, paid_on), 6) FROM settled$$,
                  $$VALUES (3.442417, 9.679590, 3.571100, -3.555150)$$, 'average days late: all, late ones, by amount, signed');
SELECT results_eq($$SELECT round(avg_days_to_pay_unweighted(issued_on, paid_on), 6), round(avg_days_to_pay(amount, issued_on, paid_on), 6),
                           percentile_cont(0.5) WITHIN GROUP (ORDER BY paid_on - issued_on)::integer FROM settled$$,
                  $$VALUES (26.444850, 26.700568, 26)$$, 'average days to pay: plain, by amount, median');
SELECT results_eq($$SELECT code, round(avg_days_beyond_terms_unweighted(due_on, paid_on, true), 4), count(*) FROM settled GROUP BY 1 ORDER BY 2 DESC LIMIT 3$$,
                  $$VALUES ('2621-XCLEH', 19.6000, 15::bigint), ('8102-ABPKQ', 14.5926, 27), ('0688-XNJRO', 14.4412, 34)$$, 'the three latest customers');
SELECT is((SELECT count(*) FROM (SELECT FROM settled GROUP BY customer_id HAVING max(late) = 0) never), 17::bigint, '17 customers were never late');
SELECT results_eq($$SELECT f."countryCode", count(*), count(*) FILTER (WHERE late > 0), sum(amount), round(avg_days_beyond_terms_unweighted(due_on, paid_on, true), 4)
                    FROM settled s JOIN demo.invoice_file f ON f."invoiceNumber" = s.invoice_no GROUP BY 1 ORDER BY 1$$,
                  $$VALUES ('391', 616::bigint, 157::bigint, 40048.96, 1.8539), ('406', 561, 233, 39422.91, 3.9412), ('770', 506, 196, 27380.77, 3.6423),
                           ('818', 387, 160, 24502.06, 4.8165), ('897', 396, 131, 16348.48, 3.6086)$$, 'by country');

-- The aged balance of past days, in the rows of the view and as one value.
CREATE TEMPORARY VIEW aged AS
SELECT d.as_of, count(*) AS customers, sum(a.items) AS items, sum(a.total) AS total, sum(a.not_due) AS not_due, sum(a.d1_30) AS d1_30,
       sum(a.d31_60 + a.d61_90 + a.over_90) AS over_30, rollup(a.ageing) AS ageing
FROM unnest('{2012-12-31,2013-06-30,2013-12-31}'::date[]) d (as_of) CROSS JOIN LATERAL ageing_as_of(d.as_of) a GROUP BY 1;
SELECT results_eq($$SELECT as_of, items, total, customers, bucket_count(ageing, 0), not_due, bucket_count(ageing, 1), d1_30, over_30 FROM aged ORDER BY 1$$,
                  $$VALUES (date '2012-12-31', 99::numeric, 5725.06, 61::bigint, 86::bigint, 4936.32, 13::bigint, 788.74, 0.00),
                           ('2013-06-30', 84, 5119.85, 52, 72, 4284.29, 12, 835.56, 0.00), ('2013-12-31', 13, 761.90, 11, 3, 206.25, 10, 555.65, 0.00)$$,
                  'the aged balance at three dates');
SELECT results_eq($$SELECT d, round(h.hhi, 6) FROM unnest('{2012-12-31,2013-06-30}'::date[]) d, LATERAL (SELECT hhi(a.total) FROM ageing_as_of(d) a) h ORDER BY 1$$,
                  $$VALUES (date '2012-12-31', 0.021154), ('2013-06-30', 0.026907)$$, 'concentration');
SELECT results_eq($$(SELECT code, total FROM ageing_as_of('2012-12-31') ORDER BY 2 DESC LIMIT 3) UNION ALL (SELECT code, total FROM ageing_as_of('2013-06-30') ORDER BY 2 DESC LIMIT 2)$$,
                  $$VALUES ('4640-FGEJI', 236.38), ('5573-KSOIA', 230.29), ('7841-HROAQ', 212.01), ('7938-EVASK', 301.34), ('8976-AMJEO', 288.03)$$, 'the largest debtors');
SELECT results_eq($$SELECT (SELECT sum(exposure) FROM exposure_as_of('2013-06-30')), (SELECT sum(exposure) FROM exposure)$$,
                  $$VALUES (5119.85, 0.00)$$, 'exposure of a past day, and nothing open in the end');

-- Month by month.
CREATE TEMPORARY TABLE fact (
    month text, days integer, n_billed bigint, open_ar numeric, billed numeric, collected numeric, closing_ar numeric, overdue numeric,
    dso_month numeric, dso_rolling3 numeric, dso_countback numeric, best_possible_dso numeric, cei_pct numeric
);
\set copy '\\copy fact FROM ' :'facts' ' (FORMAT csv, HEADER match)'
:copy
CREATE TEMPORARY VIEW measured AS
SELECT to_char(m.month, 'YYYY-MM') AS month, m.days, (SELECT count(*) FROM invoice i WHERE date_trunc('month', i.issued_on) = m.month) AS n_billed,
       lag(m.receivables, 1, 0) OVER w AS open_ar, m.sales AS billed, m.collected, m.receivables AS closing_ar, m.overdue,
       round(m.dso_period, 2) AS dso_month,
       CASE WHEN row_number() OVER w > 2 THEN round(dso(m.receivables, sum(m.sales) OVER last3, (sum(m.days) OVER last3)::integer), 2) END AS dso_rolling3,
       round(m.dso, 2) AS dso_countback, round(m.best_possible_dso_period, 2) AS best_possible_dso, round(m.cei_pct, 2) AS cei_pct
FROM dso_by_month m WINDOW w AS (ORDER BY m.month), last3 AS (ORDER BY m.month ROWS 2 PRECEDING);
SELECT results_eq($$SELECT * FROM measured WHERE month < '2014-01' ORDER BY month$$, $$SELECT * FROM fact ORDER BY month$$,
                  'the 24 months: roll-forward, overdue, DSO in four ways, collection effectiveness');
SELECT results_eq($$SELECT month, dso_month, dso_rolling3, dso_countback, cei_pct FROM measured WHERE month IN ('2012-12', '2013-05', '2013-12') ORDER BY 1$$,
                  $$VALUES ('2012-12', 27.33, 26.80, 27.33, 89.29), ('2013-05', 27.62, 30.77, 27.62, 89.07), ('2013-12', 54.17, 5.52, 32.54, 88.93)$$, 'three months, figure by figure');

-- How each customer pays, from the ledger, and as the file has it.
SELECT results_eq($$SELECT h.payments, h.late_payments, h.average_days_late, h.settled_invoices FROM payment_history(customer_id('2621-XCLEH'), '2012-01-01', '2014-01-31') h WHERE h.month IS NULL$$,
                  $$VALUES (15::bigint, 14::bigint, 19.60, 15::bigint)$$, '000-19 the history of the latest customer');
SELECT set_eq($$SELECT c.customer_id, h.average_days_late, h.weighted_days_late, h.late_payments
                FROM credit_account c, payment_history(c.customer_id, '2012-01-01', '2014-01-31') h WHERE h.month IS NULL$$,
              $$SELECT customer_id("customerID"), round(avg("DaysLate"), 2) AS average, round(sum("InvoiceAmount" * "DaysLate") / sum("InvoiceAmount"), 2) AS weighted, count(*) FILTER (WHERE "DaysLate" > 0) FROM demo.invoice_file GROUP BY 1$$,
              '000-19 mean and weighted days late of all hundred, as in the file');
SELECT results_eq($$SELECT sum(y.late), sum(y.late_amount_base), max(y.longest_days), sum(y.items) FROM credit_account c, payment_delay_by_year(c.customer_id, 3) y$$,
                  $$VALUES (877::numeric, 53960.78, 45, 2466::numeric)$$, '004-16 the late invoices of all years');
SELECT set_eq($$SELECT h.invoice_no, h.days_late FROM credit_account c, payment_delay_history(c.customer_id, 3) h$$, $$SELECT "invoiceNumber", "DaysLate" FROM demo.invoice_file WHERE "DaysLate" > 0$$, '004-16 one by one');
-- As of a past day: what was settled or open then, and nothing of what came later.
SELECT set_eq($$SELECT customer_id, dbt_12m, oldest_overdue_days, settled_invoices_12m FROM payment_behaviour_as_of(NULL, '2013-06-30')$$,
              $$SELECT customer_id("customerID"),
                       round(sum("InvoiceAmount" * (least("SettledDate", '2013-06-30') - "DueDate")) FILTER (WHERE "SettledDate" BETWEEN '2012-07-01' AND '2013-06-30' OR ("SettledDate" > '2013-06-30' AND "DueDate" < '2013-06-30'))
                             / sum("InvoiceAmount") FILTER (WHERE "SettledDate" BETWEEN '2012-07-01' AND '2013-06-30' OR ("SettledDate" > '2013-06-30' AND "DueDate" < '2013-06-30')), 2),
                       greatest(max('2013-06-30' - "DueDate") FILTER (WHERE "SettledDate" > '2013-06-30'), 0), count(*) FILTER (WHERE "SettledDate" BETWEEN '2012-07-01' AND '2013-06-30')
                FROM demo.invoice_file WHERE "InvoiceDate" <= '2013-06-30' GROUP BY 1$$, '002-03 the figures of 30 June 2013 from what was settled or open then');

SELECT is_empty('SELECT * FROM verify()', 'verify() finds nothing');
SELECT * FROM finish();
\else
SELECT plan(1);
SELECT skip('the sample file is not there: give its folder as the variable shared_data', 1);
SELECT * FROM finish();
\endif
ROLLBACK;
