#!/bin/sh
# Builds what a student handed in, for grading. Each chapter that differs from its stub is compiled by
# itself, with limits on the compiler's time, memory and files, and linked with the solutions of all
# other chapters; one more program holds all of the student's chapters, over the stubs.
#
#   submission.sh ROOT BUILD CHAPTERS OUT
#
# Writes OUT/NN_topic.worker and OUT/own.worker, and OUT/no-compile/NN_topic.txt for each chapter that is
# refused, does not compile or does not link. A chapter may include the standard library, the headers
# of chapters/ and those of course/, and nothing else.
root=$1 build=$2 chapters=$3 out=$4
. "$build/recipe.sh"
MORE_FLAGS=${MORE_FLAGS--O1}  # the same answers, compiled sooner
mkdir -p "$out/no-compile" "$out/temporary"
export TMPDIR="$out/temporary"

limited() {
    ( ulimit -c 0; ulimit -t 60; ulimit -v 4000000; ulimit -f 200000; exec "$@" ) < /dev/null
}

# Where the compiler keeps the standard library, one folder a line.
$compiler -x c++ -E -v /dev/null 2>&1 |
    sed -n '/^#include </,/^End of search/s/^ \(\/[^ ]*\).*/\1/p' > "$out/system.txt"

# The preprocessed text tells what was included, whatever macros were used to say so; it is also what
# is compiled.
compile() {  # NAME → OUT/NAME.o, or words on standard error
    # shellcheck disable=SC2086
    limited $compiler $flags -w -E -o "$out/$1.ii" "$1.cpp" || return 1
    LC_ALL=C awk -v root="$root" -f "$root/course/scripts/includes.awk" "$out/system.txt" \
        "$out/$1.ii" >&2 || return 1
    # shellcheck disable=SC2086
    limited $compiler $flags $MORE_FLAGS -w -o "$out/$1.o" -c "$out/$1.ii"
}

link() {  # OBJECTS NAME → OUT/NAME.worker
    # shellcheck disable=SC2086
    $compiler $rooms $1 $link_flags -o "$out/$2.worker"
}

with() {  # OBJECTS NAME → the list with the student's object in the place of NAME's
    for object in $1; do
        [ "$(basename "$object")" = "$2.cpp.o" ] && object=$out/$2.o
        echo "$object"
    done
}

complain() {  # NAME: what is on standard input, in short, is why it does not compile
    head -c 20000 > "$out/no-compile/$1.txt"
    [ -s "$out/no-compile/$1.txt" ] ||
        echo "The compiler was stopped: it ran out of time or memory." > "$out/no-compile/$1.txt"
}

cd "$chapters" || exit 3
own=$stubs
for chapter in *.cpp; do
    name=${chapter%.cpp}
    [ -f "$build/stubs/$chapter" ] || continue
    cmp -s "$chapter" "$build/stubs/$chapter" && continue
    if ! compile "$name" 2> "$out/errors.txt"; then
        complain "$name" < "$out/errors.txt"
    elif ! link "$(with "$solved" "$name")" "$name" 2> "$out/errors.txt"; then
        grep -v '^/usr/bin/ld: [^ ]*: in function' "$out/errors.txt" | sed "s|$out/||g; s|$build/||g" |
            complain "$name"
    else
        own=$(with "$own" "$name")
    fi
    rm -f "$out/$name.ii"
done
link "$own" own 2> /dev/null || true
