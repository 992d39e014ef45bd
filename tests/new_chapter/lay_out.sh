#!/bin/sh
# Lays out a new chapter: its master, header, checks, hints, a misconception and two alternatives, each
# with ‹what is to be written› in its place. Nothing passes until it is written; tests/style.sh names
# every place that is left. A file that is there already stops it, and nothing is written then.
#
#   lay_out.sh 05_recurrent
stem=$1
number=${stem%%_*} topic=${stem#*_}
case $stem in
    [0-9][0-9]_[a-z]*) ;;
    *) echo " A chapter has two digits and a topic: make chapter NAME=05_recurrent"; exit 3 ;;
esac
case $topic in *[!a-z0-9_]*) echo " A topic is of small letters, digits and _: 05_recurrent"; exit 3 ;; esac
short=${number#0}
title=$(echo "$topic" | tr _ ' ' | awk '{ print toupper(substr($0, 1, 1)) substr($0, 2) }')

for file in solutions/"$number"_* chapters/"$number"_* tests/checks/"$number"_* course/hints/"$number"_* \
    tests/misconceptions/"$short".* tests/alternatives/"$short".*; do
    [ ! -e "$file" ] || { echo " $file is there already; nothing was written"; exit 3; }
done

fill() {  # TEMPLATE FILE
    mkdir -p "$(dirname "$2")"
    sed "s/@NN@/$number/g; s/@N@/$short/g; s/@STEM@/$stem/g; s/@TITLE@/$title/g" \
        "tests/new_chapter/$1" > "$2" || exit 3
    echo " $2"
}
fill solution.cpp "solutions/$stem.cpp"
fill header.hpp "chapters/$stem.hpp"
fill checks.cpp "tests/checks/$stem.cpp"
fill hints.txt "course/hints/$stem.txt"
fill misconception.txt "tests/misconceptions/$short.1/name_of_a_mistake.txt"
fill alternative.txt "tests/alternatives/$short.1/one_style.txt"
fill alternative.txt "tests/alternatives/$short.1/another_style.txt"
awk -f course/scripts/cut.awk "solutions/$stem.cpp" > "chapters/$stem.cpp" && echo " chapters/$stem.cpp"
echo
echo " Chapter $short is laid out; ‹…› stands where something is to be written."
echo " next: write the answer to $short.1 in solutions/$stem.cpp and its check, then"
echo "       make chapters && make record CHAPTER=$number && make check CHAPTER=$number SOLVED=1"
