#!/bin/sh
# A student's chapter against the solution: how the answers differ. The frame around them, which the
# course gives, differs only where the student changed it.
#
#   diff.sh CHAPTER [FOLDER]     FOLDER holds chapters/ or the files alone; without one, the own chapters
chapter=$1 folder=${2:-.}
if [ -z "$chapter" ]; then
    echo "which chapter? make diff CHAPTER=01" >&2
    exit 3
fi
for solution in "solutions/$chapter"_*.cpp "solutions/0$chapter"_*.cpp; do
    [ ! -f "$solution" ] || break
done
if [ ! -f "$solution" ]; then
    echo "no solution of chapter '$chapter'; there are:" solutions/*.cpp >&2
    exit 3
fi
name=$(basename "$solution")
own=$folder/chapters/$name
[ -f "$own" ] || own=$folder/$name
if [ ! -f "$own" ]; then
    echo "no $name in $folder or its chapters/" >&2
    exit 3
fi
# The masters' marks are not part of an answer, and `//> answers` is not part of a chapter.
awk '/^ *\/\/> answers/ { hidden = 1 } !hidden && !/^ *\/\/[<>]/ { print } /^ *\/\/< *$/ { hidden = 0 }' \
    "$solution" | diff -u --strip-trailing-cr -L "$own" -L "$solution" "$own" -
case $? in
    0) echo "$own is the solution, word for word." ;;
    1) ;;
    *) exit 3 ;;
esac
