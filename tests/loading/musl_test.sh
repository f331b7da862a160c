#!/bin/sh
# loading.c with musl as the C library: it loads the shared library, and one that has the static library inside.
set -eu
: "${PROJECT:?the folder of the project}" "${BUILD:?the folder of a build}"

if ! command -v musl-gcc >/dev/null; then
    echo 'skipped: loading with musl: there is no musl-gcc'
    exit
fi
folder=$BUILD/musl
mkdir -p "$folder"

# Stops at the first failure.
logged() {
    "$@" >"$folder/log" 2>&1 || { echo "FAILED: $*"; tail -n 40 "$folder/log"; exit 1; }
}

logged "$PROJECT/scripts/cross/sysroot" musl
logged cmake -S "$PROJECT" -B "$folder" --toolchain "$PROJECT/scripts/cross/musl.cmake" \
    -DCMAKE_BUILD_TYPE=Debug -DBUILD_TESTING=OFF -DSENNIT_TOOLS=OFF -DSENNIT_BENCH=OFF
logged cmake --build "$folder" -j 2
logged musl-gcc -std=c11 -D_GNU_SOURCE -I"$PROJECT/include" -o "$folder/loading" \
    "$PROJECT/tests/loading/loading.c" -pthread
logged musl-gcc -std=c11 -I"$PROJECT/include" -shared -fPIC -o "$folder/plugin.so" "$PROJECT/tests/loading/plugin.c" \
    -Wl,--whole-archive "$folder/src/libsennit.a" -Wl,--no-whole-archive \
    "$PROJECT/build/sysroot/musl/usr/lib/liburing.a" -Wl,-z,nodelete

for library in "$folder/src/libsennit.so" "$folder/plugin.so"; do
    logged "$folder/loading" "$library"
    echo "ok: $(basename "$library"), with musl: $(cat "$folder/log")"
done
