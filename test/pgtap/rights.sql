\set ON_ERROR_STOP 1
-- Who may do what: the four levels of access, the one who has none, and the
-- one who tries to get more.
BEGIN;
SET LOCAL client_min_messages = error;
SET LOCAL search_path = public, pg_temp;

CREATE ROLE test_owner; CREATE ROLE test_reader; CREATE ROLE test_clerk; CREATE ROLE test_collector; CREATE ROLE test_manager;
CREATE ROLE test_stranger; CREATE ROLE test_intruder;
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO test_owner', current_database()) \gexec
SELECT format('GRANT TEMPORARY ON DATABASE %I TO test_clerk', current_database()) \gexec

-- Run a statement as a role, under a path: the number of rows, or the SQLSTATE.
CREATE FUNCTION pg_temp.try(role text, statement text, path text DEFAULT 'pg_catalog') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    rows bigint;
    before text := pg_catalog.current_setting('search_path');
BEGIN
    PERFORM pg_catalog.set_config('role', role, true), pg_catalog.set_config('search_path', path, true);
    EXECUTE statement;
    GET DIAGNOSTICS rows = ROW_COUNT;
    PERFORM pg_catalog.set_config('search_path', before, true), pg_catalog.set_config('role', 'none', true);
    RETURN rows::text;
EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE NOT IN ('42501', 'CR001', 'CR007', 'CR010') THEN RAISE; END IF;
    RETURN SQLSTATE;
END $$;

-- The ledger of an owner who is no superuser, and another one of his.
SELECT pg_temp.try('test_owner', $$SELECT credit_risk.create_ledger('books'), credit_risk.create_ledger('decoy')$$) \g /dev/null
SELECT pg_temp.try('test_owner', format($$SELECT credit_risk.grant_ledger_access('books', 'test_%1$s', '%1$s')$$, level))
FROM unnest('{reader,clerk,collector,manager}'::text[]) level \g /dev/null
SELECT pg_temp.try('test_owner', $$
  UPDATE books.ledger SET pinned_date = '2026-03-31';
  INSERT INTO books.customer (code, name, risk_class) VALUES ('A', 'Alpha', 'B'), ('B', 'Beta', 'C');
  INSERT INTO books.credit_limit (customer_id, amount) SELECT customer_id, 1000 FROM books.customer;
  INSERT INTO books.invoice (customer_id, invoice_no, amount, issued_on, due_on) VALUES (2, 'F0', 300, '2026-01-31', '2026-03-02');
  INSERT INTO books.sales_order (customer_id, order_no, amount) VALUES (2, 'H1', 5000), (2, 'H2', 6000);
$$) \g /dev/null

SELECT no_plan();

-- Levels, by the catalogue -----------------------------------------------------
CREATE TEMPORARY VIEW relation AS
SELECT c.oid, c.relname::text AS name, c.relkind FROM pg_class c WHERE c.relnamespace = 'books'::regnamespace AND c.relkind IN ('r', 'v');
CREATE TEMPORARY VIEW may_write AS
SELECT r.rolname::text AS role, n.name AS relation, a.attname::text AS attribute, p AS privilege
FROM pg_roles r CROSS JOIN relation n JOIN pg_attribute a ON a.attrelid = n.oid AND a.attnum > 0
CROSS JOIN unnest('{INSERT,UPDATE}'::text[]) p
WHERE r.rolname LIKE 'test\_%' AND r.rolname <> 'test_owner' AND has_column_privilege(r.oid, n.oid, a.attnum, p);
CREATE TEMPORARY VIEW may_call AS
SELECT r.rolname::text AS role, p.proname::text AS routine, p.provolatile, p.prorettype = 'trigger'::regtype AS is_trigger
FROM pg_roles r CROSS JOIN pg_proc p
WHERE p.pronamespace = 'books'::regnamespace AND r.rolname LIKE 'test\_%' AND r.rolname <> 'test_owner' AND has_function_privilege(r.oid, p.oid, 'EXECUTE');

SELECT is_empty($$SELECT name FROM relation WHERE NOT has_table_privilege('test_reader', oid, 'SELECT')$$, 'a reader may read every table and view');
SELECT is_empty($$SELECT * FROM may_write WHERE role = 'test_reader'$$, 'and write none');
SELECT is_empty($$SELECT * FROM may_call WHERE role = 'test_reader' AND provolatile = 'v'$$, 'nor call what writes');
SELECT is_empty($$SELECT n.name, p FROM relation n, unnest('{DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p, unnest('{reader,clerk,collector}'::text[]) l
  WHERE has_table_privilege('test_' || l, n.oid, p) AND NOT (l <> 'reader' AND n.name IN ('contact', 'agreed_terms', 'financial_statement_staging') AND p = 'DELETE')$$, 'below manager nobody deletes from the ledger''s own');
SELECT set_eq($$SELECT DISTINCT relation FROM may_write WHERE role = 'test_clerk' AND privilege = 'INSERT'$$,
  '{financial_statement,financial_statement_staging,customer_sector,customer_attribute,company_profile,news_item,prospect_screening,visit,postal_address,invoice_document,document_content,document_link,document_check,carrier,customer,contact,task,sales_order,delivery,invoice,payment,allocation,dispute,payment_return,quote,pro_forma,pro_forma_payment,invoice_event,bank_line,payer_account,customer_document,agreed_terms,insurance_request,interaction,customer_comment}'::text[], 'a clerk writes master data and documents');
SELECT set_eq($$SELECT DISTINCT relation FROM may_write WHERE role = 'test_clerk' AND privilege = 'UPDATE'$$,
  '{financial_statement_staging,visit,postal_address,carrier,customer,contact,task,sales_order,dispute,quote,agreed_terms}'::text[], 'and changes customers, tasks, orders, disputes, quotes, what was agreed with a customer and what waits to be filed');
SELECT set_eq($$SELECT attribute FROM may_write WHERE role = 'test_clerk' AND privilege = 'UPDATE' AND relation = 'sales_order'$$,
  '{order_no,site_id,deliver_on,amount,tax_amount,currency,cancelled_on,external_ref,quote_id,terms,payment_method,contract_no}'::text[], 'of an order not what the ledger writes');
SELECT is_empty($$SELECT attribute FROM may_write WHERE role IN ('test_clerk', 'test_collector') AND relation = 'customer'
  AND attribute IN ('risk_class', 'blocked')$$, 'of a customer neither class nor block');
SELECT is_empty($$SELECT attribute FROM may_write WHERE role IN ('test_clerk', 'test_collector') AND relation = 'customer' AND attribute = 'parent_id' AND privilege = 'UPDATE'$$,
  'nor its place in a group, whose limit it would leave');
SELECT set_eq($$SELECT routine FROM may_call WHERE role = 'test_clerk' AND provolatile = 'v'$$,
  '{insert_statements,import_statement,record_statement,file_staged,file_statements,record_related_party,request_proposed_limit,plan_visit,complete_visit,cancel_visit,record_visit,register_document,withdraw_invoice_document,link_document,unlink_document,check_document,request_proof,close_proof_request,receive_proof,authorize_credit,cancel_authorization,request_delivery,cancel_delivery_request,place_order,record_interaction,reverse_interaction,cancel_order,reverse_delivery,reverse_invoice,reverse_payment,reverse_allocation,confirm_payment,open_task,close_task,lock_task,open_dispute,record_recovery,propose_interest_note,take_cash_discount,order_quote,lose_quote,pay_pro_forma,reverse_pro_forma_payment,record_invoice_event,reverse_invoice_event,apply_bank_lines,apply_payment,assign_bank_line,split_bank_line,set_aside_bank_line,reopen_bank_line,match,match_credit_note,net_off,unmatch,unmatch_payment,pay_deposit,request_approval,request_limit,record_document,withdraw_document,request_onboarding,evaluate_onboarding,withdraw_onboarding,request_terms_change,withdraw_terms_change,negotiate_terms,request_cover,appeal_request,withdraw_request,add_comment,withdraw_comment}'::text[], 'a clerk calls these');
SELECT set_eq($$SELECT relation || '.' || attribute FROM may_write WHERE role = 'test_collector' EXCEPT SELECT relation || '.' || attribute FROM may_write WHERE role = 'test_clerk'$$,
  '{dunning_instruction.customer_id,dunning_instruction.kind,dunning_instruction.until,dunning_instruction.days,dunning_instruction.strategy,dunning_instruction.reason,dunning_instruction.opened_on,dunning_instruction.closed_on,collective_proceeding.published_on,collective_proceeding.court,collective_proceeding.reference,collective_proceeding.from_abroad,collective_proceeding.reclaim,collective_proceeding.administrator,collective_proceeding.administrator_email,collective_proceeding.administrator_address,collective_proceeding.representative,collective_proceeding.representative_email,collective_proceeding.representative_address,debt_acknowledgement.customer_id,debt_acknowledgement.acknowledgement_id,debt_acknowledgement.invoice_id,debt_acknowledgement.acknowledged_on,debt_acknowledgement.reference,debt_acknowledgement.note,debt_acknowledgement.reversal_of,open_item.agreed_due_on,open_item.dunning_level,dispute.outcome,dispute.accepted_amount,dispute.closed_on,promise.customer_id,promise.invoice_id,promise.amount,promise.currency,promise.promised_on,promise.tolerance_days,promise.promised_by,promise.note,promise.opened_on,lateness_cause.customer_id,lateness_cause.invoice_id,lateness_cause.instalment_no,lateness_cause.cause,lateness_cause.note,litigation_case.customer_id,litigation_case.invoice_id,litigation_case.amount,litigation_case.currency,litigation_case.country,litigation_case.court,litigation_case.reference,litigation_case.costs,litigation_case.expected_recovery_pct,litigation_case.opened_on,litigation_case.outcome,litigation_case.closed_on,insurer_notice.customer_id,insurer_notice.policy_no,insurer_notice.invoice_id,insurer_notice.obligation,insurer_notice.declared_on,insurer_notice.reference,insurer_notice.reversal_of,owner_absence.owner,owner_absence.absent_from,owner_absence.absent_to,owner_absence.substitute,owner_absence.reason,owner_absence.opened_on,owner_absence.outcome,owner_absence.closed_on}'::text[], 'a collector also writes these');
SELECT set_eq($$SELECT routine FROM may_call WHERE role = 'test_collector' AND provolatile = 'v' EXCEPT SELECT routine FROM may_call WHERE role = 'test_clerk'$$,
  '{restart_dunning,requeue_action,instruct_dunning,end_instruction,simulate_dunning,record_call,open_litigation,record_litigation_event,reverse_litigation_event,open_proceeding,file_claim,decide_claim,seize_judge,record_receipt,hold_meeting,decide_action,claim_actions,complete_action,acknowledge_alert,watch_customer,unwatch_customer,fail_action,resolve_dispute,promise_to_pay,cancel_promise,create_plan,cancel_plan,record_cause,place_invoice,close_placement,place_invoices,recall_placements,report_collection,reverse_agency_report,record_default,review_onboarding,return_onboarding,record_onboarding_result,declare_to_insurer,record_absence,end_absence}'::text[], 'and calls these');
SELECT set_eq($$SELECT DISTINCT relation FROM may_write WHERE role = 'test_manager' EXCEPT SELECT relation FROM may_write WHERE role = 'test_collector'$$,
  '{alert_rule,watch_rule,alert_recipient,external_source,statement_item,financial_policy,sector_benchmark,attribute_definition,rating_scale,rating_provider,external_setting,external_rating,party,related_party,prior_default,bureau_event,external_signal,screening_rule,limit_rule,screening_policy,limit_proposal_policy,class_policy,risk_class_band,score_model,score_characteristic,score_cap,score_profile,score_profile_condition,behaviour_setting,holiday,visit_rule,worklist_setting,collection_action_kind,collection_rule,legal_deadline,litigation_event_kind,dunning_template,creditor,document_requirement,document_waiver,contract_clause,department,credit_meeting_section,external_party,external_party_commission,blocking_rule,credit_policy,override_reason,credit_limit,dunning_strategy,dunning_step,exchange_rate,ledger,payment_method,dispute_root_cause,control_account,gl_balance,return_reason,factoring_contract,buyer_limit,reference_rate,interest_policy,interest_terms,legal_terms,legal_terms_policy,terms_policy,standard_terms,affiliated_customer,match_rule,guarantee,guarantee_event,deposit_rule,risk_action_rule,alert_kind,score_figure,utilization_threshold,document_kind,onboarding_check,insurance_policy,insurance_terms,insurance_cover,own_risk_budget,agency,default_owner,customer_owner}'::text[], 'a manager also writes these');
SELECT set_eq($$SELECT routine FROM may_call WHERE role = 'test_manager' AND provolatile = 'v' EXCEPT SELECT routine FROM may_call WHERE role = 'test_collector'$$,
  '{settle_alerts,watch_scores,watch_behaviour,watch_cover,watch_deadlines,watch_exchange_rates,watch_concentration,withdraw_statement,reverse_external_rating,reverse_bureau_event,reverse_news,monitor_customer,stop_monitoring,retry_signals,set_aside_signal,erase_person,decide_screening,screen_batch,open_reviews,complete_review,expire_class_overrides,decide_class,end_class_override,override_class,store_scorecard,record_backtest,fit_from_ledger,revise_model,activate_model,challenge_model,retire_model,score_customers,score_due,reject_action,activate_strategy,retire_strategy,revise_strategy,retire_collection_rule,close_proceeding,convert_proceeding,watch_litigation,save_template,waive_document,revoke_document_waiver,record_clause,reverse_clause,chase_proofs,escalate_tasks,load_standard_policy,retire_rule,close_negotiation,apply_terms_changes,reject_order,hold_order,recheck_order,recheck_holds,release_delivery,expire_delivery_requests,expire_authorizations,release_order,raise_alert,clear_alert,watch_limits,approve_action,run_daily,rebuild,close_period,correct_due_date,merge_customer,mark_doubtful,restore_doubtful,write_off,reverse_default,assign_invoice,close_assignment,buy_back,detect_unpaid_defaults,issue_interest_note,waive_interest_note,reinstate_interest_note,reverse_interest_note,cancel_pro_forma,call_guarantee,present_documents,reverse_guarantee_event,accept_retention,release_guarantee,take_risk_action,decline_risk_action,approve_request,refuse_request,decide_limit_request,adjust_limits,propose_trial_limits,open_unit_account,waive_onboarding_check,approve_onboarding,reject_onboarding,answer_request,make_claim,settle_claim,close_claim,share_recovery,approve_own_risk,revoke_own_risk,watch_insurance,assign_owner,release_owner,assign_portfolio}'::text[], 'and calls these');
SELECT is_empty($$SELECT * FROM may_write WHERE relation IN ('credit_account', 'order_event', 'customer_event', 'credit_decision', 'dunning_action', 'dunning_action_item', 'dunning_notice', 'dunning_notice_item', 'onboarding_case', 'onboarding_step', 'onboarding_result', 'rebuild_record')
  OR (relation = 'open_item' AND attribute NOT IN ('agreed_due_on', 'dunning_level'))
  OR (relation = 'sales_order' AND attribute IN ('status', 'delivered_amount', 'invoiced_amount', 'rate', 'rate_on', 'changed_on'))$$,
  'state, events, decisions and the queue are nobody''s to write');
SELECT is_empty($$SELECT * FROM may_call WHERE is_trigger$$, 'trigger functions are nobody''s to use');
SELECT is_empty($$SELECT * FROM may_write WHERE role IN ('test_stranger', 'test_intruder')
  UNION ALL SELECT role, routine, NULL, NULL FROM may_call WHERE role IN ('test_stranger', 'test_intruder')$$, 'who was granted nothing has nothing');

-- A reader sees all, in earnest --------------------------------------------------
SELECT isnt(pg_temp.try('test_reader', format('SELECT * FROM books.%I', name)), '42501', 'a reader reads ' || name) FROM relation WHERE relkind = 'v' ORDER BY name;
SELECT isnt(pg_temp.try('test_reader', 'SELECT * FROM books.' || q), '42501', 'a reader asks ' || q)
FROM unnest(ARRAY['ageing_as_of(''2026-03-31'')', 'exposure_as_of(''2026-03-31'', now())', 'available_credit(1)', 'check_order(1, 10)', 'verify()',
                  'business_date()', 'customer_id(''A'')', 'limit_in_force(1, ''2026-03-31'')', 'check_templates(1)',
                  'render_step(2, (SELECT max(strategy_id) FROM books.dunning_strategy), 8)', 'render_step(2, (SELECT max(strategy_id) FROM books.dunning_strategy), 5)', 'rate_on(''EUR'', ''2026-03-31'')']) q;
SELECT is(pg_temp.try('test_reader', statement), '42501', 'a reader cannot ' || statement)
FROM unnest(ARRAY['INSERT INTO books.payment (customer_id, amount) VALUES (1, 1)', 'UPDATE books.customer SET name = name',
                  'DELETE FROM books.sales_order', 'SELECT books.place_order(1, 1)', 'SELECT books.run_daily()', 'SELECT books.rebuild()']) statement;

-- A clerk posts ---------------------------------------------------------------------
SELECT is(pg_temp.try('test_clerk', statement), '1', 'a clerk can ' || left(statement, 60))
FROM (VALUES (1, 'INSERT INTO books.customer (code, name, terms) VALUES (''C'', ''Gamma'', ''net 30'')'),
             (2, 'SELECT * FROM books.place_order(1, 400, ''O1'')'),
             (3, 'INSERT INTO books.sales_order (customer_id, order_no, amount) VALUES (1, ''O2'', 100)'),
             (4, 'UPDATE books.sales_order SET amount = 120 WHERE order_no = ''O2'''),
             (5, 'INSERT INTO books.delivery (customer_id, order_id, amount) SELECT customer_id, order_id, 400 FROM books.sales_order WHERE order_no = ''O1'''),
             (6, 'INSERT INTO books.invoice (customer_id, order_id, invoice_no, amount) SELECT customer_id, order_id, ''F1'', 250 FROM books.sales_order WHERE order_no = ''O1'''),
             (7, 'INSERT INTO books.payment (customer_id, payment_no, amount) VALUES (1, ''P1'', 100)'),
             (8, 'INSERT INTO books.allocation (customer_id, payment_id, invoice_id, amount) SELECT customer_id, payment_id, invoice_id, 60 FROM books.payment JOIN books.invoice USING (customer_id) WHERE payment_no = ''P1'' AND invoice_no = ''F1'''),
             (9, 'SELECT books.reverse_allocation(max(allocation_id)) FROM books.allocation'),
             (10, 'SELECT * FROM books.place_order(1, 10000, ''O3'')'),
             (11, 'SELECT books.cancel_order(order_id) FROM books.sales_order WHERE order_no = ''O2''')) s (n, statement) ORDER BY n;
SELECT is((SELECT concat_ws(' ', receivable, unbilled, open_orders, unapplied) FROM books.credit_account WHERE customer_id = 1), '250 150 0 100', 'and it is posted');
SELECT is((SELECT status FROM books.sales_order WHERE order_no = 'O3'), 'held', 'and judged');
SELECT is(pg_temp.try('test_clerk', statement), '42501', 'a clerk cannot ' || left(statement, 60))
FROM unnest(ARRAY['SELECT books.release_order(order_id, ''please'', true) FROM books.sales_order WHERE order_no = ''O3''',
                  'UPDATE books.sales_order SET status = ''released''', 'INSERT INTO books.sales_order (customer_id, amount, status) VALUES (1, 1, ''released'')',
                  'UPDATE books.credit_account SET credit_limit = 1e6', 'DELETE FROM books.credit_account',
                  'INSERT INTO books.credit_limit (customer_id, amount) VALUES (1, 1e6)', 'UPDATE books.customer SET blocked = false',
                  'INSERT INTO books.credit_decision (customer_id, outcome, amount) VALUES (1, ''overridden'', 1)',
                  'INSERT INTO books.order_event (customer_id, order_id, event, open_amount_base, unbilled_base, effective_on) VALUES (1, 1, ''changed'', -1, 0, now())',
                  'UPDATE books.open_item SET open_amount = 1', 'DELETE FROM books.invoice', 'UPDATE books.ledger SET mode = ''observe''',
                  'SELECT books.run_daily()', 'SELECT books.claim_actions(''c'')', 'SELECT books.refresh_limit(ARRAY[1])']) statement;
SELECT is(pg_temp.try('test_clerk', statement), answer, 'cash: a clerk: ' || left(statement, 60))
FROM (VALUES (1, $$INSERT INTO books.bank_line (bank_account, statement_no, line_no, amount, remittance, payer_account) VALUES ('B', '1', 1, 50, 'client A', 'FR76'), ('B', '1', 2, 3, NULL, NULL)$$, '2'),
             (2, $$SELECT books.assign_bank_line(bank_line_id, 1) FROM books.bank_line WHERE line_no = 1$$, '1'),
             (3, $$SELECT books.match(payment_id, ARRAY[invoice_id]) FROM books.bank_line_payment JOIN books.open_item USING (customer_id)$$, '1'),
             (4, $$SELECT books.unmatch(customer_id, matching_code) FROM books.matching$$, '1'),
             (5, $$SELECT books.reopen_bank_line(bank_line_id, 'a mistake') FROM books.bank_line WHERE line_no = 1$$, '1'),
             (6, $$SELECT * FROM books.apply_bank_lines()$$, '1'),
             (7, $$UPDATE books.bank_line SET status = 'applied'$$, '42501'), (8, $$DELETE FROM books.payer_account$$, '42501'),
             (9, $$UPDATE books.match_rule SET active = true$$, '42501'), (10, $$SELECT books.post_match(1, 1, 1, NULL, NULL, NULL, NULL, 0, '', '', NULL)$$, '42501'),
             (11, $$INSERT INTO books.matching_code (customer_id, code_no, matching_code, rule) VALUES (1, 99, 'XX', 'x')$$, '42501')) s (n, statement, answer) ORDER BY n;
SELECT is((SELECT string_agg(DISTINCT recorded_by, ' ') FROM books.matching_code), 'test_clerk', 'a match bears the name of the clerk');
SELECT is((SELECT concat_ws(' ', receivable, unbilled, open_orders, unapplied) FROM books.credit_account WHERE customer_id = 1), '250 150 0 100', 'and all of it is undone');
SELECT is(pg_temp.try('test_clerk', $$INSERT INTO books.payment (customer_id, payment_no, amount, recorded_at, recorded_by, rate, rate_on, amount_base)
  VALUES (1, 'forged', 5, '1999-01-01', 'postgres', 100, '1999-01-01', 500)$$), '1', 'a clerk may write what the ledger writes');
SELECT is((SELECT concat_ws(' ', recorded_by, recorded_at > '2020-01-01', rate, rate_on = received_on, amount_base) FROM books.payment WHERE payment_no = 'forged'),
  'test_clerk t 1 t 5', 'and the ledger writes over it');
SELECT is(pg_temp.try('test_clerk', $$INSERT INTO books.allocation (customer_id, payment_id, invoice_id, amount, amount_base, source_amount_base, invoice_due_on, recorded_at, recorded_by)
  SELECT customer_id, payment_id, invoice_id, 5, 1, 1, '1999-01-01', '1999-01-01', 'postgres' FROM books.payment JOIN books.invoice USING (customer_id)
  WHERE payment_no = 'forged' AND invoice_no = 'F1'$$), '1', 'the same in an allocation');
SELECT is((SELECT concat_ws(' ', recorded_by, recorded_at > '2020-01-01', amount_base, source_amount_base, invoice_due_on > '2020-01-01') FROM books.allocation ORDER BY allocation_id DESC LIMIT 1),
  'test_clerk t 5 5 t', 'and the ledger writes over it');

-- A collector works the queue, a manager decides --------------------------------------
SELECT is(pg_temp.try('test_collector', 'SELECT books.run_daily()'), '42501', 'a collector cannot start the run');
SELECT is(pg_temp.try('test_manager', 'SELECT * FROM books.run_daily()'), '1', 'a manager can');
SELECT is((SELECT count(*) FROM books.dunning_queue WHERE status = 'queued'), 1::bigint, 'and something is queued');
SELECT is(pg_temp.try('test_collector', $$SELECT books.complete_action(action_id, claim_token) FROM books.claim_actions('me')$$), '1', 'a collector claims and completes it');
SELECT is(pg_temp.try('test_collector', $$UPDATE books.open_item SET agreed_due_on = '2026-05-01' WHERE customer_id = 2$$), '1', 'and keeps an agreed date');
SELECT is(pg_temp.try(role, statement), result, role || ' ' || left(statement, 50))
FROM (VALUES (1, 'test_clerk', 'SELECT books.open_dispute(invoice_id, 10, ''broken'') FROM books.invoice WHERE invoice_no = ''F0''', '1'),
             (2, 'test_clerk', 'UPDATE books.dispute SET department = ''quality'', root_cause = ''quality''', '1'),
             (3, 'test_clerk', 'SELECT books.resolve_dispute(1, ''accepted'')', '42501'),
             (4, 'test_clerk', 'UPDATE books.dispute SET outcome = ''accepted'', closed_on = books.business_date()', '42501'),
             (5, 'test_collector', 'SELECT books.resolve_dispute(1, ''rejected'')', '1'),
             (6, 'test_clerk', 'SELECT books.promise_to_pay(2, ''2026-04-02'')', '42501'),
             (7, 'test_collector', 'SELECT books.promise_to_pay(2, ''2026-04-02'')', '1'),
             (8, 'test_collector', 'UPDATE books.promise SET outcome = ''kept'', kept_amount = amount, closed_on = books.business_date()', '42501'),
             (9, 'test_collector', 'SELECT books.cancel_promise(1)', '1'),
             (10, 'test_collector', 'SELECT books.record_cause(invoice_id, ''temporary'') FROM books.invoice WHERE invoice_no = ''F0''', '1'),
             (11, 'test_collector', 'INSERT INTO books.payment_plan (customer_id, amount) VALUES (2, 1)', '42501'),
             (12, 'test_clerk', 'SELECT books.cancel_plan(1)', '42501'),
             (13, 'test_collector', 'SELECT books.create_plan(2, array_agg(invoice_id), ''{2026-05-02}'', ''{300}'') FROM books.invoice WHERE invoice_no = ''F0''', '1'),
             (14, 'test_collector', 'SELECT books.cancel_plan(1)', '1'),
             (15, 'test_reader', 'SELECT books.propose_interest_note(2)', '42501'),
             (16, 'test_clerk', 'SELECT books.propose_interest_note(2)', '1'),
             (17, 'test_collector', 'SELECT books.issue_interest_note(1)', '42501'),
             (18, 'test_clerk', 'INSERT INTO books.interest_note_event (customer_id, interest_note_id, event_no, event, effective_on) VALUES (2, 1, 1, ''issued'', now())', '42501'),
             (19, 'test_manager', 'SELECT books.issue_interest_note(1)', '1'),
             (20, 'test_manager', 'SELECT books.waive_interest_note(1, ''goodwill'')', '1'),
             (21, 'test_manager', 'UPDATE books.interest_note SET amount = 1', '42501'),
             (22, 'test_clerk', 'UPDATE books.interest_policy SET contract_pct = 99', '42501')) s (n, role, statement, result) ORDER BY n;
SELECT is((SELECT string_agg(DISTINCT closed_by, ' ') FROM (SELECT closed_by FROM books.dispute UNION ALL SELECT closed_by FROM books.promise UNION ALL SELECT closed_by FROM books.payment_plan) c), 'test_collector', 'cases name who closed them');
SELECT is(pg_temp.try('test_collector', $$UPDATE books.dunning_action SET status = 'done'$$), '42501', 'but does not write the queue');
SELECT is(pg_temp.try('test_collector', $$SELECT books.release_order(1, 'x', true)$$), '42501', 'nor release');
SELECT is(pg_temp.try('test_manager', $$INSERT INTO books.credit_limit (customer_id, amount, recorded_by) VALUES (2, 5500, 'postgres')$$), '1', 'a manager decides a limit');
SELECT is((SELECT recorded_by || ' ' || decided_by FROM books.credit_limit ORDER BY credit_limit_id DESC LIMIT 1), 'test_manager test_manager', 'under his own name');
SELECT is((SELECT credit_limit FROM books.credit_account WHERE customer_id = 2), 5500::numeric, 'it is in force');
SELECT is(pg_temp.try('test_manager', $$SELECT books.release_order(order_id, 'fits now') FROM books.sales_order WHERE order_no = 'H1'$$), '1', 'a manager releases what fits');
SELECT is(pg_temp.try('test_manager', $$SELECT books.release_order(order_id, 'fits?') FROM books.sales_order WHERE order_no = 'H2'$$), 'CR001', 'not what does not');
SELECT is(pg_temp.try('test_manager', $$SELECT books.release_order(order_id, 'I answer for it', true) FROM books.sales_order WHERE order_no = 'H2'$$), '1', 'unless he answers for it');
SELECT set_eq($$SELECT DISTINCT decided_by FROM books.credit_decision WHERE outcome IN ('released', 'overridden')$$, '{test_manager}'::text[],
  'decisions name who acted, inside functions that run as the owner too');
SELECT set_eq($$SELECT DISTINCT recorded_by FROM books.order_event WHERE customer_id = 1$$, '{test_clerk}'::text[], 'and so do the events of orders');
SELECT is(pg_temp.try('test_manager', statement), '42501', 'a manager cannot ' || statement)
FROM unnest(ARRAY['UPDATE books.sales_order SET status = ''released''', 'UPDATE books.credit_account SET receivable = 0', 'UPDATE books.credit_decision SET decided_by = ''x''',
                  'SELECT credit_risk.drop_ledger(''books'')', 'SELECT credit_risk.rename_ledger(''books'', ''b'')']) statement;

-- A function of the owner's that runs as the owner: the caller is named all the same.
CREATE FUNCTION books.my_import(amount numeric) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = books, pg_temp
AS $$INSERT INTO payment (customer_id, payment_no, amount) VALUES (1, 'imported', amount)$$;
ALTER FUNCTION books.my_import OWNER TO test_owner;
GRANT USAGE ON SCHEMA books TO test_stranger;
SELECT is(pg_temp.try('test_stranger', 'SELECT books.my_import(1)'), '1', 'the owner''s own function works');
SELECT is((SELECT recorded_by FROM books.payment WHERE payment_no = 'imported'), 'test_stranger', 'recorded_by is who called it, not whom it runs as');
REVOKE USAGE ON SCHEMA books FROM test_stranger;

-- A stranger ---------------------------------------------------------------------------
SELECT is_empty($$SELECT name FROM relation WHERE pg_temp.try('test_stranger', format('SELECT FROM books.%I', name)) <> '42501'$$, 'a stranger sees nothing');
SELECT is(pg_temp.try('test_stranger', statement), '42501', 'a stranger cannot ' || left(statement, 60))
FROM unnest(ARRAY['SELECT books.available_credit(1)', 'SELECT * FROM books.check_order(1, 1)', 'INSERT INTO books.payment (customer_id, amount) VALUES (1, 1)',
                  'SELECT credit_risk.drop_ledger(''books'')', 'SELECT credit_risk.rename_ledger(''books'', ''b'')', 'SELECT credit_risk.upgrade_ledger(''books'')',
                  'SELECT credit_risk.grant_ledger_access(''books'', ''test_stranger'', ''manager'')', 'SELECT credit_risk.create_ledger(''mine'')']) statement;
SELECT lives_ok($$SELECT pg_temp.try('test_reader', 'SELECT credit_risk.grant_ledger_access(''books'', ''test_stranger'', ''manager'')')$$, 'a reader''s grant');
SELECT is_empty($$SELECT * FROM may_write WHERE role = 'test_stranger' UNION ALL SELECT role, routine, NULL, NULL FROM may_call WHERE role = 'test_stranger' AND routine <> 'my_import'$$,
  'gives nothing');

-- The confused deputy: our triggers on tables of somebody else in the ledger's schema -------
GRANT CREATE, USAGE ON SCHEMA books TO test_intruder;
CREATE TEMPORARY TABLE truth AS SELECT (SELECT string_agg(a::text, ' ' ORDER BY a) FROM books.credit_account a) AS account;
SELECT is(pg_temp.try('test_intruder', $$
  CREATE TABLE books.fake_order (customer_id bigint, order_id bigint, status text, open_amount_base numeric, unbilled_amount_base numeric,
                                 delivered_amount numeric, invoiced_amount numeric, changed_on date,
                                 amount numeric, site_id bigint, deliver_on date, terms text, payment_method text, contract_no text, currency text);
  CREATE TRIGGER t AFTER INSERT ON books.fake_order REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credit_risk.order_written();
  CREATE TABLE books.fake_payment (customer_id bigint, payment_id bigint, amount_base numeric, unmatured_base numeric, reversal_of bigint);
  CREATE TRIGGER t AFTER INSERT ON books.fake_payment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION credit_risk.payment_written();
  $$), '0', 'an intruder makes tables with our triggers');
SELECT is(pg_temp.try('test_intruder', 'INSERT INTO books.fake_order VALUES (1, 1, ''open'', -1e6, 0, 0, 0, now())'), '42501', 'an order in it posts nothing');
SELECT is(pg_temp.try('test_intruder', 'INSERT INTO books.fake_payment VALUES (1, 1, 1e6, 0, NULL)'), '42501', 'nor does a payment');
SELECT is(pg_temp.try('test_intruder', format('CREATE TRIGGER u AFTER UPDATE ON books.fake_order REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION books.%s()', f)),
  '42501', f || '() is not his to use') FROM unnest('{item_aged,limit_decided}'::text[]) f;
SELECT is(pg_temp.try('test_intruder', $$CREATE TRIGGER u AFTER INSERT ON books.payment FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()$$),
  '42501', 'nor is a table of the ledger');
SELECT is((SELECT string_agg(a::text, ' ' ORDER BY a) FROM books.credit_account a), (SELECT account FROM truth), 'every account is as before');

-- A hostile path -----------------------------------------------------------------------------
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
SELECT format('CREATE FUNCTION evil.%1$s(a %2$s, b %2$s) RETURNS %2$s LANGUAGE plpgsql AS ''BEGIN RAISE EXCEPTION ''''trapped''''; END''', 'op_' || t, t),
       format('CREATE FUNCTION evil.%1$s(a %2$s, b %2$s) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RAISE EXCEPTION ''''trapped''''; END''', 'cmp_' || t, t)
FROM unnest('{numeric,bigint,integer,text,date}'::text[]) t \gexec
SELECT format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %2$s, FUNCTION = evil.%s)', o, t, f || t)
FROM unnest('{numeric,bigint,integer,text,date}'::text[]) t
CROSS JOIN (VALUES ('+', 'op_'), ('-', 'op_'), ('*', 'op_'), ('=', 'cmp_'), ('<>', 'cmp_'), ('<', 'cmp_'), ('>', 'cmp_'), ('<=', 'cmp_'), ('>=', 'cmp_')) x (o, f) \gexec
CREATE FUNCTION evil.business_date() RETURNS date LANGUAGE sql AS 'SELECT date ''1999-01-01''';
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT timestamptz ''1999-01-01''';
CREATE FUNCTION evil.unnest(bigint[]) RETURNS SETOF bigint LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION evil.refresh_limit(bigint[]) RETURNS void LANGUAGE sql AS '';
GRANT USAGE ON SCHEMA decoy TO test_clerk;
SELECT pg_temp.try('test_clerk', $$
  CREATE TEMPORARY TABLE credit_account (LIKE books.credit_account); CREATE TEMPORARY TABLE customer (LIKE books.customer);
  CREATE TEMPORARY TABLE open_item (LIKE books.open_item); CREATE TEMPORARY TABLE ledger (LIKE books.ledger);
  CREATE TEMPORARY TABLE sales_order (LIKE books.sales_order); CREATE TEMPORARY TABLE credit_limit (LIKE books.credit_limit);$$) \g /dev/null
SELECT throws_ok($$SELECT pg_temp.try('test_clerk', 'SELECT 1.0 + 1.0', 'evil, pg_catalog')$$, 'P0001', 'trapped', 'the trap is set');
SELECT is((SELECT string_agg(pg_temp.try('test_clerk', statement, 'pg_temp, evil, decoy, books, pg_catalog'), ' ' ORDER BY n)
  FROM (VALUES (1, 'INSERT INTO books.customer (code, name) VALUES (''E'', ''Epsilon'')'),
               (2, 'INSERT INTO books.sales_order (customer_id, order_no, amount) SELECT customer_id, ''E1'', 2500 FROM books.customer WHERE code OPERATOR(pg_catalog.=) ''E'''),
               (3, 'SELECT books.place_order(books.customer_id(''E''), 1000, ''E2'')'),
               (4, 'UPDATE books.sales_order SET amount = 2000 WHERE order_no OPERATOR(pg_catalog.=) ''E1'''),
               (5, 'INSERT INTO books.delivery (customer_id, order_id, amount) SELECT customer_id, order_id, 500 FROM books.sales_order WHERE order_no OPERATOR(pg_catalog.=) ''E1'''),
               (6, 'INSERT INTO books.delivery (customer_id, delivery_no, amount) VALUES (books.customer_id(''E''), ''D1'', 40)'),
               (7, 'INSERT INTO books.invoice (customer_id, order_id, invoice_no, amount) SELECT customer_id, order_id, ''E1'', 300 FROM books.sales_order WHERE order_no OPERATOR(pg_catalog.=) ''E1'''),
               (8, 'INSERT INTO books.payment (customer_id, payment_no, amount) VALUES (books.customer_id(''E''), ''E1'', 90), (books.customer_id(''E''), ''E2'', 10)'),
               (9, 'INSERT INTO books.allocation (customer_id, payment_id, invoice_id, amount) SELECT p.customer_id, payment_id, invoice_id, 50 FROM books.payment p, books.invoice i WHERE payment_no OPERATOR(pg_catalog.=) ''E1'' AND invoice_no OPERATOR(pg_catalog.=) ''E1'''),
               (10, 'SELECT books.reverse_payment(payment_id) FROM books.payment WHERE payment_no OPERATOR(pg_catalog.=) ''E2''')) s (n, statement)),
  '1 1 1 1 1 1 1 2 1 1', 'a clerk with temporary tables, operators and another ledger before ours posts as ever');
SELECT is((SELECT concat_ws(' ', receivable, unbilled, open_orders, unapplied) FROM books.credit_account WHERE customer_id = books.customer_id('E')),
  '250 240 1500 40', 'to the right account');
SELECT is((SELECT status FROM books.sales_order WHERE order_no = 'E2'), 'held', 'judged by the right limit');
SELECT is((SELECT count(*) FROM decoy.customer) + (SELECT count(*) FROM decoy.sales_order), 0::bigint, 'and the other ledger is empty');
SELECT is(pg_temp.try('test_clerk', 'SELECT * FROM books.exposure'), (SELECT count(*)::text FROM books.credit_account), 'reports read the ledger''s own tables');
DROP TABLE pg_temp.credit_account, pg_temp.customer, pg_temp.open_item, pg_temp.ledger, pg_temp.sales_order, pg_temp.credit_limit;

-- Row level security on the account, on its owner too ---------------------------------------------
SET CONSTRAINTS ALL IMMEDIATE;      -- what waits for COMMIT
SET CONSTRAINTS ALL DEFERRED;
SELECT pg_temp.try('test_owner', 'ALTER TABLE books.credit_account ENABLE ROW LEVEL SECURITY; ALTER TABLE books.credit_account FORCE ROW LEVEL SECURITY') \g /dev/null
SELECT is(pg_temp.try('test_owner', 'SELECT FROM books.credit_account'), '0', 'under FORCE without a policy even the owner sees no account');
SELECT is(pg_temp.try('test_clerk', $$SELECT * FROM books.place_order(books.customer_id('C'), 700, 'R1')$$), '1', 'an order is posted all the same');
SELECT is(pg_temp.try('test_clerk', $$INSERT INTO books.payment (customer_id, amount) VALUES (books.customer_id('C'), 30)$$), '1', 'and a payment');
SELECT is((SELECT concat_ws(' ', open_orders, unapplied) FROM books.credit_account WHERE customer_id = books.customer_id('C')), '700 30', 'to its account');
SELECT throws_ok($$SELECT pg_temp.try('test_manager', 'INSERT INTO books.credit_limit (customer_id, amount) VALUES (1, 77)')$$, 'CR002', NULL,
  'a limit that could not reach the account is refused, not lost');

SELECT is_empty('SELECT * FROM books.verify()', 'after all of it verify() is empty');

-- The one routine without a pinned path, in a session of its own since it commits.
SELECT dblink_connect('run', format('dbname=%L host=%L port=%s user=%L options=%L', current_database(),
  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_user, '-c client_min_messages=warning')) \g /dev/null
SELECT dblink_exec('run', $$
  DO $do$ BEGIN PERFORM credit_risk.create_ledger('hostile_run'); END $do$;
  INSERT INTO hostile_run.customer (code, name) VALUES ('A', 'Alpha'), ('B', 'Beta');
  UPDATE hostile_run.ledger SET pinned_date = '2026-03-31';
  INSERT INTO hostile_run.invoice (customer_id, invoice_no, amount, issued_on, due_on) SELECT customer_id, 'F', 300, '2026-01-31', '2026-03-02' FROM hostile_run.customer;
  CREATE SCHEMA hostile;
  CREATE FUNCTION hostile.trap(bigint, bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
  CREATE FUNCTION hostile.trap(bigint, integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
  CREATE OPERATOR hostile.+ (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = hostile.trap);
  CREATE OPERATOR hostile.= (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = hostile.trap);
  CREATE FUNCTION hostile.format(text, text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
  CREATE FUNCTION hostile.require_ledger(text) RETURNS void LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';
$$) \g /dev/null
SELECT dblink_exec('run', 'SET search_path = hostile, pg_catalog') \g /dev/null
SELECT throws_ok($$SELECT * FROM dblink('run', 'SELECT 1::bigint + 1::bigint') t (a bigint)$$, 'P0001', NULL, 'the trap is set for the procedure');
SELECT is(dblink_exec('run', $$CALL credit_risk.run_daily('hostile_run', batch_size => 1)$$), 'CALL', 'the procedure run_daily passes it');
SELECT is((SELECT a FROM dblink('run', 'SELECT count(*) FROM hostile_run.dunning_action') t (a bigint)), 2::bigint, 'and does its work');
SELECT dblink_exec('run', 'DO $do$ BEGIN PERFORM credit_risk.drop_ledger(''hostile_run''); END $do$; DROP SCHEMA hostile CASCADE') \g /dev/null
SELECT dblink_disconnect('run') \g /dev/null

SELECT * FROM finish();
ROLLBACK;
