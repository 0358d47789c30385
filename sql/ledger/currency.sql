-- Exchange rates into the base currency.

CREATE TABLE exchange_rate (
    currency text    NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    rate_on  date    NOT NULL CHECK (isfinite(rate_on)),
    rate     numeric NOT NULL CHECK (rate > 0 AND rate < 1e9),
    PRIMARY KEY (currency, rate_on)
);
COMMENT ON TABLE exchange_rate IS 'Exchange rates (cours): units of base currency for one unit of the currency, by day.';
COMMENT ON COLUMN exchange_rate.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN exchange_rate.rate_on IS 'Day of the fixing.';
COMMENT ON COLUMN exchange_rate.rate IS 'Units of base currency for one unit of this currency.';

CREATE FUNCTION rate_on(currency text, on_date date, OUT rate numeric, OUT rate_on date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
DECLARE
    base text := (SELECT l.base_currency FROM ledger l);
    max_age integer := (SELECT l.max_rate_age FROM ledger l);
    latest date;
BEGIN
    IF rate_on.currency = base THEN
        rate := 1;
        rate_on := on_date;
        RETURN;
    END IF;
    SELECT e.rate, e.rate_on INTO rate, latest
    FROM exchange_rate e
    WHERE e.currency = rate_on.currency AND e.rate_on <= on_date
    ORDER BY e.rate_on DESC LIMIT 1;
    IF latest IS NULL OR latest < on_date - max_age THEN
        RAISE EXCEPTION 'no exchange rate from % to % for %', rate_on.currency, base, on_date
            USING ERRCODE = 'CR006',
                  DETAIL = CASE WHEN latest IS NULL THEN 'There is none on or before that day.'
                                ELSE format('The latest is of %s, more than %s days old.', latest, max_age) END,
                  HINT = 'Insert the rate into exchange_rate: units of base currency for one unit.';
    END IF;
    rate_on := latest;
END $$;
COMMENT ON FUNCTION rate_on(text, date) IS
'Rate into base currency: the latest on or before the day, at most ledger.max_rate_age days old; older or none is an error (CR006). 1 for the base currency. Runs as the owner: who writes a document needs no right on the rates.';

CREATE FUNCTION check_minor_unit(amount numeric, currency text) RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF amount < 0 OR amount >= 'Infinity' THEN     -- NaN is greater than all
        RAISE EXCEPTION 'an amount is 0 or more, not %', amount
            USING ERRCODE = '23514', HINT = 'Give a positive amount; what was wrong is reversed or cancelled, not booked with a minus.';
    ELSIF min_scale(amount) > credit_risk.currency_scale(currency) THEN
        RAISE EXCEPTION 'amount % is finer than the minor unit of %', amount, currency
            USING ERRCODE = 'CR011',
                  DETAIL = format('%s has %s decimals.', currency, credit_risk.currency_scale(currency)),
                  HINT = format('Round it first: %s.', round(amount, credit_risk.currency_scale(currency)));
    END IF;
END $$;
COMMENT ON FUNCTION check_minor_unit(numeric, text) IS
'An error if the amount has more decimals than its currency (CR011): JPY 0, EUR 2, KWD 3; or is negative, infinite or no number (23514). Says nothing of NULL.';
