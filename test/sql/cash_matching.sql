-- Money arithmetic and cash matching, as a user meets them. No ledger is needed.
SET search_path = credit_risk, public;
SET DateStyle = 'ISO, YMD';

-- Half to even, and the server's half away from zero.
SELECT value, round_half_even(value), round(value) FROM unnest(ARRAY[2.5, 3.5, -2.5, 2.51]) value;
SELECT round_half_even(0.125, 2) AS cents, round_half_even(1250, -2) AS hundreds, round_half_even(7, 2) AS shown;

-- A payment by an order of settlement: what each open item gets, the rest stays unallocated.
SELECT method, allocate_payment(250, '{100,120,80}', '{2025-03-01,2025-03-10,2025-04-05}', method)
FROM unnest('{fifo,oldest,pro_rata}'::text[]) method;
SELECT method, allocate_payment(150, '{80,40,80}', '{2025-03-10,2025-03-01,2025-03-10}', method)
FROM unnest('{fifo,oldest,pro_rata}'::text[]) method;
SELECT allocate_payment(500, '{100,120,80}', '{2025-03-01,2025-03-10,2025-04-05}') AS surplus,
       allocate_payment(0, '{100}', '{2025-03-01}') AS nothing, allocate_payment(5, '{}', '{}') AS no_items,
       allocate_payment(1000, '{700,500,300}', '{2025-03-01,2025-03-01,2025-03-01}', 'oldest', scale => 0) AS yen;

-- A payment by its sum. Two rows mean that it is ambiguous.
SELECT match_payment(270.30, '{100.10,120.20,150.10,170.20}');
SELECT match_payment(370.40, '{100.10,120.20,150.10,170.20}');
SELECT match_payment(270.31, '{100.10,120.20,150.10,170.20}');
SELECT match_payment(270.31, '{100.10,120.20,150.10,170.20}', tolerance => 0.01);
SELECT match_payment(130.00, '{100,80,-50}') AS with_a_credit_note;
SELECT match_payment(100, '{100,60,40,100.01,99.99}', 0.01, 10);
SELECT count(*), min(m::text), max(cardinality(m)) FROM match_payment(150, array_fill(10, '{30}')::numeric[], max_solutions => 1000) m;

-- Open items from a table: the positions lead back to them.
CREATE TEMPORARY TABLE open_item (no integer, due_on date, amount numeric(12,2));
INSERT INTO open_item SELECT i, date '2025-01-01' + i, 100 + 37.13 * i FROM generate_series(1, 28) i;
WITH item AS (SELECT array_agg(no ORDER BY due_on) AS no, array_agg(amount ORDER BY due_on) AS amount FROM open_item)
SELECT (SELECT array_agg(item.no[position]) FROM unnest(m) position) AS settles
FROM item, match_payment(2 * 137.13 + 9 * 37.13, item.amount) m;

-- Bounds: what cannot be decided is an error, or no rows.
CREATE TEMPORARY TABLE many AS
SELECT array_agg(1e15 + (i::numeric ^ 5 * 7919::numeric ^ 3) % 1000000000039 ORDER BY i) AS amounts FROM generate_series(1, 600) i;
SELECT match_payment(100e15 + 1, amounts) FROM many;
SELECT match_payment(100e15 + 1, amounts, on_limit => 'none') FROM many;
SELECT match_payment(40.02e15 + 1, amounts[1:100]) FROM many;
SELECT match_payment(amounts[17] + amounts[88], amounts[1:100]) FROM many;

-- Exchange differences on a receivable of 100 GBP.
SELECT fx_unrealized(60, 2.00, 2.50) AS unrealized, fx_realized(40, 2.00, 2.50) AS realized;

-- What is refused.
SELECT round_half_even('NaN');
SELECT round_half_even(1, 31);
SELECT fx_unrealized(60, 0, 2.50);
SELECT fx_realized(40, 2.00, '-Infinity');
SELECT allocate_payment(-1, '{100}', '{2025-03-01}');
SELECT allocate_payment(1, '{100,-5.50}', '{2025-03-01,2025-03-02}');
SELECT allocate_payment(1, '{100,20}', '{2025-03-01}');
SELECT allocate_payment(1, '{100,NULL}', '{2025-03-01,2025-03-02}');
SELECT allocate_payment(1, '{100,20}', '{2025-03-01,NULL}');
SELECT allocate_payment(1, '{{100,20}}', '{2025-03-01,2025-03-02}');
SELECT allocate_payment(1, '{100,20}', '{{2025-03-01,2025-03-02}}');
SELECT allocate_payment(1, '{100,20}', '{2025-03-01,infinity}');
SELECT allocate_payment(1.005, '{100}', '{2025-03-01}');
SELECT allocate_payment(1, '{100,20.125}', '{2025-03-01,2025-03-02}');
SELECT allocate_payment(1, '{100}', '{2025-03-01}', 'lifo');
SELECT allocate_payment(1, '{100}', '{2025-03-01}', 'fifo', 31);
SELECT match_payment(-1, '{100}');
SELECT match_payment('Infinity', '{100}');
SELECT match_payment(1, '{100,NaN}');
SELECT match_payment(1, '{100}', -0.01);
SELECT match_payment(1, '{100}', max_solutions => 0);
SELECT match_payment(1, '{100}', on_limit => 'stop');
SELECT match_payment(1e15, '{0.00001}');
