#!/bin/sh
# The book: no answer in the student's edition and all of them in the instructor's, no dead link,
# nothing from outside; and a mistake in a source stops it, with file and line.
. tests/book.inc

page_text() {  # the pages as a reader sees them: no tags, no entities
    sed 's/<[^>]*>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g' "$copy"/build/book/*.html |
        plain
}

plain() { tr -d '`*_^()'; }  # markup that the pages show as something else

# Lines of the answers, in code and in prose, that stand nowhere outside of them, nor in a header.
answers() {
    awk '
        { line = $0; sub(/^ *(\/\/)? *([0-9]\. |- )?/, "", line) }
        /^ *\/\/>/ { inside = 1; next }
        /^ *\/\/< *$/ { inside = 0; next }
        inside && length(line) > 24 { answer[line] = 1; next }
        { outside[line] = 1 }
        END { for (line in answer) if (!(line in outside)) print line }
    ' chapters/*.hpp solutions/*.cpp | plain
}

shown() {  # how many of the answers' lines can be read in the pages
    page_text > "$work/text.txt"
    awk 'FNR == NR { answer[$0] = 1; next }
         { sub(/^ *(\/\/)? */, "") } $0 in answer { print; delete answer[$0] }
    ' "$work/answers.txt" "$work/text.txt" | wc -l
}

dead_links() {
    awk '
        function page(path) { sub(/.*\//, "", path); return path }
        {
            rest = $0
            while (match(rest, /(href|src|id)="[^"]*"/)) {
                word = substr(rest, RSTART, RLENGTH)
                rest = substr(rest, RSTART + RLENGTH)
                what = word; sub(/=.*/, "", what)
                sub(/^[a-z]*="/, "", word); sub(/"$/, "", word)
                if (what == "id") there[page(FILENAME) "#" word] = 1
                else if (word !~ /^data:,$/) asked[page(FILENAME) " " word] = 1
            }
            there[page(FILENAME)] = 1
        }
        END {
            for (link in asked) {
                split(link, part, " ")
                target = part[2] ~ /^#/ ? part[1] part[2] : part[2]
                if (!(target in there)) print "dead link: " link
            }
        }' "$copy"/build/book/*.html "$copy"/build/book/*.svg "$copy"/build/book/style.css
}

mkdir -p "$work"
answers > "$work/answers.txt"
all=$(wc -l < "$work/answers.txt")
[ "$all" -gt 300 ] || complain "only $all lines of answers were found"

fresh_copy
weave instructor
[ $status = 0 ] || complain "the instructor's edition: $(cat "$work/screen.txt")"
found=$(shown)
echo "instructor: $found of $all lines of answers"
[ "$found" -gt $((all * 95 / 100)) ] || complain "the instructor's edition lacks answers"

weave student
[ $status = 0 ] || complain "the student's edition: $(cat "$work/screen.txt")"
found=$(shown)
echo "student: $found of $all lines of answers"
[ "$found" = 0 ] || complain "the student's edition shows answers"

dead_links > "$work/dead.txt"
[ ! -s "$work/dead.txt" ] || complain "$(head -5 "$work/dead.txt")"
grep -lE '<script|src="[a-z]*:|url\(|@import' "$copy"/build/book/*.html "$copy"/build/book/style.css &&
    complain "a page asks for something from outside"

# What the demos of the book read in data/learnt is of the runs that they would make today.
new=$(git status --porcelain data/learnt 2> /dev/null || true)
[ -z "$new" ] || complain "these runs were made anew; keep their ends, and delete the old ones: $new"

# Every word of the glossary is explained, by the sentence around it or by one in the list.
listed=$(wc -l < course/book/glossary.txt)
explained=$(grep -c '^<dt id="term-' "$copy/build/book/glossary.html")
[ "$listed" = "$explained" ] || complain "$explained of $listed words of the glossary are explained"
grep -q '^<dd>This is a <em>residual connection</em>: ' "$copy/build/book/glossary.html" ||
    complain "the sentence of a word of the glossary was not found"
grep -q '^<dd>Numbers between 0 and 1 that sum to 1\. ' "$copy/build/book/glossary.html" ||
    complain "the glossary's own sentence was not taken"

# In the picture of the transformer what is behind is filled, this chapter marked, the rest to come.
for page in "$copy"/build/book/1[1-7]_*.html; do
    awk -v here="$(basename "$page" | cut -c1-2)" '
        match($0, /^<a class="(built|now|later)" href="[0-9]*/) {
            split(substr($0, RSTART, RLENGTH), part, "\"")
            state = part[4] < here ? "built" : part[4] == here ? "now" : "later"
            if (part[2] != state) wrong = 1
            if (state == "now") marked = 1
        }
        END { exit wrong || !marked }' "$page" || complain "$page: the picture of the transformer is wrong"
done

# The check of the links sees one that is dead.
echo '<a href="#nowhere">x</a>' >> "$copy/build/book/index.html"
dead_links | grep -q nowhere || complain "a dead link was not seen"

# A mistake: what is said, and where. The older book stays.
refused() {  # FILE SED-SCRIPT WORDS
    fresh_copy
    weave student
    cp "$copy/build/book/index.html" "$work/before.html"
    sed "$2" "solutions/$1" > "$copy/solutions/$1"
    line=$(diff "solutions/$1" "$copy/solutions/$1" | sed -n '1s/[^0-9].*//p')
    weave student
    [ $status != 0 ] || complain "$1: '$2' was accepted"
    grep -qF "solutions/$1:$line: $3" "$work/screen.txt" ||
        complain "$1: '$2' should be refused at line $line with '$3': $(head -3 "$work/screen.txt")"
    cmp -s "$work/before.html" "$copy/build/book/index.html" || complain "a broken book was written"
}

refused 11_attention.cpp 's/= softmax(Q Kᵀ) V/= softmax(Q Kᵀ V/' "formula (11.2) does not parse: '(' is not closed"
refused 11_attention.cpp 's/(dA_ij − Σ/(dA_ij - Σ/' 'formula (11.5) does not parse: a minus sign is written −, not -'
refused 04_neural_networks.cpp 's/g\/(√v + ε)\( *(4.7)\)/g\/√\1/' 'formula (4.7) does not parse: √ has nothing under it'
refused 14_layer_parts.cpp 's/^\(.*FFN(x) =\).*\( (14.7)\)/\1  \2/' 'formula (14.7) does not parse'
refused 12_multi_head_attention.cpp 's/W^O  *(12.2)$/W^O/' 'a formula, indented by 4, ends in its number'
refused 11_attention.cpp 's/by (3.5) its gradient/by (3.9) its gradient/' 'there is no formula (3.9)'
refused 02_fast_matmul.cpp 's/of exercise 1.5 are/of exercise 1.9 are/' 'there is no exercise 1.9'
refused 13_positional_encoding.cpp 's/picture: 13_table/picture: 13_chair/' 'no demo makes the picture 13_chair'
refused 15_encoder.cpp 's/^\/\/        telegram  /&                 /' 'a drawing has at most 60 columns'
refused 11_attention.cpp 's/figure::save("11_words"/figure::save("11_deeds"/' 'the demo does not make the picture 11_deeds'
refused 11_attention.cpp 's/`transpose` treat/`transpose treat/' 'a ` is not closed'
refused 01_tensors.cpp 's/a \*tensor\*, and/a *tensor, and/' 'an emphasis that begins with * is not closed'
refused 11_attention.cpp 's/^\/\/ Nothing in it is new: .*/\/\/ > a\n\/\/ > b\n\/\/ > c\n\/\/ > d/' 'an aside has at most three lines'

# A word of the glossary that no chapter explains is named with its place there.
fresh_copy
sed 's/\*residual connection\*/residual connection/' solutions/14_layer_parts.cpp \
    > "$copy/solutions/14_layer_parts.cpp"
weave student
line=$(grep -n '^residual connection$' course/book/glossary.txt | sed 's/:.*//')
grep -qF "course/book/glossary.txt:$line: no chapter has *residual connection* in italics" "$work/screen.txt" ||
    complain "a word of the glossary without an explanation: $(head -3 "$work/screen.txt")"

# A remark stands in an aside, outside of the prose.
fresh_copy
sed 's/^\/\/ Nothing in it is new: /\/\/ > Dry `and` short.\n\/\/\n&/' solutions/11_attention.cpp \
    > "$copy/solutions/11_attention.cpp"
weave student
grep -qx '<aside class="note">Dry <code>and</code> short.</aside>' "$copy"/build/book/11_*.html ||
    complain "an aside is not in the book: $(head -3 "$work/screen.txt")"
finish
