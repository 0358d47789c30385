-- Calendar: due dates by days and month ends, business days.
--
-- Due dates of law and contract are plain calendar arithmetic. Texts of terms
-- ("30 jours fin de mois") are read by payment_terms.

CREATE FUNCTION credit_risk.due_date_net(start_date date, days integer) RETURNS date
AS 'MODULE_PATHNAME', 'crk_due_date_net' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.due_date_net(date, integer) IS
'Due date so many calendar days after start_date (net, N jours nets): 30 days are 30 days, never a month. NULL if an argument is NULL; an infinite date stays; error if days is negative or the date leaves the range of date.';

CREATE FUNCTION credit_risk.due_date_net_eom(start_date date, days integer) RETURNS date
AS 'MODULE_PATHNAME', 'crk_due_date_net_eom' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.due_date_net_eom(date, integer) IS
'Due date by reading A of "N jours fin de mois": start_date plus days, then the end of that month. 10 April 2025 and 45 days: 31 May 2025. NULL if an argument is NULL; an infinite date stays; error if days is negative or the date leaves the range of date. Source: economie.gouv.fr/dgccrf, Délais de paiement.';

CREATE FUNCTION credit_risk.due_date_eom_net(start_date date, days integer) RETURNS date
AS 'MODULE_PATHNAME', 'crk_due_date_eom_net' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.due_date_eom_net(date, integer) IS
'Due date by reading B of "N jours fin de mois": the end of the month of start_date, then plus days. 10 March 2025 and 45 days: 15 May 2025. NULL if an argument is NULL; an infinite date stays; error if days is negative or the date leaves the range of date. Source: economie.gouv.fr/dgccrf, Délais de paiement.';

CREATE FUNCTION credit_risk.due_date_net_eom_day(start_date date, days integer, day_of_month integer) RETURNS date
AS 'MODULE_PATHNAME', 'crk_due_date_net_eom_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.due_date_net_eom_day(date, integer, integer) IS
'Due date by "N jours fin de mois le K": start_date plus days, the end of that month, then the first K-th (1 to 31) strictly after; a shorter month gives its last day. 15 April 2008, 30 days, the 10th: 10 June 2008. NULL if an argument is NULL; an infinite date stays; error if days is negative, day_of_month is no day, or the date leaves the range of date.';

CREATE FUNCTION credit_risk.adjust_business_day(due_date date, convention text DEFAULT 'none', holidays date[] DEFAULT '{}') RETURNS date
AS 'MODULE_PATHNAME', 'crk_adjust_business_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.adjust_business_day(date, text, date[]) IS
'due_date moved to a business day (jour ouvré): closed are Saturdays, Sundays and holidays (any order; NULL elements count for nothing). Conventions: none (the default: a contractual due date is not moved by a weekend), following, modified_following (following, but preceding where that would leave the month), preceding. NULL if an argument is NULL; an infinite date stays; error for another convention.';

-- The days on which the house is closed come from here or from yourself.
CREATE FUNCTION credit_risk.easter_sunday(year integer) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT make_date(year, (s.sum / 31)::integer, (s.sum % 31 + 1)::integer)
    FROM (SELECT year % 19 AS a, year / 100 AS b, year % 100 AS c) y
    CROSS JOIN LATERAL (SELECT (19 * y.a + y.b - y.b / 4 - (y.b - (y.b + 8) / 25 + 1) / 3 + 15) % 30 AS h) m
    CROSS JOIN LATERAL (SELECT (32 + 2 * (y.b % 4) + 2 * (y.c / 4) - m.h - y.c % 4) % 7 AS l) w
    CROSS JOIN LATERAL (SELECT m.h + w.l - 7 * ((y.a + 11 * m.h + 22 * w.l) / 451) + 114 AS sum) s
$$;
COMMENT ON FUNCTION credit_risk.easter_sunday(integer) IS
'Easter Sunday of a year of the Gregorian calendar. NULL for NULL. Source: the algorithm of Nature, 1876.';

CREATE FUNCTION credit_risk.french_holidays(year integer) RETURNS TABLE (holiday_on date, name text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.holiday_on, h.name
    FROM (SELECT credit_risk.easter_sunday(year) AS easter) e
    CROSS JOIN LATERAL (VALUES
        (make_date(year, 1, 1), 'Jour de l''an'), (e.easter + 1, 'Lundi de Pâques'), (make_date(year, 5, 1), 'Fête du Travail'),
        (make_date(year, 5, 8), 'Victoire 1945'), (e.easter + 39, 'Ascension'), (e.easter + 50, 'Lundi de Pentecôte'),
        (make_date(year, 7, 14), 'Fête nationale'), (make_date(year, 8, 15), 'Assomption'), (make_date(year, 11, 1), 'Toussaint'),
        (make_date(year, 11, 11), 'Armistice 1918'), (make_date(year, 12, 25), 'Noël')) h (holiday_on, name)
    ORDER BY h.holiday_on
$$;
COMMENT ON FUNCTION credit_risk.french_holidays(integer) IS
'The public holidays (jours fériés) of metropolitan France in a year. NULL: no row. Source: Code du travail, art. L3133-1.';
