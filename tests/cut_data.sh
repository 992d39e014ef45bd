#!/bin/sh
# A data file that is cut in the middle, of another kind, empty, or no UTF-8 is refused with its name
# and a line. The loaders are compiled with another folder as the course's, in which the files are
# spoilt.
set -e
work=$BUILD/tests/cut_data
rm -rf "$work"
mkdir -p "$work/data"
cat > "$work/read.cpp" << 'EOF'
#include "data/facts.hpp"
#include "data/gpt2.hpp"
#include "data/light_curves.hpp"
#include "data/lattice.hpp"
#include "data/names.hpp"
#include "data/phrases.hpp"
#include "data/pride.hpp"
#include "data/sky.hpp"
#include "data/trna.hpp"
#include "kit/places.hpp"

#include <cstdio>
#include <exception>

const char* const places::root = FOLDER;

int main(int, char** arguments) {
    const std::string name = arguments[1];
    try {
        if (name == "gpt2_merges") gpt2::read_merges();
        else if (name == "gpt2_fixtures") gpt2::read_fixtures();
        else if (name == "phrases") phrases::read();
        else if (name == "pride") pride::read();
        else if (name == "facts") facts::read();
        else if (name == "names") names::read();
        else if (name == "sky") sky::read();
        else if (name == "curves") light_curves::read(FOLDER "/data/curves.csv");
        else if (name == "lattice") lattice::read();
        else if (name == "trna") trna::read();
        std::puts("read");
    } catch (const std::exception& error) {
        std::puts(error.what());
    }
}
EOF
"$CXX" -std=c++17 -Icourse -DFOLDER="\"$work\"" -o "$work/read" "$work/read.cpp" \
    course/data/facts.cpp course/data/gpt2.cpp course/data/lattice.cpp course/data/light_curves.cpp \
    course/data/names.cpp course/data/phrases.cpp course/data/pride.cpp course/data/sky.cpp \
    course/data/trna.cpp course/data/dataset.cpp course/kit/tokens.cpp course/kit/unicode.cpp

failures=0
said() {  # NAME HOW PATTERN: what is said of the file as it lies there
    found=$("$work/read" "$1")
    echo "$found" | grep -q "$3" || {
        echo "$1, $2: found '$found', needs $3"
        failures=$((failures + 1))
    }
}
for name in facts gpt2_merges gpt2_fixtures lattice names phrases pride sky trna; do
    whole=data/$name.txt spoilt=$work/data/$name.txt refusal="/$name[.]txt:[0-9]*: "
    half=$(($(wc -l < "$whole") / 2))
    cp "$whole" "$spoilt"
    said $name whole '^read$'
    sed "${half}q" "$whole" > "$spoilt"
    said $name "cut behind line $half" "$refusal"
    head -c 1000 "$whole" > "$spoilt"
    said $name "cut in a line" "$refusal"
    : > "$spoilt"
    said $name empty "$refusal"
    printf 'something else\n\n' > "$spoilt"
    said $name "of another kind" "$refusal"
    rm "$spoilt"
    said $name missing "cannot read .*/$name[.]txt"
done
printf 'A good line.\nA line with \377 in it.\n' > "$work/data/pride.txt"
said pride "no UTF-8" '/pride[.]txt:2: '

# A reader's own light curves: the first line, and then three points of which one is wrong, or none.
curves() {  # HOW POINT LINE
    printf 'curve,time,flux,error\nm87,59000.5,12,0.5\nm87,59001,,0.5\n%s\nm31,3,4,1\n' "$2" \
        > "$work/data/curves.csv"
    said curves "$1" "$3"
}
curves whole 'm87,59003,12.5,0.5' '^read$'
curves "of three fields" 'm87,59003,12.5' '/curves[.]csv:4: '
curves "with a word for a time" 'm87,then,12.5,0.5' "/curves[.]csv:4: the time 'then' is no number"
curves "with a flux of two numbers" 'm87,59003,12 5,0.5' '/curves[.]csv:4: the flux '
curves "without an error" 'm87,59003,12.5,' '/curves[.]csv:4: the error '
curves "with an error of 0" 'm87,59003,12.5,0' '/curves[.]csv:4: the error must be above 0'
curves "with a time that goes back" 'm87,59000,12.5,0.5' '/curves[.]csv:4: the time goes back'
curves "with a curve in two pieces" 'm31,2,1,1
m87,59003,12.5,0.5' '/curves[.]csv:5: the lines of m87 '
curves "with a curve of which nothing is seen" 'm32,1,,1' '/curves[.]csv:4: all points of m32 '
: > "$work/data/curves.csv"
said curves empty '/curves[.]csv:1: there is no curve'
printf 'time,flux\n1,2\n' > "$work/data/curves.csv"
said curves "without its first line" '/curves[.]csv:1: the first line must be'
echo "$failures spoilt files are not refused"
[ $failures = 0 ]
