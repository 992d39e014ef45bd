#!/bin/sh
# Warns, as a compiler would, of a class or an inline function in a chapter whose name another file of the
# program has too. No compiler sees both, no linker refuses them, and one may be taken for the other.
#
#   same_names.sh CHAPTER.cpp
#
# What stands in a namespace without a name is its file's own.
rooms=${0%/*}/..
awk '
    FNR == 1 {
        file = FILENAME
        sub(/.*\//, "", file)
        if (FILENAME == ARGV[1]) own = file
        inside = 0
    }
    /^namespace/ { inside = 1 }
    /^}/ { inside = 0 }
    inside { next }

    /^(class|struct|union) / && !/^[^{]*;/ { name = $2 }
    /^(inline|constexpr) [^=;]*\(.*{/ { name = $0 }
    name {
        sub(/[^A-Za-z_0-9]*{.*/, "", name)
        if (FILENAME == ARGV[1]) line[name] = FNR
        else if (file != own && name in line) {
            print ARGV[1] ":" line[name] ": warning: " file " has a " name " too, and the program may" \
                  " take one for the other"
            delete line[name]
        }
        name = ""
    }' "$1" "${1%/*}"/*.[ch]pp "$rooms"/grader/*.[ch]pp "$rooms"/kit/*.[ch]pp "$rooms"/data/*.[ch]pp \
    "$rooms"/training/*.[ch]pp "$rooms"/demos/*/*.[ch]pp 2> /dev/null
