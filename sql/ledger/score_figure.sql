-- The figures that scores rest on: what each is called, where it comes from, and
-- which way is better. Every room of inputs adds its own.

CREATE TABLE score_figure (
    figure           text PRIMARY KEY CHECK (figure ~ '^[a-z][a-z0-9_]*$'),
    family           text NOT NULL CHECK (family IN ('behaviour', 'financial', 'external', 'attribute', 'customer', 'exposure')),
    higher_is_better boolean,
    unit             text CHECK (unit <> ''),
    name_en          text NOT NULL CHECK (name_en <> ''),
    name_fr          text NOT NULL CHECK (name_fr <> '')
);
COMMENT ON TABLE score_figure IS 'Figures that a score can rest on (indicateurs): of the behaviour in payment, the accounts, sources outside, attributes of your own, the master data and the exposure. figures_as_of() computes them.';
COMMENT ON COLUMN score_figure.figure IS 'Name, in small letters.';
COMMENT ON COLUMN score_figure.family IS 'behaviour (comportement de paiement), financial (comptes), external (sources externes), attribute (your own), customer (données de base) or exposure (encours).';
COMMENT ON COLUMN score_figure.higher_is_better IS 'true: more is better; false: less is better; NULL: neither, as of a word.';
COMMENT ON COLUMN score_figure.unit IS 'Unit of the value: days, %, years …; NULL = a plain number, or a word.';
COMMENT ON COLUMN score_figure.name_en IS 'In words, English.';
COMMENT ON COLUMN score_figure.name_fr IS 'In words, French.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON score_figure
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
