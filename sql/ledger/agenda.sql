-- The agenda: for each customer the one thing to do next.

CREATE FUNCTION agenda(owner text DEFAULT NULL, day date DEFAULT NULL)
RETURNS TABLE (rank bigint, customer_id bigint, code text, name text, owner_name text, kind text, name_en text, name_fr text, reason text, amount numeric, due_on date,
               score integer, points integer, other_actions bigint, contact_id bigint, contact text, phone text, email text,
               invoice_id bigint, action_id bigint, task_id bigint, dispute_id bigint, visit_id bigint, last_contact date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today constant date := business_date();
BEGIN
    day := coalesce(day, today);
    IF day < today OR NOT isfinite(day) THEN
        RAISE EXCEPTION 'there is no agenda of %', day
            USING ERRCODE = '22023', DETAIL = format('The business date is %s.', today), HINT = 'What was done stands in customer_interaction.';
    END IF;
    RETURN QUERY
    WITH act AS (
        SELECT a.*, coalesce(a.owner, o.acting_owner) AS who, k.urgency, k.name_en, k.name_fr,
               row_number() OVER w AS place, count(*) OVER (PARTITION BY a.customer_id) AS together
        FROM collection_action a JOIN collection_action_kind k USING (kind) LEFT JOIN credit_owner o USING (customer_id)
        WHERE a.from_on <= agenda.day AND (agenda.owner IS NULL OR coalesce(a.owner, o.acting_owner) = agenda.owner)
        WINDOW w AS (PARTITION BY a.customer_id
                     ORDER BY k.rank, a.due_on, a.amount DESC NULLS LAST, a.invoice_id, a.action_id, a.task_id, a.dispute_id, a.visit_id)
    )
    SELECT row_number() OVER (ORDER BY n.urgency + coalesce(s.points, 0) DESC, n.amount DESC NULLS LAST, n.customer_id), n.customer_id, c.code, c.name, n.who,
           n.kind, n.name_en, n.name_fr, n.reason, n.amount, n.due_on, n.urgency + coalesce(s.points, 0), coalesce(s.points, 0), n.together - 1,
           t.contact_id, t.name, t.phone, t.email, n.invoice_id, n.action_id, n.task_id, n.dispute_id, n.visit_id, s.last_contact
    FROM act n JOIN customer c USING (customer_id)
    LEFT JOIN collection_score s USING (customer_id)
    LEFT JOIN LATERAL (SELECT x.contact_id, x.name, x.phone, x.email FROM contact x
                       WHERE x.customer_id = n.customer_id
                       ORDER BY x.phone IS NULL, array_position('{accounts_payable,director,buyer,sales}'::text[], x.role), x.contact_id LIMIT 1) t ON true
    WHERE n.place = 1
    ORDER BY 1;
END $$;
COMMENT ON FUNCTION agenda(text, date) IS
'The next best action for each customer (agenda): one row per customer at most, of what is due on or before a day (NULL = business date), for one person (NULL = all), ranked by score, the urgency of its kind and the customer''s points of the worklist (0 where it is not worked). What a person was named for is that person''s, all else the acting credit owner''s. With the reason, the amount that it is about (base currency), whom to call, how many other actions wait for this customer, and the ids of what it is. What is done is gone; a day to come shows what will be due if nothing is done before. 22023 for a day that is over.';
