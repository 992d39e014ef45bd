#!/bin/sh
# Compiles one chapter. When that fails, the untouched stub takes its place, so that one chapter's
# errors cost only that chapter; the compiler's words are kept for the grader and shown by it.
#
#   compile.sh STUBS COMPLAINTS compiler … -o OBJECT -c CHAPTER.cpp

stubs=$1 complaints=$2
shift 2
for chapter; do :; done  # the last argument is the source file
name=$(basename "$chapter" .cpp)
mkdir -p "$complaints"

ulimit -t 120  # seconds: a compiler can be sent round in circles too
if "$@" 2> "$complaints/$name.new"; then
    cat "$complaints/$name.new" >&2
    rm -f "$complaints/$name.new" "$complaints/$name.txt"
    exit 0
fi
mv "$complaints/$name.new" "$complaints/$name.txt"

# Compile the stub instead: the same command with another source file.
for argument; do
    shift
    [ "$argument" = "$chapter" ] && argument="$stubs/$name.cpp"
    set -- "$@" "$argument"
done
exec "$@"
