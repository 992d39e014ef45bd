#!/bin/sh
# The solutions run all checks under AddressSanitizer and UndefinedBehaviorSanitizer, and those of the
# chapters with threads under ThreadSanitizer. A report ends the worker, so its check crashes.
set -e
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1 TSAN_OPTIONS=halt_on_error=1
for sanitizers in address,undefined thread; do
    folder=$BUILD/tests/sanitizers/$sanitizers
    cmake -S . -B "$folder" -DCMAKE_CXX_COMPILER="$CXX" -DSANITIZE=$sanitizers > /dev/null
    cmake --build "$folder" --parallel 2 --target course-solved judge
    "$folder/course-solved" check --strict
done
