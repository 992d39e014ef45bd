#!/bin/sh
# `make diff` shows answers and only them; `make solutions-branch` makes the answer key without touching
# the working tree.
. tests/student.inc
repository=$work/the\ repository
mkdir -p "$repository/course"
cp -R chapters solutions "$repository"
cp -R course/scripts "$repository/course"
cd "$repository"

changes=$(sh course/scripts/diff.sh 01)
expect "diff of a stub" "$(grep -c '^    *//> [0-9]' solutions/01_tensors.cpp)" \
    "$(echo "$changes" | grep -c '^-.*todo(')"
expect "diff shows marks" "" "$(echo "$changes" | grep '^+ *//[<>]')"
mkdir -p "handed in"
awk '/^ *\/\/> answers/ { h = 1 } !h && !/^ *\/\/[<>]/ { print } /^ *\/\/< *$/ { h = 0 }' \
    solutions/01_tensors.cpp > "handed in/01_tensors.cpp"
case $(sh course/scripts/diff.sh 01 "handed in") in
    *"word for word"*) ;;
    *) expect "diff of the solution" "word for word" "differences" ;;
esac
for words in "" "77" "02 nowhere"; do
    status=0
    # shellcheck disable=SC2086
    sh course/scripts/diff.sh $words > output.txt 2>&1 || status=$?
    expect "diff $words: status" 3 "$status"
done
rm output.txt

git init -q . && git config user.name tester && git config user.email tester@localhost
git add -A && git commit -q -m "the course"
echo "half an answer" >> chapters/01_tensors.cpp
before=$(git status --porcelain)
sh course/scripts/solutions_branch.sh > /dev/null
expect "the working tree" "$before" "$(git status --porcelain)"
expect "chapters that differ" "$(ls solutions | wc -l)" \
    "$(git diff --name-only HEAD solutions -- chapters/ | wc -l)"
expect "other files that differ" "" "$(git diff --name-only HEAD solutions -- solutions course)"
expect "TODOs in the key" 0 "$(git grep -c '^ *todo("' solutions -- chapters/ | wc -l | tr -d ' ')"
sh course/scripts/solutions_branch.sh > /dev/null || expect "once more" "success" "a failure"
git branch -f solutions HEAD
status=0
sh course/scripts/solutions_branch.sh > /dev/null 2>&1 || status=$?
expect "somebody's branch: status" 3 "$status"
finish
