#!/bin/sh
# How long a student waits: from saving a chapter to its verdict, that is compiling it, linking and
# checking. A chapter counts as saved when its time stamp is new; its text is not touched.
#
#   edit_to_verdict.sh [CHAPTER …]
cd "$(dirname "$0")/../.." || exit 3
[ $# -gt 0 ] || set -- $(ls chapters | sed -n 's/^\([0-9]*\)_.*\.cpp$/\1/p')

echo "From saving a chapter to its verdict, in seconds, over 5 saves:"
for chapter; do
    make check CHAPTER="$chapter" > /dev/null 2>&1
    for run in 1 2 3 4 5; do
        touch chapters/"$chapter"_*.cpp
        begin=$(date +%s%N)
        make check CHAPTER="$chapter" > /dev/null 2>&1
        end=$(date +%s%N)
        echo $((end - begin))
    done | sort -n | awk -v chapter="$chapter" '{ t[NR] = $1 / 1e9 }
        END { printf "  chapter %s   min %.2f   median %.2f   max %.2f\n", chapter, t[1], t[3], t[5] }'
done
