-- Whether attached tables and their ledger agree.

CREATE FUNCTION credit_risk.attachment_check(ledger text)
RETURNS TABLE (attachment text, external_ref text, problem text, host_says text, ledger_says text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text;
    relation regclass;
    mapping jsonb;
    host_key text;
    is_alone boolean;       -- of its kind
    part regclass;
    given record;
    keys text[];
    host jsonb;
    found_rows bigint;
    made text;
BEGIN
    PERFORM credit_risk.require_own_ledger(ledger);
    FOR attachment, kind, relation, mapping, host_key, is_alone IN EXECUTE format(
        'SELECT a.attachment, a.kind, a.relation, a.mapping, a.host_key, count(*) OVER (PARTITION BY a.kind) = 1 FROM %I.attachment a ORDER BY array_position(%L, a.kind), a.attachment',
        ledger, '{customer,sales_order,delivery,invoice,payment,allocation}'::text[])
    LOOP
        made := format('%I.%I', ledger, 'attached_' || attachment);
        external_ref := NULL;
        ledger_says := NULL;
        IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = relation) OR to_regclass(made) IS NULL THEN
            problem := 'the table or its view is gone';
            host_says := relation::text;
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF row_security_active(relation) THEN
            problem := 'row security hides rows';
            host_says := relation::text;
            RETURN NEXT;
            CONTINUE;
        END IF;
        FOR part IN SELECT * FROM credit_risk.relation_tree(relation) LOOP
            IF (SELECT count(*) FROM pg_trigger g WHERE g.tgrelid = part AND g.tgfoid = to_regprocedure(made || '()') AND g.tgenabled <> 'D') < 4 THEN
                problem := 'trigger missing or disabled';
                host_says := part::text;
                RETURN NEXT;
            END IF;
        END LOOP;
        FOR given IN SELECT c.column_name, coalesce(mapping->>c.column_name, host_key) AS expression, c.type_name
                     FROM (SELECT n.column_name, n.type_name FROM credit_risk.attachable_columns(kind) n
                           UNION ALL VALUES ('external_ref', 'text'), ('active_when', 'boolean')) c
                     WHERE c.column_name = 'external_ref' OR mapping ? c.column_name LOOP
            BEGIN
                PERFORM credit_risk.check_expression(relation, given.expression, given.type_name, given.column_name);
            EXCEPTION WHEN OTHERS THEN
                problem := 'mapping no longer fits';
                host_says := SQLERRM;
                RETURN NEXT;
            END;
        END LOOP;
        FOR keys, host, found_rows IN EXECUTE credit_risk.host_batches(made) LOOP
            EXIT WHEN found_rows = 0;
            RETURN QUERY EXECUTE format('SELECT $1, p.* FROM %I.attachment_problem($1, $2, $3, $4, $5) p ORDER BY p.external_ref, p.problem', ledger)
                         USING attachment, kind, keys, host, ARRAY(SELECT jsonb_object_keys(mapping));
        END LOOP;
        RETURN QUERY EXECUTE format(
            'SELECT $1, k.external_ref, ''not in the host'', NULL, k.document
             FROM (SELECT d.external_ref, ''document '' || d.document_id AS document FROM %1$I.attached_document d WHERE d.attachment = $1
                 UNION SELECT m.external_ref, NULL FROM %1$I.attached_allocation m WHERE m.attachment = $1
                 UNION SELECT c.external_ref, c.code FROM %1$I.customer c WHERE $2 AND c.external_ref IS NOT NULL AND c.lifecycle <> ''former'') k
             WHERE NOT EXISTS (SELECT FROM %2$s v WHERE v.external_ref = k.external_ref) ORDER BY 2, 5', ledger, made)
            USING attachment, kind = 'customer' AND is_alone;
    END LOOP;
END $$;
COMMENT ON FUNCTION credit_risk.attachment_check(text) IS
'What is mapped wrongly and where attached tables and their ledger differ; no row when all is well. attachment, external_ref (the host''s key; NULL = the table as a whole), problem (trigger missing or disabled, row security hides rows, mapping no longer fits, no customer, unknown customer, unknown order, no amount, not in the ledger, not in the host, amount differs, customer differs, taken back in the ledger, unknown invoice, payment of another customer and others), and what both say. attach() with the same mapping once more writes what differs. Reads whole tables. Only for the ledger''s owner (42501).';
