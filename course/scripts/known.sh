#!/bin/sh
# Refuses a chapter that does not exist, or an exercise of one, before anything is built.
#
#   known.sh CHAPTERS [11 or 11.2]
what=${2%%.*}
[ -n "$what" ] || exit 0
for chapter in "$1"/[0-9][0-9]_*.cpp; do
    number=${chapter##*/}
    number=${number%%_*}
    [ "${number#0}" != "${what#0}" ] || exit 0
    known="$known $number"
done
echo " There is no chapter '$what'; there are$known." >&2
exit 3
