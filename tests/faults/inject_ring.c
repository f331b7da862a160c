/*
 * Under the back-end of io_uring: the calls of liburing that may fail, and the results of entries.
 *
 * A result cannot be changed when it comes back, for then the kernel has done what is said to have
 * failed: a connection would be accepted and lost. So the entry is changed before it is handed
 * over, into one that does nothing and has the result that was asked for
 * (IORING_NOP_INJECT_RESULT).
 */
#include "faults/faults.h"

#include <errno.h>
#include <stdlib.h>

#include "base/base.h"

/* Of headers newer than some that this is built with. */
enum { NOP_INJECT_RESULT = 1 };

/* Entries that were looked at already: a submission that fails leaves them where they are. */
static struct {
    const struct io_uring *ring;
    unsigned seen; /* those before this place */
} rings[8];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void fail_entry(struct io_uring_sqe *entry, int32_t result)
{
    entry->opcode = IORING_OP_NOP;
    entry->fd = -1;
    entry->ioprio = 0;
    entry->off = 0;
    entry->addr = 0;
    entry->buf_index = 0;
    entry->rw_flags = NOP_INJECT_RESULT;
    entry->len = (unsigned)result;
}

static void look_at(struct io_uring_sqe *entry)
{
    int32_t result;
    switch (entry->opcode) {
#define X(name, ...)                                                                               \
    case IORING_OP_##name:                                                                         \
        if (fault_strikes(POINT_entry_##name, &result))                                            \
            fail_entry(entry, result);                                                             \
        return;
        FAULT_ENTRY_TABLE(X)
#undef X
    default: return;
    }
}

static unsigned *seen_of(const struct io_uring *ring)
{
    size_t free_place = array_count(rings);
    for (size_t i = 0; i < array_count(rings); i++) {
        if (rings[i].ring == ring)
            return &rings[i].seen;
        if (!rings[i].ring)
            free_place = i;
    }
    if (free_place == array_count(rings))
        abort();
    rings[free_place].ring = ring;
    return &rings[free_place].seen;
}

/* Everything that was prepared since the last time. */
static void look_at_entries(struct io_uring *ring)
{
    pthread_mutex_lock(&lock);
    unsigned *seen = seen_of(ring);
    for (; *seen != ring->sq.sqe_tail; (*seen)++)
        look_at(&ring->sq.sqes[*seen & *ring->sq.kring_mask]);
    pthread_mutex_unlock(&lock);
}

static void forget(const struct io_uring *ring)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < array_count(rings); i++)
        if (rings[i].ring == ring) {
            rings[i].ring = NULL;
            rings[i].seen = 0;
        }
    pthread_mutex_unlock(&lock);
}

void __real_io_uring_queue_exit(struct io_uring *ring);
void __wrap_io_uring_queue_exit(struct io_uring *ring);
void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
    forget(ring);
    __real_io_uring_queue_exit(ring);
}

static bool hands_over(enum fault_point point)
{
    return point >= POINT_io_uring_submit;
}

#define X(name, parameters, arguments, ...)                                                        \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        int32_t result;                                                                            \
        if (fault_strikes(POINT_##name, &result))                                                  \
            return result;                                                                         \
        if (hands_over(POINT_##name))                                                              \
            look_at_entries(ring);                                                                 \
        return __real_##name arguments;                                                            \
    }
FAULT_RING_TABLE(X)
#undef X

bool ring_can_choose_results(void)
{
    struct io_uring ring;
    struct io_uring_cqe *completion;
    bool can = false;
    if (__real_io_uring_queue_init_params(2, &ring, &(struct io_uring_params){0}) < 0)
        return false;
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    if (entry) {
        io_uring_prep_nop(entry);
        fail_entry(entry, -EXDEV);
        can = __real_io_uring_submit_and_wait(&ring, 1) == 1 &&
              io_uring_peek_cqe(&ring, &completion) == 0 && completion->res == -EXDEV;
    }
    __real_io_uring_queue_exit(&ring);
    return can;
}
