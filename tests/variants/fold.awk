# Folds many variants of a chapter into one source, which is compiled once: VARIANT in the environment
# of the worker chooses, and without it the chapter is as it was.
#
#   awk -f tests/variants/fold.awk -v without=" 3 17 " -v alone=FILE ALL > FOLDED.cpp
#
# ALL holds one chapter after another, each whole and under a line `#variant NUMBER`; the first is the
# chapter as it was, and its line ends in the name of the file. A function whose body differs in some
# of them gets a switch over the variants. A variant that differs elsewhere cannot be folded: its
# number goes to the file `alone`, and so do those of `without`.

# ## Reading: a chapter is functions, and what stands between them
#
# A function begins after a line that ends in `{` and ends with a `}` at the margin.

BEGIN { printf "" > alone }

function begin_variant(number) {
    end_variant()
    variant = number
    line = count = 0
    between = body = ""
    in_body = 0
}

function end_variant(    i) {
    if (variant == "") return
    add_function(between body, "")
    if (variant == first) functions = count
    else if (count != functions || differs || index(without, " " variant " ")) print variant > alone
    else for (i = 1; i <= count; ++i)
        if (i in changed) cases[i] = cases[i] text_of_case(i)
    split("", changed)
    differs = 0
}

# Of the first chapter all is kept, of another the bodies that differ.
function add_function(head, inside) {
    ++count
    if (variant == first) {
        heads[count] = head
        bodies[count] = inside
        begins[count] = begin
    } else if (heads[count] != head) differs = 1
    else if (bodies[count] != inside) {
        changed[count] = inside
        at[count] = begin
    }
}

function text_of_case(i) {
    return sprintf("case %s: {\n#line %d \"variant-%s\"\n%s} break;\n", variant, at[i], variant, changed[i])
}

/^#variant / {
    begin_variant($2)
    if (first == "") {
        first = $2
        file = $3
    }
    next
}

{ ++line }

!in_body {
    between = between $0 "\n"
    if (/[{]( *\/\/.*)?$/ && !/^(\/\/|namespace|struct|class|enum|union|extern) /) {
        in_body = 1
        begin = line + 1
        body = ""
    }
    next
}

/^}$/ {
    add_function(between, body)
    between = $0 "\n"
    body = ""
    in_body = 0
    next
}

/^}/ {  # a table, or the functions of a struct
    between = between body $0 "\n"
    body = ""
    in_body = 0
    next
}

{ body = body $0 "\n" }

# ## Writing

END {
    end_variant()
    print "#include <cstdlib>"
    print "static const int chosen_variant = std::getenv(\"VARIANT\") ? std::atoi(std::getenv(\"VARIANT\")) : 0;"
    printf "#line 1 \"%s\"\n", file
    for (i = 1; i <= functions; ++i) {
        printf "%s", heads[i]
        if (i in cases)
            printf "switch (chosen_variant) {\n%sdefault: {\n#line %d \"%s\"\n%s} break;\n}\n#line %d \"%s\"\n",
                cases[i], begins[i], file, bodies[i], begins[i] + gsub(/\n/, "\n", bodies[i]), file
        else printf "%s", bodies[i]
    }
}
