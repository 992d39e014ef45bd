#!/bin/sh
# `make similar` finds a copy in which the variables are renamed, the functions moved and the comments
# gone, and does not pair what is only the stub, or the solution, or another way to the same answer.
. tests/student.inc
class=$work/the\ class

hand() {  # STUDENT, the answers on standard input
    mkdir -p "$class/$1"
    cat > "$work/answers.txt"
    awk -f tests/fill.awk "$work/answers.txt" "$BUILD/stubs/01_tensors.cpp" > "$class/$1/01_tensors.cpp"
}
hand anna <<'ANSWERS'
== top
static int anna_position(const Shape& shape, const Index& index) {
    int total = 0, stride = 1;
    for (int axis = static_cast<int>(shape.size()) - 1; axis >= 0; --axis) {
        if (index[axis] < 0 || index[axis] >= shape[axis]) throw std::invalid_argument("outside");
        total += stride * index[axis];
        stride *= shape[axis];
    }
    return total;
}
== 1.1
    if (index.size() != shape.size()) throw std::invalid_argument("axes");
    return anna_position(shape, index);
ANSWERS
# The same, renamed, without its place in the file.
{
    cat "$BUILD/stubs/01_tensors.cpp"
    sed -n '/^static int anna_position/,/^}/p' "$class/anna/01_tensors.cpp" |
        sed 's/anna_position/where/; s/total/sum_/g; s/stride/step/g; s/axis/a/g; s/shape/s/g; s/index/i/g'
} > "$work/bert.cpp"
mkdir -p "$class/bert" "$class/dirk" "$class/emma" "$class/fred"
mv "$work/bert.cpp" "$class/bert/01_tensors.cpp"
hand cleo <<'ANSWERS'
== 1.1
    if (shape.size() != index.size()) throw std::invalid_argument("axes");
    int place = 0;
    for (std::size_t k = 0; k != index.size(); k++) {
        const bool inside = 0 <= index[k] && index[k] < shape[k];
        if (!inside) throw std::invalid_argument("offset: there is no such element");
        place = index[k] + shape[k] * place;
    }
    return place;
ANSWERS
cp "$BUILD/stubs/01_tensors.cpp" "$class/dirk"
cp solutions/01_tensors.cpp "$class/emma"
cp solutions/01_tensors.cpp "$class/fred"

"$BUILD/instructor" similar "$class" > "$work/screen.txt"
cat "$work/screen.txt"
grep -q '^1 pairs among 6 submissions' "$work/screen.txt" || expect "pairs" 1 "others"
for student in anna bert; do
    grep -q "^   $student: lines [0-9]*-[0-9]*" "$work/screen.txt" || expect "$student" "found" "missed"
done
finish
