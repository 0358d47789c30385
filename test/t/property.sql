-- Random events for property.pl: the path is set to the ledger before. One act
-- is one random event, dated on a random day of the past; what the ledger
-- refuses leaves nothing.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

CREATE SCHEMA play;
CREATE TABLE play.act (act_id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL, writer text NOT NULL, refused text);
CREATE TABLE play.answer (as_of date, known_at timestamptz, question text, digest text, PRIMARY KEY (as_of, known_at, question));

UPDATE ledger SET pinned_date = '2026-01-05';
INSERT INTO exchange_rate (currency, rate_on, rate)
SELECT c.currency, d, round(c.rate * (1 + 0.02 * sin(extract(doy FROM d)::numeric / 7)::numeric), 8)
FROM (VALUES ('USD', 0.92), ('GBP', 1.17), ('JPY', 0.0061), ('KWD', 2.98)) c (currency, rate), generate_series('2025-08-01'::date, '2026-12-31', '4 days') d;
INSERT INTO customer (customer_id, code, name, parent_id, risk_class, terms)
SELECT n, 'N' || n, 'Number ' || n, CASE WHEN n IN (2, 3) THEN 1 WHEN n = 4 THEN 2 END, (ARRAY['A', 'B', 'C', 'D', NULL])[n % 5 + 1],
       (ARRAY['net 30', '45 eom', '2/10 net 30', '30% net 0, 70% 30 eom'])[n % 4 + 1]
FROM generate_series(1, 24) n;
INSERT INTO credit_limit (customer_id, amount) SELECT n, 20000 FROM generate_series(1, 12) n;

CREATE FUNCTION play.pick(n integer) RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1 + floor(random() * n)::integer';

CREATE FUNCTION play.act(payer bigint, writer text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    money text := (ARRAY['EUR', 'EUR', 'EUR', 'USD', 'GBP', 'JPY', 'KWD'])[play.pick(7)];
    total numeric := round((random() * 900 + 1)::numeric, credit_risk.currency_scale(money));
    today date := (SELECT pinned_date FROM ledger);
    past date := today - floor(random() ^ 2 * 120)::integer;
    number text := gen_random_uuid()::text;
    what text := (ARRAY['invoice', 'invoice', 'invoice', 'instalments', 'credit note', 'payment', 'payment', 'draft', 'allocate', 'allocate', 'allocate',
                        'net off', 'adjust', 'refund', 'recover', 'unmatch', 'return', 'cancel', 'order', 'deliver', 'bill', 'dispute', 'settle', 'confirm',
                        'write off', 'bounce', 'promise', 'plan', 'bank line'])[play.pick(29)];
BEGIN
    CASE what
    WHEN 'invoice' THEN
        INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, amount, tax_amount, currency)
        VALUES (payer, number, (ARRAY['invoice', 'invoice', 'invoice', 'debit_note', 'down_payment', 'opening_balance'])[play.pick(6)], past, total,
                round(total / 6, credit_risk.currency_scale(money)), money);
    WHEN 'instalments' THEN
        INSERT INTO invoice (customer_id, invoice_no, issued_on, amount, currency, terms) VALUES (payer, number, past, total, money, '40% net 10, 60% 45 eom');
    WHEN 'credit note' THEN
        INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, amount, currency)
        VALUES (payer, number, 'credit_note', past, round(total / 3 + 1, credit_risk.currency_scale(money)), money);
    WHEN 'payment' THEN
        INSERT INTO payment (customer_id, payment_no, received_on, amount, currency, method)
        VALUES (payer, number, past, total, money, (ARRAY[NULL, 'transfer', 'cheque', 'direct debit'])[play.pick(4)]);
    WHEN 'draft' THEN
        INSERT INTO payment (customer_id, payment_no, received_on, amount, currency, method, acceptance, matures_on)
        VALUES (payer, number, past, total, money, 'draft', (ARRAY['none', 'accepted', 'avalised'])[play.pick(3)], past + play.pick(60));
    WHEN 'allocate' THEN        -- some ask for more than is open
        INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount, effective_on)
        SELECT o.customer_id, p.payment_id, o.invoice_id, o.instalment_no, CASE play.pick(3) WHEN 1 THEN p.amount ELSE least(p.amount, o.open_amount) END,
               CASE WHEN random() < 0.4 THEN greatest(past, p.received_on, i.issued_on) END
        FROM open_item o JOIN payment p USING (customer_id, currency) JOIN invoice i USING (customer_id, invoice_id)
        WHERE o.customer_id = payer AND o.kind <> 'credit_note' AND p.reversal_of IS NULL ORDER BY random() LIMIT 1;
    WHEN 'net off' THEN
        INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, instalment_no, amount)
        SELECT o.customer_id, n.invoice_id, o.invoice_id, o.instalment_no, least(-n.open_amount, o.open_amount)
        FROM open_item o JOIN open_item n USING (customer_id, currency)
        WHERE o.customer_id = payer AND o.kind <> 'credit_note' AND n.kind = 'credit_note' ORDER BY random() LIMIT 1;
    WHEN 'adjust' THEN
        INSERT INTO allocation (customer_id, invoice_id, instalment_no, amount, adjustment, reason, effective_on)
        SELECT o.customer_id, o.invoice_id, o.instalment_no, CASE play.pick(2) WHEN 1 THEN o.open_amount ELSE round(o.open_amount / 7 + 1, credit_risk.currency_scale(o.currency)) END,
               (ARRAY['small_difference', 'bank_charges'])[play.pick(2)], 'play', CASE WHEN random() < 0.5 THEN greatest(past, i.issued_on) END
        FROM open_item o JOIN invoice i USING (customer_id, invoice_id) WHERE o.customer_id = payer AND o.kind <> 'credit_note' ORDER BY random() LIMIT 1;
    WHEN 'refund' THEN
        INSERT INTO allocation (customer_id, payment_id, amount, adjustment, reason)
        SELECT p.customer_id, p.payment_id, round(p.amount / play.pick(3), credit_risk.currency_scale(p.currency)), (ARRAY['refund', 'small_difference'])[play.pick(2)], 'play'
        FROM payment p WHERE p.customer_id = payer AND p.reversal_of IS NULL AND p.amount > 1 ORDER BY random() LIMIT 1;
    WHEN 'recover' THEN
        INSERT INTO allocation (customer_id, payment_id, concerns_invoice_id, amount, adjustment, reason)
        SELECT p.customer_id, p.payment_id, w.invoice_id, least(p.amount, w.amount), 'recovery', 'play'
        FROM allocation w JOIN invoice i USING (customer_id, invoice_id) JOIN payment p ON (p.customer_id, p.currency) = (i.customer_id, i.currency)
        WHERE w.customer_id = payer AND w.adjustment = 'write_off' AND p.reversal_of IS NULL ORDER BY random() LIMIT 1;
    WHEN 'unmatch' THEN
        PERFORM reverse_allocation(a.allocation_id, CASE WHEN random() < 0.5 THEN past END)
        FROM (SELECT allocation_id FROM allocation WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1) a;
    WHEN 'return' THEN
        PERFORM reverse_payment(p.payment_id, CASE WHEN random() < 0.5 THEN past END)
        FROM (SELECT payment_id FROM payment WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1) p;
    WHEN 'cancel' THEN
        PERFORM reverse_invoice(i.invoice_id, CASE WHEN random() < 0.5 THEN past END)
        FROM (SELECT invoice_id FROM invoice WHERE customer_id = payer AND reversal_of IS NULL ORDER BY random() LIMIT 1) i;
    WHEN 'order' THEN
        INSERT INTO sales_order (customer_id, order_no, ordered_on, amount, currency) VALUES (payer, number, past, total, money);
    WHEN 'deliver' THEN
        INSERT INTO delivery (customer_id, order_id, delivered_on, amount, currency)
        SELECT customer_id, order_id, greatest(past, changed_on), round(amount / play.pick(2), credit_risk.currency_scale(currency)), currency FROM sales_order
        WHERE customer_id = payer AND status IN ('open', 'released') ORDER BY random() LIMIT 1;
    WHEN 'bill' THEN
        INSERT INTO invoice (customer_id, invoice_no, delivery_id, issued_on, amount, currency)
        SELECT customer_id, number, delivery_id, greatest(past, delivered_on), amount, currency FROM delivery
        WHERE customer_id = payer AND reversal_of IS NULL AND amount > 0 ORDER BY random() LIMIT 1;
    WHEN 'dispute' THEN
        PERFORM open_dispute(o.invoice_id, round(o.open_amount / play.pick(2), credit_risk.currency_scale(o.currency)), 'play', instalment_no => o.instalment_no, opened_on => past)
        FROM (SELECT * FROM open_item WHERE customer_id = payer AND kind <> 'credit_note' ORDER BY random() LIMIT 1) o;
    WHEN 'settle' THEN
        PERFORM resolve_dispute(d.dispute_id, (ARRAY['accepted', 'rejected', 'withdrawn'])[play.pick(3)], (SELECT root_cause FROM dispute_root_cause ORDER BY random() LIMIT 1))
        FROM (SELECT dispute_id FROM dispute WHERE customer_id = payer AND closed_on IS NULL ORDER BY random() LIMIT 1) d;
    WHEN 'confirm' THEN
        PERFORM confirm_payment(p.payment_id, past) FROM (SELECT payment_id FROM payment WHERE customer_id = payer ORDER BY random() LIMIT 1) p;
    WHEN 'write off' THEN
        PERFORM write_off(o.invoice_id, 'play') FROM (SELECT invoice_id FROM open_item WHERE customer_id = payer AND kind <> 'credit_note' ORDER BY random() LIMIT 1) o;
    WHEN 'bounce' THEN
        INSERT INTO payment_return (customer_id, payment_id, reason)
        SELECT p.customer_id, p.payment_id, r.code FROM payment p CROSS JOIN return_reason r WHERE p.customer_id = payer AND p.reversal_of IS NULL ORDER BY random() LIMIT 1;
    WHEN 'promise' THEN
        PERFORM promise_to_pay(payer, today + play.pick(10), invoice_id => o.invoice_id) FROM (SELECT invoice_id FROM open_item WHERE customer_id = payer AND kind <> 'credit_note' ORDER BY random() LIMIT 1) o;
    WHEN 'plan' THEN
        PERFORM create_plan(payer, ARRAY[o.invoice_id], ARRAY[today + 5, today + 15], ARRAY[o.open_amount - 1, 1])
        FROM (SELECT invoice_id, sum(open_amount) AS open_amount FROM open_item WHERE customer_id = payer AND kind <> 'credit_note' GROUP BY 1 ORDER BY random() LIMIT 1) o;
    WHEN 'bank line' THEN
        INSERT INTO bank_line (bank_account, statement_no, line_no, booked_on, amount, currency, remittance, customer_id)
        SELECT 'FR76', number, 1, past, o.open_amount, o.currency, 'invoice ' || i.invoice_no, CASE WHEN random() < 0.5 THEN payer END
        FROM open_item o JOIN invoice i USING (customer_id, invoice_id) WHERE o.customer_id = payer AND o.kind <> 'credit_note' ORDER BY random() LIMIT 1;
        PERFORM apply_bank_lines();
    END CASE;
    RETURN CASE WHEN FOUND THEN what END;     -- nothing there to act upon
END $$;

-- So many acts, each a transaction of its own.
CREATE PROCEDURE play.acts(number integer, writer text) LANGUAGE plpgsql AS $$
DECLARE
    what text;
    refusal text;
BEGIN
    FOR i IN 1 .. number LOOP
        what := NULL;
        refusal := NULL;
        BEGIN
            what := play.act(play.pick(24), writer);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS refusal = RETURNED_SQLSTATE;
            -- A refusal says what is wrong; anything else is a fault.
            IF refusal !~ '^(CR|40|23505|23503)' THEN RAISE; END IF;
        END;
        IF what IS NOT NULL OR refusal IS NOT NULL THEN
            INSERT INTO play.act (what, writer, refused) VALUES (coalesce(what, '?'), writer, refusal);
        END IF;
        COMMIT;
    END LOOP;
END $$;

-- What is answered about a day as known at an instant.
CREATE FUNCTION play.digest(as_of date, known_at timestamptz) RETURNS TABLE (question text, digest text) LANGUAGE sql AS $$
    SELECT 'ageing', md5(string_agg(a::text, ' ' ORDER BY a.customer_id)) FROM ageing_as_of(as_of, known_at) a
    UNION ALL SELECT 'exposure', md5(string_agg(e::text, ' ' ORDER BY e.customer_id)) FROM exposure_as_of(as_of, known_at) e
    UNION ALL SELECT 'open items', md5(string_agg(o::text, ' ' ORDER BY o.customer_id, o.invoice_id, o.instalment_no)) FROM open_item_as_of(as_of, known_at) o
    UNION ALL SELECT 'DSO', md5(string_agg(d::text, ' ' ORDER BY d.month)) FROM dso_as_of(as_of, known_at) d
$$;
