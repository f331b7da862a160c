#include "dear.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

/* Steps of the filter, nearly as many as there may be. */
enum { STEPS = 4000 };

/* What it answers depends on an argument, as far as the kernel can tell: a filter that always
 * allows a call is not asked again. */
bool make_calls_dear(void)
{
    static struct sock_filter steps[STEPS + 3];
    steps[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                            offsetof(struct seccomp_data, args[0]));
    for (int i = 1; i <= STEPS; i++)
        steps[i] =
            (struct sock_filter)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0x9e3779b9u + (unsigned)i);
    steps[STEPS + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 0);
    steps[STEPS + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct sock_fprog program = {.len = STEPS + 3, .filter = steps};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
