#!/bin/sh
# `make grade` on a messy class (tests/class/make_messy.sh): everybody who was right has full marks, and
# everybody else is told why; on a healthy disk, on full ones, and after a kill.
. tests/student.inc
export COMPILE_SECONDS=5 MORE_FLAGS=-O0 LC_ALL=C
class=$work/class
sh tests/class/make_messy.sh "$BUILD" "$class" > "$work/expected.txt"

grade() {  # CLASS OUT, in the folder of work that is there
    status=0
    "$BUILD/instructor" grade "$1" --out "$2" --chapters 1 > "$2.screen.txt" 2> "$2.progress.txt" ||
        status=$?
}
row() {  # OUT STUDENT → the row of the table, without the name
    student=$2 awk '
        BEGIN { start = ENVIRON["student"] "," }
        index($0, start) == 1 { print substr($0, length(start) + 1); exit }' "$1/grades.csv"
}

# Each right one is worth all, in one try or in the end; none has a part of it.
grade "$class" "$work/out"
expect "status" 0 "$status"
expect "rows" "$(wc -l < "$work/expected.txt")" "$(($(wc -l < "$work/out/grades.csv") - 1))"
while read -r kind rest; do
    student=${rest%% | *} words=${rest#* | }
    found=$(row "$work/out" "$student")
    case $kind,$found in
        right,20,20,* | wrong,[0-9],20,* | wrong,1[0-9],20,*) ;;
        told,,20,*"$words"* | told,0,20,*"$words"*) ;;
        *) expect "$student" "$rest" "$kind: $found" ;;
    esac
done < "$work/expected.txt"
expect "escape sequences" 0 "$(cat "$work/out.screen.txt" "$work/out/grades.csv" "$work/out/class.html" |
    grep -c "$(printf '\033')")"

# Killed half-way, and resumed: the same table.
few=$work/few
mkdir "$few"
cp -R "$class/folder" "$class/archive 1.zip" "$class/helper" "$class/windows.zip" "$class/empty" "$few"
grade "$few" "$work/few_out"
"$BUILD/instructor" grade "$few" --out "$work/killed" --chapters 1 --jobs 1 > /dev/null 2>&1 &
grader=$!
while kill -0 $grader 2> /dev/null && [ ! -f "$work/killed/archive 1/graded.txt" ]; do sleep 0.1; done
kill -9 $grader
wait $grader 2> /dev/null || true
grade "$few" "$work/killed"
cmp "$work/few_out/grades.csv" "$work/killed/grades.csv" || expect "after a kill" "the same table" "another"

# On a disk that is too small for all, or for some, nobody has a mark that the healthy disk would not give;
# and the same command, with room again, gives it.
mkdir -p "$BUILD/class"
if ! unshare -rm mount -t tmpfs -o size=1m none "$BUILD/class" 2> /dev/null; then
    echo "no small disk can be mounted here: full ones are not tried"
    finish
    exit
fi
for size in 1500k 13m; do
    status=0
    unshare -rm sh -c 'mount -t tmpfs -o size="$1" none "$2/class"; shift; build=$1; shift
        exec "$build/instructor" grade "$@" --chapters 1' - "$size" "$BUILD" "$few" --out "$work/full" \
        > "$work/screen.txt" 2>&1 || status=$?
    blank=0
    for student in folder helper windows "archive 1"; do
        [ -f "$work/full/grades.csv" ] || { blank=1; continue; }
        case $(row "$work/full" "$student") in
            20,20,*) ;;
            ,20,*"could not be graded"*) blank=1 ;;
            *) expect "$size: $student" "20, or none and why" "$(row "$work/full" "$student")" ;;
        esac
    done
    echo "$size: status $status"
    if [ $blank = 1 ]; then expect "$size: status" 3 "$status"; fi
    if grep -q "cannot confine" "$work/screen.txt"; then expect "$size" "confined" "not"; fi
done
grade "$few" "$work/full"
cmp "$work/few_out/grades.csv" "$work/full/grades.csv" ||
    expect "with room again" "the same table" "another"
finish
