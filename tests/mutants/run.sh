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
# survives that is not noted, or one is noted that is not made any more.
build=$1 what=${2#0}
notes=${NOTES:-tests/mutants/survivors.txt} every=${EVERY:-1}
all=$build/mutants
[ "$every" = 1 ] || all=$build/mutants-$every
export LC_ALL=C
export MORE_FLAGS='-O0 -w'
tab=$(printf '\t')
mkdir -p "$all"
rm -f "$all/failed"

say() {  # on a terminal, a line that changes
    [ ! -t 2 ] || printf '\r\033[K%s' "$1" >&2
}

solutions=$(for solution in solutions/*.cpp; do
    chapter=$(basename "$solution" | sed 's/^0*\([0-9]*\)_.*/\1/')
    case $what in '' | "$chapter" | "$chapter".*) echo "$solution" ;; esac
done)
[ -n "$solutions" ] || { echo "no chapter or exercise $2" >&2; exit 3; }

folder_of() { basename "$1" | sed "s|_.*||; s|^|$all/|"; }

# ## Making: a worker for each chapter, in which MUTANT chooses

# Mutants that do not compile are left out until the rest does.
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
    echo "$without" > "$2/without"
}

make_every_second() {  # from the first or the second
    for solution in $(echo "$solutions" | awk "NR % 2 == $1"); do
        stem=$(basename "$solution" .cpp)
        folder=$(folder_of "$solution")
        mkdir -p "$folder"
        made_from=$(cat "$solution" "chapters/$stem.hpp" tests/mutants/mutate.awk | cksum)
        if [ "$made_from" != "$(cat "$folder/made_from" 2> /dev/null)" ]; then
            say "$stem: compiling"
            rm -rf "$folder/verdicts"
            make_worker "$solution" "$folder" || { echo "$stem" >> "$all/failed"; continue; }
            echo "$made_from" > "$folder/made_from"
        fi
        made_from=$(cat tests/checks/"$stem".* tests/hidden/"$stem".* \
            tests/recorded/"${stem%%_*}.txt" 2> /dev/null | cksum)
        if [ "$made_from" != "$(cat "$folder/verdicts/made_from" 2> /dev/null)" ]; then
            sh course/scripts/quick.sh "$build" "$folder" solved  # links the checks' part of it
            rm -rf "$folder/verdicts"
            mkdir "$folder/verdicts"
            for number in $(cat "$folder/without"); do
                echo not-compiled > "$folder/verdicts/$number"
            done
            echo "$made_from" > "$folder/verdicts/made_from"
        fi
    done
}

# ## Grading

grade_every_second() {  # from the first or the second
    awk -F '\t' -v OFS='\t' -v every="$every" -v what="$what" \
        '$1 % every == 0 && (what !~ /[.]/ || $2 == what) && ++n % 2 == '"$1"' {
            folder = FILENAME; sub(/\/list$/, "", folder); print folder, $1, $2 }' $lists |
    while IFS=$tab read -r folder number exercise; do
        verdict=$folder/verdicts/$number
        [ ! -f "$verdict" ] || continue
        say "$exercise: mutant $number of $(tail -1 "$folder/list" | cut -f 1)"
        MUTANT=$number "$build/judge" check "$exercise" --worker "$folder/worker" \
            --chapters solutions --others none --first-miss-only --complaints "$folder/none" \
            --json "$verdict.json" > /dev/null 2>&1
        found=$(sed -n 's/.*"verdict": "\([a-z-]*\)".*/\1/p' "$verdict.json")
        rm -f "$verdict.json"
        case $found in
            pass) echo survives ;;
            fail | crash) echo caught ;;
            timeout) echo timeout ;;
            *) echo "ungraded: $found" ;;
        esac > "$verdict"
    done
}

make_every_second 0 &
make_every_second 1 &
wait
[ ! -f "$all/failed" ] || exit 3
lists=$(for solution in $solutions; do echo "$(folder_of "$solution")/list"; done)
grade_every_second 0 &
grade_every_second 1 &
wait
say ''

# ## The account

# The answers as they were, numbers 0-…, must survive.
for list in $lists; do
    echo "folder $(dirname "$list")"
    cat "$list"
done | awk -F '\t' -v what="$what" -v every="$every" -v notes="$notes" '
    BEGIN {
        while ((getline line < notes) > 0) if (line ~ /^[0-9]/) noted[line]
    }
    sub(/^folder /, "") { folder = $0; next }
    {
        note = $2 "  " $4
        if (what ~ /[.]/ && $2 != what) next
        asked[$2]
        is_noted = note in noted
        made[note]
        if ($1 % every) next
        verdict = "ungraded"
        file = folder "/verdicts/" $1
        getline verdict < file
        close(file)
        if ($1 ~ /^0-/) {
            if (verdict != "survives") print "itself-" verdict "  " $2 "  " $3
            next
        }
        if (verdict == "not-compiled") next
        if (is_noted) verdict = verdict == "survives" ? "noted" : "noted-though-" verdict
        print verdict "  " $2 "  " $3 "  " $4
    }
    END {
        for (note in noted) {
            split(note, part, " ")
            if (part[1] in asked && !(note in made)) print "noted-though-not-made  " note
        }
    }' > "$all.txt"

grep -v '^caught \|^timeout \|^noted ' "$all.txt"
awk '
    /^noted-though-not-made|^itself-/ { ++wrong; next }
    sub(/^noted-though-/, "") {}  # where the language leaves open what happens, a compiler may differ
    { ++count[$1]; ++all }
    END {
        caught = count["caught"] + count["timeout"]
        printf "%d mutants, %d caught (%.1f %%, %d of them by the clock), %d survive", all, caught,
            100 * caught / all, count["timeout"], count["survives"] + count["noted"]
        if (count["noted"]) printf ", of which %d answer like the solution: %.1f %% of the others",
            count["noted"], 100 * caught / (all - count["noted"])
        printf "\n"
        exit wrong + all - caught - count["noted"] > 0
    }' "$all.txt"
