/*
 * The best io_uring loop we know, with the flags that io_uring_setup(2) recommends for one thread:
 * one ring, single-shot receives straight into the connection's buffer, and everything that a batch
 * of completions has led to is submitted by the same call that waits for the next batch. The kernel
 * does its part of the work in that call (DEFER_TASKRUN), so at load there are a few system calls
 * for a hundred requests.
 */
#include "raw.h"

#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE_SIZE = 1024, COMPLETIONS_MAX = 4 * QUEUE_SIZE };

struct connection {
    int handle;
    bool is_sending;
    size_t begin, end;         /* what is still to be sent */
    size_t filled;             /* of the buffer, with what is no whole request yet */
    struct gathered *gathered; /* owned; NULL: an answer is one piece */
    char buffer[];
};

/* Read by the kernel until it has the operation. */
struct gathered {
    struct msghdr message;
    struct iovec pieces[CONTENDER_PIECES_MAX];
};

static const struct service *service;

struct loop {
    struct io_uring ring;
    int listener;
};

/* A free entry; what was gathered is submitted first if there is none. */
static struct io_uring_sqe *next_entry(struct loop *loop)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&loop->ring);
    while (!entry) {
        (void)io_uring_submit(&loop->ring);
        entry = io_uring_get_sqe(&loop->ring);
    }
    return entry;
}

/* The listener is the one without a connection. */
static void start_accept(struct loop *loop)
{
    struct io_uring_sqe *entry = next_entry(loop);
    io_uring_prep_multishot_accept(entry, loop->listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(entry, NULL);
}

static void start_receive(struct loop *loop, struct connection *connection)
{
    struct io_uring_sqe *entry = next_entry(loop);
    connection->is_sending = false;
    io_uring_prep_recv(entry, connection->handle, connection->buffer + connection->filled,
                       service->buffer_size - connection->filled, 0);
    io_uring_sqe_set_data(entry, connection);
}

static void start_send(struct loop *loop, struct connection *connection)
{
    struct io_uring_sqe *entry = next_entry(loop);
    char *data = connection->buffer + connection->begin;
    size_t size = connection->end - connection->begin;
    connection->is_sending = true;
    struct gathered *gathered = connection->gathered;
    if (!gathered) {
        io_uring_prep_send(entry, connection->handle, data, size, MSG_NOSIGNAL | MSG_WAITALL);
    } else {
        gathered->message = (struct msghdr){.msg_iov = gathered->pieces};
        contender_cut(service, data, size, &gathered->message);
        io_uring_prep_sendmsg(entry, connection->handle, &gathered->message,
                              MSG_NOSIGNAL | MSG_WAITALL);
    }
    io_uring_sqe_set_data(entry, connection);
}

/* What is no whole request yet is kept. */
static void forget_sent(struct connection *connection)
{
    connection->filled -= connection->end;
    memmove(connection->buffer, connection->buffer + connection->end, connection->filled);
    connection->begin = connection->end = 0;
}

static void connection_done(struct loop *loop, struct connection *connection, int result)
{
    if (result <= 0) {
        (void)close(connection->handle);
        free(connection->gathered);
        free(connection);
        return;
    }
    if (connection->is_sending) {
        connection->begin += (size_t)result;
        if (connection->begin == connection->end)
            forget_sent(connection);
    } else {
        connection->filled += (size_t)result;
        connection->end = contender_whole(service, connection->filled);
    }
    if (connection->begin < connection->end)
        start_send(loop, connection);
    else
        start_receive(loop, connection);
}

static void accept_done(struct loop *loop, int result, unsigned flags)
{
    if (!(flags & IORING_CQE_F_MORE))
        start_accept(loop);
    if (result < 0)
        return;
    struct connection *connection = calloc(1, sizeof *connection + service->buffer_size);
    if (connection && service->kind == SERVICE_PIPELINE)
        connection->gathered = calloc(1, sizeof *connection->gathered);
    if (!connection || (service->kind == SERVICE_PIPELINE && !connection->gathered)) {
        free(connection);
        (void)close(result);
        return;
    }
    connection->handle = result;
    contender_no_delay(result);
    start_receive(loop, connection);
}

static void run_once(struct loop *loop)
{
    struct io_uring_cqe *completion;
    unsigned head, count = 0;
    (void)io_uring_submit_and_wait(&loop->ring, 1);
    io_uring_for_each_cqe(&loop->ring, head, completion)
    {
        struct connection *connection = io_uring_cqe_get_data(completion);
        if (connection)
            connection_done(loop, connection, completion->res);
        else
            accept_done(loop, completion->res, completion->flags);
        count++;
    }
    io_uring_cq_advance(&loop->ring, count);
}

const char *raw_io_uring_serve(const struct service *wanted)
{
    struct loop loop;
    service = wanted;
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                 IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
        .cq_entries = COMPLETIONS_MAX};
    int native = io_uring_queue_init_params(QUEUE_SIZE, &loop.ring, &parameters);
    if (native < 0)
        return strerror(-native);
    loop.listener = contender_listen(service);
    if (loop.listener < 0)
        return "it cannot listen";
    start_accept(&loop);
    for (;;)
        run_once(&loop);
}
