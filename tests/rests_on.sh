#!/bin/sh
# When an exercise is wrong, those that rest on it are wrong with it: they name it, show its place, and
# say nothing of code that may be right. Of many that wait for one exercise, two are told. What is new
# at once shows three insights.
. tests/student.inc

answers_of() {  # CHAPTER EXERCISE …: the solution's, each as a block for fill.awk
    chapter=$1
    shift
    for exercise; do
        awk -v exercise="$exercise" '
            index($0, "//> " exercise ":") { print "== " exercise; inside = 1; next }
            /^ *\/\/</ { inside = 0 }
            inside' solutions/"$chapter"_*.cpp
    done
}
says() {  # NAME TEXT
    tr -s ' \n' '  ' < "$work/$1/screen.txt" | grep -qF -- "$2" ||
        expect "$1: the screen" "$2" "(not there)"
}
standings() { "$BUILD/judge" list 2 --chapters "$work/tile/chapters" --verdicts "$work/tile/verdicts.txt"; }

# ## A tile that overwrites, and blocks that are right

others=none
only=2
answers_of 02 2.2 2.3 | sed 's/store(load(c) + sum/store(sum/' > "$work/tile.txt"
hand_in tile "$work/tile.txt"
expect "2.2" "fail 0" "$(verdict tile 2.2)"
expect "2.3" "fail" "$(verdict tile 2.3 | cut -d ' ' -f 1)"
says tile "It rests on exercise 2.2, which is wrong too: mend that one first, this may be right."
line=$(grep -n '^// ## Exercise 2.2 ' "$work/tile/chapters/02_fast_matmul.cpp" | sed 's/:.*//')
expect "both look at 2.2" 2 "$(grep -c "look: .*02_fast_matmul.cpp:$line\$" "$work/tile/screen.txt")"

# When it is mended, the verdict of what rests on it is of yesterday.
standings | grep -q "2.2 fail  2.3 fail" || expect "list" "2.2 fail  2.3 fail" "$(standings)"
chapter=$work/tile/chapters/02_fast_matmul.cpp
sed 's/store(sum/store(load(c) + sum/' "$chapter" > "$work/mended.cpp"
mv "$work/mended.cpp" "$chapter"
standings | grep -q "2.2 changed  2.3 changed" || expect "list" "2.3 changed" "$(standings)"

# ## A product of elements that is wrong, and chapter 3 alone is graded

only=3
answers_of 01 1.3 | sed 's/a.data\[begin + i\], b/b.data[i], b/' > "$work/squares.txt"
answers_of 01 1.4 1.5 >> "$work/squares.txt"
answers_of 03 3.2 3.3 3.4 >> "$work/squares.txt"
hand_in squares "$work/squares.txt"
expect "3.4" "fail 0" "$(verdict squares 3.4)"
expect "3.3 and 3.4 rest on 1.3" 2 "$(grep -c "It rests on exercise 1.3" "$work/squares/screen.txt")"

# ## Three that wait for the tape

only=3
answers_of 03 3.2 3.4 3.5 3.6 > "$work/waiting.txt"
hand_in waiting "$work/waiting.txt"
for exercise in 3.4 3.5 3.6; do
    expect "$exercise" "blocked 0" "$(verdict waiting $exercise)"
done
expect "blocked ones that are told" 2 "$(grep -c '^   ✗' "$work/waiting/screen.txt")"
says waiting "and 1 more is blocked: 3.6"

# ## Six that are new at once

mkdir -p "$work/new"
echo "1.1 fail 0 0" > "$work/new/verdicts.txt"
"$BUILD/judge" check 1 --worker "$BUILD/course-solved" --chapters solutions --complaints none \
    --verdicts "$work/new/verdicts.txt" > "$work/new/screen.txt" 2>&1
expect "insights" 3 "$(grep -c 'compare with the solution' "$work/new/screen.txt")"
says new "new too: 1.1 1.2 1.3; what to take along of one: make check EXERCISE=1.1"
finish
