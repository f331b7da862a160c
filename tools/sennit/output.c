#include "output.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "report.h"

static atomic_bool has_failed;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static bool write_all(const void *data, size_t size)
{
    const char *rest = data;
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, rest, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            if (!atomic_exchange(&has_failed, true)) /* said once, however many threads write */
                (void)report_file_failure("writing standard output", errno);
            return false;
        }
        rest += written;
        size -= (size_t)written;
    }
    return true;
}

bool output_write(const void *data, size_t size)
{
    (void)pthread_mutex_lock(&turn);
    bool is_written = write_all(data, size);
    (void)pthread_mutex_unlock(&turn);
    return is_written;
}

bool output_has_failed(void)
{
    return atomic_load(&has_failed);
}
