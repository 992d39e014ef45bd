#!/bin/sh
# Demos reach the figures that their chapters state, from their fixed seeds. The compilers round
# differently, so what is held here are bounds; tests/other_compiler.sh does the same for the other one.
set -e
work=$BUILD/tests/demo_figures
mkdir -p "$work"
failures=0

holds() {  # WHAT FOUND TEST BOUND
    if [ -z "$2" ] || ! awk "BEGIN { exit !($2 $3 $4) }"; then
        echo "$1: found '$2', needs $3 $4"
        failures=$((failures + 1))
    else
        echo "$1: $2"
    fi
}

fields() {  # CHAPTER BEGINNING N → word N of the last line that begins like this
    tr '|' '\n' < "$work/$1.txt" | awk -v begins="^ *$2" -v n="$3" '$0 ~ begins { x = $n } END { print x }'
}

number() {  # CHAPTER BEFORE → the number that stands behind these words
    sed -n "s/.*$2 *\([0-9.]*\).*/\1/p" "$work/$1.txt" | sed 's/\.$//'
}

# What each of these prints, on one line of BUILD/tests/demo_figures/NAME.txt. The longest come first, and
# one runs on each core.
while read -r name environment; do
    printf '%s\0' "env THREADS=1 $environment '$BUILD/course-solved' demo ${name%_*} \\
        --figures '$work/$name' 2> /dev/null | tr '\\n' '|' > '$work/$name.txt'"
done << END | xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh -c
15
18 DEMO_STEPS=2500
19 DEMO_STEPS=200
10
20 DEMO_STEPS=800 DEMO_WORDS=60
17 DEMO_STEPS=1500 DEMO_WORDS=300
21 DEMO_STEPS=1500
03
04
05
06
08
09
07
11
12
14
16
20_trained TRAINED=1 DEMO_WORDS=60
22 DEMO_STEPS=400
22_trained TRAINED=1
23 DEMO_STEPS=200
23_trained TRAINED=1
24 DEMO_STEPS=700
24_trained TRAINED=1
25 DEMO_STEPS=400
25_trained TRAINED=1
26
END

holds "03: the exact gradient of w₁" "$(number 03 '|  w₁   -3.00 ')" == 1.269479

holds "04: parameters of the linear stack" "$(number 04 '|*linear stack:')" == 603
holds "04: parameters of the ReLU network" "$(number 04 'ReLU network:')" == 603
holds "04: percent right, linear stack" "$(number 04 'linear stack: 603 parameters,')" "<" 60
holds "04: percent right, ReLU network" "$(number 04 'ReLU network: 603 parameters,')" ">=" 98
holds "04: lowest held-out loss of 60 points" "$(number 04 'held-out loss is lowest,')" "<" 0.25
holds "04: and the last, when they are learnt by heart" "$(number 04 'After step 6000 it is')" ">" 0.4
holds "04: percent right, a step that takes nothing" "$(fields 04 'faulty step' 6)" "<" 50
holds "04: loss, gradients never cleared" "$(fields 04 'never cleared' 4)" ">" 10
holds "04: loss, targets shuffled" "$(fields 04 'targets shuffled' 4)" ">" 1.05
holds "04: percent right, not shuffled" "$(fields 04 'not shuffled' 6)" "<" 50

holds "05: percent right by counting, 7–8" "$(fields 05 'counting the X' 4)" "<" 80
holds "05: and 100–110" "$(fields 05 'counting the X' 7)" "<" 80
holds "05: a plain cell, 7–8" "$(fields 05 'plain cell +[0-9]+[.][0-9] ' 3)" ">=" 98
holds "05: a plain cell, 30–40" "$(fields 05 'plain cell +[0-9]+[.][0-9] ' 4)" "<" 90
holds "05: a plain cell, 60–80" "$(fields 05 'plain cell +[0-9]+[.][0-9] ' 5)" "<" 40
holds "05: a plain cell, 100–110" "$(fields 05 'plain cell +[0-9]+[.][0-9] ' 6)" "<" 40
holds "05: LSTM, bias 1, 30–40" "$(fields 05 'LSTM, bias 1 +[0-9]+[.][0-9] ' 5)" ">=" 98
holds "05: LSTM, bias 1, 100–110" "$(fields 05 'LSTM, bias 1 +[0-9]+[.][0-9] ' 7)" "<" 40
holds "05: LSTM, its own bias, 7–8" "$(fields 05 'LSTM, its own bias +[0-9]+[.][0-9] ' 5)" ">=" 98
holds "05: LSTM, its own bias, 100–110" "$(fields 05 'LSTM, its own bias +[0-9]+[.][0-9] ' 8)" ">=" 98
holds "05: gradient after 100 steps, a plain cell that has learnt" "$(fields 05 'plain cell +[0-9.]+e' 6)" "<" 1e-12
holds "05: gradient after 100 steps, LSTM, its own bias" "$(fields 05 'LSTM, its own bias +[0-9.]+e' 8)" ">" 0.01

holds "06: error of the mean picture" "$(fields 06 'the mean picture' 4)" ">" 0.07
holds "06: 8 principal components" "$(fields 06 '8 principal components' 4)" "<" 0.026
holds "06: 8 numbers, autoencoder" "$(fields 06 '8 numbers, autoencoder' 4)" "<" 0.0125
holds "06: labels right by its code" "$(fields 06 '8 numbers, autoencoder' 5)" ">=" 95
holds "06: 2 numbers, autoencoder" "$(fields 06 'Two numbers only' 8 | tr -d ',')" "<" 0.035
holds "06: half hidden, after the network" "$(fields 06 'Half of the pixels' 11)" "<" 0.028
holds "06: a square, diffusion" "$(fields 06 'diffusion' 2)" ">" 0.12
holds "06: a square, network, two passes" "$(fields 06 'network, passes: 2' 4)" "<" 0.07
holds "06: the area, digits turned" "$(fields 06 'digits turned by' 5)" ">=" 0.99
holds "06: a 4, never seen" "$(fields 06 'the 4, never seen' 5)" ">=" 0.95
holds "06: a 1, never seen, is noticed least" "$(fields 06 'the 1, never seen' 5)" "<" 0.92

holds "08: of a thousand T with 5 wrong pixels come back" "$(number 08 'come back as   T')" ">=" 960
holds "08: random states that end in no letter" "$(fields 08 'another' 2)" ">=" 60
holds "08: percent from Hebb's weights, .08 N patterns" "$(fields 08 '16 +0.08' 4)" ">=" 90
holds "08: .14 N" "$(fields 08 '28 +0.14' 4)" "<" 90
holds "08: .2 N" "$(fields 08 '40 +0.20' 4)" "<" 40
holds "08: percent from the softmax, 50 N patterns" "$(fields 08 '10000 +50' 3)" ">=" 100
holds "08: share that is stable at .3 N" "$(fields 08 '60 +0.30' 5)" ">" 0.965
holds "08: and predicted" "$(fields 08 '60 +0.30' 6)" == 0.9669
holds "08: percent of the hidden pixels wrong, mean" "$(fields 08 'the mean of all' 5)" == 21.7
holds "08: Hebb's weights" "$(fields 08 "Hebb's weights, ten" 5)" ">" 20
holds "08: the nearest neighbour" "$(fields 08 'the nearest neighbour' 4)" == 16.2
holds "08: one update, β = 0.05" "$(fields 08 'one update, β = 0.05' 6)" ">" 19
holds "08: β = 0.75" "$(fields 08 'one update, β = 0.75' 6)" "<" 14
holds "08: β = 4" "$(fields 08 'one update, β = 4' 6)" "<" 15

holds "09: characters a token of 512, held out" "$(fields 09 '512 ' 3)" == 2.29
holds "09: of 1024" "$(fields 09 '1024 ' 3)" == 3.05
holds "09: of 2048" "$(fields 09 '2048 ' 3)" == 3.74
holds "09: of 4096" "$(fields 09 '4096 ' 3)" == 4.24
holds "09: of GPT-2" "$(fields 09 '50257 ' 2)" == 4.48
holds "09: kinds of words" "$(fields 09 'words  ' 2)" == 6865
holds "09: percent of the words that were never seen" "$(number 09 'Of the words,')" == 2.0
holds "09: texts that GPT-2 cuts in the same way" "$(number 09 'for 24 texts:')" == 24
holds "09: texts that come back as they were" "$(number 09 'are the same,')" == 24
for cut in '│ le│ar│n│ed│' '│ lear│ned│' '│ │N│et│her│f│i│e│ld│' '│ Nether│field│' '│ 18│13│'; do
    holds "09: cut as in the text, $cut" "$(tr '|' '\n' < "$work/09.txt" | grep -cF "$cut")" == 1
done

holds "07: percent right, the commonest kind" "$(fields 07 'the commonest kind' 6)" "<" 25
holds "07: naive Bayes, 100 definitions" "$(fields 07 'naive Bayes' 3)" "<" 40
holds "07: naive Bayes, all" "$(fields 07 'naive Bayes' 5)" "<" 79
holds "07: learnt with the task, 100 definitions" "$(fields 07 'vectors learnt with it' 5)" "<" 47
holds "07: learnt with the task, all" "$(fields 07 'vectors learnt with it' 7)" ">=" 81
holds "07: frozen, learnt here, 100 definitions" "$(fields 07 'frozen, learnt here' 4)" ">=" 48
holds "07: frozen, all of WordNet, 100 definitions" "$(fields 07 'frozen, all of WordNet' 5)" ">=" 55
holds "07: frozen, all of WordNet, all" "$(fields 07 'frozen, all of WordNet' 7)" ">=" 71
holds "07: reviews, naive Bayes" "$(number 07 'in percent: naive Bayes')" == 50
holds "07: reviews, a bag of vectors" "$(number 07 'a bag of vectors')" == 50
holds "07: frozen, three at a time, all" "$(fields 07 'the same, three at a time' 9)" ">=" 78
holds "07: reviews, frozen, three at a time" "$(number 07 'frozen vectors, three at a time:')" ">=" 99
holds "07: reviews, when neighbours count as one word" "$(number 07 'count as one word:')" ">=" 99
holds "07: analogies of all WordNet, man : woman" "$(fields 07 'man : woman' 6)" ">=" 60
holds "07: mother − father + son: the place of daughter" "$(number 07 'daughter is number')" == 1
holds "07: king − man + woman: the place of queen" "$(number 07 'queen is number')" "<=" 8

holds "10: parameters, from the last state" "$(number 10 'from the last state:')" == 17359
holds "10: parameters, with attention" "$(number 10 'with attention:')" == 19439
holds "10: percent of 4 letters, from the last state" "$(fields 10 'from the last state +[0-9]' 6)" ">=" 85
holds "10: of 20" "$(fields 10 'from the last state +[0-9]' 10)" "<" 5
holds "10: percent of 4 letters, with attention" "$(fields 10 'with attention +[0-9]' 4)" ">=" 98
holds "10: of 20" "$(fields 10 'with attention +[0-9]' 8)" ">=" 95

holds "11: the third weight with √d" "$(number 11 'with √d     0.248 0.248')" ">=" 0.503
holds "11: the third weight without" "$(number 11 'without     0.212 0.212')" == 0.576
holds "11: the largest of 16 weights at d = 64" "$(fields 11 64 3)" == 0.85
holds "11: the largest of 16 weights at d = 256" "$(fields 11 256 3)" == 0.92

holds "12: the weight of the word before" "$(number 12 'The weight of the word before:')" == 0.964

holds "14: a plain stack's gradient" "$(fields 14 'plain .*[)]' 6)" "<" 2e-16
holds "14: two inputs in a plain stack" "$(fields 14 'plain .*[)]' 7 | tr -d '()')" ">=" 0.995
holds "14: in a stack with path and norm" "$(fields 14 'path and norm .*[)]' 9 | tr -d '()')" "<=" 0.56
holds "14: percent right, a plain stack" "$(fields 14 'plain .*%' 4)" "<=" 56
holds "14: percent right, without a path" "$(fields 14 'norm only .*%' 5)" "<=" 56
holds "14: the step that is not a number, without a norm" "$(fields 14 'path only .* step' 9)" == 2
holds "14: percent right, path and norm" "$(fields 14 'path and norm .*%' 6)" == 100

holds "15: a g that is silent, after four layers" "$(fields 15 daughter 6)" == 0.96
holds "15: a g that is heard" "$(fields 15 fingers 6)" == 0.21
holds "15: percent right of the order, without positions" "$(fields 15 'positions .*%' 2)" "<" 80
holds "15: percent right of the order, without attention" "$(fields 15 'attention .*%' 2)" "<" 80
holds "15: percent recalled, without attention" "$(fields 15 'attention .*%' 4)" "<" 20
holds "15: percent right of the order, without queries" "$(fields 15 'queries .*%' 2)" "<" 90
holds "15: percent recalled, without queries" "$(fields 15 'queries .*%' 4)" "<" 20
holds "15: percent right of the order, one head" "$(fields 15 'heads but one .*%' 4)" ">=" 98
holds "15: percent recalled, one head" "$(fields 15 'heads but one .*%' 6)" ">=" 98
holds "15: percent right of the order, without feed-forward" "$(fields 15 'feed-forward .*%' 2)" ">=" 98
holds "15: percent recalled, without feed-forward" "$(fields 15 'feed-forward .*%' 4)" ">=" 98
holds "15: percent right of the order, with all" "$(fields 15 'nothing .*%' 2)" ">=" 98
holds "15: percent recalled, without positions" "$(fields 15 'positions .*%' 4)" "<" 20
holds "15: a plain cell, 100–110" "$(fields 15 'plain cell' 6)" "<" 40
holds "15: LSTM, 100–110" "$(fields 15 'LSTM' 5)" ">=" 90
holds "15: encoder, 100–110" "$(fields 15 'encoder' 5)" ">=" 98
holds "15: percent recalled, with all" "$(fields 15 'nothing .*%' 4)" ">=" 98

holds "16: words written backwards, of 500" "$(fields 16 '.* of 500 new words' 1)" == 500

# 1,500 of the 20,000 steps, and a fortieth of the words: enough to see that it learns.

holds "17: parameters of the paper's base model" "$(number 17 "The paper's base model:")" == 63082496
holds "17: its highest rate" "$(number 17 'highest rate (step 4000):')" == 0.000699
holds "17: the loss before the first step" "$(number 17 'the loss before the first step:')" ">" 4.9
holds "17: percent of the sounds that are wrong" "$(number 17 'are wrong, of the sounds')" "<" 40

# Half of the steps for the names, and all that the sky has.

holds "18: bits per character, uniform" "$(fields 18 'uniform' 3)" == 4.755
holds "18: of a 4-gram" "$(fields 18 '4-gram' 3)" == 2.919
holds "18: of a 5-gram" "$(fields 18 '5-gram' 3)" == 2.920
holds "18: and of what it has learnt by heart" "$(fields 18 '5-gram' 2)" == 2.136
holds "18: of the net, after half of its steps" "$(fields 18 'GPT' 3)" "<" 2.97
holds "18: percent that G comes after O B A F" "$(number 18 'O B A F  *→  G (')" ">=" 50
holds "18: percent that Mars comes after Earth" "$(number 18 'Mercury Venus Earth  *→  Mars (')" ">=" 50
holds "18: percent that the Sun is a star" "$(number 18 'The Sun is a  *→  star (')" ">=" 90
holds "18: percent right about pairs that it has not seen" "$(number 18 'right are')" ">=" 70
holds "18: and by a 5-gram" "$(number 18 "of a 5-gram's answers")" "<=" 60

# Half of the steps of fine-tuning, a sixth of those of spans, and all of those of preferences.

holds "19: parameters" "$(fields 19 '[0-9]+ parameters' 1)" == 362343
holds "19: loss of hidden words, by frequency" "$(fields 19 'loss 4' 9 | tr -d ');')" ">" 6.5
holds "19: after the long run" "$(fields 19 'loss 4' 2 | tr -d ,)" "<" 4.5
holds "19: 50 labels, naive Bayes" "$(fields 19 'naive Bayes +[0-9]' 3)" "<" 33
holds "19: 50 labels, from scratch" "$(fields 19 'from scratch' 3)" "<" 31
holds "19: 50 labels, frozen" "$(fields 19 'frozen' 2)" ">=" 38
holds "19: 50 labels, everything learning" "$(fields 19 'all +[0-9]' 2)" ">=" 36
holds "19: 200 labels, from scratch" "$(fields 19 'from scratch' 6)" "<" 41
holds "19: 200 labels, everything learning" "$(fields 19 'all +[0-9]' 5)" ">=" 45
holds "19: 5,000 labels, from scratch" "$(fields 19 'from scratch' 12)" ">=" 69
holds "19: 5,000 labels, frozen" "$(fields 19 'frozen' 11)" "<" 61
holds "19: questions by common words" "$(number 19 'by common words')" == 49
holds "19: questions by spans, 200 steps" "$(number 19 'by spans')" ">=" 25
holds "19: doubled letters a name" "$(fields 19 'reward: doubled' 6)" "<" 0.3
holds "19: with a penalty" "$(fields 19 'reward: doubled' 7)" ">=" 0.65
holds "19: and still names" "$(fields 19 'reward: doubled' 7)" "<" 1.2
holds "19: without a penalty" "$(fields 19 'reward: doubled' 8)" ">=" 11
holds "19: percent of these that exist" "$(fields 19 'that exist, %' 6)" "<" 1
holds "19: bits a character, held out" "$(fields 19 'bits a character' 6)" "<" 3.13
holds "19: with a penalty" "$(fields 19 'bits a character' 7)" ">" 3.14
holds "19: which is little" "$(fields 19 'bits a character' 7)" "<" 3.26
holds "19: without a penalty, more than by guessing" "$(fields 19 'bits a character' 8)" ">" 4.755

# Half of its steps: enough for the grammar, and for the lists that it never learns.

holds "20: parameters" "$(fields 20 '[0-9]+ parameters, 1031' 1)" == 299712
holds "20: percent of a batch that is padding" "$(number 20 'of a batch,')" "<" 1
holds "20: and of random ones" "$(number 20 'phrases at random,')" ">" 50
holds "20: percent right, word for word, alike" "$(fields 20 'alike' 3)" == 11.1
holds "20: and its BLEU of all" "$(fields 20 'all +[0-9]' 5)" == 31.2
holds "20: percent right, alike" "$(fields 20 'alike' 6)" ">" 90
holds "20: numbers that were never seen" "$(fields 20 'numbers' 6)" ">" 80
holds "20: hours ago" "$(fields 20 'hours ago' 7)" ">" 80
holds "20: a country with S" "$(fields 20 'S ' 6)" ">" 80
holds "20: lists of four" "$(fields 20 'lists' 6)" "<" 20
holds "20: where the dictionary has a higher BLEU" "$(fields 20 'lists' 5)" == 48.6
holds "20: BLEU of all" "$(fields 20 'all +[0-9]' 8)" ">" 88
holds "20: percent of the kinds of things, by the last word" "$(fields 20 'the last before' 7)" == 31.0
holds "20: by the transformer" "$(fields 20 'the transformer' 3)" ">" 33
holds "20: of which it repeats itself" "$(fields 20 'the same, no word' 12)" == 0

holds "20: BLEU of all, trained" "$(fields 20_trained 'all +[0-9]' 8)" ">" 94.8
holds "20: numbers that were never seen, trained" "$(fields 20_trained 'numbers' 6)" ">" 98.5
holds "20: lists of four, trained" "$(fields 20_trained 'lists' 6)" "<" 5

# A quarter of its steps.

holds "21: percent of the validation part right, whole pixels" "$(fields 21 'whole pixels' 3)" "<" 97
holds "21: small turns" "$(fields 21 'small turns' 3)" ">" 97
holds "21: parameters of the vision transformer" "$(fields 21 'a vision transformer +18' 4)" == 18218
holds "21: digits, percent right" "$(fields 21 'a vision transformer +18' 6)" ">=" 95
holds "21: the same, shuffled" "$(fields 21 'the same, patches shuffled +18' 7)" ">=" 95
holds "21: clothes, the nearest known picture" "$(fields 21 'the nearest known picture' 7)" == 80.7
holds "21: clothes, a network of chapter 4" "$(fields 21 'a network of chapter 4 +13' 8)" "<" 86
holds "21: clothes, a convolution" "$(fields 21 'a convolution, 3 × 3 +31' 8)" ">" 85.5
holds "21: clothes, a vision transformer" "$(fields 21 'a vision transformer, for long' 8)" ">" 84

# A seventh of the steps on the lattice, and a part of those on tRNA.

holds "22: folds of ten beads" "$(fields 22 'folds +1' 10)" == 2034
holds "22: energy of the chain of twenty" "$(fields 22 'The best fold of' 9 | sed 's/[.]$//')" == -9
holds "22: beads laid to prove it" "$(number 22 'To prove it,')" "<" 1000000
holds "22: F1 on new folds, 400 steps" "$(number 22 'F1 on the lattice, in percent:')" ">" 59
holds "22: F1 of tRNA, the average map" "$(fields 22 'average map +[0-9]' 4)" == 28.9
holds "22: with letters" "$(fields 22 'average map and letters' 6)" == 49.7
holds "22: F1 of tRNA, attention, 400 steps" "$(fields 22 'attention' 3)" ">" 58

holds "22: F1 on new folds, trained" "$(number 22_trained 'F1 on the lattice, in percent:')" ">" 74.5
holds "22: F1 of tRNA, trained" "$(fields 22_trained 'attention' 3)" ">" 87

# Half of the steps of the four ways to say when, and a sixth of those of the first network.

holds "23: variance of a walk behind a long gap" "$(fields 23 '100[.]0' 2)" ">" 0.235
holds "23: and not more than σ²" "$(fields 23 '100[.]0' 2)" "<" 0.265
holds "23: under Euler's step" "$(fields 23 '100[.]0' 3)" ">" 15
holds "23: correlation over 10 days" "$(fields 23 '10[.]0 ' 4)" ">" 0.58
holds "23: percent right, by the nearest five" "$(number 23 'of four numbers of a curve')" "<" 86
holds "23: percent right of four kinds, a sixth of the steps" "$(number 23 'held-out curves:')" ">" 76
holds "23: two periods without times" "$(fields 23 'nothing' 5)" "<" 56
holds "23: two periods by t" "$(fields 23 't ' 5)" "<" 60
holds "23: two periods by PE(t)" "$(fields 23 'PE.t. ' 5)" ">" 68
holds "23: two periods by gaps" "$(fields 23 'PE.gap. ' 5)" "<" 60

holds "23: percent right of four kinds, trained" "$(number 23_trained 'held-out curves:')" ">" 98
holds "23: with half of the points" "$(fields 23_trained 'half of the' 6)" ">" 86
holds "23: with errors told five times too large" "$(fields 23_trained 'errors told' 7)" "<" 62
holds "23: and how sure it is then" "$(fields 23_trained 'errors told' 8)" ">" 85

# Two thirds of the steps.

holds "24: do weights of the last layer agree with occlusion?" "$(fields 24 'layer 2, mean of its heads +-?0[.][0-9]+ +-?0[.]' 7)" "<" 0.2
holds "24: does rollout?" "$(fields 24 'rollout, half its own' 5)" ">" 0.44
holds "24: or chance?" "$(fields 24 'by chance' 3)" "<" 0.08
holds "24: answers that change without the five points far off, percent" "$(fields 24 'far from the mean flux' 11)" ">" 11
holds "24: wrong answers more, without the second layer's heads" "$(number 24 'heads of layer 2: wrong answers, % more:')" ">" 20
holds "24: the planted point, times a fair share" "$(number 24 'times a fair share:')" ">" 3.3
holds "24: percent right with it" "$(fields 24 'with the planted point' 5)" "<" 76
holds "24: and when the point of the largest effect is hidden" "$(fields 24 'the point of the largest effect' 9)" ">" 92
holds "24: the novel's model, a weight on the token before" "$(fields 24 'layer 1 +0.18' 4)" ">" 0.17
holds "24: percent right that can be copied, one layer" "$(number 24 'Layers: 1, parameters: 15360. Of|what can be copied')" "<" 30
holds "24: two layers, 700 steps" "$(fields 24 'as they are +[0-9.]+ +[0-9.]+ %' 5)" ">" 65
holds "24: without all heads of the second layer" "$(fields 24 'without all heads of layer 2 +[0-9]' 8)" "<" 10

holds "24: two layers, trained" "$(fields 24_trained 'as they are +[0-9.]+ +[0-9.]+ %' 5)" ">" 99
holds "24: without the head that copies most" "$(fields 24_trained 'without layer 2, head' 9)" ">" 99
holds "24: without one head that looks one back" "$(fields 24_trained 'without layer 1, head' 11)" ">" 88
holds "24: without both" "$(fields 24_trained 'without all 2 that look' 9)" "<" 20
# A fifth of the steps.

holds "25: R² of t0 for who says the mean" "$(fields 25 'the mean of all' 8)" "<" 0.01
holds "25: R² of t0, a fifth of the steps" "$(fields 25 'the network ' 6)" ">" 0.93
holds "25: R² of log tau, a fifth of the steps" "$(fields 25 'the network ' 8)" ">" 0.80
holds "25: error of log tau, a fit from the truth" "$(fields 25 'a fit from the truth' 10)" "<" 0.15
holds "25: chi-square of a fit from the truth" "$(fields 25 'a fit from the truth' 12)" "<" 1.1
holds "25: chi-square of a fit from the middle" "$(fields 25 'a fit from the middle' 12)" ">" 8
holds "25: percent in 68 % intervals, at least" "$(number 25 'percent within 68 % intervals:')" ">" 55
holds "25: percent in 68 % intervals, at most" "$(number 25 'percent within 68 % intervals:')" "<" 82

holds "25: R² of A, trained" "$(fields 25_trained 'the network ' 4)" ">" 0.72
holds "25: error of t0 in days, trained" "$(fields 25_trained 'the network ' 5)" "<" 1.7
holds "25: error of log tau, trained" "$(fields 25_trained 'the network ' 7)" "<" 0.12
holds "25: percent of A in 68 % intervals, trained" "$(fields 25_trained 'm ± 1' 5)" ">" 60
holds "25: percent of A in 95 % intervals, trained" "$(fields 25_trained 'm ± 2' 5)" ">" 92
holds "25: brighter than learnt, and in its interval" "$(fields 25_trained 'brighter' 6)" "<" 5
holds "25: and refused by chi-square" "$(fields 25_trained 'brighter' 9)" ">" 65
holds "25: waves that are refused" "$(fields 25_trained 'no flares, but waves' 8)" ">" 95

holds "26: MiB with all weights, 4,096 places" "$(fields 26 '4096 ' 2)" ">" 250
holds "26: and in tiles" "$(fields 26 '4096 ' 3)" "<" 40
holds "26: ms in tiles" "$(fields 26 '4096 ' 5)" "<" "$(fields 26 '4096 ' 4)"
holds "26: bits per letter of the smallest budget, 668 parameters" "$(fields 26 '668 ' 2)" "<" 3.95
holds "26: bits per letter of 7,280 parameters, the largest budget" "$(fields 26 '7280 ' 5)" "<" 3.2
holds "26: the exponent of the best size" "$(fields 26 'The best size is' 6 | tr -d ',C^')" ">" 0.2
holds "26: bits per letter, held out, by the laws" "$(fields 26 'Held out, the budget' 12)" "<" 2.95
holds "26: and measured" "$(fields 26 'trained, with' 8)" "<" 3.02
holds "26: with a scale for each row" "$(fields 26 'a scale for each row' 6)" "<" 3.03

# What the README shows first is what was learnt before.
TRAINED=1 "$BUILD/course-solved" demo 17 < /dev/null 2> /dev/null | sed 's/ *$//' > "$work/trained.txt"
awk '/^```/ { if (inside++) exit; next } inside' README.md > "$work/shown.txt"
holds "README: lines that the demo does not print" \
    "$(grep -cvxFf "$work/trained.txt" "$work/shown.txt")" == 0

echo "$failures figures are missed"
[ $failures = 0 ]
