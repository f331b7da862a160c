#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

# body LINES: a function of that many lines in all.
body() {
    printf 'static int long_one(int n)\n{\n'
    awk -v n="$(($1 - 3))" 'BEGIN { for (i = 0; i < n; i++) print "    n++;" }'
    printf '}\n'
}

comments() {
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "/* line */" }'
}

# says SENTENCE EXPECTED-TEXT: passes and mentions it; nothing when the text is empty.
says() {
    run_script report-sizes
    case $status:$2:$output in
        0::?*) wrong "$1" ;; # silence was expected
        0:"$2":*"$2"*) echo "ok: $1" ;;
        *) wrong "$1" ;;
    esac
}

body 40 | file src/base/heap.c
says 'a function of 40 lines is not mentioned' ''
body 41 | file src/base/heap.c
says 'a function of 41 lines is mentioned' 'heap.c: long_one(): 41 lines, over 40'
body 46 | file src/base/heap.c
fails 'a function of 46 lines in src is too long' 'long_one(): 46 lines, over 45' report-sizes

new_tree
body 70 | file tools/tool.c
says 'a function of 70 lines elsewhere is not mentioned' ''
body 71 | file tools/tool.c
says 'a function of 71 lines elsewhere is mentioned' 'tool.c: long_one(): 71 lines, over 70'
body 120 | file tools/tool.c
says 'a function of 120 lines elsewhere is mentioned' '120 lines, over 70'
body 121 | file tools/tool.c
fails 'a function of 121 lines elsewhere is too long' 'long_one(): 121 lines, over 120' report-sizes

new_tree

comments 400 | file src/base/heap.c
says 'a file of 400 lines is not mentioned' ''
comments 500 | file src/base/heap.c
says 'a file of 500 lines is mentioned' 'heap.c: 500 lines, over 400'
comments 501 | file src/base/heap.c
fails 'a file of 501 lines is too long' '501 lines, over 500' report-sizes

new_tree
comments 600 | file include/sennit/socket.h
says 'a public header of 600 lines is mentioned' '600 lines, over 400'
comments 601 | file include/sennit/socket.h
fails 'a public header of 601 lines is too long' '601 lines, over 600' report-sizes

new_tree
comments 501 | file tests/unit/base/heap_test.c
fails 'a test file of 501 lines is too long' '501 lines, over 500' report-sizes
body 121 | file tests/unit/base/heap_test.c
fails 'a test of 121 lines is too long' '121 lines, over 120' report-sizes

finish
