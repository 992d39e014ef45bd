#!/bin/sh
# Builds a worker of the chapters in a folder. Chapters that are missing there, or do not compile,
# come from the stubs, or with `solved` from the solutions.
#
#   worker.sh BUILD CHAPTERS OUT [solved]
#
# MORE_FLAGS in the environment are the compiler's last ones. Writes OUT/worker and, for each chapter
# that does not compile, OUT/no-compile/NN_topic.txt.
set -e
build=$1 chapters=$2 out=$3 others=${4:-stubs}
. "$build/recipe.sh"

mkdir -p "$out"
rm -rf "$out/no-compile"
while read -r object; do
    name=${object##*/} name=${name%.cpp.o\"}
    if [ -f "$chapters/$name.cpp" ]; then
        object=\"$out/$name.o\"
        # shellcheck disable=SC2086
        sh course/scripts/compile.sh "$build/stubs" "$out/no-compile" \
            "$compiler" @"$build/flags.rsp" $MORE_FLAGS -w -o "$out/$name.o" -c "$chapters/$name.cpp"
    fi
    echo "$object"
done < "$build/$others.rsp" > "$out/objects.rsp"
# shellcheck disable=SC2086
"$compiler" @"$build/rooms.rsp" @"$out/objects.rsp" $link_flags -o "$out/worker"
