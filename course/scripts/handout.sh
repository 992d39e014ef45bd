#!/bin/sh
# Makes the tree that students get: chapters, the course's rooms, the visible checks, and nothing of the
# instructor's: no solutions, no hidden checks, no misconceptions, no tests of the course itself.
#
#   handout.sh STUBS OUT [BOOK]
#
# BOOK is the student's edition of the book, woven before.
#
# The checks have to be there, or `make check` could not work; they are sealed with seal.sh, so that
# nobody reads one by accident. A student's build opens them in its own folder. That is a curtain, not a
# lock: what must stay secret is in tests/hidden/, which is not here.
set -e
stubs=$1 out=$2 book=$3
new=$out.new
rm -rf "$new"
mkdir -p "$new/tests/checks" "$new/course"

cp LICENSE CMakeLists.txt .clang-format .gitattributes .gitignore "$new"
sed '/^# ## Instructors and authors/,$d' Makefile > "$new/Makefile"
cat >> "$new/Makefile" << 'EOF'
.PHONY: book
book:
	@echo " The book is here already: open book/index.html"
EOF
mkdir "$new/chapters"
cp chapters/*.hpp "$stubs"/*.cpp "$new/chapters"
cp -R "$stubs" "$new/course/stubs"
for room in course/*; do
    case $room in
        course/class) ;;
        *) cp -R "$room" "$new/course" ;;
    esac
done
for script in submission.sh includes.awk handout.sh gradescope.sh diff.sh solutions_branch.sh chapters.sh cut.awk; do
    rm -f "$new/course/scripts/$script"
done
[ ! -d data ] || cp -R data "$new"
[ -z "$book" ] || cp -R "$book" "$new/book"
cp -R course/class/handout/. "$new"
for check in tests/checks/*.cpp; do
    sh course/scripts/seal.sh < "$check" > "$new/tests/checks/$(basename "$check" .cpp).sealed"
done
cp -R tests/recorded "$new/tests"

rm -rf "$out"
mv "$new" "$out"
echo "$out holds what students get."
echo " next: copy it to them, or try it: cd $out && make check"
