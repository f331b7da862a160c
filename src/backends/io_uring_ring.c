/* How an operation gets into the ring. */
#include "backends/io_uring_ring.h"

#include "sys/sys.h"

struct io_uring_sqe *ring_make_room(struct backend *backend)
{
    (void)io_uring_submit(&backend->ring);
    ring_free_scratch(backend);
    return ring_free_entry(&backend->ring);
}

/* False when the kernel takes no more for now. */
static bool has_scratch(struct backend *backend)
{
    if (backend->scratch_used == SCRATCH_COUNT) {
        (void)io_uring_submit(&backend->ring);
        ring_free_scratch(backend);
    }
    return backend->scratch_used < SCRATCH_COUNT;
}

uint64_t ring_user_data_of(const sn_operation *operation)
{
    bool is_poll = (record_of(operation)->stage & STAGE_MASK) == STAGE_POLL;
    uint64_t polled = is_poll ? POLLED : 0;
    return (uint64_t)(uintptr_t)operation | polled;
}

void ring_submit_poll(struct backend *backend, struct descriptor *descriptor,
                      sn_operation *operation)
{
    struct io_uring_sqe *entry = backend->is_poll_denied ? NULL : ring_next_entry(backend);
    if (!entry) {
        ring_retry_later(backend, operation);
        return;
    }
    record_of(operation)->stage = STAGE_POLL;
    io_uring_prep_poll_add(entry, atomic_load_relaxed(&descriptor->handle),
                           (unsigned)operation_events(operation, 0));
    io_uring_sqe_set_data64(entry, ring_user_data_of(operation));
}

void ring_submit_entry(struct backend *backend, struct descriptor *descriptor,
                       sn_operation *operation)
{
    bool needs_scratch = entry_needs_scratch(operation);
    struct io_uring_sqe *entry = NULL;
    if (!needs_scratch || has_scratch(backend))
        entry = ring_next_entry(backend);
    if (!entry) {
        ring_retry_later(backend, operation);
        return;
    }
    /* Taken after the entry, which may have handed over the others and freed theirs. */
    struct entry_scratch *scratch =
        needs_scratch ? &backend->scratch[backend->scratch_used++] : NULL;
    record_of(operation)->stage = STAGE_ENTRY;
    entry_prepare(entry, operation, atomic_load_relaxed(&descriptor->handle), scratch);
    io_uring_sqe_set_data64(entry, ring_user_data_of(operation));
}

/*
 * Of messages that were started together, those behind the first are tried on the spot: the kernel
 * nearly always has one, or room for one, and each that goes through the ring takes a round of its
 * own, since they go one after the other. Once such an attempt has moved its message, the next
 * start is tried too, until one is in vain.
 */
static bool is_one_of_many(const struct descriptor *descriptor, const sn_operation *operation)
{
    uint8_t direction = record_of(operation)->direction;
    if (!(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_MESSAGES))
        return false;
    return descriptor->queues[direction].last != operation ||
           (descriptor->ready & (1 << direction));
}

/*
 * A receive of a message that comes alone goes into the ring: in a program that waits for each
 * request, an attempt in vain would be one call more each time. But a server with one receive at a
 * time finds the next request already there when it is busy. So one is tried now and then, and
 * after one that was in vain the ring has the next 1, 2, 4, 8.
 */
static bool is_worth_a_look(struct descriptor *descriptor, const sn_operation *operation)
{
    if (record_of(operation)->direction != DIRECTION_IN ||
        !(atomic_load_relaxed(&descriptor->marks) & DESCRIPTOR_MESSAGES))
        return false;
    if (descriptor->looks_after == 0)
        return true;
    descriptor->looks_after--;
    return false;
}

/* The loop has just found nothing, for it and those behind it, see loop/together.h. */
static bool was_tried_in_vain(const sn_operation *operation)
{
    struct record *record = record_of(operation);
    if (record->direction != DIRECTION_IN || record->tries == 0)
        return false;
    record->tries = 0;
    return true;
}

bool ring_tries_first(const struct backend *backend, struct descriptor *descriptor,
                      const sn_operation *operation)
{
    if (unlikely(was_tried_in_vain(operation)))
        return false;
    bool is_call =
        entry_is_send(operation) && backend->host->batch <= 1 && !entry_is_rest(operation);
    return is_call || is_one_of_many(descriptor, operation) ||
           is_worth_a_look(descriptor, operation);
}

int64_t ring_attempt(struct descriptor *descriptor, sn_operation *operation)
{
    uint8_t bit = (uint8_t)(1 << record_of(operation)->direction);
    bool is_many = is_one_of_many(descriptor, operation);
    int64_t result = operation_attempt(operation, atomic_load_relaxed(&descriptor->handle));
    if (result < 0)
        descriptor->ready &= (uint8_t)~bit;
    else if (is_many || record_of(operation)->direction == DIRECTION_IN)
        descriptor->ready |= bit;
    if (record_of(operation)->direction == DIRECTION_IN)
        descriptor_note_look(descriptor, result < 0);
    return result;
}
