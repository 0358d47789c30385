-- What accounts say: ratios, scores, and the figures that scores of ours rest on.

CREATE TABLE financial_policy (
    max_age_months integer NOT NULL DEFAULT 24 CHECK (max_age_months BETWEEN 1 AND 120)
);
CREATE UNIQUE INDEX financial_policy_one_row ON financial_policy ((true));
COMMENT ON TABLE financial_policy IS 'How accounts are judged, one row.';
COMMENT ON COLUMN financial_policy.max_age_months IS 'Accounts older than so many months are as good as none (ancienneté maximale des comptes): every figure of them is missing.';
INSERT INTO financial_policy DEFAULT VALUES;
CREATE TRIGGER credit_risk_fact BEFORE DELETE ON financial_policy
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON financial_policy
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE financial_ratio (
    ratio            text PRIMARY KEY CHECK (ratio ~ '^[a-z][a-z0-9_]*$'),
    place            integer NOT NULL UNIQUE,
    kind             text NOT NULL CHECK (kind IN ('afdcc', 'structure', 'performance', 'score', 'amount')),
    unit             text CHECK (unit <> ''),
    higher_is_better boolean,
    name_en          text NOT NULL CHECK (name_en <> ''),
    name_fr          text NOT NULL CHECK (name_fr <> ''),
    formula          text NOT NULL CHECK (formula <> '')
);
COMMENT ON TABLE financial_ratio IS
'The ratios that financial_ratios() computes, and how. What flows (sales, results, charges) is taken for 12 months where the year has another length. kind afdcc: what the AFDCC score of 2009 looks at; its coefficients and exact definitions are not public, so the formulas are ours and there is no such score.';
COMMENT ON COLUMN financial_ratio.ratio IS 'Name.';
COMMENT ON COLUMN financial_ratio.place IS 'Order.';
COMMENT ON COLUMN financial_ratio.kind IS 'afdcc, structure (du bilan), performance (rentabilité), score (of solvency) or amount (montant).';
COMMENT ON COLUMN financial_ratio.unit IS '%, days, years or base currency; NULL = a plain number.';
COMMENT ON COLUMN financial_ratio.higher_is_better IS 'true: more is better; false: less is better; NULL: neither.';
COMMENT ON COLUMN financial_ratio.name_en IS 'In words, English.';
COMMENT ON COLUMN financial_ratio.name_fr IS 'In words, French.';
COMMENT ON COLUMN financial_ratio.formula IS 'How it is computed, from items of the accounts.';
INSERT INTO financial_ratio (ratio, place, kind, unit, higher_is_better, name_en, name_fr, formula) VALUES
    ('annual_sales', 1, 'afdcc', 'base currency', true, 'Size: sales of 12 months', 'Taille : chiffre d''affaires sur 12 mois', 'sales × 12 / months'),
    ('ebit_margin_pct', 2, 'afdcc', '%', true, 'Operating margin', 'Résultat d''exploitation / CA', 'ebit / sales'),
    ('net_financial_charges_to_ebitda_pct', 3, 'afdcc', '%', false, 'Net financial charges to EBITDA', 'Charges financières nettes / EBE', '(financial charges - financial income) / ebitda'),
    ('working_capital_days', 4, 'afdcc', 'days', true, 'Working capital, days of sales', 'Fonds de roulement en jours de CA', '(current assets - current liabilities) × 365 / annual sales'),
    ('net_cash_days', 5, 'afdcc', 'days', true, 'Net cash, days of sales', 'Trésorerie nette en jours de CA', '(cash - bank overdrafts) × 365 / annual sales'),
    ('financing_capacity_pct', 6, 'afdcc', '%', true, 'Financing capacity', 'Capacité d''autofinancement / CA', 'cash flow / sales'),
    ('tax_and_social_debt_to_value_added_pct', 7, 'afdcc', '%', false, 'Tax and social debt to value added', 'Dettes fiscales et sociales / valeur ajoutée', 'tax and social debt / value added'),
    ('equity_ratio_pct', 10, 'structure', '%', true, 'Equity ratio', 'Autonomie financière : capitaux propres / total du bilan', 'equity / total assets'),
    ('gearing_pct', 11, 'structure', '%', false, 'Gearing', 'Endettement net / capitaux propres', '(financial debt - cash) / equity'),
    ('debt_repayment_years', 12, 'structure', 'years', false, 'Years to repay the financial debt', 'Capacité de remboursement : dettes financières / CAF', 'financial debt / cash flow'),
    ('current_ratio', 13, 'structure', NULL, true, 'Current ratio', 'Liquidité générale', 'current assets / current liabilities'),
    ('quick_ratio', 14, 'structure', NULL, true, 'Quick ratio', 'Liquidité réduite', '(current assets - inventories) / current liabilities'),
    ('cash_ratio', 15, 'structure', NULL, true, 'Cash ratio', 'Liquidité immédiate', 'cash / current liabilities'),
    ('ebitda_margin_pct', 20, 'performance', '%', true, 'EBITDA margin', 'EBE / CA', 'ebitda / sales'),
    ('net_margin_pct', 21, 'performance', '%', true, 'Net margin', 'Résultat net / CA', 'net income / sales'),
    ('financial_charges_to_ebitda_pct', 22, 'performance', '%', false, 'Financial charges to EBITDA', 'Charges financières / EBE', 'financial charges / ebitda'),
    ('financial_charges_to_sales_pct', 23, 'performance', '%', false, 'Financial charges to sales', 'Charges financières / CA', 'financial charges / sales'),
    ('personnel_costs_to_value_added_pct', 24, 'performance', '%', false, 'Personnel costs to value added', 'Charges de personnel / valeur ajoutée', 'personnel costs / value added'),
    ('return_on_equity_pct', 25, 'performance', '%', true, 'Return on equity', 'Rentabilité financière', 'net income / equity'),
    ('asset_turnover', 26, 'performance', NULL, true, 'Asset turnover', 'Rotation de l''actif', 'sales / total assets'),
    ('export_share_pct', 27, 'performance', '%', NULL, 'Share of exports', 'Part à l''exportation', 'exports / sales'),
    ('conan_holder', 30, 'score', NULL, true, 'Conan–Holder', 'Score de Conan-Holder', 'credit_risk.conan_holder(): total debt; equity and long-term debt; current assets less inventories'),
    ('altman_z_prime', 31, 'score', NULL, true, 'Altman Z′', 'Score Z′ d''Altman', 'credit_risk.altman_z_prime(): liabilities are total assets less equity'),
    ('altman_z_double_prime', 32, 'score', NULL, true, 'Altman Z″', 'Score Z″ d''Altman', 'credit_risk.altman_z_double_prime(): liabilities are total assets less equity'),
    ('springate_s', 33, 'score', NULL, true, 'Springate', 'Score de Springate', 'credit_risk.springate_s()'),
    ('zmijewski_x', 34, 'score', NULL, false, 'Zmijewski', 'Score de Zmijewski', 'credit_risk.zmijewski_x(): liabilities are total assets less equity'),
    ('equity', 40, 'amount', 'base currency', true, 'Equity', 'Capitaux propres', 'equity'),
    ('total_assets', 41, 'amount', 'base currency', NULL, 'Total assets', 'Total du bilan', 'total assets'),
    ('total_debt', 42, 'amount', 'base currency', false, 'Total debt', 'Total des dettes', 'total debt'),
    ('cash', 43, 'amount', 'base currency', true, 'Cash', 'Disponibilités', 'cash'),
    ('annual_net_income', 44, 'amount', 'base currency', true, 'Net income of 12 months', 'Résultat net sur 12 mois', 'net income × 12 / months');
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON financial_ratio
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Each ratio is a fraction with the items that it needs; what is lacking, or
-- would be divided by nothing, is said in words.
CREATE FUNCTION statement_ratios(customer_ids bigint[], statement_ids bigint[], ratios text[] DEFAULT NULL)
RETURNS TABLE (customer_id bigint, statement_id bigint, ratio text, value numeric, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3000 SET search_path FROM CURRENT SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH said AS (
        SELECT f.*,
               f.sales * y.factor AS annual_sales, f.purchases * y.factor AS annual_purchases, f.value_added * y.factor AS annual_value_added,
               f.ebitda * y.factor AS annual_ebitda, f.ebit * y.factor AS annual_ebit, f.financial_charges * y.factor AS annual_charges,
               f.personnel_costs * y.factor AS annual_personnel, f.profit_before_tax * y.factor AS annual_profit, f.net_income * y.factor AS annual_net_income,
               f.cash_flow * y.factor AS annual_cash_flow,
               f.current_assets - f.current_liabilities AS working_capital, f.current_assets - f.inventories AS quick_assets, f.total_assets - f.equity AS liabilities
        FROM unnest(statement_ratios.customer_ids, statement_ratios.statement_ids) a (customer_id, statement_id)
        JOIN financial_statement f USING (customer_id, statement_id)
        CROSS JOIN LATERAL (SELECT CASE f.months WHEN 12 THEN 1 WHEN 6 THEN 2 WHEN 24 THEN 0.5 ELSE 12::numeric / f.months END) y (factor)
    )
    SELECT s.customer_id, s.statement_id, r.ratio,
           CASE WHEN k.lacking IS NULL AND (r.denominator > 0 OR r.denominator < 0 AND NOT r.above_zero) THEN trim_scale(r.numerator / r.denominator) END,
           CASE WHEN k.lacking IS NOT NULL THEN 'missing: ' || k.lacking
                WHEN r.denominator = 0 THEN 'divided by 0: ' || r.divisor
                WHEN r.denominator < 0 AND r.above_zero THEN format('not above 0: %s, %s', r.divisor, trim_scale(r.denominator))
                WHEN r.numerator IS NULL THEN CASE WHEN r.divisor = 'rate' THEN format('no exchange rate from %s for %s was known', s.currency, s.closing_on)
                                                   ELSE 'the score is not defined for these accounts: ' || r.divisor END END
    FROM said s
    CROSS JOIN LATERAL (
        SELECT 'annual_sales', s.annual_sales * s.rate, 1::numeric, 'rate', false, ARRAY['sales'], ARRAY[s.sales]
        UNION ALL SELECT 'ebit_margin_pct', s.ebit * 100, s.sales, 'sales', true, ARRAY['ebit', 'sales'], ARRAY[s.ebit, s.sales]
        UNION ALL SELECT 'net_financial_charges_to_ebitda_pct', (s.financial_charges - s.financial_income) * 100, s.ebitda, 'EBITDA', true,
            ARRAY['financial charges', 'financial income', 'EBITDA'], ARRAY[s.financial_charges, s.financial_income, s.ebitda]
        UNION ALL SELECT 'working_capital_days', s.working_capital * 365, s.annual_sales, 'sales', true,
            ARRAY['current assets', 'current liabilities', 'sales'], ARRAY[s.current_assets, s.current_liabilities, s.sales]
        UNION ALL SELECT 'net_cash_days', (s.cash - s.bank_overdrafts) * 365, s.annual_sales, 'sales', true, ARRAY['cash', 'bank overdrafts', 'sales'], ARRAY[s.cash, s.bank_overdrafts, s.sales]
        UNION ALL SELECT 'financing_capacity_pct', s.cash_flow * 100, s.sales, 'sales', true, ARRAY['cash flow', 'sales'], ARRAY[s.cash_flow, s.sales]
        UNION ALL SELECT 'tax_and_social_debt_to_value_added_pct', s.tax_and_social_debt * 100, s.annual_value_added, 'value added', true,
            ARRAY['tax and social debt', 'value added'], ARRAY[s.tax_and_social_debt, s.value_added]
        UNION ALL SELECT 'equity_ratio_pct', s.equity * 100, s.total_assets, 'total assets', true, ARRAY['equity', 'total assets'], ARRAY[s.equity, s.total_assets]
        UNION ALL SELECT 'gearing_pct', (s.financial_debt - s.cash) * 100, s.equity, 'equity', true, ARRAY['financial debt', 'cash', 'equity'], ARRAY[s.financial_debt, s.cash, s.equity]
        UNION ALL SELECT 'debt_repayment_years', s.financial_debt, s.annual_cash_flow, 'cash flow', true, ARRAY['financial debt', 'cash flow'], ARRAY[s.financial_debt, s.cash_flow]
        UNION ALL SELECT 'current_ratio', s.current_assets, s.current_liabilities, 'current liabilities', true,
            ARRAY['current assets', 'current liabilities'], ARRAY[s.current_assets, s.current_liabilities]
        UNION ALL SELECT 'quick_ratio', s.quick_assets, s.current_liabilities, 'current liabilities', true,
            ARRAY['current assets', 'inventories', 'current liabilities'], ARRAY[s.current_assets, s.inventories, s.current_liabilities]
        UNION ALL SELECT 'cash_ratio', s.cash, s.current_liabilities, 'current liabilities', true, ARRAY['cash', 'current liabilities'], ARRAY[s.cash, s.current_liabilities]
        UNION ALL SELECT 'ebitda_margin_pct', s.ebitda * 100, s.sales, 'sales', true, ARRAY['EBITDA', 'sales'], ARRAY[s.ebitda, s.sales]
        UNION ALL SELECT 'net_margin_pct', s.net_income * 100, s.sales, 'sales', true, ARRAY['net income', 'sales'], ARRAY[s.net_income, s.sales]
        UNION ALL SELECT 'financial_charges_to_ebitda_pct', s.financial_charges * 100, s.ebitda, 'EBITDA', true, ARRAY['financial charges', 'EBITDA'], ARRAY[s.financial_charges, s.ebitda]
        UNION ALL SELECT 'financial_charges_to_sales_pct', s.financial_charges * 100, s.sales, 'sales', true, ARRAY['financial charges', 'sales'], ARRAY[s.financial_charges, s.sales]
        UNION ALL SELECT 'personnel_costs_to_value_added_pct', s.personnel_costs * 100, s.value_added, 'value added', true,
            ARRAY['personnel costs', 'value added'], ARRAY[s.personnel_costs, s.value_added]
        UNION ALL SELECT 'return_on_equity_pct', s.annual_net_income * 100, s.equity, 'equity', true, ARRAY['net income', 'equity'], ARRAY[s.net_income, s.equity]
        UNION ALL SELECT 'asset_turnover', s.annual_sales, s.total_assets, 'total assets', true, ARRAY['sales', 'total assets'], ARRAY[s.sales, s.total_assets]
        UNION ALL SELECT 'export_share_pct', s.exports * 100, s.sales, 'sales', true, ARRAY['exports', 'sales'], ARRAY[s.exports, s.sales]
        UNION ALL SELECT 'conan_holder', credit_risk.conan_holder(ebe => s.annual_ebitda, total_debt => s.total_debt, permanent_capital => s.equity + s.long_term_debt,
                total_assets => s.total_assets, receivables_and_cash => s.quick_assets, financial_charges => s.annual_charges, sales => s.annual_sales,
                personnel_costs => s.annual_personnel, value_added => s.annual_value_added)::numeric, 1, 'debt, total assets, sales and value added above 0', false,
            ARRAY['EBITDA', 'total debt', 'equity', 'long-term debt', 'total assets', 'current assets', 'inventories', 'financial charges', 'sales', 'personnel costs', 'value added'],
            ARRAY[s.ebitda, s.total_debt, s.equity, s.long_term_debt, s.total_assets, s.current_assets, s.inventories, s.financial_charges, s.sales, s.personnel_costs, s.value_added]
        UNION ALL SELECT 'altman_z_prime', credit_risk.altman_z_prime(working_capital => s.working_capital, retained_earnings => s.retained_earnings, ebit => s.annual_ebit,
                book_equity => s.equity, sales => s.annual_sales, total_assets => s.total_assets, total_liabilities => s.liabilities)::numeric, 1, 'assets and liabilities above 0', false,
            ARRAY['current assets', 'current liabilities', 'retained earnings', 'ebit', 'equity', 'sales', 'total assets'],
            ARRAY[s.current_assets, s.current_liabilities, s.retained_earnings, s.ebit, s.equity, s.sales, s.total_assets]
        UNION ALL SELECT 'altman_z_double_prime', credit_risk.altman_z_double_prime(working_capital => s.working_capital, retained_earnings => s.retained_earnings, ebit => s.annual_ebit,
                book_equity => s.equity, total_assets => s.total_assets, total_liabilities => s.liabilities)::numeric, 1, 'assets and liabilities above 0', false,
            ARRAY['current assets', 'current liabilities', 'retained earnings', 'ebit', 'equity', 'total assets'],
            ARRAY[s.current_assets, s.current_liabilities, s.retained_earnings, s.ebit, s.equity, s.total_assets]
        UNION ALL SELECT 'springate_s', credit_risk.springate_s(working_capital => s.working_capital, ebit => s.annual_ebit, ebt => s.annual_profit,
                current_liabilities => s.current_liabilities, sales => s.annual_sales, total_assets => s.total_assets)::numeric, 1, 'total assets and current liabilities above 0', false,
            ARRAY['current assets', 'current liabilities', 'ebit', 'profit before tax', 'sales', 'total assets'],
            ARRAY[s.current_assets, s.current_liabilities, s.ebit, s.profit_before_tax, s.sales, s.total_assets]
        UNION ALL SELECT 'zmijewski_x', credit_risk.zmijewski_x(net_income => s.annual_net_income, total_liabilities => s.liabilities, current_assets => s.current_assets,
                current_liabilities => s.current_liabilities, total_assets => s.total_assets)::numeric, 1, 'total assets and current liabilities above 0', false,
            ARRAY['net income', 'equity', 'current assets', 'current liabilities', 'total assets'],
            ARRAY[s.net_income, s.equity, s.current_assets, s.current_liabilities, s.total_assets]
        UNION ALL SELECT 'equity', s.equity * s.rate, 1, 'rate', false, ARRAY['equity'], ARRAY[s.equity]
        UNION ALL SELECT 'total_assets', s.total_assets * s.rate, 1, 'rate', false, ARRAY['total assets'], ARRAY[s.total_assets]
        UNION ALL SELECT 'total_debt', s.total_debt * s.rate, 1, 'rate', false, ARRAY['total debt'], ARRAY[s.total_debt]
        UNION ALL SELECT 'cash', s.cash * s.rate, 1, 'rate', false, ARRAY['cash'], ARRAY[s.cash]
        UNION ALL SELECT 'annual_net_income', s.annual_net_income * s.rate, 1, 'rate', false, ARRAY['net income'], ARRAY[s.net_income]
    ) r (ratio, numerator, denominator, divisor, above_zero, items, amounts)
    CROSS JOIN LATERAL (SELECT CASE WHEN array_position(r.amounts, NULL) IS NOT NULL
                                    THEN (SELECT string_agg(u.item, ', ' ORDER BY u.n) FROM unnest(r.items, r.amounts) WITH ORDINALITY u (item, amount, n)
                                          WHERE u.amount IS NULL) END) k (lacking)
    WHERE statement_ratios.ratios IS NULL OR r.ratio = ANY (statement_ratios.ratios);
END $$;
COMMENT ON FUNCTION statement_ratios(bigint[], bigint[], text[]) IS
'The ratios of financial_ratio (these; NULL = all) of these accounts (customer and statement at the same place of the arrays). value NULL: reason says in words which items are missing, what is 0 or below where it divides, or that no exchange rate was known. Never rounded.';

CREATE FUNCTION financial_ratios(customer_id bigint, closing_on date DEFAULT NULL)
RETURNS TABLE (ratio text, value numeric, unit text, reason text, previous_value numeric, change numeric, name_en text, name_fr text,
               kind text, closed_on date, source text, statement_id bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    closings text;
    which bigint;
BEGIN
    SELECT string_agg(a.closing_on::text, ', ' ORDER BY a.place), min(a.place) FILTER (WHERE a.closing_on = financial_ratios.closing_on OR financial_ratios.closing_on IS NULL)
    INTO closings, which
    FROM accounts_as_of(ARRAY[financial_ratios.customer_id], business_date()) a;
    IF which IS NULL AND (closings IS NOT NULL OR financial_ratios.closing_on IS NOT NULL) THEN
        RAISE EXCEPTION 'no accounts of customer % closed on % are known', coalesce(financial_ratios.customer_id::text, 'NULL'), financial_ratios.closing_on
            USING ERRCODE = 'CR007', DETAIL = coalesce('Closings on file: ' || closings || '.', 'None are on file.');
    END IF;
    RETURN QUERY
    SELECT f.ratio, n.value, f.unit, n.reason, b.value, n.value - b.value, f.name_en, f.name_fr, f.kind, a.closing_on, a.source, a.statement_id
    FROM accounts_as_of(ARRAY[financial_ratios.customer_id], business_date()) a
    CROSS JOIN LATERAL statement_ratios(ARRAY[a.customer_id], ARRAY[a.statement_id]) n
    JOIN financial_ratio f ON f.ratio = n.ratio
    LEFT JOIN (SELECT p.ratio, p.value
               FROM accounts_as_of(ARRAY[financial_ratios.customer_id], business_date()) o
               CROSS JOIN LATERAL statement_ratios(ARRAY[o.customer_id], ARRAY[o.statement_id]) p
               WHERE o.place = which + 1) b ON b.ratio = n.ratio
    WHERE a.place = which
    ORDER BY f.place;
END $$;
COMMENT ON FUNCTION financial_ratios(bigint, date) IS
'The ratios of a customer''s accounts known today (analyse financière), of a closing or of the last: value and unit, the value of the closing before and the change since, in the unit. value NULL: reason says why. No row: no accounts at all. Formulas: financial_ratio. CR007 if there are no accounts of that closing.';

-- A month that has begun counts; from the end of a month to the end of a month there are whole ones.
CREATE FUNCTION accounts_age_months(closing_on date, as_of date) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT ((extract(year FROM as_of) - extract(year FROM closing_on)) * 12 + extract(month FROM as_of) - extract(month FROM closing_on))::integer
         + (extract(day FROM as_of) > extract(day FROM closing_on) AND extract(month FROM closing_on + 1) = extract(month FROM closing_on))::integer
$$;
COMMENT ON FUNCTION accounts_age_months(date, date) IS
'Age of accounts on a day, in months that have begun since the closing date: of 31 December it is 12 until 31 December, and 13 on the 1st of January. NULL if an argument is NULL.';

-- The figures of the accounts for scores -------------------------------------------
INSERT INTO score_figure (figure, family, higher_is_better, unit, name_en, name_fr)
SELECT r.ratio, 'financial', r.higher_is_better, r.unit, r.name_en, r.name_fr
FROM financial_ratio r
WHERE r.ratio IN ('annual_sales', 'ebit_margin_pct', 'working_capital_days', 'net_cash_days', 'tax_and_social_debt_to_value_added_pct', 'equity_ratio_pct', 'gearing_pct',
                  'debt_repayment_years', 'current_ratio', 'financial_charges_to_ebitda_pct', 'conan_holder', 'altman_z_double_prime', 'equity', 'total_debt', 'cash', 'annual_net_income')
UNION ALL VALUES
    ('accounts_age_months', 'financial', false, 'months', 'Age of the accounts', 'Ancienneté des comptes'),
    ('sales_change_pct', 'financial', true, '%', 'Change of sales in a year', 'Évolution du chiffre d''affaires');

CREATE FUNCTION financial_figures(customer_ids bigint[], as_of date, known_at timestamptz)
RETURNS TABLE (customer_id bigint, figure text, value numeric, word text, source text, known_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20000 SET search_path FROM CURRENT SET enable_nestloop = off SET jit = off
AS $$
    WITH accounts AS MATERIALIZED (
        SELECT a.customer_id, a.place, a.statement_id, a.closing_on, a.known_at, g.age, g.age > p.max_age_months AS stale, p.max_age_months,
               format('%s, %saccounts of %s%s%s', f.source, CASE WHEN f.consolidated THEN 'consolidated ' ELSE '' END, f.closing_on,
                      CASE WHEN f.months <> 12 THEN format(' over %s months', f.months) ELSE '' END, ', filed ' || f.filed_on) AS words,
               f.sales * 12 / f.months AS annual_sales, f.currency
        FROM accounts_as_of(financial_figures.customer_ids, financial_figures.as_of, financial_figures.known_at) a
        JOIN financial_statement f USING (customer_id, statement_id)
        CROSS JOIN financial_policy p
        CROSS JOIN LATERAL (SELECT accounts_age_months(a.closing_on, financial_figures.as_of)) g (age)
        WHERE a.place <= 2
    ), figure AS MATERIALIZED (
        SELECT f.figure FROM score_figure f WHERE f.family = 'financial'
    ), fresh AS (
        SELECT array_agg(a.customer_id ORDER BY a.customer_id) AS customer_ids, array_agg(a.statement_id ORDER BY a.customer_id) AS statement_ids
        FROM accounts a WHERE a.place = 1 AND NOT a.stale
    )
    SELECT a.customer_id, r.ratio,
           CASE WHEN r.ratio = 'financial_charges_to_ebitda_pct' AND r.reason NOT LIKE 'missing:%' THEN 999 ELSE r.value END,
           NULL::text, a.words || coalesce('; ' || r.reason, ''), a.known_at
    FROM fresh h
    CROSS JOIN LATERAL statement_ratios(h.customer_ids, h.statement_ids, ARRAY(SELECT f.figure FROM figure f)) r
    JOIN accounts a ON a.customer_id = r.customer_id AND a.place = 1
  UNION ALL
    SELECT a.customer_id, 'accounts_age_months', a.age, NULL, a.words, a.known_at
    FROM accounts a WHERE a.place = 1 AND NOT a.stale AND EXISTS (SELECT FROM figure f WHERE f.figure = 'accounts_age_months')
  UNION ALL
    SELECT a.customer_id, 'sales_change_pct',
           CASE WHEN a.currency = b.currency AND b.annual_sales > 0 THEN trim_scale((a.annual_sales - b.annual_sales) * 100 / b.annual_sales) END, NULL,
           a.words || ' against ' || b.words || CASE WHEN a.currency <> b.currency THEN ': other currencies'
                                                     WHEN num_nulls(a.annual_sales, b.annual_sales) > 0 THEN ': sales are missing'
                                                     WHEN b.annual_sales = 0 THEN ': sales were 0' ELSE '' END,
           greatest(a.known_at, b.known_at)
    FROM accounts a JOIN accounts b ON b.customer_id = a.customer_id AND b.place = 2 AND b.closing_on >= a.closing_on - interval '24 months'
    WHERE a.place = 1 AND NOT a.stale AND EXISTS (SELECT FROM figure f WHERE f.figure = 'sales_change_pct')
  UNION ALL     -- too old to say anything
    SELECT a.customer_id, f.figure, NULL, NULL, format('accounts of %s are %s months old, more than %s', a.closing_on, a.age, a.max_age_months), a.known_at
    FROM accounts a CROSS JOIN figure f WHERE a.place = 1 AND a.stale
$$;
COMMENT ON FUNCTION financial_figures(bigint[], date, timestamptz) IS
'The figures of the accounts of these customers, as of a day and as known at an instant: of the last closing that was received and recorded by then (accounts_as_of), at most one row for each customer and figure of the family financial. value NULL: source says which item is missing, or that the accounts are older than financial_policy.max_age_months. EBITDA of 0 or less makes financial_charges_to_ebitda_pct 999. No row: no accounts are known, or none of the year before.';
