-- How accounts come in: entered, as the answer of a source, or as text in bulk.

CREATE FUNCTION insert_statements(customer_ids bigint[], sources text[], payloads jsonb[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    INSERT INTO financial_statement (customer_id, source, closing_on, consolidated, months, filed_on, received_on, audited, currency,
            total_assets, fixed_assets, current_assets, inventories, trade_receivables, other_receivables, cash, share_capital, retained_earnings, equity,
            provisions, long_term_debt, financial_debt, bank_overdrafts, trade_payables, tax_and_social_debt, current_liabilities, total_debt, sales, exports,
            purchases, value_added, personnel_costs, ebitda, depreciation, ebit, financial_income, financial_charges, profit_before_tax, net_income, cash_flow,
            employees, external_ref, payload)
    SELECT u.customer_id, u.source, r.closing_on, r.consolidated, r.months, r.filed_on, r.received_on, r.audited, r.currency,
            r.total_assets, r.fixed_assets, r.current_assets, r.inventories, r.trade_receivables, r.other_receivables, r.cash, r.share_capital,
            r.retained_earnings, r.equity, r.provisions, r.long_term_debt, r.financial_debt, r.bank_overdrafts, r.trade_payables, r.tax_and_social_debt,
            r.current_liabilities, r.total_debt, r.sales, r.exports, r.purchases, r.value_added, r.personnel_costs, r.ebitda, r.depreciation, r.ebit,
            r.financial_income, r.financial_charges, r.profit_before_tax, r.net_income, r.cash_flow,
            r.employees, r.external_ref, u.payload
    FROM unnest(insert_statements.customer_ids, insert_statements.sources, insert_statements.payloads) WITH ORDINALITY u (customer_id, source, payload, n)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::financial_statement, statement_values(u.payload)) r
    ORDER BY u.n
$$;
COMMENT ON FUNCTION insert_statements(bigint[], text[], jsonb[]) IS
'Records accounts, one for each place of the arrays, in one statement; errors as statement_values() and the table. For import_statement() and file_staged().';

CREATE FUNCTION import_statement(customer_id bigint, source text, payload jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    one jsonb;
    said jsonb;
BEGIN
    FOR one IN SELECT e.value FROM jsonb_array_elements(CASE WHEN jsonb_typeof(import_statement.payload) = 'array' THEN import_statement.payload
                                                            ELSE jsonb_build_array(import_statement.payload) END) e LOOP
        PERFORM insert_statements(ARRAY[import_statement.customer_id], ARRAY[import_statement.source], ARRAY[one]);
        said := statement_values(one);
        RETURN NEXT (SELECT s.statement_id FROM financial_statement s
                     WHERE s.customer_id = import_statement.customer_id AND s.source = import_statement.source
                       AND s.closing_on = (said->>'closing_on')::date AND s.consolidated = coalesce((said->>'consolidated')::boolean, false)
                     ORDER BY s.revision DESC LIMIT 1);
    END LOOP;
END $$;
COMMENT ON FUNCTION import_statement(bigint, text, jsonb) IS
'Records the accounts of a customer that a source delivers: an object of items by the names or aliases of statement_item with closing_on, or an array of them; all or none. The payload is kept. Returns the id of each: of the new row, or of the one in force that says the same. Nothing is fetched: the caller has asked the source. Errors as the table; 22023 for a payload that is none.';

CREATE FUNCTION record_statement(customer_id bigint, closing_on date, items jsonb, source text DEFAULT 'customer', months integer DEFAULT 12,
                                 filed_on date DEFAULT NULL, received_on date DEFAULT NULL, currency text DEFAULT NULL,
                                 consolidated boolean DEFAULT false, audited boolean DEFAULT NULL, external_ref text DEFAULT NULL) RETURNS bigint
LANGUAGE sql SET search_path FROM CURRENT
AS $$
    SELECT import_statement(record_statement.customer_id, record_statement.source,
                            record_statement.items || jsonb_strip_nulls(jsonb_build_object(
                                'closing_on', record_statement.closing_on, 'months', record_statement.months, 'filed_on', record_statement.filed_on,
                                'received_on', record_statement.received_on, 'currency', record_statement.currency, 'consolidated', record_statement.consolidated,
                                'audited', record_statement.audited, 'external_ref', record_statement.external_ref)))
$$;
COMMENT ON FUNCTION record_statement(bigint, date, jsonb, text, integer, date, date, text, boolean, boolean, text) IS
'Records accounts that were entered or read: items by the names or aliases of statement_item, as {"sales": 1500000, "equity": 400000}. A correction is another call: its row supersedes. Returns the id of the row in force. Errors as import_statement().';

CREATE FUNCTION withdraw_statement(statement_id bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    mine financial_statement;
    latest integer;
    taken_back bigint;
BEGIN
    SELECT s.* INTO mine FROM financial_statement s WHERE s.statement_id = withdraw_statement.statement_id;
    IF mine.statement_id IS NULL THEN
        RAISE EXCEPTION 'financial statement % does not exist', coalesce(withdraw_statement.statement_id::text, 'NULL') USING ERRCODE = 'CR007';
    ELSIF coalesce(withdraw_statement.reason, '') = '' THEN
        RAISE EXCEPTION 'accounts are withdrawn for a reason' USING ERRCODE = '22023', HINT = 'As in: accounts of another company.';
    END IF;
    SELECT max(s.revision) INTO latest FROM financial_statement s
    WHERE s.customer_id = mine.customer_id AND s.closing_on = mine.closing_on AND s.source = mine.source AND s.consolidated = mine.consolidated;
    IF mine.withdrawn OR latest > mine.revision THEN
        RAISE EXCEPTION 'financial statement % is not in force', mine.statement_id
            USING ERRCODE = 'CR012', DETAIL = CASE WHEN mine.withdrawn THEN 'It withdraws another one.' ELSE format('It is report %s of %s.', mine.revision, latest) END,
                  HINT = 'financial_statement_in_force shows the one that is.';
    END IF;
    INSERT INTO financial_statement (customer_id, source, closing_on, consolidated, months, currency, withdrawn, reason)
    VALUES (mine.customer_id, mine.source, mine.closing_on, mine.consolidated, mine.months, mine.currency, true, withdraw_statement.reason)
    RETURNING financial_statement.statement_id INTO taken_back;
    RETURN taken_back;
END $$;
COMMENT ON FUNCTION withdraw_statement(bigint, text) IS
'Takes accounts in force back from the business date on, as those of another company: a row that says so supersedes them. What was asked of a day before stays. Returns its id. CR007 no such accounts, CR012 not in force, 22023 no reason.';

-- Text in bulk: INSERT or COPY here, good rows are filed at once, bad ones wait
-- with what is wrong.
CREATE TABLE financial_statement_staging (
    staging_id          bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer            text,
    siren               text,
    source              text,
    closing_on          text,
    months              text,
    filed_on            text,
    received_on         text,
    currency            text,
    consolidated        text,
    audited             text,
    total_assets        text,
    fixed_assets        text,
    current_assets      text,
    inventories         text,
    trade_receivables   text,
    other_receivables   text,
    cash                text,
    share_capital       text,
    retained_earnings   text,
    equity              text,
    provisions          text,
    long_term_debt      text,
    financial_debt      text,
    bank_overdrafts     text,
    trade_payables      text,
    tax_and_social_debt text,
    current_liabilities text,
    total_debt          text,
    sales               text,
    exports             text,
    purchases           text,
    value_added         text,
    personnel_costs     text,
    ebitda              text,
    depreciation        text,
    ebit                text,
    financial_income    text,
    financial_charges   text,
    profit_before_tax   text,
    net_income          text,
    cash_flow           text,
    employees           text,
    external_ref        text,
    problem             text,
    staged_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    staged_by           text NOT NULL DEFAULT credit_risk.acting_role()
);
COMMENT ON TABLE financial_statement_staging IS
'Accounts that wait to be filed, in text as a spreadsheet or provider delivers them. What is inserted or copied here is filed at once into financial_statement and leaves; what is not good stays with its problem: correct it and call file_statements(), or delete it.';
COMMENT ON COLUMN financial_statement_staging.staging_id IS 'Key.';
COMMENT ON COLUMN financial_statement_staging.customer IS 'Code of the customer.';
COMMENT ON COLUMN financial_statement_staging.siren IS 'Its SIREN, where there is no code: of one payer only.';
COMMENT ON COLUMN financial_statement_staging.source IS 'Code of the source; empty = customer.';
COMMENT ON COLUMN financial_statement_staging.closing_on IS 'As financial_statement.closing_on, in text.';
COMMENT ON COLUMN financial_statement_staging.months IS 'As financial_statement.months, in text.';
COMMENT ON COLUMN financial_statement_staging.filed_on IS 'As financial_statement.filed_on, in text.';
COMMENT ON COLUMN financial_statement_staging.received_on IS 'As financial_statement.received_on, in text.';
COMMENT ON COLUMN financial_statement_staging.currency IS 'As financial_statement.currency, in text.';
COMMENT ON COLUMN financial_statement_staging.consolidated IS 'As financial_statement.consolidated, in text.';
COMMENT ON COLUMN financial_statement_staging.audited IS 'As financial_statement.audited, in text.';
COMMENT ON COLUMN financial_statement_staging.employees IS 'As financial_statement.employees, in text.';
COMMENT ON COLUMN financial_statement_staging.external_ref IS 'As financial_statement.external_ref, in text.';
COMMENT ON COLUMN financial_statement_staging.total_assets IS 'As financial_statement.total_assets, in text.';
COMMENT ON COLUMN financial_statement_staging.fixed_assets IS 'As financial_statement.fixed_assets, in text.';
COMMENT ON COLUMN financial_statement_staging.current_assets IS 'As financial_statement.current_assets, in text.';
COMMENT ON COLUMN financial_statement_staging.inventories IS 'As financial_statement.inventories, in text.';
COMMENT ON COLUMN financial_statement_staging.trade_receivables IS 'As financial_statement.trade_receivables, in text.';
COMMENT ON COLUMN financial_statement_staging.other_receivables IS 'As financial_statement.other_receivables, in text.';
COMMENT ON COLUMN financial_statement_staging.cash IS 'As financial_statement.cash, in text.';
COMMENT ON COLUMN financial_statement_staging.share_capital IS 'As financial_statement.share_capital, in text.';
COMMENT ON COLUMN financial_statement_staging.retained_earnings IS 'As financial_statement.retained_earnings, in text.';
COMMENT ON COLUMN financial_statement_staging.equity IS 'As financial_statement.equity, in text.';
COMMENT ON COLUMN financial_statement_staging.provisions IS 'As financial_statement.provisions, in text.';
COMMENT ON COLUMN financial_statement_staging.long_term_debt IS 'As financial_statement.long_term_debt, in text.';
COMMENT ON COLUMN financial_statement_staging.financial_debt IS 'As financial_statement.financial_debt, in text.';
COMMENT ON COLUMN financial_statement_staging.bank_overdrafts IS 'As financial_statement.bank_overdrafts, in text.';
COMMENT ON COLUMN financial_statement_staging.trade_payables IS 'As financial_statement.trade_payables, in text.';
COMMENT ON COLUMN financial_statement_staging.tax_and_social_debt IS 'As financial_statement.tax_and_social_debt, in text.';
COMMENT ON COLUMN financial_statement_staging.current_liabilities IS 'As financial_statement.current_liabilities, in text.';
COMMENT ON COLUMN financial_statement_staging.total_debt IS 'As financial_statement.total_debt, in text.';
COMMENT ON COLUMN financial_statement_staging.sales IS 'As financial_statement.sales, in text.';
COMMENT ON COLUMN financial_statement_staging.exports IS 'As financial_statement.exports, in text.';
COMMENT ON COLUMN financial_statement_staging.purchases IS 'As financial_statement.purchases, in text.';
COMMENT ON COLUMN financial_statement_staging.value_added IS 'As financial_statement.value_added, in text.';
COMMENT ON COLUMN financial_statement_staging.personnel_costs IS 'As financial_statement.personnel_costs, in text.';
COMMENT ON COLUMN financial_statement_staging.ebitda IS 'As financial_statement.ebitda, in text.';
COMMENT ON COLUMN financial_statement_staging.depreciation IS 'As financial_statement.depreciation, in text.';
COMMENT ON COLUMN financial_statement_staging.ebit IS 'As financial_statement.ebit, in text.';
COMMENT ON COLUMN financial_statement_staging.financial_income IS 'As financial_statement.financial_income, in text.';
COMMENT ON COLUMN financial_statement_staging.financial_charges IS 'As financial_statement.financial_charges, in text.';
COMMENT ON COLUMN financial_statement_staging.profit_before_tax IS 'As financial_statement.profit_before_tax, in text.';
COMMENT ON COLUMN financial_statement_staging.net_income IS 'As financial_statement.net_income, in text.';
COMMENT ON COLUMN financial_statement_staging.cash_flow IS 'As financial_statement.cash_flow, in text.';
COMMENT ON COLUMN financial_statement_staging.problem IS 'Why it was not filed; written by the ledger.';
COMMENT ON COLUMN financial_statement_staging.staged_at IS 'When it came.';
COMMENT ON COLUMN financial_statement_staging.staged_by IS 'Role that brought it.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON financial_statement_staging
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION staged_payload(staged financial_statement_staging) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT jsonb_strip_nulls(to_jsonb(staged) - '{staging_id,customer,siren,source,problem,staged_at,staged_by}'::text[]) $$;
COMMENT ON FUNCTION staged_payload(financial_statement_staging) IS 'The items of a staged row, as import_statement() takes them.';

CREATE VIEW staged_customer AS
SELECT g.staging_id, coalesce(min(c.customer_id), min(s.customer_id)) AS customer_id, count(DISTINCT coalesce(c.customer_id, s.customer_id)) AS customers
FROM financial_statement_staging g
LEFT JOIN customer c ON c.code = nullif(trim(g.customer), '')
LEFT JOIN customer s ON s.siren = regexp_replace(g.siren, '\s', '', 'g') AND coalesce(s.payer_id, s.customer_id) = s.customer_id AND nullif(trim(g.customer), '') IS NULL
GROUP BY g.staging_id;
COMMENT ON VIEW staged_customer IS 'Whose accounts each staged row is, by its code or else its SIREN, and how many customers answer to it: it must be one.';

CREATE FUNCTION file_staged(staging_ids bigint[]) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    found_ids bigint[];
    good_ids bigint[];
    bad record;
    message text;
    detail text;
    hint text;
BEGIN
    UPDATE financial_statement_staging g
    SET problem = CASE WHEN t.customers > 1 THEN format('%s customers have SIREN %s', t.customers, g.siren)
                       WHEN trim(g.customer) <> '' THEN format('there is no customer with code "%s"', trim(g.customer))
                       WHEN trim(g.siren) <> '' THEN format('no customer that pays for itself has SIREN %s', g.siren)
                       ELSE 'it names no customer: give its code or SIREN' END
    FROM staged_customer t
    WHERE t.staging_id = g.staging_id AND g.staging_id = ANY (file_staged.staging_ids) AND t.customers <> 1;
    found_ids := ARRAY(SELECT t.staging_id FROM staged_customer t WHERE t.staging_id = ANY (file_staged.staging_ids) AND t.customers = 1);
    BEGIN       -- all in one go, where all are good
        PERFORM insert_statements(array_agg(t.customer_id ORDER BY t.staging_id), array_agg(coalesce(nullif(trim(g.source), ''), 'customer') ORDER BY t.staging_id),
                                  array_agg(staged_payload(g) ORDER BY t.staging_id))
        FROM staged_customer t JOIN financial_statement_staging g USING (staging_id) WHERE t.staging_id = ANY (found_ids);
        good_ids := found_ids;
    EXCEPTION WHEN OTHERS THEN
        IF SQLSTATE LIKE '40%' THEN
            RAISE;
        END IF;
        good_ids := '{}';
        FOR bad IN SELECT g AS staged, t.customer_id FROM staged_customer t JOIN financial_statement_staging g USING (staging_id)
                   WHERE t.staging_id = ANY (found_ids) ORDER BY t.staging_id LOOP
            BEGIN
                PERFORM insert_statements(ARRAY[bad.customer_id], ARRAY[coalesce(nullif(trim((bad.staged).source), ''), 'customer')], ARRAY[staged_payload(bad.staged)]);
                good_ids := good_ids || (bad.staged).staging_id;
            EXCEPTION WHEN OTHERS THEN
                IF SQLSTATE LIKE '40%' THEN
                    RAISE;
                END IF;
                GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
                UPDATE financial_statement_staging g SET problem = concat_ws(' ', message || '.', nullif(detail, ''), nullif(hint, ''))
                WHERE g.staging_id = (bad.staged).staging_id;
            END;
        END LOOP;
    END;
    DELETE FROM financial_statement_staging g WHERE g.staging_id = ANY (good_ids);
    RETURN cardinality(good_ids);
END $$;
COMMENT ON FUNCTION file_staged(bigint[]) IS
'Files these staged rows: good ones become accounts (or say nothing new) and leave the staging table, bad ones stay with their problem. Returns how many left it.';

CREATE FUNCTION file_statements(max_rows integer DEFAULT NULL) RETURNS bigint
LANGUAGE sql SET search_path FROM CURRENT
AS $$ SELECT file_staged(ARRAY(SELECT g.staging_id FROM financial_statement_staging g ORDER BY g.staging_id LIMIT max_rows FOR UPDATE SKIP LOCKED)) $$;
COMMENT ON FUNCTION file_statements(integer) IS
'Files what waits in financial_statement_staging, at most so many rows (NULL = all): after a correction there. Returns how many rows left it.';

CREATE FUNCTION statements_staged() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM file_staged(ARRAY(SELECT n.staging_id FROM new_rows n ORDER BY n.staging_id));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION statements_staged() IS 'Trigger of financial_statement_staging: what comes in is filed at once, or keeps its problem.';
CREATE TRIGGER credit_risk_staged AFTER INSERT ON financial_statement_staging
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION statements_staged();
