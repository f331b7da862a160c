/*
 * 64 messages on one connection, all given at once: what a message costs its sender in processor
 * time. The limit is one sendmsg() for all of them.
 *
 * The other end is drained by a thread of its own, whose time does not count.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "choices.h"
#include "connection.h"
#include "measure.h"

enum { MESSAGES = 64 };

static long message_size = 64;

/* A record of a message by hand, which keeps what an operation promises: it is claimed for one
 * start and completed once, also where other threads look, and then called back. As large as ours.
 */
struct promise {
    void (*completed)(struct promise *promise);
    struct sender *sender;
    const void *data;
    size_t size, transferred;
    unsigned state; /* atomic */
    char rest[sizeof(sn_operation) - 5 * sizeof(void *) - sizeof(unsigned)];
};

/* A contender: what it sends with, and who drains the other end. */
struct sender {
    bool (*send)(struct sender *sender); /* all messages, once */
    struct connection connection;
    pthread_t drain;
    bool is_open, has_drain;
    uint64_t turn_ns;
    size_t size;
    char *data; /* owned: the messages, one behind the other */
    /* Sennit's: */
    sn_engine *engine; /* owned */
    sn_operation post, sends[MESSAGES];
    size_t pending;
    bool has_failed;
    struct promise promises[MESSAGES];
};

enum { IDLE, PENDING };

static uint64_t thread_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- What the contenders do ------------------------------------------------------------------- */

static bool send_gathered(struct sender *sender)
{
    struct iovec pieces[MESSAGES];
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = MESSAGES};
    for (size_t i = 0; i < MESSAGES; i++)
        pieces[i] = (struct iovec){sender->data + i * sender->size, sender->size};
    return sendmsg(sender->connection.near.raw, &message, MSG_NOSIGNAL) ==
           (ssize_t)(MESSAGES * sender->size);
}

static bool send_singly(struct sender *sender)
{
    bool is_sent = true;
    for (size_t i = 0; i < MESSAGES && is_sent; i++)
        is_sent =
            bench_end_send(&sender->connection.near, sender->data + i * sender->size, sender->size);
    return is_sent;
}

static void on_kept(struct promise *promise)
{
    promise->sender->pending--;
    promise->sender->has_failed |= promise->transferred != promise->size;
}

static void promise_start(struct promise *promise, const void *data, size_t size)
{
    unsigned idle = IDLE;
    if (!__atomic_compare_exchange_n(&promise->state, &idle, PENDING, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        return;
    promise->data = data;
    promise->size = size;
    promise->transferred = 0;
}

static void promise_keep(struct promise *promise)
{
    unsigned pending = PENDING;
    promise->transferred = promise->size;
    if (__atomic_compare_exchange_n(&promise->state, &pending, IDLE, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        promise->completed(promise);
}

static bool send_promised(struct sender *sender)
{
    struct iovec pieces[MESSAGES];
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = MESSAGES};
    struct promise *promises = sender->promises;
    sender->pending = MESSAGES;
    for (size_t i = 0; i < MESSAGES; i++) {
        promises[i].completed = on_kept;
        promises[i].sender = sender;
        promise_start(&promises[i], sender->data + i * sender->size, sender->size);
    }
    for (size_t i = 0; i < MESSAGES; i++)
        pieces[i] = (struct iovec){(void *)(uintptr_t)promises[i].data, promises[i].size};
    if (sendmsg(sender->connection.near.raw, &message, MSG_NOSIGNAL) !=
        (ssize_t)(MESSAGES * sender->size))
        return false;
    for (size_t i = 0; i < MESSAGES; i++)
        promise_keep(&promises[i]);
    return sender->pending == 0 && !sender->has_failed;
}

static void on_sent(sn_operation *operation)
{
    struct sender *sender = operation->context;
    sender->pending--;
    sender->has_failed |= operation->error != SN_OK;
}

static void start_sends(sn_operation *post)
{
    struct sender *sender = post->context;
    for (size_t i = 0; i < MESSAGES; i++)
        sn_socket_send_async(sender->connection.near.socket, sender->data + i * sender->size,
                             sender->size, SN_FLAG_NONE, &sender->sends[i]);
}

static bool send_by_sennit(struct sender *sender)
{
    sender->pending = MESSAGES;
    sn_engine_post_async(sender->engine, &sender->post);
    while (sender->pending > 0 && !sender->has_failed)
        sender->has_failed |= sn_engine_run(sender->engine, SN_FOREVER, NULL) != SN_OK;
    return !sender->has_failed;
}

/* --- A turn ----------------------------------------------------------------------------------- */

/* Messages for each second of this thread's processor time. */
static double turn(void *context)
{
    struct sender *sender = context;
    uint64_t begin_ns = measure_clock_ns(), used_ns = thread_ns(), count = 0;
    do {
        if (!sender->send(sender))
            return -1;
        count += MESSAGES;
    } while (measure_clock_ns() - begin_ns < sender->turn_ns);
    return (double)count * 1e9 / (double)(thread_ns() - used_ns);
}

static void *drain(void *argument)
{
    static char sink[1 << 18]; /* nobody reads it */
    const struct sender *sender = argument;
    while (recv(sender->connection.far.raw, sink, sizeof sink, 0) > 0)
        continue;
    return NULL;
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static bool make_engine(struct sender *sender, sn_engine_backend backend)
{
    const sn_engine_options options = {.backend = backend};
    if (sn_engine_create(&options, &sender->engine) ||
        sn_socket_set_engine(sender->connection.near.socket, sender->engine))
        return false;
    sender->post = (sn_operation){.completed = start_sends, .context = sender};
    for (size_t i = 0; i < MESSAGES; i++)
        sender->sends[i] = (sn_operation){.completed = on_sent, .context = sender};
    return true;
}

/* With no back-end given it is a raw one. */
static bool sender_open(struct sender *sender, bool (*send)(struct sender *sender),
                        sn_engine_backend backend, const struct choices *choices)
{
    bool is_sennit = backend != SN_ENGINE_BACKEND_AUTOMATIC;
    sender->send = send;
    sender->size = (size_t)message_size;
    sender->turn_ns = (uint64_t)choices->turn * 1000000u;
    sender->data = calloc(MESSAGES, sender->size);
    sender->is_open = sender->data && connection_open(&sender->connection, is_sennit, false);
    if (!sender->is_open || (is_sennit && !make_engine(sender, backend)))
        return false;
    sender->has_drain = pthread_create(&sender->drain, NULL, drain, sender) == 0;
    return sender->has_drain;
}

static void sender_close(struct sender *sender)
{
    if (sender->has_drain) {
        bench_end_shutdown(&sender->connection.near);
        (void)pthread_join(sender->drain, NULL);
    }
    if (sender->is_open)
        connection_close(&sender->connection);
    if (sender->engine)
        (void)!sn_engine_destroy(sender->engine);
    free(sender->data);
}

int main(int argc, char **argv)
{
    const struct argument_option more[] = {{.name = "size",
                                            .number = &message_size,
                                            .minimum = 1,
                                            .maximum = 65536,
                                            .value = "BYTES",
                                            .help = "how large a message is (64)"}};
    struct choices choices = {
        .program = "queued",
        .about = "64 messages on one TCP connection, given at once: messages for each second of\n"
                 "processor time of the sender.\n"
                 "  raw       one sendmsg() with 64 pieces: the reference\n"
                 "  send      64 calls of send()\n"
                 "  records   as raw, and a record for each that is claimed, completed and called\n"
                 "            back by hand\n"
                 "  epoll, io_uring  64 operations of Sennit, started in one callback\n",
        .round_count = 60,
        .turn = 25,
        .more = more,
        .more_count = 1};
    int status = choices_parse(argc, argv, &choices);
    if (status != ARGUMENTS_GO_ON)
        return status;

    static struct sender senders[5];
    bool is_open = sender_open(&senders[0], send_gathered, SN_ENGINE_BACKEND_AUTOMATIC, &choices) &&
                   sender_open(&senders[1], send_singly, SN_ENGINE_BACKEND_AUTOMATIC, &choices) &&
                   sender_open(&senders[2], send_promised, SN_ENGINE_BACKEND_AUTOMATIC, &choices) &&
                   sender_open(&senders[3], send_by_sennit, SN_ENGINE_BACKEND_EPOLL, &choices);
    bool has_ring =
        is_open && sender_open(&senders[4], send_by_sennit, SN_ENGINE_BACKEND_IO_URING, &choices);
    if (is_open && !has_ring)
        fprintf(stderr, "queued: io_uring does not work here\n");
    struct contender contenders[] = {{.name = "raw", .turn = turn, .context = &senders[0]},
                                     {.name = "send", .turn = turn, .context = &senders[1]},
                                     {.name = "records", .turn = turn, .context = &senders[2]},
                                     {.name = "epoll", .turn = turn, .context = &senders[3]},
                                     {.name = "io_uring", .turn = turn, .context = &senders[4]}};
    struct measurement measurement = {.title = "queued",
                                      .unit = "messages/ms",
                                      .scale = 1000,
                                      .contenders = contenders,
                                      .count = has_ring ? 5 : 4,
                                      .round_count = (size_t)choices.round_count};
    bool is_measured = is_open && measure_run(&measurement);
    if (is_measured)
        measure_finish(&measurement);
    for (size_t i = 0; i < 5; i++)
        sender_close(&senders[i]);
    return is_measured ? EXIT_DONE : EXIT_FAILED;
}
