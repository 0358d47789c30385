#!/bin/sh
# make demo [KEEP=1] [CSV=path] [SEED=n] [DEMO_LANG=fr]: a ledger on a
# throw-away server, and the reports on it.  doc/demo/main.sql is the demo.
top=$(cd "$(dirname "$0")/../.." && pwd)
case ${CSV:-} in
  '' | /*) ;;
  *) CSV=$PWD/$CSV ;;
esac
. "$top/test/cluster.sh"

case ${SEED:=1} in
  *[!0-9]*) crk_die "SEED must be a whole number, not \"$SEED\"" ;;
esac
case ${DEMO_LANG:=en} in
  en | fr) ;;
  *) crk_die "DEMO_LANG must be en or fr, not \"$DEMO_LANG\"" ;;
esac
[ -z "${CSV:-}" ] || [ -r "$CSV" ] || crk_die "cannot read CSV=$CSV"

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
crk_psql -d demo -P pager=off -v "seed=$SEED" -v "lang=$DEMO_LANG" -v "csv=$csv" -f "$CRK_TMP/src/doc/demo/main.sql"

if [ -n "${KEEP:-}" ]; then
  CRK_KEEP=1
  crk_say "the server stays up. Reach it:    $CRK_BIN/psql -h $CRK_TMP/demo -U postgres demo"
  crk_say "stop and remove it:  ${CRK_AS:+runuser -u $CRK_USER -- }$CRK_BIN/pg_ctl -D $CRK_TMP/demo/data -m fast stop && rm -rf $CRK_TMP"
fi
