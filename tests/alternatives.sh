#!/bin/sh
# No right answer fails: tests/alternatives/ holds at least two for each exercise, in other styles than
# the solution's. All that come first by name are built into one worker, all that come second into the
# next, and so on; each must pass the checks of its exercise under SEEDS seeds.
#
#   [SEEDS=200] alternatives.sh [11.2 …]
. tests/student.inc
seeds=${SEEDS:-200}
[ $# -gt 0 ] || set -- $(sed -n 's/^\/\/ ## Exercise \([0-9.]*\) .*/\1/p' solutions/*.cpp)

# ## Building

chapter_of() {  # CHANGE NUMBER: where it takes the place of an answer
    exercise=$(basename "$(dirname "$1")")
    solution=$(echo solutions/"$(printf '%02d' "${exercise%.*}")"_*.cpp)
    chapter=$work/$2/chapters/$(basename "$solution")
}

build() {  # NUMBER CHANGES
    number=$1
    shift
    mkdir -p "$work/$number/chapters"
    for change; do
        chapter_of "$change" "$number"
        [ -f "$chapter" ] || cp "$solution" "$chapter"
        if awk -f tests/replace.awk "$change" "$chapter" > "$work/changed.cpp"; then
            mv "$work/changed.cpp" "$chapter"
            echo "$exercise $(basename "$change" .txt) $work/$number/worker" >> "$work/list.txt"
        else
            expect "$change" "can be applied" "cannot, or not after the others of its number"
        fi
    done
    for change; do
        chapter_of "$change" "$number"
        sed -n 's/^+ *//p' "$change" | sort -u > "$work/lines.txt"
        gone=$(sed 's/^ *//' "$chapter" | sort -u | comm -13 - "$work/lines.txt")
        expect "lines of $change that a later one has taken away" "" "$gone"
    done
    (
        build_worker "$work/$number/chapters" "$work/$number" solved
        cat "$work/$number"/no-compile/*.txt 2> /dev/null
    ) &
    [ $((number % 2)) = 1 ] || wait
}

number=1
while
    changes=$(for exercise; do
        ls tests/alternatives/"$exercise"/*.txt 2> /dev/null | sed -n ${number}p
    done)
    [ -n "$changes" ]
do
    build $number $changes
    number=$((number + 1))
done
build 0 tests/misconceptions/1.5/b_transposed.txt
wait

# ## Asking, in two processes

for half in 0 1; do
    sort -s -k1,1 "$work/list.txt" |
        awk '$1 != last { ++exercises; last = $1 } int(exercises / 2) % 2 == '$half |
        "$BUILD/judge" alternatives "$seeds" > "$work/said.$half" &
done
wait
cat "$work"/said.? > "$work/said.txt"

wrong=$(sed -n 's/^1.5 b_transposed fail under seed 0: .*/fails/p' "$work/said.txt")
expect "a wrong answer among the alternatives" "fails" "$wrong"

passed=0
for exercise; do
    changes=$(ls tests/alternatives/"$exercise"/*.txt 2> /dev/null)
    [ "$(echo "$changes" | wc -l)" -ge 2 ] ||
        expect "$exercise" "two alternatives or more" "$changes"
    for change in $changes; do
        name=$(basename "$change" .txt)
        said=$(sed -n "s/^$exercise $name //p" "$work/said.txt")
        expect "$exercise/$name" "pass" "$said"
        [ "$said" != pass ] || passed=$((passed + 1))
    done
done
echo "$passed alternatives of $# exercises pass under $seeds seeds"
finish
