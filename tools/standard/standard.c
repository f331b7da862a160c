#include "standard/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments/arguments.h"

/* open() gives the lowest free number, and those below `number` are taken already. Output is opened
 * for reading, so that a write says EBADF, as it would have said without this. */
static int occupy(int number)
{
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF)
        return EXIT_DONE;
    return open("/dev/null", O_RDONLY) == number ? EXIT_DONE : EXIT_FAILED;
}

int standard_begin(void)
{
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++) {
        if (occupy(number) != EXIT_DONE)
            return EXIT_FAILED; /* nobody could be told */
    }
    return EXIT_DONE;
}

int standard_end(const char *program, int status, int failure)
{
    /* Which error an earlier write had is not known any more. */
    const char *reason = ferror(stdout) ? "some of it could not be written" : NULL;
    if (fflush(stdout) != 0)
        reason = strerror(errno);
    if (!reason)
        return status;
    fprintf(stderr, "%s: writing standard output: %s\n", program, reason);
    return status == EXIT_DONE ? failure : status;
}
