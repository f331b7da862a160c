/*
 * The calls of the data path, past the C library's functions. Those are points where a thread may
 * be cancelled: in a process with several threads each of them says so before the call and takes it
 * back afterwards, which is some 45 instructions. These calls never wait, so there is nothing to
 * cancel.
 *
 * The C library's syscall() takes any call, and moves all arguments one register on for it, which
 * is 25 instructions more; so where the machine is one of the two that nearly all have, its
 * instruction stands here.
 */
#include "sys/sys.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

#if defined(SENNIT_IS_SANITIZED)
/* A sanitizer looks into the C library's functions, and not into system calls. */
#define CALL_BY_LIBRARY
#elif defined(__x86_64__) && defined(__LP64__)
static HOT long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__) && defined(__LP64__)
static HOT long call(long number, long a, long b, long c, long d, long e, long f)
{
    register long which __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    register long fifth __asm__("x4") = e;
    register long sixth __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(first)
                     : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "memory", "cc");
    return first;
}
#else
static long call(long number, long a, long b, long c, long d, long e, long f)
{
    long result = syscall(number, a, b, c, d, e, f);
    return likely(result >= 0) ? result : -errno;
}
#endif

#ifdef CALL_BY_LIBRARY
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
    return call(SYS_recvfrom, handle, (long)data, (long)size, flags | MSG_DONTWAIT, (long)sockaddr,
                (long)inout_size);
}

static HOT int64_t send_it(int32_t handle, const void *data, size_t size, const void *sockaddr,
                           uint32_t sockaddr_size)
{
    return call(SYS_sendto, handle, (long)data, (long)size, MSG_NOSIGNAL | MSG_DONTWAIT,
                (long)sockaddr, (long)sockaddr_size);
}
#endif

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
