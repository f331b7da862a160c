/**
 * Inside the io_uring back-end only: what its files share. The ring with its bookkeeping, and how
 * an entry comes by.
 */
#ifndef BACKENDS_IO_URING_RING_H
#define BACKENDS_IO_URING_RING_H

#include "backends/backend.h"
#include "backends/io_uring_prepare.h"
#include "backends/retry.h"
#include "operation/operation.h"

#define SCRATCH_COUNT 64

/* User data that names no operation. Of one that does, the lowest bit says that the entry only
 * polls for it. */
#define POLLED       1u
#define USER_WAKE    ((uint64_t)2)
#define USER_IGNORED ((uint64_t)4)
#define USER_WATCH   ((uint64_t)6)
#define USER_LAST    USER_WATCH

/* Where a submitted operation is: the `stage` of its record. */
enum stage {
    STAGE_ENTRY,
    STAGE_POLL,
    STAGE_RETRY,
    STAGE_WATCH,
    STAGE_MASK = STAGE_WATCH,
    STAGE_CANCELLED,                       /* a bit beside the others */
    STAGE_REPORTED = STAGE_CANCELLED << 1, /* by another way than an entry's own result */
};

_Static_assert(ACTION_COUNT <= 32, "bits of `denied`");
_Static_assert(STAGE_CANCELLED == STAGE_MASK + 1, "a bit beside the others");

struct backend {
    struct backend_host *host; /* borrowed */
    struct io_uring ring;
    struct retry_list retries;
    int32_t event; /* owned: signalled by the ring, see uring_handle(); -1 until it is asked for */
    int32_t watch; /* owned: an epoll instance, see io_uring_accept.c; -1 until there is one */
    bool is_open;
    bool is_wake_armed;
    bool is_watch_armed;
    uint32_t denied;       /* bits of enum action: a filter denies their entries */
    bool is_poll_denied;   /* the same of polls */
    bool is_cancel_denied; /* the same of cancels */
    int32_t failure;       /* one of the two that are always watched cannot be any more: -errno */
    uint32_t scratch_used; /* since the last submission */
    struct entry_scratch scratch[SCRATCH_COUNT];
};

/* What entries that are still to be handed over refer to must stay: the kernel may refuse them for
 * now (EBUSY). */
static inline void ring_free_scratch(struct backend *backend)
{
    if (io_uring_sq_ready(&backend->ring) == 0)
        backend->scratch_used = 0;
}

/* What io_uring_get_sqe() does, which is a call into liburing: of a ring without a polling thread,
 * and with entries of one size, as ours is. */
static HOT struct io_uring_sqe *ring_free_entry(struct io_uring *ring)
{
    struct io_uring_sq *queue = &ring->sq;
    unsigned taken = queue->sqe_tail - atomic_load_relaxed(queue->khead);
    if (unlikely(taken >= queue->ring_entries))
        return NULL;
    return &queue->sqes[queue->sqe_tail++ & queue->ring_mask];
}

/* Some are handed over first; NULL when the kernel takes no more for now. */
COLD struct io_uring_sqe *ring_make_room(struct backend *backend);

/* A free entry, or NULL when the kernel takes no more for now. */
static HOT struct io_uring_sqe *ring_next_entry(struct backend *backend)
{
    struct io_uring_sqe *entry = ring_free_entry(&backend->ring);
    return likely(entry) ? entry : ring_make_room(backend);
}

static inline void ring_retry_later(struct backend *backend, sn_operation *operation)
{
    record_of(operation)->stage = STAGE_RETRY;
    retry_add(&backend->retries, operation);
}

/* Of an operation that is no entry. Another event may be for it, so it is marked as told. */
static inline void ring_report(struct backend *backend, sn_operation *operation, int64_t result)
{
    record_of(operation)->stage = STAGE_REPORTED;
    report_result(backend->host, operation, result);
}

/* Whether an attempt comes before the ring, and the attempt. */
bool ring_tries_first(const struct backend *backend, struct descriptor *descriptor,
                      const sn_operation *operation);
int64_t ring_attempt(struct descriptor *descriptor, sn_operation *operation);
/* What the result of its entry is known by. */
uint64_t ring_user_data_of(const sn_operation *operation);
/* A poll for it, or to be tried again where the ring takes no more for now. */
void ring_submit_poll(struct backend *backend, struct descriptor *descriptor,
                      sn_operation *operation);
/* The operation as an entry, or to be tried again where the ring takes no more for now. */
void ring_submit_entry(struct backend *backend, struct descriptor *descriptor,
                       sn_operation *operation);

#endif
