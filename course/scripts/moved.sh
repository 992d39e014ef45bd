#!/bin/sh
# Forgets how BUILD was configured when that was in another folder: a copy of the course would go on
# building the original.
#
#   moved.sh BUILD
[ -f "$1/CMakeCache.txt" ] || exit 0
there=$(sed -n 's/^CMAKE_CACHEFILE_DIR:INTERNAL=//p' "$1/CMakeCache.txt")
here=$(CDPATH='' cd "$1" && pwd -P)
[ "$(CDPATH='' cd "$there" 2> /dev/null && pwd -P)" = "$here" ] ||
    rm -rf "$1/CMakeCache.txt" "$1/CMakeFiles" "$1/Makefile"
