-- What a limit and what terms a customer should have: every rule says an
-- amount, the least one binds, and a person decides.

CREATE TABLE limit_rule (
    rule         text PRIMARY KEY CHECK (rule ~ '^[a-z][a-z0-9_]*$'),
    kind         text NOT NULL CHECK (kind IN ('figure', 'need', 'cover', 'own_concentration', 'present_limit', 'unscored')),
    figure       text REFERENCES score_figure ON UPDATE RESTRICT ON DELETE RESTRICT,
    pct          numeric NOT NULL DEFAULT 100 CHECK (pct >= 0 AND pct <= 1000),
    by_class     boolean NOT NULL DEFAULT false,
    basis        integer NOT NULL DEFAULT 360 CHECK (basis BETWEEN 1 AND 366),
    active       boolean NOT NULL DEFAULT true,
    name_en      text NOT NULL CHECK (name_en <> ''),
    name_fr      text NOT NULL CHECK (name_fr <> ''),
    CONSTRAINT limit_rule_names_its_figure CHECK ((kind = 'figure') = (figure IS NOT NULL)),
    CONSTRAINT limit_rule_pct_of_equity CHECK (kind <> 'figure' OR pct <= 100)
);
COMMENT ON TABLE limit_rule IS 'Rules that say what a limit may be (règles de fixation du plafond); the least of the active ones binds. Yours to change and extend: a rule of kind figure takes a percentage of any figure of figures_as_of().';
COMMENT ON COLUMN limit_rule.rule IS 'Name.';
COMMENT ON COLUMN limit_rule.kind IS 'figure: pct of a figure in base currency, such as equity (fonds propres), annual sales (chiffre d''affaires) or an attribute of your own. need: monthly business with the customer × its terms and its usual delay. cover: what the insurer covers. own_concentration: pct of our own sales of 12 months, once the ledger has a year of them. present_limit: pct of the limit in force. unscored: the ledger''s default limit, for who has no class.';
COMMENT ON COLUMN limit_rule.figure IS 'Of kind figure: its name (score_figure).';
COMMENT ON COLUMN limit_rule.pct IS 'Percent taken.';
COMMENT ON COLUMN limit_rule.by_class IS 'true: times the limit factor of the risk class (risk_class_band.limit_factor; without a class that of C).';
COMMENT ON COLUMN limit_rule.basis IS 'Of kind need: days of a year of business.';
COMMENT ON COLUMN limit_rule.active IS 'false: it is not looked at.';
COMMENT ON COLUMN limit_rule.name_en IS 'In words, English.';
COMMENT ON COLUMN limit_rule.name_fr IS 'In words, French.';
INSERT INTO limit_rule (rule, kind, figure, pct, by_class, active, name_en, name_fr) VALUES
    ('equity',            'figure',            'equity',       10,  true,  true,  '10 % of equity, times the factor of the class', '10 % des fonds propres, pondérés par la classe'),
    ('annual_sales',      'figure',            'annual_sales', 5,   true,  false, '5 % of the customer''s own sales, times the factor of the class', '5 % du chiffre d''affaires du client, pondérés par la classe'),
    ('need',              'need',              NULL,           100, false, true,  'what the business needs: sales a day × terms and usual delay', 'besoin : ventes par jour × délai et retard habituel'),
    ('cover',             'cover',             NULL,           100, false, true,  'what the credit insurer covers', 'garantie de l''assureur-crédit'),
    ('own_concentration', 'own_concentration', NULL,           10,  false, true,  'at most 10 % of our own yearly sales on one customer', 'au plus 10 % de notre chiffre d''affaires annuel sur un client'),
    ('step_up',           'present_limit',     NULL,           150, false, false, 'at most half more than the present limit', 'au plus la moitié de plus que le plafond actuel'),
    ('unscored',          'unscored',          NULL,           100, false, true,  'the default limit, while the customer has no class', 'plafond par défaut, tant que le client n''a pas de classe');
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON limit_rule
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE limit_proposal_policy (
    combine text NOT NULL DEFAULT 'least' CHECK (combine IN ('least', 'average')),
    step    numeric NOT NULL DEFAULT 1000 CHECK (step > 0 AND step < 1e12)
);
CREATE UNIQUE INDEX limit_proposal_policy_one_row ON limit_proposal_policy ((true));
INSERT INTO limit_proposal_policy DEFAULT VALUES;
COMMENT ON TABLE limit_proposal_policy IS 'How the rules of a limit come together, one row.';
COMMENT ON COLUMN limit_proposal_policy.combine IS 'least (default): the smallest amount binds. average: their mean, where no single one binds.';
COMMENT ON COLUMN limit_proposal_policy.step IS 'A proposal is rounded down to a multiple of this, base currency.';
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON limit_proposal_policy
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION yearly_sales(customer_id bigint, as_of date) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT sum(CASE WHEN (i.kind = 'credit_note') = (i.reversal_of IS NULL) THEN -i.amount_base ELSE i.amount_base END)
    FROM invoice i
    WHERE (yearly_sales.customer_id IS NULL OR i.customer_id = yearly_sales.customer_id)
      AND i.kind IN ('invoice', 'debit_note', 'credit_note', 'down_payment') AND i.issued_on > as_of - 365 AND i.issued_on <= as_of
$$;
COMMENT ON FUNCTION yearly_sales(bigint, date) IS
'Sales to a customer (NULL = to all) of the 365 days up to a day, incl. tax, net of credit notes, base currency (chiffre d''affaires TTC sur 12 mois); NULL without any.';

CREATE FUNCTION limit_rule_amounts(customer_id bigint, expected_sales numeric DEFAULT NULL)
RETURNS TABLE (rule text, kind text, amount numeric, inputs jsonb, words_en text, words_fr text, name_en text, name_fr text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    mine customer;
    today date := business_date();
    factor numeric;
    terms_days integer;
    usual_delay integer;
    business numeric;
    present record;
    cover record;
BEGIN
    SELECT c.* INTO mine FROM customer c JOIN credit_account a USING (customer_id) WHERE c.customer_id = limit_rule_amounts.customer_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'customer % has no credit account', coalesce(limit_rule_amounts.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code; the limit of a site is that of its payer.';
    ELSIF NOT (expected_sales >= 0 AND expected_sales < 1e18) THEN
        RAISE EXCEPTION 'argument "expected_sales" must be 0 or more' USING ERRCODE = '22023';
    END IF;
    SELECT b.limit_factor INTO factor FROM risk_class_band b WHERE b.risk_class = coalesce(mine.risk_class, 'C');
    terms_days := credit_risk.terms_days(coalesce(mine.terms, 'net 30')::credit_risk.payment_terms);
    usual_delay := (SELECT CASE WHEN sum(d.amount_base) > 0 THEN greatest(round(sum(d.counted_days * d.amount_base) / sum(d.amount_base)), 0)::integer END
                    FROM payment_delay d WHERE d.customer_id = mine.customer_id AND d.paid_on > today - 365 AND d.paid_on <= today);
    business := coalesce(expected_sales, yearly_sales(mine.customer_id, today));
    SELECT f.* INTO present FROM limit_in_force(mine.customer_id, today) f;
    SELECT count(*) AS lines, sum(l.limit_base) AS amount INTO cover FROM cover_lines(ARRAY[mine.customer_id], ARRAY[today]) l WHERE l.contract_no IS NULL;
    RETURN QUERY
    SELECT r.rule, r.kind,
           CASE r.kind
               WHEN 'figure' THEN CASE WHEN r.figure = 'equity' THEN credit_risk.credit_limit_capacity(f.value, r.pct) WHEN f.value IS NOT NULL THEN greatest(f.value, 0) * r.pct / 100 END
               WHEN 'need' THEN credit_risk.credit_limit_need(business, terms_days + coalesce(usual_delay, 0), r.basis) * r.pct / 100
               WHEN 'cover' THEN CASE WHEN cover.amount > 0 THEN cover.amount * r.pct / 100 END
               WHEN 'own_concentration' THEN CASE WHEN o.sales IS NOT NULL THEN greatest(o.sales, 0) * r.pct / 100 END
               WHEN 'present_limit' THEN CASE WHEN present.decided AND NOT present.unlimited THEN present.credit_limit * r.pct / 100 END
               ELSE CASE WHEN mine.risk_class IS NULL THEN (SELECT l.default_limit FROM ledger l) * r.pct / 100 END END * CASE WHEN r.by_class THEN factor ELSE 1 END,
           jsonb_strip_nulls(jsonb_build_object('pct', r.pct, 'factor', CASE WHEN r.by_class THEN factor END, 'figure', r.figure, 'value', f.value, 'source', f.source,
               'sales', CASE r.kind WHEN 'need' THEN business WHEN 'own_concentration' THEN o.sales END,
               'terms_days', CASE WHEN r.kind = 'need' THEN terms_days END, 'usual_delay', CASE WHEN r.kind = 'need' THEN usual_delay END,
               'cover', CASE WHEN r.kind = 'cover' THEN cover.amount END, 'present_limit', CASE WHEN r.kind = 'present_limit' THEN present.credit_limit END)),
           CASE r.kind
               WHEN 'figure' THEN CASE WHEN f.value IS NULL THEN format('%s is not known', g.name_en) ELSE format('%s %s × %s %%', g.name_en, figure_words(f.value, 'en'), trim_scale(r.pct)) END
               WHEN 'need' THEN CASE WHEN business IS NULL THEN 'no sales in 12 months, none expected'
                                     ELSE format('sales %s × %s days (terms %s, usual delay %s) / %s', figure_words(business, 'en'), terms_days + coalesce(usual_delay, 0), terms_days, coalesce(usual_delay::text, 'not known'), r.basis) END
               WHEN 'cover' THEN CASE WHEN cover.amount > 0 THEN format('cover %s × %s %%', figure_words(cover.amount, 'en'), trim_scale(r.pct))
                                      WHEN cover.lines > 0 THEN 'cover refused or cancelled: own risk alone' ELSE 'cover was never decided' END
               WHEN 'own_concentration' THEN CASE WHEN o.sales IS NULL THEN 'our sales of a whole year are not known' ELSE format('our sales %s × %s %%', figure_words(o.sales, 'en'), trim_scale(r.pct)) END
               WHEN 'present_limit' THEN CASE WHEN present.credit_limit IS NULL THEN 'no limit is in force' ELSE format('present limit %s × %s %%', figure_words(present.credit_limit, 'en'), trim_scale(r.pct)) END
               ELSE CASE WHEN mine.risk_class IS NULL THEN 'no class: the default limit' ELSE 'the customer has a class' END END
           || CASE WHEN r.by_class THEN format(' × %s of class %s', figure_words(factor), coalesce(mine.risk_class, 'C (unscored)')) ELSE '' END,
           CASE r.kind
               WHEN 'figure' THEN CASE WHEN f.value IS NULL THEN format('%s : non connu', g.name_fr) ELSE format('%s %s × %s %%', g.name_fr, figure_words(f.value, 'fr'), trim_scale(r.pct)) END
               WHEN 'need' THEN CASE WHEN business IS NULL THEN 'aucune vente sur 12 mois, aucune prévue'
                                     ELSE format('ventes %s × %s jours (délai %s, retard habituel %s) / %s', figure_words(business, 'fr'), terms_days + coalesce(usual_delay, 0), terms_days, coalesce(usual_delay::text, 'non connu'), r.basis) END
               WHEN 'cover' THEN CASE WHEN cover.amount > 0 THEN format('agrément %s × %s %%', figure_words(cover.amount, 'fr'), trim_scale(r.pct))
                                      WHEN cover.lines > 0 THEN 'garantie refusée ou résiliée : risque propre seul' ELSE 'garantie jamais demandée' END
               WHEN 'own_concentration' THEN CASE WHEN o.sales IS NULL THEN 'nos ventes d''une année entière ne sont pas connues' ELSE format('nos ventes %s × %s %%', figure_words(o.sales, 'fr'), trim_scale(r.pct)) END
               WHEN 'present_limit' THEN CASE WHEN present.credit_limit IS NULL THEN 'aucun plafond en vigueur' ELSE format('plafond actuel %s × %s %%', figure_words(present.credit_limit, 'fr'), trim_scale(r.pct)) END
               ELSE CASE WHEN mine.risk_class IS NULL THEN 'sans classe : plafond par défaut' ELSE 'le client a une classe' END END
           || CASE WHEN r.by_class THEN format(' × %s de la classe %s', figure_words(factor, 'fr'), coalesce(mine.risk_class, 'C (non noté)')) ELSE '' END,
           r.name_en, r.name_fr
    FROM limit_rule r
    LEFT JOIN score_figure g ON g.figure = r.figure
    LEFT JOIN figures_as_of(ARRAY[mine.customer_id], today, 'infinity') f ON f.figure = r.figure
    CROSS JOIN LATERAL (SELECT CASE WHEN r.kind = 'own_concentration' AND EXISTS (SELECT FROM invoice i WHERE i.issued_on <= today - 330) THEN yearly_sales(NULL, today) END AS sales) o
    WHERE r.active;
END $$;
COMMENT ON FUNCTION limit_rule_amounts(bigint, numeric) IS
'What each active limit rule says of a customer, unrounded, base currency, with its inputs and words; NULL where its input is not known. For propose_limit(). CR004 for no such payer, 22023 for negative sales.';

CREATE FUNCTION propose_limit(customer_id bigint, expected_sales numeric DEFAULT NULL)
RETURNS TABLE (rule text, amount numeric, binding boolean, words_en text, words_fr text, inputs jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    class text := (SELECT c.risk_class FROM customer c WHERE c.customer_id = propose_limit.customer_id);
    nothing boolean := coalesce((SELECT b.limit_factor = 0 FROM risk_class_band b WHERE b.risk_class = class), false);
    policy limit_proposal_policy;
BEGIN
    SELECT p.* INTO policy FROM limit_proposal_policy p;
    RETURN QUERY
    SELECT a.rule, trim_scale(round(a.amount, 2)),
           CASE WHEN a.amount IS NULL OR nothing THEN false WHEN policy.combine = 'least'
                THEN row_number() OVER (ORDER BY a.amount, a.rule) = 1 ELSE false END,
           a.words_en, a.words_fr, a.inputs
    FROM limit_rule_amounts(propose_limit.customer_id, propose_limit.expected_sales) a
    UNION ALL
    SELECT 'class', 0::numeric, true, format('nothing on credit in class %s', class), format('rien à crédit en classe %s', class), jsonb_build_object('class', class)
    WHERE nothing
    ORDER BY 3 DESC, 2 NULLS LAST, 1;
END $$;
COMMENT ON FUNCTION propose_limit(bigint, numeric) IS
'What a customer''s limit may be, rule by rule (proposition de plafond), base currency: the amount each active rule of limit_rule says, whether it binds (the least one; where rules are averaged none), and its inputs in words. A class with limit factor 0 binds at 0. amount NULL: the rule has no input and is left out. expected_sales are those of 12 months to come (NULL = the sales of the last 12). proposed_limit() is the result; nothing is applied. CR004 for no such payer, 22023 for negative sales.';

CREATE FUNCTION proposed_limit(customer_id bigint, expected_sales numeric DEFAULT NULL) RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    RETURN (SELECT floor(CASE WHEN bool_or(r.rule = 'class' AND r.binding AND r.amount = 0) THEN 0
                              WHEN p.combine = 'average' THEN avg(r.amount) ELSE min(r.amount) END / p.step) * p.step
            FROM propose_limit(proposed_limit.customer_id, proposed_limit.expected_sales) r CROSS JOIN limit_proposal_policy p GROUP BY p.combine, p.step);
END $$;
COMMENT ON FUNCTION proposed_limit(bigint, numeric) IS
'The limit that the rules propose for a customer (plafond proposé), base currency, rounded down to the step of limit_proposal_policy: the least of what they say (or their mean); 0 in a class that gets nothing on credit; NULL where no rule has an input. Errors as propose_limit().';

CREATE FUNCTION request_proposed_limit(customer_id bigint, motive text, expected_sales numeric DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    proposed numeric;
    present record;
    new_id bigint;
BEGIN
    IF coalesce(request_proposed_limit.motive, '') = '' THEN
        RAISE EXCEPTION 'a limit is asked for with a motive' USING ERRCODE = '22023', HINT = 'Say why in the argument "motive".';
    END IF;
    PERFORM touch_accounts(ARRAY[request_proposed_limit.customer_id]);      -- written, so that of two at once the second sees the first, or is tried again
    proposed := proposed_limit(request_proposed_limit.customer_id, request_proposed_limit.expected_sales);
    SELECT f.* INTO present FROM limit_in_force(request_proposed_limit.customer_id, business_date()) f;
    IF coalesce(proposed, 0) = 0 THEN
        RAISE EXCEPTION 'the rules propose % for customer %', CASE WHEN proposed IS NULL THEN 'no limit' ELSE 'a limit of 0' END, request_proposed_limit.customer_id
            USING ERRCODE = 'CR012', DETAIL = (SELECT string_agg(r.rule || ': ' || r.words_en, '; ') FROM propose_limit(request_proposed_limit.customer_id, request_proposed_limit.expected_sales) r
                                               WHERE r.binding OR r.amount IS NULL),
                  HINT = CASE WHEN proposed IS NULL THEN 'Record accounts, cover or expected sales first.' ELSE 'A limit of 0 is decided in credit_limit, not asked for.' END;
    ELSIF present.decided AND NOT present.unlimited AND present.credit_limit = proposed THEN
        RAISE EXCEPTION 'the limit of customer % is % already', request_proposed_limit.customer_id, trim_scale(proposed) USING ERRCODE = 'CR012';
    ELSIF EXISTS (SELECT FROM limit_request r WHERE r.customer_id = request_proposed_limit.customer_id AND r.requested_by = 'system'
                                                AND r.trial_limit_id IS NULL AND r.closed_on IS NULL) THEN
        RAISE EXCEPTION 'a proposed limit of customer % waits for its decision', request_proposed_limit.customer_id
            USING ERRCODE = 'CR012', HINT = 'decide_limit_request() decides it; open_limit_request lists them.';
    END IF;
    INSERT INTO limit_request AS q (customer_id, requested_by, amount, motive, evidence)
    SELECT request_proposed_limit.customer_id, 'system', trim_scale(proposed), request_proposed_limit.motive,
           string_agg(format('%s%s: %s (%s)', r.rule, CASE WHEN r.binding THEN ' binds' ELSE '' END, r.amount, r.words_en), '; ' ORDER BY r.amount)
    FROM propose_limit(request_proposed_limit.customer_id, request_proposed_limit.expected_sales) r WHERE r.amount IS NOT NULL
    RETURNING q.limit_request_id INTO new_id;
    RETURN new_id;
END $$;
COMMENT ON FUNCTION request_proposed_limit(bigint, text, numeric) IS
'Makes the proposed limit of a customer a request of the system, with what every rule says as its evidence, that decide_limit_request() decides; nothing else changes. Returns the id of the request. CR012 if nothing or 0 is proposed, the limit is that already or a proposal waits, CR004 for no such payer, 22023 without a motive. Runs as the owner: requests are written by functions alone.';

-- Terms ---------------------------------------------------------------------------------------

-- The longest of the usual terms within what the class and the law allow.
CREATE FUNCTION longest_terms(max_days integer, regime text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT v.terms
    FROM unnest('{prepayment,net 7,net 10,net 15,net 20,net 30,net 45,net 60,net 75,net 90,15 eom,30 eom,45 eom,60 eom}'::text[]) WITH ORDINALITY v (terms, place)
    WHERE credit_risk.terms_days(v.terms::credit_risk.payment_terms) <= max_days
      AND coalesce(credit_risk.fr_days_over_maximum(v.terms::credit_risk.payment_terms, regime) = 0, true)
    ORDER BY credit_risk.terms_days(v.terms::credit_risk.payment_terms) DESC, v.place LIMIT 1
$$;
COMMENT ON FUNCTION longest_terms(integer, text) IS
'The longest usual terms of at most so many calendar days that a legal regime allows (NULL = no legal maximum): 45 eom for 75 days under agreed, prepayment for 0. NULL for no days.';

CREATE FUNCTION propose_terms(customer_id bigint)
RETURNS TABLE (risk_class text, days integer, terms text, payment_methods text[], deposit_pct numeric, class_days integer, legal_regime text,
               present_terms text, present_days integer, change text, words_en text, words_fr text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM credit_account a WHERE a.customer_id = propose_terms.customer_id) THEN
        RAISE EXCEPTION 'customer % has no credit account', coalesce(propose_terms.customer_id::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code; a site is judged by its payer.';
    END IF;
    RETURN QUERY
    SELECT c.risk_class, d.days, t.terms, m.methods, q.pct, p.max_days, l.regime, coalesce(c.terms, 'net 30'), d.present,
           CASE WHEN d.days > d.present THEN 'longer' WHEN d.days < d.present THEN 'shorter' ELSE 'same' END,
           format('class %s: %s (%s days), %s%s', coalesce(c.risk_class, 'C (unscored)'), t.terms, d.days, coalesce(array_to_string(m.methods, ', '), 'any means'),
                  CASE WHEN q.pct > 0 THEN format(', %s %% down payment', trim_scale(q.pct)) ELSE '' END),
           format('classe %s : %s (%s jours), %s%s', coalesce(c.risk_class, 'C (non noté)'), t.terms, d.days, coalesce(array_to_string(m.methods, ', '), 'tous modes'),
                  CASE WHEN q.pct > 0 THEN format(', acompte de %s %%', trim_scale(q.pct)) ELSE '' END)
    FROM customer c
    JOIN terms_policy_in_force p ON p.risk_class = coalesce(c.risk_class, 'C')
    LEFT JOIN legal_regime l ON l.customer_id = c.customer_id
    CROSS JOIN LATERAL (SELECT longest_terms(CASE WHEN c.credit_mode = 'cash_only' THEN 0 ELSE p.max_days END, l.regime) AS terms) t
    CROSS JOIN LATERAL (SELECT credit_risk.terms_days(t.terms::credit_risk.payment_terms) AS days,
                               credit_risk.terms_days(coalesce(c.terms, 'net 30')::credit_risk.payment_terms) AS present) d
    CROSS JOIN LATERAL (SELECT CASE WHEN p.max_method_rank IS NOT NULL THEN array_agg(k.method ORDER BY k.rank, k.method) END AS methods FROM payment_method k
                        WHERE k.rank <= p.max_method_rank OR (d.days = 0 AND k.final_after_days = 0)) m
    CROSS JOIN LATERAL (SELECT deposit_pct(c.customer_id) AS pct) q
    WHERE c.customer_id = propose_terms.customer_id;
END $$;
COMMENT ON FUNCTION propose_terms(bigint) IS
'Which terms a customer should have by its class (proposition de conditions): the longest usual terms within the class (terms_policy) and the law (legal_regime), their calendar days, the means of payment that the class allows (NULL = any), the down payment, and whether that is longer or shorter than what it has. A better class never gets less. Nothing is applied. No row where terms_policy says nothing of the class; CR004 for no such payer.';
