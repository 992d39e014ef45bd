# Functions for tests that play a student: `hand_in NAME FILE` builds a worker of stubs into which
# the answers of FILE are filled, grades it, and keeps what the student would see.
set -e
work=$BUILD/tests/$(basename "$0" .sh)
rm -rf "$work"

hand_in() {  # NAME ANSWERS [solved]
    mkdir -p "$work/$1/chapters"
    for stub in "$BUILD"/stubs/*.cpp; do
        # With `solved`, a chapter without answers of its own is left to the solutions.
        chapter=$(basename "$stub" | sed 's/^0*\([0-9]*\)_.*/\1/')
        grep -q "^== \($chapter\.\|top\)" "$2" || continue
        awk -f tests/fill.awk "$2" "$stub" > "$work/$1/chapters/$(basename "$stub")"
    done
    sh course/worker.sh "$BUILD" "$work/$1/chapters" "$work/$1" "$3"
    status=0
    "$BUILD/judge" check --worker "$work/$1/worker" --chapters "$work/$1/chapters" \
        --complaints "$work/$1/no-compile" --json "$work/$1/results.json" \
        > "$work/$1/screen.txt" 2>&1 || status=$?
}

verdict() {  # NAME EXERCISE → "pass 2"
    sed -n "s/.*\"exercise\": \"$2\",.*\"verdict\": \"\([a-z-]*\)\", \"points\": \([0-9]*\),.*/\1 \2/p" \
        "$work/$1/results.json"
}

failures=0
expect() {  # WHAT EXPECTED FOUND
    if [ "$2" != "$3" ]; then
        echo "$1: expected '$2', found '$3'"
        failures=$((failures + 1))
    fi
}

finish() {
    echo "$failures expectations do not hold"
    [ $failures = 0 ]
}
