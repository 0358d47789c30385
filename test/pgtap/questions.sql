-- Questions of the first day, asked in the words in which users are told to ask
-- them, of a ledger small enough to know the answers.
\set ON_ERROR_STOP 1
BEGIN;
SELECT plan(14);
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

-- With insurance and a policy: the questions of credit control, word by word.
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct, max_extension_days, notification_days) VALUES ('P1', 90, 60, 75);
INSERT INTO insurance_cover (customer_id, amount, valid_from) VALUES (customer_id('C00417'), 20000, '2026-01-01'), (customer_id('C00003'), 60000, '2026-01-01');
INSERT INTO guarantee (customer_id, kind, guarantor, amount, valid_from, valid_to) VALUES (customer_id('C00003'), 'bank_guarantee', 'Banque', 10000, '2026-01-01', '2026-12-31');
-- The overdue of Charpentes Morvan was declared in time; what was delivered after its maximum extension is not insured.
SELECT declare_to_insurer(invoice_id, declared_on => '2026-06-20') FROM invoice WHERE invoice_no = '26-1' \g /dev/null

SELECT results_eq($$
  SELECT code, name, exposure, credit_limit, insured, guaranteed, own_risk FROM exposure ORDER BY own_risk DESC LIMIT 20
$$, $$VALUES ('C00417', 'Charpentes Morvan', 37000.50, 50000::numeric, 13500.00, 0::numeric, 23500.50), ('C00003', 'Sanitaire Est', 80000.00, NULL, 54000.00, 10000, 16000.00),
             ('C00002', 'Métal Ouest', 2500.00, 4000, 0, 0, 2500.00), ('C00004', 'Toitures Brière', 0.00, 3000, 0, 0, 0)$$,
  '3 My own money at risk? What is neither insured nor guaranteed, whose limit is unlimited too');
SELECT is_empty($$
  SELECT document_no, code, amount, held_since, reasons, ready, releasable_by FROM open_hold ORDER BY ready DESC, amount DESC
$$, '4 What waits for me? Nothing yet');
SELECT load_standard_policy() \g /dev/null
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (customer_id('C00417'), 'SO-1', 14000), (customer_id('C00002'), 'SO-2', 1000), (customer_id('C00004'), 'SO-3', 900);
UPDATE ledger SET auto_release = false;
INSERT INTO payment (customer_id, payment_no, received_on, amount) VALUES (customer_id('C00002'), 'P3', '2026-09-30', 2500);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SELECT results_eq($$
  SELECT document_no, code, amount, held_since = '2026-09-30', reasons, ready, releasable_by FROM (
  SELECT document_no, code, amount, held_since::date AS held_since, reasons, ready, releasable_by FROM open_hold ORDER BY ready DESC, amount DESC) q
$$, $$SELECT v.document_no, v.code, v.amount, h.held_since::date = '2026-09-30', v.reasons, v.ready, '{manager}'::text[]
      FROM (VALUES (1, 'SO-2', 'C00002', 1000::numeric, '{}'::text[], true), (2, 'SO-1', 'C00417', 14000, '{oldest_open_item,overdue_share}', false)) v (place, document_no, code, amount, reasons, ready)
      JOIN open_hold h USING (document_no) ORDER BY v.place$$,
  '4 What waits for me? What is paid is ready and comes first');
SELECT results_eq($$
  SELECT outcome, available, exposure_after, reasons, cure FROM check_order(customer_id('C00417'), 18000)
$$, $$VALUES ('held', 12999.50, 55000.50, '{credit_limit_exceeded,oldest_open_item,overdue_share}'::text[],
              'passes once at most 30 % is overdue; passes once exposure has fallen by 3000.50 or the limit is at least 55000.50; passes once what is overdue by more than 45 days is paid')$$,
  '5 Can I take 18,000? By the rules of class B no: every reason, and all that would have to happen');
SELECT results_eq($$
  SELECT outcome, available, exposure_after, reasons, cure FROM check_order(customer_id('C00004'), 900)
$$, $$VALUES ('warned', 2100::numeric, 1800::numeric, '{over_cover}'::text[], 'passes once exposure has fallen by 1800, the insurer''s limit is raised by as much or own risk of it is approved')$$, '5 a warning lets it pass, and says what it warns of');
SELECT results_eq($$
  SELECT code, invoice_no, obligation, deadline - business_date() AS days_left, insured_at_risk FROM insurance_deadline WHERE done_on IS NULL AND deadline <= business_date() + 15 ORDER BY deadline
$$, $$VALUES ('C00417', '26-1', 'stop shipment', -108, 13500.00)$$, '7 Which cover do I lose? That of the old invoice, whose customer should have been stopped');

SELECT is_empty('SELECT * FROM verify()', 'asking changed nothing');
SELECT * FROM finish();
ROLLBACK;
