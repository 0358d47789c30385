-- Decisions explained, asked for without effect, and judged again.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('judged') \g /dev/null
SET LOCAL search_path = judged, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, risk_class) SELECT i, 'C' || i, 'Customer ' || i, chr(64 + 1 + i % 3) FROM generate_series(1, 30) i;
INSERT INTO credit_limit (customer_id, amount, valid_from) SELECT i, 1000, '2026-01-01' FROM generate_series(1, 30) i;

-- Explained, without rules and with them.
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (1, 101, 'A1', 900), (1, 102, 'A2', 300);
SELECT is(explain_decision(decision_id), 'Decision ' || decision_id || E' of 2026-03-31, order A2, customer C1 (Customer 1): held.\nAmount 300 EUR; exposure 900 before it, 1200 with it; limit 1000; available before it 100.\nAgainst it: exposure with it is 200 over the limit of 1000.\nWay out: it passes once exposure has fallen by 200 or the limit is at least 1200.\nIt may be released by: manager.', 'a hold in words')
FROM credit_decision WHERE order_id = 102;
SELECT is(explain_decision(decision_id, 'fr'), 'Décision ' || decision_id || E' du 31/03/2026, commande A2, client C1 (Customer 1) : bloquée.\nMontant 300 EUR ; encours 900 avant, 1 200 avec ; plafond : 1 000 ; disponible avant : 100.\nContre : l''encours dépasse de 200 le plafond de 1 000.\nDéblocage : passe dès que l''encours a baissé de 200 ou que le plafond atteint 1 200.\nPeut débloquer : manager.', 'in French')
FROM credit_decision WHERE order_id = 102;
SELECT is_empty('SELECT r.* FROM credit_decision d, replay_decision(d.decision_id) r', 'a decision without kept figures is replayed by its limit');
INSERT INTO invoice (customer_id, invoice_no, issued_on, due_on, amount) VALUES (2, 'L', '2026-01-01', '2026-01-31', 200);
INSERT INTO blocking_rule (kind, action, threshold) VALUES ('oldest_open_item', 'hold', 30), ('maximum_document_value', 'warn', 50);
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (2, 201, 'B1', 60);
SELECT matches(explain_decision(decision_id), 'held\..*document of 60 is above the maximum document value of 50 \(rule \d+\) \[warning\]; the oldest item is 59 days overdue, more than 30 \(rule \d+\).*passes once what is overdue by more than 30 days is paid', 'every rule with its figures')
FROM credit_decision WHERE order_id = 201;
SELECT results_eq('SELECT r->>''kind'', (r->>''figure'')::numeric, (r->>''threshold'')::numeric, r->>''action'' FROM credit_decision, jsonb_array_elements(results) r WHERE order_id = 201 AND (r->>''fired'')::boolean ORDER BY 1',
    $$VALUES ('maximum_document_value', 60::numeric, 50::numeric, 'warn'), ('oldest_open_item', 59, 30, 'hold')$$, 'and kept');
SELECT release_order(201, 'he pays today', true, 5, 'payment_announced') \g /dev/null
SELECT matches(explain_decision(max(decision_id) FILTER (WHERE outcome = 'overridden')), 'overridden.*By .*: he pays today, valid until 2026-04-05', 'who answers for it') FROM credit_decision WHERE order_id = 201;
SELECT is_empty('SELECT r.* FROM credit_decision d, replay_decision(d.decision_id) r', 'what a person decided is replayed too');
SELECT hold_order(201, 'by hand') \g /dev/null
SELECT matches(explain_decision(max(decision_id)), 'held by hand.*by hand', 'held by hand in words') FROM credit_decision WHERE order_id = 201;
SELECT is_empty('SELECT r.* FROM credit_decision d, replay_decision(d.decision_id) r', 'and is replayed as such');
SELECT throws_ok(s, e, NULL, s) FROM (VALUES ('SELECT explain_decision(0)', 'CR007'), ('SELECT explain_decision(NULL)', 'CR007'), ('SELECT explain_decision(1, ''de'')', '22023'),
    ('SELECT replay_decision(0)', 'CR007'), ('SELECT * FROM replay_decisions(policy => ''none'')', '22023'), ('SELECT * FROM replay_decisions(policy => ''standard'', version => 99)', '22023'),
    ('SELECT check_order(1, 1, checkpoint => ''x'')', '22023')) v (s, e);

-- In words, once more: amounts, tolerance, what is not decided and what is not limited, held by hand.
SELECT results_eq('SELECT figure_words(f), figure_words(f, ''fr'') FROM unnest(''{0,12,-3.5,1234567.5,999.99,-0.125,1000000,-1000}''::numeric[]) f',
    $$VALUES ('0', '0'), ('12', '12'), ('-3.50', '-3,50'), ('1234567.50', '1 234 567,50'), ('999.99', '999,99'), ('-0.125', '-0,125'), ('1000000', '1 000 000'), ('-1000', '-1 000')$$, 'figures as people write them');
SELECT is(figure_words(NULL), NULL, 'nor NULL');
SELECT is(fill_words('{a} of {b} by {c}', '{"a": 1.50, "c": "cash"}'), '1.50 of - by cash', 'figures and words are filled in');
INSERT INTO blocking_rule (kind, action, threshold, risk_class) VALUES ('credit_limit_exceeded', 'warn', 0, 'A'), ('credit_limit_exceeded', 'hold', 100, 'A');
INSERT INTO sales_order (customer_id, order_id, order_no, amount, terms) VALUES (15, 1501, 'N1', 1050, NULL), (15, 1502, 'N2', 150.5, NULL);
SELECT results_eq('SELECT outcome FROM credit_decision WHERE customer_id = 15 ORDER BY decision_id', $$VALUES ('warned'), ('held')$$, 'warned within a tolerance, held beyond it');
SELECT matches(explain_decision(max(decision_id)), E'Against it: exposure with it is 200\\.50 over the limit of 1000, more than 100 \\(rule \\d+\\); the document of 150\\.50 [^\n]*\\[warning\\]\\.\nWay out: it passes once exposure has fallen by 100\\.50 or the limit is at least 1200\\.50\\.\n', 'what is beyond the tolerance must go; the warning of the same kind is not repeated')
FROM credit_decision WHERE customer_id = 15;
SELECT is((SELECT cure FROM credit_decision WHERE order_id = 1502), 'passes once exposure has fallen by 100.50 or the limit is at least 1200.50', 'its cure says what blocks it, not what it warns of');
INSERT INTO payment (customer_id, amount) VALUES (15, 0.01);
INSERT INTO customer (customer_id, code, name, risk_class) VALUES (31, 'C31', 'Unlimited', 'B'), (32, 'C32', 'Undecided', 'B');
INSERT INTO credit_limit (customer_id, amount) VALUES (31, NULL);
UPDATE ledger SET no_limit = 'hold', log_passes = true;
INSERT INTO sales_order (customer_id, order_id, order_no, amount) VALUES (31, 3101, 'U1', 10), (32, 3201, 'U2', 10);
SELECT matches(explain_decision(decision_id), 'limit unlimited; available before it unlimited\.', 'not limited') FROM credit_decision WHERE order_id = 3101;
SELECT matches(explain_decision(decision_id, 'fr'), 'plafond : illimité ; disponible avant : illimité\.', 'in French') FROM credit_decision WHERE order_id = 3101;
SELECT matches(explain_decision(decision_id), 'limit not decided; available before it -\.', 'not decided is not unlimited') FROM credit_decision WHERE order_id = 3201;
SELECT matches(explain_decision(decision_id, 'fr'), 'plafond : non décidé ; disponible avant : -\.', 'in French too') FROM credit_decision WHERE order_id = 3201;
UPDATE ledger SET no_limit = 'default', log_passes = false;
SELECT hold_order(3101, 'rumour') \g /dev/null
SELECT reject_order(3101, 'confirmed') \g /dev/null
SELECT matches(explain_decision(max(decision_id)), 'rejected\.\n.*\nAgainst it: it is held by hand\.\nBy .*: confirmed\.', 'what was held by hand and rejected says so') FROM credit_decision WHERE order_id = 3101;
SELECT is_empty('SELECT r.* FROM credit_decision d, replay_decision(d.decision_id) r', 'and all is replayed as it was');

-- Asked without effect: the same as the trigger says.
SELECT results_eq('SELECT outcome, reasons, exposure_after FROM check_order(2, 10)', $$VALUES ('held', '{oldest_open_item}'::text[], 210::numeric)$$, 'check_order by the rules');
SELECT results_eq('SELECT outcome, reasons FROM check_order(3, 70)', $$VALUES ('warned', '{maximum_document_value}'::text[])$$, 'a warning');
UPDATE customer SET parent_id = 4 WHERE customer_id = 5;
INSERT INTO credit_limit (customer_id, amount, level, valid_from) VALUES (4, 45, 'group', '2026-01-01');
SELECT results_eq('SELECT outcome, reasons FROM check_order(5, 46)', $$VALUES ('held', '{group_limit_exceeded}'::text[])$$, 'the limit of the group');
SELECT results_eq('SELECT outcome, reasons FROM check_order(5, 45)', $$VALUES ('passed', '{}'::text[])$$, 'is reached');
UPDATE ledger SET credit_horizon_days = 30;
SELECT results_eq('SELECT outcome FROM check_order(1, 40, deliver_on => ''2026-12-31'') UNION ALL SELECT outcome FROM check_order(1, 400) UNION ALL SELECT outcome FROM check_order(1, 45, deliver_on => ''2026-12-31'')', $$VALUES ('passed'), ('held'), ('passed')$$, 'what is beyond the horizon does not count');
CREATE FUNCTION pg_temp.both(customer bigint, sum numeric, deliver date, id bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE asked record; done record;
BEGIN
    SELECT c.* INTO asked FROM judged.check_order(customer, sum, deliver_on => deliver) c;
    INSERT INTO judged.sales_order (customer_id, order_id, deliver_on, amount) VALUES (customer, id, deliver, sum);
    SELECT d.outcome, d.reasons, d.exposure_after, d.cure INTO done FROM judged.credit_decision d WHERE d.order_id = id;
    RETURN CASE WHEN (asked.outcome, asked.reasons, asked.exposure_after) = (coalesce(done.outcome, 'passed'), coalesce(done.reasons, '{}'), coalesce(done.exposure_after, asked.exposure_after))
                     AND (done.outcome IS NULL OR asked.cure IS NOT DISTINCT FROM done.cure) THEN 'same' ELSE format('%s: %s, %s', customer, asked, done) END;
END $$;
SELECT set_eq($$SELECT pg_temp.both(1 + i % 5, 7 * i, CASE WHEN i % 3 = 0 THEN date '2026-12-31' END, 5000 + i) FROM generate_series(1, 40) i$$, ARRAY['same'], 'forty orders: asked and decided are the same');
UPDATE ledger SET credit_horizon_days = NULL;
SELECT retire_rule(rule_id) FROM rule_in_force \g /dev/null

-- A year at random, every pass logged.
UPDATE ledger SET log_passes = true, pinned_date = '2025-01-01';
SELECT setseed(0.42) \g /dev/null
CREATE TEMPORARY TABLE tried (error text);
DO $$
DECLARE
    day date := '2025-01-01';
    c bigint;
    rule bigint;
BEGIN
    FOR i IN 1..420 LOOP
        day := '2025-01-01'::date + (i * 364 / 420);
        UPDATE ledger SET pinned_date = day;
        c := 10 + floor(random() * 20)::bigint;
        BEGIN
            CASE floor(random() * 14)::integer
            WHEN 0 THEN
                INSERT INTO payment (customer_id, amount) VALUES (c, 1 + floor(random() * 400));
            WHEN 1 THEN
                INSERT INTO invoice (customer_id, invoice_no, amount, due_on) VALUES (c, 'I' || i, 1 + floor(random() * 300), day + floor(random() * 40)::integer);
            WHEN 2 THEN
                INSERT INTO credit_limit (customer_id, amount, kind, valid_to) VALUES (c, floor(random() * 2000), CASE WHEN random() < 0.5 THEN 'base' ELSE 'temporary' END, day + 60);
            WHEN 3 THEN
                INSERT INTO blocking_rule (kind, action, threshold, risk_class)
                SELECT k, (ARRAY['warn', 'hold', 'hold', 'reject'])[1 + floor(random() * 4)::integer], floor(random() * 100),
                       CASE WHEN random() < 0.5 THEN (ARRAY['A', 'B', 'C'])[1 + floor(random() * 3)::integer] END
                FROM (SELECT (ARRAY['oldest_open_item', 'overdue_amount', 'overdue_share', 'maximum_document_value', 'unscored', 'credit_limit_exceeded'])[1 + floor(random() * 6)::integer] AS k) x;
            WHEN 4 THEN
                SELECT r.rule_id INTO rule FROM rule_in_force r ORDER BY random() LIMIT 1;
                IF FOUND THEN PERFORM retire_rule(rule); END IF;
            WHEN 5 THEN
                PERFORM release_order(o.order_id, 'by hand', random() < 0.6) FROM (SELECT s.order_id FROM sales_order s WHERE s.status = 'held' ORDER BY random() LIMIT 1) o;
            WHEN 6 THEN
                UPDATE sales_order s SET amount = s.amount + floor(random() * 200)
                WHERE s.order_id = (SELECT x.order_id FROM sales_order x WHERE x.customer_id = c AND x.status IN ('open', 'released') ORDER BY random() LIMIT 1);
            ELSE
                INSERT INTO sales_order (customer_id, order_no, amount) VALUES (c, 'R' || i, 1 + floor(random() * 600));
            END CASE;
            IF random() < 0.1 THEN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END IF;
        EXCEPTION WHEN SQLSTATE 'CR001' OR SQLSTATE '23P01' THEN
            INSERT INTO tried VALUES (SQLERRM);
        END;
    END LOOP;
END $$;
SELECT cmp_ok((SELECT count(*) FROM credit_decision WHERE decided_on < '2026-01-01'), '>=', 250::bigint, 'a year of decisions');
SELECT cmp_ok((SELECT count(DISTINCT outcome) FROM credit_decision WHERE decided_on < '2026-01-01'), '>=', 5::bigint, 'of every outcome');
SELECT cmp_ok((SELECT count(DISTINCT policy_version) FROM credit_decision WHERE decided_on < '2026-01-01'), '>=', 8::bigint, 'under many versions of the policy');
SELECT is_empty('SELECT * FROM replay_decisions(''2025-01-01'', ''2025-12-31'')', 'replaying all decisions of a random year gives no difference');
SELECT is_empty('SELECT d.decision_id, r.* FROM credit_decision d, replay_decision(d.decision_id) r WHERE d.decided_on < ''2026-01-01''', 'in no field');
-- A stricter policy: all rules of today, and no document above 200.
INSERT INTO credit_policy (policy, note) VALUES ('strict', 'nothing above 200');
INSERT INTO blocking_rule (policy, kind, action, threshold) VALUES ('strict', 'maximum_document_value', 'hold', 200);
SELECT set_eq('SELECT decision_id FROM replay_decisions(''2025-01-01'', ''2025-12-31'', ''strict'') WHERE outcome IN (''passed'', ''warned'') AND outcome_replayed = ''held''',
    $$SELECT decision_id FROM credit_decision WHERE decided_on < '2026-01-01' AND outcome IN ('passed', 'warned')
      AND (coalesce((inputs->>'document_value')::numeric, amount) > 200 OR exposure_after > credit_limit OR exists (SELECT FROM unnest(reasons) r WHERE r IN ('credit_limit_exceeded', 'customer_blocked', 'no_credit_limit')))$$, 'a stricter policy lists exactly what it would have held');
SELECT cmp_ok((SELECT count(*) FROM replay_decisions('2025-01-01', '2025-12-31', 'strict') WHERE outcome = 'passed'), '>', 20::bigint, 'which is something');
SELECT is_empty('SELECT * FROM replay_decisions(''2030-01-01'')', 'a time without decisions');
SELECT is((SELECT count(*) FROM replay_decision((SELECT min(decision_id) FROM credit_decision WHERE outcome = 'passed' AND amount > 200), 'strict') WHERE field = 'outcome' AND decided = 'passed' AND replayed = 'held'), 1::bigint, 'one of them, field by field');
SELECT is_empty('SELECT * FROM verify()', 'verify()');
SELECT * FROM finish();
ROLLBACK;
