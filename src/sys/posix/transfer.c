#include "sys/sys.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "sys/retry.h"

int64_t sys_receive(int32_t handle, void *data, size_t size, int flags)
{
    return SYS_RETRY(int64_t, recv(handle, data, size, flags));
}

int64_t sys_receive_message(int32_t handle, struct msghdr *message, int flags)
{
    return SYS_RETRY(int64_t, recvmsg(handle, message, flags | MSG_CMSG_CLOEXEC));
}

int64_t sys_send(int32_t handle, const void *data, size_t size, int flags)
{
    return SYS_RETRY(int64_t, send(handle, data, size, flags | MSG_NOSIGNAL));
}

int64_t sys_send_message(int32_t handle, const struct msghdr *message, int flags)
{
    return SYS_RETRY(int64_t, sendmsg(handle, message, flags | MSG_NOSIGNAL));
}

int64_t sys_read(int32_t handle, const struct iovec *pieces, int count)
{
    return SYS_RETRY(int64_t, readv(handle, pieces, count));
}

/*
 * write(2) has no MSG_NOSIGNAL, so SIGPIPE is held back for this thread alone and a pending one is
 * taken away, unless one was pending before. What the process does with the signal is not touched.
 */
int64_t sys_write(int32_t handle, const struct iovec *pieces, int count)
{
    sigset_t pipe_signal, old_mask, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &old_mask);

    int64_t result = SYS_RETRY(int64_t, writev(handle, pieces, count));
    if (result == -EPIPE && !was_pending) {
        static const struct timespec at_once = {0, 0};
        (void)SYS_RETRY(int, sigtimedwait(&pipe_signal, NULL, &at_once));
    }
    pthread_sigmask(SIG_SETMASK, &old_mask, NULL);
    return result;
}
