-- The life of every kind of alert: row 000-05 of the capability list. What
-- raises those of limits, scores, behaviour and deadlines is in their own files;
-- here are those of insurers, courts, bureaus and the press.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('lives') \g /dev/null
SET LOCAL search_path = lives, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-10';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 12) i;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (1, 1, 'F1', '2026-03-01', '2026-12-31', 5000);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

-- Every kind -----------------------------------------------------------------------------
SELECT is_empty('SELECT FROM alert', '000-05 before: no alert');
CREATE FUNCTION pg_temp.life(which text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
    again bigint;
    story text;
BEGIN
    raised := lives.raise_alert(1, which, 'life', NULL, 'x', 'y');
    again := lives.raise_alert(1, which, 'life', NULL, 'x', 'y');
    story := format('%s raised, %s', (SELECT count(*) FROM lives.open_alert a WHERE a.kind = which), CASE WHEN raised = again THEN 'kept single' END);
    PERFORM lives.acknowledge_alert(raised, 'seen');
    story := story || CASE WHEN (SELECT a.acknowledged_on FROM lives.alert a WHERE a.alert_id = raised) = '2026-03-10' THEN ', acknowledged' ELSE '' END;
    IF EXISTS (SELECT FROM lives.open_alert a WHERE a.alert_id = raised) THEN
        story := story || ', open as long as it is so';
        PERFORM lives.clear_alert(1, which, 'life');
    END IF;
    RETURN story || (SELECT CASE WHEN a.closed_on = '2026-03-10' AND a.closed_at >= a.acknowledged_at THEN ', closed' ELSE '' END FROM lives.alert a WHERE a.alert_id = raised);
END $$;
CREATE TEMPORARY TABLE life AS SELECT k.kind, k.lasting, pg_temp.life(k.kind) AS story FROM alert_kind k WHERE k.active;
SELECT set_eq('SELECT story FROM life WHERE lasting', $$VALUES ('1 raised, kept single, acknowledged, open as long as it is so, closed')$$, '000-05 every kind of a state: raised, kept single, acknowledged, closed');
SELECT set_eq('SELECT story FROM life WHERE NOT lasting', $$VALUES ('1 raised, kept single, acknowledged, closed')$$, '000-05 every kind of an event: closed by who takes note');
SELECT is_empty('SELECT kind FROM alert_kind WHERE NOT active OR name_en = name_fr', '000-05 every kind is active and has its words in both languages');
SELECT is_empty('SELECT r.kind, r.parameter FROM alert_rule r WHERE r.name_en = r.name_fr', '000-05 every threshold, too');

-- Where the rule of each is tested; a new kind asks for its line here.
CREATE TEMPORARY TABLE tested (file text, kinds text[]);
INSERT INTO tested VALUES
    ('alert', '{utilization,limit_exceeded,limit_expiring,limit_expired}'), ('score_watch', '{score_drop,class_downgrade}'),
    ('early_warning', '{delay_degradation,behaviour_degradation,early_warning}'),
    ('anomaly', '{order_anomaly,order_burst,unusual_terms,unusual_ship_to,month_end_spike,new_payment_account,sudden_delay}'),
    ('deadline_watch', '{guarantee_expiring,document_expiring,cover_expiring,review_overdue}'), ('passive_excess', '{limit_exceeded_by_cover,limit_exceeded_by_rate}'),
    ('concentration_watch', '{concentration_customer,concentration_top10,concentration_sector,concentration_country,concentration_hhi}'), ('legal_proceeding', '{collective_proceeding}'),
    ('alert_kinds', '{cover_refused,cover_insufficient,cover_reduced,cover_cancelled,insurance_deadline,legal_deadline,prescription,related_failure,negative_news,bureau_report}');
SELECT bag_eq('SELECT unnest(kinds) FROM tested', 'SELECT kind FROM alert_kind', '000-05 each kind has one place where its rule is tested');

-- By their rules --------------------------------------------------------------------------
CREATE FUNCTION pg_temp.told(id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', kind, severity, CASE WHEN acknowledged_on IS NOT NULL THEN 'seen' END), ', ' ORDER BY kind, alert_id), 'none') FROM lives.open_alert WHERE customer_id = id $$;
CREATE FUNCTION pg_temp.night() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', lives.watch_insurance(), lives.watch_litigation()) $$;
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT count(*) FROM open_alert), 0::bigint, '000-05 before: none is open');

-- Answers of the insurer are events.
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2025-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct, notification_days) VALUES ('P1', 90, 30);
SELECT answer_request(request_cover(2, 50000), 0, 'weak accounts'), answer_request(request_cover(3, 50000), 20000), answer_request(request_cover(4, 50000), 50000), answer_request(request_cover(5, 50000), 50000) \g /dev/null
SELECT is(pg_temp.told(4) || ', ' || pg_temp.told(5), 'none, none', '000-05 what is granted in full alerts nobody');
INSERT INTO insurance_cover (customer_id, decision, amount) VALUES (4, 'reduced', 10000);
INSERT INTO insurance_cover (customer_id, decision) VALUES (5, 'cancelled');
SELECT is(concat_ws('; ', pg_temp.told(2), pg_temp.told(3), pg_temp.told(4), pg_temp.told(5)), 'cover_refused warning; cover_insufficient warning; cover_reduced warning; cover_cancelled critical', '000-05 refused, granted in part, reduced, cancelled: each raises its kind');
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT count(*) FROM alert WHERE customer_id BETWEEN 2 AND 5), 4::bigint, '000-05 once');
SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE customer_id BETWEEN 2 AND 5 \g /dev/null
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT count(*) || ' ' || count(closed_on) || ' ' || count(acknowledged_on) FROM alert WHERE customer_id BETWEEN 2 AND 5), '4 4 4', '000-05 who takes note closes them, and no night raises them again');
INSERT INTO insurance_cover (customer_id, decision, amount) VALUES (4, 'reduced', 5000);
SELECT is(pg_temp.told(4), 'cover_reduced warning', '000-05 another cut is another one');

-- News are events, reports of bureaus and failures behind the firm are states.
INSERT INTO rating_provider (code, name, priority, higher_is_better, delivers, max_age_months) VALUES ('bureau', 'Bureau', 1, true, '{rating,lien}', 12);
INSERT INTO news_item (customer_id, news_id, title, published_on, sentiment, severity) VALUES (6, 6, 'Payments suspended', '2026-03-09', 'negative', 4), (7, 7, 'A new plant', '2026-03-09', 'positive', 5);
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'l1', 'lien', 'C6', '2026-03-01', '{"creditor": "URSSAF", "amount": 5000}');
SELECT record_related_party(6, 'director', 'person', 'Jean Dupont', NULL, '1970-05-01') \g /dev/null
INSERT INTO prior_default (party_id, kind, firm, occurred_on) SELECT party_id, 'liquidation', 'Old Works', '2024-06-01' FROM party;
SELECT is(pg_temp.told(6) || '; ' || pg_temp.told(7), 'bureau_report critical, negative_news warning, related_failure warning; none', '000-05 a lien, bad news and a failure behind the firm are told, good news are not');
INSERT INTO prior_default (party_id, kind, firm, occurred_on) SELECT party_id, 'receivership', 'Older Works', '2023-06-01' FROM party;
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'l1', 'lien', 'C6', '2026-03-01', '{"creditor": "URSSAF", "amount": 5000}');
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 6), 3::bigint, '000-05 the same report again, and another failure of the same person, are no other alerts');
SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE customer_id = 6 \g /dev/null
SELECT is(pg_temp.told(6), 'bureau_report critical seen, related_failure warning seen', '000-05 taken note of: news are closed by it, states stay');
INSERT INTO external_signal (provider, reference, kind, code, effective_on, payload) VALUES ('bureau', 'l2', 'ended', 'C6', '2026-03-09', '{"ends": "l1"}');
SELECT is(pg_temp.told(6), 'related_failure warning seen', '000-05 the lien struck off ends its alert');
INSERT INTO prior_default (reversal_of) SELECT prior_default_id FROM prior_default WHERE reversal_of IS NULL;
SELECT is(pg_temp.told(6), 'none', '000-05 failures taken back end theirs');

-- Deadlines of the insurer and of the law are states that the night sees.
INSERT INTO insurance_cover (customer_id, amount, valid_from) VALUES (8, 80000, '2026-01-01');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 8, 'F8', '2026-01-20', '2026-02-20', 1000), (9, 9, 'F9', '2021-04-01', '2021-05-01', 1000), (10, 10, 'F10', '2026-01-20', '2026-02-20', 1000);
SELECT open_proceeding(10, 'receivership', '2026-03-01', published_on => '2026-03-05') AS p \gset
SELECT is(pg_temp.told(8) || '; ' || pg_temp.told(9), 'none; none', '000-05 before the night nothing is said of deadlines');
SELECT pg_temp.night() \g /dev/null
SELECT is(pg_temp.told(8) || '; ' || pg_temp.told(9), 'insurance_deadline critical; prescription critical', '000-05 ten days to notify the insurer, seven weeks to prescription');
SELECT is(pg_temp.told(10), 'collective_proceeding critical', '000-05 two months to file a claim: not yet');
UPDATE ledger SET pinned_date = '2026-04-10';
SELECT pg_temp.night() \g /dev/null
SELECT is(pg_temp.told(10), 'collective_proceeding critical, legal_deadline critical', '000-05 within thirty days it is told');
SELECT is(pg_temp.night(), '0 0', '000-05 once');
SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE customer_id IN (9, 10) \g /dev/null
SELECT is(pg_temp.night() || ' ' || pg_temp.told(9), '0 0 prescription critical seen', '000-05 taken note of they stay');
SELECT file_claim(:p) \g /dev/null
INSERT INTO debt_acknowledgement (customer_id, invoice_id, acknowledged_on, reference) VALUES (9, 9, '2026-04-09', 'e-mail');
SELECT pg_temp.night() \g /dev/null
SELECT is(pg_temp.told(9) || '; ' || pg_temp.told(10), 'none; collective_proceeding critical seen', '000-05 acknowledged by the debtor, and filed: both end by themselves');
SELECT ok((SELECT bool_and(closed_on = '2026-04-10' AND closed_at > acknowledged_at) FROM alert WHERE kind IN ('prescription', 'legal_deadline') AND key <> 'life'), '000-05 with day and instant');

UPDATE ledger SET pinned_date = '2026-04-11';
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (8, 88, 'F88', '2026-03-01', '2026-03-20', 1000);
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT count(*) FROM open_alert WHERE customer_id = 8 AND key LIKE 'F88 %'), 1::bigint, '000-05 another invoice, another deadline of the insurer');
SELECT acknowledge_alert(alert_id, 'notify him') FROM open_alert WHERE customer_id = 8 AND key LIKE 'F88 %' \g /dev/null
SELECT declare_to_insurer(88) \g /dev/null
SELECT pg_temp.night() \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', acknowledged_on, closed_on), ', ') FROM alert WHERE customer_id = 8 AND key LIKE 'F88 overdue notice %'), '2026-04-11 2026-04-11', '000-05 declared, it ends by itself');

SET CONSTRAINTS ALL IMMEDIATE;
SELECT is_empty('SELECT * FROM verify()', '000-05 verify()');
SELECT * FROM finish();
ROLLBACK;
