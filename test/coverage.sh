#!/bin/sh
# make coverage: the whole suite on a build that counts lines.  Prints the
# coverage of src file by file and in total.
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/test/cluster.sh"
. "$top/test/suite.sh"

crk_packages coverage
crk_open
crk_shared_data
crk_started=$(date +%s)
source=$CRK_TMP/src stage=$CRK_TMP/stage

crk_say "building for PostgreSQL $CRK_MAJOR, counting lines"
crk_build "$source" "$stage" 'CRK_CFLAGS=-O0 --coverage' 'CRK_LDFLAGS=--coverage'
cp -R "$source" "$CRK_TMP/beside"
[ -z "$CRK_AS" ] || chown -R "$CRK_USER" "$CRK_TMP/beside"
crk_say 'running the suite'
crk_isolation_begin isolation "$CRK_TMP/beside" "$stage"
crk_start main "$stage"
crk_regress regress "$source" main
crk_tap tap "$source" "$stage"
crk_unit unit "$source" '-O0 --coverage'
crk_pgtap pgtap "$source" main
crk_isolation_end isolation "$CRK_TMP/beside"
# The servers write what they counted when they end.
crk_stop main

crk_say 'line coverage of src'
# A file that no test enters leaves no counts: the first capture lists it too.
if ! {
  crk_run lcov -q -c -i -d "$source" --no-external -o "$CRK_TMP/none.info" &&
    crk_run lcov -q -c -d "$source" --no-external -o "$CRK_TMP/met.info" &&
    crk_run lcov -q -a "$CRK_TMP/none.info" -a "$CRK_TMP/met.info" -o "$CRK_TMP/all.info" &&
    crk_run lcov -q -e "$CRK_TMP/all.info" "$source/src/*" -o "$CRK_TMP/src.info"
} >"$CRK_TMP/lcov.log" 2>&1; then
  cat "$CRK_TMP/lcov.log" >&2
  crk_die 'lcov failed'
fi
awk -F '[:,]' -v skip=$((${#source} + 1)) '
  $1 == "SF" { file = substr($2, skip + 1) }
  $1 == "DA" { lines[file]++; all++; if ($3 > 0) { hit[file]++; met++ } }
  END {
    for (file in lines) printf "    %-32s %6.1f %%  %5d of %5d lines\n", file, 100 * hit[file] / lines[file], hit[file], lines[file] | "sort"
    close("sort")
    printf "line coverage of src: %.1f %% (%d of %d lines)\n", 100 * met / all, met, all
  }' "$CRK_TMP/src.info"
[ "$crk_failed" = 0 ] || crk_die "$crk_failed tests failed"
