#!/bin/sh
# What students get builds, grades, and gives nothing away: every exercise is todo; one answer filled in
# passes; no line of any answer, no hidden check and no misconception is in it.
. tests/student.inc
tree=$work/the\ students\ tree
export CXX="${CXX:-c++}"
sh course/scripts/handout.sh "$BUILD/stubs" "$tree" > /dev/null

for forbidden in solutions tests/hidden tests/misconceptions tests/pytorch course/class; do
    [ ! -e "$tree/$forbidden" ] || expect "$forbidden" "not there" "there"
done

# Whoever keeps it in git has the line ends that it needs.
cmp .gitattributes "$tree/.gitattributes" || expect ".gitattributes" "there" "not there"

# What an assistant may do is told there, with commands that are there.
for word in "never" "make hint" "README.md"; do
    grep -q "$word" "$tree/AGENTS.md" || expect "AGENTS.md" "$word" "not there"
done
for command in $(grep -o 'make [a-z]*' "$tree/AGENTS.md" | sort -u | sed 's/make //'); do
    grep -q "^$command:" "$tree/Makefile" || expect "AGENTS.md: make $command" "a command" "none"
done

# Lines of the masters' answers that are long enough to mean something and are not in a stub too. Blanks
# do not count. What is sealed is not looked at: checks compute answers in ways of their own.
bare() { sed 's/[[:space:]]//g'; }
leaks() {  # FOLDER → the lines of answers that are in it
    cat solutions/*.cpp | awk '/^ *\/\/> /{inside=1; next} /^ *\/\/< *$/{inside=0} inside' |
        bare | awk 'length >= 28' | sort -u > "$work/answers.txt"
    cat "$BUILD"/stubs/*.cpp chapters/*.hpp | bare | sort -u > "$work/given.txt"
    comm -23 "$work/answers.txt" "$work/given.txt" > "$work/secret.txt"
    find "$1" -type f -exec cat {} + | bare | sort -u > "$work/handed_out.txt"
    comm -12 "$work/secret.txt" "$work/handed_out.txt"
}
expect "lines of answers" "" "$(leaks "$tree")"
echo "$(wc -l < "$work/secret.txt") lines of answers were looked for"
[ "$(wc -l < "$work/secret.txt")" -gt 100 ] || expect "lines looked for" "hundreds" "few"
cp -R "$tree" "$work/leaky"
sed -n '/score = scores.row/,/largest = /p' solutions/11_attention.cpp >> "$work/leaky/README.md"
[ -n "$(leaks "$work/leaky")" ] || expect "a leak" "found" "missed"
rm -r "$work/leaky"
if grep -rqF "hidden_0" "$tree"; then expect "hidden checks" "not there" "there"; fi

cd "$tree"
make check > "$work/screen.txt" 2>&1 || expect "an untouched tree: status" 0 $?
todo=$(grep -o ' [0-9]*\.[0-9]* todo\| todo ' "$work/screen.txt" | wc -l | tr -d ' ')
expect "todo" "$(cat chapters/*.cpp | grep -c '^// ## Exercise ')" "$todo"
awk -f "$OLDPWD/tests/fill.awk" "$OLDPWD/tests/evening/one.txt" course/stubs/01_tensors.cpp \
    > chapters/01_tensors.cpp
status=0
make check EXERCISE=1.1 > "$work/one.txt" 2>&1 || status=$?
expect "1.1: status" 0 "$status"
grep -q "1 of 1 exercises pass" "$work/one.txt" || expect "1.1" "pass" "$(tail -3 "$work/one.txt")"
status=0
make check CHAPTER=01 > "$work/one.txt" 2>&1 || status=$?
expect "chapter 1: fails" 0 "$(grep -q '1.2.*fail' "$work/one.txt"; echo $?)"

# A chapter from a backup has an old date; what is in it counts.
mv chapters/01_tensors.cpp "$work/mine.cpp"
cp course/stubs/01_tensors.cpp chapters
touch -t 202001010000 chapters/01_tensors.cpp
make check EXERCISE=1.1 | grep -q "0 of 1 exercises pass" || expect "an old stub" "todo" "$(make list CHAPTER=1)"
mv "$work/mine.cpp" chapters/01_tensors.cpp
make check CHAPTER=01 > "$work/one.txt" 2>&1 && expect "chapter 1, put back: status" 1 0

# What was graded is remembered, and what is reset is kept.
make list CHAPTER=01 | grep -q "1.1 pass  1.2 fail" || expect "make list" "1.1 pass  1.2 fail" "$(make list CHAPTER=01)"
make next | grep -q "exercise 1.2, " || expect "make next" "exercise 1.2" "$(make next)"
make reset EXERCISE=1.2 > /dev/null || expect "make reset: status" 0 $?
make list CHAPTER=01 | grep -q "1.1 pass  1.2 todo" || expect "make reset" "1.1 pass  1.2 todo" "$(make list CHAPTER=01)"
expect "make reset: backups" 1 "$(ls chapters/backups | wc -l | tr -d ' ')"

# The watch compiles what is saved, and a crash is told with its line.
build/course watch 1.1 > "$work/watch.txt" 2>&1 < /dev/null &
watching=$!
said() {  # WORDS: waits until the watch has said them
    for _ in $(seq 100); do grep -qF "$1" "$work/watch.txt" && return; sleep 0.2; done
    expect "the watch" "$1" "$(tail -5 "$work/watch.txt")"
}
said "waiting for a save"
awk '/todo\("1.3"\);/ { print "*static_cast<volatile int*>(nullptr) = 1;" } { print }' \
    chapters/01_tensors.cpp > saved && mv saved chapters/01_tensors.cpp
said "after saving chapters/01_tensors.cpp"
build/course watch 2 > "$work/second.txt" 2>&1 < /dev/null && expect "a second watch" "a refusal" "none"
grep -q "another make watch" "$work/second.txt" || expect "a second watch" "a plain word" "$(cat "$work/second.txt")"
kill "$watching"
wait "$watching" || true
grep -q "1.3 crash" "$work/watch.txt" || expect "the watch" "1.3 crash" "$(tail -9 "$work/watch.txt")"
make check EXERCISE=1.3 > "$work/crash.txt" 2>&1 || true
grep -q "chapters/01_tensors.cpp:[0-9]*: " "$work/crash.txt" || expect "a crash" "its line" "$(cat "$work/crash.txt")"

# A chapter that did not compile for a reason that lies elsewhere compiles when the reason is gone.
echo 'int missing' > chapters/mine.hpp
sed '/^#include "01_tensors.hpp"/a #include "mine.hpp"' chapters/01_tensors.cpp > saved && mv saved chapters/01_tensors.cpp
make check EXERCISE=1.1 > "$work/broken.txt" 2>&1 && expect "a broken header: status" 2 0
echo 'inline int nothing = 0;' > chapters/mine.hpp
make check EXERCISE=1.1 > "$work/mended.txt" 2>&1 || expect "a mended header: status" 0 $?
make > "$work/help.txt"
if grep -qE "make (grade|record|handout)" "$work/help.txt"; then expect "make" "no instructor" "one"; fi
finish
