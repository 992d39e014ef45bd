#!/bin/sh
# The solutions run all checks under AddressSanitizer and UndefinedBehaviorSanitizer, and those of the
# chapters that bring threads to work under ThreadSanitizer. A report ends the worker, so its check
# crashes.
set -e
command -v g++ > /dev/null && CXX=g++  # its sanitizers come with it
# What is freed is soon used again, for a check measures whether memory grows.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8
export UBSAN_OPTIONS=halt_on_error=1 TSAN_OPTIONS=halt_on_error=1

check_under() {  # SANITIZERS CHAPTER … (none: all)
    folder=$BUILD/tests/sanitizers/$1
    cmake -S . -B "$folder" -DCMAKE_CXX_COMPILER="$CXX" -DSANITIZE="$1" > /dev/null
    cmake --build "$folder" --parallel 2 --target course-solved judge
    shift
    [ $# -gt 0 ] || set -- ''
    for chapter; do "$folder/course-solved" check $chapter --strict; done
}

check_under address,undefined
check_under thread 2 3 4
