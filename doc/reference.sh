#!/bin/sh
# make reference: print doc/reference.md anew from the comments in the database.
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/test/cluster.sh"

crk_packages demo
crk_open
crk_build "$CRK_TMP/src" "$CRK_TMP/stage"
crk_start reference "$CRK_TMP/stage"
crk_psql -c 'CREATE EXTENSION credit_risk' -c "SELECT credit_risk.create_ledger('receivables')" >/dev/null
crk_psql -q -f "$CRK_TMP/src/doc/reference.sql" >"$CRK_TMP/reference.md"
cat "$CRK_TMP/reference.md" >"$top/doc/reference.md"
crk_say "doc/reference.md: $(wc -l <"$CRK_TMP/reference.md") lines"
