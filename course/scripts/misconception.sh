#!/bin/sh
# Builds a worker in which one misconception of tests/misconceptions/ has taken the place of an answer.
#
#   misconception.sh BUILD tests/misconceptions/11.2/unscaled.txt OUT
#
# Writes OUT/chapters/11_attention.cpp and OUT/worker. Whoever builds many names a new folder in HEADERS:
# there the headers of each chapter are compiled once for all.
set -e
exercise=$(basename "$(dirname "$2")")
solution=$(echo solutions/"$(printf '%02d' "${exercise%.*}")"_*.cpp)
chapter=$3/chapters/$(basename "$solution")
mkdir -p "$3/chapters"
awk -f tests/replace.awk "$2" "$solution" > "$chapter"
export MORE_FLAGS=-O1
if [ -n "$HEADERS" ]; then
    sh course/scripts/headers.sh "$1" "$HEADERS" "$solution"
    ln -s "$HEADERS/includes" "$3/includes"
fi
sh course/scripts/quick.sh "$1" "$3" solved "$chapter" || {
    cat "$3"/no-compile/* >&2
    exit 1
}
rm -f "$3"/*.o
