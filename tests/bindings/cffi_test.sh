#!/bin/sh
# What cffi makes of the public headers works with the shared library: cffi_test.sh LIBRARY
set -eu
: "${PROJECT:?the folder of the project}"

python=''
for each in python3 /usr/bin/python3; do
    ! "$each" -c 'import cffi' 2>/dev/null || { python=$each; break; }
done
if [ -z "$python" ]; then
    echo 'skipped: the bindings by cffi: no python3 that has it (python3-cffi)'
    exit
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The types of these headers are known to cffi, which reads declarations and no attributes. Without a compiler it looks
# for a value in the library only where it may change, so `const` goes too.
mkdir "$folder/system"
for header in stdbool stddef stdint; do
    : >"$folder/system/$header.h"
done
echo '#include <sennit.h>' | ${CC:-cc} -E -P -x c -nostdinc "-I$folder/system" "-I$PROJECT/include" \
    '-D__attribute__(x)=' -D_Bool=bool -Dconst= - >"$folder/sennit.i"
"$python" "$PROJECT/tests/bindings/cffi_test.py" "$folder/sennit.i" "$1"
