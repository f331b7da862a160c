#!/bin/sh
# That the echo server on threads and the one on fibers are the same program, but for the line that starts a
# connection (and what the comments at their beginning say): docs/guide/fibers.md promises it.
set -eu
cd "${PROJECT:?the folder of the project}/examples"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for name in threads fibers; do
    sed '1,/^ \*\/$/d' "echo_$name.c" >"$folder/$name.c"
    [ -s "$folder/$name.c" ] || { echo "FAILED: echo_$name.c has no code behind its first comment"; exit 1; }
done

# Nothing but a change of one line into another.
diff "$folder/threads.c" "$folder/fibers.c" >"$folder/diff" || true
cat >"$folder/wanted" <<'TEXT'
< check("start", start_thread(serve, connection));
---
> check("start", sn_fiber_start(NULL, serve, connection, NULL, NULL));
TEXT
if sed -e '/^[0-9,]*c[0-9,]*$/d' -e 's/^\([<>]\) */\1 /' "$folder/diff" | diff -u "$folder/wanted" - &&
    [ "$(grep -c '^[0-9]' "$folder/diff")" -eq 1 ]; then
    echo 'ok: one line makes the difference between threads and fibers'
else
    echo 'FAILED: examples/echo_threads.c and examples/echo_fibers.c differ in another way'
    exit 1
fi
