#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

# header PATH [LINE]: a public header that compiles and says its defaults.
header() {
    file "$1" <<TEXT
/**
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#pragma once
${2:-}
TEXT
}

header include/sennit/types.h 'typedef struct sn_buffer { void *data; unsigned size; } sn_buffer;'
header include/sennit.h '#include <sennit/types.h>'
passes 'headers that stand alone are in order' check-headers

header include/sennit/alone.h 'typedef int sn_alone;'
fails 'a header that <sennit.h> forgets is noticed' 'sennit/alone.h: <sennit.h> does not bring it in' check-headers
rm "$tree/include/sennit/alone.h"

header include/sennit/dotnet.h 'typedef int sn_only_there;'
passes 'what only the members of .NET need is left out' check-headers
header include/sennit/types.h '#include <sennit/dotnet.h>'
fails 'what brings it in all the same is noticed' 'sennit/dotnet.h: <sennit.h> brings it in' check-headers
header include/sennit/types.h 'typedef struct sn_buffer { void *data; unsigned size; } sn_buffer;'

header include/sennit/user.h 'void sn_use(sn_buffer buffer);'
fails 'a header that needs another one is noticed' 'sennit/user.h: does not compile alone' check-headers

header include/sennit/user.h 'void sn_use(int class);'
if command -v c++ >/dev/null 2>&1 || command -v g++ >/dev/null 2>&1; then
    fails 'a header that C++ does not understand is noticed' 'as c++17' check-headers
else
    echo 'skipped: no C++ compiler'
fi

header include/sennit/user.h 'struct sn_empty { };'
fails 'a header that only some compilers take is noticed' 'as c11' check-headers

file include/sennit/user.h <<'TEXT'
/**
 * Unless a comment says otherwise, any thread may call each function, and it is there since 0.1.
 */
#pragma once
#include <stdbool.h>
#define SN_API
typedef struct sn_user sn_user;
/* bool sn_user_get_comment(sn_user *user); */
SN_API bool sn_user_get_open(const sn_user *user);
TEXT
header include/sennit.h '#include <sennit/types.h>
#include <sennit/user.h>'
fails 'a truth that is called _get_ is noticed' 'sn_user_get_open: a truth that cannot fail' check-headers
sed -i 's/get_open/is_open/' "$tree/include/sennit/user.h"
passes 'a truth that reads as one is in order' check-headers
sed -i 's/const //' "$tree/include/sennit/user.h"
fails 'a getter that may change what it asks is noticed' 'sn_user_is_open: what cannot fail asks a const' check-headers
sed -i 's/bool sn_user_is_open(/void sn_user_get_size(const /' "$tree/include/sennit/user.h"
fails 'a getter that returns nothing is noticed' 'sn_user_get_size: a getter returns its value' check-headers
sed -i 's/void sn_user_get_size(/const void *sn_user_get_size(/' "$tree/include/sennit/user.h"
passes 'a getter that returns where something is is in order' check-headers

echo '/** @thread any, once @since 0.2 */' >>"$tree/include/sennit/user.h"
passes 'what differs from the defaults of a header is said' check-headers
echo '/** @thread any */' >>"$tree/include/sennit/user.h"
fails 'a thread rule that is the default is noticed' 'already: @thread any' check-headers
sed -i '$s/.*/ * @since   0.1/' "$tree/include/sennit/user.h"
fails 'a version that is the default is noticed' 'already: @since 0.1' check-headers
sed -i '$d; s/ since 0.1\.$/./' "$tree/include/sennit/user.h"
fails 'a header that does not say its defaults is noticed' 'does not say its defaults' check-headers

finish
