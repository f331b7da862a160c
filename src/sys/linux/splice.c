/* A pipe of our own, and the kernel's moving of bytes through it without a copy here. */
#include "sys/sys.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/nonblocking.h"
#include "sys/pipe_signal.h"
#include "sys/retry.h"

int32_t sys_pipe(int32_t out_ends[2])
{
    return SYS_RETRY(int32_t, pipe2(out_ends, O_CLOEXEC | O_NONBLOCK));
}

/* SPLICE_F_NONBLOCK is about the pipe; whether the socket waits its own flag says. */
int64_t sys_splice_in(int32_t handle, int32_t pipe, size_t size)
{
    stay_nonblocking(handle);
    return SYS_RETRY(int64_t,
                     splice(handle, NULL, pipe, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
}

int64_t sys_splice_out(int32_t pipe, int32_t handle, size_t size)
{
    struct pipe_signal held;
    stay_nonblocking(handle);
    pipe_signal_hold(&held);
    int64_t result = SYS_RETRY(
        int64_t, splice(pipe, NULL, handle, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
    pipe_signal_release(&held, result == (int64_t)size);
    return result;
}
