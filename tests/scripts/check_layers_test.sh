#!/bin/sh
# shellcheck source=tests/scripts/support.sh
. "$(dirname "$0")/support.sh"

small_project() {
    new_tree
    for room in base sys address error engine socket; do
        header "src/$room/$room.h"
    done
    header src/base/list.h
    header include/sennit.h '#include <sennit/socket.h>'
    header include/sennit/types.h
    header include/sennit/socket.h '#include <sennit/types.h>'
}

# add PATH LINE: adds one C file to the small project.
add() {
    small_project
    printf '%s\n' "$2" | file "$1"
}

small_project
passes 'a tree with nothing but doors is in order' check-layers

add src/engine/run.c '#include "sys/sys.h"'
passes 'a room may include a lower one through its door' check-layers
add src/base/heap.c '#include "base/list.h"'
passes 'a room may include its own inner headers' check-layers
add src/engine/run.c '#include "base/list.h"'
fails 'a room is entered through its door only' 'through the door' check-layers
add src/engine/run.c '#include "socket/socket.h"'
fails 'a lower room never includes a higher one' 'higher floor' check-layers
add src/address/text.c '#include "error/error.h"'
fails 'rooms on one floor never meet' 'never meet' check-layers
add src/engine/run.c '#include "run.h"'
fails 'an include names its room' 'write the room too' check-layers
add src/engine/run.c '#include "kitchen/kitchen.h"'
fails 'a room that does not exist cannot be included' 'no such room' check-layers
add src/kitchen/kitchen.h '#pragma once'
fails 'a room without a floor is noticed' 'no room' check-layers
add src/loose.c 'int loose;'
fails 'a file outside every room is noticed' 'no room' check-layers
small_project
rm "$tree/src/engine/engine.h"
fails 'a room without a door is noticed' 'no door' check-layers

add src/socket/verb.c '#include <sennit/socket.h>'
passes 'a room may include the public headers of its floor' check-layers
add src/sys/call.c '#include <sennit/error.h>'
fails 'a room never includes the public headers of a higher floor' 'higher floor' check-layers
add src/socket/verb.c '#include <sennit.h>'
fails 'the library itself does not use the umbrella header' 'name the headers' check-layers

add src/sys/close.c '#include <unistd.h>
int sys_close(int handle) { return close(handle); }'
passes 'sys makes system calls' check-layers
add src/engine/run.c '#include <unistd.h>'
fails 'no other room includes headers of system calls' 'only sys' check-layers
add src/engine/run.c '#include <sys/socket.h>
int run(int handle) { return shutdown (handle, SHUT_RD); }'
fails 'no other room makes a system call' 'calls shutdown()' check-layers
add src/engine/run.c '/* close(handle) in a comment
 * and poll(here), */ const char *text = "and send(there)"; // recv(x)'
passes 'comments and literals call nothing' check-layers
add src/engine/run.c 'void run(struct door *door) { door->close(door); sys_close(1); }'
passes 'a function pointer or a longer name is no system call' check-layers
add src/socket/object/names.c '#include <netdb.h>'
fails 'only dns looks names up' 'belong to dns' check-layers
add src/engine/run.c '#include <liburing.h>'
fails 'the kernel ring stays in the back-ends' 'belongs to backends' check-layers
add src/backends/ring.c '#include <liburing.h>'
header src/backends/backends.h
passes 'a back-end uses the kernel ring' check-layers

add tools/tool/main.c '#include <sennit.h>
#include <unistd.h>
#include "output.h"
int main(void) { return close(0); }'
passes 'a program uses the public headers and the system' check-layers
add tools/tool/main.c '#include "base/list.h"'
fails 'a program never uses the inside of the library' 'public headers only' check-layers
add examples/hello.c '#include "../src/base/list.h"'
fails 'a program never climbs into src' 'public headers only' check-layers
add include/sennit/bad.h '#include "base/list.h"'
fails 'a public header includes public headers only' 'public header includes' check-layers

finish
