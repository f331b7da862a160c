#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

compiler=${CC:-cc}
command -v "${compiler%% *}" >/dev/null 2>&1 || compiler=gcc

# library TEXT: a shared library from C text; the header of the small tree declares sn_one and sn_two.
library() {
    printf '#include <sennit.h>\n%s\n' "$1" | file src/library.c
    # shellcheck disable=SC2086
    $compiler -shared -fPIC -fvisibility=hidden "-I$tree/include" -o "$tree/library.so" \
        "$tree/src/library.c"
}

file include/sennit.h <<'TEXT'
#pragma once
#define SN_API __attribute__((visibility("default")))
typedef struct sn_thing sn_thing; /* sn_commented() is no function */
SN_API const char *sn_one(
    const sn_thing *thing, void (*sn_callback)(int));
SN_API int sn_two(void);
SN_API extern const int SN_THREE;
int sn_inner(void);
TEXT

one='const char *sn_one(const sn_thing *thing, void (*call)(int)) { (void)thing; (void)call; return 0; }'
two='int sn_two(void) { return 2; }
const int SN_THREE = 3;'

library "$one
$two
int sn_inner(void) { return 3; }"
passes 'a library that exports what is declared is in order' check-exports "$tree/library.so"

library "$one
const int SN_THREE = 3;"
fails 'a declared function that is missing is noticed' 'sn_two: declared' \
    check-exports "$tree/library.so"

library "$one
int sn_two(void) { return 2; }"
fails 'a declared value that is missing is noticed' 'SN_THREE: declared' check-exports "$tree/library.so"

library "$one
const int SN_THREE = 3;
#define DEFINE(name) int sn_##name(void) { return 2; }
DEFINE(two)"
fails 'a name that is pasted together is noticed' 'sn_two: no source file' check-exports "$tree/library.so"

library "$one
$two
SN_API int helper(void); int helper(void) { return 4; }"
fails 'a symbol without the prefix is noticed' 'helper: exported' check-exports "$tree/library.so"

library "$one
$two
SN_API int sn_secret; int sn_secret = 5;"
fails 'a symbol that no public header declares is noticed' 'sn_secret: exported' \
    check-exports "$tree/library.so"

finish
