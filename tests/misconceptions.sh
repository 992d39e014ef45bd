#!/bin/sh
# Every misconception of tests/misconceptions/ fails a check: a sentence for the student, and one small
# change to the solution of its exercise, applied here and graded.
. tests/student.inc

total=0
for change in tests/misconceptions/*/*.txt; do
    exercise=$(basename "$(dirname "$change")")
    name=$exercise/$(basename "$change" .txt)
    chapter=$(printf '%02d' "${exercise%.*}")
    solution=$(echo solutions/"$chapter"_*.cpp)
    folder=$work/$name
    mkdir -p "$folder/chapters"
    awk -f tests/replace.awk "$change" "$solution" > "$folder/chapters/$(basename "$solution")"
    sh course/scripts/worker.sh "$BUILD" "$folder/chapters" "$folder" solved
    "$BUILD/judge" check "$exercise" --worker "$folder/worker" --chapters "$folder/chapters" \
        --complaints "$folder/no-compile" --json "$folder/results.json" > "$folder/screen.txt" || true
    found=$(verdict "$name" "$exercise")
    case $found in
        fail* | timeout* | crash*) ;;
        *) expect "$name" "caught" "$found" ;;
    esac
    echo "$name: $(sed -n 's/^   ✗ //p' "$folder/screen.txt" | head -1)"
    total=$((total + 1))
done
echo "$total misconceptions tried"
finish
