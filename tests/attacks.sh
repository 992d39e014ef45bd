#!/bin/sh
# Each submission of tests/attacks/ earns nothing on what it touches, passes nothing, and does not
# keep the grader from finishing.
. tests/student.inc

for attack in tests/attacks/*.txt; do
    name=$(basename "$attack" .txt)
    hand_in "$name" "$attack"
    expect "$name: status" 1 "$status"
    exercises=$(sed -n 's/^== \([0-9.]*\)$/\1/p' "$attack")
    [ -n "$exercises" ] || exercises=$(sed -n 's/.*"exercise": "\([0-9.]*\)".*/\1/p' \
        "$work/$name/results.json")
    for exercise in $exercises; do
        case $(verdict "$name" "$exercise") in
            "fail 0" | "crash 0" | "timeout 0") ;;
            *) expect "$name: $exercise" "fail 0" "$(verdict "$name" "$exercise")" ;;
        esac
    done
    echo "$name: $(echo "$exercises" | wc -w) exercises, nothing earned"
done
finish
