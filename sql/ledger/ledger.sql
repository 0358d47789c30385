-- The ledger itself: its one row of settings, its business date, and the two
-- guards that every table of facts wears.
--
-- All names in these files are unqualified: create_ledger() runs them under
-- the path "<ledger>, pg_temp", and functions keep that path by
-- SET search_path FROM CURRENT.

CREATE TABLE ledger (
    layout_version integer NOT NULL DEFAULT 1,
    base_currency  text    NOT NULL CHECK (base_currency ~ '^[A-Z]{3}$'),
    time_zone      text    NOT NULL DEFAULT 'Europe/Paris',
    mode           text    NOT NULL DEFAULT 'enforce' CHECK (mode IN ('enforce', 'observe')),
    pinned_date    date             CHECK (isfinite(pinned_date)),
    on_exceed      text    NOT NULL DEFAULT 'hold' CHECK (on_exceed IN ('hold', 'reject', 'warn')),
    no_limit       text    NOT NULL DEFAULT 'default' CHECK (no_limit IN ('hold', 'pass', 'default')),
    default_limit  numeric NOT NULL DEFAULT 3000 CHECK (default_limit >= 0 AND default_limit < 1e18 AND min_scale(default_limit) <= 6),
    log_passes     boolean NOT NULL DEFAULT false,
    opening_notices integer NOT NULL DEFAULT 50 CHECK (opening_notices >= 0),
    max_rate_age    integer NOT NULL DEFAULT 10 CHECK (max_rate_age BETWEEN 0 AND 366),
    policy          text NOT NULL DEFAULT 'standard',
    auto_release    boolean NOT NULL DEFAULT true,
    credit_horizon_days integer CHECK (credit_horizon_days BETWEEN 0 AND 3660),
    release_days    integer NOT NULL DEFAULT 30 CHECK (release_days BETWEEN 0 AND 365),
    release_deviation_pct numeric NOT NULL DEFAULT 10 CHECK (release_deviation_pct BETWEEN 0 AND 100),
    await_sending   boolean NOT NULL DEFAULT true,
    contact_cap     integer CHECK (contact_cap > 0),
    contact_cap_days integer NOT NULL DEFAULT 30 CHECK (contact_cap_days BETWEEN 1 AND 366),
    notify_channel  text CHECK (notify_channel ~ '^[a-z_][a-z0-9_]{0,62}$'),
    scoring         text NOT NULL DEFAULT 'off' CHECK (scoring IN ('off', 'night', 'event'))
);
-- One row and no second: a unique index on a constant.
CREATE UNIQUE INDEX ledger_one_row ON ledger ((true));

COMMENT ON TABLE ledger IS 'The settings of this ledger, one row. An UPDATE takes effect at once in every session.';
COMMENT ON COLUMN ledger.layout_version IS 'Version of the tables and functions of this ledger; upgrade_ledger() raises it.';
COMMENT ON COLUMN ledger.base_currency IS 'ISO 4217 code of the currency of limits, exposure and reports (devise de tenue); fixed at creation.';
COMMENT ON COLUMN ledger.time_zone IS 'Time zone in which a business day begins and ends.';
COMMENT ON COLUMN ledger.mode IS 'enforce: orders are held or refused, notices go out. observe: decide and log, block nothing, send nothing.';
COMMENT ON COLUMN ledger.pinned_date IS 'Business date for tests, replays and closings; NULL = today in time_zone.';
COMMENT ON COLUMN ledger.on_exceed IS 'What happens to an order beyond the limit: hold (default), reject (error CR001) or warn.';
COMMENT ON COLUMN ledger.no_limit IS 'What happens where no limit was ever decided: hold, pass, or default = default_limit applies.';
COMMENT ON COLUMN ledger.default_limit IS 'Limit in base currency for customers without a decision, while no_limit = default.';
COMMENT ON COLUMN ledger.opening_notices IS 'After going live: at most so many customers a day hear of their opening balances for the first time; the others wait for the next days.';
COMMENT ON COLUMN ledger.max_rate_age IS 'Days that an exchange rate may be old when a document takes it; older is an error.';
COMMENT ON COLUMN ledger.log_passes IS 'Also keep a credit_decision for every order that passed.';
COMMENT ON COLUMN ledger.policy IS 'The policy in force: its blocking rules are applied (credit_policy). Without rules only the limit and the block are tested.';
COMMENT ON COLUMN ledger.auto_release IS 'true: what was held is released at the COMMIT in which its last reason goes. false: it is ready to release and waits for a person.';
COMMENT ON COLUMN ledger.credit_horizon_days IS 'Orders to be delivered later than so many days from today do not count against a customer''s own limit (horizon de crédit, dynamic check); the limit of a group counts all; NULL = all count (static check).';
COMMENT ON COLUMN ledger.release_days IS 'A released order, and a delivery that was cleared, may leave for so many days without another check.';
COMMENT ON COLUMN ledger.release_deviation_pct IS 'And by so much percent above its amount.';
COMMENT ON COLUMN ledger.await_sending IS 'true: an item takes its next step of dunning only after its last communication was carried out (complete_action, or its task closed). false: what is queued counts as sent, for a house that only reads the queue.';
COMMENT ON COLUMN ledger.contact_cap IS 'At most so many communications to a customer, by the queue and by people, within contact_cap_days (pression maximale); NULL = no cap.';
COMMENT ON COLUMN ledger.contact_cap_days IS 'The days that contact_cap counts.';
COMMENT ON COLUMN ledger.notify_channel IS 'NOTIFY goes to this channel, with the word dunning when an action is queued and alert when an alert is raised; NULL = none.';
COMMENT ON COLUMN ledger.scoring IS 'off: customers are scored when somebody asks. night: a new fact waits for the nightly run, which also scores whose figures move. event: a new fact is scored in its own transaction, at COMMIT, and the night does the rest.';

CREATE FUNCTION business_date() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path FROM CURRENT
AS $$ SELECT coalesce(pinned_date, (now() AT TIME ZONE time_zone)::date) FROM ledger $$;
COMMENT ON FUNCTION business_date() IS
'Business date of this ledger: pinned_date, or today in its time zone. Write (SELECT business_date()) in views: evaluated once. Runs as the owner because functions in a view run as its reader.';

-- Settings are cached by the C triggers; this tells every session to read them again.
CREATE TRIGGER credit_risk_ledger AFTER INSERT OR UPDATE OR DELETE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION credit_risk.ledger_changed();

CREATE FUNCTION check_ledger_settings() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'the settings of a ledger cannot be deleted'
            USING ERRCODE = 'CR010', HINT = 'drop_ledger() removes a whole ledger.';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.base_currency <> OLD.base_currency THEN
        RAISE EXCEPTION 'the base currency of a ledger cannot change'
            USING ERRCODE = 'CR010',
                  DETAIL = format('It is %s, and every amount_base is in it.', OLD.base_currency),
                  HINT = 'Create another ledger with the new base currency.';
    END IF;
    PERFORM now() AT TIME ZONE NEW.time_zone;   -- an unknown zone is an error here, not on the night of the run
    RETURN NEW;
END $$;
COMMENT ON FUNCTION check_ledger_settings() IS 'Trigger of table ledger: fixed base currency, known time zone, no deletion (CR010).';
CREATE TRIGGER credit_risk_settings BEFORE INSERT OR UPDATE OR DELETE ON ledger
FOR EACH ROW EXECUTE FUNCTION check_ledger_settings();

-- Facts are corrected by reversal rows, never edited.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    RAISE EXCEPTION '% on "%" is refused: it is a table of facts', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'CR010',
              HINT = CASE TG_OP WHEN 'TRUNCATE' THEN 'drop_ledger() removes a whole ledger.'
                                ELSE 'Correct a fact by a new row: reverse_invoice(), reverse_payment(), reverse_allocation(), reverse_delivery(), or a later decision.' END;
END $$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger: facts are append-only, and nothing of a ledger is truncated (CR010).';

-- A case (dispute, promise, plan, task ...) is opened once and closed once.
-- What it was about and when stays as written; so any past day can be asked.
CREATE FUNCTION keep_case() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    moving text[] := string_to_array(TG_ARGV[0], ',') || '{closed_on,closed_at,closed_by}'::text[];     -- may change
    changed text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.recorded_at := clock_timestamp();
        NEW.recorded_by := credit_risk.acting_role();
        NEW.closed_on := NULL;
        NEW.closed_at := NULL;
        NEW.closed_by := NULL;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' OR OLD.closed_on IS NOT NULL THEN
        RAISE EXCEPTION '% on a % that is on record is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'CR010', HINT = CASE TG_OP WHEN 'DELETE' THEN 'Close it instead.' ELSE 'It is closed: open another one.' END;
    END IF;
    SELECT n.key INTO changed
    FROM jsonb_each(to_jsonb(NEW)) n JOIN jsonb_each(to_jsonb(OLD)) o USING (key)
    WHERE n.value <> o.value AND n.key <> ALL (moving) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'column "%" of a % does not change', changed, TG_TABLE_NAME
            USING ERRCODE = 'CR010', HINT = 'Close it and open another one.';
    END IF;
    NEW.closed_at := CASE WHEN NEW.closed_on IS NOT NULL THEN clock_timestamp() END;
    NEW.closed_by := CASE WHEN NEW.closed_on IS NOT NULL THEN credit_risk.acting_role() END;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_case() IS
'Trigger of the tables of cases: writes who and when, lets only the columns of its argument change, and the day of closing be set once; nothing is deleted (CR010). Open on a day D, as known at T, is: opened_on <= D and recorded_at <= T, and not closed_on <= D and closed_at <= T.';

CREATE FUNCTION is_open_as_of(opened_on date, recorded_at timestamptz, closed_on date, closed_at timestamptz, as_of date, known_at timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT opened_on <= as_of AND recorded_at <= known_at AND coalesce(closed_on > as_of OR closed_at > known_at, true) $$;
COMMENT ON FUNCTION is_open_as_of(date, timestamptz, date, timestamptz, date, timestamptz) IS
'Whether a case with these dates was open on a day, as known at an instant.';
