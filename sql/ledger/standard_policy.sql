-- The policy that is shipped: which orders and deliveries stop, by risk class.
-- It is data: load it, and then retire and add rules as the house wants them.

CREATE FUNCTION load_standard_policy(policy text DEFAULT NULL, insured boolean DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    target text := coalesce(policy, policy_in_force());
BEGIN
    INSERT INTO credit_policy (policy, note) VALUES (target, 'The standard policy') ON CONFLICT DO NOTHING;
    IF EXISTS (SELECT FROM rule_in_force r WHERE r.policy = target) THEN
        RAISE EXCEPTION 'policy "%" has rules already', target
            USING ERRCODE = 'CR012', HINT = 'Retire them by retire_rule(), or load the standard rules into another policy and try it by replay_decisions().';
    END IF;
    INSERT INTO blocking_rule (policy, checkpoint, kind, risk_class, action, threshold, threshold_pct, min_amount, note)
    SELECT target, 'order', v.*
    FROM (VALUES
        -- above the limit: warn within the tolerance, hold beyond it
        ('credit_limit_exceeded', 'A', 'warn', 0, NULL, NULL, NULL),
        ('credit_limit_exceeded', 'A', 'hold', 5000, 10, NULL, 'tolerance above the limit'),
        ('credit_limit_exceeded', 'B', 'warn', 0, NULL, NULL, NULL),
        ('credit_limit_exceeded', 'B', 'hold', 2000, 5, NULL, 'tolerance above the limit'),
        ('credit_limit_exceeded', 'C', 'hold', 0, NULL, NULL, NULL),
        ('credit_limit_exceeded', 'D', 'hold', 0, NULL, NULL, NULL),
        ('credit_limit_exceeded', 'E', 'hold', 0, NULL, NULL, NULL),
        -- one order takes too much of the limit
        ('maximum_document_value', 'A', 'hold', NULL, 80, NULL, 'share of the limit'),
        ('maximum_document_value', 'B', 'hold', NULL, 60, NULL, 'share of the limit'),
        ('maximum_document_value', 'C', 'hold', NULL, 50, NULL, 'share of the limit'),
        ('maximum_document_value', 'D', 'hold', NULL, 30, NULL, 'share of the limit'),
        ('maximum_document_value', 'E', 'hold', 0, NULL, NULL, 'nothing on credit'),
        -- the oldest undisputed item, where enough is overdue
        ('oldest_open_item', 'A', 'warn', 30, NULL, 2000, NULL), ('oldest_open_item', 'A', 'hold', 60, NULL, 2000, NULL),
        ('oldest_open_item', 'B', 'warn', 20, NULL, 1000, NULL), ('oldest_open_item', 'B', 'hold', 45, NULL, 1000, NULL),
        ('oldest_open_item', 'C', 'warn', 10, NULL, 500, NULL), ('oldest_open_item', 'C', 'hold', 30, NULL, 500, NULL),
        ('oldest_open_item', 'D', 'warn', 3, NULL, 150, NULL), ('oldest_open_item', 'D', 'hold', 10, NULL, 150, NULL),
        ('oldest_open_item', 'E', 'hold', 1, NULL, NULL, NULL),
        -- the share of what is open that is overdue
        ('overdue_share', 'A', 'hold', 40, NULL, 1000, NULL), ('overdue_share', 'B', 'hold', 30, NULL, 1000, NULL),
        ('overdue_share', 'C', 'hold', 20, NULL, 1000, NULL), ('overdue_share', 'D', 'hold', 10, NULL, 1000, NULL),
        ('overdue_share', 'E', 'hold', 0, NULL, NULL, NULL),
        ('dunning_level', 'A', 'hold', 4, NULL, NULL, NULL), ('dunning_level', 'B', 'hold', 4, NULL, NULL, NULL),
        ('dunning_level', 'C', 'hold', 3, NULL, NULL, NULL), ('dunning_level', 'D', 'hold', 2, NULL, NULL, NULL),
        ('dunning_level', 'E', 'hold', 1, NULL, NULL, NULL),
        ('broken_promises', 'A', 'hold', 3, NULL, NULL, NULL), ('broken_promises', 'B', 'hold', 2, NULL, NULL, NULL),
        ('broken_promises', 'C', 'hold', 2, NULL, NULL, NULL), ('broken_promises', 'D', 'hold', 1, NULL, NULL, NULL),
        ('broken_promises', 'E', 'hold', 1, NULL, NULL, NULL),
        -- the review that is late, where there is something to review
        ('review_overdue', 'A', 'warn', 60, NULL, 5000, NULL), ('review_overdue', 'B', 'warn', 60, NULL, 5000, NULL),
        ('review_overdue', 'C', 'hold', 30, NULL, 5000, NULL), ('review_overdue', 'D', 'hold', 15, NULL, 5000, NULL),
        ('review_overdue', 'E', 'hold', 0, NULL, 5000, NULL),
        -- every class
        ('unpaid_return', NULL, 'hold', 1, NULL, NULL, 'until it is paid and released'),
        ('collective_proceedings', NULL, 'reject', 0, NULL, NULL, 'prepaid passes'),
        ('deposit_missing', NULL, 'hold', 0, NULL, NULL, 'down payment before production'),
        ('terms_above_class', NULL, 'hold', 0, NULL, NULL, NULL),
        ('terms_above_legal', NULL, 'reject', 0, NULL, NULL, 'Code de commerce L441-10'),
        ('payment_method', NULL, 'hold', 0, NULL, NULL, NULL),
        ('document_expired', NULL, 'warn', 0, NULL, NULL, 'Kbis, URSSAF, tax certificate'),
        ('over_cover', NULL, 'warn', 0, NULL, NULL, 'a projection: the delivery is the test'),
        ('trial_document', NULL, 'hold', 0, NULL, NULL, 'the bound that a trial limit sets to one order')
    ) v (kind, risk_class, action, threshold, threshold_pct, min_amount, note);
    INSERT INTO blocking_rule (policy, checkpoint, kind, risk_class, action, threshold, threshold_pct, min_amount, note)
    SELECT target, 'delivery', v.*
    FROM (VALUES
        -- what is promised may leave for 15 days more, but not for the worst classes
        ('oldest_open_item', 'A', 'hold', 75, NULL, 2000, NULL), ('oldest_open_item', 'B', 'hold', 60, NULL, 1000, NULL),
        ('oldest_open_item', 'C', 'hold', 45, NULL, 500, NULL), ('oldest_open_item', 'D', 'hold', 10, NULL, 150, NULL),
        ('oldest_open_item', 'E', 'hold', 1, NULL, NULL, NULL),
        -- own risk beyond cover and securities
        ('own_risk', 'A', 'hold', 50000, 50, NULL, NULL), ('own_risk', 'B', 'hold', 20000, 30, NULL, NULL),
        ('own_risk', 'C', 'hold', 5000, 10, NULL, NULL), ('own_risk', 'D', 'hold', 0, NULL, NULL, NULL), ('own_risk', 'E', 'hold', 0, NULL, NULL, NULL),
        ('customer_blocked', NULL, 'hold', 0, NULL, NULL, NULL),
        ('unpaid_return', NULL, 'hold', 1, NULL, NULL, NULL),
        ('collective_proceedings', NULL, 'hold', 0, NULL, NULL, 'prepaid passes'),
        ('cover_withdrawn', NULL, 'hold', 0, NULL, NULL, NULL),
        ('past_extension', NULL, 'hold', 0, NULL, NULL, 'an item passed the insurer''s maximum extension: stop shipment')
    ) v (kind, risk_class, action, threshold, threshold_pct, min_amount, note)
    WHERE v.kind NOT IN ('own_risk', 'cover_withdrawn', 'past_extension') OR coalesce(insured, EXISTS (SELECT FROM insurance_policy));
    INSERT INTO blocking_rule (policy, checkpoint, kind, action, threshold, note)
    VALUES (target, 'invoice', 'terms_above_legal', 'warn', 0, 'Code de commerce L441-10');
    RETURN (SELECT count(*) FROM rule_in_force r WHERE r.policy = target);
END $$;
COMMENT ON FUNCTION load_standard_policy(text, boolean) IS
'Loads the blocking rules of the standard policy (règles de blocage par classe) into a policy (NULL = the one in force) and returns their number: tolerance above the limit, share of the limit in one order, oldest item, overdue share, dunning level, broken promises, own risk at delivery, reviews, and what holds for every class. A customer without a class is judged as class C. What holds a delivery for want of cover (own risk, cover withdrawn, maximum extension passed) is loaded only where insured is true (NULL = whether there is an insurance policy): without an insurer all risk is one''s own. CR012 if the policy has rules. Needs the rights of a manager; runs as the owner.';
