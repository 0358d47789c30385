-- Attach the tables of an application to a ledger.
--
-- A mapping says, column by column, which SQL expression over a host row gives
-- a column of the ledger. It becomes one view; a statement on the host's table
-- then fires one trigger function, which hands the rows that it touched to the
-- ledger's own functions (sql/ledger/attachment*.sql) in the same transaction.

CREATE FUNCTION credit_risk.attachable_columns(kind text)
RETURNS TABLE (column_name text, type_name text, is_required boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT split_part(c, ' ', 1), rtrim(split_part(c, ' ', 2), '!'), right(c, 1) = '!'
    FROM (VALUES
        ('customer', 'code text,name text!,lifecycle text,siren text,siret text,parent_id text,payer_id text,country text,language text,currency text,terms text,'
                     'payment_method text,risk_class text,blocked boolean,policy_group text,business_unit text,credit_mode text,credit_limit numeric'),
        ('sales_order', 'customer_id text!,site_id text,order_no text,ordered_on date,deliver_on date,amount numeric!,tax_amount numeric,currency text,terms text,'
                        'payment_method text,contract_no text'),
        ('delivery', 'customer_id text,site_id text,order_id text,delivery_no text,delivered_on date,amount numeric,currency text'),
        ('invoice', 'customer_id text!,site_id text,invoice_no text,kind text,order_id text,delivery_id text,issued_on date,due_on date,instalment_due_on date[],'
                    'instalment_amount numeric[],terms text,amount numeric!,tax_amount numeric,currency text'),
        ('payment', 'customer_id text!,payment_no text,received_on date,amount numeric!,currency text,method text,acceptance text,matures_on date,reference text'),
        ('allocation', 'invoice_id text!,instalment_no integer,payment_id text,credit_invoice_id text,amount numeric!,effective_on date')) k (kind, columns)
    CROSS JOIN LATERAL unnest(string_to_array(k.columns, ',')) WITH ORDINALITY u (c, place)
    WHERE k.kind = attachable_columns.kind ORDER BY place
$$;
COMMENT ON FUNCTION credit_risk.attachable_columns(text) IS
'The columns that a mapping for attach() may give, by kind (customer, sales_order, delivery, invoice, payment, allocation): name, type, and whether it must. The columns ending in _id name another row by the host''s key. No row for another kind.';

CREATE FUNCTION credit_risk.require_own_ledger(ledger text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit_risk.require_ledger(ledger);
    IF EXISTS (SELECT FROM credit_risk.ledgers l WHERE l.name = ledger AND l.owner <> current_user) THEN
        RAISE EXCEPTION 'ledger "%" belongs to somebody else', ledger
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('What is made here acts for its owner, %s.', (SELECT l.owner FROM credit_risk.ledgers l WHERE l.name = ledger)),
                  HINT = 'Call it as that role (SET ROLE).';
    END IF;
END $$;
COMMENT ON FUNCTION credit_risk.require_own_ledger(text) IS 'An error unless there is a ledger of this name (3F000) and the caller is its owner (42501).';

-- One expression by itself: a cursor takes one query and runs nothing.
CREATE FUNCTION credit_risk.check_expression(relation regclass, expression text, type_name text, what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tried refcursor;
BEGIN
    PERFORM set_config('search_path', quote_ident(n.nspname) || ', pg_temp', true)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    OPEN tried FOR EXECUTE format('SELECT (%s' || E'\n' || ')::%s AS mapped FROM %s AS %I LIMIT 0', expression, type_name, relation,
                                  (SELECT c.relname FROM pg_class c WHERE c.oid = relation));
    CLOSE tried;
EXCEPTION WHEN syntax_error_or_access_rule_violation OR feature_not_supported OR invalid_cursor_definition OR data_exception THEN
    RAISE EXCEPTION 'mapping "%": %', what, SQLERRM
        USING ERRCODE = SQLSTATE, DETAIL = format('The expression is: %s', expression),
              HINT = format('It is one SQL expression of type %s over a row of %s; other tables are looked up in its schema, or named with theirs.', type_name, relation);
END $$;
COMMENT ON FUNCTION credit_risk.check_expression(regclass, text, text, text) IS
'Compiles an SQL expression over the rows of a relation, with a cast to a type, without running it; errors keep their SQLSTATE and say which mapping (what) and expression is wrong.';

CREATE FUNCTION credit_risk.host_key_of(relation regclass) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT quote_ident(a.attname)
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] > 0
      AND (i.indisprimary OR a.attnotnull)
    ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1
$$;
COMMENT ON FUNCTION credit_risk.host_key_of(regclass) IS 'The one column that is the key of a table: its primary key, else a unique column that is never NULL; NULL if there is none.';

-- A table and all that is below it: a statement on a partition fires only the
-- partition's triggers.
CREATE FUNCTION credit_risk.relation_tree(relation regclass) RETURNS SETOF regclass
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 5 SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE tree AS (
        SELECT relation::oid AS oid UNION SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid
    ) SELECT oid::regclass FROM tree
$$;
COMMENT ON FUNCTION credit_risk.relation_tree(regclass) IS 'A table, its partitions and the tables that inherit from it, at every depth.';

-- The ledger's function for a kind, and its arguments.
CREATE FUNCTION credit_risk.sync_call(kind text, arguments text, phase text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN CASE kind WHEN 'customer' THEN 'sync_customers(' || arguments WHEN 'sales_order' THEN 'sync_orders(' || arguments || ', ' || phase
                 WHEN 'delivery' THEN 'sync_deliveries(' || arguments || ', ' || phase WHEN 'invoice' THEN 'sync_invoices(' || arguments || ', ' || phase
                 WHEN 'payment' THEN 'sync_payments(' || arguments || ', ' || phase ELSE 'sync_allocations(' || arguments END;
COMMENT ON FUNCTION credit_risk.sync_call(text, text, text) IS
'The call of the function of a ledger that takes the rows of an attached table of this kind, without its closing bracket; phase is an expression. NULL for NULL.';

-- The rows of an attached table in batches: keys, rows, how many.
CREATE FUNCTION credit_risk.host_batches(view_name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN replace('SELECT array_agg(b.external_ref ORDER BY b.place), jsonb_agg(b.host ORDER BY b.place), count(*)
    FROM (SELECT v.external_ref, to_jsonb(v) - ''host_key'' AS host, row_number() OVER (ORDER BY v.host_key) AS place FROM :view v) b
    GROUP BY (b.place - 1) / 5000 ORDER BY min(b.place)', ':view', view_name);
COMMENT ON FUNCTION credit_risk.host_batches(text) IS
'The query that reads the view of an attachment (its quoted name) in batches of 5,000 rows by the host''s key: keys, rows as JSON, number of rows. NULL for NULL.';

CREATE FUNCTION credit_risk.write_as_owner(relation regclass, column_name name, parts oid[], places tid[], written text[]) RETURNS bigint
AS 'MODULE_PATHNAME', 'crk_write_as_owner' LANGUAGE C STRICT;
COMMENT ON FUNCTION credit_risk.write_as_owner(regclass, name, oid[], tid[], text[]) IS
'Writes one column of rows of a table, given by table (a partition) and place and locked by the caller, with the rights of the table''s owner, so that its triggers have those and not the caller''s; returns how many. The caller needs the right to update the column (42501) and must not be subject to its row security.';

-- Whose code may run with the rights of the caller: whoever has them anyway.
CREATE FUNCTION credit_risk.is_trusted(owner oid) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
RETURN pg_has_role(owner, current_user, 'MEMBER');
COMMENT ON FUNCTION credit_risk.is_trusted(oid) IS 'Whether a role may act as the calling one: itself, its members, superusers.';

-- What is made for an attachment ------------------------------------------------------

CREATE FUNCTION credit_risk.make_attachment(ledger text, name text, kind text, relation regclass, mapping jsonb, host_key text, prefix text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    relname name := (SELECT c.relname FROM pg_class c WHERE c.oid = relation);
    columns text;
    key_type text;
    made text := format('%I.%I', ledger, 'attached_' || name);
    part regclass;
    operation text;
    foreign_code record;
BEGIN
    PERFORM set_config('search_path', quote_ident(n.nspname) || ', pg_temp', true)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    SELECT string_agg(format(E'    (%s\n    )::%s AS %I', coalesce(mapping->>c.column_name, 'NULL'), c.type_name, c.column_name), E',\n' ORDER BY place) INTO columns
    FROM credit_risk.attachable_columns(kind) WITH ORDINALITY c (column_name, type_name, is_required, place);
    EXECUTE format(E'CREATE VIEW %s AS\nSELECT %L || (%s\n    )::text AS external_ref,\n%s,\n    (%s\n    ) AS host_key\nFROM %s AS %I\nWHERE (%s\n)::boolean',
                   made, prefix, host_key, columns, host_key, relation, relname, coalesce(mapping->>'active_when', 'true'));
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);     -- the host's path is for the mapping alone
    EXECUTE format('COMMENT ON VIEW %s IS %L', made, format('Rows of %s with the ledger''s columns, as they were mapped; what attach() makes of it goes with detach().', relation));
    IF (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = made::regclass AND a.attnum > 0)
       <> (SELECT ARRAY['external_ref'] || array_agg(c.column_name ORDER BY place) || ARRAY['host_key']
           FROM credit_risk.attachable_columns(kind) WITH ORDINALITY c (column_name, type_name, is_required, place)) THEN
        RAISE EXCEPTION 'a mapping is not one expression for one column' USING ERRCODE = '42601';
    END IF;
    SELECT format_type(a.atttypid, a.atttypmod) INTO key_type FROM pg_attribute a WHERE a.attrelid = made::regclass AND a.attname = 'host_key';
    -- The mapping runs with the rights of the ledger's owner.
    SELECT coalesce(p.oid::regprocedure::text, c.oid::regclass::text) AS name, pg_get_userbyid(coalesce(p.proowner, c.relowner)) AS owner
    INTO foreign_code
    FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
    LEFT JOIN pg_proc p ON p.oid = CASE d.refclassid WHEN 'pg_proc'::regclass THEN d.refobjid WHEN 'pg_operator'::regclass THEN o.oprcode::oid END AND NOT p.prosecdef
    LEFT JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid AND c.relkind = 'v'
    WHERE r.ev_class = made::regclass AND NOT credit_risk.is_trusted(coalesce(p.proowner, c.relowner)) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a mapping uses %, which role "%" may change', foreign_code.name, foreign_code.owner
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('It would run with the rights of %s.', current_user),
                  HINT = 'Name its schema if another was meant (pg_catalog.lower), write it out as an expression, or give it to an owner who is trusted.';
    END IF;

    EXECUTE format('CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS %L', made, ledger,
    format($body$
#variable_conflict use_column
DECLARE
    touched %1$s[];
    slice %1$s[];
    keys text[];
    host jsonb;
    row_security text := current_setting('row_security');
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'TRUNCATE on "%%" is refused: it is attached to a ledger', TG_TABLE_NAME
            USING ERRCODE = 'CR010', HINT = 'Delete the rows, or credit_risk.detach() the table first.';
    ELSIF TG_LEVEL = 'ROW' THEN     -- at COMMIT: what waited for its customer or order
        touched := ARRAY[substr(NEW.external_ref, %5$s)::%1$s];
        DELETE FROM attachment_pending p WHERE p.attachment = NEW.attachment AND p.external_ref = NEW.external_ref;
    ELSIF TG_OP = 'INSERT' THEN
        touched := ARRAY(SELECT (%2$s) FROM new_rows AS %3$I);
    ELSIF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT (%2$s) FROM old_rows AS %3$I);
    ELSE
        touched := ARRAY(SELECT (%2$s) FROM new_rows AS %3$I) || ARRAY(SELECT (%2$s) FROM old_rows AS %3$I EXCEPT SELECT (%2$s) FROM new_rows AS %3$I);
    END IF;
    FOR start IN 1..cardinality(touched) BY 10000 LOOP
        slice := touched[start : start + 9999];
        keys := ARRAY(SELECT %6$L || t::text FROM unnest(slice) t);
        PERFORM set_config('row_security', 'off', true);   -- what a policy hides is not gone, and its code is the host's
        host := (SELECT jsonb_agg(to_jsonb(v) - 'host_key' ORDER BY t.place) FROM unnest(slice) WITH ORDINALITY t (host_key, place) JOIN %7$I v USING (host_key));
        PERFORM set_config('row_security', row_security, true);
        PERFORM %4$s);
    END LOOP;
    RETURN NULL;
END $body$, key_type, CASE WHEN host_key LIKE '%--%' THEN host_key || E'\n' ELSE host_key END, relname,
            credit_risk.sync_call(kind, quote_literal(name) || ', keys, host', 'CASE TG_LEVEL WHEN ''ROW'' THEN ''commit'' ELSE ''statement'' END'),
            length(prefix) + 1, prefix, 'attached_' || name));
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', made);
    -- Without the extension it could not run, and the host's statements would fail.
    EXECUTE format('ALTER FUNCTION %s() DEPENDS ON EXTENSION credit_risk', made);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', made,
                   format('Trigger of %s: hands the rows that a statement touched to the ledger. Runs as the owner: the host''s roles need no right there. TRUNCATE is refused (CR010).', relation));

    FOR part IN SELECT * FROM credit_risk.relation_tree(relation) LOOP
        FOREACH operation IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            EXECUTE format('CREATE TRIGGER %I %s %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                left(format('credit_risk_%s_%s', ledger, kind), 54) || '_' || operation, CASE operation WHEN 'truncate' THEN 'BEFORE' ELSE 'AFTER' END, operation, part,
                CASE operation WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows' WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows'
                               WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows' ELSE '' END, made);
        END LOOP;
    END LOOP;
    EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT ON %I.attachment_pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.attachment = %L) EXECUTE FUNCTION %s()',
                   left('credit_risk_' || name, 63), ledger, name, made);
END $$;
COMMENT ON FUNCTION credit_risk.make_attachment(text, text, text, regclass, jsonb, text, text) IS
'Makes the view and the trigger function of an attachment in the ledger, and the triggers on the host''s table and its partitions. For attach().';

-- The status of an order, written back into a column of the host.
CREATE FUNCTION credit_risk.make_status_writer(ledger text, name text, relation regclass, host_key text, prefix text, status_column text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    relname name := (SELECT c.relname FROM pg_class c WHERE c.oid = relation);
    made text := format('%I.%I', ledger, left('attached_' || name, 56) || '_status');
    written_type text := (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = status_column AND a.attnum > 0 AND NOT a.attisdropped);
    key_type text := (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = format('%I.%I', ledger, 'attached_' || name)::regclass AND a.attname = 'host_key');
BEGIN
    IF written_type IS NULL THEN
        RAISE EXCEPTION 'mapping "status_column": % has no column "%"', relation, status_column
            USING ERRCODE = 'undefined_column', HINT = 'It names a column of the host, of text or boolean, that the ledger may write.';
    ELSIF NOT has_column_privilege(relation, status_column, 'UPDATE') THEN
        RAISE EXCEPTION 'mapping "status_column": no right to update column "%" of %', status_column, relation
            USING ERRCODE = 'insufficient_privilege', HINT = format('GRANT UPDATE (%I) ON %s TO %I, or leave status_column out.', status_column, relation, current_user);
    END IF;
    EXECUTE format('CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS %L', made, ledger,
    format($body$
DECLARE
    row_security text := current_setting('row_security');
BEGIN
    PERFORM set_config('row_security', 'off', true);
    PERFORM credit_risk.write_as_owner(%9$L, %3$L, array_agg(h.part), array_agg(h.place), array_agg(h.status::text))
    FROM (SELECT %2$I.tableoid AS part, %2$I.ctid AS place, s.status
          FROM (SELECT substr(d.external_ref, %4$s)::%5$s AS host_key, %6$s AS status
                FROM new_rows n JOIN attached_document d ON (d.customer_id, d.kind, d.document_id) = (n.customer_id, 'sales_order', n.order_id) AND d.attachment = %7$L
                JOIN sales_order o ON (o.customer_id, o.order_id) = (n.customer_id, n.order_id)) s
          JOIN %1$s AS %2$I ON (%8$s) = s.host_key
          WHERE %2$I.%3$I IS DISTINCT FROM s.status FOR NO KEY UPDATE OF %2$I) h;
    PERFORM set_config('row_security', row_security, true);
    RETURN NULL;
END $body$, relation, relname, status_column, length(prefix) + 1, key_type,
            CASE written_type WHEN 'boolean' THEN 'o.status = ''held''' ELSE format('o.status::%s', written_type) END, name, host_key || E'\n', relation));
    EXECUTE format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', made);
    EXECUTE format('ALTER FUNCTION %s() DEPENDS ON EXTENSION credit_risk', made);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', made, format('Trigger of sales_order: writes the status into %s.%I, with the rights of that table''s owner. Runs as the owner: who writes orders in the ledger needs no right on the host.', relation, status_column));
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I.sales_order REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                   left('attached_' || name, 52) || '_placed', ledger, made);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I.sales_order REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                   left('attached_' || name, 52) || '_changed', ledger, made);
END $$;
COMMENT ON FUNCTION credit_risk.make_status_writer(text, text, regclass, text, text, text) IS
'Makes the trigger that writes the status of an attached order (or, into a boolean, whether it is held) back into a column of the host. For attach().';

CREATE FUNCTION credit_risk.attach(ledger text, kind text, relation regclass, mapping jsonb, backfill boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    options constant text[] := ARRAY['external_ref', 'prefix', 'active_when', 'status_column'];
    host pg_class;
    host_key text := mapping->>'external_ref';
    prefix text := coalesce(mapping->>'prefix', '');
    attachment text;
    wrong text;
    given record;
BEGIN
    PERFORM credit_risk.require_own_ledger(ledger);
    SELECT c.* INTO host FROM pg_class c WHERE c.oid = relation;
    IF NOT EXISTS (SELECT FROM credit_risk.attachable_columns(kind)) THEN
        RAISE EXCEPTION 'invalid kind: %', coalesce(quote_literal(kind), 'NULL')
            USING ERRCODE = '22023', HINT = 'It is customer, sales_order, delivery, invoice, payment or allocation.';
    ELSIF coalesce(host.relkind, '-') NOT IN ('r', 'p') OR EXISTS (SELECT FROM credit_risk.relation_tree(relation) t JOIN pg_class c ON c.oid = t WHERE c.relkind NOT IN ('r', 'p')) THEN
        RAISE EXCEPTION '% cannot be attached: it is no table, or has partitions that are none', coalesce(relation::text, 'NULL')
            USING ERRCODE = 'wrong_object_type', HINT = 'Views and foreign tables have no triggers that see what a statement wrote: attach the table behind it.';
    ELSIF host.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = ledger) AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = relation AND g.tgname LIKE 'credit\_risk\_truncate') THEN
        RAISE EXCEPTION '% is a table of the ledger itself', relation USING ERRCODE = 'wrong_object_type';
    ELSIF NOT has_table_privilege(relation, 'SELECT') OR NOT has_table_privilege(relation, 'TRIGGER') THEN
        RAISE EXCEPTION 'no right to attach %', relation
            USING ERRCODE = 'insufficient_privilege', HINT = format('GRANT SELECT, TRIGGER ON %s TO %I, or attach as its owner.', relation, current_user);
    ELSIF row_security_active(relation) THEN
        RAISE EXCEPTION 'row security of % hides rows from %', relation, current_user
            USING ERRCODE = 'insufficient_privilege', HINT = 'What is hidden would count as deleted: attach as a role that bypasses row security.';
    ELSIF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'attach() needs READ COMMITTED'
            USING ERRCODE = 'invalid_transaction_state', DETAIL = 'An older snapshot would not see what others wrote until their writes were shut out.',
                  HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED, or call it by itself.';
    ELSIF jsonb_typeof(mapping) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'a mapping is a JSON object of column and expression' USING ERRCODE = '22023', HINT = 'For example {"customer_id": "client_no", "amount": "total"}.';
    END IF;
    SELECT m.key INTO wrong FROM jsonb_each(mapping) m
    WHERE m.key <> ALL (options) AND NOT EXISTS (SELECT FROM credit_risk.attachable_columns(kind) c WHERE c.column_name = m.key)
       OR jsonb_typeof(m.value) <> 'string' OR (m.key = 'status_column' AND kind <> 'sales_order') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'mapping "%" is unknown for %, or no text', wrong, kind
            USING ERRCODE = '22023', DETAIL = format('It may have: %s; and %s.', (SELECT string_agg(c.column_name, ', ') FROM credit_risk.attachable_columns(kind) c),
                                                     array_to_string(options, ', ')),
                  HINT = 'Each is an SQL expression in a JSON string; a constant text is written ''''EUR''''.';
    END IF;
    SELECT c.column_name INTO wrong FROM credit_risk.attachable_columns(kind) c WHERE c.is_required AND NOT mapping ? c.column_name LIMIT 1;
    IF NOT FOUND THEN
        wrong := CASE WHEN kind = 'delivery' AND NOT mapping ?| '{order_id,customer_id}' THEN 'order_id'
                      WHEN kind = 'delivery' AND NOT mapping ?| '{order_id,amount}' THEN 'amount'
                      WHEN kind = 'allocation' AND NOT mapping ?| '{payment_id,credit_invoice_id}' THEN 'payment_id' END;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'mapping "%" is missing for %', wrong, kind USING ERRCODE = '22023', HINT = 'credit_risk.attachable_columns() lists what a mapping may and must give.';
    END IF;
    host_key := coalesce(host_key, credit_risk.host_key_of(relation));
    IF host_key IS NULL THEN
        RAISE EXCEPTION '% has no key of one column', relation
            USING ERRCODE = '22023', HINT = 'Add a primary key, or map "external_ref" to what tells its rows apart.';
    END IF;
    PERFORM credit_risk.check_expression(relation, host_key, 'text', 'external_ref');
    PERFORM credit_risk.check_expression(relation, mapping->>m, 'boolean', m) FROM unnest('{active_when}'::text[]) m WHERE mapping ? m;
    FOR given IN SELECT c.* FROM credit_risk.attachable_columns(kind) c WHERE mapping ? c.column_name LOOP
        PERFORM credit_risk.check_expression(relation, mapping->>given.column_name, given.type_name, given.column_name);
    END LOOP;

    -- Attached before: made anew, its documents stay known.
    PERFORM credit_risk.detach(ledger, relation, kind);
    EXECUTE format('SELECT a.relation::text FROM %I.attachment a WHERE a.kind = $1 AND a.prefix = $2', ledger) INTO wrong USING kind, prefix;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '% is attached as % already, with the prefix %', wrong, kind, quote_literal(prefix)
            USING ERRCODE = '22023', HINT = 'Map another "prefix": the keys of two tables must not meet.';
    END IF;
    attachment := format('%s_%s', kind, host.relname);
    IF octet_length(attachment) > 46 OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = ledger) AND c.relname = 'attached_' || attachment) THEN
        attachment := left(attachment, 37) || '_' || left(md5(relation::text), 8);
    END IF;
    EXECUTE format('INSERT INTO %I.attachment (attachment, kind, relation, owner, mapping, host_key, prefix) VALUES ($1, $2, $3, $4, $5, $6, $7)', ledger)
    USING attachment, kind, relation, pg_get_userbyid(host.relowner), mapping, host_key, prefix;
    -- Waits for who writes the table, and shuts others out until COMMIT.
    PERFORM credit_risk.make_attachment(ledger, attachment, kind, relation, mapping, host_key, prefix);
    IF mapping ? 'status_column' THEN
        PERFORM credit_risk.make_status_writer(ledger, attachment, relation, host_key, prefix, mapping->>'status_column');
    END IF;
    RETURN CASE WHEN backfill THEN credit_risk.load_attached(ledger, attachment) ELSE 0 END;
END $$;
COMMENT ON FUNCTION credit_risk.attach(text, text, regclass, jsonb, boolean) IS
'Attaches a table of an application to a ledger (raccordement): from now on a statement on it writes to the ledger in its own transaction and meets the same decision and error. kind: customer, sales_order, delivery, invoice, payment or allocation. mapping: columns of the ledger (attachable_columns) and the SQL expression over a host row that gives each; columns ending in _id give the host''s key of the row they mean. Options: external_ref (the host''s key, where the table has no key of one column), prefix (before that key, for a second table of the kind), active_when (which rows count), status_column (a column of the host into which the ledger writes the status of an order, or whether it is held). backfill: take over the rows that are there, as accepted. Host edits, deletes and resets become reversals and new facts. Attach customers first, then orders, deliveries, invoices, payments, allocations; once more with another mapping replaces it, and with the same one repairs. Returns how many host rows were taken over or compared. Only for the ledger''s owner, with SELECT and TRIGGER on the table, not subject to its row security: 42501, also for an expression that uses a function, operator or view of a role that is not trusted (it would run with the owner''s rights; SECURITY DEFINER functions may be anybody''s); 22023 and the errors of the expressions for a mapping that is wrong, 25000 outside READ COMMITTED.';

-- What is there already ----------------------------------------------------------------

CREATE FUNCTION credit_risk.load_attached(ledger text, attachment text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text;
    relation regclass;
    mode text;
    sync text;
    made text := format('%I.%I', ledger, 'attached_' || attachment);
    keys text[];
    host jsonb;
    found_rows bigint;
    total bigint := 0;
    twice text;
BEGIN
    EXECUTE format('SELECT a.kind, a.relation, l.mode FROM %1$I.attachment a CROSS JOIN %1$I.ledger l WHERE a.attachment = $1', ledger) INTO kind, relation, mode USING attachment;
    EXECUTE format('SELECT v.external_ref FROM %s v GROUP BY v.external_ref HAVING count(*) > 1 LIMIT 1', made) INTO twice;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'mapping "external_ref": % has two rows of key %', relation, twice USING ERRCODE = 'unique_violation', HINT = 'Map it to what tells the rows apart.';
    END IF;
    sync := format('SELECT %I.%s)', ledger, credit_risk.sync_call(kind, '$1, $2, $3', '''backfill'''));
    -- Business that was done: decided on and logged, but nothing is held or refused.
    IF mode = 'enforce' AND kind <> 'customer' THEN
        EXECUTE format('UPDATE %I.ledger SET mode = ''observe''', ledger);
    END IF;
    FOR pass IN 1..CASE kind WHEN 'customer' THEN 2 ELSE 1 END LOOP      -- a payer may stand in a later batch
        total := 0;
        FOR keys, host, found_rows IN EXECUTE credit_risk.host_batches(made) LOOP
            IF kind IN ('sales_order', 'delivery', 'invoice', 'payment') THEN
                EXECUTE format('SELECT %I.adopt_documents($1, $2, $3)', ledger) USING attachment, kind, keys;
            END IF;
            EXECUTE sync USING attachment, keys, host;
            IF total = 0 THEN      -- the plans of the first batch are those of empty tables
                EXECUTE format('ANALYZE %1$I.customer, %1$I.attached_document, %1$I.attached_allocation, %1$I.sales_order, %1$I.delivery, %1$I.invoice, %1$I.open_item, %1$I.payment, %1$I.allocation', ledger);
            END IF;
            total := total + found_rows;
        END LOOP;
    END LOOP;
    -- What the ledger has of it and the host no longer.
    EXECUTE format('SELECT array_agg(k.external_ref) FROM (SELECT d.external_ref FROM %1$I.attached_document d WHERE d.attachment = $1
                                                             UNION SELECT m.external_ref FROM %1$I.attached_allocation m WHERE m.attachment = $1) k
                    WHERE NOT EXISTS (SELECT FROM %2$s v WHERE v.external_ref = k.external_ref)', ledger, made)
    INTO keys USING attachment;
    IF keys IS NOT NULL THEN
        EXECUTE sync USING attachment, keys, NULL::jsonb;
    END IF;
    IF mode = 'enforce' AND kind <> 'customer' THEN
        EXECUTE format('UPDATE %I.ledger SET mode = ''enforce''', ledger);
    END IF;
    RETURN total;
END $$;
COMMENT ON FUNCTION credit_risk.load_attached(text, text) IS
'Compares all rows of an attached table with the ledger and writes what differs, in batches, in mode observe: opening orders are taken as accepted, with a decision that warns where they are beyond the limit. Returns the rows of the host. For attach().';

CREATE FUNCTION credit_risk.detach(ledger text, relation regclass, kind text DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    attachment text;
    detached integer := 0;
BEGIN
    PERFORM credit_risk.require_own_ledger(ledger);
    FOR attachment IN EXECUTE format('DELETE FROM %I.attachment a WHERE a.relation = $1 AND a.kind = coalesce($2, a.kind) RETURNING a.attachment', ledger) USING relation, kind LOOP
        -- The triggers go with their function, also those on a table of somebody else.
        EXECUTE format('DROP FUNCTION IF EXISTS %1$I.%2$I() CASCADE', ledger, left('attached_' || attachment, 56) || '_status');
        EXECUTE format('DROP FUNCTION IF EXISTS %1$I.%2$I() CASCADE', ledger, 'attached_' || attachment);
        EXECUTE format('DROP VIEW IF EXISTS %I.%I', ledger, 'attached_' || attachment);
        detached := detached + 1;
    END LOOP;
    RETURN detached;
END $$;
COMMENT ON FUNCTION credit_risk.detach(text, regclass, text) IS
'Detaches a table from a ledger, as one kind or (NULL) as all: its triggers go, the table is as it was; the documents that it wrote stay, and are known again if it is attached once more. Returns how many attachments were ended, 0 if it was none. Only for the ledger''s owner (42501).';
