/*
 * Runs a command where the kernel refuses every call of io_uring, as in most containers; see
 * tests/support/forbid.h.
 *
 * usage: without-io_uring COMMAND [ARGUMENT]...
 */
#include "support/forbid.h"

#include <stdio.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: without-io_uring COMMAND [ARGUMENT]...\n");
        return 2;
    }
    if (!io_uring_forbid()) {
        perror("without-io_uring");
        return 125;
    }
    execvp(arguments[1], arguments + 1);
    perror(arguments[1]);
    return 127;
}
