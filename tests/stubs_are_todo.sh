#!/bin/sh
# An untouched course: every exercise is todo, nobody is blamed (status 0), and with --strict the
# status is 1. The judge is linked with the stubs, so it can serve as their worker.
set -e
json=$BUILD/stubs_are_todo.json
"$BUILD/judge" check --worker "$BUILD/judge" --chapters "$BUILD/stubs" --json "$json" > /dev/null
exercises=$(grep -c '^// ## Exercise ' "$BUILD"/stubs/*.cpp | awk -F: '{ n += $2 } END { print n }')
todo=$(grep -c '"verdict": "todo", "points": 0,' "$json")
echo "$todo of $exercises exercises are todo"
[ "$exercises" -gt 0 ] && [ "$todo" = "$exercises" ]

status=0
"$BUILD/judge" check --worker "$BUILD/judge" --chapters "$BUILD/stubs" --strict > /dev/null || status=$?
echo "with --strict the status is $status"
[ $status = 1 ]

# A stub compiles without a warning.
. "$BUILD/recipe.sh"
for stub in "$BUILD"/stubs/*.cpp; do
    "$compiler" @"$BUILD/flags.rsp" -Werror -fsyntax-only "$stub"
done
