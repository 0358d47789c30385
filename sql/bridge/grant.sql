-- Who may do what with a ledger. No role is made here: these are grants to
-- roles of the user's, each level including the one before.

CREATE FUNCTION credit_risk.grant_ledger_access(ledger text, role_name text, level text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    levels constant text[] := ARRAY['reader', 'clerk', 'collector', 'manager'];
    rank integer := array_position(levels, level);
    statement text;
BEGIN
    PERFORM credit_risk.require_ledger(ledger);
    IF rank IS NULL THEN
        RAISE EXCEPTION 'invalid level: %', coalesce(quote_literal(level), 'NULL')
            USING ERRCODE = '22023', HINT = 'It is reader, clerk, collector or manager.';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role_name) THEN
        RAISE EXCEPTION 'role "%" does not exist', role_name USING ERRCODE = 'undefined_object';
    END IF;
    FOREACH statement IN ARRAY ARRAY[
        -- reader: views, and the questions
        'USAGE ON SCHEMA %1$I',
        'SELECT ON %1$I.ledger, %1$I.exchange_rate, %1$I.customer, %1$I.contact, %1$I.credit_account, %1$I.credit_limit, %1$I.sales_order,
            %1$I.order_event, %1$I.delivery, %1$I.invoice, %1$I.open_item, %1$I.payment, %1$I.allocation, %1$I.credit_decision,
            %1$I.dunning_strategy, %1$I.dunning_step, %1$I.dunning_action, %1$I.dunning_action_item, %1$I.rebuild_record,
            %1$I.exposure, %1$I.receivable_fact, %1$I.unapplied_fact, %1$I.ageing_by_customer, %1$I.ageing_total,
            %1$I.overdue_item, %1$I.dso_by_month, %1$I.dunning_queue',
        'SELECT ON %1$I.customer_merge',
        'SELECT ON %1$I.credit_hold, %1$I.credit_hold_reason, %1$I.open_hold, %1$I.delivery_request, %1$I.override_reason, %1$I.override_limit,
            %1$I.override_use, %1$I.override_abuse, %1$I.manual_release, %1$I.month_end_override',
        'EXECUTE ON FUNCTION %1$I.month_end_overrides(integer), %1$I.order_rest_base(%1$I.sales_order), %1$I.customers_with_holds()',
        'EXECUTE ON FUNCTION %1$I.current_customer(bigint)',
        'SELECT ON %1$I.approval_authority, %1$I.approval_rule, %1$I.approval_request, %1$I.open_approval, %1$I.group_exposure,
            %1$I.limit_request, %1$I.open_limit_request, %1$I.limit_request_delay, %1$I.limit_journal',
        'EXECUTE ON FUNCTION %1$I.approvers(text, numeric, text, text), %1$I.authority_of(text, numeric, text, text), %1$I.group_available(bigint),
            %1$I.beyond_horizon(bigint), %1$I.limit_expiries(integer), %1$I.paid_on_time(bigint, date, date), %1$I.first_trial_on(bigint)',
        'SELECT ON %1$I.task, %1$I.dunning_stop, %1$I.due_date_correction, %1$I.corrected_due_date',
        'EXECUTE ON FUNCTION %1$I.corrected_due_as_of(timestamptz)',
        'SELECT ON %1$I.dispute_root_cause, %1$I.dispute, %1$I.disputed_item, %1$I.open_dispute, %1$I.dispute_by_root_cause,
            %1$I.promise, %1$I.promise_reliability, %1$I.promiser_reliability, %1$I.payment_plan, %1$I.payment_plan_line,
            %1$I.payment_plan_item, %1$I.payment_plan_status, %1$I.lateness_cause, %1$I.late_item, %1$I.lateness_by_cause, %1$I.payment_delay',
        'EXECUTE ON FUNCTION %1$I.disputed_as_of(date, timestamptz), %1$I.agreed_due_as_of(date, timestamptz), %1$I.missing_cause(integer),
            %1$I.plan_paid(bigint, bigint)',
        'SELECT ON %1$I.period_close, %1$I.open_item_checkpoint, %1$I.unapplied_checkpoint, %1$I.control_account, %1$I.gl_balance, %1$I.realised_exchange_difference',
        'EXECUTE ON FUNCTION %1$I.balance_as_of(date, timestamptz), %1$I.open_item_as_of(date, timestamptz), %1$I.control_account_check(date, timestamptz),
            %1$I.recomputed_checkpoint(bigint), %1$I.recomputed_unapplied_checkpoint(bigint), %1$I.unapplied_as_of(date, timestamptz),
            %1$I.closing_before(date, timestamptz), %1$I.dso_as_of(date, timestamptz), %1$I.revaluation_as_of(date, timestamptz),
            %1$I.aged_balance(date, timestamptz, integer[], text, text)',
        'SELECT ON %1$I.document_kind, %1$I.customer_document, %1$I.latest_customer_document, %1$I.customer_document_in_force, %1$I.document_expiring,
            %1$I.required_document_lacking, %1$I.onboarding_check, %1$I.onboarding_case, %1$I.onboarding_step, %1$I.onboarding_result,
            %1$I.onboarding_check_status, %1$I.open_onboarding, %1$I.onboarding_delay',
        'EXECUTE ON FUNCTION %1$I.documents_expiring(integer), %1$I.documents_lacking(bigint, date), %1$I.onboarding_findings(bigint)',
        'EXECUTE ON FUNCTION %1$I.is_open_as_of(date, timestamptz, date, timestamptz, date, timestamptz)',
        'SELECT ON %1$I.return_reason, %1$I.payment_return, %1$I.default_event, %1$I.default_status, %1$I.doubtful_receivable, %1$I.loss,
            %1$I.factoring_contract, %1$I.buyer_limit, %1$I.assigned_invoice, %1$I.exposure_afdcc,
            %1$I.placement, %1$I.placement_result, %1$I.litigation_case, %1$I.litigation',
        'EXECUTE ON FUNCTION %1$I.doubtful_as_of(date, timestamptz), %1$I.undisputed_base(bigint, bigint, integer, numeric, numeric),
            %1$I.buyer_limit_left(bigint, bigint, date), %1$I.claim_amount(bigint, bigint, timestamptz)',
        'SELECT ON %1$I.payment_method, %1$I.unmatured_payment, %1$I.payment_final, %1$I.unmatured_fact',
        'EXECUTE ON FUNCTION %1$I.recomputed_unmatured()',
        'SELECT ON %1$I.reference_rate, %1$I.reference_rate_in_use, %1$I.interest_policy, %1$I.interest_terms, %1$I.interest_note,
            %1$I.interest_note_line, %1$I.interest_note_event, %1$I.interest_note_status, %1$I.cash_discount, %1$I.cash_discount_to_take, %1$I.cash_discount_effect,
            %1$I.payment_incentive, %1$I.statement_fact, %1$I.affiliated_customer',
        'EXECUTE ON FUNCTION %1$I.interest_terms_of(bigint), %1$I.interest_rates(text, numeric, date, date),
            %1$I.recovery_indemnity(text, numeric, text, numeric, date), %1$I.interest_stretch(bigint, bigint, date),
            %1$I.imputed_reductions(numeric, date, date[], numeric[], boolean[], date[], numeric[], boolean, text, text),
            %1$I.late_interest_detail(bigint, date), %1$I.late_interest(bigint, date), %1$I.interest_to_claim(bigint, date),
            %1$I.interest_claimed_in_excess(bigint),
            %1$I.cash_discount_due(bigint, date), %1$I.account_statement(bigint, date, date, timestamptz, boolean),
            %1$I.borrowing_base(date, timestamptz, integer, numeric, numeric, text[], boolean),
            %1$I.borrowing_base_total(date, timestamptz, integer, numeric, numeric, numeric, text[], boolean),
            %1$I.sales_to_cash(date, timestamptz)',
        'SELECT ON %1$I.customer_event, %1$I.quote, %1$I.quote_status, %1$I.pro_forma, %1$I.pro_forma_payment, %1$I.pro_forma_cover,
            %1$I.pro_forma_status, %1$I.invoice_event, %1$I.invoice_event_in_force, %1$I.rejected_invoice, %1$I.invoice_life_cycle, %1$I.unsent_invoice,
            %1$I.unbilled_delivery, %1$I.billing_delay_by_month, %1$I.order_to_cash, %1$I.risk_event',
        'EXECUTE ON FUNCTION %1$I.unsent_invoices(integer), %1$I.unbilled_deliveries(integer), %1$I.order_timeline(bigint),
            %1$I.customer_timeline(bigint, date, date)',
        'SELECT ON %1$I.alert_kind, %1$I.alert, %1$I.portfolio_alert, %1$I.open_alert, %1$I.utilization_threshold, %1$I.limit_utilization, %1$I.limit_expiry,
            %1$I.limit_alert, %1$I.watch_list, %1$I.watched_customer',
        'SELECT ON %1$I.bank_line, %1$I.payer_account, %1$I.match_rule, %1$I.matching_code, %1$I.bank_line_payment, %1$I.matching, %1$I.unapplied_cash,
            %1$I.unmatched_bank_line, %1$I.cash_application_rate',
        'EXECUTE ON FUNCTION %1$I.plain_text(text), %1$I.remittance_tokens(text), %1$I.payers_named(text[]), %1$I.recognise_bank_lines(bigint[]),
            %1$I.match_rules(text, numeric, numeric), %1$I.matching_letters(integer), %1$I.unapplied_amount(bigint, bigint),
            %1$I.open_items_named(bigint, bigint[], integer[], text, numeric[]), %1$I.find_match(bigint, bigint, boolean)',
        'SELECT ON %1$I.deposit_rule, %1$I.order_deposit, %1$I.order_deposit_status, %1$I.guarantee, %1$I.guarantee_event, %1$I.guarantee_in_force,
            %1$I.guarantee_expiring, %1$I.order_security, %1$I.order_cover, %1$I.risk_action_rule, %1$I.risk_action_decision',
        'EXECUTE ON FUNCTION %1$I.deposit_pct(bigint), %1$I.deposit_requirement(bigint), %1$I.deposit_paid(bigint, bigint), %1$I.order_of(bigint),
            %1$I.guarantee_of(bigint), %1$I.guarantees_in_force(bigint, date, timestamptz), %1$I.exposure_parts(bigint, bigint),
            %1$I.outside_terms(bigint, bigint, date, date, date, integer, numeric, date),
            %1$I.guarantee_allocation(bigint, date, numeric, text, bigint, bigint, boolean), %1$I.guaranteed_amount(bigint, date, numeric, text, bigint),
            %1$I.secured_amount(bigint, date, numeric, numeric), %1$I.order_secured(bigint, date), %1$I.order_uncovered(bigint, date), %1$I.risk_action(bigint)',
        'EXECUTE ON FUNCTION %1$I.business_date(), %1$I.customer_id(text), %1$I.available_credit(bigint),
            %1$I.check_order(bigint, numeric, text), %1$I.rate_on(text, date), %1$I.limit_in_force(bigint, date, timestamptz),
            %1$I.unbilled_without_order(bigint, date, timestamptz), %1$I.exposure_as_of(date, timestamptz),
            %1$I.ageing_as_of(date, timestamptz), %1$I.ageing_by_bucket(integer[]), %1$I.verify(), %1$I.recomputed_account(), %1$I.recomputed_item(),
            %1$I.recomputed_order(), %1$I.item_cycle(bigint, bigint, integer, numeric), %1$I.group_path_of(bigint),
            %1$I.strategy_of(text), %1$I.step_date(date, integer), %1$I.next_action(bigint, date, integer, date, date)'
    ] LOOP
        EXECUTE format('GRANT ' || statement || ' TO %2$I', ledger, role_name);
    END LOOP;
    IF rank >= 2 THEN       -- clerk: master data and documents, not the columns that the ledger writes
        FOREACH statement IN ARRAY ARRAY[
            'INSERT (customer_id, code, name, lifecycle, siren, siret, parent_id, payer_id, country, language, currency, terms, payment_method, external_ref),
                UPDATE (code, name, lifecycle, siren, siret, parent_id, payer_id, country, language, currency, terms, payment_method, external_ref) ON %1$I.customer',
            'INSERT, UPDATE, DELETE ON %1$I.contact',
            'EXECUTE ON FUNCTION %1$I.request_delivery(bigint, numeric, date), %1$I.cancel_delivery_request(bigint)',
            'EXECUTE ON FUNCTION %1$I.request_approval(bigint, text, numeric, bigint, text, integer),
                %1$I.request_limit(bigint, numeric, text, text, date, text, text, text, date, date, text)',
            'INSERT (customer_id, document_id, kind, issued_on, valid_until, file_name, sha256, source, note, reversal_of) ON %1$I.customer_document',
            'EXECUTE ON FUNCTION %1$I.record_document(bigint, text, date, date, text, text, text, text), %1$I.withdraw_document(bigint, text),
                %1$I.request_onboarding(bigint, numeric, text, date), %1$I.evaluate_onboarding(bigint), %1$I.withdraw_onboarding(bigint, text)',
            'INSERT (customer_id, kind, subject, invoice_id, payment_id, department, owner, due_on, opened_on),
                UPDATE (department, owner, due_on, subject, outcome, closed_on) ON %1$I.task',
            'INSERT (customer_id, invoice_id, instalment_no, kind, amount, reason, department, agency, owner, deadline_on, opened_on),
                UPDATE (root_cause, department, agency, owner, deadline_on) ON %1$I.dispute',
            'EXECUTE ON FUNCTION %1$I.open_dispute(bigint, numeric, text, text, integer, text, date)',
            'EXECUTE ON FUNCTION %1$I.open_task(bigint, text, text, bigint, bigint, text, date), %1$I.close_task(bigint, text)',
            'INSERT (customer_id, order_id, order_no, site_id, ordered_on, deliver_on, amount, tax_amount, currency, external_ref, quote_id),
                UPDATE (order_no, site_id, deliver_on, amount, tax_amount, currency, cancelled_on, external_ref, quote_id) ON %1$I.sales_order',
            'INSERT (customer_id, quote_id, quote_no, quoted_on, valid_until, amount, tax_amount, currency, external_ref),
                UPDATE (outcome, reason, closed_on) ON %1$I.quote',
            'INSERT (customer_id, pro_forma_id, pro_forma_no, order_id, issued_on, amount, tax_amount, currency, required_pct, external_ref) ON %1$I.pro_forma',
            'INSERT (customer_id, pro_forma_id, payment_id, amount, effective_on, reversal_of) ON %1$I.pro_forma_payment',
            'INSERT (customer_id, invoice_id, event, occurred_on, note, reversal_of, external_ref) ON %1$I.invoice_event',
            'EXECUTE ON FUNCTION %1$I.order_quote(bigint, text, numeric), %1$I.lose_quote(bigint, text, date), %1$I.pay_pro_forma(bigint, bigint, numeric),
                %1$I.reverse_pro_forma_payment(bigint, date), %1$I.record_invoice_event(bigint, text, date, text, text),
                %1$I.reverse_invoice_event(bigint, text)',
            'INSERT ON %1$I.delivery, %1$I.invoice, %1$I.payment, %1$I.allocation',
            'EXECUTE ON FUNCTION %1$I.pay_deposit(bigint, bigint, numeric)',
            'INSERT (bank_line_id, bank_account, statement_no, line_no, end_to_end_ref, booked_on, value_on, amount, currency, remittance, payer_name,
                payer_account, method, customer_id) ON %1$I.bank_line',
            'INSERT (customer_id, iban) ON %1$I.payer_account',
            'EXECUTE ON FUNCTION %1$I.apply_bank_lines(integer), %1$I.apply_payment(bigint), %1$I.assign_bank_line(bigint, bigint, boolean),
                %1$I.split_bank_line(bigint, bigint[], numeric[]), %1$I.set_aside_bank_line(bigint, text), %1$I.reopen_bank_line(bigint, text),
                %1$I.match(bigint, bigint[], numeric[], text, text, integer[], date), %1$I.match_credit_note(bigint, bigint[], numeric[], text, date),
                %1$I.net_off(bigint, text), %1$I.unmatch(bigint, text, text, date), %1$I.unmatch_payment(bigint, text, date)',
            'INSERT (customer_id, payment_id, returned_on, reason, note, bank_charges) ON %1$I.payment_return',
            'EXECUTE ON FUNCTION %1$I.record_recovery(bigint, bigint, numeric, text, date)',
            'EXECUTE ON FUNCTION %1$I.propose_interest_note(bigint, date), %1$I.take_cash_discount(bigint, bigint)',
            'EXECUTE ON FUNCTION %1$I.place_order(bigint, numeric, text, text, bigint, date, numeric, date), %1$I.order_of(bigint),
                %1$I.cancel_order(bigint, date), %1$I.reverse_delivery(bigint, date), %1$I.reverse_invoice(bigint, date),
                %1$I.reverse_payment(bigint, date), %1$I.reverse_allocation(bigint, date), %1$I.confirm_payment(bigint, date)'
        ] LOOP
            EXECUTE format('GRANT ' || statement || ' TO %2$I', ledger, role_name);
        END LOOP;
    END IF;
    IF rank >= 3 THEN       -- collector: the queue
        FOREACH statement IN ARRAY ARRAY[
            'UPDATE (agreed_due_on, dunning_level) ON %1$I.open_item',
            'INSERT (customer_id, invoice_id, amount, currency, stage, court, reference, costs, expected_recovery_pct, opened_on),
                UPDATE (stage, court, reference, costs, expected_recovery_pct, outcome, closed_on) ON %1$I.litigation_case',
            'EXECUTE ON FUNCTION %1$I.place_invoice(bigint, text, text, numeric, date), %1$I.close_placement(bigint, text, date),
                %1$I.record_default(bigint, text, date, numeric, text)',
            'UPDATE (outcome, accepted_amount, closed_on) ON %1$I.dispute',
            'INSERT (customer_id, invoice_id, amount, currency, promised_on, tolerance_days, promised_by, note, opened_on) ON %1$I.promise',
            'INSERT (customer_id, invoice_id, instalment_no, cause, note) ON %1$I.lateness_cause',
            'EXECUTE ON FUNCTION %1$I.resolve_dispute(bigint, text, text, numeric, date), %1$I.record_cause(bigint, text, text, integer),
                %1$I.promise_to_pay(bigint, date, numeric, bigint, text, integer, text, text, date), %1$I.cancel_promise(bigint),
                %1$I.create_plan(bigint, bigint[], date[], numeric[], integer, text, text, text), %1$I.cancel_plan(bigint)',
            'EXECUTE ON FUNCTION %1$I.acknowledge_alert(bigint, text), %1$I.watch_customer(bigint, text, date), %1$I.unwatch_customer(bigint, text)',
            'EXECUTE ON FUNCTION %1$I.review_onboarding(bigint, text), %1$I.return_onboarding(bigint, text),
                %1$I.record_onboarding_result(bigint, text, text, text)',
            'EXECUTE ON FUNCTION %1$I.claim_actions(text, integer, interval), %1$I.complete_action(bigint, uuid, text),
                %1$I.fail_action(bigint, uuid, text), %1$I.action_balance(bigint, bigint)'
        ] LOOP
            EXECUTE format('GRANT ' || statement || ' TO %2$I', ledger, role_name);
        END LOOP;
    END IF;
    IF rank >= 4 THEN       -- manager: limits, releases, strategies, the run
        FOREACH statement IN ARRAY ARRAY[
            'INSERT, UPDATE, DELETE ON %1$I.match_rule',
            'INSERT, UPDATE ON %1$I.override_reason',
            'UPDATE (auto_release, release_days, release_deviation_pct) ON %1$I.ledger',
            'EXECUTE ON FUNCTION %1$I.reject_order(bigint, text, text), %1$I.hold_order(bigint, text), %1$I.recheck_order(bigint),
                %1$I.recheck_holds(bigint[]), %1$I.release_delivery(bigint, text, boolean, integer, text, numeric),
                %1$I.expire_delivery_requests(bigint[])',
            'INSERT, UPDATE ON %1$I.alert_kind',
            'INSERT, UPDATE, DELETE ON %1$I.utilization_threshold',
            'EXECUTE ON FUNCTION %1$I.raise_alert(bigint, text, text, text, text, text, jsonb), %1$I.clear_alert(bigint, text, text), %1$I.watch_limits(integer)',
            'DELETE ON %1$I.payer_account',
            'EXECUTE ON FUNCTION %1$I.approve_request(bigint, text), %1$I.refuse_request(bigint, text),
                %1$I.decide_limit_request(bigint, text, numeric, text, date, date), %1$I.propose_trial_limits(date),
                %1$I.adjust_limits(bigint[], numeric, numeric, numeric, text, date, date), %1$I.open_unit_account(bigint, text, text, text, text)',
            'INSERT, UPDATE ON %1$I.document_kind, %1$I.onboarding_check',
            'EXECUTE ON FUNCTION %1$I.waive_onboarding_check(bigint, text, text), %1$I.approve_onboarding(bigint, text), %1$I.reject_onboarding(bigint, text)',
            'INSERT, UPDATE ON %1$I.payment_method, %1$I.dispute_root_cause, %1$I.return_reason',
            'INSERT (code, factor, recourse, advance_pct, reserve_pct, reserve_target, currency, valid_from, valid_to),
                UPDATE (factor, advance_pct, reserve_pct, reserve_target, valid_to) ON %1$I.factoring_contract',
            'INSERT (customer_id, contract_id, amount, valid_from) ON %1$I.buyer_limit',
            'EXECUTE ON FUNCTION %1$I.mark_doubtful(bigint, text, date, text), %1$I.restore_doubtful(bigint, date),
                %1$I.write_off(bigint, text, numeric, integer, boolean, date), %1$I.reverse_default(bigint, text),
                %1$I.assign_invoice(text, bigint, numeric, date), %1$I.close_assignment(bigint, text, date), %1$I.buy_back(bigint, date),
                %1$I.detect_unpaid_defaults(date, integer, numeric, integer)',
            'INSERT, UPDATE (rate_pct, source), DELETE ON %1$I.reference_rate',
            'UPDATE ON %1$I.interest_policy',
            'INSERT, UPDATE, DELETE ON %1$I.interest_terms',
            'INSERT (customer_id, reason, opened_on), UPDATE (outcome, closed_on) ON %1$I.affiliated_customer',
            'EXECUTE ON FUNCTION %1$I.issue_interest_note(bigint, text, date), %1$I.waive_interest_note(bigint, text),
                %1$I.reinstate_interest_note(bigint, text), %1$I.reverse_interest_note(bigint, text)',
            'UPDATE (outcome, reason, closed_on) ON %1$I.pro_forma',
            'INSERT (customer_id, guarantee_id, kind, guarantor, reference, order_id, contract_no, amount, currency, haircut_pct, priority, valid_from, valid_to,
                latest_shipment_on, presentation_days, accepted_on) ON %1$I.guarantee',
            'INSERT (customer_id, guarantee_id, event, occurred_on, amount, note, reversal_of) ON %1$I.guarantee_event',
            'INSERT, UPDATE, DELETE ON %1$I.deposit_rule, %1$I.risk_action_rule',
            'EXECUTE ON FUNCTION %1$I.call_guarantee(bigint, numeric, date, text), %1$I.present_documents(bigint, numeric, date, text),
                %1$I.reverse_guarantee_event(bigint, date), %1$I.accept_retention(bigint, date), %1$I.release_guarantee(bigint, text, text, date),
                %1$I.take_risk_action(bigint, text, bigint, text, numeric), %1$I.decline_risk_action(bigint, text, bigint, text)',
            'EXECUTE ON FUNCTION %1$I.cancel_pro_forma(bigint, text)',
            'UPDATE (gl_account, name), INSERT, DELETE ON %1$I.control_account',
            'INSERT (as_of, gl_account, amount) ON %1$I.gl_balance',
            'EXECUTE ON FUNCTION %1$I.correct_due_date(bigint, date, text, integer), %1$I.close_period(date, boolean), %1$I.merge_customer(bigint, bigint, text)',
            'INSERT ON %1$I.exchange_rate, %1$I.credit_limit, %1$I.dunning_strategy, %1$I.dunning_step',
            'UPDATE ON %1$I.dunning_strategy, %1$I.dunning_step',
            'DELETE ON %1$I.dunning_step',
            'UPDATE (mode, pinned_date, on_exceed, no_limit, default_limit, log_passes, opening_notices, max_rate_age) ON %1$I.ledger',
            'UPDATE (risk_class, blocked), INSERT (risk_class, blocked) ON %1$I.customer',
            'EXECUTE ON FUNCTION %1$I.release_order(bigint, text, boolean, integer, text, numeric), %1$I.approve_action(bigint),
                %1$I.run_daily(date, integer), %1$I.rebuild()'
        ] LOOP
            EXECUTE format('GRANT ' || statement || ' TO %2$I', ledger, role_name);
        END LOOP;
    END IF;
END $$;
COMMENT ON FUNCTION credit_risk.grant_ledger_access(text, text, text) IS
'Grants a role access to a ledger: reader (views and questions), clerk (and master data, orders, deliveries, invoices, payments), collector (and the dunning queue), manager (and exchange rates, limits, releases, strategies, settings, run_daily, rebuild). Each level includes those before. For the ledger''s owner.';
