#!/bin/sh
# Compiles one chapter. When that fails, or a function is missing that others call, the untouched stub
# takes its place, so that one chapter's errors cost only that chapter; the compiler's words are kept
# for the grader and shown by it.
#
#   compile.sh STUBS COMPLAINTS compiler … -o OBJECT -c CHAPTER.cpp

stubs=$1 complaints=$2
shift 2
export LC_ALL=C  # what the compiler says is read
for argument; do object=$before before=$chapter chapter=$argument; done  # the source file is last
name=$(basename "$chapter" .cpp)
mkdir -p "$complaints"

# A chapter that nobody has written in yet is the stub, which is compiled already. It is copied anew when
# that is: ninja knows it by its path within the build folder.
take_stub() {  # [MORE]: what the object depends on besides
    compiled=$(grep "/$name.cpp.o\"\$" "$stubs/../stubs.rsp" | tr -d '"')
    echo "$object: $1 ${compiled#"${stubs%/*}/"}" > "$object.d" && cp "$compiled" "$object"
}
if cmp -s "$chapter" "$stubs/$name.cpp"; then
    rm -f "$complaints/$name.txt"
    take_stub
    exit
fi
ulimit -t 120  # seconds: a compiler can be sent round in circles too
if "$@" 2> "$complaints/$name.new"; then
    cat "$complaints/$name.new" >&2
    sh "$(dirname "$0")/same_names.sh" "$chapter" >&2
    if sh "$(dirname "$0")/promised.sh" "$stubs/../stubs.rsp" "$chapter" "$object" \
        > "$complaints/$name.new"; then
        rm -f "$complaints/$name.new" "$complaints/$name.txt"
        exit 0
    fi
fi
[ -s "$complaints/$name.new" ] ||
    echo "error: the compiler gave up: it ran out of time or memory" > "$complaints/$name.new"
mv "$complaints/$name.new" "$complaints/$name.txt"

# The reason may lie elsewhere, in a header or a full disk: what never exists is always newer, so the
# chapter is compiled again next time.
take_stub "no-compile/$name.none"
