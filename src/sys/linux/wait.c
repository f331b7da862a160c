/* Clocks, polling, wake events, futexes. */
#include "sys/sys.h"

#include <errno.h>
#include <linux/futex.h>
#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sys/retry.h"

#define NANOSECONDS INT64_C(1000000000)

_Static_assert(sizeof(struct sys_poll) == sizeof(struct pollfd), "passed to the kernel as it is");
_Static_assert(offsetof(struct sys_poll, revents) == offsetof(struct pollfd, revents),
               "passed to the kernel as it is");

/* On machines of 32 bits the call of the old name takes a time of 32 bits. */
#ifdef SYS_futex_time64
#define FUTEX SYS_futex_time64
#else
#define FUTEX SYS_futex
#endif
_Static_assert(sizeof(time_t) == sizeof(int64_t), "what the kernel takes, and times after 2038");

static struct timespec timespec_of(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NANOSECONDS),
                             .tv_nsec = (long)(ns % NANOSECONDS)};
}

int64_t sys_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int64_t sys_now_coarse(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int32_t sys_poll_interruptible(struct sys_poll *descriptors, size_t count, int64_t deadline_ns)
{
    struct timespec span, *limit = NULL;
    if (deadline_ns != SYS_NEVER) {
        /* Counted anew in each round, so that a signal does not grant the time again. */
        int64_t rest = deadline_ns > 0 ? deadline_ns - sys_now() : 0;
        span = timespec_of(rest > 0 ? rest : 0);
        limit = &span;
    }
    int ready = ppoll((struct pollfd *)descriptors, count, limit, NULL);
    return ready >= 0 ? ready : -errno;
}

int32_t sys_poll(struct sys_poll *descriptors, size_t count, int64_t deadline_ns)
{
    int32_t ready;
    do {
        ready = sys_poll_interruptible(descriptors, count, deadline_ns);
    } while (ready == -EINTR);
    return ready;
}

int32_t sys_wake_open(void)
{
    return SYS_RETRY(int32_t, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

void sys_wake_signal(int32_t handle)
{
    static const uint64_t one = 1;
    /* It can only fail when the counter is full, and then the event is readable anyway. */
    (void)SYS_RETRY(int64_t, write(handle, &one, sizeof one));
}

void sys_wake_drain(int32_t handle)
{
    uint64_t count;
    (void)SYS_RETRY(int64_t, read(handle, &count, sizeof count));
}

bool sys_futex_wait(const uint32_t *word, uint32_t value, int64_t deadline_ns)
{
    /* FUTEX_WAIT_BITSET takes an absolute time of the monotonic clock. */
    struct timespec at = timespec_of(deadline_ns == SYS_NEVER ? 0 : deadline_ns);
    return syscall(FUTEX, word, FUTEX_WAIT_BITSET_PRIVATE, value,
                   deadline_ns == SYS_NEVER ? NULL : &at, NULL, FUTEX_BITSET_MATCH_ANY) < 0 &&
           errno == EINTR;
}

void sys_futex_wake_all(const uint32_t *word)
{
    syscall(FUTEX, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
