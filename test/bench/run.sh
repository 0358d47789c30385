#!/bin/sh
# make bench [ROWS=1000000] [SEED=1]: the speed goals, measured as ratios on a
# throw-away server.  Each statement alternates with its baseline, the first
# round is thrown away, medians of five; results are compared before anything
# is timed.  A goal missed is printed; a result that differs ends the bench.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/test/cluster.sh"

ROWS=${ROWS:-1000000} SEED=${SEED:-1}
case $ROWS$SEED in *[!0-9]*) crk_die 'ROWS and SEED are whole numbers' ;; esac
[ "$ROWS" -ge 10000 ] || crk_die 'ROWS is 10000 at least'
rounds=6 # one of them thrown away

crk_packages bench
crk_open
bench=$CRK_TMP/src/test/bench
crk_say "building for PostgreSQL $CRK_MAJOR"
crk_build "$CRK_TMP/src" "$CRK_TMP/stage"
crk_start main "$CRK_TMP/stage" "shared_buffers = 1GB
work_mem = 256MB
maintenance_work_mem = 256MB
jit = off
max_parallel_workers_per_gather = 0
autovacuum = off
max_wal_size = 8GB
checkpoint_timeout = 1h"

# median_ratio FILE: lines "round baseline ours" -> the median of ours / baseline
# of each round, and in brackets the least and the greatest; round 1 is not counted.
median_ratio() {
  awk 'NF != 3 || $2 <= 0 || $3 <= 0 { exit } $1 > 1 { print $3 / $2 }' "$1" | sort -n |
    awk -v rounds="$rounds" '{ r[NR] = $1 } END { if (NR != rounds - 1) exit; printf "%.3f (%.3f to %.3f)", r[int((NR + 1) / 2)], r[1], r[NR] }'
}

# report NAME GOAL TEST RATIO: TEST is what awk says of the ratio r.
report() {
  [ -n "$4" ] || crk_die "$1: a round has failed"
  verdict=$(awk -v r="${4%% *}" "BEGIN { print ($3) ? \"met\" : \"missed\" }")
  printf '%-66s goal %-12s measured %-24s %s\n' "$1" "$2" "$4" "$verdict" | tee -a "$CRK_TMP/report"
}

execution_time() { # DATABASE STATEMENT
  crk_psql -At -d "$1" -c "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) $2" | sed -n 's/^Execution Time: \(.*\) ms$/\1/p'
}

# ---- 1 and 2: ageing() against six sum() FILTER ---------------------------

crk_say "$ROWS open items: ageing() and six sum() FILTER, serial, jit off"
crk_psql -c 'CREATE DATABASE ageing'
crk_psql -d ageing -v rows="$ROWS" -v seed="$SEED" -f "$bench/ageing.sql"
differing=$(crk_psql -At -d ageing -c 'SELECT count(*) FROM differing')
[ "$differing" = 0 ] || crk_die "ageing() and sum() FILTER differ for $differing customers"

six=$(crk_psql -At -d ageing -c "SELECT string_agg(format('sum(amount) FILTER (WHERE %s)', condition), ', ' ORDER BY bucket) FROM bucket")
ours="credit_risk.ageing(amount, due_on, date '2026-03-31')"
rounds=16
# In one session: a new one would pay for its first look at every page.
timed_database=ageing
alternate() { # STATEMENT STATEMENT: their times, a round a line
  for round in $(seq $rounds); do
    printf 'EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) %s;\n' "$1" "$2"
  done >"$CRK_TMP/alternate.sql"
  crk_psql -At -d "$timed_database" -f "$CRK_TMP/alternate.sql" | sed -n 's/^Execution Time: \(.*\) ms$/\1/p' | paste -d ' ' - - | awk '{ print NR, $0 }'
}
alternate "SELECT $six FROM item" "SELECT $ours FROM item" >"$CRK_TMP/ungrouped"
alternate "SELECT customer_id, $six FROM item GROUP BY 1" "SELECT customer_id, $ours FROM item GROUP BY 1" >"$CRK_TMP/grouped"
report 'ageing() ungrouped / six sum() FILTER, time' '<= 0.50' 'r <= 0.50' "$(median_ratio "$CRK_TMP/ungrouped")"
report 'ageing() by customer / six sum() FILTER, time' '<= 0.50' 'r <= 0.50' "$(median_ratio "$CRK_TMP/grouped")"
rounds=6
crk_psql -c 'DROP DATABASE ageing'

# ---- 4: the nightly run at two sizes ---------------------------------------

# load DATABASE INVOICES: a ledger, ten invoices a customer, in statements of
# at most 100,000 invoices, through all triggers.
load() {
  crk_psql -c "CREATE DATABASE $1"
  crk_psql -d "$1" -v customers=$(($2 / 10)) -f "$bench/ledger.sql" >/dev/null
  first=1 started=$(date +%s%N)
  while [ "$first" -le "$2" ]; do
    last=$((first + 99999))
    [ "$last" -le "$2" ] || last=$2
    crk_psql -d "$1" -v first="$first" -v last="$last" -v customers=$(($2 / 10)) -v due="$due" -v seed="$SEED" -f "$bench/invoices.sql"
    first=$((last + 1))
  done
  awk -v ns=$(($(date +%s%N) - started)) -v n="$2" 'BEGIN {
    printf "    %d invoices through the triggers: %.1f s, %.2f s per 100,000\n", n, ns / 1e9, ns / 1e9 / n * 1e5 }' | tee -a "$CRK_TMP/report"
  crk_psql -d "$1" -c 'VACUUM (FREEZE, ANALYZE)'
  wrong=$(crk_psql -At -d "$1" -v invoices="$2" -f "$bench/loaded.sql")
  [ "$wrong" = t ] || crk_die "the ledger $1 does not hold what was loaded"
}

small=$((ROWS / 10)) due=$((ROWS / 1000))
{
  echo 'SET search_path = receivables, credit_risk;'
  for round in $(seq $rounds); do printf '\\set night %s\n\\i %s/night.sql\n' "$round" "$bench"; done
} >"$CRK_TMP/nightly.sql"
crk_say "two ledgers: $small and $ROWS invoices, of which $due fall due before each run"
for size in small large; do
  load $size "$([ $size = small ] && echo $small || echo "$ROWS")"
  # Lines "night items buffers": all blocks read by the session, cached or not.
  crk_psql -At -F ' ' -d $size -f "$CRK_TMP/nightly.sql" >"$CRK_TMP/nightly.$size" 2>"$CRK_TMP/nightly.$size.err" || {
    cat "$CRK_TMP/nightly.$size.err" >&2
    crk_die 'the nightly run failed'
  }
done
crk_say 'run_daily: night, items looked at, buffers; small then large'
paste -d ' ' "$CRK_TMP/nightly.small" "$CRK_TMP/nightly.large" | tee "$CRK_TMP/nightly" | sed 's/^/    /'
awk '$2 != $5 || $2 == 0 { exit 1 }' "$CRK_TMP/nightly" || crk_die 'the two ledgers did not have the same items due'
awk '{ print $1, $3 / $2, $6 / $5 }' "$CRK_TMP/nightly" >"$CRK_TMP/buffers"
awk '$1 > 1 { s += $2; l += $3; n++ } END { printf "    buffers per due item: %.1f small, %.1f large\n", s / n, l / n }' "$CRK_TMP/buffers"
report "run_daily, buffers per due item, $ROWS / $small invoices" '0.90 to 1.10' 'r >= 0.90 && r <= 1.10' "$(median_ratio "$CRK_TMP/buffers")"
crk_psql -c 'DROP DATABASE small'

# ---- 3: an order with the credit check against none ------------------------

crk_psql -d large -f "$bench/plain_order.sql"
tps() { # SCHEMA
  sed "s/SCHEMA/$1/; s/CUSTOMERS/$((ROWS / 10))/" "$bench/order.pgbench" >"$CRK_TMP/order.pgbench"
  crk_run "$CRK_BIN/pgbench" -n -M prepared -c 8 -j 2 -T 3 --random-seed="$SEED$round$fsync" -f "$CRK_TMP/order.pgbench" large 2>"$CRK_TMP/pgbench.err" |
    sed -n 's/^tps = \([0-9]*\).*/\1/p'
  ! grep -v 'setting random seed' "$CRK_TMP/pgbench.err" >&2
}
for commit in off on; do
  [ $commit = on ] && fsync=1 || fsync=0
  # Only the rounds with synchronous commits need a disk that is told to write.
  crk_psql -c "ALTER SYSTEM SET synchronous_commit = $commit" -c "ALTER SYSTEM SET fsync = $commit" -c 'CHECKPOINT' -c 'SELECT pg_reload_conf()' >/dev/null
  crk_say "orders by 8 clients, synchronous_commit = $commit, fsync = $commit: transactions a second without and with the check"
  for round in $(seq $rounds); do
    echo "$round $(tps plain) $(tps receivables)" | tee -a "$CRK_TMP/tps.$commit" | sed 's/^/    /'
  done
  report "order insert with / without the check, TPS, synchronous_commit $commit" '>= 0.60' 'r >= 0.60' "$(median_ratio "$CRK_TMP/tps.$commit")"
done
wrong=$(crk_psql -At -d large -f "$bench/orders_checked.sql")
[ "$wrong" = t ] || crk_die 'the accounts do not hold the sum of the orders'

# ---- 5: the past, without and with closings ---------------------------------

past=$((ROWS / 5))
crk_say "$past invoices of three years: the aged balance of 2025-06-30, by hand and as of"
crk_psql -c 'CREATE DATABASE past'
crk_psql -d past -v customers=$((past / 20)) -f "$bench/ledger.sql" >/dev/null
crk_psql -d past -v rows="$past" -v customers=$((past / 20)) -v seed="$SEED" -f "$bench/past.sql"
crk_psql -d past -c 'VACUUM (FREEZE, ANALYZE)'
by_hand="SELECT * FROM public.by_hand('2025-06-30')"
as_of="SELECT customer_id, not_due, d1_30, d31_60, d61_90, over_90, unapplied FROM receivables.ageing_as_of('2025-06-30')"
same_past() {
  differing=$(crk_psql -At -d past -c "SELECT count(*) FROM (($by_hand EXCEPT $as_of) UNION ALL ($as_of EXCEPT $by_hand)) d")
  [ "$differing" = 0 ] || crk_die "the aged balance of the past and that by hand differ in $differing rows"
}
same_past
timed_database=past
alternate "$by_hand" "$as_of" >"$CRK_TMP/past"
report 'ageing_as_of() a past day / joins and FILTER by hand, time' '<= 1.50' 'r <= 1.50' "$(median_ratio "$CRK_TMP/past")"
crk_psql -At -d past -c "SELECT count(receivables.close_period(d::date)) FROM generate_series('2023-03-31'::timestamp, '2025-12-31', '3 months') d" >/dev/null
crk_psql -d past -c 'VACUUM (FREEZE, ANALYZE)'
same_past
alternate "$by_hand" "$as_of" >"$CRK_TMP/closed"
report 'the same, quarters closed' '<= 0.30' 'r <= 0.30' "$(median_ratio "$CRK_TMP/closed")"
crk_psql -c 'DROP DATABASE past'

# ---- 6: a scorecard against the same card as CASE ---------------------------

crk_say "$ROWS customers scored in one statement: score_row() and CASE, 14 characteristics"
crk_psql -c 'CREATE DATABASE scorecard'
crk_psql -d scorecard -v rows="$ROWS" -v seed="$SEED" -f "$bench/scorecard.sql"
way() { crk_psql -At -d scorecard -c "SELECT $1 FROM way"; }
ours=$(way ours) plain=$(way plain) sums=$(way sums)
timed_database=scorecard
for firms in firm firm_float8; do
  differing=$(crk_psql -At -d scorecard -c "SELECT count(*) FROM (SELECT $ours AS ours, $sums FROM $firms) t WHERE ours IS DISTINCT FROM $plain")
  [ "$differing" = 0 ] || crk_die "score_row() and CASE differ for $differing rows of $firms"
  alternate "SELECT count($plain) FROM (SELECT $sums FROM $firms OFFSET 0) t" "SELECT count($ours) FROM $firms" >"$CRK_TMP/$firms"
  report "score_row() / the card as CASE, $firms, time" '< 1.00' 'r < 1.00' "$(median_ratio "$CRK_TMP/$firms")"
done
crk_psql -c 'DROP DATABASE scorecard'

crk_say "the goals again (ROWS=$ROWS, SEED=$SEED, jit off, serial plans)"
cat "$CRK_TMP/report"
