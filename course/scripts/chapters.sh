#!/bin/sh
# Puts freshly cut stubs in the place of the chapters. A chapter that would change is kept first, as a
# dated backup: nobody's work is lost.
#
#   chapters.sh STUBS CHAPTERS BACKUPS
set -e
for stub in "$1"/*.cpp; do
    chapter=$2/$(basename "$stub")
    if cmp -s "$stub" "$chapter"; then continue; fi
    if [ -f "$chapter" ]; then
        mkdir -p "$3"
        backup=$3/$(basename "$chapter" .cpp).$(date +%Y-%m-%d_%H.%M.%S).cpp
        cp "$chapter" "$backup"
        echo "$chapter changes; what it was is in $backup"
    fi
    cp "$stub" "$chapter.new"
    mv "$chapter.new" "$chapter"
done
