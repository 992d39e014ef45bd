# Refuses a chapter that includes what it may not, or that contains assembler, with words on standard
# output and status 1. Reads the folders of the standard library, one a line, then the chapter as the
# preprocessor leaves it, with its `# LINE "FILE" FLAGS` marks: flag 1 enters a file, 2 returns to one.
#
#   awk -v root=COURSE -f includes.awk SYSTEM_FOLDERS CHAPTER.ii

function plain(path,    count, parts, kept, i, k, result) {  # without . and ..
    count = split(path, parts, "/")
    k = 0
    for (i = 2; i <= count; ++i) {
        if (parts[i] == "..") { if (k > 0) --k }
        else if (parts[i] != "." && parts[i] != "") kept[++k] = parts[i]
    }
    result = ""
    for (i = 1; i <= k; ++i) result = result "/" kept[i]
    return result
}

function starts(text, start) { return substr(text, 1, length(start)) == start }

function allowed(path,    i) {
    if (substr(path, 1, 1) != "/") return 0
    path = plain(path)
    for (i = 1; i <= systems; ++i) if (starts(path, system_folder[i])) return 1
    if (starts(path, root "/chapters/")) return path ~ /\.hpp$/
    return starts(path, root "/course/") &&
           substr(path, length(root) + 9) ~ /^(kit|data|training|demos)\/[a-z_0-9\/]+\.hpp$/
}

function refuse(why) {
    print why
    refused = 1
    exit 1
}

NR == FNR { system_folder[++systems] = plain($0) "/"; next }

/^# [0-9]+ "/ {
    file = $0
    sub(/^# [0-9]+ "/, "", file)
    flags = file
    sub(/.*"/, "", flags)
    sub(/"[^"]*$/, "", file)
    if (flags ~ / 1/) {
        if (file !~ /^<.*>$/ && file !~ /\/stdc-predef\.h$/ && !allowed(file))
            refuse("error: #include of " file ": a chapter may include the standard library," \
                   " the headers of chapters/, kit/, data/, training/ and demos/, and nothing else")
        ++depth
    } else if (flags ~ / 2/) --depth
    else if (depth == 0) line = $2 - 1
    if (depth == 0 && flags ~ / 2/) line = $2 - 1
    next
}

depth == 0 {
    ++line
    if ($0 ~ /(^|[^A-Za-z0-9_])(asm|__asm|__asm__)([^A-Za-z0-9_]|$)/)
        refuse("line " line ": error: assembler is not taken; a chapter is plain C++")
}

END { if (!refused && depth != 0) { print "error: the preprocessor did not finish"; exit 1 } }
