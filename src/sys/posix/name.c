/* Addresses, options and states of a socket that exists. */
#include "sys/sys.h"

#include <sys/ioctl.h>

#include "sys/nonblocking.h"
#include "sys/retry.h"

int32_t sys_bind(int32_t handle, const void *sockaddr, uint32_t size)
{
    return SYS_RETRY(int32_t, bind(handle, sockaddr, size));
}

int32_t sys_listen(int32_t handle, int backlog)
{
    return SYS_RETRY(int32_t, listen(handle, backlog));
}

/* EINTR needs no special care: the descriptor is non-blocking, so a signal cannot end a wait here.
 */
int32_t sys_connect(int32_t handle, const void *sockaddr, uint32_t size)
{
    stay_nonblocking(handle);
    return SYS_RETRY(int32_t, connect(handle, sockaddr, size));
}

int32_t sys_shutdown(int32_t handle, int how)
{
    return SYS_RETRY(int32_t, shutdown(handle, how));
}

int32_t sys_local_name(int32_t handle, void *sockaddr, uint32_t *inout_size)
{
    return SYS_RETRY(int32_t, getsockname(handle, sockaddr, inout_size));
}

int32_t sys_peer_name(int32_t handle, void *sockaddr, uint32_t *inout_size)
{
    return SYS_RETRY(int32_t, getpeername(handle, sockaddr, inout_size));
}

int32_t sys_set_option(int32_t handle, int level, int name, const void *data, uint32_t size)
{
    return SYS_RETRY(int32_t, setsockopt(handle, level, name, data, size));
}

int32_t sys_get_option(int32_t handle, int level, int name, void *data, uint32_t *inout_size)
{
    return SYS_RETRY(int32_t, getsockopt(handle, level, name, data, inout_size));
}

int32_t sys_available(int32_t handle, int *out_bytes)
{
    return SYS_RETRY(int32_t, ioctl(handle, FIONREAD, out_bytes));
}

int32_t sys_at_mark(int32_t handle, int *out_at_mark)
{
    return SYS_RETRY(int32_t, ioctl(handle, SIOCATMARK, out_at_mark));
}
