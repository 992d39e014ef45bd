#!/bin/sh
# Each submission of tests/attacks/ earns nothing on what it touches, passes nothing, and stops nothing:
# the grader finishes, and what is answered as it should be, by `@solution@` alone, keeps its points.
# An attack that must not get through answers `@solution@` behind the door that it tries, so that an
# open one earns something. `== 1.1 blocked` says which verdict is due, when it is an unusual one.
. tests/student.inc
[ "$(uname)" = Linux ] || { echo "only Linux confines what is handed in"; exit 77; }
echo "not to be touched" > "$work/precious"
others=none

answers() {  # ATTACK → the same with the lines that are asked for
    awk -v work="$work" -v build="$BUILD" '
        FILENAME ~ /\.cpp$/ && /^ *\/\/> [0-9]/ { exercise = $2; sub(/:/, "", exercise); next }
        FILENAME ~ /\.cpp$/ && /^ *\/\/<$/ { exercise = "" }
        FILENAME ~ /\.cpp$/ { if (exercise) right[exercise] = right[exercise] $0 "\n"; next }
        /^== / { exercise = $2 }
        /^@solution@$/ { printf "%s", right[exercise]; next }
        { gsub(/@work@/, work); gsub(/@build@/, build); print }' solutions/*.cpp "$1"
}

# Three at a time: some wait for a clock.
count=0
for attack in tests/attacks/*.txt; do
    name=$(basename "$attack" .txt)
    answers "$attack" > "$work/$name.txt"
    only=$(sed -n 's/^== \([0-9]*\)\..*/\1/p' "$attack" | sort -u)
    (hand_in "$name" "$work/$name.txt" && echo "$status" > "$work/$name/status") &
    count=$((count + 1))
    [ $((count % 3)) != 0 ] || wait
done
wait

for attack in tests/attacks/*.txt; do
    name=$(basename "$attack" .txt)
    due=1
    grep -q "^== .* no-compile" "$attack" && due=2
    expect "$name: status" $due "$(cat "$work/$name/status")"
    [ -f "$work/$name/results.json" ] || continue
    exercises=$(sed -n 's/^== \([0-9.]*\)\( .*\)*$/\1/p' "$attack")
    [ -n "$exercises" ] || exercises=$(sed -n 's/.*"exercise": "\([0-9.]*\)".*/\1/p' \
        "$work/$name/results.json")
    for exercise in $exercises; do
        due=$(awk -v e="$exercise" '/^== / { on = $2 == e; if (on) due = $3; next }
            on { lines = lines $0 } END { print lines == "@solution@" ? "pass" : due }' "$attack")
        found=$(verdict "$name" "$exercise")
        case "$due $found" in
            "pass pass "[1-9]* | " fail 0" | " crash 0" | " timeout 0") ;;
            *) [ "$due 0" = "$found" ] || expect "$name: $exercise" "${due:-fail} 0" "$found" ;;
        esac
    done
    if LC_ALL=C grep -q "[[:cntrl:]]" "$work/$name/screen.txt" "$work/$name/results.json"; then
        expect "$name: what is shown" "printable" "escape sequences"
    fi
    echo "$name: $(echo "$exercises" | wc -w) exercises"
done
expect "a file" "not to be touched" "$(head -c 40 "$work/precious")"
for process in /proc/[0-9]*; do
    case $(readlink "$process/exe") in
        "$work"/*) expect "processes" "none left" "$(basename "$process")" ;;
    esac
done
[ $failures -gt 0 ] || echo "$(ls tests/attacks/*.txt | wc -l) attacks earn nothing and stop nothing"
finish
