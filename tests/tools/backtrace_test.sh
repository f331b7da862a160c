#!/bin/sh
# A debugger walks through a context that was left, to where it began and no farther; and through one that runs.
#
# usage: backtrace_test.sh PROGRAM, built from left_context.c
set -eu
program=${1:?the program}
command -v gdb >/dev/null || { echo 'skipped: no gdb'; exit 0; }
"$program"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/look" <<'TEXT'
set pagination off
set confirm off
break stop_here
run
set $place = left_context.place
set $sp = (unsigned long)$place
set $pc = &context_left
echo begin\n
backtrace
echo end\n
kill
tbreak inner_wait
run
echo begin\n
backtrace
echo end\n
kill
TEXT
timeout 60 gdb -q -nx -batch -x "$folder/look" "$program" >"$folder/said" 2>&1 || true
if ! grep -q 'Breakpoint 1, ' "$folder/said"; then
    # A container may forbid it.
    echo 'skipped: gdb cannot run a program here:'
    tail -n 3 "$folder/said"
    exit 0
fi

# The names of the frames, a line for each backtrace.
names=$(sed -nE '/^begin/,/^end/{s/^#[0-9]+ +(0x[0-9a-f]+ in )?([a-z_]+) .*/\2/p; s/^end$/./p}' "$folder/said" | tr '\n' ' ')
chain='inner_wait outer_wait body run context_begin .'
case " $names" in
    *" $chain $chain ") ;;
    *)
        echo "the frames are: $names"
        cat "$folder/said"
        exit 1
        ;;
esac
! grep -E 'corrupt|Backtrace stopped' "$folder/said"
