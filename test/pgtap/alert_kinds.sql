-- Every kind of alert: raised by its own rule, kept single, taken note of and
-- closed. The machine for all of them; which file shows the life of which; and
-- here the lives that no other file shows whole. Part of row 000-05.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('kinds') \g /dev/null
SET LOCAL search_path = kinds, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02', no_limit = 'pass';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 40) i;
CREATE FUNCTION pg_temp.day(d date) RETURNS void LANGUAGE sql AS $$ UPDATE kinds.ledger SET pinned_date = d $$;
-- All alerts of a kind on a customer: how many, open, acknowledged, closed with an instant.
CREATE FUNCTION pg_temp.life(id bigint, which text) RETURNS text LANGUAGE sql AS
$$ SELECT format('%s: %s open, %s noted, %s closed', count(*), count(*) FILTER (WHERE closed_on IS NULL), count(acknowledged_at), count(*) FILTER (WHERE closed_on IS NOT NULL AND closed_at > recorded_at))
   FROM kinds.alert WHERE customer_id = id AND kind = which $$;
CREATE FUNCTION pg_temp.note(id bigint, which text) RETURNS bigint LANGUAGE sql AS
$$ SELECT count(kinds.acknowledge_alert(alert_id, 'seen')) FROM kinds.open_alert WHERE customer_id = id AND kind = which AND acknowledged_on IS NULL $$;
CREATE FUNCTION pg_temp.commit() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END $$;

-- A list that a new kind must be entered in ----------------------------------------------
CREATE TEMPORARY TABLE shown (kind text PRIMARY KEY, file text NOT NULL);
INSERT INTO shown VALUES
    ('utilization', 'alert_kinds'), ('limit_exceeded', 'passive_excess'), ('limit_expiring', 'alert_kinds'), ('limit_expired', 'alert'),
    ('limit_exceeded_by_rate', 'exchange_watch'), ('limit_exceeded_by_cover', 'passive_excess'),
    ('cover_refused', 'alert_kinds'), ('cover_insufficient', 'alert_kinds'), ('cover_reduced', 'alert_kinds'), ('cover_cancelled', 'alert_kinds'),
    ('insurance_deadline', 'alert_kinds'), ('legal_deadline', 'alert_kinds'), ('prescription', 'alert_kinds'),
    ('collective_proceeding', 'legal_proceeding'), ('related_failure', 'alert_kinds'), ('negative_news', 'alert_kinds'), ('bureau_report', 'alert_kinds'),
    ('guarantee_expiring', 'deadline_watch'), ('document_expiring', 'deadline_watch'), ('cover_expiring', 'deadline_watch'), ('review_overdue', 'deadline_watch'),
    ('concentration_customer', 'concentration_watch'), ('concentration_top10', 'concentration_watch'), ('concentration_sector', 'concentration_watch'),
    ('concentration_country', 'concentration_watch'), ('concentration_hhi', 'concentration_watch'),
    ('score_drop', 'score_watch'), ('class_downgrade', 'score_watch'),
    ('delay_degradation', 'early_warning'), ('behaviour_degradation', 'early_warning'), ('early_warning', 'early_warning'),
    ('order_anomaly', 'anomaly'), ('order_burst', 'anomaly'), ('unusual_terms', 'anomaly'), ('unusual_ship_to', 'anomaly'),
    ('month_end_spike', 'anomaly'), ('new_payment_account', 'anomaly'), ('sudden_delay', 'anomaly');
SELECT is_empty('SELECT k.kind FROM alert_kind k EXCEPT SELECT s.kind FROM shown s', '000-05 no kind without a test that raises it');
SELECT is_empty('SELECT s.kind FROM shown s EXCEPT SELECT k.kind FROM alert_kind k', '000-05 no test of a kind that there is not');

-- The machine, for each of them --------------------------------------------------------------
SELECT is_empty('SELECT kind FROM alert_kind WHERE NOT active', '000-05 every kind is active in a new ledger');
SELECT is_empty('SELECT kind FROM alert_kind WHERE btrim(name_en) = '''' OR btrim(name_fr) = '''' OR name_en = name_fr', '000-05 every kind has a name in both languages');
SELECT is_empty('SELECT name_en FROM alert_kind GROUP BY 1 HAVING count(*) > 1 UNION ALL SELECT name_fr FROM alert_kind GROUP BY 1 HAVING count(*) > 1', '000-05 and its own');
SELECT set_eq('SELECT kind FROM alert_kind WHERE NOT lasting', '{cover_refused,cover_insufficient,cover_reduced,cover_cancelled,limit_expired,negative_news,class_downgrade}'::text[], '000-05 the events; all others are states');
SAVEPOINT machine;
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (40, 'M', 1000000);
CREATE TEMPORARY TABLE raised AS SELECT kind, lasting, raise_alert(40, kind, 'm', NULL, 'first', 'premier') AS id FROM alert_kind;
SELECT is((SELECT count(DISTINCT id) FROM raised), (SELECT count(*) FROM alert_kind), '000-05 each kind is raised');
SELECT is_empty($$SELECT kind FROM raised WHERE raise_alert(40, kind, 'm', NULL, 'again', 'encore') IS DISTINCT FROM id$$, '000-05 raised again it is the same alert');
SELECT is_empty($$SELECT r.kind FROM raised r JOIN alert_kind k USING (kind) WHERE (SELECT count(*) FROM open_alert a WHERE a.customer_id = 40 AND a.kind = r.kind AND a.key = 'm'
    AND (a.alert_id, a.message_en, a.message_fr, a.severity, a.department) = (r.id, 'again', 'encore', k.severity, k.department)) <> 1$$, '000-05 one is open, with the newest words, of the severity and for whom its kind says');
SELECT is((SELECT count(acknowledge_alert(id, 'seen')) FROM raised), (SELECT count(*) FROM alert_kind), '000-05 somebody takes note of each');
SELECT is_empty('SELECT r.kind FROM raised r JOIN alert a ON a.alert_id = r.id WHERE a.acknowledged_at IS NULL OR a.acknowledged_by <> current_user OR (a.closed_on IS NULL) IS DISTINCT FROM r.lasting OR (a.closed_at IS NULL) IS DISTINCT FROM r.lasting',
    '000-05 an event is closed by that, a state stays open');
SELECT is_empty($$SELECT r.kind FROM raised r WHERE clear_alert(40, r.kind, 'm') IS DISTINCT FROM CASE WHEN r.lasting THEN r.id END$$, '000-05 what ends is cleared, once');
SELECT is_empty('SELECT r.kind FROM raised r JOIN alert a ON a.alert_id = r.id WHERE a.closed_on IS DISTINCT FROM ''2026-03-02'' OR a.closed_at IS NULL OR a.closed_at < a.recorded_at OR a.closed_by <> current_user', '000-05 with its day, its instant and by whom');
SELECT is_empty($$SELECT kind FROM alert WHERE customer_id = 40 AND key = 'm' GROUP BY kind HAVING count(*) > 1$$, '000-05 one of each kind in all');
ROLLBACK TO machine;
-- The same by settle_alerts(), by which the nightly rules tell what is due.
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (40, 'M', 1000000);
CREATE FUNCTION pg_temp.settle(due boolean) RETURNS bigint LANGUAGE sql AS
$$ SELECT kinds.settle_alerts(ARRAY(SELECT ROW(40, kind, 's', NULL, 'due', 'dû', NULL)::kinds.due_alert FROM kinds.alert_kind WHERE due), ARRAY(SELECT kind FROM kinds.alert_kind), '{40}') $$;
SELECT is(pg_temp.settle(true), (SELECT count(*) FROM alert_kind), '000-05 due: each kind is raised');
SELECT is(pg_temp.settle(true), 0::bigint, '000-05 due again: nothing changes');
SELECT is((SELECT count(acknowledge_alert(alert_id, 'seen')) FROM open_alert WHERE customer_id = 40), (SELECT count(*) FROM alert_kind), '000-05 taken note of');
SELECT is(pg_temp.settle(true), 0::bigint, '000-05 due still: a state stays, an event is not raised again');
SELECT is(pg_temp.settle(false), (SELECT count(*) FROM alert_kind WHERE lasting), '000-05 no longer due: the states are closed');
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 40 AND closed_on IS NOT NULL AND closed_at >= recorded_at AND acknowledged_at IS NOT NULL), (SELECT count(*) FROM alert_kind), '000-05 one of each, all noted and closed');
SELECT is(pg_temp.settle(true), (SELECT count(*) FROM alert_kind WHERE lasting), '000-05 due anew: a state is another alert, an event never is');
ROLLBACK TO machine;

-- Decisions of the insurer: events ---------------------------------------------------------------
INSERT INTO insurance_policy (policy_no, insurer, valid_from) VALUES ('P1', 'Insurer', '2026-01-01');
INSERT INTO insurance_terms (policy_no, insured_pct, notice_days, notification_days) VALUES ('P1', 90, 0, 30);
INSERT INTO insurance_cover (customer_id, amount, valid_from) SELECT i, 50000, '2026-01-01' FROM generate_series(2, 4) i;
SELECT is((SELECT count(*) FROM alert), 0::bigint, '000-05 before: cover that is granted alerts nobody');
SELECT request_cover(1, 10000) AS asked \gset
SELECT answer_request(:asked, 0, 'weak accounts') \g /dev/null
SELECT request_cover(2, 90000) AS more \gset
SELECT answer_request(:more, 60000, 'in part') \g /dev/null
INSERT INTO insurance_cover (customer_id, decision, amount, reason) VALUES (3, 'reduced', 20000, 'late accounts'), (4, 'cancelled', 0, 'deterioration');
CREATE TEMPORARY TABLE decided (customer_id bigint, kind text);
INSERT INTO decided VALUES (1, 'cover_refused'), (2, 'cover_insufficient'), (3, 'cover_reduced'), (4, 'cover_cancelled');
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 0 noted, 0 closed', '000-05 ' || kind || ' is raised by the decision') FROM decided ORDER BY 1;
SELECT throws_ok(format('SELECT answer_request(%s, 0, ''again'')', :asked), 'CR012', NULL, '000-05 cover_refused: the same answer again is refused');
SELECT watch_deadlines(), watch_insurance(), watch_deadlines(), watch_insurance() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 0 noted, 0 closed', '000-05 ' || kind || ' is one after two nights') FROM decided ORDER BY 1;
SELECT is(pg_temp.note(customer_id, kind), 1::bigint, '000-05 ' || kind || ': somebody takes note') FROM decided ORDER BY 1;
SELECT pg_temp.day('2026-03-03'), watch_deadlines(), watch_insurance() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 0 open, 1 noted, 1 closed', '000-05 ' || kind || ' is closed by that and not raised again') FROM decided ORDER BY 1;
INSERT INTO insurance_cover (customer_id, decision, amount, reason) VALUES (3, 'reduced', 10000, 'later accounts');
SELECT is(pg_temp.life(3, 'cover_reduced'), '2: 1 open, 1 noted, 1 closed', '000-05 cover_reduced: another cut is another event');
-- A refusal of cover and one of an increase, whose numbers happen to be the same.
INSERT INTO insurance_cover (customer_id, cover_id, decision, amount, reason) VALUES (5, 900, 'refused', 0, 'unknown');
INSERT INTO insurance_cover (customer_id, cover_id, amount) VALUES (5, 901, 1000);
INSERT INTO insurance_request (customer_id, request_id, policy_no, amount, currency, opened_on) VALUES (5, 900, 'P1', 5000, 'EUR', '2026-03-03');
SELECT answer_request(900, 0, 'enough') \g /dev/null
SELECT is(pg_temp.life(5, 'cover_refused'), '2: 2 open, 0 noted, 0 closed', '000-05 cover_refused: an increase that is refused is its own event, whatever its number');

-- Deadlines of the insurer and of the law, prescription: states, by the nights ------------------
INSERT INTO insurance_cover (customer_id, amount, valid_from) VALUES (6, 50000, '2026-01-01');
SELECT watch_insurance(), watch_litigation() \g /dev/null
CREATE TEMPORARY TABLE nightly (customer_id bigint, kind text);
INSERT INTO nightly VALUES (6, 'insurance_deadline'), (7, 'legal_deadline'), (8, 'prescription');
SELECT is(pg_temp.life(customer_id, kind), '0: 0 open, 0 noted, 0 closed', '000-05 before: no ' || kind) FROM nightly ORDER BY 1;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, issued_on, due_on, amount) VALUES (6, 6, 'F6', '2026-01-15', '2026-02-10', 1000), (7, 7, 'F7', '2025-12-01', '2025-12-31', 1000),
    (8, 8, 'F8', '2021-05-01', '2021-06-01', 1000);
DELETE FROM document_requirement;
SELECT open_litigation(7, '{7}') AS court \gset
SELECT record_litigation_event(:court, 'formal_notice_sent', '2026-01-10'), record_litigation_event(:court, 'payment_order_filed', '2026-01-20') \g /dev/null
SELECT pg_temp.day('2026-03-03') \g /dev/null
SELECT ok(watch_insurance() + watch_litigation() > 0, '000-05 the night');
UPDATE alert_kind SET days_ahead = 200 WHERE kind = 'legal_deadline';
SELECT record_litigation_event(:court, 'order_made', '2026-02-05') \g /dev/null
SELECT ok(watch_litigation() > 0, '000-05 and that after an order was made');
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 0 noted, 0 closed', '000-05 ' || kind || ' is raised by the night') FROM nightly ORDER BY 1;
SELECT is(watch_insurance() + watch_litigation(), 0::bigint, '000-05 the same night again changes nothing');
SELECT is(pg_temp.note(customer_id, kind), 1::bigint, '000-05 ' || kind || ': somebody takes note') FROM nightly ORDER BY 1;
SELECT pg_temp.day('2026-03-04'), watch_insurance(), watch_litigation() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 1 noted, 0 closed', '000-05 ' || kind || ' stays as long as it is so, and is one') FROM nightly ORDER BY 1;
SELECT declare_to_insurer(6), record_litigation_event(:court, 'order_served', '2026-03-04') \g /dev/null
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (8, 8, '2026-03-04', 1000);
INSERT INTO allocation (customer_id, payment_id, invoice_id, amount) VALUES (8, 8, 8, 1000);
SELECT watch_insurance(), watch_litigation() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 0 open, 1 noted, 1 closed', '000-05 ' || kind || ' is closed by itself: declared, served, paid') FROM nightly ORDER BY 1;
UPDATE alert_kind SET days_ahead = 30 WHERE kind = 'legal_deadline';

-- From outside: antecedents, reports of bureaus, news -------------------------------------------
INSERT INTO rating_provider (code, name, priority, higher_is_better, delivers, max_age_months) VALUES ('bureau', 'Bureau', 1, true, '{rating,delays,lien,news}', 12);
SELECT record_related_party(10, 'director', 'person', 'Jean Dupont', NULL, '1970-05-01'), record_related_party(11, 'owner', 'company', 'Holding', NULL) \g /dev/null
SELECT is(pg_temp.life(10, 'related_failure'), '0: 0 open, 0 noted, 0 closed', '000-05 before: no failure');
INSERT INTO prior_default (prior_default_id, party_id, kind, firm, occurred_on) SELECT 10, party_id, 'liquidation', 'Old Works', date '2024-06-01' FROM party WHERE born_on IS NOT NULL;
INSERT INTO prior_default (prior_default_id, party_id, kind, firm, occurred_on) SELECT 11, party_id, 'liquidation', 'Older Works', date '2016-06-01' FROM party WHERE born_on IS NULL;
SELECT record_related_party(16, 'owner', 'company', 'Group', NULL) \g /dev/null
INSERT INTO prior_default (party_id, kind, firm, occurred_on) SELECT p.party_id, 'liquidation', f, d FROM party p, (VALUES ('Works A', date '2016-06-01'), ('Works B', '2020-06-01')) v (f, d) WHERE p.name = 'Group';
INSERT INTO bureau_event (customer_id, bureau_event_id, provider, kind, reported_on, amount) VALUES (12, 12, 'bureau', 'lien', '2026-03-01', 5000), (13, 13, 'bureau', 'delays', '2026-03-01', 700);
INSERT INTO news_item (customer_id, news_id, url, title, sentiment, severity) VALUES (14, 14, 'https://press.example/14', 'Payments suspended', 'negative', 4);
CREATE TEMPORARY TABLE outside (customer_id bigint, kind text);
INSERT INTO outside VALUES (10, 'related_failure'), (11, 'related_failure'), (12, 'bureau_report'), (13, 'bureau_report'), (14, 'negative_news');
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 0 noted, 0 closed', '000-05 ' || kind || ' is raised by the fact') FROM outside ORDER BY 1;
INSERT INTO prior_default (party_id, kind, firm, occurred_on) SELECT party_id, 'liquidation', 'Old Works', date '2024-06-01' FROM party WHERE born_on IS NOT NULL;
SELECT throws_ok($$INSERT INTO news_item (customer_id, url, title, sentiment, severity) VALUES (14, 'https://press.example/14', 'Payments suspended', 'negative', 4)$$, '23505', NULL, '000-05 negative_news: the same page again is no news');
SELECT watch_deadlines() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 0 noted, 0 closed', '000-05 ' || kind || ': told twice, and after a night, it is one') FROM outside ORDER BY 1;
SELECT is(pg_temp.note(customer_id, kind), 1::bigint, '000-05 ' || kind || ': somebody takes note') FROM outside ORDER BY 1;
SELECT is(pg_temp.life(customer_id, kind), CASE kind WHEN 'negative_news' THEN '1: 0 open, 1 noted, 1 closed' ELSE '1: 1 open, 1 noted, 0 closed' END,
    '000-05 ' || kind || CASE kind WHEN 'negative_news' THEN ' is closed by that' ELSE ' stays open' END) FROM outside ORDER BY 1;
INSERT INTO prior_default (reversal_of) SELECT prior_default_id FROM prior_default WHERE firm = 'Old Works';
INSERT INTO bureau_event (customer_id, provider, kind, ends_event_id) VALUES (12, 'bureau', 'ended', 12);
SELECT is(pg_temp.life(10, 'related_failure') || ', ' || pg_temp.life(12, 'bureau_report'), '1: 0 open, 1 noted, 1 closed, 1: 0 open, 1 noted, 1 closed', '000-05 taken back, struck off: closed by itself');
INSERT INTO news_item (customer_id, news_id, title, sentiment, severity) VALUES (15, 15, 'A strike', 'negative', 5);
SELECT reverse_news(15, 'a namesake') \g /dev/null
SELECT is(pg_temp.life(15, 'negative_news'), '1: 0 open, 0 noted, 1 closed', '000-05 negative_news: taken back, it is closed without anybody');
-- What nobody ends grows old.
SELECT pg_temp.day('2026-06-01'), watch_deadlines() \g /dev/null
SELECT is(pg_temp.life(11, 'related_failure') || ', ' || pg_temp.life(13, 'bureau_report'), '1: 1 open, 1 noted, 0 closed, 1: 1 open, 1 noted, 0 closed', '000-05 of this day ten years ago it still counts');
SELECT pg_temp.day('2026-06-02'), watch_deadlines() \g /dev/null
SELECT is(pg_temp.life(11, 'related_failure'), '1: 0 open, 1 noted, 1 closed', '000-05 related_failure: after ten years the night closes it');
SELECT is((SELECT figures->>'failures' FROM open_alert WHERE customer_id = 16), '1', '000-05 related_failure: of two failures one is left, and told');
SELECT is(watch_deadlines(), 0::bigint, '000-05 the same night again changes nothing');
SELECT pg_temp.day('2027-03-01'), watch_deadlines() \g /dev/null
SELECT is(pg_temp.life(13, 'bureau_report'), '1: 0 open, 1 noted, 1 closed', '000-05 bureau_report: delays of twelve months ago, the night closes it');

-- Limits: noted and closed -----------------------------------------------------------------------
INSERT INTO credit_limit (customer_id, amount) VALUES (20, 1000), (21, 2000);
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) VALUES (21, 'temporary', 5000, '2027-03-20');
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (20, 20, 'F20', 900), (21, 21, 'F21', 1500);
SELECT pg_temp.commit(), watch_limits(), watch_limits() \g /dev/null
CREATE TEMPORARY TABLE limits (customer_id bigint, kind text);
INSERT INTO limits VALUES (20, 'utilization'), (21, 'limit_expiring');
SELECT is(pg_temp.life(20, 'utilization'), '1: 1 open, 0 noted, 0 closed', '000-05 utilization is raised by the posting');
SELECT is(pg_temp.life(21, 'limit_expiring'), '0: 0 open, 0 noted, 0 closed', '000-05 limit_expiring: 19 days ahead not yet');
SELECT pg_temp.day('2027-03-08'), watch_limits(), watch_limits() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 0 noted, 0 closed', '000-05 ' || kind || ' is one after two nights') FROM limits ORDER BY 1;
SELECT is(pg_temp.note(customer_id, kind), 1::bigint, '000-05 ' || kind || ': somebody takes note') FROM limits ORDER BY 1;
SELECT watch_limits() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 1 open, 1 noted, 0 closed', '000-05 ' || kind || ' stays open') FROM limits ORDER BY 1;
INSERT INTO payment (customer_id, payment_id, received_on, amount) VALUES (20, 20, '2027-03-08', 900);
INSERT INTO credit_limit (customer_id, kind, amount, valid_from, valid_to) VALUES (21, 'temporary', 5000, '2027-03-21', '2027-12-31');
SELECT pg_temp.commit(), watch_limits() \g /dev/null
SELECT is(pg_temp.life(customer_id, kind), '1: 0 open, 1 noted, 1 closed', '000-05 ' || kind || ' is closed by itself: paid, prolonged') FROM limits ORDER BY 1;

SET CONSTRAINTS ALL IMMEDIATE;
SELECT is_empty('SELECT * FROM verify()', '000-05 verify()');
SELECT * FROM finish();
ROLLBACK;
