-- A believable ledger for make demo: two years of a manufacturer's sales,
-- written through the ledger's own tables, so that every trigger did its work.
--
-- Needs the psql variables seed, customers, stride (days from one look at the
-- ledger to the next; a night in the last three weeks) and ledger (its name).  The same
-- seed gives the same figures, another seed gives others: chance() hashes it
-- with the number of the customer, order or invoice.  Nothing reads the clock.
--
-- What will be ordered is planned first.  Then time passes: step() writes what
-- happened until a day.

SET search_path = :"ledger", credit_risk;

CREATE SCHEMA demo;

CREATE TABLE demo.setting AS
SELECT 'seed ' || :'seed' AS origin, true AS with_tax, :'customers'::integer AS customers, date '2024-10-01' AS first_day, date '2026-09-30' AS last_day;
SELECT set_config('demo.seed', :'seed'::bigint::text, false) \g /dev/null

-- Dice that fall the same way every time.
CREATE FUNCTION demo.chance(salt integer, key bigint) RETURNS double precision
LANGUAGE sql STABLE STRICT
AS $$ SELECT (hashint8extended(key * 1000 + salt, current_setting('demo.seed')::bigint) & 4503599627370495) / 4503599627370496.0::float8 $$;

-- About normal: mean 0, standard deviation 1, never beyond 3.
CREATE FUNCTION demo.bell(salt integer, key bigint) RETURNS double precision
LANGUAGE sql STABLE STRICT
AS $$ SELECT 2 * (demo.chance(salt, key) + demo.chance(salt + 1, key) + demo.chance(salt + 2, key) - 1.5) $$;

CREATE FUNCTION demo.workday(day date) RETURNS date
LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT credit_risk.adjust_business_day(day, 'following', '{}') $$;

-- ---- who buys ---------------------------------------------------------------

CREATE TABLE demo.buyer (
    n            bigint PRIMARY KEY,
    code         text NOT NULL,
    name         text NOT NULL,
    country      text NOT NULL,
    risk_class   text NOT NULL,
    terms        text NOT NULL,
    credit_days  integer NOT NULL,
    monthly      numeric NOT NULL,      -- sales a month, including tax
    orders       double precision NOT NULL,     -- orders a month
    delay        double precision NOT NULL,     -- days after the due date, on the average
    spread       double precision NOT NULL,
    payer        bigint NOT NULL,       -- itself, or who pays for this site
    head         bigint,                -- of its group
    dormant      boolean NOT NULL       -- bought until spring, then stopped buying and paying
);

INSERT INTO demo.buyer
WITH trade AS (
    SELECT '{Charpentes,Menuiserie,Sanitaire,Métal,Électricité,Chauffage,Plomberie,Toitures,Carrelage,Peintures,Isolation,Façades,Serrurerie,Vitrages,Béton,Matériaux,Négoce,Outillage,Quincaillerie,Cloisons,Piscines,Cuisines,Escaliers,Ascenseurs,Signalétique,Maçonnerie,Terrassement,Étanchéité,Ossatures,Granulats,Bardages}'::text[] AS first,
           '{Morvan,Ouest,Est,Bresse,Vercors,Lannion,Aubrac,Périgord,Couëron,Rhuys,Vimeu,Artois,Hainaut,Brière,Quercy,Gâtinais,Perche,Sologne,Forez,Velay,Chablais,Queyras,Lubéron,Camargue,Béarn,Bigorre,Armagnac,Ternois,Thiérache,Caux,Bessin,Cotentin,Trégor,Léon,Vendômois,Saintonge,Aunis,Médoc,Roannais,Mâconnais,Beaujolais,Dombes,Bugey,Valois,Brie,Vexin,Gironde,Alsace,Savoie,Durance,Chartreuse,Delamare,Fontaine,Guérin,Lefort,Marchal,Pelletier,Roussel,Tanguy}'::text[] AS second
), mixed AS (
    SELECT g AS n, (g * 7 + floor(demo.chance(1, 0) * 1829)::bigint) % 1829 AS pick, demo.chance(2, g) AS abroad,
           demo.chance(3, g) AS risk, demo.chance(4, g) AS size, demo.chance(5, g) AS term
    FROM generate_series(1, (SELECT customers FROM demo.setting)) g
), described AS (
    SELECT m.*, trade.first[1 + pick % 31] || ' ' || trade.second[1 + pick % 59] AS full_name,
           CASE WHEN abroad < 0.84 THEN 'FR' WHEN abroad < 0.90 THEN 'BE' WHEN abroad < 0.94 THEN 'DE'
                WHEN abroad < 0.97 THEN 'ES' ELSE 'IT' END AS country,
           CASE WHEN n = 13 THEN 'E' WHEN risk < 0.24 THEN 'A' WHEN risk < 0.58 THEN 'B' WHEN risk < 0.84 THEN 'C'
                WHEN risk < 0.95 THEN 'D' ELSE 'E' END AS risk_class,
           round((1200 * 26 ^ size)::numeric, 2) AS monthly
    FROM mixed m CROSS JOIN trade
)
SELECT n, 'C' || lpad(n::text, 5, '0'),
       full_name || CASE country WHEN 'BE' THEN ' SRL' WHEN 'DE' THEN ' GmbH' WHEN 'ES' THEN ' SL' WHEN 'IT' THEN ' Srl' ELSE '' END,
       country, risk_class, t.terms, t.credit_days,
       CASE WHEN n = 13 THEN 14000 ELSE monthly END,
       0.4 + least(monthly / 12000, 2.2),
       CASE risk_class WHEN 'A' THEN -1 WHEN 'B' THEN 3 WHEN 'C' THEN 10 WHEN 'D' THEN 24 ELSE 40 END + 3 * demo.bell(10, n),
       CASE risk_class WHEN 'A' THEN 3 WHEN 'B' THEN 6 WHEN 'C' THEN 9 WHEN 'D' THEN 15 ELSE 25 END,
       CASE WHEN n % 23 = 5 THEN n - 1 ELSE n END,
       CASE WHEN n % 31 BETWEEN 10 AND 12 AND n % 23 <> 5 AND (n - n % 31 + 9) % 23 <> 5 THEN n - n % 31 + 9 END,
       n = 13
FROM described
CROSS JOIN LATERAL (
    SELECT credit_risk.canonical_terms(v.terms) AS terms, v.credit_days
    FROM (VALUES ('30% net 0, 70% 30 eom', 33, 0.04), ('net 30', 30, 0.30), ('45 eom', 60, 0.58), ('30 eom', 45, 0.76),
                 ('eom 45', 60, 0.84), ('net 45', 45, 0.92), ('net 60', 60, 1.0)) v (terms, credit_days, up_to)
    WHERE CASE WHEN risk_class IN ('A', 'B', 'C') THEN term < v.up_to ELSE v.terms = 'net 30' END ORDER BY v.up_to LIMIT 1
) t;

INSERT INTO customer (code, name, siren, country, language, terms, payment_method, risk_class, parent_id, payer_id)
SELECT b.code, b.name,
       CASE WHEN b.country = 'FR' THEN (SELECT t.base || d FROM (SELECT lpad(floor(demo.chance(14, n) * 1e8)::text, 8, '0') AS base) t CROSS JOIN generate_series(0, 9) d
                                        WHERE credit_risk.siren_is_valid(t.base || d)) END, b.country,
       CASE b.country WHEN 'FR' THEN 'fr' WHEN 'BE' THEN 'fr' WHEN 'DE' THEN 'de' WHEN 'ES' THEN 'es' ELSE 'it' END, b.terms,
       (ARRAY['transfer', 'transfer', 'direct debit', 'draft', 'cheque'])[1 + floor(demo.chance(15, n) * 5)::integer], b.risk_class,
       b.head, nullif(b.payer, b.n)
FROM demo.buyer b ORDER BY b.n;

-- ---- what is planned --------------------------------------------------------

-- A limit at the start, reviewed each July; small customers have none decided.
CREATE TABLE demo.planned_limit AS
SELECT b.n, r.decided_on,
       (ceil(b.monthly * (b.credit_days + greatest(b.delay, 0) + 20) / 30.4
             * (CASE b.risk_class WHEN 'A' THEN 2.0 WHEN 'B' THEN 1.7 WHEN 'C' THEN 1.4 WHEN 'D' THEN 1.0 ELSE 0.6 END)::numeric
             * (0.85 + 0.3 * demo.chance(20 + r.round, b.n))::numeric / 1000) * 1000)::numeric AS amount
FROM demo.buyer b
CROSS JOIN (VALUES (0, date '2024-10-01'), (1, '2025-07-01'), (2, '2026-07-01')) r (round, decided_on)
WHERE b.payer = b.n AND b.monthly >= 1500 AND (r.round = 0 OR demo.chance(23 + r.round, b.n) < 0.4);

-- What is known of some from outside: accounts in June, a bureau's rating in January.
INSERT INTO rating_provider (code, name, priority, higher_is_better, delivers, max_age_months) VALUES ('bureau', 'Bureau', 1, true, '{rating}', 18);
INSERT INTO rating_scale (provider, edges, scores) VALUES ('bureau', '{5,8,11,14}', '{10,30,50,70,90}');

CREATE TABLE demo.planned_accounts AS
SELECT b.n, r.closing_on, r.received_on, round(b.monthly * 60, -3) AS total, f.equity, f.margin, f.charges
FROM demo.buyer b CROSS JOIN (VALUES (0, date '2024-12-31', date '2025-06-16'), (1, '2025-12-31', '2026-06-15')) r (round, closing_on, received_on)
CROSS JOIN LATERAL (SELECT (k.equity + 0.05 * demo.bell(70 + 3 * r.round, b.n))::numeric(6, 3) AS equity, (k.margin + 0.01 * demo.bell(76 + 3 * r.round, b.n))::numeric(6, 3) AS margin, k.charges
                    FROM (VALUES ('A', 0.45, 0.10, 0.01), ('B', 0.32, 0.08, 0.014), ('C', 0.22, 0.06, 0.018), ('D', 0.12, 0.045, 0.024), ('E', 0.04, 0.035, 0.03))
                         k (risk_class, equity, margin, charges) WHERE k.risk_class = b.risk_class) f
WHERE b.payer = b.n AND b.country = 'FR' AND demo.chance(69, b.n) < 0.7;

CREATE TABLE demo.planned_rating AS
SELECT b.n, r.rated_on, round((k.points + 2 * demo.bell(82 + 3 * r.round, b.n))::numeric, 0)::text AS value
FROM demo.buyer b CROSS JOIN (VALUES (0, date '2025-01-15'), (1, '2026-01-15')) r (round, rated_on)
JOIN (VALUES ('A', 15), ('B', 13), ('C', 11), ('D', 8), ('E', 5)) k (risk_class, points) USING (risk_class)
WHERE b.payer = b.n AND demo.chance(68, b.n) < 0.6;

CREATE TABLE demo.planned_order AS
SELECT o.*, round(o.net, 2) + o.tax AS amount
FROM (
    SELECT row_number() OVER (ORDER BY p.ordered_on, b.n, p.k) AS order_seq, b.n, b.payer, p.ordered_on,
           demo.workday(p.ordered_on + 3 + floor(demo.chance(31, p.key) * 22)::integer) AS deliver_on,
           a.net, CASE WHEN b.country = 'FR' THEN round(round(a.net, 2) * 0.2, 2) ELSE 0 END AS tax,
           demo.chance(32, p.key) < 0.10 AS in_two
    FROM demo.buyer b CROSS JOIN demo.setting s
    CROSS JOIN LATERAL (SELECT k, b.n * 1000 + k AS key,
                               demo.workday(s.first_day + floor((k - 1 + demo.chance(30, b.n * 1000 + k)) / b.orders * 30.4)::integer) AS ordered_on
                        FROM generate_series(1, ceil(b.orders * 24)::integer) k) p
    CROSS JOIN LATERAL (SELECT (b.monthly / 1.2 / b.orders::numeric * (0.4 + 1.2 * demo.chance(33, p.key))::numeric
                                * CASE extract(month FROM p.ordered_on) WHEN 8 THEN 0.6 WHEN 9 THEN 1.15 WHEN 12 THEN 0.85 ELSE 1 END) AS net) a
    WHERE p.ordered_on < CASE WHEN b.dormant THEN date '2026-04-15' ELSE s.last_day END
) o;
CREATE INDEX ON demo.planned_order (ordered_on);

-- What was paid: known to the demo when the money comes, matched then or later.
CREATE TABLE demo.paid (
    customer_id bigint, invoice_id bigint, instalment_no integer, part integer, amount numeric, paid_on date, match_on date,
    payment_id bigint, matched boolean NOT NULL DEFAULT false,
    PRIMARY KEY (invoice_id, instalment_no, part)
);

-- The nights of the story, and the days whose balance is to be told again later.
CREATE TABLE demo.told_on AS
SELECT unnest('{2025-12-31,2026-03-31,2026-06-30}'::date[]) AS as_of;

CREATE TABLE demo.night AS
SELECT d::date AS night FROM demo.setting s, generate_series(s.first_day, s.last_day, interval '1 day' * :stride) d
UNION SELECT d::date FROM demo.setting s, generate_series(s.last_day - 20, s.last_day, interval '1 day') d
UNION SELECT as_of FROM demo.told_on;

CREATE TABLE demo.told AS
SELECT date '2000-01-01' AS as_of, a.* FROM ageing_by_customer a WITH NO DATA;

-- ---- what happens -----------------------------------------------------------

-- A held order is cancelled after four weeks.  Of the others the oldest of each
-- customer: it fits again, or somebody answers for it, or it waits.
CREATE FUNCTION demo.work_holds(today date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    held record;
BEGIN
    PERFORM cancel_order(o.order_id) FROM sales_order o WHERE o.status = 'held' AND today - o.ordered_on > 28;
    FOR held IN
        SELECT DISTINCT ON (o.customer_id) o.order_id, NOT c.blocked AND coalesce(o.amount <= e.available, true) AS fits,
               c.risk_class IN ('A', 'B', 'C') AND NOT c.blocked AND today - o.ordered_on >= 3 AND demo.chance(40, o.order_id) < 0.45 AS agreed
        FROM sales_order o JOIN customer c USING (customer_id) JOIN exposure e USING (customer_id)
        WHERE o.status = 'held' ORDER BY o.customer_id, o.order_id
    LOOP
        IF held.fits THEN
            PERFORM release_order(held.order_id, 'fits again');
        ELSIF held.agreed THEN
            PERFORM release_order(held.order_id, 'agreed with the sales manager', override => true);
        END IF;
    END LOOP;
END $$;

-- What a payment freed yesterday, after the lorries had left, leaves the day after.
CREATE FUNCTION demo.deliver(today date) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO delivery (customer_id, delivery_no, order_id, site_id, delivered_on, amount)
    SELECT o.customer_id, 'BL-' || p.order_seq || '-' || part, o.order_id, o.site_id, d.delivered_on,
           CASE WHEN NOT p.in_two THEN o.amount WHEN part = 1 THEN round(o.amount * 0.6, 2) ELSE o.amount - round(o.amount * 0.6, 2) END
    FROM demo.planned_order p
    JOIN sales_order o ON o.order_no = 'SO-' || 10000 + p.order_seq AND o.customer_id = p.payer
    CROSS JOIN LATERAL generate_series(1, CASE WHEN p.in_two THEN 2 ELSE 1 END) part
    CROSS JOIN LATERAL (SELECT demo.workday(greatest(p.deliver_on, o.changed_on + CASE o.status WHEN 'released' THEN 1 ELSE 0 END) + 12 * (part - 1)) AS delivered_on) d
    WHERE o.status IN ('open', 'released') AND d.delivered_on <= today AND p.ordered_on > today - 120
      AND NOT EXISTS (SELECT FROM delivery x WHERE x.customer_id = o.customer_id AND x.delivery_no = 'BL-' || p.order_seq || '-' || part)
    ORDER BY d.delivered_on, p.order_seq, part
$$;

CREATE FUNCTION demo.bill(today date) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO invoice (customer_id, invoice_no, delivery_id, order_id, site_id, issued_on, amount, tax_amount)
    SELECT d.customer_id, to_char(i.issued_on, 'YY-') || lpad(d.delivery_id::text, 5, '0'), d.delivery_id, d.order_id, d.site_id, i.issued_on,
           d.amount, CASE WHEN c.country = 'FR' THEN d.amount - round(d.amount / 1.2, 2) ELSE 0 END
    FROM delivery d JOIN customer c USING (customer_id)
    CROSS JOIN LATERAL (SELECT demo.workday(d.delivered_on + floor(demo.chance(41, d.delivery_id) * 4)::integer) AS issued_on) i
    WHERE d.delivered_on > today - 30 AND i.issued_on <= today
      AND NOT EXISTS (SELECT FROM invoice x WHERE x.customer_id = d.customer_id AND x.delivery_id = d.delivery_id)
    ORDER BY i.issued_on, d.delivery_id
$$;

-- One invoice in thirty is credited in part.  The credit note settles its
-- invoice, or after three weeks the oldest that is open, or waits.
CREATE FUNCTION demo.credit(yesterday date, today date) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount, tax_amount)
    SELECT i.customer_id, 'AV-' || i.invoice_no, 'credit_note', n.issued_on, n.issued_on, n.amount,
           CASE WHEN i.tax_amount > 0 THEN n.amount - round(n.amount / 1.2, 2) ELSE 0 END
    FROM invoice i
    CROSS JOIN LATERAL (SELECT demo.workday(i.issued_on + 6 + floor(demo.chance(42, i.invoice_id) * 20)::integer) AS issued_on,
                               round(i.amount * (0.04 + 0.2 * demo.chance(43, i.invoice_id))::numeric, 2) AS amount) n
    WHERE i.kind = 'invoice' AND demo.chance(44, i.invoice_id) < 0.033 AND i.issued_on > today - 60
      AND n.issued_on > yesterday AND n.issued_on <= today
    ORDER BY n.issued_on, i.invoice_id;

    INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, amount)
    SELECT n.customer_id, n.invoice_id, i.invoice_id, n.amount
    FROM invoice n JOIN invoice i ON i.customer_id = n.customer_id AND 'AV-' || i.invoice_no = n.invoice_no
    JOIN open_item o ON (o.customer_id, o.invoice_id, o.instalment_no) = (i.customer_id, i.invoice_id, 1)
    WHERE n.kind = 'credit_note' AND n.issued_on > yesterday AND demo.chance(45, n.invoice_id) < 0.75
      AND o.open_amount >= n.amount AND NOT EXISTS (SELECT FROM demo.paid p WHERE p.invoice_id = i.invoice_id)
    ORDER BY n.invoice_id;

    INSERT INTO allocation (customer_id, credit_invoice_id, invoice_id, instalment_no, amount, effective_on)
    SELECT DISTINCT ON (n.customer_id) n.customer_id, n.invoice_id, o.invoice_id, o.instalment_no, -n.open_amount, today
    FROM open_item n JOIN open_item o ON o.customer_id = n.customer_id
    WHERE n.kind = 'credit_note' AND n.due_on < today - 20 AND o.open_amount >= -n.open_amount
      AND NOT EXISTS (SELECT FROM demo.paid p WHERE p.invoice_id = o.invoice_id AND NOT p.matched)
    ORDER BY n.customer_id, n.invoice_id, o.due_on, o.invoice_id, o.instalment_no
$$;

CREATE FUNCTION demo.pay(yesterday date, today date) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- Late by habit; one in sixteen pays in two goes; the worst forget some.
    INSERT INTO demo.paid (customer_id, invoice_id, instalment_no, part, amount, paid_on, match_on)
    SELECT o.customer_id, o.invoice_id, o.instalment_no, w.part,
           CASE WHEN w.share = 1 OR w.part = 2 THEN o.open_amount - coalesce(f.unmatched, 0) ELSE round(o.open_amount * w.share, 2) END,
           w.paid_on, CASE WHEN demo.chance(59, o.customer_id * 10000 + (w.paid_on - date '2024-01-01')) < 0.03 THEN w.paid_on + 9 ELSE w.paid_on END
    FROM open_item o
    JOIN demo.buyer b ON b.n = o.customer_id
    CROSS JOIN LATERAL (SELECT o.invoice_id * 10 + o.instalment_no AS key) k
    LEFT JOIN LATERAL (SELECT sum(p.amount) AS unmatched, max(p.part) AS part, max(p.paid_on) AS paid_on FROM demo.paid p
                       WHERE (p.invoice_id, p.instalment_no) = (o.invoice_id, o.instalment_no) AND NOT p.matched) f ON true
    LEFT JOIN demo.paid first ON (first.invoice_id, first.instalment_no, first.part) = (o.invoice_id, o.instalment_no, 1)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN first.part IS NULL THEN 1 ELSE 2 END AS part,
               CASE WHEN demo.chance(50, k.key) < 0.06 THEN (0.4 + 0.4 * demo.chance(51, k.key))::numeric(4, 2) ELSE 1 END AS share,
               CASE WHEN b.dormant AND o.due_on > '2026-02-20' THEN NULL
                    WHEN o.due_on > '2026-02-01' AND demo.chance(52, k.key) < CASE b.risk_class WHEN 'C' THEN 0.012 WHEN 'D' THEN 0.05 WHEN 'E' THEN 0.1 ELSE 0 END THEN NULL
                    ELSE demo.workday(greatest(yesterday + 1,
                             CASE WHEN first.part IS NULL THEN o.due_on + greatest((b.delay + b.spread * demo.bell(53, k.key))::integer, -12)
                                  ELSE first.paid_on + 20 + floor(demo.chance(56, k.key) * 25)::integer END)) END AS paid_on) w
    WHERE o.kind <> 'credit_note' AND o.due_on <= today + 12 AND w.paid_on <= today AND (first.part IS NULL OR w.share < 1)
      AND o.open_amount - coalesce(f.unmatched, 0) > 0
      AND NOT EXISTS (SELECT FROM demo.paid p WHERE (p.invoice_id, p.instalment_no, p.part) = (o.invoice_id, o.instalment_no, w.part));

    -- One payment a customer and day; one in a hundred pays a little too much.
    WITH received AS (
        INSERT INTO payment (customer_id, payment_no, received_on, amount, method, reference)
        SELECT p.customer_id, 'RG-' || p.customer_id || to_char(p.paid_on, '-YYMMDD'), p.paid_on,
               sum(p.amount) + CASE WHEN demo.chance(57, p.customer_id * 10000 + (p.paid_on - date '2024-01-01')) < 0.01
                                    THEN round(sum(p.amount) * (demo.chance(58, p.customer_id) * 0.2)::numeric, 2) ELSE 0 END,
               c.payment_method, string_agg(i.invoice_no, ' ' ORDER BY i.invoice_id, p.instalment_no)
        FROM demo.paid p JOIN customer c USING (customer_id) JOIN invoice i USING (customer_id, invoice_id)
        WHERE p.payment_id IS NULL
        GROUP BY p.customer_id, c.payment_method, p.paid_on ORDER BY p.paid_on, p.customer_id
        RETURNING customer_id, payment_id, received_on
    )
    UPDATE demo.paid p SET payment_id = r.payment_id FROM received r
    WHERE p.payment_id IS NULL AND (p.customer_id, p.paid_on) = (r.customer_id, r.received_on);

    INSERT INTO allocation (customer_id, payment_id, invoice_id, instalment_no, amount, effective_on)
    SELECT p.customer_id, p.payment_id, p.invoice_id, p.instalment_no, p.amount, greatest(p.match_on, i.issued_on)
    FROM demo.paid p JOIN invoice i USING (customer_id, invoice_id)
    WHERE NOT p.matched AND p.match_on <= today
    ORDER BY p.match_on, p.invoice_id, p.instalment_no, p.part;
    UPDATE demo.paid SET matched = true WHERE NOT matched AND match_on <= today;
END $$;

-- In the last weeks some of what is overdue is contested, and some promised.
CREATE FUNCTION demo.answer(yesterday date, today date) RETURNS void
LANGUAGE sql
AS $$
    SELECT open_dispute(o.invoice_id, reason => CASE WHEN demo.chance(63, o.invoice_id) < 0.5 THEN 'quantity short' ELSE 'price not as agreed' END,
                        instalment_no => o.instalment_no)
    FROM open_item o
    WHERE o.kind <> 'credit_note' AND demo.chance(64, o.invoice_id) < 0.08
      AND o.due_on + 4 + floor(demo.chance(65, o.invoice_id) * 12)::integer BETWEEN yesterday + 1 AND today
      AND NOT EXISTS (SELECT FROM dispute d WHERE (d.customer_id, d.invoice_id) = (o.customer_id, o.invoice_id))
    ORDER BY o.invoice_id, o.instalment_no;
    SELECT promise_to_pay(o.customer_id, today + 5 + floor(demo.chance(66, o.invoice_id) * 8)::integer, invoice_id => o.invoice_id)
    FROM (SELECT DISTINCT i.customer_id, i.invoice_id, i.due_on FROM open_item i WHERE i.kind <> 'credit_note') o
    WHERE demo.chance(64, o.invoice_id) BETWEEN 0.08 AND 0.28
      AND o.due_on + 4 + floor(demo.chance(65, o.invoice_id) * 20)::integer BETWEEN yesterday + 1 AND today
    ORDER BY o.invoice_id
$$;

CREATE FUNCTION demo.step(today date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    yesterday date := (SELECT pinned_date FROM ledger);
    last_day date := (SELECT s.last_day FROM demo.setting s);
BEGIN
    UPDATE ledger SET pinned_date = today;
    INSERT INTO credit_limit (customer_id, amount, valid_from, reason)
    SELECT l.n, l.amount, l.decided_on, CASE WHEN l.decided_on = '2024-10-01' THEN 'opening' ELSE 'yearly review' END
    FROM demo.planned_limit l WHERE l.decided_on > yesterday AND l.decided_on <= today ORDER BY l.decided_on, l.n;
    INSERT INTO financial_statement (customer_id, closing_on, received_on, total_assets, fixed_assets, current_assets, inventories, cash, bank_overdrafts,
                                     equity, long_term_debt, total_debt, sales, value_added, personnel_costs, ebitda, financial_charges)
    SELECT a.n, a.closing_on, a.received_on, a.total, a.total * 0.4, a.total * 0.6, a.total * 0.2, round(a.total * 0.1), greatest(round(a.total * 0.12 * (1 - 2 * a.equity)), 0),
           round(a.total * a.equity), a.total * 0.1, a.total - round(a.total * a.equity), a.total * 1.4, a.total * 0.5, a.total * 0.36, round(a.total * 1.4 * a.margin), round(a.total * 1.4 * a.charges)
    FROM demo.planned_accounts a WHERE a.received_on > yesterday AND a.received_on <= today ORDER BY a.received_on, a.n;
    INSERT INTO external_rating (customer_id, provider, value, rated_on, received_on)
    SELECT r.n, 'bureau', r.value, r.rated_on, r.rated_on FROM demo.planned_rating r WHERE r.rated_on > yesterday AND r.rated_on <= today ORDER BY r.n;
    UPDATE customer c SET blocked = true FROM demo.buyer b
    WHERE b.n = c.customer_id AND b.dormant AND today > '2026-05-31' AND NOT c.blocked;
    INSERT INTO sales_order (customer_id, order_no, site_id, ordered_on, deliver_on, amount, tax_amount)
    SELECT p.payer, 'SO-' || 10000 + p.order_seq, nullif(p.n, p.payer), p.ordered_on, p.deliver_on, p.amount, p.tax
    FROM demo.planned_order p WHERE p.ordered_on > yesterday AND p.ordered_on <= today
    ORDER BY p.order_seq;
    PERFORM demo.work_holds(today);
    PERFORM demo.deliver(today);
    PERFORM demo.bill(today);
    PERFORM demo.credit(yesterday, today);
    PERFORM demo.pay(yesterday, today);
    IF today > last_day - 20 THEN
        PERFORM demo.answer(yesterday, today);
    END IF;
    -- Letters leave in the morning; the formal ones are signed on Mondays.  The run is at night.
    IF today > last_day - 84 THEN
        PERFORM approve_action(q.action_id) FROM dunning_queue q
        WHERE q.status = 'proposed' AND (extract(isodow FROM today) = 1 OR today < last_day - 20);
        PERFORM complete_action(c.action_id, c.claim_token) FROM claim_actions('letters', 100000) c;
        PERFORM run_daily(today);
    END IF;
    INSERT INTO demo.told SELECT t.as_of, a.* FROM demo.told_on t CROSS JOIN ageing_by_customer a WHERE t.as_of = today;
    IF EXISTS (SELECT FROM demo.told_on t WHERE t.as_of = today) THEN
        PERFORM score_customers(ARRAY(SELECT a.customer_id FROM credit_account a), 'end of quarter');
    END IF;
END $$;

-- Balances taken over on the first day, due in the weeks after it.
UPDATE ledger SET pinned_date = (SELECT first_day - 1 FROM demo.setting);
INSERT INTO invoice (customer_id, invoice_no, kind, issued_on, due_on, amount)
SELECT b.n, 'AN-' || b.code, 'opening_balance', s.first_day - 1, s.first_day + 4 + floor(demo.chance(60, b.n) * 40)::integer,
       round(b.monthly * (0.6 + 0.8 * demo.chance(61, b.n))::numeric, 2)
FROM demo.buyer b CROSS JOIN demo.setting s WHERE b.payer = b.n AND demo.chance(62, b.n) < 0.8 ORDER BY b.n;

-- One transaction a night, as it would be; in a block of the caller's all are one.
-- The statistics of empty tables would be believed for the whole story.
SELECT unnest(ARRAY[format('SELECT demo.step(%L)', night)]
              || CASE WHEN row_number() OVER (ORDER BY night) IN (1, 5, 20, 60) THEN ARRAY['ANALYZE'] END)
FROM demo.night ORDER BY night \gexec
