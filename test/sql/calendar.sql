-- Due dates by days and month ends; business days. No ledger is needed.
SET search_path = credit_risk, public;
SET DateStyle = 'ISO, YMD';

-- The examples of the literature: reading A counts the days and then goes to the end of the month, B the other way round.
SELECT due_date_net_eom('2025-04-10', 45) AS solices,
       due_date_net_eom('2025-03-10', 45) AS fnaseph_a,
       due_date_eom_net('2025-03-10', 45) AS fnaseph_b,
       due_date_net_eom('2023-03-15', 30) AS edd,
       due_date_net_eom_day('2008-04-15', 30, 10) AS mecadyn,
       due_date_eom_net('2023-03-10', 30) AS lediffa;

-- Thirty days do not make the two readings equal.
SELECT due_date_net_eom('2025-01-10', 30) AS a, due_date_eom_net('2025-01-10', 30) AS b;

-- Leap years and short months. Thirty days are thirty days.
SELECT due_date_net_eom('2024-01-14', 46) AS leap, due_date_net_eom('2023-01-14', 46) AS common,
       due_date_net('2025-01-31', 30) AS net, due_date_net('2024-01-31', 30) AS net_leap,
       due_date_net_eom_day('2025-01-15', 0, 31) AS the_31st_of_february,
       due_date_net_eom_day('2025-12-15', 0, 1) AS new_year;

-- Errors in public sources that are not reproduced: the end of month and 45 days is exact, October ends on the 31st.
SELECT due_date_eom_net('2008-04-15', 45) AS the_14_of_june, due_date_net_eom('2025-09-15', 30) AS not_30_october,
       due_date_net_eom('2025-01-10', 30) AS no_rule_of_the_15th;

-- Every day of 16 years against the server's own arithmetic, and law 7.
WITH day AS (
  SELECT d::date AS d, n
  FROM generate_series(timestamp '1999-12-01', timestamp '2015-12-31', '1 day') d, unnest(ARRAY[0, 1, 15, 30, 45, 60, 365]) n
)
SELECT count(*) AS days,
       count(*) FILTER (WHERE due_date_net_eom(d, n) <> (date_trunc('month', d + n) + interval '1 month - 1 day')::date) AS a_differs,
       count(*) FILTER (WHERE due_date_eom_net(d, n) <> (date_trunc('month', d) + interval '1 month - 1 day')::date + n) AS b_differs,
       count(*) FILTER (WHERE due_date_net_eom_day(d, n, 10) <> (date_trunc('month', d + n) + interval '1 month 9 days')::date) AS tenth_differs,
       count(*) FILTER (WHERE due_date_net_eom(d, n) < d + n) AS a_too_early,
       count(*) FILTER (WHERE extract(day FROM due_date_eom_net(d, n) - n + 1) <> 1) AS b_no_month_end,
       count(*) FILTER (WHERE due_date_net_eom(d + 1, n) < due_date_net_eom(d, n)
                           OR due_date_eom_net(d + 1, n) < due_date_eom_net(d, n)) AS not_monotone
FROM day;

-- The ends of the calendar.
SELECT due_date_net('infinity', 30) AS never, due_date_net_eom('-infinity', 30) AS always,
       due_date_net(NULL, 30) AS no_date, due_date_net('5874897-12-01', 30) AS last_day,
       due_date_net_eom('4713-11-24 BC', 0) AS first_month, due_date_net_eom('0001-02-10 BC', 0) AS leap_before_christ;
SELECT due_date_net('5874897-12-02', 30);
SELECT due_date_net_eom_day('5874897-12-01', 0, 10);
SELECT due_date_net('2025-01-01', -1);
SELECT due_date_net_eom_day('2025-01-01', 30, 32);

-- A Sunday at the end of a month; holidays are a plain array, in any order.
SELECT convention, adjust_business_day('2025-11-30', convention) AS adjusted
FROM unnest(ARRAY['none', 'following', 'modified_following', 'preceding']) WITH ORDINALITY AS c(convention, no)
ORDER BY no;
SELECT adjust_business_day('2025-11-30') AS contracts_do_not_move,
       adjust_business_day('2025-12-25', 'following', '{2026-01-01,2025-12-26,NULL,2025-12-25}') AS after_christmas,
       adjust_business_day('2025-12-26', 'preceding', '{2025-12-26,2025-12-25}') AS before_christmas,
       adjust_business_day('2025-12-24', 'following', '{2025-12-25}') AS open,
       adjust_business_day('infinity', 'following') AS never;
SELECT adjust_business_day('2025-11-30', 'nearest');
