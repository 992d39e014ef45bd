#!/bin/sh
# Every misconception of tests/misconceptions/ fails a check: a sentence for the student, and one small
# change to the solution of its exercise, applied here and graded.
#
#   misconceptions.sh [EXERCISE …]
. tests/student.inc

try() {  # CHANGE
    exercise=$(basename "$(dirname "$1")")
    name=$exercise/$(basename "$1" .txt)
    solution=$(echo solutions/"$(printf '%02d' "${exercise%.*}")"_*.cpp)
    folder=$work/$name
    mkdir -p "$folder/chapters"
    awk -f tests/replace.awk "$1" "$solution" > "$folder/chapters/$(basename "$solution")"
    sh course/scripts/worker.sh "$BUILD" "$folder/chapters" "$folder" solved
    "$BUILD/judge" check "$exercise" --worker "$folder/worker" --chapters "$folder/chapters" \
        --complaints "$folder/no-compile" --json "$folder/results.json" > "$folder/screen.txt" || true
    rm -f "$folder/worker" "$folder"/*.o
}

[ $# -gt 0 ] || set -- '*'
changes=$(for exercise; do ls tests/misconceptions/$exercise/*.txt; done)
tried=0
for change in $changes; do
    (try "$change" 2> "$work/$(echo "$change" | tr / _).errors" || true) &
    tried=$((tried + 1))
    [ $((tried % 2)) = 1 ] || wait
done
wait

for change in $changes; do
    exercise=$(basename "$(dirname "$change")")
    name=$exercise/$(basename "$change" .txt)
    found=$( [ -f "$work/$name/results.json" ] && verdict "$name" "$exercise")
    case $found in
        fail* | timeout* | crash*) ;;
        *) expect "$name" "caught" "${found:-not tried: $(cat "$work/$(echo "$change" | tr / _).errors")}" ;;
    esac
    echo "$name: $(sed -n 's/^   ✗ //p' "$work/$name/screen.txt" 2> /dev/null | head -1)"
done
echo "$tried misconceptions tried"
finish
