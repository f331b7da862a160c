/*
 * Inside sys only: system calls past the C library's functions. Those are points where a thread may
 * be cancelled: in a process with several threads each of them says so before the call and takes it
 * back afterwards, which is some 45 instructions. Calls that never wait have nothing to cancel.
 *
 * The C library's syscall() takes any call, and moves all arguments one register on for it, which
 * is 25 instructions more; so where the machine is one of the two that nearly all have, its
 * instruction stands here.
 */
#ifndef SYS_CALL_H
#define SYS_CALL_H

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

#if defined(SENNIT_IS_SANITIZED)
/* A sanitizer looks into the C library's functions, and not into system calls. */
#define SYS_CALL_BY_LIBRARY
#elif defined(__x86_64__) && defined(__LP64__)
static HOT long sys_call(long number, long a, long b, long c, long d, long e, long f)
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
static HOT long sys_call(long number, long a, long b, long c, long d, long e, long f)
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
static inline long sys_call(long number, long a, long b, long c, long d, long e, long f)
{
    long result = syscall(number, a, b, c, d, e, f);
    return likely(result >= 0) ? result : -errno;
}
#endif

/* Whether the library's record of a message is the kernel's: musl's is not, nor any of 32 bits
 * whose times have 64. */
#if !defined(SYS_CALL_BY_LIBRARY) && defined(__GLIBC__) && defined(__LP64__)
#define SYS_CALL_TAKES_MESSAGES 1
#else
#define SYS_CALL_TAKES_MESSAGES 0
#endif

/* sendmsg(2) or recvmsg(2), made once. */
int64_t sys_call_message(bool is_send, int32_t handle, const struct msghdr *message, int flags);

#endif
