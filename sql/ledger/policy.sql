-- The credit policy: which checks an order, a delivery or an invoice must pass.
--
-- A rule compares one figure of the customer or the document with a threshold.
-- Every kind of rule is a row of blocking_rule_kind, so all are judged, kept
-- and explained in the same way. Rules are facts of a policy: they come with
-- one version and go with a later one, so that any decision can be judged again
-- as it was, or by a policy that is not in force.

CREATE TABLE credit_policy (
    policy      text PRIMARY KEY CHECK (policy <> ''),
    version     integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    note        text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT credit_risk.acting_role()
);
COMMENT ON TABLE credit_policy IS 'Policies (politiques de crédit): sets of blocking rules. ledger.policy names the one in force; others are tried by replay.';
COMMENT ON COLUMN credit_policy.policy IS 'Name.';
COMMENT ON COLUMN credit_policy.version IS 'Its present version: one more with every change of its rules. Written by the ledger.';
COMMENT ON COLUMN credit_policy.note IS 'What it is for.';
COMMENT ON COLUMN credit_policy.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN credit_policy.recorded_by IS 'Role that recorded it.';
INSERT INTO credit_policy (policy, note) VALUES ('standard', 'The policy that a new ledger begins with; it has no rules until some are added.');

ALTER TABLE ledger ADD CONSTRAINT ledger_policy_exists FOREIGN KEY (policy) REFERENCES credit_policy ON UPDATE RESTRICT ON DELETE RESTRICT;

CREATE FUNCTION policy_in_force() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT policy FROM ledger $$;
COMMENT ON FUNCTION policy_in_force() IS 'Name of the policy in force. Runs as the owner, as a default of credit_decision.';

CREATE FUNCTION policy_version_in_force() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT p.version FROM ledger l JOIN credit_policy p USING (policy) $$;
COMMENT ON FUNCTION policy_version_in_force() IS 'Version of the policy in force. Runs as the owner, as a default of credit_decision.';

CREATE TABLE blocking_rule_kind (
    kind        text PRIMARY KEY CHECK (kind ~ '^[a-z_]+$'),
    figure      text NOT NULL CHECK (figure ~ '^[a-z0-9_]+$'),
    comparison  text NOT NULL DEFAULT '>' CHECK (comparison IN ('>', '>=', '<')),
    condition   text CHECK (condition ~ '^[a-z0-9_]+$'),
    passes_prepaid boolean NOT NULL DEFAULT true,
    reason_en   text NOT NULL CHECK (reason_en <> ''),
    reason_fr   text NOT NULL CHECK (reason_fr <> ''),
    cure_en     text NOT NULL CHECK (cure_en <> ''),
    cure_fr     text NOT NULL CHECK (cure_fr <> '')
);
COMMENT ON TABLE blocking_rule_kind IS
'Kinds of blocking rules: the figure of credit_figures() that each compares with its threshold, and how a decision says so.';
COMMENT ON COLUMN blocking_rule_kind.kind IS 'Name; also the code of the reason in credit_decision.reasons.';
COMMENT ON COLUMN blocking_rule_kind.figure IS 'Figure that is compared; where it is unknown (NULL) the rule does not fire.';
COMMENT ON COLUMN blocking_rule_kind.comparison IS 'The rule fires when figure > threshold, figure >= threshold, or figure < threshold.';
COMMENT ON COLUMN blocking_rule_kind.condition IS 'Figure that must also reach blocking_rule.min_amount; NULL = min_amount has no meaning for this kind.';
COMMENT ON COLUMN blocking_rule_kind.passes_prepaid IS 'true: a document that is paid before delivery (figure prepaid) does not meet it, since it takes no credit.';
COMMENT ON COLUMN blocking_rule_kind.reason_en IS 'The reason in English; names of figures in braces, {threshold} and {beyond} (figure less threshold) are filled in.';
COMMENT ON COLUMN blocking_rule_kind.reason_fr IS 'The same in French.';
COMMENT ON COLUMN blocking_rule_kind.cure_en IS 'What would cure it, in English.';
COMMENT ON COLUMN blocking_rule_kind.cure_fr IS 'The same in French.';

-- Other rooms add theirs beside the figures that they compute.
INSERT INTO blocking_rule_kind (kind, figure, comparison, condition, reason_en, reason_fr, cure_en, cure_fr) VALUES
('credit_limit_exceeded', 'excess', '>', NULL,
 'exposure with it is {excess} over the limit of {credit_limit}', 'l''encours dépasse de {excess} le plafond de {credit_limit}',
 'passes once exposure has fallen by {beyond} or the limit is at least {exposure_after}', 'passe dès que l''encours a baissé de {beyond} ou que le plafond atteint {exposure_after}'),
('group_limit_exceeded', 'group_excess', '>', NULL,
 'the group''s exposure with it is {group_excess} over its limit', 'l''encours du groupe dépasse de {group_excess} son plafond',
 'passes once the group''s exposure has fallen by {beyond} or its limit is raised by as much', 'passe dès que l''encours du groupe a baissé de {beyond} ou que son plafond est relevé d''autant'),
('no_credit_limit', 'no_limit', '>', NULL,
 'no credit limit is decided', 'aucun plafond n''est décidé',
 'passes with a limit of at least {exposure_after}', 'passe avec un plafond d''au moins {exposure_after}'),
('customer_blocked', 'blocked', '>', NULL,
 'the customer is blocked', 'le client est bloqué',
 'passes once the customer is unblocked', 'passe dès que le client est débloqué'),
('maximum_document_value', 'document_value', '>', NULL,
 'the document of {document_value} is above the maximum document value of {threshold}', 'le document de {document_value} dépasse le plafond par commande de {threshold}',
 'passes up to {threshold}, or paid before delivery', 'passe jusqu''à {threshold}, ou payée avant livraison'),
('oldest_open_item', 'oldest_overdue_days', '>', 'overdue',
 'the oldest item is {oldest_overdue_days} days overdue, more than {threshold}', 'la plus ancienne échéance a {oldest_overdue_days} jours de retard, plus de {threshold}',
 'passes once what is overdue by more than {threshold} days is paid', 'passe dès que ce qui a plus de {threshold} jours de retard est réglé'),
('overdue_amount', 'overdue', '>', NULL,
 '{overdue} is overdue, more than {threshold}', 'l''échu est de {overdue}, plus de {threshold}',
 'passes once at most {threshold} is overdue', 'passe dès que l''échu ne dépasse plus {threshold}'),
('overdue_share', 'overdue_pct', '>', 'overdue',
 '{overdue_pct} % of open items is overdue, more than {threshold} %', 'l''échu est de {overdue_pct} % des factures ouvertes, plus de {threshold} %',
 'passes once at most {threshold} % is overdue', 'passe dès que l''échu ne dépasse plus {threshold} %'),
('dunning_level', 'dunning_level', '>=', NULL,
 'dunning level {dunning_level} is reached, threshold {threshold}', 'le niveau de relance {dunning_level} est atteint, seuil {threshold}',
 'passes once no item stands at level {threshold} or above', 'passe dès qu''aucune facture n''est au niveau {threshold} ou plus'),
('payment_index', 'payment_index', '<', NULL,
 'the payment index is {payment_index}, below {threshold}', 'l''indice de paiement est de {payment_index}, en dessous de {threshold}',
 'passes once the index is at least {threshold}', 'passe dès que l''indice atteint {threshold}'),
('broken_promises', 'broken_promises', '>=', NULL,
 'promises broken in 90 days: {broken_promises}, threshold {threshold}', 'promesses rompues en 90 jours : {broken_promises}, seuil {threshold}',
 'passes once fewer than {threshold} promises of the last 90 days are broken', 'passe dès qu''il y a moins de {threshold} promesses rompues sur 90 jours'),
('days_beyond_terms', 'days_beyond_terms', '>', NULL,
 'the customer pays {days_beyond_terms} days beyond terms on average, more than {threshold}', 'le client paie en moyenne {days_beyond_terms} jours après l''échéance, plus de {threshold}',
 'passes once the mean delay of 12 months is at most {threshold} days', 'passe dès que le retard moyen sur 12 mois est d''au plus {threshold} jours'),
('collective_proceedings', 'in_proceedings', '>', NULL,
 'the customer is under collective proceedings', 'le client est en procédure collective',
 'passes only when paid before delivery', 'ne passe que payée avant livraison'),
('unpaid_return', 'unpaid_returns', '>=', NULL,
 'payments returned for want of funds in 90 days: {unpaid_returns}', 'impayés pour défaut de provision en 90 jours : {unpaid_returns}',
 'passes once what came back is paid and a person overrides, or after the 90 days', 'passe quand l''impayé est réglé et qu''une personne déroge, ou au terme des 90 jours'),
('review_overdue', 'review_overdue_days', '>', 'exposure_after',
 'the credit review is {review_overdue_days} days late, more than {threshold}', 'la revue du dossier a {review_overdue_days} jours de retard, plus de {threshold}',
 'passes once the credit file is reviewed', 'passe dès que le dossier est revu'),
('unscored', 'unscored', '>', NULL,
 'the customer has no risk class', 'le client n''a pas de classe de risque',
 'passes once a risk class is given', 'passe dès qu''une classe de risque est attribuée');

UPDATE blocking_rule_kind SET passes_prepaid = false WHERE kind = 'customer_blocked';

CREATE TABLE blocking_rule (
    rule_id        bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    policy         text NOT NULL DEFAULT policy_in_force() REFERENCES credit_policy ON UPDATE RESTRICT ON DELETE RESTRICT,
    kind           text NOT NULL REFERENCES blocking_rule_kind ON UPDATE RESTRICT ON DELETE RESTRICT,
    checkpoint     text NOT NULL DEFAULT 'order' CHECK (checkpoint IN ('order', 'delivery', 'invoice')),
    customer_id    bigint REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    policy_group   text CHECK (policy_group <> ''),
    risk_class     text CHECK (risk_class ~ '^[A-Z]$'),
    action         text NOT NULL CHECK (action IN ('warn', 'hold', 'reject', 'exclude')),
    threshold      numeric CHECK (threshold > -1e18 AND threshold < 1e18),
    threshold_pct  numeric CHECK (threshold_pct >= 0 AND threshold_pct < 1e6),
    min_amount     numeric CHECK (min_amount >= 0 AND min_amount < 1e18),
    month_end_days integer CHECK (month_end_days BETWEEN 1 AND 31),
    note           text,
    since_version  integer NOT NULL,
    until_version  integer,
    recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by    text NOT NULL DEFAULT credit_risk.acting_role(),
    retired_at     timestamptz,
    retired_by     text,
    CONSTRAINT blocking_rule_is_for_one_level CHECK (num_nonnulls(customer_id, policy_group, risk_class) <= 1),
    CONSTRAINT blocking_rule_compares_unless_it_excludes CHECK ((action = 'exclude') = (num_nonnulls(threshold, threshold_pct) = 0))
);
CREATE INDEX blocking_rule_policy ON blocking_rule (policy, checkpoint);
COMMENT ON TABLE blocking_rule IS
'Blocking rules (règles de blocage) of a policy. A rule is for all customers, a risk class, a policy group or one customer; all that apply are judged and every reason is kept. A rule of action exclude cancels those of its kind and checkpoint that are less specific than itself. Rules are added and retired, never changed.';
COMMENT ON COLUMN blocking_rule.rule_id IS 'Key.';
COMMENT ON COLUMN blocking_rule.policy IS 'The policy; left out: the one in force.';
COMMENT ON COLUMN blocking_rule.kind IS 'What is compared.';
COMMENT ON COLUMN blocking_rule.checkpoint IS 'order (default), delivery or invoice.';
COMMENT ON COLUMN blocking_rule.customer_id IS 'Only this customer: the most specific level.';
COMMENT ON COLUMN blocking_rule.policy_group IS 'Only customers of this policy group: more specific than a risk class.';
COMMENT ON COLUMN blocking_rule.risk_class IS 'Only this risk class. Customers without a class are judged as class C.';
COMMENT ON COLUMN blocking_rule.action IS 'warn, hold, reject (error CR001), or exclude.';
COMMENT ON COLUMN blocking_rule.threshold IS 'Fires beyond it, in the unit of the figure: days, base currency, percent, a count.';
COMMENT ON COLUMN blocking_rule.threshold_pct IS 'Threshold as percent of the credit limit in force; of the two the smaller counts. NULL limit: only threshold counts.';
COMMENT ON COLUMN blocking_rule.min_amount IS 'Base currency: fires only where the condition of its kind (mostly what is overdue) reaches it; NULL = always.';
COMMENT ON COLUMN blocking_rule.month_end_days IS 'Applies only in the last so many days of a month (fenêtre de fin de mois); NULL = always.';
COMMENT ON COLUMN blocking_rule.note IS 'Why it is there.';
COMMENT ON COLUMN blocking_rule.since_version IS 'First version of the policy that has it; written by the ledger.';
COMMENT ON COLUMN blocking_rule.until_version IS 'First version without it; NULL = it is in the present one. Written by the ledger.';
COMMENT ON COLUMN blocking_rule.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN blocking_rule.recorded_by IS 'Role that recorded it; written by the ledger.';
COMMENT ON COLUMN blocking_rule.retired_at IS 'When it was retired; written by the ledger.';
COMMENT ON COLUMN blocking_rule.retired_by IS 'Role that retired it; written by the ledger.';

CREATE FUNCTION blocking_rule_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    present integer;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a blocking rule is retired, not deleted'
            USING ERRCODE = 'CR010', HINT = format('retire_rule(%s)', OLD.rule_id);
    END IF;
    -- Whoever changes the rules of a policy waits for the other.
    SELECT p.version INTO present FROM credit_policy p WHERE p.policy = NEW.policy FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'policy "%" does not exist', NEW.policy
            USING ERRCODE = 'foreign_key_violation', HINT = 'INSERT INTO credit_policy (policy, note) makes one.';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.since_version := present + 1;
        NEW.until_version := NULL;
        NEW.recorded_at := clock_timestamp();
        NEW.recorded_by := credit_risk.acting_role();
        NEW.retired_at := NULL;
        NEW.retired_by := NULL;
    ELSIF OLD.until_version IS NOT NULL OR NEW.until_version IS NULL
          OR to_jsonb(NEW) - 'until_version' <> to_jsonb(OLD) - 'until_version' THEN
        RAISE EXCEPTION 'blocking rule % does not change', OLD.rule_id
            USING ERRCODE = 'CR010', HINT = 'Retire it by retire_rule() and add another: decisions taken by it stay explained.';
    ELSE
        NEW.until_version := present + 1;
        NEW.retired_at := clock_timestamp();
        NEW.retired_by := credit_risk.acting_role();
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION blocking_rule_before() IS
'Trigger of blocking_rule: a rule comes with the next version of its policy and goes with a later one; nothing else of it changes (CR010); 23503 for a policy that there is not. Runs as the owner: the version is nobody''s to write.';
CREATE TRIGGER credit_risk_rule BEFORE INSERT OR UPDATE OR DELETE ON blocking_rule
FOR EACH ROW EXECUTE FUNCTION blocking_rule_before();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON blocking_rule
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION policy_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE credit_policy p SET version = p.version + 1 WHERE p.policy IN (SELECT n.policy FROM new_rows n);
    UPDATE ledger SET policy = policy;      -- every session reads its settings again
    RETURN NULL;
END $$;
COMMENT ON FUNCTION policy_changed() IS
'Trigger of blocking_rule: a statement that changes the rules of a policy makes its next version, known to every session at COMMIT. Runs as the owner.';
CREATE TRIGGER credit_risk_version AFTER INSERT ON blocking_rule
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION policy_changed();
CREATE TRIGGER credit_risk_retired AFTER UPDATE ON blocking_rule
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION policy_changed();

CREATE FUNCTION retire_rule(rule_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    version integer;
BEGIN
    UPDATE blocking_rule r SET until_version = 0 WHERE r.rule_id = retire_rule.rule_id AND r.until_version IS NULL
    RETURNING r.until_version INTO version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'blocking rule % is not in force', coalesce(retire_rule.rule_id::text, 'NULL')
            USING ERRCODE = 'CR012', HINT = 'rule_in_force lists the rules.';
    END IF;
    RETURN version;
END $$;
COMMENT ON FUNCTION retire_rule(bigint) IS
'Takes a blocking rule out of its policy and returns the first version without it; decisions taken by it stay explained. CR012 if there is no such rule in force. Runs as the owner: rules are not written but by this and INSERT.';

CREATE VIEW rule_in_force AS
SELECT r.rule_id, r.policy, p.version, r.checkpoint, r.kind,
       CASE WHEN r.customer_id IS NOT NULL THEN 3 WHEN r.policy_group IS NOT NULL THEN 2 WHEN r.risk_class IS NOT NULL THEN 1 ELSE 0 END AS specificity,
       r.customer_id, r.policy_group, r.risk_class, r.action, r.threshold, r.threshold_pct, r.min_amount, r.month_end_days, r.note
FROM blocking_rule r JOIN credit_policy p USING (policy)
WHERE r.until_version IS NULL;
COMMENT ON VIEW rule_in_force IS
'The rules of the present version of every policy; that of ledger.policy is applied. specificity: 3 one customer, 2 a policy group, 1 a risk class, 0 all.';
