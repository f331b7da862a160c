/*
 * A fiber that waits for several descriptors: those of poll and select, of attempts to connect, of
 * a question to name servers, and its own event. They stand in an epoll instance of the wait's own,
 * which is watched with either back-end. That takes some ten system calls; sends and receives never
 * come here (engine/suspended.h).
 */
#include "fiber/fiber_object.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "engine/engine.h"

int32_t fiber_event(struct flow *flow)
{
    sn_fiber *fiber = fiber_of(flow);
    if (fiber->event < 0) {
        int32_t event = sys_wake_open();
        if (event < 0)
            return event;
        fiber->event = event;
    }
    return fiber->event;
}

/* poll's words for events are epoll's too. */
static int32_t enter_all(int32_t epoll, const struct sys_poll *descriptors, size_t count)
{
    int32_t result = 0;
    for (size_t i = 0; i < count && result >= 0; i++)
        if (descriptors[i].handle >= 0)
            result = sys_epoll_register(epoll, descriptors[i].handle,
                                        (uint16_t)descriptors[i].events, NULL);
    assert(result != -EEXIST); /* each handle stands there once */
    return result;
}

static void tell(void *context)
{
    struct flow *flow = context;
    flow->class->go_on(flow);
}

static int32_t sleep_in(struct flow *flow, int32_t epoll, int64_t deadline_ns)
{
    struct watch *watch = watch_make(flow->worker, epoll, tell, flow);
    if (!watch) {
        (void)sys_close(epoll);
        return OUTCOME_NO_MEMORY;
    }
    watch_arm(watch, deadline_ns);
    flow_note(flow, FLOW_WAIT_POLL, -1);
    flow->class->sleep(flow, SYS_NEVER);
    int64_t failure = watch_failure(watch);
    watch_leave(watch);
    /* That its engine ends is told by the fiber's scope. */
    return failure > OUTCOME_TIMED_OUT ? (int32_t)failure : 0;
}

int32_t fiber_poll(struct flow *flow, struct sys_poll *descriptors, size_t count,
                   int64_t deadline_ns)
{
    int32_t epoll = sys_epoll_open();
    if (epoll < 0)
        return epoll;
    int32_t result = enter_all(epoll, descriptors, count);
    if (result < 0) {
        (void)sys_close(epoll);
        return result;
    }
    result = sleep_in(flow, epoll, deadline_ns);
    return result < 0 ? result : sys_poll(descriptors, count, 0);
}
