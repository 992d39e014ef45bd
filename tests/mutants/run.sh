#!/bin/sh
# Are small mistakes in the solutions caught by the checks? Makes mutants of the answers (mutate.awk),
# all of a chapter in one worker, and grades each by the checks of its exercise, two at a time.
#
#   run.sh BUILD [CHAPTER or EXERCISE]
#
# BUILD/mutants.txt then holds a line for each mutant that compiles: how it fared (caught, noted or
# survives), its exercise, its place and the change. Those of NOTES, tests/mutants/survivors.txt unless
# said otherwise, give the same answers, and say why. EVERY=20 in the environment takes each twentieth.
# What was graded before is kept until the chapter, its checks or their records change. Status 1: a
# mutant survives that is not noted.
build=$1 what=$2
notes=${NOTES:-tests/mutants/survivors.txt} every=${EVERY:-1}
all=$build/mutants
export LC_ALL=C
export MORE_FLAGS='-O0 -w'
mkdir -p "$all"

say() {  # on a terminal, a line that changes
    [ ! -t 2 ] || printf '\r\033[K%s' "$1" >&2
}

# A worker in which MUTANT chooses. Mutants that do not compile are left out until the rest does.
make_worker() {  # SOLUTION FOLDER
    without= name=$(basename "$1")
    while
        awk -f tests/mutants/mutate.awk -v list="$2/list" -v without="$without" "$1" > "$2/$name"
        ! sh course/scripts/quick.sh "$build" "$2" solved "$2/$name" 2> "$2/errors"
    do
        bad=$(grep -o 'mutant-[0-9]*' "$2/no-compile/${name%.cpp}.txt" | sort -u | sed 's/mutant-//')
        [ -n "$bad" ] || { cat "$2/errors" "$2/no-compile/${name%.cpp}.txt" >&2; exit 3; }
        without="$without $(echo $bad)"
    done
    for number in $without; do echo not-compiled > "$2/verdicts/$number"; done
}

grade() {  # FOLDER NUMBER EXERCISE → caught or survives, in a file of its own
    [ ! -f "$1/verdicts/$2" ] || return 0
    status=0
    MUTANT=$2 "$build/judge" check "$3" --worker "$1/worker" --chapters solutions \
        --complaints "$1/none" --others none > "$1/verdicts/$2.screen" 2>&1 || status=$?
    case $status in
        0) verdict=survives ;;
        1) verdict=caught ;;
        *) cat "$1/verdicts/$2.screen" >&2; return ;;
    esac
    rm "$1/verdicts/$2.screen"
    echo $verdict > "$1/verdicts/$2"
}

grade_every_second() {  # FOLDER, from the first or the second
    while IFS='	' read -r number exercise line change; do
        [ $((number % 2)) = "$2" ] || continue
        say "$(basename "$1"): mutant $number of $(wc -l < "$1/list")"
        grade "$1" "$number" "$exercise"
    done < "$1/wanted"
}

for solution in solutions/*.cpp; do
    stem=$(basename "$solution" .cpp)
    chapter=${stem%%_*}
    case ${what#0} in '' | "${chapter#0}" | "${chapter#0}".*) ;; *) continue ;; esac
    folder=$all/$chapter
    made_from=$(cat "$solution" "chapters/$stem.hpp" tests/*/"$stem.cpp" tests/mutants/mutate.awk \
        tests/recorded/"$chapter.txt" | cksum)
    [ "$made_from" = "$(cat "$folder/made_from" 2> /dev/null)" ] || rm -rf "$folder"
    mkdir -p "$folder/verdicts"
    say "$chapter: compiling"
    [ -f "$folder/made_from" ] || make_worker "$solution" "$folder" || exit 3
    for exercise in $(cut -f 2 "$folder/list" | sort -u); do
        grade "$folder" "0" "$exercise"  # the answer as it was
        [ "$(cat "$folder/verdicts/0")" = survives ] ||
            { echo "$exercise does not pass as it is, without optimisation" >&2; exit 3; }
        rm "$folder/verdicts/0"
    done
    echo "$made_from" > "$folder/made_from"
    awk -F '\t' -v what="${what#0}" -v every="$every" \
        '(what !~ /[.]/ || $2 == what) && $1 % every == 0' "$folder/list" > "$folder/wanted"
    grade_every_second "$folder" 0 &
    grade_every_second "$folder" 1 &
    wait
    say ''
    while IFS='	' read -r number exercise line change; do
        verdict=$(cat "$folder/verdicts/$number" 2> /dev/null)
        [ "$verdict" != survives ] || ! grep -qxF "$exercise  $change" "$notes" || verdict=noted
        [ "$verdict" = not-compiled ] || echo "${verdict:-ungraded}  $exercise  $solution:$line  $change"
    done < "$folder/wanted" > "$folder/results.txt"
    results="$results $folder/results.txt"
done
[ -n "$results" ] || { echo "no chapter or exercise $what" >&2; exit 3; }

# shellcheck disable=SC2086
cat $results > "$build/mutants.txt"
grep '^survives \|^ungraded ' "$build/mutants.txt"
awk '{ ++count[$1] }
    function share(of) { return of ? sprintf("%.1f", 100 * count["caught"] / of) : "no" }
    END {
        printf "%d mutants, %d caught (%s %%; %s %% of those that answer differently), %d noted, %d survive\n",
            NR, count["caught"], share(NR), share(NR - count["noted"]), count["noted"], count["survives"]
        if (count["ungraded"]) printf "%d could not be graded\n", count["ungraded"]
        exit count["survives"] + count["ungraded"] > 0
    }' "$build/mutants.txt"
