-- Making, renaming and removing ledgers.

CREATE FUNCTION credit_risk.require_ledger(name text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM credit_risk.ledgers l WHERE l.name = require_ledger.name) THEN
        RAISE EXCEPTION 'ledger "%" does not exist', name
            USING ERRCODE = 'invalid_schema_name', HINT = 'The view credit_risk.ledgers lists the ledgers of this database.';
    END IF;
END $$;
COMMENT ON FUNCTION credit_risk.require_ledger(text) IS 'An error (3F000) unless there is a ledger of this name.';

CREATE FUNCTION credit_risk.require_ledger_name(name text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF name IS NULL OR name = '' OR octet_length(name) > 63 OR name LIKE 'pg\_%' OR name IN ('credit_risk', 'information_schema') THEN
        RAISE EXCEPTION 'invalid name of a ledger: %', coalesce(quote_literal(name), 'NULL')
            USING ERRCODE = '22023',
                  HINT = 'It becomes a schema: at most 63 bytes, not beginning with pg_, not credit_risk or information_schema.';
    END IF;
END $$;
COMMENT ON FUNCTION credit_risk.require_ledger_name(text) IS
'An error (22023) unless this can be the name of a ledger, which becomes that of a schema.';

CREATE VIEW credit_risk.ledgers AS
SELECT n.nspname::text AS name, pg_get_userbyid(c.relowner)::text AS owner,
       (SELECT count(*) FROM pg_class t WHERE t.relnamespace = n.oid AND t.relkind IN ('r', 'p') AND NOT t.relispartition) AS tables,
       obj_description(n.oid, 'pg_namespace') AS comment
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE g.tgfoid = 'credit_risk.ledger_changed()'::regprocedure AND c.relname = 'ledger';
COMMENT ON VIEW credit_risk.ledgers IS
'All ledgers of this database, from the catalogue: a schema whose table "ledger" carries our trigger. name, owner, number of tables, comment.';
COMMENT ON COLUMN credit_risk.ledgers.name IS 'Name of the ledger, which is that of its schema.';
COMMENT ON COLUMN credit_risk.ledgers.owner IS 'Role that owns its tables.';
COMMENT ON COLUMN credit_risk.ledgers.tables IS 'Number of tables in its schema, partitions not counted, the user''s own included.';
COMMENT ON COLUMN credit_risk.ledgers.comment IS 'Comment on its schema.';
GRANT SELECT ON credit_risk.ledgers TO PUBLIC;

-- Every routine of a ledger is pinned to "<ledger>, pg_temp".  business_date()
-- tells what the ledger was called when they were pinned: what else stands in
-- the schema with a path of its own is the user's and keeps it.
CREATE FUNCTION credit_risk.pin_ledger(name text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    former text;
    routine regprocedure;
    pinned integer := 0;
BEGIN
    SELECT c INTO former
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL unnest(p.proconfig) c
    WHERE n.nspname = pin_ledger.name AND p.proname = 'business_date' AND p.pronargs = 0 AND c LIKE 'search\_path=%';
    IF former = format('search_path=%I, pg_temp', name) THEN
        RETURN 0;
    END IF;
    FOR routine IN
        SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = pin_ledger.name AND former = ANY (p.proconfig)
    LOOP
        EXECUTE format('ALTER ROUTINE %s SET search_path = %I, pg_temp', routine, name);
        pinned := pinned + 1;
    END LOOP;
    PERFORM credit_risk.move_job((parse_ident(substr(former, length('search_path=') + 1), false))[1], name);
    RETURN pinned;
END $$;
COMMENT ON FUNCTION credit_risk.pin_ledger(text) IS
'Pins the path of the routines of a ledger to its present name, where a rename has left them at the former one, and has its job of pg_cron follow; returns how many routines.';

-- ALTER SCHEMA RENAME alone would leave the routines at the old name, where
-- another ledger may come to stand.
CREATE FUNCTION credit_risk.schema_altered() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit_risk.pin_ledger(l.name)
    FROM pg_event_trigger_ddl_commands() d JOIN pg_namespace n ON d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
    JOIN credit_risk.ledgers l ON l.name = n.nspname;
END $$;
COMMENT ON FUNCTION credit_risk.schema_altered() IS
'Event trigger: the routines of a ledger follow when its schema is renamed. It acts with the rights of whoever renames.';
CREATE EVENT TRIGGER credit_risk_schema_altered ON ddl_command_end WHEN TAG IN ('ALTER SCHEMA')
EXECUTE FUNCTION credit_risk.schema_altered();
COMMENT ON EVENT TRIGGER credit_risk_schema_altered IS 'After ALTER SCHEMA: a renamed ledger stays whole. Does nothing to other schemas.';

CREATE FUNCTION credit_risk.create_ledger(name text, base_currency text DEFAULT 'EUR', time_zone text DEFAULT 'Europe/Paris',
                                          mode text DEFAULT 'enforce', adopt boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning SET check_function_bodies = off
AS $$
DECLARE
    other text;
    others oid[];       -- routines that stood in an adopted schema
    routine regprocedure;
BEGIN
    PERFORM credit_risk.require_ledger_name(name);
    IF base_currency IS NULL OR base_currency !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION 'invalid base_currency: %', coalesce(quote_literal(base_currency), 'NULL')
            USING ERRCODE = '22023', HINT = 'Give the ISO 4217 code, for example EUR.';
    ELSIF mode IS NULL OR mode NOT IN ('enforce', 'observe') THEN
        RAISE EXCEPTION 'invalid mode: %', coalesce(quote_literal(mode), 'NULL')
            USING ERRCODE = '22023', HINT = 'It is enforce or observe.';
    ELSIF time_zone IS NULL OR NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = create_ledger.time_zone) THEN
        RAISE EXCEPTION 'invalid time_zone: %', coalesce(quote_literal(time_zone), 'NULL')
            USING ERRCODE = '22023', HINT = 'pg_timezone_names lists them.';
    END IF;
    IF EXISTS (SELECT FROM credit_risk.ledgers l WHERE l.name = create_ledger.name) THEN
        RAISE EXCEPTION 'ledger "%" already exists', name USING ERRCODE = 'duplicate_schema';
    END IF;
    IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = create_ledger.name) THEN
        -- Its owner could put functions of his own in the way of the ledger's.
        IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = create_ledger.name AND n.nspowner <> current_user::regrole) THEN
            RAISE EXCEPTION 'schema "%" belongs to somebody else', name
                USING ERRCODE = 'insufficient_privilege', HINT = 'A ledger and its schema have one owner: choose another name, or have the schema given to you.';
        END IF;
        other := (SELECT format('%s %I', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END, c.relname)
                  FROM pg_class c WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = create_ledger.name)
                  ORDER BY c.relkind <> 'r', c.relname LIMIT 1);
        other := coalesce(other, (SELECT 'function ' || p.proname FROM pg_proc p
                                  WHERE p.pronamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = create_ledger.name) LIMIT 1));
        IF other IS NOT NULL AND NOT adopt THEN
            RAISE EXCEPTION 'schema "%" holds other things', name
                USING ERRCODE = 'duplicate_schema', DETAIL = format('One of them is %s.', other),
                      HINT = 'Choose another name, or adopt => true to put the ledger beside them.';
        END IF;
    ELSE
        EXECUTE format('CREATE SCHEMA %I', name);
        EXECUTE format('COMMENT ON SCHEMA %I IS %L', name, 'Ledger of credit_risk, in ' || base_currency);
    END IF;
    others := ARRAY(SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = create_ledger.name);
    -- The whole template in one EXECUTE, under the path that its functions keep.
    PERFORM set_config('search_path', quote_ident(name) || ', pg_temp', true);
    EXECUTE credit_risk.ledger_template();
    INSERT INTO ledger (base_currency, time_zone, mode)
    VALUES (create_ledger.base_currency, create_ledger.time_zone, create_ledger.mode);
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    -- Nothing of a ledger is for everybody; grant_ledger_access() gives.
    FOR routine IN
        SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = create_ledger.name AND p.oid <> ALL (others)
    LOOP
        EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', routine);
    END LOOP;
    RETURN name;
END $$;
COMMENT ON FUNCTION credit_risk.create_ledger(text, text, text, text, boolean) IS
'Makes a ledger: a schema of this name with tables, triggers, functions and views that belong to the caller and are no members of the extension. base_currency: ISO 4217; time_zone: where the business day begins; mode: enforce, or observe (log only). A name in use is refused, and so is a schema that holds other things unless adopt is true. Returns the name. Needs CREATE on the database.';

CREATE FUNCTION credit_risk.rename_ledger(old_name text, new_name text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit_risk.require_ledger(old_name);
    PERFORM credit_risk.require_ledger_name(new_name);
    EXECUTE format('ALTER SCHEMA %I RENAME TO %I', old_name, new_name);
    PERFORM credit_risk.pin_ledger(new_name);   -- also where event triggers are off
    RETURN new_name;
END $$;
COMMENT ON FUNCTION credit_risk.rename_ledger(text, text) IS
'Renames a ledger and pins its routines to the new name; its job of pg_cron follows. Returns the new name. ALTER SCHEMA does the same, while event triggers are on.';

CREATE FUNCTION credit_risk.upgrade_ledger(name text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    version integer;
    secured boolean;
BEGIN
    PERFORM credit_risk.require_ledger(name);
    EXECUTE format('SELECT layout_version FROM %I.ledger', name) INTO version;
    IF version <> 1 THEN
        RAISE EXCEPTION 'ledger "%" has layout version %, this extension knows version 1', name, version
            USING ERRCODE = 'feature_not_supported', HINT = 'Install the release of credit_risk that made it.';
    END IF;
    PERFORM credit_risk.pin_ledger(name);
    EXECUTE format('SELECT %I.agency_security_on()', name) INTO secured;
    IF secured THEN     -- tables and views that are new
        PERFORM credit_risk.enable_agency_security(name);
    END IF;
    RETURN version;
END $$;
COMMENT ON FUNCTION credit_risk.upgrade_ledger(text) IS
'Brings a ledger to the layout of this release and pins its routines; returns the layout version. There is one layout so far.';

CREATE FUNCTION credit_risk.drop_ledger(name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $$
DECLARE
    other name;
BEGIN
    PERFORM credit_risk.require_ledger(name);
    SELECT c.relname INTO other FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = drop_ledger.name AND c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition
      AND position('CREATE TABLE ' || c.relname || ' (' IN credit_risk.ledger_template()) = 0
    ORDER BY c.relname LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the schema of ledger "%" holds other tables', name
            USING ERRCODE = 'dependent_objects_still_exist', DETAIL = format('One of them is %I.', other),
                  HINT = 'Move them to another schema or drop them first, or use DROP SCHEMA ... CASCADE.';
    END IF;
    SET CONSTRAINTS ALL IMMEDIATE;      -- what waits for COMMIT would be in the way
    -- postings of this transaction that wait for its COMMIT would stand in the way
    EXECUTE format('SET CONSTRAINTS %1$I.credit_risk_utilization, %1$I.credit_risk_recheck IMMEDIATE', name);
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
    PERFORM credit_risk.move_job(name, NULL);
END $$;
COMMENT ON FUNCTION credit_risk.drop_ledger(text) IS
'Removes a ledger with all its data, its schema, and views and functions of yours that stand there or depend on it. Refused (2BP01) while the schema holds tables that are not the ledger''s. Only its owner may. Its job of pg_cron ends with it; a WARNING tells of one that is somebody else''s.';
