#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

floors() {
    file scripts/check-layers <<'TEXT'
        table("base:0 engine:1 dns:1 socket:2", floor_of)
TEXT
}

# compiled PATH: an object file of the small tree, from C in standard input.
compiled() {
    file "src/$1"
    mkdir -p "$tree/objects/$(dirname "$1")"
    # shellcheck disable=SC2086
    ${CC:-cc} -c -x c "$tree/src/$1" -o "$tree/objects/$1.o"
}

check() {
    sentence=$1
    wanted=$2
    if [ -z "$wanted" ]; then
        passes "$sentence" check-circles "$tree/objects"
    else
        fails "$sentence" "$wanted" check-circles "$tree/objects"
    fi
}

floors
file scripts/circles </dev/null
echo 'void list_add(void) {}' | compiled base/list.c
echo 'void list_add(void); void work(void) { list_add(); }' | compiled engine/worker.c
echo 'void work(void); void send_it(void) { work(); }' | compiled socket/verbs/send.c
check 'a room may need one below it' ''

echo 'void send_it(void); void list_add(void) { send_it(); }' | compiled base/list.c
check 'a room may not need one above it' 'base/list.c: needs send_it of socket/verbs/send.c, which is not below it'
echo 'void list_add(void) {}' | compiled base/list.c

echo 'void work(void); void look_up(void) { work(); }' | compiled dns/lookup.c
check 'a room may not need one on its own floor' 'dns/lookup.c: needs work of engine/worker.c'
echo 'void look_up(void) {}' | compiled dns/lookup.c

echo 'void push(void); void list_add(void); void work(void) { list_add(); push(); }' | compiled engine/worker.c
echo 'void turn(void); void push(void) { turn(); }' | compiled engine/inbox.c
echo 'void turn(void) {}' | compiled engine/loop.c
check 'a chain is no circle' ''
echo 'void work(void); void turn(void) { work(); }' | compiled engine/loop.c
check 'a circle is noticed' 'these need each other: engine/'

echo 'engine/inbox.c engine/loop.c engine/worker.c  one thing in three files' | file scripts/circles
check 'a circle may be listed with its reason' ''
echo 'engine/inbox.c engine/loop.c engine/worker.c' | file scripts/circles
check 'but not without' 'no reason for engine/inbox.c'
echo 'engine/inbox.c engine/worker.c  two of the three' | file scripts/circles
check 'a circle may not grow' 'these need each other: engine/'

echo 'engine/inbox.c engine/loop.c engine/worker.c  one thing in three files' | file scripts/circles
rm "$tree/src/engine/loop.c"
check 'an object whose source is gone does not count' 'a circle is gone, strike it out: engine/'
echo 'void work(void); void turn(void) { work(); }' | compiled engine/loop.c

echo 'engine/inbox.c engine/loop.c engine/worker.c engine/other.c  one more' | file scripts/circles
check 'a circle that has become smaller is written down so' 'has become smaller, write that down:'
echo 'void turn(void) {}' | compiled engine/loop.c
check 'one that is gone is struck out' 'a circle is gone, strike it out:'

finish
