#!/bin/sh
# The rooms of course/, the chapters and the checks include only what tests/rooms.txt allows, and the
# table has no circle.
table=tests/rooms.txt
grep '^[a-z]*:' $table | while IFS=': ' read -r room others; do
    for other in $others; do echo "$room $other"; done
done > "$BUILD/rooms.pairs"
tsort "$BUILD/rooms.pairs" > /dev/null || { echo "$table: a circle"; exit 1; }

find course chapters solutions tests/checks tests/hidden -name '*.[ch]pp' |
    grep -v '^chapters/.*\.cpp$' | sort | xargs awk -v table=$table '
    function room_of(path) {
        if (path ~ /^tests\//) return "checks"
        if (path ~ /^solutions\//) return "chapters"
        if (path ~ /(^|\/)01_tensors\.hpp$/) return "tensors"
        if (path ~ /(^|\/)[0-9][0-9]_[a-z_0-9]*\.hpp$/) return "contracts"
        if (path == "course/main.cpp") return "entrance"
        sub(/^course\//, "", path)
        sub(/\/.*/, "", path)
        return path
    }
    BEGIN {
        while ((getline line < table) > 0) if (line ~ /^[a-z]*:/) {
            count = split(line, word, /[: ]+/)
            known[word[1]]
            for (i = 1; i <= count; ++i) allowed[word[1], word[i]]
        }
    }
    /^#include "/ {
        split($0, part, "\"")
        here = room_of(FILENAME)
        there = room_of(part[2])
        if (!(here in known)) there = "(" FILENAME " is in no room of " table ")"
        if (!((here, there) in allowed)) {
            print FILENAME ":" FNR ": " here " may not include " there
            wrong = 1
        }
    }
    END { exit wrong }'
