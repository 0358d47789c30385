-- Why it was decided so, in words; and whether it would be decided so again.

CREATE FUNCTION decision_figures(d credit_decision) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    SELECT coalesce(d.inputs, jsonb_build_object(
        'customer_id', d.customer_id, 'order_id', d.order_id, 'decided_on', d.decided_on, 'on_exceed', 'hold',
        'mode', CASE d.outcome WHEN 'warned' THEN 'observe' ELSE 'enforce' END,     -- it blocked nothing
        'amount', d.amount, 'document_value', d.amount, 'exposure_before', d.exposure_before, 'exposure_after', d.exposure_after, 'credit_limit', d.credit_limit,
        'available', d.available, 'excess', d.exposure_after - d.credit_limit,
        'no_limit', ('no_credit_limit' = ANY (d.reasons))::integer, 'blocked', ('customer_blocked' = ANY (d.reasons))::integer,
        'group_excess', CASE WHEN 'group_limit_exceeded' = ANY (d.reasons) THEN d.amount END,     -- at most: only that it was is known
        'rebuilt', 1))
$$;
COMMENT ON FUNCTION decision_figures(credit_decision) IS
'The figures that a decision was judged by: its inputs, or, where none were kept, what its columns say (limits and block; the excess over a group limit is not known and stands for at most the amount).';

CREATE FUNCTION replayed(d credit_decision, policy text DEFAULT NULL, version integer DEFAULT NULL,
                         OUT outcome text, OUT reasons text[], OUT cure text, OUT results jsonb, OUT differs boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    figures jsonb := decision_figures(d);
    by_hand text[] := ARRAY(SELECT r FROM unnest(d.reasons) r WHERE r IN ('forced_hold', 'order_held') ORDER BY r);
    standing text[] := ARRAY(SELECT r FROM unnest(d.reasons) r WHERE r NOT IN ('forced_hold', 'order_held') ORDER BY r);
BEGIN
    version := coalesce(version, CASE WHEN replayed.policy IS NULL THEN coalesce((figures->>'policy_version')::integer, d.policy_version)
                                      ELSE (SELECT p.version FROM credit_policy p WHERE p.policy = replayed.policy) END);
    policy := coalesce(policy, figures->>'policy', d.policy);
    SELECT j.outcome, j.reasons, j.cure, j.results INTO outcome, reasons, cure, results
    FROM judge_credit(replayed.policy, replayed.version, d.checkpoint, figures) j;
    outcome := CASE WHEN by_hand <> '{}' THEN 'held'
                    WHEN outcome IN ('held', 'refused') AND (d.checkpoint = 'invoice' OR figures ? 'delivers_freely') THEN 'warned'
                    ELSE outcome END;
    reasons := ARRAY(SELECT r FROM unnest(reasons) r ORDER BY r);
    -- What a person decided is compared by what stood against it.
    differs := reasons <> standing OR (d.outcome IN ('passed', 'warned', 'held') AND d.outcome <> outcome);
    reasons := reasons || by_hand;
END $$;
COMMENT ON FUNCTION replayed(credit_decision, text, integer) IS
'A decision judged again on its own figures, by its own policy and version or by others (a policy without a version: its present one): outcome passed, warned, held or refused, reasons, cure, results, and whether it differs. Of released, overridden and rejected, which a person decided, the reasons are compared.';

CREATE FUNCTION decision_of(decision_id bigint) RETURNS credit_decision
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    d credit_decision;
BEGIN
    SELECT x.* INTO d FROM credit_decision x WHERE x.decision_id = decision_of.decision_id;
    IF d.decision_id IS NULL THEN
        RAISE EXCEPTION 'decision % does not exist', coalesce(decision_of.decision_id::text, 'NULL') USING ERRCODE = 'CR007';
    END IF;
    RETURN d;
END $$;
COMMENT ON FUNCTION decision_of(bigint) IS 'The decision with this number; an error (CR007) if there is none.';

CREATE FUNCTION check_policy_version(policy text, version integer) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF policy IS NOT NULL AND NOT EXISTS (SELECT FROM credit_policy p WHERE p.policy = check_policy_version.policy) THEN
        RAISE EXCEPTION 'policy "%" does not exist', policy
            USING ERRCODE = '22023', HINT = format('There is: %s.', (SELECT string_agg(p.policy, ', ' ORDER BY p.policy) FROM credit_policy p));
    ELSIF version < 1 OR version > (SELECT p.version FROM credit_policy p WHERE p.policy = check_policy_version.policy) THEN
        RAISE EXCEPTION 'policy "%" has no version %', policy, version USING ERRCODE = '22023';
    END IF;
END $$;
COMMENT ON FUNCTION check_policy_version(text, integer) IS 'An error (22023) unless there is such a policy and it has such a version; NULL is not looked at.';

CREATE FUNCTION replay_decision(decision_id bigint, policy text DEFAULT NULL, version integer DEFAULT NULL)
RETURNS TABLE (field text, decided text, replayed text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    d credit_decision := decision_of(decision_id);
    again record;
    by_person boolean := d.outcome IN ('released', 'overridden', 'rejected');
BEGIN
    PERFORM check_policy_version(replay_decision.policy, replay_decision.version);
    SELECT r.* INTO again FROM replayed(d, replay_decision.policy, replay_decision.version) r;
    RETURN QUERY
    SELECT f.* FROM (VALUES
        ('outcome', d.outcome, CASE WHEN by_person AND NOT again.differs THEN d.outcome ELSE again.outcome END),
        ('reasons', array_to_string(ARRAY(SELECT r FROM unnest(d.reasons) r ORDER BY r), ', '), array_to_string(ARRAY(SELECT r FROM unnest(again.reasons) r ORDER BY r), ', ')),
        ('cure', CASE WHEN d.inputs IS NOT NULL AND NOT d.reasons && '{forced_hold,order_held}' THEN d.cure END,
                 CASE WHEN d.inputs IS NOT NULL AND NOT d.reasons && '{forced_hold,order_held}' THEN again.cure END),
        ('results', CASE WHEN d.inputs IS NOT NULL THEN d.results::text END, CASE WHEN d.inputs IS NOT NULL THEN again.results::text END)
    ) f (field, decided, replayed)
    WHERE f.decided IS DISTINCT FROM f.replayed;
END $$;
COMMENT ON FUNCTION replay_decision(bigint, text, integer) IS
'Judges a decision again on the figures kept with it, by the policy and version of then (rejeu), or by others: one row per field that differs (outcome, reasons, cure, results), none when it is identical. A decision without kept figures is replayed by its limits and block, outcome and reasons alone. CR007 for no such decision, 22023 for no such policy or version.';

CREATE FUNCTION replay_decisions(from_date date DEFAULT NULL, to_date date DEFAULT NULL, policy text DEFAULT NULL, version integer DEFAULT NULL)
RETURNS TABLE (decision_id bigint, customer_id bigint, order_id bigint, document_no text, decided_on date, checkpoint text,
               outcome text, outcome_replayed text, reasons text[], reasons_replayed text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM check_policy_version(replay_decisions.policy, replay_decisions.version);
    RETURN QUERY
    SELECT d.decision_id, d.customer_id, d.order_id, d.document_no, d.decided_on, d.checkpoint, d.outcome, r.outcome, d.reasons, r.reasons
    FROM credit_decision d CROSS JOIN LATERAL replayed(d, replay_decisions.policy, replay_decisions.version) r
    WHERE coalesce(d.decided_on >= from_date, true) AND coalesce(d.decided_on <= to_date, true) AND r.differs
    ORDER BY d.decision_id;
END $$;
COMMENT ON FUNCTION replay_decisions(date, date, text, integer) IS
'Judges all decisions of these business dates (NULL = no bound) again, by their own policy and version or by others, and returns those that come out otherwise: what a stricter policy would have held, what a milder one would have let pass. outcome_replayed is passed, warned, held or refused. Decisions without kept figures can only be replayed by their limits and block. 22023 for no such policy or version.';

-- In words ---------------------------------------------------------------------

CREATE FUNCTION explain_decision(decision_id bigint, language text DEFAULT 'en') RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
DECLARE
    d credit_decision := decision_of(decision_id);
    fr boolean := explain_decision.language = 'fr';
    figures jsonb := decision_figures(d);
    no_limit boolean := coalesce((figures->>'no_limit')::integer = 1 OR NOT (figures->>'decided')::boolean, false);
    currency text := (SELECT l.base_currency FROM ledger l);
    site customer;
    lines text[];
    against text[];
    cures text[];
    may text[];
BEGIN
    IF language IS NULL OR language NOT IN ('en', 'fr') THEN
        RAISE EXCEPTION 'no language "%"', coalesce(language, 'NULL') USING ERRCODE = '22023', HINT = 'It is en or fr.';
    END IF;
    SELECT c.* INTO site FROM customer c WHERE c.customer_id = d.customer_id;
    WITH fired AS (
        SELECT r->>'kind' AS kind, (r->>'rule_id')::bigint AS rule_id, r->>'action' = 'warn' AS warns, (r->>'threshold')::numeric AS threshold,
               figures || jsonb_build_object('threshold', r->'threshold', 'beyond', (r->>'figure')::numeric - (r->>'threshold')::numeric) AS figures
        FROM jsonb_array_elements(CASE WHEN d.results IS NULL THEN (SELECT j.results FROM judge_credit(d.policy, d.policy_version, d.checkpoint, decision_figures(d)) j)
                                       ELSE d.results END) r
        WHERE (r->>'fired')::boolean
    ), worded AS (
        -- What a rule holds, another of its kind need not warn of.
        SELECT fill_words(CASE WHEN fr THEN k.reason_fr ELSE k.reason_en END, f.figures, language)
               || CASE WHEN k.comparison = '>' AND f.threshold <> 0 AND k.reason_en NOT LIKE '%{threshold}%'
                       THEN CASE WHEN fr THEN ', plus de ' ELSE ', more than ' END || figure_words(f.threshold, language) ELSE '' END
               || CASE WHEN f.rule_id IS NOT NULL THEN format(CASE WHEN fr THEN ' (règle %s)' ELSE ' (rule %s)' END, f.rule_id) ELSE '' END
               || CASE WHEN f.warns THEN CASE WHEN fr THEN ' [avertissement]' ELSE ' [warning]' END ELSE '' END AS reason,
               CASE WHEN NOT f.warns THEN fill_words(CASE WHEN fr THEN k.cure_fr ELSE k.cure_en END, f.figures, language) END AS cure
        FROM fired f JOIN blocking_rule_kind k USING (kind)
        WHERE NOT (f.warns AND EXISTS (SELECT FROM fired x WHERE x.kind = f.kind AND NOT x.warns))
      UNION ALL
        SELECT CASE WHEN fr THEN v.reason_fr ELSE v.reason_en END, CASE WHEN fr THEN v.cure_fr ELSE v.cure_en END
        FROM (VALUES ('forced_hold', 'it is held by hand', 'blocage forcé', 'passes once a person releases it', 'passe quand une personne débloque'),
                     ('order_held', 'its order is held', 'la commande est bloquée', 'passes once its order is released', 'passe quand la commande est débloquée'))
             v (reason, reason_en, reason_fr, cure_en, cure_fr)
        WHERE v.reason = ANY (d.reasons)
    )
    SELECT array_agg(DISTINCT w.reason), array_agg(DISTINCT w.cure) FILTER (WHERE w.cure IS NOT NULL) INTO against, cures FROM worded w;
    lines := ARRAY[
        format(CASE WHEN fr THEN 'Décision %s du %s, %s %s, client %s (%s) : %s.' ELSE 'Decision %s of %s, %s %s, customer %s (%s): %s.' END,
            d.decision_id, CASE WHEN fr THEN to_char(d.decided_on, 'DD/MM/YYYY') ELSE to_char(d.decided_on, 'YYYY-MM-DD') END,
            CASE d.checkpoint WHEN 'order' THEN CASE WHEN fr THEN 'commande' ELSE 'order' END WHEN 'delivery' THEN CASE WHEN fr THEN 'livraison' ELSE 'delivery' END
                              ELSE CASE WHEN fr THEN 'facture' ELSE 'invoice' END END,
            coalesce(d.document_no, d.order_id::text), site.code, site.name,
            CASE WHEN fr THEN CASE d.outcome WHEN 'passed' THEN 'acceptée' WHEN 'warned' THEN 'acceptée avec avertissement' WHEN 'held' THEN 'bloquée'
                                             WHEN 'released' THEN 'débloquée' WHEN 'overridden' THEN 'débloquée par dérogation' ELSE 'refusée' END
                 ELSE CASE d.outcome WHEN 'warned' THEN 'passed with a warning' ELSE d.outcome END END),
        format(CASE WHEN fr THEN 'Montant %s %s ; encours %s avant, %s avec ; plafond : %s ; disponible avant : %s.'
                    ELSE 'Amount %s %s; exposure %s before it, %s with it; limit %s; available before it %s.' END,
            figure_words(d.amount, language), currency, coalesce(figure_words(d.exposure_before, language), '-'), coalesce(figure_words(d.exposure_after, language), '-'),
            coalesce(figure_words(d.credit_limit, language), CASE WHEN no_limit THEN CASE WHEN fr THEN 'non décidé' ELSE 'not decided' END
                                                                  ELSE CASE WHEN fr THEN 'illimité' ELSE 'unlimited' END END),
            coalesce(figure_words(d.available, language), CASE WHEN no_limit THEN '-' ELSE CASE WHEN fr THEN 'illimité' ELSE 'unlimited' END END))];
    IF against IS NULL THEN
        lines := lines || CASE WHEN fr THEN 'Rien ne s''y oppose.' ELSE 'Nothing is against it.' END;
    ELSE
        lines := lines || (CASE WHEN fr THEN 'Contre : ' || array_to_string(against, ' ; ') ELSE 'Against it: ' || array_to_string(against, '; ') END || '.');
    END IF;
    IF d.motive IS NOT NULL THEN
        lines := lines || format(CASE WHEN fr THEN 'Par %s : %s%s%s.' ELSE 'By %s: %s%s%s.' END, d.decided_by, d.motive,
            coalesce(CASE WHEN fr THEN ', approuvé par ' ELSE ', approved by ' END || d.approved_by, ''),
            coalesce(CASE WHEN fr THEN ', valable jusqu''au ' || to_char(d.valid_until, 'DD/MM/YYYY') ELSE ', valid until ' || to_char(d.valid_until, 'YYYY-MM-DD') END, ''));
    END IF;
    IF d.outcome = 'held' THEN
        may := coalesce(approvers('release', d.amount, coalesce(site.risk_class, 'C'), site.business_unit), '{manager}');
        lines := lines || (CASE WHEN fr THEN 'Déblocage : ' || coalesce(array_to_string(cures, ' ; et '), '-')
                                ELSE 'Way out: it ' || coalesce(array_to_string(cures, '; and it '), '-') END || '.')
            || format(CASE WHEN fr THEN 'Peut débloquer : %s.' ELSE 'It may be released by: %s.' END, coalesce(nullif(array_to_string(may, ', '), ''), CASE WHEN fr THEN 'personne' ELSE 'nobody' END));
    END IF;
    RETURN array_to_string(lines, E'\n');
END $$;
COMMENT ON FUNCTION explain_decision(bigint, text) IS
'A decision in words, English (en) or French (fr): what was decided with which figures, every reason against it with the rule, who decided and why, and of a hold what would release it and which roles may. Amounts in base currency. CR007 for no such decision, 22023 for another language.';
