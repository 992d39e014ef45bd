#!/bin/sh
# Builds what a student handed in, for grading, in two steps with rights of their own:
#
#   submission.sh prepare ROOT BUILD                      once, before all
#   submission.sh compile|link ROOT BUILD CHAPTERS OUT
#
# Each chapter that differs from its stub is compiled by itself, with limits on the compiler's time, memory
# and files. Then it is linked with the solutions of the chapters before it and the stubs of those after
# it, which have nothing that it needs; one more program holds all of the student's chapters, over the
# stubs.
#
# Writes OUT/NN_topic.worker and OUT/own.worker, and OUT/no-compile/NN_topic.txt for each chapter that is
# refused, does not compile or does not link. A chapter may include the standard library, the headers
# of chapters/, kit/, data/, training/ and demos/, and nothing else. Status 4: it is this machine that
# fails, which the grader's own probe.cpp tells before anybody's chapter.
step=$1 root=$2 build=$3 chapters=$4 out=$5
. "$build/recipe.sh"
MORE_FLAGS=${MORE_FLAGS--Og}  # the same answers, compiled sooner
seconds=${COMPILE_SECONDS:-60}

# The headers of the standard library that chapters include most, compiled before any of them. They are
# those that the first chapter's own header brings too, and so no name is taken that would be free.
if [ "$step" = prepare ]; then
    printf '#include <%s>\n' algorithm functional numeric stdexcept string vector > "$build/standard.hpp"
    # shellcheck disable=SC2086
    exec "$compiler" @"$build/flags.rsp" $MORE_FLAGS -x c++-header -o "$build/standard.hpp.gch" \
        "$build/standard.hpp"
fi
ready=
[ ! -f "$build/standard.hpp.gch" ] || ready=$build/standard.hpp

mkdir -p "$out/no-compile" "$out/temporary" || exit 4
export TMPDIR="$out/temporary" LC_ALL=C CCACHE_DISABLE=1  # no submission meets what another one left
unset LIBRARY_PATH CPATH CPLUS_INCLUDE_PATH  # their folders may not be read when confined
cd "$chapters" || exit 3

limited() {  # the first limit on time says so, the second kills without a word
    (
        ulimit -S -t "$seconds"; ulimit -H -t $((seconds + 5))
        ulimit -c 0; ulimit -v 4000000; ulimit -f 200000
        exec "$@"
    ) < /dev/null || {
        status=$?
        [ $status -lt 129 ] || echo "The compiler was stopped: $(kill -l $((status - 128)))" >&2
        return $status
    }
}

# All chapters together have twice the time of one. When that is used up, five seconds are left for each
# of the others.
share_time() {
    times > "$out/temporary/times" && { read -r _; read -r used _; } < "$out/temporary/times" || exit 4
    used_seconds=${used#*m} used_seconds=${used_seconds%%[.s]*}
    case $used_seconds in 0?) used_seconds=${used_seconds#0} ;; esac
    left=$((2 * ${COMPILE_SECONDS:-60} - 60 * ${used%%m*} - used_seconds))
    [ $left -gt "$seconds" ] || seconds=$left
    [ $seconds -ge 5 ] || seconds=5
}

# ## Is it the chapter, or this machine?

# Words are kept in memory, for the disk may be full; there is a product when all went well.
try() {  # STEP NAME → words
    words=$("$1" "$2" 2>&1 | head -c 20000)
    [ -f "$out/$2.$product" ]
}

# Can this machine do, now, the same with what is known to be right?
works() {  # STEP NAME
    if [ "$1" = compile ]; then
        (cd "$build/stubs" && try compile "$2") && rm "$out/$2.o"
    else
        cp "$build/stubs.rsp" "$out/known.rsp" && try link known && rm "$out/known.worker"
    fi
}

# A machine that fails says so in words that a chapter can put into the compiler's mouth as well, or says
# nothing. So the same is tried with what is right, and then once more with the chapter.
complain() {  # STEP NAME: words are why it does not compile
    case $words in
        *XCPU* | *'CPU time limit'*) words="The compiler was stopped: it ran out of time." ;;
        '' | *'No space'* | *[Kk]illed* | *'cannot execute'* | *unavailable* | *quota* | *'signal'* | \
            *stopped* | *memory* | *'Input/output'* | *'Read-only'* | *'ld returned'*)
            said=$words
            works "$1" "$2" || exit 4
            ! try "$1" "$2" || return 0
            words=${words:-${said:-The compiler stopped without a word.}} ;;
    esac
    echo "$words" | sed "s|$out/||g; s|$build/||g" > "$out/no-compile/$2.txt" || exit 4
}

# ## The two steps

# The list of what was read tells what was included, whatever macros were used to say so.
compile() {  # NAME → OUT/NAME.o, or words on standard error
    # shellcheck disable=SC2086
    limited "$compiler" @"$build/flags.rsp" $MORE_FLAGS -w ${ready:+-fpch-preprocess -include "$ready"} \
        -E -MD -MT x -MF "$out/$1.d" -o "$out/$1.ii" "$1.cpp" &&
        awk -v root="$root" -v chapter="$1.cpp" -v ready="$ready" \
            -f "$root/course/scripts/includes.awk" "$out/system.txt" "$out/$1.d" >&2 &&
        refuse_foreign_headers "$1" || return 1
    # shellcheck disable=SC2086
    limited "$compiler" @"$build/flags.rsp" $MORE_FLAGS -w -o "$out/$1.s" -S "$out/$1.ii" &&
        refuse_assembler "$1" &&
        limited "$compiler" @"$build/flags.rsp" -w -o "$out/$1.new" -c "$out/$1.s" &&
        mv "$out/$1.new" "$out/$1.o"
}

# Of what was compiled before, only what was prepared is taken.
refuse_foreign_headers() {  # NAME
    grep pch_preprocess "$out/$1.ii" | grep -Fvxq "#pragma GCC pch_preprocess \"$ready.gch\"" || return 0
    echo "error: a chapter takes no compiled headers" >&2
    return 1
}

# The compiler marks what it has taken over as assembler; a name can be assembler too.
refuse_assembler() {  # NAME
    sed 's/"\([^"\\]\|\\.\)*"//g' "$out/$1.s" | grep -q -e '^[[:space:]]*[#/;@]*[[:space:]]*APP' \
        -e 'InlineAsm Start' -e '\.incbin' || return 0
    echo "error: assembler is not taken; a chapter is plain C++" >&2
    return 1
}

link() {  # NAME: with the objects that OUT/NAME.rsp lists, → OUT/NAME.worker
    # shellcheck disable=SC2086
    limited "$compiler" @"$build/rooms.rsp" @"$out/$1.rsp" $link_flags -o "$out/$1.new" &&
        mv "$out/$1.new" "$out/$1.worker"
}

is_of() {  # NAME OBJECT
    case $2 in *"/$1.cpp.o\"") ;; *) false ;; esac
}

around() {  # NAME → the objects of its worker
    before=yes
    while read -r solved && read -r stub <&3; do
        if is_of "$1" "$solved"; then
            echo "\"$out/$1.o\""
            before=
        elif [ "$before" ]; then
            echo "$solved"
        else
            echo "$stub"
        fi
    done < "$build/solved.rsp" 3< "$build/stubs.rsp"
}

with() {  # NAME: the list on standard input, with the student's object in the place of NAME's
    while read -r object; do
        if is_of "$1" "$object"; then echo "\"$out/$1.o\""; else echo "$object"; fi
    done
}

# What a chapter defines and its stub does not is its own, whatever else has the same name.
keep_to_itself() {  # NAME
    command -v objcopy > /dev/null || return 0
    stub=$(grep "/$1\.cpp\.o\"\$" "$build/stubs.rsp" | tr -d '"')
    { nm -gP "$stub"; echo; nm -gP "$out/$1.o"; } | awk '
        NF == 0 { own = 1; next }
        $2 !~ /^[TDBR]$/ { next }
        !own { promised[$1] }
        own && !($1 in promised) { print $1 }' > "$out/local.txt" || exit 4
    [ ! -s "$out/local.txt" ] || objcopy --localize-symbols="$out/local.txt" "$out/$1.o" || exit 4
}

if [ "$step" = compile ]; then
    # Where the compiler keeps the standard library, one folder a line.
    "$compiler" -x c++ -E -v /dev/null 2>&1 |
        sed -n '/^#include </,/^End of search/s/^ \(\/[^ ]*\).*/\1/p' > "$out/system.txt"
    [ -s "$out/system.txt" ] || exit 4
    [ ! -f probe.cpp ] || { compile probe && rm "$out/probe.o" && exit 0; } || exit 4
    product=o
    for chapter in *.cpp; do
        name=${chapter%.cpp}
        [ -f "$build/stubs/$chapter" ] || continue
        cmp -s "$chapter" "$build/stubs/$chapter" && continue
        try compile "$name" || complain compile "$name"
        rm -f "$out/$name.ii" "$out/$name.s"
        share_time
    done
    exit 0
fi

product=worker
cp "$build/stubs.rsp" "$out/own.rsp" || exit 4
for object in "$out"/*.o; do
    [ -f "$object" ] || continue
    name=$(basename "$object" .o)
    keep_to_itself "$name"
    around "$name" > "$out/$name.rsp" || exit 4
    try link "$name" || complain link "$name"
    [ ! -f "$out/$name.worker" ] ||
        { with "$name" < "$out/own.rsp" > "$out/own.list" && mv "$out/own.list" "$out/own.rsp"; } || exit 4
done
for list in "$out"/*.rsp; do  # of a chapter alone, it may be the same
    [ "$list" = "$out/own.rsp" ] || ! cmp -s "$list" "$out/own.rsp" ||
        [ ! -f "${list%.rsp}.worker" ] || { ln "${list%.rsp}.worker" "$out/own.worker" && exit 0; }
done
try link own || works link own || exit 4
exit 0
