#include "sys/sys.h"

#include <poll.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/nonblocking.h"
#include "sys/pipe_signal.h"
#include "sys/retry.h"

/* That the descriptor is non-blocking is not relied upon, see nonblocking.h. */
#define SEND_FLAGS (MSG_NOSIGNAL | MSG_DONTWAIT)

int64_t sys_receive(int32_t handle, void *data, size_t size, int flags)
{
    return SYS_RETRY(int64_t, recv(handle, data, size, flags | MSG_DONTWAIT));
}

int64_t sys_receive_from(int32_t handle, void *data, size_t size, int flags, void *out_sockaddr,
                         uint32_t *inout_size)
{
    return SYS_RETRY(int64_t,
                     recvfrom(handle, data, size, flags | MSG_DONTWAIT, out_sockaddr, inout_size));
}

bool sys_end_is_doubtful(int32_t handle)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
        return false;
    struct pollfd end = {.fd = handle, .events = POLLRDHUP};
    return poll(&end, 1, 0) > 0 && (end.revents & (POLLRDHUP | POLLHUP));
}

int64_t sys_send(int32_t handle, const void *data, size_t size, int flags)
{
    return SYS_RETRY(int64_t, send(handle, data, size, flags | SEND_FLAGS));
}

int64_t sys_send_to(int32_t handle, const void *data, size_t size, int flags, const void *sockaddr,
                    uint32_t sockaddr_size)
{
    return SYS_RETRY(int64_t,
                     sendto(handle, data, size, flags | SEND_FLAGS, sockaddr, sockaddr_size));
}

int64_t sys_read(int32_t handle, const struct iovec *pieces, int count)
{
    stay_nonblocking(handle);
    return SYS_RETRY(int64_t, readv(handle, pieces, count));
}

int64_t sys_write(int32_t handle, const struct iovec *pieces, int count)
{
    struct pipe_signal held; /* write(2) has no MSG_NOSIGNAL */
    stay_nonblocking(handle);
    pipe_signal_hold(&held);
    int64_t result = SYS_RETRY(int64_t, writev(handle, pieces, count));
    pipe_signal_release(&held, false);
    return result;
}

/* A descriptor that does not block says that it is full instead of waiting. */
static int64_t write_part(int32_t handle, const char *text, size_t size)
{
    int64_t result = SYS_RETRY(int64_t, write(handle, text, size));
    if (result != -EAGAIN)
        return result;
    struct sys_poll room = {.handle = handle, .events = POLLOUT};
    int32_t ready = sys_poll(&room, 1, SYS_NEVER);
    return ready < 0 && ready != -EINTR ? ready : 0;
}

int32_t sys_write_text(int32_t handle, const char *text, size_t size)
{
    struct pipe_signal held;
    int64_t result = 0;
    pipe_signal_hold(&held);
    while (size > 0 && result >= 0) {
        result = write_part(handle, text, size);
        if (result > 0) {
            text += result;
            size -= (size_t)result;
        }
    }
    pipe_signal_release(&held, false);
    return result < 0 ? (int32_t)result : 0;
}
