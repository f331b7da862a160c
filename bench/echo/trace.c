#include "trace.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static const unsigned long OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
                                     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL |
                                     PTRACE_O_TRACEEXEC;

static bool is_entry(pid_t thread)
{
    struct __ptrace_syscall_info info = {0};
    return ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 &&
           info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* The signal that the thread is to go on with. */
static int stop_seen(pid_t thread, int status, bool *has_begun, atomic_ulong *calls)
{
    int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80)) {
        if (*has_begun && is_entry(thread))
            atomic_fetch_add(calls, 1);
        return 0;
    }
    if (status >> 16 == PTRACE_EVENT_EXEC)
        *has_begun = true;
    /* A new thread begins with a stop. */
    return status >> 16 != 0 || signal == SIGSTOP || signal == SIGTRAP ? 0 : signal;
}

void trace_run(char *const *words, void (*become)(char *const *words), atomic_ulong *calls)
{
    bool has_begun = false;
    int status;
    pid_t first = fork();
    if (first == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        (void)raise(SIGSTOP);
        become(words);
    }
    if (first < 0 || waitpid(first, &status, 0) != first ||
        ptrace(PTRACE_SETOPTIONS, first, NULL, OPTIONS) != 0)
        return;
    (void)ptrace(PTRACE_SYSCALL, first, NULL, 0L);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 || (thread == first && !WIFSTOPPED(status)))
            return;
        if (WIFSTOPPED(status)) {
            long signal = stop_seen(thread, status, &has_begun, calls);
            (void)ptrace(PTRACE_SYSCALL, thread, NULL, signal);
        }
    }
}
