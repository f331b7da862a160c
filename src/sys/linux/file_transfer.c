/* Files that are sent: opened, measured, and moved to a socket without passing through here. */
#include "sys/sys.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/nonblocking.h"
#include "sys/pipe_signal.h"
#include "sys/retry.h"

_Static_assert(sizeof(off_t) == sizeof(int64_t), "files beyond 4 GiB");

/* Non-blocking, because the open of a FIFO would wait for a writer. */
int32_t sys_open_file(const char *path)
{
    return SYS_RETRY(int32_t, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

int32_t sys_file_size(int32_t file, int64_t *out_size)
{
    struct stat status;
    int32_t result = SYS_RETRY(int32_t, fstat(file, &status));
    if (result < 0)
        return result;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? -EISDIR : -ESPIPE;
    int32_t flags = SYS_RETRY(int32_t, fcntl(file, F_GETFL));
    if (flags < 0)
        return flags;
    if ((flags & O_ACCMODE) == O_WRONLY)
        return -EBADF;
    *out_size = status.st_size;
    return 0;
}

int64_t sys_send_file(int32_t handle, int32_t file, int64_t offset, size_t size)
{
    struct pipe_signal held;
    off_t at = offset; /* with a place of its own the file's position is neither used nor moved */
    stay_nonblocking(handle);
    pipe_signal_hold(&held);
    int64_t result = SYS_RETRY(int64_t, sendfile(handle, file, &at, size));
    pipe_signal_release(&held, result == (int64_t)size);
    return result;
}

int64_t sys_read_at(int32_t file, void *data, size_t size, int64_t offset)
{
    return SYS_RETRY(int64_t, pread(file, data, size, offset));
}
