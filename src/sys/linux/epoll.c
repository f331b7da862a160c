#include "sys/sys.h"

#include <sys/epoll.h>

#include "sys/retry.h"

int32_t sys_epoll_open(void)
{
    return SYS_RETRY(int32_t, epoll_create1(EPOLL_CLOEXEC));
}

int32_t sys_epoll_register(int32_t epoll, int32_t handle, uint32_t events, void *context)
{
    struct epoll_event event = {.events = events, .data.ptr = context};
    return SYS_RETRY(int32_t, epoll_ctl(epoll, EPOLL_CTL_ADD, handle, &event));
}

int32_t sys_epoll_change(int32_t epoll, int32_t handle, uint32_t events, void *context)
{
    struct epoll_event event = {.events = events, .data.ptr = context};
    return SYS_RETRY(int32_t, epoll_ctl(epoll, EPOLL_CTL_MOD, handle, &event));
}

int32_t sys_epoll_forget(int32_t epoll, int32_t handle)
{
    struct epoll_event unused = {0};
    return SYS_RETRY(int32_t, epoll_ctl(epoll, EPOLL_CTL_DEL, handle, &unused));
}

/* epoll counts in milliseconds. Rounded up: waking too early would only mean to wait once more. */
static int milliseconds_until(int64_t deadline_ns)
{
    if (deadline_ns == SYS_NEVER)
        return -1;
    int64_t rest = deadline_ns > 0 ? deadline_ns - sys_now() : 0;
    if (rest <= 0)
        return 0;
    int64_t ms = (rest + 999999) / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

int32_t sys_epoll_wait(int32_t epoll, struct epoll_event *events, int32_t count,
                       int64_t deadline_ns)
{
    int32_t ready = epoll_wait(epoll, events, count, milliseconds_until(deadline_ns));
    return ready < 0 ? -errno : ready;
}
