/* Making descriptors: close-on-exec and non-blocking from the first moment, without a gap. */
#include "sys/sys.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/nonblocking.h"
#include "sys/retry.h"

int32_t sys_socket(int family, int type, int protocol)
{
    return SYS_RETRY(int32_t, socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

int32_t sys_socket_pair(int family, int type, int protocol, int32_t out_pair[2])
{
    return SYS_RETRY(int32_t,
                     socketpair(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol, out_pair));
}

int32_t sys_accept(int32_t listener, void *sockaddr, uint32_t *inout_size)
{
    stay_nonblocking(listener);
    return SYS_RETRY(int32_t,
                     accept4(listener, sockaddr, inout_size, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

int32_t sys_duplicate(int32_t handle)
{
    return SYS_RETRY(int32_t, fcntl(handle, F_DUPFD_CLOEXEC, 0));
}

int32_t sys_duplicate_onto(int32_t handle, int32_t onto)
{
    return SYS_RETRY(int32_t, dup3(handle, onto, O_CLOEXEC));
}
