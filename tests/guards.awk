# Which check catches which misconception? A table of every exercise with its misconceptions and
# checks, and behind it a line `not guarded 11.2 the rule` for each check that could be deleted
# without any misconception going unseen.
#
#   awk -f tests/guards.awk tests/recorded/[0-9]*.txt tests/recorded/misconceptions/*.txt

FNR == 1 {
    known = FILENAME ~ /misconceptions/
    exercise = FILENAME
    sub(/.*\//, "", exercise); sub(/\.txt$/, "", exercise)
}
!known && /^check / {
    exercise = $2
    rule = substr($0, length("check " exercise) + 2)
    if (!(exercise in checks)) order[++exercises] = exercise
    rules[exercise, ++checks[exercise]] = rule
    number[exercise, rule] = checks[exercise]
    total++
}
known && /^misconception / { name = exercise SUBSEP (++count[exercise]); names[name] = $2; all++ }
known && /^check / {
    caught[name] = caught[name] " " number[exercise, substr($0, 7)]
    last[name] = substr($0, 7)
    by[name]++
}

END {
    for (e = 1; e <= exercises; ++e) {
        exercise = order[e]
        print exercise
        for (c = 1; c <= checks[exercise]; ++c) printf "  %2d  %s\n", c, rules[exercise, c]
        for (m = 1; m <= count[exercise]; ++m) {
            name = exercise SUBSEP m
            printf "      %-32s caught by%s\n", names[name], caught[name]
            if (by[name] == 1) guarded[exercise, last[name]] = 1
        }
        print ""
    }
    for (e = 1; e <= exercises; ++e)
        for (c = 1; c <= checks[order[e]]; ++c)
            if ((order[e], rules[order[e], c]) in guarded) ++held
            else print "not guarded " order[e] " " rules[order[e], c]
    printf "%d misconceptions, %d checks; %d checks are the only one that catches some misconception\n",
        all, total, held
}
