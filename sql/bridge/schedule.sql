-- The daily call by pg_cron, where that is installed. Nothing here needs it: its
-- objects are looked up when they are used, and the host's own cron does as well.

CREATE FUNCTION credit_risk.job_name(ledger text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'credit_risk ' || CASE WHEN octet_length(ledger) <= 51 THEN ledger ELSE md5(ledger) END $$;
COMMENT ON FUNCTION credit_risk.job_name(text) IS
'Name of the job of a ledger: credit_risk and its name, or the MD5 of a name too long for pg_cron, which cuts after 63 bytes.';

CREATE FUNCTION credit_risk.daily_call(ledger text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'CALL credit_risk.run_daily' || '(' || quote_literal(ledger) || ')' $$;
COMMENT ON FUNCTION credit_risk.daily_call(text) IS
'The statement that a scheduler runs once a day for a ledger, its name quoted.';

CREATE FUNCTION credit_risk.cron_database() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    database text;
BEGIN
    IF EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_cron') THEN
        RETURN current_database();
    END IF;
    database := current_setting('cron.database_name', true);
    -- what only postgresql.conf says, and no library defines, is not in pg_settings
    RETURN CASE WHEN EXISTS (SELECT FROM pg_settings s WHERE s.name = 'cron.database_name') THEN database END;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN '';
END $$;
COMMENT ON FUNCTION credit_risk.cron_database() IS
'The database in which pg_cron keeps its jobs: this one where the extension is installed here, otherwise as cron.database_name says; empty where that is not the caller''s to read, NULL where the server does not load pg_cron.';

CREATE FUNCTION credit_risk.sees_jobs() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_cron')
       AND (SELECT has_schema_privilege(n.oid, 'USAGE') FROM pg_namespace n WHERE n.nspname = 'cron')
$$;
COMMENT ON FUNCTION credit_risk.sees_jobs() IS 'Whether pg_cron is installed in this database and its schema is open to the caller; never NULL.';

CREATE FUNCTION credit_risk.schedule(ledger text, schedule text DEFAULT '5 0 * * *', run_as text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner name := (SELECT l.owner FROM credit_risk.ledgers l WHERE l.name = schedule.ledger);
    runner name := coalesce(schedule.run_as, owner);
    superuser boolean := (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user);
    cron_is_in text := credit_risk.cron_database();
    job_id bigint;
    other bigint;
BEGIN
    PERFORM credit_risk.require_ledger(schedule.ledger);
    IF coalesce(schedule.schedule, '') = '' THEN
        RAISE EXCEPTION 'argument "schedule" is empty'
            USING ERRCODE = '22023', HINT = 'Five fields of cron: 5 0 * * * is five past midnight, every day.';
    ELSIF NOT pg_has_role(current_user, owner, 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of ledger "%"', schedule.ledger
            USING ERRCODE = 'insufficient_privilege', HINT = format('It belongs to %I, and the job runs as its owner.', owner);
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = runner) THEN
        RAISE EXCEPTION 'role "%" does not exist', runner USING ERRCODE = 'undefined_object';
    ELSIF runner <> current_user AND NOT superuser THEN
        RAISE EXCEPTION 'only a superuser can schedule a job of role "%"', runner
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('You are %I; pg_cron runs a job as the role that scheduled it.', current_user),
                  HINT = CASE WHEN runner = owner THEN format('SET ROLE %I first, or run_as => %L.', owner, current_user)
                              ELSE format('run_as => %L, or ask a superuser.', current_user) END;
    ELSIF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = runner) AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = owner) THEN
        RAISE EXCEPTION 'the job of ledger "%" cannot run as the superuser "%"', schedule.ledger, runner
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('It calls functions of %I, who could have them do anything.', owner),
                  HINT = 'Leave run_as out: it runs as the owner of the ledger.';
    ELSIF NOT (SELECT r.rolcanlogin FROM pg_roles r WHERE r.rolname = runner) THEN
        RAISE EXCEPTION 'role "%" cannot log in, and pg_cron runs jobs of roles that can', runner
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('ALTER ROLE %I LOGIN, or run_as => a role that can and is a member of %I.', runner, owner);
    ELSIF NOT has_function_privilege(runner, format('%I.run_daily(date, integer)', schedule.ledger), 'EXECUTE') THEN
        RAISE EXCEPTION 'role "%" may not run ledger "%"', runner, schedule.ledger
            USING ERRCODE = 'insufficient_privilege', HINT = 'grant_ledger_access() at the level manager, or leave run_as out.';
    ELSIF cron_is_in IS NULL THEN
        RAISE EXCEPTION 'this server does not run pg_cron'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('A job would have called %s at %s.', credit_risk.daily_call(schedule.ledger), schedule.schedule),
                  HINT = format(E'Install it (Debian: postgresql-%1$s-cron; shared_preload_libraries, cron.database_name, restart, CREATE EXTENSION pg_cron), or let the host call. A line of crontab: %2$s psql -Xqd %3$s -c "%4$s". A systemd timer (OnCalendar=*-*-* 00:05:00, Persistent=true) whose service has ExecStart=psql -Xqd %3$s -c "%4$s".',
                                current_setting('server_version_num')::integer / 10000, schedule.schedule, current_database(),
                                credit_risk.daily_call(schedule.ledger));
    ELSIF cron_is_in <> current_database() THEN
        RAISE EXCEPTION 'pg_cron keeps its jobs in %', CASE cron_is_in WHEN '' THEN 'another database' ELSE format('database "%s"', cron_is_in) END
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('This is database "%s".', current_database()),
                  HINT = format('There, as a superuser: SELECT cron.schedule_in_database(%L, %L, %L, %L, %L);',
                                left(credit_risk.job_name(schedule.ledger) || ' of ' || current_database(), 63), schedule.schedule,
                                credit_risk.daily_call(schedule.ledger), current_database(), runner);
    ELSIF NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'pg_cron') THEN
        RAISE EXCEPTION 'pg_cron is loaded, and not installed in this database'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'As a superuser: CREATE EXTENSION pg_cron;';
    ELSIF NOT credit_risk.sees_jobs() THEN
        RAISE EXCEPTION 'the schema of pg_cron is not open to role "%"', current_user
            USING ERRCODE = 'insufficient_privilege', HINT = format('As a superuser: GRANT USAGE ON SCHEMA cron TO %I;', current_user);
    END IF;
    IF runner = current_user THEN
        EXECUTE format('SELECT %I.schedule($1, $2, $3)', 'cron') INTO job_id
        USING credit_risk.job_name(schedule.ledger), schedule.schedule, credit_risk.daily_call(schedule.ledger);
    ELSE
        EXECUTE format('SELECT %I.schedule_in_database($1, $2, $3, $4, $5)', 'cron') INTO job_id
        USING credit_risk.job_name(schedule.ledger), schedule.schedule, credit_risk.daily_call(schedule.ledger), current_database()::text, runner::text;
    END IF;
    -- one job a ledger, whoever it ran as before
    FOR other IN EXECUTE format('SELECT j.jobid FROM %I.job j WHERE j.jobname = $1 AND j.database = $2 AND j.jobid <> $3', 'cron')
                 USING credit_risk.job_name(schedule.ledger), current_database(), job_id LOOP
        EXECUTE format('SELECT %I.unschedule($1)', 'cron') USING other;
    END LOOP;
    RETURN job_id;
END $$;
COMMENT ON FUNCTION credit_risk.schedule(text, text, text) IS
'Has pg_cron run CALL credit_risk.run_daily(ledger) by a schedule of cron (planification; default five past midnight; pg_cron reads it in GMT, or from 1.5 in cron.timezone). Returns the id of the job, named credit_risk and the ledger''s name; called again it changes the schedule of that job. It runs as the ledger''s owner, whoever of its members or superusers calls, or as run_as: yourself, or another role if you are a superuser. 42501 for whom the ledger is not, 55000 with the way out where pg_cron is absent, or in another database, or the role cannot log in; 22023 for no schedule.';

CREATE FUNCTION credit_risk.unschedule(ledger text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cron_is_in text := credit_risk.cron_database();
    job_id bigint;
    ended boolean := false;
BEGIN
    IF coalesce(unschedule.ledger, '') = '' THEN
        RAISE EXCEPTION 'argument "ledger" is empty' USING ERRCODE = '22023';
    ELSIF cron_is_in <> current_database() THEN
        RAISE EXCEPTION 'pg_cron keeps its jobs in %', CASE cron_is_in WHEN '' THEN 'another database' ELSE format('database "%s"', cron_is_in) END
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  HINT = format('There: SELECT cron.unschedule(jobid) FROM cron.job WHERE database = %L AND command = %L;',
                                current_database(), credit_risk.daily_call(unschedule.ledger));
    ELSIF NOT credit_risk.sees_jobs() THEN
        RETURN false;
    END IF;
    FOR job_id IN EXECUTE format('SELECT j.jobid FROM %I.job j WHERE j.jobname = $1 AND j.database = $2', 'cron')
                  USING credit_risk.job_name(unschedule.ledger), current_database() LOOP
        EXECUTE format('SELECT %I.unschedule($1)', 'cron') USING job_id;
        ended := true;
    END LOOP;
    RETURN ended;
END $$;
COMMENT ON FUNCTION credit_risk.unschedule(text) IS
'Ends the job that schedule() made for a ledger, also one that is gone. Returns whether there was one that the caller may see: pg_cron shows a role its own jobs, a superuser all. 55000 with the statement to run where pg_cron keeps its jobs in another database.';

CREATE FUNCTION credit_risk.scheduled()
RETURNS TABLE (ledger text, job_id bigint, schedule text, run_as text, active boolean, started_at timestamptz, ended_at timestamptz,
               status text, message text, command text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT credit_risk.sees_jobs() THEN
        RETURN;
    END IF;
    FOR ledger, job_id, schedule, run_as, active, started_at, ended_at, status, message, command IN EXECUTE format($jobs$
        SELECT l.name, j.jobid, j.schedule, j.username, j.active, r.start_time, r.end_time, r.status, r.return_message, j.command
        FROM %1$I.job j
        LEFT JOIN credit_risk.ledgers l ON j.command = credit_risk.daily_call(l.name)
        LEFT JOIN LATERAL (SELECT d.* FROM %1$I.job_run_details d WHERE d.jobid = j.jobid ORDER BY d.runid DESC LIMIT 1) r ON true
        WHERE j.database = current_database() AND (j.jobname LIKE 'credit\_risk %%' OR j.command ~ 'credit_risk\.run_daily')
        ORDER BY l.name, j.jobid $jobs$, 'cron') LOOP
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION credit_risk.scheduled() IS
'The jobs of pg_cron in this database that run a ledger, as far as the caller may see them (a role its own, a superuser all): ledger (NULL: there is none of that name, or the command is another), job, schedule, role, active, and its last run: when, status and message of pg_cron (NULL = none yet). No rows where pg_cron is not installed here.';

-- A job follows its ledger.
CREATE FUNCTION credit_risk.move_job(former text, present text) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job_id bigint;
    timing text;
    runner text;
    is_active boolean;
    moved integer := 0;
BEGIN
    IF NOT credit_risk.sees_jobs() OR EXISTS (SELECT FROM credit_risk.ledgers l WHERE l.name = former) THEN
        RETURN 0;
    END IF;
    FOR job_id, timing, runner, is_active IN EXECUTE format('SELECT j.jobid, j.schedule, j.username, j.active FROM %I.job j WHERE j.jobname = $1 AND j.database = $2', 'cron')
               USING credit_risk.job_name(former), current_database() LOOP
        BEGIN
            EXECUTE format('SELECT %I.unschedule($1)', 'cron') USING job_id;
            IF present IS NULL THEN
                NULL;
            ELSIF is_active AND runner = current_user THEN
                EXECUTE format('SELECT %I.schedule($1, $2, $3)', 'cron') USING credit_risk.job_name(present), timing, credit_risk.daily_call(present);
            ELSE
                EXECUTE format('SELECT %I.schedule_in_database($1, $2, $3, $4, $5, $6)', 'cron')
                USING credit_risk.job_name(present), timing, credit_risk.daily_call(present), current_database()::text, runner, is_active;
            END IF;
            moved := moved + 1;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'job % of pg_cron still runs ledger "%"', job_id, former
                USING DETAIL = SQLERRM, HINT = format('As a superuser: SELECT credit_risk.unschedule(%L);', former)
                                               || CASE WHEN present IS NULL THEN '' ELSE format(' SELECT credit_risk.schedule(%L, %L);', present, timing) END;
        END;
    END LOOP;
    RETURN moved;
END $$;
COMMENT ON FUNCTION credit_risk.move_job(text, text) IS
'After a ledger was renamed, or dropped (present is NULL): its job takes the new name and call under a new id, or ends; returns how many. A job that the caller may see and not change is told by a WARNING. Nothing happens while a ledger of the former name exists.';
