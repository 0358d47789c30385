-- Alerts and the watch on limits: row 000-14 of the capability list.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('watched') \g /dev/null
SET LOCAL search_path = watched, credit_risk, public;
UPDATE ledger SET pinned_date = '2026-03-02';
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
SELECT is(acknowledge_alert(:state, 'called them'), '2026-03-02'::date, '000-14 taken note of');
SELECT is((SELECT concat_ws(' ', acknowledged_on, acknowledged_by = current_user, note) FROM open_alert WHERE alert_id = :state), '2026-03-02 t called them', '000-14 a state stays open until it ends');
SELECT is(acknowledge_alert(:event), '2026-03-02'::date, '000-14 an event is closed by it');
SELECT is(pg_temp.open_alerts(2), 'noise', '000-14 so one is open');

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
    $$VALUES ('alert_opened', 'alert', 'noise x'), ('alert_ended', 'alert', 'event x'), ('alert_opened', 'alert', 'event x')$$, '000-14 alerts stand in the timeline of the customer');

SELECT * FROM finish();
ROLLBACK;
