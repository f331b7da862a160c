#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

compiler=${CC:-cc}
command -v "${compiler%% *}" >/dev/null 2>&1 || compiler=gcc

file library.c <<'TEXT'
static _Thread_local int word;
int *place(void);
int *place(void) { return &word; }
TEXT

# library OPTIONS...: one with a word of each thread.
library() {
    # shellcheck disable=SC2086
    $compiler -shared -fPIC -Wl,-z,nodelete "$@" -o "$tree/library.so" "$tree/library.c"
}

library
passes 'a library that asks for the words of a thread is in order' check-loading "$tree/library.so"
library -ftls-model=initial-exec
fails 'a library that needs room at the start is noticed' 'library.so: needs room beside' check-loading "$tree/library.so"
fails 'so is each word at a fixed place' 'library.so: has words of a thread at a fixed place' \
    check-loading "$tree/library.so"
file library.c <<'TEXT'
int nothing(void);
int nothing(void) { return 0; }
TEXT
# shellcheck disable=SC2086
$compiler -shared -fPIC -o "$tree/library.so" "$tree/library.c"
fails 'a library that dlclose() takes away is noticed' 'library.so: would be taken out' check-loading "$tree/library.so"

# machine_code LINES: a library with one function of them.
machine_code() {
    {
        printf '.globl %s\n.type %s, @function\n%s:\n' kept kept kept
        printf '%s\n' "$1"
        printf '.section .note.GNU-stack,"",@progbits\n'
    } | file library.s
    # shellcheck disable=SC2086
    $compiler -shared -Wl,-z,nodelete -o "$tree/library.so" "$tree/library.s"
}

if [ "$(uname -m)" = x86_64 ] && [ "$(getconf LONG_BIT)" = 64 ]; then
    machine_code 'movups (%rdi), %xmm3
call *(%rax)
pxor %xmm0, %xmm0
movups %xmm0, (%rdi)
ret'
    passes 'a register that is written after the call may be read' check-loading "$tree/library.so"
    machine_code 'movups (%rdi), %xmm3
call *(%rax)
movups %xmm3, (%rdi)
ret'
    fails 'a vector register that is kept while a descriptor is called is noticed' 'library.so: kept keeps a vector' \
        check-loading "$tree/library.so"
    machine_code 'pxor %xmm3, %xmm3
call *(%rax)
paddd (%rdi), %xmm3
movups %xmm3, (%rdi)
ret'
    fails 'also where it is read and written at once' 'library.so: kept keeps a vector' \
        check-loading "$tree/library.so"
else
    echo 'skipped: the code of x86-64 is for another machine'
fi

finish
