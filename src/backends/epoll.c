/*
 * epoll: each descriptor is registered when its first operation comes (a send of messages: when it
 * has to wait), for the edges of both directions or, see is_told_inward_first(), inward only.
 * Everything else is the readiness layer.
 */
#include <errno.h>
#include <sys/epoll.h>

#include "backends/readiness.h"
#include "backends/registration.h"
#include "backends/retry.h"
#include "operation/operation.h"
#include "sys/sys.h"

#define EDGES_IN (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET)
#define EDGES    (EDGES_IN | EPOLLOUT)

struct backend {
    struct backend_host *host; /* borrowed */
    int32_t epoll;
    struct retry_list retries;
};

static void epoll_close(struct backend *backend)
{
    if (backend->epoll >= 0)
        (void)sys_close(backend->epoll);
    memory_free(backend);
}

static struct backend *epoll_make(struct backend_host *host)
{
    struct backend *backend = memory_zeroed(sizeof *backend);
    if (backend) {
        backend->host = host;
        backend->epoll = -1;
    }
    return backend;
}

static int32_t epoll_open(struct backend *backend, uint32_t queue_size)
{
    (void)queue_size;
    backend->epoll = sys_epoll_open();
    return backend->epoll < 0
               ? backend->epoll
               : sys_epoll_register(backend->epoll, backend->host->wake_handle, EPOLLIN, NULL);
}

/*
 * A socket of TCP has an edge outward when its buffer was full. The kernel's other sockets have one
 * whenever something that was sent is taken out of a buffer, by the peer with Unix sockets and on
 * loopback: it would wake the worker for each datagram that it has sent. So their edges outward are
 * asked for by the first send that has to wait, and nearly none does.
 */
static bool is_told_inward_first(const struct descriptor *descriptor)
{
    const uint32_t others = DESCRIPTOR_STREAM_TCP | DESCRIPTOR_NOT_SOCKET;
    return !(atomic_load_relaxed(&descriptor->marks) & others);
}

/* What is there already is told as an edge, too; so nothing is missed between the attempt and this.
 */
COLD static int64_t watch_out(struct backend *backend, struct descriptor *descriptor)
{
    int32_t result = registration_change(backend->epoll, descriptor, EDGES);
    if (result < 0)
        return result;
    descriptor->ready |= READY_WATCHES_OUT;
    return SUBMITTED;
}

/* What cannot be watched (a regular file) is always ready. A new descriptor may be read and
 * written, as far as is known, so its first operations are attempted: some fail at once without any
 * event, such as a receive on a listener. See a_bound_stream_without_a_peer_says_so. */
COLD static int32_t get_to_know(struct backend *backend, struct descriptor *descriptor)
{
    bool is_in_only = is_told_inward_first(descriptor);
    int32_t result = registration_make(backend->epoll, descriptor, is_in_only ? EDGES_IN : EDGES);
    if (result < 0 && result != -EPERM)
        return result;
    descriptor->ready = READY_IN | READY_OUT | READY_ERROR | (result == -EPERM ? READY_ENDED : 0) |
                        (is_in_only ? 0 : READY_WATCHES_OUT);
    return 0;
}

/*
 * A send of messages needs no registration as long as it need not wait, and nearly none has to. In
 * a set the kernel looks who waits for room each time that a datagram has left the socket's buffer:
 * a socket that only sends is 5 % quicker outside.
 */
static bool is_tried_unknown(const struct descriptor *descriptor, const sn_operation *operation)
{
    return (descriptor->ready & READY_UNKNOWN) &&
           (atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_MESSAGES) &&
           record_of(operation)->direction == DIRECTION_OUT &&
           !action_of(operation)->makes_connection;
}

static int64_t epoll_submit(struct backend *backend, struct descriptor *descriptor,
                            sn_operation *operation)
{
    int64_t result;
    if (is_tried_unknown(descriptor, operation)) {
        result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
        if (!operation_would_block(operation, result))
            return result;
    }
    result = descriptor->ready & READY_UNKNOWN ? get_to_know(backend, descriptor) : 0;
    if (result < 0)
        return result;
    if (retry_instead(&backend->retries, descriptor, operation))
        return SUBMITTED;
    if (operation_lacks_place(operation)) /* whoever waits for it needs no connection for that */
        return OUTCOME_NO_MEMORY;
    if (readiness_attempt(descriptor, operation, &result))
        return result;
    bool is_out = record_of(operation)->direction == DIRECTION_OUT;
    if (result < 0 && operation_events(operation, result) == 0)
        retry_add(&backend->retries, operation);
    else if (is_out && !(descriptor->ready & READY_WATCHES_OUT))
        return watch_out(backend, descriptor);
    return SUBMITTED;
}

static bool epoll_cancel(struct backend *backend, struct descriptor *descriptor,
                         sn_operation *operation)
{
    (void)descriptor;
    (void)retry_remove(&backend->retries, operation);
    return true;
}

static void epoll_forget(struct backend *backend, struct descriptor *descriptor)
{
    registration_end(backend->epoll, descriptor);
}

static inline uint8_t ready_of(uint32_t events)
{
    uint8_t ready = 0;
    if (likely(events == (EPOLLIN | EPOLLOUT))) /* most are writable all the time */
        return READY_IN | READY_OUT;
    if (events & (EPOLLIN | EPOLLPRI))
        ready |= READY_IN;
    if (events & EPOLLOUT)
        ready |= READY_OUT;
    if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
        ready |= READY_IN | READY_OUT;
    if (events & EPOLLERR) /* also as long as there is something in the error queue */
        ready |= READY_ERROR;
    if (events & (EPOLLHUP | EPOLLRDHUP))
        ready |= READY_ENDED;
    return ready;
}

/* Taken out first: what would still block goes back with a later time. Reported before any edge, so
 * that what an edge is for finds the operation that is first by then. */
static void try_again(struct backend *backend)
{
    sn_operation *operation;
    struct retry_list again = {NULL, 0};
    while (backend->host->count < REPORTS_MAX / 2 &&
           (operation = retry_take(&backend->retries)) != NULL) {
        struct descriptor *descriptor = record_of(operation)->owner;
        int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
        if (action_of(operation)->makes_connection && result == 0)
            readiness_connected(descriptor);
        if (operation_would_block(operation, result))
            retry_add(&again, operation);
        else
            report_result(backend->host, operation, result);
    }
    retry_move(&again, &backend->retries);
}

/*
 * An event may be out of date: the descriptor was released by an earlier event of the same batch,
 * or another thread has ended the registration since. It never meets a freed record, because the
 * worker has a reference and gives it back in callbacks and requests only, which run after the
 * batch. And what it says of an old file is forgotten with the request that follows a replacement,
 * which comes out of the inbox after the batch as well.
 */
static int32_t epoll_wait_events(struct backend *backend, int64_t deadline_ns)
{
    struct epoll_event events[REPORTS_MAX];
    struct backend_host *host = backend->host;
    if (backend->retries.first)
        try_again(backend);
    if (host->count > 0)
        deadline_ns = 0;
    int32_t count = sys_epoll_wait(backend->epoll, events, (int)(REPORTS_MAX - host->count),
                                   retry_deadline(&backend->retries, deadline_ns));
    if (count == -EINTR) {
        host->was_interrupted = true;
        return 0;
    }
    if (count < 0)
        return count;
    host->batch += (uint32_t)count;
    struct report *next = &host->reports[host->count];
    for (int32_t i = 0; i < count; i++) {
        if (likely(events[i].data.ptr != NULL))
            *next++ = report_of_ready(events[i].data.ptr, ready_of(events[i].events));
        else
            host->was_woken = true;
    }
    host->count = (uint32_t)(next - host->reports);
    return 0;
}

static int32_t epoll_handle(struct backend *backend)
{
    return backend->epoll;
}

static int64_t epoll_due(struct backend *backend, int64_t deadline_ns)
{
    return retry_deadline(&backend->retries, deadline_ns);
}

/* What waits for edges is in no hands but ours. The descriptor is kept, because a program that
 * watches it must not meet another one under its handle. */
static bool epoll_abandon(struct backend *backend)
{
    (void)backend;
    return false;
}

const struct backend_class backend_epoll = {
    .id = SN_ENGINE_BACKEND_EPOLL,
    .name = "epoll",
    .make = epoll_make,
    .open = epoll_open,
    .close = epoll_close,
    .check = NULL,
    .submit = epoll_submit,
    .enter = NULL, /* the loop makes the attempts */
    .cancel = epoll_cancel,
    .take_back = epoll_cancel,
    .forget = epoll_forget,
    .wait = epoll_wait_events,
    .handle = epoll_handle,
    .due = epoll_due,
    .abandon = epoll_abandon,
};
