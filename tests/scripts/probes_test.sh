#!/bin/sh
# The trace points that a tracer finds in the library's file, with their arguments.
set -eu
: "${PROJECT:?the folder of the project}" "${BUILD:?the folder of a build}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
broken=0

conclude() {
    if [ "$2" = "$3" ]; then
        echo "ok: $1"
    else
        printf 'FAILED: %s\n        expected: %s\n        found:    %s\n' "$1" "$2" "$3"
        broken=1
    fi
}

# probes FILE: each kind of trace point in it, as "provider:name, so many arguments". Constants, written
# 4@$1, do not count: perf leaves them out, and refuses a trace point that has them in some places only.
probes() {
    readelf -n "$1" | awk '
        $1 == "Provider:"  { provider = $2 }
        $1 == "Name:"      { name = $2 }
        $1 == "Arguments:" { count = 0
                             for (i = 2; i <= NF; i++) count += $i !~ /@\$/
                             print provider ":" name ", " count " arguments" }
    ' | sort -u
}

expected='sennit:fiber_end, 2 arguments
sennit:fiber_in, 1 arguments
sennit:fiber_out, 3 arguments
sennit:fiber_start, 3 arguments
sennit:operation_complete, 4 arguments
sennit:operation_start, 3 arguments'

cat >"$folder/points.c" <<'TEXT'
#include "telemetry/trace.h"
int main(int count, char **arguments)
{
    trace_operation_start(arguments, 1, -1);
    trace_operation_complete(arguments, 1, count, 0);
    trace_fiber_start(arguments, 1, "name");
    trace_fiber_in(arguments);
    trace_fiber_out(arguments, 1, -1);
    trace_fiber_end(arguments, count);
    return 0;
}
TEXT
${CC:-cc} -Wall -Werror -I"$PROJECT/src" -o "$folder/without" "$folder/points.c"
conclude 'without <sys/sdt.h> there are none' '' "$(probes "$folder/without")"

if grep -q '^SENNIT_HAS_SDT:.*=1$' "$BUILD/CMakeCache.txt"; then
    ${CC:-cc} -Wall -Werror -DSENNIT_TRACE -I"$PROJECT/src" -o "$folder/with" "$folder/points.c"
    conclude 'with it each is where it stands in the code' "$expected" "$(probes "$folder/with")"
    conclude 'the library tells of operations and of fibers' "$expected" \
        "$(probes "$BUILD/src/libsennit.so")"
else
    echo 'skipped: the library was built without <sys/sdt.h>'
fi
exit $broken
