#!/bin/sh
# Puts the stub back in the place of a chapter, or of one exercise in it. What the student wrote is kept
# first, as a dated copy that nothing overwrites and `make clean` leaves alone.
#
#   reset.sh STUBS CHAPTERS CHAPTER|EXERCISE
stubs=$1 chapters=$2 what=$3
case $what in
    *[!0-9.]* | *.*.* | .* | *. | '')
        echo "Which one? make reset CHAPTER=11, or make reset EXERCISE=11.2" >&2
        exit 3 ;;
esac
number=$(printf '%02d' "$(echo "${what%%.*}" | sed 's/^0*\(.\)/\1/')")
stub=$(ls "$stubs/$number"_*.cpp 2> /dev/null)
if [ -z "$stub" ]; then
    echo "There is no chapter $number. The chapters are:" \
        "$(ls "$stubs" | sed -n 's/^\([0-9]*\)_.*/\1/p' | tr '\n' ' ')" >&2
    exit 3
fi
name=$(basename "$stub" .cpp)
chapter=$chapters/$name.cpp
new=$chapter.new
trap 'rm -f "$new"' EXIT

if [ "${what#*.}" = "$what" ] || [ ! -f "$chapter" ]; then
    cp "$stub" "$new" || exit 3
else
    # From the exercise's heading to the next one, the stub's lines stand in the place of the student's.
    exercise=$number.${what#*.}
    exercise=${exercise#0}
    for file in "$stub" "$chapter"; do
        grep -q "^// ## Exercise $exercise " "$file" && continue
        if [ "$file" = "$stub" ]; then echo "There is no exercise $exercise." >&2; exit 3; fi
        echo "$file has lost its heading '## Exercise $exercise'." >&2
        echo "The whole chapter: make reset CHAPTER=$number" >&2
        exit 3
    done
    awk -v heading="// ## Exercise $exercise " '
        /^\/\/ ## / { inside = index($0, heading) == 1 }
        NR == FNR { if (inside) stub = stub $0 "\n"; next }
        inside && stub != "" { printf "%s", stub; stub = "" }
        !inside { print }' "$stub" "$chapter" > "$new" || exit 3
fi
if cmp -s "$new" "$chapter"; then
    echo " $chapter is as it was handed out; nothing to put back."
    exit 0
fi

if [ -f "$chapter" ]; then
    mkdir -p "$chapters/backups" || exit 3
    first=$chapters/backups/$name.$(date +%Y-%m-%d_%H.%M.%S)
    backup=$first.cpp count=1
    until (set -C && cat "$chapter" > "$backup") 2> /dev/null; do
        if [ ! -e "$backup" ]; then
            echo "Cannot write $backup, so nothing was changed." >&2
            exit 3
        fi
        count=$((count + 1))
        backup=${first}_$count.cpp
    done
    if ! cmp -s "$chapter" "$backup"; then
        echo "Cannot write $backup, so nothing was changed." >&2
        exit 3
    fi
    echo " kept: what you wrote is in $backup"
fi
mv "$new" "$chapter" || exit 3
echo " reset: $chapter"
echo " next: make next CHAPTER=$number"
