#!/bin/sh
# `make watch` where there is no terminal: it grades what was saved, only when the content is new, calls
# off what is under way when the next save comes, tells what changed, and leaves no process behind.
. tests/student.inc

mkdir -p "$work/chapters"
cp "$BUILD"/stubs/*.cpp "$work/chapters"
chapter=$work/chapters/01_tensors.cpp
screen=$work/screen.txt
rm -rf "$BUILD/watch-elsewhere" "$BUILD/watch-verdicts.txt"

wait_until() {  # COMMAND …: at most two minutes
    patience=1200
    until "$@" || [ $patience = 0 ]; do
        sleep 0.1
        patience=$((patience - 1))
    done
    [ $patience -gt 0 ] || expect "waiting for: $*" "an end" "none after two minutes"
}
says() { grep -qF -- "$1" "$screen"; }
verdicts() { grep -c " s after saving " "$screen"; }
told() { [ "$(verdicts)" -ge "$1" ]; }
worker_runs() { ps -A -o args | grep -q "^[^ ]*watch-elsewhere/worker worker$"; }
gone() { ! kill -0 "$watch" 2> /dev/null; }

save() {  # the answer to 1.2 is standard input
    { echo "== 1.2" && cat; } > "$work/answer.txt"
    awk -f tests/fill.awk "$work/answer.txt" "$BUILD/stubs/01_tensors.cpp" > "$chapter.new"
    mv "$chapter.new" "$chapter"
}

"$BUILD/judge" watch 1 --chapters "$work/chapters" --worker "$BUILD/judge" --others stubs \
    > "$screen" 2>&1 < /dev/null &
watch=$!
wait_until says "waiting for a save"
says "1.1 todo  1.2 todo" || expect "at the start" "1.1 todo" "(not there)"

# A new time stamp is no save.
touch "$chapter"
sleep 1
[ ! -d "$BUILD/watch-elsewhere/said" ] || expect "a new time stamp" "nothing compiled" "something"

# The exercise whose text changed comes first, with what is wrong.
save << 'EOF'
    (void)rows, (void)columns;
    return result;
EOF
wait_until told 1
says "✗ the first row of a [2, 3] matrix becomes the first column" ||
    expect "a wrong answer" "its failed check" "(not there)"
says "hint: make hint EXERCISE=1.2" || expect "a wrong answer" "where the hint is" "(not there)"

# A chapter that does not compile: the first error, its line and its code.
save << 'EOF'
    return results;
EOF
wait_until told 2
line=$(grep -n '    return results;' "$chapter" | sed 's/:.*//')
says "01_tensors.cpp:$line: error: " || expect "a compile error" "its line, $line" "(not there)"
says "    return results;" || expect "a compile error" "the code" "(not there)"

# A loop without end is being graded when the right answer is saved: nothing is heard of it.
save << 'EOF'
    for (volatile int i = 0;; i = 1 - i) {}
EOF
wait_until worker_runs
save << 'EOF'
    const int matrices = x.size() == 0 ? 0 : x.size() / (rows * columns);
    for (int m = 0; m < matrices; ++m)
        for (int r = 0; r < rows; ++r)
            for (int c = 0; c < columns; ++c)
                result.data[(m * columns + c) * rows + r] = x.data[(m * rows + r) * columns + c];
    return result;
EOF
wait_until told 3
says "+ 1.2 Rows become columns now passes" || expect "a right answer" "that it passes" "(not there)"
says "A transpose moves almost every number" || expect "a right answer" "the insight" "(not there)"
if says "it does not end"; then expect "a loop that was called off" "silence" "its verdict"; fi
expect "verdicts told" 3 "$(verdicts)"

# The end leaves nothing behind, here in the middle of another endless loop.
save << 'EOF'
    for (volatile int i = 0;; i = 1 - i) {}
EOF
wait_until worker_runs
kill -TERM "$watch"
wait_until gone
if worker_runs; then expect "after the end" "no worker" "one that runs"; fi

# A save in another chapter than the one that the watch began with takes that one in hand.
"$BUILD/judge" watch 16.2 --chapters "$work/chapters" --worker "$BUILD/judge" --others stubs \
    > "$screen" 2>&1 < /dev/null &
watch=$!
wait_until says "waiting for a save"
save << 'EOF'
    (void)rows, (void)columns;
    return result;
EOF
wait_until told 1
says "✗ the first row of a [2, 3] matrix becomes the first column" ||
    expect "a save in another chapter" "its failed check" "(not there)"
kill -TERM "$watch"
wait_until gone

# A function that a header promises is missed although nobody calls it; when it is back, all is well.
renamed=$work/13_positional_encoding.cpp
make_worker() {
    status=0
    MORE_FLAGS=-O0 sh course/scripts/quick.sh "$BUILD" "$work/renamed" stubs "$renamed" || status=$?
}
sed 's/^Variable position_table(/Variable table_of_positions(/' \
    "$BUILD/stubs/13_positional_encoding.cpp" > "$renamed"
make_worker
expect "a function was renamed" 2 $status
grep -q "position_table(.* is gone; a header promises it" \
    "$work/renamed/no-compile/13_positional_encoding.txt" ||
    expect "a function was renamed" "which one is gone" "$(cat "$work"/renamed/no-compile/*.txt)"
cp "$BUILD/stubs/13_positional_encoding.cpp" "$renamed"
make_worker
expect "it has its name again" 0 $status
[ $failures = 0 ] || cat "$screen"
finish
