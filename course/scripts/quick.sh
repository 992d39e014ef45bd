#!/bin/sh
# Makes a worker soon after a save: compiles the chapters that changed and links them with the others
# as they were built last. A chapter that does not compile keeps the object it had.
#
#   quick.sh BUILD OUT own|solved|stubs CHAPTER.cpp …
#
# MORE_FLAGS in the environment go to the compiler last; MORE_LINK_FLAGS, such as sanitizers that cannot
# be linked as the rest is, take the place of the usual ones. Writes OUT/worker,
# what the compiler says of a chapter to OUT/said/NN_topic.txt, and moves that to OUT/no-compile/ when
# there is an error. Status 2: a chapter does not compile; 3: there is no worker (see OUT/link.txt).
# What headers.sh has compiled for a chapter is used.
build=$1 out=$2 others=$3
shift 3
scripts=${0%/*}
[ -f "$build/recipe.sh" ] || { echo "$build/recipe.sh is missing: make check makes it" >&2; exit 3; }
. "$build/recipe.sh"
[ -d "$out/said" ] && [ -d "$out/no-compile" ] || mkdir -p "$out/said" "$out/no-compile" || exit 3
status=0

name_of() { name=${1##*/} name=${name%.cpp}; }  # which takes no process, as basename would

for chapter; do
    name_of "$chapter"
    includes=$out/includes/$name ready=
    [ -f "$includes.gch" ] && grep '^#include' "$chapter" | cmp -s - "$includes" && ready=yes
    [ ! -f "$out/no-compile/$name.txt" ] || rm "$out/no-compile/$name.txt"
    # shellcheck disable=SC2086
    (
        ulimit -t "${COMPILE_SECONDS:-120}"  # : a compiler can be sent round in circles too
        exec "$compiler" @"$build/flags.rsp" $MORE_FLAGS ${ready:+-include "$includes"} \
            -o "$out/$name.new.o" -c "$chapter"
    ) 2> "$out/said/$name.txt" || {
        [ -s "$out/said/$name.txt" ] || echo "error: the compiler gave up" > "$out/said/$name.txt"
        mv "$out/said/$name.txt" "$out/no-compile/$name.txt" || exit 3
        status=2
    }
done
[ $status = 0 ] || exit $status

while read -r object; do
    name=${object##*/} name=${name%.cpp.o\"}
    for newer in "$out/$name.new.o" "$out/$name.o"; do
        [ ! -f "$newer" ] || { object=\"$newer\"; break; }
    done
    echo "$object"
done < "$build/$others.rsp" > "$out/objects.rsp"
# shellcheck disable=SC2086
"$compiler" $given_flags -pthread @"$build/rooms.rsp" @"$out/objects.rsp" ${MORE_LINK_FLAGS:-$link_flags} \
    -o "$out/worker.new" 2> "$out/link.txt" &
linking=$!

# Meanwhile: is all there that a header promises, and nothing there twice?
for chapter; do
    name_of "$chapter"
    { sh "$scripts/same_names.sh" "$chapter" && cat "$out/said/$name.txt"; } > "$out/said/$name.new" &&
        mv "$out/said/$name.new" "$out/said/$name.txt"
    sh "$scripts/promised.sh" "$build/stubs.rsp" "$chapter" "$out/$name.new.o" \
        > "$out/no-compile/$name.txt" && rm "$out/no-compile/$name.txt"
done
wait $linking || status=3
for chapter; do
    name_of "$chapter"
    [ ! -f "$out/no-compile/$name.txt" ] || { rm "$out/$name.new.o"; status=2; }
done
[ $status = 0 ] || exit $status

for object in "$out"/*.new.o; do
    [ ! -f "$object" ] || mv "$object" "${object%.new.o}.o"
done
mv "$out/worker.new" "$out/worker" || exit 3
