#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

compiler=${CC:-cc}
command -v "${compiler%% *}" >/dev/null 2>&1 || compiler=gcc

file program.c <<'TEXT'
#include <string.h>
int main(int count, char **arguments)
{
    char text[64];
    strcpy(text, arguments[count - 1]);
    return text[0];
}
TEXT
file src/room/room.c <<'TEXT'
const char *setting(void) { return secure_getenv("SETTING"); }
TEXT

compiles='-O2 -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2'
links='-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack'

# program OPTIONS...: the hardened program, but for what the last options undo.
program() {
    # shellcheck disable=SC2086
    $compiler $compiles $links "$@" -w -o "$tree/program" "$tree/program.c"
}

program
# Whether this C library has checked calls at all.
LC_ALL=C readelf --wide --dyn-syms "$tree/program" | grep -q '_chk' || export PLAIN=1

passes 'a hardened program is in order' check-hardening "$tree/program"
program -Wl,-z,norelro
fails 'a program without RELRO is noticed' 'program: no part of it' check-hardening "$tree/program"
program -Wl,-z,lazy
fails 'late binding is noticed' 'program: functions are looked up late' check-hardening "$tree/program"
program -Wl,-z,execstack
fails 'an executable stack is noticed' 'program: its stack is executable' check-hardening "$tree/program"
program -no-pie -fno-pie
fails 'a program at a fixed place is noticed' 'program: it lies at a fixed place' check-hardening "$tree/program"
program -fno-stack-protector
if [ -n "${PLAIN:-}" ] || ! LC_ALL=C readelf --wide --dyn-syms "$tree/program" | grep -q __stack_chk; then
    fails 'an unprotected stack is noticed' 'program: overrun stack frames' check-hardening "$tree/program"
else
    echo "skipped: this system's start files protect the stack whatever is asked for"
fi
if [ -z "${PLAIN:-}" ]; then
    program -U_FORTIFY_SOURCE
    fails 'unchecked calls are noticed' 'program: it calls nothing in its checked form' \
        check-hardening "$tree/program"
fi

program
file src/room/room.c <<'TEXT'
const char *setting(void) { return getenv("SETTING"); }
TEXT
fails 'the environment of a set-user-ID program is noticed' 'src/room/room.c:1:' \
    check-hardening "$tree/program"

finish
