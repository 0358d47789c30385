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
