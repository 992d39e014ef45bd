#!/bin/sh
# What a student meets in one evening: all eight verdict words, each with a message that says where to
# look and how to try again.
. tests/student.inc

says() {  # NAME TEXT
    grep -qF "$2" "$work/$1/screen.txt" || expect "$1: the screen" "$2" "(not there)"
}

change() {  # NAME CHAPTER SED
    sed "$3" "$work/$1/chapters/$2.cpp" > "$work/changed.cpp"
    mv "$work/changed.cpp" "$work/$1/chapters/$2.cpp"
}

fill_in one tests/evening/one.txt
change one 01_tensors 's/^static const float middle = 5/static const float middle = 3/'  # an experiment
grade_chapters one
expect "one: status" 1 "$status"
expect "one: 1.1" "pass 2" "$(verdict one 1.1)"
expect "one: 1.2" "fail 0" "$(verdict one 1.2)"
expect "one: 1.3" "todo 0" "$(verdict one 1.3)"
expect "one: 2.1" "timeout 0" "$(verdict one 2.1)"
expect "one: 2.2" "crash 0" "$(verdict one 2.2)"
says one "✗ the first row of a [2, 3] matrix becomes the first column"
says one "x = [1 2 3; 4 5 6]"
says one "it does not end: no answer after 5 s."
says one "signal 11"
says one "again: make check EXERCISE=1.2"
expect "one: lines that were given" 0 "$(grep -c "A line that was given" "$work/one/screen.txt")"
says one "next: build/tests/evening/one/chapters/01_tensors.cpp:"

hand_in two tests/evening/two.txt
expect "two: status" 2 "$status"
expect "two: 1.1" "pass 2" "$(verdict two 1.1)"
expect "two: 1.3" "blocked 0" "$(verdict two 1.3)"
expect "two: 2.1" "no-compile 0" "$(verdict two 2.1)"
expect "two: 2.3" "no-compile 0" "$(verdict two 2.3)"
says two "It needs exercise 1.6, which is not done yet."
says two "02_fast_matmul.cpp:"
says two "error: "

# Three chapters do not compile, for three reasons; they cost nobody but themselves. In a fourth, a line
# that was given is changed.
fill_in three tests/evening/three.txt
change three 03_autodiff 's/^    Tensor gradient(x.shape);/    Tensor gradient({x.size()});/'
change three 04_neural_networks d
change three 11_attention 's/^Variable attention_scores(/Variable plain_scores(/'
grade_chapters three
expect "three: status" 2 "$status"
expect "three: 1.1" "no-compile 0" "$(verdict three 1.1)"
expect "three: 2.1" "pass 2" "$(verdict three 2.1)"
expect "three: 3.1" "fail 0" "$(verdict three 3.1)"
expect "three: 4.1" "no-compile 0" "$(verdict three 4.1)"
expect "three: 11.1" "no-compile 0" "$(verdict three 11.1)"
expect "three: 12.1" "todo 0" "$(verdict three 12.1)"
says three "A } is missing somewhere above"
says three "      Tensor gradient(x.shape);"
says three "make reset CHAPTER=04"
says three "is gone; a header promises"
expect "three: lines that were given" 2 "$(grep -c "A line that was given" "$work/three/screen.txt")"

# Of an exercise with two parts one is wrong, and the other still to do: it has its name all the same, and
# the place to look is not that of the other.
hand_in four tests/evening/four.txt
expect "four: 1.1" "fail 0" "$(verdict four 1.1)"
says four "likely: Your first index runs fastest"
heading=$(sed -n '/^\/\/ ## Exercise 1[.]1 /=' "$work/four/chapters/01_tensors.cpp")
says four "look: build/tests/evening/four/chapters/01_tensors.cpp:$heading"

# The grader's own fault is never a pass: without recorded answers nothing can be judged.
status=0
"$BUILD/judge" check 1.1 --worker "$work/one/worker" --recorded "$work" --json "$work/fault.json" \
    > /dev/null || status=$?
expect "fault: status" 3 "$status"
expect "fault: 1.1" 1 "$(grep -c '"verdict": "grader-error", "points": 0' "$work/fault.json")"

# Plain errors for what does not exist.
for word in 77 1.9 tensors 1.x ../1; do
    status=0
    message=$("$BUILD/judge" check "$word" 2>&1) || status=$?
    expect "check $word: status" 3 "$status"
    case $message in
        "course: no "*) ;;
        *) expect "check $word" "course: no …" "$message" ;;
    esac
done
finish
