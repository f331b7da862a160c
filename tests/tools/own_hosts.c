/*
 * Runs a command where "localhost" has the addresses named, for tests that are no C programs.
 *
 * usage: own-hosts ADDRESS... -- COMMAND [ARGUMENT...]
 *
 * What /etc/hosts says is left as it is where it names them all; see tests/support/hosts.h.
 */
#include "support/hosts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    bool known = true;
    int i = 1;
    for (; i < count && strcmp(arguments[i], "--") != 0; i++)
        known = known && hosts_know(arguments[i]);
    if (i + 1 >= count) {
        fprintf(stderr, "usage: own-hosts ADDRESS... -- COMMAND [ARGUMENT...]\n");
        return 2;
    }
    const char *reason = known ? NULL : hosts_bring();
    if (reason) {
        printf("skipped: %s\n", reason);
        return 0;
    }
    execvp(arguments[i + 1], arguments + i + 1);
    perror(arguments[i + 1]);
    return 127;
}
