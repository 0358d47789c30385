-- What is to be done about customers now, of every kind, in one place: the
-- worklist and the agenda are made of it.

CREATE TABLE worklist_setting (
    version         integer NOT NULL DEFAULT 1,
    max_rows        integer NOT NULL DEFAULT 50 CHECK (max_rows BETWEEN 1 AND 100000),
    min_points      integer NOT NULL DEFAULT 10,
    min_overdue     numeric NOT NULL DEFAULT 50 CHECK (min_overdue > 0 AND min_overdue < 1e18),
    departments     text[] NOT NULL DEFAULT '{collection,credit}',
    pre_due_amount  numeric DEFAULT 20000 CHECK (pre_due_amount > 0),
    pre_due_days    integer NOT NULL DEFAULT 5 CHECK (pre_due_days BETWEEN 0 AND 60),
    insurance_days  integer NOT NULL DEFAULT 15 CHECK (insurance_days BETWEEN 0 AND 365)
);
CREATE UNIQUE INDEX worklist_setting_one_row ON worklist_setting ((true));
COMMENT ON TABLE worklist_setting IS 'How long the worklist is and what gets on it (paramètres de la file de travail), one row; yours to change.';
COMMENT ON COLUMN worklist_setting.version IS 'Version of the rules that give points; written by the ledger.';
COMMENT ON COLUMN worklist_setting.max_rows IS 'At most so many customers for each collector; the others are counted in collection_workload.';
COMMENT ON COLUMN worklist_setting.min_points IS 'Customers with fewer points are not listed, but counted.';
COMMENT ON COLUMN worklist_setting.min_overdue IS 'What is to be collected below this, base currency, is no reason to be listed.';
COMMENT ON COLUMN worklist_setting.departments IS 'Whose tasks are the collectors'' work; those of other departments are not.';
COMMENT ON COLUMN worklist_setting.pre_due_amount IS 'Items of this open amount on, base currency, are called about before they fall due (appel préventif); NULL = none.';
COMMENT ON COLUMN worklist_setting.pre_due_days IS 'So many days before.';
COMMENT ON COLUMN worklist_setting.insurance_days IS 'A deadline of the credit insurer is work from so many days before it.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON worklist_setting
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO worklist_setting DEFAULT VALUES;

CREATE TABLE collection_action_kind (
    kind      text PRIMARY KEY CHECK (kind ~ '^[a-z_]+$'),
    rank      integer NOT NULL UNIQUE,
    urgency   integer NOT NULL CHECK (urgency >= 0),
    attention boolean NOT NULL DEFAULT true,
    name_en   text NOT NULL CHECK (name_en <> ''),
    name_fr   text NOT NULL CHECK (name_fr <> '')
);
COMMENT ON TABLE collection_action_kind IS 'Kinds of actions of the agenda (types d''action), and which goes first; the kinds are the ledger''s, the rest is yours to change.';
COMMENT ON COLUMN collection_action_kind.kind IS 'Code in collection_action.kind.';
COMMENT ON COLUMN collection_action_kind.rank IS 'Of several actions for a customer the lowest rank is the next.';
COMMENT ON COLUMN collection_action_kind.urgency IS 'Points that it adds to those of the customer when the agenda is ranked.';
COMMENT ON COLUMN collection_action_kind.attention IS 'true: an action of this kind brings the customer on the worklist by itself.';
COMMENT ON COLUMN collection_action_kind.name_en IS 'What to do, English.';
COMMENT ON COLUMN collection_action_kind.name_fr IS 'What to do, French.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON collection_action_kind
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO collection_action_kind (kind, rank, urgency, attention, name_en, name_fr) VALUES
    ('insurer_deadline', 1, 60, true,  'Meet a deadline of the credit insurer', 'Respecter une échéance de l''assureur-crédit'),
    ('call',             2, 30, true,  'Call the customer',                     'Appeler le client'),
    ('broken_promise',   3, 40, true,  'Speak about a broken promise',          'Traiter une promesse non tenue'),
    ('task',             4, 20, true,  'Do a task',                             'Traiter une tâche'),
    ('formal_notice',    5, 25, true,  'Approve a formal notice',               'Valider une mise en demeure'),
    ('dispute_deadline', 6, 20, true,  'Settle a dispute past its deadline',    'Trancher un litige hors délai'),
    ('follow_up',        7, 15, true,  'Follow up',                             'Relancer comme convenu'),
    ('visit',            8, 10, false, 'Visit the customer',                    'Visiter le client'),
    ('decision',         9, 10, true,  'Decide: the strategy has no further step', 'Décider : le scénario n''a plus d''étape'),
    ('pre_due_call',    10,  5, false, 'Call before a large item falls due',    'Appeler avant une grosse échéance');

-- A function and a view of it: functions have a setting, and to compile this
-- would cost more than to run it.
CREATE FUNCTION collection_actions()
RETURNS TABLE (customer_id bigint, kind text, from_on date, due_on date, amount numeric, owner text, invoice_id bigint, action_id bigint, task_id bigint,
               dispute_id bigint, visit_id bigint, reason text)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    -- Deadlines of the insurer that are not met; where the cover is lost there is nothing to save.
    SELECT d.customer_id, 'insurer_deadline' AS kind, d.deadline - s.insurance_days AS from_on, d.deadline AS due_on, d.insured_at_risk AS amount, NULL::text AS owner,
           d.invoice_id, NULL::bigint AS action_id, NULL::bigint AS task_id, NULL::bigint AS dispute_id, NULL::bigint AS visit_id,
           concat_ws(' ', d.obligation, d.policy_no, d.invoice_no) AS reason
    FROM insurance_deadline d CROSS JOIN worklist_setting s
    WHERE (SELECT count(*) > 0 FROM insurance_policy) AND d.done_on IS NULL AND d.obligation <> 'indemnity' AND NOT coalesce(d.lost, false)
    UNION ALL
    -- Calls and tasks of the dunning queue, while one of their items is open.
    SELECT q.customer_id, CASE WHEN q.internal THEN 'task' ELSE 'call' END, q.due_on, q.due_on, x.amount, t.owner, q.lead_invoice_id, q.action_id, q.task_id, NULL, NULL,
           format('level %s: %s', q.dunning_level, q.template)
    FROM dunning_action q LEFT JOIN task t USING (customer_id, task_id)
    CROSS JOIN LATERAL (SELECT sum(o.open_amount_base) AS amount FROM dunning_action_item i JOIN open_item o USING (customer_id, invoice_id, instalment_no, cycle)
                        WHERE i.customer_id = q.customer_id AND i.action_id = q.action_id) x
    WHERE q.status IN ('queued', 'claimed') AND q.channel IN ('call', 'task') AND x.amount IS NOT NULL
      AND (q.internal OR NOT EXISTS (SELECT FROM dunning_instruction i WHERE i.customer_id = q.customer_id AND i.kind = 'do_not_contact' AND i.closed_on IS NULL
                                     AND coalesce(i.until >= (SELECT business_date()), true)))
    UNION ALL
    -- To approve; not while all of it is placed, contested or promised.
    SELECT q.customer_id, 'formal_notice', q.due_on, q.due_on, x.amount, NULL, q.lead_invoice_id, q.action_id, NULL, NULL, NULL,
           format('level %s: %s', q.dunning_level, q.template)
    FROM dunning_action q
    CROSS JOIN LATERAL (SELECT sum(o.open_amount_base) AS amount FROM dunning_action_item i JOIN open_item o USING (customer_id, invoice_id, instalment_no, cycle)
                        WHERE i.customer_id = q.customer_id AND i.action_id = q.action_id AND NOT i.dropped
                          AND coalesce(case_hold(o) <= (SELECT business_date()), true)) x
    WHERE q.status = 'proposed' AND x.amount IS NOT NULL AND (SELECT l.mode FROM ledger l) = 'enforce'
    UNION ALL
    -- Tasks; that of a call of the queue stands there.
    SELECT t.customer_id, CASE WHEN t.kind IN ('promise_broken', 'plan_broken') THEN 'broken_promise' WHEN t.kind = 'follow_up' THEN 'follow_up' ELSE 'task' END,
           CASE WHEN t.kind IN ('promise_broken', 'plan_broken') THEN t.opened_on ELSE coalesce(t.due_on, t.opened_on) END, coalesce(t.due_on, t.opened_on),
           (SELECT sum(o.open_amount_base) FROM open_item o WHERE o.customer_id = t.customer_id AND o.invoice_id = t.invoice_id), t.owner,
           t.invoice_id, NULL, t.task_id, NULL, NULL, t.subject
    FROM task t CROSS JOIN worklist_setting s
    WHERE t.closed_on IS NULL AND (t.department = ANY (s.departments) OR t.kind IN ('promise_broken', 'plan_broken'))
      AND t.kind <> 'match_cash'
      AND NOT EXISTS (SELECT FROM dunning_action q WHERE q.customer_id = t.customer_id AND q.task_id = t.task_id AND q.status IN ('proposed', 'queued', 'claimed'))
    UNION ALL
    SELECT d.customer_id, 'dispute_deadline', d.deadline_on + 1, d.deadline_on, credit_risk.base_share(i.amount_base, i.amount, 0, d.amount), d.owner,
           d.invoice_id, NULL, NULL, d.dispute_id, NULL, concat_ws(': ', i.invoice_no, d.reason)
    FROM dispute d JOIN invoice i USING (customer_id, invoice_id)
    WHERE d.closed_on IS NULL
    UNION ALL
    SELECT v.customer_id, 'visit', v.planned_on, v.planned_on, NULL, v.visitor, NULL, NULL, NULL, NULL, v.visit_id,
           concat_ws(': ', 'visit by ' || replace(v.performed_by, '_', ' '), v.purpose)
    FROM visit v WHERE v.closed_on IS NULL
    UNION ALL
    -- Overdue, and no step of the strategy is left: somebody must decide.
    SELECT e.customer_id, 'decision', e.since, e.since, e.amount, NULL, e.invoice_id, NULL, NULL, NULL, NULL, format('%s items have passed every step', e.items)
    FROM (SELECT o.customer_id, max(o.stepped_on) + 1 AS since, sum(o.open_amount_base) AS amount, count(*) AS items,
                 (array_agg(o.invoice_id ORDER BY o.due_on, o.invoice_id))[1] AS invoice_id
          FROM open_item o JOIN credit_account b USING (customer_id)
          WHERE o.next_action_on IS NULL AND o.step_no > 0 AND NOT EXISTS (SELECT FROM dunning_step s WHERE s.strategy_id = b.strategy_id AND s.step_no > o.step_no)
            AND o.kind <> 'credit_note' AND coalesce(o.agreed_due_on, o.due_on) < (SELECT business_date())
            AND o.stepped_on IS NOT NULL
            AND NOT EXISTS (SELECT FROM dunning_stop x WHERE x.customer_id = o.customer_id AND x.invoice_id = o.invoice_id)
            AND NOT EXISTS (SELECT FROM dispute d WHERE d.customer_id = o.customer_id AND d.invoice_id = o.invoice_id AND d.closed_on IS NULL)
            AND NOT EXISTS (SELECT FROM litigation_case l WHERE l.customer_id = o.customer_id AND l.closed_on IS NULL)
          GROUP BY o.customer_id) e JOIN credit_account a USING (customer_id)
    WHERE e.amount > greatest(a.unapplied, 0)
    UNION ALL
    -- A large item that falls due soon, of a customer who was not spoken to about it.
    SELECT o.customer_id, 'pre_due_call', n.due_on - s.pre_due_days, n.due_on, o.open_amount_base, NULL, o.invoice_id, NULL, NULL, NULL, NULL,
           format('%s falls due on %s', i.invoice_no, n.due_on)
    FROM worklist_setting s JOIN open_item o ON o.open_amount_base >= s.pre_due_amount JOIN invoice i USING (customer_id, invoice_id)
    CROSS JOIN LATERAL (SELECT coalesce(o.agreed_due_on, o.due_on) AS due_on) n
    WHERE o.kind <> 'credit_note' AND n.due_on >= (SELECT business_date())
      AND NOT EXISTS (SELECT FROM dispute d WHERE d.customer_id = o.customer_id AND d.invoice_id = o.invoice_id AND d.closed_on IS NULL)
      AND NOT EXISTS (SELECT FROM promise p WHERE p.customer_id = o.customer_id AND p.closed_on IS NULL AND (p.invoice_id = o.invoice_id OR p.invoice_id IS NULL))
      AND NOT EXISTS (SELECT FROM dunning_instruction k WHERE k.customer_id = o.customer_id AND k.kind = 'do_not_contact' AND k.closed_on IS NULL
                      AND coalesce(k.until >= (SELECT business_date()), true))
      AND NOT EXISTS (SELECT FROM interaction c WHERE c.customer_id = o.customer_id AND c.kind = 'call' AND c.reversal_of IS NULL
                      AND coalesce(c.outcome, '') NOT IN ('no_answer', 'wrong_number') AND c.occurred_on >= n.due_on - s.pre_due_days
                      AND coalesce(c.invoice_id, o.invoice_id) = o.invoice_id
                      AND NOT EXISTS (SELECT FROM interaction r WHERE r.customer_id = c.customer_id AND r.reversal_of = c.interaction_id))
$$;
COMMENT ON FUNCTION collection_actions() IS 'The rows of the view collection_action, which explains them.';

CREATE VIEW collection_action AS SELECT * FROM collection_actions();
COMMENT ON VIEW collection_action IS
'All that is to be done about customers (actions à mener): deadlines of the credit insurer, calls and tasks of the dunning queue, broken promises, tasks of the collectors'' departments, formal notices to approve, disputes past their deadline, follow-ups, planned visits, decisions where the strategy has no further step, calls before large items fall due. from_on: the day on which it becomes work; due_on: until when; amount that it is about, base currency (NULL = none); owner: who was named for it (NULL = the customer''s); ids of what it is; reason in words. A customer not to be contacted is not called. Money that would pay it is not looked at, except for decisions; claim_actions() does.';
