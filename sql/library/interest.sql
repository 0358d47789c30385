-- Late-payment interest. A rate by law is made of rates over time, which are
-- data (reference_rate), and of a rule, which is C: which series, of which day,
-- fixed or not. Interest is made of a principal, payments and such rates, and
-- knows no table: the functions whose names end with _at take the rates as
-- arguments, the others read reference_rate and hand them over. Whoever has
-- rates of his own hands them over himself, before or instead of the release's.

-- Day counts.

CREATE FUNCTION credit_risk.day_count_days(start_date date, end_date date, convention text) RETURNS integer
AS 'MODULE_PATHNAME', 'crk_day_count_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.day_count_days(date, date, text) IS
'Days from start_date to end_date (nombre de jours) by a day-count convention: act/365f, act/360, act/act (all actual days), 30e/360, 30/360 us (with its February rules), 30/360 sia (without them); in any case of letters. Negative, and as many, where end_date is earlier. NULL in, NULL out; 22023 for another convention or an infinite date. Source: wilmott.com.';

CREATE FUNCTION credit_risk.year_fraction(start_date date, end_date date, convention text) RETURNS double precision
AS 'MODULE_PATHNAME', 'crk_years_between' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.year_fraction(date, date, text) IS
'Years from start_date to end_date (fraction d''année): the days of day_count_days() over 365 (act/365f) or 360; act/act (ISDA) divides the days of leap years by 366 and the others by 365, the first day counted and the last one not. For models: interest is computed exactly, not with it. NULL in, NULL out; 22023 for another convention or an infinite date.';

CREATE FUNCTION credit_risk.half_year_start(on_date date) RETURNS date
AS 'MODULE_PATHNAME', 'crk_half_year_start' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.half_year_start(date) IS
'First day of the half-year (semestre) of on_date: 1 January or 1 July. NULL in, NULL out; 22023 for an infinite date.';

-- Rates.

CREATE FUNCTION credit_risk.late_regime(regime text,
    OUT reference_series text, OUT margin_series text, OUT day_before boolean, OUT rate_fixed boolean)
AS 'MODULE_PATHNAME', 'crk_late_regime' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.late_regime(text) IS
'Rule of a regime of late-payment interest: FR (Code de commerce L441-10 II), EU (minimum of directive 2011/7/EU), UK (1998 Act, SI 2002/1675), FR_PUBLIC (public buyers, Code de la commande publique R2192-31); in any case of letters. Returns the series of reference_rate that its rate is the sum of; whether the reference rate is that of the day before the half-year instead of its first day; whether the rate of the day on which interest starts holds for the life of the debt. NULL in, NULLs out; 22023 for another regime.';

CREATE FUNCTION credit_risk.late_statutory_rates(regime text, from_date date, to_date date,
    series text[], effective_on date[], series_pct numeric[])
RETURNS TABLE (since date, reference_on date, reference_pct numeric, margin_pct numeric, rate_pct numeric)
AS 'MODULE_PATHNAME', 'crk_late_statutory_rates' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION credit_risk.late_statutory_rates(text, date, date, text[], date[], numeric[]) IS
'Statutory rates of late-payment interest (taux légaux des intérêts de retard) from from_date to to_date, out of the rates given: element k of the three arrays is one row of a table like reference_rate, in any order, other series ignored; of two rates of one series and day the first counts. One row a half-year, and one where the margin changes within it: since (its first day, which may precede from_date), day and figure of the reference rate, margin, and their sum, in percent a year. Margin and sum are NULL before the regime''s first margin; no row before its first reference rate. The last rate of a series holds on. No row if an argument is NULL; 22023 for another regime, infinite from_date or to_date, NaN, arrays of different length or with NULLs.';

CREATE FUNCTION credit_risk.late_statutory_rates(regime text, from_date date, to_date date)
RETURNS TABLE (since date, reference_on date, reference_pct numeric, margin_pct numeric, rate_pct numeric)
LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 4 SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.*
    FROM credit_risk.late_regime(regime) g
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(r.series), '{}') AS series, coalesce(array_agg(r.effective_on), '{}') AS effective_on,
                               coalesce(array_agg(r.rate_pct), '{}') AS rate_pct
                        FROM credit_risk.reference_rate r WHERE r.series IN (g.reference_series, g.margin_series)) a
    CROSS JOIN LATERAL credit_risk.late_statutory_rates(regime, from_date, to_date, a.series, a.effective_on, a.rate_pct) s
$$;
COMMENT ON FUNCTION credit_risk.late_statutory_rates(text, date, date) IS
'Statutory rates of late-payment interest (taux légaux des intérêts de retard) from from_date to to_date by reference_rate: one row a half-year, see the function that takes the rates.';

CREATE FUNCTION credit_risk.late_reference_rate(regime text, on_date date) RETURNS numeric
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.reference_pct FROM credit_risk.late_statutory_rates(regime, on_date, on_date) s ORDER BY s.since DESC LIMIT 1 $$;
COMMENT ON FUNCTION credit_risk.late_reference_rate(text, date) IS
'Reference rate of late-payment interest (taux de référence) for a day, in percent a year: for FR, EU and FR_PUBLIC the main refinancing rate of the ECB in force on 1 January or 1 July of its half-year; for UK the Bank Rate in force on 31 December or 30 June before it. For UK and FR_PUBLIC, on_date is the day on which interest starts. From reference_rate, whose last figure holds on. NULL in, NULL out; NULL before the series; 22023 for another regime or an infinite date.';

CREATE FUNCTION credit_risk.late_statutory_rate(regime text, on_date date) RETURNS numeric
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT s.rate_pct FROM credit_risk.late_statutory_rates(regime, on_date, on_date) s ORDER BY s.since DESC LIMIT 1 $$;
COMMENT ON FUNCTION credit_risk.late_statutory_rate(text, date) IS
'Statutory rate of late-payment interest (taux légal des pénalités de retard) for a day, in percent a year: late_reference_rate() and the margin of the day: FR 10 (7 in 2008), EU 8 (7 before July 2013), UK 8, FR_PUBLIC 8 (7 before May 2013). The half-year rule is also applied to French rates before 2013, when the law said "the most recent operation". The French contractual floor does not lift it: see late_contractual_rate(). NULL in, NULL out; NULL before the regime''s first rate; 22023 for another regime or an infinite date. Source: Code de commerce L441-10 II; directive 2011/7/EU; SI 2002/1675; Code de la commande publique R2192-31.';

CREATE FUNCTION credit_risk.late_contractual_rate(rate_pct numeric, on_date date, series text[], effective_on date[], series_pct numeric[]) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    half_year date := credit_risk.half_year_start(on_date);
    legal numeric;
BEGIN
    IF NOT (rate_pct >= 0 AND rate_pct < 'infinity') THEN
        RAISE EXCEPTION 'rate_pct must be a number of at least zero' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('The value is %s.', rate_pct);
    END IF;
    SELECT r.pct INTO legal FROM unnest(series, effective_on, series_pct) WITH ORDINALITY r (name, day, pct, place)
    WHERE r.name = 'fr_legal_rate_professional' AND r.day = half_year ORDER BY r.place LIMIT 1;
    IF legal IS NULL THEN
        RAISE EXCEPTION 'the French legal rate of the half-year from % is not known', half_year USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Add it as fr_legal_rate_professional to rates of your own, or compare with three times the published rate.';
    END IF;
    RETURN greatest(rate_pct, 3 * legal);
END $$;
COMMENT ON FUNCTION credit_risk.late_contractual_rate(numeric, date, text[], date[], numeric[]) IS
'Rate of late-payment interest agreed by contract (taux conventionnel), lifted to the floor of French law where it is below: 3 × the legal rate (series fr_legal_rate_professional) of the half-year of on_date; in percent a year. Out of the rates given, as in late_statutory_rates(). NULL in, NULL out; 22023 where the legal rate of that half-year is not among them (no other half-year''s is taken), for a rate that is negative, NaN or infinite, and for an infinite date. Source: Code de commerce L441-10 II.';

CREATE FUNCTION credit_risk.late_contractual_rate(rate_pct numeric, on_date date) RETURNS numeric
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT credit_risk.late_contractual_rate(late_contractual_rate.rate_pct, on_date, coalesce(array_agg(r.series), '{}'),
                                             coalesce(array_agg(r.effective_on), '{}'), coalesce(array_agg(r.rate_pct), '{}'))
    FROM credit_risk.reference_rate r
    WHERE r.series = 'fr_legal_rate_professional' AND r.effective_on = credit_risk.half_year_start(on_date)
$$;
COMMENT ON FUNCTION credit_risk.late_contractual_rate(numeric, date) IS
'Rate of late-payment interest agreed by contract (taux conventionnel), lifted to the floor of French law by reference_rate: 3 × the legal rate of the half-year of on_date, in percent a year. Two examples of 2024 S2: 10 gives 14.76, 15 stays. NULL in, NULL out; 22023 where that legal rate is not known, see the function that takes the rates.';

CREATE FUNCTION credit_risk.late_rate_steps(regime text, contract_pct numeric, from_date date, to_date date,
    series text[], effective_on date[], series_pct numeric[],
    OUT rate_from date[], OUT rate_pct numeric[], OUT rate_fixed boolean)
AS 'MODULE_PATHNAME', 'crk_late_rate_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.late_rate_steps(text, numeric, date, date, text[], date[], numeric[]) IS
'Rates for late_interest_at() and late_interest_schedule_at(): the rows since and rate_pct of late_statutory_rates() as two arrays, and whether the regime fixes the rate. One call serves all debts of a regime whose due dates and payments lie between from_date and to_date. With contract_pct that rate alone, since ever. Empty arrays where contract_pct and a date or array are NULL; NULLs for a NULL regime; 22023 as late_statutory_rates().';

CREATE FUNCTION credit_risk.late_rate_steps(regime text, contract_pct numeric, from_date date, to_date date,
    OUT rate_from date[], OUT rate_pct numeric[], OUT rate_fixed boolean)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.*
    FROM credit_risk.late_regime(regime) g
    CROSS JOIN LATERAL (SELECT coalesce(array_agg(r.series), '{}') AS series, coalesce(array_agg(r.effective_on), '{}') AS effective_on,
                               coalesce(array_agg(r.rate_pct), '{}') AS rate_pct
                        FROM credit_risk.reference_rate r
                        WHERE contract_pct IS NULL AND r.series IN (g.reference_series, g.margin_series)) a
    CROSS JOIN LATERAL credit_risk.late_rate_steps(regime, contract_pct, from_date, to_date, a.series, a.effective_on, a.rate_pct) s
$$;
COMMENT ON FUNCTION credit_risk.late_rate_steps(text, numeric, date, date) IS
'Rates for late_interest_at() and late_interest_schedule_at() by reference_rate: see the function that takes the rates.';

-- Interest at rates that are given.

CREATE FUNCTION credit_risk.late_interest_at(principal numeric, due_date date, paid_date date,
    rate_from date[], rate_pct numeric[], rate_fixed boolean,
    day_count text DEFAULT 'act/365f', scale integer DEFAULT 2, round_daily boolean DEFAULT false) RETURNS numeric
AS 'MODULE_PATHNAME', 'crk_late_interest_at' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION credit_risk.late_interest_at(numeric, date, date, date[], numeric[], boolean, text, integer, boolean) IS
'Simple interest (intérêts simples) on principal over the days after due_date up to and with paid_date: sum of principal × rate / 100 × days / basis. rate_pct[k], in percent a year, holds from rate_from[k] (ascending) to the next; with rate_fixed the rate of the first day holds on. Rounded once, half away from zero, to scale decimals (0 to 30); scale NULL: as it is, to 20 decimals where it does not end. round_daily rounds the interest of one day first and multiplies it, as gov.uk does: for comparison only. Months of 30 days are counted from due_date; with act/act each day has the length of its own year. 0 where paid_date is not later; linear, so negative for a negative principal. NULL in another argument: NULL. 22023 where no rate holds on the first day, for a negative rate, NaN, infinities, unknown day counts, arrays of different length, with NULLs or not ascending. Source: directive 2011/7/EU, article 2(6) and 3(3).';

CREATE FUNCTION credit_risk.late_interest_schedule_at(principal numeric, due_date date, paid_on date[], paid_amount numeric[], as_of date,
    rate_from date[], rate_pct numeric[], rate_fixed boolean,
    day_count text DEFAULT 'act/365f', imputation text DEFAULT 'principal_first')
RETURNS TABLE (from_date date, to_date date, days integer, rate_pct numeric, principal numeric, interest numeric,
    payment numeric, to_interest numeric, to_principal numeric, excess numeric, principal_after numeric, interest_after numeric)
AS 'MODULE_PATHNAME', 'crk_late_interest_schedule_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4;
COMMENT ON FUNCTION credit_risk.late_interest_schedule_at(numeric, date, date[], numeric[], date, date[], numeric[], boolean, text, text) IS
'Late-payment interest of a debt with its payments (décompte d''intérêts), up to and with as_of, at the rates given as to late_interest_at(). One row a stretch of days at one rate on one principal: first and last day, days, rate in percent a year, principal, interest of the stretch; then the payment of its last day and what it went to (to_interest, to_principal, excess: paid but not owed), and principal and unpaid interest after it. Payments in any order, those of one day together, those after as_of ignored; one by due_date, or after the principal is paid, is a row without from_date and rate. imputation: principal_first (on the principal, then on interest; most programs), interest_first (on interest, then on the principal; Code civil 1343-1). Interest bears no interest. Exact, shown to 20 decimals where it does not end. No row if an argument is NULL. 22023 as late_interest_at(), for negative payments, a negative principal with payments, unknown words.';

-- Interest by law, or at a rate by contract.

CREATE FUNCTION credit_risk.late_interest(principal numeric, due_date date, paid_date date, regime text DEFAULT 'FR',
    rate_pct numeric DEFAULT NULL, day_count text DEFAULT 'act/365f', scale integer DEFAULT 2, round_daily boolean DEFAULT false) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT credit_risk.late_interest_at(principal, due_date, paid_date, r.rate_from, r.rate_pct, r.rate_fixed, day_count, scale, round_daily)
    FROM credit_risk.late_rate_steps(regime, rate_pct, CASE WHEN isfinite(due_date) THEN due_date END,
                                     CASE WHEN isfinite(paid_date) THEN paid_date END) r
$$;
COMMENT ON FUNCTION credit_risk.late_interest(numeric, date, date, text, numeric, text, integer, boolean) IS
'Late-payment interest (intérêts de retard, pénalités de retard) on an amount due on due_date and paid on paid_date (unpaid: the day up to which you ask): simple, over the days after due_date up to and with paid_date, on the amount with tax (TTC). Regimes FR (each day at the rate of its half-year), EU (likewise), UK and FR_PUBLIC (rate of the day on which interest starts, for good). With rate_pct, that rate in percent a year instead, as given: see late_contractual_rate() for its French floor. Day counts as in day_count_days(); rounded once to scale decimals, half away from zero, scale NULL: unrounded. 0 where paid_date is not later than due_date; NULL if principal, a date, regime or day_count is NULL; 22023 where no rate is known for the first day, and as late_interest_at(). For many rows, take late_rate_steps() once and call late_interest_at(). Source: Code de commerce L441-10 II; directive 2011/7/EU; Late Payment of Commercial Debts (Interest) Act 1998.';

CREATE FUNCTION credit_risk.late_interest_detail(principal numeric, due_date date, paid_date date, regime text DEFAULT 'FR',
    rate_pct numeric DEFAULT NULL, day_count text DEFAULT 'act/365f')
RETURNS TABLE (from_date date, to_date date, days integer, rate_pct numeric, principal numeric, interest numeric)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 4 SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.from_date, s.to_date, s.days, s.rate_pct, s.principal, s.interest
    FROM credit_risk.late_rate_steps(regime, rate_pct, CASE WHEN isfinite(due_date) THEN due_date END,
                                     CASE WHEN isfinite(paid_date) THEN paid_date END) r
    CROSS JOIN LATERAL credit_risk.late_interest_schedule_at(principal, due_date, '{}', '{}', paid_date,
                                                             r.rate_from, r.rate_pct, r.rate_fixed, day_count) s
$$;
COMMENT ON FUNCTION credit_risk.late_interest_detail(numeric, date, date, text, numeric, text) IS
'The stretches that late_interest() adds up (détail des intérêts de retard), same arguments and errors: first and last day, both counted, days, rate in percent a year, principal, and interest unrounded (to 20 decimals where it does not end). No row where paid_date is not later than due_date or an argument but rate_pct is NULL.';

CREATE FUNCTION credit_risk.late_interest_schedule(principal numeric, due_date date, paid_on date[], paid_amount numeric[], as_of date,
    regime text DEFAULT 'FR', rate_pct numeric DEFAULT NULL, day_count text DEFAULT 'act/365f', imputation text DEFAULT 'principal_first')
RETURNS TABLE (from_date date, to_date date, days integer, rate_pct numeric, principal numeric, interest numeric,
    payment numeric, to_interest numeric, to_principal numeric, excess numeric, principal_after numeric, interest_after numeric)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 4 SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.*
    FROM credit_risk.late_rate_steps(regime, rate_pct, CASE WHEN isfinite(due_date) THEN due_date END,
                                     CASE WHEN isfinite(as_of) THEN as_of END) r
    CROSS JOIN LATERAL credit_risk.late_interest_schedule_at(principal, due_date, paid_on, paid_amount, as_of,
                                                             r.rate_from, r.rate_pct, r.rate_fixed, day_count, imputation) s
$$;
COMMENT ON FUNCTION credit_risk.late_interest_schedule(numeric, date, date[], numeric[], date, text, numeric, text, text) IS
'Late-payment interest of a debt with its payments (décompte d''intérêts de retard) by regime or at rate_pct, as late_interest(); rows as late_interest_schedule_at(). 10,000 due on 31 January 2025, 4,000 paid on 2 March, at 13.15 %, up to 1 April: principal_first 172.931507 of interest; interest_first leaves a principal of 6,108.082192 and 66.017491 of interest. No row if an argument but rate_pct is NULL. 22023 as both. Source of interest_first: Code civil 1343-1, 1re civ. 7 February 1995.';

CREATE FUNCTION credit_risk.late_fixed_sum(debt numeric, regime text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM credit_risk.late_regime(regime);
    IF debt = 'NaN' OR debt = 'infinity' OR debt = '-infinity' THEN
        RAISE EXCEPTION 'debt must be a finite number' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The value is %s.', debt);
    END IF;
    RETURN CASE WHEN debt <= 0 THEN 0
                WHEN upper(regime) <> 'UK' OR debt < 1000 THEN 40
                WHEN debt < 10000 THEN 70
                ELSE 100 END;
END $$;
COMMENT ON FUNCTION credit_risk.late_fixed_sum(numeric, text) IS
'Fixed sum for recovery costs (indemnité forfaitaire pour frais de recouvrement) of one invoice that is paid late, outside tax and not divided by partial payments: 40 euros in FR, EU and FR_PUBLIC; in UK 40, 70 or 100 pounds for a debt below 1,000, below 10,000, or more. 0 for a debt of zero or less. Owed in France since 2013. NULL in, NULL out; 22023 for another regime, NaN and infinities. Source: Code de commerce D441-5; directive 2011/7/EU, article 6; Late Payment of Commercial Debts (Interest) Act 1998, section 5A.';
