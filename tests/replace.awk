# Applies a small change to a source file. The change is written as a difference: lines that begin with
# `-` must stand in the file, together and just once; lines that begin with `+` take their place. Other
# lines are a sentence for people. Leading blanks do not count.
#
#   awk -f tests/replace.awk CHANGE SOURCE > CHANGED

function bare(line) { sub(/^ +/, "", line); return line }

NR == FNR && /^-/ { old[++olds] = bare(substr($0, 2)); next }
NR == FNR && /^\+/ { new[++news] = substr($0, 2); next }
NR == FNR { next }
{ source[++lines] = $0 }

END {
    for (i = 1; i <= lines; ++i) {
        for (k = 1; k <= olds && bare(source[i + k - 1]) == old[k]; ++k) {}
        if (olds > 0 && k > olds) {
            ++found
            for (k = 1; k <= news; ++k) print new[k]
            i += olds - 1
        } else print source[i]
    }
    if (found != 1) {
        print FILENAME ": the lines to change are there " (found + 0) " times, not once" > "/dev/stderr"
        exit 1
    }
}
