#!/bin/sh
# No right answer fails: tests/alternatives/ holds at least two for each exercise, in other styles than
# the solution's. Each must pass the checks of its exercise under SEEDS seeds, or as
# many as make ten times so many questions.
#
#   [SEEDS=200] alternatives.sh [11.2 …]
. tests/student.inc
seeds=${SEEDS:-200}
[ $# -gt 0 ] || set -- $(sed -n 's/^\/\/ ## Exercise \([0-9.]*\) .*/\1/p' solutions/*.cpp)

for exercise; do
    changes=$(ls tests/alternatives/"$exercise"/*.txt 2> /dev/null || true)
    [ "$(echo "$changes" | wc -l)" -ge 2 ] ||
        expect "$exercise" "two alternatives or more" "$changes"
    echo "$changes" | sed 's|^tests/||; s|[.]txt$||' | tr / '\t' >> "$work/wanted.txt"
done
wrong='misconceptions	1.5	b_transposed'
echo "$wrong" | cat - "$work/wanted.txt" | sh tests/variants/ask.sh "$BUILD" "$work" "alternatives $seeds"
cat "$work"/[0-9]*.txt > "$work/said.txt"

expect "a wrong answer among the alternatives" "fails" \
    "$(sed -n 's/^1.5 b_transposed fail under seed 0: .*/fails/p' "$work/said.txt")"

passed=0
while read -r kind exercise name; do
    said=$(sed -n "s/^$exercise $name //p" "$work/said.txt")
    expect "$exercise/$name" "pass" "$said"
    [ "$said" != pass ] || passed=$((passed + 1))
done < "$work/wanted.txt"
echo "$passed alternatives of $# exercises pass under $seeds seeds"
finish
