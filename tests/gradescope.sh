#!/bin/sh
# The autograder for Gradescope, unpacked into a made-up tree of that service: set up, and run on three
# submissions.
. tests/student.inc
sh course/scripts/gradescope.sh "$work/gradescope" 7 "1 11" > /dev/null
export AUTOGRADER=$work/autograder
mkdir -p "$AUTOGRADER/source" "$AUTOGRADER/submission"
(cd "$AUTOGRADER/source" && cmake -E tar xf "$work/gradescope.zip")
sh "$AUTOGRADER/source/setup.sh" > "$work/setup.txt" 2>&1 || { tail -20 "$work/setup.txt"; exit 1; }
results=$AUTOGRADER/results/results.json

run() {  # NAME FILE, handed in as 01_tensors.cpp
    rm -rf "$AUTOGRADER/results"
    cp "$2" "$AUTOGRADER/submission/01_tensors.cpp"
    status=0
    sh "$AUTOGRADER/source/run_autograder" || status=$?
    expect "$1: status" 0 "$status"
}
score() { sed -n 's/^{"score": \([0-9]*\),.*/\1/p' "$results"; }
test_of() {  # EXERCISE → "2 passed"
    sed -n "s/.*{\"number\": \"$1\",.*\"score\": \([0-9]*\),.*\"status\": \"\([a-z]*\)\".*/\1 \2/p" "$results"
}
run right solutions/01_tensors.cpp
expect "right: score" 20 "$(score)"
expect "right: 1.2" "4 passed" "$(test_of 1.2)"
run stub "$BUILD/stubs/01_tensors.cpp"
expect "stub: score" 0 "$(score)"
expect "stub: 1.2" "0 failed" "$(test_of 1.2)"
printf 'int x = gr + 1;  // not UTF-8: Gr\366\337e\n' > "$work/words.cpp"
run no-compile "$work/words.cpp"
expect "no-compile: score" 0 "$(score)"
grep -q "not declared in this scope\|undeclared identifier" "$results" ||
    expect "no-compile" "the compiler's words" "none"
iconv -f UTF-8 -t UTF-8 "$results" > /dev/null || expect "no-compile" "UTF-8" "something else"
expect "tests" "$(cat "$BUILD"/stubs/01_*.cpp "$BUILD"/stubs/11_*.cpp | grep -c '^// ## Exercise ')" \
    "$(grep -c '"max_score"' "$results")"
finish
