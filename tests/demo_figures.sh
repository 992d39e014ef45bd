#!/bin/sh
# Demos reach the figures that their chapters state, from their fixed seeds. The compilers round
# differently, so what is held here are bounds; tests/other_compiler.sh does the same for the other one.
set -e
work=$BUILD/tests/demo_figures
mkdir -p "$work"
failures=0

demo() {  # CHAPTER → what it prints, on one line
    "$BUILD/course-solved" demo "$1" 2> /dev/null | tr '\n' '|' > "$work/$1.txt"
}

holds() {  # WHAT FOUND TEST BOUND
    if [ -z "$2" ] || ! awk "BEGIN { exit !($2 $3 $4) }"; then
        echo "$1: found '$2', needs $3 $4"
        failures=$((failures + 1))
    else
        echo "$1: $2"
    fi
}

number() {  # CHAPTER BEFORE → the number that stands behind these words
    sed -n "s/.*$2 *\([0-9.]*\).*/\1/p" "$work/$1.txt"
}

demo 03
holds "03: the exact gradient of w₁" "$(number 03 '|  w₁   -3.00 ')" == 1.269479

demo 04
holds "04: parameters of the linear stack" "$(number 04 '|*linear stack:')" == 603
holds "04: parameters of the ReLU network" "$(number 04 'ReLU network:')" == 603
holds "04: percent right, linear stack" "$(number 04 'linear stack: 603 parameters,')" "<" 60
holds "04: percent right, ReLU network" "$(number 04 'ReLU network: 603 parameters,')" ">=" 98

demo 11
holds "11: the third weight with √d" "$(number 11 'with √d     0.248 0.248')" ">=" 0.503
holds "11: the third weight without" "$(number 11 'without     0.212 0.212')" == 0.576

demo 15
holds "15: percent right, without positions" "$(number 15 'without positions')" "<" 80
holds "15: percent right, with positions" "$(number 15 'with positions')" ">=" 98

demo 16
holds "16: words written backwards, of 500" "$(sed -n 's/.*|\([0-9]*\) of 500 new words.*/\1/p' "$work/16.txt")" == 500

# 1,500 of the 20,000 steps, and a fortieth of the words: enough to see that it learns.
DEMO_STEPS=1500 DEMO_WORDS=300 demo 17
holds "17: parameters of the paper's base model" "$(number 17 "The paper's base model:")" == 63082496
holds "17: its highest rate" "$(number 17 'highest at step 4000:')" == 0.000699
holds "17: percent of the sounds that are wrong" "$(number 17 'are wrong, of the sounds')" "<" 40

# What the README shows first is what was learnt before.
TRAINED=1 "$BUILD/course-solved" demo 17 < /dev/null 2> /dev/null | sed 's/ *$//' > "$work/trained.txt"
awk '/^```/ { if (inside++) exit; next } inside' README.md > "$work/shown.txt"
holds "README: lines that the demo does not print" \
    "$(grep -cvxFf "$work/trained.txt" "$work/shown.txt")" == 0

echo "$failures figures are missed"
[ $failures = 0 ]
