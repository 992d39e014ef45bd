#!/bin/sh
# Grades a share of a class, so that several machines, or the tasks of a cluster, have one class between
# them: of SHARES shares number SHARE, from 1 on, into an OUT that they all see. Each share builds a copy
# of the course of its own. When all are done, `make grade` with the same words grades nobody again and
# writes the table and the page of the whole class.
#
#   sh course/class/share.sh SHARE SHARES SUBMISSIONS OUT [SEED=7 CHAPTER="1 2"]
set -e
usage="usage: share.sh SHARE SHARES SUBMISSIONS OUT [SEED=7 CHAPTER=\"1 2\"]"
[ $# -ge 4 ] && [ "$1" -ge 1 ] 2> /dev/null && [ "$2" -ge "$1" ] 2> /dev/null && [ -d "$3" ] ||
    { echo "$usage" >&2; exit 3; }
course=$(cd "$(dirname "$0")/../.." && pwd)
share=$1 shares=$2 submissions=$(cd "$3" && pwd)
mkdir -p "$4"
out=$(cd "$4" && pwd)
shift 4

work=$(mktemp -d "${TMPDIR:-/tmp}/share.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/course" "$work/class"
tar -C "$course" --exclude ./build --exclude ./.git -cf - . | tar -C "$work/course" -xf -
for submission in "$submissions"/*; do
    number=$((number + 1))
    [ $((number % shares)) -ne $((share % shares)) ] || cp -RP "$submission" "$work/class"
done
make -C "$work/course" grade SUBMISSIONS="$work/class" OUT="$out" "$@"
