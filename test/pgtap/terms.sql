\set ON_ERROR_STOP 1
-- Payment terms on invoices that belong to no ledger.
BEGIN;
SET LOCAL client_encoding = 'UTF8';
SELECT plan(13);

CREATE TEMPORARY TABLE supplied (
  invoice_no integer PRIMARY KEY, issued_on date NOT NULL, terms text NOT NULL,
  due_on date, lawful_until date);
INSERT INTO supplied (invoice_no, issued_on, terms) VALUES
  (1, '2025-01-31', 'net 1 month'),
  (2, '2024-01-31', 'net 1 month'),
  (3, '2025-01-31', '30 jours'),
  (4, '2024-01-14', '46 jours fin de mois'),
  (5, '2023-01-14', '46 jours fin de mois'),
  (6, '2008-04-15', '30 jours fin de mois le 10'),
  (7, '2025-01-10', '30 eom'),
  (8, '2025-01-10', 'fin de mois 30 jours'),
  (9, '2025-03-05', U&'30 jours fin de d\00E9cade'),
  (10, '2024-02-29', 'net 12 months'),
  (11, '2025-01-17', '45 jours fin de mois'),
  (12, '2025-02-12', 'net 75'),
  (13, '2025-12-31', '10 prox');

SELECT is((SELECT count(due_on) FROM supplied), 0::bigint, '001-01 before: no invoice has a due date');

UPDATE supplied SET due_on = credit_risk.payment_due_date(issued_on, terms);

SELECT results_eq(
  'SELECT invoice_no, due_on FROM supplied ORDER BY invoice_no',
  $$VALUES (1, date '2025-02-28'), (2, '2024-02-29'), (3, '2025-03-02'), (4, '2024-02-29'), (5, '2023-03-31'), (6, '2008-06-10'),
           (7, '2025-02-28'), (8, '2025-03-02'), (9, '2025-04-09'), (10, '2025-02-28'), (11, '2025-03-31'), (12, '2025-04-28'),
           (13, '2026-01-10')$$,
  '001-01 after: 31 January, leap years, end of month before and behind the days, fin de mois le 10, decade');

SELECT is_empty('SELECT invoice_no FROM supplied WHERE due_on > lawful_until',
  '001-01 before: no invoice is known to exceed the legal maximum');

UPDATE supplied SET lawful_until = credit_risk.fr_max_due_date(issued_on, CASE WHEN terms LIKE '%fin de mois%' THEN '45_eom' ELSE '60_days' END)
WHERE invoice_no IN (3, 7, 11, 12);

SELECT results_eq('SELECT invoice_no, lawful_until FROM supplied WHERE due_on > lawful_until ORDER BY invoice_no',
  $$VALUES (12, date '2025-04-13')$$,
  '001-01 after: 75 days exceed the 60 of the law; 45 days end of month may take 73 and do not');

SELECT is(credit_risk.payment_due_date('2025-03-10', '45 jours fin de mois'), '2025-04-30', '001-01 reading A unless told otherwise');
SELECT is(credit_risk.payment_due_date('2025-03-10', '45 jours fin de mois', 'B'), '2025-05-15', '001-01 reading B when told');
SELECT is(date '2025-03-10' OPERATOR(credit_risk.+) '45 jours fin de mois'::credit_risk.payment_terms,
  '2025-04-30', '001-01 a date plus payment terms is the due date');

SELECT throws_ok($$SELECT credit_risk.payment_due_date('2025-01-10', 'soon')$$, '22P02', NULL, '001-01 other words are refused');
SELECT throws_ok($$SELECT credit_risk.payment_due_date('2025-01-10', '30% net 0, 70% 30 eom')$$, '22023', NULL,
  '001-01 instalments have no single due date');
SELECT throws_ok($$SELECT credit_risk.fr_max_due_date('2025-01-10', '90_days')$$, '22023', NULL, '001-01 other regimes are refused');

-- Instalments of 2,000 amounts: the parts of each add up to it.
SELECT is_empty($$
  SELECT a FROM (SELECT (i * 7919 % 100003) / 100.0 AS a FROM generate_series(-1000, 1000) i) x
  WHERE a <> (SELECT sum(amount) FROM credit_risk.payment_schedule(a, date '2025-01-10', '33.333333% net 0, 33.333333% 30 eom, rest eom 45'))
$$, '001-01 a schedule adds up to its amount');

-- The closing days of the euro's settlement system around Easter 2025: 18 April is Good Friday, 21 April Easter Monday, 1 May closed.
SELECT is(credit_risk.adjust_business_day('2025-04-18', 'following', '{2025-04-18,2025-04-21,2025-05-01}'), '2025-04-22',
  '001-01 a due date on Good Friday moves behind Easter Monday');

-- Terms in a column keep their canonical text, and mean the same afterwards.
SELECT is_empty('SELECT terms FROM supplied WHERE credit_risk.payment_due_date(issued_on, credit_risk.canonical_terms(terms)) <> due_on',
  '001-01 canonical terms are due on the same days');

SELECT * FROM finish();
ROLLBACK;
