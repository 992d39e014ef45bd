# Applies a small change to a source file. The change is written as a difference: lines that begin with
# `-` must stand in the file, together and just once; lines that begin with `+` take their place. After
# a `+`, the next `-` begins another place. Other lines are a sentence for people. Leading blanks do not
# count.
#
#   awk -f tests/replace.awk CHANGE SOURCE > CHANGED

function bare(line) { sub(/^ +/, "", line); return line }

NR == FNR && /^-/ { if (!places || news[places]) ++places; old[places, ++olds[places]] = bare(substr($0, 2)) }
NR == FNR && /^\+/ { new[places, ++news[places]] = substr($0, 2) }
NR == FNR { next }
{ source[++lines] = $0 }

END {
    for (i = 1; i <= lines; ++i) {
        for (place = 1; place <= places; ++place) {
            for (k = 1; k <= olds[place] && bare(source[i + k - 1]) == old[place, k]; ++k) {}
            if (k > olds[place]) break
        }
        if (place <= places) {
            ++found[place]
            for (k = 1; k <= news[place]; ++k) print new[place, k]
            i += olds[place] - 1
        } else print source[i]
    }
    for (place = 1; place <= places; ++place) if (found[place] != 1) {
        print FILENAME ": the lines to change are there " (found[place] + 0) " times, not once:" > "/dev/stderr"
        print "    " old[place, 1] > "/dev/stderr"
        status = 1
    }
    exit status || !places
}
