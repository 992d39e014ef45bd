#!/bin/sh
# Asks one judge for each chapter how its variants fare, as many chapters at a time as there are cores.
#
#   ask.sh BUILD OUT "JUDGE'S WORDS" < LINES
#
# Each line names a variant: KIND, EXERCISE and NAME, with tabs between them. What the judge says of
# those of chapter 11 is in OUT/11.txt.
if [ $# = 3 ]; then
    mkdir -p "$2"
    cat > "$2/asked"
    [ -s "$2/asked" ] || exit 0
    # Those that take longest come first: chapter 2, with its large matrices, and the last ones.
    cut -f 2 "$2/asked" | sed 's/[.].*//; s/^2$/99 2/' | sort -rnu | sed 's/^99 //' |
        xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh "$0" "$@"
    exit
fi
build=$1 out=$2 words=$3 chapter=$(printf '%02d' "$4")
sh tests/variants/make.sh "$build" "$chapter"
# shellcheck disable=SC2086
awk -F '\t' -v OFS='\t' 'NR == FNR { asked[$1, $2, $3]; next }
    ($1, $2, $3) in asked { print $2, $3, $4, $5 }' \
    "$out/asked" "$build/variants-${EVERY:-50}/$chapter/list.txt" |
    "$build/judge" $words --chapters solutions --complaints none > "$out/$chapter.txt"
exit 0  # the others go on
