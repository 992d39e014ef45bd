#!/bin/sh
# Everything builds with the other compiler too, and its solutions pass every check, against answers
# that were recorded with one of the two.
set -e
case $CXX in
    *clang*) other=g++ ;;
    *) other=clang++ ;;
esac
if ! command -v "$other" > /dev/null; then
    echo "$other is not installed: sh course/setup.sh test"
    exit 1
fi
unset CMAKE_CXX_COMPILER_LAUNCHER  # nothing else is compiled like this
folder=$BUILD/tests/other_compiler
cmake -S . -B "$folder" -DCMAKE_CXX_COMPILER="$other" -DSTRICT=ON > /dev/null
cmake --build "$folder" --parallel 2 --target course course-solved judge
"$folder/course-solved" check --strict --one-worker &
BUILD=$folder sh tests/demo_figures.sh
wait $!
