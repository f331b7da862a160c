#!/bin/sh
# The script for gdb lists the fibers of a program, and walks through one that waits; the program goes on as if nothing
# had been. The same for its core.
#
# usage: fibers_gdb_test.sh PROGRAM, built from waiting_fibers.c
set -eu
program=${1:?the program}
script=$(cd "$(dirname "$0")/../.." && pwd)/scripts/gdb/sennit-gdb.py
command -v gdb >/dev/null || { echo 'skipped: no gdb'; exit 0; }
gdb -q -nx -batch -ex 'python print(1)' 2>/dev/null | grep -q 1 || { echo 'skipped: gdb without python'; exit 0; }
"$program"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/look" <<TEXT
set pagination off
set confirm off
source $script
info sn-fibers
echo begin\n
sn-fiber 1
echo end\n
echo begin\n
sn-fiber 2 bt 20
echo end\n
TEXT
cat >"$folder/live" <<TEXT
set pagination off
break stop_here
run
source $folder/look
sn-fiber 3
TEXT
cat >"$folder/ended" <<TEXT
continue
info sn-fibers
continue
TEXT

wrong() {
    echo "FAILED: $1"
    cat "$2"
    exit 1
}

# The rows and the chains of frames are there, in what was said.
conclude() {
    grep -Eq '^1 +waiting +Receive on [0-9]+ +([0-9]+ ms|-) +1 +0x[0-9a-f]+ +0 +reader of nothing$' "$1" ||
        wrong 'the row of fiber 1' "$1"
    grep -Eq '^2 +waiting +Time +([0-9]+ ms|-) +1 +0x[0-9a-f]+ +0$' "$1" || wrong 'the row of fiber 2' "$1"
    # The names of the frames, from what the program calls to where the fiber began.
    frames=$(sed -nE '/^begin/,/^end/{s/^#[0-9]+ +(0x[0-9a-f]+ in )?([a-z_]+) .*/\2/p; s/^end$/./p}' "$1" | tr '\n' ' ')
    case " $frames" in
        *' sn_socket_receive inner_wait outer_wait '*' context_begin . '*' sn_fiber_sleep sleep_long '*' context_begin . ') ;;
        *) wrong "the frames are: $frames" "$1" ;;
    esac
    ! grep -E 'corrupt|Backtrace stopped' "$1" || wrong 'a backtrace that stops' "$1"
}

timeout 100 gdb -q -nx -batch -x "$folder/live" -x "$folder/ended" "$program" >"$folder/said" 2>&1 || true
if ! grep -q 'Breakpoint 1, ' "$folder/said"; then
    # A container may forbid it.
    echo 'skipped: gdb cannot run a program here:'
    tail -n 3 "$folder/said"
    exit 0
fi
if grep -q 'Is libsennit loaded' "$folder/said"; then
    echo 'skipped: built without debug information'
    exit 0
fi
conclude "$folder/said"
for words in 'There is no fiber 3' 'No fibers' 'exited normally'; do
    grep -q "$words" "$folder/said" || wrong "gdb does not say: $words" "$folder/said"
done

# gdb's own cores leave out what lies beside a stack's guard. Where the kernel puts its cores is the system's to say.
# shellcheck disable=SC3045 # dash has it, and where it is not there is no core
(cd "$folder" && ulimit -c unlimited && exec "$program" core) >/dev/null 2>&1 || true
core=$(find "$folder" -name 'core*')
if [ -n "$core" ]; then
    timeout 60 gdb -q -nx -batch -x "$folder/look" "$program" "$core" >"$folder/of_core" 2>&1 || true
    conclude "$folder/of_core"
else
    echo 'skipped: no core is written here'
fi
