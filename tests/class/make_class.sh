#!/bin/sh
# Makes up a class: submissions of every kind in folders, zips and tars, for tests and for measuring
# how long a class takes.
#
#   sh tests/class/make_class.sh BUILD FOLDER STUDENTS
#
# Of ten students two are right in all chapters, four are right but for one misconception each, two are
# half done, one has nothing, one is hostile.
set -e
build=$1 folder=$2 students=$3
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

solve() {  # STUDENT CHAPTER …: these chapters are solved
    mkdir -p "$folder/$1/chapters"
    target=$folder/$1/chapters
    shift
    for chapter; do cp solutions/"$chapter"_*.cpp "$target"; done
}

misunderstand() {  # STUDENT NUMBER: one of the misconceptions, in a round
    change=$(ls tests/misconceptions/*/*.txt | awk -v n="$2" '
        { all[NR] = $0 } END { print all[n * 37 % NR + 1] }')
    exercise=$(basename "$(dirname "$change")")
    solution=$(echo solutions/"$(printf '%02d' "${exercise%.*}")"_*.cpp)
    awk -f tests/replace.awk "$change" "$solution" \
        > "$folder/$1/chapters/$(basename "$solution")"
}

be_hostile() {  # STUDENT NUMBER: one of these, in a round
    target=$folder/$1/chapters
    mkdir -p "$target"
    stub=$build/stubs/01_tensors.cpp
    case $(($2 / 10 % 10)) in
        0) { cat "$stub"; echo 'template <int n> struct Deep { Deep<n + 1> d; }; Deep<0> deep;'; } ;;
        1) { echo '#include "/dev/zero"'; cat "$stub"; } ;;
        2) { echo '#include "solutions/01_tensors.cpp"'; } ;;
        3) { cat "$stub"; echo 'static int leave = (std::exit(0), 0);'; } ;;
        4) { echo '#define float double'; echo '#define private public'; cat "$stub"; } ;;
        5) { echo 'this is not C++'; } ;;
        6) { cat "$stub"; echo '#include <unistd.h>'
             echo "static int other = execl(\"$build/course-solved\", \"course-solved\", \"worker\", nullptr);"; } ;;
        7) { cat "$stub"; echo 'asm(".incbin \"/etc/passwd\"");'; } ;;
        8) { cat "$stub"; echo 'static int loop = [] { for (volatile int i = 0;; i = i + 1) {} return 0; }();'; } ;;
        *) { head -c 3000000 /dev/zero | tr '\0' 'x'; } ;;
    esac > "$target/01_tensors.cpp"
}

pack() {  # STUDENT NUMBER: a folder stays one, or becomes a zip or a tar
    case $(($2 % 3)) in
        1) (cd "$folder" && cmake -E tar cf "$1.zip" --format=zip -- "$1") && rm -rf "${folder:?}/$1" ;;
        2) tar -czf "$folder/$1.tar.gz" -C "$folder" -- "$1" && rm -rf "${folder:?}/$1" ;;
    esac
}

all=$(ls solutions | sed -n 's/^\([0-9]*\)_.*\.cpp$/\1/p')
number=0
while [ "$number" -lt "$students" ]; do
    student=$(printf 'student %03d' "$number")
    [ $((number % 7)) = 3 ] && student="$student o'Hara, \"Max\""
    case $((number % 10)) in
        # shellcheck disable=SC2086
        0 | 1) solve "$student" $all ;;
        # shellcheck disable=SC2086
        2 | 3 | 4 | 5) solve "$student" $all && misunderstand "$student" "$number" ;;
        6 | 7) solve "$student" 01 02 03 04 ;;
        8) mkdir -p "$folder/$student" && echo "nothing yet" > "$folder/$student/README" ;;
        9) be_hostile "$student" "$number" ;;
    esac
    pack "$student" "$number"
    number=$((number + 1))
done
