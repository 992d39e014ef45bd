#!/bin/sh
# Other people's machines, played here: what git, an editor, a locale, a cache or a clock does there, and
# what a student or an instructor is told.
. tests/student.inc

says() {  # TEXT COMMAND …: its output contains the text
    text=$1
    shift
    said=$("$@" 2>&1) || true
    case $said in
        *"$text"*) ;;
        *) expect "$*" "… $text …" "$said" ;;
    esac
}

# ## git that turns line ends into those of Windows

if git rev-parse -q --git-dir > /dev/null 2>&1; then
    git ls-files .gitattributes Makefile chapters course |
        git -c core.autocrlf=true checkout-index --stdin --prefix="$work/windows/"
    expect "files with the line ends of Windows" "" \
        "$(grep -rl "$(printf '\r')" "$work/windows" | head -3)"
fi

finish
