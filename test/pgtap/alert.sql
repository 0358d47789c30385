-- Alerts and the watch on limits: row 000-14 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('watched') \g /dev/null
SET LOCAL search_path = watched, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
UPDATE watch_rule SET active = false;      -- here the list is a person's; by rules: score_watch.sql
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 60) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (99, 'S1', 'Site of 1', 1);
CREATE FUNCTION pg_temp.open_alerts(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(rtrim(kind || ' ' || key), ', ' ORDER BY kind, key), 'none') FROM watched.open_alert WHERE customer_id IS NOT DISTINCT FROM id $$;

-- The machine: raised once, brought up to date, cleared.
INSERT INTO alert_kind (kind, severity, min_exposure, department, name_en, name_fr)
VALUES ('noise', 'info', 0, 'sales', 'Noise', 'Bruit'), ('large', 'critical', 1000, 'credit', 'Large', 'Gros');
INSERT INTO alert_kind (kind, min_exposure, lasting, name_en, name_fr) VALUES ('event', 0, false, 'Event', 'Événement');
SELECT is(pg_temp.open_alerts(1), 'none', '000-14 before: no alert');
SELECT raise_alert(1, 'noise', 'door', NULL, 'a noise', 'un bruit', '{"decibels": 60}') AS noise \gset
SELECT ok(:noise > 0, '000-14 an alert has its number');
SELECT results_eq('SELECT customer_id, code, name, kind, key, severity, message_en, message_fr, figures, department, exposure, opened_on, days_open, recorded_at > now(), acknowledged_on, acknowledged_by, note FROM open_alert',
    $$VALUES (1::bigint, 'C1', 'Customer 1', 'noise', 'door', 'info', 'a noise', 'un bruit', '{"decibels": 60}'::jsonb, 'sales', 0::numeric, date '2026-03-02', 0, true, NULL::date, NULL, NULL)$$, '000-14 raised: in the words of both languages, to whom the kind says');
SELECT is(raise_alert(1, 'noise', 'door', 'warning', 'a loud noise', 'un grand bruit', '{"decibels": 90}'), :noise::bigint, '000-14 the same again is the same alert');
SELECT results_eq('SELECT severity, message_en, figures FROM alert', $$VALUES ('warning', 'a loud noise', '{"decibels": 90}'::jsonb)$$, '000-14 brought up to date');
SELECT isnt(raise_alert(1, 'noise', 'window', NULL, 'x', 'x'), :noise::bigint, '000-14 about another thing it is another one');
SELECT is(clear_alert(1, 'noise', 'door'), :noise::bigint, '000-14 cleared');
SELECT is(clear_alert(1, 'noise', 'door'), NULL, '000-14 which does nothing where none is open');
SELECT is((SELECT concat_ws(' ', closed_on, closed_at > recorded_at, closed_by = current_user) FROM alert WHERE alert_id = :noise), '2026-03-02 t t', '000-14 when and by whom stays');
SELECT isnt(raise_alert(1, 'noise', 'door', NULL, 'a noise', 'un bruit'), :noise::bigint, '000-14 raised later it is a new one');
SELECT is(pg_temp.open_alerts(1), 'noise door, noise window', '000-14 both are open');
SELECT is(raise_alert(1, 'large', '', NULL, 'x', 'x'), NULL, '000-14 below the least exposure of its kind none is raised');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (1, 'F1', 1000);
SELECT isnt(raise_alert(1, 'large', '', NULL, 'x', 'x'), NULL, '000-14 from it on one is');
SELECT isnt(raise_alert(99, 'large', '', NULL, 'x', 'x'), NULL, '000-14 for a site the exposure of its payer counts');
UPDATE alert_kind SET active = false WHERE kind = 'noise';
SELECT is(raise_alert(2, 'noise', '', NULL, 'x', 'x'), NULL, '000-14 of a kind that is not active none is raised');
UPDATE alert_kind SET active = true WHERE kind = 'noise';

-- Somebody takes note.
SELECT raise_alert(2, 'noise', '', NULL, 'x', 'x') AS state \gset
SELECT raise_alert(2, 'event', '', NULL, 'x', 'x') AS event \gset
SELECT throws_ok(format('SELECT acknowledge_alert(%s, '''')', :state), '23514', NULL, '000-14 with nothing to say in the note it is refused');
SELECT is(acknowledge_alert(:state, 'called them'), '2026-03-02'::date, '000-14 taken note of');
SELECT is((SELECT concat_ws(' ', acknowledged_on, acknowledged_by = current_user, note) FROM open_alert WHERE alert_id = :state), '2026-03-02 t called them', '000-14 a state stays open until it ends');
SELECT is(acknowledge_alert(:event), '2026-03-02'::date, '000-14 an event is closed by it');
SELECT is(pg_temp.open_alerts(2), 'noise', '000-14 so one is open');

SELECT raise_alert(2, 'noise', '', 'critical', 'x', 'x') \g /dev/null
SELECT is((SELECT concat_ws(' ', severity, acknowledged_on, note = format('called them; %s took note of it as info on 2026-03-02', current_user)) FROM alert WHERE alert_id = :state), 'critical t', '000-05 one that becomes more severe waits again, and who took note stays');
SELECT is(acknowledge_alert(:state, 'blocked'), '2026-03-02'::date, '000-05 for whom it may be taken note of anew');
SELECT raise_alert(2, 'noise', '', 'warning', 'x', 'x') \g /dev/null
SELECT is((SELECT concat_ws(' ', severity, acknowledged_on, note = format('called them; %s took note of it as info on 2026-03-02; blocked', current_user)) FROM alert WHERE alert_id = :state), 'warning 2026-03-02 t', '000-05 one that becomes less severe does not');
-- Of the portfolio.
SELECT raise_alert(NULL, 'large', 'budget', NULL, 'x', 'x') AS whole \gset
SELECT ok(:whole < 0, '000-14 an alert of the portfolio has a number of its own');
SELECT is(raise_alert(NULL, 'large', 'budget', 'info', 'y', 'y'), :whole::bigint, '000-14 it is raised once too');
SELECT is(pg_temp.open_alerts(NULL), 'large budget', '000-14 and stands with the others');
SELECT is(acknowledge_alert(:whole, 'seen'), '2026-03-02'::date, '000-14 is taken note of');
SELECT is(clear_alert(NULL, 'large', 'budget'), :whole::bigint, '000-14 and cleared');
SELECT is(clear_alert(NULL, 'large', 'budget'), NULL, '000-14 once');
SELECT raise_alert(NULL, 'event', '', NULL, 'x', 'x') AS next \gset
SELECT is(acknowledge_alert(:next), '2026-03-02'::date, '000-14 an event is closed by it here too');
SELECT is(pg_temp.open_alerts(NULL), 'none', '000-14 none is open');

SELECT throws_ok(s, e, NULL, '000-14 ' || s) FROM (VALUES
    ('SELECT raise_alert(1, ''none'', '''', NULL, ''x'', ''x'')', '22023'), ('SELECT raise_alert(1, NULL, '''', NULL, ''x'', ''x'')', '22023'),
    ('SELECT raise_alert(1000, ''noise'', '''', NULL, ''x'', ''x'')', 'CR004'), ('SELECT raise_alert(1, ''noise'', '''', ''loud'', ''x'', ''x'')', '23514'),
    ('SELECT raise_alert(1, ''noise'', '''', NULL, NULL, ''x'')', '23502'), ('SELECT raise_alert(1, ''noise'', '''', NULL, ''x'', '''')', '23514'),
    ('SELECT raise_alert(1, ''noise'', '''', NULL, ''x'', ''x'', ''[]'')', '23514'), ('SELECT raise_alert(NULL, ''noise'', '''', ''loud'', ''x'', ''x'')', '23514'),
    ('SELECT acknowledge_alert(NULL)', 'CR012'), ('SELECT acknowledge_alert(0)', 'CR012'), ('SELECT acknowledge_alert(99999)', 'CR012'), ('SELECT acknowledge_alert(-99999)', 'CR012'),
    (format('SELECT acknowledge_alert(%s)', :state), 'CR012'), (format('SELECT acknowledge_alert(%s)', :event), 'CR012'), (format('SELECT acknowledge_alert(%s)', :whole), 'CR012'),
    ('UPDATE alert SET kind = ''event'' WHERE closed_on IS NULL', 'CR010'), ('DELETE FROM alert', 'CR010'), ('TRUNCATE alert', 'CR010'),
    ('UPDATE portfolio_alert SET note = ''x''', 'CR010'), ('DELETE FROM portfolio_alert', 'CR010'), ('TRUNCATE portfolio_alert', 'CR010'), ('TRUNCATE alert_kind CASCADE', 'CR010'),
    ('DELETE FROM alert_kind WHERE kind = ''noise''', '23503'), ('INSERT INTO alert_kind (kind, name_en, name_fr) VALUES (''Big Noise'', ''x'', ''x'')', '23514')) v (s, e);
SELECT is_empty('SELECT * FROM verify()', '000-14 verify()');
SELECT results_eq($$SELECT event, object, detail FROM customer_timeline(2) WHERE object = 'alert' ORDER BY event_no$$,
    $$VALUES ('alert_opened', 'alert', 'noise x'), ('alert_opened', 'alert', 'event x'), ('alert_ended', 'alert', 'event x')$$, '000-14 alerts stand in the timeline of the customer');

-- Utilisation of limits ----------------------------------------------------------------
-- What is deferred to COMMIT comes at a call of this.
CREATE FUNCTION pg_temp.commit() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END $$;
CREATE FUNCTION pg_temp.excess(id bigint) RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', severity, figures->>'excess_kind', figures->>'excess', message_en) FROM watched.open_alert WHERE customer_id = id AND kind = 'limit_exceeded' $$;
INSERT INTO credit_limit (customer_id, amount) SELECT c, 1000 FROM generate_series(10, 19) c;
SELECT set_eq('SELECT threshold_pct, raises_alert FROM utilization_threshold', $$VALUES (50, false), (70, false), (90, true), (100, true)$$, '000-14 the thresholds are data');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 10, 899.99);
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(10), 'none', '000-14 below 90 % of the limit no alert');
SELECT results_eq('SELECT level, exposure, credit_limit, utilization_pct, threshold_pct, severity FROM limit_utilization WHERE customer_id = 10', $$VALUES ('customer', 899.99, 1000::numeric, 90.00, 70, 'info')$$, '000-14 but the threshold below shows');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 11, 0.01);
SELECT is(pg_temp.open_alerts(10), 'none', '000-14 before the COMMIT nothing is said');
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(10), 'utilization 90', '000-14 at 90 % the transaction that crosses raises one alert');
SELECT results_eq('SELECT severity, message_en, message_fr, figures, department FROM open_alert WHERE customer_id = 10',
    $$VALUES ('warning', 'exposure 900 EUR reaches 90 % of the limit of 1000 EUR', 'encours de 900 EUR, seuil de 90 % du plafond de 1000 EUR atteint',
      '{"level": "customer", "exposure": 900.00, "credit_limit": 1000, "threshold_pct": 90, "utilization_pct": 90.00}'::jsonb, 'credit')$$, '000-14 in both languages, with the figures');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 12, 20);
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 13, 40);
INSERT INTO delivery (customer_id, order_id, amount) VALUES (10, 10, 500);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 10), 1::bigint, '000-14 more of the same raises no other');
SELECT cancel_order(12), cancel_order(13) \g /dev/null
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(10), 'utilization 90', '000-14 at 90 % still open');
SELECT acknowledge_alert(alert_id, 'asked sales') FROM open_alert WHERE customer_id = 10 \g /dev/null
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 17, 1);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT concat_ws(' ', count(*), count(acknowledged_on), count(closed_on)) FROM alert WHERE customer_id = 10), '1 1 0', '000-05 taken note of it stays, and stays one');
SELECT cancel_order(17) \g /dev/null
SELECT cancel_order(11) \g /dev/null
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(10), 'none', '000-14 going back under closes it');
SELECT is((SELECT concat_ws(' ', count(*), min(closed_on)) FROM alert WHERE customer_id = 10), '1 2026-03-02', '000-14 with its day');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 14, 100);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT concat_ws(' ', count(*), count(closed_on)) FROM alert WHERE customer_id = 10), '2 1', '000-14 crossing again is another alert');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 15, 500);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT status FROM sales_order WHERE order_id = 15) || ', ' || pg_temp.open_alerts(10), 'held, utilization 90', '000-14 an order that is held raises none');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (10, 16, 0.01);
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(10), 'utilization 90', '000-14 at exactly 100 % the limit is kept');
INSERT INTO sales_order (customer_id, order_id, amount) VALUES (11, 20, 950);
SELECT cancel_order(20) \g /dev/null
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT count(*) FROM alert WHERE customer_id = 11), 0::bigint, '000-14 up and down in one transaction raises none');
SELECT is_empty('SELECT * FROM verify()', '000-14 verify() after the crossings');

-- Excess: active and passive.
SELECT release_order(15, 'wanted', true) \g /dev/null
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.excess(10), 'critical active 500.00 exposure 1500 EUR exceeds the limit of 1000 EUR by 500 EUR (active excess)', '000-14 released by an override: active excess');
SELECT is(pg_temp.open_alerts(10), 'limit_exceeded, utilization 90', '000-14 beside the threshold');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (12, 'F12', 1200);
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.excess(12), 'critical passive 200 exposure 1200 EUR exceeds the limit of 1000 EUR by 200 EUR (passive excess)', '000-14 an invoice without an order: passive excess');
SELECT acknowledge_alert(alert_id, 'seen') FROM open_alert WHERE customer_id = 12 AND kind = 'limit_exceeded' \g /dev/null
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (12, 'F12b', 1);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT concat_ws(' ', count(*), count(acknowledged_on), count(closed_on)) FROM alert WHERE customer_id = 12 AND kind = 'limit_exceeded'), '1 1 0', '000-05 an excess taken note of stays, and stays one');
INSERT INTO payment (customer_id, amount) VALUES (12, 1201);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT concat_ws(' ', count(*), count(acknowledged_on), count(closed_on)) FROM alert WHERE customer_id = 12 AND kind = 'limit_exceeded'), '1 1 1', '000-05 until a payment ends it');
INSERT INTO sales_order (customer_id, amount) VALUES (13, 800);
SELECT pg_temp.commit() \g /dev/null
INSERT INTO credit_limit (customer_id, amount) VALUES (13, 700);
SELECT is(pg_temp.excess(13), 'critical passive 100 exposure 800 EUR exceeds the limit of 700 EUR by 100 EUR (passive excess)', '000-14 a limit cut below the exposure: passive excess, at once');
SELECT is((SELECT message_fr FROM open_alert WHERE customer_id = 13 AND kind = 'limit_exceeded'), 'encours de 800 EUR, plafond de 700 EUR dépassé de 100 EUR (dépassement passif)', '000-14 in French');
INSERT INTO credit_limit (customer_id, amount) VALUES (13, 2000);
SELECT is(pg_temp.open_alerts(13), 'none', '000-14 a limit raised closes both');
INSERT INTO credit_limit (customer_id, amount) VALUES (13, 0);
SELECT is(pg_temp.excess(13), 'critical passive 800 exposure 800 EUR exceeds the limit of 0 EUR by 800 EUR (passive excess)', '000-14 a limit of nothing');
INSERT INTO credit_limit (customer_id, amount) VALUES (13, NULL);
SELECT is(pg_temp.open_alerts(13), 'none', '000-14 unlimited: nothing to watch');
UPDATE ledger SET on_exceed = 'warn';
INSERT INTO sales_order (customer_id, amount) VALUES (14, 1100);
SELECT pg_temp.commit() \g /dev/null
UPDATE ledger SET on_exceed = 'hold';
SELECT is(split_part(pg_temp.excess(14), ' ', 2), 'active', '000-14 an order that the ledger let pass: active excess');
INSERT INTO payment (customer_id, amount) VALUES (14, 600);
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(14), 'none', '000-14 a payment ends it');

-- Groups.
INSERT INTO customer (customer_id, code, name, parent_id) VALUES (70, 'G', 'Head', NULL), (71, 'GA', 'Member A', 70), (72, 'GB', 'Member B', 70);
INSERT INTO credit_limit (customer_id, level, amount) VALUES (70, 'group', 1000);
INSERT INTO credit_limit (customer_id, amount) SELECT c, 5000 FROM unnest('{70,71,72}'::bigint[]) c;
INSERT INTO invoice (customer_id, invoice_id, invoice_no, amount) VALUES (71, 71, 'FG1', 500), (72, 72, 'FG2', 450);
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(70) || ', ' || pg_temp.open_alerts(71), 'utilization group 90, none', '000-14 a group reaches a threshold: the alert is its head''s');
INSERT INTO invoice (customer_id, invoice_no, amount) VALUES (72, 'FG', 100);
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.excess(70), 'critical passive 50 Group: exposure 1050 EUR exceeds the limit of 1000 EUR by 50 EUR (passive excess)', '000-14 by an invoice: passive');
SELECT reverse_invoice(71), reverse_invoice(72) \g /dev/null
SELECT pg_temp.commit() \g /dev/null
SELECT is(pg_temp.open_alerts(70), 'none', '000-14 and ends');
UPDATE ledger SET on_exceed = 'warn';
INSERT INTO sales_order (customer_id, amount) VALUES (71, 1000);
SELECT pg_temp.commit() \g /dev/null
UPDATE ledger SET on_exceed = 'hold';
SELECT is(split_part(pg_temp.excess(70), ' ', 2), 'active', '000-14 by an order of a member: active');

-- The nights -----------------------------------------------------------------------------
SELECT is(watch_limits(), 0::bigint, '000-14 all is told already: the night has nothing to add');
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) SELECT c, 'temporary', 5000, '2026-03-31' FROM unnest('{15,16,17}'::bigint[]) c;
INSERT INTO sales_order (customer_id, amount) VALUES (15, 4000), (16, 1200), (17, 10);
SELECT pg_temp.commit() \g /dev/null
UPDATE ledger SET pinned_date = '2026-03-15';
SELECT is(watch_limits(), 0::bigint, '000-14 sixteen days before its end nothing');
UPDATE ledger SET pinned_date = '2026-03-16';
SELECT is(watch_limits(), 2::bigint, '000-14 fifteen days before a temporary limit ends');
SELECT results_eq($$SELECT customer_id, severity, message_en, message_fr FROM open_alert WHERE kind = 'limit_expiring' ORDER BY 1$$,
    $$SELECT c, 'info', 'Temporary limit of 5000 EUR ends on 2026-03-31; then 1000 EUR', 'Plafond temporaire de 5000 EUR, échéance le 2026-03-31 ; ensuite 1000 EUR' FROM unnest('{15,16}'::bigint[]) c$$,
    '000-14 those are told who owe something');
SELECT is(watch_limits(), 0::bigint, '000-14 once');
SELECT acknowledge_alert(alert_id, 'will decide') FROM open_alert WHERE kind = 'limit_expiring' AND customer_id = 15 \g /dev/null
SELECT is(watch_limits() || ' ' || (SELECT count(*) FROM alert WHERE kind = 'limit_expiring'), '0 2', '000-05 taken note of it stays, and stays one');
UPDATE ledger SET pinned_date = '2026-04-01';
SELECT is((SELECT string_agg(credit_limit::text, ' ') FROM credit_account WHERE customer_id IN (15, 16, 17)), '5000 5000 5000', '000-14 the day after, without an order, the account still has the copy');
SELECT is(watch_limits(1), 1::bigint, '000-14 the night, one customer at a time');
SELECT is(watch_limits(1) + watch_limits(1) + watch_limits(1), 2::bigint, '000-14 until nothing is left');
SELECT is((SELECT string_agg(credit_limit::text, ' ') FROM credit_account WHERE customer_id IN (15, 16, 17)), '1000 1000 1000', '000-14 the limit is read again');
SELECT is(pg_temp.open_alerts(15) || '; ' || pg_temp.open_alerts(16) || '; ' || pg_temp.open_alerts(17),
    (SELECT format('limit_exceeded, limit_expired %s, utilization 90; limit_exceeded, limit_expired %s, utilization 90; none', min(credit_limit_id), max(credit_limit_id)) FROM credit_limit WHERE kind = 'temporary' AND customer_id IN (15, 16)),
    '000-14 its expiry and the passive excess are told');
SELECT is((SELECT string_agg(concat_ws(' ', customer_id, acknowledged_on, closed_on), ', ' ORDER BY customer_id) FROM alert WHERE kind = 'limit_expiring' AND customer_id IN (15, 16)), '15 2026-03-16 2026-04-01, 16 2026-04-01', '000-05 what was announced ends with its day');
SELECT is(pg_temp.excess(15), 'critical passive 3000 exposure 4000 EUR exceeds the limit of 1000 EUR by 3000 EUR (passive excess)', '000-14 passive');
SELECT is((SELECT message_en || ' | ' || message_fr FROM open_alert WHERE customer_id = 15 AND kind = 'limit_expired'), 'Temporary limit of 5000 EUR ended on 2026-03-31; then 1000 EUR | Plafond temporaire de 5000 EUR, échu le 2026-03-31 ; ensuite 1000 EUR', '000-14 with what holds now');
SELECT pg_temp.commit() \g /dev/null
SELECT is(watch_limits(), 0::bigint, '000-14 told once');
SELECT acknowledge_alert(alert_id, 'seen') FROM open_alert WHERE customer_id = 15 AND kind = 'limit_expired' \g /dev/null
SELECT is(watch_limits(), 0::bigint, '000-14 taken note of: not raised again');
SELECT is(pg_temp.open_alerts(15), 'limit_exceeded, utilization 90', '000-14 the excess stays');
INSERT INTO credit_limit (customer_id, amount) VALUES (16, 1500);
SELECT is(pg_temp.open_alerts(16), 'none', '000-14 a new decision ends all three');
UPDATE ledger SET pinned_date = '2026-04-02';
INSERT INTO sales_order (customer_id, amount) VALUES (18, 10);
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) VALUES (18, 'temporary', 3000, '2026-04-05');
INSERT INTO sales_order (customer_id, amount) VALUES (18, 2000);
SELECT pg_temp.commit() \g /dev/null
UPDATE ledger SET pinned_date = '2026-04-06';
INSERT INTO sales_order (customer_id, order_no, amount) VALUES (18, 'after', 1);
SELECT pg_temp.commit() \g /dev/null
SELECT is((SELECT status FROM sales_order WHERE order_no = 'after'), 'held', '000-14 an order comes before the night and reads the limit again');
SELECT is(split_part(pg_temp.excess(18), ' ', 2), 'passive', '000-14 the excess is told then, as passive');
SELECT is((SELECT count(*) FROM open_alert WHERE customer_id = 18 AND kind = 'limit_expired'), 1::bigint, '000-14 and the expiry');
UPDATE ledger SET pinned_date = '2026-04-07';
SELECT is(watch_limits(), 0::bigint, '000-14 the night finds it told');
INSERT INTO credit_limit (customer_id, kind, amount, valid_to) VALUES (19, 'temporary', 3000, '2026-04-10');
INSERT INTO credit_limit (customer_id, amount, valid_from) VALUES (19, 3000, '2026-04-11');
INSERT INTO sales_order (customer_id, amount) VALUES (19, 2000);
UPDATE ledger SET pinned_date = '2026-04-11';
SELECT cmp_ok(watch_limits(), '>', 0::bigint, '000-14 a limit that goes on by a decision taken before');
SELECT is(pg_temp.open_alerts(19), 'none', '000-14 has not expired');

-- Thresholds are data.
UPDATE utilization_threshold SET raises_alert = true WHERE threshold_pct = 50;
SELECT cmp_ok(watch_limits(everyone => true), '>', 0::bigint, '000-14 a threshold more');
SELECT is(pg_temp.open_alerts(19), 'utilization 50', '000-14 is told');
UPDATE utilization_threshold SET raises_alert = false WHERE threshold_pct = 50;
SELECT watch_limits(everyone => true) \g /dev/null
SELECT is(pg_temp.open_alerts(19), 'none', '000-14 and taken back');
INSERT INTO utilization_threshold (threshold_pct, severity) VALUES (65, 'info');
SELECT watch_limits(everyone => true) \g /dev/null
SELECT is(pg_temp.open_alerts(19), 'utilization 65', '000-14 another one');
UPDATE alert_kind SET active = false WHERE kind = 'utilization';
SELECT watch_limits(everyone => true) \g /dev/null
SELECT is(pg_temp.open_alerts(19), 'none', '000-14 a kind that is not wanted');
UPDATE alert_kind SET active = true, min_exposure = 5000 WHERE kind = 'utilization';
SELECT is(watch_limits(everyone => true), 0::bigint, '000-14 below the least exposure nothing');
UPDATE alert_kind SET min_exposure = 0 WHERE kind = 'utilization';
DELETE FROM utilization_threshold WHERE threshold_pct = 65;
SELECT watch_limits(everyone => true) \g /dev/null
SELECT throws_ok(s, e, NULL, '000-14 ' || s) FROM (VALUES
    ('INSERT INTO utilization_threshold VALUES (92)', '23514'), ('INSERT INTO utilization_threshold VALUES (45)', '23514'), ('INSERT INTO utilization_threshold VALUES (105)', '23514'),
    ('INSERT INTO utilization_threshold VALUES (90)', '23505'), ('TRUNCATE utilization_threshold', 'CR010')) v (s, e);

-- The watch list.
SELECT is_empty('SELECT * FROM watched_customer', '000-14 nobody is on the watch list');
SELECT watch_customer(10, 'pays late since January', '2026-04-20') AS w \gset
SELECT results_eq('SELECT customer_id, code, name, since, reason, "by" = current_user, until, exposure, credit_limit, utilization_pct, open_alerts FROM watched_customer',
    $$VALUES (10::bigint, 'C10', 'Customer 10', date '2026-04-11', 'pays late since January', true, date '2026-04-20', 1500.00, 1000::numeric, 150.00, 2::bigint)$$, '000-14 one is, since when, why, by whom and until when');
SELECT watch_customer(99, 'a site') \g /dev/null
SELECT is((SELECT exposure FROM watched_customer WHERE customer_id = 99), 1000::numeric, '000-14 of a site the exposure of its payer');
SELECT throws_ok(s, e, NULL, '000-14 ' || s) FROM (VALUES
    ('SELECT watch_customer(10, ''again'')', 'CR012'), ('SELECT watch_customer(1000, ''x'')', 'CR004'), ('SELECT watch_customer(NULL, ''x'')', 'CR004'), ('SELECT watch_customer(11, NULL)', '23502'), ('SELECT watch_customer(11, '''')', '23514'),
    ('SELECT watch_customer(11, ''x'', ''2026-04-10'')', '23514'), ('SELECT unwatch_customer(11, ''x'')', 'CR012'), ('SELECT unwatch_customer(NULL, ''x'')', 'CR012'), ('SELECT unwatch_customer(99, NULL)', '23514'), ('SELECT unwatch_customer(99, '''')', '23514'),
    ('UPDATE watch_list SET reason = ''y''', 'CR010'), ('DELETE FROM watch_list', 'CR010'), ('TRUNCATE watch_list', 'CR010')) v (s, e);
UPDATE ledger SET pinned_date = '2026-04-20';
SELECT watch_limits() \g /dev/null
SELECT is((SELECT count(*) FROM watched_customer), 2::bigint, '000-14 on its last day it is on the list');
UPDATE ledger SET pinned_date = '2026-04-21';
SELECT is((SELECT count(*) FROM watched_customer), 1::bigint, '000-14 after it no longer');
SELECT watch_limits() \g /dev/null
SELECT is((SELECT concat_ws(' ', closed_on, outcome) FROM watch_list WHERE watch_id = :w), '2026-04-21 expired', '000-14 the night takes it off');
SELECT isnt(unwatch_customer(99, 'pays again'), NULL, '000-14 a person takes the other off');
SELECT is_empty('SELECT * FROM watched_customer', '000-14 and the list is empty');
SELECT isnt(watch_customer(10, 'again'), :w::bigint, '000-14 who comes back is there anew');

-- The law: what is open is what the limits of today ask for.
SELECT is_empty($$SELECT d.customer_id, d.kind, d.key FROM limit_alert d WHERE d.recent AND NOT EXISTS (SELECT FROM alert x WHERE x.customer_id = d.customer_id AND x.kind = d.kind AND x.key = d.key AND (x.closed_on IS NULL OR NOT d.lasting))
    UNION ALL SELECT x.customer_id, x.kind, x.key FROM alert x WHERE x.closed_on IS NULL AND x.kind IN (SELECT kind FROM limit_alert) AND NOT EXISTS (SELECT FROM limit_alert d WHERE d.customer_id = x.customer_id AND d.kind = x.kind AND d.key = x.key)$$,
    '000-14 the alerts are those that the limits ask for');
SELECT is_empty('SELECT * FROM verify()', '000-14 verify() in the end');

-- settle_alerts(): many at once, whatever is known of the tables; what it cannot
-- make sense of it refuses, and settles nothing.
SELECT credit_risk.create_ledger('many') \g /dev/null
SET LOCAL search_path = many, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
INSERT INTO customer (customer_id, code, name) SELECT i, 'C' || i, 'Customer ' || i FROM generate_series(1, 4000) i;
INSERT INTO customer (customer_id, code, name, payer_id) VALUES (9001, 'S1', 'Site of 1', 1);
INSERT INTO alert_kind (kind, min_exposure, lasting, name_en, name_fr) VALUES ('state', 0, true, 'State', 'État'), ('event', 0, false, 'Event', 'Événement');
CREATE FUNCTION pg_temp.due(words text, VARIADIC ids bigint[]) RETURNS many.due_alert[] LANGUAGE sql AS
$$ SELECT array_agg(ROW(i, 'state', NULL, NULL, words, words, NULL)::many.due_alert) FROM unnest(ids) i $$;
SELECT is(settle_alerts(pg_temp.due('old', VARIADIC ARRAY(SELECT generate_series(1, 4000))), '{state}'), 4000::bigint, '000-14 settled: 4,000 alerts raised at once');
SET LOCAL statement_timeout = '2s';
SELECT is(settle_alerts(pg_temp.due('new', VARIADIC ARRAY(SELECT generate_series(1, 4000))), '{state}'), 4000::bigint, '000-14 settled: 4,000 refreshed in a table that was never analysed');
SELECT is(settle_alerts(pg_temp.due('new', VARIADIC ARRAY(SELECT generate_series(1, 4000))), '{state}'), 0::bigint, '000-14 settled: told again it changes nothing');
SELECT is(settle_alerts('{}', '{state}'), 4000::bigint, '000-14 settled: 4,000 closed at once');
RESET statement_timeout;
SELECT is(settle_alerts(pg_temp.due('first', 1, 9001, 7, NULL) || pg_temp.due('second', 7, 7, NULL), '{state}'), 4::bigint, '000-14 settled: what is due twice counts once; a site is a customer, and the portfolio has its own');
SELECT results_eq('SELECT customer_id, message_en FROM open_alert ORDER BY customer_id', $$VALUES (1::bigint, 'first'), (7, 'first'), (9001, 'first'), (NULL, 'first')$$, '000-14 settled: the first of them');
SELECT is(settle_alerts(pg_temp.due('first', 1, 9001, 7, NULL) || pg_temp.due('second', 7, 7, NULL), '{state}'), 0::bigint, '000-14 settled: and it stays');
SELECT is(settle_alerts(pg_temp.due('first', 77777), '{state}', '{77777}'), 0::bigint, '000-14 settled: nobody of that number');
SELECT is(settle_alerts(NULL, '{state}', '{7,9001}'), 2::bigint, '000-14 settled: nothing is due on these two');
SELECT throws_ok($$SELECT settle_alerts('{}', '{state,nonsense}')$$, '22023', $$there is no kind of alert 'nonsense'$$, '000-14 settled: an unknown kind');
SELECT throws_ok($$SELECT settle_alerts('{}', NULL)$$, '22023', 'there is no kind of alert NULL', '000-14 settled: no kind');
SELECT throws_ok($$SELECT settle_alerts(pg_temp.due('x', 2) || ROW(3, 'event', '', NULL, 'x', 'x', NULL)::due_alert, '{state}')$$, '22023', $$the alert 'event' due on customer 3 is not of the kinds to be settled$$, '000-14 settled: another kind');
SELECT throws_ok($$SELECT settle_alerts(pg_temp.due('x', 2) || ROW(3, NULL, '', NULL, 'x', 'x', NULL)::due_alert, '{state}')$$, '22023', 'the alert NULL due on customer 3 is not of the kinds to be settled', '000-14 settled: of no kind');
SELECT throws_ok($$SELECT settle_alerts(pg_temp.due('x', 2, 3), '{state}', '{2}')$$, '22023', $$the alert 'state' due on customer 3 is not on one of the customers to be settled$$, '000-14 settled: another customer');
SELECT throws_ok($$SELECT settle_alerts(pg_temp.due('x', 2, NULL), '{state}', '{2}')$$, '22023', $$the alert 'state' due on the portfolio is not on one of the customers to be settled$$, '000-14 settled: the portfolio beside customers');
SELECT throws_ok($$SELECT settle_alerts(pg_temp.due(NULL, 2), '{state}')$$, '22023', $$the alert 'state' due on customer 2 has no words$$, '000-14 settled: without words');
SELECT is((SELECT string_agg(coalesce(customer_id::text, 'portfolio'), ' ' ORDER BY customer_id) FROM open_alert), '1 portfolio', '000-14 settled: none of these did anything');
SET LOCAL search_path = watched, credit_risk, public;

-- A ledger can be dropped in the transaction that posted.
SELECT credit_risk.create_ledger('short') \g /dev/null
INSERT INTO short.customer (customer_id, code, name) VALUES (1, 'A', 'A');
INSERT INTO short.credit_limit (customer_id, amount) VALUES (1, 1000);
INSERT INTO short.sales_order (customer_id, amount) VALUES (1, 950);
SELECT lives_ok($$SELECT credit_risk.drop_ledger('short')$$, '000-14 what waits for COMMIT does not keep a ledger from being dropped');

SELECT * FROM finish();
ROLLBACK;
