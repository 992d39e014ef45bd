#!/bin/sh
# Packs an autograder for Gradescope: the course with its solutions and hidden checks, and the two
# scripts that the service calls.
#
#   gradescope.sh FOLDER SEED CHAPTERS → FOLDER.zip; FOLDER holds the same, unpacked
set -e
out=$1 seed=${2:-0} chapters=$3
case $seed in *[!0-9]*) echo "SEED is a whole number, got '$seed'" >&2; exit 3 ;; esac
for chapter in $chapters; do
    ls solutions/"$chapter"_*.cpp solutions/0"$chapter"_*.cpp 2> /dev/null | grep -q . ||
        { echo "CHAPTER: there is no chapter '$chapter'" >&2; exit 3; }
done
rm -rf "$out" "$out.zip"
mkdir -p "$out/course/tests" "$out/course/chapters"
cp course/class/gradescope/setup.sh course/class/gradescope/run_autograder "$out"
echo "$seed" > "$out/seed.txt"
echo "$chapters" > "$out/chapters.txt"
cp -R LICENSE CMakeLists.txt course solutions "$out/course"
cp chapters/*.hpp "$out/course/chapters"
cp -R tests/checks tests/recorded tests/hidden "$out/course/tests"
[ ! -d data ] || cp -R data "$out/course"
(cd "$out" && cmake -E tar cf "../$(basename "$out").zip" --format=zip -- *)
echo "$out.zip is ready."
echo " next: on Gradescope, Configure Autograder, and upload it"
