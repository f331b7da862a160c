/* Faults of memory, and the stacks on which handlers of signals run. */
#include "sys/sys.h"

#include <signal.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/retry.h"

static bool (*ask)(const void *address);
static struct sigaction segv_before, bus_before;

static struct sigaction *before(int number)
{
    return number == SIGSEGV ? &segv_before : &bus_before;
}

/* The fault happens again, or the signal is sent again, and meets what was there before. */
static void step_aside(int number, const siginfo_t *told)
{
    (void)sigaction(number, before(number), NULL);
    if (told->si_code <= 0) /* somebody has sent it */
        (void)raise(number);
}

/* The handler from before, as the kernel would have called it. */
static void hand_on(int number, siginfo_t *told, void *machine)
{
    struct sigaction next = *before(number);
    bool is_sent = told->si_code <= 0;
    if (next.sa_handler == SIG_IGN && is_sent)
        return;
    if (next.sa_handler == SIG_DFL || next.sa_handler == SIG_IGN) {
        step_aside(number, told);
        return;
    }
    if (next.sa_flags & (int)SA_RESETHAND)
        before(number)->sa_handler = SIG_DFL;
    if (next.sa_flags & SA_SIGINFO)
        next.sa_sigaction(number, told, machine);
    else
        next.sa_handler(number);
}

static void on_fault(int number, siginfo_t *told, void *machine)
{
    int kept = errno;
    if (told->si_code > 0 && ask(told->si_addr))
        step_aside(number, told);
    else
        hand_on(number, told, machine);
    errno = kept;
}

/* With the mask of the one before, and without holding the signal back if that did not. */
static int32_t take_over(int number)
{
    struct sigaction *old = before(number);
    if (sigaction(number, NULL, old) < 0)
        return -errno;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_mask = old->sa_mask};
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | (old->sa_flags & (SA_NODEFER | SA_RESTART));
    return sigaction(number, &action, NULL) < 0 ? -errno : 0;
}

int32_t sys_watch_faults(bool (*is_told)(const void *address))
{
    ask = is_told;
    int32_t failed = take_over(SIGSEGV);
    return failed ? failed : take_over(SIGBUS);
}

void *sys_signal_stack(void)
{
    stack_t now;
    return sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE) ? now.ss_sp : NULL;
}

int32_t sys_set_signal_stack(void *base, size_t size)
{
    stack_t stack = {.ss_sp = base, .ss_size = size, .ss_flags = base ? 0 : SS_DISABLE};
    return sigaltstack(&stack, NULL) < 0 ? -errno : 0;
}

void sys_tell_user(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text += written;
        size -= (size_t)written;
    }
}
