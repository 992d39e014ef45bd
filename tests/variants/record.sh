#!/bin/sh
# Writes down what every misconception answers to the checks of its exercise: one file for each
# exercise, tests/recorded/misconceptions/11.2.txt. What was made from the same chapter, checks and
# words as last time is kept.
#
#   record.sh BUILD [CHAPTER]
build=$1 recorded=tests/recorded/misconceptions
export LC_ALL=C

if [ $# = 1 ]; then  # as many chapters at a time as there are cores
    ls tests/misconceptions | sed 's/[.].*//' | sort -rnu |
        xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh "$0" "$build" || exit
    echo "$(cat "$recorded"/*.txt | wc -c) bytes in all of $recorded"
    exit
fi

chapter=$(printf '%02d' "${2#0}")
tab=$(printf '\t')
status=0
sh tests/variants/make.sh "$build" "$chapter" || status=1
grep '^misconceptions' "$build/variants-50/$chapter/list.txt" |
    while IFS=$tab read -r kind exercise name number worker; do
        change=tests/$kind/$exercise/$name.txt
        # All that its answers follow from.
        print=$(cat solutions/"$chapter"_*.cpp chapters/"$chapter"_*.hpp tests/checks/"$chapter"_*.cpp \
            "$change" course/grader/bounds.cpp | cksum | tr ' ' -)
        sentence=$(sed '/^[-+]/d' "$change" | tr '\n' ' ' | sed 's/  */ /g; s/ $//')
        printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$exercise" "$name" "$number" "$worker" "$print" "$sentence"
    done |
    "$build/judge" record-misconceptions --chapters solutions --complaints none || status=1
for file in "$recorded/${chapter#0}".*.txt; do
    [ -d "tests/misconceptions/$(basename "$file" .txt)" ] || rm -f "$file"
done
exit $status
