-- Risk actions: what to ask of a customer whose figures break the policy.
--
-- Proposals are read from the rules that fire; a person takes or declines one,
-- and that is on record.

CREATE TABLE risk_action_rule (
    kind          text NOT NULL REFERENCES blocking_rule_kind ON UPDATE RESTRICT ON DELETE RESTRICT,
    action        text NOT NULL CHECK (action IN ('deposit', 'guarantee', 'shorter_terms', 'safer_payment_method', 'cash_only', 'payment_plan', 'lower_limit', 'review')),
    amount_figure text CHECK (amount_figure ~ '^[a-z0-9_]+$'),
    words_en      text NOT NULL CHECK (words_en <> ''),
    words_fr      text NOT NULL CHECK (words_fr <> ''),
    PRIMARY KEY (kind, action)
);
COMMENT ON TABLE risk_action_rule IS
'What to propose when a blocking rule of a kind fires (revoir les conditions ou demander des garanties). Yours to change and extend.';
COMMENT ON COLUMN risk_action_rule.kind IS 'Kind of the blocking rule.';
COMMENT ON COLUMN risk_action_rule.action IS 'deposit (acompte), guarantee (caution, garantie), shorter_terms (délais plus courts), safer_payment_method (traite acceptée, prélèvement), cash_only (paiement comptant), payment_plan (échéancier), lower_limit (baisse du plafond) or review (revue du dossier).';
COMMENT ON COLUMN risk_action_rule.amount_figure IS 'Figure of the check that says how much, base currency; NULL = no amount.';
COMMENT ON COLUMN risk_action_rule.words_en IS 'The proposal in English; {figure}, {threshold} and {amount} are filled in.';
COMMENT ON COLUMN risk_action_rule.words_fr IS 'The same in French.';

-- Kinds that this ledger does not have are left out.
INSERT INTO risk_action_rule (kind, action, amount_figure, words_en, words_fr)
SELECT v.* FROM (VALUES
    ('credit_limit_exceeded', 'guarantee', 'excess', 'ask for a guarantee of {amount}, what is over the limit', 'demander une caution ou garantie de {amount}, le dépassement du plafond'),
    ('credit_limit_exceeded', 'deposit', 'excess', 'ask for a down payment of {amount}', 'demander un acompte de {amount}'),
    ('group_limit_exceeded', 'guarantee', 'group_excess', 'ask for a guarantee of the parent for {amount}', 'demander une garantie de la maison mère de {amount}'),
    ('overdue_amount', 'deposit', 'overdue', 'deliver against a down payment until {amount} is paid', 'livrer contre acompte tant que {amount} ne sont pas réglés'),
    ('overdue_amount', 'payment_plan', 'overdue', 'agree on a payment plan for {amount}', 'convenir d''un échéancier pour {amount}'),
    ('oldest_open_item', 'deposit', 'overdue', 'deliver against a down payment until {amount} is paid', 'livrer contre acompte tant que {amount} ne sont pas réglés'),
    ('overdue_share', 'shorter_terms', NULL, '{overdue_pct} % is overdue: shorten the payment terms', '{overdue_pct} % sont échus : réduire les délais de paiement'),
    ('dunning_level', 'deposit', 'overdue', 'dunning level {dunning_level}: deliver against a down payment', 'niveau de relance {dunning_level} : livrer contre acompte'),
    ('payment_index', 'shorter_terms', NULL, 'the payment index is {payment_index}: shorten the payment terms', 'indice de paiement {payment_index} : réduire les délais de paiement'),
    ('days_beyond_terms', 'shorter_terms', NULL, 'pays {days_beyond_terms} days late: shorten the payment terms', 'paie avec {days_beyond_terms} jours de retard : réduire les délais de paiement'),
    ('days_beyond_terms', 'safer_payment_method', NULL, 'take a direct debit or an accepted draft', 'passer au prélèvement ou à la traite acceptée'),
    ('broken_promises', 'deposit', 'overdue', '{broken_promises} promises were broken: deliver against a down payment', '{broken_promises} promesses rompues : livrer contre acompte'),
    ('collective_proceedings', 'cash_only', NULL, 'deliver against payment before delivery only', 'livrer contre paiement avant livraison seulement'),
    ('unpaid_return', 'cash_only', NULL, '{unpaid_returns} payments came back: payment before delivery', '{unpaid_returns} impayés : paiement avant livraison'),
    ('unpaid_return', 'safer_payment_method', NULL, 'take transfers instead of cheques and debits', 'exiger un virement'),
    ('review_overdue', 'review', NULL, 'review the credit file, {review_overdue_days} days late', 'revoir le dossier, {review_overdue_days} jours de retard'),
    ('unscored', 'review', NULL, 'give a risk class', 'attribuer une classe de risque'),
    ('no_credit_limit', 'review', NULL, 'decide a credit limit', 'décider un plafond'),
    ('deposit_missing', 'deposit', 'deposit_missing', 'collect the down payment of {amount} that is missing', 'encaisser l''acompte de {amount} qui manque'),
    ('unsecured_order', 'guarantee', 'order_uncovered', 'ask for a letter of credit or guarantee of {amount}', 'demander un crédit documentaire ou une garantie de {amount}'),
    ('own_risk', 'guarantee', 'own_risk', 'ask for a guarantee of {amount}, our own risk', 'demander une caution ou garantie de {amount}, notre risque propre'),
    ('over_cover', 'guarantee', 'cover_excess', 'ask for a guarantee of {amount}, beyond the cover', 'demander une caution ou garantie de {amount}, au-delà de la couverture'),
    ('cover_withdrawn', 'cash_only', NULL, 'the insurer withdrew: payment before delivery', 'garantie de l''assureur retirée : paiement avant livraison'),
    ('cover_withdrawn', 'lower_limit', NULL, 'lower the credit limit', 'baisser le plafond'),
    ('past_extension', 'cash_only', NULL, 'an item passed the insurer''s maximum extension: payment before delivery', 'échéance au-delà du délai maximum de prorogation : paiement avant livraison'),
    ('uninsured_budget', 'guarantee', 'uninsured_budget_excess', 'the budget of own risk is used up: ask for a guarantee', 'le budget de risque propre est épuisé : demander une garantie'),
    ('terms_above_legal', 'shorter_terms', NULL, 'bring the terms back to the legal maximum', 'ramener les délais au maximum légal'),
    ('terms_above_class', 'shorter_terms', NULL, 'bring the terms back to what the risk class allows', 'ramener les délais à ceux de la classe de risque'),
    ('payment_method', 'safer_payment_method', NULL, 'take a means of payment that the risk class allows', 'prendre un mode de règlement permis pour la classe')
) v (kind, action, amount_figure, words_en, words_fr) JOIN blocking_rule_kind k USING (kind);

CREATE FUNCTION risk_action(customer_id bigint)
RETURNS TABLE (action text, reason text, rule_id bigint, checkpoint text, amount numeric, words_en text, words_fr text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    figures jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM credit_account a WHERE a.customer_id = risk_action.customer_id AND may_see(a.customer_id)) THEN
        RAISE EXCEPTION 'customer % has no credit account', coalesce(risk_action.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code; a site is judged by its payer.';
    END IF;
    SELECT document_figures(credit_figures(a.customer_id), '{}', a.exposure, a.exposure) INTO figures
    FROM credit_account a WHERE a.customer_id = risk_action.customer_id;
    RETURN QUERY
    SELECT r.action, k.kind, k.rule_id, c.checkpoint, v.amount,
           fill_words(r.words_en, f.figures), fill_words(r.words_fr, f.figures, 'fr')
    FROM unnest('{order,delivery}'::text[]) WITH ORDINALITY c (checkpoint, place)
    CROSS JOIN LATERAL judge_credit(figures->>'policy', (figures->>'policy_version')::integer, c.checkpoint, figures) j
    CROSS JOIN LATERAL jsonb_to_recordset(j.results) k (rule_id bigint, kind text, threshold numeric, fired boolean)
    JOIN risk_action_rule r USING (kind)
    CROSS JOIN LATERAL (SELECT (figures->>r.amount_figure)::numeric AS amount) v
    CROSS JOIN LATERAL (SELECT figures || jsonb_build_object('threshold', k.threshold, 'amount', v.amount) AS figures) f
    WHERE k.fired AND k.rule_id IS NOT NULL
    ORDER BY c.place, k.rule_id, r.action;
END $$;
COMMENT ON FUNCTION risk_action(bigint) IS
'What to ask of a customer (actions proposées), read from its present figures and the rules of the policy in force: per rule that fires at the order or the delivery, the action, the kind of rule as reason, the rule''s id, how much (base currency, NULL = no amount) and words. Changes nothing; take_risk_action() records what a person decides. No rows where no rule fires; CR004 for no such payer. Runs as the owner, as credit_figures().';

CREATE TABLE risk_action_decision (
    customer_id             bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    risk_action_decision_id bigint GENERATED BY DEFAULT AS IDENTITY,
    rule_id                 bigint NOT NULL REFERENCES blocking_rule ON UPDATE RESTRICT ON DELETE RESTRICT,
    action                  text NOT NULL CHECK (action <> ''),
    decision                text NOT NULL CHECK (decision IN ('taken', 'declined')),
    amount                  numeric CHECK (amount >= 0 AND amount < 1e18),
    words                   text NOT NULL,
    motive                  text NOT NULL CHECK (motive <> ''),
    decided_on              date NOT NULL DEFAULT business_date(),
    recorded_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by             text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, risk_action_decision_id)
);
COMMENT ON TABLE risk_action_decision IS 'Facts: proposed risk actions that a person took or declined.';
COMMENT ON COLUMN risk_action_decision.customer_id IS 'The customer.';
COMMENT ON COLUMN risk_action_decision.risk_action_decision_id IS 'Key.';
COMMENT ON COLUMN risk_action_decision.rule_id IS 'The blocking rule that proposed it.';
COMMENT ON COLUMN risk_action_decision.action IS 'What was proposed, as risk_action_rule.action.';
COMMENT ON COLUMN risk_action_decision.decision IS 'taken or declined.';
COMMENT ON COLUMN risk_action_decision.amount IS 'How much, base currency; NULL = no amount.';
COMMENT ON COLUMN risk_action_decision.words IS 'The proposal as it read then, in the customer''s language (French, else English).';
COMMENT ON COLUMN risk_action_decision.motive IS 'Why it was taken or declined.';
COMMENT ON COLUMN risk_action_decision.decided_on IS 'Business date.';
COMMENT ON COLUMN risk_action_decision.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN risk_action_decision.recorded_by IS 'Role that decided.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON risk_action_decision
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON risk_action_decision
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION decide_risk_action(customer_id bigint, action text, rule_id bigint, decision text, motive text, amount numeric) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    proposed record;
    written bigint;
BEGIN
    IF coalesce(motive, '') = '' THEN
        RAISE EXCEPTION 'a risk action is decided for a motive' USING ERRCODE = '22023', HINT = 'Say why in the argument "motive".';
    ELSIF amount < 0 THEN
        RAISE EXCEPTION 'argument "amount" must be 0 or more' USING ERRCODE = '22023';
    END IF;
    SELECT p.*, c.language INTO proposed FROM risk_action(decide_risk_action.customer_id) p JOIN customer c ON c.customer_id = decide_risk_action.customer_id
    WHERE p.action = decide_risk_action.action AND p.rule_id = decide_risk_action.rule_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not proposed to customer % by rule %', coalesce(quote_literal(decide_risk_action.action), 'NULL'),
                        decide_risk_action.customer_id, coalesce(decide_risk_action.rule_id::text, 'NULL')
            USING ERRCODE = 'CR012', HINT = 'risk_action() lists what is proposed now.';
    END IF;
    INSERT INTO risk_action_decision (customer_id, rule_id, action, decision, amount, words, motive)
    VALUES (decide_risk_action.customer_id, proposed.rule_id, proposed.action, decide_risk_action.decision, coalesce(decide_risk_action.amount, proposed.amount),
            CASE WHEN proposed.language = 'fr' THEN proposed.words_fr ELSE proposed.words_en END, decide_risk_action.motive)
    RETURNING risk_action_decision_id INTO written;
    IF decision = 'taken' AND proposed.action IN ('deposit', 'cash_only') THEN
        -- A stricter mode is not loosened by a milder action.
        UPDATE customer c SET credit_mode = CASE proposed.action WHEN 'deposit' THEN 'deposit' ELSE 'cash_only' END
        WHERE c.customer_id = decide_risk_action.customer_id AND c.credit_mode <> 'cash_only' AND c.credit_mode <> proposed.action;
        PERFORM touch_accounts(ARRAY[decide_risk_action.customer_id]);
    ELSIF decision = 'taken' THEN
        PERFORM open_task(decide_risk_action.customer_id, 'risk_action_' || proposed.action,
                          CASE WHEN proposed.language = 'fr' THEN proposed.words_fr ELSE proposed.words_en END);
    END IF;
    RETURN written;
END $$;
COMMENT ON FUNCTION decide_risk_action(bigint, text, bigint, text, text, numeric) IS
'Records that a proposed risk action was taken or declined; for take_risk_action() and decline_risk_action(). Runs as the owner: decisions are nobody''s to write.';

CREATE FUNCTION take_risk_action(customer_id bigint, action text, rule_id bigint, motive text, amount numeric DEFAULT NULL) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT decide_risk_action(take_risk_action.customer_id, take_risk_action.action, take_risk_action.rule_id, 'taken', take_risk_action.motive, take_risk_action.amount) $$;
COMMENT ON FUNCTION take_risk_action(bigint, text, bigint, text, numeric) IS
'A person takes a proposed risk action, with a motive and an amount (NULL = as proposed): on record, with the rule that proposed it. deposit and cash_only set customer.credit_mode, which nothing but a person ever does; any other opens a task. Returns the id of the row of risk_action_decision. CR012 if that is not proposed now, CR004 for no such payer, 22023 without a motive. For managers; runs as the owner.';

CREATE FUNCTION decline_risk_action(customer_id bigint, action text, rule_id bigint, motive text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT decide_risk_action(decline_risk_action.customer_id, decline_risk_action.action, decline_risk_action.rule_id, 'declined', decline_risk_action.motive, NULL) $$;
COMMENT ON FUNCTION decline_risk_action(bigint, text, bigint, text) IS
'A person declines a proposed risk action, with a motive: on record, nothing else changes. Returns the id of the row of risk_action_decision. Errors as take_risk_action(). For managers; runs as the owner.';
