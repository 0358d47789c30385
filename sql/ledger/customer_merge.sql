-- Two records of one customer, merged in the host.
--
-- The keys of facts never change. The former record keeps its documents until
-- they are settled, stands below the other in its group, so that exposure and
-- group limit see both, and takes no new orders; whoever knows the old key is
-- led to the new one.

CREATE TABLE customer_merge (
    customer_id    bigint PRIMARY KEY REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    merged_into_id bigint NOT NULL REFERENCES customer ON UPDATE RESTRICT ON DELETE RESTRICT,
    reason         text NOT NULL CHECK (reason <> ''),
    merged_on      date NOT NULL CHECK (isfinite(merged_on)),
    recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by    text NOT NULL DEFAULT credit_risk.acting_role(),
    CONSTRAINT customer_merge_of_two CHECK (merged_into_id <> customer_id)
);
CREATE INDEX customer_merge_into ON customer_merge (merged_into_id);
COMMENT ON TABLE customer_merge IS 'Facts: customers that turned out to be one (fusion de fiches clients), written by merge_customer().';
COMMENT ON COLUMN customer_merge.customer_id IS 'The former record; merged once.';
COMMENT ON COLUMN customer_merge.merged_into_id IS 'The record that goes on.';
COMMENT ON COLUMN customer_merge.reason IS 'Why.';
COMMENT ON COLUMN customer_merge.merged_on IS 'Business date.';
COMMENT ON COLUMN customer_merge.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN customer_merge.recorded_by IS 'Role that recorded it.';
CREATE TRIGGER credit_risk_fact BEFORE UPDATE OR DELETE ON customer_merge
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON customer_merge
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION current_customer(customer_id bigint) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
    WITH RECURSIVE onward AS (
        SELECT current_customer.customer_id AS id, 0 AS step
      UNION ALL
        SELECT m.merged_into_id, o.step + 1 FROM onward o JOIN customer_merge m ON m.customer_id = o.id
    )
    SELECT id FROM onward ORDER BY step DESC LIMIT 1
$$;
COMMENT ON FUNCTION current_customer(bigint) IS
'The customer that goes on for this one: itself, or what it was merged into, as often as it was. NULL for NULL.';

CREATE FUNCTION merge_customer(from_id bigint, to_id bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    former customer;
    kept customer;
BEGIN
    -- One at a time: two merges that are right alone could lead in a circle.
    PERFORM pg_advisory_xact_lock(hashtext('credit_risk merge'), 'customer_merge'::regclass::oid::integer);
    SELECT c.* INTO former FROM customer c WHERE c.customer_id = from_id;
    SELECT c.* INTO kept FROM customer c WHERE c.customer_id = to_id;
    IF former.customer_id IS NULL OR kept.customer_id IS NULL THEN
        RAISE EXCEPTION 'customer % does not exist', coalesce(CASE WHEN former.customer_id IS NULL THEN from_id ELSE to_id END::text, 'NULL')
            USING ERRCODE = 'CR004', HINT = 'customer_id(code) is NULL where no customer has that code.';
    ELSIF from_id = to_id THEN
        RAISE EXCEPTION 'customer "%" cannot be merged into itself', former.code USING ERRCODE = 'CR004';
    ELSIF EXISTS (SELECT FROM customer_merge m WHERE m.customer_id = from_id) THEN
        RAISE EXCEPTION 'customer "%" is merged already', former.code
            USING ERRCODE = 'CR012', DETAIL = (SELECT format('It goes on as "%s" since %s.', c.code, m.merged_on)
                                               FROM customer_merge m JOIN customer c ON c.customer_id = m.merged_into_id WHERE m.customer_id = from_id);
    ELSIF current_customer(to_id) <> to_id THEN
        RAISE EXCEPTION 'customer "%" is merged itself', kept.code
            USING ERRCODE = 'CR012', HINT = format('Merge into customer %s, as which it goes on.', current_customer(to_id));
    ELSIF former.payer_id <> from_id OR kept.payer_id <> to_id THEN
        RAISE EXCEPTION 'customer "%" has another payer', CASE WHEN former.payer_id <> from_id THEN former.code ELSE kept.code END
            USING ERRCODE = 'CR004', HINT = 'Merge the payers; a site is given its new payer by UPDATE customer.';
    ELSIF coalesce(merge_customer.reason, '') = '' THEN
        RAISE EXCEPTION 'a merge needs a reason' USING ERRCODE = '22023';
    END IF;
    INSERT INTO customer_merge (customer_id, merged_into_id, reason, merged_on)
    VALUES (from_id, to_id, merge_customer.reason, business_date());
    UPDATE customer c SET payer_id = to_id WHERE c.payer_id = from_id AND c.customer_id <> from_id;
    -- The record that goes on may have stood below the other: they change places.
    IF kept.parent_id = from_id THEN
        UPDATE customer c SET parent_id = former.parent_id WHERE c.customer_id = to_id;
    END IF;
    UPDATE customer c SET lifecycle = 'former', blocked = true, parent_id = to_id WHERE c.customer_id = from_id;
    RETURN to_id;
END $$;
COMMENT ON FUNCTION merge_customer(bigint, bigint, text) IS
'Merges a customer into another (fusion de fiches clients), on record: its sites go to the other payer, it becomes former, is blocked for new orders and stands below the other in the group; its documents keep their key until they are settled. Returns the customer that goes on. CR004 for customers that do not exist, are the same or are no payers, CR012 for one that is merged, CR005 if the group would go in a circle, 22023 without a reason. Runs as the owner: merges are nobody''s to write.';
