# Refuses a chapter that includes what it may not, with words on standard output and status 1. Reads the
# folders of the standard library, one a line, then the list of what the compiler has read, as it is
# written for make.
#
#   awk -v root=COURSE -v chapter=NAME -v ready=HEADER -f includes.awk SYSTEM_FOLDERS NAME.d

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
    if (path == chapter || path ~ /\/stdc-predef\.h$/) return 1
    if (ready != "" && (path == ready || path == ready ".gch")) return 1  # what stands before all
    if (substr(path, 1, 1) != "/") return 0
    path = plain(path)
    for (i = 1; i <= systems; ++i) if (starts(path, system_folder[i])) return 1
    if (starts(path, root "/chapters/")) return path ~ /\.hpp$/
    return starts(path, root "/course/") &&
           substr(path, length(root) + 9) ~ /^(kit|data|training|demos)\/[a-z_0-9\/]+\.hpp$/
}

NR == FNR { system_folder[++systems] = plain($0) "/"; next }

{
    sub(/^x:/, "")
    sub(/\\$/, "")
    gsub(/\\ /, "\001")  # a space in a name
    gsub(/\\#/, "#")
    gsub(/\$\$/, "$")
    for (i = 1; i <= NF; ++i) {
        file = $i
        gsub(/\001/, " ", file)
        if (allowed(file)) continue
        print "error: #include of " file ": a chapter may include the standard library," \
              " the headers of chapters/, kit/, data/, training/ and demos/, and nothing else"
        exit 1
    }
}
