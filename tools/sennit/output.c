#include "output.h"

#include <errno.h>
#include <unistd.h>

#include "report.h"

static bool has_failed; /* touched by the one thread that prints */

bool output_write(const void *data, size_t size)
{
    const char *rest = data;
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, rest, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            (void)report_file_failure("writing standard output", errno);
            has_failed = true;
            return false;
        }
        rest += written;
        size -= (size_t)written;
    }
    return true;
}

bool output_has_failed(void)
{
    return has_failed;
}
