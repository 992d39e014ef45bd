#!/bin/sh
# Lists what is built for a student: the checks of each chapter that is begun, and the files that it
# needs. A chapter that equals its stub is not begun, and costs nothing.
#
#   begun.sh BUILD [CHAPTER | everything]        this chapter as well, or all there is
#
# Writes BUILD/begun.txt, which CMake reads, when it changes. It only grows: what is built stays built.
list=$1/begun.txt
[ -d "$1" ] || mkdir -p "$1" || exit 3
read -r first 2> /dev/null < "$list" && [ "$first" = everything ] && exit
if [ "$2" = everything ]; then
    echo everything > "$list"
    exit
fi
stubs="cat course/stubs/*.cpp"
[ ! -d solutions ] || stubs="awk -f course/scripts/cut.awk solutions/*.cpp"
find chapters solutions course/stubs course/data course/training course/demos -name '*.cpp' \
    2> /dev/null | awk -v stubs="$stubs" -v list="$list" -v wanted="${2%%.*}" '
    # What an #include means: chapters/03_autodiff.cpp and its master are 03_autodiff.cpp.
    {
        name = $0
        sub(/^(course\/stubs|course|chapters|solutions)\//, "", name)
        name_of[$0] = name
        if (name ~ /^[0-9]/) chapter[substr(name, 1, 2) + 0] = substr(name, 1, length(name) - 4)
    }

    # The stubs come one behind the other; the first line of each has its number.
    function find_begun(    line, own, word, now) {
        while ((stubs | getline line) > 0) {
            if (line ~ /^\/\/ # [0-9]+\. /) {
                if (now && (getline own < file) > 0) begun[now]
                split(line, word, /[ .]+/)
                now = chapter[word[3] + 0]
                file = "chapters/" now ".cpp"
                if ((getline own < file) < 0) now = ""
                else close(file)
            }
            if (now && ((getline own < file) <= 0 || own != line)) { begun[now]; now = "" }
        }
        if (now && (getline own < file) > 0) begun[now]
    }

    # What a header declares is in the files of its name or, in course/demos/, of its folder; what those
    # include is needed too.
    function include(header,    folder, file) {
        if (header in included) return
        included[header]
        read("course/" header)
        read("chapters/" header)
        folder = header ~ /^demos\/./ ? header : "none/"
        sub(/[^\/]*$/, "", folder)
        sub(/\.hpp$/, ".cpp", header)
        for (file in name_of)
            if (name_of[file] == header || index(name_of[file], folder) == 1) {
                needed[name_of[file]]
                read(file)
            }
    }
    function read(file,    line, part) {
        if (file in was_read) return
        was_read[file]
        while ((getline line < file) > 0)
            if (line ~ /^[ \t]*#[ \t]*include[ \t]*"/ && line !~ /\.\./) {
                split(line, part, "\"")
                include(part[2])
            }
    }

    END {
        find_begun()
        while ((getline line < list) > 0) {
            before[line]
            if (sub(/^check /, "", line)) begun[line]
        }
        if (wanted + 0 in chapter) begun[chapter[wanted + 0]]
        include("01_tensors.hpp")  # of which the grader itself is made
        for (name in begun) include(name ".hpp")

        for (name in begun) now["check " name]
        for (name in needed) now["build " name]
        for (line in now) if (!(line in before)) ++more
        if (!more) exit
        for (line in now) print line | ("sort > " list)
    }'
