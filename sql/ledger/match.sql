-- Matching (lettrage): payments and credit notes against open items, by hand,
-- under a code that says what was matched together.

CREATE TABLE match_rule (
    rule_no          integer PRIMARY KEY CHECK (rule_no > 0),
    rule             text NOT NULL CHECK (rule IN ('reference', 'exact_amount', 'customer_amount', 'subset', 'oldest_first', 'manual')),
    currency         text CHECK (currency ~ '^[A-Z]{3}$'),
    active           boolean NOT NULL DEFAULT true,
    tolerance_amount numeric NOT NULL DEFAULT 0 CHECK (tolerance_amount >= 0 AND tolerance_amount < 1e18),
    tolerance_pct    numeric CHECK (tolerance_pct >= 0 AND tolerance_pct < 100),
    max_items        integer NOT NULL DEFAULT 30 CHECK (max_items BETWEEN 1 AND 36),
    recognises       boolean NOT NULL DEFAULT false CONSTRAINT match_rule_recognises_by_amount CHECK (rule = 'exact_amount' OR NOT recognises)
);
CREATE UNIQUE INDEX match_rule_currency ON match_rule (rule, coalesce(currency, ''));
COMMENT ON TABLE match_rule IS
'Rules of cash application (règles de lettrage), tried in the order of rule_no; yours to order and switch. As delivered, oldest_first is off and subset comes before it: what matches nothing stays visible as unapplied cash with a task, since oldest first always finds something. manual is no rule to try: its tolerance bounds the small differences of match().';
COMMENT ON COLUMN match_rule.rule_no IS 'Place in the order.';
COMMENT ON COLUMN match_rule.rule IS 'reference: the items that the remittance text names. exact_amount: the only open item of exactly this amount in the whole ledger. customer_amount: the only item of the customer with this amount. subset: the only set of items, less credit notes, that sums to it. oldest_first: the earliest due first (C. civ. 1342-10).';
COMMENT ON COLUMN match_rule.currency IS 'Payments in this currency take this row in place of the general one (NULL).';
COMMENT ON COLUMN match_rule.active IS 'false: not tried.';
COMMENT ON COLUMN match_rule.tolerance_amount IS 'Small difference accepted either way, in currency; of a general row in base currency, at the rate of the payment.';
COMMENT ON COLUMN match_rule.tolerance_pct IS 'And at most so many percent of the payment; NULL = the amount alone decides.';
COMMENT ON COLUMN match_rule.max_items IS 'Of subset: with more open items it is not tried, since chance would find sums.';
COMMENT ON COLUMN match_rule.recognises IS 'Of exact_amount: it may also decide whose bank line it is; false = such a line is only shown with the proposal.';
INSERT INTO match_rule (rule_no, rule, active, tolerance_amount) VALUES
    (10, 'reference', true, 0), (20, 'exact_amount', true, 0), (30, 'customer_amount', true, 0), (40, 'subset', true, 0),
    (50, 'oldest_first', false, 0), (90, 'manual', true, 5);
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON match_rule
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION match_rules(currency text, amount numeric, rate numeric) RETURNS TABLE (rule text, tolerance numeric, max_items integer)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT r.rule, least(trunc(CASE WHEN r.currency IS NULL THEN r.tolerance_amount / match_rules.rate ELSE r.tolerance_amount END,
                               credit_risk.currency_scale(match_rules.currency)),
                         trunc(match_rules.amount * r.tolerance_pct / 100, credit_risk.currency_scale(match_rules.currency))), r.max_items
    FROM match_rule r
    WHERE r.active AND (r.currency = match_rules.currency
                        OR r.currency IS NULL AND NOT EXISTS (SELECT FROM match_rule s WHERE s.rule = r.rule AND s.currency = match_rules.currency))
    ORDER BY r.rule_no
$$;
COMMENT ON FUNCTION match_rules(text, numeric, numeric) IS
'The active rules for a payment of this currency, amount and rate, in order, with their tolerance in its currency.';

CREATE TABLE matching_code (
    customer_id   bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    code_no       integer NOT NULL CHECK (code_no > 0),
    matching_code text NOT NULL CHECK (matching_code <> ''),
    rule          text NOT NULL CHECK (rule <> ''),
    payment_id    bigint,
    reason        text,
    matched_on    date NOT NULL CHECK (isfinite(matched_on)),
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by   text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, code_no),
    UNIQUE (customer_id, matching_code),
    FOREIGN KEY (customer_id, payment_id) REFERENCES payment ON UPDATE RESTRICT ON DELETE RESTRICT
);
CREATE INDEX allocation_matching ON allocation (customer_id, matching_code) WHERE matching_code IS NOT NULL;
COMMENT ON TABLE matching_code IS
'Facts: matching codes (codes lettrage), one row a match: AA, AB ... per customer, never used again. What was matched under a code are the allocations that bear it.';
COMMENT ON COLUMN matching_code.customer_id IS 'The payer.';
COMMENT ON COLUMN matching_code.code_no IS 'Number of the code, from 1; AA is 1.';
COMMENT ON COLUMN matching_code.matching_code IS 'The code in letters; unique per customer.';
COMMENT ON COLUMN matching_code.rule IS 'The rule of match_rule that found it; manual, credit_note or net_off where a person did.';
COMMENT ON COLUMN matching_code.payment_id IS 'The payment matched; NULL = credit notes only.';
COMMENT ON COLUMN matching_code.reason IS 'Why, or what is to be known about it.';
COMMENT ON COLUMN matching_code.matched_on IS 'Business date of the matching; what it settles has its own dates.';
COMMENT ON COLUMN matching_code.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN matching_code.recorded_by IS 'Role that recorded it.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON matching_code
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON matching_code
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION matching_letters(code_no integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH RECURSIVE digit AS (       -- A to Z are left out, so that AA is the first
        SELECT code_no::bigint + 26 AS rest, '' AS letters
      UNION ALL
        SELECT (d.rest - 1) / 26, chr(65 + ((d.rest - 1) % 26)::integer) || d.letters FROM digit d WHERE d.rest > 0
    )
    SELECT d.letters FROM digit d WHERE d.rest = 0
$$;
COMMENT ON FUNCTION matching_letters(integer) IS 'The letters of a matching code by its number: 1 AA, 2 AB, 677 AAA.';

CREATE FUNCTION unapplied_amount(customer_id bigint, payment_id bigint) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM payment r WHERE r.customer_id = p.customer_id AND r.reversal_of = p.payment_id) THEN 0
                ELSE p.amount - coalesce((SELECT sum(CASE WHEN a.reversal_of IS NULL THEN a.amount ELSE -a.amount END) FROM allocation a
                                          WHERE a.customer_id = p.customer_id AND a.payment_id = p.payment_id), 0) END
    FROM payment p
    WHERE p.customer_id = unapplied_amount.customer_id AND p.payment_id = unapplied_amount.payment_id AND p.reversal_of IS NULL
$$;
COMMENT ON FUNCTION unapplied_amount(bigint, bigint) IS
'What is left of a payment, document currency: 0 of one that was taken back, NULL where there is none.';

CREATE FUNCTION open_cash_tasks(customer_ids bigint[], payment_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM open_task(p.customer_id, 'match_cash', format('Match %s %s received on %s%s', u.unapplied, p.currency, p.received_on,
                                                          coalesce(': ' || nullif(p.reference, ''), '')), NULL, p.payment_id, 'accounting')
    FROM (SELECT DISTINCT * FROM unnest(customer_ids, payment_ids)) k (customer_id, payment_id) JOIN payment p USING (customer_id, payment_id)
    CROSS JOIN LATERAL (SELECT unapplied_amount(p.customer_id, p.payment_id) AS unapplied) u
    WHERE u.unapplied > 0;
END $$;
COMMENT ON FUNCTION open_cash_tasks(bigint[], bigint[]) IS
'Opens a task match_cash for each of these payments of which something is left; close_match_tasks() closes it when nothing is.';

-- The one place that writes matches, many in one statement.  Credit notes pay
-- first, then the payment; items are paid in the order given.
CREATE FUNCTION post_matches(customer_ids bigint[], payment_ids bigint[], payment_amounts numeric[], payment_differences numeric[],
                             rules text[], reasons text[],
                             match_nos integer[], invoice_ids bigint[], instalment_nos integer[], amounts numeric[], item_differences numeric[],
                             item_discounts numeric[] DEFAULT NULL, effective_on date DEFAULT NULL) RETURNS text[]
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    today date := business_date();
    numbers integer[];
    letters text[];
BEGIN
    SELECT array_agg(n.last + n.place::integer ORDER BY n.match_no), array_agg(matching_letters(n.last + n.place::integer) ORDER BY n.match_no)
    INTO numbers, letters
    FROM (SELECT m.match_no, row_number() OVER (PARTITION BY m.customer_id ORDER BY m.match_no) AS place,
                 coalesce((SELECT max(c.code_no) FROM matching_code c WHERE c.customer_id = m.customer_id), 0) AS last
          FROM unnest(customer_ids) WITH ORDINALITY m (customer_id, match_no)) n;
    INSERT INTO matching_code (customer_id, code_no, matching_code, rule, payment_id, reason, matched_on)
    SELECT m.customer_id, m.code_no, m.letters, m.rule, m.payment_id, m.reason, today
    FROM unnest(customer_ids, numbers, letters, rules, payment_ids, reasons) m (customer_id, code_no, letters, rule, payment_id, reason);
    INSERT INTO allocation (customer_id, payment_id, credit_invoice_id, credit_instalment_no, invoice_id, instalment_no, adjustment, reason,
                            matching_code, amount, effective_on)
    WITH match AS MATERIALIZED (
        SELECT m.*, p.received_on,
               -- What was matched before and undone was matched until then.
               (SELECT max(a.effective_on) FROM allocation a
                WHERE a.customer_id = m.customer_id AND a.reversal_of IS NOT NULL
                  AND (a.payment_id = m.payment_id
                       OR EXISTS (SELECT FROM unnest(match_nos, invoice_ids) k (match_no, invoice_id)
                                  WHERE k.match_no = m.match_no AND k.invoice_id IN (a.invoice_id, a.credit_invoice_id)))) AS undone_on
        FROM unnest(customer_ids, payment_ids, payment_amounts, payment_differences, reasons, letters) WITH ORDINALITY
             m (customer_id, payment_id, amount, difference, reason, letters, match_no)
        LEFT JOIN payment p ON p.customer_id = m.customer_id AND p.payment_id = m.payment_id
    ), item AS MATERIALIZED (
        SELECT k.*, m.customer_id, m.reason, m.letters, m.undone_on, m.received_on, i.issued_on
        FROM unnest(match_nos, invoice_ids, instalment_nos, amounts, item_differences, item_discounts) WITH ORDINALITY
             k (match_no, invoice_id, instalment_no, amount, difference, discount, place)
        JOIN match m USING (match_no) JOIN invoice i ON i.customer_id = m.customer_id AND i.invoice_id = k.invoice_id
    ), source AS (      -- from and upto: where each stands on a line of money
        SELECT s.*, sum(s.amount) OVER w - s.amount AS from_amount, sum(s.amount) OVER w AS upto_amount
        FROM (SELECT k.match_no, NULL::bigint AS payment_id, k.invoice_id AS credit_id, k.instalment_no, -k.amount AS amount, k.issued_on AS since, k.place
              FROM item k WHERE k.amount < 0
              UNION ALL SELECT m.match_no, m.payment_id, NULL, 1, m.amount, m.received_on, NULL
              FROM match m WHERE m.payment_id IS NOT NULL AND m.amount > 0) s
        WINDOW w AS (PARTITION BY s.match_no ORDER BY s.place NULLS LAST)
    ), target AS (
        SELECT k.*, sum(k.amount) OVER w - k.amount AS from_amount, sum(k.amount) OVER w AS upto_amount
        FROM item k WHERE k.amount > 0 WINDOW w AS (PARTITION BY k.match_no ORDER BY k.place)
    )
    SELECT t.customer_id, s.payment_id, s.credit_id, s.instalment_no, t.invoice_id, t.instalment_no, NULL, t.reason, t.letters,
           least(s.upto_amount, t.upto_amount) - greatest(s.from_amount, t.from_amount),
           coalesce(post_matches.effective_on, greatest(s.since, t.issued_on, t.undone_on))
    FROM source s JOIN target t ON t.match_no = s.match_no AND s.upto_amount > t.from_amount AND t.upto_amount > s.from_amount
    UNION ALL
    SELECT k.customer_id, NULL, NULL, 1, k.invoice_id, k.instalment_no, 'small_difference', k.reason, k.letters,
           k.difference, coalesce(post_matches.effective_on, greatest(k.issued_on, today, k.undone_on))
    FROM item k WHERE k.difference > 0
    UNION ALL
    SELECT k.customer_id, NULL, NULL, 1, k.invoice_id, k.instalment_no, 'cash_discount', 'paid in time for the discount', k.letters,
           k.discount, coalesce(post_matches.effective_on, greatest(k.received_on, k.issued_on, k.undone_on))
    FROM item k WHERE k.discount > 0
    UNION ALL
    SELECT m.customer_id, m.payment_id, NULL, 1, NULL, 1, 'small_difference', m.reason, m.letters,
           m.difference, coalesce(post_matches.effective_on, greatest(m.received_on, today, m.undone_on))
    FROM match m WHERE m.payment_id IS NOT NULL AND m.difference > 0;
    RETURN letters;
END $$;
COMMENT ON FUNCTION post_matches(bigint[], bigint[], numeric[], numeric[], text[], text[], integer[], bigint[], integer[], numeric[], numeric[], numeric[], date) IS
'Writes matches, each under the next code of its customer, and returns the codes. Per match: customer, payment (NULL = credit notes only), what is used of it, a small difference of it, rule, reason. Per item: the number of its match from 1, invoice, instalment, amount (negative: so much of a credit note), a small difference, a discount for early payment. effective_on NULL: receipt or issue, whichever is later, and not before an earlier match was undone. For the functions of the ledger, under the lock of the accounts.';

CREATE FUNCTION post_match(customer_id bigint, payment_id bigint, payment_amount numeric, invoice_ids bigint[], instalment_nos integer[],
                           amounts numeric[], item_differences numeric[], payment_difference numeric,
                           rule text, reason text, effective_on date, item_discounts numeric[] DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    undone_on date := (SELECT max(a.effective_on) FROM allocation a
                       WHERE a.customer_id = post_match.customer_id AND a.reversal_of IS NOT NULL
                         AND (a.payment_id = post_match.payment_id OR a.invoice_id = ANY (invoice_ids) OR a.credit_invoice_id = ANY (invoice_ids)));
    codes text[];
BEGIN
    IF effective_on < undone_on THEN
        RAISE EXCEPTION 'a match of % would be before %, when an earlier one was undone', effective_on, undone_on
            USING ERRCODE = 'CR003', HINT = 'Give that date or a later one.';
    END IF;
    codes := post_matches(ARRAY[customer_id], ARRAY[payment_id], ARRAY[payment_amount], ARRAY[payment_difference], ARRAY[rule], ARRAY[reason],
                          array_fill(1, ARRAY[cardinality(invoice_ids)]), invoice_ids, instalment_nos, amounts, item_differences, item_discounts, effective_on);
    RETURN codes[1];
END $$;
COMMENT ON FUNCTION post_match(bigint, bigint, numeric, bigint[], integer[], numeric[], numeric[], numeric, text, text, date, numeric[]) IS
'Writes one match by post_matches() and returns its code; CR003 if effective_on is before an earlier match of the same was undone. For the functions of the ledger, under the lock of the accounts.';

CREATE FUNCTION open_items_named(customer_id bigint, invoice_ids bigint[], item_nos integer[], currency text, amounts numeric[])
RETURNS TABLE (invoice_id bigint, instalment_no integer, open_amount numeric, amount numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    bad record;
BEGIN
    IF coalesce(cardinality(invoice_ids), 0) = 0 OR array_position(invoice_ids, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'argument "invoice_ids" names no invoice' USING ERRCODE = '22023', HINT = 'Give the invoices to settle: ARRAY[1, 2].';
    ELSIF cardinality(amounts) <> cardinality(invoice_ids) OR cardinality(item_nos) <> cardinality(invoice_ids) THEN
        RAISE EXCEPTION 'argument "%" has another length than invoice_ids', CASE WHEN cardinality(amounts) <> cardinality(invoice_ids) THEN 'amounts' ELSE 'instalment_nos' END
            USING ERRCODE = '22023', HINT = 'Give one element for each invoice, or none at all.';
    ELSIF EXISTS (SELECT FROM unnest(amounts) a (x) WHERE (x > 0 AND x < 1e18) IS NOT TRUE) THEN
        RAISE EXCEPTION 'argument "amounts" must hold positive amounts' USING ERRCODE = '22023',
            DETAIL = format('It is %s.', amounts), HINT = 'Of a credit note too: so much of it is used.';
    ELSIF EXISTS (SELECT FROM unnest(invoice_ids, item_nos) k (i, n) GROUP BY k.i, k.n HAVING count(*) > 1) THEN
        RAISE EXCEPTION 'an invoice is named twice' USING ERRCODE = '22023', HINT = 'Name each once, or its instalments by instalment_nos.';
    END IF;
    PERFORM check_minor_unit(a.x, open_items_named.currency) FROM unnest(amounts) a (x);
    SELECT k.id, k.no, i.invoice_no, i.customer_id, i.currency, i.reversal_of, c.code INTO bad
    FROM unnest(invoice_ids, item_nos) WITH ORDINALITY k (id, no, place)
    LEFT JOIN LATERAL (SELECT n.* FROM invoice n WHERE n.invoice_id = k.id
                       ORDER BY n.customer_id <> open_items_named.customer_id LIMIT 1) i ON true
    LEFT JOIN customer c ON c.customer_id = i.customer_id
    WHERE i.customer_id IS DISTINCT FROM open_items_named.customer_id OR i.currency <> open_items_named.currency
       OR NOT EXISTS (SELECT FROM open_item o WHERE o.customer_id = i.customer_id AND o.invoice_id = i.invoice_id
                                                AND o.instalment_no = coalesce(k.no, o.instalment_no))
    ORDER BY k.place LIMIT 1;
    IF FOUND AND bad.customer_id IS NOT DISTINCT FROM open_items_named.customer_id AND bad.currency <> open_items_named.currency THEN
        RAISE EXCEPTION 'a payment in % cannot settle invoice % in %', open_items_named.currency, bad.invoice_no, bad.currency
            USING ERRCODE = 'CR006', HINT = 'Book the payment in the currency of the invoice.';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'invoice % is no open item of customer %', coalesce(bad.invoice_no, bad.id::text), open_items_named.customer_id
            USING ERRCODE = 'CR003',
                  DETAIL = CASE WHEN bad.customer_id IS NULL THEN 'There is no such invoice.'
                                WHEN bad.customer_id <> open_items_named.customer_id THEN format('It is of customer %s.', bad.code)
                                WHEN bad.reversal_of IS NOT NULL THEN 'It is a reversal.'
                                ELSE 'Nothing of it is open.' END,
                  HINT = 'overdue_item and open_item show what is open.';
    END IF;
    SELECT i.invoice_no, k.amount, o.open_amount INTO bad
    FROM unnest(invoice_ids, item_nos, amounts) WITH ORDINALITY k (id, no, amount, place)
    JOIN invoice i ON i.customer_id = open_items_named.customer_id AND i.invoice_id = k.id
    CROSS JOIN LATERAL (SELECT sum(abs(o.open_amount)) AS open_amount FROM open_item o
                        WHERE o.customer_id = i.customer_id AND o.invoice_id = k.id AND o.instalment_no = coalesce(k.no, o.instalment_no)) o
    WHERE k.amount > o.open_amount ORDER BY k.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'invoice %: % cannot be settled, % is open', bad.invoice_no, bad.amount, bad.open_amount
            USING ERRCODE = 'CR003', HINT = 'Allocate at most what is open; the rest of a payment stays unapplied.';
    END IF;
    RETURN QUERY
    SELECT o.invoice_id, o.instalment_no, o.open_amount,
           CASE WHEN amounts IS NULL THEN o.open_amount
                ELSE sign(o.open_amount) * least(abs(o.open_amount),    -- the instalments of an invoice, oldest first
                         greatest(k.wanted - (sum(abs(o.open_amount)) OVER w - abs(o.open_amount)), 0)) END
    FROM unnest(invoice_ids, item_nos, amounts) WITH ORDINALITY k (id, no, wanted, place)
    JOIN open_item o ON o.customer_id = open_items_named.customer_id AND o.invoice_id = k.id AND o.instalment_no = coalesce(k.no, o.instalment_no)
    WINDOW w AS (PARTITION BY k.place ORDER BY o.due_on, o.instalment_no)
    ORDER BY k.place, o.due_on, o.instalment_no;
END $$;
COMMENT ON FUNCTION open_items_named(bigint, bigint[], integer[], text, numeric[]) IS
'The open items of these invoices and credit notes in the order given, and what amounts (NULL = all of it) make of each, oldest instalment first. 22023 for arguments that do not fit together, CR003 for what is no open item of the customer or exceeds it, CR006 for another currency.';

CREATE FUNCTION match(payment_id bigint, invoice_ids bigint[], amounts numeric[] DEFAULT NULL, reason text DEFAULT NULL,
                      residual text DEFAULT 'open', instalment_nos integer[] DEFAULT NULL, effective_on date DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    paid payment;
    available numeric;
    use_of_payment numeric;
    ids bigint[];
    nos integer[];
    opens numeric[];
    wanted numeric[];
    differences numeric[];
    funds numeric;      -- what credit notes and the payment give
    part numeric;
    difference numeric;
    limit_of_differences numeric;
    code text;
BEGIN
    IF coalesce(residual, '') NOT IN ('open', 'small_difference', 'dispute') THEN
        RAISE EXCEPTION 'argument "residual" is %', coalesce(residual, 'NULL') USING ERRCODE = '22023', HINT = 'It is open, small_difference or dispute.';
    ELSIF residual <> 'open' AND coalesce(match.reason, '') = '' THEN
        RAISE EXCEPTION 'what is left over needs a reason' USING ERRCODE = '22023', HINT = 'Say in reason why it is not paid.';
    END IF;
    SELECT p.* INTO paid FROM payment p WHERE p.payment_id = match.payment_id AND p.reversal_of IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no payment %', match.payment_id USING ERRCODE = 'CR007', HINT = 'unapplied_cash shows the payments of which something is left.';
    END IF;
    PERFORM lock_accounts(ARRAY[paid.customer_id]);
    available := unapplied_amount(paid.customer_id, paid.payment_id);
    IF available <= 0 THEN
        RAISE EXCEPTION 'nothing is left of payment %', coalesce(paid.payment_no, paid.payment_id::text)
            USING ERRCODE = 'CR003', DETAIL = format('Of %s %s all is matched, or it was taken back.', paid.amount, paid.currency),
                  HINT = 'unmatch_payment() undoes its matches.';
    END IF;
    SELECT array_agg(n.invoice_id), array_agg(n.instalment_no), array_agg(n.open_amount), array_agg(n.amount) INTO ids, nos, opens, wanted
    FROM open_items_named(paid.customer_id, invoice_ids, instalment_nos, paid.currency, amounts) n;
    IF amounts IS NOT NULL THEN     -- exactly these
        use_of_payment := greatest((SELECT sum(w) FROM unnest(wanted) w), 0);
        IF use_of_payment > available THEN
            RAISE EXCEPTION 'payment % of % cannot settle %, % is left of it', coalesce(paid.payment_no, paid.payment_id::text),
                            paid.amount, use_of_payment, available
                USING ERRCODE = 'CR003', HINT = 'Give smaller amounts, or add the credit notes that were deducted.';
        END IF;
    END IF;
    funds := available - coalesce((SELECT sum(w) FROM unnest(wanted) w WHERE w < 0), 0);
    FOR i IN 1 .. cardinality(ids) LOOP
        part := wanted[i];
        IF part > 0 THEN
            part := least(part, funds);
            funds := funds - part;
            wanted[i] := part;
        END IF;
        differences[i] := CASE WHEN residual = 'small_difference' AND opens[i] > 0 THEN opens[i] - part ELSE 0 END;
    END LOOP;
    IF coalesce((SELECT sum(w) FROM unnest(wanted) w), 0) < 0 AND amounts IS NULL THEN
        RAISE EXCEPTION 'the credit notes exceed the invoices by %', (SELECT -sum(w) FROM unnest(wanted) w)
            USING ERRCODE = 'CR003', HINT = 'match_credit_note() sets a credit note off without a payment.';
    END IF;
    use_of_payment := least(available, greatest((SELECT sum(w) FROM unnest(wanted) w), 0));
    difference := (SELECT sum(d) FROM unnest(differences) d);       -- of the items; else of the payment
    IF residual = 'small_difference' THEN
        SELECT r.tolerance INTO limit_of_differences FROM match_rules(paid.currency, paid.amount, paid.rate) r WHERE r.rule = 'manual';
        IF greatest(difference, CASE WHEN difference = 0 THEN available - use_of_payment END) > coalesce(limit_of_differences, 0) THEN
            RAISE EXCEPTION 'a difference of % % is not small', CASE WHEN difference > 0 THEN difference ELSE available - use_of_payment END, paid.currency
                USING ERRCODE = 'CR003', DETAIL = format('At most %s is, by the tolerance of manual in match_rule.', coalesce(limit_of_differences, 0)),
                      HINT = 'Leave it open, dispute it, or write it off.';
        END IF;
    END IF;
    code := post_match(paid.customer_id, paid.payment_id, use_of_payment, ids, nos, wanted, differences,
                       CASE WHEN residual = 'small_difference' AND difference = 0 THEN available - use_of_payment ELSE 0 END,
                       'manual', match.reason, match.effective_on);
    IF residual = 'dispute' THEN
        PERFORM open_dispute(k.id, k.rest, match.reason, instalment_no => k.no)
        FROM unnest(ids, nos, opens, wanted) WITH ORDINALITY n (id, no, open_amount, settled, place)
        CROSS JOIN LATERAL (SELECT n.id, n.no, n.open_amount - n.settled AS rest) k
        WHERE n.open_amount > n.settled AND n.open_amount > 0 ORDER BY n.place;
    END IF;
    PERFORM open_cash_tasks(ARRAY[paid.customer_id], ARRAY[paid.payment_id]);
    RETURN code;
END $$;
COMMENT ON FUNCTION match(bigint, bigint[], numeric[], text, text, integer[], date) IS
'Matches a payment by hand (lettrage manuel) and returns the matching code. Invoices are settled in the order given, credit notes among them pay first; amounts NULL = as far as the payment goes, else exactly so much of each (of a credit note: so much of it is used). residual says what becomes of the rest of these items, or of the payment if they are settled: open; small_difference (écart de règlement); dispute, which opens a dispute. The last two need a reason. effective_on NULL = receipt or issue, the later. CR003 beyond what is open or left, or of another customer; CR006 for another currency; CR007 for no such payment; 22023 for arguments that do not fit. Runs as the owner: it locks the account, which is nobody''s to write.';

CREATE FUNCTION match_credit_note(credit_invoice_id bigint, invoice_ids bigint[] DEFAULT NULL, amounts numeric[] DEFAULT NULL,
                                  reason text DEFAULT NULL, effective_on date DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    credit invoice;
    available numeric;
    ids bigint[];
    nos integer[];
    wanted numeric[];
    used numeric;
    part numeric;
BEGIN
    SELECT i.* INTO credit FROM invoice i WHERE i.invoice_id = credit_invoice_id AND i.kind = 'credit_note' AND i.reversal_of IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no credit note %', credit_invoice_id USING ERRCODE = 'CR007', HINT = 'It is the invoice_id of an invoice of kind credit_note.';
    END IF;
    PERFORM lock_accounts(ARRAY[credit.customer_id]);
    SELECT -sum(o.open_amount) INTO available FROM open_item o WHERE o.customer_id = credit.customer_id AND o.invoice_id = credit_invoice_id;
    IF available IS NULL THEN
        RAISE EXCEPTION 'nothing is left of credit note %', credit.invoice_no
            USING ERRCODE = 'CR003', DETAIL = format('Of %s %s all is set off, or it was taken back.', credit.amount, credit.currency);
    END IF;
    IF invoice_ids IS NULL THEN
        SELECT array_agg(o.invoice_id ORDER BY o.due_on, i.issued_on, o.invoice_id, o.instalment_no),
               array_agg(o.instalment_no ORDER BY o.due_on, i.issued_on, o.invoice_id, o.instalment_no),
               array_agg(o.open_amount ORDER BY o.due_on, i.issued_on, o.invoice_id, o.instalment_no)
        INTO ids, nos, wanted
        FROM open_item o JOIN invoice i USING (customer_id, invoice_id)
        WHERE o.customer_id = credit.customer_id AND o.currency = credit.currency AND o.open_amount > 0;
    ELSE
        SELECT array_agg(n.invoice_id), array_agg(n.instalment_no), array_agg(n.amount) INTO ids, nos, wanted
        FROM open_items_named(credit.customer_id, invoice_ids, NULL, credit.currency, amounts) n;
    END IF;
    IF ids IS NULL OR EXISTS (SELECT FROM unnest(wanted) w WHERE w < 0) THEN
        RAISE EXCEPTION 'credit note % has nothing to be set off against', credit.invoice_no
            USING ERRCODE = 'CR003', DETAIL = CASE WHEN ids IS NULL THEN 'No invoice of the customer in this currency is open.' ELSE 'A credit note is among the invoices.' END,
                  HINT = 'Name open invoices, or pay it out as a refund.';
    END IF;
    used := 0;
    FOR i IN 1 .. cardinality(ids) LOOP
        part := least(wanted[i], available - used);
        IF amounts IS NOT NULL AND part < wanted[i] THEN
            RAISE EXCEPTION 'credit note % cannot settle %, % is left of it', credit.invoice_no, (SELECT sum(w) FROM unnest(amounts) w), available
                USING ERRCODE = 'CR003', HINT = 'Give smaller amounts.';
        END IF;
        wanted[i] := part;
        used := used + part;
    END LOOP;
    -- Its instalments give in the order of their dates.
    SELECT ids || array_agg(c.invoice_id), nos || array_agg(c.instalment_no), wanted || array_agg(-c.part) INTO ids, nos, wanted
    FROM (SELECT o.invoice_id, o.instalment_no, least(-o.open_amount, used - (sum(-o.open_amount) OVER w + o.open_amount)) AS part
          FROM open_item o WHERE o.customer_id = credit.customer_id AND o.invoice_id = credit_invoice_id
          WINDOW w AS (ORDER BY o.due_on, o.instalment_no)) c
    WHERE c.part > 0;
    RETURN post_match(credit.customer_id, NULL, 0, ids, nos, wanted, NULL, 0, 'credit_note', match_credit_note.reason, match_credit_note.effective_on);
END $$;
COMMENT ON FUNCTION match_credit_note(bigint, bigint[], numeric[], text, date) IS
'Sets a credit note off against invoices of its customer and currency (imputation d''un avoir), in the order given, NULL = the oldest due first; amounts NULL = as far as it goes. Returns the matching code. CR003 beyond what is open or left, CR006 for another currency, CR007 for no such credit note. Runs as the owner: it locks the account, which is nobody''s to write.';

CREATE FUNCTION net_off(customer_id bigint, method text DEFAULT 'exact') RETURNS TABLE (credit_invoice_id bigint, matching_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    credit record;
    partners bigint[];
BEGIN
    IF coalesce(method, '') NOT IN ('exact', 'oldest') THEN
        RAISE EXCEPTION 'argument "method" is %', coalesce(method, 'NULL') USING ERRCODE = '22023', HINT = 'It is exact or oldest.';
    END IF;
    PERFORM lock_accounts(ARRAY[net_off.customer_id]);
    FOR credit IN SELECT o.invoice_id, o.currency, -sum(o.open_amount) AS amount, i.order_id
                  FROM open_item o JOIN invoice i USING (customer_id, invoice_id)
                  WHERE o.customer_id = net_off.customer_id AND o.open_amount < 0
                  GROUP BY o.invoice_id, o.currency, i.order_id, i.issued_on ORDER BY i.issued_on, o.invoice_id LOOP
        -- The one invoice of this amount, of the same order before others.
        SELECT array_agg(o.invoice_id) INTO partners
        FROM (SELECT n.invoice_id, i.order_id = credit.order_id AS same_order, count(*) FILTER (WHERE i.order_id = credit.order_id) OVER () AS of_order
              FROM open_item n JOIN invoice i USING (customer_id, invoice_id)
              WHERE n.customer_id = net_off.customer_id AND n.currency = credit.currency AND n.open_amount = credit.amount) o
        WHERE o.of_order = 0 OR o.same_order;
        IF method = 'exact' AND cardinality(partners) IS DISTINCT FROM 1
           OR NOT EXISTS (SELECT FROM open_item o WHERE o.customer_id = net_off.customer_id AND o.currency = credit.currency AND o.open_amount > 0) THEN
            CONTINUE;
        END IF;
        credit_invoice_id := credit.invoice_id;
        matching_code := match_credit_note(credit.invoice_id, CASE WHEN method = 'exact' THEN partners END,
                                           CASE WHEN method = 'exact' THEN ARRAY[credit.amount] END, 'net_off ' || method);
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION net_off(bigint, text) IS
'Sets the open credit notes of a customer off (compensation des avoirs): exact takes the one invoice of the same amount, of the same order before others, and leaves what is ambiguous; oldest the earliest due. One row a credit note that was matched. 22023 for another method. Runs as the owner: it locks the account, which is nobody''s to write.';

CREATE FUNCTION unmatch_allocations(customer_id bigint, allocation_ids bigint[], reason text, effective_on date) RETURNS integer
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    undone integer;
BEGIN
    INSERT INTO allocation (customer_id, invoice_id, amount, effective_on, reason, reversal_of)
    SELECT a.customer_id, a.invoice_id, a.amount, unmatch_allocations.effective_on, unmatch_allocations.reason, a.allocation_id
    FROM allocation a WHERE a.customer_id = unmatch_allocations.customer_id AND a.allocation_id = ANY (allocation_ids)
    ORDER BY a.allocation_id;
    GET DIAGNOSTICS undone = ROW_COUNT;
    PERFORM open_cash_tasks(array_agg(a.customer_id), array_agg(a.payment_id)) FROM allocation a
    WHERE a.customer_id = unmatch_allocations.customer_id AND a.allocation_id = ANY (allocation_ids) AND a.payment_id IS NOT NULL;
    RETURN undone;
END $$;
COMMENT ON FUNCTION unmatch_allocations(bigint, bigint[], text, date) IS
'Undoes these allocations by reversal rows and brings their payments back to the task match_cash; returns how many. For the functions of the ledger, under the lock of the accounts.';

CREATE FUNCTION unmatch(customer_id bigint, matching_code text, reason text DEFAULT NULL, effective_on date DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    ids bigint[];
BEGIN
    PERFORM lock_accounts(ARRAY[unmatch.customer_id]);
    SELECT array_agg(a.allocation_id) INTO ids FROM allocation a
    WHERE a.customer_id = unmatch.customer_id AND a.matching_code = unmatch.matching_code AND a.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id);
    IF ids IS NULL AND EXISTS (SELECT FROM allocation a WHERE a.customer_id = unmatch.customer_id AND a.matching_code = unmatch.matching_code) THEN
        RAISE EXCEPTION 'the match % of customer % is undone already', unmatch.matching_code, unmatch.customer_id
            USING ERRCODE = 'CR012', HINT = 'The view matching shows what stands.';
    ELSIF ids IS NULL THEN
        RAISE EXCEPTION 'customer % has no match %', unmatch.customer_id, coalesce(quote_literal(unmatch.matching_code), 'NULL')
            USING ERRCODE = 'CR007', HINT = 'The view matching shows the codes; they are per customer.';
    END IF;
    RETURN unmatch_allocations(unmatch.customer_id, ids, unmatch.reason, unmatch.effective_on);
END $$;
COMMENT ON FUNCTION unmatch(bigint, text, text, date) IS
'Undoes a match (délettrage): reverses every allocation of the code on a date (NULL = business date) and returns how many. The items are open again, the payment unapplied. CR007 for an unknown code, CR012 for one that is undone. Runs as the owner: it locks the account, which is nobody''s to write.';

CREATE FUNCTION unmatch_payment(payment_id bigint, reason text DEFAULT NULL, effective_on date DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    paid payment;
    ids bigint[];
BEGIN
    SELECT p.* INTO paid FROM payment p WHERE p.payment_id = unmatch_payment.payment_id AND p.reversal_of IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no payment %', unmatch_payment.payment_id USING ERRCODE = 'CR007', HINT = 'A reversal is no payment.';
    END IF;
    PERFORM lock_accounts(ARRAY[paid.customer_id]);
    -- A match is undone whole: with what credit notes and differences did in it.
    SELECT array_agg(a.allocation_id) INTO ids FROM allocation a
    WHERE a.customer_id = paid.customer_id AND a.reversal_of IS NULL
      AND (a.payment_id = paid.payment_id
           OR a.matching_code IN (SELECT m.matching_code FROM allocation m WHERE m.customer_id = paid.customer_id AND m.payment_id = paid.payment_id))
      AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id);
    IF ids IS NULL THEN
        RAISE EXCEPTION 'payment % is not matched', coalesce(paid.payment_no, paid.payment_id::text)
            USING ERRCODE = 'CR012', DETAIL = format('All of %s %s is unapplied, or it was taken back.', paid.amount, paid.currency);
    END IF;
    RETURN unmatch_allocations(paid.customer_id, ids, unmatch_payment.reason, unmatch_payment.effective_on);
END $$;
COMMENT ON FUNCTION unmatch_payment(bigint, text, date) IS
'Undoes all matches of a payment by reversal rows on a date (NULL = business date); returns how many allocations. CR007 for no such payment, CR012 where nothing is matched. Runs as the owner: it locks the account, which is nobody''s to write.';

CREATE VIEW matching AS
SELECT m.customer_id, c.code, c.name, m.matching_code, m.rule, m.matched_on, m.reason, m.recorded_by, s.currency,
       s.items, s.payments, s.credit_notes, coalesce(s.debit, 0) AS debit, coalesce(s.credit, 0) AS credit, coalesce(s.difference, 0) AS difference,
       coalesce(s.debit - s.credit - s.difference, 0) AS balance,
       coalesce((SELECT sum(o.open_amount) FROM open_item o WHERE o.customer_id = m.customer_id AND o.invoice_id = ANY (s.invoice_ids)), 0) AS still_open,
       s.debit IS NULL AND s.credit IS NULL AS undone
FROM matching_code m JOIN customer c USING (customer_id)
CROSS JOIN LATERAL (
    SELECT max(i.currency) AS currency, count(DISTINCT (a.invoice_id, a.instalment_no)) FILTER (WHERE a.invoice_id IS NOT NULL) AS items,
           count(DISTINCT a.payment_id) AS payments, count(DISTINCT a.credit_invoice_id) AS credit_notes,
           sum(a.amount) FILTER (WHERE a.invoice_id IS NOT NULL) AS debit,
           sum(a.amount) FILTER (WHERE a.payment_id IS NOT NULL OR a.credit_invoice_id IS NOT NULL) AS credit,
           coalesce(sum(CASE WHEN a.invoice_id IS NULL THEN -a.amount WHEN a.adjustment IS NOT NULL THEN a.amount END), 0) AS difference,
           array_agg(a.invoice_id) AS invoice_ids
    FROM allocation a LEFT JOIN invoice i ON i.customer_id = a.customer_id AND i.invoice_id = a.invoice_id
    WHERE a.customer_id = m.customer_id AND a.matching_code = m.matching_code AND a.reversal_of IS NULL
      AND NOT EXISTS (SELECT FROM allocation r WHERE r.customer_id = a.customer_id AND r.reversal_of = a.allocation_id)) s;
COMMENT ON VIEW matching IS
'Matches by their code (lettrage), document currency: items, payments and credit notes in it, debit (settled of invoices), credit (used of payments and credit notes), difference (small differences: positive = short), balance (debit - credit - difference, 0), still_open of its invoices (0 = lettrage total). An undone match shows 0.';

CREATE VIEW unapplied_cash AS
SELECT p.customer_id, c.code, c.name, p.payment_id, p.payment_no, p.received_on, p.method, p.reference, p.currency, p.amount,
       p.amount - coalesce(s.allocated, 0) AS unapplied, p.amount_base - coalesce(s.allocated_base, 0) AS unapplied_base, t.days,
       CASE WHEN t.days <= 30 THEN p.amount_base - coalesce(s.allocated_base, 0) ELSE 0 END AS d0_30,
       CASE WHEN t.days BETWEEN 31 AND 60 THEN p.amount_base - coalesce(s.allocated_base, 0) ELSE 0 END AS d31_60,
       CASE WHEN t.days BETWEEN 61 AND 90 THEN p.amount_base - coalesce(s.allocated_base, 0) ELSE 0 END AS d61_90,
       CASE WHEN t.days > 90 THEN p.amount_base - coalesce(s.allocated_base, 0) ELSE 0 END AS over_90
FROM credit_account a JOIN customer c USING (customer_id) JOIN payment p USING (customer_id)
CROSS JOIN LATERAL (SELECT greatest((SELECT business_date()) - p.received_on, 0) AS days) t
CROSS JOIN LATERAL (
    SELECT sum(CASE WHEN m.reversal_of IS NULL THEN m.amount ELSE -m.amount END) AS allocated,
           sum(CASE WHEN m.reversal_of IS NULL THEN m.source_amount_base ELSE -m.source_amount_base END) AS allocated_base
    FROM allocation m WHERE m.customer_id = p.customer_id AND m.payment_id = p.payment_id) s
WHERE a.unapplied <> 0 AND p.reversal_of IS NULL AND p.amount > coalesce(s.allocated, 0)
  AND NOT EXISTS (SELECT FROM payment r WHERE r.customer_id = p.customer_id AND r.reversal_of = p.payment_id);
COMMENT ON VIEW unapplied_cash IS
'Payments of which something is not matched yet (règlements non lettrés), aged on their own by the days since receipt. unapplied in document currency; unapplied_base and the buckets in base currency, their sum is the unapplied of the accounts.';
