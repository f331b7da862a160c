/*
 * With SENNIT_TEST_FORBID=io_uring the kernel refuses every call of io_uring, as containers have it
 * done by a seccomp filter. Every test must end as it does where io_uring is allowed; style.c looks
 * that the library has chosen epoll and says why.
 */
#include "support/forbid.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

bool io_uring_is_forbidden(void)
{
    const char *wanted = getenv("SENNIT_TEST_FORBID");
    return wanted && strcmp(wanted, "io_uring") == 0;
}

/* The three calls have neighbouring numbers. */
_Static_assert(SYS_io_uring_enter == SYS_io_uring_setup + 1, "");
_Static_assert(SYS_io_uring_register == SYS_io_uring_setup + 2, "");

bool io_uring_forbid(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_io_uring_setup, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_io_uring_register, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
