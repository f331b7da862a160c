#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

compiler=${CC:-cc}
command -v "${compiler%% *}" >/dev/null 2>&1 || compiler=gcc

file good.h <<'TEXT'
#pragma once
#define SN_API __attribute__((visibility("default")))
typedef enum sn_colour { SN_RED = 1, SN_BLUE = -2 } sn_colour;
typedef struct sn_thing {
    int first;
    struct {
        long inner;
    } part;
    sn_colour colour;
} sn_thing;
SN_API extern const int SN_THREE;
SN_API int sn_use(const sn_thing *thing,
                  int count);
TEXT
file library.c <<'TEXT'
#include <sennit.h>
const int SN_THREE = 3;
int sn_use(const sn_thing *thing, int count) { return thing->first + count; }
#ifdef MORE
SN_API int sn_more(void);
int sn_more(void) { return 0; }
#endif
TEXT
mkdir -p "$tree/src" "$tree/include"

# library [OPTION [SONAME]]: from the header as it is.
library() {
    # shellcheck disable=SC2086
    $compiler -w -shared -fPIC -fvisibility=hidden "-Wl,-soname,${2:-library.so.1}" "-I$tree/include" ${1:-} -o "$tree/library.so" "$tree/library.c"
}

# with SED-COMMAND: the good header but for that.
with() {
    sed "$1" "$tree/good.h" >"$tree/include/sennit.h"
}

with ''
library
if "$PROJECT/scripts/check-abi" --update "$tree" "$tree/library.so" | grep skipped; then
    exit 0
fi
passes 'what is recorded is in order' check-abi "$tree/library.so"

with 's/int first/int first, second, third/'
fails 'a member that moves is noticed' 'member: sn_thing.colour at 16, sn_colour  <- recorded, and not so' \
    check-abi "$tree/library.so"
with 's/int first/unsigned first/'
fails 'a member of another type is noticed' 'member: sn_thing.first at 0, unsigned int  <- not recorded' \
    check-abi "$tree/library.so"
with 's/int first/int first, second, third/'
fails 'a record that grows is noticed' 'record: sn_thing, ' check-abi "$tree/library.so"
with 's/SN_RED = 1/SN_RED = 3/'
fails 'a number that changes is noticed' 'number: SN_RED = 3  <- not recorded' check-abi "$tree/library.so"
with 's/SN_RED = 1, //'
fails 'a name that goes is noticed' 'number: SN_RED = 1  <- recorded, and not so' check-abi "$tree/library.so"
with 's/int count/long count/'
fails 'another type of an argument is noticed' 'declared: int sn_use(const sn_thing *thing, long count)  <- not' \
    check-abi "$tree/library.so"
with ''
library -DMORE
fails 'a symbol that comes is noticed' 'exported: sn_more  <- not recorded' check-abi "$tree/library.so"
library -Dsn_use=sn_used
fails 'a symbol that goes is noticed' 'exported: sn_use  <- recorded, and not so' check-abi "$tree/library.so"
echo 'SENNIT_9 { global: sn_*; SN_*; local: *; };' | file map
library "-Wl,--version-script=$tree/map"
fails 'a symbol that changes its version is noticed' 'exported: sn_use@@SENNIT_9  <- not recorded' \
    check-abi "$tree/library.so"
library '' library.so.2
fails 'a library of another name is noticed' 'soname: library.so.2  <- not recorded' check-abi "$tree/library.so"

finish
