# The minutes of a chapter's exercises, by one rule: an estimate, the same for all.
#
#   awk -f tests/minutes.awk solutions/11_attention.cpp   → 11.1 15, 11.2 10, … and the sum
#
# A hundred and fifty words of prose a minute; a line of the answer half a minute at difficulty 1, one
# at 2, one and a half at 3; five minutes to find into it. An exercise is charged for the prose since
# the one before.
function charge() {
    if (exercise == "") return
    minutes = 5 * int((words / 150 + lines * difficulty / 2 + 5) / 5 + 0.5)
    print exercise, minutes
    sum += minutes
    words = 0
    exercise = ""
}
/^\/\/ ## / && !/^\/\/ ## Exercise / { charge() }
/^\/\/ ## Exercise / { charge(); exercise = $4 }
match($0, /About [0-9]+ lines? · difficulty [1-3]/) {
    split(substr($0, RSTART, RLENGTH), part, " ")
    lines = part[2]
    difficulty = substr($0, RSTART + RLENGTH - 1, 1)
}
/^\/\/ / { words += NF - 1 }
END { charge(); print "sum", sum }
