/*
 * Accepts on io_uring. An entry of the ring keeps its file open until the ring's thread has taken
 * note of its end, so a listener that another thread closes would keep its address for as long as a
 * callback runs here. An epoll instance keeps no file. So accepts wait in one, and the ring waits
 * for that (decision 0015).
 */
#include "backends/io_uring_accept.h"

#include <poll.h>
#include <sys/epoll.h>

#include "backends/registration.h"
#include "sys/sys.h"

#define WATCHED_AT_ONCE 32

/* Registered before the attempt, so that no edge is missed. False: there is no instance (no
 * descriptor was left), and the ring has to do. */
static bool watch(struct backend *backend, struct descriptor *descriptor)
{
    if (backend->watch < 0)
        backend->watch = sys_epoll_open();
    return backend->watch >= 0 &&
           registration_make(backend->watch, descriptor, EPOLLIN | EPOLLET) >= 0;
}

int64_t ring_accept_submit(struct backend *backend, struct descriptor *descriptor,
                           sn_operation *operation)
{
    if (operation_lacks_place(operation))
        return OUTCOME_NO_MEMORY;
    if (!watch(backend, descriptor)) {
        ring_submit_entry(backend, descriptor, operation);
        return SUBMITTED;
    }
    record_of(operation)->stage = STAGE_WATCH;
    int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    return operation_would_block(operation, result) ? SUBMITTED : result;
}

static void look_at(struct backend *backend, struct descriptor *descriptor)
{
    sn_operation *operation = queue_first(&descriptor->queues[DIRECTION_IN]);
    if (!operation || !(descriptor->submitted & READY_IN) ||
        !action_of(operation)->makes_descriptor || record_of(operation)->stage != STAGE_WATCH)
        return; /* the next accept makes an attempt first */
    int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    if (!operation_would_block(operation, result))
        ring_report(backend, operation, result);
}

void ring_accept_take(struct backend *backend)
{
    struct epoll_event events[WATCHED_AT_ONCE];
    int32_t count = WATCHED_AT_ONCE;
    /* What there is no room for is reported by the next wait: the poll of the instance finds it
     * ready. */
    while (count == WATCHED_AT_ONCE && backend->host->count + WATCHED_AT_ONCE <= REPORTS_MAX) {
        count = sys_epoll_wait(backend->watch, events, WATCHED_AT_ONCE, 0);
        for (int32_t i = 0; i < count; i++)
            look_at(backend, events[i].data.ptr);
    }
    if (count < 0)
        backend->failure = count; /* or accepts would be waited for in vain */
}

void ring_accept_forget(struct backend *backend, struct descriptor *descriptor)
{
    registration_end(backend->watch, descriptor);
}

void ring_accept_arm(struct backend *backend)
{
    bool is_needed = backend->watch >= 0 && !backend->is_watch_armed;
    struct io_uring_sqe *entry = is_needed ? ring_next_entry(backend) : NULL;
    if (!entry)
        return;
    io_uring_prep_poll_add(entry, backend->watch, POLLIN);
    io_uring_sqe_set_data64(entry, USER_WATCH);
    backend->is_watch_armed = true;
}
