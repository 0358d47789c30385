# Sourced after cluster.sh: the parts of the test suite, each counted.
#
# Every part leaves its output in $CRK_TMP/NAME.log and adds to crk_passed and
# crk_failed.  A skipped test counts as neither.  A part that counts nothing
# has failed.

crk_passed=0 crk_failed=0 crk_started=$(date +%s)

# crk_tally NAME STATUS LOG: count the lines that pg_regress (both its styles)
# and TAP write, and show the log when something is wrong.
crk_tally() {
  counts=$(awk '
    { line = tolower($0) }
    line ~ /^ok [0-9]/ && line !~ /# *(skip|todo)/ { passed++ }
    line ~ /^not ok [0-9]/ && line !~ /# *todo/ { failed++ }
    /^(test|    ) *[^ ]+ +\.\.\. ok( |$)/ { passed++ }
    /^(test|    ) *[^ ]+ +\.\.\. FAILED/ { failed++ }
    END { print passed + 0, failed + 0 }' "$3")
  part_passed=${counts% *} part_failed=${counts#* }
  if [ "$part_failed" = 0 ] && { [ "$2" != 0 ] || [ "$part_passed" = 0 ]; }; then
    part_failed=1
    echo "$1 ended with status $2 and $part_passed tests counted" >>"$3"
  fi
  crk_passed=$((crk_passed + part_passed)) crk_failed=$((crk_failed + part_failed))
  printf '    %s: %d ok, %d not ok (%d s)\n' "$1" "$part_passed" "$part_failed" "$(($(date +%s) - crk_started))"
  crk_started=$(date +%s)
  if [ "$part_failed" != 0 ]; then
    printf '%s\n' "---- $1: its log, without what went well"
    grep -Ev '^ok [0-9]|\.\.\. ok ' "$3" | tail -n 120
  fi
}

# crk_explain FILE...: after a failure, the differences and the server's last words.
crk_explain() {
  [ "$part_failed" != 0 ] || return 0
  for file in "$@"; do
    # Tests provoke errors: of the server's log only the end is news.
    case $file in *.diffs) lines=300 ;; *) lines=30 ;; esac
    if [ -s "$file" ]; then
      printf '%s\n' "---- ${file##*/}"
      tail -n "$lines" "$file"
    fi
  done
}

# crk_result NUMBER DESCRIPTION COMMAND...: one TAP line for one command.
crk_result() {
  description="$1 - $2"
  shift 2
  if "$@"; then echo "ok $description"; else echo "not ok $description"; fi
}

# crk_names DIRECTORY EXTENSION: the tests in a folder, without the ending.
crk_names() {
  for file in "$1"/*."$2"; do
    if [ -e "$file" ]; then basename "$file" ".$2"; fi
  done
}

# crk_compare RUN NAME SOURCE DRIVER: the scripts of a schedule against
# expected/, by pg_regress or its isolation twin.
crk_compare() {
  "$1" env -C "$3" timeout -k 5 2400 "$CRK_PGXS/test/$4" --inputdir=test --outputdir=. "--bindir=$CRK_BIN" \
    --dbname=contrib_regression --load-extension=credit_risk "--schedule=$CRK_TMP/$2.schedule" >"$CRK_TMP/$2.log" 2>&1
}

# crk_schedule NAMES AT_ONCE: what runs together, a line each.
crk_schedule() { echo "$1" | xargs -n "$2" echo 'test:'; }

crk_regress() { # NAME SOURCE CLUSTER
  status=0
  crk_schedule "$(crk_names "$2/test/sql" sql)" 1 >"$CRK_TMP/$1.schedule"
  crk_compare crk_run "$1" "$2" regress/pg_regress || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$2/regression.diffs" "$CRK_TMP/$3/log"
}

# Isolation waits much and takes as long as all other parts together: it runs
# beside them, two specs at a time, on a server of its own.
crk_isolation_begin() { # NAME SOURCE STAGE
  crk_start "$1" "$3"
  crk_schedule "$(crk_names "$2/test/specs" spec)" 2 >"$CRK_TMP/$1.schedule"
  crk_compare crk_beside "$1" "$2" isolation/pg_isolation_regress
}

crk_isolation_end() { # NAME SOURCE
  status=0
  wait "$CRK_BESIDE" || status=$?
  CRK_BESIDE=
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$2/regression.diffs" "$CRK_TMP/$1/log"
  crk_stop "$1"
}

# The tests in Perl start servers of their own; CREDIT_RISK_CONF names a file
# of lines that each of them appends to its postgresql.conf.
crk_tap() { # NAME SOURCE STAGE
  crk_conf "$3" >"$CRK_TMP/stage.conf"
  status=0
  crk_run env -C "$2" -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE "PATH=$CRK_BIN:$PATH" "CREDIT_RISK_CONF=$CRK_TMP/stage.conf" \
    "TESTDIR=$2" "TESTDATADIR=$2/tmp_check" "TESTLOGDIR=$2/tmp_check/log" "PG_REGRESS=$CRK_PGXS/test/regress/pg_regress" \
    timeout -k 5 1800 prove --verbose --nocolor -I "$CRK_PGXS/test/perl" "$2"/test/t/*.pl >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$2"/tmp_check/log/regress_log_*
}

# The kernels without a server, compiled with these flags.
crk_unit() { # NAME SOURCE FLAGS
  status=0
  crk_run env -C "$2" sh -c '
    flags="-std=gnu99 -g -Wall -Wextra -Werror -Isrc $1" status=0
    mkdir unit
    for file in src/kernel/*.c; do
      cc $flags -c "$file" -o "unit/$(basename "$file" .c).o" || exit 1
    done
    for file in test/unit/*.c; do
      program=unit/$(basename "$file" .c)
      echo "# $file"
      cc $flags "$file" unit/*.o -lm -o "$program" && timeout -k 5 120 "$program" || status=1
    done
    exit $status' sh "$3" >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
}

crk_pgtap() { # NAME SOURCE CLUSTER
  crk_psql -c 'CREATE DATABASE pgtap'
  for extension in pgtap credit_risk dblink plpgsql_check; do
    crk_psql -d pgtap -c "CREATE EXTENSION $extension"
  done
  status=0
  crk_run env -C "$2" "PATH=$CRK_BIN:$PATH" timeout -k 5 1800 pg_prove --verbose --nocolor --ext .sql -d pgtap \
    --set "shared_data=$SHARED_DATA" "$2"/test/pgtap/*.sql >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$CRK_TMP/$3/log"
}

# Data sets that stand beside the checkout, where they do: copied, since the
# tests run as a user who may not see them there.  Tests skip without them.
crk_shared_data() {
  SHARED_DATA=${SHARED_DATA:-$top/../shared/data}
  if [ -d "$SHARED_DATA" ]; then
    cp -R "$SHARED_DATA" "$CRK_TMP/data"
    SHARED_DATA=$CRK_TMP/data
    chmod -R u+w,a+rX "$SHARED_DATA"
    [ -z "$CRK_AS" ] || chown -R "$CRK_USER" "$SHARED_DATA"
  else
    SHARED_DATA=
  fi
  export SHARED_DATA
}
