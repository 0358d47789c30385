-- The days on which the house is closed: nothing leaves on them.

CREATE TABLE holiday (
    holiday_on date PRIMARY KEY CHECK (isfinite(holiday_on)),
    name       text NOT NULL CHECK (name <> '')
);
COMMENT ON TABLE holiday IS 'Holidays of the house (jours fériés), those of metropolitan France until 2040 to begin with. Yours to change; a change counts from the next time that a date is planned, replan() plans all anew.';
COMMENT ON COLUMN holiday.holiday_on IS 'The day.';
COMMENT ON COLUMN holiday.name IS 'What it is.';
-- The Monday of a day in May may be both Ascension and a fixed holiday.
INSERT INTO holiday
SELECT h.holiday_on, string_agg(h.name, ', ') FROM generate_series(2020, 2040) y, credit_risk.french_holidays(y) h GROUP BY h.holiday_on;
CREATE TRIGGER credit_risk_truncate BEFORE TRUNCATE ON holiday
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- In plpgsql, whose plans last for a session: it is asked for every step.
CREATE FUNCTION business_day(day date, convention text DEFAULT 'following') RETURNS date
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    IF NOT isfinite(day) THEN
        RETURN day;
    END IF;
    RETURN credit_risk.adjust_business_day(day, convention, ARRAY(SELECT h.holiday_on FROM holiday h WHERE h.holiday_on BETWEEN day - 31 AND day + 31));
END $$;
COMMENT ON FUNCTION business_day(date, text) IS
'The day moved to a business day (jour ouvré) of the house, by its weekends and holidays: following (default), modified_following or preceding. NULL for NULL; 22023 for another convention.';

CREATE FUNCTION business_days_before(day date, days integer) RETURNS date
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$
BEGIN
    FOR i IN 1 .. days LOOP
        day := business_day(day - 1, 'preceding');
    END LOOP;
    RETURN day;
END $$;
COMMENT ON FUNCTION business_days_before(date, integer) IS
'The business day so many business days of the house before a day; the day itself for 0 or fewer. NULL for NULL.';
