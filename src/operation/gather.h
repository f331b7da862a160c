/**
 * Several sends, or receives, of a stream as one system call: those that wait one behind the other
 * in a queue.
 *
 * A call costs the kernel ten times what 64 bytes more in it do. What was moved is told for all
 * together, so whoever has made the call counts it to the operations in their order.
 */
#ifndef OPERATION_GATHER_H
#define OPERATION_GATHER_H

#include "operation/attempt.h"

/* The most that one call takes: pieces of memory, which stand on the stack, and bytes, beyond which
 * another call is no loss. */
#define GATHER_PIECES 256
#define GATHER_BYTES  ((size_t)1 << 20)

struct gathered {
    size_t operations;
    size_t bytes;
    size_t count; /* of pieces */
    struct iovec pieces[GATHER_PIECES];
};

/* The first ones of the queue, as many as can go together. False: that is fewer than two. */
bool gather_queue(struct gathered *gather, const struct operation_queue *queue);
/* Bytes, or -errno. */
int64_t gather_send(struct gathered *gather, int32_t handle);
int64_t gather_receive(struct gathered *gather, int32_t handle);

size_t operation_left_of_vector(const sn_operation *operation);

/* What a plain send of a stream has still to send, and a plain receive has room for. */
static inline size_t operation_left(const sn_operation *operation)
{
    const struct record *record = record_of(operation);
    bool is_vector = unlikely((record->marks & MARK_VECTOR) != 0);
    return is_vector ? operation_left_of_vector(operation) : record->buffer.size;
}

#endif
