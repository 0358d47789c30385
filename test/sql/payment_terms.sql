-- Payment terms: what is understood, what is said, when it is due. No ledger is needed.
SET search_path = credit_risk, public;
SET DateStyle = 'ISO, YMD';
SET client_encoding = 'UTF8';

-- English or French in, canonical English out; days before the words come first in time, days behind them last.
SELECT text, text::payment_terms AS canonical, date '2025-01-10' + text::payment_terms AS due
FROM (VALUES
  (1, 'net 30'), (2, '30 jours'), (3, '30 j net'), (4, '30 days'), (5, 'net 2 months'),
  (6, '30 eom'), (7, '30 jours fin de mois'), (8, '45 jours fin de mois'), (9, 'eom 30'), (10, 'fin de mois 45 jours'),
  (11, '30 fin de mois le 10'), (12, 'eom'), (13, '10 prox'), (14, '30 fin de decade'), (15, U&'30 jours FIN DE D\00C9CADE'),
  (16, 'comptant'), (17, 'due on receipt'), (18, 'cod'), (19, 'prepayment'), (20, '2/10 net 30'),
  (21, 'facture + 45 jours + fin du mois'), (22, 'facture + fin du mois + 45 jours')) t(no, text)
ORDER BY no;

-- Both readings of the French phrase are lawful. A is the default, B must be asked for, and nothing else depends on it.
SELECT text, payment_due_date('2025-03-10', text) AS a, payment_due_date('2025-03-10', text, 'B') AS b
FROM unnest(ARRAY['45 jours fin de mois', '45 eom', 'eom 45', 'fin de mois 45 jours']) text ORDER BY text COLLATE "C";
SELECT canonical_terms('45 jours fin de mois') AS a, canonical_terms('45 jours fin de mois', reading => 'B') AS b;
SELECT payment_due_date('2025-03-10', '45 jours fin de mois', 'C');

-- The same terms are one value, whatever the words.
SELECT '30 jours fin de mois'::payment_terms = 'net 30 EOM' AS same, '30 eom'::payment_terms <> 'eom 30' AS readings_differ;
SELECT terms, count(*) FROM (VALUES ('30 jours'::payment_terms), ('net 30'), ('n/30'), ('eom'), ('fin de mois')) t(terms)
GROUP BY terms ORDER BY terms::text COLLATE "C";

-- Instalments by percent, by parts, by amounts and a rest: the sum is exact.
SELECT * FROM payment_schedule(999.99, '2025-01-10', '30% net 0, 70% 30 eom') ORDER BY no;
SELECT * FROM payment_schedule(1000, '2025-01-31', '1 part net 1 month, 1 part net 2 months, 1 part net 3 months') ORDER BY no;
SELECT * FROM payment_schedule(-1000, '2025-01-10', U&'250.50 comptant, solde \00E0 30 jours'::payment_terms) ORDER BY no;
SELECT * FROM payment_schedule(1001, '2025-01-10', '50% net 0, 50% net 30', 0) ORDER BY no;
SELECT * FROM payment_schedule(100, 'infinity', 'net 30');
SELECT count(*) AS no_rows FROM payment_schedule(NULL, '2025-01-10', 'net 30');
SELECT has_instalments('30% net 0, 70% net 30') AS instalments, has_instalments('100% net 30') AS one;
SELECT date '2025-01-10' + payment_terms '30% net 0, 70% 30 eom';
SELECT * FROM payment_schedule(1000.005, '2025-01-10', 'net 30');
SELECT * FROM payment_schedule(100, '2025-01-10', '250.50 net 0, rest net 30');
SELECT * FROM payment_schedule(1000, '2025-01-10', '250.50 net 0, rest net 30', 0);
SELECT * FROM payment_schedule('NaN', '2025-01-10', 'net 30');
SELECT * FROM payment_schedule(100, '2025-01-10', 'net 30', -1);

-- An amount by weights.
SELECT allocate_amount(0.05, '{70,30}') AS five_cents, allocate_amount(100, '{1,1,1}') AS thirds,
       allocate_amount(-0.05, '{70,30}') AS credit, allocate_amount(1000, '{0,0.333,0.667}', 0) AS weights,
       allocate_amount(10, ARRAY[1/3.0, 2/3.0], 4) AS fractions, allocate_amount(1, '{5}', 0) AS one;
SELECT allocate_amount(100, '{}');
SELECT allocate_amount(100, '{1,-1}');
SELECT allocate_amount(100, '{1,NULL}');
SELECT allocate_amount(100, '{0,0}');
SELECT allocate_amount(100.001, '{1,1}');
SELECT allocate_amount(1e30, '{1,1}', 20);

-- Law 8: the parts add up, each within one minor unit of its exact share.
SELECT count(*) AS runs, bool_and(s.total = a.amount) AS exact, bool_and(s.worst < 0.01) AS within_a_cent
FROM (SELECT i, (i * 7919 % 1000003 - 500000) / 100.0 AS amount,
             ARRAY[i % 7, i % 11 + 0.5, i % 13, 1]::numeric[] AS weights FROM generate_series(1, 3000) i) a
CROSS JOIN LATERAL (SELECT sum(part) AS total, max(abs(part - a.amount * weight / (SELECT sum(w) FROM unnest(a.weights) w))) AS worst
                    FROM unnest(allocate_amount(a.amount, a.weights), a.weights) AS p(part, weight)) s;

-- Discount for early payment.
SELECT terms, discount_pct(terms), discount_due_date('2025-01-10', terms), due_date('2025-01-10', terms)
FROM unnest(ARRAY['2/10 net 30', '1,5 % sous 8 jours, net 30 jours', '2/10 net eom 45', '2/25 net eom', 'net 30']::payment_terms[]) WITH ORDINALITY AS t(terms, no)
ORDER BY no;
SELECT round(discount_annualized(2, 10, 30, 360, false)::numeric, 6) AS nominal_360,
       round(discount_annualized(2, 10, 30, effective => false)::numeric, 6) AS nominal_365,
       round(discount_annualized(2, 10, 30)::numeric, 6) AS effective, discount_annualized(0, 10, 30) AS nothing;
SELECT discount_annualized(2, 30, 30);
SELECT discount_annualized(100, 10, 30);
SELECT discount_annualized('NaN', 10, 30);
SELECT discount_annualized(2, -1, 30);
SELECT discount_annualized(2, 10, 30, 0);
SELECT discount_annualized(99.9999999, 0, 1);

-- The legal maximum in France.
SELECT fr_max_due_date('2025-02-12', '60_days') AS d60, fr_max_due_date('2025-02-12', '45_eom') AS eom_a,
       fr_max_due_date('2025-02-12', 'eom_45') AS eom_b, fr_max_due_date('2025-02-12', 'periodic_invoice') AS recap,
       fr_max_due_date('2025-01-17', '45_eom') AS lawful_after_73_days;
SELECT fr_max_due_date(NULL, 'perishable_food_periodic_invoice', '2025-03-05') AS decade,
       fr_max_due_date('2025-03-08', 'perishable_food', '2025-03-05') AS food,
       fr_max_due_date('2025-03-08', 'livestock_and_fresh_meat', '2025-03-05') AS meat,
       fr_max_due_date('2025-03-08', 'alcoholic_drinks', '2025-03-05') AS drinks,
       fr_max_due_date('2025-03-08', 'not_agreed', '2025-03-05') AS not_agreed,
       fr_max_due_date('2025-03-08', 'not_agreed') AS delivery_unknown;
SELECT fr_max_due_date('2025-03-08', 'transport') AS transport, fr_max_due_date('2025-03-08', 'public_buyer') AS state,
       fr_max_due_date('2025-03-08', 'public_hospital') AS hospital,
       fr_max_due_date('2025-03-08', 'grapes_and_must_60_days') AS grapes_60,
       fr_max_due_date('2025-03-08', 'grapes_and_must_45_eom') AS grapes_45;
SELECT fr_max_due_date('2025-03-08', '90_days');

-- What is refused, and why: first in full.
SELECT 'net thirty'::payment_terms;
CREATE FUNCTION pg_temp.refusal(terms text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; detail text;
BEGIN
  RETURN canonical_terms(terms);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
  RETURN state || ': ' || detail;
END $$;
SELECT text, pg_temp.refusal(text)
FROM unnest(ARRAY['', '30', 'net -5', 'net 3651', 'net 121 months', 'eom 2 months', '30 eom on the 32nd', '30 eom 15', '30 jours le 10',
  '30% net 0, 60% net 30', '300 net 0, 700 net 30', '300 net 0, 70% net 30', '1,000 net 0, rest net 30',
  '2/10 eom', '2/30 net 10', '30 jours ouvrables']) WITH ORDINALITY AS t(text, no)
ORDER BY no;
SELECT canonical_terms(NULL) AS nothing;

-- The ends of the calendar.
SELECT date 'infinity' + payment_terms 'net 30' AS never, '30 eom'::payment_terms + date '-infinity' AS always;
SELECT date '5874897-12-31' + payment_terms 'net 1';

-- Text and binary come back as they went, to the byte.
CREATE TEMPORARY TABLE sample (no integer, terms payment_terms);
INSERT INTO sample
SELECT row_number() OVER (), t::payment_terms
FROM unnest(ARRAY['net 0', 'net 3650', 'net 120 months', '30 eom', 'eom 45', '45 eom on the 31st', 'eom 45 on the 1st', '22 prox', 'end of decade',
  'end of decade 30', 'due on receipt', 'cod', 'prepayment', '2.5/10 net 30', '2/10 net eom 45', '2 months eom', '33.333333% net 0, 66.666667% 30 eom',
  '1 part net 30, 2 parts net 60', '99.5 net 0, 1000 30 eom, rest net 60']) t;
SELECT count(*) AS terms,
       count(*) FILTER (WHERE payment_terms_send(terms::text::payment_terms) = payment_terms_send(terms)) AS text_round_trip
FROM sample;
SELECT encode(payment_terms_send('2/10 net 30'), 'hex') AS sent;
CREATE TEMPORARY TABLE received (LIKE sample);
COPY sample TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received FROM 'results/payment_terms.bin' (FORMAT binary)
SELECT count(*) AS received, bool_and(r.terms = s.terms) AS same FROM received r JOIN sample s USING (no);

-- Forged binary values: a bytea goes out as any bytes, and comes in as terms. Refused are an unknown version, a second spelling
-- of eom, percentages that miss 100, a day of the month out of nowhere, too many instalments, and bytes left over.
COPY (SELECT '\x01000001000000000000000000000000000000000000000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x02000001000000000000000000000000000000000000000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x010000010000000000000000000000000000000002000000000000'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x0101000200000000000000000000000001c9c3800000000000000000000000039387000000000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x010000010000000000000000000000000000000000000a0000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x01000000000000000000000000000000000000000000000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x01000079000000000000000000000000000000000000000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x01000001000000000000000000000000000000000900000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x0100000100000000000000000000000000000000000100ffffffff'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x01000001001e84800000002800000000000000000000000000001e'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x010300020000000000000000fffffffffffffffb00000000000000000000000000000000000000000000'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x01000001000000000000000000000000000000000000000000001e00'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
COPY (SELECT '\x0100000100000000000000000000000000000000000000000000'::bytea) TO STDOUT (FORMAT binary) \g results/payment_terms.bin
\copy received (terms) FROM 'results/payment_terms.bin' (FORMAT binary)
SELECT terms FROM received WHERE no IS NULL;
DROP FUNCTION pg_temp.refusal(text);
