/*
 * Whether a ring works here. Not the kernel's version decides and not the headers of the build: a
 * container may forbid system calls, and a filter single operations of a ring. So a byte goes
 * through the very ring that the worker uses afterwards.
 */
#include "backends/io_uring_check.h"

#include <errno.h>
#include <linux/time_types.h>
#include <poll.h>
#include <sys/socket.h>

#include "sys/sys.h"

/* What a worker cannot do without. Operations that it can make by plain calls are not tried. */
enum tried { TRIED_RECEIVE, TRIED_CANCEL, TRIED_POLL, TRIED_SEND, TRIED_COUNT };

struct trial {
    int32_t pair[2];
    char byte;
    unsigned count; /* of the results that have come */
    int32_t results[TRIED_COUNT];
};

/* The receive comes first, so that the waiting is tried too. What is to be cancelled is not there.
 */
static bool prepare(struct io_uring *ring, struct trial *trial)
{
    struct io_uring_sqe *entries[TRIED_COUNT];
    for (unsigned i = 0; i < TRIED_COUNT; i++) {
        entries[i] = io_uring_get_sqe(ring);
        if (!entries[i])
            return false;
    }
    io_uring_prep_recv(entries[TRIED_RECEIVE], trial->pair[0], &trial->byte, 1, 0);
    io_uring_prep_cancel64(entries[TRIED_CANCEL], TRIED_COUNT, 0);
    io_uring_prep_poll_add(entries[TRIED_POLL], trial->pair[1], POLLOUT);
    io_uring_prep_send(entries[TRIED_SEND], trial->pair[1], "s", 1, MSG_NOSIGNAL);
    for (unsigned i = 0; i < TRIED_COUNT; i++)
        io_uring_sqe_set_data64(entries[i], i);
    return true;
}

static void take(struct io_uring *ring, struct trial *trial)
{
    struct io_uring_cqe *entry;
    unsigned head, taken = 0;
    io_uring_for_each_cqe(ring, head, entry)
    {
        if (entry->user_data < TRIED_COUNT)
            trial->results[entry->user_data] = entry->res;
        taken++;
    }
    io_uring_cq_advance(ring, taken);
    trial->count += taken;
}

/* Hands everything over, and waits for so many results, with one call where no signal comes. */
static int32_t wait_for(struct io_uring *ring, struct trial *trial, unsigned wanted)
{
    int64_t until_ns = sys_now() + 1000000000;
    while (trial->count < wanted) {
        struct io_uring_cqe *entry;
        struct __kernel_timespec limit = {.tv_sec = 1};
        int result =
            io_uring_submit_and_wait_timeout(ring, &entry, wanted - trial->count, &limit, NULL);
        take(ring, trial);
        bool is_short = trial->count < wanted;
        if (is_short && result < 0 && result != -EINTR) /* a signal says nothing of the ring */
            return result;
        if (is_short && sys_now() >= until_ns)
            return -ETIME;
    }
    return 0;
}

/* Of what has come. -EAGAIN is what older kernels answer to a receive that has to wait; the
 * back-end knows how to go on from there. */
static int32_t wrong_result(const struct trial *trial)
{
    const int32_t *results = trial->results;
    for (unsigned i = 0; i < TRIED_COUNT; i++) {
        bool is_expected = (i == TRIED_CANCEL && results[i] == -ENOENT) ||
                           (i == TRIED_RECEIVE && results[i] == -EAGAIN);
        if (results[i] < 0 && !is_expected)
            return results[i];
    }
    return 0;
}

/* Where the send is denied the receive would be waited for in vain. */
static int32_t run(struct io_uring *ring, struct trial *trial)
{
    int32_t result = wait_for(ring, trial, TRIED_COUNT - 1);
    if (result >= 0)
        result = wrong_result(trial);
    if (result >= 0)
        result = wait_for(ring, trial, TRIED_COUNT);
    if (result >= 0)
        result = wrong_result(trial);
    return result;
}

static bool has_received(const struct trial *trial)
{
    int32_t result = trial->results[TRIED_RECEIVE];
    return result == -EAGAIN || (result == 1 && trial->byte == 's');
}

int32_t ring_check(struct backend *backend)
{
    struct trial trial = {.count = 0};
    struct io_uring *ring = &backend->ring;
    if (!(ring->features & IORING_FEAT_EXT_ARG))
        return -EOPNOTSUPP;
    int32_t result = sys_socket_pair(AF_UNIX, SOCK_STREAM, 0, trial.pair);
    if (result < 0)
        return result;
    result = prepare(ring, &trial) ? run(ring, &trial) : -ENOMEM;
    if (result >= 0 && !has_received(&trial))
        result = -EIO;
    (void)sys_close(trial.pair[0]);
    (void)sys_close(trial.pair[1]);
    return result;
}
