# Where two arguments of one call draw random numbers, or ask the student, over any number of lines:
# FILE:LINE of its bracket. Compilers take them in different orders.
#
#   awk -f tests/draws.awk CHECKS.cpp …
#
# A list in braces is drawn from left to right by every compiler, and a block in braces line by line.

function flush_argument(d) { if (drew[d]) ++with[d]; drew[d] = 0 }
FNR == 1 { depth = 0; kind[0] = "{"; drew[0] = with[0] = 0 }
{
    line = $0
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    sub(/\/\/.*/, "", line)
    while (line != "") {
        if (match(line, /^(random_[a-z_]+|ASK[A-Z_]*)\(/)) {
            drew[depth] = 1
            line = substr(line, RLENGTH)  # the bracket stays
            continue
        }
        if (match(line, /^[A-Za-z_0-9]+/)) { line = substr(line, RLENGTH + 1); continue }
        letter = substr(line, 1, 1)
        line = substr(line, 2)
        if (letter ~ /[({]/) {
            kind[++depth] = letter
            drew[depth] = with[depth] = 0
            begin[depth] = FNR
        }
        else if (letter == ",") flush_argument(depth)
        else if (letter == ";") drew[depth] = with[depth] = 0
        else if (letter ~ /[)}]/ && depth > 0) {
            flush_argument(depth)
            if (kind[depth] == "(" && with[depth] > 1) print FILENAME ":" begin[depth]
            if (with[depth] > 0) drew[depth - 1] = 1
            --depth
            if (letter == "}" && line ~ /^ *$/) drew[depth] = 0  # the end of a block
        }
    }
}
