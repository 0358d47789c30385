-- Texts of dunning: what a letter, a message or the script of a call says, in
-- each language, with named placeholders. A text is checked when it is saved,
-- so that nothing is found to be missing when it is sent.

-- Who asks: what the letters say of us. Empty, its lines are left out.
CREATE TABLE creditor (
    name          text CHECK (name <> ''),
    address       text CHECK (address <> ''),
    iban          text CHECK (iban <> ''),
    bic           text CHECK (bic <> ''),
    contact_name  text CHECK (contact_name <> ''),
    contact_email text CHECK (contact_email LIKE '%_@_%'),
    contact_phone text CHECK (contact_phone <> '')
);
CREATE UNIQUE INDEX creditor_one_row ON creditor ((true));
INSERT INTO creditor DEFAULT VALUES;
COMMENT ON TABLE creditor IS 'Who asks for payment (le créancier), one row: what letters say of us. A line of a text that needs what is not given here is left out.';
COMMENT ON COLUMN creditor.name IS 'Our company name.';
COMMENT ON COLUMN creditor.address IS 'Our postal address, in lines.';
COMMENT ON COLUMN creditor.iban IS 'Bank account to be paid to (IBAN).';
COMMENT ON COLUMN creditor.bic IS 'Its bank (BIC).';
COMMENT ON COLUMN creditor.contact_name IS 'Whom a customer may ask: a person or a desk.';
COMMENT ON COLUMN creditor.contact_email IS 'E-mail address for questions.';
COMMENT ON COLUMN creditor.contact_phone IS 'Telephone number for questions.';

-- Letters go to an address; contacts have none.
CREATE TABLE postal_address (
    customer_id bigint PRIMARY KEY REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    address     text NOT NULL CHECK (address <> '')
);
COMMENT ON TABLE postal_address IS 'Postal addresses of payers (adresses de facturation), for letters.';
COMMENT ON COLUMN postal_address.customer_id IS 'The customer.';
COMMENT ON COLUMN postal_address.address IS 'Street, postal code, town, country, in lines; without the name.';

CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON creditor
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON postal_address
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How amounts and dates are written. In letters French groups digits by a
-- no-break space, so that no line is broken within a figure.
CREATE FUNCTION notice_figure(amount numeric, currency text, language text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN language = 'fr' THEN translate(f.written, ',.', U&'\00A0,') ELSE f.written END
    FROM (SELECT to_char(round(amount, s.decimals), 'FM999,999,999,999,999,999,999,990' || CASE WHEN s.decimals > 0 THEN '.' || repeat('0', s.decimals) ELSE '' END) AS written
          FROM (SELECT credit_risk.currency_scale(currency) AS decimals) s) f
$$;
COMMENT ON FUNCTION notice_figure(numeric, text, text) IS
'An amount as figures with the decimals of its currency: 1 234,56 in French (fr, with no-break spaces), 1,234.56 otherwise; JPY without decimals, KWD with three. NULL for NULL.';

CREATE FUNCTION notice_amount(amount numeric, currency text, language text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN language = 'fr' THEN notice_figure(amount, currency, language) || U&'\00A0' || CASE currency WHEN 'EUR' THEN '€' ELSE currency END
                ELSE currency || U&'\00A0' || notice_figure(amount, currency, language) END
$$;
COMMENT ON FUNCTION notice_amount(numeric, text, text) IS
'An amount with its currency: 1 234,56 € or 1 234,56 USD in French (fr), EUR 1,234.56 otherwise, with no-break spaces. NULL for NULL.';

CREATE FUNCTION notice_date(day date, language text, short boolean DEFAULT false) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN language = 'fr' AND short THEN to_char(day, 'DD/MM/YYYY')
                WHEN language = 'fr' THEN concat(extract(day FROM day), CASE WHEN extract(day FROM day) = 1 THEN 'er' END, ' ',
                    ('{janvier,février,mars,avril,mai,juin,juillet,août,septembre,octobre,novembre,décembre}'::text[])[extract(month FROM day)::integer],
                    ' ', extract(year FROM day))
                WHEN language = 'en' THEN concat(extract(day FROM day), ' ',
                    left(('{January,February,March,April,May,June,July,August,September,October,November,December}'::text[])[extract(month FROM day)::integer],
                         CASE WHEN short THEN 3 ELSE 9 END), ' ', extract(year FROM day))
                ELSE to_char(day, 'YYYY-MM-DD') END
    WHERE day IS NOT NULL
$$;
COMMENT ON FUNCTION notice_date(date, text, boolean) IS
'A date in words: 31 mars 2026, 1er avril 2026 in French (fr), 31 March 2026 in English (en), 2026-03-31 otherwise; short for tables and SMS: 31/03/2026, 31 Mar 2026. NULL for NULL.';

-- What a text may speak of.
CREATE TABLE template_placeholder (
    name       text PRIMARY KEY CHECK (name ~ '^[a-z][a-z_]*$'),
    meaning_en text NOT NULL,
    meaning_fr text NOT NULL,
    from_level integer NOT NULL DEFAULT 0 CHECK (from_level BETWEEN 0 AND 5),
    channels   text[],
    in_subject boolean NOT NULL DEFAULT true,
    optional   boolean NOT NULL DEFAULT false,
    sms_length integer CHECK (sms_length > 0)
);
COMMENT ON TABLE template_placeholder IS 'The placeholders of texts of dunning: {name} is replaced by its value.';
COMMENT ON COLUMN template_placeholder.name IS 'Name, written in braces in a text.';
COMMENT ON COLUMN template_placeholder.meaning_en IS 'What it stands for.';
COMMENT ON COLUMN template_placeholder.meaning_fr IS 'The same in French.';
COMMENT ON COLUMN template_placeholder.from_level IS 'Lowest dunning level at which it has a value.';
COMMENT ON COLUMN template_placeholder.channels IS 'Channels whose texts may use it; NULL = all. What is for our eyes only is of calls and tasks.';
COMMENT ON COLUMN template_placeholder.in_subject IS 'false: of several lines, or not for a subject.';
COMMENT ON COLUMN template_placeholder.optional IS 'true: may be empty; then the line that it stands in is left out.';
COMMENT ON COLUMN template_placeholder.sms_length IS 'Characters counted for it in an SMS, and at most written; NULL = not for SMS.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON template_placeholder
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO template_placeholder (name, from_level, channels, in_subject, optional, sms_length, meaning_en, meaning_fr) VALUES
    ('customer_name',    0, NULL,          true,  false, NULL, 'Company name of the customer', 'Raison sociale du client'),
    ('customer_code',    0, NULL,          true,  false, 20,   'Number of the customer with us', 'Numéro du client chez nous'),
    ('recipient',        0, NULL,          false, true,  NULL, 'Name of the contact written to or called', 'Nom de l''interlocuteur'),
    ('recipient_address', 0, '{letter,registered}', false, true, NULL, 'Postal address, in lines', 'Adresse postale, sur plusieurs lignes'),
    ('date',             0, NULL,          true,  false, 11,   'Date of the notice', 'Date de la relance'),
    ('amount',           0, NULL,          true,  false, 20,   'Amount asked for, without what is disputed', 'Montant demandé, hors part contestée'),
    ('item_count',       0, NULL,          true,  false, 3,    'Number of items', 'Nombre de postes'),
    ('items',            0, NULL,          false, false, NULL, 'Table of the items with their total', 'Tableau des postes avec leur total'),
    ('invoice_no',       0, NULL,          true,  false, 20,   'Number of the invoice due first', 'Numéro de la facture à l''échéance la plus ancienne'),
    ('due_on',           0, NULL,          true,  false, 11,   'Due date of the item due first', 'Échéance la plus ancienne'),
    ('disputed',         0, NULL,          false, true,  NULL, 'Disputed amount of the items, which is not asked for', 'Part contestée des postes, non réclamée'),
    ('credits',          0, NULL,          false, true,  NULL, 'Cash received and credit notes that are not matched, same currency', 'Règlements et avoirs non imputés, même devise'),
    ('creditor',         0, NULL,          false, true,  30,   'Our company name (table creditor)', 'Notre raison sociale (table creditor)'),
    ('creditor_address', 0, NULL,          false, true,  NULL, 'Our postal address', 'Notre adresse postale'),
    ('iban',             0, NULL,          false, true,  NULL, 'Our bank account', 'Notre IBAN'),
    ('bic',              0, NULL,          false, true,  NULL, 'Our bank', 'Notre BIC'),
    ('contact_name',     0, NULL,          false, true,  NULL, 'Our contact', 'Notre interlocuteur'),
    ('contact_email',    0, NULL,          false, true,  NULL, 'E-mail address of our contact', 'Courriel de notre interlocuteur'),
    ('contact_phone',    0, NULL,          false, true,  18,   'Telephone number of our contact', 'Téléphone de notre interlocuteur'),
    ('days_overdue',     1, NULL,          true,  false, 4,    'Days since the oldest due date', 'Jours de retard du poste le plus ancien'),
    ('interest',         2, NULL,          false, true,  NULL, 'Late-payment interest until the date of the notice that no note has claimed', 'Pénalités de retard courues à la date de la relance et non encore facturées'),
    ('indemnity',        2, NULL,          false, true,  NULL, 'Recovery indemnities that no note has claimed', 'Indemnités forfaitaires de recouvrement non encore facturées'),
    ('pay_by',           3, NULL,          true,  false, 11,   'Day by which to pay', 'Date limite de règlement'),
    ('days_to_pay',      3, NULL,          true,  false, 3,    'Days given to pay', 'Délai de règlement en jours'),
    ('total',            4, NULL,          true,  false, NULL, 'Amount with interest and indemnity', 'Montant avec pénalités et indemnité'),
    ('subject',          0, '{letter,registered}', false, false, NULL, 'The subject, in the text "letterhead" only', 'L''objet, dans le texte « letterhead » seulement'),
    ('recipient_phone',  0, '{call,task}', false, true,  NULL, 'Telephone number of the contact', 'Téléphone de l''interlocuteur'),
    ('risk_class',       0, '{call,task}', false, true,  NULL, 'Risk class of the customer', 'Classe de risque du client'),
    ('exposure',         0, '{call,task}', false, false, NULL, 'Exposure of the customer, base currency', 'Encours du client, devise de tenue'),
    ('broken_promises',  0, '{call,task}', false, true,  NULL, 'Promises not kept in the last 90 days, if any', 'Promesses non tenues en 90 jours, s''il y en a'),
    ('guarantees',       0, '{call,task}', false, true,  NULL, 'Guarantees in force, a line each', 'Garanties en vigueur, une par ligne');

CREATE FUNCTION fill_text(words text, vals jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    line text;
    filled text;
    lacking boolean;        -- a placeholder of the line has no value
    left_out boolean := false;
    kept text[] := ARRAY[]::text[];
BEGIN
    FOREACH line IN ARRAY string_to_array(words, E'\n') LOOP
        SELECT coalesce(string_agg(CASE WHEN t.word IN ('{{', '}}') THEN left(t.word, 1)
                                        WHEN t.word LIKE '{%' THEN vals ->> btrim(t.word, '{}') ELSE t.word END, '' ORDER BY t.place), ''),
               coalesce(bool_or(t.word ~ '^\{[a-z_]+\}$' AND coalesce(vals ->> btrim(t.word, '{}'), '') = ''), false)
        INTO filled, lacking
        FROM (SELECT m[1] AS word, n AS place FROM regexp_matches(line, '\{\{|\}\}|\{[a-z_]+\}|[^{}]+', 'g') WITH ORDINALITY r (m, n)) t;
        IF lacking THEN
            left_out := true;
        ELSIF NOT (left_out AND filled = '' AND coalesce(kept[cardinality(kept)], '') = '') THEN
            kept := kept || filled;
            left_out := false;
        END IF;
    END LOOP;
    RETURN btrim(array_to_string(kept, E'\n'), E'\n');
END $$;
COMMENT ON FUNCTION fill_text(text, jsonb) IS
'Fills the {placeholders} of a text with values of that name, each once: what a value contains is never read as a placeholder. {{ and }} are braces. A line with a placeholder that has no value is left out, and of the empty lines around it one. NULL for NULL.';

-- The texts. A changed text is a new version; what was sent keeps its own.
CREATE TABLE dunning_template (
    template_id   bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    template      text NOT NULL CHECK (template <> ''),
    language      text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    channel       text CHECK (channel IN ('e-mail', 'sms', 'call', 'letter', 'registered', 'portal', 'task')),
    law           text CHECK (law IN ('FR', 'EU', 'UK', 'FR_PUBLIC')),
    version       integer NOT NULL CHECK (version > 0),
    dunning_level integer NOT NULL CHECK (dunning_level BETWEEN 0 AND 5),
    subject       text CHECK (subject <> ''),
    body          text NOT NULL CHECK (body <> ''),
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by   text NOT NULL DEFAULT credit_risk.acting_role()
);
CREATE UNIQUE INDEX dunning_template_version ON dunning_template (template, language, coalesce(channel, ''), coalesce(law, ''), version);
COMMENT ON TABLE dunning_template IS
'Facts: texts of dunning (modèles de relance). The latest version of a template, language, channel and law is in use; a notice keeps which one it was made from. Checked when saved: placeholders, braces, the length of an SMS.';
COMMENT ON COLUMN dunning_template.template_id IS 'Key.';
COMMENT ON COLUMN dunning_template.template IS 'Name, as steps of a strategy give it. "letterhead" is put above the others in letters.';
COMMENT ON COLUMN dunning_template.language IS 'ISO 639-1 code of its language.';
COMMENT ON COLUMN dunning_template.channel IS 'Channel that it is written for; NULL = any but SMS.';
COMMENT ON COLUMN dunning_template.law IS 'Only for debtors of this regime of late payment (FR: in France); NULL = neutral, for all that have no text of their own.';
COMMENT ON COLUMN dunning_template.version IS 'From 1; written by the ledger.';
COMMENT ON COLUMN dunning_template.dunning_level IS 'Lowest level of a step that may use it; what it may speak of follows.';
COMMENT ON COLUMN dunning_template.subject IS 'Subject (objet), with placeholders; NULL for an SMS.';
COMMENT ON COLUMN dunning_template.body IS 'Text with placeholders; of a call or task what the collector should know and ask.';
COMMENT ON COLUMN dunning_template.recorded_at IS 'When it was saved; written by the ledger.';
COMMENT ON COLUMN dunning_template.recorded_by IS 'Role that saved it; written by the ledger.';

CREATE FUNCTION template_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    part record;
    wrong record;
    longest integer;
    odd text;
BEGIN
    NEW.body := btrim(regexp_replace(NEW.body, '\r\n?', E'\n', 'g'), E'\n');
    IF NEW.channel = 'sms' AND NEW.subject IS NOT NULL THEN
        RAISE EXCEPTION 'an SMS has no subject' USING ERRCODE = '22023', HINT = 'Leave "subject" out.';
    ELSIF NEW.channel IS DISTINCT FROM 'sms' AND NEW.subject IS NULL THEN
        RAISE EXCEPTION 'text "%" needs a subject', NEW.template USING ERRCODE = '22023', HINT = 'Only an SMS has none.';
    ELSIF NEW.subject ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'the subject of text "%" has more than one line', NEW.template USING ERRCODE = '22023';
    END IF;
    FOR part IN SELECT * FROM (VALUES ('subject', NEW.subject), ('body', NEW.body)) p (name, words) LOOP
        IF regexp_replace(part.words, '\{\{|\}\}|\{[^{}]*\}|[^{}]+', '', 'g') <> '' THEN
            RAISE EXCEPTION 'a brace in the % of text "%" is not closed or not opened', part.name, NEW.template
                USING ERRCODE = '22023', DETAIL = format('Near: %s', left(substring(part.words FROM '(?:[^{}]|\{\{|\}\}|\{[^{}]*\})*(.*)$'), 40)),
                      HINT = 'A placeholder is a name in braces, {amount}; write {{ or }} for a brace itself.';
        END IF;
        SELECT u.name, CASE WHEN h.name IS NULL THEN 'does not exist'
                            WHEN NEW.channel = 'sms' AND h.sms_length IS NULL THEN 'is not for an SMS'
                            WHEN h.channels IS NOT NULL AND NOT coalesce(NEW.channel = ANY (h.channels), false)
                                THEN format('is only for texts of channel %s', array_to_string(h.channels, ' or '))
                            WHEN h.from_level > NEW.dunning_level THEN format('has no value before level %s', h.from_level)
                            WHEN part.name = 'subject' AND NOT h.in_subject THEN 'is not for a subject'
                            WHEN h.name = 'subject' AND NEW.template <> 'letterhead' THEN 'is only for the text "letterhead"' END AS why
        INTO wrong
        FROM (SELECT DISTINCT m[1] AS name FROM regexp_matches(replace(replace(part.words, '{{', ''), '}}', ''), '\{([^{}]*)\}', 'g') m) u
        LEFT JOIN template_placeholder h USING (name)
        WHERE h.name IS NULL OR (NEW.channel = 'sms' AND h.sms_length IS NULL)
           OR (h.channels IS NOT NULL AND NOT coalesce(NEW.channel = ANY (h.channels), false))
           OR h.from_level > NEW.dunning_level OR (part.name = 'subject' AND NOT h.in_subject) OR (h.name = 'subject' AND NEW.template <> 'letterhead')
        ORDER BY u.name LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'placeholder {%} in the % of text "%" %', wrong.name, part.name, NEW.template, wrong.why
                USING ERRCODE = '22023',
                      DETAIL = (SELECT 'A text of this kind may use: ' || string_agg(h.name, ', ' ORDER BY h.name COLLATE "C") || '.' FROM template_placeholder h
                                WHERE h.from_level <= NEW.dunning_level AND (h.channels IS NULL OR NEW.channel = ANY (h.channels))
                                  AND (NEW.channel IS DISTINCT FROM 'sms' OR h.sms_length IS NOT NULL) AND (part.name = 'body' OR h.in_subject)
                                  AND (h.name <> 'subject' OR NEW.template = 'letterhead')),
                      HINT = 'Table template_placeholder says what each one stands for; write {{ and }} for braces themselves.';
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM string_to_table(NEW.body, E'\n') l (line)
                   WHERE l.line <> '' AND NOT EXISTS (SELECT FROM regexp_matches(l.line, '\{([a-z_]+)\}', 'g') m JOIN template_placeholder h ON h.name = m[1] WHERE h.optional)) THEN
        RAISE EXCEPTION 'nothing of text "%" may be left', NEW.template
            USING ERRCODE = '22023', DETAIL = 'Each of its lines has a placeholder that may be empty, and would be left out.', HINT = 'Put such placeholders on lines of their own.';
    ELSIF NEW.channel = 'sms' THEN
        longest := length(regexp_replace(NEW.body, '\{[a-z_]+\}', '', 'g'))
                   + coalesce((SELECT sum(h.sms_length) FROM regexp_matches(NEW.body, '\{([a-z_]+)\}', 'g') m JOIN template_placeholder h ON h.name = m[1]), 0);
        odd := substring(NEW.body FROM '[^A-Za-z0-9 .,;:!?''"()/%&*+<=>@$£¥_#{}èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿äöñüà€\n-]');
        IF longest > 160 OR odd IS NOT NULL THEN
            RAISE EXCEPTION 'text "%" does not fit into an SMS', NEW.template
                USING ERRCODE = '22023',
                      DETAIL = CASE WHEN odd IS NOT NULL THEN format('"%s" is not in the alphabet of SMS.', odd)
                                    ELSE format('It can have %s characters, %s with the longest values of its placeholders; 160 fit.', length(NEW.body), longest) END,
                      HINT = CASE WHEN odd IS NOT NULL THEN 'Write it without that character.' ELSE 'Say less.' END;
        END IF;
    END IF;
    NEW.version := 1 + coalesce((SELECT max(t.version) FROM dunning_template t
                                 WHERE t.template = NEW.template AND t.language = NEW.language
                                   AND t.channel IS NOT DISTINCT FROM NEW.channel AND t.law IS NOT DISTINCT FROM NEW.law), 0);
    NEW.recorded_at := clock_timestamp();
    NEW.recorded_by := credit_risk.acting_role();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION template_written() IS
'Trigger of dunning_template: gives the text its version and refuses (22023) a brace that is not closed, a placeholder that does not exist or has no value for a text of that level or channel, and an SMS that may be longer than 160 characters or has one outside its alphabet. Runs as the owner: it reads all texts.';
CREATE TRIGGER credit_risk_template BEFORE INSERT ON dunning_template
FOR EACH ROW EXECUTE FUNCTION template_written();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON dunning_template
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON dunning_template
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW template_in_use AS
SELECT DISTINCT ON (t.template, t.language, t.channel, t.law) t.*
FROM dunning_template t ORDER BY t.template, t.language, t.channel, t.law, t.version DESC;
COMMENT ON VIEW template_in_use IS 'The latest version of each text of dunning (modèles en vigueur).';

CREATE FUNCTION save_template(template text, language text, subject text, body text, channel text DEFAULT NULL, dunning_level integer DEFAULT NULL,
                              law text DEFAULT NULL) RETURNS integer
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    INSERT INTO dunning_template (template, language, channel, law, dunning_level, subject, body)
    SELECT save_template.template, save_template.language, save_template.channel, save_template.law,
           coalesce(save_template.dunning_level, (SELECT min(t.dunning_level) FROM template_in_use t WHERE t.template = save_template.template), 0),
           save_template.subject, save_template.body
    RETURNING version
$$;
COMMENT ON FUNCTION save_template(text, text, text, text, text, integer, text) IS
'Saves a text of dunning as the next version of its template, language, channel (NULL = any but SMS) and law (NULL = any) and returns that version. dunning_level NULL: that of the template''s other texts, else 0. 22023 says what is wrong with it.';

-- Which text: the language first, then one for the channel, then for the law.
CREATE FUNCTION template_for(template text, channel text, languages text[], law text) RETURNS dunning_template
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT t.* FROM dunning_template t
    WHERE t.template = template_for.template AND t.language = ANY (languages)
      AND (t.channel = template_for.channel OR (t.channel IS NULL AND template_for.channel <> 'sms'))
      AND (t.law IS NULL OR t.law = template_for.law)
    ORDER BY array_position(languages, t.language), t.channel NULLS LAST, t.law NULLS LAST, t.version DESC LIMIT 1
$$;
COMMENT ON FUNCTION template_for(text, text, text[], text) IS
'The text of a template for a channel: in the first of these languages that has one, rather for the channel than for any, rather for the law of the debtor than neutral, the latest version. NULL if there is none.';

CREATE FUNCTION check_templates(strategy_id bigint, languages text[] DEFAULT '{fr,en}')
RETURNS TABLE (step_no integer, channel text, template text, language text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN       -- plpgsql: the strategies come after their texts
    RETURN QUERY
    SELECT s.step_no, k.channel, s.template, l.language
    FROM dunning_step s CROSS JOIN unnest(languages) l (language)
    CROSS JOIN LATERAL (SELECT DISTINCT v.channel FROM (VALUES (s.channel), (s.fallback_channel)) v (channel) WHERE v.channel IS NOT NULL) k
    WHERE s.strategy_id = check_templates.strategy_id
      AND coalesce((template_for(s.template, k.channel, ARRAY[l.language], NULL)).dunning_level > s.dunning_level, true)
    ORDER BY 1, 2, 4;
END $$;
COMMENT ON FUNCTION check_templates(bigint, text[]) IS
'Steps of a strategy that have no text in one of these languages, for their channel or the one they fall back to, or whose text is of a higher level than the step. No row if all is there.';
