# Cuts a chapter out of its solution: what stands between `//> 1.2: about 8 lines` and `//<` becomes
# a TODO that throws its number; what stands between `//> answers` and `//<` is left out.
#
#   awk -f course/scripts/cut.awk solutions/01_tensors.cpp > chapters/01_tensors.cpp

/^ *\/\/> / {
    if (match($0, /[0-9]+\.[0-9]+: /)) {
        indent = $0; sub(/\/\/>.*/, "", indent)
        number = substr($0, RSTART, RLENGTH - 2)
        print indent "// TODO " number ": " substr($0, RSTART + RLENGTH)
        print indent "todo(\"" number "\");"
    }
    inside = 1
}
!inside { print }
/^ *\/\/< *$/ { inside = 0 }
END { if (inside) { print FILENAME ": an answer is not closed by //<" > "/dev/stderr"; exit 1 } }
