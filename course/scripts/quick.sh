#!/bin/sh
# Makes a worker soon after a save: compiles the chapters that changed and links them with the others
# as they were built last. A chapter that does not compile keeps the object it had.
#
#   quick.sh BUILD OUT own|solved|stubs CHAPTER.cpp …
#
# MORE_FLAGS in the environment go to the compiler last, MORE_LINK_FLAGS to the linker. Writes OUT/worker,
# what the compiler says of a chapter to OUT/said/NN_topic.txt, and moves that to OUT/no-compile/ when
# there is an error. Status 2: a chapter does not compile; 3: there is no worker (see OUT/link.txt).
#
# With HEADERS=1, the header of the last chapter is compiled by itself afterwards, in the background and
# once: from then on its chapter, which includes it first in any case, compiles in two thirds of the time.
build=$1 out=$2 others=$3
shift 3
[ -f "$build/recipe.sh" ] || { echo "$build/recipe.sh is missing: make check makes it" >&2; exit 3; }
. "$build/recipe.sh"
mkdir -p "$out/said" "$out/no-compile" || exit 3
status=0

for chapter; do
    name=$(basename "$chapter" .cpp)
    header=$out/headers/$name.hpp
    ready=$([ -z "$HEADERS" ] || ls "$header.gch" 2> /dev/null)
    rm -f "$out/no-compile/$name.txt"
    # shellcheck disable=SC2086
    if (
        ulimit -t "${COMPILE_SECONDS:-120}"  # : a compiler can be sent round in circles too
        exec "$compiler" @"$build/flags.rsp" $MORE_FLAGS ${ready:+-include "$header"} \
            -o "$out/$name.new.o" -c "$chapter"
    ) 2> "$out/said/$name.txt"; then
        if sh "$(dirname "$0")/promised.sh" "$build/stubs.rsp" "$chapter" "$out/$name.new.o" \
            > "$out/no-compile/$name.txt"; then
            rm "$out/no-compile/$name.txt"
            mv "$out/$name.new.o" "$out/$name.o"
        else
            status=2
        fi
    else
        [ -s "$out/said/$name.txt" ] || echo "error: the compiler gave up" > "$out/said/$name.txt"
        mv "$out/said/$name.txt" "$out/no-compile/$name.txt"
        status=2
    fi
done
[ $status = 0 ] || exit $status

while read -r object; do
    name=$(basename "$object" '.cpp.o"')
    if [ -f "$out/$name.o" ]; then echo "\"$out/$name.o\""; else echo "$object"; fi
done < "$build/$others.rsp" > "$out/objects.rsp"
# shellcheck disable=SC2086
"$compiler" @"$build/rooms.rsp" @"$out/objects.rsp" $link_flags $MORE_LINK_FLAGS -o "$out/worker.new" \
    2> "$out/link.txt" && mv "$out/worker.new" "$out/worker" || exit 3

[ -n "$HEADERS" ] && [ -z "$ready" ] && [ -f "chapters/$name.hpp" ] || exit 0
mkdir -p "$out/headers" && ln -sf "$PWD/chapters/$name.hpp" "$header"
# In a session of its own, where that can be had: it may outlive the grading that follows.
# shellcheck disable=SC2016,SC2046
$(command -v setsid) sh -c '
    "$0" @"$1/flags.rsp" $MORE_FLAGS -x c++-header -o "$2.$$" "$2" && mv "$2.$$" "$2.gch"' \
    "$compiler" "$build" "$header" < /dev/null > /dev/null 2>&1 &
