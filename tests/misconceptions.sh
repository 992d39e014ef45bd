#!/bin/sh
# Every misconception of tests/misconceptions/ is caught under three seeds, and named by its own
# sentence. build/misconceptions.txt shows which check caught which; a check without which some
# misconception would go unseen is guarded, and tests/unguarded.txt lists the others, with reasons.
# tests/messages/ holds what a student then sees, for one misconception of each exercise.
#
#   misconceptions.sh [11.2 or 11.2/unscaled …]      RENEW=1 writes tests/messages/ again
. tests/student.inc

[ $# -gt 0 ] || set -- '*'
for what; do
    case $what in
        */*) echo "tests/misconceptions/$what.txt" ;;
        *) ls tests/misconceptions/$what/*.txt ;;
    esac
done | sed 's|^tests/||; s|[.]txt$||' | tr / '\t' > "$work/wanted.txt"
sh tests/variants/ask.sh "$BUILD" "$work" "variants 3" < "$work/wanted.txt"

# ## Caught and named

cat tests/recorded/misconceptions/*.txt "$work/wanted.txt" "$work"/[0-9]*.txt | awk '
    # What is recorded.
    /^# What the misconceptions of exercise / { exercise = $6 }
    /^misconception / { name = $2 }
    /^says / { sentence[exercise, name] = $0 }

    # What the judge says.
    /^variant / { exercise = $2; name = $3; tried[exercise, name] }
    /^seed / {
        place = exercise "/" name ", seed " $2
        if ($3 ~ /^(fail|timeout|crash)$/) ++seen[exercise, name]
        else print place ": expected \"caught\", found \"" $3 "\""
        if ($4 != "" && sentence[exercise, $4] == sentence[exercise, name]) ++called[exercise, name]
        else print place ": expected \"named\", found \"" ($4 == "" ? "no name" : $4) "\""
    }

    /^misconceptions\t/ { wanted[$2, $3]; ++all }
    END {
        for (each in wanted) {
            split(each, part, SUBSEP)
            if (!(each in tried)) print part[1] "/" part[2] ": not tried"
            caught += seen[each] == 3
            named += called[each] == 3
        }
        printf "%d misconceptions: %d caught and %d named by their own sentence, under seeds 0 1 2\n",
            all, caught, named
    }' > "$work/account.txt"
cat "$work/account.txt"
expect "misconceptions that are not caught or not named" 0 $(($(wc -l < "$work/account.txt") - 1))

# ## What the student sees

screen() {  # EXERCISE NAME
    echo "misconception $1 $2"
    cat "$work"/[0-9]*.txt | awk -v wanted="variant $1 $2" '
        /^variant / { here = $0 == wanted; next }
        here && !/^seed / && /./' |
        sed '/^   look: /{ s|: solutions/|: chapters/|; s|:[0-9]*$|:…|; }'
}

mkdir -p tests/messages
for exercise in $(cut -f 2 "$work/wanted.txt" | sort -u); do
    message=tests/messages/$exercise.txt
    name=$(sed -n 's/^misconception [0-9.]* //p' "$message" 2> /dev/null || true)
    [ -n "$name" ] || name=$(basename "$(ls tests/misconceptions/"$exercise"/*.txt | head -1)" .txt)
    grep -q "	$exercise	$name\$" "$work/wanted.txt" || continue  # another one was asked for
    screen "$exercise" "$name" > "$work/message"
    [ -z "$RENEW" ] || cp "$work/message" "$message"
    diff "$message" "$work/message" ||
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
