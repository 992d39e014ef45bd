#!/bin/sh
# Writes down what every misconception answers to the checks of its exercise: one file for each
# exercise, tests/recorded/misconceptions/11.2.txt. What was made from the same chapter, checks and
# words as last time is kept.
#
#   record_misconceptions.sh BUILD [CHAPTER or EXERCISE …]
build=$1
shift
recorded=tests/recorded/misconceptions
work=$build/misconceptions
rm -rf "$work"
mkdir -p "$work" "$recorded"
export HEADERS="$work"

made_from() {  # CHANGE → a print of all that its answers follow from
    chapter=$(printf '%02d' "${exercise%.*}")
    cat solutions/"$chapter"_*.cpp chapters/"$chapter"_*.hpp tests/checks/"$chapter"_*.cpp "$1" \
        course/grader/bounds.cpp | cksum | tr ' ' -
}

sentence() {  # CHANGE
    sed '/^[-+]/d' "$1" | tr '\n' ' ' | sed 's/  */ /g; s/ $//'
}

kept() {  # NAME PRINT → the part that was recorded, if it was made from the same
    [ -f "$recorded/$exercise.txt" ] || return 0
    awk -v name="$1" -v print_now="$2" '
        /^misconception / { part = $0 "\n"; here = $2 == name; next }
        here && /^of / { here = $2 == print_now; if (here) printf "%s", part }
        here' "$recorded/$exercise.txt"
}

record() {  # CHANGE
    exercise=$(basename "$(dirname "$1")")
    name=$(basename "$1" .txt)
    part=$work/$exercise.$name.part
    made=$(made_from "$1")
    kept "$name" "$made" > "$part"
    [ -s "$part" ] && return
    echo "recording $exercise $name"
    sh course/scripts/misconception.sh "$build" "$1" "$work/$exercise.$name" 2> "$part.errors" &&
        "$build/judge" misconception "$exercise" "$name" "$made" "$(sentence "$1")" \
            --worker "$work/$exercise.$name/worker" > "$part" 2>> "$part.errors" ||
        sed "s|^|$exercise $name: |" "$part.errors" >> "$work/errors.txt"
    rm -rf "$work/$exercise.$name"
}

record_every_second() {  # from the first or the second
    number=0
    for change in $changes; do
        number=$((number + 1))
        [ $((number % 2)) = "$1" ] && record "$change"
    done
}

[ $# -gt 0 ] || set -- "*"
changes=$(for what; do
    case $what in
        *[.*]*) ls tests/misconceptions/$what/*.txt ;;
        *) ls tests/misconceptions/"${what#0}".*/*.txt 2> /dev/null ;;
    esac
done)
record_every_second 0 &
record_every_second 1 &
wait

for exercise in $(for change in $changes; do basename "$(dirname "$change")"; done | sort -u); do
    {
        echo "# What the misconceptions of exercise $exercise answer to its checks."
        echo "# Written by \`make record\`; see course/grader/misconceptions.cpp for the form."
        cat "$work/$exercise".*.part
    } > "$work/$exercise.txt"
    cmp -s "$work/$exercise.txt" "$recorded/$exercise.txt" || cp "$work/$exercise.txt" "$recorded"
done
for file in "$recorded"/*.txt; do
    [ -d "tests/misconceptions/$(basename "$file" .txt)" ] || rm "$file"
done
echo "$(echo "$changes" | wc -l) misconceptions," \
    "$(cat "$recorded"/*.txt | wc -c) bytes in all of $recorded"
if [ -s "$work/errors.txt" ]; then
    cat "$work/errors.txt"
    exit 1
fi
