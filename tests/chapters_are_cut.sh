#!/bin/sh
# chapters/ is what cutting solutions/ gives, to the byte, and nothing else.
status=0
for chapter in chapters/*.cpp solutions/*.cpp; do
    name=$(basename "$chapter")
    if ! awk -f course/scripts/cut.awk "solutions/$name" | cmp - "chapters/$name"; then
        echo "chapters/$name is not what course/scripts/cut.awk makes of solutions/$name (make chapters)"
        status=1
    fi
done
exit $status
