-- Texts of dunning: what is refused when it is saved, versions, and that every
-- shipped step has its words in French and English.
\set ON_ERROR_STOP 1
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT credit_risk.create_ledger('words') \g /dev/null
SET LOCAL search_path = words, credit_risk, public;
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

-- Errors at save time -------------------------------------------------------------
SELECT is(pg_temp.refusal($$SELECT save_template('mine', 'en', 'Pay {amount}', 'You owe {ammount}.')$$),
  '22023 | placeholder {ammount} in the body of text "mine" does not exist | A text of this kind may use: amount, bic, contact_email, contact_name, contact_phone, creditor, creditor_address, credits, customer_code, customer_name, date, disputed, due_on, iban, invoice_no, item_count, items, recipient. | Table template_placeholder says what each one stands for; write {{ and }} for braces themselves.',
  'a placeholder that does not exist is refused with the list of those that do');
SELECT is(pg_temp.refusal(s), '22023 | ' || e, 'refused: ' || e) FROM (VALUES
    ($$SELECT save_template('mine', 'en', 'Pay', 'You owe {amount')$$, 'a brace in the body of text "mine" is not closed or not opened | Near: {amount | A placeholder is a name in braces, {amount}; write {{ or }} for a brace itself.'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'You owe amount} now')$$, 'a brace in the body of text "mine" is not closed or not opened | Near: } now | A placeholder is a name in braces, {amount}; write {{ or }} for a brace itself.'),
    ($$SELECT save_template('mine', 'en', 'Pay {', 'You owe {amount}')$$, 'a brace in the subject of text "mine" is not closed or not opened | Near: { | A placeholder is a name in braces, {amount}; write {{ or }} for a brace itself.'),
    ($$SELECT save_template('mine', 'fr', NULL, 'Vous devez {amount}.')$$, 'text "mine" needs a subject | Only an SMS has none.'),
    ($$SELECT save_template('mine', 'fr', E'a\nb', 'Vous devez {amount}.')$$, 'the subject of text "mine" has more than one line'),
    ($$SELECT save_template('mine', 'fr', 'Objet', 'Vous devez {amount}.', 'sms')$$, 'an SMS has no subject | Leave "subject" out.'),
    ($$SELECT save_template('mine', 'fr', 'Objet', 'Payez à {iban}')$$, 'nothing of text "mine" may be left | Each of its lines has a placeholder that may be empty, and would be left out. | Put such placeholders on lines of their own.'),
    ($$SELECT save_template('mine', 'fr', NULL, 'Vous êtes en retard de {amount}.', 'sms')$$, 'text "mine" does not fit into an SMS | "ê" is not in the alphabet of SMS. | Write it without that character.'),
    ($$SELECT save_template('mine', 'fr', NULL, repeat('x', 141) || '{amount}', 'sms')$$, 'text "mine" does not fit into an SMS | It can have 149 characters, 161 with the longest values of its placeholders; 160 fit. | Say less.')) v (s, e);
SELECT is(split_part(pg_temp.refusal(s), ' | ', 2), e, 'refused: ' || e) FROM (VALUES
    ($$SELECT save_template('mine', 'en', 'Pay', 'By {pay_by}')$$, 'placeholder {pay_by} in the body of text "mine" has no value before level 3'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'And {interest}', dunning_level => 1)$$, 'placeholder {interest} in the body of text "mine" has no value before level 2'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'And {days_overdue}', dunning_level => 0)$$, 'placeholder {days_overdue} in the body of text "mine" has no value before level 1'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'And {total}', dunning_level => 3)$$, 'placeholder {total} in the body of text "mine" has no value before level 4'),
    ($$SELECT save_template('mine', 'en', '{items}', 'Pay')$$, 'placeholder {items} in the subject of text "mine" is not for a subject'),
    ($$SELECT save_template('mine', 'en', NULL, 'Pay {items}', 'sms')$$, 'placeholder {items} in the body of text "mine" is not for an SMS'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'We think you are {risk_class}', 'letter')$$, 'placeholder {risk_class} in the body of text "mine" is only for texts of channel call or task'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'We think you are {exposure}')$$, 'placeholder {exposure} in the body of text "mine" is only for texts of channel call or task'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'About {subject}', 'letter')$$, 'placeholder {subject} in the body of text "mine" is only for the text "letterhead"'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'About {}')$$, 'placeholder {} in the body of text "mine" does not exist'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'About {Amount}')$$, 'placeholder {Amount} in the body of text "mine" does not exist'),
    ($$SELECT save_template('mine', 'en', 'Pay', 'About {{{nothing}}}')$$, 'placeholder {nothing} in the body of text "mine" does not exist')) v (s, e);
SELECT throws_ok($$SELECT save_template('mine', 'english', 'Pay', 'Pay')$$, '23514', NULL, 'a language is two letters');
SELECT throws_ok($$SELECT save_template('mine', 'en', 'Pay', 'Pay', 'fax')$$, '23514', NULL, 'a channel is one that there is');
SELECT throws_ok($$SELECT save_template('mine', 'en', 'Pay', '')$$, '22023', NULL, 'a text says something');
SELECT is((SELECT count(*) FROM dunning_template WHERE template = 'mine'), 0::bigint, 'nothing of all that is kept');

-- Versions --------------------------------------------------------------------------
SELECT is(save_template('mine', 'en', 'Pay {amount}', E'You owe {amount}.\r\nBraces: {{amount}}'), 1, 'the first version');
SELECT is(save_template('mine', 'en', 'Pay {amount} please', 'You owe {amount}.'), 2, 'a changed text is the next');
SELECT is(save_template('mine', 'en', NULL, 'You owe {amount}.', 'sms'), 1, 'that of another channel counts for itself');
SELECT is(save_template('mine', 'fr', 'Réglez {amount}', 'Vous nous devez {amount}.', law => 'FR'), 1, 'and that of a law');
SELECT results_eq($$SELECT language, channel, law, version, subject FROM template_in_use WHERE template = 'mine' ORDER BY 1, 2$$,
  $$VALUES ('en', 'sms', NULL, 1, NULL), ('en', NULL, NULL, 2, 'Pay {amount} please'), ('fr', NULL, 'FR', 1, 'Réglez {amount}')$$, 'the latest are in use');
SELECT is((SELECT body FROM dunning_template WHERE template = 'mine' AND language = 'en' AND version = 1 AND channel IS NULL), E'You owe {amount}.\nBraces: {{amount}}', 'the first stays as it was');
SELECT throws_ok('UPDATE dunning_template SET body = body', 'CR010', NULL, 'a text that is saved does not change');
SELECT throws_ok('DELETE FROM dunning_template', 'CR010', NULL, 'nor goes');
SELECT throws_ok('TRUNCATE dunning_template CASCADE', 'CR010', NULL, 'nor all of them');
SELECT is((template_for('mine', 'e-mail', '{de,fr,en}', 'FR')).language, 'fr', 'the first language that has a text');
SELECT is((template_for('mine', 'e-mail', '{de,fr,en}', NULL)).language, 'en', 'for another law the French one is none');
SELECT is((template_for('mine', 'sms', '{fr,en}', 'FR')).channel, 'sms', 'an SMS has its own text');
SELECT is((template_for('mine', 'sms', '{fr}', 'FR')).template_id, NULL, 'never that of a letter');
SELECT is((template_for('formal_notice', 'registered', '{fr}', 'FR')).law, 'FR', 'the text for the law of the debtor');
SELECT is((template_for('formal_notice', 'registered', '{fr}', 'FR_PUBLIC')).law, 'FR_PUBLIC', 'that for a public buyer');
SELECT is((template_for('formal_notice', 'registered', '{fr}', 'UK')).law, NULL, 'the neutral one elsewhere');

-- Filling: values are never read again
SELECT is(fill_text('{a} and {b}, {{a}}', '{"a": "{b}", "b": "{a}"}'), '{b} and {a}, {a}', 'what a value contains is no placeholder');
SELECT is(fill_text(E'one\n\n{none}\n\ntwo {a}\n{none} three', '{"a": "$1 \\0 {{", "none": ""}'), E'one\n\ntwo $1 \\0 {{', 'a line with nothing to say is left out, with an empty line');
SELECT is(fill_text(NULL, '{}'), NULL, 'nothing of nothing');

-- How figures are written: no-break spaces in French
SELECT is(notice_amount(1234567.5, 'EUR', 'fr'), U&'1\00A0234\00A0567,50\00A0€', 'euros in French');
SELECT is(notice_amount(1234567.5, 'EUR', 'en'), U&'EUR\00A01,234,567.50', 'and in English');
SELECT is(notice_amount(a, c, l), w, c || ' in ' || l) FROM (VALUES
    (1234.56, 'USD', 'fr', U&'1\00A0234,56\00A0USD'), (1234.56, 'USD', 'en', U&'USD\00A01,234.56'), (1234567, 'JPY', 'fr', U&'1\00A0234\00A0567\00A0JPY'),
    (1234567, 'JPY', 'en', U&'JPY\00A01,234,567'), (0.5, 'KWD', 'en', U&'KWD\00A00.500'), (0.05, 'EUR', 'fr', U&'0,05\00A0€'), (1234.5, 'EUR', 'de', U&'EUR\00A01,234.50'),
    (999999999999999999.99, 'EUR', 'en', U&'EUR\00A0999,999,999,999,999,999.99')) v (a, c, l, w);
SELECT is(notice_date(d::date, l, s), w, 'the day ' || w) FROM (VALUES
    ('2026-04-01', 'fr', false, '1er avril 2026'), ('2028-02-29', 'fr', false, '29 février 2028'), ('2026-03-31', 'fr', true, '31/03/2026'),
    ('2026-04-01', 'en', false, '1 April 2026'), ('2026-12-31', 'en', true, '31 Dec 2026'), ('2026-03-31', 'de', false, '2026-03-31')) v (d, l, s, w);

-- Every shipped step has text -----------------------------------------------------------
SELECT is_empty('SELECT s.code, k.* FROM dunning_strategy s CROSS JOIN LATERAL check_templates(s.strategy_id) k',
  '001-32 every step of the strategies of a new ledger has text in French and English');
CREATE TEMPORARY TABLE shipped (strategy text, step_no integer, channel text, dunning_level integer, template text);
INSERT INTO shipped VALUES
    ('low', 1, 'e-mail', 0, 'pre_due_courteous'), ('low', 1, 'sms', 0, 'pre_due_courteous'), ('low', 2, 'e-mail', 1, 'friendly_reminder'),
    ('low', 3, 'e-mail', 2, 'courteous_firm_statement'), ('low', 4, 'call', 2, 'call_reason_date'), ('low', 5, 'letter', 3, 'last_reminder'),
    ('low', 6, 'registered', 4, 'formal_notice'), ('low', 7, 'task', 5, 'litigation'),
    ('moderate', 1, 'e-mail', 0, 'pre_due_invoice'), ('moderate', 2, 'e-mail', 1, 'friendly_reminder'), ('moderate', 3, 'call', 2, 'call_date_or_dispute'),
    ('moderate', 4, 'e-mail', 2, 'firm_statement'), ('moderate', 5, 'letter', 3, 'last_reminder'), ('moderate', 6, 'call', 3, 'call_by_manager'),
    ('moderate', 7, 'registered', 4, 'formal_notice'), ('moderate', 8, 'task', 5, 'litigation'),
    ('high', 1, 'e-mail', 0, 'pre_due_list'), ('high', 2, 'call', 0, 'pre_due_call'), ('high', 3, 'e-mail', 1, 'firm_reminder_1'),
    ('high', 4, 'call', 2, 'call_dated_promise'), ('high', 5, 'letter', 3, 'last_notice'), ('high', 6, 'registered', 4, 'formal_notice'),
    ('high', 7, 'task', 4, 'preventive_measures'), ('high', 8, 'task', 5, 'litigation');
SELECT is_empty($$SELECT * FROM shipped s CROSS JOIN unnest('{fr,en}'::text[]) l
  WHERE coalesce((template_for(s.template, s.channel, ARRAY[l], NULL)).dunning_level, 9) <> s.dunning_level
     OR coalesce((template_for(s.template, s.channel, ARRAY[l], 'FR')).dunning_level, 9) <> s.dunning_level$$,
  '001-32 each of the shipped steps, for French debtors and others, at its level');
SELECT is_empty($$SELECT * FROM shipped s CROSS JOIN unnest('{fr,en}'::text[]) l
  WHERE s.dunning_level BETWEEN 1 AND 3 AND s.channel = 'e-mail' AND (template_for(s.template, 'sms', ARRAY[l], NULL)).template_id IS NULL$$, 'each reminder by e-mail can go by SMS');
SELECT is_empty($$SELECT s.template, l.language FROM (SELECT DISTINCT template, channel FROM shipped WHERE dunning_level BETWEEN 2 AND 4 AND channel NOT IN ('call', 'task')) s,
  unnest('{fr,en}'::text[]) l (language), LATERAL template_for(s.template, s.channel, ARRAY[l.language], 'FR_PUBLIC') t
  WHERE t.law IS DISTINCT FROM 'FR_PUBLIC' OR t.body !~ 'moratoires' OR t.body ~ 'L\. 441|D\. 441|injonction|suspendues|deliver|livr|prepayment|avance'$$,
  '001-35 a public buyer is told of its own law, and of nothing that cannot be done to it');
SELECT matches((template_for('formal_notice', 'registered', '{fr}', 'FR_PUBLIC')).body, 'mettons en demeure.*intérêts moratoires.*40 € par facture.*L\. 2192-13, R\. 2192-31 et D\. 2192-35', '001-35 its formal notice quotes the public procurement code');
SELECT is_empty($$SELECT template, language FROM template_in_use WHERE template = 'last_notice' AND body ~ 'pay_by'$$, '001-35 the last notice of high risk gives no day that the formal notice, four days later, would not wait for');
SELECT is_empty($$SELECT * FROM template_in_use WHERE law IS NULL AND body || subject ~ 'L\. 441|D\. 441|injonction|article'$$, 'what is for every law quotes none');
SELECT is_empty($$SELECT * FROM shipped s WHERE s.dunning_level = 4 AND s.channel = 'registered'
  AND (template_for(s.template, s.channel, '{fr}', 'FR')).body !~ 'mettons en demeure.*L\. 441-10, II.*D\. 441-5.*injonction de payer'$$, 'the formal notice to a French debtor says that it is one, by which law, and what follows');

-- A strategy of one's own
INSERT INTO dunning_strategy (strategy_id, code, name, rank) VALUES (900, 'own', 'Own', 9000);
INSERT INTO dunning_step (strategy_id, step_no, offset_days, channel, dunning_level, template) VALUES
    (900, 1, 5, 'e-mail', 1, 'friendly_reminder'), (900, 2, 10, 'sms', 2, 'formal_notice'), (900, 3, 20, 'letter', 1, 'last_reminder'), (900, 4, 30, 'e-mail', 2, 'mine');
SELECT results_eq('SELECT * FROM check_templates(900)', $$VALUES (2, 'sms', 'formal_notice', 'en'), (2, 'sms', 'formal_notice', 'fr'),
    (3, 'letter', 'last_reminder', 'en'), (3, 'letter', 'last_reminder', 'fr'), (4, 'e-mail', 'mine', 'fr')$$,
  'steps without a text: no SMS, a text of a higher level, only for French debtors');
SELECT results_eq($$SELECT step_no, language FROM check_templates(900, '{de}')$$, $$VALUES (1, 'de'), (2, 'de'), (3, 'de'), (4, 'de')$$, 'in another language none');

SELECT * FROM finish();
ROLLBACK;
