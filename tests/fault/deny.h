/*
 * What a filter of the kernel does to entries of a ring: they do nothing, and that is their result
 * (IORING_NOP_INJECT_RESULT).
 */
#ifndef TESTS_FAULT_DENY_H
#define TESTS_FAULT_DENY_H

#include <liburing.h>
#include <stdint.h>

struct denial {
    uint8_t opcode;
    int32_t result;
};

/* Of those that are still to be handed over. */
static inline void deny_entries(struct io_uring *ring, const struct denial *denial)
{
    const uint32_t inject_result = 1; /* of headers newer than some that this is built with */
    for (unsigned i = *ring->sq.khead; i != ring->sq.sqe_tail; i++) {
        struct io_uring_sqe *entry = &ring->sq.sqes[i & ring->sq.ring_mask];
        if (entry->opcode != denial->opcode)
            continue;
        uint64_t user_data = entry->user_data;
        *entry = (struct io_uring_sqe){.opcode = IORING_OP_NOP,
                                       .fd = -1,
                                       .len = (uint32_t)denial->result,
                                       .rw_flags = (int)inject_result,
                                       .user_data = user_data};
    }
}

#endif
