#!/bin/sh
# The solutions run all checks under AddressSanitizer and UndefinedBehaviorSanitizer, as the grader does,
# and those of the chapters that bring threads to work under ThreadSanitizer. A report ends the worker, so
# its check crashes. Such a worker takes long to start: one answers all checks of a chapter. The checks'
# own code is not watched: it would take twice as long to compile.
set -e
command -v g++ > /dev/null && CXX=g++  # its sanitizers come with it
# What is freed is soon used again, for a check measures whether memory grows.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8
export UBSAN_OPTIONS=halt_on_error=1 TSAN_OPTIONS=halt_on_error=1
unset CMAKE_CXX_COMPILER_LAUNCHER  # nothing else is compiled like this
work=$BUILD/tests/sanitizers

# All chapters are begun, and nothing is built that no check needs.
mkdir -p "$work/address"
for solution in solutions/*.cpp; do basename "$solution" .cpp | sed 's/^/check /'; done \
    > "$work/address/begun.txt"
sh course/scripts/begun.sh "$work/address"
cmake -S . -B "$work/address" -DCMAKE_CXX_COMPILER="$CXX" -DSANITIZE=address,undefined \
    -DSTRICT=ON > /dev/null
cmake --build "$work/address" --parallel 2 --target course-solved judge

# Only these chapters are built once more. Their judge is the program above, which is patient.
threads() {
    MORE_FLAGS='-O1 -g -fsanitize=thread' MORE_LINK_FLAGS=-fsanitize=thread \
        sh course/scripts/quick.sh "$BUILD" "$work/thread" solved solutions/0[1-4]_*.cpp
    for chapter in 2 3 4; do
        "$work/address/course-solved" check $chapter --strict --one-worker --worker "$work/thread/worker"
    done
}

threads > "$work/threads.txt" 2>&1 &
for solution in solutions/*.cpp; do basename "$solution" | sed 's/_.*//'; done |
    xargs -n 1 -P 2 "$work/address/course-solved" check --strict --one-worker
wait $! || { cat "$work/threads.txt"; exit 1; }
cat "$work/threads.txt"
