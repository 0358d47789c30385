-- The public sample of 2,466 invoices twice: day by day, as it happened, and in
-- one go at the end. At each month end the views of that day, the past asked of
-- the day-by-day ledger later, and the past asked of the other are one.
\set ON_ERROR_STOP 1
\if :{?shared_data}
\else
  \set shared_data ''
\endif
\set csv :shared_data/ar/ibm_accounts_receivable.csv
\setenv CRK_CSV :csv
\set readable `test -r "$CRK_CSV" && echo on || echo off`

BEGIN;
\if :readable
SELECT plan(10);
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;
CREATE TEMPORARY TABLE file (
    "countryCode" text, "customerID" text, "PaperlessDate" date, "invoiceNumber" text, "InvoiceDate" date, "DueDate" date, "InvoiceAmount" numeric,
    "Disputed" text, "SettledDate" date, "PaperlessBill" text, "DaysToSettle" integer, "DaysLate" integer
);
SET LOCAL datestyle = 'ISO, MDY';
\set copy '\\copy file FROM ' :'csv' ' (FORMAT csv, HEADER match)'
:copy
SET LOCAL datestyle = 'ISO, DMY';
SELECT credit_risk.create_ledger(l, base_currency => 'USD') FROM unnest('{day_by_day,at_once}'::text[]) l \g /dev/null

-- At once: three statements, on the last day.
SET LOCAL search_path = at_once, credit_risk, public;
UPDATE ledger SET pinned_date = '2014-01-31';
INSERT INTO customer (code, name) SELECT DISTINCT "customerID", "customerID" FROM file ORDER BY 1;
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
SELECT customer_id("customerID"), "invoiceNumber", "InvoiceDate", "DueDate", "InvoiceAmount" FROM file;
INSERT INTO payment (customer_id, payment_no, received_on, amount)
SELECT customer_id("customerID"), "invoiceNumber", "SettledDate", "InvoiceAmount" FROM file;
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT customer_id, payment_id, invoice_id, p.amount FROM payment p JOIN invoice i USING (customer_id) WHERE payment_no = invoice_no;

-- Day by day: what the views say on each last day of a month is written down,
-- and the period is closed.
SET LOCAL search_path = day_by_day, credit_risk, public;
INSERT INTO customer (code, name) SELECT DISTINCT "customerID", "customerID" FROM file ORDER BY 1;
CREATE TEMPORARY TABLE said_ageing AS SELECT NULL::date AS as_of, NULL::timestamptz AS known_at, a.* FROM ageing_by_customer a WITH NO DATA;
CREATE TEMPORARY TABLE said_dso AS SELECT NULL::date AS as_of, NULL::timestamptz AS known_at, d.* FROM dso_by_month d WITH NO DATA;
DO $$
DECLARE
    today date;
    known timestamptz;
BEGIN
    FOR today IN SELECT d::date FROM generate_series('2012-01-03'::date, '2014-01-31', '1 day') d LOOP
        UPDATE ledger SET pinned_date = today;
        INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
        SELECT customer_id("customerID"), "invoiceNumber", "InvoiceDate", "DueDate", "InvoiceAmount" FROM file WHERE "InvoiceDate" = today;
        INSERT INTO payment (customer_id, payment_no, received_on, amount)
        SELECT customer_id("customerID"), "invoiceNumber", "SettledDate", "InvoiceAmount" FROM file WHERE "SettledDate" = today;
        INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
        SELECT i.customer_id, p.payment_id, i.invoice_id, p.amount FROM payment p JOIN invoice i ON (i.customer_id, i.invoice_no) = (p.customer_id, p.payment_no)
        WHERE p.received_on = today;
        IF extract(day FROM today + 1) = 1 THEN
            INSERT INTO said_ageing SELECT today, NULL, a.* FROM ageing_by_customer a;
            INSERT INTO said_dso SELECT today, NULL, d.* FROM dso_by_month d;
            known := close_period(today);
            UPDATE said_ageing SET known_at = known WHERE as_of = today;
            UPDATE said_dso SET known_at = known WHERE as_of = today;
        END IF;
    END LOOP;
END $$;

CREATE TEMPORARY VIEW month_end AS
SELECT (m + interval '1 month - 1 day')::date AS as_of FROM generate_series('2012-01-01'::timestamp, '2014-01-01', '1 month') m;
SELECT is((SELECT count(DISTINCT as_of) FROM said_ageing), 24::bigint, 'open items at 24 of 25 month ends');
SELECT is((SELECT count(DISTINCT as_of) FROM said_dso), 25::bigint, 'DSO at each');
SELECT set_eq($$SELECT as_of, code, not_due, d1_30, d31_60, d61_90, over_90, total, overdue, unapplied, oldest_days, items FROM said_ageing$$,
  $$SELECT m.as_of, code, not_due, d1_30, d31_60, d61_90, over_90, total, overdue, unapplied, oldest_days, items
    FROM month_end m, at_once.ageing_as_of(m.as_of)$$, 'ageing: what the views said on the day, and the past of the one-shot load');
SELECT set_eq($$SELECT as_of, code, not_due, d1_30, d31_60, d61_90, over_90, total, overdue, unapplied, oldest_days, items FROM said_ageing$$,
  $$SELECT k.as_of, code, not_due, d1_30, d31_60, d61_90, over_90, total, overdue, a.unapplied, oldest_days, a.items
    FROM period_close k, ageing_as_of(k.as_of, k.known_at) a$$, 'ageing: and the same asked later as known at the closing');
SELECT set_eq($$SELECT as_of, code, total, ageing::text FROM said_ageing$$,
  $$SELECT m.as_of, code, total, ageing::text FROM month_end m, ageing_as_of(m.as_of)$$, 'ageing: nothing was dated back, so with today''s knowledge too');
SELECT set_eq($$SELECT as_of, month, days, sales, collected, receivables, overdue, dso, best_possible_dso, average_days_delinquent, dso_period, cei_pct FROM said_dso$$,
  $$SELECT m.as_of, month, days, sales, collected, receivables, overdue, dso, best_possible_dso, average_days_delinquent, dso_period, cei_pct
    FROM month_end m, at_once.dso_as_of(m.as_of)$$, 'DSO: what the view said on the day, and the past of the one-shot load');
SELECT set_eq($$SELECT as_of, month, receivables, dso FROM said_dso$$,
  $$SELECT k.as_of, month, receivables, dso FROM period_close k, dso_as_of(k.as_of, k.known_at)$$, 'DSO: and as known at the closing');
SELECT is_empty($$SELECT m.as_of, c.* FROM month_end m, at_once.control_account_check(m.as_of) c WHERE difference <> 0
                  UNION ALL SELECT m.as_of, c.* FROM month_end m, control_account_check(m.as_of) c WHERE difference <> 0$$, 'both tie out at every month end');
SELECT is_empty('SELECT * FROM day_by_day.verify()', 'verify() finds nothing day by day, closings included');
SELECT is_empty('SELECT * FROM at_once.verify()', 'nor at once');
SELECT * FROM finish();
\else
SELECT plan(1);
SELECT skip('the sample file is not there: give its folder as the variable shared_data', 1);
SELECT * FROM finish();
\endif
ROLLBACK;
