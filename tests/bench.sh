#!/bin/sh
# `course bench` measures what it is asked for, tells people in tables and scripts in JSON, and refuses
# in words what cannot be measured. Times are printed here and held against nothing.
. tests/student.inc
export BENCH_QUICK=1  # the smallest of everything, into the folder of this test

bench() {  # ARGUMENT … → its output in out.txt, its exit status in `status`
    status=0
    "$BUILD/course-solved" bench "$@" > "$work/out.txt" 2>&1 || status=$?
}

refused() {  # WORDS ARGUMENT …
    words=$1
    shift
    bench "$@"
    expect "the status of bench $*" 3 $status
    expect "bench $*" "$words" "$(grep -o -e "$words" "$work/out.txt" | head -1)"
}

is_json() { awk -f tests/json.awk "$1" && echo yes; }

field() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$work/out.txt"; }

refused "bench knows" climb
refused "bench knows" matmul 8 8
refused "must be 1 or more" matmul 8 x 8
refused "'d' is none of the models a, b, c and gpt" step d
refused "--steps needs a value" step a --steps
for number in 0 -1 x 1.5 ''; do refused "--steps needs a whole number" step a --steps "$number"; done
for number in 0 -1 x 1s ''; do refused "--seconds needs a number above 0" step a --seconds "$number"; done
refused "10 features cannot be shared by 4 heads" step a --width 10
refused "'d' is none of the models" profile a d
refused "bench knows" profile
refused "bench knows" growth a

bench step a --steps 2 --threads 1
expect "bench step is JSON" yes "$(is_json "$work/out.txt")"
expect "steps of --steps 2" 2 "$(field steps)"
usual=$(field parameters)
bench step a --steps 1 --length 8 --layers 1
expect "one layer is smaller than two" yes "$([ "$(field parameters)" -lt "$usual" ] && echo yes)"
bench step a --steps 1 --width 128
expect "a wider network is larger" yes "$([ "$(field parameters)" -gt "$usual" ] && echo yes)"

bench chapter 05 --threads 1
expect "bench chapter is JSON" yes "$(is_json "$work/out.txt")"
expect "what learns in chapter 5" 580 "$(field parameters)"
refused "the demo of chapter 12 trains nothing" chapter 12
refused "no chapter '99'" chapter 99

bench
cat "$work/out.txt"
expect "the status of bench" 0 $status
expect "bench.json is JSON" yes "$(is_json "$work/bench.json")"
for name in date compiler flags cores peak bandwidth products steps chapters profile growth attention; do
    expect "bench.json has $name" yes "$(grep -q "\"$name\": " "$work/bench.json" && echo yes)"
done
expect "every operation has its row in the profile" "" "$(grep '^  other' "$work/out.txt")"
expect "there is a picture of the growth" yes \
    "$(grep -q '</svg>' "$work/figures/bench_growth.svg" && echo yes)"

# A student whose product is not done is told which exercise is missing.
status=0
"$BUILD/course" bench step a > "$work/out.txt" 2>&1 || status=$?
expect "the status with stubs" 1 $status
expect "with stubs" "this needs exercise" "$(grep -o 'this needs exercise' "$work/out.txt")"
finish
