/*
 * io_uring: a ring for each worker, made and used by its thread alone (SINGLE_ISSUER,
 * DEFER_TASKRUN).
 *
 * Entries are gathered and handed over together with the wait, in one system call for a whole
 * batch. A receive goes straight into the caller's buffer, single-shot. A send becomes an entry
 * when the last wait brought several results, and a plain call when it brought one: measured, the
 * former saves 12-30 % of the CPU under load, the latter 3-5 % with one connection. Messages that
 * were started together are plain calls too (io_uring_ring.c).
 *
 * What the files of this back-end share is in io_uring_ring.h; how accepts wait, in
 * io_uring_accept.c; what an entry says of its operation, in io_uring_prepare.c.
 */
#include <errno.h>
#include <linux/time_types.h>
#include <poll.h>

#include "backends/io_uring_accept.h"
#include "backends/io_uring_check.h"
#include "sys/sys.h"

static void arm_wake(struct backend *backend)
{
    struct io_uring_sqe *entry = backend->is_wake_armed ? NULL : ring_next_entry(backend);
    if (!entry)
        return; /* the next wait tries again */
    io_uring_prep_poll_add(entry, backend->host->wake_handle, POLLIN);
    io_uring_sqe_set_data64(entry, USER_WAKE);
    backend->is_wake_armed = true;
}

/* --- The back-end's calls -------------------------------------------------------------------- */

static void uring_close(struct backend *backend)
{
    if (backend->is_open)
        io_uring_queue_exit(&backend->ring);
    if (backend->event >= 0)
        (void)sys_close(backend->event);
    if (backend->watch >= 0)
        (void)sys_close(backend->watch);
    memory_free(backend);
}

static struct backend *uring_make(struct backend_host *host)
{
    struct backend *backend = memory_zeroed(sizeof *backend);
    if (backend) {
        backend->host = host;
        backend->event = -1;
        backend->watch = -1;
    }
    return backend;
}

/* The kernel counts a processor that waits in a ring as one that waits for a disk: tools show it as
 * busy, and it is clocked up. Kernels from 6.15 on can be told better; the others refuse. */
static void stop_counting_as_disk(struct io_uring *ring)
{
#ifdef SENNIT_HAS_SET_IOWAIT
    (void)io_uring_set_iowait(ring, false);
#else
    (void)ring;
#endif
}

static int32_t uring_open(struct backend *backend, uint32_t queue_size)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                 IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
        .cq_entries = queue_size * 4,
    };
    if (backend->host->is_driven) /* see has_more() */
        params.flags |= IORING_SETUP_TASKRUN_FLAG;
    int result = io_uring_queue_init_params(queue_size, &backend->ring, &params);
    backend->is_open = result >= 0;
    if (result >= 0)
        result = io_uring_ring_dontfork(&backend->ring);
    if (result >= 0) {
        stop_counting_as_disk(&backend->ring);
        backend->watch = sys_epoll_open(); /* without one, the next accept asks again */
    }
    return result < 0 ? result : 0;
}

/* It has no entry, or none that a filter lets through. */
static bool must_poll(const struct backend *backend, const sn_operation *operation,
                      const struct descriptor *descriptor)
{
    return entry_is_poll(operation, descriptor) ||
           (backend->denied & UINT32_C(1) << record_of(operation)->action);
}

static int64_t uring_submit(struct backend *backend, struct descriptor *descriptor,
                            sn_operation *operation)
{
    bool is_poll = must_poll(backend, operation, descriptor);
    if (retry_instead(&backend->retries, descriptor, operation)) {
        record_of(operation)->stage = STAGE_RETRY;
        return SUBMITTED;
    }
    if (action_of(operation)->makes_descriptor)
        return ring_accept_submit(backend, descriptor, operation);
    if (is_poll || ring_tries_first(backend, descriptor, operation)) {
        int64_t result = ring_attempt(descriptor, operation);
        if (!operation_would_block(operation, result))
            return result;
        if (operation_events(operation, result) == 0) {
            ring_retry_later(backend, operation);
            return SUBMITTED;
        }
    }
    if (is_poll)
        ring_submit_poll(backend, descriptor, operation);
    else
        ring_submit_entry(backend, descriptor, operation);
    return SUBMITTED;
}

/* See entry_prepare_fast(). */
static void uring_enter(struct backend *backend, sn_operation *operation, int32_t handle)
{
    struct io_uring_sqe *entry = ring_next_entry(backend);
    if (unlikely(!entry)) {
        ring_retry_later(backend, operation);
        return;
    }
    record_of(operation)->stage = STAGE_ENTRY;
    entry_prepare_fast(entry, operation, handle);
    io_uring_sqe_set_data(entry, operation);
}

/* What the ring has goes on with the file that it was given. */
static bool uring_take_back(struct backend *backend, struct descriptor *descriptor,
                            sn_operation *operation)
{
    (void)descriptor;
    if (record_of(operation)->stage == STAGE_WATCH)
        return true;
    return record_of(operation)->stage == STAGE_RETRY && retry_remove(&backend->retries, operation);
}

static bool uring_cancel(struct backend *backend, struct descriptor *descriptor,
                         sn_operation *operation)
{
    struct record *record = record_of(operation);
    if (uring_take_back(backend, descriptor, operation))
        return true;
    if (backend->is_cancel_denied) {
        struct io_uring_sync_cancel_reg cancel = {.addr = ring_user_data_of(operation)};
        (void)io_uring_register_sync_cancel(&backend->ring, &cancel);
        return false;
    }
    if (record->stage & STAGE_CANCELLED)
        return false;
    struct io_uring_sqe *entry = ring_next_entry(backend);
    if (!entry) {
        backend->host->has_missed_cancels = true;
        return false;
    }
    io_uring_prep_cancel64(entry, ring_user_data_of(operation), 0);
    io_uring_sqe_set_data64(entry, USER_IGNORED);
    record->stage |= STAGE_CANCELLED;
    return false;
}

/* --- Results --------------------------------------------------------------------------------- */

/*
 * A filter that denies an operation answers EACCES, and so does a socket that has a reason of its
 * own, as for a broadcast that was not permitted. A plain call tells which it was: the socket says
 * so once more.
 */
static int64_t ask_plainly(struct backend *backend, sn_operation *operation)
{
    const struct descriptor *descriptor = record_of(operation)->owner;
    if (record_of(operation)->marks & MARK_ENDING)
        return -ECANCELED;
    int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    if (result != -EACCES) {
        backend->denied |= UINT32_C(1) << record_of(operation)->action;
        backend->host->has_denied = true;
    }
    return result;
}

/* An entry that has moved nothing. True: that is the operation's result. */
COLD static bool entry_has_failed(struct backend *backend, sn_operation *operation,
                                  int64_t *inout_result)
{
    if (*inout_result == -EACCES)
        *inout_result = ask_plainly(backend, operation);
    if (*inout_result != -EAGAIN && *inout_result != -EINPROGRESS)
        return true;
    if (record_of(operation)->marks & MARK_ENDING) {
        *inout_result = -ECANCELED;
        return true;
    }
    if (operation_events(operation, *inout_result) == 0)
        ring_retry_later(backend, operation);
    else /* Older kernels answer so for a non-blocking descriptor: poll it, then try again. */
        ring_submit_poll(backend, record_of(operation)->owner, operation);
    return false;
}

/* The poll for an operation has ended. True: the result is the operation's. */
static bool poll_has_ended(struct backend *backend, sn_operation *operation, int64_t *inout_result)
{
    struct descriptor *descriptor = record_of(operation)->owner;
    int64_t revents = *inout_result;
    if (revents == -EACCES) { /* no socket says that to a poll */
        backend->is_poll_denied = backend->host->has_denied = true;
        revents = 0;
    }
    if (revents < 0)
        return true;
    int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    if (revents & (POLLHUP | POLLRDHUP))
        result = operation_result_after_hang_up(operation, descriptor, result);
    *inout_result = result;
    if (!operation_would_block(operation, result))
        return true;
    if (record_of(operation)->marks & MARK_ENDING) {
        *inout_result = -ECANCELED; /* the cancel has missed the poll that is over */
        return true;
    }
    /* A connect to a Unix listener whose queue is full polls as writable all the time. */
    if (operation_events(operation, result) == 0 || operation_was_woken_in_vain(operation, revents))
        ring_retry_later(backend, operation);
    else
        ring_submit_poll(backend, descriptor, operation);
    return false;
}

COLD static int64_t result_after_end(sn_operation *operation)
{
    const struct descriptor *descriptor = record_of(operation)->owner;
    return operation_result_after_end(operation, atomic_load_relaxed(&descriptor->handle));
}

/* Results that are no operation's. */
COLD static void take_own_result(struct backend *backend, uint64_t user_data, int32_t result)
{
    if (user_data == USER_IGNORED) {
        if (result == -EACCES)
            backend->is_cancel_denied = backend->host->has_denied =
                backend->host->has_missed_cancels = true;
        return;
    }
    if (result < 0)
        backend->failure = result; /* armed again it would only fail again */
    if (user_data == USER_WAKE) {
        backend->is_wake_armed = false;
        backend->host->was_woken = true;
    } else {
        assert(user_data == USER_WATCH);
        backend->is_watch_armed = false;
        ring_accept_take(backend);
    }
}

static void take_result(struct backend *backend, uint64_t user_data, int64_t result)
{
    if (unlikely(user_data <= USER_LAST)) {
        take_own_result(backend, user_data, (int32_t)result);
        return;
    }
    sn_operation *operation = (sn_operation *)(uintptr_t)(user_data & ~(uint64_t)POLLED);
    bool is_result = true;
    if (unlikely(user_data & POLLED))
        is_result = poll_has_ended(backend, operation, &result);
    else if (unlikely(result < 0))
        is_result = entry_has_failed(backend, operation, &result);
    else if (unlikely(result == 0) && !operation_is_fast(operation))
        result = result_after_end(operation);
    if (likely(is_result))
        report_result(backend->host, operation, result);
}

/* Those that there is no room for stay where they are, and the next wait does not sleep. */
static void take_results(struct backend *backend)
{
    struct io_uring_cqe *entry;
    unsigned head, taken = 0;
    backend->host->batch += io_uring_cq_ready(&backend->ring);
    io_uring_for_each_cqe(&backend->ring, head, entry)
    {
        if (unlikely(report_is_full(backend->host)))
            break;
        take_result(backend, entry->user_data, entry->res);
        taken++;
    }
    io_uring_cq_advance(&backend->ring, taken);
}

/* Without polls there are attempts by time. */
COLD static void attempt_retries(struct backend *backend)
{
    sn_operation *operation;
    struct retry_list again = {NULL, 0};
    while (!report_is_full(backend->host) && (operation = retry_take(&backend->retries)) != NULL) {
        int64_t result = ring_attempt(record_of(operation)->owner, operation);
        if (operation_would_block(operation, result))
            retry_add(&again, operation);
        else
            ring_report(backend, operation, result);
    }
    retry_move(&again, &backend->retries);
}

static void submit_retries(struct backend *backend)
{
    if (unlikely(backend->is_poll_denied)) {
        attempt_retries(backend);
        return;
    }
    sn_operation *operation;
    while (!report_is_full(backend->host) && (operation = retry_take(&backend->retries)) != NULL) {
        struct descriptor *descriptor = record_of(operation)->owner;
        if (action_of(operation)->makes_descriptor) {
            int64_t result = ring_accept_submit(backend, descriptor, operation);
            if (result != SUBMITTED) {
                ring_report(backend, operation, result);
                continue;
            }
        } else if (must_poll(backend, operation, descriptor)) {
            ring_submit_poll(backend, descriptor, operation);
        } else {
            ring_submit_entry(backend, descriptor, operation);
        }
        if (record_of(operation)->stage == STAGE_RETRY)
            break; /* still no room; its time is set anew */
    }
}

/* Hands over what was gathered and waits, in one call. */
static int enter(struct backend *backend, int64_t deadline_ns)
{
    struct io_uring_cqe *entry;
    int64_t rest_ns = 0;
    if (deadline_ns == SYS_NEVER)
        return io_uring_submit_and_wait(&backend->ring, 1);
    if (deadline_ns > 0)
        rest_ns = deadline_ns - sys_now();
    if (rest_ns <= 0)
        return io_uring_submit_and_get_events(&backend->ring);
    struct __kernel_timespec span = {.tv_sec = rest_ns / 1000000000,
                                     .tv_nsec = rest_ns % 1000000000};
    return io_uring_submit_and_wait_timeout(&backend->ring, &entry, 1, &span, NULL);
}

static void uring_flush(struct backend *backend)
{
    (void)io_uring_submit_and_get_events(&backend->ring);
    ring_free_scratch(backend);
    take_results(backend);
}

static int32_t uring_wait(struct backend *backend, int64_t deadline_ns)
{
    arm_wake(backend);
    ring_accept_arm(backend);
    if (backend->retries.first)
        submit_retries(backend);
    /* What has come already is taken without waiting, but what was gathered is handed over first.
     */
    if (backend->host->count > 0 || io_uring_cq_ready(&backend->ring) > 0 ||
        backend->host->has_missed_cancels)
        deadline_ns = 0;
    deadline_ns = retry_deadline(&backend->retries, deadline_ns);
    int result = enter(backend, deadline_ns);
    /* A call that has handed entries over tells how many, whatever has ended its wait. */
    if (unlikely(result == -EINTR) || (unlikely(io_uring_cq_ready(&backend->ring) == 0) &&
                                       result > 0 && deadline_ns == SYS_NEVER))
        backend->host->was_interrupted = true;
    ring_free_scratch(backend);
    if (backend->event >= 0)
        sys_wake_drain(backend->event); /* what comes from now on signals it again */
    take_results(backend);
    if (unlikely(backend->failure < 0))
        return backend->failure;
    return result >= 0 || result == -ETIME || result == -EINTR ? 0 : result;
}

/*
 * The ring's own descriptor will not do: results that wait for the ring's thread to enter the
 * kernel (DEFER_TASKRUN) do not make it readable, and nobody who sleeps in poll is woken. An event
 * that is registered with the ring is signalled for them too. That costs a call each time, so
 * engines that nobody watches have none.
 *
 * One result does not get through: that of the poll of the worker's own wake event. A signal inside
 * a signal is put off by the kernel and then lost (measured on 6.18: the first came after 20 ms, no
 * later one ever). So whoever wakes the worker signals this event too.
 */
static int32_t uring_handle(struct backend *backend)
{
    if (backend->event >= 0)
        return backend->event;
    int32_t event = sys_wake_open();
    if (event < 0)
        return event;
    int32_t result = io_uring_register_eventfd(&backend->ring, event);
    if (result < 0) {
        (void)sys_close(event);
        return result;
    }
    backend->event = event;
    atomic_store_release(&backend->host->watched, event);
    ring_accept_arm(backend);
    arm_wake(backend); /* the program may sleep before it has run the engine */
    (void)io_uring_submit(&backend->ring);
    return event;
}

/* Whether a result came between the end of the last wait in the kernel and the moment when the
 * event was drained: its signal is gone, but the kernel has left a flag. */
static bool has_more(struct backend *backend)
{
    unsigned flags = atomic_load_acquire(backend->ring.sq.kflags);
    return (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0 ||
           io_uring_cq_ready(&backend->ring) > 0;
}

static int64_t uring_due(struct backend *backend, int64_t deadline_ns)
{
    bool is_armed = backend->is_wake_armed && (backend->watch < 0 || backend->is_watch_armed);
    if (!is_armed || io_uring_sq_ready(&backend->ring) > 0 || has_more(backend))
        return 0;
    return retry_deadline(&backend->retries, deadline_ns);
}

/*
 * A ring may only be entered by its own thread, but it can be read and closed by any. Results that
 * stand in its memory are taken. Nothing moves into or out of a buffer later: with DEFER_TASKRUN
 * that happens only inside a call of the ring's own thread, and what it had pending is cancelled by
 * the kernel some time after the close (measured: 8 ms on average, 0.2 s at the most), without
 * another attempt. Until then the kernel holds the sockets, and closing one of them takes effect
 * then. See a_ring_that_was_closed_touches_no_buffer.
 */
static bool uring_abandon(struct backend *backend)
{
    take_results(backend);
    if (io_uring_cq_ready(&backend->ring) > 0)
        return true;
    io_uring_queue_exit(&backend->ring);
    backend->is_open = false;
    return false;
}

const struct backend_class backend_io_uring = {
    .id = SN_ENGINE_BACKEND_IO_URING,
    .name = "io_uring",
    .make = uring_make,
    .open = uring_open,
    .close = uring_close,
    .check = ring_check,
    .submit = uring_submit,
    .enter = uring_enter,
    .cancel = uring_cancel,
    .take_back = uring_take_back,
    .forget = ring_accept_forget,
    .flush = uring_flush,
    .wait = uring_wait,
    .handle = uring_handle,
    .due = uring_due,
    .abandon = uring_abandon,
};
