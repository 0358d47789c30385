-- The screen of make demo: SELECT demo.screen('en') or ('fr'), a line a row.
-- Every figure is read from the view that the title names; nothing is kept.

-- Words of the screen, in the two languages.
CREATE FUNCTION demo.word(lang text, en text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
AS $$
    SELECT CASE WHEN lang = 'fr' THEN coalesce((
        SELECT w.fr FROM (VALUES
            ('ledger', 'registre'), ('incl. VAT', 'TTC'), ('as of', 'au'), ('customers', 'clients'), ('seed', 'graine'),
            ('AGED BALANCE (days past due)', 'BALANCE ÂGÉE (jours de retard)'), ('class', 'classe'), ('cust.', 'clients'),
            ('not due', 'non échu'), ('1-30', '1-30 j'), ('31-60', '31-60 j'), ('61-90', '61-90 j'), ('>90', '> 90 j'),
            ('total', 'total'), ('overdue', '% échu'), ('none', 'sans'),
            ('unapplied cash', 'règlements non lettrés'),
            ('= net of all accounts, difference', '= net des comptes, écart'),
            ('DSO (days, count-back)', 'DSO (jours, par épuisement)'), ('best possible', 'meilleur possible'),
            ('lost to lateness', 'dû aux retards'),
            ('EXPOSURE AGAINST LIMIT (the 5 largest, the 3 furthest over; ! over limit)',
             'ENCOURS / PLAFOND (les 5 plus gros, les 3 plus dépassés ; ! dépassé)'),
            ('customer', 'client'), ('cl', 'cl'), ('open items', 'factures'), ('to bill', 'à facturer'), ('orders', 'commandes'),
            ('cash', 'non lettré'), ('drafts', 'effets'), ('exposure', 'encours'), ('limit', 'plafond'), ('used', 'util.'), ('unlimited', 'illimité'),
            ('TWO ORDERS, JUST WRITTEN', 'DEUX COMMANDES, À L''INSTANT'), ('passed', 'ACCEPTÉE'), ('held', 'BLOQUÉE'),
            ('warned', 'SIGNALÉE'), ('available', 'disponible'), ('by', 'de'),
            ('credit_limit_exceeded', 'plafond dépassé :'), ('no_credit_limit', 'aucun plafond décidé'),
            ('customer_blocked', 'client bloqué'),
            ('fits once invoice %s (%s, %s d late) is paid: %s <= %s', 'déblocage si facture %s (%s, %s j de retard) réglée : %s <= %s'),
            ('fits once exposure has fallen by %s', 'déblocage si l''encours baisse de %s'),
            ('or with a limit of %s; or a manager''s override, on record', 'ou avec un plafond de %s ; ou forçage par un responsable, consigné'),
            ('TONIGHT', 'RELANCES DU JOUR'), ('e-mail', 'e-mail'), ('sms', 'SMS'), ('call', 'appel'), ('letter', 'lettre'),
            ('registered', 'recommandé'), ('portal', 'portail'), ('task', 'tâche'), ('to approve', 'à valider'),
            ('nothing to send', 'aucune relance'), ('held back, overdue items', 'retenus, postes échus'), ('dispute', 'litige'),
            ('promise', 'promesse'), ('cash to match', 'règlement à lettrer'), ('level', 'niveau'), ('channel', 'canal'),
            ('oldest invoice', 'facture la plus ancienne'), ('items', 'postes'), ('amount', 'montant'),
            ('SCORES AND EARLY WARNING', 'SCORES ET ALERTES PRÉCOCES'), ('calculated class', 'classe calculée'), ('unscored', 'non notés'),
            ('worse than the class by hand', 'pires que la classe donnée'), ('worst scored', 'les moins bien notés'), ('score', 'score'),
            ('PD', 'PD'), ('costs most (points of the maximum)', 'ce qui coûte le plus (points sur maximum)'),
            ('nobody is scored', 'aucun client noté'),
            ('would reach class %s by %s %s alone (now %s): %s', 'atteindrait la classe %s par %s %s seul (actuel %s) : %s'),
            ('no single change reaches the next class', 'aucun changement seul n''atteint la classe suivante'), ('early warning', 'alerte précoce'),
            ('critical', 'critiques'), ('score fallen', 'score en baisse'), ('worse class', 'classe dégradée'), ('watch list', 'sous surveillance'),
            ('signals', 'signaux'), ('payment delay', 'retard'), ('paid on time', 'à l''heure'), ('oldest overdue', 'plus ancien échu'),
            ('delay trend', 'tendance du retard'), ('broken promises', 'promesses rompues'), ('equity ratio', 'autonomie fin.'),
            ('financial charges', 'charges fin.'), ('net cash', 'trésorerie nette'), ('age of accounts', 'âge des comptes'),
            ('insurer answer', 'réponse assureur'), ('external rating', 'notation externe'), ('age of firm', 'ancienneté'),
            ('bureau report', 'inscriptions'), ('on time drop', 'à l''heure en baisse'), ('returned payments', 'rejets'),
            ('partial payments', 'paiements partiels'), ('limit creeping', 'plafond grignoté'), ('order surge', 'commandes en hausse'),
            ('new disputes', 'litiges'), ('rating drop', 'notation en baisse'), ('score drop', 'score en baisse'),
            ('TIES OUT', 'TOUT CONCORDE'), ('DOES NOT TIE', 'NE CONCORDE PAS'), ('rows', 'ligne'),
            ('buckets = items = facts', 'tranches = postes = faits'),
            ('%s of %s as-of dates reproduced', '%s arrêtés sur %s reproduits'), ('s', 's')
        ) w (en, fr) WHERE w.en = word.en), en) ELSE en END
$$;

CREATE FUNCTION demo.amount(lang text, amount numeric) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN lang = 'fr' THEN translate(t, ',.', ' ,') ELSE t END
    FROM (SELECT coalesce(CASE WHEN amount = trunc(amount, 2) THEN to_char(amount, 'FM999,999,999,999,990.00')
                               ELSE to_char(amount, 'FM999,999,999,999,990.00####') END, '-') AS t) f
$$;

CREATE FUNCTION demo.figure(lang text, figure numeric, decimals integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(CASE WHEN lang = 'fr' THEN translate(t, ',.', ' ,') ELSE t END, '-')
    FROM (SELECT to_char(round(figure, decimals), 'FM999,999,999,999,990' || CASE WHEN decimals > 0 THEN '.' || repeat('0', decimals) ELSE '' END) AS t) f
$$;

CREATE FUNCTION demo.day(lang text, day date) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT to_char(day, CASE WHEN lang = 'fr' THEN 'DD/MM/YYYY' ELSE 'YYYY-MM-DD' END) $$;

CREATE FUNCTION demo.month(lang text, month date) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN lang = 'fr' THEN ('{janv.,févr.,mars,avr.,mai,juin,juil.,août,sept.,oct.,nov.,déc.}'::text[])[extract(month FROM month)::integer]
                ELSE to_char(month, 'Mon') END
$$;

-- A text in a column of this width, the longer one cut.
CREATE FUNCTION demo.cell(content text, width integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT rpad(CASE WHEN length(content) >= width THEN left(content, width - 2) || '.' ELSE content END, width) $$;

CREATE FUNCTION demo.title(title text, source text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT title || lpad(source, greatest(98 - length(title), length(source) + 1)) $$;

CREATE FUNCTION demo.screen(lang text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz := clock_timestamp();
    today date := business_date();
    row record;
    cure record;
    held record;
    months record;
    total ageing_total;
    difference numeric;
    wrong bigint;
    sums numeric[];
    reproduced record;
BEGIN
    SELECT format('credit_risk · %s %s · %s · %s %s · %s %s · %s', demo.word(lang, 'ledger'), current_schema, l.base_currency ||
                  CASE WHEN s.with_tax THEN ' ' || demo.word(lang, 'incl. VAT') ELSE '' END,
                  demo.word(lang, 'as of'), demo.day(lang, today), (SELECT count(*) FROM customer), demo.word(lang, 'customers'),
                  CASE WHEN s.with_tax THEN replace(s.origin, 'seed', demo.word(lang, 'seed')) ELSE s.origin END)
    INTO row FROM ledger l, demo.setting s;
    RETURN NEXT row.format;

    RETURN NEXT demo.title('1 ' || demo.word(lang, 'AGED BALANCE (days past due)'), 'ageing_by_customer, ageing_total');
    RETURN NEXT demo.cell(demo.word(lang, 'class'), 7) || lpad(demo.word(lang, 'cust.'), 7) || lpad(demo.word(lang, 'not due'), 14) || lpad(demo.word(lang, '1-30'), 12)
                || lpad(demo.word(lang, '31-60'), 12) || lpad(demo.word(lang, '61-90'), 11) || lpad(demo.word(lang, '>90'), 12)
                || lpad(demo.word(lang, 'total'), 14) || lpad(demo.word(lang, 'overdue'), 9);
    FOR row IN
        SELECT * FROM (
            SELECT 1 AS place, coalesce(b.risk_class, demo.word(lang, 'none')) AS label, count(*) AS customers, sum(b.not_due) AS not_due,
                   sum(b.d1_30) AS d1_30, sum(b.d31_60) AS d31_60, sum(b.d61_90) AS d61_90, sum(b.over_90) AS over_90,
                   sum(b.total) AS total, sum(b.overdue) AS overdue
            FROM ageing_by_customer b WHERE b.items > 0 GROUP BY b.risk_class
          UNION ALL
            SELECT 2, demo.word(lang, 'total'), (SELECT count(*) FROM ageing_by_customer WHERE items > 0), t.not_due, t.d1_30, t.d31_60, t.d61_90, t.over_90,
                   t.total, t.overdue
            FROM ageing_total t) b
        ORDER BY b.place, b.label
    LOOP
        RETURN NEXT demo.cell(row.label, 7) || lpad(row.customers::text, 7) || lpad(demo.amount(lang, row.not_due), 14) || lpad(demo.amount(lang, row.d1_30), 12)
                    || lpad(demo.amount(lang, row.d31_60), 12) || lpad(demo.amount(lang, row.d61_90), 11) || lpad(demo.amount(lang, row.over_90), 12)
                    || lpad(demo.amount(lang, row.total), 14) || lpad(demo.figure(lang, 100 * row.overdue / nullif(row.total, 0), 1) || ' %', 9);
    END LOOP;
    SELECT t.* INTO total FROM ageing_total t;
    SELECT total.total - total.unapplied - sum(a.receivable - a.unapplied) INTO difference FROM credit_account a;
    RETURN NEXT format('%s %s -> %s %s %s', demo.word(lang, 'unapplied cash'), demo.amount(lang, -total.unapplied),
                       demo.amount(lang, total.total - total.unapplied),
                       demo.word(lang, '= net of all accounts, difference'), demo.amount(lang, difference));

    SELECT string_agg(lpad(demo.month(lang, d.month), 9), '' ORDER BY d.month) AS names,
           string_agg(lpad(demo.figure(lang, d.dso, 1), 9), '' ORDER BY d.month) AS dso,
           string_agg(lpad(demo.figure(lang, d.best_possible_dso, 1), 9), '' ORDER BY d.month) AS best,
           string_agg(lpad(demo.figure(lang, round(d.dso, 1) - round(d.best_possible_dso, 1), 1), 9), '' ORDER BY d.month) AS lost
    INTO months FROM (SELECT m.* FROM dso_by_month m ORDER BY m.month DESC LIMIT 6) d;
    RETURN NEXT demo.title(demo.cell('2 ' || demo.word(lang, 'DSO (days, count-back)'), 30) || months.names, 'dso_by_month');
    RETURN NEXT demo.cell('  DSO', 30) || months.dso;
    RETURN NEXT demo.cell('  ' || demo.word(lang, 'best possible'), 30) || months.best;
    RETURN NEXT demo.cell('  ' || demo.word(lang, 'lost to lateness'), 30) || months.lost;

    RETURN NEXT demo.title('3 ' || demo.word(lang, 'EXPOSURE AGAINST LIMIT (the 5 largest, the 3 furthest over; ! over limit)'), 'exposure');
    RETURN NEXT demo.cell(demo.word(lang, 'customer'), 15) || demo.cell(demo.word(lang, 'cl'), 3) || lpad(demo.word(lang, 'open items'), 11)
                || lpad(demo.word(lang, 'drafts'), 10) || lpad(demo.word(lang, 'to bill'), 11) || lpad(demo.word(lang, 'orders'), 11)
                || lpad(demo.word(lang, 'cash'), 11) || lpad(demo.word(lang, 'exposure'), 11) || lpad(demo.word(lang, 'limit'), 9) || lpad(demo.word(lang, 'used'), 6);
    FOR row IN
        SELECT e.* FROM (SELECT x.*, row_number() OVER (ORDER BY x.exposure DESC, x.customer_id) AS largest,
                                row_number() OVER (ORDER BY x.exposure - x.credit_limit DESC NULLS LAST, x.customer_id) AS furthest
                         FROM exposure x) e
        WHERE e.largest <= 5 OR (e.furthest <= 3 AND e.exposure > e.credit_limit)
        ORDER BY e.exposure DESC, e.customer_id
    LOOP
        RETURN NEXT demo.cell(row.name, 15) || demo.cell(coalesce(row.risk_class, '-'), 3) || lpad(demo.amount(lang, row.receivable), 11)
                    || lpad(demo.amount(lang, row.unmatured), 10) || lpad(demo.amount(lang, row.unbilled), 11) || lpad(demo.amount(lang, row.open_orders), 11)
                    || lpad(demo.amount(lang, -row.unapplied), 11) || lpad(demo.amount(lang, row.exposure), 11)
                    || lpad(coalesce(demo.figure(lang, row.credit_limit, 0), demo.word(lang, 'unlimited')), 9)
                    || lpad(demo.figure(lang, row.utilization_pct, 0) || ' %', 6) || CASE WHEN row.exposure > row.credit_limit THEN ' !' ELSE '' END;
    END LOOP;

    RETURN NEXT demo.title('4 ' || demo.word(lang, 'TWO ORDERS, JUST WRITTEN'), 'place_order, credit_decision');
    FOR row IN
        SELECT d.*, c.name FROM demo.placed p JOIN credit_decision d USING (customer_id, decision_id) JOIN customer c USING (customer_id) ORDER BY p.place
    LOOP
        RETURN NEXT demo.cell(row.document_no, 9) || demo.cell(row.name, 21) || lpad(demo.amount(lang, row.amount), 11) || ' '
                    || demo.cell(upper(demo.word(lang, row.outcome)), 10)
                    || CASE row.outcome
                       WHEN 'passed' THEN format('%s %s -> %s', demo.word(lang, 'available'), demo.amount(lang, row.available),
                                                 demo.amount(lang, row.credit_limit - row.exposure_after))
                       ELSE (SELECT string_agg(CASE r WHEN 'credit_limit_exceeded'
                                 THEN format('%s > %s %s %s', demo.amount(lang, row.exposure_after), demo.amount(lang, row.credit_limit),
                                             demo.word(lang, 'by'), demo.amount(lang, row.exposure_after - row.credit_limit))
                                 ELSE demo.word(lang, r) END, '; ') FROM unnest(row.reasons) r) END;
        IF row.outcome <> 'passed' THEN
            SELECT v.invoice_no, v.open_amount_base, v.days_overdue INTO cure FROM overdue_item v
            WHERE v.customer_id = row.customer_id AND v.open_amount_base >= row.exposure_after - row.credit_limit
            ORDER BY v.due_on, v.invoice_id, v.instalment_no LIMIT 1;
            RETURN NEXT repeat(' ', 9) || CASE WHEN FOUND
                THEN format(demo.word(lang, 'fits once invoice %s (%s, %s d late) is paid: %s <= %s'), cure.invoice_no, demo.amount(lang, cure.open_amount_base),
                            cure.days_overdue, demo.amount(lang, row.exposure_after - cure.open_amount_base), demo.amount(lang, row.credit_limit))
                ELSE format(demo.word(lang, 'fits once exposure has fallen by %s'), demo.amount(lang, row.exposure_after - row.credit_limit)) END;
            RETURN NEXT repeat(' ', 9) || format(demo.word(lang, 'or with a limit of %s; or a manager''s override, on record'), demo.amount(lang, row.exposure_after));
        END IF;
    END LOOP;

    RETURN NEXT demo.title('5 ' || demo.word(lang, 'TONIGHT'), 'dunning_queue, dunning_postponement, dispute, promise');
    SELECT string_agg(format('%s %s%s', demo.word(lang, q.channel), q.actions,
                             CASE WHEN q.proposed > 0 THEN format(' (%s %s)', q.proposed, demo.word(lang, 'to approve')) ELSE '' END), ' · '
                      ORDER BY q.actions DESC, q.channel) || format(' · %s %s, %s', demo.word(lang, 'total'), sum(q.actions), demo.amount(lang, sum(q.amount))) AS line
    INTO row
    FROM (SELECT channel, count(*) AS actions, count(*) FILTER (WHERE status = 'proposed') AS proposed, sum(amount) AS amount
          FROM dunning_queue GROUP BY channel) q;
    RETURN NEXT coalesce(row.line, demo.word(lang, 'nothing to send'));
    SELECT count(*) FILTER (WHERE d.disputed) AS disputed, count(*) FILTER (WHERE NOT d.disputed AND p.promised) AS promised,
           count(*) FILTER (WHERE NOT d.disputed AND NOT p.promised AND w.reason = 'cash received, match first') AS covered
    INTO held
    FROM open_item o
    CROSS JOIN LATERAL (SELECT coalesce(sum(c.amount) >= o.open_amount, false) AS disputed FROM dispute c
                        WHERE c.customer_id = o.customer_id AND c.invoice_id = o.invoice_id AND c.instalment_no = o.instalment_no AND c.closed_on IS NULL) d
    CROSS JOIN LATERAL (SELECT count(*) > 0 AS promised FROM promise q
                        WHERE q.customer_id = o.customer_id AND coalesce(q.invoice_id, o.invoice_id) = o.invoice_id AND q.currency = o.currency
                          AND q.closed_on IS NULL) p
    LEFT JOIN LATERAL (SELECT b.reason FROM dunning_postponement b
                       WHERE b.customer_id = o.customer_id AND b.invoice_id = o.invoice_id AND b.instalment_no = o.instalment_no AND b.until = o.parked_until
                       ORDER BY b.run_on DESC LIMIT 1) w ON true
    WHERE o.kind <> 'credit_note' AND o.due_on < today;
    RETURN NEXT format(CASE lang WHEN 'fr' THEN '%s : %s %s, %s %s, %s %s' ELSE '%s: %s %s, %s %s, %s %s' END, demo.word(lang, 'held back, overdue items'), demo.word(lang, 'dispute'), held.disputed,
                       demo.word(lang, 'promise'), held.promised, demo.word(lang, 'cash to match'), held.covered);
    IF row.line IS NOT NULL THEN
        RETURN NEXT demo.cell(demo.word(lang, 'customer'), 26) || lpad(demo.word(lang, 'level'), 7) || '  ' || demo.cell(demo.word(lang, 'channel'), 12)
                    || lpad(demo.word(lang, 'items'), 7) || lpad(demo.word(lang, 'amount'), 14) || '  ' || demo.word(lang, 'oldest invoice');
    END IF;
    FOR row IN
        SELECT q.*, i.invoice_no FROM dunning_queue q JOIN dunning_action d USING (customer_id, action_id)
        JOIN invoice i ON (i.customer_id, i.invoice_id) = (d.customer_id, d.lead_invoice_id)
        ORDER BY q.amount DESC, q.action_id LIMIT 5
    LOOP
        RETURN NEXT demo.cell(row.name, 26) || lpad(row.dunning_level::text, 7) || '  ' || demo.cell(demo.word(lang, row.channel), 12)
                    || lpad(row.items::text, 7) || lpad(demo.amount(lang, row.amount), 14) || '  ' || row.invoice_no;
    END LOOP;

    RETURN NEXT demo.title('6 ' || demo.word(lang, 'SCORES AND EARLY WARNING'), 'current_score, what_would_move, early_warning_list');
    SELECT coalesce(string_agg(format('%s %s', k.risk_class, k.customers), ' · ' ORDER BY k.risk_class) FILTER (WHERE k.customers > 0), '-') AS classes, coalesce(sum(k.unscored), 0) AS unscored,
           (SELECT count(*) FROM class_status s WHERE s.calculated_class > s.manual_class) AS worse
    INTO row
    FROM (SELECT s.risk_class, count(*) FILTER (WHERE s.score IS NOT NULL) AS customers, count(*) FILTER (WHERE s.score IS NULL) AS unscored FROM current_score s GROUP BY s.risk_class) k;
    RETURN NEXT demo.word(lang, 'calculated class') || format(CASE lang WHEN 'fr' THEN ' : %s · %s %s · %s %s' ELSE ': %s · %s %s · %s %s' END,
                       row.classes, demo.word(lang, 'unscored'), row.unscored, row.worse, demo.word(lang, 'worse than the class by hand'));
    RETURN NEXT demo.cell(demo.word(lang, 'worst scored'), 22) || lpad(demo.word(lang, 'score'), 6) || '  ' || demo.cell(demo.word(lang, 'cl'), 3) || lpad(demo.word(lang, 'PD'), 6)
                || '   ' || demo.word(lang, 'costs most (points of the maximum)');
    FOR row IN
        SELECT s.*, r.words, m.class_then, m.characteristic, m.needed, m.value, m.score_then
        FROM current_score s JOIN credit_account a USING (customer_id)
        CROSS JOIN LATERAL (SELECT string_agg(format('%s %s/%s', demo.word(lang, replace(x.characteristic, '_', ' ')), trim_scale(x.points), trim_scale(x.max_points)), ', ' ORDER BY x.reason_rank) AS words
                            FROM explain_score(s.customer_id) x WHERE x.reason_rank <= 3) r
        LEFT JOIN LATERAL (SELECT w.* FROM what_would_move(s.customer_id) w LIMIT 1) m ON true
        WHERE s.score IS NOT NULL AND a.exposure > 0 ORDER BY s.rating, a.exposure DESC, s.customer_id LIMIT 2
    LOOP
        RETURN NEXT demo.cell(row.name, 22) || lpad(demo.figure(lang, row.score, 1), 6) || '  ' || demo.cell(coalesce(row.risk_class, '-'), 3)
                    || lpad(demo.figure(lang, (100 * row.pd)::numeric, 1), 6) || ' % ' || row.words;
        RETURN NEXT '  ' || CASE WHEN row.characteristic IS NULL THEN demo.word(lang, 'no single change reaches the next class')
                                 ELSE format(demo.word(lang, 'would reach class %s by %s %s alone (now %s): %s'), row.class_then, demo.word(lang, replace(row.characteristic, '_', ' ')), row.needed,
                                             CASE WHEN row.value ~ '^-?[0-9.]+$' THEN demo.figure(lang, row.value::numeric, 1) ELSE coalesce(row.value, '-') END,
                                             demo.figure(lang, row.score_then, 1)) END;
    END LOOP;
    RETURN NEXT (SELECT format('%s %s (%s %s)', demo.word(lang, 'early warning'), count(*), count(*) FILTER (WHERE w.severity = 'critical'), demo.word(lang, 'critical')) FROM early_warning_list w)
                || (SELECT format(' · %s %s · %s %s', demo.word(lang, 'score fallen'), count(*) FILTER (WHERE a.kind = 'score_drop'), demo.word(lang, 'worse class'),
                                  count(*) FILTER (WHERE a.kind = 'class_downgrade')) FROM open_alert a)
                || (SELECT format(' · %s %s', demo.word(lang, 'watch list'), count(DISTINCT w.customer_id)) FROM watched_customer w);
    FOR row IN
        SELECT w.*, (SELECT string_agg(demo.word(lang, replace(s, '_', ' ')), ', ' ORDER BY n) FROM unnest(w.signal_names) WITH ORDINALITY u (s, n)) AS words
        FROM early_warning_list w ORDER BY array_position('{critical,warning,info}', w.severity), w.exposure DESC, w.customer_id LIMIT 3
    LOOP
        RETURN NEXT rtrim(demo.cell(row.name, 26) || demo.cell(coalesce(row.risk_class, '-'), 3) || lpad(demo.amount(lang, row.exposure), 13)
                    || lpad(row.signals::text, 3) || '  ' || CASE WHEN length(row.words) > 52 THEN left(row.words, 51) || '.' ELSE row.words END);
    END LOOP;

    SELECT count(*) INTO wrong FROM verify();
    sums := ARRAY[(SELECT sum(b.amount) FROM ageing_total t, buckets(t.ageing) b), (SELECT sum(o.open_amount_base) FROM open_item o),
                  (SELECT sum(f.amount_base) FROM receivable_fact f)];
    -- What was told on a past day is compared row by row with what is said of that day now.
    SELECT count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM (SELECT * FROM demo.told o WHERE o.as_of = t.as_of) o FULL JOIN ageing_as_of(t.as_of) n USING (customer_id)
               WHERE (o.not_due, o.d1_30, o.d31_60, o.d61_90, o.over_90, o.total, o.overdue, o.unapplied, o.oldest_days, o.items)
                     IS DISTINCT FROM (n.not_due, n.d1_30, n.d31_60, n.d61_90, n.over_90, n.total, n.overdue, n.unapplied, n.oldest_days, n.items))) AS dates,
           count(*) AS told INTO reproduced FROM demo.told_on t;
    RETURN NEXT format('7 %s  verify() %s %s · %s · %s  %s %s',
                       demo.word(lang, CASE WHEN wrong = 0 AND difference = 0 AND sums[1] = sums[2] AND sums[2] = sums[3] AND reproduced.dates = reproduced.told
                                            THEN 'TIES OUT' ELSE 'DOES NOT TIE' END),
                       wrong, demo.word(lang, 'rows'),
                       CASE WHEN sums[1] = sums[2] AND sums[2] = sums[3] THEN demo.word(lang, 'buckets = items = facts')
                            ELSE format('%s / %s / %s', demo.amount(lang, sums[1]), demo.amount(lang, sums[2]), demo.amount(lang, sums[3])) END,
                       format(demo.word(lang, '%s of %s as-of dates reproduced'), reproduced.dates, reproduced.told),
                       demo.figure(lang, extract(epoch FROM clock_timestamp() - started)::numeric, 1), demo.word(lang, 's'));
END $$;

-- For terminals that know no accents.
CREATE FUNCTION demo.plain(line text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT translate(line, '·ÂÀÉÊÈÎÔÛÇâàäáéêèëîïíôöóûùüúçñ', '|AAEEEIOUCaaaaeeeeiiiooouuuucn') $$;
