-- A ledger with rows in every table, for the tests of this folder: the path
-- is set to the ledger before, and :seed makes two of them differ.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
UPDATE ledger SET pinned_date = '2025-10-01', log_passes = true;

INSERT INTO exchange_rate (currency, rate_on, rate)
SELECT 'USD', d, 0.9 + extract(day FROM d) / 1000 FROM generate_series('2025-09-25'::date, '2026-03-31', '5 days') d;

INSERT INTO customer (code, name, parent_id, payer_id, risk_class, terms, currency, language)
SELECT format('C%s', n), format('Customer %s', n),
       CASE WHEN n IN (2, 3) THEN 1 WHEN n = 4 THEN 2 END, CASE WHEN n IN (39, 40) THEN 5 END,
       (ARRAY['A', 'B', 'C', 'D', NULL])[n % 5 + 1], (ARRAY['net 30', '45 eom', NULL, '30% net 0, 70% 30 eom'])[n % 4 + 1],
       CASE WHEN n % 7 = 0 THEN 'USD' END, (ARRAY['fr', 'en'])[n % 2 + 1]
FROM generate_series(1, 40) n ORDER BY n;
INSERT INTO contact (customer_id, name, email) SELECT customer_id, 'Accounts', 'ar@' || lower(code) || '.example' FROM customer WHERE customer_id % 2 = 0;
UPDATE customer SET blocked = true WHERE customer_id = 38;

INSERT INTO credit_limit (customer_id, kind, amount, currency, valid_from, valid_to)
SELECT customer_id, 'base', CASE WHEN customer_id % 9 <> 0 THEN 1000 * (customer_id % 8) END, CASE WHEN customer_id % 7 = 0 THEN 'USD' END, '2025-10-01', NULL
FROM customer WHERE payer_id IS NULL AND customer_id % 4 <> 3;
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to)
VALUES (1, 'temporary', 9000, '2025-11-01', '2025-12-31'), (2, 'temporary', 500, '2026-01-01', '2026-02-15');

-- Six months: orders, of which some are held, deliveries, invoices, payments.
CREATE PROCEDURE pg_temp.month(first date, seed integer) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger SET pinned_date = first;
    INSERT INTO sales_order (customer_id, order_no, site_id, amount, tax_amount, currency, external_ref)
    SELECT c.customer_id, format('SO-%s-%s', to_char(first, 'YYMM'), n), CASE WHEN c.customer_id = 5 THEN 39 END,
           a.amount, round(a.amount / 6, 2), c.currency, format('erp-%s-%s', first, n)
    FROM generate_series(1, 2) n CROSS JOIN customer c
    CROSS JOIN LATERAL (SELECT 100 + (c.customer_id * 37 + n * 101 + extract(month FROM first)::integer * 53 + seed) % 997 + 0.25 * n AS amount) a
    WHERE c.payer_id IS NULL ORDER BY c.customer_id, n;
    UPDATE sales_order SET cancelled_on = first WHERE ordered_on = first AND order_id % 17 = 0;
    UPDATE sales_order SET amount = amount + 10 WHERE ordered_on = first AND order_id % 13 = 0 AND status = 'open';

    UPDATE ledger SET pinned_date = first + 5;
    INSERT INTO delivery (customer_id, delivery_no, order_id, amount, currency)
    SELECT customer_id, 'BL' || order_id, order_id, CASE order_id % 3 WHEN 0 THEN round(amount / 2, 2) ELSE amount END, currency
    FROM sales_order WHERE status = 'open' AND ordered_on = first ORDER BY order_id;
    INSERT INTO delivery (customer_id, delivery_no, amount) SELECT customer_id, format('BLX-%s', first), 42 FROM customer WHERE customer_id % 10 = 0 AND payer_id IS NULL;
    INSERT INTO invoice (customer_id, invoice_no, delivery_id, order_id, amount, currency)
    SELECT customer_id, 'F' || delivery_id, delivery_id, order_id, amount, currency
    FROM delivery WHERE delivered_on = first + 5 AND delivery_id % 5 <> 0 ORDER BY delivery_id;
    INSERT INTO invoice (customer_id, invoice_no, kind, amount, due_on)
    SELECT customer_id, format('AV-%s', to_char(first, 'YYMM')), 'credit_note', 12.50, first + 5 FROM customer WHERE customer_id % 11 = 0;
    INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, instalment_due_on, instalment_amount, amount)
    SELECT customer_id, format('ECH-%s', to_char(first, 'YYMM')), 'debit_note', first + 5, ARRAY[first + 15, first + 45], ARRAY[100, 50.01], 150.01
    FROM customer WHERE customer_id % 12 = 0;

    -- Part of what is due is paid, one payment per invoice; some by a credit note.
    INSERT INTO payment (customer_id, payment_no, amount, currency, method)
    SELECT i.customer_id, 'P' || i.invoice_id, CASE i.invoice_id % 4 WHEN 0 THEN round(i.amount / 3, 2) ELSE i.amount END, i.currency, 'transfer'
    FROM invoice i WHERE i.kind = 'invoice' AND i.due_on BETWEEN first - 40 AND first + 10 AND i.invoice_id % 3 <> 0
      AND i.instalment_due_on IS NULL AND NOT EXISTS (SELECT FROM payment p WHERE p.customer_id = i.customer_id AND p.payment_no = 'P' || i.invoice_id)
    ORDER BY i.invoice_id;
    INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
    SELECT p.customer_id, p.payment_id, o.invoice_id, least(o.open_amount, CASE WHEN p.payment_id % 6 = 0 THEN round(p.amount / 2, 2) ELSE p.amount END)
    FROM payment p JOIN open_item o ON o.customer_id = p.customer_id AND 'P' || o.invoice_id = p.payment_no
    WHERE p.received_on = first + 5 ORDER BY p.payment_id;
    INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount)
    SELECT n.customer_id, n.invoice_id, o.invoice_id, least(-n.open_amount, o.open_amount)
    FROM open_item n CROSS JOIN LATERAL (SELECT o.* FROM open_item o WHERE o.customer_id = n.customer_id AND o.kind <> 'credit_note'
                                         AND o.currency = n.currency AND o.instalment_no = 1 ORDER BY o.due_on, o.invoice_id LIMIT 1) o
    WHERE n.kind = 'credit_note' AND n.customer_id % 2 = 0;
    PERFORM reverse_allocation(allocation_id) FROM allocation WHERE effective_on = first + 5 AND allocation_id % 8 = 0 AND reversal_of IS NULL;
    UPDATE ledger SET pinned_date = first + 12;
    PERFORM run_daily();
    UPDATE ledger SET pinned_date = first + 20;
    PERFORM run_daily();
END $$;
SELECT format('CALL pg_temp.month(%L, %s)', m::date, :seed) FROM generate_series('2025-10-01'::date, '2026-03-01', '1 month') m \gexec

-- What is rare.
SELECT reverse_delivery(max(delivery_id)) FROM delivery WHERE order_id IS NULL AND reversal_of IS NULL \g /dev/null
SELECT reverse_payment(max(p.payment_id)) FROM payment p
WHERE NOT EXISTS (SELECT FROM allocation a WHERE a.customer_id = p.customer_id AND a.payment_id = p.payment_id) \g /dev/null
INSERT INTO payment (customer_id, payment_no, amount) VALUES (6, 'rejected', 77);
SELECT reverse_payment(payment_id) FROM payment WHERE payment_no = 'rejected' \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, kind, amount, issued_on, due_on) VALUES (6, 'opening', 'opening_balance', 333.33, '2025-09-30', '2025-10-15');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (6, 'mistaken', 11);
SELECT reverse_invoice(invoice_id) FROM invoice WHERE invoice_no = 'mistaken' \g /dev/null
SELECT release_order(order_id, 'a good customer', true) FROM sales_order WHERE status = 'held' ORDER BY order_id LIMIT 2 \g /dev/null
UPDATE open_item SET agreed_due_on = due_on + 90
WHERE (customer_id, invoice_id) IN (SELECT customer_id, invoice_id FROM open_item WHERE kind = 'invoice' ORDER BY 1, 2 LIMIT 3);
SELECT CASE action_id % 3 WHEN 0 THEN complete_action(action_id, claim_token) WHEN 1 THEN fail_action(action_id, claim_token, 'no answer') END
FROM claim_actions('sample', 9) \g /dev/null
-- A difference, so that the record of repairs is not empty.
UPDATE credit_account SET unapplied = unapplied + 1 WHERE customer_id = 7;
SELECT rebuild() \g /dev/null

-- Payments that came back, losses, factoring, placements.
INSERT INTO invoice (customer_id, invoice_no, amount, tax_amount, issued_on, due_on)
SELECT 8, 'loss ' || n, 600 + n, 100, '2025-10-01', '2025-11-01' FROM generate_series(1, 4) n;
INSERT INTO payment (customer_id, payment_no, amount, method) VALUES (8, 'cheque', 601, 'cheque'), (8, 'from the liquidator', 50, 'transfer');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT customer_id, payment_id, invoice_id, 601 FROM payment JOIN invoice USING (customer_id) WHERE payment_no = 'cheque' AND invoice_no = 'loss 1';
INSERT INTO payment_return (customer_id, payment_id, reason) SELECT customer_id, payment_id, 'cheque no funds' FROM payment WHERE payment_no = 'cheque';
SELECT detect_unpaid_defaults(max_items => 3) \g /dev/null
SELECT mark_doubtful(invoice_id, 'no answer') FROM invoice WHERE invoice_no IN ('loss 1', 'loss 2') \g /dev/null
SELECT write_off(invoice_id, 'no assets') FROM invoice WHERE invoice_no = 'loss 2' \g /dev/null
SELECT record_recovery(i.invoice_id, p.payment_id) FROM invoice i JOIN payment p USING (customer_id) WHERE invoice_no = 'loss 2' AND payment_no = 'from the liquidator' \g /dev/null
INSERT INTO factoring_contract (code, factor, recourse, currency, valid_from) VALUES ('sale', 'Factor', false, 'EUR', '2026-01-01');
INSERT INTO buyer_limit (customer_id, contract_id, amount, valid_from) SELECT 8, contract_id, 400, '2026-01-01' FROM factoring_contract;
SELECT assign_invoice('sale', invoice_id) FROM invoice WHERE invoice_no = 'loss 3' \g /dev/null
SELECT place_invoice(invoice_id, 'Agency', commission_pct => 15) FROM invoice WHERE invoice_no = 'loss 4' \g /dev/null
INSERT INTO litigation_case (customer_id, invoice_id, court, expected_recovery_pct) SELECT customer_id, invoice_id, 'Tribunal', 50 FROM invoice WHERE invoice_no = 'loss 1';

-- Disputes, promises, payment plans, causes of lateness: open and closed.
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on)
SELECT 10, 'case ' || n, 100 + n, '2025-12-01', '2026-01-01' FROM generate_series(1, 6) n;
INSERT INTO payment (customer_id, payment_no, amount) VALUES (10, 'case', 104);
SELECT open_dispute(invoice_id, 40, 'too few', department => 'logistics') FROM invoice WHERE invoice_no = 'case 1' \g /dev/null
SELECT resolve_dispute(open_dispute(invoice_id, reason => 'broken'), 'accepted', 'quality') FROM invoice WHERE invoice_no = 'case 2' \g /dev/null
SELECT promise_to_pay(customer_id, business_date() + 5, 50, invoice_id, 'Mme Roux') FROM invoice WHERE invoice_no IN ('case 3', 'case 4') \g /dev/null
SELECT create_plan(customer_id, ARRAY[invoice_id], ARRAY[business_date() + 3, business_date() + 30], ARRAY[50, amount - 50]) FROM invoice WHERE invoice_no IN ('case 5', 'case 6') \g /dev/null
SELECT cancel_plan(max(plan_id)) FROM payment_plan \g /dev/null
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount)
SELECT customer_id, payment_id, invoice_id, 104 FROM payment JOIN invoice USING (customer_id) WHERE payment_no = 'case' AND invoice_no = 'case 4';
SELECT record_cause(invoice_id, 'temporary') FROM invoice WHERE invoice_no = 'case 4' \g /dev/null

-- Late-payment interest, claimed and waived; a discount taken; an affiliate.
INSERT INTO reference_rate (series, effective_on, rate_pct, source) VALUES ('ecb_mro', '2025-12-01', 2.20, 'sample');
INSERT INTO interest_terms (customer_id, regime, contract_pct) VALUES (12, 'EU', 11);
SELECT propose_interest_note(12) \g /dev/null
SELECT propose_interest_note(8) \g /dev/null
SELECT issue_interest_note(interest_note_id) FROM interest_note_status WHERE customer_id = 12 \g /dev/null
SELECT waive_interest_note(interest_note_id, 'goodwill') FROM interest_note_status WHERE customer_id = 12 ORDER BY 1 LIMIT 1 \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, terms) VALUES (9, 'early', 100, business_date(), '2/10 net 30');
INSERT INTO payment (customer_id, payment_no, amount) VALUES (9, 'early', 98);
SELECT take_cash_discount(payment_id, invoice_id) FROM payment JOIN invoice USING (customer_id) WHERE payment_no = 'early' AND invoice_no = 'early' \g /dev/null
INSERT INTO affiliated_customer (customer_id, reason, opened_on) VALUES (9, 'a subsidiary', '2026-01-01');

-- Quotes, a prepaid order, the life of invoices.
INSERT INTO quote (customer_id, quote_no, amount) VALUES (6, 'quote 1', 20), (6, 'quote 2', 30);
SELECT order_quote(quote_id, 'from quote 1') FROM quote WHERE quote_no = 'quote 1' \g /dev/null
SELECT lose_quote(quote_id, 'too dear') FROM quote WHERE quote_no = 'quote 2' \g /dev/null
INSERT INTO pro_forma (customer_id, pro_forma_no, order_id) SELECT customer_id, 'pro forma', order_id FROM sales_order WHERE order_no = 'from quote 1';
INSERT INTO payment (customer_id, payment_no, amount) VALUES (6, 'prepaid', 20);
SELECT pay_pro_forma(pro_forma_id, payment_id) FROM pro_forma JOIN payment USING (customer_id) WHERE payment_no = 'prepaid' \g /dev/null
INSERT INTO delivery (customer_id, order_id, amount) SELECT customer_id, order_id, 20 FROM pro_forma;
SELECT record_invoice_event(invoice_id, 'sent') FROM (SELECT invoice_id FROM open_item WHERE kind = 'invoice' AND instalment_no = 1 AND customer_id <> 10 ORDER BY customer_id, invoice_id LIMIT 6) i \g /dev/null
SELECT record_invoice_event(invoice_id, 'rejected_by_platform', note => 'address unknown') FROM (SELECT invoice_id FROM invoice_event ORDER BY invoice_event_id LIMIT 2) i \g /dev/null
SELECT record_invoice_event(invoice_id, 'refused', note => 'not ordered') FROM (SELECT invoice_id FROM invoice_event ORDER BY invoice_event_id OFFSET 4 LIMIT 1) i \g /dev/null
SELECT reverse_invoice_event(max(invoice_event_id)) FROM invoice_event WHERE event = 'rejected_by_platform' \g /dev/null

-- Paid by a draft that is not final, and by a cheque that is.
INSERT INTO payment (customer_id, payment_no, amount, method, acceptance, matures_on) VALUES (13, 'draft', 70, 'draft', 'accepted', business_date() + 40);
INSERT INTO payment (customer_id, payment_no, amount, method) VALUES (13, 'cashed', 30, 'cheque');
SELECT confirm_payment(payment_id) FROM payment WHERE payment_no = 'cashed' \g /dev/null

-- A month closed, and what the general ledger says of it.
INSERT INTO gl_balance (as_of, gl_account, amount) VALUES ('2026-02-28', '411', 12345.67);
SELECT close_period('2026-02-28') \g /dev/null

-- Bank lines: matched by rules and by hand, undone, split, set aside, waiting.
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on)
SELECT 13, 'cash ' || n, 200 + n, '2025-12-01', '2026-01-01' FROM generate_series(1, 4) n;
INSERT INTO bank_line (bank_account, statement_no, line_no, booked_on, amount, remittance, payer_name, payer_account)
VALUES ('bank', '1', 1, business_date(), 201, 'cash 1', NULL, NULL), ('bank', '1', 2, business_date(), 405, NULL, 'Customer 13', NULL),
       ('bank', '1', 3, business_date(), 50, 'on account', NULL, 'FR76 9'), ('bank', '1', 4, business_date(), 30, NULL, NULL, NULL),
       ('bank', '1', 5, business_date(), 7, 'interest', NULL, NULL), ('bank', '1', 6, business_date(), 8, NULL, 'nobody', NULL);
SELECT * FROM apply_bank_lines() \g /dev/null
SELECT assign_bank_line(bank_line_id, 13) FROM bank_line WHERE line_no = 3 \g /dev/null
SELECT split_bank_line(bank_line_id, '{13,14}', '{10,20}') FROM bank_line WHERE line_no = 4 \g /dev/null
SELECT set_aside_bank_line(bank_line_id, 'interest') FROM bank_line WHERE line_no = 5 \g /dev/null
SELECT match(payment_id, ARRAY(SELECT invoice_id FROM invoice WHERE invoice_no = 'cash 4')) FROM unapplied_cash WHERE customer_id = 13 AND amount = 50 \g /dev/null
SELECT unmatch(customer_id, matching_code) FROM matching WHERE customer_id = 13 ORDER BY matching_code DESC LIMIT 1 \g /dev/null

-- One company, two records.
SELECT merge_customer(37, 36, 'two records of one company') \g /dev/null

-- A due date that was booked wrong.
SELECT correct_due_date(min(invoice_id), '2026-01-15', 'a slip of the pen') FROM open_item WHERE customer_id = 13 AND kind = 'invoice' AND due_on = '2026-01-01' \g /dev/null

-- Documents, one of them withdrawn; prospects on their way and turned away.
INSERT INTO customer (code, name, lifecycle, country, siren, siret) VALUES ('P1', 'Prospect', 'prospect', 'FR', '732829320', '73282932000074'), ('P2', 'Second prospect', 'prospect', 'BE', NULL, NULL);
SELECT record_document(customer_id, kind, business_date() - 20, file_name => kind || '.pdf', sha256 => encode(sha256(kind::bytea), 'hex'), source => 'Infogreffe')
FROM customer CROSS JOIN unnest(ARRAY['kbis', 'bank_details', 'urssaf_vigilance']) kind WHERE code = 'P1' \g /dev/null
SELECT withdraw_document(max(document_id), 'of a namesake') FROM customer_document \g /dev/null
SELECT request_onboarding(customer_id, 2000, 'from the fair') FROM customer WHERE lifecycle = 'prospect' ORDER BY code \g /dev/null
SELECT review_onboarding(onboarding_id) FROM onboarding_case ORDER BY 1 \g /dev/null
SELECT waive_onboarding_check(min(onboarding_id), 'limit', 'small'), record_onboarding_result(max(onboarding_id), 'analysis', 'fail', 'in liquidation') FROM onboarding_case \g /dev/null
SELECT reject_onboarding(max(onboarding_id), 'in liquidation') FROM onboarding_case \g /dev/null
INSERT INTO sales_order (customer_id, order_no, amount) SELECT customer_id, 'first', 50 FROM customer WHERE code = 'P1';

-- Securities: presented, called, accepted, released; a down payment; a risk action that a person took.
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (6, 'secured', 100);
INSERT INTO guarantee (customer_id, kind, guarantor, amount, order_id, valid_to, latest_shipment_on)
SELECT customer_id, 'documentary_credit', 'Bank', 80, order_id, business_date() + 60, business_date() + 30 FROM sales_order WHERE order_no = 'secured';
INSERT INTO guarantee (customer_id, kind, amount, haircut_pct, contract_no) VALUES (6, 'surety', 500, 10, NULL), (6, 'retention_of_title', NULL, 40, NULL), (6, 'pledge', 90, 50, 'M-1');
SELECT present_documents(guarantee_id, 20) FROM guarantee WHERE kind = 'documentary_credit' \g /dev/null
SELECT call_guarantee(guarantee_id, 100), call_guarantee(guarantee_id, 50) FROM guarantee WHERE kind = 'surety' \g /dev/null
SELECT reverse_guarantee_event(max(guarantee_event_id)) FROM guarantee_event \g /dev/null
SELECT accept_retention(guarantee_id) FROM guarantee WHERE kind = 'retention_of_title' \g /dev/null
SELECT release_guarantee(guarantee_id, 'no longer needed') FROM guarantee WHERE kind = 'pledge' \g /dev/null
INSERT INTO payment (customer_id, payment_no, amount) VALUES (6, 'down payment', 30);
SELECT pay_deposit(order_id, payment_id, 30) FROM sales_order JOIN payment USING (customer_id) WHERE order_no = 'secured' AND payment_no = 'down payment' \g /dev/null
INSERT INTO blocking_rule (kind, customer_id, action, threshold) VALUES ('overdue_amount', 13, 'hold', 0);
SELECT take_risk_action(13, action, rule_id, 'late again') FROM (SELECT * FROM risk_action(13) ORDER BY action DESC LIMIT 1) p \g /dev/null

-- Terms: of a sector, agreed, negotiated, about to change.
INSERT INTO legal_terms (customer_id, regime) VALUES (13, 'transport');
INSERT INTO agreed_terms (customer_id, reference, discount, late_interest, indemnity_stated) VALUES (13, 'contract 13', 'none', 'ECB + 10 points', true);
INSERT INTO terms_policy (risk_class, max_days, max_method_rank, note) VALUES ('C', 45, 6, 'this year');
SELECT close_negotiation(negotiate_terms(13, 'net 60', 5, 1000), 'net 45', 'with a direct debit'), negotiate_terms(14, 'net 60', 5, 1000) \g /dev/null
SELECT * FROM request_terms_change(13, 'net 15', NULL, 'agreed') \g /dev/null
SELECT * FROM request_terms_change(14, 'net 90', NULL, 'insists', business_date() + 10) \g /dev/null

-- Who approves what; a limit asked for, decided by two, raised in bulk; a trial; the account of a unit.
INSERT INTO approval_authority (action, role_name, max_amount) VALUES ('terms', current_user, 100000);
INSERT INTO approval_rule (action, second_eyes_above) VALUES ('guarantee', 50000);
SELECT request_approval(21, 'guarantee', 60000, NULL, 'a bank guarantee'), refuse_request(request_approval(22, 'guarantee', 70000, NULL, 'another'), 'not needed') \g /dev/null
SELECT decide_limit_request(request_limit(21, 5000, 'spring', 'temporary', business_date() + 30, 'customer', 'contract 21'), 'partial', 4000, 'for now'),
       request_limit(22, 7000, 'grows') \g /dev/null
INSERT INTO credit_limit (customer_id, amount, reason) VALUES (23, 2000, 'known for years');
SELECT * FROM adjust_limits('{23}', change_pct => 12.5, round_to => 50, motive => 'a good year') \g /dev/null
INSERT INTO credit_limit (customer_id, kind, amount, valid_to, max_document_amount, paid_invoices_required) VALUES (24, 'trial', 800, business_date() + 90, 500, 3);
INSERT INTO credit_limit (customer_id, level, amount, currency) VALUES (open_unit_account(25, 'parts', 'C25-P', currency => 'EUR'), 'customer', 900, 'EUR'), (25, 'group', 90000, NULL);

-- Credit insurance: a policy, requests, cover and a cut, a notice, a claim that is paid and shared, own risk.
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('policy 1', 'Insurer', '2025-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct, unnamed_cap, max_extension_days, notification_days, waiting_months) VALUES ('policy 1', 90, 5000, 60, 3650, 0);
SELECT answer_request(request_cover(26, 5000), 5000, valid_from => '2025-01-01'), answer_request(request_cover(27, 5000), 1000, 'in part') \g /dev/null
SELECT appeal_request(min(request_id), 'again') FROM insurance_request WHERE outcome = 'partial' \g /dev/null
SELECT answer_request(request_cover(28, 5000), 0, 'unknown') \g /dev/null
INSERT INTO insurance_cover (customer_id, cover_kind) VALUES (29, 'unnamed');
INSERT INTO insurance_cover (customer_id, contract_no, amount) VALUES (29, 'contract 29', 700);
INSERT INTO insurance_cover (customer_id, decision, amount, reason) VALUES (27, 'reduced', 500, 'late accounts');
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (26, 'insured', 1000, '2025-12-01', '2025-12-31');
SELECT declare_to_insurer(invoice_id) FROM invoice WHERE invoice_no = 'insured' \g /dev/null
SELECT make_claim(26, array_agg(invoice_id), 'insolvency') FROM invoice WHERE invoice_no = 'insured' \g /dev/null
SELECT settle_claim(claim_id), share_recovery(claim_id, 100) FROM insurance_claim \g /dev/null
INSERT INTO own_risk_budget (valid_from, amount) VALUES ('2025-01-01', 100000000);
SELECT approve_own_risk(27, 500, business_date() + 30, 'known for years') \g /dev/null

-- Orders held, released and rejected, a delivery asked for, credit reserved.
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (17, 'hold 1', 90000), (17, 'hold 2', 91000), (17, 'hold 3', 92000), (17, 'hold 4', 93000);
SELECT release_order(order_id, 'strategic', true, 10, 'strategic', 5) FROM sales_order WHERE order_no = 'hold 1' \g /dev/null
SELECT reject_order(order_id, 'too large') FROM sales_order WHERE order_no = 'hold 2' \g /dev/null
SELECT hold_order(order_id, 'rumours') FROM sales_order WHERE order_no = 'hold 3' \g /dev/null
SELECT request_delivery(order_id, 100) FROM sales_order WHERE order_no IN ('hold 1', 'hold 4') \g /dev/null
SELECT authorize_credit(18, 20, business_date() + 30, 'fair') \g /dev/null
INSERT INTO sales_order (customer_id, order_no, amount, authorization_id) SELECT customer_id, 'reserved', 5, authorization_id FROM credit_authorization;

-- A customer that is watched, and something to know of the whole portfolio.
SELECT watch_customer(18, 'rumours', business_date() + 30) \g /dev/null
SELECT raise_alert(NULL, (SELECT min(kind) FROM alert_kind), 'all', 'info', 'of the whole portfolio', 'du portefeuille') \g /dev/null

-- Alerts: of a limit, by hand, of the portfolio; a customer on the watch list.
INSERT INTO alert_kind (kind, min_exposure, lasting, name_en, name_fr) VALUES ('rumour', 0, false, 'A rumour', 'Une rumeur');
SELECT acknowledge_alert(raise_alert(14, 'rumour', '', NULL, 'they sell their lorries', 'ils vendent leurs camions'), 'asked them') \g /dev/null
SELECT raise_alert(14, 'rumour', 'again', 'critical', 'they sell their lorries', 'ils vendent leurs camions', '{"lorries": 3}') \g /dev/null
SELECT raise_alert(NULL, 'rumour', 'sector', NULL, 'transport is weak', 'le transport va mal') \g /dev/null
SELECT watch_customer(14, 'a rumour', business_date() + 30) \g /dev/null
UPDATE utilization_threshold SET raises_alert = true WHERE threshold_pct = 70;

-- Documents that prove what is owed, what is lacking, clauses, and a carrier that was asked.
SELECT register_document(26, 'invoice', 'insured.pdf', invoice_id => invoice_id, content => convert_to('invoice ' || invoice_no, 'UTF8')) FROM invoice WHERE invoice_no = 'insured' \g /dev/null
SELECT register_document(26, 'general_terms', 'terms.pdf', repeat('0', 64), note => 'accepted') \g /dev/null
SELECT link_document(document_id, (SELECT invoice_id FROM invoice WHERE invoice_no = 'insured')), check_document(document_id, repeat('1', 64)) FROM invoice_document WHERE kind = 'general_terms' \g /dev/null
SELECT record_clause(26, 'retention_of_title', '2025-12-01', true, document_id), record_clause(26, 'penalty', '2025-12-01', true, rate_pct => 15) FROM invoice_document WHERE kind = 'general_terms' \g /dev/null
SELECT waive_document(26, 'order', 'by telephone', 'payment_order') \g /dev/null
INSERT INTO carrier (carrier, name, email) VALUES ('DHL', 'DHL Freight', 'pod@dhl.example');
SELECT request_proof('DHL', invoice_id => invoice_id, asked_on => '2025-12-15'), chase_proofs() FROM invoice WHERE invoice_no = 'insured' \g /dev/null

-- Agencies, who answers for whom, who stands in, and a comment that calls a department; who belongs where.
INSERT INTO agency (agency, name, manager) VALUES ('south', 'South', 'the manager');
UPDATE customer SET agency = 'south' WHERE customer_id = 30;
INSERT INTO default_owner (owner, owner_kind, reason) VALUES ('credit team', 'team', 'renamed');
SELECT assign_owner(30, 'Anna', 'salesperson', NULL, 'sold it'), record_absence('Anna', business_date(), business_date() + 10, 'Bruno') \g /dev/null
SELECT add_comment(30, '@logistics please check') \g /dev/null
INSERT INTO agency_member (role_name, agency) VALUES ('some role', 'south');
INSERT INTO department_member (role_name, department) VALUES ('some role', 'logistics');

-- Rows as attach() writes them; the host's tables stand elsewhere (attach.pl).
INSERT INTO attachment (attachment, kind, relation, owner, mapping, host_key) VALUES ('invoice_sample', 'invoice', 'pg_catalog.pg_class', 'nobody', '{"amount": "0", "customer_id": "0"}', 'oid');
INSERT INTO attached_document SELECT customer_id, 'invoice', invoice_id, 'invoice_sample', invoice_no FROM invoice WHERE invoice_no = 'early';
INSERT INTO attached_allocation VALUES ('allocation_sample', '1', 'early', 1, 'early', NULL, 98, NULL);
INSERT INTO attachment_pending VALUES ('nobody waits', '1');

-- A department of the house's own, a task that went up, a credit meeting and what it decided.
INSERT INTO department (code, name_en, name_fr, manager, deadline_days, escalation_days, escalates_to) VALUES ('depot', 'Depot', 'Dépôt', 'M. Petit', 2, 1, 'logistics');
INSERT INTO task (customer_id, kind, subject, department, opened_on) VALUES (14, 'sample', 'Find the proof of delivery', 'depot', business_date() - 30);
SELECT escalate_tasks() \g /dev/null
SELECT decide_action(hold_meeting(note => 'all were there'), 14, 'Visit them', 'sales') \g /dev/null

-- Who asks, a text of one's own, and a notice of a communication that waits.
UPDATE creditor SET name = 'Sample Ltd', iban = 'FR76 3000 6000 0112 3456 7890 189', contact_email = 'accounts@example.com';
INSERT INTO postal_address SELECT min(customer_id), E'1 High Street\nLondon' FROM customer;
SELECT save_template('friendly_reminder', 'de', 'Zahlungserinnerung: {amount}', E'Offen sind {amount}:\n{items}', dunning_level => 1) \g /dev/null
SELECT write_notice(x.customer_id, x.action_id, 99, x.invoice_ids, x.instalment_nos, x.asked)
FROM (SELECT d.customer_id, d.action_id, array_agg(o.invoice_id) AS invoice_ids, array_agg(o.instalment_no) AS instalment_nos, array_agg(o.open_amount) AS asked
      FROM dunning_action d JOIN dunning_action_item i USING (customer_id, action_id) JOIN open_item o USING (customer_id, invoice_id, instalment_no)
      GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1) x \g /dev/null

-- A customer in a collective proceeding with its claim, and a debt that was acknowledged and is before the court.
SELECT file_claim(open_proceeding(31, 'receivership', business_date() - 20, business_date() - 10, 'TC Lyon', administrator => 'Maître Dubois'), 100, business_date()) \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (32, 'court 1', 700, business_date() - 90, business_date() - 60), (32, 'court 2', 300, business_date() - 90, business_date() - 60);
INSERT INTO debt_acknowledgement (customer_id, invoice_id, reference) SELECT customer_id, invoice_id, 'their e-mail' FROM invoice WHERE invoice_no = 'court 1';
SELECT record_litigation_event(open_litigation(32, array_agg(invoice_id), 'Tribunal'), 'formal_notice_sent', business_date() - 8, 'RAR 1') FROM invoice WHERE invoice_no LIKE 'court _' \g /dev/null
SELECT watch_litigation() \g /dev/null

-- Outside parties, a case placed with one, what it reports.
INSERT INTO external_party (name, kind, contract_no, mandate_on, valid_from, commission_pct) VALUES ('Huissiers associés', 'bailiff', 'K 12', '2025-01-02', '2025-01-02', 10);
INSERT INTO external_party_commission SELECT party_id, 90, 0, 15 FROM external_party WHERE contract_no = 'K 12';
INSERT INTO invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (19, 'placed 1', 400, '2025-11-01', '2025-12-01'), (19, 'placed 2', 300, '2025-11-01', '2025-12-01');
SELECT count(*) FROM place_invoices(19, 'huissiers associés', (SELECT array_agg(invoice_id) FROM invoice WHERE invoice_no LIKE 'placed _'), reference => 'case 1') \g /dev/null
SELECT report_collection(min(placement_id), 200, reference => 'statement 1') FROM placement WHERE reference = 'case 1' \g /dev/null
SELECT reverse_agency_report(report_collection(max(placement_id), 100, 0, 50)) FROM placement WHERE reference = 'case 1' \g /dev/null

-- People: contacts, a call, visits, rules of the worklist.
INSERT INTO contact (customer_id, name, phone) VALUES (19, 'Mme Roux', '+33 1 00 00 00 19');
SELECT reverse_interaction(record_interaction(19, 'e-mail', 'Statement of account', 'sent by mistake')), record_call(19, 'will_call_back', 'the accountant is away') \g /dev/null
SELECT record_visit(19, 'a full order book', follow_up => 'ask for the accounts'), plan_visit(20, business_date() + 10, 'insurer', 'before the renewal') \g /dev/null
INSERT INTO visit_rule (risk_classes, min_exposure, months) VALUES ('{C}', 80000, 6);
UPDATE worklist_setting SET max_rows = 40;
INSERT INTO collection_rule (figure, bounds, points, note) VALUES ('own_risk', '{10000,50000}', '{0,5,10}', 'what nobody insures');

-- Instructions of dunning, another strategy, dunning begun anew.
SELECT instruct_dunning(10, 'quiet_days', 'a friend of the house', days => 10) \g /dev/null
SELECT end_instruction(instruct_dunning(9, 'do_not_contact', 'the accountant is away', until => business_date() + 3)) \g /dev/null
UPDATE customer SET risk_class = 'D' WHERE customer_id = 6;
SELECT restart_dunning(invoice_id, 'agreed by phone', instalment_no) FROM open_item WHERE step_no > 0 ORDER BY customer_id, invoice_id LIMIT 1 \g /dev/null

-- What comes from outside: two providers and their feed, one row of it waiting, one set aside; a director with a past; attributes.
INSERT INTO rating_provider (code, name, priority, delivers) VALUES ('bureau', 'Bureau', 1, '{rating,delays,lien,news}'), ('insurer', 'Insurer', 2, '{rating,limit}');
INSERT INTO rating_scale (provider, edges, scores) VALUES ('bureau', '{5,10,15}', '{10,40,65,90}');
INSERT INTO rating_scale (provider, letters, scores) VALUES ('insurer', '{A,B,C}', '{90,60,10}');
SELECT monitor_customer(33, 'bureau'), monitor_customer(34, 'bureau') \g /dev/null
SELECT stop_monitoring(34, 'bureau') \g /dev/null
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload, provider_at) VALUES
    ('bureau', 's1', 'rating', 'C33', business_date() - 5, '{"value": "12"}', '2026-03-14 18:00+00'), ('bureau', 's2', 'lien', 'C33', business_date() - 4, '{"creditor": "URSSAF", "amount": 900}', NULL),
    ('bureau', 's3', 'ended', 'C33', business_date() - 1, '{"ends": "s2"}', NULL), ('bureau', 's4', 'delays', 'C34', business_date() - 3, '{"days": 20}', NULL),
    ('bureau', 's5', 'news', 'C33', business_date() - 2, '{"title": "Plant closed", "sentiment": "negative", "severity": 4}', NULL), ('insurer', 's6', 'limit', 'C33', business_date(), '{"amount": 3000}', NULL),
    ('bureau', 's7', 'profile', 'C33', business_date() - 9, '{"founded_on": "2010-05-01", "legal_form": "SAS"}', NULL), ('bureau', 's8', 'rating', 'nobody', business_date(), '{"value": "3"}', NULL),
    ('bureau', 's9', 'rating', 'C33', business_date(), '{"value": "good"}', NULL);
SELECT set_aside_signal(signal_id, 'a word, not a number') FROM external_signal WHERE reference = 's9' \g /dev/null
SELECT record_related_party(33, 'director', 'person', 'Paul Martin', born_on => '1960-02-03'), record_related_party(34, 'parent_company', 'company', 'Holding', '732829320') \g /dev/null
INSERT INTO prior_default (party_id, kind, firm, occurred_on) SELECT party_id, 'liquidation', 'Old Works', '2022-05-06' FROM party WHERE kind = 'person';
SELECT erase_person(party_id) FROM party WHERE kind = 'person' \g /dev/null
SELECT reverse_news(news_id, 'a namesake') FROM news_item \g /dev/null
INSERT INTO attribute_definition (attribute, type, words, name_en, name_fr) VALUES ('channel', 'word', '{shop,web}', 'Channel', 'Canal'), ('crm_score', 'number', NULL, 'Score of the CRM', 'Note du CRM');
INSERT INTO customer_attribute (customer_id, attribute, word, source) VALUES (33, 'channel', 'web', 'crm'), (33, 'crm_score', '7.5', 'crm'), (34, 'anything', 'else', 'by hand');

-- Accounts: entered, corrected, withdrawn, in dollars and of 18 months, one staged row that waits; sectors and what is usual there.
SELECT record_statement(33, '2025-06-30', '{"total_assets": 1000, "current_assets": 550, "current_liabilities": 350, "equity": 400, "sales": 1500, "ebit": 120}', 'infogreffe', filed_on => '2025-12-20'),
       import_statement(33, 'pappers', '[{"date_cloture": "2024-06-30", "Chiffre d''affaires": "1 400,50", "siege": "Lyon"}, {"date_cloture": "2023-06-30", "ca": 1300}]') \g /dev/null
SELECT record_statement(33, '2025-06-30', '{"total_assets": 1000, "current_assets": 560, "current_liabilities": 350, "equity": 400, "sales": 1500, "ebit": 120}', 'infogreffe', filed_on => '2025-12-20'),
       withdraw_statement(record_statement(34, '2025-03-31', '{"sales": 7}', months => 18), 'of another company') \g /dev/null
INSERT INTO financial_statement_staging (customer, source, closing_on, sales, equity) VALUES ('C34', 'bureau', '2025-03-31', '900 000', '(100)'), ('C34', 'bureau', '2024-03-31', 'unknown', NULL);
INSERT INTO external_source (code, name, kind, priority) VALUES ('partner', 'Partner bank', 'bureau', 35);
UPDATE statement_item SET aliases = aliases || 'net_turnover'::text WHERE item = 'sales';
INSERT INTO customer_sector (customer_id, sector, source) VALUES (33, '46.49Z', 'INSEE'), (34, '4649Z', NULL);
INSERT INTO sector_benchmark (sector, year, figure, p25, median, p75, failure_rate_pct, source) VALUES ('46', 2025, 'equity_ratio_pct', 20, 30, 50, 2.5, 'sample'), ('46', 2025, 'dso', 30, 45, 60, NULL, 'sample');
UPDATE financial_policy SET max_age_months = 20;

-- What counts as negligence here.
UPDATE behaviour_setting SET reminder_days = 7, min_disputes = 4;

-- A backtest on record.
SELECT record_backtest(NULL, '2025-01-01', '2025-02-28', 6, false, note => 'sample') \g /dev/null

-- Classes calculated and by hand, one that waits for a person, a review, a proposed limit, rules of one's own, prospects.
INSERT INTO customer_score (customer_id, as_of, known_at, model_id, score, rating, pd, score_class, risk_class, reason)
SELECT k.id, business_date(), now(), m.model_id, k.score, k.score, 0.01, class_of(k.score), class_of(k.score), 'sample'
FROM (VALUES (1, 33, 55), (2, 34, 70), (3, 32, 40), (4, 33, 82), (5, 32, 66)) k (place, id, score), score_model m WHERE m.model = 'trade' AND m.status = 'active' ORDER BY k.place;
UPDATE class_policy SET review_from = 0, green_to = 'A';
INSERT INTO customer_score (customer_id, as_of, known_at, model_id, score, rating, pd, score_class, risk_class, reason)
SELECT 34, business_date(), now(), m.model_id, 85, 85, 0.004, 'A', 'A', 'sample' FROM score_model m WHERE m.model = 'trade' AND m.status = 'active';
SELECT override_class(33, 'B', 'the parent guarantees', business_date() + 90), complete_review(33, 'confirmed', 'visited them', '{visit,score}') \g /dev/null
INSERT INTO limit_rule (rule, kind, figure, pct, name_en, name_fr) VALUES ('own_sales', 'figure', 'annual_sales', 2, '2 % of its own sales', '2 % de son chiffre d''affaires');
UPDATE limit_proposal_policy SET step = 1;
SELECT request_proposed_limit(33, 'a new contract', 36000) \g /dev/null
INSERT INTO screening_rule (from_amount, accept_from, refuse_below) VALUES (10000, 80, 40);
UPDATE screening_policy SET unnamed_cap = 5000;
INSERT INTO prospect_screening (code, name, requested_amount, figures) VALUES ('P1', 'A prospect', 2000, '{"firm_age_years": 12}'), ('P2', 'Another', NULL, '{}');
SELECT count(*) FROM screen_batch() \g /dev/null
SELECT decide_screening(screening_id, true, 'known to the salesman') FROM prospect_screening WHERE code = 'P1' \g /dev/null
UPDATE ledger SET scoring = 'night';
SELECT score_customers(ARRAY[33, 34], 'sample'), score_due(max_customers => 1), queue_score(ARRAY[34], 'sample') \g /dev/null

-- A threshold of one's own.
UPDATE alert_rule SET value = 7 WHERE kind = 'delay_degradation' AND parameter = 'days_worse';

-- Scores and classes that are watched: a fall, a class that is worse and what is known of it, rules of the watch list of one's own.
UPDATE alert_rule SET value = 8 WHERE kind = 'score_drop' AND parameter = 'points';
INSERT INTO watch_rule (rule, from_class, score_drop, min_exposure, name_en, name_fr) VALUES ('weak', 'C', 3, 0, 'Weak', 'Fragile');
INSERT INTO watch_rule (rule, alert_kind, alert_severity, min_exposure, days_between_scores, active, name_en, name_fr) VALUES ('unused', 'rumour', 'warning', 0, 30, false, 'Unused', 'Inutilisée');
UPDATE alert_kind SET min_exposure = 0 WHERE kind IN ('score_drop', 'class_downgrade');
INSERT INTO customer_score (customer_id, as_of, known_at, model_id, score, rating, pd, score_class, risk_class, reason)
SELECT 34, business_date(), now(), m.model_id, 45, 45, 0.06, 'D', 'D', 'sample' FROM score_model m WHERE m.model = 'trade' AND m.status = 'active';
SELECT acknowledge_alert(alert_id, 'known') FROM open_alert WHERE customer_id = 34 AND kind = 'class_downgrade' \g /dev/null
SELECT watch_scores() \g /dev/null

-- Who hears of alerts, and a limit that shares are measured against.
INSERT INTO alert_recipient (department, recipient, address, to_owner) VALUES ('credit', 'Credit desk', 'credit@example.com', true), ('management', 'CFO', NULL, false);
UPDATE alert_rule SET value = 12 WHERE kind = 'concentration_customer' AND parameter = 'max_pct';
SELECT watch_deadlines(), watch_exchange_rates(), watch_concentration() \g /dev/null

-- The watch on behaviour: one was looked at, the others wait.
SELECT watch_behaviour(1) \g /dev/null
