#!/bin/sh
# Makes up a messy class, as learning platforms, browsers and people leave it, from few masters of
# chapter 1:
#
#   sh tests/class/make_messy.sh BUILD FOLDER       prints a line for each submission:
#
#   right STUDENT           all that is asked for is there: full marks
#   told STUDENT | WORDS    what the note in the table says
#   wrong STUDENT           it compiles, and has fewer points than there are
set -e
build=$1 folder=$2
mkdir -p "$folder" "$folder/../masters"
folder=$(cd "$folder" && pwd) masters=$(cd "$folder/../masters" && pwd)
name=01_tensors
right=$PWD/solutions/$name.cpp stub=$build/stubs/$name.cpp
half=$masters/half.cpp
sed 's/todo("1.1");/return 0;/' "$stub" > "$half"

put() {  # FILE PATH: a file of a student
    mkdir -p "$folder/$(dirname "$2")"
    cp "$1" "$folder/$2"
}
written() { mkdir -p "$folder/$(dirname "$1")"; cat > "$folder/$1"; }  # PATH, text on standard input
packed() {  # FOLDER ARCHIVE zip|gnutar… [OPTION]: the folder's content becomes an archive beside it
    (cd "$folder/$1" && cmake -E tar "c${4}f" "$folder/$2" --format="$3" -- *)
    rm -r "${folder:?}/$1"
}
bytes() {  # ARCHIVE FROM TO: the same number of bytes, as names in a zip are not compressed
    LC_ALL=C sed "s|$2|$3|g" "$folder/$1" > "$masters/bytes" && mv "$masters/bytes" "$folder/$1"
}
right() { for student; do echo "right $student"; done; }
told() { echo "told $1 | $2"; }
changed() {  # right|wrong WORD alternatives|misconceptions: the first of each exercise
    for exercise in 1.2 1.3 1.4 1.5 1.6; do
        change=$(ls tests/"$3"/$exercise/*.txt | head -1)
        student="$2 $exercise $(basename "$change" .txt)"
        mkdir -p "$folder/$student"
        awk -f tests/replace.awk "$change" "$right" > "$folder/$student/$name.cpp"
        echo "$1 $student"
    done
}

# ## Right, in every wrapping

put "$right" "folder/chapters/$name.cpp"
put "$right" "alone/$name.cpp"
put "$right" "deep/a/b/c/chapters/$name.cpp"
right folder alone deep
for each in 1:zip:zip: 2:ZIP:zip: 3:Zip:zip: 4:tar:gnutar: 5:tar.gz:gnutar:z 6:tgz:gnutar:z 7:TAR.GZ:gnutar:z \
    8:tar.bz2:gnutar:j 9:tar.xz:gnutar:J 10:txz:gnutar:J; do
    IFS=: read -r number ending format option <<EACH
$each
EACH
    case $option in j) command -v bzip2 ;; J) command -v xz ;; *) : ;; esac > /dev/null || continue
    put "$right" "tmp/chapters/$name.cpp"
    packed tmp "archive $number.$ending" "$format" "$option"
    right "archive $number"
done
number=0
for file in "$name (1).cpp" "$name-1.cpp" "$name.cpp.txt" "01_TENSORS.CPP" "Copy of $name.cpp" \
    "$name - Copy.cpp" "${name}_final.cpp" "01-tensors.cpp" "01 tensors.cpp" "${name} (12).cpp.txt" \
    "$name.cc" "Kopie von $name.cpp"; do
    number=$((number + 1))
    put "$right" "name $number/chapters/$file"
    right "name $number"
done
put "$stub" "stub beside/$name.cpp"
put "$right" "stub beside/$name (1).cpp"
put "$right" "on top/$name.cpp"
put "$stub" "on top/chapters/$name.cpp"
put "$right" "on top of half/$name.cpp"
put "$half" "on top of half/old/chapters/$name.cpp"
put "$right" "backups/chapters/$name.cpp"
put "$half" "backups/chapters/backups/$name.2026-01-01.cpp"
put "$right" "whole tree/chapters/$name.cpp"
put "$stub" "whole tree/build/stubs/$name.cpp"
put "tests/checks/$name.cpp" "whole tree/build/checks/$name.cpp"
put "$right" "mac/chapters/$name.cpp"
echo mac | written "mac/__MACOSX/chapters/._$name.cpp"
right "stub beside" "on top" "on top of half" backups "whole tree" mac

mkdir "$folder/Doe Jane_1001_assignsubmission_file_" "$folder/Poe Jim_1002_assignsubmission_file_"
put "$right" "tmp/chapters/$name.cpp"
packed tmp "Doe Jane_1001_assignsubmission_file_/work.zip" zip
put "$right" "tmp/homework/chapters/$name.cpp"
packed tmp "Poe Jim_1002_assignsubmission_file_/work.tar.gz" gnutar z
put "$right" "Roe Joy_1003_assignsubmission_file_/$name.cpp"
put "$right" "doejane_1001_20001_$name.cpp"
put "$right" "poejim_1002_20002_$name-1.cpp"
put "$half" "poejim_1002_20003_02_fast_matmul.cpp"
put "$right" "roejoy_LATE_1003_20004_$name-2.cpp"
right "Doe Jane_1001_assignsubmission_file_" "Poe Jim_1002_assignsubmission_file_" \
    "Roe Joy_1003_assignsubmission_file_" doejane_1001 poejim_1002 roejoy_LATE_1003

put "$right" "tmp/chapters/$name.cpp"
packed tmp "windows.zip" zip
bytes windows.zip "chapters/$name" "chapters\\\\$name"
put "$right" "tmp/a/$name.cpp"
put "$stub" "tmp/b/$name.cpp"
packed tmp "twice.zip" zip
bytes twice.zip "b/$name" "a/$name"
put "$stub" "tmp/c/$name.cpp"
put "$right" "tmp/d/$name.cpp"
packed tmp "twice more.zip" zip
bytes "twice more.zip" "c/$name" "d/$name"
right windows "twice more"
echo "wrong twice"  # the last file of a name counts
put "$right" "tmp/chapters/$name.cpp"
packed tmp "plain.zip" zip
{ echo "words in front"; cat "$folder/plain.zip"; } > "$folder/words.zip"
put "$right" "tmp/chapters/$name.cpp"
packed tmp "a ?*[1]\\.zip" zip
tar -cf "$folder/twice in a tar.tar" -C "$build/stubs" "$name.cpp"
tar -rf "$folder/twice in a tar.tar" -C solutions "$name.cpp"
right plain words "a ?*[1]\\" "twice in a tar"

sed 's/$/\r/' "$right" | written "crlf/$name.cpp"
{ printf '\357\273\277'; cat "$right"; } | written "bom/$name.cpp"
{ cat "$right"; echo 'double now() { return 1; }'; echo 'bool is_wrong(int) { return true; }'; } |
    written "helper/$name.cpp"
{ cat "$right"; echo 'const char* words() { return "like asm (but readable) __asm__"; }'; } |
    written "words of asm/$name.cpp"
{ cat "$right"; echo '// asm volatile ("nop");'; } | written "comment of asm/$name.cpp"
long=$(printf '%0240d' 0 | tr 0 n)
put "$right" "$long/$name.cpp"
put "$right" "Übermaß Żółć/$name.cpp"
put "$right" "=HYPERLINK(1)/$name.cpp"
put "$right" "O'Hara, \"Max\"/$name.cpp"
put "$right" "$(printf 'esc\033[31mape')/$name.cpp"
right crlf bom helper "words of asm" "comment of asm" "$long" "Übermaß Żółć" "'=HYPERLINK(1)" \
    "\"O'Hara, \"\"Max\"\"\"" "esc?[31mape"
changed right style alternatives

# ## Not right, and told why

changed wrong wrong misconceptions
echo "nothing yet" | written "no chapter/README"
: | written "empty/$name.cpp"
mkdir "$folder/nothing"
mkdir "$folder/link" && ln -s "$right" "$folder/link/$name.cpp"
head -c 3000000 /dev/zero | tr '\0' ' ' | written "large/$name.cpp"
head -c 3000 /dev/zero | written "binary/$name.cpp"
iconv -f UTF-8 -t UTF-16 "$right" | written "utf16/$name.cpp"
for ending in docx pdf o hpp ipynb; do
    put "$right" "ending $ending/$name.$ending"
done
put "$right" "other name/main.cpp"
printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' | written "empty zip.zip"
head -c 900 "$folder/plain.zip" | written "half a zip.zip"
head -c 3000 "$folder/archive 4.tar" | written "half a tar.tar"
head -c 900 "$folder/archive 5.tar.gz" | written "half a tar.gz.tar.gz"
echo "nothing yet" | written "tmp/README"
packed tmp "no chapter in it.zip" zip
cp "$folder/plain.zip" "$folder/.hidden.zip"
mkdir "$folder/file"
cp "$right" "$folder/file/$name.cpp.zip"
echo "not a zip" | written "no zip.zip"
echo "Rar!" | written "rar.rar"
echo "7z" | written "seven.7z"
mkdir "$folder/tmp" && cp "$folder/plain.zip" "$folder/tmp"
packed tmp "zip in a zip.zip" zip
told "no chapter" "there is no chapter in it"
told nothing "there is no chapter in it"
told "other name" "there is no chapter in it"
told "ending hpp" "there is no chapter in it"
told empty "it is empty"
told link "it is a link"
told large "larger than a megabyte"
told binary "it is not a text"
told utf16 "UTF-16"
for ending in docx pdf o ipynb; do told "ending $ending" "does not end in .cpp"; done
told "empty zip" "is empty"
for half in zip tar tar.gz; do told "half a $half" "cannot be opened"; done
told "no chapter in it" "there is no chapter in it"
told file "cannot be opened"
told "no zip" "cannot be opened"
told rar "hand in a .zip"
told seven "hand in a .zip"
told "zip in a zip" "archive in an archive"
if command -v zip > /dev/null; then
    cp "$right" "$masters/$name.cpp"
    (cd "$masters" && zip -q -P secret "$folder/encrypted.zip" "$name.cpp")
    told encrypted "it is encrypted"
fi
cat > "$folder/tmp.txt" <<'HOSTILE'
error killed|#line 1 "nowhere"@#error Killed|Killed
error space|#line 1 "nowhere"@#error No space left on device|No space left
no language|this is not C++|error
assembler|#include "01_tensors.hpp"@asm(".incbin \"/etc/passwd\"");|assembler is not taken
marker|# 1 "/usr/include/stdio.h" 1@asm("nop");@# 3 "01_tensors.cpp" 2|assembler is not taken
a name|int x __asm__("y\n.incbin \"/etc/passwd\"\n");|assembler is not taken
includes|#include "../../../solutions/01_tensors.cpp"|error
compiled|#pragma GCC pch_preprocess "/etc/passwd"|no compiled headers
compiled otherwise|_Pragma("GCC pch_preprocess \"01_tensors.cpp\"")|no compiled headers
endless|template <int n> struct Deep { enum { d = Deep<n + 1>::d + Deep<n + 2>::d }; };@int x = Deep<0>::d;|error
HOSTILE
while IFS='|' read -r student text words; do
    mkdir -p "$folder/hostile $student"
    printf '%s\n' "$text" | tr '@' '\n' > "$folder/hostile $student/$name.cpp"
    told "hostile $student" "$words"
done < "$folder/tmp.txt"
rm "$folder/tmp.txt"
