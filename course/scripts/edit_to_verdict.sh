#!/bin/sh
# How long a student waits under `make watch`: from saving a chapter to its verdict, that is noticing the
# save, compiling, linking and checking the whole chapter. The saves are made on copies of the chapters,
# a line longer each time, three seconds apart; SOLVED=1 takes the solutions, which are more to compile
# and to check. Where pytest and PyTorch are installed, the last line is what students of theirs wait in
# the same run: one test that imports torch and does nothing.
#
#   edit_to_verdict.sh [CHAPTER …]
cd "$(dirname "$0")/../.." || exit 3
from=chapters worker=course
[ -z "$SOLVED" ] || from=solutions worker=course-solved
[ $# -gt 0 ] || set -- $(ls "$from" | sed -n 's/^\([0-9]*\)_.*\.cpp$/\1/p')
folder=build/edit_to_verdict saves=5
rm -rf "$folder"
mkdir -p "$folder"
cp "$from"/*.cpp "$folder"
trap 'kill "$watch" 2> /dev/null' EXIT
trap 'exit 130' INT TERM

wait_for() {  # WORDS COUNT: until the screen has so many lines with these words, at most a minute
    patience=600
    while [ "$(grep -c "$1" "$folder/screen.txt")" -lt "$2" ] && [ $patience -gt 0 ]; do
        sleep 0.1
        patience=$((patience - 1))
    done
}

shortest_to_longest() {  # WHAT: of the seconds on standard input
    sort -n | awk -v what="$1" '{ t[NR] = $1 } END {
        if (NR == 0) print "  " what "   no verdict: see build/edit_to_verdict/screen.txt"
        else printf "  %s   min %.2f   median %.2f   max %.2f\n", what, t[1], t[int((NR + 1) / 2)], t[NR] }'
}

echo "From saving a chapter to its verdict, in seconds, over $saves saves:"
for chapter; do
    build/judge watch "$chapter" --chapters "$folder" --worker "$PWD/build/$worker" \
        > "$folder/screen.txt" 2>&1 &
    watch=$!
    wait_for "waiting for a save" 1
    run=1
    while [ $run -le $saves ]; do
        sleep 3
        echo "// save $run" >> "$(echo "$folder/$chapter"_*.cpp)"
        wait_for " s after saving" $run
        run=$((run + 1))
    done
    kill "$watch"
    wait "$watch"
    sed -n 's/^ \([0-9.]*\) s after saving .*/\1/p' "$folder/screen.txt" |
        shortest_to_longest "chapter $chapter"
done

python=/usr/bin/python3
$python -c 'import pytest, torch' 2> /dev/null || exit 0
echo 'import torch
def test_nothing(): assert torch.ones(2).sum() == 2' > "$folder/test_nothing.py"
run=1
while [ $run -le $saves ]; do
    begin=$(date +%s.%N)
    $python -m pytest -q "$folder/test_nothing.py" > "$folder/screen.txt" 2>&1 &&
        echo "$begin $(date +%s.%N)"
    run=$((run + 1))
done | awk '{ print $2 - $1 }' | shortest_to_longest "pytest, import torch"
