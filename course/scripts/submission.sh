#!/bin/sh
# Builds what a student handed in, for grading, in two steps with rights of their own:
#
#   submission.sh compile|link ROOT BUILD CHAPTERS OUT
#
# Each chapter that differs from its stub is compiled by itself, with limits on the compiler's time, memory
# and files. Then it is linked with the solutions of the chapters before it and the stubs of those after
# it, which have nothing that it needs; one more program holds all of the student's chapters, over the
# stubs.
#
# Writes OUT/NN_topic.worker and OUT/own.worker, and OUT/no-compile/NN_topic.txt for each chapter that is
# refused, does not compile or does not link. A chapter may include the standard library, the headers
# of chapters/, kit/, data/, training/ and demos/, and nothing else. Status 4: it is this machine that
# fails, which the grader's own probe.cpp tells before anybody's chapter.
step=$1 root=$2 build=$3 chapters=$4 out=$5
. "$build/recipe.sh"
MORE_FLAGS=${MORE_FLAGS--O1}  # the same answers, compiled sooner
seconds=${COMPILE_SECONDS:-60}
mkdir -p "$out/no-compile" "$out/temporary" || exit 4
export TMPDIR="$out/temporary" CCACHE_DISABLE=1  # no submission meets what another one left
unset LIBRARY_PATH CPATH CPLUS_INCLUDE_PATH  # their folders may not be read when confined
cd "$chapters" || exit 3

limited() {  # the first limit on time says so, the second kills without a word
    (
        ulimit -S -t "$seconds"; ulimit -H -t $((seconds + 5))
        ulimit -c 0; ulimit -v 4000000; ulimit -f 200000
        exec "$@"
    ) < /dev/null
}

# Of what is in errors.txt, is it this machine that says it? Then nobody's chapter is to blame.
machine_fails() {
    grep -v '^ \|\.[ch]pp' "$out/errors.txt" | grep -q -e 'No space left on device' \
        -e 'Killed' -e 'cannot execute' -e 'Resource temporarily unavailable' -e 'quota exceeded'
}

complain() {  # NAME: what is in errors.txt, in short, is why it does not compile
    ! machine_fails || exit 4
    head -c 20000 "$out/errors.txt" > "$out/no-compile/$1.txt"
    [ -s "$out/no-compile/$1.txt" ] ||
        echo "The compiler was stopped: it ran out of time or memory." > "$out/no-compile/$1.txt"
}

# The preprocessed text tells what was included, whatever macros were used to say so; it is also what
# is compiled.
compile() {  # NAME → OUT/NAME.o, or words on standard error
    limited "$compiler" @"$build/flags.rsp" -w -E -o "$out/$1.ii" "$1.cpp" || return 1
    LC_ALL=C awk -v root="$root" -f "$root/course/scripts/includes.awk" "$out/system.txt" \
        "$out/$1.ii" >&2 || return 1
    # shellcheck disable=SC2086
    limited "$compiler" @"$build/flags.rsp" $MORE_FLAGS -w -o "$out/$1.o" -c "$out/$1.ii"
}

link() {  # NAME: with the objects that OUT/NAME.rsp lists, → OUT/NAME.worker
    # shellcheck disable=SC2086
    limited "$compiler" @"$build/rooms.rsp" @"$out/$1.rsp" $link_flags -o "$out/$1.worker"
}

is_of() {  # NAME OBJECT
    case $2 in *"/$1.cpp.o\"") ;; *) false ;; esac
}

around() {  # NAME → the objects of its worker
    before=yes
    while read -r solved && read -r stub <&3; do
        if is_of "$1" "$solved"; then
            echo "\"$out/$1.o\""
            before=
        elif [ "$before" ]; then
            echo "$solved"
        else
            echo "$stub"
        fi
    done < "$build/solved.rsp" 3< "$build/stubs.rsp"
}

with() {  # NAME: the list on standard input, with the student's object in the place of NAME's
    while read -r object; do
        if is_of "$1" "$object"; then echo "\"$out/$1.o\""; else echo "$object"; fi
    done
}

if [ "$step" = compile ]; then
    # Where the compiler keeps the standard library, one folder a line.
    "$compiler" -x c++ -E -v /dev/null 2>&1 |
        sed -n '/^#include </,/^End of search/s/^ \(\/[^ ]*\).*/\1/p' > "$out/system.txt"
    [ -s "$out/system.txt" ] || exit 4
    [ ! -f probe.cpp ] || { compile probe && rm "$out/probe.o" && exit 0; } || exit 4
    for chapter in *.cpp; do
        name=${chapter%.cpp}
        [ -f "$build/stubs/$chapter" ] || continue
        cmp -s "$chapter" "$build/stubs/$chapter" && continue
        compile "$name" 2> "$out/errors.txt" || complain "$name"
        rm -f "$out/$name.ii"
    done
    exit 0
fi

cp "$build/stubs.rsp" "$out/own.rsp" || exit 4
for object in "$out"/*.o; do
    [ -f "$object" ] || continue
    name=$(basename "$object" .o)
    around "$name" > "$out/$name.rsp"
    if link "$name" 2> "$out/errors.txt"; then
        with "$name" < "$out/own.rsp" > "$out/own.new" && mv "$out/own.new" "$out/own.rsp"
    else
        grep -v '^/usr/bin/ld: [^ ]*: in function' "$out/errors.txt" |
            sed "s|$out/||g; s|$build/||g" > "$out/link.txt" && mv "$out/link.txt" "$out/errors.txt"
        complain "$name"
    fi
done
link own 2> "$out/errors.txt" || ! machine_fails || exit 4
exit 0
