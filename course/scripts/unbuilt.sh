#!/bin/sh
# Why chapters that compile, each by itself, do not make a program: the linker's words, made plain.
#
#   unbuilt.sh WHAT_WAS_SAID
awk '
    function chapters_in(line,    found) {  # "01_tensors.cpp and 11_attention.cpp"
        while (match(line, /[0-9][0-9]_[a-z_0-9]*\.cpp/)) {
            name = substr(line, RSTART, RLENGTH)
            line = substr(line, RSTART + RLENGTH)
            if (!index(found, name)) found = found (found ? " and " : "") name
        }
        return found
    }
    function named(line, words) {  # the function in quotes behind these words
        line = substr(line, index(line, words) + length(words))
        gsub(/^[: `'\''"]+|['\''"][^'\''"]*$/, "", line)
        return line
    }
    function tell(what, advice) { print " " what; print " " advice; told = 1; exit }
    /multiple definition of/ {
        what = named(substr($0, 1, index($0 ";", ";") - 1), "multiple definition of")
        if (what == "main") tell("There is a main in " chapters_in(last " " $0) ".", \
             "A chapter needs none: the course has one, which calls your functions.")
        tell(what " is defined twice: in " chapters_in(last " " $0) ".", \
             "Give one of them another name, or write static in front of it: then it is its chapter'\''s own.")
    }
    /duplicate symbol/ {
        tell(named($0, "duplicate symbol") " is defined twice.", \
             "Give one of them another name, or write static in front of it: then it is its chapter'\''s own.")
    }
    /undefined reference to/ {
        tell(named($0, "undefined reference to") " is called, and nothing defines it.", \
             "Is it spelt alike where it is declared and where its body stands? (" chapters_in(last " " $0) ")")
    }
    /error: / && !first { first = $0 }
    { last = $0 }
    END {
        if (told) exit
        if (first) print " " first
        print " The course was not built; all that was said is in " FILENAME "."
        print " next: make doctor says what this machine lacks"
    }' "$1"
