/*
 * The calls of the data path, past the C library's functions. Those are points where a
 * thread may be cancelled: in a process with several threads each of them says so before the call
 * and takes it back afterwards, which is some 45 instructions. These calls never wait, so there is
 * nothing to cancel.
 */
#include "sys/sys.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

/* A sanitizer looks into the C library's functions, and not into system calls. */
#ifdef SENNIT_IS_SANITIZED
#define CALL(library, number, ...) library(__VA_ARGS__)
#else
#define CALL(library, number, ...) syscall(number, __VA_ARGS__)
#endif

int64_t sys_receive_once(int32_t handle, void *data, size_t size)
{
    long result = CALL(recvfrom, SYS_recvfrom, handle, data, size, MSG_DONTWAIT, NULL, NULL);
    return likely(result >= 0) ? result : -errno;
}

int64_t sys_send_once(int32_t handle, const void *data, size_t size)
{
    long result = CALL(sendto, SYS_sendto, handle, data, size, MSG_NOSIGNAL | MSG_DONTWAIT, NULL,
                       (socklen_t)0);
    return likely(result >= 0) ? result : -errno;
}

int64_t sys_receive_from_once(int32_t handle, void *data, size_t size, int flags,
                              void *out_sockaddr, uint32_t *inout_size)
{
    long result = CALL(recvfrom, SYS_recvfrom, handle, data, size, flags | MSG_DONTWAIT,
                       out_sockaddr, inout_size);
    return likely(result >= 0) ? result : -errno;
}

int64_t sys_send_to_once(int32_t handle, const void *data, size_t size, const void *sockaddr,
                         uint32_t sockaddr_size)
{
    long result = CALL(sendto, SYS_sendto, handle, data, size, MSG_NOSIGNAL | MSG_DONTWAIT,
                       sockaddr, sockaddr_size);
    return likely(result >= 0) ? result : -errno;
}
