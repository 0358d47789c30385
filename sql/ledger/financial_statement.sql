-- Financial statements: where they come from, what they say, and when it was
-- known. Nothing here talks to a network: accounts come by INSERT, by COPY into
-- the staging table, or as the answer of a source handed to import_statement().

CREATE TABLE external_source (
    code     text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    name     text NOT NULL CHECK (name <> ''),
    kind     text NOT NULL CHECK (kind IN ('registry', 'bureau', 'insurer', 'customer', 'internal')),
    priority integer NOT NULL CHECK (priority > 0),
    active   boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE external_source IS 'Sources of information on customers (sources externes): where accounts come from, and who is believed first. Yours to extend.';
COMMENT ON COLUMN external_source.code IS 'Code used in financial_statement.source, in small letters.';
COMMENT ON COLUMN external_source.name IS 'Name.';
COMMENT ON COLUMN external_source.kind IS 'registry (registre public), bureau (agence de renseignement), insurer (assureur-crédit), customer (le client lui-même) or internal (analyse maison).';
COMMENT ON COLUMN external_source.priority IS 'Of several that report the same closing the lowest number counts; of equals the first code.';
COMMENT ON COLUMN external_source.active IS 'false: nothing new is taken from it; what it reported stays.';
INSERT INTO external_source (code, name, kind, priority) VALUES
    ('infogreffe', 'Infogreffe (greffes des tribunaux de commerce)', 'registry', 10),
    ('inpi',       'INPI (registre national des entreprises)',       'registry', 11),
    ('pappers',    'Pappers',                                        'registry', 20),
    ('bureau',     'Credit bureau (agence de renseignement)',        'bureau',   30),
    ('insurer',    'Credit insurer (assureur-crédit)',               'insurer',  40),
    ('customer',   'The customer itself (liasse remise par le client)', 'customer', 50),
    ('internal',   'Own analysis (analyse interne)',                 'internal', 60);
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON external_source
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What accounts consist of, and under which names sources deliver it.
CREATE TABLE statement_item (
    item    text PRIMARY KEY CHECK (item ~ '^[a-z][a-z0-9_]*$'),
    place   integer NOT NULL UNIQUE,
    part    text NOT NULL CHECK (part IN ('header', 'asset', 'liability', 'flow')),
    name_en text NOT NULL CHECK (name_en <> ''),
    name_fr text NOT NULL CHECK (name_fr <> ''),
    aliases text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE statement_item IS 'The items of accounts (postes): each is a column of financial_statement. aliases are the names under which sources deliver it: add those of your provider.';
COMMENT ON COLUMN statement_item.item IS 'The column of financial_statement.';
COMMENT ON COLUMN statement_item.place IS 'Order.';
COMMENT ON COLUMN statement_item.part IS 'header (of the statement), asset (actif), liability (passif) or flow (compte de résultat).';
COMMENT ON COLUMN statement_item.name_en IS 'Name, English.';
COMMENT ON COLUMN statement_item.name_fr IS 'Name, French.';
COMMENT ON COLUMN statement_item.aliases IS 'Other names in a payload, as statement_key() writes them: small letters, digits and _.';
INSERT INTO statement_item (item, place, part, name_en, name_fr, aliases) VALUES
    ('closing_on', 1, 'header', 'Closing date', 'Date de clôture', '{date_cloture,date_de_cloture,date_cloture_exercice}'),
    ('months', 2, 'header', 'Length of the year, months', 'Durée de l''exercice, mois', '{duree,duree_exercice}'),
    ('filed_on', 3, 'header', 'Filed on', 'Date de dépôt', '{date_depot,date_de_depot}'),
    ('received_on', 4, 'header', 'Received on', 'Date de réception', '{date_reception}'),
    ('currency', 5, 'header', 'Currency', 'Devise', '{devise}'),
    ('consolidated', 6, 'header', 'Consolidated', 'Comptes consolidés', '{consolide,comptes_consolides}'),
    ('audited', 7, 'header', 'Audited', 'Comptes certifiés', '{certifie,comptes_certifies}'),
    ('employees', 8, 'header', 'Employees', 'Effectif', '{effectif,effectifs}'),
    ('external_ref', 9, 'header', 'Reference of the source', 'Référence de la source', '{reference,numero_depot}'),
    ('total_assets', 11, 'asset', 'Total assets, net', 'Total du bilan (actif net)', '{total_bilan,total_actif}'),
    ('fixed_assets', 12, 'asset', 'Fixed assets, net', 'Actif immobilisé net', '{actif_immobilise,immobilisations}'),
    ('current_assets', 13, 'asset', 'Current assets, net', 'Actif circulant net', '{actif_circulant}'),
    ('inventories', 14, 'asset', 'Inventories', 'Stocks et en-cours', '{stocks,stocks_et_en_cours}'),
    ('trade_receivables', 15, 'asset', 'Trade receivables', 'Créances clients', '{creances_clients,clients}'),
    ('other_receivables', 16, 'asset', 'Other receivables', 'Autres créances', '{autres_creances}'),
    ('cash', 17, 'asset', 'Cash and short-term securities', 'Disponibilités et valeurs mobilières de placement', '{disponibilites,tresorerie_active}'),
    ('share_capital', 18, 'liability', 'Share capital', 'Capital social', '{capital,capital_social}'),
    ('retained_earnings', 19, 'liability', 'Retained earnings', 'Réserves et report à nouveau', '{reserves_et_report_a_nouveau}'),
    ('equity', 20, 'liability', 'Equity', 'Capitaux propres', '{capitaux_propres,fonds_propres}'),
    ('provisions', 21, 'liability', 'Provisions', 'Provisions pour risques et charges', '{provisions_pour_risques_et_charges}'),
    ('long_term_debt', 22, 'liability', 'Debt due after one year', 'Dettes à plus d''un an', '{dettes_a_plus_d_un_an,dettes_long_terme}'),
    ('financial_debt', 23, 'liability', 'Financial debt, overdrafts included', 'Dettes financières, concours bancaires compris', '{dettes_financieres}'),
    ('bank_overdrafts', 24, 'liability', 'Bank overdrafts', 'Concours bancaires courants', '{concours_bancaires,concours_bancaires_courants}'),
    ('trade_payables', 25, 'liability', 'Trade payables', 'Dettes fournisseurs', '{dettes_fournisseurs,fournisseurs}'),
    ('tax_and_social_debt', 26, 'liability', 'Tax and social debt', 'Dettes fiscales et sociales', '{dettes_fiscales_et_sociales}'),
    ('current_liabilities', 27, 'liability', 'Debt due within one year', 'Dettes à moins d''un an', '{dettes_a_moins_d_un_an,passif_circulant}'),
    ('total_debt', 28, 'liability', 'Total debt', 'Total des dettes', '{dettes,total_dettes}'),
    ('sales', 29, 'flow', 'Net sales, without tax', 'Chiffre d''affaires net (HT)', '{chiffre_affaires,chiffre_d_affaires,ca,revenue,turnover}'),
    ('exports', 30, 'flow', 'Of which exports', 'Dont à l''exportation', '{chiffre_affaires_export,export}'),
    ('purchases', 31, 'flow', 'Purchases and external charges', 'Achats et charges externes', '{achats,achats_et_charges_externes}'),
    ('value_added', 32, 'flow', 'Value added', 'Valeur ajoutée', '{valeur_ajoutee}'),
    ('personnel_costs', 33, 'flow', 'Personnel costs', 'Charges de personnel', '{charges_de_personnel,frais_de_personnel}'),
    ('ebitda', 34, 'flow', 'EBITDA', 'Excédent brut d''exploitation (EBE)', '{ebe,excedent_brut_exploitation,excedent_brut_d_exploitation}'),
    ('depreciation', 35, 'flow', 'Depreciation and provisions of the year', 'Dotations aux amortissements et provisions', '{dotations,dotations_aux_amortissements}'),
    ('ebit', 36, 'flow', 'Operating result', 'Résultat d''exploitation', '{resultat_exploitation,resultat_d_exploitation}'),
    ('financial_income', 37, 'flow', 'Financial income', 'Produits financiers', '{produits_financiers}'),
    ('financial_charges', 38, 'flow', 'Financial charges', 'Charges financières', '{charges_financieres,frais_financiers}'),
    ('profit_before_tax', 39, 'flow', 'Profit before tax', 'Résultat courant avant impôts', '{resultat_courant,resultat_courant_avant_impots}'),
    ('net_income', 40, 'flow', 'Net income', 'Résultat net', '{resultat,resultat_net}'),
    ('cash_flow', 41, 'flow', 'Cash flow from operations', 'Capacité d''autofinancement (CAF)', '{caf,capacite_autofinancement,capacite_d_autofinancement}');
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON statement_item
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE financial_statement (
    customer_id         bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    statement_id        bigint GENERATED BY DEFAULT AS IDENTITY,
    source              text NOT NULL DEFAULT 'customer' REFERENCES external_source ON UPDATE RESTRICT ON DELETE RESTRICT,
    closing_on          date NOT NULL CHECK (isfinite(closing_on)),
    consolidated        boolean NOT NULL DEFAULT false,
    revision            integer NOT NULL,
    months              integer NOT NULL DEFAULT 12 CHECK (months BETWEEN 1 AND 24),
    filed_on            date CHECK (isfinite(filed_on)),
    received_on         date NOT NULL CHECK (isfinite(received_on)),
    audited             boolean,
    currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    rate                numeric CHECK (rate > 0),
    rate_on             date,
    total_assets        numeric,
    fixed_assets        numeric,
    current_assets      numeric,
    inventories         numeric,
    trade_receivables   numeric,
    other_receivables   numeric,
    cash                numeric,
    share_capital       numeric,
    retained_earnings   numeric,
    equity              numeric,
    provisions          numeric,
    long_term_debt      numeric,
    financial_debt      numeric,
    bank_overdrafts     numeric,
    trade_payables      numeric,
    tax_and_social_debt numeric,
    current_liabilities numeric,
    total_debt          numeric,
    sales               numeric,
    exports             numeric,
    purchases           numeric,
    value_added         numeric,
    personnel_costs     numeric,
    ebitda              numeric,
    depreciation        numeric,
    ebit                numeric,
    financial_income    numeric,
    financial_charges   numeric,
    profit_before_tax   numeric,
    net_income          numeric,
    cash_flow           numeric,
    employees           integer CHECK (employees >= 0),
    withdrawn           boolean NOT NULL DEFAULT false,
    reason              text CHECK (reason <> ''),
    external_ref        text CHECK (external_ref <> ''),
    payload             jsonb,
    notes               text[] NOT NULL DEFAULT '{}',
    recorded_at         timestamptz NOT NULL,
    recorded_by         text NOT NULL,
    PRIMARY KEY (customer_id, statement_id),
    CONSTRAINT financial_statement_revision UNIQUE (customer_id, closing_on, source, consolidated, revision),
    CONSTRAINT financial_statement_filed_after_closing CHECK (filed_on >= closing_on),
    CONSTRAINT financial_statement_received_after_closing CHECK (received_on >= closing_on),
    CONSTRAINT financial_statement_received_after_filed CHECK (received_on >= filed_on),
    CONSTRAINT financial_statement_withdrawn_with_reason CHECK (NOT withdrawn OR reason IS NOT NULL),
    CONSTRAINT financial_statement_says_something CHECK (withdrawn OR num_nonnulls(
            total_assets, fixed_assets, current_assets, inventories, trade_receivables, other_receivables, cash, share_capital, retained_earnings, equity,
            provisions, long_term_debt, financial_debt, bank_overdrafts, trade_payables, tax_and_social_debt, current_liabilities, total_debt, sales, exports,
            purchases, value_added, personnel_costs, ebitda, depreciation, ebit, financial_income, financial_charges, profit_before_tax, net_income, cash_flow) > 0),
    CONSTRAINT financial_statement_amount CHECK (     -- NaN is greater than all
        greatest(
            total_assets, fixed_assets, current_assets, inventories, trade_receivables, other_receivables, cash, share_capital,
            retained_earnings, equity, provisions, long_term_debt, financial_debt, bank_overdrafts, trade_payables, tax_and_social_debt,
            current_liabilities, total_debt, sales, exports, purchases, value_added, personnel_costs, ebitda, depreciation, ebit,
            financial_income, financial_charges, profit_before_tax, net_income, cash_flow) < 1e18
        AND least(
            total_assets, fixed_assets, current_assets, inventories, trade_receivables, other_receivables, cash, share_capital,
            retained_earnings, equity, provisions, long_term_debt, financial_debt, bank_overdrafts, trade_payables, tax_and_social_debt,
            current_liabilities, total_debt, sales, exports, purchases, value_added, personnel_costs, ebitda, depreciation, ebit,
            financial_income, financial_charges, profit_before_tax, net_income, cash_flow) > -1e18),
    CONSTRAINT financial_statement_not_negative CHECK (least(
            total_assets, fixed_assets, current_assets, inventories, trade_receivables, other_receivables, cash, share_capital, provisions,
            long_term_debt, financial_debt, bank_overdrafts, trade_payables, tax_and_social_debt, current_liabilities, total_debt, sales,
            exports, personnel_costs, financial_income, financial_charges) >= 0),
    CONSTRAINT financial_statement_equity_within_assets CHECK (equity <= total_assets)
);
CREATE INDEX financial_statement_id ON financial_statement (statement_id);
COMMENT ON TABLE financial_statement IS
'Facts: annual accounts of customers (comptes annuels, liasses), one row each time that a source reports or corrects them. The newest row of one customer, closing, source and kind (own or consolidated) is in force; those before it stay. A row that says the same as the one in force is not written again. An item that is NULL is not known, never zero.';
COMMENT ON COLUMN financial_statement.customer_id IS 'The company whose accounts they are, a payer.';
COMMENT ON COLUMN financial_statement.statement_id IS 'Key.';
COMMENT ON COLUMN financial_statement.source IS 'Who reports them: a code of external_source.';
COMMENT ON COLUMN financial_statement.closing_on IS 'Closing date of the year (date de clôture).';
COMMENT ON COLUMN financial_statement.consolidated IS 'Accounts of the group (comptes consolidés); scores rest on those of the company itself where both are known.';
COMMENT ON COLUMN financial_statement.revision IS '1, 2, 3 …: which report of these accounts it is; written by the ledger.';
COMMENT ON COLUMN financial_statement.months IS 'Length of the year in months (durée de l''exercice).';
COMMENT ON COLUMN financial_statement.filed_on IS 'Day on which they were filed with the registry (date de dépôt); NULL = not filed, or not known.';
COMMENT ON COLUMN financial_statement.received_on IS 'Business date from which they were known to us, not before filed_on; left out: the business date.';
COMMENT ON COLUMN financial_statement.audited IS 'Certified by an auditor (comptes certifiés); NULL = not known.';
COMMENT ON COLUMN financial_statement.currency IS 'ISO 4217 code; left out: the base currency.';
COMMENT ON COLUMN financial_statement.rate IS 'Rate into base currency on the closing date, as known when the row was recorded; NULL = there was none. Written by the ledger.';
COMMENT ON COLUMN financial_statement.rate_on IS 'Day of that rate; written by the ledger.';
COMMENT ON COLUMN financial_statement.total_assets IS 'Total of the balance sheet, net of depreciation (total du bilan).';
COMMENT ON COLUMN financial_statement.fixed_assets IS 'Fixed assets, net (actif immobilisé).';
COMMENT ON COLUMN financial_statement.current_assets IS 'Current assets, net, prepaid charges included (actif circulant).';
COMMENT ON COLUMN financial_statement.inventories IS 'Inventories and work in progress (stocks et en-cours).';
COMMENT ON COLUMN financial_statement.trade_receivables IS 'Trade receivables (créances clients).';
COMMENT ON COLUMN financial_statement.other_receivables IS 'Other receivables (autres créances).';
COMMENT ON COLUMN financial_statement.cash IS 'Cash and short-term securities (disponibilités et valeurs mobilières de placement).';
COMMENT ON COLUMN financial_statement.share_capital IS 'Share capital (capital social).';
COMMENT ON COLUMN financial_statement.retained_earnings IS 'Reserves and profit brought forward (réserves et report à nouveau); may be negative.';
COMMENT ON COLUMN financial_statement.equity IS 'Equity (capitaux propres); may be negative.';
COMMENT ON COLUMN financial_statement.provisions IS 'Provisions for risks and charges (provisions pour risques et charges).';
COMMENT ON COLUMN financial_statement.long_term_debt IS 'Debt due after more than one year (dettes à plus d''un an).';
COMMENT ON COLUMN financial_statement.financial_debt IS 'Financial debt, overdrafts included (dettes financières).';
COMMENT ON COLUMN financial_statement.bank_overdrafts IS 'Overdrafts and other short-term bank loans (concours bancaires courants); 0 where there are none, NULL = not known.';
COMMENT ON COLUMN financial_statement.trade_payables IS 'Trade payables (dettes fournisseurs).';
COMMENT ON COLUMN financial_statement.tax_and_social_debt IS 'Debt to the tax office and the social insurers (dettes fiscales et sociales).';
COMMENT ON COLUMN financial_statement.current_liabilities IS 'Debt due within one year (dettes à moins d''un an, passif circulant).';
COMMENT ON COLUMN financial_statement.total_debt IS 'All debt: equity and provisions aside, the whole of the liabilities (total des dettes).';
COMMENT ON COLUMN financial_statement.sales IS 'Net sales of the year without tax (chiffre d''affaires net HT).';
COMMENT ON COLUMN financial_statement.exports IS 'Of which exports (dont à l''exportation).';
COMMENT ON COLUMN financial_statement.purchases IS 'Purchases and external charges (achats et charges externes).';
COMMENT ON COLUMN financial_statement.value_added IS 'Value added (valeur ajoutée).';
COMMENT ON COLUMN financial_statement.personnel_costs IS 'Personnel costs, social charges included (charges de personnel).';
COMMENT ON COLUMN financial_statement.ebitda IS 'EBITDA (excédent brut d''exploitation, EBE).';
COMMENT ON COLUMN financial_statement.depreciation IS 'Depreciation and provisions of the year (dotations aux amortissements et provisions).';
COMMENT ON COLUMN financial_statement.ebit IS 'Operating result (résultat d''exploitation).';
COMMENT ON COLUMN financial_statement.financial_income IS 'Financial income (produits financiers).';
COMMENT ON COLUMN financial_statement.financial_charges IS 'Financial charges (charges financières).';
COMMENT ON COLUMN financial_statement.profit_before_tax IS 'Profit before tax and exceptional items (résultat courant avant impôts).';
COMMENT ON COLUMN financial_statement.net_income IS 'Net income (résultat net).';
COMMENT ON COLUMN financial_statement.cash_flow IS 'Cash flow from operations (capacité d''autofinancement, CAF).';
COMMENT ON COLUMN financial_statement.employees IS 'Number of employees (effectif).';
COMMENT ON COLUMN financial_statement.withdrawn IS 'true: takes the report before it back (accounts of another company); written by withdraw_statement().';
COMMENT ON COLUMN financial_statement.reason IS 'Why it was corrected or withdrawn.';
COMMENT ON COLUMN financial_statement.external_ref IS 'The source''s own reference.';
COMMENT ON COLUMN financial_statement.payload IS 'The answer of the source as it came; NULL = entered.';
COMMENT ON COLUMN financial_statement.notes IS 'What does not add up in these accounts, in words, and what of the payload was not understood; empty = nothing. Written by the ledger.';
COMMENT ON COLUMN financial_statement.recorded_at IS 'When it was recorded; written by the ledger.';
COMMENT ON COLUMN financial_statement.recorded_by IS 'Role that recorded it; written by the ledger.';

-- Accounts of which a part is larger than the whole are looked at by a person,
-- but they are what the company published.
CREATE FUNCTION statement_notes(statement financial_statement) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT coalesce(array_agg(format('%s are %s, but %s %s', c.parts, trim_scale(c.amount), c.whole, trim_scale(c.total)) ORDER BY c.place)
                    FILTER (WHERE CASE c.rule WHEN 'equal' THEN abs(c.amount - c.total) > t.tolerance ELSE c.amount - c.total > t.tolerance END), '{}')
    FROM (SELECT statement.*) s
    CROSS JOIN LATERAL (SELECT greatest(1, abs(s.total_assets) * 0.005)) t (tolerance)
    CROSS JOIN LATERAL (VALUES
        (1, 'fixed and current assets', s.fixed_assets + s.current_assets, 'equal', 'total assets are', s.total_assets),
        (2, 'equity, provisions and total debt', s.equity + s.provisions + s.total_debt, 'equal', 'total assets are', s.total_assets),
        (3, 'equity and total debt', s.equity + s.total_debt, 'within', 'total assets are', s.total_assets),
        (4, 'inventories, receivables and cash',
            coalesce(s.inventories, 0) + coalesce(s.trade_receivables, 0) + coalesce(s.other_receivables, 0) + coalesce(s.cash, 0), 'within', 'current assets are', s.current_assets),
        (5, 'debts within and after one year', s.current_liabilities + s.long_term_debt, 'equal', 'total debt is', s.total_debt),
        (6, 'financial debt, trade payables and tax and social debt',
            coalesce(s.financial_debt, 0) + coalesce(s.trade_payables, 0) + coalesce(s.tax_and_social_debt, 0), 'within', 'total debt is', s.total_debt),
        (7, 'bank overdrafts', s.bank_overdrafts, 'within', 'financial debt is', s.financial_debt),
        (8, 'share capital and retained earnings, less the loss of the year,', s.share_capital + s.retained_earnings + least(s.net_income, 0), 'within', 'equity is', s.equity),
        (9, 'exports', s.exports, 'within', 'sales are', s.sales),
        (10, 'personnel costs and EBITDA', s.personnel_costs + s.ebitda, 'within', 'value added is', s.value_added)
    ) c (place, parts, amount, rule, whole, total)
$$;
COMMENT ON FUNCTION statement_notes(financial_statement) IS
'What does not add up in accounts, one sentence each; empty where all does, or where an item that is needed is not known. Half a percent of total assets is let pass.';

-- The names of a payload, in one spelling.
CREATE FUNCTION statement_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT CASE WHEN name ~ '^[a-z]+(_[a-z]+)*$' THEN name
                ELSE trim(BOTH '_' FROM regexp_replace(lower(translate(name, 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜÝŸ',
                                                             'aaaaaaceeeeiiiinooooouuuuyyAAAAAACEEEEIIIINOOOOOUUUUYY')), '[^a-z0-9]+', '_', 'g')) END
$$;
COMMENT ON FUNCTION statement_key(text) IS
'A name of an item as it is compared: small letters without accents, digits, and _ for all else: "Chiffre d''affaires" gives chiffre_d_affaires. NULL in, NULL out.';

CREATE FUNCTION statement_amount(value text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    plain text := regexp_replace(value, '[\s  '']', '', 'g');
BEGIN
    IF plain LIKE '(%)' THEN
        plain := '-' || substr(plain, 2, length(plain) - 2);
    END IF;
    IF plain ~ '^[+-]?\d+,\d{3}$' THEN
        RAISE EXCEPTION 'amount "%" can be read in two ways', value
            USING ERRCODE = '22P02', HINT = format('Write %s or %s.', replace(plain, ',', ''), replace(plain, ',', '.'));
    ELSIF plain ~ '^[+-]?\d+,\d+$' THEN
        plain := replace(plain, ',', '.');
    ELSIF plain !~ '^[+-]?(\d+\.?\d*|\.\d+)$' THEN
        RAISE EXCEPTION '"%" is no amount', value USING ERRCODE = '22P02', HINT = 'Write it as 1234567.89 or 1 234 567,89.';
    END IF;
    RETURN plain::numeric;
END $$;
COMMENT ON FUNCTION statement_amount(text) IS
'An amount as it is written in accounts: 1234567.89, 1 234 567,89, (1 234) for a negative one. 22P02 for what is no amount, and for 1,234, which can be read in two ways. NULL in, NULL out.';

CREATE FUNCTION statement_values(payload jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    field record;
    said jsonb := '{}'::jsonb;
    one jsonb;
BEGIN
    IF jsonb_typeof(payload) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'argument "payload" is no object of items' USING ERRCODE = '22023', HINT = 'As in {"closing_on": "2025-12-31", "sales": 1500000, "equity": 400000}.';
    END IF;
    FOR field IN
        WITH given AS MATERIALIZED (SELECT p.key, statement_key(p.key) AS name, p.value FROM jsonb_each(payload) p)
        SELECT n.item, n.part, g.key, g.value #>> '{}' AS value, jsonb_typeof(g.value) AS type
        FROM given g JOIN (SELECT i.item, i.part, i.place, unnest(i.item || i.aliases) AS name FROM statement_item i) n USING (name)
        GROUP BY n.place, n.item, n.part, g.key, g.value
        ORDER BY n.place, g.key
    LOOP
        CONTINUE WHEN coalesce(trim(field.value), '') = '';
        BEGIN
            one := CASE WHEN field.type IN ('object', 'array') THEN NULL
                        WHEN field.part <> 'header' THEN to_jsonb(statement_amount(field.value))
                        WHEN field.item LIKE '%\_on' THEN to_jsonb(trim(field.value)::date)
                        WHEN field.item IN ('months', 'employees') THEN to_jsonb(statement_amount(field.value)::integer)
                        WHEN field.item IN ('consolidated', 'audited') THEN to_jsonb(trim(field.value)::boolean)
                        WHEN field.item = 'currency' THEN to_jsonb(upper(trim(field.value)))
                        ELSE to_jsonb(trim(field.value)) END;
        EXCEPTION WHEN data_exception THEN
            RAISE EXCEPTION 'item "%" of the accounts: %', field.key, SQLERRM USING ERRCODE = SQLSTATE;
        END;
        IF one IS NULL THEN
            RAISE EXCEPTION 'item "%" of the accounts has no single value', field.key USING ERRCODE = '22023';
        ELSIF said->field.item <> one THEN
            RAISE EXCEPTION 'the accounts give % twice: % and %', field.item, said->>field.item, one #>> '{}'
                USING ERRCODE = '22023', DETAIL = format('The second stands under "%s".', field.key);
        END IF;
        said := said || jsonb_build_object(field.item, one);
    END LOOP;
    RETURN said;
END $$;
COMMENT ON FUNCTION statement_values(jsonb) IS
'The items of accounts by the names of financial_statement, from a payload with those names or the aliases of statement_item; what is empty or has another name is left out. 22P02, 22007, 22023 for a value that is none, or an item that is given twice and differently.';

CREATE FUNCTION financial_statement_before() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    base text := (SELECT l.base_currency FROM ledger l);
    today date := business_date();
    mine customer;
    supplier external_source;
    known financial_statement;
    meta constant text[] := '{statement_id,revision,received_on,reason,external_ref,payload,notes,recorded_at,recorded_by}'::text[];
    unknown text;
BEGIN
    SELECT c.* INTO mine FROM customer c WHERE c.customer_id = NEW.customer_id;
    SELECT e.* INTO supplier FROM external_source e WHERE e.code = NEW.source;
    IF mine.customer_id IS NULL THEN
        RAISE EXCEPTION 'customer % does not exist', coalesce(NEW.customer_id::text, 'NULL') USING ERRCODE = 'CR004';
    ELSIF mine.payer_id <> mine.customer_id THEN
        RAISE EXCEPTION 'customer "%" has another payer', mine.code
            USING ERRCODE = 'CR004', HINT = format('Record the accounts of the company that pays: customer %s.', mine.payer_id);
    ELSIF supplier.code IS NULL THEN
        RAISE EXCEPTION 'there is no source "%"', coalesce(NEW.source, 'NULL')
            USING ERRCODE = 'CR007', HINT = format('It is one of %s, or a new row of external_source.', (SELECT string_agg(e.code, ', ' ORDER BY e.priority, e.code) FROM external_source e));
    ELSIF NOT supplier.active THEN
        RAISE EXCEPTION 'nothing is taken from source "%"', supplier.code
            USING ERRCODE = 'CR012', HINT = 'external_source.active turns it on.';
    ELSIF NEW.closing_on IS NULL THEN
        RAISE EXCEPTION 'accounts need their closing date' USING ERRCODE = '22023', HINT = 'Give closing_on (date de clôture).';
    END IF;
    NEW.received_on := coalesce(NEW.received_on, today);
    NEW.currency := coalesce(NEW.currency, base);
    NEW.months := coalesce(NEW.months, 12);
    NEW.consolidated := coalesce(NEW.consolidated, false);
    NEW.withdrawn := coalesce(NEW.withdrawn, false);
    IF greatest(NEW.closing_on, NEW.filed_on, NEW.received_on) > today AND NEW.closing_on < 'infinity' THEN
        RAISE EXCEPTION 'accounts closed on %, filed on % and received on % cannot be known yet', NEW.closing_on, coalesce(NEW.filed_on::text, '-'), NEW.received_on
            USING ERRCODE = 'CR003', DETAIL = format('The business date is %s.', today), HINT = 'Forecasts are no accounts.';
    ELSIF NEW.filed_on > NEW.received_on OR NEW.closing_on > least(NEW.filed_on, NEW.received_on) THEN
        RAISE EXCEPTION 'accounts closed on % cannot be filed on % and received on %', NEW.closing_on, coalesce(NEW.filed_on::text, '-'), NEW.received_on
            USING ERRCODE = 'CR003', HINT = 'They are closed, then filed, then received; accounts handed over before they were filed have no filed_on.';
    END IF;
    SELECT max(v.amount)::text INTO unknown     -- the finest amount, if it is too fine
    FROM unnest(ARRAY[
            NEW.total_assets, NEW.fixed_assets, NEW.current_assets, NEW.inventories, NEW.trade_receivables, NEW.other_receivables, NEW.cash, NEW.share_capital,
            NEW.retained_earnings, NEW.equity, NEW.provisions, NEW.long_term_debt, NEW.financial_debt, NEW.bank_overdrafts, NEW.trade_payables,
            NEW.tax_and_social_debt, NEW.current_liabilities, NEW.total_debt, NEW.sales, NEW.exports, NEW.purchases, NEW.value_added, NEW.personnel_costs,
            NEW.ebitda, NEW.depreciation, NEW.ebit, NEW.financial_income, NEW.financial_charges, NEW.profit_before_tax, NEW.net_income, NEW.cash_flow]) v (amount)
    WHERE min_scale(v.amount) > credit_risk.currency_scale(NEW.currency);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'amount % is finer than the minor unit of %', unknown, NEW.currency
            USING ERRCODE = 'CR011', DETAIL = format('%s has %s decimals.', NEW.currency, credit_risk.currency_scale(NEW.currency));
    END IF;
    NEW.rate := CASE WHEN NEW.currency = base THEN 1 END;
    NEW.rate_on := CASE WHEN NEW.currency = base THEN NEW.closing_on END;
    IF NEW.currency <> base THEN
        SELECT e.rate, e.rate_on INTO NEW.rate, NEW.rate_on
        FROM exchange_rate e CROSS JOIN ledger l
        WHERE e.currency = NEW.currency AND e.rate_on BETWEEN NEW.closing_on - l.max_rate_age AND NEW.closing_on
        ORDER BY e.rate_on DESC LIMIT 1;
    END IF;
    SELECT s.* INTO known FROM financial_statement s
    WHERE s.customer_id = NEW.customer_id AND s.closing_on = NEW.closing_on AND s.source = NEW.source AND s.consolidated = NEW.consolidated
    ORDER BY s.revision DESC LIMIT 1;
    IF known.statement_id IS NOT NULL AND NEW.received_on >= known.received_on AND to_jsonb(NEW) - meta = to_jsonb(known) - meta THEN
        RETURN NULL;     -- nothing new
    END IF;
    NEW.revision := coalesce(known.revision, 0) + 1;
    WITH given AS MATERIALIZED (
        SELECT p.key, statement_key(p.key) AS name FROM jsonb_object_keys(CASE WHEN jsonb_typeof(NEW.payload) = 'object' THEN NEW.payload END) p (key)
    )
    SELECT string_agg(g.key, ', ' ORDER BY g.key) INTO unknown
    FROM given g WHERE g.name NOT IN (SELECT unnest(i.item || i.aliases) FROM statement_item i);
    NEW.notes := statement_notes(NEW) || CASE WHEN unknown IS NOT NULL THEN ARRAY['not understood: ' || unknown] ELSE '{}' END;
    NEW.recorded_at := clock_timestamp();
    NEW.recorded_by := credit_risk.acting_role();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION financial_statement_before() IS
'Trigger of financial_statement: fills what was left out, keeps the rate of the closing date and notes what does not add up; a row that says the same as the one in force is not written. CR003 for accounts that cannot be known yet or days out of order, CR004 for a site or no customer, CR007 no such source, CR011 an amount finer than its currency, CR012 a source that is not active, 22023 no closing date. Runs as the owner: who records accounts need not read rates and settings.';
CREATE TRIGGER credit_risk_statement BEFORE INSERT ON financial_statement
FOR EACH ROW EXECUTE FUNCTION financial_statement_before();
CREATE FUNCTION statements_recorded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM queue_score(ARRAY(SELECT DISTINCT n.customer_id FROM new_rows n), 'financial_statement');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION statements_recorded() IS
'Trigger of financial_statement: customers with new accounts are scored again. Runs as the owner: the queue is nobody''s to write.';
CREATE TRIGGER credit_risk_score AFTER INSERT ON financial_statement
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION statements_recorded();
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON financial_statement
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON financial_statement
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION statements_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity') RETURNS SETOF financial_statement
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT s.*
    FROM (SELECT DISTINCT ON (f.customer_id, f.closing_on, f.source, f.consolidated) f.*
          FROM financial_statement f
          WHERE f.customer_id = ANY (statements_as_of.customer_ids) AND f.received_on <= statements_as_of.as_of AND f.recorded_at <= statements_as_of.known_at
          ORDER BY f.customer_id, f.closing_on, f.source, f.consolidated, f.revision DESC) s
    WHERE NOT s.withdrawn
$$;
COMMENT ON FUNCTION statements_as_of(bigint[], date, timestamptz) IS
'The accounts of these customers that were in force on a day, as known at an instant: of each closing, source and kind the newest report among those received up to that day and recorded up to that instant.';

-- One set of accounts for each closing, the last closing first.
CREATE FUNCTION accounts_as_of(customer_ids bigint[], as_of date, known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (customer_id bigint, place bigint, statement_id bigint, closing_on date, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT a.customer_id, row_number() OVER (PARTITION BY a.customer_id ORDER BY a.closing_on DESC), a.statement_id, a.closing_on, a.source, a.recorded_at
    FROM (SELECT DISTINCT ON (s.customer_id, s.closing_on) s.*
          FROM statements_as_of(accounts_as_of.customer_ids, accounts_as_of.as_of, accounts_as_of.known_at) s JOIN external_source e ON e.code = s.source
          ORDER BY s.customer_id, s.closing_on, s.consolidated, e.priority, e.code) a
$$;
COMMENT ON FUNCTION accounts_as_of(bigint[], date, timestamptz) IS
'Which accounts count for each closing of these customers, as of a day and as known at an instant: those of the company before consolidated ones, then the source of the lowest priority. place 1 is the last closing; known_at when they were recorded.';

CREATE VIEW financial_statement_in_force AS
SELECT s.*
FROM (SELECT DISTINCT ON (f.customer_id, f.closing_on, f.source, f.consolidated) f.*
      FROM financial_statement f
      ORDER BY f.customer_id, f.closing_on, f.source, f.consolidated, f.revision DESC) s
WHERE NOT s.withdrawn;
COMMENT ON VIEW financial_statement_in_force IS 'Accounts in force today: of each customer, closing, source and kind the newest report that was not withdrawn.';
