# Fills in exercises of a chapter as a student would. The answers are a file of blocks: a line
# `== 1.2` and the code that takes the place of that exercise's TODO; `== top` for code that goes
# below the chapter's includes. Where an exercise has two TODOs, its second block is for the second.
#
#   awk -f tests/fill.awk ANSWERS STUB > CHAPTER

NR == FNR && /^== / { current = $2 SUBSEP (++blocks[$2]); next }
NR == FNR { answer[current] = answer[current] $0 "\n"; next }

/^ *\/\/ TODO [0-9]+\.[0-9]+:/ {
    match($0, /[0-9]+\.[0-9]+/)
    number = substr($0, RSTART, RLENGTH)
    current = number SUBSEP (++todos[number])
    if (current in answer) { printf "%s", answer[current]; skip = 1; next }
}
skip { skip = 0; next }
{ print }
/^#include "kit\/chapter.hpp"/ { printf "%s", answer["top", 1] }
