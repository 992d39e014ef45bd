#!/bin/sh
# The full training of chapter 17, interrupted with Ctrl-C and started again, ends with the same bytes
# as one that was left alone. A checkpoint that is damaged or of something else is refused and kept.
. tests/student.inc
export FULL=1 DEMO_STEPS=60 DEMO_WORDS=5

full_run() {  # FOLDER → what it says, in FOLDER.txt
    DEMO_CHECKPOINTS=$work/$1 "$BUILD/course-solved" demo 17 > "$work/$1.txt" 2>&1 < /dev/null
}

full_run alone || true
expect "an uninterrupted run" "60 steps" "$(sed -n 's/^\(60 steps\),.*/\1/p' "$work/alone.txt")"

DEMO_CHECKPOINTS=$work/broken "$BUILD/course-solved" demo 17 > "$work/first.txt" 2>&1 &
running=$!
until grep -q '10 %' "$work/first.txt"; do sleep 0.1; done  # 6 steps
kill -INT $running
wait $running || true
expect "Ctrl-C" "Saved after step" "$(sed -n 's/^\(Saved after step\) [1-9][0-9]* of 60.*/\1/p' "$work/first.txt")"
full_run broken || true
expect "the same command again" "Going on after step" \
    "$(sed -n 's/^\(Going on after step\) [1-9][0-9]* of 60.*/\1/p' "$work/broken.txt")"
expect "the log begins" "FULL=1 DEMO_STEPS=60 DEMO_WORDS=5 make demo CHAPTER=17 SOLVED=1" \
    "$(head -1 "$work/broken/17.log")"
expect "the log goes on" "Going on after step" "$(grep -o '^Going on after step' "$work/broken/17.log")"
cmp "$work/alone/17.trained" "$work/broken/17.trained" || expect "what was learnt" same different
cmp "$work/alone/17" "$work/broken/17" || expect "the checkpoints" same different

refused() {  # WHAT WORDS: the file is refused with these words, and stays as it is
    cp "$work/alone/17" "$work/copy"
    full_run alone && expect "$1" "refused" "accepted"
    expect "$1" "$2" "$(grep -o "$2" "$work/alone.txt" | head -1)"
    cmp -s "$work/alone/17" "$work/copy" || expect "$1" kept changed
}

whole=$(wc -c < "$work/alone/17")
mv "$work/alone/17" "$work/whole"
head -c $((whole / 2)) "$work/whole" > "$work/alone/17"
refused "half a checkpoint" "truncated or damaged"
sed 's/17/18/' README.md > "$work/alone/17"
refused "another file" "is not a checkpoint"
cp "$work/whole" "$work/alone/17"
DEMO_STEPS=70
refused "a checkpoint of another run" "belongs to another run"

# A run whose end lies in LEARNT is read, and says the same; another number of steps is another run.
unset FULL
learn() {  # STEPS → what it says, in learnt.txt
    DEMO_STEPS=$1 LEARNT=$work/learnt "$BUILD/course-solved" demo 10 --figures "$work/pictures" \
        > "$work/learnt.txt" 2> "$work/errors.txt" < /dev/null
}
rm -rf "$work/learnt"
learn 20
cp "$work/learnt.txt" "$work/made.txt"
expect "ends that are left" 2 "$(ls "$work/learnt" | wc -l)"
learn 20
cmp "$work/made.txt" "$work/learnt.txt" || expect "what a run says that is read" same different
learn 10
expect "ends that are left, of two plans" 4 "$(ls "$work/learnt" | wc -l)"
head -c 1000 "$work/learnt/with_attention_20.trained" > "$work/half"
mv "$work/half" "$work/learnt/with_attention_20.trained"
learn 20 && expect "half an end" refused accepted
expect "half an end" "truncated or damaged" \
    "$(cat "$work/learnt.txt" "$work/errors.txt" | grep -o 'truncated or damaged' | head -1)"
finish
