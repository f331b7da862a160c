/* How an operation gets into the ring. */
#include "backends/io_uring_ring.h"

#include "sys/sys.h"

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
    struct io_uring_sqe *entry = ring_next_entry(backend);
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
