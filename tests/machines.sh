#!/bin/sh
# Other people's machines, played here: what git, an editor, a locale, a cache or a clock does there, and
# what a student or an instructor is told.
. tests/student.inc
export CXX="${CXX:-c++}"

says() {  # TEXT COMMAND …: its output contains the text
    text=$1
    shift
    said=$("$@" 2>&1) || true
    case $said in
        *"$text"*) ;;
        *) expect "$*" "… $text …" "$said" ;;
    esac
}

# ## git that turns line ends into those of Windows

if git rev-parse -q --git-dir > /dev/null 2>&1; then
    git ls-files .gitattributes Makefile chapters course |
        git -c core.autocrlf=true checkout-index --stdin --prefix="$work/windows/"
    expect "files with the line ends of Windows" "" \
        "$(grep -rl "$(printf '\r')" "$work/windows" | head -3)"
fi

# ## Files whose dates say nothing

tree=$work/dates
mkdir -p "$tree/course/scripts" "$tree/chapters" "$tree/build"
cp course/scripts/stamps.sh "$tree/course/scripts"
touch "$tree/CMakeLists.txt"
make_stamps() { (cd "$tree" && sh course/scripts/stamps.sh build); }
is_newer() {  # FILE THAN
    [ -n "$(find "$tree/$1" -newer "$tree/$2")" ] && echo newer || echo older
}
chapter=$tree/chapters/01_tensors.cpp
echo "int first;" > "$chapter"
touch -t 203001010000 "$tree/build/ahead.o" "$tree/chapters/01_tensors.hpp"
make_stamps
touch "$work/now"
for file in build/ahead.o chapters/01_tensors.hpp; do
    expect "$file, dated ahead" older "$(is_newer $file ../now)"
done
sleep 0.1
touch "$tree/build/course"
make_stamps
expect "what did not change" older "$(is_newer chapters/01_tensors.cpp build/course)"
echo "int second;" > "$chapter"
touch -t 202001010000 "$chapter"
make_stamps
expect "what came from a backup" newer "$(is_newer chapters/01_tensors.cpp build/course)"
echo "int third;" > "$chapter"
cp -p "$chapter" "$work/saved.cpp"
make_stamps
expect "what was saved as usual" "" "$(find "$chapter" -newer "$work/saved.cpp")"

# ## Doctors

says "compiles, links and runs" env TMPDIR=/dev/null sh course/scripts/doctor.sh
says "they are installed and do not run here" sh -c "ulimit -v 4000000; sh course/scripts/doctor.sh"
says "does not make a program that runs
                       it says: " sh -c "ulimit -v 60000; sh course/scripts/doctor.sh"

# ## Compilers that are two words, and flags from the environment

clone=$work/clone
mkdir -p "$clone/tests"
cp -R CMakeLists.txt chapters solutions course "$clone"
cp -R tests/checks "$clone/tests"
printf '#!/bin/sh\necho "$1" >> "%s/said.txt"\nexec "$@"\n' "$work" > "$work/cache"
chmod +x "$work/cache"
command -v ninja > /dev/null && export CMAKE_GENERATOR=Ninja
echo begun > "$work/nothing"
mkdir "$clone/build"
(cd "$clone" && sh course/scripts/begun.sh build &&
    CXX="$work/cache $CXX" CXXFLAGS=-DGIVEN=7 LDFLAGS=-Wl,-z,now cmake -S . -B build) \
    > "$work/configured.txt" 2>&1 || expect "two words: cmake" 0 $?
(
    . "$clone/build/recipe.sh"
    echo "static_assert(GIVEN == 7, \"\");" > "$work/given.cpp"
    "$compiler" @"$clone/build/flags.rsp" -fsyntax-only "$work/given.cpp"
    case $link_flags in *"-DGIVEN=7 -Wl,-z,now"*) ;; *) echo "$link_flags" ;; esac
) > "$work/recipe.txt" 2>&1 || expect "two words: the recipe" 0 $?
expect "two words: the recipe" "" "$(cat "$work/recipe.txt")"
says "ok       compiler" sh "$clone/course/scripts/doctor.sh"

# ## Ninja, which keeps no lists of what a file includes

if [ "$CMAKE_GENERATOR" ]; then
    build_chapters() { cmake --build "$clone/build" --target own_chapters > "$work/ninja.txt" 2>&1; }
    object() { find "$clone/build" -path '*own_chapters*01_tensors.cpp.o' "$@"; }
    build_chapters || expect "ninja: status" 0 "$(tail -3 "$work/ninja.txt")"
    touch "$work/now"
    build_chapters
    expect "ninja: nothing changed" "" "$(object -newer "$work/now")"
    touch "$clone/chapters/01_tensors.hpp"
    build_chapters
    [ "$(object -newer "$work/now")" ] || expect "ninja: a header changed" "a new object" "the old one"
    unset CMAKE_GENERATOR
fi

# ## A build folder that another processor made

shared=$work/shared/build
mkdir -p "$shared"
cp "$BUILD/recipe.sh" "$shared"
for number in "$(. "$BUILD/recipe.sh"; sh course/scripts/processor.sh "$compiler")" "1 2"; do
    echo "CMAKE_CACHEFILE_DIR:INTERNAL=$shared" > "$shared/CMakeCache.txt"
    echo "$number" > "$shared/processor.txt"
    sh course/scripts/moved.sh "$shared"
    [ "$number" = "1 2" ] && right=forgotten || right=kept
    [ -f "$shared/CMakeCache.txt" ] && kept=kept || kept=forgotten
    expect "a build for the processor $number" $right $kept
done

# ## A compiler that speaks German

german=$work/german
mkdir -p "$german/build"
cat > "$german/compiler" << 'END'
#!/bin/sh
[ "$LC_ALL" != C ] || exec "$CXX" "$@"
"$CXX" "$@" 2> "$0.txt"
status=$?
sed 's/error: /Fehler: /; s/End of search/Ende der Suche/' "$0.txt" >&2
exit $status
END
chmod +x "$german/compiler"
cp -R "$BUILD"/*.rsp "$BUILD/stubs" "$german/build"
sed "s|^compiler=.*|compiler='$german/compiler'|" "$BUILD/recipe.sh" > "$german/build/recipe.sh"
echo 'int broken = "text";' > "$german/01_tensors.cpp"
export LC_ALL=de_DE.UTF-8
sh course/scripts/quick.sh "$german/build" "$german" stubs "$german/01_tensors.cpp" || true
says "error: " cat "$german/no-compile/01_tensors.txt"
sh course/scripts/compile.sh "$german/build/stubs" "$german/complaints" \
    "$german/compiler" -o "$german/01_tensors.cpp.o" -c "$german/01_tensors.cpp"
says "error: " cat "$german/complaints/01_tensors.txt"
unset LC_ALL
says "LC_ALL=C cmake --build" make -n check

hand_to_grader() {  # TEXT → the status of submission.sh
    mkdir -p "$german/submission"
    echo "$1" > "$german/submission/01_tensors.cpp"
    status=0
    LC_ALL=de_DE.UTF-8 sh course/scripts/submission.sh compile "$PWD" "$german/build" \
        "$german/submission" "$german/out" || status=$?
}
hand_to_grader '#include "/etc/passwd"'
expect "a chapter that reads files: status" 0 $status
says "a chapter may include the standard library" cat "$german/out/no-compile/01_tensors.txt"
printf '#!/bin/sh\nexit 0\n' > "$german/compiler"  # it does not say where its library is
hand_to_grader 'int fine;'
expect "a compiler without a library: status" 4 $status

# ## A compiler that needs more than what was handed in, as a cache does

recipe=$work/recipe.sh
cp "$BUILD/recipe.sh" "$recipe"
trap 'cp "$recipe" "$BUILD/recipe.sh"' EXIT
printf '#!/bin/sh\necho > "%s/cached" && exec "%s" "$@"\n' "$work" "$CXX" > "$BUILD/compiler.cache"
chmod +x "$BUILD/compiler.cache"
sed "s|^compiler=.*|compiler='$BUILD/compiler.cache'|" "$recipe" > "$BUILD/recipe.sh"
mkdir -p "$work/class/ada"
cp solutions/01_tensors.cpp "$work/class/ada"
status=0
"$BUILD/instructor" grade "$work/class" --out "$work/grades" --chapters 1 > "$work/graded.txt" 2>&1 || status=$?
expect "a compiler with a cache: status" 3 $status
says "no worker can be built here" cat "$work/graded.txt"
[ ! -f "$work/grades/grades.csv" ] || expect "a compiler with a cache" "no mark" "one"
cp "$recipe" "$BUILD/recipe.sh"
rm "$BUILD/compiler.cache"

# ## One name for two classes

for chapter in solutions/*.cpp; do expect "$chapter" "" "$(sh course/scripts/same_names.sh "$chapter")"; done
mkdir -p "$work/names"
for name in 01_tensors 02_fast_matmul; do
    { cat "$BUILD/stubs/$name.cpp"; echo "struct Walk { int at; };"; } > "$work/names/$name.cpp"
done
sh course/scripts/quick.sh "$BUILD" "$work/names/out" stubs "$work/names/01_tensors.cpp"
says "warning: 02_fast_matmul.cpp has a Walk too" cat "$work/names/out/said/01_tensors.txt"
cat "$BUILD/stubs/02_fast_matmul.cpp" - > "$work/names/02_fast_matmul.cpp" << 'END'
namespace {
struct Walk {
    int at;
};
}
END
expect "a class of its own" "" "$(sh course/scripts/same_names.sh "$work/names/01_tensors.cpp")"

# ## A chapter that was saved as UTF-16

mkdir -p "$work/utf16"
printf '\377\376i\0n\0t\0 \0a\0;\0' > "$work/utf16/01_tensors.cpp"
"$CXX" -c "$work/utf16/01_tensors.cpp" -o /dev/null 2> "$work/utf16/01_tensors.txt" || true
says "save it as UTF-8" "$BUILD/judge" check 1.1 --others none --worker "$BUILD/judge" \
    --chapters "$work/utf16" --complaints "$work/utf16"

finish
