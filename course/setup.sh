#!/bin/sh
# Installs what the course needs and this machine lacks, on Debian, Ubuntu and their relatives: a C++
# compiler, make and CMake; with the word `test` also clang++, with which `make test` builds everything
# a second time, Chromium, in which it looks at the book, valgrind, which counts instructions, ninja, with
# which others build, and ccache, which spares compiling the same twice. Does nothing where all is there.
set -e

missing=
needs() { command -v "$1" > /dev/null 2>&1 || missing="$missing $2"; }

command -v clang++ > /dev/null 2>&1 || needs g++ g++
needs make make
needs cmake cmake
needs awk mawk
if [ "$1" = test ]; then
    needs g++ g++
    needs clang++ clang
    command -v google-chrome > /dev/null 2>&1 || needs chromium chromium
    needs valgrind valgrind
    needs ninja ninja-build
    needs ccache ccache
fi

[ -z "$missing" ] && exit 0
if ! command -v apt-get > /dev/null 2>&1; then
    echo "This machine lacks:$missing. Please install that, then try again." >&2
    exit 1
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
install() { $as_root apt-get install -y -qq --no-install-recommends "$@" > /dev/null; }
# shellcheck disable=SC2086
install $(echo " $missing " | sed "s/ chromium / /; s/ valgrind / /; s/ ninja-build / /; s/ ccache / /") libc6-dev
for program in chromium valgrind ninja-build ccache; do
    case $missing in *$program*)
        install $program || echo "No $program here: a test that needs it is skipped, or slower" >&2 ;;
    esac
done
