#!/bin/sh
# Forgets how BUILD was configured when that was in another folder, for a copy of the course would go on
# building the original, or for another processor, as where many machines share one home.
#
#   moved.sh BUILD
[ -f "$1/CMakeCache.txt" ] || exit 0
there=$(sed -n 's/^CMAKE_CACHEFILE_DIR:INTERNAL=//p' "$1/CMakeCache.txt")
here=$(CDPATH='' cd "$1" && pwd -P)
is_here() { [ "$(CDPATH='' cd "$there" 2> /dev/null && pwd -P)" = "$here" ]; }
is_for_this_processor() {
    [ ! -f "$1/processor.txt" ] ||
        (. "$1/recipe.sh" && sh "${0%/*}/processor.sh" "$compiler") | cmp -s - "$1/processor.txt"
}
is_here && is_for_this_processor "$1" ||
    rm -rf "$1/CMakeCache.txt" "$1/CMakeFiles" "$1/Makefile"
