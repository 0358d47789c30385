#!/bin/sh
# TAP over the build itself, in a scratch copy: build.sh SOURCE PG_CONFIG
set -eu
copy=$(mktemp -d "${1%/*}/build.XXXXXX")
cp -R "$1/." "$copy"
cd "$copy"
number=0

# result STATUS DESCRIPTION
result() {
  number=$((number + 1))
  if [ "$1" = 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

# A pg_config that only knows its version.
pretend() {
  printf '#!/bin/sh\ncase "$*" in *--version*) echo "PostgreSQL %s";; *) echo /nonexistent;; esac\n' "$1" >pretend_pg_config
  chmod +x pretend_pg_config
}

build() { make -s "PG_CONFIG=$pg_config" with_llvm=no CRK_CFLAGS=-Werror "$@"; }
pg_config=$2

for version in 14.22 9.6.24; do
  pretend $version
  status=0
  make -s PG_CONFIG=./pretend_pg_config >out 2>&1 || status=$?
  [ "$status" != 0 ] && grep -q "needs PostgreSQL 15 or newer.*PostgreSQL $version" out && status=0 || status=1
  result $status "PostgreSQL $version is refused by name"
done

status=0
make -s PG_CONFIG=/nonexistent/pg_config >out 2>&1 || status=$?
[ "$status" != 0 ] && [ "$(wc -l <out)" = 1 ] && grep -q 'install postgresql-server-dev-15' out && status=0 || status=1
result $status "without the build files, one line says what to install"

for goal in demo check lint coverage bench; do
  make -n PG_CONFIG=/nonexistent/pg_config $goal >out 2>&1 && status=0 || status=1
  result $status "make $goal starts with no PostgreSQL at all"
done

build >out 2>&1 && [ ! -s out ] && status=0 || status=1
sed 's/^/# /' out
result $status "the build says nothing"
build -q >out 2>&1 && status=0 || status=1
result $status "a second make has nothing to do"

version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" credit_risk.control)
script=sql/credit_risk--$version.sql
status=0
[ -e "$script" ] || : >"$script"
for part in sql/library/*.sql sql/ledger/*.sql sql/bridge/*.sql; do
  perl -0777 -e 'my ($whole, $part) = map { open my $f, "<", $_ or die $!; scalar <$f> } @ARGV; exit($part eq "" || index($whole, $part) < 0)' "$script" "$part" || {
    status=1
    echo "# $part is not in $script"
  }
done
result $status "the install script holds every part whole"

grep '"version": ' META.json | grep -v '"1.0.0"' | grep -qv "\"$version\"" && status=1 || status=0
grep -q "^## $version" CHANGELOG.md || status=1
result $status "META.json and CHANGELOG.md know version $version"

for header in src/*.h src/kernel/*.h; do
  touch -d '+1 minute' "$header"
  build -q >out 2>&1 && status=1 || status=0
  result $status "objects depend on $header"
  touch -r Makefile "$header"
done

for part in sql/library/header.sql sql/ledger/ledger.sql sql/bridge/create.sql; do
  touch -d '+1 minute' "$part"
  build -q >out 2>&1 && status=1 || status=0
  result $status "the install script depends on $part"
  touch -r Makefile "$part"
done

# Fitting is optional: with liblinear the module asks for it, without it says so itself.
grep -q 'liblinear\.so' credit_risk.so && ! grep -q 'build of credit_risk is without it' credit_risk.so && status=0 || status=1
result $status "liblinear is found and used"
build -s clean >/dev/null
build WITH_LIBLINEAR=no >out 2>&1 && [ ! -s out ] && status=0 || status=1
sed 's/^/# /' out
result $status "the build without liblinear says nothing"
! grep -q 'liblinear\.so' credit_risk.so && grep -q 'build of credit_risk is without it' credit_risk.so && status=0 || status=1
result $status "without liblinear, the module does not ask for it and has the error that says how to build it"

echo "1..$number"
rm -rf "$copy"
