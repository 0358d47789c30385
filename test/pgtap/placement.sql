-- Row 001-45: outside parties, cases placed with them and recalled, what they
-- collect, keep and pay over, reconciled with what reached us.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('agencies') \g /dev/null
SET LOCAL search_path = agencies, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, 'B' FROM generate_series(1, 9) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (31, 'S', 'Site', 1);
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('JPY', '2026-02-25', 0.006);
CREATE FUNCTION pg_temp.account(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('receivable %s, exposure %s, aged %s overdue %s, unapplied %s', trim_scale(a.receivable), trim_scale(a.exposure), trim_scale(g.total), trim_scale(g.overdue), trim_scale(g.unapplied))
   FROM agencies.credit_account a JOIN agencies.ageing_by_customer g USING (customer_id) WHERE a.customer_id = id $$;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE agencies.ledger SET pinned_date = d $$;
-- Steps that the run has taken of an invoice.
CREATE FUNCTION pg_temp.steps(id bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM agencies.dunning_action_item WHERE invoice_id = id $$;
CREATE FUNCTION pg_temp.row_of(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT format('collected %s, fee %s, remitted %s, held %s since %s, received %s, directly %s, difference %s, fee difference %s, %s', collected, fee, remitted, held, coalesce(held_since::text, 'never'), received, paid_directly, difference, fee_difference, CASE WHEN reconciled THEN 'reconciled' ELSE 'open' END)
   FROM agencies.placement_reconciliation WHERE placement_id = id $$;

-- Parties, contracts, scales -----------------------------------------------------------
INSERT INTO external_party (party_id, name, kind, email, contract_no, mandate_on, valid_from, valid_to, commission_pct) VALUES
    (1, 'Recouvrement du Nord', 'agency', 'dossiers@rdn.example', 'K-7', '2025-01-02', '2025-01-02', '2026-12-31', 12),
    (2, 'Maître Durand', 'lawyer', NULL, NULL, NULL, NULL, '2026-01-31', 20);
SELECT setval(pg_get_serial_sequence('external_party', 'party_id'), 10) \g /dev/null
INSERT INTO external_party_commission VALUES (1, 0, 0, 10), (1, 0, 5000, 8), (1, 180, 0, 25);
SELECT is(party_commission(p, a, d), w, format('001-45 commission of party %s on %s, %s days overdue', p, a, d)) FROM (VALUES
    (1::bigint, 400::numeric, 10, 10::numeric), (1, 5000, 179, 8), (1, 4999.99, 0, 10), (1, 5000, 180, 25), (1, 5000, -20, 8), (2, 5000, 10, 20), (99, 1, 1, NULL)) v (p, a, d, w);
SELECT throws_ok(s, e, NULL, '001-45 ' || s) FROM (VALUES
    ('INSERT INTO external_party (name, kind) VALUES (''X'', ''friend'')', '23514'), ('INSERT INTO external_party (name) VALUES ('''')', '23514'),
    ('INSERT INTO external_party (name) VALUES (''recouvrement DU nord'')', '23505'), ('INSERT INTO external_party (name, commission_pct) VALUES (''X'', 101)', '23514'),
    ('INSERT INTO external_party (name, valid_from, valid_to) VALUES (''X'', ''2026-02-01'', ''2026-01-31'')', '23514'), ('TRUNCATE external_party CASCADE', 'CR010'),
    ('INSERT INTO external_party_commission VALUES (1, -1, 0, 5)', '23514'), ('INSERT INTO external_party_commission VALUES (99, 0, 0, 5)', '23503')) v (s, e);

-- Placed: out of dunning, in exposure and ageing -----------------------------------------
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES
    (1, 11, 'A1', '2025-12-01', '2026-01-10', 1000), (1, 12, 'A2', '2025-12-10', '2026-01-20', 600), (1, 13, 'A3', '2026-01-05', '2026-02-01', 200),
    (1, 14, 'A4', '2026-02-25', '2026-04-30', 50), (2, 21, 'B1', '2025-12-01', '2026-01-10', 1000);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, issued_on, due_on, amount) VALUES (1, 15, 'AC', 'credit_note', '2026-02-01', '2026-02-01', 30);
SELECT open_dispute(13, 200, 'the price') \g /dev/null
SELECT is(pg_temp.account(1), 'receivable 1820, exposure 1820, aged 1820 overdue 1770, unapplied 0', '001-45 before: what customer 1 owes');
SELECT set_eq('SELECT placement_id > 0, invoice_no, amount, currency FROM place_invoices(1, ''recouvrement du nord'', reference => ''D-2026-17'')',
    $$VALUES (true, 'A1', 1000::numeric, 'EUR'), (true, 'A2', 600, 'EUR')$$, '001-45 a case: all that is overdue and not disputed');
SELECT is(pg_temp.account(1), 'receivable 1820, exposure 1820, aged 1820 overdue 1770, unapplied 0', '001-45 placed: it stays in receivables, exposure and ageing, to the cent');
SELECT set_eq('SELECT invoice_id, placed_with, kind, party_id, reference, commission_pct FROM placement WHERE customer_id = 1',
    $$VALUES (11::bigint, 'Recouvrement du Nord', 'agency', 1::bigint, 'D-2026-17', 10::numeric), (12, 'Recouvrement du Nord', 'agency', 1, 'D-2026-17', 10)$$, '001-45 the party by its name, its kind, its scale');
SELECT set_eq('SELECT invoice_id, reason FROM dunning_stop WHERE customer_id = 1', $$VALUES (11::bigint, 'placed'), (12, 'placed')$$, '001-45 and it is stopped');
SELECT run_daily(date '2026-03-02') \g /dev/null
SELECT is((SELECT string_agg(pg_temp.steps(i)::text, ' ' ORDER BY i) FROM unnest('{11,12,21}'::bigint[]) i), '0 0 1', '001-45 placed invoices are not dunned by us, others are');
SELECT pg_temp.day('2026-04-07');
SELECT run_daily(date '2026-04-07') \g /dev/null
SELECT is(pg_temp.steps(11) + pg_temp.steps(12), 0::bigint, '001-45 nor weeks later');
SELECT is_empty('SELECT * FROM verify()', '001-45 verify() while placed');
SELECT is(recall_placements(1, 'Recouvrement du Nord'), 2, '001-45 the case is recalled');
SELECT is_empty('SELECT * FROM dunning_stop WHERE customer_id = 1', '001-45 nothing is stopped any more');
SELECT is(pg_temp.account(1), 'receivable 1820, exposure 1820, aged 1820 overdue 1770, unapplied 0', '001-45 recalled: the figures are the same');
SELECT run_daily(date '2026-04-07') \g /dev/null
SELECT is((SELECT string_agg(step_no::text, ' ' ORDER BY invoice_id) FROM open_item WHERE invoice_id IN (11, 12)), (SELECT step_no || ' ' || step_no FROM dunning_action_item WHERE invoice_id = 21 ORDER BY step_no LIMIT 1),
  '001-45 and dunning goes on at the next step, the one that the other invoice took first');
SELECT is((SELECT count(*) FROM dunning_action WHERE customer_id = 1), 1::bigint, '001-45 in one communication');
SELECT is_empty('SELECT * FROM verify()', '001-45 verify() after the recall');
SELECT throws_ok(s, e, NULL, '001-45 ' || s) FROM (VALUES
    ('SELECT recall_placements(1)', 'CR012'), ('SELECT recall_placements(NULL)', 'CR012'), ('SELECT * FROM place_invoices(3, ''X'')', 'CR007'), ('SELECT * FROM place_invoices(NULL, ''X'')', 'CR007'),
    ('SELECT * FROM place_invoices(1, ''X'', ARRAY[11, 21])', 'CR007'), ('SELECT * FROM place_invoices(1, ''X'', ARRAY[15])', 'CR007'), ('SELECT place_invoice(11, ''Maître Durand'')', 'CR012'),
    ('SELECT place_invoice(11, ''Recouvrement du Nord'', ''lawyer'')', 'CR003'), ('SELECT place_invoice(11, ''X'', opened_on => ''2026-04-08'')', 'CR003'), ('SELECT place_invoice(11, '''')', '23514'),
    ('SELECT place_invoice(11, NULL)', '23502'), ('UPDATE placement SET party_id = 2', 'CR010')) v (s, e);
SELECT is((SELECT count(*) FROM placement WHERE closed_on IS NULL), 0::bigint, '001-45 what was refused placed nothing');
SELECT is((SELECT count(*) FROM external_party WHERE name IN ('X', '')), 0::bigint, '001-45 and wrote down no party');
SELECT place_invoice(13, 'Étude Martin', 'bailiff', 5) AS p13 \gset
SELECT is((SELECT kind || ' ' || commission_pct FROM external_party WHERE name = 'Étude Martin'), 'bailiff 0', '001-45 a party of a new name is written down');
SELECT is(close_placement(:p13, 'returned'), 'returned', '001-45 it comes back with nothing');

-- Collected, kept, paid over ---------------------------------------------------------------
SELECT place_invoice(21, 'Recouvrement du Nord', commission_pct => 10) AS p \gset
SELECT is(pg_temp.row_of(:p), 'collected 0, fee 0, remitted 0, held 0 since never, received 0, directly 0, difference 0, fee difference 0.00, reconciled', '001-45 before: nothing is reported');
SELECT pg_temp.day('2026-04-20');
SELECT report_collection(:p, 500, reported_on => '2026-04-10', reference => 'RDN 4711') AS r1 \gset
SELECT is(pg_temp.row_of(:p), 'collected 500, fee 50.00, remitted 0, held 450.00 since 2026-04-10, received 0, directly 0, difference 0, fee difference 0.00, reconciled', '001-45 collected 500, commission 50: it holds 450');
SELECT is(pg_temp.account(2), 'receivable 1000, exposure 1000, aged 1000 overdue 1000, unapplied 0', '001-45 the debt is what it was until the money is here');
SELECT report_collection(:p, 100, 10, 0, '2026-04-18') \g /dev/null
SELECT report_collection(:p, remitted => 450, fee => 0, reported_on => '2026-04-19', reference => 'RDN 4711') \g /dev/null
SELECT is(pg_temp.row_of(:p), 'collected 600, fee 60.00, remitted 450, held 90.00 since 2026-04-18, received 0, directly 0, difference 450, fee difference 0.00, open', '001-45 paid over 450, says the agency; nothing here yet');
INSERT INTO payment (customer_id, payment_id, received_on, amount, reference) VALUES (2, 201, '2026-04-20', 450, 'RDN 4711');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 201, 21, 450);
SELECT is(pg_temp.row_of(:p), 'collected 600, fee 60.00, remitted 450, held 90.00 since 2026-04-18, received 450, directly 0, difference 0, fee difference 0.00, reconciled', '001-45 the payment is here: recovery less fee is what was paid over and what we received, and what is held');
INSERT INTO allocation (customer_id, invoice_id, amount, adjustment, reason) VALUES (2, 21, 60, 'bank_charges', 'commission of Recouvrement du Nord');
SELECT is(pg_temp.account(2), 'receivable 490, exposure 490, aged 490 overdue 490, unapplied 0', '001-45 what it kept is our charge, and settles the debtor');
SELECT is((SELECT concat_ws(' ', placed, recovered, settled_otherwise, open, reconciled) FROM placement_result WHERE placement_id = :p), '1000 450 60 490 t', '001-45 placed - recovered - settled otherwise = open');
INSERT INTO payment (customer_id, payment_id, received_on, amount, reference) VALUES (2, 202, '2026-04-20', 100, 'direct');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 202, 21, 100);
SELECT is(pg_temp.row_of(:p), 'collected 600, fee 60.00, remitted 450, held 90.00 since 2026-04-18, received 450, directly 100, difference 0, fee difference 0.00, reconciled', '001-45 what the debtor pays to us is not the agency''s');
SELECT report_collection(:p, 100, 15, 0) AS r4 \gset
SELECT is((SELECT fee_difference || ' ' || reconciled FROM placement_reconciliation WHERE placement_id = :p), '5.00 false', '001-45 it kept 5 too much');
SELECT reverse_agency_report(:r4) \g /dev/null
SELECT is(pg_temp.row_of(:p), 'collected 600, fee 60.00, remitted 450, held 90.00 since 2026-04-18, received 450, directly 100, difference 0, fee difference 0.00, reconciled', '001-45 a report is taken back');
SELECT pg_temp.day('2026-06-30');
SELECT is((SELECT concat_ws(' ', held, held_days, late) FROM placement_reconciliation WHERE placement_id = :p), '90.00 73 t', '001-45 it has held 90 for 73 days, longer than agreed');
SELECT reverse_payment(201) IS NOT NULL AS reversed FROM reverse_allocation((SELECT allocation_id FROM allocation WHERE payment_id = 201)) \g /dev/null
SELECT is((SELECT difference || ' ' || reconciled FROM placement_reconciliation WHERE placement_id = :p), '450 false', '001-45 its transfer came back: 450 are missing');
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (2, 203, '2026-06-30', 540);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (2, 203, 21, 540);
SELECT is((SELECT difference || ' ' || paid_directly FROM placement_reconciliation WHERE placement_id = :p), '450 640', '001-45 a payment that nothing names is the debtor''s');
SELECT report_collection(:p, remitted => 90, payment_id => 203) \g /dev/null
SELECT is(pg_temp.row_of(:p), 'collected 600, fee 60.00, remitted 540, held 0.00 since never, received 540, directly 100, difference 0, fee difference 0.00, reconciled', '001-45 named by its report it is the agency''s: all is paid over');
SELECT is(close_placement(:p, 'collected', '2026-06-30'), 'collected', '001-45 it ends');
SELECT set_eq($$SELECT currency, placements, open_placements, recalled, placed, recovered, recovered_pct, collected, fee, commission_due, remitted, received, difference, held, held_days, late, reconciled FROM external_party_result WHERE party_id = 1$$,
    $$VALUES ('EUR', 3::bigint, 0::bigint, 2::bigint, 2600::numeric, 700::numeric, 26.9::numeric, 600::numeric, 60::numeric, 60::numeric, 540::numeric, 540::numeric, 0::numeric, 0::numeric, NULL::integer, false, true)$$, '001-45 the party in one row');
SELECT is((SELECT concat_ws(' ', placements, recovered, held, reconciled) FROM external_party_result WHERE party_id = 2), '0 0 0 t', '001-45 a party without placements');
SELECT is_empty('SELECT * FROM verify()', '001-45 verify() after all of it');

SELECT place_invoice(11, 'Recouvrement du Nord') AS q \gset
SELECT throws_ok(format(s, :q), e, NULL, '001-45 ' || s) FROM (VALUES
    ('SELECT report_collection(%s, 1000.01)', 'CR003'), ('SELECT report_collection(%s, 100, 60, 41)', 'CR003'), ('SELECT report_collection(%s, remitted => 1)', 'CR003'), ('SELECT report_collection(%s, 100.001)', 'CR011'),
    ('SELECT report_collection(%s, -1)', '23514'), ('SELECT report_collection(%s, ''NaN'', 0)', '23514'), ('SELECT report_collection(%s)', '23514'), ('SELECT report_collection(%s, 10, reported_on => ''2026-06-29'')', 'CR003'),
    ('SELECT report_collection(%s, 10, reported_on => ''2026-07-01'')', 'CR003'), ('SELECT report_collection(%s, 10, payment_id => 201)', '23503'), ('SELECT report_collection(NULL, 10) -- %s', 'CR007'), ('SELECT report_collection(0, 10) -- %s', 'CR007'),
    ('SELECT reverse_agency_report(0) -- %s', 'CR007'), ('UPDATE agency_report SET fee = 0 -- %s', 'CR010'), ('DELETE FROM agency_report -- %s', 'CR010'), ('TRUNCATE agency_report -- %s', 'CR010')) v (s, e);
SELECT throws_ok(format('SELECT reverse_agency_report(%s)', :r4), 'CR012', NULL, '001-45 a report is taken back once');
SELECT throws_ok(format('SELECT reverse_agency_report(%s)', :r1), 'CR003', NULL, '001-45 not what a later report rests on');
SELECT pg_temp.day('2026-07-10');
SELECT throws_ok(format('SELECT report_collection(%s, 10)', :p), 'CR003', NULL, '001-45 nothing is collected after the end');
SELECT lives_ok(format('SELECT report_collection(%s, 10, reported_on => ''2026-06-30'')', :p), '001-45 what was collected before it can still be said');
-- a currency without cents
INSERT INTO exchange_rate (currency, rate_on, rate) VALUES ('JPY', '2026-07-05', 0.006);
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount, currency) VALUES (4, 41, 'J', '2026-07-05', '2026-07-06', 100001, 'JPY');
SELECT place_invoice(41, 'Recouvrement du Nord', commission_pct => 12.5) AS j \gset
SELECT report_collection(:j, 1003) \g /dev/null
SELECT is((SELECT concat_ws(' ', fee, held, currency) FROM placement_reconciliation WHERE placement_id = :j), '125 878 JPY', '001-45 commission in whole yen');
SELECT is_empty('SELECT * FROM verify()', '001-45 verify() at the end');
SELECT is((SELECT count(*) FROM customer_timeline(2) WHERE object = 'agency_report'), (SELECT count(*) FROM agency_report WHERE customer_id = 2), '001-45 the reports stand in the history of the customer');
SELECT * FROM finish();
ROLLBACK;
