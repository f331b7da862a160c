/**
 * Operations as entries of a submission queue: attempt.c once more, in the ring's words. For the
 * io_uring back-end only.
 */
#ifndef BACKENDS_IO_URING_PREPARE_H
#define BACKENDS_IO_URING_PREPARE_H

#include <liburing.h>

#include "operation/operation.h"

/* What the kernel reads while it takes an entry, and not afterwards. */
struct entry_scratch {
    struct msghdr message;
    struct pieces pieces;
};

/* Whether the entry needs scratch memory until it has been submitted. */
bool entry_needs_scratch(const sn_operation *operation);

/* Whether it sends, so that a call does at once what an entry would have to wait for. */
bool entry_is_send(const sn_operation *operation);

/* True: the descriptor must be polled first, and the attempt made by a system call. */
bool entry_is_poll(const sn_operation *operation, const struct descriptor *descriptor);

/* Whether it is what is left of a stream's send, so that the kernel's buffer was full just now. */
bool entry_is_rest(const sn_operation *operation);

/* The buffer of a large transfer: it has been read empty by the receive before it, so that an
 * attempt at once is in vain. Smaller ones are often there. */
#define LARGE_RECEIVE ((size_t)32 << 10)

/* A receive into it waits first, as the rest of a send does. Sends of that size were measured too:
 * a call at once instead of an entry costs 2 to 3 % more. */
static HOT void entry_wait_for_data(struct io_uring_sqe *entry, size_t size)
{
    if (unlikely(size >= LARGE_RECEIVE))
        entry->ioprio |= IORING_RECVSEND_POLL_FIRST;
}

void entry_prepare(struct io_uring_sqe *entry, sn_operation *operation, int32_t handle,
                   struct entry_scratch *scratch);

/* The same for a fast one, which needs no scratch memory. */
static HOT void entry_prepare_fast(struct io_uring_sqe *entry, const sn_operation *operation,
                                   int32_t handle)
{
    const sn_buffer *buffer = &record_of(operation)->buffer;
    if (record_of(operation)->direction == DIRECTION_IN) {
        io_uring_prep_recv(entry, handle, buffer->data, attempt_size(buffer->size), 0);
        entry_wait_for_data(entry, buffer->size);
        return;
    }
    io_uring_prep_send(entry, handle, buffer->data, attempt_size(buffer->size), MSG_NOSIGNAL);
    if (unlikely(operation->transferred > 0))
        entry->ioprio |= IORING_RECVSEND_POLL_FIRST; /* see wait_for_room() */
}

#endif
