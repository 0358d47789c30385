-- Attributes of customers from elsewhere, such as a CRM: any key with any value.
-- Those that are defined are figures, and a scorecard may rest on them.

CREATE TABLE attribute_definition (
    attribute        text PRIMARY KEY CHECK (attribute ~ '^[a-z][a-z0-9_]*$'),
    type             text NOT NULL DEFAULT 'number' CHECK (type IN ('number', 'word', 'boolean', 'date')),
    words            text[] CHECK (cardinality(words) > 0 AND array_position(words, NULL) IS NULL),
    topic            text CHECK (topic <> ''),
    higher_is_better boolean,
    unit             text CHECK (unit <> ''),
    name_en          text NOT NULL CHECK (name_en <> ''),
    name_fr          text NOT NULL CHECK (name_fr <> ''),
    CONSTRAINT attribute_definition_words_of_a_word CHECK (words IS NULL OR type = 'word')
);
COMMENT ON TABLE attribute_definition IS
'Attributes that are figures of a score (attributs): what is defined here has a row in score_figure, family attribute, and its values in customer_attribute are checked. Other attributes may be written too; they are kept and no more.';
COMMENT ON COLUMN attribute_definition.attribute IS 'Name, in small letters; that of its figure.';
COMMENT ON COLUMN attribute_definition.type IS 'number, word, boolean (1 or 0) or date (as a figure: the days from then to the day asked for; the day itself is its word).';
COMMENT ON COLUMN attribute_definition.words IS 'Of a word: those allowed; NULL = any.';
COMMENT ON COLUMN attribute_definition.topic IS 'A label of your own to group attributes (famille).';
COMMENT ON COLUMN attribute_definition.higher_is_better IS 'true: more is better; false: less is better; NULL: neither.';
COMMENT ON COLUMN attribute_definition.unit IS 'Unit of a number.';
COMMENT ON COLUMN attribute_definition.name_en IS 'In words, English.';
COMMENT ON COLUMN attribute_definition.name_fr IS 'In words, French.';

CREATE FUNCTION attribute_defined() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM score_figure f WHERE f.figure = OLD.attribute AND f.family = 'attribute';
        RETURN OLD;
    ELSIF TG_OP = 'UPDATE' THEN
        IF (NEW.attribute, NEW.type) <> (OLD.attribute, OLD.type) THEN
            RAISE EXCEPTION 'name and type of attribute "%" do not change', OLD.attribute
                USING ERRCODE = 'CR010', HINT = 'Define another attribute; this one can be deleted, its values stay.';
        END IF;
        UPDATE score_figure f SET higher_is_better = NEW.higher_is_better, unit = NEW.unit, name_en = NEW.name_en, name_fr = NEW.name_fr
        WHERE f.figure = NEW.attribute;
        RETURN NEW;
    ELSIF EXISTS (SELECT FROM score_figure f WHERE f.figure = NEW.attribute) THEN
        RAISE EXCEPTION 'there is a figure "%" already', NEW.attribute
            USING ERRCODE = '23505', DETAIL = (SELECT format('It is of the family %s: %s.', f.family, f.name_en) FROM score_figure f WHERE f.figure = NEW.attribute),
                  HINT = 'Give the attribute another name.';
    END IF;
    NEW.unit := coalesce(NEW.unit, CASE NEW.type WHEN 'date' THEN 'days' END);
    INSERT INTO score_figure (figure, family, higher_is_better, unit, name_en, name_fr)
    VALUES (NEW.attribute, 'attribute', NEW.higher_is_better, NEW.unit, NEW.name_en, NEW.name_fr);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION attribute_defined() IS
'Trigger of attribute_definition: keeps the figure of each attribute. 23505 for the name of another figure, CR010 for another name or type. Runs as the owner: who defines attributes may not delete figures.';
CREATE TRIGGER credit_risk_figure BEFORE INSERT OR UPDATE OR DELETE ON attribute_definition
FOR EACH ROW EXECUTE FUNCTION attribute_defined();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON attribute_definition
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was written as text by another system is read as what the attribute is.
CREATE FUNCTION typed_attribute(type text, words text[], value numeric, word text, OUT typed_value numeric, OUT typed_word text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE type WHEN 'number' THEN coalesce(value, CASE WHEN btrim(word) ~ '^[+-]?[0-9]+(\.[0-9]+)?$' THEN btrim(word)::numeric END)
                     WHEN 'boolean' THEN CASE WHEN value IN (0, 1) THEN value
                                              WHEN lower(btrim(word)) IN ('true', 't', 'yes', 'y', 'oui', 'vrai', '1') THEN 1
                                              WHEN lower(btrim(word)) IN ('false', 'f', 'no', 'n', 'non', 'faux', '0') THEN 0 END END,
           CASE type WHEN 'word' THEN CASE WHEN words IS NULL OR coalesce(word, value::text) = ANY (words) THEN coalesce(word, value::text) END
                     WHEN 'date' THEN CASE WHEN word ~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9]$'
                                           THEN CASE WHEN right(word, 2)::integer BETWEEN 1
                                                          AND extract(day FROM make_date(left(word, 4)::integer, substr(word, 6, 2)::integer, 1) + interval '1 month - 1 day')
                                                     THEN word END END END
$$;
COMMENT ON FUNCTION typed_attribute(text, text[], numeric, text) IS
'Value and word of an attribute as its type has them: a number or yes and no written as text become numbers, a date is a word YYYY-MM-DD. Both NULL where it does not fit the type, or is none of the words allowed.';

CREATE TABLE customer_attribute (
    customer_id           bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    customer_attribute_id bigint GENERATED BY DEFAULT AS IDENTITY,
    attribute             text NOT NULL CHECK (attribute <> ''),
    value                 numeric CHECK (abs(value) < 1e18),
    word                  text CHECK (word <> ''),
    valid_from            date NOT NULL CHECK (isfinite(valid_from)),
    source                text NOT NULL DEFAULT 'crm' CHECK (source <> ''),
    recorded_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by           text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, customer_attribute_id),
    CONSTRAINT customer_attribute_number_or_word CHECK (num_nonnulls(value, word) <= 1)
);
COMMENT ON TABLE customer_attribute IS
'Facts: attributes of customers (attributs libres), from a CRM or your own. The later row wins from its valid_from; one without value and word says that it is not known any more.';
COMMENT ON COLUMN customer_attribute.customer_id IS 'The customer; figures are those of payers.';
COMMENT ON COLUMN customer_attribute.customer_attribute_id IS 'Key; the higher is the later.';
COMMENT ON COLUMN customer_attribute.attribute IS 'Its name: one of attribute_definition, or any.';
COMMENT ON COLUMN customer_attribute.value IS 'The number; of a boolean 1 or 0.';
COMMENT ON COLUMN customer_attribute.word IS 'The word; of a date YYYY-MM-DD. What is written as a word and is a number by its definition is taken as one.';
COMMENT ON COLUMN customer_attribute.valid_from IS 'From when; left out: the business date.';
COMMENT ON COLUMN customer_attribute.source IS 'Where it comes from; left out: crm.';
COMMENT ON COLUMN customer_attribute.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN customer_attribute.recorded_by IS 'Role that recorded it; written by the ledger.';

CREATE FUNCTION customer_attribute_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    defined attribute_definition;
BEGIN
    NEW.recorded_at := clock_timestamp();
    NEW.recorded_by := credit_risk.acting_role();
    NEW.valid_from := coalesce(NEW.valid_from, business_date());
    NEW.source := coalesce(NEW.source, 'crm');
    SELECT d.* INTO defined FROM attribute_definition d WHERE d.attribute = NEW.attribute;
    IF FOUND AND num_nonnulls(NEW.value, NEW.word) = 1 THEN
        SELECT coalesce(t.typed_value, NEW.value), t.typed_word INTO NEW.value, NEW.word
        FROM (SELECT y.* FROM typed_attribute(defined.type, defined.words, NEW.value, NEW.word) y WHERE num_nonnulls(y.typed_value, y.typed_word) = 1) t;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'attribute "%" is a %', NEW.attribute, defined.type
                USING ERRCODE = '22023',
                      DETAIL = CASE WHEN defined.words IS NOT NULL THEN 'It is one of ' || array_to_string(defined.words, ', ') || '.'
                                    WHEN defined.type = 'boolean' THEN 'It is true or false, 1 or 0.' WHEN defined.type = 'date' THEN 'It is written YYYY-MM-DD.'
                                    ELSE format('Written is %s.', coalesce(quote_literal(NEW.word), NEW.value::text)) END,
                      HINT = 'attribute_definition says what an attribute is.';
        ELSIF NEW.word IS NOT NULL THEN
            NEW.value := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION customer_attribute_before() IS
'Trigger of customer_attribute: fills what was left out and reads the value as its definition says; 22023 for one that does not fit. Runs as the owner: who writes attributes need not read their definitions.';
CREATE TRIGGER credit_risk_before BEFORE INSERT ON customer_attribute
FOR EACH ROW EXECUTE FUNCTION customer_attribute_before();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON customer_attribute
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON customer_attribute
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a firm is, from a register: each column keeps its last value.
CREATE TABLE company_profile (
    customer_id bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    profile_id  bigint GENERATED BY DEFAULT AS IDENTITY,
    founded_on  date CHECK (isfinite(founded_on)),
    legal_form  text CHECK (legal_form <> ''),
    employees   integer CHECK (employees >= 0),
    sector_code text CHECK (sector_code <> ''),
    valid_from  date NOT NULL CHECK (isfinite(valid_from)),
    source      text NOT NULL DEFAULT 'register' CHECK (source <> ''),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT credit_risk.acting_role(),
    PRIMARY KEY (customer_id, profile_id),
    CONSTRAINT company_profile_says_something CHECK (num_nonnulls(founded_on, legal_form, employees, sector_code) > 0)
);
COMMENT ON TABLE company_profile IS
'Facts: what a register says of a firm (fiche d''identité de l''entreprise). A later row wins from its valid_from in the columns that it fills.';
COMMENT ON COLUMN company_profile.customer_id IS 'The customer.';
COMMENT ON COLUMN company_profile.profile_id IS 'Key; the higher is the later.';
COMMENT ON COLUMN company_profile.founded_on IS 'Day of foundation (date de création); NULL = not said.';
COMMENT ON COLUMN company_profile.legal_form IS 'Legal form (forme juridique), as SA, SAS, SARL; NULL = not said.';
COMMENT ON COLUMN company_profile.employees IS 'Employees (effectif); NULL = not said.';
COMMENT ON COLUMN company_profile.sector_code IS 'Code of the line of business (code NAF, NACE); NULL = not said.';
COMMENT ON COLUMN company_profile.valid_from IS 'From when; left out: the business date.';
COMMENT ON COLUMN company_profile.source IS 'Where it comes from; left out: register.';
COMMENT ON COLUMN company_profile.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN company_profile.recorded_by IS 'Role that recorded it; written by the ledger.';

CREATE FUNCTION company_profile_before() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    NEW.recorded_at := clock_timestamp();
    NEW.recorded_by := credit_risk.acting_role();
    NEW.valid_from := coalesce(NEW.valid_from, business_date());
    NEW.source := coalesce(NEW.source, 'register');
    IF NEW.founded_on > NEW.valid_from THEN
        RAISE EXCEPTION 'a firm founded on % cannot be known on %', NEW.founded_on, NEW.valid_from USING ERRCODE = 'CR003';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION company_profile_before() IS
'Trigger of company_profile: fills what was left out; CR003 for a firm that is founded after the day on which it was known.';
CREATE TRIGGER credit_risk_before BEFORE INSERT ON company_profile
FOR EACH ROW EXECUTE FUNCTION company_profile_before();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON company_profile
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON company_profile
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is learnt from outside scores its customers anew.
CREATE FUNCTION outside_fact_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM queue_score(ARRAY(SELECT DISTINCT n.customer_id FROM new_rows n ORDER BY 1), TG_ARGV[0]);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION outside_fact_written() IS
'Trigger of the facts from outside: has the customers scored anew, for the reason in its argument. Runs as the owner: scores are nobody''s to write.';
CREATE TRIGGER credit_risk_score AFTER INSERT ON customer_attribute
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outside_fact_written('customer_attribute');
CREATE TRIGGER credit_risk_score AFTER INSERT ON company_profile
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION outside_fact_written('company_profile');

CREATE FUNCTION attribute_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    SELECT a.customer_id, a.attribute,
           CASE WHEN d.type = 'date' THEN (attribute_figures.as_of - t.typed_word::date)::numeric ELSE t.typed_value END, t.typed_word,
           a.source || CASE WHEN num_nonnulls(t.typed_value, t.typed_word) > 0 THEN ', from ' || a.valid_from
                            WHEN num_nonnulls(a.value, a.word) = 0 THEN ': not known since ' || a.valid_from
                            ELSE format(': "%s" is no %s', coalesce(a.word, a.value::text), d.type) END,
           a.recorded_at
    FROM (SELECT DISTINCT ON (c.customer_id, c.attribute) c.customer_id, c.attribute, c.value, c.word, c.valid_from, c.source, c.recorded_at
          FROM customer_attribute c
          WHERE c.customer_id = ANY (customer_ids) AND c.valid_from <= attribute_figures.as_of AND c.recorded_at <= attribute_figures.known_at
          ORDER BY c.customer_id, c.attribute, c.customer_attribute_id DESC) a
    JOIN attribute_definition d USING (attribute)
    CROSS JOIN LATERAL typed_attribute(d.type, d.words, a.value, a.word) t
$$;
COMMENT ON FUNCTION attribute_figures(bigint[], date, timestamptz) IS
'The defined attributes of these customers as figures, as of a day and as known at an instant: at most one row for each customer and attribute. value and word both NULL: known to be missing, or of another type than its definition, and source says so; no row: nothing was written.';

-- Yours to replace: a factor that plain SQL over your own tables gives.
CREATE FUNCTION custom_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT NULL::bigint, NULL::text, NULL::numeric, NULL::text, NULL::text, NULL::timestamptz WHERE false
$$;
COMMENT ON FUNCTION custom_figures(bigint[], date, timestamptz) IS
'Figures of your own (facteurs personnalisés): none as shipped. The ledger''s owner replaces it by CREATE OR REPLACE FUNCTION with a query over tables of the house, of this same shape, and SET search_path to the ledger and pg_temp; each figure is named by a row of score_figure, family attribute. At most one row for each customer and figure; take only what was dated up to as_of and recorded up to known_at, or a score of the past looks ahead.';

CREATE VIEW customer_attribute_in_force AS
SELECT a.customer_id, c.code, c.name, a.attribute, d.type, coalesce(t.typed_value, CASE WHEN d.type IS NULL THEN a.value END) AS value,
       coalesce(t.typed_word, CASE WHEN d.type IS NULL THEN a.word END) AS word, d.topic, a.valid_from, a.source, a.recorded_at
FROM (SELECT DISTINCT ON (x.customer_id, x.attribute) x.* FROM customer_attribute x
      WHERE x.valid_from <= (SELECT business_date()) ORDER BY x.customer_id, x.attribute, x.customer_attribute_id DESC) a
JOIN customer c USING (customer_id) LEFT JOIN attribute_definition d USING (attribute)
LEFT JOIN LATERAL typed_attribute(d.type, d.words, a.value, a.word) t ON d.type IS NOT NULL;
COMMENT ON VIEW customer_attribute_in_force IS
'Attributes of customers today (attributs en vigueur): each with its last value; type NULL where it is not defined. Both value and word NULL: not known any more, or not of its type.';

CREATE VIEW customer_profile AS
SELECT c.customer_id, c.code, c.name, f.founded_on, l.legal_form, e.employees, s.sector_code, m.valid_from, m.recorded_at
FROM customer c
JOIN LATERAL (SELECT max(p.valid_from) AS valid_from, max(p.recorded_at) AS recorded_at FROM company_profile p
              WHERE p.customer_id = c.customer_id AND p.valid_from <= (SELECT business_date())) m ON m.recorded_at IS NOT NULL
LEFT JOIN LATERAL (SELECT p.founded_on FROM company_profile p WHERE p.customer_id = c.customer_id AND p.valid_from <= (SELECT business_date()) AND p.founded_on IS NOT NULL
                   ORDER BY p.profile_id DESC LIMIT 1) f ON true
LEFT JOIN LATERAL (SELECT p.legal_form FROM company_profile p WHERE p.customer_id = c.customer_id AND p.valid_from <= (SELECT business_date()) AND p.legal_form IS NOT NULL
                   ORDER BY p.profile_id DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (SELECT p.employees FROM company_profile p WHERE p.customer_id = c.customer_id AND p.valid_from <= (SELECT business_date()) AND p.employees IS NOT NULL
                   ORDER BY p.profile_id DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT p.sector_code FROM company_profile p WHERE p.customer_id = c.customer_id AND p.valid_from <= (SELECT business_date()) AND p.sector_code IS NOT NULL
                   ORDER BY p.profile_id DESC LIMIT 1) s ON true;
COMMENT ON VIEW customer_profile IS
'What registers say of each customer today (fiche d''identité): foundation, legal form, employees and line of business, each by its last row of company_profile, and when the newest was valid and recorded.';
