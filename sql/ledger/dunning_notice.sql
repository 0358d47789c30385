-- Notices: what was said to whom, as it went out. Written when a communication
-- is handed out, in words and figures of that moment; never changed.

CREATE TABLE dunning_notice (
    customer_id       bigint NOT NULL,
    action_id         bigint NOT NULL,
    attempt           integer NOT NULL CHECK (attempt > 0),
    template_id       bigint NOT NULL REFERENCES dunning_template ON UPDATE RESTRICT ON DELETE RESTRICT,
    template          text NOT NULL,
    version           integer NOT NULL,
    language          text NOT NULL,
    channel           text NOT NULL,
    dunning_level     integer NOT NULL,
    contact_id        bigint,
    recipient         text NOT NULL,
    recipient_address text,
    subject           text,
    body              text NOT NULL,
    attachments       text[],
    currency          text NOT NULL,
    items             integer NOT NULL CHECK (items > 0),
    amount            numeric NOT NULL CHECK (amount > 0),
    interest          numeric CHECK (interest >= 0),
    indemnity         numeric CHECK (indemnity >= 0),
    credits           numeric NOT NULL DEFAULT 0 CHECK (credits >= 0),
    pay_by            date,
    rendered_on       date NOT NULL,
    rendered_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    rendered_by       text NOT NULL DEFAULT credit_risk.acting_role(),
    sent_on           date CHECK (isfinite(sent_on)),
    tracking_no       text CHECK (tracking_no <> ''),
    received_on       date CHECK (isfinite(received_on)),
    outcome           text CHECK (outcome <> ''),
    PRIMARY KEY (customer_id, action_id, attempt),
    FOREIGN KEY (customer_id, action_id) REFERENCES dunning_action ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT dunning_notice_sent_after_rendered CHECK (sent_on >= rendered_on),
    CONSTRAINT dunning_notice_received_after_sent CHECK (received_on IS NULL OR coalesce(received_on >= sent_on, false))
);
CREATE INDEX dunning_notice_action ON dunning_notice (action_id);
COMMENT ON TABLE dunning_notice IS
'Facts: notices (relances émises), the text, recipient and amounts of a communication as they were handed out, one for each attempt. What became of it is written later, once: sent_on, tracking_no, received_on, outcome.';
COMMENT ON COLUMN dunning_notice.customer_id IS 'The payer.';
COMMENT ON COLUMN dunning_notice.action_id IS 'The communication.';
COMMENT ON COLUMN dunning_notice.attempt IS 'Which claim of it, from 1.';
COMMENT ON COLUMN dunning_notice.template_id IS 'The text that it was made from.';
COMMENT ON COLUMN dunning_notice.template IS 'Its name.';
COMMENT ON COLUMN dunning_notice.version IS 'Its version.';
COMMENT ON COLUMN dunning_notice.language IS 'Its language: the contact''s, else the customer''s, else English, else French, the first that has a text.';
COMMENT ON COLUMN dunning_notice.channel IS 'Channel.';
COMMENT ON COLUMN dunning_notice.dunning_level IS 'Dunning level.';
COMMENT ON COLUMN dunning_notice.contact_id IS 'The contact; NULL = the customer as such.';
COMMENT ON COLUMN dunning_notice.recipient IS 'Name of the contact, in a collective proceeding of the administrator, else of the customer.';
COMMENT ON COLUMN dunning_notice.recipient_address IS 'E-mail address, telephone number or postal address, by the channel; NULL = none is known.';
COMMENT ON COLUMN dunning_notice.subject IS 'Subject; NULL for an SMS.';
COMMENT ON COLUMN dunning_notice.body IS 'Text; columns of figures are aligned for a font of equal widths.';
COMMENT ON COLUMN dunning_notice.attachments IS 'What the sender must attach: invoice, statement, list; NULL = nothing.';
COMMENT ON COLUMN dunning_notice.currency IS 'Currency of its items.';
COMMENT ON COLUMN dunning_notice.items IS 'Number of its items.';
COMMENT ON COLUMN dunning_notice.amount IS 'Amount asked for, without what is disputed.';
COMMENT ON COLUMN dunning_notice.interest IS 'Late-payment interest of its items that no interest note has claimed; claimed at level 4, mentioned from level 2. NULL below, or where a rate was not known.';
COMMENT ON COLUMN dunning_notice.indemnity IS 'Recovery indemnities, likewise.';
COMMENT ON COLUMN dunning_notice.credits IS 'Cash and credit notes in this currency that were not matched.';
COMMENT ON COLUMN dunning_notice.pay_by IS 'Day by which to pay, from level 3; NULL below.';
COMMENT ON COLUMN dunning_notice.rendered_on IS 'Business date on which it was written.';
COMMENT ON COLUMN dunning_notice.rendered_at IS 'When it was written.';
COMMENT ON COLUMN dunning_notice.rendered_by IS 'Role that claimed it.';
COMMENT ON COLUMN dunning_notice.sent_on IS 'Day on which it was sent or carried out; NULL = not reported.';
COMMENT ON COLUMN dunning_notice.tracking_no IS 'Number of the registered letter (numéro de recommandé) or of the message.';
COMMENT ON COLUMN dunning_notice.received_on IS 'Day on which it was received (avis de réception).';
COMMENT ON COLUMN dunning_notice.outcome IS 'What the sender reported.';

CREATE TABLE dunning_notice_item (
    customer_id     bigint NOT NULL,
    action_id       bigint NOT NULL,
    attempt         integer NOT NULL,
    invoice_id      bigint NOT NULL,
    instalment_no   integer NOT NULL,
    invoice_no      text NOT NULL,
    issued_on       date NOT NULL,
    due_on          date NOT NULL,
    days_overdue    integer NOT NULL,
    open_amount     numeric NOT NULL,
    disputed_amount numeric NOT NULL,
    asked_amount    numeric NOT NULL CHECK (asked_amount > 0),
    interest        numeric,
    indemnity       numeric,
    PRIMARY KEY (customer_id, action_id, attempt, invoice_id, instalment_no),
    FOREIGN KEY (customer_id, action_id, attempt) REFERENCES dunning_notice ON UPDATE RESTRICT ON DELETE RESTRICT,
    FOREIGN KEY (customer_id, invoice_id) REFERENCES invoice ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT dunning_notice_item_within_open CHECK (asked_amount <= open_amount)
);
CREATE INDEX dunning_notice_item_invoice ON dunning_notice_item (customer_id, invoice_id);
COMMENT ON TABLE dunning_notice_item IS 'Facts: the items of a notice with their amounts as they were told.';
COMMENT ON COLUMN dunning_notice_item.customer_id IS 'The payer.';
COMMENT ON COLUMN dunning_notice_item.action_id IS 'The communication.';
COMMENT ON COLUMN dunning_notice_item.attempt IS 'Which claim of it.';
COMMENT ON COLUMN dunning_notice_item.invoice_id IS 'The invoice.';
COMMENT ON COLUMN dunning_notice_item.instalment_no IS 'Its instalment.';
COMMENT ON COLUMN dunning_notice_item.invoice_no IS 'Its number.';
COMMENT ON COLUMN dunning_notice_item.issued_on IS 'Its date.';
COMMENT ON COLUMN dunning_notice_item.due_on IS 'Due date: the agreed one if there is one.';
COMMENT ON COLUMN dunning_notice_item.days_overdue IS 'Days since then; 0 = not due.';
COMMENT ON COLUMN dunning_notice_item.open_amount IS 'Open amount, document currency.';
COMMENT ON COLUMN dunning_notice_item.disputed_amount IS 'Of it disputed.';
COMMENT ON COLUMN dunning_notice_item.asked_amount IS 'Of it asked for.';
COMMENT ON COLUMN dunning_notice_item.interest IS 'Interest that no note has claimed; NULL = not reckoned.';
COMMENT ON COLUMN dunning_notice_item.indemnity IS 'Recovery indemnity of the invoice, on its first item; NULL = not reckoned.';

CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON dunning_notice_item
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON dunning_notice_item
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    changed text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT n.key INTO changed
        FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key)
        WHERE n.value <> o.value AND (o.value <> 'null' OR n.key NOT IN ('sent_on', 'tracking_no', 'received_on', 'outcome')) LIMIT 1;
        IF NOT FOUND THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on a notice that was handed out is refused', TG_OP
        USING ERRCODE = 'CR010', DETAIL = CASE WHEN changed IS NULL THEN 'It is on record what was said.' ELSE format('Column "%s" is on record.', changed) END,
              HINT = 'When it was sent and received, its tracking number and its outcome are written once; all else stays.';
END $$;
COMMENT ON FUNCTION keep_notice() IS
'Trigger of dunning_notice: sent_on, tracking_no, received_on and outcome are written once, nothing else changes and nothing is deleted (CR010).';
CREATE TRIGGER credit_risk_notice BEFORE UPDATE OR DELETE ON dunning_notice
FOR EACH ROW EXECUTE FUNCTION keep_notice();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON dunning_notice
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- From items to words ------------------------------------------------------------

CREATE FUNCTION notice_lines(customer_id bigint, action_id bigint, attempt integer, invoice_ids bigint[], instalment_nos integer[], asked numeric[],
                             as_of date, with_interest boolean) RETURNS dunning_notice_item[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
BEGIN
    RETURN (
        WITH late AS MATERIALIZED (
            SELECT c.invoice_id, c.instalment_no, sum(c.interest) AS interest, sum(c.indemnity) AS indemnity
            FROM (SELECT n.invoice_id, n.instalment_no, n.interest, n.indemnity FROM interest_to_claim(notice_lines.customer_id, as_of) n
                  UNION ALL         -- a note that waits is no receivable yet
                  SELECT n.invoice_id, n.instalment_no, n.interest, n.indemnity FROM interest_note_line n JOIN interest_note_status s USING (customer_id, interest_note_id)
                  WHERE n.customer_id = notice_lines.customer_id AND s.status = 'proposed') c
            WHERE with_interest AND c.invoice_id = ANY (invoice_ids)
            GROUP BY 1, 2
        ), line AS (
            SELECT o.invoice_id, o.instalment_no, i.invoice_no, i.issued_on, coalesce(o.agreed_due_on, o.due_on) AS due_on, o.open_amount,
                   least(coalesce(d.disputed_amount, 0), o.open_amount) AS disputed, least(k.asked, o.open_amount) AS asked,
                   row_number() OVER (PARTITION BY o.invoice_id ORDER BY o.instalment_no) = 1 AS first_of_invoice
            FROM unnest(invoice_ids, instalment_nos, asked) k (invoice_id, instalment_no, asked)
            JOIN open_item o ON o.customer_id = notice_lines.customer_id AND (o.invoice_id, o.instalment_no) = (k.invoice_id, k.instalment_no)
            JOIN invoice i ON (i.customer_id, i.invoice_id) = (o.customer_id, o.invoice_id)
            LEFT JOIN disputed_item d ON (d.customer_id, d.invoice_id, d.instalment_no) = (o.customer_id, o.invoice_id, o.instalment_no)
            WHERE k.asked > 0 AND o.open_amount > 0
        )
        SELECT array_agg(ROW(notice_lines.customer_id, notice_lines.action_id, notice_lines.attempt, l.invoice_id, l.instalment_no, l.invoice_no,
                             l.issued_on, l.due_on, greatest(as_of - l.due_on, 0), l.open_amount, l.disputed, l.asked,
                             CASE WHEN with_interest THEN coalesce(t.interest, 0) END,
                             CASE WHEN with_interest THEN CASE WHEN l.first_of_invoice THEN coalesce(f.indemnity, 0) ELSE 0 END END)::dunning_notice_item
                         ORDER BY l.due_on, l.invoice_id, l.instalment_no)
        FROM line l
        LEFT JOIN late t ON (t.invoice_id, t.instalment_no) = (l.invoice_id, l.instalment_no)
        LEFT JOIN late f ON f.invoice_id = l.invoice_id AND f.instalment_no IS NULL);
END $$;
COMMENT ON FUNCTION notice_lines(bigint, bigint, integer, bigint[], integer[], numeric[], date, boolean) IS
'The items of a notice as of a day, by due date: what is open, disputed and asked of each, and if asked for the interest and indemnity that no note has charged or waived (22023, CR006 where a rate is not known). Items that are settled, or of which nothing is asked, are left out; NULL if none is left.';

CREATE FUNCTION notice_table(lines dunning_notice_item[], currency text, language text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH said AS (
        SELECT CASE WHEN language = 'fr' THEN ARRAY['Facture', 'Date', 'Échéance', 'Retard (j)', 'Montant dû', 'Contesté', 'À régler']
                    ELSE ARRAY['Invoice', 'Date', 'Due', 'Days late', 'Amount due', 'Disputed', 'To pay'] END AS heads,
               bool_or(l.days_overdue > 0) AS any_late, bool_or(l.disputed_amount > 0) AS any_disputed,
               bool_or(l.asked_amount <> l.open_amount) AS any_less, sum(l.open_amount) AS open_amount,
               sum(l.disputed_amount) AS disputed, sum(l.asked_amount) AS asked, count(*) AS items
        FROM unnest(lines) l
    ), line AS (
        SELECT 0::bigint AS line_no, s.heads || ARRAY[]::text[] AS cells FROM said s
        UNION ALL
        SELECT row_number() OVER (ORDER BY l.due_on, l.invoice_id, l.instalment_no),
               ARRAY[regexp_replace(l.invoice_no, '[[:cntrl:]]+', ' ', 'g') || CASE WHEN l.instalment_no > 1 THEN format(' /%s', l.instalment_no) ELSE '' END,
                     notice_date(l.issued_on, language, true), notice_date(l.due_on, language, true), l.days_overdue::text,
                     notice_figure(l.open_amount, currency, language), notice_figure(l.disputed_amount, currency, language),
                     notice_figure(l.asked_amount, currency, language)]
        FROM unnest(lines) l
        UNION ALL
        SELECT s.items + 1, ARRAY['Total ' || currency, '', '', '', notice_figure(s.open_amount, currency, language),
                                  notice_figure(s.disputed, currency, language), notice_figure(s.asked, currency, language)] FROM said s
    ), cell AS (
        SELECT l.line_no, c.place, c.words, max(length(c.words)) OVER (PARTITION BY c.place) AS width
        FROM line l CROSS JOIN said s CROSS JOIN LATERAL unnest(l.cells) WITH ORDINALITY c (words, place)
        WHERE (c.place <> 4 OR s.any_late) AND (c.place <> 6 OR s.any_disputed) AND (c.place <> 7 OR s.any_less)
    ), written AS (
        SELECT c.line_no, rtrim(string_agg(CASE WHEN c.place > 3 THEN lpad(c.words, c.width) ELSE rpad(c.words, c.width) END, '  ' ORDER BY c.place)) AS words
        FROM cell c GROUP BY c.line_no
    )
    SELECT string_agg(w.words, E'\n' ORDER BY w.line_no) FROM written w
$$;
COMMENT ON FUNCTION notice_table(dunning_notice_item[], text, text) IS
'The items of a notice as an aligned table (French for fr, else English) with their total: number, date, due date, days late where something is, amount due, disputed and to pay where that differs.';

CREATE FUNCTION compose_notice(customer_id bigint, action_id bigint, attempt integer, template text, channel text, dunning_level integer, currency text,
                               language text, as_of date, days_to_pay integer, attachments text[], lines dunning_notice_item[]) RETURNS dunning_notice
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    payer customer := (SELECT c FROM customer c WHERE c.customer_id = compose_notice.customer_id);
    us creditor := (SELECT c FROM creditor c);
    person contact;
    trustee record;         -- of a collective proceeding
    words dunning_template;
    heading dunning_template;
    law text := (SELECT CASE WHEN t.regime <> 'FR' OR coalesce(payer.country, 'FR') = 'FR' THEN t.regime END FROM interest_terms_of(compose_notice.customer_id) t);
    made dunning_notice;
    vals jsonb;
BEGIN
    IF lines IS NULL THEN
        RAISE EXCEPTION 'nothing is left to be asked for of customer %', coalesce(compose_notice.customer_id::text, 'NULL')
            USING ERRCODE = 'CR012', HINT = 'Its items are settled or disputed.';
    END IF;
    -- Who keeps the customer's accounts first, of those who can be reached.
    SELECT t.* INTO person FROM contact t
    WHERE t.customer_id = compose_notice.customer_id
      AND CASE compose_notice.channel WHEN 'e-mail' THEN t.email IS NOT NULL AND t.bounced_on IS NULL
                                      WHEN 'sms' THEN t.phone IS NOT NULL WHEN 'call' THEN t.phone IS NOT NULL ELSE true END
    ORDER BY array_position('{accounts_payable,director,buyer,sales}', t.role), compose_notice.channel = 'task' AND t.phone IS NULL, t.contact_id LIMIT 1;
    SELECT p.recipient_name, p.recipient_email, p.recipient_address INTO trustee FROM dunning_recipient_of_proceeding(compose_notice.customer_id) p;
    IF trustee.recipient_name IS NOT NULL THEN
        person := NULL;
        person.name := trustee.recipient_name;
        person.email := trustee.recipient_email;
    END IF;
    words := template_for(compose_notice.template, compose_notice.channel, ARRAY[person.language, compose_notice.language, payer.language, 'en', 'fr'], law);
    IF words.template_id IS NULL THEN
        RAISE EXCEPTION 'there is no text "%" for channel %', compose_notice.template, compose_notice.channel
            USING ERRCODE = 'CR007', DETAIL = format('Languages looked for: %s.', concat_ws(', ', person.language, compose_notice.language, payer.language, 'en', 'fr')),
                  HINT = 'Save one by save_template; check_templates lists the steps that lack one.';
    END IF;
    made.customer_id := compose_notice.customer_id;
    made.action_id := compose_notice.action_id;
    made.attempt := compose_notice.attempt;
    made.template_id := words.template_id;
    made.template := words.template;
    made.version := words.version;
    made.language := words.language;
    made.channel := compose_notice.channel;
    made.dunning_level := compose_notice.dunning_level;
    made.contact_id := person.contact_id;
    made.recipient := regexp_replace(coalesce(nullif(person.name, ''), payer.name), '[[:cntrl:]]+', ' ', 'g');    -- a header of an e-mail
    made.recipient_address := CASE WHEN made.channel IN ('e-mail', 'portal') THEN person.email WHEN made.channel IN ('sms', 'call') THEN person.phone
                                   WHEN made.channel = 'task' THEN coalesce(person.phone, person.email)
                                   WHEN trustee.recipient_name IS NOT NULL THEN trustee.recipient_address
                                   ELSE (SELECT a.address FROM postal_address a WHERE a.customer_id = made.customer_id) END;
    IF made.channel NOT IN ('letter', 'registered') THEN     -- a header too
        made.recipient_address := regexp_replace(made.recipient_address, '[[:cntrl:]]+', ' ', 'g');
    END IF;
    made.attachments := nullif(compose_notice.attachments, '{}');
    made.currency := compose_notice.currency;
    made.rendered_on := as_of;
    made.rendered_at := clock_timestamp();
    made.rendered_by := credit_risk.acting_role();
    SELECT count(*), sum(l.asked_amount), sum(l.interest), sum(l.indemnity) INTO made.items, made.amount, made.interest, made.indemnity FROM unnest(lines) l;
    made.credits := greatest(coalesce((SELECT sum(f.amount) FROM unapplied_fact f JOIN payment p USING (customer_id, payment_id)
                                       WHERE f.customer_id = made.customer_id AND p.currency = made.currency), 0), 0)
                    - coalesce((SELECT sum(o.open_amount) FROM open_item o
                                WHERE o.customer_id = made.customer_id AND o.currency = made.currency AND o.kind = 'credit_note'), 0);
    made.pay_by := CASE WHEN made.dunning_level >= 3 THEN business_day(as_of + coalesce(compose_notice.days_to_pay, 8)) END;
    vals := jsonb_build_object(
        'customer_name', payer.name, 'customer_code', payer.code, 'recipient', nullif(person.name, ''), 'recipient_phone', person.phone,
        'date', notice_date(as_of, made.language, made.channel = 'sms'),
        'amount', notice_amount(made.amount, made.currency, made.language), 'item_count', made.items,
        'invoice_no', lines[1].invoice_no, 'due_on', notice_date(lines[1].due_on, made.language, made.channel = 'sms'), 'days_overdue', lines[1].days_overdue,
        'disputed', (SELECT notice_amount(nullif(sum(l.disputed_amount), 0), made.currency, made.language) FROM unnest(lines) l),
        'credits', notice_amount(nullif(made.credits, 0), made.currency, made.language),
        'interest', notice_amount(nullif(made.interest, 0), made.currency, made.language),
        'indemnity', notice_amount(nullif(made.indemnity, 0), made.currency, made.language),
        'total', notice_amount(made.amount + coalesce(made.interest, 0) + coalesce(made.indemnity, 0), made.currency, made.language),
        'pay_by', notice_date(coalesce(made.pay_by, as_of), made.language, made.channel = 'sms'), 'days_to_pay', coalesce(compose_notice.days_to_pay, 8),
        'creditor', us.name, 'iban', us.iban, 'bic', us.bic, 'contact_name', us.contact_name, 'contact_email', us.contact_email, 'contact_phone', us.contact_phone);
    IF made.channel IN ('call', 'task') THEN
        vals := vals || jsonb_build_object(
            'risk_class', payer.risk_class,
            'exposure', (SELECT notice_amount(a.exposure, g.base_currency, made.language) FROM credit_account a CROSS JOIN ledger g WHERE a.customer_id = made.customer_id),
            'broken_promises', (SELECT nullif(r.broken_90_days, 0) FROM promise_reliability r WHERE r.customer_id = made.customer_id));
    END IF;
    -- A name cannot add a line, nor a header to an e-mail; lines are ours.
    SELECT jsonb_object_agg(v.key, CASE jsonb_typeof(v.value) WHEN 'null' THEN v.value ELSE to_jsonb(CASE WHEN made.channel = 'sms'
               THEN left(translate(regexp_replace(v.value #>> '{}', '[[:cntrl:]]+', ' ', 'g'), U&'\00A0', ' '),
                         CASE WHEN v.key IN ('creditor', 'contact_phone', 'customer_code', 'invoice_no') THEN h.sms_length ELSE 1000 END)
               ELSE regexp_replace(v.value #>> '{}', '[[:cntrl:]]+', ' ', 'g') END) END)
    INTO vals
    FROM jsonb_each(vals) v LEFT JOIN template_placeholder h ON h.name = v.key;
    vals := vals || jsonb_build_object(
        'items', notice_table(lines, made.currency, made.language), 'creditor_address', us.address,
        'recipient_address', CASE WHEN made.channel IN ('letter', 'registered') THEN made.recipient_address END,
        'guarantees', CASE WHEN made.channel IN ('call', 'task') THEN
            (SELECT string_agg(format('   - %s', concat_ws(', ', g.kind, g.guarantor, g.reference, notice_amount(g.amount, g.currency, made.language),
                                                           '→ ' || notice_date(g.valid_to, made.language, true))), E'\n' ORDER BY g.guarantee_id)
             FROM guarantee_in_force g WHERE g.customer_id = made.customer_id) END);
    made.subject := fill_text(words.subject, vals);
    made.body := fill_text(words.body, vals);
    IF made.channel IN ('letter', 'registered') THEN
        heading := template_for('letterhead', made.channel, ARRAY[made.language], law);
        made.body := concat_ws(E'\n\n', fill_text(heading.body, vals || jsonb_build_object('subject', made.subject)), made.body);
    END IF;
    RETURN made;
END $$;
COMMENT ON FUNCTION compose_notice(bigint, bigint, integer, text, text, integer, text, text, date, integer, text[], dunning_notice_item[]) IS
'A notice in words, not stored: the text of a template for its channel in the language of the contact, else of the communication, else of the customer, else English, else French; recipient the contact reachable by the channel, accounts payable first, or the administrator of an open collective proceeding. Letters have the text "letterhead" above. Values are written as they are, in one line each. CR007 if there is no text, CR012 if nothing is left to ask for.';

-- What the queue asks ----------------------------------------------------------------

CREATE FUNCTION write_notice(customer_id bigint, action_id bigint, attempt integer, invoice_ids bigint[], instalment_nos integer[], asked numeric[])
RETURNS dunning_notice
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    action dunning_action;
    step dunning_step;
    lines dunning_notice_item[];
    made dunning_notice;
BEGIN
    SELECT n.* INTO made FROM dunning_notice n
    WHERE n.customer_id = write_notice.customer_id AND n.action_id = write_notice.action_id AND n.attempt = write_notice.attempt;
    IF FOUND THEN
        RETURN made;
    END IF;
    SELECT d.* INTO action FROM dunning_action d WHERE d.customer_id = write_notice.customer_id AND d.action_id = write_notice.action_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'customer % has no communication %', coalesce(write_notice.customer_id::text, 'NULL'), coalesce(write_notice.action_id::text, 'NULL')
            USING ERRCODE = 'CR007';
    END IF;
    SELECT s.* INTO step FROM dunning_step s WHERE (s.strategy_id, s.step_no) = (action.strategy_id, action.step_no);
    BEGIN
        lines := notice_lines(action.customer_id, action.action_id, write_notice.attempt, invoice_ids, instalment_nos, asked, business_date(), action.dunning_level >= 2);
    EXCEPTION WHEN SQLSTATE '22023' OR SQLSTATE 'CR006' THEN      -- a rate is not known: the notice goes out without interest
        lines := notice_lines(action.customer_id, action.action_id, write_notice.attempt, invoice_ids, instalment_nos, asked, business_date(), false);
    END;
    made := compose_notice(action.customer_id, action.action_id, write_notice.attempt, action.template, action.channel, action.dunning_level, action.currency,
                           action.language, business_date(), step.days_to_pay, step.attachments, lines);
    INSERT INTO dunning_notice SELECT made.*;
    INSERT INTO dunning_notice_item SELECT l.* FROM unnest(lines) l;
    RETURN made;
END $$;
COMMENT ON FUNCTION write_notice(bigint, bigint, integer, bigint[], integer[], numeric[]) IS
'Writes the notice of a communication for an attempt, at the business date, and returns it: of these items (invoices, instalments, what is asked of each; those settled meanwhile are left out). A notice that is there already is returned as it is. Where a rate of interest is not known it says nothing of interest. CR007 if there is no such communication or no text, CR012 if nothing is left to ask for. claim_actions() calls it.';

CREATE FUNCTION preview_notice(action_id bigint) RETURNS dunning_notice
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    action dunning_action;
    step dunning_step;
    lines dunning_notice_item[];
BEGIN
    SELECT d.* INTO action FROM dunning_action d WHERE d.action_id = preview_notice.action_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no communication %', coalesce(preview_notice.action_id::text, 'NULL') USING ERRCODE = 'CR007';
    END IF;
    SELECT s.* INTO step FROM dunning_step s WHERE (s.strategy_id, s.step_no) = (action.strategy_id, action.step_no);
    SELECT notice_lines(action.customer_id, action.action_id, action.attempts + 1, array_agg(m.invoice_id), array_agg(m.instalment_no), array_agg(m.asked),
                        business_date(), action.dunning_level >= 2)
    INTO lines
    FROM action_items(action.customer_id, action.action_id) m WHERE m.reason IS NULL;
    RETURN compose_notice(action.customer_id, action.action_id, action.attempts + 1, action.template, action.channel, action.dunning_level, action.currency,
                          action.language, business_date(), step.days_to_pay, step.attachments, lines);
END $$;
COMMENT ON FUNCTION preview_notice(bigint) IS
'What a proposed or queued communication would say if it were handed out now; stores nothing. Items that claim_actions() would leave out are. CR007 if there is no such communication or no text, CR012 if nothing is left to ask for, 22023 where a rate of interest is not known.';

CREATE FUNCTION render_step(customer_id bigint, strategy_id bigint, step_no integer, as_of date DEFAULT NULL) RETURNS dunning_notice
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    step dunning_step;
    day date := coalesce(render_step.as_of, business_date());
    lead_currency text;
    lines dunning_notice_item[];
BEGIN
    SELECT s.* INTO step FROM dunning_step s WHERE s.strategy_id = render_step.strategy_id AND s.step_no = render_step.step_no;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'strategy % has no step %', coalesce(render_step.strategy_id::text, 'NULL'), coalesce(render_step.step_no::text, 'NULL') USING ERRCODE = 'CR007';
    END IF;
    WITH concerned AS (     -- before they are due those that fall due; a reminder tells all that is overdue, a formal notice what is old enough
        SELECT o.*, coalesce(o.agreed_due_on, o.due_on) AS day_due, greatest(o.open_amount - coalesce(d.disputed_amount, 0), 0) AS asked
        FROM open_item o LEFT JOIN disputed_item d USING (customer_id, invoice_id, instalment_no)
        WHERE o.customer_id = render_step.customer_id AND o.kind <> 'credit_note'
          AND NOT EXISTS (SELECT FROM dunning_stop x WHERE x.customer_id = o.customer_id AND x.invoice_id = o.invoice_id)
          AND CASE WHEN step.offset_days < 0 THEN coalesce(o.agreed_due_on, o.due_on) BETWEEN day AND day - step.offset_days
                   WHEN step.dunning_level >= 4 THEN coalesce(o.agreed_due_on, o.due_on) <= day - step.offset_days
                   ELSE coalesce(o.agreed_due_on, o.due_on) < day END
    ), led AS (
        SELECT c.*, first_value(c.currency) OVER (ORDER BY c.day_due, c.invoice_id, c.instalment_no) AS first_currency FROM concerned c
    )
    SELECT min(l.currency), notice_lines(render_step.customer_id, 0, 1, array_agg(l.invoice_id), array_agg(l.instalment_no), array_agg(l.asked), day, step.dunning_level >= 2)
    INTO lead_currency, lines
    FROM led l WHERE l.currency = l.first_currency;
    RETURN compose_notice(render_step.customer_id, 0, 1, step.template, reachable_channel(render_step.customer_id, step.channel, step.fallback_channel), step.dunning_level, lead_currency, NULL, day,
                          step.days_to_pay, step.attachments, lines);
END $$;
COMMENT ON FUNCTION render_step(bigint, bigint, integer, date) IS
'What a step of a strategy would say to a customer on a day (NULL = business date), by what is open now, in the currency of its oldest item; stores nothing. Before the due date of what falls due within the days of the step, from level 4 of what is overdue that long, else of all that is overdue; nothing that dunning_stop names. CR007 if there is no such step or text, CR012 if the customer owes nothing of the kind.';

CREATE FUNCTION record_receipt(action_id bigint, received_on date, tracking_no text DEFAULT NULL) RETURNS date
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    notice dunning_notice;
BEGIN
    SELECT n.* INTO notice FROM dunning_notice n WHERE n.action_id = record_receipt.action_id
    ORDER BY n.sent_on IS NULL, n.attempt DESC LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no notice of communication % was handed out', coalesce(record_receipt.action_id::text, 'NULL') USING ERRCODE = 'CR007';
    ELSIF notice.sent_on IS NULL THEN
        RAISE EXCEPTION 'the notice of communication % was not sent', record_receipt.action_id USING ERRCODE = 'CR012', HINT = 'complete_action() reports that it was.';
    ELSIF notice.received_on IS NOT NULL THEN
        RAISE EXCEPTION 'the receipt of communication % is on record', record_receipt.action_id
            USING ERRCODE = 'CR012', DETAIL = format('Received on %s.', notice.received_on);
    ELSIF record_receipt.received_on IS NULL OR record_receipt.received_on < notice.sent_on OR record_receipt.received_on > business_date() THEN
        RAISE EXCEPTION 'a notice sent on % cannot be received on %', notice.sent_on, coalesce(record_receipt.received_on::text, 'NULL')
            USING ERRCODE = 'CR003', DETAIL = format('The business date is %s.', business_date()), HINT = 'Give the day on the acknowledgement of receipt.';
    ELSIF notice.tracking_no <> record_receipt.tracking_no THEN
        RAISE EXCEPTION 'the notice of communication % has tracking number %, not %', record_receipt.action_id, notice.tracking_no, record_receipt.tracking_no
            USING ERRCODE = 'CR003', HINT = 'Look up which letter was received.';
    END IF;
    UPDATE dunning_notice n SET received_on = record_receipt.received_on, tracking_no = coalesce(n.tracking_no, record_receipt.tracking_no)
    WHERE n.customer_id = notice.customer_id AND n.action_id = notice.action_id AND n.attempt = notice.attempt;
    RETURN record_receipt.received_on;
END $$;
COMMENT ON FUNCTION record_receipt(bigint, date, text) IS
'Records when the notice of a communication was received (avis de réception), and its tracking number if it had none; returns that day. CR007 if none was handed out, CR012 if it was not sent or the receipt is on record, CR003 for a day before it was sent or to come, or another tracking number. Runs as the owner: notices are nobody''s to write.';
