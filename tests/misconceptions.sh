#!/bin/sh
# Every misconception of tests/misconceptions/ is caught under three seeds, and named by its own
# sentence. build/misconceptions.txt shows which check caught which; a check without which some
# misconception would go unseen is guarded, and tests/unguarded.txt lists the others, with reasons.
# tests/messages/ holds what a student then sees, for one misconception of each exercise.
#
#   misconceptions.sh [11.2 or 11.2/unscaled …]      RENEW=1 writes tests/messages/ again
. tests/student.inc
export HEADERS="$work"

try() {  # CHANGE
    exercise=$(basename "$(dirname "$1")")
    name=$exercise/$(basename "$1" .txt)
    folder=$work/$name
    sh course/scripts/misconception.sh "$BUILD" "$1" "$folder"
    for seed in 0 1 2; do
        "$BUILD/judge" check "$exercise" --worker "$folder/worker" --chapters "$folder/chapters" \
            --complaints "$folder/no-compile" --others none --seed $seed --json "$folder/$seed.json" \
            > "$folder/$seed.txt" || true
    done
    rm -rf "$folder/worker" "$folder/chapters"
}

try_every_second() {  # from the first or the second
    number=0
    for change in $changes; do
        number=$((number + 1))
        [ $((number % 2)) = "$1" ] || continue
        try "$change" 2> "$work/$(echo "$change" | tr / _).errors" || true
    done
}

[ $# -gt 0 ] || set -- '*'
changes=$(for what; do
    case $what in
        */*) echo "tests/misconceptions/$what.txt" ;;
        *) ls tests/misconceptions/$what/*.txt ;;
    esac
done)
try_every_second 0 &
try_every_second 1 &
wait

# ## Caught and named

sentence() {  # EXERCISE NAME
    sed -n "/^misconception $2\$/,/^says /s/^says //p" "tests/recorded/misconceptions/$1.txt"
}

caught=0 named=0 tried=0
for change in $changes; do
    exercise=$(basename "$(dirname "$change")")
    name=$(basename "$change" .txt)
    tried=$((tried + 1))
    seen=0 called=0
    for seed in 0 1 2; do
        json=$work/$exercise/$name/$seed.json
        found=$(sed -n 's/.*"verdict": "\([a-z-]*\)".*/\1/p' "$json" 2> /dev/null || true)
        case $found in
            fail | timeout | crash) seen=$((seen + 1)) ;;
            *) expect "$exercise/$name, seed $seed" "caught" \
                   "${found:-not tried: $(cat "$work/$(echo "$change" | tr / _).errors")}" ;;
        esac
        calls=$(sed -n 's/.*"misconception": "\([^"]*\)".*/\1/p' "$json" 2> /dev/null || true)
        if [ -n "$calls" ] && [ "$(sentence "$exercise" "$calls")" = "$(sentence "$exercise" "$name")" ]
        then called=$((called + 1))
        else expect "$exercise/$name, seed $seed" "named" "${calls:-no name}"
        fi
    done
    [ $seen = 3 ] && caught=$((caught + 1))
    [ $called = 3 ] && named=$((named + 1))
done
echo "$tried misconceptions: $caught caught and $named named by their own sentence, under seeds 0 1 2"

# ## What the student sees

screen() {  # EXERCISE NAME
    echo "misconception $1 $2"
    sed -n '/^ [0-9][0-9.]*  .*[a-z]$/,/^   again:/p' "$work/$1/$2/0.txt" |
        sed '/^   look: /{ s|: .*chapters/|: chapters/|; s|:[0-9]*$|:…|; }'
}

mkdir -p tests/messages
for exercise in $(for change in $changes; do basename "$(dirname "$change")"; done | sort -u); do
    message=tests/messages/$exercise.txt
    name=$(sed -n 's/^misconception [0-9.]* //p' "$message" 2> /dev/null || true)
    [ -n "$name" ] || name=$(basename "$(ls tests/misconceptions/"$exercise"/*.txt | head -1)" .txt)
    [ -f "$work/$exercise/$name/0.txt" ] || continue  # another one was asked for
    screen "$exercise" "$name" > "$work/$exercise/message.txt"
    [ -z "$RENEW" ] || cp "$work/$exercise/message.txt" "$message"
    diff "$message" "$work/$exercise/message.txt" ||
        expect "the message for $exercise/$name" "that of $message" "another (RENEW=1 writes it)"
done

# ## Every check is needed

table=$BUILD/misconceptions.txt
awk -f tests/guards.awk tests/recorded/[0-9]*.txt tests/recorded/misconceptions/*.txt > "$table"
sed -n 's/^not guarded /check /p' "$table" | sort > "$work/not_guarded.txt"
grep '^check ' tests/unguarded.txt | sort > "$work/listed.txt" || true
diff "$work/listed.txt" "$work/not_guarded.txt" ||
    expect "checks that nothing guards" "those of tests/unguarded.txt" "others"
tail -1 "$table"
finish
