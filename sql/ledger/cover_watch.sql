-- Excess by a cut of cover: nothing was ordered, the insurer carries less than
-- when the limit was decided.

INSERT INTO alert_kind (kind, severity, min_exposure, lasting, name_en, name_fr) VALUES
    ('limit_exceeded_by_cover', 'critical', 0, true, 'Cover was cut: the exposure is beyond what is left of the limit', 'Dépassement passif d''encours par réduction de la garantie');

CREATE FUNCTION limit_without_cover(customer_ids bigint[] DEFAULT NULL)
RETURNS TABLE (customer_id bigint, exposure numeric, credit_limit numeric, cover_then numeric, cover_now numeric, approved numeric, limit_left numeric)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT SET jit = off
AS $$
    WITH day AS MATERIALIZED (
        SELECT business_date() AS today
    ), held AS MATERIALIZED (       -- the limit in force
        SELECT DISTINCT ON (l.customer_id) l.customer_id, l.amount_base, l.valid_from, l.recorded_at
        FROM (SELECT DISTINCT c.customer_id FROM insurance_cover c
              WHERE limit_without_cover.customer_ids IS NULL OR c.customer_id = ANY (limit_without_cover.customer_ids)) i
        JOIN credit_limit l USING (customer_id) CROSS JOIN day d
        WHERE l.level = 'customer' AND d.today BETWEEN l.valid_from AND coalesce(l.valid_to, 'infinity')
        ORDER BY l.customer_id, array_position('{temporary,base,trial}', l.kind), l.credit_limit_id DESC
    ), before AS (          -- what stood when it was decided, and what came since
        SELECT b.customer_id, sum(b.amount_base) AS amount
        FROM (SELECT DISTINCT ON (l.customer_id, c.policy_no) l.customer_id, c.amount_base
              FROM held l JOIN insurance_cover c USING (customer_id)
              WHERE c.contract_no IS NULL AND c.recorded_at <= l.recorded_at AND l.valid_from BETWEEN c.valid_from AND coalesce(c.valid_to, 'infinity')
              ORDER BY l.customer_id, c.policy_no, c.cover_id DESC) b
        GROUP BY b.customer_id
      UNION ALL
        SELECT l.customer_id, max(c.amount_base)
        FROM held l JOIN insurance_cover c USING (customer_id) CROSS JOIN day d
        WHERE c.contract_no IS NULL AND c.valid_from <= d.today AND (c.recorded_at > l.recorded_at OR c.valid_from > l.valid_from)
        GROUP BY l.customer_id
    ), present AS (
        SELECT k.customer_id, sum(k.limit_base) AS amount
        FROM cover_lines(ARRAY(SELECT l.customer_id FROM held l ORDER BY l.customer_id), ARRAY(SELECT d.today FROM held l CROSS JOIN day d)) k
        WHERE k.contract_no IS NULL GROUP BY k.customer_id
    )
    SELECT l.customer_id, a.exposure, l.amount_base, b.amount, coalesce(n.amount, 0), o.approved,
           greatest(least(l.amount_base, l.amount_base - b.amount + coalesce(n.amount, 0) + o.approved), 0)
    FROM held l JOIN credit_account a USING (customer_id)
    JOIN (SELECT m.customer_id, max(m.amount) AS amount FROM before m GROUP BY m.customer_id) b USING (customer_id)
    LEFT JOIN present n USING (customer_id) CROSS JOIN day d
    CROSS JOIN LATERAL (SELECT approved_own_risk(l.customer_id, d.today) AS approved) o
    WHERE l.amount_base IS NOT NULL AND b.amount > coalesce(n.amount, 0)
$$;
COMMENT ON FUNCTION limit_without_cover(bigint[]) IS
'Payers (NULL = all) whose cover was cut, cancelled or has ended since the limit in force was decided (plafond après réduction de la garantie), base currency: cover_then is the most that stood at that decision or came after it, cover_now what stands today, limit_left what of the limit is left without the difference, own risk approved counting as cover would. Cover of the buyer, not that of contracts; a limit decided after the cut has taken account of it. No row: nothing was cut, or no amount is decided.';

CREATE FUNCTION watch_cover(customer_ids bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
AS $$
DECLARE
    touched bigint[] := ARRAY(
        SELECT v.customer_id FROM limit_without_cover(watch_cover.customer_ids) v WHERE v.exposure > v.limit_left
        UNION
        SELECT a.customer_id FROM alert a WHERE a.kind = 'limit_exceeded_by_cover' AND a.closed_on IS NULL
                                            AND (watch_cover.customer_ids IS NULL OR a.customer_id = ANY (watch_cover.customer_ids)));
BEGIN
    IF touched = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM lock_accounts(touched);     -- what was being posted is in it now
    RETURN settle_alerts(ARRAY(
        SELECT ROW(v.customer_id, 'limit_exceeded_by_cover', '', NULL,
                   format('cover fell from %s %s to %s %s since the limit of %s %s was decided: the exposure of %s %s exceeds the %s %s left of it by %s %s (passive excess, cover)',
                          trim_scale(v.cover_then), g.base_currency, trim_scale(v.cover_now), g.base_currency, trim_scale(v.credit_limit), g.base_currency,
                          trim_scale(v.exposure), g.base_currency, trim_scale(v.limit_left), g.base_currency, trim_scale(v.exposure - v.limit_left), g.base_currency),
                   format('garantie ramenée de %s %s à %s %s depuis la fixation du plafond de %s %s : encours de %s %s, reste de plafond de %s %s dépassé de %s %s (dépassement passif, assurance)',
                          trim_scale(v.cover_then), g.base_currency, trim_scale(v.cover_now), g.base_currency, trim_scale(v.credit_limit), g.base_currency,
                          trim_scale(v.exposure), g.base_currency, trim_scale(v.limit_left), g.base_currency, trim_scale(v.exposure - v.limit_left), g.base_currency),
                   jsonb_build_object('excess_kind', 'passive', 'cause', 'cover', 'exposure', v.exposure, 'credit_limit', v.credit_limit, 'cover_then', v.cover_then,
                                      'cover_now', v.cover_now, 'own_risk_approved', v.approved, 'limit_left', v.limit_left, 'excess', v.exposure - v.limit_left))::due_alert
        FROM limit_without_cover(touched) v CROSS JOIN ledger g
        WHERE v.exposure > v.limit_left), '{limit_exceeded_by_cover}', touched);
END $$;
COMMENT ON FUNCTION watch_cover(bigint[]) IS
'Opens and closes, for these customers (NULL = all), the alerts limit_exceeded_by_cover (dépassement passif par réduction de la garantie): the exposure is beyond what limit_without_cover() leaves of the limit, as of the business date. What was delivered under the former cover stays insured; the excess is what must come down before more is delivered. A decision on cover, limit or own risk comes here at once, a posting or a day that goes by in the night (watch_deadlines). Returns how many changed. Runs as the owner: alerts are nobody''s to write.';

CREATE FUNCTION cover_or_limit_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF EXISTS (SELECT FROM insurance_cover c JOIN new_rows n USING (customer_id)) THEN
        PERFORM watch_cover(ARRAY(SELECT DISTINCT n.customer_id FROM new_rows n));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION cover_or_limit_moved() IS
'Trigger of insurance_cover, credit_limit and own_risk_approval: a cut raises the alert of its excess at once, without an order; new cover, another limit or an approval of own risk ends it. Runs as the owner: who records them need not see alerts.';
CREATE TRIGGER credit_risk_settle_excess AFTER INSERT ON insurance_cover
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cover_or_limit_moved();
CREATE TRIGGER credit_risk_settle_excess AFTER INSERT ON credit_limit
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cover_or_limit_moved();
CREATE TRIGGER credit_risk_settle_excess AFTER INSERT ON own_risk_approval
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cover_or_limit_moved();
CREATE TRIGGER credit_risk_settle_closed AFTER UPDATE ON own_risk_approval
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cover_or_limit_moved();
