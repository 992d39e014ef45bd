#!/bin/sh
# A chapter that compiles may still lack a function that a header promises: it was renamed, or its
# parameters changed. The stub has them all; each that is missing is told as the compiler would.
#
#   promised.sh STUBS.rsp CHAPTER.cpp OBJECT      status 1: something is missing
chapter=$2 object=$3
stub=
[ ! -f "$1" ] || while read -r line; do
    case $line in *"/${chapter##*/}.o\"") stub=${line#\"} stub=${stub%\"} ;; esac
done < "$1"
[ -f "$stub" ] || exit 0

nm -gC "$object" "$stub" 2> /dev/null | awk -v chapter="$chapter" '
    function is_empty(    line) {
        while ((getline line < chapter) > 0) if (line ~ /[^ \t\r]/) { close(chapter); return 0 }
        close(chapter)
        return 1
    }
    function line_of(name,    number, at, line) {  # where something begins that is called so
        while ((getline line < chapter) > 0) {
            ++number
            at = index(line, name "(")
            if (at > 1 && line ~ /^[A-Za-z]/ && substr(line, at - 1, 1) !~ /[A-Za-z0-9_]/) break
            at = 0
        }
        close(chapter)
        return at ? ":" number : ""
    }
    /^$/ { ++file; getline; next }  # a line names the file: first the object, then the stub
    !sub(/^[0-9a-f]+ T /, "") { next }
    { function_ = $0 }
    file == 1 { there[function_] = 1; next }
    !(function_ in there) {
        there[function_] = 1
        if (!missing && is_empty()) {
            number = chapter
            sub(/.*\//, "", number)
            print chapter ": error: the file is empty; the stub: make reset CHAPTER=" substr(number, 1, 2)
            exit missing = 1
        }
        name = function_
        sub(/[[(].*/, "", name)
        sub(/.*::/, "", name)
        print chapter line_of(name) ": error: the function " function_ " is gone; a header promises it"
        missing = 1
    }
    END { exit missing }'
