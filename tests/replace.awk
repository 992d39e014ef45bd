# Applies small changes to a source file. A change is written as a difference: lines that begin with `-`
# must stand in the file, together and just once; lines that begin with `+` take their place. After a
# `+`, the next `-` begins another place. Other lines are a sentence for people. Leading blanks do not
# count.
#
#   awk -f tests/replace.awk CHANGE SOURCE > CHANGED
#   awk -f tests/replace.awk -v numbered=1 CHANGE … SOURCE: all of them, a line "#variant 3" before the
#   third. One that cannot be applied is left out.

function bare(line) { sub(/^ +/, "", line); return line }

BEGIN { for (i = 1; i < ARGC - 1; ++i) number[ARGV[i]] = i }
FNR == 1 { change = number[FILENAME] }  # 0: the source

change && /^-/ {
    if (!places[change] || news[change, places[change]]) ++places[change]
    place = change SUBSEP places[change]
    old[place, ++olds[place]] = bare(substr($0, 2))
}
change && /^\+/ {
    place = change SUBSEP places[change]
    new[place, ++news[place]] = substr($0, 2)
}
!change { source[++lines] = $0; bared[lines] = bare($0) }

# The place of this change whose lines begin at source line i; 0: none.
function place_at(change, i,    p, k, place) {
    for (p = 1; p <= places[change]; ++p) {
        place = change SUBSEP p
        for (k = 1; k <= olds[place] && bared[i + k - 1] == old[place, k]; ++k) {}
        if (k > olds[place]) return p
    }
    return 0
}

function changed(change,    i, k, p, place, found, text, misses) {
    split("", found)
    for (i = 1; i <= lines; ++i) {
        p = place_at(change, i)
        if (!p) { text = text source[i] "\n"; continue }
        place = change SUBSEP p
        ++found[p]
        for (k = 1; k <= news[place]; ++k) text = text new[place, k] "\n"
        i += olds[place] - 1
    }
    for (p = 1; p <= places[change]; ++p) if (found[p] != 1) {
        print ARGV[change] ": the lines to change are there " (found[p] + 0) " times, not once:" > "/dev/stderr"
        print "    " old[change, p, 1] > "/dev/stderr"
        ++misses
    }
    if (!places[change]) print ARGV[change] ": it changes nothing" > "/dev/stderr"
    if (numbered && (misses || !places[change])) text = ""
    else if (numbered) text = "#variant " change "\n" text
    printf "%s", text
    return misses || !places[change]
}

END {
    for (change = 1; change < ARGC - 1; ++change) if (changed(change)) status = 1
    exit status
}
