/*
 * The calls of the data path, which are made once: one that a signal interrupted says so.
 */
#include "sys/sys.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/base.h"
#include "sys/linux/call.h"

#ifdef SYS_CALL_BY_LIBRARY
static int64_t receive_it(int32_t handle, void *data, size_t size, int flags, void *sockaddr,
                          uint32_t *inout_size)
{
    ssize_t result = recvfrom(handle, data, size, flags | MSG_DONTWAIT, sockaddr, inout_size);
    return result >= 0 ? result : -errno;
}

static int64_t send_it(int32_t handle, const void *data, size_t size, const void *sockaddr,
                       uint32_t sockaddr_size)
{
    ssize_t result =
        sendto(handle, data, size, MSG_NOSIGNAL | MSG_DONTWAIT, sockaddr, sockaddr_size);
    return result >= 0 ? result : -errno;
}
#else
static HOT int64_t receive_it(int32_t handle, void *data, size_t size, int flags, void *sockaddr,
                              uint32_t *inout_size)
{
    return sys_call(SYS_recvfrom, handle, (long)data, (long)size, flags | MSG_DONTWAIT,
                    (long)sockaddr, (long)inout_size);
}

static HOT int64_t send_it(int32_t handle, const void *data, size_t size, const void *sockaddr,
                           uint32_t sockaddr_size)
{
    return sys_call(SYS_sendto, handle, (long)data, (long)size, MSG_NOSIGNAL | MSG_DONTWAIT,
                    (long)sockaddr, (long)sockaddr_size);
}
#endif

int64_t sys_call_message(bool is_send, int32_t handle, const struct msghdr *message, int flags)
{
#if SYS_CALL_TAKES_MESSAGES
    return sys_call(is_send ? SYS_sendmsg : SYS_recvmsg, handle, (long)message, flags, 0, 0, 0);
#else
    ssize_t result = is_send ? sendmsg(handle, message, flags)
                             : recvmsg(handle, (struct msghdr *)(uintptr_t)message, flags);
    return result >= 0 ? result : -errno;
#endif
}

int64_t sys_receive_once(int32_t handle, void *data, size_t size)
{
    return receive_it(handle, data, size, 0, NULL, NULL);
}

int64_t sys_send_once(int32_t handle, const void *data, size_t size)
{
    return send_it(handle, data, size, NULL, 0);
}

int64_t sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                              void *out_sockaddr, uint32_t *inout_size)
{
    return receive_it(handle, data, size, flags, out_sockaddr, inout_size);
}

int64_t sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                         uint32_t sockaddr_size)
{
    return send_it(handle, data, size, sockaddr, sockaddr_size);
}
