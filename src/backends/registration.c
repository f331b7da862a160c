#include "backends/registration.h"

#include <errno.h>

#include "sys/sys.h"

/* Two records may have one handle (a descriptor that was adopted twice), and an instance knows a
 * handle once. So the second registers another handle for the same file. */
static int32_t watch_another(int32_t epoll, struct descriptor *descriptor, uint32_t events)
{
    int32_t number = sys_duplicate(atomic_load_relaxed(&descriptor->handle));
    if (number < 0)
        return number;
    int32_t result = sys_epoll_register(epoll, number, events, descriptor);
    if (result >= 0)
        descriptor->watched = number;
    else
        (void)sys_close(number);
    return result;
}

static int32_t watch(int32_t epoll, struct descriptor *descriptor, uint32_t events)
{
    int32_t number = atomic_load_relaxed(&descriptor->handle);
    int32_t result = sys_epoll_register(epoll, number, events, descriptor);
    if (result == -EEXIST)
        return watch_another(epoll, descriptor, events);
    if (result >= 0)
        descriptor->watched = number;
    return result;
}

int32_t registration_make(int32_t epoll, struct descriptor *descriptor, uint32_t events)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    int32_t result = descriptor->watched >= 0 ? 0 : watch(epoll, descriptor, events);
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return result;
}

int32_t registration_change(int32_t epoll, struct descriptor *descriptor, uint32_t events)
{
    guard_acquire(GUARD_DESCRIPTOR, descriptor);
    int32_t number = descriptor->watched;
    int32_t result = number >= 0 ? sys_epoll_change(epoll, number, events, descriptor) : 0;
    guard_release(GUARD_DESCRIPTOR, descriptor);
    return result;
}

void registration_end(int32_t epoll, struct descriptor *descriptor)
{
    int32_t number = descriptor->watched;
    (void)sys_epoll_forget(epoll, number);
    if (number != atomic_load_relaxed(&descriptor->handle))
        (void)sys_close(number);
    descriptor->watched = -1;
}
