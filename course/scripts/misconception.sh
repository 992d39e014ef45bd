#!/bin/sh
# Builds a worker in which one misconception of tests/misconceptions/ has taken the place of an answer.
#
#   misconception.sh BUILD tests/misconceptions/11.2/unscaled.txt OUT
#
# Writes OUT/chapters/11_attention.cpp and OUT/worker.
set -e
exercise=$(basename "$(dirname "$2")")
solution=$(echo solutions/"$(printf '%02d' "${exercise%.*}")"_*.cpp)
mkdir -p "$3/chapters"
awk -f tests/replace.awk "$2" "$solution" > "$3/chapters/$(basename "$solution")"
MORE_FLAGS=-O1 sh course/scripts/worker.sh "$1" "$3/chapters" "$3" solved
if [ -d "$3/no-compile" ] && [ -n "$(ls "$3/no-compile")" ]; then
    cat "$3"/no-compile/* >&2
    exit 1
fi
rm -f "$3"/*.o
