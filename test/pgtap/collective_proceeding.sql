-- Collective proceedings: the judgment splits the account; claims are filed in
-- time: rows 001-35 and 002-17 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('failing') \g /dev/null
SET LOCAL search_path = failing, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-06-01';
INSERT INTO exchange_rate VALUES ('USD', '2026-06-05', 0.9), ('USD', '2026-04-01', 0.8);
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 20) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE failing.ledger SET pinned_date = d $$;
CREATE FUNCTION pg_temp.item(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(parked_until::text, 'free') FROM failing.open_item WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.doubtful(c bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(invoice_id::text, ' ' ORDER BY invoice_id) FROM failing.doubtful_receivable WHERE customer_id = c AND closed_on IS NULL $$;
CREATE FUNCTION pg_temp.deadlines(c bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', deadline_code, deadline, done_on, CASE WHEN late THEN 'late' END), ', ' ORDER BY deadline_code) FROM failing.litigation_deadline WHERE customer_id = c $$;
CREATE FUNCTION pg_temp.alerts(c bigint) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(regexp_replace(concat_ws(' ', kind, nullif(key, '')), '\d+ ', ''), ', ' ORDER BY kind, key) FROM failing.alert WHERE customer_id = c AND closed_on IS NULL $$;

-- Before: four open invoices, one of them delivered before and invoiced after the judgment.
INSERT INTO delivery (customer_id, delivery_id, delivery_no, delivered_on, amount) VALUES (1, 11, 'BL11', '2026-05-30', 300), (1, 12, 'BL12', '2026-06-10', 400);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 1, 'F1', '2026-03-01', '2026-04-01', 1000), (1, 2, 'F2', '2026-05-01', '2026-05-31', 500);
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 1, '2026-05-15', 200);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (1, 1, 1, 200);
SELECT promise_to_pay(1, '2026-06-30', 100) AS promise, create_plan(1, '{2}', '{2026-07-01}', '{500}') AS plan \gset
SELECT pg_temp.day('2026-06-20') \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, delivery_id) VALUES (1, 3, 'F3', '2026-06-12', '2026-07-12', 300, 11), (1, 4, 'F4', '2026-06-12', '2026-07-12', 400, 12);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 5, 'F5', '2026-06-10', '2026-07-10', 50);
SELECT is((SELECT count(*) FROM run_daily()), 1::bigint, 'before: the nightly run') ;
SELECT is(pg_temp.doubtful(1), NULL, '001-35 before: nothing is doubtful');
SELECT is_empty('SELECT * FROM frozen_invoice', '001-35 nor frozen');
SELECT cmp_ok((SELECT interest FROM late_interest(1, '2026-06-20')), '>', (SELECT interest FROM late_interest(1, '2026-06-10')), '001-35 interest runs');
SELECT is_empty('SELECT * FROM dunning_recipient_of_proceeding(1)', '001-35 no administrator');

SELECT open_proceeding(1, 'receivership', '2026-06-10', court => 'TC Lyon', reference => '2026J77', administrator => 'Maître Dubois', administrator_email => 'etude@dubois.example', administrator_address => '1 rue X, Lyon',
                       representative => 'SELARL Martin') AS p \gset
-- After, in one transaction.
SELECT set_eq('SELECT invoice_id FROM frozen_invoice', '{1,2,3}'::bigint[], '001-35 claims from deliveries before the judgment freeze, whenever they were invoiced; those of that day do not');
SELECT is(concat_ws(' ', pg_temp.item(1), pg_temp.item(2), pg_temp.item(3)), 'infinity infinity infinity', '001-35 they are not dunned');
SELECT isnt(pg_temp.item(4), 'infinity', '001-35 later ones stay payable');
SELECT set_eq('SELECT invoice_id, reason FROM dunning_stop', $$VALUES (1::bigint, 'collective proceeding'), (2, 'collective proceeding'), (3, 'collective proceeding')$$, '001-35 and the reason is said');
SELECT is(pg_temp.doubtful(1), '1 2 3', '001-35 they are doubtful');
SELECT is((SELECT string_agg(kind || ' ' || occurred_on, ',') FROM default_event WHERE customer_id = 1), 'collective_proceeding 2026-06-10', '001-35 an event of default');
SELECT is((SELECT outcome FROM promise WHERE promise_id = :promise) || ' ' || (SELECT outcome FROM payment_plan WHERE plan_id = :plan), 'cancelled cancelled', '001-35 promises and plans on them end');
SELECT is((SELECT max(to_on) FROM late_interest_detail(1)), date '2026-06-10', '001-35 interest stops on the day of the judgment');
SELECT is((SELECT max(to_on) FROM late_interest_detail(4, '2026-08-01')), date '2026-08-01', '001-35 but for later claims');
SELECT is((SELECT max(to_on) FROM late_interest_detail(3, '2026-08-01')), NULL, '001-35 what fell due after the judgment bears none');
SELECT is((SELECT max(to_on) FROM late_interest_detail(5, '2026-08-01')), date '2026-08-01', '001-35 a claim of the day of the judgment is a later one');
SELECT is((SELECT concat_ws('|', kind, recipient_name, recipient_email, recipient_address) FROM dunning_recipient_of_proceeding(1)), 'receivership|Maître Dubois|etude@dubois.example|1 rue X, Lyon', '001-35 later claims are asked of the administrator');
SELECT is(pg_temp.alerts(1), 'collective_proceeding', '002-17 an alert');
SELECT is((SELECT message_fr FROM alert WHERE customer_id = 1), 'Procédure collective (redressement judiciaire) ouverte par jugement du 10/06/2026', '002-17 in words');
SELECT is(pg_temp.deadlines(1), NULL, '001-35 the deadlines wait for the publication');
SELECT is_empty('SELECT * FROM verify()', '001-35 verify() after the opening');
-- What is in the queue is not sent.
SELECT pg_temp.day('2026-07-20') \g /dev/null
SELECT run_daily() \g /dev/null
SELECT is_empty('SELECT * FROM dunning_action_item WHERE invoice_id IN (1, 2, 3) AND action_id IN (SELECT action_id FROM dunning_action WHERE run_on = ''2026-07-20'')', '001-35 the run leaves the frozen alone');
SELECT isnt_empty('SELECT * FROM dunning_action_item WHERE invoice_id IN (4, 5)', '001-35 and duns the later ones');
SELECT claim_actions('w', 100) \g /dev/null
SELECT is_empty('SELECT * FROM dunning_action a JOIN dunning_action_item i USING (customer_id, action_id) WHERE a.status IN (''queued'', ''claimed'') AND i.invoice_id IN (1, 2, 3) AND a.run_on < ''2026-06-21''', '001-35 what was queued before is obsolete');

-- The publication starts the clock -------------------------------------------------------------
SELECT throws_ok(format($$UPDATE collective_proceeding SET published_on = %L WHERE proceeding_id = %s$$, d, :p), 'CR003', NULL, '001-35 not published on ' || d) FROM unnest('{2026-06-09,2026-07-21}'::date[]) d;
UPDATE collective_proceeding SET published_on = '2026-06-18' WHERE proceeding_id = :p;
SELECT is(pg_temp.deadlines(1), 'claim_filing 2026-08-18, retention_reclaim 2026-09-18', '001-35 claim in two months from the publication, reclaim of goods in three');
SELECT is((SELECT concat_ws(' ', subject, department, due_on) FROM task WHERE customer_id = 1 AND kind = 'claim_filing' AND closed_on IS NULL), 'File the claim with SELARL Martin legal 2026-08-18', '002-17 a task with that deadline, from the publication');
SELECT watch_litigation() \g /dev/null
SELECT is(pg_temp.alerts(1), 'collective_proceeding, legal_deadline proceeding claim_filing', '002-17 an alert within 30 days');
SAVEPOINT abroad;
UPDATE collective_proceeding SET from_abroad = true WHERE proceeding_id = :p;
SELECT is(pg_temp.deadlines(1), 'claim_filing_abroad 2026-10-19, retention_reclaim 2026-09-18', '001-35 from abroad four months; 18 October 2026 is a Sunday');
SELECT is((SELECT max(due_on) FROM task WHERE customer_id = 1 AND kind = 'claim_filing' AND closed_on IS NULL), '2026-10-19', '002-17 and the task follows');
UPDATE collective_proceeding SET reclaim = false WHERE proceeding_id = :p;
SELECT is(pg_temp.deadlines(1), 'claim_filing_abroad 2026-10-19', '001-35 nothing to reclaim: no deadline');
ROLLBACK TO abroad;

-- The statement and the claim -----------------------------------------------------------------
SELECT is((SELECT string_agg(concat_ws(' ', invoice_no, principal, interest > 0, amount_base = principal + interest), ', ' ORDER BY invoice_id) FROM claim_statement(:p)), 'F1 800 t t, F2 500 t t, F3 300 f t', '001-35 the statement: principal on the day of the judgment, interest until then');
SELECT is((SELECT interest FROM claim_statement(:p) WHERE invoice_no = 'F1'), (SELECT interest FROM late_interest(1)), '001-35 the interest that is owed');
SELECT is((SELECT indemnity FROM late_interest(1)), 0::numeric, '001-35 no indemnity in a collective proceeding');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (1, 2, '2026-07-01', 100);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (1, 2, 2, 100, '2026-07-01');
SELECT is((SELECT principal FROM claim_statement(:p) WHERE invoice_no = 'F2'), 500::numeric, '001-35 what came since changes nothing of what was owed that day');
SELECT throws_ok(format('SELECT file_claim(%s, 5000)', :p), 'CR003', NULL, '001-35 not more than was owed');
SELECT throws_ok(format('SELECT file_claim(%s, declared_on => %L)', :p, d), 'CR003', NULL, '001-35 not filed on ' || d) FROM unnest('{2026-06-09,2026-07-21}'::date[]) d;
SELECT throws_ok('SELECT file_claim(99)', 'CR012', NULL, '001-35 in no proceeding');
SELECT throws_ok(format('SELECT file_claim(%s, 1.001)', :p), 'CR011', NULL, '001-35 no fraction of a cent');
SELECT file_claim(:p, reference => 'RAR 1') AS k \gset
SELECT is((SELECT declared_amount FROM proceeding_claim WHERE claim_id = :k), (SELECT sum(amount_base) FROM claim_statement(:p)), '001-35 filed: all of it');
SELECT is(pg_temp.deadlines(1), 'claim_filing 2026-08-18 2026-07-20, retention_reclaim 2026-09-18', '001-35 in time');
SELECT is_empty('SELECT * FROM task WHERE customer_id = 1 AND kind = ''claim_filing'' AND closed_on IS NULL', '002-17 and the task is done');
SELECT watch_litigation() \g /dev/null
SELECT is(pg_temp.alerts(1), 'collective_proceeding', '001-35 the alert ends by itself');
SELECT throws_ok(format('SELECT file_claim(%s)', :p), 'CR012', NULL, '001-35 one claim waits at a time');
SELECT is((SELECT string_agg(DISTINCT interrupted_by, ' ') FROM prescription WHERE invoice_id IN (1, 3)), 'claim_filed', '001-35 a claim that is filed interrupts prescription');
SELECT throws_ok(format('SELECT decide_claim(%s, 1e6)', :k), 'CR003', NULL, '001-35 not more is admitted than was declared');
SELECT is(decide_claim(:k, 1000), 'partly_admitted', '001-35 a part is admitted');
SELECT throws_ok(format('SELECT decide_claim(%s, 1)', :k), 'CR012', NULL, '001-35 decided once');
SELECT throws_ok('UPDATE proceeding_claim SET declared_amount = 1', 'CR010', NULL, '001-35 what was declared stays');
-- The goods.
SELECT file_claim(:p, 300, '2026-07-20', 'reclaim') AS r \gset
SELECT is(pg_temp.deadlines(1), 'claim_filing 2026-08-18 2026-07-20, reclaim_judge 2026-09-21, retention_reclaim 2026-09-18 2026-07-20', '001-35 a month of silence, then a month to go to the judge: 20 September 2026 is a Sunday');
SELECT pg_temp.day('2026-09-22') \g /dev/null
SELECT is((SELECT late FROM litigation_deadline WHERE deadline_code = 'reclaim_judge'), true, '001-35 a day later it is late');
SELECT pg_temp.day('2026-09-21') \g /dev/null
SELECT is(seize_judge(:r), '2026-09-21', '001-35 on the last day it is not');
SELECT is((SELECT concat_ws(' ', done_on, late) FROM litigation_deadline WHERE deadline_code = 'reclaim_judge'), '2026-09-21 f', '001-35 and kept');
SELECT throws_ok(format('SELECT seize_judge(%s)', :r), 'CR012', NULL, '001-35 once');

-- Individual actions are stayed ------------------------------------------------------------------
SELECT open_litigation(1, '{1}') AS l \gset
SELECT throws_ok(format($$SELECT record_litigation_event(%s, 'formal_notice_sent')$$, :l), 'CR012', NULL, '001-35 no individual action for a frozen claim');
SELECT lives_ok(format($$SELECT record_litigation_event(%s, 'formal_notice_sent', '2026-06-09')$$, :l), '001-35 what was done before the judgment is recorded');
SELECT open_litigation(1, '{4}') AS l4 \gset
SELECT lives_ok(format($$SELECT record_litigation_event(%s, 'formal_notice_sent')$$, :l4), '001-35 for a later claim it is free');

-- Conversion, end -----------------------------------------------------------------------------------
SAVEPOINT ends;
SELECT convert_proceeding(:p, 'liquidation', '2026-09-15', administrator => 'Maître Noir') AS q \gset
SELECT is((SELECT string_agg(concat_ws(' ', kind, claims_before, outcome), ', ' ORDER BY proceeding_id) FROM collective_proceeding), 'receivership 2026-06-10 converted, liquidation 2026-06-10', '001-35 a receivership becomes a liquidation: the same claims are frozen');
SELECT set_eq('SELECT invoice_id FROM frozen_invoice', '{1,2,3}'::bigint[], '001-35 and no others');
SELECT is((SELECT count(*) FROM default_event WHERE customer_id = 1), 1::bigint, '001-35 one event of default for both');
SELECT is((SELECT recipient_name || coalesce(recipient_email, '') FROM dunning_recipient_of_proceeding(1)), 'Maître Noir', '001-35 the liquidator is asked now');
SELECT throws_ok(format($$SELECT convert_proceeding(%s, 'liquidation', '2026-09-20')$$, :q), 'CR012', NULL, '001-35 not into what it is');
SELECT is(close_proceeding(:q, 'closed_without_assets'), 'closed_without_assets', '001-35 closed without assets');
SELECT is(pg_temp.item(1) || ' ' || pg_temp.doubtful(1), 'infinity 1 2 3', '001-35 its claims stay frozen and doubtful');
SELECT is((SELECT string_agg(kind, ',') FROM task WHERE customer_id = 1 AND closed_on IS NULL AND kind = 'write_off'), 'write_off', '001-35 and their write-off is a task');
SELECT is(pg_temp.alerts(1), NULL, '001-35 the alert has ended');
SELECT throws_ok(format($$SELECT close_proceeding(%s, 'annulled')$$, :q), 'CR012', NULL, '001-35 it ends once');
SELECT is_empty('SELECT * FROM verify()', '001-35 verify() after a conversion');
ROLLBACK TO ends;
SELECT is(close_proceeding(:p, 'plan_adopted'), 'plan_adopted', '001-35 a plan is adopted');
SELECT is(pg_temp.item(1) || ' ' || (SELECT in_default FROM default_status WHERE customer_id = 1), 'infinity true', '001-35 its claims are paid by the plan, not dunned');
SELECT lives_ok($$SELECT open_proceeding(1, 'liquidation', '2026-09-20')$$, '001-35 another may follow, when the plan fails');
ROLLBACK TO ends;
SELECT close_proceeding(:p, 'annulled') \g /dev/null
SELECT is_empty('SELECT * FROM frozen_invoice', '001-35 annulled: nothing is frozen');
SELECT isnt(pg_temp.item(1), 'infinity', '001-35 its claims are dunned again');
SELECT is(pg_temp.doubtful(1), NULL, '001-35 and good again');
SELECT is((SELECT in_default FROM default_status WHERE customer_id = 1), NULL, '001-35 the default is taken back');
SELECT cmp_ok((SELECT max(to_on) FROM late_interest_detail(1)), '>', date '2026-06-10', '001-35 and interest runs');
SELECT is_empty('SELECT * FROM verify()', '001-35 verify() after the end');

-- One event of default, whoever recorded it; another currency; what is invoiced late ------------------
SELECT pg_temp.day('2026-06-14') \g /dev/null
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (2, 21, 'U1', '2026-04-05', '2026-06-08', 1000, 'USD');
INSERT INTO delivery (customer_id, delivery_id, delivery_no, delivered_on, amount) VALUES (2, 22, 'BL22', '2026-06-01', 90);
SELECT record_default(2, occurred_on => '2026-06-08', reason => 'read in the paper') \g /dev/null
SELECT open_proceeding(2, 'liquidation', '2026-06-08', '2026-06-12') AS p \gset
SELECT is((SELECT count(*) FROM default_event WHERE customer_id = 2), 1::bigint, '001-35 a default that is on record is not recorded twice');
SELECT is((SELECT concat_ws(' ', principal, interest, amount_base) FROM claim_statement(:p)), '1000 0 900.00', '001-35 in base currency at the rate of the judgment');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, delivery_id) VALUES (2, 22, 'L1', '2026-06-13', '2026-07-13', 90, 22);
SELECT is(pg_temp.doubtful(2) || ' ' || pg_temp.item(22), '21 22 infinity', '001-35 what is invoiced after the judgment for a delivery from before it is frozen at once');
SELECT pg_temp.day('2026-08-25') \g /dev/null
SELECT is((SELECT late FROM litigation_deadline WHERE customer_id = 2 AND deadline_code = 'claim_filing'), true, '001-35 not filed in time: late');
SELECT watch_litigation() \g /dev/null
SELECT is(pg_temp.alerts(2), 'collective_proceeding, legal_deadline proceeding claim_filing, legal_deadline proceeding retention_reclaim', '001-35 and still an alert');
SELECT is((SELECT message_en FROM alert WHERE customer_id = 2 AND key LIKE '%claim_filing'), 'Filing of the claim in the collective proceeding: until 2026-08-12 at the latest', '001-35 in words');
SELECT lives_ok(format('SELECT file_claim(%s)', :p), '001-35 a late claim is recorded: the court may relieve');
-- Orders: credit is refused by the policy in force, which reads the event of default.
SELECT throws_ok(s, e, NULL, '001-35 refused: ' || s) FROM (VALUES
  ('SELECT open_proceeding(2, ''safeguard'', ''2026-08-01'')', 'CR012'), ('SELECT open_proceeding(3, ''safeguard'', ''2026-08-26'')', 'CR003'), ('SELECT open_proceeding(999, ''safeguard'', ''2026-08-01'')', 'CR007'),
  ('SELECT open_proceeding(3, ''bankrupt'', ''2026-08-01'')', '23514'), ('SELECT open_proceeding(3, ''safeguard'', ''2026-08-02'', ''2026-08-01'')', 'CR003'), ('SELECT open_proceeding(3, ''safeguard'', NULL)', '23502'),
  ('SELECT close_proceeding(999, ''annulled'')', 'CR012'), ('SELECT close_proceeding(1, ''converted'')', '22023'), ('SELECT close_proceeding(1, NULL)', '22023'), ('SELECT convert_proceeding(999, ''liquidation'', ''2026-08-01'')', 'CR012'),
  ('SELECT decide_claim(999, 1)', 'CR012'), ('SELECT seize_judge(999)', 'CR012'),
  ('UPDATE collective_proceeding SET judgment_on = ''2026-01-01'' WHERE closed_on IS NULL', 'CR010'), ('DELETE FROM collective_proceeding', 'CR010'), ('TRUNCATE collective_proceeding CASCADE', 'CR010'),
  ('DELETE FROM proceeding_claim', 'CR010'), ('TRUNCATE proceeding_claim', 'CR010'), ('TRUNCATE legal_deadline', 'CR010'), ('TRUNCATE debt_acknowledgement', 'CR010')) v (s, e);
SELECT is((SELECT count(*) FROM claim_statement(999)), 0::bigint, '001-35 no proceeding: no statement');
SELECT is_empty('SELECT * FROM verify()', '001-35 verify() after it all');

SELECT * FROM finish();
ROLLBACK;
