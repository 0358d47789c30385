# Sourced after cluster.sh: the parts of the test suite, each counted.
#
# Every part leaves its output in $CRK_TMP/NAME.log and adds to crk_passed and
# crk_failed.  A skipped test counts as neither.  A part that counts nothing
# has failed, unless its folder is still empty.

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
    printf '%s\n' "---- $1: the end of its log"
    tail -n 120 "$3"
  fi
}

# Failed comparisons and the server's last words.
crk_explain() {
  for file in "$1/regression.diffs" "$2"; do
    if [ "$part_failed" != 0 ] && [ -s "$file" ]; then
      printf '%s\n' "---- ${file##*/}"
      tail -n 200 "$file"
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

crk_empty() {
  printf '    %s: no test in %s yet\n' "$1" "$2"
}

crk_regress() { # NAME SOURCE CLUSTER
  names=$(crk_names "$2/test/sql" sql)
  if [ -z "$names" ]; then crk_empty "$1" test/sql && return; fi
  pgxs=$(dirname "$("$CRK_PG_CONFIG" --pgxs)")/..
  status=0
  (
    cd "$2"
    crk_run timeout -k 5 300 "$pgxs/test/regress/pg_regress" --inputdir=test --outputdir=. "--bindir=$CRK_BIN" \
      --dbname=contrib_regression --load-extension=credit_risk $names
  ) >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$2" "$CRK_TMP/$3/log"
}

crk_isolation() { # NAME SOURCE CLUSTER
  names=$(crk_names "$2/test/specs" spec)
  if [ -z "$names" ]; then crk_empty "$1" test/specs && return; fi
  pgxs=$(dirname "$("$CRK_PG_CONFIG" --pgxs)")/..
  status=0
  (
    cd "$2"
    crk_run timeout -k 5 300 "$pgxs/test/isolation/pg_isolation_regress" --inputdir=test --outputdir=. "--bindir=$CRK_BIN" \
      --dbname=isolation_regression --load-extension=credit_risk $names
  ) >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$2" "$CRK_TMP/$3/log"
}

# The tests in Perl start servers of their own; CREDIT_RISK_CONF names a file
# of lines that each of them appends to its postgresql.conf.
crk_tap() { # NAME SOURCE STAGE
  if [ -z "$(crk_names "$2/test/t" pl)" ]; then crk_empty "$1" test/t && return; fi
  pgxs=$(dirname "$("$CRK_PG_CONFIG" --pgxs)")/..
  crk_conf "$3" >"$CRK_TMP/stage.conf"
  chmod 644 "$CRK_TMP/stage.conf"
  status=0
  (
    cd "$2"
    unset PGHOST PGPORT PGUSER PGDATABASE
    TESTDIR=$2 TESTDATADIR=$2/tmp_check TESTLOGDIR=$2/tmp_check/log PG_REGRESS=$pgxs/test/regress/pg_regress
    CREDIT_RISK_CONF=$CRK_TMP/stage.conf PATH=$CRK_BIN:$PATH
    export TESTDIR TESTDATADIR TESTLOGDIR PG_REGRESS CREDIT_RISK_CONF PATH
    crk_run timeout -k 5 400 prove --verbose --nocolor -I "$pgxs/test/perl" test/t/*.pl
  ) >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
}

# The kernels without a server.  $3 = the compiler's flags.
crk_unit() { # NAME SOURCE FLAGS
  if [ -z "$(crk_names "$2/test/unit" c)" ]; then crk_empty "$1" test/unit && return; fi
  status=0
  (
    cd "$2"
    crk_run sh -c '
      flags="-std=gnu99 -g -Wall -Wextra -Werror -Isrc $1" status=0
      mkdir -p unit && rm -f unit/*
      for file in src/kernel/*.c; do
        cc $flags -c "$file" -o "unit/$(basename "$file" .c).o" || exit 1
      done
      for file in test/unit/*.c; do
        name=unit/$(basename "$file" .c)-test
        echo "# $file"
        cc $flags "$file" unit/*.o -lm -o "$name" && timeout -k 5 120 "$name" || status=1
      done
      exit $status' sh "$3"
  ) >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
}

crk_pgtap() { # NAME SOURCE CLUSTER
  if [ -z "$(crk_names "$2/test/pgtap" sql)" ]; then crk_empty "$1" test/pgtap && return; fi
  status=0
  crk_psql -c 'CREATE DATABASE pgtap'
  for extension in pgtap credit_risk dblink plpgsql_check; do
    crk_psql -d pgtap -c "CREATE EXTENSION $extension"
  done
  (
    cd "$2"
    PATH=$CRK_BIN:$PATH
    export PATH
    crk_run timeout -k 5 400 pg_prove --verbose --nocolor --ext .sql -d pgtap --set "shared_data=$SHARED_DATA" test/pgtap/*.sql
  ) >"$CRK_TMP/$1.log" 2>&1 || status=$?
  crk_tally "$1" "$status" "$CRK_TMP/$1.log"
  crk_explain "$2/none" "$CRK_TMP/$3/log"
}

# Data sets that stand beside the checkout, where they do: copied, since the
# tests run as a user who may not see them there.  Tests skip without them.
crk_shared_data() {
  SHARED_DATA=${SHARED_DATA:-$top/../shared/data}
  if [ -d "$SHARED_DATA" ]; then
    cp -R "$SHARED_DATA" "$CRK_TMP/data"
    SHARED_DATA=$CRK_TMP/data
    chmod -R a+rX "$SHARED_DATA"
    [ -z "$CRK_AS" ] || chown -R "$CRK_USER" "$SHARED_DATA"
  else
    SHARED_DATA=
  fi
  export SHARED_DATA
}
