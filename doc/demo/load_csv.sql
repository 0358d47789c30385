-- A file of invoices with the day on which each was settled, replayed.
--
-- Needs the psql variables csv (the file), ledger (its name) and as_of (empty:
-- the end of the month of the last invoice).  The file goes as it is into the
-- staging table demo.invoice_file; to load another kind of file, change that
-- table and the two INSERTs of step().  Then time passes, and step() writes
-- what happened until a day: what comes after as_of never happened.

SET search_path = :"ledger", credit_risk;

CREATE SCHEMA demo;

-- The columns of the file, by its own names: a file with other ones is refused.
CREATE TABLE demo.invoice_file (
    "countryCode"   text,
    "customerID"    text NOT NULL,
    "PaperlessDate" date,
    "invoiceNumber" text NOT NULL PRIMARY KEY,      -- text: its zeros count
    "InvoiceDate"   date NOT NULL,
    "DueDate"       date NOT NULL,
    "InvoiceAmount" numeric NOT NULL CHECK ("InvoiceAmount" > 0),
    "Disputed"      text,                           -- not used yet
    "SettledDate"   date CHECK ("SettledDate" >= "InvoiceDate"),    -- empty: still open
    "PaperlessBill" text,
    "DaysToSettle"  integer,
    "DaysLate"      integer
);

-- \copy knows no variables, so its line is put together first.
SET datestyle = 'ISO, MDY';
\set copy '\\copy demo.invoice_file FROM ' :'csv' ' (FORMAT csv, HEADER match)'
:copy
SET datestyle = 'ISO, DMY';

CREATE TABLE demo.setting AS
SELECT :'origin' AS origin, false AS with_tax, count(DISTINCT "customerID") AS customers, min("InvoiceDate") AS first_day,
       coalesce(nullif(:'as_of', '')::date, (date_trunc('month', max("InvoiceDate")) + interval '1 month - 1 day')::date) AS last_day
FROM demo.invoice_file;

-- The nights of the story, and the days whose balance is to be told again later.
CREATE TABLE demo.told_on AS
SELECT (date_trunc('month', last_day + 1) - interval '1 month' * n - interval '1 day')::date AS as_of
FROM demo.setting, unnest('{3,6,12}'::integer[]) n;

CREATE TABLE demo.night AS
SELECT d::date AS night FROM demo.setting s, generate_series(s.first_day, s.last_day, interval '7 days') d
UNION SELECT d::date FROM demo.setting s, generate_series(s.last_day - 20, s.last_day, interval '1 day') d
UNION SELECT as_of FROM demo.told_on;

CREATE TABLE demo.told AS
SELECT date '2000-01-01' AS as_of, a.* FROM ageing_by_customer a WITH NO DATA;

CREATE FUNCTION demo.step(today date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    yesterday date := (SELECT pinned_date FROM ledger);
BEGIN
    UPDATE ledger SET pinned_date = today;

    INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount)
    SELECT customer_id(f."customerID"), f."invoiceNumber", f."InvoiceDate", f."DueDate", f."InvoiceAmount"
    FROM demo.invoice_file f WHERE f."InvoiceDate" > yesterday AND f."InvoiceDate" <= today
    ORDER BY f."InvoiceDate", f."invoiceNumber";

    -- Each invoice was paid in one sum.
    WITH received AS (
        INSERT INTO payment (customer_id, payment_no, received_on, amount)
        SELECT customer_id(f."customerID"), f."invoiceNumber", f."SettledDate", f."InvoiceAmount"
        FROM demo.invoice_file f WHERE f."SettledDate" > yesterday AND f."SettledDate" <= today
        ORDER BY f."SettledDate", f."invoiceNumber"
        RETURNING *
    )
    INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
    SELECT r.customer_id, r.payment_id, i.invoice_id, r.amount
    FROM received r JOIN invoice i ON (i.customer_id, i.invoice_no) = (r.customer_id, r.payment_no)
    ORDER BY r.payment_id;

    IF today > (SELECT last_day - 84 FROM demo.setting) THEN
        PERFORM approve_action(q.action_id) FROM dunning_queue q WHERE q.status = 'proposed';
        PERFORM complete_action(c.action_id, c.claim_token) FROM claim_actions('letters', 100000) c;
        PERFORM run_daily(today);
    END IF;
    INSERT INTO demo.told SELECT t.as_of, a.* FROM demo.told_on t CROSS JOIN ageing_by_customer a WHERE t.as_of = today;
END $$;

INSERT INTO customer (code, name)
SELECT DISTINCT "customerID", "customerID" FROM demo.invoice_file ORDER BY 1;
UPDATE ledger SET pinned_date = (SELECT first_day - 1 FROM demo.setting);

-- One transaction a night; the statistics of empty tables would be believed for ever.
SELECT unnest(ARRAY[format('SELECT demo.step(%L)', night)]
              || CASE WHEN row_number() OVER (ORDER BY night) IN (1, 5, 20) THEN ARRAY['ANALYZE'] END)
FROM demo.night WHERE night <= (SELECT last_day FROM demo.setting) ORDER BY night \gexec
