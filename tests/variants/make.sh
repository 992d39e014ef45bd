#!/bin/sh
# Makes one worker of all variants of a chapter: its misconceptions, its alternatives, and each
# fiftieth mutant of its answers or, with EVERY=1, each. VARIANT in the worker's environment chooses.
#
#   [EVERY=50] make.sh BUILD CHAPTER
#
# Writes into BUILD/variants-50/11: list.txt, a line KIND, EXERCISE, NAME, NUMBER and WORKER for each,
# with tabs between them; and mutants.txt, which mutate.awk describes. A variant that cannot be folded
# into one source, or does not compile there, gets a worker of its own; a mutant is left out. Status 1:
# one cannot be applied or compiled at all. It is not in the list.
build=${1:?} chapter=${2#0} every=${EVERY:-50}
export LC_ALL=C
here=tests/variants
solution=$(echo solutions/"$(printf '%02d' "$chapter")"_*.cpp)
name=$(basename "$solution" .cpp)
out=$build/variants-$every/${name%%_*}
solved=$(grep "/$name.cpp.o\"\$" "$build/solved.rsp" | tr -d '"')
export MORE_FLAGS='-O1 -w'
[ "$every" = 50 ] || MORE_FLAGS='-O0 -w'  # to compile them all takes longer than to run them
status=0

compile() {  # OUT [CHAPTER]: without a chapter, only links
    sh course/scripts/quick.sh "$build" "$1" solved $2 2> "$1/errors"
}

changes=$(ls tests/misconceptions/"$chapter".*/*.txt tests/alternatives/"$chapter".*/*.txt 2> /dev/null)
made_from=$(
    echo "$changes"
    cat $changes "$here"/* tests/replace.awk tests/mutants/mutate.awk | cksum
)
if [ "$made_from" = "$(cat "$out/made_from" 2> /dev/null)" ] && [ "$out/$name.o" -nt "$solved" ]; then
    [ "$out/worker" -nt "$build/course-solved" ] && exit
    for worker in "$out" "$out"/alone/*; do
        [ ! -f "$worker/$name.o" ] || compile "$worker" || exit
    done
    exit
fi
rm -rf "$out"
mkdir -p "$out"

# ## The chapter in all its variants, and their numbers

count=$(echo "$changes" | grep -c .)
{
    echo "#variant 0 $solution"
    cat "$solution"
    # shellcheck disable=SC2086
    [ "$count" = 0 ] || awk -f tests/replace.awk -v numbered=1 $changes "$solution" || status=1
} > "$out/all"
echo "$changes" | awk -F / -v OFS='\t' -v all="$out/all" '
    BEGIN { while ((getline line < all) > 0) if (sub(/^#variant /, "", line)) there[line + 0] }
    NR in there { sub(/[.]txt$/, "", $4); print $2, $3, $4, NR }' > "$out/numbers"
awk -f tests/mutants/mutate.awk -v list="$out/mutants.txt" -v every="$every" -v base="$count" \
    "$solution" >> "$out/all"
awk -F '\t' -v OFS='\t' -v every="$every" -v base="$count" \
    '$1 % every == 0 { print "mutants", $2, $1, $1 ~ /^0-/ ? 0 : base + $1 }' \
    "$out/mutants.txt" >> "$out/numbers"

# ## One source of them, and those that stay outside

alone=' '
while
    awk -f "$here/fold.awk" -v without="$alone" -v alone="$out/alone.txt" "$out/all" > "$out/$name.cpp"
    ! compile "$out" "$out/$name.cpp"
do
    said=$(cat "$out/errors" "$out"/no-compile/*.txt "$out/link.txt" 2> /dev/null)
    wrong=$(echo "$said" | sed -n 's/^variant-\([0-9]*\):.*/\1/p' | sort -u)
    [ -n "$wrong" ] || { echo "$said" | head -20 >&2; exit 1; }
    alone="$alone$(echo "$wrong" | tr '\n' ' ')"
done

awk -F '\t' -v OFS='\t' -v out="$out" '
    FILENAME == ARGV[1] { alone[$1]; next }  # which may be empty
    !($4 in alone) { print $0, out "/worker" }
    $4 in alone && $1 != "mutants" { print $0, out "/alone/" $4 "/worker" > (out "/outside.txt") }
    ' "$out/alone.txt" "$out/numbers" > "$out/list.txt"
[ -f "$out/outside.txt" ] || : > "$out/outside.txt"
tab=$(printf '\t')
while IFS=$tab read -r kind exercise variant number worker; do
    folder=${worker%/worker}
    mkdir -p "$folder"
    awk -v number="$number" '/^#variant / { here = $2 == number; next } here' "$out/all" \
        > "$folder/$name.cpp"
    if compile "$folder" "$folder/$name.cpp"; then
        printf '%s\t%s\t%s\t%s\t%s\n' "$kind" "$exercise" "$variant" "$number" "$worker" >> "$out/list.txt"
    else
        echo "$exercise/$variant does not compile:"
        cat "$folder/errors" "$folder/no-compile/$name.txt"
        status=1
    fi >&2
done < "$out/outside.txt"
rm "$out/all"
[ $status != 0 ] || echo "$made_from" > "$out/made_from"
exit $status
