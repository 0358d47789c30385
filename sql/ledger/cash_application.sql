-- Cash application: from the bank line to the payment, and by rules to what
-- it settles.

CREATE TABLE bank_line_payment (
    customer_id   bigint NOT NULL,
    payment_id    bigint NOT NULL,
    bank_line_id  bigint NOT NULL REFERENCES bank_line ON UPDATE RESTRICT ON DELETE RESTRICT,
    part_no       integer NOT NULL CHECK (part_no > 0),
    recognised_by text NOT NULL CHECK (recognised_by IN ('given', 'payer_account', 'reference', 'name', 'exact_amount', 'hand')),
    rule          text,
    matching_code text,
    confidence    numeric CHECK (confidence BETWEEN 0 AND 1),
    note          text,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by   text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, payment_id),
    FOREIGN KEY (customer_id, payment_id) REFERENCES payment ON UPDATE RESTRICT ON DELETE RESTRICT,
    UNIQUE (customer_id, bank_line_id, part_no)
);
CREATE INDEX bank_line_payment_line ON bank_line_payment (bank_line_id, part_no);
COMMENT ON TABLE bank_line_payment IS
'Facts: the payments made of bank lines, and what the rules said of each at that time. What stands now is in matching and unapplied_cash.';
COMMENT ON COLUMN bank_line_payment.customer_id IS 'The payer.';
COMMENT ON COLUMN bank_line_payment.payment_id IS 'The payment.';
COMMENT ON COLUMN bank_line_payment.bank_line_id IS 'The bank line it came from.';
COMMENT ON COLUMN bank_line_payment.part_no IS 'Which part of the line, from 1: a line may be split among payers, or applied anew after it was reopened.';
COMMENT ON COLUMN bank_line_payment.recognised_by IS 'How the customer was known: given, payer_account, reference, name, exact_amount or hand.';
COMMENT ON COLUMN bank_line_payment.rule IS 'The rule that matched; NULL = none did.';
COMMENT ON COLUMN bank_line_payment.matching_code IS 'The matching code; NULL = unapplied.';
COMMENT ON COLUMN bank_line_payment.confidence IS 'How sure the rule is, 0 to 1: 1 the items named and their sum, 0.95 and 0.9 the amount, 0.8 a sum of several or a part of what was named, 0.5 oldest first.';
COMMENT ON COLUMN bank_line_payment.note IS 'What a person should know: what is left over, or the solutions between which nobody chose.';
COMMENT ON COLUMN bank_line_payment.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN bank_line_payment.recorded_by IS 'Role that recorded it.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON bank_line_payment
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON bank_line_payment
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The rules on one payment, in order.  A rule that finds two answers says so
-- and leaves the choice to a later rule or to a person.
CREATE FUNCTION find_match(customer_id bigint, payment_id bigint, is_lone boolean DEFAULT NULL,
                           OUT rule text, OUT confidence numeric, OUT note text, OUT used numeric, OUT excess numeric,
                           OUT invoice_ids bigint[], OUT instalment_nos integer[], OUT amounts numeric[], OUT differences numeric[], OUT discounts numeric[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    paid payment;
    available numeric;
    tokens text[];
    r record;
    ids bigint[];           -- the open items of the customer in this currency, oldest due first
    nos integer[];
    opens numeric[];
    names text[];
    offers boolean[];       -- its terms have a discount for early payment
    named integer[];        -- places in these arrays
    chosen integer[];
    solutions integer;
    solution text;
    choices text;
    tolerance numeric;
    total numeric;
    funds numeric;          -- what the payment and the credit notes chosen give
    due numeric[];          -- the discount of each item chosen, if the payment takes it
    short numeric;          -- what they leave open of what was chosen; negative = paid too much
BEGIN
    SELECT p.* INTO paid FROM payment p WHERE p.customer_id = find_match.customer_id AND p.payment_id = find_match.payment_id;
    available := unapplied_amount(find_match.customer_id, find_match.payment_id);
    IF coalesce(available, 0) <= 0 THEN
        note := 'nothing is left of it';
        RETURN;
    END IF;
    tokens := remittance_tokens(paid.reference);
    SELECT array_agg(i.invoice_id ORDER BY i.place), array_agg(i.instalment_no ORDER BY i.place), array_agg(i.open_amount ORDER BY i.place),
           array_agg(i.name ORDER BY i.place), array_agg(i.offers ORDER BY i.place), array_agg(i.place ORDER BY i.place) FILTER (WHERE i.is_named)
    INTO ids, nos, opens, names, offers, named
    FROM (SELECT o.invoice_id, o.instalment_no, o.open_amount,
                 (row_number() OVER (ORDER BY o.due_on, i.issued_on, o.invoice_id, o.instalment_no))::integer AS place,
                 coalesce(i.terms LIKE '%/%', false) AND i.instalment_due_on IS NULL AS offers,
                 i.invoice_no || CASE WHEN i.instalment_due_on IS NOT NULL THEN '/' || o.instalment_no ELSE '' END AS name,
                 regexp_replace(upper(i.invoice_no), '[^A-Z0-9]', '', 'g') = ANY (tokens)
                 OR EXISTS (SELECT FROM sales_order s WHERE s.customer_id = i.customer_id AND s.order_id = i.order_id AND s.order_no ~ '[0-9]'
                            AND regexp_replace(upper(s.order_no), '[^A-Z0-9]', '', 'g') = ANY (tokens)) AS is_named
          FROM open_item o JOIN invoice i USING (customer_id, invoice_id)
          WHERE o.customer_id = find_match.customer_id AND o.currency = paid.currency) i;
    IF ids IS NULL THEN
        note := format('no open item in %s', paid.currency);
        RETURN;
    END IF;
    FOR r IN SELECT * FROM match_rules(paid.currency, available, paid.rate) m WHERE m.rule <> 'manual' LOOP
        CASE r.rule
        WHEN 'reference' THEN
            CONTINUE WHEN named IS NULL;
            total := (SELECT sum(opens[n]) FROM unnest(named) n);
            chosen := named;
            confidence := 1;
            IF total > available AND EXISTS (SELECT FROM unnest(named) n WHERE offers[n]) THEN
                due := ARRAY(SELECT coalesce(CASE WHEN offers[n] THEN cash_discount_due(ids[n], paid.received_on) END, 0)
                             FROM unnest(named) n ORDER BY n);
            END IF;
            IF total - (SELECT sum(d) FROM unnest(due) d) = available THEN
                note := format('%s of discount for early payment', total - available);
                rule := r.rule;
                EXIT;
            END IF;
            due := NULL;
            IF abs(total - available) > r.tolerance THEN      -- some of what is named, as with instalments?
                SELECT count(*), min(s.places::text) INTO solutions, solution
                FROM credit_risk.match_payment(available, ARRAY(SELECT opens[n] FROM unnest(named) n ORDER BY n), 0, 2, 'none') s (places)
                WHERE cardinality(named) <= r.max_items;
                IF solutions = 1 THEN
                    chosen := ARRAY(SELECT named[n] FROM unnest(solution::integer[]) n ORDER BY n);
                ELSIF total <= 0 OR (total > available AND EXISTS (SELECT FROM unnest(named) n WHERE opens[n] < 0)) THEN
                    note := format('paid is %s, what the text names adds up to %s', available, total);
                    chosen := NULL;
                    EXIT;           -- the payer has said what it is for
                ELSE
                    confidence := 0.8;
                    note := CASE WHEN total > available THEN format('%s less than what the text names', total - available)
                                 ELSE format('%s more than what the text names', available - total) END;
                END IF;
            END IF;
        WHEN 'exact_amount' THEN
            chosen := ARRAY(SELECT n FROM generate_subscripts(opens, 1) n WHERE opens[n] = available);
            confidence := 0.95;
            IF cardinality(chosen) <> 1 OR NOT coalesce(is_lone, (SELECT count(*) = 1 FROM open_item o
                                                                  WHERE o.currency = paid.currency AND o.open_amount = available)) THEN
                chosen := NULL;
            END IF;
        WHEN 'customer_amount' THEN
            chosen := ARRAY(SELECT n FROM generate_subscripts(opens, 1) n WHERE opens[n] = available ORDER BY n);
            IF cardinality(chosen) = 0 AND true = ANY (offers) THEN     -- less its discount
                chosen := ARRAY(SELECT n FROM generate_subscripts(opens, 1) n WHERE offers[n] AND opens[n] BETWEEN available AND 2 * available
                                AND opens[n] - cash_discount_due(ids[n], paid.received_on) = available ORDER BY n);
                IF cardinality(chosen) = 1 THEN
                    due := ARRAY[opens[chosen[1]] - available];
                    note := format('%s of discount for early payment', due[1]);
                END IF;
            END IF;
            IF cardinality(chosen) = 0 AND r.tolerance > 0 THEN
                chosen := ARRAY(SELECT n FROM generate_subscripts(opens, 1) n WHERE opens[n] > 0 AND abs(opens[n] - available) <= r.tolerance ORDER BY n);
            END IF;
            confidence := 0.9;
            IF cardinality(chosen) > 1 THEN
                choices := coalesce(choices, (SELECT string_agg(names[n], ' | ' ORDER BY n) FROM unnest(chosen) n));
            END IF;
            IF cardinality(chosen) <> 1 THEN
                chosen := NULL;
            END IF;
        WHEN 'subset' THEN
            CONTINUE WHEN choices IS NOT NULL OR cardinality(opens) > r.max_items;
            FOREACH tolerance IN ARRAY CASE WHEN r.tolerance > 0 THEN ARRAY[0, r.tolerance] ELSE ARRAY[0::numeric] END LOOP
                SELECT count(*), min(s.places::text), string_agg((SELECT string_agg(names[n], ' + ' ORDER BY n) FROM unnest(s.places) n), ' | ')
                INTO solutions, solution, choices
                FROM credit_risk.match_payment(available, opens, tolerance, 2, 'none') s (places);
                EXIT WHEN solutions > 0;
            END LOOP;
            IF solutions = 1 THEN
                chosen := solution::integer[];
                choices := NULL;
            END IF;
            confidence := 0.8;
        ELSE        -- oldest_first
            chosen := nullif(ARRAY(SELECT n FROM generate_subscripts(opens, 1) n WHERE opens[n] > 0 ORDER BY n), '{}');
            confidence := 0.5;
        END CASE;
        rule := r.rule;
        tolerance := r.tolerance;
        EXIT WHEN chosen IS NOT NULL;
    END LOOP;
    note := concat_ws('; ', note, 'ambiguous: ' || choices);
    IF chosen IS NULL THEN
        rule := NULL;
        confidence := NULL;
        note := coalesce(nullif(note, ''), 'no rule matched');
        RETURN;
    END IF;

    -- Credit notes and the payment settle the items in this order; what is
    -- short or over by no more than the tolerance is a small difference.
    short := (SELECT sum(opens[n]) FROM unnest(chosen) n) - available - coalesce((SELECT sum(d) FROM unnest(due) d), 0);
    funds := available - coalesce((SELECT sum(opens[n]) FROM unnest(chosen) n WHERE opens[n] < 0), 0);
    FOR i IN 1 .. cardinality(chosen) LOOP
        invoice_ids[i] := ids[chosen[i]];
        instalment_nos[i] := nos[chosen[i]];
        discounts[i] := coalesce(due[i], 0);
        amounts[i] := least(opens[chosen[i]] - discounts[i], funds);
        funds := funds - greatest(amounts[i], 0);
        differences[i] := CASE WHEN rule <> 'oldest_first' AND short BETWEEN 0 AND tolerance THEN opens[chosen[i]] - discounts[i] - amounts[i] ELSE 0 END;
    END LOOP;
    used := available - funds;
    excess := CASE WHEN rule <> 'oldest_first' AND funds <= tolerance THEN funds ELSE 0 END;
    note := concat_ws('; ', nullif(note, ''), CASE WHEN short <> 0 AND abs(short) <= tolerance AND rule <> 'oldest_first'
                                                   THEN format('small difference of %s within the tolerance of %s', abs(short), tolerance)
                                                   WHEN funds > 0 THEN format('%s is left unapplied', funds) END);
    note := nullif(note, '');
END $$;
COMMENT ON FUNCTION find_match(bigint, bigint, boolean) IS
'What the rules of match_rule make of the rest of a payment, without effect: the first rule that has one answer, how sure it is, what is used of the payment and kept of it as a small difference, and of each item (of a credit note: negative) the amount, a small difference and the discount for early payment that is taken in time. rule NULL = none; note says why, or between which solutions nobody chose. is_lone: whether the amount is that of one open item of the ledger only (NULL = look).';

CREATE FUNCTION apply_payment(payment_id bigint, OUT rule text, OUT matching_code text, OUT confidence numeric, OUT note text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    payer bigint := (SELECT p.customer_id FROM payment p WHERE p.payment_id = apply_payment.payment_id AND p.reversal_of IS NULL);
    m record;
BEGIN
    IF payer IS NULL THEN
        RAISE EXCEPTION 'there is no payment %', apply_payment.payment_id USING ERRCODE = 'CR007', HINT = 'unapplied_cash shows the payments of which something is left.';
    END IF;
    PERFORM lock_accounts(ARRAY[payer]);
    SELECT f.* INTO m FROM find_match(payer, apply_payment.payment_id) f;
    rule := m.rule;
    confidence := m.confidence;
    note := m.note;
    IF m.rule IS NOT NULL THEN
        matching_code := post_match(payer, apply_payment.payment_id, m.used, m.invoice_ids, m.instalment_nos, m.amounts, m.differences, m.excess, m.rule, m.note, NULL, m.discounts);
    END IF;
    PERFORM open_cash_tasks(ARRAY[payer], ARRAY[apply_payment.payment_id]);
END $$;
COMMENT ON FUNCTION apply_payment(bigint) IS
'Tries the rules on one payment, whether it came from a bank line or not, for example again after its invoice was written. Returns the rule, its matching code, how sure it is and what is left to say; rule NULL = nothing matched, with a task match_cash. CR007 for no such payment. Runs as the owner: it locks the account, which is nobody''s to write.';

-- Bank lines of known customers become payments, all in one statement.  Then
-- the rules are tried in the order of the bank: in rounds, each with the next
-- payment of every customer, whose matches are written together.
CREATE FUNCTION pay_bank_lines(bank_line_ids bigint[], customer_ids bigint[], amounts numeric[], recognised text[], lone boolean[],
                               OUT payments bigint, OUT matched bigint)
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    paid record;
    found_match record;
    payers bigint[];        -- of every payment, in the order of the bank
    payment_ids bigint[];
    part_nos integer[];
    places integer[];       -- of a round: where in these each match belongs
    rules text[];
    confidences numeric[];
    notes text[];
    used numeric[];
    excesses numeric[];
    codes text[];
    item_places integer[];
    item_ids bigint[];
    item_nos integer[];
    item_amounts numeric[];
    item_differences numeric[];
    item_discounts numeric[];
BEGIN
    matched := 0;
    PERFORM lock_accounts(customer_ids);
    WITH part AS (
        SELECT k.*, (row_number() OVER (PARTITION BY k.bank_line_id ORDER BY k.place)
                     + coalesce((SELECT max(b.part_no) FROM bank_line_payment b WHERE b.bank_line_id = k.bank_line_id), 0))::integer AS part_no
        FROM unnest(bank_line_ids, customer_ids, amounts) WITH ORDINALITY k (bank_line_id, customer_id, amount, place)
    ), written AS (
        INSERT INTO payment (customer_id, received_on, amount, currency, method, reference, external_ref)
        SELECT p.customer_id, l.booked_on, p.amount, l.currency, l.method, l.remittance, format('bank line %s/%s', p.bank_line_id, p.part_no)
        FROM part p JOIN bank_line l USING (bank_line_id) ORDER BY p.place
        RETURNING payment.customer_id, payment.payment_id, payment.external_ref
    )
    SELECT array_agg(w.customer_id ORDER BY p.place), array_agg(w.payment_id ORDER BY p.place), array_agg(p.part_no ORDER BY p.place)
    INTO payers, payment_ids, part_nos
    FROM part p JOIN written w ON w.customer_id = p.customer_id AND w.external_ref = format('bank line %s/%s', p.bank_line_id, p.part_no);
    payments := coalesce(cardinality(payment_ids), 0);
    FOR round IN 1 .. coalesce((SELECT max(n.payments) FROM (SELECT count(*) AS payments FROM unnest(payers) p GROUP BY p) n), 0) LOOP
        places := NULL; rules := NULL; confidences := NULL; notes := NULL; used := NULL; excesses := NULL;
        item_places := NULL; item_ids := NULL; item_nos := NULL; item_amounts := NULL; item_differences := NULL; item_discounts := NULL;
        FOR paid IN SELECT k.* FROM (SELECT u.*, row_number() OVER (PARTITION BY u.customer_id ORDER BY u.place) AS turn
                                     FROM unnest(payers, payment_ids, lone) WITH ORDINALITY u (customer_id, payment_id, is_lone, place)) k
                    WHERE k.turn = round ORDER BY k.place LOOP
            SELECT f.* INTO found_match FROM find_match(paid.customer_id, paid.payment_id, paid.is_lone) f;
            IF found_match.rule IS NULL THEN
                INSERT INTO bank_line_payment (customer_id, payment_id, bank_line_id, part_no, recognised_by, note)
                VALUES (paid.customer_id, paid.payment_id, bank_line_ids[paid.place], part_nos[paid.place], recognised[paid.place], found_match.note);
                CONTINUE;
            END IF;
            places := places || paid.place::integer;
            rules := rules || found_match.rule;
            confidences := confidences || found_match.confidence;
            notes := array_append(notes, found_match.note);
            used := used || found_match.used;
            excesses := excesses || found_match.excess;
            item_places := item_places || array_fill(cardinality(places), ARRAY[cardinality(found_match.invoice_ids)]);
            item_ids := item_ids || found_match.invoice_ids;
            item_nos := item_nos || found_match.instalment_nos;
            item_amounts := item_amounts || found_match.amounts;
            item_differences := item_differences || found_match.differences;
            item_discounts := item_discounts || found_match.discounts;
        END LOOP;
        CONTINUE WHEN places IS NULL;
        codes := post_matches(ARRAY(SELECT payers[p.place] FROM unnest(places) WITH ORDINALITY p (place, n) ORDER BY p.n),
                              ARRAY(SELECT payment_ids[p.place] FROM unnest(places) WITH ORDINALITY p (place, n) ORDER BY p.n),
                              used, excesses, rules, notes, item_places, item_ids, item_nos, item_amounts, item_differences, item_discounts);
        INSERT INTO bank_line_payment (customer_id, payment_id, bank_line_id, part_no, recognised_by, rule, matching_code, confidence, note)
        SELECT payers[p.place], payment_ids[p.place], bank_line_ids[p.place], part_nos[p.place], recognised[p.place], p.rule, p.code, p.confidence, p.note
        FROM unnest(places, rules, codes, confidences, notes) p (place, rule, code, confidence, note);
        matched := matched + cardinality(places);
    END LOOP;
    UPDATE bank_line l
    SET status = 'applied', note = NULL, customer_id = CASE WHEN k.payers = 1 THEN k.customer_id END
    FROM (SELECT b.bank_line_id, count(DISTINCT b.customer_id) AS payers, min(b.customer_id) AS customer_id
          FROM unnest(bank_line_ids, customer_ids) b (bank_line_id, customer_id) GROUP BY 1) k
    WHERE l.bank_line_id = k.bank_line_id;
    PERFORM open_cash_tasks(payers, payment_ids);
END $$;
COMMENT ON FUNCTION pay_bank_lines(bigint[], bigint[], numeric[], text[], boolean[]) IS
'Makes the payments of these bank lines or parts of them and tries the rules on each; returns how many payments and how many a rule matched. For the functions of the ledger, which hold the lines.';

CREATE FUNCTION apply_bank_lines(max_lines integer DEFAULT NULL, OUT lines bigint, OUT payments bigint, OUT matched bigint, OUT unmatched bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    today date := business_date();
    claimed bigint[];
    known bigint[];         -- whose payer is known, in the order of the bank
    payers bigint[];
    sums numeric[];
    recognised text[];
    lone boolean[];
    unknown bigint[];
    notes text[];
BEGIN
    IF max_lines <= 0 THEN
        RAISE EXCEPTION 'argument "max_lines" is out of range' USING ERRCODE = '22023', HINT = 'Give a positive number, or NULL for all.';
    END IF;
    -- A line that another session is at is left to it.
    SELECT array_agg(l.bank_line_id) INTO claimed
    FROM (SELECT b.bank_line_id FROM bank_line b WHERE b.status = 'open' AND b.booked_on <= today
          ORDER BY b.passes, b.bank_line_id LIMIT max_lines FOR NO KEY UPDATE SKIP LOCKED) l;
    WITH recognised AS (
        SELECT l.bank_line_id, l.booked_on, l.amount, coalesce(g.recognised_by, 'exact_amount') AS how, g.lone_customer_id IS NOT NULL AS is_lone,
               CASE WHEN e.rate_is_known THEN coalesce(g.customer_id, CASE WHEN e.amount_decides THEN g.lone_customer_id END) END AS payer,
               CASE WHEN e.rate_is_known THEN g.note ELSE format('no exchange rate of %s for %s', l.currency, l.booked_on) END AS note
        FROM recognise_bank_lines(claimed) g JOIN bank_line l USING (bank_line_id)
        CROSS JOIN LATERAL (
            SELECT l.currency = s.base_currency
                   OR EXISTS (SELECT FROM exchange_rate x WHERE x.currency = l.currency AND x.rate_on BETWEEN l.booked_on - s.max_rate_age AND l.booked_on) AS rate_is_known,
                   g.note LIKE 'not recognised%'
                   AND EXISTS (SELECT FROM match_rule r WHERE r.rule = 'exact_amount' AND r.active AND r.recognises) AS amount_decides
            FROM ledger s) e
    )
    SELECT array_agg(r.bank_line_id ORDER BY r.booked_on, r.bank_line_id) FILTER (WHERE r.payer IS NOT NULL),
           array_agg(r.payer ORDER BY r.booked_on, r.bank_line_id) FILTER (WHERE r.payer IS NOT NULL),
           array_agg(r.amount ORDER BY r.booked_on, r.bank_line_id) FILTER (WHERE r.payer IS NOT NULL),
           array_agg(r.how ORDER BY r.booked_on, r.bank_line_id) FILTER (WHERE r.payer IS NOT NULL),
           array_agg(r.is_lone ORDER BY r.booked_on, r.bank_line_id) FILTER (WHERE r.payer IS NOT NULL),
           array_agg(r.bank_line_id ORDER BY r.bank_line_id) FILTER (WHERE r.payer IS NULL),
           array_agg(r.note ORDER BY r.bank_line_id) FILTER (WHERE r.payer IS NULL)
    INTO known, payers, sums, recognised, lone, unknown, notes
    FROM recognised r;
    UPDATE bank_line l SET passes = l.passes + 1, note = n.note
    FROM unnest(unknown, notes) n (bank_line_id, note) WHERE l.bank_line_id = n.bank_line_id;
    SELECT p.payments, p.matched INTO payments, matched FROM pay_bank_lines(known, payers, sums, recognised, lone) p;
    lines := coalesce(cardinality(claimed), 0);
    unmatched := lines - matched;
END $$;
COMMENT ON FUNCTION apply_bank_lines(integer) IS
'Cash application: takes open bank lines booked until the business date (NULL = all), recognises who paid, makes one payment of each and tries the rules. Returns lines looked at, payments made, how many of them a rule matched, and the lines that a person should see: unapplied (a task match_cash) or not recognised (unmatched_bank_line). Run again it finds only what is still open; two sessions share the work. Runs as the owner: the state of lines and the account are nobody''s to write.';

CREATE FUNCTION take_bank_line(bank_line_id bigint, needed text) RETURNS bank_line
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    line bank_line;
BEGIN
    SELECT l.* INTO line FROM bank_line l WHERE l.bank_line_id = take_bank_line.bank_line_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no bank line %', take_bank_line.bank_line_id USING ERRCODE = 'CR007', HINT = 'unmatched_bank_line shows the open ones.';
    ELSIF (line.status = 'open') <> (needed = 'open') THEN
        RAISE EXCEPTION 'bank line % is %', line.bank_line_id, replace(line.status, '_', ' ')
            USING ERRCODE = 'CR012', DETAIL = format('It is %s %s booked on %s.', line.amount, line.currency, line.booked_on),
                  HINT = CASE needed WHEN 'open' THEN 'reopen_bank_line() undoes what was made of it.' ELSE 'Nothing was made of it yet.' END;
    END IF;
    RETURN line;
END $$;
COMMENT ON FUNCTION take_bank_line(bigint, text) IS
'Locks a bank line that must be open, or must not. CR007 for no such line, CR012 for the other state. For the functions of the ledger.';

CREATE FUNCTION assign_bank_line(bank_line_id bigint, customer_id bigint, learn boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    line bank_line := take_bank_line(assign_bank_line.bank_line_id, 'open');
    payer bigint := (SELECT coalesce(c.payer_id, c.customer_id) FROM customer c WHERE c.customer_id = assign_bank_line.customer_id);
BEGIN
    IF payer IS NULL THEN
        RAISE EXCEPTION 'there is no customer %', assign_bank_line.customer_id USING ERRCODE = 'CR004', HINT = 'The key of a code is customer_id(''C001'').';
    END IF;
    IF learn AND line.payer_account IS NOT NULL THEN
        INSERT INTO payer_account (customer_id, iban, learnt_from) VALUES (payer, line.payer_account, line.bank_line_id) ON CONFLICT DO NOTHING;
    END IF;
    PERFORM pay_bank_lines(ARRAY[line.bank_line_id], ARRAY[payer], ARRAY[line.amount], ARRAY['hand'], ARRAY[NULL::boolean]);
    RETURN (SELECT b.payment_id FROM bank_line_payment b WHERE b.bank_line_id = line.bank_line_id ORDER BY b.part_no DESC LIMIT 1);
END $$;
COMMENT ON FUNCTION assign_bank_line(bigint, bigint, boolean) IS
'Says by hand who paid a bank line: makes the payment, tries the rules and returns its payment_id. learn keeps the payer''s account in payer_account, so that the next line is known. CR004 for no such customer, CR007, CR012 for a line that is not open. Runs as the owner: the state of lines and the account are nobody''s to write.';

CREATE FUNCTION split_bank_line(bank_line_id bigint, customer_ids bigint[], amounts numeric[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    line bank_line := take_bank_line(split_bank_line.bank_line_id, 'open');
    payers bigint[] := ARRAY(SELECT coalesce(c.payer_id, c.customer_id) FROM unnest(customer_ids) WITH ORDINALITY k (id, place)
                             JOIN customer c ON c.customer_id = k.id ORDER BY k.place);
    total numeric := (SELECT sum(a) FROM unnest(amounts) a);
    before integer := (SELECT coalesce(max(b.part_no), 0) FROM bank_line_payment b WHERE b.bank_line_id = line.bank_line_id);
BEGIN
    IF coalesce(cardinality(customer_ids), 0) = 0 OR cardinality(amounts) IS DISTINCT FROM cardinality(customer_ids) THEN
        RAISE EXCEPTION 'arguments "customer_ids" and "amounts" do not fit together' USING ERRCODE = '22023', HINT = 'Give one amount for each payer.';
    ELSIF cardinality(payers) < cardinality(customer_ids) THEN
        RAISE EXCEPTION 'there is no customer %', (SELECT k.id FROM unnest(customer_ids) k (id) WHERE NOT EXISTS (SELECT FROM customer c WHERE c.customer_id = k.id) LIMIT 1)
            USING ERRCODE = 'CR004', HINT = 'The key of a code is customer_id(''C001'').';
    ELSIF total IS DISTINCT FROM line.amount THEN
        RAISE EXCEPTION 'the parts of bank line % add up to %, not to %', line.bank_line_id, total, line.amount
            USING ERRCODE = 'CR003', HINT = format('%s %s is to be given to somebody.', line.amount - total, line.currency);
    END IF;
    PERFORM pay_bank_lines(array_fill(line.bank_line_id, ARRAY[cardinality(payers)]), payers, amounts,
                           array_fill('hand'::text, ARRAY[cardinality(payers)]), array_fill(NULL::boolean, ARRAY[cardinality(payers)]));
    RETURN QUERY SELECT b.payment_id FROM bank_line_payment b WHERE b.bank_line_id = line.bank_line_id AND b.part_no > before ORDER BY b.part_no;
END $$;
COMMENT ON FUNCTION split_bank_line(bigint, bigint[], numeric[]) IS
'Gives a bank line to several payers, for example of one group: one payment each with the same reference, whose amounts must add up to the line (CR003), and tries the rules. Returns the payments in this order. 22023, CR004, CR007, CR012 as assign_bank_line. Runs as the owner: the state of lines and the account are nobody''s to write.';

CREATE FUNCTION set_aside_bank_line(bank_line_id bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    line bank_line := take_bank_line(set_aside_bank_line.bank_line_id, 'open');
BEGIN
    IF coalesce(reason, '') = '' THEN
        RAISE EXCEPTION 'a bank line is set aside for a reason' USING ERRCODE = '22023', HINT = 'Say what the money is, if it is no payment of a customer.';
    END IF;
    UPDATE bank_line l SET status = 'set_aside', note = reason WHERE l.bank_line_id = line.bank_line_id;
    RETURN reason;
END $$;
COMMENT ON FUNCTION set_aside_bank_line(bigint, text) IS
'Takes a bank line that is no payment of a customer (interest, a tax refund) out of the work, with the reason, which it returns. reopen_bank_line() brings it back. CR007, CR012, 22023 without a reason. Runs as the owner: the state of lines is nobody''s to write.';

CREATE FUNCTION reopen_bank_line(bank_line_id bigint, reason text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    line bank_line := take_bank_line(reopen_bank_line.bank_line_id, 'done');
    payers bigint[];
    payment_ids bigint[];
BEGIN
    IF coalesce(reason, '') = '' THEN
        RAISE EXCEPTION 'a bank line is reopened for a reason' USING ERRCODE = '22023', HINT = 'Say what was wrong.';
    END IF;
    PERFORM lock_accounts(ARRAY(SELECT b.customer_id FROM bank_line_payment b WHERE b.bank_line_id = line.bank_line_id));
    SELECT coalesce(array_agg(b.customer_id), '{}'), coalesce(array_agg(b.payment_id), '{}') INTO payers, payment_ids
    FROM bank_line_payment b
    WHERE b.bank_line_id = line.bank_line_id
      AND NOT EXISTS (SELECT FROM payment r WHERE r.customer_id = b.customer_id AND r.reversal_of = b.payment_id);
    PERFORM unmatch_payment(k.payment_id, reopen_bank_line.reason) FROM unnest(payers, payment_ids) k (customer_id, payment_id)
    WHERE unapplied_amount(k.customer_id, k.payment_id) < (SELECT p.amount FROM payment p WHERE p.customer_id = k.customer_id AND p.payment_id = k.payment_id);
    PERFORM reverse_payment(k.payment_id) FROM unnest(payment_ids) k (payment_id);
    DELETE FROM payer_account a WHERE a.learnt_from = line.bank_line_id;
    UPDATE bank_line l SET status = 'open', customer_id = NULL, note = reason WHERE l.bank_line_id = line.bank_line_id;
    RETURN cardinality(payment_ids);
END $$;
COMMENT ON FUNCTION reopen_bank_line(bigint, text) IS
'Undoes what was made of a bank line, for example for the wrong customer: its matches and payments are reversed on the business date, the account learnt from it is forgotten, and the line is open for assign_bank_line(). Returns how many payments were taken back. CR007, CR012 for a line that is open, 22023 without a reason. Runs as the owner: the state of lines and the account are nobody''s to write.';

CREATE VIEW unmatched_bank_line AS
SELECT l.bank_line_id, l.bank_account, l.statement_no, l.line_no, l.end_to_end_ref, l.booked_on, l.value_on, l.amount, l.currency,
       l.payer_name, l.payer_account, l.remittance, l.customer_id, l.passes, l.note, greatest((SELECT business_date()) - l.booked_on, 0) AS days
FROM bank_line l WHERE l.status = 'open';
COMMENT ON VIEW unmatched_bank_line IS
'Bank lines of which no payment is made yet (encaissements à identifier), with the reason, and the days since they were booked. assign_bank_line(), split_bank_line() and set_aside_bank_line() finish them.';

CREATE VIEW cash_application_rate AS
SELECT s.month, s.rule, s.recognised_by, s.payments, s.amount_base,
       round(100 * s.payments / sum(s.payments) OVER (PARTITION BY s.month), 2) AS payments_pct,
       round(100 * s.amount_base / sum(s.amount_base) OVER (PARTITION BY s.month), 2) AS amount_pct
FROM (SELECT date_trunc('month', p.received_on)::date AS month, b.rule, b.recognised_by, count(*) AS payments, sum(p.amount_base) AS amount_base
      FROM bank_line_payment b JOIN payment p USING (customer_id, payment_id) GROUP BY 1, 2, 3) s;
COMMENT ON VIEW cash_application_rate IS
'How much of the payments from bank lines was matched by rules (taux de lettrage automatique), by month of receipt, rule (NULL = none matched) and how the customer was recognised: number, amount in base currency, and the share of the month in percent.';
