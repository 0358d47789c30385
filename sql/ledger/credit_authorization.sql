-- Authorizations: credit reserved for an order to come.
--
-- What is reserved stands among the orders, as a row of its own that counts
-- against the limits, is judged by the same trigger and known as of any day.
-- An order that names it takes its amount off in its own statement, before it
-- is posted and judged itself.

CREATE TABLE credit_reservation (
    customer_id bigint NOT NULL,
    order_id    bigint NOT NULL,        -- the row of sales_order that counts
    amount      numeric NOT NULL CHECK (amount > 0 AND amount < 1e18),
    currency    text NOT NULL,
    valid_until date NOT NULL CHECK (isfinite(valid_until)),
    reason      text NOT NULL CHECK (reason <> ''),
    opened_on   date NOT NULL DEFAULT business_date(),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT credit_risk.acting_role(),
    outcome     text CHECK (outcome IN ('expired', 'cancelled')),
    closed_on   date,
    closed_at   timestamptz,
    closed_by   text,
    PRIMARY KEY (customer_id, order_id),
    FOREIGN KEY (customer_id, order_id) REFERENCES sales_order ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT credit_reservation_valid_after_opened CHECK (valid_until >= opened_on),
    CONSTRAINT credit_reservation_closed_with_an_outcome CHECK (num_nonnulls(outcome, closed_on) IN (0, 2))
);
CREATE INDEX credit_reservation_order ON credit_reservation (order_id);
CREATE INDEX credit_reservation_open ON credit_reservation (valid_until) WHERE closed_on IS NULL;
COMMENT ON TABLE credit_reservation IS 'Authorizations as given (autorisations de crédit): how much, until when, why. Written by authorize_credit(); credit_authorization shows what is left of them.';
COMMENT ON COLUMN credit_reservation.customer_id IS 'The payer.';
COMMENT ON COLUMN credit_reservation.order_id IS 'The authorization: key of its row in sales_order.';
COMMENT ON COLUMN credit_reservation.amount IS 'Credit reserved, document currency.';
COMMENT ON COLUMN credit_reservation.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN credit_reservation.valid_until IS 'Last day on which an order may use it.';
COMMENT ON COLUMN credit_reservation.reason IS 'What it is for.';
COMMENT ON COLUMN credit_reservation.opened_on IS 'Business date on which it was given.';
COMMENT ON COLUMN credit_reservation.recorded_at IS 'When that was recorded.';
COMMENT ON COLUMN credit_reservation.recorded_by IS 'Role that asked for it.';
COMMENT ON COLUMN credit_reservation.outcome IS 'expired or cancelled, with what was left of it.';
COMMENT ON COLUMN credit_reservation.closed_on IS 'Business date of that; NULL = it is in force or used up.';
COMMENT ON COLUMN credit_reservation.closed_at IS 'When that was recorded.';
COMMENT ON COLUMN credit_reservation.closed_by IS 'Role whose statement ended it.';
CREATE TRIGGER credit_risk_case BEFORE INSERT OR UPDATE OR DELETE ON credit_reservation
FOR EACH ROW EXECUTE FUNCTION keep_case('outcome');
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON credit_reservation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE sales_order ADD CONSTRAINT sales_order_uses_authorization
    FOREIGN KEY (customer_id, authorization_id) REFERENCES credit_reservation ON UPDATE RESTRICT ON DELETE RESTRICT;

CREATE VIEW credit_authorization AS
SELECT v.customer_id, c.code, c.name, v.order_id AS authorization_id, o.order_no AS authorization_no, v.amount, v.amount - o.amount AS used_amount,
       CASE WHEN v.closed_on IS NULL THEN o.amount ELSE 0 END AS left_amount, o.open_amount_base AS left_base, v.currency, v.valid_until, v.reason,
       CASE WHEN v.closed_on IS NOT NULL THEN v.outcome WHEN v.valid_until < (SELECT business_date()) THEN 'expired'
            WHEN o.amount = 0 THEN 'used_up' WHEN o.status = 'held' THEN 'held' ELSE 'in_force' END AS status,
       ARRAY(SELECT coalesce(u.order_no, u.order_id::text) FROM sales_order u
             WHERE u.customer_id = v.customer_id AND u.authorization_id = v.order_id ORDER BY u.order_id) AS orders,
       v.opened_on, v.recorded_by
FROM credit_reservation v JOIN sales_order o USING (customer_id, order_id) JOIN customer c USING (customer_id);
COMMENT ON VIEW credit_authorization IS
'Authorizations (autorisations de crédit) with what is used and left of them, document currency; left_base is what still counts against the limits, base currency. status: in_force, used_up, expired, cancelled, or held (by hand).';

CREATE FUNCTION authorize_credit(customer_id bigint, amount numeric, valid_until date, reason text, currency text DEFAULT NULL,
                                 OUT authorization_id bigint, OUT authorization_no text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    o sales_order;
BEGIN
    IF NOT amount > 0 OR amount IS NULL THEN
        RAISE EXCEPTION 'an authorization is for more than 0, not %', coalesce(amount::text, 'NULL') USING ERRCODE = '22023';
    ELSIF valid_until IS NULL OR NOT isfinite(valid_until) OR valid_until < business_date() THEN
        RAISE EXCEPTION 'an authorization ends on a day to come, not on %', coalesce(valid_until::text, 'NULL') USING ERRCODE = '22023';
    ELSIF coalesce(reason, '') = '' THEN
        RAISE EXCEPTION 'an authorization needs a reason' USING ERRCODE = '22023', HINT = 'Say what it is for in the argument "reason".';
    END IF;
    authorization_id := nextval(pg_get_serial_sequence('sales_order', 'order_id'));
    authorization_no := 'AUTH-' || authorize_credit.authorization_id;
    INSERT INTO sales_order (customer_id, order_id, order_no, amount, currency, is_authorization)
    VALUES (authorize_credit.customer_id, authorize_credit.authorization_id, authorize_credit.authorization_no, authorize_credit.amount, authorize_credit.currency, true);
    SELECT s.* INTO o FROM sales_order s WHERE s.customer_id = authorize_credit.customer_id AND s.order_id = authorize_credit.authorization_id;
    IF o.status = 'held' THEN
        RAISE EXCEPTION 'credit of % % is not authorized: %', trim_scale(o.amount), o.currency,
                        (SELECT array_to_string(d.reasons, ', ') FROM credit_decision d
                         WHERE d.customer_id = o.customer_id AND d.order_id = o.order_id ORDER BY d.decision_id DESC LIMIT 1)
            USING ERRCODE = 'CR001',
                  DETAIL = (SELECT d.cure FROM credit_decision d WHERE d.customer_id = o.customer_id AND d.order_id = o.order_id ORDER BY d.decision_id DESC LIMIT 1),
                  HINT = 'Ask for less, wait for a payment, or have a higher limit decided in credit_limit.';
    END IF;
    INSERT INTO credit_reservation (customer_id, order_id, amount, currency, valid_until, reason)
    VALUES (o.customer_id, o.order_id, o.amount, o.currency, authorize_credit.valid_until, authorize_credit.reason);
END $$;
COMMENT ON FUNCTION authorize_credit(bigint, numeric, date, text, text) IS
'Reserves credit for orders to come (autorisation de crédit) until a day, and returns its key and number: it counts against the limits from now on and is judged as an order is. An order written with its authorization_id uses it up; what is left ends after that day. CR001 if it does not fit, 22023 for bad arguments, else as an order. Runs as the owner: reservations are nobody''s to write otherwise.';

CREATE FUNCTION authorization_used() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    given record;
BEGIN
    SELECT v.valid_until, v.closed_on, v.outcome, o.order_no, o.currency INTO given
    FROM credit_reservation v JOIN sales_order o USING (customer_id, order_id)
    WHERE v.customer_id = NEW.customer_id AND v.order_id = NEW.authorization_id FOR NO KEY UPDATE OF o;
    IF given.currency <> NEW.currency THEN
        RAISE EXCEPTION 'authorization % is in %, the order in %', given.order_no, given.currency, NEW.currency USING ERRCODE = 'CR006';
    ELSIF given.closed_on IS NOT NULL OR given.valid_until < business_date() THEN
        RAISE EXCEPTION 'authorization % is no longer in force', given.order_no
            USING ERRCODE = 'CR012', DETAIL = CASE WHEN given.outcome = 'cancelled' THEN 'It was cancelled.' ELSE format('It ended on %s.', given.valid_until) END,
                  HINT = 'Write the order without it, or ask for another by authorize_credit().';
    END IF;
    IF NEW.status <> 'cancelled' THEN
        UPDATE sales_order o SET amount = o.amount - least(o.amount, NEW.amount)
        WHERE o.customer_id = NEW.customer_id AND o.order_id = NEW.authorization_id AND o.amount > 0;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION authorization_used() IS
'Trigger of sales_order: an order takes its amount off its authorization before it is posted itself; beyond what is left it is an order like any other. CR006 for another currency, CR012 if it has ended. Runs as the owner: reservations are nobody''s to write.';
-- For each row, since those come before what is fired for the statement.
CREATE TRIGGER credit_risk_authorization AFTER INSERT ON sales_order
FOR EACH ROW WHEN (NEW.authorization_id IS NOT NULL) EXECUTE FUNCTION authorization_used();

CREATE FUNCTION authorization_guarded() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF OLD.authorization_id IS DISTINCT FROM NEW.authorization_id OR OLD.is_authorization <> NEW.is_authorization THEN
        RAISE EXCEPTION 'an order keeps the authorization that it was written with'
            USING ERRCODE = 'CR010', HINT = 'Cancel the order and write another.';
    ELSIF current_user <> (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID) THEN
        RAISE EXCEPTION 'authorization % is written by the ledger only', OLD.order_no
            USING ERRCODE = 'CR010', HINT = 'cancel_authorization() cancels it; another is given by authorize_credit().';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION authorization_guarded() IS
'Trigger of sales_order: what is reserved is changed by the ledger alone, and an order keeps its authorization (CR010).';
CREATE TRIGGER credit_risk_authorized BEFORE UPDATE ON sales_order
FOR EACH ROW WHEN (OLD.is_authorization OR NEW.is_authorization OR OLD.authorization_id IS DISTINCT FROM NEW.authorization_id)
EXECUTE FUNCTION authorization_guarded();

CREATE FUNCTION close_authorizations(customer_ids bigint[], order_ids bigint[], outcome text) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    closed bigint;
BEGIN
    PERFORM FROM sales_order o WHERE (o.customer_id, o.order_id) IN (SELECT * FROM unnest(customer_ids, order_ids))
    ORDER BY o.customer_id, o.order_id FOR NO KEY UPDATE;
    PERFORM lock_accounts(customer_ids);
    UPDATE credit_reservation v SET closed_on = greatest(business_date(), v.opened_on), outcome = close_authorizations.outcome
    WHERE (v.customer_id, v.order_id) IN (SELECT * FROM unnest(customer_ids, order_ids)) AND v.closed_on IS NULL;
    GET DIAGNOSTICS closed = ROW_COUNT;
    UPDATE sales_order o SET cancelled_on = greatest(business_date(), o.ordered_on)
    WHERE (o.customer_id, o.order_id) IN (SELECT * FROM unnest(customer_ids, order_ids)) AND o.is_authorization AND o.cancelled_on IS NULL;
    RETURN closed;
END $$;
COMMENT ON FUNCTION close_authorizations(bigint[], bigint[], text) IS
'Ends authorizations of these keys as expired or cancelled: what is left of them leaves exposure. Returns how many. For the functions below.';

CREATE FUNCTION cancel_authorization(authorization_id bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    IF coalesce((SELECT close_authorizations(ARRAY[v.customer_id], ARRAY[v.order_id], 'cancelled') FROM credit_reservation v
                 WHERE v.order_id = cancel_authorization.authorization_id), 0) = 0 THEN
        RAISE EXCEPTION 'authorization % is not in force', coalesce(cancel_authorization.authorization_id::text, 'NULL')
            USING ERRCODE = 'CR012', HINT = 'credit_authorization lists them.';
    END IF;
    RETURN 'cancelled';
END $$;
COMMENT ON FUNCTION cancel_authorization(bigint) IS
'Gives up an authorization: what is left of it leaves exposure. CR012 if it has ended or there is none. Runs as the owner: reservations are nobody''s to write.';

CREATE FUNCTION expire_authorizations(customer_ids bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
    SELECT coalesce(close_authorizations(array_agg(v.customer_id), array_agg(v.order_id), 'expired'), 0)
    FROM credit_reservation v
    WHERE v.closed_on IS NULL AND v.valid_until < business_date()
      AND (expire_authorizations.customer_ids IS NULL OR v.customer_id = ANY (expire_authorizations.customer_ids))
$$;
COMMENT ON FUNCTION expire_authorizations(bigint[]) IS
'Ends the authorizations whose last day has passed, of these customers or of all (NULL); returns how many. Until it is called what is left of them counts, but no order may use it. Called by the nightly run. Runs as the owner: reservations are nobody''s to write.';
