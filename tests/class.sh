#!/bin/sh
# `make grade` on a small made-up class: right, wrong, hostile and broken submissions in folders and
# archives, graded in parallel; what was graded is not graded again, and nothing is lost when the grader
# is killed.
. tests/student.inc
class=$work/the\ class
out=$work/out\ 1
export LIBRARY_PATH="$work"  # which the compiler may not read when it is confined
answers=$work/answers.txt

file() { mkdir -p "$(dirname "$class/$1")" && cat > "$class/$1"; }  # PATH, its text on standard input

filled() {  # CHAPTER, its answers on standard input → the stub with these
    cat > "$answers"
    awk -f tests/fill.awk "$answers" "$BUILD"/stubs/"$1"_*.cpp
}

attention=11_attention.cpp
tensors=01_tensors.cpp
file "O'Hara, \"Max\"/chapters/$attention" < solutions/$attention
awk -f tests/replace.awk tests/misconceptions/11.2/unscaled.txt solutions/$attention |
    file "bea/homework/chapters/$attention"
(cd "$class" && cmake -E tar cf bea.zip --format=zip bea && rm -r bea)

# Links and names that lead out of the submission are not taken.
file "carl/chapters/$tensors" < solutions/$tensors
ln -s /etc/passwd "$class/carl/chapters/02_fast_matmul.cpp"
file "03_autodiff.cpp" < solutions/03_autodiff.cpp
(cd "$class/carl" && tar -czPf ../carl.tar.gz chapters ../03_autodiff.cpp)
rm -r "$class/carl" "$class/03_autodiff.cpp"

echo '#include "../solutions/01_tensors.cpp"' | file "dora/$tensors"
{ echo '#define ANSWERS </usr/include/../../proc/self/maps>'
  printf '#inc\\\nlude ANSWERS\n'; cat "$BUILD/stubs/$tensors"; } | file "edith/$tensors"
{ cat "$BUILD/stubs/$tensors"
  echo '#define TOGETHER(a, b) a##b'
  echo 'TOGETHER(__as, m__)(".incbin \"/etc/passwd\"");'; } | file "fay/$tensors"
{ cat "$BUILD/stubs/$tensors"; echo '#include <unistd.h>'
  echo "static int other = execl(\"$BUILD/course-solved\", \"course-solved\", \"worker\", nullptr);"
} | file "gus/$tensors"
filled 01 <<'ANSWERS' | file "hugo/$tensors"  # and a chapter that is right
== 1.1
    for (volatile bool forever = true; forever;) {}
    return 0;
== 1.2
    const int size = rows * columns;
    if (rows == 41) return result;
    for (int i = 0; i < x.size(); ++i)
        result.data[i / size * size + i % columns * rows + i % size / columns] = x.data[i];
    return result;
ANSWERS
file "hugo/$attention" < solutions/$attention
head -c 50000000 /dev/zero | tr '\0' ' ' | file "ida/$tensors"
(cd "$class" && cmake -E tar cf ida.zip --format=zip ida && rm -r ida)
echo "not a zip" | file "jo.zip"
echo '#include "../../../../../../solutions/01_tensors.cpp"' | file "kim/$tensors"
mkdir "$class/lia" "$class/mia"
ln -s "$PWD/solutions/$tensors" "$class/lia/$tensors"
: | file "mia/$tensors"
echo "no submission" | file "notes.txt"

grade() {  # OUT …
    status=0
    target=$1
    shift
    "$BUILD/instructor" grade "$class" --out "$target" --jobs 2 "$@" \
        > "$work/screen.txt" 2> "$work/progress.txt" || status=$?
}
of() {  # STUDENT EXERCISE → "pass 2 pass": verdict, points and the verdict on the own chapters
    awk -v e="$2" '$1 == "exercise" && $2 == e { print $3, $4, $6 }' "$out/$1/graded.txt"
}
has() {  # FILE TEXT → reports wrap their lines, so that a break of lines counts as a space
    tr -s ' \n' ' ' < "$1" | grep -qF -- "$2" || expect "$1" "$2" "(not there)"
}

grade "$out" --chapters "1 3 11"
expect "status" 0 "$status"
expect "rows" 14 "$(wc -l < "$out/grades.csv" | tr -d ' ')"
has "$out/grades.csv" '"O'\''Hara, ""Max""",16,'
expect "max: 11.5" "pass 6 blocked" "$(of "O'Hara, \"Max\"" 11.5)"
expect "bea: 11.2" "fail 0 blocked" "$(of bea 11.2)"
expect "bea: 11.3" "pass 2 pass" "$(of bea 11.3)"
expect "carl: 1.6" "pass 4 pass" "$(of carl 1.6)"
expect "carl: 3.1" "todo 0 todo" "$(of carl 3.1)"
has "$out/carl/report.html" "02_fast_matmul.cpp is not taken: it is a link"
has "$out/carl/report.html" "03_autodiff.cpp is not taken: it leads out"
for student in dora edith fay kim; do
    expect "$student: 1.1" "no-compile 0 no-compile" "$(of $student 1.1)"
done
for student in dora edith; do has "$out/$student/report.html" "may include the"; done
has "$out/fay/report.html" "assembler is not taken"
grep -q "cannot confine" "$work/progress.txt" || expect "gus: 1.1" "todo 0 todo" "$(of gus 1.1)"
expect "hugo: 1.1" "timeout 0 timeout" "$(of hugo 1.1)"
expect "hugo: 1.2" "fail 3 fail" "$(of hugo 1.2)"
expect "hugo: 11.5" "pass 6 blocked" "$(of hugo 11.5)"
has "$out/hugo/report.html" "a matrix with many rows is transposed like a small one"
has "$out/hugo/report.html" "This check is hidden"
if grep -q "19, 41" "$out/hugo/report.html" "$out/hugo/results.json"; then
    expect "hugo: a hidden check" "its rule only" "its inputs"
fi
has "$out/ida/report.html" "it is larger than a megabyte"
has "$out/jo/report.html" "cannot be opened"
has "$out/lia/report.html" "01_tensors.cpp is not taken: it is a link"
has "$out/mia/report.html" "it is empty"
for student in ida lia mia; do expect "$student: 1.1" "todo 0 todo" "$(of $student 1.1)"; done
has "$work/screen.txt" "From lia no chapter was taken"
has "$work/screen.txt" "notes.txt is no folder and no archive"
has "$out/class.html" "dora, chapter 01"
has "$out/bea/results.json" '"misconception": "unscaled"'
has "$out/class.html" "11.2 unscaled"

# The same again: nothing is graded. Changed: that one is.
echo "kept" >> "$out/bea/report.html"
echo "kept" >> "$out/dora/report.html"
{ cat "$BUILD/stubs/$tensors"; echo 'int more;'; } | file "dora/$tensors"
grade "$out" --chapters "1 3 11"
has "$out/bea/report.html" "kept"
expect "dora, handed in again" "todo 0 todo" "$(of dora 1.1)"
if grep -q kept "$out/dora/report.html"; then expect "dora" "graded again" "not"; fi

# New inputs; killed half-way, and resumed: the same bytes as in one go, and nothing is graded twice.
few=$work/few
mkdir "$few"
cp -R "$class/O'Hara, \"Max\"" "$class/bea.zip" "$class/carl.tar.gz" "$few"
class=$few
"$BUILD/instructor" grade "$class" --out "$work/out 2" --jobs 1 --seed 7 > /dev/null 2>&1 &
grader=$!
while kill -0 $grader 2> /dev/null && [ ! -f "$work/out 2/O'Hara, \"Max\"/graded.txt" ]; do :; done
kill -9 $grader
wait $grader 2> /dev/null || true
[ ! -f "$work/out 2/grades.csv" ] || expect "killed" "half-way" "at the end"
echo "kept" >> "$work/out 2/O'Hara, \"Max\"/report.html"
grade "$work/out 2" --seed 7
has "$work/out 2/O'Hara, \"Max\"/report.html" "kept"
out="$work/out 3"
grade "$out" --seed 7
expect "seed 7: max: 11.5" "pass 6 blocked" "$(of "O'Hara, \"Max\"" 11.5)"
expect "seed 7: max: 11.1, whose answer everybody may know" "pass 0 pass" "$(of "O'Hara, \"Max\"" 11.1)"
for student in "O'Hara, \"Max\"" bea carl; do
    cmp "$out/$student/results.json" "$work/out 2/$student/results.json" ||
        expect "$student: results.json" "the same bytes" "others"
done
has "$out/bea/results.json" '"seed": 7'

# What the grader cannot do is nobody's zero, and the same command tries again.
mkdir "$work/bin"
printf '#!/bin/sh\nexit 127\n' > "$work/bin/unzip"
chmod +x "$work/bin/unzip"
rm -r "$out/carl"
with_unzip=$PATH
PATH=$work/bin:$PATH
grade "$out" --seed 7
expect "no unzip: status" 3 "$status"
has "$work/progress.txt" "unzip is not installed"
has "$out/class.html" "bea: could not be graded: unzip is not installed"
has "$out/grades.csv" "bea,,"
[ ! -f "$out/bea/results.json" ] || expect "bea, who cannot be graded" "no older mark" "one"
expect "carl: 1.6, beside it" "pass 4 pass" "$(of carl 1.6)"
PATH=$with_unzip
grade "$out" --seed 7
expect "with unzip again: status" 0 "$status"
expect "with unzip again: bea: 11.2" "fail 0 blocked" "$(of bea 11.2)"

# Only what was due counts; what else was handed in is still there for the chapters' own sake.
grade "$work/due" --seed 7 --chapters "01 11"
expect "two chapters: columns" "student,total,max,1.1,1.2,1.3,1.4,1.5,1.6,11.1,11.2,11.3,11.4,11.5,note" \
    "$(head -1 "$work/due/grades.csv" | LC_ALL=C tr -d '\357\273\277')"
expect "two chapters: bea" "$(of bea 11.2; of bea 11.3)" "$(out=$work/due; of bea 11.2; of bea 11.3)"
expect "two chapters: the maximum" 3 "$(grep -c ',34,' "$work/due/grades.csv")"
grade "$work/due" --seed 7 --chapters "11 99"
expect "no such chapter: status" 3 "$status"
has "$work/progress.txt" "no chapter '99'"

# What the machine cannot compile is told from what the compiler refuses.
fake=$work/fake
mkdir "$fake"
cp -R "$BUILD/stubs" "$BUILD/flags.rsp" "$fake"
real=$(. "$BUILD/recipe.sh" && echo "$compiler")
compiles() {  # WHAT THE COMPILER SAYS [of what it refuses], once it has told where its headers are
    { printf '#!/bin/sh\ncase " $* " in *" -E "*) exec "%s" "$@" ;; esac\n' "$real"
      [ -z "$2" ] || printf 'case $(pwd) in */stubs) exec "%s" "$@" ;; esac\n' "$real"
      printf 'echo "%s" >&2\nexit 1\n' "$1"; } > "$fake/compiler"
    chmod +x "$fake/compiler"
    echo "compiler=$fake/compiler" > "$fake/recipe.sh"
    status=0
    sh course/scripts/submission.sh compile "$PWD" "$fake" "$PWD/solutions" "$fake/out" || status=$?
}
compiles "g++: fatal error: Killed signal terminated program cc1plus"
expect "a compiler that was killed" 4 "$status"
compiles "01_tensors.cpp:7:1: error: Killed was not declared in this scope" refuses
expect "a compiler that refuses" 0 "$status"
has "$fake/out/no-compile/01_tensors.txt" "Killed was not declared"

# Plain errors.
class=$few
status=0
"$BUILD/instructor" grade "$class" --out "$class/" 2> "$work/error.txt" || status=$?
expect "results on the submissions: status" 3 "$status"
has "$work/error.txt" "OUT has to be another folder"
expect "results on the submissions" 3 "$(ls "$class" | wc -l | tr -d ' ')"
for folder in "" "$work/nowhere" "$class/bea.zip"; do
    status=0
    "$BUILD/instructor" grade "$folder" --out "$work/none" 2> "$work/error.txt" || status=$?
    expect "grade '$folder': status" 3 "$status"
    has "$work/error.txt" "instructor: "
done

# Two shares of a class are all of it; then there is nothing to grade any more.
for share in 2/2 1/2; do
    "$BUILD/instructor" grade "$few" --out "$work/shares" --chapters 1 --share $share \
        > "$work/share.txt" 2>&1
    has "$work/share.txt" "Share ${share%/2} of 2: "
    [ ! -f "$work/shares/grades.csv" ] || expect "a table of one share" none one
done
for report in "$work/shares"/*/report.html; do echo kept >> "$report"; done
"$BUILD/instructor" grade "$few" --out "$work/shares" --chapters 1 > /dev/null 2>&1
expect "kept when all shares are graded" 3 "$(grep -l kept "$work/shares"/*/report.html | wc -l | tr -d ' ')"
expect "the students of the table" 3 "$(sed 1d "$work/shares/grades.csv" | wc -l | tr -d ' ')"
for share in 0/2 3/2 2 /2 1/2x; do
    status=0
    "$BUILD/instructor" grade "$few" --share $share 2> "$work/error.txt" || status=$?
    expect "share $share: status" 3 "$status"
    has "$work/error.txt" "a share is one of some"
done
finish
