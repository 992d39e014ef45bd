#!/bin/sh
# The commands that grade nothing: `list` and `next` say how things stand, `reset` loses nothing, and
# `doctor` says what to install. And what stands behind `make`: who grades, and what is built.
. tests/student.inc

says() {  # TEXT COMMAND …: its output contains the text
    text=$1
    shift
    said=$("$@" 2>&1) || true
    case $said in
        *"$text"*) ;;
        *) expect "$*" "… $text …" "$said" ;;
    esac
}

# ## list and next, from what was graded last

hand_in evening tests/evening/one.txt
chapters=$work/evening/chapters chapter=$work/evening/chapters/01_tensors.cpp
standings() { "$BUILD/judge" "$@" --chapters "$chapters" --verdicts "$work/evening/verdicts.txt"; }

line=$(grep -n '// TODO 1.1:' "$BUILD/stubs/01_tensors.cpp" | head -1 | sed 's/:.*//')
says "01_tensors.cpp:$line, exercise 1.1, about 15 minutes" \
    "$BUILD/judge" next --chapters "$BUILD/stubs" --verdicts "$work/none"
says "1.1 pass  1.2 fail  1.3 todo" standings list 1
says " 1 of 6 exercises pass" standings list 1
says "2.1 timeout  2.2 crash" standings list
says "exercise 1.2, about 15 minutes" standings next
says "(difficulty 1 of 3; it stands at: timeout)" standings next 2
says "make hint EXERCISE=3.1" standings next 3

edit() {  # of 1.1
    sed 's/position \* shape\[axis\]/position + shape[axis]/' "$chapter" > "$chapter.new"
    mv "$chapter.new" "$chapter"
}
edit
says "1.1 changed  1.2 fail" standings list 1
says "changed: not graded since" standings list 1
says "exercise 1.1," standings next

# ## reset

reset() { sh course/scripts/reset.sh "$BUILD/stubs" "$chapters" "$1"; }
is_kept() { for one in "$chapters"/backups/*; do cmp -s "$1" "$one" && return; done; false; }
holds() {  # WHAT FILE: what the chapter is now
    cmp -s "$2" "$chapter" || expect "$1" "$2" "$(diff "$2" "$chapter")"
}

cp "$chapter" "$work/first.cpp"
says "kept: what you wrote is in $chapters/backups/01_tensors.$(date +%Y-)" reset 1.2
sed '/^== 1.2/,$d' tests/evening/one.txt > "$work/only_1.1.txt"
awk -f tests/fill.awk "$work/only_1.1.txt" "$BUILD/stubs/01_tensors.cpp" > "$work/second.cpp"
sed 's/position \* shape\[axis\]/position + shape[axis]/' "$work/second.cpp" > "$work/edited.cpp"
mv "$work/edited.cpp" "$work/second.cpp"
holds "1.2 put back, and nothing else" "$work/second.cpp"
says "1.1 changed  1.2 todo" standings list 1

# In the same second: another backup, and none where nothing is put back.
says "reset: $chapter" reset 1
holds "chapter 1 put back" "$BUILD/stubs/01_tensors.cpp"
says "nothing to put back" reset 1.1
expect "backups" 2 "$(ls "$chapters/backups" | wc -l | tr -d ' ')"
for file in first second; do is_kept "$work/$file.cpp" || expect "$file.cpp" kept lost; done

rm "$chapter"
says "reset: $chapter" reset 01
holds "a chapter that was deleted" "$BUILD/stubs/01_tensors.cpp"

# What cannot be done changes nothing.
says "There is no exercise 1.9." reset 1.9
says "The chapters are: 01 02 " reset 77
says "make reset CHAPTER=11" reset ""
sed '/^\/\/ ## Exercise 1.3 /d' "$work/first.cpp" > "$chapter"
says "has lost its heading '## Exercise 1.3'" reset 1.3
cp "$work/first.cpp" "$chapter"
rm -r "$chapters/backups" && touch "$chapters/backups"  # no folder, and no room for a backup
reset 1 > /dev/null 2>&1 && expect "a reset without a backup" "a failure" "success"
holds "a chapter that cannot be kept" "$work/first.cpp"

# ## doctor, on machines that lack something

machine=$work/machine
mkdir -p "$machine/bin" "$machine/course/scripts" "$machine/chapters"
cp course/scripts/doctor.sh "$machine/course/scripts"
for tool in sh awk sed df mkdir rm cat dirname find grep id; do ln -s "$(command -v $tool)" "$machine/bin"; done
doctor() { env -u CXX PATH="$machine/bin" sh "$machine/course/scripts/doctor.sh"; }
program() {  # NAME WORDS: all that it can do is to say them
    rm -f "$machine/bin/$1"  # which may be a link to the system's own
    printf '#!/bin/sh\necho "%s"\n' "$2" > "$machine/bin/$1"
    chmod +x "$machine/bin/$1"
}
program apt-get ""
program make "GNU Make 4.3"
program cmake "cmake version 3.25.1"
doctor > /dev/null && expect "no compiler" "status 1" "status 0"
says "MISSING  compiler    a C++17 compiler: g++ 9 or clang++ 10, or later
                       sudo apt-get install g++" doctor
says "ok       cmake       3.25.1" doctor
says "next: install what is MISSING" doctor
program g++ "#define __GNUC__ 8"
program cmake "cmake version 3.9.6"
rm "$machine/bin/make"
says "is too old: g++ 9 or clang++ 10, or later" doctor
says "MISSING  cmake       3.9.6 is too old: 3.16 or later" doctor
says "sudo apt-get install make" doctor
program id 1234
says "build belongs to another user, as after sudo make" doctor
mv "$machine" "$work/a#machine" && machine=$work/a#machine
says "has one of [ ] ; # in it, with which nothing is built" doctor
says "next: make check" sh course/scripts/doctor.sh  # this machine has built the course

# ## make

# No line of a student's code is in the program that grades.
says "build/judge check" make -n check
says "build/judge watch" make -n watch
says "build/judge check 1.1" make -n check 1.1

# What does not exist is refused before anything is built, within 80 columns.
says "sh course/scripts/known.sh chapters" make -n check EXERCISE=99.1
refused=$(sh course/scripts/known.sh chapters 99.1 2>&1) && expect "chapter 99" "a refusal" "none"
expect "chapter 99" " There is no chapter '99'; there are $(echo $(ls chapters | sed -n "s/_.*cpp//p"))." "$refused"
sh course/scripts/known.sh chapters 1.1 || expect "chapter 1" "status 0" "a refusal"
says "no chapter '99'; there are 01 02" "$BUILD/judge" check 99.1
command -v bmake > /dev/null && says "This needs GNU make" env MAKEFLAGS= bmake -n check

# A build/ that came along from another folder is forgotten, one that belongs here is kept.
mkdir -p "$work/build" "$work/elsewhere/build"
for place in "$work/build" "$work/elsewhere/build" "$work/nowhere/build"; do
    echo "CMAKE_CACHEFILE_DIR:INTERNAL=$place" > "$work/build/CMakeCache.txt"
    sh course/scripts/moved.sh "$work/build"
    [ -f "$work/build/CMakeCache.txt" ] && kept=kept || kept=forgotten
    [ "$place" = "$work/build" ] && right=kept || right=forgotten
    expect "a build of $place" $right $kept
done

# A compiler that dies without a word: that is no chapter without code.
sh course/scripts/compile.sh "$BUILD/stubs" "$work/complaints" \
    false -o "$work/01_tensors.cpp.o" -c "$work/first.cpp" 2> /dev/null || true
says "the compiler gave up" cat "$work/complaints/first.txt"

# What was configured for what a student has begun can build everything a moment later.
mkdir -p "$work/clone"
cp -R CMakeLists.txt Makefile chapters solutions course tests "$work/clone"
programs() { cmake --build "$work/clone/build" --target help | grep -c 'pytorch$' || true; }
make -C "$work/clone" CXX="$CXX" configure > "$work/configured.txt" 2>&1
expect "programs of authors, with nothing begun" 0 "$(programs)"
make -C "$work/clone" CXX="$CXX" wanted=everything configure >> "$work/configured.txt" 2>&1
expect "programs of authors, with everything" 1 "$(programs)"
finish
