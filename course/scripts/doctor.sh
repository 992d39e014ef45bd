#!/bin/sh
# Says what this machine lacks for the course, and how to install it. It needs nothing but a shell.
#
#   doctor.sh      (CXX in the environment names another compiler)
#
# Status 1: something is missing without which nothing works.
cd "$(dirname "$0")/../.." || exit 1
status=0

if command -v apt-get > /dev/null 2>&1; then install="sudo apt-get install"
elif command -v dnf > /dev/null 2>&1; then install="sudo dnf install"
elif command -v pacman > /dev/null 2>&1; then install="sudo pacman -S"
elif command -v zypper > /dev/null 2>&1; then install="sudo zypper install"
elif command -v apk > /dev/null 2>&1; then install="sudo apk add"
elif command -v brew > /dev/null 2>&1; then install="brew install"
else install="install, with your system's packages:"
fi

fine() { printf '  ok       %-11s %s\n' "$1" "$2"; }
missing() {  # WHAT WHY COMMAND: nothing works without it
    printf '  MISSING  %-11s %s\n           %-11s %s\n' "$1" "$2" "" "$3"
    status=1
}
broken() {  # WHAT COMMAND …
    what=$1
    shift
    missing "$what" "$1 is here and does not work" "it says: $("$@" 2>&1 | sed 1q)"
}
weak() { printf '  without  %-11s %s\n           %-11s %s\n' "$1" "$2" "" "$3"; }

at_least() {  # FOUND WANTED: versions such as 3.25.1 and 3.16
    awk -v found="$1" -v wanted="$2" 'BEGIN {
        split(found, f, "."); split(wanted, w, ".")
        exit !(f[1] + 0 > w[1] + 0 || (f[1] + 0 == w[1] + 0 && f[2] + 0 >= w[2] + 0)) }'
}

tool() {  # NAME required|optional PACKAGE WHY
    if path=$(command -v "$1" 2> /dev/null); then fine "$1" "$path"
    elif [ "$2" = required ]; then missing "$1" "$4" "$install $3"
    else weak "$1" "$4" "$install $3"
    fi
}

echo "The machine:"

# The same compiler that CMake takes: the one of the last build, CXX, or the usual names. Of CXX="ccache
# g++", the word that is a compiler counts.
built_with=$(sed -n "s/^compiler='\(.*\)'\$/\1/p" build/recipe.sh 2> /dev/null)
compiler=
for name in "$built_with" "$CXX" $CXX c++ g++ clang++; do
    path=$(command -v "${name:-none}" 2> /dev/null) || continue
    compiler=$path
    macros=$("$compiler" -dM -E -x c++ /dev/null 2> /dev/null) && break
done
if [ -z "$compiler" ]; then
    missing compiler "a C++17 compiler: g++ 9 or clang++ 10, or later" "$install g++"
elif [ -z "$macros" ]; then
    broken compiler "$compiler" -E -x c++ /dev/null
else
    said=$("$compiler" --version 2>&1 | sed 1q)
    major=$(echo "$macros" | sed -n 's/^#define __clang_major__ //p') oldest=10
    [ -n "$major" ] || { major=$(echo "$macros" | sed -n 's/^#define __GNUC__ //p') oldest=9; }
    if [ "${major:-0}" -ge $oldest ]; then fine compiler "$compiler: $said"
    else missing compiler "$said is too old: g++ 9 or clang++ 10, or later" "$install g++"
    fi
fi

if version=$(cmake --version 2> /dev/null | sed -n '1s/[^0-9]*//p'); [ -n "$version" ]; then
    if at_least "$version" 3.16; then fine cmake "$version"
    else missing cmake "$version is too old: 3.16 or later" "$install cmake"
    fi
elif command -v cmake > /dev/null 2>&1; then broken cmake cmake --version
else missing cmake "it builds the course" "$install cmake"
fi
tool make required make "it understands the commands"
tool awk required mawk "it cuts the chapters"
tool git optional git "nothing keeps the history of your chapters, and no update comes with git pull"
tool diff optional diffutils "make diff cannot compare your chapter with the solution"
tool unzip optional unzip "make grade cannot open submissions that are .zip files"

# ## What is to be built must fit, and run

megabytes=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ "${megabytes:-0}" -ge 500 ]; then fine "disk space" "$megabytes MB are free; a build takes about 50"
else weak "disk space" "only $megabytes MB are free; building and testing take up to 500" \
    "make clean gives back what build/ holds"
fi
case $PWD in
    *[][\;\#]*) missing "its path" "$PWD has one of [ ] ; # in it, with which nothing is built" \
        "move the course to another folder" ;;
esac
mkdir -p build 2> /dev/null
for folder in build chapters; do
    of_others=$(find "$folder" ! -user "$(id -u)" 2> /dev/null | sed 1q)
    if [ ! -w "$folder" ] && [ -z "$of_others" ]; then
        missing "$folder/" "this folder cannot be written" "copy the course to a folder of your own"
    elif [ "$(id -u)" != 0 ] && [ -n "$of_others" ]; then
        missing "$folder/" "$of_others belongs to another user, as after sudo make" \
            "sudo chown -R $(id -u) $folder"
    else fine "$folder/" "can be written"
    fi
done

scratch=build/doctor.$$  # where programs will run; /tmp may be closed to them
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch" 2> /dev/null
tries() {
    "$compiler" -std=c++17 "$@" -o "$scratch/try" "$scratch/try.cpp" > "$scratch/said.txt" 2>&1
}
if [ -z "$compiler" ] || ! echo '#include <vector>
int main(int count, char**) { return std::vector<int>(count).empty(); }' > "$scratch/try.cpp"; then
    :  # which is told above
elif ! { tries && "$scratch/try"; }; then
    said=$(grep -e error -e 'cannot find' "$scratch/said.txt" || cat "$scratch/said.txt")
    libraries=
    case $said in *"No such file"* | *"cannot find"*) libraries="; on Debian $install libc6-dev" ;; esac
    missing "C++17" "$compiler does not make a program that runs" \
        "it says: $(echo "$said" | sed 1q)$libraries"
else
    fine "C++17" "compiles, links and runs"
    rm -f "$scratch/try"
    if tries -fsanitize=address,undefined && "$scratch/try" 2> /dev/null; then
        fine sanitizers "a crash will be told with its line"
    elif [ -f "$scratch/try" ]; then
        weak sanitizers "a crash is told without its line" \
            "they are installed and do not run here; ulimit -v is $(ulimit -v)"
    else
        package=libasan
        case $("$compiler" --version 2> /dev/null) in *clang*) package="libclang-rt-dev (or compiler-rt)" ;; esac
        weak sanitizers "a crash is told without its line" "$install $package"
    fi
fi

if [ $status = 0 ]; then echo " all that is needed is here; next: make check"
else echo " next: install what is MISSING, then make doctor again"
fi
exit $status
