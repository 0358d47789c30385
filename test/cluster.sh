# Sourced by demo, check, coverage and bench: a machine with the packages, a
# copy of the source, a build, a staged extension and a throw-away server.
#
#   top=/path/to/source; . "$top/test/cluster.sh"
#   crk_packages demo          # install what is missing, or name it and fail
#   crk_open                   # the temporary folder and a copy of the source
#   crk_build "$CRK_TMP/src" "$CRK_TMP/stage"
#   crk_start main "$CRK_TMP/stage"      # exports PGHOST and the rest
#   crk_run COMMAND...         # as the unprivileged user; ends with us
#
# Everything is stopped and removed when the script ends, however it ends.
# Nothing is written outside the temporary folder; its path is short because a
# socket path must be, and without blanks because PGXS cannot have them.

set -eu
umask 022

CRK_TMP= CRK_CHILD= CRK_BESIDE= CRK_AS= CRK_KEEP=

# What the caller's shell or make says about other servers is not for us.
unset PGDATA PGDATABASE PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS \
  PGSSLMODE PGTZ PGDATESTYLE PGAPPNAME PSQLRC TEMP_CONFIG MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES DESTDIR CDPATH
LC_ALL=C PGCLIENTENCODING=UTF8 PSQL_PAGER=cat
export LC_ALL PGCLIENTENCODING PSQL_PAGER

crk_say() { printf '==> %s\n' "$*"; }

crk_die() {
  printf 'credit_risk: %s\n' "$*" >&2
  exit 1
}

# ---- packages -------------------------------------------------------------

# The one list of what each goal needs, for the server of this major.
crk_package_list() {
  server="postgresql-$CRK_MAJOR postgresql-server-dev-$CRK_MAJOR gcc libc6-dev make liblinear-dev"
  suites="postgresql-$CRK_MAJOR-pgtap postgresql-$CRK_MAJOR-plpgsql-check postgresql-$CRK_MAJOR-cron libtap-parser-sourcehandler-pgtap-perl libipc-run-perl perl"
  case $1 in
    demo | bench) echo "$server" ;;
    check) echo "$server $suites binutils" ;;
    coverage) echo "$server $suites lcov" ;;
    lint) echo "clang-format cppcheck" ;;
  esac
}

# Is this a pg_config of a server (15 or newer) that can be built for and run?
crk_usable() {
  command -v "$1" >/dev/null 2>&1 || return 1
  CRK_MAJOR=$("$1" --version | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p')
  [ -n "$CRK_MAJOR" ] && [ "$CRK_MAJOR" -ge 15 ] && [ -e "$("$1" --pgxs)" ] && [ -x "$("$1" --bindir)/postgres" ]
}

# Choose the server: the one that PG_CONFIG names, else the one on the path,
# else Debian's oldest that we support, else the one that Debian can install.
crk_find_server() {
  if [ -n "${PG_CONFIG:-}" ]; then
    crk_usable "$PG_CONFIG" && CRK_PG_CONFIG=$PG_CONFIG && return
    case $PG_CONFIG in
      /usr/lib/postgresql/1[5-9]/bin/pg_config | /usr/lib/postgresql/[2-9][0-9]/bin/pg_config)
        CRK_PG_CONFIG=$PG_CONFIG CRK_MAJOR=$(echo "$PG_CONFIG" | cut -d/ -f5) && return ;;
    esac
    crk_die "PG_CONFIG=$PG_CONFIG is not the pg_config of a PostgreSQL 15 or newer with its server and its build files"
  fi
  for CRK_PG_CONFIG in pg_config /usr/lib/postgresql/1[5-9]/bin/pg_config; do
    if crk_usable "$CRK_PG_CONFIG"; then return; fi
  done
  for CRK_MAJOR in 15 16 17 18; do
    if apt-cache policy "postgresql-server-dev-$CRK_MAJOR" 2>/dev/null | grep -q 'Candidate: [0-9]'; then break; fi
    CRK_MAJOR=15
  done
  CRK_PG_CONFIG=/usr/lib/postgresql/$CRK_MAJOR/bin/pg_config
}

crk_missing() {
  missing=
  for package in $(crk_package_list "$1"); do
    # A server that Debian did not package brings its own parts.
    case $package,$CRK_PG_CONFIG in
      postgresql-*,/usr/lib/postgresql/* | postgresql-*,pg_config) ;;
      postgresql-*) continue ;;
    esac
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
}

# Whatever the goal needs: installed if we may, else named in one line.
crk_packages() {
  crk_find_server
  command -v dpkg-query >/dev/null 2>&1 || return 0
  crk_missing "$1"
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ]; then
    sudo=
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo='sudo -n'
  else
    crk_die "packages are missing; as root: apt-get update && apt-get install -y$missing"
  fi
  crk_say "apt-get update"
  $sudo apt-get update -q >/dev/null || crk_die 'apt-get update failed'
  crk_find_server
  crk_missing "$1"
  crk_say "apt-get install$missing"
  if ! apt_log=$($sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 $missing 2>&1); then
    printf '%s\n' "$apt_log" | tail -n 20 >&2
    crk_die "apt-get could not install$missing"
  fi
}

# ---- the temporary folder --------------------------------------------------

# Stop every server whose data stands in our folder (the Perl tests start
# their own), then remove the folder.
crk_close() {
  status=$?
  trap '' INT TERM HUP
  trap - EXIT
  for child in $CRK_CHILD $CRK_BESIDE; do
    kill -TERM "-$child" 2>/dev/null || :
    wait "$child" 2>/dev/null || :
  done
  if [ -n "$CRK_TMP" ] && [ -z "$CRK_KEEP" ]; then
    find "$CRK_TMP" -name postmaster.pid 2>/dev/null | while read -r pid_file; do
      $CRK_AS "$CRK_BIN/pg_ctl" -D "${pid_file%/*}" -m immediate -w stop >/dev/null 2>&1 || :
    done
    cd /
    rm -rf "$CRK_TMP"
  fi
  exit "$status"
}

# Make the temporary folder and copy the source: what git would commit, or,
# without git, all but what a build leaves.
crk_open() {
  CRK_BIN=$("$CRK_PG_CONFIG" --bindir)
  CRK_PG_CONFIG=$(command -v "$CRK_PG_CONFIG")
  CRK_PGXS=$(dirname "$("$CRK_PG_CONFIG" --pgxs)")/..
  if [ "$(id -u)" = 0 ]; then
    CRK_USER=nobody
    if id postgres >/dev/null 2>&1; then CRK_USER=postgres; fi
    CRK_AS="setpriv --reuid=$CRK_USER --regid=$(id -g "$CRK_USER") --init-groups"
  fi
  trap crk_close EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  CRK_TMP=$(mktemp -d /tmp/crk.XXXXXX)
  HOME=$CRK_TMP # no .psqlrc, .pgpass or .proverc of anybody's
  export HOME
  mkdir "$CRK_TMP/src"
  (
    cd "$top"
    if [ -e .git ] && git ls-files -z -co --exclude-standard >"$CRK_TMP/files" 2>/dev/null; then
      # The index still lists a file that was removed and not committed.
      xargs -0 sh -c 'for f; do if [ -e "$f" ] || [ -h "$f" ]; then printf "%s\0" "$f"; fi; done' - <"$CRK_TMP/files" |
        tar -c --no-recursion --null -T - -f -
    else
      tar -c --exclude=./.git --exclude='*.o' --exclude='*.bc' --exclude='*.so' --exclude='*.gc??' \
        --exclude=./results --exclude=./coverage --exclude=./tmp_check -f - .
    fi
  ) | tar -x --no-same-owner -C "$CRK_TMP/src" -f -
  [ -z "$CRK_AS" ] || chown -R "$CRK_USER" "$CRK_TMP"
  cd "$CRK_TMP"
}

# Run one step as the unprivileged user, in a session of its own so that a
# signal to us can end all of it at once.
crk_run() {
  setsid $CRK_AS "$@" &
  CRK_CHILD=$!
  crk_status=0
  wait "$CRK_CHILD" || crk_status=$?
  CRK_CHILD=
  return "$crk_status"
}

# The same beside what follows: crk_isolation_end waits for it.
crk_beside() {
  setsid $CRK_AS "$@" &
  CRK_BESIDE=$!
}

# ---- build and server -------------------------------------------------------

# crk_build SOURCE STAGE [MAKE ARGUMENTS]: warnings are errors here.
crk_build() {
  source=$1 stage=$2
  shift 2
  if ! crk_run make -s -j "$(nproc)" -C "$source" "PG_CONFIG=$CRK_PG_CONFIG" with_llvm=no CRK_CFLAGS=-Werror "$@" >"$stage.log" 2>&1 ||
    ! crk_run make -s -C "$source" "PG_CONFIG=$CRK_PG_CONFIG" with_llvm=no "DESTDIR=$stage" install >>"$stage.log" 2>&1; then
    cat "$stage.log" >&2
    crk_die 'the build failed'
  fi
}

# crk_conf STAGE: the lines that let a server find the staged extension.
crk_conf() {
  settings=$("$CRK_BIN/postgres" --describe-config | grep -E '^extension_(control_path|destdir)' | cut -f1)
  if echo "$settings" | grep -q control_path; then
    printf "extension_control_path = '%s:\$system'\n" "$1$("$CRK_PG_CONFIG" --sharedir)"
  elif [ -n "$settings" ]; then
    printf "extension_destdir = '%s'\n" "$1"
  else
    crk_die 'this server has neither extension_control_path (18) nor extension_destdir (Debian): use make install'
  fi
  printf "dynamic_library_path = '%s:\$libdir'\n" "$1$("$CRK_PG_CONFIG" --pkglibdir)"
}

# crk_start NAME STAGE [LINES OF postgresql.conf]: a server on a socket only,
# in the folder $CRK_TMP/NAME, its log in $CRK_TMP/NAME/log.
crk_start() {
  PGHOST=$CRK_TMP/$1 PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
  export PGHOST PGPORT PGUSER PGDATABASE
  crk_run mkdir -p "$PGHOST"
  crk_run "$CRK_BIN/initdb" -D "$PGHOST/data" -U postgres -A trust -N --no-locale -E UTF8 >"$CRK_TMP/$1.initdb" 2>&1 || {
    cat "$CRK_TMP/$1.initdb" >&2
    crk_die 'initdb failed'
  }
  {
    printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$PGHOST'" 'fsync = off' 'max_connections = 50' 'max_locks_per_transaction = 512'
    crk_conf "$2"
    printf '%s\n' "${3:-}"
  } >>"$PGHOST/data/postgresql.conf"
  # The server inherits PGHOST, so that dblink's plain dbname=... finds it.
  crk_run "$CRK_BIN/pg_ctl" -D "$PGHOST/data" -l "$PGHOST/log" -w start >/dev/null || {
    cat "$PGHOST/log" >&2
    crk_die 'the server did not start'
  }
}

crk_stop() {
  crk_run "$CRK_BIN/pg_ctl" -D "$CRK_TMP/$1/data" -m fast -w stop >/dev/null
}

crk_psql() { crk_run "$CRK_BIN/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
