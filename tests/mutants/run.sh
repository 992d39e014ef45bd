#!/bin/sh
# Are small mistakes in the solutions caught by the checks? Makes mutants of the answers (mutate.awk),
# all of a chapter in one worker, and grades each by the checks of its exercise.
#
#   run.sh BUILD [CHAPTER or EXERCISE]
#
# BUILD/mutants.txt then holds a line for each mutant that compiles: how it fared (caught, timeout,
# noted or survives), its exercise, its place and the change. Those noted in survivors.txt, or in the
# file NOTES, answer like the solution. EVERY=50 takes each fiftieth, and writes BUILD/mutants-50.txt.
# What was graded is kept until the chapter, its checks or their records change. Status 1: a mutant
# survives that is not noted, or one is noted that is not made any more.
build=$1 what=${2#0}
notes=${NOTES:-tests/mutants/survivors.txt}
export EVERY="${EVERY:-1}" LC_ALL=C
all=$build/mutants
[ "$EVERY" = 1 ] || all=$build/mutants-$EVERY
mkdir -p "$all"

chapters=$(for solution in solutions/*.cpp; do
    chapter=$(basename "$solution" | sed 's/_.*//')
    case $what in '' | "${chapter#0}" | "${chapter#0}".*) echo "$chapter" ;; esac
done)
[ -n "$chapters" ] || { echo "no chapter or exercise $2" >&2; exit 3; }

# ## Grading, of what has no verdict yet

keep_verdicts() {  # also those of a run that was stopped
    for chapter in $chapters; do
        [ ! -f "$all/$chapter.txt" ] || awk -v OFS='\t' '/^variant / { exercise = $2; name = $3 }
            /^seed / { print exercise, name, $3 }' "$all/$chapter.txt" >> "$all/$chapter.verdicts"
        rm -f "$all/$chapter.txt"
    done
}

keep_verdicts
for chapter in $chapters; do
    made_from=$(cat solutions/"$chapter"_*.cpp chapters/"$chapter"_*.hpp tests/checks/"$chapter"_*.cpp \
        tests/hidden/"$chapter"_*.cpp tests/recorded/"$chapter".txt tests/mutants/mutate.awk 2> /dev/null |
        cksum)
    [ "$made_from" = "$(cat "$all/$chapter.made_from" 2> /dev/null)" ] || rm -f "$all/$chapter.verdicts"
    echo "$made_from" > "$all/$chapter.made_from"
    touch "$all/$chapter.verdicts"
done
echo "$chapters" | sort -r |
    xargs -n 1 -P "$(getconf _NPROCESSORS_ONLN)" sh tests/variants/make.sh "$build" || exit 3
for chapter in $chapters; do
    awk -F '\t' -v what="$what" '
        FILENAME ~ /verdicts$/ { graded[$1, $2]; next }
        $1 == "mutants" && (what !~ /[.]/ || $2 == what) && !(($2, $3) in graded)' \
        "$all/$chapter.verdicts" "$build/variants-$EVERY/$chapter/list.txt"
done | sh tests/variants/ask.sh "$build" "$all" "variants 1 --first-miss-only"
keep_verdicts

# ## The account

# The answers as they were, numbers 0-…, must survive. What is not listed did not compile.
for chapter in $chapters; do
    sed 's/^/verdict	/' "$all/$chapter.verdicts"
    grep '^mutants' "$build/variants-$EVERY/$chapter/list.txt"
    cat "$build/variants-$EVERY/$chapter/mutants.txt"
done | awk -F '\t' -v what="$what" -v notes="$notes" '
    BEGIN {
        while ((getline line < notes) > 0) if (line ~ /^[0-9]/) noted[line]
        word["pass"] = "survives"; word["fail"] = word["crash"] = "caught"; word["timeout"] = "timeout"
    }
    $1 == "verdict" { verdicts[$2, $3] = $4 in word ? word[$4] : "ungraded-" $4; next }
    $1 == "mutants" { listed[$2, $3]; next }
    {
        note = $2 "  " $4
        if (what ~ /[.]/ && $2 != what) next
        asked[$2]
        is_noted = note in noted
        made[note]
        if (!(($2, $1) in listed)) next
        verdict = ($2, $1) in verdicts ? verdicts[$2, $1] : "ungraded"
        if ($1 ~ /^0-/) {
            if (verdict != "survives") print "itself-" verdict "  " $2 "  " $3
            next
        }
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
