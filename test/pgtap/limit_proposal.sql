-- What a limit and what terms should be: rows 002-06 and 002-10 of the
-- capability list, and formulas of setting a limit.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('proposals') \g /dev/null
SET LOCAL search_path = proposals, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-31';
INSERT INTO customer (customer_id, code, name, risk_class, terms) SELECT i, 'C' || i, 'Customer ' || i, 'B', 'net 60' FROM generate_series(1, 12) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (50, 'S', 'Site', 1);
SELECT setval(pg_get_serial_sequence('customer', 'customer_id'), 100) \g /dev/null
INSERT INTO financial_statement (customer_id, closing_on, equity, sales) VALUES (1, '2025-12-31', 400000, 2000000), (3, '2025-12-31', -5000, 100000);
CREATE FUNCTION pg_temp.rules(id bigint, sales numeric DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat(rule, ' ', coalesce(amount::text, '-'), CASE WHEN binding THEN ' binds' END), ', ' ORDER BY rule) FROM proposals.propose_limit(id, sales) $$;

-- 002-10 Every rule and the one that binds -------------------------------------------------
SELECT is(proposed_limit(2), NULL, '002-10 nothing is known: no proposal');
SELECT is(pg_temp.rules(2), 'cover -, equity -, need -, own_concentration -, unscored -', '002-10 and every rule says so');
SELECT is(pg_temp.rules(1, 360000), 'cover -, equity 32000 binds, need 60000, own_concentration -, unscored -', '002-10 the worked example: 10 % of 400,000 × 0.8 against 360,000 × 60 / 360');
SELECT is(proposed_limit(1, 360000), 32000::numeric, '002-10 32,000');
SELECT results_eq('SELECT words_en, words_fr FROM propose_limit(1, 360000) WHERE rule IN (''equity'', ''need'') ORDER BY rule',
    $$VALUES ('Equity 400000 × 10 % × 0.80 of class B', 'Capitaux propres 400 000 × 10 % × 0,80 de la classe B'),
             ('sales 360000 × 60 days (terms 60, usual delay not known) / 360', 'ventes 360 000 × 60 jours (délai 60, retard habituel non connu) / 360')$$, '002-10 explained, in both languages');
SELECT is((SELECT (inputs->>'value')::numeric FROM propose_limit(1, 360000) WHERE rule = 'equity'), 400000::numeric, '002-10 with its inputs');
SELECT is((SELECT count(*) FROM propose_limit(1, 360000) WHERE binding), 1::bigint, '002-10 one binds');
SELECT is(proposed_limit(1, 120000), 20000::numeric, '002-10 less business: the need binds');
SELECT is(proposed_limit(1, 123456), 20000::numeric, '002-10 rounded down to the step');
SELECT is(pg_temp.rules(3, 360000), 'cover -, equity 0 binds, need 60000, own_concentration -, unscored -', '002-10 equity below zero bears nothing');
-- The insurer, our own share, the behaviour.
INSERT INTO insurance_policy (policy_no, insurer, currency, valid_from) VALUES ('P', 'Insurer', 'EUR', '2025-01-01');
INSERT INTO insurance_terms (policy_no, valid_from, insured_pct) VALUES ('P', '2025-01-01', 90);
INSERT INTO insurance_cover (customer_id, policy_no, amount, valid_from) VALUES (1, 'P', 25000, '2026-01-01');
SELECT is(pg_temp.rules(1, 360000), 'cover 25000 binds, equity 32000, need 60000, own_concentration -, unscored -', '002-10 the insurer covers less');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount, issued_on, due_on) VALUES (5, 1, 'F1', 90000, '2025-04-20', '2025-06-19'), (5, 2, 'F2', 90000, '2025-09-20', '2025-11-19');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, kind, amount, issued_on, due_on) VALUES (5, 3, 'A1', 'credit_note', 10000, '2025-10-20', '2025-10-20');
INSERT INTO payment (customer_id, payment_id, amount, received_on) VALUES (5, 1, 90000, '2025-06-29'), (5, 2, 90000, '2025-11-29');
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount, effective_on) VALUES (5, 1, 1, 90000, '2025-06-29'), (5, 2, 2, 90000, '2025-11-29');
SELECT is(yearly_sales(5, '2026-03-31'), 170000::numeric, '002-10 sales of 12 months, net of credit notes');
SELECT is(pg_temp.rules(1, 360000), 'cover 25000, equity 32000, need 60000, own_concentration 17000 binds, unscored -', '002-10 at most 10 % of our own sales on one customer');
SELECT is((SELECT words_en FROM propose_limit(5) WHERE rule = 'need'), 'sales 170000 × 70 days (terms 60, usual delay 10) / 360', '002-10 terms and usual delay: the peak as it is');
SELECT is((SELECT amount FROM propose_limit(5) WHERE rule = 'need'), round(170000 * 70 / 360.0, 2), '002-10 of the ledger''s own sales');
SELECT is(pg_temp.rules(6, 36000), 'cover -, equity -, need 6000 binds, own_concentration 17000, unscored -', '002-10 what is not known is left out');
-- Rules are data.
UPDATE limit_rule SET active = false WHERE rule = 'own_concentration';
UPDATE limit_rule SET active = true, pct = 1 WHERE rule = 'annual_sales';
SELECT is(pg_temp.rules(1, 360000), 'annual_sales 16000 binds, cover 25000, equity 32000, need 60000, unscored -', '002-10 1 % of its own sales, where one wants it');
INSERT INTO score_figure VALUES ('peer_limit', 'attribute', true, 'base currency', 'Limit of other suppliers', 'Plafond d''autres fournisseurs');
INSERT INTO limit_rule (rule, kind, figure, name_en, name_fr) VALUES ('peer', 'figure', 'peer_limit', 'what other suppliers grant', 'ce qu''accordent les confrères');
SELECT is((SELECT amount FROM propose_limit(1, 360000) WHERE rule = 'peer'), NULL, '002-10 a rule of one''s own, whose figure is not known');
UPDATE limit_rule SET active = false WHERE rule IN ('peer', 'annual_sales');
UPDATE limit_proposal_policy SET combine = 'average', step = 100;
SELECT is(proposed_limit(1, 360000), 39000::numeric, '002-10 the mean of three methods, where one wants it');
SELECT is((SELECT count(*) FROM propose_limit(1, 360000) WHERE binding), 0::bigint, '002-10 where none binds');
UPDATE limit_proposal_policy SET combine = 'least', step = 1000;
-- The class.
UPDATE customer SET risk_class = 'A' WHERE customer_id = 1;
SELECT is((SELECT amount FROM propose_limit(1, 360000) WHERE rule = 'equity'), 40000::numeric, '002-10 class A may use all of it');
UPDATE customer SET risk_class = 'D' WHERE customer_id = 1;
SELECT is((SELECT amount FROM propose_limit(1, 360000) WHERE rule = 'equity'), 8000::numeric, '002-10 class D a fifth');
UPDATE customer SET risk_class = 'E' WHERE customer_id = 1;
SELECT is(proposed_limit(1, 360000), 0::numeric, '002-10 class E nothing');
SELECT is((SELECT words_en FROM propose_limit(1, 360000) WHERE binding), 'nothing on credit in class E', '002-10 which binds, and is said');
UPDATE customer SET risk_class = NULL WHERE customer_id = 1;
SELECT is(pg_temp.rules(1, 360000), 'cover 25000, equity 20000, need 60000, unscored 3000 binds', '002-10 unscored: as class C, and at most the default limit');
UPDATE customer SET risk_class = 'B' WHERE customer_id = 1;

-- A proposal is not applied.
SELECT is_empty('SELECT FROM credit_limit', '002-10 nothing of this is a limit');
SELECT request_proposed_limit(1, 'yearly review', 360000) AS asked \gset
SELECT results_eq('SELECT requested_by, amount, motive, closed_on FROM limit_request', $$VALUES ('system', 25000::numeric, 'yearly review', NULL::date)$$, '002-10 it is asked for, by the system');
SELECT matches((SELECT evidence FROM limit_request), '^cover binds: 25000 .*; equity: 32000 .*; need: 60000', '002-10 with every rule as evidence');
SELECT is((SELECT credit_limit FROM exposure WHERE customer_id = 1), 3000::numeric, '002-10 and the limit is what it was');
SELECT throws_ok('SELECT request_proposed_limit(1, ''again'', 360000)', 'CR012', 'a proposed limit of customer 1 waits for its decision', '002-10 once');
SELECT is(decide_limit_request(:asked, 'approved', note => 'as proposed') > 0, true, '002-10 a person decides');
SELECT is((SELECT credit_limit FROM exposure WHERE customer_id = 1), 25000::numeric, '002-10 then it is the limit');
SELECT throws_ok('SELECT request_proposed_limit(1, ''again'', 360000)', 'CR012', 'the limit of customer 1 is 25000 already', '002-10 what is so already is not asked for');
UPDATE limit_rule SET active = true WHERE rule = 'step_up';
SELECT is((SELECT amount FROM propose_limit(1, 360000) WHERE rule = 'step_up'), 37500::numeric, '002-10 at most half more than now, where one wants it');
UPDATE customer SET risk_class = 'E' WHERE customer_id = 7;
SELECT throws_ok(s, e, NULL, '002-10 ' || s) FROM (VALUES
    ('SELECT request_proposed_limit(1, '''')', '22023'), ('SELECT request_proposed_limit(2, ''x'')', 'CR012'), ('SELECT request_proposed_limit(7, ''x'', 1000000)', 'CR012'), ('SELECT request_proposed_limit(999, ''x'')', 'CR004'),
    ('SELECT * FROM propose_limit(999)', 'CR004'), ('SELECT * FROM propose_limit(50)', 'CR004'), ('SELECT proposed_limit(NULL)', 'CR004'), ('SELECT proposed_limit(1, -1)', '22023'), ('SELECT proposed_limit(1, ''NaN'')', '22023'),
    ('INSERT INTO limit_rule (rule, kind, name_en, name_fr) VALUES (''x'', ''figure'', ''x'', ''x'')', '23514'), ('INSERT INTO limit_rule (rule, kind, figure, name_en, name_fr) VALUES (''x'', ''figure'', ''nothing'', ''x'', ''x'')', '23503'),
    ('TRUNCATE limit_rule', 'CR010'), ('TRUNCATE limit_proposal_policy', 'CR010'), ('INSERT INTO limit_proposal_policy DEFAULT VALUES', '23505'), ('UPDATE limit_proposal_policy SET step = 0', '23514')) v (s, e);

-- 002-06 Better class, longer terms ----------------------------------------------------------
CREATE FUNCTION pg_temp.terms(class text, regime text DEFAULT 'agreed') RETURNS text LANGUAGE sql AS $$
    SELECT proposals.longest_terms(p.max_days, regime) FROM proposals.terms_policy_in_force p WHERE p.risk_class = class $$;
SELECT results_eq('SELECT c, pg_temp.terms(c) FROM unnest(''{A,B,C,D,E}''::text[]) c', $$VALUES ('A', '45 eom'), ('B', 'net 60'), ('C', 'net 30'), ('D', 'net 15'), ('E', 'prepayment')$$, '002-06 terms by class');
SELECT is_empty($$SELECT a.risk_class, b.risk_class, g FROM terms_policy_in_force a JOIN terms_policy_in_force b ON a.risk_class < b.risk_class
    CROSS JOIN unnest('{agreed,not_agreed,60_days,45_eom,eom_45,periodic_invoice,perishable_food,livestock_and_fresh_meat,alcoholic_drinks,transport,public_buyer,public_hospital,NULL}'::text[]) g
    WHERE credit_risk.terms_days(longest_terms(a.max_days, nullif(g, 'NULL'))::credit_risk.payment_terms) < credit_risk.terms_days(longest_terms(b.max_days, nullif(g, 'NULL'))::credit_risk.payment_terms)$$,
    '002-06 a better class never gets less, under any regime');
SELECT is_empty($$SELECT p.risk_class, g FROM terms_policy_in_force p
    CROSS JOIN unnest('{agreed,not_agreed,60_days,45_eom,eom_45,periodic_invoice,perishable_food,livestock_and_fresh_meat,alcoholic_drinks,transport,public_buyer,public_hospital}'::text[]) g
    WHERE credit_risk.fr_days_over_maximum(longest_terms(p.max_days, g)::credit_risk.payment_terms, g) > 0 OR credit_risk.terms_days(longest_terms(p.max_days, g)::credit_risk.payment_terms) > p.max_days$$,
    '002-06 never above the class nor above the law');
SELECT is_empty($$SELECT d FROM generate_series(0, 120) d WHERE credit_risk.terms_days(longest_terms(d, NULL)::credit_risk.payment_terms) > d OR longest_terms(d, NULL) IS NULL
    OR credit_risk.terms_days(longest_terms(d, 'agreed')::credit_risk.payment_terms) > credit_risk.terms_days(longest_terms(d + 1, 'agreed')::credit_risk.payment_terms)$$, '002-06 whatever the policy allows');
INSERT INTO customer (customer_id, code, name, risk_class, terms, country) SELECT 20 + i, 'T' || i, 'Terms ' || i, nullif(chr(64 + i), 'F'), 'net 45', 'FR' FROM generate_series(1, 6) i;
SELECT results_eq('SELECT p.risk_class, p.days, p.terms, p.deposit_pct, p.change FROM generate_series(21, 26) i CROSS JOIN LATERAL propose_terms(i) p',
    $$VALUES ('A', 75, '45 eom', 0::numeric, 'longer'), ('B', 60, 'net 60', 0, 'longer'), ('C', 30, 'net 30', 0, 'shorter'), ('D', 15, 'net 15', 30, 'shorter'), ('E', 0, 'prepayment', 100, 'shorter'), (NULL, 30, 'net 30', 0, 'shorter')$$, '002-06 proposed to a customer of each class');
SELECT is((SELECT payment_methods FROM propose_terms(21)), NULL, '002-06 class A by any means');
SELECT is((SELECT payment_methods @> '{direct debit,accepted draft}' AND NOT payment_methods && '{transfer,cheque}'::text[] FROM propose_terms(24)), true, '002-06 class D by direct debit or accepted draft');
SELECT is((SELECT 'transfer' = ANY (payment_methods) FROM propose_terms(25)), true, '002-06 class E by transfer before delivery');
INSERT INTO legal_terms VALUES (21, 'public_buyer');
SELECT is((SELECT concat_ws(' ', terms, days, legal_regime) FROM propose_terms(21)), 'net 30 30 public_buyer', '002-06 the law bounds the best class too');
UPDATE customer SET country = 'DE' WHERE customer_id = 22;
SELECT is((SELECT concat_ws(' ', terms, legal_regime) FROM propose_terms(22)), 'net 60', '002-06 abroad the class alone');
UPDATE customer SET credit_mode = 'cash_only' WHERE customer_id = 23;
SELECT is((SELECT terms FROM propose_terms(23)), 'prepayment', '002-06 who gets nothing on credit gets none');
INSERT INTO terms_policy (risk_class, max_days) VALUES ('B', 45);
SELECT is((SELECT terms FROM propose_terms(22)), 'net 45', '002-06 the policy is data');
SELECT is((SELECT terms FROM customer WHERE customer_id = 24), 'net 45', '002-06 nothing is applied');
SELECT throws_ok('SELECT propose_terms(999)', 'CR004', NULL, '002-06 no such customer');
SELECT is_empty('SELECT * FROM verify()', '002-06 verify()');

SELECT * FROM finish();
ROLLBACK;
