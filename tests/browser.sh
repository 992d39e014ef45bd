#!/bin/sh
# The book in a real browser at 360, 768 and 1280 pixels, and dark, where only colours differ, at 1280:
# nothing is wider than the page or scrolls sideways but code; no failed load, no request to outside,
# no error on the console, enough contrast, every formula of a size.
. tests/book.inc
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "skipped: there is no Chromium here; sh course/setup.sh test installs it"
    exit 77
}

look() {  # NAME SCHEME PAGE… → $work/NAME.txt, the findings, and a line at the end; 0 is dark and 1 light
    name=$1 scheme=$2
    shift 2
    widths="360 768 1280"
    [ "$scheme" = 1 ] || widths=1280
    for page in "$@"; do
        for width in $widths; do
            echo "<iframe src=\"file://$page\" width=\"$width\"></iframe>"
        done
    done > "$work/$name.frames"
    sed -e "/^FRAMES\$/r $work/$name.frames" -e '/^FRAMES$/d' tests/browser.html > "$work/$name.html"
    "$browser" --headless --no-sandbox --disable-gpu --allow-file-access-from-files --enable-logging=stderr \
        --blink-settings=preferredColorScheme="$scheme" --user-data-dir="$work/profile-$name" --dump-dom \
        "file://$work/$name.html" > "$work/$name.dom" 2> "$work/$name.errors" || true
    sed -n 's/^FINDING //p; s/^LOOKED AT/looked at/p' "$work/$name.dom" > "$work/$name.txt"
    sed -n 's/.*CONSOLE[^]]*\] */console: /p' "$work/$name.errors" >> "$work/$name.txt"
}

rm -rf "$work"
mkdir -p "$work"

# First a page on which everything is wrong: each check must see its mistake.
cat > "$work/mistakes.html" << 'PAGE'
<!DOCTYPE html><html><body style="background: #fff"><h1>One</h1><h1>Two</h1><h3 id="a">Three</h3>
<div style="width: 2000px" id="a">wide</div><p style="color: #999">pale</p><img src="none.svg">
<link rel="stylesheet" href="none.css"><img src="http://127.0.0.1:9/outside.png" alt="outside">
<div class="formula" id="f"><math></math></div><div class="formula" id="g">x</div>
<pre style="width: 90px; overflow-x: auto">a line that is longer than its box</pre>
<figure class="diagram"><svg><a><rect width="9" height="9" fill="#fff"/><text y="9">too long</text></a></svg></figure>
<script>console.error("an error")</script></body></html>
PAGE
look wrong 1 "$work/mistakes.html"
for finding in "overflow of" "too wide: .*2000px" "scrolls or is cut: .*pre" "failed load of .*none.svg" "failed load of .*none.css" \
    "request to http" "no size of the formula in f" "no formula in g" 'no room .*"too long"' "contrast of 2" "no language" \
    "no title" "headings: 2" "headings: a level" "no alt text" "twice the id a" "console: .*an error"; do
    grep -q "$finding" "$work/wrong.txt" || complain "not seen on the wrong page: $finding"
done

for edition in instructor student; do
    fresh_copy
    weave $edition
    [ $status = 0 ] || complain "$(cat "$work/screen.txt")"
    # shellcheck disable=SC2046
    for scheme in 0 1; do
        look $edition-$scheme $scheme $(printf '%s\n' "$copy"/build/book/*.html) &
    done
    wait
    for scheme in 0 1; do
        grep '^looked at' "$work/$edition-$scheme.txt" ||
            complain "$edition, scheme $scheme: the browser did not come to an end"
        grep -v '^looked at' "$work/$edition-$scheme.txt" > "$work/found.txt" || continue
        complain "$edition, scheme $scheme: $(wc -l < "$work/found.txt") findings
$(head -20 "$work/found.txt")"
    done
done
finish
