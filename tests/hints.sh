#!/bin/sh
# Every exercise has three hints and an insight, and no hint gives an answer away: none contains a line
# of code from between `//> 1.2:` and `//<`.
#
#   hints.sh [HINTS SOLUTIONS]
hints=${1:-course/hints} solutions=${2:-solutions}
status=0
complain() {
    echo "$1"
    status=1
}

exercises=0
for solution in "$solutions"/*.cpp; do
    file=$hints/$(basename "$solution" .cpp).txt
    [ -f "$file" ] || { complain "$file is missing"; continue; }
    for exercise in $(sed -n 's/^\/\/ ## Exercise \([0-9.]*\) .*/\1/p' "$solution"); do
        exercises=$((exercises + 1))
        found=$(awk -v heading="## $exercise" '
            /^## / { inside = $0 == heading; next }
            inside && /^After: / { ++insights; blank = 0; next }
            inside && NF && (blank || !paragraphs) { ++paragraphs }
            { blank = !NF }
            END { print paragraphs + 0, insights + 0 }' "$file")
        [ "$found" = "3 1" ] || complain "$file: $exercise has (hints insights) $found, not 3 1"
    done
    # A line of an answer without blanks, in the hints without blanks. Lines that say nothing are left out.
    awk '
        function bare(text) { gsub(/[ \t]/, "", text); return text }
        NR == FNR { hints = hints bare($0); next }
        /^ *\/\/> [0-9]/ { inside = 1; next }
        /^ *\/\/</ { inside = 0 }
        inside && length(bare($0)) > 14 && index(hints, bare($0)) {
            print FILENAME ":" FNR ": this line of an answer stands in the hints"; bad = 1
        }
        END { exit bad }' "$file" "$solution" || status=1
done
echo "hints for $exercises exercises"
[ $exercises -gt 0 ] || status=1
exit $status
