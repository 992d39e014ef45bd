#!/bin/sh
# The promises that a program can keep an eye on: lines of at most 100 columns, chapters of at most 450
# lines, no tabs, no trailing space, a master whose answers are marked and whose exercises are checked,
# a README that shows what is so.
status=0
complain() {
    echo "$1"
    status=1
}

files=$(find chapters solutions course tests/checks tests/hidden -name '*.[ch]pp')
for file in $files; do
    wide=$(LC_ALL=C.UTF-8 awk '{ gsub(/[\200-\277]/, "") } length > 100 { print FNR }' "$file" | head -1)
    [ -z "$wide" ] || complain "$file:$wide: more than 100 columns"
    grep -nE '	|[ 	]$' "$file" /dev/null | head -3 | grep . && complain "$file: tabs or trailing spaces"
done
# Each compiler has an order of its own for the arguments of one call, and would draw other numbers.
awk -f tests/draws.awk tests/checks/*.cpp tests/hidden/*.cpp | grep . &&
    complain "two draws of random numbers, or two ASKs, in one call: give them names first"
for solution in solutions/*.cpp; do
    lines=$(wc -l < "chapters/$(basename "$solution")")
    [ "$lines" -le 450 ] || complain "$solution: its chapter has $lines lines; at most 450 are read in one go"
    for exercise in $(sed -n 's/^\/\/ ## Exercise \([0-9.]*\) .*/\1/p' "$solution"); do
        grep -q "^ *//> $exercise: " "$solution" || complain "$solution: no answer to $exercise is marked"
        grep -q "^CHECK(\"$exercise\"," tests/checks/*.cpp || complain "$solution: nothing checks $exercise"
    done
done

# The minutes are those of one rule, tests/minutes.awk; the short way through the course takes an evening
# or two, and the README says how long.
express=0
for solution in solutions/*.cpp; do
    awk -f tests/minutes.awk "$solution" > "$BUILD/minutes.txt"
    while read -r exercise minutes; do
        case $exercise in
            sum)
                case $solution in */0[134]_* | */11_*) express=$((express + minutes)) ;; esac
                told=$(sed -n 's/^\/\/ Minutes: about \([0-9]*\)\.$/\1/p' "$solution")
                ;;
            *) told=$(sed -n "/^\/\/ ## Exercise $exercise /{n; s/.* \([0-9]*\) minutes.*/\1/p;}" "$solution") ;;
        esac
        [ "${told:-$minutes}" = "$minutes" ] ||
            complain "$solution: $exercise says $told minutes; by tests/minutes.awk it is $minutes"
    done < "$BUILD/minutes.txt"
done
[ $express -le 300 ] || complain "chapters 1, 3, 4 and 11 take $express minutes; at most 300"
[ "$(grep -c "chapters 1, 3, 4 and 11, $express minutes" README.md)" = 1 ] ||
    complain "README.md: chapters 1, 3, 4 and 11 take $express minutes"

# Of a chapter that was laid out nothing is left to be written.
grep -rn '‹' solutions chapters/*.hpp tests/checks tests/hidden course/hints tests/misconceptions \
    tests/alternatives | sed 's/\(:[0-9]*:\).*/\1 is to be written/' > "$BUILD/unwritten.txt"
[ ! -s "$BUILD/unwritten.txt" ] || complain "$(cat "$BUILD/unwritten.txt")"

# What is told of points is so.
points=$(sed -n 's/.* difficulty \([0-9]\) of 3 .*/\1/p' solutions/*.cpp | awk '{ sum += 2 * $1 } END { print sum }')
[ "$(grep -c "$points in all" course/class/README.md)" = 1 ] ||
    complain "course/class/README.md: the exercises have $points points in all"

# With a seed every exercise asks what nobody has seen, but for those by hand.
unseen=$(cat tests/checks/*.cpp | awk '
    /^CHECK\(/ { if (!/"/) getline; split($0, part, "\""); exercise = part[2]; all[exercise] }
    /random_|mixed_seed/ { drawn[exercise] }
    /^}/ { exercise = "" }
    END { for (exercise in all) if (!(exercise in drawn)) print exercise }' | sort)
by_hand=$(sed -n 's/^\/\/ ## Exercise \([0-9.]*\) — By hand.*/\1/p' solutions/*.cpp | sort)
[ "$unseen" = "$by_hand" ] || complain "tests/checks: of these nothing is drawn, or of those by hand: $unseen"
[ "$(echo "$by_hand" | grep -c .)" = 24 ] ||
    complain "course/class/README.md: the exercises by hand are twenty-four no more"

# The message in the README is one that a student reads.
line=$(sed -n '/^\/\/ ## Exercise 1\.6 /=' solutions/01_tensors.cpp)
[ "$(sed -n '/^ 1\.6 /,/^   again:/p' README.md)" = "$(sed "1d; s/:…\$/:$line/" tests/messages/1.6.txt)" ] ||
    complain "README.md: its message is not that of tests/messages/1.6.txt with line $line"
exit $status
