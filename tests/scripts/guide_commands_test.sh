#!/bin/sh
# The commands of the guide, as a reader would type them: each block of sh is run in a folder of its own, in the order of the
# page, with Sennit installed as ./dev install does it and the project's examples beside it. A block that fails
# fails the test. Blocks of console are not run: they want root, a tool, or the network.
set -eu
: "${PROJECT:?the folder of the project}" "${BUILD:?the folder of a build}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$BUILD" --prefix "$folder/prefix" >/dev/null
libraries=$(dirname "$(dirname "$(find "$folder/prefix" -name sennit.pc)")")
export PKG_CONFIG_PATH="$libraries/pkgconfig" LD_LIBRARY_PATH="$libraries" PATH="$folder/prefix/bin:$PATH"

count=0
for page in "$PROJECT"/docs/guide/*.md; do
    name=$(basename "$page" .md)
    mkdir -p "$folder/$name"
    ln -s "$PROJECT/examples" "$folder/$name/examples"
    awk '/^ *```sh$/ { inside = 1; next } /^ *```$/ { inside = 0 } inside' "$page" >"$folder/$name.sh"
    [ -s "$folder/$name.sh" ] || continue
    count=$((count + 1))
    # No command of the guide waits for anybody.
    if (cd "$folder/$name" && timeout 60 sh -eu "$folder/$name.sh") </dev/null >"$folder/log" 2>&1; then
        echo "ok: the commands of $name.md"
    else
        echo "FAILED: a command of $name.md:"
        cat "$folder/$name.sh" "$folder/log"
        exit 1
    fi
done
[ "$count" -ge 4 ] || { echo "FAILED: only $count pages have commands"; exit 1; }
