#!/bin/sh
# What bindgen makes of the public headers compiles and links with the shared library: bindgen_test.sh LIBRARY
set -eu
: "${PROJECT:?the folder of the project}"

for tool in bindgen rustc; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: the bindings by bindgen: there is no $tool"
        exit
    fi
done
BINDINGS=$(mktemp -d)
export BINDINGS
trap 'rm -rf "$BINDINGS"' EXIT

bindgen --allowlist-function 'sn_.*' --allowlist-type 'sn_.*' --allowlist-var 'SN_.*' \
    "$PROJECT/include/sennit.h" -o "$BINDINGS/bindings.rs" -- "-I$PROJECT/include"
folder=$(dirname "$1")
rustc --edition 2021 -L "$folder" -l dylib=sennit -o "$BINDINGS/program" "$PROJECT/tests/bindings/bindgen_test.rs"
LD_LIBRARY_PATH=$folder "$BINDINGS/program"
