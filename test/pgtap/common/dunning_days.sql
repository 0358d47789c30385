-- For tests of dunning, in the transaction of a test whose path is its ledger.
-- The test's day begins with its night.

-- What leaves on each day, carried out at once: run, approve, claim, complete.
CREATE TEMP TABLE sent (sent_on date, action_id bigint, customer_id bigint, code text, currency text, language text, channel text, dunning_level integer,
                        template text, amount numeric, recipient text, subject text, body text, attachments text[]);
CREATE FUNCTION pg_temp.night(day date) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger SET pinned_date = day;
    RETURN (SELECT actions FROM run_daily(day));
END $$;
CREATE FUNCTION pg_temp.work(day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger SET pinned_date = day;
    PERFORM approve_action(d.action_id) FROM dunning_action d WHERE d.status = 'proposed';
    INSERT INTO sent SELECT day, c.action_id, c.customer_id, c.code, c.currency, c.language, c.channel, c.dunning_level, c.template, c.amount, c.recipient, c.subject, c.body, c.attachments
    FROM claim_actions('w', 1000) c;
    PERFORM complete_action(d.action_id, d.claim_token) FROM (SELECT x.action_id, x.claim_token FROM dunning_action x WHERE x.status = 'claimed' ORDER BY x.action_id) d;
END $$;
CREATE FUNCTION pg_temp.live(from_on date, to_on date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint := (SELECT count(*) FROM sent);
BEGIN
    FOR day IN 0 .. to_on - from_on LOOP
        PERFORM pg_temp.night(from_on + day);
        PERFORM pg_temp.work(from_on + day);
    END LOOP;
    RETURN (SELECT count(*) FROM sent) - before;
END $$;
CREATE FUNCTION pg_temp.path(code text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s L%s %s', to_char(s.sent_on, 'FMMM-DD'), s.channel, s.dunning_level, s.template), E'\n' ORDER BY s.sent_on, s.action_id) FROM sent s WHERE s.code = path.code
$$;
CREATE FUNCTION pg_temp.owes(code text, risk_class text, due_on date, VARIADIC amounts numeric[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    mine bigint;
BEGIN
    INSERT INTO customer (code, name, risk_class, language) VALUES (code, 'Client ' || code, risk_class, 'en') RETURNING customer_id INTO mine;
    INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) SELECT mine, owes.code || '-' || n, owes.due_on - 30, owes.due_on, a FROM unnest(amounts) WITH ORDINALITY u (a, n);
    RETURN mine;
END $$;
CREATE FUNCTION pg_temp.item(code text) RETURNS open_item LANGUAGE sql AS $$
    SELECT o FROM open_item o JOIN customer c USING (customer_id) WHERE c.code = item.code ORDER BY o.invoice_id LIMIT 1 $$;
CREATE FUNCTION pg_temp.invoice(code text) RETURNS bigint LANGUAGE sql AS $$ SELECT i.invoice_id FROM invoice i WHERE i.invoice_no = invoice.code $$;
