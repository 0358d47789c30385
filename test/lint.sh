#!/bin/sh
# make lint: the format of the C sources, and what cppcheck finds in them.
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/test/cluster.sh"
crk_packages lint
cd "$top"

files=$(find src test -name '*.[ch]' | sort)
status=0
crk_say 'clang-format'
clang-format --dry-run -Werror --ferror-limit=5 $files || status=1
crk_say 'cppcheck'
# Macros of the server that stand where cppcheck expects a declaration are
# defined away; its headers are not read.  ctuuninitvar takes every array that a
# callee fills for uninitialised.
cppcheck --quiet --std=c99 --language=c --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
  --suppress=missingInclude --suppress=ctuuninitvar -Isrc '-DPG_FUNCTION_INFO_V1(f)=' '-DCRK_MODULE_MAGIC=' \
  -Dpg_noreturn= -DPG_VERSION_NUM=150000 src test || status=1
exit "$status"
