#!/bin/sh
# The code in the pages is code that runs as a test: the program in the README is examples/hello.c, and
# each block of C in a guide stands, line by line, in one of the examples (a line "..." leaves some out;
# indentation may differ).
set -eu
cd "${PROJECT:?the folder of the project}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
broken=0

awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$folder/hello.c"
if diff -u examples/hello.c "$folder/hello.c"; then
    echo 'ok: the program in the README is examples/hello.c'
else
    echo 'FAILED: the program in README.md differs from examples/hello.c'
    broken=1
fi

# Reads the examples, then the page; a block is taken apart at the "..." lines, and each piece must
# be somewhere in one example.
quotes_examples() {
    awk -v page="$1" '
        function bare(line) { gsub(/^[ \t]+|[ \t]+$/, "", line); return line }
        function check_piece(    i) {
            if (piece == "\n") return
            for (i = 1; i <= count; i++)
                if (index(text[i], piece)) { piece = "\n"; return }
            printf "FAILED: %s:%d: this code stands in no example:%s", page, FNR, piece
            broken = 1
            piece = "\n"
        }
        FILENAME != page { if (FNR == 1) text[++count] = "\n"
                           text[count] = text[count] bare($0) "\n"; next }
        /^```c$/         { inside = 1; piece = "\n"; next }
        /^```$/          { if (inside) check_piece(); inside = 0 }
        inside           { if (bare($0) == "...") check_piece(); else piece = piece bare($0) "\n" }
        END              { exit broken }
    ' examples/*.c "$1"
}

for page in docs/guide/*.md; do
    if quotes_examples "$page"; then
        echo "ok: the code in $page stands in the examples"
    else
        broken=1
    fi
done
exit $broken
