-- Questions of the first day, asked in the words in which users are told to ask
-- them, of a ledger small enough to know the answers.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(8);
SELECT credit_risk.create_ledger('receivables') \g /dev/null

-- The clock on the wall is not ours to know: now() is the evening of the business date.
CREATE SCHEMA wall;
CREATE FUNCTION wall.now() RETURNS timestamptz LANGUAGE sql STABLE RETURN timestamptz '2026-09-30 20:00+02';
SET search_path = receivables, credit_risk, wall, pg_catalog, public;

UPDATE ledger SET pinned_date = '2026-09-30';
INSERT INTO customer (code, name, risk_class) VALUES
    ('C00417', 'Charpentes Morvan', 'B'), ('C00002', 'Métal Ouest', 'C'), ('C00003', 'Sanitaire Est', 'A'), ('C00004', 'Toitures Brière', NULL);
INSERT INTO credit_limit (customer_id, amount) VALUES (customer_id('C00417'), 50000), (customer_id('C00002'), 4000), (customer_id('C00003'), NULL);
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES
    (customer_id('C00417'), '26-1', '2026-03-01', '2026-04-15', 20000),
    (customer_id('C00417'), '26-2', '2026-08-10', '2026-09-24', 12000),
    (customer_id('C00417'), '26-3', '2026-09-16', '2026-10-31', 10000.50),
    (customer_id('C00002'), '26-4', '2026-06-25', '2026-08-09', 3000),
    (customer_id('C00003'), '26-5', '2026-06-15', '2026-10-31', 80000);
INSERT INTO payment (customer_id, payment_no, received_on, amount) VALUES
    (customer_id('C00417'), 'P1', '2026-06-29', 5000), (customer_id('C00002'), 'P2', '2026-09-28', 500);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT p.customer_id, p.payment_id, i.invoice_id, 5000 FROM payment p JOIN invoice i USING (customer_id) WHERE (p.payment_no, i.invoice_no) = ('P1', '26-1');

-- Recorded on the evening of the day; the payment of 29 June and Métal Ouest's invoice came late.
SET LOCAL session_replication_role = replica;
UPDATE invoice SET recorded_at = CASE invoice_no WHEN '26-4' THEN timestamptz '2026-07-10 09:00+02' ELSE (issued_on + time '18:00') AT TIME ZONE 'Europe/Paris' END;
UPDATE payment SET recorded_at = CASE payment_no WHEN 'P1' THEN timestamptz '2026-07-06 09:00+02' ELSE (received_on + time '18:00') AT TIME ZONE 'Europe/Paris' END;
UPDATE allocation SET recorded_at = '2026-07-06 09:01+02';
SET LOCAL session_replication_role = origin;

INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-09-30', '411', 120000), ('2026-09-30', '413', 0), ('2026-09-30', '416', 0), ('2026-09-30', '4191', -500);
SELECT results_eq('SELECT gl_account, amount, compared_amount, difference FROM control_account_check(date ''2026-09-30'') WHERE difference <> 0',
  $$VALUES ('411', 120000.50, 120000::numeric, 0.50)$$, '1 Ties to the GL? Fifty cents are missing in 411');
INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-09-30', '411', 120000.50);
SELECT is_empty('SELECT * FROM control_account_check(date ''2026-09-30'') WHERE difference <> 0', '1 booked, it ties');

SELECT results_eq($$
  SELECT code, name, risk_class, overdue, over_90, oldest_days, unapplied FROM ageing_by_customer ORDER BY overdue DESC LIMIT 20
$$, $$VALUES ('C00417', 'Charpentes Morvan', 'B', 27000.00, 15000.00, 168, 0.00), ('C00002', 'Métal Ouest', 'C', 3000.00, 0.00, 52, 500.00),
             ('C00003', 'Sanitaire Est', 'A', 0.00, 0.00, 0, 0.00)$$, '2 Who is late?');

SELECT results_eq($$
  SELECT code, name, exposure, credit_limit FROM exposure ORDER BY exposure DESC LIMIT 20
$$, $$VALUES ('C00003', 'Sanitaire Est', 80000.00, NULL::numeric), ('C00417', 'Charpentes Morvan', 37000.50, 50000),
             ('C00002', 'Métal Ouest', 2500.00, 4000), ('C00004', 'Toitures Brière', 0.00, 3000)$$,
  '3 My money at risk? Unlimited shows no limit, an undecided one the default');

SELECT results_eq($$
  SELECT outcome, available, exposure_after, reasons, cure FROM check_order(customer_id('C00417'), 18000)
$$, $$VALUES ('held', 12999.50, 55000.50, ARRAY['credit_limit_exceeded'],
              '55000.50 > 50000.00 by 5000.50: passes once exposure has fallen by 5000.50 or the limit is at least 55000.50')$$, '5 Can I take 18,000?');
SELECT results_eq($$
  SELECT outcome, available, exposure_after, reasons, cure FROM check_order(customer_id('C00003'), 18000)
$$, $$VALUES ('passed', NULL::numeric, 98000.00, '{}'::text[], NULL::text)$$, '5 of a customer without limit: yes');

SELECT set_eq($$
  SELECT code, a.total AS as_closed, b.total AS as_known_now FROM ageing_as_of('2026-06-30', '2026-07-03 18:00+02') a FULL JOIN ageing_as_of('2026-06-30', now()) b USING (customer_id, code) WHERE a.total IS DISTINCT FROM b.total
$$, $$VALUES ('C00417', 20000.00, 15000.00), ('C00002', NULL, 3000.00)$$, '10 Is June''s closing still June''s? The two that changed, one of them new');

SELECT is_empty('SELECT * FROM verify()', 'asking changed nothing');
SELECT * FROM finish();
ROLLBACK;
