#!/bin/sh
# Speed without a clock: how many instructions three training steps take. A machine that is busy
# changes no count, so 30 % more than what is written below is a slower course. The compiler and its
# version change the count too, and the bound is wide for their sake. Valgrind knows no AVX-512, so what
# is built for this machine is compiled again, for any.
#
# After a change that is worth its price: sh tests/instructions.sh, and write down what it counted.
set -e
recorded=1806  # million, by g++ 12

if ! command -v valgrind > /dev/null; then
    echo "Skipped: valgrind is needed, and comes with sh course/setup.sh test"
    exit 77
fi
case $(uname -m) in
    x86_64) ;;
    *) echo "Skipped: what is recorded was counted on x86_64, and this is $(uname -m)"; exit 77 ;;
esac

folder=$BUILD/tests/instructions
mkdir -p "$folder"
. "$BUILD/recipe.sh"
for file in solutions/*.cpp course/training/data_parallel.cpp; do
    "$compiler" @"$BUILD/flags.rsp" -march=x86-64 -w -o "$folder/$(basename "$file").o" -c "$file"
done
{
    grep -v 'data_parallel.cpp.o"$' "$BUILD/rooms.rsp"
    cat "$BUILD/looking.rsp"
    printf '"%s"\n' "$folder"/*.cpp.o
} > "$folder/objects.rsp"
# shellcheck disable=SC2086
"$compiler" @"$folder/objects.rsp" $link_flags -o "$folder/course-solved"

valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
    "$folder/course-solved" bench step a --steps 3 --threads 1 > "$folder/valgrind.log" 2>&1 ||
    { cat "$folder/valgrind.log"; exit 1; }
counted=$(sed -n 's/.*I *refs: *//p' "$folder/valgrind.log" | tr -d , | awk '{ printf "%.0f", $1 / 1e6 }')

echo "3 steps of model a on one thread: $counted million instructions; recorded: $recorded million"
if [ -z "$counted" ] || [ "$counted" -gt $((recorded * 130 / 100)) ]; then
    echo "That is more than 30 % above what is recorded: something became slower."
    echo " next: build/course-solved bench profile a"
    exit 1
fi
