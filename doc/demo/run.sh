#!/bin/sh
# make demo [KEEP=1] [SEED=n] [DEMO_LANG=fr] [CSV=path [AS_OF=2013-12-31] [CURRENCY=USD]]
# A ledger on a throw-away server, and the reports on it.  doc/demo/main.sql is
# the demo.
top=$(cd "$(dirname "$0")/../.." && pwd)
case ${CSV:-} in
  '' | /*) ;;
  *) CSV=$PWD/$CSV ;;
esac

# What the terminal speaks, before we set a locale of our own.
ascii=1
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
  *UTF-8* | *utf-8* | *UTF8* | *utf8*) ascii=0 ;;
esac
if [ -z "${DEMO_LANG:-}" ]; then
  case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    fr | fr_* | fr.*) DEMO_LANG=fr ;;
    *) DEMO_LANG=en ;;
  esac
fi
. "$top/test/cluster.sh"

case ${SEED:=1} in
  *[!0-9]* | ????????????????*) crk_die "SEED must be a whole number of at most 15 digits, not \"$SEED\"" ;;
esac
case $DEMO_LANG in
  en | fr) ;;
  *) crk_die "DEMO_LANG must be en or fr, not \"$DEMO_LANG\"" ;;
esac
case ${CURRENCY:=USD} in
  [A-Z][A-Z][A-Z]) ;;
  *) crk_die "CURRENCY must be three capital letters, not \"$CURRENCY\"" ;;
esac
case ${AS_OF:=} in
  '' | [0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]) ;;
  *) crk_die "AS_OF must be a date like 2013-12-31, not \"$AS_OF\"" ;;
esac
if [ -n "${CSV:-}" ] && ! { [ -f "$CSV" ] && [ -r "$CSV" ]; }; then
  crk_die "cannot read CSV=$CSV"
fi

crk_packages demo
crk_open
csv=
if [ -n "${CSV:-}" ]; then
  csv=$CRK_TMP/invoices.csv
  cp "$CSV" "$csv"
  chmod 644 "$csv"
fi
crk_say "building for PostgreSQL $CRK_MAJOR"
crk_build "$CRK_TMP/src" "$CRK_TMP/stage"
crk_say "starting a throw-away server in $CRK_TMP"
crk_start demo "$CRK_TMP/stage"
crk_psql -c 'CREATE DATABASE demo'
crk_psql -d demo -P pager=off -v "seed=$SEED" -v "lang=$DEMO_LANG" -v "ascii=$ascii" -v "csv=$csv" \
  -v "origin=${CSV:+${CSV##*/}}" -v "currency=$CURRENCY" -v "as_of=$AS_OF" -f "$CRK_TMP/src/doc/demo/main.sql"

if [ -n "${KEEP:-}" ]; then
  CRK_KEEP=1
  crk_say "the server stays up. Reach it:    $CRK_BIN/psql -h $CRK_TMP/demo -U postgres demo"
  crk_say "stop and remove it:  ${CRK_AS:+runuser -u $CRK_USER -- }$CRK_BIN/pg_ctl -D $CRK_TMP/demo/data -m fast stop && rm -rf $CRK_TMP"
fi
