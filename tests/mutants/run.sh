#!/bin/sh
# Are small mistakes in the solutions caught by the checks? Makes mutants of the answers (mutate.awk),
# all of a chapter in one worker, and grades each by the checks of its exercise, two at a time.
#
#   run.sh BUILD [CHAPTER or EXERCISE]
#
# BUILD/mutants.txt then holds a line for each mutant that compiles: how it fared (caught, timeout,
# noted or survives), its exercise, its place and the change. Those noted in survivors.txt, or in the
# file NOTES, answer like the solution. EVERY=20 takes each twentieth, and writes BUILD/mutants-20.txt.
# What was graded is kept until the chapter, its checks or their records change. Status 1: a mutant
# survives that is not noted.
build=$1 what=${2#0}
notes=${NOTES:-tests/mutants/survivors.txt} every=${EVERY:-1}
all=$build/mutants
[ "$every" = 1 ] || all=$build/mutants-$every
export LC_ALL=C
export MORE_FLAGS='-O0 -w'
tab=$(printf '\t')
mkdir -p "$all"

say() {  # on a terminal, a line that changes
    [ ! -t 2 ] || printf '\r\033[K%s' "$1" >&2
}

# A worker in which MUTANT chooses. Mutants that do not compile are left out until the rest does.
make_worker() {  # SOLUTION FOLDER
    without='' name=$(basename "$1" .cpp)
    while
        awk -f tests/mutants/mutate.awk -v list="$2/list" -v every="$every" -v without="$without" \
            "$1" > "$2/$name.cpp"
        ! sh course/scripts/quick.sh "$build" "$2" solved "$2/$name.cpp" 2> "$2/errors"
    do
        bad=$(sed -n 's/^mutant-\([0-9]*\):.*/\1/p' "$2/no-compile/$name.txt" | sort -u | tr '\n' ' ')
        [ -n "$bad" ] || { cat "$2/errors" "$2/no-compile/$name.txt" >&2; return 1; }
        without="$without$bad"
    done
    for number in $without; do echo not-compiled > "$2/verdicts/$number"; done
}

verdict_of() {  # FOLDER MUTANT EXERCISE; a second time where the clock spoke: the machine may be busy
    for attempt in first second; do
        MUTANT=$2 "$build/judge" check "$3" --worker "$1/worker" --chapters solutions --others none \
            --first-miss-only --complaints "$1/none" --json "$1/json-$2" > /dev/null 2>&1
        verdict=$(sed -n 's/.*"verdict": "\([a-z-]*\)".*/\1/p' "$1/json-$2")
        rm -f "$1/json-$2"
        [ "$verdict" = timeout ] || break
    done
    echo "$verdict"
}

grade_every_second() {  # FOLDER, from the first or the second
    while IFS=$tab read -r number exercise _; do
        [ $((number % 2)) = "$2" ] && [ ! -f "$1/verdicts/$number" ] || continue
        say "$(basename "$1"): mutant $number of $(tail -1 "$1/list" | cut -f 1)"
        case $(verdict_of "$1" "$number" "$exercise") in
            pass) echo survives ;;
            fail | crash) echo caught ;;
            timeout) echo timeout ;;
            *) continue ;;
        esac > "$1/verdicts/new-$2"
        mv "$1/verdicts/new-$2" "$1/verdicts/$number"
    done < "$1/wanted"
}

results=
for solution in solutions/*.cpp; do
    stem=$(basename "$solution" .cpp)
    chapter=${stem%%_*}
    case $what in '' | "${chapter#0}" | "${chapter#0}".*) ;; *) continue ;; esac
    folder=$all/$chapter
    made_from=$(cat "$solution" "chapters/$stem.hpp" tests/checks/"$stem.cpp" tests/hidden/"$stem"*.cpp \
        tests/recorded/"$chapter.txt" tests/mutants/mutate.awk 2> /dev/null | cksum)
    if [ "$made_from" != "$(cat "$folder/made_from" 2> /dev/null)" ]; then
        say "$chapter: compiling"
        rm -rf "$folder"
        mkdir -p "$folder/verdicts"
        make_worker "$solution" "$folder" || exit 3
        echo "$made_from" > "$folder/made_from"
    fi
    awk -F '\t' -v what="$what" 'what !~ /[.]/ || $2 == what' "$folder/list" > "$folder/wanted"
    for exercise in $(cut -f 2 "$folder/wanted" | sort -u); do
        found=$(verdict_of "$folder" 0 "$exercise")  # the answer as it was
        [ "$found" = pass ] || { echo "the solution of $exercise itself: $found" >&2; exit 3; }
    done
    grade_every_second "$folder" 0 &
    grade_every_second "$folder" 1 &
    wait
    say ''
    while IFS=$tab read -r number exercise line change; do
        verdict=$(cat "$folder/verdicts/$number" 2> /dev/null)
        [ "$verdict" != survives ] || ! grep -qxF "$exercise  $change" "$notes" || verdict=noted
        [ "$verdict" = not-compiled ] || echo "${verdict:-ungraded}  $exercise  $solution:$line  $change"
    done < "$folder/wanted" > "$folder/results.txt"
    results="$results $folder/results.txt"
done
[ -n "$results" ] || { echo "no chapter or exercise $2" >&2; exit 3; }

# shellcheck disable=SC2086
cat $results > "$all.txt"
grep '^survives \|^ungraded ' "$all.txt"
awk '{ ++count[$1] }
    END {
        caught = count["caught"] + count["timeout"]
        printf "%d mutants, %d caught (%.1f %%, %d of them by the clock), %d survive", NR, caught,
            100 * caught / NR, count["timeout"], NR - caught - count["ungraded"]
        if (count["noted"]) printf ", of which %d answer like the solution: %.1f %% of the others",
            count["noted"], 100 * caught / (NR - count["noted"])
        printf "\n"
        if (count["ungraded"]) print count["ungraded"] " could not be graded"
        exit count["survives"] + count["ungraded"] > 0
    }' "$all.txt"
