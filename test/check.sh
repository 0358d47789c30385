#!/bin/sh
# make check: every part of the suite on a throw-away server.  The last line is
# the total over all parts.
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/test/cluster.sh"
. "$top/test/suite.sh"

crk_packages check
crk_open
crk_shared_data
crk_started=$(date +%s)
source=$CRK_TMP/src stage=$CRK_TMP/stage
cp -R "$source" "$CRK_TMP/sanitised"
[ -z "$CRK_AS" ] || chown -R "$CRK_USER" "$CRK_TMP/sanitised"

crk_say "build files: refusals, dependencies, the generated script"
status=0
crk_run sh "$source/test/build.sh" "$source" "$CRK_PG_CONFIG" >"$CRK_TMP/build.log" 2>&1 || status=$?
crk_tally build "$status" "$CRK_TMP/build.log"

crk_say "building for PostgreSQL $CRK_MAJOR, warnings are errors"
crk_build "$source" "$stage"
cp -R "$source" "$CRK_TMP/beside"
[ -z "$CRK_AS" ] || chown -R "$CRK_USER" "$CRK_TMP/beside"
crk_say "isolation: two sessions, step by step, beside what follows"
crk_isolation_begin isolation "$CRK_TMP/beside" "$stage"
crk_start main "$stage"

crk_say "pg_regress: what a user sees"
crk_regress regress "$source" main

crk_say "Perl TAP: dump, restore, crash"
crk_tap tap "$source" "$stage"

crk_say "kernels under the address and undefined-behaviour sanitisers"
crk_unit unit "$source" '-O1 -fsanitize=address,undefined -fno-sanitize-recover=all'

crk_say "pgTAP: values, catalogues, laws"
crk_pgtap pgtap "$source" main
crk_stop main

# The planted fault is part of this build only.  Without it, a server that
# hides its sanitiser's words would look clean for ever.
crk_say "pg_regress again, on a build with the undefined-behaviour sanitiser"
cp "$source/test/ubsan/planted.c" "$CRK_TMP/sanitised/src/"
crk_build "$CRK_TMP/sanitised" "$CRK_TMP/sanitised-stage" \
  'CRK_CFLAGS=-Werror -fsanitize=undefined' 'CRK_LDFLAGS=-fsanitize=undefined'
crk_start ubsan "$CRK_TMP/sanitised-stage"
crk_regress ubsan "$CRK_TMP/sanitised" ubsan
server_log=$CRK_TMP/ubsan/log
library=$CRK_TMP/sanitised-stage$("$CRK_PG_CONFIG" --pkglibdir)/credit_risk.so
instrumented() { nm -D "$library" | grep -q __ubsan; }
clean() { ! grep 'runtime error' "$server_log"; }
{
  crk_result 1 'the library is instrumented' instrumented
  crk_result 2 'no undefined behaviour in the server log' clean
  crk_psql -c "CREATE FUNCTION planted_fault(integer) RETURNS integer AS '$library', 'crk_planted_fault' LANGUAGE C STRICT" \
    -c 'SELECT planted_fault(40)'
  crk_result 3 'the planted fault is found' grep 'planted.c.*runtime error' "$server_log"
} >"$CRK_TMP/ubsan-log.log" 2>&1
crk_tally 'ubsan log' 0 "$CRK_TMP/ubsan-log.log"
crk_stop ubsan

crk_say "isolation: waiting for its end"
crk_isolation_end isolation "$CRK_TMP/beside"

printf '%d passed, %d failed\n' "$crk_passed" "$crk_failed"
[ "$crk_failed" = 0 ]
