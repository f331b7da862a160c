/*
 * What takes the place of a worker's back-end when the kernel has failed it for good, or when
 * another thread than its own destroys the engine. It needs nothing: whatever is submitted ends,
 * whatever is pending can be withdrawn, since the back-end before it has taken everything back from
 * the kernel. The host itself stands where the others have a record.
 */
#include <errno.h>
#include <poll.h>

#include "backends/backend.h"
#include "operation/operation.h"
#include "sys/sys.h"

#define LOOK_NS INT64_C(10000000)

static struct backend_host *host_of(struct backend *backend)
{
    return (struct backend_host *)(void *)backend;
}

static struct backend *ended_make(struct backend_host *host)
{
    return (struct backend *)(void *)host;
}

static int32_t ended_open(struct backend *backend, uint32_t queue_size)
{
    (void)backend, (void)queue_size;
    return 0;
}

static void ended_close(struct backend *backend)
{
    (void)backend;
}

/* The loop knows what that means. */
static int64_t ended_submit(struct backend *backend, struct descriptor *descriptor,
                            sn_operation *operation)
{
    (void)backend, (void)descriptor;
    operation_mark_ending(operation, MARK_STOPPED);
    return -ECANCELED;
}

static bool ended_cancel(struct backend *backend, struct descriptor *descriptor,
                         sn_operation *operation)
{
    (void)backend, (void)descriptor;
    record_of(operation)->marks &= (uint16_t)~MARK_RETRYING; /* that list is no more */
    return true;
}

/* Who forbids one wait may forbid the other too. */
static int32_t ended_wait(struct backend *backend, int64_t deadline_ns)
{
    struct backend_host *host = host_of(backend);
    struct sys_poll wake = {.handle = host->wake_handle, .events = POLLIN};
    int32_t count = sys_poll(&wake, 1, deadline_ns);
    if (count < 0 || (wake.revents & POLLNVAL)) {
        static const uint32_t nobody_wakes;
        int64_t look_ns = sys_now() + LOOK_NS;
        (void)sys_futex_wait(&nobody_wakes, 0, look_ns < deadline_ns ? look_ns : deadline_ns);
    } else if (count > 0) {
        host->batch++;
        host->was_woken = true;
    }
    return 0;
}

static int32_t ended_handle(struct backend *backend)
{
    return atomic_load_acquire(&host_of(backend)->failure);
}

/* Whoever drives it is told at once. */
static int64_t ended_due(struct backend *backend, int64_t deadline_ns)
{
    (void)backend, (void)deadline_ns;
    return 0;
}

const struct backend_class backend_ended = {
    .id = SN_ENGINE_BACKEND_AUTOMATIC,
    .name = "ended",
    .make = ended_make,
    .open = ended_open,
    .close = ended_close,
    .check = NULL,
    .submit = ended_submit,
    .enter = NULL, /* nothing goes the fast way any more, see fail() */
    .cancel = ended_cancel,
    .take_back = ended_cancel,
    .wait = ended_wait,
    .handle = ended_handle,
    .due = ended_due,
    .forget = NULL, /* these two: the one before it does that */
    .abandon = NULL,
};
