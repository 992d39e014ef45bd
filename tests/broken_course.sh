#!/bin/sh
# The course notices when it is broken: a solution that is wrong, a check that was deleted, a record that
# is gone, a chapter that was edited. (tests/chapters_are_cut.sh sees to the last; here it is seen to
# fail.)
. tests/student.inc
mkdir -p "$work"

fails() {  # WHAT COMMAND …
    what=$1
    shift
    if "$@" > "$work/output.txt" 2>&1; then
        expect "$what" "a failure" "success"
        cat "$work/output.txt"
    fi
}

# A solution that is wrong: the sum over i begins at 1.
mkdir -p "$work/solutions"
sed 's/for (int i = 0; i < n; ++i)$/for (int i = 1; i < n; ++i)/' solutions/01_tensors.cpp \
    > "$work/solutions/01_tensors.cpp"
build_worker "$work/solutions" "$work/wrong" solved
fails "a wrong solution" "$BUILD/judge" check 1.4 --strict --worker "$work/wrong/worker"

# A check that was deleted leaves its recorded answers behind; one that is new has none.
mkdir -p "$work/recorded"
cp tests/recorded/*.txt "$work/recorded"
echo "check 1.1 a rule that was deleted" >> "$work/recorded/01.txt"
fails "a deleted check" "$BUILD/judge" audit --recorded "$work/recorded"
sed '0,/^check 1.2/d' tests/recorded/01.txt > "$work/recorded/01.txt"
fails "a check without a record" \
    "$BUILD/judge" check 1.1 --worker "$BUILD/course-solved" --recorded "$work/recorded"

# A chapter that was edited by hand.
mkdir -p "$work/edited"
cp -r chapters solutions course tests "$work/edited"
(cd "$work/edited" && sh tests/chapters_are_cut.sh > /dev/null 2>&1) ||
    expect "an untouched copy" "success" "a failure"
echo "// one more line" >> "$work/edited/chapters/01_tensors.cpp"
fails "an edited chapter" sh -c "cd '$work/edited' && sh tests/chapters_are_cut.sh"
finish
