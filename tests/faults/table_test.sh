#!/bin/sh
# Whatever of the room sys and of liburing the library can call stands in the table of faults, or among
# the exceptions with a reason; and nothing stands there that does not exist.
#
# usage: table_test.sh LIBRARY, the static one
set -eu
here=$(cd "$(dirname "$0")" && pwd)
library=${1:?the static library}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

nm "$library" 2>/dev/null |
    awk '($2 == "T" && $3 ~ /^sys_/) { print $3 } ($1 == "U" && $2 ~ /^io_uring_/) { print $2 }' |
    sort -u >"$folder/called"
sed -n 's/.* X(\(\(sys\|io_uring\)_[a-z0-9_]*\),.*/\1/p' "$here/table.h" | sort -u >"$folder/table"
sed -n 's/^\([a-z][a-z0-9_]*\) .*/\1/p' "$here/exceptions" | sort -u >"$folder/exceptions"
sort -u "$folder/table" "$folder/exceptions" >"$folder/known"
for list in called table; do
    [ -s "$folder/$list" ] || { echo 'nothing to compare'; exit 1; }
done

broken=0
# report FILE TEXT: one line for each name in the file.
report() {
    [ -s "$1" ] || return 0
    sed "s|\$|: $2|" "$1"
    broken=1
}
comm -23 "$folder/called" "$folder/known" >"$folder/missing"
comm -13 "$folder/called" "$folder/known" >"$folder/surplus"
comm -12 "$folder/table" "$folder/exceptions" >"$folder/both"
report "$folder/missing" 'neither in tests/faults/table.h nor in tests/faults/exceptions'
report "$folder/surplus" 'in tests/faults, but the library does not call it'
report "$folder/both" 'in the table and among the exceptions'
exit $broken
