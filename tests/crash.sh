#!/bin/sh
# After a crash the student sees the line of his own code that did it: a write outside a tensor, a null
# pointer, calls without end; and the index that `.at` refuses.
. tests/student.inc

crash() {  # NAME LINE KIND: grades tests' answer to 1.2 and expects this line and kind of crash
    mkdir -p "$work/$1"
    { echo "== 1.2" && cat; } > "$work/$1/answer.txt"
    hand_in "$1" "$work/$1/answer.txt"
    expect "$1: 1.2" "crash 0" "$(verdict "$1" 1.2)"
    chapter=$(echo "$work/$1"/chapters/*.cpp)
    "$BUILD/judge" check 1.2 --worker "$work/$1/worker" --chapters "$work/$1/chapters" --others stubs \
        > "$work/$1/screen.txt" 2>&1 || true
    number=$(grep -nF "$2" "$chapter" | sed 's/:.*//')
    # The message may be wrapped anywhere: compare it as one line.
    screen=$(tr -s ' \n' '  ' < "$work/$1/screen.txt")
    for text in "_tensors.cpp:$number: $3" "$2"; do
        case $screen in
            *"$text"*) ;;
            *) expect "$1: the screen" "$text" "$screen" ;;
        esac
    done
}

crash outside 'result.data.data()[10 * r + c] = 1.0f;' heap-buffer-overflow << 'EOF'
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < 40; ++c)
            result.data.data()[10 * r + c] = 1.0f;
    return result;
EOF

crash null '*nowhere = static_cast<float>(columns);' 'store to null pointer' << 'EOF'
    float* nowhere = rows > 1 ? nullptr : result.data.data();
    *nowhere = static_cast<float>(columns);
    return result;
EOF

crash endless 'Tensor again = transpose(x);' stack-overflow << 'EOF'
    Tensor again = transpose(x);
    again.data.push_back(1.0f);
    return again;
EOF

# An index that `.at` refuses is told with the length of its vector, and not in the library's words.
cat > "$work/at.txt" << 'EOF'
== 1.2
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c) result.data.at(r * columns + c) = x.data.at(c * columns + r);
    return result;
EOF
others=none
hand_in at "$work/at.txt"
screen=$(tr -s ' \n' '  ' < "$work/at/screen.txt")
case $screen in
    *"it threw: index 6 is outside a vector of 6: .at refuses it"*) ;;
    *) expect ".at" "index 6 is outside a vector of 6" "$screen" ;;
esac
finish
