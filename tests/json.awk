# Says whether a file is JSON, by its exit status: strings, numbers and words become a 0, and what is
# a list or an object of zeros becomes a 0 in turn, until nothing is left but one.
{ text = text $0 "\n" }
END {
    gsub(/[ \t\n]+/, " ", text)
    gsub(/"([^"\\]|\\["\\\/bfnrtu])*"/, "s", text)
    gsub(/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/, "0", text)
    gsub(/true|false|null/, "0", text)
    gsub(/ /, "", text)
    while (gsub(/\[((0|s)(,(0|s))*)?\]|\{(s:(0|s)(,s:(0|s))*)?\}/, "0", text)) continue
    exit !(text == "0" || text == "s")
}
