# Makes small mistakes in the answers of a chapter: a plus for a minus, a bound off by one, a dropped
# statement.
#
#   awk -f tests/mutants/mutate.awk -v list=LIST -v every=1 -v base=0 solutions/11_attention.cpp
#
# Writes to standard output the chapter with each, under a line `#variant NUMBER`, as fold.awk reads
# it; NUMBER is that of the mutant and `base`. To LIST goes a line for each mutant: its number,
# exercise, place and the line of code with «old → new» in it; and one for each answer as it was, with
# the number 0-11.2. With every=20 only each twentieth is written.

# ## Reading: an answer as tokens, each with the blanks and comments before it

function add_token(text, kind) {
    token[++n] = text; is[n] = kind; gap[n] = blanks; at[n] = place
    blanks = ""
}

function read_tokens(text, first_line,    found) {
    n = 0; blanks = ""; place = first_line
    while (text != "") {
        if (match(text, /^[ \n]+/) || match(text, /^\/\/[^\n]*/)) {
            found = substr(text, 1, RLENGTH)
            blanks = blanks found
            place += gsub(/\n/, "\n", found)
        } else if (match(text, /^"([^"\\]|\\.)*"/)) add_token(substr(text, 1, RLENGTH), "string")
        else if (match(text, /^[0-9][0-9.]*(e-?[0-9]+)?f?/)) add_token(substr(text, 1, RLENGTH), "number")
        else if (match(text, /^[A-Za-z_][A-Za-z_0-9]*/)) add_token(substr(text, 1, RLENGTH), "name")
        else if (match(text, /^(->|::|\+\+|--|&&|\|\||[-+*\/%=!<>]=|.)/))
            add_token(substr(text, 1, RLENGTH), "sign")
        text = substr(text, RLENGTH + 1)
    }
    token[n + 1] = ""; gap[n + 1] = blanks; token[0] = "{"
}

# The partner of every bracket, and the bracket around every token.
function pair_brackets(    i, depth, open) {
    open[0] = 0; depth = 0
    for (i = 1; i <= n; ++i) {
        if (token[i] ~ /^[])}]$/) { partner[open[depth]] = i; partner[i] = open[depth]; --depth }
        around[i] = open[depth]
        if (token[i] ~ /^[[({]$/) open[++depth] = i
    }
}

function text_of(first, last,    i, text) {
    for (i = first; i <= last; ++i) text = text (i > first ? gap[i] : "") token[i]
    return text
}

function one_line(text) {
    gsub(/\/\/[^\n]*/, "", text); gsub(/[ \n]+/, " ", text)
    return text
}

# ## Writing one mutant: tokens first to last give way to a text

function mutant(first, last, new,    a, b, shown) {
    for (a = first; a > 1 && at[a - 1] == at[first]; --a) {}
    for (b = last; b < n && at[b + 1] == at[last]; ++b) {}
    shown = one_line(text_of(a, first - 1) (first > a ? gap[first] : "") \
        "«" text_of(first, last) " → " new "»" (b > last ? gap[last + 1] : "") text_of(last + 1, b))
    if (seen[exercise, shown]++) return
    printf "%d\t%s\t%s:%d\t%s\n", ++number, exercise, FILENAME, at[first], shown > list
    if (number % every) return
    mutated[number] = text_of(1, first - 1) gap[first] new gap[last + 1] text_of(last + 1, n)
    begins[number] = begin
    ends[number] = FNR
}

# ## Mistakes

BEGIN {
    other["+"] = "-"; other["-"] = "+"; other["*"] = "/"; other["/"] = "*"; other["%"] = "/"
    other["<"] = "<="; other["<="] = "<"; other[">"] = ">="; other[">="] = ">"
    other["=="] = "!="; other["!="] = "=="; other["&&"] = "||"; other["||"] = "&&"
    other["+="] = "-="; other["-="] = "+="; other["*="] = "/="; other["/="] = "*="
    other["++"] = "--"; other["--"] = "++"; other["?"] = "== false ?"
    other["min"] = "max"; other["max"] = "min"; other["sin"] = "cos"; other["cos"] = "sin"
    other["max_element"] = "min_element"; other["true"] = "false"; other["false"] = "true"
}

function in_for(i) { return token[around[i]] == "(" && token[around[i] - 1] == "for" }

function change_sign(i) {
    if (token[i] ~ /^(\+\+|--)$/) mutant(i, i, other[token[i]])
    else if (gap[i + 1] == "" && token[i] ~ /^[-!]$/) mutant(i, i, "")
    else if (gap[i] != "" && gap[i + 1] != "" && token[i] in other) mutant(i, i, other[token[i]])
    if (token[i] == "<" && gap[i] != "" && in_for(i)) mutant(i, i, "+ 1 <")
    if (token[i] ~ /^[-+]=$/) mutant(i, i, "=")
}

function tenth_more(value) {
    value = sprintf("%.6g", 1.1 * value)
    return value ~ /[.e]/ ? value : value ".0"
}

function change_number(i,    suffix, value) {
    if (used[at[i], token[i]]++) return  # the same number once a line
    suffix = token[i] ~ /f$/ ? "f" : ""
    value = token[i] + 0
    if (token[i] !~ /[.]/) {
        if (value == 1) mutant(i, i, "0")
        mutant(i, i, value + 1)
    } else if (value == 0) mutant(i, i, "1.0" suffix)
    else {
        if (value == 1) mutant(i, i, "0.0" suffix)
        mutant(i, i, tenth_more(value) suffix)
    }
}

# Names that stand for a value, and not for a type or a function, or what is just declared.
function is_value(i) {
    if (is[i] != "name" || token[i] ~ /^(true|false|return|break|continue|else|auto|const|float|double|int)$/) return 0
    if (token[i - 1] ~ /^([.]|->|::)$/ || token[i + 1] ~ /^(::|[({])$/ || is[i + 1] == "name") return 0
    if (token[i + 1] ~ /^[<>*&]$/ && gap[i + 1] == "") return 0
    if (token[i - 1] ~ /^[*&>]$/ && gap[i - 1] == "" && gap[i] != "") return 0
    return is[i - 1] != "name" || token[i - 1] ~ /^(return|else)$/
}

# The names of an answer's values, in the order in which they occur, and those that count.
function collect_names(    i) {
    split("", place_of); split("", counts)
    values = 0
    for (i = 1; i <= n; ++i) {
        if (token[i - 1] ~ /^(int|size_t)$/ && token[i + 1] ~ /^[=)]$/) counts[token[i]]
        if (is_value(i) && !(token[i] in place_of)) {
            names[++values] = token[i]
            place_of[token[i]] = values
        }
    }
}

function in_subscript(i) {
    for (i = around[i]; i > 0; i = around[i]) if (token[i] == "[") return 1
    return 0
}

# Each of the other names takes its place once; most that are of another type do not compile.
function change_name(i,    k) {
    for (k = 1; k <= values; ++k) if (names[k] != token[i]) mutant(i, i, names[k])
    if (token[i] in counts && in_subscript(i)) mutant(i, i, "(" token[i] " + 1)")
}

# Where the statement that ends in this semicolon begins, or 0 when it is a part of a for.
function begin_of_statement(i,    b) {
    if (in_for(i)) return 0
    for (b = i; b > 1; --b) {
        if (token[b - 1] ~ /^([;{]|else)$/) break
        if (token[b - 1] == "}" && is[b] == "name") break
        if (token[b - 1] ~ /^[])}]$/) {
            if (token[b - 1] == ")" && token[partner[b - 1] - 1] ~ /^(if|for|while)$/) break
            b = partner[b - 1] + 1
        }
    }
    return b
}

function drop_statement(i,    b) {
    b = begin_of_statement(i)
    if (b == 0 || b == i || (token[b] == "return" && token[b - 1] ~ /^[;{}]$/)) return
    if (token[b] !~ /^(const|using)$/) mutant(b, i, ";")
}

# The ends of the parts between the commas of a bracket, in part[1], part[2], …
function split_parts(open,    i, count) {
    part[0] = open
    for (i = open + 1; i < partner[open]; ++i) {
        if (token[i] == ";") return 0
        if (token[i] ~ /^[[({]$/) i = partner[i]
        else if (token[i] == ",") part[++count] = i
    }
    if (partner[open] > open + 1) part[++count] = partner[open]
    return count
}

function change_call(open,    count, k, b, first, second) {
    count = split_parts(open)
    for (k = 1; k < count; ++k) {
        first = text_of(part[k - 1] + 1, part[k] - 1)
        second = text_of(part[k] + 1, part[k + 1] - 1)
        if (first != second) mutant(part[k - 1] + 1, part[k + 1] - 1, second ", " first)
    }
    if (count == 0 || token[open] != "(" || is[open - 1] != "name") return
    if (token[open - 1] ~ /^(if|for|while|return)$/) return
    b = token[open - 2] == "::" ? open - 3 : open - 1
    if (token[b - 1] ~ /^[.>]$/ || token[b - 1] == "->" || is[b - 1] == "name" && token[b - 1] != "return")
        return
    mutant(b, partner[open], "(" text_of(part[0] + 1, part[1] - 1) ")")
}

function negate(open) { mutant(open, partner[open], "(!" text_of(open, partner[open]) ")") }

function mutate(    i) {
    pair_brackets()
    collect_names()
    for (i = 1; i <= n; ++i) {
        if (is[i] == "number") change_number(i)
        if (is[i] == "sign") change_sign(i)
        if (is[i] == "name" && token[i] in other) mutant(i, i, other[token[i]])
        if (is_value(i)) change_name(i)
        if (token[i] ~ /^(if|while)$/) negate(i + 1)
        if (token[i] ~ /^[({]$/) change_call(i)
        if (token[i] == ";") drop_statement(i)
    }
}

# ## The chapter

BEGIN { printf "" > list }

{ line[FNR] = $0 }

/^ *\/\/> [0-9]/ {
    exercise = $2
    sub(/:$/, "", exercise)
    begin = FNR + 1
    inside = 1
    answer = ""
    next
}

inside && /^ *\/\/</ {
    inside = 0
    read_tokens(answer, begin)
    if (!begun[exercise]++)
        printf "0-%s\t%s\t%s:%d\tthe answer as it was\n", exercise, exercise, FILENAME, begin > list
    mutate()
}

inside { answer = answer $0 "\n" }

END {
    for (k = every; k <= number; k += every) {
        print "#variant " base + k
        for (i = 1; i < begins[k]; ++i) print line[i]
        print mutated[k]
        for (i = ends[k]; i <= FNR; ++i) print line[i]
    }
}
