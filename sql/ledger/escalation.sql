-- Escalation: a task that is not done in time goes up, one level after another.

-- Level 1 is the manager of the department, level 2 whom the department
-- escalates to, level 3 whom that one escalates to, and so on.
CREATE VIEW escalation_path AS
WITH RECURSIVE up AS (
    SELECT d.code AS department, 1 AS level, d.code AS escalates_to, d.manager AS owner, d.escalation_days, d.escalates_to AS next, ARRAY[d.code] AS passed
    FROM department d WHERE d.escalation_days IS NOT NULL
  UNION ALL
    SELECT u.department, u.level + 1, u.next, coalesce(d.manager, u.next), u.escalation_days, d.escalates_to, u.passed || u.next
    FROM up u LEFT JOIN department d ON d.code = u.next
    WHERE u.next <> ALL (u.passed)
)
SELECT u.department, u.level, u.escalates_to, u.owner, u.level * (u.escalation_days + 1) AS after_days FROM up u;
COMMENT ON VIEW escalation_path IS
'Whom an overdue task of a department goes to (circuit d''escalade), level by level: escalates_to is a department or a person, owner its manager or that person, after_days the business days past the due date on which it does. A department that stands twice on the way ends it. Departments that never escalate are absent.';

CREATE TABLE task_escalation (
    customer_id  bigint NOT NULL,
    task_id      bigint NOT NULL,
    level        integer NOT NULL CHECK (level > 0),
    department   text NOT NULL,
    from_owner   text,
    to_owner     text NOT NULL,
    due_on       date NOT NULL,
    escalated_on date NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by  text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, task_id, level),
    FOREIGN KEY (customer_id, task_id) REFERENCES task ON UPDATE RESTRICT ON DELETE RESTRICT
);
COMMENT ON TABLE task_escalation IS 'Facts: escalations of tasks (escalades), one of each level at most. Written by escalate_tasks().';
COMMENT ON COLUMN task_escalation.customer_id IS 'The customer.';
COMMENT ON COLUMN task_escalation.task_id IS 'The task.';
COMMENT ON COLUMN task_escalation.level IS '1 = to the manager of its department, 2 = to whom that department escalates, and so on.';
COMMENT ON COLUMN task_escalation.department IS 'The department that had not answered.';
COMMENT ON COLUMN task_escalation.from_owner IS 'Who had it; NULL = nobody by name.';
COMMENT ON COLUMN task_escalation.to_owner IS 'Who has it from then on.';
COMMENT ON COLUMN task_escalation.due_on IS 'Until when it was to be done.';
COMMENT ON COLUMN task_escalation.escalated_on IS 'Business date.';
COMMENT ON COLUMN task_escalation.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN task_escalation.recorded_by IS 'Role that ran it; written by the ledger.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON task_escalation
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON task_escalation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A task that somebody is writing just now is left for the next night, so that
-- the run waits for nobody.
CREATE FUNCTION escalate_tasks(as_of date DEFAULT NULL, max_tasks integer DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    today date := coalesce(escalate_tasks.as_of, business_date());
    escalated bigint;
BEGIN
    WITH step AS MATERIALIZED (     -- overdue by so many business days: due before the day that many business days back
        SELECT p.department, p.level, p.owner, business_days_after(today + 1, -p.after_days) AS due_before FROM escalation_path p
    ), late AS MATERIALIZED (
        SELECT t.customer_id, t.task_id, t.department, t.owner, t.due_on
        FROM task t
        WHERE t.closed_on IS NULL AND t.due_on < (SELECT max(s.due_before) FROM step s)
          AND EXISTS (SELECT FROM step s WHERE s.department = t.department AND t.due_on < s.due_before
                      AND NOT EXISTS (SELECT FROM task_escalation e WHERE e.customer_id = t.customer_id AND e.task_id = t.task_id AND e.level = s.level))
        ORDER BY t.customer_id, t.task_id LIMIT max_tasks FOR UPDATE OF t SKIP LOCKED
    ), written AS (
        INSERT INTO task_escalation AS e (customer_id, task_id, level, department, from_owner, to_owner, due_on, escalated_on)
        SELECT l.customer_id, l.task_id, s.level, l.department, lag(s.owner, 1, l.owner) OVER (PARTITION BY l.customer_id, l.task_id ORDER BY s.level), s.owner,
               l.due_on, today
        FROM late l JOIN step s ON s.department = l.department AND l.due_on < s.due_before
        WHERE NOT EXISTS (SELECT FROM task_escalation e WHERE e.customer_id = l.customer_id AND e.task_id = l.task_id AND e.level = s.level)
        ORDER BY l.customer_id, l.task_id, s.level
        ON CONFLICT DO NOTHING
        RETURNING e.customer_id, e.task_id, e.level, e.to_owner
    )
    UPDATE task t SET owner = w.to_owner
    FROM (SELECT DISTINCT ON (x.customer_id, x.task_id) x.customer_id, x.task_id, x.to_owner FROM written x ORDER BY x.customer_id, x.task_id, x.level DESC) w
    WHERE (t.customer_id, t.task_id) = (w.customer_id, w.task_id);
    GET DIAGNOSTICS escalated = ROW_COUNT;
    RETURN escalated;
END $$;
COMMENT ON FUNCTION escalate_tasks(date, integer) IS
'Hands open tasks that are overdue on a day (NULL = business date) by as many business days as escalation_path says to who is next, who becomes the owner; each on record as a task_escalation, never twice of a level. After days that were missed a task takes all levels that are due, in their order. At most max_tasks (NULL = all); returns how many tasks escalated, 0 once there is none left. Tasks locked by somebody wait for the next call. For the nightly run; runs as the owner: escalations are nobody''s to write.';

CREATE VIEW department_worklist AS
SELECT t.department, t.task_id, t.customer_id, c.code, c.name, t.kind, t.subject, t.owner, t.invoice_id, i.invoice_no, t.payment_id, p.payment_no,
       coalesce(o.open_amount_base, p.amount_base) AS amount, t.opened_on, (SELECT business_date()) - t.opened_on AS days_open, t.due_on,
       greatest((SELECT business_date()) - t.due_on, 0) AS days_overdue, coalesce(e.level, 0) AS escalation_level, e.escalated_on
FROM task t JOIN customer c USING (customer_id)
LEFT JOIN invoice i ON i.customer_id = t.customer_id AND i.invoice_id = t.invoice_id
LEFT JOIN payment p ON p.customer_id = t.customer_id AND p.payment_id = t.payment_id
LEFT JOIN LATERAL (SELECT sum(o.open_amount_base) AS open_amount_base FROM open_item o
                   WHERE o.customer_id = t.customer_id AND o.invoice_id = t.invoice_id) o ON true
LEFT JOIN LATERAL (SELECT e.level, e.escalated_on FROM task_escalation e
                   WHERE e.customer_id = t.customer_id AND e.task_id = t.task_id ORDER BY e.level DESC LIMIT 1) e ON true
WHERE t.closed_on IS NULL;
COMMENT ON VIEW department_worklist IS
'Open tasks by department (tâches des services): of whom, about what, since when, until when, and how high they have escalated (0 = not). amount: what is open of the invoice, or the amount of the payment, base currency; NULL where it is about neither or nothing is open. days_open and days_overdue in calendar days, on the business date; days_overdue is 0 before the due date and without one.';

CREATE VIEW task_performance AS
SELECT t.department, d.name_en, d.name_fr, count(*) AS opened, count(t.closed_on) AS closed,
       count(*) FILTER (WHERE t.closed_on IS NULL AND t.due_on < (SELECT business_date())) AS overdue,
       count(*) FILTER (WHERE t.closed_on <= t.due_on) AS on_time,
       round(100.0 * count(*) FILTER (WHERE t.closed_on <= t.due_on)
                   / nullif(count(*) FILTER (WHERE t.due_on IS NOT NULL AND (t.closed_on IS NOT NULL OR t.due_on < (SELECT business_date()))), 0), 2) AS on_time_pct,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY t.closed_on - t.opened_on)::numeric AS median_days,
       count(e.task_id) AS escalated
FROM task t LEFT JOIN department d ON d.code = t.department
LEFT JOIN task_escalation e ON e.customer_id = t.customer_id AND e.task_id = t.task_id AND e.level = 1
GROUP BY t.department, d.name_en, d.name_fr;
COMMENT ON VIEW task_performance IS
'How departments answer their tasks (délais de réponse): opened and closed so far, overdue now, closed by the due date, that in percent of the tasks with a due date that are closed or overdue (NULL = none), the median of calendar days from opening to closing (NULL = none closed), and how many ever escalated. Names are NULL for a department that is not in the table.';
